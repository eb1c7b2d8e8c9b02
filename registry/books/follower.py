"""The follower: brings a mirror up to date with a ledger, whatever has happened to either.

It resumes where the mirror's cursor stands, writes whole blocks with the cursor, and may therefore
be ended at any moment and run again as often as wanted. What it is shown is not trusted: entries
lost, doubled or out of order are named and not written; blocks that the chain has given up since
are rolled back to the last one that both have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from registry.books.mirror import Cursor, Mirror
from registry.errors import BlockMissing, EntriesDisordered, ReorganisationTooDeep
from registry.records.block import Block
from registry.records.entry import Entry

DEPTH_BLOCKS = 64
"""How many blocks a reorganisation may take back, unless told otherwise. Chains with validators
known by name take back none; public ones rarely more than a few."""

PART_ENTRIES = 5_000
"""Entries written in one transaction, at the least; the last part has what is left."""

Progress = Callable[[int, int], None]
"""Told how many blocks are done, and of how many."""


class Source(Protocol):
    """What a follower reads: a ledger, or whatever stands between it and us."""

    @property
    def entries(self) -> Sequence[Entry]:
        """All entries; only how many is asked."""

    def head(self) -> int:
        """Return the number of the last block."""

    def block_hash(self, number: int) -> str:
        """Return the hash of a block up to the head."""

    def blocks(self, first: int, last: int | None = None) -> Iterator[Block]:
        """Return blocks, ascending."""


class Followed(NamedTuple):
    """What one run of a follower did.

    Attributes:
        blocks, entries: How many were written.
        taken_back: How many blocks were rolled back before.
    """

    blocks: int
    entries: int
    taken_back: int


class Follower:
    """Keeps one mirror level with one source.

    Args:
        depth: How many blocks a reorganisation may take back.
    """

    def __init__(self, source: Source, mirror: Mirror, *, depth: int = DEPTH_BLOCKS) -> None:
        self.mirror = mirror
        self._source = source
        self._depth = depth

    def follow(self, progress: Progress = lambda done, of: None) -> Followed:
        """Write what the mirror lacks, up to the source's head.

        What came in order before the first fault is written; the mirror stays a prefix of the
        chain.

        Raises:
            EntriesDisordered: entries were lost, doubled or misplaced; all of them are named.
            BlockMissing: a block does not follow on the one before.
            ReorganisationTooDeep: no common block within the depth.
            StoreError: the mirror cannot be written.
        """
        source, mirror = self._source, self.mirror
        before = mirror.cursor()
        start = self.common(before)
        taken_back = before.block - start
        if taken_back:
            mirror.roll_back(start)
        cursor = mirror.cursor()
        head = source.head()
        if cursor.block == head and cursor.seq == len(source.entries):
            return Followed(0, 0, taken_back)
        for part in _parts(self._checked(cursor, head)):
            mirror.append(part)
            progress(part[-1].number - cursor.block, head - cursor.block)
        after = mirror.cursor()
        return Followed(after.block - cursor.block, after.seq - cursor.seq, taken_back)

    def rebuild(self, progress: Progress = lambda done, of: None) -> Followed:
        """Write the mirror anew from the source's first block, or leave it as it was.

        Raises:
            EntriesDisordered, BlockMissing, StoreError: as `follow`.
        """
        before, head = self.mirror.cursor(), self._source.head()

        def told() -> Iterator[Sequence[Block]]:
            for part in _parts(self._checked(Cursor(), head)):
                yield part
                progress(part[-1].number, head)

        self.mirror.replace(0, told())
        after = self.mirror.cursor()
        return Followed(after.block, after.seq, before.block)

    def common(self, cursor: Cursor | None = None) -> int:
        """Return the number of the last block that mirror and source both have; 0 for none.

        Args:
            cursor: Where the mirror is, if that was read just now.

        Raises:
            ReorganisationTooDeep: none within the depth.
        """
        cursor = cursor or self.mirror.cursor()
        head = self._source.head()
        number, lowest = cursor.block, max(0, cursor.block - self._depth)
        while number > 0:
            if number <= head and self._source.block_hash(number) == self.mirror.block_hash(number):
                return number
            number -= 1
            if number < lowest:
                raise ReorganisationTooDeep(self._depth, cursor.block)
        return 0

    def _checked(self, cursor: Cursor, head: int) -> Iterator[Block]:
        """Yield the blocks after the cursor, as long as each is what must come next."""
        expected, parent, seq = cursor.block + 1, cursor.hash, cursor.seq
        blocks = iter(self._source.blocks(expected, head))
        # An entry that is missing before a block may have been the last one of any block since the
        # one with entries before it: those wait until what follows is in order.
        waiting: list[Block] = []
        for block in blocks:
            if block.number != expected or (parent and block.parent != parent):
                raise BlockMissing(expected, block.number)
            if not _is_sound(block, seq):
                raise _disorder(seq, (block, *blocks), len(self._source.entries))
            if block.entries:
                yield from waiting
                waiting = []
            waiting.append(block)
            expected, parent, seq = expected + 1, block.hash, seq + len(block.entries)
        if expected <= head:
            raise BlockMissing(expected, head)
        if self._source.head() != head or self._source.block_hash(head) != parent:
            # The chain has moved on meanwhile, and its number of entries with it: whether the last
            # of these blocks are whole shows at the next run.
            return
        if seq != len(self._source.entries):
            raise _disorder(seq, (), len(self._source.entries))
        yield from waiting


def _is_sound(block: Block, seq: int) -> bool:
    """Say whether the block's entries are the next ones, each where the chain has it."""
    return all(
        entry.seq == seq + 1 + at and _is_there(block, at) for at, entry in enumerate(block.entries)
    )


def _disorder(seq: int, blocks: Iterable[Block], last: int) -> EntriesDisordered:
    """Name every entry after `seq` that is not once and in its place, up to `last`."""
    seen: set[int] = set()
    doubled: set[int] = set()
    misplaced: set[int] = set()
    highest = seq
    for block in blocks:
        for at, entry in enumerate(block.entries):
            if entry.seq in seen or entry.seq <= seq:
                doubled.add(entry.seq)
            elif entry.seq < highest or not _is_there(block, at):
                misplaced.add(entry.seq)
            seen.add(entry.seq)
            highest = max(highest, entry.seq)
    missing = set(range(seq + 1, max(last, highest) + 1)) - seen
    return EntriesDisordered(
        tuple(sorted(missing)), tuple(sorted(doubled)), tuple(sorted(misplaced))
    )


def _is_there(block: Block, at: int) -> bool:
    places = block.coordinates
    if not places:
        return True
    if len(places) != len(block.entries):
        return False
    place, before = places[at], places[max(0, at - 1)]
    return (
        place.seq == block.entries[at].seq
        and place.block == block.number
        and before.log_index <= place.log_index
    )


def _parts(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Gather blocks for one transaction each; what came before a fault is handed out first."""
    part: list[Block] = []
    entries = 0
    try:
        for block in blocks:
            part.append(block)
            entries += max(1, len(block.entries))
            if entries >= PART_ENTRIES:
                yield part
                part, entries = [], 0
    except (EntriesDisordered, BlockMissing):
        if part:
            yield part
        raise
    if part:
        yield part
