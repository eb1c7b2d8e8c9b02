"""Issuing what stands for credits that are locked elsewhere, on the operators' word."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.ledger.interface import Available, Totals
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.identity import imported_id
from registry.records.interval import Interval
from registry.units import AMOUNT_MAX_G
from tests.contracts.stage import (
    BIO,
    ECO,
    ICR,
    IMMOBILE,
    LONG,
    ZERO,
    Bridged,
    Rule,
    T,
    broken,
    check,
    not_allowed,
    not_open,
    serials,
    unknown_peer,
)

NEW = imported_id(4)


def mirror(stage: Bridged, **changes: Any) -> act.Mirror:
    asked = {
        "registry": ECO,
        "source": ICR,
        "lock": IMMOBILE,
        "scope": stage.batch.scope,
        "start_g": 2_000 * T,
        "amount_g": 7 * T,
        "vintage": 2024,
        "to": "Acme",
    }
    return act.Mirror(**{**asked, **changes})


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            not_allowed("OPERATOR"),
            unknown_peer("source", ECO, BIO, "platform"),
            Rule("paused", lambda _: errors.RegistryPaused(), {}, lambda stage: stage.eco.pause()),
            ZERO,
            (
                Rule(
                    "ends above the bound",
                    lambda _: errors.AmountTooLarge(AMOUNT_MAX_G + 1),
                    {"start_g": AMOUNT_MAX_G - 1, "amount_g": 2},
                ),
                Rule(
                    "starts at the bound",
                    lambda _: errors.AmountTooLarge(AMOUNT_MAX_G + 7 * T),
                    {"start_g": AMOUNT_MAX_G, "amount_g": 7 * T},
                ),
            ),
            not_open("to"),
            Rule("long scope", lambda _: errors.TextTooLong(513, 512), {"scope": LONG}),
            Rule(
                "above allowance",
                lambda _: errors.AboveAllowance(ICR, 500 * T, 77 * T, 423 * T + 1),
                {"amount_g": 423 * T + 1},
            ),
            tuple(
                Rule(
                    f"here from {start_g}",
                    # What arrived side by side is one claim.
                    lambda stage, met=met: errors.IntervalAlreadyHere(stage.batch.scope, *met),
                    {"start_g": start_g},
                )
                for start_g, met in (
                    (1_000 * T, (1_000 * T, 1_015 * T)),
                    (1_014 * T, (1_000 * T, 1_015 * T)),
                    (1_017 * T, (1_023 * T, 1_085 * T)),
                    (1_085 * T - 1, (1_023 * T, 1_085 * T)),
                )
            ),
        )
    ),
)
def test_mirror_refuses_for_the_first_reason(bridged: Bridged, rules: tuple[Rule, ...]) -> None:
    check(bridged, rules, mirror)


def test_mirror_makes_a_batch(bridged: Bridged) -> None:
    interval = serials(2_001, 2_007)
    expected = bridged.next_entry(
        Kind.IMPORTED,
        registry=ECO,
        batch=NEW,
        account="Acme",
        amount_g=7 * T,
        intervals=(interval,),
        scope=bridged.batch.scope,
        vintage=2024,
        peer=ICR,
        home=ICR,
        export=IMMOBILE,
        text="mirror",
    )
    home = bridged.totals_of(ICR, bridged.second.batch), bridged.held(ICR, IMMOBILE)
    outstanding_g = bridged.outstanding()
    assert list(bridged.apply(mirror(bridged))) == bridged.new_entries() == [expected]
    assert bridged.totals_of(ECO, NEW) == Totals(
        issued_g=7 * T, active_g=7 * T, locked_g=0, retired_g=0, cancelled_g=0, exported_g=0
    )
    assert bridged.balance(ECO, NEW, "Acme") == 7 * T
    assert bridged.world.ledger.available(ECO, NEW) == Available(
        released=(), cursor_g=2_000 * T, end_g=2_007 * T
    )
    assert bridged.outstanding() == outstanding_g + 7 * T
    assert home == (bridged.totals_of(ICR, bridged.second.batch), bridged.held(ICR, IMMOBILE))
    assert bridged.is_sound()


@pytest.mark.parametrize(
    "changes",
    [
        {"lock": 3_000},
        {"lock": 0},
        {"lock": 2**256 - 1},
        {"scope": "a scope that ICR never had"},
        {"start_g": AMOUNT_MAX_G - 7 * T},
        {"vintage": 0},
        {"vintage": 65_535},
    ],
)
def test_mirror_asks_nothing_about_the_lock(bridged: Bridged, changes: dict[str, Any]) -> None:
    """That is the point of the comparison: the audit finds what stands for nothing."""
    (entry,) = bridged.apply(mirror(bridged, **changes))
    start_g = changes.get("start_g", 2_000 * T)
    assert entry.intervals == (Interval(start_g, start_g + 7 * T),)
    assert entry.export == changes.get("lock", IMMOBILE)
    assert bridged.is_sound()


def test_mirror_of_the_next_grams_is_a_batch_of_its_own(bridged: Bridged) -> None:
    numbers = [
        bridged.apply(mirror(bridged, start_g=start_g, amount_g=T))[0].batch
        for start_g in (2_000 * T, 2_002 * T, 2_001 * T)
    ]
    assert numbers == [imported_id(number) for number in (4, 5, 6)]
    bridged.refuses(
        errors.IntervalAlreadyHere(bridged.batch.scope, 2_000 * T, 2_003 * T),
        lambda: bridged.apply(mirror(bridged, start_g=2_001 * T, amount_g=1)),
    )
    bridged.apply(mirror(bridged, start_g=2_001 * T, amount_g=1, scope="another"))


def test_mirrored_credits_retire_as_any_others(bridged: Bridged) -> None:
    order = act.RetireOrder(
        id=60, batch=imported_id(1), amount_g=5 * T, claim=bridged.retirement.claim
    )
    bridged.apply(act.RequestRetirement(registry=ECO, by="Acme", order=order, deadline_s=2**40))
    (entry,) = bridged.apply(act.FinaliseRetirement(registry=ECO, id=60))
    assert entry.intervals == (serials(1_001, 1_005),)
    # Retired here, they are outstanding here for ever.
    assert bridged.outstanding() == 77 * T
    assert bridged.is_sound()
