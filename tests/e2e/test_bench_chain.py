"""`carbon-registry bench chain`: what it measures, writes and refuses. No figure is judged."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from registry.report.bench import MEASURED
from registry.simulate.bench_chain import ENGINES, GROWING, UNCHARGED
from registry.simulate.nodes import AnvilMissing, anvil_program
from tests.e2e.command import ROOT, Ran, run

TINY = ("--quick", "--operations", "61", "--seconds", "0.1")


def absent() -> set[str]:
    """Engines that cannot be measured on this machine."""
    found = set()
    if find_spec("pyrevm") is None:
        found |= {engine for engine in ENGINES if "revm" in engine}
    try:
        anvil_program()
    except AnvilMissing:
        found.add("web3-anvil")
    return found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("bench") / "new" / "page.md"
    return path


@pytest.fixture(scope="module")
def measured(page: Path) -> Ran:
    found = run("bench", "chain", *TINY, "--out", str(page), "--json")
    assert (found.code, found.err) == (0, "")
    return found


@pytest.fixture(scope="module")
def engines(measured: Ran) -> dict[str, Any]:
    return {name: rate for name, rate in measured.body["engines"].items() if rate is not None}


def test_bench_chain_has_every_engine_or_says_why_not(measured: Ran) -> None:
    body = measured.body
    assert set(body["engines"]) == set(ENGINES)
    assert {name for name, rate in body["engines"].items() if rate is None} == absent()
    assert set(body["skipped"]) == absent()
    assert all(body["skipped"].values())


def test_bench_chain_measures_rates_gas_and_memory(engines: dict[str, Any]) -> None:
    for name, rate in engines.items():
        assert rate["ops"] > 0, name
        assert rate["ops_per_s"] == pytest.approx(rate["ops"] / rate["seconds"]), name
        assert min(rate["turns_per_s"]) > 0, name
        assert rate["gas_per_op"] > 21_000, name
        assert rate["peak_mb"] > 10, name
        assert (rate["blocks"] == 0) == name.startswith("pyrevm-"), name
        if name in GROWING:
            assert rate["ops"] == 61


def test_bench_chain_blocks_are_those_that_were_asked_for(engines: dict[str, Any]) -> None:
    if "revm-batch" not in engines:
        pytest.skip("pyrevm is not installed")
    single, batch = engines["revm-single"], engines["revm-batch"]
    # The set-up is the same; then one action to a block, or those of each turn in one.
    assert single["blocks"] - batch["blocks"] == 61 - 2


def test_bench_chain_finds_equal_gas_for_equal_bytes(
    measured: Ran, engines: dict[str, Any]
) -> None:
    gas = measured.body["gas"]
    charged = set(engines) - set(UNCHARGED)
    assert len({engines[name]["gas_per_op"] for name in charged}) == 1
    assert gas["compared_with"] == "tester"
    assert set(gas["compared"]) == charged - {"tester"}
    assert min(gas["compared"].values()) >= gas["operations"] >= 3
    assert gas["unlike"] == []


def test_bench_chain_compares_what_it_measured(measured: Ran, engines: dict[str, Any]) -> None:
    ratios, spread = measured.body["ratios"], measured.body["spread"]
    assert set(ratios) == set(spread)
    for ours in GROWING:
        for other in engines:
            name = f"{ours} over {other}"
            if ours in engines and other not in GROWING:
                expected = engines[ours]["ops_per_s"] / engines[other]["ops_per_s"]
                assert ratios.pop(name) == pytest.approx(expected)
                least, most = spread[name]
                assert 0 < least <= most
    assert ratios == {}


def test_bench_chain_measures_growth_logs_and_start(measured: Ran, engines: dict[str, Any]) -> None:
    body = measured.body
    assert set(body["growth"]) == set(GROWING) & set(engines)
    for growth in body["growth"].values():
        (decade,) = growth["decades"]
        assert (decade["first"], decade["last"]) == (0, 61)
        assert min(growth["first_tenth_per_s"], growth["last_tenth_per_s"]) > 0
    if "revm-single" in engines:
        logs = body["get_logs"]
        assert logs["engine"] == "revm-single"
        assert logs["blocks"] == engines["revm-single"]["blocks"]
        assert logs["logs"] > logs["retirements"] == 20
        assert min(logs["seconds"], logs["retirements_seconds"]) > 0
    start = body["start"]
    assert set(start["open_s"]) == {"model", "tester", "revm"} - (
        set() if "revm-single" in engines else {"revm"}
    )
    assert min(start["python_s"], start["help_s"], start["import_s"], *start["open_s"].values()) > 0


def test_bench_chain_writes_what_it_measured(
    measured: Ran, page: Path, engines: dict[str, Any]
) -> None:
    text = page.read_text("utf-8")
    for name, rate in engines.items():
        assert f"| {name} | {MEASURED[name]} |" in text
        assert f"| {name} | {rate['ops']:,} |" in text
    for name in measured.body["ratios"]:
        assert f"| {name} |" in text
    for what, which in measured.body["machine"].items():
        assert f"| {what} | {which} |" in text


def test_page_in_docs_has_all_engines() -> None:
    """Where this fails: `carbon-registry bench chain --out docs/benchmarks.md`, and commit it."""
    text = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    for name, what in MEASURED.items():
        assert f"| {name} | {what} |" in text
        assert text.count(f"\n| {name} | ") == 2
    assert "Not measured" not in text
    assert "All agree to the unit." in text


BAD = {
    "engine unknown": ("engine 'evm': expected one of web3-eth-tester", ("--engine", "evm")),
    "operations none": ("operations: expected a number from 1 on, not 0", ("--operations", "0")),
    "operations a word": ("Invalid value for '--operations'", ("--operations", "many")),
    "seconds none": ("seconds: expected a number above 0, not 0.0", ("--seconds", "0")),
    "seconds below": ("seconds: expected a number above 0, not -1.0", ("--seconds", "-1")),
    "seconds no number": ("seconds: expected a number above 0, not nan", ("--seconds", "nan")),
    "seconds endless": ("seconds: expected a number above 0, not inf", ("--seconds", "inf")),
    "out a folder": ("expected a file to write, not a folder", ("--out", str(ROOT))),
    "out in a file": ("expected a folder to write", ("--out", f"{__file__}/page.md")),
}


@pytest.mark.parametrize("case", BAD)
def test_bench_chain_refuses_before_it_measures(case: str) -> None:
    message, args = BAD[case]
    found = run("bench", "chain", *args)
    assert (found.code, found.out) == (2, "")
    assert message in found.err
    as_json = run("bench", "chain", *args, "--json")
    assert as_json.code == 2
    assert message in as_json.body["error"]["message"]
