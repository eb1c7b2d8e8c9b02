"""BR-3: burned on the ledger, live in the book."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("kind", ["retirement", "cancellation"])
def test_catches_what_the_ledger_retired_and_the_book_did_not(books, kind):
    books.issued(0, 100, batch="4")
    issued = books.issued(0, 100, keeper="book", batch="4")
    row = books.disposed(kind, 20, 60, batch="4", at_s=9)
    (finding,) = books.audit("BR-3")
    assert finding.code == "BR-3"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (issued, row)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_each_missing_piece_of_each_row(books):
    books.issued(0, 100, keeper="book")
    books.retired(10, 50)
    books.retired(50, 90)
    books.retired(0, 20, keeper="book")
    books.retired(30, 40, keeper="book")
    found = books.audit("BR-3")
    assert [(finding.start_g, finding.end_g) for finding in found] == [
        (20, 30),
        (40, 50),
        (50, 90),
    ]


def test_catches_what_the_book_never_issued(books):
    row = books.retired(0, 10)
    books.issued(500, 600, keeper="book", scope="T")
    (finding,) = books.audit("BR-3")
    assert (finding.start_g, finding.end_g) == (0, 10)
    assert finding.records == (row,)


def test_near_miss_retirements_that_touch_in_the_two_records(books):
    books.issued(0, 100, keeper="book")
    books.retired(0, 10)
    books.retired(10, 20)
    books.retired(0, 20, keeper="book")
    assert books.audit("BR-3") == ()


def test_look_alike_pending_request_on_both_sides(books):
    books.issued(0, 100, keeper="book")
    books.disposed("lock", 0, 10)
    books.disposed("lock", 0, 10, keeper="book")
    assert books.audit("BR-3") == ()


def test_look_alike_retired_on_the_ledger_and_cancelled_in_the_book(books):
    books.issued(0, 100, keeper="book")
    books.retired(0, 10)
    books.disposed("cancellation", 0, 10, keeper="book")
    assert books.audit("BR-3") == ()


def test_near_miss_book_that_is_late_by_less_than_its_lag(books):
    books.issued(0, 100)
    books.issued(0, 100, keeper="book")
    books.retired(0, 10, keeper="ledger", at_s=10)
    books.read("book", now_s=14, lag_s=5)
    books.read("book", now_s=99, registry="Eco")
    assert books.audit("BR-3") == ()
    books.rows["sources"][0]["now_s"] = 15
    (finding,) = books.audit("BR-3")
    assert finding.detectable_at == 15


def test_near_miss_book_that_claims_no_more_than_it_has(books):
    books.issued(0, 100)
    books.issued(0, 100, keeper="book")
    books.retired(0, 10, keeper="ledger", at_s=10)
    books.read("book", now_s=14, lag_s=5, complete_s=9)
    assert books.audit("BR-3") == ()
    books.rows["sources"][0]["complete_s"] = 10
    (finding,) = books.audit("BR-3")
    assert finding.detectable_at == 10


def test_look_alike_line_and_entry_of_one_request_with_unlike_amounts(books):
    # That contradiction is BR-7; grams outside the pair are this rule's as ever.
    books.issued(0, 100)
    books.issued(0, 100, keeper="book")
    books.retired(0, 10, keeper="ledger", id="7")
    books.retired(0, 8, keeper="book", id="7")
    books.entered("retired", 0, 10, request="7")
    books.wrote("retirement", 0, 8, request="7")
    assert [finding.code for finding in books.audit()] == ["BR-7"]
    books.retired(50, 60, keeper="ledger")
    assert [(finding.start_g, finding.end_g) for finding in books.audit("BR-3")] == [(50, 60)]


def test_misses_a_registry_of_which_no_book_was_given(books):
    books.issued(0, 100)
    books.retired(0, 10)
    books.issued(0, 100, keeper="book", registry="Eco", scope="E")
    assert books.audit("BR-3") == ()


def test_misses_rows_without_serials(books):
    books.issued(0, 100, keeper="book")
    books.retired(None, None, amount_g=10)
    books.retired(0, 10, scope=None)
    assert books.audit("BR-3") == ()
