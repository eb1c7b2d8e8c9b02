"""For how long credits were alive on both sides of a transfer, or on neither."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from registry.records.entry import Entry, Kind
from registry.units import DAY_S, GRAMS_PER_TONNE

_OUT = {
    Kind.EXPORTED,
    Kind.LOCKED,
    Kind.CANCELLED,
    Kind.RETIRED,
    Kind.RETIREMENT_REQUESTED,
}
_IN = {
    Kind.IMPORTED,
    Kind.RETURNED,
    Kind.ISSUED,
    Kind.RELEASED,
    # These arrive where they left.
    Kind.EXPORT_COMPENSATED,
    Kind.RETIREMENT_REVERTED,
}


class Flow(NamedTuple):
    """Grams that left one side and arrived at the other.

    Attributes:
        out_s, in_s: When; None as long as they did not. World clock, seconds.
        is_used: Whether they left by a retirement that is final: somebody claims them already.
    """

    amount_g: int
    out_s: int | None
    in_s: int | None
    is_used: bool

    def both_s(self, now_s: int) -> int:
        """Return for how many seconds, up to now, they were alive on both sides."""
        if self.in_s is None:
            return 0
        return max(0, (now_s if self.out_s is None else self.out_s) - self.in_s)

    def neither_s(self, now_s: int) -> int:
        """Return for how many seconds, up to now, they were alive on neither side."""
        if self.out_s is None:
            return 0
        return max(0, (now_s if self.in_s is None else self.in_s) - self.out_s)


class Exposure(NamedTuple):
    """What a transfer exposes its credits to; worst case over its grams, world clock.

    It counts what the protocol did, not what holders did besides: what was issued anew counts as
    alive on both sides until the protocol has the source cancel it, also where the holder has
    retired it there meanwhile.

    Attributes:
        both_s: Seconds in which a gram was alive on both sides.
        both_gram_s: The same, times grams, summed over all grams.
        neither_s: Seconds in which a gram was alive on neither side.
        is_open: Whether some are alive on both sides still.
        used_and_alive_g: Grams that count as retired at one side and are alive at the other; no
            later step of the protocol mends that.
    """

    both_s: int
    both_gram_s: int
    neither_s: int
    is_open: bool
    used_and_alive_g: int

    @property
    def both_tonne_days(self) -> Decimal:
        """Tonnes times days alive on both sides, rounded down to a millionth."""
        millionths = self.both_gram_s // DAY_S
        return Decimal(millionths) / GRAMS_PER_TONNE


def flows_of(entries: Iterable[Entry]) -> list[Flow]:
    """Pair what left with what arrived, in order: each side of a protocol keeps its own order.

    Args:
        entries: Of one transfer, ascending by seq.
    """
    told = list(entries)
    final = {(one.registry, one.id) for one in told if one.kind is Kind.RETIREMENT_FINALISED}
    left: deque[tuple[int, int, bool]] = deque()
    came: deque[tuple[int, int]] = deque()
    for entry in told:
        amount_g = entry.amount_g or 0
        if entry.kind in _OUT:
            is_asked = entry.kind is Kind.RETIREMENT_REQUESTED
            is_final = is_asked and (entry.registry, entry.id) in final
            left.append((amount_g, entry.at_s, is_final or entry.kind is Kind.RETIRED))
        elif entry.kind in _IN:
            came.append((amount_g, entry.at_s))
    flows: list[Flow] = []
    while left and came:
        (out_g, out_s, is_used), (in_g, in_s) = left.popleft(), came.popleft()
        amount_g = min(out_g, in_g)
        flows.append(Flow(amount_g, out_s, in_s, is_used))
        if out_g > amount_g:
            left.appendleft((out_g - amount_g, out_s, is_used))
        if in_g > amount_g:
            came.appendleft((in_g - amount_g, in_s))
    flows += [Flow(amount_g, out_s, None, is_used) for amount_g, out_s, is_used in left]
    flows += [Flow(amount_g, None, in_s, False) for amount_g, in_s in came]
    return flows


def exposure_of(entries: Iterable[Entry], now_s: int) -> Exposure:
    """Measure a transfer by its own entries, up to now (world clock, seconds)."""
    flows = flows_of(entries)
    return Exposure(
        both_s=max((flow.both_s(now_s) for flow in flows), default=0),
        both_gram_s=sum(flow.amount_g * flow.both_s(now_s) for flow in flows),
        neither_s=max((flow.neither_s(now_s) for flow in flows), default=0),
        is_open=any(flow.in_s is not None and flow.out_s is None for flow in flows),
        used_and_alive_g=sum(
            flow.amount_g for flow in flows if flow.is_used and flow.in_s is not None
        ),
    )
