"""How books, mirrors and ledgers become the tables of an audit."""

from __future__ import annotations

from typing import Any, Literal

from registry.books.book import Book, BookAccount, BookCertificate
from registry.books.columns import (
    Reading,
    Use,
    book_rows,
    credit_rows,
    directory_rows,
    joined,
    log_rows,
)
from registry.books.lines import Line, LineKind
from registry.records.block import Block
from registry.records.claim import Claim
from registry.records.coordinates import Coordinates
from registry.records.entry import Entry, Kind
from registry.records.identity import batch_id, ex_ante_id, imported_id
from registry.records.interval import Interval
from registry.records.tables import SCHEMAS

BATCH = batch_id(1, 1)
SCOPE = "ICR-ISL-354-1-14-A-0-2024"


def line(number: int, kind: LineKind, **fields: Any) -> Line:
    fields = {"batch": BATCH, "amount_g": 5, "account": "Acme", "scope": SCOPE, **fields}
    return Line(number=number, at_s=1_000 + number, kind=kind, **fields)


OPENING = line(
    1,
    LineKind.ISSUANCE,
    amount_g=100,
    intervals=(Interval(0, 100),),
    project=1,
    vintage=2024,
)


def rows(table: str, *lines: Line, **options: Any) -> list[dict[str, Any]]:
    found = credit_rows("ICR", (OPENING, *lines), **{"keeper": "book", **options})
    return joined([found])[table].to_pylist()


def test_tables_have_the_schemas_of_an_audit() -> None:
    for lines in ((), (OPENING,)):
        tables = joined([credit_rows("ICR", lines, keeper="ledger")])
        assert {name: table.schema for name, table in tables.items()} == SCHEMAS


def test_issuance_is_a_row_per_block() -> None:
    (row,) = rows("issuances")
    assert {name: value for name, value in row.items() if value is not None} == {
        "source": "book:ICR",
        "keeper": "book",
        "record": "line 1",
        "registry": "ICR",
        "batch": str(BATCH),
        "scope": SCOPE,
        "start_g": 0,
        "end_g": 100,
        "amount_g": 100,
        "project": "1",
        "vintage": 2024,
        "account": "Acme",
        "at_s": 1_001,
    }
    (row,) = rows("issuances", keeper="ledger")
    assert (row["source"], row["record"]) == ("ledger:ICR", "entry 1")


def standing(*lines: Line) -> list[tuple[str, int, int, int | None]]:
    found = rows("dispositions", *lines)
    assert all(row["amount_g"] == row["end_g"] - row["start_g"] for row in found)
    return [(row["kind"], row["start_g"], row["end_g"], row["until_s"]) for row in found]


def held(*lines: Line) -> dict[str, int]:
    found = rows("tokens", *lines)
    assert len({row["supply_g"] for row in found}) == 1
    assert sum(row["balance_g"] for row in found) == found[0]["supply_g"]
    return {row["account"]: row["balance_g"] for row in found}


RETIRED = line(2, LineKind.RETIREMENT, id=1, intervals=(Interval(0, 5),))
LOCKED = line(2, LineKind.LOCK, id=1, amount_g=9, intervals=(Interval(10, 15), Interval(0, 4)))


def test_retirement_is_a_row_that_stands() -> None:
    assert standing(RETIRED) == [("retirement", 0, 5, None)]
    assert held(RETIRED) == {"Acme": 95}


def test_transfer_moves_balances_only() -> None:
    moved = line(2, LineKind.TRANSFER, to="Bank")
    assert standing(moved) == []
    assert held(moved) == {"Acme": 95, "Bank": 5}
    own = line(2, LineKind.TRANSFER, to="Acme")
    assert held(own) == {"Acme": 100}


