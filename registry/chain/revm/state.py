"""What an EVM chain remembers: accounts, storage and code, now and after every earlier step.

The machine itself keeps the present only, and cannot list its storage. Here every value that was
ever written stands beside the step that wrote it, so that the state after any step can be asked
for, any number of snapshots costs nothing, and returning to one costs what came after it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from registry.chain.transactions import keccak

NO_CODE: Final = keccak(b"")
"""Code hash of an account without code."""


class Account(NamedTuple):
    """What stands at an address, apart from storage."""

    nonce: int
    balance: int
    code_hash: bytes


NOBODY: Final = Account(0, 0, NO_CODE)
"""What stands at an address that nobody has used."""

Key = bytes
"""20 bytes name an account; 52, an address and a slot, a word of storage."""

Value = Account | int

_ADDRESS = 20


def slot_key(address: bytes, slot: int) -> Key:
    """Return the key of a word of storage."""
    return address + slot.to_bytes(32, "big")


class State:
    """Values by key, with their history."""

    def __init__(self) -> None:
        # Of each key: itself, then steps and values in turn, ascending.
        self._past: dict[Key, list[Any]] = {}
        self._written: list[Sequence[list[Any]]] = []
        self._codes: dict[bytes, bytes] = {NO_CODE: b""}

    @property
    def step(self) -> int:
        """Number of the last step, a transaction or a gift; 0 before the first."""
        return len(self._written)

    def keep_code(self, code: bytes) -> bytes:
        """Remember code for accounts to come, and return its hash."""
        code_hash = keccak(code)
        self._codes.setdefault(code_hash, code)
        return code_hash

    def write(self, values: Iterable[tuple[Key, Value]]) -> None:
        """Take one step: these keys have these values from now on.

        Wherever this is interrupted, `back_to` takes back what it has done.
        """
        step = len(self._written) + 1
        written: list[list[Any]] = []
        self._written.append(written)
        past = self._past
        for key, value in values:
            told = past.get(key)
            if told is None:
                told = past[key] = [key]
            written.append(told)
            told += (step, value)
        self._written[-1] = tuple(written)

    def back_to(self, step: int) -> None:
        """Forget the steps after `step`."""
        while len(self._written) > step:
            for told in self._written[-1]:
                if len(told) > 1 and told[-2] > step:
                    del told[-2:]
                if len(told) == 1:
                    self._past.pop(told[0], None)
            self._written.pop()

    def changed(self, first: int, last: int) -> set[Key]:
        """Return the keys that steps above `first`, up to `last`, have written."""
        return {told[0] for written in self._written[first:last] for told in written}

    def value(self, key: Key, step: int | None = None) -> Value:
        """Return a value as it is, or as it was after a step; zeros where nothing was written."""
        told = self._past.get(key)
        if told is not None and len(told) > 1:
            if step is None or told[-2] <= step:
                latest: Value = told[-1]
                return latest
            at = bisect_right(range(1, len(told), 2), step, key=told.__getitem__)
            if at:
                found: Value = told[2 * at]
                return found
        return NOBODY if len(key) == _ADDRESS else 0

    def account(self, address: bytes, step: int | None = None) -> Account:
        """Return what stands at an address, now or after a step."""
        found = self.value(address, step)
        assert isinstance(found, Account)
        return found

    def slot(self, address: bytes, slot: int, step: int | None = None) -> int:
        """Return a word of storage, now or after a step."""
        found = self.value(slot_key(address, slot), step)
        assert isinstance(found, int)
        return found

    def code(self, address: bytes, step: int | None = None) -> bytes:
        """Return the code at an address, now or after a step; empty where there is none."""
        return self._codes[self.account(address, step).code_hash]

    def code_of(self, code_hash: bytes) -> bytes:
        """Return the code with that hash."""
        return self._codes[code_hash]

    def written(self) -> Iterator[Key]:
        """Yield every key that was written and not taken back."""
        return iter(self._past)
