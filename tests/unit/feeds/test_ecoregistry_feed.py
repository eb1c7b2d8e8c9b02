from __future__ import annotations

import csv
import io
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from registry.errors import FeedError
from registry.feeds.ecoregistry_strict import (
    ISSUANCE_COLUMNS,
    RETIREMENT_COLUMNS,
    IssuanceRow,
    RetirementRow,
    find_exports,
    read_issuances,
    read_retirements,
)
from registry.feeds.records import RECORD_MAX_BYTES
from registry.records.interval import Interval
from registry.serials.grammar import parse
from registry.serials.intervals import contains, merge, overlaps

T = 1_000_000
SERIAL = "CDC_9_1_1_321_14_R1_XX_CO_1_2_2019"
ISSUED = {
    "verification": "2",
    "serial": SERIAL,
    "issued_quantity": "1000",
    "issuance_date": "2023-05-03T13:58:33.999Z",
    "year": "2019",
    "is_buffer": "False",
    "vintage_of_credits": "2019-01-01 / 2019-12-31",
}
RETIRED = {
    "project_name": "Bosque",
    "project_id": "9",
    "serial": SERIAL,
    "vintage": "2019",
    "certificate_destination": "Voluntary compensation",
    "end_user": "A S.A.S",
    "passive_subject": "",
    "date": "2024-01-31 08:16:34",
    "quantity": "250",
    "from": "1",
    "to": "250",
}


def written(
    path: Path, columns: tuple[str, ...], *rows: dict[str, str], newline: str = "\n"
) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator=newline)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode())
    return path


@pytest.fixture
def issuances(tmp_path: Path) -> Callable[..., Path]:
    return lambda *rows, **how: written(tmp_path / "i.csv", ISSUANCE_COLUMNS, *rows, **how)


@pytest.fixture
def retirements(tmp_path: Path) -> Callable[..., Path]:
    return lambda *rows, **how: written(tmp_path / "r.csv", RETIREMENT_COLUMNS, *rows, **how)


def at_s(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())


Make = Callable[..., Path]


def test_read_issuances_returns_rows_in_order(issuances: Make) -> None:
    buffer = {**ISSUED, "serial": SERIAL.replace("_2_2019", "_2_BFC_2019"), "is_buffer": "True"}
    first, second = read_issuances(issuances(ISSUED, {**buffer, "issued_quantity": "0"}))
    assert first == IssuanceRow(
        row=1,
        serial=parse(SERIAL),
        verification=2,
        amount_t=1000,
        issued_at_s=at_s(2023, 5, 3, 13, 58, 33),
        year=2019,
        period_start=date(2019, 1, 1),
        period_end=date(2019, 12, 31),
        is_buffer=False,
    )
    assert first.interval == Interval(0, 1000 * T)
    assert (second.row, second.is_buffer, second.amount_t, second.interval) == (2, True, 0, None)


def test_read_retirements_returns_rows_in_order(retirements: Make) -> None:
    later = {**RETIRED, "from": "251", "to": "251", "quantity": "1", "passive_subject": "B, C"}
    first, second = read_retirements(retirements(RETIRED, later))
    assert first == RetirementRow(
        row=1,
        serial=parse(SERIAL),
        first=1,
        last=250,
        amount_t=250,
        retired_at_s=at_s(2024, 1, 31, 8, 16, 34),
        year=2019,
        project_id=9,
        project_name="Bosque",
        certificate_destination="Voluntary compensation",
        end_user="A S.A.S",
        passive_subject="",
    )
    assert first.interval == Interval(0, 250 * T)
    assert (second.row, second.passive_subject) == (2, "B, C")
    assert second.interval == Interval(250 * T, 251 * T)


def test_read_retirements_counts_serials_of_seven_fields_from_0(retirements: Make) -> None:
    oldest = {
        **RETIRED,
        "serial": "CDC_9_1_1_321_14_1",
        "vintage": "2012",
        "from": "0",
        "to": "249",
    }
    (row,) = read_retirements(retirements(oldest))
    assert (row.serial.base, row.interval) == (0, Interval(0, 250 * T))


