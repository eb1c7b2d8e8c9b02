"""`audit`: registries' exports, good and bad, and what the command says about them."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.e2e.command import PLAIN, ran, run
from tests.published import Row, real_data, save

SERIAL = "Serial Number"
BLOCK = "88-{}-{}-VCS-VCU-262-VER-BR-14-9001-01012023-31122023-0"
VERRA = {
    "Issuance Date": "2025-01-15", "Vintage Start": "2023-01-01", "Vintage End": "2023-12-31",
    "ID": "9001", "Total Vintage Quantity": "9,000,000", "Quantity Issued": "10",
    SERIAL: BLOCK.format(1, 10), "Retirement/Cancellation Date": "",
    "Retirement Beneficiary": "", "Retirement Reason": "", "Retirement Details": "",
}  # fmt: skip
RETIRED = {"Retirement/Cancellation Date": "2025-03-01"}
GOLD = {
    "Vintage": "2024", "Credit Status": "Issued", "Quantity": "10", "GSID": "77",
    SERIAL: "GS1-1-UG-GS77-16-2024-300-1-10", "Issuance Date": "2026-03-31",
    "Monitoring Period Start": "2024-01-01", "Monitoring Period End": "2024-12-08",
}  # fmt: skip
ACR = {
    "Credit Serial Numbers": "ACR-US-77-2025-300-1 to 500", "Vintage": "2025",
    "Quantity of Credits": "500", "Status Effective (GMT)": "2/1/2026 7:12:08 AM",
    "Project ID": "ACR77", "Date Issued (GMT)": "1/5/2026 9:37:03 PM",
    "Cancellation Type": "Convert to ARB offset credits", "Cancellation Details": "",
}  # fmt: skip
ARB = {
    "CARB Issuance ID": "CAMM1051-A", "OPR Project ID": "ACR77", "Vintage": "2025",
    "ARB Offset Credits Issued": "500", "Issuance Date": "2026-01-20",
}  # fmt: skip
ECO_SERIAL = "CDC_9_1_1_321_14_R1_XX_CO_1_2_2019"
ECO_ISSUED = {"serial": ECO_SERIAL, "issued_quantity": "100", "is_buffer": "False"}
ECO_PROJECT = {"id": "9", "name": "Bosque", "serials": f"[{ECO_ISSUED}]"}
ECO_RETIRED = {"serial": ECO_SERIAL, "quantity": "20", "from": "1", "to": "20"}

CODES = ("code", "level", "registries", "scope", "start_g", "end_g", "tonnes", "records")
TIMES = ("detectable_at", "cleared_at", "clears_when")


def verra(first: int, last: int, **changes: str) -> Row:
    bounds = {SERIAL: BLOCK.format(first, last), "Quantity Issued": str(last - first + 1)}
    return VERRA | bounds | changes


GOOD = (verra(1, 10), verra(11, 20), verra(21, 30, **RETIRED))
TWICE = (verra(1, 10), verra(6, 15))


def content(*rows: Row) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def audited(*paths: Path, code: int = 0, options: tuple[str, ...] = ()) -> dict[str, Any]:
    """Run the command with `--json` and check that no record disappeared."""
    found = run("audit", *map(str, paths), *options, "--json")
    assert (found.code, found.err) == (code, "")
    body = found.body
    for file in body["files"]:
        assert file["rows"] == file["parsed"] + file["quarantined"]
    return body


def counts(body: dict[str, Any]) -> list[tuple[int, int, int]]:
    return [(file["parsed"], file["quarantined"], file["merged"]) for file in body["files"]]


def codes(body: dict[str, Any]) -> list[tuple[str, str]]:
    return [(finding["code"], finding["level"]) for finding in body["findings"]]


def refused(*args: str | Path) -> str:
    """Run a command that cannot be run, both ways; return the one message."""
    found = run("audit", *map(str, args), "--json")
    assert (found.code, found.err) == (2, "")
    assert set(found.body) == {"error"}
    message = found.body["error"]["message"]
    shown = run("audit", *map(str, args))
    assert (shown.code, shown.out) == (2, "")
    assert shown.err == f"error: {message}\n"
    return str(message)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "v.csv"


# Bytes that are no plain CSV file.


@pytest.mark.parametrize(
    "changed",
    [
        b"\xef\xbb\xbf" + content(*GOOD),
        b"\xef\xbb\xbf" * 2 + content(*GOOD),
        content(*GOOD).replace(b"\n", b"\r\n"),
        content(*GOOD).removesuffix(b"\n"),
        content(*GOOD).replace(b"\n", b"\n\n \n"),
    ],
    ids=["BOM", "two BOMs", "CRLF", "no end", "blank lines"],
)
def test_audit_reads_what_is_a_csv_file_all_the_same(path: Path, changed: bytes) -> None:
    path.write_bytes(content(*GOOD))
    plain = audited(path)
    path.write_bytes(changed)
    assert audited(path) == plain
    assert counts(plain) == [(3, 0, 0)]


NO_TEXT = [
    ("é".encode("latin-1"), "expected UTF-8 text"),
    (b"\0", "expected UTF-8 text without NUL bytes"),
    (b'"9001"x', "expected a CSV record: ',' expected after '\"'"),
    (b'"open', "expected every quote that opens a cell to close again"),
    (b"a\rb", "expected lines that end in a line feed, found a carriage return inside"),
]


def test_audit_quarantines_the_records_that_are_no_text_and_no_others(path: Path) -> None:
    head, *_ = content(VERRA).splitlines(keepends=True)
    lines = [head]
    for number, (wrong, _) in enumerate(NO_TEXT):
        lines += (
            content(VERRA | {"ID": "MARK"}).replace(b"MARK", wrong).splitlines(keepends=True)[1:]
        )
        lines += content(verra(10 * number + 1, 10 * number + 10)).splitlines(keepends=True)[1:]
    path.write_bytes(b"".join(lines).replace(b'"9,000,000"', b"9000000"))
    body = audited(path)
    assert counts(body) == [(len(NO_TEXT), len(NO_TEXT), 0)]
    assert body["quarantined"] == [
        {"path": str(path), "row": 2 * number + 1, "column": None, "reason": reason}
        for number, (_, reason) in enumerate(NO_TEXT)
    ]


def test_audit_reads_line_ends_inside_quotes(path: Path) -> None:
    name = 'first\nsecond, "third"\r\n\n'
    path.write_bytes(content(verra(1, 10, **RETIRED, **{"Retirement Details": name}), GOOD[1]))
    assert counts(audited(path)) == [(2, 0, 0)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (b"PK\x03\x04" + bytes(30), "it is a zip archive"),
        (content(*GOOD).decode().encode("utf-16"), "this is UTF-16"),
        (content(*GOOD).replace(b"\n", b"\r"), "carriage return inside"),
        (content(*GOOD).replace(b",", b";"), "separated by semicolons"),
        (b"<!DOCTYPE html>\n<html></html>\n", "its header is of no known format"),
    ],
)
def test_audit_refuses_a_file_that_is_no_export(path: Path, given: bytes, expected: str) -> None:
    path.write_bytes(given)
    message = refused(path)
    assert message.startswith(f"{path}: expected an export of a registry, ")
    assert expected in message


def test_audit_skips_in_a_folder_what_is_no_export(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_bytes(content(*GOOD))
    (tmp_path / "w.csv").write_bytes(content(*GOOD))
    (tmp_path / "all.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "empty.csv").touch()
    body = audited(tmp_path)
    assert [file["path"] for file in body["files"]] == [str(tmp_path / "v.csv")]
    assert [(Path(skipped["path"]).name, skipped["reason"]) for skipped in body["skipped"]] == [
        ("all.zip", "it is a zip archive"),
        ("empty.csv", "it is empty"),
        ("w.csv", f"the same bytes as {tmp_path / 'v.csv'}"),
    ]
    assert f"skipped {tmp_path / 'empty.csv'}: it is empty" in run("audit", str(tmp_path)).lines


def test_audit_refuses_a_folder_without_any_export(tmp_path: Path) -> None:
    assert refused(tmp_path) == f"{tmp_path}: expected at least one export of a known format"
    (tmp_path / "all.zip").write_bytes(b"PK\x03\x04")
    assert f"skipped 1, first {tmp_path / 'all.zip'}: it is a zip archive" in refused(tmp_path)


def test_audit_refuses_a_path_that_is_not_there(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    assert refused(gone) == f"{gone}: expected a file or folder to read"


# Columns.


def test_audit_says_which_column_a_header_lacks(path: Path) -> None:
    path.write_bytes(content(*GOOD).replace(b"Retirement/Cancellation Date", b"Other"))
    expected = "expected this column of verra-transactions, the header lacks it"
    assert refused(path) == f"{path}, column Retirement/Cancellation Date: {expected}"
    path.write_bytes(content(*GOOD).replace(SERIAL.encode(), b"Other"))
    assert f"it lacks the column {SERIAL} of verra-transactions" in refused(path)


def test_audit_says_which_column_a_header_has_twice(path: Path) -> None:
    path.write_bytes(content(*GOOD).replace(b"Issuance Date", b"serial  number"))
    assert refused(path) == f"{path}, column Serial Number: expected this column once"


def test_audit_says_what_another_registrys_file_lacks_of_a_named_format(path: Path) -> None:
    path.write_bytes(content(*GOOD))
    expected = "expected this column of acr-cancellations, the header lacks it"
    message = refused(path, "--format", "acr-cancellations")
    assert message == f"{path}, column Credit Serial Numbers: {expected}"
    assert "expected one of auto, verra-transactions" in refused(path, "--format", "verra")


def test_audit_quarantines_serials_of_another_registry(path: Path) -> None:
    path.write_bytes(content(GOOD[0], GOOD[1] | {SERIAL: GOLD[SERIAL]}))
    body = audited(path)
    assert counts(body) == [(1, 1, 0)]
    assert body["quarantined"][0]["column"] == SERIAL
    assert "expected a serial of Verra, not of Gold Standard" in body["quarantined"][0]["reason"]


def test_audit_finds_columns_in_any_order_case_and_spacing(path: Path) -> None:
    save(path, TWICE)
    plain = audited(path, code=1)
    changed = [
        {f" {name.upper().replace(' ', '  ')}\u00a0": row[name] for name in sorted(row)}
        | {"New": "x"}
        for row in TWICE
    ]
    save(path, changed)
    assert audited(path, code=1) == plain


def test_audit_does_without_optional_columns(path: Path) -> None:
    needed = (SERIAL, "Quantity Issued", "Retirement/Cancellation Date")
    for kept in [needed, (*needed, "Vintage Start"), (*needed, "Vintage End", "Retirement Reason")]:
        save(path, [{name: row[name] for name in kept} for row in TWICE])
        body = audited(path, code=1)
        assert counts(body) == [(2, 0, 0)]
        assert codes(body) == [("DI-2", "certain")]


# Cells.


BAD_CELLS = [
    *(("Quantity Issued", cell) for cell in ("\u0661\u0660", "1_0", "1e1", "10,0", "1,0", "10.5")),
    *(("Quantity Issued", cell) for cell in ("NaN", "#REF!", "", "-10", "+10", "=5+5", "0")),
    *(("Quantity Issued", cell) for cell in ("1.454.054", "1,45,054", "9" * 30, "010")),
    *(("Issuance Date", cell) for cell in ("2023-02-30", "31/31/2024", "45000", "NaN", "#N/A")),
    ("Vintage End", "2022-12-31"),
    ("ID", "9002"),
    ("Retirement/Cancellation Date", "0000-00-00"),
    (SERIAL, BLOCK.format(20, 11)),
    (SERIAL, BLOCK.format(0, 9)),
    (SERIAL, ""),
    (SERIAL, "#REF!"),
    (SERIAL, "\u200b" + BLOCK.format(11, 20)),
]


def test_audit_quarantines_the_record_of_each_bad_cell_and_no_other(path: Path) -> None:
    pairs = [
        row
        for number, (column, cell) in enumerate(BAD_CELLS)
        for row in (verra(1, 10) | {column: cell}, verra(10 * number + 1, 10 * number + 10))
    ]
    save(path, pairs)
    body = audited(path)
    assert counts(body) == [(len(BAD_CELLS), len(BAD_CELLS), 0)]
    assert body["findings"] == []
    told = [(row["path"], row["row"], row["column"]) for row in body["quarantined"]]
    assert told == [(str(path), 2 * n + 1, column) for n, (column, _) in enumerate(BAD_CELLS)]
    assert all("expected" in row["reason"] for row in body["quarantined"])
    shown = run("audit", str(path)).lines
    first = body["quarantined"][0]
    assert f"quarantined {path}, row 1, column Quantity Issued: {first['reason']}" in shown
    assert f"and {len(BAD_CELLS) - 10} more rows quarantined, which --json and --out have" in shown


def test_audit_reads_the_spellings_that_are_lawful(path: Path) -> None:
    save(
        path,
        [
            verra(1, 1_454_054, **{"Quantity Issued": "1,454,054"}),
            verra(1_454_055, 1_454_064, **{"Quantity Issued": "10.0", "ID": "9001.0"}),
            verra(1_454_065, 1_454_074, **{"Issuance Date": "2025-01-15T10:00:00.123Z"}),
            verra(1_454_075, 1_454_084, **{"Issuance Date": "2025-01-15 10:00:00"}),
        ],
    )
    body = audited(path)
    assert counts(body) == [(4, 0, 0)]
    assert body["findings"] == []


def test_audit_finds_a_quantity_unlike_its_span(path: Path) -> None:
    save(path, [GOOD[0] | {"Quantity Issued": "11"}])
    assert codes(audited(path, code=1)) == [("SP-1", "certain")]


@pytest.mark.parametrize(
    "spelled",
    [
        BLOCK.format(1, 10).lower(),
        BLOCK.format("0001", "0010").replace("88-", "088-"),
        BLOCK.format(1, 10).replace("-", "\u2013"),
        BLOCK.format(1, 10).replace("VCS-", "").replace("VER", "MER"),
        BLOCK.format(1, 10).replace("VCS-", "").replace("VER", "APX"),
    ],
)
def test_audit_finds_one_serial_in_two_spellings(path: Path, spelled: str) -> None:
    save(path, [VERRA, VERRA | {SERIAL: spelled}])
    assert codes(audited(path, code=1)) == [("DI-7", "certain")]


# Size.


MEASURED = """
import sys
from registry.cli import main
from registry.simulate.bench_memory import peak_mb
try:
    main()
