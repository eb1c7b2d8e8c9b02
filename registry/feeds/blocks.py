"""The block that a record names: its serial, its quantity, and what other columns say of it again.

A record whose columns contradict its serial is refused, because nobody can say which of them is
right. A quantity unlike the serial's span is not: it is taken as stated, for a rule to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from registry.errors import shown
from registry.feeds.cells import Cells
from registry.feeds.rows import Claimed, Conversion, Disposed, Issued
from registry.serials.columns import Parsed
from registry.units import DAY_S

_OTHER_ID = re.compile("([A-Za-z]{2,10})[ _-]?[1-9][0-9]{0,17}")
_PREFIXES = frozenset({"ACR", "ART", "CAR", "CDB", "CDC", "GS", "ICR", "PURO", "VCS"})
"""What stands before numbers of projects, each in its own registry only."""

_COOPERATIVE = re.compile(r"CARC[0-9]+", re.IGNORECASE)
_YEARS = re.compile(r"((?:19|20)[0-9]{2}) ?[-/\u2013] ?((?:19|20)[0-9]{2})")


class Block(NamedTuple):
    """Credits of one record, as its row says.

    Attributes:
        registry: Whose serial it is.
        amount_g: As stated, whatever the interval spans.
        spelling: The serial as it stands there.
        project: Number inside that registry.
    """

    registry: str
    amount_g: int
    scope: str
    start_g: int | None
    end_g: int | None
    batch: str | None
    serial: str
    spelling: str
    project: str
    vintage: int | None

    def issued(
        self,
        *,
        at_s: int | None,
        period: tuple[int | None, int | None],
        verified_g: int | None = None,
    ) -> Issued:
        """Make the row of its issuance."""
        return Issued(
            registry=self.registry,
            amount_g=self.amount_g,
            scope=self.scope,
            start_g=self.start_g,
            end_g=self.end_g,
            batch=self.batch,
            project=self.project,
            vintage=self.vintage,
            at_s=at_s,
            serial=self.serial,
            spelling=self.spelling,
            period_start_s=period[0],
            period_end_s=period[1],
            verified_g=verified_g,
        )

    def disposed(
        self,
        kind: str,
        *,
        at_s: int | None,
        account: str | None = None,
        purpose: str | None = None,
        reason: str | None = None,
        beneficiary: str | None = None,
        eligible: bool | None = None,
        adjusted: bool | None = None,
    ) -> Iterator[Disposed | Claimed]:
        """Yield the row of its retirement or cancellation, and the beneficiary's claim to it."""
        yield Disposed(
            registry=self.registry,
            kind=kind,
            amount_g=self.amount_g,
            scope=self.scope,
            start_g=self.start_g,
            end_g=self.end_g,
            batch=self.batch,
            account=account,
            at_s=at_s,
            serial=self.serial,
            spelling=self.spelling,
            project=self.project,
            vintage=self.vintage,
            purpose=purpose,
            reason=reason,
            beneficiary=beneficiary,
            eligible=eligible,
            adjusted=adjusted,
        )
        if beneficiary:
            yield Claimed(
                registry=self.registry,
                beneficiary=beneficiary,
                amount_g=self.amount_g,
                scope=self.scope,
                start_g=self.start_g,
                end_g=self.end_g,
                purpose=purpose,
                at_s=at_s,
            )

    def converted(self, target: str, *, issued_s: int | None, at_s: int) -> Conversion:
        """Make the row of its conversion into credits of another registry."""
        return Conversion(
            registry=self.registry,
            project=self.project,
            target=target,
            amount_g=self.amount_g,
            scope=self.scope,
            start_g=self.start_g,
            end_g=self.end_g,
            serial=self.serial,
            issued_s=issued_s,
            at_s=at_s,
        )


def read_block(
    cells: Cells, serial: str, quantity: str, *registries: str, commas: bool = False
) -> tuple[Block, Parsed]:
    """Read a record's serial and quantity.

    Args:
        serial: Column of the serial.
        quantity: Column of the quantity, in whole tonnes.
        registries: Whose serials the file holds.
        commas: Read "1,454,054", too.

    Returns:
        The block with what the serial says of project and vintage, and the serial.

    Raises:
        FeedError: either is malformed, or nothing is the quantity of a serial.
    """
    found = cells.serial(serial, *registries)
    amount_g = cells.tonnes(quantity, commas=commas)
    if not amount_g:
        raise cells.refused(quantity, "expected more than 0, as a serial names the credits")
    interval = found.interval
    block = Block(
        registry=found.registry,
        amount_g=amount_g,
        scope=found.scope,
        start_g=interval.start_g if interval else None,
        end_g=interval.end_g if interval else None,
        batch=found.batch,
        serial=found.canonical,
        spelling=cells.raw(serial),
        project=found.project or "",
        vintage=found.vintage,
    )
    return block, found


