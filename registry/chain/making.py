"""A block that is being made at a node: what it is made of, and how the node is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from registry.chain.answers import Head, bytes_of, hex_of, int_of
from registry.chain.engine import BLOCK_GAS, Call, address_of
from registry.chain.jsonrpc import Ask
from registry.chain.transactions import Transaction, encode, least_gas, sign_call


class BlockInMaking(NamedTuple):
    """A block that is being made.

    Attributes:
        after: The block that it comes after.
        at_s: Its timestamp, seconds since 1970.
        transactions: What it consists of, in order.
        fault: Why the call after these cannot be a transaction, so that none of them stays; empty
            where all calls are.
    """

    after: Head
    at_s: int
    transactions: tuple[Transaction, ...]
    fault: str

    def preparation(self) -> list[Ask]:
        """Return what has to be set for a block that costs nothing and has room enough.

        A free block that uses less than half of its gas is followed by a free block, so that this
        is nothing most often.
        """
        if not self.after.base_fee and self.after.gas_limit == BLOCK_GAS:
            return []
        return [
            ("anvil_setNextBlockBaseFeePerGas", "0x0"),
            ("evm_setBlockGasLimit", hex(BLOCK_GAS)),
        ]

    def asks(self) -> list[Ask]:
        """Return what has the block made: each transaction, then the block."""
        asks: list[Ask] = [
            ("eth_sendRawTransaction", hex_of(encode(transaction)))
            for transaction in self.transactions
        ]
        return [*asks, ("evm_mine", {"timestamp": self.at_s})]

    def clearing(self) -> list[Ask]:
        """Return what takes these transactions away where they still wait."""
        senders = {transaction.sender for transaction in self.transactions}
        return [("anvil_removePoolTransactions", hex_of(sender)) for sender in senders]

    def consists_of(self, block: Mapping[str, Any]) -> bool:
        """Say whether a block consists of these transactions, in this order."""
        return _hashes(block) == [transaction.hash for transaction in self.transactions]

    def is_partly(self, block: Mapping[str, Any]) -> bool:
        """Say whether a block is what became of this one."""
        if found := _hashes(block):
            return not {transaction.hash for transaction in self.transactions}.isdisjoint(found)
        return self.follows(block)

    def follows(self, block: Mapping[str, Any]) -> bool:
        """Say whether a block comes where and when this one should."""
        found = bytes_of(block["parentHash"]), int_of(block["timestamp"])
        return found == (self.after.hash, self.at_s)


def signed(
    calls: Sequence[Call], nonces: Mapping[bytes, int], chain_id: int
) -> tuple[tuple[Transaction, ...], str]:
    """Sign calls, up to the first that cannot be a transaction.

    Args:
        nonces: Sender -> how often it has sent.

    Returns:
        The transactions, and what is wrong with the call after them, if anything is.
    """
    counts = dict(nonces)
    made: list[Transaction] = []
    for index, call in enumerate(calls):
        try:
            # Anvil takes some of these, and leaves them out of the block without a word.
            least = least_gas(call.data, call.to is None)
            if 0 <= call.gas < least:
                raise ValueError(
                    f"gas limit {call.gas} is below the {least} that its bytes alone cost"
                )
            sender = address_of(call.key)
            made.append(sign_call(call.key, chain_id, counts[sender], call.gas, call.to, call.data))
        except ValueError as error:
            return tuple(made), f"call {index}: {error}"
        counts[sender] += 1
    return tuple(made), ""


def senders_of(calls: Sequence[Call]) -> list[bytes]:
    """Return who sends, each once, up to the first call whose key is none."""
    found: dict[bytes, None] = {}
    for call in calls:
        try:
            found[address_of(call.key)] = None
        except ValueError:
            break
    return list(found)


def _hashes(block: Mapping[str, Any]) -> list[bytes]:
    return [bytes_of(hash_) for hash_ in block["transactions"]]
