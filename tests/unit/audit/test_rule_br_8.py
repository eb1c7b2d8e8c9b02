"""BR-8: serial freed and used again."""

from __future__ import annotations


def test_catches_an_issuance_of_what_was_cancelled(books):
    books.issued(0, 100, at_s=1)
    freed = books.disposed("cancellation", 20, 80, at_s=5)
    again = books.issued(50, 150, at_s=9, batch="4")
    (finding,) = books.audit("BR-8")
    assert (finding.code, finding.level) == ("BR-8", "strong")
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 50, 80)
    assert (finding.amount_g, finding.batch) == (30, 4)
    assert finding.records == (freed, again)
    assert (finding.detectable_at, finding.cleared_at) == (9, None)


def test_catches_the_same_serial_in_a_book(books):
    books.issued(0, 100, at_s=1, keeper="book")
    books.disposed("cancellation", 0, 100, at_s=5, keeper="book")
    books.issued(0, 100, at_s=9, keeper="book")
    assert len(books.audit("BR-8")) == 1
    assert [finding.code for finding in books.audit()] == ["BR-8", "DI-1"]


def test_catches_each_cancellation_with_each_later_issuance(books):
    books.disposed("cancellation", 0, 10, at_s=2)
    books.disposed("cancellation", 10, 20, at_s=6)
    books.issued(0, 20, at_s=4)
    books.issued(0, 20, at_s=8)
    found = books.audit("BR-8")
    places = [(finding.start_g, finding.end_g, finding.detectable_at) for finding in found]
    assert sorted(places) == [(0, 10, 4), (0, 10, 8), (10, 20, 8)]


def test_near_miss_the_serials_next_to_it_and_another_scope(books):
    books.disposed("cancellation", 0, 50, at_s=5)
    books.issued(50, 100, at_s=9)
    books.issued(0, 50, at_s=9, scope="T")
    books.issued(0, 50, at_s=9, registry="Eco")
    assert books.audit("BR-8") == ()


def test_look_alike_cancellation_of_what_was_issued_before(books):
    books.issued(0, 100, at_s=5)
    books.disposed("cancellation", 0, 100, at_s=5)
    books.issued(100, 200, at_s=9)
    books.disposed("cancellation", 150, 200, at_s=10)
    assert books.audit("BR-8") == ()


def test_look_alike_credits_that_came_from_another_registry(books):
    books.disposed("cancellation", 0, 100, at_s=5, registry="Eco", home="ICR")
    books.imported(0, 100, at_s=9)
    assert books.audit("BR-8") == ()


def test_misses_what_is_undated_or_undone_or_in_a_file(books):
    books.disposed("cancellation", 0, 10, at_s=None)
    books.issued(0, 10, at_s=9)
    books.disposed("cancellation", 20, 30, at_s=5, until_s=7)
    books.issued(20, 30, at_s=9)
    books.disposed("cancellation", 40, 50, at_s=5, keeper="feed")
    books.issued(40, 50, at_s=9, keeper="feed")
    assert books.audit("BR-8") == ()
