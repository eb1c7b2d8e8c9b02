"""Publishes made-up activities as registries would: names, spellings, codes, gaps, issuances."""

from __future__ import annotations

import random
import unicodedata
from calendar import timegm
from typing import Any, Final, NamedTuple

import pycountry

from registry.simulate.labelled_words import COUNTRIES, KINDS, PADDING, STYLES, Style
from registry.units import GRAMS_PER_TONNE

Project = tuple[str, str]
"""Registry and project id."""

NUMBERS: Final = (
    ("{n}", "{roman}", "{n:02}"),
    ("Phase {roman}", "Phase {n}", "phase {n}"),
    ("No. {n}", "No.{n}", "#{n}"),
    ("{n}-{year}",),
    ("VPA-{n}", "VPA {n}", "VPA{n:02}"),
    ("Unit {n}", "Unit {roman}", "unit {n}"),
)
"""How activities are numbered, each in several spellings."""

_LAST_YEAR: Final = 2025
_ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")


class Company(NamedTuple):
    """A company: its name without legal form, its country, and which of its forms it has."""

    name: str
    country: str
    form: int


class Number(NamedTuple):
    """What numbers an activity among its like: a position in `NUMBERS`, a number and a year."""

    shape: int
    number: int
    year: int


class Activity(NamedTuple):
    """What happens on the ground, whoever publishes it.

    Attributes:
        owner, adviser: Registries name the one or the other as developer.
        year, years: First year and length of the crediting period.
        wording: Which way of naming its kind, counted round.
        language: Position among the languages of its country, counted round.
    """

    kind: str
    country: str
    place: str
    region: str
    number: Number | None
    owner: Company
    adviser: Company
    latitude: float
    longitude: float
    year: int
    years: int
    wording: int
    language: int = 0


class Publisher:
    """Collects rows of projects and issuances; what it leaves to chance comes from `rng`."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.projects: list[dict[str, Any]] = []
        self.issuances: list[dict[str, Any]] = []

    def publish(self, activity: Activity, registry: str, issues: bool | None = None) -> Project:
        """Add a registry's rows for an activity; `issues` is left to chance if None."""
        rng, style, kind = self._rng, STYLES[registry], KINDS[activity.kind]
        project = f"{style.prefix}{len(self.projects) + 101}"
        method = rng.choice(kind.methods) if rng.randrange(10) else None
        if style.worded and method in kind.methods[:2] and rng.randrange(2):
            method = f"{method}: {kind.methods[2]}"
        latitude, longitude = self._located(activity, style)
        self.projects.append(
            {
                "source": f"{registry}.csv",
                "keeper": "feed",
                "record": str(len(self.projects) + 1),
                "registry": registry,
                "project": project,
                "name": self._name(activity, style),
                "country": activity.country if rng.randrange(100) else None,
                "developer": self._developer(activity, style),
                "methodology": method,
                "sector": kind.sectors[style.sector] if rng.randrange(12) else None,
                "status": "Registered",
                "start_s": _day(activity.year),
                "end_s": _day(activity.year + activity.years) if rng.randrange(8) else None,
                "latitude": latitude,
                "longitude": longitude,
                "issued_g": self._issue(activity, registry, project, issues),
            }
        )
        return registry, project

    def _name(self, activity: Activity, style: Style) -> str:
        rng, languages = self._rng, COUNTRIES[activity.country].languages
        ways = KINDS[activity.kind].names[languages[activity.language % len(languages)]]
        name = ways[activity.wording % len(ways)].format(place=activity.place)
        if activity.number is not None:
            shape, number, year = activity.number
            spelling = rng.choice(NUMBERS[shape])
            name += " " + spelling.format(n=number, roman=_ROMAN[number - 1], year=year)
        name += rng.choice(PADDING).format(
            country=_country_name(activity.country),
            region=activity.region,
            owner=activity.owner.name,
        )
        if style.prefix == "GS" and rng.randrange(4) == 0:
            name = f"GS{rng.randint(1_000, 24_000)} {name}"
        if rng.randrange(12) == 0:
            name = self._mistyped(name)
        return self._spelt(name, style)

    def _mistyped(self, name: str) -> str:
        """Leave out or swap a letter of the longest word."""
        words = name.split(" ")
        at = max(range(len(words)), key=lambda index: len(words[index]))
        word, cut = words[at], self._rng.randint(1, max(1, len(words[at]) - 3))
        if self._rng.randrange(2):
            words[at] = word[:cut] + word[cut + 1 :]
        else:
            words[at] = word[:cut] + word[cut : cut + 2][::-1] + word[cut + 2 :]
        return " ".join(words)

    def _spelt(self, text: str, style: Style) -> str:
        if self._rng.randrange(100) < style.shouts:
            text = text.upper()
        if self._rng.randrange(100) < style.folds:
            letters = unicodedata.normalize("NFD", text)
            text = "".join(letter for letter in letters if not unicodedata.combining(letter))
        return text

    def _developer(self, activity: Activity, style: Style) -> str | None:
        """Name the owner, or now and then its adviser, many, or nobody."""
        chance = self._rng.randrange(100)
        if chance < 6:
            return None
        if chance < 12:
            return "Multiple Proponents"
        company = activity.owner if chance < 75 else activity.adviser
        forms = COUNTRIES[company.country].suffixes[company.form]
        return self._spelt(f"{company.name} {self._rng.choice([*forms, ''])}".strip(), style)

    def _located(self, activity: Activity, style: Style) -> tuple[float, float] | tuple[None, None]:
        """Say where an activity is, more or less: its gate, its office, or the next town."""
        rng = self._rng
        if rng.randrange(100) >= style.located:
            return None, None
        if rng.randrange(25) == 0:
            return 0.0, 0.0
        places, shift = rng.choice([1, 2, 4, 5]), rng.choice([0.0, 0.0, 0.005, 0.05])
        longitude = activity.longitude + rng.uniform(-shift, shift)
        return (
            round(activity.latitude + rng.uniform(-shift, shift), places),
            round(longitude - 360 if longitude > 180 else longitude, places),
        )

    def _issue(
        self, activity: Activity, registry: str, project: str, issues: bool | None
    ) -> int | None:
        """Add issuances year by year, and return the total that the registry states."""
        rng = self._rng
        if issues is None:
            issues = rng.randrange(10) < 7
        if not issues:
            return rng.choice([0, None])
        total_g, is_dated = 0, rng.randrange(4) > 0
        for year in range(activity.year, min(activity.year + min(activity.years, 6), _LAST_YEAR)):
            amount_g = rng.randint(1_000, 300_000) * GRAMS_PER_TONNE
            total_g += amount_g
            self.issuances.append(
                {
                    "source": f"{registry}-issuances.csv",
                    "keeper": "feed",
                    "record": str(len(self.issuances) + 1),
                    "registry": registry,
                    "amount_g": amount_g,
                    "project": project,
                    "vintage": year,
                    "at_s": _day(year + 1) + rng.randrange(300) * 86_400,
                    "period_start_s": _day(year) if is_dated else None,
                    "period_end_s": _day(year + 1) if is_dated else None,
                }
            )
        return rng.choice([total_g, None])


def _country_name(code: str) -> str:
    country = pycountry.countries.get(alpha_2=code)
    return country.name if country else code


def _day(year: int) -> int:
    return timegm((year, 1, 1, 0, 0, 0))