def read_agreeing_block(
    cells: Cells, serial: str, quantity: str, project: str, registry: str
) -> Block:
    """Read the serial and quantity of a record that says its project and vintage again.

    Args:
        serial: Column of the serial.
        quantity: Column of the quantity, in whole tonnes.
        project: Column of the project, whose ids may begin with the registry's name.
        registry: Whose serials the file holds.

    Raises:
        FeedError: a cell is malformed, or contradicts the serial.
    """
    block, found = read_block(cells, serial, quantity, registry)
    agree(cells, project, project_number_or_none(cells, project, registry), found.project)
    vintage_or_none(cells, "Vintage", found.vintage)
    return block


def agree(cells: Cells, column: str, stated: str | int | None, in_serial: str | int | None) -> None:
    """Refuse a record whose column says something else than its serial; null says nothing."""
    if stated is not None and in_serial is not None and stated != in_serial:
        expected = f"expected {in_serial} as in the serial, got {shown(cells.text(column))}"
        raise cells.refused(column, expected)


def project_id(cells: Cells, column: str, prefix: str = "") -> str:
    """Return a project's number inside its registry, such as "1185" of "ACR1185".

    An id of other letters and a number is kept as it stands, in capitals: a cooperative's
    "CARC1741" is another thing than project 1741, and "VCSOPR2" than 2. Another registry's is not.

    Args:
        prefix: What may stand before the number, in any case.
    """
    text = cells.text(column)
    found = _number(text, prefix)
    if found is not None:
        return found
    other = _OTHER_ID.fullmatch(text)
    if other is None or other[1].upper() in _PREFIXES:
        example = f"{prefix}123" if prefix else "123"
        raise cells.refused(column, f"expected a project's id such as {example}, got {shown(text)}")
    return text.upper()


def project_number_or_none(cells: Cells, column: str, prefix: str = "") -> str | None:
    """Return a project's number, to be compared with a serial's.

    Returns:
        None where the cell is empty, or names a cooperative of several projects.
    """
    text = cells.text(column)
    found = _number(text, prefix)
    if found is None and text and not _COOPERATIVE.fullmatch(text):
        example = f"{prefix}123" if prefix else "123"
        raise cells.refused(column, f"expected a project's id such as {example}, got {shown(text)}")
    return found


@lru_cache(maxsize=10_000)
def _number(text: str, prefix: str) -> str | None:
    pattern = rf"(?:{prefix}[ -]?)?0*([1-9][0-9]{{0,17}})(?:\.0{{1,6}})?"
    match = re.fullmatch(pattern, text, re.IGNORECASE)
    return match[1] if match else None


def vintage_or_none(cells: Cells, column: str, in_serial: int | None = None) -> int | None:
    """Return the vintage in a column, which must be the serial's where there is one.

    Several years, such as "2019-2020", are the serial's vintage if that is among them.

    Returns:
        None where the cell is empty, or where nothing says which of several years.
    """
    match = _YEARS.fullmatch(cells.text(column))
    if match is None:
        vintage = cells.year_or_none(column)
        agree(cells, column, vintage, in_serial)
        return vintage
    first, last = int(match[1]), int(match[2])
    if last < first:
        got = shown(cells.text(column))
        raise cells.refused(column, f"expected years in their order, got {got}")
    if in_serial is not None and not first <= in_serial <= last:
        agree(cells, column, first, in_serial)
    return in_serial if first < last else first


def one_of(cells: Cells, columns: tuple[str, ...]) -> str:
    """Return the first that the file has of one column's names in several years."""
    return next((column for column in columns if cells.columns.has(column)), columns[0])


def crediting_period(
    cells: Cells, first: str, last: str, *, us: bool = False
) -> tuple[int | None, int | None]:
    """Return a project's crediting period, half-open, of which either end may be unknown.

    Args:
        first: Column of its first day.
        last: Column of its last day.
        us: Read 12/31/2026, too.
    """
    if cells.text(first) and cells.text(last):
        return cells.period(first, last, us=us)
    end_s = cells.when_or_none(last, us=us)
    end_s = None if end_s is None else end_s - end_s % DAY_S + DAY_S
    return cells.when_or_none(first, us=us), end_s
