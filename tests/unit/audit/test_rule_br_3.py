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
