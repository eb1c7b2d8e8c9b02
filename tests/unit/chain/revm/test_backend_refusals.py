"""Bad input: the errors that eth-tester's users know, and nothing changed."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import eth_utils
import pytest
from eth.exceptions import UnrecognizedTransactionType
from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.exceptions import (
    BlockNotFound,
    SnapshotNotFound,
    TransactionFailed,
    TransactionNotFound,
    ValidationError,
)
from hypothesis import given
from hypothesis import strategies as st
from rlp.exceptions import DecodingError
from web3.exceptions import ContractPanicError

from registry.chain.engine import TESTER_CHAIN_ID, address_of
from registry.chain.revm.backend import RevmBackend
from registry.chain.revm.facade import RevmTester
from registry.chain.revm.refusals import (
    InvalidTransaction,
    Refused,
    UndecodableTransaction,
    UnknownTransactionKind,
)
from registry.chain.revm.web3 import web3_over
from registry.chain.transactions import Unsigned, encode, sign
from tests.unit.chain.revm.backends import (
    BROKEN,
    GWEI,
    LOOP,
    NOBODY,
    NOBODY_TEXT,
    REFUSER,
    UNDERFLOW,
    ask,
    deploy,
    send,
    sender,
)

KEY = (1).to_bytes(32, "big")
POOR = (1_000).to_bytes(32, "big")
PLAIN = Unsigned(2, TESTER_CHAIN_ID, 0, 21_000, NOBODY, 0, b"", GWEI, 0)

ERROR_TEXT = bytes.fromhex("08c379a0")
TEXT = ERROR_TEXT + (32).to_bytes(32, "big") + (7).to_bytes(32, "big") + b"because".ljust(32, b"\0")
PANIC = bytes.fromhex("4e487b71") + (0x11).to_bytes(32, "big")
CUSTOM = bytes.fromhex("deadbeef") + b"\x05" * 32


@pytest.fixture
def backend() -> RevmBackend:
    return RevmBackend()


@pytest.fixture
def tester(backend: RevmBackend) -> EthereumTester:
    return EthereumTester(backend)


def untouched(backend: RevmBackend) -> tuple[Any, ...]:
    pending = backend.chain.pending
    return pending.number, pending.transactions, pending.step, pending.gas_used


# Transactions.

REFUSED = [
    ({"nonce": 1}, "nonce 1, where the sender's next one is 0"),
    ({"nonce": 2**64 - 1}, "nonce out of range"),
    ({"gas": 20_999}, "gas limit 20999 is below"),
    # 21,000 and 16 a byte would do, were it not for EIP-7623.
    ({"gas": 22_000, "data": b"\x01" * 50}, "gas limit 22000 is below"),
    ({"gas": 30_029_123}, "gas limit 30029123 is above"),
    ({"gas": 2**64}, "gas out of range"),
    ({"value": 10**24}, "sender has 1000000000000000000000000 wei"),
    ({"value": 2**256 - 1}, "sender has"),
    ({"max_fee_per_gas": 1, "max_priority_fee_per_gas": 0}, "below the base fee"),
    ({"max_fee_per_gas": GWEI, "max_priority_fee_per_gas": 2 * GWEI}, "above the highest fee"),
    ({"gas_price": 1}, "below the base fee"),
    ({"gas_price": 2**256 - 1}, "sender has"),
    ({"max_priority_fee_per_gas": 2**256 - 1}, "fee out of range"),
    ({"chain_id": 5}, f"signed for chain 5, this is {TESTER_CHAIN_ID}"),
    ({"chain_id": 5, "gas_price": GWEI}, "signed for chain 5"),
    ({"chain_id": 5, "gas_price": GWEI, "access_list": ()}, "signed for chain 5"),
    ({"to": b"", "gas": 30_000_000, "data": b"\0" * 49_153}, "creation code has 49153 bytes"),
    ({"max_fee_per_blob_gas": 1}, "not supported"),
    ({"authorization_list": []}, "not supported"),
]


@pytest.mark.parametrize(("fields", "why"), REFUSED)
def test_send_refuses(backend: RevmBackend, fields: dict[str, Any], why: str) -> None:
    before = untouched(backend)
    with pytest.raises(InvalidTransaction, match=why) as raised:
        send(backend, **({"to": NOBODY, "gas": 21_000} | fields))
    # Whichever of the two errors of that name somebody catches, it is caught.
    assert isinstance(raised.value, ValidationError)
    assert isinstance(raised.value, eth_utils.ValidationError)
    assert untouched(backend) == before


def test_send_refuses_a_nonce_that_was_used(backend: RevmBackend) -> None:
    send(backend, NOBODY)
    with pytest.raises(InvalidTransaction, match="nonce 0, where the sender's next one is 1"):
        send(backend, NOBODY, nonce=0)


def test_send_refuses_what_does_not_fit_into_the_block(backend: RevmBackend) -> None:
    send(backend, NOBODY, gas=30_029_122)
    with pytest.raises(InvalidTransaction, match="is above the 30008122 left in the block"):
        send(backend, NOBODY, gas=30_029_122)
    backend.mine_blocks()
    send(backend, NOBODY, gas=30_029_122)


def test_send_refuses_senders_without_a_key(backend: RevmBackend, tester: EthereumTester) -> None:
    with pytest.raises(ValidationError, match="no key for the sender"):
        tester.send_transaction({"from": NOBODY_TEXT, "to": NOBODY_TEXT, "gas": 21_000})


def test_a_reverted_transaction_raises_nothing_and_costs(backend: RevmBackend) -> None:
    refuser = deploy(backend, REFUSER)
    receipt = backend.get_transaction_receipt(send(backend, refuser, data=CUSTOM))
    assert receipt["status"] == 0
    assert receipt["logs"] == []
    assert 21_000 < receipt["gas_used"] < 100_000


# Raw transactions.


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"chain_id": 5}, "signed for chain 5"),
        ({"chain_id": 5, "kind": 1, "max_priority_fee": GWEI}, "signed for chain 5"),
        ({"chain_id": 5, "kind": 0, "max_priority_fee": GWEI}, "signed for chain 5"),
        ({"nonce": 9}, "nonce 9, where the sender's next one is 0"),
        ({"gas": 20_999}, "gas limit 20999 is below"),
        ({"value": 10**24}, "sender has"),
        ({"max_fee": 1}, "below the base fee"),
    ],
)
def test_raw_refuses(tester: EthereumTester, change: dict[str, Any], why: str) -> None:
    raw = encode(sign(KEY, PLAIN._replace(**change)))
    before = untouched(tester.backend)
    with pytest.raises(InvalidTransaction, match=why):
        tester.send_raw_transaction("0x" + raw.hex())
    assert untouched(tester.backend) == before


def test_raw_refuses_senders_without_money(tester: EthereumTester) -> None:
    with pytest.raises(InvalidTransaction, match="sender has 0 wei"):
        tester.send_raw_transaction("0x" + encode(sign(POOR, PLAIN)).hex())


def test_raw_takes_a_legacy_transaction_that_names_no_chain(tester: EthereumTester) -> None:
    for chain_id in (None, TESTER_CHAIN_ID):
        nonce = tester.backend.get_nonce(address_of(KEY))
        legacy = Unsigned(0, chain_id, nonce, 21_000, NOBODY, 3, b"", GWEI, GWEI)
        tester.send_raw_transaction("0x" + encode(sign(KEY, legacy)).hex())
    assert tester.get_balance(NOBODY_TEXT) == 6


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ("0x", UndecodableTransaction),
        ("0xc0", UndecodableTransaction),
        ("0xffff", UndecodableTransaction),
        ("0x02c0", UndecodableTransaction),
        ("0x02f8", UndecodableTransaction),
        ("0x8002", UndecodableTransaction),
        ("0x1234", UnknownTransactionKind),
        ("0x00", UnknownTransactionKind),
        ("0x03c0", InvalidTransaction),
        ("0x04c0", InvalidTransaction),
    ],
)
def test_raw_refuses_bytes_that_are_no_transaction(
    tester: EthereumTester, raw: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        tester.send_raw_transaction(raw)
    assert isinstance(raised.value, ValidationError)
    assert isinstance(raised.value, DecodingError) == (error is UndecodableTransaction)
    assert isinstance(raised.value, UnrecognizedTransactionType) == (
        error is UnknownTransactionKind
    )


@given(st.binary(max_size=200), st.booleans())
def test_raw_never_fails_otherwise(rest: bytes, is_typed: bool) -> None:
    with pytest.raises(InvalidTransaction):
        RevmBackend().send_raw_transaction(b"\x02" * is_typed + rest)


# Calls.


def failure(ask_it: Callable[[], Any]) -> Any:
    with pytest.raises(TransactionFailed) as raised:
        ask_it()
    (said,) = raised.value.args
    return said


@pytest.mark.parametrize(
    "data", [b"", CUSTOM, PANIC, TEXT, TEXT[:40], ERROR_TEXT + b"\xff" * 5, b"\x08\xc3"]
)
def test_call_says_why_as_eth_tester_does(data: bytes) -> None:
    said = []
    for kind in (RevmBackend, PyEVMBackend):
        tester = EthereumTester(kind())
        refuser = deploy(tester.backend, REFUSER)
        first, at = tester.get_accounts()[0], "0x" + refuser.hex()
        asked = {"from": first, "to": at, "data": "0x" + data.hex()}
        said.append(failure(lambda: tester.call(asked)))  # noqa: B023
        if kind is RevmBackend:
            assert failure(lambda: tester.estimate_gas(asked)) == said[0]  # noqa: B023
    assert said[0] == said[1]
    assert said[0] == "because" if data == TEXT else ast.literal_eval(said[0]) == data


def test_call_keeps_text_that_is_none_as_bytes(backend: RevmBackend) -> None:
    refuser = deploy(backend, REFUSER)
    data = TEXT.replace(b"because", b"\xff" * 7)
    assert ast.literal_eval(failure(lambda: ask(backend, refuser, data))) == data


def test_call_through_web3_names_a_panic(backend: RevmBackend) -> None:
    refuser = deploy(backend, REFUSER)
    web3 = web3_over(backend)
    with pytest.raises(ContractPanicError, match="overflow"):
        web3.eth.call({"to": web3.to_checksum_address(refuser), "data": "0x" + PANIC.hex()})  # type: ignore


@pytest.mark.parametrize(
    ("code", "halt"),
    [(BROKEN, "InvalidFEOpcode"), (UNDERFLOW, "StackUnderflow"), (LOOP, "OutOfGas")],
)
def test_call_says_why_the_machine_stopped(backend: RevmBackend, code: bytes, halt: str) -> None:
    address = deploy(backend, code)
    asked = {"from": sender(backend), "to": address, "gas": 100_000}
    assert halt in failure(lambda: backend.call(asked))
    assert halt in failure(lambda: backend.estimate_gas(asked))
    assert ask(backend, NOBODY) == b""


def test_call_of_a_missing_contract_answers_nothing(backend: RevmBackend) -> None:
    assert ask(backend, NOBODY, b"\x12\x34\x56\x78") == b""
    asked = {"from": sender(backend), "to": NOBODY, "data": b"\x12\x34\x56\x78"}
    assert backend.estimate_gas(asked) == 21_160


@pytest.mark.parametrize("method", ["call", "estimate_gas"])
@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"value": 10**25}, "sender has 1000000000000000000000000 wei, and 10"),
        ({"value": 2**256 - 1}, "sender has"),
        ({"gas": 0}, "gas limit 0 is below the 21000"),
        ({"gas": 20_999}, "gas limit 20999 is below the 21000"),
        ({"gas": 30_029_123}, "above the block's"),
        ({"gas": 2**64}, "above the block's"),
        ({"gas": 2**256 - 1}, "above the block's"),
        ({"gas": -1}, "gas out of range"),
        ({"gas_price": 2**256 - 1}, "sender has"),
        ({"to": b"", "data": b"\0" * 49_153}, "CreateInitCodeSizeLimit"),
    ],
)
def test_call_refuses(backend: RevmBackend, method: str, fields: dict[str, Any], why: str) -> None:
    asked = {"from": sender(backend), "to": NOBODY, **fields}
    if method == "estimate_gas" and "gas" in fields:
        assert backend.estimate_gas(asked) == 21_000
        return
    with pytest.raises(InvalidTransaction, match=why):
        getattr(backend, method)(asked)
    assert ask(backend, NOBODY) == b""


UNREADABLE = [
    ({"gas_price": 2**256}, "gas_price out of range"),
    ({"gas_price": -1}, "gas_price out of range"),
    ({"gas_price": "1"}, "gas_price out of range"),
    ({"gas_price": 1.5}, "gas_price out of range"),
    ({"max_fee_per_gas": 2**256, "max_priority_fee_per_gas": 1}, "max_fee_per_gas out of range"),
    ({"max_fee_per_gas": GWEI, "max_priority_fee_per_gas": -1}, "max_priority_fee_per_gas out"),
    ({"value": 2**256}, "value out of range"),
    ({"value": -1}, "value out of range"),
    ({"value": "x"}, "value out of range"),
    ({"nonce": -1}, "nonce out of range"),
    ({"nonce": 2**256}, "nonce out of range"),
    ({"chain_id": -1}, "chain_id out of range"),
    ({"to": b"12345"}, "to: no address"),
    ({"to": b"\x01" * 32}, "to: no address"),
    ({"to": NOBODY_TEXT}, "to: no address"),
    ({"to": 7}, "to: no address"),
    ({"from": b"1"}, "no address"),
    ({"from": b"1" * 52}, "no address"),
    ({"from": NOBODY_TEXT}, "no address"),
    ({"data": "0x00"}, "data: no bytes"),
    ({"data": 7}, "data: no bytes"),
    ({"access_list": 7, "gas_price": GWEI}, "no access list"),
    ({"access_list": (7,), "gas_price": GWEI}, "no access list"),
    ({"access_list": ((b"1", (1,)),), "gas_price": GWEI}, "no access list"),
    ({"access_list": ((NOBODY, 7),), "gas_price": GWEI}, "no access list"),
    ({"access_list": ((NOBODY, (-1,)),), "gas_price": GWEI}, "no access list"),
    ({"access_list": ((NOBODY, (2**256,)),), "gas_price": GWEI}, "no access list"),
    ({"access_list": ((NOBODY, ("1",)),), "gas_price": GWEI}, "no access list"),
]


@pytest.mark.parametrize("method", ["call", "estimate_gas", "send_transaction"])
@pytest.mark.parametrize(("fields", "why"), UNREADABLE)
def test_what_no_transaction_can_say_is_refused(
    backend: RevmBackend, method: str, fields: dict[str, Any], why: str
) -> None:
    before = untouched(backend)
    asked = {"from": sender(backend), "to": NOBODY, "gas": 100_000, **fields}
    with pytest.raises(Refused, match=why):
        getattr(backend, method)(asked)
    assert untouched(backend) == before
    assert ask(backend, NOBODY) == b""


# Accounts.


@pytest.mark.parametrize("slot", [2**256, -1, "0", 1.5, None])
def test_storage_refuses_slots_that_nobody_has(backend: RevmBackend, slot: Any) -> None:
    for kind in (ValidationError, eth_utils.ValidationError):
        with pytest.raises(kind, match="no slot"):
            backend.get_storage(NOBODY, slot)
    assert backend.get_storage(NOBODY, 2**256 - 1) == 0


@pytest.mark.parametrize("method", ["get_balance", "get_nonce", "get_code", "get_storage"])
@pytest.mark.parametrize("address", [b"", b"1", b"1" * 52, NOBODY_TEXT, 7, None])
@pytest.mark.parametrize("block", ["latest", "pending", 0])
def test_reading_refuses_what_is_no_address(
    backend: RevmBackend, method: str, address: Any, block: int | str
) -> None:
    slots = (0,) if method == "get_storage" else ()
    for kind in (ValidationError, eth_utils.ValidationError):
        with pytest.raises(kind, match="no address"):
            getattr(backend, method)(address, *slots, block)


# Blocks, transactions, snapshots, time.


def test_reading_what_is_not_there(tester: EthereumTester) -> None:
    nothing = "0x" + "11" * 32
    with pytest.raises(BlockNotFound):
        tester.get_block_by_hash(nothing)
    for number in (1, 99, 2**70):
        with pytest.raises(BlockNotFound):
            tester.get_block_by_number(number)
    for method in (tester.get_transaction_by_hash, tester.get_transaction_receipt):
        with pytest.raises(TransactionNotFound):
            method(nothing)


def test_snapshot_that_is_gone(tester: EthereumTester) -> None:
    first, second = tester.take_snapshot(), tester.take_snapshot()
    tester.revert_to_snapshot(first)
    before = untouched(tester.backend)
    for snapshot in (second, 44):
        with pytest.raises(SnapshotNotFound):
            tester.revert_to_snapshot(snapshot)
    for raw in (99, -1, b"\x01" * 32, None):
        with pytest.raises(SnapshotNotFound):
            tester.backend.revert_to_snapshot(raw)
    assert untouched(tester.backend) == before
    tester.revert_to_snapshot(first)
    kept = tester.take_snapshot()
    tester.reset_to_genesis()
    with pytest.raises(SnapshotNotFound):
        tester.revert_to_snapshot(kept)


@pytest.mark.parametrize("kind", [EthereumTester, RevmTester])
def test_time_does_not_go_back(kind: type[EthereumTester]) -> None:
    tester = kind(RevmBackend())
    tester.mine_blocks(3)
    before = untouched(tester.backend)
    pending_s = tester.get_block_by_number("pending")["timestamp"]
    for at_s in (pending_s - 2, 1, 0):
        with pytest.raises(ValidationError):
            tester.time_travel(at_s)
    assert untouched(tester.backend) == before


def test_web3_answers_none_or_its_own_errors(backend: RevmBackend) -> None:
    from web3.exceptions import BlockNotFound as Web3BlockNotFound
    from web3.exceptions import TransactionNotFound as Web3TransactionNotFound

    web3 = web3_over(backend)
    with pytest.raises(Web3BlockNotFound):
        web3.eth.get_block(99)
    with pytest.raises(Web3TransactionNotFound):
        web3.eth.get_transaction(b"\x11" * 32)  # type: ignore[arg-type]
