"""Projects of several registries among which it is known which are one activity.

An activity is drawn first; each registry then publishes it in its own words, with its own ids,
spellings, codes and gaps. Two publications of one activity are a pair to be found. Near misses are
other activities, made from an activity by changing what tells the two apart. No pair is declared by
a link: what registries say themselves needs no guess.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import pyarrow as pa

from registry.records.tables import SCHEMAS
from registry.simulate.labelled_rows import (
    NUMBERS,
    Activity,
    Company,
    Number,
    Project,
    Publisher,
)
from registry.simulate.labelled_words import COINED, COUNTRIES, KINDS, REGIONS, STYLES

Pair = tuple[Project, Project]
"""Two projects, ascending."""

_PLACES_SHORT: Final = 4_000
"""Syllables make a few thousand short names; beyond that, places have two words."""


class Labelled(NamedTuple):
    """Tables and what is true of them.

    Attributes:
        tables: "projects" and "issuances".
        same: Pairs that are one activity -> how the second name comes from the first: "copied",
            "reworded" or "translated", besides spelling and what is put behind it.
        doubled: Those of `same` that both issued, for periods that intersect.
        near: Pairs that look alike and are two activities -> what tells them apart.
    """

    tables: Mapping[str, pa.Table]
    same: Mapping[Pair, str]
    doubled: frozenset[Pair]
    near: Mapping[Pair, str]


def labelled(seed: int, activities: int = 2_000) -> Labelled:
    """Make projects; an activity in ten has a second publication, one in five a near miss.

    Args:
        seed: Everything follows from it.
        activities: How many are drawn, from 10 on; there are about a third more projects.

    Returns:
        Tables as an audit takes them, rows in no order, and the answer key.
    """
    return _Maker(random.Random(f"labelled/{seed}")).make(activities)


class _Maker:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.publisher = Publisher(rng)
        self.places: set[str] = set()
        self.same: dict[Pair, str] = {}
        self.doubled: set[Pair] = set()
        self.near: dict[Pair, str] = {}

    def make(self, activities: int) -> Labelled:
        rng, publisher = self.rng, self.publisher
        advisers = [self.company(self.country()) for _ in range(max(4, activities // 40))]
        for _ in range(activities):
            activity = self.activity(rng.choice(advisers))
            chance = rng.randrange(100)
            if chance < 10:
                self._twins(activity)
            elif chance < 30:
                self._near_miss(activity)
            else:
                publisher.publish(activity, self._registry(activity))
        rows = {"projects": publisher.projects, "issuances": publisher.issuances}
        tables = {}
        for name, table in rows.items():
            rng.shuffle(table)
            tables[name] = pa.Table.from_pylist(table, schema=SCHEMAS[name])
        return Labelled(tables, self.same, frozenset(self.doubled), self.near)

    def _twins(self, activity: Activity) -> None:
        """Publish one activity at two registries, one in five of them one after the other."""
        rng = self.rng
        manners = ["copied", "copied", "reworded", "reworded"]
        if len(COUNTRIES[activity.country].languages) > 1:
            manners += ["translated"] * 2
        manner = rng.choice(manners)
        one, two = activity, activity
        if manner != "copied":
            two = two._replace(wording=activity.wording + rng.randint(1, 11))
        if manner == "translated":
            two = two._replace(language=1)
        follows = rng.randrange(5) == 0
        if follows:
            one = one._replace(years=5)
            two = two._replace(year=activity.year + 5, years=10)
        elif rng.randrange(3) == 0:
            two = two._replace(year=activity.year + 1, years=rng.choice([7, 10, 20]))
        pair = self._publish_both(one, two)
        self.same[pair] = manner
        if not follows:
            self.doubled.add(pair)

    def _near_miss(self, activity: Activity) -> None:
        """Publish two activities that have much in common, at two registries."""
        name = self.rng.choice(sorted(_NEAR))
        self.near[self._publish_both(*_NEAR[name](self, activity))] = name

    def _publish_both(self, one: Activity, two: Activity) -> Pair:
        """Publish two activities that have issued, at two registries."""
        first = self._registry(one)
        second = self._registry(two, besides=first)
        projects = (
            self.publisher.publish(one, first, issues=True),
            self.publisher.publish(two, second, issues=True),
        )
        return min(projects), max(projects)

    def _registry(self, activity: Activity, besides: str | None = None) -> str:
        return self.rng.choice(
            [
                name
                for name, style in STYLES.items()
                if name != besides and (not style.countries or activity.country in style.countries)
            ]
        )

    def activity(self, adviser: Company, country: str | None = None) -> Activity:
        """Draw an activity, a quarter of them numbered."""
        rng = self.rng
        country = country or self.country()
        south, north, west, east = COUNTRIES[country].box
        return Activity(
            kind=rng.choice(sorted(KINDS)),
            country=country,
            place=self.place(country),
            region=rng.choice(REGIONS),
            number=self.number() if rng.randrange(4) == 0 else None,
            owner=self.company(country),
            adviser=adviser,
            latitude=round(rng.uniform(south, north), 5),
            longitude=round(rng.uniform(west, east), 5),
            year=rng.randint(2004, 2019),
            years=rng.choice([7, 10, 10, 20, 30]),
            wording=rng.randrange(12),
        )

    def number(self) -> Number:
        """Draw how an activity is numbered; the next number is one that can be written, too."""
        rng = self.rng
        return Number(rng.randrange(len(NUMBERS)), rng.randint(1, 8), rng.randint(2010, 2025))

    def country(self) -> str:
        """Draw a country."""
        return self.rng.choice(sorted(COUNTRIES))

    def place(self, country: str) -> str:
        """Coin a place; no two of one set have one name."""
        rng, (first, middle, last) = self.rng, COUNTRIES[country].syllables
        while True:
            name = rng.choice(first) + rng.choice(middle)
            if rng.randrange(3) == 0:
                name += rng.choice(middle).lower()
            name += rng.choice(last)
            if len(self.places) > _PLACES_SHORT or rng.randrange(12) == 0:
                name += " " + rng.choice(middle) + rng.choice(last)
            if name not in self.places:
                self.places.add(name)
                return name

    def company(self, country: str) -> Company:
        """Coin a company."""
        trade = KINDS[self.rng.choice(sorted(KINDS))].trade
        name = "".join(map(self.rng.choice, COINED)) + " " + self.rng.choice(trade)
        return Company(name, country, self.rng.randrange(len(COUNTRIES[country].suffixes)))

    def elsewhere(self, activity: Activity, country: str) -> Activity:
        """Move an activity to another owner somewhere in a country."""
        other = self.activity(activity.adviser, country)
        return activity._replace(
            country=country,
            owner=other.owner,
            latitude=other.latitude,
            longitude=other.longitude,
            year=other.year,
            years=other.years,
        )


# What tells two activities apart. Each returns both.


def _sister(maker: _Maker, activity: Activity) -> tuple[Activity, Activity]:
    """Same owner, kind and district, next village."""
    shift = maker.rng.uniform(0.1, 0.5)
    return activity, activity._replace(
        place=maker.place(activity.country),
        latitude=activity.latitude + shift,
        longitude=activity.longitude - shift,
    )


def _number(maker: _Maker, activity: Activity) -> tuple[Activity, Activity]:
    """The next phase or unit, or the same of another year."""
    one = maker.number()
    two = one._replace(number=one.number + 1)
    if "{year}" in NUMBERS[one.shape][0] and maker.rng.randrange(2):
        two = one._replace(year=one.year - 1)
    return activity._replace(number=one), activity._replace(number=two)


def _kind(maker: _Maker, activity: Activity) -> tuple[Activity, Activity]:
    """Something else at the same place, by the same owner."""
    kinds = sorted(set(KINDS) - {activity.kind})
    return activity, activity._replace(kind=maker.rng.choice(kinds))


def _template(maker: _Maker, activity: Activity) -> tuple[Activity, Activity]:
    """Same adviser and wording in another district."""
    other = maker.elsewhere(activity, activity.country)
    return activity, other._replace(place=maker.place(activity.country))


def _namesake(maker: _Maker, activity: Activity) -> tuple[Activity, Activity]:
    """Same kind and name of the place in another country."""
    countries = sorted(set(COUNTRIES) - {activity.country})
    return activity, maker.elsewhere(activity, maker.rng.choice(countries))


def _smaller(maker: _Maker, activity: Activity) -> tuple[Activity, Activity]:
    """The lesser or newer neighbour that took over the place's name."""
    word = maker.rng.choice(["Menor", "Nuevo", "II", "Alto", "Bajo", "Norte", "Sur", "2"])
    return activity, activity._replace(
        place=f"{activity.place} {word}",
        latitude=activity.latitude + maker.rng.uniform(0.005, 0.05),
    )


def _general(maker: _Maker, activity: Activity) -> tuple[Activity, Activity]:
    """Named after the region of a country only, by another owner somewhere in it."""
    activity = activity._replace(place=f"{activity.region} {activity.country}", number=None)
    return activity, maker.elsewhere(activity, activity.country)


_NEAR: Final[Mapping[str, Callable[[_Maker, Activity], tuple[Activity, Activity]]]] = {
    "general": _general,
    "kind": _kind,
    "namesake": _namesake,
    "number": _number,
    "sister": _sister,
    "smaller": _smaller,
    "template": _template,
}
