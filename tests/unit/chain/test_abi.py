"""Calldata, answers and events by the ABI, checked against web3's own codec."""

from __future__ import annotations

import json
from typing import Any

import pytest
from web3 import Web3

from registry.chain.abi import Interface, type_of
from registry.chain.artifacts import ARTIFACTS, artifact, names
from registry.chain.engine import Log
from registry.chain.words import NotDecodable, decode

ACME = b"\x11" * 20
ABI: list[dict[str, Any]] = json.loads((ARTIFACTS / "CarbonRegistry.json").read_bytes())["abi"]


def test_types_are_canonical() -> None:
    inner = {"type": "tuple[]", "components": [{"type": "uint64"}, {"type": "string"}]}
    assert type_of({"type": "uint128"}) == "uint128"
    assert type_of(inner) == "(uint64,string)[]"
    assert type_of({"type": "tuple", "components": [inner]}) == "((uint64,string)[])"


@pytest.mark.parametrize("name", names())
def test_selectors_and_topics_are_those_of_web3(name: str) -> None:
    abi = json.loads((ARTIFACTS / f"{name}.json").read_bytes())["abi"]
    interface = artifact(name).interface
    contract = Web3().eth.contract(abi=abi)
    for function in contract.all_functions():
        ours = interface.functions[function.signature]
        assert ours.selector == bytes(Web3.keccak(text=function.signature)[:4])
    has_events = any(item["type"] == "event" for item in abi)
    topics = {event().topic for event in contract.events} if has_events else set()
    assert {"0x" + topic.hex() for topic in interface.events} == topics


def test_calldata_is_that_of_web3() -> None:
    contract = Web3().eth.contract(abi=ABI)
    claim = ("Acme Corp", "voluntary", "é", "", "IS")
    order = (7, 1 << 128 | 2, 5, claim)
    for function, args in (
        ("retire", (order,)),
        ("retireMany", ([order, order],)),
        ("safeTransferFrom", (ACME, ACME, 1, 2, b"\1")),
        ("pause", ()),
        ("lock", (1, 2, ACME, 3, "a reason")),
    ):
        theirs = contract.encode_abi(function, list(args))
        ours = artifact("CarbonRegistry").interface.functions[function].encode(*args)
        assert "0x" + ours.hex() == theirs


def test_overloads_are_found_by_signature() -> None:
    functions = artifact("CarbonRegistry").interface.functions
    short = functions["forcedTransfer(address,address,uint256,uint256)"]
    long = functions["forcedTransfer(address,address,uint256,uint256,string)"]
    assert short.selector != long.selector
    assert functions["forcedTransfer"] in (short, long)


def test_constructor_arguments_follow_the_creation_code() -> None:
    code = artifact("RetirementCertificate").creation(b"\x11" * 20, "ICR")
    assert code.endswith(b"ICR".ljust(32, b"\0"))
    assert Interface([]).constructor == ()
    assert Interface([]).encode_constructor() == b""


def test_decode_refuses_what_is_cut_off() -> None:
    with pytest.raises(NotDecodable):
        decode(["uint256"], bytes(31))
    with pytest.raises(NotDecodable):
        decode(["string"], (32).to_bytes(32, "big"))


def test_decode_reads_any_bytes_as_text() -> None:
    body = (32).to_bytes(32, "big") + (3).to_bytes(32, "big") + b"a\xffb".ljust(32, b"\0")
    assert decode(["string"], body) == ("a\ufffdb",)


def test_event_values_come_by_name_wherever_they_stand() -> None:
    (event,) = [
        event
        for event in artifact("CarbonRegistry").interface.events.values()
        if event.name == "CreditsPledged"
    ]
    words = [n.to_bytes(32, "big") for n in (7, 8, int.from_bytes(ACME), int.from_bytes(ACME), 9)]
    found = event.decode(Log(b"", (event.topic, *words[:3]), b"".join(words[3:]), 0))
    assert found == {"id": 7, "batch": 8, "holder": ACME, "lender": ACME, "amount": 9}
    with pytest.raises(NotDecodable):
        event.decode(Log(b"", (event.topic, *words[:2]), b"".join(words[3:]), 0))
