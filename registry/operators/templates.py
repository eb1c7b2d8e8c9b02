"""How a profile writes a registry's serials: text with places for what differs between batches.

    WCC-{unit}-{country}-{project}-{vintage_start}-{vintage_end}-{block}-MER-0-P

`{block}` is where the registry prints first and last serial; a template without it prints serials
as ICR does, which has none. A scope is the text with every place filled but that one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

BLOCK = "#"
"""Stands in a scope where the block of a serial is printed."""

LETTERS_MAX = 120

_NUMBER = "[1-9][0-9]{0,18}"
_YEAR = "(?:19|20)[0-9]{2}"
PLACES: Mapping[str, str] = {
    "name": "[A-Za-z0-9&.]+",
    "country": "[A-Z]{2}",
    "country3": "[A-Z]{3}",
    "calling_code": "[1-9][0-9]{0,3}(?:-[0-9]{1,4})?",
    "project": _NUMBER,
    "verification": "[1-9][0-9]{0,2}",
    "vintage": _YEAR,
    "vintage_start": f"0101{_YEAR}",
    "vintage_end": f"3112{_YEAR}",
    "batch": _NUMBER,
    "sector": "[1-9][0-9]?",
    "kind": "[AR]",
    "unit": "[A-Z0-9]*",
    "buffer": "[A-Z0-9._-]*",
    "block": BLOCK,
}
"""Place -> what may stand there."""

MARK = re.compile(PLACES["buffer"])
"""What a buffer's mark may be."""
UNIT = re.compile("[A-Z0-9]{0,10}")
"""What a unit's code may be."""

_LITERAL = "[A-Za-z0-9&._+/ -]"
_PART = re.compile(r"\{([^{}]*)\}|([^{}]+)")


class Part(NamedTuple):
    """A place or the text between two; the other one is empty."""

    place: str
    text: str


@lru_cache(maxsize=256)
def parts_of(template: str) -> tuple[Part, ...]:
    """Take a template apart.

    Raises:
        ValueError: an unknown place, one block too many, two places without anything between
            them (nobody could tell 1 and 12 from 11 and 2), or letters that no scope has.
    """
    if not 1 <= len(template) <= LETTERS_MAX:
        raise ValueError(f"expected 1 to {LETTERS_MAX} letters")
    parts = [Part(found[1] or "", found[2] or "") for found in _PART.finditer(template)]
    spelled = "".join(f"{{{part.place}}}" if part.place else part.text for part in parts)
    if spelled != template:
        raise ValueError("expected places in braces, such as {project}")
    before = ""
    for part in parts:
        if part.place and part.place not in PLACES:
            raise ValueError(f"expected one of {', '.join(PLACES)}; got {{{part.place}}}")
        if part.place and before and "buffer" not in (part.place, before):
            raise ValueError(f"expected text between {{{before}}} and {{{part.place}}}")
        if not re.fullmatch(f"{_LITERAL}*", part.text) or "  " in part.text:
            raise ValueError("expected ASCII letters, digits, single spaces and & . _ + / -")
        before = part.place
    if sum(part.place == "block" for part in parts) > 1:
        raise ValueError("expected one {block} at most")
    if template != template.strip():
        raise ValueError("expected no spaces around it")
    return tuple(parts)


def places_of(template: str) -> frozenset[str]:
    """Return the places of a template."""
    return frozenset(part.place for part in parts_of(template) if part.place)


def filled(template: str, values: Mapping[str, str]) -> str:
    """Write a scope: the text with a value in each place, and the block's mark in its own."""
    given = {**values, "block": BLOCK}
    return "".join(given[part.place] if part.place else part.text for part in parts_of(template))


def is_of(template: str, text: str, unit: str) -> bool:
    """Say whether a scope can be what a template writes for credits with this unit's code."""
    return bool(_pattern(template, unit).fullmatch(text))


@lru_cache(maxsize=256)
def _pattern(template: str, unit: str) -> re.Pattern[str]:
    known = {**PLACES, "unit": unit}
    return re.compile(
        "".join(
            known[part.place] if part.place else re.escape(part.text) for part in parts_of(template)
        ),
        re.ASCII,
    )
