"""The cells of one record, each read strictly as what its column holds.

Nothing is coerced: a cell that is not what was expected refuses its record, with file, row and
column. The one leniency is a whole number that a spreadsheet wrote as "79565.0".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from registry.errors import FeedError, IdentifierError, shown
from registry.serials.columns import Parsed, parsed
from registry.serials.grammar import parse
from registry.units import AMOUNT_MAX_G, DAY_S, GRAMS_PER_KILOGRAM, GRAMS_PER_TONNE

NUMBER_MAX = 2**63 - 1

_WHOLE = re.compile(r"(0|[1-9][0-9]{0,18})(?:\.0{1,6})?")
_WHOLE_COMMAS = re.compile(r"([1-9][0-9]{0,2}(?:,[0-9]{3}){1,6})(?:\.0{1,6})?")
_YEAR = re.compile(r"((?:19|20)[0-9]{2})(?:\.0{1,6})?")
_CLOCK = r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?"
_ISO = re.compile(
    rf"([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}})(?:[T ]{_CLOCK} ?(Z|UTC|[+-][0-9]{{2}}:?[0-9]{{2}})?)?"
)
_US = re.compile(rf"([0-9]{{1,2}})/([0-9]{{1,2}})/([0-9]{{4}})(?: {_CLOCK}(?: ?([AaPp])[Mm])?)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Columns:
    """Where a file's columns are, by names with white space collapsed and letter case ignored.

    Attributes:
        path: The file.
        count: Columns of its header.
        at: Place of each name, in the form in which names are compared.
        place: Place of a name as a feed spells it; None where there is no such column.
        doubled: A name that stands there twice; None if none does.
    """

    def __init__(self, path: str, header: Sequence[str]) -> None:
        """Read a header."""
        self.path = path
        self.count = len(header)
        self.at: dict[str, int] = {}
        self.doubled: str | None = None
        for index, name in enumerate(header):
            key = plain(name)
            if key in self.at:
                self.doubled = " ".join(name.split())[:60]
            elif key:
                self.at[key] = index
        self.place = _Places(self.at)
        # Index columns that a spreadsheet or a data frame added say nothing.
        named = {key: index for key, index in self.at.items() if not key.startswith("unnamed: ")}
        self._said = sorted(named.items())

    def has(self, name: str) -> bool:
        """Say whether there is such a column."""
        return self.place[name] is not None

    def digest(self, cells: Sequence[str]) -> str:
        """Hash all that a record says, whatever the order of its columns; 32 hex digits."""
        said = [f"{key}\x1f{cells[index]}" for key, index in self._said if cells[index]]
        return hashlib.blake2b("\x1e".join(said).encode(), digest_size=16).hexdigest()


def plain(name: str) -> str:
    """Bring a column's name to the form in which names are compared."""
    # A mark of byte order is no part of a name, however many of them programs put before it.
    return " ".join(name.replace("\ufeff", "").split()).casefold()


class _Places(dict[str, int | None]):
    """Places of columns under every name by which feeds ask for them: formats have few."""

    def __init__(self, at: Mapping[str, int]) -> None:
        self._at = at

    def __missing__(self, name: str) -> int | None:
        self[name] = place = self._at.get(plain(name))
        return place


