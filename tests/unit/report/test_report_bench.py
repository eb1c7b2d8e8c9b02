"""The bench of chains as text, as JSON and as a page."""

from __future__ import annotations

import pytest

from registry.report.bench import chain_body, chain_markdown, show_chain
from registry.simulate.bench_figures import (
    ChainBench,
    GasCompared,
    GasUnlike,
    Logs,
    Taken,
    growth_of,
    rate_of,
    ratios_of,
)
from registry.simulate.bench_start import Start


def rate(ops: int, node_peak_mb: float | None = None) -> object:
    taken = Taken([[(ops, 2.0)]], [100_000], 9, 12.34, node_peak_mb)
    return rate_of(taken, 1)


RATES = {
    "web3-eth-tester": None,
    "web3-anvil": rate(7, 45.6),
    "tester": rate(20),
    "revm-single": None,
    "revm-batch": rate(24_690),
    "pyrevm-exact": None,
    "pyrevm-raw": None,
}
BENCH = ChainBench(
    machine={"system": "Linux", "processors": "2"},
    engines=RATES,
    skipped={name: "not asked for" for name, found in RATES.items() if found is None},
    ratios=ratios_of(RATES),
    growth={"revm-batch": growth_of([(0, 0.0), (24_690, 2.0)])},
    gas=GasCompared(
        operations=1,
        compared_with="tester",
        compared={"revm-batch": 1},
        unlike=(GasUnlike(engine="revm-batch", operations=1, first=0, gas=9_999, gas_there=8),),
    ),
    get_logs=Logs(
        engine="revm-batch",
        blocks=10_000,
        logs=16_667,
        seconds=0.4567,
        retirements=3_333,
        retirements_seconds=0.0123,
    ),
    start=Start(python_s=0.01, help_s=0.09, import_s=0.5, open_s={"model": 0.00019}, repeats=1),
    elapsed_s=123.4,
)


def test_show_chain_prints_engines_ratios_and_where_gas_differs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_chain(BENCH)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert [line.split() for line in lines[:5]] == [
        ["Engines"],
        ["engine", "operations", "per", "second", "gas", "each", "blocks", "MB"],
        ["web3-anvil", "7", "3.50", "100,000", "9", "12.3", "+", "45.6"],
        ["tester", "20", "10.0", "100,000", "9", "12.3"],
        ["revm-batch", "24,690", "12,345", "100,000", "9", "12.3"],
    ]
    assert "Not measured: pyrevm-raw (not asked for)." in lines
    assert "operation 0: 9,999, not 8." in " ".join(lines)
    assert "All agree" not in " ".join(lines)
    assert lines[-1] == "123 s in all."


def test_chain_markdown_has_the_same_tables() -> None:
    page = chain_markdown(BENCH)
    for row in (
        "| revm-batch | 24,690 | 12,345 | 100,000 | 9 | 12.3 |",
        "| revm-batch over web3-anvil | 3,527 | 3,527 | 3,527 |",
        "| all of the registry | 16,667 | 0.457 |",
        "| retirements | 3,333 | 0.012 |",
        '| then World.open(engine="model") | 0.0002 |',
        "| processors | 2 |",
    ):
        assert f"\n{row}\n" in page
    assert page.endswith("The whole bench took 123 s.\n")


def test_chain_body_has_plain_ratios_and_their_spread() -> None:
    body = chain_body(BENCH)
    assert body["ratios"]["revm-batch over tester"] == 1234.5
    assert body["spread"]["revm-batch over tester"] == [1234.5, 1234.5]
    assert body["engines"]["web3-eth-tester"] is None
    assert body["engines"]["web3-anvil"]["node_peak_mb"] == 45.6
