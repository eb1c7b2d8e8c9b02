"""EcoRegistry's exports, read strictly: what is put on a ledger must be as it was published.

The whole file is refused on its first bad row, with the file, the record number (the first record
under the header is 1), the column and what was expected there. Every column must be there, and no
spelling of a number, a flag or a time is read but the registry's own. Memory is bounded by the rows
that are returned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from os import PathLike
from pathlib import Path
from typing import BinaryIO, NamedTuple

from registry.errors import FeedError, IdentifierError, TextError, shown
from registry.feeds.blocks import agree
from registry.feeds.cells import Cells, Columns, plain
from registry.feeds.ecoregistry import (
    ISSUANCE_SIGN,
    PERIOD,
    RETIREMENT_SIGN,
    UNITS_MAX,
    check_buffer,
    period_or_none,
    units,
    vintage_year,
)
from registry.feeds.records import Poison, read_records
from registry.records.base import Record
from registry.records.identity import check_text
from registry.records.interval import Interval
from registry.serials import ecoregistry
from registry.serials.block import block_interval
from registry.serials.serial import Serial
from registry.units import GRAMS_PER_TONNE

ISSUANCE_COLUMNS = (
    "verification",
    "serial",
    "issued_quantity",
    "issuance_date",
    "year",
    "is_buffer",
    "vintage_of_credits",
)
"""Columns that must be there, in any order; others are not read."""

RETIREMENT_COLUMNS = (
    "project_name",
    "project_id",
    "serial",
    "vintage",
    "certificate_destination",
    "end_user",
    "passive_subject",
    "date",
    "quantity",
    "from",
    "to",
)
"""Columns that must be there, in any order; others are not read."""


class _Shape(NamedTuple):
    """The one spelling that the strict reader takes."""

    pattern: re.Pattern[str]
    expected: str


_DIGITS = _Shape(re.compile("0|[1-9][0-9]{0,18}"), "a whole number in plain digits")
_DAY_TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}{}[0-9]{2}:[0-9]{2}:[0-9]{2}"
_ISSUANCE_SHAPES = {
    "verification": _DIGITS,
    "issued_quantity": _DIGITS,
    "issuance_date": _Shape(
        re.compile(_DAY_TIME.replace("{}", "T") + r"\.[0-9]{3}Z"),
        "a time such as 2019-03-07T18:33:46.000Z",
    ),
    "year": _DIGITS,
    "is_buffer": _Shape(re.compile("True|False"), "True or False"),
    "vintage_of_credits": _Shape(PERIOD, "a period such as 2010-01-01 / 2018-09-30"),
}
_RETIREMENT_SHAPES = {
    "project_id": _DIGITS,
    "vintage": _DIGITS,
    "date": _Shape(re.compile(_DAY_TIME.replace("{}", " ")), "a time such as 2022-02-24 20:20:59"),
    "quantity": _DIGITS,
    "from": _DIGITS,
    "to": _DIGITS,
}


class IssuanceRow(Record):
    """One issued serial.

    Attributes:
        row: Record number in the file, from 1.
        amount_t: t CO2e issued; 0 is possible.
        issued_at_s: Seconds since 1970-01-01 UTC; thousandths are dropped.
        year: Vintage year.
        period_start: First day of the monitoring period.
        period_end: Last day of it, included.
        is_buffer: Issued into a buffer; agrees with the serial's mark.
    """

    row: int
    serial: Serial
    verification: int
    amount_t: int
    issued_at_s: int
    year: int
    period_start: date
    period_end: date
    is_buffer: bool

    @property
    def interval(self) -> Interval | None:
        """The grams issued, in the serial's scope; None when nothing was."""
        return Interval(0, self.amount_t * GRAMS_PER_TONNE) if self.amount_t else None


class RetirementRow(Record):
    """One retirement of a range of units inside one serial.

    Attributes:
        row: Record number in the file, from 1.
        first: First unit retired, counted from the serial's base (column `from`).
        last: Last unit retired, included (column `to`).
        amount_t: t CO2e, last - first + 1.
        retired_at_s: Seconds since 1970-01-01 UTC.
        year: Vintage year.
        certificate_destination: For what use, such as "Voluntary compensation".
        end_user: For whom; "" when none is given.
        passive_subject: Who is liable for the tax that the use covers; "" when none is given.
    """

    row: int
    serial: Serial
    first: int
    last: int
    amount_t: int
    retired_at_s: int
    year: int
    project_id: int
    project_name: str
    certificate_destination: str
    end_user: str
    passive_subject: str

    @property
    def interval(self) -> Interval:
        """The grams retired, in the serial's scope."""
        return block_interval(self.first, self.last, self.serial.base)


def find_exports(folder: str | PathLike[str]) -> tuple[Path, Path]:
    """Find the two exports in a folder by their headers, whatever the files are called.

    Folders inside it are not searched; files of other kinds are passed over.

    Returns:
        Path of the issuances, path of the retirements.

    Raises:
        FeedError: not a folder, or not exactly one file of each kind in it.
    """
    try:
        files = sorted(path for path in Path(folder).iterdir() if path.is_file())
        headers = {path: _peek(path) for path in files}
    except (OSError, ValueError) as error:
        raise FeedError(str(folder), None, None, f"expected a folder to read: {error}") from error
    return (
        _only(folder, headers, "issuances", ISSUANCE_SIGN),
        _only(folder, headers, "retirements", RETIREMENT_SIGN),
    )


