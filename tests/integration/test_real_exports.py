"""What is known to be true of the real exports, read and judged as the command line does it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from registry.feeds.reading import Reading, read_paths
from tests.e2e.command import run
from tests.published import real_data

DAY_S = 86_400


@cache
def audited(*options: str) -> dict[str, Any]:
    found = run("audit", str(real_data()), "--json", *options)
    assert found.code == 0, found.err
    body: dict[str, Any] = json.loads(found.out)
    return body


@cache
def reading() -> Reading:
    return read_paths([real_data()])


def of(code: str, body: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    found = (body or audited())["findings"]
    return [finding for finding in found if finding["code"] == code]


def files(part: str) -> list[dict[str, Any]]:
    return [file for file in audited()["files"] if part in file["path"]]


def test_every_record_is_read_and_none_is_lost() -> None:
    counts: Counter[str] = Counter()
    for file in audited()["files"]:
        assert set(file) == {"path", "format", "rows", "parsed", "quarantined", "merged"}
        counts.update({name: file[name] for name in ("rows", "parsed", "quarantined")})
    assert counts == {"rows": 4_740, "parsed": 4_740, "quarantined": 0}
    assert len(audited()["files"]) == 26


def test_what_is_no_export_is_skipped_and_named() -> None:
    names = {Path(file["path"]).name for file in audited()["skipped"]}
    assert names == {"SOURCES.md", "TERMS_OF_DATA_ACCESS"}
    assert all(file["reason"] for file in audited()["skipped"])


def test_there_is_no_certain_and_no_strong_finding() -> None:
    levels = audited()["summary"]["by_level"]
    assert (levels["certain"], levels["strong"]) == (0, 0)


def test_findings_say_all_that_a_program_needs() -> None:
    for finding in audited()["findings"]:
        assert set(finding) >= {
            "code", "level", "registries", "scope", "start_g", "end_g", "tonnes", "records",
            "detectable_at", "cleared_at", "clears_when",
        }  # fmt: skip
        assert finding["records"]
        assert finding["clears_when"]


def test_thirteen_conversions_are_timed_and_cleared() -> None:
    found = of("DI-6")
    assert {finding["level"] for finding in found} == {"timed"}
    assert sum(int(finding["tonnes"]) for finding in found) == 1_229_298
    gaps = sorted(
        finding["cleared_at"] // DAY_S - finding["detectable_at"] // DAY_S for finding in found
    )
    assert gaps == [1, 3, 3, 3, 3, 7, 8, 8, 8, 10, 10, 17, 21]
    sources = Counter(name for finding in found for name in finding["registries"])
    assert sources == {"ARB": 13, "ACR": 12, "CAR": 1}
    (car,) = [finding for finding in found if "CAR" in finding["registries"]]
    assert car["tonnes"] == "159383"


def test_a_conversion_is_open_inside_its_window() -> None:
    first = min(of("DI-6"), key=lambda finding: finding["cleared_at"])
    inside = datetime.fromtimestamp(first["cleared_at"] - DAY_S, UTC).date().isoformat()
    found = of("DI-6", audited("--as-of", inside))
    (same,) = [one for one in found if one["records"] == first["records"]]
    assert (same["level"], same["cleared_at"]) == ("timed", None)
    assert same["detectable_at"] == first["detectable_at"]


def test_six_retirements_declare_a_joint_claim() -> None:
    found = of("DC-3")
    assert [finding["level"] for finding in found] == ["disclosure"] * 6
    assert all("art-trees/retirements.csv" in finding["records"][0] for finding in found)


@pytest.mark.parametrize("issuance", ["CAFR5253-C", "CAFR0042-A", "CAFR0042-B", "CAFR0042-C"])
def test_compensation_of_reversals_is_no_finding(issuance: str) -> None:
    text = json.dumps(audited()["findings"])
    assert issuance not in text
    rows = reading().tables["dispositions"].to_pylist()
    retired = [row["amount_g"] for row in rows if row["batch"] == issuance]
    issued = [
        row["amount_g"] for row in reading().tables["issuances"].to_pylist()
        if row["batch"] == issuance
    ]  # fmt: skip
    assert len(issued) == 1
    assert sum(retired) > issued[0]


def test_sixteen_vintages_stand_on_two_contracts() -> None:
    found = of("BR-4")
    assert {finding["level"] for finding in found} == {"candidate"}
    registries = Counter(name for finding in found for name in finding["registries"])
    assert registries == {"Verra": 14, "Puro": 2}
    (tokens,) = files("bridged")
    assert tokens["merged"] == 265


def test_serials_inside_projects_merge_with_those_of_issuances() -> None:
    issuances = reading().tables["issuances"]
    ours = issuances.filter(pc.equal(issuances.column("registry"), "EcoRegistry")).to_pylist()
    assert len(ours) == 890
    assert len({row["scope"] for row in ours}) == 890
    assert sum(row["amount_g"] == 0 for row in ours) == 26
    assert not any(row["restates"] for row in ours)


def test_arb_ids_of_both_tables_are_one_record_each() -> None:
    full, part = files("/arb/")
    assert (full["merged"], part["merged"]) == (7, 80)
    issuances = reading().tables["issuances"]
    ids = [
        row["batch"] for row in issuances.to_pylist()
        if row["registry"] == "ARB" and row["start_g"] is not None
    ]  # fmt: skip
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("part", "registry", "table", "count"),
    [
        ("verra/transactions", "Verra", "issuances", 200),
        ("gold-standard/issuances", "Gold Standard", "issuances", 97),
        ("american-carbon-registry", "ACR", "dispositions", 150),
        ("climate-action-reserve", "CAR", "dispositions", 150),
        ("art-trees", "ART", "dispositions", 11),
        ("cercarbono", "EcoRegistry", "dispositions", 100),
    ],
)
def test_serials_span_what_their_rows_say(part: str, registry: str, table: str, count: int) -> None:
    rows = [
        row for row in reading().tables[table].to_pylist()
        if part in row["source"] and row["start_g"] is not None and row["registry"] == registry
    ]  # fmt: skip
    assert all(row["end_g"] - row["start_g"] == row["amount_g"] for row in rows)
    assert len(rows) == count


def test_the_order_of_paths_makes_no_difference() -> None:
    paths = sorted(real_data().rglob("*.csv"), reverse=True)
    again = run("audit", *map(str, paths), "--json")
    body = json.loads(again.out)
    assert body["findings"] == audited()["findings"]
    assert body["files"] == audited()["files"]
