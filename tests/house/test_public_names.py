"""What `registry` offers: a name more or less is a decision, not an accident."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import registry

NAMES = [
    "ChainError",
    "Entry",
    "Finding",
    "InputError",
    "InvariantBroken",
    "LedgerError",
    "Level",
    "Registry",
    "RegistryError",
    "World",
]


def test_public_names_are_these() -> None:
    assert registry.__all__ == NAMES
    assert dir(registry) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_public_name_is_documented(name: str) -> None:
    found = getattr(registry, name)
    assert isinstance(found, type)
    assert found.__name__ == name
    assert found.__doc__


def test_no_other_name_is_found() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'ledger_of'"):
        registry.ledger_of  # noqa: B018


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys, registry; print(sorted(n for n in sys.modules if n.startswith('registry')))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True
    )
    assert run.stdout == "['registry']\n"
