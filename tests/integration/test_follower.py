"""The mirror follows a ledger through everything that can happen to either, and never lies."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.books import follower as module
from registry.books import sealed, tables
from registry.books.follower import Followed, Follower, Source
from registry.books.mirror import Cursor, Mirror
from registry.books.store import Identity, Store
from registry.books.verify import verify
from registry.chain.ledger import ChainLedger
from registry.errors import (
    BlockMissing,
    EntriesDisordered,
    MirrorError,
    ReorganisationTooDeep,
    StoreDamaged,
)
from registry.ledger.interface import Ledger
from registry.ledger.model import ModelLedger
from registry.records import action as act
from registry.records.block import Block
from registry.records.entry import Entry, digest
from tests import strategies as cast
from tests.unit.ledger.ledgers import (
    BATCH,
    life,
    lock,
    new_chain,
    new_model,
    play,
    preparation,
    transfer,
)

IDENTITY = Identity("mirror", "a world")


def several(*amounts_g: int) -> act.Transfer:
    orders = [act.TransferOrder(batch=BATCH, to="Cedar", amount_g=each) for each in amounts_g]
    return act.Transfer(registry=cast.NATIVE, by="Acme", orders=tuple(orders))


def busy() -> list[act.Action]:
    """Actions that make some forty entries, several of them in one block or none."""
    return [*preparation(), *life(), several(1, 2, 3), lock(20), several(4, 5), *others(4)]


def played(actions: Sequence[act.Action]) -> ModelLedger:
    ledger = new_model()
    play(ledger, actions)
    return ledger


@pytest.fixture(scope="module")
def model() -> ModelLedger:
    ledger = played(busy())
    assert len(ledger.entries) >= 35
    assert any(len(block.entries) > 1 for block in ledger.blocks(0))
    assert any(not block.entries for block in ledger.blocks(1))
    return ledger


@pytest.fixture(scope="module")
def built_chain() -> Iterator[ChainLedger]:
    ledger = new_chain()
    play(ledger, busy())
    yield ledger
    ledger.engine.close()


@pytest.fixture
def chain(built_chain: ChainLedger) -> Iterator[ChainLedger]:
    mark = built_chain.snapshot()
    yield built_chain
    built_chain.revert(mark)


def new_mirror(url: str = ":memory:") -> Mirror:
    place: Path | str = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else url
    return Mirror(Store.open(place, tables.MIRROR, IDENTITY))


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    made = new_mirror()
    yield made
    made.store.close()


@pytest.fixture
def stored(store_url: str) -> Iterator[Mirror]:
    """A mirror in a file, and one on a server."""
    made = new_mirror(store_url)
    yield made
    made.store.close()


def check(mirror: Mirror, source: Ledger, last: int | None = None) -> None:
    """Check that a mirror is the chain up to a block, and nothing else."""
    blocks = list(source.blocks(1, last))
    entries = [entry for block in blocks for entry in block.entries]
    assert mirror.digest() == digest(entries)
    assert list(mirror.entries()) == entries
    assert list(mirror.blocks()) == [block for block in blocks if block.entries]
    with mirror.store.reading() as connection:
        rows = list(sealed.read(connection, tables.blocks))
    assert [(row.number, row.hash, row.parent, row.at_s, row.entries) for row in rows] == [
        (block.number, block.hash, block.parent, block.at_s, len(block.entries)) for block in blocks
    ]
    place = next((block.coordinates[-1] for block in reversed(blocks) if block.coordinates), None)
    assert mirror.cursor() == Cursor(
        blocks[-1].number if blocks else 0,
        blocks[-1].hash if blocks else "",
        len(entries),
        place and place.tx_hash,
        place and place.log_index,
    )
    assert mirror.complete_s() == (blocks[-1].at_s if blocks else 0)
    assert verify(mirror.store, tables.MIRROR).problems == ()


def check_prefix(mirror: Mirror, source: Ledger) -> None:
    check(mirror, source, mirror.cursor().block)


# Following.


def test_a_new_mirror_is_empty(stored: Mirror) -> None:
    assert stored.cursor() == Cursor()
    check(stored, new_model())
    assert Follower(new_model(), stored).follow() == Followed(0, 0, 0)
    check(stored, new_model())


def test_follow_at_once_copies_everything(stored: Mirror, model: ModelLedger) -> None:
    told: list[tuple[int, int]] = []
    follower = Follower(model, stored)
    found = follower.follow(lambda done, of: told.append((done, of)))
    assert found == Followed(model.head(), len(model.entries), 0)
    assert told == [(model.head(), model.head())]
    check(stored, model)
    assert follower.follow() == Followed(0, 0, 0)
    check(stored, model)


@pytest.mark.parametrize("part", [1, 2, 7])
def test_follow_in_parts_is_the_same(
    stored: Mirror, model: ModelLedger, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PART_ENTRIES", part)
    told: list[tuple[int, int]] = []
    Follower(model, stored).follow(lambda done, of: told.append((done, of)))
    assert told == sorted(set(told))
    assert told[-1] == (model.head(), model.head())
    assert len(told) > 3
    check(stored, model)


def test_follow_after_each_block_is_the_same(stored: Mirror) -> None:
    ledger = new_model()
    for action in busy():
        blocks, entries = ledger.head(), len(ledger.entries)
        play(ledger, [action])
        # A follower of its own each time: all that it knows is in the mirror.
        found = Follower(ledger, stored).follow()
        assert found == Followed(ledger.head() - blocks, len(ledger.entries) - entries, 0)
    check(stored, ledger)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stops=st.lists(st.integers(0, 40), max_size=6), part=st.integers(1, 20))
def test_law_where_a_follower_stops_does_not_matter(
    model: ModelLedger, monkeypatch: pytest.MonkeyPatch, stops: list[int], part: int
) -> None:
    monkeypatch.setattr(module, "PART_ENTRIES", part)
    mirror, ledger, actions = new_mirror(), new_model(), busy()
    for stop in [*sorted(stops), len(actions)]:
        play(ledger, actions[ledger.head() : stop])
        Follower(ledger, mirror).follow()
    assert mirror.digest() == digest(model.entries)
    check(mirror, model)


def test_follow_ended_between_parts_goes_on(
    stored: Mirror, model: ModelLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PART_ENTRIES", 5)

    def end(*_: int) -> None:
        raise KeyboardInterrupt

    ends = 0
    while stored.cursor().block < model.head():
        try:
            Follower(model, stored).follow(end)
        except KeyboardInterrupt:
            ends += 1
        check_prefix(stored, model)
    assert ends > 5
    check(stored, model)


def test_mirror_outlives_its_store(store_url: str, model: ModelLedger) -> None:
    for last in (10, 20, model.head()):
        mirror = new_mirror(store_url)
        Follower(Told(model, head=last), mirror).follow()
        check(mirror, model, last)
        mirror.store.close()


def test_entries_are_read_from_any_of_them_on(stored: Mirror, model: ModelLedger) -> None:
    Follower(model, stored).follow()
    for first in (1, 2, 20, len(model.entries), len(model.entries) + 1):
        assert list(stored.entries(first)) == list(model.entries[first - 1 :])


def test_a_chain_and_its_places_are_copied(stored: Mirror, chain: ChainLedger) -> None:
    Follower(chain, stored).follow()
    check(stored, chain)
    assert all(len(block.coordinates) == len(block.entries) for block in stored.blocks())
    assert stored.digest() == digest(played(busy()).entries)
    play(chain, [transfer(3)])
    assert Follower(chain, stored).follow() == Followed(1, 1, 0)
    check(stored, chain)


# A source that is not sound.

Change = Callable[[list[Block]], list[Block]]


class Told:
    """A ledger that is heard through something that loses, doubles or reorders."""

    def __init__(
        self, ledger: Ledger, change: Change = lambda blocks: blocks, *, head: int | None = None
    ) -> None:
        self._ledger = ledger
        self._change = change
        self._head = ledger.head() if head is None else head
        self.entries: Sequence[Entry] = [
            entry for block in ledger.blocks(0, self._head) for entry in block.entries
        ]

    def head(self) -> int:
        return self._head

    def block_hash(self, number: int) -> str:
        return self._ledger.block_hash(number)

    def blocks(self, first: int, last: int | None = None) -> Iterator[Block]:
        last = self._head if last is None else last
        for block in self._change(list(self._ledger.blocks(1, self._head))):
            if first <= block.number <= last:
                yield block


def flat(blocks: Sequence[Block]) -> list[tuple[int, Entry]]:
    return [(at, entry) for at, block in enumerate(blocks) for entry in block.entries]


def folded(blocks: Sequence[Block], entries: Sequence[tuple[int, Entry]]) -> list[Block]:
    return [
        block._replace(entries=tuple(entry for where, entry in entries if where == at))
        for at, block in enumerate(blocks)
    ]


def dropped(*seqs: int) -> Change:
    def change(blocks: list[Block]) -> list[Block]:
        return folded(blocks, [pair for pair in flat(blocks) if pair[1].seq not in seqs])

    return change


def doubled(*seqs: int, later: int = 0) -> Change:
    """Say entries twice, the second time in the same block or some blocks later."""

    def change(blocks: list[Block]) -> list[Block]:
        entries = flat(blocks)
        again = [
            (min(at + later, len(blocks) - 1), entry) for at, entry in entries if entry.seq in seqs
        ]
        return folded(blocks, sorted([*entries, *again], key=lambda pair: pair[0]))

    return change


def swapped(seq: int, other: int) -> Change:
    def change(blocks: list[Block]) -> list[Block]:
        entries = flat(blocks)
        (at, one), (to, two) = entries[seq - 1], entries[other - 1]
        entries[seq - 1], entries[other - 1] = (at, two), (to, one)
        return folded(blocks, entries)

    return change


def expected(told: Sequence[Block], last: int) -> tuple[tuple[int, ...], ...]:
    """Say what is missing, doubled and misplaced, from the definitions alone."""
    seqs = [entry.seq for block in told for entry in block.entries]
    first = {seq: seqs.index(seq) for seq in seqs}
    missing = [seq for seq in range(1, last + 1) if seq not in first]
    twice = sorted({seq for seq in seqs if seqs.count(seq) > 1})
    late = [seq for seq in sorted(first) if max(seqs[: first[seq] + 1]) > seq]
    return tuple(missing), tuple(twice), tuple(late)


def check_found(
    mirror: Mirror, ledger: Ledger, change: Change, *, first: int = 0
) -> EntriesDisordered:
    """Follow through a change, check what is said of it, and that a sound source repairs it."""
    told = Told(ledger, change)
    with pytest.raises(EntriesDisordered) as caught:
        Follower(told, mirror).follow()
    error = caught.value
    missing, twice, late = expected(change(list(ledger.blocks(1))), len(ledger.entries))
    assert (error.missing, error.doubled, error.misplaced) == (missing, twice, late)
    assert mirror.cursor().block >= first
    check_prefix(mirror, ledger)
    return error


@pytest.mark.parametrize("part", [1, 5_000])
def test_an_entry_lost_doubled_or_misplaced_anywhere_is_named(
    mirror: Mirror, model: ModelLedger, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PART_ENTRIES", part)
    last = len(model.entries)
    for seq in range(1, last + 1):
        assert check_found(mirror, model, dropped(seq)).missing == (seq,)
        mirror.roll_back(0)
        assert check_found(mirror, model, doubled(seq)).doubled == (seq,)
        mirror.roll_back(0)
        for later in (1, 5):
            assert check_found(mirror, model, doubled(seq, later=later)).doubled == (seq,)
            mirror.roll_back(0)
        if seq < last:
            assert check_found(mirror, model, swapped(seq, seq + 1)).misplaced == (seq,)
            mirror.roll_back(0)
            check_found(mirror, model, swapped(seq, last))
            mirror.roll_back(0)
    Follower(model, mirror).follow()
    check(mirror, model)


def test_several_at_once_are_all_named(mirror: Mirror, model: ModelLedger) -> None:
    def all_of(blocks: list[Block]) -> list[Block]:
        return swapped(20, 21)(doubled(12, 30)(blocks))

    error = check_found(mirror, model, lambda blocks: dropped(5, 6, 33)(all_of(blocks)))
    assert error.missing == (5, 6, 33)
    assert {12, 30} <= {*error.doubled}
    assert "missing 5" in str(error)


@pytest.mark.parametrize("seq", [1, 18, 30])
def test_a_mirror_takes_no_harm_on_any_database(
    stored: Mirror, model: ModelLedger, seq: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PART_ENTRIES", 4)
    for change in (dropped(seq), doubled(seq), swapped(seq, seq + 1)):
        check_found(stored, model, change)
    Follower(model, stored).follow()
    check(stored, model)


@pytest.mark.parametrize("behind", [0, 1, 10])
def test_faults_are_found_by_one_who_resumes(
    mirror: Mirror, model: ModelLedger, behind: int
) -> None:
    head = model.head() - behind
    for seq in range(1, len(model.entries) + 1):
        mirror.roll_back(0)
        Follower(Told(model, head=head), mirror).follow()
        known = mirror.cursor().seq
        told = Told(model, dropped(seq))
        if seq <= known:
            # What was heard before is not heard again.
            Follower(told, mirror).follow()
            check(mirror, model)
            continue
        with pytest.raises(EntriesDisordered) as caught:
            Follower(told, mirror).follow()
        assert caught.value.missing == (seq,)
        assert mirror.cursor().block >= head
        check_prefix(mirror, model)


@pytest.mark.parametrize("part", [1, 5_000])
def test_a_block_lost_doubled_or_misplaced_anywhere_is_named(
    mirror: Mirror, model: ModelLedger, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PART_ENTRIES", part)
    head = model.head()
    for at in range(head):
        cases: list[tuple[Change, int, int]] = [
            (
                lambda blocks, at=at: blocks[:at] + blocks[at + 1 :],
                at + 1,
                min(at + 2, head),
            ),
            (lambda blocks, at=at: blocks[: at + 1] + blocks[at:], at + 2, at + 1),
        ]
        if at + 1 < head:
            cases.append(
                (
                    lambda blocks, at=at: [
                        *blocks[:at],
                        blocks[at + 1],
                        blocks[at],
                        *blocks[at + 2 :],
                    ],
                    at + 1,
                    at + 2,
                )
            )
        for change, number, found in cases:
            with pytest.raises(BlockMissing) as caught:
                Follower(Told(model, change), mirror).follow()
            assert (caught.value.number, caught.value.found) == (number, found)
            assert mirror.cursor().block <= at + 1
            check_prefix(mirror, model)
            mirror.roll_back(0)


def test_a_block_of_another_chain_does_not_follow(mirror: Mirror, model: ModelLedger) -> None:
    def foreign(blocks: list[Block]) -> list[Block]:
        return [*blocks[:9], blocks[9]._replace(parent="0x" + "11" * 32), *blocks[10:]]

    with pytest.raises(BlockMissing, match="does not follow") as caught:
        Follower(Told(model, foreign), mirror).follow()
    assert (caught.value.number, caught.value.found) == (10, 10)
    check_prefix(mirror, model)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("drop", "double", "swap", "drop block", "double block", "swap blocks")),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    min_size=1,
    max_size=4,
)


def changed(blocks: list[Block], steps: Sequence[tuple[str, int, int]]) -> list[Block]:
    for step, at, to in steps:
        entries = flat(blocks)
        if "block" in step:
            at, to = at % len(blocks), to % len(blocks)
            if step == "drop block":
                del blocks[at]
            elif step == "double block":
                blocks.insert(to, blocks[at])
            else:
                blocks[at], blocks[to] = blocks[to], blocks[at]
        elif entries:
            at, to = at % len(entries), to % len(entries)
            (here, one), (there, other) = entries[at], entries[to]
            if step == "drop":
                del entries[at]
            elif step == "double":
                entries.insert(to, (there, one))
            else:
                entries[at], entries[to] = (here, other), (there, one)
            blocks = folded(blocks, entries)
    return blocks


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, start=st.integers(0, 20), part=st.integers(1, 50))
def test_law_no_unsound_source_is_believed(
    model: ModelLedger,
    monkeypatch: pytest.MonkeyPatch,
    steps: list[tuple[str, int, int]],
    start: int,
    part: int,
) -> None:
    monkeypatch.setattr(module, "PART_ENTRIES", part)
    mirror = new_mirror()
    Follower(Told(model, head=start), mirror).follow()
    told = Told(model, lambda blocks: changed(blocks, steps))
    is_heard_well = list(told.blocks(start + 1)) == list(model.blocks(start + 1))
    if is_heard_well:
        Follower(told, mirror).follow()
        check(mirror, model)
    else:
        with pytest.raises(MirrorError):
            Follower(told, mirror).follow()
        assert mirror.cursor().block >= start
        check_prefix(mirror, model)
    Follower(model, mirror).follow()
    check(mirror, model)
    mirror.store.close()


def places(change: Callable[[tuple[Any, ...]], Sequence[Any]]) -> Change:
    """Change the coordinates of the last block that has three."""

    def changed(blocks: list[Block]) -> list[Block]:
        at = max(at for at, block in enumerate(blocks) if len(block.entries) >= 3)
        blocks[at] = blocks[at]._replace(coordinates=tuple(change(blocks[at].coordinates)))
        return blocks

    return changed


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found[:-1],
        lambda found: found[1:],
        lambda found: found[::-1],
        lambda found: (*found, found[-1]),
        lambda found: (found[0].model_copy(update={"log_index": 99}), *found[1:]),
        lambda found: (found[0].model_copy(update={"block": 1}), *found[1:]),
    ],
    ids=["last lost", "first lost", "reversed", "doubled", "index", "block"],
)
def test_an_entry_that_is_elsewhere_on_the_chain_is_named(
    mirror: Mirror, chain: ChainLedger, change: Callable[[tuple[Any, ...]], Sequence[Any]]
) -> None:
    with pytest.raises(EntriesDisordered) as caught:
        Follower(Told(chain, places(change)), mirror).follow()
    assert caught.value.misplaced
    assert not caught.value.missing and not caught.value.doubled
    check_prefix(mirror, chain)
    Follower(chain, mirror).follow()
    check(mirror, chain)


def test_entries_lost_on_the_way_from_a_chain_are_named(mirror: Mirror, chain: ChainLedger) -> None:
    for seq in (1, 7, 20, len(chain.entries)):

        def change(blocks: list[Block], seq: int = seq) -> list[Block]:
            return [
                block._replace(
                    entries=tuple(entry for entry in block.entries if entry.seq != seq),
                    coordinates=tuple(place for place in block.coordinates if place.seq != seq),
                )
                for block in blocks
            ]

        with pytest.raises(EntriesDisordered) as caught:
            Follower(Told(chain, change), mirror).follow()
        assert (caught.value.missing, caught.value.doubled) == ((seq,), ())
        check_prefix(mirror, chain)


# Reorganisations.


def others(count: int, seed: int = 0) -> list[act.Action]:
    """So many accepted actions, each a block, that are in no other list."""
    rng = random.Random(seed)
    return [transfer(100 + rng.randrange(500)) for _ in range(count)]


@pytest.mark.parametrize("depth", range(1, 21))
def test_blocks_that_the_chain_gave_up_leave_no_ghost(mirror: Mirror, depth: int) -> None:
    for count in {0, 1, depth - 1, depth, depth + 3}:
        ledger = played(busy())
        mark = ledger.snapshot()
        play(ledger, others(depth, seed=1))
        Follower(ledger, mirror).follow()
        check(mirror, ledger)
        ledger.revert(mark)
        play(ledger, others(count, seed=2))
        assert Follower(ledger, mirror).follow() == Followed(count, count, depth)
        check(mirror, ledger)
        clean = new_mirror()
        Follower(ledger, clean).follow()
        assert mirror.digest() == clean.digest()
        mirror.roll_back(0)


@pytest.mark.parametrize("depth", [1, 5, 20])
def test_a_reorganisation_is_followed_on_any_database(stored: Mirror, depth: int) -> None:
    ledger = played(busy())
    mark = ledger.snapshot()
    play(ledger, others(depth, seed=1))
    Follower(ledger, stored).follow()
    ledger.revert(mark)
    play(ledger, others(depth + 2, seed=2))
    assert Follower(ledger, stored).follow() == Followed(depth + 2, depth + 2, depth)
    check(stored, ledger)


@pytest.mark.parametrize("depth", [1, 5, 20])
def test_a_reorganised_chain_is_followed(mirror: Mirror, chain: ChainLedger, depth: int) -> None:
    mark = chain.snapshot()
    play(chain, others(depth, seed=1))
    Follower(chain, mirror).follow()
    check(mirror, chain)
    chain.revert(mark)
    play(chain, others(depth + 1, seed=2))
    assert Follower(chain, mirror).follow() == Followed(depth + 1, depth + 1, depth)
    check(mirror, chain)
    # And back to a shorter one.
    again = chain.snapshot()
    play(chain, others(2))
    Follower(chain, mirror).follow()
    chain.revert(again)
    assert Follower(chain, mirror).follow() == Followed(0, 0, 2)
    check(mirror, chain)


def test_the_same_actions_in_other_blocks_are_other_blocks(mirror: Mirror) -> None:
    ledger = played(busy())
    head, mark = ledger.head(), ledger.snapshot()
    actions = others(6)
    play(ledger, actions)
    Follower(ledger, mirror).follow()
    ledger.revert(mark)
    (last,) = ledger.blocks(head)
    for later, action in enumerate(actions):
        ledger.apply(action, last.at_s + 100 + later)
    assert Follower(ledger, mirror).follow() == Followed(6, 6, 6)
    check(mirror, ledger)


def test_the_same_blocks_again_are_the_same_blocks(mirror: Mirror) -> None:
    ledger = played(busy())
    mark = ledger.snapshot()
    play(ledger, others(6))
    Follower(ledger, mirror).follow()
    ledger.revert(mark)
    play(ledger, [*others(6), *others(1, seed=9)])
    assert Follower(ledger, mirror).follow() == Followed(1, 1, 0)
    check(mirror, ledger)


@pytest.mark.parametrize("depth", [1, 5, 20])
def test_a_reorganisation_deeper_than_allowed_changes_nothing(stored: Mirror, depth: int) -> None:
    ledger = played(busy())
    mark = ledger.snapshot()
    play(ledger, others(depth, seed=1))
    Follower(ledger, stored).follow()
    block, kept = stored.cursor(), stored.digest()
    ledger.revert(mark)
    play(ledger, others(depth, seed=2))
    with pytest.raises(ReorganisationTooDeep) as caught:
        Follower(ledger, stored, depth=depth - 1).follow()
    assert (caught.value.depth, caught.value.block) == (depth - 1, block.block)
    assert (stored.cursor(), stored.digest()) == (block, kept)
    assert Follower(ledger, stored, depth=depth).follow().taken_back == depth
    check(stored, ledger)


def test_a_chain_that_is_not_the_mirrors_is_too_deep_unless_rebuilt(mirror: Mirror) -> None:
    ledger = played([*busy(), *others(64)])
    Follower(ledger, mirror).follow()
    other = played([*preparation(), *others(9, seed=3)])
    with pytest.raises(ReorganisationTooDeep):
        Follower(other, mirror).follow()
    check(mirror, ledger)
    Follower(other, mirror).rebuild()
    check(mirror, other)


def test_a_chain_that_begins_anew_is_followed_to_nothing(mirror: Mirror) -> None:
    Follower(played(busy()), mirror).follow()
    assert Follower(new_model(), mirror).follow().taken_back == len(busy())
    check(mirror, new_model())


@pytest.mark.parametrize("count", [0, 3, 12, 20])
def test_a_reorganisation_while_following_in_parts(
    mirror: Mirror, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PART_ENTRIES", 5)
    ledger = played(busy())
    mark = ledger.snapshot()
    play(ledger, others(12, seed=1))
    calls = 0

    def reorganise(done: int, of: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 8:
            ledger.revert(mark)
            play(ledger, others(count, seed=2))

    Follower(ledger, mirror).follow(reorganise)
    assert calls >= 8
    Follower(ledger, mirror).follow()
    check(mirror, ledger)


def test_a_chain_that_grows_while_it_is_followed(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PART_ENTRIES", 5)
    ledger = played(busy())
    more = others(20)

    def grow(done: int, of: int) -> None:
        if more:
            play(ledger, [more.pop()])

    for _ in range(3):
        Follower(ledger, mirror).follow(grow)
        check_prefix(mirror, ledger)
    more.clear()
    Follower(ledger, mirror).follow()
    check(mirror, ledger)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    turns=st.lists(
        st.tuples(st.integers(0, 15), st.integers(0, 10), st.booleans()), min_size=1, max_size=6
    )
)
def test_law_a_mirror_is_level_whatever_the_chain_did(
    turns: list[tuple[int, int, bool]],
) -> None:
    mirror, ledger = new_mirror(), played(preparation())
    for seed, (back, forth, is_followed) in enumerate(turns):
        marks = []
        for action in others(back, seed=2 * seed):
            marks.append(ledger.snapshot())
            play(ledger, [action])
        if is_followed:
            Follower(ledger, mirror).follow()
            check(mirror, ledger)
        if marks:
            ledger.revert(marks[back // 2])
        play(ledger, others(forth, seed=2 * seed + 1))
    Follower(ledger, mirror).follow()
    check(mirror, ledger)
    mirror.store.close()


# Rebuilding.


def tamper(mirror: Mirror, *statements: sa.Executable) -> None:
    """Change what one likes behind the mirror's back, and cover the traces."""
    with mirror.store.writing() as connection:
        dialect = connection.dialect.name
        names: Any = connection.get_execution_options().get("schema_translate_map", {})
        namespace = names.get(None)
        guarded = tables.sealed_tables(tables.MIRROR)
        for table in guarded:
            where = "" if dialect == "sqlite" else f' ON "{namespace}".{table.name}'
            for name in sorted(tables.guards_of(table, dialect, namespace)):
                connection.exec_driver_sql(f"DROP TRIGGER {name}{where}")
        for statement in statements:
            connection.execute(statement)
        for made in tables.triggers_of(tables.MIRROR, dialect, namespace):
            if made.startswith("CREATE TRIGGER"):
                connection.exec_driver_sql(made)


