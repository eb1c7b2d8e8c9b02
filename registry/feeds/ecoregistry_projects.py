"""EcoRegistry's public export of projects, with every serial issued for them in one cell each.

The cells of serials, sectors and locations hold lists, as Python prints them or as JSON. What is
issued there stands in the export of issuances, too; the reader of files keeps it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

from registry.errors import FeedError
from registry.feeds.blocks import project_id
from registry.feeds.cells import Cells, Columns
from registry.feeds.countries import alpha_2
from registry.feeds.ecoregistry import REGISTRY, issuance
from registry.feeds.format import Format
from registry.feeds.literals import read_mappings
from registry.feeds.quantities import degrees_or_none
from registry.feeds.rows import Activity, Row

ItemT = TypeVar("ItemT")

_NOTHING = ("", "-", "not defined", "not assigned")


def read_project(cells: Cells) -> Iterator[Row]:
    """Make the row of one project, and one per serial embedded in it.

    Raises:
        FeedError: a cell is malformed, or something in a list inside it.
    """
    sectors = _each(cells, "sector", lambda entry: entry.text("description"))
    places = _each(cells, "locations", _place)
    countries = {country for country, _, _ in places}
    _, latitude, longitude = places[0] if places else (None, None, None)
    yield Activity(
        registry=REGISTRY,
        project=project_id(cells, "id", "CDC"),
        name=_said(cells, "name"),
        country=countries.pop() if len(countries) == 1 else None,
        developer=_said(cells, "developer") or _said(cells, "owner"),
        methodology=_said(cells, "quantification_method"),
        sector="; ".join(dict.fromkeys(filter(None, sectors))) or None,
        status=_said(cells, "stage"),
        latitude=latitude,
        longitude=longitude,
    )
    for number, row in enumerate(_each(cells, "serials", issuance), 1):
        yield row._replace(part=f"serial {number}")


def _place(entry: Cells) -> tuple[str | None, float | None, float | None]:
    return (
        alpha_2(entry.text("country")),
        degrees_or_none(entry, "latitude", 90),
        degrees_or_none(entry, "longitude", 180),
    )


def _said(cells: Cells, column: str) -> str | None:
    text = cells.text(column)
    return None if text.casefold() in _NOTHING else text


def _each(cells: Cells, column: str, read: Callable[[Cells], ItemT]) -> list[ItemT]:
    """Read the mappings in a cell, each as if it were a record of its own file."""
    found = []
    for number, entry in enumerate(read_mappings(cells, column), 1):
        columns = _columns(cells.columns.path, tuple(entry))
        try:
            if columns.doubled is not None:
                raise cells.refused(columns.doubled, "expected this name once")
            found.append(read(Cells(columns, cells.row, tuple(entry.values()))))
        except FeedError as error:
            expected = f"entry {number}, {error.column}: {error.expected}"
            raise cells.refused(column, expected) from error
    return found


@lru_cache(maxsize=256)
def _columns(path: str, names: Sequence[str]) -> Columns:
    return Columns(path, names)


FORMATS: tuple[Format, ...] = (
    Format(
        name="ecoregistry-projects",
        registry=REGISTRY,
        columns=("id", "serials"),
        sign=("id", "serials"),
        read=read_project,
    ),
)
"""What EcoRegistry publishes of projects."""
