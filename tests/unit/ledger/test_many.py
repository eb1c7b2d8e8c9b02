"""Many actions in one block: the same entries as one by one, all or none of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pytest

from registry import errors
from registry.ledger.interface import ALONE, Ledger, blocks_of
from registry.records import action as act
from registry.records.entry import digest
from registry.records.identity import batch_id
from registry.records.interval import Interval
from registry.records.message import Message
from registry.records.project import period_days, report_hash
from tests import strategies as cast
from tests.unit.ledger.ledgers import (
    BATCH,
    CLAIM,
    MAKERS,
    START_S,
    crossings,
    kept,
    life,
    lines,
    lock,
    play,
    preparation,
    reopened,
    time_of,
    transfer,
)

PERIODS = 40
"""More than the 32 steps that a guard walks from a hint."""


@pytest.fixture(scope="module", params=MAKERS)
def built(request: pytest.FixtureRequest) -> Ledger:
    ledger = MAKERS[request.param]()
    play(ledger, preparation())
    return ledger


@pytest.fixture
def ledger(built: Ledger) -> Iterator[Ledger]:
    mark = built.snapshot()
    yield built
    built.revert(mark)


def one_by_one(ledger: Ledger, actions: list[act.Action]) -> list[tuple[object, ...]]:
    """Apply actions singly, on a branch that is taken back."""
    mark, at_s = ledger.snapshot(), time_of(ledger)
    made = [ledger.apply(action, at_s + at) for at, action in enumerate(actions)]
    ledger.revert(mark)
    return made


def several() -> list[act.Action]:
    return [action for action in life() if not isinstance(action, ALONE)]


def test_actions_in_one_block_become_what_they_become_alone(ledger: Ledger) -> None:
    actions, at_s, head = several(), time_of(ledger), ledger.head()
    expected = one_by_one(ledger, actions)
    made = ledger.apply_many(actions, at_s)
    assert list(made) == expected
    assert [entries[0].at_s for entries in made] == [at_s + at for at in range(len(actions))]
    (block,) = ledger.blocks(head + 1)
    assert block.entries == tuple(chain.from_iterable(made))
    assert (block.number, block.at_s) == (ledger.head(), at_s + len(actions) - 1)
    assert ledger.entries[-len(block.entries) :] == list(block.entries)


def test_past_totals_are_those_that_the_block_left(ledger: Ledger) -> None:
    head, before = ledger.head(), ledger.totals(cast.NATIVE, BATCH)
    ledger.apply_many([lock(1, 5), lock(2, 6), lock(3, 7)], time_of(ledger))
    ledger.apply_many([lock(4, 8)], time_of(ledger))
    assert ledger.totals(cast.NATIVE, BATCH, head) == before
    assert ledger.totals(cast.NATIVE, BATCH, head + 1).locked_g == before.locked_g + 18
    assert ledger.totals(cast.NATIVE, BATCH, head + 2).locked_g == before.locked_g + 26


def test_no_actions_are_no_block(ledger: Ledger) -> None:
    head = ledger.head()
    assert ledger.apply_many([], time_of(ledger)) == ()
    assert ledger.head() == head


def test_an_account_opened_in_the_block_is_known_by_name(ledger: Ledger) -> None:
    made = ledger.apply_many(
        [act.OpenAccount(account="Late"), transfer(5, to="Late"), transfer(2, by="Late")],
        time_of(ledger),
    )
    assert [entry.account for (entry,) in made] == ["Late", "Acme", "Late"]
    assert made[1][0].counterparty == "Late"


def test_actions_of_two_registries_share_a_block(ledger: Ledger) -> None:
    made = ledger.apply_many([transfer(5), transfer(6, registry=cast.MIRRORED)], time_of(ledger))
    assert [entry.registry for (entry,) in made] == [cast.NATIVE, cast.MIRRORED]


@pytest.mark.parametrize("at", [0, 1, 4])
@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (transfer(2**62, by="Borealis"), errors.InsufficientCredits),
        (lock(1), errors.IdAlreadyUsed),
        (act.Pause(registry="Nowhere"), errors.UnknownRegistry),
        (act.Pause(registry="platform"), errors.UnknownRegistry),
        (act.OpenAccount(registry=cast.NATIVE, account="Late"), errors.UnknownRegistry),
    ],
)
def test_one_that_is_refused_leaves_nothing_of_the_others(
    ledger: Ledger, at: int, refused: act.Action, error: type[errors.RegistryError]
) -> None:
    ledger.apply(lock(1), time_of(ledger))
    head, before = ledger.head(), lines(ledger.entries)
    totals = ledger.totals(cast.NATIVE, BATCH)
    actions: list[act.Action] = [lock(10 + each) for each in range(4)]
    actions.insert(at, refused)
    with pytest.raises(error) as alone:
        ledger.apply(refused, time_of(ledger))
    with pytest.raises(error) as caught:
        ledger.apply_many(actions, time_of(ledger))
    assert caught.value.index == at
    assert str(caught.value) == str(alone.value)
    assert alone.value.index is None
    assert ledger.head() == head
    assert lines(ledger.entries) == before
    assert ledger.totals(cast.NATIVE, BATCH) == totals
    assert [len(entries) for entries in ledger.apply_many([lock(10)], time_of(ledger))] == [1]


def test_the_first_of_two_refused_is_named(ledger: Ledger) -> None:
    unknown = act.Pause(registry="Nowhere")
    for actions, error, index in (
        ([lock(1), transfer(2**62), unknown], errors.InsufficientCredits, 1),
        ([lock(1), unknown, transfer(2**62)], errors.UnknownRegistry, 1),
        ([transfer(2**62), unknown], errors.InsufficientCredits, 0),
        ([unknown, unknown], errors.UnknownRegistry, 0),
        ([lock(1), lock(1), lock(1)], errors.IdAlreadyUsed, 1),
    ):
        with pytest.raises(error) as caught:
            ledger.apply_many(actions, time_of(ledger))
        assert caught.value.index == index


ALONE_ONES: list[act.Action] = [
    act.OpenRegistry(registry="BCR", native=True),
    act.Accredit(registry=cast.NATIVE, verifier="Cedar"),
    act.RequestRetirement(
        registry=cast.NATIVE,
        by="Acme",
        order=act.RetireOrder(id=4, batch=BATCH, amount_g=400, claim=CLAIM),
        deadline_s=START_S + 10_000,
    ),
    act.FinaliseRetirement(registry=cast.NATIVE, id=4),
    act.RevertRetirement(registry=cast.NATIVE, id=4),
]
MESSAGE = Message(
    source=cast.NATIVE,
    target=cast.MIRRORED,
    id=1,
    number=1,
    home=cast.NATIVE,
    export=1,
    scope=f"{cast.NATIVE}-a",
    interval=Interval(0, 1),
    vintage=2024,
    to="Acme",
    deadline_s=START_S + 10_000,
)
BETWEEN: list[act.Action] = [
    act.Export(
        registry=cast.NATIVE,
        by="Acme",
        id=1,
        batch=BATCH,
        amount_g=1,
        target=cast.MIRRORED,
        to="Acme",
        deadline_s=START_S + 10_000,
    ),
    act.Import(registry=cast.MIRRORED, message=MESSAGE),
    act.VoidImport(registry=cast.MIRRORED, message=MESSAGE),
    act.Acknowledge(registry=cast.NATIVE, id=1),
    act.Compensate(registry=cast.NATIVE, id=1),
]


@pytest.mark.parametrize(
    "action", [*ALONE_ONES, *BETWEEN], ids=lambda action: type(action).__name__
)
def test_what_must_be_alone_is_refused_among_others(ledger: Ledger, action: act.Action) -> None:
    head = ledger.head()
    with pytest.raises(errors.NotAlone) as caught:
        ledger.apply_many([lock(1), action], time_of(ledger))
    assert (caught.value.index, caught.value.actions) == (1, 2)
    assert ledger.head() == head


def test_what_must_be_alone_is_accepted_alone(ledger: Ledger) -> None:
    for action in ALONE_ONES[:-1]:
        ((entry, *_),) = ledger.apply_many([action], time_of(ledger))
        assert entry.seq == len(ledger.entries)


def test_all_kinds_that_must_be_alone_are_tried() -> None:
    assert {type(action) for action in (*ALONE_ONES, *BETWEEN)} == set(ALONE)


def test_what_passes_between_registries_is_accepted_alone(ledger: Ledger) -> None:
    kinds = set()
    for action in crossings(ledger):
        ((entry, *_),) = ledger.apply_many([action], time_of(ledger))
        assert entry.registry == action.registry
        kinds.add(type(action))
    assert kinds >= {type(action) for action in BETWEEN}


def test_moves_and_mirrors_share_a_block(ledger: Ledger) -> None:
    """What needs no deadline and no answer may follow on each other."""
    here, there = cast.NATIVE, cast.MIRRORED
    where = {"registry": here, "by": "Acme", "batch": BATCH, "target": there, "to": "Cedar"}
    back = {"registry": there, "by": "Cedar", "target": here, "to": "Acme"}
    actions = [
        act.AdmitPeer(registry=here, peer=there, allowance_g=0),
        act.AdmitPeer(registry=there, peer=here, allowance_g=1_000),
        act.Move(**where, id=1, amount_g=600),
        act.Move(**where, id=2, amount_g=400),
        act.Move(**back, id=1, batch=1, amount_g=500),
        act.Mirror(
            registry=there,
            source=here,
            lock=9,
            scope=f"{here}-a",
            start_g=5_000,
            amount_g=200,
            vintage=2024,
            to="Cedar",
        ),
        act.Unmirror(registry=there, by="Cedar", id=2, batch=3, amount_g=50),
        act.Move(**back, id=3, batch=1, amount_g=100),
    ]
    expected = one_by_one(ledger, actions)
    assert list(ledger.apply_many(actions, time_of(ledger))) == expected
    assert ledger.outstanding(there, here) == 550


def test_blocks_are_cut_at_their_size_and_around_what_must_be_alone() -> None:
    many = [lock(each) for each in range(7)]
    request = ALONE_ONES[2]
    cut = [len(block) for block in blocks_of([*many, request, request, *many], 3)]
    assert cut == [3, 3, 1, 1, 1, 3, 3, 1]
    assert list(blocks_of([], 3)) == []
    assert [len(block) for block in blocks_of(many, 1)] == [1] * 7


def test_blocks_are_cut_as_they_are_needed() -> None:
    taken: list[int] = []

    def told() -> Iterator[act.Action]:
        for each in range(5):
            taken.append(each)
            yield lock(each)

    blocks = blocks_of(told(), 2)
    next(blocks)
    assert taken == [0, 1]


def test_a_block_that_is_taken_back_is_gone(ledger: Ledger) -> None:
    before, head = lines(ledger.entries), ledger.head()
    mark = ledger.snapshot()
    ledger.apply_many([lock(each) for each in range(1, 9)], time_of(ledger))
    ledger.revert(mark)
    assert (lines(ledger.entries), ledger.head()) == (before, head)
    assert len(ledger.apply_many([lock(each) for each in range(1, 5)], time_of(ledger))) == 4


@pytest.mark.parametrize("engine", MAKERS)
def test_a_ledger_with_large_blocks_is_opened_again(engine: str) -> None:
    ledger = MAKERS[engine]()
    at_s = START_S + 1
    pairs: dict[bytes, bytes] = {}
    for block in blocks_of([*preparation(), *life()], 4):
        ledger.apply_many(block, at_s)
        at_s += len(block)
        pairs = kept(pairs, ledger.changes())
    other = reopened(ledger, pairs)
    assert digest(other.entries) == digest(ledger.entries)
    assert list(other.blocks(0)) == list(ledger.blocks(0))
    straight = MAKERS[engine]()
    play(straight, [*preparation(), *life()])
    assert lines(straight.entries) == lines(ledger.entries)
    assert ledger.head() < straight.head()


# Hints.


def statements(count: int) -> list[act.Action]:
    """Periods of one day each, descending, so that each is looked for past all before it."""
    start, _ = period_days(2010)
    return [
        act.Verify(
            registry=cast.NATIVE,
            project=1,
            verifier=cast.VERIFIER,
            start=start + 2 * at,
            end=start + 2 * at + 1,
            amount_g=1_000,
            report=report_hash(f"day {at}"),
        )
        for at in range(count)
    ]


def batches(ledger: Ledger, count: int, orders: int) -> list[act.Action]:
    """Issue batches of one gram every other gram, so that no two of them touch."""
    statement = next(e.statement for e in ledger.entries if e.statement is not None)
    every = [
        act.IssueOrder(
            batch=batch_id(1, 100 + at),
            to="Acme",
            amount_g=1,
            start_g=10 * cast.BATCH_G + 2 * at,
            vintage=2024,
            statement=statement,
            scope=f"{cast.NATIVE}-far",
        )
        for at in range(count)
    ]
    return [
        act.Issue(registry=cast.NATIVE, orders=tuple(every[at : at + orders]))
        for at in range(0, count, orders)
    ]


def test_statements_whose_hints_are_stale_are_recorded(ledger: Ledger) -> None:
    actions: list[act.Action] = [*statements(PERIODS), lock(1)]
    expected = one_by_one(ledger, actions)
    head = ledger.head()
    assert list(ledger.apply_many(actions, time_of(ledger))) == expected
    assert ledger.head() == head + 1


@pytest.mark.parametrize("orders", [1, 8])
def test_issues_whose_hints_are_stale_are_accepted(ledger: Ledger, orders: int) -> None:
    actions: list[act.Action] = [lock(1), *batches(ledger, PERIODS, orders), lock(2)]
    # Where the list is walked from its head, its end is too far away.
    actions[1:-1] = [*actions[1:-1][::2], *actions[1:-1][1::2]]
    expected = one_by_one(ledger, actions)
    head = ledger.head()
    assert list(ledger.apply_many(actions, time_of(ledger))) == expected
    assert ledger.head() == head + 1


def test_one_that_cannot_be_said_behind_a_stale_hint_is_named(ledger: Ledger) -> None:
    unknown, head = act.Pause(registry="Nowhere"), ledger.head()
    actions: list[act.Action] = [*batches(ledger, PERIODS, 8), unknown]
    with pytest.raises(errors.UnknownRegistry) as caught:
        ledger.apply_many(actions, time_of(ledger))
    assert caught.value.index == len(actions) - 1
    assert ledger.head() == head


def test_one_that_is_refused_behind_a_stale_hint_is_named(ledger: Ledger) -> None:
    actions: list[act.Action] = [*batches(ledger, PERIODS, 8), lock(1), lock(1)]
    head = ledger.head()
    with pytest.raises(errors.IdAlreadyUsed) as caught:
        ledger.apply_many(actions, time_of(ledger))
    assert caught.value.index == len(actions) - 1
    assert ledger.head() == head
