"""The tester engine's database against a plain dictionary and a list of its copies."""

from __future__ import annotations

import pytest
from eth_hash.auto import keccak
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from registry.chain.store import Store, opened
from registry.errors import ChainDamaged

KEYS = st.binary(min_size=1, max_size=1)
HEAD = b"\x07" * 32


class StoreMachine(RuleBasedStateMachine):
    """Whatever is written and undone, the changes handed out add up to what is there."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store()
        self.model: dict[bytes, bytes] = {}
        self.copies: list[dict[bytes, bytes]] = []
        self.kept: dict[bytes, bytes] = {}

    @rule(key=KEYS, value=st.binary(max_size=2))
    def write(self, key: bytes, value: bytes) -> None:
        self.store[key] = self.model[key] = value

    @precondition(lambda self: self.model)
    @rule(choice=st.integers(0))
    def delete(self, choice: int) -> None:
        key = sorted(self.model)[choice % len(self.model)]
        del self.store[key], self.model[key]

    @rule()
    def mark(self) -> None:
        self.store.mark()
        self.copies.append(dict(self.model))

    @precondition(lambda self: self.copies)
    @rule(choice=st.integers(0))
    def return_to(self, choice: int) -> None:
        at = choice % len(self.copies)
        self.store.return_to(at)
        del self.copies[at + 1 :]
        self.model = dict(self.copies[at])

    @precondition(lambda self: self.copies)
    @rule(choice=st.integers(0))
    def forget(self, choice: int) -> None:
        at = choice % len(self.copies)
        self.store.forget(at)
        del self.copies[at:]

    @rule()
    def clear(self) -> None:
        self.store.clear()
        self.model, self.copies = {}, []

    @rule()
    def ask(self) -> None:
        for key, value in self.store.changes().items():
            if value is None:
                self.kept.pop(key, None)
            else:
                self.kept[key] = value
        assert self.kept == self.model
        assert self.store.changes() == {}

    @rule()
    def reopen(self) -> None:
        self.ask()
        self.store, self.copies = Store(dict(self.kept)), []
        assert self.store.changes() == {}

    @invariant()
    def holds_what_was_written(self) -> None:
        assert self.store.kv_store == self.model


TestStore = StoreMachine.TestCase


def sealed() -> dict[bytes, bytes]:
    store = Store()
    for text in (b"one", b"two"):
        store[keccak(text)] = text
    store[b"block-number-to-hash:0"] = HEAD
    pairs = {**store.changes(), **store.seal(5, HEAD)}
    return {key: value for key, value in pairs.items() if value is not None}


def test_what_was_sealed_opens() -> None:
    store, chain_id, head = opened(sealed())
    assert (chain_id, head) == (5, HEAD)
    assert store.kv_store[keccak(b"one")] == b"one"
    assert b"seal" not in store.kv_store
    assert store.changes() == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({keccak(b"one"): b"ONE"}, "another hash"),
        ({keccak(b"one"): None}, "3 pairs, and 2"),
        ({b"block-number-to-hash:0": None}, "3 pairs, and 2"),
        ({keccak(b"three"): b"three"}, "3 pairs, and 4"),
        ({b"seal": None}, "seal"),
        ({b"seal": b"{"}, "seal"),
        ({b"seal": b"[]"}, "seal"),
        ({b"seal": b"{}"}, "seal"),
        ({b"seal": b'{"chain_id":"x","head":"","pairs":3}'}, "seal"),
        ({b"seal": b'{"chain_id":5,"head":"xy","pairs":3}'}, "seal"),
        ({b"seal": b'{"chain_id":5,"head":7,"pairs":3}'}, "seal"),
        ({b"seal": b'{"chain_id":5,"head":"","pairs":"3"}'}, "3 pairs"),
        ({b"block-number-to-hash:0": "text"}, "bytes"),
        ({"text": b"1"}, "bytes"),
    ],
)
def test_what_is_not_what_was_sealed_is_refused(change: dict[bytes, bytes], said: str) -> None:
    pairs = {key: value for key, value in {**sealed(), **change}.items() if value is not None}
    with pytest.raises(ChainDamaged, match=said):
        opened(pairs)
