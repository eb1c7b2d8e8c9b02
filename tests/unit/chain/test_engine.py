"""What every engine keeps to."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from registry.chain.engine import (
    CHAIN_ID,
    READ_GAS,
    Call,
    Engine,
    Reverted,
    UnknownSnapshot,
    address_of,
    creation_address,
)
from registry.errors import EngineClosed, TransactionRejected
from tests.unit.chain.conftest import Begin
from tests.unit.chain.engines import (
    ALICE,
    BOB,
    BROKEN,
    COUNTER,
    FUEL_GAUGE,
    LATER_S,
    LOOP,
    MIRROR,
    REFUSER,
    SCRIBBLER,
    START_S,
    TOPIC,
    count,
    creation_code,
    deploy,
    signed,
    words,
)


def test_head_is_genesis_at_start(engine: Engine) -> None:
    assert engine.head() == (0, START_S)
    assert engine.chain_id == CHAIN_ID


@pytest.mark.parametrize("at_s", [START_S + 1, START_S + 2, START_S + 86_400 * 365])
def test_send_stamps_block_exactly(engine: Engine, at_s: int) -> None:
    (receipt,) = engine.send([Call(ALICE, None, creation_code(MIRROR))], at_s)
    assert receipt.at_s == at_s
    assert engine.head() == (1, at_s)
    assert engine.web3.eth.get_block("latest")["timestamp"] == at_s


def test_send_stamps_block_exactly_after_web3_was_used(engine: Engine) -> None:
    engine.web3.eth.get_block("pending")
    deploy(engine, MIRROR)
    engine.web3.eth.get_block("pending")
    (receipt,) = engine.send([], START_S + 50) or (None,)
    assert receipt is None
    assert engine.head() == (2, START_S + 50)


@pytest.mark.parametrize("late_s", [0, -1, -START_S])
def test_send_refuses_when_clock_does_not_advance(engine: Engine, late_s: int) -> None:
    deploy(engine, MIRROR)
    before = engine.head()
    with pytest.raises(TransactionRejected, match="would not come after"):
        engine.send([Call(ALICE, None, creation_code(MIRROR))], before[1] + late_s)
    assert engine.head() == before


def test_send_reports_creation_address(engine: Engine) -> None:
    counter = deploy(engine, COUNTER)
    assert counter == creation_address(address_of(ALICE), 0)
    assert engine.code(counter) == COUNTER
    assert deploy(engine, MIRROR) == creation_address(address_of(ALICE), 1)
    assert engine.code(b"\x00" * 20) == b""


def test_send_reports_logs_and_gas(engine: Engine) -> None:
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


def test_send_puts_all_calls_into_one_block_in_order(engine: Engine) -> None:
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


def test_send_lets_calls_use_what_earlier_ones_created(engine: Engine) -> None:
    counter = creation_address(address_of(ALICE), 0)
    created, called = engine.send(
        [Call(ALICE, None, creation_code(COUNTER)), Call(BOB, counter, b"")], START_S + 1
    )
    assert created.contract_address == counter
    assert [log.address for log in called.logs] == [counter]


def test_send_is_all_or_nothing(engine: Engine) -> None:
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
def test_send_hands_on_revert_data(engine: Engine, data: bytes) -> None:
    refuser = deploy(engine, REFUSER)
    with pytest.raises(Reverted) as refused:
        engine.send([Call(ALICE, refuser, data)], START_S + 10)
    assert (refused.value.data, refused.value.halt) == (data, "")


def test_send_names_what_halted_the_machine(engine: Engine) -> None:
    loop, broken = deploy(engine, LOOP), deploy(engine, BROKEN)
    with pytest.raises(Reverted) as endless:
        engine.send([Call(ALICE, loop, b"", gas=50_000)], START_S + 10)
    assert endless.value.data == b""
    assert re.search("out ?of ?gas", endless.value.halt, re.IGNORECASE)
    with pytest.raises(Reverted, match=r"(?i)invalid") as stopped:
        engine.send([Call(ALICE, broken, b"")], START_S + 10)
    assert stopped.value.halt


def test_send_refuses_code_above_the_size_limit(engine: Engine) -> None:
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
        (Call(ALICE, None, b"", gas=52_999), "gas"),
        (Call(ALICE, b"\x00" * 20, b"", gas=10**12), "gas"),
        (Call(ALICE, b"\x00" * 20, b"", gas=-1), "call 0"),
    ],
)
def test_send_refuses_what_is_no_transaction(engine: Engine, call: Call, reason: str) -> None:
    with pytest.raises(TransactionRejected, match=reason):
        engine.send([call], START_S + 1)
    assert engine.head() == (0, START_S)


def test_send_keeps_the_order_of_many_calls(engine: Engine) -> None:
    counter = deploy(engine, COUNTER)
    keys = [bytes([1 + number % 7]) * 32 for number in range(150)]
    receipts = engine.send([Call(key, counter, b"") for key in keys], LATER_S)
    assert [words(log.data)[0] for receipt in receipts for log in receipt.logs] == list(
        range(1, 151)
    )
    assert [log.index for receipt in receipts for log in receipt.logs] == list(range(150))
    assert engine.block(2).receipts == receipts


@pytest.mark.parametrize(
    "bad", [Call(b"short", b"\x00" * 20, b""), Call(BOB, b"\x00" * 20, b"", gas=20_999)]
)
def test_send_reports_the_first_call_that_cannot_stay(engine: Engine, bad: Call) -> None:
    counter, refuser = deploy(engine, COUNTER), deploy(engine, REFUSER)
    good, refused = Call(ALICE, counter, b""), Call(BOB, refuser, b"no")
    head = engine.head()
    for calls in ([good, bad, refused], [good, bad, good]):
        with pytest.raises(TransactionRejected, match="call 1"):
            engine.send(calls, LATER_S)
    with pytest.raises(Reverted) as caught:
        engine.send([good, refused, bad, good], LATER_S)
    assert (caught.value.index, caught.value.data) == (1, b"no")
    assert engine.head() == head
    assert (count(engine, counter), engine.nonce(address_of(ALICE))) == (0, 2)
    assert engine.send([good], LATER_S)


def test_call_sees_head_and_changes_nothing(engine: Engine) -> None:
    mirror, scribbler = deploy(engine, MIRROR), deploy(engine, SCRIBBLER)
    at_s, number, _, chain_id, base_fee, sender = words(engine.call(mirror, b""))
    assert (number, at_s) == engine.head()
    assert (chain_id, base_fee, sender) == (CHAIN_ID, 0, 0)
    assert words(engine.call(scribbler, b"")) == [7]
    assert count(engine, scribbler) == 0
    assert engine.call(b"\x99" * 20, b"") == b""


def test_call_uses_sender_and_time_given(engine: Engine) -> None:
    mirror = deploy(engine, MIRROR)
    seen = words(engine.call(mirror, b"", sender=address_of(BOB), at_s=START_S + 999))
    assert seen[0] == START_S + 999
    assert seen[5] == int.from_bytes(address_of(BOB), "big")
    assert words(engine.call(mirror, b""))[0] == engine.head()[1]


@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_call_has_its_gas_whatever_its_bytes_would_cost(engine: Engine, size: int) -> None:
    gauge = deploy(engine, FUEL_GAUGE)
    # The one instruction before it has looked costs 2.
    assert words(engine.call(gauge, b"\x01" * size)) == [READ_GAS - 2]


def test_call_raises_what_the_contract_said(engine: Engine) -> None:
    refuser = deploy(engine, REFUSER)
    with pytest.raises(Reverted) as refused:
        engine.call(refuser, b"why")
    assert (refused.value.data, refused.value.index) == (b"why", 0)


def test_snapshots_nest_and_serve_repeatedly(engine: Engine) -> None:
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


def test_revert_forgets_blocks_and_transactions(engine: Engine) -> None:
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
    # A node may draw a block's randomness, so that the block has another hash.
    assert replace(again, block_hash=undone.block_hash) == undone
    assert eth.get_transaction_receipt(undone.tx_hash)["blockNumber"] == 2


def test_revert_refuses_unknown_snapshot(engine: Engine) -> None:
    with pytest.raises(UnknownSnapshot):
        engine.revert(0)


def test_web3_shows_the_same_receipts_and_logs(engine: Engine) -> None:
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


def test_web3_reads_for_accounts_without_money(engine: Engine) -> None:
    mirror = deploy(engine, MIRROR)
    web3 = engine.web3
    bob = web3.to_checksum_address(address_of(BOB))
    request = {"from": bob, "to": web3.to_checksum_address(mirror), "data": "0x"}
    assert words(web3.eth.call(request))[5] == int(bob, 16)  # type: ignore[arg-type]
    assert web3.eth.get_balance(bob) == 0


def test_contracts_see_the_chain_id(begin: Begin) -> None:
    engine = begin(chain_id=8899)
    assert words(engine.call(deploy(engine, MIRROR), b""))[3] == engine.web3.eth.chain_id == 8899


def test_send_continues_after_blocks_mined_through_web3(engine: Engine) -> None:
    counter = deploy(engine, COUNTER)
    engine.web3.eth.send_raw_transaction(signed(CHAIN_ID, nonce=1))
    number, at_s = engine.head()
    (receipt,) = engine.send([Call(ALICE, counter, b"")], at_s + 1)
    assert receipt.block_number == number + 1
    assert engine.nonce(address_of(ALICE)) == 3


def test_close_lets_go(engine: Engine) -> None:
    engine.close()
    with pytest.raises(EngineClosed, match="closed"):
        engine.head()
    with pytest.raises(AttributeError, match="nothing_here"):
        engine.nothing_here  # type: ignore[attr-defined]  # noqa: B018


def test_forgotten_snapshot_keeps_the_chain_and_earlier_snapshots(engine: Engine) -> None:
    outer = engine.snapshot()
    engine.send([], START_S + 1)
    inner = engine.snapshot()
    engine.send([], START_S + 2)
    engine.forget(inner)
    assert engine.head() == (2, START_S + 2)
    with pytest.raises(UnknownSnapshot):
        engine.revert(inner)
    engine.revert(outer)
    assert engine.head() == (0, START_S)
    engine.forget(outer)
    with pytest.raises(UnknownSnapshot):
        engine.forget(outer)
