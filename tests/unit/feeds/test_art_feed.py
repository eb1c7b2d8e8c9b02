from __future__ import annotations

import pytest

from registry.feeds import art
from registry.feeds.rows import Activity, Claimed, Disposed, Issued
from tests.unit.feeds.exports import check_blocks, made, of, only, real, refusal, seconds, total_t

ISSUANCES, RETIREMENTS, CANCELLATIONS, PROJECTS = art.FORMATS

PILOT = "Eligible for CORSIA 2021-2023 Compliance Period (Pilot Phase)"
FIRST = "Eligible for CORSIA 2024-2026 Compliance Period (First Phase)"
GENERAL = "CORSIA Eligible"
SERIAL = "ART-GY-77-2021-11-101 to 600"
CREDITS = {
    "Vintage": "2021",
    "Credit Serial Numbers": SERIAL,
    "Quantity of Credits": "500",
    "Status Effective": "02/28/2025",
    PILOT: "",
    FIRST: "",
    "Program ID": "ART77",
    "Program  Country": "GUYANA",
    "Account Holder": "A holder",
}
PLEDGE = "Contribution Towards Corporate Climate Pledge"
JOINT = f"{PLEDGE} AND Host Country NDC"
RETIREMENT = CREDITS | {
    "Retired on Behalf of": "A company",
    "Retirement Reason": JOINT,
    "Purpose of Retirement": "For 2025",
}
CANCELLATION = CREDITS | {
    GENERAL: "Yes",
    "Cancellation Reason": "CORSIA Compliance",
    "Cancellation Details": "AN AIRLINE, PHASE 1",
}
RETIRED = Disposed(
    registry="ART",
    kind="retirement",
    amount_g=500 * 10**6,
    scope="ART-GY-77-2021-11",
    start_g=100 * 10**6,
    end_g=600 * 10**6,
    batch="11",
    account="A holder",
    at_s=seconds(2025, 2, 28),
    serial=SERIAL,
    spelling=SERIAL,
    project="77",
    vintage=2021,
    purpose="voluntary",
    reason=f"{JOINT}; For 2025",
    beneficiary="A company",
)
CANCELLED = RETIRED._replace(
    kind="cancellation",
    purpose="corsia",
    reason="CORSIA Compliance; AN AIRLINE, PHASE 1",
    beneficiary=None,
    eligible=True,
)
ISSUANCE = {
    "Date Approved": "12/21/2025",
    "Program ID": "ART77",
    "Vintage": "2023",
    "Total Emission Reductions/Removals": "9621384",
    "Credits Deposited in Buffer": "535461",
    "Credits Verified": "9085923",
}
ISSUED = Issued(
    registry="ART",
    amount_g=9_621_384 * 10**6,
    project="77",
    vintage=2023,
    at_s=seconds(2025, 12, 21),
)
PROJECT = {
    "Program ID": "ART130",
    "Sovereign Program Developer": "A ministry",
    "Program Name": "A park",
    "Crediting Program and Standard": "TREES",
    "Program Type": "Forest Carbon",
    "Status": "Listed",
    "Initial Crediting Period Start Date": "1/1/2017",
    "Program  Country": "COTE D'IVOIRE",
}


def test_read_issuance_counts_what_lies_in_the_buffer() -> None:
    assert made(ISSUANCES, ISSUANCE) == [ISSUED]


def test_read_issuance_needs_no_optional_column() -> None:
    unknown = {"amount_g": 9_085_923 * 10**6, "vintage": None, "at_s": None}
    assert made(ISSUANCES, only(ISSUANCES, ISSUANCE)) == [ISSUED._replace(**unknown)]


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Credits Verified", "9.085.923", "a whole number"),
        ("Credits Deposited in Buffer", "-1", "a whole number"),
        ("Program ID", "ACR77", "a project's id such as ART123"),
        ("Vintage", "#REF!", "a year"),
        ("Date Approved", "21/12/2025", "a date"),
    ],
)
def test_read_issuance_refuses(column: str, text: str, reason: str) -> None:
    at, expected = refusal(ISSUANCES, ISSUANCE | {column: text})
    assert at == column
    assert reason in expected


def test_read_retirement_makes_a_retirement_and_a_claim() -> None:
    claimed = Claimed(
        registry="ART",
        beneficiary="A company",
        amount_g=500 * 10**6,
        scope="ART-GY-77-2021-11",
        start_g=100 * 10**6,
        end_g=600 * 10**6,
        purpose="voluntary",
        at_s=RETIRED.at_s,
    )
    assert made(RETIREMENTS, RETIREMENT) == [RETIRED, claimed]


def test_read_retirement_needs_no_optional_column() -> None:
    unsaid = {"account": None, "reason": JOINT, "beneficiary": None}
    assert made(RETIREMENTS, only(RETIREMENTS, RETIREMENT)) == [RETIRED._replace(**unsaid)]


@pytest.mark.parametrize(
    ("reason", "text", "joined"),
    [(PLEDGE, "", PLEDGE), ("", "FY24", "FY24"), (PLEDGE, PLEDGE, PLEDGE), ("", "", None)],
)
def test_reason_is_all_that_the_columns_say(reason: str, text: str, joined: str | None) -> None:
    changes = {"Retirement Reason": reason, "Purpose of Retirement": text}
    row, _ = made(RETIREMENTS, RETIREMENT | changes)
    assert isinstance(row, Disposed)
    assert row.reason == joined


