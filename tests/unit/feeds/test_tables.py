"""Serials embedded in projects, beside those of issuance files and of other projects' files."""

from __future__ import annotations

from typing import Any

import pytest

from registry.feeds.formats import named
from registry.feeds.rows import Issued
from registry.feeds.tables import Gathered

TONNE = 1_000_000


@pytest.fixture
def gathered() -> Gathered:
    return Gathered(None)


def begin(gathered: Gathered, path: str) -> None:
    known = named("ecoregistry-projects")
    assert known is not None
    gathered.source(path, known)


def block(amount_t: int, part: str = "", project: str = "1") -> Issued:
    amount_g = amount_t * TONNE
    return Issued(
        "EcoRegistry", amount_g, scope="S", start_g=0, end_g=amount_g, project=project, part=part
    )


def stated(gathered: Gathered) -> list[tuple[str, Any]]:
    rows = gathered.tables()["issuances"].to_pylist()
    return [(f"{row['source']} {row['record']}", row["restates"]) for row in rows]


def test_an_embedded_serial_adds_nothing_to_its_issuance(gathered: Gathered) -> None:
    begin(gathered, "projects")
    gathered.add(1, "x", [block(5, "serial 1")])
    begin(gathered, "issuances")
    gathered.add(1, "y", [block(5)])
    assert stated(gathered) == [("issuances row 1", None)]


def test_an_embedded_serial_of_another_amount_restates_its_issuance(gathered: Gathered) -> None:
    begin(gathered, "projects")
    gathered.add(1, "x", [block(6, "serial 1")])
    begin(gathered, "issuances")
    gathered.add(1, "y", [block(5)])
    assert stated(gathered) == [("issuances row 1", None), ("projects row 1, serial 1", True)]


@pytest.mark.parametrize("with_issuance", [False, True])
def test_a_serial_that_one_file_embeds_twice_is_there_twice(
    gathered: Gathered, with_issuance: bool
) -> None:
    begin(gathered, "projects")
    gathered.add(1, "x", [block(5, "serial 1")])
    gathered.add(2, "y", [block(5, "serial 1", project="2")])
    expected = [("projects row 1, serial 1", None), ("projects row 2, serial 1", None)]
    if with_issuance:
        begin(gathered, "issuances")
        gathered.add(1, "z", [block(5)])
        expected[0] = ("issuances row 1", None)
    assert stated(gathered) == expected


def test_two_downloads_of_one_project_embed_one_serial(gathered: Gathered) -> None:
    for path in ("monday", "tuesday"):
        begin(gathered, path)
        gathered.add(1, path, [block(5, "serial 1")])
    assert stated(gathered) == [("monday row 1, serial 1", None)]