def copied(seq: int, into: int, **values: Any) -> sa.Executable:
    """Insert an entry again under another seq."""
    table = tables.entries
    columns = [
        sa.literal(into) if column.name == "seq" else
        sa.literal(values[column.name]) if column.name in values else column
        for column in table.c
    ]  # fmt: skip
    return table.insert().from_select(
        list(table.c.keys()), sa.select(*columns).where(table.c.seq == seq)
    )


E, B, H, C = tables.entries, tables.blocks, tables.heads, tables.cursor
DAMAGES: dict[str, list[sa.Executable]] = {
    "hole": [E.delete().where(E.c.seq == 10)],
    "holes": [E.delete().where(E.c.seq.in_([1, 10, 11, 30]))],
    "end gone": [E.delete().where(E.c.seq > 20)],
    "all entries gone": [E.delete()],
    "all gone": [E.delete(), B.delete()],
    "block gone": [B.delete().where(B.c.number == 12)],
    "doubled": [copied(10, 1_000)],
    "doubled below": [copied(10, -5)],
    "doubled in no block": [copied(10, 1_000, block=0)],
    "changed": [E.update().where(E.c.seq == 7).values(amount_g=1)],
    "unreadable": [E.update().where(E.c.seq == 7).values(rest="{")],
    "moved": [E.update().where(E.c.seq == 7).values(seq=2_000)],
    "block moved": [B.update().where(B.c.number == 7).values(number=2_000)],
    "block hash": [B.update().where(B.c.number == 7).values(hash="0x")],
    "cursor gone": [C.delete()],
    "cursor back": [C.update().values(block=3, seq=3)],
    "cursor ahead": [C.update().values(block=3_000, seq=3_000)],
    "heads": [H.update().values(size=3, last=3, seal="")],
    "guard open": [H.update().values(cut=0)],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_rebuild_repairs(stored: Mirror, model: ModelLedger, damage: str) -> None:
    Follower(model, stored).follow()
    tamper(stored, *DAMAGES[damage])
    assert verify(stored.store, tables.MIRROR).problems
    told: list[tuple[int, int]] = []
    found = Follower(model, stored).rebuild(lambda done, of: told.append((done, of)))
    assert found[:2] == (model.head(), len(model.entries))
    assert told[-1] == (model.head(), model.head())
    check(stored, model)
    assert Follower(model, stored).follow() == Followed(0, 0, 0)


def test_tampering_that_changes_nothing_leaves_no_trace(stored: Mirror, model: ModelLedger) -> None:
    Follower(model, stored).follow()
    tamper(stored)
    check(stored, model)


def dump(mirror: Mirror) -> list[Any]:
    with mirror.store.reading() as connection:
        return [
            tuple(row)
            for table in tables.MIRROR.sorted_tables
            for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns))
        ]


