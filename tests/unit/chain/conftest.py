"""Every engine there is, for tests of what they all keep to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from registry.chain.engine import Engine
from tests.unit.chain.engines import ENGINES, IN_MEMORY, new_engine

Begin = Callable[..., Engine]


def beginning(request: pytest.FixtureRequest) -> Iterator[Begin]:
    anvils = request.getfixturevalue("anvils") if request.param == "rpc" else None
    with ExitStack() as stack:

        def begin(**settings: int) -> Engine:
            engine = new_engine(request.param, anvils, **settings)
            stack.callback(engine.close)
            return engine

        yield begin


@pytest.fixture(params=ENGINES)
def begin(request: pytest.FixtureRequest) -> Iterator[Begin]:
    """What begins a chain on an engine, whichever it is."""
    yield from beginning(request)


@pytest.fixture(params=IN_MEMORY)
def begin_in_memory(request: pytest.FixtureRequest) -> Iterator[Begin]:
    """What begins a chain on an engine that keeps it in memory."""
    yield from beginning(request)


@pytest.fixture
def engine(begin: Begin) -> Engine:
    """A chain with its genesis block alone, whichever engine carries it."""
    return begin()