def test_rows_cannot_change(issuances: Make) -> None:
    (row,) = read_issuances(issuances(ISSUED))
    with pytest.raises(ValidationError):
        row.amount_t = 1  # type: ignore[misc]


def test_reader_accepts_a_bom_crlf_other_order_and_more_columns(tmp_path: Path) -> None:
    columns = ("more", *reversed(ISSUANCE_COLUMNS))
    path = written(tmp_path / "x", columns, {**ISSUED, "more": 'a,\n"b"'}, newline="\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert [row.amount_t for row in read_issuances(path)] == [1000]


def test_reader_passes_over_blank_lines(issuances: Make) -> None:
    path = issuances(ISSUED)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\n\n"))
    assert [row.row for row in read_issuances(path)] == [1]


def test_reader_accepts_a_last_line_without_its_end(issuances: Make) -> None:
    path = issuances(ISSUED)
    path.write_bytes(path.read_bytes().rstrip())
    assert len(read_issuances(str(path))) == 1


def test_reader_returns_nothing_for_a_header_alone(issuances: Make, retirements: Make) -> None:
    assert read_issuances(issuances()) == ()
    assert read_retirements(retirements(), issuances=()) == ()


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("serial", "", "expected a serial, got no letters"),
        ("serial", "CDC_9_1_1_321_14_R1_XX_CO_1_2_2019_X", "EcoRegistry serial"),
        ("serial", "ICR-ISL-354-87-15-A-0-2023", "EcoRegistry serial"),
        ("serial", "CDC_\u0669_1_1_321_14_R1_XX_CO_1_2_2019", "got U+0669"),
        ("issued_quantity", "", "expected a whole number in plain digits, got ''"),
        ("issued_quantity", "-1", "a whole number in plain digits"),
        ("issued_quantity", "+1", "a whole number in plain digits"),
        ("issued_quantity", "1.5", "a whole number in plain digits"),
        ("issued_quantity", "1,5", "a whole number in plain digits, got '1,5'"),
        ("issued_quantity", "1,000", "a whole number in plain digits"),
        ("issued_quantity", "1_000", "a whole number in plain digits, got '1_000'"),
        ("issued_quantity", "1e3", "a whole number in plain digits, got '1e3'"),
        ("issued_quantity", "1000.0", "a whole number in plain digits"),
        ("issued_quantity", "NaN", "a whole number in plain digits"),
        ("issued_quantity", "inf", "a whole number in plain digits"),
        ("issued_quantity", " 1", "a whole number in plain digits"),
        ("issued_quantity", "01", "a whole number in plain digits"),
        ("issued_quantity", "\u0661\u0660", "a whole number in plain digits"),
        ("issued_quantity", "\uff11", "a whole number in plain digits"),
        ("issued_quantity", "9" * 5000, "a whole number in plain digits"),
        ("issued_quantity", "9223372036855", "at most 9223372036854, got '9223372036855'"),
        ("issuance_date", "", "a time such as 2019-03-07T18:33:46.000Z, got ''"),
        ("issuance_date", "2023-02-30T00:00:00.000Z", "a date such as"),
        ("issuance_date", "2023-05-03T24:00:00.000Z", "a date such as"),
        ("issuance_date", "2023-05-03T23:59:60.000Z", "a date such as"),
        ("issuance_date", "2023-05-03 13:58:33", "a time such as"),
        ("issuance_date", "2023-05-03T13:58:33.000-05:00", "a time such as"),
        ("issuance_date", "0000-05-03T13:58:33.000Z", "a date such as"),
        ("year", "2018", "expected 2019 as in the serial, got '2018'"),
        ("year", "19", "expected a year, got '19'"),
        ("year", "NaN", "a whole number in plain digits"),
        ("verification", "two", "a whole number in plain digits"),
        ("is_buffer", "true", "expected True or False, got 'true'"),
        ("is_buffer", "", "expected True or False"),
        ("is_buffer", "True", "expected False as the serial's mark says"),
        ("vintage_of_credits", "2019-01-01", "a period such as 2010-01-01 / 2018-09-30"),
        ("vintage_of_credits", "2019-01-01 / 2023-02-30", "a period such as"),
        ("vintage_of_credits", "2019-12-31 / 2019-01-01", "a period that ends on or after"),
        ("vintage_of_credits", "\u0662019-01-01 / 2019-12-31", "a period such as"),
    ],
)
def test_read_issuances_refuses_a_bad_cell(
    issuances: Make, column: str, cell: str, expected: str
) -> None:
    other = {**ISSUED, "serial": "CDC_8_1_1_321_14_R1_XX_CO_1_2_2019"}
    path = issuances(other, {**ISSUED, column: cell})
    with pytest.raises(FeedError) as caught:
        read_issuances(path)
    error = caught.value
    assert (error.path, error.row, error.column) == (str(path), 2, column)
    assert str(error).startswith(f"{path}, row 2, column {column}: ")
    assert expected in error.expected
    assert len(error.expected) < 300


