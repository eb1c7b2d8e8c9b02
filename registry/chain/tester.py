"""The `tester` engine: eth-tester on py-evm, made deterministic.

Sending goes straight to py-evm, because web3 and eth-tester take many times what the execution
itself takes. Reading is open to both: the blocks are ordinary ones, and `web3` shows them.

What eth-tester leaves to chance or to the clock is fixed here: the timestamp of every header, its
prevrandao, the chain id (eth-tester has one for all chains and takes transactions signed for any
other), snapshots (eth-tester executes the head block again to return to it, and forgets to take
back what it knew about later blocks), log indices (eth-tester counts them per transaction).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, cast

from eth.abc import (
    BlockAPI,
    BlockHeaderAPI,
    ComputationAPI,
    LogAPI,
    ReceiptAPI,
    SignedTransactionAPI,
    StateAPI,
    TransactionBuilderAPI,
)
from eth.chains.base import MiningChain
from eth.constants import (
    BLANK_ROOT_HASH,
    CREATE_CONTRACT_ADDRESS,
    POST_MERGE_DIFFICULTY,
    POST_MERGE_MIX_HASH,
    POST_MERGE_NONCE,
    ZERO_ADDRESS,
)
from eth.db.atomic import AtomicDB
from eth.exceptions import HeaderNotFound, PyEVMError
from eth.exceptions import Revert as EVMRevert
from eth.exceptions import TransactionNotFound as EVMTransactionNotFound
from eth.typing import HeaderParams
from eth.vm.forks import PragueVM
from eth.vm.forks.byzantium.constants import EIP658_TRANSACTION_STATUS_CODE_SUCCESS
from eth.vm.forks.cancun.state import get_total_blob_gas
from eth.vm.forks.london.transactions import UnsignedDynamicFeeTransaction
from eth.vm.message import Message
from eth_keys import keys
from eth_tester.backends.pyevm.main import (
    PyEVMBackend,
    generate_genesis_state_for_keys,
    get_default_account_keys,
)
from eth_tester.backends.pyevm.serializers import (
    serialize_transaction,
    serialize_transaction_receipt,
)
from eth_tester.constants import DYNAMIC_FEE_TRANSACTION_PARAMS
from eth_tester.exceptions import TransactionNotFound
from eth_typing import Address, BlockNumber, Hash32
from eth_utils import ValidationError, keccak
from rlp.exceptions import RLPException
from trie.exceptions import MissingTrieNode

from registry.chain.engine import (
    BLOCK_GAS,
    CHAIN_ID,
    READ_GAS,
    Call,
    Closable,
    EngineBlock,
    Log,
    Receipt,
    Reverted,
    UnknownSnapshot,
    address_of,
    check_block,
    creation_address,
)
from registry.chain.store import Store, opened
from registry.chain.transactions import least_gas
from registry.errors import ChainDamaged, TransactionRejected, UnknownBlock

if TYPE_CHECKING:
    from web3 import Web3

_UNREADABLE = (KeyError, TypeError, ValueError, PyEVMError, RLPException, MissingTrieNode)
"""What py-evm raises over a database in which something is missing or is not what it should be."""


class _Chain(MiningChain):
    """A chain whose headers are functions of their parents. Subclassed once per chain id."""

    vm_configuration = ((BlockNumber(0), PragueVM),)

    def create_header_from_parent(
        self, parent_header: BlockHeaderAPI, **header_params: Any
    ) -> BlockHeaderAPI:
        number = parent_header.block_number + 1
        params: dict[str, Any] = {
            "gas_limit": parent_header.gas_limit,
            "timestamp": parent_header.timestamp + 1,
            "mix_hash": keccak(b"carbon-registry/prevrandao/%d" % number),
        }
        return super().create_header_from_parent(parent_header, **(params | header_params))

    def apply_transaction(
        self, transaction: SignedTransactionAPI
    ) -> tuple[BlockAPI, ReceiptAPI, ComputationAPI]:
        # A legacy transaction without replay protection names no chain: it is not foreign.
        if transaction.chain_id not in (None, self.chain_id):
            raise TransactionRejected(
                f"transaction signed for chain {transaction.chain_id}, this is {self.chain_id}"
            )
        return super().apply_transaction(transaction)

    def get_transaction_builder(self) -> type[TransactionBuilderAPI]:
        """Expected by eth-tester's backend."""
        return self.get_vm().get_transaction_builder()


