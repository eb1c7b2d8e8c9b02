"""EcoRegistry's public exports: issuances, and retirements with the units they took.

Retirements print their time without a zone. It is read as UTC: where a serial was retired at the
moment of its issuance, both files show the same second, and issuances are in UTC.

The serial's verification number is not compared with the column: they differ on a few real rows.
`ecoregistry_projects` reads projects, `ecoregistry_strict` whole files for a ledger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from registry.errors import IdentifierError, shown
from registry.feeds import uses
from registry.feeds.blocks import Block, agree, project_number_or_none
from registry.feeds.cells import Cells
from registry.feeds.format import Format
from registry.feeds.rows import Issued, Row
from registry.records.interval import Interval
from registry.serials import ecoregistry
from registry.serials.block import block_interval
from registry.units import AMOUNT_MAX_G, DAY_S, GRAMS_PER_TONNE

REGISTRY = ecoregistry.REGISTRY

ISSUANCE_SIGN = ("serial", "issued_quantity")
RETIREMENT_SIGN = ("serial", "from", "to")
"""Columns that tell an export of issuances, or of retirements, from others."""

UNITS_MAX = AMOUNT_MAX_G // GRAMS_PER_TONNE
PERIOD = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}) / ([0-9]{4}-[0-9]{2}-[0-9]{2})")

_NULLS = frozenset({"None", "null"})
_TAX = re.compile(r"\b(?:tax|impuesto)\b", re.IGNORECASE)


def read_issuance(cells: Cells) -> Iterator[Row]:
    """Make the row of one issued serial.

    Raises:
        FeedError: a cell is malformed, or contradicts the serial.
    """
    yield issuance(_said(cells))


def _said(cells: Cells) -> Cells:
    """Return the record with empty cells where "None" or "null" was printed for nothing."""
    if _NULLS.isdisjoint(cells.cells):
        return cells
    return cells._replace(cells=["" if text in _NULLS else text for text in cells.cells])


def issuance(cells: Cells) -> Issued:
    """Return the row of one issued serial.

    Raises:
        FeedError: a cell is malformed, or contradicts the serial.
    """
    serial = cells.serial("serial", REGISTRY)
    amount_g = cells.tonnes("issued_quantity")
    check_buffer(cells, serial.is_buffer)
    # The oldest serials name no year.
    year = vintage_year(cells, "year", serial.vintage) if cells.text("year") else serial.vintage
    period = period_or_none(cells)
    whole = Interval(0, amount_g) if amount_g else None
    interval = serial.interval or whole
    return Issued(
        registry=REGISTRY,
        amount_g=amount_g,
        scope=serial.scope,
        start_g=interval.start_g if interval else None,
        end_g=interval.end_g if interval else None,
        batch=serial.scope,
        project=serial.project,
        vintage=year,
        at_s=cells.when_or_none("issuance_date"),
        serial=serial.canonical,
        spelling=cells.raw("serial"),
        period_start_s=_seconds(period[0]) if period else None,
        period_end_s=_seconds(period[1]) + DAY_S if period else None,
    )


def read_retirement(cells: Cells) -> Iterator[Row]:
    """Make the rows of one retirement, and of its beneficiary's claim.

    Raises:
        FeedError: a cell is malformed, or contradicts the serial.
    """
    cells = _said(cells)
    serial = cells.serial("serial", REGISTRY)
    _, _, interval = units(cells, serial.base)
    if serial.interval not in (None, interval):
        expected = f"expected the units {serial.first} to {serial.last} as in the serial"
        raise cells.refused("from", f"{expected}, got {cells.text('from')} to {cells.text('to')}")
    amount_g = cells.tonnes("quantity")
    if not amount_g:
        raise cells.refused("quantity", "expected more than 0, as units are named")
    project = project_number_or_none(cells, "project_id", "CDC")
    agree(cells, "project_id", project, serial.project)
    vintage = (
        vintage_year(cells, "vintage", serial.vintage) if cells.text("vintage") else serial.vintage
    )
    destination = cells.text("certificate_destination")
    block = Block(
        registry=REGISTRY,
        amount_g=amount_g,
        scope=serial.scope,
        start_g=interval.start_g,
        end_g=interval.end_g,
        batch=serial.scope,
        serial=serial.canonical,
        spelling=cells.raw("serial"),
        project=serial.project or "",
        vintage=vintage,
    )
    yield from block.disposed(
        "retirement",
        at_s=cells.when_or_none("date"),
        purpose=purpose(destination),
        reason=destination or None,
        beneficiary=beneficiary(cells.text("end_user")),
    )


def purpose(destination: str) -> str | None:
    """Say for what use units were retired; Colombia's carbon tax is one of compliance."""
    return uses.purpose(destination) or (uses.COMPLIANCE if _TAX.search(destination) else None)


def beneficiary(end_user: str) -> str | None:
    """Return whom a retirement names; None where nobody is named in public."""
    return None if end_user.casefold() == "not public" else uses.somebody(end_user)


def check_buffer(cells: Cells, is_buffer: bool) -> None:
    """Refuse a flag that contradicts the serial's mark; an empty cell says nothing."""
    if cells.flag_or_none("is_buffer", "true", "false") not in (None, is_buffer):
        raise cells.refused("is_buffer", f"expected {is_buffer} as the serial's mark says")


def vintage_year(cells: Cells, column: str, vintage: int | None) -> int:
    """Return the year in a column, which must be the serial's where that has one."""
    year = cells.year(column)
    agree(cells, column, year, vintage)
    return year


def period_or_none(cells: Cells) -> tuple[date, date] | None:
    """Return the first and the last day of the monitoring period; None where the cell is empty."""
    text = cells.text("vintage_of_credits")
    if not text:
        return None
    match = PERIOD.fullmatch(text)
    try:
        days = (date.fromisoformat(match[1]), date.fromisoformat(match[2])) if match else None
    except ValueError:
        days = None
    if days is None:
        expected = "a period such as 2010-01-01 / 2018-09-30"
    elif days[1] < days[0]:
        expected = "a period that ends on or after its first day"
    else:
        return days
    raise cells.refused("vintage_of_credits", f"expected {expected}, got {shown(text)}")


def units(cells: Cells, base: int) -> tuple[int, int, Interval]:
    """Return the first and the last unit of a retirement, and the grams that they are."""
    first = cells.whole("from", most=UNITS_MAX)
    last = cells.whole("to", most=UNITS_MAX)
    if last < first:
        raise cells.refused("to", f"expected a unit from {first} on, got {last}")
    try:
        return first, last, block_interval(first, last, base)
    except IdentifierError as error:
        raise cells.refused("from" if first < base else "to", error.expected) from error


def _seconds(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY_S


FORMATS: tuple[Format, ...] = (
    Format(
        name="ecoregistry-issuances",
        registry=REGISTRY,
        columns=ISSUANCE_SIGN,
        sign=ISSUANCE_SIGN,
        read=read_issuance,
        serial_column="serial",
    ),
    Format(
        name="ecoregistry-retirements",
        registry=REGISTRY,
        columns=("serial", "quantity", "from", "to"),
        sign=RETIREMENT_SIGN,
        read=read_retirement,
        serial_column="serial",
    ),
)
"""What EcoRegistry publishes of serials; `ecoregistry_projects` has the rest."""
