"""Simulate tokenised carbon-credit registries and audit them for double counting.

The names below are looked up when they are first used, so that a command which needs none of them
(`--help`) need not wait for the libraries behind them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.desk.registries import Registry
    from registry.errors import (
        ChainError,
        InputError,
        InvariantBroken,
        LedgerError,
        RegistryError,
    )
    from registry.records.entry import Entry
    from registry.records.finding import Finding, Level
    from registry.world import World

_HOMES = {
    "ChainError": "registry.errors",
    "Entry": "registry.records.entry",
    "Finding": "registry.records.finding",
    "InputError": "registry.errors",
    "InvariantBroken": "registry.errors",
    "LedgerError": "registry.errors",
    "Level": "registry.records.finding",
    "Registry": "registry.desk.registries",
    "RegistryError": "registry.errors",
    "World": "registry.world",
}

__all__ = [
    "ChainError",
    "Entry",
    "Finding",
    "InputError",
    "InvariantBroken",
    "LedgerError",
    "Level",
    "Registry",
    "RegistryError",
    "World",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
