"""Taking intervals from a shelf and giving them back, against a model that knows single grams."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import TooFragmented
from registry.ledger.pieces import (
    PIECES_MAX,
    Shelf,
    give_back,
    largest_piece,
    released,
    split_front,
    take,
    take_out,
)
from registry.records.interval import Interval

BATCH = 7
START_G, END_G = 1_000, 1_060


def shelf(*stack: tuple[int, int], cursor_g: int = START_G, end_g: int = END_G) -> Shelf:
    """A shelf whose stack has these intervals, the last on top."""
    linked = None
    for bounds in stack:
        linked = (Interval(*bounds), linked)
    return Shelf(linked, cursor_g, end_g)


def grams_of(pieces: tuple[Interval, ...]) -> list[int]:
    return [gram for piece in pieces for gram in range(*piece)]


def active(where: Shelf) -> set[int]:
    return {*grams_of(released(where.stack)), *range(where.cursor_g, where.end_g)}


# Examples from the specification.


def test_take_uses_the_top_when_it_alone_is_enough() -> None:
    pieces, rest = take(BATCH, shelf((0, 10), (20, 25)), 5)
    assert pieces == (Interval(20, 25),)
    assert rest == shelf((0, 10))
    pieces, rest = take(BATCH, shelf((0, 10), (20, 25)), 4)
    assert pieces == (Interval(20, 24),)
    assert rest == shelf((0, 10), (24, 25))


def test_take_uses_the_cursor_when_the_top_is_too_small() -> None:
    pieces, rest = take(BATCH, shelf((0, 10), (20, 25)), 6)
    assert pieces == (Interval(1_000, 1_006),)
    assert rest == shelf((0, 10), (20, 25), cursor_g=1_006)


def test_take_uses_all_of_the_cursor() -> None:
    pieces, rest = take(BATCH, shelf((0, 10)), 60)
    assert pieces == (Interval(1_000, 1_060),)
    assert rest == shelf((0, 10), cursor_g=END_G)


def test_take_uses_pieces_when_neither_is_enough() -> None:
    pieces, rest = take(BATCH, shelf((0, 10), (20, 25)), 62)
    assert pieces == (Interval(20, 25), Interval(0, 10), Interval(1_000, 1_047))
    assert rest == shelf(cursor_g=1_047)
    pieces, rest = take(BATCH, shelf((0, 10), (20, 25), cursor_g=END_G), 7)
    assert pieces == (Interval(20, 25), Interval(0, 2))
    assert rest == shelf((2, 10), cursor_g=END_G)


@pytest.mark.parametrize("cursor_g", [START_G, END_G])
def test_take_refuses_a_17th_piece_and_says_what_16_hold(cursor_g: int) -> None:
    stack = [(at * 10, at * 10 + at + 1) for at in range(20)]
    held = sum(end - start for start, end in stack[4:])
    crumbled = shelf(*stack, cursor_g=cursor_g)
    needed = max(held + 1, 61)
    with pytest.raises(TooFragmented) as caught:
        take(BATCH, crumbled, needed)
    assert (caught.value.batch, caught.value.available) == (BATCH, held)
    pieces, rest = take(BATCH, crumbled, held)
    assert len(pieces) == PIECES_MAX
    assert rest == shelf(*stack[:4], cursor_g=cursor_g)


def test_take_counts_the_cursor_as_a_piece() -> None:
    fifteen = [(at * 10, at * 10 + 1) for at in range(15)]
    pieces, _ = take(BATCH, shelf(*fifteen), 75)
    assert len(pieces) == 16
    sixteen = [(at * 10, at * 10 + 1) for at in range(16)]
    with pytest.raises(TooFragmented) as caught:
        take(BATCH, shelf(*sixteen, cursor_g=END_G - 10), 17)
    assert caught.value.available == 16


def test_take_says_what_was_never_out_where_that_is_more() -> None:
    sixteen = [(at * 10, at * 10 + 1) for at in range(16)]
    with pytest.raises(TooFragmented) as caught:
        take(BATCH, shelf(*sixteen), 61)
    assert caught.value.available == 60
    pieces, _ = take(BATCH, shelf(*sixteen), 60)
    assert pieces == (Interval(START_G, END_G),)


def test_give_back_rolls_the_cursor_over_what_it_touches() -> None:
    back = give_back(shelf((0, 5), (990, 995)), [Interval(995, 1_000)])
    assert back == shelf((0, 5), cursor_g=990)


def test_give_back_merges_with_the_top_on_either_side() -> None:
    assert give_back(shelf((0, 5)), [Interval(5, 8)]) == shelf((0, 8))
    assert give_back(shelf((5, 8)), [Interval(0, 5)]) == shelf((0, 8))


def test_give_back_does_not_look_below_the_top() -> None:
    assert give_back(shelf((0, 5), (20, 25)), [Interval(5, 8)]) == shelf((0, 5), (20, 25), (5, 8))


def test_give_back_pops_at_most_16_per_piece() -> None:
    # Built by hand: give_back itself would have merged these neighbours.
    stack = [(960 + at, 961 + at) for at in range(20)]
    back = give_back(shelf(*stack, cursor_g=990), [Interval(980, 990)])
    assert back == shelf(*stack[:4], cursor_g=964)
    more = give_back(back, [])
    assert more == back


def test_give_back_of_nothing_changes_nothing() -> None:
    assert give_back(shelf((0, 5)), []) == shelf((0, 5))


def test_split_front_cuts_a_piece_from_its_front() -> None:
    pieces = (Interval(10, 15), Interval(0, 5))
    assert split_front(pieces, 0) == ((), pieces)
    assert split_front(pieces, 3) == ((Interval(10, 13),), (Interval(13, 15), Interval(0, 5)))
    assert split_front(pieces, 5) == ((Interval(10, 15),), (Interval(0, 5),))
    assert split_front(pieces, 6) == ((Interval(10, 15), Interval(0, 1)), (Interval(1, 5),))
    assert split_front(pieces, 10) == (pieces, ())


# Laws over random histories.

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.integers(1, 20)),
        st.tuples(st.just("give"), st.integers(0, 9), st.integers(1, 20)),
    ),
    max_size=60,
)


class Grams:
    """A batch as a set of single grams: what the shelf stands for, and nothing of how."""

    def __init__(self) -> None:
        self.active = set(range(START_G, END_G))
        self.gone: list[tuple[Interval, ...]] = []


@given(STEPS)
def test_law_every_gram_is_in_one_place(steps: list[tuple[object, ...]]) -> None:
    where, known = shelf(), Grams()
    for step in steps:
        if step[0] == "take":
            amount_g = int(str(step[1]))
            if len(known.active) < amount_g:
                continue
            try:
                pieces, where = take(BATCH, where, amount_g)
            except TooFragmented as refused:
                assert 0 < refused.available < amount_g
                pieces, where = take(BATCH, where, refused.available)
                amount_g = refused.available
            taken = grams_of(pieces)
            assert len(taken) == len(set(taken)) == amount_g
            assert 1 <= len(pieces) <= PIECES_MAX
            assert known.active.issuperset(taken)
            known.active.difference_update(taken)
            known.gone.append(pieces)
        elif known.gone:
            pieces = known.gone.pop(int(str(step[1])) % len(known.gone))
            amount_g = min(int(str(step[2])), len(grams_of(pieces)))
            front, rest = split_front(pieces, amount_g)
            assert grams_of(front) + grams_of(rest) == grams_of(pieces)
            assert len(grams_of(front)) == amount_g
            where = give_back(where, front)
            known.active.update(grams_of(front))
            if rest:
                known.gone.append(rest)
        assert active(where) == known.active
        counted = sum(piece.amount_g for piece in released(where.stack))
        assert counted + where.end_g - where.cursor_g == len(known.active)


@given(STEPS)
def test_law_all_comes_back_to_one_interval_in_reverse_order(
    steps: list[tuple[object, ...]],
) -> None:
    where, gone = shelf(), []
    for step in steps:
        amount_g = int(str(step[-1]))
        if amount_g <= len(active(where)):
            pieces, where = take(BATCH, where, amount_g)
            gone.append(pieces)
    for pieces in reversed(gone):
        where = give_back(where, pieces)
    assert where == shelf()


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.integers(0, 120))
def test_law_split_front_keeps_order_and_sum(sizes: list[int], amount_g: int) -> None:
    starts = [sum(sizes[:at]) + 100 * at for at in range(len(sizes))]
    pairs = zip(starts, sizes, strict=True)
    pieces = tuple(Interval(start, start + size) for start, size in pairs)
    front, rest = split_front(pieces, min(amount_g, sum(sizes)))
    assert grams_of(front) + grams_of(rest) == grams_of(pieces)
    assert len(grams_of(front)) == min(amount_g, sum(sizes))
    assert all(piece.amount_g > 0 for piece in (*front, *rest))


@given(STEPS)
def test_law_the_stack_never_touches_its_top_or_the_cursor_unmerged(
    steps: list[tuple[object, ...]],
) -> None:
    where, gone = shelf(), []
    for step in steps:
        if step[0] == "take" and int(str(step[1])) <= len(active(where)):
            try:
                pieces, where = take(BATCH, where, int(str(step[1])))
            except TooFragmented:
                continue
            gone.append(pieces)
        elif step[0] == "give" and gone:
            back = gone.pop(int(str(step[1])) % len(gone))
            where = give_back(where, back)
    stack = released(where.stack)
    assert all(not a.meets(b) for a, b in pairwise(sorted(stack)))
    assert all(piece.end_g <= where.cursor_g for piece in stack)


# One interval at a time.


@pytest.mark.parametrize(
    ("where", "largest_g"),
    [
        (shelf(), 60),
        (shelf(cursor_g=END_G), 0),
        (shelf((0, 100), (200, 205), cursor_g=END_G - 3), 5),
        (shelf((0, 100), (200, 205), cursor_g=END_G - 7), 7),
        (shelf((0, 100), cursor_g=END_G), 100),
    ],
)
def test_largest_piece_is_the_top_or_what_was_never_out(where: Shelf, largest_g: int) -> None:
    assert largest_piece(where) == largest_g
    if largest_g:
        pieces, _ = take(BATCH, where, largest_g)
        assert len(pieces) == 1


HELD = (Interval(10, 20), Interval(40, 50), Interval(30, 35))


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ((10, 20), (HELD[2], HELD[1])),
        ((40, 50), (HELD[0], HELD[2])),
        ((30, 35), (HELD[0], HELD[1])),
        ((10, 12), (Interval(12, 20), *HELD[1:])),
        ((18, 20), (Interval(10, 18), *HELD[1:])),
        ((12, 18), (Interval(10, 12), *HELD[1:], Interval(18, 20))),
        ((31, 34), (*HELD[:2], Interval(30, 31), Interval(34, 35))),
    ],
)
def test_take_out_keeps_the_rest_in_stored_order(
    wanted: tuple[int, int], left: tuple[Interval, ...]
) -> None:
    assert take_out(HELD, Interval(*wanted)) == left


@pytest.mark.parametrize("wanted", [(9, 11), (20, 30), (19, 21), (10, 35), (30, 36), (50, 51)])
def test_take_out_finds_only_what_one_piece_holds(wanted: tuple[int, int]) -> None:
    assert take_out(HELD, Interval(*wanted)) is None
    assert take_out((), Interval(*wanted)) is None


def test_take_out_of_the_only_piece_leaves_nothing() -> None:
    assert take_out((Interval(10, 20),), Interval(10, 20)) == ()


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(1, 40)), max_size=40))
def test_law_take_out_takes_what_is_asked_and_nothing_else(cuts: list[tuple[int, int]]) -> None:
    held = (Interval(0, 60), Interval(70, 100))
    grams = set(grams_of(held))
    for start_g, amount_g in cuts:
        wanted = Interval(start_g, start_g + amount_g)
        left = take_out(held, wanted)
        asked = set(range(*wanted))
        if left is None:
            assert not any(set(range(*piece)) >= asked for piece in held)
            continue
        grams -= asked
        assert set(grams_of(left)) == grams
        assert len(grams_of(left)) == len(grams)
        assert all(piece.amount_g > 0 for piece in left)
        held = left
