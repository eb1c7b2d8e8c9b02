"""How long people and machines take between the steps of a transfer, and who says so."""

from __future__ import annotations

from typing import NamedTuple

from registry.ledger.bridge import DEADLINE_MAX_S as DEADLINE_MAX_S
from registry.units import DAY_S

ASSUMED = "assumption"
"""The basis of a delay for which we know no source."""
DELAY_MAX_S = 36_525 * DAY_S
"""A hundred years."""


class Delay(NamedTuple):
    """A time that passes, in seconds, and where the figure comes from."""

    seconds: int
    basis: str = ASSUMED


class Delays(NamedTuple):
    """What each step of a transfer waits for.

    In brackets which step of a profile (`registry.operators.profiles.Delays`) says it, at which
    registry, for a transfer that is told nothing else. What has no brackets no profile says: it is
    the figure of `USUAL` for every registry.

    Attributes:
        relay: Until a relayer has carried a message to the other side [relay, at the source].
        answer: Until one has carried the answer back [relay, at the target].
        home_relay: In the place of either where credits travel through their home, for what leaves
            from there [relay, at the home].
        deadline: How long a message may take before its source can have it voided [four times the
            slowest relay of the messages; a day at least, 30 days at most]. A retirement that is
            asked for may take as long beyond `finalise`.
        lock: Until the home's operator has locked what is to be mirrored [lock, at the home].
        mirror: Until the target's operator has issued what stands for it [issue, at the target].
        release: Until the home's operator has released what was given up abroad [release, at the
            home].
        reissue: Until the target has reviewed a conversion and issued it anew. A review is more
            than issuing, and no profile states it; it takes no less than that, though [issue, at
            the target, where that is longer than the figure of `USUAL`].
        cancel: From then until the source has cancelled it [cancel, at the source].
        finalise: From the request until the source's retirement is final, where it takes two steps
            [finalise, at the source].
        retired: From then until the target has issued anew, without a review [issue, at the
            target].
        told: By hand: until the target's staff act on a letter.
        filed: By hand: until the source's staff act on theirs, counted from the same day.
    """

    relay: Delay = Delay(60)
    answer: Delay = Delay(60)
    home_relay: Delay = Delay(60)
    deadline: Delay = Delay(DAY_S)
    lock: Delay = Delay(DAY_S)
    mirror: Delay = Delay(DAY_S)
    release: Delay = Delay(DAY_S)
    reissue: Delay = Delay(10 * DAY_S)
    cancel: Delay = Delay(
        8 * DAY_S,
        "median of 13 conversions from ACR and CAR to ARB in published exports: 1 to 21 days",
    )
    finalise: Delay = Delay(DAY_S)
    retired: Delay = Delay(DAY_S)
    told: Delay = Delay(3 * DAY_S)
    filed: Delay = Delay(7 * DAY_S)


USUAL = Delays()
"""Where neither the transfer nor a profile says anything."""


def deadline_for(*relays: Delay) -> Delay:
    """Return how long messages may take that relayers carry in these times."""
    slowest_s = max(relay.seconds for relay in relays)
    wanted_s = max(USUAL.deadline.seconds, 4 * slowest_s)
    return USUAL.deadline._replace(seconds=min(wanted_s, DEADLINE_MAX_S))
