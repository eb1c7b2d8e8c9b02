"""What of a book a format can say: all of it, or else the book is refused or the rest left out.

What is left out stands in no file, be it issued, active or used up, and is named. So of a right
book each batch's tonnes in the files and those left out are what was issued of it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

from registry.books.lines import Line, LineKind
from registry.exports.stated import GONE, LeftOut, Piece, Stated
from registry.operators.numbering import describe_or_measure
from registry.records.identity import is_ex_ante
from registry.records.interval import Interval
from registry.serials.intervals import intersect, merge, subtract, total_g
from registry.units import AMOUNT_MAX_G, GRAMS_PER_TONNE

LAST_BOUND_G = AMOUNT_MAX_G // GRAMS_PER_TONNE * GRAMS_PER_TONNE
"""Where the last serial ends that is a whole tonne."""

OTHERWISE = "; or leave out what it cannot say"
"""Ends a refusal that is none where things may be left out."""

OTHER = "another registry"
AMOUNTLESS = "expected an amount for each of a line's blocks"


def covering(line: Line) -> Iterator[Interval]:
    """Yield a line's intervals, each widened to whole serials."""
    for start_g, end_g in line.intervals:
        start_g -= start_g % GRAMS_PER_TONNE
        end_g = min(end_g + -end_g % GRAMS_PER_TONNE, LAST_BOUND_G)
        if start_g < end_g:
            yield Interval(start_g, end_g)


def own_credits(stated: Stated, what: str) -> Stated:
    """Keep what the registry issued and verified, for a format that has nothing else.

    Args:
        what: The format tells of, for the message.

    Raises:
        ExportError: something was imported, or was issued and is not verified yet, and nothing is
            to be left out.
    """
    why: dict[int, str] = {}
    for line in stated.lines:
        if line.kind is LineKind.IMPORT:
            expected = "credits of its own"
            found = f"imported from {line.home or line.peer or OTHER}"
        elif line.kind is LineKind.ISSUANCE and is_ex_ante(line.batch):
            expected, found = "verified credits", "expected credits"
        else:
            continue
        if not stated.leaves_out:
            raise stated.refused(line, f"expected {expected}, as {what}{OTHERWISE}")
        why.setdefault(line.batch, f"{found}; {what}")
    came: dict[int, list[Line]] = {batch: [] for batch in why}
    for line in stated.lines:
        if line.batch in why and line.kind in (LineKind.ISSUANCE, LineKind.IMPORT):
            came[line.batch].append(line)
    left_out = [_batch(came[batch], found) for batch, found in why.items()]
    return stated._replace(
        lines=tuple(line for line in stated.lines if line.batch not in why),
        issuances={batch: line for batch, line in stated.issuances.items() if batch not in why},
        issued=tuple(piece for piece in stated.issued if piece.line.batch not in why),
        gone=tuple(piece for piece in stated.gone if piece.line.batch not in why),
        abroad=tuple(piece for piece in stated.abroad if piece.line.batch not in why),
        left_out=(*stated.left_out, *left_out),
    )


def _batch(came: Sequence[Line], why: str) -> LeftOut:
    """Name all that came to be here of a batch."""
    batch, scope = came[0].batch, came[0].scope
    intervals = merge(interval for line in came for interval in line.intervals)
    serials = describe_or_measure(scope, intervals)
    return LeftOut(batch, serials, total_g(intervals), why)


def credits_at_home(stated: Stated, what: str) -> Stated:
    """Keep what is not at other registries, for a format without a word for that.

    Args:
        what: The format tells of, for the message.

    Raises:
        ExportError: something is abroad, and nothing is to be left out.
    """
    if stated.abroad and not stated.leaves_out:
        piece = stated.abroad[0]
        expected = f"expected no credits at other registries, as {what}{OTHERWISE}"
        raise stated.refused(piece.line, expected, piece.interval)
    left_out = []
    holes: dict[str, list[Interval]] = {}
    for piece in stated.abroad:
        line, interval = piece.line, piece.interval
        serials = describe_or_measure(line.scope, [interval])
        why = f"exported to {line.peer or OTHER}; {what}"
        left_out.append(LeftOut(line.batch, serials, interval.amount_g, why))
        holes.setdefault(line.scope, []).append(interval)
    # What a wrong book has as exported and used up is said as used up.
    return stated._replace(
        issued=tuple(_outside(stated, stated.issued, _Holes(holes))),
        abroad=(),
        left_out=(*stated.left_out, *left_out),
    )


