"""An operator's book: which facts are lines, and how lines become the tables of an audit."""

from __future__ import annotations

from typing import Any

import pytest

from registry.books import Book, Line, LineKind, line_of, lines_of, tables_of
from registry.records.entry import Entry, Kind
from registry.records.identity import batch_id
from registry.records.interval import Interval
from registry.records.tables import SCHEMAS

BATCH = batch_id(1, 1)
SCOPE = "ICR-ISL-354-1-14-A-0-2024"


def entry(kind: Kind, seq: int = 1, **fields: Any) -> Entry:
    fields = {"registry": "ICR", "batch": BATCH, "account": "Acme", "amount_g": 5, **fields}
    return Entry(seq=seq, at_s=1_000 + seq, kind=kind, **fields)


ISSUED = entry(
    Kind.ISSUED,
    amount_g=100,
    intervals=(Interval(0, 100),),
    scope=SCOPE,
    project=1,
    vintage=2024,
)


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (Kind.TRANSFERRED, LineKind.TRANSFER),
        (Kind.FORCED_TRANSFER, LineKind.TRANSFER),
        (Kind.FORECLOSED, LineKind.TRANSFER),
        (Kind.RETIRED, LineKind.RETIREMENT),
        (Kind.RETIREMENT_REQUESTED, LineKind.LOCK),
        (Kind.RETIREMENT_FINALISED, LineKind.RETIREMENT),
        (Kind.RETIREMENT_REVERTED, LineKind.RELEASE),
        (Kind.CANCELLED, LineKind.CANCELLATION),
        (Kind.LOCKED, LineKind.LOCK),
        (Kind.RELEASED, LineKind.RELEASE),
        (Kind.PLEDGED, None),
        (Kind.PLEDGE_RELEASED, None),
        (Kind.PLEDGE_ENDED, None),
        (Kind.FROZEN, None),
    ],
)
def test_line_says_what_happened_to_credits(kind: Kind, line: LineKind | None) -> None:
    found = line_of(entry(kind, id=7, intervals=(Interval(0, 5),)), 3, SCOPE)
    if line is None:
        assert found is None
        return
    assert found == Line(
        number=3,
        at_s=1_001,
        kind=line,
        batch=BATCH,
        amount_g=5,
        account="Acme",
        id=7,
        scope=SCOPE,
        intervals=(Interval(0, 5),),
    )


@pytest.mark.parametrize("kind", [Kind.PAUSED, Kind.PROJECT_REGISTERED, Kind.ACCOUNT_OPENED])
def test_line_is_none_for_what_names_no_batch(kind: Kind) -> None:
    assert line_of(entry(kind, batch=None), 1, SCOPE) is None


def test_issuance_line_keeps_the_scope_of_its_entry() -> None:
    found = line_of(ISSUED, 1, "another scope")
    assert found is not None
    assert (found.kind, found.scope, found.project, found.vintage) == (
        LineKind.ISSUANCE,
        SCOPE,
        1,
        2024,
    )


def test_book_numbers_its_lines_from_one() -> None:
    book = Book("ICR")
    assert book.next_number == 1
    book.write(ISSUED, SCOPE)
    book.write(entry(Kind.FROZEN, 2), SCOPE)
    book.write(entry(Kind.TRANSFERRED, 3, counterparty="Bank"), SCOPE)
    assert [(line.number, line.kind) for line in book.lines] == [
        (1, LineKind.ISSUANCE),
        (2, LineKind.TRANSFER),
    ]
    assert book.next_number == 3


def test_lines_of_a_ledger_are_numbered_by_seq_and_know_the_scope() -> None:
    entries = [
        ISSUED,
        entry(Kind.PLEDGED, 2, counterparty="Bank"),
        entry(Kind.RETIRED, 3, id=1, intervals=(Interval(0, 5),)),
        entry(Kind.RETIRED, 4, id=1, registry="EcoRegistry", intervals=(Interval(0, 5),)),
    ]
    lines = lines_of(entries, "ICR")
    assert [(line.number, line.scope) for line in lines] == [(1, SCOPE), (3, SCOPE)]


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
    tables = tables_of("ICR", (OPENING, *lines), **{"keeper": "book", **options})
    return tables[table].to_pylist()


def test_tables_have_the_schemas_of_an_audit() -> None:
    for lines in ((), (OPENING,)):
        tables = tables_of("ICR", lines, keeper="ledger")
        assert {name: table.schema for name, table in tables.items()} == SCHEMAS


def test_issuance_is_a_row_per_block() -> None:
    (row,) = rows("issuances")
    assert row == {
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
