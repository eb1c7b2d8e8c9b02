"""Issuing a batch on a verifier's statement, with serials nobody else has."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.ledger.interface import Available, Holding, Totals
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.identity import batch_id
from registry.records.interval import Interval
from registry.records.project import period_days
from registry.records.result import Batch
from registry.units import AMOUNT_MAX_G
from tests.contracts.stage import (
    CLAIM_ARGS,
    ICR,
    LONG,
    PAUSED,
    STRANGER,
    ZERO,
    Rule,
    Stage,
    T,
    broken,
    check,
    not_allowed,
    not_open,
    serials,
)

SCOPE = "ICR-ISL-354-1-14-A-0-2024"
NEXT = batch_id(1, 2)
NOWHERE = "0x" + "ab" * 32
YEAR_2024 = period_days(2024)


def order(stage: Stage, **changes: Any) -> act.IssueOrder:
    asked = {
        "batch": NEXT,
        "to": "Acme",
        "amount_g": 7 * T,
        "start_g": 1_000 * T,
        "vintage": 2024,
        "statement": stage.statement.id,
        "scope": SCOPE,
    }
    return act.IssueOrder(**{**asked, **changes})


def issue(stage: Stage, **changes: Any) -> act.Issue:
    who = {key: changes.pop(key) for key in ("by", "registry") if key in changes}
    return act.Issue(orders=(order(stage, **changes),), **{"registry": ICR, **who})


RULES = (
    PAUSED,
    not_allowed("ISSUER"),
    ZERO,
    (
        Rule(
            "ends above the bound",
            lambda _: errors.AmountTooLarge(AMOUNT_MAX_G + 1),
            {"amount_g": 2, "start_g": AMOUNT_MAX_G - 1},
        ),
        Rule(
            "starts at the bound",
            lambda _: errors.AmountTooLarge(AMOUNT_MAX_G + 7 * T),
            {"start_g": AMOUNT_MAX_G, "amount_g": 7 * T},
        ),
    ),
    Rule(
        "batch again",
        lambda stage: errors.BatchAlreadyIssued(stage.id),
        {"batch": batch_id(1, 1)},
    ),
    not_open("to"),
    Rule("long scope", lambda _: errors.TextTooLong(513, 512), {"scope": LONG}),
    Rule("unknown statement", lambda _: errors.UnknownStatement(NOWHERE), {"statement": NOWHERE}),
    Rule(
        "statement of another project",
        lambda stage: errors.StatementOfAnotherProject(stage.statement.id, 2),
        {"batch": batch_id(2, 1)},
    ),
    tuple(
        Rule(
            f"vintage {year}",
            lambda _, year=year: errors.VintageOutsidePeriod(year, *YEAR_2024),
            {"vintage": year},
        )
        for year in (2023, 2025, 1969, 0, 65_535)
    ),
    Rule(
        "more than verified",
        lambda stage: errors.AboveVerifiedAmount(
            stage.statement.id, 10_000 * T, 1_000 * T, 9_000 * T + 1
        ),
        {"amount_g": 9_000 * T + 1},
    ),
    tuple(
        Rule(
            f"serials from {start_g}",
            lambda _: errors.SerialAlreadyClaimed(SCOPE, 0, 1_000 * T),
            {"start_g": start_g},
        )
        for start_g in (0, 993 * T + 1, 1_000 * T - 1)
    ),
)


@pytest.mark.parametrize("rules", broken(RULES))
def test_issue_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, issue)


def test_issue_creates_credits(stage: Stage) -> None:
    interval = serials(1_001, 1_250)
    opened = stage.next_entry(Kind.ACCOUNT_OPENED, registry="platform", account="Newcomer", text="")
    issued = stage.next_entry(
        Kind.ISSUED,
        later=1,
        project=1,
        batch=NEXT,
        account="Newcomer",
        amount_g=250 * T,
        intervals=(interval,),
        scope=SCOPE,
        vintage=2024,
        statement=stage.statement.id,
    )
    batch = stage.icr.issue(stage.forest, 2024, 250, "Newcomer", stage.statement)
    assert batch == Batch(
        registry=ICR,
        batch=NEXT,
        amount_g=250 * T,
        project=1,
        vintage=2024,
        holder="Newcomer",
        scope=SCOPE,
        interval=interval,
        serials=(f"{SCOPE} 1001-1250",),
        statement=stage.statement,
    )
    assert stage.new_entries() == [opened, issued]
    assert stage.icr.totals(batch) == Totals(
        issued_g=250 * T, active_g=250 * T, locked_g=0, retired_g=0, cancelled_g=0, exported_g=0
    )
    assert stage.icr.holding(batch, "Newcomer") == Holding(
        balance_g=250 * T, pledged_g=0, frozen_g=0, retired_g=0
    )
    assert stage.icr.holding(batch, "Acme").balance_g == 0
    assert stage.world.ledger.available(ICR, NEXT) == Available(
        released=(), cursor_g=1_000 * T, end_g=1_250 * T
    )
    stage.logged(
        (
            "TransferSingle",
            {
                "operator": "@issuer",
                "from": "nobody",
                "to": "Newcomer",
                "id": NEXT,
                "value": 250 * T,
            },
        ),
        (
            "BatchIssued",
            {
                "batch": NEXT,
                "to": "Newcomer",
                "statement": stage.statement.id,
                "vintage": 2024,
                "amount": 250 * T,
                "start": 1_000 * T,
                "scope": SCOPE,
            },
        ),
    )


def test_issue_takes_back_the_new_account_when_refused(stage: Stage) -> None:
    stage.icr.pause()
    stage.refuses(
        errors.RegistryPaused(),
        lambda: stage.icr.issue(stage.forest, 2024, 1, "Newcomer", stage.statement),
    )
    assert "Newcomer" not in stage.world.knowledge.roster.accounts


def test_issue_draws_up_to_the_verified_amount_and_no_further(stage: Stage) -> None:
    stage.icr.issue(stage.forest, 2024, 9_000, "Acme", stage.statement)
    stage.refuses(
        errors.AboveVerifiedAmount(stage.statement.id, 10_000 * T, 10_000 * T, 1),
        lambda: stage.icr.issue(stage.forest, 2024, "0.000001", "Acme", stage.statement),
    )


def test_issue_cap_is_for_life_and_retirement_does_not_free_it(stage: Stage) -> None:
    stage.icr.issue(stage.forest, 2024, 9_000, "Acme", stage.statement)
    stage.icr.retire(stage.batch, 500, "Acme", *CLAIM_ARGS)
    stage.icr.cancel(stage.batch, 100, "Acme", "")
    stage.refuses(
        errors.AboveVerifiedAmount(stage.statement.id, 10_000 * T, 10_000 * T, 500 * T),
        lambda: stage.icr.issue(stage.forest, 2024, 500, "Acme", stage.statement),
    )


def test_issue_many_is_all_or_nothing(stage: Stage) -> None:
    fine = order(stage)
    again = order(stage, start_g=1_007 * T)
    action = act.Issue(registry=ICR, orders=(fine, again))
    stage.refuses(errors.BatchAlreadyIssued(NEXT), lambda: stage.apply(action))
    overlapping = order(stage, batch=batch_id(1, 3), start_g=1_006 * T)
    action = act.Issue(registry=ICR, orders=(fine, overlapping))
    # The batch before it in the same action has joined the claim of the one before that.
    stage.refuses(errors.SerialAlreadyClaimed(SCOPE, 0, 1_007 * T), lambda: stage.apply(action))
    second = order(stage, batch=batch_id(1, 3), to="Borealis", start_g=1_007 * T)
    one, two = stage.apply(act.Issue(registry=ICR, orders=(fine, second)))
    assert (one.account, one.intervals) == ("Acme", (serials(1_001, 1_007),))
    assert (two.account, two.intervals) == ("Borealis", (serials(1_008, 1_014),))
    assert one.at_s == two.at_s == stage.world.now_s


def test_issue_many_draws_on_one_statement_in_turn(stage: Stage) -> None:
    half = {"amount_g": 4_501 * T}
    orders = (
        order(stage, **half),
        order(stage, batch=batch_id(1, 3), start_g=6_000 * T, **half),
    )
    stage.refuses(
        errors.AboveVerifiedAmount(stage.statement.id, 10_000 * T, 5_501 * T, 4_501 * T),
        lambda: stage.apply(act.Issue(registry=ICR, orders=orders)),
    )


def test_issue_claims_serials_across_registries(stage: Stage) -> None:
    eco = stage.eco_batch.statement
    other = stage.eco.verify(stage.sierra, 2023, 10, "Verifier", "report of 2023")
    assert other.id != eco.id
    action = issue(stage, registry="EcoRegistry", vintage=2023, statement=other.id, start_g=999 * T)
    stage.refuses(errors.SerialAlreadyClaimed(SCOPE, 0, 1_000 * T), lambda: stage.apply(action))


def test_issue_refuses_serials_that_are_only_partly_free(stage: Stage) -> None:
    stage.apply(issue(stage, start_g=2_000 * T))
    action = issue(stage, batch=batch_id(1, 3), start_g=1_995 * T, amount_g=6 * T)
    stage.refuses(
        errors.SerialAlreadyClaimed(SCOPE, 2_000 * T, 2_007 * T), lambda: stage.apply(action)
    )
    around = issue(stage, batch=batch_id(1, 3), start_g=999 * T, amount_g=2_000 * T)
    stage.refuses(errors.SerialAlreadyClaimed(SCOPE, 0, 1_000 * T), lambda: stage.apply(around))
    stage.apply(issue(stage, batch=batch_id(1, 3), start_g=1_993 * T))


def test_issue_keeps_its_serials_claimed_after_everything_was_cancelled(stage: Stage) -> None:
    stage.apply(issue(stage))
    cancel = act.Cancel(registry=ICR, by="Acme", id=50, batch=NEXT, amount_g=7 * T)
    stage.apply(cancel)
    stage.refuses(
        errors.SerialAlreadyClaimed(SCOPE, 0, 1_007 * T),
        lambda: stage.apply(issue(stage, batch=batch_id(1, 3))),
    )


def test_issue_reaches_the_bound_itself(stage: Stage) -> None:
    stage.apply(issue(stage, amount_g=1, start_g=AMOUNT_MAX_G - 1))
    assert stage.world.ledger.available(ICR, NEXT).end_g == AMOUNT_MAX_G


def test_issue_takes_any_order_of_gaps_in_one_action(stage: Stage) -> None:
    # More claims than a guard walks past: the ledger has to say where to begin.
    starts = [2_000 * T + 2 * at * T for at in range(36)]
    for chosen in (starts[:18], starts[18:]):
        orders = tuple(
            order(stage, batch=batch_id(1, 10 + start // T), start_g=start, amount_g=T)
            for start in chosen
        )
        stage.apply(act.Issue(registry=ICR, orders=orders))
    gaps = [starts[-1] - T, starts[-2] - T, starts[2] - T]
    orders = tuple(
        order(stage, batch=batch_id(1, 10 + start // T), start_g=start, amount_g=T // 2)
        for start in gaps
    )
    stage.apply(act.Issue(registry=ICR, orders=orders))
    stage.apply(act.Issue(registry=ICR, orders=(order(stage, start_g=starts[-1] + T),)))
    taken = order(stage, batch=batch_id(1, 5), start_g=starts[-1] - 1, amount_g=1)
    stage.apply(act.Issue(registry=ICR, orders=(taken,)))
    taken = order(stage, batch=batch_id(1, 6), start_g=starts[-1] - 2, amount_g=2)
    refused = errors.SerialAlreadyClaimed(SCOPE, starts[-1] - 1, starts[-1] + 8 * T)
    stage.refuses(refused, lambda: stage.apply(act.Issue(registry=ICR, orders=(taken,))))


def test_issue_takes_a_gap_that_is_not_whole_tonnes(stage: Stage) -> None:
    entry = stage.apply(issue(stage, start_g=1_000 * T + 1, amount_g=3))[0]
    assert entry.intervals == (Interval(1_000 * T + 1, 1_000 * T + 4),)


@pytest.mark.parametrize("holder", ["@operator", "@issuer"])
def test_issue_refuses_a_role_as_holder(stage: Stage, holder: str) -> None:
    action = issue(stage, to=holder)
    stage.refuses(errors.UnknownAccount(holder), lambda: stage.apply(action))


def test_issue_opens_nothing_for_a_stranger_at_ledger_level(stage: Stage) -> None:
    action = issue(stage, to=STRANGER)
    stage.refuses(errors.UnknownAccount(STRANGER), lambda: stage.apply(action))
