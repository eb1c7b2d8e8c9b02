"""A chain that is taken back under its world: what was learned from it is unlearned everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.records.entry import digest
from registry.records.result import Batch, Project
from registry.world import World
from tests.chain import ENGINES


def begun(world: World) -> tuple[Project, Batch]:
    icr = world.registry("ICR")
    forest = icr.register_project("Highland forest", "IS", "AR-ACM0003", "Skogur", hectares=12)
    return forest, icr.issue(forest, 2024, 1_000, "Skogur")


def written(world: World) -> dict[str, list[object]]:
    return {
        name: [*book.lines, *book.accounts, *book.certificates, *book.documents]
        for name, book in world.books.items()
    }


def lived(world: World, batch: Batch, buyer: str) -> None:
    icr = world.registry("ICR")
    icr.transfer(batch, 100, "Skogur", buyer)
    icr.retire(batch, 7, buyer, f"{buyer} Corp", "voluntary")
    peat = world.registry("S&P").register_project("Peat", "GB", "Peatland Code", buyer)
    world.registry("S&P").issue(peat, 2024, 50, buyer)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("is_kept", [False, True])
def test_what_a_reorganisation_takes_back_is_forgotten(
    engine: str, is_kept: bool, tmp_path: Path
) -> None:
    path = tmp_path / "world" if is_kept else None
    with (
        World.open(path, seed=5, engine=engine) as world,
        World.open(engine=engine, seed=5) as other,
    ):
        _, batch = begun(world)
        before = world.mirror.cursor()
        mark = world.ledger.snapshot()
        lived(world, batch, "Acme")
        assert world.mirror.cursor().block > before.block
        world.ledger.revert(mark)
        world.now_s = world.entries()[-1].at_s
        lived(world, batch, "Borealis")

        _, same = begun(other)
        lived(other, same, "Borealis")
        assert world.entries() == other.entries()
        assert world.mirror.digest() == digest(other.ledger.entries)
        assert written(world) == written(other)
        assert world.registries == other.registries
        assert world.audit() == ()
        assert "Acme" not in world.addresses()
        expected = (written(other), other.run_hash())
        assert world.run_hash() == expected[1]
    if path is not None:
        with World.open(path) as again:
            assert (written(again), again.run_hash()) == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_projects_and_their_documents_survive_what_came_after_them(engine: str) -> None:
    with World.open(seed=5, engine=engine) as world:
        forest, _ = begun(world)
        icr = world.registry("ICR")
        mark = world.ledger.snapshot()
        changed = icr.update_project(forest, hectares=13)
        assert icr.prove(changed, "hectares").value == "13"
        world.ledger.revert(mark)
        world.advance(days=1)
        assert icr.prove(forest, "hectares").value == "12"
        assert icr.update_project(forest, hectares=14).version == 2
        assert [document.version for document in world.books["ICR"].documents] == [1, 2]


def test_what_an_operator_wrote_of_its_own_accord_stays() -> None:
    with World.open(seed=5, engine="model") as world:
        _, batch = begun(world)
        mark = world.ledger.snapshot()
        world.registry("ICR").transfer(batch, 1, "Skogur", "Acme")
        book = world.books["ICR"]
        own = book.lines[-1].model_copy(update={"number": book.next_number, "entry": None})
        book.append(own)
        world.ledger.revert(mark)
        world.settle()
        assert [line.entry for line in book.lines] == [6, None]
