"""Logs that are looked up are those that eth-tester and web3 collect by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from eth_tester import EthereumTester
from eth_tester.exceptions import BlockNotFound, ValidationError
from hypothesis import given
from hypothesis import strategies as st
from web3 import Web3
from web3.eth import Eth

from registry.chain.engine import Call
from registry.chain.revm.backend import RevmBackend
from registry.chain.revm.engine import RevmEngine
from registry.chain.revm.facade import RevmTester
from registry.chain.revm.web3 import web3_over
from tests.unit.chain.revm.backends import (
    COUNTER,
    LOGGER,
    NOBODY_TEXT,
    creation_code,
    deploy,
    send,
)

HEAD = 8


def topic(number: int) -> str:
    return "0x" + number.to_bytes(32, "big").hex()


def logged() -> tuple[RevmTester, str, str]:
    """Two contracts that log in blocks 3 to 7, of 0 to 3 transactions, and one that is pending."""
    backend = RevmBackend()
    logger, counter = deploy(backend, LOGGER), deploy(backend, COUNTER)
    for count in (1, 0, 3, 2, 2):
        for nth in range(count):
            word = (nth + count).to_bytes(32, "big")
            send(backend, (logger, counter)[nth % 2], data=b"" if nth % 2 else word)
        backend.mine_blocks()
    backend.mine_blocks()
    return RevmTester(backend), "0x" + logger.hex(), "0x" + counter.hex()


TESTER, LOGGER_AT, COUNTER_AT = logged()

TOPICS = st.sampled_from([topic(n) for n in (0xAA, 0xBB, 0xCC, 0xDD, 1, 2, 3)])
PLACE = st.none() | TOPICS | st.lists(TOPICS | st.none(), max_size=3)
ADDRESSES = st.sampled_from([LOGGER_AT, COUNTER_AT, NOBODY_TEXT])
FILTERS = st.fixed_dictionaries(
    {
        "from_block": st.none() | st.integers(0, HEAD) | st.just("latest"),
        "to_block": st.none() | st.integers(0, HEAD) | st.just("latest"),
        "address": st.none() | ADDRESSES | st.lists(ADDRESSES, max_size=2),
        "topics": st.none() | st.lists(PLACE, max_size=4),
    }
)


def outcome(method: Any, asked: dict[str, Any]) -> Any:
    """Return what a method gives, or which error it raises."""
    try:
        return method(**asked)
    except Exception as error:
        return type(error), str(error)


@given(FILTERS)
def test_law_logs_are_those_that_eth_tester_collects(asked: dict[str, Any]) -> None:
    inherited = EthereumTester(TESTER.backend)

    assert outcome(TESTER.get_logs, asked) == outcome(inherited.get_logs, asked)


@given(FILTERS)
def test_law_filters_hold_what_eth_tester_puts_in(asked: dict[str, Any]) -> None:
    held = []
    for tester in (TESTER, EthereumTester(TESTER.backend)):
        found = outcome(tester.create_log_filter, asked)
        if not isinstance(found, tuple):
            found = (tester.get_only_filter_changes(found), tester.get_all_filter_logs(found))
        held.append(found)

    assert held[0] == held[1]


def as_web3_asks(asked: dict[str, Any]) -> dict[str, Any]:
    names = {"from_block": "fromBlock", "to_block": "toBlock"}
    return {names.get(name, name): value for name, value in asked.items() if value is not None}


@given(FILTERS)
def test_law_logs_are_those_that_web3_formats(asked: dict[str, Any]) -> None:
    web3 = web3_over(TESTER.backend)
    wanted = outcome(lambda **fields: Eth.get_logs(web3.eth, fields), as_web3_asks(asked))  # type: ignore
    found = outcome(lambda **fields: web3.eth.get_logs(fields), as_web3_asks(asked))  # type: ignore

    assert found == wanted
    assert repr(found) == repr(wanted)


def test_logs_are_found_by_all_names_of_blocks() -> None:
    def numbers(from_block: Any, to_block: Any) -> list[Any]:
        return [log["block_number"] for log in tester.get_logs(from_block, to_block)]

    tester, logger, _ = logged()
    backend = tester.backend
    mined = [3, 3, 5, 5, 5, 5, 5, 6, 6, 6, 7, 7, 7]
    send(backend, bytes.fromhex(logger[2:]), data=b"")
    assert numbers("earliest", "latest") == numbers(0, "safe") == numbers(0, HEAD) == mined
    assert numbers("earliest", "pending") == [*mined, None, None]
    assert numbers("pending", "pending") == [None, None]
    assert numbers("finalized", "latest") == []
    assert {log["type"] for log in tester.get_logs("pending", "pending")} == {"pending"}
    (first, second) = web3_over(backend).eth.get_logs(
        {"fromBlock": "pending", "toBlock": "pending"}
    )
    assert (first["logIndex"], second["logIndex"], second["blockHash"]) == (0, 1, None)


@pytest.mark.parametrize("method", ["get_logs", "create_log_filter"])
def test_logs_after_the_last_block_are_refused(method: str) -> None:
    with pytest.raises(BlockNotFound, match=f"No block found for block number: {HEAD + 1}"):
        getattr(TESTER, method)(0, HEAD + 1)
    assert TESTER.get_logs(5, 4) == ()


@pytest.mark.parametrize("topics", ["text", {}, [1], ["0x" + "00" * 31], ["0x" + "00" * 33]])
@pytest.mark.parametrize("method", ["get_logs", "create_log_filter"])
def test_topics_that_are_none_are_refused(method: str, topics: Any) -> None:
    with pytest.raises(ValidationError):
        getattr(TESTER, method)(topics=topics)


def test_filter_collects_what_comes_later() -> None:
    tester, logger, _ = logged()
    filters = [tester.create_log_filter(from_block=6), tester.create_log_filter(address=logger)]
    assert [len(tester.get_only_filter_changes(each)) for each in filters] == [6, 0]
    first = tester.get_accounts()[0]
    tester.send_transaction({"from": first, "to": logger, "gas": 60_000, "data": topic(9)})
    assert [len(tester.get_only_filter_changes(each)) for each in filters] == [2, 2]
    assert [len(tester.get_all_filter_logs(each)) for each in filters] == [8, 2]


def busy_web3(blocks: int) -> Web3:
    engine = RevmEngine(start_s=1_000)
    key = b"\x01" * 32
    (receipt,) = engine.send([Call(key, None, creation_code(COUNTER))], 1_001)
    for number in range(blocks):
        engine.send([Call(key, receipt.contract_address, b"")], 1_002 + number)
    return engine.web3


def test_logs_of_many_blocks_are_all_there_in_order() -> None:
    web3 = busy_web3(2_000)
    logs = web3.eth.get_logs({"fromBlock": 0, "toBlock": "latest"})
    assert [int.from_bytes(log["data"], "big") for log in logs] == list(range(1, 2_001))
