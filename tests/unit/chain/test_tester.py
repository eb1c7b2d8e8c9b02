"""The tester engine, on contracts of a few bytes written by hand."""

from __future__ import annotations

import importlib.util

import pytest
from eth_account import Account

from registry.chain.engine import (
    CHAIN_ID,
    Call,
    Engine,
    Reverted,
    UnknownSnapshot,
    address_of,
    creation_address,
)
from registry.chain.tester import TesterEngine
from registry.errors import EngineClosed, TransactionRejected

START_S = 1_751_328_000
ALICE = b"\x01" * 32
BOB = b"\x02" * 32

# Adds 1 to slot 0 and logs the sum under the topic 0xaa.
COUNTER = bytes.fromhex("5f54 6001 01 80 5f55 5f52 60aa 6020 5f a1")
TOPIC = b"\xaa".rjust(32, b"\x00")
# Returns timestamp, number, prevrandao, chain id, base fee, caller.
MIRROR = bytes.fromhex("425f52 43602052 44604052 46606052 48608052 3360a052 60c05ff3")
# Reverts with its own calldata.
REFUSER = bytes.fromhex("365f5f37 365ffd")
# Never ends; stops at an invalid opcode.
LOOP = bytes.fromhex("5b5f56")
BROKEN = bytes.fromhex("fe")
# Returns what slot 0 holds after having put 7 there.
SCRIBBLER = bytes.fromhex("6007 5f55 5f54 5f52 60205ff3")


@pytest.fixture
def engine() -> TesterEngine:
    return TesterEngine(start_s=START_S)


def creation_code(runtime: bytes) -> bytes:
    size = len(runtime)
    return bytes([0x60, size, 0x60, 10, 0x5F, 0x39, 0x60, size, 0x5F, 0xF3]) + runtime


def deploy(engine: Engine, runtime: bytes, key: bytes = ALICE) -> bytes:
    """Put code on the chain, one second after the last block, and return its address."""
    (receipt,) = engine.send([Call(key, None, creation_code(runtime))], engine.head()[1] + 1)
    assert receipt.contract_address is not None
    return receipt.contract_address


def words(data: bytes) -> list[int]:
    return [int.from_bytes(data[i : i + 32], "big") for i in range(0, len(data), 32)]


def count(engine: TesterEngine, counter: bytes) -> int:
    return int(
        engine.web3.eth.get_storage_at(engine.web3.to_checksum_address(counter), 0).hex(), 16
    )


def test_head_is_genesis_at_start(engine: TesterEngine) -> None:
    assert engine.head() == (0, START_S)
    assert engine.chain_id == CHAIN_ID


@pytest.mark.parametrize("at_s", [START_S + 1, START_S + 2, START_S + 86_400 * 365])
def test_send_stamps_block_exactly(engine: TesterEngine, at_s: int) -> None:
    (receipt,) = engine.send([Call(ALICE, None, creation_code(MIRROR))], at_s)
    assert receipt.at_s == at_s
    assert engine.head() == (1, at_s)
    assert engine.web3.eth.get_block("latest")["timestamp"] == at_s


def test_send_stamps_block_exactly_after_web3_was_used(engine: TesterEngine) -> None:
    engine.web3.eth.get_block("pending")
    deploy(engine, MIRROR)
    engine.web3.eth.get_block("pending")
    (receipt,) = engine.send([], START_S + 50) or (None,)
    assert receipt is None
    assert engine.head() == (2, START_S + 50)


@pytest.mark.parametrize("late_s", [0, -1, -START_S])
def test_send_refuses_when_clock_does_not_advance(engine: TesterEngine, late_s: int) -> None:
    deploy(engine, MIRROR)
    before = engine.head()
    with pytest.raises(TransactionRejected, match="would not come after"):
        engine.send([Call(ALICE, None, creation_code(MIRROR))], before[1] + late_s)
    assert engine.head() == before