finally:
    print(int(peak_mb()), file=sys.stderr)
"""


def measured(path: Path) -> tuple[dict[str, Any], int]:
    """Audit a file in a process of its own; return what it said and its peak memory in MB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "audit", str(path), "--json"],
        env=PLAIN, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found, int(done.stderr)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured on Linux")
@pytest.mark.slow
@pytest.mark.parametrize("before", [b"", b'"'])
def test_audit_reads_past_a_line_of_one_gigabyte(path: Path, before: bytes) -> None:
    head, one, two = content(*GOOD[:2]).splitlines(keepends=True)
    with path.open("wb") as file:
        file.write(head + one + before)
        for _ in range(1_024):
            file.write(b"x" * (1 << 20))
        file.write(b"\n" + two)
    body, peak = measured(path)
    path.unlink()
    assert counts(body) == [(2, 1, 0)]
    assert "expected a record of at most 1048576 bytes" in body["quarantined"][0]["reason"]
    assert peak < 400


def test_audit_of_many_rows_takes_seconds(path: Path) -> None:
    save(path, [verra(10 * n + 1, 10 * n + 10) for n in range(20_000)])
    began = time.monotonic()
    assert counts(audited(path)) == [(20_000, 0, 0)]
    assert time.monotonic() - began < 20


