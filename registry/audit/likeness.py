"""How alike two projects of two registries are, whatever else is in the tables.

Names, developers, places, methodologies and beginnings speak for one activity or against it. How
alike words are is rapidfuzz's to say; what that is worth is weighed here, with weights that were
set on labelled projects and then left alone.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from registry.audit.traits import EARTH_M, Traits
from registry.audit.vocabulary import WEAK

SCORE_MIN: Final = 0.5
"""Least score of a pair that an audit looks at."""

SCORE_DECIMALS: Final = 4

NEAR_M: Final = 2_000
"""Two points of one site; registries round to a tenth of a kilometre or mean another gate."""

TOWN_M: Final = 15_000
"""A point given in tenths of a degree, or the next town, is as far away as this."""

FAR_M: Final = 50_000

DEVELOPER_SAME: Final = 88
"""Least likeness, of 100, of two spellings of one company."""

DEVELOPER_OTHER: Final = 60
"""Two companies whose names are less alike than this are two companies."""

WORD_SAME: Final = 0.8
"""Least likeness of two words of which one is the other mistyped."""

_LETTERS_MIN: Final = 5
"""Shorter words must be equal: with one letter changed they are another word."""

_NAME_SAME: Final = 95
"""Least likeness, of 100, of names that differ in where their words are parted."""

_WEAK_WEIGHT: Final = 0.3
_REST_OF_BOTH: Final = 2.0
_REST_OF_ONE: Final = 0.4
"""A word that only one name has may be an addition; if both have one, they mean two places."""

_START_NEAR_DAYS: Final = 400
_START_FAR_DAYS: Final = 2_200

# Log odds.
_PRIOR: Final = -4.5
_NAME: Final = 3.75
_NAME_SQUARED: Final = 3.75
_DEVELOPER: Final = (1.25, -1.0)
_NEAR: Final = 2.0
_TOWN: Final = 0.75
_FAR: Final = -1.5
_METHODS: Final = (0.25, -0.5)
_SIZE: Final = (0.5, -2.0)
_START: Final = (1.0, -1.5)
_KIND_UNKNOWN: Final = -0.75
_COUNTRY_UNKNOWN: Final = -1.0


class Likeness(NamedTuple):
    """What two projects have in common; None where one of them does not say.

    Attributes:
        name: 0 to 100: how far the words of their names agree; 100, too, for equal words that many
            places have, if one developer has them twice in one country and nothing else differs.
        developer: 0 to 100.
        apart_m: Distance on the ground.
        methods: Whether a methodology is the same.
        kinds: Whether they may do the same.
        size: Whether a capacity is the same.
        start_days: Days between the beginnings of their crediting periods.
        country: Whether both are in one country.
    """

    name: int | None
    developer: int | None
    apart_m: int | None
    methods: bool | None
    kinds: bool | None
    size: bool | None
    start_days: int | None
    country: bool | None

    @property
    def score(self) -> float:
        """From 0 to 1, rounded; `SCORE_MIN` and more is worth a look."""
        odds = _PRIOR
        if self.name is not None:
            share = self.name / 100
            odds += _NAME * share + _NAME_SQUARED * share * share
        if self.developer is not None and self.developer >= DEVELOPER_SAME:
            odds += _DEVELOPER[0]
        elif self.developer is not None and self.developer < DEVELOPER_OTHER:
            odds += _DEVELOPER[1]
        if self.apart_m is not None and self.apart_m <= TOWN_M:
            odds += _NEAR if self.apart_m <= NEAR_M else _TOWN
        elif self.apart_m is not None and self.apart_m > FAR_M:
            odds += _FAR
        if self.start_days is not None and self.start_days <= _START_NEAR_DAYS:
            odds += _START[0]
        elif self.start_days is not None and self.start_days > _START_FAR_DAYS:
            odds += _START[1]
        odds += _either(self.methods, _METHODS) + _either(self.size, _SIZE)
        odds += _KIND_UNKNOWN if self.kinds is None else 0.0
        odds += _COUNTRY_UNKNOWN if self.country is None else 0.0
        return round(1 / (1 + math.exp(-odds)), SCORE_DECIMALS)

    def __str__(self) -> str:
        """Say what speaks for one activity."""
        said = []
        if self.name:
            said.append("same name" if self.name == 100 else f"names {self.name} % alike")
        if self.developer is not None and self.developer >= DEVELOPER_SAME:
            said.append("same developer")
        if self.apart_m is not None and self.apart_m <= TOWN_M:
            said.append(f"{self.apart_m // 1000}.{self.apart_m % 1000 // 100} km apart")
        if self.methods:
            said.append("same methodology")
        if self.country:
            said.append("same country")
        return ", ".join(said)


def _either(same: bool | None, weights: tuple[float, float]) -> float:
    return 0.0 if same is None else weights[0] if same else weights[1]


def are_told_apart(one: Traits, two: Traits) -> bool:
    """Say whether something makes them two activities, however alike they are otherwise."""
    return (
        one.marks != two.marks
        or bool(one.kinds and two.kinds and not one.kinds & two.kinds)
        or (one.country is not None and two.country is not None and one.country != two.country)
    )


def likeness(one: Traits, two: Traits) -> Likeness:
    """Compare two projects field by field; in which order makes no difference."""
    if (two.registry, two.project) < (one.registry, one.project):
        one, two = two, one
    days = None
    if one.start_s is not None and two.start_s is not None:
        days = abs(one.start_s - two.start_s) // 86_400
    found = Likeness(
        name=_names(one.words, two.words),
        developer=_developers(one.developer, two.developer),
        apart_m=_apart_m(one, two),
        methods=_meet(one.methods, two.methods),
        kinds=_meet(one.kinds, two.kinds),
        size=_meet(one.sizes, two.sizes),
        start_days=days,
        country=None if one.country is None or two.country is None else one.country == two.country,
    )
    return found._replace(name=100) if _is_repeated(one, two, found) else found


def _is_repeated(one: Traits, two: Traits, found: Likeness) -> bool:
    """Say whether a name that many places have stands for one activity all the same.

    It does if one developer has it twice in one country and nothing else that both say differs. One
    developer's two general names, of a coast, a valley, differ in their beginnings at least.
    """
    return (
        bool(one.words)
        and one.words == two.words
        and found.country is True
        and found.developer is not None
        and found.developer >= DEVELOPER_SAME
        and found.methods is not False
        and found.size is not False
        and (found.start_days is None or found.start_days <= _START_NEAR_DAYS)
        and (found.apart_m is None or found.apart_m <= TOWN_M)
    )


def _meet(one: frozenset[str], two: frozenset[str]) -> bool | None:
    return bool(one & two) if one and two else None


def _names(one: tuple[str, ...], two: tuple[str, ...]) -> int | None:
    if not one or not two:
        return None
    if len(one) != len(two) and fuzz.ratio("".join(one), "".join(two)) >= _NAME_SAME:
        return 100
    common, left, rest = 0.0, 0.0, list(two)
    for word in one:
        found = _find(word, rest)
        if found is None:
            left += _weight(word)
        else:
            rest.remove(found)
            common += _weight(word) * OSA.normalized_similarity(word, found)
    if not common:
        return 0
    right = sum(map(_weight, rest))
    against = _REST_OF_BOTH * min(left, right) + _REST_OF_ONE * abs(left - right)
    return round(100 * min(1.0, common) * common / (common + against))


def _weight(word: str) -> float:
    return _WEAK_WEIGHT if word in WEAK else 1.0


def _find(word: str, among: list[str]) -> str | None:
    """Find a word, or the first of those most like it."""
    if word in among:
        return word
    if len(word) < _LETTERS_MIN:
        return None
    alike, found = 0.0, None
    for other in among:
        if len(other) >= _LETTERS_MIN:
            now = OSA.normalized_similarity(word, other, score_cutoff=WORD_SAME)
            if now > alike:
                alike, found = now, other
    return found


def _developers(one: tuple[str, ...], two: tuple[str, ...]) -> int | None:
    if not one or not two:
        return None
    return round(fuzz.token_sort_ratio(" ".join(one), " ".join(two)))


def _apart_m(one: Traits, two: Traits) -> int | None:
    """Measure the great circle between them."""
    if one.place is None or two.place is None:
        return None
    chord = math.dist(one.place, two.place)
    return round(2 * EARTH_M * math.asin(min(1.0, chord / 2)))