@pytest.mark.parametrize(
    ("changed", "column", "expected"),
    [
        ({"serial": "CDC_9"}, "serial", "EcoRegistry serial"),
        ({"serial": f"{SERIAL} from 1 to 250"}, "serial", "without units of it"),
        ({"from": "251"}, "to", "expected a unit from 251 on, got 250"),
        ({"to": "1e2"}, "to", "a whole number in plain digits"),
        ({"from": "\u0661"}, "from", "a whole number in plain digits"),
        ({"from": "-1", "quantity": "252"}, "from", "a whole number in plain digits"),
        ({"from": "0", "quantity": "251"}, "from", "expected serials from 1 on"),
        ({"quantity": "249"}, "quantity", "expected 250 as from 1 to 250, got 249"),
        ({"quantity": "0"}, "quantity", "expected 250 as from 1 to 250, got 0"),
        ({"quantity": "1_000"}, "quantity", "a whole number in plain digits"),
        ({"to": "9223372036855", "quantity": "9223372036855"}, "to", "at most 9223372036854"),
        (
            {
                "serial": "CDC_9_1_1_321_14_1",
                "from": "0",
                "to": "9223372036854",
                "quantity": "9223372036854",
            },
            "to",
            "expected serials up to 9223372036853",
        ),
        (
            {
                "serial": "CDC_9_1_1_321_14_1",
                "from": "9223372036854",
                "to": "9223372036854",
                "quantity": "1",
            },
            "to",
            "expected serials up to 9223372036853",
        ),
        ({"date": "2023-02-30 00:00:00"}, "date", "a date such as 2026-04-03"),
        ({"date": "2024-01-31T08:16:34.000Z"}, "date", "a time such as"),
        ({"vintage": "2020"}, "vintage", "expected 2019 as in the serial"),
        ({"project_id": "8"}, "project_id", "expected 9 as in the serial, got '8'"),
        ({"end_user": "x" * 513}, "end_user", "at most 512 bytes"),
        ({"end_user": "a\nb"}, "end_user", "no control characters"),
        ({"passive_subject": "a\x1bb"}, "passive_subject", "no control characters"),
        ({"project_name": "a\u2028b"}, "project_name", "no control characters"),
        ({"certificate_destination": "x" * 600}, "certificate_destination", "at most 512 bytes"),
    ],
)
def test_read_retirements_refuses_a_bad_cell(
    retirements: Make, changed: dict[str, str], column: str, expected: str
) -> None:
    path = retirements(RETIRED, RETIRED, {**RETIRED, **changed})
    with pytest.raises(FeedError) as caught:
        read_retirements(path)
    error = caught.value
    assert (error.path, error.row, error.column) == (str(path), 3, column)
    assert expected in error.expected


def test_read_issuances_refuses_a_serial_issued_twice(issuances: Make) -> None:
    path = issuances(ISSUED, {**ISSUED, "serial": f" {SERIAL.lower()}"})
    with pytest.raises(FeedError, match=r"row 2, column serial: .*once, row 1 issued it"):
        read_issuances(path)