class TesterBackend(PyEVMBackend):
    """eth-tester's backend over such a chain; `web3` and `TesterEngine` share it.

    Its ten accounts are eth-tester's usual ones, with money, for whoever wants to send through
    web3. Everyone else needs none.
    """

    chain: _Chain

    def __init__(self, *, chain_id: int, start_s: int) -> None:
        self._prepare(chain_id, start_s, Store())
        self.reset_to_genesis()

    def _prepare(self, chain_id: int, start_s: int, store: Store) -> None:
        self._chain_class = _Chain.configure("TesterChain", chain_id=chain_id)
        self._start_s = start_s
        self._next_snapshot = 0
        self._snapshots: list[tuple[int, BlockHeaderAPI]] = []
        self.account_keys = get_default_account_keys()
        self.store = store

    @classmethod
    def resume(cls, chain_id: int, store: Store, head: bytes) -> Self:
        """Open the chain that a store holds.

        Raises:
            ChainDamaged: it holds none, or one with another head.
        """
        backend = cls.__new__(cls)
        backend._prepare(chain_id, 0, store)
        try:
            backend.chain = backend._chain_class(AtomicDB(store))
            genesis = backend.chain.get_canonical_block_header_by_number(BlockNumber(0))
        except _UNREADABLE as error:
            raise ChainDamaged("the chain has no head or no genesis block") from error
        if backend.chain.get_canonical_head().hash != head:
            raise ChainDamaged("the chain ends in another block than the one it was kept with")
        backend._start_s = genesis.timestamp
        return backend

    def reset_to_genesis(self, *_: object, **__: object) -> None:
        """Begin again at the genesis block. Snapshots taken so far are forgotten."""
        self.store.clear()
        self._snapshots.clear()
        genesis: dict[str, HeaderParams] = {
            "base_fee_per_gas": 0,
            "coinbase": ZERO_ADDRESS,
            "difficulty": POST_MERGE_DIFFICULTY,
            "extra_data": b"",
            "gas_limit": BLOCK_GAS,
            "mix_hash": POST_MERGE_MIX_HASH,
            "nonce": POST_MERGE_NONCE,
            "receipt_root": BLANK_ROOT_HASH,
            "timestamp": self._start_s,
            "transaction_root": BLANK_ROOT_HASH,
        }
        accounts = generate_genesis_state_for_keys(self.account_keys)
        chain = self._chain_class.from_genesis(AtomicDB(self.store), genesis, accounts)
        self.chain = cast(_Chain, chain)

    def take_snapshot(self) -> int:
        """Mark the state, a pending block included."""
        snapshot = self._next_snapshot
        self._next_snapshot += 1
        self._snapshots.append((snapshot, self.chain.header))
        self.store.mark()
        return snapshot

    def revert_to_snapshot(self, snapshot: int) -> None:
        """Return to a mark. Marks made after it are forgotten; it can be returned to again."""
        position = self._position(snapshot)
        self.store.return_to(position)
        del self._snapshots[position + 1 :]
        self.chain.header = self._snapshots[position][1]

    def forget_snapshot(self, snapshot: int) -> None:
        """Drop a mark and those made after it, and keep the chain as it is."""
        position = self._position(snapshot)
        self.store.forget(position)
        del self._snapshots[position:]

    def _position(self, snapshot: int) -> int:
        position = next((i for i, (n, _) in enumerate(self._snapshots) if n == snapshot), None)
        if position is None:
            raise UnknownSnapshot(snapshot)
        return position

    def mine_blocks(
        self, num_blocks: int = 1, coinbase: bytes = ZERO_ADDRESS
    ) -> tuple[Hash32, ...]:
        """Mine the pending block, then empty ones. As inherited, but without `os.urandom`."""
        return tuple(self._mine_pending(coinbase) for _ in range(num_blocks))

    def _mine_pending(self, coinbase: bytes) -> Hash32:
        blob_gas = sum(map(get_total_blob_gas, self.chain.get_block().transactions))
        return self.chain.mine_block(coinbase=coinbase, blob_gas_used=blob_gas).hash

    def get_transaction_by_hash(self, transaction_hash: Hash32) -> Any:
        """Find a transaction through the chain's index; inherited, it walks the chain."""
        block, transaction, index, pending = self._find(transaction_hash)
        return serialize_transaction(block, transaction, index, pending)

    def get_transaction_receipt(self, transaction_hash: Hash32) -> Any:
        """Return a receipt whose logs are counted per block, as every node does."""
        block, transaction, index, pending = self._find(transaction_hash)
        receipts = block.get_receipts(self.chain.chaindb)
        vm = self.chain.get_vm()
        receipt = serialize_transaction_receipt(block, receipts, transaction, index, pending, vm)
        first = sum(len(earlier.logs) for earlier in receipts[:index])
        for position, log in enumerate(receipt["logs"], start=first):
            log["log_index"] = position
        return receipt

    def _find(self, transaction_hash: Hash32) -> tuple[BlockAPI, SignedTransactionAPI, int, bool]:
        pending = self.chain.get_block()
        for index, transaction in enumerate(pending.transactions):
            if transaction.hash == transaction_hash:
                return pending, transaction, index, True
        try:
            number, index = self.chain.get_canonical_transaction_index(transaction_hash)
        except EVMTransactionNotFound as error:
            raise TransactionNotFound(str(error)) from error
        block = self.chain.get_canonical_block_by_number(number)
        return block, block.transactions[index], index, False

    def _normalize_transaction(
        self, transaction: Mapping[str, Any], block_number: str = "latest"
    ) -> Any:
        # The inherited default of 1 gwei would keep accounts without money from reading.
        fees = dict.fromkeys(DYNAMIC_FEE_TRANSACTION_PARAMS, 0)
        named = "gas_price" in transaction or not fees.keys().isdisjoint(transaction)
        return super()._normalize_transaction(
            {**transaction} if named else {**transaction, **fees}, block_number
        )

    def _max_available_gas(self) -> int:
        return READ_GAS


