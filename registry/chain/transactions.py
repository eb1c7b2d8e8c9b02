"""Transactions: made, signed, written as bytes, read back, and what their bytes cost.

Three kinds are known: legacy, with an access list (EIP-2930), with dynamic fees (EIP-1559). Those
with blobs (3) and with authorisations (4) are refused by name.

An engine's own calls all have one shape: kind 2, no money, no fees, no access list. `sign_call`
writes exactly that shape and nothing else, because the general way costs several times what the
signature itself costs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final, NamedTuple, cast

import rlp
from eth_keys import keys
from eth_keys.exceptions import BadSignature
from eth_keys.exceptions import ValidationError as KeyInvalid
from rlp.exceptions import RLPException
from rlp.sedes import Binary, CountableList, List, big_endian_int, binary

from registry.chain.engine import address_of
from registry.errors import TransactionRejected


def _fastest() -> Callable[[bytes], bytes]:
    """Return what hashes: all of it in C, where there is a wheel for that."""
    try:
        from sha3 import keccak_256
    except ImportError:
        from eth_hash.auto import keccak

        return keccak
    return lambda text: cast(bytes, keccak_256(text).digest())


keccak: Final = _fastest()

LEGACY: Final = 0
ACCESS_LIST: Final = 1
DYNAMIC_FEE: Final = 2

AccessList = tuple[tuple[bytes, tuple[int, ...]], ...]
"""Addresses, each with slots of its storage, that a transaction says it will touch."""

_WORD: Final = 2**256
_GAS_BOUND: Final = 2**64
_NONCE_BOUND: Final = 2**64 - 1
"""EIP-2681."""

_CURVE_ORDER: Final = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
_ADDRESS_BYTES: Final = 20


class Unsigned(NamedTuple):
    """What a sender asks for.

    Attributes:
        kind: 0 legacy, 1 EIP-2930, 2 EIP-1559.
        chain_id: The chain it is meant for; None only for a legacy one that any chain takes.
        nonce: How many transactions its sender sent before it.
        gas: Most gas that it may use.
        to: Address called, 20 bytes; None creates a contract from `data`.
        value: Money sent along, in wei.
        data: Calldata, or creation code followed by constructor arguments.
        max_fee: Most wei per gas that the sender pays; kinds 0 and 1: the gas price.
        max_priority_fee: Most of it beyond the base fee; kinds 0 and 1: the gas price.
        access_list: Empty for kind 0.
    """

    kind: int
    chain_id: int | None
    nonce: int
    gas: int
    to: bytes | None
    value: int
    data: bytes
    max_fee: int
    max_priority_fee: int
    access_list: AccessList = ()


class Transaction(NamedTuple):
    """A signed transaction: the fields of `Unsigned` and these.

    Attributes:
        v: As it stands in the encoding; for kinds 1 and 2 the parity of y.
        r, s: The signature; s in the lower half of the curve's order (EIP-2).
        sender: Address that signed, 20 bytes.
        hash: Keccak of the encoding, 32 bytes.
    """

    kind: int
    chain_id: int | None
    nonce: int
    gas: int
    to: bytes | None
    value: int
    data: bytes
    max_fee: int
    max_priority_fee: int
    access_list: AccessList
    v: int
    r: int
    s: int
    sender: bytes
    hash: bytes


def sign(key: bytes, unsigned: Unsigned) -> Transaction:
    """Sign a transaction of any kind.

    Args:
        key: Private key of the sender, 32 bytes.
        unsigned: What the sender asks for.

    Raises:
        ValueError: no key of the curve, or a field outside its range.
    """
    sender = address_of(key)
    _check(unsigned)
    signature = _signer(key)(keccak(_signed_text(unsigned)))
    parity = signature[64]
    if unsigned.kind != LEGACY:
        v = parity
    elif unsigned.chain_id is None:
        v = 27 + parity
    else:
        v = 35 + 2 * unsigned.chain_id + parity
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    raw = _encoded(unsigned, (v, r, s))
    return Transaction(*unsigned, v, r, s, sender, keccak(raw))


def sign_call(
    key: bytes, chain_id: int, nonce: int, gas: int, to: bytes | None, data: bytes
) -> Transaction:
    """Sign a transaction of kind 2 that carries no money and offers no fees; equals `sign`.

    Raises:
        ValueError: no key of the curve, or a field outside its range.
    """
    sender = address_of(key)
    if to is not None and len(to) != _ADDRESS_BYTES:
        raise ValueError(f"an address has {_ADDRESS_BYTES} bytes, not {len(to)}")
    if not (0 <= nonce < _NONCE_BOUND and 0 <= gas < _GAS_BOUND and chain_id >= 0):
        raise ValueError(f"no transaction has nonce {nonce}, {gas} gas, chain id {chain_id}")
    fields = _call_fields(chain_id, nonce, gas, to, data)
    signature = _signer(key)(keccak(b"\x02" + _list_head(len(fields)) + fields))
    parity = signature[64]
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    tx_hash = keccak(_signed_call(fields, parity, r, s))
    return Transaction(
        DYNAMIC_FEE, chain_id, nonce, gas, to, 0, data, 0, 0, (), parity, r, s, sender, tx_hash
    )


def _call_fields(chain_id: int, nonce: int, gas: int, to: bytes | None, data: bytes) -> bytes:
    """Write chain id, nonce, both fees, gas, target, value, data, access list as RLP does."""
    return b"%b%b\x80\x80%b%b\x80%b\xc0" % (
        _number(chain_id),
        _number(nonce),
        _number(gas),
        b"\x80" if to is None else b"\x94" + to,
        _text(data),
    )


def _signed_call(fields: bytes, parity: int, r: int, s: int) -> bytes:
    fields = b"%b%b%b%b" % (fields, b"\x01" if parity else b"\x80", _number(r), _number(s))
    return b"\x02" + _list_head(len(fields)) + fields


def encode(tx: Transaction) -> bytes:
    """Write a transaction as the bytes that a node takes (EIP-2718); `tx.hash` is their keccak."""
    if tx.kind == DYNAMIC_FEE and not (
        tx.max_fee or tx.max_priority_fee or tx.value or tx.access_list
    ):
        fields = _call_fields(tx.chain_id or 0, tx.nonce, tx.gas, tx.to, tx.data)
        return _signed_call(fields, tx.v, tx.r, tx.s)
    return _encoded(tx, (tx.v, tx.r, tx.s))


def decode(raw: bytes) -> Transaction:
    """Read a signed transaction and find out who sent it; `decode(encode(tx)) == tx`.

    Raises:
        TransactionRejected: no transaction of a known kind, a number outside its range or not
            written the one way it may be, or a signature that nobody can have made.
    """
    try:
        unsigned, (v, r, s) = _parsed(raw)
        _check(unsigned)
        parity = v if unsigned.kind != LEGACY else v - 27 if v < 35 else (v - 35) % 2
        if not (parity in (0, 1) and 0 < r < _CURVE_ORDER and 0 < s <= _CURVE_ORDER // 2):
            raise ValueError("the signature is out of range")
        signature = keys.Signature(vrs=(parity, r, s))
        public = signature.recover_public_key_from_msg_hash(keccak(_signed_text(unsigned)))
    except (RLPException, BadSignature, KeyInvalid, ValueError, RecursionError) as error:
        raise TransactionRejected(f"not a transaction: {error}") from error
    return Transaction(*unsigned, v, r, s, public.to_canonical_address(), keccak(raw))


def intrinsic_gas(data: bytes, creates: bool, access_list: AccessList = ()) -> int:
    """Say what a transaction costs before its first instruction, under Prague rules.

    Source: EIP-2028 (calldata), EIP-2930 (access list), EIP-3860 (init code).
    """
    zeros = data.count(0)
    gas = 21_000 + 16 * len(data) - 12 * zeros
    if creates:
        gas += 32_000 + 2 * ((len(data) + 31) // 32)
    for _, slots in access_list:
        gas += 2_400 + 1_900 * len(slots)
    return gas


def floor_gas(data: bytes) -> int:
    """Say the least that a transaction with this calldata costs. Source: EIP-7623."""
    return 21_000 + 40 * len(data) - 30 * data.count(0)


def least_gas(data: bytes, creates: bool, access_list: AccessList = ()) -> int:
    """Say the least gas limit that a transaction with these bytes may have."""
    return max(intrinsic_gas(data, creates, access_list), floor_gas(data))


_NUMBER: Final = big_endian_int
_TARGET: Final = Binary.fixed_length(_ADDRESS_BYTES, allow_empty=True)
_LISTED: Final = CountableList(
    List([Binary.fixed_length(_ADDRESS_BYTES), CountableList(Binary.fixed_length(32))])
)
_SHAPES: Final = {
    # Nonce, gas price, gas, target, value, data, v, r, s.
    LEGACY: List([_NUMBER] * 3 + [_TARGET, _NUMBER, binary] + [_NUMBER] * 3),
    # Chain id, nonce, gas price, gas, target, value, data, access list, v, r, s.
    ACCESS_LIST: List([_NUMBER] * 4 + [_TARGET, _NUMBER, binary, _LISTED] + [_NUMBER] * 3),
    # Chain id, nonce, priority fee, fee, gas, target, value, data, access list, v, r, s.
    DYNAMIC_FEE: List([_NUMBER] * 5 + [_TARGET, _NUMBER, binary, _LISTED] + [_NUMBER] * 3),
}
"""How the encodings are built. A transaction of kind 1 or 2 has its kind as a byte before."""


def _parsed(raw: bytes) -> tuple[Unsigned, tuple[int, int, int]]:
    if not raw:
        raise ValueError("no bytes")
    kind = LEGACY if raw[0] >= 0xC0 else raw[0]
    if kind not in _SHAPES or raw[0] == LEGACY:
        raise ValueError(f"no kind {raw[0]} is taken; known are legacy, 1 and 2")
    fields: Any = rlp.decode(raw if kind == LEGACY else raw[1:], _SHAPES[kind])
    if kind == LEGACY:
        nonce, price, gas, to, value, data, v, r, s = fields
        chain_id = None if v in (27, 28) else (v - 35) // 2
        if chain_id is not None and chain_id < 0:
            raise ValueError(f"no signature has v {v}")
        priced, listed = (price, price), []
    elif kind == ACCESS_LIST:
        chain_id, nonce, price, gas, to, value, data, listed, v, r, s = fields
        priced = price, price
    else:
        chain_id, nonce, tip, price, gas, to, value, data, listed, v, r, s = fields
        priced = price, tip
    access_list = tuple(
        (address, tuple(int.from_bytes(slot, "big") for slot in slots)) for address, slots in listed
    )
    unsigned = Unsigned(kind, chain_id, nonce, gas, to or None, value, data, *priced, access_list)
    return unsigned, (v, r, s)


def _check(tx: Unsigned) -> None:
    """Refuse what has no encoding, or what no chain could take.

    Raises:
        ValueError: a field is outside its range.
    """
    if tx.kind not in _SHAPES:
        raise ValueError(f"no kind {tx.kind} is taken; known are 0, 1 and 2")
    if tx.chain_id is None and tx.kind != LEGACY:
        raise ValueError(f"a transaction of kind {tx.kind} names its chain")
    if tx.access_list and tx.kind == LEGACY:
        raise ValueError("a legacy transaction has no access list")
    if tx.kind != DYNAMIC_FEE and tx.max_fee != tx.max_priority_fee:
        raise ValueError(f"a transaction of kind {tx.kind} has one gas price")
    for name, number, bound in (
        ("nonce", tx.nonce, _NONCE_BOUND),
        ("gas", tx.gas, _GAS_BOUND),
        ("chain id", tx.chain_id or 0, _GAS_BOUND),
        ("value", tx.value, _WORD),
        ("fee", tx.max_fee, _WORD),
        ("priority fee", tx.max_priority_fee, _WORD),
    ):
        if not 0 <= number < bound:
            raise ValueError(f"{name} out of range")
    addresses = [address for address, _ in tx.access_list]
    for address in addresses if tx.to is None else [tx.to, *addresses]:
        if len(address) != _ADDRESS_BYTES:
            raise ValueError(f"an address has {_ADDRESS_BYTES} bytes, not {len(address)}")
    if not all(0 <= slot < _WORD for _, slots in tx.access_list for slot in slots):
        raise ValueError("slot out of range")


def _signed_text(tx: Unsigned) -> bytes:
    """Return the bytes whose digest is signed: without the signature, for kind 0 as EIP-155."""
    if tx.kind == LEGACY and tx.chain_id is not None:
        return _encoded(tx, (tx.chain_id, 0, 0))
    return _encoded(tx, ())


def _encoded(tx: Unsigned | Transaction, tail: tuple[int, ...]) -> bytes:
    before = [] if tx.kind == LEGACY else [tx.chain_id]
    fees = [tx.max_fee] if tx.kind != DYNAMIC_FEE else [tx.max_priority_fee, tx.max_fee]
    listed = [[a, [slot.to_bytes(32, "big") for slot in slots]] for a, slots in tx.access_list]
    after = [] if tx.kind == LEGACY else [listed]
    fields = [*before, tx.nonce, *fees, tx.gas, tx.to or b"", tx.value, tx.data, *after, *tail]
    text = cast(bytes, rlp.encode(fields))
    return text if tx.kind == LEGACY else bytes([tx.kind]) + text


@functools.lru_cache(maxsize=65_536)
def _signer(key: bytes) -> Callable[[bytes], bytes]:
    """Return what turns a digest of 32 bytes into r, s and the parity of y, 65 bytes."""
    try:
        from coincurve import PrivateKey
    except ImportError:  # No wheel for this Python: eth-keys signs, with the same result.
        pair = keys.PrivateKey(key)
        return lambda digest: pair.sign_msg_hash(digest).to_bytes()
    return functools.partial(PrivateKey(key).sign_recoverable, hasher=None)


_SMALL: Final = (b"\x80", *(bytes([number]) for number in range(1, 0x80)))


def _number(number: int) -> bytes:
    """Write a number as RLP does; below 2**256."""
    if number < 0x80:
        return _SMALL[number]
    length = (number.bit_length() + 7) // 8
    return bytes((0x80 + length,)) + number.to_bytes(length, "big")


def _text(text: bytes) -> bytes:
    """Write bytes as RLP does."""
    length = len(text)
    if length >= 56:
        size = (length.bit_length() + 7) // 8
        return bytes((0xB7 + size,)) + length.to_bytes(size, "big") + text
    return text if length == 1 and text[0] < 0x80 else bytes((0x80 + length,)) + text


def _list_head(length: int) -> bytes:
    """Write what stands before a list whose items take `length` bytes."""
    if length < 56:
        return bytes((0xC0 + length,))
    size = (length.bit_length() + 7) // 8
    return bytes((0xF7 + size,)) + length.to_bytes(size, "big")
