"""The registries that a world can open, and how each keeps its record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Mode = Literal["native", "mirrored"]
"""Native: the chain is the registry's record, and retirement takes one step (ICR). Mirrored: the
registry's database is its record, and retirement is requested, then finalised (EcoRegistry)."""


STATUSES: Mapping[str, str] = {
    "issuance": "Issued",
    "transfer": "Transferred",
    "retirement": "Retired",
    "cancellation": "Cancelled",
    "lock": "Locked",
    "release": "Active",
}
"""Kind of line in a book -> what became of the credits, for a registry without its own words."""


class Profile(NamedTuple):
    """How one registry works.

    Attributes:
        lag_s: How long its book may be without what the ledger has. 0 for all of ours: an operator
            writes at once unless told otherwise, which is an assumption.
        statuses: Kind of line -> the registry's word.
    """

    name: str
    mode: Mode
    lag_s: int = 0
    statuses: Mapping[str, str] = STATUSES


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("ICR", "native"),
        # Its public interface calls retirements withdrawals, and locks and unlocks serials.
        Profile(
            "EcoRegistry",
            "mirrored",
            statuses={**STATUSES, "retirement": "Withdrawn", "release": "Unlocked"},
        ),
        Profile("S&P", "mirrored"),
    )
}
"""The three registries of the pilot; sources in the README."""


def profile_of(name: str, mode: Mode | None = None) -> Profile:
    """Return a registry's profile; any other name is a native registry unless told otherwise."""
    known = PROFILES.get(name, Profile(name, "native"))
    return known if mode is None else known._replace(mode=mode)
