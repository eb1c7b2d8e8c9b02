"""Errors of the contracts and of the package: the same names, with the same values."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from registry import errors
from registry.chain.artifacts import artifact, names
from registry.chain.reverts import INHERITED, OUT_OF_REACH

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "contracts"
_ERROR = re.compile(r"^\s*error\s+(\w+)\s*\(([^)]*)\)\s*;", re.MULTILINE)


def declared_in(path: Path) -> dict[str, tuple[str, ...]]:
    """Errors that a source declares: name -> names of its values."""
    return {
        name: tuple(part.split()[-1].rstrip("_") for part in values.split(",") if part.strip())
        for name, values in _ERROR.findall(path.read_text("utf-8"))
    }


# What a standard's interface declares is the standard's, not ours.
OURS = {
    name: values
    for path in sorted((CONTRACTS / "interfaces").glob("*.sol"))
    if not path.stem.startswith("IERC")
    for name, values in declared_in(path).items()
}

CLASSES = {kind.__name__: kind for kind in errors.LedgerError.__subclasses__()}
DEPLOYED = {
    refusal.name: tuple(value.rstrip("_") for value in refusal.parameters)
    for name in names()
    if "/" not in name and artifact(name).runtime_size
    for refusal in artifact(name).interface.errors.values()
}


def values_of(kind: type) -> tuple[str, ...]:
    if "__init__" not in vars(kind):
        return ()
    return tuple(inspect.signature(kind).parameters)


def test_every_ledger_error_is_one_of_the_contracts_and_none_is_missing() -> None:
    assert set(CLASSES) == set(OURS) | set(INHERITED.values())


@pytest.mark.parametrize("name", sorted(OURS))
def test_error_carries_the_same_values(name: str) -> None:
    assert values_of(CLASSES[name]) == OURS[name]


@pytest.mark.parametrize("name", sorted(INHERITED))
def test_inherited_error_carries_as_many_values(name: str) -> None:
    assert len(values_of(CLASSES[INHERITED[name]])) == len(DEPLOYED[name])


def test_inherited_errors_are_all_in_the_closed_table_and_nothing_else_is() -> None:
    assert not set(INHERITED) & OUT_OF_REACH
    assert set(INHERITED) | OUT_OF_REACH == set(DEPLOYED) - set(OURS)


def test_errors_are_declared_in_interfaces_alone() -> None:
    folders = [CONTRACTS, *(CONTRACTS / name for name in ("guards", "libraries", "types"))]
    for folder in folders:
        for path in folder.glob("*.sol"):
            assert declared_in(path) == {}, path.name


def test_no_error_is_declared_twice() -> None:
    found = [
        name for path in (CONTRACTS / "interfaces").glob("*.sol") for name in declared_in(path)
    ]
    assert len(found) == len(set(found))
    assert set(OURS) <= set(DEPLOYED)


def test_errors_have_no_subclasses_of_their_own() -> None:
    """The decoder finds a class by its name: a tree under LedgerError would hide some."""
    assert all(not kind.__subclasses__() for kind in CLASSES.values())


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    assert errors.__doc__ is not None
    drawn: dict[str, str] = {}
    above: list[str] = []
    for line in errors.__doc__.splitlines():
        found = re.match(
            r"    ((?:\|  |   )*)(\+- )?([A-Z]\w+(?:, [A-Z]\w+)*)(?:\(\w+\))?(?=  |$)", line
        )
        if found is None:
            continue
        depth = len(found[1]) // 3 + bool(found[2])
        for name in found[3].split(", "):
            drawn[name] = above[depth - 1] if depth and found[2] else ""
            above[depth:] = [name]
    real = {
        name: kind.__base__.__name__ if kind.__base__ is not Exception else ""
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if kind.__module__ == errors.__name__
        and issubclass(kind, Exception)
        and kind not in CLASSES.values()
    }
    assert real.pop("InvariantBroken") == "AssertionError"
    assert drawn.pop("InvariantBroken") == ""
    assert drawn == real
