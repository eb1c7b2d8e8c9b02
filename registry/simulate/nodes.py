"""A node of one's own: Foundry's anvil, for as long as a block of code runs."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from registry.chain.engine import CHAIN_ID
from registry.errors import ChainError, InputError

_ROOT: Final = Path(__file__).parents[2]
_PATIENCE_S: Final = 20.0
_ATTEMPTS: Final = 5
_LOCAL: Final = "127.0.0.1"

_WATCHDOG: Final = 'read -r _; kill "$1" 2>/dev/null'
"""Ends the node when its standard input is closed, as it is with the process that holds it."""


class AnvilMissing(InputError):
    """This machine has no anvil to start."""

    def __init__(self) -> None:
        super().__init__("no anvil was found, neither on the PATH nor in node_modules (npm ci)")


class AnvilFailed(ChainError):
    """Anvil was started and does not answer."""

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(f"anvil does not start: {said or 'it says nothing'}")


def anvil_program() -> Path:
    """Find anvil: on the PATH, else where npm puts it.

    Raises:
        AnvilMissing: there is none.
    """
    beside = _ROOT / "node_modules" / ".bin" / "anvil"
    found = shutil.which("anvil") or shutil.which(beside)
    if found is None:
        raise AnvilMissing
    return Path(found)


@contextmanager
def anvil(
    *, start_s: int | None = None, chain_id: int = CHAIN_ID, options: Sequence[str] = ()
) -> Iterator[str]:
    """Run an anvil under Prague rules, and end it; it ends with this process in any case.

    Args:
        start_s: Timestamp of the genesis block, seconds since 1970; now if absent.
        options: More of anvil's own.

    Returns:
        Its address.

    Raises:
        AnvilMissing, AnvilFailed: there is none, or it does not start.
    """
    said = [str(anvil_program()), "--silent", "--hardfork", "prague", "--chain-id", str(chain_id)]
    if start_s is not None:
        said += ["--timestamp", str(start_s)]
    process, port = _started([*said, *options])
    watchdog = subprocess.Popen(
        ["/bin/sh", "-c", _WATCHDOG, "sh", str(process.pid)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield f"http://{_LOCAL}:{port}"
    finally:
        # The watchdog ends the node first: once that was waited for, its number may be another's.
        assert watchdog.stdin is not None
        watchdog.stdin.close()
        watchdog.wait(_PATIENCE_S)
        process.wait(_PATIENCE_S)


def _started(command: list[str]) -> tuple[subprocess.Popen[bytes], int]:
    """Start a node at a free port; another process may take that first, so try again."""
    said = ""
    for _ in range(_ATTEMPTS):
        port = _free_port()
        # A file, because nobody reads along: a pipe would fill, and the node stand still.
        with TemporaryFile() as errors:
            process = subprocess.Popen(
                [*command, "--host", _LOCAL, "--port", str(port)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
            until = time.monotonic() + _PATIENCE_S
            while process.poll() is None and time.monotonic() < until:
                if _answers(port):
                    return process, port
                time.sleep(0.01)
            process.kill()
            process.wait()
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().partition("\n")[0]
    raise AnvilFailed(said)


def _free_port() -> int:
    with socket.create_server((_LOCAL, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        socket.create_connection((_LOCAL, port), timeout=1).close()
    except OSError:
        return False
    return True
