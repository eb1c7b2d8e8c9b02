"""What eth-tester's users ask for, as a dictionary, made into what the chain takes.

They may leave out nonce, fees, chain id, money, data and the address called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from registry.chain.revm.blocks import NO_ADDRESS
from registry.chain.revm.chain import Chain
from registry.chain.revm.machine import Message
from registry.chain.revm.refusals import InvalidTransaction, read_raw
from registry.chain.revm.transactions import (
    ACCESS_LIST,
    DYNAMIC_FEE,
    LEGACY,
    AccessList,
    Transaction,
    Unsigned,
    encode,
)

GWEI: Final = 10**9

Asked = Mapping[str, Any]
"""A transaction in eth-tester's words, its addresses and data raw bytes."""

_FEES: Final = ("max_fee_per_gas", "max_priority_fee_per_gas")
_UNSUPPORTED: Final = ("max_fee_per_blob_gas", "blob_versioned_hashes", "authorization_list")


def unsigned_of(asked: Asked, chain: Chain, nonce: int) -> Unsigned:
    """Return the transaction that is asked for.

    Args:
        asked: What it says.
        chain: Where it is to go.
        nonce: What stands for a nonce that is not named.

    Raises:
        InvalidTransaction: it has blobs or authorisations.
    """
    for name in _UNSUPPORTED:
        if name in asked:
            raise InvalidTransaction(f"{name}: such transactions are not supported")
    if "gas_price" in asked:
        kind = ACCESS_LIST if "access_list" in asked else LEGACY
        fee = tip = asked["gas_price"]
    else:
        kind = DYNAMIC_FEE
        fee, tip = _fees(asked, chain)
    # eth-tester hands legacy transactions on with a v of one byte, which names no chain.
    chain_id = None if kind == LEGACY else chain.chain_id
    return Unsigned(
        kind=kind,
        chain_id=asked.get("chain_id", chain_id),
        nonce=asked.get("nonce", nonce),
        gas=asked["gas"],
        to=asked.get("to") or None,
        value=asked.get("value", 0),
        data=asked.get("data", b""),
        max_fee=fee,
        max_priority_fee=tip,
        access_list=_access_list(asked),
    )


def signed_of(asked: Asked, chain: Chain) -> Transaction:
    """Return the signed transaction that is described; its sender is who signed it.

    Raises:
        InvalidTransaction: nobody can have signed it.
    """
    unsigned = unsigned_of(asked, chain, 0)
    if unsigned.kind == LEGACY:
        unsigned = unsigned._replace(chain_id=None)  # It is v that says what was signed.
    signature = (asked["v"], asked["r"], asked["s"])
    return read_raw(encode(Transaction(*unsigned, *signature, b"", b"")))


def message_of(asked: Asked, gas: int) -> Message:
    """Return the call that is asked for, with `gas` where it names no limit, for no money."""
    return Message(
        sender=asked.get("from", NO_ADDRESS),
        to=asked.get("to") or None,
        data=asked.get("data", b""),
        gas=asked.get("gas", gas),
        value=asked.get("value", 0),
        gas_price=asked.get("gas_price", 0),
        access_list=_access_list(asked),
    )


def _access_list(asked: Asked) -> AccessList:
    return tuple((address, tuple(slots)) for address, slots in asked.get("access_list", ()))


def _fees(asked: Asked, chain: Chain) -> tuple[int, int]:
    """Return what is offered: 1 gwei, or a base fee above it; nothing where gas is free."""
    base_fee = chain.pending.base_fee
    usual = 0 if chain.genesis.is_free else GWEI
    if not any(name in asked for name in _FEES):
        return max(usual, base_fee), usual
    fee, tip = (asked.get(name) for name in _FEES)
    if tip is None:
        assert fee is not None
        return fee, min(fee, usual)
    return (tip + 2 * base_fee if fee is None else fee), tip
