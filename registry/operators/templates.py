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


class Place(NamedTuple):
    """What may stand in a place, and what it is, in words for whoever writes a template."""

    pattern: str
    meaning: str


PLACES: Mapping[str, Place] = {
    "name": Place("[A-Za-z0-9&.]+", "the registry's name in letters, digits, & and dots"),
    "country": Place("[A-Z]{2}", "host country, ISO 3166-1 alpha-2, such as IS"),
    "country3": Place("[A-Z]{3}", "host country, ISO 3166-1 alpha-3, such as ISL"),
    "calling_code": Place(
        "[1-9][0-9]{0,3}(?:-[0-9]{1,4})?", "telephone code of the host country, such as 354"
    ),
    "project": Place(_NUMBER, "number of the project at the registry"),
    "verification": Place("[1-9][0-9]{0,2}", "number of the verification, from 1"),
    "vintage": Place(_YEAR, "vintage year"),
    "vintage_start": Place(f"0101{_YEAR}", "first day of the vintage, such as 01012024"),
    "vintage_end": Place(f"3112{_YEAR}", "last day of the vintage, such as 31122024"),
    "batch": Place(_NUMBER, "number of the batch among the project's"),
    "sector": Place("[1-9][0-9]?", "sectoral scope; 14 is land use"),
    "kind": Place("[AR]", "A for avoidance, R for removal"),
    "unit": Place("[A-Z0-9]*", "code of the form of credits, `unit` in `forms`"),
    "buffer": Place("[A-Z0-9._-]*", "`buffer_mark` for buffer credits, else nothing"),
    "block": Place(BLOCK, "first and last serial, such as 1-250; once at most"),
}
"""Place -> what may stand there."""

MARK = re.compile(PLACES["buffer"].pattern)
"""What a buffer's mark may be."""
UNIT = re.compile("[A-Z0-9]{0,10}")
"""What a unit's code may be."""

_LITERAL = "[A-Za-z0-9&._+/ -]"
SHAPE = rf"^(\{{({'|'.join(PLACES)})\}}|{_LITERAL})+$"
"""What every template is like; `parts_of` refuses more."""

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
    known = {name: place.pattern for name, place in PLACES.items()} | {"unit": unit}
    return re.compile(
        "".join(
            known[part.place] if part.place else re.escape(part.text) for part in parts_of(template)
        ),
        re.ASCII,
    )
