"""BR-2: retired in the book, live on the ledger."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("kind", ["retirement", "cancellation"])
def test_catches_what_the_book_retired_and_the_ledger_did_not(books, kind):
    issued = books.issued(0, 100, batch="4")
    books.issued(0, 100, keeper="book", batch="4")
    row = books.disposed(kind, 20, 60, keeper="book", batch="4", at_s=9)
    (finding,) = books.audit("BR-2")
    assert finding.code == "BR-2"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (row, issued)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_each_live_piece_of_a_row(books):
    books.issued(0, 100)
    books.retired(10, 90, keeper="book")
    books.retired(0, 20)
    books.retired(40, 50)
    books.disposed("cancellation", 50, 60)
    found = books.audit("BR-2")
    assert [(finding.start_g, finding.end_g) for finding in found] == [(20, 40), (60, 90)]
    assert [finding.amount_g for finding in found] == [20, 30]


def test_catches_neighbouring_rows_one_by_one(books):
    books.issued(0, 100)
    books.retired(0, 10, keeper="book")
    books.retired(10, 20, keeper="book")
    found = books.audit("BR-2")
    assert [(finding.start_g, finding.end_g) for finding in found] == [(0, 10), (10, 20)]


def test_catches_one_row_across_two_issuances_once(books):
    first = books.issued(0, 50, batch="1")
    second = books.issued(50, 100, batch="2")
    row = books.retired(40, 60, keeper="book", batch=None)
    (finding,) = books.audit("BR-2")
    assert (finding.start_g, finding.end_g) == (40, 60)
    assert finding.records == (row, first, second)
    assert finding.batch == 1


def test_near_miss_retirements_that_touch_in_the_two_records(books):
    books.issued(0, 100)
    books.retired(0, 10, keeper="book")
    books.retired(10, 20, keeper="book")
    books.retired(0, 20)
    assert books.audit("BR-2") == ()


def test_look_alike_pending_request_on_both_sides(books):
    books.issued(0, 100)
    books.disposed("lock", 0, 10)
    books.disposed("lock", 0, 10, keeper="book")
    assert books.audit("BR-2") == ()


def test_look_alike_book_retires_what_was_never_tokenised(books):
    books.issued(0, 50)
    books.issued(0, 100, keeper="book")
    books.retired(50, 60, keeper="book")
    assert books.audit("BR-2") == ()


def test_look_alike_reversed_row_of_the_book(books):
    books.issued(0, 100)
    books.retired(0, 10, keeper="book", at_s=2, until_s=3)
    assert books.audit("BR-2") == ()
    assert len(books.audit("BR-2", as_of_s=2)) == 1


def test_near_miss_ledger_that_is_late_by_less_than_its_lag(books):
    books.issued(0, 100)
    books.issued(0, 100, keeper="book")
    books.retired(0, 10, keeper="book", at_s=10)
    books.read("ledger", now_s=14, lag_s=5)
    books.read("ledger", now_s=99, registry="Eco")
    assert books.audit("BR-2") == ()
    books.rows["sources"][0]["now_s"] = 15
    (finding,) = books.audit("BR-2")
    assert finding.detectable_at == 15


def test_near_miss_ledger_that_claims_no_more_than_it_has(books):
    books.issued(0, 100)
    books.issued(0, 100, keeper="book")
    books.retired(0, 10, keeper="book", at_s=10)
    books.read("ledger", now_s=14, lag_s=5, complete_s=9)
    assert books.audit("BR-2") == ()
    books.rows["sources"][0]["complete_s"] = 10
    (finding,) = books.audit("BR-2")
    assert finding.detectable_at == 10


def test_look_alike_line_and_entry_of_one_request_with_unlike_amounts(books):
    # That contradiction is BR-7; grams outside the pair are this rule's as ever.
    books.issued(0, 100)
    books.issued(0, 100, keeper="book")
    books.retired(0, 10, keeper="book", id="7")
    books.retired(0, 8, keeper="ledger", id="7")
    books.wrote("retirement", 0, 10, request="7")
    books.entered("retired", 0, 8, request="7")
    assert [finding.code for finding in books.audit()] == ["BR-7"]
    books.retired(50, 60, keeper="book")
    assert [(finding.start_g, finding.end_g) for finding in books.audit("BR-2")] == [(50, 60)]


def test_misses_a_row_without_serials_and_a_registry_without_a_ledger(books):
    books.issued(0, 100)
    books.retired(None, None, keeper="book", amount_g=10)
    books.retired(0, 10, keeper="book", scope=None)
    books.issued(0, 100, keeper="book", registry="Eco", scope="E")
    books.retired(0, 10, keeper="book", registry="Eco", scope="E")
    assert books.audit("BR-2") == ()
