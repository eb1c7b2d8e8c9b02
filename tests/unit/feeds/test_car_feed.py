from __future__ import annotations

from collections import Counter

import pytest

from registry.feeds import car
from registry.feeds.rows import Activity, Conversion, Disposed, Issued, Link
from tests.unit.feeds.exports import check_blocks, made, of, only, real, refusal, seconds, total_t

ISSUANCES, RETIREMENTS, CANCELLATIONS, PROJECTS = car.FORMATS

SERIAL = "CAR-1-US-77-31-983-KS-2025-920-101 to 600"
CREDITS = {
    "Vintage": "2025",
    "Offset Credit Serial Numbers": SERIAL,
    "Quantity of Offset Credits": "500",
    "Status Effective": "12/18/2025",
    "Project ID": "CAR77",
    "Project Site Country": "US",
}
RETIREMENT = CREDITS | {
    "Eligible for CORSIA 2021-2023 Compliance Period": "",
    "Eligible for CORSIA 2024-2026 Compliance Period": "",
    "Corresponding Adjustment": "No",
    "Account Holder": "A holder",
    "Retirement Reason": "Environmental Benefit",
    "Retirement Reason Details": "For 2025",
}
CANCELLATION = CREDITS | {"Cancellation Reason": "ARB", "Export Notes": ""}
DISPOSED = Disposed(
    registry="CAR",
    kind="retirement",
    amount_g=500 * 10**6,
    scope="CAR-1-US-77-31-983-KS-2025-920",
    start_g=100 * 10**6,
    end_g=600 * 10**6,
    batch="920",
    account="A holder",
    at_s=seconds(2025, 12, 18),
    serial=SERIAL,
    spelling=SERIAL,
    project="77",
    vintage=2025,
    purpose="voluntary",
    reason="Environmental Benefit; For 2025",
    adjusted=False,
)
CANCELLED = DISPOSED._replace(
    kind="cancellation", account=None, purpose="conversion", reason="ARB", adjusted=None
)
CONVERTED = Conversion(
    registry="CAR",
    project="77",
    target="ARB",
    amount_g=500 * 10**6,
    scope="CAR-1-US-77-31-983-KS-2025-920",
    start_g=100 * 10**6,
    end_g=600 * 10**6,
    serial=SERIAL,
    at_s=seconds(2025, 12, 18),
)
ISSUANCE = {
    "Date Issued": "03/10/2026",
    "Project ID": "CAR1480",
    "Vintage": "2025",
    "Total Offset Credits Issued": "9166",
}
ISSUED = Issued(
    registry="CAR",
    amount_g=9_166 * 10**6,
    project="1480",
    vintage=2025,
    at_s=seconds(2026, 3, 10),
)
PROJECT = {
    "Project ID": "CAR1957",
    "Compliance Program ID": "CAFR6957",
    "ARB ID": "CAFR6957",
    "WA ECO": "",
    "Project Developer": "A developer",
    "Project Name": "A project",
    "Project Type": "Reforestation - ARB Compliance",
    "Status": "Listed",
    "Project Site Country": "MX",
    "Total Number of Offset Credits Registered ": "84267.0",
    "Project Listed Date": "04/05/2024",
}
ACTIVITY = Activity(
    registry="CAR",
    project="1957",
    name="A project",
    country="MX",
    developer="A developer",
    sector="Reforestation - ARB Compliance",
    status="Listed",
    issued_g=84_267 * 10**6,
)


def test_read_issuance_makes_an_issuance_without_a_serial() -> None:
    assert made(ISSUANCES, ISSUANCE) == [ISSUED]


@pytest.mark.parametrize("text", ["CARC1741", "carc1741"])
def test_read_issuance_keeps_the_id_of_a_cooperative(text: str) -> None:
    row = ISSUANCE | {"Project ID": text}
    assert made(ISSUANCES, row) == [ISSUED._replace(project="CARC1741")]
    assert made(RETIREMENTS, RETIREMENT | {"Project ID": text}) == [DISPOSED]


