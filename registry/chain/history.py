"""What a chain says about our contracts: entries, their places, and the blocks they stand in.

Blocks that our own client made are known from its receipts. Those that others made are read, and
where the chain was taken back, what it no longer has is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from registry.chain.engine import Engine, EngineBlock, Receipt
from registry.chain.logs import Fact, facts_of
from registry.chain.names import Naming
from registry.errors import ChainDamaged, UnknownBlock
from registry.records.block import Block
from registry.records.coordinates import Coordinates
from registry.records.entry import Entry

Progress = Callable[[int, int], None]
"""Called as (blocks done, blocks in all)."""


class _Known(NamedTuple):
    """A block that was read; its entries are `end - start`, from the `start`-th on."""

    hash: bytes
    parent: bytes
    at_s: int
    start: int
    end: int


class Followed(NamedTuple):
    """What following the chain changed: entries that it lost, then entries that it gained."""

    dropped: list[Entry]
    added: list[Entry]


class History:
    """The blocks of one chain that are known, and what they say.

    Attributes:
        entries: Every accepted fact, ascending by seq from 1.
        coordinates: Where each stands on the chain, in the order of the entries.
    """

    def __init__(self, engine: Engine, naming: Naming) -> None:
        self.entries: list[Entry] = []
        self.coordinates: list[Coordinates] = []
        self._engine = engine
        self._naming = naming
        genesis = engine.block(0)
        self._known = [_Known(genesis.hash, genesis.parent, genesis.at_s, 0, 0)]

    @property
    def head(self) -> int:
        """Number of the last block that is known."""
        return len(self._known) - 1

    def follow(self, progress: Progress | None = None) -> Followed | None:
        """Know what the chain is now; None if it is what was known.

        Raises:
            UndecodableLog: one of our contracts logged what none of them can. Blocks before that
                one are known; it is met again each time.
            ChainDamaged: a block is missing, or does not follow the one before it.
        """
        head = self._engine.head()[0]
        if head == self.head and self._engine.block_hash(head) == self._known[head].hash:
            return None
        dropped = self._cut(self._ancestor(head))
        before = len(self.entries)
        for number in range(self.head + 1, head + 1):
            block = self._engine.block(number)
            if (block.number, block.parent) != (number, self._known[-1].hash):
                raise ChainDamaged(f"block {number} does not follow the one before it")
            self._add(block)
            if progress is not None:
                progress(number, head)
        return Followed(dropped, self.entries[before:])

    def record(self, receipts: Sequence[Receipt]) -> tuple[tuple[Entry, ...], ...]:
        """Add the block that these receipts are of, which comes right after the last one known.

        Returns:
            The entries that each of the receipts became.
        """
        first, parent = receipts[0], self._known[-1].hash
        block = EngineBlock(
            first.block_number, first.block_hash, parent, first.at_s, tuple(receipts)
        )
        return self._add(block)

    def _ancestor(self, head: int) -> int:
        """Return the last block that both the chain and what is known have."""
        low, high = 0, min(head, self.head)
        middle = high  # Most often only blocks after it are new or gone.
        while low < high:
            if self._engine.block_hash(middle) == self._known[middle].hash:
                low = middle
            else:
                high = middle - 1
            middle = (low + high + 1) // 2
        return low

    def _cut(self, head: int) -> list[Entry]:
        """Forget the blocks above `head`, and return their entries."""
        if head == self.head:
            return []
        end = self._known[head].end
        dropped = self.entries[end:]
        del self._known[head + 1 :], self.entries[end:], self.coordinates[end:]
        self._naming.back_to(head)
        return dropped

    def _add(self, block: EngineBlock) -> tuple[tuple[Entry, ...], ...]:
        """Take a block in, and return the entries of each of its receipts.

        The last transaction that says something is of the block's own second, each one before it
        of a second earlier: so they were, if we made the block. No entry is dated before the
        block, however many transactions somebody else put into one.
        """
        naming, before = self._naming, self._known[-1]
        ours = naming.contracts
        said = [
            facts_of([log for log in receipt.logs if log.address in ours], naming)
            for receipt in block.receipts
        ]
        at_s, seq = block.at_s - sum(map(bool, said)), before.end
        made: list[tuple[Entry, ...]] = []
        places: list[Coordinates] = []
        for receipt, facts in zip(block.receipts, said, strict=True):
            at_s += bool(facts)
            dated_s = max(at_s, before.at_s + 1)
            entries = []
            for fact in facts:
                seq += 1
                entries.append(_entry(fact, seq, dated_s))
                places.append(_place(fact, seq, receipt, self._engine.chain_id))
            made.append(tuple(entries))
        for entries_of_one in made:
            self.entries += entries_of_one
        self.coordinates += places
        self._known.append(_Known(block.hash, block.parent, block.at_s, before.end, seq))
        naming.block = block.number
        return tuple(made)

    def require(self, number: int) -> None:
        """Check that there is such a block. Raises UnknownBlock."""
        if not 0 <= number <= self.head:
            raise UnknownBlock(number, self.head)

    def hash(self, number: int) -> str:
        """Return a block's hash. Raises UnknownBlock."""
        self.require(number)
        return "0x" + self._known[number].hash.hex()

    def blocks(self, first: int, last: int | None) -> Iterator[Block]:
        """Return blocks, both ends included. Raises UnknownBlock."""
        last = self.head if last is None else last
        self.require(last)
        if first < 0:
            raise UnknownBlock(first, self.head)
        return iter([self._block(number) for number in range(first, last + 1)])

    def _block(self, number: int) -> Block:
        known = self._known[number]
        return Block(
            number=number,
            hash="0x" + known.hash.hex(),
            parent="0x" + known.parent.hex(),
            at_s=known.at_s,
            entries=tuple(self.entries[known.start : known.end]),
            coordinates=tuple(self.coordinates[known.start : known.end]),
        )


def _entry(fact: Fact, seq: int, at_s: int) -> Entry:
    return Entry(seq=seq, at_s=at_s, registry=fact.registry, kind=fact.kind, **fact.fields)


def _place(fact: Fact, seq: int, receipt: Receipt, chain_id: int) -> Coordinates:
    return Coordinates(
        seq=seq,
        chain_id=chain_id,
        address="0x" + fact.log.address.hex(),
        block=receipt.block_number,
        tx_hash="0x" + receipt.tx_hash.hex(),
        log_index=fact.log.index,
        gas_used=receipt.gas_used,
    )
