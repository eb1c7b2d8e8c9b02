"""The serial guards of the model: what each refuses, and that a reopened ledger has the same."""

from __future__ import annotations

from typing import Any

import pytest

from registry.errors import ChainDamaged, SerialAlreadyClaimed
from registry.ledger.model import ModelLedger
from registry.records import action as act
from registry.records.identity import batch_id
from tests import strategies as cast
from tests.unit.ledger.ledgers import KEYS, kept, lines, play, preparation, time_of

SCOPE = f"{cast.NATIVE}-a"
G = cast.BATCH_G
HERE: dict[str, Any] = {"start_g": 0, "amount_g": G}
"""Just what the first prepared batch has."""


def ledger_with(guard: Any) -> ModelLedger:
    ledger = ModelLedger(KEYS, guard=guard)
    play(ledger, preparation())
    return ledger


def issue(ledger: ModelLedger, registry: str = cast.NATIVE, **changes: Any) -> str:
    """Issue one more batch and say what became of it."""
    statements = [e for e in ledger.entries if e.statement is not None and e.registry == registry]
    number = sum(1 for e in ledger.entries if e.scope is not None) + 10
    asked = {
        "batch": batch_id(1, number),
        "to": "Acme",
        "amount_g": 10,
        "start_g": 5 * G,
        "vintage": 2024,
        "statement": statements[0].statement,
        "scope": SCOPE,
    }
    order = act.IssueOrder(**{**asked, **changes})
    (said,) = play(ledger, [act.Issue(registry=registry, orders=(order,))])
    return said.split(":", 1)[0]


def refused(ledger: ModelLedger, **changes: Any) -> bool:
    return issue(ledger, **changes) == "SerialAlreadyClaimed"


def test_guard_of_intervals_refuses_all_that_meets() -> None:
    ledger = ledger_with("interval")
    for meeting in (
        HERE,
        {"start_g": 5},
        {"start_g": 2 * G - 1},
        {"start_g": 0, "amount_g": 5 * G},
    ):
        assert refused(ledger, **meeting)
    assert refused(ledger, registry=cast.MIRRORED, **HERE)
    assert not refused(ledger, start_g=2 * G)


def test_guard_of_equal_bounds_refuses_the_same_again_and_nothing_else() -> None:
    ledger = ledger_with("exact")
    assert refused(ledger, **HERE)
    assert refused(ledger, registry=cast.MIRRORED, **HERE)
    for meeting in (
        {"start_g": 0, "amount_g": G - 1},
        {"start_g": 1, "amount_g": G - 1},
        {"start_g": 0, "amount_g": 2 * G},
        {**HERE, "scope": SCOPE.lower()},
    ):
        assert not refused(ledger, **meeting)
        assert refused(ledger, **meeting)
    ledger.check()


def test_guard_of_equal_bounds_says_what_was_there() -> None:
    ledger = ledger_with("exact")
    order = act.IssueOrder(
        batch=batch_id(1, 9),
        to="Acme",
        vintage=2024,
        statement=next(e.statement for e in ledger.entries if e.statement) or "",
        scope=SCOPE,
        **HERE,
    )
    with pytest.raises(SerialAlreadyClaimed) as caught:
        ledger.apply(act.Issue(registry=cast.NATIVE, orders=(order,)), time_of(ledger))
    assert (caught.value.scope, caught.value.start, caught.value.end) == (SCOPE, 0, G)


def test_no_guard_refuses_no_serials() -> None:
    ledger = ledger_with("none")
    for _ in range(3):
        assert not refused(ledger, **HERE)
    assert not refused(ledger, registry=cast.MIRRORED, **HERE)
    ledger.check()


@pytest.mark.parametrize("guard", ["exact", "none"])
def test_resume_needs_the_guard_that_was(guard: Any) -> None:
    ledger = ledger_with(guard)
    assert not refused(ledger, start_g=1)
    pairs = kept({}, ledger.changes())
    other = ModelLedger.resume(KEYS, pairs, guard=guard)
    assert lines(other.entries) == lines(ledger.entries)
    assert refused(other, **HERE) == refused(ledger, **HERE) == (guard == "exact")
    with pytest.raises(ChainDamaged):
        ModelLedger.resume(KEYS, pairs)


def test_what_a_revert_takes_back_can_be_claimed_again() -> None:
    ledger = ledger_with("exact")
    mark = ledger.snapshot()
    assert not refused(ledger, start_g=7)
    assert refused(ledger, start_g=7)
    ledger.revert(mark)
    assert not refused(ledger, start_g=7)


@pytest.mark.parametrize("guard", ["exact", "none"])
def test_without_intervals_one_serial_can_be_exported_twice(guard: Any) -> None:
    """And arrive at two registries; at one, the claim of what is there refuses the second."""
    ledger = ledger_with(guard)
    assert not refused(ledger, start_g=1, amount_g=G)
    batch = next(e.batch for e in reversed(ledger.entries) if e.batch is not None)
    third = act.OpenRegistry(registry="Third", native=True)
    peers = [
        act.AdmitPeer(registry=one, peer=other, allowance_g=10 * G)
        for one in (cast.NATIVE, cast.MIRRORED, "Third")
        for other in (cast.NATIVE, cast.MIRRORED, "Third")
        if one != other
    ]
    move: dict[str, Any] = {"registry": cast.NATIVE, "by": "Acme", "to": "Acme", "amount_g": 9}
    said = play(
        ledger,
        [
            third,
            *peers,
            act.Move(**move, id=1, batch=cast.BATCHES[0], target=cast.MIRRORED),
            act.Move(**move, id=2, batch=batch, target=cast.MIRRORED),
            act.Move(**move, id=2, batch=batch, target="Third"),
        ],
    )
    refusal, accepted = said[-2:]
    assert refusal.startswith("IntervalAlreadyHere: scope ICR-a: 0 g until before 9 g")
    assert "imported" in accepted
    ledger.check()
