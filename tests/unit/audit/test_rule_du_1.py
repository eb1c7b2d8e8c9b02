"""DU-1: one interval used twice."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("kind", ["retirement", "cancellation"])
@pytest.mark.parametrize("other", ["retirement", "cancellation"])
def test_catches_two_uses_of_four_tenths_of_a_tonne(books, kind, other):
    first = books.disposed(kind, 0, 400_000, at_s=10)
    second = books.disposed(other, 100_000, 500_000, at_s=20)
    (finding,) = books.audit("DU-1")
    assert finding.code == "DU-1"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 100_000, 400_000)
    assert finding.amount_g == 300_000
    assert finding.tonnes == "0.3"
    assert finding.batch == 1
    assert finding.records == (first, second)
    assert finding.detectable_at == 20
    assert finding.cleared_at is None


def test_catches_equal_retirements_at_two_registries(books):
    home = books.retired(5, 9, registry="ICR", at_s=10)
    abroad = books.retired(5, 9, registry="Eco", at_s=8, batch="7")
    (finding,) = books.audit("DU-1")
    assert finding.registries == ("Eco", "ICR")
    assert (finding.start_g, finding.end_g) == (5, 9)
    assert set(finding.records) == {home, abroad}
    assert finding.detectable_at == 10


def test_catches_each_keeper_for_itself(books):
    for keeper in ("ledger", "book"):
        books.retired(0, 10, keeper=keeper)
        books.retired(5, 15, keeper=keeper)
    found = books.audit("DU-1")
    assert [finding.records[0].split(":")[0] for finding in found] == ["book", "ledger"]


def test_near_miss_touching_retirements(books):
    books.retired(0, 10)
    books.retired(10, 20)
    assert books.audit("DU-1") == ()


def test_near_miss_same_numbers_in_another_scope(books):
    books.retired(0, 10, scope="S")
    books.retired(0, 10, scope="T")
    assert books.audit("DU-1") == ()


def test_look_alike_ledger_and_book_record_one_retirement(books):
    books.retired(0, 10, keeper="ledger")
    books.retired(0, 10, keeper="book")
    assert books.audit("DU-1") == ()


def test_look_alike_request_that_became_a_retirement(books):
    books.disposed("lock", 0, 10, at_s=1, until_s=2)
    books.retired(0, 10, at_s=2)
    assert books.audit("DU-1") == ()


def test_look_alike_retirement_again_after_a_reversed_one(books):
    books.retired(0, 10, at_s=1, until_s=2)
    books.retired(0, 10, at_s=3)
    assert books.audit("DU-1") == ()


def test_misses_a_double_use_undone_since_unless_asked_as_of_then(books):
    books.retired(0, 10, at_s=1)
    books.retired(0, 10, at_s=3, until_s=5)
    assert books.audit("DU-1") == ()
    assert books.audit("DU-1", as_of_s=5) == ()
    (finding,) = books.audit("DU-1", as_of_s=4)
    assert finding.detectable_at == 3


def test_misses_uses_that_name_no_serials(books):
    books.retired(None, None, amount_g=10)
    books.retired(None, None, amount_g=10)
    books.retired(0, 10, scope=None)
    books.retired(0, 10, scope=None)
    assert books.audit("DU-1") == ()


def test_catches_a_repeated_row_strongly_and_a_changed_one_certainly(books):
    row = {"keeper": "feed", "registry": "Verra"}
    first = books.retired(0, 10, digest="a", source="1", **row)
    books.retired(0, 10, digest="b", source="9", **row)
    again = books.retired(0, 10, digest="a", source="2", **row)
    found = books.audit("DU-1")
    assert sorted(finding.level for finding in found) == ["certain", "strong"]
    (strong,) = (finding for finding in found if finding.level == "strong")
    assert strong.records == (first, again)


def test_catches_certainly_where_nothing_says_that_the_rows_are_equal(books):
    books.retired(0, 10, digest=None)
    books.retired(0, 10, digest=None)
    books.retired(20, 30, digest="a")
    books.retired(25, 35, digest="a")
    assert {finding.level for finding in books.audit("DU-1")} == {"certain"}


def test_catches_certainly_a_row_repeated_inside_a_larger_one(books):
    large = books.retired(0, 100, digest="b")
    books.retired(10, 20, digest="a")
    books.retired(10, 20, digest="a")
    found = books.audit("DU-1")
    assert [finding.level for finding in found] == ["certain", "certain"]
    assert all(large in finding.records for finding in found)


def test_look_alike_cancelled_at_home_and_retired_elsewhere(books):
    books.disposed("cancellation", 0, 10, registry="ACR")
    books.retired(0, 10, registry="ARB")
    assert books.audit("DU-1") == ()
    # Among rows that are no pair, those that are one are still found.
    books.disposed("cancellation", 5, 8, registry="ACR")
    assert [finding.registries for finding in books.audit("DU-1")] == [("ACR",)]
    books.retired(8, 9, registry="Eco")
    found = books.audit("DU-1")
    assert [finding.registries for finding in found] == [("ACR",), ("ARB", "Eco")]


def test_look_alike_serials_cancelled_after_their_conversion(books):
    books.disposed("cancellation", 0, 10, registry="ACR", purpose="conversion", at_s=1)
    books.disposed("cancellation", 0, 10, registry="ARB", purpose="compliance", at_s=2)
    assert books.audit("DU-1", "DU-4") == ()
    books.disposed("cancellation", 0, 9, registry="ACR", at_s=3)
    assert [finding.registries for finding in books.audit("DU-1")] == [("ACR", "ARB")]
    books.disposed("cancellation", 0, 20, registry="ACR", purpose="conversion", at_s=1)
    assert {finding.registries for finding in books.audit("DU-1")} == {("ACR",)}


# Between registries.


@pytest.mark.parametrize("kind", ["retirement", "cancellation"])
def test_catches_a_use_at_home_and_one_abroad(books, kind):
    home = books.disposed(kind, 0, 60, at_s=5)
    abroad = books.retired(40, 100, registry="Eco", home="ICR", batch="9", at_s=7)
    (finding,) = books.audit("DU-1")
    assert finding.level == "certain"
    assert finding.registries == ("Eco", "ICR")
    assert (finding.start_g, finding.end_g, finding.detectable_at) == (40, 60, 7)
    assert finding.records == (abroad, home)


def test_catches_uses_of_one_home_s_credits_at_two_others(books):
    books.retired(0, 10, registry="Eco", home="ICR")
    books.disposed("cancellation", 0, 10, registry="S&P", home="ICR")
    assert len(books.audit("DU-1")) == 1
    assert books.audit("DU-4") == ()


def test_near_miss_uses_of_parts_at_home_and_abroad(books):
    books.retired(0, 40)
    books.retired(40, 100, registry="Eco", home="ICR")
    assert books.audit("DU-1") == ()
