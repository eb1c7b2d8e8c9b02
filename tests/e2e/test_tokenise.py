"""`tokenise`: a registry's export on chain, and what the command says about it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from registry.feeds.ecoregistry_strict import ISSUANCE_COLUMNS, RETIREMENT_COLUMNS
from tests.chain import ENGINES
from tests.e2e.command import ran, run

FOREST = "CDC_9_1_1_321_14_R1_XX_CO_1_2_2019"
BUFFER = "CDC_9_1_1_321_14_R1_XX_CO_1_2_2019_BF"
ISSUED = [
    (2, FOREST, 1_000, "2023-05-03T13:58:33.999Z", 2019, False, "2019-01-01 / 2019-12-31"),
    (2, BUFFER, 100, "2023-05-03T13:58:34.000Z", 2019, True, "2019-01-01 / 2019-12-31"),
]
# The first 10 t are in no row: the export is partial, as real ones are.
RETIRED = [
    ("A S.A.S", "2024-01-31 08:16:34", 11, 260),
    ("B S.A.S", "2024-02-01 09:00:00", 261, 1_000),
]


def write_export(folder: Path, retired: list[tuple[str, str, int, int]] = RETIRED) -> Path:
    with (folder / "issued.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([ISSUANCE_COLUMNS, *ISSUED])
    project = ("Bosque", 9, FOREST, 2019, "Voluntary compensation")
    rows = [
        (*project, user, "", at, last - first + 1, first, last) for user, at, first, last in retired
    ]
    with (folder / "retired.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([RETIREMENT_COLUMNS, *rows])
    return folder


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_export(tmp_path)


@pytest.mark.parametrize("engine", ENGINES)
def test_tokenise_gives_the_serials_that_were_printed(export: Path, engine: str) -> None:
    found = run("tokenise", str(export), "--engine", engine, "--json")
    assert found.code == 0
    assert found.err == ""
    body = found.body
    assert len(bytes.fromhex(body.pop("run_hash"))) == 32
    assert body == {
        "schema": 1,
        "engine": engine,
        "projects": 1,
        "statements": 1,
        "batches": 2,
        "zero_rows": 0,
        "issued_t": "1100",
        "buffer_t": "100",
        "retirements": 2,
        "retired_t": "990",
        "opening_t": "10",
        "intervals_equal": 2,
        "intervals_unlike": 0,
        "unlike": [],
        "refused": [],
        "conserved": True,
        "findings": [],
    }


def test_tokenise_has_one_run_hash_on_every_engine(export: Path) -> None:
    bodies = [run("tokenise", str(export), "--engine", engine, "--json").body for engine in ENGINES]
    assert bodies[0]["run_hash"] == bodies[1]["run_hash"]


def test_tokenise_prints_a_table(export: Path) -> None:
    found = run("tokenise", str(export), "--engine", "model")
    assert found.code == 0
    figures = dict(line.rsplit(maxsplit=1) for line in found.lines[3:-1])
    assert figures["issued (t)"] == "1100"
    assert figures["retired (t)"] == "990"
    assert figures["totals add up (C1)"] == "yes"
    assert found.lines[-1].startswith("Run hash ")


def told(folder: Path, retired: list[tuple[str, str, int, int]], code: int) -> dict[str, Any]:
    write_export(folder, retired)
    found = run("tokenise", str(folder), "--engine", "model", "--json")
    assert found.code == code
    return found.body


def test_tokenise_finds_units_that_the_registry_printed_twice(tmp_path: Path) -> None:
    twice = [RETIRED[0], ("B S.A.S", "2024-02-01 09:00:00", 161, 360)]
    body = told(tmp_path, twice, 1)
    double = [finding for finding in body["findings"] if finding["code"] == "DU-1"]
    assert [(item["tonnes"], item["scope"]) for item in double] == [("100", FOREST)]
    assert body["intervals_unlike"] == 1


def test_tokenise_finds_units_beyond_what_was_issued(tmp_path: Path) -> None:
    body = told(tmp_path, [RETIRED[0], ("B S.A.S", "2024-02-01 09:00:00", 261, 1_100)], 1)
    assert [refused["error"] for refused in body["refused"]] == ["InsufficientCredits"]
    assert "CN-1" in {finding["code"] for finding in body["findings"]}
    assert body["conserved"] is True


def test_tokenise_shows_what_is_unlike(tmp_path: Path) -> None:
    gap = [RETIRED[0], ("B S.A.S", "2024-02-01 09:00:00", 301, 400)]
    body = told(tmp_path, gap, 1)
    assert body["unlike"] == [
        {"row": 2, "serial": FOREST, "printed": "301-400", "assigned": "261-360"}
    ]
    shown = run("tokenise", str(tmp_path), "--engine", "model")
    assert shown.code == 1
    assert f"  2  {FOREST}  301-400  261-360" in shown.lines


@pytest.mark.parametrize(
    ("cell", "wrong", "said"),
    [
        ("2024-01-31 08:16:34", "31/01/2024", "retired.csv, row 1, column date"),
        (FOREST, "CDC-9", "issued.csv, row 1, column serial"),
        ("1000", "1e3", "issued.csv, row 1, column issued_quantity"),
    ],
)
def test_tokenise_says_which_cell_is_bad(export: Path, cell: str, wrong: str, said: str) -> None:
    path = export / said.partition(",")[0]
    path.write_text(path.read_text(encoding="utf-8").replace(cell, wrong, 1), encoding="utf-8")
    found = run("tokenise", str(export), "--json")
    assert found.code == 2
    assert found.body["error"]["type"] == "FeedError"
    assert said in found.body["error"]["message"]


def test_tokenise_refuses_an_unknown_engine(export: Path) -> None:
    assert run("tokenise", str(export), "--engine", "evm").code == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_tokenise_of_the_real_export_is_faithful(cercarbono: Path, engine: str) -> None:
    found = ran("tokenise", str(cercarbono), "--engine", engine, "--json")
    body = found.body
    assert found.code == 0
    assert (body["issued_t"], body["retired_t"]) == ("2166860", "639718")
    assert (body["batches"], body["retirements"]) == (100, 100)
    assert body["intervals_equal"] == 100
    assert body["unlike"] == body["refused"] == body["findings"] == []
    assert body["conserved"] is True
