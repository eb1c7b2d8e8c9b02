"""`protocols`: what it measures, prints and writes."""

from __future__ import annotations

from contextlib import chdir
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from registry.cli.output import page_of
from registry.transfer.protocols import PROTOCOLS
from tests.e2e.command import ROOT, Ran, run

DAY_S = 86_400


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("protocols") / "new" / "protocols.md"
    return path


@pytest.fixture(scope="module")
def measured(page: Path) -> Ran:
    return run("protocols", "--out", str(page), "--json")


@pytest.fixture(scope="module")
def rows(measured: Ran) -> dict[str, dict[str, Any]]:
    return {row["protocol"]: row for row in measured.body["protocols"]}


def test_protocols_are_all_measured(measured: Ran, rows: dict[str, dict[str, Any]]) -> None:
    assert (measured.code, measured.err) == (0, "")
    assert Path(measured.body["written"]).name == "protocols.md"
    assert list(rows) == list(PROTOCOLS)
    assert all(row["gas_used"] > 100_000 and row["actions"] > 0 for row in rows.values())


def test_atomic_and_relayed_are_never_alive_twice(rows: dict[str, dict[str, Any]]) -> None:
    for name in ("atomic", "relayed"):
        assert (rows[name]["both_s"], Decimal(rows[name]["both_tonne_days"])) == (0, 0)
        assert rows[name]["findings"] == []


def test_exposure_is_what_the_delays_make_it(rows: dict[str, dict[str, Any]]) -> None:
    # The cancellation itself takes the one second.
    assert rows["cancel-and-reissue"]["both_s"] == 8 * DAY_S + 1
    assert rows["by-hand"]["both_s"] == 4 * DAY_S + 1
    assert rows["retire-and-reissue"]["used_and_alive_t"] == 100
    assert "DI-6" in rows["cancel-and-reissue"]["findings"]
    assert "DU-2" in rows["retire-and-reissue"]["findings"]


def test_every_delay_names_its_basis(rows: dict[str, dict[str, Any]]) -> None:
    for row in rows.values():
        for delay in row["delays"]:
            assert delay["seconds"] > 0 and delay["what"]
            assert "assumption" in delay["basis"] or "published" in delay["basis"], delay


def test_protocols_page_in_docs_is_what_is_measured_now(measured: Ran, page: Path) -> None:
    """Where this fails: `carbon-registry protocols`, and commit docs/protocols.md."""
    assert measured.code == 0
    committed = (ROOT / "docs" / "protocols.md").read_text(encoding="utf-8")
    assert committed == page.read_text(encoding="utf-8")


def test_protocols_print_a_table_and_the_delays(tmp_path: Path) -> None:
    with chdir(tmp_path):
        found = run("protocols")
    assert (tmp_path / "docs" / "protocols.md").is_file()
    assert (found.code, found.err) == (0, "")
    assert found.lines[0] == "100 t from one registry to another"
    assert "Delays" in found.lines
    assert any("median of 13 conversions" in line for line in found.lines)


@pytest.mark.parametrize(
    ("out", "as_json", "page"),
    [
        (None, False, "docs/page.md"),
        (None, True, None),
        ("new/own.md", False, "new/own.md"),
        ("new/own.md", True, "new/own.md"),
    ],
)
def test_page_is_written_unless_a_program_only_asks_for_json(
    out: str | None, as_json: bool, page: str | None, tmp_path: Path
) -> None:
    with chdir(tmp_path):
        found = page_of(None if out is None else Path(out), "docs/page.md", as_json=as_json)
        assert found == (None if page is None else Path(page))
        # The folder is made before anything long begins.
        assert [path.name for path in tmp_path.iterdir()] == (
            [] if page is None else [page[: page.index("/")]]
        )
