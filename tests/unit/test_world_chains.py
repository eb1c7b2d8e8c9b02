"""Worlds with several chains or another serial guard: options, registries' places, what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from registry.chain.chains import ChainsLedger
from registry.chain.engine import CHAIN_ID
from registry.errors import SerialAlreadyClaimed
from registry.kept.folder import Settings
from registry.kept.opening import GUARDS, WorldError, settings_of
from registry.ledger.model import ModelLedger
from registry.records import action as act
from registry.records.entry import Kind, digest
from registry.records.identity import batch_id
from registry.world import World
from tests import kept
from tests.chain import CHAIN, ENGINES
from tests.kept import LAG_S, SEED, STEPS, differences_of, lead, picture


def on_two_chains(path: Path | None, engine: str, **options: Any) -> World:
    """Open a world whose second registry is on the second chain."""
    world = World.open(path, seed=SEED, engine=engine, start=kept.START, chains=2, **options)
    world.registry("ICR")
    world.registry("EcoRegistry", lag_s=LAG_S, chain=2)
    return world


# Options.


@pytest.mark.parametrize("guard", ["", "Interval", "serial", 1, True, ["none"], b"none"])
def test_open_refuses_a_guard(guard: Any) -> None:
    with pytest.raises(WorldError, match="guard"):
        World.open(engine="model", guard=guard)


@pytest.mark.parametrize(
    "chains",
    [0, -1, 9, "2", 2.0, True, [2], pytest.param(10**5_000, id="10^5000")],
)
def test_open_refuses_a_number_of_chains(chains: Any) -> None:
    for engine in ENGINES:
        with pytest.raises(WorldError, match=r"^chains .*: expected an int from 1 to 8"):
            World.open(engine=engine, chains=chains)


def test_a_node_is_one_chain() -> None:
    with pytest.raises(WorldError, match=r"rpc:http://127\.0\.0\.1:1 is one chain"):
        World.open(engine="rpc:http://somebody:secret@127.0.0.1:1", chains=2)


def test_settings_say_guard_and_chains() -> None:
    usual = settings_of(7, "model", None, None)
    assert (usual.guard, usual.chains) == ("interval", 1)
    others = {settings_of(7, "model", None, None, guard, n) for guard in GUARDS for n in (1, 2)}
    assert usual in others
    assert len({settings.digest for settings in others}) == len(others) == 6
    assert Settings._fields[-2:] == ("guard", "chains")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_world_is_on_one_chain_unless_told_otherwise(engine: str) -> None:
    with World.open(engine=engine) as world:
        assert (world.guard, world.chains) == ("interval", 1)
        assert world.registry("ICR").profile.chain == 1
        assert world.entries()[0].chain is None
        for chain in (0, 2, "1", True, 1.0, [1]):
            with pytest.raises(WorldError, match=r"^chain .*: expected an int from 1 to 1"):
                world.registry("EcoRegistry", chain=chain)  # type: ignore[arg-type]
        assert len(world.registries) == 1
        assert world.registry("EcoRegistry", chain=1).profile.chain == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_registry_is_on_the_chain_that_was_asked_for(engine: str) -> None:
    with on_two_chains(None, engine) as world:
        assert [profile.chain for profile in world.registries] == [1, 2]
        assert [entry.chain for entry in world.entries()] == [None, 2]
        assert world.registry("EcoRegistry").profile.chain == 2
        assert world.registry("EcoRegistry", chain=2).profile.chain == 2
        with pytest.raises(WorldError, match="'EcoRegistry' is open on chain 2"):
            world.registry("EcoRegistry", chain=1)
        with pytest.raises(WorldError, match="'ICR' is open on chain 1"):
            world.registry("ICR", chain=2)
        with pytest.raises(WorldError, match="chain 3: expected an int from 1 to 2"):
            world.registry("Harbour", chain=3)
        before = world.now_s, len(world.entries())
        with pytest.raises(WorldError, match="chain 3: expected an int from 1 to 2"):
            world.apply(act.OpenRegistry(registry="Harbour", native=True, chain=3))
        assert (world.now_s, len(world.entries())) == before
        assert world.registry("Harbour").profile.chain == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_checkpoint_forgets_where_a_registry_was(engine: str) -> None:
    with on_two_chains(None, engine) as world:
        with world.checkpoint():
            world.registry("Harbour", chain=2)
            world.account("Acme")
        assert len(world.registries) == 2
        assert world.registry("Harbour", chain=1).profile.chain == 1


def test_a_registry_opened_behind_our_back_is_learned_with_its_chain() -> None:
    with on_two_chains(None, CHAIN) as world:
        opening = act.OpenRegistry(registry="Harbour", native=False, chain=2)
        world.ledger.apply(opening, world.now_s + 1)
        world.settle()
        harbour = world.registry("Harbour").profile
        assert (harbour.mode, harbour.chain) == ("mirrored", 2)


def test_a_life_is_the_same_on_one_chain_and_on_two() -> None:
    lives = {}
    for engine in ENGINES:
        with on_two_chains(None, engine) as world:
            lead(world)
            assert world.is_conserved()
            assert world.audit() == ()
            lives[engine] = [entry.line() for entry in world.entries()]
    with World.open(seed=SEED, engine="model", start=kept.START) as world:
        lead(world)
        usual = [entry.line() for entry in world.entries()]
    assert lives["model"] == lives[CHAIN]
    assert len(usual) == len(lives["model"])
    differing = [pair for pair in zip(usual, lives[CHAIN], strict=True) if pair[0] != pair[1]]
    assert [Kind.REGISTRY_OPENED.value in one for one, _ in differing] == [True]


def test_several_chains_are_mirrored_and_have_coordinates() -> None:
    with on_two_chains(None, CHAIN) as world:
        lead(world)
        assert world.mirror.digest() == digest(world.entries())
        places = world.ledger.coordinates  # type: ignore[attr-defined]
        registries = [entry.registry for entry in world.entries()]
        chains = {
            (registry, place.chain_id - CHAIN_ID + 1)
            for registry, place in zip(registries, places, strict=True)
        }
        assert chains == {("platform", 1), ("ICR", 1), ("EcoRegistry", 2)}
        assert world.web3.eth.chain_id == CHAIN_ID


def test_books_and_mirror_follow_a_chain_that_is_taken_back() -> None:
    with on_two_chains(None, CHAIN) as world:
        lead(world, steps=STEPS[:3])
        assert isinstance(world.ledger, ChainsLedger)
        engine = world.ledger.chains[1].engine
        before = world.mirror.digest()
        snapshot = engine.snapshot()
        world.apply(act.Pause(registry="EcoRegistry"))
        world.apply(act.Pause(registry="ICR"))
        assert world.mirror.digest() == digest(world.entries()) != before
        engine.revert(snapshot)
        engine.forget(snapshot)
        world.settle()
        assert [entry.registry for entry in world.entries()[-1:]] == ["ICR"]
        assert world.mirror.digest() == digest(world.entries()) != before
        assert world.index.next_id("EcoRegistry") == 1
        assert {book.heard for book in world.books.values()} == {len(world.entries())}
        world.apply(act.Pause(registry="EcoRegistry"))
        assert world.mirror.digest() == digest(world.entries())
        assert world.audit() == ()


@pytest.mark.parametrize("is_late", [False, True])
def test_messages_flow_again_when_the_target_s_chain_was_taken_back(is_late: bool) -> None:
    """What had been imported or voided is carried once more, and then what came after it."""
    with on_two_chains(None, CHAIN) as world:
        icr, eco = world.registry("ICR"), world.registry("EcoRegistry")
        icr.admit("EcoRegistry")
        eco.admit("ICR")
        world.account("Acme")
        project = icr.register_project("Highland forest", "IS", "AR-ACM0003", "Skogur")
        batch = icr.issue(project, 2024, 1_000, "Skogur")
        icr.export(batch, 200, "Skogur", "EcoRegistry", "Acme")
        if is_late:
            world.advance(days=2)
        assert isinstance(world.ledger, ChainsLedger)
        engine = world.ledger.chains[1].engine
        snapshot = engine.snapshot()
        first = [entry.kind for _ in range(2) for entry in world.relay()]
        engine.revert(snapshot)
        engine.forget(snapshot)
        world.settle()
        icr.export(batch, 100, "Skogur", "EcoRegistry", "Acme")
        again = [entry.kind for _ in range(2) for entry in world.relay()]
        taken = Kind.IMPORT_VOIDED if is_late else Kind.IMPORTED
        assert first[0] == taken
        assert again == [taken, Kind.IMPORTED, Kind.EXPORT_ACKNOWLEDGED]
        assert world.pending() == ()
        assert icr.totals(batch).exported_g == (100 if is_late else 300) * 1_000_000
        assert world.audit() == ()


# Guards.


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("guard", "refused"), [("interval", 2), ("exact", 1), ("none", 0)])
def test_a_guard_refuses_what_it_is_for(engine: str, guard: str, refused: int) -> None:
    with World.open(engine=engine, guard=guard) as world:
        icr = world.registry("ICR")
        forest = icr.register_project("Highland forest", "IS", "AR-ACM0003", "Skogur")
        first = icr.issue(forest, 2024, 100, "Acme")
        statement = icr.verify(forest, 2023, 500, "Veritas", "report")
        found = []
        for number, start_t, tonnes in ((11, 0, 100), (12, 50, 10)):
            order = act.IssueOrder(
                batch=batch_id(forest.number, number),
                to="Acme",
                amount_g=tonnes * 1_000_000,
                start_g=first.interval.start_g + start_t * 1_000_000,
                vintage=2023,
                statement=statement.id,
                scope=first.scope,
            )
            try:
                world.apply(act.Issue(registry="ICR", orders=(order,)))
            except SerialAlreadyClaimed as refusal:
                found.append(refusal.scope)
        assert found == [first.scope] * refused


# What is kept.


@pytest.mark.parametrize("engine", ENGINES)
def test_a_world_of_two_chains_opened_again_is_the_one_that_was_closed(
    engine: str, tmp_path: Path
) -> None:
    with on_two_chains(None, engine) as world:
        lead(world)
        whole = picture(world)
    known: kept.Known = {}
    world = on_two_chains(tmp_path, engine)
    for at, step in enumerate(STEPS):
        if at % 5 == 2:
            world.close()
            world = World.open(tmp_path)
        step(world, known)
    assert differences_of(picture(world), whole) == []
    world.close()
    for read_only in (True, False):
        with World.open(tmp_path, read_only=read_only, chains=2) as world:
            assert differences_of(picture(world), whole) == []
            assert world.audit() == ()
            assert world.chains == 2
            assert [profile.chain for profile in world.registries] == [1, 2]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_kept_world_keeps_its_guard_and_its_chains(engine: str, tmp_path: Path) -> None:
    with World.open(tmp_path, engine=engine, guard="exact", chains=2) as world:
        world.account("Acme")
    for asked in ({"guard": "interval"}, {"guard": "none"}, {"chains": 1}, {"chains": 3}):
        (name,) = asked
        for read_only in (False, True):
            with pytest.raises(WorldError, match=f"the world there has {name}"):
                World.open(tmp_path, read_only=read_only, **asked)  # type: ignore[arg-type]
    for options in ({}, {"guard": "exact"}, {"guard": "exact", "chains": 2}):
        with World.open(tmp_path, **options) as world:  # type: ignore[arg-type]
            assert (world.guard, world.chains) == ("exact", 2)
            ledger = world.ledger
            if isinstance(ledger, ChainsLedger):
                assert {chain.platform.guarding for chain in ledger.chains} == {"ExactSerial"}
            else:
                assert isinstance(ledger, ModelLedger)
                assert ledger._state.guard == "exact"


def test_what_is_refused_on_the_second_chain_leaves_nothing_on_disk(tmp_path: Path) -> None:
    with on_two_chains(tmp_path, CHAIN) as world:
        before = picture(world)
        with pytest.raises(Exception, match="Nobody"):
            world.apply_many(
                [
                    act.OpenAccount(account="Acme"),
                    act.Pause(registry="EcoRegistry"),
                    act.CloseAccount(account="Nobody"),
                ]
            )
        assert differences_of(picture(world), before) == []
    with World.open(tmp_path) as world:
        assert differences_of(picture(world), before) == []
