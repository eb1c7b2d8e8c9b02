"""Where the real exports are: beside the repository, never in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

EXPORTS = Path("shared", "data", "registry_exports")


@pytest.fixture(scope="session")
def exports() -> Path:
    folder = Path(__file__).resolve().parents[4] / EXPORTS
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the real exports are not at ../{EXPORTS}")
        pytest.skip(f"the real exports are not at ../{EXPORTS}")
    return folder


@pytest.fixture(scope="session")
def cercarbono(exports: Path) -> Path:
    return exports / "cercarbono"
