"""What a parsed serial is, and how its text is cleaned before a grammar reads it."""

from __future__ import annotations

import re
from typing import NamedTuple

from registry.errors import IdentifierError
from registry.records.base import Record
from registry.records.interval import Interval
from registry.serials.block import block_interval

UNKNOWN = "unknown"
"""The meaning of a field that no public source explains."""

SERIAL_MAX_LETTERS = 200
"""Longer text is refused unread; the longest known form, Puro's, has some 80 letters."""

_SPACES = " \t\r\n\N{NO-BREAK SPACE}"
_INNER = re.compile("[ \N{NO-BREAK SPACE}]+")
_DASHES = str.maketrans(
    dict.fromkeys(
        "\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}"
        "\N{HORIZONTAL BAR}\N{MINUS SIGN}\N{SMALL HYPHEN-MINUS}",
        "-",
    )
)


class Field(NamedTuple):
    """One part of a serial: its name, canonical text, and meaning ("unknown" if not public)."""

    name: str
    value: str
    meaning: str


class Serial(Record):
    """A serial read by its registry's grammar.

    Two serials are equal when their canonical texts are, however each was spelled.

    Attributes:
        registry: Whose grammar read it, such as "ICR".
        scope: Canonical text of the prefix inside which the registry counts.
        base: Number of the scope's first serial, 0 or 1.
        raw: The text as it was given.
        canonical: The one spelling that is compared and printed.
        fields: In the order in which they stand in the text.
        first: First whole serial of the block; None where this spelling names no block.
        last: Last one, included; None with `first`.

    Invariants:
        parse(str(serial)) == serial.
    """

    registry: str
    scope: str
    base: int
    raw: str
    canonical: str
    fields: tuple[Field, ...]
    first: int | None = None
    last: int | None = None

    def __str__(self) -> str:
        """Print the canonical spelling."""
        return self.canonical

    def __eq__(self, other: object) -> bool:
        """Compare registry and canonical text; the raw spelling does not count."""
        if not isinstance(other, Serial):
            return NotImplemented
        return (self.registry, self.canonical) == (other.registry, other.canonical)

    def __hash__(self) -> int:
        """Hash what is compared."""
        return hash((self.registry, self.canonical))

    @property
    def interval(self) -> Interval | None:
        """The grams of its block, in its scope; None where it names no block."""
        if self.first is None or self.last is None:
            return None
        return block_interval(self.first, self.last, self.base)

    def get(self, name: str) -> str | None:
        """Return the canonical text of a field; None when this serial has none of that name."""
        return next((field.value for field in self.fields if field.name == name), None)

    @property
    def project(self) -> int:
        """Project number inside the registry; 0 where the serial names no project."""
        return int(self.get("project") or 0)

    @property
    def vintage(self) -> int | None:
        """Vintage year, or the year in which a vintage of days begins; None where none stands."""
        year = self.get("vintage") or self.get("vintage_start")
        return None if year is None else int(year[-4:])

    @property
    def is_buffer(self) -> bool:
        """Say whether a mark puts the credits in a buffer or reserve."""
        return self.get("buffer") is not None


def clean(text: object, *, spaced: bool = False) -> str:
    """Bring a serial's text to the letters that grammars read.

    Removes white space around it, turns Unicode dashes into "-" and ASCII letters into capitals.
    Nothing else is guessed: digits of other scripts and full-width letters are refused.

    Args:
        text: What was given for a serial.
        spaced: Let spaces stand inside, each run of them as one space, for grammars that have
            them ("1 to 5"); otherwise they are refused as any other letter.

    Raises:
        IdentifierError: not a str, empty, too long, or other than printable ASCII inside.
    """
    if not isinstance(text, str):
        raise IdentifierError(text, "serial", f"expected text, not {type(text).__name__}")
    if len(text) > SERIAL_MAX_LETTERS:
        expected = f"expected at most {SERIAL_MAX_LETTERS} letters, got {len(text)}"
        raise IdentifierError(text, "serial", expected)
    stripped = text.strip(_SPACES).translate(_DASHES)
    if not stripped:
        raise IdentifierError(text, "serial", "expected a serial, got no letters")
    if spaced:
        stripped = _INNER.sub(" ", stripped)
    least = " " if spaced else "!"
    for letter in stripped:
        # Checked before upper(): that would turn U+0131 into "I" and U+00DF into "SS".
        if not least <= letter <= "~":
            expected = f"expected ASCII letters, digits and separators, got U+{ord(letter):04X}"
            raise IdentifierError(text, "serial", expected)
    return stripped.upper()


def number(text: str, name: str, value: str, *, least: int = 1) -> str:
    """Return a number's digits without zero padding, which is one of the known respellings.

    Raises:
        IdentifierError: not ASCII digits, below `least`, or above 2^63 - 1.
    """
    if not (
        value.isascii() and value.isdigit() and len(value) <= 19 and least <= int(value) < 2**63
    ):
        expected = f"expected {name} as a whole number from {least} on, got {value!r}"
        raise IdentifierError(text, "serial", expected)
    return str(int(value))
