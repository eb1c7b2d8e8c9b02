"""EcoRegistry's public exports: issuances, and retirements with the units they took.

Both are UTF-8 CSV files with a header. The reader is strict: it refuses the whole file on its first
bad row, with the file, the record number (the first record under the header is 1), the column and
what was expected there. It never coerces a cell, and its memory is bounded by the rows it returns.

Retirements print their time without a zone. It is read as UTC: where a serial was retired at the
moment of its issuance, both files show the same second, and issuances are in UTC.

The serial's verification number is not compared with the column: they differ on a few real rows.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import count
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from registry.errors import FeedError, IdentifierError, TextError
from registry.records.base import Record
from registry.records.identity import check_text
from registry.records.interval import Interval
from registry.serials import ecoregistry
from registry.serials.block import block_interval
from registry.serials.serial import Serial
from registry.units import AMOUNT_MAX_G, GRAMS_PER_TONNE

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

RECORD_MAX_BYTES = 65_536
"""Longest record, its line ends included; real ones have less than 1,000 bytes."""

_ISSUANCE_SIGN = frozenset({"serial", "issued_quantity"})
_RETIREMENT_SIGN = frozenset({"serial", "from", "to"})
_BOM = b"\xef\xbb\xbf"
_AMOUNT_MAX_T = AMOUNT_MAX_G // GRAMS_PER_TONNE
_WHOLE = re.compile(r"0|[1-9][0-9]{0,18}")
_DAY = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
_TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})"
_PERIOD = re.compile(f"({_DAY}) / ({_DAY})")
_ISSUED_AT = re.compile(rf"{_DAY}T{_TIME}\.[0-9]{{3}}Z")
_RETIRED_AT = re.compile(f"{_DAY} {_TIME}")


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
        _only(folder, headers, "issuances", _ISSUANCE_SIGN),
        _only(folder, headers, "retirements", _RETIREMENT_SIGN),
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
    for cells in _read(str(path), ISSUANCE_COLUMNS):
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
    for cells in _read(str(path), RETIREMENT_COLUMNS):
        retirement = _retirement(cells)
        if issued is not None and retirement.serial not in issued:
            expected = f"expected a serial among the issuances, got {retirement.serial}"
            raise cells.refused("serial", expected)
        rows.append(retirement)
    return tuple(rows)


class _Cells:
    """The cells of one record, each read strictly as what its column holds."""

    def __init__(self, path: str, row: int, cells: Mapping[str, str]) -> None:
        self.path = path
        self.row = row
        self._cells = cells

    def refused(self, column: str, expected: str) -> FeedError:
        return FeedError(self.path, self.row, column, expected)

    def _mismatch(self, column: str, expected: str) -> FeedError:
        shown = self._cells[column]
        shown = shown if len(shown) <= 60 else shown[:60] + "..."
        return self.refused(column, f"expected {expected}, got {shown!r}")

    def serial(self) -> Serial:
        try:
            return ecoregistry.parse(self._cells["serial"])
        except IdentifierError as error:
            raise self.refused("serial", str(error)) from error

    def whole(self, column: str, most: int = _AMOUNT_MAX_T) -> int:
        text = self._cells[column]
        if not _WHOLE.fullmatch(text):
            raise self._mismatch(column, "a whole number in plain digits")
        if int(text) > most:
            raise self._mismatch(column, f"at most {most}")
        return int(text)

    def year(self, column: str, serial: Serial) -> int:
        year = self.whole(column)
        if not 1900 <= year <= 2099:
            raise self._mismatch(column, "a year")
        if serial.vintage not in (None, year):
            raise self._mismatch(column, f"{serial.vintage} as in the serial")
        return year

    def flag(self, column: str) -> bool:
        text = self._cells[column]
        if text not in ("True", "False"):
            raise self._mismatch(column, "True or False")
        return text == "True"

    def text(self, column: str) -> str:
        try:
            return check_text(column, self._cells[column])
        except TextError as error:
            raise self.refused(column, error.expected) from error

    def seconds(self, column: str, shape: re.Pattern[str], example: str) -> int:
        match = shape.fullmatch(self._cells[column])
        if match:
            try:
                year, month, day, hour, minute, second = map(int, match.groups())
                moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            except ValueError:
                pass
            else:
                return int(moment.timestamp())
        raise self._mismatch(column, f"a time such as {example}")

    def period(self, column: str) -> tuple[date, date]:
        match = _PERIOD.fullmatch(self._cells[column])
        if match:
            try:
                start, end = date.fromisoformat(match[1]), date.fromisoformat(match[5])
            except ValueError:
                pass
            else:
                if start <= end:
                    return start, end
                raise self._mismatch(column, "a period that ends on or after its first day")
        raise self._mismatch(column, "a period such as 2010-01-01 / 2018-09-30")


def _issuance(cells: _Cells) -> IssuanceRow:
    serial = cells.serial()
    is_buffer = cells.flag("is_buffer")
    if is_buffer != serial.is_buffer:
        raise cells.refused("is_buffer", f"expected {serial.is_buffer} as the serial's mark says")
    period_start, period_end = cells.period("vintage_of_credits")
    return IssuanceRow(
        row=cells.row,
        serial=serial,
        verification=cells.whole("verification"),
        amount_t=cells.whole("issued_quantity"),
        issued_at_s=cells.seconds("issuance_date", _ISSUED_AT, "2019-03-07T18:33:46.000Z"),
        year=cells.year("year", serial),
        period_start=period_start,
        period_end=period_end,
        is_buffer=is_buffer,
    )


def _retirement(cells: _Cells) -> RetirementRow:
    serial = cells.serial()
    first, last, amount_t = cells.whole("from"), cells.whole("to"), cells.whole("quantity")
    if last < first:
        raise cells.refused("to", f"expected a unit from {first} on, got {last}")
    if amount_t != last - first + 1:
        expected = f"expected {last - first + 1} as from {first} to {last}, got {amount_t}"
        raise cells.refused("quantity", expected)
    try:
        block_interval(first, last, serial.base)
    except IdentifierError as error:
        raise cells.refused("from" if first < serial.base else "to", error.expected) from error
    project_id = cells.whole("project_id")
    if project_id != serial.project:
        expected = f"expected {serial.project} as in the serial, got {project_id}"
        raise cells.refused("project_id", expected)
    return RetirementRow(
        row=cells.row,
        serial=serial,
        first=first,
        last=last,
        amount_t=amount_t,
        retired_at_s=cells.seconds("date", _RETIRED_AT, "2022-02-24 20:20:59"),
        year=cells.year("vintage", serial),
        project_id=project_id,
        project_name=cells.text("project_name"),
        certificate_destination=cells.text("certificate_destination"),
        end_user=cells.text("end_user"),
        passive_subject=cells.text("passive_subject"),
    )


class _Lines:
    """Decoded lines of a file, none of them and no record of them above the bound.

    The csv module's own limit is one per process, so it is not touched: `row` is moved on by the
    caller with each record, and what one record reads is counted here.
    """

    def __init__(self, path: str, chunks: Iterable[bytes]) -> None:
        self._path = path
        self._chunks = iter(chunks)
        self._read_bytes = 0
        self._is_first = True
        self.row: int | None = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        chunk = next(self._chunks)
        if self._is_first:
            chunk = chunk.removeprefix(_BOM)
            self._is_first = False
        self._read_bytes += len(chunk)
        if self._read_bytes > RECORD_MAX_BYTES:
            raise self.refused(f"expected a record of at most {RECORD_MAX_BYTES} bytes")
        if b"\0" in chunk:
            raise self.refused("expected UTF-8 text without NUL bytes")
        try:
            return chunk.decode()
        except UnicodeDecodeError as error:
            raise self.refused("expected UTF-8 text") from error

    def next_record(self, row: int) -> None:
        self.row = row
        self._read_bytes = 0

    def refused(self, expected: str) -> FeedError:
        return FeedError(self._path, self.row, None, expected)


def _read(path: str, columns: tuple[str, ...]) -> Iterator[_Cells]:
    """Yield the records of a CSV file that has at least `columns`."""
    with _open(path) as file:
        lines = _Lines(path, iter(lambda: file.readline(RECORD_MAX_BYTES + 1), b""))
        records = csv.reader(lines, strict=True)
        header = _next(lines, records)
        if header is None:
            raise FeedError(path, None, None, "expected a header, the file is empty")
        _check_header(path, header, columns)
        for row in count(1):
            lines.next_record(row)
            record = _next(lines, records)
            if record is None:
                return
            if len(record) != len(header):
                expected = f"expected {len(header)} cells as in the header, got {len(record)}"
                raise FeedError(path, row, None, expected)
            yield _Cells(path, row, dict(zip(header, record, strict=True)))


def _open(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise FeedError(path, None, None, f"expected a file to read: {error}") from error


def _next(lines: _Lines, records: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(records, None)
    except csv.Error as error:
        raise lines.refused(f"expected a CSV record: {error}") from error
    except OSError as error:
        raise lines.refused(f"expected a file to read: {error}") from error


def _check_header(path: str, header: list[str], columns: tuple[str, ...]) -> None:
    doubled = sorted({name for name in header if header.count(name) > 1})
    if doubled:
        raise FeedError(path, None, doubled[0][:60], "expected this column once in the header")
    missing = [name for name in columns if name not in header]
    if missing:
        raise FeedError(path, None, missing[0], "expected this column, the header lacks it")


def _peek(path: Path) -> frozenset[str]:
    """Return the names in a file's first line; none for a file that is not such text."""
    with path.open("rb") as file:
        line = file.readline(RECORD_MAX_BYTES + 1)
    try:
        text = line.removeprefix(_BOM).decode()
        return frozenset(next(csv.reader([text], strict=True), ()))
    except (UnicodeDecodeError, csv.Error):
        return frozenset()


def _only(
    folder: str | PathLike[str],
    headers: Mapping[Path, frozenset[str]],
    kind: str,
    sign: frozenset[str],
) -> Path:
    found = [path for path, names in headers.items() if sign <= names]
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        expected = f"expected one EcoRegistry export of {kind} in this folder, found {names}"
        raise FeedError(str(folder), None, None, expected)
    return found[0]
