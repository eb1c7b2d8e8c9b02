"""Simulate tokenised carbon-credit registries and audit them for double counting."""

from registry.errors import (
    ChainError,
    InputError,
    InvariantBroken,
    LedgerError,
    RegistryError,
)
from registry.records.entry import Entry
from registry.records.finding import Finding, Level
from registry.registries import Registry
from registry.world import World

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
