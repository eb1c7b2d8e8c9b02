"""What an operator records about its buffer: contributions, losses, and what covered them."""

from __future__ import annotations

from registry.records.base import Record
from registry.records.identity import TokenId
from registry.records.interval import Interval
from registry.units import tonnes_text


class Contribution(Record):
    """Credits put into a registry's buffer against later losses.

    Attributes:
        buffer: Account that holds the buffer.
    """

    registry: str
    id: int
    batch: TokenId
    amount_g: int
    holder: str
    buffer: str
    at_s: int

    def __str__(self) -> str:
        """Say what was contributed."""
        return f"{tonnes_text(self.amount_g)} t contributed to {self.buffer} by {self.holder}"


class Reversal(Record):
    """Carbon that a project was credited for is in the air again.

    Attributes:
        id: Among the registry's reversals, from 1.
        deadline_s: Until when it must be covered by cancelled credits.
    """

    registry: str
    id: int
    project: int
    amount_g: int
    reason: str
    at_s: int
    deadline_s: int

    def __str__(self) -> str:
        """Say what was lost."""
        tonnes = tonnes_text(self.amount_g)
        return f"{tonnes} t lost at {self.registry} project {self.project}: {self.reason}"


class Compensation(Record):
    """Credits cancelled to cover a reversal.

    Attributes:
        is_replacement: Whether a developer's credits did it, not the buffer's.
        cancellation: Its id at the registry.
        home, scope, intervals: The grams cancelled, as the home of the credits counts them.
    """

    registry: str
    id: int
    reversal: int
    is_replacement: bool
    cancellation: int
    batch: TokenId
    holder: str
    home: str
    scope: str
    intervals: tuple[Interval, ...]
    at_s: int

    @property
    def amount_g(self) -> int:
        """Grams that it covers."""
        return sum(interval.amount_g for interval in self.intervals)

    def __str__(self) -> str:
        """Say what covered what."""
        source = "replacement" if self.is_replacement else "the buffer"
        return f"{tonnes_text(self.amount_g)} t from {source} for reversal {self.reversal}"
