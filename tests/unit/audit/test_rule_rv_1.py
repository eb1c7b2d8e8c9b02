"""RV-1: reversal not compensated."""

from __future__ import annotations

import pytest


@pytest.fixture
def lost(books):
    """A loss of 100 g to be covered by second 50, in a book read at second 60."""
    books.read("book", now_s=60)
    return books.lost("1", 100, deadline_s=50)


def test_catches_a_loss_that_nothing_covers(books, lost):
    (finding,) = books.audit("RV-1")
    assert finding.code == "RV-1"
    assert finding.level == "strong"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == (None, None, None)
    assert finding.amount_g == 100
    assert finding.records == (lost,)
    assert finding.detectable_at == 50
    assert finding.cleared_at is None


def test_catches_what_buffer_and_replacement_leave_open(books, lost):
    buffer = books.covered("1", 0, 30)
    replacement = books.covered("1", 50, 70, kind="replacement")
    books.disposed("cancellation", 0, 70)
    (finding,) = books.audit("RV-1")
    assert finding.amount_g == 50
    assert set(finding.records) == {lost, buffer, replacement}


def test_catches_compensations_that_cancelled_nothing(books, lost):
    books.covered("1", 0, 60)
    books.covered("1", 60, 100)
    books.disposed("cancellation", 0, 60, at_s=1, until_s=2)
    books.disposed("cancellation", 60, 100)
    books.disposed("cancellation", 0, 60, registry="Eco")
    books.retired(0, 60)
    assert [finding.amount_g for finding in books.audit("RV-1")] == [60]


def test_catches_grams_that_count_once(books, lost):
    books.covered("1", 0, 60)
    books.covered("1", 20, 60)
    books.disposed("cancellation", 0, 60)
    books.disposed("cancellation", 0, 60, keeper="book")
    assert [finding.amount_g for finding in books.audit("RV-1")] == [40]


@pytest.mark.parametrize("deadline_s", [60, 61, None])
def test_near_miss_before_the_deadline(books, deadline_s):
    books.read("book", now_s=60)
    books.lost("1", 100, deadline_s=deadline_s)
    assert books.audit("RV-1") == ()


def test_look_alike_loss_that_is_covered_at_home_and_abroad(books, lost):
    books.covered("1", 0, 40)
    books.covered("1", 0, 60, home="Eco", kind="replacement")
    books.disposed("cancellation", 0, 40)
    books.disposed("cancellation", 0, 60, home="Eco")
    assert books.audit("RV-1") == ()


def test_misses_a_late_cover_and_a_book_that_does_not_say_when_it_was_read(books):
    books.lost("9", 100, deadline_s=50, registry="Eco")
    books.read("book", now_s=60)
    books.lost("1", 100, deadline_s=50)
    books.covered("1", 0, 100, at_s=58)
    books.disposed("cancellation", 0, 100, at_s=58)
    assert books.audit("RV-1") == ()
    assert len(books.audit("RV-1", as_of_s=57)) == 1
