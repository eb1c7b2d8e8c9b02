"""`artifacts check`: fresh as committed; a line and exit code 1 for whatever was changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from registry.chain import artifacts
from tests.e2e.command import ROOT, Ran, run


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of artifacts and sources, which the command looks at instead."""
    compiled, sources = tmp_path / "artifacts", tmp_path / "contracts"
    shutil.copytree(artifacts.ARTIFACTS, compiled)
    unneeded = shutil.ignore_patterns("test", ".solc", "out", "cache", ".foundry")
    shutil.copytree(artifacts.SOURCES, sources, ignore=unneeded)
    monkeypatch.setattr(artifacts.names, "__defaults__", (compiled,))
    monkeypatch.setattr(artifacts.stale, "__defaults__", (compiled, sources))
    return tmp_path


def check(*args: str) -> Ran:
    return run("artifacts", "check", *args)


def test_artifacts_are_fresh_as_committed() -> None:
    found = check()
    assert found.code == 0
    assert found.out == f"{len(artifacts.names())} artifacts, 0 stale\n"
    assert check("--json").body == {"schema": 1, "artifacts": len(artifacts.names()), "stale": []}


def test_artifacts_are_fresh_in_a_copy(copy: Path) -> None:
    assert copy.is_dir()
    assert check().code == 0


def test_artifacts_check_names_a_changed_artifact(copy: Path) -> None:
    path = copy / "artifacts" / "CarbonRegistry.json"
    body = json.loads(path.read_bytes())
    body["bytecode"] = body["bytecode"][:-2] + "00"
    path.write_text(json.dumps(body), encoding="utf-8")
    found = check()
    assert found.code == 1
    assert found.lines[0].startswith("artifact CarbonRegistry: is not the file that manifest.json")
    assert found.lines[-1].endswith(" artifacts, 1 stale")
    assert len(check("--json").body["stale"]) == 1


def test_artifacts_check_names_a_missing_artifact(copy: Path) -> None:
    (copy / "artifacts" / "Authority.json").unlink()
    found = check()
    assert found.code == 1
    assert found.lines[0].startswith("artifact Authority: is missing")


def test_artifacts_check_names_an_artifact_that_nobody_compiled(copy: Path) -> None:
    (copy / "artifacts" / "Extra.json").write_text("{}", encoding="utf-8")
    found = check()
    assert found.code == 1
    assert found.lines[0] == "artifact Extra: is not listed in manifest.json"


@pytest.mark.parametrize("manifest", [None, "", "[]", '{"schema": 9}'])
def test_artifacts_check_needs_a_manifest(copy: Path, manifest: str | None) -> None:
    path = copy / "artifacts" / "manifest.json"
    path.unlink() if manifest is None else path.write_text(manifest, encoding="utf-8")
    found = check()
    assert found.code == 1
    assert found.lines[0].startswith("artifact manifest: is ")
    assert check("--json").code == 1


@pytest.mark.parametrize("source", ["CarbonRegistry.sol", "interfaces/ISerialGuard.sol"])
def test_artifacts_check_notices_a_changed_source(copy: Path, source: str) -> None:
    path = copy / "contracts" / source
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    found = check()
    assert found.code == 1
    assert found.lines[0] == "the sources in contracts/ changed since they were compiled"


def test_artifacts_check_notices_a_new_source(copy: Path) -> None:
    (copy / "contracts" / "New.sol").write_text("// nothing\n", encoding="utf-8")
    assert check().code == 1


def test_artifacts_check_does_without_the_sources(copy: Path) -> None:
    shutil.rmtree(copy / "contracts")
    assert check().code == 0


@pytest.mark.parametrize("change", ["tampered with", "missing"])
def test_demo_refuses_a_stale_artifact_as_bad_input(tmp_path: Path, change: str) -> None:
    shutil.copytree(ROOT / "registry", tmp_path / "registry")
    path = tmp_path / "registry" / "chain" / "artifacts" / "CarbonRegistry.json"
    if change == "missing":
        path.unlink()
    else:
        path.write_text(path.read_text("utf-8") + " ", encoding="utf-8")
    program = "import sys; sys.argv[0] = 'carbon-registry'; from registry.cli import main; main()"
    found = subprocess.run(
        [sys.executable, "-c", program, "demo", "--json"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 2, found.stderr
    error = json.loads(found.stdout)["error"]
    assert error["type"] == "StaleArtifact"
    assert error["message"].startswith("artifact CarbonRegistry: is ")
