"""Calldata, return values, errors and events of our contracts, by name.

Everything is looked up in the ABIs of the committed artifacts; nothing is spelled twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from eth_abi import encode
from eth_abi.codec import ABICodec
from eth_abi.decoding import StringDecoder
from eth_abi.exceptions import DecodingError
from eth_abi.registry import BaseEquals
from eth_abi.registry import registry as default_registry
from eth_hash.auto import keccak

from registry.chain.engine import Log

ABI = Sequence[Mapping[str, Any]]


def _codec() -> ABICodec:
    """Return a codec that reads any bytes as text: what a stranger logged is a fact, too."""
    registry = default_registry.copy()
    lenient = StringDecoder(handle_string_errors="replace")
    registry.unregister_decoder("string")
    registry.register_decoder(BaseEquals("string", with_sub=False), lenient, label="string")
    return ABICodec(registry)


_CODEC = _codec()


def decode(types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    """Decode ABI-encoded values.

    Raises:
        DecodingError: not what the types say.
    """
    return tuple(_CODEC.decode(list(types), data))


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


class Event(NamedTuple):
    """One event: its topic, and its parameters as (name, type, indexed)."""

    name: str
    topic: bytes
    parameters: tuple[tuple[str, str, bool], ...]

    def decode(self, log: Log) -> dict[str, Any]:
        """Return the event's values by name; none of ours index a dynamic type.

        Raises:
            DecodingError: topics or data are not what the event has.
        """
        if len(log.topics) != 1 + sum(indexed for _, _, indexed in self.parameters):
            raise DecodingError(f"{self.name} with {len(log.topics)} topics")
        plain = [kind for _, kind, indexed in self.parameters if not indexed]
        values = iter(decode(plain, log.data))
        topics = iter(log.topics[1:])
        return {
            name: decode([kind], next(topics))[0] if indexed else next(values)
            for name, kind, indexed in self.parameters
        }


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
                signature = f"{item['name']}({','.join(kind for _, kind, _ in parameters)})"
                topic = keccak(signature.encode())
                found[topic] = Event(item["name"], topic, parameters)
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
