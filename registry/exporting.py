"""Exports of a registry's book, as registries publish theirs, that can be read and audited again.

Each format says what it can of the book: exactly, or it refuses the book. What it states is hashed
from the book, not from the files, so reading the files back must give the same digest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from registry.errors import IdentifierError
from registry.exports import cad_trust, ecoregistry, icr, verra
from registry.exports.stated import File, Stated, stated_by
from registry.feeds.digest import digest
from registry.feeds.formats import named
from registry.feeds.tables import Gathered

if TYPE_CHECKING:
    from registry.world import World

FORMATS: Mapping[str, Callable[[Stated], tuple[File, ...]]] = {
    "icr": icr.files,
    "ecoregistry": ecoregistry.files,
    "verra": verra.files,
    "cad-trust": cad_trust.files,
}
"""Formats that a book can be exported in, by the names that the command line has for them."""


class Exported(NamedTuple):
    """An export.

    Attributes:
        files: Contents by name.
        digest: Of all facts that they state, see `registry.feeds.digest`.
    """

    files: dict[str, bytes]
    digest: str


def export_book(world: World, registry: str, format: str) -> Exported:
    """Write the book of a registry in a published format.

    Args:
        registry: Its name in the world.
        format: One of `FORMATS`.

    Raises:
        IdentifierError: no such format.
        ExportError: no such book, or one that says what the format cannot: a fraction of a tonne
            where it has whole ones, or serials of another registry.
    """
    if format not in FORMATS:
        expected = f"expected one of {', '.join(FORMATS)}"
        raise IdentifierError(format, "format", expected)
    files = FORMATS[format](stated_by(world, registry))
    gathered = Gathered(None)
    for file in files:
        known = named(file.format)
        assert known is not None
        gathered.source(file.name, known)
        for number, rows in enumerate(file.rows, 1):
            gathered.add(number, "", rows)
    return Exported({file.name: file.text.encode() for file in files}, digest(gathered.tables()))
