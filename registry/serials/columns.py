"""Serials by the column: what feeds need of each, without its fields.

The grammars read one serial and explain it. Files have millions, so `parse_column` reads the common
spellings by one regular expression each and leaves every other text to the grammars.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from registry.records.interval import Interval
from registry.serials import acr, art, car, gold_standard, verra
from registry.serials.block import block_interval
from registry.serials.parts import day_of
from registry.serials.serial import Serial
from registry.units import AMOUNT_MAX_G, GRAMS_PER_TONNE


class Parsed(NamedTuple):
    """A serial as feeds take it.

    Attributes:
        registry: Whose grammar read it, such as "ICR".
        canonical: The one spelling that is compared and printed.
        scope: Canonical text of the prefix inside which the registry counts.
        base: Number of the scope's first serial, 0 or 1.
        first: First whole serial of the block; None where this spelling names no block.
        last: Last one, included; None with `first`.
        project: Project number inside the registry; None where the serial names none.
        vintage: Year; of a vintage of days the year in which it begins.
        batch: Issuance batch, where the grammar has one.
        is_buffer: Whether a mark puts the credits in a buffer or reserve.
    """

    registry: str
    canonical: str
    scope: str
    base: int
    first: int | None
    last: int | None
    project: str | None
    vintage: int | None
    batch: str | None
    is_buffer: bool

    @property
    def interval(self) -> Interval | None:
        """The grams of its block, in its scope; None where it names no block."""
        if self.first is None or self.last is None:
            return None
        return block_interval(self.first, self.last, self.base)


def parsed(serial: Serial) -> Parsed:
    """Take from a serial what feeds need."""
    return Parsed(
        registry=serial.registry,
        canonical=serial.canonical,
        scope=serial.scope,
        base=serial.base,
        first=serial.first,
        last=serial.last,
        project=str(serial.project) if serial.project else None,
        vintage=serial.vintage,
        batch=serial.get("batch"),
        is_buffer=serial.is_buffer,
    )


_COUNT = "[1-9][0-9]{0,17}"
_BOUND = "([1-9][0-9]{0,12})"
_YEAR = "((?:19|20)[0-9]{2})"
_LAST_MAX = AMOUNT_MAX_G // GRAMS_PER_TONNE
"""Last serial of a scope that counts from 1, as all do that are read here."""

_new = tuple.__new__
"""Makes a Parsed of a tuple; calling the class costs as much as matching the text."""


def parse_column(texts: Sequence[str], registry: str | None = None) -> list[Parsed | None]:
    """Read the common spellings in a column of serials.

    Args:
        texts: As they stand in the column.
        registry: Whose serials are wanted; None reads every registry's that is read fast.

    Returns:
        One per text, in order; None for a text that is left to `grammar.parse`, which reads the
        rarer spellings and says what is wrong with the others.

    Invariants:
        Where not None, equal to parsed(parse(text)).
    """
    if registry is None:
        return list(map(_any, texts))
    read = _READERS.get(registry)
    return [None] * len(texts) if read is None else list(map(read, texts))


def _any(text: str) -> Parsed | None:
    return _BY_LETTERS.get(text[:3], _verra)(text)


_match_verra = re.compile(
    f"({_COUNT})-{_BOUND}-{_BOUND}-(VCS-)?VCU-(0|{_COUNT})-(MER|APX|VER)-"
    f"([A-Z]{{2}}-{_COUNT}-({_COUNT})-([0-9]{{8}}-[0-9]{{8}})-[01])"
).fullmatch


def _verra(text: str) -> Parsed | None:
    found = _match_verra(text)
    if found is None:
        return None
    batch, start, end, programme, verifier, platform, tail, project, days = found.groups()
    first, last, vintage = int(start), int(end), _vintage(days)
    if not (vintage and first <= last <= _LAST_MAX):
        return None
    if programme is None or platform != "VER":
        text = f"{batch}-{start}-{end}-VCS-VCU-{verifier}-VER-{tail}"
    row = (
        verra.REGISTRY,
        text,
        verra.SCOPE,
        1,
        first,
        last,
        project,
        vintage,
        batch,
        False,
    )
    return _new(Parsed, row)


def _vintage(days: str) -> int:
    """Return the year of the first of two days ddMMyyyy-ddMMyyyy; 0 for what is no vintage."""
    return int(days[4:8]) if 0 < _ordinal(days[:8]) <= _ordinal(days[9:]) else 0


@lru_cache(maxsize=100_000)
def _ordinal(text: str) -> int:
    """Number a day ddMMyyyy; 0 for what is none. There are fewer days than pairs of them."""
    day = day_of(text)
    return day.toordinal() if day else 0


def _reader(registry: str, head: str, joint: str) -> Callable[[str], Parsed | None]:
    """Make the reader of a registry that prints a scope and then a range.

    Args:
        registry: Its name.
        head: Regular expression of the scope; its groups are project, vintage and batch.
        joint: What stands between the ends of the range.
    """
    match = re.compile(f"({head})-{_BOUND}{joint}{_BOUND}").fullmatch

    def read(text: str) -> Parsed | None:
        found = match(text)
        if found is None:
            return None
        scope, project, vintage, batch, start, end = found.groups()
        first, last = int(start), int(end)
        if not first <= last <= _LAST_MAX:
            return None
        row = (registry, text, scope, 1, first, last, project, int(vintage), batch, False)
        return _new(Parsed, row)

    return read


_PLACE = f"[A-Z]{{2}}-({_COUNT})"
_ACR, _CAR, _ART, _GS = (
    _reader(acr.REGISTRY, f"ACR-{_PLACE}-{_YEAR}-({_COUNT})", " to "),
    _reader(
        car.REGISTRY,
        f"CAR-(?:1|ROC)-{_PLACE}-{_COUNT}-{_COUNT}-[A-Z]{{2}}-{_YEAR}-({_COUNT})",
        " to ",
    ),
    _reader(art.REGISTRY, f"(?:ART|FCPF)-{_PLACE}-{_YEAR}-({_COUNT})", " to "),
    _reader(
        gold_standard.REGISTRY,
        f"GS1-{_COUNT}-[A-Z]{{2}}-GS({_COUNT})-{_COUNT}-{_YEAR}-({_COUNT})",
        "-",
    ),
)
_READERS: dict[str, Callable[[str], Parsed | None]] = {
    verra.REGISTRY: _verra,
    acr.REGISTRY: _ACR,
    car.REGISTRY: _CAR,
    art.REGISTRY: _ART,
    gold_standard.REGISTRY: _GS,
}
_BY_LETTERS = {"ACR": _ACR, "CAR": _CAR, "ART": _ART, "FCP": _ART, "GS1": _GS}
