"""BR-1: tokens without backing."""

from __future__ import annotations


def test_catches_what_the_ledger_issued_and_the_book_did_not(books):
    row = books.issued(0, 100, batch="4", at_s=9)
    books.issued(0, 20, keeper="book", batch="4")
    books.issued(60, 100, keeper="book", batch="4")
    (finding,) = books.audit("BR-1")
    assert finding.code == "BR-1"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (row,)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_each_circulating_piece_of_each_issuance(books):
    books.issued(0, 50)
    books.issued(50, 100)
    books.retired(10, 20)
    books.disposed("lock", 60, 70)
    books.issued(90, 100, keeper="book")
    found = books.audit("BR-1")
    assert [(finding.start_g, finding.end_g) for finding in found] == [(0, 10), (20, 50), (50, 90)]


def test_catches_all_of_a_ledger_whose_book_is_empty(books):
    books.issued(0, 100)
    assert books.audit("BR-1") == ()
    books.read("book", now_s=5)
    assert len(books.audit("BR-1")) == 1


def test_near_miss_blocks_that_touch_in_the_book(books):
    books.issued(0, 100)
    books.issued(0, 40, keeper="book")
    books.issued(40, 100, keeper="book")
    assert books.audit("BR-1") == ()


def test_near_miss_book_that_is_late_by_less_than_its_lag(books):
    books.issued(0, 100, at_s=10)
    books.read("book", now_s=14, lag_s=5)
    assert books.audit("BR-1") == ()
    books.rows["sources"][0]["now_s"] = 15
    (finding,) = books.audit("BR-1")
    assert finding.detectable_at == 15


def test_look_alike_tokens_gone_since(books):
    books.issued(0, 100)
    books.retired(0, 60)
    books.disposed("cancellation", 60, 100)
    books.issued(500, 600, keeper="book")
    assert books.audit("BR-1") == ()


def test_look_alike_book_holds_what_was_never_tokenised(books):
    books.issued(0, 100)
    books.issued(0, 500, keeper="book")
    assert books.audit("BR-1") == ()


def test_misses_a_registry_of_which_no_book_was_given(books):
    books.issued(0, 100)
    books.issued(0, 100, keeper="book", registry="Eco", scope="E")
    assert books.audit("BR-1") == ()


def test_misses_rows_without_serials_and_issuances_of_unlike_amounts(books):
    books.issued(None, None, amount_g=10)
    books.issued(0, 10, scope=None)
    books.issued(0, 100)
    books.issued(0, 90, keeper="book")
    books.entered("issued", 0, 100, seq=3)
    books.wrote("issuance", 0, 90, entry=3)
    assert books.audit("BR-1") == ()
    assert [finding.code for finding in books.audit()] == ["BR-7"]
