"""Who may import whom, as pyproject.toml says it, and the README's line about it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def present() -> set[str]:
    """Modules and packages directly inside registry/."""
    folder = ROOT / "registry"
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    return packages | {path.stem for path in folder.glob("*.py")} - {"__init__"}


def test_imports_keep_their_layers() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_package_has_its_layer() -> None:
    (contract,) = PYPROJECT["tool"]["importlinter"]["contracts"]
    assert contract["exhaustive"] is True
    assert present() <= set(re.findall(r"\w+", " ".join(contract["layers"])))


def test_readme_draws_the_layers_as_they_are() -> None:
    (contract,) = PYPROJECT["tool"]["importlinter"]["contracts"]
    layers = [set(re.findall(r"\w+", line)) & present() for line in reversed(contract["layers"])]
    readme = (ROOT / "README.md").read_text("utf-8")
    (line,) = (line for line in readme.splitlines() if " <- " in line)
    drawn = [set(re.findall(r"\w+", part)) for part in line.split(" <- ")]
    assert drawn == [layer for layer in layers if layer]


def test_readme_maps_every_package() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    section = readme.partition("## Where things are")[2].partition("\n## ")[0]
    assert present() <= set(re.findall(r"\w+", section))


def test_package_holds_no_test_packages() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})