class TesterEngine(Closable):
    """An in-memory chain under Prague rules; see `registry.chain.engine.Engine`.

    Fees are zero from genesis on: the base fee is 0 and stays there, transactions offer 0. The
    other way, a faucet that pays each sender before its first call, would put a foreign
    transaction into blocks and make the first call of an account differ from the second.

    Args:
        chain_id: Id that transactions must be signed for.
        start_s: Timestamp of the genesis block, seconds since 1970; blocks come after it.
    """

    name = "tester"
    HELD = frozenset({"_backend"})

    def __init__(self, *, chain_id: int = CHAIN_ID, start_s: int) -> None:
        self._begin(TesterBackend(chain_id=chain_id, start_s=start_s), chain_id)

    def _begin(self, backend: TesterBackend, chain_id: int) -> None:
        self._backend = backend
        self._chain_id = chain_id
        self._web3: Web3 | None = None
        self._read: tuple[Hash32, int, StateAPI] | None = None

    @classmethod
    def resume(cls, pairs: Mapping[bytes, bytes]) -> Self:
        """Open a chain again from the union of all `changes` of another, as that one was.

        Raises:
            ChainDamaged: a pair is missing, or is not what was handed out.
        """
        store, chain_id, head = opened(pairs)
        engine = cls.__new__(cls)
        engine._begin(TesterBackend.resume(chain_id, store, head), chain_id)
        return engine

    def changes(self) -> dict[bytes, bytes | None]:
        """See `Engine.changes`."""
        found = self._backend.store.changes()
        if found:
            head = self._backend.chain.get_canonical_head().hash
            found |= self._backend.store.seal(self._chain_id, head)
        return found

    @property
    def chain_id(self) -> int:
        """See `Engine.chain_id`."""
        return self._chain_id

    def send(self, calls: Sequence[Call], at_s: int) -> tuple[Receipt, ...]:
        """See `Engine.send`."""
        chain = self._backend.chain
        parent = chain.get_canonical_head()
        check_block(calls, at_s, parent.timestamp)
        header = chain.create_header_from_parent(parent, timestamp=at_s)
        vm = chain.get_vm(header)
        transactions: list[SignedTransactionAPI] = []
        receipts: list[ReceiptAPI] = []
        # All this is in the machine's memory only, so that raising leaves the chain untouched.
        for index, call in enumerate(calls):
            try:
                transaction = self._sign(call, vm.state)
                receipt, computation = vm.apply_transaction(header, transaction)
            except (ValidationError, RLPException, ValueError) as error:
                raise TransactionRejected(f"call {index}: {error}") from error
            _raise_if_failed(computation, index)
            header = vm.add_receipt_to_header(header, receipt)
            transactions.append(transaction)
            receipts.append(receipt)
        filled = vm.set_block_transactions_and_withdrawals(
            vm.get_block(), header, transactions, receipts
        )
        block = vm.mine_block(filled).block
        chain.persist_block(block, perform_validation=False)  # mine_block has validated it
        chain.header = chain.create_header_from_parent(block.header)
        return tuple(_receipts(block, receipts))

    def _sign(self, call: Call, state: StateAPI) -> SignedTransactionAPI:
        if call.to is not None and len(call.to) != len(ZERO_ADDRESS):
            raise ValueError(f"an address has 20 bytes, not {len(call.to)}")  # b"" would create
        least = least_gas(call.data, call.to is None)
        if call.gas < least:
            # py-evm executes what EIP-7623 refuses.
            raise ValueError(f"gas limit {call.gas} is below the {least} that its bytes alone cost")
        unsigned = UnsignedDynamicFeeTransaction(
            chain_id=self._chain_id,
            nonce=state.get_nonce(Address(address_of(call.key))),
            max_priority_fee_per_gas=0,
            max_fee_per_gas=0,
            gas=call.gas,
            to=CREATE_CONTRACT_ADDRESS if call.to is None else Address(call.to),
            value=0,
            data=call.data,
            access_list=(),
        )
        return unsigned.as_signed_transaction(keys.PrivateKey(call.key))

    def call(
        self,
        to: bytes,
        data: bytes,
        *,
        sender: bytes | None = None,
        at_s: int | None = None,
        block: int | None = None,
    ) -> bytes:
        """See `Engine.call`."""
        state = self._state(at_s, block)
        asker = ZERO_ADDRESS if sender is None else Address(sender)
        target = Address(to)
        message = Message(
            gas=READ_GAS,
            to=target,
            sender=asker,
            value=0,
            data=data,
            code=state.get_code(target),
        )
        context = state.get_transaction_context_class()(gas_price=0, origin=asker)
        before = state.snapshot()
        try:
            computation = state.computation_class.apply_message(state, message, context)
        finally:
            state.revert(before)
            state.clear_transient_storage()
        _raise_if_failed(computation, 0)
        return computation.output

    def code(self, address: bytes) -> bytes:
        """See `Engine.code`."""
        return self._state(None).get_code(Address(address))

    def nonce(self, address: bytes) -> int:
        """See `Engine.nonce`."""
        return self._state(None).get_nonce(Address(address))

    def _state(self, at_s: int | None, block: int | None = None) -> StateAPI:
        """Return the state after a block, the last if absent, for reading; the latest is kept."""
        chain = self._backend.chain
        header = chain.get_canonical_head() if block is None else self._header(block)
        seen_s = header.timestamp if at_s is None else at_s
        if self._read is None or self._read[:2] != (header.hash, seen_s):
            state = chain.get_vm(header.copy(timestamp=seen_s)).state
            self._read = (header.hash, seen_s, state)
        return self._read[2]

    def _header(self, number: int) -> BlockHeaderAPI:
        chain = self._backend.chain
        return chain.get_block_header_by_hash(Hash32(self.block_hash(number)))

    def block_hash(self, number: int) -> bytes:
        """See `Engine.block_hash`."""
        head = self.head()[0]
        if not 0 <= number <= head:
            raise UnknownBlock(number, head)
        try:
            return self._backend.chain.get_canonical_block_hash(BlockNumber(number))
        except HeaderNotFound as error:
            raise ChainDamaged(f"block {number} is missing") from error

    def block(self, number: int) -> EngineBlock:
        """See `Engine.block`."""
        chain, found = self._backend.chain, self.block_hash(number)
        try:
            block = chain.get_block_by_hash(Hash32(found))
            receipts = tuple(_receipts(block, block.get_receipts(chain.chaindb)))
        except _UNREADABLE as error:
            raise ChainDamaged(f"block {number} is incomplete") from error
        header = block.header
        return EngineBlock(
            number=header.block_number,
            hash=header.hash,
            parent=header.parent_hash,
            at_s=header.timestamp,
            receipts=receipts,
        )

    def head(self) -> tuple[int, int]:
        """See `Engine.head`."""
        header = self._backend.chain.get_canonical_head()
        return header.block_number, header.timestamp

    def snapshot(self) -> int:
        """See `Engine.snapshot`."""
        return self._backend.take_snapshot()

    def revert(self, snapshot: int) -> None:
        """See `Engine.revert`."""
        self._backend.revert_to_snapshot(snapshot)

    def forget(self, snapshot: int) -> None:
        """See `Engine.forget`."""
        self._backend.forget_snapshot(snapshot)

    @property
    def web3(self) -> Web3:
        """See `Engine.web3`. Through it eth-tester's ten accounts can send, too."""
        if self._web3 is None:
            self._web3 = _web3_over(self._backend, self._chain_id)
        return self._web3

    def close(self) -> None:
        """See `Engine.close`."""
        self._web3 = self._read = None
        self._let_go()


