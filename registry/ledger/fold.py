"""Totals, balances and intervals recomputed from entries alone.

A ledger's totals keep C1 by how they are computed; whether they are the sum of what happened is
another question, and this fold answers it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from registry.ledger.interface import Ledger, Totals
from registry.records.entry import Entry, Kind
from registry.records.interval import Interval

_MOVES = {Kind.TRANSFERRED, Kind.FORCED_TRANSFER, Kind.FORECLOSED}
_LEAVES = {
    Kind.RETIRED: "retired_g",
    Kind.CANCELLED: "cancelled_g",
    Kind.LOCKED: "locked_g",
    Kind.RETIREMENT_REQUESTED: "locked_g",
    Kind.EXPORTED: "exported_g",
}
_COMES_BACK = {
    Kind.RELEASED: "locked_g",
    Kind.RETIREMENT_REVERTED: "locked_g",
    Kind.RETURNED: "exported_g",
    Kind.EXPORT_COMPENSATED: "exported_g",
}
_BEGINS = {Kind.ISSUED, Kind.IMPORTED}
_FINAL = {Kind.RETIRED, Kind.RETIREMENT_FINALISED, Kind.CANCELLED}


class Folded:
    """One batch, as its entries tell it.

    Attributes:
        totals: Grams by total, without active.
        balances: Account -> active grams held.
        final: Intervals retired or cancelled.
    """

    def __init__(self) -> None:
        self.totals: dict[str, int] = defaultdict(int)
        self.balances: dict[str, int] = defaultdict(int)
        self.final: list[Interval] = []

    def add(self, entry: Entry) -> None:
        """Add one entry about the batch."""
        account, amount_g = entry.account or "", entry.amount_g or 0
        if entry.kind in _BEGINS:
            self.totals["issued_g"] += amount_g
            self.balances[account] += amount_g
        elif entry.kind in _MOVES:
            self.balances[account] -= amount_g
            self.balances[entry.counterparty or ""] += amount_g
        elif entry.kind in _LEAVES:
            self.totals[_LEAVES[entry.kind]] += amount_g
            self.balances[account] -= amount_g
        elif entry.kind in _COMES_BACK:
            self.totals[_COMES_BACK[entry.kind]] -= amount_g
            self.balances[account] += amount_g
        elif entry.kind is Kind.RETIREMENT_FINALISED:
            self.totals["locked_g"] -= amount_g
            self.totals["retired_g"] += amount_g
        if entry.kind in _FINAL:
            self.final += entry.intervals

    def agrees(self, totals: Totals) -> bool:
        """Say whether a ledger's totals are these, C1 and C4 hold, and nobody is below zero."""
        stated = totals.model_dump()
        final = sorted(self.final)
        return (
            totals.conserved
            and all(stated[name] == amount_g for name, amount_g in self.totals.items())
            and sum(self.balances.values()) == totals.active_g
            and min(self.balances.values(), default=0) >= 0
            and sum(interval.amount_g for interval in final)
            == totals.retired_g + totals.cancelled_g
            and all(one.end_g <= other.start_g for one, other in pairwise(final))
        )


def is_conserved(ledger: Ledger, entries: Iterable[Entry]) -> bool:
    """Say whether every batch's totals are the sum of its entries, and C1 and C4 hold."""
    batches: dict[tuple[str, int], Folded] = defaultdict(Folded)
    for entry in entries:
        if entry.batch is not None:
            batches[entry.registry, entry.batch].add(entry)
    return all(
        folded.agrees(ledger.totals(registry, batch))
        for (registry, batch), folded in batches.items()
    )
