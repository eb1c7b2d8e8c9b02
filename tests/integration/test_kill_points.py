"""A world that is killed at any moment loses nothing that it acknowledged, and is carried on."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy.exc import OperationalError

from registry.errors import (
    StoreAway,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
)
from registry.kept.inspection import verify_folder
from tests.chain import CHAIN
from tests.integration.kill_points import (
    STEPS,
    Clean,
    Meter,
    Place,
    Results,
    chosen,
    clean_run,
    emptied,
    resumed,
    state,
    told,
)
from tests.postgres import Server

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
TIMEOUT_S = 300


def killed(folder: Path, *options: str) -> dict[str, Any]:
    run = [sys.executable, "-m", "tests.integration.kill_points", str(folder), *options]
    ended = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S)
    assert (ended.returncode, ended.stderr) == (0, "")
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_a_killed_world_is_carried_on_from_files(tmp_path: Path) -> None:
    found = killed(tmp_path, "--points", "50")
    assert found["failures"] == []
    assert sum(found["moments"].values()) == 50
    # All of the run was reached, its beginning and its longest steps among it.
    assert {"open", "open_registries"} <= found["moments"].keys()
    assert len(found["moments"]) >= 15


def test_a_killed_world_with_contracts_is_carried_on(tmp_path: Path) -> None:
    found = killed(tmp_path, "--points", "6", "--engine", CHAIN, "--seed", "2")
    assert found["failures"] == []
    assert sum(found["moments"].values()) == 6


def test_a_killed_world_is_carried_on_from_a_server(tmp_path: Path, database_url: str) -> None:
    found = killed(tmp_path, "--points", "10", "--seed", "3", "--database", database_url)
    assert found["failures"] == []
    assert sum(found["moments"].values()) == 10


@pytest.mark.parametrize(("engine", "points"), [("model", 12), ("tester", 2), (CHAIN, 4)])
def test_a_world_that_is_killed_while_it_unlearns_has_done_so_or_not(
    tmp_path: Path, engine: str, points: int
) -> None:
    found = killed(tmp_path, "--reorganise", "--points", str(points), "--engine", engine)
    assert found["failures"] == []
    assert sum(found["moments"].values()) == points


class Surviving:
    """Goes on with a world whose databases fail now and then."""

    def __init__(self, place: Place, clean: Clean, repair: Callable[[], None]) -> None:
        self._place = place
        self._clean = clean
        self._repair = repair
        self.failures: list[type[StoreError]] = []

    def until_done(self, what: Callable[[], T]) -> T:
        while True:
            try:
                return what()
            except StoreError as error:
                self.failures.append(type(error))
                self._repair()

    def run(self) -> dict[str, str]:
        results: Results = dict(self._clean.results)
        with self.until_done(self._place.open) as world:
            at = 0
            while at < len(STEPS):
                try:
                    STEPS[at](world, results)
                    at += 1
                except StoreError as error:
                    self.failures.append(type(error))
                    self._repair()
                    self.until_done(world.settle)
                    # What was accepted before the failure is done; the rest is done again.
                    at = max(at, resumed(self._clean.states, state(world)))
            return self.until_done(lambda: told(world))


def check_reopened(place: Place, clean: Clean) -> None:
    with place.open() as world:
        assert told(world) == clean.told
    for checked in verify_folder(place.path, database=place.database):
        assert checked.problems == ()


@pytest.mark.parametrize("seed", [4, 5])
def test_a_world_goes_on_whenever_its_server_was_killed(
    tmp_path: Path, database_url: str, postgres: Server, seed: int
) -> None:
    clean = clean_run(Place("model", tmp_path / "clean", database_url), "postgresql")
    emptied(database_url)
    meter = Meter("postgresql")
    # The first two while the world is being made: what mirror and first book are kept in.
    meter.moments = [3 + seed, 30 + seed, *chosen(len(clean.log), 6, seed=seed)[1:]]
    meter.then = postgres.kill
    place = Place("model", tmp_path / "world", database_url)
    surviving = Surviving(place, clean, postgres.start)
    with meter.listening():
        assert surviving.run() == clean.told
    assert meter.moments == []
    assert surviving.failures == [StoreAway] * 7
    check_reopened(place, clean)


def failing(code: int) -> Callable[[], None]:
    def fail() -> None:
        cause = sqlite3.OperationalError("no luck")
        cause.sqlite_errorcode = code
        raise OperationalError("a statement", {}, cause)

    return fail


FAILURES = {
    StoreFull: sqlite3.SQLITE_FULL,
    StoreLocked: sqlite3.SQLITE_BUSY,
    StoreReadOnly: sqlite3.SQLITE_READONLY,
    StoreDamaged: sqlite3.SQLITE_CORRUPT,
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("seed", [6, 7])
def test_a_world_goes_on_whenever_its_files_failed(
    tmp_path: Path, failure: type[StoreError], seed: int
) -> None:
    clean = clean_run(Place("model", tmp_path / "clean", None))
    meter = Meter()
    meter.moments = chosen(len(clean.log), 60, seed=seed)
    meter.then = failing(FAILURES[failure])
    place = Place("model", tmp_path / "world", None)
    surviving = Surviving(place, clean, lambda: None)
    with meter.listening():
        assert surviving.run() == clean.told
    assert meter.moments == []
    assert set(surviving.failures) == {failure}
    # One that comes while another is dealt with is not told apart.
    assert 57 <= len(surviving.failures) <= 60
    check_reopened(place, clean)


def test_a_database_is_emptied_for_the_next_world(tmp_path: Path, database_url: str) -> None:
    for name in ("one", "other"):
        with Place("model", tmp_path / name, database_url).open() as world:
            world.registry("ICR")
        emptied(database_url)
