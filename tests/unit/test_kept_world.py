"""Worlds that are kept in a folder: what is opened again is what was closed, whatever happened."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.books.store import Store
from registry.chain.artifacts import artifact
from registry.chain.engine import Call
from registry.chain.ledger import ChainLedger
from registry.errors import (
    EngineClosed,
    ForeignStore,
    InputError,
    InsufficientCredits,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreMissing,
)
from registry.kept.opening import WorldError
from registry.ledger.keys import KeyRing
from registry.records import action as act
from registry.records.entry import Kind
from registry.world import World
from tests import kept
from tests.chain import CHAIN, ENGINES
from tests.kept import SEED, STEPS, contents, differences_of, lead, picture
from tests.unit.chain.engines import sent_by_web3


def made(path: Path | None, engine: str = "model", **options: Any) -> World:
    return World.open(path, seed=SEED, engine=engine, start=kept.START, **options)


@pytest.fixture(scope="module")
def pictures() -> dict[str, dict[str, Any]]:
    """What worlds look like that were never closed."""
    found = {}
    for engine in ENGINES:
        with made(None, engine) as world:
            lead(world)
            found[engine] = picture(world)
    return found


@pytest.fixture(scope="module")
def led(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kept world that has led its life; to be copied."""
    path = tmp_path_factory.mktemp("led") / "world"
    with made(path) as world:
        lead(world)
    return path


@pytest.fixture
def folder(led: Path, tmp_path: Path) -> Path:
    """A copy of that world, to do with what one wants."""
    return Path(shutil.copytree(led, tmp_path / "world"))


# What is opened again is what was closed.


@pytest.mark.parametrize("engine", ENGINES)
def test_a_world_opened_again_is_the_one_that_was_closed(
    engine: str, tmp_path: Path, pictures: dict[str, dict[str, Any]]
) -> None:
    with made(tmp_path, engine) as world:
        lead(world)
        assert differences_of(picture(world), pictures[engine]) == []
    for read_only in (True, False, True):
        with World.open(tmp_path, read_only=read_only) as world:
            assert differences_of(picture(world), pictures[engine]) == []
            assert world.is_conserved()
            assert world.audit() == ()
            assert world.run_hash("life") == pictures[engine]["run"]
            assert world.mirror.digest() == pictures[engine]["mirror"]


@settings(max_examples=4)
@given(cuts=st.sets(st.integers(0, len(STEPS))))
def test_law_a_life_is_the_same_wherever_it_is_interrupted(
    cuts: set[int],
    tmp_path_factory: pytest.TempPathFactory,
    pictures: dict[str, dict[str, Any]],
) -> None:
    path = tmp_path_factory.mktemp("cut")
    assert interrupted(path, "model", cuts, pictures["model"]) == []


def test_a_life_on_contracts_is_the_same_where_it_is_interrupted(
    tmp_path: Path, pictures: dict[str, dict[str, Any]]
) -> None:
    cuts = set(range(0, len(STEPS), 3))
    assert interrupted(tmp_path, CHAIN, cuts, pictures[CHAIN]) == []


def interrupted(path: Path, engine: str, cuts: set[int], whole: dict[str, Any]) -> list[str]:
    """Lead a life with the world opened again before some steps; say what differs then."""
    known: kept.Known = {}
    world = made(path, engine)
    try:
        for at, step in enumerate(STEPS):
            if at in cuts:
                world.close()
                world = World.open(path)
            step(world, known)
        return differences_of(picture(world), whole)
    finally:
        world.close()


def test_a_world_in_a_server_is_the_same_where_it_is_interrupted(
    tmp_path: Path, database_url: str, pictures: dict[str, dict[str, Any]]
) -> None:
    known: kept.Known = {}
    options: dict[str, Any] = {"database": database_url}
    for first in range(0, len(STEPS), 6):
        with World.open(tmp_path, seed=SEED, engine="model", start=kept.START, **options) as world:
            lead(world, known, STEPS[first : first + 6])
    with World.open(tmp_path, read_only=True, **options) as world:
        assert differences_of(picture(world), pictures["model"]) == []
    assert sorted(contents(tmp_path)) == ["chain.sqlite", "world.lock"]


