"""Every format that can be read, and which of them a header is."""

from __future__ import annotations

from registry.errors import FeedError, IdentifierError
from registry.feeds import (
    acr,
    arb,
    art,
    bridged,
    cad_trust,
    car,
    ecoregistry,
    ecoregistry_projects,
    gold_standard,
    icr,
    isometric,
    verra,
)
from registry.feeds.cells import Columns
from registry.feeds.format import Format

FORMATS: tuple[Format, ...] = (
    *verra.FORMATS,
    *gold_standard.FORMATS,
    *acr.FORMATS,
    *car.FORMATS,
    *art.FORMATS,
    *ecoregistry.FORMATS,
    *ecoregistry_projects.FORMATS,
    *isometric.FORMATS,
    *arb.FORMATS,
    *icr.FORMATS,
    *bridged.FORMATS,
    *cad_trust.FORMATS,
)
"""In the order in which the command line names them."""

AUTO = "auto"
"""Tell the format from the header."""


def named(name: str) -> Format | None:
    """Return the format of that name; None for "auto".

    Raises:
        IdentifierError: no such format.
    """
    if name == AUTO:
        return None
    for known in FORMATS:
        if known.name == name:
            return known
    expected = f"expected one of {', '.join([AUTO, *(known.name for known in FORMATS)])}"
    raise IdentifierError(name, "format", expected)


def recognise(columns: Columns) -> Format | None:
    """Tell a file's format from its header; None if no format has its columns.

    Raises:
        FeedError: the header has what tells a format from all others, and lacks a column that the
            format cannot do without.
    """
    fitting = [known for known in FORMATS if all(map(columns.has, known.columns))]
    if fitting:
        return max(fitting, key=lambda known: len(known.columns))
    for known in FORMATS:
        if all(map(columns.has, known.sign)):
            check(columns, known)
    return None


def check(columns: Columns, wanted: Format) -> None:
    """Refuse a header that lacks a column of `wanted`, or has a column twice.

    Raises:
        FeedError: naming the first such column.
    """
    if columns.doubled is not None:
        raise FeedError(columns.path, None, columns.doubled, "expected this column once")
    for name in wanted.columns:
        if not columns.has(name):
            expected = f"expected this column of {wanted.name}, the header lacks it"
            raise FeedError(columns.path, None, name, expected)
