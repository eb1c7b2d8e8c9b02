"""How much memory processes have had at most, as the system counts it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

_MEGABYTE = 1_000_000


def peak_mb() -> float | None:
    """Return the most memory that this process has had at once, in millions of bytes.

    None where the system does not say. On Linux it is not asked of `getrusage`, which has the
    figure of the process that started this one where that was larger.
    """
    if Path("/proc/self/status").is_file():
        return _peak_mb("self")
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _MEGABYTE


def children_peak_mb(name: str) -> float | None:
    """Return the same for all programs of that name that this process started; None if unknown."""
    found = [_peak_mb(process) for process in _below("self") if _name(process) == name]
    known = [peak for peak in found if peak is not None]
    return sum(known) if known else None


def _below(process: str) -> Iterator[str]:
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        for child in listed.read_text().split():
            yield child
            yield from _below(child)


def _name(process: str) -> str:
    return Path(f"/proc/{process}/comm").read_text().strip()


def _peak_mb(process: str) -> float | None:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / _MEGABYTE
    return None
