"""How a chain for eth-tester's users begins: who has keys, and what holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from registry.chain.engine import address_of
from registry.chain.revm.accounts import RICH_WEI, plain_keys
from registry.chain.revm.blocks import Genesis, Start
from registry.chain.revm.machine import ADDRESS_BYTES

START_S: Final = 1_751_328_000
"""2025-07-01: timestamp of a genesis block for which nobody says another."""

DEFAULTS: Final[Mapping[str, int]] = {
    "timestamp": START_S,
    "gas_limit": 30_029_122,
    "base_fee_per_gas": 10**9,
}
"""Parameters of a genesis block that can be chosen, and what they are otherwise."""

_FIXED: Final[Mapping[str, object]] = {
    "coinbase": b"\0" * 20,
    "difficulty": 0,
    "extra_data": b"",
    "mix_hash": b"\0" * 32,
    "nonce": b"\0" * 8,
}
_BOUND: Final = 2**64
_LEAST: Final[Mapping[str, int]] = {"gas_limit": 5_000}
"""What parameters of a block are at least, where it is not 0. Source: go-ethereum, py-evm."""

_ROOTS: Final = ("receipt_root", "transaction_root")


def account_keys(
    quantity: int | None = None, mnemonic: str | None = None, hd_path: str | None = None
) -> tuple[bytes, ...]:
    """Return private keys of accounts, as eth-tester derives them.

    Args:
        quantity: How many; ten if absent.
        mnemonic: Words that they are derived from; otherwise they are 1, 2, 3 and so on.
        hd_path: Where they are derived below; the customary path if absent.
    """
    count = 10 if quantity is None else quantity
    if mnemonic is None:
        return plain_keys(count)
    from eth_account.hdaccount import HDPath, seed_from_mnemonic

    seed = seed_from_mnemonic(mnemonic, "")
    path = "m/44'/60'/0'" if hd_path is None else hd_path
    return tuple(bytes(HDPath(f"{path}/{number}").derive(seed)) for number in range(count))


def accounts(
    overrides: Mapping[str, Any] | None, keys: Sequence[bytes]
) -> dict[bytes, dict[str, Any]]:
    """Return accounts for a genesis block, by address, each rich and with `overrides`."""
    usual = {"balance": RICH_WEI, "nonce": 0, "code": b"", "storage": {}}
    return {address_of(key): {**usual, **(overrides or {})} for key in keys}


def parameters(overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return parameters of a genesis block.

    Args:
        overrides: Those that are not the defaults. What cannot be chosen here may be named with
            the value that it has, as in what `PyEVMBackend.generate_genesis_params` returns.

    Raises:
        ValueError: a name that is none, or a value that this chain cannot have.
    """
    chosen = dict(DEFAULTS)
    for name, value in (overrides or {}).items():
        if name in chosen:
            can_be = _is_number(value) and _LEAST.get(name, 0) <= value < _BOUND
            chosen[name] = value
        else:
            can_be = name in _ROOTS or (name in _FIXED and value == _FIXED[name])
        if not can_be:
            raise ValueError(f"no genesis block here has {name} {value!r}")
    return chosen


def listed(
    state: Mapping[bytes, Any] | Iterable[tuple[bytes, Any]] | None,
) -> dict[bytes, Any]:
    """Return what accounts begin with, by address. Raises ValueError where it names none."""
    try:
        return dict(state or ())
    except (TypeError, ValueError) as error:
        raise ValueError(f"no accounts to begin with: {state!r}") from error


def genesis_of(overrides: Mapping[str, Any] | None, state: Mapping[bytes, Any]) -> Genesis:
    """Return how a chain begins.

    Args:
        overrides: See `parameters`.
        state: By address, mappings that may have `balance`, `nonce`, `code` and `storage`.

    Raises:
        ValueError: see `parameters`; or an account is described by anything else. That its
            numbers are in range is checked when the chain begins.
    """
    chosen = parameters(overrides)
    return Genesis(
        at_s=chosen["timestamp"],
        gas_limit=chosen["gas_limit"],
        base_fee=chosen["base_fee_per_gas"],
        accounts={address: _start(address, told) for address, told in state.items()},
    )


def _start(address: Any, told: Any) -> Start:
    if not (isinstance(address, bytes) and len(address) == ADDRESS_BYTES):
        raise ValueError(f"no address: {address!r}")
    if not isinstance(told, Mapping):
        raise ValueError(f"no account begins with {told!r}")
    unknown = [name for name in told if name not in Start._fields]
    if unknown:
        raise ValueError(f"no account has {', '.join(sorted(map(str, unknown)))}")
    start = Start(**told)
    if not (
        _is_number(start.balance)
        and _is_number(start.nonce)
        and isinstance(start.code, bytes)
        and isinstance(start.storage, Mapping)
        and all(map(_is_number, (*start.storage, *start.storage.values())))
    ):
        raise ValueError(f"no account begins with {told!r}")
    return start


def _is_number(told: Any) -> bool:
    return isinstance(told, int) and not isinstance(told, bool)
