"""Every format that can be read, and which of them a header is."""

from __future__ import annotations

from collections import Counter

from registry.errors import FeedError, IdentifierError
from registry.feeds import (
    acr,
    aef,
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
from registry.feeds.cells import Columns, plain
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
    *aef.FORMATS,
)
"""In the order in which the command line names them."""

_TOLD_MIN = 0.5
"""What a header must have of a format to be near it, in columns that no other format has."""

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


def is_export(columns: Columns) -> bool:
    """Say whether a header has what tells some format from all others."""
    return any(all(map(columns.has, known.sign)) for known in FORMATS)


def nearly(columns: Columns) -> list[tuple[Format, str]]:
    """Return formats of which a header lacks a single column, and that column; the nearest first.

    A format is the nearer the fewer others have what the header has of it. At most three.
    """
    formats = Counter(plain(name) for known in FORMATS for name in known.columns)
    near = []
    for known in FORMATS:
        lacking = [name for name in known.columns if not columns.has(name)]
        told = sum(1 / formats[plain(name)] for name in known.columns if columns.has(name))
        if len(lacking) == 1 and told > _TOLD_MIN:
            near.append((-told, known.name, known, lacking[0]))
    return [(known, column) for _, _, known, column in sorted(near)[:3]]


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