def whole_tonnes(stated: Stated, what: str) -> Stated:
    """Keep serials of which one thing is said, for a format that has whole tonnes only.

    Args:
        what: The format can carry, for the message.

    Raises:
        ExportError: an issuance, retirement or cancellation is without serials, or its amount is
            not its serials' and no whole tonnes; a fraction of a tonne was issued, retired,
            cancelled or exported, and nothing is to be left out.
    """
    for line in stated.lines:
        if line.kind in (LineKind.ISSUANCE, *GONE) and not line.intervals:
            raise stated.refused(line, f"expected the serials of every {line.kind}, as {what}")
    if stated.leaves_out:
        stated = _undivided(stated, what)
    for piece in (*stated.issued, *stated.gone, *stated.abroad):
        if any(number % GRAMS_PER_TONNE for number in (*piece.interval, piece.amount_g)):
            expected = f"expected whole tonnes, as {what}{OTHERWISE}"
            raise stated.refused(piece.line, expected, piece.interval)
        if piece.amount_g <= 0:
            raise stated.refused(piece.line, AMOUNTLESS, piece.interval)
    return stated


def _undivided(stated: Stated, what: str) -> Stated:
    """Leave out every serial of which two parts have fates of their own, or one has none."""
    pieces = (*stated.issued, *stated.gone, *stated.abroad)
    cells: dict[str, list[Interval]] = {}
    for piece in pieces:
        for bound_g in piece.interval:
            if bound_g % GRAMS_PER_TONNE:
                at_g = bound_g // GRAMS_PER_TONNE * GRAMS_PER_TONNE
                cell = Interval(at_g, min(at_g + GRAMS_PER_TONNE, AMOUNT_MAX_G))
                cells.setdefault(piece.line.scope, []).append(cell)
    holes = _Holes(cells)
    parts: dict[tuple[int, str], list[Interval]] = {}
    for piece in pieces:
        found = intersect([piece.interval], holes.meeting(piece))
        if found:
            parts.setdefault((piece.line.batch, piece.line.scope), []).extend(found)
    left_out = [
        LeftOut(
            batch,
            describe_or_measure(scope, merge(found)),
            total_g(merge(found)),
            f"divided, not in whole tonnes as {what}",
        )
        for (batch, scope), found in parts.items()
    ]
    return stated._replace(
        issued=tuple(_outside(stated, stated.issued, holes)),
        gone=tuple(_outside(stated, stated.gone, holes)),
        abroad=tuple(_outside(stated, stated.abroad, holes)),
        left_out=(*stated.left_out, *left_out),
    )


class _Holes:
    """Serials that are left out, by scope."""

    def __init__(self, intervals: Mapping[str, Iterable[Interval]]) -> None:
        self._merged = {scope: merge(found) for scope, found in intervals.items()}

    def meeting(self, piece: Piece) -> tuple[Interval, ...]:
        """Return those that share grams with a piece, without a look at all others."""
        merged, (start_g, end_g) = self._merged.get(piece.line.scope, ()), piece.interval
        first = bisect_right(merged, start_g, key=lambda hole: hole.end_g)
        last = bisect_left(merged, end_g, key=lambda hole: hole.start_g)
        return merged[first:last]


def _outside(stated: Stated, pieces: Iterable[Piece], holes: _Holes) -> Iterator[Piece]:
    """Yield what of each piece is in none of the holes of its scope."""
    for piece in pieces:
        left = subtract([piece.interval], holes.meeting(piece))
        if left == (piece.interval,):
            yield piece
            continue
        if piece.amount_g != piece.interval.amount_g:
            # Nobody can say of which of its serials there are too many or too few.
            raise stated.refused(piece.line, AMOUNTLESS, piece.interval)
        for part in left:
            yield piece._replace(interval=part, amount_g=part.amount_g)