def test_send_reports_creation_address(engine: TesterEngine) -> None:
    counter = deploy(engine, COUNTER)
    assert counter == creation_address(address_of(ALICE), 0)
    assert engine.code(counter) == COUNTER
    assert deploy(engine, MIRROR) == creation_address(address_of(ALICE), 1)
    assert engine.code(b"\x00" * 20) == b""


def test_send_reports_logs_and_gas(engine: TesterEngine) -> None:
    counter = deploy(engine, COUNTER)
    (first,) = engine.send([Call(ALICE, counter, b"")], START_S + 10)
    (second,) = engine.send([Call(BOB, counter, b"")], START_S + 11)
    assert first.contract_address is None
    assert [(log.address, log.topics, words(log.data), log.index) for log in second.logs] == [
        (counter, (TOPIC,), [2], 0)
    ]
    # Yellow paper and EIP-2929: 21,000; a cold read 2,100; a write over a non-zero word 2,900
    # (20,000 over zero); one topic and 32 bytes 1,006; the other instructions 29.
    assert second.gas_used == 21_000 + 2_100 + 2_900 + 1_006 + 29
    assert first.gas_used == second.gas_used + 17_100


def test_send_puts_all_calls_into_one_block_in_order(engine: TesterEngine) -> None:
    counter = deploy(engine, COUNTER)
    calls = [Call(key, counter, b"") for key in (ALICE, BOB, ALICE)]
    receipts = engine.send(calls, START_S + 10)
    assert [r.block_number for r in receipts] == [2, 2, 2]
    assert len({r.block_hash for r in receipts}) == 1
    assert len({r.tx_hash for r in receipts}) == 3
    assert [r.tx_index for r in receipts] == [0, 1, 2]
    assert [words(log.data) for r in receipts for log in r.logs] == [[1], [2], [3]]
    assert [log.index for r in receipts for log in r.logs] == [0, 1, 2]
    assert receipts[1].gas_used == receipts[2].gas_used
    assert (engine.nonce(address_of(ALICE)), engine.nonce(address_of(BOB))) == (3, 1)


def test_send_lets_calls_use_what_earlier_ones_created(engine: TesterEngine) -> None:
    counter = creation_address(address_of(ALICE), 0)
    created, called = engine.send(
        [Call(ALICE, None, creation_code(COUNTER)), Call(BOB, counter, b"")], START_S + 1
    )
    assert created.contract_address == counter
    assert [log.address for log in called.logs] == [counter]


def test_send_is_all_or_nothing(engine: TesterEngine) -> None:
    counter, refuser = deploy(engine, COUNTER), deploy(engine, REFUSER)
    head, nonce = engine.head(), engine.nonce(address_of(ALICE))
    block = engine.web3.eth.get_block("latest")
    good = Call(ALICE, counter, b"")
    with pytest.raises(Reverted) as refused:
        engine.send([good, good, Call(BOB, refuser, b"no"), good], head[1] + 1)
    assert (refused.value.data, refused.value.index, refused.value.halt) == (b"no", 2, "")
    assert engine.head() == head
    assert engine.nonce(address_of(ALICE)) == nonce
    assert engine.nonce(address_of(BOB)) == 0
    assert count(engine, counter) == 0
    assert engine.web3.eth.get_block("latest") == block
    (receipt,) = engine.send([good], head[1] + 1)
    assert words(receipt.logs[0].data) == [1]


@pytest.mark.parametrize("data", [b"", bytes(4), b"\x08\xc3\x79\xa0" + bytes(64), b"x" * 300])
def test_send_hands_on_revert_data(engine: TesterEngine, data: bytes) -> None:
    refuser = deploy(engine, REFUSER)
    with pytest.raises(Reverted) as refused:
        engine.send([Call(ALICE, refuser, data)], START_S + 10)
    assert (refused.value.data, refused.value.halt) == (data, "")


