"""Worlds whose chain is at a node: the same worlds, kept and opened again, and cut off from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from registry.chain.jsonrpc import Node
from registry.errors import (
    ChainDamaged,
    InputError,
    NodeNonsense,
    NodeUnfit,
    NodeUnreachable,
    WrongChain,
)
from registry.kept.opening import WorldError
from registry.world import World
from tests.anvil import Anvils
from tests.kept import SEED, START, STEPS, Known, differences_of, lead, picture
from tests.unit.chain.stand_ins import StandIn, before

BEFORE_START_S = 1_751_328_000 - 1
OF_THE_NODE = {"settings", "blocks"}
"""Where a world says which engine carries it, and the hashes of its blocks."""


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """What a world looks like that was never away from its chain."""
    with World.open(seed=SEED, start=START) as world:
        lead(world)
        return picture(world)


@pytest.fixture
def url(anvils: Anvils) -> str:
    return anvils.at(BEFORE_START_S)


class Link:
    """What a world reaches its node through, and what can be cut.

    Attributes:
        is_cut: Whether nothing gets through.
        blocks: How many more blocks it carries before it cuts itself; None for ever.
        is_late: Whether it then cuts itself after the block was made, not before.
    """

    def __init__(self, url: str) -> None:
        self._real = before(url)
        self.is_cut = False
        self.blocks: int | None = None
        self.is_late = False

    def __call__(self, questions: list[dict[str, Any]]) -> bytes | None:
        if self.is_cut:
            return None
        if self.blocks is not None and questions[-1]["method"] == "evm_mine":
            self.blocks -= 1
            if self.blocks < 0:
                self.is_cut = True
                if self.is_late:
                    self._real(questions)
                return None
        return self._real(questions)

    def mend(self) -> None:
        self.is_cut, self.blocks = False, None


@pytest.fixture
def link(url: str) -> Iterator[tuple[Link, str]]:
    cut = Link(url)
    with StandIn(cut) as between:
        yield cut, between.url


def made(path: Path | None, url: str) -> World:
    return World.open(path, seed=SEED, engine=f"rpc:{url}", start=START)


def test_a_world_at_a_node_is_the_same_world(url: str, whole: dict[str, Any]) -> None:
    with made(None, url) as world:
        lead(world)
        assert set(differences_of(picture(world), whole)) == OF_THE_NODE


def test_a_checkpoint_takes_back_what_is_at_the_node(url: str, whole: dict[str, Any]) -> None:
    with made(None, url) as world:
        known: Known = {}
        for step in STEPS:
            with world.checkpoint():
                lead(world, dict(known), [step])
            step(world, known)
        assert set(differences_of(picture(world), whole)) == OF_THE_NODE


def test_a_kept_world_goes_on_at_its_node(tmp_path: Path, url: str, whole: dict[str, Any]) -> None:
    known: Known = {}
    made(tmp_path, url).close()
    for step in STEPS:
        with World.open(tmp_path) as world:
            assert world.engine == f"rpc:{url}"
            step(world, known)
    with World.open(tmp_path, read_only=True) as world:
        assert set(differences_of(picture(world), whole)) == OF_THE_NODE


def test_a_node_s_password_is_used_and_neither_kept_nor_shown(tmp_path: Path, url: str) -> None:
    with StandIn(before(url)) as guarded:
        guarded.wants = "Basic dXNlcjpnZWhlaW0="
        secret = guarded.url.replace("http://", "http://user:geheim@")
        with made(tmp_path, secret) as world:
            lead(world, steps=STEPS[:2])
            entries = world.entries()
            assert world.engine == f"rpc:{guarded.url}"
            assert "geheim" not in repr(picture(world))
        with World.open(tmp_path, engine=f"rpc:{secret}") as world:
            assert (world.engine, world.entries()) == (f"rpc:{guarded.url}", entries)
        with pytest.raises(NodeNonsense, match="401") as caught:
            World.open(tmp_path)
        assert "geheim" not in str(caught.value)
        with pytest.raises(WorldError, match="has engine rpc:http://127") as other:
            World.open(tmp_path, engine="rpc:http://user:geheim@127.0.0.1:9")
        assert "geheim" not in str(other.value)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert all(b"geheim" not in file.read_bytes() for file in files)


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("is_kept", [False, True])
def test_a_world_goes_on_when_its_node_is_back(
    tmp_path: Path, link: tuple[Link, str], whole: dict[str, Any], is_kept: bool, is_late: bool
) -> None:
    cable, url = link
    with made(tmp_path if is_kept else None, url) as world:
        known: Known = {}
        for step in STEPS:
            before_it = (world.now_s, world.entries())
            cable.blocks, cable.is_late = 0, is_late
            trial = dict(known)
            chance = world.rng.getstate()
            try:
                step(world, trial)
            except NodeUnreachable:
                cable.mend()
                world.rng.setstate(chance)
                assert (world.now_s, world.entries()) == before_it
                step(world, known)
            else:
                cable.mend()
                known = trial
        assert set(differences_of(picture(world), whole)) == OF_THE_NODE
    if is_kept:
        with World.open(tmp_path) as world:
            assert set(differences_of(picture(world), whole)) == OF_THE_NODE


def test_a_kept_world_says_what_is_wrong_with_its_node(
    tmp_path: Path, anvils: Anvils, link: tuple[Link, str]
) -> None:
    cable, url = link
    with made(tmp_path, url) as world:
        lead(world, steps=STEPS[:3])
        entries = world.entries()
    cable.is_cut = True
    with pytest.raises(NodeUnreachable):
        World.open(tmp_path)
    cable.mend()
    cable._real = before(anvils.at(BEFORE_START_S, 8899))
    with pytest.raises(WrongChain):
        World.open(tmp_path)
    cable._real = before(anvils.at(BEFORE_START_S - 1))
    with pytest.raises(ChainDamaged, match="has not its block 0"):
        World.open(tmp_path)
    assert entries


def test_a_kept_world_misses_the_blocks_that_its_node_lost(tmp_path: Path, url: str) -> None:
    with made(tmp_path, url) as world:
        lead(world, steps=STEPS[:3])
        head = world.ledger.head()
    with closing(Node(url)) as node:
        node.ask("anvil_rollback", 1)
    with pytest.raises(ChainDamaged, match=f"has not its block {head}"):
        World.open(tmp_path)


def test_a_node_whose_clock_is_ahead_of_the_world_s_is_refused(anvils: Anvils) -> None:
    late = anvils.at(BEFORE_START_S + 1_000_000)
    with pytest.raises(NodeUnfit, match=f"its last block .* anvil --timestamp {BEFORE_START_S}"):
        made(None, late)
    with closing(Node(late)) as node:
        assert node.ask("anvil_getAutomine") is True


@pytest.mark.parametrize("address", ["", "127.0.0.1:8545", "ftp://127.0.0.1"])
def test_an_engine_that_is_no_address_is_bad_input(address: str) -> None:
    with pytest.raises(InputError, match="expected an address such as http"):
        made(None, address)
