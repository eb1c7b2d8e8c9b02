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


@pytest.fixture
def sierra():
    """A world in which EcoRegistry issued 1,000 t to Bosques, and ICR is open."""
    with World.open(seed=4, engine="model") as world:
        eco = world.registry("EcoRegistry")
        world.registry("Verra-like")
        project = eco.register_project("Sierra", "CO", "AR-ACM0003", "Bosques")
        yield world, eco, eco.issue(project, 2024, 1_000, "Bosques")


HOME = "CDC_1_1_1_321_14_XX_XA_CO_1_1_2024"
ISSUED = "VCS-VCU-1-VER-CO-14-1-01012024-31122024-0"


def linked(trace: Trace) -> list[str]:
    return [line for line in told(trace) if "issued anew" in line or "in place of" in line]


@pytest.mark.parametrize("protocol", ["cancel-and-reissue", "retire-and-reissue"])
def test_trace_says_on_both_sides_what_a_conversion_replaced(sierra, protocol: str) -> None:
    world, _, batch = sierra
    (there,) = world.transfer_between(batch, 100, "Bosques", "Acme", "Verra-like", protocol).batches
    before = f"EcoRegistry: 100 t issued anew at Verra-like as 1-1-100-{ISSUED}"
    assert linked(world.trace(batch)) == [before]
    after = f"Verra-like: 100 t in place of {HOME} from 1 to 100 of EcoRegistry"
    assert linked(world.trace(there)) == [after]
    steps = told(world.trace(there))
    assert steps.index(after) == steps.index("Verra-like: 100 t issued to Acme") + 1


def test_trace_of_part_of_a_conversion_claims_no_link_of_grams(sierra) -> None:
    world, _, batch = sierra
    world.transfer_between(batch, 100, "Bosques", "Acme", "Verra-like", "cancel-and-reissue")
    assert linked(world.trace(f"{HOME} from 7 to 7")) == [
        f"EcoRegistry: 1 t issued anew at Verra-like, among 1-1-100-{ISSUED}: "
        "the link is of amounts, not of grams"
    ]
    assert linked(world.trace(f"1-7-7-{ISSUED}")) == [
        f"Verra-like: 1 t in place of some of {HOME} from 1 to 100 of EcoRegistry: "
        "the link is of amounts, not of grams"
    ]


def test_trace_says_where_only_the_order_tells_conversions_apart(sierra) -> None:
    world, _, batch = sierra
    for tonnes in (100, 100, 50):
        world.transfer_between(batch, tonnes, "Bosques", "Acme", "Verra-like", "cancel-and-reissue")
    assert linked(world.trace(batch)) == [
        f"EcoRegistry: 100 t issued anew at Verra-like as 1-1-100-{ISSUED} "
        "(tied by order: 2 conversions would fit)",
        f"EcoRegistry: 100 t issued anew at Verra-like as 2-101-200-{ISSUED} "
        "(tied by order: 2 conversions would fit)",
        f"EcoRegistry: 50 t issued anew at Verra-like as 3-201-250-{ISSUED}",
    ]


def test_trace_of_what_was_issued_anew_first_says_that_nothing_left_yet(sierra) -> None:
    world, _, batch = sierra
    passage = world.start_transfer(
        batch, 100, "Bosques", "Acme", "Verra-like", "cancel-and-reissue"
    )
    passage.step()
    assert linked(world.trace(f"1-1-100-{ISSUED}")) == [
        "Verra-like: 100 t in place of credits of EcoRegistry project 1; "
        "none that left it is tied to these"
    ]
    assert linked(world.trace(batch)) == []


def test_trace_of_credits_issued_by_hand_tells_no_origin(sierra) -> None:
    world, eco, batch = sierra
    (there,) = world.transfer_between(
        batch, 100, "Bosques", "Acme", "Verra-like", "by-hand"
    ).batches
    eco.cancel(batch, 5, "Bosques", "conversion to nowhere")
    assert linked(world.trace(there)) == linked(world.trace(batch)) == []


def test_trace_tells_of_a_conversion_whose_source_left_in_pieces(sierra) -> None:
    world, eco, batch = sierra
    held = [eco.lock(batch, 10, "Bosques", str(at)) for at in range(2)]
    eco.release(held[0])
    world.transfer_between(batch, 990, "Bosques", "Acme", "Verra-like", "cancel-and-reissue")
    among = f"issued anew at Verra-like, among 1-1-990-{ISSUED}"
    assert linked(world.trace(batch)) == [
        f"EcoRegistry: {tonnes} t {among}: the link is of amounts, not of grams"
        for tonnes in (10, 980)
    ]
    assert linked(world.trace(f"1-1-990-{ISSUED}")) == [
        f"Verra-like: 990 t in place of {HOME} from 1 to 10, {HOME} from 21 to 1000 of EcoRegistry"
    ]
