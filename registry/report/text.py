"""Runs and findings as text for people. No queries here, and no arithmetic but units."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from registry.errors import batch_text
from registry.operators.numbering import describe_or_measure
from registry.records.interval import Interval
from registry.serials.grammar import print_interval
from registry.units import tonnes_text

if TYPE_CHECKING:
    from registry.records.finding import Finding
    from registry.serials.grammar import Serial
    from registry.simulate.gas import Cost
    from registry.simulate.pilot import Pilot
    from registry.simulate.score import Score
    from registry.simulate.tokenise import Outcome

WIDTH = 100
"""Columns where the output is no terminal, so that a file always looks the same."""

UNLIKE_SHOWN = 10


def console() -> Console:
    """Return where people read: standard output."""
    width = None if sys.stdout.isatty() else WIDTH
    return Console(width=width, highlight=False, emoji=False, soft_wrap=False)


def plain_table(title: str, *columns: str, numbers: Sequence[str] = ()) -> Table:
    """Return an empty table as all of ours look; `numbers` are the columns set to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left")
    return table


@contextmanager
def progress(what: str, *, shown: bool = True) -> Iterator[Progress]:
    """Show a bar on standard error while something long goes on."""
    error = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=error,
        transient=True,
        disable=not (shown and error.is_terminal),
    ) as bar:
        bar.add_task(what, total=None)
        yield bar


