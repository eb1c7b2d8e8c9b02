"""Actions in the agreed electronic format (AEF) of Article 6.2, the table of that sheet as CSV.

An action names a block of mitigation outcomes and, where there is one, the block of a registry's
units underneath it, by its first and its last unit. A unit is a registry's own serial of one unit,
or a scope and a number behind it, as "CDC_1_1_1_321_14_CO_1_1_2023 17".

Only first transfers become rows: what follows is about outcomes that are there already. Columns,
words and the form of dates are those of a public prototype of the format's consistency check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from registry.errors import IdentifierError, shown
from registry.feeds.cad_trust import registry_named
from registry.feeds.cells import Cells
from registry.feeds.format import Format
from registry.feeds.rows import Outcome, Row
from registry.feeds.writing import AEF_PURPOSE
from registry.serials.block import block_interval
from registry.serials.grammar import parse

REGISTRY = "AEF"
"""Stands where a registry's name stands, for what Parties publish."""

_TYPE, _DATE, _QUANTITY = "Action type", "Action date", "Quantity (t CO2 eq)"
_UNDERLYING, _FIRST, _LAST = "Underlying unit registry ID", "First unit ID", "Last unit ID"
_TYPES = ("first transfer", "transfer", "acquisition", "use", "cancellation")
_DAY = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_UNIT = re.compile(r"(?P<scope>.*\S) (?P<number>[0-9]{1,19})", re.DOTALL)
_NOTHING = ("", "na")


class _Unit(NamedTuple):
    """One unit, or a block that a serial names: whose it is, where known, and where it lies."""

    registry: str | None
    scope: str
    start_g: int
    end_g: int


def read_action(cells: Cells) -> Iterator[Row]:
    """Make the row of one first transfer.

    Raises:
        FeedError: a cell is malformed, or first and last unit are no block.
    """
    kind = cells.text(_TYPE).casefold()
    if kind not in _TYPES:
        raise cells.refused(_TYPE, f"expected an action such as {_TYPES[0]}, got {shown(kind)}")
    at_s, amount_g = _day(cells), cells.tonnes(_QUANTITY)
    registry = registry_named(cells.text(_UNDERLYING))
    if kind != _TYPES[0] or cells.text(_FIRST).casefold() in _NOTHING:
        return
    first, last = _unit(cells, _FIRST), _unit(cells, _LAST)
    named = first.registry or registry
    if named is None:
        raise cells.refused(_UNDERLYING, "expected a registry, the cell is empty")
    if registry not in (None, named):
        expected = f"expected {named} as in the serial, got {shown(registry)}"
        raise cells.refused(_UNDERLYING, expected)
    if last.scope != first.scope or last.end_g < first.end_g:
        expected = f"expected a unit of {first.scope} not before the first"
        raise cells.refused(_LAST, f"{expected}, got {shown(cells.text(_LAST))}")
    purpose = cells.text(AEF_PURPOSE)
    yield Outcome(
        registry=named,
        amount_g=amount_g,
        scope=first.scope,
        start_g=first.start_g,
        end_g=last.end_g,
        purpose=None if purpose.casefold() in _NOTHING else purpose,
        at_s=at_s,
    )


def _day(cells: Cells) -> int:
    match = _DAY.fullmatch(cells.text(_DATE))
    try:
        if match is not None:
            day, month, year = map(int, match.groups())
            return int(datetime(year, month, day, tzinfo=UTC).timestamp())
    except ValueError:
        pass
    got = shown(cells.text(_DATE))
    raise cells.refused(_DATE, f"expected a date such as 31/12/2026 (day first), got {got}")


def _unit(cells: Cells, column: str) -> _Unit:
    text = cells.named(column)
    match = _UNIT.fullmatch(text)
    for candidate in [text] if match is None else [text, match["scope"]]:
        try:
            found = parse(candidate)
        except IdentifierError:
            continue
        if found.interval is not None:
            return _Unit(found.registry, found.scope, *found.interval)
        if candidate != text and match is not None:
            return _counted(cells, column, found.registry, found.scope, match, found.base)
    if match is None:
        expected = "expected a serial of one unit, or a scope and a number"
        raise cells.refused(column, f"{expected}, got {shown(text)}")
    return _counted(cells, column, None, match["scope"], match, 1)


def _counted(
    cells: Cells, column: str, registry: str | None, scope: str, match: re.Match[str], base: int
) -> _Unit:
    number = int(match["number"])
    try:
        return _Unit(registry, scope, *block_interval(number, number, base))
    except IdentifierError as error:
        raise cells.refused(column, error.expected) from error


FORMATS: tuple[Format, ...] = (
    Format(
        name="aef-actions",
        registry=REGISTRY,
        columns=(_TYPE, _DATE, _UNDERLYING, _FIRST, _LAST, _QUANTITY),
        sign=(_TYPE, _UNDERLYING, _FIRST),
        read=read_action,
    ),
)
"""What Parties publish of their actions."""
