"""The bench of chains, for people, for programs, and as a page of docs/."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.markup import escape

from registry.report.text import console, plain_table

if TYPE_CHECKING:
    from registry.simulate.bench_figures import ChainBench, Logs, Times
    from registry.simulate.bench_start import Start

MEASURED = {
    "web3-eth-tester": "web3's contract objects over eth-tester, both as they come",
    "web3-anvil": "the same over HTTP to anvil, which takes the transactions unsigned",
    "tester": "a world on py-evm, one action to a block, 20 actions saved at once",
    "revm-single": "a world on revm, one action to a block, 500 actions saved at once",
    "revm-batch": "a world on revm, 500 actions to a block and saved at once",
    "pyrevm-exact": "bare calls, each charged and settled as a transaction is",
    "pyrevm-raw": "bare calls of pyrevm in one journal, never settled, nothing read",
}
"""What each engine is, in the order in which they are shown."""

_ABOUT = """\
# How fast the chains are

Written by `carbon-registry bench chain --out docs/benchmarks.md`; every figure was measured in one
run. One operation is one transaction: a batch is issued, part of it transferred, part of that
retired, and the next batch. All chains are sent the same calldata by the same senders.

Each engine has a process of its own, whose memory is what `MB` says (anvil's own stands behind a
plus), and all take turns: while one is measured the others wait. The least and the most ratio of
the turns say how steady the machine was.

Through web3, gas is estimated, the receipt waited for (looked for every 2 ms, since web3's own 100
would be lost on anvil), the event decoded, and a row each written into a book and a mirror in
SQLite, which does not wait for the disk. In a world the same is done by `World.apply_many`, and
chain, book and mirror are in its folder afterwards; chain and book wait for the disk each time
actions are saved. The bare calls sign nothing, make no blocks, read no logs and write no rows;
their calldata is made beforehand.

Checked are the status of each receipt, each entry, the totals of up to 1,000 batches, the rows in
book and mirror, and the gas of the same operations on all chains, one by one.
"""


class _Section(NamedTuple):
    """A table; the first column holds names, all others figures."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def chain_body(bench: ChainBench) -> dict[str, Any]:
    """Return a run as JSON: ratios as plain numbers, and their least and most beside."""
    body = bench.model_dump(mode="json")
    body["ratios"] = {name: times.times for name, times in bench.ratios.items()}
    body["spread"] = {name: [times.least, times.most] for name, times in bench.ratios.items()}
    return body


def show_chain(bench: ChainBench) -> None:
    """Print a run."""
    out = console()
    for section in _sections(bench):
        table = plain_table(section.title, *section.columns, numbers=section.columns[1:])
        for row in section.rows:
            table.add_row(*map(escape, row))
        out.print(table)
        out.print()
    for line in (*_skipped(bench), *_gas_lines(bench), f"{_figure(bench.elapsed_s)} s in all."):
        out.print(escape(line), soft_wrap=True)