# What programs get.


def test_audit_json_has_every_key(path: Path) -> None:
    save(path, TWICE)
    body = audited(path, code=1)
    assert set(body) == {"schema", "files", "skipped", "quarantined", "findings", "summary"}
    assert body["schema"] == 1
    assert body["skipped"] == body["quarantined"] == []
    assert body["files"] == [
        {
            "path": str(path),
            "format": "verra-transactions",
            "rows": 2,
            "parsed": 2,
            "quarantined": 0,
            "merged": 0,
        }
    ]
    (finding,) = body["findings"]
    assert {*CODES, *TIMES} <= set(finding)
    assert [finding[key] for key in CODES] == [
        "DI-2", "certain", ["Verra"], "VCS", 5_000_000, 10_000_000, "5",
        [f"{path}:row 1", f"{path}:row 2"],
    ]  # fmt: skip
    assert body["summary"] == {
        "by_level": {"certain": 1, "strong": 0, "candidate": 0, "timed": 0, "disclosure": 0},
        "by_code": {"DI-2": 1},
    }


def test_audit_says_the_same_in_any_order_and_again(tmp_path: Path) -> None:
    one, two, three = tmp_path / "1.csv", tmp_path / "2.csv", tmp_path / "in" / "3.csv"
    three.parent.mkdir()
    save(one, TWICE)
    save(two, [verra(3, 4, **RETIRED), verra(30, 40)])
    save(three, [GOLD])
    said = {
        run("audit", *map(str, paths), "--json").out
        for paths in [(one, two, three.parent), (three, two, one), (tmp_path,), (tmp_path, one)]
    }
    assert len(said) == 1
    assert counts(json.loads(said.pop())) == [(2, 0, 0), (2, 0, 0), (1, 0, 0)]