@pytest.mark.parametrize("text", ["N/A", "Not Applicable", "Pending", "-", "None"])
def test_read_retirement_takes_no_word_for_an_adjustment(text: str) -> None:
    row = RETIREMENT | {"Corresponding Adjustment": text}
    assert made(RETIREMENTS, row) == [DISPOSED._replace(adjusted=None)]


def test_read_issuance_needs_no_optional_column() -> None:
    assert made(ISSUANCES, only(ISSUANCES, ISSUANCE)) == [ISSUED._replace(vintage=None)]


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Total Offset Credits Issued", "9,166", "a whole number"),
        ("Total Offset Credits Issued", "", "a whole number"),
        ("Project ID", "ACR731", "a project's id such as CAR123"),
        ("Vintage", "soon", "a year"),
        ("Date Issued", "2026-02-30", "a date"),
    ],
)
def test_read_issuance_refuses(column: str, text: str, reason: str) -> None:
    at, expected = refusal(ISSUANCES, ISSUANCE | {column: text})
    assert at == column
    assert reason in expected


def test_read_retirement_makes_a_retirement() -> None:
    assert made(RETIREMENTS, RETIREMENT) == [DISPOSED]


def test_read_retirement_needs_no_optional_column() -> None:
    unsaid = {"account": None, "reason": "Environmental Benefit", "adjusted": None}
    assert made(RETIREMENTS, only(RETIREMENTS, RETIREMENT)) == [DISPOSED._replace(**unsaid)]


@pytest.mark.parametrize(
    ("reason", "first", "adjustment", "purpose", "eligible", "adjusted"),
    [
        ("On Behalf of Third Party", "No", "", "voluntary", None, None),
        ("Retirement for Person or Organization", "No", "No", "voluntary", None, False),
        ("Other", "No", "Yes", None, None, True),
        ("CORSIA", "No", "yes", "corsia", False, True),
        ("CORSIA", "Yes", "NO", "corsia", True, False),
        ("CORSIA", "", "", "corsia", None, None),
    ],
)
def test_read_retirement_says_for_what_use(
    reason: str,
    first: str,
    adjustment: str,
    purpose: str | None,
    eligible: bool | None,
    adjusted: bool | None,
) -> None:
    changes = {
        "Retirement Reason": reason,
        "Eligible for CORSIA 2024-2026 Compliance Period": first,
        "Corresponding Adjustment": adjustment,
    }
    (row,) = made(RETIREMENTS, RETIREMENT | changes)
    assert isinstance(row, Disposed)
    assert (row.purpose, row.eligible, row.adjusted) == (purpose, eligible, adjusted)


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Offset Credit Serial Numbers", "", "expected a serial"),
        ("Offset Credit Serial Numbers", "ACR-US-77-2025-300-1 to 5", "of CAR, not of ACR"),
        ("Offset Credit Serial Numbers", SERIAL.replace("600", "100"), "expected"),
        ("Quantity of Offset Credits", "0", "more than 0"),
        ("Quantity of Offset Credits", "500,00", "a whole number"),
        ("Project ID", "CAR78", "expected 77 as in the serial, got 'CAR78'"),
        ("Vintage", "2024", "expected 2025 as in the serial, got '2024'"),
        ("Status Effective", "18/12/2025", "a date"),
    ],
)
def test_read_credits_refuses(column: str, text: str, reason: str) -> None:
    for known, row in ((RETIREMENTS, RETIREMENT), (CANCELLATIONS, CANCELLATION)):
        at, expected = refusal(known, row | {column: text})
        assert at == column
        assert reason in expected


def test_read_retirement_refuses_an_adjustment_that_is_neither_yes_nor_no() -> None:
    at, expected = refusal(RETIREMENTS, RETIREMENT | {"Corresponding Adjustment": "perhaps"})
    assert (at, expected) == ("Corresponding Adjustment", "expected yes or no, got 'perhaps'")


