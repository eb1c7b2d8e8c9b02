"""The chain ledger when it is not alone: others send to its chain, or take it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import pytest

from registry.chain.artifacts import artifact
from registry.chain.deployment import registry_calls, role_hash
from registry.chain.engine import Call, Engine
from registry.chain.ledger import ChainLedger
from registry.errors import (
    ChainDamaged,
    EngineClosed,
    ForeignContract,
    UndecodableLog,
    UnknownRegistry,
)
from registry.ledger.keys import KeyRing
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.identity import Role
from tests import chain
from tests.chain import CHAIN, reopen, say_all_again
from tests.strategies import MIRRORED, NATIVE
from tests.unit.chain.engines import COUNTER, creation_code, sent_by_web3
from tests.unit.ledger.ledgers import (
    BATCH,
    KEYS,
    START_S,
    kept,
    life,
    lines,
    lock,
    new_chain,
    play,
    preparation,
    time_of,
    transfer,
)

LATER_S = START_S + 100_000


@pytest.fixture(scope="module")
def built() -> ChainLedger:
    ledger = new_chain()
    play(ledger, preparation())
    return ledger


@pytest.fixture
def ledger(built: ChainLedger) -> Iterator[ChainLedger]:
    mark = built.snapshot()
    yield built
    built.revert(mark)


def moving(amount_g: int, to: str = "Cedar") -> bytes:
    function = artifact("CarbonRegistry").interface.functions["safeTransferFrom"]
    return function.encode(KEYS.address("Acme"), KEYS.address(to), BATCH, amount_g, b"")


def by_acme(ledger: ChainLedger, amount_g: int, to: str = "Cedar") -> Call:
    return Call(KEYS.key("Acme"), ledger.contracts(NATIVE).credits, moving(amount_g, to))


def said(ledger: ChainLedger, count: int) -> list[tuple[object, ...]]:
    return [
        (entry.kind, entry.account, entry.counterparty, entry.amount_g)
        for entry in ledger.entries[-count:]
    ]


def again(ledger: ChainLedger, pairs: dict[bytes, bytes] | None = None) -> ChainLedger:
    if pairs is None:
        pairs = pairs_of(ledger)
    return ChainLedger.resume(pairs, KEYS, reopen())


def pairs_of(ledger: ChainLedger) -> dict[bytes, bytes]:
    """All that the ledger has to say, whether it said it before or not."""
    say_all_again(ledger.engine)
    naming = ledger.naming
    naming._touched |= {b"w" + raw for raw in naming._words}
    naming._touched |= {b"c" + raw for raw in naming.contracts}
    naming._handed, naming._seal = {}, 0
    return kept({}, ledger.changes())


def test_a_transfer_through_the_engine_is_an_entry(ledger: ChainLedger) -> None:
    before, head = len(ledger.entries), ledger.head()
    (receipt,) = ledger.engine.send([by_acme(ledger, 7)], LATER_S)
    assert len(ledger.entries) == before + 1
    assert said(ledger, 1) == [(Kind.TRANSFERRED, "Acme", "Cedar", 7)]
    assert (ledger.entries[-1].seq, ledger.entries[-1].at_s) == (before + 1, LATER_S)
    assert ledger.coordinates[-1].tx_hash == "0x" + receipt.tx_hash.hex()
    assert ledger.coordinates[-1].gas_used == receipt.gas_used
    (block,) = ledger.blocks(head + 1)
    assert block.entries == tuple(ledger.entries[-1:])
    assert ledger.block_hash(head + 1) == "0x" + receipt.block_hash.hex()


def test_a_transfer_through_web3_is_an_entry(ledger: ChainLedger) -> None:
    to = ledger.contracts(NATIVE).credits
    sent_by_web3(ledger.engine, KEYS.key("Acme"), to, moving(8))
    assert said(ledger, 1) == [(Kind.TRANSFERRED, "Acme", "Cedar", 8)]
    assert ledger.holding(NATIVE, BATCH, "Cedar").balance_g == 8


def test_several_in_one_block_are_entries_in_order(ledger: ChainLedger) -> None:
    head = ledger.head()
    receipts = ledger.engine.send([by_acme(ledger, amount) for amount in (1, 2, 3)], LATER_S)
    assert [amount for *_, amount in said(ledger, 3)] == [1, 2, 3]
    assert [where.tx_hash for where in ledger.coordinates[-3:]] == [
        "0x" + receipt.tx_hash.hex() for receipt in receipts
    ]
    assert [where.log_index for where in ledger.coordinates[-3:]] == [0, 1, 2]
    assert ledger.head() == head + 1


def test_several_in_a_foreign_block_are_a_second_apart(ledger: ChainLedger) -> None:
    empty = Call(b"\x05" * 32, None, creation_code(COUNTER))
    calls = [by_acme(ledger, 1), empty, by_acme(ledger, 2), by_acme(ledger, 3), empty]
    ledger.engine.send(calls, LATER_S)
    assert [entry.at_s for entry in ledger.entries[-3:]] == [LATER_S - 2, LATER_S - 1, LATER_S]
    (block,) = ledger.blocks(ledger.head())
    assert (block.at_s, len(block.entries)) == (LATER_S, 3)
    assert again(ledger).entries == ledger.entries


def test_no_entry_of_a_foreign_block_is_dated_before_the_block(ledger: ChainLedger) -> None:
    ledger.engine.send([by_acme(ledger, 1)], LATER_S)
    ledger.engine.send([by_acme(ledger, amount) for amount in range(2, 7)], LATER_S + 3)
    assert [entry.at_s - LATER_S for entry in ledger.entries[-6:]] == [0, 1, 1, 1, 2, 3]
    assert again(ledger).entries == ledger.entries


def test_a_branch_of_large_blocks_is_taken_back_and_replaced(ledger: ChainLedger) -> None:
    snapshot, before = ledger.engine.snapshot(), lines(ledger.entries)
    ledger.apply_many([lock(each) for each in range(1, 9)], LATER_S)
    ledger.apply_many([lock(each) for each in range(9, 12)], LATER_S + 20)
    ledger.engine.revert(snapshot)
    ledger.engine.forget(snapshot)
    assert lines(ledger.entries) == before
    made = ledger.apply_many([transfer(each) for each in range(1, 6)], LATER_S)
    assert [entry.seq for (entry,) in made] == [len(before) + at for at in range(1, 6)]
    assert again(ledger).entries == ledger.entries


def test_the_next_action_comes_after_foreign_ones(ledger: ChainLedger) -> None:
    before = len(ledger.entries)
    ledger.engine.send([by_acme(ledger, 7)], LATER_S)
    (made,) = ledger.apply(transfer(9), LATER_S + 1)
    assert (made.seq, made.amount_g) == (before + 2, 9)
    assert [entry.seq for entry in ledger.entries] == list(range(1, before + 3))
    numbers = [block.number for block in ledger.blocks(0)]
    assert numbers == list(range(ledger.head() + 1))


def test_blocks_about_other_contracts_have_no_entries(ledger: ChainLedger) -> None:
    before = len(ledger.entries)
    (made,) = ledger.engine.send([Call(b"\x05" * 32, None, creation_code(COUNTER))], LATER_S)
    assert made.contract_address is not None
    ledger.engine.send([Call(b"\x05" * 32, made.contract_address, b"")], LATER_S + 1)
    ledger.engine.send([], LATER_S + 2)
    assert len(ledger.entries) == before
    assert [block.entries for block in ledger.blocks(ledger.head() - 2)] == [(), (), ()]
    assert again(ledger).entries == ledger.entries


def test_a_chain_that_was_there_before_is_followed_from_its_start() -> None:
    engine = chain.new_chain(START_S - 100)
    engine.send([Call(b"\x05" * 32, None, creation_code(COUNTER))], START_S - 50)
    ledger = ChainLedger(engine, KEYS, START_S)
    assert ledger.head() == 2
    play(ledger, preparation())
    assert [entry.kind for entry in ledger.entries][:2] == [Kind.REGISTRY_OPENED] * 2
    assert again(ledger).entries == ledger.entries


def test_what_the_engine_took_back_is_no_entry_any_more(ledger: ChainLedger) -> None:
    snapshot, before, head = ledger.engine.snapshot(), lines(ledger.entries), ledger.head()
    places = list(ledger.coordinates)
    play(ledger, [lock(1), transfer(5), lock(2)])
    ledger.engine.revert(snapshot)
    ledger.engine.forget(snapshot)
    assert lines(ledger.entries) == before
    assert list(ledger.coordinates) == places
    assert ledger.head() == head
    assert play(ledger, [lock(1)])[0].startswith('{"seq":')


@pytest.mark.parametrize("depth", range(1, 21))
def test_another_branch_under_the_ledger_is_followed(ledger: ChainLedger, depth: int) -> None:
    play(ledger, [lock(100 + at) for at in range(20 - depth)])
    snapshot = ledger.engine.snapshot()
    play(ledger, [lock(200 + at) for at in range(depth)])
    before = list(ledger.blocks(0))
    ledger.engine.revert(snapshot)
    ledger.engine.forget(snapshot)
    for at in range(depth):
        ledger.engine.send([by_acme(ledger, 1 + at)], LATER_S + at)
    after = list(ledger.blocks(0))
    assert len(after) == len(before)
    assert after[:-depth] == before[:-depth]
    assert not {block.hash for block in after[-depth:]} & {block.hash for block in before}
    assert all(block.parent == parent.hash for parent, block in pairwise(after))
    assert [entry.seq for entry in ledger.entries] == list(range(1, len(ledger.entries) + 1))
    assert [amount for *_, amount in said(ledger, depth)] == list(range(1, depth + 1))
    assert again(ledger).entries == ledger.entries


def test_a_registry_whose_opening_was_taken_back_is_not_open(ledger: ChainLedger) -> None:
    snapshot, known = ledger.engine.snapshot(), dict(ledger.naming.contracts)
    ledger.apply(act.OpenRegistry(registry="BCR", native=True), LATER_S)
    places = ledger.contracts("BCR")
    ledger.engine.revert(snapshot)
    ledger.engine.forget(snapshot)
    for ask in (
        lambda: ledger.contracts("BCR"),
        lambda: ledger.totals("BCR", BATCH),
        lambda: ledger.apply(act.Pause(registry="BCR"), LATER_S),
    ):
        with pytest.raises(UnknownRegistry):
            ask()
    assert ledger.naming.contracts == known
    ledger.apply(act.OpenRegistry(registry="BCR", native=False), LATER_S)
    assert ledger.contracts("BCR") == places
    assert again(ledger).contracts("BCR") == places


def test_a_registry_opened_on_both_branches_stays_open(ledger: ChainLedger) -> None:
    snapshot = ledger.engine.snapshot()
    places, calls = registry_calls(
        ledger.engine, ledger.naming, ledger.platform, "BCR", True, "@platform"
    )
    ledger.apply(act.OpenRegistry(registry="BCR", native=True), LATER_S)
    ledger.engine.revert(snapshot)
    ledger.engine.forget(snapshot)
    ledger.engine.send([], LATER_S - 1)
    ledger.engine.send(calls, LATER_S)
    assert ledger.contracts("BCR") == places
    assert ledger.entries[-1].registry == "BCR"
    ledger.apply(act.Pause(registry="BCR"), LATER_S + 1_000)
    assert again(ledger).entries == ledger.entries


def test_an_event_that_none_of_our_contracts_has_is_met_each_time(ledger: ChainLedger) -> None:
    place = ledger.engine.send([Call(b"\x05" * 32, None, creation_code(COUNTER))], LATER_S)[0]
    assert place.contract_address is not None
    known = len(ledger.entries)
    ledger.naming.settle(place.contract_address, NATIVE, "CarbonRegistry")
    ledger.engine.send([by_acme(ledger, 3)], LATER_S + 1)
    ledger.engine.send([Call(b"\x05" * 32, place.contract_address, b"")], LATER_S + 2)
    for _ in range(2):
        with pytest.raises(UndecodableLog):
            ledger.head()
    ledger.naming.unsettle(place.contract_address)
    assert len(ledger.entries) == known + 1


# Names.


def granted(ledger: ChainLedger, verifier: str) -> Call:
    """Accredit a verifier past the ledger, by an address that the ledger has no name for."""
    function = artifact("Authority").interface.functions["grantRole"]
    data = function.encode(role_hash(Role.VERIFIER), KEYS.address(verifier))
    return Call(KEYS.key("@admin", NATIVE), ledger.contracts(NATIVE).authority, data)


def test_a_name_learned_later_does_not_change_what_was_read(ledger: ChainLedger) -> None:
    raw = "0x" + KEYS.address("Late").hex()
    ledger.engine.send([granted(ledger, "Late")], LATER_S)
    assert ledger.entries[-1].account == raw
    ledger.apply(act.OpenAccount(account="Late"), LATER_S + 1)
    ledger.apply(transfer(5, to="Late"), LATER_S + 2)
    other = again(ledger)
    assert other.entries == ledger.entries
    assert [entry.account for entry in other.entries if entry.account == raw] == [raw]
    assert other.entries[-1].counterparty == "Late"


def test_a_name_learned_on_a_lost_branch_counts_after_its_end(ledger: ChainLedger) -> None:
    snapshot = ledger.engine.snapshot()
    ledger.engine.send([granted(ledger, "Late")], LATER_S)
    assert ledger.entries[-1].account is not None
    ledger.apply(act.OpenAccount(account="Late"), LATER_S + 1)
    ledger.engine.revert(snapshot)
    ledger.engine.forget(snapshot)
    ledger.engine.send([granted(ledger, "Late")], LATER_S)
    assert ledger.entries[-1].account == "Late"
    assert again(ledger).entries == ledger.entries


# Opened again.


def test_resume_knows_foreign_entries_and_names(ledger: ChainLedger) -> None:
    play(ledger, life())
    ledger.engine.send([by_acme(ledger, 7)], LATER_S)
    play(ledger, [act.CloseAccount(account="Cedar"), lock(9)])
    other = again(ledger)
    assert lines(other.entries) == lines(ledger.entries)
    assert list(other.coordinates) == list(ledger.coordinates)
    assert other.naming.contracts == ledger.naming.contracts
    assert other.platform == ledger.platform
    assert other.contracts(MIRRORED) == ledger.contracts(MIRRORED)
    next_ones = [transfer(3, to="Borealis"), lock(9), lock(10)]
    assert play(other, next_ones) == play(ledger, next_ones)
    assert other.block_hash(other.head()) == ledger.block_hash(ledger.head())
    other.engine.close()


def test_resume_deploys_nothing(ledger: ChainLedger) -> None:
    other = again(ledger)
    assert other.head() == ledger.head()
    assert other.changes() == {}
    assert time_of(other) == time_of(ledger)


def test_changes_read_the_same_whatever_was_asked_before() -> None:
    one, other = new_chain(), new_chain()
    pairs: dict[bytes, bytes] = {}
    for action in preparation():
        one.apply(action, time_of(one))
        other.apply(action, time_of(other))
        pairs = kept(pairs, one.changes())
    assert pairs == kept({}, other.changes())


@pytest.fixture(scope="module")
def pairs() -> dict[bytes, bytes]:
    ledger = new_chain()
    play(ledger, preparation())
    return kept({}, ledger.changes())


def refused(pairs: dict[bytes, bytes], error: type[Exception] = ChainDamaged) -> str:
    with pytest.raises(error) as caught:
        ChainLedger.resume(pairs, KEYS, reopen())
    return str(caught.value)


def test_resume_refuses_each_pair_that_is_missing(pairs: dict[bytes, bytes]) -> None:
    names = [key for key in pairs if key[:1] == b"n"]
    for key in [*names, *sorted(pairs)[:: max(1, len(pairs) // 60)]]:
        refused({other: value for other, value in pairs.items() if other != key})


def test_resume_refuses_each_pair_of_the_state_that_is_damaged(pairs: dict[bytes, bytes]) -> None:
    # What py-evm keeps under other keys than hashes is an index into what it keeps under hashes.
    sealed = [key for key in sorted(pairs) if key[:1] == b"s"]
    state = [key for key in sealed if CHAIN != "tester" or len(key) == 33]
    for key in state[:: max(1, len(state) // 30)]:
        value = pairs[key]
        flipped = bytes([value[0] ^ 1]) + value[1:] if value else b"\x00"
        refused({**pairs, key: flipped})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"x", b"1"),
        (b"", b"1"),
        (b"n", b"1"),
        (b"nw" + bytes(20), b"{"),
        (b"nw" + bytes(20), b"7"),
        (b"nw" + bytes(20), b'["Acme"]'),
        (b"nw" + bytes(20), b'["Acme","x"]'),
        (b"nc" + bytes(20), b'["ICR",7]'),
        (b"nq" + bytes(20), b'["ICR","Authority"]'),
        (b"r" + bytes(8), b"{}"),
    ],
)
def test_resume_refuses_pairs_it_never_handed_out(
    pairs: dict[bytes, bytes], key: bytes, value: bytes
) -> None:
    assert refused({**pairs, key: value}).startswith("the ledger cannot be opened again: ")


def test_resume_refuses_nothing_at_all() -> None:
    refused({})


def test_resume_refuses_under_other_keys(pairs: dict[bytes, bytes]) -> None:
    with pytest.raises(ChainDamaged, match="other keys"):
        ChainLedger.resume(pairs, KeyRing(12), reopen())


def test_resume_refuses_a_name_that_is_not_the_one_kept(pairs: dict[bytes, bytes]) -> None:
    key = b"nw" + KEYS.address("Acme")
    assert b"Acme" in pairs[key]
    changed = pairs[key].replace(b"Acme", b"Bcme")
    assert "names are missing" in refused({**pairs, key: changed})


def test_resume_refuses_other_code_where_our_contracts_stood(ledger: ChainLedger) -> None:
    place = ledger.engine.send([Call(b"\x05" * 32, None, creation_code(COUNTER))], LATER_S)[0]
    assert place.contract_address is not None
    ours = ledger.contracts(NATIVE).certificate
    registry, contract = ledger.naming.contracts[ours]
    ledger.naming.unsettle(ours)
    ledger.naming.settle(place.contract_address, registry, contract)
    pairs = pairs_of(ledger)
    ledger.naming.unsettle(place.contract_address)
    ledger.naming.settle(ours, registry, contract)
    assert "RetirementCertificate" in refused(pairs, ForeignContract)


def test_resume_lets_go_of_the_engine_when_it_fails(pairs: dict[bytes, bytes]) -> None:
    engines: list[Engine] = []

    def noting(inner: Mapping[bytes, bytes]) -> Engine:
        engines.append(reopen()(inner))
        return engines[-1]

    # A chain that another seed's contracts are on.
    other = ChainLedger(chain.new_chain(START_S - 1), KeyRing(12), START_S)
    strange = {key: value for key, value in pairs_of(other).items() if key[:1] == b"s"}
    names = {key: value for key, value in pairs.items() if key[:1] == b"n"}
    with pytest.raises(ForeignContract):
        ChainLedger.resume({**strange, **names}, KEYS, noting)
    with pytest.raises(EngineClosed):
        engines[0].head()
