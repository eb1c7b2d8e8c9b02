"""Bad input: exit code 2, one message in the right place, and nothing half written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from registry import cli
from tests.e2e.command import PLAIN, ROOT, run

BAD = {
    "no-such-command": ("No such command 'no-such-command'.", ()),
    "no-such-option": ("No such option: --no-such-option", ("demo", "--no-such-option")),
    "too many arguments": ("unexpected extra argument", ("demo", "twice")),
    "seed no number": ("Invalid value for '--seed'", ("demo", "--seed", "seven")),
    "seed a fraction": ("Invalid value for '--seed'", ("demo", "--seed", "7.5")),
    "seed below 0": ("seed -1: expected an int from 0 on", ("demo", "--seed", "-1")),
    "engine unknown": ("engine 'evm': expected one of", ("demo", "--engine", "evm")),
    "engine empty": ("engine '': expected one of", ("demo", "--engine", "")),
    "node no address": ("expected an address such as", ("demo", "--engine", "rpc:node")),
    "node away": ("no answer from the node", ("demo", "--engine", "rpc:http://127.0.0.1:9")),
    "path missing": ("Missing argument", ("tokenise",)),
    "path nowhere": ("expected a folder to read", ("tokenise", "nowhere-at-all")),
    "path no folder": ("expected a folder to read", ("tokenise", __file__)),
    "path too long": ("expected a folder to read", ("tokenise", "x" * 5_000)),
    "no exports": ("expected one EcoRegistry export", ("tokenise", str(Path(__file__).parent))),
    "out a file": ("expected a folder to write into", ("demo", "--out", __file__)),
    "out in a file": ("expected a folder to write into", ("demo", "--out", f"{__file__}/out")),
    "out too long": ("expected a folder to write into", ("demo", "--out", "x" * 5_000)),
    "gas out in a file": ("expected a folder to write", ("gas", "--out", f"{__file__}/gas.md")),
    "serial missing": ("Missing argument", ("serials", "parse")),
    "serial unknown": ("expected a serial of ICR", ("serials", "parse", "VCS-1-2")),
    "serial empty": ("expected a serial", ("serials", "parse", "")),
    "serial reversed": ("serial", ("serials", "parse", "ICR-ISL-354-87-15-A-0")),
    "unknown under serials": ("No such command 'print'", ("serials", "print")),
    "unknown under artifacts": ("No such command 'build'", ("artifacts", "build")),
}


@pytest.mark.parametrize("case", BAD)
def test_refusal_goes_to_standard_error(case: str) -> None:
    message, args = BAD[case]
    found = run(*(args or (case,)))
    assert found.code == 2
    assert found.out == ""
    assert found.err.startswith("error: ")
    assert message in found.err
    assert "Traceback" not in found.err


@pytest.mark.parametrize("case", BAD)
def test_refusal_with_json_is_one_object(case: str) -> None:
    message, args = BAD[case]
    found = run(*(args or (case,)), "--json")
    assert found.code == 2
    assert found.err == ""
    error = found.body.pop("error")
    assert set(found.body) == {"error"}
    assert set(error) == {"type", "message"}
    assert message in error["message"]


@pytest.mark.parametrize("args", [(), ("serials",), ("artifacts",)])
def test_no_command_shows_help_and_leaves_with_two(args: tuple[str, ...]) -> None:
    found = run(*args)
    assert found.code == 2
    assert found.out == ""
    assert found.err.startswith("error: expected a command\n\nUsage: carbon-registry ")
    assert "Commands:" in found.err


@pytest.mark.parametrize("blocked", ["entries.jsonl", "run.json"])
def test_demo_writes_both_files_or_none(tmp_path: Path, blocked: str) -> None:
    (tmp_path / blocked).mkdir()
    found = run("demo", "--engine", "model", "--out", str(tmp_path))
    assert found.code == 2
    assert found.out == ""
    assert found.err == f"error: {tmp_path / blocked}: cannot be written: Is a directory\n"
    assert list(tmp_path.iterdir()) == [tmp_path / blocked]
    assert list((tmp_path / blocked).iterdir()) == []


def test_demo_keeps_what_was_there_when_it_cannot_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("demo", "--engine", "model", "--out", str(tmp_path)).code == 0
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    whole = Path.write_bytes

    def full(self: Path, content: bytes) -> int:
        if self.name.startswith("run.json"):
            whole(self, content[:10])
            raise OSError(28, "No space left on device")
        return whole(self, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    found = run("demo", "--engine", "model", "--seed", "8", "--out", str(tmp_path))
    assert found.code == 2
    assert "No space left on device" in found.err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_demo_refuses_a_folder_that_it_may_not_write(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("this user may write everywhere")
        for out in (tmp_path, tmp_path / "new"):
            found = run("demo", "--engine", "model", "--out", str(out))
            assert found.code == 2
            assert "Permission denied" in found.err
    finally:
        tmp_path.chmod(0o755)


def test_refused_seed_leaves_no_folder_half_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("demo", "--seed", "-1", "--out", str(out)).code == 2
    assert not out.exists() or not list(out.iterdir())


def test_a_bug_leaves_with_three_and_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: object, **_: object) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr("registry.simulate.pilot.Pilot.run", broken)
    found = run("demo", "--engine", "model")
    assert found.code == 3
    assert found.err.startswith("Traceback")
    assert found.err.endswith("error: RuntimeError: on purpose\n")
    as_json = run("demo", "--engine", "model", "--json")
    assert as_json.code == 3
    assert as_json.body == {
        "error": {"type": "RuntimeError", "message": "RuntimeError: on purpose"}
    }


def test_a_failing_chain_is_not_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    from registry.errors import ContractPanic

    def panics(self: object, **_: object) -> None:
        raise ContractPanic(0x11)

    monkeypatch.setattr("registry.simulate.pilot.Pilot.run", panics)
    found = run("demo", "--engine", "model")
    assert found.code == 3
    assert found.err == "error: the contract failed an internal check, Panic(0x11)\n"


def test_an_interrupt_leaves_with_three(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: object, **_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("registry.simulate.pilot.Pilot.run", interrupted)
    assert run("demo", "--engine", "model").code == 3


# As processes.

MAIN = (sys.executable, "-c", "from registry.cli import main; main()")


@pytest.mark.parametrize("args", [("demo", "--engine", "model"), ("--help",)])
def test_a_reader_that_has_gone_is_no_finding(args: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as gone:
        found = subprocess.run(
            [*MAIN, *args], stdout=gone, stderr=subprocess.PIPE, cwd=ROOT, env=PLAIN, text=True
        )
    assert found.returncode == 3
    assert found.stderr == ""


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "cp1252"])
def test_messages_can_be_printed_in_any_encoding(encoding: str) -> None:
    for args in (("tokenise", "Bogotá-\udcff-✓"), ("serials", "parse", "ICR-Bogotá-✓")):
        for json_flag in ((), ("--json",)):
            found = subprocess.run(
                [*MAIN, *args, *json_flag],
                capture_output=True,
                cwd=ROOT,
                env=PLAIN | {"PYTHONIOENCODING": f"{encoding}:strict"},
            )
            assert found.returncode == 2, found.stderr
            if json_flag:
                assert "expected" in json.loads(found.stdout)["error"]["message"]
            else:
                assert found.stderr.startswith(b"error: ")


def test_help_needs_none_of_the_slow_libraries() -> None:
    code = (
        "import sys, registry.cli as cli\n"
        "sys.argv = ['carbon-registry', '--help']\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "slow = {'web3', 'eth', 'duckdb', 'pyarrow', 'pydantic', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'imported {slow}' if slow else 0)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=ROOT, env=PLAIN, text=True
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert "tokenise" in found.stdout


def test_every_exit_code_is_in_the_module_that_says_them() -> None:
    assert cli.__doc__ is not None
    for said in ("0 fine", "1 not fine", "2 bad input", "3 anything else"):
        assert said in cli.__doc__


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize("where", ["/dev/full", "closed"])
def test_output_that_cannot_be_written_is_no_finding(where: str) -> None:
    shell = '"$@" >&-' if where == "closed" else f'"$@" > {where}'
    args = [*MAIN, "serials", "parse", "ICR-ISL-354-87-15-A-0-2023", "--json"]
    done = subprocess.run(
        ["sh", "-c", shell, "sh", *args], capture_output=True, cwd=ROOT, env=PLAIN, check=False
    )
    assert done.returncode == (0 if where == "closed" else 3)