def _web3_over(backend: TesterBackend, chain_id: int) -> Web3:
    from eth_tester import EthereumTester
    from web3 import EthereumTesterProvider, Web3
    from web3.providers.eth_tester.defaults import API_ENDPOINTS, static_return

    # web3 answers eth_chainId for eth-tester with a constant of its own.
    eth = {**API_ENDPOINTS["eth"], "chainId": static_return(chain_id)}
    tester = EthereumTester(backend)
    return Web3(EthereumTesterProvider(tester, {**API_ENDPOINTS, "eth": eth}))


def _raise_if_failed(computation: ComputationAPI, index: int) -> None:
    if not computation.is_error:
        return
    error = computation.error
    if isinstance(error, EVMRevert):
        raise Reverted(computation.output, index)
    raise Reverted(b"", index, halt=f"{type(error).__name__}: {error}")


def _receipts(block: BlockAPI, receipts: Sequence[ReceiptAPI]) -> Iterator[Receipt]:
    """Yield our receipts from py-evm's, in which gas is a running total."""
    gas_before = logs_before = 0
    for index, (transaction, receipt) in enumerate(zip(block.transactions, receipts, strict=True)):
        worked = receipt.state_root == EIP658_TRANSACTION_STATUS_CODE_SUCCESS
        created = worked and transaction.to == CREATE_CONTRACT_ADDRESS
        yield Receipt(
            tx_hash=transaction.hash,
            tx_index=index,
            block_number=block.number,
            block_hash=block.hash,
            at_s=block.header.timestamp,
            gas_used=receipt.gas_used - gas_before,
            contract_address=_created_by(transaction) if created else None,
            logs=tuple(
                _log(log, position) for position, log in enumerate(receipt.logs, logs_before)
            ),
        )
        gas_before = receipt.gas_used
        logs_before += len(receipt.logs)


def _created_by(transaction: SignedTransactionAPI) -> bytes:
    return creation_address(transaction.sender, transaction.nonce)


def _log(log: LogAPI, index: int) -> Log:
    topics = tuple(topic.to_bytes(32, "big") for topic in log.topics)
    return Log(address=log.address, topics=topics, data=log.data, index=index)
