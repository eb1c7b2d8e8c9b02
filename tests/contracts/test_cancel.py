"""Removing credits without a claim."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.ledger.interface import Holding, Totals
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.result import Cancellation
from tests.contracts.stage import (
    CANCELLATION,
    ECO,
    FREE,
    ICR,
    LONG_REASON,
    NO_BATCH,
    PAUSED,
    USED_IDS,
    ZERO,
    Rule,
    Stage,
    T,
    broken,
    check,
    not_open,
    serials,
    too_little,
)

SERIALS = "ICR-ISL-354-1-14-A-0-2024"


def cancel(stage: Stage, **changes: Any) -> act.Cancel:
    asked = {"by": "Acme", "id": FREE, "batch": stage.id, "amount_g": 7 * T, "reason": "lost"}
    return act.Cancel(registry=ICR, **{**asked, **changes})


RULES = (PAUSED, ZERO, NO_BATCH, not_open("by"), USED_IDS, LONG_REASON, *too_little("by"))


@pytest.mark.parametrize("rules", broken(RULES))
def test_cancel_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, cancel)


def test_cancel_removes_credits_for_good(stage: Stage) -> None:
    interval = serials(51, 57)
    expected = stage.next_entry(
        Kind.CANCELLED,
        id=FREE,
        batch=stage.id,
        account="Acme",
        amount_g=7 * T,
        intervals=(interval,),
        text="lost",
    )
    cancelled = stage.icr.cancel(stage.batch, 7, "Acme", "lost")
    assert cancelled == Cancellation(
        registry=ICR,
        batch=stage.id,
        amount_g=7 * T,
        id=FREE,
        holder="Acme",
        intervals=(interval,),
        serials=(f"{SERIALS} 51-57",),
        reason="lost",
    )
    assert stage.new_entries() == [expected]
    assert stage.totals() == Totals(
        issued_g=1_000 * T,
        active_g=943 * T,
        locked_g=40 * T,
        retired_g=5 * T,
        cancelled_g=12 * T,
        exported_g=0,
    )
    assert stage.holding("Acme") == Holding(balance_g=593 * T, pledged_g=0, frozen_g=0, retired_g=0)
    assert stage.holding("Borealis").balance_g == 250 * T
    assert stage.world.ledger.held(ICR, FREE) == stage.icr.intervals(cancelled) == (interval,)
    stage.logged(
        (
            "TransferSingle",
            {"operator": "Acme", "from": "Acme", "to": "nobody", "id": stage.id, "value": 7 * T},
        ),
        (
            "CreditsCancelled",
            {
                "id": FREE,
                "batch": stage.id,
                "holder": "Acme",
                "amount": 7 * T,
                "intervals": [interval.packed],
                "reason": "lost",
            },
        ),
    )


def test_cancel_works_in_one_step_at_a_mirrored_registry(stage: Stage) -> None:
    stage.eco.cancel(stage.eco_batch, 7, "Acme", "")
    assert stage.totals(ECO).cancelled_g == 7 * T


@pytest.mark.parametrize(
    ("action", "refusal"),
    [
        (act.Release(registry=ICR, id=CANCELLATION, amount_g=1), errors.NotLocked(CANCELLATION)),
        (
            act.FinaliseRetirement(registry=ICR, id=CANCELLATION),
            errors.NoPendingRetirement(CANCELLATION),
        ),
        (
            act.RevertRetirement(registry=ICR, id=CANCELLATION),
            errors.NoPendingRetirement(CANCELLATION),
        ),
        (act.EndPledge(registry=ICR, id=CANCELLATION), errors.NotPledged(CANCELLATION)),
    ],
)
def test_cancel_cannot_be_undone(
    stage: Stage, action: act.Action, refusal: errors.LedgerError
) -> None:
    stage.refuses(refusal, lambda: stage.apply(action))


def test_cancel_again_under_the_same_id_has_no_second_effect(stage: Stage) -> None:
    action = cancel(stage)
    stage.apply(action)
    stage.refuses(errors.IdAlreadyUsed(FREE), lambda: stage.apply(action))
