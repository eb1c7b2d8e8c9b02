"""What a registry does at its own bridge, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from registry import errors
from registry.desk.registries import Registry
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.result import Batch
from registry.units import DAY_S
from registry.world import World

T = 1_000_000


class Bridged(NamedTuple):
    """EcoRegistry with 1,000 t that it may send to ICR."""

    world: World
    eco: Registry
    icr: Registry
    batch: Batch


@pytest.fixture
def bridged() -> Iterator[Bridged]:
    """A world on the model."""
    with World.open(engine="model", seed=5) as world:
        eco, icr = world.registry("EcoRegistry"), world.registry("ICR")
        eco.admit("ICR")
        icr.admit("EcoRegistry")
        project = eco.register_project("Sierra", "CO", "AR", "Bosques")
        yield Bridged(world, eco, icr, eco.issue(project, 2023, 1_000, "Bosques"))


def test_export_refuses_what_is_no_number_of_days(bridged: Bridged) -> None:
    with pytest.raises(errors.ActionError, match="days"):
        bridged.eco.export(bridged.batch, 10, "Bosques", "ICR", "Nob", days=1.5)  # type: ignore[arg-type]


@pytest.mark.parametrize("tonnes", [0, 1_001])
def test_export_opens_no_account_when_it_is_refused(bridged: Bridged, tonnes: int) -> None:
    entries = len(bridged.world.entries())
    with pytest.raises(errors.RegistryError):
        bridged.eco.export(bridged.batch, tonnes, "Bosques", "ICR", "Nob")
    with pytest.raises(errors.RegistryError):
        bridged.eco.export(bridged.batch, 10, "Bosques", "Nobody's", "Nob")
    assert len(bridged.world.entries()) == entries
    assert "Nob" not in bridged.world.knowledge.roster.accounts


def test_export_opens_the_account_that_is_to_get_the_credits(bridged: Bridged) -> None:
    world, eco, icr, batch = bridged
    sent = eco.export(batch, 10, "Bosques", "ICR", "Nob")
    assert sent.deadline_s == world.entries()[-1].at_s - 1 + DAY_S
    world.relay()
    (arrived,) = (entry for entry in world.entries() if entry.kind is Kind.IMPORTED)
    assert (arrived.account, arrived.registry) == ("Nob", "ICR")
    assert icr.holding(world.batch("ICR", arrived.batch or 0), "Nob").balance_g == 10 * T
    assert world.audit(rules=["AC-1"]) == ()


def test_export_that_came_home_is_no_finding_for_an_account_that_nobody_has(
    bridged: Bridged,
) -> None:
    world, eco, _, batch = bridged
    world.apply(
        act.Export(
            registry="EcoRegistry",
            by="Bosques",
            id=world.index.next_id("EcoRegistry"),
            batch=batch.batch,
            amount_g=10 * T,
            target="ICR",
            to="Nob",
            deadline_s=world.now_s + DAY_S,
        )
    )
    (finding,) = world.audit(rules=["AC-1"])
    assert finding.amount_g == 10 * T
    world.advance(days=2)
    world.relay()
    world.relay()
    assert eco.totals(batch).active_g == 1_000 * T
    assert world.audit(rules=["AC-1", "MR-2"]) == ()
