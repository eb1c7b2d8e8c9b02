"""Blocks, past views, and ledgers opened again: what both ledgers must do alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import pytest

from registry.errors import IdAlreadyUsed, UnknownBatch, UnknownBlock
from registry.ledger.fold import Folded
from registry.ledger.interface import Ledger
from registry.ledger.model import ModelLedger
from registry.records import action as act
from registry.records.block import NO_PARENT
from registry.records.entry import digest
from tests.strategies import MIRRORED, NATIVE
from tests.unit.ledger.ledgers import (
    BATCH,
    MAKERS,
    SETUP_BLOCKS,
    crossings,
    kept,
    last_message,
    life,
    lines,
    lock,
    new_model,
    play,
    preparation,
    reopened,
    time_of,
    transfer,
)

NOBODY_S_BATCH = 5


@pytest.fixture(scope="module", params=MAKERS)
def lived(request: pytest.FixtureRequest) -> Ledger:
    ledger = MAKERS[request.param]()
    play(ledger, [*preparation(), *life()])
    return ledger


@pytest.fixture
def ledger(lived: Ledger) -> Iterator[Ledger]:
    mark = lived.snapshot()
    yield lived
    lived.revert(mark)


def setup_of(ledger: Ledger) -> int:
    return 0 if isinstance(ledger, ModelLedger) else SETUP_BLOCKS


def test_each_accepted_action_is_one_block(ledger: Ledger) -> None:
    accepted = [*preparation(), *life()]
    assert ledger.head() == setup_of(ledger) + len(accepted)
    before = ledger.head()
    with pytest.raises(IdAlreadyUsed):
        ledger.apply(lock(1), time_of(ledger))
    assert ledger.head() == before
    made = ledger.apply(lock(50), time_of(ledger))
    (block,) = ledger.blocks(before + 1)
    assert block.entries == made
    assert block.number == ledger.head() == before + 1


def test_blocks_are_a_chain_and_hold_each_entry_once(ledger: Ledger) -> None:
    blocks = list(ledger.blocks(0))
    assert [block.number for block in blocks] == list(range(ledger.head() + 1))
    assert blocks[0].parent == NO_PARENT
    assert blocks[0].entries == ()
    for before, block in pairwise(blocks):
        assert block.parent == before.hash == ledger.block_hash(before.number)
        assert block.at_s > before.at_s
        assert all(entry.at_s == block.at_s for entry in block.entries)
        assert len(block.hash) == 66
    assert [entry for block in blocks for entry in block.entries] == list(ledger.entries)
    assert len({block.hash for block in blocks}) == len(blocks)


def test_coordinates_stand_beside_a_block_s_entries_where_there_is_a_chain(ledger: Ledger) -> None:
    for block in ledger.blocks(0):
        if isinstance(ledger, ModelLedger):
            assert block.coordinates == ()
        else:
            assert [where.seq for where in block.coordinates] == [e.seq for e in block.entries]
            assert all(where.block == block.number for where in block.coordinates)


def test_an_action_that_changes_nothing_is_a_block_without_entries(ledger: Ledger) -> None:
    empty = [block for block in ledger.blocks(1 + setup_of(ledger)) if not block.entries]
    # The verifier accredited a second time.
    assert [block.number for block in empty] == [setup_of(ledger) + len(preparation()) + 3]


def test_blocks_may_be_asked_for_in_parts(ledger: Ledger) -> None:
    every, head = list(ledger.blocks(0)), ledger.head()
    assert list(ledger.blocks(3, 5)) == every[3:6]
    assert list(ledger.blocks(head)) == every[-1:]
    assert list(ledger.blocks(head + 1)) == list(ledger.blocks(5, 4)) == []


@pytest.mark.parametrize("number", [-1, 10_000])
def test_unknown_blocks_are_refused(ledger: Ledger, number: int) -> None:
    for ask in (
        lambda: ledger.block_hash(number),
        lambda: ledger.totals(NATIVE, BATCH, number),
        lambda: ledger.blocks(min(number, 0), max(number, 0)),
    ):
        with pytest.raises(UnknownBlock) as caught:
            ask()
        assert (caught.value.number, caught.value.head) == (number, ledger.head())


def test_blocks_stay_as_they_were_asked_for(ledger: Ledger) -> None:
    mark = ledger.snapshot()
    ledger.apply(lock(50), time_of(ledger))
    walk, expected = ledger.blocks(0), list(ledger.blocks(0))
    ledger.revert(mark)
    assert list(walk) == expected


def test_totals_after_each_block_are_what_its_entries_say(ledger: Ledger) -> None:
    folded: dict[tuple[str, int], Folded] = defaultdict(Folded)
    every = {(entry.registry, entry.batch) for entry in ledger.entries if entry.batch is not None}
    for block in ledger.blocks(0):
        for entry in block.entries:
            if entry.batch is not None:
                folded[entry.registry, entry.batch].add(entry)
        if block.number <= setup_of(ledger) + 2:
            continue  # Its registry is not open, which a chain refuses for that reason.
        for registry, batch in every:
            if (registry, batch) in folded:
                totals = ledger.totals(registry, batch, block.number)
                assert folded[registry, batch].agrees(totals)
            else:
                with pytest.raises(UnknownBatch):
                    ledger.totals(registry, batch, block.number)
    for registry, batch in every:
        assert ledger.totals(registry, batch, ledger.head()) == ledger.totals(registry, batch)


def test_totals_before_anything_was_there_are_those_of_no_batch(ledger: Ledger) -> None:
    for block in (0, 1, ledger.head()):
        with pytest.raises(UnknownBatch):
            ledger.totals(NATIVE, NOBODY_S_BATCH, block)
    for block in (0, 1):
        with pytest.raises(UnknownBatch):
            ledger.totals(MIRRORED, BATCH, block)


def test_past_totals_return_with_the_state(ledger: Ledger) -> None:
    head, totals = ledger.head(), ledger.totals(NATIVE, BATCH)
    mark = ledger.snapshot()
    ledger.apply(lock(50, 700), time_of(ledger))
    ledger.revert(mark)
    ledger.apply(transfer(1), time_of(ledger))
    assert ledger.totals(NATIVE, BATCH, head + 1) == totals == ledger.totals(NATIVE, BATCH, head)


@pytest.mark.parametrize("depth", range(1, 21))
def test_a_branch_has_other_hashes_over_the_same_ancestors(ledger: Ledger, depth: int) -> None:
    play(ledger, [lock(100 + at) for at in range(20 - depth)])
    mark = ledger.snapshot()
    play(ledger, [lock(200 + at) for at in range(depth)])
    before = list(ledger.blocks(0))
    ledger.revert(mark)
    play(ledger, [lock(200 + at, 2) for at in range(depth)])
    after = list(ledger.blocks(0))
    assert len(after) == len(before)
    assert after[:-depth] == before[:-depth]
    fresh = {block.hash for block in after[-depth:]}
    assert len(fresh) == depth
    assert fresh.isdisjoint(block.hash for block in before)


def test_the_same_branch_has_the_same_hashes(ledger: Ledger) -> None:
    mark, at_s = ledger.snapshot(), time_of(ledger)
    ledger.apply(lock(50), at_s)
    once = ledger.block_hash(ledger.head())
    ledger.revert(mark)
    mark = ledger.snapshot()
    ledger.apply(lock(50), at_s + 1)
    assert ledger.block_hash(ledger.head()) != once
    ledger.revert(mark)
    ledger.apply(lock(50), at_s)
    assert ledger.block_hash(ledger.head()) == once


# Opened again.


def same(one: Ledger, other: Ledger) -> None:
    assert lines(other.entries) == lines(one.entries)
    assert digest(other.entries) == digest(one.entries)
    assert list(other.blocks(0)) == list(one.blocks(0))
    for registry, batch in {(e.registry, e.batch) for e in one.entries if e.batch is not None}:
        assert other.totals(registry, batch) == one.totals(registry, batch)
        assert other.totals(registry, batch, one.head() - 1) == one.totals(
            registry, batch, one.head() - 1
        )
        assert other.available(registry, batch) == one.available(registry, batch)
        for holder in ("Acme", "Borealis", "Cedar"):
            assert other.holding(registry, batch, holder) == one.holding(registry, batch, holder)
    for registry, peer in ((NATIVE, MIRRORED), (MIRRORED, NATIVE)):
        assert other.outstanding(registry, peer) == one.outstanding(registry, peer)
        for id in range(30):
            assert other.held(registry, id) == one.held(registry, id)


@pytest.mark.parametrize("engine", MAKERS)
def test_resume_opens_the_same_ledger(engine: str) -> None:
    ledger, pairs = MAKERS[engine](), {}
    for at, action in enumerate([*preparation(), *life()]):
        play(ledger, [action])
        if at % 3 == 0:
            pairs = kept(pairs, ledger.changes())
    pairs = kept(pairs, ledger.changes())
    assert ledger.changes() == {}
    seen: list[tuple[int, int]] = []
    other = reopened(ledger, pairs, lambda done, of: seen.append((done, of)))
    assert seen == [(at, ledger.head()) for at in range(1, ledger.head() + 1)]
    same(ledger, other)
    assert other.changes() == {}
    next_ones = [transfer(3), lock(1), lock(60), lock(60), transfer(2**62)]
    assert play(other, next_ones) == play(ledger, next_ones)
    same(ledger, other)
    # What happened since is written down beside what was; nothing of it twice.
    assert kept(pairs, other.changes()) == kept(pairs, ledger.changes())


@pytest.mark.parametrize("engine", MAKERS)
def test_resume_forgets_what_was_taken_back(engine: str) -> None:
    ledger = MAKERS[engine]()
    play(ledger, preparation())
    pairs = kept({}, ledger.changes())
    mark = ledger.snapshot()
    play(ledger, life())
    pairs = kept(pairs, ledger.changes())
    ledger.revert(mark)
    play(ledger, [lock(70), lock(71)])
    changes = ledger.changes()
    assert None in changes.values()
    pairs = kept(pairs, changes)
    other = reopened(ledger, pairs)
    same(ledger, other)
    assert play(other, [lock(72)]) == play(ledger, [lock(72)])
    # As much is kept as if the branch had never been there.
    straight = MAKERS[engine]()
    play(straight, [*preparation(), lock(70), lock(71), lock(72)])
    assert reopened(straight, kept({}, straight.changes())).entries == ledger.entries
    if engine == "model":
        assert kept(pairs, ledger.changes()) == kept({}, straight_again(straight))


def straight_again(ledger: Ledger) -> dict[bytes, bytes | None]:
    """All that a ledger has to say, from one that never said anything."""
    fresh = new_model()
    play(fresh, [*preparation(), lock(70), lock(71), lock(72)])
    assert fresh.entries == ledger.entries
    return fresh.changes()


@pytest.mark.parametrize("engine", MAKERS)
def test_resume_of_a_ledger_on_which_nothing_happened(engine: str) -> None:
    ledger = MAKERS[engine]()
    other = reopened(ledger, kept({}, ledger.changes()))
    assert other.head() == ledger.head()
    assert list(other.blocks(0)) == list(ledger.blocks(0))
    assert play(other, preparation()) == play(ledger, preparation())


@pytest.mark.parametrize("engine", MAKERS)
def test_resume_knows_what_passed_between_registries(engine: str) -> None:
    ledger, pairs = MAKERS[engine](), {}
    play(ledger, preparation())
    for at, action in enumerate(crossings(ledger)):
        (said,) = play(ledger, [action])
        assert said.startswith("{"), said
        if at % 5 == 0:
            pairs = kept(pairs, ledger.changes())
    pairs = kept(pairs, ledger.changes())
    other = reopened(ledger, pairs)
    same(ledger, other)
    # Numbers, ids, claims and allowances go on where they were.
    assert ledger.outstanding(MIRRORED, NATIVE) == 900
    move = act.Move(
        registry=NATIVE, by="Acme", id=30, batch=BATCH, amount_g=4_101, target=MIRRORED, to="Cedar"
    )
    deadline_s = time_of(ledger) + 10_000
    export = act.Export(**move.model_dump() | {"id": 31, "amount_g": 7}, deadline_s=deadline_s)
    next_ones = [
        move,
        move.model_copy(update={"amount_g": 4_100}),
        act.Compensate(registry=NATIVE, id=24),
        export.model_copy(update={"id": 21}),
        export,
    ]
    said = play(ledger, next_ones)
    assert play(other, next_ones) == said
    assert [each.split(":")[0] for each in said[:4:2]] == ["AboveAllowance", "NoPendingExport"]
    assert said[3].startswith("IdAlreadyUsed")
    assert ledger.entries[-1].number == 3
    carried = [act.Import(registry=MIRRORED, message=last_message(ledger))]
    assert play(other, carried * 2) == play(ledger, carried * 2)
    same(ledger, other)
