"""What the bench of chains makes of its measurements: rates, ratios, growth, gas compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from registry.records.base import Record
from registry.simulate.bench_start import Start

TIMES = ("web3-eth-tester", "web3-anvil", "tester", "pyrevm-exact", "pyrevm-raw")
"""Engines that each engine of ours is compared with."""

OURS = ("revm-batch", "revm-single")

_FIRST_DECADE = 1_000

Mark = tuple[int, float]
"""Operations done, and the seconds that they took; cumulative."""


class Taken(NamedTuple):
    """What came back from one engine's process.

    Attributes:
        turns: The marks of each turn; both figures cumulative over all turns.
        gas: Of the first operations, one by one.
        peak_mb, node_peak_mb: Most memory, in millions of bytes, of the process up to its last
            turn, and of a node beside it.
    """

    turns: Sequence[Sequence[Mark]]
    gas: Sequence[int]
    blocks: int
    peak_mb: float | None
    node_peak_mb: float | None = None

    @property
    def marks(self) -> list[Mark]:
        """All marks, from (0, 0) on."""
        return [(0, 0.0), *(mark for turn in self.turns for mark in turn)]


class Rate(Record):
    """What was measured of one engine.

    Attributes:
        ops: Operations, each one transaction.
        seconds: That they took, without the checks of their results.
        ops_per_s: The one over the other.
        turns_per_s: The same for each turn; their spread is the machine's noise.
        gas_per_op: Mean over the operations that all engines have done.
        blocks: Of the whole chain; 0 where there are none.
    """

    ops: int
    seconds: float
    ops_per_s: float
    turns_per_s: tuple[float, ...]
    gas_per_op: int
    blocks: int
    peak_mb: float | None
    node_peak_mb: float | None


class Times(Record):
    """How many times as fast one engine is as another.

    Attributes:
        least, most: Among the turns.
    """

    times: float
    least: float
    most: float


class Decade(Record):
    """A rate between two numbers of operations."""

    first: int
    last: int
    ops_per_s: float


class Growth(Record):
    """How a rate changes as a chain grows.

    Attributes:
        last_over_first: Rate of the last tenth of all operations over the first tenth's.
    """

    decades: tuple[Decade, ...]
    first_tenth_per_s: float
    last_tenth_per_s: float
    last_over_first: float


class GasUnlike(Record):
    """An engine that charges otherwise than the one that it was compared with.

    Attributes:
        operations: How many operations were charged otherwise.
        first: Number of the first of them, from 0; then what it cost here and there.
    """

    engine: str
    operations: int
    first: int
    gas: int
    gas_there: int


class GasCompared(Record):
    """Gas of equal bytes, operation by operation.

    Attributes:
        operations: Over how many of them `gas_per_op` is the mean.
        compared_with: Engine that the others were compared with; "" where none charges gas.
        compared: Engine -> operations of which the gas was compared.
        unlike: Engines that disagree.
    """

    operations: int
    compared_with: str
    compared: dict[str, int]
    unlike: tuple[GasUnlike, ...]


class Logs(Record):
    """How long web3 took to read the logs of many blocks.

    Attributes:
        blocks: How many.
        logs, seconds: All logs of the registry.
        retirements, retirements_seconds: The same when asked by topic for retirements alone.
    """

    engine: str
    blocks: int
    logs: int
    seconds: float
    retirements: int
    retirements_seconds: float


class ChainBench(Record):
    """One run of the bench.

    Attributes:
        machine: Operating system, processors, versions.
        engines: Engine -> what was measured; None where it was not.
        skipped: Engine -> why it was not.
        ratios: "A over B" -> how many times.
        growth: Engine -> how its rate changes.
        elapsed_s: Of the whole bench.
    """

    machine: dict[str, str]
    engines: dict[str, Rate | None]
    skipped: dict[str, str]
    ratios: dict[str, Times]
    growth: dict[str, Growth]
    gas: GasCompared
    get_logs: Logs | None
    start: Start
    elapsed_s: float


def rate_of(taken: Taken, gas_operations: int) -> Rate:
    """Return an engine's rate; `gas_operations` are those that all engines have done."""
    ops, seconds = taken.marks[-1]
    return Rate(
        ops=ops,
        seconds=seconds,
        ops_per_s=ops / seconds,
        turns_per_s=tuple(turn_rates(taken)),
        gas_per_op=round(sum(taken.gas[:gas_operations]) / gas_operations),
        blocks=taken.blocks,
        peak_mb=taken.peak_mb,
        node_peak_mb=taken.node_peak_mb,
    )


