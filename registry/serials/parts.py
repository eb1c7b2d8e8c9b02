"""What grammars share: the parts of one serial, each read strictly or refused by its name."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from registry.errors import IdentifierError
from registry.serials.block import block_interval
from registry.serials.serial import Field, number

_TO = re.compile("(?P<head>.*)(?P<joint>-| FROM )(?P<first>[^- ]*) TO (?P<last>[^ ]*)")


class Parts:
    """Reads the parts of one text; every refusal shows the text and says what was expected."""

    def __init__(self, registry: str, text: str) -> None:
        self._kind = f"{registry} serial"
        self._text = text

    def refused(self, expected: str) -> IdentifierError:
        """Make the error that refuses this text."""
        return IdentifierError(self._text, self._kind, expected)

    def split(self, cleaned: str, shape: str, *counts: int, separator: str = "-") -> list[str]:
        """Cut text into as many parts as its grammar has, none of them empty."""
        parts = cleaned.split(separator)
        if "" in parts:
            at = parts.index("") + 1
            raise self.refused(f"expected no empty part, but number {at} of {len(parts)} is empty")
        if len(parts) not in counts:
            wanted = " or ".join(map(str, counts))
            raise self.refused(f"expected {wanted} parts such as {shape}, got {len(parts)}")
        return parts

    def number(self, name: str, value: str, *, least: int = 1) -> str:
        """Read a whole number; zero padding is one of the known respellings."""
        try:
            return number(self._text, name, value, least=least)
        except IdentifierError as error:
            raise self.refused(error.expected) from error

    def matching(self, name: str, value: str, pattern: str, expected: str) -> str:
        """Read text of a fixed form."""
        if not re.fullmatch(pattern, value, re.ASCII):
            raise self.refused(f"expected {name} as {expected}, got {value!r}")
        return value

    def country(self, value: str, name: str = "the country") -> str:
        """Read a country's two capitals; whether there is such a country is not checked."""
        return self.matching(name, value, "[A-Z]{2}", "two letters")

    def year(self, value: str) -> str:
        """Read a vintage year."""
        return self.matching("the vintage", value, "(19|20)[0-9]{2}", "a year such as 2023")

    def period(self, start: str, end: str) -> tuple[str, str]:
        """Read the first and last day of a vintage, ddMMyyyy: real days, in order."""
        days = []
        for name, value in (("start", start), ("end", end)):
            found = day_of(value)
            if found is None:
                expected = f"expected the vintage's {name} as a day ddMMyyyy, got {value!r}"
                raise self.refused(expected)
            days.append(found)
        if days[1] < days[0]:
            raise self.refused(f"expected a vintage that ends after {start} begins, got {end}")
        return start, end

    def block(self, first: str, last: str, base: int = 1) -> tuple[int, int]:
        """Read the first and last serial of a block, in order and inside the bound."""
        bounds = (
            int(self.number("the first serial", first, least=base)),
            int(self.number("the last serial", last, least=base)),
        )
        try:
            block_interval(*bounds, base)
        except IdentifierError as error:
            raise self.refused(error.expected) from error
        return bounds

    def range_to(self, cleaned: str, example: str, joint: str = "-") -> tuple[str, str, str]:
        """Cut "HEAD-1 to 5" into head, first and last."""
        found = _TO.fullmatch(cleaned)
        if not found or found["joint"] != joint:
            raise self.refused(f"expected a range at the end, as in {example}")
        return found["head"], found["first"], found["last"]


@lru_cache(maxsize=100_000)
def day_of(text: str) -> date | None:
    """Read a day as ddMMyyyy between 1900 and 2099; None for what is no such day."""
    if not re.fullmatch("[0-9]{4}(19|20)[0-9]{2}", text):
        return None
    try:
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None


def block_fields(first: int, last: int) -> tuple[Field, Field]:
    """Explain the ends of a block."""
    return (
        Field("first", str(first), "first serial of the block"),
        Field("last", str(last), "last serial of the block, included"),
    )
