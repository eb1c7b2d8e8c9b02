"""`books export`: a book in a folder becomes files that `audit` reads, or nothing is written."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from registry.world import World
from tests.e2e.command import run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lived") / "world"
    with World.open(path, engine="model") as world:
        for name, amount in (("EcoRegistry", "10"), ("S&P", "0.5")):
            registry = world.registry(name)
            forest = registry.register_project("=Forest", "CO", "AR-ACM0003", "Dev")
            batch = registry.issue(forest, 2023, 100, "Dev")
            registry.retire(batch, amount, "Dev", "-Acme", "voluntary")
    return path


def export(folder: Path, registry: str, format: str, out: Path, *more: str) -> tuple[str, ...]:
    where = ("--registry", registry, "--format", format, "--out", str(out))
    return ("books", "export", str(folder), *where, *more)


def test_export_writes_files_that_an_audit_finds_fine(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    ran = run(*export(folder, "EcoRegistry", "ecoregistry", out, "--json"))
    assert (ran.code, ran.err) == (0, "")
    assert list(ran.body) == ["schema", "registry", "format", "written", "digest", "left_out"]
    assert ran.body["left_out"] == []
    names = ["issuances.csv", "retirements.csv"]
    assert ran.body["written"] == [str(out / name) for name in names]
    assert sorted(path.name for path in out.iterdir()) == names
    (retired,) = csv.DictReader((out / "retirements.csv").read_text().splitlines())
    assert (retired["project_name"], retired["end_user"]) == ("=Forest", "-Acme")
    again = run(*export(folder, "EcoRegistry", "ecoregistry", tmp_path / "again", "--json"))
    assert again.body["digest"] == ran.body["digest"]
    audited = run("audit", str(out), "--fail-on", "disclosure", "--json")
    assert audited.code == 0
    assert audited.body["findings"] == []
    assert [file["format"] for file in audited.body["files"]] == [
        *("ecoregistry-issuances", "ecoregistry-retirements"),
    ]


def test_export_says_what_was_written(folder: Path, tmp_path: Path) -> None:
    ran = run(*export(folder, "EcoRegistry", "verra", tmp_path))
    written, digest = ran.out.splitlines()
    assert written == f"written: {tmp_path / 'transactions.csv'}"
    assert len(digest.removeprefix("digest: ")) == 64


def test_export_names_what_it_leaves_out_only_if_it_may(folder: Path, tmp_path: Path) -> None:
    where = export(folder, "S&P", "verra", tmp_path / "out")
    refused = run(*where)
    assert refused.code == 2
    assert "expected whole tonnes" in refused.err and "or leave out what" in refused.err
    ran = run(*where, "--leave-out")
    serials = "WCC-WCU-CO-1-01012023-31122023-1-1-MER-0-P"
    why = "divided, not in whole tonnes as Verra's serials count them"
    assert (ran.code, len(ran.out.splitlines())) == (0, 2)
    assert ran.err.splitlines() == [f"left out: 1 t of batch 1/1, {serials}: {why}"]
    again = run(*where, "--leave-out", "--json")
    assert (again.code, again.err) == (0, "")
    assert again.body["left_out"] == [
        {"batch": "1/1", "tonnes": "1", "serials": [serials], "why": why}
    ]
    assert run("audit", str(tmp_path / "out"), "--fail-on", "disclosure").code == 0


@pytest.mark.parametrize(
    ("registry", "format", "problem"),
    [
        ("S&P", "verra", "01012023-31122023-#-MER-0-P 0.5 t of 1: expected whole tonnes"),
        ("S&P", "icr", "expected serials of ICR"),
        ("Verra", "verra", "expected the book of a registry of this world: EcoRegistry, S&P"),
        ("S&P", "acr", "expected one of icr, ecoregistry, verra, cad-trust"),
    ],
)
def test_export_refuses_and_writes_nothing(
    folder: Path, tmp_path: Path, registry: str, format: str, problem: str
) -> None:
    out = tmp_path / "out"
    ran = run(*export(folder, registry, format, out))
    assert (ran.code, ran.out) == (2, "")
    assert problem in ran.err
    assert not out.exists()
