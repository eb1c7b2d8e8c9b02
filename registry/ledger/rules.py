"""What every action of the model checks, and the one way in which amounts move.

The order of the checks is the contracts': paused, role, amount, batch or id, accounts, id, texts,
credits, fragments. Both ledgers refuse for the first reason in that order.
"""

from __future__ import annotations

from typing import Any

from registry import errors
from registry.ledger.pieces import HELD_MAX, Shelf, give_back, take, take_out
from registry.ledger.state import Batch, Disposition, Held, Lot, Position, State
from registry.records.entry import Entry, Kind
from registry.records.identity import (
    PLATFORM_OPERATOR,
    TEXT_MAX_BYTES,
    Role,
    is_ex_ante,
    is_role_actor,
)
from registry.records.interval import Interval
from registry.units import AMOUNT_MAX_G


class Desk:
    """Where one action at one registry is carried out: the state, the time, the entries it makes.

    Attributes:
        now_s: World time of the action.
        entries: What the action has become so far.
    """

    def __init__(self, state: State, registry: str, now_s: int, next_seq: int) -> None:
        self.state = state
        self.registry = registry
        self.now_s = now_s
        self.entries: list[Entry] = []
        self._next_seq = next_seq

    def at(self, registry: str) -> Desk:
        """Return where the same action goes on at another registry."""
        other = Desk(self.state, registry, self.now_s, self._next_seq)
        other.entries = self.entries
        return other

    def write(self, kind: Kind, **fields: Any) -> None:
        """Add an entry."""
        seq = self._next_seq + len(self.entries)
        self.entries.append(
            Entry(seq=seq, at_s=self.now_s, registry=self.registry, kind=kind, **fields)
        )

    # Checks, in the order in which an action makes them.

    def require_running(self) -> None:
        """Refuse while the registry is paused."""
        if self.state.paused.get(self.registry):
            raise errors.RegistryPaused

    def require_role(self, caller: str, role: Role) -> None:
        """Refuse a caller who does not act in this role."""
        if caller != role.actor:
            raise errors.NotAuthorised(caller, role.value)

    def require_platform(self, caller: str) -> None:
        """Refuse a caller who does not run the platform."""
        if caller != PLATFORM_OPERATOR:
            raise errors.NotAuthorised(caller, Role.OPERATOR.value)

    def require_amount(self, amount_g: int) -> None:
        """Refuse nothing."""
        if amount_g == 0:
            raise errors.ZeroAmount

    def batch(self, batch: int) -> Batch:
        """Return an issued batch, or refuse."""
        row = self.state.batches.get((self.registry, batch))
        if row is None:
            raise errors.UnknownBatch(batch)
        return row

    def require_verified(self, batch: int) -> None:
        """Refuse credits that are expected only."""
        if is_ex_ante(batch):
            raise errors.ExAnteNotRetirable(batch)

    def require_account(self, holder: str) -> bool:
        """Refuse who has no account; say whether it is open."""
        is_open = None if is_role_actor(holder) else self.state.accounts.get(holder)
        if is_open is None:
            raise errors.UnknownAccount(holder)
        return is_open

    def require_open(self, *holders: str) -> None:
        """Refuse who has no account, or a closed one."""
        for holder in holders:
            if not self.require_account(holder):
                raise errors.ClosedAccount(holder)

    def require_new_id(self, id: int) -> None:
        """Refuse an id that was used for anything."""
        if id == 0 or self.state.dispositions.get((self.registry, id)) is not None:
            raise errors.IdAlreadyUsed(id)

    def require_short(self, *texts: str) -> None:
        """Refuse texts above the bound."""
        for text in texts:
            if len(text.encode()) > TEXT_MAX_BYTES:
                raise errors.TextTooLong(len(text.encode()), TEXT_MAX_BYTES)

    def require_spendable(self, batch: int, holder: str, amount_g: int) -> None:
        """Refuse more than the holder has, or has free."""
        held = self.position(batch, holder)
        if held.balance_g < amount_g:
            raise errors.InsufficientCredits(batch, holder, held.balance_g, amount_g)
        if held.balance_g - held.frozen_g - held.pledged_g < amount_g:
            raise errors.CreditsEncumbered(
                batch, holder, held.balance_g, held.pledged_g, held.frozen_g, amount_g
            )

    def disposition(self, id: int, kind: Held, refusal: type[errors.LedgerError]) -> Disposition:
        """Return what `id` holds if it is of that kind, or refuse."""
        row = self.state.dispositions.get((self.registry, id))
        if row is None or row.kind is not kind:
            raise refusal(id)
        return row

    # Numbers.

    def position(self, batch: int, account: str) -> Position:
        """Return a position, zeros where there is none."""
        return self.state.positions.get((self.registry, batch, account)) or Position()

    def put_position(self, batch: int, account: str, position: Position) -> None:
        """Replace a position."""
        if min(position) < 0 or max(position) > AMOUNT_MAX_G:
            raise errors.InvariantBroken(f"position {account} {batch}: {position}")
        self.state.positions.put((self.registry, batch, account), position)

    def credit(self, batch: int, account: str, amount_g: int) -> None:
        """Add to a balance."""
        balance_g, *rest = self.position(batch, account)
        self.put_position(batch, account, Position(balance_g + amount_g, *rest))

    def move(self, batch: int, source: str, to: str, amount_g: int) -> None:
        """Move active credits between two accounts, or from an account to itself."""
        self.credit(batch, source, -amount_g)
        self.credit(batch, to, amount_g)

    def put_batch(self, batch: int, row: Batch) -> None:
        """Replace a batch's row; C1 is checked each time."""
        gone_g = row.locked_g + row.retired_g + row.cancelled_g + row.exported_g
        if row.issued_g != row.active_g + gone_g or min(row[:6]) < 0:
            raise errors.InvariantBroken(f"C1: batch {errors.batch_text(batch)}: {row[:6]}")
        self.state.put_batch((self.registry, batch), row)

    def leave(self, batch: int, holder: str, amount_g: int, total: str) -> tuple[Interval, ...]:
        """Move the holder's grams from active to another total; say which grams."""
        row = self.batch(batch)
        pieces, shelf = take(batch, row.shelf, amount_g)
        held = self.position(batch, holder)
        retired_g = amount_g if total == "retired_g" else 0
        self.put_position(
            batch,
            holder,
            held._replace(
                balance_g=held.balance_g - amount_g, retired_g=held.retired_g + retired_g
            ),
        )
        parts = {total: getattr(row, total) + amount_g}
        self.put_batch(batch, row._replace(active_g=row.active_g - amount_g, shelf=shelf, **parts))
        return pieces

    def come_back(self, batch: int, holder: str, pieces: tuple[Interval, ...], total: str) -> None:
        """Move grams from another total back to active."""
        row = self.batch(batch)
        amount_g = sum(piece.amount_g for piece in pieces)
        self.credit(batch, holder, amount_g)
        shelf = give_back(row.shelf, pieces)
        parts = {total: getattr(row, total) - amount_g}
        self.put_batch(batch, row._replace(active_g=row.active_g + amount_g, shelf=shelf, **parts))

    def shrink(self, id: int, row: Disposition, interval: Interval) -> None:
        """Take an interval out of what an id holds, or refuse."""
        rest = take_out(row.intervals, interval)
        if rest is None:
            raise errors.NotOutstanding(id, *interval)
        if len(rest) > HELD_MAX:
            raise errors.TooFragmented(row.batch, 0)
        amount_g = row.amount_g - interval.amount_g
        self.state.dispositions.put(
            (self.registry, id), row._replace(amount_g=amount_g, intervals=rest)
        )

    def create(self, batch: int, to: str, interval: Interval, lot: Lot) -> None:
        """Bring a batch into being, all of it held by one account."""
        amount_g = interval.amount_g
        shelf = Shelf(None, *interval)
        self.put_batch(batch, Batch(amount_g, amount_g, 0, 0, 0, 0, shelf))
        self.state.lots.put((self.registry, batch), lot)
        self.credit(batch, to, amount_g)
