"""The pilot under faults: everything planted is found, and nothing else raises an alarm."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from registry.records.finding import Finding, Level
from registry.simulate.faults import FAULTS, NothingToPlant, Planted, plant
from registry.simulate.pilot import Pilot, steps
from registry.simulate.score import score
from registry.world import World
from tests.chain import CHAIN

T = 1_000_000


def pilot(seed: int, engine: str, *, with_faults: bool) -> tuple[Pilot, Any, str]:
    with World.open(seed=seed, engine=engine) as world:
        run = Pilot(world)
        result = run.run(with_faults=with_faults)
        return run, result, world.run_hash("pilot", run.findings)


@pytest.mark.parametrize("seed", range(30))
def test_pilot_finds_every_fault_and_nothing_else(seed: int) -> None:
    run, result, _ = pilot(seed, "model", with_faults=True)
    assert {key.fault for key in run.planted} == set(FAULTS)
    assert result.is_perfect, result
    assert sorted(fault for _, fault in result.found) == sorted(key.fault for key in run.planted)
    assert {finding.level for finding in run.findings} == {Level.CERTAIN}


@pytest.mark.parametrize("seed", range(1_000, 1_015))
def test_pilot_yields_no_finding_without_faults(seed: int) -> None:
    run, result, _ = pilot(seed, "model", with_faults=False)
    assert run.planted == []
    assert run.findings == result.found == ()
    assert result.is_perfect


@pytest.mark.parametrize("seed", [0, 7])
def test_pilot_runs_alike_on_contracts(seed: int) -> None:
    on_chain, result, chain_hash = pilot(seed, CHAIN, with_faults=True)
    on_model, _, model_hash = pilot(seed, "model", with_faults=True)
    assert result.is_perfect
    assert on_chain.findings == on_model.findings
    assert on_chain.retirements == on_model.retirements
    assert chain_hash == model_hash


def test_pilot_is_a_function_of_its_seed() -> None:
    first, second = (pilot(5, "model", with_faults=True) for _ in range(2))
    other = pilot(6, "model", with_faults=True)
    assert first[0].planted == second[0].planted
    assert first[2] == second[2] != other[2]


def test_pilot_reports_each_step_once() -> None:
    said: list[str] = []
    with World.open(seed=1, engine="model") as world:
        Pilot(world, said.append).run()
    assert len(said) == steps(with_faults=True)
    assert [text for text in said if text.startswith("planted")] == [
        f"planted {fault}" for fault in FAULTS
    ]


def test_pilot_findings_are_known_only_after_the_fault() -> None:
    with World.open(seed=3, engine="model") as world:
        run = Pilot(world)
        run.run()
        first = min(key.at_s for key in run.planted if key.fault != "D10")
        before = datetime.fromtimestamp(first - 1, UTC)
        late = {finding.detectable_at for finding in run.findings} - {
            finding.detectable_at for finding in world.audit(as_of=before)
        }
        assert first in late
        assert world.audit(as_of=datetime.fromtimestamp(world.now_s, UTC)) == run.findings


# Each fault in a world as small as it can be.


@pytest.fixture
def world() -> Iterator[World]:
    with World.open(seed=1, engine="model") as opened:
        yield opened


def issued(world: World, tonnes: Any, registry: str = "ICR", vintage: int = 2024) -> Any:
    where = world.registry(registry)
    known = world.index.projects.get((registry, 1))
    # Of one name at two registries it would be a candidate for one activity.
    name = f"Forest of {registry}"
    project = known[0] if known else where.register_project(name, "IS", "M", "Skogur")
    return where.issue(project, vintage, tonnes, "Acme")


@pytest.mark.parametrize("fault", FAULTS)
def test_plant_refuses_when_there_is_nothing_to_contradict(world: World, fault: str) -> None:
    with pytest.raises(NothingToPlant):
        plant(world, fault, random.Random(0))
    assert world.audit() == ()


@pytest.mark.parametrize(("fault", "least"), [("D02", 2), ("D12", 1)])
def test_plant_needs_an_amount_that_the_fault_can_split(
    world: World, fault: str, least: int
) -> None:
    issued(world, f"{least - 1}.999999")
    with pytest.raises(NothingToPlant):
        plant(world, fault, random.Random(0))
    issued(world, least, vintage=2023)
    world.advance(days=1)
    keys = plant(world, fault, random.Random(0))
    assert all(key.start_g < key.end_g for key in keys)
    assert score(keys, world.audit()).is_perfect


@pytest.mark.parametrize("seed", range(5))
def test_plant_keeps_registries_with_equal_token_ids_apart(world: World, seed: int) -> None:
    issued(world, 10)
    issued(world, 10, registry="EcoRegistry")
    issued(world, 10, registry="EcoRegistry", vintage=2023)
    rng, keys = random.Random(seed), []
    for fault in ("D02", "D12"):
        world.advance(days=1)
        keys += plant(world, fault, rng)
    assert score(keys, world.audit()).is_perfect


@pytest.mark.parametrize("registry", ["ICR", "EcoRegistry"])
def test_d10_is_a_retirement_that_the_book_lacks(world: World, registry: str) -> None:
    batch = issued(world, 10, registry=registry)
    where = world.registry(registry)
    lock = where.lock(batch, 1, "Acme", "")
    gap = where.lock(batch, 1, "Acme", "")
    where.release(lock)
    where.cancel(batch, 7, "Acme", "")
    retirement = where.retire(batch, 2, "Acme", "A", "B")
    assert len(retirement.intervals) == 2
    keys = plant(world, "D10", random.Random(0))
    assert [(key.start_g, key.end_g) for key in keys] == [*retirement.intervals]
    assert all((key.code, key.registry) == ("BR-3", registry) for key in keys)
    assert score(keys, world.audit()).is_perfect
    assert where.intervals(gap) != ()


def test_d12_is_the_far_end_of_what_still_circulates(world: World) -> None:
    batch = issued(world, 10)
    world.registry("ICR").retire(batch, 9, "Acme", "A", "B")
    (key,) = plant(world, "D12", random.Random(0))
    assert (key.code, key.start_g, key.end_g) == ("BR-2", 9 * T, 10 * T)
    assert score((key,), world.audit()).is_perfect


def test_planting_leaves_the_ledger_alone(world: World) -> None:
    batch = issued(world, 10)
    world.registry("ICR").retire(batch, 3, "Acme", "A", "B")
    entries, totals = world.entries(), world.registry("ICR").totals(batch)
    for fault in FAULTS:
        plant(world, fault, random.Random(0))
    assert world.entries() == entries
    assert world.registry("ICR").totals(batch) == totals
    assert len(world.audit()) == 3


def test_planting_is_taken_back_by_a_checkpoint(world: World) -> None:
    batch = issued(world, 10)
    world.registry("ICR").retire(batch, 3, "Acme", "A", "B")
    lines = list(world.books["ICR"].lines)
    with world.checkpoint():
        for fault in FAULTS:
            plant(world, fault, random.Random(0))
        assert world.audit() != ()
    assert world.books["ICR"].lines == lines
    assert world.audit() == ()


# The score itself.


KEY = Planted(fault="D12", code="BR-2", registry="ICR", batch=7, start_g=0, end_g=T, at_s=100)
FINDING = Finding(
    code="BR-2",
    level=Level.CERTAIN,
    registries=("ICR",),
    scope="S",
    start_g=0,
    end_g=T,
    amount_g=T,
    batch=7,
    records=("book:ICR:line 1",),
    detectable_at=100,
    cleared_at=None,
    clears_when="never",
)


def test_score_matches_a_finding_with_its_fault() -> None:
    found = score([KEY], [FINDING])
    assert found.found == ((FINDING, "D12"),)
    assert (found.missed, found.false_alarms, found.is_perfect) == ((), (), True)


@pytest.mark.parametrize(
    "change",
    [
        {"code": "BR-3"},
        {"registries": ("EcoRegistry",)},
        {"batch": 8},
        {"batch": None},
        {"start_g": 1},
        {"end_g": T - 1},
        {"start_g": None, "end_g": None},
        {"detectable_at": 101},
        {"detectable_at": None},
    ],
)
def test_score_takes_no_finding_for_a_fault_that_it_does_not_name(change: dict[str, Any]) -> None:
    other = FINDING.model_copy(update=change)
    found = score([KEY], [other])
    assert found.found == ((other, None),)
    assert found.missed == (KEY,)
    assert found.false_alarms == (other,)
    assert not found.is_perfect


def test_score_counts_one_finding_for_one_fault() -> None:
    twice = score([KEY, KEY], [FINDING])
    assert (len(twice.missed), twice.false_alarms) == (1, ())
    again = score([KEY], [FINDING, FINDING])
    assert (again.missed, again.false_alarms) == ((), (FINDING,))
    assert not twice.is_perfect and not again.is_perfect


def test_score_takes_a_finding_between_two_registries() -> None:
    both = FINDING.model_copy(update={"registries": ("EcoRegistry", "ICR")})
    assert score([KEY], [both]).is_perfect


def test_score_of_nothing_is_perfect() -> None:
    assert score([], []).is_perfect
    assert score([], [FINDING]).false_alarms == (FINDING,)
    assert score([KEY], []).missed == (KEY,)


@pytest.mark.parametrize("with_faults", [True, False])
def test_pilot_reports_as_many_steps_as_it_announces(with_faults: bool) -> None:
    told: list[str] = []
    with World.open(seed=3, engine="model") as world:
        Pilot(world, told.append).run(with_faults=with_faults)
    assert len(told) == steps(with_faults=with_faults)
