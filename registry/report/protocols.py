"""How protocols compare, as a table on screen and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from registry.report.text import console, plain_table

if TYPE_CHECKING:
    from registry.simulate.protocols import Measured

_COLUMNS = (
    "protocol",
    "settled",
    "alive twice",
    "tonne-days",
    "alive nowhere",
    "used, alive (t)",
    "gas",
    "found",
)


def protocols_body(rows: Sequence[Measured]) -> dict[str, Any]:
    """Return the comparison as JSON can say it."""
    return {"protocols": [row.model_dump(mode="json") for row in rows]}


def show_protocols(rows: Sequence[Measured], path: str) -> None:
    """Print the comparison, and every delay with what says that it takes so long."""
    out = console()
    numbers = [*_COLUMNS[1:-1]]
    table = plain_table("100 t from one registry to another", *_COLUMNS, numbers=numbers)
    for row in rows:
        table.add_row(*(escape(cell) for cell in _cells(row)))
    out.print(table)
    out.print("Delays")
    for row in rows:
        for delay in row.delays:
            said = f"{row.protocol}: {duration(delay.seconds)} until {delay.what} ({delay.basis})"
            out.print(escape(said))
    out.print(escape(f"Written to {path}"))


def protocols_markdown(rows: Sequence[Measured]) -> str:
    """Write the comparison as Markdown."""
    lines = [
        "# Protocols compared",
        "",
        "Written by `carbon-registry protocols`. Each moves 100 t from EcoRegistry's model to",
        "another registry's, on the contracts. Settlement, time alive on both sides or on neither,",
        "and gas are measured on what the chain recorded; a second of it is one action. The delays",
        "below are put in, not measured; most are assumptions, and say so.",
        "",
        "| " + " | ".join(_COLUMNS) + " |",
        "|---|" + "---:|" * (len(_COLUMNS) - 2) + "---|",
    ]
    lines += ["| " + " | ".join(_cells(row)) + " |" for row in rows]
    lines += ["", "| protocol | what it is |", "|---|---|"]
    lines += [f"| {row.protocol} | {row.summary} |" for row in rows]
    lines += ["", "| protocol | waits | until | basis |", "|---|---:|---|---|"]
    lines += [
        f"| {row.protocol} | {duration(delay.seconds)} | {delay.what} | {delay.basis} |"
        for row in rows
        for delay in row.delays
    ]
    return "\n".join(lines) + "\n"


def duration(seconds: int | None) -> str:
    """Write a time as days and seconds: "8 d 1 s", "60 s", or "-" where there is none."""
    if seconds is None:
        return "-"
    days, rest_s = divmod(seconds, 86_400)
    parts = [f"{days} d"] if days else []
    if rest_s or not days:
        parts.append(f"{rest_s} s")
    return " ".join(parts)


def _cells(row: Measured) -> tuple[str, ...]:
    return (
        row.protocol,
        duration(row.settlement_s),
        duration(row.both_s),
        f"{row.both_tonne_days:,.2f}",
        duration(row.neither_s),
        f"{row.used_and_alive_t}",
        f"{row.gas_used:,}",
        ", ".join(row.findings) or "-",
    )