def test_read_retirements_refuses_a_serial_that_was_not_issued(
    issuances: Make, retirements: Make
) -> None:
    other = {**RETIRED, "serial": "CDC_9_1_1_321_14_R1_XX_CO_1_2_2020", "vintage": "2020"}
    path, issued = retirements(RETIRED, other), read_issuances(issuances(ISSUED))
    assert len(read_retirements(path)) == 2
    with pytest.raises(FeedError, match="row 2, column serial: expected a serial among"):
        read_retirements(path, issued)


def test_read_retirements_leaves_double_counting_to_the_audit(
    issuances: Make, retirements: Make
) -> None:
    beyond = {**RETIRED, "to": "2000", "quantity": "2000"}
    rows = read_retirements(retirements(RETIRED, beyond), read_issuances(issuances(ISSUED)))
    assert overlaps([row.interval for row in rows]) is not None


@pytest.mark.parametrize("column", ISSUANCE_COLUMNS)
def test_reader_refuses_a_missing_or_doubled_column(tmp_path: Path, column: str) -> None:
    path = tmp_path / "x.csv"
    rest = [name for name in ISSUANCE_COLUMNS if name != column]
    path.write_text(",".join(rest) + "\n")
    with pytest.raises(FeedError, match=f"column {column}: .*the header lacks it") as caught:
        read_issuances(path)
    assert caught.value.row is None
    path.write_text(",".join([*ISSUANCE_COLUMNS, column]) + "\n")
    with pytest.raises(FeedError, match=f"column {column}: .*this column once"):
        read_issuances(path)


@pytest.mark.parametrize(
    ("change", "row", "expected"),
    [
        (lambda data: b"", None, "expected a header, the file is empty"),
        (lambda data: b"\xef\xbb\xbf", None, "expected a header, the file is empty"),
        (lambda data: data.decode().encode("utf-16"), None, "expected UTF-8 text"),
        (lambda data: data.replace(b"1000", b"10\x0000"), 1, "without NUL bytes"),
        (lambda data: data.replace(b"1000", b"\xe9"), 1, "expected UTF-8 text"),
        (lambda data: data.replace(b"1000", b"\xed\xa0\x80"), 1, "expected UTF-8 text"),
        (lambda data: data + b"a,b\n", 2, "expected 7 cells as in the header, got 2"),
        (lambda data: data.replace(b"False", b"False,"), 1, "expected 7 cells"),
        (lambda data: data.replace(b"1000", b'"1000'), 1, "every quote that opens"),
        (lambda data: data.replace(b"1000", b'"10"00'), 1, "expected a CSV record: "),
        (lambda data: data.replace(b"1000", b"10\r00"), 1, "found a carriage return inside"),
        (
            lambda data: data.replace(b"1000", b"1" * RECORD_MAX_BYTES),
            1,
            f"a record of at most {RECORD_MAX_BYTES} bytes",
        ),
        (
            lambda data: data.replace(b"1000", b'"' + b"1\n" * RECORD_MAX_BYTES + b'"'),
            1,
            "every quote that opens",
        ),
        (
            lambda data: b"x" * RECORD_MAX_BYTES + data,
            None,
            f"a record of at most {RECORD_MAX_BYTES} bytes",
        ),
    ],
)
def test_reader_refuses_a_broken_file(
    issuances: Make, change: Callable[[bytes], bytes], row: int | None, expected: str
) -> None:
    path = issuances(ISSUED)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(FeedError) as caught:
        read_issuances(path)
    assert (caught.value.path, caught.value.row) == (str(path), row)
    assert expected in caught.value.expected


