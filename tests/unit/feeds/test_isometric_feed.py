from __future__ import annotations

from collections import Counter

import pytest

from registry.feeds import isometric
from registry.feeds.rows import Activity, Claimed, Disposed, Issued
from tests.unit.feeds.exports import made, of, only, real, refusal, seconds

ISSUANCES, RETIREMENTS, BATCHES, PROJECTS = isometric.FORMATS

ISSUANCE = {
    "id": "iss_1KP6EDZ8K1S036PY",
    "issued_at": "2026-04-14T16:50:41.621676Z",
    "project_id": "prj_1HHYZFVGW1S044ZY",
    "supplier_credit_batch_size_total.credits": "2710.062",
    "supplier_credit_batch_size_total.credit_kgs": "2710062",
    "buffer_pool_credit_batch_size_total.credits": "55.308",
    "buffer_pool_credit_batch_size_total.credit_kgs": "55308",
    "credit_batch_size_total.credits": "2765.37",
    "credit_batch_size_total.credit_kgs": "2765370",
}
ISSUED = Issued(
    registry="Isometric",
    amount_g=2_765_370_000,
    scope="ISS_1KP6EDZ8K1S036PY",
    start_g=0,
    end_g=2_765_370_000,
    batch="ISS_1KP6EDZ8K1S036PY",
    project="prj_1HHYZFVGW1S044ZY",
    at_s=seconds(2026, 4, 14, 16, 50, 41),
    serial="ISS_1KP6EDZ8K1S036PY",
    spelling="iss_1KP6EDZ8K1S036PY",
)
RETIREMENT = {
    "retirement_id": "ret_1KNSQMD6Z1S0TB50",
    "retired_at": "2026-04-09T18:21:22.047712Z",
    "purposes": "['corporate_targets']",
    "notes": "For 2025",
    "beneficiary.name": "A company",
    "owner.name": "An owner",
    "credit_batch_size_total.credits": "1.5",
    "credit_batch_size_total.credit_kgs": "1500",
    "project_id": "prj_1HHYZFVGW1S044ZY",
    "sequestered_on": "2025-11-30",
}
RETIRED = Disposed(
    registry="Isometric",
    kind="retirement",
    amount_g=1_500_000,
    id="RET_1KNSQMD6Z1S0TB50",
    account="An owner",
    at_s=seconds(2026, 4, 9, 18, 21, 22),
    project="prj_1HHYZFVGW1S044ZY",
    vintage=2025,
    purpose="voluntary",
    reason="For 2025",
    beneficiary="A company",
)
PROJECT = {
    "id": "prj_1K3VWSDS61S0QKV7",
    "name": "A project",
    "status": "validated",
    "short_code": "TS26",
    "pathway": "enhanced_weathering",
    "protocol_slug": "biochar",
    "country_code": "IND",
    "crediting_period_start": "2025-11-27",
    "crediting_period_end": "2030-11-26",
    "supplier.organisation.name": "A developer",
    "issued_credits_total.credits": "1.47",
    "issued_credits_total.credit_kgs": "1470",
    "location.country_name": "India",
    "location.latitude": "27.0238",
    "location.longitude": "-74.2179",
}
ACTIVITY = Activity(
    registry="Isometric",
    project="prj_1K3VWSDS61S0QKV7",
    name="A project",
    country="IN",
    developer="A developer",
    methodology="biochar",
    sector="enhanced_weathering",
    status="validated",
    start_s=seconds(2025, 11, 27),
    end_s=seconds(2030, 11, 27),
    latitude=27.0238,
    longitude=-74.2179,
    issued_g=1_470_000,
)


def test_read_issuance_makes_an_issuance_of_both_parts() -> None:
    assert made(ISSUANCES, ISSUANCE) == [ISSUED]


def test_read_issuance_does_without_optional_columns() -> None:
    assert made(ISSUANCES, only(ISSUANCES, ISSUANCE)) == [ISSUED._replace(project=None)]


def test_read_issuance_takes_credits_where_kilograms_are_empty() -> None:
    changes = {name: "" for name in ISSUANCE if name.endswith("credit_kgs")}
    assert made(ISSUANCES, ISSUANCE | changes) == [ISSUED]


