"""Transactions against two other writers of them: eth-account for bytes, py-evm for gas."""

from __future__ import annotations

from typing import Any

import pytest
import rlp
from eth.vm.forks import PragueVM
from eth_account import Account
from eth_utils import keccak
from hypothesis import given
from hypothesis import strategies as st

from registry.chain.engine import address_of
from registry.chain.transactions import (
    AccessList,
    Transaction,
    Unsigned,
    decode,
    encode,
    floor_gas,
    intrinsic_gas,
    sign,
    sign_call,
)
from registry.errors import TransactionRejected

ALICE = b"\x01" * 32
BOB = address_of(b"\x02" * 32)
CURVE_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141

KEYS = st.integers(1, CURVE_ORDER - 1).map(lambda number: number.to_bytes(32, "big"))
TARGETS = st.none() | st.binary(min_size=20, max_size=20)
# Around the lengths at which RLP changes its form: one small byte, 55 and 56, 255 and 256.
DATA = st.one_of(
    st.binary(max_size=70),
    st.sampled_from([1, 54, 55, 56, 57, 255, 256, 257, 70_000]).flatmap(
        lambda size: st.sampled_from([b"\x00", b"\x7f", b"\x80"]).map(lambda byte: byte * size)
    ),
)
NONCES = st.integers(0, 300) | st.integers(0, 2**64 - 2)
GAS = st.integers(0, 2**64 - 1)
FEES = st.integers(0, 2**256 - 1) | st.integers(0, 10**12)
CHAIN_IDS = st.integers(1, 2**32)
ACCESS_LISTS = st.lists(
    st.tuples(
        st.binary(min_size=20, max_size=20),
        st.lists(st.integers(0, 2**256 - 1), max_size=3).map(tuple),
    ),
    max_size=3,
).map(tuple)


@st.composite
def unsigned(draw: st.DrawFn) -> Unsigned:
    kind = draw(st.integers(0, 2))
    fee = draw(FEES)
    return Unsigned(
        kind=kind,
        chain_id=draw(CHAIN_IDS | st.none() if kind == 0 else CHAIN_IDS),
        nonce=draw(NONCES),
        gas=draw(GAS),
        to=draw(TARGETS),
        value=draw(FEES),
        data=draw(DATA),
        max_fee=fee,
        max_priority_fee=draw(st.integers(0, fee)) if kind == 2 else fee,
        access_list=draw(ACCESS_LISTS) if kind else (),
    )


def as_eth_account_writes(tx: Unsigned) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "nonce": tx.nonce,
        "gas": tx.gas,
        "to": b"" if tx.to is None else tx.to,
        "value": tx.value,
        "data": tx.data,
    }
    if tx.chain_id is not None:
        fields["chainId"] = tx.chain_id
    if tx.kind == 2:
        fields |= {"maxFeePerGas": tx.max_fee, "maxPriorityFeePerGas": tx.max_priority_fee}
    else:
        fields["gasPrice"] = tx.max_fee
    if tx.kind:
        fields["type"] = tx.kind
        fields["accessList"] = [
            {
                "address": "0x" + address.hex(),
                "storageKeys": ["0x" + slot.to_bytes(32, "big").hex() for slot in slots],
            }
            for address, slots in tx.access_list
        ]
    return fields


@given(KEYS, CHAIN_IDS, NONCES, GAS, TARGETS, DATA)
def test_law_sign_call_equals_sign(
    key: bytes, chain_id: int, nonce: int, gas: int, to: bytes | None, data: bytes
) -> None:
    general = sign(key, Unsigned(2, chain_id, nonce, gas, to, 0, data, 0, 0))

    assert sign_call(key, chain_id, nonce, gas, to, data) == general


@given(KEYS, unsigned())
def test_law_decode_reads_what_encode_writes(key: bytes, tx: Unsigned) -> None:
    signed = sign(key, tx)
    raw = encode(signed)

    assert decode(raw) == signed
    assert tuple(signed)[:10] == tuple(tx)
    assert signed.hash == keccak(raw)
    assert signed.sender == address_of(key)


@given(KEYS, unsigned())
def test_law_eth_account_signs_the_same(key: bytes, tx: Unsigned) -> None:
    theirs = Account.sign_transaction(as_eth_account_writes(tx), key)
    ours = sign(key, tx)

    assert encode(ours) == bytes(theirs.raw_transaction)
    assert ours.hash == bytes(theirs.hash)
    assert (ours.v, ours.r, ours.s) == (theirs.v, theirs.r, theirs.s)
    assert bytes.fromhex(Account.recover_transaction(encode(ours))[2:]) == ours.sender


