"""What the contracts run on: one EVM chain behind a small interface.

An engine takes calls, puts them into blocks whose timestamps the caller chooses, and hands back
receipts. It knows nothing about registries: bytes go in, bytes and logs come out. A revert is
handed on raw, as `Reverted`; naming it is another module's work. Nothing here reads a clock, so
the same calls give the same blocks.

Every engine keeps these rules, so that a run does not depend on which one carries it:

- one `send` is one block, with exactly the timestamp asked for, or it is nothing at all;
- gas costs nothing, so that accounts need no money. A consortium chain is run the same way;
- the limit on the size of a contract's code is Ethereum's own, and nothing raises it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

from registry.errors import ChainError, EngineClosed, TransactionRejected

if TYPE_CHECKING:
    from web3 import Web3

CALL_GAS: Final = 10_000_000
"""Gas limit of a call that names none. Nothing is estimated: an estimate runs the call about 13
times. Deploying a contract of the largest allowed size costs about 6 million."""

BLOCK_GAS: Final = 100_000_000_000
"""Gas limit of a block; contracts can read it. The base fee is 0, and would rise after a block that
used more than half of this; `send` takes no calls that could."""

READ_GAS: Final = 50_000_000
"""Gas limit of what only reads, so that an endless loop ends; its bytes cost nothing."""

CHAIN_ID: Final = 1337
"""Chain id of an engine that names none; the customary id of a private development chain."""


TESTER_CHAIN_ID: Final = 131277322940537
"""The one chain id that eth-tester has."""


@dataclass(frozen=True, slots=True)
class Call:
    """One transaction to be made: who sends what to whom. It never carries money.

    Attributes:
        key: Private key of the sender, 32 bytes. The engine signs and counts nonces.
        to: Address called, 20 bytes; None creates a contract from `data`.
        data: Calldata, or creation code followed by constructor arguments.
        gas: Most gas that the transaction may use.
    """

    key: bytes
    to: bytes | None
    data: bytes
    gas: int = CALL_GAS


@dataclass(frozen=True, slots=True)
class Log:
    """What a contract recorded.

    Attributes:
        address: The contract, 20 bytes.
        topics: At most four words of 32 bytes; the first one names the event, unless anonymous.
        data: The event's arguments that are no topics, ABI encoded.
        index: Position in the block, from 0, over all transactions of that block.
    """

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes
    index: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one call. `send` leaves no trace of a failed one; one that somebody else
    had put on the chain has no logs and created nothing.

    Attributes:
        tx_hash: Hash of the transaction, 32 bytes.
        tx_index: Position in the block, from 0.
        block_number: Height of the block; the genesis block is 0.
        block_hash: Hash of the block, 32 bytes.
        at_s: Timestamp of the block, seconds since 1970.
        gas_used: Gas charged for this transaction alone, refunds deducted.
        contract_address: Address of the contract created, 20 bytes; None if none was.
        logs: In the order in which they were recorded.
    """

    tx_hash: bytes
    tx_index: int
    block_number: int
    block_hash: bytes
    at_s: int
    gas_used: int
    contract_address: bytes | None
    logs: tuple[Log, ...]


@dataclass(frozen=True, slots=True)
class EngineBlock:
    """One block of the chain.

    Attributes:
        number: Height; the genesis block is 0.
        hash, parent: This block's hash and the one's before, 32 bytes; zeros before genesis.
        at_s: Timestamp, seconds since 1970.
        receipts: One per transaction, in order.
    """

    number: int
    hash: bytes
    parent: bytes
    at_s: int
    receipts: tuple[Receipt, ...]


class Reverted(Exception):
    """The contract refused. A signal between the engine and whoever decodes it.

    Attributes:
        data: What the contract said, raw; empty if it said nothing or was cut off.
        index: Which call of the sequence it was, from 0.
        halt: Empty after a revert. Otherwise why the machine stopped: out of gas, invalid
            opcode and the like.
    """

    def __init__(self, data: bytes, index: int = 0, halt: str = "") -> None:
        self.data = data
        self.index = index
        self.halt = halt
        said = halt or ("0x" + data[:68].hex() if data else "no data")
        super().__init__(f"call {index} reverted: {said}")


class UnknownSnapshot(ChainError):
    """The snapshot was never taken here, or lies after one that was returned to."""

    def __init__(self, snapshot: int) -> None:
        self.snapshot = snapshot
        super().__init__(f"there is no snapshot {snapshot} to return to")


