"""DI-6: conversion issued before its source was cancelled."""

from __future__ import annotations

import pytest

DAY = 86_400
TOLERANCE = 30 * DAY


@pytest.fixture
def arb(books):
    """Issues credits of ARB that came from ACR's project."""

    def issue(at_s, amount_g=100, **fields):
        row = {"keeper": "feed", "registry": "ARB", "scope": None, "origin": "ACR 1"}
        return books.issued(None, None, **{**row, "at_s": at_s, "amount_g": amount_g, **fields})

    return issue


def test_catches_a_closed_window(books, arb):
    source = books.converted("1", 0, 100, at_s=12 * DAY)
    target = arb(2 * DAY, batch="CAMM1-B")
    (finding,) = books.audit("DI-6")
    assert (finding.code, finding.level) == ("DI-6", "timed")
    assert finding.registries == ("ACR", "ARB")
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 0, 100)
    assert finding.amount_g == 100
    assert finding.batch is None
    assert finding.records == (source, target)
    assert finding.detectable_at == 2 * DAY
    assert finding.cleared_at == 12 * DAY
    assert finding.clears_when.startswith("nothing is left")


def test_catches_an_open_window_as_timed_until_the_tolerance_is_over(books, arb):
    books.converted("1", 0, 100, at_s=None)
    arb(DAY)
    books.read("feed", now_s=DAY + TOLERANCE, registry="ACR")
    (finding,) = books.audit("DI-6")
    assert (finding.level, finding.cleared_at) == ("timed", None)
    assert finding.clears_when == "the source is cancelled"


def test_catches_an_open_window_as_certain_once_the_tolerance_is_over(books, arb):
    books.converted("1", 0, 100, at_s=None)
    arb(DAY)
    books.read("feed", now_s=DAY + TOLERANCE + 1, registry="ACR")
    (finding,) = books.audit("DI-6")
    assert (finding.level, finding.cleared_at) == ("certain", None)


@pytest.mark.parametrize(
    ("as_of_day", "levels"),
    [
        (0, []),
        (1, ["timed"]),
        (31, ["timed"]),
        (32, ["certain"]),
        (39, ["certain"]),
        (40, ["timed"]),
    ],
)
def test_catches_what_was_known_at_a_moment(books, arb, as_of_day, levels):
    books.converted("1", 0, 100, at_s=40 * DAY)
    arb(DAY)
    books.read("feed", now_s=90 * DAY, registry="ACR")
    found = books.audit("DI-6", as_of_s=as_of_day * DAY)
    assert [finding.level for finding in found] == levels


def test_catches_the_nth_of_several_with_the_nth(books, arb):
    sources = [books.converted("1", nth, nth + 100, at_s=(10 + nth) * DAY) for nth in range(3)]
    targets = [arb((8 + nth) * DAY) for nth in range(3)]
    found = books.audit("DI-6")
    assert [finding.records for finding in found] == list(zip(sources, targets, strict=True))


@pytest.mark.parametrize("issued_day", [12, 13])
def test_near_miss_target_issued_on_or_after_the_day_of_the_cancellation(books, arb, issued_day):
    books.converted("1", 0, 100, at_s=12 * DAY)
    arb(issued_day * DAY)
    assert books.audit("DI-6") == ()


def test_near_miss_source_cancelled_later_on_the_day_of_the_issuance(books, arb):
    books.converted("1", 0, 100, at_s=12 * DAY + 40_000)
    arb(12 * DAY)
    assert books.audit("DI-6") == ()
    books.converted("2", 100, 200, at_s=12 * DAY + 40_000)
    arb(12 * DAY + 1, origin="ACR 2")
    assert [finding.level for finding in books.audit("DI-6")] == ["timed"]


@pytest.mark.parametrize(
    "other",
    [{"origin": "ACR 2"}, {"registry": "ECO"}, {"amount_g": 101}, {"keeper": "meta"}],
    ids=str,
)
def test_near_miss_issuance_of_something_else(books, arb, other):
    books.converted("1", 0, 100, at_s=12 * DAY)
    arb(2 * DAY, **other)
    assert books.audit("DI-6") == ()


def test_look_alike_source_cancelled_before_the_target_is_issued_every_time(books, arb):
    for nth in range(3):
        books.converted("1", nth, nth + 100, at_s=(10 + nth) * DAY)
        arb((11 + nth) * DAY)
    assert books.audit("DI-6") == ()


