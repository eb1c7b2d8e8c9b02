"""The ten accounts with money that eth-tester's users know."""

from __future__ import annotations

from typing import Final

from registry.chain.engine import address_of
from registry.chain.revm.blocks import Start


def plain_keys(count: int) -> tuple[bytes, ...]:
    """Return the private keys 1, 2, 3 and so on."""
    return tuple(number.to_bytes(32, "big") for number in range(1, count + 1))


RICH_KEYS: Final = plain_keys(10)
"""Private keys; not secret, and the same on every eth-tester chain."""

RICH_WEI: Final = 1_000_000 * 10**18


def rich_accounts() -> dict[bytes, Start]:
    """Return how these accounts begin, by address."""
    return {address_of(key): Start(balance=RICH_WEI) for key in RICH_KEYS}
