"""Names, texts and numbers that identify things in a world."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from registry.errors import IdentifierError, TextError

PLATFORM = "platform"
"""Stands where a registry's name stands, for what all registries share: accounts."""

TEXT_MAX_BYTES = 512
NAME_MAX_BYTES = 200
NO_STATEMENT = "0x" + "00" * 32
"""Id in the place of a verifier's statement where a batch is based on none."""
_NUMBER_BITS = 128
_EX_ANTE = 1 << 127

# No letter in NFC decomposes into more than 1.5 letters per byte of its UTF-8, so longer text
# cannot come down to the bound and is refused unread.
_LETTERS_PER_BYTE_MAX = 2


def _from_text(value: object) -> object:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 80:
        return int(value)
    return value


TokenId = Annotated[
    int, BeforeValidator(_from_text), PlainSerializer(str, return_type=str, when_used="json")
]
"""A batch's id: project number << 128 | batch number. Text in JSON and in databases, because most
of what reads those takes numbers of 64 bits at most."""


class Role(StrEnum):
    """Who a registry lets do what. In actions a role acts as `@operator`, `@issuer`, ..."""

    OPERATOR = "OPERATOR"
    ISSUER = "ISSUER"
    VERIFIER = "VERIFIER"
    BRIDGE = "BRIDGE"
    REGULATOR = "REGULATOR"

    @property
    def actor(self) -> str:
        """The name under which this role acts; no account can have it."""
        return "@" + self.value.lower()


PLATFORM_OPERATOR = "@platform"
"""Runs what the registries share: the account directory and the serial guard."""

RELAYER = "@relayer"
"""Carries messages between registries. It has no role: whoever signs a message is its authority."""


def is_role_actor(name: str) -> bool:
    """Say whether `name` stands for a role, not for an account."""
    return name.startswith("@")


def check_characters(field: str, text: str) -> str:
    """Return `text` as it is if it has no control characters, surrogates or line separators.

    Raises:
        TextError: it has one.
    """
    if text.isascii() and text.isprintable():
        return text
    for letter in text:
        if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}:
            raise TextError(field, text, f"expected no control characters, got U+{ord(letter):04X}")
    return text


def check_text(field: str, text: object, *, max_bytes: int = TEXT_MAX_BYTES) -> str:
    """Return `text` in NFC if it is free text that a ledger keeps.

    Raises:
        TextError: not a str, longer than `max_bytes` in UTF-8, or with control characters,
            surrogates or line separators.
    """
    if not isinstance(text, str):
        raise TextError(field, text, f"expected text, not {type(text).__name__}")
    if len(text) > _LETTERS_PER_BYTE_MAX * max_bytes:
        raise TextError(field, text, f"expected at most {max_bytes} bytes, got {len(text)} letters")
    check_characters(field, text)
    normal = unicodedata.normalize("NFC", text)
    size = len(normal.encode())
    if size > max_bytes:
        raise TextError(field, text, f"expected at most {max_bytes} bytes, got {size}")
    return normal


def check_name(kind: str, name: object) -> str:
    """Return `name` in NFC if it can name an account or a registry.

    Raises:
        IdentifierError: not a str, empty, longer than 200 bytes, padded with spaces, or
            beginning with "@" (roles).
        TextError: control characters.
    """
    if not isinstance(name, str):
        raise IdentifierError(name, kind, f"expected text, not {type(name).__name__}")
    normal = check_text(kind, name, max_bytes=NAME_MAX_BYTES)
    if not normal or normal != normal.strip():
        raise IdentifierError(name, kind, "expected a name without spaces around it")
    if is_role_actor(normal):
        raise IdentifierError(name, kind, "expected a name that does not begin with @")
    return normal


def batch_id(project: int, number: int) -> int:
    """Pack a project number and a batch number into a token id (ERC-8393's packing).

    Raises:
        IdentifierError: not an int, or outside 1 to 2^63 - 1.
    """
    for kind, value in (("project", project), ("batch number", number)):
        if isinstance(value, bool) or not isinstance(value, int):
            raise IdentifierError(value, kind, f"expected an int, not {type(value).__name__}")
        if not 0 < value < 2**63:
            # A huge int has no text: printing it would raise ValueError.
            shown = value if abs(value) < 2**256 else "a huge int"
            raise IdentifierError(shown, kind, "expected 1 to 2^63 - 1")
    return project << _NUMBER_BITS | number


def imported_id(number: int) -> int:
    """Return the token id of a registry's `number`-th imported batch, counted from 1.

    Imported credits belong to no project of the registry that they came to, so that their ids
    have 0 where a project's number stands.
    """
    return number


def is_imported(batch: int) -> bool:
    """Say whether a batch came from another registry."""
    return project_of(batch) == 0


def ex_ante_id(project: int, number: int) -> int:
    """Return the token id of a batch of credits that are expected, not verified yet.

    Raises:
        IdentifierError: as for `batch_id`.
    """
    return batch_id(project, number) | _EX_ANTE


def is_ex_ante(batch: int) -> bool:
    """Say whether a batch's credits are expected only: nobody can retire them."""
    return bool(batch & _EX_ANTE)


def project_of(batch: int) -> int:
    """Return the project number inside a batch's token id; 0 for an imported batch."""
    return batch >> _NUMBER_BITS


def number_of(batch: int) -> int:
    """Return the batch number inside a batch's token id."""
    return batch & (_EX_ANTE - 1)
