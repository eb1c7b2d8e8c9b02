"""A backend of eth-tester over pyrevm: `EthereumTester(RevmBackend())`.

It answers as eth-tester's own backend does, and where that one leaves something to chance or to
the clock, does it wrongly or not at all, as a node would:

- blocks, their hashes and their times are the same every time, unless a clock is given;
- `time_travel(T)` makes a block at T, not one second before;
- a transaction signed for another chain is refused;
- log indices count through the block;
- several transactions of one sender fit into a block. When eth-tester does not mine each at once,
  it puts one into the pending block, reads it and takes it back by a revert. What was read and
  taken back waits, as in a node's pool, and goes before the next one of its sender;
- a snapshot holds the pending block, too, and what waits. Once it was returned to, later snapshots
  are gone.

eth-tester tells its filters only of what goes through eth-tester: blocks that somebody makes on the
chain below, such as `RevmEngine.send`, do not reach them, and are found by `get_logs`.

Transactions with blobs or authorisations are refused. What blocks lack is said in `serializers`,
and what differs inside a transaction in `machine`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Self

from eth_keys.datatypes import PrivateKey
from eth_tester.backends.base import BaseChainBackend
from eth_tester.exceptions import (
    BlockNotFound,
    SnapshotNotFound,
    TransactionNotFound,
    ValidationError,
)
from eth_tester.validation.inbound import validate_inbound_withdrawals
from eth_utils import to_canonical_address

from registry.chain.engine import TESTER_CHAIN_ID, UnknownSnapshot, address_of
from registry.chain.revm.accounts import RICH_KEYS
from registry.chain.revm.blocks import NO_ADDRESS, Block
from registry.chain.revm.chain import Chain, Failed
from registry.chain.revm.genesis import account_keys, accounts, genesis_of, listed, parameters
from registry.chain.revm.machine import MachineRefused
from registry.chain.revm.refusals import InvalidTransaction, failed, read_raw
from registry.chain.revm.requests import (
    GWEI,
    Asked,
    address_in,
    is_poor,
    message_of,
    signed_of,
    slot_in,
    too_poor,
    unsigned_of,
)
from registry.chain.revm.serializers import (
    Fields,
    serialize_block,
    serialize_receipt,
    serialize_transaction,
)
from registry.chain.revm.waiting import Waiting
from registry.chain.transactions import Transaction, sign
from registry.errors import TransactionRejected

BlockName = int | str
"""A block's number, or "latest", "safe", "finalized", "earliest", "pending"."""

_LAST: Final = ("latest", "safe", "finalized")
_FEE_BLOCKS: Final = 1_024
"""Most blocks that a fee history tells of."""


