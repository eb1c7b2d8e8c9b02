from __future__ import annotations

import time

import pytest

from registry.errors import IdentifierError
from registry.records.interval import Interval
from registry.serials.intervals import (
    Overlap,
    contains,
    intersect,
    merge,
    overlaps,
    subtract,
    total_g,
)
from registry.units import AMOUNT_MAX_G


def test_merge_joins_neighbours_that_touch() -> None:
    given = [Interval(5, 7), Interval(0, 2), Interval(2, 5), Interval(9, 10)]
    assert merge(given) == (Interval(0, 7), Interval(9, 10))


def test_empty_sets_are_sets() -> None:
    one = (Interval(0, AMOUNT_MAX_G),)
    assert merge(()) == subtract((), one) == intersect((), one) == ()
    assert subtract(one, ()) == one
    assert total_g(()) == 0
    assert contains(one, ()) and contains((), ()) and not contains((), one)
    assert overlaps(()) is None


def test_subtract_keeps_a_hole_that_reaches_into_the_next_interval() -> None:
    given = [Interval(0, 4), Interval(6, 10)]
    assert subtract(given, [Interval(3, 7)]) == (Interval(0, 3), Interval(7, 10))


def test_overlaps_sees_a_long_interval_under_short_ones() -> None:
    given = [Interval(0, 100), Interval(10, 20), Interval(50, 60)]
    assert overlaps(given) == Overlap(0, 1, Interval(10, 20))
    assert overlaps([Interval(50, 60), Interval(0, 51)]) == Overlap(1, 0, Interval(50, 51))


def test_overlaps_passes_intervals_that_touch() -> None:
    assert overlaps([Interval(5, 9), Interval(0, 5)]) is None


@pytest.mark.parametrize(
    "bad", [Interval(1, 1), Interval(2, 1), Interval(-1, 1), Interval(0, AMOUNT_MAX_G + 1)]
)
def test_every_operation_refuses_what_is_no_interval(bad: Interval) -> None:
    fine = [Interval(0, 5)]
    for call in (
        lambda: merge([bad]),
        lambda: subtract(fine, [bad]),
        lambda: intersect([bad], fine),
        lambda: total_g([bad]),
        lambda: contains(fine, [bad]),
        lambda: overlaps([bad]),
    ):
        with pytest.raises(IdentifierError, match="expected 0 <= start < end"):
            call()


def test_operations_on_many_intervals_are_not_quadratic() -> None:
    many = [Interval(4 * n, 4 * n + 2) for n in range(50_000)]
    wide = [Interval(0, 200_000)]
    start = time.perf_counter()
    assert len(subtract(wide, many)) == 50_000
    assert subtract(many, wide) == ()
    assert len(intersect(many, wide)) == 50_000
    assert overlaps(many) is None
    assert time.perf_counter() - start < 10
