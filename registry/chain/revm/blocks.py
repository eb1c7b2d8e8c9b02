"""What a chain on pyrevm is made of: its beginning, its blocks, and what they are hashed over.

A block's hash is a digest of everything that the block says and of the block before. It is not the
hash of an RLP header, because a header names the roots of three tries, and there are none here:
nothing can be proved to somebody who has only the hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from registry.chain.engine import Log
from registry.chain.revm.machine import (
    ADDRESS_BYTES,
    NONCES,
    WEI_BOUND,
    WORDS,
    Environment,
    Outcome,
)
from registry.chain.revm.state import Account, Key, State, Value, slot_key
from registry.chain.transactions import Transaction, keccak

NO_ADDRESS: Final = bytes(ADDRESS_BYTES)

_ELASTICITY: Final = 2
_FEE_STEPS: Final = 8
"""EIP-1559: how far a block may be above its aim, and by which part the base fee moves."""


class Start(NamedTuple):
    """An account that is there from the beginning.

    Attributes:
        balance: wei.
        nonce: How many transactions count as sent.
        code: What runs when it is called.
        storage: Words by slot.
    """

    balance: int = 0
    nonce: int = 0
    code: bytes = b""
    storage: Mapping[int, int] = {}


class Genesis(NamedTuple):
    """How a chain begins.

    Attributes:
        at_s: Timestamp of the genesis block, seconds since 1970.
        gas_limit: Of every block.
        base_fee: wei per gas, of the genesis block.
        is_free: Whether the base fee stays what it is, whatever blocks use.
        accounts: By address, what stands there from the beginning.
    """

    at_s: int
    gas_limit: int = 30_000_000
    base_fee: int = 1_000_000_000
    is_free: bool = False
    accounts: Mapping[bytes, Start] = {}


class TransactionReceipt(NamedTuple):
    """What became of a transaction.

    Attributes:
        status: 1 if it worked, 0 if not; it is in its block and paid for either way.
        gas_used: Gas charged for it alone.
        gas_total: Gas charged in its block up to and with it.
        gas_price: wei per gas that its sender paid.
        created: Address of the contract created, 20 bytes; None if none was.
        logs: In order; counted through the block.
        output: What it returned, or said when reverting.
        halt: Why the machine stopped; empty otherwise.
    """

    status: int
    gas_used: int
    gas_total: int
    gas_price: int
    created: bytes | None
    logs: tuple[Log, ...]
    output: bytes
    halt: str


class Gift(NamedTuple):
    """Money that came into a block without a transaction, before its `before`-th one."""

    before: int
    address: bytes
    wei: int


class Block(NamedTuple):
    """One block. The pending one has no hash yet.

    Attributes:
        number: Height; the genesis block is 0.
        hash, parent: 32 bytes; zeros before genesis.
        at_s: Timestamp, seconds since 1970.
        gas_limit, gas_used: Gas.
        base_fee: wei per gas.
        coinbase: Who sealed it, 20 bytes.
        prevrandao: 32 bytes, a function of the number.
        transactions, receipts: In order, one for one.
        gifts: In order.
        step: The state's step after it.
    """

    number: int
    hash: bytes
    parent: bytes
    at_s: int
    gas_limit: int
    gas_used: int
    base_fee: int
    coinbase: bytes
    prevrandao: bytes
    transactions: tuple[Transaction, ...]
    receipts: tuple[TransactionReceipt, ...]
    gifts: tuple[Gift, ...]
    step: int


@dataclass(slots=True)
class Pending:
    """The block that is being made."""

    environment: Environment
    transactions: list[Transaction] = field(default_factory=list)
    receipts: list[TransactionReceipt] = field(default_factory=list)
    gifts: list[Gift] = field(default_factory=list)
    gas_used: int = 0
    logs: int = 0

    def copy(self) -> Pending:
        """Return one that changes on its own."""
        return Pending(
            self.environment,
            [*self.transactions],
            [*self.receipts],
            [*self.gifts],
            self.gas_used,
            self.logs,
        )

    def note(self, transaction: Transaction, outcome: Outcome, price: int) -> TransactionReceipt:
        """Add a transaction that was executed, and return its receipt."""
        logs = tuple(
            Log(address, topics, data, index)
            for index, (address, topics, data) in enumerate(outcome.logs, self.logs)
        )
        receipt = TransactionReceipt(
            outcome.status,
            outcome.gas_used,
            self.gas_used + outcome.gas_used,
            price,
            outcome.created,
            logs,
            outcome.output,
            outcome.halt,
        )
        self.transactions.append(transaction)
        self.receipts.append(receipt)
        self.gas_used = receipt.gas_total
        self.logs += len(logs)
        return receipt

    def cut(self, count: int) -> list[Transaction]:
        """Drop all but the first transactions, and return what was dropped."""
        dropped = self.transactions[count:]
        del self.transactions[count:], self.receipts[count:]
        self.gas_used = self.receipts[-1].gas_total if count else 0
        self.logs = sum(len(receipt.logs) for receipt in self.receipts)
        return dropped

    def block(
        self, parent: bytes, step: int, coinbase: bytes = NO_ADDRESS, hash: bytes = b""
    ) -> Block:
        """Return the block as it is now."""
        environment = self.environment
        return Block(
            number=environment.number,
            hash=hash,
            parent=parent,
            at_s=environment.at_s,
            gas_limit=environment.gas_limit,
            gas_used=self.gas_used,
            base_fee=environment.base_fee,
            coinbase=coinbase,
            prevrandao=environment.prevrandao,
            transactions=tuple(self.transactions),
            receipts=tuple(self.receipts),
            gifts=tuple(self.gifts),
            step=step,
        )


def following(head: Block, *, is_free: bool) -> Pending:
    """Return the block after `head`, empty and one second later.

    Args:
        is_free: Whether the base fee stays what it is.
    """
    number = head.number + 1
    return Pending(
        Environment(
            number=number,
            at_s=head.at_s + 1,
            gas_limit=head.gas_limit,
            base_fee=head.base_fee if is_free else next_base_fee(head),
            coinbase=NO_ADDRESS,
            prevrandao=keccak(b"carbon-registry/prevrandao/%d" % number),
        )
    )


def beginning(genesis: Genesis, state: State) -> Iterator[tuple[Key, Value]]:
    """Yield what is written before the genesis block.

    Raises:
        ValueError: an account that nobody can have.
    """
    for address, start in genesis.accounts.items():
        is_number = 0 <= start.balance < WEI_BOUND and 0 <= start.nonce < NONCES
        words = [*start.storage, *start.storage.values()]
        if not (len(address) == ADDRESS_BYTES and is_number and all(0 <= n < WORDS for n in words)):
            raise ValueError(f"nobody can begin at 0x{address.hex()} with {start}")
        if not any(address) and (start.code or start.storage):
            # pyrevm holds this account, to which blocks pay, in a way that its storage is lost.
            raise ValueError("at the zero address nothing but money can be")
        yield address, Account(start.nonce, start.balance, state.keep_code(start.code))
        for slot, word in start.storage.items():
            yield slot_key(address, slot), word


def opening_words(chain_id: int, genesis: Genesis) -> bytes:
    """Return what a genesis block's hash covers in the place of a parent."""
    accounts = [
        (address, *start[:3], sorted(start.storage.items()))
        for address, start in sorted(genesis.accounts.items())
    ]
    return repr((chain_id, genesis.is_free, accounts)).encode()


