"""The README's examples, and what they print today."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from itertools import pairwise
from typing import NamedTuple

from tests.e2e.command import PLAIN, ROOT, ran

README = ROOT / "README.md"
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """One example: its first line or code, what README shows, and what it prints."""

    what: str
    shown: list[str]
    printed: list[str]


def examples() -> list[Example]:
    """Run every example of the README."""
    blocks = [(match[1], match[2]) for match in _FENCED.finditer(README.read_text("utf-8"))]
    found = []
    for (kind, text), (_, after) in pairwise([*blocks, ("", "")]):
        if kind == "python":
            found.append(Example("python", after.splitlines(), _python("-c", text)))
        elif text.startswith("$ "):
            first, *shown = text.splitlines()
            found.append(Example(first, shown, _printed(first.removeprefix("$ "))))
    return found


def _printed(line: str) -> list[str]:
    command, *args = shlex.split(line)
    if command == "scripts/demo":
        return ran("demo", *args).lines
    if command == "carbon-registry":
        return ran(*args).lines
    assert command == ".venv/bin/python", f"README runs {command}"
    return _python(*args)


def _python(*args: str) -> list[str]:
    environment = PLAIN | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, *args], capture_output=True, cwd=ROOT, env=environment, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")
    return [line.rstrip() for line in run.stdout.splitlines()]


def is_shown(shown: list[str], printed: list[str]) -> bool:
    """Say whether `shown` is `printed`, where "..." stands for any number of lines."""
    if not shown:
        return not printed
    if shown[0] == "...":
        return any(is_shown(shown[1:], printed[at:]) for at in range(len(printed) + 1))
    return bool(printed) and shown[0] == printed[0] and is_shown(shown[1:], printed[1:])
