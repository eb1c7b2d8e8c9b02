"""Pairs of projects at two registries that may be one activity.

All pairs of 20,000 projects are 200 million, so only those are compared that share a word of their
names, the beginning or the end of one, or a place, or, where a name has only words that many places
have, that name and its developer. A registry's own statement that its project is another's is a
pair, too, however unlike the two look.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Final, NamedTuple

import pyarrow as pa

from registry.audit.likeness import NEAR_M, SCORE_MIN, are_told_apart, likeness
from registry.audit.traits import EARTH_M, Traits, traits
from registry.audit.vocabulary import WEAK
from registry.records.tables import LINKS, PROJECTS

CANDIDATES: Final = pa.schema(
    [
        pa.field("keeper", pa.string(), nullable=False),
        pa.field("registry", pa.string(), nullable=False),
        pa.field("project", pa.string(), nullable=False),
        pa.field("name", pa.string()),
        pa.field("other_registry", pa.string(), nullable=False),
        pa.field("other_project", pa.string(), nullable=False),
        pa.field("other_name", pa.string()),
        pa.field("linked", pa.bool_(), nullable=False),
        pa.field("score", pa.float64()),
        pa.field("evidence", pa.string(), nullable=False),
        pa.field("link", pa.string()),
    ]
)
"""One row per pair, `registry` before `other_registry`, ascending. `name` and `other_name` are the
records ("source:record") of the projects, null where none was given; `link` is that of the first
declared link. `score` is from 0 to 1, null where no names, places or other fields could be
compared; it does not count the link. `evidence` says in words what speaks for one activity."""

CROWD_MAX: Final = 200
"""What more projects than this share is common; comparing them all would take too long."""

LETTERS: Final = 4
"""How much of the beginning and of the end of a word finds it in spite of a slip."""


class _Known(NamedTuple):
    """A project and the record that gives it, of several the first."""

    traits: Traits
    name: str


_Project = tuple[str, str]
_Pair = tuple[_Project, _Project]


def candidates(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Compare the projects that each keeper knows.

    A pair's row depends on the two projects and the links between them alone, save where more than
    `CROWD_MAX` projects share all that would have made the two meet.

    Args:
        tables: As an audit takes them; `projects` and `links` are read, and may be missing.

    Returns:
        A table as `CANDIDATES` says, with every declared pair and every pair whose score is at
        least `SCORE_MIN`, ascending by keeper, registries and projects.
    """
    projects = tables.get("projects", PROJECTS.empty_table()).to_pylist()
    links = tables.get("links", LINKS.empty_table()).to_pylist()
    rows = []
    for keeper in sorted({row["keeper"] for row in (*projects, *links)}):
        known = _known(row for row in projects if row["keeper"] == keeper)
        declared = _declared((row for row in links if row["keeper"] == keeper), known)
        for pair in sorted(declared.keys() | _alike(known)):
            rows.append({"keeper": keeper, **_row(pair, known, declared.get(pair))})
    return pa.Table.from_pylist(rows, schema=CANDIDATES)


def _known(rows: Iterable[Mapping[str, Any]]) -> dict[_Project, _Known]:
    """Put together what several publications say of one project, the first of them first."""
    merged: dict[_Project, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row["source"], row["record"])):
        whole = merged.setdefault((row["registry"], row["project"]), dict(row))
        for column, value in row.items():
            if whole[column] is None:
                whole[column] = value
    return {
        project: _Known(traits(row), f"{row['source']}:{row['record']}")
        for project, row in merged.items()
    }


def _declared(
    rows: Iterable[Mapping[str, Any]], known: Mapping[_Project, _Known]
) -> dict[_Pair, str]:
    """Find the pairs that a registry declares, each with the record of its first link.

    A link that does not name the other registry means every other that has a project of that id.
    """
    homes = defaultdict(list)
    for registry, project in known:
        homes[project].append(registry)
    found: dict[_Pair, str] = {}
    for row in sorted(rows, key=lambda row: (row["source"], row["record"])):
        one, other = (row["registry"], row["project"]), row["other_project"]
        registries = [row["other_registry"]] if row["other_registry"] else homes[other]
        for registry in registries:
            if registry != one[0]:
                pair = _pair(one, (registry, other))
                found.setdefault(pair, f"{row['source']}:{row['record']}")
    return found


def _pair(one: _Project, two: _Project) -> _Pair:
    return min(one, two), max(one, two)


def _alike(known: Mapping[_Project, _Known]) -> set[_Pair]:
    projects = [known[project].traits for project in sorted(known)]
    return {
        ((one.registry, one.project), (two.registry, two.project))
        for one, two in _meeting(projects)
        if not are_told_apart(one, two) and likeness(one, two).score >= SCORE_MIN
    }


def _row(pair: _Pair, known: Mapping[_Project, _Known], link: str | None) -> dict[str, Any]:
    one, two = known.get(pair[0]), known.get(pair[1])
    score, said = None, ""
    if one and two:
        alike = likeness(one.traits, two.traits)
        score, said = alike.score, str(alike)
    evidence = ["declared link"] if link else []
    return {
        "registry": pair[0][0],
        "project": pair[0][1],
        "name": one.name if one else None,
        "other_registry": pair[1][0],
        "other_project": pair[1][1],
        "other_name": two.name if two else None,
        "linked": link is not None,
        "score": score,
        "evidence": ", ".join([*evidence, *([said] if said else [])]),
        "link": link,
    }


def _meeting(projects: Sequence[Traits]) -> Iterator[tuple[Traits, Traits]]:
    """Yield each pair of two registries that shares a key, once."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    homeless = {word for one in projects if one.country is None for word in _strong(one)}
    for at, one in enumerate(projects):
        for key in {*_keys(one, homeless), *_cells(one)}:
            groups[key].append(at)
    meeting: list[list[list[int]]] = [[] for _ in projects]
    for group in groups.values():
        if 1 < len(group) <= CROWD_MAX:
            for at in group:
                meeting[at].append(group)
    # One project's pairs at a time: all together take more room than the projects.
    for first, shared in enumerate(meeting):
        for second in sorted({at for group in shared for at in group if at > first}):
            if projects[first].registry != projects[second].registry:
                yield projects[first], projects[second]


def _strong(one: Traits) -> Iterator[str]:
    return (word for word in one.words if word not in WEAK)


def _keys(one: Traits, homeless: set[str]) -> Iterator[Hashable]:
    """Say under what a project is found by its name; marks that differ tell projects apart."""
    strong = list(_strong(one))
    if one.words and not strong and one.country is not None and one.developer:
        yield "whole", one.country, one.marks, one.words, one.developer
    for word in strong:
        if one.country is not None:
            yield "word", one.country, one.marks, word
            if len(word) > LETTERS:
                for kind in one.kinds or ("",):
                    yield "begins", one.country, one.marks, kind, word[:LETTERS]
                    yield "ends", one.country, one.marks, kind, word[-LETTERS:]
        if word in homeless:
            yield "anywhere", one.marks, word


def _cells(one: Traits) -> Iterator[Hashable]:
    """Say under what a project is found by its place: its cell in space and those around it.

    Cells of space, not of degrees: they are the same at the poles and across the date line.
    """
    if one.place is None:
        return
    cell = [math.floor(part * EARTH_M / NEAR_M) for part in one.place]
    for shift in product((-1, 0, 1), repeat=3):
        yield "cell", one.marks, tuple(map(sum, zip(cell, shift, strict=True)))
