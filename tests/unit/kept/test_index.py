"""What a world knows of its own entries, and knows again after a roll-back."""

from __future__ import annotations

from typing import Any

import pytest

from registry.errors import UnknownBatch
from registry.kept.index import Index
from registry.records.entry import Entry, Kind
from registry.records.identity import batch_id
from registry.records.interval import Interval
from registry.records.project import DocumentTree
from registry.records.result import Project

SCOPE = "ICR-ISL-354-1-14-A-0-2024"


def entry(seq: int, kind: Kind, **fields: Any) -> Entry:
    return Entry(seq=seq, at_s=seq, kind=kind, **{"registry": "ICR", **fields})


def issued(seq: int, number: int, start_g: int, end_g: int, **fields: Any) -> Entry:
    place = {"project": 1, "batch": batch_id(1, number), "scope": SCOPE}
    return entry(seq, Kind.ISSUED, intervals=(Interval(start_g, end_g),), **{**place, **fields})


def folded(*entries: Entry) -> Index:
    index = Index()
    for each in entries:
        index.fold(each)
    return index


def test_empty_index_begins_at_the_first_of_everything() -> None:
    index = Index()
    assert index.next_project("ICR") == index.next_batch("ICR", 1) == index.next_id("ICR") == 1
    assert index.next_start(SCOPE) == index.verifications("ICR", 1) == 0
    with pytest.raises(UnknownBatch):
        index.scope("ICR", batch_id(1, 1))


def test_next_numbers_are_above_all_that_were_used() -> None:
    index = folded(
        entry(1, Kind.PROJECT_REGISTERED, project=7, version=1),
        entry(2, Kind.PROJECT_REGISTERED, project=3, version=1),
        issued(3, 5, 0, 10),
        issued(4, 2, 20, 30),
        entry(5, Kind.LOCKED, id=9, batch=batch_id(1, 5)),
        entry(6, Kind.RETIRED, id=4, batch=batch_id(1, 5)),
    )
    assert index.next_project("ICR") == 8
    assert index.next_batch("ICR", 1) == 6
    assert index.next_batch("ICR", 2) == 1
    assert index.next_start(SCOPE) == 30


def test_next_id_is_the_lowest_that_nobody_chose() -> None:
    index = folded(*(entry(seq, Kind.LOCKED, id=id) for seq, id in enumerate((2, 2**256 - 1), 1)))
    assert index.next_id("ICR") == index.next_id("ICR") == 1
    assert index.next_ids("ICR", 3) == (1, 3, 4)
    index.fold(entry(3, Kind.LOCKED, id=1))
    assert index.next_id("ICR") == 3
    assert index.next_ids("ICR", 0) == ()


def test_registries_count_apart_but_share_scopes() -> None:
    index = folded(
        entry(1, Kind.PROJECT_REGISTERED, project=7, version=1),
        issued(2, 1, 0, 10),
        entry(3, Kind.LOCKED, id=9),
    )
    assert index.next_project("EcoRegistry") == 1
    assert index.next_batch("EcoRegistry", 1) == 1
    assert index.next_id("EcoRegistry") == 1
    assert index.next_start(SCOPE) == 10
    assert index.scope("ICR", batch_id(1, 1)) == SCOPE
    with pytest.raises(UnknownBatch):
        index.scope("EcoRegistry", batch_id(1, 1))


def test_statements_and_verifiers_are_counted() -> None:
    index = folded(
        entry(1, Kind.VERIFIER_ACCREDITED, account="V"),
        entry(2, Kind.STATEMENT_RECORDED, project=1, account="V"),
        entry(3, Kind.STATEMENT_RECORDED, project=1, account="V"),
        entry(4, Kind.STATEMENT_RECORDED, project=2, account="V"),
    )
    assert index.verifications("ICR", 1) == 2
    assert index.verifications("ICR", 2) == 1
    assert index.verifications("EcoRegistry", 1) == 0
    assert set(index.verifiers) == {("ICR", "V")}


def project(version: int, document: dict[str, object]) -> Project:
    return Project(
        registry="ICR",
        number=1,
        name="A",
        country="IS",
        developer="D",
        version=version,
        root=DocumentTree(document).root,
    )


FIRST: dict[str, object] = {"a": 1}
SECOND: dict[str, object] = {"a": 2}
REGISTERED = entry(1, Kind.PROJECT_REGISTERED, project=1, version=1)


def test_marks_nest_and_bring_everything_back() -> None:
    index = folded(REGISTERED, issued(2, 1, 0, 10), entry(3, Kind.LOCKED, id=1))
    index.keep(project(1, FIRST), {1: FIRST})
    outer = index.mark()
    index.fold(entry(4, Kind.RETIRED, id=2, batch=batch_id(1, 1)))
    inner = index.mark()
    index.fold(entry(5, Kind.PROJECT_REGISTERED, project=9, version=1))
    index.fold(issued(6, 2, 10, 30))
    index.fold(entry(7, Kind.VERIFIER_ACCREDITED, account="V"))
    index.fold(entry(8, Kind.STATEMENT_RECORDED, project=1, account="V"))
    index.keep(project(2, SECOND), {1: FIRST, 2: SECOND})
    assert index.next_id("ICR") == 3
    index.back_to(inner)
    assert index.projects == {("ICR", 1): (project(1, FIRST), {1: FIRST})}
    assert (index.next_project("ICR"), index.next_batch("ICR", 1)) == (2, 2)
    assert (index.next_start(SCOPE), index.verifications("ICR", 1)) == (10, 0)
    assert dict(index.verifiers) == {}
    assert index.next_id("ICR") == 3
    with pytest.raises(UnknownBatch):
        index.scope("ICR", batch_id(1, 2))
    index.back_to(outer)
    assert index.next_id("ICR") == 2
    assert index.scope("ICR", batch_id(1, 1)) == SCOPE
    index.fold(issued(9, 3, 40, 50))
    assert index._journal == [], "nobody can ask for it back"


def test_forgotten_mark_keeps_the_state_for_the_one_around_it() -> None:
    index = folded(REGISTERED)
    outer = index.mark()
    index.mark()
    index.fold(issued(2, 1, 0, 10))
    index.forget()
    assert index.next_start(SCOPE) == 10
    index.back_to(outer)
    assert index.next_start(SCOPE) == 0
    assert index.next_project("ICR") == 2
