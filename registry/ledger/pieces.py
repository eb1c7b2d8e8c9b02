"""Which grams of a batch a disposition takes, and how they come back.

Inside a batch credits are fungible until they leave `active`. What leaves is taken from the
released stack's top if that interval holds the whole amount, else from the cursor if what is left
there does, else in several pieces. Without that order, forty released locks of one gram each would
make a large retirement of somebody else fail.

Source: contracts/libraries/SerialLedger.sol, which does exactly the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from registry.errors import TooFragmented
from registry.records.interval import Interval

PIECES_MAX = 16
"""Intervals in one disposition, and merges in one give-back of one interval: bounds the gas."""

HELD_MAX = 255
"""Intervals that one disposition holds, at most, after parts of it came back."""

Stack = tuple[Interval, "Stack"] | None
"""Released intervals as linked pairs, top first: push and pop share what lies below."""


class Shelf(NamedTuple):
    """The active intervals of a batch: released ones, then `[cursor_g, end_g)`."""

    stack: Stack
    cursor_g: int
    end_g: int


def released(stack: Stack) -> tuple[Interval, ...]:
    """List a stack's intervals, top last, as the contract stores them."""
    found = []
    while stack is not None:
        found.append(stack[0])
        stack = stack[1]
    return tuple(reversed(found))


def take(batch: int, shelf: Shelf, amount_g: int) -> tuple[tuple[Interval, ...], Shelf]:
    """Take `amount_g` from a shelf that holds at least that much.

    Returns:
        The intervals in the order in which they were taken, and what is left.

    Raises:
        TooFragmented: more than 16 intervals would be needed.
    """
    stack, cursor_g, end_g = shelf
    if stack is not None and stack[0].amount_g >= amount_g:
        piece, rest = _cut(stack, amount_g)
        return (piece,), Shelf(rest, cursor_g, end_g)
    if end_g - cursor_g >= amount_g:
        piece = Interval(cursor_g, cursor_g + amount_g)
        return (piece,), Shelf(stack, piece.end_g, end_g)
    pieces: list[Interval] = []
    missing_g = amount_g
    while missing_g and len(pieces) < PIECES_MAX and (stack is not None or cursor_g < end_g):
        if stack is not None:
            piece, stack = _cut(stack, missing_g)
        else:
            piece = Interval(cursor_g, min(end_g, cursor_g + missing_g))
            cursor_g = piece.end_g
        pieces.append(piece)
        missing_g -= piece.amount_g
    if missing_g:
        raise TooFragmented(batch, max(amount_g - missing_g, shelf.end_g - shelf.cursor_g))
    return tuple(pieces), Shelf(stack, cursor_g, end_g)


def _cut(stack: tuple[Interval, Stack], amount_g: int) -> tuple[Interval, Stack]:
    top, below = stack
    if top.amount_g <= amount_g:
        return top, below
    piece = Interval(top.start_g, top.start_g + amount_g)
    return piece, (Interval(piece.end_g, top.end_g), below)


def give_back(shelf: Shelf, pieces: Iterable[Interval]) -> Shelf:
    """Put intervals back, in order; roll the cursor back where one touches it, merge neighbours."""
    stack, cursor_g, end_g = shelf
    for piece in pieces:
        if piece.end_g == cursor_g:
            cursor_g = piece.start_g
            merged = 0
            while stack is not None and stack[0].end_g == cursor_g and merged < PIECES_MAX:
                cursor_g = stack[0].start_g
                stack = stack[1]
                merged += 1
        elif stack is not None and stack[0].end_g == piece.start_g:
            stack = (Interval(stack[0].start_g, piece.end_g), stack[1])
        elif stack is not None and stack[0].start_g == piece.end_g:
            stack = (Interval(piece.start_g, stack[0].end_g), stack[1])
        else:
            stack = (piece, stack)
    return Shelf(stack, cursor_g, end_g)


def split_front(
    pieces: tuple[Interval, ...], amount_g: int
) -> tuple[tuple[Interval, ...], tuple[Interval, ...]]:
    """Cut the first `amount_g` grams off a list of intervals: (those, the rest)."""
    front: list[Interval] = []
    for at, piece in enumerate(pieces):
        if amount_g == 0:
            return tuple(front), pieces[at:]
        if piece.amount_g > amount_g:
            middle = piece.start_g + amount_g
            front.append(Interval(piece.start_g, middle))
            return tuple(front), (Interval(middle, piece.end_g), *pieces[at + 1 :])
        front.append(piece)
        amount_g -= piece.amount_g
    return tuple(front), ()


def largest_piece(shelf: Shelf) -> int:
    """Return how many grams can be taken at once in a single piece."""
    top_g = 0 if shelf.stack is None else shelf.stack[0].amount_g
    return max(top_g, shelf.end_g - shelf.cursor_g)


def take_out(pieces: tuple[Interval, ...], wanted: Interval) -> tuple[Interval, ...] | None:
    """Take an interval out of a list of disjoint ones, in the order in which they are stored.

    What is left before it stays in the piece's place, what is left after it goes to the end, or
    takes the place if nothing is left before it; the last piece takes the place of a whole one.

    Returns:
        What is left; None where no single piece holds the interval.
    """
    for at, (start_g, end_g) in enumerate(pieces):
        if start_g <= wanted.start_g and wanted.end_g <= end_g:
            parts = (Interval(start_g, wanted.start_g), Interval(wanted.end_g, end_g))
            return _replaced(pieces, at, [part for part in parts if part.amount_g])
    return None


def _replaced(pieces: tuple[Interval, ...], at: int, parts: list[Interval]) -> tuple[Interval, ...]:
    rest = list(pieces)
    if parts:
        rest[at] = parts[0]
        return (*rest, *parts[1:])
    last = rest.pop()
    if at < len(rest):
        rest[at] = last
    return tuple(rest)
