"""For which uses an operator said that credits are eligible."""

from __future__ import annotations

from registry.errors import batch_text
from registry.records.base import Record
from registry.records.identity import TokenId


class Eligibility(Record):
    """A registry's word on what its credits may be used for; the last word counts.

    Attributes:
        batch: Token id; None where it is said of all of a project's batches.
        uses: Purposes, as the registry's profile has them; none: for no use.
        at_s: World clock, seconds.
    """

    registry: str
    project: int
    batch: TokenId | None
    uses: tuple[str, ...]
    at_s: int

    def __str__(self) -> str:
        """Say what may be used for what."""
        of = f"project {self.project}" if self.batch is None else f"batch {batch_text(self.batch)}"
        return f"{self.registry} {of}: eligible for {', '.join(self.uses) or 'no use'}"
