"""CAD Trust's copies of registries' data, version 1: units and projects.

CAD Trust keeps what others tell it, so its keeper is "meta": a unit that its registry publishes and
CAD Trust repeats is not there twice. Columns have the names of the fields in its data model.

A unit's block is text, and nothing there checks it. Where the serial is one of a registry's own
grammar, the block is in that registry's scope; else the scope is the text before the numbers, and
without any the issuance. An end that begins with another text than the start has no scope at all.
A unit's count is taken as it is stated; CAD Trust's own software once counted the end less the
start.

A unit does not say whether it lies inside an NDC; its project does, and no column of a unit names
the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from registry.errors import IdentifierError, shown
from registry.feeds.cells import Cells
from registry.feeds.format import Format
from registry.feeds.quantities import decimal_tonnes
from registry.feeds.rows import Activity, Disposed, Issued, Link, Row
from registry.records.interval import Interval
from registry.serials import cad_trust
from registry.serials.block import block_interval
from registry.serials.columns import Parsed, parsed
from registry.serials.grammar import parse

REGISTRY = cad_trust.REGISTRY

_SERIAL, _START, _END = "serialNumberBlock", "unitBlockStart", "unitBlockEnd"
_BOUND = re.compile(r"(?P<text>.*?)(?P<number>[0-9]{1,19})", re.DOTALL)
_ENDS = re.compile("([A-Z][^-]*[0-9])-([A-Z][^-]*[0-9])")
_OTHER_TEXT = ("serial", f"{REGISTRY} serial")
"""Kinds of serial that a refusal names where the text is of no registry's grammar."""

_STATUSES = {
    "held": None,
    "active": None,
    "buffer": None,
    "expired": None,
    "for sale": None,
    "inactive": None,
    "rejected": None,
    "pending export": None,
    "retired": "retirement",
    "cancelled": "cancellation",
    "canceled": "cancellation",
    "exported": "export",
}
_REGISTRIES = {
    "american carbon registry": "ACR",
    "climate action reserve": "CAR",
    "architecture for redd+ transactions": "ART",
    "art trees": "ART",
    "gold standard": "Gold Standard",
    "verra": "Verra",
    "verified carbon standard": "Verra",
    "ecoregistry": "EcoRegistry",
    "cercarbono": "EcoRegistry",
    "international carbon registry": "ICR",
    "puro.earth": "Puro",
    "unfccc": "CDM",
    "clean development mechanism": "CDM",
}
_SHORT = {"ACR", "CAR", "ART", "ICR", "CDM"}
_BRACKETED = re.compile(r"(.*?) *\((.*)\)")
_PROJECT = re.compile(r"(?:[A-Z]{2,4}[ -]?)?0*([1-9][0-9]{0,17})", re.IGNORECASE)


class _Place(NamedTuple):
    """Where a unit's credits are."""

    registry: str
    scope: str | None
    interval: Interval | None
    serial: str | None
    found: Parsed | None


def read_unit(cells: Cells) -> Iterator[Row]:
    """Make the rows of one unit: what was issued, and what became of it.

    Raises:
        FeedError: a cell is malformed, a block ends before it starts, or it lies outside its
            serial's.
    """
    status = " ".join(cells.text("unitStatus").casefold().split())
    if status not in _STATUSES:
        expected = "expected a status such as Held or Retired"
        raise cells.refused("unitStatus", f"{expected}, got {shown(cells.text('unitStatus'))}")
    amount_g = decimal_tonnes(cells, "unitCount")
    place = _place(cells)
    bounds = place.interval if amount_g and place.interval else (None, None)
    issued = Issued(
        registry=place.registry,
        amount_g=amount_g,
        scope=place.scope,
        start_g=bounds[0],
        end_g=bounds[1],
        batch=cells.text_or_none("issuanceId"),
        project=place.found.project if place.found else None,
        vintage=cells.year_or_none("vintageYear"),
        account=cells.text_or_none("unitOwner"),
        serial=place.serial,
        spelling=cells.raw(_SERIAL) or None,
    )
    yield issued
    kind = _STATUSES[status]
    if kind:
        yield Disposed(
            registry=issued.registry,
            kind=kind,
            amount_g=amount_g,
            scope=issued.scope,
            start_g=issued.start_g,
            end_g=issued.end_g,
            batch=issued.batch,
            account=issued.account,
            serial=issued.serial,
            spelling=issued.spelling,
            project=issued.project,
            vintage=issued.vintage,
            reason=cells.text_or_none("unitStatusReason"),
            adjusted=_adjusted(cells),
        )


