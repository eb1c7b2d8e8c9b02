"""What a ledger answers. The reference model and the contracts both do, and refuse alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from registry.errors import NotAlone
from registry.records.action import (
    Accredit,
    Acknowledge,
    Action,
    Compensate,
    Export,
    FinaliseRetirement,
    Import,
    OpenRegistry,
    RequestRetirement,
    RevertRetirement,
    VoidImport,
)
from registry.records.base import Record
from registry.records.block import Block
from registry.records.entry import Entry
from registry.records.interval import Interval
from registry.units import tonnes_text

ALONE = (
    OpenRegistry,
    Accredit,
    RequestRetirement,
    FinaliseRetirement,
    RevertRetirement,
    Export,
    Import,
    VoidImport,
    Acknowledge,
    Compensate,
)
"""Actions that are alone in their block. Opening a registry takes several transactions; deadlines
are compared with the block's timestamp, which is the last action's; an accreditation may make no
entry, so that a block that is read again would not say which second was its own; and a bridge signs
what it knows of another's message before the block in which that is used."""


def blocks_of(actions: Iterable[Action], size: int) -> Iterator[tuple[Action, ...]]:
    """Cut actions into blocks, in order; what must be alone in its block is.

    Args:
        actions: Taken as they are needed, so they may depend on what became of earlier blocks.
        size: Most actions in a block.
    """
    block: list[Action] = []
    for action in actions:
        if isinstance(action, ALONE) and block:
            yield tuple(block)
            block = []
        block.append(action)
        if isinstance(action, ALONE) or len(block) >= size:
            yield tuple(block)
            block = []
    if block:
        yield tuple(block)


def require_one_block(actions: Sequence[Action]) -> None:
    """Check that actions can make one block. Raises NotAlone."""
    if len(actions) < 2:
        return
    for index, action in enumerate(actions):
        if isinstance(action, ALONE):
            refusal = NotAlone(type(action).__name__, len(actions))
            refusal.index = index
            raise refusal


class Totals(Record):
    """Where a batch's grams are.

    Invariants:
        C1: issued == active + locked + retired + cancelled + exported.
    """

    issued_g: int
    active_g: int
    locked_g: int
    retired_g: int
    cancelled_g: int
    exported_g: int

    @property
    def conserved(self) -> bool:
        """Say whether C1 holds."""
        gone = self.locked_g + self.retired_g + self.cancelled_g + self.exported_g
        return self.issued_g == self.active_g + gone

    def __str__(self) -> str:
        """Write all totals in tonnes."""
        parts = (f"{name[:-2]} {tonnes_text(value)}" for name, value in self)
        return ", ".join(parts) + " (t)"


class Holding(Record):
    """One account's position in one batch, in grams.

    Attributes:
        balance_g: Active credits held.
        pledged_g, frozen_g: Encumbrances inside the balance; frozen may exceed it.
        retired_g: Retired by this account; never falls (C2).
    """

    balance_g: int
    pledged_g: int
    frozen_g: int
    retired_g: int

    @property
    def spendable_g(self) -> int:
        """What can move or retire."""
        return max(0, self.balance_g - self.frozen_g - self.pledged_g)

    def __str__(self) -> str:
        """Write the position in tonnes."""
        parts = (f"{name[:-2]} {tonnes_text(value)}" for name, value in self)
        return ", ".join(parts) + " (t)"


class Available(Record):
    """Which intervals of a batch are active: a stack of released ones (top last), then the rest."""

    released: tuple[Interval, ...]
    cursor_g: int
    end_g: int


class Ledger(Protocol):
    """A ledger of all registries of one world.

    `apply_many` is the only way in, `apply` its short form for one action. It is atomic: all
    actions are accepted, or nothing changes.
    """

    def apply(self, action: Action, at_s: int) -> tuple[Entry, ...]:
        """Carry out one action at world time `at_s`, in a block of its own.

        Returns:
            The entries it became, ascending by seq, all at `at_s`.

        Raises:
            LedgerError: refused by a rule; same class and values on every ledger.
            UnknownRegistry: no such registry is open.
        """

    def apply_many(self, actions: Sequence[Action], at_s: int) -> tuple[tuple[Entry, ...], ...]:
        """Carry out actions one after the other, in one block, or none of them.

        They become the same entries as if each was applied alone, a second after the one before.

        Args:
            actions: In their order; without any, nothing happens. Those of `ALONE` only one by one.
            at_s: World time of the first; each next one is a second later, and the block's
                timestamp is the last one's.

        Returns:
            The entries of each action, in the order of the actions.

        Raises:
            LedgerError, UnknownRegistry: one was refused; `index` says which. It is the first one
                that would have been refused had each been applied alone.
            NotAlone: one of `ALONE` is among several.
        """

    @property
    def entries(self) -> Sequence[Entry]:
        """Every accepted fact, ascending by seq from 1."""

    def head(self) -> int:
        """Return the number of the last block; 0, the genesis block's, before anything happened."""

    def block_hash(self, number: int) -> str:
        """Return a block's hash, 0x and 64 hex digits. Raises UnknownBlock."""

    def blocks(self, first: int, last: int | None = None) -> Iterator[Block]:
        """Return blocks as they are now, whatever happens while they are walked.

        Args:
            first, last: Numbers, both included; the head if `last` is absent. None lie between
                where `first` is above `last`.

        Returns:
            Blocks, ascending by number.

        Raises:
            UnknownBlock: `first` is below 0, or `last` above the head.
        """

    def totals(self, registry: str, batch: int, block: int | None = None) -> Totals:
        """Return the totals of a batch.

        Args:
            block: As they were after that block; as they are now if absent.

        Raises:
            UnknownBatch: not issued, or not by then.
            UnknownBlock: no such block.
        """

    def holding(self, registry: str, batch: int, account: str) -> Holding:
        """Return a position; zeros for who never held any. Raises UnknownBatch."""

    def available(self, registry: str, batch: int) -> Available:
        """Return the intervals that are active. Raises UnknownBatch."""

    def held(self, registry: str, id: int) -> tuple[Interval, ...]:
        """Return what a lock, pending request, cancellation or export holds, in stored order.

        What an export holds is what has not come back from it; empty for any other id.
        """

    def outstanding(self, registry: str, home: str) -> int:
        """Return how many grams of another registry's credits are outstanding at this one.

        Args:
            home: The registry that first issued them.

        Returns:
            Grams that were imported or mirrored here and not sent or given back; those retired
            or cancelled here stay so for ever.

        Raises:
            UnknownRegistry: `registry` or `home` is not open.
        """

    def certifies(self, retirement: Entry) -> bool:
        """Say whether a certificate proves exactly this retirement: ids, intervals and claim.

        Args:
            retirement: An entry of kind `retired`, or of kind `retirement_finalised` with the
                claim of its request filled in.
        """

    def proves(
        self, registry: str, project: int, version: int, leaf: bytes, proof: Sequence[bytes]
    ) -> bool:
        """Say whether `proof` leads from a datum's leaf to the project's root of that version.

        Raises:
            UnknownProject, UnknownVersion.
        """

    def snapshot(self) -> int:
        """Mark the present state and return its mark."""

    def revert(self, mark: int) -> None:
        """Restore the state at `mark`; later marks are gone, this one is spent."""

    def forget(self, mark: int) -> None:
        """Drop `mark` and later ones, keeping the state as it is."""

    def changes(self) -> dict[bytes, bytes | None]:
        """Say what to write down so that the ledger can be opened again from it.

        Marks are not kept.

        Returns:
            Key -> value, or None where the key is gone; what changed since the last call, and
            everything at the first one.
        """
