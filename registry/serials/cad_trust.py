"""Blocks of units as CAD Trust reads them by default: `ABC1000-ABC1010`.

The same text and a number at both ends. What the text means is up to the registry whose units they
are; from which number it counts is unknown, so any from 0 on is read.
"""

from __future__ import annotations

import re

from registry.serials.parts import Parts, block_fields
from registry.serials.serial import UNKNOWN, Field, Serial, clean

REGISTRY = "CAD Trust"
SHAPE = "ABC1000-ABC1010"
_TEXT = "[A-Z](?:[A-Z0-9._/]*[A-Z._/])?"
_BLOCK = re.compile(f"(?P<prefix>{_TEXT})(?P<first>[0-9]+)-(?P<other>{_TEXT})(?P<last>[0-9]+)")
LOOKS = _BLOCK


def parse(text: str) -> Serial:
    """Read one block of CAD Trust's default pattern.

    Returns:
        A serial whose scope is the text before the numbers.

    Raises:
        IdentifierError: ends that begin with different text, or another pattern: an organisation
            may set its own, which no block tells.

    Source: `Chia-Network/cadt`, `defaultSerialNumberPattern`; that both ends begin alike is ours,
        because else the block has no one scope.
    """
    parts = Parts(REGISTRY, text)
    found = _BLOCK.fullmatch(clean(text))
    if not found:
        raise parts.refused(f"expected the same text and a number at both ends, as in {SHAPE}")
    prefix = found["prefix"]
    if found["other"] != prefix:
        expected = f"expected both ends to begin alike, got {prefix!r} and {found['other']!r}"
        raise parts.refused(expected)
    first, last = parts.block(found["first"], found["last"], base=0)
    return Serial(
        registry=REGISTRY,
        scope=prefix,
        base=0,
        raw=text,
        canonical=f"{prefix}{first}-{prefix}{last}",
        fields=(Field("code_1", prefix, UNKNOWN), *block_fields(first, last)),
        first=first,
        last=last,
    )
