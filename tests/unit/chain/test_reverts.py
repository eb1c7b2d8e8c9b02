"""Revert data becomes typed errors with named values; nothing else escapes."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi import encode
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from registry import errors
from registry.chain.engine import Reverted
from registry.chain.names import Naming
from registry.chain.reverts import INHERITED, OUT_OF_REACH, error_of, known
from registry.ledger.keys import KeyRing
from registry.records.identity import Role

BOOK = Naming(KeyRing(1))
ACME = BOOK.address("Acme")
BATCH = 1 << 128 | 2


def refusal(signature: str, *values: Any) -> Reverted:
    types = signature[signature.index("(") + 1 : -1].split(",")
    return Reverted(keccak(signature.encode())[:4] + encode([t for t in types if t], values))


def error(refused: Reverted) -> errors.RegistryError:
    return error_of(refused, BOOK)


def test_custom_error_carries_its_values_by_name() -> None:
    signature = "CreditsEncumbered(uint256,address,uint256,uint256,uint256,uint256)"
    found = error(refusal(signature, BATCH, "0x" + ACME.hex(), 9, 2, 3, 6))
    assert type(found) is errors.CreditsEncumbered
    assert vars(found) == {
        "batch": BATCH,
        "holder": "Acme",
        "balance": 9,
        "pledged": 2,
        "frozen": 3,
        "amount": 6,
    }


SAMPLES = {"uint256": 7, "uint64": 7, "uint32": 7, "uint16": 7, "bytes32": keccak(b"x")}


@pytest.mark.parametrize("selector", sorted(known()), ids=lambda s: known()[s].name)
def test_every_known_error_is_decoded(selector: bytes) -> None:
    refusal = known()[selector]
    values = ["0x" + ACME.hex() if t == "address" else SAMPLES.get(t, 7) for t in refusal.types]
    if "string" in refusal.types or any(t.startswith("bytes4") for t in refusal.types):
        values = [
            "text" if t == "string" else b"\1\2\3\4" if t == "bytes4" else v
            for t, v in zip(refusal.types, values, strict=True)
        ]
    found = error(Reverted(selector + encode(refusal.types, values)))
    if refusal.name in OUT_OF_REACH:
        assert type(found) is errors.UnrecognisedRevert
        assert found.reason.startswith(f"{refusal.name}(")
        return
    assert type(found).__name__ == INHERITED.get(refusal.name, refusal.name)
    assert isinstance(found, errors.LedgerError)
    shown = ["Acme" if v == "0x" + ACME.hex() else v for v in values]
    shown = ["0x" + v.hex() if isinstance(v, bytes) else v for v in shown]
    assert list(vars(found).values()) == shown


def test_error_names_who_and_what_is_behind_addresses_and_hashes() -> None:
    scope = "ICR-ISL-354-1-14-A-0-2024"
    found = error(refusal("SerialAlreadyClaimed(bytes32,uint64,uint64)", BOOK.hash(scope), 5, 9))
    assert vars(found) == {"scope": scope, "start": 5, "end": 9}
    role = keccak(Role.OPERATOR.value.encode())
    found = error(refusal("NotAuthorised(address,bytes32)", "0x" + ACME.hex(), role))
    assert vars(found) == {"caller": "Acme", "role": "OPERATOR"}
    found = error(
        refusal("NotAuthorised(address,bytes32)", "0x" + "11" * 20, b"CREDITS".ljust(32, b"\0"))
    )
    assert vars(found) == {"caller": "0x" + "11" * 20, "role": "CREDITS"}
    found = error(
        refusal("AccessControlUnauthorizedAccount(address,bytes32)", "0x" + ACME.hex(), bytes(32))
    )
    assert vars(found) == {"caller": "Acme", "role": "ADMIN"}


def test_pause_errors_have_our_names() -> None:
    assert type(error(refusal("EnforcedPause()"))) is errors.RegistryPaused
    assert type(error(refusal("ExpectedPause()"))) is errors.RegistryNotPaused
    assert type(error(refusal("ReentrancyGuardReentrantCall()"))) is errors.ReentrantCall
    found = error(refusal("ERC1155InvalidReceiver(address)", "0x" + ACME.hex()))
    assert vars(found) == {"receiver": "Acme"}


def test_solidity_s_own_errors_are_chain_errors() -> None:
    found = error(refusal("Error(string)", "not like this"))
    assert type(found) is errors.ContractText
    assert found.text == "not like this"
    panic = error(refusal("Panic(uint256)", 0x11))
    assert type(panic) is errors.ContractPanic
    assert panic.code == 0x11
    assert "0x11" in str(panic)


def test_error_text_of_any_bytes_is_shown() -> None:
    body = (32).to_bytes(32, "big") + (2).to_bytes(32, "big") + b"\xff\xfe".ljust(32, b"\0")
    found = error(Reverted(bytes.fromhex("08c379a0") + body))
    assert type(found) is errors.ContractText


@pytest.mark.parametrize(
    "data", [b"", b"\x01", b"\xde\xad\xbe", b"\xde\xad\xbe\xef", b"\xde\xad\xbe\xef" + bytes(64)]
)
def test_unknown_data_is_unrecognised(data: bytes) -> None:
    found = error(Reverted(data))
    assert type(found) is errors.UnrecognisedRevert
    assert found.data == data
    assert (data.hex() or "no data") in str(found)


def test_a_halt_says_why_the_machine_stopped() -> None:
    found = error(Reverted(b"", halt="OutOfGas: 0 left"))
    assert type(found) is errors.UnrecognisedRevert
    assert found.reason == "OutOfGas: 0 left"
    assert "OutOfGas" in str(found)


@pytest.mark.parametrize("selector", ["08c379a0", "4e487b71"])
@pytest.mark.parametrize("body", [b"", b"\x01", bytes(31), b"\xff" * 32, b"\xff" * 96])
def test_truncated_data_of_solidity_s_own_errors_is_no_crash(selector: str, body: bytes) -> None:
    found = error(Reverted(bytes.fromhex(selector) + body))
    assert isinstance(found, errors.ChainError)


@pytest.mark.parametrize("cut", [4, 5, 35, 36, 67, 99])
def test_truncated_custom_error_is_unrecognised(cut: int) -> None:
    whole = refusal("SerialAlreadyClaimed(bytes32,uint64,uint64)", bytes(32), 5, 9).data
    assert type(error(Reverted(whole))) is errors.SerialAlreadyClaimed
    found = error(Reverted(whole[:cut]))
    assert type(found) is errors.UnrecognisedRevert
    assert found.data == whole[:cut]


def test_custom_error_with_a_number_out_of_its_type_is_unrecognised() -> None:
    selector = refusal("SerialAlreadyClaimed(bytes32,uint64,uint64)", bytes(32), 5, 9).data[:4]
    found = error(Reverted(selector + bytes(32) + (2**64).to_bytes(32, "big") * 2))
    assert type(found) is errors.UnrecognisedRevert


@given(
    st.sampled_from([*sorted(known()), bytes.fromhex("08c379a0"), bytes.fromhex("4e487b71")]),
    st.binary(max_size=300),
)
def test_law_any_data_gives_one_of_our_errors(selector: bytes, body: bytes) -> None:
    found = error(Reverted(selector + body))
    assert isinstance(found, errors.RegistryError)
    assert str(found)


@given(st.binary(max_size=80))
def test_law_any_bytes_give_one_of_our_errors(data: bytes) -> None:
    assert isinstance(error(Reverted(data)), errors.RegistryError)


@pytest.mark.parametrize("day", [0, 2_932_532, 2_932_896, 2_932_897, 2**32 - 1])
def test_days_beyond_the_calendar_are_shown_all_the_same(day: int) -> None:
    found = error(refusal("EmptyPeriod(uint32,uint32)", day, 0))
    assert vars(found) == {"start": day, "end": 0}
    found = error(refusal("VintageOutsidePeriod(uint16,uint32,uint32)", 2024, 0, day))
    assert vars(found) == {"vintage": 2024, "start": 0, "end": day}
