"""The one place where revert data becomes typed errors."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

from registry import errors
from registry.chain.abi import Refusal
from registry.chain.artifacts import artifact, names
from registry.chain.engine import Reverted
from registry.chain.names import Naming
from registry.chain.words import NotDecodable, decode

_ERROR = bytes.fromhex("08c379a0")
_PANIC = bytes.fromhex("4e487b71")

INHERITED = {
    "EnforcedPause": "RegistryPaused",
    "ExpectedPause": "RegistryNotPaused",
    "ReentrancyGuardReentrantCall": "ReentrantCall",
    "ERC1155InvalidReceiver": "ReceiverRefused",
    "AccessControlUnauthorizedAccount": "NotAuthorised",
}
"""Errors that our contracts inherit from OpenZeppelin, and what they are called here."""

OUT_OF_REACH = frozenset(
    {
        # Kept by OpenZeppelin's base contracts; no action of a ledger can meet them.
        "AccessControlBadConfirmation",
        "AccessControlEnforcedDefaultAdminDelay",
        "AccessControlEnforcedDefaultAdminRules",
        "AccessControlInvalidDefaultAdmin",
        "SafeCastOverflowedUintDowncast",
        "InvalidShortString",
        "StringTooLong",
        "ERC1155InsufficientBalance",
        "ERC1155InvalidApprover",
        "ERC1155InvalidArrayLength",
        "ERC1155InvalidOperator",
        "ERC1155InvalidSender",
        "ERC1155MissingApprovalForAll",
        "ERC721IncorrectOwner",
        "ERC721InsufficientApproval",
        "ERC721InvalidApprover",
        "ERC721InvalidOperator",
        "ERC721InvalidOwner",
        "ERC721InvalidReceiver",
        "ERC721InvalidSender",
        "ERC721NonexistentToken",
        "ERC7943CannotSend",
        "ERC7943CannotReceive",
        "ERC7943CannotTransfer",
        "ERC7943InsufficientUnfrozenBalance",
    }
)
"""Inherited errors without a class of their own: a direct caller of the contracts may meet them,
and the decoder then names them with their values."""


@cache
def known() -> dict[bytes, Refusal]:
    """Return every custom error of our contracts, by selector."""
    found: dict[bytes, Refusal] = {}
    for name in names():
        if name.startswith("mocks/"):
            continue
        found.update(artifact(name).interface.errors)
    return found


def error_of(refused: Reverted, naming: Naming) -> errors.RegistryError:
    """Return the typed error for a revert.

    Returns:
        The LedgerError of that name; ContractText or ContractPanic for Solidity's own; else
        UnrecognisedRevert.
    """
    data = refused.data
    selector, body = data[:4], data[4:]
    try:
        if selector == _ERROR:
            return errors.ContractText(decode(["string"], body)[0])
        if selector == _PANIC:
            return errors.ContractPanic(decode(["uint256"], body)[0])
        refusal = known().get(selector)
        if refusal is None:
            return errors.UnrecognisedRevert(data, refused.halt)
        values = decode(refusal.types, body)
    except NotDecodable:
        return errors.UnrecognisedRevert(data, refused.halt)
    return _typed(refusal, values, naming)


def _typed(refusal: Refusal, values: tuple[Any, ...], naming: Naming) -> errors.RegistryError:
    kind = getattr(errors, INHERITED.get(refusal.name, refusal.name), None)
    shown = [
        _readable(name, type_, value, naming)
        for name, type_, value in zip(refusal.parameters, refusal.types, values, strict=True)
    ]
    if not inspect.isclass(kind) or not issubclass(kind, errors.LedgerError):
        pairs = ", ".join(f"{n}={v}" for n, v in zip(refusal.parameters, shown, strict=True))
        return errors.UnrecognisedRevert(b"", f"{refusal.name}({pairs})")
    return kind(*shown)


def _readable(name: str, type_: str, value: Any, naming: Naming) -> Any:
    if type_ == "address":
        return naming.name(value)
    if type_ == "bytes32":
        if name in {"role", "neededRole"}:
            return naming.role(value)
        return naming.text(value)
    return value
