"""Blocks: what a ledger accepted at one moment, chained by hashes."""

from __future__ import annotations

from typing import NamedTuple

from registry.records.coordinates import Coordinates
from registry.records.entry import Entry

NO_PARENT = "0x" + "00" * 32
"""What the genesis block names as its parent."""


class Block(NamedTuple):
    """One step of a ledger; of two ledgers with the same hash at a height, all before is the same.

    Attributes:
        number: Height; the genesis block is 0 and makes no entries.
        hash, parent: This block's hash and the one's before, 0x and 64 hex digits.
        at_s: World time of its last action, seconds since 1970-01-01 UTC.
        entries: Ascending by seq. A block may have none: setting up, or nothing that changed.
        coordinates: In the order of the entries; empty on a ledger without a chain.
    """

    number: int
    hash: str
    parent: str
    at_s: int
    entries: tuple[Entry, ...]
    coordinates: tuple[Coordinates, ...]