class Engine(Protocol):
    """One chain, from its genesis block on, driven by a single caller.

    Any question may raise EngineClosed after `close`, and NodeError where the chain is at a node.
    """

    @property
    def name(self) -> str:
        """The engine's word in `--engine`: `tester`, `revm`, `rpc:...`."""

    @property
    def chain_id(self) -> int:
        """The id that transactions are signed for; contracts read it as `block.chainid`."""

    def send(self, calls: Sequence[Call], at_s: int) -> tuple[Receipt, ...]:
        """Execute all calls, in order, in one new block.

        Args:
            calls: What to execute. Without any, an empty block moves the clock.
            at_s: Timestamp of the block, seconds since 1970, greater than the last block's.

        Returns:
            One receipt per call, in order.

        Invariants:
            All or nothing: whatever is raised, blocks, nonces and storage are as before. A node
            that went away meanwhile is put right before the next question.

        Raises:
            Reverted: a call failed; `index` says which.
            TransactionRejected: somebody else is making a block, the clock does not advance, or a
                call cannot be a transaction (malformed key or address, gas below what its bytes
                alone cost or above what fits into a block).
        """

    def call(
        self,
        to: bytes,
        data: bytes,
        *,
        sender: bytes | None = None,
        at_s: int | None = None,
        block: int | None = None,
    ) -> bytes:
        """Ask a contract without changing anything.

        Args:
            to: The contract, 20 bytes.
            data: Calldata.
            sender: Who asks, 20 bytes; the zero address if absent.
            at_s: Timestamp that the contract sees; that block's if absent.
            block: Number of the block after which it is asked; the last one if absent.

        Returns:
            What the contract answered, ABI encoded; empty where there is no contract.

        Raises:
            Reverted: the contract refused; `index` is 0.
            UnknownBlock: no such block.
        """

    def code(self, address: bytes) -> bytes:
        """Return the runtime code at an address; empty where there is no contract."""

    def nonce(self, address: bytes) -> int:
        """Count what an address has sent; a contract's count starts at 1."""

    def head(self) -> tuple[int, int]:
        """Return the last block's number and timestamp in seconds since 1970."""

    def block_hash(self, number: int) -> bytes:
        """Return a block's hash, 32 bytes. Raises UnknownBlock."""

    def block(self, number: int) -> EngineBlock:
        """Read a block; its receipts are what `send` returned.

        Raises:
            UnknownBlock: no such block.
            ChainDamaged: the chain was opened from pairs in which parts of it are missing.
        """

    def changes(self) -> dict[bytes, bytes | None]:
        """Say what to write down so that the chain can be opened again as it is.

        Snapshots are not kept. An engine is opened again, by a method of its own, from the union
        of all that was handed out.

        Returns:
            Key -> value, or None where the key is gone; what changed since the last call, and
            everything at the first one.
        """

    def snapshot(self) -> int:
        """Remember the chain as it is now.

        Returns:
            A number to return with. Numbers are never given twice.
        """

    def revert(self, snapshot: int) -> None:
        """Return to a snapshot, as often as wanted. Snapshots taken after it are forgotten.

        Raises:
            UnknownSnapshot: never taken, or forgotten.
        """

    def forget(self, snapshot: int) -> None:
        """Drop a snapshot and those taken after it, and keep the chain as it is.

        Raises:
            UnknownSnapshot: never taken, or forgotten.
        """

    @property
    def web3(self) -> Web3:
        """A web3 over the same chain, for those who want to look at blocks, receipts, logs."""

    def close(self) -> None:
        """Let go of what the engine holds. What is asked afterwards raises EngineClosed."""


def check_time(at_s: int, last_s: int) -> None:
    """Check that a block at `at_s` comes after one at `last_s`; seconds since 1970.

    Raises:
        TransactionRejected: it does not.
    """
    if at_s <= last_s:
        raise TransactionRejected(
            f"block at {at_s} s would not come after the last one, at {last_s} s"
        )


def check_block(calls: Sequence[Call], at_s: int, last_s: int) -> None:
    """Check what can be said of a block before anything of it is executed.

    Args:
        calls: What is to be in it.
        at_s: Its timestamp, seconds since 1970.
        last_s: The last block's.

    Raises:
        TransactionRejected: the clock does not advance, or the calls may use too much gas.
    """
    check_time(at_s, last_s)
    if sum(call.gas for call in calls) > BLOCK_GAS // 2:
        raise TransactionRejected(f"calls with more than {BLOCK_GAS // 2} gas in one block")


class Closable:
    """What an engine inherits so that whatever is asked of it after `close` raises EngineClosed.

    Attributes:
        HELD: The attributes that are there until it is closed.
    """

    HELD: ClassVar[frozenset[str]]

    def _let_go(self) -> None:
        """Drop what is held. Closing what is closed is no error; asking it for anything is."""
        for name in self.HELD:
            self.__dict__.pop(name, None)

    def __getattr__(self, name: str) -> Any:
        # Only reached for what is not there, such as the chain of an engine that was closed.
        if name in self.HELD:
            raise EngineClosed
        raise AttributeError(name)


@functools.lru_cache(maxsize=65_536)
def address_of(key: bytes) -> bytes:
    """Return the address, 20 bytes, that a private key of 32 bytes signs for.

    Raises:
        ValueError: not 32 bytes, or no key of the curve.
    """
    from eth_keys import keys
    from eth_keys.exceptions import ValidationError

    try:
        return keys.PrivateKey(key).public_key.to_canonical_address()
    except ValidationError as error:
        raise ValueError(str(error)) from error


def creation_address(sender: bytes, nonce: int) -> bytes:
    """Return the address, 20 bytes, of what `sender` creates with its `nonce`-th transaction.

    Contracts that must know each other before either exists are deployed with this.
    """
    import rlp
    from eth_utils import keccak

    return keccak(rlp.encode([sender, nonce]))[12:]
