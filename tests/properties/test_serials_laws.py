"""Laws of scopes and of interval arithmetic, the latter against sets of single grams."""

from __future__ import annotations

import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from registry.errors import IdentifierError
from registry.operators.numbering import base_of, describe, scope_for
from registry.operators.profiles import profile_of
from registry.records.interval import Interval
from registry.serials import intervals as sut
from registry.serials.grammar import (
    Block,
    block_interval,
    parse,
    parse_interval,
    print_interval,
)
from registry.units import AMOUNT_MAX_G, GRAMS_PER_TONNE

SMALL_G = 24
NUMBERS = st.integers(1, 2**63 - 1)
YEARS = st.integers(1900, 2099)


def spans(bound: int) -> st.SearchStrategy[Interval]:
    bounds = st.tuples(st.integers(0, bound), st.integers(0, bound))
    return bounds.filter(lambda pair: pair[0] != pair[1]).map(lambda pair: Interval(*sorted(pair)))


SMALL = st.lists(spans(SMALL_G), max_size=8)
# Bounds near serials' edges, where printing has its cases, besides bounds anywhere.
EDGES = st.builds(
    lambda serial, off: min(max(serial * GRAMS_PER_TONNE + off, 0), AMOUNT_MAX_G),
    st.one_of(st.integers(0, 3), st.integers(0, AMOUNT_MAX_G // GRAMS_PER_TONNE)),
    st.one_of(st.just(0), st.integers(-2, 2), st.integers(0, GRAMS_PER_TONNE)),
)
ANY = st.one_of(
    spans(AMOUNT_MAX_G),
    spans(5 * GRAMS_PER_TONNE),
    st.tuples(EDGES, EDGES)
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: Interval(*sorted(pair))),
)
BASES = st.sampled_from([0, 1])


def model(intervals: list[Interval] | tuple[Interval, ...]) -> set[int]:
    return {g for interval in intervals for g in range(interval.start_g, interval.end_g)}


def is_normal(intervals: tuple[Interval, ...]) -> bool:
    pairs = itertools.pairwise(intervals)
    return all(i.is_valid() for i in intervals) and all(a.end_g < b.start_g for a, b in pairs)


@given(SMALL)
def test_law_merge_covers_the_same_grams_in_normal_form(a: list[Interval]) -> None:
    merged = sut.merge(a)
    assert model(merged) == model(a)
    assert is_normal(merged)
    assert sut.merge(merged) == merged == sut.merge(reversed(a))
    assert sut.total_g(merged) == len(model(a))


@given(SMALL, SMALL)
def test_law_subtract_and_intersect_are_those_of_sets(a: list[Interval], b: list[Interval]) -> None:
    left, shared = sut.subtract(a, b), sut.intersect(a, b)
    assert model(left) == model(a) - model(b)
    assert model(shared) == model(a) & model(b)
    assert is_normal(left) and is_normal(shared)
    assert sut.merge(left + shared) == sut.merge(a)
    assert shared == sut.intersect(b, a)


@given(SMALL, SMALL)
def test_law_contains_is_that_of_sets(a: list[Interval], b: list[Interval]) -> None:
    assert sut.contains(a, b) == (model(b) <= model(a))


@given(SMALL)
def test_law_total_counts_every_interval(a: list[Interval]) -> None:
    assert sut.total_g(a) == sum(len(model([interval])) for interval in a)


@given(SMALL)
def test_law_overlaps_finds_the_lowest_shared_gram(a: list[Interval]) -> None:
    counts = [g for interval in a for g in model([interval])]
    doubled = [g for g in set(counts) if counts.count(g) > 1]
    found = sut.overlaps(a)
    if found is None:
        assert not doubled
        return
    assert found.first != found.second
    assert a[found.first].start_g <= a[found.second].start_g
    assert model([found.shared]) == model([a[found.first]]) & model([a[found.second]])
    assert found.shared.start_g == min(doubled)


@given(ANY, BASES)
def test_law_intervals_print_and_parse(interval: Interval, base: int) -> None:
    assert parse_interval(print_interval(interval, base), base) == interval


@given(st.text(alphabet="0123456789-. +tof rm", max_size=40), BASES)
def test_law_what_parses_as_an_interval_prints_back(text: str, base: int) -> None:
    try:
        interval = parse_interval(text, base)
    except IdentifierError:
        return
    assert print_interval(interval, base) == text


@given(st.integers(0, 10**12), st.integers(0, 10**6), BASES)
def test_law_blocks_and_intervals_convert(start: int, more: int, base: int) -> None:
    first, last = start + base, start + base + more
    interval = block_interval(first, last, base)
    block = Block.of("X", interval, base)
    assert block == Block("X", first, last)
    assert block.interval(base) == interval
    assert block.amount_t * GRAMS_PER_TONNE == interval.amount_g


@given(
    st.sampled_from(["ICR", "EcoRegistry", "S&P Global", "\u78b3", "a-b", "Verra"]),
    st.sampled_from(["IS", "CO", "AS", "US", "GB", "DO"]),
    NUMBERS,
    st.integers(1, 999),
    YEARS,
    st.integers(1, 99),
    st.booleans(),
    st.booleans(),
    ANY,
)
def test_law_scopes_describe_what_they_number(
    registry: str,
    country: str,
    project: int,
    verification: int,
    vintage: int,
    sector: int,
    removal: bool,
    buffer: bool,
    interval: Interval,
) -> None:
    scope = scope_for(
        profile_of(registry),
        country=country,
        project=project,
        verification=verification,
        vintage=vintage,
        sector=sector,
        removal=removal,
        buffer=buffer,
    )
    assert base_of(scope) == 1
    if registry in ("ICR", "EcoRegistry"):
        serial = parse(scope)
        assert (serial.registry, serial.scope) == (registry, scope)
        assert (serial.project, serial.vintage) == (project, vintage)
        assert serial.get("sector") == str(sector)
        assert serial.is_buffer == (buffer and registry == "EcoRegistry")
    (text,) = describe(scope, [interval])
    pieces = print_interval(interval, 1).split(" + ")
    if registry == "EcoRegistry":
        pieces = [re.sub(r"^(\d+)(?:-(\d+))?$", from_to, piece) for piece in pieces]
    assert text == f"{scope} {' + '.join(pieces)}"


def from_to(found: re.Match[str]) -> str:
    return f"from {found[1]} to {found[2] or found[1]}"