@pytest.mark.parametrize("seq", [1, 20, 35])
def test_rebuild_from_an_unsound_source_changes_nothing(
    stored: Mirror, model: ModelLedger, seq: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PART_ENTRIES", 4)
    Follower(model, stored).follow()
    tamper(stored, *DAMAGES["holes"])
    before = dump(stored)
    for change in (dropped(seq), doubled(seq), swapped(seq, seq + 1), lambda found: found[:-1]):
        with pytest.raises(MirrorError):
            Follower(Told(model, change), stored).rebuild()
        assert dump(stored) == before
    Follower(model, stored).rebuild()
    check(stored, model)


def test_rebuild_of_a_sound_mirror_is_the_same_mirror(stored: Mirror, model: ModelLedger) -> None:
    assert Follower(model, stored).rebuild() == Followed(model.head(), len(model.entries), 0)
    before = dump(stored)
    found = Follower(model, stored).rebuild()
    assert found == Followed(model.head(), len(model.entries), model.head())
    assert dump(stored) == before


def test_rebuild_from_nothing_is_nothing(mirror: Mirror, model: ModelLedger) -> None:
    Follower(model, mirror).follow()
    Follower(new_model(), mirror).rebuild()
    check(mirror, new_model())


def test_an_entry_that_cannot_be_read_is_damage(stored: Mirror, model: ModelLedger) -> None:
    Follower(model, stored).follow()
    tamper(stored, *DAMAGES["unreadable"])
    with pytest.raises(StoreDamaged, match="cannot be read"):
        list(stored.entries())


def test_a_ledger_is_a_source(model: ModelLedger) -> None:
    source: Source = model
    assert source.head() == model.head()
