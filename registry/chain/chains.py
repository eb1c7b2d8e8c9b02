"""Several chains as one ledger: blocks and entries in the order in which they were accepted.

Each registry is on one of the chains; accounts are on all of them. The world's clock gives each
action a second of its own, so that when a block was made, on which chain, and its number there
say where it stands among all: chains that are opened again are put together as they were.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, Self

from registry import errors
from registry.chain.deployment import Contracts
from registry.chain.engine import CHAIN_ID, Engine, check_time
from registry.chain.history import Progress
from registry.chain.ledger import ChainLedger
from registry.ledger.interface import Available, Holding, Totals, require_one_block
from registry.ledger.keys import KeyRing
from registry.records import action as act
from registry.records.block import NO_PARENT, Block
from registry.records.coordinates import Coordinates
from registry.records.entry import Entry, Kind
from registry.records.identity import PLATFORM, PLATFORM_OPERATOR
from registry.records.interval import Interval

if TYPE_CHECKING:
    from web3 import Web3


class _Placed(NamedTuple):
    """A block of one chain in its place among those of all.

    Attributes:
        at_s: Its timestamp; with `chain`, counted from 0, it says the order.
        own: Its hash on its chain.
        hash: Of the place: covers this block and all before it.
        end: How many entries there are up to it.
    """

    at_s: int
    chain: int
    own: str
    hash: str
    end: int


class ChainsLedger:
    """A ledger kept by contracts on several chains; see `registry.ledger.interface.Ledger`.

    What all registries share is on every chain. What the first one says about accounts counts.

    Args:
        chains: At least two, with chain ids one after the other; nothing was done there yet.
    """

    def __init__(self, chains: Sequence[ChainLedger]) -> None:
        self.chains = tuple(chains)
        self._marks: list[tuple[int, ...]] = []
        self._entries: list[Entry] = []
        self._coordinates: list[Coordinates] = []
        # Registry's name -> its chain, counted from 0, in the order in which they were opened.
        self._homes: dict[str, int] = {}
        # Per chain, where its blocks from number 1 on are in `_blocks`.
        self._numbers: list[list[int]] = [[] for _ in self.chains]
        geneses = [chain.block_hash(0) for chain in self.chains]
        self._blocks = [_Placed(0, 0, geneses[0], _hash("genesis", *geneses), 0)]
        for chain in self.chains:
            chain.find = self.find
        self.sync()

    @classmethod
    def begin(
        cls, begin: Callable[[int], Engine], keys: KeyRing, start_s: int, guard: str, count: int
    ) -> Self:
        """Begin a ledger on so many chains.

        Args:
            begin: Begins a chain with a chain id.
            keys, start_s, guard: As for each `ChainLedger`.
        """
        chains: list[ChainLedger] = []
        try:
            for at in range(count):
                engine = begin(CHAIN_ID + at)
                try:
                    chains.append(ChainLedger(engine, keys, start_s, guard=guard, number=at + 1))
                except BaseException:
                    engine.close()
                    raise
            return cls(chains)
        except BaseException:
            _close(chains)
            raise

    @classmethod
    def resume(
        cls,
        pairs: Mapping[bytes, bytes],
        keys: KeyRing,
        reopen: Callable[[Mapping[bytes, bytes]], Engine],
        count: int,
        progress: Progress | None = None,
    ) -> Self:
        """Open a ledger again from the union of all `changes` of another.

        Args:
            count: How many chains it has.
            progress: Called as (blocks done, blocks in all of the chains that are open so far).

        Raises:
            ChainDamaged, ForeignContract: as `ChainLedger.resume`.
        """
        parts: list[dict[bytes, bytes]] = [{} for _ in range(count)]
        for key, value in pairs.items():
            if not key or key[0] >= count:
                raise errors.ChainDamaged(f"no chain has a pair under 0x{key.hex()}")
            parts[key[0]][key[1:]] = value
        chains: list[ChainLedger] = []
        done = 0

        def told(blocks: int, of: int) -> None:
            if progress is not None:
                progress(done + blocks, done + of)

        try:
            for at, part in enumerate(parts):
                chain = ChainLedger.resume(part, keys, reopen, told, number=at + 1)
                chains.append(chain)
                if chain.engine.chain_id != CHAIN_ID + at:
                    raise errors.ChainDamaged(f"chain {at + 1} has id {chain.engine.chain_id}")
                done += chain.head()
            return cls(chains)
        except BaseException:
            _close(chains)
            raise

    def changes(self) -> dict[bytes, bytes | None]:
        """Say what to write down: what each chain says."""
        return {
            bytes([at]) + key: value
            for at, chain in enumerate(self.chains)
            for key, value in chain.changes().items()
        }

    # Blocks of all chains, in order.

    def sync(self) -> None:
        """Know what the chains are now; see `ChainLedger.sync`.

        Whoever sends to one of them at a time that has passed comes before what came since, so
        that all of that stands in another place then.
        """
        keep = len(self._blocks)
        is_level = True
        for at, chain in enumerate(self.chains):
            numbers = self._numbers[at]
            head, common = chain.head(), self._common(at)
            is_level &= head == common == len(numbers)
            if common < len(numbers):
                keep = min(keep, numbers[common])
            if common < head:
                (first,) = chain.blocks(common + 1, common + 1)
                place = (first.at_s, at)
                keep = min(keep, bisect_left(self._blocks, place, lo=1, key=lambda b: b[:2]))
        if is_level:
            return
        self._cut(keep)
        new = [
            (block.at_s, at, block)
            for at, chain in enumerate(self.chains)
            for block in chain.blocks(len(self._numbers[at]) + 1)
        ]
        for _, at, block in sorted(new, key=lambda one: one[:2]):
            self._add(at, block)

    def _common(self, at: int) -> int:
        """Return the number of a chain's last block that is here and still there."""
        chain, numbers = self.chains[at], self._numbers[at]
        low, high = 0, min(chain.head(), len(numbers))
        middle = high  # Most often all of them are.
        while low < high:
            if self._blocks[numbers[middle - 1]].own == chain.block_hash(middle):
                low = middle
            else:
                high = middle - 1
            middle = (low + high + 1) // 2
        return low

    def _cut(self, keep: int) -> None:
        """Forget all but the first so many blocks."""
        end = self._blocks[keep - 1].end
        for entry in self._entries[end:]:
            if entry.kind is Kind.REGISTRY_OPENED:
                del self._homes[entry.registry]
        del self._blocks[keep:], self._entries[end:], self._coordinates[end:]
        for numbers in self._numbers:
            del numbers[bisect_left(numbers, keep) :]

    def _add(self, at: int, block: Block) -> None:
        """Put a chain's next block behind all others, and number its entries."""
        number = len(self._blocks)
        for entry, place in zip(block.entries, block.coordinates, strict=True):
            if at and entry.registry == PLATFORM:
                continue  # The first chain says it for all.
            changes: dict[str, int] = {"seq": len(self._entries) + 1}
            if entry.kind is Kind.REGISTRY_OPENED:
                self._homes[entry.registry] = at
                if at:
                    changes["chain"] = at + 1
            self._entries.append(Entry.model_construct(**{**entry.__dict__, **changes}))
            changes = {"seq": len(self._entries), "block": number}
            self._coordinates.append(Coordinates.model_construct(**{**place.__dict__, **changes}))
        hash_ = _hash(self._blocks[-1].hash, str(at), block.hash)
        self._blocks.append(_Placed(block.at_s, at, block.hash, hash_, len(self._entries)))
        self._numbers[at].append(number)

    @property
    def entries(self) -> Sequence[Entry]:
        """Every accepted fact, ascending by seq from 1."""
        self.sync()
        return self._entries

    @property
    def coordinates(self) -> Sequence[Coordinates]:
        """Where each entry stands, in the order of the entries; blocks are counted over all."""
        self.sync()
        return self._coordinates

    def head(self) -> int:
        """Return the number of the last block."""
        self.sync()
        return len(self._blocks) - 1

    def _require(self, number: int) -> None:
        self.sync()
        if not 0 <= number < len(self._blocks):
            raise errors.UnknownBlock(number, len(self._blocks) - 1)

    def block_hash(self, number: int) -> str:
        """Return a block's hash."""
        self._require(number)
        return self._blocks[number].hash

    def blocks(self, first: int, last: int | None = None) -> Iterator[Block]:
        """Return blocks, both ends included."""
        last = self.head() if last is None else last
        self._require(last)
        if first < 0:
            raise errors.UnknownBlock(first, len(self._blocks) - 1)
        return iter([self._block(number) for number in range(first, last + 1)])

    def _block(self, number: int) -> Block:
        if number == 0:
            (genesis,) = self.chains[0].blocks(0, 0)
            return genesis._replace(hash=self._blocks[0].hash, parent=NO_PARENT)
        placed, before = self._blocks[number], self._blocks[number - 1]
        return Block(
            number=number,
            hash=placed.hash,
            parent=before.hash,
            at_s=placed.at_s,
            entries=tuple(self._entries[before.end : placed.end]),
            coordinates=tuple(self._coordinates[before.end : placed.end]),
        )

    def last_s(self) -> int:
        """Return the timestamp of the last block of any chain, seconds since 1970."""
        return max(chain.last_s() for chain in self.chains)

    # Actions.

    def apply(self, action: act.Action, at_s: int) -> tuple[Entry, ...]:
        """Carry out one action, or refuse it and change nothing."""
        return self.apply_many((action,), at_s)[0]

    def apply_many(self, actions: Sequence[act.Action], at_s: int) -> tuple[tuple[Entry, ...], ...]:
        """Carry out actions, or refuse one of them and change nothing.

        Those that follow on each other on one chain are one block there.
        """
        require_one_block(actions)
        if not actions:
            return ()
        self.sync()
        # What comes is later than all there is, on whichever chain, so that it stands behind it.
        check_time(at_s, self.last_s())
        mark = self.snapshot()
        try:
            made = self._apply_all(actions, at_s)
        except BaseException:
            self.revert(mark)
            raise
        self.forget(mark)
        return made

    def _apply_all(self, actions: Sequence[act.Action], at_s: int) -> tuple[tuple[Entry, ...], ...]:
        counts: list[int] = []
        before = len(self._entries)
        for chains, run in groupby(actions, key=self._chains_of):
            part = tuple(run)
            try:
                made = [chain.apply_many(part, at_s + len(counts)) for chain in chains or ()]
                if not made:
                    # Only asked now, when all before it was accepted.
                    self._refuse(part[0])
            except errors.RegistryError as refusal:
                if len(actions) > 1:
                    refusal.index = len(counts) + (refusal.index or 0)
                raise
            counts += [len(entries) for entries in made[0]]
        self.sync()
        new = iter(self._entries[before:])
        return tuple(tuple(next(new) for _ in range(count)) for count in counts)

    def _chains_of(self, action: act.Action) -> tuple[ChainLedger, ...]:
        """Return the chains on which an action is carried out; none where it is refused."""
        if isinstance(action, act.SHARED):
            return self.chains if action.registry == PLATFORM else ()
        if not isinstance(action, act.OpenRegistry):
            at = self._homes.get(action.registry)
            return () if at is None else (self.chains[at],)
        if action.chain > len(self.chains) or action.registry in self._homes:
            return ()
        return (self.chains[action.chain - 1],)

    def _refuse(self, action: act.Action) -> None:
        """Say why an action is carried out on no chain."""
        if not isinstance(action, act.OpenRegistry):
            raise errors.UnknownRegistry(action.registry, tuple(self._homes))
        if action.by != PLATFORM_OPERATOR:
            raise errors.NotAuthorised(action.by, "OPERATOR")
        if action.registry in self._homes:
            raise errors.IdentifierError(action.registry, "registry", "is open already")
        raise errors.IdentifierError(action.chain, "chain", f"there are {len(self.chains)}")

    # Questions, each to the chain of the registry that it is about.

    def find(self, registry: str) -> ChainLedger:
        """Return the ledger of the chain that a registry is on. Raises UnknownRegistry."""
        self.sync()
        at = self._homes.get(registry)
        if at is None:
            raise errors.UnknownRegistry(registry, tuple(self._homes))
        return self.chains[at]

    def contracts(self, registry: str) -> Contracts:
        """Return the addresses of a registry's contracts."""
        return self.find(registry).contracts(registry)

    def totals(self, registry: str, batch: int, block: int | None = None) -> Totals:
        """Return the totals of a batch, now or after a block."""
        chain = self.find(registry)
        if block is not None:
            self._require(block)
            # So many of the chain's own blocks there were then.
            block = bisect_right(self._numbers[self._homes[registry]], block)
        return chain.totals(registry, batch, block)

    def holding(self, registry: str, batch: int, account: str) -> Holding:
        """Return a position."""
        return self.find(registry).holding(registry, batch, account)

    def available(self, registry: str, batch: int) -> Available:
        """Return the intervals that are active."""
        return self.find(registry).available(registry, batch)

    def held(self, registry: str, id: int) -> tuple[Interval, ...]:
        """Return what a disposition holds."""
        return self.find(registry).held(registry, id)

    def outstanding(self, registry: str, home: str) -> int:
        """Return how many grams of another registry's credits are outstanding at this one."""
        return self.find(registry).outstanding(registry, home)

    def certifies(self, retirement: Entry) -> bool:
        """Say whether a certificate proves exactly this retirement."""
        return self.find(retirement.registry).certifies(retirement)

    def proves(
        self, registry: str, project: int, version: int, leaf: bytes, proof: Sequence[bytes]
    ) -> bool:
        """Say whether `proof` leads to the project's root of that version."""
        return self.find(registry).proves(registry, project, version, leaf, proof)

    def snapshot(self) -> int:
        """Mark the present state."""
        self._marks.append(tuple(chain.snapshot() for chain in self.chains))
        return len(self._marks)

    def revert(self, mark: int) -> None:
        """Restore the state at `mark`."""
        for chain, at in zip(self.chains, self._marks[mark - 1], strict=True):
            chain.revert(at)
        del self._marks[mark - 1 :]
        self.sync()

    def forget(self, mark: int) -> None:
        """Drop `mark` and later ones, keeping the state."""
        for chain, at in zip(self.chains, self._marks[mark - 1], strict=True):
            chain.forget(at)
        del self._marks[mark - 1 :]

    @property
    def web3(self) -> Web3:
        """A web3 over the first chain."""
        return self.chains[0].web3

    def close(self) -> None:
        """Let go of all chains."""
        _close(self.chains)


def _hash(*parts: str) -> str:
    return "0x" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _close(chains: Sequence[ChainLedger]) -> None:
    for chain in chains:
        chain.close()
