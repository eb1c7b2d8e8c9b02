"""Exports that are written are read back as they were, cell by cell and byte by byte."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from registry.feeds import writing as sut
from registry.feeds.cells import Cells, Columns
from registry.feeds.records import Poison, read_records
from registry.feeds.tokens import units_or_none
from registry.units import DAY_S

SERIAL = "9-1-40-VCS-VCU-0-VER-BR-14-9001-01012023-31122023-0"


def is_kept(text: str) -> bool:
    """Say whether a ledger keeps such a text, and a reader does not strip it."""
    categories = {unicodedata.category(letter) for letter in text}
    return text == text.strip() and not categories & {"Cc", "Cs", "Zl", "Zp"}


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).filter(is_kept) | (
    st.sampled_from(('=1+1"', "+A, B", "-", "@SUM(A1)", "Ö; 'x'", '"', ","))
)
DAYS = st.integers(0, 40_000).map(lambda day: day * DAY_S)
MOMENTS = st.integers(0, 40_000 * DAY_S)
NUMBERS = st.integers(1, 9_000_000_000_000)
YEARS = st.integers(1900, 2099)
UUIDS = st.uuids().map(str)
ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())

VERRA = st.builds(
    sut.VerraTransaction,
    *(DAYS, DAYS, DAYS, NUMBERS, TEXTS, TEXTS, TEXTS, NUMBERS, NUMBERS, st.just(SERIAL)),
    st.none() | DAYS,
    *(TEXTS, TEXTS, TEXTS),
)
ISSUANCES = st.builds(
    sut.EcoIssuance, TEXTS, NUMBERS, NUMBERS, MOMENTS, YEARS, st.booleans(), DAYS, DAYS
)
RETIREMENTS = st.builds(
    sut.EcoRetirement,
    *(TEXTS, NUMBERS, NUMBERS, NUMBERS, MOMENTS, YEARS, NUMBERS, TEXTS, TEXTS, TEXTS),
)
HOLDERS = st.builds(
    sut.IcrHolder,
    *(ADDRESSES, ADDRESSES, st.integers(-(10**38), 10**38), NUMBERS, TEXTS),
    *(st.sampled_from(("exPost", "retirementCertificate")), st.integers(0, 10**38)),
)
UNITS = st.builds(
    sut.CadTrustUnit,
    *(UUIDS, UUIDS, UUIDS, TEXTS, TEXTS, NUMBERS, NUMBERS, NUMBERS, YEARS, TEXTS, TEXTS, TEXTS),
)
PROJECTS = st.builds(sut.CadTrustProject, UUIDS, UUIDS, TEXTS, NUMBERS, TEXTS, TEXTS, TEXTS)


def cells_of(text: str) -> Iterator[Cells]:
    records = read_records(io.BytesIO(text.encode()))
    header = next(records)
    assert not isinstance(header, Poison)
    columns = Columns("written.csv", header)
    assert columns.doubled is None
    for row, record in enumerate(records, 1):
        assert not isinstance(record, Poison)
        assert len(record) == columns.count
        yield Cells(columns, row, record, None)


def verra(cells: Cells) -> sut.VerraTransaction:
    return sut.VerraTransaction(
        cells.when("Issuance Date"),
        cells.when("Vintage Start"),
        cells.when("Vintage End"),
        cells.whole("ID"),
        *map(cells.raw, ("Name", "Country/Area", "Methodology")),
        cells.whole("Total Vintage Quantity", commas=True),
        cells.whole("Quantity Issued", commas=True),
        cells.raw("Serial Number"),
        cells.when_or_none("Retirement/Cancellation Date"),
        *map(cells.raw, ("Retirement Beneficiary", "Retirement Reason", "Retirement Details")),
    )


def days(cells: Cells) -> list[int]:
    """Read the period as days of columns of their own."""
    first, last = cells.raw("vintage_of_credits").split(" / ")
    columns = Columns("period.csv", ["first", "last"])
    period = Cells(columns, 1, [first, last], None)
    return [period.when("first"), period.when("last")]


def issuance(cells: Cells) -> sut.EcoIssuance:
    is_buffer = cells.flag_or_none("is_buffer", "true", "false")
    assert is_buffer is not None
    return sut.EcoIssuance(
        cells.raw("serial"),
        cells.whole("verification"),
        cells.whole("issued_quantity"),
        cells.when("issuance_date"),
        cells.year("year"),
        is_buffer,
        *days(cells),
    )


def retirement(cells: Cells) -> sut.EcoRetirement:
    return sut.EcoRetirement(
        cells.raw("serial"),
        *map(cells.whole, ("from", "to", "quantity")),
        cells.when("date"),
        cells.year("vintage"),
        cells.whole("project_id"),
        *map(cells.raw, ("project_name", "certificate_destination", "end_user")),
    )


def holder(cells: Cells) -> sut.IcrHolder:
    assert cells.whole("decimals") == sut.ICR_DECIMALS
    return sut.IcrHolder(
        *map(cells.raw, ("projectAddress", "accountAddress")),
        int(units_or_none(cells, "balance") or ""),
        cells.whole("tokenId"),
        *map(cells.raw, ("serialization", "assetType")),
        int(units_or_none(cells, "supply") or ""),
    )


def unit(cells: Cells) -> sut.CadTrustUnit:
    named = ("warehouseUnitId", "issuanceId", "orgUid", "unitOwner", "serialNumberBlock")
    return sut.CadTrustUnit(
        *map(cells.raw, named),
        *map(cells.whole, ("unitBlockStart", "unitBlockEnd", "unitCount")),
        cells.year("vintageYear"),
        *map(cells.raw, ("unitType", "unitStatus", "unitStatusReason")),
    )


def project(cells: Cells) -> sut.CadTrustProject:
    assert cells.raw("originProjectId") == cells.raw("projectId")
    assert cells.raw("registryOfOrigin") == cells.raw("currentRegistry")
    return sut.CadTrustProject(
        *map(cells.raw, ("warehouseProjectId", "orgUid", "currentRegistry")),
        cells.whole("projectId"),
        *map(cells.raw, ("projectName", "projectDeveloper", "methodology")),
    )


def check(write: Callable[[Iterable[Any]], str], read: Callable[[Cells], Any], rows: Any) -> None:
    text = write(rows)
    back = [read(cells) for cells in cells_of(text)]
    assert back == rows
    assert write(back) == text


@given(st.lists(VERRA, max_size=4))
def test_law_transactions_are_read_as_they_were_written(rows: list[Any]) -> None:
    check(sut.verra_transactions, verra, rows)


@given(st.lists(ISSUANCES, max_size=4))
def test_law_issuances_are_read_as_they_were_written(rows: list[Any]) -> None:
    check(sut.eco_issuances, issuance, rows)


@given(st.lists(RETIREMENTS, max_size=4))
def test_law_retirements_are_read_as_they_were_written(rows: list[Any]) -> None:
    check(sut.eco_retirements, retirement, rows)


@given(st.lists(HOLDERS, max_size=4))
def test_law_holders_are_read_as_they_were_written(rows: list[Any]) -> None:
    check(sut.icr_holders, holder, rows)


@given(st.lists(UNITS, max_size=4))
def test_law_units_are_read_as_they_were_written(rows: list[Any]) -> None:
    check(sut.cad_trust_units, unit, rows)


@given(st.lists(PROJECTS, max_size=4))
def test_law_projects_are_read_as_they_were_written(rows: list[Any]) -> None:
    check(sut.cad_trust_projects, project, rows)


def test_write_leaves_formulas_as_they_are() -> None:
    row = sut.EcoRetirement("CDC_1", 1, 2, 2, 0, 2023, 1, "=1+1", "@use", "-Acme, Inc.")
    assert sut.eco_retirements([row]).splitlines()[1] == (
        '=1+1,1,CDC_1,2023,@use,"-Acme, Inc.",,1970-01-01 00:00:00,2,,1,2,Not defined'
    )


def test_write_groups_digits_as_verra_does() -> None:
    row = sut.VerraTransaction(0, 0, 0, 9001, "", "", "", 1_454_054, 40, SERIAL)
    line = sut.verra_transactions([row]).splitlines()[1]
    assert line == f'1970-01-01,,1970-01-01,1970-01-01,9001,,,,,"1,454,054",40,{SERIAL},,,,,'
