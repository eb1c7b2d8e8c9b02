from __future__ import annotations

from collections import Counter

import pytest

from registry.feeds import acr
from registry.feeds.cells import Columns
from registry.feeds.formats import recognise
from registry.feeds.rows import Activity, Claimed, Conversion, Disposed, Issued, Link
from tests.unit.feeds.exports import check_blocks, made, of, only, real, refusal, seconds, total_t

ISSUANCES, RETIREMENTS, CANCELLATIONS, PROJECTS = acr.FORMATS

SERIAL = "ACR-US-77-2025-300-101 to 600"
CREDITS = {
    "Credit Serial Numbers": SERIAL,
    "Date Issued (GMT)": "9/19/2025 9:37:03 PM",
    "Vintage": "2025",
    "Quantity of Credits": "500",
    "Account Holder": "A holder",
    "Status Effective  (GMT)": "1/22/2026 7:12:08 AM",
    "Project ID": "ACR77",
    "Project Site Country": "US",
    "CORSIA Eligible": "No",
    "Eligible for CORSIA 2021-2023 Compliance Period (Pilot Phase)": "",
    "Eligible for CORSIA 2024-2026 Compliance Period (First Phase)": "",
}
RETIREMENT = CREDITS | {
    "Retired on Behalf of": "A company",
    "Retirement Reason": "Environmental Benefit",
    "Purpose of Retirement": "For 2025",
}
CANCELLATION = CREDITS | {
    "Cancellation Type": "Convert to ARB offset credits",
    "Cancellation Details": "",
}
DISPOSED = Disposed(
    registry="ACR",
    kind="retirement",
    amount_g=500 * 10**6,
    scope="ACR-US-77-2025-300",
    start_g=100 * 10**6,
    end_g=600 * 10**6,
    batch="300",
    account="A holder",
    at_s=seconds(2026, 1, 22, 7, 12, 8),
    serial=SERIAL,
    spelling=SERIAL,
    project="77",
    vintage=2025,
    purpose="voluntary",
    reason="Environmental Benefit; For 2025",
    beneficiary="A company",
)
CONVERTED = Conversion(
    registry="ACR",
    project="77",
    target="ARB",
    amount_g=500 * 10**6,
    scope="ACR-US-77-2025-300",
    start_g=100 * 10**6,
    end_g=600 * 10**6,
    serial=SERIAL,
    issued_s=seconds(2025, 9, 19, 21, 37, 3),
    at_s=seconds(2026, 1, 22, 7, 12, 8),
)
ISSUANCE = {
    "Date Issued (GMT)": "11/27/2025 7:17:00 PM",
    "Vintage": "2025",
    "ReportingPeriodBegin": "1/1/2025",
    "ReportingPeriodEnd": "3/31/2025",
    "Total Credits Issued": "19440",
    "Credits Issued to Project": "15707",
    "Credits Issued to Buffer Pool": "3733",
    "Project ID": "ACR731",
}
ISSUED = Issued(
    registry="ACR",
    amount_g=19_440 * 10**6,
    project="731",
    vintage=2025,
    at_s=seconds(2025, 11, 27, 19, 17),
    period_start_s=seconds(2025, 1, 1),
    period_end_s=seconds(2025, 4, 1),
)
PROJECT = {
    "Project ID": "ACR206",
    "Compliance Program ID (ARB or Ecology)": "CAOD5052",
    "Project Developer": "A developer",
    "Project Name": "A project",
    "Project Type": "Ozone Depleting Substances",
    "Project Methodology/Protocol": "A protocol",
    "Initial Crediting Period Start Date": "4/14/2014",
    "Current Crediting Period Start Date": "4/14/2024",
    "Current Crediting Period End Date": "4/13/2034",
    "Voluntary Status": "",
    "Compliance Program Status (ARB or Ecology)": "ARB Completed",
    "Project Site Country": "US",
    "Total Number of Credits Registered ": "71825.0",
}
ACTIVITY = Activity(
    registry="ACR",
    project="206",
    name="A project",
    country="US",
    developer="A developer",
    methodology="A protocol",
    sector="Ozone Depleting Substances",
    status="ARB Completed",
    start_s=seconds(2014, 4, 14),
    end_s=seconds(2034, 4, 14),
    issued_g=71_825 * 10**6,
)


def test_read_issuance_makes_an_issuance_without_a_serial() -> None:
    assert made(ISSUANCES, ISSUANCE) == [ISSUED]


def test_read_issuance_needs_no_optional_column() -> None:
    unknown = {"at_s": None, "vintage": None, "period_start_s": None, "period_end_s": None}
    assert made(ISSUANCES, only(ISSUANCES, ISSUANCE)) == [ISSUED._replace(**unknown)]


def test_read_issuance_reads_columns_of_other_years() -> None:
    older = {name.replace("Date Issued (GMT)", "Date Issued"): ISSUANCE[name] for name in ISSUANCE}
    assert made(ISSUANCES, older) == [ISSUED]


