"""DI-4: overlapping monitoring periods."""

from __future__ import annotations

import pytest

from registry.audit.run import SETTINGS

DAY = 86_400


@pytest.fixture
def issue(books):
    """Issues serials of project P for a period, both ends in days."""

    def issue_block(start_day, end_day, start_g, end_g, **fields):
        period = {"period_start_s": start_day * DAY, "period_end_s": end_day * DAY}
        return books.issued(
            start_g, end_g, **{"keeper": "feed", "project": "P", **period, **fields}
        )

    return issue_block


def test_catches_two_periods_that_share_days(books, issue):
    first = issue(0, 365, 0, 50, at_s=4)
    second = issue(200, 500, 50, 80, at_s=6)
    (finding,) = books.audit("DI-4")
    assert (finding.code, finding.level) == ("DI-4", "candidate")
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == (None, None, None)
    assert finding.amount_g == 30
    assert finding.batch is None
    assert finding.records == (first, second)
    assert finding.detectable_at == 6
    assert finding.cleared_at is None


def test_catches_more_than_was_verified_for_both_as_strong(books, issue):
    issue(0, 365, 0, 60, verified_g=100, keeper="book")
    issue(200, 500, 60, 120, verified_g=90, keeper="book")
    (finding,) = books.audit("DI-4")
    assert (finding.level, finding.amount_g) == ("strong", 20)


@pytest.mark.parametrize("keeper", ["feed", "meta"])
def test_catches_more_than_was_verified_in_an_export_as_candidate(books, issue, keeper):
    issue(0, 365, 0, 60, verified_g=100, keeper=keeper)
    issue(200, 500, 60, 120, verified_g=90, keeper=keeper)
    (finding,) = books.audit("DI-4")
    assert (finding.level, finding.amount_g) == ("candidate", 20)


def test_catches_a_period_inside_another(books, issue):
    issue(0, 365, 0, 50)
    issue(0, 31, 50, 60)
    assert [finding.level for finding in books.audit("DI-4")] == ["candidate"]


def test_catches_each_period_against_the_earlier_one_that_ends_last(books, issue):
    long = issue(0, 1_000, 0, 10, at_s=None)
    short = issue(10, 20, 10, 20)
    late = issue(500, 600, 20, 30)
    found = books.audit("DI-4")
    assert {finding.records for finding in found} == {
        tuple(sorted((long, short))),
        tuple(sorted((long, late))),
    }
    assert {finding.detectable_at for finding in found} == {None}


def test_catches_one_finding_for_two_periods_of_many_rows(books, issue):
    for nth in range(10):
        issue(0, 365, nth, nth + 1)
        issue(200, 500, 100 + nth, 101 + nth)
    assert len(books.audit("DI-4")) == 1


def test_catches_a_project_with_thousands_of_periods_soon(books, issue):
    for nth in range(3_000):
        issue(nth, nth + 400, nth, nth + 1)
    assert len(books.audit("DI-4")) == 2_999


def test_near_miss_periods_that_share_one_day(books, issue):
    issue(0, 366, 0, 10)
    issue(365, 730, 10, 20)
    assert books.audit("DI-4") == ()


@pytest.mark.parametrize("other", [{"project": "Q"}, {"registry": "Eco"}, {"keeper": "meta"}])
def test_near_miss_periods_of_another_project_registry_or_keeper(books, issue, other):
    issue(0, 365, 0, 10)
    issue(200, 500, 10, 20, **other)
    assert books.audit("DI-4") == ()


def test_look_alike_equal_periods_are_parts_of_one_issuance(books, issue):
    issue(0, 365, 0, 10)
    issue(0, 365, 10, 20)
    assert books.audit("DI-4") == ()


def test_look_alike_both_within_the_verified_amount(books, issue):
    issue(0, 365, 0, 60, verified_g=100)
    issue(200, 500, 60, 100, verified_g=90)
    assert books.audit("DI-4") == ()


def test_look_alike_both_within_the_parts_that_were_verified(books, issue):
    issue(0, 365, 0, 60, verified_g=60)
    issue(0, 365, 60, 100, verified_g=40)
    issue(200, 500, 100, 120, verified_g=20)
    assert [finding.amount_g for finding in books.audit("DI-4")] == [20]
    issue(200, 500, 120, 120, amount_g=0, verified_g=130)
    assert books.audit("DI-4") == ()


def test_look_alike_row_repeated_with_another_period(books, issue):
    issue(0, 365, 0, 100, verified_g=100)
    issue(0, 364, 0, 100, verified_g=100)
    assert books.audit("DI-4") == ()


def test_look_alike_period_for_which_nothing_was_issued(books, issue):
    issue(0, 365, 0, 10)
    issue(200, 500, 10, 20, amount_g=0)
    issue(100, 500, 20, 30, restates=True)
    assert books.audit("DI-4") == ()


def test_misses_what_has_no_project_or_no_whole_period(books, issue):
    issue(0, 365, 0, 10, project=None)
    issue(200, 500, 10, 20, project=None)
    issue(0, 365, 20, 30)
    issue(200, 500, 30, 40, period_end_s=None)
    issue(500, 200, 40, 50)
    assert books.audit("DI-4") == ()


def test_misses_the_other_pairs_where_three_periods_meet(books, issue):
    for nth in range(3):
        issue(nth * 10, 365 + nth * 10, nth * 10, nth * 10 + 10)
    assert len(books.audit("DI-4")) == 2


def test_takes_little_room_for_many_periods_of_one_project(books, issue, monkeypatch):
    # All pairs of periods are 36 million.
    monkeypatch.setitem(SETTINGS, "memory_limit", "200MB")
    for nth in range(6_000):
        issue(nth, 10_000 + nth, nth * 10, nth * 10 + 10)
    assert len(books.audit("DI-4")) == 5_999