class Cells(NamedTuple):
    """One record.

    Attributes:
        columns: Of its file.
        row: Record number, from 1 for the first under the header.
        cells: As many as there are columns.
        found: What the column parser made of the serial; None where it left it to the grammar.
    """

    columns: Columns
    row: int
    cells: Sequence[str]
    found: Parsed | None = None

    def refused(self, column: str, expected: str) -> FeedError:
        """Return the error that quarantines this record, to be raised."""
        return FeedError(self.columns.path, self.row, column, expected)

    def _unlike(self, column: str, expected: str) -> FeedError:
        return self.refused(column, f"expected {expected}, got {shown(self.text(column))}")

    def raw(self, column: str) -> str:
        """Return a cell as it stands there; "" where there is no such column."""
        index = self.columns.place[column]
        return "" if index is None else self.cells[index]

    def text(self, column: str) -> str:
        """Return a cell without white space around it; "" where there is no such column."""
        return self.raw(column).strip()

    def text_or_none(self, column: str) -> str | None:
        """Return a cell's text; None where it is empty."""
        return self.text(column) or None

    def named(self, column: str) -> str:
        """Return the text of a cell that must not be empty."""
        text = self.text(column)
        if not text:
            raise self.refused(column, "expected a value, the cell is empty")
        return text

    def whole(self, column: str, *, commas: bool = False, most: int = NUMBER_MAX) -> int:
        """Return a whole number of at least zero in plain ASCII digits.

        Args:
            commas: Read "1,454,054", too.
            most: The largest that is lawful.
        """
        text = self.text(column)
        match = _WHOLE.fullmatch(text)
        if match is None and commas:
            match = _WHOLE_COMMAS.fullmatch(text)
        if match is None:
            raise self._unlike(column, "a whole number in plain digits")
        number = int(match[1].replace(",", ""))
        if number > most:
            raise self._unlike(column, f"at most {most}")
        return number

    def tonnes(self, column: str, *, commas: bool = False) -> int:
        """Return an amount given in whole tonnes, in grams."""
        most = AMOUNT_MAX_G // GRAMS_PER_TONNE
        return self.whole(column, commas=commas, most=most) * GRAMS_PER_TONNE

    def tonnes_or_none(self, column: str, *, commas: bool = False) -> int | None:
        """Return an amount given in whole tonnes, in grams; None where the cell is empty."""
        return self.tonnes(column, commas=commas) if self.text(column) else None

    def kilograms(self, column: str) -> int:
        """Return an amount given in whole kilograms, in grams."""
        return self.whole(column, most=AMOUNT_MAX_G // GRAMS_PER_KILOGRAM) * GRAMS_PER_KILOGRAM

    def year(self, column: str) -> int:
        """Return a year from 1900 to 2099."""
        match = _YEAR.fullmatch(self.text(column))
        if match is None:
            raise self._unlike(column, "a year")
        return int(match[1])

    def year_or_none(self, column: str) -> int | None:
        """Return a year; None where the cell is empty."""
        return self.year(column) if self.text(column) else None

    def flag_or_none(self, column: str, true: str = "yes", false: str = "no") -> bool | None:
        """Return what a yes or no says, in any case; None where the cell is empty."""
        text = self.text(column).casefold()
        if text not in (true, false, ""):
            raise self._unlike(column, f"{true} or {false}")
        return None if not text else text == true

    def when(self, column: str, *, us: bool = False) -> int:
        """Return a day or a moment as seconds since 1970-01-01 UTC, a day as its first second.

        Read is 2026-04-03, with T or a blank and a time behind it where there is one (UTC unless
        it names an offset). Parts of a second are dropped.

        Args:
            us: Read 12/31/2026 and 12/31/2026 7:05:09 PM, too.
        """
        text = self.text(column)
        seconds = _seconds(text, us=us)
        if seconds is None:
            example = "2026-04-03 or 4/3/2026 (month first)" if us else "2026-04-03"
            raise self._unlike(column, f"a date such as {example}")
        return seconds

    def when_or_none(self, column: str, *, us: bool = False) -> int | None:
        """Return a day or a moment; None where the cell is empty."""
        return self.when(column, us=us) if self.text(column) else None

    def period(self, first: str, last: str, *, us: bool = False) -> tuple[int | None, int | None]:
        """Return a period of days, half-open, from the columns of its first and its last day.

        Returns:
            Two nulls where both cells are empty, and where the file lacks one of the columns.
        """
        start_s, end_s = self.when_or_none(first, us=us), self.when_or_none(last, us=us)
        is_known = self.columns.has(first) and self.columns.has(last)
        if not is_known or (start_s is None and end_s is None):
            return None, None
        if start_s is None or end_s is None:
            empty = first if start_s is None else last
            raise self.refused(empty, "expected a day, the other end of the period is given")
        if end_s < start_s:
            raise self._unlike(last, f"a day not before the column {first}")
        return start_s, end_s - end_s % DAY_S + DAY_S

    def serial(self, column: str, *registries: str) -> Parsed:
        """Return the serial in a cell.

        Args:
            column: Its column; the format's `serial_column` has been read already.
            registries: Whose it may be.
        """
        found = self.found
        if found is None:
            try:
                found = parsed(parse(self.raw(column)))
            except IdentifierError as error:
                raise self.refused(column, str(error)) from error
        if found.registry not in registries:
            wanted = " or ".join(registries)
            raise self._unlike(column, f"a serial of {wanted}, not of {found.registry}")
        return found


@lru_cache(maxsize=65_536)
def _seconds(text: str, *, us: bool) -> int | None:
    iso = _ISO.fullmatch(text)
    if iso:
        year, month, day, hour, minute, second, zone = iso.groups()
        offset_s = _offset_s(zone)
        half = None
    else:
        american = _US.fullmatch(text) if us else None
        if american is None:
            return None
        month, day, year, hour, minute, second, half = american.groups()
        offset_s = 0
    if offset_s is None:
        return None
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half in "Pp" else 0)
    try:
        days = date(int(year), int(month), int(day)).toordinal() - _EPOCH.toordinal()
    except ValueError:
        return None
    minutes, seconds = int(minute or 0), int(second or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return days * DAY_S + hours * 3_600 + minutes * 60 + seconds - offset_s


def _offset_s(zone: str | None) -> int | None:
    if zone is None or zone in ("Z", "UTC"):
        return 0
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 14 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return int(offset.total_seconds()) * (-1 if zone[0] == "-" else 1)
