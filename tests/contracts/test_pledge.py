"""Encumbering credits for a lender: pledge, release, foreclose, and the regulator's end of it."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.ledger.interface import Holding
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.result import Pledge, Transfer
from tests.contracts.stage import (
    CANCELLATION,
    CLAIM_ARGS,
    FREE,
    ICR,
    LOCK,
    LONG_REASON,
    NO_BATCH,
    PAUSED,
    PLEDGE,
    REQUEST,
    RETIREMENT,
    STRANGER,
    USED_IDS,
    ZERO,
    Rule,
    Stage,
    T,
    broken,
    check,
    not_allowed,
    not_open,
    too_little,
)


def pledge(stage: Stage, **changes: Any) -> act.Pledge:
    asked = {"by": "Acme", "id": FREE, "batch": stage.id, "amount_g": 7 * T, "lender": "Bank"}
    return act.Pledge(registry=ICR, **{**asked, **changes})


def release_pledge(_: Stage, **changes: Any) -> act.ReleasePledge:
    return act.ReleasePledge(registry=ICR, **{"by": "Bank", "id": PLEDGE, **changes})


def foreclose(_: Stage, **changes: Any) -> act.Foreclose:
    return act.Foreclose(registry=ICR, **{"by": "Bank", "id": PLEDGE, **changes})


def end_pledge(_: Stage, **changes: Any) -> act.EndPledge:
    return act.EndPledge(registry=ICR, **{"id": PLEDGE, "reason": "a court order", **changes})


NOT_PLEDGED = tuple(
    Rule(name, lambda _, id=id: errors.NotPledged(id), {"id": id})
    for name, id in (
        ("unused id", FREE),
        ("id 0", 0),
        ("a lock", LOCK),
        ("a request", REQUEST),
        ("a cancellation", CANCELLATION),
        ("a retirement", RETIREMENT),
    )
)
NOT_LENDER = tuple(
    Rule(f"by {name}", lambda _, name=name: errors.NotLender(PLEDGE, name), {"by": name})
    for name in ("Borealis", "Acme", "@operator", "@regulator", STRANGER)
)
HOLDER_CLOSED = Rule(
    "holder closed",
    lambda _: errors.ClosedAccount("Borealis"),
    {},
    lambda stage: stage.world.close_account("Borealis"),
)
LENDER_CLOSED = Rule(
    "lender closed",
    lambda _: errors.ClosedAccount("Bank"),
    {},
    lambda stage: stage.world.close_account("Bank"),
)


@pytest.mark.parametrize(
    "rules",
    broken(
        (PAUSED, ZERO, NO_BATCH, not_open("by"), not_open("lender"), USED_IDS, *too_little("by"))
    ),
)
def test_pledge_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, pledge)


@pytest.mark.parametrize("lender", [STRANGER, "Newcomer"])
def test_pledge_never_opens_the_account_of_the_lender(stage: Stage, lender: str) -> None:
    stage.refuses(
        errors.UnknownAccount(lender),
        lambda: stage.icr.pledge(stage.batch, 1, "Acme", lender),
    )


def test_pledge_encumbers_credits_that_stay(stage: Stage) -> None:
    totals = stage.totals()
    expected = stage.next_entry(
        Kind.PLEDGED,
        id=FREE,
        batch=stage.id,
        account="Acme",
        counterparty="Bank",
        amount_g=7 * T,
    )
    assert stage.icr.pledge(stage.batch, 7, "Acme", "Bank") == Pledge(
        registry=ICR, batch=stage.id, amount_g=7 * T, id=FREE, holder="Acme", lender="Bank"
    )
    assert stage.new_entries() == [expected]
    assert stage.totals() == totals
    assert stage.holding("Acme") == Holding(
        balance_g=600 * T, pledged_g=7 * T, frozen_g=0, retired_g=0
    )
    assert stage.holding("Bank") == Holding(balance_g=0, pledged_g=0, frozen_g=0, retired_g=0)
    assert stage.world.ledger.held(ICR, FREE) == ()
    stage.logged(
        (
            "CreditsPledged",
            {
                "id": FREE,
                "batch": stage.id,
                "holder": "Acme",
                "lender": "Bank",
                "amount": 7 * T,
            },
        )
    )


def test_pledge_cannot_be_given_twice_over(stage: Stage) -> None:
    stage.icr.pledge(stage.batch, 400, "Acme", "Bank")
    stage.refuses(
        errors.CreditsEncumbered(stage.id, "Acme", 600 * T, 400 * T, 0, 201 * T),
        lambda: stage.icr.pledge(stage.batch, 201, "Acme", "Borealis"),
    )
    stage.icr.pledge(stage.batch, 200, "Acme", "Borealis")


def test_pledge_to_oneself_is_allowed(stage: Stage) -> None:
    own = stage.icr.pledge(stage.batch, 600, "Acme", "Acme")
    taken = stage.icr.foreclose(own)
    assert (taken.source, taken.to) == ("Acme", "Acme")
    assert stage.holding("Acme") == Holding(balance_g=600 * T, pledged_g=0, frozen_g=0, retired_g=0)


@pytest.mark.parametrize("rules", broken((NOT_PLEDGED, NOT_LENDER)))
def test_release_pledge_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, release_pledge)


@pytest.mark.parametrize("paused", [False, True])
def test_release_pledge_frees_credits(stage: Stage, paused: bool) -> None:
    if paused:
        stage.icr.pause()
        stage.world.close_account("Bank")
        stage.world.close_account("Borealis")
    totals = stage.totals()
    expected = stage.next_entry(
        Kind.PLEDGE_RELEASED,
        id=PLEDGE,
        batch=stage.id,
        account="Borealis",
        counterparty="Bank",
        amount_g=20 * T,
    )
    assert stage.icr.release_pledge(stage.pledge) is None
    assert stage.new_entries() == [expected]
    assert stage.totals() == totals
    assert stage.holding("Borealis") == Holding(
        balance_g=250 * T, pledged_g=0, frozen_g=0, retired_g=5 * T
    )
    stage.logged(
        (
            "PledgeReleased",
            {
                "id": PLEDGE,
                "batch": stage.id,
                "holder": "Borealis",
                "lender": "Bank",
                "amount": 20 * T,
            },
        )
    )


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            PAUSED,
            NOT_PLEDGED,
            NOT_LENDER,
            HOLDER_CLOSED,
            LENDER_CLOSED,
            Rule(
                "frozen",
                lambda stage: errors.CreditsEncumbered(
                    stage.id, "Borealis", 250 * T, 20 * T, 230 * T + 1, 20 * T
                ),
                {},
                lambda stage: stage.icr.freeze(stage.batch, "230.000001", "Borealis"),
            ),
        )
    ),
)
def test_foreclose_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, foreclose)


def test_foreclose_moves_credits_to_the_lender(stage: Stage) -> None:
    totals = stage.totals()
    expected = stage.next_entry(
        Kind.FORECLOSED,
        id=PLEDGE,
        batch=stage.id,
        account="Borealis",
        counterparty="Bank",
        amount_g=20 * T,
    )
    assert stage.icr.foreclose(stage.pledge) == Transfer(
        registry=ICR, batch=stage.id, amount_g=20 * T, source="Borealis", to="Bank"
    )
    assert stage.new_entries() == [expected]
    assert stage.totals() == totals
    assert stage.holding("Borealis") == Holding(
        balance_g=230 * T, pledged_g=0, frozen_g=0, retired_g=5 * T
    )
    assert stage.holding("Bank") == Holding(balance_g=20 * T, pledged_g=0, frozen_g=0, retired_g=0)
    stage.logged(
        (
            "TransferSingle",
            {
                "operator": "Bank",
                "from": "Borealis",
                "to": "Bank",
                "id": stage.id,
                "value": 20 * T,
            },
        ),
        (
            "PledgeForeclosed",
            {
                "id": PLEDGE,
                "batch": stage.id,
                "holder": "Borealis",
                "lender": "Bank",
                "amount": 20 * T,
            },
        ),
    )


def test_foreclose_takes_what_a_freeze_leaves(stage: Stage) -> None:
    stage.icr.freeze(stage.batch, 230, "Borealis")
    stage.icr.foreclose(stage.pledge)
    assert stage.holding("Borealis") == Holding(
        balance_g=230 * T, pledged_g=0, frozen_g=230 * T, retired_g=5 * T
    )


def test_foreclose_heeds_no_other_pledge(stage: Stage) -> None:
    rest = stage.icr.pledge(stage.batch, 230, "Borealis", "Acme")
    stage.icr.foreclose(stage.pledge)
    stage.icr.foreclose(rest)
    assert stage.holding("Borealis") == Holding(
        balance_g=0, pledged_g=0, frozen_g=0, retired_g=5 * T
    )


@pytest.mark.parametrize("rules", broken((not_allowed("REGULATOR"), NOT_PLEDGED, LONG_REASON)))
def test_end_pledge_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, end_pledge)


def test_end_pledge_frees_credits_by_order(stage: Stage) -> None:
    stage.icr.pause()
    totals = stage.totals()
    expected = stage.next_entry(
        Kind.PLEDGE_ENDED,
        id=PLEDGE,
        batch=stage.id,
        account="Borealis",
        counterparty="Bank",
        amount_g=20 * T,
        text="a court order",
    )
    assert stage.icr.end_pledge(stage.pledge, "a court order") is None
    assert stage.new_entries() == [expected]
    assert stage.totals() == totals
    assert stage.holding("Borealis").pledged_g == 0
    stage.logged(
        (
            "PledgeEnded",
            {
                "id": PLEDGE,
                "batch": stage.id,
                "holder": "Borealis",
                "lender": "Bank",
                "amount": 20 * T,
                "reason": "a court order",
            },
        )
    )


@pytest.mark.parametrize("end", [release_pledge, foreclose, end_pledge])
def test_pledge_ends_once(stage: Stage, end: Any) -> None:
    stage.apply(end(stage))
    for again in (release_pledge, foreclose, end_pledge):
        stage.refuses(errors.NotPledged(PLEDGE), lambda again=again: stage.apply(again(stage)))
    stage.refuses(errors.IdAlreadyUsed(PLEDGE), lambda: stage.apply(pledge(stage, id=PLEDGE)))


def test_pledged_credits_neither_move_nor_retire(stage: Stage) -> None:
    refused = errors.CreditsEncumbered(stage.id, "Borealis", 250 * T, 20 * T, 0, 250 * T)
    icr, batch = stage.icr, stage.batch
    for do in (
        lambda: icr.transfer(batch, 250, "Borealis", "Acme"),
        lambda: icr.retire(batch, 250, "Borealis", *CLAIM_ARGS),
        lambda: icr.request_retirement(batch, 250, "Borealis", *CLAIM_ARGS),
        lambda: icr.cancel(batch, 250, "Borealis", ""),
        lambda: icr.lock(batch, 250, "Borealis", ""),
        lambda: icr.pledge(batch, 250, "Borealis", "Bank"),
        lambda: icr.forced_transfer(batch, 250, "Borealis", "Acme", ""),
    ):
        stage.refuses(refused, do)
