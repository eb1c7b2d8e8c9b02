"""The tester engine's chains, opened again."""

from __future__ import annotations

import pytest

from registry.chain.engine import (
    Call,
    address_of,
)
from registry.chain.tester import TesterEngine
from registry.errors import ChainDamaged, TransactionRejected
from tests.unit.chain.engines import (
    ALICE,
    BOB,
    LATER_S,
    READABLE,
    START_S,
    count,
    everything,
    grown,
    sent_by_web3,
)
from tests.unit.ledger.ledgers import kept


@pytest.fixture
def engine() -> TesterEngine:
    return TesterEngine(start_s=START_S)


def reopened(engine: TesterEngine) -> TesterEngine:
    return TesterEngine.resume(kept({}, engine.changes()))


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
