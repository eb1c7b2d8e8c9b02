"""The README's examples, and what they print today."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from contextlib import chdir
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from registry.chain.engines import best
from tests.e2e.command import PLAIN, ROOT, ran, run

README = ROOT / "README.md"
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """One example: its first line or code, what README shows, and what it prints."""

    what: str
    shown: list[str]
    printed: list[str]


def examples(folder: Path) -> list[Example]:
    """Run every example of the README, one after the other, in a folder of its own."""
    blocks = [(match[1], match[2]) for match in _FENCED.finditer(README.read_text("utf-8"))]
    found = []
    for (kind, text), (_, after) in pairwise([*blocks, ("", "")]):
        if kind == "python":
            # The chain on pyrevm cannot be shown where pyrevm has no wheel.
            is_here = best() == "revm" or "registry.chain.revm" not in text
            printed = _python(folder, "-c", text) if is_here else after.splitlines()
            found.append(Example("python", after.splitlines(), printed))
        elif text.startswith("$ "):
            # It shows the engine that is the best one on the usual platforms.
            first, *shown = text.replace("Engine revm,", f"Engine {best()},").splitlines()
            found.append(Example(first, shown, _session(text, folder)))
    return found


def _session(text: str, folder: Path) -> list[str]:
    """Run the lines that begin with "$", and return what they print with them in between."""
    printed: list[str] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            printed += [line, *_printed(line.removeprefix("$ "), folder)]
    return printed[1:]


def _printed(line: str, folder: Path) -> list[str]:
    command, *args = shlex.split(line)
    with chdir(folder):
        if command == "scripts/demo":
            return ran("demo", *args).lines
        if command == "carbon-registry":
            return run(*args).lines
    assert command == ".venv/bin/python", f"README runs {command}"
    return _python(folder, str(ROOT / args[0]), *args[1:])


def _python(folder: Path, *args: str) -> list[str]:
    environment = PLAIN | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *args], capture_output=True, cwd=folder, env=environment, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [line.rstrip() for line in done.stdout.splitlines()]


def is_shown(shown: list[str], printed: list[str]) -> bool:
    """Say whether `shown` is `printed`, where "..." stands for any number of lines."""
    if not shown:
        return not printed
    if shown[0] == "...":
        return any(is_shown(shown[1:], printed[at:]) for at in range(len(printed) + 1))
    return bool(printed) and shown[0] == printed[0] and is_shown(shown[1:], printed[1:])
