"""Who and what stands behind addresses and hashes on one world's chain."""

from __future__ import annotations

from eth_hash.auto import keccak

from registry.ledger.keys import KeyRing
from registry.records.identity import PLATFORM, Role, is_role_actor

_ROLES = {keccak(role.value.encode()): role.value for role in Role}
ADMIN_ROLE = bytes(32)


class Naming:
    """Turns names into keys, addresses and hashes, and back again.

    A name is known here once it was looked up; what is on chain was put there through names, so
    everything that comes back is known. Anything else is shown as 0x-prefixed hex.
    """

    def __init__(self, keys: KeyRing) -> None:
        self.keys = keys
        self._names: dict[bytes, str] = {}
        self._texts: dict[bytes, str] = {}
        self.contracts: dict[bytes, tuple[str, str]] = {}
        """Address -> (registry, contract)."""

    def key(self, name: str, registry: str) -> bytes:
        """Return the private key of who acts, and remember the name."""
        self.address(name, registry)
        return self.keys.key(name, self._home(name, registry))

    def address(self, name: str, registry: str = "") -> bytes:
        """Return the address of an account, or of a role at a registry."""
        address = self.keys.address(name, self._home(name, registry))
        self._names[address] = name
        return address

    @staticmethod
    def _home(name: str, registry: str) -> str:
        if name == "@platform":
            return PLATFORM
        return registry if is_role_actor(name) else ""

    def name(self, address: bytes | str) -> str:
        """Return who has this address."""
        raw = address if isinstance(address, bytes) else bytes.fromhex(address[2:])
        if raw in self._names:
            return self._names[raw]
        if raw in self.contracts:
            registry, contract = self.contracts[raw]
            return f"{contract} of {registry}"
        return "0x" + raw.hex()

    def hash(self, text: str) -> bytes:
        """Return the hash under which a text is known on chain, and remember the text."""
        hashed = keccak(text.encode())
        self._texts[hashed] = text
        return hashed

    def text(self, hashed: bytes) -> str:
        """Return the text behind a hash."""
        return self._texts.get(hashed, "0x" + hashed.hex())

    @staticmethod
    def role(hashed: bytes) -> str:
        """Return the role behind its hash or its word."""
        if hashed == ADMIN_ROLE:
            return "ADMIN"
        if hashed in _ROLES:
            return _ROLES[hashed]
        word = hashed.rstrip(b"\0")
        return word.decode() if word.isascii() else "0x" + hashed.hex()