def test_read_retirement_reads_serials_of_the_fcpf() -> None:
    row, _ = made(
        RETIREMENTS, RETIREMENT | {"Credit Serial Numbers": "FCPF-CI-77-2021-20-1 to 500"}
    )
    assert isinstance(row, Disposed)
    assert (row.registry, row.scope) == ("ART", "FCPF-CI-77-2021-20")


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Credit Serial Numbers", "", "expected a serial"),
        ("Credit Serial Numbers", "ACR-US-77-2021-300-1 to 5", "of ART, not of ACR"),
        ("Credit Serial Numbers", "ART-GY-77-2021-11-600 to 101", "expected"),
        ("Quantity of Credits", "0", "more than 0"),
        ("Quantity of Credits", "٣", "a whole number"),
        ("Program ID", "ART78", "expected 77 as in the serial, got 'ART78'"),
        ("Vintage", "2020", "expected 2021 as in the serial, got '2020'"),
        ("Status Effective", "yesterday", "a date"),
    ],
)
def test_read_credits_refuses(column: str, text: str, reason: str) -> None:
    for known, row in ((RETIREMENTS, RETIREMENT), (CANCELLATIONS, CANCELLATION)):
        at, expected = refusal(known, row | {column: text})
        assert at == column
        assert reason in expected


def test_read_cancellation_makes_a_cancellation_for_corsia() -> None:
    assert made(CANCELLATIONS, CANCELLATION) == [CANCELLED]


def test_read_cancellation_needs_no_optional_column() -> None:
    unsaid = {"account": None, "reason": "CORSIA Compliance", "eligible": None}
    rows = made(CANCELLATIONS, only(CANCELLATIONS, CANCELLATION))
    assert rows == [CANCELLED._replace(**unsaid)]


@pytest.mark.parametrize(
    ("details", "pilot", "first", "general", "eligible"),
    [
        ("An airline", "", "", "", None),
        ("An airline", "", "", "Yes", True),
        ("An airline", "", "", "No", False),
        ("An airline", "Yes", "No", "", True),
        ("An airline", "No", "", "", False),
        ("An airline, phase 1", "Yes", "No", "Yes", False),
        ("An airline; First Phase: 2024-2026", "No", "Yes", "No", True),
        ("An airline, Pilot Phase", "No", "Yes", "Yes", False),
        ("An airline, 2021-2023", "Yes", "No", "No", True),
        ("An airline, Pilot Phase", "", "No", "Yes", True),
        # Both periods are named, or for all we know either: no single column decides.
        ("2021-2023 and 2024-2026", "No", "Yes", "", True),
        ("First Compliance Period", "Yes", "No", "", True),
    ],
)
def test_eligible_is_what_the_columns_say_of_the_period_that_is_named(
    details: str, pilot: str, first: str, general: str, eligible: bool | None
) -> None:
    changes = {"Cancellation Details": details, PILOT: pilot, FIRST: first, GENERAL: general}
    (row,) = made(CANCELLATIONS, CANCELLATION | changes)
    assert isinstance(row, Disposed)
    assert row.eligible is eligible


def test_eligible_is_said_of_uses_under_corsia_only() -> None:
    changes = {"Cancellation Reason": "Reversal", GENERAL: "No"}
    (row,) = made(CANCELLATIONS, CANCELLATION | changes)
    assert isinstance(row, Disposed)
    assert (row.purpose, row.eligible) == (None, None)


@pytest.mark.parametrize("column", [PILOT, FIRST, GENERAL])
def test_read_cancellation_refuses_an_eligibility_that_is_neither_yes_nor_no(column: str) -> None:
    at, expected = refusal(CANCELLATIONS, CANCELLATION | {column: "perhaps"})
    assert (at, expected) == (column, "expected yes or no, got 'perhaps'")


def test_read_project_makes_an_activity() -> None:
    assert made(PROJECTS, PROJECT) == [
        Activity(
            registry="ART",
            project="130",
            name="A park",
            country="CI",
            developer="A ministry",
            methodology="TREES",
            sector="Forest Carbon",
            status="Listed",
            start_s=seconds(2017, 1, 1),
        )
    ]


def test_read_project_needs_no_optional_column() -> None:
    assert made(PROJECTS, only(PROJECTS, PROJECT)) == [
        Activity("ART", "130", name="A park", start_s=seconds(2017, 1, 1))
    ]


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Program ID", "", "a project's id"),
        ("Initial Crediting Period Start Date", "1/0/2017", "a date"),
    ],
)
def test_read_project_refuses(column: str, text: str, reason: str) -> None:
    at, expected = refusal(PROJECTS, PROJECT | {column: text})
    assert at == column
    assert reason in expected


def test_real_issuances_are_all_read() -> None:
    issued = of(Issued, real(ISSUANCES, "art-trees", "issuances.csv"))
    assert (len(issued), total_t(issued)) == (11, 62_322_618)
    assert {row.verified_g for row in issued} == {None}


def test_real_retirements_and_cancellations_are_all_read() -> None:
    retired = of(Disposed, real(RETIREMENTS, "art-trees", "retirements.csv"))
    cancelled = of(Disposed, real(CANCELLATIONS, "art-trees", "cancellations.csv"))
    assert (len(retired), len(cancelled)) == (8, 3)
    assert (total_t(retired), total_t(cancelled)) == (420_998, 36_100)
    check_blocks(retired + cancelled)
    assert sum("Pledge AND Host Country NDC" in (row.reason or "") for row in retired) == 6
    assert {(row.purpose, row.eligible) for row in cancelled} == {("corsia", True)}


def test_real_projects_are_all_read() -> None:
    projects = of(Activity, real(PROJECTS, "art-trees", "projects.csv"))
    assert len(projects) == 28
    assert all(row.country and row.name and row.start_s for row in projects)
