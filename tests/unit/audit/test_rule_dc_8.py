"""DC-8: reported twice."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("one", "other"), [("feed", "meta"), ("meta", "feed"), ("feed", "book"), ("book", "meta")]
)
def test_catches_one_retirement_in_two_publications(books, one, other):
    first = books.retired(0, 60, keeper=one, source="1", at_s=8, batch="4")
    second = books.retired(20, 100, keeper=other, source="2", at_s=9, batch="4")
    (finding,) = books.audit("DC-8")
    assert finding.code == "DC-8"
    assert finding.level == "disclosure"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (first, second)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_each_pair_of_three_publications(books):
    for keeper in ("feed", "meta", "book"):
        books.retired(0, 10, keeper=keeper)
    found = books.audit("DC-8")
    assert [finding.amount_g for finding in found] == [10, 10, 10]
    assert len({finding.records for finding in found}) == 3


def test_catches_every_piece_of_one_record(books):
    books.retired(0, 100, keeper="feed")
    books.retired(0, 10, keeper="meta")
    books.retired(50, 60, keeper="meta", at_s=None)
    found = books.audit("DC-8")
    assert [(finding.start_g, finding.end_g) for finding in found] == [(0, 10), (50, 60)]
    assert [finding.detectable_at for finding in found] == [1, None]


def test_near_miss_retirements_that_touch_or_lie_elsewhere(books):
    books.retired(10, 20, keeper="feed")
    books.retired(0, 10, keeper="meta")
    books.retired(20, 30, keeper="meta")
    books.retired(10, 20, keeper="meta", scope="T")
    books.retired(10, 20, keeper="meta", registry="Eco")
    assert books.audit("DC-8") == ()


def test_look_alike_two_retirements_in_one_publication(books):
    books.retired(0, 10, keeper="feed", source="1")
    books.retired(0, 10, keeper="feed", source="2")
    assert [finding.code for finding in books.audit("DU-1", "DC-8")] == ["DU-1"]


def test_look_alike_ledger_and_its_book(books):
    books.retired(0, 10, keeper="ledger")
    books.retired(0, 10, keeper="book")
    books.disposed("cancellation", 0, 10, keeper="meta")
    assert books.audit("DC-8") == ()


def test_misses_retirements_that_name_no_serials_or_were_undone(books):
    books.retired(None, None, keeper="feed")
    books.retired(None, None, keeper="meta")
    books.retired(0, 10, keeper="feed")
    books.retired(0, 10, keeper="meta", until_s=5)
    assert books.audit("DC-8") == ()
    assert len(books.audit("DC-8", as_of_s=4)) == 1
