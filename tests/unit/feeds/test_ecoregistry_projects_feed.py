from __future__ import annotations

import json

import pytest

from registry.feeds import ecoregistry, ecoregistry_projects
from registry.feeds.rows import Activity, Issued
from registry.serials.grammar import parse
from tests.unit.feeds.exports import check_blocks, made, of, only, real, refusal, seconds

(PROJECTS,) = ecoregistry_projects.FORMATS

T = 10**6
SERIAL = "CDC_9_1_1_321_14_R1_XX_CO_1_2_2019"
BUFFER = "CDC_9_1_1_321_14_R1_XX_CO_1_2_BFC_2019"
ENTRY = {
    "verification": 2,
    "serial": SERIAL,
    "issued_quantity": 1000,
    "issuance_date": "2023-05-03T13:58:33.999Z",
    "year": 2019,
    "is_buffer": False,
    "vintage_of_credits": "2019-01-01 / 2019-12-31",
    "global_goals": [],
    "elegible": [{"description": "Colombian Carbon Tax", "code": "ICC"}],
}
NOTHING = ENTRY | {"serial": BUFFER, "issued_quantity": 0, "is_buffer": True}
LOCATION = {
    "city": "Zambrano",
    "country": "Colombia",
    "region": "Bolivar",
    "data_map": {"latitude": 9.744506597661958, "longitude": -74.8},
}
PROJECT = {
    "id": "9",
    "code": "CDC-9",
    "owner": "An owner",
    "developer": "A developer",
    "name": "Bosque d'Or",
    "sector": str([{"id": 14, "description": "Land use"}, {"id": 14, "description": "Land use"}]),
    "quantification_method": "CDM - AR-ACM0003",
    "stage": "Certified",
    "locations": str([LOCATION, LOCATION]),
    "serials": str([ENTRY, NOTHING]),
}
ACTIVITY = Activity(
    registry="EcoRegistry",
    project="9",
    name="Bosque d'Or",
    country="CO",
    developer="A developer",
    methodology="CDM - AR-ACM0003",
    sector="Land use",
    status="Certified",
    latitude=9.744506597661958,
    longitude=-74.8,
)
ISSUED = Issued(
    registry="EcoRegistry",
    amount_g=1_000 * T,
    scope=SERIAL,
    start_g=0,
    end_g=1_000 * T,
    batch=SERIAL,
    project="9",
    vintage=2019,
    at_s=seconds(2023, 5, 3, 13, 58, 33),
    serial=SERIAL,
    spelling=SERIAL,
    period_start_s=seconds(2019, 1, 1),
    period_end_s=seconds(2020, 1, 1),
    part="serial 1",
)
EMPTY = ISSUED._replace(
    amount_g=0,
    scope=BUFFER,
    start_g=None,
    end_g=None,
    batch=BUFFER,
    serial=BUFFER,
    spelling=BUFFER,
    part="serial 2",
)


def test_read_project_makes_an_activity_and_an_issuance_per_serial() -> None:
    assert made(PROJECTS, PROJECT) == [ACTIVITY, ISSUED, EMPTY]


def test_read_project_reads_lists_as_json_too() -> None:
    changes = {"serials": json.dumps([ENTRY, NOTHING]), "locations": json.dumps([LOCATION])}
    assert made(PROJECTS, PROJECT | changes) == [ACTIVITY, ISSUED, EMPTY]


def test_read_project_reads_numbers_given_as_text() -> None:
    entry = ENTRY | {"issued_quantity": "1000", "year": None, "is_buffer": "False"}
    rows = made(PROJECTS, PROJECT | {"serials": str([entry])})
    assert rows == [ACTIVITY, ISSUED]


def test_read_project_does_without_optional_columns() -> None:
    assert made(PROJECTS, only(PROJECTS, PROJECT)) == [
        Activity(registry="EcoRegistry", project="9"),
        ISSUED,
        EMPTY,
    ]


@pytest.mark.parametrize("serials", ["", "[]"])
def test_read_project_may_have_issued_nothing(serials: str) -> None:
    assert made(PROJECTS, PROJECT | {"serials": serials}) == [ACTIVITY]


def test_read_project_leaves_out_what_is_not_defined() -> None:
    changes = {"name": "-", "stage": "Not assigned", "quantification_method": "Not defined"}
    rows = made(PROJECTS, PROJECT | changes | {"developer": "", "sector": "[]"})
    unsaid = {"name": None, "status": None, "methodology": None, "sector": None}
    assert rows[0] == ACTIVITY._replace(**unsaid, developer="An owner")


def test_read_project_in_two_countries_is_in_none() -> None:
    abroad = LOCATION | {"country": "Ecuador"}
    first, *_ = made(PROJECTS, PROJECT | {"locations": str([LOCATION, abroad])})
    assert isinstance(first, Activity)
    assert first.country is None


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("id", "", "a project's id such as CDC123"),
        ("id", "NaN", "a project's id such as CDC123"),
        ("id", "1e3", "a project's id such as CDC123"),
        ("serials", "[", "expected a list such as"),
        ("serials", "none", "expected a list such as"),
        ("serials", "{}", "expected a list such as"),
        ("serials", "[1]", "a list of mappings, got 1"),
        ("serials", "[__import__('os')]", "expected a list such as"),
        ("serials", str([{"serial": SERIAL}]), "entry 1, issued_quantity: "),
        ("serials", str([ENTRY, ENTRY | {"serial": "CDC"}]), "entry 2, serial: "),
        ("serials", str([ENTRY | {"is_buffer": True}]), "entry 1, is_buffer: expected False"),
        ("serials", str([ENTRY | {"issued_quantity": 1.5}]), "entry 1, issued_quantity: "),
        ("serials", str([ENTRY | {"year": 2018}]), "entry 1, year: expected 2019"),
        ("sector", "[[]]", "a list of mappings, got []"),
        ("serials", str([ENTRY | {"Year": 2019}]), "entry 1, Year: expected this name once"),
        ("locations", str([{"latitude": 91}]), "entry 1, latitude: expected degrees from -90"),
    ],
)
def test_read_project_refuses(column: str, cell: str, reason: str) -> None:
    at, expected = refusal(PROJECTS, PROJECT | {column: cell})
    assert at == column
    assert reason in expected


def test_the_real_projects_read_whole() -> None:
    records = real(PROJECTS, "cercarbono", "projects.csv")
    assert len(of(Activity, records)) == 50
    rows = of(Issued, records)
    assert (len(rows), len({row.scope for row in rows})) == (890, 890)
    assert sum(parse(str(row.serial)).is_buffer for row in rows) == 412
    assert sum(row.start_g is None for row in rows) == 26
    check_blocks([row for row in rows if row.start_g is not None])
    assert {row.country for row in of(Activity, records)} == {"CO"}


def test_the_real_projects_say_of_serials_what_the_issuances_say() -> None:
    embedded = {
        row.scope: row._replace(part="")
        for row in of(Issued, real(PROJECTS, "cercarbono", "projects.csv"))
    }
    issuances = real(ecoregistry.FORMATS[0], "cercarbono", "issuances.csv")
    assert all(embedded[row.scope] == row for row in of(Issued, issuances))
