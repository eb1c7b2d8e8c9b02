"""The audit of registries' exports."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from registry.cli.apps import Json, app, bench_app
from registry.cli.output import check_folder, done, print_json, write
from registry.errors import InputError

LAST_SECOND = 86_399


class DayError(InputError):
    """Text that names no day."""


class LevelError(InputError):
    """Text that names no level of findings."""


@app.command()
def audit(
    path: Annotated[list[Path], typer.Argument(help="Exports, and folders with exports.")],
    format: Annotated[str, typer.Option(help="Format of all files; auto tells each.")] = "auto",
    rules: Annotated[Path | None, typer.Option(help="Folder with your own SQL rules.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Judge what was known on this day.")] = None,
    fail_on: Annotated[str, typer.Option(help="Level from which on it is not fine.")] = "strong",
    out: Annotated[Path | None, typer.Option(help="Folder for findings in three formats.")] = None,
    as_json: Json = False,
) -> None:
    """Say what is counted twice in registries' exports."""
    from registry.audit.run import audit as run
    from registry.feeds.reading import read_paths
    from registry.records.finding import Level
    from registry.report.findings import audit_body, files_of, show_audit
    from registry.report.text import counted

    as_of_s = None if as_of is None else _last_second(as_of)
    if fail_on not in tuple(Level):
        raise LevelError(f"--fail-on {fail_on}: expected one of {', '.join(Level)}")
    if out is not None:
        check_folder(out)
    with counted("bytes", shown=not as_json) as told:
        reading = read_paths(path, format=format, as_of_s=as_of_s, progress=told)
    with counted("rules", shown=not as_json) as told:
        findings = run(reading.tables, as_of_s=as_of_s, rules_dir=rules, progress=told)
    if out is not None:
        write(out, files_of(findings, reading))
    if as_json:
        print_json(audit_body(findings, reading))
    else:
        show_audit(findings, reading)
    worst = Level(fail_on).rank
    done(not any(finding.level.rank >= worst for finding in findings))


@bench_app.command("audit")
def bench_audit(
    serials: Annotated[int, typer.Option(min=1, help="Of each registry, to read.")] = 1_000_000,
    blocks: Annotated[int, typer.Option(min=1, help="Issued and retired, to judge.")] = 1_000_000,
    as_json: Json = False,
) -> None:
    """Measure how fast serials are read and overlaps found, and how well projects are compared."""
    from registry.report.bench_audit import show_audit_bench
    from registry.report.text import counted
    from registry.simulate.bench_audit import measure_audit

    with counted("turns", shown=not as_json) as told:
        bench = measure_audit(serials, blocks, progress=told)
    if as_json:
        print_json(bench.model_dump())
    else:
        show_audit_bench(bench)


def _last_second(day: str) -> int:
    try:
        if len(day) != 10:
            raise ValueError
        found = date.fromisoformat(day)
    except ValueError as error:
        raise DayError(f"--as-of {day[:60]}: expected a day such as 2026-03-31") from error
    start = datetime(found.year, found.month, found.day, tzinfo=UTC)
    return int(start.timestamp()) + LAST_SECOND
