"""An operator's book: what one registry believes, in its own serials.

The book is written when the operator acts, line by line. It is not derived from the chain, and so
the two can differ; that is what an audit compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Literal

import pyarrow as pa

from registry.records.base import Record
from registry.records.entry import Entry, Kind
from registry.records.interval import Interval
from registry.records.tables import SCHEMAS


class LineKind(StrEnum):
    """What a line of the book says."""

    ISSUANCE = "issuance"
    TRANSFER = "transfer"
    RETIREMENT = "retirement"
    CANCELLATION = "cancellation"
    LOCK = "lock"
    RELEASE = "release"


class Line(Record):
    """One line of an operator's book.

    Attributes:
        number: Position in this book, from 1.
        id: The operator's id of the disposition; None for issuances and transfers.
        scope: Serial prefix; `intervals` are grams in it, as the operator printed them.
        account: Holder; `to` receives a transfer.
    """

    number: int
    at_s: int
    kind: LineKind
    batch: int
    amount_g: int
    account: str
    to: str = ""
    id: int | None = None
    scope: str = ""
    intervals: tuple[Interval, ...] = ()
    project: int | None = None
    vintage: int | None = None


_KINDS = {
    Kind.ISSUED: LineKind.ISSUANCE,
    Kind.TRANSFERRED: LineKind.TRANSFER,
    Kind.FORCED_TRANSFER: LineKind.TRANSFER,
    Kind.FORECLOSED: LineKind.TRANSFER,
    Kind.RETIRED: LineKind.RETIREMENT,
    Kind.RETIREMENT_REQUESTED: LineKind.LOCK,
    Kind.RETIREMENT_FINALISED: LineKind.RETIREMENT,
    Kind.RETIREMENT_REVERTED: LineKind.RELEASE,
    Kind.CANCELLED: LineKind.CANCELLATION,
    Kind.LOCKED: LineKind.LOCK,
    Kind.RELEASED: LineKind.RELEASE,
}


class Book:
    """The lines of one registry's book, in the order in which the operator wrote them.

    Faults are planted by replacing `lines`; an operator only ever appends.
    """

    def __init__(self, registry: str) -> None:
        self.registry = registry
        self.lines: list[Line] = []

    def write(self, entry: Entry, scope: str) -> None:
        """Write down what the operator has just done or been told; other facts are no lines.

        Args:
            scope: Serial prefix under which the operator knows the entry's batch.
        """
        line = line_of(entry, self.next_number, scope)
        if line is not None:
            self.lines.append(line)

    @property
    def next_number(self) -> int:
        """Number of the line that comes next."""
        return self.lines[-1].number + 1 if self.lines else 1


def line_of(entry: Entry, number: int, scope: str) -> Line | None:
    """Say an entry as a line of a book; None where it is not about credits."""
    kind = _KINDS.get(entry.kind)
    if kind is None or entry.batch is None:
        return None
    return Line(
        number=number,
        at_s=entry.at_s,
        kind=kind,
        batch=entry.batch,
        amount_g=entry.amount_g or 0,
        account=entry.account or "",
        to=entry.counterparty or "",
        id=entry.id,
        scope=entry.scope or scope,
        intervals=entry.intervals,
        project=entry.project,
        vintage=entry.vintage,
    )


def lines_of(entries: Iterable[Entry], registry: str) -> list[Line]:
    """Say a registry's entries as lines, numbered by their seq."""
    scopes: dict[int, str] = {}
    lines = []
    for entry in entries:
        if entry.registry != registry or entry.batch is None:
            continue
        scope = scopes.setdefault(entry.batch, entry.scope or "")
        line = line_of(entry, entry.seq, scope)
        if line is not None:
            lines.append(line)
    return lines


def tables_of(
    registry: str,
    lines: Iterable[Line],
    *,
    keeper: Literal["book", "ledger"],
    supplies: Mapping[int, int] | None = None,
) -> dict[str, pa.Table]:
    """Return one keeper's lines as the tables that an audit reads.

    Args:
        registry: Whose lines.
        lines: In the order in which they were written.
        keeper: Who wrote them.
        supplies: Batch -> active total in g as the keeper states it; folded from the lines where
            the keeper states none.
    """
    rows = _Rows(registry, keeper)
    for line in lines:
        rows.add(line)
    return rows.tables(supplies or {})


