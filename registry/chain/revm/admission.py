"""Which transactions may enter a block, by the rules of the chain alone."""

from __future__ import annotations

from typing import Final

from registry.chain.revm.state import NO_CODE, Account
from registry.chain.transactions import Transaction, least_gas

CREATION_BYTES: Final = 2 * 24_576
"""EIP-3860: most bytes of creation code."""


def why_not(
    transaction: Transaction, *, chain_id: int, account: Account, gas_left: int, base_fee: int
) -> str:
    """Say why a transaction may not be the next one of a block; nothing if it may.

    Args:
        transaction: The transaction.
        chain_id: Of the chain.
        account: Its sender, before it.
        gas_left: What the block has left.
        base_fee: wei per gas, of the block.
    """
    sent = transaction
    if sent.chain_id not in (None, chain_id):
        return f"transaction signed for chain {sent.chain_id}, this is {chain_id}"
    if sent.nonce != account.nonce:
        return f"nonce {sent.nonce}, where the sender's next one is {account.nonce}"
    least = least_gas(sent.data, sent.to is None, sent.access_list)
    if sent.gas < least:
        return f"gas limit {sent.gas} is below the {least} that its bytes alone cost"
    if sent.gas > gas_left:
        return f"gas limit {sent.gas} is above the {gas_left} left in the block"
    if sent.max_priority_fee > sent.max_fee:
        return f"priority fee {sent.max_priority_fee} is above the highest fee, {sent.max_fee}"
    if sent.max_fee < base_fee:
        return f"highest fee {sent.max_fee} is below the base fee, {base_fee}"
    cost = sent.gas * sent.max_fee + sent.value
    if account.balance < cost:
        return f"sender has {account.balance} wei, and it can cost {cost}"
    if sent.to is None and len(sent.data) > CREATION_BYTES:
        return f"creation code has {len(sent.data)} bytes, above {CREATION_BYTES}"
    if account.code_hash != NO_CODE:
        return "the sender is a contract"
    return ""
