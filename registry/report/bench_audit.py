"""The bench of the audit, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.report.text import console, plain_table

if TYPE_CHECKING:
    from registry.simulate.bench_audit import AuditBench


def show_audit_bench(bench: AuditBench) -> None:
    """Print how fast serials were read, overlaps found, and how well projects compared."""
    out = console()
    rates = ("serials", "by the column/s", "one by one/s", "times")
    table = plain_table("Serials", "registry", *rates, numbers=rates)
    for rate in bench.serials:
        counts = (f"{rate.serials:,}", f"{rate.per_s:,}", f"{rate.reference_per_s:,}")
        table.add_row(rate.registry, *counts, str(rate.times))
    out.print(table)
    out.print()
    columns = ("seconds", "times the bare query", "findings")
    rules = plain_table(f"Rules over {bench.blocks:,} blocks", "rule", *columns, numbers=columns)
    rules.add_row("(bare window query)", f"{bench.bare_seconds:.3f}", "1", "")
    for rule in bench.rules:
        rules.add_row(rule.code, f"{rule.seconds:.3f}", str(rule.times_bare), str(rule.findings))
    out.print(rules)
    out.print()
    linkage = bench.linkage
    quality = ("found", "true", "precision", "recall", "seconds")
    title = f"Same activity in two programmes: {linkage.projects:,} projects, {linkage.pairs} pairs"
    pairs = plain_table(title, "by", *quality, numbers=quality)
    for name, by in (("DI-5", linkage.ours), ("CAD Trust's query", linkage.baseline)):
        figures = (f"{by.found:,}", f"{by.true:,}", f"{by.precision:.3f}", f"{by.recall:.3f}")
        pairs.add_row(name, *figures, f"{by.seconds:.2f}")
    out.print(pairs)
