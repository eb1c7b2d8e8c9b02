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
from registry.records.identity import PLATFORM, is_ex_ante
from registry.records.interval import Interval
from registry.records.tables import SCHEMAS
from registry.units import AMOUNT_MAX_G

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
    Kind.EXPORTED,
}
"""Kinds whose id is used once. A lock may be released, and an export returned, in parts, under its
one id; what else becomes of an export is told by the number of its message."""
_REQUEST_LINES = {LineKind.RETIREMENT, LineKind.CANCELLATION, LineKind.LOCK, LineKind.EXPORT}
_GIVES_BACK = {LineKind.RELEASE, LineKind.RETURN}

_EVERYTHING = (Interval(0, AMOUNT_MAX_G),)

_Open = dict[str, Any]
"""A row of `dispositions` that may still be closed."""


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


class Use(NamedTuple):
    """What a retirement is for, as whoever keeps the records has it.

    Attributes:
        purpose: A use that rules know, such as "voluntary"; None for any other.
        reason: In its own words; None where there are none.
        beneficiary: Whose it is.
    """

    purpose: str | None
    reason: str | None
    beneficiary: str | None


Uses = Mapping[int, Use]
"""Id of a retirement -> what it is for."""


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


def book_rows(
    book: Book, lines: Iterable[Line], reading: Reading, uses: Uses | None = None
) -> Rows:
    """Return what one registry's book says.

    Args:
        lines: Those of its lines that count, in their order.
        uses: As its certificates have them.
    """
    common = _source(book.registry, "book")
    counted = list(lines)
    homes = _homes(counted)
    rows = credit_rows(book.registry, counted, keeper="book", uses=uses)
    rows["lines"] = [
        row for line in counted for row in _line_rows(line, homes.get(line.batch), common)
    ]
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
            "home": homes.get(certificate.batch),
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
    scopes: dict[tuple[str, int], tuple[str, str | None]] = {}
    entries: list[dict[str, Any]] = []
    for block in blocks:
        for entry, place in zip(block.entries, _places(block), strict=True):
            if entry.batch is not None and entry.scope is not None:
                scopes[entry.registry, entry.batch] = entry.scope, entry.home
            if entry.registry in known:
                scope = scopes.get((entry.registry, entry.batch or 0), (None, entry.home))
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
    uses: Uses | None = None,
) -> Rows:
    """Return issuances, dispositions and tokens as one keeper's lines tell them.

    Args:
        registry: Whose lines.
        lines: In the order in which they were written.
        keeper: Who wrote them.
        supplies: Batch -> active total in g as the keeper states it; folded from the lines where
            the keeper states none.
        uses: Of the retirements among them, as far as the keeper has them.
    """
    credits = _Credits(registry, keeper, uses or {})
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


def _homes(lines: Iterable[Line]) -> dict[int, str | None]:
    """Return the home of each batch that a book has as imported."""
    return {line.batch: line.home for line in lines if line.kind is LineKind.IMPORT}


def _entry_rows(
    entry: Entry, place: str, scope: tuple[str | None, str | None], common: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Return an entry's rows; `scope` is that of its batch and whose count it is."""
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
        "home": None if scope[1] == entry.registry else scope[1],
        "at_s": entry.at_s,
        "peer": entry.peer,
        "export": None if entry.export is None else str(entry.export),
        "message": entry.number,
    }
    if not entry.intervals:
        yield row
    for piece in entry.intervals:
        yield {**row, "scope": scope[0], **_bounds(piece)}


def _line_rows(line: Line, home: str | None, common: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
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
        "home": home,
        "at_s": line.at_s,
        "written_s": line.known_s,
        "peer": line.peer,
        "export": None if line.export is None else str(line.export),
        "message": line.message,
    }
    if not line.intervals:
        yield row
    for piece in line.intervals:
        yield {**row, "scope": line.scope or None, **_bounds(piece)}


def _bounds(piece: Any) -> dict[str, int]:
    return {"start_g": piece.start_g, "end_g": piece.end_g, "amount_g": piece.amount_g}


