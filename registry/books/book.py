"""An operator's book: lines, accounts, certificates and project documents of one registry.

The operator writes when it acts or is told; it only ever appends. Kept in a store, each list is an
append-only table under a chain of hashes. A book without a store lives as long as its world.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import sqlalchemy as sa

from registry.books import sealed, tables
from registry.books.documents import document_text
from registry.books.lines import LINE_KINDS, Desk, Line, line_of
from registry.books.rows import put_standing, record_of, row_of
from registry.books.store import Store
from registry.errors import InputError, InvariantBroken, StoreError
from registry.records.base import Record
from registry.records.claim import Claim
from registry.records.entry import Entry, Kind
from registry.records.identity import TokenId
from registry.records.interval import Interval

T = TypeVar("T", bound=Record)

_CERTIFIED = {Kind.RETIRED, Kind.RETIREMENT_FINALISED}


class BookAccount(Record):
    """What the operator wrote about an account; the last line about an account counts.

    Attributes:
        status: "open" or "closed".
        address: On the chain, 0x-prefixed hex.
        entry: The ledger's entry (its seq) that said so.
    """

    number: int
    at_s: int
    account: str
    address: str
    status: str
    entry: int


class BookCertificate(Record):
    """A retirement certificate that the registry published.

    Attributes:
        id, retirement: Numbers of certificate and retirement; a registry gives both the same.
        entry: The ledger's entry (its seq) that made the retirement final.
    """

    number: int
    at_s: int
    id: int
    retirement: int
    batch: TokenId
    account: str
    amount_g: int
    scope: str
    intervals: tuple[Interval, ...]
    claim: Claim
    entry: int


class BookDocument(Record):
    """A version of a project's document; its root is on the ledger.

    Attributes:
        document: As JSON, with dates and decimals marked.
        entry: The ledger's entry (its seq) that has the root.
    """

    number: int
    at_s: int
    project: int
    version: int
    root: str
    document: str
    entry: int


class State(NamedTuple):
    """A saved state of a world: its number in the world's journal, and its seal there."""

    number: int
    seal: str


class Mark(NamedTuple):
    """A state of a book to return to.

    Attributes:
        lines: The list that the lines were in; who rewrites them begins another.
        sizes: How many of each list there were.
        standing: heard, is_held and back_s.
    """

    lines: list[Line]
    sizes: tuple[int, ...]
    standing: tuple[int, bool, int]


