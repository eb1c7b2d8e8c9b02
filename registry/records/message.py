"""What one registry's bridge tells another's: these credits leave here, to arrive there."""

from __future__ import annotations

from registry.records.base import Record
from registry.records.interval import Interval


class Message(Record):
    """Credits on their way from one registry to another, as the source's bridge signs it.

    Credits go out from the registry that first issued them, their home, or come back to it: what
    is to move from one foreign registry to another goes home in between.

    Attributes:
        source, target: The registries' names. One of them is `home`.
        id: Of the export at the source.
        number: Position among the messages from source to target, dense from 1.
        home: The registry that first issued the credits.
        export: Id of the export at home under which they are, or will be, outstanding: `id` on
            the way out, that of the export which brought them on the way back.
        scope, interval: Their serials, in the home's count.
        to: Account that gets them at the target.
        deadline_s: Last second at which the target may import it.
    """

    source: str
    target: str
    id: int
    number: int
    home: str
    export: int
    scope: str
    interval: Interval
    vintage: int
    to: str
    deadline_s: int

    @property
    def amount_g(self) -> int:
        """Grams on their way."""
        return self.interval.amount_g

    @property
    def is_return(self) -> bool:
        """Whether the credits come home."""
        return self.target == self.home
