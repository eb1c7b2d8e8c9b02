"""Rows that a feed makes of a record: one type per table of `registry.records.tables`.

What is the same for all rows of a record (source, keeper, record, digest) is added by the reader.
`part` names the piece of a record that holds several, such as a serial embedded in a project.
"""

from __future__ import annotations

from typing import NamedTuple


class Issued(NamedTuple):
    """A row of `ISSUANCES`."""

    registry: str
    amount_g: int
    scope: str | None = None
    start_g: int | None = None
    end_g: int | None = None
    batch: str | None = None
    project: str | None = None
    vintage: int | None = None
    account: str | None = None
    at_s: int | None = None
    serial: str | None = None
    spelling: str | None = None
    period_start_s: int | None = None
    period_end_s: int | None = None
    verified_g: int | None = None
    origin: str | None = None
    restates: bool | None = None
    part: str = ""


class Disposed(NamedTuple):
    """A row of `DISPOSITIONS`."""

    registry: str
    kind: str
    amount_g: int
    scope: str | None = None
    start_g: int | None = None
    end_g: int | None = None
    id: str | None = None
    batch: str | None = None
    account: str | None = None
    at_s: int | None = None
    serial: str | None = None
    spelling: str | None = None
    project: str | None = None
    vintage: int | None = None
    purpose: str | None = None
    reason: str | None = None
    beneficiary: str | None = None
    eligible: bool | None = None
    inside_ndc: bool | None = None
    adjusted: bool | None = None
    part: str = ""


class Held(NamedTuple):
    """A row of `TOKENS`."""

    registry: str
    account: str = ""
    batch: str | None = None
    balance_g: int | None = None
    supply_g: int | None = None
    at_s: int | None = None
    serial: str | None = None
    spelling: str | None = None
    scope: str | None = None
    start_g: int | None = None
    end_g: int | None = None
    contract: str | None = None
    form: str | None = None
    project: str | None = None
    vintage: int | None = None
    decimals: int | None = None
    balance_units: str | None = None
    supply_units: str | None = None
    part: str = ""


class Activity(NamedTuple):
    """A row of `PROJECTS`."""

    registry: str
    project: str
    name: str | None = None
    country: str | None = None
    developer: str | None = None
    methodology: str | None = None
    sector: str | None = None
    status: str | None = None
    start_s: int | None = None
    end_s: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    issued_g: int | None = None
    part: str = ""


class Link(NamedTuple):
    """A row of `LINKS`."""

    registry: str
    project: str
    other_project: str
    other_registry: str | None = None
    at_s: int | None = None
    part: str = ""


class Conversion(NamedTuple):
    """A row of `CONVERSIONS`."""

    registry: str
    project: str
    target: str
    amount_g: int
    scope: str | None = None
    start_g: int | None = None
    end_g: int | None = None
    serial: str | None = None
    issued_s: int | None = None
    at_s: int | None = None
    part: str = ""


class Claimed(NamedTuple):
    """A row of `CLAIMS`."""

    registry: str
    beneficiary: str
    amount_g: int
    scope: str | None = None
    start_g: int | None = None
    end_g: int | None = None
    retirement: str | None = None
    purpose: str | None = None
    at_s: int | None = None
    part: str = ""


class Outcome(NamedTuple):
    """A row of `ITMOS`."""

    registry: str
    amount_g: int
    scope: str | None = None
    start_g: int | None = None
    end_g: int | None = None
    purpose: str | None = None
    at_s: int | None = None
    part: str = ""


LOCATED = (Issued, Disposed, Held, Conversion, Claimed, Outcome)
"""Rows that can say where their grams are."""

Row = Issued | Disposed | Held | Activity | Link | Conversion | Claimed | Outcome

TABLES: dict[type, str] = {
    Issued: "issuances",
    Disposed: "dispositions",
    Held: "tokens",
    Activity: "projects",
    Link: "links",
    Conversion: "conversions",
    Claimed: "claims",
    Outcome: "itmos",
}
"""Where rows of each type go."""
