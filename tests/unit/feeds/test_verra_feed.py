from __future__ import annotations

from collections import Counter

import pytest

from registry.feeds import verra
from registry.feeds.rows import Activity, Claimed, Disposed, Issued
from tests.unit.feeds.exports import check_blocks, made, of, only, real, refusal, seconds, total_t

TRANSACTIONS, PROJECTS = verra.FORMATS

ROW = {
    "Issuance Date": "2026-04-03",
    "Sustainable Development Goals": "",
    "Vintage Start": "2020-03-01",
    "Vintage End": "2020-12-31",
    "ID": "77",
    "Name": "A forest",
    "Country/Area": "Chile",
    "Project Type": "Agriculture Forestry and Other Land Use",
    "Methodology": "VM0015",
    "Total Vintage Quantity": "1,454,054",
    "Quantity Issued": "1,000",
    "Serial Number": "31-5001-6000-VCS-VCU-150-VER-CL-14-77-01032020-31122020-0",
    "Additional Certifications": "",
    "Retirement/Cancellation Date": "2026-04-10",
    "Retirement Beneficiary": "A company",
    "Retirement Reason": "Environmental Benefit",
    "Retirement Details": "For the year 2025",
}
ISSUED = Issued(
    registry="Verra",
    amount_g=1_000 * 10**6,
    scope="VCS",
    start_g=5_000 * 10**6,
    end_g=6_000 * 10**6,
    batch="31",
    project="77",
    vintage=2020,
    at_s=seconds(2026, 4, 3),
    serial=ROW["Serial Number"],
    spelling=ROW["Serial Number"],
    period_start_s=seconds(2020, 3, 1),
    period_end_s=seconds(2021, 1, 1),
    verified_g=1_454_054 * 10**6,
)
RETIRED = Disposed(
    registry="Verra",
    kind="retirement",
    amount_g=1_000 * 10**6,
    scope="VCS",
    start_g=5_000 * 10**6,
    end_g=6_000 * 10**6,
    batch="31",
    at_s=seconds(2026, 4, 10),
    serial=ROW["Serial Number"],
    spelling=ROW["Serial Number"],
    project="77",
    vintage=2020,
    purpose="voluntary",
    reason="Environmental Benefit; For the year 2025",
    beneficiary="A company",
)
CLAIMED = Claimed(
    registry="Verra",
    beneficiary="A company",
    amount_g=1_000 * 10**6,
    scope="VCS",
    start_g=5_000 * 10**6,
    end_g=6_000 * 10**6,
    purpose="voluntary",
    at_s=seconds(2026, 4, 10),
)
UNRETIRED = {name: "" for name in ROW if name.startswith("Retirement")}


def retired(**changes: str) -> Disposed:
    names = {name.rpartition(" ")[2].lower(): name for name in ROW}
    cells = ROW | {names[key]: value for key, value in changes.items()}
    (row,) = of(Disposed, [made(TRANSACTIONS, cells)])
    return row


def test_read_transaction_makes_an_issuance_a_retirement_and_a_claim() -> None:
    assert made(TRANSACTIONS, ROW) == [ISSUED, RETIRED, CLAIMED]


def test_read_transaction_makes_an_issuance_alone_when_nothing_was_retired() -> None:
    assert made(TRANSACTIONS, ROW | UNRETIRED) == [ISSUED]


def test_read_transaction_needs_no_optional_column() -> None:
    unknown = {"at_s": None, "period_start_s": None, "period_end_s": None, "verified_g": None}
    assert made(TRANSACTIONS, only(TRANSACTIONS, ROW)) == [
        ISSUED._replace(**unknown),
        RETIRED._replace(purpose=None, reason=None, beneficiary=None),
    ]


