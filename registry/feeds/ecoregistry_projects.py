"""EcoRegistry's public export of projects, with every serial issued for them in one cell each.

The cells of serials, sectors and locations hold lists, as Python prints them or as JSON. What is
issued there stands in the export of issuances, too; the reader of files keeps it once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from registry.errors import FeedError
from registry.feeds.cells import Cells, Columns
from registry.feeds.countries import alpha_2
from registry.feeds.ecoregistry import REGISTRY, read_issuance
from registry.feeds.format import Format
from registry.feeds.literals import read_mappings
from registry.feeds.quantities import degrees_or_none
from registry.feeds.rows import Activity, Issued, Row

_NOTHING = ("", "-", "not defined", "not assigned")


def read_project(cells: Cells) -> Iterator[Row]:
    """Make the row of one project, and one per serial embedded in it.

    Raises:
        FeedError: a cell is malformed, or something in a list inside it.
    """
    sectors = [sector.text("description") for sector in _entries(cells, "sector")]
    locations = list(_entries(cells, "locations"))
    countries = {alpha_2(location.text("country")) for location in locations}
    latitude = longitude = None
    if locations:
        # One that is out of range says that its row is not to be trusted.
        places = [
            (degrees_or_none(place, "latitude", 90), degrees_or_none(place, "longitude", 180))
            for place in locations
        ]
        latitude, longitude = places[0]
    yield Activity(
        registry=REGISTRY,
        project=cells.named("id"),
        name=_said(cells, "name"),
        country=countries.pop() if len(countries) == 1 else None,
        developer=_said(cells, "developer") or _said(cells, "owner"),
        methodology=_said(cells, "quantification_method"),
        sector="; ".join(dict.fromkeys(filter(None, sectors))) or None,
        status=_said(cells, "stage"),
        latitude=latitude,
        longitude=longitude,
    )
    for number, entry in enumerate(_entries(cells, "serials"), 1):
        try:
            rows = list(read_issuance(entry))
        except FeedError as error:
            expected = f"entry {number}, {error.column}: {error.expected}"
            raise cells.refused("serials", expected) from error
        for row in rows:
            assert isinstance(row, Issued), "an issuance makes no other row"
            yield row._replace(part=f"serial {number}")


def _said(cells: Cells, column: str) -> str | None:
    text = cells.text(column)
    return None if text.casefold() in _NOTHING else text


def _entries(cells: Cells, column: str) -> Iterator[Cells]:
    """Yield the mappings in a cell, each as if it were a record of its own file."""
    for entry in read_mappings(cells, column):
        yield Cells(_columns(cells.columns.path, tuple(entry)), cells.row, tuple(entry.values()))


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
