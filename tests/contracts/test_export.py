"""Sending credits to another registry by message, or back to their home."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.ledger.interface import Available, Holding, Totals
from registry.records import action as act
from registry.records.entry import Kind
from tests.contracts.stage import (
    ARRIVED,
    BIO,
    CLOSED,
    DAY_S,
    ECO,
    EX_ANTE,
    FREE,
    ICR,
    MIRRORED,
    NO_BATCH,
    PAUSED,
    RETURN,
    SENT,
    STRANGER,
    USED_IDS,
    ZERO,
    Bridged,
    Rule,
    T,
    broken,
    check,
    not_open,
    serials,
    too_little,
    unknown_peer,
)


def export(stage: Bridged, **changes: Any) -> act.Export:
    asked = {
        "registry": ICR,
        "by": "Acme",
        "id": FREE,
        "batch": stage.id,
        "amount_g": 7 * T,
        "target": ECO,
        "to": "Bank",
        "deadline_s": stage.deadline_s,
    }
    return act.Export(**{**asked, **changes})


def send_back(stage: Bridged, **changes: Any) -> act.Export:
    back = {"registry": ECO, "by": "Borealis", "batch": ARRIVED, "target": ICR, "to": "Acme"}
    return export(stage, **{**back, **changes})


TOO_EARLY = Rule(
    "deadline is past",
    lambda stage: errors.DeadlineTooEarly(0, stage.world.now_s + 1),
    {"deadline_s": 0},
)
TOO_LATE = Rule(
    "deadline is too far away",
    lambda stage: errors.DeadlineTooLate(2**63 - 1, stage.world.now_s + 1 + 30 * DAY_S),
    {"deadline_s": 2**63 - 1},
)
NOT_VERIFIED = Rule("ex ante", lambda _: errors.ExAnteNotRetirable(EX_ANTE), {"batch": EX_ANTE})


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            unknown_peer("target", ICR, "platform"),
            (TOO_EARLY, TOO_LATE),
            PAUSED,
            ZERO,
            (NO_BATCH, NOT_VERIFIED),
            not_open("by"),
            USED_IDS,
            *too_little("by"),
        )
    ),
)
def test_export_refuses_for_the_first_reason(bridged: Bridged, rules: tuple[Rule, ...]) -> None:
    check(bridged, rules, export)


def admit_bio(stage: Bridged) -> None:
    stage.apply(act.AdmitPeer(registry=ECO, peer=BIO, allowance_g=0))


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            unknown_peer("target", ECO, BIO),
            (TOO_EARLY, TOO_LATE),
            Rule("mirror", lambda _: errors.MirrorOnly(MIRRORED), {"batch": MIRRORED}),
            Rule("not home", lambda _: errors.NotHome(ARRIVED, ICR), {"target": BIO}, admit_bio),
            Rule("paused", lambda _: errors.RegistryPaused(), {}, lambda stage: stage.eco.pause()),
            ZERO,
            not_open("by"),
            tuple(
                Rule(f"id {id}", lambda _, id=id: errors.IdAlreadyUsed(id), {"id": id})
                for id in (0, RETURN)
            ),
            Rule(
                "too little",
                lambda _: errors.InsufficientCredits(ARRIVED, "Borealis", 32 * T, 32 * T + 1),
                {"amount_g": 32 * T + 1},
            ),
            Rule(
                "frozen",
                lambda _: errors.CreditsEncumbered(ARRIVED, "Borealis", 32 * T, 0, 26 * T, 7 * T),
                {},
                lambda stage: stage.apply(
                    act.Freeze(registry=ECO, batch=ARRIVED, account="Borealis", amount_g=26 * T)
                ),
            ),
        )
    ),
)
def test_export_of_imported_credits_refuses_for_the_first_reason(
    bridged: Bridged, rules: tuple[Rule, ...]
) -> None:
    check(bridged, rules, send_back)


def test_export_takes_credits_out_of_active(bridged: Bridged) -> None:
    interval = serials(51, 57)
    expected = bridged.next_entry(
        Kind.EXPORTED,
        id=FREE,
        batch=bridged.id,
        account="Acme",
        counterparty="Bank",
        amount_g=7 * T,
        intervals=(interval,),
        deadline_s=bridged.deadline_s,
        peer=ECO,
        home=ICR,
        export=FREE,
        number=5,
    )
    outstanding_g = bridged.outstanding()
    assert list(bridged.apply(export(bridged))) == bridged.new_entries() == [expected]
    assert bridged.totals() == Totals(
        issued_g=1_000 * T,
        active_g=943 * T,
        locked_g=40 * T,
        retired_g=5 * T,
        cancelled_g=5 * T,
        exported_g=7 * T,
    )
    assert bridged.holding("Acme") == Holding(
        balance_g=593 * T, pledged_g=0, frozen_g=0, retired_g=0
    )
    assert bridged.held(ICR, FREE) == (interval,)
    assert bridged.available().cursor_g == 57 * T
    assert bridged.outstanding() == outstanding_g
    assert bridged.is_sound()


def test_export_of_imported_credits_is_no_more_outstanding_there(bridged: Bridged) -> None:
    interval = serials(1_024, 1_030)
    expected = bridged.next_entry(
        Kind.EXPORTED,
        registry=ECO,
        id=FREE,
        batch=ARRIVED,
        account="Borealis",
        counterparty="Acme",
        amount_g=7 * T,
        intervals=(interval,),
        deadline_s=bridged.deadline_s,
        peer=ICR,
        home=ICR,
        export=SENT,
        number=2,
    )
    before = bridged.totals_of(ICR, bridged.second.batch), bridged.held(ICR, SENT)
    outstanding_g = bridged.outstanding()
    assert list(bridged.apply(send_back(bridged))) == bridged.new_entries() == [expected]
    assert bridged.totals_of(ECO, ARRIVED) == Totals(
        issued_g=40 * T, active_g=25 * T, locked_g=0, retired_g=0, cancelled_g=0, exported_g=15 * T
    )
    assert bridged.balance(ECO, ARRIVED, "Borealis") == 25 * T
    assert bridged.held(ECO, FREE) == (interval,)
    assert bridged.outstanding() == outstanding_g - 7 * T
    # At home nothing has happened yet.
    assert before == (bridged.totals_of(ICR, bridged.second.batch), bridged.held(ICR, SENT))
    assert bridged.is_sound()


def test_export_needs_a_deadline_after_its_own_second(bridged: Bridged) -> None:
    at_s = bridged.world.now_s + 1
    bridged.refuses(
        errors.DeadlineTooEarly(at_s, at_s),
        lambda: bridged.apply(export(bridged, deadline_s=at_s)),
    )
    bridged.apply(export(bridged, deadline_s=at_s + 1))


def test_export_takes_at_most_30_days(bridged: Bridged) -> None:
    latest_s = bridged.world.now_s + 1 + 30 * DAY_S
    bridged.refuses(
        errors.DeadlineTooLate(latest_s + 1, latest_s),
        lambda: bridged.apply(export(bridged, deadline_s=latest_s + 1)),
    )
    bridged.apply(export(bridged, deadline_s=latest_s))


@pytest.mark.parametrize("to", [STRANGER, CLOSED])
def test_export_does_not_ask_who_gets_it(bridged: Bridged, to: str) -> None:
    (entry,) = bridged.apply(export(bridged, to=to))
    assert entry.counterparty == to


def fragment(stage: Bridged) -> None:
    """Leave 300 t on the stack of ICR's batch and 450 t above its cursor."""
    locks = [
        stage.icr.lock(stage.batch, tonnes, holder, "")
        for tonnes, holder in ((300, "Acme"), (200, "Borealis"), (300, "Acme"))
    ]
    stage.icr.release(locks[0])
    stage.icr.release(locks[2])


