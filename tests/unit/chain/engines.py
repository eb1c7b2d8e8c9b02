"""Engines to test, and what they are tested on: contracts of a few bytes, written by hand."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account

from registry.chain.engine import CHAIN_ID, Call, Engine, EngineBlock, Receipt, address_of
from registry.chain.rpc import RpcEngine
from registry.chain.tester import TesterEngine
from tests.anvil import Anvils

IN_MEMORY = ("tester", "revm")
ENGINES = (*IN_MEMORY, "rpc")

START_S = 1_751_328_000
LATER_S = START_S + 1_000
ALICE = b"\x01" * 32
BOB = b"\x02" * 32

# Adds 1 to slot 0 and logs the sum under the topic 0xaa.
COUNTER = bytes.fromhex("5f54 6001 01 80 5f55 5f52 60aa 6020 5f a1")
TOPIC = b"\xaa".rjust(32, b"\x00")
# Returns timestamp, number, prevrandao, chain id, base fee, caller.
MIRROR = bytes.fromhex("425f52 43602052 44604052 46606052 48608052 3360a052 60c05ff3")
# Reverts with its own calldata.
REFUSER = bytes.fromhex("365f5f37 365ffd")
# Never ends; stops at an invalid opcode.
LOOP = bytes.fromhex("5b5f56")
BROKEN = bytes.fromhex("fe")
# Returns what slot 0 holds after having put 7 there.
SCRIBBLER = bytes.fromhex("6007 5f55 5f54 5f52 60205ff3")
# Returns how much gas is left.
FUEL_GAUGE = bytes.fromhex("5a5f52 60205ff3")
# Returns what slot 0 holds, when called with data; else counts.
READABLE = bytes.fromhex("36 15 600d 57 5f54 5f52 60205ff3 5b" + COUNTER.hex())


def new_engine(
    name: str, anvils: Anvils | None, *, start_s: int = START_S, chain_id: int = CHAIN_ID
) -> Engine:
    """Begin a chain on the engine of that name."""
    if name == "rpc":
        assert anvils is not None
        return RpcEngine(anvils.at(start_s, chain_id))
    if name == "revm":
        pytest.importorskip("pyrevm", reason="pyrevm has no wheel for this platform")
        from registry.chain.revm.engine import RevmEngine

        return RevmEngine(start_s=start_s, chain_id=chain_id)
    return TesterEngine(start_s=start_s, chain_id=chain_id)


def creation_code(runtime: bytes) -> bytes:
    size = len(runtime)
    return bytes([0x60, size, 0x60, 10, 0x5F, 0x39, 0x60, size, 0x5F, 0xF3]) + runtime


def deploy(engine: Engine, runtime: bytes, key: bytes = ALICE) -> bytes:
    """Put code on the chain, one second after the last block, and return its address."""
    (receipt,) = engine.send([Call(key, None, creation_code(runtime))], engine.head()[1] + 1)
    assert receipt.contract_address is not None
    return receipt.contract_address


def words(data: bytes) -> list[int]:
    return [int.from_bytes(data[i : i + 32], "big") for i in range(0, len(data), 32)]


def count(engine: Engine, counter: bytes) -> int:
    return int(
        engine.web3.eth.get_storage_at(engine.web3.to_checksum_address(counter), 0).hex(), 16
    )


def grown(engine: Engine) -> tuple[bytes, list[tuple[Receipt, ...]]]:
    """Deploy a counter and count, one, two and no calls a block; return it and the receipts."""
    sent = [engine.send([Call(ALICE, None, creation_code(READABLE))], START_S + 1)]
    counter = sent[0][0].contract_address
    assert counter is not None
    for at, keys in enumerate(([ALICE], [ALICE, BOB], [], [BOB, BOB, ALICE])):
        calls = [Call(key, counter, b"") for key in keys]
        sent.append(engine.send(calls, START_S + 10 * (at + 1)))
    return counter, sent


def everything(engine: Engine) -> list[EngineBlock]:
    return [engine.block(number) for number in range(engine.head()[0] + 1)]


def sent_by_web3(engine: Engine, key: bytes, to: bytes | None, data: bytes) -> Any:
    """Send as a wallet would: signed outside, taken in through web3."""
    web3 = engine.web3
    unsigned = {
        "nonce": engine.nonce(address_of(key)),
        "gas": 100_000,
        "maxFeePerGas": 0,
        "maxPriorityFeePerGas": 0,
        "value": 0,
        "data": data,
        "chainId": engine.chain_id,
        "to": b"" if to is None else web3.to_checksum_address(to),
    }
    signed = Account.sign_transaction(unsigned, key)
    return web3.eth.get_transaction_receipt(web3.eth.send_raw_transaction(signed.raw_transaction))


def signed(chain_id: int, nonce: int = 0) -> bytes:
    transaction = {
        "type": 2,
        "chainId": chain_id,
        "nonce": nonce,
        "maxFeePerGas": 0,
        "maxPriorityFeePerGas": 0,
        "gas": 21_000,
        "to": "0x" + "11" * 20,
        "value": 0,
    }
    return bytes(Account.sign_transaction(transaction, ALICE).raw_transaction)
