"""What every engine says of its blocks, and of the past."""

from __future__ import annotations

import warnings

import pytest

from registry.chain.engine import (
    Call,
    Engine,
)
from registry.errors import EngineClosed, UnknownBlock
from tests.unit.chain.engines import (
    ALICE,
    BOB,
    LATER_S,
    MIRROR,
    START_S,
    deploy,
    everything,
    grown,
    sent_by_web3,
    words,
)


def test_blocks_hold_the_receipts_that_send_returned(engine: Engine) -> None:
    _, sent = grown(engine)
    blocks = everything(engine)
    assert [block.receipts for block in blocks] == [(), *sent]
    assert [block.number for block in blocks] == [0, 1, 2, 3, 4, 5]
    assert [block.at_s for block in blocks] == [START_S + at for at in (0, 1, 10, 20, 30, 40)]


def test_blocks_follow_each_other(engine: Engine) -> None:
    grown(engine)
    parent = bytes(32)
    for block in everything(engine):
        assert (block.parent, engine.block_hash(block.number)) == (parent, block.hash)
        shown = engine.web3.eth.get_block(block.number)
        assert bytes(shown["hash"]) == block.hash
        assert bytes(shown["parentHash"]) == block.parent
        parent = block.hash


@pytest.mark.parametrize("number", [-1, 6, 2**256])
def test_blocks_that_are_not_there_are_refused(engine: Engine, number: int) -> None:
    counter, _ = grown(engine)
    for ask in (
        lambda: engine.block(number),
        lambda: engine.block_hash(number),
        lambda: engine.call(counter, b"\x01", block=number),
    ):
        with pytest.raises(UnknownBlock) as caught:
            ask()
        assert (caught.value.number, caught.value.head) == (number, 5)


def test_call_answers_from_the_state_after_a_block(engine: Engine) -> None:
    counter, _ = grown(engine)
    found = [engine.call(counter, b"\x01", block=number) for number in range(6)]
    assert found[0] == b""
    assert [words(data) for data in found[1:]] == [[0], [1], [3], [3], [6]]
    assert words(engine.call(counter, b"\x01")) == [6]


def test_call_shows_a_past_block_s_time_and_number(engine: Engine) -> None:
    mirror = deploy(engine, MIRROR)
    engine.send([], START_S + 5)
    engine.send([], START_S + 9)
    assert words(engine.call(mirror, b"", block=2))[:2] == [START_S + 5, 2]
    assert words(engine.call(mirror, b"", block=2, at_s=LATER_S))[:2] == [LATER_S, 2]
    assert words(engine.call(mirror, b""))[:2] == [START_S + 9, 3]


def test_asking_about_the_past_changes_nothing(engine: Engine) -> None:
    counter, _ = grown(engine)
    before = everything(engine)
    engine.call(counter, b"", block=2)
    assert words(engine.call(counter, b"\x01", block=2)) == [1]
    assert everything(engine) == before
    (receipt,) = engine.send([Call(ALICE, counter, b"")], LATER_S)
    assert words(receipt.logs[0].data) == [7]


def test_blocks_that_web3_made_are_read_like_others(engine: Engine) -> None:
    counter, _ = grown(engine)
    shown = sent_by_web3(engine, BOB, counter, b"")
    (receipt,) = engine.block(6).receipts
    assert receipt.tx_hash == bytes(shown["transactionHash"])
    assert (receipt.gas_used, receipt.block_number) == (shown["gasUsed"], 6)
    assert [words(log.data) for log in receipt.logs] == [[7]]
    assert engine.head() == (6, receipt.at_s)


def test_a_creation_that_failed_created_nothing(engine: Engine) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shown = sent_by_web3(engine, ALICE, None, b"\xfe")
    assert shown["status"] == 0
    (receipt,) = engine.block(1).receipts
    assert receipt.contract_address is None
    assert receipt.logs == ()


def test_closed_engine_answers_nothing(engine: Engine) -> None:
    engine.close()
    for ask in (engine.changes, lambda: engine.block(0), lambda: engine.block_hash(0)):
        with pytest.raises(EngineClosed):
            ask()
