"""Exports of books with credits that crossed, or are only expected: said as such, or refused."""

from __future__ import annotations

import csv
import io

import pytest

from registry.errors import ExportError
from registry.exporting import export_book
from registry.records.identity import is_ex_ante
from registry.records.result import Batch
from registry.world import World


def crossed(source: str) -> tuple[World, Batch]:
    """A world in which 400 of 1000 t left `source` and 100 came back."""
    world = World.open(seed=5, engine="model")
    home = world.registry(source)
    world.registry("Gold" if source == "ICR" else "ICR")
    target = "Gold" if source == "ICR" else "ICR"
    project = home.register_project("Andes", "CO", "AMS-II.G", developer="Dev")
    batch = home.issue(project, vintage=2024, tonnes=1_000, to="Acme")
    (there,) = world.transfer_between(batch, 400, "Acme", "Bob", target, "relayed").batches
    world.transfer_between(there, 100, "Bob", "Cedar", source, "relayed")
    return world, there


def table(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode())))


def test_cad_trust_says_what_is_at_other_registries() -> None:
    world, _ = crossed("EcoRegistry")
    with world:
        units = table(export_book(world, "EcoRegistry", "cad-trust").files, "units.csv")
    counts: dict[str, int] = {}
    for unit in units:
        status = unit["unitStatus"]
        counts[status] = counts.get(status, 0) + int(unit["unitCount"])
    assert counts == {"Held": 700, "Exported": 300}
    assert {unit["unitStatusReason"] for unit in units if unit["unitStatus"] == "Exported"} == {
        "Exported to ICR"
    }


def test_icr_holders_hold_what_is_there() -> None:
    world, _ = crossed("ICR")
    with world:
        holders = table(export_book(world, "ICR", "icr").files, "holders.csv")
    assert {(row["assetType"], int(row["supply"])) for row in holders} == {("exPost", 700 * 10**18)}


def expected() -> World:
    world = World.open(seed=5, engine="model")
    icr = world.registry("ICR")
    project = icr.register_project("Highland", "IS", "AR-ACM0003", developer="Dev")
    icr.issue_ex_ante(project, vintage=2024, tonnes=500, to="Acme")
    icr.issue(project, vintage=2024, tonnes=200, to="Acme")
    return world


@pytest.mark.parametrize("format", ["icr", "verra", "cad-trust"])
def test_formats_without_expected_credits_refuse_them(format: str) -> None:
    with expected() as world, pytest.raises(ExportError) as caught:
        export_book(world, "ICR", format)
    assert caught.value.batch is not None and is_ex_ante(caught.value.batch)


@pytest.mark.parametrize(
    ("name", "format"), [("EcoRegistry", "ecoregistry"), ("EcoRegistry", "verra")]
)
def test_formats_without_a_word_for_it_refuse_what_is_at_other_registries(
    name: str, format: str
) -> None:
    world, _ = crossed(name)
    with world, pytest.raises(ExportError, match="no credits at other registries"):
        export_book(world, name, format)


@pytest.mark.parametrize("format", ["icr", "ecoregistry", "verra", "cad-trust"])
def test_no_format_says_what_came_from_another_registry(format: str) -> None:
    world, there = crossed("EcoRegistry")
    with world, pytest.raises(ExportError) as caught:
        export_book(world, there.registry, format)
    assert caught.value.batch == there.batch


def test_formats_say_again_what_has_come_back() -> None:
    world, there = crossed("EcoRegistry")
    with world:
        world.transfer_between(there, 300, "Bob", "Cedar", "EcoRegistry", "atomic")
        for format in ("ecoregistry", "verra", "cad-trust"):
            assert export_book(world, "EcoRegistry", format).files