@pytest.mark.parametrize(
    ("level", "code"),
    [("disclosure", 1), ("timed", 1), ("candidate", 1), ("strong", 1), ("certain", 0)],
)
def test_audit_fails_on_a_level_and_the_surer_ones(path: Path, level: str, code: int) -> None:
    save(path, [VERRA, VERRA])
    assert codes(audited(path, code=code, options=("--fail-on", level))) == [("DI-1", "strong")]


def test_audit_fails_on_strong_findings_unless_told_otherwise(path: Path) -> None:
    save(path, TWICE)
    assert run("audit", str(path)).code == 1
    save(path, GOOD)
    assert run("audit", str(path)).code == 0
    assert "expected one of disclosure, timed, candidate" in refused(path, "--fail-on", "sure")


# Time.


@pytest.mark.parametrize(
    ("as_of", "found"),
    [
        ("2026-01-19", []),
        ("2026-01-20", [("timed", False)]),
        ("2026-01-31", [("timed", False)]),
        ("2026-02-01", [("timed", True)]),
        ("2030-01-01", [("timed", True)]),
    ],
)
def test_audit_as_of_sees_a_conversion_open_and_closed(
    tmp_path: Path, as_of: str, found: list[tuple[str, bool]]
) -> None:
    paths = [save(tmp_path / "acr.csv", [ACR]), save(tmp_path / "arb.csv", [ARB])]
    body = audited(*paths, options=("--as-of", as_of))
    conversions = [finding for finding in body["findings"] if finding["code"] == "DI-6"]
    assert [
        (finding["level"], finding["cleared_at"] is not None) for finding in conversions
    ] == found
    assert all(finding["tonnes"] == "500" for finding in conversions)


