"""Arithmetic on sets of half-open gram intervals of one scope: integers only, O(n log n).

All functions take intervals in any order and know nothing of scopes: mixing two scopes in one call
is the caller's mistake. Every function refuses an interval outside `Interval`'s bounds.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from registry.errors import IdentifierError
from registry.records.interval import Interval


class Overlap(NamedTuple):
    """Two intervals of a sequence that share grams.

    Attributes:
        first: Index of the interval that begins first; of equal beginnings the shorter one.
        second: Index of the other.
        shared: The grams in both.
    """

    first: int
    second: int
    shared: Interval


def merge(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Write the grams covered by `intervals` in their one normal form.

    Returns:
        Intervals ascending; neighbours that touch or overlap are one.

    Invariants:
        Each gram of the input is in exactly one interval of the output, and no other gram is.
        Between two intervals of the output lies at least one gram; merge(merge(x)) == merge(x).

    Raises:
        IdentifierError: an interval outside 0 <= start < end <= 2^63 - 1 g.
    """
    merged: list[Interval] = []
    for start, end in sorted(_checked(intervals)):
        if merged and start <= merged[-1].end_g:
            merged[-1] = Interval(merged[-1].start_g, max(end, merged[-1].end_g))
        else:
            merged.append(Interval(start, end))
    return tuple(merged)


def subtract(intervals: Iterable[Interval], removed: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the grams of `intervals` that are not in `removed`.

    Returns:
        Normal form (see `merge`); empty when nothing is left.

    Invariants:
        merge(subtract(a, b) + intersect(a, b)) == merge(a).
    """
    left: list[Interval] = []
    holes = merge(removed)
    at = 0
    for start, end in merge(intervals):
        while at < len(holes) and holes[at].end_g <= start:
            at += 1
        # A hole that ends beyond this interval may reach into the next, so it is not passed.
        here = at
        while here < len(holes) and holes[here].start_g < end:
            if start < holes[here].start_g:
                left.append(Interval(start, holes[here].start_g))
            start = holes[here].end_g
            here += 1
        at = max(at, here - 1)
        if start < end:
            left.append(Interval(start, end))
    return tuple(left)


def intersect(a: Iterable[Interval], b: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the grams that are in both.

    Returns:
        Normal form (see `merge`); empty when nothing is shared.

    Invariants:
        intersect(a, b) == intersect(b, a); it is contained in both.
    """
    shared: list[Interval] = []
    ours, theirs = merge(a), merge(b)
    i = j = 0
    while i < len(ours) and j < len(theirs):
        common = ours[i].shared(theirs[j])
        if common is not None:
            shared.append(common)
        if ours[i].end_g <= theirs[j].end_g:
            i += 1
        else:
            j += 1
    return tuple(shared)


def total_g(intervals: Iterable[Interval]) -> int:
    """Add the amounts up, g CO2e; a gram in two intervals counts twice (merge first if not)."""
    return sum(interval.amount_g for interval in _checked(intervals))


def contains(outer: Iterable[Interval], inner: Iterable[Interval]) -> bool:
    """Say whether every gram of `inner` is in `outer`; nothing is contained in anything."""
    return not subtract(inner, outer)


def overlaps(intervals: Iterable[Interval]) -> Overlap | None:
    """Find the first overlap: the one whose shared grams begin lowest.

    Only the first is looked for, so neighbours in order of their start are all that is compared:
    as long as none overlap, the last one seen is also the one that ends last.

    Returns:
        Indices into the sequence given, and the grams shared; None when all are disjoint.
    """
    given = _checked(intervals)
    order = sorted(range(len(given)), key=lambda index: (given[index], index))
    for first, second in pairwise(order):
        if given[second].start_g < given[first].end_g:
            end = min(given[first].end_g, given[second].end_g)
            return Overlap(first, second, Interval(given[second].start_g, end))
    return None


def _checked(intervals: Iterable[Interval]) -> list[Interval]:
    given = list(intervals)
    for interval in given:
        if not interval.is_valid():
            expected = "expected 0 <= start < end <= 2^63 - 1 g"
            raise IdentifierError(tuple(interval), "interval", expected)
    return given
