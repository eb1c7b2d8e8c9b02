"""Serials by the column: what feeds need of each, without its fields.

The grammars read one serial and explain it. Files have millions, so `parse_column` reads the common
spellings by one regular expression each and leaves every other text to the grammars.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from registry.errors import IdentifierError
from registry.records.interval import Interval
from registry.serials.block import block_interval
from registry.serials.grammar import parse
from registry.serials.serial import Serial


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
        country: As the serial has it.
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
    country: str | None
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
        country=serial.get("country"),
        is_buffer=serial.is_buffer,
    )


def parse_column(texts: Sequence[str], registry: str | None = None) -> list[Parsed | None]:
    """Read the serials of a column.

    Args:
        texts: As they stand in the column.
        registry: Read the serials of this registry only.

    Returns:
        One per text, in order; None for a text that it leaves to `grammar.parse`, which reads it or
        says what is wrong with it.

    Invariants:
        Where not None, equal to parsed(parse(text)).
    """
    return [_read(text, registry) for text in texts]


def _read(text: str, registry: str | None) -> Parsed | None:
    try:
        found = parsed(parse(text))
    except IdentifierError:
        return None
    return found if registry in (None, found.registry) else None
