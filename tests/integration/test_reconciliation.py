"""Contracts, mirror and books of whole worlds, reconciled: level where nothing is wrong, and each
planted disagreement found in its place."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa

from registry.books.store import Store
from registry.errors import StoreDamaged, StoreFull
from registry.reconcile import Reconciliation, reconcile
from registry.records import action as act
from registry.simulate.faults import FAULTS, plant
from registry.simulate.pilot import Pilot
from registry.simulate.score import score
from registry.world import World
from tests import kept
from tests.chain import CHAIN, ENGINES

RANGES = (1, 7, 1_000)


def reconciled(world: World) -> Reconciliation:
    """Reconcile in ranges of several lengths, which must make no difference."""
    found = reconcile(world)
    with pytest.MonkeyPatch.context() as patched:
        # Findings have nothing to do with ranges, and take most of the time.
        patched.setattr(world, "audit", lambda: found.findings)
        for blocks in RANGES:
            other = reconcile(world, range_blocks=blocks)
            assert (other.differences, other.is_level) == (found.differences, found.is_level)
            assert {(each.first - 1) % blocks for each in other.ranges} == {0}
    return found


def said(found: Reconciliation) -> list[tuple[str, int | None, int | None, int, tuple[str, ...]]]:
    return [
        (each.code, each.start_g, each.end_g, each.amount_g, each.records)
        for each in found.findings
    ]


def parted(found: Reconciliation) -> list[tuple[Any, ...]]:
    return [
        (each.total, each.block, each.entry, each.line, each.entries_g - each.contract_g)
        for each in found.differences
    ]


def assert_clean(found: Reconciliation) -> None:
    assert (found.differences, found.findings) == ((), ())
    assert found.is_level and found.is_fine


# Clean worlds.


@pytest.mark.parametrize("seed", range(40, 45))
def test_a_clean_year_has_no_difference(seed: int) -> None:
    with World.open(seed=seed, engine="model") as world:
        Pilot(world).run(with_faults=False)
        assert_clean(reconciled(world))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_clean_life_that_was_kept_has_no_difference(engine: str, tmp_path: Path) -> None:
    with World.open(tmp_path, seed=kept.SEED, engine=engine, start=kept.START) as world:
        kept.lead(world)
        assert_clean(reconciled(world))
    with World.open(tmp_path, read_only=True) as world:
        assert_clean(reconciled(world))


def test_a_clean_year_on_contracts_has_no_difference() -> None:
    with World.open(seed=7, engine=CHAIN) as world:
        Pilot(world).run(with_faults=False)
        assert_clean(reconciled(world))


def test_books_and_mirror_in_a_server_are_reconciled(tmp_path: Path, database_url: str) -> None:
    options: dict[str, Any] = {"database": database_url}
    with World.open(tmp_path, seed=kept.SEED, engine="model", start=kept.START, **options) as world:
        kept.lead(world)
        assert_clean(reconciled(world))
    engine = sa.create_engine(database_url.replace("postgresql:", "postgresql+psycopg:", 1))
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE mirror.entries DISABLE TRIGGER USER")
        connection.exec_driver_sql("DELETE FROM mirror.entries WHERE seq = 19")
        connection.exec_driver_sql("ALTER TABLE mirror.entries ENABLE TRIGGER USER")
    engine.dispose()
    with World.open(tmp_path, read_only=True, **options) as world:
        assert [each[0] for each in said(reconciled(world))] == ["MR-1"]
    with World.open(tmp_path, rebuild=True, **options) as world:
        assert_clean(reconciled(world))


# The faults that can be planted.


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_all_that_is_found(
    fault: str, seed: int, years: dict[int, World]
) -> None:
    world = years[seed % 2]
    with world.checkpoint():
        world.advance(days=1)
        keys = plant(world, fault, random.Random(seed))
        found = reconciled(world)
        assert score(keys, found.findings).is_perfect
        assert not found.is_fine and found.is_level
        (registry,) = {key.registry for key in keys}
        assert {each.registry for each in found.differences} == {registry}
        amount_g = sum(key.end_g - key.start_g for key in keys)
        off = {
            each.total: each.book_g - each.contract_g
            for each in found.differences
            if each.book_g is not None
        }
        assert {each.entries_g - each.contract_g for each in found.differences} == {0}
        if fault == "D02":
            (line,) = (line for line in world.books[registry].lines if line.entry is None)
            assert off == {"issued_g": line.amount_g, "active_g": line.amount_g}
            assert {each.batch for each in found.differences} == {line.batch}
        elif fault == "D12":
            assert off == {"active_g": -amount_g, "retired_g": amount_g}
            assert {each.block for each in found.differences} == {world.ledger.head()}
        else:
            waits = (
                "locked_g" if world.registry(registry).profile.mode == "mirrored" else "active_g"
            )
            assert off == {waits: amount_g, "retired_g": -amount_g}
            at_s = {key.at_s for key in keys}
            assert {each.at_s for each in found.differences} == at_s


@pytest.fixture(scope="module")
def years() -> Iterator[dict[int, World]]:
    found = {}
    for seed in range(2):
        world = World.open(seed=seed, engine="model")
        Pilot(world).run(with_faults=False)
        found[seed] = world
    yield found
    for world in found.values():
        world.close()


# A mirror that is not what the follower wrote.


@pytest.fixture(scope="module")
def led(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found = {}
    for engine in ENGINES:
        path = tmp_path_factory.mktemp("led") / engine
        with World.open(path, seed=kept.SEED, engine=engine, start=kept.START) as world:
            kept.lead(world)
        found[engine] = path
    return found


def copied(table: str, key: str, new: int, old: int, **others: str) -> str:
    """Say in SQL how a row is put in again under another key, with some columns changed."""
    columns = {
        "entries": "block at_s registry kind batch id account counterparty amount_g rest"
        " chain_id address tx_hash log_index gas_used seal",
        "blocks": "hash parent at_s entries seal",
    }[table].split()
    values = ", ".join(others.get(name, name) for name in columns)
    names = ", ".join([key, *columns])
    return f"INSERT INTO {table} ({names}) SELECT {new}, {values} FROM {table} WHERE {key} = {old}"


# The first retirement at ICR is entry 19, of 280 kg; entry 35 is the last one.
LOST = ("DELETE FROM entries WHERE seq = 19",)
LAST_LOST = ("DELETE FROM entries WHERE seq = 35",)
DOUBLED = (copied("entries", "seq", 36, 19),)
ALTERED = ("UPDATE entries SET amount_g = 380000 WHERE seq = 19",)
ORPHAN = (
    copied("blocks", "number", 99, 35, hash="'0xaa'"),
    copied("entries", "seq", 36, 19, block="99", tx_hash="iif(tx_hash IS NULL, NULL, '0xbb')"),
)


@contextmanager
def tampered(folder: Path, path: Path, statements: tuple[str, ...]) -> Iterator[World]:
    """Open a copy of a world whose mirror somebody changed."""
    shutil.copytree(folder, path)
    assert kept.change(path / "mirror.sqlite", *statements) == len(statements)
    with World.open(path, read_only=True) as world:
        yield world


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("statements", "records", "off_g", "place"),
    [
        (LOST, ("ledger:ICR:entry 19",), -280_000, ("own", 19, 3)),
        (DOUBLED, ("mirror:ICR:entry 19", "mirror:ICR:entry 36"), 280_000, ("last", 36, None)),
        (ORPHAN, ("mirror:ICR:entry 36",), 280_000, ("last", 36, None)),
    ],
)
def test_a_mirror_with_too_little_or_too_much_is_named(
    engine: str,
    statements: tuple[str, ...],
    records: tuple[str, ...],
    off_g: int,
    place: tuple[str, int, int | None],
    led: dict[str, Path],
    tmp_path: Path,
) -> None:
    with tampered(led[engine], tmp_path / "world", statements) as world:
        found = reconciled(world)
        own = next(block for block in world.ledger.blocks(1) for e in block.entries if e.seq == 19)
        number = own.number if place[0] == "own" else world.ledger.head()
        assert not found.is_fine and not found.is_level
        assert said(found) == [("MR-1", 0, 280_000, 280_000, records)]
        assert parted(found) == [
            ("active_g", number, *place[1:], -off_g),
            ("retired_g", number, *place[1:], off_g),
        ]
        for each in found.differences:
            assert each.book_g == each.contract_g


def test_an_entry_that_the_mirror_has_otherwise_is_named(
    led: dict[str, Path], tmp_path: Path
) -> None:
    with tampered(led["model"], tmp_path / "world", ALTERED) as world:
        found = reconciled(world)
        assert [each.code for each in found.findings] == ["MR-1"]
        assert said(found)[0][4] == ("ledger:ICR:entry 19", "mirror:ICR:entry 19")
        assert parted(found) == [
            ("active_g", 19, 19, 3, -100_000),
            ("retired_g", 19, 19, 3, 100_000),
        ]


def test_the_last_entry_that_the_mirror_lost_is_named(led: dict[str, Path], tmp_path: Path) -> None:
    with tampered(led["model"], tmp_path / "world", LAST_LOST) as world:
        found = reconciled(world)
        assert [(each[0], each[4]) for each in said(found)] == [
            ("MR-1", ("ledger:EcoRegistry:entry 35",))
        ]
        assert parted(found) == [
            ("locked_g", 35, 35, 8, 2_000_000),
            ("retired_g", 35, 35, 8, -2_000_000),
        ]
        assert not found.is_level


def test_an_entry_that_moves_nothing_is_missed_all_the_same(
    led: dict[str, Path], tmp_path: Path
) -> None:
    project = (
        "DELETE FROM entries WHERE seq = (SELECT min(seq) FROM entries WHERE kind ="
        " 'project_registered')",
    )
    with tampered(led["model"], tmp_path / "world", project) as world:
        found = reconciled(world)
        assert found.differences == ()
        assert [each.code for each in found.findings] == ["MR-1"]
        assert not found.is_level and not found.is_fine


def test_an_account_that_the_mirror_lacks_makes_it_unlike_its_chain(
    led: dict[str, Path], tmp_path: Path
) -> None:
    account = (
        "DELETE FROM entries WHERE seq = (SELECT min(seq) FROM entries WHERE kind ="
        " 'account_opened')",
    )
    with tampered(led["model"], tmp_path / "world", account) as world:
        found = reconciled(world)
        assert (found.differences, found.findings) == ((), ())
        assert not found.is_level and not found.is_fine


def test_a_row_that_is_no_entry_is_said_to_be_damage(led: dict[str, Path], tmp_path: Path) -> None:
    broken = ("UPDATE entries SET kind = 'nothing' WHERE seq = 19",)
    with (
        tampered(led["model"], tmp_path / "world", broken) as world,
        pytest.raises(StoreDamaged, match=r"books rebuild"),
    ):
        reconcile(world)


@pytest.mark.parametrize("statements", [LOST, LAST_LOST, DOUBLED, ALTERED, ORPHAN])
def test_a_mirror_made_again_is_level(
    statements: tuple[str, ...], led: dict[str, Path], tmp_path: Path
) -> None:
    with tampered(led["model"], tmp_path / "world", statements) as world:
        assert not reconcile(world).is_fine
    with World.open(tmp_path / "world", rebuild=True) as world:
        assert_clean(reconcile(world))


# Two stores that are not equally far.


def ended(path: Path, store: str, step: Callable[[World], object]) -> None:
    """Let a process end after the chain was saved, and before a store was."""
    real = Store.writing

    @contextmanager
    def writing(self: Store) -> Iterator[Any]:
        if self.name.endswith(store):
            raise StoreFull(self.name, "the disk is full", "make room")
        with real(self) as connection:
            yield connection

    world = World.open(path)
    with patch.object(Store, "writing", writing):
        with pytest.raises(StoreFull):
            step(world)
        with pytest.raises(StoreFull):
            world.close()


@pytest.mark.parametrize("store", ["mirror.sqlite", "ICR.sqlite"])
def test_what_an_ended_process_left_behind_is_level_once_it_was_opened(
    store: str, led: dict[str, Path], tmp_path: Path
) -> None:
    path = Path(shutil.copytree(led["model"], tmp_path / "world"))

    def transfer(world: World) -> None:
        issued = next(e for e in world.entries() if (e.registry, e.kind) == ("ICR", "issued"))
        order = act.TransferOrder(batch=issued.batch or 0, to="Cedar", amount_g=5)
        world.apply(act.Transfer(registry="ICR", by="Acme", orders=(order,)))

    ended(path, store, transfer)
    with World.open(path, read_only=True) as world:
        before = reconcile(world)
        # Books and mirror may be late: the mirror is compared as far as it goes.
        assert_clean(before)
        assert before.mirror_block == before.head - (store == "mirror.sqlite")
    with World.open(path) as world:
        assert_clean(reconcile(world))
