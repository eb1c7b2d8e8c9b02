"""Many actions at once in a world: clock, books, folder, and all of them or none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry import errors
from registry.kept.opening import WorldError
from registry.reconcile import reconcile
from registry.records import action as act
from registry.records.claim import Claim
from registry.records.result import Batch
from registry.world import World
from tests.kept import contents, differences_of, lead, picture

ENGINES = ("model", "auto")
CLAIM = Claim(beneficiary="Acme Corp", purpose="voluntary")


def opened(engine: str, path: Path | None = None) -> tuple[World, Batch]:
    world = World.open(path, seed=5, engine=engine)
    icr = world.registry("ICR")
    forest = icr.register_project("Highland forest", "IS", "AR-ACM0003", developer="Skogur")
    batch = icr.issue(forest, vintage=2024, tonnes=1_000, to="Skogur")
    icr.transfer(batch, 1, source="Skogur", to="Acme")
    return world, batch


def trades(world: World, batch: Batch, count: int) -> list[act.Action]:
    """Transfers and retirements in turn, then a request, which must be alone."""
    ids = world.index.next_ids("ICR", count + 1)
    moved = act.TransferOrder(batch=batch.batch, to="Acme", amount_g=1_000)
    actions: list[act.Action] = []
    for at, id in enumerate(ids[:-1]):
        retired = act.RetireOrder(id=id, batch=batch.batch, amount_g=500 + at, claim=CLAIM)
        actions.append(
            act.Retire(registry="ICR", by="Skogur", orders=(retired,))
            if at % 2
            else act.Transfer(registry="ICR", by="Skogur", orders=(moved,))
        )
    asked = act.RetireOrder(id=ids[-1], batch=batch.batch, amount_g=7, claim=CLAIM)
    deadline_s = world.now_s + 90 * 86_400
    actions.append(
        act.RequestRetirement(registry="ICR", by="Acme", order=asked, deadline_s=deadline_s)
    )
    return actions


def said(world: World) -> dict[str, Any]:
    """Say all of a world but its blocks, of which there may be fewer."""
    return {name: part for name, part in picture(world).items() if name not in {"blocks", "tables"}}


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest) -> Iterator[tuple[World, Batch]]:
    world, batch = opened(request.param)
    yield world, batch
    world.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_many_at_once_leave_the_world_that_one_by_one_leaves(engine: str) -> None:
    pictures = []
    for per_block in (None, 1, 4, 500):
        world, batch = opened(engine)
        with world:
            actions, head, now_s = trades(world, batch, 9), world.ledger.head(), world.now_s
            if per_block is None:
                made = [world.apply(action) for action in actions]
            else:
                made = [*world.apply_many(actions, per_block=per_block)]
                blocks = {1: 10, 4: 4, 500: 2}[per_block]
                assert world.ledger.head() == head + blocks
            assert [entry.at_s for (entry,) in made] == [now_s + 1 + at for at in range(10)]
            assert world.now_s == now_s + 10
            assert world.audit() == ()
            assert len(world.books["ICR"].lines) == 2 + 10
            pictures.append(said(world))
    assert all(differences_of(pictures[0], other) == [] for other in pictures[1:])


def test_run_hash_is_the_same_on_every_engine_in_blocks_of_any_size() -> None:
    hashes = set()
    for engine in (*ENGINES, "tester"):
        for per_block in (1, 3, 500):
            world, batch = opened(engine)
            with world:
                world.apply_many(trades(world, batch, 7), per_block=per_block)
                hashes.add(world.run_hash("many"))
    assert len(hashes) == 1


@pytest.mark.parametrize("at", [0, 3, 9])
@pytest.mark.parametrize("per_block", [1, 3, 500])
def test_one_that_is_refused_takes_back_all(
    place: tuple[World, Batch], at: int, per_block: int
) -> None:
    world, batch = place
    actions = trades(world, batch, 8)
    actions.insert(at, act.Pause(registry="Nowhere"))
    looks = picture(world)
    with pytest.raises(errors.UnknownRegistry) as caught:
        world.apply_many(actions, per_block=per_block)
    assert caught.value.index == at
    assert differences_of(picture(world), looks) == []
    world.apply_many(actions[:at] + actions[at + 1 :], per_block=per_block)


def test_what_is_refused_alone_in_its_block_is_named(place: tuple[World, Batch]) -> None:
    world, batch = place
    actions = trades(world, batch, 4)
    with pytest.raises(errors.IdAlreadyUsed) as caught:
        world.apply_many([*actions, actions[-1]])
    assert caught.value.index == len(actions)


def test_no_actions_are_nothing(place: tuple[World, Batch]) -> None:
    world, _ = place
    looks = picture(world)
    assert world.apply_many([]) == ()
    assert differences_of(picture(world), looks) == []


@pytest.mark.parametrize("per_block", [0, -1, 1.0, True, "1", None])
def test_apply_many_refuses_a_size_of_blocks(place: tuple[World, Batch], per_block: Any) -> None:
    with pytest.raises(WorldError, match="actions in a block"):
        place[0].apply_many([], per_block=per_block)


def test_actions_may_depend_on_earlier_blocks(place: tuple[World, Batch]) -> None:
    world, batch = place

    def told() -> Iterator[act.Action]:
        for _ in range(3):
            id = world.index.next_id("ICR")
            order = act.RetireOrder(id=id, batch=batch.batch, amount_g=5, claim=CLAIM)
            yield act.Retire(registry="ICR", by="Skogur", orders=(order,))

    made = world.apply_many(told(), per_block=1)
    assert [entry.id for (entry,) in made] == [1, 2, 3]


def test_a_registry_may_be_opened_and_used_at_once(place: tuple[World, Batch]) -> None:
    world, _ = place
    made = world.apply_many(
        [
            act.OpenAccount(account="Late"),
            act.OpenRegistry(registry="BCR", native=True),
            act.Pause(registry="BCR"),
            act.Unpause(registry="BCR"),
        ]
    )
    assert [entries[0].registry for entries in made] == ["platform", "BCR", "BCR", "BCR"]
    assert [entries[0].seq for entries in made] == sorted(entries[0].seq for entries in made)
    assert [*world.books] == ["ICR", "BCR"]


def test_many_at_once_are_taken_back_by_a_checkpoint(place: tuple[World, Batch]) -> None:
    world, batch = place
    looks = picture(world)
    with world.checkpoint():
        world.apply_many(trades(world, batch, 20), per_block=6)
        assert world.mirror.cursor().seq == len(world.entries())
    assert differences_of(picture(world), looks) == []


def test_the_mirror_has_blocks_as_the_ledger_has_them(place: tuple[World, Batch]) -> None:
    world, batch = place
    world.apply_many(trades(world, batch, 20), per_block=6)
    expected = [block for block in world.ledger.blocks(0) if block.entries]
    assert list(world.mirror.blocks()) == expected
    compared = reconcile(world, range_blocks=2)
    assert compared.is_fine


# In a folder.


@pytest.mark.parametrize("engine", ENGINES)
def test_many_at_once_are_kept_and_opened_again(engine: str, tmp_path: Path) -> None:
    world, batch = opened(engine, tmp_path / "world")
    with world:
        saved = world.archive.folder.state.number  # type: ignore[union-attr]
        world.apply_many(trades(world, batch, 20), per_block=6)
        assert world.archive.folder.state.number == saved + 1  # type: ignore[union-attr]
        looks = picture(world)
    with World.open(tmp_path / "world", rebuild=engine == "model") as world:
        assert differences_of(picture(world), looks) == []
        assert world.is_conserved()
        world.apply_many(trades(world, batch, 3))


@pytest.mark.parametrize("engine", ENGINES)
def test_many_of_which_one_is_refused_leave_nothing_on_disk(engine: str, tmp_path: Path) -> None:
    world, batch = opened(engine, tmp_path)
    with world:
        before, looks = contents(tmp_path), picture(world)
        actions = trades(world, batch, 9)
        with pytest.raises(errors.IdAlreadyUsed) as caught:
            world.apply_many([*actions, *actions], per_block=4)
        assert caught.value.index == 11
        assert differences_of(picture(world), looks) == []
        assert contents(tmp_path) == before
    with World.open(tmp_path) as world:
        assert differences_of(picture(world), looks) == []


def test_many_blocks_that_the_chain_takes_back_are_unlearned(tmp_path: Path) -> None:
    def told() -> tuple[object, ...]:
        icr = world.books["ICR"]
        return (
            world.entries(),
            world.mirror.digest(),
            world.index.next_id("ICR"),
            [*icr.lines],
            [*icr.certificates],
        )

    world, batch = opened("auto", tmp_path)
    with world:
        lead(world)
        engine = world._chain.engine
        snapshot, before = engine.snapshot(), told()
        world.apply_many(trades(world, batch, 20), per_block=6)
        assert told() != before
        engine.revert(snapshot)
        engine.forget(snapshot)
        world.settle()
        assert told() == before
        world.apply_many(trades(world, batch, 5), per_block=2)
        assert world.audit() == ()