def test_audit_as_of_finds_a_conversion_certain_that_is_open_too_long(tmp_path: Path) -> None:
    late = ACR | {"Status Effective (GMT)": "6/1/2026 7:12:08 AM"}
    paths = [save(tmp_path / "acr.csv", [late]), save(tmp_path / "arb.csv", [ARB])]
    levels = [
        [found["level"] for found in body["findings"] if found["code"] == "DI-6"]
        for day, code in [("2026-02-10", 0), ("2026-05-01", 1)]
        for body in [audited(*paths, code=code, options=("--as-of", day))]
    ]
    assert levels == [["timed"], ["certain"]]


@pytest.mark.parametrize("day", ["2026-02-30", "20260201", "2026-2-1", "tomorrow", ""])
def test_audit_refuses_a_day_that_is_none(path: Path, day: str) -> None:
    save(path, GOOD)
    assert "expected a day such as 2026-03-31" in refused(path, "--as-of", day)


def test_audit_runs_a_users_rules(path: Path, tmp_path: Path) -> None:
    save(path, GOOD)
    rule = tmp_path / "rules" / "MY-1.sql"
    rule.parent.mkdir()
    rule.write_text(
        "-- level: strong\n-- partition: none\n-- clears when: it is smaller\n"
        "SELECT [registry] AS registries, scope, start_g, end_g, amount_g, NULL AS batch,"
        " [source || ':' || record] AS records, at_s AS detectable_at,"
        " NULL::BIGINT AS cleared_at FROM issuances WHERE start_g = 0"
    )
    body = audited(path, code=1, options=("--rules", str(rule.parent)))
    assert codes(body) == [("MY-1", "strong")]
    rule.write_text("SELECT 1")
    assert "MY-1.sql" in refused(path, "--rules", rule.parent)
    assert "expected a folder with .sql files" in refused(path, "--rules", tmp_path / "none")