def test_chance_that_was_used_last_of_all_is_kept(tmp_path: Path) -> None:
    with made(tmp_path) as world:
        lead(world, steps=STEPS[:3])
        world.rng.gauss(0, 1)
        state = world.rng.getstate()
    with World.open(tmp_path) as world:
        assert world.rng.getstate() == state


def test_time_that_passed_is_kept(tmp_path: Path) -> None:
    with made(tmp_path) as world:
        world.advance(days=3)
        moment = world.now_s
    with World.open(tmp_path) as world:
        assert world.now_s == moment
        world.advance(until="2026-01-01")
        moment = world.now_s
    with World.open(tmp_path) as world:
        assert world.now_s == moment


def test_documents_of_all_versions_are_kept_with_their_types(folder: Path) -> None:
    with World.open(folder) as world:
        icr = world.registry("ICR")
        project, documents = world.index.projects["ICR", 1]
        assert [*documents] == [1, 2]
        assert documents[1]["area"] == {"hectares": kept.Decimal("12.50")}
        assert documents[1]["from"] == kept.date(2020, 1, 1)
        assert icr.prove(project.model_copy(update={"version": 1}), "from").version == 1
        changed = icr.update_project(project, sites=["b"])
        assert changed.version == 3
        assert icr.accepts(changed, icr.prove(changed, "area/hectares"))
    with World.open(folder) as world:
        assert world.index.projects["ICR", 1][0] == changed


def test_a_document_that_was_never_filed_is_none_after_opening_again(tmp_path: Path) -> None:
    with made(tmp_path) as world:
        lead(world, steps=STEPS[:2])
        known = world.index.projects["ICR", 1]
        world.apply(act.UpdateProject(registry="ICR", project=1, root="0x" + "ab" * 32))
        assert world.index.projects["ICR", 1] == known
    with World.open(tmp_path) as world:
        assert world.index.projects["ICR", 1] == known
        assert world.registry("ICR").update_project(known[0]).version == 3


# What may be asked of a folder.


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"seed": SEED + 1}, [f"seed {SEED}", str(SEED + 1)]),
        ({"seed": 0}, [f"seed {SEED}", "0"]),
        ({"engine": "tester"}, ["engine model", "'tester'"]),
        ({"start": "2024-01-01"}, ["start_s 1751328000", "1704067200"]),
        ({"guard": "none"}, ["guard interval", "'none'"]),
        ({"chains": 2}, ["chains 1", "2"]),
    ],
)
def test_open_refuses_another_world_than_the_one_there(
    folder: Path, asked: dict[str, Any], said: list[str]
) -> None:
    for read_only in (False, True):
        with pytest.raises(WorldError) as refused:
            World.open(folder, read_only=read_only, **asked)
        assert all(text in str(refused.value) for text in [*said, str(folder)])
    # Nothing was held by the refusal.
    World.open(folder).close()


def test_open_takes_the_settings_that_are_there(folder: Path) -> None:
    with World.open(folder, seed=SEED, engine="model", start=kept.START) as world:
        assert len(world.books) == 2
    World.open(str(folder), engine="auto").close()


