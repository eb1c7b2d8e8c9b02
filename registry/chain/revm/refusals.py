"""What this chain refuses, as the errors that eth-tester's users catch.

eth-tester and py-evm each have a `ValidationError`, and which of them a user met depended on who
noticed first. An error here is both of them, and what else py-evm raised in its place.
"""

from __future__ import annotations

import contextlib

import eth_utils
from eth.exceptions import UnrecognizedTransactionType
from eth_abi import abi
from eth_abi.exceptions import DecodingError as AbiUndecodable
from eth_tester.exceptions import TransactionFailed, ValidationError
from rlp.exceptions import DecodingError

from registry.chain.revm.machine import Outcome
from registry.chain.transactions import Transaction, decode
from registry.errors import TransactionRejected

_ERROR_TEXT = bytes.fromhex("08c379a0")
"""Selector of `Error(string)`."""

_UNSUPPORTED = {3: "with blobs (EIP-4844)", 4: "with authorisations (EIP-7702)"}


class Refused(ValidationError, eth_utils.ValidationError):  # type: ignore[misc]
    """What is asked about cannot be: no account has such an address, or no storage such a slot."""


class InvalidTransaction(Refused):
    """A transaction's or a call's fields are not what they must be; nothing was changed."""


class UndecodableTransaction(InvalidTransaction, DecodingError):  # type: ignore[misc]
    """Bytes that are no transaction.

    Attributes:
        rlp: The bytes.
    """


class UnknownTransactionKind(InvalidTransaction, UnrecognizedTransactionType):
    """The first byte of a transaction names a kind that nobody has defined."""


def read_raw(raw: bytes) -> Transaction:
    """Read a signed transaction; as `decode`, with the errors of this module."""
    first = raw[0] if raw else 0xC0
    if first in _UNSUPPORTED:
        raise InvalidTransaction(f"transactions {_UNSUPPORTED[first]} are not supported")
    if first < 0x80 and first not in (1, 2):
        raise UnknownTransactionKind(first, "unknown transaction type")
    try:
        return decode(raw)
    except TransactionRejected as error:
        raise UndecodableTransaction(str(error), raw) from error


def failed(outcome: Outcome) -> TransactionFailed:
    """Say why a call failed, in the form in which web3 looks for it.

    Returns:
        An error whose argument is the text that a contract gave with `Error(string)`, or revert
        data written as a bytes literal, or why the machine stopped.
    """
    output = outcome.output
    text = outcome.halt or str(output)
    if output.startswith(_ERROR_TEXT):
        # What only looks like `Error(string)` stays what it is, bytes.
        with contextlib.suppress(AbiUndecodable, UnicodeDecodeError):
            (text,) = abi.decode(["string"], output[len(_ERROR_TEXT) :])
    return TransactionFailed(text)