def read_issuances(path: str | PathLike[str]) -> tuple[IssuanceRow, ...]:
    """Read an export of issuances.

    Returns:
        Rows in the order of the file; none for a file that holds only its header.

    Raises:
        FeedError: on the first thing that is not as this format has it, a serial issued twice
            (however it is spelled) included.
    """
    rows: list[IssuanceRow] = []
    seen: dict[Serial, int] = {}
    for cells in _read(str(path), ISSUANCE_COLUMNS, _ISSUANCE_SHAPES):
        issuance = _issuance(cells)
        earlier = seen.setdefault(issuance.serial, issuance.row)
        if earlier != issuance.row:
            raise cells.refused("serial", f"expected each serial once, row {earlier} issued it")
        rows.append(issuance)
    return tuple(rows)


def read_retirements(
    path: str | PathLike[str], issuances: Sequence[IssuanceRow] | None = None
) -> tuple[RetirementRow, ...]:
    """Read an export of retirements.

    Args:
        path: The file.
        issuances: Rows that the retired serials must be among; None checks nothing, because
            exports are often partial.

    Returns:
        Rows in the order of the file; none for a file that holds only its header.

    Raises:
        FeedError: on the first thing that is not as this format has it. Retirements that overlap
            or reach beyond what was issued are well formed: finding those is an audit's business.
    """
    issued = None if issuances is None else {issuance.serial for issuance in issuances}
    rows: list[RetirementRow] = []
    for cells in _read(str(path), RETIREMENT_COLUMNS, _RETIREMENT_SHAPES):
        retirement = _retirement(cells)
        if issued is not None and retirement.serial not in issued:
            expected = f"expected a serial among the issuances, got {retirement.serial}"
            raise cells.refused("serial", expected)
        rows.append(retirement)
    return tuple(rows)


def _serial(cells: Cells) -> Serial:
    try:
        serial = ecoregistry.parse(cells.raw("serial"))
    except IdentifierError as error:
        raise cells.refused("serial", str(error)) from error
    if serial.first is not None:
        raise cells.refused("serial", "expected a serial alone, without units of it")
    return serial


def _text(cells: Cells, column: str) -> str:
    try:
        return check_text(column, cells.raw(column))
    except TextError as error:
        raise cells.refused(column, error.expected) from error


def _issuance(cells: Cells) -> IssuanceRow:
    serial = _serial(cells)
    check_buffer(cells, serial.is_buffer)
    period = period_or_none(cells)
    assert period is not None, "its shape was checked"
    return IssuanceRow(
        row=cells.row,
        serial=serial,
        verification=cells.whole("verification", most=UNITS_MAX),
        amount_t=cells.whole("issued_quantity", most=UNITS_MAX),
        issued_at_s=cells.when("issuance_date"),
        year=vintage_year(cells, "year", serial.vintage),
        period_start=period[0],
        period_end=period[1],
        is_buffer=serial.is_buffer,
    )


def _retirement(cells: Cells) -> RetirementRow:
    serial = _serial(cells)
    first, last, _ = units(cells, serial.base)
    amount_t = cells.whole("quantity", most=UNITS_MAX)
    if amount_t != last - first + 1:
        expected = f"expected {last - first + 1} as from {first} to {last}, got {amount_t}"
        raise cells.refused("quantity", expected)
    project_id = cells.whole("project_id")
    agree(cells, "project_id", project_id, serial.project)
    return RetirementRow(
        row=cells.row,
        serial=serial,
        first=first,
        last=last,
        amount_t=amount_t,
        retired_at_s=cells.when("date"),
        year=vintage_year(cells, "vintage", serial.vintage),
        project_id=project_id,
        project_name=_text(cells, "project_name"),
        certificate_destination=_text(cells, "certificate_destination"),
        end_user=_text(cells, "end_user"),
        passive_subject=_text(cells, "passive_subject"),
    )


def _read(path: str, columns: tuple[str, ...], shapes: Mapping[str, _Shape]) -> Iterator[Cells]:
    """Yield the records of a CSV file that has at least `columns`, in the shapes they must have."""
    with _open(path) as file:
        try:
            records = read_records(file)
            header = _header(path, next(records, None))
            for name in columns:
                if not header.has(name):
                    raise FeedError(path, None, name, "expected this column, the header lacks it")
            for row, record in enumerate(records, 1):
                if isinstance(record, Poison):
                    raise FeedError(path, row, None, record.reason)
                if len(record) != header.count:
                    expected = f"expected {header.count} cells as in the header, got {len(record)}"
                    raise FeedError(path, row, None, expected)
                cells = Cells(header, row, record)
                for column, shape in shapes.items():
                    if not shape.pattern.fullmatch(cells.raw(column)):
                        expected = f"expected {shape.expected}, got {shown(cells.raw(column))}"
                        raise cells.refused(column, expected)
                yield cells
        except OSError as error:
            raise FeedError(path, None, None, f"expected a file to read: {error}") from error


def _open(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise FeedError(path, None, None, f"expected a file to read: {error}") from error


def _header(path: str, record: list[str] | Poison | None) -> Columns:
    if record is None:
        raise FeedError(path, None, None, "expected a header, the file is empty")
    if isinstance(record, Poison):
        raise FeedError(path, None, None, record.reason)
    columns = Columns(path, record)
    if columns.doubled is not None:
        raise FeedError(path, None, columns.doubled, "expected this column once")
    return columns


def _peek(path: Path) -> frozenset[str]:
    """Return the names in a file's header; none for a file that has none."""
    with path.open("rb") as file:
        record = next(read_records(file), None)
    return frozenset(map(plain, record)) if isinstance(record, list) else frozenset()


def _only(
    folder: str | PathLike[str],
    headers: Mapping[Path, frozenset[str]],
    kind: str,
    sign: tuple[str, ...],
) -> Path:
    found = [path for path, names in headers.items() if names.issuperset(sign)]
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        expected = f"expected one EcoRegistry export of {kind} in this folder, found {names}"
        raise FeedError(str(folder), None, None, expected)
    return found[0]
