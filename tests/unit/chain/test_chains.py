"""Several chains as one ledger: order, atomicity, reopening, marks, what others do to one chain."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from registry.chain import engines
from registry.chain.chains import ChainsLedger
from registry.chain.engine import CHAIN_ID, Call
from registry.chain.ledger import ChainLedger
from registry.errors import (
    AccountAlreadyOpened,
    ChainDamaged,
    EngineClosed,
    IdentifierError,
    InsufficientCredits,
    NotAuthorised,
    RegistryError,
    TransactionRejected,
    UnknownBatch,
    UnknownBlock,
    UnknownRegistry,
)
from registry.ledger.interface import Ledger
from registry.ledger.model import ModelLedger
from registry.ledger.state import Guard
from registry.records import action as act
from registry.records.block import NO_PARENT
from registry.records.entry import Kind, digest
from registry.records.identity import PLATFORM
from tests.chain import CHAIN, reopen, say_all_again
from tests.strategies import MIRRORED, NATIVE
from tests.unit.chain.test_history import moving
from tests.unit.ledger.ledgers import (
    BATCH,
    KEYS,
    START_S,
    kept,
    life,
    lines,
    lock,
    play,
    preparation,
    time_of,
    transfer,
)


def opened_on(actions: list[act.Action], chain: int) -> list[act.Action]:
    """Have the mirrored registry opened on another chain than the native one."""
    return [
        action.model_copy(update={"chain": chain})
        if isinstance(action, act.OpenRegistry) and action.registry == MIRRORED
        else action
        for action in actions
    ]


def begun(count: int = 2, guard: str = "interval") -> ChainsLedger:
    begin = partial(engines.new_engine, CHAIN, START_S - 1)
    return ChainsLedger.begin(begin, KEYS, START_S, guard, count)


@pytest.fixture(scope="module", params=[2, 3])
def built(request: pytest.FixtureRequest) -> Iterator[ChainsLedger]:
    ledger = begun(request.param)
    play(ledger, opened_on(preparation(), request.param))
    yield ledger
    ledger.close()


@pytest.fixture
def ledger(built: ChainsLedger) -> Iterator[ChainsLedger]:
    mark = built.snapshot()
    yield built
    built.revert(mark)


def far(ledger: ChainsLedger) -> ChainLedger:
    """The chain that the mirrored registry is on."""
    return ledger.chains[-1]


def state_of(ledger: ChainsLedger) -> tuple[object, ...]:
    """All that can be seen of a ledger from outside."""
    return (
        list(ledger.entries),
        list(ledger.coordinates),
        [ledger.block_hash(number) for number in range(ledger.head() + 1)],
        list(ledger.blocks(0)),
        [ledger.totals(name, BATCH) for name in (NATIVE, MIRRORED)],
        [chain.engine.head() for chain in ledger.chains],
    )


def pairs_of(ledger: ChainsLedger) -> dict[bytes, bytes]:
    """All that the ledger has to say, whether it said it before or not."""
    for chain in ledger.chains:
        say_all_again(chain.engine)
        naming = chain.naming
        naming._touched |= {b"w" + raw for raw in naming._words}
        naming._touched |= {b"c" + raw for raw in naming.contracts}
        naming._handed, naming._seal = {}, 0
    return kept({}, ledger.changes())


def again(ledger: ChainsLedger) -> ChainsLedger:
    return ChainsLedger.resume(pairs_of(ledger), KEYS, reopen(), len(ledger.chains))


def sent_by_acme(ledger: ChainsLedger, registry: str, at_s: int, amount_g: int = 7) -> None:
    """Let a holder send credits at a registry without us."""
    chain = ledger.find(registry)
    to = ledger.contracts(registry).credits
    chain.engine.send([Call(KEYS.key("Acme"), to, moving(amount_g))], at_s)


# Entries and blocks.


def test_chains_have_ids_of_their_own(ledger: ChainsLedger) -> None:
    ids = [chain.engine.chain_id for chain in ledger.chains]
    assert ids == [CHAIN_ID + at for at in range(len(ids))]
    assert {place.chain_id for place in ledger.coordinates} == {ids[0], ids[-1]}


def test_entries_are_those_of_the_model(ledger: ChainsLedger) -> None:
    model = ModelLedger(KEYS)
    play(model, opened_on(preparation(), len(ledger.chains)))
    assert play(ledger, life()) == play(model, life())
    assert [entry.seq for entry in ledger.entries] == list(range(1, len(ledger.entries) + 1))
    assert lines(ledger.entries) == lines(model.entries)
    assert digest(ledger.entries) == digest(model.entries)


def test_entries_are_the_same_objects_when_asked_again(ledger: ChainsLedger) -> None:
    before = list(ledger.entries)
    ledger.apply(transfer(5, registry=MIRRORED), time_of(ledger))
    assert all(one is other for one, other in zip(before, ledger.entries, strict=False))
    made = ledger.apply(transfer(5), time_of(ledger))
    assert made[0] is ledger.entries[-1]
    (block,) = ledger.blocks(ledger.head())
    assert block.entries[0] is made[0]


def test_opening_a_registry_says_its_chain_where_that_is_not_the_first(
    ledger: ChainsLedger,
) -> None:
    opened = {e.registry: e.chain for e in ledger.entries if e.kind is Kind.REGISTRY_OPENED}
    assert opened == {NATIVE: None, MIRRORED: len(ledger.chains)}


def test_an_account_is_opened_on_every_chain_and_says_so_once(ledger: ChainsLedger) -> None:
    before, heads = len(ledger.entries), [chain.head() for chain in ledger.chains]
    at_s = time_of(ledger)
    (entry,) = ledger.apply(act.OpenAccount(account="Delta"), at_s)
    assert (entry.kind, entry.account, entry.at_s) == (Kind.ACCOUNT_OPENED, "Delta", at_s)
    assert len(ledger.entries) == before + 1
    assert [chain.head() for chain in ledger.chains] == [head + 1 for head in heads]
    assert {chain.last_s() for chain in ledger.chains} == {at_s}
    for registry in (NATIVE, MIRRORED):
        ledger.apply(transfer(9, to="Delta", registry=registry), time_of(ledger))
        assert ledger.holding(registry, BATCH, "Delta").balance_g == 9
    (entry,) = ledger.apply(act.CloseAccount(account="Delta"), time_of(ledger))
    assert entry.registry == PLATFORM
    for registry in (NATIVE, MIRRORED):
        with pytest.raises(RegistryError, match="Delta"):
            ledger.apply(transfer(9, to="Delta", registry=registry), time_of(ledger))


def test_blocks_follow_on_each_other(ledger: ChainsLedger) -> None:
    play(ledger, life())
    blocks = list(ledger.blocks(0))
    assert [block.number for block in blocks] == list(range(ledger.head() + 1))
    assert blocks[0].parent == NO_PARENT
    assert not blocks[0].entries
    assert [block.parent for block in blocks[1:]] == [block.hash for block in blocks[:-1]]
    assert [block.hash for block in blocks] == [ledger.block_hash(b.number) for b in blocks]
    assert len({block.hash for block in blocks}) == len(blocks)
    assert [block.at_s for block in blocks] == sorted(block.at_s for block in blocks)
    assert [e for block in blocks for e in block.entries] == list(ledger.entries)
    assert [c for block in blocks for c in block.coordinates] == list(ledger.coordinates)
    for block in blocks:
        assert {place.block for place in block.coordinates} <= {block.number}


def test_hashes_say_everything_before_and_on_which_chain(ledger: ChainsLedger) -> None:
    mark = ledger.snapshot()
    hashes = []
    for action in (transfer(5), transfer(6), transfer(5, registry=MIRRORED)):
        ledger.apply(action, START_S + 10_000)
        hashes.append(ledger.block_hash(ledger.head()))
        ledger.revert(mark)
        mark = ledger.snapshot()
    ledger.forget(mark)
    assert len(set(hashes)) == 3


def test_blocks_that_are_not_there_are_refused(ledger: ChainsLedger) -> None:
    head = ledger.head()
    for ask in (
        lambda: ledger.block_hash(head + 1),
        lambda: ledger.block_hash(-1),
        lambda: ledger.blocks(-1),
        lambda: ledger.blocks(0, head + 1),
        lambda: ledger.totals(NATIVE, BATCH, head + 1),
    ):
        with pytest.raises(UnknownBlock) as caught:
            ask()
        assert caught.value.head == head
    assert list(ledger.blocks(head + 1)) == []


def test_totals_are_those_after_a_block_of_any_chain(ledger: ChainsLedger) -> None:
    before = ledger.head()
    ledger.apply(lock(21, 100), time_of(ledger))
    ledger.apply(lock(22, 10).model_copy(update={"registry": MIRRORED}), time_of(ledger))
    ledger.apply(lock(23, 50), time_of(ledger))
    found = [
        [ledger.totals(name, BATCH, before + later).locked_g for later in range(4)]
        for name in (NATIVE, MIRRORED)
    ]
    assert found == [[0, 100, 100, 150], [0, 0, 10, 10]]
    with pytest.raises(UnknownBatch):
        ledger.totals(MIRRORED, BATCH, 0)


# Actions.


def test_actions_of_several_chains_are_carried_out_in_order(ledger: ChainsLedger) -> None:
    actions = [
        transfer(1),
        transfer(2),
        transfer(3, registry=MIRRORED),
        act.OpenAccount(account="Delta"),
        act.OpenAccount(account="Echo"),
        transfer(4, to="Echo", registry=MIRRORED),
        transfer(5),
    ]
    at_s, head = time_of(ledger), ledger.head()
    made = ledger.apply_many(actions, at_s)
    assert [len(entries) for entries in made] == [1] * len(actions)
    assert [entries[0].at_s for entries in made] == list(range(at_s, at_s + len(actions)))
    assert [entries[0].seq for entries in made] == list(
        range(made[0][0].seq, made[0][0].seq + len(actions))
    )
    assert [entries[0] for entries in made] == list(ledger.entries[-len(actions) :])
    blocks = [len(block.entries) for block in ledger.blocks(head + 1)]
    assert blocks == [2, 1, 2, *([0] * (len(ledger.chains) - 1)), 1, 1]


def test_nothing_is_applied_of_no_actions(ledger: ChainsLedger) -> None:
    before = state_of(ledger)
    assert ledger.apply_many([], time_of(ledger)) == ()
    assert state_of(ledger) == before


@pytest.mark.parametrize(
    "bad",
    [
        transfer(10**15),
        transfer(10**15, registry=MIRRORED),
        transfer(1, registry="Nowhere"),
        act.OpenAccount(account="Acme"),
        act.OpenAccount(account="Delta", registry=NATIVE),
    ],
    ids=["near", "far", "nowhere", "known", "elsewhere"],
)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_all_is_taken_back_when_one_is_refused(
    ledger: ChainsLedger, bad: act.Action, place: int
) -> None:
    good: list[act.Action] = [
        transfer(1),
        transfer(2, registry=MIRRORED),
        act.OpenAccount(account="Foxtrot"),
        transfer(3),
    ]
    before = state_of(ledger)
    with pytest.raises(RegistryError) as caught:
        ledger.apply_many([*good[:place], bad, *good[place:]], time_of(ledger))
    assert caught.value.index == place
    assert state_of(ledger) == before
    model: Ledger = ModelLedger(KEYS)
    play(model, opened_on(preparation(), len(ledger.chains)))
    with pytest.raises(type(caught.value)) as expected:
        model.apply_many([*good[:place], bad, *good[place:]], time_of(model))
    assert (str(expected.value), expected.value.index) == (str(caught.value), place)


def test_one_alone_that_is_refused_names_no_place(ledger: ChainsLedger) -> None:
    with pytest.raises(InsufficientCredits) as caught:
        ledger.apply(transfer(10**15, registry=MIRRORED), time_of(ledger))
    assert caught.value.index is None


def test_an_account_that_one_chain_refuses_is_opened_on_none(ledger: ChainsLedger) -> None:
    at_s = time_of(ledger)
    call = far(ledger).say(act.OpenAccount(account="Delta"))
    far(ledger).engine.send([call], at_s)
    before = state_of(ledger)
    assert not any(entry.account == "Delta" for entry in ledger.entries)
    with pytest.raises(AccountAlreadyOpened):
        ledger.apply(act.OpenAccount(account="Delta"), at_s + 1)
    assert state_of(ledger) == before


def test_a_time_that_has_passed_on_any_chain_is_refused(ledger: ChainsLedger) -> None:
    at_s = time_of(ledger)
    ledger.apply(transfer(1, registry=MIRRORED), at_s)
    before = state_of(ledger)
    with pytest.raises(TransactionRejected):
        ledger.apply(transfer(1), at_s)
    assert state_of(ledger) == before


def test_a_registry_is_opened_once_and_on_a_chain_that_is_there(ledger: ChainsLedger) -> None:
    before, at_s = state_of(ledger), time_of(ledger)
    count = len(ledger.chains)
    for chain in (1, count):
        with pytest.raises(IdentifierError, match="open already"):
            ledger.apply(act.OpenRegistry(registry=NATIVE, native=True, chain=chain), at_s)
    with pytest.raises(IdentifierError, match="chain"):
        ledger.apply(act.OpenRegistry(registry="Harbour", native=True, chain=count + 1), at_s)
    for chain in (1, count, count + 1):
        with pytest.raises(NotAuthorised):
            action = act.OpenRegistry(registry="Harbour", native=True, chain=chain, by="Acme")
            ledger.apply(action, at_s)
    with pytest.raises(IdentifierError, match="share"):
        ledger.apply(act.OpenRegistry(registry=PLATFORM, native=True, chain=count), at_s)
    assert state_of(ledger) == before


def test_one_chain_is_no_second_one() -> None:
    ledger = ChainLedger(engines.new_engine(CHAIN, START_S - 1), KEYS, START_S)
    with pytest.raises(IdentifierError, match="chain"):
        ledger.apply(act.OpenRegistry(registry=NATIVE, native=True, chain=2), START_S + 1)
    ledger.close()


def test_questions_about_no_registry_name_all(ledger: ChainsLedger) -> None:
    for ask in (
        lambda: ledger.totals("Nowhere", BATCH),
        lambda: ledger.holding("Nowhere", BATCH, "Acme"),
        lambda: ledger.available("Nowhere", BATCH),
        lambda: ledger.held("Nowhere", 1),
        lambda: ledger.contracts("Nowhere"),
        lambda: ledger.proves("Nowhere", 1, 1, b"", ()),
        lambda: ledger.outstanding("Nowhere", NATIVE),
        lambda: ledger.outstanding(NATIVE, "Nowhere"),
        lambda: ledger.apply(transfer(1, registry="Nowhere"), time_of(ledger)),
    ):
        with pytest.raises(UnknownRegistry) as caught:
            ask()
        assert caught.value.known == (NATIVE, MIRRORED)


def test_questions_are_answered_by_the_chain_of_the_registry(ledger: ChainsLedger) -> None:
    play(ledger, life())
    model = ModelLedger(KEYS)
    play(model, [*opened_on(preparation(), len(ledger.chains)), *life()])
    for registry in (NATIVE, MIRRORED):
        assert ledger.totals(registry, BATCH) == model.totals(registry, BATCH)
        for name in ("Acme", "Cedar"):
            assert ledger.holding(registry, BATCH, name) == model.holding(registry, BATCH, name)
        assert ledger.available(registry, BATCH) == model.available(registry, BATCH)
        assert ledger.outstanding(registry, NATIVE) == 0
        for id in (1, 2, 3):
            assert ledger.held(registry, id) == model.held(registry, id)
    retired = [entry for entry in ledger.entries if entry.kind is Kind.RETIRED]
    assert retired
    assert all(ledger.certifies(entry) for entry in retired)


@pytest.mark.parametrize(
    ("guard", "refused"), [("interval", ["same", "inside"]), ("exact", ["same"]), ("none", [])]
)
def test_each_chain_has_a_guard_of_its_own(guard: Guard, refused: list[str]) -> None:
    ledger, model = begun(guard=guard), ModelLedger(KEYS, guard=guard)
    prepared = opened_on(preparation(), 2)
    first = next(action for action in prepared if isinstance(action, act.Issue)).orders[0]
    play(ledger, prepared)
    play(model, prepared)
    for at, (name, registry, start_g) in enumerate(
        [("same", NATIVE, 0), ("inside", NATIVE, 1), ("far", MIRRORED, 0)]
    ):
        # The far one takes the scope of the near registry, whose guard does not see it.
        changed = {"batch": first.batch + 10 + at, "start_g": start_g}
        order = first.model_copy(update=changed)
        issue = act.Issue(registry=registry, orders=(order,))
        said, (expected,) = play(ledger, [issue]), play(model, [issue])
        assert said == [expected]
        outcome = "SerialAlreadyClaimed" if name in refused else '"kind":"issued"'
        assert outcome in expected
    assert lines(ledger.entries) == lines(model.entries)
    ledger.close()


# Marks.


def test_marks_restore_all_chains_and_nest(ledger: ChainsLedger) -> None:
    before = state_of(ledger)
    outer = ledger.snapshot()
    ledger.apply(transfer(1, registry=MIRRORED), time_of(ledger))
    middle = state_of(ledger)
    inner = ledger.snapshot()
    ledger.apply(act.OpenAccount(account="Delta"), time_of(ledger))
    harbour = act.OpenRegistry(registry="Harbour", native=True, chain=2)
    ledger.apply(harbour, time_of(ledger))
    assert ledger.contracts("Harbour")
    ledger.revert(inner)
    assert state_of(ledger) == middle
    with pytest.raises(UnknownRegistry):
        ledger.contracts("Harbour")
    ledger.apply(harbour, time_of(ledger))
    ledger.revert(outer)
    assert state_of(ledger) == before


def test_a_mark_that_is_forgotten_leaves_what_was_done(ledger: ChainsLedger) -> None:
    mark = ledger.snapshot()
    ledger.apply(transfer(1, registry=MIRRORED), time_of(ledger))
    after = state_of(ledger)
    ledger.forget(mark)
    assert state_of(ledger) == after


# What others do.


def test_what_a_holder_sends_on_one_chain_is_an_entry(ledger: ChainsLedger) -> None:
    before, at_s = len(ledger.entries), time_of(ledger) + 50
    sent_by_acme(ledger, MIRRORED, at_s)
    assert len(ledger.entries) == before + 1
    entry, place = ledger.entries[-1], ledger.coordinates[-1]
    assert (entry.registry, entry.kind, entry.at_s) == (MIRRORED, Kind.TRANSFERRED, at_s)
    assert (place.seq, place.block) == (entry.seq, ledger.head())
    assert place.chain_id == far(ledger).engine.chain_id
    assert ledger.last_s() == at_s


def test_what_comes_before_what_is_known_moves_that_on(ledger: ChainsLedger) -> None:
    at_s, head = time_of(ledger), ledger.head()
    ledger.apply(transfer(1), at_s + 10)
    last, hash_ = ledger.entries[-1], ledger.block_hash(head + 1)
    sent_by_acme(ledger, MIRRORED, at_s + 5)
    one, two = ledger.entries[-2:]
    assert (one.registry, one.at_s) == (MIRRORED, at_s + 5)
    assert two == last.model_copy(update={"seq": last.seq + 1})
    assert [entry.seq for entry in (one, two)] == [last.seq, last.seq + 1]
    assert ledger.block_hash(head + 1) != hash_
    assert [block.at_s for block in ledger.blocks(head + 1)] == [at_s + 5, at_s + 10]
    assert lines(again(ledger).entries) == lines(ledger.entries)


def test_a_chain_that_is_taken_back_is_followed(ledger: ChainsLedger) -> None:
    before = state_of(ledger)
    engine = far(ledger).engine
    snapshot = engine.snapshot()
    ledger.apply(transfer(1, registry=MIRRORED), time_of(ledger))
    ledger.apply(transfer(2), time_of(ledger))
    ledger.apply(transfer(3, registry=MIRRORED), time_of(ledger))
    stays = ledger.entries[-2]
    engine.revert(snapshot)
    engine.forget(snapshot)
    assert ledger.entries[-1] == stays.model_copy(update={"seq": stays.seq - 1})
    assert len(ledger.entries) == len(before[0]) + 1  # type: ignore[arg-type]
    assert [b.number for b in ledger.blocks(0)] == list(range(ledger.head() + 1))
    ledger.apply(transfer(4, registry=MIRRORED), time_of(ledger))
    assert [entry.amount_g for entry in ledger.entries[-2:]] == [2, 4]


def test_a_registry_that_was_taken_back_can_be_opened_again(ledger: ChainsLedger) -> None:
    engine = far(ledger).engine
    snapshot = engine.snapshot()
    count = len(ledger.chains)
    harbour = act.OpenRegistry(registry="Harbour", native=True, chain=count)
    ledger.apply(harbour, time_of(ledger))
    engine.revert(snapshot)
    engine.forget(snapshot)
    with pytest.raises(UnknownRegistry):
        ledger.contracts("Harbour")
    (entry,) = ledger.apply(harbour.model_copy(update={"chain": 1}), time_of(ledger))
    assert entry.chain is None
    assert ledger.find("Harbour") is ledger.chains[0]


# What is kept.


def test_chains_that_are_opened_again_are_put_together_as_they_were(ledger: ChainsLedger) -> None:
    play(ledger, life())
    sent_by_acme(ledger, MIRRORED, time_of(ledger) + 9)
    twin = again(ledger)
    assert state_of(twin) == state_of(ledger)
    for each in (ledger, twin):
        at_s = time_of(each)
        each.apply(transfer(3, registry=MIRRORED), at_s)
        each.apply(act.OpenAccount(account="Delta"), at_s + 1)
    assert state_of(twin) == state_of(ledger)
    twin.close()


def test_changes_go_on_where_they_were(ledger: ChainsLedger) -> None:
    pairs = pairs_of(ledger)
    assert ledger.changes() == {}
    ledger.apply(transfer(3, registry=MIRRORED), time_of(ledger))
    changes = ledger.changes()
    assert {key[0] for key in changes} == {len(ledger.chains) - 1}
    twin = ChainsLedger.resume(kept(pairs, changes), KEYS, reopen(), len(ledger.chains))
    assert state_of(twin) == state_of(ledger)
    twin.close()


def test_resume_says_how_far_it_is(ledger: ChainsLedger) -> None:
    told: list[tuple[int, int]] = []
    pairs, count = pairs_of(ledger), len(ledger.chains)
    twin = ChainsLedger.resume(
        pairs, KEYS, reopen(), count, lambda done, of: told.append((done, of))
    )
    assert told == sorted(told)
    assert told[-1] == (ledger.head(), ledger.head())
    twin.close()


def test_resume_refuses_what_is_not_all_of_it(ledger: ChainsLedger) -> None:
    pairs, count = pairs_of(ledger), len(ledger.chains)
    last = bytes([count - 1])
    without = {key: value for key, value in pairs.items() if key[:1] != last}
    swapped = {
        bytes([count - 1 - key[0]]) + key[1:]: value
        for key, value in pairs.items()
        if key[0] in (0, count - 1)
    } | {key: value for key, value in pairs.items() if key[0] not in (0, count - 1)}
    for bad in (without, swapped, {**pairs, b"": b""}, {**pairs, bytes([count]) + b"s": b""}):
        with pytest.raises(ChainDamaged):
            ChainsLedger.resume(bad, KEYS, reopen(), count)
    with pytest.raises(ChainDamaged):
        ChainsLedger.resume(pairs, KEYS, reopen(), count - 1)
    with pytest.raises(ChainDamaged):
        ChainsLedger.resume(pairs, KEYS, reopen(), count + 1)


def test_close_lets_go_of_all_chains() -> None:
    ledger = begun(3)
    ledger.close()
    for chain in ledger.chains:
        with pytest.raises(EngineClosed):
            chain.engine.head()
    ledger.close()


def test_chains_that_cannot_all_begin_are_closed() -> None:
    made = []

    def begin(chain_id: int) -> object:
        if made:
            raise ZeroDivisionError
        made.append(engines.new_engine(CHAIN, START_S - 1, chain_id))
        return made[0]

    with pytest.raises(ZeroDivisionError):
        ChainsLedger.begin(begin, KEYS, START_S, "interval", 2)  # type: ignore[arg-type]
    with pytest.raises(EngineClosed):
        made[0].head()


def test_web3_shows_the_first_chain(ledger: ChainsLedger) -> None:
    assert ledger.web3.eth.chain_id == CHAIN_ID