@given(KEYS, unsigned())
def test_law_py_evm_asks_the_same_gas(key: bytes, tx: Unsigned) -> None:
    theirs = PragueVM.get_transaction_builder().decode(encode(sign(key, tx)))

    # EIP-3860 counts the words of init code here; py-evm charges them when it starts to run them.
    words = 0 if tx.to is not None else 2 * -(-len(tx.data) // 32)
    asked = intrinsic_gas(tx.data, tx.to is None, tx.access_list)
    assert asked - words == theirs.intrinsic_gas
    assert theirs.sender == address_of(key)


@pytest.mark.parametrize(
    ("data", "gas"),
    [(b"", 21_000), (b"\x00", 21_010), (b"\x01", 21_040), (b"\x00\x01" * 100, 26_000)],
)
def test_floor_gas_counts_tokens(data: bytes, gas: int) -> None:
    assert floor_gas(data) == gas


PLAIN = Unsigned(2, 1337, 0, 21_000, BOB, 1, b"", 10**9, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": 3},
        {"kind": 1},  # whose two fees differ
        {"chain_id": None},
        {"chain_id": 2**64},
        {"nonce": 2**64 - 1},
        {"nonce": -1},
        {"gas": 2**64},
        {"value": -1},
        {"value": 2**256},
        {"max_fee": 2**256},
        {"max_priority_fee": -1},
        {"to": b""},
        {"to": b"\x01" * 19},
        {"access_list": ((b"\x01" * 19, ()),)},
        {"access_list": ((BOB, (2**256,)),)},
        {"kind": 0, "max_priority_fee": 10**9, "access_list": ((BOB, ()),)},
    ],
)
def test_sign_refuses_what_is_no_transaction(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        sign(ALICE, PLAIN._replace(**change))


@pytest.mark.parametrize(
    ("key", "nonce", "gas", "to"),
    [
        (b"\x01" * 31, 0, 21_000, BOB),
        (b"\x00" * 32, 0, 21_000, BOB),
        (ALICE, -1, 21_000, BOB),
        (ALICE, 2**64 - 1, 21_000, BOB),
        (ALICE, 0, -1, BOB),
        (ALICE, 0, 2**64, BOB),
        (ALICE, 0, 21_000, b""),
        (ALICE, 0, 21_000, b"\x01" * 21),
    ],
)
def test_sign_call_refuses_what_is_no_transaction(
    key: bytes, nonce: int, gas: int, to: bytes
) -> None:
    with pytest.raises(ValueError):
        sign_call(key, 1337, nonce, gas, to, b"")


def parts(tx: Transaction) -> list[Any]:
    listed: AccessList = ()
    number = [tx.chain_id, tx.nonce, tx.max_priority_fee, tx.max_fee, tx.gas]
    return [*number, tx.to or b"", tx.value, tx.data, listed, tx.v, tx.r, tx.s]


def rewritten(index: int, value: Any) -> bytes:
    fields = parts(sign(ALICE, PLAIN))
    fields[index] = value
    return b"\x02" + bytes(rlp.encode(fields))


def test_rewritten_is_a_transaction_when_nothing_is_wrong() -> None:
    assert decode(rewritten(1, 0)) == sign(ALICE, PLAIN)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x00", id="kind zero"),
        pytest.param(b"\x03" + rlp.encode([1]), id="blobs"),
        pytest.param(b"\x04" + rlp.encode([1]), id="authorisations"),
        pytest.param(b"\x80", id="a string"),
        pytest.param(b"\xc0", id="an empty list"),
        pytest.param(b"\x02", id="a kind alone"),
        pytest.param(encode(sign(ALICE, PLAIN))[:-1], id="cut off"),
        pytest.param(encode(sign(ALICE, PLAIN)) + b"\x00", id="followed by more"),
        pytest.param(rewritten(1, b"\x00"), id="nonce with a leading zero"),
        pytest.param(rewritten(1, 2**64 - 1), id="nonce too large"),
        pytest.param(rewritten(4, 2**64), id="gas too large"),
        pytest.param(rewritten(5, b"\x01" * 19), id="short address"),
        pytest.param(rewritten(6, 2**256), id="value too large"),
        pytest.param(rewritten(8, [[BOB, [b"\x01"]]]), id="short slot"),
        pytest.param(rewritten(9, 2), id="parity"),
        pytest.param(rewritten(10, 0), id="r zero"),
        pytest.param(rewritten(10, CURVE_ORDER), id="r too large"),
        pytest.param(rewritten(10, 5), id="r of no point"),
        pytest.param(rewritten(11, 0), id="s zero"),
        pytest.param(rewritten(11, CURVE_ORDER - sign(ALICE, PLAIN).s), id="s in the upper half"),
        pytest.param(rlp.encode([0, 1, 21_000, BOB, 0, b"", 29, 1, 1]), id="v of no chain"),
        pytest.param(b"\xc1" * 5_000 + b"\xc0", id="lists too deep"),
    ],
)
def test_decode_rejects(raw: bytes) -> None:
    with pytest.raises(TransactionRejected):
        decode(raw)


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda rest: b"\x02" + rest))
def test_decode_never_fails_otherwise(raw: bytes) -> None:
    with pytest.raises(TransactionRejected):
        decode(raw)


def test_sign_without_coincurve_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from registry.chain import transactions

    fast = sign(ALICE, PLAIN)
    monkeypatch.setitem(__import__("sys").modules, "coincurve", None)
    transactions._signer.cache_clear()
    try:
        assert sign(ALICE, PLAIN) == fast
    finally:
        transactions._signer.cache_clear()