def test_open_refuses_a_folder_with_something_else(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    before = contents(tmp_path)
    with pytest.raises(InputError, match="expected a world's folder"):
        World.open(tmp_path)
    with pytest.raises(InputError):
        World.open(tmp_path / "notes.txt")
    assert contents(tmp_path) == before


def test_open_makes_a_world_in_an_empty_folder_and_in_none(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "not" / "yet"):
        made(path).close()
        World.open(path, seed=SEED).close()


def test_open_to_read_makes_nothing(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(StoreMissing, match="there is no world"):
            World.open(path, read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_open_makes_no_mirror_again_where_there_is_no_world(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(StoreMissing, match="there is no world"):
            World.open(path, rebuild=True)
    assert list(tmp_path.iterdir()) == []


def test_open_refuses_what_cannot_be_at_once(folder: Path) -> None:
    before = contents(folder)
    with pytest.raises(WorldError, match="where nothing may be written"):
        World.open(folder, read_only=True, rebuild=True)
    for options in ({"read_only": True}, {"rebuild": True}):
        with pytest.raises(WorldError, match="a world in memory is new"):
            World.open(**options)
    assert contents(folder) == before


@pytest.mark.parametrize("read_only", [False, True])
def test_open_refuses_books_without_their_chain(folder: Path, read_only: bool) -> None:
    (folder / "chain.sqlite").unlink()
    before = contents(folder)
    with pytest.raises(StoreMissing, match=r"chain\.sqlite is missing"):
        World.open(folder, read_only=read_only)
    assert contents(folder) == before


@pytest.mark.parametrize("read_only", [False, True])
def test_open_refuses_when_a_book_is_missing(folder: Path, read_only: bool) -> None:
    (folder / "books" / "ICR.sqlite").unlink()
    with pytest.raises(StoreMissing, match=r"ICR\.sqlite"):
        World.open(folder, read_only=read_only)
    with pytest.raises(StoreMissing):  # And not because the first one still holds it.
        World.open(folder, read_only=read_only)
    assert not (folder / "books" / "ICR.sqlite").exists()


def test_open_makes_a_missing_mirror_again(
    folder: Path, pictures: dict[str, dict[str, Any]]
) -> None:
    (folder / "mirror.sqlite").unlink()
    with World.open(folder) as world:
        assert differences_of(picture(world), pictures["model"]) == []


@pytest.mark.parametrize("name", ["mirror.sqlite", "books/ICR.sqlite", "chain.sqlite"])
def test_open_refuses_a_store_of_another_world(folder: Path, tmp_path: Path, name: str) -> None:
    with World.open(tmp_path / "other", seed=1, engine="model") as world:
        lead(world)
    shutil.copy(tmp_path / "other" / name, folder / name)
    with pytest.raises(ForeignStore):
        World.open(folder)


def test_open_refuses_the_book_of_another_registry(folder: Path) -> None:
    books = folder / "books"
    shutil.copy(books / "EcoRegistry.sqlite", books / "ICR.sqlite")
    with pytest.raises(ForeignStore, match="its registry is 'EcoRegistry', expected 'ICR'"):
        World.open(folder)


def test_open_asks_for_the_server_that_has_the_books(tmp_path: Path, database_url: str) -> None:
    made(tmp_path / "there", database=database_url).close()
    made(tmp_path / "here").close()
    with pytest.raises(InputError, match="name the database"):
        World.open(tmp_path / "there")
    with pytest.raises(InputError, match="name no database"):
        World.open(tmp_path / "here", database=database_url)
    with pytest.raises(InputError, match="expected postgresql://"):
        World.open(tmp_path / "there", database="mysql://host/name")
    with pytest.raises(ForeignStore):
        World.open(tmp_path / "another", seed=1, engine="model", database=database_url)
    with pytest.raises(WorldError, match="needs a folder"):
        World.open(database=database_url)
    World.open(tmp_path / "there", database=database_url).close()


HOLDER = """
import sys
from registry.world import World
with World.open(sys.argv[1]) as world:
    print("open", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_elsewhere(path: Path) -> Iterator[None]:
    """Have another process hold a world open."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        yield
        other.communicate("")


def test_open_refuses_a_world_that_another_process_has_open(
    folder: Path, pictures: dict[str, dict[str, Any]]
) -> None:
    with held_elsewhere(folder):
        with pytest.raises(StoreLocked, match="another process has this world open"):
            World.open(folder)
        before = contents(folder)
        with World.open(folder, read_only=True) as world:
            assert differences_of(picture(world), pictures["model"]) == []
        assert contents(folder) == before
    World.open(folder).close()


def test_open_refuses_a_world_that_this_process_has_open(folder: Path) -> None:
    with World.open(folder), pytest.raises(StoreLocked):
        World.open(folder)
    World.open(folder).close()


# Looking without touching.


@pytest.mark.parametrize("engine", ENGINES)
def test_a_world_that_can_only_be_read_is_not_written(engine: str, tmp_path: Path) -> None:
    with made(tmp_path, engine) as world:
        known = lead(world)
    before = contents(tmp_path)
    with World.open(tmp_path, read_only=True) as world:
        icr, entries, moment = world.registry("ICR"), world.entries(), world.now_s
        refused = [
            lambda: world.account("Newcomer"),
            lambda: world.registry("Newcomer"),
            lambda: world.close_account("Acme"),
            lambda: icr.transfer(known["f"], 1, "Acme", "Borealis"),
            lambda: icr.transfer(known["f"], 1, "Acme", "Newcomer"),
            lambda: icr.update_project(known["forest"], sites=[]),
            lambda: icr.retire(known["f"], 1, "Acme", "A", "voluntary"),
            lambda: world.registry("EcoRegistry").retire(known["s"], 1, "Acme", "A", "voluntary"),
        ]
        for action in refused:
            with pytest.raises(WorldError, match="opened to be read only"):
                action()
            with (
                pytest.raises(WorldError, match="opened to be read only"),
                world.checkpoint(),
            ):
                action()
        world.audit()
        world.settle()
        assert (world.entries(), world.now_s) == (entries, moment)
        assert [*world.books] == ["ICR", "EcoRegistry"]
    assert contents(tmp_path) == before


# Several actions, and what is taken back.


def test_many_actions_at_once_are_saved_once(folder: Path) -> None:
    with World.open(folder) as world:
        saves = count_of_saves(folder)
        with world.all_or_nothing():
            for name in ("One", "Two", "Three"):
                world.account(name)
                with world.all_or_nothing():
                    world.account(f"{name} more")
            assert count_of_saves(folder) == saves
        assert count_of_saves(folder) == saves + 1
        world.settle()
        assert count_of_saves(folder) == saves + 1


def count_of_saves(folder: Path) -> int:
    connection = kept.sqlite3.connect(folder / "chain.sqlite")
    (count,) = connection.execute("SELECT count(*) FROM journal").fetchone()
    connection.close()
    assert isinstance(count, int)
    return count


@pytest.mark.parametrize("engine", ENGINES)
def test_refused_actions_leave_nothing_on_disk(engine: str, tmp_path: Path) -> None:
    with made(tmp_path, engine) as world:
        known = lead(world)
        before, looks = contents(tmp_path), picture(world)
        icr = world.registry("ICR")
        with pytest.raises(InsufficientCredits):
            icr.transfer(known["f"], 1_000_000, "Acme", "Newcomer")
        with pytest.raises(InsufficientCredits), world.all_or_nothing():
            world.registry("Another", "mirrored", lag_s=5)
            icr.update_project(known["forest"], sites=["elsewhere"])
            world.rng.random()
            icr.retire(known["f"], 1_000_000, "Acme", "A", "voluntary")
        assert differences_of(picture(world), looks) == []
        assert contents(tmp_path) == before
        assert not list((tmp_path / "books").glob("Another*"))
    with World.open(tmp_path) as world:
        assert differences_of(picture(world), looks) == []
        assert world.registry("ICR").update_project(known["forest"]).version == 3


@pytest.mark.parametrize("raised", [False, True])
@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_of_a_checkpoint_is_on_disk(engine: str, raised: bool, tmp_path: Path) -> None:
    with made(tmp_path, engine) as world:
        known = lead(world)
        before, looks = contents(tmp_path), picture(world)

        def try_out() -> None:
            icr = world.registry("ICR")
            icr.retire(known["f"], 1, "Acme", "A", "voluntary")
            icr.update_project(known["forest"], sites=["tried"])
            world.registry("Tried").register_project("P", "IS", "M", "Newcomer")
            world.advance(days=20)
            world.rng.random()
            with world.checkpoint():
                world.account("Nested")
                world.settle()
            with world.all_or_nothing():
                world.account("All")
            world.books["ICR"].hold()
            assert world.audit() == ()

        if raised:
            with pytest.raises(ZeroDivisionError), world.checkpoint():
                try_out()
                raise ZeroDivisionError
        else:
            with world.checkpoint():
                try_out()
                assert {*contents(tmp_path)} == {*before}
                assert contents(tmp_path)["chain.sqlite"] == before["chain.sqlite"]
        assert differences_of(picture(world), looks) == []
        world.settle()
    with World.open(tmp_path) as world:
        assert differences_of(picture(world), looks) == []
        assert world.registry("ICR").update_project(known["forest"]).version == 3


@pytest.mark.parametrize("actions", [1, 200])
def test_a_mirror_that_was_read_in_a_checkpoint_is_rolled_back(folder: Path, actions: int) -> None:
    with World.open(folder) as world:
        looks = picture(world)
        with world.checkpoint():
            for number in range(actions):
                world.account(f"Number {number}")
            assert world.mirror.cursor().seq == len(world.entries())
            with world.checkpoint():
                world.account("Nested")
                assert world.mirror.cursor().seq == len(world.entries())
            assert world.mirror.cursor().seq == len(world.entries())
        assert differences_of(picture(world), looks) == []
    with World.open(folder, read_only=True) as world:
        assert differences_of(picture(world), looks) == []


def test_a_mirror_in_memory_is_rolled_back_too() -> None:
    with made(None) as world:
        lead(world)
        looks = picture(world)
        with world.checkpoint():
            for number in range(200):
                world.account(f"Number {number}")
            assert world.mirror.cursor().seq == len(world.entries())
        assert differences_of(picture(world), looks) == []


def test_a_mirror_in_memory_is_level_whenever_the_world_is_audited() -> None:
    with made(None) as world:
        known = lead(world)
        assert world.mirror.cursor().seq == len(world.entries())
        world.registry("ICR").transfer(known["f"], 1, "Acme", "Borealis")
        world.advance(days=30)
        assert world.audit() == ()


def test_a_checkpoint_is_audited_as_any_world(folder: Path) -> None:
    with World.open(folder) as world:
        batch = world.entries()
        with world.checkpoint():
            world.registry("ICR").register_project("P", "IS", "M", "Skogur")
            world.advance(days=30)
            assert world.audit() == ()
        assert world.entries() == batch


# What cannot be written.


@contextmanager
def no_room(store: str, *, times: int = 1) -> Iterator[list[str]]:
    """Let the next writings into stores of that name find the disk full; yield which did."""
    real, failed = Store.writing, []

    @contextmanager
    def writing(self: Store) -> Iterator[Any]:
        if self.name.endswith(store) and len(failed) < times:
            failed.append(self.name)
            raise StoreFull(self.name, "the disk is full", "make room and do the same again")
        with real(self) as connection:
            yield connection

    with patch.object(Store, "writing", writing):
        yield failed


@pytest.mark.parametrize("at", range(len(STEPS)))
def test_an_action_that_cannot_be_saved_did_not_happen(
    at: int, tmp_path: Path, pictures: dict[str, dict[str, Any]]
) -> None:
    with made(tmp_path) as world:
        known = lead(world, steps=STEPS[:at])
        looks = picture(world)
        with no_room("chain.sqlite") as failed:
            try:
                STEPS[at](world, dict(known))
            except StoreFull:
                # Time passes whether or not somebody writes it down.
                apart = ["settings", "run", "tables"] if STEPS[at] is kept._wait else []
                assert {*differences_of(picture(world), looks)} <= {*apart, "chance"}
            else:
                assert not failed
        world.close()
    with World.open(tmp_path) as world:
        seen = {name: looks[name] for name in ("entries", "index", "books", "mirror", "accounts")}
        now = picture(world)
        if STEPS[at] is not kept._prove:
            assert {name: now[name] for name in seen} == seen
        assert world.is_conserved()


def test_a_world_goes_on_when_there_is_room_again(
    tmp_path: Path, pictures: dict[str, dict[str, Any]]
) -> None:
    known: kept.Known = {}
    with made(tmp_path) as world:
        for step in STEPS:
            chance, moment = world.rng.getstate(), world.now_s
            with no_room("chain.sqlite"):
                try:
                    with world.all_or_nothing():
                        step(world, known)
                except StoreFull:
                    assert world.rng.getstate() == chance
                    world.now_s = moment
                    step(world, known)
        assert differences_of(picture(world), pictures["model"]) == []
    with World.open(tmp_path) as world:
        assert differences_of(picture(world), pictures["model"]) == []


def test_a_world_on_contracts_goes_on_when_there_is_room_again(
    tmp_path: Path, pictures: dict[str, dict[str, Any]]
) -> None:
    with made(tmp_path, CHAIN) as world:
        known = lead(world, steps=STEPS[:5])
        for step in STEPS[5:]:
            with no_room("chain.sqlite"), pytest.raises(StoreFull), world.all_or_nothing():
                step(world, dict(known))
            step(world, known)
        assert differences_of(picture(world), pictures[CHAIN]) == []
    with World.open(tmp_path) as world:
        assert differences_of(picture(world), pictures[CHAIN]) == []


def test_a_document_that_could_not_be_saved_is_never_taken_for_another(tmp_path: Path) -> None:
    with made(tmp_path) as world:
        known = lead(world, steps=STEPS[:3])
        with no_room("chain.sqlite"), pytest.raises(StoreFull):
            world.registry("ICR").update_project(known["forest"], sites=["lost"])
        world.apply(act.UpdateProject(registry="ICR", project=1, root="0x" + "ab" * 32))
        projects, documents = world.index.projects, world.books["ICR"].documents
    with World.open(tmp_path) as world:
        assert world.index.projects == projects
        assert world.books["ICR"].documents == documents


@pytest.mark.parametrize("store", ["books/ICR.sqlite", "mirror.sqlite"])
def test_what_book_or_mirror_could_not_write_is_written_at_the_next_step(
    folder: Path, store: str
) -> None:
    with World.open(folder) as world:
        with no_room(store, times=2) as failed:
            for name in ("One", "Two"):
                with pytest.raises(StoreFull):
                    world.account(name)
            assert [entry.account for entry in world.entries()[-2:]] == ["One", "Two"]
            assert len(failed) == 2
            world.account("Three")
        looks = picture(world)
    with World.open(folder, read_only=True) as world:
        assert differences_of(picture(world), looks) == []


@pytest.mark.parametrize("store", ["books/ICR.sqlite", "mirror.sqlite"])
def test_what_book_or_mirror_never_wrote_is_written_when_opened_again(
    folder: Path, store: str, pictures: dict[str, dict[str, Any]]
) -> None:
    world = World.open(folder)
    with no_room(store, times=99):
        with pytest.raises(StoreFull):
            world.account("One")
        with pytest.raises(StoreFull):
            world.close()
    with World.open(folder) as world:
        assert world.entries()[-1].account == "One"
        assert world.mirror.digest() != pictures["model"]["mirror"]
        assert world.audit() == ()
        assert world.books["ICR"].accounts[-1].account == "One"


def test_a_registry_whose_book_cannot_be_made_is_not_open(folder: Path) -> None:
    with World.open(folder) as world:
        looks = picture(world)
        with no_room("books/New.sqlite"), pytest.raises(StoreFull):
            world.registry("New", lag_s=9)
        assert differences_of(picture(world), looks) == []
        assert world.registry("New", lag_s=11).profile.lag_s == 11
    with World.open(folder) as world:
        assert world.registry("New").profile.lag_s == 11


FILLER = """
import resource, sys
from pathlib import Path
from registry.errors import StoreFull
from registry.world import World
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with World.open(sys.argv[1]) as world:
    largest = max(path.stat().st_size for path in Path(sys.argv[1]).rglob("*.sqlite*"))
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 65_536, hard))
    done, refused = 0, 0
    while refused < 3:
        try:
            world.account(f"Number {done}", "IS")
        except StoreFull:
            refused += 1
        done = len(world.addresses())
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    world.account("Last of all")
    print(len(world.entries()), world.mirror.digest())
"""


def test_a_disk_that_is_really_full_loses_nothing(folder: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FILLER, str(folder)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    count, digest = ran.stdout.split()
    with World.open(folder) as world:
        assert (len(world.entries()), world.mirror.digest()) == (int(count), digest)
        assert world.audit() == ()
        assert list(world.addresses())[-1] == "Last of all"


def test_a_closed_world_does_nothing_more(folder: Path) -> None:
    world = World.open(folder)
    world.close()
    before = contents(folder)
    with pytest.raises(EngineClosed):
        world.account("Newcomer")
    world.close()
    assert contents(folder) == before


# A chain that others send to.


def holders_transfer(world: World, known: kept.Known, amount_g: int) -> tuple[bytes, bytes, bytes]:
    """Return who sends what to which contract, for a transfer by its holder."""
    assert isinstance(world.ledger, ChainLedger)
    keys = KeyRing(SEED)
    function = artifact("CarbonRegistry").interface.functions["safeTransferFrom"]
    acme, cedar = keys.address("Acme"), keys.address("Cedar")
    data = function.encode(acme, cedar, known["f"].batch, amount_g, b"")
    return keys.key("Acme"), world.ledger.contracts("ICR").credits, data


@pytest.mark.parametrize("way", ["web3", "engine"])
def test_what_a_holder_sends_without_us_is_written_down(way: str, tmp_path: Path) -> None:
    with made(tmp_path, CHAIN) as world:
        known = lead(world, steps=STEPS[:8])
        assert isinstance(world.ledger, ChainLedger)
        engine, count = world.ledger.engine, len(world.entries())
        sender, to, data = holders_transfer(world, known, 7)
        if way == "web3":
            sent_by_web3(engine, sender, to, data)
        else:
            engine.send([Call(sender, to, data)], world.now_s + 500)
        world.settle()
        entry = world.entries()[-1]
        assert len(world.entries()) == count + 1
        assert (entry.kind, entry.account, entry.amount_g) == (Kind.TRANSFERRED, "Acme", 7)
        line = world.books["ICR"].lines[-1]
        assert (line.entry, line.to, line.amount_g) == (entry.seq, "Cedar", 7)
        assert [*world.mirror.entries(entry.seq)] == [entry]
        sender, to, data = holders_transfer(world, known, 8)
        engine.send([Call(sender, to, data)], max(world.now_s, entry.at_s) + 9_000)
        lead(world, known, STEPS[8:])
        assert [line.entry for line in world.books["ICR"].lines].count(count + 2) == 1
        assert world.entries()[count + 1].amount_g == 8
        assert world.audit() == ()
        looks = picture(world)
    with World.open(tmp_path) as world:
        assert differences_of(picture(world), looks) == []


def test_what_was_sent_without_us_last_of_all_is_kept(tmp_path: Path) -> None:
    with made(tmp_path, CHAIN) as world:
        known = lead(world, steps=STEPS[:8])
        assert isinstance(world.ledger, ChainLedger)
        sender, to, data = holders_transfer(world, known, 5)
        world.ledger.engine.send([Call(sender, to, data)], world.now_s + 9)
    with World.open(tmp_path) as world:
        assert world.entries()[-1].amount_g == 5
        assert world.books["ICR"].lines[-1].amount_g == 5
        assert world.now_s < world.entries()[-1].at_s or world.audit() == ()
        world.account("Newcomer")


def test_a_store_error_says_what_to_do(folder: Path) -> None:
    (folder / "books" / "ICR.sqlite").unlink()
    with pytest.raises(StoreError) as refused:
        World.open(folder)
    assert "\n" not in str(refused.value)
    assert str(folder) in str(refused.value)
