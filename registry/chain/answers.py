"""What a node's answers say, in our own types: headers, blocks, receipts, logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from registry.chain.engine import EngineBlock, Log, Receipt


class Head(NamedTuple):
    """A block as its header says, as far as an engine asks.

    Attributes:
        at_s: Timestamp, seconds since 1970.
        base_fee: Wei that a unit of gas costs at least.
    """

    number: int
    hash: bytes
    parent: bytes
    at_s: int
    gas_limit: int
    base_fee: int


def int_of(text: str) -> int:
    """Read a number."""
    return int(text, 16)


def bytes_of(text: str) -> bytes:
    """Read bytes.

    Raises:
        ValueError: not bytes as nodes write them.
    """
    if not text.startswith("0x"):
        raise ValueError(f"not bytes: {text[:80]}")
    return bytes.fromhex(text[2:])


def hex_of(raw: bytes) -> str:
    """Write bytes."""
    return "0x" + raw.hex()


def head_of(block: Mapping[str, Any]) -> Head:
    """Read a header."""
    return Head(
        int_of(block["number"]),
        bytes_of(block["hash"]),
        bytes_of(block["parentHash"]),
        int_of(block["timestamp"]),
        int_of(block["gasLimit"]),
        int_of(block["baseFeePerGas"]),
    )


def maybe_head(block: Mapping[str, Any] | None) -> Head | None:
    """Read a header; None where the node has no such block."""
    return None if block is None else head_of(block)


def block_of(block: Mapping[str, Any], receipts: Sequence[Mapping[str, Any]]) -> EngineBlock:
    """Read a block with its receipts."""
    head = head_of(block)
    return EngineBlock(
        number=head.number,
        hash=head.hash,
        parent=head.parent,
        at_s=head.at_s,
        receipts=tuple(_receipt(receipt, head) for receipt in receipts),
    )


def _receipt(receipt: Mapping[str, Any], head: Head) -> Receipt:
    # Anvil names an address even where the creation failed.
    created = receipt["contractAddress"] if int_of(receipt["status"]) else None
    return Receipt(
        tx_hash=bytes_of(receipt["transactionHash"]),
        tx_index=int_of(receipt["transactionIndex"]),
        block_number=head.number,
        block_hash=head.hash,
        at_s=head.at_s,
        gas_used=int_of(receipt["gasUsed"]),
        contract_address=None if created is None else bytes_of(created),
        logs=tuple(
            Log(
                address=bytes_of(log["address"]),
                topics=tuple(bytes_of(topic) for topic in log["topics"]),
                data=bytes_of(log["data"]),
                index=int_of(log["logIndex"]),
            )
            for log in receipt["logs"]
        ),
    )
