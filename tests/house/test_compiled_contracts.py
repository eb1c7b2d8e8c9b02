"""The committed artifacts: compiled from these sources, and small enough for any chain."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from registry.chain.artifacts import artifact, names, stale

ROOT = Path(__file__).parents[2]
CODE_BYTES_MAX = 23_500
"""Below Ethereum's limit of 24,576 (EIP-170), so that a small addition is no emergency."""


def test_artifacts_are_not_stale() -> None:
    assert stale() == ()


@pytest.mark.parametrize("name", names())
def test_contract_is_small_enough(name: str) -> None:
    assert artifact(name).runtime_size <= CODE_BYTES_MAX


def has_compiler() -> bool:
    question = ["node", "-p", "require.resolve('solc/package.json')"]
    return subprocess.run(question, cwd=ROOT, capture_output=True).returncode == 0


def test_artifacts_are_what_the_sources_compile_to() -> None:
    if shutil.which("node") is None:
        pytest.skip("no node, and only recompiling needs it")
    # Where nobody waits, the script may install the compiler, which takes npm a few seconds.
    if not has_compiler() and os.environ.get("CI") != "true":
        pytest.skip("no compiler: npm ci installs one")
    check = [sys.executable, "scripts/compile-contracts", "--check"]
    run = subprocess.run(check, cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, ""), run.stderr
