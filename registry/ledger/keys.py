"""Keys and addresses of everyone who acts, as a function of the world's seed.

These are keys for simulation: whoever knows the seed knows them all.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from eth_hash.auto import keccak

if TYPE_CHECKING:
    from eth_keys import KeyAPI


class KeyRing:
    """Derives private keys and addresses from names.

    An account's key is keccak256("carbon-registry/account/" seed "/" name); a role's key names the
    registry too, because each registry has its own operator, issuer and regulator.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._keys: dict[tuple[str, str], bytes] = {}
        self._addresses: dict[bytes, bytes] = {}

    def key(self, name: str, registry: str = "") -> bytes:
        """Return the private key (32 bytes) of an account, or of a role at a registry."""
        place = (registry, name) if name.startswith("@") else ("", name)
        if place not in self._keys:
            if name.startswith("@"):
                path = f"carbon-registry/role/{self.seed}/{registry}/{name}"
            else:
                path = f"carbon-registry/account/{self.seed}/{name}"
            self._keys[place] = keccak(path.encode())
        return self._keys[place]

    def address(self, name: str, registry: str = "") -> bytes:
        """Return the address (20 bytes) of an account, or of a role at a registry."""
        key = self.key(name, registry)
        if key not in self._addresses:
            public = self._api.PrivateKey(key).public_key
            self._addresses[key] = public.to_canonical_address()
        return self._addresses[key]

    def sign(self, digest: bytes, name: str, registry: str = "") -> bytes:
        """Sign a 32-byte digest as an account, or a role at a registry: r, s, v of 27 or 28."""
        signature = self._api.PrivateKey(self.key(name, registry)).sign_msg_hash(digest)
        return signature.to_bytes()[:64] + bytes([signature.v + 27])

    @cached_property
    def _api(self) -> KeyAPI:
        from eth_keys import KeyAPI

        return KeyAPI()
