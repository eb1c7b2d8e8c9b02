"""Numbers with decimals, read exactly."""

from __future__ import annotations

import re

from registry.errors import AmountError, shown
from registry.feeds.cells import Cells
from registry.units import grams

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,18})?")
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,30})?(?:[eE]-[0-9]{1,2})?")


def decimal_tonnes(cells: Cells, column: str) -> int:
    """Return an amount given in tonnes with decimals, such as "2710.062", in grams.

    Raises:
        FeedError: another text, or an amount that is no whole number of grams.
    """
    text = cells.text(column)
    if not _DECIMAL.fullmatch(text):
        expected = "expected tonnes as plain digits such as 2710.062"
        raise cells.refused(column, f"{expected}, got {shown(text)}")
    try:
        return grams(text)
    except AmountError as error:
        raise cells.refused(column, f"{error.expected}, got {shown(text)}") from error


def degrees_or_none(cells: Cells, column: str, most: int) -> float | None:
    """Return a latitude or longitude; None where the cell is empty.

    Args:
        most: Degrees either way.
    """
    text = cells.text(column)
    if not text:
        return None
    if not _DEGREES.fullmatch(text) or abs(float(text)) > most:
        raise cells.refused(column, f"expected degrees from -{most} to {most}, got {shown(text)}")
    return float(text)