def test_read_issuance_keeps_an_id_of_another_form() -> None:
    assert made(ISSUANCES, ISSUANCE | {"Project ID": "acrc 731"}) == [
        ISSUED._replace(project="ACRC 731")
    ]


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Total Credits Issued", "19,440", "a whole number"),
        ("Total Credits Issued", "", "a whole number"),
        ("Project ID", "CAR731", "a project's id such as ACR123"),
        ("Project ID", "", "a project's id"),
        ("Vintage", "2025-26", "a year"),
        ("Date Issued (GMT)", "27/11/2025", "a date"),
        ("ReportingPeriodBegin", "", "the other end of the period is given"),
        ("ReportingPeriodEnd", "1/31/2024", "a day not before"),
    ],
)
def test_read_issuance_refuses(column: str, text: str, reason: str) -> None:
    at, expected = refusal(ISSUANCES, ISSUANCE | {column: text})
    assert at == column
    assert reason in expected


def test_read_retirement_makes_a_retirement_and_a_claim() -> None:
    claimed = Claimed(
        registry="ACR",
        beneficiary="A company",
        amount_g=500 * 10**6,
        scope="ACR-US-77-2025-300",
        start_g=100 * 10**6,
        end_g=600 * 10**6,
        purpose="voluntary",
        at_s=DISPOSED.at_s,
    )
    assert made(RETIREMENTS, RETIREMENT) == [DISPOSED, claimed]


def test_read_retirement_needs_no_optional_column() -> None:
    needed = {name.replace("  ", " "): text for name, text in RETIREMENT.items()}
    (row,) = made(RETIREMENTS, only(RETIREMENTS, needed))
    unsaid = {"account": None, "reason": "Environmental Benefit", "beneficiary": None}
    assert row == DISPOSED._replace(at_s=None, **unsaid)


def test_read_retirement_reads_columns_of_other_years() -> None:
    names = {
        "Status Effective (GMT)": "Status Effective",
        "Purpose of Retirement": "Retirement Reason Details",
    }
    older = {names.get(" ".join(name.split()), name): text for name, text in RETIREMENT.items()}
    assert made(RETIREMENTS, older) == made(RETIREMENTS, RETIREMENT)
    known = recognise(Columns("acr.csv", list(older)))
    assert known is not None and known.name == "acr-retirements"


@pytest.mark.parametrize("text", ["2025-2026", "2024 - 2025", "2025/2025"])
def test_read_retirement_reads_a_vintage_of_several_years(text: str) -> None:
    row = made(RETIREMENTS, RETIREMENT | {"Vintage": text})[0]
    assert isinstance(row, Disposed) and row.vintage == 2025


@pytest.mark.parametrize("text", ["2026-2027", "2026-2025", "2025-26", "2025-2026-2027"])
def test_read_retirement_refuses_years_that_are_not_the_serials(text: str) -> None:
    column, _ = refusal(RETIREMENTS, RETIREMENT | {"Vintage": text})
    assert column == "Vintage"


@pytest.mark.parametrize(
    ("reason", "text", "purpose"),
    [
        ("On Behalf of Third Party", "MidFirst Bank", "voluntary"),
        ("On Behalf of Third Party", "CORSIA compliance", None),
        ("On Behalf of Third Party", "South African carbon tax", None),
        ("Compliance", "", "compliance"),
        ("CORSIA Compliance", "", "corsia"),
        ("Other", "", None),
        ("", "", None),
    ],
)
def test_purpose_is_what_the_reason_says(reason: str, text: str, purpose: str | None) -> None:
    changes = {"Retirement Reason": reason, "Purpose of Retirement": text}
    row, *_ = made(RETIREMENTS, RETIREMENT | changes)
    assert isinstance(row, Disposed)
    assert (row.purpose, row.eligible) == (purpose, False if purpose == "corsia" else None)


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Credit Serial Numbers", "", "expected a serial"),
        ("Credit Serial Numbers", "ART-GY-102-2021-11-1 to 500", "a serial of ACR, not of ART"),
        ("Credit Serial Numbers", "ACR-US-77-2025-300-600 to 101", "expected"),
        ("Quantity of Credits", "0", "more than 0"),
        ("Quantity of Credits", "500.5", "a whole number"),
        ("Project ID", "ACR78", "expected 77 as in the serial, got 'ACR78'"),
        ("Vintage", "2024", "expected 2025 as in the serial, got '2024'"),
        ("Status Effective  (GMT)", "13/22/2026", "a date"),
    ],
)
def test_read_credits_refuses(column: str, text: str, reason: str) -> None:
    for known, row in ((RETIREMENTS, RETIREMENT), (CANCELLATIONS, CANCELLATION)):
        at, expected = refusal(known, row | {column: text})
        assert " ".join(str(at).split()) == " ".join(column.split())
        assert reason in expected


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("Convert to ARB offset credits", "ARB"),
        ("CONVERT TO ARB OFFSET CREDITS", "ARB"),
        ("Convert to Ecology offset credits", "ECO"),
    ],
)
def test_read_cancellation_makes_a_conversion_of_what_another_registry_issues(
    kind: str, target: str
) -> None:
    cancelled = DISPOSED._replace(
        kind="cancellation", purpose="conversion", reason=kind, beneficiary=None
    )
    rows = made(CANCELLATIONS, CANCELLATION | {"Cancellation Type": kind})
    assert rows == [cancelled, CONVERTED._replace(target=target)]


