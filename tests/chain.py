"""Which engine carries the contracts in tests: the one that worlds take unless told otherwise.

`CARBON_REGISTRY_TEST_ENGINE=tester` runs the same tests on py-evm. Tests of one engine name it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from registry.chain.engine import Engine
from registry.chain.engines import best, new_engine, reopening

CHAIN = os.environ.get("CARBON_REGISTRY_TEST_ENGINE") or best()
ENGINES = ("model", CHAIN)


def new_chain(start_s: int) -> Engine:
    """Begin a chain whose genesis block is at `start_s`."""
    return new_engine(CHAIN, start_s)


def reopen() -> Callable[[Mapping[bytes, bytes]], Engine]:
    """Return what opens such a chain again from all its changes."""
    return reopening(CHAIN)


def say_all_again(engine: Engine) -> None:
    """Let an engine forget what it has said to keep, so that it says all of it once more."""
    if hasattr(engine, "_keeper"):
        engine._keeper._kept.clear()
    else:
        engine._backend.store._touched = None  # type: ignore[attr-defined]


def snapshots_of(engine: Engine) -> list[object]:
    """Return the snapshots that an engine remembers."""
    chain = getattr(engine, "_chain", None)
    return chain._marks if chain else engine._backend._snapshots  # type: ignore[attr-defined, no-any-return]
