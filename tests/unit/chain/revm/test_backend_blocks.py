"""What is in a block, when it is, and what eth-tester and web3 make of it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from eth_bloom import BloomFilter
from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.exceptions import TransactionNotFound, ValidationError
from eth_utils import to_canonical_address

from registry.chain.engine import TESTER_CHAIN_ID, Log
from registry.chain.revm.backend import RevmBackend
from registry.chain.revm.facade import RevmTester
from registry.chain.revm.refusals import InvalidTransaction
from registry.chain.revm.serializers import logs_bloom
from registry.chain.revm.web3 import web3_over
from registry.chain.transactions import Unsigned, encode, sign
from tests.unit.chain.revm.backends import (
    COUNTER,
    GWEI,
    LOGGER,
    MIRROR,
    NOBODY,
    NOBODY_TEXT,
    ask,
    deploy,
    pay,
    send,
    sender,
    words,
)

WORDS = "test test test test test test test test test test test junk"
GENESIS_S = 1_751_328_000


@pytest.fixture
def backend() -> RevmBackend:
    return RevmBackend()


@pytest.fixture
def tester(backend: RevmBackend) -> EthereumTester:
    return EthereumTester(backend)


# Several transactions.


def test_block_counts_logs_through_and_gas_on(backend: RevmBackend) -> None:
    logger, counter = deploy(backend, LOGGER), deploy(backend, COUNTER)
    sent = [send(backend, to) for to in (logger, counter, NOBODY, logger)]
    backend.mine_blocks()
    receipts = [backend.get_transaction_receipt(tx_hash) for tx_hash in sent]
    assert [[log["log_index"] for log in each["logs"]] for each in receipts] == [
        [0, 1],
        [2],
        [],
        [3, 4],
    ]
    assert [each["transaction_index"] for each in receipts] == [0, 1, 2, 3]
    assert {log["block_number"] for each in receipts for log in each["logs"]} == {3}
    total = 0
    for each in receipts:
        total += each["gas_used"]
        assert each["cumulative_gas_used"] == total
    block = backend.get_block_by_number(3)
    assert block["gas_used"] == total
    assert [each["nonce"] for each in block["transactions"]] == [2, 3, 4, 5]


def test_block_takes_several_transactions_of_one_sender_that_name_no_nonce(
    tester: EthereumTester,
) -> None:
    tester.disable_auto_mine_transactions()
    sent = [pay(tester, value) for value in (1, 2, 3)]
    assert tester.get_block_by_number("latest")["number"] == 0
    with pytest.raises(TransactionNotFound):
        tester.get_transaction_receipt(sent[0])
    assert tester.get_nonce(tester.get_accounts()[0], "pending") == 3
    tester.mine_block()
    assert tester.get_block_by_number(1)["transactions"] == sent
    assert tester.get_balance(NOBODY_TEXT) == 6


def test_block_takes_a_replacement_in_place_of_what_waited(tester: EthereumTester) -> None:
    tester.disable_auto_mine_transactions()
    first = pay(tester, 1, nonce=0)
    second = pay(tester, 2, nonce=1)
    replacement = pay(tester, 5, nonce=0)
    assert tester.enable_auto_mine_transactions() == [second, replacement]
    # eth-tester hands them over out of order; they are executed in order.
    assert tester.get_block_by_number(1)["transactions"] == [replacement, second]
    assert tester.get_balance(NOBODY_TEXT) == 7
    with pytest.raises(TransactionNotFound):
        tester.get_transaction_by_hash(first)


def test_block_takes_raw_transactions_of_one_sender(tester: EthereumTester) -> None:
    key = (1).to_bytes(32, "big")
    tester.disable_auto_mine_transactions()
    for nonce in range(3):
        unsigned = Unsigned(2, TESTER_CHAIN_ID, nonce, 21_000, NOBODY, 1, b"", GWEI, 0)
        tester.send_raw_transaction("0x" + encode(sign(key, unsigned)).hex())
    tester.mine_block()
    assert len(tester.get_block_by_number(1)["transactions"]) == 3


def test_transaction_with_a_gap_before_its_nonce_is_refused(tester: EthereumTester) -> None:
    tester.disable_auto_mine_transactions()
    pay(tester, 1, nonce=0)
    with pytest.raises(InvalidTransaction, match="nonce 2, where the sender's next one is"):
        pay(tester, 1, nonce=2)
    tester.mine_block()
    assert tester.get_balance(NOBODY_TEXT) == 1


def test_what_waits_is_not_executed_when_the_next_one_is_refused(tester: EthereumTester) -> None:
    tester.disable_auto_mine_transactions()
    pay(tester, 1)
    with pytest.raises(InvalidTransaction, match="sender has"):
        pay(tester, 10**25)
    assert tester.get_balance(NOBODY_TEXT, "pending") == 0


def test_revert_takes_back_what_nobody_reads_for_good(backend: RevmBackend) -> None:
    snapshot = backend.take_snapshot()
    send(backend, NOBODY, value=1)
    backend.revert_to_snapshot(snapshot)
    send(backend, NOBODY, value=2)
    backend.mine_blocks()
    assert backend.get_balance(NOBODY) == 2
    assert backend.get_nonce(sender(backend)) == 1


def test_snapshot_holds_the_pending_block(backend: RevmBackend) -> None:
    kept = send(backend, NOBODY, value=1)
    snapshot = backend.take_snapshot()
    for _ in range(2):
        lost = send(backend, NOBODY, value=2)
        backend.mine_blocks(2)
        backend.revert_to_snapshot(snapshot)
        assert backend.get_transaction_by_hash(kept)["block_number"] is None
        with pytest.raises(TransactionNotFound):
            backend.get_transaction_by_hash(lost)
        assert backend.get_balance(NOBODY, "pending") == 1
    (block,) = backend.mine_blocks()
    assert backend.get_block_by_hash(block, False)["transactions"] == [kept]


def test_reset_begins_again_with_the_same_blocks(backend: RevmBackend) -> None:
    hashes = backend.mine_blocks(3)
    backend.add_account(b"\x07" * 32)
    send(backend, NOBODY)
    backend.reset_to_genesis()
    assert len(backend.get_accounts()) == 10
    assert backend.get_nonce(sender(backend), "pending") == 0
    assert backend.mine_blocks(3) == hashes


# Time.


def drive(backend: RevmBackend) -> list[bytes]:
    counter = deploy(backend, COUNTER)
    send(backend, counter)
    send(backend, NOBODY, account=1, value=5)
    backend.mine_blocks(2)
    backend.time_travel(GENESIS_S + 100)
    return [backend.get_block_by_number(n)["hash"] for n in range(5)]


def test_same_transactions_give_same_blocks_whenever(monkeypatch: pytest.MonkeyPatch) -> None:
    first = drive(RevmBackend())
    monkeypatch.setattr(time, "time", lambda: 5.0)
    assert drive(RevmBackend()) == first
    assert len(set(first)) == 5
    assert drive(RevmBackend(chain_id=7))[1] != first[1]


def test_blocks_are_a_second_apart_without_a_clock(backend: RevmBackend) -> None:
    backend.mine_blocks(3)
    times = [backend.get_block_by_number(n)["timestamp"] for n in range(4)]
    assert times == [GENESIS_S + n for n in range(4)]


def test_blocks_are_at_the_clocks_time_if_one_is_given() -> None:
    now = [GENESIS_S + 50.5]
    backend = RevmBackend(clock=lambda: now[0])
    mirror = deploy(backend, MIRROR)
    assert backend.get_block_by_number(1)["timestamp"] == GENESIS_S + 50
    now[0] += 10
    assert backend.get_block_by_number("pending")["timestamp"] == GENESIS_S + 60
    send(backend, mirror)
    now[0] += 10
    backend.mine_blocks()
    # What was executed at 60 stays at 60, and two blocks are never at the same second.
    backend.mine_blocks(2)
    times = [backend.get_block_by_number(n)["timestamp"] - GENESIS_S for n in range(1, 5)]
    assert times == [50, 60, 70, 71]
    assert words(ask(backend, mirror))[0] == GENESIS_S + 71


def test_time_travel_lands_on_the_second(backend: RevmBackend, tester: EthereumTester) -> None:
    mirror = deploy(backend, MIRROR)
    tester.time_travel(GENESIS_S + 1_000)
    assert tester.get_block_by_number("latest")["timestamp"] == GENESIS_S + 1_000
    assert words(ask(backend, mirror))[0] == GENESIS_S + 1_000
    assert words(ask(backend, mirror, block="pending"))[0] == GENESIS_S + 1_001


def test_time_travel_makes_what_is_pending_first(backend: RevmBackend) -> None:
    sent = send(backend, NOBODY)
    backend.time_travel(GENESIS_S + 1_000)
    receipt = backend.get_transaction_receipt(sent)
    assert receipt["block_number"] == 1
    assert backend.get_block_by_number(1)["timestamp"] == GENESIS_S + 1
    assert backend.get_block_by_number(2)["timestamp"] == GENESIS_S + 1_000


def test_time_travel_reaches_the_next_second_and_stays_there() -> None:
    tester = RevmTester()
    for _ in range(2):
        tester.time_travel(GENESIS_S + 1)
        block = tester.get_block_by_number("latest")
        assert (block["number"], block["timestamp"]) == (1, GENESIS_S + 1)


@pytest.mark.parametrize("at_s", [GENESIS_S + 1, GENESIS_S, 0, -1, 2**64])
def test_time_travel_refuses_to_go_back(backend: RevmBackend, at_s: int) -> None:
    backend.mine_blocks()
    send(backend, NOBODY)
    with pytest.raises(ValidationError):
        backend.time_travel(at_s)
    assert backend.chain.head.number == 1


# Beginnings.


def test_accounts_are_eth_testers() -> None:
    ours, theirs = RevmBackend(), PyEVMBackend()
    assert ours.get_accounts() == theirs.get_accounts()
    assert ours.account_keys == theirs.account_keys
    balances = [ours.get_balance(account) for account in ours.get_accounts()]
    assert balances == [theirs.get_balance(account) for account in theirs.get_accounts()]


def test_accounts_from_words_are_eth_testers() -> None:
    overrides = {"balance": 5 * 10**18}
    ours, theirs = (
        kind.from_mnemonic(WORDS, genesis_state_overrides=overrides, num_accounts=3)
        for kind in (RevmBackend, PyEVMBackend)
    )
    assert ours.get_accounts() == theirs.get_accounts()
    assert len(ours.get_accounts()) == 3
    assert ours.get_balance(ours.get_accounts()[2]) == 5 * 10**18
    pay(EthereumTester(ours), 1)


def test_genesis_takes_eth_testers_parameters_and_state() -> None:
    overrides = {"timestamp": 1_000, "gas_limit": 12_345_678}
    parameters = PyEVMBackend.generate_genesis_params(overrides)
    state = RevmBackend.generate_genesis_state(num_accounts=2)
    contract = b"\x0c" * 20
    state[contract] = {"balance": 3, "nonce": 1, "code": COUNTER, "storage": {0: 41}}
    backend = RevmBackend(parameters, state, chain_id=1)
    block = backend.get_block_by_number("earliest")
    assert (block["timestamp"], block["gas_limit"]) == (1_000, 12_345_678)
    assert (backend.get_balance(contract), backend.get_nonce(contract)) == (3, 1)
    send(backend, contract)
    backend.mine_blocks()
    assert words(ask(backend, contract, b"\x01")) == [42]
    assert words(ask(backend, contract, b"\x01", "earliest")) == [41]
    backend.reset_to_genesis()
    assert words(ask(backend, contract, b"\x01")) == [41]
    assert backend.get_code(contract) == COUNTER


@pytest.mark.parametrize(
    "overrides", [{"bloom": 0}, {"difficulty": 1}, {"timestamp": -1}, {"gas_limit": "a lot"}]
)
def test_genesis_refuses_what_it_cannot_have(overrides: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no genesis block here has"):
        RevmBackend(overrides)
    with pytest.raises(ValueError, match="no genesis block here has"):
        RevmBackend.generate_genesis_params(overrides)


def test_genesis_refuses_accounts_with_something_else() -> None:
    with pytest.raises(ValueError, match="no account has shoes"):
        RevmBackend(genesis_state={NOBODY: {"shoes": 2}})


# What is shown.


def everything(kind: type[Any]) -> list[dict[str, Any]]:
    """One transaction of each kind that logs, and what eth-tester shows of it."""
    tester = EthereumTester(kind())
    backend = tester.backend
    logger = deploy(backend, LOGGER)
    shown = []
    fees: tuple[dict[str, Any], ...] = (
        {"gas_price": GWEI},
        {"gas_price": GWEI, "access_list": ((logger, (1,)),)},
        {"max_fee_per_gas": 2 * GWEI, "max_priority_fee_per_gas": 5},
        {},
    )
    for fee in fees:
        tx_hash = "0x" + send(backend, logger, data=b"\x07", value=0, **fee).hex()
        shown += [tester.get_transaction_by_hash(tx_hash), tester.get_transaction_receipt(tx_hash)]
        tester.mine_block()
        shown += [tester.get_transaction_by_hash(tx_hash), tester.get_transaction_receipt(tx_hash)]
    shown += [tester.get_block_by_number(n, True) for n in ("earliest", 1, 5, "pending")]
    return shown


OTHERWISE = {
    "hash", "block_hash", "parent_hash", "transaction_hash", "timestamp", "mix_hash", "size",
    "state_root", "receipts_root", "transactions_root", "withdrawals_root",
    "parent_beacon_block_root", "transactions", "logs", "r", "s", "v", "y_parity", "log_index",
}  # fmt: skip


def comparable(shown: dict[str, Any]) -> dict[str, Any]:
    """Leave out what depends on hashes, time or tries, and what eth-tester counts otherwise."""
    return {name: value for name, value in shown.items() if name not in OTHERWISE}


def test_everything_is_shown_as_on_py_evm() -> None:
    for ours, theirs in zip(everything(RevmBackend), everything(PyEVMBackend), strict=True):
        assert ours.keys() == theirs.keys()
        assert comparable(ours) == comparable(theirs)
        for mine, other in zip(ours.get("logs", ()), theirs.get("logs", ()), strict=True):
            assert comparable(mine) == comparable(other)


def test_web3_shows_pending_and_latest(backend: RevmBackend) -> None:
    web3 = web3_over(backend)
    assert web3.eth.chain_id == TESTER_CHAIN_ID
    assert web3.net.version == str(TESTER_CHAIN_ID)
    tx_hash = web3.eth.send_transaction(
        {"from": web3.eth.accounts[0], "to": web3.eth.accounts[1], "value": 1}  # type: ignore
    )
    receipt = web3.eth.wait_for_transaction_receipt(tx_hash)
    assert (receipt["status"], receipt["gasUsed"], receipt["blockNumber"]) == (1, 21_000, 1)
    assert web3.eth.get_block("pending")["number"] == 2
    assert web3.eth.get_transaction(tx_hash)["blockHash"] == web3.eth.get_block(1)["hash"]


def test_bloom_is_the_yellow_papers() -> None:
    logs = [
        Log(bytes([n]) * 20, tuple(bytes([n, m]) * 16 for m in range(n)), b"", n) for n in (1, 4)
    ]
    bloom = BloomFilter()
    for log in logs:
        bloom.add(log.address)
        for topic in log.topics:
            bloom.add(topic)
    assert logs_bloom(logs) == int(bloom) != 0
    assert logs_bloom([]) == 0


def test_withdrawals_pay_and_are_shown(backend: RevmBackend, tester: EthereumTester) -> None:
    account = tester.get_accounts()[5]
    asked = [
        {"index": n, "validator_index": 7, "address": account, "amount": 3 + n} for n in (0, 1)
    ]
    backend.apply_withdrawals(asked)
    assert backend.get_balance(to_canonical_address(account)) == 10**24 + 7 * GWEI
    assert backend.get_balance(to_canonical_address(account), "earliest") == 10**24
    assert list(tester.get_block_by_number(1)["withdrawals"]) == asked
    backend.mine_blocks()
    assert backend.get_block_by_number(2)["withdrawals"] == []
    with pytest.raises(ValidationError):
        backend.apply_withdrawals([])


def test_access_list_makes_warm_what_it_names(backend: RevmBackend) -> None:
    counter = deploy(backend, COUNTER)
    send(backend, counter)
    backend.mine_blocks()
    plain = send(backend, counter)
    listed = send(backend, counter, access_list=((counter, (0,)),))
    gas = [backend.get_transaction_receipt(each)["gas_used"] for each in (plain, listed)]
    # 2,400 and 1,900 for the list; the slot is read for 100 instead of 2,100.
    assert gas[1] - gas[0] == 2_400 + 1_900 - 2_000
