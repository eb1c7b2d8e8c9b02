"""The engine at a node: what is wrong with nodes, and what becomes of the chain then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from registry.chain.engine import Call, Engine, address_of
from registry.chain.jsonrpc import Node
from registry.chain.rpc import RpcEngine
from registry.errors import (
    ChainDamaged,
    EngineClosed,
    InputError,
    NodeNonsense,
    NodeRefused,
    NodeUnfit,
    NodeUnreachable,
    TransactionRejected,
    WrongChain,
)
from registry.simulate.nodes import anvil
from tests.anvil import Anvils
from tests.unit.chain.engines import (
    ALICE,
    BOB,
    COUNTER,
    LATER_S,
    MIRROR,
    REFUSER,
    START_S,
    count,
    deploy,
    everything,
    grown,
    signed,
    words,
)
from tests.unit.chain.stand_ins import Reply, StandIn, answering, before

NO_SUCH_PLACE = "http://127.0.0.1:9"
"""The port of a service that nobody runs any more."""


@pytest.fixture
def url(anvils: Anvils) -> str:
    return anvils.at(START_S)


@pytest.fixture
def engine(url: str) -> Iterator[RpcEngine]:
    with closing(RpcEngine(url)) as opened:
        yield opened


@pytest.fixture
def node(url: str) -> Iterator[Node]:
    """The node, as somebody else speaks to it."""
    with closing(Node(url)) as spoken_to:
        yield spoken_to


# Opening.


@pytest.mark.parametrize(
    "address",
    ["", "127.0.0.1:8545", "ftp://127.0.0.1", "http://", "http://[::1", "http://h:99999", "rpc:"],
)
def test_opening_refuses_what_is_no_address(address: str) -> None:
    with pytest.raises(InputError, match="expected an address such as http"):
        RpcEngine(address)


def test_opening_says_where_no_node_answers() -> None:
    with pytest.raises(
        NodeUnreachable, match=r"no answer from the node at http://127.*: Connection refused"
    ):
        RpcEngine(NO_SUCH_PLACE)


def test_passwords_are_not_shown(url: str) -> None:
    secret = url.replace("http://", "http://user:geheim@")
    with closing(RpcEngine(secret)) as engine:
        assert engine.name == f"rpc:{url}"
        assert engine.web3.eth.chain_id == engine.chain_id
    with pytest.raises(NodeUnreachable) as caught:
        RpcEngine("http://user:geheim@127.0.0.1:9")
    assert "geheim" not in str(caught.value)


def test_opening_refuses_another_chain(url: str, node: Node) -> None:
    with pytest.raises(WrongChain, match=r"is on chain 1337, expected chain 1$") as caught:
        RpcEngine(url, expect_chain_id=1)
    assert (caught.value.found, caught.value.expected) == (1337, 1)
    assert node.ask("anvil_getAutomine") is True
    with closing(RpcEngine(url, expect_chain_id=1337)) as engine:
        assert engine.chain_id == 1337


def test_opening_refuses_a_node_that_follows_a_consensus() -> None:
    # What geth answers: its blocks come from elsewhere.
    answers = {"eth_chainId": "0x1", "eth_getBlockReceipts": None, "txpool_status": {}}
    with StandIn(answering(answers)) as geth:
        with pytest.raises(NodeUnfit, match=r"it has no .*anvil_rollback, .*evm_mine, .* as anvil"):
            RpcEngine(geth.url)
        assert "evm_setAutomine" in geth.asked
        assert "eth_sendRawTransaction" not in geth.asked


@pytest.mark.parametrize("code", [-32601, -32604])
def test_opening_names_the_method_that_is_missing(url: str, code: int) -> None:
    real = before(url)

    def reply(questions: list[dict[str, Any]]) -> bytes | None:
        text = real(questions)
        if all(question["method"] != "debug_traceTransaction" for question in questions):
            return text
        answers = json.loads(text or b"")
        for question, answer in zip(questions, answers, strict=True):
            if question["method"] == "debug_traceTransaction":
                answer["error"] = {"code": code, "message": "Method not enabled"}
        return json.dumps(answers).encode()

    with StandIn(reply) as lacking, pytest.raises(NodeUnfit) as caught:
        RpcEngine(lacking.url)
    assert caught.value.problem == "it has no debug_traceTransaction, as anvil has"


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("--block-time=3600", "makes blocks by its own clock"),
        ("--prune-history", "does not keep past states"),
    ],
)
def test_opening_refuses_an_anvil_that_cannot_keep_the_rules(
    anvils: Anvils, option: str, problem: str
) -> None:
    with anvil(start_s=START_S, options=[option]) as url, closing(Node(url)) as node:
        head = node.ask("eth_getBlockByNumber", "latest", False)
        automine = node.ask("anvil_getAutomine")
        with pytest.raises(NodeUnfit, match=problem):
            RpcEngine(url)
        assert node.ask("eth_getBlockByNumber", "latest", False) == head
        assert node.ask("anvil_getAutomine") == automine


def said(text: bytes, status: int = 200) -> tuple[Reply, int]:
    return (lambda _: text), status


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        said(b""),
        said(b"<html>It works!</html>"),
        said(b"<html>Bad Gateway</html>", 502),
        said(b"not found", 404),
        said(b"[]"),
        said(b"[1]"),
        said(b"{}"),
        said(b"null"),
        said(b'{"jsonrpc": "2.0", "id": 0, "result": "0x1"}'),
        said(b'[{"jsonrpc": "2.0", "id": 7, "result": "0x1"}]'),
        said(b'[{"jsonrpc": "2.0", "id": 0}]'),
        said(b'[{"jsonrpc": "2.0", "id": 0, "error": "no"}]'),
        (answering({"eth_chainId": "one"}), 200),
        (answering({"eth_chainId": None}), 200),
        (answering({"eth_chainId": {"a": 1}}), 200),
    ],
)
def test_opening_refuses_what_does_not_speak_as_a_node(reply: Reply, status: int) -> None:
    with StandIn(reply) as strange:
        strange.status = status
        with pytest.raises(NodeNonsense, match="answers eth_chainId as no node does"):
            RpcEngine(strange.url)


def test_opening_hands_on_why_a_node_refuses() -> None:
    fault = b'{"jsonrpc": "2.0", "id": null, "error": {"code": -32000, "message": "no key"}}'
    with StandIn(lambda _: fault) as closed, pytest.raises(NodeRefused, match="no key"):
        RpcEngine(closed.url)


# A node that was started as people start it.


def test_plain_anvil_carries_blocks_that_cost_nothing() -> None:
    with anvil(chain_id=31337) as url, closing(RpcEngine(url)) as engine:
        counter = deploy(engine, COUNTER)
        head = engine.head()
        receipts = engine.send([Call(ALICE, counter, b"")] * 60, head[1] + 100)
        assert [words(receipt.logs[0].data) for receipt in receipts] == [[n] for n in range(1, 61)]
        seen = words(engine.call(deploy(engine, MIRROR), b""))
        assert (seen[3], seen[4]) == (31337, 0)
        assert engine.web3.eth.get_balance(engine.web3.to_checksum_address(address_of(ALICE))) == 0


def test_a_block_is_free_after_one_that_was_not(engine: RpcEngine, node: Node) -> None:
    counter = deploy(engine, COUNTER)
    node.ask("anvil_setNextBlockBaseFeePerGas", "0x3b9aca00")
    node.ask("evm_setBlockGasLimit", hex(30_000_000))
    node.ask("evm_mine")
    (receipt,) = engine.send([Call(BOB, counter, b"", gas=40_000_000)], engine.head()[1] + 1)
    assert receipt.block_number == 3


def test_closing_lets_the_node_go_on_as_before(url: str, node: Node) -> None:
    engine = RpcEngine(url)
    assert node.ask("anvil_getAutomine") is False
    engine.close()
    engine.close()
    assert node.ask("anvil_getAutomine") is True
    with pytest.raises(EngineClosed):
        engine.changes()
    node.ask("evm_setAutomine", False)
    RpcEngine(url).close()
    assert node.ask("anvil_getAutomine") is False


# Others at the same node.


def test_send_waits_for_the_transactions_of_others(engine: RpcEngine, node: Node) -> None:
    counter = deploy(engine, COUNTER)
    head = engine.head()
    tx_hash = node.ask("eth_sendRawTransaction", "0x" + signed(1337, nonce=1).hex())
    with pytest.raises(TransactionRejected, match="1 transactions of others wait at the node"):
        engine.send([Call(BOB, counter, b"")], LATER_S)
    assert engine.head() == head
    node.ask("evm_mine")
    assert [receipt.tx_hash.hex() for receipt in engine.block(2).receipts] == [tx_hash[2:]]
    assert engine.send([Call(BOB, counter, b"")], engine.head()[1] + 1)


class Meddler:
    """Stands before a node, and does something there once, before it hands on the next block."""

    def __init__(self, url: str, deed: Any) -> None:
        self._real = before(url)
        self.deed = deed

    def __call__(self, questions: list[dict[str, Any]]) -> bytes | None:
        if self.deed is not None and questions[-1]["method"] == "evm_mine":
            deed, self.deed = self.deed, None
            answer = deed(questions)
            if answer is not None:
                return answer
        return self._real(questions)


@pytest.mark.parametrize("is_in_our_block", [True, False])
def test_send_takes_back_a_block_that_others_got_into(
    url: str, node: Node, is_in_our_block: bool
) -> None:
    def deed(_: object) -> None:
        if meddler_ready:
            node.ask("eth_sendRawTransaction", "0x" + signed(1337, nonce=1).hex())
            if not is_in_our_block:
                node.ask("evm_mine", {"timestamp": START_S + 7})

    meddler_ready: list[bool] = []
    meddler = Meddler(url, None)
    with StandIn(meddler) as between, closing(RpcEngine(between.url)) as engine:
        counter = deploy(engine, COUNTER)
        meddler_ready.append(True)
        meddler.deed = deed
        with pytest.raises(TransactionRejected, match="somebody else had the node make a block"):
            engine.send([Call(BOB, counter, b"")], LATER_S)
        assert engine.head()[0] == (1 if is_in_our_block else 2)
        assert engine.nonce(address_of(BOB)) == count(engine, counter) == 0
        assert engine.send([Call(BOB, counter, b"")], LATER_S)


def test_snapshot_cannot_be_returned_to_when_its_block_was_taken_back(
    engine: RpcEngine, node: Node
) -> None:
    grown(engine)
    snapshot = engine.snapshot()
    engine.send([], LATER_S)
    node.ask("anvil_rollback", 3)
    head = engine.head()
    with pytest.raises(NodeRefused, match="block 5 is not there"):
        engine.revert(snapshot)
    engine.send([], START_S + 25)
    engine.send([], START_S + 26)
    with pytest.raises(NodeRefused, match="block 5 is not there"):
        engine.revert(snapshot)
    assert engine.head() == (head[0] + 2, START_S + 26)


@pytest.mark.parametrize("since", [1, 30, 700])
def test_contracts_are_whole_again_however_many_blocks_are_taken_back(
    engine: RpcEngine, node: Node, since: int
) -> None:
    # Anvil writes states down from the 500th on, first those that were made first.
    node.ask("anvil_mine", hex(520))
    counter, mirror = deploy(engine, COUNTER), deploy(engine, MIRROR)
    snapshot, head = engine.snapshot(), engine.head()
    for _ in range(2):
        later = deploy(engine, REFUSER)
        engine.send([Call(BOB, counter, b"")] * 3, engine.head()[1] + 1)
        node.ask("anvil_mine", hex(since))
        assert count(engine, counter) == 3
        assert words(engine.call(mirror, b"", block=head[0]))[:2] == [head[1], head[0]]
        engine.revert(snapshot)
        assert engine.head() == head
        assert (engine.code(counter), engine.code(mirror)) == (COUNTER, MIRROR)
        assert (engine.code(later), count(engine, counter)) == (b"", 0)
        assert engine.nonce(address_of(BOB)) == 0
        assert words(engine.call(mirror, b""))[:2] == [head[1], head[0]]
    (receipt,) = engine.send([Call(BOB, counter, b"")], head[1] + 1)
    assert words(receipt.logs[0].data) == [1]
    assert words(engine.call(mirror, b"", block=head[0]))[1] == head[0]


def failing(url: str, method: str) -> tuple[list[bool], Reply]:
    """Return a switch, and a reply that refuses a method."""
    switch: list[bool] = []
    real = before(url)

    def reply(questions: list[dict[str, Any]]) -> bytes | None:
        text = real(questions)
        if not switch:
            return text
        answers = json.loads(text or b"")
        for question, answer in zip(questions, answers, strict=True):
            if question["method"] == method:
                answer["error"] = {"code": -32000, "message": "not today"}
        return json.dumps(answers).encode()

    return switch, reply


def test_revert_says_when_forgotten_contracts_cannot_be_put_back(url: str, node: Node) -> None:
    switch, reply = failing(url, "anvil_setCode")
    # As in the test above: enough blocks for states to be written down.
    node.ask("anvil_mine", hex(520))
    with StandIn(reply) as between, closing(RpcEngine(between.url)) as engine:
        deploy(engine, COUNTER)
        snapshot = engine.snapshot()
        node.ask("anvil_mine", hex(700))
        switch.append(True)
        with pytest.raises(NodeRefused, match="refuses anvil_setCode: not today") as caught:
            engine.revert(snapshot)
    assert (caught.value.url, caught.value.asked) == (between.url, "anvil_setCode")


@pytest.mark.parametrize(
    "method",
    [
        "txpool_status",
        "eth_getTransactionCount",
        "eth_getBlockByNumber",
        "eth_getBlockReceipts",
        "evm_mine",
        "evm_setBlockGasLimit",
    ],
)
def test_send_names_what_the_node_refuses(url: str, node: Node, method: str) -> None:
    switch, reply = failing(url, method)
    with StandIn(reply) as between, closing(RpcEngine(between.url)) as engine:
        counter = deploy(engine, COUNTER)
        node.ask("evm_setBlockGasLimit", hex(30_000_000))
        node.ask("evm_mine")
        head = engine.head()
        switch.append(True)
        with pytest.raises(NodeRefused, match=f"refuses {method}: not today"):
            engine.send([Call(BOB, counter, b"")], LATER_S)
        switch.clear()
        assert engine.head() == head
        assert (engine.nonce(address_of(BOB)), count(engine, counter)) == (0, 0)


def test_states_that_the_node_dropped_cannot_be_had() -> None:
    with (
        anvil(start_s=START_S, options=["--prune-history", "3"]) as url,
        closing(RpcEngine(url)) as engine,
    ):
        counter = deploy(engine, COUNTER)
        snapshot = engine.snapshot()
        for second in range(2, 12):
            engine.send([Call(BOB, counter, b"")], START_S + second)
        blocks = everything(engine)
        with pytest.raises(NodeRefused, match="refuses eth_call"):
            engine.call(counter, b"", block=1)
        with pytest.raises(NodeRefused, match="refuses eth_getCode"):
            engine.revert(snapshot)
        assert everything(engine) == blocks
        assert count(engine, counter) == 10


# A node that goes away.


def hang_up(questions: list[dict[str, Any]]) -> None:
    """Say nothing, and do nothing."""


def losing(url: str, is_done: bool) -> tuple[list[bool], Reply]:
    """Return a switch, and a reply that loses the next block - after it was made, if `is_done`."""
    switch: list[bool] = []
    real = before(url)

    def reply(questions: list[dict[str, Any]]) -> bytes | None:
        if switch and questions[-1]["method"] == "evm_mine":
            if is_done:
                real(questions)
            return None
        return real(questions)

    return switch, reply


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("calls", [0, 1, 3])
def test_send_leaves_nothing_half_done_when_the_node_goes_away(
    url: str, is_done: bool, calls: int
) -> None:
    switch, reply = losing(url, is_done)
    with StandIn(reply) as between, closing(RpcEngine(between.url)) as engine:
        counter, _ = grown(engine)
        blocks = everything(engine)
        switch.append(True)
        with pytest.raises(NodeUnreachable):
            engine.send([Call(BOB, counter, b"")] * calls, LATER_S)
        switch.clear()
        assert everything(engine) == blocks
        assert engine.nonce(address_of(BOB)) == 3
        receipts = engine.send([Call(BOB, counter, b"")] * 2, LATER_S)
        assert [words(receipt.logs[0].data) for receipt in receipts] == [[7], [8]]


def test_send_leaves_nothing_half_done_when_the_answer_is_nonsense(url: str) -> None:
    real = before(url)
    switch: list[bool] = []

    def reply(questions: list[dict[str, Any]]) -> bytes | None:
        text = real(questions)
        return b"[]" if switch and questions[-1]["method"] == "eth_getBlockReceipts" else text

    with StandIn(reply) as between, closing(RpcEngine(between.url)) as engine:
        counter, _ = grown(engine)
        blocks = everything(engine)
        switch.append(True)
        with pytest.raises(NodeNonsense):
            engine.send([Call(BOB, counter, b"")], LATER_S)
        switch.clear()
        assert everything(engine) == blocks


def test_reading_goes_on_over_a_new_connection(url: str) -> None:
    with StandIn(before(url)) as between, closing(RpcEngine(between.url)) as engine:
        counter, sent = grown(engine)
        between.hangs_up = True
        assert [block.receipts for block in everything(engine)] == [(), *sent]
        assert count(engine, counter) == 6


def test_everything_says_so_when_the_node_is_gone() -> None:
    with anvil(start_s=START_S) as url:
        engine = RpcEngine(url)
        counter, _ = grown(engine)
        snapshot = engine.snapshot()
    asks = [
        engine.head,
        engine.snapshot,
        lambda: engine.block(1),
        lambda: engine.block_hash(1),
        lambda: engine.call(counter, b""),
        lambda: engine.code(counter),
        lambda: engine.nonce(counter),
        lambda: engine.revert(snapshot),
        lambda: engine.send([], LATER_S),
        lambda: engine.send([Call(ALICE, counter, b"")], LATER_S),
    ]
    for ask in asks:
        with pytest.raises(NodeUnreachable, match=f"no answer from the node at {url}: "):
            ask()
    engine.close()


# Opened again.


def test_resume_opens_the_chain_that_was_kept(url: str) -> None:
    with closing(RpcEngine(url)) as engine:
        counter, _ = grown(engine)
        pairs = kept(engine)
        assert engine.changes() == {}
        blocks = everything(engine)
    with closing(RpcEngine.resume(pairs, url)) as other:
        assert everything(other) == blocks
        assert other.changes() == {}
        assert count(other, counter) == 6
        other.send([Call(BOB, counter, b"")], LATER_S)
        changes = other.changes()
        assert list(changes) == list(pairs)
        assert changes != pairs
    # The world may have ended before it wrote down its last block.
    with closing(RpcEngine.resume(pairs, url)) as third:
        assert third.head()[0] == len(blocks)
        assert third.changes() == changes


def kept(engine: Engine) -> dict[bytes, bytes]:
    return {key: value for key, value in engine.changes().items() if value is not None}


def test_resume_refuses_another_chain(url: str, anvils: Anvils) -> None:
    with closing(RpcEngine(url)) as engine:
        grown(engine)
        pairs = kept(engine)
        other = anvils.at(START_S - 1)
        with pytest.raises(ChainDamaged, match=f"the node at {other} has not its block 0"):
            RpcEngine.resume(pairs, other)
        with pytest.raises(WrongChain):
            RpcEngine.resume(pairs, anvils.at(START_S, 8899))
        with pytest.raises(NodeUnreachable):
            RpcEngine.resume(pairs, NO_SUCH_PLACE)


@pytest.mark.parametrize("blocks_after", [0, 2, 3])
def test_resume_refuses_a_chain_that_was_taken_back(
    url: str, node: Node, blocks_after: int
) -> None:
    with closing(RpcEngine(url)) as engine:
        grown(engine)
        pairs = kept(engine)
        node.ask("anvil_rollback", 2)
        for second in range(blocks_after):
            engine.send([], LATER_S + second)
    with pytest.raises(ChainDamaged, match="has not its block 5"):
        RpcEngine.resume(pairs, url)


@pytest.mark.parametrize("pairs", [{}, {b"node": b"{}"}, {b"node": b"\xff"}, {b"seal": b"{}"}])
def test_resume_refuses_what_is_no_chain(pairs: dict[bytes, bytes]) -> None:
    with pytest.raises(ChainDamaged, match="which chain of a node"):
        RpcEngine.resume(pairs, NO_SUCH_PLACE)


# Web3.


def test_web3_has_a_block_made_of_what_is_sent(engine: RpcEngine) -> None:
    counter = deploy(engine, COUNTER)
    web3 = engine.web3
    rich = web3.eth.accounts[0]
    tx_hash = web3.eth.send_transaction(
        {"from": rich, "to": web3.to_checksum_address(counter), "gas": 100_000}
    )
    assert engine.head() == (2, START_S + 2)
    assert engine.block(2).receipts[0].tx_hash == bytes(tx_hash)
    assert count(engine, counter) == 1


def test_web3_hands_on_why_nothing_was_sent(engine: RpcEngine) -> None:
    with pytest.raises(Exception, match="chain id"):
        engine.web3.eth.send_raw_transaction(signed(5))
    assert engine.head() == (0, START_S)
