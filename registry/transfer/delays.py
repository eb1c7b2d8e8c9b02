"""How long people and machines take between the steps of a transfer, and who says so."""

from __future__ import annotations

from typing import NamedTuple

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

    Attributes:
        relay: Until a relayer has carried a message, or an answer, to the other side.
        deadline: How long a message may take before its source can have it voided.
        lock: Until the source's operator has locked what is to be mirrored.
        mirror: Until the target's operator has issued what stands for it.
        release: Until the source's operator has released what was given up abroad.
        reissue: Until the target has issued anew what is converted.
        cancel: From then until the source has cancelled it.
        finalise: From the request until the source's retirement is final, where it takes two steps.
        retired: From then until the target has issued anew.
        told: Until the target's staff act on a letter.
        filed: Until the source's staff act on theirs, counted from the same day.
    """

    relay: Delay = Delay(60)
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
"""Unless a transfer is told otherwise."""
