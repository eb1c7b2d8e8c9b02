"""What a call wrote, from the text that pyrevm makes of its journal."""

from __future__ import annotations

import pyrevm
import pytest

from registry.chain.revm.journal import written_in
from tests.unit.chain.revm.backends import COUNTER, creation_code

ALICE, HERE, THERE = ("0x" + digit * 40 for digit in "123")


def machine(code: str, *, balance: int = 0) -> pyrevm.EVM:
    """Return a machine in which a contract was called and nothing is taken back yet."""
    evm = pyrevm.EVM(spec_id="Cancun")
    evm.insert_account_info(ALICE, pyrevm.AccountInfo(balance, 7))
    evm.insert_account_info(HERE, pyrevm.AccountInfo(balance, 1, code=bytes.fromhex(code)))
    evm.snapshot()
    evm.message_call(ALICE, HERE, b"", gas=1_000_000)
    return evm


def slot_writes(code: str) -> list[tuple[str, int]]:
    return written_in(machine(code).journal_str).slots


@pytest.mark.parametrize(
    ("code", "slots"),
    [
        ("00", []),
        ("600754", []),  # read
        ("60016007 5d", []),  # transient
        ("5f6007 55", []),  # zero into what is zero
        ("60016007 55", [7]),
        ("60016007 55 5f6007 55", [7]),  # and back: told, though nothing is new
        ("60016007 55 60026008 55 60036007 55", [7, 8]),
        ("6001 7f" + "ff" * 32 + "55", [2**256 - 1]),
    ],
)
def test_slots_that_were_written_are_told_once(code: str, slots: list[int]) -> None:
    assert slot_writes(code) == [(HERE, slot) for slot in slots]


def test_a_call_that_was_reverted_inside_wrote_nothing() -> None:
    evm = machine("60016007 55 5f5ffd".replace("5f5ffd", "00"))
    assert written_in(evm.journal_str).slots == [(HERE, 7)]
    # It calls itself once; the inner call writes slot 9 and reverts.
    inner = "33 30 14 6019 57 5f5f5f5f5f305af1 50 6001 6007 55 00"
    body = bytes.fromhex(inner).ljust(0x19, b"\x00").hex() + "5b 6001 6009 55 5f5f fd"
    assert slot_writes(body) == [(HERE, 7)]


def test_payments_name_both_sides_and_payments_of_nothing_neither() -> None:
    to_there = "73" + THERE[2:]
    assert written_in(machine(f"5f5f5f5f5f{to_there}5af1").journal_str).accounts == []
    paid = written_in(machine(f"5f5f5f5f6003{to_there}5af1", balance=10).journal_str)
    assert set(paid.accounts) == {HERE, THERE}
    assert (paid.created, paid.destroyed) == (frozenset(), frozenset())


def test_creations_name_creator_and_created() -> None:
    made = creation_code(COUNTER)
    evm = machine("00")
    address = evm.deploy(ALICE, made)
    found = written_in(evm.journal_str)
    assert set(found.accounts) == {ALICE, address}
    assert found.created == {address}


def test_contracts_that_end_in_the_call_that_made_them_are_told() -> None:
    evm = machine("00")
    address = evm.deploy(ALICE, bytes.fromhex("60016007 55 73" + THERE[2:] + "ff"))
    found = written_in(evm.journal_str)
    assert found.created == found.destroyed == {address}
