"""What the model hands out to be kept, and what it refuses to be opened from."""

from __future__ import annotations

import json

import pytest

from registry.errors import ChainDamaged, InvariantBroken
from registry.ledger.keys import KeyRing
from registry.ledger.model import ModelLedger
from tests.unit.ledger.ledgers import (
    KEYS,
    START_S,
    kept,
    life,
    lock,
    new_model,
    play,
    preparation,
    time_of,
    transfer,
)


def key(number: int) -> bytes:
    return b"r" + number.to_bytes(8, "big")


@pytest.fixture
def pairs() -> dict[bytes, bytes]:
    ledger = new_model()
    play(ledger, [*preparation(), *life()])
    return kept({}, ledger.changes())


def test_changes_are_one_readable_pair_per_block(pairs: dict[bytes, bytes]) -> None:
    every = [*preparation(), *life()]
    assert list(pairs) == [key(number) for number in range(1, len(every) + 1)]
    for number, (pair, action) in enumerate(zip(pairs.values(), every, strict=True), start=1):
        record = json.loads(pair)
        assert list(record) == ["at_s", "actions"]
        assert record["at_s"] == START_S + number
        (said,) = record["actions"]
        assert said["action"] == type(action).__name__
        assert said["registry"] == action.registry


def test_changes_of_a_block_are_its_actions_and_the_time_of_the_first() -> None:
    ledger = new_model()
    play(ledger, preparation())
    pairs = kept({}, ledger.changes())
    at_s = time_of(ledger)
    ledger.apply_many([lock(1), transfer(5), lock(2)], at_s)
    record = json.loads(ledger.changes()[key(ledger.head())] or b"")
    assert record["at_s"] == at_s
    assert [said["action"] for said in record["actions"]] == ["Lock", "Transfer", "Lock"]
    other = ModelLedger.resume(KEYS, pairs | {key(ledger.head()): json.dumps(record).encode()})
    assert list(other.blocks(0)) == list(ledger.blocks(0))


def test_a_ledger_that_keeps_nothing_does_not_say_so_little() -> None:
    ledger = ModelLedger(KEYS, keep=False)
    play(ledger, [*preparation(), *life()])
    assert ledger._actions == []
    with pytest.raises(InvariantBroken):
        ledger.changes()


def test_a_refused_action_is_not_kept() -> None:
    ledger = new_model()
    play(ledger, preparation())
    ledger.changes()
    assert play(ledger, [lock(1), lock(1)])[1].startswith("IdAlreadyUsed")
    assert len(ledger.changes()) == 1
    assert ledger.changes() == {}


def test_what_came_and_went_between_two_calls_is_never_said() -> None:
    ledger = new_model()
    play(ledger, preparation())
    ledger.changes()
    mark = ledger.snapshot()
    play(ledger, [lock(1), lock(2)])
    ledger.revert(mark)
    assert ledger.changes() == {}


def test_keys_above_the_head_are_gone_after_a_revert() -> None:
    ledger = new_model()
    play(ledger, preparation())
    head, mark = ledger.head(), ledger.snapshot()
    play(ledger, [lock(1), lock(2), lock(3)])
    ledger.changes()
    ledger.revert(mark)
    play(ledger, [lock(4)])
    changes = ledger.changes()
    assert [number for number in range(99) if changes.get(key(number))] == [head + 1]
    assert changes[key(head + 2)] is changes[key(head + 3)] is None
    assert len(changes) == 3


def test_two_reverts_below_what_was_said_are_both_followed() -> None:
    ledger = new_model()
    play(ledger, preparation())
    outer = ledger.snapshot()
    play(ledger, [lock(1)])
    inner = ledger.snapshot()
    play(ledger, [lock(2), lock(3)])
    pairs = kept({}, ledger.changes())
    ledger.revert(inner)
    play(ledger, [lock(4)])
    ledger.revert(outer)
    play(ledger, [lock(5)])
    pairs = kept(pairs, ledger.changes())
    assert ModelLedger.resume(KEYS, pairs).entries == ledger.entries


@pytest.mark.parametrize("number", [1, 5, 20])
def test_resume_refuses_when_a_block_is_missing(pairs: dict[bytes, bytes], number: int) -> None:
    del pairs[key(number)]
    with pytest.raises(ChainDamaged, match=f"block {number} is missing"):
        ModelLedger.resume(KEYS, pairs)


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"null",
        b'{"actions": [{"action": "Pause", "registry": "ICR"}]}',
        b'{"at_s": 1751328005}',
        b'{"at_s": 1751328005, "actions": []}',
        b'{"at_s": 1751328005, "actions": {}}',
        b'{"at_s": 1751328005, "actions": ["Pause"]}',
        b'{"at_s": "1751328005", "actions": [{"action": "Pause", "registry": "ICR"}]}',
        b'{"at_s": 1751328005.0, "actions": [{"action": "Pause", "registry": "ICR"}]}',
        b'{"at_s": 1751328005, "actions": [{"action": "Stop", "registry": "ICR"}]}',
        b'{"at_s": 1751328005, "actions": [{"action": "Pause", "registry": "Nowhere"}]}',
        b'{"at_s": 1751328005, "actions": [{"action": "Unpause", "registry": "ICR"}]}',
        b'{"at_s": 1751328005, "actions": [{"action": "Pause", "registry": "ICR"}], "more": 1}',
        b'{"at_s": 1751328005, "actions": [{"action": "Pause", "registry": "ICR", "more": 1}]}',
        b'{"at_s": 1751328005, "actions": [{"action": "Pause", "registry": "ICR"},'
        b' {"action": "Accredit", "registry": "ICR", "verifier": "Cedar"}]}',
    ],
)
def test_resume_refuses_when_a_block_is_damaged(pairs: dict[bytes, bytes], damaged: bytes) -> None:
    pairs[key(20)] = damaged
    with pytest.raises(ChainDamaged, match="block 20"):
        ModelLedger.resume(KEYS, pairs)


def test_resume_refuses_pairs_of_something_else() -> None:
    with pytest.raises(ChainDamaged):
        ModelLedger.resume(KEYS, {b"s" + bytes(32): b"1"})


def test_resume_refuses_under_other_keys(pairs: dict[bytes, bytes]) -> None:
    with pytest.raises(ChainDamaged, match="statement"):
        ModelLedger.resume(KeyRing(12), pairs)