def test_read_transaction_reads_dates_of_earlier_years_day_first() -> None:
    dates = {
        "Issuance Date": "03/04/2026",
        "Vintage Start": "1/3/2020",
        "Vintage End": "31/12/2020",
        "Retirement/Cancellation Date": "10/04/2026",
    }
    assert made(TRANSACTIONS, ROW | dates) == [ISSUED, RETIRED, CLAIMED]


@pytest.mark.parametrize("left", ["Beneficiary", "Reason", "Details"])
def test_read_transaction_knows_a_retirement_without_its_date(left: str) -> None:
    told = dict.fromkeys(UNRETIRED, "") | {f"Retirement {left}": "Other"}
    _, row, *_ = made(TRANSACTIONS, ROW | told)
    assert isinstance(row, Disposed)
    assert (row.kind, row.at_s) == ("retirement", None)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("True", "cancellation"),
        ("yes", "cancellation"),
        ("false", "retirement"),
        ("No", "retirement"),
    ],
)
def test_read_transaction_reads_whether_it_was_cancelled(text: str, kind: str) -> None:
    row = made(TRANSACTIONS, ROW | {"Is Cancelled": text})[1]
    assert isinstance(row, Disposed) and row.kind == kind


def test_read_transaction_keeps_the_quantity_as_stated_when_it_is_unlike_the_span() -> None:
    issued, *_ = made(TRANSACTIONS, ROW | {"Quantity Issued": "999"})
    assert issued == ISSUED._replace(amount_g=999 * 10**6)


def test_read_transaction_keeps_the_spelling_beside_the_canonical_serial() -> None:
    spelling = " 31-5001-6000-VCU-150-MER-CL-14-077-01032020-31122020-0"
    issued, *_ = made(TRANSACTIONS, ROW | {"Serial Number": spelling})
    assert issued == ISSUED._replace(serial=issued.serial, spelling=spelling)


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Serial Number", "", "expected a serial"),
        ("Serial Number", "ACR-US-1-2025-3-1 to 5", "a serial of Verra, not of ACR"),
        ("Serial Number", ROW["Serial Number"].replace("6000", "4000"), "expected"),
        ("Quantity Issued", "", "a whole number"),
        ("Quantity Issued", "1.454,5", "a whole number"),
        ("Quantity Issued", "1e3", "a whole number"),
        ("Quantity Issued", "-5", "a whole number"),
        ("Quantity Issued", "0", "more than 0"),
        ("Quantity Issued", "99999999999999", "at most"),
        ("ID", "78", "expected 77 as in the serial, got '78'"),
        ("ID", "#REF!", "a project's id"),
        ("Vintage Start", "2019-03-01", "expected 2020 as in the serial"),
        ("Vintage Start", "2020-02-30", "a date"),
        ("Vintage Start", "", "the other end of the period is given"),
        ("Vintage End", "2020-01-31", "a day not before"),
        ("Issuance Date", "04/30/2026", "day first"),
        ("Vintage Start", "30/02/2020", "a date"),
        ("Vintage Start", "01/03/2019", "expected 2020 as in the serial"),
        ("Total Vintage Quantity", "many", "a whole number"),
        ("Retirement/Cancellation Date", "soon", "a date"),
        ("Is Cancelled", "maybe", "true or false"),
    ],
)
def test_read_transaction_refuses(column: str, text: str, reason: str) -> None:
    at, expected = refusal(TRANSACTIONS, ROW | {column: text})
    assert at == column
    assert reason in expected


@pytest.mark.parametrize(
    ("reason", "details", "purpose"),
    [
        ("Environmental Benefit", "", "voluntary"),
        ("Retirement for Person or Organization", "", "voluntary"),
        ("Corporate Emissions Inventory Accounting", "", "voluntary"),
        ("CORSIA", "", "corsia"),
        ("Compliance with a carbon tax", "", "compliance"),
        ("Other", "As part of a plan", None),
        ("Other", "2% retirement as required under Project 77 LoA for Article 6", None),
        ("Environmental Benefit", "2% retirement as required under Article 6", None),
        ("Environmental Benefit", "For flights under CORSIA", None),
        ("", "", None),
    ],
)
def test_purpose_is_what_the_reason_says(reason: str, details: str, purpose: str | None) -> None:
    assert retired(reason=reason, details=details).purpose == purpose