def test_read_issuance_normalises_the_id_and_keeps_its_spelling() -> None:
    assert made(ISSUANCES, ISSUANCE | {"id": " ISS_1kp6edz8k1s036py"}) == [
        ISSUED._replace(spelling=" ISS_1kp6edz8k1s036py")
    ]


def test_read_issuance_of_nothing_has_no_interval() -> None:
    row = only(ISSUANCES, ISSUANCE) | {"credit_batch_size_total.credit_kgs": "0"}
    assert made(ISSUANCES, row) == [
        ISSUED._replace(amount_g=0, start_g=None, end_g=None, project=None)
    ]


TOTAL = "credit_batch_size_total"


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("id", "", "an id such as iss_"),
        ("id", "ret_1KNSQMD6Z1S0TB50", "an id such as iss_"),
        ("id", "iss_1KP6EDZ8K1S036P-", "an id such as iss_"),
        ("id", "iss_1KP6EDZ8K1S036\u0661", "an id such as iss_"),
        ("issued_at", "14.4.2026", "a date such as"),
        ("issued_at", "2023-02-30T00:00:00Z", "a date such as"),
        (f"{TOTAL}.credit_kgs", "2,765,370", "a whole number in plain digits"),
        (f"{TOTAL}.credit_kgs", "1e3", "a whole number in plain digits"),
        (f"{TOTAL}.credit_kgs", "-1", "a whole number in plain digits"),
        (f"{TOTAL}.credit_kgs", "9223372036854776", "expected at most"),
        (f"{TOTAL}.credits", "2765.371", "expected as much as 2765370 kg, got '2765.371'"),
        (f"{TOTAL}.credits", "2765.3700001", "no more than 6 decimals"),
        (f"{TOTAL}.credits", "2765,37", "plain digits such as 2710.062"),
        (f"{TOTAL}.credits", "NaN", "plain digits such as 2710.062"),
        (f"{TOTAL}.credits", "2_765.37", "plain digits such as 2710.062"),
        (f"{TOTAL}.credits", "#REF!", "plain digits such as 2710.062"),
        (f"{TOTAL}.credits", "9999999999999", "expected at most"),
        (f"supplier_{TOTAL}.credits", "1.0", "expected as much as 2710062 kg"),
    ],
)
def test_read_issuance_refuses(column: str, cell: str, reason: str) -> None:
    at, expected = refusal(ISSUANCES, ISSUANCE | {column: cell})
    assert at == column
    assert reason in expected


def test_read_issuance_refuses_parts_that_do_not_add_up() -> None:
    changes = {"credit_batch_size_total.credits": "", "credit_batch_size_total.credit_kgs": "1"}
    at, expected = refusal(ISSUANCES, ISSUANCE | changes)
    assert (at, expected) == (
        "credit_batch_size_total.credit_kgs",
        "expected 2765370 kg, the supplier's and the buffer's",
    )


def test_read_issuance_refuses_no_amount() -> None:
    changes = {f"{TOTAL}.credits": "", f"{TOTAL}.credit_kgs": ""}
    at, expected = refusal(ISSUANCES, ISSUANCE | changes)
    assert (at, expected) == (f"{TOTAL}.credit_kgs", "expected an amount, the cell is empty")


def test_read_retirement_makes_a_retirement_and_a_claim() -> None:
    claimed = Claimed(
        registry="Isometric",
        beneficiary="A company",
        amount_g=1_500_000,
        retirement="RET_1KNSQMD6Z1S0TB50",
        purpose="voluntary",
        at_s=RETIRED.at_s,
    )
    assert made(RETIREMENTS, RETIREMENT) == [RETIRED, claimed]


