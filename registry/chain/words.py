"""Values as contracts take and log them, in words of 32 bytes (the Solidity ABI).

A library does the same, eth_abi, and a third of the time of an action went into it. It is what this
module is checked against: the same bytes, the same values, the same refusals.

Source: https://docs.soliditylang.org/en/latest/abi-spec.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

WORD = 32


class NotEncodable(ValueError):
    """The value is none of the type that it should be written as."""


class NotDecodable(ValueError):
    """The bytes are not what the type says."""


class Codec(NamedTuple):
    """How values of one type are written and read.

    Attributes:
        size: Bytes that a value takes where it stands; one word if it is dynamic.
        is_dynamic: Whether a pointer stands there, and the value further back.
        write: Value -> its bytes.
        read: Data and where in it a value begins -> the value. Of one that is not dynamic, whoever
            asks has checked that it is there.
    """

    size: int
    is_dynamic: bool
    write: Callable[[Any], bytes]
    read: Callable[[bytes, int], Any]


def encode(types: Sequence[str], values: Sequence[Any]) -> bytes:
    """Write values one after the other.

    Raises:
        NotEncodable: one of them is none of its type.
    """
    return tuple_of(tuple(types)).write(values)


def decode(types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    """Read values: addresses as bytes, text in which any bytes may stand, tuples for lists.

    Raises:
        NotDecodable: not what the types say.
    """
    found: tuple[Any, ...] = tuple_of(tuple(types)).read(data, 0)
    return found


@cache
def codec_of(kind: str) -> Codec:
    """Return how values of a canonical type are written and read."""
    if kind.endswith("[]"):
        return _array(codec_of(kind[:-2]))
    if kind.startswith("("):
        return tuple_of(tuple(_parts(kind[1:-1])))
    if kind.startswith("uint"):
        return _unsigned(int(kind[4:]))
    if kind == "address":
        return _fixed_bytes(20, WORD - 20)
    if kind == "bool":
        return _BOOL
    if kind == "bytes":
        return Codec(WORD, True, _write_bytes, _read_bytes)
    if kind == "string":
        return Codec(WORD, True, _write_text, _read_text)
    if kind.startswith("bytes"):
        return _fixed_bytes(int(kind[5:]), 0)
    raise NotImplementedError(f"none of our contracts has a {kind}")


def _parts(kinds: str) -> Iterator[str]:
    """Yield the types between commas, those in brackets whole."""
    depth = start = 0
    for at, letter in enumerate(kinds):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            yield kinds[start:at]
            start = at + 1
    if kinds:
        yield kinds[start:]


def _unsigned(bits: int) -> Codec:
    limit = 1 << bits

    def write(value: Any) -> bytes:
        if type(value) is not int or not 0 <= value < limit:
            raise NotEncodable(f"{value!r} is no uint{bits}")
        return value.to_bytes(WORD, "big")

    def read(data: bytes, at: int) -> int:
        value = int.from_bytes(data[at : at + WORD], "big")
        if value >= limit:
            raise NotDecodable(f"more than a uint{bits}")
        return value

    return Codec(WORD, False, write, read)


def _write_bool(value: Any) -> bytes:
    if type(value) is not bool:
        raise NotEncodable(f"{value!r} is no bool")
    return value.to_bytes(WORD, "big")


def _read_bool(data: bytes, at: int) -> bool:
    value = int.from_bytes(data[at : at + WORD], "big")
    if value > 1:
        raise NotDecodable("neither true nor false")
    return value == 1


_BOOL = Codec(WORD, False, _write_bool, _read_bool)


def _fixed_bytes(size: int, before: int) -> Codec:
    """Return how bytes are written that stand `before` zeros; addresses are never shorter."""
    zeros, rest = bytes(before), bytes(WORD - before - size)

    def write(value: Any) -> bytes:
        if not isinstance(value, bytes) or len(value) > size or (before and len(value) < size):
            raise NotEncodable(f"{value!r} is not of {size} bytes")
        return (zeros + value).ljust(WORD, b"\0")

    def read(data: bytes, at: int) -> bytes:
        word = data[at : at + WORD]
        if not (word.startswith(zeros) and word.endswith(rest)):
            raise NotDecodable(f"more than {size} bytes")
        return word[before : before + size]

    return Codec(WORD, False, write, read)


def _write_bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise NotEncodable(f"{value!r} are no bytes")
    size = len(value)
    return size.to_bytes(WORD, "big") + value + bytes(-size % WORD)


def _read_bytes(data: bytes, at: int) -> bytes:
    start = at + WORD
    end = start + int.from_bytes(data[at:start], "big")
    whole = end + (start - end) % WORD
    if whole > len(data) or start > len(data):
        raise NotDecodable("cut off")
    if any(data[end:whole]):
        raise NotDecodable("something stands after the last byte")
    return data[start:end]


def _write_text(value: Any) -> bytes:
    if not isinstance(value, str):
        raise NotEncodable(f"{value!r} is no text")
    return _write_bytes(value.encode())


def _read_text(data: bytes, at: int) -> str:
    # What a stranger logged is a fact, too, whatever bytes it is made of.
    return _read_bytes(data, at).decode("utf-8", "replace")


def _size(data: bytes, at: int) -> int:
    if at + WORD > len(data):
        raise NotDecodable("cut off")
    return int.from_bytes(data[at : at + WORD], "big")


def _behind(data: bytes, base: int, offset: int, size: int) -> int:
    """Follow a pointer, which is inside the data, to a value behind the `size` bytes of heads."""
    pointer = int.from_bytes(data[base + offset : base + offset + WORD], "big")
    if pointer < size:
        raise NotDecodable("a pointer to what stands before")
    return base + pointer


@cache
def tuple_of(kinds: tuple[str, ...]) -> Codec:
    """Return how values of these types are written and read together."""
    return _tuple([codec_of(kind) for kind in kinds])


def _tuple(parts: Sequence[Codec]) -> Codec:
    offsets = [sum(part.size for part in parts[:at]) for at in range(len(parts))]
    size = sum(part.size for part in parts)
    is_dynamic = any(part.is_dynamic for part in parts)
    writers = [(part.is_dynamic, part.write) for part in parts]
    readers = [
        (offset, part.is_dynamic, part.read) for offset, part in zip(offsets, parts, strict=True)
    ]

    def write(values: Any) -> bytes:
        if not isinstance(values, list | tuple):
            raise NotEncodable(f"{values!r} is no list")
        if len(values) != len(writers):
            raise NotEncodable(f"{len(values)} values, not {len(writers)}")
        heads, tails, end = [], [], size
        for (is_behind, write_part), value in zip(writers, values, strict=True):
            said = write_part(value)
            if is_behind:
                heads.append(end.to_bytes(WORD, "big"))
                tails.append(said)
                end += len(said)
            else:
                heads.append(said)
        return b"".join(heads + tails)

    def read(data: bytes, at: int) -> tuple[Any, ...]:
        if at + size > len(data):
            raise NotDecodable("cut off")
        found = []
        for offset, is_behind, read_part in readers:
            place = _behind(data, at, offset, size) if is_behind else at + offset
            found.append(read_part(data, place))
        return tuple(found)

    return Codec(WORD if is_dynamic else size, is_dynamic, write, read)


def _array(item: Codec) -> Codec:
    def write(values: Any) -> bytes:
        if not isinstance(values, list | tuple):
            raise NotEncodable(f"{values!r} is no list")
        count = len(values)
        return count.to_bytes(WORD, "big") + _tuple([item] * count).write(values)

    def read(data: bytes, at: int) -> tuple[Any, ...]:
        start = at + WORD
        end = start + _size(data, at) * item.size
        if end > len(data):
            raise NotDecodable("cut off")
        if item.is_dynamic:
            heads = range(0, end - start, WORD)
            places = [_behind(data, start, head, end - start) for head in heads]
            return tuple([item.read(data, place) for place in places])
        return tuple([item.read(data, place) for place in range(start, end, item.size)])

    return Codec(WORD, True, write, read)
