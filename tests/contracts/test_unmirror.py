"""Giving up what stands for credits locked elsewhere, so that their home may release them."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.ledger.interface import Totals
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.identity import batch_id, imported_id
from tests.contracts.stage import (
    ARRIVED,
    CLOSED,
    ECO,
    FREE,
    ICR,
    IMMOBILE,
    MIRRORED,
    RETURN,
    SECOND,
    STRANGER,
    ZERO,
    Bridged,
    Rule,
    T,
    broken,
    check,
    serials,
)


def unmirror(_: Bridged, **changes: Any) -> act.Unmirror:
    asked = {"registry": ECO, "by": "Acme", "id": FREE, "batch": MIRRORED, "amount_g": 7 * T}
    return act.Unmirror(**{**asked, **changes})


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            tuple(
                Rule(
                    f"no mirror {batch}", lambda _, b=batch: errors.NotMirrored(b), {"batch": batch}
                )
                for batch in (ARRIVED, batch_id(1, 1), imported_id(99), batch_id(1, 99), 0)
            ),
            Rule("paused", lambda _: errors.RegistryPaused(), {}, lambda stage: stage.eco.pause()),
            ZERO,
            (
                Rule("no account", lambda _: errors.UnknownAccount(STRANGER), {"by": STRANGER}),
                Rule("closed", lambda _: errors.ClosedAccount(CLOSED), {"by": CLOSED}),
                Rule("role", lambda _: errors.UnknownAccount("@operator"), {"by": "@operator"}),
            ),
            tuple(
                Rule(f"id {id}", lambda _, id=id: errors.IdAlreadyUsed(id), {"id": id})
                for id in (0, RETURN)
            ),
            (
                Rule(
                    "too little",
                    lambda _: errors.InsufficientCredits(MIRRORED, "Acme", 15 * T, 15 * T + 1),
                    {"amount_g": 15 * T + 1},
                ),
                Rule(
                    "none",
                    lambda _: errors.InsufficientCredits(MIRRORED, "Borealis", 0, 7 * T),
                    {"by": "Borealis"},
                ),
            ),
            Rule(
                "frozen",
                lambda _: errors.CreditsEncumbered(MIRRORED, "Acme", 15 * T, 0, 9 * T, 7 * T),
                {},
                lambda stage: stage.apply(
                    act.Freeze(registry=ECO, batch=MIRRORED, account="Acme", amount_g=9 * T)
                ),
            ),
        )
    ),
)
def test_unmirror_refuses_for_the_first_reason(bridged: Bridged, rules: tuple[Rule, ...]) -> None:
    check(bridged, rules, unmirror)


def test_unmirror_refuses_more_than_one_interval(bridged: Bridged) -> None:
    for id, tonnes in ((10, 6), (11, 5)):
        lock = {"batch": MIRRORED, "holder": "Acme", "amount_g": tonnes * T}
        bridged.apply(act.Lock(registry=ECO, id=id, **lock))
    bridged.apply(act.Release(registry=ECO, id=10, amount_g=6 * T))
    bridged.refuses(errors.TooFragmented(MIRRORED, 6 * T), lambda: bridged.apply(unmirror(bridged)))
    bridged.apply(unmirror(bridged, amount_g=6 * T))


def test_unmirror_is_no_more_outstanding_there(bridged: Bridged) -> None:
    interval = serials(1_001, 1_007)
    expected = bridged.next_entry(
        Kind.EXPORTED,
        registry=ECO,
        id=FREE,
        batch=MIRRORED,
        account="Acme",
        amount_g=7 * T,
        intervals=(interval,),
        peer=ICR,
        home=ICR,
        export=IMMOBILE,
        text="mirror",
    )
    home = bridged.totals_of(ICR, SECOND), bridged.held(ICR, IMMOBILE)
    outstanding_g = bridged.outstanding()
    assert list(bridged.apply(unmirror(bridged))) == bridged.new_entries() == [expected]
    assert bridged.totals_of(ECO, MIRRORED) == Totals(
        issued_g=15 * T, active_g=8 * T, locked_g=0, retired_g=0, cancelled_g=0, exported_g=7 * T
    )
    assert bridged.balance(ECO, MIRRORED, "Acme") == 8 * T
    assert bridged.held(ECO, FREE) == (interval,)
    assert bridged.outstanding() == outstanding_g - 7 * T
    assert home == (bridged.totals_of(ICR, SECOND), bridged.held(ICR, IMMOBILE))
    assert bridged.is_sound()


def test_unmirror_is_never_pending(bridged: Bridged) -> None:
    bridged.apply(unmirror(bridged))
    for kind in (act.Acknowledge, act.Compensate):
        bridged.refuses(
            errors.NoPendingExport(FREE),
            lambda kind=kind: bridged.apply(kind(registry=ECO, id=FREE)),
        )


def test_unmirror_lets_the_home_release_that_part_and_lock_it_again(bridged: Bridged) -> None:
    bridged.apply(act.Lock(registry=ECO, id=10, batch=MIRRORED, holder="Acme", amount_g=4 * T))
    (given_up,) = bridged.apply(unmirror(bridged))
    (interval,) = given_up.intervals
    assert interval == serials(1_005, 1_011)
    (released,) = bridged.apply(
        act.Release(registry=ICR, id=IMMOBILE, amount_g=7 * T, start_g=interval.start_g)
    )
    assert released.intervals == given_up.intervals
    assert bridged.held(ICR, IMMOBILE) == (serials(1_001, 1_004), serials(1_012, 1_015))
    again = bridged.apply(
        act.Mirror(
            registry=ECO,
            source=ICR,
            lock=IMMOBILE,
            scope=bridged.batch.scope,
            start_g=interval.start_g,
            amount_g=interval.amount_g,
            vintage=2024,
            to="Acme",
        )
    )
    assert again[0].batch == imported_id(4)
    assert bridged.is_sound()
