from __future__ import annotations

from collections import Counter

import pytest

from registry.feeds import arb
from registry.feeds.cells import Cells, Columns
from registry.feeds.rows import Disposed, Issued, Link
from tests.unit.feeds.exports import made, of, only, real, refusal, seconds

(TABLE,) = arb.FORMATS

ROW = {
    "CARB Project ID": "CAFR5225",
    "CARB Issuance ID": "CAFR5225-A",
    "OPR Project ID": "ACR1007",
    "Project Type": "Forest",
    "Reporting Period Start Date": "2023-09-26",
    "Reporting Period End Date": "2024-01-26 00:00:00",
    "Vintage": "2024.0",
    "ARB Offset Credits Issued": "79565.0",
    "Forest Buffer Account Contribution": "3084.0",
    "Issuance Date": "2024-06-11",
    "Invalidated or Canceled": "5",
    "Buffer Pool Retired": "4.0",
    "Retired for Intentional Reversal": "3",
    "Retired Voluntarily": "2",
    "Retired 1st Compliance Period (CA)": "100",
    "Retired 5th Compliance Period (CA)": "500",
    "Retired 12th Compliance Period (CA)": "1200",
    "Retired for Compliance in Quebec": "1",
}
ISSUED = Issued(
    registry="ARB",
    amount_g=79_565 * 10**6,
    scope="ARB CAFR5225-A",
    start_g=0,
    end_g=79_565 * 10**6,
    batch="CAFR5225-A",
    project="CAFR5225",
    vintage=2024,
    at_s=seconds(2024, 6, 11),
    serial="CAFR5225-A",
    spelling="CAFR5225-A",
    period_start_s=seconds(2023, 9, 26),
    period_end_s=seconds(2024, 1, 27),
    origin="ACR 1007",
)
LINK = Link("ARB", "CAFR5225", other_project="1007", other_registry="ACR")