class Book:
    """One registry's book.

    Args:
        desk: What its operator knows; without one the book can be read only.

    Attributes:
        registry: Whose.
        lag_s: How long after an entry the book may still be without it.
        heard: The ledger's last entry (its seq) that the operator has dealt with.
        is_held: Whether the operator writes nothing at present; what happens meanwhile waits.
        back_s: When it last went back to writing; 0 if it never stopped.
        state: The world's saved state after which the store was written last; None for none.
        lines, accounts, certificates, documents: In the order in which they were written.
    """

    def __init__(
        self,
        registry: str,
        desk: Desk | None = None,
        *,
        store: Store | None = None,
        lag_s: int = 0,
    ) -> None:
        self.registry = registry
        self.lag_s = lag_s
        self.heard = 0
        self.is_held = False
        self.back_s = 0
        self.lines: list[Line] = []
        self.accounts: list[BookAccount] = []
        self.certificates: list[BookCertificate] = []
        self.documents: list[BookDocument] = []
        self.state: State | None = None
        self.store = store
        self._desk = desk
        # List -> how many rows of it the store has, and how many of the first are the same here.
        self._stored = dict.fromkeys(_TABLES, 0)
        self._kept = dict.fromkeys(_TABLES, 0)
        self._stored_standing = self._standing
        self._is_unsure = False
        if store is not None:
            self._load(store)

    @property
    def _operator(self) -> Desk:
        if self._desk is None:
            raise InvariantBroken(f"the book of {self.registry} is open to be read only")
        return self._desk

    # What the operator writes.

    def hear(self, entry: Entry) -> None:
        """Write down what the operator has just done or been told; other facts are no lines.

        Args:
            entry: The next one after `heard`; another registry's is only noted as heard.
        """
        self.heard = entry.seq
        written_s = max(entry.at_s, self.back_s)
        if entry.kind in {Kind.ACCOUNT_OPENED, Kind.ACCOUNT_CLOSED}:
            self._note_account(entry, written_s)
        if entry.registry != self.registry:
            return
        if entry.kind in {Kind.PROJECT_REGISTERED, Kind.PROJECT_UPDATED}:
            self._file_document(entry, written_s)
        kind = LINE_KINDS.get(entry.kind)
        if kind is None or entry.batch is None:
            return
        operator = self._operator
        scope = entry.scope or operator.scope(entry.batch)
        line = line_of(
            entry,
            self.next_number,
            scope,
            status=operator.statuses.get(kind, ""),
            serials=operator.describe(scope, entry.intervals) if entry.intervals else (),
            written_s=written_s if written_s != entry.at_s else None,
        )
        assert line is not None
        self.append(line)
        if entry.kind in _CERTIFIED:
            self._certify(entry, line, written_s)

    def append(self, line: Line) -> None:
        """Write a line of the operator's own accord.

        Raises:
            InputError: its number is not above the last one's.
        """
        if line.number < self.next_number:
            expected = f"expected {self.next_number} or above"
            raise InputError(f"line {line.number} of the book of {self.registry}: {expected}")
        self.lines.append(line)

    def rewrite(self, lines: Iterable[Line]) -> None:
        """Put other lines in the place of those there are, as if the others had never been."""
        self._replace(list(lines))

    def _replace(self, lines: list[Line]) -> None:
        same = 0
        for mine, other in zip(self.lines, lines, strict=False):
            if mine is not other:
                break
            same += 1
        self._kept["lines"] = min(self._kept["lines"], same)
        self.lines = lines

    def hold(self) -> None:
        """Stop writing; what happens meanwhile waits until `resume`."""
        self.is_held = True

    def resume(self, now_s: int) -> None:
        """Write again from now on; the world then tells what has been waiting."""
        self.is_held = False
        self.back_s = now_s

    @property
    def next_number(self) -> int:
        """Number of the line that comes next."""
        return self.lines[-1].number + 1 if self.lines else 1

    def _note_account(self, entry: Entry, written_s: int) -> None:
        account = entry.account or ""
        self.accounts.append(
            BookAccount(
                number=len(self.accounts) + 1,
                at_s=written_s,
                account=account,
                address=self._operator.address(account),
                status="open" if entry.kind is Kind.ACCOUNT_OPENED else "closed",
                entry=entry.seq,
            )
        )

    def _file_document(self, entry: Entry, written_s: int) -> None:
        assert entry.project is not None and entry.version is not None
        document = self._operator.document(entry.project, entry.version)
        if document is None:
            return
        self.documents.append(
            BookDocument(
                number=len(self.documents) + 1,
                at_s=written_s,
                project=entry.project,
                version=entry.version,
                root=entry.root or "",
                document=document_text(document),
                entry=entry.seq,
            )
        )

    def _certify(self, entry: Entry, line: Line, written_s: int) -> None:
        assert entry.id is not None
        # What a finalised retirement is for was said when it was requested.
        claim = entry.claim or self._operator.claim(entry.id)
        assert claim is not None
        self.certificates.append(
            BookCertificate(
                number=len(self.certificates) + 1,
                at_s=written_s,
                id=entry.id,
                retirement=entry.id,
                batch=line.batch,
                account=line.account,
                amount_g=line.amount_g,
                scope=line.scope,
                intervals=line.intervals,
                claim=claim,
                entry=entry.seq,
            )
        )

    def take_back(self, seq: int) -> None:
        """Give up what recorded entries after `seq`, because the ledger has given those up.

        What the operator wrote of its own accord stays.
        """
        self.rewrite([line for line in self.lines if line.entry is None or line.entry <= seq])
        for name, written in self._lists.items():
            if name != "lines":
                while written and written[-1].entry > seq:
                    written.pop()
                self._kept[name] = min(self._kept[name], len(written))
        self.heard = min(self.heard, seq)

    # Marks.

    @property
    def _lists(self) -> dict[str, list[Any]]:
        return {
            "lines": self.lines,
            "accounts": self.accounts,
            "certificates": self.certificates,
            "documents": self.documents,
        }

    @property
    def _standing(self) -> tuple[int, bool, int]:
        return self.heard, self.is_held, self.back_s

    def mark(self) -> Mark:
        """Remember the present state."""
        sizes = tuple(len(written) for written in self._lists.values())
        return Mark(self.lines, sizes, self._standing)

    def back_to(self, mark: Mark) -> None:
        """Return to what was remembered; the next `flush` takes it out of the store, too."""
        if self.lines is not mark.lines:
            self._replace(mark.lines)
        for (name, written), size in zip(self._lists.items(), mark.sizes, strict=True):
            del written[size:]
            self._kept[name] = min(self._kept[name], size)
        self.heard, self.is_held, self.back_s = mark.standing

    # The store.

    def flush(self, state: State | None = None, *, whole: bool = False) -> None:
        """Write down in the store what is new here, in one transaction.

        That the operator has heard of what is no line for it is written with the next line.

        Args:
            state: The world's last saved state, after which this is.
            whole: Write also what can be found out again.

        Raises:
            StoreError: nothing of it was written.
        """
        if self._is_unsure and self.store is not None:
            self._look_again(self.store)
        waiting = any(
            len(written) != self._kept[name] or self._stored[name] != self._kept[name]
            for name, written in self._lists.items()
        )
        heard, *rest = self._stored_standing
        is_new = [*self._standing[1:]] != rest or (whole and heard != self.heard)
        if self.store is None or not (waiting or is_new):
            return
        self._is_unsure = True
        try:
            with self.store.writing() as connection:
                for name, written in self._lists.items():
                    if not len(written) == self._kept[name] == self._stored[name]:
                        self._write(connection, name, written)
                put_standing(connection, self._standing, state)
        except StoreError:
            self._is_unsure = False
            raise
        self._know(dict(self._lists))
        self._stored_standing = self._standing

    def _know(self, stored: Mapping[str, Sequence[Any]]) -> None:
        """Note what the store has, and how much of it is what is here."""
        for name, there in stored.items():
            self._stored[name] = self._kept[name] = len(there)
            here = self._lists[name]
            if there is not here:
                pairs = enumerate(zip(there, here, strict=False))
                same = min(len(there), len(here))
                self._kept[name] = next((at for at, (a, b) in pairs if a != b), same)
        self._is_unsure = False

    def _look_again(self, store: Store) -> None:
        """Find out what the store has, after a writing that was interrupted."""
        with store.reading() as connection:
            found = {
                name: [record_of(model, row, store) for row in sealed.read(connection, table)]
                for name, (table, model) in _TABLES.items()
            }
        self._know(found)
        self._stored_standing = (-1, *self._stored_standing[1:])

    def _write(self, connection: sa.Connection, name: str, written: list[Any]) -> None:
        table, kept = _TABLES[name].table, self._kept[name]
        if self._stored[name] > kept:
            sealed.cut(connection, table, written[kept - 1].number if kept else None)
        sealed.append(connection, table, [row_of(record) for record in written[kept:]])

    def _load(self, store: Store) -> None:
        with store.reading() as connection:
            for name, written in self._lists.items():
                table, model = _TABLES[name]
                written += [record_of(model, row, store) for row in sealed.read(connection, table)]
            row = connection.execute(sa.select(tables.standing)).one_or_none()
        if row is not None:
            self.heard, self.is_held, self.back_s = row.heard, bool(row.is_held), row.back_s
            if row.state is not None:
                self.state = State(row.state, row.state_seal)
        self._know(dict(self._lists))
        self._stored_standing = self._standing


class _Kept(NamedTuple):
    table: sa.Table
    model: type[Any]


_TABLES: Final[Mapping[str, _Kept]] = {
    "lines": _Kept(tables.lines, Line),
    "accounts": _Kept(tables.accounts, BookAccount),
    "certificates": _Kept(tables.certificates, BookCertificate),
    "documents": _Kept(tables.documents, BookDocument),
}
