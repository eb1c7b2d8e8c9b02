"""Worlds in folders that are disturbed at the wrong moment: nothing that happened is lost."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from registry.errors import ChainError
from registry.kept.undisturbed import undisturbed
from registry.world import World
from tests.chain import ENGINES


@pytest.fixture(params=ENGINES)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    with World.open(tmp_path / "world", engine=request.param, seed=5) as world:
        world.registry("ICR")
        world.account("Acme")
    return tmp_path / "world"


def kept(folder: Path) -> list[str]:
    with World.open(folder) as world:
        return [entry.line() for entry in world.entries()]


def test_a_mark_that_cannot_be_taken_leaves_the_world_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any) -> int:
        raise ChainError("the node is away")

    with World.open(folder) as world:
        with monkeypatch.context() as patched:
            patched.setattr(type(world.ledger), "snapshot", gone)
            with pytest.raises(ChainError, match="away"):
                world.account("Borealis")
        world.account("Skogur")
        lines = [entry.line() for entry in world.entries()]
    assert kept(folder) == lines
    assert "Skogur" in lines[-1]


@pytest.mark.parametrize("name", ["note", "save"])
@pytest.mark.parametrize("is_again", [False, True])
def test_an_interrupt_while_the_world_is_saved_waits(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_again: bool
) -> None:
    world = World.open(folder)
    kept_by = world.archive.folder
    original = getattr(kept_by, name)

    def disturbed(*args: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return original(*args)

    with monkeypatch.context() as patched:
        patched.setattr(kept_by, name, disturbed)
        with pytest.raises(KeyboardInterrupt):
            world.account("Borealis")
    if is_again:
        world.account("Borealis")
    world.account("Skogur")
    lines = [entry.line() for entry in world.entries()]
    assert sum("Borealis" in line for line in lines) == is_again
    world.close()
    assert kept(folder) == lines


def test_an_interrupt_waits_until_the_block_is_left() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), undisturbed():
        signal.raise_signal(signal.SIGINT)
        done.append("all of it")
    assert done == ["all of it"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_are_left_alone() -> None:
    said: list[str] = []

    def work() -> None:
        with undisturbed():
            said.append("done")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert said == ["done"]
