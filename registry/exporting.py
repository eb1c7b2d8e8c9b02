"""Exports of a registry's book, as registries publish theirs, that can be read and audited again.

Each format says the book exactly, or refuses it, or leaves out what it has no words for and names
that: serials of other registries, parts of tonnes, credits at other registries. What it states is
hashed from the book, not from the files, so reading the files back must give the same digest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from registry.errors import IdentifierError
from registry.exports import cad_trust, ecoregistry, icr, verra
from registry.exports.stated import File, LeftOut, Stated, stated_by
from registry.feeds.digest import digest
from registry.feeds.formats import named
from registry.feeds.tables import Gathered

if TYPE_CHECKING:
    from registry.world import World


class Format(NamedTuple):
    """What of a book a format can say, and how it writes that."""

    sayable: Callable[[Stated], Stated]
    files: Callable[[Stated], tuple[File, ...]]


FORMATS: Mapping[str, Format] = {
    "icr": Format(icr.sayable, icr.files),
    "ecoregistry": Format(ecoregistry.sayable, ecoregistry.files),
    "verra": Format(verra.sayable, verra.files),
    "cad-trust": Format(cad_trust.sayable, cad_trust.files),
}
"""Formats that a book can be exported in, by the names that the command line has for them."""


class Exported(NamedTuple):
    """An export.

    Attributes:
        files: Contents by name.
        digest: Of all facts that they state, see `registry.feeds.digest`.
        left_out: What of the book is in none of them, and why.
    """

    files: dict[str, bytes]
    digest: str
    left_out: tuple[LeftOut, ...] = ()


def export_book(world: World, registry: str, format: str, *, leave_out: bool = False) -> Exported:
    """Write the book of a registry in a published format.

    Args:
        registry: Its name in the world.
        format: One of `FORMATS`.
        leave_out: Leave out, and name, what the format has no words for: credits of other
            registries or not verified yet; serials of which only a part was issued, used up or
            exported, where it has whole tonnes; credits that are at other registries.

    Raises:
        IdentifierError: no such format.
        ExportError: no such book, or one that says what the format cannot. Whatever is left out,
            what the registry itself issued must have serials of the format's own grammar.
    """
    if format not in FORMATS:
        expected = f"expected one of {', '.join(FORMATS)}"
        raise IdentifierError(format, "format", expected)
    stated = FORMATS[format].sayable(stated_by(world, registry, leaves_out=leave_out))
    files = FORMATS[format].files(stated)
    gathered = Gathered(None)
    for file in files:
        known = named(file.format)
        assert known is not None
        gathered.source(file.name, known)
        for number, rows in enumerate(file.rows, 1):
            gathered.add(number, "", rows)
    texts = {file.name: file.text.encode() for file in files}
    return Exported(texts, digest(gathered.tables()), stated.left_out)
