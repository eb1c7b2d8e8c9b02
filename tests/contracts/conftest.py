"""The stage on both engines: built once, and each test takes back what it did."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chain import CHAIN, ENGINES
from tests.contracts.stage import Bridged, Stage


@pytest.fixture(scope="session", params=ENGINES)
def built_stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    stage = Stage(request.param)
    yield stage
    stage.world.close()


@pytest.fixture
def stage(built_stage: Stage) -> Iterator[Stage]:
    with built_stage.world.checkpoint():
        yield built_stage


@pytest.fixture(scope="session", params=ENGINES)
def built_bridged(request: pytest.FixtureRequest) -> Iterator[Bridged]:
    stage = Bridged(request.param)
    yield stage
    stage.world.close()


@pytest.fixture
def bridged(built_bridged: Bridged) -> Iterator[Bridged]:
    """The stage with credits on their way between its registries."""
    with built_bridged.world.checkpoint():
        yield built_bridged


@pytest.fixture(scope="session")
def built_chain() -> Iterator[Stage]:
    stage = Stage(CHAIN)
    yield stage
    stage.world.close()


@pytest.fixture
def chain(built_chain: Stage) -> Iterator[Stage]:
    """The stage on contracts, for what the model has no words for."""
    with built_chain.world.checkpoint():
        yield built_chain
