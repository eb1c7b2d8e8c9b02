"""How fast each chain lives the life of credits, all of them compared in one run.

A machine's speed drifts, and by more than is to be compared. So each engine is set up in a process
of its own, and then all take turns: one engine's turn is never far from the others', and while one
is measured the others wait. Every operation is one transaction, and its result is checked.
"""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from registry.chain.engine import CHAIN_ID, TESTER_CHAIN_ID
from registry.errors import InputError, shown
from registry.kept.opening import Progress
from registry.records.base import Record
from registry.simulate.bench_figures import (
    ChainBench,
    Logs,
    Mark,
    Taken,
    compare_gas,
    growth_of,
    rate_of,
    ratios_of,
)
from registry.simulate.bench_life import record_set_up
from registry.simulate.bench_start import measure_start
from registry.simulate.bench_worker import Worker
from registry.simulate.nodes import AnvilMissing, anvil_program

ENGINES = (
    "web3-eth-tester",
    "web3-anvil",
    "tester",
    "revm-single",
    "revm-batch",
    "pyrevm-exact",
    "pyrevm-raw",
)
"""In the order in which they take their turns."""

GROWING = ("revm-single", "revm-batch")
"""Engines that are given a number of operations; the others are given time."""

LIMITS = ("pyrevm-exact", "pyrevm-raw")
"""Bare calls. They are steady, and are given half of the others' time."""

UNCHARGED = ("pyrevm-raw",)
"""Engines whose gas is not what a chain charges."""

_MEANT_S = 285.0
"""How long a bench of the usual sizes may take; where it is over, growing engines stop."""
_CHECKS_S = 20.0
"""Of it, what is kept for the checks at the end."""
_PACKAGES = ("web3", "eth-tester", "py-evm", "pyrevm")


class Sizes(Record):
    """How much is measured.

    Attributes:
        operations: Of each growing engine.
        seconds: Of each other engine, in all its turns; of bare calls half of that.
        turns: In how many parts.
        start_repeats: Processes of each kind whose start is measured.
        limit_s: When growing engines stop, whatever they have done, in seconds of the whole bench;
            None for never.
    """

    operations: int = 100_000
    seconds: float = 20.0
    turns: int = 5
    start_repeats: int = 3
    limit_s: float | None = _MEANT_S

    def with_given(self, operations: int | None, seconds: float | None) -> Sizes:
        """Return these with others where they are given; whoever does waits as long as it takes."""
        given = {"operations": operations, "seconds": seconds}
        chosen = {name: value for name, value in given.items() if value is not None}
        return self.model_copy(update={**chosen, "limit_s": None}) if chosen else self


USUAL = Sizes()

QUICK = Sizes(operations=2_000, seconds=2.0, turns=2, start_repeats=1)


def measure_chain(
    engines: Sequence[str] = ENGINES,
    sizes: Sizes = USUAL,
    *,
    progress: Progress = lambda done, of: None,
) -> ChainBench:
    """Measure engines against each other.

    Args:
        engines: Which; each is one of `ENGINES`.
        sizes: How much of each.
        progress: Told how many parts are done, and of how many.

    Raises:
        InputError: an unknown engine, a size that is none, or nothing that can be measured here.
        BenchFailed: an engine did something else than it was asked to.
    """
    _check(engines, sizes)
    began = time.monotonic()
    asked = dict.fromkeys(set(ENGINES) - set(engines), "not asked for")
    skipped = {engine: why for engine in ENGINES if (why := asked.get(engine) or _lack(engine))}
    measured = [engine for engine in ENGINES if engine not in skipped]
    if not measured:
        raise InputError(f"none of these engines runs here: {', '.join(engines)}")
    parts = len(measured) * (sizes.turns + 1) + 1
    progress(0, parts)
    start = measure_start(_worlds(), sizes.start_repeats)
    plan = _Plan(measured, sizes, began, lambda done: progress(done + 1, parts))
    taken, logs = _measure(plan)
    gas = compare_gas(
        {engine: taken[engine].gas for engine in measured}, UNCHARGED, reference="tester"
    )
    rates = {
        engine: rate_of(taken[engine], gas.operations) if engine in taken else None
        for engine in ENGINES
    }
    return ChainBench(
        machine=_machine(),
        engines=rates,
        skipped=skipped,
        ratios=ratios_of(rates),
        growth={engine: growth_of(taken[engine].marks) for engine in GROWING if engine in taken},
        gas=gas,
        get_logs=logs,
        start=start,
        elapsed_s=time.monotonic() - began,
    )


