"""What gas costs, what is offered for it, and how much of it is enough."""

from __future__ import annotations

from typing import Any

import eth_utils
import pytest
from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.exceptions import BlockNotFound, ValidationError
from web3 import EthereumTesterProvider, Web3

from registry.chain.revm.backend import RevmBackend
from registry.chain.revm.blocks import Genesis
from registry.chain.revm.chain import Chain
from registry.chain.revm.facade import RevmTester
from registry.chain.revm.refusals import InvalidTransaction
from registry.chain.revm.web3 import web3_over
from tests.unit.chain.revm.backends import (
    COUNTER,
    GWEI,
    LOOP,
    NOBODY,
    ask,
    deploy,
    pay,
    send,
    sender,
)

# Calls the address in its calldata with all the gas it has, and reverts where that failed.
CALLER = bytes.fromhex("5f5f5f5f5f 5f35 5af1 15 600f 57 00 5b 5f5ffd".replace("600f", "600c"))
# Writes 1 to slot 0, then 0: half of what it used comes back.
CLEANER = bytes.fromhex("6001 5f55 5f5f55")


@pytest.fixture
def backend() -> RevmBackend:
    return RevmBackend()


def busy(gas_limit: int = 50_000) -> RevmBackend:
    """Return a backend whose blocks 1 to 4 have 2, 0, 1 and 2 transactions, tips of 3, 5."""
    backend = RevmBackend({"gas_limit": gas_limit})
    for count in (2, 0, 1, 2):
        for tip in (3, 5)[:count]:
            fees = {"max_fee_per_gas": 9 * GWEI, "max_priority_fee_per_gas": tip}
            send(backend, NOBODY, gas=21_000, **fees)
        backend.mine_blocks()
    return backend


# Base fee and fee history.


def test_base_fee_moves_as_on_py_evm() -> None:
    fees = []
    for kind in (RevmBackend, PyEVMBackend):
        tester = EthereumTester(kind())
        for gas in (21_000, 20_000_000, 30_000_000):
            # All the gas is burnt, as the creation code is an invalid opcode.
            first = tester.get_accounts()[0]
            data = "0x" if gas == 21_000 else "0xfe"
            to = {"to": tester.get_accounts()[1]} if gas == 21_000 else {}
            price = 3 * GWEI
            tester.send_transaction(
                {"from": first, "gas": gas, "data": data, "gas_price": price, **to}
            )
        tester.mine_blocks(2)
        blocks = [tester.get_block_by_number(n) for n in range(6)]
        fees.append([(block["base_fee_per_gas"], block["gas_used"]) for block in blocks])
    assert fees[0] == fees[1]
    assert len(set(fees[0])) == 6


def test_fees_burn_and_tips_go_to_the_block(backend: RevmBackend) -> None:
    fees = {"max_fee_per_gas": 2 * GWEI, "max_priority_fee_per_gas": 7}
    tx_hash = send(backend, NOBODY, value=1, **fees)
    backend.mine_blocks()
    receipt = backend.get_transaction_receipt(tx_hash)
    base_fee = backend.get_base_fee(1)
    assert receipt["effective_gas_price"] == base_fee + 7
    paid = 10**24 - backend.get_balance(sender(backend))
    assert paid == 1 + 21_000 * (base_fee + 7)
    assert backend.get_balance(b"\0" * 20) == 7 * 21_000


def test_offer_follows_a_base_fee_above_the_usual_one() -> None:
    backend = RevmBackend({"base_fee_per_gas": 50 * GWEI})
    tx_hash = send(backend, NOBODY)
    transaction = backend.get_transaction_by_hash(tx_hash)
    assert transaction["max_fee_per_gas"] == backend.get_base_fee("pending") > 43 * GWEI
    assert transaction["max_priority_fee_per_gas"] == GWEI


def test_offer_is_filled_in_from_what_is_said(backend: RevmBackend) -> None:
    base_fee = backend.get_base_fee("pending")
    offers = []
    for fees in ({"max_priority_fee_per_gas": 5}, {"max_fee_per_gas": 2 * GWEI}):
        transaction = backend.get_transaction_by_hash(send(backend, NOBODY, **fees))
        offers.append((transaction["max_fee_per_gas"], transaction["max_priority_fee_per_gas"]))
    assert offers == [(2 * base_fee + 5, 5), (2 * GWEI, GWEI)]


