"""Backends to test, and contracts of a few bytes, written by hand, to test them on."""

from __future__ import annotations

from typing import Any

from eth_tester import EthereumTester

from registry.chain.revm.backend import RevmBackend

GWEI = 10**9
NOBODY = b"\xde\xad" * 10
NOBODY_TEXT = "0x" + NOBODY.hex()

# Without data adds 1 to slot 0 and logs the sum under the topic 0xaa; with data returns slot 0.
COUNTER = bytes.fromhex(
    "36 15 600d 57 5f54 5f52 60205ff3 5b 5f54 6001 01 80 5f55 5f52 60aa6020 5fa1"
)
# Logs twice: topics 0xcc, 0xbb, 0xaa and the caller's first word; then 0xdd and the word.
LOGGER = bytes.fromhex("5f35 5f52 5f35 60bb 60cc 6020 5fa3 60dd 6020 5fa1")
# Reverts with its own calldata.
REFUSER = bytes.fromhex("365f5f37 365ffd")
# Never ends; stops at an invalid opcode; takes from an empty stack.
LOOP = bytes.fromhex("5b5f56")
BROKEN = bytes.fromhex("fe")
UNDERFLOW = bytes.fromhex("50")
# Returns timestamp, number, caller.
MIRROR = bytes.fromhex("425f52 43602052 33604052 60605ff3")


def creation_code(runtime: bytes) -> bytes:
    size = len(runtime)
    return bytes([0x60, size, 0x60, 10, 0x5F, 0x39, 0x60, size, 0x5F, 0xF3]) + runtime


def sender(backend: RevmBackend, index: int = 0) -> bytes:
    return backend.get_accounts()[index]


def send(backend: RevmBackend, to: bytes, *, account: int = 0, **fields: Any) -> bytes:
    """Put a transaction into the pending block."""
    asked = {"from": sender(backend, account), "to": to, "gas": 100_000, **fields}
    return backend.send_transaction(asked)


def deploy(backend: RevmBackend, runtime: bytes) -> bytes:
    """Put code on the chain, in a block of its own, and return its address."""
    tx_hash = send(backend, b"", gas=1_000_000, data=creation_code(runtime))
    backend.mine_blocks()
    address = backend.get_transaction_receipt(tx_hash)["contract_address"]
    assert backend.get_code(address) == runtime
    return bytes(address)


def ask(backend: RevmBackend, to: bytes, data: bytes = b"", block: int | str = "latest") -> bytes:
    return backend.call({"from": sender(backend), "to": to, "data": data}, block)


def words(data: bytes) -> list[int]:
    return [int.from_bytes(data[i : i + 32], "big") for i in range(0, len(data), 32)]


def pay(tester: EthereumTester, value: int, **fields: Any) -> str:
    """Send money from the first account to nobody, through eth-tester."""
    first = tester.get_accounts()[0]
    asked = {"from": first, "to": NOBODY_TEXT, "gas": 21_000, "value": value, **fields}
    return str(tester.send_transaction(asked))
