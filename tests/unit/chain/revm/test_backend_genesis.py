"""Genesis blocks that cannot be are refused with one kind of error, before anything is made."""

from __future__ import annotations

from typing import Any

import pytest

from registry.chain.revm.backend import RevmBackend
from tests.unit.chain.revm.backends import NOBODY, send

WORD = 2**256


@pytest.mark.parametrize(
    "overrides",
    [
        {"gas_limit": 0},
        {"gas_limit": 1},
        {"gas_limit": 4_999},
        {"gas_limit": -1},
        {"gas_limit": 2**64},
        {"gas_limit": True},
        {"gas_limit": 30e6},
        {"timestamp": 2**64},
        {"timestamp": 1.5},
        {"base_fee_per_gas": -1},
        {"base_fee_per_gas": None},
    ],
)
def test_genesis_refuses_parameters_out_of_range(overrides: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no genesis block here has"):
        RevmBackend(overrides)


def test_genesis_takes_the_least_parameters() -> None:
    backend = RevmBackend({"gas_limit": 5_000, "timestamp": 0, "base_fee_per_gas": 0})
    backend.mine_blocks(3)
    assert backend.get_block_by_number(3)["base_fee_per_gas"] == 0


@pytest.mark.parametrize(
    "account",
    [
        {"balance": "x"},
        {"balance": -1},
        {"balance": WORD},
        {"balance": 1.5},
        {"balance": None},
        {"balance": True},
        {"nonce": "x"},
        {"nonce": -1},
        {"nonce": 2**64},
        {"code": "0x00"},
        {"code": None},
        {"storage": 7},
        {"storage": None},
        {"storage": [(0, 1)]},
        {"storage": {"0": 1}},
        {"storage": {0: b"\x01"}},
        {"storage": {0: None}},
        {"storage": {-1: 1}},
        {"storage": {WORD: 1}},
        {"storage": {0: -1}},
        {"storage": {0: WORD}},
        {"shoes": 2},
        {1: 2},
        "poor",
        7,
        None,
    ],
)
def test_genesis_refuses_accounts_that_cannot_be(account: Any) -> None:
    with pytest.raises(ValueError, match=r"account|begin"):
        RevmBackend(genesis_state={NOBODY: account})


@pytest.mark.parametrize("address", [b"", b"12345", b"\x01" * 32, "0x" + "11" * 20, 7, None])
def test_genesis_refuses_what_is_no_address(address: Any) -> None:
    with pytest.raises(ValueError, match="no address"):
        RevmBackend(genesis_state={address: {"balance": 1}})


@pytest.mark.parametrize("state", [7, [1, 2], "abc", [(NOBODY,)], [([], {})]])
def test_genesis_refuses_what_names_no_accounts(state: Any) -> None:
    with pytest.raises(ValueError, match="accounts"):
        RevmBackend(genesis_state=state)


def test_genesis_refuses_overrides_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="account"):
        RevmBackend.from_mnemonic(
            "test test test test test test test test test test test junk",
            genesis_state_overrides={"balance": "x"},
        )


def test_genesis_takes_accounts_at_their_bounds() -> None:
    told = {"balance": WORD - 1, "nonce": 2**64 - 2, "storage": {WORD - 1: WORD - 1, 0: 0}}
    for state in ({NOBODY: told}, [(NOBODY, told)]):
        backend = RevmBackend(genesis_state=state)
        assert backend.get_balance(NOBODY) == WORD - 1
        assert backend.get_nonce(NOBODY) == 2**64 - 2
        assert backend.get_storage(NOBODY, WORD - 1) == WORD - 1
    usual = RevmBackend(genesis_state=())
    send(usual, NOBODY)
