"""Every serial grammar this package knows, behind one `parse`."""

from __future__ import annotations

import re
from collections.abc import Callable

from registry.errors import IdentifierError
from registry.serials import ecoregistry, icr
from registry.serials.block import Block, block_interval, parse_interval, print_interval
from registry.serials.serial import UNKNOWN, Field, Serial, clean

__all__ = [
    "UNKNOWN",
    "Block",
    "Field",
    "Serial",
    "block_interval",
    "parse",
    "parse_interval",
    "print_interval",
]

_GRAMMARS: tuple[tuple[str, tuple[str, ...], str, Callable[[str], Serial]], ...] = (
    (icr.REGISTRY, icr.PREFIXES, icr.SHAPE, icr.parse),
    (ecoregistry.REGISTRY, ecoregistry.PREFIXES, ecoregistry.SHAPE, ecoregistry.parse),
)


def parse(text: str) -> Serial:
    """Read a serial of any registry known here; the prefix says whose grammar reads it.

    Letter case, white space around the text, Unicode dashes and zero padding of numbers are
    normalised; everything else that differs from the grammar is refused, never guessed.

    Returns:
        The serial with its raw text kept; `str()` of it prints the canonical spelling.

    Invariants:
        parse(str(parse(text))) == parse(text).

    Raises:
        IdentifierError: naming what was expected.
    """
    prefix = re.split("[-_]", clean(text), maxsplit=1)[0]
    for _, prefixes, _, read in _GRAMMARS:
        if prefix in prefixes:
            return read(text)
    known = " or ".join(f"of {registry} such as {shape}" for registry, _, shape, _ in _GRAMMARS)
    raise IdentifierError(text, "serial", f"expected a serial {known}")
