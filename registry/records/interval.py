"""Half-open intervals of grams inside a serial scope."""

from __future__ import annotations

from typing import NamedTuple

from registry.units import AMOUNT_MAX_G


class Interval(NamedTuple):
    """Grams `[start_g, end_g)` of a scope; serial n covers `[(n-1)*10^6, n*10^6)`.

    Invariants:
        0 <= start_g < end_g <= 2^63 - 1 for every interval of a ledger.
    """

    start_g: int
    end_g: int

    @property
    def amount_g(self) -> int:
        """Grams inside, g CO2e."""
        return self.end_g - self.start_g

    @property
    def packed(self) -> int:
        """The contracts' form: one uint128, start above end."""
        return self.start_g << 64 | self.end_g

    @classmethod
    def unpack(cls, packed: int) -> Interval:
        """Read the contracts' form back."""
        return cls(packed >> 64, packed & (2**64 - 1))

    def is_valid(self) -> bool:
        """Say whether the bounds are in order and inside the bound."""
        return 0 <= self.start_g < self.end_g <= AMOUNT_MAX_G

    def meets(self, other: Interval) -> bool:
        """Say whether the two share at least one gram."""
        return self.start_g < other.end_g and other.start_g < self.end_g

    def shared(self, other: Interval) -> Interval | None:
        """Return the grams that both have; None where there are none."""
        start_g, end_g = max(self.start_g, other.start_g), min(self.end_g, other.end_g)
        return Interval(start_g, end_g) if start_g < end_g else None
