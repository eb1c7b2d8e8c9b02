"""The tester engine's blocks, its past states, and chains opened again."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from eth_account import Account

from registry.chain.engine import Call, EngineBlock, Receipt, address_of
from registry.chain.tester import TesterEngine
from registry.errors import ChainDamaged, EngineClosed, TransactionRejected, UnknownBlock
from tests.unit.chain.test_tester import (
    ALICE,
    BOB,
    COUNTER,
    MIRROR,
    START_S,
    count,
    creation_code,
    deploy,
    words,
)
from tests.unit.ledger.ledgers import kept

# Returns what slot 0 holds, when called with data; else counts.
READABLE = bytes.fromhex("36 15 600d 57 5f54 5f52 60205ff3 5b" + COUNTER.hex())
LATER_S = START_S + 1_000


@pytest.fixture
def engine() -> TesterEngine:
    return TesterEngine(start_s=START_S)


def grown(engine: TesterEngine) -> tuple[bytes, list[tuple[Receipt, ...]]]:
    """Deploy a counter and count, one, two and no calls a block; return it and the receipts."""
    sent = [engine.send([Call(ALICE, None, creation_code(READABLE))], START_S + 1)]
    counter = sent[0][0].contract_address
    assert counter is not None
    for at, keys in enumerate(([ALICE], [ALICE, BOB], [], [BOB, BOB, ALICE])):
        calls = [Call(key, counter, b"") for key in keys]
        sent.append(engine.send(calls, START_S + 10 * (at + 1)))
    return counter, sent


def everything(engine: TesterEngine) -> list[EngineBlock]:
    return [engine.block(number) for number in range(engine.head()[0] + 1)]


def reopened(engine: TesterEngine) -> TesterEngine:
    return TesterEngine.resume(kept({}, engine.changes()))


def test_blocks_hold_the_receipts_that_send_returned(engine: TesterEngine) -> None:
    _, sent = grown(engine)
    blocks = everything(engine)
    assert [block.receipts for block in blocks] == [(), *sent]
    assert [block.number for block in blocks] == [0, 1, 2, 3, 4, 5]
    assert [block.at_s for block in blocks] == [START_S + at for at in (0, 1, 10, 20, 30, 40)]


def test_blocks_follow_each_other(engine: TesterEngine) -> None:
    grown(engine)
    parent = bytes(32)
    for block in everything(engine):
        assert (block.parent, engine.block_hash(block.number)) == (parent, block.hash)
        shown = engine.web3.eth.get_block(block.number)
        assert bytes(shown["hash"]) == block.hash
        assert bytes(shown["parentHash"]) == block.parent
        parent = block.hash


@pytest.mark.parametrize("number", [-1, 6, 2**256])
def test_blocks_that_are_not_there_are_refused(engine: TesterEngine, number: int) -> None:
    counter, _ = grown(engine)
    for ask in (
        lambda: engine.block(number),
        lambda: engine.block_hash(number),
        lambda: engine.call(counter, b"\x01", block=number),
    ):
        with pytest.raises(UnknownBlock) as caught:
            ask()
        assert (caught.value.number, caught.value.head) == (number, 5)


def test_call_answers_from_the_state_after_a_block(engine: TesterEngine) -> None:
    counter, _ = grown(engine)
    found = [engine.call(counter, b"\x01", block=number) for number in range(6)]
    assert found[0] == b""
    assert [words(data) for data in found[1:]] == [[0], [1], [3], [3], [6]]
    assert words(engine.call(counter, b"\x01")) == [6]


def test_call_shows_a_past_block_s_time_and_number(engine: TesterEngine) -> None:
    mirror = deploy(engine, MIRROR)
    engine.send([], START_S + 5)
    engine.send([], START_S + 9)
    assert words(engine.call(mirror, b"", block=2))[:2] == [START_S + 5, 2]
    assert words(engine.call(mirror, b"", block=2, at_s=LATER_S))[:2] == [LATER_S, 2]
    assert words(engine.call(mirror, b""))[:2] == [START_S + 9, 3]


def test_asking_about_the_past_changes_nothing(engine: TesterEngine) -> None:
    counter, _ = grown(engine)
    before = everything(engine)
    engine.call(counter, b"", block=2)
    assert words(engine.call(counter, b"\x01", block=2)) == [1]
    assert everything(engine) == before
    (receipt,) = engine.send([Call(ALICE, counter, b"")], LATER_S)
    assert words(receipt.logs[0].data) == [7]


def sent_by_web3(engine: TesterEngine, key: bytes, to: bytes | None, data: bytes) -> Any:
    """Send as a wallet would: signed outside, taken in through web3."""
    web3 = engine.web3
    unsigned = {
        "nonce": engine.nonce(address_of(key)),
        "gas": 100_000,
        "maxFeePerGas": 0,
        "maxPriorityFeePerGas": 0,
        "value": 0,
        "data": data,
        "chainId": engine.chain_id,
        "to": b"" if to is None else web3.to_checksum_address(to),
    }
    signed = Account.sign_transaction(unsigned, key)
    return web3.eth.get_transaction_receipt(web3.eth.send_raw_transaction(signed.raw_transaction))


def test_blocks_that_web3_made_are_read_like_others(engine: TesterEngine) -> None:
    counter, _ = grown(engine)
    shown = sent_by_web3(engine, BOB, counter, b"")
    (receipt,) = engine.block(6).receipts
    assert receipt.tx_hash == bytes(shown["transactionHash"])
    assert (receipt.gas_used, receipt.block_number) == (shown["gasUsed"], 6)
    assert [words(log.data) for log in receipt.logs] == [[7]]
    assert engine.head() == (6, receipt.at_s)


def test_a_creation_that_failed_created_nothing(engine: TesterEngine) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shown = sent_by_web3(engine, ALICE, None, b"\xfe")
    assert shown["status"] == 0
    (receipt,) = engine.block(1).receipts
    assert receipt.contract_address is None
    assert receipt.logs == ()


# Opened again.


def test_resume_opens_the_chain_as_it_was(engine: TesterEngine) -> None:
    counter, _ = grown(engine)
    sent_by_web3(engine, ALICE, counter, b"")
    other = reopened(engine)
    assert other.head() == engine.head()
    assert other.chain_id == engine.chain_id
    assert everything(other) == everything(engine)
    for key in (ALICE, BOB):
        assert other.nonce(address_of(key)) == engine.nonce(address_of(key)) > 0
    assert other.code(counter) == READABLE
    for number in range(7):
        assert other.call(counter, b"\x01", block=number) == engine.call(
            counter, b"\x01", block=number
        )
    call = Call(BOB, counter, b"")
    assert other.send([call], LATER_S) == engine.send([call], LATER_S)


def test_resume_gives_web3_the_same_chain(engine: TesterEngine) -> None:
    counter, sent = grown(engine)
    other = reopened(engine)
    assert count(other, counter) == 6
    assert other.web3.eth.chain_id == engine.chain_id
    assert other.web3.eth.accounts == engine.web3.eth.accounts
    assert other.web3.eth.get_block(3) == engine.web3.eth.get_block(3)
    found = other.web3.eth.get_transaction_receipt(sent[-1][1].tx_hash)
    assert found == engine.web3.eth.get_transaction_receipt(sent[-1][1].tx_hash)
    assert bytes(sent_by_web3(other, ALICE, counter, b"")["blockHash"]) == other.block_hash(6)
    with pytest.raises(TransactionRejected, match="would not come after"):
        other.send([], other.head()[1])


def test_resume_keeps_another_chain_id() -> None:
    engine = TesterEngine(start_s=START_S, chain_id=4_242)
    counter, _ = grown(engine)
    other = reopened(engine)
    assert other.chain_id == other.web3.eth.chain_id == 4_242
    assert other.send([Call(BOB, counter, b"")], LATER_S)


def test_changes_add_up_over_blocks_and_returns(engine: TesterEngine) -> None:
    pairs = kept({}, engine.changes())
    counter, _ = grown(engine)
    pairs = kept(pairs, engine.changes())
    snapshot = engine.snapshot()
    engine.send([Call(BOB, counter, b"")] * 3, LATER_S)
    pairs = kept(pairs, engine.changes())
    engine.revert(snapshot)
    engine.send([Call(ALICE, counter, b"")], LATER_S + 5)
    changes = engine.changes()
    assert None in changes.values()
    assert engine.changes() == {}
    other = TesterEngine.resume(kept(pairs, changes))
    assert everything(other) == everything(engine)
    assert other.changes() == {}
    with pytest.raises(Exception, match="no snapshot"):
        other.revert(snapshot)


def test_a_block_is_a_small_change(engine: TesterEngine) -> None:
    counter, _ = grown(engine)
    engine.changes()
    engine.send([Call(ALICE, counter, b"")], LATER_S)
    changes = engine.changes()
    assert sum(len(key) + len(value or b"") for key, value in changes.items()) < 5_000


def test_begun_again_is_a_change_like_others(engine: TesterEngine) -> None:
    grown(engine)
    pairs = kept({}, engine.changes())
    engine._backend.reset_to_genesis()
    other = TesterEngine.resume(kept(pairs, engine.changes()))
    assert other.head() == engine.head() == (0, START_S)
    other._backend.reset_to_genesis()
    assert other.block_hash(0) == engine.block_hash(0)


def number_key(number: int) -> bytes:
    return b"block-number-to-hash:%d" % number


def recounted(pairs: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """Damage that somebody took the trouble to count."""
    said = pairs[b"seal"].decode()
    head, _, _ = said.rpartition(":")
    return {**pairs, b"seal": f"{head}:{len(pairs) - 1}}}".encode()}


def test_resume_refuses_a_chain_without_its_head(engine: TesterEngine) -> None:
    grown(engine)
    pairs = kept({}, engine.changes())
    for key in (b"v1:canonical_head_hash", number_key(0), engine.block_hash(5)):
        damaged = recounted({k: value for k, value in pairs.items() if k != key})
        with pytest.raises(ChainDamaged):
            TesterEngine.resume(damaged)


def test_resume_refuses_a_chain_that_ends_elsewhere(engine: TesterEngine) -> None:
    grown(engine)
    pairs = kept({}, engine.changes())
    pairs[b"v1:canonical_head_hash"] = engine.block_hash(4)
    with pytest.raises(ChainDamaged, match="ends in another block"):
        TesterEngine.resume(pairs)


def test_reading_refuses_a_block_of_which_parts_are_missing(engine: TesterEngine) -> None:
    grown(engine)
    pairs = kept({}, engine.changes())
    body = engine.web3.eth.get_block(3)
    for key in (engine.block_hash(3), bytes(body["receiptsRoot"]), number_key(3)):
        other = TesterEngine.resume(recounted({k: v for k, v in pairs.items() if k != key}))
        assert other.block(2) == engine.block(2)
        with pytest.raises(ChainDamaged, match="block 3"):
            other.block(3)


@pytest.mark.parametrize("pairs", [{}, {b"seal": b"{}"}, {b"r" + bytes(8): b"{}"}])
def test_resume_refuses_what_is_no_chain(pairs: dict[bytes, bytes]) -> None:
    with pytest.raises(ChainDamaged):
        TesterEngine.resume(pairs)


def test_closed_engine_answers_nothing(engine: TesterEngine) -> None:
    engine.close()
    for ask in (engine.changes, lambda: engine.block(0), lambda: engine.block_hash(0)):
        with pytest.raises(EngineClosed):
            ask()
