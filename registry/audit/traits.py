"""What of a project's record can be compared with another registry's, brought to one form."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from registry.audit.vocabulary import (
    AREAS,
    COMMON,
    FORMS,
    MARKS,
    METHODS,
    NOBODY,
    NUMBERED,
    PHRASES,
    STEMS,
    WEAK,
)

TEXT_MAX_CHARS = 500
"""What of a name is looked at; the longest in the registries' exports have under 300."""

EARTH_M = 6_371_009
"""Mean radius of the earth."""

_REGISTERED_AS = re.compile(r"\b(?:gs|vcs|cdm|acr|car|pl|eco)[ -]?\d{3,}(?:[ -](?=vpa|rvpa|cpa))?")
_SIZED = re.compile(r"\b(\d+(?:[.,]\d+)?) ?(mwp?|kwp?|gw|ha|hectares?|hectareas|km2?|tpd)\b")
_METHOD = re.compile(
    r"\b(?:AR-?)?(?:ACM|AMS?|VMR?|VMD)-?\s?(?:\d{4}|[IV]{1,3}\.?\s?-?[A-Z]{1,2}\b)", re.IGNORECASE
)
_LETTER_HYPHEN = re.compile(r"(?<![^\W_])([^\W\d_])-(?=[^\W\d_]{2})")
_PIECES = re.compile(r"[^\W\d_]+|\d+")
_ROMAN = dict(
    zip(
        ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"),
        map(str, range(1, 13)),
        strict=True,
    )
)
_STEM_MIN = 5


class Traits(NamedTuple):
    """One project, comparable.

    Attributes:
        registry, project: Whose record it is.
        country: ISO 3166-1 alpha-2; None if unknown.
        words: What of its name tells it from its like, ascending; country and kind are left out.
        marks: Numbers and directions in its name, ascending, each as often as it stands there:
            they tell phases, units and neighbours apart.
        sizes: Capacities and areas in its name.
        kinds: What it may do, as far as its name, else its methodology, else its sector says.
        developer: Words of the developer's name without legal form, ascending; empty if unknown.
        methods: Codes of methodologies.
        place: Point on the unit sphere; None if unknown.
        start_s: First second of the crediting period; None if unknown.
    """

    registry: str
    project: str
    country: str | None
    words: tuple[str, ...]
    marks: tuple[str, ...]
    sizes: frozenset[str]
    kinds: frozenset[str]
    developer: tuple[str, ...]
    methods: frozenset[str]
    place: tuple[float, float, float] | None
    start_s: int | None


