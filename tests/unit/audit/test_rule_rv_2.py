"""RV-2: buffer used twice."""

from __future__ import annotations

import pytest


def test_catches_grams_that_cover_two_reversals(books):
    first = books.covered("1", 20, 60, at_s=8, batch="4")
    second = books.covered("2", 40, 90, at_s=9, batch="4")
    (finding,) = books.audit("RV-2")
    assert finding.code == "RV-2"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 40, 60)
    assert finding.amount_g == 20
    assert finding.batch == 4
    assert finding.records == (first, second)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_grams_that_cover_one_reversal_at_each_of_two_registries(books):
    books.covered("1", 0, 10)
    books.covered("1", 0, 10, registry="Eco", home="ICR")
    (finding,) = books.audit("RV-2")
    assert finding.registries == ("Eco", "ICR")


@pytest.mark.parametrize("kind", ["retirement", "export"])
def test_catches_grams_that_cover_a_reversal_and_are_sold(books, kind):
    cover = books.covered("1", 20, 60, at_s=8)
    sold = books.disposed(kind, 0, 30, at_s=9)
    written = books.disposed(kind, 0, 30, at_s=9, keeper="book")
    (finding,) = books.audit("RV-2")
    assert (finding.start_g, finding.end_g, finding.amount_g) == (20, 30, 10)
    assert set(finding.records) == {cover, sold, written}
    assert finding.detectable_at == 9


def test_catches_a_retirement_of_what_the_buffer_holds(books):
    books.contributed("Pool")
    sold = books.retired(0, 30, account="Pool", at_s=9)
    (finding,) = books.audit("RV-2")
    assert (finding.start_g, finding.end_g) == (0, 30)
    assert finding.records == (sold,)


def test_near_miss_neighbours_and_other_scopes(books):
    books.covered("1", 0, 10)
    books.covered("2", 10, 20)
    books.covered("3", 0, 10, scope="T")
    books.covered("4", 0, 10, home="Eco")
    books.retired(20, 30)
    books.retired(0, 10, scope="U")
    books.contributed("Pool")
    books.retired(30, 40, account="Pool", registry="Eco")
    assert books.audit("RV-2") == ()


def test_look_alike_export_by_which_the_grams_came_to_where_they_cover_a_loss(books):
    books.covered("1", 0, 10, registry="Eco", home="ICR")
    books.disposed("export", 0, 10, registry="ICR")
    assert books.audit("RV-2") == ()


def test_catches_grams_that_were_exported_from_where_they_cover_a_loss(books):
    books.covered("1", 0, 10, registry="Eco", home="ICR")
    books.disposed("export", 0, 10, registry="Eco", home="ICR")
    (finding,) = books.audit("RV-2")
    assert (finding.registries, finding.amount_g) == (("Eco",), 10)


def test_look_alike_cancellation_for_the_reversal_itself(books):
    books.contributed("Pool")
    books.covered("1", 0, 10, account="Pool")
    books.covered("1", 0, 10, account="Pool")
    books.disposed("cancellation", 0, 10, account="Pool")
    books.disposed("cancellation", 0, 10, account="Pool", keeper="book")
    books.disposed("lock", 0, 10)
    assert books.audit("RV-2") == ()


def test_misses_a_transfer_out_of_the_buffer_and_a_use_undone(books):
    books.contributed("Pool")
    books.entered("transferred", account="Pool", counterparty="Acme")
    books.covered("1", 0, 10)
    books.retired(0, 10, at_s=1, until_s=5)
    books.covered("1", None, None, scope=None)
    books.covered("2", None, None, scope=None)
    assert books.audit("RV-2") == ()
    assert len(books.audit("RV-2", as_of_s=4)) == 1
