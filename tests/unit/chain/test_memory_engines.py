"""Engines in memory: the same calls give the same chain."""

from __future__ import annotations

import importlib.util

import pytest
from eth_account import Account

from registry.chain.engine import (
    CHAIN_ID,
    Call,
    Engine,
    address_of,
)
from tests.unit.chain.conftest import Begin
from tests.unit.chain.engines import (
    ALICE,
    BOB,
    COUNTER,
    MIRROR,
    START_S,
    deploy,
    signed,
    words,
)


def drive(engine: Engine) -> list[bytes]:
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


def test_same_calls_give_same_blocks(begin_in_memory: Begin) -> None:
    first, second = (drive(begin_in_memory()) for _ in range(2))
    assert first == second
    assert len(first) == 9
    assert len(set(first)) == 9


def test_blocks_depend_on_chain_id(begin_in_memory: Begin) -> None:
    hashes = {drive(begin_in_memory(chain_id=chain_id))[-1] for chain_id in (1, CHAIN_ID)}
    assert len(hashes) == 2


def test_prevrandao_is_known_in_advance(begin_in_memory: Begin) -> None:
    engine = begin_in_memory()
    mirror = deploy(engine, MIRROR)
    seen = words(engine.call(mirror, b""))[2]
    assert seen == int.from_bytes(engine.web3.eth.get_block(1)["mixHash"], "big") != 0


def test_web3_sends_only_transactions_for_this_chain(begin_in_memory: Begin) -> None:
    engine = begin_in_memory(chain_id=8899)
    with pytest.raises(Exception, match="signed for chain 1, this is 8899"):
        engine.web3.eth.send_raw_transaction(signed(1))
    legacy = {"nonce": 0, "gasPrice": 0, "gas": 21_000, "to": "0x" + "11" * 20, "value": 0}
    foreign = Account.sign_transaction({**legacy, "chainId": 5}, ALICE).raw_transaction
    with pytest.raises(Exception, match="signed for chain 5"):
        engine.web3.eth.send_raw_transaction(foreign)
    assert engine.head() == (0, START_S)
    engine.web3.eth.send_raw_transaction(signed(8899))
    assert engine.head()[0] == 1
    assert engine.nonce(address_of(ALICE)) == 1


@pytest.mark.skipif(importlib.util.find_spec("coincurve") is None, reason="no coincurve here")
def test_signing_is_native_where_coincurve_is_installed() -> None:
    from eth_keys import keys
    from eth_keys.backends import CoinCurveECCBackend

    assert isinstance(keys.backend, CoinCurveECCBackend)
