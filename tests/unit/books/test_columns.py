"""How books, mirrors and ledgers become the tables of an audit."""

from __future__ import annotations

from typing import Any

from registry.books.columns import credit_rows, joined
from registry.books.lines import Line, LineKind
from registry.records.identity import batch_id
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
