"""DI-3: more issued than verified."""

from __future__ import annotations

import pytest

INT64_MAX = 2**63 - 1


@pytest.fixture
def issue(books):
    """Issues serials of project P for the period [0, 100), of which 100 g were verified."""

    def issue_block(start_g, end_g, **fields):
        row = {"keeper": "feed", "project": "P", "verified_g": 100}
        return books.issued(
            start_g, end_g, **{**row, "period_start_s": 0, "period_end_s": 100, **fields}
        )

    return issue_block


def test_catches_the_excess_with_the_rows_that_made_it(books, issue):
    issue(0, 60, at_s=1, verified_g=None)
    over = issue(60, 110, at_s=2, verified_g=None)
    further = issue(110, 115, at_s=3, verified_g=None)
    verified = issue(200, 200, verified_g=101, amount_g=0, record="report")
    (finding,) = books.audit("DI-3")
    assert (finding.code, finding.level) == ("DI-3", "certain")
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", None, None)
    assert finding.amount_g == 14
    assert finding.batch == 1
    assert finding.records == tuple(sorted((over, further, verified)))
    assert finding.detectable_at == 2
    assert finding.cleared_at is None


def test_catches_amounts_without_serials(books, issue):
    issue(None, None, amount_g=60, scope=None, batch="1", at_s=None)
    issue(None, None, amount_g=60, scope=None, batch="2")
    (finding,) = books.audit("DI-3")
    assert (finding.scope, finding.batch, finding.amount_g) == (None, 1, 20)
    assert finding.detectable_at is None


def test_catches_each_period_by_itself(books, issue):
    issue(0, 101)
    issue(500, 603, period_start_s=100, period_end_s=200)
    assert sorted(finding.amount_g for finding in books.audit("DI-3")) == [1, 3]


def test_catches_huge_amounts(books, issue):
    for batch in "123":
        issue(None, None, amount_g=INT64_MAX, batch=batch)
    assert [finding.amount_g for finding in books.audit("DI-3")] == [INT64_MAX]
    issue(None, None, amount_g=1, verified_g=INT64_MAX, batch="4")
    issue(None, None, amount_g=1, verified_g=INT64_MAX - 1, batch="5")
    assert [finding.amount_g for finding in books.audit("DI-3")] == [INT64_MAX - 97]


def test_near_miss_exactly_what_was_verified(books, issue):
    issue(0, 60)
    issue(60, 100)
    assert books.audit("DI-3") == ()


@pytest.mark.parametrize(
    "other",
    [
        {"project": "Q"},
        {"registry": "Eco"},
        {"keeper": "meta"},
        {"period_end_s": 101},
        {"period_start_s": 1},
    ],
    ids=str,
)
def test_near_miss_issuance_for_something_else(books, issue, other):
    issue(0, 60)
    issue(60, 120, **other)
    assert books.audit("DI-3") == ()


def test_look_alike_row_repeated_or_respelt(books, issue):
    issue(0, 100, digest="a")
    issue(0, 100, digest="a")
    issue(0, 100, digest="b", period_start_s=50)
    issue(20, 90, digest="c")
    assert books.audit("DI-3") == ()


def test_look_alike_equal_row_without_serials(books, issue):
    issue(None, None, amount_g=60, digest="a")
    issue(None, None, amount_g=60, digest="a")
    assert books.audit("DI-3") == ()


def test_look_alike_quantity_unlike_its_serials(books, issue):
    issue(0, 100, amount_g=150)
    issue(500, 700, amount_g=0)
    assert [finding.code for finding in books.audit("DI-3", "SP-1")] == ["SP-1", "SP-1"]


def test_look_alike_record_that_restates_an_issuance(books, issue):
    issue(0, 90)
    issue(200, 260, restates=True)
    assert books.audit("DI-3") == ()


def test_misses_what_no_record_says_was_verified_or_for_when(books, issue):
    issue(0, 500, verified_g=None)
    issue(1_000, 1_500, project=None)
    issue(2_000, 2_500, period_end_s=None, project="R")
    assert books.audit("DI-3") == ()


def test_catches_more_than_all_parts_that_were_verified(books, issue):
    first = issue(0, 100, verified_g=100)
    second = issue(100, 300, verified_g=200)
    third = issue(300, 301, verified_g=100, at_s=2)
    (finding,) = books.audit("DI-3")
    assert finding.amount_g == 1
    assert finding.records == tuple(sorted((first, second, third)))


def test_look_alike_period_verified_in_two_parts(books, issue):
    issue(0, 100, verified_g=100)
    issue(100, 300, verified_g=200)
    issue(500, 600, verified_g=None, amount_g=0)
    assert books.audit("DI-3") == ()


def test_misses_an_excess_beside_a_part_that_was_not_issued_whole(books, issue):
    issue(0, 120, verified_g=100)
    issue(200, 300, verified_g=200)
    assert books.audit("DI-3") == ()
