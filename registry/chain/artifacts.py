"""The committed, compiled contracts, and whether they still are what the sources say.

Nobody needs a compiler to run: `scripts/compile-contracts` writes these files, and its hash rule is
repeated here so that freshness can be checked without one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from registry.chain.abi import Interface
from registry.errors import StaleArtifact

ARTIFACTS = Path(__file__).parent / "artifacts"
SOURCES = Path(__file__).parents[2] / "contracts"
SCHEMA = 1


class Artifact:
    """One compiled contract.

    Attributes:
        name: The contract's name.
        interface: Its functions, events and errors.
    """

    def __init__(self, name: str, body: Mapping[str, Any]) -> None:
        self.name = name
        self._body = body
        self.interface = Interface(body["abi"])

    def creation(self, *args: Any, libraries: Mapping[str, bytes] | None = None) -> bytes:
        """Return creation code, linked, followed by the constructor's arguments."""
        code = _link(self._body["bytecode"], self._body["link_references"], libraries or {})
        return code + self.interface.encode_constructor(*args)

    @property
    def runtime_size(self) -> int:
        """Bytes of code that the deployed contract has."""
        return len(self._body["runtime"][2:]) // 2

    def is_runtime(self, code: bytes, libraries: Mapping[str, bytes] | None = None) -> bool:
        """Say whether `code` is this contract, whatever its immutables hold."""
        links = self._body["runtime_link_references"]
        expected = bytearray(_link(self._body["runtime"], links, libraries or {}))
        found = bytearray(code)
        if len(expected) != len(found):
            return False
        for places in self._body["immutable_references"].values():
            for place in places:
                start, end = place["start"], place["start"] + place["length"]
                expected[start:end] = found[start:end] = bytes(place["length"])
        if not links and expected[:1] == b"\x73" and expected[21:22] == b"\x30":
            # A library's code begins with its own address, filled in when it is deployed.
            expected[1:21] = found[1:21]
        return expected == found


def _link(code: str, references: Mapping[str, Any], libraries: Mapping[str, bytes]) -> bytes:
    text = code[2:]
    for placed in references.values():
        for library, places in placed.items():
            for place in places:
                start = 2 * place["start"]
                text = text[:start] + libraries[library].hex() + text[start + 40 :]
    return bytes.fromhex(text)


def _read(name: str, directory: Path) -> dict[str, Any]:
    path = directory / f"{name}.json"
    try:
        body = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise StaleArtifact(name, "is missing") from error
    except ValueError as error:
        raise StaleArtifact(name, "is not JSON") from error
    if not isinstance(body, dict) or body.get("schema") != SCHEMA:
        raise StaleArtifact(name, f"is not of schema {SCHEMA}")
    return body


@cache
def manifest(directory: Path = ARTIFACTS) -> dict[str, Any]:
    """Return what the compiler wrote about its run: version, settings, hashes."""
    return _read("manifest", directory)


@cache
def artifact(name: str, directory: Path = ARTIFACTS) -> Artifact:
    """Return a compiled contract, checked against the manifest.

    Raises:
        StaleArtifact: missing, damaged, or not the one that the manifest lists.
    """
    listed = {item["name"]: item["sha256"] for item in manifest(directory)["artifacts"]}
    body = _read(name, directory)
    found = "0x" + hashlib.sha256((directory / f"{name}.json").read_bytes()).hexdigest()
    if listed.get(name) != found:
        raise StaleArtifact(name, "is not the file that manifest.json lists")
    return Artifact(name, body)


def names(directory: Path = ARTIFACTS) -> tuple[str, ...]:
    """Return the names of all artifacts, ascending; those of mocks begin with "mocks/"."""
    return tuple(sorted(item["name"] for item in manifest(directory)["artifacts"]))


def sources_hash(sources: Path = SOURCES) -> str:
    """Hash every source that is compiled: sha256 over path, NUL, content, NUL, ascending by path.

    Source: scripts/compile-contracts
    """
    running = hashlib.sha256()
    paths = sorted(
        path.relative_to(sources).as_posix()
        for path in sources.rglob("*.sol")
        if not path.relative_to(sources).as_posix().startswith(("test/", "lib/forge-std/"))
    )
    for path in paths:
        running.update(path.encode() + b"\0" + (sources / path).read_bytes() + b"\0")
    return "0x" + running.hexdigest()


def stale(directory: Path = ARTIFACTS, sources: Path = SOURCES) -> tuple[str, ...]:
    """Say which artifacts are not what the sources say, one line each; empty if all are.

    Without the sources (an installed package) only the artifacts' own hashes are checked.
    """
    found = []
    for name in names(directory):
        try:
            artifact(name, directory)
        except StaleArtifact as error:
            found.append(str(error))
    listed = {item["name"] for item in manifest(directory)["artifacts"]}
    found += [
        f"artifact {name}: is not listed in manifest.json"
        for path in sorted(directory.rglob("*.json"))
        if (name := path.relative_to(directory).with_suffix("").as_posix())
        not in listed | {"manifest"}
    ]
    if sources.is_dir() and sources_hash(sources) != manifest(directory)["source_hash"]:
        found.append("the sources in contracts/ changed since they were compiled")
    return tuple(found)