@contextmanager
def counted(what: str, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Show a bar; the function that this yields is told how much is done, and of how much."""
    with progress(what, shown=shown) as bar:
        yield lambda done, of: bar.update(bar.task_ids[0], completed=done, total=of)


def _totals(pilot: Pilot) -> Table:
    kinds = ("issued", "active", "locked", "retired", "cancelled", "exported")
    table = plain_table("Totals per batch (t)", "registry", "batch", *kinds, numbers=kinds)
    for batch in (*pilot.batches, *pilot.imports):
        totals = pilot.world.registry(batch.registry).totals(batch)
        amounts = (tonnes_text(amount_g) for _, amount_g in totals)
        table.add_row(batch.registry, batch_text(batch.batch), *amounts)
    return table


def _retirements(pilot: Pilot) -> Table:
    table = plain_table(
        "Retirements", "registry", "tonnes", "beneficiary", "serials", numbers=["tonnes"]
    )
    for retirement in pilot.retirements:
        table.add_row(
            retirement.registry,
            retirement.tonnes,
            escape(retirement.claim.beneficiary),
            escape("\n".join(retirement.serials)),
        )
    return table


def _journeys(pilot: Pilot) -> Table:
    """Say what travelled, and for how long it was alive on both sides or on neither, in seconds."""
    numbers = ["tonnes", "settled (s)", "both (s)", "neither (s)"]
    title = "Between registries: until settled, and alive on both sides or on neither"
    table = plain_table(title, "from", "to", "protocol", *numbers, numbers=numbers)
    for journey in pilot.journeys:
        seconds = (journey.settlement_s, journey.both_s, journey.neither_s)
        table.add_row(
            journey.source,
            journey.target,
            journey.protocol,
            journey.tonnes,
            *(str(figure) for figure in seconds),
        )
    return table


def _planted(score: Score, pilot: Pilot) -> Table:
    table = plain_table("Planted", "fault", "must raise", "registry", "batch", "serials", "found")
    for key in pilot.planted:
        table.add_row(
            key.fault,
            key.code,
            key.registry,
            batch_text(key.batch),
            # All scopes of the pilot count from 1.
            print_interval(Interval(key.start_g, key.end_g), 1),
            "no" if key in score.missed else "yes",
        )
    return table


def findings_table(findings: Sequence[Finding]) -> Table:
    """Return findings as a table, one row each, with the records on both sides."""
    table = plain_table(
        "Found", "code", "level", "tonnes", "serials", "records", numbers=["tonnes"]
    )
    for finding in findings:
        table.add_row(
            finding.code,
            finding.level.value,
            finding.tonnes,
            escape(_serials(finding)),
            escape("\n".join(finding.records)),
        )
    return table


def _serials(finding: Finding) -> str:
    if finding.scope is None or finding.start_g is None or finding.end_g is None:
        return finding.scope or "-"
    interval = Interval(finding.start_g, finding.end_g)
    return "\n".join(describe_or_measure(finding.scope, [interval]))


def show_pilot(pilot: Pilot, score: Score, run_hash: str) -> None:
    """Print a run of the demo's scenario."""
    out, world = console(), pilot.world
    names = ", ".join(f"{profile.name} ({profile.mode})" for profile in world.registries)
    out.print(f"Engine {world.engine}, seed {world.seed}.\nRegistries: {names}.\n")
    tables = [_totals(pilot), _journeys(pilot), _retirements(pilot)]
    if pilot.planted:
        tables.append(_planted(score, pilot))
    if pilot.findings:
        tables.append(findings_table(pilot.findings))
    for table in tables:
        out.print(table)
        out.print()
    planted, missed = len(pilot.planted), len(score.missed)
    out.print(
        f"{len(world.entries())} entries; {planted} contradictions planted, "
        f"{planted - missed} found, {missed} missed, {len(score.false_alarms)} false alarms."
    )
    out.print(f"Run hash {run_hash}")


def show_outcome(outcome: Outcome, engine: str) -> None:
    """Print what became of a registry's export."""
    out = console()
    table = plain_table(f"EcoRegistry's export on the ledger (engine {engine})", "what", "figure")
    table.columns[1].justify = "right"
    rows: Mapping[str, str | int] = {
        "projects": outcome.projects,
        "verifier's statements": outcome.statements,
        "batches": outcome.batches,
        "issued (t)": tonnes_text(outcome.issued_g),
        "  of it buffer (t)": tonnes_text(outcome.buffer_g),
        "retirements": outcome.retirements,
        "retired (t)": tonnes_text(outcome.retired_g),
        "opening cancellations (t)": tonnes_text(outcome.opening_g),
        "intervals equal": outcome.intervals_equal,
        "intervals unlike": len(outcome.unlike),
        "rows refused": len(outcome.refused),
        "totals add up (C1)": "yes" if outcome.conserved else "no",
        "findings": len(outcome.findings),
    }
    for what, figure in rows.items():
        table.add_row(what, str(figure))
    out.print(table)
    if outcome.unlike:
        unlike = plain_table("Unlike", "row", "serial", "printed", "assigned", numbers=["row"])
        for item in outcome.unlike[:UNLIKE_SHOWN]:
            unlike.add_row(str(item.row), escape(item.serial), item.printed, item.assigned)
        out.print(unlike)
    for refused in outcome.refused[:UNLIKE_SHOWN]:
        out.print(escape(f"{refused.file}, row {refused.row}: {refused.message}"))
    if outcome.findings:
        out.print(findings_table(outcome.findings))
    out.print(f"Run hash {outcome.run_hash}")


def show_serial(serial: Serial) -> None:
    """Print a serial field by field."""
    out = console()
    out.print(escape(f"{serial.registry} serial, scope {serial.scope}, counts from {serial.base}"))
    block = serial.interval
    if block is not None:
        out.print(f"Serials {serial.first} to {serial.last}, {tonnes_text(block.amount_g)} t")
    table = plain_table("Fields", "field", "value", "meaning")
    for field in serial.fields:
        table.add_row(field.name, escape(field.value), escape(field.meaning))
    out.print(table)


def gas_markdown(costs: Sequence[Cost], sizes: Mapping[str, int], limit: int) -> str:
    """Write the gas table as Markdown."""
    lines = [
        "# Gas per operation",
        "",
        "Written by `carbon-registry gas`. Whole transactions, cold, with intrinsic gas and",
        "calldata, as charged by py-evm under Prague rules; nothing is estimated.",
        "",
        "| operation | gas | gas each |",
        "|---|---:|---:|",
    ]
    lines += [f"| {cost.operation} | {cost.gas:,} | {cost.gas_each:,} |" for cost in costs]
    lines += [
        "",
        f"Code size, bytes (the limit is {limit:,}):",
        "",
        "| contract | bytes |",
        "|---|---:|",
    ]
    lines += [f"| {name} | {size:,} |" for name, size in sizes.items()]
    return "\n".join(lines) + "\n"


def show_gas(costs: Sequence[Cost], path: str) -> None:
    """Print the gas table."""
    out = console()
    table = plain_table(
        "Gas, whole transactions", "operation", "gas", "each", numbers=["gas", "each"]
    )
    for cost in costs:
        table.add_row(cost.operation, f"{cost.gas:,}", f"{cost.gas_each:,}")
    out.print(table)
    out.print(escape(f"Written to {path}"))
