"""The reference model's state: tables of frozen rows, with a journal that can undo.

Rows are replaced, never changed, so the journal of replaced rows is complete: undoing it restores
any earlier state, whether one refused action or a whole checkpoint is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from enum import Enum
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from registry.ledger.pieces import Shelf
from registry.records.claim import Claim
from registry.records.interval import Interval
from registry.records.message import Message

Guard = Literal["interval", "exact", "none"]
"""What refuses serials at issue: any that were claimed before, the same bounds again, nothing."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Project(NamedTuple):
    """A registered project; `roots` are its data versions, the first is version 1."""

    developer: str
    roots: tuple[str, ...]


class Statement(NamedTuple):
    """A verifier's statement and what was issued under it; `drawn_g` never falls."""

    project: int
    start: int
    end: int
    amount_g: int
    drawn_g: int


class Batch(NamedTuple):
    """A batch's totals and active intervals."""

    issued_g: int
    active_g: int
    locked_g: int
    retired_g: int
    cancelled_g: int
    exported_g: int
    shelf: Shelf


class Lot(NamedTuple):
    """Where a batch's credits come from.

    Attributes:
        scope: In which their home counts them.
        home: The registry that first issued them; the batch's own, unless they were imported.
        export: Id at home under which imported ones are outstanding; 0 for others.
        is_mirror: Whether they stand for credits that are locked at home.
    """

    scope: str
    vintage: int
    home: str
    export: int = 0
    is_mirror: bool = False


class Position(NamedTuple):
    """One account's credits of one batch."""

    balance_g: int = 0
    pledged_g: int = 0
    frozen_g: int = 0
    retired_g: int = 0


class Held(Enum):
    """Why an id is used."""

    LOCK = "lock"
    REQUEST = "request"
    REVERTED = "reverted"
    RETIREMENT = "retirement"
    CANCELLATION = "cancellation"
    PLEDGE = "pledge"
    PLEDGE_OVER = "pledge over"
    EXPORT = "export"


class Sent(NamedTuple):
    """An export by message.

    Attributes:
        is_pending: Whether its target's answer has not come back.
    """

    message: Message
    is_pending: bool


class Disposition(NamedTuple):
    """What one id did; a pledge has no intervals, because pledged credits stay active."""

    kind: Held
    batch: int
    holder: str
    amount_g: int
    intervals: tuple[Interval, ...] = ()
    claim: Claim | None = None
    deadline_s: int = 0
    lender: str = ""


class Node(NamedTuple):
    """One claimed interval of a scope or period, as a guard keeps it."""

    start: int
    end: int
    owner: str


class Table(Generic[K, V]):
    """A mapping that writes down what it replaces."""

    def __init__(self, journal: list[Callable[[], object]]) -> None:
        self.rows: dict[K, V] = {}
        self._journal = journal

    def get(self, key: K) -> V | None:
        """Return the row, or None."""
        return self.rows.get(key)

    def put(self, key: K, row: V) -> None:
        """Replace the row, so that the journal can bring the old one back."""
        rows = self.rows
        if key in rows:
            old = rows[key]
            self._journal.append(lambda: rows.__setitem__(key, old))
        else:
            self._journal.append(lambda: rows.__delitem__(key))
        rows[key] = row


class State:
    """All tables of the model.

    Args:
        guard: What refuses serials at issue.

    Attributes:
        chains: Registry -> the chain that it is on.
        claims, bounds: (chain, scope) -> serials issued, as the guard of intervals remembers them;
            (chain, scope, start, end) -> issued, as that of equal bounds does.
        lots: Where each batch's credits come from.
        peers: (registry, peer) -> most grams of the peer that may be outstanding here.
        sent: (registry, id) -> the export by message.
        counts: (source, target) -> messages sent.
        arrivals: (source, target) -> messages taken, imported or voided.
        voided: (source, target, number) -> whether the message taken was voided.
        imports: Registry -> batches imported.
        here: (registry, scope) -> intervals of others outstanding here, each its home's.
        outstanding: (registry, home) -> grams of that home outstanding here.
        block: Number of the block that is being made.
        past: Of each batch, (block, its six totals) after each change, ascending by block; of
            several changes in one block, the last one is what that block left.
    """

    def __init__(self, guard: Guard = "interval") -> None:
        self.guard = guard
        self.journal: list[Callable[[], object]] = []
        self.registries: Table[str, bool] = self._table()
        self.chains: Table[str, int] = self._table()
        self.paused: Table[str, bool] = self._table()
        self.accounts: Table[str, bool] = self._table()
        self.verifiers: Table[tuple[str, str], bool] = self._table()
        self.projects: Table[tuple[str, int], Project] = self._table()
        self.statements: Table[tuple[str, str], Statement] = self._table()
        self.reports: Table[tuple[str, str], bool] = self._table()
        self.periods: Table[tuple[str, int], tuple[Node, ...]] = self._table()
        self.claims: Table[tuple[int, str], tuple[Node, ...]] = self._table()
        self.bounds: Table[tuple[int, str, int, int], bool] = self._table()
        self.batches: Table[tuple[str, int], Batch] = self._table()
        self.positions: Table[tuple[str, int, str], Position] = self._table()
        self.dispositions: Table[tuple[str, int], Disposition] = self._table()
        self.lots: Table[tuple[str, int], Lot] = self._table()
        self.peers: Table[tuple[str, str], int] = self._table()
        self.sent: Table[tuple[str, int], Sent] = self._table()
        self.counts: Table[tuple[str, str], int] = self._table()
        self.arrivals: Table[tuple[str, str], int] = self._table()
        self.voided: Table[tuple[str, str, int], bool] = self._table()
        self.imports: Table[str, int] = self._table()
        self.here: Table[tuple[str, str], tuple[Node, ...]] = self._table()
        self.outstanding: Table[tuple[str, str], int] = self._table()
        self.block = 0
        self.past: dict[tuple[str, int], list[tuple[int, ...]]] = {}

    def _table(self) -> Table[Any, Any]:
        return Table(self.journal)

    def put_batch(self, key: tuple[str, int], row: Batch) -> None:
        """Replace a batch's row and remember its totals."""
        self.batches.put(key, row)
        rows = self.past.get(key)
        if rows is None:
            rows = self.past[key] = []
        rows.append((self.block, *row[:6]))
        self.journal.append(rows.pop)

    def undo(self, length: int) -> None:
        """Take back every change after the journal had `length` lines."""
        while len(self.journal) > length:
            self.journal.pop()()