class _Credits:
    """Collects table rows while a book is read from its first line on."""

    def __init__(self, registry: str, keeper: str, uses: Uses) -> None:
        self._common = _source(registry, keeper)
        self._word = "line" if keeper == "book" else "entry"
        self._uses = uses
        self._issuances: list[dict[str, object]] = []
        self._dispositions: list[_Open] = []
        self._open: dict[int, list[_Open]] = {}
        self._balances: dict[tuple[int, str], int] = {}
        self._supplies: dict[int, int] = {}
        self._said: dict[int, dict[str, object]] = {}
        self._homes: dict[int, str | None] = {}
        self._last_s = 0

    def add(self, line: Line) -> None:
        self._last_s = line.at_s
        if line.kind is LineKind.IMPORT:
            self._homes[line.batch] = line.home
        common = {
            **self._common,
            "record": f"{self._word} {line.number}",
            "batch": str(line.batch),
            "scope": line.scope,
            "home": self._homes.get(line.batch),
            "account": line.account,
            "at_s": line.at_s,
        }
        if line.kind in {LineKind.ISSUANCE, LineKind.IMPORT}:
            self._issue(line, common)
        elif line.kind is LineKind.TRANSFER:
            self._hold(line.batch, line.account, -line.amount_g, 0)
            self._hold(line.batch, line.to, line.amount_g, 0)
        elif line.kind in _GIVES_BACK:
            self._hold(line.batch, line.account, line.amount_g, line.amount_g)
            self._give_back(line)
        else:
            self._dispose(line, common)

    def _hold(self, batch: int, account: str, amount_g: int, supply_g: int) -> None:
        place = (batch, account)
        self._balances[place] = self._balances.get(place, 0) + amount_g
        self._supplies[batch] = self._supplies.get(batch, 0) + supply_g

    def _issue(self, line: Line, common: dict[str, object]) -> None:
        self._hold(line.batch, line.account, line.amount_g, line.amount_g)
        project = None if line.project is None else str(line.project)
        said: dict[str, object] = {"project": project, "vintage": line.vintage}
        self._issuances += [{**common, **_bounds(piece), **said} for piece in line.intervals]
        form = "ex-ante" if is_ex_ante(line.batch) else "ex-post"
        is_own = line.kind is LineKind.ISSUANCE
        self._said.setdefault(line.batch, {**said, "form": form if is_own else None})

    def _dispose(self, line: Line, common: dict[str, object]) -> None:
        id = line.id or 0
        is_final = line.kind in {LineKind.RETIREMENT, LineKind.CANCELLATION}
        waiting = self._open.pop(id, None) if is_final else None
        if waiting is None:
            self._hold(line.batch, line.account, -line.amount_g, -line.amount_g)
        for row in waiting or ():
            row["until_s"] = line.at_s
        use = self._uses.get(id) if line.kind is LineKind.RETIREMENT else None
        said = self._said.get(line.batch, {})
        rows: list[_Open] = [
            {
                **common,
                "id": None if line.id is None else str(line.id),
                "kind": line.kind.value,
                **_bounds(piece),
                "until_s": None,
                "deadline_s": line.deadline_s if line.kind is LineKind.LOCK else None,
                "project": said.get("project"),
                "vintage": said.get("vintage"),
                "peer": line.peer,
                **({} if use is None else use._asdict()),
            }
            for piece in line.intervals
        ]
        self._dispositions += rows
        if not is_final:
            self._open.setdefault(id, []).extend(rows)

    def _give_back(self, line: Line) -> None:
        """Close the rows of a lock or export that a line gives back; the rest stays open.

        As much is closed as its amount: first what it names, then the first grams that are left.
        """
        rows, missing_g = self._open.get(line.id or 0, []), line.amount_g
        for start_g, end_g in (*line.intervals, *_EVERYTHING):
            for row in tuple(rows):
                low_g, high_g = max(start_g, row["start_g"]), min(end_g, row["end_g"])
                cut = Interval(low_g, min(high_g, low_g + missing_g))
                if cut.is_valid():
                    self._close(rows, row, cut, line.at_s)
                    missing_g -= cut.amount_g

    def _close(self, rows: list[_Open], row: _Open, cut: Interval, at_s: int) -> None:
        """Close a part of an open row; what stays open around it becomes rows of their own."""
        around = Interval(row["start_g"], cut.start_g), Interval(cut.end_g, row["end_g"])
        rest = [{**row, **_bounds(piece)} for piece in around if piece.is_valid()]
        at = next(at for at, other in enumerate(rows) if other is row)
        rows[at : at + 1] = rest
        self._dispositions += rest
        row.update(**_bounds(cut), until_s=at_s)

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
                **self._said.get(batch, {}),
            }
            for (batch, account), balance_g in self._balances.items()
        ]
        return {
            "issuances": self._issuances,
            "dispositions": self._dispositions,
            "tokens": tokens,
        }
