"""Credits that are expected only: they move, but nobody retires them or takes them elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.ledger.interface import Available, Holding, Totals
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.identity import batch_id, ex_ante_id, is_ex_ante, project_of
from registry.records.interval import Interval
from tests.contracts.stage import (
    ECO,
    EX_ANTE,
    FREE,
    ICR,
    LONG,
    NO_BATCH,
    NO_STATEMENT,
    PAUSED,
    USED_IDS,
    ZERO,
    Bridged,
    Rule,
    T,
    broken,
    check,
    long_claim,
    not_allowed,
    not_open,
)

NEXT = ex_ante_id(1, 4)
OTHER = "0x" + "ab" * 32


def issue(stage: Bridged, **changes: Any) -> act.Issue:
    asked = {
        "batch": NEXT,
        "to": "Bank",
        "amount_g": 7 * T,
        "start_g": 5_050 * T,
        "vintage": 2032,
        "statement": NO_STATEMENT,
        "scope": stage.batch.scope,
    }
    by = {"by": changes.pop("by")} if "by" in changes else {}
    return act.Issue(registry=ICR, orders=(act.IssueOrder(**{**asked, **changes}),), **by)


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            PAUSED,
            not_allowed("ISSUER"),
            ZERO,
            Rule("again", lambda _: errors.BatchAlreadyIssued(EX_ANTE), {"batch": EX_ANTE}),
            not_open("to"),
            Rule("long scope", lambda _: errors.TextTooLong(513, 512), {"scope": LONG}),
            Rule("a statement", lambda _: errors.UnknownStatement(OTHER), {"statement": OTHER}),
            Rule(
                "serials taken",
                lambda stage: errors.SerialAlreadyClaimed(stage.batch.scope, 5_000 * T, 5_050 * T),
                {"start_g": 5_050 * T - 1},
            ),
        )
    ),
)
def test_issue_ex_ante_refuses_for_the_first_reason(
    bridged: Bridged, rules: tuple[Rule, ...]
) -> None:
    check(bridged, rules, issue)


def test_issue_ex_ante_refuses_a_statement_that_is_one(bridged: Bridged) -> None:
    statement = bridged.statement.id
    bridged.refuses(
        errors.UnknownStatement(statement),
        lambda: bridged.apply(issue(bridged, statement=statement)),
    )
    bridged.refuses(
        errors.UnknownStatement(NO_STATEMENT),
        lambda: bridged.apply(issue(bridged, batch=batch_id(1, 4))),
    )


@pytest.mark.parametrize("vintage", [0, 1969, 2032, 65_535])
def test_issue_ex_ante_draws_on_no_statement(bridged: Bridged, vintage: int) -> None:
    interval = Interval(5_050 * T, 5_057 * T)
    expected = bridged.next_entry(
        Kind.ISSUED,
        project=1,
        batch=NEXT,
        account="Bank",
        amount_g=7 * T,
        intervals=(interval,),
        scope=bridged.batch.scope,
        vintage=vintage,
        statement=NO_STATEMENT,
    )
    made = list(bridged.apply(issue(bridged, vintage=vintage)))
    assert made == bridged.new_entries() == [expected]
    assert (project_of(NEXT), is_ex_ante(NEXT)) == (1, True)
    assert bridged.totals_of(ICR, NEXT) == Totals(
        issued_g=7 * T, active_g=7 * T, locked_g=0, retired_g=0, cancelled_g=0, exported_g=0
    )
    assert bridged.world.ledger.holding(ICR, NEXT, "Bank") == Holding(
        balance_g=7 * T, pledged_g=0, frozen_g=0, retired_g=0
    )
    assert bridged.world.ledger.available(ICR, NEXT) == Available(
        released=(), cursor_g=interval.start_g, end_g=interval.end_g
    )
    # What is verified is still there to be issued on its statement, with other serials.
    drawn = {"batch": batch_id(1, 9), "vintage": 2024, "statement": bridged.statement.id}
    bridged.apply(issue(bridged, **drawn, amount_g=8_500 * T, start_g=10_000 * T))
    assert bridged.is_sound()


def order(**changes: Any) -> act.RetireOrder:
    claim = changes.pop("claim", long_claim())
    asked = {"id": FREE, "batch": EX_ANTE, "amount_g": 7 * T, **changes}
    return act.RetireOrder.model_construct(**asked, claim=claim)


def retire(_: Bridged, **changes: Any) -> act.Retire:
    by = changes.pop("by", "Acme")
    return act.Retire.model_construct(registry=ICR, by=by, orders=(order(**changes),))


def request(stage: Bridged, **changes: Any) -> act.RequestRetirement:
    by = changes.pop("by", "Acme")
    return act.RequestRetirement.model_construct(
        registry=ICR, by=by, order=order(**changes), deadline_s=stage.deadline_s
    )


def export(stage: Bridged, **changes: Any) -> act.Export:
    asked = {"by": "Acme", "id": FREE, "batch": EX_ANTE, "amount_g": 7 * T, **changes}
    return act.Export(registry=ICR, **asked, target=ECO, to="Bank", deadline_s=stage.deadline_s)


def move(_: Bridged, **changes: Any) -> act.Move:
    asked = {"by": "Acme", "id": FREE, "batch": EX_ANTE, "amount_g": 7 * T, **changes}
    return act.Move(registry=ICR, **asked, target=ECO, to="Bank")


NOT_VERIFIED = Rule("ex ante", lambda _: errors.ExAnteNotRetirable(EX_ANTE))


LATER_CHECKS = [(NOT_VERIFIED, rule) for rule in (*not_open("by"), *USED_IDS)]


@pytest.mark.parametrize("action", [retire, request, export, move])
@pytest.mark.parametrize(
    "rules", [*broken((PAUSED, ZERO, (NO_BATCH, NOT_VERIFIED))), *LATER_CHECKS]
)
def test_ex_ante_credits_are_not_used_for_the_first_reason(
    bridged: Bridged, rules: tuple[Rule, ...], action: Any
) -> None:
    check(bridged, rules, action)


def test_ex_ante_credits_retire_at_no_registry(bridged: Bridged) -> None:
    """Not even where it takes a request: there it is asked before anything is locked."""
    where = {"batch": EX_ANTE, "to": "Acme", "amount_g": T, "start_g": 0, "vintage": 2031}
    issued = act.IssueOrder(**where, statement=NO_STATEMENT, scope="CDC_1_1_1_321_14_1")
    bridged.apply(act.Issue(registry=ECO, orders=(issued,)))
    asked = request(bridged).model_copy(update={"registry": ECO, "order": order(amount_g=T)})
    bridged.refuses(errors.ExAnteNotRetirable(EX_ANTE), lambda: bridged.apply(asked))


def test_ex_ante_credits_move_and_are_held_as_any_others(bridged: Bridged) -> None:
    where: dict[str, Any] = {"registry": ICR, "batch": EX_ANTE}
    gift = act.TransferOrder(batch=EX_ANTE, to="Bank", amount_g=20 * T)
    bridged.apply(act.Transfer(registry=ICR, by="Acme", orders=(gift,)))
    bridged.apply(act.Cancel(**where, by="Acme", id=60, amount_g=5 * T))
    bridged.apply(act.Lock(**where, id=61, holder="Acme", amount_g=4 * T))
    bridged.apply(act.Pledge(**where, by="Acme", id=62, amount_g=3 * T, lender="Bank"))
    bridged.apply(act.Freeze(**where, account="Acme", amount_g=2 * T))
    bridged.apply(act.Release(registry=ICR, id=61, amount_g=T))
    assert bridged.totals_of(ICR, EX_ANTE) == Totals(
        issued_g=50 * T,
        active_g=42 * T,
        locked_g=3 * T,
        retired_g=0,
        cancelled_g=5 * T,
        exported_g=0,
    )
    assert bridged.world.ledger.holding(ICR, EX_ANTE, "Acme") == Holding(
        balance_g=22 * T, pledged_g=3 * T, frozen_g=2 * T, retired_g=0
    )
    assert bridged.balance(ICR, EX_ANTE, "Bank") == 20 * T
    assert bridged.is_sound()