def test_lock_is_a_row_per_piece_and_ends_with_its_release() -> None:
    assert standing(LOCKED) == [("lock", 10, 15, None), ("lock", 0, 4, None)]
    assert held(LOCKED) == {"Acme": 91}
    released = line(3, LineKind.RELEASE, id=1, amount_g=9)
    assert standing(LOCKED, released) == [("lock", 10, 15, 1_003), ("lock", 0, 4, 1_003)]
    assert held(LOCKED, released) == {"Acme": 100}


def test_partial_release_splits_a_row_and_the_rest_stands() -> None:
    part = line(3, LineKind.RELEASE, id=1, amount_g=3)
    assert standing(LOCKED, part) == [
        ("lock", 10, 13, 1_003),
        ("lock", 0, 4, None),
        ("lock", 13, 15, None),
    ]
    more = line(4, LineKind.RELEASE, id=1, amount_g=4)
    assert sorted(standing(LOCKED, part, more), key=str) == sorted(
        [
            ("lock", 10, 13, 1_003),
            ("lock", 13, 15, 1_004),
            ("lock", 0, 2, 1_004),
            ("lock", 2, 4, None),
        ],
        key=str,
    )
    last = line(5, LineKind.RELEASE, id=1, amount_g=2)
    assert held(LOCKED, part, more, last) == {"Acme": 100}
    assert all(until is not None for *_, until in standing(LOCKED, part, more, last))


def test_finalised_request_takes_no_balance_twice() -> None:
    final = line(
        3, LineKind.RETIREMENT, id=1, amount_g=9, intervals=(Interval(10, 15), Interval(0, 4))
    )
    assert standing(LOCKED, final) == [
        ("lock", 10, 15, 1_003),
        ("lock", 0, 4, 1_003),
        ("retirement", 10, 15, None),
        ("retirement", 0, 4, None),
    ]
    assert held(LOCKED, final) == {"Acme": 91}


def test_lines_without_an_id_are_no_one_s_lock() -> None:
    first = line(2, LineKind.RETIREMENT, intervals=(Interval(0, 5),))
    second = line(3, LineKind.RETIREMENT, intervals=(Interval(0, 5),))
    assert held(first, second) == {"Acme": 90}
    assert [kind for kind, *_ in standing(first, second)] == ["retirement"] * 2


def test_supply_is_what_the_keeper_states() -> None:
    (row,) = rows("tokens", RETIRED, supplies={BATCH: 99})
    assert (row["balance_g"], row["supply_g"], row["at_s"]) == (95, 99, 1_002)


# Between registries.

EXPORTED = line(
    2,
    LineKind.EXPORT,
    id=4,
    amount_g=20,
    intervals=(Interval(10, 30),),
    to="Bank",
    deadline_s=9_999,
    peer="EcoRegistry",
    home="ICR",
    export=4,
    message=1,
)
FOREIGN = imported_id(1)
IMPORTED = line(
    2,
    LineKind.IMPORT,
    batch=FOREIGN,
    amount_g=20,
    scope="CDC_1",
    intervals=(Interval(10, 30),),
    vintage=2021,
    peer="EcoRegistry",
    home="EcoRegistry",
    export=7,
)


def test_export_stands_until_it_is_given_back_by_its_serials() -> None:
    assert standing(EXPORTED) == [("export", 10, 30, None)]
    assert held(EXPORTED) == {"Acme": 80}
    (row,) = rows("dispositions", EXPORTED)
    assert (row["id"], row["peer"], row["home"], row["deadline_s"]) == (
        "4",
        "EcoRegistry",
        None,
        None,
    )
    back = line(3, LineKind.RETURN, id=4, account="Bank", intervals=(Interval(15, 20),))
    assert sorted(standing(EXPORTED, back), key=str) == [
        ("export", 10, 15, None),
        ("export", 15, 20, 1_003),
        ("export", 20, 30, None),
    ]
    assert held(EXPORTED, back) == {"Acme": 80, "Bank": 5}


def test_export_that_never_arrived_is_given_back_whole() -> None:
    released = line(
        3, LineKind.RELEASE, id=4, amount_g=20, intervals=(Interval(10, 30),), peer="EcoRegistry"
    )
    assert standing(EXPORTED, released) == [("export", 10, 30, 1_003)]
    assert held(EXPORTED, released) == {"Acme": 100}


