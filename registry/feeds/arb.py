"""California's table of ARB offset credits: issuances, and what became of them by column.

ARB prints no serials. An issuance has an id, `CAOD1007-A`, and inside it this package counts from
0. Rows of one id are one record over all tables, whatever their date. Other rows say why nothing
was issued: `CAFR5037-(zero)`, `CAFR5012-(reversal)` and `CAFR5164-(reforest defer)`, of which the
last repeats its note for a quantity.

What was issued includes the contribution to the forest buffer: what accounts retired reached the
difference in 343 of 549 public rows with both and went beyond it in 4, which are compensations of
reversals. The table gives no serials and no dates of retirement, so neither has a row of it.

OPR are the registries whose credits ARB's replaced, one project each: ACR, CAR and Verra, whose
early projects stand there as bare numbers and whose own list of compliance projects as `VCSOPR2`.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator

from registry.errors import IdentifierError, shown
from registry.feeds import uses
from registry.feeds.cells import Cells
from registry.feeds.format import Format
from registry.feeds.rows import Disposed, Issued, Link, Row
from registry.serials.serial import clean

REGISTRY = "ARB"
REVERSAL = "reversal"
BUFFER = "buffer"

_ID = "CARB Issuance ID"
_QUANTITY = "ARB Offset Credits Issued"
_ISSUANCE = re.compile(
    r"(?P<project>CA[A-Z]{2}-?[0-9]{3,6}) ?- ?(?:(?P<letter>[A-Z]{1,2}[0-9]{0,3})"
    r"|\((?P<note>[A-Z][A-Z ,./-]{0,60})\))"
)
_DEFERRED = "REFOREST DEFER"
_OPR = re.compile(r"([A-Z]*?)(OPR)?[ -]?0*([1-9][0-9]{0,9})(?:\.0{1,6})?", re.IGNORECASE | re.ASCII)
_OPR_REGISTRIES = {"ACR": "ACR", "CAR": "CAR", "VCS": "Verra", "": "Verra"}
_PERIOD = re.compile(r"retired ([0-9]+)(st|nd|rd|th) compliance period(?: \(([a-z]+)\))?")
_LINKED = re.compile(r"retired for compliance in [a-z .'()-]+")
"""A jurisdiction whose market is linked to California's, such as Quebec."""

_TITLE = "Retired for Compliance in "
_COLUMNS = (
    ("Retired Voluntarily", "retirement", uses.VOLUNTARY),
    ("Retired for Intentional Reversal", "retirement", REVERSAL),
    ("Buffer Pool Retired", "retirement", BUFFER),
    ("Invalidated or Canceled", "cancellation", uses.REMOVAL),
)


def read_row(cells: Cells) -> Iterator[Row]:
    """Make the rows of one record of the table.

    Raises:
        FeedError: a cell is malformed, or credits were issued under no id.
    """
    issuance, project = _issuance(cells)
    amount_g = _amount_or_none(cells)
    origin = _origin(cells)
    if issuance and amount_g is not None:
        start_s, end_s = cells.period(
            "Reporting Period Start Date", "Reporting Period End Date", us=True
        )
        yield Issued(
            registry=REGISTRY,
            amount_g=amount_g,
            scope=f"{REGISTRY} {issuance}",
            start_g=0 if amount_g else None,
            end_g=amount_g or None,
            batch=issuance,
            project=project,
            vintage=cells.year_or_none("Vintage"),
            at_s=cells.when_or_none("Issuance Date", us=True),
            serial=issuance,
            spelling=cells.raw(_ID),
            period_start_s=start_s,
            period_end_s=end_s,
            origin=f"{origin[0]} {origin[1]}" if origin else None,
        )
    elif amount_g:
        raise cells.refused(_ID, "expected the id under which credits were issued")
    if project and origin:
        yield Link(REGISTRY, project, other_project=origin[1], other_registry=origin[0])
    yield from _gone(cells, issuance, project)


def identity(cells: Cells) -> tuple[Hashable, Hashable]:
    """Return a record's issuance id and what it says was issued.

    Records of one id are one: in two tables always, in one table unless they say two amounts. A
    record without an id is like no other.
    """
    issuance, _ = _issuance(cells)
    if issuance is None:
        return (cells.columns.path, cells.row), None
    return issuance, _amount_or_none(cells)


def _issuance(cells: Cells) -> tuple[str | None, str | None]:
    """Return the issuance's id and the project's; None for each that is not there."""
    text = cells.text(_ID)
    project = cells.text("CARB Project ID").upper().replace("-", "") or None
    if not text:
        return None, project
    match = _id_match(text)
    if match is None:
        expected = "expected an issuance's id such as CAOD1007-A or CAFR5037-(zero)"
        raise cells.refused(_ID, f"{expected}, got {shown(text)}")
    # ARB has printed CAFR-6339 for CAFR6339.
    found = match["project"].replace("-", "")
    if project not in (None, found):
        expected = f"expected {found} as in the issuance's id"
        raise cells.refused("CARB Project ID", f"{expected}, got {shown(project)}")
    last = match["letter"] or f"({match['note'].strip().lower()})"
    return f"{found}-{last}", found


def _id_match(text: str) -> re.Match[str] | None:
    try:
        return _ISSUANCE.fullmatch(clean(text, spaced=True))
    except IdentifierError:
        return None


def _amount_or_none(cells: Cells) -> int | None:
    """Return what was issued; None where nothing was, or was not yet."""
    text = " ".join(cells.text(_QUANTITY).upper().split())
    match = _id_match(cells.text(_ID)) if text else None
    if text in ("", _DEFERRED) or (match is not None and text == match["note"]):
        return None
    return cells.tonnes(_QUANTITY, commas=True)


def _origin(cells: Cells) -> tuple[str, str] | None:
    """Return the registry and its project that the credits come from; None if not known."""
    match = _OPR.fullmatch(cells.text("OPR Project ID"))
    if match is None:
        return None
    registry = _OPR_REGISTRIES.get(match[1].upper())
    if registry is None:
        return None
    # Not the number alone: VCSOPR2 is another project than the second of the voluntary programme.
    return registry, f"VCSOPR{match[3]}" if match[2] else match[3]


def _gone(cells: Cells, issuance: str | None, project: str | None) -> Iterator[Row]:
    for column, kind, purpose in [*_COLUMNS, *_compliance(cells)]:
        amount_g = cells.tonnes_or_none(column, commas=True)
        if amount_g:
            yield Disposed(
                registry=REGISTRY,
                kind=kind,
                amount_g=amount_g,
                batch=issuance,
                project=project,
                vintage=cells.year_or_none("Vintage"),
                purpose=purpose,
                reason=column,
            )


def _compliance(cells: Cells) -> Iterator[tuple[str, str, str]]:
    """Yield the columns of compliance, of which every few years there is one more."""
    for name in cells.columns.at:
        if _LINKED.fullmatch(name):
            yield _TITLE + name.removeprefix(_TITLE.lower()).title(), "retirement", uses.COMPLIANCE
        match = _PERIOD.fullmatch(name)
        if match:
            place = f" ({match[3].upper()})" if match[3] else ""
            column = f"Retired {match[1]}{match[2]} Compliance Period{place}"
            yield column, "retirement", uses.COMPLIANCE


FORMATS: tuple[Format, ...] = (
    Format(
        name="arb-issuances",
        registry=REGISTRY,
        columns=(_ID, _QUANTITY),
        sign=(_ID,),
        read=read_row,
        identity=identity,
    ),
)
"""What California's Air Resources Board publishes."""
