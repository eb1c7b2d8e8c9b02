"""What the machine must not keep of a question, and what an interrupted step leaves: nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from registry.chain.engine import Call, address_of
from registry.chain.revm.blocks import Genesis, Start
from registry.chain.revm.chain import Chain
from registry.chain.revm.engine import RevmEngine
from registry.chain.revm.machine import Machine, MachineRefused, Message
from registry.chain.revm.state import State
from registry.chain.transactions import Unsigned, intrinsic_gas, sign
from tests.unit.chain.revm.backends import COUNTER, MIRROR, creation_code

KEY = b"\x07" * 32
SENDER = address_of(KEY)
SOMEBODY = b"\x77" * 20
START_S = 1_000
# Asks for somebody's balance, which costs more where the account is cold.
ASKER = b"\x73" + SOMEBODY + b"\x31\x50\x00"


def kept(engine: RevmEngine) -> dict[bytes, bytes]:
    return {key: value for key, value in engine.changes().items() if value is not None}


def place(engine: RevmEngine, runtime: bytes) -> bytes:
    call = Call(KEY, None, creation_code(runtime))
    address = engine.send([call], engine.head()[1] + 1)[0].contract_address
    assert address is not None
    return address


def counted(engine: RevmEngine, counter: bytes, block: int | None = None) -> int:
    return int.from_bytes(engine.call(counter, b"\x01", block=block), "big")


@pytest.fixture
def engine() -> RevmEngine:
    return RevmEngine(start_s=START_S)


def test_a_coinbase_is_held_by_no_later_call(engine: RevmEngine) -> None:
    counter, asker = place(engine, COUNTER), place(engine, ASKER)
    tester = engine.web3.provider.ethereum_tester  # type: ignore[attr-defined]
    for coinbase in (counter, SOMEBODY):
        tester.mine_blocks(1, coinbase="0x" + coinbase.hex())
        engine.call(counter, b"\x01")
        engine.call(asker, b"")
    gas = [engine.send([Call(KEY, asker, b"")], engine.head()[1] + 1)[0].gas_used for _ in "ab"]
    assert gas == [intrinsic_gas(b"", False) + 2_600 + 5] * 2
    for count in (1, 2, 3):
        engine.send([Call(KEY, counter, b"")], engine.head()[1] + 1)
        assert counted(engine, counter) == count
    head = engine.head()[0]
    assert [counted(engine, counter, head - back) for back in (3, 2, 1, 0)] == [0, 1, 2, 3]
    RevmEngine.resume(kept(engine)).close()


def test_a_question_with_a_price_costs_nobody_anything() -> None:
    chain = Chain(genesis=Genesis(START_S, accounts={bytes(20): Start(balance=10**15)}))
    for _ in range(2):
        asked = chain.run(Message(bytes(20), SOMEBODY, b"", 50_000, 1, gas_price=10**9))
        assert asked.status == 1
    assert chain.run(Message(bytes(20), SOMEBODY, b"", 50_000, 10**15)).status == 1


def test_access_lists_leave_nothing_warm() -> None:
    balance = {SENDER: Start(balance=10**18), SOMEBODY: Start(code=ASKER)}
    chain = Chain(genesis=Genesis(START_S, 10**8, 0, True, balance))
    listed = ((SOMEBODY, (0, 1)), (b"\xfe" * 20, (5,)))
    plain = Message(SENDER, SOMEBODY, b"", 100_000)
    before = chain.run(plain)
    chain.run(plain._replace(access_list=listed))
    assert chain.run(plain) == before


def test_a_creation_answers_with_the_code_it_would_leave() -> None:
    chain = Chain(genesis=Genesis(START_S))
    asked = Message(SENDER, None, creation_code(COUNTER), 1_000_000)
    assert chain.run(asked).output == COUNTER
    # Without being sent: what creation code returns is the answer.
    assert chain.run(asked._replace(data=bytes.fromhex("602a5f5260205ff3"))).output[31] == 0x2A


def test_a_contract_may_ask(engine: RevmEngine) -> None:
    mirror, counter = place(engine, MIRROR), place(engine, COUNTER)
    assert engine.call(mirror, b"", sender=mirror)[76:96] == mirror
    assert engine.call(counter, b"\x01", sender=counter) == bytes(32)


@pytest.mark.parametrize(
    "message",
    [
        Message(b"123", SOMEBODY, b"", 50_000),
        Message(SENDER, b"12345", b"", 50_000),
        Message(SENDER, SOMEBODY, b"", 2**64),
        Message(SENDER, SOMEBODY, b"", -1),
        Message(SENDER, SOMEBODY, b"", 50_000, 2**256),
        Message(SENDER, SOMEBODY, b"", 50_000, 5),
        Message(SENDER, SOMEBODY, b"", 20_999),
        Message(SENDER, SOMEBODY, b"", 50_000, gas_price=2**256),
        Message(SENDER, SOMEBODY, b"", 90_000, access_list=((SOMEBODY, (2**256,)),)),
        Message(SENDER, SOMEBODY, b"", 90_000, access_list=((b"12", ()),)),
        Message(b"\x55" * 20, None, b"", 90_000),
    ],
)
def test_what_no_message_can_have_is_refused(message: Message) -> None:
    spent = {b"\x55" * 20: Start(nonce=2**64 - 2)}
    chain = Chain(genesis=Genesis(START_S, accounts=spent))
    chain.state.write([(b"\x55" * 20, chain.state.account(b"\x55" * 20)._replace(nonce=2**64 - 1))])
    with pytest.raises(MachineRefused):
        chain.run(message)
    assert chain.run(Message(SENDER, SOMEBODY, b"", 50_000)).gas_used == 21_000


@pytest.mark.parametrize("wei", [-1, 2**256, 2**256 - 5])
def test_nobody_is_given_more_than_there_can_be(wei: int) -> None:
    chain = Chain(genesis=Genesis(START_S, accounts={SENDER: Start(balance=5)}))
    with pytest.raises(ValueError, match="wei"):
        chain.give(SENDER, wei)
    assert (chain.is_idle, chain.state.account(SENDER).balance) == (True, 5)


def interrupting(monkeypatch: pytest.MonkeyPatch, target: Any, name: str, at: int) -> None:
    """Let the `at`-th call of a method end in an interrupt, after it has done its work."""
    original: Callable[..., Any] = getattr(target, name)
    calls = iter(range(at, -1, -1))

    def interrupted(*args: Any, **kwargs: Any) -> Any:
        done = original(*args, **kwargs)
        if next(calls, None) == 0:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(target, name, interrupted)


@pytest.mark.parametrize(
    ("target", "name", "at"),
    [
        (Machine, "_put", 0),
        (Machine, "_put", 1),
        (Machine, "take", 0),
        (Machine, "take", 1),
        (Machine, "run", 1),
        (State, "write", 0),
        (State, "write", 1),
        (Chain, "add", 1),
        (Chain, "seal", 0),
        (Chain, "_parent", 0),
    ],
)
def test_a_send_that_is_interrupted_did_nothing(
    engine: RevmEngine, monkeypatch: pytest.MonkeyPatch, target: Any, name: str, at: int
) -> None:
    counter = place(engine, COUNTER)
    before = (engine.head(), engine.nonce(SENDER), engine.changes())
    with monkeypatch.context() as patched:
        interrupting(patched, target, name, at)
        with pytest.raises(KeyboardInterrupt):
            engine.send([Call(KEY, counter, b"")] * 2, START_S + 10)
    assert (engine.head(), engine.nonce(SENDER)) == before[:2]
    assert counted(engine, counter) == engine._chain.state.slot(counter, 0) == 0
    assert engine.changes() == {}
    engine.send([Call(KEY, counter, b"")] * 3, START_S + 11)
    assert counted(engine, counter) == 3
    engine._keeper._kept.clear()
    RevmEngine.resume(kept(engine)).close()


@pytest.mark.parametrize(("target", "name"), [(Machine, "_put"), (State, "write"), (Chain, "_at")])
def test_a_transaction_that_is_interrupted_leaves_the_block_as_it_was(
    monkeypatch: pytest.MonkeyPatch, target: Any, name: str
) -> None:
    accounts = {SENDER: Start(balance=10**18), SOMEBODY: Start(code=COUNTER)}
    chain = Chain(genesis=Genesis(START_S, 10**8, 0, True, accounts))

    def fields(nonce: int) -> Unsigned:
        return Unsigned(2, chain.chain_id, nonce, 90_000, SOMEBODY, 0, b"", 0, 0)

    chain.add(sign(KEY, fields(0)))
    before = chain.pending
    with monkeypatch.context() as patched:
        interrupting(patched, target, name, 0)
        with pytest.raises(KeyboardInterrupt):
            chain.add(sign(KEY, fields(1)))
        interrupting(patched, target, name, 0)
        with pytest.raises(KeyboardInterrupt):
            chain.give(SENDER, 5)
    assert chain.pending == before
    chain.add(sign(KEY, fields(1)))
    assert chain.state.slot(SOMEBODY, 0) == 2
    assert chain.run(Message(SENDER, SOMEBODY, b"\x01", 90_000)).output[-1] == 2
