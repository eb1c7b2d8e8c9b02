"""Public exports of ART's platform, which hosts the FCPF, too: issuances, retirements,
cancellations and programmes.

Issuances name no serials. What they call verified is net of the buffer, so it caps nothing; what
was issued is that and what was deposited in the buffer.
Cancellations are uses: for compliance under CORSIA.
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
from registry.feeds.countries import alpha_2
from registry.feeds.format import Format
from registry.feeds.rows import Activity, Issued, Row

REGISTRY = "ART"

_PROJECT = "Program ID"
_SERIAL = "Credit Serial Numbers"
_QUANTITY = "Quantity of Credits"
_EFFECTIVE = "Status Effective"
_CANCELLED = "Cancellation Reason"
_REASON = "Retirement Reason"
_VERIFIED = "Credits Verified"
_START = "Initial Crediting Period Start Date"


def read_issuance(cells: Cells) -> Iterator[Row]:
    """Make the row of one issuance.

    Raises:
        FeedError: a cell is malformed.
    """
    amount_g = cells.tonnes(_VERIFIED) + (cells.tonnes_or_none("Credits Deposited in Buffer") or 0)
    yield Issued(
        registry=REGISTRY,
        amount_g=amount_g,
        project=project_id(cells, _PROJECT, "ART"),
        vintage=vintage_or_none(cells, "Vintage"),
        at_s=cells.when_or_none("Date Approved", us=True),
    )


def read_retirement(cells: Cells) -> Iterator[Row]:
    """Make the rows of one retirement.

    Raises:
        FeedError: a cell is malformed, or contradicts the serial.
    """
    behalf = uses.somebody(cells.text("Retired on Behalf of"))
    column = "Purpose of Retirement"
    details = column if cells.columns.has(column) else "Retirement Reason Details"
    yield from _disposed(cells, "retirement", _REASON, details, behalf)


def read_cancellation(cells: Cells) -> Iterator[Row]:
    """Make the row of one cancellation; the export names no beneficiary but in free text.

    Raises:
        FeedError: a cell is malformed, or contradicts the serial.
    """
    yield from _disposed(cells, "cancellation", _CANCELLED, "Cancellation Details", None)


def _disposed(
    cells: Cells, kind: str, reason: str, details: str, beneficiary: str | None
) -> Iterator[Row]:
    block = read_agreeing_block(cells, _SERIAL, _QUANTITY, _PROJECT, REGISTRY)
    picked, text = cells.text(reason), cells.text(details)
    purpose = uses.purpose(picked, text)
    yield from block.disposed(
        kind,
        at_s=cells.when_or_none(_EFFECTIVE, us=True),
        account=cells.text_or_none("Account Holder"),
        purpose=purpose,
        reason=uses.joined(picked, text),
        beneficiary=beneficiary,
        eligible=uses.corsia_eligible(cells, text) if purpose == uses.CORSIA else None,
    )


def read_project(cells: Cells) -> Iterator[Row]:
    """Make the row of one programme.

    Raises:
        FeedError: a cell is malformed.
    """
    yield Activity(
        registry=REGISTRY,
        project=project_id(cells, _PROJECT, "ART"),
        name=cells.text_or_none("Program Name"),
        country=alpha_2(cells.text("Program Country")),
        developer=cells.text_or_none("Sovereign Program Developer"),
        methodology=cells.text_or_none("Crediting Program and Standard"),
        sector=cells.text_or_none("Program Type"),
        status=cells.text_or_none("Status"),
        start_s=cells.when_or_none(_START, us=True),
    )


FORMATS: tuple[Format, ...] = (
    Format(
        name="art-issuances",
        registry=REGISTRY,
        columns=(_PROJECT, _VERIFIED),
        sign=(_PROJECT, _VERIFIED),
        read=read_issuance,
    ),
    Format(
        name="art-retirements",
        registry=REGISTRY,
        columns=(_SERIAL, _QUANTITY, _EFFECTIVE, _PROJECT, _REASON),
        sign=(_SERIAL, _PROJECT, _REASON),
        read=read_retirement,
        serial_column=_SERIAL,
    ),
    Format(
        name="art-cancellations",
        registry=REGISTRY,
        columns=(_SERIAL, _QUANTITY, _EFFECTIVE, _CANCELLED),
        sign=(_SERIAL, _CANCELLED),
        read=read_cancellation,
        serial_column=_SERIAL,
    ),
    Format(
        name="art-projects",
        registry=REGISTRY,
        columns=(_PROJECT, "Program Name", _START),
        sign=(_PROJECT, _START),
        read=read_project,
    ),
)
"""What ART's platform publishes."""
