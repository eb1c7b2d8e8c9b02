"""Values in words: the same bytes, values and refusals as eth_abi has."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import eth_abi
import pytest
from eth_abi.exceptions import DecodingError, EncodingError
from hypothesis import given
from hypothesis import strategies as st

from registry.chain.artifacts import artifact, names
from registry.chain.words import NotDecodable, NotEncodable, codec_of, decode, encode

PLAIN = {
    "address": st.binary(min_size=20, max_size=20),
    "bool": st.booleans(),
    "bytes": st.binary(max_size=70),
    "string": st.text(max_size=40),
    "bytes32": st.binary(min_size=32, max_size=32),
    "bytes2": st.binary(min_size=2, max_size=2),
    **{f"uint{bits}": st.integers(0, 2**bits - 1) for bits in (8, 16, 32, 48, 64, 128, 256)},
}


def types_of_ours() -> set[str]:
    """Every type that one of our contracts takes, answers, logs or refuses with."""
    found: set[str] = set()
    for name in names():
        interface = artifact(name).interface
        for function in interface.functions.values():
            found |= {*function.inputs, *function.outputs}
        for event in interface.events.values():
            found |= {kind for _, kind, _ in event.parameters}
        for refusal in interface.errors.values():
            found |= {*refusal.types}
        found |= {*interface.constructor}
    return found


def parts_of(kind: str) -> list[str]:
    parts, depth = [""], 0
    for letter in kind[1:-1]:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def values_of(kind: str) -> st.SearchStrategy[Any]:
    if kind.endswith("[]"):
        return st.lists(values_of(kind[:-2]), max_size=3).map(tuple)
    if kind.startswith("("):
        return st.tuples(*map(values_of, parts_of(kind)))
    return PLAIN.get(kind, st.binary(max_size=int(kind[5:] or 0) if kind[:5] == "bytes" else 0))


OURS = sorted(types_of_ours())
NESTED = ["(uint8,string)[]", "((bool,bytes[])[],uint16)", "string[][]", "(address,bytes2)[][]"]
kinds = st.lists(st.sampled_from([*OURS, *NESTED]), max_size=4)
examples = kinds.flatmap(
    lambda chosen: st.tuples(st.just(chosen), st.tuples(*map(values_of, chosen)))
)


# eth_abi takes a static tuple for one word when it checks where pointers may lead.
pointed = examples.filter(lambda example: all(codec_of(kind).size == 32 for kind in example[0]))


def plain(value: Any) -> Any:
    """Return what eth_abi read as we read it: addresses as bytes."""
    if isinstance(value, (tuple, list)):
        return tuple(map(plain, value))
    if isinstance(value, str) and value.startswith("0x") and len(value) == 42:
        return bytes.fromhex(value[2:])
    return value


def padded(value: Any, kind: str) -> Any:
    """Return a value as it comes back: short bytes with the zeros after them."""
    if kind.endswith("[]"):
        return tuple(padded(part, kind[:-2]) for part in value)
    if kind.startswith("("):
        return tuple(padded(part, of) for part, of in zip(value, parts_of(kind), strict=True))
    return value.ljust(int(kind[5:]), b"\0") if kind[:5] == "bytes" and kind[5:] else value


@given(example=examples)
def test_law_what_is_written_is_what_eth_abi_writes(example: tuple[list[str], Any]) -> None:
    chosen, values = example
    data = encode(chosen, values)
    assert data == eth_abi.encode(chosen, values)
    assert decode(chosen, data) == tuple(map(padded, values, chosen))


@given(
    example=pointed,
    changes=st.lists(
        st.tuples(
            st.integers(0, 40), st.integers(0, 31), st.sampled_from((0, 1, 2, 31, 32, 64, 255))
        ),
        max_size=3,
    ),
    cut=st.integers(0, 40),
)
def test_law_what_is_changed_reads_as_eth_abi_reads_it(
    example: tuple[list[str], Any], changes: list[tuple[int, int, int]], cut: int
) -> None:
    chosen, values = example
    damaged = bytearray(encode(chosen, values))
    for word, at, value in changes:
        if (place := 32 * word + (31 - at % 3)) < len(damaged):
            damaged[place] = value
    data = bytes(damaged[: len(damaged) - cut])
    try:
        theirs: Any = plain(eth_abi.decode(chosen, data))
    except (DecodingError, OverflowError, UnicodeDecodeError) as error:
        theirs = error
    if isinstance(theirs, UnicodeDecodeError):
        return  # What is no UTF-8 is replaced here, and refused there.
    if isinstance(theirs, DecodingError | OverflowError):
        with pytest.raises(NotDecodable):
            decode(chosen, data)
    else:
        assert plain(decode(chosen, data)) == theirs


@given(kind=st.sampled_from([*OURS, *NESTED]), data=st.binary(max_size=300))
def test_law_no_bytes_do_more_than_not_decode(kind: str, data: bytes) -> None:
    with suppress(NotDecodable):
        decode([kind], data)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("uint8", 256),
        ("uint8", -1),
        ("uint256", 2**256),
        ("uint64", True),
        ("uint64", 1.0),
        ("uint64", "1"),
        ("bool", 1),
        ("address", bytes(19)),
        ("address", bytes(21)),
        ("address", "0x" + "11" * 20),
        ("bytes2", bytes(3)),
        ("bytes32", "x"),
        ("bytes", "x"),
        ("string", b"x"),
        ("(uint8,uint8)", (1,)),
        ("(uint8,uint8)", (1, 2, 3)),
        ("uint8[]", (1, 256)),
    ],
)
def test_encode_refuses_what_is_none_of_its_type(kind: str, value: Any) -> None:
    with pytest.raises(NotEncodable):
        encode([kind], [value])


def test_encode_refuses_too_few_values() -> None:
    with pytest.raises(NotEncodable):
        encode(["uint8", "uint8"], [1])


def test_decode_refuses_a_list_longer_than_its_data_at_once() -> None:
    for count in (2, 2**64, 2**256 - 1):
        with pytest.raises(NotDecodable):
            decode(["uint8[]"], (32).to_bytes(32) + count.to_bytes(32) + bytes(32))


def test_types_that_no_contract_of_ours_has_are_not_guessed() -> None:
    for kind in ("int256", "uint8[3]", "fixed128x18", "function"):
        with pytest.raises((NotImplementedError, ValueError)):
            codec_of(kind)


def test_encode_agrees_with_eth_abi_about_bounds() -> None:
    for bits in range(8, 257, 8):
        encode([f"uint{bits}"], [2**bits - 1])
        for value in (2**bits, -1):
            with pytest.raises(EncodingError):
                eth_abi.encode([f"uint{bits}"], [value])
            with pytest.raises(NotEncodable):
                encode([f"uint{bits}"], [value])


@pytest.mark.parametrize("kind", ["uint8[]", "(uint8)"])
@pytest.mark.parametrize("given", [{1: 2}, 5, None, "7", {7}])
def test_what_is_no_list_is_refused(kind: str, given: object) -> None:
    with pytest.raises(NotEncodable):
        encode((kind,), (given,))