def test_send_names_what_halted_the_machine(engine: TesterEngine) -> None:
    loop, broken = deploy(engine, LOOP), deploy(engine, BROKEN)
    with pytest.raises(Reverted) as endless:
        engine.send([Call(ALICE, loop, b"", gas=50_000)], START_S + 10)
    assert endless.value.data == b""
    assert endless.value.halt.startswith("OutOfGas")
    with pytest.raises(Reverted, match="InvalidInstruction"):
        engine.send([Call(ALICE, broken, b"")], START_S + 10)


def test_send_refuses_code_above_the_size_limit(engine: TesterEngine) -> None:
    largest = bytes.fromhex("6160005ff3")  # returns 24,576 zero bytes
    assert engine.send([Call(ALICE, None, largest)], START_S + 1)[0].gas_used < 6_000_000
    with pytest.raises(Reverted):
        engine.send([Call(ALICE, None, bytes.fromhex("6160015ff3"))], START_S + 2)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (Call(b"short", b"\x00" * 20, b""), "call 0"),
        (Call(ALICE, b"", b""), "an address has 20 bytes, not 0"),
        (Call(ALICE, b"\x00" * 19, b""), "an address has 20 bytes, not 19"),
        (Call(ALICE, b"\x00" * 20, b"", gas=20_999), "gas"),
        (Call(ALICE, b"\x00" * 20, b"", gas=10**12), "gas in one block"),
        (Call(ALICE, b"\x00" * 20, b"", gas=-1), "call 0"),
    ],
)
def test_send_refuses_what_is_no_transaction(engine: TesterEngine, call: Call, reason: str) -> None:
    with pytest.raises(TransactionRejected, match=reason):
        engine.send([call], START_S + 1)
    assert engine.head() == (0, START_S)


def test_call_sees_head_and_changes_nothing(engine: TesterEngine) -> None:
    mirror, scribbler = deploy(engine, MIRROR), deploy(engine, SCRIBBLER)
    at_s, number, _, chain_id, base_fee, sender = words(engine.call(mirror, b""))
    assert (number, at_s) == engine.head()
    assert (chain_id, base_fee, sender) == (CHAIN_ID, 0, 0)
    assert words(engine.call(scribbler, b"")) == [7]
    assert count(engine, scribbler) == 0
    assert engine.call(b"\x99" * 20, b"") == b""


def test_call_uses_sender_and_time_given(engine: TesterEngine) -> None:
    mirror = deploy(engine, MIRROR)
    seen = words(engine.call(mirror, b"", sender=address_of(BOB), at_s=START_S + 999))
    assert seen[0] == START_S + 999
    assert seen[5] == int.from_bytes(address_of(BOB), "big")
    assert words(engine.call(mirror, b""))[0] == engine.head()[1]


def test_call_raises_what_the_contract_said(engine: TesterEngine) -> None:
    refuser = deploy(engine, REFUSER)
    with pytest.raises(Reverted) as refused:
        engine.call(refuser, b"why")
    assert (refused.value.data, refused.value.index) == (b"why", 0)


def test_snapshots_nest_and_serve_repeatedly(engine: TesterEngine) -> None:
    counter = deploy(engine, COUNTER)
    tick = Call(ALICE, counter, b"")
    outer, outer_head = engine.snapshot(), engine.head()
    engine.send([tick], START_S + 10)
    inner, inner_head = engine.snapshot(), engine.head()
    for _ in range(3):
        engine.send([tick], START_S + 20)
        engine.send([tick, tick], START_S + 30)
        assert count(engine, counter) == 4
        engine.revert(inner)
        assert (count(engine, counter), engine.head()) == (1, inner_head)
    for at_s in (10, 40, 10):
        engine.revert(outer)
        assert (count(engine, counter), engine.head()) == (0, outer_head)
        assert engine.nonce(address_of(ALICE)) == 1
        engine.send([tick], START_S + at_s)
    with pytest.raises(UnknownSnapshot):
        engine.revert(inner)
    assert engine.snapshot() not in (outer, inner)


