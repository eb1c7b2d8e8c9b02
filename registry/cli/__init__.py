"""The command line: `carbon-registry`.

Exit codes: 0 fine, 1 not fine (something found, missed, unlike or stale), 2 bad input,
3 anything else.
With `--json` a command prints one object on standard output; on exit 2 it is {"error": ...}.
"""

from __future__ import annotations

import io
import json
import os
import sys
import traceback

from typer.exceptions import TyperException

from registry.cli import auditing, commands
from registry.cli.apps import app
from registry.errors import (
    ChainDamaged,
    ForeignContract,
    InputError,
    MirrorError,
    NodeError,
    RegistryError,
    StaleArtifact,
    StoreError,
)

__all__ = ["app", "auditing", "commands", "main"]

_UNUSABLE = (
    *(InputError, StaleArtifact, ForeignContract, StoreError, MirrorError),
    *(ChainDamaged, NodeError),
)
"""What was given cannot be used as it is."""


def _fail(error: BaseException, message: str, code: int) -> int:
    try:
        if "--json" in sys.argv:
            body = {"type": type(error).__name__, "message": message}
            print(json.dumps({"error": body}), flush=True)
        else:
            print(f"error: {message}", file=sys.stderr)
    except OSError:
        # Nothing can be written there, and Python would say so with code 1 when it leaves.
        _drop_output()
    return code


def _drop_output() -> None:
    """Let what is still to be written go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> None:
    """Run one command and leave with its exit code."""
    if sys.stdout is None:
        # Closed by whoever started us.
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A letter that the terminal's encoding lacks is no reason to fail.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = app(standalone_mode=False, prog_name="carbon-registry")
        # An interrupt comes back as 130.
        code = 3 if code not in (None, 0, 1) else code
        sys.stdout.flush()
    except TyperException as error:
        message = error.format_message()
        if message.startswith("Usage:"):
            message = f"expected a command\n\n{message}"
        code = _fail(error, message, 2)
    except _UNUSABLE as error:
        code = _fail(error, str(error), 2)
    except RegistryError as error:
        code = _fail(error, str(error), 3)
    except (BrokenPipeError, SystemExit):
        # Whoever read our output has gone; nothing more can be said to it. (Typer and rich leave
        # with code 1 then, which would say that something was found.)
        _drop_output()
        code = 3
    except (Exception, KeyboardInterrupt) as error:
        traceback.print_exc()
        code = _fail(error, f"{type(error).__name__}: {error}", 3)
    sys.exit(code or 0)
