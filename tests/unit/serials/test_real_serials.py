"""Every serial of the real exports: read, printed back, and as long as its row says."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.serials.columns import parse_column, parsed
from registry.serials.grammar import Serial, parse
from registry.serials.intervals import overlaps

FILES = {
    "verra/transactions": ("Serial Number", "Quantity Issued"),
    "gold-standard/issuances": ("Serial Number", "Quantity"),
    "gold-standard/retirements": ("Serial Number", "Quantity"),
    "american-carbon-registry/retirements": ("Credit Serial Numbers", "Quantity of Credits"),
    "american-carbon-registry/cancellations": ("Credit Serial Numbers", "Quantity of Credits"),
    "climate-action-reserve/retirements": (
        "Offset Credit Serial Numbers",
        "Quantity of Offset Credits",
    ),
    "climate-action-reserve/cancellations": (
        "Offset Credit Serial Numbers",
        "Quantity of Offset Credits",
    ),
    "art-trees/retirements": ("Credit Serial Numbers", "Quantity of Credits"),
    "art-trees/cancellations": ("Credit Serial Numbers", "Quantity of Credits"),
}


def rows(exports: Path, name: str) -> Iterator[dict[str, str]]:
    with (exports / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


@pytest.fixture(scope="module")
def read(exports: Path) -> dict[str, list[tuple[Serial, dict[str, str]]]]:
    return {
        name: [(parse(row[column]), row) for row in rows(exports, name)]
        for name, (column, _) in FILES.items()
    }


def test_every_real_serial_is_read_by_its_registrys_grammar(
    read: dict[str, list[tuple[Serial, dict[str, str]]]],
) -> None:
    counts = Counter(serial.registry for found in read.values() for serial, _ in found)
    assert counts == {
        "Verra": 200,
        "Gold Standard": 197,
        "CDM": 3,
        "ACR": 150,
        "CAR": 150,
        "ART": 11,
    }


def test_every_real_serial_prints_as_it_stands_and_spans_its_quantity(
    read: dict[str, list[tuple[Serial, dict[str, str]]]],
) -> None:
    for name, found in read.items():
        for serial, row in found:
            assert str(serial) == serial.raw.strip()
            assert serial.first is not None and serial.last is not None
            quantity = row[FILES[name][1]].replace(",", "")
            assert serial.last - serial.first + 1 == int(quantity)


@pytest.mark.parametrize("name", FILES)
def test_no_real_block_overlaps_another_of_its_file(
    name: str, read: dict[str, list[tuple[Serial, dict[str, str]]]]
) -> None:
    scopes: dict[str, list[Serial]] = {}
    for serial, _ in read[name]:
        scopes.setdefault(serial.scope, []).append(serial)
    for serials in scopes.values():
        assert overlaps([s.interval for s in serials if s.interval is not None]) is None


def test_what_is_decoded_agrees_with_the_rows(
    read: dict[str, list[tuple[Serial, dict[str, str]]]],
) -> None:
    for serial, row in read["verra/transactions"]:
        assert str(serial.project) == row["ID"]
        assert serial.get("vintage_start") == "".join(reversed(row["Vintage Start"].split("-")))
        assert serial.get("vintage_end") == "".join(reversed(row["Vintage End"].split("-")))
        assert (serial.get("additional") == "1") == bool(row["Additional Certifications"])
    for name in ("gold-standard/issuances", "gold-standard/retirements"):
        for serial, row in read[name]:
            if serial.registry == "Gold Standard":
                assert (str(serial.project), str(serial.vintage)) == (row["GSID"], row["Vintage"])
            else:
                assert row["Product Type"] == "CER"
    for name, found in read.items():
        for serial, row in found:
            if serial.registry in ("ACR", "CAR", "ART"):
                identity = row.get("Project ID") or row["Program ID"]
                assert identity == f"{serial.registry}{serial.project}", name
                assert str(serial.vintage) == row["Vintage"]


def test_the_column_reads_every_real_serial_but_pairs(
    read: dict[str, list[tuple[Serial, dict[str, str]]]],
) -> None:
    serials = [serial for found in read.values() for serial, _ in found]
    found = parse_column([serial.raw for serial in serials])
    for serial, one in zip(serials, found, strict=True):
        assert one == (None if serial.registry == "CDM" else parsed(serial))


def test_ecoregistrys_retirements_are_read_with_their_ranges(exports: Path) -> None:
    count = 0
    for row in rows(exports, "cercarbono/retirements"):
        serial = parse(f"{row['serial']} from {row['from']} to {row['to']}")
        assert serial.scope == row["serial"]
        assert serial.interval is not None
        assert serial.interval.amount_g == int(row["quantity"]) * 1_000_000
        count += 1
    assert count == 100
