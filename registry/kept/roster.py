"""Who is known in a world: its registries and its accounts, as their openings said."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from registry.errors import shown
from registry.kept.opening import WorldError
from registry.operators.profiles import (
    LAG_MAX_S,
    PROFILES,
    Mode,
    Profile,
    load_profile,
    profile_of,
)
from registry.records.entry import Entry, Kind
from registry.records.identity import PLATFORM, check_name
from registry.records.result import Account


class Mark(NamedTuple):
    """How many there were. Neither registries nor accounts ever go, so that says it."""

    profiles: int
    accounts: int


class Roster:
    """Registries and accounts, in the order in which they were opened.

    Attributes:
        profiles: Registry's name -> how it works.
        accounts: By name.
    """

    def __init__(self) -> None:
        self.profiles: dict[str, Profile] = {}
        self.accounts: dict[str, Account] = {}

    def profile_for(
        self,
        asked: str | Path | Profile,
        mode: Mode | None,
        lag_s: int | None,
        chain: int | None,
    ) -> Profile:
        """Return how a registry works that is open, or is to be opened in this way.

        Args:
            asked: Its name, or its profile, or the file that has it.

        Raises:
            WorldError: it is open in another way, or no registry can be as asked.
            IdentifierError: a name that no registry can have.
            ProfileError: a file that has no profile.
        """
        given = load_profile(asked) if isinstance(asked, Path) else asked
        profile = given if isinstance(given, Profile) else None
        name = given.name if isinstance(given, Profile) else check_name("registry", given)
        if name == PLATFORM:
            raise WorldError(f"registry {name!r}: the name is taken by what registries share")
        if mode not in (None, "native", "mirrored"):
            raise WorldError(f"mode {shown(mode)}: expected native or mirrored")
        if lag_s is not None and (type(lag_s) is not int or not 0 <= lag_s <= LAG_MAX_S):
            raise WorldError(f"lag_s {shown(lag_s)}: expected an int from 0 to {LAG_MAX_S}")
        known = self.profiles.get(name)
        if known is None:
            self._check_unlike(name)
            fields = {"mode": mode, "lag_s": lag_s, "chain": chain}
            told = {field: value for field, value in fields.items() if value is not None}
            return (profile or profile_of(name)).model_copy(update=told)
        if profile is not None and not known.is_alike(profile):
            raise WorldError(f"registry {name!r} is open with another profile")
        if mode not in (None, known.mode):
            raise WorldError(f"registry {name!r} is open as {known.mode}")
        if lag_s not in (None, known.lag_s):
            raise WorldError(f"registry {name!r} is open with a lag of {known.lag_s} s")
        if chain not in (None, known.chain):
            raise WorldError(f"registry {name!r} is open on chain {known.chain}")
        return known

    def _check_unlike(self, name: str) -> None:
        """Refuse a name that differs from a known one in its case only: a slip, not a registry."""
        for other in (*PROFILES, *self.profiles):
            if other != name and other.casefold() == name.casefold():
                raise WorldError(f"registry {name!r}: did you mean {other!r}?")

    def learn(self, entry: Entry) -> None:
        """Note an account that was opened."""
        if entry.kind is Kind.ACCOUNT_OPENED and entry.account:
            account = Account(name=entry.account, jurisdiction=entry.text or "")
            self.accounts[entry.account] = account

    def clear(self) -> None:
        """Forget everybody."""
        self.profiles.clear()
        self.accounts.clear()

    def mark(self) -> Mark:
        """Remember who is known, to return to."""
        return Mark(len(self.profiles), len(self.accounts))

    def back_to(self, mark: Mark) -> None:
        """Forget who came since."""
        while len(self.profiles) > mark.profiles:
            self.profiles.popitem()
        while len(self.accounts) > mark.accounts:
            self.accounts.popitem()
