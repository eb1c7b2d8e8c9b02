"""What books, mirrors and ledgers say, as the columnar tables that an audit reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import pyarrow as pa

from registry.books.book import Book
from registry.books.lines import Line, LineKind
from registry.records.block import Block
from registry.records.entry import Entry, Kind
from registry.records.identity import PLATFORM
from registry.records.tables import SCHEMAS

Rows = dict[str, list[dict[str, Any]]]
"""Table -> its rows, column by name; a column that is left out is null."""

_REQUESTS = {
    Kind.RETIRED,
    Kind.RETIREMENT_REQUESTED,
    Kind.RETIREMENT_FINALISED,
    Kind.RETIREMENT_REVERTED,
    Kind.CANCELLED,
    Kind.LOCKED,
    Kind.PLEDGED,
}
"""Kinds whose id is used once. A lock may be released in parts, under its one id."""
_REQUEST_LINES = {LineKind.RETIREMENT, LineKind.CANCELLATION, LineKind.LOCK}


class Reading(NamedTuple):
    """When a source was read, and what may lawfully be missing in it.

    Attributes:
        now_s: Moment of reading, on the world clock.
        complete_s: Up to when it claims to have everything; None where it claims nothing.
        lag_s: How long it may be without what another source of its registry has.
    """

    now_s: int
    complete_s: int | None = None
    lag_s: int = 0


def joined(parts: Iterable[Rows]) -> dict[str, pa.Table]:
    """Return the rows of several sources as tables."""
    gathered: Rows = {name: [] for name in SCHEMAS}
    for part in parts:
        for name, rows in part.items():
            gathered[name] += rows
    return {
        name: pa.Table.from_pylist(gathered[name], schema=schema)
        for name, schema in SCHEMAS.items()
    }


def book_rows(book: Book, lines: Iterable[Line], reading: Reading) -> Rows:
    """Return what one registry's book says.

    Args:
        lines: Those of its lines that count, in their order.
    """
    common = _source(book.registry, "book")
    counted = list(lines)
    rows = credit_rows(book.registry, counted, keeper="book")
    rows["lines"] = [row for line in counted for row in _line_rows(line, common)]
    latest = {account.account: account for account in book.accounts}
    rows["accounts"] = [
        {
            **common,
            "record": f"account {account.number}",
            "account": account.account,
            "address": account.address,
            "status": account.status,
            "at_s": account.at_s,
        }
        for account in latest.values()
    ]
    rows["certificates"] = [
        {
            **common,
            "record": f"certificate {certificate.number}",
            "batch": str(certificate.batch),
            "id": str(certificate.id),
            "retirement": str(certificate.retirement),
            "account": certificate.account,
            "scope": certificate.scope,
            **_bounds(piece),
            "at_s": certificate.at_s,
        }
        for certificate in book.certificates
        for piece in certificate.intervals
    ]
    rows["sources"] = [{**common, **reading._asdict()}]
    return rows


def log_rows(
    blocks: Iterable[Block],
    registries: Iterable[str],
    reading: Reading,
    *,
    keeper: Literal["ledger", "mirror"],
) -> Rows:
    """Return a log of entries, the ledger's own or its mirror's, as rows of `entries`.

    Args:
        registries: Whose entries; what registries share is left out.
    """
    known = {name: _source(name, keeper) for name in registries}
    scopes: dict[tuple[str, int], str] = {}
    entries: list[dict[str, Any]] = []
    for block in blocks:
        for entry, place in zip(block.entries, _places(block), strict=True):
            if entry.batch is not None and entry.scope is not None:
                scopes[entry.registry, entry.batch] = entry.scope
            if entry.registry in known:
                scope = scopes.get((entry.registry, entry.batch or 0))
                entries += _entry_rows(entry, place, scope, known[entry.registry])
    return {
        "entries": entries,
        "sources": [{**common, **reading._asdict()} for common in known.values()],
    }


def directory_rows(entries: Iterable[Entry], addresses: Mapping[str, str]) -> Rows:
    """Return the directory of accounts that all registries share, as the ledger has it.

    Args:
        addresses: Account -> its address; an account that is not there has none here.
    """
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry.kind in {Kind.ACCOUNT_OPENED, Kind.ACCOUNT_CLOSED} and entry.account:
            found[entry.account] = {
                **_source(PLATFORM, "ledger"),
                "record": f"entry {entry.seq}",
                "account": entry.account,
                "address": addresses.get(entry.account),
                "status": "open" if entry.kind is Kind.ACCOUNT_OPENED else "closed",
                "at_s": entry.at_s,
            }
    return {"accounts": list(found.values())}


def credit_rows(
    registry: str,
    lines: Iterable[Line],
    *,
    keeper: Literal["book", "ledger"],
    supplies: Mapping[int, int] | None = None,
) -> Rows:
    """Return issuances, dispositions and tokens as one keeper's lines tell them.

    Args:
        registry: Whose lines.
        lines: In the order in which they were written.
        keeper: Who wrote them.
        supplies: Batch -> active total in g as the keeper states it; folded from the lines where
            the keeper states none.
    """
    credits = _Credits(registry, keeper)
    for line in lines:
        credits.add(line)
    return credits.rows(supplies or {})


def _source(registry: str, keeper: str) -> dict[str, Any]:
    return {"source": f"{keeper}:{registry}", "keeper": keeper, "registry": registry}


def _places(block: Block) -> Iterator[str]:
    """Say for each entry where it stands; several entries may come from one log."""
    before, nth = None, 0
    for at in range(len(block.entries)):
        if block.coordinates:
            place = block.coordinates[at]
            here = f"{place.tx_hash}/{place.log_index}"
        else:
            here = block.hash
        nth = nth + 1 if here == before else 0
        before = here
        yield f"{here}/{nth}"


def _entry_rows(
    entry: Entry, place: str, scope: str | None, common: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    body = entry.model_copy(update={"seq": 0}).line()
    row = {
        **common,
        "record": f"entry {entry.seq}",
        "batch": None if entry.batch is None else str(entry.batch),
        "seq": entry.seq,
        "place": place,
        "body": hashlib.sha256(body.encode()).hexdigest(),
        "request": str(entry.id) if entry.kind in _REQUESTS else None,
        "kind": entry.kind.value,
        "account": entry.account,
        "counterparty": entry.counterparty,
        "amount_g": entry.amount_g or 0,
        "at_s": entry.at_s,
    }
    if not entry.intervals:
        yield row
    for piece in entry.intervals:
        yield {**row, "scope": scope, **_bounds(piece)}


def _line_rows(line: Line, common: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    row = {
        **common,
        "record": f"line {line.number}",
        "batch": str(line.batch),
        "number": line.number,
        "entry": line.entry,
        "request": str(line.id) if line.id is not None and line.kind in _REQUEST_LINES else None,
        "kind": line.kind.value,
        "account": line.account,
        "counterparty": line.to or None,
        "amount_g": line.amount_g,
        "at_s": line.at_s,
        "written_s": line.known_s,
    }
    if not line.intervals:
        yield row
    for piece in line.intervals:
        yield {**row, "scope": line.scope or None, **_bounds(piece)}


def _bounds(piece: Any) -> dict[str, int]:
    return {"start_g": piece.start_g, "end_g": piece.end_g, "amount_g": piece.amount_g}


class _Credits:
    """Collects table rows while a book is read from its first line on."""

    def __init__(self, registry: str, keeper: str) -> None:
        self._common = _source(registry, keeper)
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
                    **_bounds(piece),
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
                **_bounds(piece),
                "until_s": None,
                "deadline_s": line.deadline_s,
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

    def rows(self, supplies: Mapping[int, int]) -> Rows:
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
        return {
            "issuances": self._issuances,
            "dispositions": self._dispositions,
            "tokens": tokens,
        }
