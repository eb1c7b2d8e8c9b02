"""Where the real exports are: beside the repository, never in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.published import real_data


@pytest.fixture(scope="session")
def exports() -> Path:
    return real_data() / "registry_exports"


@pytest.fixture(scope="session")
def cercarbono(exports: Path) -> Path:
    return exports / "cercarbono"
