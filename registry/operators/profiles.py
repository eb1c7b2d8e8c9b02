"""The registries that a world can open, and how each keeps its record."""

from __future__ import annotations

from typing import Literal, NamedTuple

Mode = Literal["native", "mirrored"]
"""Native: the chain is the registry's record, and retirement takes one step (ICR). Mirrored: the
registry's database is its record, and retirement is requested, then finalised (EcoRegistry)."""


class Profile(NamedTuple):
    """How one registry works."""

    name: str
    mode: Mode


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("ICR", "native"),
        Profile("EcoRegistry", "mirrored"),
        Profile("S&P", "mirrored"),
    )
}
"""The three registries of the pilot; sources in the README."""


def profile_of(name: str, mode: Mode | None = None) -> Profile:
    """Return a registry's profile; any other name is a native registry unless told otherwise."""
    known = PROFILES.get(name, Profile(name, "native"))
    return known if mode is None else known._replace(mode=mode)
