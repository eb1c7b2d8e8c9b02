"""The scripts that people copy: each runs to its end, and says the same on both engines."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.chain import CHAIN, ENGINES
from tests.e2e.command import PLAIN, ROOT

SCRIPTS = (
    "lifecycle",
    "fractional_and_pledge",
    "double_retirement",
    "cross_registry_transfer",
    "round_trip",
    "custom_registry",
)


@cache
def lines_of(script: str, engine: str) -> tuple[str, ...]:
    path = ROOT / "scripts" / f"{script}.py"
    with TemporaryDirectory() as folder:
        found = subprocess.run(
            [sys.executable, "-W", "error::ResourceWarning", path, "--engine", engine],
            capture_output=True,
            cwd=folder,
            env=PLAIN | {"PYTHONPATH": str(ROOT)},
            text=True,
        )
        # What it writes, it writes where nobody else's files are.
        assert list(Path(folder).iterdir()) == []
    assert (found.returncode, found.stderr) == (0, ""), found.stdout
    return tuple(found.stdout.splitlines())


def test_scripts_are_all_here() -> None:
    found = {path.stem for path in (ROOT / "scripts").glob("*.py")}
    assert found == {*SCRIPTS, "invented_exports"}


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_says_the_same_on_both_engines(script: str) -> None:
    assert lines_of(script, "model") == lines_of(script, CHAIN)


def test_lifecycle_ends_conserved_and_without_findings() -> None:
    lines = lines_of("lifecycle", CHAIN)
    assert lines[1:3] == ("hectares = 120: True", "hectares = 121: False")
    assert "certificate 1 says so: True" in lines
    assert "certificate 1 says Borealis Air: False" in lines
    assert lines[-2:] == ("conserved: True", "findings: 0")


def test_fractions_follow_each_other_without_a_gap() -> None:
    lines = [line for line in lines_of("fractional_and_pledge", CHAIN) if "grams [" in line]
    spans = [line.partition("grams [")[2].rstrip(")").split(", ") for line in lines]
    assert spans == [["0", "400000"], ["400000", "750000"], ["750000", "2750001"]]


def test_pledged_credits_do_not_move_and_go_to_the_lender_or_come_back() -> None:
    lines = lines_of("fractional_and_pledge", CHAIN)
    assert next(line for line in lines if line.startswith("refused")).startswith(
        "refused, CreditsEncumbered: Acme holds"
    )
    assert "12.5 t went from Acme to Cedar Bank" in lines
    assert lines[-1] == "conserved: True, findings: 0"


def test_cross_registry_transfer_takes_each_message_once_and_gives_late_ones_back() -> None:
    lines = lines_of("cross_registry_transfer", CHAIN)
    assert "refused: message 1 of EcoRegistry was used before" in lines
    waiting = [line for line in lines if line.startswith("waiting for an answer")]
    assert waiting == ["waiting for an answer: 0", "waiting for an answer: 1"]
    assert lines[-4:-2] == ("ICR: import_voided", "EcoRegistry: export_compensated")
    totals = [line for line in lines if line.startswith("EcoRegistry: issued")]
    assert totals[0] == totals[1]
    assert lines[-1] == "findings: 0"


def test_round_trip_is_traced_from_its_document_to_its_certificate() -> None:
    lines = lines_of("round_trip", CHAIN)
    told = [line.partition(": ")[2] for line in lines]
    first = next(at for at, line in enumerate(told) if line.startswith("document 1 of project 1"))
    assert told[first + 1].startswith("Independent verifier of EcoRegistry verified 1000 t")
    assert "12.5 t certificate 1 for Borealis Air, voluntary proves it" in told
    assert "60 t came back from ICR to Bosques" in told
    assert lines[-1] == "findings: 0"


def test_custom_registry_refuses_what_its_profile_does_not_say() -> None:
    lines = lines_of("custom_registry", CHAIN)
    refused = [line for line in lines if line.startswith("refused")]
    assert [line.partition(": ")[2] for line in refused] == [
        "Harbour Registry retires for voluntary, port dues; asked: 'CORSIA'",
        "batch 1/1 is eligible for no use, not for 'port dues'",
        "harbour.yaml, line 18, column 1, key colour: expected no such key",
    ]
    assert lines[-1] == "findings: 0"


REFUSED = {
    "the same call until nothing is left": "InsufficientCredits",
    "the same request again, word for word": "IdAlreadyUsed",
    "one id twice in one transaction": "IdAlreadyUsed",
    "one tonne twice in one transaction": "InsufficientCredits",
    "two holders, after a sale": "InsufficientCredits",
    "sold, after it was retired": "InsufficientCredits",
    "cancelled, after it was retired": "InsufficientCredits",
    "locked": "InsufficientCredits",
    "pledged": "CreditsEncumbered",
    "foreclosed": "InsufficientCredits",
    "frozen": "CreditsEncumbered",
    "while a retirement is pending": "InsufficientCredits",
    "a pending retirement released like a lock": "NotLocked",
    "one request finalised twice": "NoPendingRetirement",
    "a reverted request finalised": "NoPendingRetirement",
    "a reverted request's id again": "IdAlreadyUsed",
    "after a forced transfer": "InsufficientCredits",
    "retired credits moved by order": "InsufficientCredits",
    "at another registry's contract": "UnknownBatch",
    "the same serials issued again elsewhere": "SerialAlreadyClaimed",
}


@pytest.mark.parametrize("engine", ENGINES)
def test_double_retirement_is_refused_in_every_way(engine: str) -> None:
    lines = lines_of("double_retirement", engine)
    found = {}
    for line in lines:
        what, refused, why = line.partition(": refused, ")
        if refused:
            found[what] = why.partition(":")[0]
    assert found == REFUSED


@pytest.mark.parametrize("engine", ENGINES)
def test_double_retirement_in_the_book_is_found(engine: str) -> None:
    lines = lines_of("double_retirement", engine)
    assert lines[-2].startswith(
        "half of it again, in the operator's book: found, DU-1 certain: 50 t at ICR"
    )
    assert lines[-1] == ("21 attempts, 21 refused or found; nothing else was retired: True")
