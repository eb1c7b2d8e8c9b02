"""Anvil for as long as a block of code runs."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from registry.chain.jsonrpc import Node
from registry.errors import NodeUnreachable
from registry.simulate import nodes
from registry.simulate.nodes import AnvilFailed, AnvilMissing, anvil, anvil_program
from tests.anvil import Anvils

ROOT = Path(__file__).parents[3]
PATIENCE_S = 10


def test_anvil_runs_for_as_long_as_the_block(anvils: Anvils) -> None:
    with anvil(start_s=1_000, chain_id=77) as url, closing(Node(url)) as node:
        assert int(node.ask("eth_chainId"), 16) == 77
        assert int(node.ask("eth_getBlockByNumber", "0x0", False)["timestamp"], 16) == 1_000
        assert node.ask("anvil_nodeInfo")["hardFork"] == "Prague"
    with closing(Node(url)) as node, pytest.raises(NodeUnreachable):
        node.ask("eth_chainId")


def test_anvils_run_side_by_side(anvils: Anvils) -> None:
    with anvil() as first, anvil() as second:
        assert first != second


def test_anvil_ends_with_the_process_that_runs_it(anvils: Anvils) -> None:
    code = (
        "import time\nfrom registry.simulate.nodes import anvil\n"
        "with anvil() as url:\n    print(url, flush=True)\n    time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        url = run.stdout.readline().decode().strip()
        with closing(Node(url)) as node:
            assert node.ask("eth_blockNumber") == "0x0"
        os.kill(run.pid, signal.SIGKILL)
    until = time.monotonic() + PATIENCE_S
    while is_there(url):
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize("is_gone", [False, True])
def test_watchdog_ends_only_the_node(
    anvils: Anvils, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_gone: bool
) -> None:
    # A number that was waited for could be a stranger's by the time that the watchdog acts.
    note = tmp_path / "pid"
    deed = f'read -r _; kill "$1" && echo "$1" > {shlex.quote(str(note))}'
    process, port = nodes._started([str(anvil_program()), "--silent"])
    monkeypatch.setattr(nodes, "_WATCHDOG", deed)
    monkeypatch.setattr(nodes, "_started", lambda _: (process, port))
    with anvil() as url:
        if is_gone:
            process.kill()
    assert note.read_text() == f"{process.pid}\n"
    assert process.returncode is not None
    assert not is_there(url)


def is_there(url: str) -> bool:
    with closing(Node(url)) as node:
        try:
            return bool(node.ask("eth_chainId"))
        except NodeUnreachable:
            return False


def test_anvil_says_why_it_does_not_start(anvils: Anvils) -> None:
    with pytest.raises(AnvilFailed, match="no-such-option"), anvil(options=["--no-such-option"]):
        pass


def test_anvil_is_missed_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(nodes, "_ROOT", tmp_path)
    with pytest.raises(AnvilMissing, match="no anvil was found"):
        anvil_program()
    with pytest.raises(AnvilMissing), anvil():
        pass
