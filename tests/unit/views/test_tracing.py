"""A serial interval followed through registries, from its project's document to certificates."""

from __future__ import annotations

import pytest

from registry.errors import IdentifierError
from registry.records.interval import Interval
from registry.views.tracing import Trace
from registry.world import World
from tests.chain import CHAIN

T = 1_000_000


@pytest.fixture(params=["model", CHAIN])
def world(request: pytest.FixtureRequest):
    with World.open(seed=4, engine=request.param) as world:
        yield world


def travelled(world: World) -> str:
    """Send 100 t abroad, split, retire 30 t there, bring 20 t home; return the batch's scope."""
    eco, icr = world.registry("EcoRegistry"), world.registry("ICR")
    project = eco.register_project("Sierra", "CO", "AR-ACM0003", "Bosques")
    eco.update_project(project, hectares=12)
    batch = eco.issue(project, 2024, 1_000, "Bosques")
    (there,) = world.transfer_between(batch, 100, "Bosques", "Acme", icr).batches
    icr.transfer(there, 40, "Acme", "Borealis")
    icr.retire(there, 30, "Borealis", "Borealis Air", "voluntary")
    world.transfer_between(there, 20, "Acme", "Bosques", eco, "relayed")
    eco.retire(batch, 5, "Bosques", "Acme Corp", "voluntary")
    return batch.scope


def told(trace: Trace) -> list[str]:
    return [str(step) for step in trace.steps]


def where(trace: Trace) -> list[tuple[str, str, int, int]]:
    return [
        (place.registry, place.state, place.interval.start_g // T, place.interval.end_g // T)
        for place in trace.places
    ]


def test_trace_leads_from_document_to_certificate(world: World) -> None:
    scope = travelled(world)
    trace = world.trace(Interval(0, 100 * T), scope)
    document, changed, verified, *rest = told(trace)
    assert document.startswith("EcoRegistry: document 1 of project 1 Sierra, root 0x")
    assert changed.startswith("EcoRegistry: document 2 of project 1 Sierra, root 0x")
    assert verified == (
        "EcoRegistry: Independent verifier of EcoRegistry verified 1000 t for 2024-01-01/2024-12-31"
    )
    assert rest == [
        "EcoRegistry: 100 t issued to Bosques",
        "EcoRegistry: 100 t left Bosques for ICR",
        "ICR: 100 t arrived from EcoRegistry for Acme",
        "ICR: 30 t retired by Borealis",
        "ICR: 30 t certificate 1 for Borealis Air, voluntary proves it",
        "ICR: 20 t left Acme for EcoRegistry",
        "EcoRegistry: 20 t came back from ICR to Bosques",
        "EcoRegistry: 5 t retirement asked for by Bosques",
        "EcoRegistry: 5 t retirement finalised for Bosques",
        "EcoRegistry: 5 t certificate 2 for Acme Corp, voluntary proves it",
    ]
    assert where(trace) == [
        ("EcoRegistry", "exported", 0, 30),
        ("EcoRegistry", "retired", 30, 35),
        ("EcoRegistry", "active", 35, 50),
        ("EcoRegistry", "exported", 50, 100),
        ("ICR", "retired", 0, 30),
        ("ICR", "exported", 30, 50),
        ("ICR", "active", 50, 100),
    ]


def test_trace_of_one_tonne_tells_only_its_own_life(world: World) -> None:
    travelled(world)
    trace = world.trace("CDC_1_1_1_321_14_XX_XA_CO_1_1_2024 from 40 to 40")
    assert trace.interval == Interval(39 * T, 40 * T)
    assert [line for line in told(trace) if "retired" in line] == []
    assert where(trace) == [("EcoRegistry", "active", 39, 40), ("ICR", "exported", 39, 40)]
    assert trace.active_at == ("EcoRegistry",)


def test_trace_of_a_whole_serial_is_of_all_its_batches(world: World) -> None:
    scope = travelled(world)
    everything = world.trace(scope)
    assert sum(place.interval.amount_g for place in everything.places) == 1_100 * T
    assert len(told(everything)) == len(set(told(everything)))


def test_trace_prints_what_it_knows(world: World) -> None:
    scope = travelled(world)
    text = str(world.trace(Interval(0, T), scope))
    assert text.splitlines()[-2:] == [
        "EcoRegistry: CDC_1_1_1_321_14_XX_XA_CO_1_1_2024 from 1 to 1 exported",
        "ICR: CDC_1_1_1_321_14_XX_XA_CO_1_1_2024 from 1 to 1 retired",
    ]


@pytest.mark.parametrize(
    ("asked", "scope"),
    [
        ("no serial", None),
        ("CDC_9_1_1_321_14_XX_XA_CO_1_1_2024 from 1 to 5", None),
        (Interval(0, T), None),
        (Interval(0, T), "another scope"),
        (Interval(T, T), "CDC_1_1_1_321_14_XX_XA_CO_1_1_2024"),
        (Interval(5_000 * T, 5_001 * T), "CDC_1_1_1_321_14_XX_XA_CO_1_1_2024"),
        ((1, 2, 3), "CDC_1_1_1_321_14_XX_XA_CO_1_1_2024"),
        (7, "CDC_1_1_1_321_14_XX_XA_CO_1_1_2024"),
    ],
)
def test_trace_refuses_what_was_never_issued(world: World, asked: object, scope: str) -> None:
    travelled(world)
    with pytest.raises(IdentifierError):
        world.trace(asked, scope)  # type: ignore[arg-type]