@pytest.mark.parametrize(
    ("kind", "purpose"),
    [
        ("Removal of credits from the registry", "removal"),
        ("Conversion elsewhere", "conversion"),
        ("CORSIA", "corsia"),
        ("Loss", None),
        ("", None),
    ],
)
def test_read_cancellation_makes_no_conversion_of_other_types(
    kind: str, purpose: str | None
) -> None:
    (row,) = made(CANCELLATIONS, CANCELLATION | {"Cancellation Type": kind})
    assert isinstance(row, Disposed)
    assert (row.kind, row.purpose) == ("cancellation", purpose)


def test_read_cancellation_refuses_a_conversion_without_a_date() -> None:
    undated = CANCELLATION | {"Status Effective  (GMT)": ""}
    at, expected = refusal(CANCELLATIONS, undated)
    assert (at, "a date" in expected) == ("Status Effective (GMT)", True)
    (row,) = made(CANCELLATIONS, undated | {"Cancellation Type": "Loss"})
    assert isinstance(row, Disposed)
    assert row.at_s is None


def test_read_cancellation_needs_no_optional_column() -> None:
    needed = {name.replace("  ", " "): text for name, text in CANCELLATION.items()}
    dated = {"Status Effective (GMT)": needed["Status Effective (GMT)"]}
    _, converted = made(CANCELLATIONS, only(CANCELLATIONS, needed) | dated)
    assert converted == CONVERTED._replace(issued_s=None)


def test_read_project_makes_an_activity_and_its_link() -> None:
    link = Link("ACR", "206", "CAOD5052", other_registry="ARB", part="CAOD5052")
    assert made(PROJECTS, PROJECT) == [ACTIVITY, link]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("", []),
        ("none", []),
        ("ecyod1185", [("ECO", "ECYOD1185")]),
        ("CAOD5052; ECYOD902", [("ARB", "CAOD5052"), ("ECO", "ECYOD902")]),
        ("CAOD5052/CAOD5052", [("ARB", "CAOD5052")]),
    ],
)
def test_read_project_links_each_id_once(text: str, links: list[tuple[str, str]]) -> None:
    rows = made(PROJECTS, PROJECT | {"Compliance Program ID (ARB or Ecology)": text})
    assert [(row.other_registry, row.other_project) for row in of(Link, [rows])] == links


def test_read_project_needs_no_optional_column() -> None:
    assert made(PROJECTS, only(PROJECTS, PROJECT)) == [Activity("ACR", "206", name="A project")]


def test_read_project_begins_with_the_first_crediting_period_that_is_known() -> None:
    row, _ = made(PROJECTS, PROJECT | {"Initial Crediting Period Start Date": ""})
    assert row == ACTIVITY._replace(start_s=seconds(2024, 4, 14))


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Project ID", "VCS206", "a project's id"),
        ("Initial Crediting Period Start Date", "2/30/2014", "a date"),
        ("Current Crediting Period End Date", "4/13/2013", "a day not before"),
        ("Total Number of Credits Registered", "lots", "a whole number"),
    ],
)
def test_read_project_refuses(column: str, text: str, reason: str) -> None:
    cells = {name.strip(): cell for name, cell in PROJECT.items()}
    at, expected = refusal(PROJECTS, cells | {column: text})
    assert at == column
    assert reason in expected


FOLDER = "american-carbon-registry"


def test_real_issuances_are_all_read() -> None:
    issued = of(Issued, real(ISSUANCES, FOLDER, "issuances.csv"))
    assert (len(issued), total_t(issued)) == (100, 7_749_713)


def test_real_retirements_and_cancellations_are_all_read() -> None:
    retired = of(Disposed, real(RETIREMENTS, FOLDER, "retirements.csv"))
    cancelled = of(Disposed, real(CANCELLATIONS, FOLDER, "cancellations.csv"))
    assert (len(retired), len(cancelled)) == (100, 50)
    assert (total_t(retired), total_t(cancelled)) == (298_881, 7_646_709)
    check_blocks(retired + cancelled)
    assert {row.purpose for row in retired} == {"voluntary"}
    assert Counter(row.purpose for row in cancelled) == {"conversion": 47, "removal": 3}


def test_real_cancellations_are_conversions_to_two_registries() -> None:
    records = real(CANCELLATIONS, FOLDER, "cancellations.csv")
    converted = of(Conversion, records)
    assert Counter(row.target for row in converted) == {"ARB": 41, "ECO": 6}
    assert all(row.issued_s < row.at_s for row in converted)


def test_real_projects_are_all_read() -> None:
    records = real(PROJECTS, FOLDER, "projects.csv")
    projects = of(Activity, records)
    assert len(projects) == 50
    assert all(row.country and row.name for row in projects)
    assert Counter(row.other_registry for row in of(Link, records)) == {"ARB": 14, "ECO": 4}