def test_release_closes_the_serials_that_it_names_in_several_pieces() -> None:
    part = line(3, LineKind.RELEASE, id=1, amount_g=4, intervals=(Interval(1, 3), Interval(13, 15)))
    assert sorted(standing(LOCKED, part), key=str) == [
        ("lock", 0, 1, None),
        ("lock", 1, 3, 1_003),
        ("lock", 10, 13, None),
        ("lock", 13, 15, 1_003),
        ("lock", 3, 4, None),
    ]


def test_release_gives_back_its_amount_whatever_serials_it_names() -> None:
    part = line(3, LineKind.RELEASE, id=1, amount_g=4, intervals=(Interval(0, 2),))
    assert sorted(standing(LOCKED, part), key=str) == [
        ("lock", 0, 2, 1_003),
        ("lock", 10, 12, 1_003),
        ("lock", 12, 15, None),
        ("lock", 2, 4, None),
    ]
    less = line(3, LineKind.RELEASE, id=1, amount_g=1, intervals=(Interval(0, 2),))
    assert sorted(standing(LOCKED, less), key=str) == [
        ("lock", 0, 1, 1_003),
        ("lock", 1, 4, None),
        ("lock", 10, 15, None),
    ]


def test_import_is_an_issuance_with_its_home_and_without_project_or_form() -> None:
    retired = line(
        3, LineKind.RETIREMENT, batch=FOREIGN, id=1, scope="CDC_1", intervals=(Interval(10, 15),)
    )
    _, row = rows("issuances", IMPORTED)
    assert (row["home"], row["scope"], row["project"], row["vintage"], row["origin"]) == (
        "EcoRegistry",
        "CDC_1",
        None,
        2021,
        None,
    )
    (gone,) = rows("dispositions", IMPORTED, retired)
    assert (gone["home"], gone["vintage"], gone["batch"]) == ("EcoRegistry", 2021, str(FOREIGN))
    tokens = {row["batch"]: row for row in rows("tokens", IMPORTED, retired)}
    assert (tokens[str(FOREIGN)]["form"], tokens[str(FOREIGN)]["balance_g"]) == (None, 15)
    assert (tokens[str(BATCH)]["form"], tokens[str(BATCH)]["project"]) == ("ex-post", "1")


def test_tokens_say_which_credits_are_only_expected() -> None:
    expected = OPENING.model_copy(update={"number": 2, "batch": ex_ante_id(1, 2)})
    assert [row["form"] for row in rows("tokens", expected)] == ["ex-post", "ex-ante"]


def test_retirement_says_what_it_is_for_and_nothing_else_does() -> None:
    uses = {1: Use("voluntary", "for 2024", "Acme Corp")}
    found = rows("dispositions", RETIRED, LOCKED.model_copy(update={"number": 3}), uses=uses)
    assert [(row["purpose"], row["reason"], row["beneficiary"]) for row in found] == [
        ("voluntary", "for 2024", "Acme Corp"),
        (None, None, None),
        (None, None, None),
    ]


# Books, logs and the directory.


def kept(seq: int, kind: Kind, **fields: Any) -> Entry:
    fields = {"registry": "ICR", "batch": BATCH, "account": "Acme", "amount_g": 5, **fields}
    return Entry(seq=seq, at_s=1_000 + seq, kind=kind, **fields)


PIECES = (Interval(0, 2), Interval(5, 8))
LOG = (
    kept(1, Kind.ACCOUNT_OPENED, registry="platform", batch=None),
    kept(2, Kind.ISSUED, intervals=(Interval(0, 100),), scope=SCOPE),
    kept(3, Kind.TRANSFERRED, counterparty="Bank"),
    kept(4, Kind.RETIRED, intervals=PIECES, id=2**70),
    kept(5, Kind.RELEASED, id=7, intervals=PIECES),
    kept(6, Kind.ISSUED, registry="S&P", scope=SCOPE),
)
READING = Reading(9_999, 1_003, 60)


