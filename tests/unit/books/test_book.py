"""An operator's book: what it writes, holds back and takes back, and how it is kept in a store."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from registry.books import tables
from registry.books.book import Book
from registry.books.documents import document_of, document_text
from registry.books.lines import Desk, Line, LineKind
from registry.books.store import Identity, Store
from registry.books.verify import verify
from registry.errors import InvariantBroken, StoreDamaged
from registry.records.claim import Claim
from registry.records.entry import Entry, Kind
from registry.records.identity import PLATFORM, batch_id
from registry.records.interval import Interval

BATCH = batch_id(2**63 - 1, 2**63 - 1)
SCOPE = "ICR-ISL-354-1-14-A-0-2024"
CLAIM = Claim(beneficiary="Öko <&>", purpose="voluntary", reason="why", period="2024")
STATUSES = {kind.value: f"{kind.value} it is" for kind in LineKind}
DOCUMENT = {
    "name": "Highland forest",
    "hectares": Decimal("12.50"),
    "tiny": Decimal("1E-30"),
    "begun": date(2020, 2, 29),
    "surveyed": datetime(2024, 5, 6, 7, 8, 9, 123, tzinfo=UTC),
    "sold": datetime(2024, 5, 6, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    "when": datetime(2024, 5, 6, 7, 8),
    "country": None,
    "is_old": True,
    "count": 2**200,
    "places": [{"name": "Norður\n\t", "parts": [1, [2, [Decimal("3.0")]]]}, [], {}],
}


def desk() -> Desk:
    return Desk(
        scope=lambda batch: SCOPE,
        describe=lambda scope, intervals: tuple(f"{scope} {each.start_g}" for each in intervals),
        address=lambda account: f"0x{account}",
        document=lambda project, version: {**DOCUMENT, "version": version},
        claim=lambda id: CLAIM.model_copy(update={"reason": f"request {id}"}),
        statuses=STATUSES,
    )


def entry(seq: int, kind: Kind, **fields: Any) -> Entry:
    fields = {"registry": "ICR", "batch": BATCH, "account": "Acme", "amount_g": 5, **fields}
    return Entry(seq=seq, at_s=1_000 + seq, kind=kind, **fields)


def of(seq: int) -> Entry:
    """One entry of every sort, over and over."""
    pieces = {"intervals": (Interval(0, 2), Interval(2**63 - 5, 2**63 - 2))}
    sorts: tuple[Entry, ...] = (
        entry(seq, Kind.ACCOUNT_OPENED, registry=PLATFORM, batch=None, account=f"Acme {seq}"),
        entry(seq, Kind.ISSUED, **pieces, scope=SCOPE, project=2**63 - 1, vintage=2024),
        entry(seq, Kind.TRANSFERRED, counterparty="Öl & Söhne 'x' \"y\" %s ? :z {}"),
        entry(seq, Kind.RETIRED, id=2**256 - seq, **pieces, claim=CLAIM),
        entry(seq, Kind.RETIREMENT_REQUESTED, id=seq, deadline_s=2**63 - 1, **pieces),
        entry(seq, Kind.RETIREMENT_FINALISED, id=seq, **pieces),
        entry(seq, Kind.PROJECT_REGISTERED, batch=None, project=7, version=1, root="0x1"),
        entry(seq, Kind.RETIRED, id=seq, **pieces, claim=CLAIM, registry="S&P"),
        entry(seq, Kind.FROZEN),
        entry(seq, Kind.PROJECT_UPDATED, batch=None, project=7, version=seq, root="0x2"),
        entry(seq, Kind.ACCOUNT_CLOSED, registry=PLATFORM, batch=None, account=f"Acme {seq}"),
        entry(seq, Kind.CANCELLED, id=seq, amount_g=2**63 - 1),
    )
    return sorts[seq % len(sorts)]


def place_of(url: str) -> Path | str:
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else url


def opened(place: Path | str) -> Book:
    store = Store.open(place, tables.BOOK, Identity("book", "a world", "ICR"))
    try:
        return Book("ICR", desk(), store=store)
    except StoreDamaged:
        store.close()
        raise


def told(book: Book, first: int, last: int) -> None:
    for seq in range(first, last + 1):
        book.hear(of(seq))


def content(book: Book) -> dict[str, Any]:
    return {
        "lines": list(book.lines),
        "accounts": list(book.accounts),
        "certificates": list(book.certificates),
        "documents": list(book.documents),
        "standing": (book.heard, book.is_held, book.back_s),
    }


@contextlib.contextmanager
def closing(book: Book) -> Iterator[Book]:
    try:
        yield book
    finally:
        assert book.store is not None
        book.store.close()


def check_kept(book: Book, place: Path | str) -> None:
    """Check that what is flushed is what is opened, and that the store has no problems."""
    book.flush()
    with closing(opened(place)) as again:
        assert content(again) == content(book)
        assert again.store is not None
        assert verify(again.store, tables.BOOK).problems == ()


@pytest.fixture
def place(store_url: str) -> Path | str:
    return place_of(store_url)


# What is written.


def crossing(seq: int, kind: Kind, **fields: Any) -> Entry:
    pieces = {"intervals": (Interval(0, 2), Interval(2**63 - 5, 2**63 - 2)), "id": 2**256 - 1}
    ends = {"peer": "EcoRegistry", "home": "ICR", "export": 2**256 - 1, "number": 2**63 - 1}
    return entry(seq, kind, **{**pieces, **ends, **fields})


CROSSINGS = (
    crossing(1, Kind.PEER_ADMITTED, batch=None),
    crossing(2, Kind.EXPORTED, counterparty="Öl & Söhne", deadline_s=2**63 - 1),
    crossing(3, Kind.IMPORTED, id=None, scope="CDC_1", vintage=2024, home="EcoRegistry"),
    crossing(4, Kind.IMPORTED, id=None, scope="CDC_1", vintage=2024, number=None, text="mirror"),
    crossing(5, Kind.IMPORT_VOIDED, id=None, batch=None),
    crossing(6, Kind.RETURNED),
    crossing(7, Kind.EXPORT_ACKNOWLEDGED, intervals=()),
    crossing(8, Kind.EXPORT_COMPENSATED),
)


def test_hear_writes_what_leaves_arrives_and_comes_back_and_keeps_it(place: Path | str) -> None:
    with closing(opened(place)) as book:
        for each in CROSSINGS:
            book.hear(each)
        assert [(line.kind.value, line.entry) for line in book.lines] == [
            ("export", 2),
            ("import", 3),
            ("import", 4),
            ("return", 6),
            ("release", 8),
        ]
        for line, each in zip(book.lines, [CROSSINGS[at] for at in (1, 2, 3, 5, 7)], strict=True):
            crossed = (line.peer, line.home, line.export, line.message)
            assert crossed == (each.peer, each.home, each.export, each.number)
            assert line.status == f"{line.kind.value} it is"
            assert line.scope == (each.scope or SCOPE)
        check_kept(book, place)


def test_hear_writes_what_the_operator_does_and_nothing_else() -> None:
    book = Book("ICR", desk())
    assert book.next_number == 1
    told(book, 1, 24)
    assert book.heard == 24
    assert [line.number for line in book.lines] == list(range(1, len(book.lines) + 1))
    assert book.next_number == len(book.lines) + 1
    assert {line.entry for line in book.lines} == {1, 2, 3, 4, 5, 11, 13, 14, 15, 16, 17, 23}
    assert [(account.account, account.status) for account in book.accounts] == [
        ("Acme 10", "closed"),
        ("Acme 12", "open"),
        ("Acme 22", "closed"),
        ("Acme 24", "open"),
    ]
    assert [document.version for document in book.documents] == [1, 9, 1, 21]
    assert [certificate.id for certificate in book.certificates] == [
        2**256 - 3,
        5,
        2**256 - 15,
        17,
    ]


def test_a_line_has_the_registrys_words_and_serials() -> None:
    book = Book("ICR", desk())
    told(book, 1, 3)
    issued, moved, retired = book.lines
    assert issued.status == "issuance it is"
    assert issued.serials == (f"{SCOPE} 0", f"{SCOPE} {2**63 - 5}")
    assert (moved.status, moved.serials) == ("transfer it is", ())
    assert retired.written_s is None
    (certificate,) = book.certificates
    assert certificate.claim == CLAIM
    assert certificate.intervals == retired.intervals


def test_a_finalised_retirement_is_for_what_was_requested() -> None:
    book = Book("ICR", desk())
    told(book, 4, 5)
    (certificate,) = book.certificates
    assert certificate.claim.reason == "request 5"


def test_a_book_without_a_desk_can_only_be_read() -> None:
    with pytest.raises(InvariantBroken):
        Book("ICR").hear(of(1))


def test_a_book_that_was_held_says_when_it_was_written() -> None:
    book = Book("ICR", desk())
    told(book, 1, 2)
    book.hold()
    assert book.is_held
    book.resume(9_999)
    told(book, 3, 12)
    assert [line.written_s for line in book.lines[:2]] == [None, None]
    assert {line.written_s for line in book.lines[2:]} == {9_999}
    assert {each.at_s for each in (*book.certificates, *book.documents)} == {9_999}
    # What happens later is written at once again.
    book.hear(entry(20_000, Kind.TRANSFERRED, counterparty="Bank"))
    assert book.lines[-1].written_s is None


# How it is kept.


def test_an_empty_book_is_kept(place: Path | str) -> None:
    with closing(opened(place)) as book:
        check_kept(book, place)


def test_everything_is_read_back_as_it_was_written(place: Path | str) -> None:
    with closing(opened(place)) as book:
        told(book, 1, 36)
        assert all(content(book).values())
        check_kept(book, place)


def test_nothing_is_kept_that_was_not_flushed(place: Path | str) -> None:
    with closing(opened(place)) as book:
        told(book, 1, 6)
        book.flush()
        kept = content(book)
        told(book, 7, 12)
    with closing(opened(place)) as again:
        assert content(again) == kept
        # And the operator is told the rest again.
        told(again, again.heard + 1, 12)
        assert content(again) == content(book)
        check_kept(again, place)


def test_many_flushes_keep_what_one_does(place: Path | str) -> None:
    with closing(opened(place)) as book:
        for seq in range(1, 37):
            told(book, seq, seq)
            book.flush()
            book.flush()
        check_kept(book, place)
    once = Book("ICR", desk())
    told(once, 1, 36)
    assert content(once) == content(book)


def test_a_held_book_is_held_when_it_is_opened_again(place: Path | str) -> None:
    with closing(opened(place)) as book:
        told(book, 1, 3)
        book.hold()
        check_kept(book, place)
    with closing(opened(place)) as book:
        assert book.is_held
        book.resume(9_999)
        check_kept(book, place)
    with closing(opened(place)) as book:
        assert (book.is_held, book.back_s) == (False, 9_999)
        told(book, book.heard + 1, 12)
        assert {line.written_s for line in book.lines[3:]} == {9_999}
        check_kept(book, place)


def test_rewritten_lines_are_kept(place: Path | str) -> None:
    with closing(opened(place)) as book:
        told(book, 1, 24)
        book.flush()
        lines = list(book.lines)
        for wanted in (lines[1:], lines[:3], [], lines, lines[:2] + lines[4:], lines[::2]):
            book.rewrite(wanted)
            assert book.lines == wanted
            check_kept(book, place)
        changed = lines[0].model_copy(update={"amount_g": 1, "status": "", "id": 3})
        book.rewrite([changed, *lines[1:]])
        check_kept(book, place)


def test_a_return_takes_back_what_was_flushed(place: Path | str) -> None:
    with closing(opened(place)) as book:
        told(book, 1, 12)
        before, mark = content(book), book.mark()
        told(book, 13, 30)
        book.rewrite(book.lines[3:])
        book.hold()
        check_kept(book, place)
        book.back_to(mark)
        assert content(book) == before
        check_kept(book, place)
        told(book, 13, 20)
        check_kept(book, place)


@pytest.mark.parametrize("seq", [0, 1, 5, 12, 18, 23, 24])
def test_what_the_ledger_gave_up_is_taken_back(place: Path | str, seq: int) -> None:
    with closing(opened(place)) as book:
        told(book, 1, 24)
        book.flush()
        book.take_back(seq)
        shorter = Book("ICR", desk())
        told(shorter, 1, seq)
        assert content(book) == content(shorter)
        check_kept(book, place)
        told(book, seq + 1, 24)
        told(shorter, seq + 1, 24)
        assert content(book) == content(shorter)
        check_kept(book, place)


def test_what_an_operator_wrote_of_its_own_accord_is_not_taken_back() -> None:
    book = Book("ICR", desk())
    told(book, 1, 3)
    own = book.lines[-1].model_copy(update={"number": book.next_number, "entry": None})
    book.append(own)
    told(book, 4, 5)
    book.take_back(2)
    assert [line.entry for line in book.lines] == [1, 2, None]
    assert book.heard == 2
    book.hear(of(3))
    assert book.lines[-1].number == own.number + 1


@pytest.mark.parametrize("values", [{"heard": 1}, {"is_held": 1}, {"back_s": 7}, {"seal": ""}])
def test_a_changed_standing_is_found(place: Path | str, values: dict[str, Any]) -> None:
    with closing(opened(place)) as book:
        told(book, 1, 12)
        book.flush()
        assert book.store is not None
        with book.store.writing() as connection:
            connection.execute(tables.standing.update().values(**values))
        assert [found.table for found in verify(book.store, tables.BOOK).problems] == ["standing"]
        with book.store.writing() as connection:
            connection.execute(tables.standing.delete())
        assert [found.table for found in verify(book.store, tables.BOOK).problems] == ["standing"]


def test_a_flush_that_fails_is_made_good(place: Path | str, monkeypatch: Any) -> None:
    with closing(opened(place)) as book:
        told(book, 1, 6)
        book.flush()
        kept = content(book)
        told(book, 7, 14)
        book.rewrite(book.lines[1:])
        with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
            patch.setattr("registry.books.book.put_standing", lambda *_: 1 / 0)
            book.flush()
        with closing(opened(place)) as again:
            assert content(again) == kept
        check_kept(book, place)


@pytest.mark.parametrize("is_written", [False, True])
def test_a_flush_that_is_interrupted_is_made_good(
    place: Path | str, monkeypatch: Any, is_written: bool
) -> None:
    with closing(opened(place)) as book:
        told(book, 1, 6)
        book.flush()
        told(book, 7, 14)
        book.rewrite(book.lines[1:])
        assert book.store is not None
        writing = book.store.writing

        @contextlib.contextmanager
        def interrupted() -> Iterator[Any]:
            with writing() as connection:
                yield connection
                if not is_written:
                    raise KeyboardInterrupt
            raise KeyboardInterrupt

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(book.store, "writing", interrupted)
            book.flush()
        told(book, 15, 16)
        check_kept(book, place)
        book.rewrite(book.lines[:-2])
        check_kept(book, place)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (tables.lines, {"intervals": "{"}),
        (tables.lines, {"intervals": "[[1]]"}),
        (tables.lines, {"batch": "a batch"}),
        (tables.lines, {"kind": "gift"}),
        (tables.lines, {"id": "seven"}),
        (tables.lines, {"serials": "1"}),
        (tables.accounts, {"number": -(2**63), "account": "\U0001f333"}),
        (tables.certificates, {"claim": "null"}),
        (tables.certificates, {"claim": ""}),
        (tables.certificates, {"retirement": ""}),
    ],
)
def test_a_row_that_cannot_be_read_is_damage(
    place: Path | str, table: Any, values: dict[str, Any]
) -> None:
    with closing(opened(place)) as book:
        told(book, 1, 24)
        book.flush()
        assert book.store is not None
        with book.store.writing() as connection:
            names: Any = connection.get_execution_options().get("schema_translate_map", {})
            on = f' ON "{names[None]}".{table.name}' if names else ""
            connection.exec_driver_sql(f"DROP TRIGGER {table.name}_update{on}")
            first = table.select().order_by(table.c.number).limit(1)
            number = connection.execute(first).one().number
            connection.execute(table.update().where(table.c.number == number).values(**values))
    if table is tables.accounts:
        with closing(opened(place)) as book:
            assert book.accounts[0].account == "\U0001f333"
        return
    with pytest.raises(StoreDamaged, match=r"row 1 of \w+ cannot be read"):
        opened(place)


# Documents.


def test_a_document_is_read_back_with_its_types() -> None:
    found = document_of(document_text(DOCUMENT))
    assert found == DOCUMENT
    for name, value in DOCUMENT.items():
        assert type(found[name]) is type(value)
    assert str(found["hectares"]) == "12.50"
    sold = found["sold"]
    assert isinstance(sold, datetime) and sold.utcoffset() == timedelta(hours=5, minutes=30)


def test_a_document_is_kept_with_its_types(place: Path | str) -> None:
    with closing(opened(place)) as book:
        told(book, 6, 6)
        check_kept(book, place)
        (kept,) = book.documents
        assert document_of(kept.document) == {**DOCUMENT, "version": 1}


@pytest.mark.parametrize("text", ["", "{", "[]", "1", "null", '{"a": {"/date": "never"}}'])
def test_a_text_that_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        document_of(text)


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.datetimes(timezones=st.sampled_from((None, UTC, timezone(timedelta(minutes=-90))))).map(
        lambda moment: moment.replace(fold=0)
    ),
)
KEYS = st.text("abc_", min_size=1, max_size=3)


def maps(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Mapping[str, Any]]:
    return st.dictionaries(KEYS, values, max_size=4)


@given(document=maps(st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | maps(inner))))
def test_law_a_document_is_read_back(document: dict[str, Any]) -> None:
    text = document_text(document)
    found = document_of(text)
    assert found == document
    assert document_text(found) == text


# The machine.

KINDS = st.sampled_from(sorted(LineKind))


class BookMachine(RuleBasedStateMachine):
    """A book that is written, rewritten, taken back, flushed and opened again, and a plain copy."""

    @initialize()
    def begin(self) -> None:
        self.store = Store.open(":memory:", tables.BOOK, Identity("book", "a world", "ICR"))
        self.book = Book("ICR", desk(), store=self.store)
        self.seq = 0
        self.marks: list[tuple[Any, dict[str, Any], int]] = []
        self.flushed = content(self.book)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    @rule(count=st.integers(1, 8))
    def hear(self, count: int) -> None:
        told(self.book, self.seq + 1, self.seq + count)
        self.seq += count

    @rule(kind=KINDS, amount_g=st.integers(0, 2**63 - 1), text=st.text("aé'%:", max_size=3))
    def append(self, kind: LineKind, amount_g: int, text: str) -> None:
        self.book.append(
            Line(
                number=self.book.next_number,
                at_s=self.seq,
                kind=kind,
                batch=BATCH,
                amount_g=amount_g,
                account=text,
                serials=(text, ""),
            )
        )

    @precondition(lambda self: self.book.lines)
    @rule(at=st.integers(0, 99), change=st.sampled_from(("drop", "alter", "cut", "same")))
    def rewrite(self, at: int, change: str) -> None:
        lines = list(self.book.lines)
        at %= len(lines)
        if change == "drop":
            del lines[at]
        elif change == "alter":
            lines[at] = lines[at].model_copy(update={"amount_g": at, "account": "altered"})
        elif change == "cut":
            del lines[at:]
        self.book.rewrite(lines)

    @rule()
    def hold(self) -> None:
        self.book.hold()

    @rule(now_s=st.integers(0, 10**10))
    def resume(self, now_s: int) -> None:
        self.book.resume(now_s)

    @rule()
    def mark(self) -> None:
        self.marks.append((self.book.mark(), content(self.book), self.seq))

    @precondition(lambda self: self.marks)
    @rule(at=st.integers(0, 9))
    def back_to(self, at: int) -> None:
        at %= len(self.marks)
        mark, before, self.seq = self.marks[at]
        del self.marks[at:]
        self.book.back_to(mark)
        assert content(self.book) == before

    @rule()
    def flush(self) -> None:
        self.book.flush()
        self.flushed = content(self.book)

    @rule()
    def open_again(self) -> None:
        self.book = Book("ICR", desk(), store=self.store)
        self.seq = self.book.heard
        self.marks.clear()

    @invariant()
    def what_was_flushed_is_kept(self) -> None:
        if hasattr(self, "store"):
            assert content(Book("ICR", store=self.store)) == self.flushed

    @invariant()
    def the_store_is_as_it_was_written(self) -> None:
        if hasattr(self, "store"):
            assert verify(self.store, tables.BOOK).problems == ()


class TestBookMachine(BookMachine.TestCase):  # type: ignore[name-defined,misc]
    settings = settings(settings(), stateful_step_count=30)
