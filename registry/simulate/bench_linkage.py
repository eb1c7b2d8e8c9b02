"""How many activities issued in two programmes an audit finds, and how many of its finds are true.

Measured on labelled projects of a seed on which nothing was set, beside the query for duplicates
that CAD Trust has built in.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import Final

import duckdb
import pyarrow as pa

from registry.audit.candidates import candidates
from registry.audit.run import SETTINGS, audit
from registry.records.base import Record
from registry.records.tables import SCHEMAS
from registry.simulate.labelled import Pair, labelled
from registry.simulate.labelled_words import KINDS

HELD_OUT_SEED: Final = 2026
"""Weights and thresholds were set on other seeds, and before this one was looked at."""

ACTIVITIES: Final = 2_000
MANY_ACTIVITIES: Final = 15_000
"""As many projects as all large registries have together."""

# Two projects of different registries, in one sector and one country, with issuances of which the
# dates overlap. Its sectors are one list for all registries, so ours are put in one language first.
_BASELINE: Final = """
    WITH spans AS (
        SELECT
            project.registry AS registry,
            project.project AS project,
            project.country AS country,
            words.sector AS sector,
            coalesce(period_start_s, epoch(make_date(vintage, 1, 1))::BIGINT) AS start_s,
            coalesce(period_end_s, epoch(make_date(vintage + 1, 1, 1))::BIGINT) AS end_s
        FROM projects AS project
        JOIN words ON project.sector = words.word
        JOIN issuances AS issuance
            ON project.registry = issuance.registry AND project.project = issuance.project
    )
    SELECT DISTINCT one.registry, one.project, two.registry, two.project
    FROM spans AS one
    JOIN spans AS two ON one.sector = two.sector AND one.country = two.country
    WHERE one.registry < two.registry AND one.start_s < two.end_s AND two.start_s < one.end_s
"""


class Quality(Record):
    """How good one way of finding pairs is.

    Attributes:
        found: Pairs.
        true: Those of them that are in the key.
        precision: Share of what was found that is in the key.
        recall: Share of the key that was found.
        seconds: It took.
    """

    found: int
    true: int
    precision: float
    recall: float
    seconds: float


class Linkage(Record):
    """What was measured.

    Attributes:
        seed: Of the labelled projects.
        projects: How many there are.
        pairs: How many pairs of them are one activity, issued twice for times that intersect.
        ours: Findings of DI-5.
        baseline: CAD Trust's query.
        times_baseline: Our seconds over the query's.
        alike: Candidates, against all pairs that are one activity, issued twice or not.
        many_projects: How many projects were compared to see how the time grows.
        times_projects: These over `projects`.
        times_seconds: The seconds that comparing them took, over those for `projects`.
    """

    seed: int
    projects: int
    pairs: int
    ours: Quality
    baseline: Quality
    times_baseline: float
    alike: Quality
    many_projects: int
    times_projects: float
    times_seconds: float


def measure_linkage(
    seed: int = HELD_OUT_SEED,
    activities: int = ACTIVITIES,
    many_activities: int = MANY_ACTIVITIES,
) -> Linkage:
    """Measure how well pairs are found, and how fast.

    Args:
        seed: Of the labelled projects.
        activities: To measure how good it is.
        many_activities: To measure how the time grows.
    """
    made, many = labelled(seed, activities), labelled(seed, many_activities)
    projects, many_projects = made.tables["projects"], many.tables["projects"]

    began = time.perf_counter()
    found = _found(made.tables)
    ours = _quality(found, made.doubled, time.perf_counter() - began)

    began = time.perf_counter()
    pairs = _baseline(made.tables)
    baseline = _quality(pairs, made.doubled, time.perf_counter() - began)

    began = time.perf_counter()
    compared = _pairs(candidates(made.tables))
    alike = _quality(compared, made.same.keys(), time.perf_counter() - began)

    began = time.perf_counter()
    candidates(many.tables)
    many_s = time.perf_counter() - began
    return Linkage(
        seed=seed,
        projects=projects.num_rows,
        pairs=len(made.doubled),
        ours=ours,
        baseline=baseline,
        times_baseline=ours.seconds / baseline.seconds,
        alike=alike,
        many_projects=many_projects.num_rows,
        times_projects=many_projects.num_rows / projects.num_rows,
        times_seconds=many_s / alike.seconds,
    )


def _found(tables: Mapping[str, pa.Table]) -> set[Pair]:
    """Return the pairs that DI-5 finds."""
    rows = tables["projects"].to_pylist()
    known = {f"{row['source']}:{row['record']}": (row["registry"], row["project"]) for row in rows}
    pairs = set()
    for finding in audit(tables, rules=["DI-5"]):
        one, two = sorted(known[record] for record in finding.records if record in known)
        pairs.add((one, two))
    return pairs


def _pairs(table: pa.Table) -> set[Pair]:
    return {
        ((row["registry"], row["project"]), (row["other_registry"], row["other_project"]))
        for row in table.to_pylist()
    }


def _baseline(tables: Mapping[str, pa.Table]) -> set[Pair]:
    sectors = {word: kind.sectors[0] for kind in KINDS.values() for word in kind.sectors}
    words = {"word": list(sectors), "sector": list(sectors.values())}
    with duckdb.connect(":memory:", config=SETTINGS) as connection:
        for name in ("projects", "issuances"):
            connection.register(name, tables.get(name, SCHEMAS[name].empty_table()))
        connection.register("words", pa.table(words))
        rows = connection.execute(_BASELINE).fetchall()
    return {((row[0], row[1]), (row[2], row[3])) for row in rows}


def _quality(found: Collection[Pair], key: Collection[Pair], seconds: float) -> Quality:
    true = len(set(found) & set(key))
    return Quality(
        found=len(found),
        true=true,
        precision=true / max(1, len(found)),
        recall=true / max(1, len(key)),
        seconds=seconds,
    )
