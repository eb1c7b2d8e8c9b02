"""DC-2: used for CORSIA without being eligible."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("kind", ["retirement", "cancellation"])
@pytest.mark.parametrize(
    "fields", [{"eligible": False, "vintage": 2021}, {"vintage": 2015}, {"eligible": False}]
)
def test_catches_units_that_no_period_takes(books, kind, fields):
    row = books.disposed(kind, 20, 60, keeper="feed", at_s=9, batch="4", purpose="corsia", **fields)
    (finding,) = books.audit("DC-2")
    assert finding.code == "DC-2"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (row,)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_units_without_serials(books):
    books.disposed("cancellation", None, None, scope=None, purpose="corsia", eligible=False)
    (finding,) = books.audit("DC-2")
    assert (finding.scope, finding.start_g) == (None, None)


@pytest.mark.parametrize("fields", [{}, {"eligible": True}, {"vintage": 2016}])
def test_near_miss_eligible_or_unknown(books, fields):
    books.disposed("cancellation", 0, 10, purpose="corsia", **fields)
    assert books.audit("DC-2") == ()


@pytest.mark.parametrize("purpose", ["voluntary", "compliance", None])
def test_look_alike_another_use_of_units_that_are_not_eligible(books, purpose):
    books.disposed("cancellation", 0, 10, purpose=purpose, eligible=False, vintage=2010)
    books.disposed("lock", 0, 10, purpose="corsia", eligible=False)
    assert books.audit("DC-2") == ()


def test_misses_a_vintage_of_the_other_period_and_a_use_undone_since(books):
    books.disposed("cancellation", 0, 10, purpose="corsia", vintage=2018)
    books.disposed("cancellation", 20, 30, purpose="corsia", eligible=False, at_s=1, until_s=5)
    assert books.audit("DC-2") == ()
    assert len(books.audit("DC-2", as_of_s=4)) == 1
