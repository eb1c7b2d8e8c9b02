"""Giving an export back whose target has made sure never to import it."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.ledger.interface import Available, Totals
from registry.records import action as act
from registry.records.entry import Kind
from tests.contracts.stage import (
    ARRIVED,
    DAYS,
    ECO,
    FREE,
    ICR,
    IMMOBILE,
    LATER,
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
    serials,
)


def compensate(_: Bridged, **changes: Any) -> act.Compensate:
    return act.Compensate(**{"registry": ICR, "id": WAITING, **changes})


def void(stage: Bridged) -> None:
    stage.world.advance(days=DAYS)
    stage.apply(act.VoidImport(registry=ECO, message=stage.message(WAITING)))


def void_return(stage: Bridged) -> None:
    stage.world.advance(days=DAYS)
    stage.apply(act.VoidImport(registry=ICR, message=stage.message(RETURN, ECO)))


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            tuple(
                Rule(name, lambda _, id=id: errors.NoPendingExport(id), {"id": id})
                for name, id in (
                    ("unused id", FREE),
                    ("id 0", 0),
                    ("a lock", LOCK),
                    ("a mirrored lock", IMMOBILE),
                    ("a pledge", PLEDGE),
                    ("an acknowledged export", SENT),
                )
            ),
            (
                Rule("under way", lambda _: errors.NotAttested(ECO, WAITING)),
                Rule("arrived", lambda _: errors.NotAttested(ECO, UNANSWERED), {"id": UNANSWERED}),
                Rule(
                    "late, not voided",
                    lambda _: errors.NotAttested(ECO, WAITING),
                    {},
                    lambda stage: stage.world.advance(days=DAYS),
                ),
                Rule("another one", lambda _: errors.NotAttested(ECO, LATER), {"id": LATER}, void),
            ),
        )
    ),
)
def test_compensate_refuses_for_the_first_reason(bridged: Bridged, rules: tuple[Rule, ...]) -> None:
    check(bridged, rules, compensate)


@pytest.mark.parametrize("registry", ["Nowhere", "platform"])
def test_compensate_refuses_a_registry_that_is_not_open(bridged: Bridged, registry: str) -> None:
    with pytest.raises(errors.UnknownRegistry):
        bridged.apply(compensate(bridged, registry=registry))


def test_compensate_gives_all_back_at_home(bridged: Bridged) -> None:
    void(bridged)
    interval = serials(1_086, 1_105)
    expected = bridged.next_entry(
        Kind.EXPORT_COMPENSATED,
        id=WAITING,
        batch=SECOND,
        account="Bank",
        amount_g=20 * T,
        intervals=(interval,),
        peer=ECO,
        home=ICR,
        export=WAITING,
        number=3,
    )
    outstanding_g = bridged.outstanding()
    assert list(bridged.apply(compensate(bridged))) == bridged.new_entries() == [expected]
    assert bridged.totals_of(ICR, SECOND) == Totals(
        issued_g=500 * T,
        active_g=405 * T,
        locked_g=15 * T,
        retired_g=0,
        cancelled_g=0,
        exported_g=80 * T,
    )
    assert bridged.balance(ICR, SECOND, "Bank") == 405 * T
    assert bridged.held(ICR, WAITING) == ()
    assert bridged.world.ledger.available(ICR, SECOND) == Available(
        released=(interval,), cursor_g=1_115 * T, end_g=1_500 * T
    )
    assert bridged.outstanding() == outstanding_g
    assert bridged.is_sound()


def test_compensate_gives_all_back_abroad_and_it_is_here_again(bridged: Bridged) -> None:
    void_return(bridged)
    interval = serials(1_016, 1_023)
    outstanding_g = bridged.outstanding()
    expected = bridged.next_entry(
        Kind.EXPORT_COMPENSATED,
        registry=ECO,
        id=RETURN,
        batch=ARRIVED,
        account="Borealis",
        amount_g=8 * T,
        intervals=(interval,),
        peer=ICR,
        home=ICR,
        export=SENT,
        number=1,
    )
    action = compensate(bridged, registry=ECO, id=RETURN)
    assert list(bridged.apply(action)) == bridged.new_entries() == [expected]
    assert bridged.totals_of(ECO, ARRIVED) == Totals(
        issued_g=40 * T, active_g=40 * T, locked_g=0, retired_g=0, cancelled_g=0, exported_g=0
    )
    assert bridged.balance(ECO, ARRIVED, "Borealis") == 40 * T
    assert bridged.held(ECO, RETURN) == ()
    assert bridged.outstanding() == outstanding_g + 8 * T
    assert bridged.held(ICR, SENT) == (serials(1_016, 1_055),)
    assert bridged.is_sound()
    # What came back can leave again.
    message = bridged.export(
        registry=ECO,
        by="Borealis",
        id=FREE,
        batch=ARRIVED,
        amount_g=40 * T,
        target=ICR,
        deadline_s=bridged.world.now_s + 100,
    )
    bridged.apply(act.Import(registry=ICR, message=message))
    assert bridged.held(ICR, SENT) == ()
    assert bridged.is_sound()


@pytest.mark.parametrize(
    ("registry", "id", "prepare"), [(ICR, WAITING, void), (ECO, RETURN, void_return)]
)
def test_compensate_has_one_effect(bridged: Bridged, registry: str, id: int, prepare: Any) -> None:
    prepare(bridged)
    bridged.apply(compensate(bridged, registry=registry, id=id))
    for kind in (act.Compensate, act.Acknowledge):
        bridged.refuses(
            errors.NoPendingExport(id),
            lambda kind=kind: bridged.apply(kind(registry=registry, id=id)),
        )
    message = bridged.message(id, registry)
    bridged.refuses(
        errors.MessageAlreadyUsed(registry, message.number),
        lambda: bridged.apply(act.Import(registry=message.target, message=message)),
    )
    # Its id stays used.
    bridged.refuses(
        errors.IdAlreadyUsed(id),
        lambda: bridged.export(
            registry=registry,
            id=id,
            batch=bridged.id,
            target=message.target,
            deadline_s=bridged.world.now_s + 100,
        ),
    )


@pytest.mark.parametrize(
    ("registry", "id", "holder", "prepare"),
    [(ICR, WAITING, "Bank", void), (ECO, RETURN, "Borealis", void_return)],
)
def test_compensate_works_when_paused_closed_frozen_and_for_anyone(
    bridged: Bridged, registry: str, id: int, holder: str, prepare: Any
) -> None:
    prepare(bridged)
    batch = SECOND if registry == ICR else ARRIVED
    bridged.apply(act.Pause(registry=registry))
    bridged.apply(act.Freeze(registry=registry, batch=batch, account=holder, amount_g=1_000 * T))
    bridged.apply(act.AdmitPeer(registry=ECO, peer=ICR, allowance_g=0))
    bridged.world.close_account(holder)
    before = bridged.balance(registry, batch, holder)
    (entry,) = bridged.apply(compensate(bridged, registry=registry, id=id, by=STRANGER))
    assert bridged.balance(registry, batch, holder) == before + (entry.amount_g or 0)
    assert bridged.is_sound()


def test_compensate_waits_for_a_mirror_that_claims_the_same(bridged: Bridged) -> None:
    """Operators who mirror what is under way stand in the way until they give it up."""
    void_return(bridged)
    (entry,) = bridged.apply(
        act.Mirror(
            registry=ECO,
            source=ICR,
            lock=IMMOBILE,
            scope=bridged.batch.scope,
            start_g=1_020 * T,
            amount_g=2 * T,
            vintage=2024,
            to="Acme",
        )
    )
    action = compensate(bridged, registry=ECO, id=RETURN)
    bridged.refuses(
        errors.IntervalAlreadyHere(bridged.batch.scope, 1_020 * T, 1_022 * T),
        lambda: bridged.apply(action),
    )
    bridged.apply(
        act.Unmirror(registry=ECO, by="Acme", id=8, batch=entry.batch or 0, amount_g=2 * T)
    )
    bridged.apply(action)
    assert bridged.is_sound()
