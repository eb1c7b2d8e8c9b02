"""The `revm` engine: our own chain over pyrevm, for whoever wants speed.

Sending goes straight to the chain. Reading is open to everybody: eth-tester's backend stands on
the same chain, and `web3` shows its blocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

from registry.chain.engine import (
    BLOCK_GAS,
    CHAIN_ID,
    READ_GAS,
    Call,
    Closable,
    EngineBlock,
    Receipt,
    Reverted,
    address_of,
    check_block,
)
from registry.chain.revm.accounts import rich_accounts
from registry.chain.revm.blocks import NO_ADDRESS, Block, Genesis
from registry.chain.revm.chain import Chain
from registry.chain.revm.keep import Keeper, reopened
from registry.chain.revm.machine import Message
from registry.chain.transactions import intrinsic_gas, sign_call
from registry.errors import TransactionRejected

if TYPE_CHECKING:
    from web3 import Web3


class RevmEngine(Closable):
    """An in-memory chain on pyrevm; see `registry.chain.engine.Engine`.

    Args:
        chain_id: Id that transactions must be signed for.
        start_s: Timestamp of the genesis block, seconds since 1970; blocks come after it.
    """

    name = "revm"
    HELD = frozenset({"_chain", "_keeper"})

    def __init__(self, *, chain_id: int = CHAIN_ID, start_s: int) -> None:
        genesis = Genesis(
            at_s=start_s,
            gas_limit=BLOCK_GAS,
            base_fee=0,
            accounts=rich_accounts(),
            is_free=True,
        )
        self._begin(Chain(chain_id=chain_id, genesis=genesis))

    def _begin(self, chain: Chain, *, is_kept: bool = False) -> None:
        self._chain = chain
        self._keeper = Keeper(chain, is_kept=is_kept)
        self._web3: Web3 | None = None

    @classmethod
    def resume(cls, pairs: Mapping[bytes, bytes]) -> Self:
        """Open a chain again from the union of all `changes` of another, as that one was.

        Raises:
            ChainDamaged: a pair is missing, or is not what was handed out.
        """
        engine = cls.__new__(cls)
        engine._begin(reopened(pairs), is_kept=True)
        return engine

    def changes(self) -> dict[bytes, bytes | None]:
        """See `Engine.changes`."""
        return self._keeper.changes()

    @property
    def chain_id(self) -> int:
        """See `Engine.chain_id`."""
        return self._chain.chain_id

    def send(self, calls: Sequence[Call], at_s: int) -> tuple[Receipt, ...]:
        """See `Engine.send`."""
        chain = self._chain
        if not chain.is_idle:
            raise TransactionRejected("somebody is making a block")
        check_block(calls, at_s, chain.head.at_s)
        chain.travel(at_s)
        before, index = chain.head.number, 0
        try:
            for index, call in enumerate(calls):
                self._execute(call, index)
            return _receipts(chain.seal())
        except BaseException as error:
            chain.back_to(before)
            if isinstance(error, ValueError | TransactionRejected):
                raise TransactionRejected(f"call {index}: {error}") from error
            raise

    def _execute(self, call: Call, index: int) -> None:
        chain = self._chain
        nonce = chain.state.account(address_of(call.key)).nonce
        receipt = chain.add(
            sign_call(call.key, chain.chain_id, nonce, call.gas, call.to, call.data)
        )
        if not receipt.status:
            raise Reverted(receipt.output, index, receipt.halt)

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
        chain = self._chain
        number = chain.head.number if block is None else block
        asker = NO_ADDRESS if sender is None else sender
        # What its bytes cost is the price of a transaction, and this is none.
        gas = READ_GAS + intrinsic_gas(data, creates=False)
        outcome = chain.run(Message(asker, to, data, gas), block=number, at_s=at_s)
        if not outcome.status:
            raise Reverted(outcome.output, 0, outcome.halt)
        return outcome.output

    def code(self, address: bytes) -> bytes:
        """See `Engine.code`."""
        return self._chain.state.code(address, self._chain.head.step)

    def nonce(self, address: bytes) -> int:
        """See `Engine.nonce`."""
        return self._chain.state.account(address, self._chain.head.step).nonce

    def block_hash(self, number: int) -> bytes:
        """See `Engine.block_hash`."""
        return self._chain.block(number).hash

    def block(self, number: int) -> EngineBlock:
        """See `Engine.block`."""
        block = self._chain.block(number)
        return EngineBlock(block.number, block.hash, block.parent, block.at_s, _receipts(block))

    def head(self) -> tuple[int, int]:
        """See `Engine.head`."""
        head = self._chain.head
        return head.number, head.at_s

    def snapshot(self) -> int:
        """See `Engine.snapshot`."""
        return self._chain.snapshot()

    def revert(self, snapshot: int) -> None:
        """See `Engine.revert`."""
        self._chain.revert(snapshot)

    def forget(self, snapshot: int) -> None:
        """See `Engine.forget`."""
        self._chain.forget(snapshot)

    @property
    def web3(self) -> Web3:
        """See `Engine.web3`. Through it eth-tester's ten accounts can send, too."""
        if self._web3 is None:
            from registry.chain.revm.backend import RevmBackend
            from registry.chain.revm.web3 import web3_over

            self._web3 = web3_over(RevmBackend.over(self._chain))
        return self._web3

    def close(self) -> None:
        """See `Engine.close`."""
        self._web3 = None
        self._let_go()


def _receipts(block: Block) -> tuple[Receipt, ...]:
    return tuple(
        Receipt(
            tx_hash=transaction.hash,
            tx_index=index,
            block_number=block.number,
            block_hash=block.hash,
            at_s=block.at_s,
            gas_used=receipt.gas_used,
            contract_address=receipt.created,
            logs=receipt.logs,
        )
        for index, (transaction, receipt) in enumerate(
            zip(block.transactions, block.receipts, strict=True)
        )
    )