def test_read_retirement_does_without_optional_columns() -> None:
    unsaid = ("account", "project", "vintage", "purpose", "reason", "beneficiary")
    assert made(RETIREMENTS, only(RETIREMENTS, RETIREMENT)) == [
        RETIRED._replace(**dict.fromkeys(unsaid))
    ]


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("[]", None),
        ("", None),
        ("['other']", None),
        ("['public_environmental_claims', 'corporate_targets']", "voluntary"),
        ('["corporate_targets"]', "voluntary"),
        ("['corporate_targets', 'other']", None),
        ("['corsia_compliance']", "corsia"),
        ("['compliance']", "compliance"),
        ("['corporate_targets', 'compliance']", None),
    ],
)
def test_read_retirement_has_the_purpose_that_all_its_purposes_are(
    text: str, purpose: str | None
) -> None:
    row, *_ = made(RETIREMENTS, RETIREMENT | {"purposes": text})
    assert isinstance(row, Disposed)
    assert row.purpose == purpose


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("retirement_id", "iss_1KP6EDZ8K1S036PY", "an id such as ret_"),
        ("retired_at", "soon", "a date such as"),
        ("sequestered_on", "2025-13-01", "a date such as"),
        ("purposes", "corporate_targets", "expected a list such as"),
        ("purposes", "['corporate_targets'", "expected a list such as"),
        ("purposes", "[1]", "a list of words, got 1"),
        ("credit_batch_size_total.credit_kgs", "1501", "expected as much as 1501 kg"),
    ],
)
def test_read_retirement_refuses(column: str, cell: str, reason: str) -> None:
    at, expected = refusal(RETIREMENTS, RETIREMENT | {column: cell})
    assert at == (column if column != f"{TOTAL}.credit_kgs" else f"{TOTAL}.credits")
    assert reason in expected


def test_read_retirement_refuses_to_retire_nothing() -> None:
    changes = {f"{TOTAL}.credits": "0.0", f"{TOTAL}.credit_kgs": "0"}
    assert refusal(RETIREMENTS, RETIREMENT | changes) == (
        f"{TOTAL}.credit_kgs",
        "expected more than 0",
    )


def test_read_project_makes_an_activity() -> None:
    assert made(PROJECTS, PROJECT) == [ACTIVITY]


def test_read_project_does_without_optional_columns() -> None:
    assert made(PROJECTS, only(PROJECTS, PROJECT)) == [
        Activity(registry="Isometric", project="prj_1K3VWSDS61S0QKV7", name="A project")
    ]


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("id", "", "the cell is empty"),
        ("location.latitude", "90.5", "degrees from -90 to 90"),
        ("location.latitude", "27,0", "degrees from -90 to 90"),
        ("location.longitude", "NaN", "degrees from -180 to 180"),
        ("crediting_period_start", "2025-11", "a date such as"),
        ("issued_credits_total.credit_kgs", "x", "a whole number"),
    ],
)
def test_read_project_refuses(column: str, cell: str, reason: str) -> None:
    at, expected = refusal(PROJECTS, PROJECT | {column: cell})
    assert at == column
    assert reason in expected


def test_the_real_issuances_have_ids_of_their_own() -> None:
    rows = of(Issued, real(ISSUANCES, "isometric", "issuances.csv"))
    assert (len(rows), len({row.scope for row in rows})) == (100, 100)
    assert sum(row.amount_g for row in rows) == 85_162_160_000
    assert any(row.amount_g % 10**6 for row in rows)


def test_the_real_retirements_read_whole() -> None:
    records = real(RETIREMENTS, "isometric", "retirements.csv")
    rows = of(Disposed, records)
    assert (len(rows), len({row.id for row in rows})) == (100, 100)
    assert Counter(row.purpose for row in rows) == {"voluntary": 78, None: 22}
    assert len(of(Claimed, records)) == 100


def test_the_real_projects_state_what_was_issued_in_both_parts() -> None:
    issued: Counter[str | None] = Counter()
    for row in of(Issued, real(ISSUANCES, "isometric", "issuances.csv")):
        issued[row.project] += row.amount_g
    projects = of(Activity, real(PROJECTS, "isometric", "projects.csv"))
    assert len(projects) == 50
    assert all(project.country for project in projects)
    stated = {project.project: project.issued_g for project in projects}
    unlike = [project for project in issued if issued[project] != stated[str(project)]]
    assert unlike == ["prj_1HHYZFVGW1S044ZY"]  # the file of issuances has a part of its rows


