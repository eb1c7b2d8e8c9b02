from __future__ import annotations

from collections import Counter

import pytest

from registry.feeds import gold_standard
from registry.feeds.rows import Activity, Claimed, Disposed, Issued
from tests.unit.feeds.exports import check_blocks, made, of, only, real, refusal, seconds, total_t

CREDITS, PROJECTS = gold_standard.FORMATS

ROW = {
    "Vintage": "2024",
    "Credit Status": "Issued",
    "Quantity": "500",
    "GSID": "77",
    "Project Name": "Stoves",
    "Country": "Uganda",
    "Product Type": "VER",
    "Issuance Date": "2026-04-13T12:35:58.842275",
    "Retirement Date": "",
    "Monitoring Period Start": "2024-01-01",
    "Monitoring Period End": "2024-12-08",
    "Serial Number": "GS1-1-UG-GS77-16-2024-300-101-600",
    "Note": "",
    "Aeroplane Operator Name": "",
    "Label": "Emission Reduction",
    "Use Case": "",
    "Using Entity": "",
    "Article Six Authorization": "Not Applicable",
}
ISSUED = Issued(
    registry="Gold Standard",
    amount_g=500 * 10**6,
    scope="GS1-1-UG-GS77-16-2024-300",
    start_g=100 * 10**6,
    end_g=600 * 10**6,
    batch="300",
    project="77",
    vintage=2024,
    at_s=seconds(2026, 4, 13, 12, 35, 58),
    serial=ROW["Serial Number"],
    spelling=ROW["Serial Number"],
    period_start_s=seconds(2024, 1, 1),
    period_end_s=seconds(2024, 12, 9),
)
USE = {
    "Credit Status": "Retired",
    "Retirement Date": "2026-04-10",
    "Use Case": "Voluntary",
    "Using Entity": "A company",
    "Note": "For 2025",
}
RETIRED = Disposed(
    registry="Gold Standard",
    kind="retirement",
    amount_g=500 * 10**6,
    scope="GS1-1-UG-GS77-16-2024-300",
    start_g=100 * 10**6,
    end_g=600 * 10**6,
    batch="300",
    at_s=seconds(2026, 4, 10),
    serial=ROW["Serial Number"],
    spelling=ROW["Serial Number"],
    project="77",
    vintage=2024,
    purpose="voluntary",
    reason="Voluntary; For 2025",
    beneficiary="A company",
)
PAIR = {"Serial Number": "RW-5-11-2-2-0-7014 - RW-5-30-2-2-0-7014", "Quantity": "20"}


def used(**changes: str) -> Disposed:
    cells = ROW | USE | {name.replace("_", " "): text for name, text in changes.items()}
    (row,) = of(Disposed, [made(CREDITS, cells)])
    return row


def test_read_credits_makes_an_issuance() -> None:
    assert made(CREDITS, ROW) == [ISSUED]


def test_read_credits_makes_a_retirement_and_a_claim() -> None:
    claimed = Claimed(
        registry="Gold Standard",
        beneficiary="A company",
        amount_g=500 * 10**6,
        scope="GS1-1-UG-GS77-16-2024-300",
        start_g=100 * 10**6,
        end_g=600 * 10**6,
        purpose="voluntary",
        at_s=seconds(2026, 4, 10),
    )
    assert made(CREDITS, ROW | USE) == [RETIRED, claimed]


@pytest.mark.parametrize(
    ("used", "eligible", "purpose", "lawful"),
    [
        ("Yes", "Yes", "corsia", True),
        ("Yes", "No", "corsia", False),
        ("Yes", "", "corsia", None),
        ("Yes", "Not Applicable", "corsia", None),
        ("No", "No", "voluntary", None),
        ("", "", "voluntary", None),
    ],
)
def test_read_credits_reads_columns_of_earlier_years(
    used: str, eligible: str, purpose: str, lawful: bool | None
) -> None:
    columns = {"Retired for CORSIA?": used, "Eligible for CORSIA?": eligible}
    row, *_ = made(CREDITS, ROW | USE | columns)
    assert isinstance(row, Disposed)
    assert (row.purpose, row.eligible) == (purpose, lawful)


