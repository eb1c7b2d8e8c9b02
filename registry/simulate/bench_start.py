"""How long it takes until something can be done: imports, and opening a world in memory."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from statistics import median

from registry.records.base import Record
from registry.simulate.bench_life import BenchFailed

_WORLD = """
import sys, time
began = time.perf_counter()
from registry import World
there = time.perf_counter()
World.open(engine=sys.argv[1]).close()
print(there - began, time.perf_counter() - there)
"""
_HELP = "from registry.cli import main; main()"


class Start(Record):
    """Seconds, each the median of several fresh processes.

    Attributes:
        python_s: A process of Python that does nothing; the next one contains it.
        help_s: A process of `carbon-registry --help`.
        import_s: `from registry import World`, inside a process.
        open_s: Engine -> opening a world in memory and closing it, after that import.
        repeats: Processes of each kind.
    """

    python_s: float
    help_s: float
    import_s: float
    open_s: dict[str, float]
    repeats: int


def measure_start(engines: Sequence[str], repeats: int) -> Start:
    """Measure fresh processes, each kind in turn.

    Args:
        engines: Of worlds.
        repeats: How many of each, from 1 on.
    """
    python: list[float] = []
    helped: list[float] = []
    imported: list[float] = []
    opened: dict[str, list[float]] = {engine: [] for engine in engines}
    for _ in range(repeats):
        python.append(_process("pass")[0])
        helped.append(_process(_HELP, "--help")[0])
        for engine in engines:
            import_s, open_s = map(float, _process(_WORLD, engine)[1].split())
            imported.append(import_s)
            opened[engine].append(open_s)
    return Start(
        python_s=median(python),
        help_s=median(helped),
        import_s=median(imported),
        open_s={engine: median(found) for engine, found in opened.items()},
        repeats=repeats,
    )


def _process(code: str, *args: str) -> tuple[float, str]:
    """Run Python, and return the seconds that it took and what it printed."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-Pc", code, *args], capture_output=True, text=True)
    elapsed_s = time.perf_counter() - began
    if done.returncode != 0:
        raise BenchFailed(f"a process of Python failed: {done.stderr.strip()[-500:]}")
    return elapsed_s, done.stdout
