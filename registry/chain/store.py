"""The tester engine's database: it returns to earlier states of itself, and says what changed."""

from __future__ import annotations

import json
from collections.abc import Mapping

from eth.db.backends.memory import MemoryDB
from eth_hash.auto import keccak

from registry.errors import ChainDamaged

_SEAL = b"seal"
"""Key of what is said about all the others; py-evm has no such key."""
_HASH_BYTES = 32


class Store(MemoryDB):
    """A dictionary that can return to earlier states of itself.

    Each mark opens a layer that keeps, per key, what stood there before the first write since.
    So a mark costs nothing, a write costs one more dictionary entry, and returning costs what was
    written since - and py-evm, of which every index is in here too, need not be asked to forget.

    Args:
        pairs: What is in it already, and known to whoever asks for changes.
    """

    def __init__(self, pairs: dict[bytes, bytes] | None = None) -> None:
        super().__init__({} if pairs is None else pairs)
        self._layers: list[dict[bytes, bytes | None]] = []
        # Until somebody asks, all is new and nothing need be noted.
        self._touched: set[bytes] | None = None if pairs is None else set()

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._remember(key)
        self.kv_store[key] = value

    def __delitem__(self, key: bytes) -> None:
        self._remember(key)
        del self.kv_store[key]

    def _remember(self, key: bytes) -> None:
        if self._layers and key not in self._layers[-1]:
            self._layers[-1][key] = self.kv_store.get(key)
        if self._touched is not None:
            self._touched.add(key)

    def clear(self) -> None:
        """Empty it. There is no mark any more."""
        if self._touched is not None:
            self._touched.update(self.kv_store)
        self._layers.clear()
        self.kv_store.clear()

    def mark(self) -> None:
        """Open a layer."""
        self._layers.append({})

    def return_to(self, mark: int) -> None:
        """Undo what was written since the mark of that number, from 0, which stays."""
        while len(self._layers) > mark:
            layer = self._layers.pop()
            if self._touched is not None:
                self._touched.update(layer)
            for key, value in layer.items():
                if value is None:
                    self.kv_store.pop(key, None)
                else:
                    self.kv_store[key] = value
        self._layers.append({})

    def forget(self, mark: int) -> None:
        """Drop the mark of that number and those after it; the state stays as it is."""
        dropped = self._layers[mark:]
        del self._layers[mark:]
        if self._layers:
            for layer in dropped:
                self._layers[-1] = layer | self._layers[-1]

    def changes(self) -> dict[bytes, bytes | None]:
        """Return what changed since the last call: key -> value, None where the key is gone."""
        found: dict[bytes, bytes | None]
        if self._touched is None:
            found = dict(self.kv_store)
        else:
            found = {key: self.kv_store.get(key) for key in self._touched}
        self._touched = set()
        return found

    def seal(self, chain_id: int, head: bytes) -> dict[bytes, bytes | None]:
        """Return what to keep beside the pairs, so that `opened` can tell whether all are there."""
        said = {"chain_id": chain_id, "head": head.hex(), "pairs": len(self.kv_store)}
        return {_SEAL: json.dumps(said, separators=(",", ":")).encode()}


def opened(pairs: Mapping[bytes, bytes]) -> tuple[Store, int, bytes]:
    """Return a store with these pairs, the chain id, and the head's hash.

    What stands under a hash must have it, and there must be as many pairs as were sealed. So a
    pair that was lost, added or changed is found here, not when it is needed.

    Raises:
        ChainDamaged: they are not what was sealed.
    """
    kept = dict(pairs)
    for key, value in kept.items():
        if not isinstance(key, bytes) or not isinstance(value, bytes):
            raise ChainDamaged("a pair of the chain is not made of bytes")
    try:
        said = json.loads(kept.pop(_SEAL))
        chain_id, count, head = int(said["chain_id"]), said["pairs"], bytes.fromhex(said["head"])
    except (KeyError, TypeError, ValueError) as error:
        raise ChainDamaged("the chain's seal is missing or not one") from error
    if count != len(kept):
        raise ChainDamaged(f"the chain was kept in {count} pairs, and {len(kept)} are here")
    for key, value in kept.items():
        if len(key) == _HASH_BYTES and keccak(value) != key:
            raise ChainDamaged(f"what stands under 0x{key.hex()} has another hash")
    return Store(kept), chain_id, head
