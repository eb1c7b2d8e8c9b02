"""The model's tables held against each other: C1, C3 and C4 (README)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain, pairwise

from registry.errors import InvariantBroken
from registry.ledger.pieces import released, take_out
from registry.ledger.state import Batch, Held, Lot, Node, State
from registry.records.interval import Interval

Key = tuple[str, int]
"""Registry and batch, or registry and id."""
Gone = dict[str, list[Interval]]
"""Total of a batch -> the intervals that it counts."""

_TOTALS = {
    Held.LOCK: "locked_g",
    Held.REQUEST: "locked_g",
    Held.RETIREMENT: "retired_g",
    Held.CANCELLATION: "cancelled_g",
    Held.EXPORT: "exported_g",
}


def check(state: State) -> None:
    """Check C1, C3, C4, and what is outstanding where.

    Mirrors are issued on operators' word and may lie: only of what was imported by message or in
    one step is it certain that its home holds it as exported.

    Raises:
        InvariantBroken: one of them fails.
    """
    held_g: dict[Key, int] = defaultdict(int)
    for (registry, batch, _), position in state.positions.rows.items():
        held_g[registry, batch] += position.balance_g
    gone: dict[Key, Gone] = defaultdict(lambda: {total: [] for total in _TOTALS.values()})
    for (registry, _), row in state.dispositions.rows.items():
        if row.kind in _TOTALS:
            gone[registry, row.batch][_TOTALS[row.kind]].extend(row.intervals)
    for key, totals in state.batches.rows.items():
        _check_batch(key, totals, held_g[key], gone[key])
    _check_abroad(state, gone)


def _check_batch(key: Key, batch: Batch, held_g: int, gone: Gone) -> None:
    """Check C1 and C4 of one batch."""
    shelf = batch.shelf
    active = [*released(shelf.stack)]
    if shelf.cursor_g < shelf.end_g:
        active.append(Interval(shelf.cursor_g, shelf.end_g))
    if not _sum(active) == held_g == batch.active_g:
        raise InvariantBroken(f"C1: {key}: active {batch.active_g}")
    for total, pieces in gone.items():
        if _sum(pieces) != getattr(batch, total):
            raise InvariantBroken(f"C1: {key}: {total} {getattr(batch, total)}")
    everything = sorted([*active, *chain.from_iterable(gone.values())])
    joined = all(a.end_g == b.start_g for a, b in pairwise(everything))
    if _sum(everything) != batch.issued_g or not joined:
        raise InvariantBroken(f"C4: {key}: {everything}")


def _check_abroad(state: State, gone: dict[Key, Gone]) -> None:
    """Check C3, and that each registry counts rightly what is outstanding there."""
    here: dict[tuple[str, str], list[Node]] = defaultdict(list)
    imported: dict[tuple[str, str], list[Interval]] = defaultdict(list)
    outstanding_g: dict[tuple[str, str], int] = defaultdict(int)
    for key, lot in state.lots.rows.items():
        registry, _ = key
        if lot.home == registry:
            continue
        outstanding = _outstanding(state.batches.rows[key], gone[key]["exported_g"])
        here[registry, lot.scope] += (Node(*piece, lot.home) for piece in outstanding)
        outstanding_g[registry, lot.home] += _sum(outstanding)
        if not lot.is_mirror:
            _check_held_at_home(state, key, lot, outstanding)
            imported[lot.home, lot.scope] += outstanding
    for home, intervals in imported.items():
        # Without that guard a home may issue, and export, the same serials twice.
        if state.guard == "interval" and not _are_disjoint(intervals):
            raise InvariantBroken(f"C3: {home}: {sorted(intervals)}")
    for place in here.keys() | state.here.rows.keys():
        if _joined(here[place]) != (state.here.get(place) or ()):
            raise InvariantBroken(f"claimed here: {place}: {state.here.get(place)}")
    for pair in outstanding_g.keys() | state.outstanding.rows.keys():
        if outstanding_g[pair] != (state.outstanding.get(pair) or 0):
            raise InvariantBroken(f"outstanding: {pair}: {state.outstanding.get(pair)}")


def _outstanding(batch: Batch, exported: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return what of an imported batch has not been sent or given back."""
    end_g = batch.shelf.end_g
    rest: tuple[Interval, ...] = (Interval(end_g - batch.issued_g, end_g),)
    for interval in exported:
        left = take_out(rest, interval)
        assert left is not None  # C4 holds for the batch.
        rest = left
    return rest


def _check_held_at_home(
    state: State, key: Key, lot: Lot, outstanding: tuple[Interval, ...]
) -> None:
    """Check that the export which brought a batch holds all of it that is still outstanding."""
    row = state.dispositions.get((lot.home, lot.export))
    held = row.intervals if row is not None and row.kind is Held.EXPORT else ()
    if any(take_out(held, piece) is None for piece in outstanding):
        raise InvariantBroken(f"C3: {key}: {outstanding} of export {lot.export}: {held}")


def _sum(intervals: Iterable[Interval]) -> int:
    return sum(interval.amount_g for interval in intervals)


def _are_disjoint(intervals: Iterable[Interval]) -> bool:
    return all(a.end_g <= b.start_g for a, b in pairwise(sorted(intervals)))


def _joined(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Sort nodes, and join neighbours of one owner."""
    found: list[Node] = []
    for node in sorted(nodes):
        if found and (found[-1].end, found[-1].owner) == (node.start, node.owner):
            found[-1] = found[-1]._replace(end=node.end)
        else:
            found.append(node)
    return tuple(found)