def test_nothing_is_offered_where_gas_is_free() -> None:
    genesis = Genesis(at_s=1_000, base_fee=0, is_free=True)
    backend = RevmBackend.over(Chain(chain_id=5, genesis=genesis))
    web3 = web3_over(backend)
    # The ten accounts have no money on this chain.
    web3.eth.wait_for_transaction_receipt(
        web3.eth.send_transaction({"from": web3.eth.accounts[0], "to": web3.eth.accounts[1]})
    )
    assert (web3.eth.gas_price, web3.eth.max_priority_fee, web3.eth.chain_id) == (0, 0, 5)


def test_fee_history_is_eth_testers() -> None:
    ours, theirs = EthereumTester(RevmBackend()), EthereumTester(PyEVMBackend())
    for tester in (ours, theirs):
        for _ in range(4):
            pay(tester, 1)
    for count in (1, 2, 10):
        for newest in ("latest", "earliest", "pending", "safe", 1, 3):
            told = ours.get_fee_history(count, newest)
            wanted = theirs.get_fee_history(count, newest)
            # The gas limit of the two differs by nothing, so neither do the ratios.
            assert told == wanted


def test_fee_history_of_our_tester_is_a_nodes() -> None:
    backend = busy()
    tester = RevmTester(backend)
    told = tester.get_fee_history(3, "latest", [0, 50, 51, 100])
    base_fees = [backend.get_base_fee(n) for n in range(2, 5)]
    assert told["oldest_block"] == 2
    assert told["base_fee_per_gas"] == [*base_fees, backend.get_base_fee("pending")]
    assert told["gas_used_ratio"] == [0.0, 21_000 / 50_000, 42_000 / 50_000]
    assert told["reward"] == [[0, 0, 0, 0], [3, 3, 3, 3], [3, 3, 5, 5]]
    assert tester.get_fee_history(2, 1)["base_fee_per_gas"] == [
        backend.get_base_fee(n) for n in range(3)
    ]
    assert tester.get_fee_history(1)["reward"] == []


def test_fee_history_reaches_web3() -> None:
    web3 = web3_over(busy())
    told = web3.eth.fee_history(2, "latest", [50])
    assert told["oldestBlock"] == 3
    assert len(told["baseFeePerGas"]) == 3
    assert told["reward"] == [[3], [3]]


@pytest.mark.parametrize("kind", [EthereumTester, RevmTester])
def test_fee_history_refuses(kind: type[EthereumTester]) -> None:
    tester = kind(RevmBackend())
    for count in (0, -1, 1_025):
        with pytest.raises(ValidationError):
            tester.get_fee_history(count)
    with pytest.raises(BlockNotFound):
        tester.get_fee_history(1, 7)


# Estimates.


def test_estimate_is_the_least_that_is_enough(backend: RevmBackend) -> None:
    counter, caller, cleaner = (deploy(backend, code) for code in (COUNTER, CALLER, CLEANER))
    inner = counter.rjust(32, b"\0")
    cases = (
        (NOBODY, b""),
        (NOBODY, b"\x01\x00" * 500),
        (counter, b""),
        (cleaner, b""),
        (caller, inner),
    )
    for to, data in cases:
        asked = {"from": sender(backend), "to": to, "data": data}
        enough = backend.estimate_gas(asked)
        assert enough == backend.estimate_gas({**asked, "gas": 1})
        receipts = []
        snapshot = backend.take_snapshot()
        for gas in (enough, enough - 1):
            backend.revert_to_snapshot(snapshot)
            try:
                tx_hash = send(backend, to, data=data, gas=gas)
            except ValidationError:
                receipts.append(0)  # Not even its bytes are paid for.
            else:
                receipts.append(backend.get_transaction_receipt(tx_hash)["status"])
        assert receipts == [1, 0]
        backend.revert_to_snapshot(snapshot)


def test_estimate_of_a_creation_is_enough(backend: RevmBackend) -> None:
    data = bytes.fromhex("600d600c5f39600d5ff300") + COUNTER
    asked = {"from": sender(backend), "data": data}
    enough = backend.estimate_gas(asked)
    tx_hash = send(backend, b"", data=data, gas=enough)
    assert backend.get_transaction_receipt(tx_hash)["gas_used"] == enough


