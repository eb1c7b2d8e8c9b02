"""Calldata, return values, errors and events of our contracts, by name.

Everything is looked up in the ABIs of the committed artifacts; nothing is spelled twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from eth_hash.auto import keccak

from registry.chain.engine import Log
from registry.chain.words import NotDecodable, codec_of, decode, encode, tuple_of

ABI = Sequence[Mapping[str, Any]]


def type_of(parameter: Mapping[str, Any]) -> str:
    """Return a parameter's canonical type: structs as tuples, enums and value types resolved."""
    kind: str = parameter["type"]
    if kind.startswith("tuple"):
        inner = ",".join(type_of(part) for part in parameter["components"])
        return f"({inner}){kind[5:]}"
    return kind


class Function(NamedTuple):
    """One function: its selector, and the types of what goes in and comes out."""

    selector: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def encode(self, *args: Any) -> bytes:
        """Return calldata."""
        return self.selector + encode(self.inputs, args)

    def decode(self, data: bytes) -> tuple[Any, ...]:
        """Return the values that the function answered."""
        return decode(self.outputs, data)


class Event:
    """One event: its topic, and its parameters as (name, type, indexed).

    None of ours index a dynamic type, so a topic is the value itself.
    """

    def __init__(self, name: str, parameters: tuple[tuple[str, str, bool], ...]) -> None:
        self.name = name
        self.parameters = parameters
        signature = f"{name}({','.join(kind for _, kind, _ in parameters)})"
        self.topic = keccak(signature.encode())
        indexed = [(name, kind) for name, kind, is_indexed in parameters if is_indexed]
        self._topics = [(name, codec_of(kind).read) for name, kind in indexed]
        plain = [(name, kind) for name, kind, is_indexed in parameters if not is_indexed]
        self._names = [name for name, _ in plain]
        self._read = tuple_of(tuple(kind for _, kind in plain)).read

    def decode(self, log: Log) -> dict[str, Any]:
        """Return the event's values by name.

        Raises:
            NotDecodable: topics or data are not what the event has.
        """
        if len(log.topics) != 1 + len(self._topics):
            raise NotDecodable(f"{self.name} with {len(log.topics)} topics")
        values = dict(zip(self._names, self._read(log.data, 0), strict=True))
        for (name, read), topic in zip(self._topics, log.topics[1:], strict=True):
            values[name] = read(topic, 0)
        return values


class Refusal(NamedTuple):
    """One custom error: its name and the names and types of its values."""

    name: str
    parameters: tuple[str, ...]
    types: tuple[str, ...]


class Interface:
    """One contract's functions, events and errors."""

    def __init__(self, abi: ABI) -> None:
        self._abi = abi

    @cached_property
    def functions(self) -> dict[str, Function]:
        """By name; overloads by signature, such as "forcedTransfer(address,uint256)"."""
        found: dict[str, Function] = {}
        for item in self._abi:
            if item["type"] != "function":
                continue
            inputs = tuple(type_of(part) for part in item["inputs"])
            outputs = tuple(type_of(part) for part in item["outputs"])
            signature = f"{item['name']}({','.join(inputs)})"
            function = Function(keccak(signature.encode())[:4], inputs, outputs)
            found[signature] = function
            found.setdefault(item["name"], function)
        return found

    @cached_property
    def events(self) -> dict[bytes, Event]:
        """By topic."""
        found: dict[bytes, Event] = {}
        for item in self._abi:
            if item["type"] == "event":
                parameters = tuple(
                    (part["name"], type_of(part), part["indexed"]) for part in item["inputs"]
                )
                event = Event(item["name"], parameters)
                found[event.topic] = event
        return found

    @cached_property
    def errors(self) -> dict[bytes, Refusal]:
        """By selector."""
        found: dict[bytes, Refusal] = {}
        for item in self._abi:
            if item["type"] == "error":
                types = tuple(type_of(part) for part in item["inputs"])
                selector = keccak(f"{item['name']}({','.join(types)})".encode())[:4]
                names = tuple(part["name"] for part in item["inputs"])
                found[selector] = Refusal(item["name"], names, types)
        return found

    @cached_property
    def constructor(self) -> tuple[str, ...]:
        """Types of the constructor's arguments."""
        for item in self._abi:
            if item["type"] == "constructor":
                return tuple(type_of(part) for part in item["inputs"])
        return ()

    def encode_constructor(self, *args: Any) -> bytes:
        """Return what follows the creation code."""
        return encode(self.constructor, args)
