"""Telling a source that its export arrived."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.records import action as act
from registry.records.entry import Kind
from tests.contracts.stage import (
    ARRIVED,
    DAYS,
    ECO,
    FREE,
    ICR,
    IMMOBILE,
    LOCK,
    PLEDGE,
    RETURN,
    SECOND,
    SENT,
    STRANGER,
    UNANSWERED,
    WAITING,
    Bridged,
    Rule,
    T,
    broken,
    check,
)


def acknowledge(_: Bridged, **changes: Any) -> act.Acknowledge:
    return act.Acknowledge(**{"registry": ICR, "id": UNANSWERED, **changes})


NOTHING_PENDING = tuple(
    Rule(name, lambda _, id=id: errors.NoPendingExport(id), {"id": id})
    for name, id in (
        ("unused id", FREE),
        ("id 0", 0),
        ("a lock", LOCK),
        ("a mirrored lock", IMMOBILE),
        ("a pledge", PLEDGE),
        ("an acknowledged export", SENT),
    )
)


def voided(stage: Bridged) -> None:
    stage.world.advance(days=DAYS)
    stage.apply(act.VoidImport(registry=ECO, message=stage.message(WAITING)))


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            NOTHING_PENDING,
            (
                Rule("not there yet", lambda _: errors.NotAttested(ECO, WAITING), {"id": WAITING}),
                Rule("voided", lambda _: errors.NotAttested(ECO, WAITING), {"id": WAITING}, voided),
            ),
        )
    ),
)
def test_acknowledge_refuses_for_the_first_reason(
    bridged: Bridged, rules: tuple[Rule, ...]
) -> None:
    check(bridged, rules, acknowledge)


def test_acknowledge_refuses_a_return_that_is_not_home_yet(bridged: Bridged) -> None:
    bridged.refuses(
        errors.NotAttested(ICR, RETURN),
        lambda: bridged.apply(acknowledge(bridged, registry=ECO, id=RETURN)),
    )


@pytest.mark.parametrize("registry", ["Nowhere", "platform"])
def test_acknowledge_refuses_a_registry_that_is_not_open(bridged: Bridged, registry: str) -> None:
    with pytest.raises(errors.UnknownRegistry):
        bridged.apply(acknowledge(bridged, registry=registry))


def test_acknowledge_is_an_entry_once(bridged: Bridged) -> None:
    expected = bridged.next_entry(
        Kind.EXPORT_ACKNOWLEDGED,
        id=UNANSWERED,
        batch=SECOND,
        account="Bank",
        amount_g=30 * T,
        peer=ECO,
        number=2,
    )
    before = bridged.totals_of(ICR, SECOND), bridged.held(ICR, UNANSWERED)
    assert list(bridged.apply(acknowledge(bridged))) == bridged.new_entries() == [expected]
    assert before == (bridged.totals_of(ICR, SECOND), bridged.held(ICR, UNANSWERED))
    for action in (acknowledge(bridged), act.Compensate(registry=ICR, id=UNANSWERED)):
        bridged.refuses(
            errors.NoPendingExport(UNANSWERED), lambda action=action: bridged.apply(action)
        )
    assert bridged.is_sound()


def test_acknowledge_of_a_return_is_at_the_registry_that_sent_it(bridged: Bridged) -> None:
    bridged.apply(act.Import(registry=ICR, message=bridged.message(RETURN, ECO)))
    expected = bridged.next_entry(
        Kind.EXPORT_ACKNOWLEDGED,
        registry=ECO,
        id=RETURN,
        batch=ARRIVED,
        account="Borealis",
        amount_g=8 * T,
        peer=ICR,
        number=1,
    )
    action = acknowledge(bridged, registry=ECO, id=RETURN)
    assert list(bridged.apply(action)) == bridged.new_entries() == [expected]
    assert bridged.is_sound()


def test_acknowledge_says_what_was_sent_where_part_is_home_already(bridged: Bridged) -> None:
    back = {"registry": ECO, "by": "Borealis", "batch": 3, "target": ICR, "to": "Bank"}
    bridged.apply(act.Import(registry=ICR, message=bridged.message(RETURN, ECO)))
    message = bridged.export(**back, id=7, amount_g=10 * T)
    bridged.apply(act.Import(registry=ICR, message=message))
    (entry,) = bridged.apply(acknowledge(bridged))
    assert entry.amount_g == 30 * T


def test_acknowledge_works_when_paused_and_closed_and_for_anyone(bridged: Bridged) -> None:
    bridged.icr.pause()
    bridged.world.close_account("Bank")
    (entry,) = bridged.apply(acknowledge(bridged, by=STRANGER))
    assert entry.kind is Kind.EXPORT_ACKNOWLEDGED


def test_acknowledge_comes_at_any_time(bridged: Bridged) -> None:
    bridged.world.advance(days=10 * DAYS)
    bridged.apply(acknowledge(bridged))