# Several files.


def test_audit_reads_exports_of_several_registries_in_one_folder(tmp_path: Path) -> None:
    save(tmp_path / "1.csv", GOOD)
    save(tmp_path / "2.csv", [GOLD])
    save(tmp_path / "3.csv", [ACR])
    save(tmp_path / "4.csv", [ARB])
    body = audited(tmp_path)
    assert [file["format"] for file in body["files"]] == [
        "verra-transactions",
        "gold-standard-credits",
        "acr-cancellations",
        "arb-issuances",
    ]


def test_audit_calls_a_row_in_two_downloads_strong_and_a_changed_one_certain(
    tmp_path: Path,
) -> None:
    paths = save(tmp_path / "1.csv", GOOD), save(tmp_path / "2.csv", GOOD[:2])
    assert codes(audited(*paths, code=1)) == [("DI-1", "strong")] * 2
    save(paths[1], [verra(1, 10, **RETIRED)])
    assert codes(audited(*paths, code=1)) == [("DI-1", "certain")]


def test_audit_merges_one_issuance_in_two_tables_of_arb(tmp_path: Path) -> None:
    paths = save(tmp_path / "1.csv", [ARB]), save(tmp_path / "2.csv", [ARB | {"New": "x"}])
    body = audited(*paths)
    assert counts(body) == [(1, 0, 0), (1, 0, 1)]
    assert body["findings"] == []


def test_audit_reads_embedded_serials_with_and_without_the_issuances(tmp_path: Path) -> None:
    projects = save(tmp_path / "projects.csv", [ECO_PROJECT])
    retired = save(tmp_path / "retired.csv", [ECO_RETIRED])
    issued = save(tmp_path / "issued.csv", [ECO_ISSUED])
    for paths in [(projects,), (issued,), (retired,), (projects, issued, retired)]:
        body = audited(*paths, options=("--fail-on", "disclosure"))
        assert [file["parsed"] for file in body["files"]] == [1] * len(paths)
    save(retired, [ECO_RETIRED | {"from": "91", "to": "110"}])
    for other in (projects, issued):
        assert "CN-1" in {code for code, _ in codes(audited(other, retired, code=1))}