class RevmBackend(BaseChainBackend):  # type: ignore[misc]
    """A chain of its own for eth-tester, whose ten usual accounts have money.

    Args:
        genesis_parameters: `timestamp`, `gas_limit`, `base_fee_per_gas` of the genesis block.
        genesis_state: By address, or in pairs, mappings with `balance`, `nonce`, `code`,
            `storage`; as many accounts get keys. The ten usual accounts if absent.
        chain_id: Id that transactions must be signed for; eth-tester's if absent.
        mnemonic, hd_path: What the accounts' keys are derived from.
        clock: Tells the seconds since 1970, such as `time.time`: blocks are made at its time. A
            block's time is one second after the last one's if absent.
    """

    def __init__(
        self,
        genesis_parameters: Mapping[str, Any] | None = None,
        genesis_state: Mapping[bytes, Any] | Iterable[tuple[bytes, Any]] | None = None,
        *,
        chain_id: int = TESTER_CHAIN_ID,
        mnemonic: str | None = None,
        hd_path: str | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        state = listed(genesis_state)
        first_keys = account_keys(len(state) or None, mnemonic, hd_path)
        genesis = genesis_of(genesis_parameters, state or accounts({}, first_keys))
        chain = Chain(chain_id=chain_id, genesis=genesis)
        self._begin(chain, first_keys, clock)

    def _begin(
        self, chain: Chain, first_keys: Sequence[bytes], clock: Callable[[], float] | None
    ) -> None:
        self.chain = chain
        self._clock = clock
        self._first_keys = tuple(first_keys)
        self._keys = {address_of(key): key for key in first_keys}
        self._waiting = Waiting()
        self._withdrawals: dict[bytes, list[Fields]] = {}

    @classmethod
    def over(cls, chain: Chain, first_keys: Sequence[bytes] = RICH_KEYS) -> Self:
        """Return a backend over a chain that is there already.

        Args:
            chain: The chain; whoever has it may go on using it.
            first_keys: Private keys of the accounts that the backend signs for.
        """
        backend = cls.__new__(cls)
        backend._begin(chain, first_keys, None)
        return backend

    @classmethod
    def from_mnemonic(
        cls,
        mnemonic: str,
        genesis_state_overrides: Mapping[str, Any] | None = None,
        num_accounts: int | None = None,
        genesis_parameters: Mapping[str, Any] | None = None,
        hd_path: str | None = None,
        **options: Any,
    ) -> Self:
        """Return a backend whose accounts' keys are derived from words; the rest as for it."""
        state = cls.generate_genesis_state(genesis_state_overrides, num_accounts, mnemonic, hd_path)
        return cls(genesis_parameters, state, mnemonic=mnemonic, hd_path=hd_path, **options)

    @classmethod
    def generate_genesis_params(cls, overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return parameters for a genesis block. Raises ValueError: see `genesis.parameters`."""
        return parameters(overrides)

    @classmethod
    def generate_genesis_state(
        cls,
        overrides: Mapping[str, Any] | None = None,
        num_accounts: int | None = None,
        mnemonic: str | None = None,
        hd_path: str | None = None,
    ) -> dict[bytes, dict[str, Any]]:
        """Return accounts for a genesis block, each with a million ether and with `overrides`."""
        return accounts(overrides, account_keys(num_accounts, mnemonic, hd_path))

    # Accounts.

    @property
    def account_keys(self) -> tuple[PrivateKey, ...]:
        """Private keys of the accounts that the backend signs for."""
        return tuple(PrivateKey(key) for key in self._keys.values())

    def get_accounts(self) -> tuple[bytes, ...]:
        """Return the addresses that the backend signs for."""
        return tuple(self._keys)

    def add_account(self, private_key: bytes) -> None:
        """Sign for one more account."""
        self._keys[address_of(private_key)] = private_key

    # Snapshots.

    def take_snapshot(self) -> int:
        """Remember the chain as it is; costs nothing, however many there are."""
        snapshot = self.chain.snapshot()
        self._waiting.note_snapshot(snapshot)
        return snapshot

    def revert_to_snapshot(self, snapshot: int) -> None:
        """Return to a snapshot, as often as wanted.

        See `Waiting.revert` for what waits afterwards.

        Raises:
            SnapshotNotFound: never taken, or gone.
        """
        before = self.chain.pending.transactions
        try:
            self.chain.revert(snapshot)
        except UnknownSnapshot as error:
            raise SnapshotNotFound(str(error)) from error
        still = {transaction.hash for transaction in self.chain.pending.transactions}
        self._waiting.revert(snapshot, (each for each in before if each.hash not in still))

    def reset_to_genesis(self) -> None:
        """Begin again, with the accounts of the beginning. Snapshots are gone."""
        self.chain.reset()
        self._begin(self.chain, self._first_keys, self._clock)

    # Blocks.

    def time_travel(self, to_timestamp: int) -> None:
        """Make a block at a time; the pending one is made before, if something is in it.

        Raises:
            ValidationError: a block at that time would not come after the others.
        """
        pending = self.chain.pending
        last_s = pending.at_s if pending.transactions else self.chain.head.at_s
        if not last_s < to_timestamp < 2**64:
            raise ValidationError(f"{to_timestamp} s is not after the last block, at {last_s} s")
        if pending.transactions:
            self._seal(NO_ADDRESS)
        self.chain.travel(to_timestamp)
        self._seal(NO_ADDRESS)

    def mine_blocks(self, num_blocks: int = 1, coinbase: bytes = NO_ADDRESS) -> tuple[bytes, ...]:
        """Make the pending block, then empty ones; return their hashes."""
        hashes = []
        for _ in range(num_blocks):
            self._tick()
            hashes.append(self._seal(coinbase).hash)
        return tuple(hashes)

    def _seal(self, coinbase: bytes) -> Block:
        block = self.chain.seal(coinbase)
        self._waiting.seal(self.chain.state)
        self._withdrawals.pop(block.hash, None)
        return block

    def _tick(self) -> None:
        """Let an empty pending block be now."""
        if self._clock is not None and not self.chain.pending.transactions:
            self.chain.travel(max(self.chain.head.at_s + 1, int(self._clock())))

    def apply_withdrawals(self, withdrawals_list: Sequence[Mapping[str, Any]]) -> None:
        """Pay out what validators withdraw, in gwei, and make the block that it is in."""
        validate_inbound_withdrawals(withdrawals_list)
        told = [
            {**withdrawal, "address": to_canonical_address(withdrawal["address"])}
            for withdrawal in withdrawals_list
        ]
        self._tick()
        for withdrawal in told:
            self.chain.give(withdrawal["address"], withdrawal["amount"] * GWEI)
        self._withdrawals[self._seal(NO_ADDRESS).hash] = told

    def get_block_by_number(self, block_number: BlockName, full_transaction: bool = True) -> Fields:
        """Return a block. Raises BlockNotFound."""
        return self._serialized(self.find_block(block_number), full_transaction)

    def get_block_by_hash(self, block_hash: bytes, full_transaction: bool = True) -> Fields:
        """Return a block. Raises BlockNotFound."""
        block = self.chain.find_block(block_hash)
        if block is None:
            raise BlockNotFound(f"No block found for block hash: 0x{block_hash.hex()}")
        return self._serialized(block, full_transaction)

    def _serialized(self, block: Block, full_transactions: bool) -> Fields:
        withdrawals = self._withdrawals.get(block.hash, ())
        return serialize_block(block, full_transactions=full_transactions, withdrawals=withdrawals)

    def find_block(self, name: BlockName | None) -> Block:
        """Return a block by number or by word. Raises BlockNotFound."""
        if name == "pending":
            self._tick()
            return self.chain.pending
        if name in _LAST:
            return self.chain.head
        number = 0 if name == "earliest" else name
        if isinstance(number, int) and 0 <= number <= self.chain.head.number:
            return self.chain.block(number)
        raise BlockNotFound(f"No block found for block number: {name}")

    def get_transaction_by_hash(self, transaction_hash: bytes) -> Fields:
        """Return a transaction. Raises TransactionNotFound."""
        block, index = self._find(transaction_hash)
        if not block.hash:
            self._waiting.note_read(transaction_hash)
        return serialize_transaction(block, index)

    def get_transaction_receipt(self, transaction_hash: bytes) -> Fields:
        """Return a receipt; of a pending transaction, what it would be. TransactionNotFound."""
        return serialize_receipt(*self._find(transaction_hash))

    def _find(self, transaction_hash: bytes) -> tuple[Block, int]:
        found = self.chain.find(transaction_hash)
        if found is None:
            raise TransactionNotFound(
                f"No transaction found for transaction hash: 0x{transaction_hash.hex()}"
            )
        return found

    def get_fee_history(
        self,
        block_count: int = 1,
        newest_block: BlockName | None = "latest",
        reward_percentiles: Sequence[float] | None = (),
    ) -> Fields:
        """Return the fees of the blocks before one, the last first, as eth-tester tells them.

        It is not what nodes answer; `RevmTester.get_fee_history` is.
        """
        newest = self.fee_block(block_count, newest_block)
        oldest = max(0, newest.number - block_count)
        blocks = [self.chain.block(n) for n in range(newest.number - 1, oldest - 1, -1)]
        return {
            "oldest_block": 1,
            "base_fee_per_gas": [block.base_fee for block in blocks],
            "gas_used_ratio": [block.gas_used / block.gas_limit for block in blocks],
            "reward": [],
        }

    def fee_block(self, block_count: int, newest_block: BlockName | None) -> Block:
        """Return the block at which a fee history ends: the last one for the pending one.

        Raises:
            ValidationError: too many blocks, or none.
            BlockNotFound: there is no such block.
        """
        if not 1 <= block_count <= _FEE_BLOCKS:
            raise ValidationError(f"block_count must be between 1 and {_FEE_BLOCKS}")
        return self.find_block("latest" if newest_block == "pending" else newest_block)

    # Accounts' state. What is no address or no slot is `Refused`.

    def _step(self, block_number: BlockName | None) -> int | None:
        """Return after which step of the state to look; None for now."""
        return None if block_number == "pending" else self.find_block(block_number).step

    def get_nonce(self, account: bytes, block_number: BlockName = "latest") -> int:
        """Count what an account has sent; with "pending", what waits included."""
        if block_number == "pending":
            return self._next_nonce(address_in(account))
        return self.chain.state.account(address_in(account), self._step(block_number)).nonce

    def _next_nonce(self, sender: bytes) -> int:
        nonce = self.chain.state.account(sender).nonce
        return nonce + len(self._waiting.following(sender, nonce))

    def get_balance(self, account: bytes, block_number: BlockName = "latest") -> int:
        """Return an account's money, wei."""
        return self.chain.state.account(address_in(account), self._step(block_number)).balance

    def get_code(self, account: bytes, block_number: BlockName = "latest") -> bytes:
        """Return an account's code."""
        return self.chain.state.code(address_in(account), self._step(block_number))

    def get_storage(self, account: bytes, slot: int, block_number: BlockName = "latest") -> int:
        """Return a word of an account's storage."""
        step = self._step(block_number)
        return self.chain.state.slot(address_in(account), slot_in(slot), step)

    def get_base_fee(self, block_number: BlockName = "latest") -> int:
        """Return a block's base fee, wei per gas."""
        return self.find_block(block_number).base_fee

    # Transactions.

    def send_transaction(self, transaction: Asked) -> bytes:
        """Sign a transaction and put it into the pending block; return its hash.

        Raises:
            ValidationError: the sender is no address, or nobody here has its key.
            InvalidTransaction: it is refused.
        """
        key = self._keys.get(address_in(transaction["from"]))
        if key is None:
            raise ValidationError(f"no key for the sender 0x{transaction['from'].hex()}")
        unsigned = unsigned_of(transaction, self.chain, self._next_nonce(transaction["from"]))
        try:
            return self._add(sign(key, unsigned))
        except ValueError as error:
            raise InvalidTransaction(str(error)) from error

    def send_signed_transaction(
        self, signed_transaction: Asked, block_number: BlockName = "latest"
    ) -> bytes:
        """Put a transaction into the pending block, unless it is there; return its hash."""
        transaction = signed_of(signed_transaction, self.chain)
        known = self.chain.find(transaction.hash)
        if known is not None and not known[0].hash:
            return transaction.hash
        return self._add(transaction)

    def send_raw_transaction(self, raw_transaction: bytes) -> bytes:
        """Put a transaction into the pending block; return its hash."""
        return self._add(read_raw(raw_transaction))

    def _add(self, transaction: Transaction) -> bytes:
        """Execute a transaction, after those of its sender that wait and come before."""
        chain, sender = self.chain, transaction.sender
        self._tick()
        nonce = chain.state.account(sender).nonce
        gap = max(0, transaction.nonce - nonce)
        earlier = self._waiting.following(sender, nonce)[:gap]
        mark = chain.snapshot() if earlier else None
        try:
            for each in (*earlier, transaction):
                chain.add(each)
        except TransactionRejected as error:
            if mark is not None:
                chain.revert(mark)
            raise InvalidTransaction(str(error)) from error
        finally:
            if mark is not None:
                chain.forget(mark)
        return transaction.hash

    # Questions.

    def call(self, transaction: Asked, block_number: BlockName = "latest") -> bytes:
        """Ask a contract without leaving a trace.

        Raises:
            TransactionFailed: it refused, or did not end.
            InvalidTransaction: its sender lacks the money, or its gas does not pay for its bytes.
            BlockNotFound: there is no such block.
        """
        block = self.find_block(block_number)
        message = message_of(transaction, self.chain, block)
        try:
            outcome = self.chain.run(message, block=block.number if block.hash else None)
        except MachineRefused as error:
            raise InvalidTransaction(str(error)) from error
        if not outcome.status:
            raise failed(outcome)
        return outcome.output

    def estimate_gas(self, transaction: Asked, block_number: BlockName = "latest") -> int:
        """Return the least gas limit with which a transaction works; errors as for `call`."""
        block = self.find_block(block_number)
        message = message_of(transaction, self.chain, block, is_estimate=True)
        try:
            return self.chain.needed_gas(message, block=block.number if block.hash else None)
        except MachineRefused as error:
            raise InvalidTransaction(str(error)) from error
        except Failed as error:
            if is_poor(message, block) and error.outcome.halt.startswith("OutOfGas"):
                raise too_poor(message) from error
            raise failed(error.outcome) from error
