"""A world that is killed at any moment loses nothing that it acknowledged, and is carried on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.errors import StoreAway
from registry.inspection import verify_folder
from registry.world import World
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
    assert {"open", "open_registries", "rebuild"} <= found["moments"].keys()
    assert len(found["moments"]) >= 15


def test_a_killed_world_with_contracts_is_carried_on(tmp_path: Path) -> None:
    found = killed(tmp_path, "--points", "8", "--engine", "tester", "--seed", "2")
    assert found["failures"] == []
    assert sum(found["moments"].values()) == 8


def test_a_killed_world_is_carried_on_from_a_server(tmp_path: Path, database_url: str) -> None:
    found = killed(tmp_path, "--points", "10", "--seed", "3", "--database", database_url)
    assert found["failures"] == []
    assert sum(found["moments"].values()) == 10


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, postgres: Server) -> Iterator[Clean]:
    postgres.start()
    url = postgres.create("clean")
    place = Place("model", tmp_path_factory.mktemp("clean") / "world", url)
    yield clean_run(place, "postgresql")
    postgres.start()
    postgres.drop("clean")


class Surviving:
    """A world whose server may be gone at any moment, and comes back."""

    def __init__(self, place: Place, server: Server, clean: Clean) -> None:
        self._place = place
        self._server = server
        self._clean = clean
        self.outages = 0

    def open(self) -> World:
        while True:
            try:
                return self._place.open()
            except StoreAway:
                self.outages += 1
                self._server.start()

    def run(self) -> dict[str, str]:
        results: Results = dict(self._clean.results)
        with self.open() as world:
            at = 0
            while at < len(STEPS):
                try:
                    STEPS[at](world, results)
                    at += 1
                except StoreAway:
                    self.outages += 1
                    self._server.start()
                    world.settle()
                    # What was accepted before the server went is done; the rest is done again.
                    at = max(at, resumed(self._clean.states, state(world)))
            return told(world)


@pytest.mark.parametrize("seed", [4, 5])
def test_a_world_goes_on_whenever_its_server_was_killed(
    tmp_path: Path, database_url: str, postgres: Server, clean: Clean, seed: int
) -> None:
    meter = Meter("postgresql")
    # The first two while the world is being made: what mirror and first book are kept in.
    meter.moments = [3 + seed, 30 + seed, *chosen(len(clean.log), 6, seed=seed)[1:]]
    meter.then = postgres.kill
    place = Place("model", tmp_path / "world", database_url)
    surviving = Surviving(place, postgres, clean)
    with meter.listening():
        assert surviving.run() == clean.told
    assert (meter.moments, surviving.outages) == ([], 7)
    with place.open() as world:
        assert told(world) == clean.told
    for checked in verify_folder(place.path, database=database_url):
        assert checked.problems == ()


def test_a_database_is_emptied_for_the_next_world(tmp_path: Path, database_url: str) -> None:
    for name in ("one", "other"):
        with Place("model", tmp_path / name, database_url).open() as world:
            world.registry("ICR")
        emptied(database_url)
