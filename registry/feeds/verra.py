"""Verra's public exports: transactions of Verified Carbon Units, and projects.

A row of the transactions is an issued block, and its retirement besides where it tells of one; a
retirement without a date has happened, nothing says when. Most exports do not tell retirements from
cancellations; all are read as retirements where no column "Is Cancelled" says more. Issuance is
rolling: a block may first appear when it is retired, so rows are capped by "Total Vintage
Quantity", which is what was verified for the project and the vintage.

Dates are 2022-03-08 or, in exports of earlier years, 08/03/2022 with the day first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from registry.errors import shown
from registry.feeds import uses
from registry.feeds.blocks import (
    agree,
    crediting_period,
    project_id,
    project_number_or_none,
    read_block,
)
from registry.feeds.cells import Cells
from registry.feeds.countries import alpha_2
from registry.feeds.format import Format
from registry.feeds.rows import Activity, Row

REGISTRY = "Verra"

_SERIAL = "Serial Number"
_QUANTITY = "Quantity Issued"
_RETIRED = "Retirement/Cancellation Date"
_BENEFICIARY = "Retirement Beneficiary"
_REASON = "Retirement Reason"
_DETAILS = "Retirement Details"
_CANCELLED = "Is Cancelled"
_WORDS = ("true", "false")
_DATES = ("Issuance Date", "Vintage Start", "Vintage End", _RETIRED)
_PROJECT_DATES = ("Crediting Period Start Date", "Crediting Period End Date")
_DAY_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_CORSIA_ELIGIBLE = re.compile(r"\bCORSIA\b[^;]*\beligible\b", re.IGNORECASE)


def read_transaction(cells: Cells) -> Iterator[Row]:
    """Make rows of one transaction.

    Raises:
        FeedError: a cell is malformed, or contradicts the serial.
    """
    cells = _dated(cells, _DATES)
    block, serial = read_block(cells, _SERIAL, _QUANTITY, REGISTRY, commas=True)
    agree(cells, "ID", project_number_or_none(cells, "ID", "VCS"), serial.project)
    period = cells.period("Vintage Start", "Vintage End")
    if period[0] is not None:
        agree(cells, "Vintage Start", int(cells.text("Vintage Start")[:4]), serial.vintage)
    issued_s = cells.when_or_none("Issuance Date")
    yield block.issued(
        at_s=issued_s,
        period=period,
        verified_g=cells.tonnes_or_none("Total Vintage Quantity", commas=True),
    )
    reason, details = cells.text(_REASON), cells.text(_DETAILS)
    beneficiary = cells.text(_BENEFICIARY)
    retired_s = cells.when_or_none(_RETIRED)
    words = ("yes", "no") if cells.text(_CANCELLED).casefold() in ("yes", "no") else _WORDS
    is_cancelled = cells.flag_or_none(_CANCELLED, *words)
    if retired_s is None and not (reason or details or beneficiary or is_cancelled):
        return
    purpose = uses.purpose(reason, details)
    labels = cells.text("Additional Certifications")
    is_eligible = purpose == uses.CORSIA and _CORSIA_ELIGIBLE.search(labels) is not None
    yield from block.disposed(
        "cancellation" if is_cancelled else "retirement",
        at_s=retired_s,
        purpose=purpose,
        reason=uses.joined(reason, details),
        beneficiary=uses.somebody(beneficiary),
        # A label says what is eligible; no label says that something is not.
        eligible=True if is_eligible else None,
    )


def _dated(cells: Cells, columns: tuple[str, ...]) -> Cells:
    """Return the record with its dates written year first."""
    written: list[str] | None = None
    for column in columns:
        match = _DAY_FIRST.fullmatch(cells.text(column))
        place = cells.columns.place[column]
        if match and place is not None:
            written = written or list(cells.cells)
            day, month, year = (int(part) for part in match.groups())
            try:
                written[place] = date(year, month, day).isoformat()
            except ValueError as error:
                got = shown(cells.text(column))
                expected = (
                    f"expected a date such as 2026-04-03 or 03/04/2026 (day first), got {got}"
                )
                raise cells.refused(column, expected) from error
    return cells._replace(cells=written) if written else cells


def read_project(cells: Cells) -> Iterator[Row]:
    """Make the row of one project.

    Raises:
        FeedError: a cell is malformed.
    """
    cells = _dated(cells, _PROJECT_DATES)
    start_s, end_s = crediting_period(cells, *_PROJECT_DATES)
    yield Activity(
        registry=REGISTRY,
        project=project_id(cells, "ID", "VCS"),
        name=cells.text_or_none("Name"),
        country=alpha_2(cells.text("Country/Area")),
        developer=cells.text_or_none("Proponent"),
        methodology=cells.text_or_none("Methodology"),
        sector=cells.text_or_none("Project Type"),
        status=cells.text_or_none("Status"),
        start_s=start_s,
        end_s=end_s,
    )


FORMATS: tuple[Format, ...] = (
    Format(
        name="verra-transactions",
        registry=REGISTRY,
        columns=(_SERIAL, _QUANTITY, _RETIRED),
        sign=(_SERIAL, _QUANTITY),
        read=read_transaction,
        serial_column=_SERIAL,
    ),
    Format(
        name="verra-projects",
        registry=REGISTRY,
        columns=("ID", "Name", "Proponent"),
        sign=("ID", "Proponent"),
        read=read_project,
    ),
)
"""What Verra publishes."""