def test_revert_forgets_blocks_and_transactions(engine: TesterEngine) -> None:
    counter = deploy(engine, COUNTER)
    before = engine.snapshot()
    (undone,) = engine.send([Call(ALICE, counter, b"")], START_S + 10)
    engine.send([], START_S + 11)
    engine.revert(before)
    eth = engine.web3.eth
    assert eth.block_number == 1
    with pytest.raises(Exception, match="found"):
        eth.get_block(2)
    with pytest.raises(Exception, match="not found"):
        eth.get_transaction_receipt(undone.tx_hash)
    (again,) = engine.send([Call(ALICE, counter, b"")], START_S + 10)
    assert again == undone
    assert eth.get_transaction_receipt(undone.tx_hash)["blockNumber"] == 2


def test_revert_refuses_unknown_snapshot(engine: TesterEngine) -> None:
    with pytest.raises(UnknownSnapshot):
        engine.revert(0)


def drive(engine: TesterEngine) -> list[bytes]:
    """Use everything that makes blocks, eth-tester's own ways included."""
    counter = deploy(engine, COUNTER)
    engine.send([Call(ALICE, counter, b""), Call(BOB, counter, b"")], START_S + 10)
    snapshot = engine.snapshot()
    engine.send([Call(ALICE, counter, b"")], START_S + 11)
    engine.revert(snapshot)
    engine.send([Call(BOB, counter, b"")], START_S + 12)
    web3 = engine.web3
    web3.eth.send_transaction(
        {"from": web3.eth.accounts[0], "to": web3.eth.accounts[1], "value": 1}
    )
    web3.provider.ethereum_tester.mine_blocks(2)  # type: ignore[union-attr]
    web3.provider.ethereum_tester.time_travel(START_S + 500)  # type: ignore[union-attr]
    engine.send([Call(BOB, counter, b"")], START_S + 501)
    return [bytes(web3.eth.get_block(n)["hash"]) for n in range(engine.head()[0] + 1)]


def test_same_calls_give_same_blocks() -> None:
    first, second = (drive(TesterEngine(start_s=START_S)) for _ in range(2))
    assert first == second
    assert len(first) == 9
    assert len(set(first)) == 9


def test_blocks_depend_on_chain_id_and_start() -> None:
    hashes = {
        drive(TesterEngine(start_s=START_S, chain_id=chain_id))[-1] for chain_id in (1, CHAIN_ID)
    }
    assert len(hashes) == 2


def test_prevrandao_is_known_in_advance(engine: TesterEngine) -> None:
    mirror = deploy(engine, MIRROR)
    seen = words(engine.call(mirror, b""))[2]
    assert seen == int.from_bytes(engine.web3.eth.get_block(1)["mixHash"], "big") != 0


def test_web3_shows_the_same_receipts_and_logs(engine: TesterEngine) -> None:
    counter = deploy(engine, COUNTER)
    receipts = engine.send([Call(key, counter, b"") for key in (ALICE, BOB)], START_S + 10)
    engine.send([], START_S + 11)
    eth = engine.web3.eth
    assert eth.chain_id == engine.chain_id
    for ours in receipts:
        theirs = eth.get_transaction_receipt(ours.tx_hash)
        assert bytes(theirs["blockHash"]) == ours.block_hash
        assert theirs["blockNumber"] == ours.block_number
        assert theirs["transactionIndex"] == ours.tx_index
        assert theirs["gasUsed"] == ours.gas_used
        assert theirs["status"] == 1
        assert [
            (bytes.fromhex(log["address"][2:]), tuple(map(bytes, log["topics"])), log["logIndex"])
            for log in theirs["logs"]
        ] == [(log.address, log.topics, log.index) for log in ours.logs]
        assert [bytes(log["data"]) for log in theirs["logs"]] == [log.data for log in ours.logs]
        transaction = eth.get_transaction(ours.tx_hash)
        assert (transaction["type"], transaction["chainId"]) == (2, CHAIN_ID)
    block = eth.get_block(2)
    assert [bytes(tx) for tx in block["transactions"]] == [r.tx_hash for r in receipts]
    assert block["gasUsed"] == sum(r.gas_used for r in receipts)
    logs = eth.get_logs({"fromBlock": 0, "toBlock": "latest"})
    assert [log["logIndex"] for log in logs] == [0, 1]
    assert [bytes(log["data"]) for log in logs] == [log.data for r in receipts for log in r.logs]


