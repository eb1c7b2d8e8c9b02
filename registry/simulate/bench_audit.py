"""How fast serials are read and overlaps found, each beside what it is measured against.

Rates of one machine say little; what is compared here was measured within the same minute: reading
by the column with the grammars one by one, the rules of overlap with the one window query that
every such rule must at least run, and the comparing of projects with CAD Trust's own query.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import date, timedelta

import duckdb
import pyarrow as pa

from registry.audit.run import SETTINGS, audit
from registry.errors import InvariantBroken
from registry.records.base import Record
from registry.records.tables import SCHEMAS
from registry.serials.columns import parse_column, parsed
from registry.serials.grammar import parse
from registry.simulate.bench_linkage import Linkage, measure_linkage
from registry.units import GRAMS_PER_TONNE

SERIALS = 1_000_000
BLOCKS = 1_000_000
CHUNK_SERIALS = 5_000
"""As many as files are read by."""

REFERENCE_SERIALS = 20_000
"""Read by the grammars one by one; enough to know their rate."""

RULES = ("DI-1", "DI-2", "DI-7", "DU-1")

# What any rule of overlap has to do: order the blocks of each scope and carry the highest end on.
_BARE = """
    SELECT count(*) FROM (
        SELECT
            start_g,
            max(end_g) OVER (
                PARTITION BY scope ORDER BY start_g ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS highest_g
        FROM blocks
    ) WHERE highest_g > start_g
"""


class SerialRate(Record):
    """How fast the serials of one registry are read.

    Attributes:
        registry: Whose.
        serials: How many were read by the column.
        per_s: By the column, a second.
        reference_per_s: By the grammar, one by one.
        times: `per_s` over `reference_per_s`.
    """

    registry: str
    serials: int
    per_s: int
    reference_per_s: int
    times: float


class RuleRate(Record):
    """How long one rule takes over all blocks.

    Attributes:
        code: The rule, with its findings built.
        seconds: It took.
        times_bare: Over the bare window query's seconds.
        findings: How many it found; none is expected.
    """

    code: str
    seconds: float
    times_bare: float
    findings: int


class AuditBench(Record):
    """All of one run.

    Attributes:
        serials: By registry.
        blocks: How many blocks the rules were given.
        bare_seconds: The one window query over them.
        rules: By rule.
        linkage: How well pairs of projects that are one activity are found.
    """

    serials: tuple[SerialRate, ...]
    blocks: int
    bare_seconds: float
    rules: tuple[RuleRate, ...]
    linkage: Linkage


def measure_audit(
    serials: int = SERIALS,
    blocks: int = BLOCKS,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> AuditBench:
    """Measure the reading of serials, the rules of overlap and the comparing of projects.

    Args:
        serials: How many to read of each registry.
        blocks: How many issued and retired blocks to give the rules; all are disjoint.
        progress: Told how many measurements are done, and of how many.
    """
    turns = len(_MAKERS) + len(RULES) + 2
    told = progress or (lambda done, of: None)
    rates = []
    for number, (registry, make) in enumerate(_MAKERS.items(), 1):
        rates.append(_serial_rate(registry, make, serials))
        told(number, turns)
    tables = _blocks(blocks)
    bare = _bare_seconds(tables["issuances"])
    told(len(_MAKERS) + 1, turns)
    rules = []
    for number, code in enumerate(RULES, len(_MAKERS) + 2):
        start = time.perf_counter()
        found = audit(tables, rules=[code])
        seconds = time.perf_counter() - start
        rules.append(
            RuleRate(
                code=code,
                seconds=round(seconds, 3),
                times_bare=round(seconds / bare, 1),
                findings=len(found),
            )
        )
        told(number, turns)
    linkage = measure_linkage()
    told(turns, turns)
    return AuditBench(
        serials=tuple(rates),
        blocks=blocks,
        bare_seconds=round(bare, 3),
        rules=tuple(rules),
        linkage=linkage,
    )


def _serial_rate(registry: str, make: Callable[[random.Random], str], count: int) -> SerialRate:
    chance = random.Random(registry)
    texts = [make(chance) for _ in range(count)]
    some = texts[:REFERENCE_SERIALS]
    start = time.perf_counter()
    reference = [parsed(parse(text)) for text in some]
    slow_s = time.perf_counter() - start
    fast_s = 0.0
    # As files are read: a chunk is parsed, used and forgotten.
    for at in range(0, count, CHUNK_SERIALS):
        chunk = texts[at : at + CHUNK_SERIALS]
        start = time.perf_counter()
        found = parse_column(chunk, registry)
        fast_s += time.perf_counter() - start
        expected = reference[at : at + CHUNK_SERIALS]
        if found[: len(expected)] != expected or None in found:
            raise InvariantBroken(f"serials of {registry} are read in two ways")
    per_s, reference_per_s = int(count / fast_s), int(len(some) / slow_s)
    return SerialRate(
        registry=registry,
        serials=count,
        per_s=per_s,
        reference_per_s=reference_per_s,
        times=round(per_s / reference_per_s, 1),
    )


def _range(chance: random.Random) -> tuple[int, int]:
    first = chance.randrange(1, 10**9)
    return first, first + chance.randrange(10**6)


def _days(chance: random.Random) -> tuple[str, str]:
    first = date(2010, 1, 1) + timedelta(days=chance.randrange(5_000))
    last = first + timedelta(days=chance.randrange(1, 800))
    return f"{first:%d%m%Y}", f"{last:%d%m%Y}"


def _verra(chance: random.Random) -> str:
    first, last = _range(chance)
    start, end = _days(chance)
    return (
        f"{chance.randrange(1, 20_000)}-{first}-{last}-VCS-VCU-{chance.randrange(200, 1_600)}"
        f"-VER-BR-{chance.randrange(1, 16)}-{chance.randrange(1, 6_000)}-{start}-{end}-0"
    )


def _gold_standard(chance: random.Random) -> str:
    first, last = _range(chance)
    return (
        f"GS1-1-UG-GS{chance.randrange(1, 30_000)}-16-{chance.randrange(2008, 2026)}"
        f"-{chance.randrange(1, 40_000)}-{first}-{last}"
    )


def _acr(chance: random.Random) -> str:
    first, last = _range(chance)
    return (
        f"ACR-US-{chance.randrange(1, 1_300)}-2025-{chance.randrange(1, 4_000)}-{first} to {last}"
    )


def _car(chance: random.Random) -> str:
    first, last = _range(chance)
    return (
        f"CAR-1-US-{chance.randrange(1, 2_300)}-31-983-KS-2025"
        f"-{chance.randrange(1, 9_999)}-{first} to {last}"
    )


def _art(chance: random.Random) -> str:
    first, last = _range(chance)
    return f"ART-GY-{chance.randrange(100, 140)}-2021-{chance.randrange(1, 99)}-{first} to {last}"


_MAKERS: dict[str, Callable[[random.Random], str]] = {
    "Verra": _verra,
    "Gold Standard": _gold_standard,
    "ACR": _acr,
    "CAR": _car,
    "ART": _art,
}


def _blocks(count: int) -> dict[str, pa.Table]:
    """Return disjoint blocks in a thousand scopes, each issued and retired, in no order."""
    numbers = list(range(count))
    random.Random(count).shuffle(numbers)
    scopes = [f"S-{number % 1_000}" for number in numbers]
    starts = [number // 1_000 * 10 * GRAMS_PER_TONNE for number in numbers]
    common = {
        "source": pa.array(["file.csv"] * count),
        "keeper": pa.array(["feed"] * count),
        "record": pa.array([f"row {number}" for number in range(count)]),
        "registry": pa.array(["R"] * count),
        "scope": pa.array(scopes),
        "start_g": pa.array(starts, pa.int64()),
        "end_g": pa.array([start + 10 * GRAMS_PER_TONNE for start in starts], pa.int64()),
        "amount_g": pa.array([10 * GRAMS_PER_TONNE] * count, pa.int64()),
        "at_s": pa.array([1_750_000_000] * count, pa.int64()),
        "serial": pa.array(
            [f"{scope}-{start}" for scope, start in zip(scopes, starts, strict=True)]
        ),
        "spelling": pa.array(["as it is"] * count),
        "digest": pa.array([f"{number:032x}" for number in range(count)]),
        "kind": pa.array(["retirement"] * count),
    }
    return {
        name: pa.table(
            [
                common[field.name] if field.name in common else pa.nulls(count, field.type)
                for field in SCHEMAS[name]
            ],
            schema=SCHEMAS[name],
        )
        for name in ("issuances", "dispositions")
    }


def _bare_seconds(issuances: pa.Table) -> float:
    with duckdb.connect(":memory:", config=SETTINGS) as connection:
        connection.register("blocks", issuances)
        start = time.perf_counter()
        connection.execute(_BARE).fetchall()
        return time.perf_counter() - start
