"""The command line, called as a process would call it, in this process."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from registry import cli

ROOT = Path(__file__).resolve().parents[2]
PLAIN = {
    name: value
    for name, value in os.environ.items()
    if name not in {"COLUMNS", "FORCE_COLOR", "NO_COLOR", "PY_COLORS", "TTY_COMPATIBLE"}
} | {"TERMINAL_WIDTH": "100"}
"""The environment without what changes colours and widths."""


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def body(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def lines(self) -> list[str]:
        """Standard output without the blanks that tables leave at the end of lines."""
        return [line.rstrip() for line in self.out.splitlines()]


def run(*args: str) -> Ran:
    """Run `carbon-registry` with these arguments."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with (
        patch.object(sys, "argv", ["carbon-registry", *args]),
        patch.dict(os.environ, PLAIN, clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            cli.main()
        except SystemExit as left:
            assert left.code is None or isinstance(left.code, int)
            code = left.code or 0
    return Ran(code, out.getvalue(), err.getvalue())


@cache
def ran(*args: str) -> Ran:
    """Run `carbon-registry` once for all tests that look at the same output."""
    return run(*args)