def test_read_credits_needs_no_optional_column() -> None:
    unknown = {"at_s": None, "period_start_s": None, "period_end_s": None}
    assert made(CREDITS, only(CREDITS, ROW)) == [ISSUED._replace(**unknown)]
    unsaid = {"at_s": None, "purpose": None, "reason": None, "beneficiary": None}
    assert made(CREDITS, only(CREDITS, ROW | USE)) == [RETIRED._replace(**unsaid)]


def test_read_credits_gives_a_kyoto_pair_to_the_registry_that_counts_it() -> None:
    (row,) = made(CREDITS, ROW | PAIR)
    assert isinstance(row, Issued)
    assert (row.registry, row.scope, row.project) == ("CDM", "RW-5-2-2-0-7014", "7014")
    assert (row.start_g, row.end_g, row.vintage) == (10 * 10**6, 30 * 10**6, 2024)


@pytest.mark.parametrize(
    ("status", "kind"),
    [("Retired", "retirement"), ("Canceled", "cancellation"), ("CANCELLED", "cancellation")],
)
def test_kind_is_the_status(status: str, kind: str) -> None:
    assert used(Credit_Status=status).kind == kind


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Serial Number", "", "expected a serial"),
        ("Serial Number", "ICR-ISL-354-87-15-A-0-2023", "a serial of Gold Standard or CDM"),
        ("Serial Number", "GS1-1-UG-GS77-16-2024-300-600-101", "expected"),
        ("Quantity", "1,000", "a whole number"),
        ("Quantity", "NaN", "a whole number"),
        ("Quantity", "0", "more than 0"),
        ("GSID", "78", "expected 77 as in the serial, got '78'"),
        ("GSID", "VCS77", "a project's id"),
        ("Vintage", "2023", "expected 2024 as in the serial, got '2023'"),
        ("Vintage", "24", "a year"),
        ("Credit Status", "", "expected Issued, Retired or Canceled"),
        ("Credit Status", "Assigned", "expected Issued, Retired or Canceled, got 'Assigned'"),
        ("Issuance Date", "13/04/2026", "a date"),
        ("Monitoring Period Start", "", "the other end of the period is given"),
        ("Monitoring Period End", "2023-02-30", "a date"),
    ],
)
def test_read_credits_refuses(column: str, text: str, reason: str) -> None:
    at, expected = refusal(CREDITS, ROW | {column: text})
    assert at == column
    assert reason in expected


def test_read_credits_refuses_a_retirement_at_no_date() -> None:
    at, expected = refusal(CREDITS, ROW | USE | {"Retirement Date": "2026-02-30"})
    assert (at, "a date" in expected) == ("Retirement Date", True)


@pytest.mark.parametrize(
    ("status", "use", "note", "airline", "purpose"),
    [
        ("Retired", "Voluntary", "", "", "voluntary"),
        ("Retired", "Voluntary", "For CORSIA", "", None),
        ("Retired", "Compliance", "", "", "compliance"),
        ("Retired", "Compliance", "", "An airline", "corsia"),
        ("Retired", "CORSIA", "", "", "corsia"),
        ("Retired", "", "", "An airline", "corsia"),
        ("Retired", "Voluntary", "", "An airline", "voluntary"),
        ("Retired", "", "For the planet", "", None),
        ("Canceled", "", "", "", None),
        ("Canceled", "", "Transferred to Examplia Carbon Registry by law", "", "conversion"),
        ("Retired", "", "Transferred to Examplia Carbon Registry by law", "", None),
    ],
)
def test_purpose_is_what_the_use_case_says(
    status: str, use: str, note: str, airline: str, purpose: str | None
) -> None:
    row = used(Credit_Status=status, Use_Case=use, Note=note, Aeroplane_Operator_Name=airline)
    assert row.purpose == purpose


