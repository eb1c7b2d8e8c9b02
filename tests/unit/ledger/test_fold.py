"""Whether totals are what happened, asked of a ledger that tells the truth and of ones that lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from registry.ledger.fold import is_conserved
from registry.ledger.model import ModelLedger
from registry.records.entry import Entry, Kind
from registry.records.interval import Interval
from registry.simulate.pilot import Pilot
from registry.world import World
from tests.unit.ledger.ledgers import crossings, new_model, play, preparation

LIES: dict[str, Callable[[Entry], dict[str, Any]]] = {
    "less was issued": lambda entry: {"amount_g": entry.amount_g - 1},
    "another amount was retired": lambda entry: {"amount_g": entry.amount_g + 1},
    "other serials were retired": lambda _: {"intervals": (Interval(0, 1),)},
}


@pytest.fixture(scope="module")
def world() -> World:
    world = World.open(seed=5, engine="model")
    Pilot(world).run(with_faults=False)
    return world


def test_totals_of_a_whole_year_are_the_sum_of_its_entries(world: World) -> None:
    assert world.is_conserved()


@pytest.mark.parametrize(
    ("lie", "kind"), list(zip(LIES, (Kind.ISSUED, Kind.RETIRED, Kind.RETIRED), strict=True))
)
def test_totals_are_not_the_sum_of_other_entries(world: World, lie: str, kind: Kind) -> None:
    entries = list(world.entries())
    at = next(place for place, entry in enumerate(entries) if entry.kind is kind)
    entries[at] = entries[at].model_copy(update=LIES[lie](entries[at]))
    assert not is_conserved(world.ledger, entries)


def test_totals_miss_an_entry_that_is_left_out(world: World) -> None:
    for kind in (Kind.LOCKED, Kind.RELEASED, Kind.RETIREMENT_FINALISED, Kind.RETIREMENT_REVERTED):
        entries = list(world.entries())
        entries.remove(next(entry for entry in entries if entry.kind is kind))
        assert not is_conserved(world.ledger, entries), kind


def test_a_transfer_of_what_nobody_has_is_no_sum(world: World) -> None:
    entries = list(world.entries())
    moved = next(entry for entry in entries if entry.kind is Kind.TRANSFERRED)
    entries.append(moved.model_copy(update={"account": "Nobody"}))
    assert not is_conserved(world.ledger, entries)


@pytest.fixture(scope="module")
def crossed() -> ModelLedger:
    """A ledger between whose registries some of everything passed."""
    ledger = new_model()
    play(ledger, preparation())
    play(ledger, crossings(ledger))
    return ledger


def test_totals_of_what_passes_between_registries_are_the_sum_too(crossed: ModelLedger) -> None:
    assert is_conserved(crossed, crossed.entries)


@pytest.mark.parametrize(
    "kind", [Kind.EXPORTED, Kind.IMPORTED, Kind.RETURNED, Kind.EXPORT_COMPENSATED]
)
def test_totals_miss_each_entry_that_passes_between_registries(
    crossed: ModelLedger, kind: Kind
) -> None:
    every = list(crossed.entries)
    found = [at for at, entry in enumerate(every) if entry.kind is kind]
    assert found
    for at in found:
        assert not is_conserved(crossed, every[:at] + every[at + 1 :])
        more = every[at].model_copy(update={"amount_g": (every[at].amount_g or 0) + 1})
        assert not is_conserved(crossed, [*every[:at], more, *every[at + 1 :]])
        elsewhere = every[at].model_copy(update={"account": "Nobody"})
        if kind is Kind.EXPORTED:
            assert not is_conserved(crossed, [*every[:at], elsewhere, *every[at + 1 :]])


def test_answers_move_nothing(crossed: ModelLedger) -> None:
    silent = {Kind.EXPORT_ACKNOWLEDGED, Kind.IMPORT_VOIDED, Kind.PEER_ADMITTED}
    rest = [entry for entry in crossed.entries if entry.kind not in silent]
    assert len(rest) < len(crossed.entries)
    assert is_conserved(crossed, rest)