def chain_markdown(bench: ChainBench) -> str:
    """Write a run as a page."""
    lines = [_ABOUT]
    lines += _table(("engine", "what is measured"), list(MEASURED.items()), 2)
    for section in _sections(bench):
        lines += ["", f"## {section.title}", "", *_table(section.columns, section.rows, 1)]
    lines += ["", "## Gas", "", *_gas_lines(bench), *_skipped(bench), "", "## Measured on", ""]
    lines += _table(("what", "which"), list(bench.machine.items()), 2)
    lines += ["", f"The whole bench took {_figure(bench.elapsed_s)} s."]
    return "\n".join(lines) + "\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], texts: int) -> list[str]:
    """Return a table's lines; all but the first `texts` columns hold figures."""
    rules = ["---" if at < texts else "---:" for at in range(len(columns))]
    return [
        f"| {' | '.join(columns)} |",
        f"|{'|'.join(rules)}|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _sections(bench: ChainBench) -> list[_Section]:
    found = [_rates(bench)]
    if bench.ratios:
        ratios = [(name, *_times(times)) for name, times in bench.ratios.items()]
        found.append(_Section("Ratios", ("ratio", "times", "least", "most"), ratios))
    if bench.growth:
        found.append(_growth(bench))
    if bench.get_logs is not None:
        found.append(_logs(bench.get_logs))
    return [*found, _start(bench.start)]


def _logs(logs: Logs) -> _Section:
    return _Section(
        f"Logs of {logs.blocks:,} blocks",
        (f"web3.eth.get_logs, {logs.engine}", "logs", "seconds"),
        [
            ("all of the registry", f"{logs.logs:,}", _figure(logs.seconds)),
            ("retirements", f"{logs.retirements:,}", _figure(logs.retirements_seconds)),
        ],
    )


def _start(start: Start) -> _Section:
    opened = start.open_s.items()
    return _Section(
        "Start",
        ("what", "seconds"),
        [
            ("a process of Python", _figure(start.python_s)),
            ("carbon-registry --help", _figure(start.help_s)),
            ("from registry import World", _figure(start.import_s)),
            *((f'then World.open(engine="{name}")', _figure(seconds)) for name, seconds in opened),
        ],
    )


def _rates(bench: ChainBench) -> _Section:
    columns = ("engine", "operations", "per second", "gas each", "blocks", "MB")
    rows: list[tuple[str, ...]] = []
    for engine in MEASURED:
        rate = bench.engines[engine]
        if rate is None:
            continue
        node = "" if rate.node_peak_mb is None else f" + {_figure(rate.node_peak_mb)}"
        memory = "-" if rate.peak_mb is None else _figure(rate.peak_mb)
        rows.append(
            (
                engine,
                f"{rate.ops:,}",
                _figure(rate.ops_per_s),
                f"{rate.gas_per_op:,}",
                f"{rate.blocks:,}" if rate.blocks else "-",
                memory + node,
            )
        )
    return _Section("Engines", columns, rows)


def _growth(bench: ChainBench) -> _Section:
    rows: dict[str, dict[str, float]] = {}
    for engine, growth in bench.growth.items():
        for decade in growth.decades:
            row = f"operations {decade.first:,} to {decade.last:,}"
            rows.setdefault(row, {})[engine] = decade.ops_per_s
    rows["first tenth"] = {name: by.first_tenth_per_s for name, by in bench.growth.items()}
    rows["last tenth"] = {name: by.last_tenth_per_s for name, by in bench.growth.items()}
    rows["last over first"] = {name: by.last_over_first for name, by in bench.growth.items()}
    return _Section(
        "Growth",
        ("per second", *bench.growth),
        [
            (row, *(_figure(by[name]) if name in by else "-" for name in bench.growth))
            for row, by in rows.items()
        ],
    )


def _times(times: Times) -> tuple[str, str, str]:
    return _figure(times.times), _figure(times.least), _figure(times.most)


def _skipped(bench: ChainBench) -> list[str]:
    return [f"Not measured: {engine} ({why})." for engine, why in bench.skipped.items()]


def _gas_lines(bench: ChainBench) -> list[str]:
    gas = bench.gas
    lines = [f"Gas each is the mean of the first {gas.operations:,} operations."]
    if gas.compared:
        compared = ", ".join(f"{engine} {count:,}" for engine, count in gas.compared.items())
        lines.append(f"Gas compared with {gas.compared_with}, operations: {compared}.")
    for unlike in gas.unlike:
        lines.append(
            f"{unlike.engine} charges {unlike.operations:,} operations otherwise; the first is "
            f"operation {unlike.first}: {unlike.gas:,}, not {unlike.gas_there:,}."
        )
    if gas.compared and not gas.unlike:
        lines.append("All agree to the unit.")
    return lines


def _figure(value: float) -> str:
    """Write a measurement to three digits, or to the unit where it has more."""
    if value >= 100:
        return f"{value:,.0f}"
    digits = 3 if value < 1 else 2 if value < 10 else 1
    return f"{value:.{digits}f}" if value >= 0.001 else f"{value:.1g}"