def next_base_fee(parent: Block) -> int:
    """Return the base fee of the block after `parent`, wei per gas (EIP-1559)."""
    aim = parent.gas_limit // _ELASTICITY
    moved = parent.base_fee * abs(parent.gas_used - aim) // aim // _FEE_STEPS
    if parent.gas_used > aim:
        return parent.base_fee + max(moved, 1)
    return parent.base_fee - moved


def digest(pending: Pending, above: bytes, coinbase: bytes) -> bytes:
    """Return the hash of a block: SHA-256 over what it says, each part with its length.

    Args:
        pending: The block, complete.
        above: Hash of the block before.
        coinbase: Who seals it.
    """
    environment = pending.environment
    running = hashlib.sha256(above)
    running.update(
        b"%d %d %d %d %d %d %d "
        % (
            environment.number,
            environment.at_s,
            environment.gas_limit,
            environment.base_fee,
            pending.gas_used,
            len(pending.transactions),
            len(pending.gifts),
        )
    )
    running.update(coinbase)
    for before, address, wei in pending.gifts:
        running.update(b"%d %d " % (before, wei) + address)
    for transaction, receipt in zip(pending.transactions, pending.receipts, strict=True):
        running.update(transaction.hash)
        running.update(b"%d %d %d " % (receipt.status, receipt.gas_used, len(receipt.logs)))
        for log in receipt.logs:
            said = b"".join((log.address, *log.topics))
            running.update(b"%d %d " % (len(log.topics), len(log.data)) + said + log.data)
    return running.digest()
