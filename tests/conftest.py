"""What tests in several places share: hypothesis profiles, and databases to keep things in.

Profiles are small by default, larger where `HYPOTHESIS_PROFILE=slow` asks for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from registry.simulate.nodes import AnvilMissing, anvil_program
from tests.anvil import Anvils
from tests.postgres import PostgresMissing, Server

settings.register_profile("quick", max_examples=15, deadline=None, print_blob=True)
settings.register_profile("slow", max_examples=500, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

DATABASE_NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for all tests of a worker; who stops it leaves it to the next to start it."""
    try:
        server = Server()
    except PostgresMissing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    yield server
    server.close()


@pytest.fixture(scope="session")
def anvils() -> Iterator[Anvils]:
    """Nodes for all tests of a worker, one at a time; each who asks finds a chain that begins."""
    try:
        anvil_program()
    except AnvilMissing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    nodes = Anvils()
    yield nodes
    nodes.close()


@pytest.fixture
def database_url(postgres: Server) -> Iterator[str]:
    """An empty PostgreSQL database of the test's own, dropped after it."""
    name = f"test_{next(DATABASE_NUMBERS)}"
    postgres.start()
    yield postgres.create(name)
    postgres.start()
    postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind; one of SQLite's is a file that is not there yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    url: str = request.getfixturevalue("database_url")
    return url