def _check(engines: Sequence[str], sizes: Sizes) -> None:
    for engine in engines:
        if engine not in ENGINES:
            raise InputError(f"engine {shown(engine)}: expected one of {', '.join(ENGINES)}")
    if sizes.operations < 1:
        raise InputError(f"operations: expected a number from 1 on, not {sizes.operations}")
    if not 0 < sizes.seconds < math.inf:
        raise InputError(f"seconds: expected a number above 0, not {sizes.seconds}")


def _lack(engine: str) -> str:
    """Say why an engine cannot be measured here; nothing if it can."""
    if engine.startswith(("revm-", "pyrevm-")) and find_spec("pyrevm") is None:
        return "pyrevm is not installed"
    if engine == "web3-anvil":
        try:
            anvil_program()
        except AnvilMissing as error:
            return str(error)
    return ""


def _worlds() -> list[str]:
    return ["model", "tester", *([] if _lack("revm-single") else ["revm"])]


def _machine() -> dict[str, str]:
    found = {
        "system": f"{platform.system()} {platform.machine()}",
        "processors": str(os.cpu_count()),
        "python": platform.python_version(),
    }
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


class _Plan:
    """Who takes how much, and when.

    Args:
        engines: In the order of their turns.
        began: When the bench did, by `time.monotonic`.
        told: Called with the number of parts that are done.
    """

    def __init__(
        self, engines: Sequence[str], sizes: Sizes, began: float, told: Callable[[int], None]
    ) -> None:
        self.engines = engines
        self.turns = sizes.turns
        self._sizes = sizes
        self._began = began
        self._told = told
        self._parts = 0

    def note(self) -> None:
        """Note that another part is done."""
        self._parts += 1
        self._told(self._parts)

    def steps(self, engine: str, turn: int, done: int) -> int | None:
        """Return how many steps are left to an engine in a turn, from 0; None for any number."""
        if engine not in GROWING:
            return None
        return self._sizes.operations * (turn + 1) // self.turns - done

    def seconds(self, engine: str, turn: int) -> float | None:
        """Return how long an engine may take for its steps; None for as long as it wants."""
        if engine not in GROWING:
            return self._given(engine)
        if self._sizes.limit_s is None:
            return None
        left = self.turns - turn
        others = sum(self._given(other) for other in self.engines if other not in GROWING)
        growing = [other for other in GROWING if other in self.engines]
        slices = left * len(growing) - growing.index(engine)
        spent_s = time.monotonic() - self._began + left * others + _CHECKS_S
        return max(0.1, (self._sizes.limit_s - spent_s) / slices)

    def _given(self, engine: str) -> float:
        share = 0.5 if engine in LIMITS else 1.0
        return share * self._sizes.seconds / self.turns


def _measure(plan: _Plan) -> tuple[dict[str, Taken], Logs | None]:
    """Let all engines take their turns, and then check, each alone."""
    set_ups = {chain_id: record_set_up(chain_id) for chain_id in (CHAIN_ID, TESTER_CHAIN_ID)}
    turns: dict[str, list[list[Mark]]] = {engine: [] for engine in plan.engines}
    peaks: dict[str, float | None] = {}
    taken: dict[str, Taken] = {}
    logs = None
    with ExitStack() as stack:
        workers = {
            engine: stack.enter_context(Worker(engine, set_ups[_chain_id(engine)]))
            for engine in plan.engines
        }
        for worker in workers.values():
            worker.wait()
        done = dict.fromkeys(plan.engines, (0, 0.0))
        for turn in range(plan.turns):
            for engine, worker in workers.items():
                ops, busy_s = done[engine]
                answer = worker.turn(plan.steps(engine, turn, ops), plan.seconds(engine, turn))
                marks = [(mark, busy_s + seconds) for mark, seconds in answer["marks"]]
                turns[engine].append(marks)
                done[engine] = marks[-1] if marks else done[engine]
                peaks[engine] = answer["peak_mb"]
                plan.note()
        for engine, worker in workers.items():
            answer = worker.finish()
            asked = answer.pop("get_logs", None)
            logs = Logs(engine=engine, **asked) if asked else logs
            taken[engine] = Taken(turns=turns[engine], peak_mb=peaks[engine], **answer)
            plan.note()
    return taken, logs


def _chain_id(engine: str) -> int:
    return TESTER_CHAIN_ID if engine == "web3-eth-tester" else CHAIN_ID
