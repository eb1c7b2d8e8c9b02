"""What a book's lines add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from registry.books.lines import Line, LineKind
from registry.ledger.interface import Totals

_ARRIVALS = {LineKind.ISSUANCE, LineKind.IMPORT}
_AWAY = {LineKind.LOCK: "locked_g", LineKind.EXPORT: "exported_g"}
"""What takes credits out of active until they are given back, and the total that holds them."""
_BACK = {LineKind.RELEASE, LineKind.RETURN}


class Tally:
    """A book's totals of one batch, folded from its lines.

    Attributes:
        totals: Grams by total, with the names of `registry.ledger.interface.Totals`.
    """

    def __init__(self) -> None:
        self.totals = dict.fromkeys(Totals.model_fields, 0)
        self._locked: dict[int, int] = defaultdict(int)

    def add(self, line: Line) -> None:
        """Add one line about the batch."""
        totals, amount_g = self.totals, line.amount_g
        if line.kind in _ARRIVALS:
            totals["issued_g"] += amount_g
            totals["active_g"] += amount_g
        elif line.kind in _AWAY:
            self._move(_AWAY[line.kind], amount_g, line)
        elif line.kind in _BACK:
            self._move("exported_g" if line.ends_export else "locked_g", -amount_g, line)
        elif line.kind is not LineKind.TRANSFER:
            # What was locked by a request is not active any more.
            waiting_g = 0 if line.id is None else self._locked.pop(line.id, 0)
            totals["locked_g"] -= waiting_g
            totals["active_g"] -= amount_g - waiting_g
            is_retirement = line.kind is LineKind.RETIREMENT
            totals["retired_g" if is_retirement else "cancelled_g"] += amount_g

    def _move(self, total: str, moved_g: int, line: Line) -> None:
        self.totals["active_g"] -= moved_g
        self.totals[total] += moved_g
        if total == "locked_g":
            self._locked[line.id or 0] += moved_g


def tallies(lines: Iterable[Line]) -> dict[int, Tally]:
    """Fold lines batch by batch, in the order in which the batches first occur."""
    found: dict[int, Tally] = defaultdict(Tally)
    for line in lines:
        found[line.batch].add(line)
    return found
