"""The regulator's orders: freezing a holding, and moving credits by force."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.ledger.interface import Holding
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.result import Transfer
from registry.units import AMOUNT_MAX_G
from tests.contracts.stage import (
    CLOSED,
    ICR,
    LONG_REASON,
    NO_BATCH,
    STRANGER,
    ZERO,
    Rule,
    Stage,
    T,
    broken,
    check,
    not_allowed,
    not_open,
)


def freeze(stage: Stage, **changes: Any) -> act.Freeze:
    asked = {"batch": stage.id, "account": "Acme", "amount_g": 7 * T}
    return act.Freeze(registry=ICR, **{**asked, **changes})


def force(stage: Stage, **changes: Any) -> act.ForceTransfer:
    asked = {"batch": stage.id, "source": "Borealis", "to": "Acme", "amount_g": 7 * T}
    return act.ForceTransfer(registry=ICR, **{**asked, "reason": "a court order", **changes})


def frozen(tonnes: int) -> Any:
    return lambda stage: stage.icr.freeze(stage.batch, tonnes, "Borealis")


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            not_allowed("REGULATOR"),
            NO_BATCH,
            tuple(
                Rule(
                    f"account {name}",
                    lambda _, name=name: errors.UnknownAccount(name),
                    {"account": name},
                )
                for name in (STRANGER, "@operator")
            ),
        )
    ),
)
def test_freeze_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, freeze)


def test_freeze_sets_an_absolute_amount(stage: Stage) -> None:
    totals = stage.totals()
    for tonnes in (7, 900, 900, 0):
        expected = stage.next_entry(
            Kind.FROZEN, batch=stage.id, account="Acme", amount_g=tonnes * T
        )
        assert stage.icr.freeze(stage.batch, tonnes, "Acme") is None
        assert stage.new_entries() == [expected]
        assert stage.totals() == totals
        assert stage.holding("Acme") == Holding(
            balance_g=600 * T, pledged_g=0, frozen_g=tonnes * T, retired_g=0
        )
        stage.logged(
            ("Frozen", {"account": "Acme", "tokenId": stage.id, "amount": tonnes * T}),
        )


def test_freeze_works_when_paused_and_closed_and_holding_nothing(stage: Stage) -> None:
    stage.icr.pause()
    stage.icr.freeze(stage.batch, 1, CLOSED)
    stage.icr.freeze(stage.batch, 1, "Bank")
    assert stage.holding(CLOSED).frozen_g == stage.holding("Bank").frozen_g == T


def test_freeze_takes_the_largest_amount_there_is(stage: Stage) -> None:
    stage.apply(freeze(stage, amount_g=AMOUNT_MAX_G))
    assert stage.holding("Acme").spendable_g == 0
    stage.refuses(
        errors.CreditsEncumbered(stage.id, "Acme", 600 * T, 0, AMOUNT_MAX_G, 1),
        lambda: stage.icr.transfer(stage.batch, "0.000001", "Acme", "Bank"),
    )


def test_freeze_holds_what_arrives_later(stage: Stage) -> None:
    stage.icr.freeze(stage.batch, 5, "Bank")
    stage.icr.transfer(stage.batch, 6, "Acme", "Bank")
    stage.refuses(
        errors.CreditsEncumbered(stage.id, "Bank", 6 * T, 0, 5 * T, 2 * T),
        lambda: stage.icr.transfer(stage.batch, 2, "Bank", "Acme"),
    )
    stage.icr.transfer(stage.batch, 1, "Bank", "Acme")


FORCE_RULES = (
    not_allowed("REGULATOR"),
    ZERO,
    NO_BATCH,
    Rule("source unknown", lambda _: errors.UnknownAccount(STRANGER), {"source": STRANGER}),
    not_open("to"),
    LONG_REASON,
    Rule(
        "too little",
        lambda stage: errors.InsufficientCredits(stage.id, "Borealis", 250 * T, 251 * T),
        {"amount_g": 251 * T},
    ),
    Rule(
        "pledged",
        lambda stage: errors.CreditsEncumbered(stage.id, "Borealis", 250 * T, 244 * T, 0, 7 * T),
        {},
        lambda stage: stage.icr.pledge(stage.batch, 224, "Borealis", "Bank"),
    ),
)


@pytest.mark.parametrize("rules", broken(FORCE_RULES))
def test_forced_transfer_refuses_for_the_first_reason(
    stage: Stage, rules: tuple[Rule, ...]
) -> None:
    check(stage, rules, force)


@pytest.mark.parametrize("paused", [False, True])
def test_forced_transfer_moves_credits(stage: Stage, paused: bool) -> None:
    if paused:
        stage.icr.pause()
    totals, available = stage.totals(), stage.available()
    expected = stage.next_entry(
        Kind.FORCED_TRANSFER,
        batch=stage.id,
        account="Borealis",
        counterparty="Acme",
        amount_g=7 * T,
        text="a court order",
    )
    moved = stage.icr.forced_transfer(stage.batch, 7, "Borealis", "Acme", "a court order")
    assert moved == Transfer(
        registry=ICR, batch=stage.id, amount_g=7 * T, source="Borealis", to="Acme"
    )
    assert stage.new_entries() == [expected]
    assert stage.totals() == totals
    assert stage.available() == available
    assert stage.holding("Borealis") == Holding(
        balance_g=243 * T, pledged_g=20 * T, frozen_g=0, retired_g=5 * T
    )
    assert stage.holding("Acme").balance_g == 607 * T
    stage.logged(
        (
            "TransferSingle",
            {
                "operator": "@regulator",
                "from": "Borealis",
                "to": "Acme",
                "id": stage.id,
                "value": 7 * T,
            },
        ),
        (
            "ForcedTransfer",
            {"from": "Borealis", "to": "Acme", "tokenId": stage.id, "amount": 7 * T},
        ),
        ("ForcedTransferExplained", {"reason": "a court order"}),
    )


@pytest.mark.parametrize(
    ("before_t", "after_t"), [(100, 100), (150, 150), (151, 150), (250, 150), (400, 300)]
)
def test_forced_transfer_lowers_frozen_by_what_it_takes_of_it(
    stage: Stage, before_t: int, after_t: int
) -> None:
    stage.icr.freeze(stage.batch, before_t, "Borealis")
    expected = stage.next_entry(
        Kind.FORCED_TRANSFER,
        batch=stage.id,
        account="Borealis",
        counterparty="Acme",
        amount_g=100 * T,
        text="",
    )
    stage.icr.forced_transfer(stage.batch, 100, "Borealis", "Acme", "")
    assert stage.new_entries() == [expected]
    assert stage.holding("Borealis") == Holding(
        balance_g=150 * T, pledged_g=20 * T, frozen_g=after_t * T, retired_g=5 * T
    )
    if stage.on_chain and before_t != after_t:
        name, values = stage._raw()[0]
        assert name == "Frozen"
        assert values == {"account": "Borealis", "tokenId": stage.id, "amount": after_t * T}


def test_forced_transfer_empties_a_closed_account(stage: Stage) -> None:
    stage.icr.forced_transfer(stage.batch, 100, CLOSED, "Acme", "")
    assert stage.holding(CLOSED).balance_g == 0
    assert stage.holding("Acme").balance_g == 700 * T


def test_forced_transfer_opens_the_account_of_a_newcomer_or_none(stage: Stage) -> None:
    stage.refuses(
        errors.InsufficientCredits(stage.id, CLOSED, 100 * T, 101 * T),
        lambda: stage.icr.forced_transfer(stage.batch, 101, CLOSED, "Newcomer", ""),
    )
    stage.icr.forced_transfer(stage.batch, 100, CLOSED, "Newcomer", "")
    assert stage.holding("Newcomer").balance_g == 100 * T


def test_forced_transfer_to_the_holder_itself_moves_nothing(stage: Stage) -> None:
    stage.icr.freeze(stage.batch, 250, "Borealis")
    stage.icr.forced_transfer(stage.batch, 30, "Borealis", "Borealis", "")
    assert stage.holding("Borealis") == Holding(
        balance_g=250 * T, pledged_g=20 * T, frozen_g=220 * T, retired_g=5 * T
    )


def test_forced_transfer_takes_all_but_what_is_pledged(stage: Stage) -> None:
    stage.icr.forced_transfer(stage.batch, 230, "Borealis", "Acme", "")
    stage.refuses(
        errors.CreditsEncumbered(stage.id, "Borealis", 20 * T, 20 * T, 0, 1),
        lambda: stage.apply(force(stage, amount_g=1)),
    )
    stage.icr.end_pledge(stage.pledge, "")
    stage.icr.forced_transfer(stage.batch, 20, "Borealis", "Acme", "")
