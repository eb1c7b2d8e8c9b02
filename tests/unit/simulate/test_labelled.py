"""Labelled projects: the answer key fits the tables, and a seed is all that decides."""

from __future__ import annotations

import pytest

from registry.records.tables import SCHEMAS
from registry.simulate.labelled import labelled


@pytest.fixture(scope="module")
def made():
    return labelled(7, 600)


def test_labelled_follows_from_the_seed(made):
    again, other = labelled(7, 600), labelled(8, 600)
    assert again.tables == made.tables
    assert (again.same, again.doubled, again.near) == (made.same, made.doubled, made.near)
    assert other.tables["projects"] != made.tables["projects"]


def test_labelled_makes_tables_as_an_audit_takes_them(made):
    for name, table in made.tables.items():
        assert table.schema == SCHEMAS[name]
        table.validate(full=True)


def test_labelled_key_names_projects_of_two_registries(made):
    projects = made.tables["projects"]
    known = set(zip(projects["registry"].to_pylist(), projects["project"].to_pylist(), strict=True))
    assert len(known) == projects.num_rows
    pairs = {*made.same, *made.near}
    assert len(pairs) == len(made.same) + len(made.near)
    for one, two in pairs:
        assert {one, two} <= known
        assert one[0] < two[0]
    assert made.doubled < set(made.same)
    assert set(made.same.values()) == {"copied", "reworded", "translated"}
    assert len(set(made.near.values())) == 7


def test_labelled_doubled_pairs_issued_for_years_that_intersect(made):
    years = {}
    for row in made.tables["issuances"].to_pylist():
        years.setdefault((row["registry"], row["project"]), set()).add(row["vintage"])
    for one, two in made.same:
        assert years[one] and years[two]
        assert bool(years[one] & years[two]) is ((one, two) in made.doubled)