def test_estimate_leaves_no_trace(backend: RevmBackend) -> None:
    counter = deploy(backend, COUNTER)
    for block in ("latest", "pending", 1):
        backend.estimate_gas({"from": sender(backend), "to": counter}, block)
        ask(backend, counter, b"", block)
    assert backend.get_storage(counter, 0, "pending") == 0
    assert backend.get_nonce(sender(backend), "pending") == 1


def test_call_of_an_endless_loop_ends(backend: RevmBackend) -> None:
    loop = deploy(backend, LOOP)
    tx_hash = send(backend, loop, gas=60_000)
    receipt = backend.get_transaction_receipt(tx_hash)
    assert (receipt["status"], receipt["gas_used"]) == (0, 60_000)


# A sender who cannot pay for all the gas of a block.

MILLIETHER = 10**15


def with_poor(kind: type[Any]) -> tuple[EthereumTester, dict[str, Any]]:
    """Return a tester, and a payment of an account with a thousandth of an ether in it."""
    tester = EthereumTester(kind())
    poor = tester.add_account("0x" + "09" * 32)
    first, second = tester.get_accounts()[:2]
    tester.send_transaction({"from": first, "to": poor, "gas": 21_000, "value": MILLIETHER})
    return tester, {"from": poor, "to": second, "value": 1}


@pytest.mark.parametrize("kind", [RevmBackend, PyEVMBackend])
def test_estimate_for_a_poor_sender_names_what_is_enough(kind: type[Any]) -> None:
    tester, asked = with_poor(kind)
    for fees in (
        {},
        {"gas_price": GWEI},
        {"max_fee_per_gas": GWEI, "max_priority_fee_per_gas": 1},
    ):
        assert tester.estimate_gas({**asked, **fees}) == 21_000
    # 21,000 gas at this price are more than there is.
    with pytest.raises(eth_utils.ValidationError, match=r"pays for 9999 gas|cannot afford"):
        tester.estimate_gas({**asked, "gas_price": 100 * GWEI})


@pytest.mark.parametrize("kind", [RevmBackend, PyEVMBackend])
def test_web3_sends_for_a_poor_sender_without_a_gas_limit(kind: type[Any]) -> None:
    tester, asked = with_poor(kind)
    web3 = Web3(EthereumTesterProvider(tester))
    tx_hash = web3.eth.send_transaction({**asked, "gasPrice": GWEI})  # type: ignore[typeddict-item]
    assert web3.eth.wait_for_transaction_receipt(tx_hash)["status"] == 1


@pytest.mark.parametrize("kind", [RevmBackend, PyEVMBackend])
def test_call_of_a_poor_sender_at_a_price_names_its_gas(kind: type[Any]) -> None:
    tester, asked = with_poor(kind)
    priced = {**asked, "gas_price": GWEI}
    assert tester.call({**priced, "gas": 50_000}) == "0x"
    for fields in ({}, {"gas": 5_000_000}):
        with pytest.raises(eth_utils.ValidationError, match=r"sender has|cannot afford"):
            tester.call({**priced, **fields})


def test_estimate_runs_with_all_the_gas_that_a_sender_can_pay() -> None:
    tester, _ = with_poor(RevmBackend)
    backend = tester.backend
    counter, loop = deploy(backend, COUNTER), deploy(backend, LOOP)
    poor = backend.get_accounts()[-1]
    free = {"from": poor, "to": counter, "data": b""}
    enough = backend.estimate_gas(free)
    balance = backend.get_balance(poor)
    price = balance // enough
    assert backend.estimate_gas({**free, "gas_price": price}) == enough
    with pytest.raises(InvalidTransaction, match=f"pays for {enough - 1} gas, which is too"):
        backend.estimate_gas({**free, "gas_price": balance // (enough - 1)})
    with pytest.raises(InvalidTransaction, match="pays for"):
        backend.estimate_gas({**free, "to": loop, "gas_price": price})
    with pytest.raises(InvalidTransaction, match="sender has"):
        backend.estimate_gas({**free, "value": balance + 1, "gas_price": 1})
    with pytest.raises(InvalidTransaction, match="pays for 0 gas"):
        backend.estimate_gas({**free, "value": balance, "gas_price": 1})
