"""What eth-tester's users ask for, as a dictionary, made into what the chain takes.

They may leave out nonce, fees, chain id, money, data and the address called. eth-tester checks
what they say; whoever uses the backend itself is checked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from registry.chain.engine import READ_GAS
from registry.chain.revm.blocks import NO_ADDRESS, Block
from registry.chain.revm.chain import Chain
from registry.chain.revm.machine import ADDRESS_BYTES, WORDS, Message
from registry.chain.revm.refusals import InvalidTransaction, Refused, read_raw
from registry.chain.transactions import (
    ACCESS_LIST,
    DYNAMIC_FEE,
    LEGACY,
    AccessList,
    Transaction,
    Unsigned,
    encode,
    intrinsic_gas,
)

GWEI: Final = 10**9

Asked = Mapping[str, Any]
"""A transaction in eth-tester's words, its addresses and data raw bytes."""

_FEES: Final = ("max_fee_per_gas", "max_priority_fee_per_gas")
_NUMBERS: Final = ("nonce", "gas", "gas_price", *_FEES, "value", "chain_id")
_UNSUPPORTED: Final = ("max_fee_per_blob_gas", "blob_versioned_hashes", "authorization_list")


def address_in(told: Any) -> bytes:
    """Return an account's address. Raises Refused where it is none."""
    if not _is_address(told):
        raise Refused(f"no address: {told!r}")
    return bytes(told)


def slot_in(told: Any) -> int:
    """Return the number of a word of storage. Raises Refused where it is none."""
    if not _is_word(told):
        raise Refused(f"no slot: {told!r}")
    return int(told)


def _is_address(told: Any) -> bool:
    return isinstance(told, bytes) and len(told) == ADDRESS_BYTES


def _is_word(told: Any) -> bool:
    return isinstance(told, int) and 0 <= told < WORDS


def _check(asked: Asked) -> None:
    """Check that every field is of its kind. Raises InvalidTransaction."""
    why = ""
    for name in _NUMBERS:
        if name in asked and not _is_word(asked[name]):
            why = f"{name} out of range: {asked[name]!r}"
    for name, is_needed in (("from", True), ("to", False)):
        told = asked.get(name, b"")
        if not (_is_address(told) or (told == b"" and not (is_needed and name in asked))):
            why = f"{name}: no address: {told!r}"
    if not isinstance(asked.get("data", b""), bytes):
        why = f"data: no bytes: {asked['data']!r}"
    if why:
        raise InvalidTransaction(why)


def unsigned_of(asked: Asked, chain: Chain, nonce: int) -> Unsigned:
    """Return the transaction that is asked for.

    Args:
        asked: What it says.
        chain: Where it is to go.
        nonce: What stands for a nonce that is not named.

    Raises:
        InvalidTransaction: it has blobs or authorisations, or a field that cannot be.
    """
    _check(asked)
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


def message_of(asked: Asked, chain: Chain, block: Block, *, is_estimate: bool = False) -> Message:
    """Return the call that is asked for; for no money where it says nothing of it.

    Args:
        asked: What it says. Where it names no gas limit, it gets what a block takes.
        chain: Where it is asked.
        block: After which block, perhaps the pending one.
        is_estimate: Whether the gas limit does not count: it gets what a block takes, or what its
            sender can pay for at the price that it names.

    Raises:
        InvalidTransaction: a field cannot be, its sender lacks the money, or its gas does not pay
            for its bytes.
    """
    most = _most_gas(block)
    if is_estimate:
        asked = {**asked, "gas": most}
    _check(asked)
    message = Message(
        sender=asked.get("from", NO_ADDRESS),
        to=asked.get("to") or None,
        data=asked.get("data", b""),
        gas=asked.get("gas", most),
        value=asked.get("value", 0),
        gas_price=asked.get("gas_price", 0),
        access_list=_access_list(asked),
    )
    balance = chain.state.account(message.sender, block.step).balance
    left, price = balance - message.value, message.gas_price
    if is_estimate and price and left >= 0:
        message = message._replace(gas=min(most, left // price))
    needed = intrinsic_gas(message.data, message.to is None, message.access_list)
    if message.gas > block.gas_limit:
        why = f"gas limit {message.gas} is above the block's, {block.gas_limit}"
    elif left < 0:
        why = f"sender has {balance} wei, and {message.value} are to go along"
    elif message.gas < needed:
        if is_estimate and is_poor(message, block):
            raise too_poor(message)
        why = f"gas limit {message.gas} is below the {needed} that its bytes alone cost"
    elif message.gas * price > left:
        why = f"sender has {balance} wei, and it can cost {message.gas * price + message.value}"
    else:
        return message
    raise InvalidTransaction(why)


def is_poor(message: Message, block: Block) -> bool:
    """Tell whether an estimate has less gas than there can be, as its sender cannot pay for it."""
    return message.gas < _most_gas(block)


def too_poor(message: Message) -> InvalidTransaction:
    """Say that a sender cannot pay for as much gas as is needed."""
    return InvalidTransaction(
        f"what the sender has pays for {message.gas} gas, which is too little"
    )


def _most_gas(block: Block) -> int:
    return min(READ_GAS, block.gas_limit)


def _access_list(asked: Asked) -> AccessList:
    told = asked.get("access_list", ())
    try:
        listed = tuple((address, tuple(slots)) for address, slots in told)
    except (TypeError, ValueError) as error:
        raise InvalidTransaction(f"no access list: {told!r}") from error
    if not all(_is_address(address) and all(map(_is_word, slots)) for address, slots in listed):
        raise InvalidTransaction(f"no access list: {told!r}")
    return listed


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
