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
