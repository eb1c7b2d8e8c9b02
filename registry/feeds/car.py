"""Climate Action Reserve's public exports: issuances, retirements, cancellations, projects.

Issuances name no serials. Most cancellations make room for credits that programmes of US states
issue in their place: these are no use.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.feeds import uses
from registry.feeds.blocks import (
    project_id,
    read_agreeing_block,
    vintage_or_none,
)
from registry.feeds.cells import Cells
from registry.feeds.compliance import compliance_links, conversion_target
from registry.feeds.countries import alpha_2
from registry.feeds.format import Format
from registry.feeds.rows import Activity, Issued, Row

REGISTRY = "CAR"

_PROJECT = "Project ID"
_SERIAL = "Offset Credit Serial Numbers"
_QUANTITY = "Quantity of Offset Credits"
_EFFECTIVE = "Status Effective"
_CANCELLED = "Cancellation Reason"
_REASON = "Retirement Reason"
_TOTAL = "Total Offset Credits Issued"
_LISTED = "Project Listed Date"


def read_issuance(cells: Cells) -> Iterator[Row]:
    """Make the row of one issuance.

    Raises:
        FeedError: a cell is malformed.
    """
    yield Issued(
        registry=REGISTRY,
        amount_g=cells.tonnes(_TOTAL),
        project=project_id(cells, _PROJECT, "CAR"),
        vintage=vintage_or_none(cells, "Vintage"),
        at_s=cells.when_or_none("Date Issued", us=True),
    )


def read_retirement(cells: Cells) -> Iterator[Row]:
    """Make the row of one retirement; the export names no beneficiary but in free text.

    Raises:
        FeedError: a cell is malformed, or contradicts the serial.
    """
    block = read_agreeing_block(cells, _SERIAL, _QUANTITY, _PROJECT, REGISTRY)
    reason, text = cells.text(_REASON), cells.text("Retirement Reason Details")
    purpose = uses.purpose(reason, text)
    yield from block.disposed(
        "retirement",
        at_s=cells.when_or_none(_EFFECTIVE, us=True),
        account=cells.text_or_none("Account Holder"),
        purpose=purpose,
        reason=uses.joined(reason, text),
        eligible=uses.corsia_eligible(cells, text) if purpose == uses.CORSIA else None,
        adjusted=uses.flag_or_none(cells, "Corresponding Adjustment"),
    )


def read_cancellation(cells: Cells) -> Iterator[Row]:
    """Make the rows of one cancellation, and of the conversion that it is part of.

    Raises:
        FeedError: a cell is malformed, or contradicts the serial.
    """
    block = read_agreeing_block(cells, _SERIAL, _QUANTITY, _PROJECT, REGISTRY)
    reason, notes = cells.text(_CANCELLED), cells.text("Export Notes")
    target = conversion_target(reason)
    purpose = uses.CONVERSION if target else uses.purpose(reason, notes)
    yield from block.disposed(
        "cancellation",
        at_s=cells.when_or_none(_EFFECTIVE, us=True),
        account=cells.text_or_none("Account Holder"),
        purpose=purpose,
        reason=uses.joined(reason, notes),
        eligible=uses.corsia_eligible(cells, notes) if purpose == uses.CORSIA else None,
        adjusted=uses.flag_or_none(cells, "Corresponding Adjustment"),
    )
    if target:
        # A conversion without a date would say that the source is still active.
        yield block.converted(target, issued_s=None, at_s=cells.when(_EFFECTIVE, us=True))


def read_project(cells: Cells) -> Iterator[Row]:
    """Make the rows of one project and of its ids at compliance programmes.

    Raises:
        FeedError: a cell is malformed.
    """
    project = project_id(cells, _PROJECT, "CAR")
    yield Activity(
        registry=REGISTRY,
        project=project,
        name=cells.text_or_none("Project Name"),
        country=alpha_2(cells.text("Project Site Country")),
        developer=cells.text_or_none("Project Developer"),
        sector=cells.text_or_none("Project Type"),
        status=cells.text_or_none("Status"),
        issued_g=cells.tonnes_or_none("Total Number of Offset Credits Registered"),
    )
    ids = (cells.text(name) for name in ("Compliance Program ID", "ARB ID", "WA ECO"))
    yield from compliance_links(REGISTRY, project, *ids)


FORMATS: tuple[Format, ...] = (
    Format(
        name="car-issuances",
        registry=REGISTRY,
        columns=(_PROJECT, _TOTAL, "Date Issued"),
        sign=(_PROJECT, _TOTAL),
        read=read_issuance,
    ),
    Format(
        name="car-retirements",
        registry=REGISTRY,
        columns=(_SERIAL, _QUANTITY, _EFFECTIVE, _REASON),
        sign=(_SERIAL, _REASON),
        read=read_retirement,
        serial_column=_SERIAL,
    ),
    Format(
        name="car-cancellations",
        registry=REGISTRY,
        columns=(_SERIAL, _QUANTITY, _EFFECTIVE, _CANCELLED),
        sign=(_SERIAL, _CANCELLED),
        read=read_cancellation,
        serial_column=_SERIAL,
    ),
    Format(
        name="car-projects",
        registry=REGISTRY,
        columns=(_PROJECT, "Project Name", _LISTED),
        sign=(_PROJECT, _LISTED),
        read=read_project,
    ),
)
"""What CAR publishes."""
