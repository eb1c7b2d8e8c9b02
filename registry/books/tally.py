"""What a book's lines add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from registry.books.lines import Line, LineKind
from registry.ledger.interface import Totals


class Tally:
    """A book's totals of one batch, folded from its lines.

    Attributes:
        totals: Grams by total, with the names of `registry.ledger.interface.Totals`.
    """

    def __init__(self) -> None:
        self.totals = dict.fromkeys(Totals.model_fields, 0)
        self._open: dict[int, int] = defaultdict(int)

    def add(self, line: Line) -> None:
        """Add one line about the batch."""
        totals, amount_g = self.totals, line.amount_g
        if line.kind is LineKind.ISSUANCE:
            totals["issued_g"] += amount_g
            totals["active_g"] += amount_g
        elif line.kind in {LineKind.LOCK, LineKind.RELEASE}:
            moved_g = amount_g if line.kind is LineKind.LOCK else -amount_g
            totals["active_g"] -= moved_g
            totals["locked_g"] += moved_g
            self._open[line.id or 0] += moved_g
        elif line.kind is not LineKind.TRANSFER:
            # What was locked by a request is not active any more.
            waiting_g = 0 if line.id is None else self._open.pop(line.id, 0)
            totals["locked_g"] -= waiting_g
            totals["active_g"] -= amount_g - waiting_g
            is_retirement = line.kind is LineKind.RETIREMENT
            totals["retired_g" if is_retirement else "cancelled_g"] += amount_g


def tallies(lines: Iterable[Line]) -> dict[int, Tally]:
    """Fold lines batch by batch, in the order in which the batches first occur."""
    found: dict[int, Tally] = defaultdict(Tally)
    for line in lines:
        found[line.batch].add(line)
    return found