def block(number: int, *entries: Entry, chained: bool = False) -> Block:
    places = tuple(
        Coordinates(
            seq=entry.seq,
            chain_id=1,
            address="0xa",
            block=number,
            tx_hash="0xb",
            log_index=at // 2,
            gas_used=1,
        )
        for at, entry in enumerate(entries if chained else ())
    )
    return Block(number, f"0x{number}", "0x", 1_000, entries, places)


def logged(*blocks: Block, keeper: Literal["ledger", "mirror"] = "mirror") -> dict[str, Any]:
    found = log_rows(blocks, ("ICR",), READING, keeper=keeper)
    return {name: table.to_pylist() for name, table in joined([found]).items()}


def test_a_log_is_a_row_per_entry_and_piece_of_the_registries_asked_for() -> None:
    found = logged(block(1, *LOG))["entries"]
    assert [(row["seq"], row["start_g"], row["amount_g"]) for row in found] == [
        (2, 0, 100),
        (3, None, 5),
        (4, 0, 2),
        (4, 5, 3),
        (5, 0, 2),
        (5, 5, 3),
    ]
    assert {row["source"] for row in found} == {"mirror:ICR"}
    assert [row["scope"] for row in found] == [SCOPE, None, SCOPE, SCOPE, SCOPE, SCOPE]
    assert [row["request"] for row in found] == [None, None, str(2**70), str(2**70), None, None]


def test_an_entry_again_under_another_seq_has_the_same_body_and_place_is_its_own() -> None:
    twice = LOG[2].model_copy(update={"seq": 9})
    first, again = logged(block(1, LOG[2], twice))["entries"]
    assert first["body"] == again["body"]
    assert (first["place"], again["place"]) == ("0x1/0", "0x1/1")
    other = logged(block(1, LOG[3]))["entries"][0]
    assert other["body"] != first["body"]


def test_a_place_on_a_chain_is_a_log_and_which_of_its_entries() -> None:
    moved = [LOG[2].model_copy(update={"seq": seq}) for seq in range(1, 5)]
    found = logged(block(3, *moved, chained=True), block(4, LOG[2], chained=True))["entries"]
    assert [row["place"] for row in found] == [
        "0xb/0/0",
        "0xb/0/1",
        "0xb/1/0",
        "0xb/1/1",
        "0xb/0/0",
    ]


CROSSINGS = (
    kept(1, Kind.ISSUED, intervals=(Interval(0, 100),), scope=SCOPE),
    kept(
        2,
        Kind.EXPORTED,
        id=4,
        intervals=(Interval(0, 5),),
        counterparty="Bank",
        peer="EcoRegistry",
        home="ICR",
        export=4,
        number=1,
    ),
    kept(
        3,
        Kind.IMPORTED,
        batch=imported_id(1),
        intervals=(Interval(7, 12),),
        scope="CDC_1",
        peer="EcoRegistry",
        home="EcoRegistry",
        export=9,
        number=3,
    ),
    kept(4, Kind.RETIRED, batch=imported_id(1), id=5, intervals=(Interval(7, 12),)),
    kept(
        5,
        Kind.IMPORT_VOIDED,
        batch=None,
        account=None,
        intervals=(Interval(0, 5),),
        peer="EcoRegistry",
        home="EcoRegistry",
        export=9,
        number=4,
    ),
)


def test_a_log_says_between_whom_credits_cross_and_whose_serials_they_have() -> None:
    found = logged(block(1, *CROSSINGS))["entries"]
    names = ("scope", "home", "request", "peer", "export", "message")
    assert [tuple(row[name] for name in names) for row in found] == [
        (SCOPE, None, None, None, None, None),
        (SCOPE, None, "4", "EcoRegistry", "4", 1),
        ("CDC_1", "EcoRegistry", None, "EcoRegistry", "9", 3),
        ("CDC_1", "EcoRegistry", "5", None, None, None),
        (None, "EcoRegistry", None, "EcoRegistry", "9", 4),
    ]


