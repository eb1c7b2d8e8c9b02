"""What an audit finds: suspected double counts, with evidence."""

from __future__ import annotations

from enum import StrEnum

from registry.records.base import Record
from registry.records.identity import TokenId
from registry.units import tonnes_text


class Level(StrEnum):
    """How sure a finding is, weakest first."""

    DISCLOSURE = "disclosure"
    TIMED = "timed"
    CANDIDATE = "candidate"
    STRONG = "strong"
    CERTAIN = "certain"

    @property
    def rank(self) -> int:
        """Position from weakest (0) to surest."""
        return list(Level).index(self)


class Finding(Record):
    """A suspected double count.

    Attributes:
        code: Kind of contradiction, such as "DI-2".
        level: How sure it is.
        registries: Names, ascending.
        scope: Serial prefix; None where the contradiction is about totals only.
        start_g, end_g: The contradicted interval, half-open; None where there is none.
        amount_g: Grams counted twice.
        batch: Token id; None when the records name none.
        records: The records on both sides, ascending: "source:record".
        detectable_at: First moment the records contradicted each other, seconds; None if undated.
        cleared_at: Moment it was resolved; None while open.
        clears_when: What would clear it.
    """

    code: str
    level: Level
    registries: tuple[str, ...]
    scope: str | None
    start_g: int | None
    end_g: int | None
    amount_g: int
    batch: TokenId | None
    records: tuple[str, ...]
    detectable_at: int | None
    cleared_at: int | None
    clears_when: str

    @property
    def tonnes(self) -> str:
        """Tonnes counted twice, as exact decimal text."""
        return tonnes_text(self.amount_g)

    def __str__(self) -> str:
        """Say it in one line."""
        place = f" {self.scope}" if self.scope else ""
        span = f" [{self.start_g}, {self.end_g}) g" if self.start_g is not None else ""
        names = ", ".join(self.registries)
        return f"{self.code} {self.level}: {self.tonnes} t at {names}{place}{span}"