def test_export_is_one_interval(bridged: Bridged) -> None:
    fragment(bridged)
    bridged.refuses(
        errors.TooFragmented(bridged.id, 450 * T),
        lambda: bridged.apply(export(bridged, id=FREE + 40, amount_g=450 * T + 1)),
    )
    (entry,) = bridged.apply(export(bridged, id=FREE + 40, amount_g=450 * T))
    assert entry.intervals == (serials(551, 1_000),)
    (entry,) = bridged.apply(export(bridged, id=FREE + 50, amount_g=150 * T))
    assert entry.intervals == (serials(51, 200),)


def test_export_may_be_the_top_of_the_stack(bridged: Bridged) -> None:
    order = {"batch": bridged.id, "source": CLOSED, "to": "Bank", "amount_g": 100 * T}
    bridged.apply(act.ForceTransfer(registry=ICR, **order))
    holders = ((100, "Acme"), (1, "Borealis"), (120, "Acme"))
    locks = [bridged.icr.lock(bridged.batch, tonnes, name, "") for tonnes, name in holders]
    for tonnes, name in ((380, "Acme"), (229, "Borealis"), (100, "Bank")):
        bridged.icr.lock(bridged.batch, tonnes, name, "")
    bridged.icr.release(locks[0])
    bridged.icr.release(locks[2])
    assert bridged.available() == Available(
        released=(serials(51, 150), serials(152, 271)), cursor_g=980 * T, end_g=1_000 * T
    )
    bridged.refuses(
        errors.TooFragmented(bridged.id, 120 * T),
        lambda: bridged.apply(export(bridged, id=FREE + 50, amount_g=120 * T + 1)),
    )
    (entry,) = bridged.apply(export(bridged, id=FREE + 50, amount_g=120 * T))
    assert entry.intervals == (serials(152, 271),)


def test_exports_to_two_peers_are_numbered_apart(bridged: Bridged) -> None:
    numbers = [
        bridged.export(id=FREE + at, target=target, amount_g=T).number
        for at, target in enumerate((BIO, ECO, BIO, ECO))
    ]
    assert numbers == [1, 5, 2, 6]