class _Rows:
    """Collects table rows while a book is read from its first line on."""

    def __init__(self, registry: str, keeper: str) -> None:
        self._common = {"source": f"{keeper}:{registry}", "keeper": keeper, "registry": registry}
        self._word = "line" if keeper == "book" else "entry"
        self._issuances: list[dict[str, object]] = []
        self._dispositions: list[dict[str, object]] = []
        self._open: dict[int, list[dict[str, object]]] = {}
        self._balances: dict[tuple[int, str], int] = {}
        self._supplies: dict[int, int] = {}
        self._last_s = 0

    def add(self, line: Line) -> None:
        self._last_s = line.at_s
        common = {
            **self._common,
            "record": f"{self._word} {line.number}",
            "batch": str(line.batch),
            "scope": line.scope,
            "account": line.account,
            "at_s": line.at_s,
        }
        if line.kind is LineKind.ISSUANCE:
            self._hold(line.batch, line.account, line.amount_g, line.amount_g)
            self._issuances += [
                {
                    **common,
                    "start_g": piece.start_g,
                    "end_g": piece.end_g,
                    "amount_g": piece.amount_g,
                    "project": str(line.project),
                    "vintage": line.vintage,
                }
                for piece in line.intervals
            ]
        elif line.kind is LineKind.TRANSFER:
            self._hold(line.batch, line.account, -line.amount_g, 0)
            self._hold(line.batch, line.to, line.amount_g, 0)
        elif line.kind is LineKind.RELEASE:
            self._hold(line.batch, line.account, line.amount_g, line.amount_g)
            self._give_back(line)
        else:
            self._dispose(line, common)

    def _hold(self, batch: int, account: str, amount_g: int, supply_g: int) -> None:
        place = (batch, account)
        self._balances[place] = self._balances.get(place, 0) + amount_g
        self._supplies[batch] = self._supplies.get(batch, 0) + supply_g

    def _dispose(self, line: Line, common: dict[str, object]) -> None:
        id = line.id or 0
        is_final = line.kind in {LineKind.RETIREMENT, LineKind.CANCELLATION}
        waiting = self._open.pop(id, None) if is_final else None
        if waiting is None:
            self._hold(line.batch, line.account, -line.amount_g, -line.amount_g)
        for row in waiting or ():
            row["until_s"] = line.at_s
        rows: list[dict[str, object]] = [
            {
                **common,
                "id": None if line.id is None else str(line.id),
                "kind": line.kind.value,
                "start_g": piece.start_g,
                "end_g": piece.end_g,
                "amount_g": piece.amount_g,
                "until_s": None,
                "deadline_s": None,
            }
            for piece in line.intervals
        ]
        self._dispositions += rows
        if line.kind is LineKind.LOCK:
            self._open.setdefault(id, []).extend(rows)

    def _give_back(self, line: Line) -> None:
        """Close the rows of a lock that a release covers; the rest of a row stays open."""
        missing_g = line.amount_g
        rows = self._open.get(line.id or 0, [])
        while rows and missing_g:
            row = rows[0]
            start_g, end_g = row["start_g"], row["end_g"]
            assert isinstance(start_g, int) and isinstance(end_g, int)
            middle_g = min(end_g, start_g + missing_g)
            missing_g -= middle_g - start_g
            if middle_g < end_g:
                rest = {**row, "start_g": middle_g, "amount_g": end_g - middle_g}
                self._dispositions.append(rest)
                rows[0] = rest
            else:
                rows.pop(0)
            row.update(end_g=middle_g, amount_g=middle_g - start_g, until_s=line.at_s)

    def tables(self, supplies: Mapping[int, int]) -> dict[str, pa.Table]:
        tokens = [
            {
                **self._common,
                "record": f"holding {account} {batch}",
                "batch": str(batch),
                "account": account,
                "balance_g": balance_g,
                "supply_g": supplies.get(batch, self._supplies[batch]),
                "at_s": self._last_s,
            }
            for (batch, account), balance_g in self._balances.items()
        ]
        rows = {
            "issuances": self._issuances,
            "dispositions": self._dispositions,
            "tokens": tokens,
        }
        return {
            name: pa.Table.from_pylist(rows.get(name, []), schema=schema)
            for name, schema in SCHEMAS.items()
        }