def test_read_row_makes_an_issuance_a_link_and_what_became_of_it() -> None:
    rows = made(TABLE, ROW)
    assert rows[:2] == [ISSUED, LINK]
    assert [
        (row.kind, row.purpose, row.reason, row.amount_g // 10**6)
        for row in rows[2:]
        if isinstance(row, Disposed)
    ] == [
        ("retirement", "voluntary", "Retired Voluntarily", 2),
        ("retirement", "reversal", "Retired for Intentional Reversal", 3),
        ("retirement", "buffer", "Buffer Pool Retired", 4),
        ("cancellation", "removal", "Invalidated or Canceled", 5),
        ("retirement", "compliance", "Retired 1st Compliance Period (CA)", 100),
        ("retirement", "compliance", "Retired 5th Compliance Period (CA)", 500),
        ("retirement", "compliance", "Retired 12th Compliance Period (CA)", 1_200),
        ("retirement", "compliance", "Retired for Compliance in Quebec", 1),
    ]
    assert all(row[:1] + row[6:8] == ("ARB", None, "CAFR5225-A") for row in rows[2:])
    assert all(row.scope is row.start_g is None for row in rows[2:] if isinstance(row, Disposed))


@pytest.mark.parametrize("place", ["Washington", "Quebec", "Ontario"])
def test_read_row_knows_every_linked_market(place: str) -> None:
    column = f"Retired for Compliance in {place}"
    (row,) = (
        row for row in made(TABLE, ROW | {column: "9"}) if getattr(row, "reason", 0) == column
    )
    assert isinstance(row, Disposed)
    assert (row.purpose, row.amount_g) == ("compliance", 9 * 10**6)


def test_read_row_reads_an_id_with_a_hyphen_too_many() -> None:
    changes = {name: ROW[name].replace("CAFR", "CAFR-") for name in ROW if "CARB" in name}
    row, *_ = made(TABLE, ROW | changes)
    assert isinstance(row, Issued)
    assert (row.serial, row.project) == (ISSUED.serial, ISSUED.project)


def test_read_row_does_without_optional_columns() -> None:
    unsaid = ("vintage", "at_s", "period_start_s", "period_end_s", "origin")
    assert made(TABLE, only(TABLE, ROW)) == [ISSUED._replace(**dict.fromkeys(unsaid))]


@pytest.mark.parametrize(
    ("text", "issuance", "project"),
    [
        ("CAOD1007-A", "CAOD1007-A", "CAOD1007"),
        ("CAFR5195-A3", "CAFR5195-A3", "CAFR5195"),
        ("CALS5021-AB", "CALS5021-AB", "CALS5021"),
        (" camm0120-b2 ", "CAMM0120-B2", "CAMM0120"),
        ("CAFR5225\u2013A", "CAFR5225-A", "CAFR5225"),
        ("CARC6001-(Reforest  Defer)", "CARC6001-(reforest defer)", "CARC6001"),
        ("CAUF5001-(zero)", "CAUF5001-(zero)", "CAUF5001"),
    ],
)
def test_read_row_reads_ids_by_their_grammar(text: str, issuance: str, project: str) -> None:
    (row,) = made(TABLE, only(TABLE, ROW) | {"CARB Issuance ID": text})
    assert isinstance(row, Issued)
    assert (row.batch, row.project, row.spelling) == (issuance, project, text)
    assert row.scope == f"ARB {issuance}"


@pytest.mark.parametrize(
    ("issuance", "quantity"),
    [
        ("CAFR5037-(zero)", ""),
        ("CAFR5012-(reversal)", ""),
        ("CAFR5164-(reforest defer)", "reforest defer"),
        ("CAFR5164-(reforest defer)", " Reforest Defer "),
        ("CAFR5225-A", ""),
        ("", "reforest defer"),
        ("", ""),
        ("CAFR5225-(pending review)", "pending review"),
    ],
)
def test_read_row_reads_what_is_not_issued_as_no_issuance(issuance: str, quantity: str) -> None:
    row = {"CARB Issuance ID": issuance, "ARB Offset Credits Issued": quantity}
    assert made(TABLE, row | {"OPR Project ID": ""}) == []


def test_read_row_of_no_credits_has_no_interval() -> None:
    row = only(TABLE, ROW) | {"ARB Offset Credits Issued": "0"}
    (issued,) = made(TABLE, row)
    assert isinstance(issued, Issued)
    assert (issued.amount_g, issued.start_g, issued.end_g) == (0, None, None)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("ACR1007", ("ACR", "1007")),
        ("CAR1175", ("CAR", "1175")),
        ("car 0993", ("CAR", "993")),
        ("VCSOPR10", ("Verra", "VCSOPR10")),
        ("VCS573", ("Verra", "573")),
        ("559", ("Verra", "559")),
        ("559.0", ("Verra", "559")),
        ("XYZ9", None),
        ("ACR189, CAR5", None),
        ("", None),
    ],
)
def test_read_row_names_the_project_that_was_converted(
    text: str, origin: tuple[str, str] | None
) -> None:
    issued, *rest = made(TABLE, only(TABLE, ROW) | {"OPR Project ID": text})
    assert isinstance(issued, Issued)
    assert issued.origin == (" ".join(origin) if origin else None)
    assert rest == (
        [Link("ARB", "CAFR5225", other_project=origin[1], other_registry=origin[0])]
        if origin
        else []
    )


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("CARB Issuance ID", "CAFR5225", "such as CAOD1007-A"),
        ("CARB Issuance ID", "CAFR5225-1", "such as CAOD1007-A"),
        ("CARB Issuance ID", "CAFR5225-(", "such as CAOD1007-A"),
        ("CARB Issuance ID", "NYFR5225-A", "such as CAOD1007-A"),
        ("CARB Issuance ID", "CAFR\u0665225-A", "such as CAOD1007-A"),
        ("CARB Issuance ID", "", "the id under which credits were issued"),
        ("CARB Project ID", "CAFR5226", "expected CAFR5225 as in the issuance's id"),
        ("ARB Offset Credits Issued", "79_565", "a whole number in plain digits"),
        ("ARB Offset Credits Issued", "7.9565e4", "a whole number in plain digits"),
        ("ARB Offset Credits Issued", "79565.5", "a whole number in plain digits"),
        ("ARB Offset Credits Issued", "-27150.0", "a whole number in plain digits"),
        ("ARB Offset Credits Issued", "NaN", "a whole number in plain digits"),
        ("ARB Offset Credits Issued", "#REF!", "a whole number in plain digits"),
        ("ARB Offset Credits Issued", "A", "a whole number in plain digits"),
        ("ARB Offset Credits Issued", "9223372036855", "at most 9223372036854"),
        ("Reporting Period End Date", "2023-09-25", "a day not before"),
        ("Reporting Period Start Date", "", "the other end of the period is given"),
        ("Vintage", "24", "a year"),
        ("Issuance Date", "2023-02-30", "a date such as"),
        ("Buffer Pool Retired", "all", "a whole number"),
        ("Retired 12th Compliance Period (CA)", "1e3", "a whole number"),
    ],
)
def test_read_row_refuses(column: str, cell: str, reason: str) -> None:
    at, expected = refusal(TABLE, ROW | {column: cell})
    assert at == column
    assert reason in expected