@pytest.mark.parametrize(
    ("reason", "labels", "eligible"),
    [
        ("CORSIA", "CCB-Gold; CORSIA \u2013 Pilot Phase, 2021-2023 Eligible", True),
        ("CORSIA", "CORSIA - First Phase, 2024-2026 Scope", None),
        ("CORSIA", "", None),
        ("Other", "CORSIA \u2013 Pilot Phase, 2021-2023 Eligible", None),
    ],
)
def test_eligible_is_said_of_uses_under_corsia_only(
    reason: str, labels: str, eligible: bool | None
) -> None:
    assert retired(reason=reason, certifications=labels).eligible is eligible


@pytest.mark.parametrize("text", ["No owner - contributing", "Not Disclosed", "N/A", "-", ""])
def test_beneficiary_is_null_when_nobody_is_named(text: str) -> None:
    rows = made(TRANSACTIONS, ROW | {"Retirement Beneficiary": text})
    assert rows == [ISSUED, RETIRED._replace(beneficiary=None)]


PROJECT = {
    "ID": "5962",
    "Name": "A forest",
    "Proponent": "A developer",
    "Project Type": "Transport",
    "Methodology": "VM0047",
    "Status": "Under validation",
    "Country/Area": "Viet Nam",
    "Crediting Period Start Date": "2024-04-01",
    "Crediting Period End Date": "2044-03-31",
}


def test_read_project_makes_an_activity() -> None:
    assert made(PROJECTS, PROJECT) == [
        Activity(
            registry="Verra",
            project="5962",
            name="A forest",
            country="VN",
            developer="A developer",
            methodology="VM0047",
            sector="Transport",
            status="Under validation",
            start_s=seconds(2024, 4, 1),
            end_s=seconds(2044, 4, 1),
        )
    ]


def test_read_project_needs_no_optional_column() -> None:
    assert made(PROJECTS, only(PROJECTS, PROJECT)) == [
        Activity("Verra", "5962", name="A forest", developer="A developer")
    ]


def test_read_project_reads_a_period_of_which_one_end_is_unknown() -> None:
    (row,) = made(PROJECTS, PROJECT | {"Crediting Period Start Date": ""})
    assert isinstance(row, Activity)
    assert (row.start_s, row.end_s) == (None, seconds(2044, 4, 1))


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("ID", "", "a project's id"),
        ("ID", "GS12", "a project's id"),
        ("Crediting Period Start Date", "2024", "a date"),
        ("Crediting Period End Date", "2024-03-31", "a day not before"),
    ],
)
def test_read_project_refuses(column: str, text: str, reason: str) -> None:
    at, expected = refusal(PROJECTS, PROJECT | {column: text})
    assert at == column
    assert reason in expected


def test_real_transactions_are_all_read() -> None:
    records = real(TRANSACTIONS, "verra", "transactions.csv")
    issued, gone = of(Issued, records), of(Disposed, records)
    assert (len(records), len(issued), len(gone)) == (200, 200, 100)
    assert (total_t(issued), total_t(gone)) == (4_029_227, 137_546)
    check_blocks(issued)
    check_blocks(gone)
    assert Counter(row.purpose for row in gone) == {"voluntary": 69, None: 31}
    article_6 = [row for row in gone if "Article 6" in (row.reason or "")]
    assert len(article_6) == 16
    assert {(row.purpose, row.beneficiary) for row in article_6} == {(None, None)}


def test_real_projects_are_all_read() -> None:
    projects = of(Activity, real(PROJECTS, "verra", "projects.csv"))
    assert len(projects) == 50
    assert all(row.country and row.name for row in projects)
