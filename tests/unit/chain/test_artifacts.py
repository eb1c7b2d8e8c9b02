"""Artifacts are the files that the manifest lists, compiled from these sources, or refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from registry.chain.artifacts import (
    ARTIFACTS,
    SOURCES,
    artifact,
    manifest,
    names,
    sources_hash,
    stale,
)
from registry.errors import StaleArtifact

NAME = "RetirementCertificate"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with all artifacts, to spoil one of them."""
    return Path(shutil.copytree(ARTIFACTS, tmp_path / "artifacts"))


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SOURCES, tmp_path / "contracts"))


def refused(folder: Path, name: str = NAME) -> StaleArtifact:
    with pytest.raises(StaleArtifact) as caught:
        artifact(name, folder)
    assert caught.value.artifact in (name, "manifest")
    assert "scripts/compile-contracts" in str(caught.value)
    return caught.value


def relist(folder: Path, name: str, body: bytes) -> None:
    """Replace an artifact and list the new one, as a wrong compiler would."""
    (folder / f"{name}.json").write_bytes(body)
    listed = json.loads((folder / "manifest.json").read_bytes())
    for item in listed["artifacts"]:
        if item["name"] == name:
            item["sha256"] = "0x" + hashlib.sha256(body).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(listed))


def test_every_artifact_can_be_loaded(copied: Path) -> None:
    assert stale(copied, SOURCES) == ()
    assert "mocks/ReentrantReceiver" in names(copied)
    for name in names(copied):
        assert artifact(name, copied).name == name


def test_missing_artifact_is_refused(copied: Path) -> None:
    (copied / f"{NAME}.json").unlink()
    assert refused(copied).found == "is missing"
    assert [line for line in stale(copied, SOURCES) if NAME in line] != []


@pytest.mark.parametrize("body", [b"", b"{", b"not JSON", b"\xff\xfe{}"])
def test_damaged_artifact_is_refused(copied: Path, body: bytes) -> None:
    (copied / f"{NAME}.json").write_bytes(body)
    assert refused(copied).found == "is not JSON"


@pytest.mark.parametrize("body", [{}, {"schema": 2}, {"schema": "1"}, [], "text", None, 1])
def test_artifact_of_another_schema_is_refused(copied: Path, body: Any) -> None:
    relist(copied, NAME, json.dumps(body).encode())
    assert refused(copied).found == "is not of schema 1"


def test_artifact_with_one_byte_changed_is_refused(copied: Path) -> None:
    path = copied / f"{NAME}.json"
    body = json.loads(path.read_bytes())
    code = body["bytecode"]
    body["bytecode"] = code[:100] + ("0" if code[100] != "0" else "1") + code[101:]
    path.write_text(json.dumps(body, indent=1))
    assert "manifest" in refused(copied).found
    (line,) = stale(copied, SOURCES)
    assert NAME in line


def test_artifact_with_a_blank_more_is_refused(copied: Path) -> None:
    path = copied / f"{NAME}.json"
    path.write_bytes(path.read_bytes() + b" ")
    assert "manifest" in refused(copied).found


def test_artifact_that_is_not_listed_is_refused(copied: Path) -> None:
    shutil.copy(copied / f"{NAME}.json", copied / "Other.json")
    assert "manifest" in refused(copied, "Other").found
    assert [line for line in stale(copied, SOURCES) if "Other" in line] == [
        "artifact Other: is not listed in manifest.json"
    ]


@pytest.mark.parametrize("name", ["../manifest", "Nothing", "", "CarbonRegistry.json"])
def test_name_that_is_no_artifact_is_refused(copied: Path, name: str) -> None:
    with pytest.raises(StaleArtifact):
        artifact(name, copied)


def test_missing_or_damaged_manifest_is_refused(copied: Path, tmp_path: Path) -> None:
    (copied / "manifest.json").write_text("{")
    assert refused(copied).artifact == "manifest"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert refused(empty).found == "is missing"
    assert refused(tmp_path / "nowhere").found == "is missing"


def test_manifest_says_what_compiled() -> None:
    said = manifest()
    assert said["source_hash"] == sources_hash()
    assert {item["name"] for item in said["artifacts"]} == set(names())


def test_stale_says_that_a_source_changed(sources: Path) -> None:
    assert stale(ARTIFACTS, sources) == ()
    path = sources / "CarbonRegistry.sol"
    path.write_text(path.read_text() + "\n")
    assert stale(ARTIFACTS, sources) == (
        "the sources in contracts/ changed since they were compiled",
    )


@pytest.mark.parametrize("change", ["new", "gone", "renamed"])
def test_stale_says_that_a_source_came_or_went(sources: Path, change: str) -> None:
    if change == "new":
        (sources / "New.sol").write_text("// new\n")
    elif change == "gone":
        (sources / "libraries" / "Calendar.sol").unlink()
    else:
        (sources / "Authority.sol").rename(sources / "Authorities.sol")
    assert len(stale(ARTIFACTS, sources)) == 1


def test_stale_does_not_look_at_tests(sources: Path) -> None:
    (sources / "test" / "New.t.sol").write_text("// a test\n")
    assert stale(ARTIFACTS, sources) == ()


def test_stale_without_sources_checks_the_files_alone(tmp_path: Path) -> None:
    assert stale(ARTIFACTS, tmp_path / "nowhere") == ()


def test_runtime_is_told_from_any_other_code() -> None:
    certificate = artifact(NAME)
    body = certificate._body
    code = bytearray(bytes.fromhex(body["runtime"][2:]))
    assert certificate.is_runtime(bytes(code))
    (places,) = list(body["immutable_references"].values())[:1]
    for place in places:
        code[place["start"] : place["start"] + place["length"]] = b"\x77" * place["length"]
    assert certificate.is_runtime(bytes(code))
    code[10] ^= 1
    assert not certificate.is_runtime(bytes(code))
    assert not certificate.is_runtime(b"")
    assert not certificate.is_runtime(bytes(len(code) + 1))


def test_linked_code_names_its_library() -> None:
    credits = artifact("CarbonRegistry")
    here, there = b"\x11" * 20, b"\x22" * 20
    config = ("ICR", True, *[b"\1" * 20] * 5)
    code = credits.creation(config, libraries={"SerialLedger": here})
    assert here in code and there not in code
    with pytest.raises(KeyError):
        credits.creation(config)
