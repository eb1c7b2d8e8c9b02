"""Immobilising a holder's credits, and giving them back."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.ledger.interface import Available, Holding, Totals
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.interval import Interval
from registry.records.result import Lock
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
    SENT,
    USED_IDS,
    ZERO,
    Bridged,
    Rule,
    Stage,
    T,
    broken,
    check,
    not_allowed,
    not_open,
    serials,
    too_little,
)

SERIALS = "ICR-ISL-354-1-14-A-0-2024"


def lock(stage: Stage, **changes: Any) -> act.Lock:
    asked = {"id": FREE, "batch": stage.id, "holder": "Acme", "amount_g": 7 * T, "reason": "order"}
    return act.Lock(registry=ICR, **{**asked, **changes})


def release(_: Stage, **changes: Any) -> act.Release:
    return act.Release(registry=ICR, **{"id": LOCK, "amount_g": 4 * T, **changes})


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            PAUSED,
            not_allowed("OPERATOR"),
            ZERO,
            NO_BATCH,
            not_open("holder"),
            USED_IDS,
            LONG_REASON,
            *too_little("holder"),
        )
    ),
)
def test_lock_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, lock)


def test_lock_takes_credits_out_of_active(stage: Stage) -> None:
    interval = serials(51, 57)
    expected = stage.next_entry(
        Kind.LOCKED,
        id=FREE,
        batch=stage.id,
        account="Acme",
        amount_g=7 * T,
        intervals=(interval,),
        text="an order",
    )
    locked = stage.icr.lock(stage.batch, 7, "Acme", "an order")
    assert locked == Lock(
        registry=ICR,
        batch=stage.id,
        amount_g=7 * T,
        id=FREE,
        holder="Acme",
        intervals=(interval,),
        serials=(f"{SERIALS} 51-57",),
        reason="an order",
    )
    assert stage.new_entries() == [expected]
    assert stage.totals() == Totals(
        issued_g=1_000 * T,
        active_g=943 * T,
        locked_g=47 * T,
        retired_g=5 * T,
        cancelled_g=5 * T,
        exported_g=0,
    )
    assert stage.holding("Acme") == Holding(balance_g=593 * T, pledged_g=0, frozen_g=0, retired_g=0)
    assert stage.holding("Borealis").balance_g == 250 * T
    assert stage.icr.intervals(locked) == (interval,)
    stage.logged(
        (
            "TransferSingle",
            {
                "operator": "@operator",
                "from": "Acme",
                "to": "nobody",
                "id": stage.id,
                "value": 7 * T,
            },
        ),
        (
            "CreditsLocked",
            {
                "id": FREE,
                "batch": stage.id,
                "holder": "Acme",
                "amount": 7 * T,
                "intervals": [interval.packed],
                "reason": "an order",
            },
        ),
    )


RELEASE_RULES = (
    not_allowed("OPERATOR"),
    ZERO,
    tuple(
        Rule(name, lambda _, id=id: errors.NotLocked(id), {"id": id})
        for name, id in (
            ("unused id", FREE),
            ("id 0", 0),
            ("a pledge", PLEDGE),
            ("a request", REQUEST),
            ("a cancellation", CANCELLATION),
            ("a retirement", RETIREMENT),
        )
    ),
    Rule(
        "more than locked",
        lambda _: errors.AboveLockedAmount(LOCK, 10 * T, 10 * T + 1),
        {"amount_g": 10 * T + 1},
    ),
)


@pytest.mark.parametrize("rules", broken(RELEASE_RULES))
def test_release_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, release)


OUTSIDE = tuple(
    Rule(
        f"from {start_g}",
        lambda _, start_g=start_g: errors.NotOutstanding(LOCK, start_g, start_g + 4 * T),
        {"start_g": start_g},
    )
    for start_g in (6 * T + 1, 10 * T, 50 * T, 2**63 - 1)
)


@pytest.mark.parametrize("rules", broken((*RELEASE_RULES, OUTSIDE)))
def test_release_of_an_interval_refuses_for_the_first_reason(
    stage: Stage, rules: tuple[Rule, ...]
) -> None:
    check(stage, rules, release, start_g=2 * T)


def test_release_of_an_interval_refuses_an_export(bridged: Bridged) -> None:
    bridged.refuses(
        errors.NotLocked(SENT),
        lambda: bridged.apply(release(bridged, id=SENT, start_g=1_016 * T)),
    )


def test_release_of_an_interval_gives_that_one_back(stage: Stage) -> None:
    interval = serials(4, 7)
    expected = stage.next_entry(
        Kind.RELEASED,
        id=LOCK,
        batch=stage.id,
        account="Borealis",
        amount_g=4 * T,
        intervals=(interval,),
    )
    assert list(stage.apply(release(stage, start_g=3 * T))) == stage.new_entries() == [expected]
    assert stage.totals() == Totals(
        issued_g=1_000 * T,
        active_g=954 * T,
        locked_g=36 * T,
        retired_g=5 * T,
        cancelled_g=5 * T,
        exported_g=0,
    )
    assert stage.holding("Borealis").balance_g == 254 * T
    assert stage.icr.intervals(stage.lock) == (serials(1, 3), serials(8, 10))
    assert stage.available() == Available(released=(interval,), cursor_g=50 * T, end_g=1_000 * T)


def test_release_of_intervals_keeps_the_rest_in_stored_order(stage: Stage) -> None:
    held = (
        (3, 2, ((1, 3), (6, 10))),
        (0, 1, ((2, 3), (6, 10))),
        (7, 1, ((2, 3), (6, 7), (9, 10))),
        (1, 2, ((9, 10), (6, 7))),
        (9, 1, ((9, 9), (6, 7))),
        (8, 1, ((6, 7),)),
    )
    for start_t, tonnes, left in held:
        stage.apply(release(stage, start_g=start_t * T, amount_g=tonnes * T))
        assert stage.icr.intervals(stage.lock) == tuple(serials(*bounds) for bounds in left)
    stage.refuses(
        errors.NotOutstanding(LOCK, 6 * T, 8 * T),
        lambda: stage.apply(release(stage, start_g=6 * T, amount_g=2 * T)),
    )


def test_release_from_the_front_goes_on_where_an_interval_left(stage: Stage) -> None:
    stage.apply(release(stage, start_g=4 * T, amount_g=2 * T))
    assert stage.icr.release(stage.lock, 5) == (f"{SERIALS} 1-4", f"{SERIALS} 7")
    assert stage.icr.intervals(stage.lock) == (serials(8, 10),)
    # The front has moved on; intervals are found behind it.
    stage.apply(release(stage, start_g=8 * T, amount_g=T))
    assert stage.icr.intervals(stage.lock) == (serials(8, 8), serials(10, 10))
    stage.apply(release(stage, start_g=7 * T, amount_g=T))
    stage.apply(release(stage, start_g=9 * T, amount_g=T))
    assert stage.icr.intervals(stage.lock) == ()
    stage.refuses(
        errors.NotLocked(LOCK), lambda: stage.apply(release(stage, start_g=9 * T, amount_g=T))
    )


def test_release_of_an_interval_works_when_paused_closed_and_frozen(stage: Stage) -> None:
    stage.icr.pause()
    stage.icr.freeze(stage.batch, 1_000, "Borealis")
    stage.world.close_account("Borealis")
    stage.apply(release(stage, start_g=3 * T))
    assert stage.holding("Borealis").balance_g == 254 * T


def test_release_gives_back_from_the_front(stage: Stage) -> None:
    interval = serials(1, 4)
    expected = stage.next_entry(
        Kind.RELEASED,
        id=LOCK,
        batch=stage.id,
        account="Borealis",
        amount_g=4 * T,
        intervals=(interval,),
    )
    assert stage.icr.release(stage.lock, 4) == (f"{SERIALS} 1-4",)
    assert stage.new_entries() == [expected]
    assert stage.totals() == Totals(
        issued_g=1_000 * T,
        active_g=954 * T,
        locked_g=36 * T,
        retired_g=5 * T,
        cancelled_g=5 * T,
        exported_g=0,
    )
    assert stage.holding("Borealis") == Holding(
        balance_g=254 * T, pledged_g=20 * T, frozen_g=0, retired_g=5 * T
    )
    assert stage.icr.intervals(stage.lock) == (serials(5, 10),)
    assert stage.available() == Available(released=(interval,), cursor_g=50 * T, end_g=1_000 * T)
    stage.logged(
        (
            "TransferSingle",
            {
                "operator": "@operator",
                "from": "nobody",
                "to": "Borealis",
                "id": stage.id,
                "value": 4 * T,
            },
        ),
        (
            "CreditsReleased",
            {
                "id": LOCK,
                "batch": stage.id,
                "holder": "Borealis",
                "amount": 4 * T,
                "intervals": [interval.packed],
            },
        ),
    )


def test_release_without_an_amount_gives_back_the_rest(stage: Stage) -> None:
    stage.icr.release(stage.lock, "9.999999")
    assert stage.icr.release(stage.lock) == (f"{SERIALS} 0.000001 t of 10 from 0.999999 t",)
    assert stage.icr.intervals(stage.lock) == ()
    assert stage.available().released == (serials(1, 10),)
    stage.refuses(errors.NotLocked(LOCK), lambda: stage.icr.release(stage.lock))
    stage.refuses(errors.NotLocked(LOCK), lambda: stage.apply(release(stage, amount_g=1)))


def test_release_works_when_paused_closed_and_frozen(stage: Stage) -> None:
    stage.icr.pause()
    stage.icr.freeze(stage.batch, 1_000, "Borealis")
    stage.world.close_account("Borealis")
    stage.icr.release(stage.lock)
    assert stage.holding("Borealis").balance_g == 260 * T


def test_release_rolls_the_cursor_back_where_it_touches(stage: Stage) -> None:
    first = stage.icr.lock(stage.batch, 7, "Acme", "")
    second = stage.icr.lock(stage.batch, 3, "Acme", "")
    stage.icr.release(first)
    assert stage.available() == Available(
        released=(serials(51, 57),), cursor_g=60 * T, end_g=1_000 * T
    )
    stage.icr.release(second)
    assert stage.available() == Available(released=(), cursor_g=50 * T, end_g=1_000 * T)


def test_release_lets_credits_be_used_again(stage: Stage) -> None:
    stage.icr.release(stage.lock, 4)
    retirement = stage.icr.retire(stage.batch, 2, "Acme", *CLAIM_ARGS)
    assert retirement.intervals == (serials(1, 2),)
    assert stage.available().released == (serials(3, 4),)


def test_lock_of_a_gram_is_released_as_a_gram(stage: Stage) -> None:
    locked = stage.icr.lock(stage.batch, "0.000001", "Acme", "")
    assert locked.intervals == (Interval(50 * T, 50 * T + 1),)
    stage.icr.release(locked)
    assert stage.available() == Available(released=(), cursor_g=50 * T, end_g=1_000 * T)


def test_lock_takes_part_of_the_released_stack_before_the_cursor(stage: Stage) -> None:
    stage.icr.release(stage.lock)
    smaller = stage.icr.lock(stage.batch, 3, "Acme", "")
    larger = stage.icr.lock(stage.batch, 8, "Acme", "")
    assert smaller.intervals == (serials(1, 3),)
    assert larger.intervals == (serials(51, 58),)
