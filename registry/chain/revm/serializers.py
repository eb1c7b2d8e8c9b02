"""Blocks, transactions, receipts and logs in the form in which eth-tester takes them.

Dictionaries of raw bytes and integers, named as eth-tester names them; its normalisers turn them
into what users see. What a real chain has and this one does not is constant here:

- the roots of state, transactions, receipts and withdrawals, and the beacon block's, are zeros;
- there are no uncles, no extra data, no difficulty, no blobs and no requests to validators;
- `size` counts the bytes of the transactions, as there is no header to be counted;
- the pending block's hash is zeros, because it has none before it is made.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from registry.chain.engine import Log, creation_address
from registry.chain.revm.blocks import Block
from registry.chain.transactions import DYNAMIC_FEE, LEGACY, Transaction, encode, keccak

Fields = dict[str, Any]
"""What eth-tester calls a serialised block, transaction, receipt or log."""

_NO_HASH: Final = b"\0" * 32
_NO_UNCLES: Final = keccak(b"\xc0")
_NO_REQUESTS: Final = hashlib.sha256(b"").digest()
"""EIP-7685: the hash of an empty list of requests."""


def serialize_block(
    block: Block,
    *,
    full_transactions: bool,
    withdrawals: Sequence[Mapping[str, Any]] = (),
) -> Fields:
    """Return a block's fields.

    Args:
        block: The block; without a hash it is the pending one.
        full_transactions: Whether its transactions are told, or only named by their hashes.
        withdrawals: What came into it from validators.
    """
    return {
        "number": block.number,
        "hash": block.hash or _NO_HASH,
        "parent_hash": block.parent,
        "nonce": b"\0" * 8,
        "sha3_uncles": _NO_UNCLES,
        "logs_bloom": logs_bloom(log for receipt in block.receipts for log in receipt.logs),
        "transactions_root": _NO_HASH,
        "receipts_root": _NO_HASH,
        "state_root": _NO_HASH,
        "coinbase": block.coinbase,
        "difficulty": 0,
        "total_difficulty": 0,
        "mix_hash": block.prevrandao,
        "size": sum(len(encode(transaction)) for transaction in block.transactions),
        "extra_data": b"\0" * 32,
        "gas_limit": block.gas_limit,
        "gas_used": block.gas_used,
        "timestamp": block.at_s,
        "transactions": [
            serialize_transaction(block, index) if full_transactions else transaction.hash
            for index, transaction in enumerate(block.transactions)
        ],
        "uncles": [],
        "base_fee_per_gas": block.base_fee,
        "withdrawals": [dict(withdrawal) for withdrawal in withdrawals],
        "withdrawals_root": _NO_HASH,
        "parent_beacon_block_root": _NO_HASH,
        "blob_gas_used": 0,
        "excess_blob_gas": 0,
        "requests_hash": _NO_REQUESTS,
    }


def serialize_transaction(block: Block, index: int) -> Fields:
    """Return the fields of the `index`-th transaction of a block."""
    transaction = block.transactions[index]
    fields = {
        "type": transaction.kind,
        "hash": transaction.hash,
        "nonce": transaction.nonce,
        **_place(block, index),
        "from": transaction.sender,
        "to": transaction.to or b"",
        "value": transaction.value,
        "gas": transaction.gas,
        "data": transaction.data,
        "gas_price": _price(block, transaction),
    }
    if transaction.kind != LEGACY:
        fields["chain_id"] = transaction.chain_id
        fields["access_list"] = transaction.access_list
    if transaction.kind == DYNAMIC_FEE:
        fields["max_fee_per_gas"] = transaction.max_fee
        fields["max_priority_fee_per_gas"] = transaction.max_priority_fee
    fields |= {"v": transaction.v, "s": transaction.s, "r": transaction.r}
    if transaction.kind != LEGACY:
        fields["y_parity"] = transaction.v
    return fields


def serialize_receipt(block: Block, index: int) -> Fields:
    """Return the fields of the receipt of the `index`-th transaction of a block."""
    transaction, receipt = block.transactions[index], block.receipts[index]
    created = transaction.to is None
    return {
        **_place(block, index),
        "contract_address": (
            creation_address(transaction.sender, transaction.nonce) if created else None
        ),
        "cumulative_gas_used": receipt.gas_total,
        "effective_gas_price": receipt.gas_price,
        "from": transaction.sender,
        "gas_used": receipt.gas_used,
        "logs": [serialize_log(block, index, log) for log in receipt.logs],
        # Since Byzantium the status stands where the root of the state did.
        "state_root": b"\x01" if receipt.status else b"",
        "status": receipt.status,
        "to": transaction.to or b"",
        "transaction_hash": transaction.hash,
        "type": transaction.kind,
    }


def serialize_log(block: Block, index: int, log: Log) -> Fields:
    """Return the fields of a log of the `index`-th transaction of a block."""
    return {
        "type": "mined" if block.hash else "pending",
        "log_index": log.index,
        **_place(block, index),
        "transaction_hash": block.transactions[index].hash,
        "address": log.address,
        "data": log.data,
        "topics": list(log.topics),
    }


def logs_bloom(logs: Iterable[Log]) -> int:
    """Return the filter of 2,048 bits that a block's header keeps of addresses and topics.

    Source: Yellow Paper, M3:2048.
    """
    bloom = 0
    for log in logs:
        bloom |= _bits(log.address)
        for topic in log.topics:
            bloom |= _bits(topic)
    return bloom


@functools.lru_cache(maxsize=65_536)
def _bits(item: bytes) -> int:
    digest = keccak(item)
    bits = 0
    for at in (0, 2, 4):
        bits |= 1 << (int.from_bytes(digest[at : at + 2], "big") & 2047)
    return bits


def _place(block: Block, index: int) -> Fields:
    if not block.hash:
        return dict.fromkeys(("block_hash", "block_number", "transaction_index"))
    return {"block_hash": block.hash, "block_number": block.number, "transaction_index": index}


def _price(block: Block, transaction: Transaction) -> int:
    """Return what a unit of gas costs the sender: at most, as long as the block is pending."""
    if not block.hash:
        return transaction.max_fee
    return min(transaction.max_fee, block.base_fee + transaction.max_priority_fee)
