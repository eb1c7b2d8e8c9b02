"""Who and what stands behind addresses and hashes on one world's chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Self

from eth_hash.auto import keccak

from registry.errors import ChainDamaged
from registry.ledger.keys import KeyRing
from registry.records.identity import PLATFORM, PLATFORM_OPERATOR, Role, is_role_actor

_ROLES = {keccak(role.value.encode()): role.value for role in Role}
ADMIN_ROLE = bytes(32)


_WORD, _CONTRACT, _SEAL = b"w", b"c", b"seal"
"""Kinds of pairs: what addresses and hashes stand for, contracts, what is said about all pairs."""
_HASH_BYTES = 32


class Naming:
    """Turns names into keys, addresses and hashes, and back again.

    A name is known here once it was looked up; what is on chain was put there through names, so
    everything that comes back is known. Anything else is shown as 0x-prefixed hex. A word counts
    from the block on before which it was learned: so a block reads the same whenever it is read.

    Attributes:
        contracts: Address -> (registry, contract).
        block: Number of the last block that was read.
    """

    def __init__(self, keys: KeyRing) -> None:
        self.keys = keys
        self.contracts: dict[bytes, tuple[str, str]] = {}
        self.block = 0
        # Address or hash -> what it stands for, and the block after which it was learned; in the
        # order of those blocks.
        self._words: dict[bytes, tuple[str, int]] = {}
        # (Name, registry) -> its address, which is among the words.
        self._addresses: dict[tuple[str, str], bytes] = {}
        self._touched: set[bytes] = set()
        # What was handed out, and the exclusive or of its hashes: that can follow each change.
        self._handed: dict[bytes, bytes] = {}
        self._seal = 0

    @classmethod
    def resume(cls, keys: KeyRing, pairs: Mapping[bytes, bytes]) -> Self:
        """Know again what another one knew, from the union of all its `changes`.

        Raises:
            ChainDamaged: the pairs are not what was handed out, or not under these keys.
        """
        naming = cls(keys)
        for key, value in pairs.items():
            if key != _SEAL:
                naming._restore(key, value)
        if pairs.get(_SEAL) != naming._sealed():
            raise ChainDamaged("names are missing, or are not those that were kept")
        by_block = sorted(naming._words.items(), key=lambda item: (item[1][1], item[0]))
        naming._words = dict(by_block)
        if keys.address(PLATFORM_OPERATOR, PLATFORM) not in naming._words:
            raise ChainDamaged("it was kept under other keys")
        return naming

    def _restore(self, key: bytes, value: bytes) -> None:
        try:
            kind, raw, (text, more) = key[:1], key[1:], json.loads(value)
        except (TypeError, ValueError) as error:
            raise ChainDamaged(f"name 0x{key.hex()} cannot be read") from error
        if kind == _WORD and isinstance(text, str) and isinstance(more, int):
            self._words[raw] = (text, more)
        elif kind == _CONTRACT and isinstance(text, str) and isinstance(more, str):
            self.contracts[raw] = (text, more)
        else:
            raise ChainDamaged(f"name 0x{key.hex()} cannot be read")
        self._hand_out(key, value)

    def _hand_out(self, key: bytes, value: bytes | None) -> None:
        before = self._handed.pop(key, None)
        for one in (before, value):
            if one is not None:
                self._seal ^= int.from_bytes(hashlib.sha256(key + b"\0" + one).digest())
        if value is not None:
            self._handed[key] = value

    def _sealed(self) -> bytes:
        return self._seal.to_bytes(_HASH_BYTES)

    def changes(self) -> dict[bytes, bytes | None]:
        """Return what was learned or forgotten since the last call, as pairs to write down."""
        found: dict[bytes, bytes | None] = {}
        for key in self._touched:
            known = self._words if key[:1] == _WORD else self.contracts
            what = known.get(key[1:])
            value = None if what is None else json.dumps(what, separators=(",", ":")).encode()
            if value != self._handed.get(key):
                found[key] = value
                self._hand_out(key, value)
        self._touched.clear()
        if found:
            found[_SEAL] = self._sealed()
        return found

    def learn(self, raw: bytes, text: str) -> None:
        """Remember what an address of 20 bytes, or a hash of 32, stands for."""
        if raw not in self._words:
            self._words[raw] = (text, self.block)
            self._touched.add(_WORD + raw)

    def settle(self, address: bytes, registry: str, contract: str) -> None:
        """Remember which contract stands at an address."""
        self.contracts[address] = (registry, contract)
        self._touched.add(_CONTRACT + address)

    def unsettle(self, address: bytes) -> None:
        """Forget a contract that stands there no more."""
        if self.contracts.pop(address, None) is not None:
            self._touched.add(_CONTRACT + address)

    def back_to(self, block: int) -> None:
        """Follow a chain of which no block after this one is left; words learned since stay."""
        self.block = block
        for raw, (text, since) in reversed(self._words.items()):
            if since <= block:
                break
            self._words[raw] = (text, block)
            self._touched.add(_WORD + raw)

    def key(self, name: str, registry: str) -> bytes:
        """Return the private key of who acts, and remember the name."""
        self.address(name, registry)
        return self.keys.key(name, self._home(name, registry))

    def address(self, name: str, registry: str = "") -> bytes:
        """Return the address of an account, or of a role at a registry, and remember the name."""
        address = self._addresses.get((name, registry))
        if address is None:
            address = self.keys.address(name, self._home(name, registry))
            self.learn(address, name)
            self._addresses[name, registry] = address
        return address

    @staticmethod
    def _home(name: str, registry: str) -> str:
        if name == "@platform":
            return PLATFORM
        return registry if is_role_actor(name) else ""

    def name(self, address: bytes) -> str:
        """Return who has this address, 20 bytes; the address in hex where nobody is known."""
        found = self._words.get(address)
        if found and found[1] <= self.block:
            return found[0]
        if address in self.contracts:
            registry, contract = self.contracts[address]
            return f"{contract} of {registry}"
        return "0x" + address.hex()

    def hash(self, text: str) -> bytes:
        """Return the hash under which a text is known on chain, and remember the text."""
        hashed = keccak(text.encode())
        self.learn(hashed, text)
        return hashed

    def text(self, hashed: bytes) -> str:
        """Return the text behind a hash."""
        found = self._words.get(hashed)
        return found[0] if found and found[1] <= self.block else "0x" + hashed.hex()

    @staticmethod
    def role(hashed: bytes) -> str:
        """Return the role behind its hash or its word."""
        if hashed == ADMIN_ROLE:
            return "ADMIN"
        if hashed in _ROLES:
            return _ROLES[hashed]
        word = hashed.rstrip(b"\0")
        return word.decode() if word.isascii() else "0x" + hashed.hex()
