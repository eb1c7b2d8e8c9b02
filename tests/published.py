"""The real exports, beside the repository and never in it, and files made from them."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from registry.audit.run import audit
from registry.feeds.reading import Reading, read_paths
from registry.records.finding import Finding

DATA = Path("shared", "data")
Row = dict[str, str]


def real_data() -> Path:
    """Return the folder of the real exports; skip where it is not, fail in CI."""
    folder = Path(__file__).resolve().parents[2] / DATA
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the real exports are not at ../{DATA}")
        pytest.skip(f"the real exports are not at ../{DATA}")
    return folder


class Kind(NamedTuple):
    """One real file whose rows bear serials, and how to write another block into a row.

    Attributes:
        path: Below the folder of the real exports.
        serial: Column of the serial.
        quantity: Column of the quantity.
        free: A column whose text no rule and no check reads.
        bounds: Row -> first and last serial.
        written: Row, first and last serial -> the row with that block and nothing else changed.
        codes: Row -> codes of a rule that finds the same block twice in it.
    """

    path: str
    serial: str
    quantity: str
    free: str
    bounds: Callable[[Row], tuple[int, int]]
    written: Callable[[Row, int, int], Row]
    codes: Callable[[Row], set[str]]

    def rows(self) -> list[Row]:
        """Read the file."""
        with (real_data() / self.path).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def with_quantity(self, row: Row, quantity: int) -> Row:
        """Return the row with another quantity."""
        return {**row, self.quantity: str(quantity)}


def _verra(row: Row) -> tuple[int, int]:
    _, first, last, *_ = row["Serial Number"].split("-")
    return int(first), int(last)


def _verra_written(row: Row, first: int, last: int) -> Row:
    batch, _, _, *rest = row["Serial Number"].split("-")
    return {**row, "Serial Number": "-".join([batch, str(first), str(last), *rest])}


def _gold(row: Row) -> tuple[int, int]:
    *_, first, last = row["Serial Number"].split("-")
    return int(first), int(last)


def _gold_written(row: Row, first: int, last: int) -> Row:
    *rest, _, _ = row["Serial Number"].split("-")
    return {**row, "Serial Number": "-".join([*rest, str(first), str(last)])}


def _to(column: str) -> Callable[[Row], tuple[int, int]]:
    def bounds(row: Row) -> tuple[int, int]:
        first, last = row[column].rsplit("-", 1)[1].split(" to ")
        return int(first), int(last)

    return bounds


def _to_written(column: str) -> Callable[[Row, int, int], Row]:
    def written(row: Row, first: int, last: int) -> Row:
        return {**row, column: f"{row[column].rsplit('-', 1)[0]}-{first} to {last}"}

    return written


def _eco(row: Row) -> tuple[int, int]:
    return int(row["from"]), int(row["to"])


def _eco_written(row: Row, first: int, last: int) -> Row:
    return {**row, "from": str(first), "to": str(last)}


def _issued(row: Row) -> set[str]:
    return {"DI"}


def _used(row: Row) -> set[str]:
    return {"DU"}


def _verra_codes(row: Row) -> set[str]:
    return {"DI", "DU"} if row["Retirement/Cancellation Date"] else {"DI"}


_TO = "registry_exports/{}/{}.csv"
_ACR, _CAR, _ART = "Credit Serial Numbers", "Offset Credit Serial Numbers", "Credit Serial Numbers"
KINDS = {
    "Verra": Kind(
        _TO.format("verra", "transactions"), "Serial Number", "Quantity Issued", "Name",
        _verra, _verra_written, _verra_codes,
    ),
    "Gold Standard issued": Kind(
        _TO.format("gold-standard", "issuances"), "Serial Number", "Quantity", "Project Name",
        _gold, _gold_written, _issued,
    ),
    "Gold Standard retired": Kind(
        _TO.format("gold-standard", "retirements"), "Serial Number", "Quantity", "Project Name",
        _gold, _gold_written, _used,
    ),
    "ACR retired": Kind(
        _TO.format("american-carbon-registry", "retirements"), _ACR, "Quantity of Credits",
        "Project Name", _to(_ACR), _to_written(_ACR), _used,
    ),
    "CAR retired": Kind(
        _TO.format("climate-action-reserve", "retirements"), _CAR, "Quantity of Offset Credits",
        "Project Name", _to(_CAR), _to_written(_CAR), _used,
    ),
    "ART retired": Kind(
        _TO.format("art-trees", "retirements"), _ART, "Quantity of Credits", "Program Name",
        _to(_ART), _to_written(_ART), _used,
    ),
    "EcoRegistry retired": Kind(
        _TO.format("cercarbono", "retirements"), "serial", "quantity", "industry",
        _eco, _eco_written, _used,
    ),
}  # fmt: skip
"""By name, as tests are called."""


def save(path: Path, rows: Sequence[Row]) -> Path:
    """Write rows as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def judged(*paths: Path) -> tuple[Reading, tuple[Finding, ...]]:
    """Read exports and audit them."""
    reading = read_paths(paths)
    return reading, audit(reading.tables)
