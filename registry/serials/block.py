"""Blocks of whole-tonne serials, and gram intervals as people read them.

Serial n of a scope that counts from `base` covers grams [(n - base) * 10^6, (n - base + 1) * 10^6).

An interval prints as its whole serials with what it holds of the serials at its two ends:

    1-1000                                   whole serials only; one alone prints as 7
    1-250 + 0.5 t of 251                     goes on into 251, so the front of it
    0.5 t of 250 + 251-500                   comes out of 250, so the back of it
    0.5 t of 250 + 0.25 t of 251             back of 250, front of 251
    0.5 t of 7                               inside one serial, from its front
    0.3 t of 7 from 0.2 t                    inside one serial, from 0.2 t on

An interval has no gaps, so each text means one interval only.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from registry.errors import AmountError, IdentifierError
from registry.records.interval import Interval
from registry.units import AMOUNT_MAX_G, GRAMS_PER_TONNE, grams, tonnes_text

_RANGE = re.compile(r"(\d{1,13})(?:-(\d{1,13}))?", re.ASCII)
_PART = re.compile(r"(0\.\d{1,6}) t of (\d{1,13})(?: from (0\.\d{1,6}) t)?", re.ASCII)
_TEXT_MAX_LETTERS = 100


class Block(NamedTuple):
    """Whole-tonne serials `first` to `last`, both included, of a scope.

    Invariants:
        base <= first <= last, and the last gram is at most 2^63 - 1, for the base of the scope.
    """

    scope: str
    first: int
    last: int

    @classmethod
    def of(cls, scope: str, interval: Interval, base: int) -> Block:
        """Write an interval of whole tonnes as a block.

        Raises:
            IdentifierError: an interval out of bounds or with a fraction of a serial.
        """
        _check_interval(interval)
        if interval.start_g % GRAMS_PER_TONNE or interval.end_g % GRAMS_PER_TONNE:
            raise IdentifierError(tuple(interval), "serial block", "expected whole tonnes")
        first = interval.start_g // GRAMS_PER_TONNE + _checked_base(base)
        return cls(scope, first, interval.end_g // GRAMS_PER_TONNE + base - 1)

    def interval(self, base: int) -> Interval:
        """Return the grams of this block (see `block_interval`)."""
        return block_interval(self.first, self.last, base)

    @property
    def amount_t(self) -> int:
        """Serials inside, t CO2e."""
        return self.last - self.first + 1


def block_interval(first: int, last: int, base: int) -> Interval:
    """Convert whole-tonne serials, both ends included, to the grams they cover.

    Args:
        first: First serial, from `base` on.
        last: Last serial, from `first` on.
        base: Number of the scope's first serial, 0 or 1.

    Raises:
        IdentifierError: bounds out of order, below the base, above 2^63 - 1 g, or not int.
    """
    _checked_base(base)
    for bound in (first, last):
        if isinstance(bound, bool) or not isinstance(bound, int):
            kind = type(bound).__name__
            raise IdentifierError(bound, "serial block", f"expected serials as int, not {kind}")
    shown = f"{first}-{last}" if max(abs(first), abs(last)) < 2**64 else "(huge)"
    if first < base:
        raise IdentifierError(shown, "serial block", f"expected serials from {base} on")
    if last < first:
        raise IdentifierError(shown, "serial block", "expected the last serial not below the first")
    if (last - base + 1) * GRAMS_PER_TONNE > AMOUNT_MAX_G:
        most = AMOUNT_MAX_G // GRAMS_PER_TONNE + base - 1
        raise IdentifierError(shown, "serial block", f"expected serials up to {most}")
    return Interval((first - base) * GRAMS_PER_TONNE, (last - base + 1) * GRAMS_PER_TONNE)


def print_interval(interval: Interval, base: int) -> str:
    """Write an interval in serials, such as "1-250 + 0.5 t of 251" (forms: see the module).

    Invariants:
        parse_interval(print_interval(x, base), base) == x.

    Raises:
        IdentifierError: an interval outside 0 <= start < end <= 2^63 - 1 g, or another base.
    """
    _check_interval(interval)
    _checked_base(base)
    first, skipped_g = divmod(interval.start_g, GRAMS_PER_TONNE)
    last, kept_g = divmod(interval.end_g, GRAMS_PER_TONNE)
    if first == last or (skipped_g and last == first + 1 and not kept_g):
        # Inside one serial; without "from" it would read as the front.
        text = f"{tonnes_text(interval.amount_g)} t of {first + base}"
        return f"{text} from {tonnes_text(skipped_g)} t" if skipped_g else text
    parts: list[str] = []
    if skipped_g:
        parts.append(f"{tonnes_text(GRAMS_PER_TONNE - skipped_g)} t of {first + base}")
        first += 1
    if first < last:
        low, high = first + base, last + base - 1
        parts.append(str(low) if low == high else f"{low}-{high}")
    if kept_g:
        parts.append(f"{tonnes_text(kept_g)} t of {last + base}")
    return " + ".join(parts)


def parse_interval(text: str, base: int) -> Interval:
    """Read what `print_interval` writes, and nothing else.

    Raises:
        IdentifierError: other text, a part that does not adjoin the one before it, or bounds
            outside those of `block_interval`.
    """
    _checked_base(base)
    if not isinstance(text, str) or len(text) > _TEXT_MAX_LETTERS:
        raise IdentifierError(text, "serial range", "expected text such as 1-250 + 0.5 t of 251")
    pieces = text.split(" + ")
    intervals = [
        _piece(text, piece, base, is_back=index == 0 and len(pieces) > 1)
        for index, piece in enumerate(pieces)
    ]
    interval = Interval(intervals[0].start_g, intervals[-1].end_g)
    # Only one text prints for an interval: padding, gaps and other orders all differ from it.
    if not interval.is_valid() or print_interval(interval, base) != text:
        expected = "expected neighbouring serials in order, as in 1-250 + 0.5 t of 251"
        raise IdentifierError(text, "serial range", expected)
    return interval


def _piece(text: str, piece: str, base: int, *, is_back: bool) -> Interval:
    whole = _RANGE.fullmatch(piece)
    if whole:
        first, last = int(whole[1]), int(whole[2] or whole[1])
        return block_interval(first, last, base)
    part = _PART.fullmatch(piece)
    if not part:
        raise IdentifierError(text, "serial range", "expected text such as 1-250 + 0.5 t of 251")
    try:
        amount_g, skipped_g = grams(part[1]), grams(part[3] or "0")
    except AmountError as error:  # pragma: no cover - the pattern admits nothing that fails
        raise IdentifierError(text, "serial range", error.expected) from error
    front_g = (int(part[2]) - base) * GRAMS_PER_TONNE
    if is_back and not part[3]:
        skipped_g = GRAMS_PER_TONNE - amount_g
    return Interval(front_g + skipped_g, front_g + skipped_g + amount_g)


def _check_interval(interval: Interval) -> None:
    if not interval.is_valid():
        expected = "expected 0 <= start < end <= 2^63 - 1 g"
        raise IdentifierError(tuple(interval), "interval", expected)


def _checked_base(base: int) -> int:
    if base not in (0, 1):
        raise IdentifierError(base, "first serial of a scope", "expected 0 or 1")
    return base