def test_reader_bounds_its_memory(issuances: Make) -> None:
    path = issuances(ISSUED)
    with path.open("ab") as file:
        file.write(b'"' + b"x" * 50_000_000)
    tracemalloc.start()
    start = time.perf_counter()
    with pytest.raises(FeedError, match=rf"row 2: .*at most {RECORD_MAX_BYTES} bytes"):
        read_issuances(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
    assert time.perf_counter() - start < 5


def test_reader_bounds_records_not_files(retirements: Make) -> None:
    path = retirements(*[RETIRED] * 10_000)
    assert path.stat().st_size > RECORD_MAX_BYTES
    assert [row.row for row in read_retirements(path)] == list(range(1, 10_001))


def test_reader_leaves_the_csv_modules_limit_alone(issuances: Make) -> None:
    before = csv.field_size_limit()
    read_issuances(issuances(ISSUED))
    assert csv.field_size_limit() == before


@pytest.mark.parametrize("name", ["missing.csv", "", "a\0b"])
def test_reader_refuses_what_is_no_file(tmp_path: Path, name: str) -> None:
    for read in (read_issuances, read_retirements):
        with pytest.raises(FeedError, match="expected a file to read"):
            read(f"{tmp_path}/{name}")


def test_find_exports_goes_by_header_not_by_name(tmp_path: Path) -> None:
    issued = written(tmp_path / "b.dat", ISSUANCE_COLUMNS, ISSUED)
    issued.write_bytes(b"\xef\xbb\xbf" + issued.read_bytes())
    retired = written(tmp_path / "issuances.csv", RETIREMENT_COLUMNS, RETIRED, newline="\r\n")
    (tmp_path / "notes.txt").write_text("serial numbers, from and to\n")
    (tmp_path / "empty").touch()
    (tmp_path / "picture").write_bytes(bytes(range(256)) * 1000)
    (tmp_path / "quote").write_text('"serial\n')
    (tmp_path / "folder").mkdir()
    assert find_exports(tmp_path) == find_exports(str(tmp_path)) == (issued, retired)


def test_find_exports_refuses_a_folder_without_exports(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=r"one EcoRegistry export of issuances .*found none"):
        find_exports(tmp_path)
    written(tmp_path / "i.csv", ISSUANCE_COLUMNS)
    with pytest.raises(FeedError, match=r"one EcoRegistry export of retirements .*found none"):
        find_exports(tmp_path)


def test_find_exports_refuses_two_of_a_kind(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        written(tmp_path / name, ISSUANCE_COLUMNS)
    with pytest.raises(FeedError, match=r"issuances in this folder, found a\.csv, b\.csv"):
        find_exports(tmp_path)


def test_find_exports_refuses_what_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in ("file", "missing", "a\0b"):
        with pytest.raises(FeedError, match="expected a folder to read"):
            find_exports(tmp_path / name)


def test_the_real_exports_read_whole(cercarbono: Path) -> None:
    issuances_path, retirements_path = find_exports(cercarbono)
    issued = read_issuances(issuances_path)
    retired = read_retirements(retirements_path, issued)
    assert (len(issued), sum(row.amount_t for row in issued)) == (100, 2_166_860)
    buffers = [row.amount_t for row in issued if row.is_buffer]
    assert (len(buffers), sum(buffers)) == (46, 323_935)
    assert (len(retired), sum(row.amount_t for row in retired)) == (100, 639_718)
    assert [str(row.serial) for row in issued] == [row.serial.raw for row in issued]


def test_the_real_retirements_are_disjoint_and_inside_what_was_issued(cercarbono: Path) -> None:
    issuances_path, retirements_path = find_exports(cercarbono)
    issued = {row.serial: row for row in read_issuances(issuances_path)}
    retired: dict[str, list[RetirementRow]] = {}
    for row in read_retirements(retirements_path):
        retired.setdefault(row.serial.scope, []).append(row)
    assert len(retired) == 22
    starts = []
    for rows in retired.values():
        whole = issued[rows[0].serial].interval
        taken = [row.interval for row in rows]
        assert whole is not None
        assert overlaps(taken) is None
        assert contains([whole], taken)
        (merged,) = merge(taken)
        starts.append(merged.start_g)
    assert sorted(starts) == [0] * 21 + [1525 * T]


def test_real_retirements_at_issuance_show_the_same_second(cercarbono: Path) -> None:
    issuances_path, retirements_path = find_exports(cercarbono)
    issued_at_s = {row.serial: row.issued_at_s for row in read_issuances(issuances_path)}
    rows = read_retirements(retirements_path)
    assert all(row.retired_at_s >= issued_at_s[row.serial] for row in rows)
    same = {row.serial for row in rows if row.retired_at_s == issued_at_s[row.serial]}
    assert len(same) == 5
    assert all(serial.base == 0 for serial in same)