@pytest.mark.parametrize(
    ("use", "label", "authorisation", "eligible"),
    [
        ("CORSIA", "", "Authorised for IMP", True),
        ("CORSIA", "", "Not Authorized", False),
        ("CORSIA", "", "Not Applicable", None),
        ("CORSIA", "", "", None),
        ("CORSIA", "ICVCM CCP, CORSIA Pilot Phase", "Not Authorized", True),
        ("CORSIA", "CORSIA not eligible, ICVCM CCP", "", None),
        ("Voluntary", "", "Not Authorized", None),
    ],
)
def test_eligible_is_said_of_uses_under_corsia_only(
    use: str, label: str, authorisation: str, eligible: bool | None
) -> None:
    row = used(Use_Case=use, Label=label, Article_Six_Authorization=authorisation)
    assert row.eligible is eligible


@pytest.mark.parametrize(
    ("entity", "airline", "beneficiary"),
    [
        ("A company", "An airline", "A company"),
        ("Not Disclosed", "An airline", "An airline"),
        ("Not Disclosed", "", None),
        ("", "", None),
    ],
)
def test_beneficiary_is_the_using_entity_or_the_airline(
    entity: str, airline: str, beneficiary: str | None
) -> None:
    row = used(Using_Entity=entity, Aeroplane_Operator_Name=airline)
    assert row.beneficiary == beneficiary


PROJECT = {
    "GSID": "23574",
    "Project Name": "Filters",
    "Project Developer Name": "A developer",
    "Status": "Listed",
    "Project Type": "Other",
    "Country": "Haiti",
    "Methodology": "TPDDTEC",
}


def test_read_project_makes_an_activity() -> None:
    assert made(PROJECTS, PROJECT) == [
        Activity(
            registry="Gold Standard",
            project="23574",
            name="Filters",
            country="HT",
            developer="A developer",
            methodology="TPDDTEC",
            sector="Other",
            status="Listed",
        )
    ]


def test_read_project_needs_no_optional_column() -> None:
    assert made(PROJECTS, only(PROJECTS, PROJECT)) == [
        Activity("Gold Standard", "23574", name="Filters", developer="A developer")
    ]


@pytest.mark.parametrize("text", ["", "0", "GS", "23,574", "23574.5"])
def test_read_project_refuses_what_is_no_id(text: str) -> None:
    at, expected = refusal(PROJECTS, PROJECT | {"GSID": text})
    assert (at, "a project's id such as GS123" in expected) == ("GSID", True)


@pytest.mark.parametrize("text", ["GS23574", "gs23574", "23574.0", "023574"])
def test_read_project_reads_an_id_however_it_is_spelled(text: str) -> None:
    (row,) = made(PROJECTS, PROJECT | {"GSID": text})
    assert isinstance(row, Activity)
    assert row.project == "23574"


def test_real_credits_are_all_read() -> None:
    issued = of(Issued, real(CREDITS, "gold-standard", "issuances.csv"))
    gone = of(Disposed, real(CREDITS, "gold-standard", "retirements.csv"))
    assert (len(issued), len(gone)) == (100, 100)
    assert (total_t(issued), total_t(gone)) == (5_380_873, 1_968_759)
    assert Counter(row.registry for row in issued + gone) == {"Gold Standard": 197, "CDM": 3}
    assert Counter(row.kind for row in gone) == {"retirement": 94, "cancellation": 6}
    check_blocks(issued)
    check_blocks(gone)
    inside = [
        row.batch
        for row in gone
        for block in issued
        if row.scope == block.scope and block.start_g <= row.start_g and row.end_g <= block.end_g
    ]
    assert sorted(inside) == ["30255", "30256"]


def test_real_projects_are_all_read() -> None:
    projects = of(Activity, real(PROJECTS, "gold-standard", "projects.csv"))
    assert len(projects) == 50
    assert all(row.name for row in projects)
    # Two projects are "International".
    assert sum(row.country is None for row in projects) == 2
