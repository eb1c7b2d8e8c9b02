"""`demo`: the pilot end to end, and what it writes."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.chain import CHAIN, ENGINES
from tests.e2e.command import ROOT, Ran, ran, run

GOLDEN = Path(__file__).parent / "golden" / "demo.txt"
TOTALS = ("issued_g", "active_g", "locked_g", "retired_g", "cancelled_g", "exported_g")


def demo(*args: str, engine: str = "model") -> Ran:
    return ran("demo", "--engine", engine, *args)


def places(body: dict[str, Any], key: str) -> set[tuple[Any, ...]]:
    return {
        (item["code"], item["registry"], item["batch"], item["start_g"], item["end_g"])
        for item in body[key]
    }


def test_demo_prints_what_it_printed_before() -> None:
    """After a change that is meant: carbon-registry demo --engine model > this golden file."""
    found = demo("--seed", "7")
    assert found.code == 0
    assert found.err == ""
    golden = GOLDEN.read_text(encoding="utf-8").splitlines()
    assert found.lines == [line.rstrip() for line in golden]


def test_demo_says_the_same_on_the_contracts() -> None:
    model, chain = demo(), demo(engine=CHAIN)
    assert chain.code == 0
    assert chain.lines[1:] == model.lines[1:]
    assert chain.lines[0] == model.lines[0].replace("model", CHAIN)


def test_demo_takes_the_contracts_unless_told_otherwise() -> None:
    assert ran("demo", "--json").body["engine"] == CHAIN


@pytest.mark.parametrize("engine", ENGINES)
def test_demo_json_says_what_was_planted_and_found(engine: str) -> None:
    found = demo("--json", engine=engine)
    body = found.body
    assert found.code == 0
    assert found.err == ""
    assert (body["schema"], body["scenario"]) == (1, "pilot")
    assert (body["engine"], body["seed"]) == (engine, 7)
    assert body["registries"] == ["ICR", "EcoRegistry", "S&P", "Verra-like"]
    assert body["conserved"] is True
    assert places(body, "found") == places(body, "planted")
    assert {item["code"] for item in body["planted"]} == {"BR-2", "BR-3", "DI-2"}
    assert {item["fault"] for item in body["found"]} == {"D02", "D10", "D12"}
    assert body["missed"] == body["false_alarms"] == []
    assert len(bytes.fromhex(body["run_hash"])) == 32


def test_demo_json_amounts_are_exact_text_and_integers() -> None:
    body = demo("--json").body
    keys = ("batches", "imports", "planted", "found", "retirements")
    for item in (item for key in keys for item in body[key]):
        assert isinstance(item["batch"], str)
        assert not any(isinstance(value, float) for value in item.values())
    for name, keys in (("issued", ("batches",)), ("retired", ("batches", "imports"))):
        whole, _, part = body[f"{name}_t"].partition(".")
        grams = sum(batch[f"{name}_g"] for key in keys for batch in body[key])
        assert int(whole) * 10**6 + int(part.ljust(6, "0")) == grams


def test_demo_json_adds_up() -> None:
    body = demo("--json").body
    batches = [*body["batches"], *body["imports"]]
    for batch in batches:
        assert batch["issued_g"] == sum(batch[name] for name in TOTALS[1:])
    retired = sum(item["amount_g"] for item in body["retirements"])
    assert retired == sum(batch["retired_g"] for batch in batches)


def test_demo_sends_credits_of_every_batch_abroad_and_brings_some_home() -> None:
    body = demo("--json").body
    out, back = body["journeys"][::2], body["journeys"][1::2]
    assert len(out) == len(back) == len(body["batches"])
    for there, home in zip(out, back, strict=True):
        assert (there["source"], there["target"]) == (home["target"], home["source"])
        assert 0 < home["amount_g"] < there["amount_g"]
        assert there["both_s"] == home["both_s"] == 0
    assert {journey["protocol"] for journey in out} == {
        "atomic",
        "relayed",
        "immobilise-and-mirror",
    }
    assert all(batch["home"] != batch["registry"] for batch in body["imports"])


def test_demo_run_hash_is_the_same_on_every_engine() -> None:
    model, chain = demo("--json").body, demo("--json", engine=CHAIN).body
    assert model == {**chain, "engine": "model"}


def test_demo_is_a_function_of_its_seed() -> None:
    first = run("demo", "--engine", "model", "--json", "--seed", "21")
    assert first == run("demo", "--engine", "model", "--json", "--seed", "21")


def test_demo_with_another_seed_has_other_amounts_faults_and_hash() -> None:
    bodies = [demo("--json", "--seed", seed).body for seed in ("7", "8", "9")]
    for key in ("issued_t", "retired_t", "run_hash"):
        assert len({body[key] for body in bodies}) == 3
    assert len({frozenset(places(body, "planted")) for body in bodies}) == 3


def test_demo_without_faults_finds_nothing() -> None:
    found = demo("--no-faults", "--json")
    assert found.code == 0
    assert found.body["planted"] == found.body["found"] == []
    assert found.body["run_hash"] != demo("--json").body["run_hash"]
    shown = demo("--no-faults")
    assert "Planted" not in shown.lines
    assert shown.lines[-2].endswith("0 contradictions planted, 0 found, 0 missed, 0 false alarms.")


def test_demo_leaves_with_one_when_a_fault_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    from registry.simulate import pilot

    monkeypatch.setattr(pilot.World, "audit", lambda self, **_: ())
    found = run("demo", "--engine", "model", "--json")
    assert found.code == 1
    assert len(found.body["missed"]) == len(found.body["planted"]) > 0
    assert found.body["found"] == []
    shown = run("demo", "--engine", "model")
    assert shown.code == 1
    assert " 0 found, 3 missed, 0 false alarms." in shown.lines[-2]


# What --out writes, folded by rules of this file's own.


@pytest.fixture(scope="module", params=ENGINES)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("demo") / "new" / "folder"
    found = run("demo", "--engine", request.param, "--out", str(folder), "--json")
    assert found.code == 0
    assert json.loads((folder / "run.json").read_text(encoding="utf-8")) == found.body
    return folder


def entries_in(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "entries.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


class Fold:
    """Totals, balances and serials of every batch, from entries alone."""

    MOVES = frozenset({"transferred", "forced_transfer", "foreclosed"})
    TAKES: ClassVar = {  # kind: what an amount leaves, and where it goes
        "locked": ("active_g", "locked_g"),
        "retirement_requested": ("active_g", "locked_g"),
        "retired": ("active_g", "retired_g"),
        "cancelled": ("active_g", "cancelled_g"),
        "retirement_finalised": ("locked_g", "retired_g"),
        "released": ("locked_g", "active_g"),
        "retirement_reverted": ("locked_g", "active_g"),
        "exported": ("active_g", "exported_g"),
        "returned": ("exported_g", "active_g"),
    }

    def __init__(self) -> None:
        self.totals: dict[tuple[str, str], dict[str, int]] = {}
        self.balances: dict[tuple[str, str], dict[str, int]] = {}
        self.blocks: dict[tuple[str, str], tuple[int, int]] = {}
        self.gone: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)

    def take(self, entry: dict[str, Any]) -> None:
        kind, place = entry["kind"], (entry["registry"], entry.get("batch", ""))
        if kind in {"issued", "imported"}:
            assert place not in self.totals, "a batch is never topped up"
            self.totals[place] = dict.fromkeys(TOTALS, 0)
            self.totals[place]["issued_g"] = self.totals[place]["active_g"] = entry["amount_g"]
            self.balances[place] = defaultdict(int, {entry["account"]: entry["amount_g"]})
            (block,) = entry["intervals"]
            self.blocks[place] = (block[0], block[1])
        elif kind in self.MOVES:
            self.balances[place][entry["account"]] -= entry["amount_g"]
            self.balances[place][entry["counterparty"]] += entry["amount_g"]
        elif kind in self.TAKES:
            left, entered = self.TAKES[kind]
            self.totals[place][left] -= entry["amount_g"]
            self.totals[place][entered] += entry["amount_g"]
            if left == "active_g":
                self.balances[place][entry["account"]] -= entry["amount_g"]
            if entered == "active_g":
                self.balances[place][entry["account"]] += entry["amount_g"]
            if entered in {"retired_g", "cancelled_g"}:
                pieces = [(start, end) for start, end in entry["intervals"]]
                assert sum(end - start for start, end in pieces) == entry["amount_g"]
                self.gone[place] += pieces

    def check(self) -> None:
        for place, totals in self.totals.items():
            assert totals["issued_g"] == sum(totals[name] for name in TOTALS[1:])
            assert sum(self.balances[place].values()) == totals["active_g"]
            assert min(*totals.values(), *self.balances[place].values()) >= 0
        for place, pieces in self.gone.items():
            start_g, end_g = self.blocks[place]
            ordered = sorted(pieces)
            assert all(start_g <= start < end <= end_g for start, end in ordered)
            assert all(one[1] <= next_[0] for one, next_ in itertools.pairwise(ordered))


def test_demo_entries_keep_c1_after_each_of_them(written: Path) -> None:
    fold = Fold()
    for entry in entries_in(written):
        fold.take(entry)
        fold.check()
    body = json.loads((written / "run.json").read_text(encoding="utf-8"))
    batches = [*body["batches"], *body["imports"]]
    assert len(batches) == len(fold.totals)
    assert len(body["batches"]) == 10
    for batch in batches:
        folded = fold.totals[batch["registry"], batch["batch"]]
        assert folded == {name: batch[name] for name in TOTALS}


def test_demo_entries_are_dense_and_in_order(written: Path) -> None:
    entries = entries_in(written)
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    moments = [entry["at_s"] for entry in entries]
    assert moments == sorted(moments)


def test_demo_entries_retire_no_serial_twice(written: Path) -> None:
    retired: dict[str, list[tuple[int, int]]] = defaultdict(list)
    scopes: dict[tuple[str, str], str] = {}
    for entry in entries_in(written):
        place = (entry["registry"], entry.get("batch", ""))
        if entry["kind"] in {"issued", "imported"}:
            scopes[place] = entry["scope"]
        elif entry["kind"] in {"retired", "retirement_finalised"}:
            retired[scopes[place]] += [(start, end) for start, end in entry["intervals"]]
    assert sum(map(len, retired.values())) > 20
    for pieces in retired.values():
        ordered = sorted(pieces)
        assert all(one[1] <= next_[0] for one, next_ in itertools.pairwise(ordered))


def test_demo_writes_the_same_entries_on_both_engines(tmp_path: Path) -> None:
    for engine in ENGINES:
        run("demo", "--engine", engine, "--out", str(tmp_path / engine))
    model, chain = ((tmp_path / engine / "entries.jsonl").read_bytes() for engine in ENGINES)
    assert model == chain


def test_demo_writes_over_what_it_wrote_before(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        assert run("demo", "--engine", "model", "--seed", seed, "--out", str(tmp_path)).code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["entries.jsonl", "run.json"]
    assert json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["seed"] == 2


def test_demo_script_is_the_command(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.rootpath == ROOT
    text = (ROOT / "scripts" / "demo").read_text(encoding="utf-8")
    assert text.splitlines()[-1] == 'exec .venv/bin/carbon-registry demo "$@"'
