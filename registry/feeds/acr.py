"""American Carbon Registry's public exports: issuances, retirements, cancellations, projects.

Issuances name no serials. Most cancellations make room for credits that programmes of US states
issue in their place: these are no use.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.feeds import uses
from registry.feeds.blocks import (
    crediting_period,
    one_of,
    project_id,
    read_agreeing_block,
    vintage_or_none,
)
from registry.feeds.cells import Cells
from registry.feeds.compliance import compliance_links, conversion_target
from registry.feeds.countries import alpha_2
from registry.feeds.format import Format
from registry.feeds.rows import Activity, Issued, Row

REGISTRY = "ACR"

_PROJECT = "Project ID"
_SERIAL = "Credit Serial Numbers"
_QUANTITY = "Quantity of Credits"
_EFFECTIVE = ("Status Effective (GMT)", "Status Effective")
_ISSUED = ("Date Issued (GMT)", "Date Issued")
"""Dates as they are called now, and as they were called in other years."""

_TYPE = "Cancellation Type"
_REASON = "Retirement Reason"
_TOTAL = "Total Credits Issued"
_COMPLIANCE_ID = "Compliance Program ID (ARB or Ecology)"
_FIRST_START = "Initial Crediting Period Start Date"


def read_issuance(cells: Cells) -> Iterator[Row]:
    """Make the row of one issuance.

    Raises:
        FeedError: a cell is malformed.
    """
    period = cells.period("ReportingPeriodBegin", "ReportingPeriodEnd", us=True)
    yield Issued(
        registry=REGISTRY,
        amount_g=cells.tonnes(_TOTAL),
        project=project_id(cells, _PROJECT, "ACR"),
        vintage=vintage_or_none(cells, "Vintage"),
        at_s=cells.when_or_none(one_of(cells, _ISSUED), us=True),
        period_start_s=period[0],
        period_end_s=period[1],
    )


def read_retirement(cells: Cells) -> Iterator[Row]:
    """Make the rows of one retirement.

    Raises:
        FeedError: a cell is malformed, or contradicts the serial.
    """
    block = read_agreeing_block(cells, _SERIAL, _QUANTITY, _PROJECT, REGISTRY)
    text = cells.text("Purpose of Retirement") or cells.text("Retirement Reason Details")
    reason = cells.text(_REASON)
    purpose = uses.purpose(reason, text)
    yield from block.disposed(
        "retirement",
        at_s=cells.when_or_none(one_of(cells, _EFFECTIVE), us=True),
        account=cells.text_or_none("Account Holder"),
        purpose=purpose,
        reason=uses.joined(reason, text),
        beneficiary=uses.somebody(cells.text("Retired on Behalf of")),
        eligible=uses.corsia_eligible(cells, text) if purpose == uses.CORSIA else None,
    )


def read_cancellation(cells: Cells) -> Iterator[Row]:
    """Make the rows of one cancellation, and of the conversion that it is part of.

    Raises:
        FeedError: a cell is malformed, or contradicts the serial.
    """
    block = read_agreeing_block(cells, _SERIAL, _QUANTITY, _PROJECT, REGISTRY)
    kind, details = cells.text(_TYPE), cells.text("Cancellation Details")
    target = conversion_target(kind)
    purpose = uses.CONVERSION if target else uses.purpose(kind, details)
    effective = one_of(cells, _EFFECTIVE)
    yield from block.disposed(
        "cancellation",
        at_s=cells.when_or_none(effective, us=True),
        account=cells.text_or_none("Account Holder"),
        purpose=purpose,
        reason=uses.joined(kind, details),
        eligible=uses.corsia_eligible(cells, details) if purpose == uses.CORSIA else None,
    )
    if target:
        # A conversion without a date would say that the source is still active.
        at_s = cells.when(effective, us=True)
        issued_s = cells.when_or_none(one_of(cells, _ISSUED), us=True)
        yield block.converted(target, issued_s=issued_s, at_s=at_s)


def read_project(cells: Cells) -> Iterator[Row]:
    """Make the rows of one project and of its ids at compliance programmes.

    Raises:
        FeedError: a cell is malformed.
    """
    project = project_id(cells, _PROJECT, "ACR")
    first = _FIRST_START if cells.text(_FIRST_START) else "Current Crediting Period Start Date"
    start_s, end_s = crediting_period(cells, first, "Current Crediting Period End Date", us=True)
    yield Activity(
        registry=REGISTRY,
        project=project,
        name=cells.text_or_none("Project Name"),
        country=alpha_2(cells.text("Project Site Country")),
        developer=cells.text_or_none("Project Developer"),
        methodology=cells.text_or_none("Project Methodology/Protocol"),
        sector=cells.text_or_none("Project Type"),
        status=cells.text_or_none("Voluntary Status")
        or cells.text_or_none("Compliance Program Status (ARB or Ecology)"),
        start_s=start_s,
        end_s=end_s,
        issued_g=cells.tonnes_or_none("Total Number of Credits Registered"),
    )
    ids = (cells.text(name) for name in (_COMPLIANCE_ID, "ARB ID"))
    yield from compliance_links(REGISTRY, project, *ids)


FORMATS: tuple[Format, ...] = (
    Format(
        name="acr-issuances",
        registry=REGISTRY,
        columns=(_PROJECT, _TOTAL),
        sign=(_PROJECT, _TOTAL),
        read=read_issuance,
    ),
    Format(
        name="acr-retirements",
        registry=REGISTRY,
        columns=(_SERIAL, _QUANTITY, _PROJECT, _REASON),
        sign=(_SERIAL, _PROJECT, _REASON),
        read=read_retirement,
        serial_column=_SERIAL,
    ),
    Format(
        name="acr-cancellations",
        registry=REGISTRY,
        columns=(_SERIAL, _QUANTITY, _TYPE),
        sign=(_SERIAL, _TYPE),
        read=read_cancellation,
        serial_column=_SERIAL,
    ),
    Format(
        name="acr-projects",
        registry=REGISTRY,
        columns=(_PROJECT, "Project Name", "Voluntary Status"),
        sign=(_PROJECT, "Voluntary Status"),
        read=read_project,
    ),
)
"""What ACR publishes."""
