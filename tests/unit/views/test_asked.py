"""What can be asked about: whatever text and records steps return, at any registry of a world."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import AmbiguousSerial, IdentifierError
from registry.operators.numbering import describe_or_measure, read_described
from registry.records.interval import Interval
from registry.records.result import Batch
from registry.units import AMOUNT_MAX_G
from registry.world import World

T = 1_000_000
HOMES = ["EcoRegistry", "ICR", "Verra-like", "Gold Standard-like", "S&P", "Slashes"]
OWN = 'name: {name}\nmode: native\nserials: {{scope: "{scope}"}}\n'
SCOPES = [
    "CDC_1_1_1_321_14_XX_XA_CO_1_1_2024",
    "ICR-ISL-354-1-14-A-0-2024",
    "Harbour-KE-1-2024",
    "Verra-like:7-#-VCS-VCU-1-VER-BR-14-1-01012024-31122024-0",
    "From nought:0:KE + 5/1-5 #",
    "Ours:0:KE.1",
    "no grammar's # scope",
]


def own(tmp_path: Path, name: str, scope: str) -> Path:
    path = tmp_path / f"{name}.yaml"
    path.write_text(OWN.format(name=name, scope=scope))
    return path


def issued(world: World, tmp_path: Path, name: str, tonnes: int = 100) -> Batch:
    slashes = own(tmp_path, "Slashes", "{country}/{project} + {vintage} {block}")
    registry = world.registry(slashes if name == "Slashes" else name)
    project = registry.register_project("Sierra", "CO", "AR-ACM0003", "Bosques")
    return registry.issue(project, 2024, tonnes, "Bosques")


@pytest.fixture
def world():
    with World.open(seed=4, engine="model") as world:
        yield world


@given(
    st.sampled_from(SCOPES),
    st.integers(0, 3 * T) | st.sampled_from([0, T, 7 * T, AMOUNT_MAX_G // T * T - T]),
    st.integers(1, 3 * T) | st.sampled_from([T, 5 * T]),
)
def test_what_is_printed_reads_back_in_its_own_scope_only(
    scope: str, start_g: int, amount_g: int
) -> None:
    interval = Interval(start_g, min(start_g + amount_g, AMOUNT_MAX_G))
    (text,) = describe_or_measure(scope, (interval,))
    read = {other: read_described(other, text) for other in SCOPES}
    assert {other: grams for other, grams in read.items() if grams} == {scope: interval}


@pytest.mark.parametrize("name", HOMES)
def test_every_text_of_a_life_is_traced_with_fractions_and_abroad(
    world: World, tmp_path: Path, name: str
) -> None:
    batch = issued(world, tmp_path, name)
    home, abroad = world.registry(name), world.registry("Harbour")
    (there,) = world.transfer_between(batch, "10.5", "Bosques", "Acme", abroad).batches
    retired = abroad.retire(there, "0.25", "Acme", "Air", "voluntary")
    inside = abroad.retire(there, "0.25", "Acme", "Air", "voluntary")
    cancelled = abroad.cancel(there, "3.5", "Acme", "broken")
    locked = home.lock(batch, "2.75", "Bosques", "dispute")
    for record in (there, retired, inside, cancelled, locked):
        (text,) = record.serials
        (grams,) = (record.interval,) if isinstance(record, Batch) else record.intervals
        trace = world.trace(text)
        assert (trace.scope, trace.intervals) == (batch.scope, (grams,))
        assert world.trace(record) == trace
    assert world.trace(inside.serials[0]).places[-1].state == "retired"
    everything = world.trace(batch.scope)
    assert sum(place.interval.amount_g for place in everything.places) == 110_500_000


def test_record_of_several_intervals_is_traced_without_what_lies_between(
    world: World, tmp_path: Path
) -> None:
    batch = issued(world, tmp_path, "EcoRegistry")
    eco = world.registry("EcoRegistry")
    held = [eco.lock(batch, 10, "Bosques", str(at)) for at in range(5)]
    for lock in held[::2]:
        eco.release(lock)
    retired = eco.retire(batch, 70, "Bosques", "Air", "voluntary")
    assert len(retired.intervals) > 1
    trace = world.trace(retired)
    assert trace.intervals == tuple(sorted(retired.intervals))
    assert {place.state for place in trace.places} == {"retired"}
    assert sum(place.interval.amount_g for place in trace.places) == 70 * T
    assert trace.interval == Interval(trace.intervals[0].start_g, trace.intervals[-1].end_g)


def test_request_export_and_what_was_given_up_are_traced(world: World, tmp_path: Path) -> None:
    batch = issued(world, tmp_path, "EcoRegistry")
    eco, icr = world.registry("EcoRegistry"), world.registry("ICR")
    world.account("Acme")
    eco.admit("ICR")
    icr.admit("EcoRegistry")
    way = "immobilise-and-mirror"
    (mirrored,) = world.transfer_between(batch, 10, "Bosques", "Acme", icr, way).batches
    given_up = icr.unmirror(mirrored, 4, "Acme")
    request = eco.request_retirement(batch, 5, "Bosques", "Air", "voluntary")
    export = eco.export(batch, 5, "Bosques", "ICR", "Acme")
    states = [
        [(place.registry, place.state) for place in world.trace(record).places]
        for record in (given_up, request, export)
    ]
    assert states == [
        [("EcoRegistry", "locked"), ("ICR", "exported")],
        [("EcoRegistry", "locked")],
        [("EcoRegistry", "exported")],
    ]


def test_other_spellings_of_a_known_grammar_find_what_is_printed(
    world: World, tmp_path: Path
) -> None:
    batch = issued(world, tmp_path, "Verra-like")
    (text,) = batch.serials
    padded = text.replace("1-1-100-", "01-001-0100-", 1).lower()
    assert world.trace(f"  {padded}\n") == world.trace(text)
    assert world.trace(text.replace("-", "\N{EN DASH}")) == world.trace(batch)


def test_text_that_two_registries_print_needs_its_scope(world: World, tmp_path: Path) -> None:
    batches = []
    for name, tonnes in (("One", 10), ("Other", 20)):
        registry = world.registry(own(tmp_path, name, "X-{country}-{project}-{block}"))
        project = registry.register_project("Sierra", "CO", "AR-ACM0003", "Bosques")
        batches.append(registry.issue(project, 2024, tonnes, "Bosques"))
    with pytest.raises(AmbiguousSerial, match=r"One:X-CO-1-# and Other:X-CO-1-#$") as refused:
        world.trace("X-CO-1-3-5")
    assert refused.value.scopes == tuple(batch.scope for batch in batches)
    (place,) = world.trace("X-CO-1-3-5", "Other:X-CO-1-#").places
    assert (place.registry, place.interval) == ("Other", Interval(2 * T, 5 * T))
    # Only one of them has issued so many, and a record says whose it is.
    assert world.trace("X-CO-1-15-15").scope == "Other:X-CO-1-#"
    assert [world.trace(batch).scope for batch in batches] == list(refused.value.scopes)


def test_refusals_say_what_is_accepted(world: World, tmp_path: Path) -> None:
    batch = issued(world, tmp_path, "Verra-like")
    with World.open(seed=4, engine="model") as elsewhere:
        foreign = issued(elsewhere, tmp_path, "EcoRegistry")
        larger = issued(elsewhere, tmp_path, "Verra-like", 200)
    only = "only these were: 1-1-100-VCS-VCU-1-VER-CO-14-1-01012024-31122024-0$"
    refused: list[tuple[object, str | None, str]] = [
        ("nonsense", None, "a text that steps print as serials here, or a public registry's"),
        ("nonsense", batch.scope, "as serials here, of Verra-like:1-#-VCS"),
        (batch.serials[0].replace("1-1-100", "1-101-101"), None, only),
        (batch.serials[0].replace("1-1-100", "9-1-100"), None, "this world; none of its scope was"),
        (batch.serials[0], "another scope", "expected a serial of another scope"),
        (batch.interval, None, "its scope besides"),
        (batch.interval, 7, "expected text, not int"),
        (foreign, None, "one that a step of this world returned"),
        (larger, None, "one that a step of this world returned"),
        (batch, "another scope", "that of the record, or none"),
        (world.account("Acme"), None, "a step's record with serials"),
    ]
    for asked, scope, message in refused:
        with pytest.raises(IdentifierError, match=message):
            world.trace(asked, scope)  # type: ignore[arg-type]