# Files and folders that are hard to read or to write.


@pytest.mark.parametrize(
    "name",
    [
        "=1+1.csv",
        "-v.csv",
        "a b;c,d.csv",
        "[bold].csv",
        'q".csv',
        "\u00fc\u202e.csv",
        "a:row 9.csv",
    ],
)
def test_audit_takes_files_of_any_name(tmp_path: Path, name: str) -> None:
    path = save(tmp_path / name, TWICE)
    assert audited(path, code=1)["files"][0]["path"] == str(path)
    assert run("audit", str(path), "--out", str(tmp_path / "out")).code == 1


@pytest.mark.skipif(os.name != "posix", reason="names are text here")
def test_audit_takes_a_file_whose_name_is_no_text(tmp_path: Path) -> None:
    save(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv")), TWICE)
    body = audited(tmp_path, code=1, options=("--out", str(tmp_path / "out")))
    assert body["files"][0]["path"] == str(tmp_path / "\\xff.csv")
    assert run("audit", str(tmp_path)).code == 1


def test_audit_shows_no_control_characters_of_a_name(tmp_path: Path) -> None:
    save(tmp_path / "a\x1b[31m.csv", TWICE)
    shown = run("audit", str(tmp_path))
    assert "\x1b" not in shown.out
    assert "a\\x1b[31m.csv" in shown.out.replace("\n", "").replace(" ", "")


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="there are no links here")
def test_audit_reads_a_file_once_whatever_leads_to_it(tmp_path: Path) -> None:
    path = save(tmp_path / "v.csv", TWICE)
    (tmp_path / "link.csv").symlink_to(path)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.csv").symlink_to("nowhere")
    body = audited(tmp_path, path, code=1)
    assert [file["path"] for file in body["files"]] == [str(path)]
    assert [Path(skipped["path"]).name for skipped in body["skipped"]] == ["gone.csv", "loop"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root reads everything")
def test_audit_refuses_a_file_that_it_may_not_read(path: Path) -> None:
    save(path, GOOD)
    path.chmod(0)
    assert "expected a file to read" in refused(path)


def test_audit_writes_findings_in_three_formats(path: Path, tmp_path: Path) -> None:
    save(path, [*TWICE, GOOD[2] | {"ID": "no"}])
    out = tmp_path / "in" / "out"
    body = audited(path, code=1, options=("--out", str(out)))
    (line,) = (out / "findings.jsonl").read_text().splitlines()
    (row,) = pq.read_table(out / "findings.parquet").to_pylist()
    assert json.loads(line) == row
    assert row.items() <= body["findings"][0].items()
    with (out / "findings.csv").open(newline="") as file:
        (told,) = csv.DictReader(file)
    assert (told["code"], told["tonnes"], told["start_g"]) == ("DI-2", "5", "5000000")
    with (out / "quarantined.csv").open(newline="") as file:
        assert [(bad["row"], bad["column"]) for bad in csv.DictReader(file)] == [("3", "ID")]


def test_audit_keeps_formulas_unharmed_and_escapes_them_for_spreadsheets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = [f"{sign}SUM(A1).csv" for sign in "=+-@\t"]
    for number, name in enumerate(names):
        start = 100 * number
        save(Path(name), [verra(start + 1, start + 10), verra(start + 6, start + 15)])
    body = audited(Path(), code=1, options=("--out", "out"))
    records = [[f"{name}:row 1", f"{name}:row 2"] for name in names]
    assert [finding["records"] for finding in body["findings"]] == records
    lines = Path("out", "findings.jsonl").read_text().splitlines()
    assert [json.loads(line)["records"] for line in lines] == records
    with Path("out", "findings.csv").open(newline="") as file:
        told = [row["records"] for row in csv.DictReader(file)]
    assert told == ["'" + "; ".join(record) for record in records]


def test_audit_says_again_what_a_free_text_held(path: Path, tmp_path: Path) -> None:
    unit = {"unitStatus": "Held", "unitCount": "5", "serialNumberBlock": "=SUM(A1,[red]B)"}
    place = {"unitBlockStart": "A1", "unitBlockEnd": "A5"}
    save(path, [unit | place | {"unitOwner": owner} for owner in ("=B1", "@C1")])
    body = audited(path, code=1, options=("--out", str(tmp_path / "out")))
    assert counts(body) == [(2, 0, 0)]
    assert body["findings"][0]["scope"] == "CAD Trust =SUM(A1,[RED]B)"
    assert "=SUM(A1,[RED]B)" in run("audit", str(path)).out


def test_audit_refuses_a_place_that_cannot_be_written(path: Path, tmp_path: Path) -> None:
    save(path, GOOD)
    assert "expected a folder to write into" in refused(path, "--out", path)
    (tmp_path / "out" / "findings.csv").mkdir(parents=True)
    assert "findings.csv: cannot be written" in refused(path, "--out", tmp_path / "out")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["findings.csv"]


def test_audit_leaves_other_files_in_its_folder_alone(path: Path, tmp_path: Path) -> None:
    save(path, GOOD)
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    (out / "findings.csv").write_text("old")
    audited(path, options=("--out", str(out)))
    assert sorted(file.name for file in out.iterdir()) == [
        "findings.csv",
        "findings.jsonl",
        "findings.parquet",
        "mine.txt",
        "quarantined.csv",
    ]
    assert (out / "findings.csv").read_text().startswith("code,level,")


# What people get.


def test_audit_shows_files_quarantined_rows_and_findings(path: Path) -> None:
    save(path, [*TWICE, GOOD[2] | {"ID": "no"}])
    found = run("audit", str(path))
    assert (found.code, found.err) == (1, "")
    text = " ".join(found.out.split())
    assert "verra-transactions 3 2 1 0" in text
    assert f"quarantined {path}, row 3, column ID: expected a project's id" in text
    assert "DI-2 certain 5 Verra" in text
    assert "VCS 6-10" in text
    ending = "findings: 1 certain, 0 strong, 0 candidate, 0 timed, 0 disclosure."
    assert found.lines[-1] == f"3 rows in 1 files; {ending}"


def test_audit_shows_the_whole_of_a_long_path(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90)
    deep.mkdir()
    path = save(deep / "v.csv", TWICE)
    shown = "".join(run("audit", str(path)).out.split())
    assert "\u2026" not in shown
    assert shown.count("v.csv:row") == 2


def started(*args: str | Path) -> subprocess.Popen[str]:
    code = "from registry.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, "audit", *map(str, args)],
        env=PLAIN, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="there are no such pipes here")
