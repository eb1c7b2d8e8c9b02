"""Compares what the contracts answer, what the mirrored entries add up to, and what the books say.

The three are told apart per range of blocks, batch by batch; where they part, the first block, and
the entry or line in it, is named. That totals agree does not say that intervals, holders and
certificates do: for those the audit's rules are run over the same records.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from registry.books.lines import Line
from registry.books.tally import Tally
from registry.errors import InputError, UnknownBatch, UnknownRegistry
from registry.kept.opening import Progress
from registry.ledger.fold import Folded
from registry.ledger.interface import Totals
from registry.records.base import Record
from registry.records.block import Block
from registry.records.entry import Entry, digest
from registry.records.finding import Finding, Level
from registry.records.identity import TokenId
from registry.views.evidence import due_s, mirrored_blocks
from registry.world import World

RANGE_BLOCKS = 1_000
"""Blocks in a range, unless told otherwise: at the end of each, the contracts are asked."""

_ALL_TIME_S = 2**63 - 1

Place = tuple[str, int]
"""A registry and one of its batches."""


class Difference(Record):
    """One total of one batch that not all sources state alike.

    Attributes:
        total: Which one, such as "retired_g".
        block: The first block after which they part, and its time.
        entry: The first entry (seq) about the batch in that block; None where there is none.
        line: The first line of the book about the batch since the block before; None likewise.
        contract_g: What the contracts (or the model) answer for that block.
        entries_g: What the mirror's entries up to it add up to; None where it may still lack them.
        book_g: What the book's lines up to its time add up to; None where the book may still be
            without them.
    """

    registry: str
    batch: TokenId
    total: str
    block: int
    at_s: int
    entry: int | None
    line: int | None
    contract_g: int
    entries_g: int | None
    book_g: int | None


class Range(Record):
    """What was compared: blocks from `first` to `last`, and how many batches moved in them."""

    first: int
    last: int
    batches: int
    differences: int


class Reconciliation(NamedTuple):
    """All that was compared.

    Attributes:
        ranges: Ascending.
        differences: By block, registry, batch and total.
        findings: What the audit's rules say of the same records.
        is_level: Whether the mirror's entries are the ledger's, as far as it goes (C6).
        mirror_block, head: How far it goes, and how far the chain does.
    """

    ranges: tuple[Range, ...]
    differences: tuple[Difference, ...]
    findings: tuple[Finding, ...]
    is_level: bool
    mirror_block: int
    head: int

    @property
    def is_fine(self) -> bool:
        """Say whether nothing differs, and no finding is strong or certain."""
        worst = max((finding.level.rank for finding in self.findings), default=-1)
        return not self.differences and worst < Level.STRONG.rank and self.is_level


class _Moment(NamedTuple):
    """The state of one batch after a block in which it moved."""

    block: int
    at_s: int
    entry: int | None
    line: int | None
    folded: dict[str, int] | None
    booked: dict[str, int] | None


class _Comparison:
    """Walks the blocks once, folding entries and lines side by side."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._folded: dict[Place, Folded] = defaultdict(Folded)
        self._tallies: dict[Place, Tally] = defaultdict(Tally)
        self._moments: dict[Place, list[_Moment]] = defaultdict(list)
        self._reported: set[tuple[str, int, str]] = set()
        self._due_s = {name: due_s(world, name) for name in world.books}
        self._lines = {
            name: sorted(book.lines, key=lambda line: line.at_s, reverse=True)
            for name, book in world.books.items()
        }

    def take(self, block: Block, copied: Iterable[Entry] | None, until_s: int) -> None:
        """Fold what the mirror has of a block, and the book's lines of up to its end.

        Args:
            block: The ledger's; says which batches moved.
            copied: The mirror's entries of that block; None where it may still lack them.
            until_s: Time of the last line that belongs to it.
        """
        moved: dict[Place, int] = {}
        for entry in block.entries:
            if entry.batch is not None:
                moved.setdefault((entry.registry, entry.batch), entry.seq)
        for entry in copied or ():
            if entry.batch is not None:
                self._folded[entry.registry, entry.batch].add(entry)
                moved.setdefault((entry.registry, entry.batch), entry.seq)
        written: dict[Place, int] = {}
        for place, line in self._lines_until(until_s):
            self._tallies[place].add(line)
            written.setdefault(place, line.number)
        for place in sorted({*moved, *written}):
            is_due = block.at_s <= self._due_s.get(place[0], -1)
            moment = _Moment(
                block.number,
                block.at_s,
                moved.get(place),
                written.get(place),
                None if copied is None else _totals(self._folded[place]),
                dict(self._tallies[place].totals) if is_due else None,
            )
            self._moments[place].append(moment)

    def _lines_until(self, until_s: int) -> Iterator[tuple[Place, Line]]:
        for registry, lines in self._lines.items():
            while lines and lines[-1].at_s <= until_s:
                line = lines.pop()
                yield (registry, line.batch), line

    def close(self, first: int, last: int) -> tuple[Range, list[Difference]]:
        """Compare every batch that moved since the last range was closed."""
        found: list[Difference] = []
        for place, moments in sorted(self._moments.items()):
            found += self._part(place, moments, last)
        compared = Range(first=first, last=last, batches=len(self._moments), differences=len(found))
        self._moments.clear()
        return compared, found

    def _part(self, place: Place, moments: list[_Moment], last: int) -> Iterator[Difference]:
        """Yield each total of a batch that parts, at the first block where it does."""
        # The contracts are asked at the end of the range; block by block only if they part there.
        end = moments[-1]
        asked = {end.block: self._ask(place, last)}
        if asked[end.block] != end.folded:
            asked |= {moment.block: self._ask(place, moment.block) for moment in moments}
        for moment in moments:
            stated = asked.get(moment.block, moment.folded)
            assert stated is not None  # Where the mirror says nothing, the contracts were asked.
            for total in Totals.model_fields:
                told = (stated, moment.folded, moment.booked)
                sides = {side[total] for side in told if side is not None}
                if len(sides) > 1 and (*place, total) not in self._reported:
                    self._reported.add((*place, total))
                    yield _difference(place, total, moment, stated)

    def _ask(self, place: Place, block: int) -> dict[str, int]:
        try:
            return self._world.ledger.totals(*place, block=block).model_dump()
        except (UnknownBatch, UnknownRegistry):
            return dict.fromkeys(Totals.model_fields, 0)