def test_a_book_says_between_whom_credits_cross_and_whose_serials_they_have() -> None:
    book = Book("ICR")
    for each in (OPENING, EXPORTED, IMPORTED.model_copy(update={"number": 3})):
        book.append(each)
    book.append(line(4, LineKind.TRANSFER, batch=FOREIGN, to="Bank"))
    found = joined([book_rows(book, book.lines, READING)])["lines"].to_pylist()
    names = ("home", "request", "peer", "export", "message")
    assert [tuple(row[name] for name in names) for row in found] == [
        (None, None, None, None, None),
        (None, "4", "EcoRegistry", "4", 1),
        ("EcoRegistry", None, "EcoRegistry", "7", None),
        ("EcoRegistry", None, None, None, None),
    ]


def test_a_source_says_when_it_was_read_even_if_it_has_nothing() -> None:
    (source,) = logged()["sources"]
    assert (source["source"], source["keeper"], source["registry"]) == (
        "mirror:ICR",
        "mirror",
        "ICR",
    )
    assert (source["now_s"], source["complete_s"], source["lag_s"]) == READING


def test_a_directory_has_each_account_as_it_was_last() -> None:
    opened = LOG[0]
    closed = opened.model_copy(update={"seq": 9, "at_s": 2_000, "kind": Kind.ACCOUNT_CLOSED})
    bank = opened.model_copy(update={"seq": 3, "account": "Bank"})
    found = joined([directory_rows((opened, bank, *LOG[1:], closed), {"Acme": "0xac"})])
    assert [
        (row["account"], row["status"], row["address"], row["record"])
        for row in found["accounts"].to_pylist()
    ] == [("Acme", "closed", "0xac", "entry 9"), ("Bank", "open", None, "entry 3")]


def test_a_book_is_rows_of_all_that_it_says() -> None:
    book = Book("ICR", lag_s=60)
    book.append(OPENING)
    written = line(2, LineKind.RETIREMENT, id=2**70, intervals=PIECES, written_s=5_000, entry=4)
    book.append(written)
    book.append(line(3, LineKind.TRANSFER, to="Bank"))
    for number, status in enumerate(("open", "open", "closed"), start=1):
        name = "Bank" if number == 2 else "Acme"
        book.accounts.append(
            BookAccount(
                number=number, at_s=number, account=name, address="0x", status=status, entry=number
            )
        )
    book.certificates.append(
        BookCertificate(
            number=1,
            at_s=5_000,
            id=2**70,
            retirement=2**70,
            batch=BATCH,
            account="Acme",
            amount_g=5,
            scope=SCOPE,
            intervals=PIECES,
            claim=Claim(beneficiary="Acme Corp", purpose="voluntary"),
            entry=4,
        )
    )
    found = {
        name: table.to_pylist()
        for name, table in joined([book_rows(book, book.lines, READING)]).items()
    }
    assert {row["source"] for rows in found.values() for row in rows} == {"book:ICR"}
    assert [
        (row["record"], row["start_g"], row["written_s"], row["request"], row["counterparty"])
        for row in found["lines"]
    ] == [
        ("line 1", 0, 1_001, None, None),
        ("line 2", 0, 5_000, str(2**70), None),
        ("line 2", 5, 5_000, str(2**70), None),
        ("line 3", None, 1_003, None, "Bank"),
    ]
    assert [(row["account"], row["status"]) for row in found["accounts"]] == [
        ("Acme", "closed"),
        ("Bank", "open"),
    ]
    assert [(row["start_g"], row["amount_g"]) for row in found["certificates"]] == [(0, 2), (5, 3)]
    assert len(found["issuances"]) == 1
    assert len(found["dispositions"]) == 2
    (source,) = found["sources"]
    assert (source["now_s"], source["complete_s"], source["lag_s"]) == READING