def test_web3_reads_for_accounts_without_money(engine: TesterEngine) -> None:
    mirror = deploy(engine, MIRROR)
    web3 = engine.web3
    bob = web3.to_checksum_address(address_of(BOB))
    request = {"from": bob, "to": web3.to_checksum_address(mirror), "data": "0x"}
    assert words(web3.eth.call(request))[5] == int(bob, 16)  # type: ignore[arg-type]
    assert web3.eth.get_balance(bob) == 0


def signed(chain_id: int, nonce: int = 0) -> bytes:
    transaction = {
        "type": 2,
        "chainId": chain_id,
        "nonce": nonce,
        "maxFeePerGas": 0,
        "maxPriorityFeePerGas": 0,
        "gas": 21_000,
        "to": "0x" + "11" * 20,
        "value": 0,
    }
    return bytes(Account.sign_transaction(transaction, ALICE).raw_transaction)


def test_web3_sends_only_transactions_for_this_chain() -> None:
    engine = TesterEngine(start_s=START_S, chain_id=8899)
    with pytest.raises(TransactionRejected, match="signed for chain 1, this is 8899"):
        engine.web3.eth.send_raw_transaction(signed(1))
    legacy = {"nonce": 0, "gasPrice": 0, "gas": 21_000, "to": "0x" + "11" * 20, "value": 0}
    foreign = Account.sign_transaction({**legacy, "chainId": 5}, ALICE).raw_transaction
    with pytest.raises(TransactionRejected, match="signed for chain 5"):
        engine.web3.eth.send_raw_transaction(foreign)
    assert engine.head() == (0, START_S)
    engine.web3.eth.send_raw_transaction(signed(8899))
    assert engine.head()[0] == 1
    assert engine.nonce(address_of(ALICE)) == 1


def test_contracts_see_the_chain_id() -> None:
    engine = TesterEngine(start_s=START_S, chain_id=8899)
    assert words(engine.call(deploy(engine, MIRROR), b""))[3] == engine.web3.eth.chain_id == 8899


def test_send_continues_after_blocks_mined_through_web3(engine: TesterEngine) -> None:
    counter = deploy(engine, COUNTER)
    engine.web3.eth.send_raw_transaction(signed(CHAIN_ID, nonce=1))
    number, at_s = engine.head()
    (receipt,) = engine.send([Call(ALICE, counter, b"")], at_s + 1)
    assert receipt.block_number == number + 1
    assert engine.nonce(address_of(ALICE)) == 3


@pytest.mark.skipif(importlib.util.find_spec("coincurve") is None, reason="no coincurve here")
def test_signing_is_native_where_coincurve_is_installed() -> None:
    from eth_keys import keys
    from eth_keys.backends import CoinCurveECCBackend

    assert isinstance(keys.backend, CoinCurveECCBackend)


def test_close_lets_go(engine: TesterEngine) -> None:
    engine.close()
    with pytest.raises(EngineClosed, match="closed"):
        engine.head()
    with pytest.raises(AttributeError, match="nothing_here"):
        engine.nothing_here  # type: ignore[attr-defined]  # noqa: B018


def test_forgotten_snapshot_keeps_the_chain_and_earlier_snapshots() -> None:
    engine = TesterEngine(start_s=1_000)
    outer = engine.snapshot()
    engine.send([], 1_001)
    inner = engine.snapshot()
    engine.send([], 1_002)
    engine.forget(inner)
    assert engine.head() == (2, 1_002)
    with pytest.raises(UnknownSnapshot):
        engine.revert(inner)
    engine.revert(outer)
    assert engine.head() == (0, 1_000)
    engine.forget(outer)
    with pytest.raises(UnknownSnapshot):
        engine.forget(outer)
    engine.close()