def test_audit_ends_quietly_when_its_reader_has_gone(path: Path) -> None:
    save(path, [verra(10 * n + 1, 10 * n + 10, ID="no") for n in range(5_000)])
    process = started(path, "--json")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(60) == 3


@pytest.mark.skipif(os.name != "posix", reason="there are no such signals here")
def test_audit_leaves_with_three_when_interrupted(path: Path) -> None:
    save(path, [verra(10 * n + 1, 10 * n + 10) for n in range(60_000)])
    process = started(path, "--json")
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (3, "")
    assert "Traceback" not in err


# The real exports.


def test_audit_of_the_real_exports_finds_what_is_known_of_them() -> None:
    found = ran("audit", str(real_data()), "--json")
    body = found.body
    assert found.code == 0
    assert (body["summary"]["by_level"]["certain"], body["summary"]["by_level"]["strong"]) == (0, 0)
    assert sum(file["rows"] for file in body["files"]) == 4_740
    assert body["quarantined"] == []
    timed = [finding for finding in body["findings"] if finding["level"] == "timed"]
    assert (len(timed), sum(int(finding["tonnes"]) for finding in timed)) == (13, 1_229_298)
    assert body["summary"]["by_code"]["DC-3"] == 6
    assert "CAFR5253-C" not in found.out
