"""DU-2: use after retirement."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("gone", ["retirement", "cancellation"])
@pytest.mark.parametrize("use", ["lock", "export", "pledge"])
def test_catches_a_use_after_the_interval_was_gone(books, gone, use):
    first = books.disposed(gone, 0, 100, at_s=10)
    later = books.disposed(use, 60, 160, at_s=11, batch="3")
    (finding,) = books.audit("DU-2")
    assert finding.code == "DU-2"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 60, 100)
    assert finding.amount_g == 40
    assert finding.records == (first, later)
    assert finding.detectable_at == 11
    assert finding.cleared_at is None


def test_catches_every_retired_piece_inside_a_use_at_another_registry(books):
    books.retired(0, 10, at_s=1, registry="Eco")
    books.retired(20, 30, at_s=2, registry="Eco")
    books.retired(30, 40, at_s=9, registry="Eco")
    books.disposed("export", 5, 50, at_s=3, registry="ICR")
    found = books.audit("DU-2")
    assert [(finding.start_g, finding.end_g) for finding in found] == [(5, 10), (20, 30)]
    assert {finding.registries for finding in found} == {("Eco", "ICR")}


def test_catches_and_says_when_it_was_cleared(books):
    books.retired(0, 10, at_s=1)
    books.disposed("lock", 0, 10, at_s=2, until_s=7)
    (finding,) = books.audit("DU-2")
    assert finding.cleared_at == 7
    (finding,) = books.audit("DU-2", as_of_s=6)
    assert finding.cleared_at is None


def test_near_miss_use_beside_the_retirement(books):
    books.retired(10, 20, at_s=1)
    books.disposed("lock", 0, 10, at_s=2)
    books.disposed("lock", 20, 30, at_s=2)
    assert books.audit("DU-2") == ()


def test_near_miss_same_numbers_in_another_scope_or_at_another_keeper(books):
    books.retired(0, 10, at_s=1)
    books.disposed("lock", 0, 10, at_s=2, scope="T")
    books.disposed("lock", 0, 10, at_s=2, keeper="book")
    assert books.audit("DU-2") == ()


def test_look_alike_line_that_is_too_large_and_a_lock_after_it(books):
    books.retired(0, 30, at_s=1)
    books.disposed("lock", 30, 60, at_s=2)
    books.retired(0, 50, at_s=1, keeper="book")
    books.disposed("lock", 30, 60, at_s=2, keeper="book")
    assert len(books.audit("DU-2")) == 1
    books.entered("retired", 0, 30, seq=1)
    books.wrote("retirement", 0, 50, entry=1)
    assert [finding.code for finding in books.audit("DU-2", "BR-7")] == ["BR-7"]
    # The ledger has no line to blame.
    books.disposed("lock", 0, 5, at_s=2)
    (finding,) = books.audit("DU-2")
    assert (finding.start_g, finding.end_g) == (0, 5)


def test_look_alike_request_that_became_a_retirement(books):
    books.disposed("lock", 0, 10, at_s=1, until_s=2)
    books.retired(0, 10, at_s=2)
    assert books.audit("DU-2") == ()


def test_look_alike_retirement_reversed_before_the_use(books):
    books.retired(0, 10, at_s=1, until_s=2)
    books.disposed("lock", 0, 10, at_s=2)
    assert books.audit("DU-2") == ()


def test_misses_a_use_in_the_same_second_or_without_a_date(books):
    books.retired(0, 10, at_s=5)
    books.disposed("lock", 0, 10, at_s=5)
    books.disposed("lock", 0, 10, at_s=None)
    assert books.audit("DU-2") == ()


DAY_S = 86_400


@pytest.mark.parametrize("keeper", ["feed", "meta"])
def test_near_miss_use_on_the_day_of_a_retirement_that_has_no_time(books, keeper):
    books.retired(0, 10, keeper=keeper, at_s=3 * DAY_S)
    books.disposed("lock", 0, 10, keeper=keeper, at_s=4 * DAY_S - 1)
    assert books.audit("DU-2") == ()
    books.disposed("lock", 5, 20, keeper=keeper, at_s=4 * DAY_S)
    assert len(books.audit("DU-2")) == 1


def test_catches_a_use_on_the_day_where_times_are_known(books):
    books.retired(0, 10, keeper="book", at_s=3 * DAY_S)
    books.disposed("lock", 0, 10, keeper="book", at_s=3 * DAY_S + 1)
    books.retired(0, 10, keeper="feed", at_s=3 * DAY_S + 1)
    books.disposed("lock", 0, 10, keeper="feed", at_s=3 * DAY_S + 2)
    assert len(books.audit("DU-2")) == 2


@pytest.mark.parametrize("bounds", [(0, 10), (2, 8), (5, 20)])
def test_look_alike_use_of_serials_that_were_converted(books, bounds):
    books.disposed("cancellation", 0, 10, registry="ACR", purpose="conversion", at_s=1)
    books.disposed("lock", *bounds, registry="ARB", at_s=2)
    assert books.audit("DU-2") == ()
    books.disposed("lock", *bounds, registry="ACR", at_s=2)
    assert [finding.registries for finding in books.audit("DU-2")] == [("ACR",)]


# Between registries.


def test_catches_an_export_of_what_was_retired_abroad(books):
    books.exported(0, 100, at_s=1)
    abroad = books.retired(20, 40, registry="Eco", home="ICR", at_s=5)
    again = books.exported(0, 100, at_s=9, peer="S&P", until_s=12)
    (finding,) = books.audit("DU-2")
    assert finding.registries == ("Eco", "ICR")
    assert (finding.start_g, finding.end_g) == (20, 40)
    assert (finding.detectable_at, finding.cleared_at) == (9, 12)
    assert finding.records == (abroad, again)


def test_catches_credits_issued_in_the_place_of_retired_ones(books):
    taken = books.converted(
        "1", 0, 50, kind="retirement", target_batch="7", at_s=5, keeper="ledger", registry="ICR"
    )
    made = books.issued(0, 50, registry="ARB", scope="A", batch="7", at_s=9)
    (finding,) = books.audit("DU-2")
    assert finding.registries == ("ARB", "ICR")
    assert (finding.scope, finding.start_g, finding.end_g, finding.amount_g) == ("S", 0, 50, 50)
    assert finding.records == (made, taken)
    assert (finding.detectable_at, finding.cleared_at) == (9, None)


def test_look_alike_credits_issued_in_the_place_of_cancelled_ones(books):
    books.converted("1", 0, 50, kind="cancellation", target_batch="7", at_s=5)
    books.converted("1", 50, 60, kind="retirement", target_batch="8", at_s=9)
    books.issued(0, 50, keeper="feed", registry="ARB", scope="A", batch="7", at_s=9)
    books.issued(50, 60, keeper="feed", registry="ARB", scope="A", batch="8", at_s=9)
    assert books.audit("DU-2") == ()


def test_look_alike_export_return_and_use_in_their_order(books):
    books.exported(0, 40, at_s=1)
    books.exported(40, 100, at_s=1, until_s=9)
    books.retired(0, 40, registry="Eco", home="ICR", at_s=5)
    books.left(40, 100, at_s=8)
    books.retired(40, 100, at_s=20)
    assert books.audit("DU-2") == ()