def test_look_alike_earlier_conversion_whose_source_is_in_no_file(books, arb):
    arb(DAY)
    source, target = books.converted("1", 0, 100, at_s=None), arb(400 * DAY)
    books.read("feed", now_s=405 * DAY, registry="ACR")
    (finding,) = books.audit("DI-6")
    assert (finding.level, finding.records) == ("timed", (source, target))


def test_look_alike_cancellation_repeated_is_no_second_conversion(books, arb):
    sources = [books.converted("1", start_g, start_g + 100, at_s=(10 + start_g) * DAY)
               for start_g in (0, 0, 200)]  # fmt: skip
    targets = [arb(8 * DAY), arb(208 * DAY), arb(None)]
    found = books.audit("DI-6")
    assert [finding.records for finding in found] == [
        (sources[0], targets[0]),
        (sources[2], targets[1]),
    ]


def test_look_alike_target_that_only_restates(books, arb):
    books.converted("1", 0, 100, at_s=12 * DAY)
    arb(2 * DAY, restates=True)
    assert books.audit("DI-6") == ()


def test_misses_a_side_that_is_in_no_file_or_undated(books, arb):
    books.converted("7", 0, 100, at_s=None)
    arb(DAY, origin="ACR 8")
    books.converted("9", 0, 100, at_s=12 * DAY)
    arb(None, origin="ACR 9")
    assert books.audit("DI-6") == ()


def test_misses_that_a_window_is_overdue_when_nothing_says_when_it_was_read(books, arb):
    books.converted("1", 0, 100, at_s=None)
    arb(DAY)
    assert [finding.level for finding in books.audit("DI-6")] == ["timed"]


def test_misses_which_is_which_when_an_earlier_issuance_is_in_no_file(books, arb):
    books.converted("1", 0, 100, at_s=12 * DAY)
    books.converted("1", 100, 200, at_s=112 * DAY)
    arb(110 * DAY)
    assert books.audit("DI-6") == ()


# Worlds: the record names the batch that was issued.


def made(books, batch, **fields):
    """A batch of ARB's."""
    return books.issued(0, 50, **{"registry": "ARB", "scope": "A", "batch": batch, **fields})


def taken(books, start_g=0, end_g=50, **fields):
    """A block of ACR's that ARB issued as its batch 7."""
    row = {"keeper": "ledger", "target_batch": "7", "kind": "cancellation"}
    return books.converted("1", start_g, end_g, **{**row, **fields})


def test_catches_the_batch_that_the_conversion_names_and_no_other(books):
    source = taken(books, at_s=20)
    target = made(books, "7", at_s=9)
    made(books, "8", at_s=5, origin="ACR 1")
    (finding,) = books.audit("DI-6")
    assert (finding.level, finding.batch) == ("timed", 7)
    assert set(finding.records) == {source, target}
    assert (finding.detectable_at, finding.cleared_at) == (9, 20)


def test_catches_a_source_that_has_not_left_yet(books):
    taken(books, None, None, at_s=None, issued_s=None)
    made(books, "7", at_s=0)
    books.read("ledger", now_s=30 * 86_400, registry="ACR")
    (finding,) = books.audit("DI-6")
    assert (finding.level, finding.scope, finding.cleared_at) == ("timed", None, None)
    books.rows["sources"][0]["now_s"] += 1
    (finding,) = books.audit("DI-6")
    assert (finding.level, finding.detectable_at) == ("certain", 0)


def test_catches_conversions_by_name_and_by_order_side_by_side(books):
    taken(books, at_s=20)
    made(books, "7", at_s=9, origin="ACR 1")
    taken(books, 50, 100, at_s=40, target_batch=None)
    made(books, "8", at_s=30, origin="ACR 1")
    found = books.audit("DI-6")
    places = [(finding.start_g, finding.detectable_at, finding.cleared_at) for finding in found]
    assert places == [(0, 9, 20), (50, 30, 40)]


def test_look_alike_source_that_left_first(books):
    taken(books, at_s=9)
    taken(books, 50, 60, at_s=5, target_batch="8", kind="retirement")
    made(books, "7", at_s=9)
    made(books, "8", at_s=9)
    assert books.audit("DI-6") == ()
