"""Text for people: what is printed is what was given, however it is spelt."""

from __future__ import annotations

import re

import pytest

from registry.errors import batch_text
from registry.records.finding import Finding, Level
from registry.records.identity import batch_id
from registry.report import text
from registry.serials.grammar import parse
from registry.simulate.gas import Cost
from registry.simulate.pilot import Pilot
from registry.simulate.score import Score
from registry.simulate.tokenise import Outcome, Refused, Unlike
from registry.world import World

FINDING = Finding(
    code="BR-2",
    level=Level.STRONG,
    registries=("ICR",),
    scope="[bold]scope[/bold]",
    start_g=0,
    end_g=250_000,
    amount_g=250_000,
    batch=batch_id(1, 1),
    records=("book:[red]:line 1", "ledger:ICR:entry 2"),
    detectable_at=0,
    cleared_at=None,
    clears_when="never",
)
OUTCOME = Outcome(
    projects=1,
    statements=1,
    batches=1,
    zero_rows=0,
    issued_g=10_000_000,
    buffer_g=0,
    retirements=0,
    retired_g=0,
    opening_g=0,
    intervals_equal=0,
    unlike=(),
    refused=(),
    conserved=False,
    findings=(),
    run_hash="cd" * 32,
)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


def lines(captured: pytest.CaptureFixture[str]) -> list[str]:
    out = captured.readouterr()
    assert out.err == ""
    assert "\x1b" not in out.out
    return [line.rstrip() for line in out.out.splitlines()]


def test_findings_are_printed_with_both_records_and_markup_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text.console().print(text.findings_table([FINDING]))
    found = lines(capsys)
    shown = r"\[bold\]scope\[/bold\] 0 g until before 250000 g  book:\[red\]:line 1"
    assert re.fullmatch(r"BR-2  strong +0\.25  " + shown, found[2])
    assert found[3].strip() == "ledger:ICR:entry 2"


def test_finding_shows_its_serials_where_a_grammar_knows_the_scope(
    capsys: pytest.CaptureFixture[str],
) -> None:
    known = {"scope": "ICR-ISL-354-1-14-A-0-2024", "end_g": 2_500_000}
    text.console().print(text.findings_table([FINDING.model_copy(update=known)]))
    assert "ICR-ISL-354-1-14-A-0-2024 1-2 + 0.5 t of 3" in lines(capsys)[2]


def test_finding_without_scope_shows_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    text.console().print(text.findings_table([FINDING.model_copy(update={"scope": None})]))
    assert re.fullmatch(r"BR-2  strong +0\.25  - +book:\[red\]:line 1", lines(capsys)[2])


def test_width_is_fixed_where_the_output_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    text.console().print("word " * 60)
    assert max(map(len, lines(capsys))) in range(90, text.WIDTH + 1)


@pytest.fixture(scope="module")
def pilot() -> Pilot:
    pilot = Pilot(World.open(seed=5, engine="model"))
    pilot.run()
    return pilot


def test_pilot_shows_every_batch_retirement_and_fault(
    pilot: Pilot, capsys: pytest.CaptureFixture[str]
) -> None:
    text.show_pilot(pilot, Score(found=(), missed=(), false_alarms=()), "ef" * 32)
    found = lines(capsys)
    for batch, row in zip((*pilot.batches, *pilot.imports), found[5:], strict=False):
        assert row.split()[:2] == [batch.registry, batch_text(batch.batch)]
    shown = "\n".join(found)
    for journey in pilot.journeys:
        assert f"  {journey.tonnes}  " in shown
    for retirement in pilot.retirements:
        assert f"  {retirement.tonnes}  {retirement.claim.beneficiary}" in shown
    for key in pilot.planted:
        assert re.search(rf"^{key.fault} +{key.code} .* yes$", shown, re.MULTILINE)
    assert found[-1] == f"Run hash {'ef' * 32}"


def test_pilot_says_what_was_missed_and_alarmed(
    pilot: Pilot, capsys: pytest.CaptureFixture[str]
) -> None:
    missed = Score(found=((FINDING, None),), missed=(pilot.planted[0],), false_alarms=(FINDING,))
    text.show_pilot(pilot, missed, "")
    found = lines(capsys)
    planted = len(pilot.planted)
    assert (
        f"{planted} contradictions planted, {planted - 1} found, 1 missed, 1 false alarms."
        in " ".join(found[-3:])
    )
    assert sum(line.endswith(" no") for line in found) == 1


def test_outcome_shows_ten_rows_of_what_is_unlike_and_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    unlike = tuple(
        Unlike(row=at, serial="[i]S", printed=f"{at}-{at}", assigned="1-1") for at in range(12)
    )
    refused = tuple(
        Refused(file="[r].csv", row=at, serial="S", error="ZeroAmount", message="the [amount] is 0")
        for at in range(12)
    )
    shown = OUTCOME.model_copy(
        update={"unlike": unlike, "refused": refused, "findings": (FINDING,)}
    )
    text.show_outcome(shown, "model")
    found = lines(capsys)
    assert sum("[i]S" in line for line in found) == text.UNLIKE_SHOWN
    assert sum(line.startswith("[r].csv, row ") for line in found) == text.UNLIKE_SHOWN
    assert "[r].csv, row 9: the [amount] is 0" in found
    figures = {line.rsplit(maxsplit=1)[0].strip(): line.split()[-1] for line in found[3:16]}
    assert figures["intervals unlike"] == figures["rows refused"] == "12"
    assert figures["totals add up (C1)"] == "no"
    assert any(line.startswith("BR-2") for line in found)


@pytest.mark.parametrize("serial", ["ICR-USA-1-87-15-R-1-2023", "CDC_1_1_1_321_14_1"])
def test_serial_is_printed_field_by_field(serial: str, capsys: pytest.CaptureFixture[str]) -> None:
    parsed = parse(serial)
    text.show_serial(parsed)
    found = lines(capsys)
    assert found[0] == (f"{parsed.registry} serial, scope {serial}, counts from {parsed.base}")
    assert [line.split()[0] for line in found[3:]] == [field.name for field in parsed.fields]


COSTS = (
    Cost(operation="retire", count=1, gas=141_240),
    Cost(operation="retireMany, 50", count=50, gas=3_891_074),
)


def test_gas_markdown_is_a_table_with_gas_each() -> None:
    table = text.gas_markdown(COSTS, {"Authority": 3_175}, 24_576)
    assert "| retire | 141,240 | 141,240 |\n" in table
    assert "| retireMany, 50 | 3,891,074 | 77,821 |\n" in table
    assert "| Authority | 3,175 |\n" in table
    assert "24,576" in table
    assert table.count("\n# ") + table.startswith("# ") == 1
    assert table.endswith("|\n")


def test_gas_is_printed_with_the_place_it_was_written_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text.show_gas(COSTS, "docs/[x].md")
    found = lines(capsys)
    assert re.fullmatch(r"retire +141,240 +141,240", found[2])
    assert found[-1] == "Written to docs/[x].md"


def test_progress_says_nothing_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    for shown in (True, False):
        with text.progress("rows", shown=shown) as bar:
            bar.update(bar.task_ids[0], completed=1, total=2)
    assert lines(capsys) == []
