"""The bench's life of credits in worlds that are kept in folders, books and mirror in SQLite."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from registry.chain.artifacts import artifact
from registry.chain.ledger import ChainLedger
from registry.records.entry import Entry
from registry.simulate.bench_life import (
    EVENTS,
    GAS_KEPT,
    KINDS,
    REGISTRY,
    SEED,
    START,
    STEPS,
    BenchFailed,
    Life,
    Totals,
    set_up_actions,
)
from registry.world import World

SAVED = 500
"""Actions that a world is given at once and saves at once, whatever its blocks."""

LOG_BLOCKS = 10_000
"""Blocks whose logs are asked for, or all, where a chain has fewer."""


class _Way(NamedTuple):
    """How a world is used.

    Attributes:
        engine: What carries it.
        per_block: Most actions in a block.
        chunk: Most actions that it is given, and saves, at once.
        asks_logs: Whether it is measured how long web3 takes to read logs.
    """

    engine: str
    per_block: int
    chunk: int
    asks_logs: bool = False


_WAYS = {
    # Fewer at once, so that a turn ends in time.
    "tester": _Way("tester", 1, SAVED // 25),
    "revm-single": _Way("revm", 1, SAVED, asks_logs=True),
    "revm-batch": _Way("revm", SAVED, SAVED),
}


class WorldRunner:
    """Lives the life in a world, through `World.apply_many`.

    Args:
        name: The engine's name in the bench.
        folder: Where the world is kept.

    Attributes:
        chunk: Most actions that the world is given, and saves, at once.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self._way = _WAYS[name]
        self.chunk = self._way.chunk
        self._life = Life()
        self._done = 0
        self._folder = folder / "world"
        self._world = World.open(self._folder, seed=SEED, engine=self._way.engine, start=START)
        self._world.registry(REGISTRY)
        self._world.apply_many(set_up_actions())
        self._before = len(self._world.entries())
        self._is_open = True

    def run(self, steps: int) -> float:
        """Take the next steps, and return the seconds that they took."""
        first, life = self._done, self._life
        began = time.perf_counter()
        actions = [life.action(at) for at in range(first, first + steps)]
        entries = self._world.apply_many(actions, per_block=self._way.per_block)
        elapsed_s = time.perf_counter() - began
        found = [[entry.kind for entry in made] for made in entries]
        if found != [[KINDS[at % STEPS]] for at in range(first, first + steps)]:
            raise BenchFailed(f"steps {first} to {first + steps} became other entries than asked")
        self._done += steps
        return elapsed_s

    @property
    def _ledger(self) -> ChainLedger:
        assert isinstance(self._world.ledger, ChainLedger)
        return self._world.ledger

    def gas(self) -> list[int]:
        """Return the gas of the first steps."""
        places = self._ledger.coordinates[self._before :]
        return [place.gas_used for place in places[:GAS_KEPT]]

    def check(self) -> dict[str, Any]:
        """Check entries, totals, book and mirror against what was done; the world is closed then.

        Returns:
            The number of blocks, and how long logs took if they were asked for.
        """
        ledger = self._ledger
        self._check_entries(ledger.entries[self._before :])
        self._life.check(self._done, self._totals)
        measured: dict[str, Any] = {"blocks": ledger.head()}
        if self._way.asks_logs:
            measured["get_logs"] = self._ask_logs()
        self.close()
        self._check_rows("mirror.sqlite", "entries", self._before + self._done)
        self._check_rows(f"books/{REGISTRY}.sqlite", "lines", self._done)
        return measured

    def _totals(self, batch: int) -> Totals:
        found = self._ledger.totals(REGISTRY, batch)
        return Totals(found.issued_g, found.active_g, found.retired_g)

    def _check_entries(self, entries: Sequence[Entry]) -> None:
        counts = Counter(entry.kind for entry in entries)
        wanted = Counter(KINDS[at % STEPS] for at in range(self._done))
        if counts != wanted:
            raise BenchFailed(f"the ledger has {dict(counts)}, not {dict(wanted)}")

    def _check_rows(self, file: str, table: str, wanted: int) -> None:
        with closing(sqlite3.connect(self._folder / file)) as database:
            (count,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()
        if count != wanted:
            raise BenchFailed(f"{file} has {count} {table}, not {wanted}")

    def _ask_logs(self) -> dict[str, Any]:
        """Ask web3 for the logs of many blocks: all of the registry's, and its retirements."""
        ledger, web3 = self._ledger, self._world.web3
        events = artifact("CarbonRegistry").interface.events
        retired = next(topic for topic, event in events.items() if event.name == EVENTS[2])
        last = web3.eth.block_number
        first = max(1, last - LOG_BLOCKS + 1)
        asked: Any = {
            "fromBlock": first,
            "toBlock": last,
            "address": web3.to_checksum_address(ledger.contracts(REGISTRY).credits),
        }
        logs, all_s = _timed(lambda: web3.eth.get_logs(asked))
        some, some_s = _timed(lambda: web3.eth.get_logs(asked | {"topics": ["0x" + retired.hex()]}))
        placed = [
            (entry.kind, (place.block, place.log_index))
            for entry, place in zip(ledger.entries, ledger.coordinates, strict=True)
            if place.block >= first and entry.kind in KINDS
        ]
        if not _places(logs).issuperset(place for _, place in placed):
            raise BenchFailed("web3 does not return the logs of all entries")
        if _places(some) != {place for kind, place in placed if kind is KINDS[2]}:
            raise BenchFailed("web3 returns other retirements than the ledger has")
        return {
            "blocks": last - first + 1,
            "logs": len(logs),
            "seconds": all_s,
            "retirements": len(some),
            "retirements_seconds": some_s,
        }

    def close(self) -> None:
        """Let go of the world."""
        if self._is_open:
            self._is_open = False
            self._world.close()


def _timed(ask: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    answer = ask()
    return answer, time.perf_counter() - began


def _places(logs: Sequence[Any]) -> set[tuple[int, int]]:
    return {(log["blockNumber"], log["logIndex"]) for log in logs}
