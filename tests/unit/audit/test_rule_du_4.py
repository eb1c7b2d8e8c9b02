"""DU-4: status-word trap."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("purpose", ["compliance", "corsia", "voluntary"])
def test_catches_a_cancellation_for_a_use_and_a_retirement_elsewhere(books, purpose):
    used = books.disposed(
        "cancellation", 0, 60, keeper="feed", registry="ACR", purpose=purpose, at_s=9, batch=None
    )
    retired = books.retired(20, 100, keeper="feed", registry="ICR", at_s=8, batch="4")
    (finding,) = books.audit("DU-4", "DU-1")
    assert finding.code == "DU-4"
    assert finding.level == "strong"
    assert finding.registries == ("ACR", "ICR")
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (used, retired)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_every_pair_once(books):
    books.disposed("cancellation", 10, 50, registry="ACR", purpose="corsia")
    books.disposed("cancellation", 60, 90, registry="ACR", purpose="corsia")
    for start_g, end_g in [(0, 20), (10, 50), (30, 70), (50, 60)]:
        books.retired(start_g, end_g, at_s=None)
    found = books.audit("DU-4")
    assert [(finding.start_g, finding.end_g) for finding in found] == [
        (10, 20),
        (10, 50),
        (30, 50),
        (60, 70),
    ]
    assert {finding.detectable_at for finding in found} == {None}


def test_near_miss_intervals_that_touch_or_lie_in_another_scope(books):
    books.disposed("cancellation", 10, 20, registry="ACR", purpose="corsia")
    books.retired(0, 10)
    books.retired(20, 30)
    books.retired(10, 20, scope="T")
    books.retired(10, 20, keeper="book")
    assert books.audit("DU-4") == ()


def test_near_miss_one_registry_or_one_word(books):
    books.disposed("cancellation", 0, 10, registry="ACR", purpose="corsia")
    books.retired(0, 10, registry="ACR")
    books.disposed("cancellation", 20, 30, registry="ACR", purpose="corsia")
    books.disposed("cancellation", 20, 30, registry="ICR", purpose="corsia")
    assert [finding.code for finding in books.audit("DU-1", "DU-4")] == ["DU-1", "DU-1"]


@pytest.mark.parametrize("purpose", ["conversion", "buffer", "reversal", "removal", None])
def test_look_alike_cancellation_that_is_no_use(books, purpose):
    books.disposed("cancellation", 0, 10, registry="ACR", purpose=purpose, at_s=1)
    books.retired(0, 10, registry="ARB", purpose="compliance", at_s=2)
    assert books.audit("DU-1", "DU-2", "DU-4") == ()


def test_misses_uses_without_bounds_and_those_undone_since(books):
    books.disposed("cancellation", None, None, registry="ACR", purpose="corsia")
    books.retired(None, None)
    books.disposed("cancellation", 0, 10, registry="ACR", purpose="corsia", at_s=1, until_s=5)
    books.retired(0, 10, at_s=2)
    assert books.audit("DU-4") == ()
    assert len(books.audit("DU-4", as_of_s=4)) == 1