def said(issuance: str, quantity: str, *, path: str = "a.csv", row: int = 1) -> object:
    columns = Columns(path, ("CARB Issuance ID", "ARB Offset Credits Issued"))
    return arb.identity(Cells(columns, row, (issuance, quantity)))


def test_identity_is_the_issuance_id_and_what_was_issued() -> None:
    assert said("CAFR5225-A", "5") == said(" cafr5225-a", "5.0", path="b.csv", row=2)
    assert said("CAFR5225-A", "5") == ("CAFR5225-A", 5_000_000)
    assert said("CAFR5225-(zero)", "") == said("CAFR5225-(Zero)", "", row=2)
    assert said("CAFR5225-A", "5") != said("CAFR5225-A", "6")


def test_identity_of_a_row_without_an_id_is_its_own() -> None:
    assert said("", "") != said("", "", row=2)
    assert said("", "") != said("", "", path="b.csv")


def test_the_real_tables_read_whole() -> None:
    whole = real(TABLE, "../arb", "issuance_2024-12-10.csv")
    issued = of(Issued, whole)
    assert (len(whole), len(issued), len({row.batch for row in issued})) == (1_918, 1_868, 1_868)
    assert sum(not of(Issued, [rows]) for rows in whole) == 44 + 6
    part = real(TABLE, "arb", "nc-arboc_issuance_sheet3.csv")
    assert (len(part), len(of(Issued, part))) == (100, 98)
    assert all(link.other_registry for link in of(Link, whole + part))
    assert len({(link.project, link.other_project) for link in of(Link, whole)}) > 600


def test_the_real_tables_agree_on_what_was_issued() -> None:
    whole = of(Issued, real(TABLE, "../arb", "issuance_2024-12-10.csv"))
    part = of(Issued, real(TABLE, "arb", "nc-arboc_issuance_sheet3.csv"))
    issued = {row.batch: row.amount_g for row in whole}
    shared = [row for row in part if row.batch in issued]
    assert len(shared) == 80
    assert all(issued[row.batch] == row.amount_g for row in shared)


def test_real_accounts_retire_more_than_was_issued_once_and_lawfully() -> None:
    gone: Counter[str | None] = Counter()
    buffer: Counter[str | None] = Counter()
    records = real(TABLE, "../arb", "issuance_2024-12-10.csv")
    for row in of(Disposed, records):
        (buffer if row.purpose == "buffer" else gone)[row.batch] += row.amount_g
    issued = {row.batch: row.amount_g for row in of(Issued, records)}
    assert [batch for batch in gone if gone[batch] > issued[batch]] == ["CAFR5253-C"]
    assert sorted(batch for batch in gone if gone[batch] + buffer[batch] > issued[batch]) == [
        *("CAFR0042-A", "CAFR0042-B", "CAFR0042-C", "CAFR5253-C")
    ]
