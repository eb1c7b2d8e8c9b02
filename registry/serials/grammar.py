"""Every serial grammar this package knows, behind one `parse`."""

from __future__ import annotations

import re
from collections.abc import Callable

from registry.errors import IdentifierError
from registry.serials import (
    acr,
    art,
    cad_trust,
    car,
    ecoregistry,
    gold_standard,
    icr,
    itmo,
    kyoto,
    puro,
    sp_global,
    undp,
    verra,
)
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

_GRAMMARS: tuple[tuple[str, re.Pattern[str], Callable[[str], Serial]], ...] = tuple(
    (grammar.REGISTRY, grammar.LOOKS, grammar.parse)
    for grammar in (
        *(icr, ecoregistry, gold_standard, acr, car, art, puro, itmo, undp),
        *(sp_global, verra, kyoto, cad_trust),
    )
)
"""In the order in which they are asked: those that begin with letters of their own first."""


def parse(text: str) -> Serial:
    """Read a serial of any registry known here; what it looks like says whose grammar reads it.

    Letter case, white space around the text, Unicode dashes and zero padding of numbers are
    normalised; everything else that differs from the grammar is refused, never guessed.

    Returns:
        The serial with its raw text kept; `str()` of it prints the canonical spelling.

    Invariants:
        parse(str(parse(text))) == parse(text).

    Raises:
        IdentifierError: naming what was expected.
    """
    cleaned = clean(text, spaced=True)
    for _, looks, read in _GRAMMARS:
        if looks.fullmatch(cleaned):
            return read(text)
    others = ", ".join(registry for registry, _, _ in _GRAMMARS[1:])
    expected = f"expected a serial of {icr.REGISTRY} such as {icr.SHAPE}, or one of {others}"
    raise IdentifierError(text, "serial", expected)
