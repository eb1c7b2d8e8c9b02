"""`gas`: what it measures, prints and writes."""

from __future__ import annotations

import json
from contextlib import chdir
from pathlib import Path

import pytest

from tests.e2e.command import ROOT, Ran, run


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, Path]:
    """Run it as people do, in a folder of its own."""
    folder = tmp_path_factory.mktemp("gas")
    with chdir(folder):
        return run("gas"), folder / "docs" / "gas.md"


@pytest.fixture(scope="module")
def table(printed: tuple[Ran, Path]) -> Path:
    return printed[1]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Run it as programs do: what they did not ask for is not written."""
    folder = tmp_path_factory.mktemp("json")
    with chdir(folder):
        ran = run("gas", "--json")
    assert list(folder.iterdir()) == []
    return ran


def test_gas_measures_every_operation(measured: Ran) -> None:
    assert measured.code == 0
    assert measured.body["written"] is None
    rows = {row["operation"]: row for row in measured.body["operations"]}
    assert len(rows) == len(measured.body["operations"])
    for word in (
        *("account", "project", "verify", "issue", "transfer", "retire", "cancel", "lock"),
        *("release", "pledge", "foreclose", "freeze", "forced transfer", "pause", "admit"),
        *("export", "import", "acknowledge", "return", "move", "mirror", "unmirror"),
    ):
        assert any(word in operation for operation in rows), word
    for row in rows.values():
        assert row["gas"] > 21_000
        assert row["gas_each"] == row["gas"] // row["count"]


# Gas each that a prototype of these contracts took, once its holders, scopes and statements were
# no longer new: what comes first fills storage that is empty, and no prototype's figure is known.
PROTOTYPE_GAS = {
    "issue, first in its serial": 256_000,
    "issue, next in its serial": 222_000,
    "issueMany, 20 batches": 159_000,
    "transfer, again": 57_000,
    "retire, again": 116_000,
    "retireMany, 50 from one batch": 76_000,
    "lock": 145_000,
    "pledge": 113_000,
    "interval claim at the guard": 56_000,
}


def test_gas_is_within_a_tenth_of_the_prototype(measured: Ran) -> None:
    each = {row["operation"]: row["gas_each"] for row in measured.body["operations"]}
    above = {
        operation: each[operation]
        for operation, gas in PROTOTYPE_GAS.items()
        if each[operation] > gas * 11 // 10
    }
    assert above == {}


def test_gas_writes_what_it_says(measured: Ran, table: Path) -> None:
    text = table.read_text(encoding="utf-8")
    for row in measured.body["operations"]:
        assert f"| {row['operation']} | {row['gas']:,} | {row['gas_each']:,} |" in text
    for name, size in measured.body["code_bytes"].items():
        assert f"| {name} | {size:,} |" in text


def test_gas_table_in_docs_is_what_is_measured_now(measured: Ran, table: Path) -> None:
    """Where this fails: `carbon-registry gas`, and commit docs/gas.md."""
    assert measured.code == 0
    committed = (ROOT / "docs" / "gas.md").read_text(encoding="utf-8")
    assert committed == table.read_text(encoding="utf-8")


def test_gas_prints_a_table(printed: tuple[Ran, Path]) -> None:
    found, out = printed
    assert found.code == 0
    assert found.err == ""
    assert found.lines[0] == "Gas, whole transactions"
    assert "".join(found.lines[-2:]).replace("Written to ", "").strip().endswith("docs/gas.md")
    assert out.is_file()


def test_gas_json_is_json(measured: Ran) -> None:
    assert json.loads(measured.out)["schema"] == 1
