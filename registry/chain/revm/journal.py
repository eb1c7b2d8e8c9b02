"""What a call has written, read from the text in which pyrevm tells its journal.

pyrevm 0.3 has no other way to say it: storage cannot be listed, and what a call changed is in
nothing but the journal's debug text. All of the reading of that text is here.

The text ends with the journal proper, entries in order. What a reverted inner call did is not in
it any more. An entry of a word of storage that had a value in this call before says `Some`:

    StorageChange { address: 0x.., key: 5, had_value: None }       read for the first time
    StorageChange { address: 0x.., key: 5, had_value: Some(7) }    written
    TransientStorageChange { address: 0x.., key: 5, had_value: 7 } gone with the transaction
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_START: Final = "journal: [["
_WRITTEN: Final = ", had_value: Some("
_KEY: Final = ", key: "
_ADDRESS: Final = len("0x") + 40

_TRANSFER: Final = "BalanceTransfer {"
_NOTHING: Final = ", balance: 0 }"
_CREATION: Final = "NonceChange"
"""Stands before whatever is said of a created account: its creator's nonce counts it."""

_DESTRUCTION: Final = "AccountDestroyed"
_ACCOUNT: Final = re.compile(
    r"(NonceChange|AccountCreated|AccountDestroyed) \{ address: (0x[0-9a-f]{40})"
    r"(?:, target: (0x[0-9a-f]{40}))?"
)
_PAYMENT: Final = re.compile(r"from: (0x[0-9a-f]{40}), to: (0x[0-9a-f]{40}), balance: [1-9]")


class Written(NamedTuple):
    """What a call wrote, in the spelling of the text; values are to be asked of the machine.

    Attributes:
        slots: (address, slot) of words of storage, in order, each once.
        accounts: Addresses whose nonce, balance or code may be new, in order, each once.
        created: Those of them that did not exist before.
        destroyed: Those of them that are no more.
    """

    slots: list[tuple[str, int]]
    accounts: list[str]
    created: frozenset[str]
    destroyed: frozenset[str]


_NO_ONE: Final[frozenset[str]] = frozenset()


def written_in(text: str) -> Written:
    """Read a journal.

    Args:
        text: `EVM.journal_str`, while the call has not been reverted.
    """
    tail = text[text.rindex(_START) :]
    # Most calls write storage alone; splitting is several times as fast as a regular expression.
    slots: dict[tuple[str, int], None] = {}
    pieces = tail.split(_WRITTEN)
    for piece in pieces[:-1]:
        at = piece.rindex(_KEY)
        slots[piece[at - _ADDRESS : at], int(piece[at + len(_KEY) :])] = None
    accounts: dict[str, None] = {}
    created, destroyed = _NO_ONE, _NO_ONE
    if _CREATION in tail or _DESTRUCTION in tail:
        found = _ACCOUNT.findall(tail)
        created = frozenset(address for kind, address, _ in found if kind == "AccountCreated")
        destroyed = frozenset(address for kind, address, _ in found if kind == "AccountDestroyed")
        accounts = {name: None for _, *names in found for name in names if name}
    if tail.count(_TRANSFER) != tail.count(_NOTHING):
        accounts |= {name: None for pair in _PAYMENT.findall(tail) for name in pair}
    return Written(list(slots), list(accounts), created, destroyed)
