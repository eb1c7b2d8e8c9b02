"""Gold Standard's public exports: credits (one format for issuances and retirements), and projects.

The status of a row says whether it is an issuance, a retirement or a cancellation. Certified
emission reductions keep their Kyoto serial; the registry that counts those is the CDM's, so their
rows are the CDM's, with its project number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.errors import shown
from registry.feeds import uses
from registry.feeds.blocks import (
    agree,
    project_id,
    project_number_or_none,
    read_block,
    vintage_or_none,
)
from registry.feeds.cells import Cells
from registry.feeds.countries import alpha_2
from registry.feeds.format import Format
from registry.feeds.rows import Activity, Row
from registry.serials import kyoto

REGISTRY = "Gold Standard"

_SERIAL = "Serial Number"
_QUANTITY = "Quantity"
_STATUS = "Credit Status"
_KINDS = {
    "issued": "issuance",
    "retired": "retirement",
    "canceled": "cancellation",
    "cancelled": "cancellation",
}
_MOVED = re.compile(r"\btransferred to\b.*\bregistry\b", re.IGNORECASE)
_CORSIA_LABEL = re.compile(r"(?:^|[,;])\s*CORSIA\b(?![^,;]*\bnot\b)", re.IGNORECASE)
_AUTHORISED = re.compile(r"(?P<no>not\s+)?authori[sz]ed\b.*", re.IGNORECASE)


def read_credits(cells: Cells) -> Iterator[Row]:
    """Make the rows of one block of credits.

    Raises:
        FeedError: a cell is malformed, or contradicts the serial; a status that is not known.
    """
    block, serial = read_block(cells, _SERIAL, _QUANTITY, REGISTRY, kyoto.REGISTRY)
    project = project_number_or_none(cells, "GSID", "GS")
    is_own = block.registry == REGISTRY
    vintage = vintage_or_none(cells, "Vintage", serial.vintage if is_own else None)
    if is_own:
        agree(cells, "GSID", project, serial.project)
    else:
        block = block._replace(vintage=vintage)
    kind = _KINDS.get(cells.text(_STATUS).casefold())
    if kind is None:
        expected = f"expected Issued, Retired or Canceled, got {shown(cells.text(_STATUS))}"
        raise cells.refused(_STATUS, expected)
    if kind == "issuance":
        period = cells.period("Monitoring Period Start", "Monitoring Period End")
        yield block.issued(at_s=cells.when_or_none("Issuance Date"), period=period)
        return
    use, note = cells.text("Use Case"), cells.text("Note")
    airline = cells.text("Aeroplane Operator Name")
    purpose = _purpose(kind, use, note, airline)
    if uses.flag_or_none(cells, "Retired for CORSIA?"):
        purpose = uses.CORSIA
    yield from block.disposed(
        kind,
        at_s=cells.when_or_none("Retirement Date"),
        purpose=purpose,
        reason=uses.joined(use, note),
        beneficiary=uses.somebody(cells.text("Using Entity"), airline),
        eligible=_eligible(cells) if purpose == uses.CORSIA else None,
    )


def _purpose(kind: str, use: str, note: str, airline: str) -> str | None:
    purpose = uses.purpose(use, note)
    # The column is filled for aeroplane operators with an obligation under CORSIA only.
    if airline and purpose in (None, uses.COMPLIANCE):
        return uses.CORSIA
    # What a cancellation moves to another registry was not used by anybody.
    if kind == "cancellation" and purpose is None and _MOVED.search(note):
        return uses.CONVERSION
    return purpose


def _eligible(cells: Cells) -> bool | None:
    """Say whether a use under CORSIA is lawful: by label, else by the host's authorisation.

    Exports of earlier years have a column instead of the label.
    """
    if _CORSIA_LABEL.search(cells.text("Label")):
        return True
    eligible = uses.flag_or_none(cells, "Eligible for CORSIA?")
    if eligible is not None:
        return eligible
    authorised = _AUTHORISED.fullmatch(cells.text("Article Six Authorization"))
    return None if authorised is None else authorised["no"] is None


def read_project(cells: Cells) -> Iterator[Row]:
    """Make the row of one project.

    Raises:
        FeedError: a cell is malformed.
    """
    yield Activity(
        registry=REGISTRY,
        project=project_id(cells, "GSID", "GS"),
        name=cells.text_or_none("Project Name"),
        country=alpha_2(cells.text("Country")),
        developer=cells.text_or_none("Project Developer Name"),
        methodology=cells.text_or_none("Methodology"),
        sector=cells.text_or_none("Project Type"),
        status=cells.text_or_none("Status"),
    )


FORMATS: tuple[Format, ...] = (
    Format(
        name="gold-standard-credits",
        registry=REGISTRY,
        columns=(_SERIAL, _QUANTITY, _STATUS),
        sign=(_SERIAL, _STATUS),
        read=read_credits,
        serial_column=_SERIAL,
    ),
    Format(
        name="gold-standard-projects",
        registry=REGISTRY,
        columns=("GSID", "Project Name", "Project Developer Name"),
        sign=("GSID", "Project Developer Name"),
        read=read_project,
    ),
)
"""What Gold Standard publishes."""