def read_project(cells: Cells) -> Iterator[Row]:
    """Make the row of one project, and the link to where it came from.

    Raises:
        FeedError: a cell is malformed.
    """
    origin = registry_named(cells.text("registryOfOrigin"))
    registry = registry_named(cells.text("currentRegistry")) or origin
    if registry is None:
        raise cells.refused("registryOfOrigin", "expected a registry, the cell is empty")
    project = _project(cells.named("projectId"))
    yield Activity(
        registry=registry,
        project=project,
        name=cells.text_or_none("projectName"),
        developer=cells.text_or_none("projectDeveloper"),
        methodology=cells.text_or_none("methodology"),
        sector=cells.text_or_none("sector"),
        status=cells.text_or_none("projectStatus"),
    )
    before = cells.text("originProjectId")
    if before and origin not in (None, registry):
        yield Link(registry, project, other_project=_project(before), other_registry=origin)


def registry_named(text: str) -> str | None:
    """Return a registry's name as this package has it, the text itself for one it does not know.

    Returns:
        None for empty text.
    """
    bracketed = _BRACKETED.fullmatch(text)
    for name in (text, *(bracketed.groups() if bracketed else ())):
        if name.upper() in _SHORT:
            return name.upper()
        known = _REGISTRIES.get(name.casefold())
        if known:
            return known
    return text or None


def _project(text: str) -> str:
    """Return a project's number without the registry's prefix, as other exports name it."""
    match = _PROJECT.fullmatch(text)
    return match[1] if match else text


def _adjusted(cells: Cells) -> bool | None:
    """Say whether a corresponding adjustment was made for what was promised."""
    status = cells.text("correspondingAdjustmentStatus").casefold()
    declaration = cells.text("correspondingAdjustmentDeclaration").casefold()
    if status == "completed":
        return True
    return False if declaration == "committed" and status in ("not started", "pending") else None


def _place(cells: Cells) -> _Place:
    start, end = _bound(cells.text(_START)), _bound(cells.text(_END))
    found = _parsed(cells, is_needed=start is None or end is None)
    text = " ".join(cells.text(_SERIAL).split()).upper()
    ends = _ENDS.fullmatch(text)
    if found is None and ends and not cells.text(_START) and not cells.text(_END):
        start, end = _bound(ends[1]), _bound(ends[2])
    if start is None or end is None:
        if found is None:
            return _Place(REGISTRY, None, None, text or None, None)
        return _Place(found.registry, _scope(found), found.interval, found.canonical, found)
    head = start["text"].strip()
    if end["text"].strip() != head:
        return _Place(found.registry if found else REGISTRY, None, None, text or None, found)
    first, last = int(start["number"]), int(end["number"])
    interval = _interval(cells, first, last, found.base if found else 0)
    if found is not None:
        own = found.interval
        if own and not (own.start_g <= interval.start_g and interval.end_g <= own.end_g):
            expected = f"expected a block inside {found.first} to {found.last} as in the serial"
            raise cells.refused(_START, f"{expected}, got {first} to {last}")
        return _Place(found.registry, _scope(found), interval, found.canonical, found)
    scope = _prefix(text, start[0], end[0]) or head or cells.text("issuanceId").upper()
    serial = text or f"{start[0]}-{end[0]}"
    return _Place(REGISTRY, f"{REGISTRY} {scope}" if scope else None, interval, serial, None)


def _parsed(cells: Cells, *, is_needed: bool) -> Parsed | None:
    """Return the serial by the grammar that reads it; None where none does.

    A registry's serial that its grammar refuses is text like any other if the unit says its block
    besides. Else it was the block, and the record is refused.
    """
    try:
        return parsed(parse(cells.raw(_SERIAL)))
    except IdentifierError as error:
        if is_needed and error.kind not in _OTHER_TEXT:
            raise cells.refused(_SERIAL, str(error)) from error
        return None


def _scope(found: Parsed) -> str:
    return f"{REGISTRY} {found.scope}" if found.registry == REGISTRY else found.scope


def _bound(text: str) -> re.Match[str] | None:
    """Return one end of a block, its text and its number; None where it has no number."""
    return _BOUND.fullmatch(text.upper())


def _interval(cells: Cells, first: int, last: int, base: int) -> Interval:
    if last < first:
        raise cells.refused(_END, f"expected a unit from {first} on, got {last}")
    try:
        return block_interval(first, last, base)
    except IdentifierError as error:
        raise cells.refused(_START if first < base else _END, error.expected) from error


def _prefix(serial: str, start: str, end: str) -> str:
    """Return a serial without the block at its end, where it has one; else the whole of it."""
    for joint in ("-", " TO ", " - "):
        head = serial.removesuffix(f"{start}{joint}{end}")
        if head != serial:
            return head.rstrip(" -_/")
    return serial


FORMATS: tuple[Format, ...] = (
    Format(
        name="cad-trust-units",
        registry=REGISTRY,
        columns=("unitStatus", "unitCount"),
        sign=("unitStatus", "unitCount"),
        read=read_unit,
        keeper="meta",
    ),
    Format(
        name="cad-trust-projects",
        registry=REGISTRY,
        columns=("projectId", "registryOfOrigin"),
        sign=("projectId", "registryOfOrigin"),
        read=read_project,
        keeper="meta",
    ),
)
"""What CAD Trust's software exports."""
