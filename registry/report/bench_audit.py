"""The bench of the audit, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.report.text import console, plain_table

if TYPE_CHECKING:
    from registry.simulate.bench_audit import AuditBench


def show_audit_bench(bench: AuditBench) -> None:
    """Print how fast serials were read and overlaps found."""
    out = console()
    rates = ("serials", "by the column/s", "one by one/s", "times")
    table = plain_table("Serials", "registry", *rates, numbers=rates)
    for rate in bench.serials:
        counts = (f"{rate.serials:,}", f"{rate.per_s:,}", f"{rate.reference_per_s:,}")
        table.add_row(rate.registry, *counts, str(rate.times))
    out.print(table)
    out.print()
    figures = ("seconds", "times the bare query", "findings")
    rules = plain_table(f"Rules over {bench.blocks:,} blocks", "rule", *figures, numbers=figures)
    rules.add_row("(bare window query)", f"{bench.bare_seconds:.3f}", "1", "")
    for rule in bench.rules:
        rules.add_row(rule.code, f"{rule.seconds:.3f}", str(rule.times_bare), str(rule.findings))
    out.print(rules)
