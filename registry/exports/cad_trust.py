"""CAD Trust's format, version 1: units and projects, as a registry hands them to a warehouse."""

from __future__ import annotations

import uuid
from typing import NamedTuple

from registry.books.lines import LineKind
from registry.errors import IdentifierError
from registry.exports.sayable import own_credits, whole_tonnes
from registry.exports.stated import (
    LAND_USE,
    File,
    Piece,
    Stated,
    active,
    said_of,
    serial_of,
    units,
)
from registry.feeds import cad_trust, uses, writing
from registry.feeds.rows import Activity, Disposed, Issued, Row
from registry.operators.numbering import base_of, describe
from registry.records.identity import project_of
from registry.records.interval import Interval
from registry.serials.block import block_interval
from registry.units import GRAMS_PER_TONNE

STATUSES = {
    LineKind.ISSUANCE: "Held",
    LineKind.RETIREMENT: "Retired",
    LineKind.CANCELLATION: "Cancelled",
    LineKind.EXPORT: "Exported",
}
TYPES = ("Reduction - technical", "Reduction - nature", "Removal - technical", "Removal - nature")

_HEAD = str.maketrans({"-": "/", ":": "/", "&": "_", " ": "_", "+": "_", "#": None})
"""What CAD Trust's pattern has no letter for."""


class _Place(NamedTuple):
    """A block as a unit prints it, and as it is read again."""

    registry: str
    scope: str
    text: str
    first: int
    last: int
    interval: Interval
    project: str | None
    is_buffer: bool


def sayable(stated: Stated) -> Stated:
    """Keep whole tonnes of its own, wherever they are. Raises ExportError."""
    own = own_credits(stated, "its registry tells CAD Trust of those it issued")
    return whole_tonnes(own, "CAD Trust's units count them")


def files(stated: Stated) -> tuple[File, ...]:
    """Write a unit for each active block and each that was used up or exported, and projects.

    A unit says when nothing: this format has no dates of units.
    """
    found = [
        _unit(stated, piece, part, part.amount_g) for piece, left in active(stated) for part in left
    ]
    left_active = (*stated.gone, *stated.abroad)
    found += [_unit(stated, piece, piece.interval, piece.amount_g) for piece in left_active]
    numbers = {project_of(batch) for batch in stated.issuances} | stated.projects.keys()
    projects = [_project(stated, number) for number in sorted(numbers)]
    return (
        File(
            "units.csv",
            "cad-trust-units",
            writing.cad_trust_units(row for row, _ in found),
            [rows for _, rows in found],
        ),
        File(
            "projects.csv",
            "cad-trust-projects",
            writing.cad_trust_projects(row for row, _ in projects),
            [rows for _, rows in projects],
        ),
    )


def _unit(
    stated: Stated, piece: Piece, interval: Interval, amount_g: int
) -> tuple[writing.CadTrustUnit, list[Row]]:
    line, registry = piece.line, stated.book.registry
    place = _place(stated, piece, interval)
    is_gone = line.kind is not LineKind.ISSUANCE
    status = "Buffer" if place.is_buffer and not is_gone else STATUSES[line.kind]
    said = said_of(piece)
    use = f"{said.reason} for {said.beneficiary}" if said.beneficiary else said.reason
    owner = line.account if is_gone else stated.owners.get(line.batch, "")
    row = writing.CadTrustUnit(
        id=_id(registry, "unit", line.scope, line.number, *interval),
        issuance=_id(registry, "issuance", line.batch),
        organisation=_id(registry, "organisation"),
        owner=owner,
        serial=place.text,
        first=place.first,
        last=place.last,
        amount_t=amount_g // GRAMS_PER_TONNE,
        vintage=stated.vintage(line),
        kind=_type(line.scope),
        status=status,
        reason=uses.joined(use, said.details) or "",
    )
    issued = Issued(
        registry=place.registry,
        amount_g=amount_g,
        scope=place.scope,
        start_g=place.interval.start_g,
        end_g=place.interval.end_g,
        batch=row.issuance,
        project=place.project,
        vintage=row.vintage,
        account=owner or None,
        serial=place.text,
    )
    if not is_gone:
        return row, [issued]
    shared = {name: getattr(issued, name) for name in Issued._fields if name in Disposed._fields}
    return row, [issued, Disposed(**shared, kind=line.kind.value, reason=row.reason or None)]


def _place(stated: Stated, piece: Piece, interval: Interval) -> _Place:
    """Print a block in the registry's own grammar, or else in the pattern of CAD Trust."""
    line = piece.line
    own = serial_of(line.scope)
    if own is not None:
        first, last = units(interval, base_of(line.scope))
        serial = serial_of(describe(line.scope, [interval])[0]) or own
        return _Place(
            serial.registry,
            serial.scope,
            serial.canonical,
            first,
            last,
            interval,
            str(serial.project) if serial.project else None,
            serial.is_buffer,
        )
    first, last = units(interval, _base(line.scope))
    head = line.scope.upper().translate(_HEAD) + "/"
    head = head if head[0].isalpha() else f"N{head}"
    text = f"{head}{first}-{head}{last}"
    found = serial_of(text)
    if found is None or found.registry != cad_trust.REGISTRY:
        raise stated.refused(line, "expected serials that CAD Trust's pattern can hold", interval)
    # What CAD Trust counts from is not known, so its numbers are read from 0 on.
    return _Place(
        cad_trust.REGISTRY,
        f"{cad_trust.REGISTRY} {found.scope}",
        found.canonical,
        first,
        last,
        block_interval(first, last, 0),
        None,
        is_buffer=False,
    )


def _base(scope: str) -> int:
    try:
        return base_of(scope)
    except IdentifierError:
        return 1  # No serial says; our own scopes count from 1.


def _type(scope: str) -> str:
    """Return CAD Trust's type of a unit; land use and reductions where the scope says nothing."""
    serial = serial_of(scope)
    sector = None if serial is None else serial.get("sector")
    is_removal = serial is not None and serial.get("kind") == "R"
    return TYPES[2 * is_removal + (sector in (None, LAND_USE))]


def _project(stated: Stated, number: int) -> tuple[writing.CadTrustProject, list[Row]]:
    registry, project = stated.book.registry, stated.project(number)
    row = writing.CadTrustProject(
        id=_id(registry, "project", number),
        organisation=_id(registry, "organisation"),
        registry=registry,
        project=number,
        name=project.name,
        developer=project.developer,
        methodology=project.methodology,
    )
    fact = Activity(
        registry=cad_trust.registry_named(registry) or registry,
        project=str(number),
        name=project.name or None,
        developer=project.developer or None,
        methodology=project.methodology or None,
        status="Registered",
    )
    return row, [fact]


def _id(registry: str, *names: object) -> str:
    """Return the UUID of a thing of a registry, the same at every export."""
    said = "/".join(map(str, ("carbon-registry", registry, *names)))
    return str(uuid.uuid5(uuid.NAMESPACE_OID, said))
