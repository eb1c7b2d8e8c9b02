"""What an audit of exports found: a table for people, JSON for programs, files for both."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from rich.markup import escape

from registry.errors import IdentifierError
from registry.records.finding import Level
from registry.records.interval import Interval
from registry.report.json import finding_body
from registry.report.text import console, plain_table
from registry.serials import cad_trust
from registry.serials.grammar import parse, print_interval
from registry.units import tonnes_text

if TYPE_CHECKING:
    from registry.feeds.reading import Reading
    from registry.records.finding import Finding

FINDINGS_SHOWN = 40
"""Findings that people are shown, surest first; programs and `--out` get all."""

QUARANTINED_SHOWN = 10

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How formulas begin in spreadsheets, the last four in East Asian ones."""

_FINDING = pa.schema(
    [
        pa.field("code", pa.string(), nullable=False),
        pa.field("level", pa.string(), nullable=False),
        pa.field("registries", pa.list_(pa.string()), nullable=False),
        pa.field("scope", pa.string()),
        pa.field("start_g", pa.int64()),
        pa.field("end_g", pa.int64()),
        pa.field("amount_g", pa.int64(), nullable=False),
        pa.field("tonnes", pa.string(), nullable=False),
        pa.field("batch", pa.string()),
        pa.field("records", pa.list_(pa.string()), nullable=False),
        pa.field("detectable_at", pa.int64()),
        pa.field("cleared_at", pa.int64()),
        pa.field("clears_when", pa.string(), nullable=False),
    ]
)
_QUARANTINED = ("path", "row", "column", "reason")


def audit_body(findings: Sequence[Finding], reading: Reading) -> dict[str, Any]:
    """Return findings, what was read, and what was not."""
    return {
        "files": [file._asdict() for file in reading.files],
        "skipped": [file._asdict() for file in reading.skipped],
        "quarantined": [row._asdict() for row in reading.quarantined],
        "findings": [finding_body(finding) for finding in findings],
        "summary": {
            "by_level": _by_level(findings),
            "by_code": dict(sorted(Counter(finding.code for finding in findings).items())),
        },
    }


def _by_level(findings: Sequence[Finding]) -> dict[str, int]:
    counts = Counter(finding.level for finding in findings)
    return {level.value: counts[level] for level in reversed(Level)}


def files_of(findings: Sequence[Finding], reading: Reading) -> dict[str, bytes]:
    """Return what `--out` writes, by file name: findings in three formats, and quarantined rows.

    In CSV a text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    bodies = [finding_body(finding) for finding in findings]
    parquet = io.BytesIO()
    rows = [{name: body[name] for name in _FINDING.names} for body in bodies]
    pq.write_table(pa.Table.from_pylist(rows, schema=_FINDING), parquet)
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    return {
        "findings.parquet": parquet.getvalue(),
        "findings.jsonl": lines.encode(),
        "findings.csv": _csv(_FINDING.names, [list(row.values()) for row in rows]),
        "quarantined.csv": _csv(_QUARANTINED, [list(row) for row in reading.quarantined]),
    }


def _csv(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "; ".join(value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def show_audit(findings: Sequence[Finding], reading: Reading) -> None:
    """Print what was read, what was not, and what was found, surest first."""
    out = console()
    numbers = ("rows", "parsed", "quarantined", "merged")
    files = plain_table("Files", "file", "format", *numbers, numbers=numbers)
    files.columns[0].overflow = "fold"
    for file in reading.files:
        counts = (file.rows, file.parsed, file.quarantined, file.merged)
        files.add_row(_plain(file.path), file.format, *map(str, counts))
    out.print(files)
    for skipped in reading.skipped:
        out.print(_plain(f"skipped {skipped.path}: {skipped.reason}"), soft_wrap=True)
    _show_quarantined(reading)
    if findings:
        out.print()
        out.print(_table(findings))
        left = len(findings) - FINDINGS_SHOWN
        if left > 0:
            out.print(f"and {left} more, which --json and --out have")
    out.print()
    rows = sum(file.rows for file in reading.files)
    found = ", ".join(f"{count} {level}" for level, count in _by_level(findings).items())
    out.print(f"{rows} rows in {len(reading.files)} files; findings: {found}.")


def _show_quarantined(reading: Reading) -> None:
    out = console()
    for row in reading.quarantined[:QUARANTINED_SHOWN]:
        column = f", column {row.column}" if row.column else ""
        line = f"quarantined {row.path}, row {row.row}{column}: {row.reason}"
        out.print(_plain(line), soft_wrap=True)
    left = sum(file.quarantined for file in reading.files) - QUARANTINED_SHOWN
    if left > 0:
        out.print(f"and {left} more rows quarantined, which --json and --out have")


def _table(findings: Sequence[Finding]) -> Any:
    table = plain_table("Found", "code", "level", "tonnes", "what", "records", numbers=["tonnes"])
    table.columns[-1].overflow = "fold"
    surest = sorted(findings, key=lambda finding: -finding.level.rank)
    for finding in surest[:FINDINGS_SHOWN]:
        what = [", ".join(finding.registries), _serials(finding), _days(finding)]
        table.add_row(
            finding.code,
            finding.level.value,
            tonnes_text(finding.amount_g),
            "\n".join(map(_plain, filter(None, what))),
            "\n".join(map(_plain, finding.records)),
        )
    return table


def _plain(text: str) -> str:
    """Return text of a stranger for a terminal: no markup, nothing that moves or colours."""
    return escape("".join(c if c.isprintable() else repr(c)[1:-1] for c in text))


def _serials(finding: Finding) -> str:
    scope = finding.scope
    if scope is None or finding.start_g is None or finding.end_g is None:
        return scope or ""
    try:
        # A scope that is a whole serial says where it counts from; of the others one counts from 0.
        base = parse(scope).base
    except IdentifierError:
        base = 0 if cad_trust.REGISTRY in finding.registries else 1
    return f"{scope} {print_interval(Interval(finding.start_g, finding.end_g), base)}"


def _days(finding: Finding) -> str:
    if finding.detectable_at is None:
        return ""
    since = _day(finding.detectable_at)
    return since if finding.cleared_at is None else f"{since} to {_day(finding.cleared_at)}"


def _day(at_s: int) -> str:
    try:
        return datetime.fromtimestamp(at_s, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return str(at_s)
