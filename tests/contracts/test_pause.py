"""Pausing a registry: nobody moves credits but the regulator; what is locked can be given back."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.records import action as act
from registry.records.entry import Kind
from tests.contracts.stage import (
    CLAIM_ARGS,
    ICR,
    Rule,
    Stage,
    broken,
    check,
    not_allowed,
)


def pause(_: Stage, **changes: Any) -> act.Pause:
    return act.Pause(registry=ICR, **changes)


def unpause(_: Stage, **changes: Any) -> act.Unpause:
    return act.Unpause(registry=ICR, **changes)


PAUSED_ALREADY = Rule(
    "paused already", lambda _: errors.RegistryPaused(), {}, lambda stage: stage.icr.pause()
)
RUNNING = Rule("running", lambda _: errors.RegistryNotPaused())


@pytest.mark.parametrize("rules", broken((not_allowed("OPERATOR"), PAUSED_ALREADY)))
def test_pause_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, pause)


@pytest.mark.parametrize("rules", broken((not_allowed("OPERATOR"), RUNNING)))
def test_unpause_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, unpause)


def test_pause_and_unpause_are_entries(stage: Stage) -> None:
    totals = stage.totals()
    expected = stage.next_entry(Kind.PAUSED)
    assert stage.icr.pause() is None
    assert stage.new_entries() == [expected]
    stage.logged(("Paused", {"account": "@operator"}))
    expected = stage.next_entry(Kind.UNPAUSED)
    assert stage.icr.unpause() is None
    assert stage.new_entries() == [expected]
    stage.logged(("Unpaused", {"account": "@operator"}))
    assert stage.totals() == totals


def test_pause_stops_every_movement_of_holders_and_operator(stage: Stage) -> None:
    icr, batch = stage.icr, stage.batch
    icr.pause()
    for do in (
        lambda: icr.issue(stage.forest, 2024, 1, "Acme", stage.statement),
        lambda: icr.transfer(batch, 1, "Acme", "Bank"),
        lambda: icr.retire(batch, 1, "Acme", *CLAIM_ARGS),
        lambda: icr.retire_many([(batch, 1), (batch, 1)], "Acme", beneficiary="A", purpose="B"),
        lambda: icr.request_retirement(batch, 1, "Acme", *CLAIM_ARGS),
        lambda: icr.finalise_retirement(stage.request),
        lambda: icr.cancel(batch, 1, "Acme", ""),
        lambda: icr.lock(batch, 1, "Acme", ""),
        lambda: icr.pledge(batch, 1, "Acme", "Bank"),
        lambda: icr.foreclose(stage.pledge),
        lambda: icr.pause(),
    ):
        stage.refuses(errors.RegistryPaused(), do)
    icr.unpause()
    icr.transfer(batch, 1, "Acme", "Bank")


def test_pause_leaves_the_regulator_and_what_comes_back(stage: Stage) -> None:
    icr = stage.icr
    icr.pause()
    icr.release(stage.lock)
    icr.revert_retirement(stage.request, "")
    icr.release_pledge(stage.pledge)
    icr.freeze(stage.batch, 1, "Acme")
    icr.forced_transfer(stage.batch, 1, "Acme", "Bank", "")
    icr.update_project(stage.forest, hectares=3)
    icr.verify(stage.forest, 2023, 1, "Verifier", "report of 2023")


def test_pause_stops_one_registry_only(stage: Stage) -> None:
    stage.icr.pause()
    stage.eco.transfer(stage.eco_batch, 1, "Acme", "Bank")


def test_pause_of_a_many_action_is_seen_at_once(stage: Stage) -> None:
    stage.icr.pause()
    orders = tuple(
        act.TransferOrder(batch=stage.id, to="Bank", amount_g=amount_g) for amount_g in (0, 1)
    )
    stage.refuses(
        errors.RegistryPaused(),
        lambda: stage.apply(act.Transfer(registry=ICR, by="Acme", orders=orders)),
    )
