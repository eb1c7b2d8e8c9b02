"""The `rpc:URL` engine: a chain that lives at a node, reached over JSON-RPC.

It runs on Foundry's anvil. What an engine promises - a block at exactly the second asked for, and
all of a block's calls or none - no client can bring about on a node whose blocks come from a
consensus: geth and Besu stamp them with their own clocks, and what is in a block stays there. So
the node must have the methods by which a developer makes blocks and takes them back, and one that
lacks them is refused at the start, by name.

How the promises are kept:

- while the engine is open, the node makes a block only when it is told to. Somebody else's
  transactions wait, or have a block of their own where they come through `RpcEngine.web3`;
- calls are signed here and executed in a block; if one of them fails, the block is taken back;
- a block costs nothing: the base fee is set to 0, so accounts need no money.

A snapshot is a place on the chain and costs nothing; returning to it takes blocks back. Anvil's own
`evm_snapshot` copies the whole state, and keeps the copy until it ends. So it is possible to return
as far as the node keeps states: anvil those of 4,100 blocks, unless told otherwise.

The chain is driven by one engine at a time: what others put on it is read like all the rest, and
goes with the blocks that are taken back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from registry.chain.answers import Head, block_of, bytes_of, head_of, hex_of, int_of, maybe_head
from registry.chain.engine import (
    READ_GAS,
    Call,
    Closable,
    EngineBlock,
    Receipt,
    Reverted,
    UnknownSnapshot,
    check_block,
)
from registry.chain.fitness import examine, try_out
from registry.chain.jsonrpc import Ask, Fault, Node
from registry.chain.making import BlockInMaking, senders_of, signed
from registry.chain.rewind import rewind, take_back
from registry.chain.transactions import Transaction, intrinsic_gas
from registry.errors import (
    ChainDamaged,
    NodeNonsense,
    NodeRefused,
    NodeUnreachable,
    TransactionRejected,
    UnknownBlock,
)

if TYPE_CHECKING:
    from web3 import Web3

_TOGETHER: Final = 24
"""Questions in one message of which the order matters. Anvil answers about 30 one after the
other; of more, it may take some before others."""

_REVERTED: Final = 3
"""Code of the fault that carries what a contract said when it reverted."""
_HALTED: Final = "EVM error "
_KEPT: Final = b"node"
"""Key of the only pair that is handed out: which chain it is, and how far it is known."""
_NUMBERS: Final = 2**63
_NOT_ALONE: Final = "somebody else had the node make a block meanwhile"

_Read = TypeVar("_Read")


class RpcEngine(Closable):
    """A chain at a node; see `registry.chain.engine.Engine`.

    Args:
        url: Address of the node, such as http://127.0.0.1:8545.
        expect_chain_id: Id that the node's chain must have; any if absent.
        by_s: Second, since 1970, after which no block of it may lie; any if absent.

    Raises:
        InputError: no such address.
        NodeUnreachable, NodeNonsense: nothing answers there, or something else than a node.
        WrongChain: the node is on another chain.
        NodeUnfit: the node lacks methods, makes blocks by its own clock, keeps no past states, or
            has a later block.
    """

    HELD = frozenset({"_node", "_seen"})

    def __init__(
        self, url: str, *, expect_chain_id: int | None = None, by_s: int | None = None
    ) -> None:
        self._address = url
        self._node = Node(url)
        self.name = f"rpc:{self._node.url}"
        self._web3: Web3 | None = None
        self._debt: BlockInMaking | None = None
        self._looked: Head | None = None
        self._marks: list[tuple[int, Head]] = []
        self._next_mark = 0
        self._kept: bytes | None = None
        try:
            self._chain_id, self._makes_blocks = examine(self._node, expect_chain_id)
            self._genesis, self._seen = try_out(self._node, by_s)
        except BaseException:
            self._node.close()
            raise

    @classmethod
    def resume(cls, pairs: Mapping[bytes, bytes], url: str) -> Self:
        """Open a chain again from the union of all `changes` of another engine.

        The chain is the node's; what was kept says which one it was and how far it was known.
        Blocks beyond that are read like any that others made.

        Raises:
            ChainDamaged: the pairs are not what was handed out, or the node's chain has other
                blocks than the one that was kept.
            WrongChain, NodeUnreachable, NodeNonsense, NodeUnfit: see the class.
        """
        try:
            kept = pairs[_KEPT]
            said = json.loads(kept)
            chain_id, number = int(said["chain_id"]), int(said["number"])
            known = {0: bytes.fromhex(said["genesis"]), number: bytes.fromhex(said["head"])}
        except (KeyError, TypeError, ValueError) as error:
            raise ChainDamaged("it does not say which chain of a node it was") from error
        engine = cls(url, expect_chain_id=chain_id)
        try:
            for at, hash_ in known.items():
                if at > engine._seen.number or engine.block_hash(at) != hash_:
                    raise ChainDamaged(f"the node at {engine._node.url} has not its block {at}")
        except BaseException:
            engine.close()
            raise
        engine._kept = kept
        return engine

    def changes(self) -> dict[bytes, bytes | None]:
        """See `Engine.changes`. The chain itself stays at the node."""
        said = {
            "chain_id": self._chain_id,
            "genesis": self._genesis.hash.hex(),
            "number": self._seen.number,
            "head": self._seen.hash.hex(),
        }
        kept = json.dumps(said, separators=(",", ":")).encode()
        if kept == self._kept:
            return {}
        self._kept = kept
        return {_KEPT: kept}

    @property
    def chain_id(self) -> int:
        """See `Engine.chain_id`."""
        return self._chain_id

    # Sending.

    def send(self, calls: Sequence[Call], at_s: int) -> tuple[Receipt, ...]:
        """See `Engine.send`.

        Raises:
            NodeUnreachable: the node went away. If it is met again, what was left half done is
                taken back before anything else.
        """
        making = self._begun(calls, at_s)
        if making.fault and not making.transactions:
            raise TransactionRejected(making.fault)
        self._debt = making
        try:
            receipts = self._make(making)
        except NodeUnreachable:
            raise
        except BaseException:
            self._settle()
            raise
        self._debt = None
        return receipts

    def _begun(self, calls: Sequence[Call], at_s: int) -> BlockInMaking:
        """Look at the node, and sign."""
        senders = senders_of(calls)
        asks: list[Ask] = [("eth_getBlockByNumber", "latest", False), ("txpool_status",)]
        asks += [("eth_getTransactionCount", hex_of(sender), "latest") for sender in senders]
        block, pool, *counts = self._need_all(asks)
        with self._node.reading("eth_getBlockByNumber"):
            self._seen = head = head_of(block)
            waiting = int_of(pool["pending"])
            nonces = dict(zip(senders, map(int_of, counts), strict=True))
        if waiting:
            raise TransactionRejected(
                f"{waiting} transactions of others wait at the node for a block of their own"
            )
        check_block(calls, at_s, head.at_s)
        return BlockInMaking(head, at_s, *signed(calls, nonces, self._chain_id))

    def _make(self, making: BlockInMaking) -> tuple[Receipt, ...]:
        """Have a block made and read it; whatever is raised, it has to be taken back."""
        first, asks = making.preparation(), making.asks()
        if first:
            self._node.need_all(first)
        answers: list[Any] = []
        for start in range(0, len(asks), _TOGETHER):
            answers += self._node.ask_all(asks[start : start + _TOGETHER], again=False)
        number = hex(making.after.number + 1)
        block, receipts = self._node.need_all(
            [("eth_getBlockByNumber", number, False), ("eth_getBlockReceipts", number)]
        )
        *sent, mined = answers
        fault, taken = making.fault, making.transactions
        for index, answer in enumerate(sent):
            if isinstance(answer, Fault):
                fault, taken = f"call {index}: {answer.message}", taken[:index]
                break
        if isinstance(mined, Fault):
            raise NodeRefused(self._node.url, "evm_mine", mined.message)
        with self._node.reading("eth_getBlockReceipts"):
            if not making.follows(block):
                raise TransactionRejected(_NOT_ALONE)
            self._raise_if_failed(taken, receipts)
            if fault:
                raise TransactionRejected(fault)
            if not making.consists_of(block):
                raise TransactionRejected(_NOT_ALONE)
            found = block_of(block, receipts).receipts
            self._seen = head_of(block)
        return found

    def _raise_if_failed(
        self, transactions: Sequence[Transaction], receipts: Sequence[Mapping[str, Any]]
    ) -> None:
        status = {bytes_of(one["transactionHash"]): int_of(one["status"]) for one in receipts}
        for index, transaction in enumerate(transactions):
            if transaction.hash not in status:
                raise TransactionRejected(f"call {index}: the node left it out of the block")
            if status[transaction.hash]:
                continue
            how = {"tracer": "callTracer", "tracerConfig": {"onlyTopCall": True}}
            trace = self._node.ask("debug_traceTransaction", hex_of(transaction.hash), how)
            said, error = bytes_of(trace.get("output") or "0x"), str(trace["error"])
            if error == "execution reverted":
                raise Reverted(said, index)
            raise Reverted(b"", index, halt=error)

    def _settle(self) -> None:
        """Take back what was left of a block that was not finished."""
        making = self._debt
        if making is None:
            return
        asks = [*making.clearing(), ("eth_getBlockByNumber", "latest", False)]
        block = self._node.ask_all(asks)[-1]
        with self._node.reading("eth_getBlockByNumber"):
            if making.is_partly(block):
                # Its parent's state is what the node wrote last, and is whole.
                self._seen = take_back(self._node, 1, bytes_of(block["parentHash"]))
        self._debt = None

    # Reading.

    def call(
        self,
        to: bytes,
        data: bytes,
        *,
        sender: bytes | None = None,
        at_s: int | None = None,
        block: int | None = None,
    ) -> bytes:
        """See `Engine.call`.

        Raises:
            NodeRefused: the node does not keep the state after that block any more.
        """
        # A node takes what the bytes cost from it; how much gas a block has, it does not look at.
        gas = READ_GAS + intrinsic_gas(data, creates=False)
        asked: dict[str, str] = {"to": hex_of(to), "data": hex_of(data), "gas": hex(gas)}
        if sender is not None:
            asked["from"] = hex_of(sender)
        ask: Ask = ("eth_call", asked, "latest" if block is None else self._number(block))
        if at_s is not None:
            ask = (*ask, {}, {"time": hex(at_s)})
        (answer,) = self._ask_all([ask])
        with self._node.reading("eth_call"):
            if not isinstance(answer, Fault):
                return bytes_of(answer)
            if answer.code == _REVERTED:
                raise Reverted(bytes_of(answer.data or "0x"))
        if answer.message.startswith(_HALTED):
            raise Reverted(b"", halt=answer.message.removeprefix(_HALTED))
        if block is not None and block > (head := self.head()[0]):
            raise UnknownBlock(block, head)
        raise NodeRefused(self._node.url, "eth_call", answer.message)

    def code(self, address: bytes) -> bytes:
        """See `Engine.code`."""
        return self._asked(bytes_of, "eth_getCode", hex_of(address), "latest")

    def nonce(self, address: bytes) -> int:
        """See `Engine.nonce`."""
        return self._asked(int_of, "eth_getTransactionCount", hex_of(address), "latest")

    def block_hash(self, number: int) -> bytes:
        """See `Engine.block_hash`. Right after `head` it is answered from the same look."""
        looked, self._looked = self._looked, None
        if looked is not None and looked.number == number:
            return looked.hash
        found = self._asked(maybe_head, "eth_getBlockByNumber", self._number(number), False)
        if found is None:
            raise UnknownBlock(number, self.head()[0])
        return found.hash

    def block(self, number: int) -> EngineBlock:
        """See `Engine.block`."""
        at = self._number(number)
        block, receipts = self._ask_all(
            [("eth_getBlockByNumber", at, False), ("eth_getBlockReceipts", at)]
        )
        if block is None:
            raise UnknownBlock(number, self.head()[0])
        with self._node.reading("eth_getBlockReceipts"):
            return block_of(block, receipts)

    def head(self) -> tuple[int, int]:
        """See `Engine.head`."""
        self._seen = self._asked(head_of, "eth_getBlockByNumber", "latest", False)
        self._looked = self._seen
        return self._seen.number, self._seen.at_s

    # Snapshots.

    def snapshot(self) -> int:
        """See `Engine.snapshot`."""
        self.head()
        self._next_mark += 1
        self._marks.append((self._next_mark, self._seen))
        return self._next_mark

    def revert(self, snapshot: int) -> None:
        """See `Engine.revert`.

        Raises:
            NodeRefused: the node does not keep its state of then any more, and nothing has changed;
                or the blocks are taken back, and contracts that it forgot are not put back.
        """
        position = self._position(snapshot)
        _, to = self._marks[position]
        head = self.head()[0]
        if head < to.number or self.block_hash(to.number) != to.hash:
            raise NodeRefused(self._node.url, "anvil_rollback", f"block {to.number} is not there")
        self._seen = rewind(self._node, head - to.number, to)
        del self._marks[position + 1 :]

    def forget(self, snapshot: int) -> None:
        """See `Engine.forget`."""
        del self._marks[self._position(snapshot) :]

    def _position(self, snapshot: int) -> int:
        for position, (number, _) in enumerate(self._marks):
            if number == snapshot:
                return position
        raise UnknownSnapshot(snapshot)

    # The node.

    def _ask_all(self, asks: Sequence[Ask]) -> list[Any]:
        self._get_ready()
        return self._node.ask_all(asks)

    def _need_all(self, asks: Sequence[Ask]) -> list[Any]:
        self._get_ready()
        return self._node.need_all(asks)

    def _get_ready(self) -> None:
        self._looked = None
        if self._debt is not None:
            self._settle()

    def _asked(self, read: Callable[[Any], _Read], *ask: Any) -> _Read:
        (answer,) = self._need_all([ask])
        with self._node.reading(ask[0]):
            return read(answer)

    def _number(self, number: int) -> str:
        """Write a block's number as nodes want it, unless no node has so many blocks."""
        if not 0 <= number < _NUMBERS:
            raise UnknownBlock(number, self.head()[0])
        return hex(number)

    @property
    def web3(self) -> Web3:
        """See `Engine.web3`. What is sent through it has a block of its own, at once."""
        if self._web3 is None:
            from registry.chain.relay import web3_over

            self._web3 = web3_over(self._node, self._address)
        return self._web3

    def close(self) -> None:
        """See `Engine.close`. The node goes on, and makes blocks as it did before."""
        if self._web3 is not None:
            from registry.chain.relay import let_go

            let_go(self._web3)
            self._web3 = None
        node: Node | None = self.__dict__.get("_node")
        self._let_go()
        if node is not None:
            with suppress(NodeUnreachable, NodeNonsense, NodeRefused):
                node.ask("evm_setAutomine", self._makes_blocks)
            node.close()
