"""How fast a mirror is written, beside the chain whose entries it takes, in one run.

Rates of one machine say little; what is compared here was measured within the same minutes: stores
with each other, a mirror's first tenth with its last, and both with the chain.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from registry.books import tables
from registry.books.follower import Follower
from registry.books.mirror import Mirror
from registry.books.store import Identity, Store
from registry.errors import InputError
from registry.kept.opening import Progress
from registry.records.base import Record
from registry.records.block import NO_PARENT, Block
from registry.records.claim import Claim
from registry.records.coordinates import Coordinates
from registry.records.entry import Entry, Kind
from registry.records.identity import batch_id
from registry.records.interval import Interval
from registry.world import World

SIZES = (10_000, 100_000)
CHAIN_STEPS = 200
_START_S = 1_750_000_000


class Rate(Record):
    """One measurement.

    Attributes:
        what: "chain" (contracts on py-evm, through a world in memory), or the mirror's store.
        entries: How many were written.
        per_s: Entries a second over all.
        first_per_s, last_per_s: Over the first and the last tenth, or the first and the last part
            that was written at once where a tenth is less.
        times_chain: `per_s` over the chain's.
    """

    what: str
    entries: int
    per_s: int
    first_per_s: int
    last_per_s: int
    times_chain: int


class _Made:
    """A source of blocks as a busy registry makes them, one entry each.

    All are made beforehand, so that what is timed is the mirror.
    """

    def __init__(self, size: int) -> None:
        self._blocks: list[Block] = []
        parent = NO_PARENT
        for number in range(1, size + 1):
            self._blocks.append(_block(number, parent))
            parent = self._blocks[-1].hash

    @property
    def entries(self) -> Sequence[Entry]:
        return [block.entries[0] for block in self._blocks]

    def head(self) -> int:
        return len(self._blocks)

    def block_hash(self, number: int) -> str:
        return self._blocks[number - 1].hash

    def blocks(self, first: int, last: int | None = None) -> Iterator[Block]:
        return iter(self._blocks[first - 1 : last])


def _block(number: int, parent: str) -> Block:
    digest = "0x" + hashlib.sha256(b"block %d" % number).hexdigest()
    at_s = _START_S + number
    place = Coordinates(
        seq=number,
        chain_id=1337,
        address="0x" + "5a" * 20,
        block=number,
        tx_hash="0x" + hashlib.sha256(b"transaction %d" % number).hexdigest(),
        log_index=0,
        gas_used=120_000,
    )
    return Block(number, digest, parent, at_s, (_entry(number, at_s),), (place,))


def _entry(number: int, at_s: int) -> Entry:
    if number % 2:
        return Entry(
            seq=number,
            at_s=at_s,
            registry="ICR",
            kind=Kind.TRANSFERRED,
            batch=batch_id(1, 1),
            account="Highland developer",
            counterparty="Acme",
            amount_g=number * 1_000,
        )
    return Entry(
        seq=number,
        at_s=at_s,
        registry="ICR",
        kind=Kind.RETIRED,
        batch=batch_id(1, 1),
        id=number,
        account="Acme",
        amount_g=1_000_000,
        intervals=(Interval(number * 1_000_000, (number + 1) * 1_000_000),),
        claim=Claim(beneficiary="Acme Corp", purpose="voluntary", period="2024"),
    )


def measure_books(
    sizes: Sequence[int] = SIZES,
    *,
    database: str | None = None,
    progress: Progress = lambda done, of: None,
) -> tuple[Rate, ...]:
    """Measure the chain, then mirrors of each size on SQLite, and on PostgreSQL if one is named.

    Args:
        sizes: Entries in each mirror, from 1 on.
        database: Address of a PostgreSQL database; what is written into it is taken out again.

    Raises:
        InputError: a size below 1.
        StoreError: a database cannot be used.
    """
    if not sizes or min(sizes) < 1:
        raise InputError(f"entries: expected numbers from 1 on, not {list(sizes)}")
    of = CHAIN_STEPS + sum(sizes) * (1 if database is None else 2)
    done = 0

    def told(more: int) -> None:
        nonlocal done
        done += more
        progress(done, of)

    chain = _chain_rate(told)
    rates = [chain]
    for size in sizes:
        source = _Made(size)
        with TemporaryDirectory() as folder:
            rates.append(_mirror_rate("SQLite", Path(folder) / "mirror.sqlite", source, told))
        if database is not None:
            rates.append(_mirror_rate("PostgreSQL", database, source, told))
    return tuple(
        rate.model_copy(update={"times_chain": rate.per_s // max(chain.per_s, 1)}) for rate in rates
    )


def _chain_rate(told: Callable[[int], None]) -> Rate:
    """Measure transfers and retirements, one to a block."""
    with World.open(seed=1, engine="tester") as world:
        registry = world.registry("ICR")
        project = registry.register_project("Forest", "IS", "AR-ACM0003", "Developer")
        batch = registry.issue(project, 2024, 10 * CHAIN_STEPS, "Developer")
        registry.transfer(batch, 1, "Developer", "Acme")
        moments = [time.perf_counter()]
        for step in range(CHAIN_STEPS):
            if step % 2:
                registry.retire(batch, 1, "Developer", "Acme Corp", "voluntary")
            else:
                registry.transfer(batch, 1, "Developer", "Acme")
            moments.append(time.perf_counter())
            told(1)
    return _rate("chain", list(enumerate(moments)))


def _mirror_rate(what: str, place: Path | str, source: _Made, told: Callable[[int], None]) -> Rate:
    """Measure a mirror that follows from the first block to the last."""
    store = Store.open(
        place, tables.MIRROR, Identity(f"bench_{secrets.token_hex(4)}", "bench"), durable=False
    )
    moments = [(0, time.perf_counter())]

    def note(done: int, _: int) -> None:
        told(done - moments[-1][0])
        moments.append((done, time.perf_counter()))

    try:
        Follower(source, Mirror(store)).follow(note)
    finally:
        if isinstance(place, str):
            store.drop()
        store.close()
    return _rate(what, moments)


def _rate(what: str, moments: list[tuple[int, float]]) -> Rate:
    tenth = max(1, (len(moments) - 1) // 10)
    return Rate(
        what=what,
        entries=moments[-1][0],
        per_s=_per_s(moments[0], moments[-1]),
        first_per_s=_per_s(moments[0], moments[tenth]),
        last_per_s=_per_s(moments[-1 - tenth], moments[-1]),
        times_chain=1,
    )


def _per_s(one: tuple[int, float], other: tuple[int, float]) -> int:
    return round((other[0] - one[0]) / max(other[1] - one[1], 1e-9))