def traits(row: Mapping[str, Any]) -> Traits:
    """Read a row of the table of projects."""
    name = (row["name"] or "")[:TEXT_MAX_CHARS]
    text, sizes = _cut_sizes(_REGISTERED_AS.sub(" ", fold(name)))
    text, kinds = _cut_phrases(text)
    head, _, tail = text.partition(" by ")
    words, marks, more_kinds = _sort_out(head, _capitals(name))
    # Who does it is compared as developer, unless nothing else is there to be compared.
    if not words - WEAK:
        words |= _sort_out(tail, frozenset())[0]
    marks += [str(int(piece)) for piece in tail.split() if piece.isdecimal()]
    methods = frozenset(_codes(row["methodology"] or ""))
    return Traits(
        registry=row["registry"],
        project=row["project"],
        country=row["country"],
        words=tuple(sorted(words - _countries())),
        marks=tuple(sorted(marks)),
        sizes=frozenset(sizes),
        kinds=frozenset(kinds | more_kinds) or _kinds_of(methods, row),
        developer=_developer(row["developer"] or ""),
        methods=methods,
        place=_place(row["latitude"], row["longitude"]),
        start_s=row["start_s"],
    )


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """Put a text in lower case, without diacritics or punctuation, words one blank apart."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (
        letter if letter.isalnum() or letter in ".,-" else " "
        for letter in plain
        if not unicodedata.combining(letter) and letter not in "'\N{RIGHT SINGLE QUOTATION MARK}"
    )
    return " ".join("".join(kept).split())


def _cut_sizes(text: str) -> tuple[str, set[str]]:
    sizes = {
        f"{number.replace(',', '.')} {unit.rstrip('p')}" for number, unit in _SIZED.findall(text)
    }
    return _SIZED.sub(" ", text), sizes


def _cut_phrases(text: str) -> tuple[str, set[str]]:
    """Take out what only several words together say."""
    text = " ".join(_PIECES.findall(_LETTER_HYPHEN.sub(r"\1", text)))
    kinds = set()
    for phrase, kind in PHRASES.items():
        if phrase in text and f" {phrase} " in f" {text} ":
            kinds.add(kind)
            text = f" {text} ".replace(f" {phrase} ", " ").strip()
    return text, kinds


def _capitals(name: str) -> frozenset[str]:
    """Single capital letters that may be Roman numbers."""
    return frozenset(re.findall(r"(?<![\w.'&-])[IVX](?![\w.'&-])", name))


def _sort_out(text: str, capitals: frozenset[str]) -> tuple[set[str], list[str], set[str]]:
    """Tell words, marks and kinds apart."""
    words: set[str] = set()
    marks: list[str] = []
    kinds: set[str] = set()
    pieces = text.split()
    for at, piece in enumerate(pieces):
        before = pieces[at - 1] if at else ""
        after = pieces[at + 1] if at + 1 < len(pieces) else ""
        if piece.isdecimal():
            marks.append(str(int(piece)))
        elif piece in _ROMAN and (
            len(piece) > 1 or before in NUMBERED or (at and piece.upper() in capitals)
        ):
            marks.append(_ROMAN[piece])
        elif piece in MARKS:
            if after not in AREAS:
                marks.append(MARKS[piece])
        elif len(piece) == 1 and before.isdecimal():
            marks.append(piece)
        elif kind := _kind(piece):
            kinds.add(kind)
        elif piece not in COMMON and len(piece) > 1:
            words.add(piece)
    return words, marks, kinds


@lru_cache(maxsize=50_000)
def _kind(word: str) -> str | None:
    """Say what kind a word stands for."""
    if word in STEMS or word.rstrip("s") in STEMS:
        return STEMS.get(word) or STEMS[word.rstrip("s")]
    for length in range(_STEM_MIN, len(word)):
        if word[:length] in STEMS:
            return STEMS[word[:length]]
    return None


def _kinds_of(methods: frozenset[str], row: Mapping[str, Any]) -> frozenset[str]:
    """Say the kinds where the name does not."""
    known = {kind for method in methods for kind in METHODS.get(method, "").split()}
    if not known:
        for text in (row["methodology"], row["sector"]):
            rest, known = _cut_phrases(fold((text or "")[:TEXT_MAX_CHARS]))
            known |= {kind for word in rest.split() if (kind := _kind(word))}
            if known:
                break
    return frozenset(known)


def _codes(text: str) -> set[str]:
    return {
        "".join(letter for letter in code.upper() if letter.isalnum())
        for code in _METHOD.findall(text[:TEXT_MAX_CHARS])
    }


@lru_cache(maxsize=50_000)
def _developer(text: str) -> tuple[str, ...]:
    folded = fold(text[:TEXT_MAX_CHARS]).replace(".", "")
    if folded in NOBODY:
        return ()
    words = [word for word in _PIECES.findall(folded) if word not in FORMS and len(word) > 1]
    return tuple(sorted(set(words)))


def _place(latitude: float | None, longitude: float | None) -> tuple[float, float, float] | None:
    """Say where a point of the earth is; 0/0 is what an empty form says."""
    if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    if abs(latitude) < 0.01 and abs(longitude) < 0.01:
        return None
    north, east = math.radians(latitude), math.radians(longitude)
    return (
        math.cos(north) * math.cos(east),
        math.cos(north) * math.sin(east),
        math.sin(north),
    )


@cache
def _countries() -> frozenset[str]:
    """Names of countries of one word: the country is compared as such."""
    # Imported on first use: it reads its tables from disk.
    import pycountry

    names = {fold(country.name.split(",")[0]) for country in pycountry.countries}
    names |= {country.alpha_2.lower() for country in pycountry.countries}
    return frozenset(name for name in names if " " not in name) | {"brasil", "viet", "nam", "usa"}