def _difference(place: Place, total: str, moment: _Moment, stated: dict[str, int]) -> Difference:
    return Difference(
        registry=place[0],
        batch=place[1],
        total=total,
        block=moment.block,
        at_s=moment.at_s,
        entry=moment.entry,
        line=moment.line,
        contract_g=stated[total],
        entries_g=None if moment.folded is None else moment.folded[total],
        book_g=None if moment.booked is None else moment.booked[total],
    )


def _totals(folded: Folded) -> dict[str, int]:
    active_g = sum(folded.balances.values())
    return {
        name: active_g if name == "active_g" else folded.totals.get(name, 0)
        for name in Totals.model_fields
    }


def reconcile(
    world: World,
    *,
    range_blocks: int = RANGE_BLOCKS,
    progress: Progress = lambda done, of: None,
) -> Reconciliation:
    """Compare contracts, mirror and books of a world, from its first block to its last.

    Args:
        range_blocks: Blocks in a range, from 1 on.

    Returns:
        What was compared, and where it differs.

    Raises:
        InputError: no number of blocks.
        StoreError: the mirror cannot be read.
    """
    if isinstance(range_blocks, bool) or not isinstance(range_blocks, int) or range_blocks < 1:
        raise InputError(f"blocks in a range: expected an int from 1 on, not {range_blocks!r}")
    # Whatever others put on the chain is taken in, by the mirror and the books, before it is read.
    mirror, findings = world.mirror, world.audit()
    comparison = _Comparison(world)
    ranges: list[Range] = []
    differences: list[Difference] = []
    head = world.ledger.head()
    # A mirror that cannot follow is compared as far as it goes; MR-1 says what it lacks for long.
    last = min(head, mirror.cursor().block) if world.is_read_only else head
    mirrored = _Mirrored(mirrored_blocks(world, mirror))
    entries = 0
    for block in world.ledger.blocks(1):
        # What an operator dated after the last block belongs to no later one.
        until_s = _ALL_TIME_S if block.number == head else block.at_s
        copied = mirrored.up_to(block.number, last) if block.number <= last else None
        comparison.take(block, copied, until_s)
        entries += len(block.entries) if block.number <= last else 0
        if block.number % range_blocks == 0 or block.number == head:
            first = ranges[-1].last + 1 if ranges else 1
            compared, found = comparison.close(first, block.number)
            ranges.append(compared)
            differences += sorted(found, key=lambda each: each.block)
        progress(block.number, head)
    is_level = mirrored.digest() == digest(world.ledger.entries[:entries])
    return Reconciliation(tuple(ranges), tuple(differences), findings, is_level, last, head)


class _Mirrored:
    """The mirror's entries, handed out as their blocks come up, and hashed on the way."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        self._blocks = blocks
        self._next: Block | None = next(blocks, None)
        self._running = hashlib.sha256()

    def up_to(self, number: int, head: int) -> Iterator[Entry]:
        """Yield the entries up to a block; at the head all that are left."""
        while self._next is not None and (self._next.number <= number or number == head):
            for entry in self._next.entries:
                self._running.update(entry.line().encode() + b"\n")
                yield entry
            self._next = next(self._blocks, None)

    def digest(self) -> str:
        """Hash what was handed out, as `registry.records.entry.digest` does."""
        return self._running.hexdigest()
