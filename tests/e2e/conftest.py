"""Where the real exports are: beside the repository, never in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.command import ROOT

EXPORTS = Path("shared", "data", "registry_exports", "cercarbono")


@pytest.fixture(scope="session")
def cercarbono() -> Path:
    folder = ROOT.parent / EXPORTS
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the real exports are not at ../{EXPORTS}")
        pytest.skip(f"the real exports are not at ../{EXPORTS}")
    return folder