def turn_rates(taken: Taken) -> list[float]:
    """Return the rate of each turn in which anything was left to do."""
    ends = [(0, 0.0), *(turn[-1] for turn in taken.turns if turn)]
    return [_per_s(one, other) for one, other in pairwise(ends)]


def _per_s(one: Mark, other: Mark) -> float:
    return (other[0] - one[0]) / (other[1] - one[1])


def ratios_of(rates: Mapping[str, Rate | None]) -> dict[str, Times]:
    """Compare each engine of ours with the others, where both were measured."""
    found = {}
    for ours in OURS:
        for other in TIMES:
            one, two = rates.get(ours), rates.get(other)
            if one is None or two is None:
                continue
            turns = [a / b for a, b in zip(one.turns_per_s, two.turns_per_s, strict=False)]
            found[f"{ours} over {other}"] = Times(
                times=one.ops_per_s / two.ops_per_s, least=min(turns), most=max(turns)
            )
    return found


def growth_of(marks: Sequence[Mark]) -> Growth:
    """Return how a rate changed from the first mark, at no operations, to the last."""
    ops = marks[-1][0]
    bounds = [0]
    size = _FIRST_DECADE
    while size < ops:
        bounds.append(size)
        size *= 10
    places = [_at(marks, bound) for bound in (*bounds, ops)]
    tenth, ninth = _at(marks, ops // 10 or 1), _before(marks, ops - ops // 10)
    first, last = _per_s(marks[0], tenth), _per_s(ninth, marks[-1])
    return Growth(
        decades=tuple(
            Decade(first=one[0], last=other[0], ops_per_s=_per_s(one, other))
            for one, other in pairwise(places)
            if other[0] > one[0]
        ),
        first_tenth_per_s=first,
        last_tenth_per_s=last,
        last_over_first=last / first,
    )


def _at(marks: Sequence[Mark], ops: int) -> Mark:
    """Return the first mark at which that many operations were done."""
    return next(mark for mark in marks if mark[0] >= ops)


def _before(marks: Sequence[Mark], ops: int) -> Mark:
    """Return the last mark, but for the very last, at which no more were done."""
    return next(mark for mark in reversed(marks[:-1]) if mark[0] <= ops)


def compare_gas(
    gas: Mapping[str, Sequence[int]], uncharged: Sequence[str], reference: str
) -> GasCompared:
    """Compare the gas of equal operations.

    Args:
        gas: Engine -> gas of its first operations; at least one engine.
        uncharged: Engines whose gas is not what a chain charges.
        reference: The others are compared with it, or with the first where it is not there.
    """
    charged = [engine for engine in gas if engine not in uncharged]
    standard = reference if reference in charged else next(iter(charged), "")
    compared: dict[str, int] = {}
    unlike: list[GasUnlike] = []
    for engine in charged:
        if engine == standard:
            continue
        pairs = list(zip(gas[engine], gas[standard], strict=False))
        compared[engine] = len(pairs)
        wrong = [at for at, (one, other) in enumerate(pairs) if one != other]
        if wrong:
            here, there = pairs[wrong[0]]
            unlike.append(
                GasUnlike(
                    engine=engine,
                    operations=len(wrong),
                    first=wrong[0],
                    gas=here,
                    gas_there=there,
                )
            )
    return GasCompared(
        operations=min(map(len, gas.values())),
        compared_with=standard,
        compared=compared,
        unlike=tuple(unlike),
    )