@pytest.mark.parametrize(
    ("reason", "target"),
    [
        ("ARB", "ARB"),
        ("arb", "ARB"),
        ("Canceled for ARB", "ARB"),
        ("Cancelled for ARB\nCompliance", "ARB"),
        ("WA ECO", "ECO"),
        ("Canceled for WA ECO", "ECO"),
        ("ECO", "ECO"),
    ],
)
def test_read_cancellation_makes_a_conversion_of_what_another_registry_issues(
    reason: str, target: str
) -> None:
    rows = made(CANCELLATIONS, CANCELLATION | {"Cancellation Reason": reason})
    assert rows == [CANCELLED._replace(reason=reason), CONVERTED._replace(target=target)]


@pytest.mark.parametrize(
    ("reason", "purpose"),
    [("Converted to VCUs", "conversion"), ("CORSIA", "corsia"), ("ARBITRARY", None), ("", None)],
)
def test_read_cancellation_makes_no_conversion_for_other_reasons(
    reason: str, purpose: str | None
) -> None:
    (row,) = made(CANCELLATIONS, CANCELLATION | {"Cancellation Reason": reason})
    assert isinstance(row, Disposed)
    assert (row.kind, row.purpose) == ("cancellation", purpose)


def test_read_cancellation_refuses_a_conversion_without_a_date() -> None:
    at, expected = refusal(CANCELLATIONS, CANCELLATION | {"Status Effective": ""})
    assert (at, "a date" in expected) == ("Status Effective", True)


def test_read_cancellation_needs_no_optional_column() -> None:
    assert made(CANCELLATIONS, only(CANCELLATIONS, CANCELLATION)) == [CANCELLED, CONVERTED]


def test_read_project_makes_an_activity_and_its_links_once_each() -> None:
    arb = Link("CAR", "1957", "CAFR6957", other_registry="ARB", part="CAFR6957")
    eco = Link("CAR", "1957", "ECYOD2278", other_registry="ECO", part="ECYOD2278")
    assert made(PROJECTS, PROJECT) == [ACTIVITY, arb]
    assert made(PROJECTS, PROJECT | {"WA ECO": "ECYOD2278"}) == [ACTIVITY, arb, eco]


def test_read_project_needs_no_optional_column() -> None:
    assert made(PROJECTS, only(PROJECTS, PROJECT)) == [Activity("CAR", "1957", name="A project")]


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Project ID", "1957a", "a project's id"),
        ("Total Number of Offset Credits Registered", "1e3", "a whole number"),
    ],
)
def test_read_project_refuses(column: str, text: str, reason: str) -> None:
    cells = {name.strip(): cell for name, cell in PROJECT.items()}
    at, expected = refusal(PROJECTS, cells | {column: text})
    assert at == column
    assert reason in expected


FOLDER = "climate-action-reserve"


def test_real_issuances_are_all_read() -> None:
    issued = of(Issued, real(ISSUANCES, FOLDER, "issuances.csv"))
    assert (len(issued), total_t(issued)) == (100, 10_275_056)


def test_real_retirements_and_cancellations_are_all_read() -> None:
    retired = of(Disposed, real(RETIREMENTS, FOLDER, "retirements.csv"))
    records = real(CANCELLATIONS, FOLDER, "cancellations.csv")
    cancelled, converted = of(Disposed, records), of(Conversion, records)
    assert (len(retired), len(cancelled)) == (100, 50)
    assert (total_t(retired), total_t(cancelled)) == (1_506_818, 4_406_143)
    check_blocks(retired + cancelled)
    assert Counter(row.purpose for row in retired) == {"voluntary": 99, None: 1}
    assert {row.adjusted for row in retired} == {False}
    assert Counter(row.target for row in converted) == {"ARB": 45, "ECO": 5}


def test_real_projects_are_all_read() -> None:
    records = real(PROJECTS, FOLDER, "projects.csv")
    projects = of(Activity, records)
    assert len(projects) == 50
    assert all(row.country and row.name for row in projects)
    assert Counter(row.other_registry for row in of(Link, records)) == {"ARB": 41, "ECO": 2}
