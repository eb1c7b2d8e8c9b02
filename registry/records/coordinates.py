"""Where on a chain an entry stands; kept apart, because it differs between engines."""

from __future__ import annotations

from registry.records.base import Record


class Coordinates(Record):
    """The chain's place of one entry.

    Attributes:
        seq: The entry.
        block: Number of the ledger's block, which counts those of all its chains.
        address, tx_hash: 0x-prefixed hex.
        log_index: Position in the block.
        gas_used: Gas of the whole transaction, which may have made several entries.
    """

    seq: int
    chain_id: int
    address: str
    block: int
    tx_hash: str
    log_index: int
    gas_used: int