BATCH = {
    "id": "ctb_1KJFW4WNE1S0PC1V",
    "serial_number": "ISO-1-VAULT-USA-01P4-2026-40170350-40182796",
    "status": "retired",
    "issued_at": "2026-02-27T15:40:46.883028Z",
    "retired_at": "2026-04-09T18:21:22.047712Z",
    "left_child_id": "",
    "right_child_id": "",
    "issuance_id": "iss_1KJFW4WNE1S0D5GA",
    "project_id": "prj_1HHYZFVGW1S044ZY",
    "size.credits": "12.446",
    "size.credit_kgs": "12446",
    "beneficiary.name": "A company",
    "owner.name": "An owner",
}
LEFT = {"status": "active", "retired_at": "", "beneficiary.name": ""}
SPENT = Disposed(
    registry="Isometric",
    kind="retirement",
    amount_g=12_446_000,
    scope="ISO-1-VAULT-USA-01P4-2026",
    start_g=40_170_350_000,
    end_g=40_182_796_000,
    batch="ISS_1KJFW4WNE1S0D5GA",
    account="An owner",
    at_s=seconds(2026, 4, 9, 18, 21, 22),
    serial=BATCH["serial_number"],
    spelling=BATCH["serial_number"],
    project="prj_1HHYZFVGW1S044ZY",
    vintage=2026,
    beneficiary="A company",
)


def test_read_batch_makes_a_retirement_and_a_claim() -> None:
    row, claim = made(BATCHES, BATCH)
    assert row == SPENT
    assert isinstance(claim, Claimed)
    assert (claim.start_g, claim.end_g) == (SPENT.start_g, SPENT.end_g)


def test_read_batch_makes_an_issuance_of_what_is_left() -> None:
    (row,) = made(BATCHES, BATCH | LEFT)
    assert isinstance(row, Issued)
    assert (row.scope, row.end_g) == (SPENT.scope, SPENT.end_g)
    assert row.at_s == seconds(2026, 2, 27, 15, 40, 46)


def test_read_batch_makes_a_cancellation() -> None:
    (row,) = made(BATCHES, BATCH | LEFT | {"status": "Cancelled"})
    assert isinstance(row, Disposed)
    assert (row.kind, row.at_s) == ("cancellation", None)


def test_read_batch_makes_nothing_of_one_that_was_split() -> None:
    assert made(BATCHES, BATCH | LEFT | {"left_child_id": "ctb_1KNQPGVTG1S078QD"}) == []


def test_read_batch_needs_no_optional_column() -> None:
    unsaid = dict.fromkeys(("batch", "account", "at_s", "beneficiary"))
    assert made(BATCHES, only(BATCHES, BATCH)) == [SPENT._replace(project="", **unsaid)]


def test_read_batch_keeps_the_size_as_stated_when_it_is_unlike_the_span() -> None:
    row, _ = made(BATCHES, BATCH | {"size.credits": "12.447", "size.credit_kgs": "12447"})
    assert row == SPENT._replace(amount_g=12_447_000)


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("serial_number", "", "got no letters"),
        ("serial_number", "ISO-1-VAULT-USA-01P4-2026-40170350", "a serial such as ISO-1-"),
        ("serial_number", "ISO-1-VAULT-USA-01P4-2026-1-1", "an end from 2 to"),
        ("serial_number", "ISO-1-VAULT-USA-01P4-2026-9-5", "an end from 10 to"),
        ("serial_number", "ISO-1-VAULT-USA-01P4-2026-1e3-1e4", "a serial such as ISO-1-"),
        ("serial_number", "ISO-1-VAULT-USA-01P4-2026-1-\u0665", "ASCII letters, digits"),
        ("size.credit_kgs", "0", "expected more than 0"),
        ("size.credit_kgs", "12,446", "a whole number in plain digits"),
        ("size.credits", "12.447", "expected as much as 12446 kg"),
        ("issuance_id", "ret_1KJFW4WNE1S0D5GA", "an id such as iss_"),
        ("retired_at", "NaN", "a date such as"),
        ("left_child_id", "NaN", "an id such as ctb_"),
        ("right_child_id", "ctb", "an id such as ctb_"),
        ("project_id", "#REF!", "a project's id such as prj_"),
        ("project_id", "NaN", "a project's id such as prj_"),
        ("project_id", "1e3", "a project's id such as prj_"),
    ],
)
def test_read_batch_refuses(column: str, cell: str, reason: str) -> None:
    changes = {column: cell} | ({"size.credits": "0"} if cell == "0" else {})
    at, expected = refusal(BATCHES, BATCH | changes)
    assert at == column
    assert reason in expected
