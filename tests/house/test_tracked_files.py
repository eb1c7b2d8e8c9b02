"""What is in the repository: nothing of one machine, and no address of a package registry."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENDORED = "contracts/lib/"
# Spelt so that this file is not found by its own test.
REGISTRY_HOSTS = re.compile(
    r"py[p]i\.org|python[h]osted|npm[j]s|registry\.[n]pm|yarn[p]kg|cra[t]es\.io|proxy\.go[l]ang"
    r"|index-[u]rl\s*[=h]|\"res[o]lved\"\s*:"
)
MACHINE_PATHS = re.compile(r"(?<![\w.~/])/(?:home|Users|root|tmp|work|mnt)/\w|\b[A-Z]:\\\\?Users\b")


def tracked() -> dict[str, bytes]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a clone")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return {name: (ROOT / name).read_bytes() for name in names if (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return tracked()


@pytest.mark.parametrize("pattern", [REGISTRY_HOSTS, MACHINE_PATHS], ids=["hosts", "paths"])
def test_no_file_says_where_it_was_made(files: dict[str, bytes], pattern: re.Pattern[str]) -> None:
    found = [
        f"{name}: {match[0]}"
        for name, content in files.items()
        if not name.startswith(VENDORED)
        and (match := pattern.search(content.decode(errors="replace")))
    ]
    assert found == []


def test_locked_packages_carry_hashes(files: dict[str, bytes]) -> None:
    lock = files["requirements.lock"].decode()
    packages = re.findall(r"^[\w.-]+==", lock, re.MULTILINE)
    with_hash = re.findall(r"^[\w.-]+==[^\n]*\\\n    --hash=sha256:", lock, re.MULTILINE)
    assert len(packages) == len(with_hash) > 30


def test_no_data_of_others_is_kept(files: dict[str, bytes]) -> None:
    kept = [name for name in files if name.endswith((".csv", ".xlsx", ".parquet", ".jsonl"))]
    assert kept == []


def test_scripts_can_be_run(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        if content.startswith(b"#!"):
            assert (ROOT / name).stat().st_mode & 0o111, name


def test_patterns_find_what_they_are_for() -> None:
    for text in ("https://py" + "pi.org/simple", "https://registry.n" + "pm" + "js.org/x"):
        assert REGISTRY_HOSTS.search(text)
    for text in ("see /ho" + "me/me/x", "/t" + "mp/x", "'/wo" + "rk/main'"):
        assert MACHINE_PATHS.search(text)
    for text in ("tests/work/x", "../home/x", "https://example.org/home/x"):
        assert not MACHINE_PATHS.search(text)
