"""The reference model: the contracts' rules in plain Python, sharing no code with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from registry import errors
from registry.ledger import credits, setup
from registry.ledger.interface import Available, Holding, Totals
from registry.ledger.keys import KeyRing
from registry.ledger.pieces import released
from registry.ledger.rules import Desk
from registry.ledger.state import Batch, Held, State
from registry.records import action as act
from registry.records.entry import Entry, Kind
from registry.records.identity import PLATFORM
from registry.records.interval import Interval
from registry.records.project import follows

_HANDLERS: dict[type[act.Action], Callable[[Desk, Any], None]] = {
    act.OpenRegistry: setup.open_registry,
    act.OpenAccount: setup.open_account,
    act.CloseAccount: setup.close_account,
    act.Accredit: setup.accredit,
    act.RegisterProject: setup.register_project,
    act.UpdateProject: setup.update_project,
    act.Issue: setup.issue,
    act.Transfer: credits.transfer,
    act.Retire: credits.retire,
    act.RequestRetirement: credits.request_retirement,
    act.FinaliseRetirement: credits.finalise_retirement,
    act.RevertRetirement: credits.revert_retirement,
    act.Cancel: credits.cancel,
    act.Lock: credits.lock,
    act.Release: credits.release,
    act.Pledge: credits.pledge,
    act.ReleasePledge: credits.release_pledge,
    act.Foreclose: credits.foreclose,
    act.EndPledge: credits.end_pledge,
    act.Freeze: credits.freeze,
    act.ForceTransfer: credits.force_transfer,
    act.Pause: credits.pause,
    act.Unpause: credits.unpause,
}


class ModelLedger:
    """A ledger without a chain; see `registry.ledger.interface.Ledger`.

    Args:
        keys: Where addresses come from; a statement's id names its verifier's address.
    """

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._state = State()
        self._entries: list[Entry] = []
        self._marks: list[tuple[int, int]] = []

    @property
    def entries(self) -> Sequence[Entry]:
        """Every accepted fact, ascending by seq from 1."""
        return self._entries

    def apply(self, action: act.Action, at_s: int) -> tuple[Entry, ...]:
        """Carry out one action, or refuse it and change nothing."""
        state = self._state
        known = {PLATFORM} if isinstance(action, act.SHARED) else state.registries.rows.keys()
        if action.registry not in known and not isinstance(action, act.OpenRegistry):
            raise errors.UnknownRegistry(action.registry, tuple(state.registries.rows))
        desk = Desk(state, action.registry, at_s, len(self._entries) + 1)
        before = len(state.journal)
        try:
            if isinstance(action, act.Verify):
                setup.verify(desk, action, self._keys.address)
            else:
                _HANDLERS[type(action)](desk, action)
        except BaseException:
            state.undo(before)
            raise
        if not self._marks:
            state.journal.clear()
        self._entries.extend(desk.entries)
        return tuple(desk.entries)

    def _batch(self, registry: str, batch: int) -> Batch:
        row = self._state.batches.get((registry, batch))
        if row is None:
            raise errors.UnknownBatch(batch)
        return row

    def totals(self, registry: str, batch: int) -> Totals:
        """Return the totals of a batch."""
        row = self._batch(registry, batch)
        return Totals(
            issued_g=row.issued_g,
            active_g=row.active_g,
            locked_g=row.locked_g,
            retired_g=row.retired_g,
            cancelled_g=row.cancelled_g,
            exported_g=row.exported_g,
        )

    def holding(self, registry: str, batch: int, account: str) -> Holding:
        """Return a position."""
        self._batch(registry, batch)
        row = self._state.positions.get((registry, batch, account))
        if row is None:
            return Holding(balance_g=0, pledged_g=0, frozen_g=0, retired_g=0)
        return Holding(**row._asdict())

    def available(self, registry: str, batch: int) -> Available:
        """Return the intervals that are active."""
        shelf = self._batch(registry, batch).shelf
        return Available(released=released(shelf.stack), cursor_g=shelf.cursor_g, end_g=shelf.end_g)

    def held(self, registry: str, id: int) -> tuple[Interval, ...]:
        """Return what a lock, pending request or cancellation holds."""
        row = self._state.dispositions.get((registry, id))
        if row is None or row.kind not in {Held.LOCK, Held.REQUEST, Held.CANCELLATION}:
            return ()
        return row.intervals

    def certifies(self, retirement: Entry) -> bool:
        """Say whether a certificate proves exactly this retirement."""
        if retirement.kind not in {Kind.RETIRED, Kind.RETIREMENT_FINALISED}:
            return False
        row = self._state.dispositions.get((retirement.registry, retirement.id or 0))
        return row is not None and row[:6] == (
            Held.RETIREMENT,
            retirement.batch,
            retirement.account,
            retirement.amount_g,
            retirement.intervals,
            retirement.claim,
        )

    def proves(
        self, registry: str, project: int, version: int, leaf: bytes, proof: Sequence[bytes]
    ) -> bool:
        """Say whether `proof` leads to the project's root of that version."""
        row = self._state.projects.get((registry, project))
        if row is None:
            raise errors.UnknownProject(project)
        if not 1 <= version <= len(row.roots):
            raise errors.UnknownVersion(project, version)
        return follows(row.roots[version - 1], leaf, proof)

    def snapshot(self) -> int:
        """Mark the present state."""
        self._marks.append((len(self._state.journal), len(self._entries)))
        return len(self._marks)

    def revert(self, mark: int) -> None:
        """Restore the state at `mark`."""
        journal, entries = self._marks[mark - 1]
        del self._marks[mark - 1 :]
        self._state.undo(journal)
        del self._entries[entries:]

    def forget(self, mark: int) -> None:
        """Drop `mark` and later ones, keeping the state."""
        del self._marks[mark - 1 :]
        if not self._marks:
            self._state.journal.clear()

    def check(self) -> None:
        """Check C1, C4 and the positions of every batch against each other.

        Raises:
            InvariantBroken: one of them fails, which is a bug in this model.
        """
        held_g: dict[tuple[str, int], int] = {}
        for (registry, batch, _), position in self._state.positions.rows.items():
            key = (registry, batch)
            held_g[key] = held_g.get(key, 0) + position.balance_g
        pieces: dict[tuple[str, int], list[Interval]] = {}
        for (registry, _), row in self._state.dispositions.rows.items():
            if row.kind is not Held.REVERTED:
                pieces.setdefault((registry, row.batch), []).extend(row.intervals)
        for key, batch_row in self._state.batches.rows.items():
            shelf = batch_row.shelf
            active = [*released(shelf.stack)]
            if shelf.cursor_g < shelf.end_g:
                active.append(Interval(shelf.cursor_g, shelf.end_g))
            active_g = sum(piece.amount_g for piece in active)
            if not active_g == held_g.get(key, 0) == batch_row.active_g:
                raise errors.InvariantBroken(f"C1: {key}: active {batch_row.active_g}")
            everything = sorted(active + pieces.get(key, []))
            total_g = sum(piece.amount_g for piece in everything)
            joined = all(a.end_g == b.start_g for a, b in pairwise(everything))
            if total_g != batch_row.issued_g or not joined:
                raise errors.InvariantBroken(f"C4: {key}: {everything}")
