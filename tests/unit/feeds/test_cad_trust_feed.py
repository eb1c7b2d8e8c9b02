from __future__ import annotations

from typing import Any

import pytest

from registry.feeds import cad_trust
from registry.feeds.rows import Activity, Disposed, Issued, Link
from tests.unit.feeds.exports import made, only, refusal

UNITS, PROJECTS = cad_trust.FORMATS

T = 10**6
UNIT = {
    "warehouseUnitId": "5c960ac1-a180-45a4-9850-be177e26d2fb",
    "issuanceId": "a6745831-5d5e-45ed-b9fe-fd6aa129df25",
    "unitOwner": "An owner",
    "serialNumberBlock": "ABC1000-ABC1010",
    "unitBlockStart": "ABC1000",
    "unitBlockEnd": "ABC1010",
    "unitCount": "11",
    "vintageYear": "2020",
    "unitStatus": "Retired",
    "unitStatusReason": "For 2025",
    "correspondingAdjustmentDeclaration": "Committed",
    "correspondingAdjustmentStatus": "Not Started",
}
ISSUED = Issued(
    registry="CAD Trust",
    amount_g=11 * T,
    scope="CAD Trust ABC",
    start_g=1_000 * T,
    end_g=1_011 * T,
    batch="a6745831-5d5e-45ed-b9fe-fd6aa129df25",
    vintage=2020,
    account="An owner",
    serial="ABC1000-ABC1010",
    spelling="ABC1000-ABC1010",
)
RETIRED = Disposed(
    registry="CAD Trust",
    kind="retirement",
    amount_g=11 * T,
    scope="CAD Trust ABC",
    start_g=1_000 * T,
    end_g=1_011 * T,
    batch="a6745831-5d5e-45ed-b9fe-fd6aa129df25",
    account="An owner",
    serial="ABC1000-ABC1010",
    spelling="ABC1000-ABC1010",
    vintage=2020,
    reason="For 2025",
    adjusted=False,
)
PROJECT = {
    "projectId": "789",
    "currentRegistry": "Climate Action Reserve (CAR)",
    "registryOfOrigin": "Verra",
    "originProjectId": "VCS-0123",
    "projectName": "A project",
    "projectDeveloper": "A developer",
    "sector": "Transport",
    "methodology": "A methodology",
    "projectStatus": "Registered",
    "coveredByNDC": "Inside NDC",
}


def issued(changes: dict[str, str]) -> Issued:
    row, *_ = made(UNITS, UNIT | changes)
    assert isinstance(row, Issued)
    return row


def block(serial: str, start: str, end: str) -> dict[str, str]:
    return {"serialNumberBlock": serial, "unitBlockStart": start, "unitBlockEnd": end}


def test_formats_are_kept_by_another_than_the_registry() -> None:
    assert [known.keeper for known in cad_trust.FORMATS] == ["meta", "meta"]


def test_read_unit_makes_an_issuance_and_what_became_of_it() -> None:
    assert made(UNITS, UNIT) == [ISSUED, RETIRED]


def test_read_unit_does_without_optional_columns() -> None:
    nothing: dict[str, Any] = dict.fromkeys(
        ("scope", "start_g", "end_g", "batch", "account", "vintage", "serial", "spelling")
    )
    assert made(UNITS, only(UNITS, UNIT)) == [
        ISSUED._replace(**nothing),
        RETIRED._replace(**nothing, reason=None, adjusted=None),
    ]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("Held", None),
        ("Active", None),
        ("Buffer", None),
        ("Expired", None),
        ("Pending Export", None),
        ("For Sale", None),
        ("Inactive", None),
        ("Rejected", None),
        ("pending  export", None),
        ("Retired", "retirement"),
        ("retired", "retirement"),
        ("Cancelled", "cancellation"),
        ("Exported", "export"),
    ],
)
def test_read_unit_disposes_of_it_by_its_status(status: str, kind: str | None) -> None:
    first, *rest = made(UNITS, UNIT | {"unitStatus": status})
    assert first == ISSUED
    assert rest == ([RETIRED._replace(kind=kind)] if kind else [])


@pytest.mark.parametrize(
    ("declaration", "status", "adjusted"),
    [
        ("Committed", "Completed", True),
        ("Unknown", "completed", True),
        ("Committed", "Not Started", False),
        ("Committed", "Pending", False),
        ("Unknown", "Pending", None),
        ("Not Required", "Not Started", None),
        ("Committed", "", None),
        ("", "", None),
    ],
)
def test_read_unit_is_adjusted_as_far_as_it_says_so(
    declaration: str, status: str, adjusted: bool | None
) -> None:
    changes = {
        "correspondingAdjustmentDeclaration": declaration,
        "correspondingAdjustmentStatus": status,
    }
    assert made(UNITS, UNIT | changes) == [ISSUED, RETIRED._replace(adjusted=adjusted)]


@pytest.mark.parametrize(
    ("count", "amount_g"),
    [("11.0", 11 * T), ("0.5", T // 2), ("11.000001", 11 * T + 1), ("222", 222 * T)],
)
def test_read_unit_takes_the_count_as_it_is_stated(count: str, amount_g: int) -> None:
    row = issued({"unitCount": count})
    assert (row.amount_g, row.start_g, row.end_g) == (amount_g, 1_000 * T, 1_011 * T)


def test_read_unit_of_nothing_has_no_interval() -> None:
    row = issued({"unitCount": "0"})
    assert (row.amount_g, row.scope, row.start_g, row.end_g) == (0, "CAD Trust ABC", None, None)


VERRA = "9344-101-200-VCS-VCU-262-VER-BR-14-1686-01012017-31122017-1"
ICR = "ICR-ISL-354-87-15-A-0-2023"
ECO = "CDC_7_1_1_321_14_CO_1_1"


@pytest.mark.parametrize(
    ("given", "registry", "scope", "units", "project"),
    [
        ((VERRA, "101", "200"), "Verra", "VCS", (100, 200), "1686"),
        ((VERRA, "", ""), "Verra", "VCS", (100, 200), "1686"),
        ((VERRA, "150", "150"), "Verra", "VCS", (149, 150), "1686"),
        ((ICR, "1", "250"), "ICR", ICR, (0, 250), "87"),
        ((ICR, "", ""), "ICR", ICR, None, "87"),
        ((ECO, "1", "5"), "EcoRegistry", ECO, (0, 5), "7"),
        (
            ("ACR-US-77-2025-300-101 to 600", "101", "600"),
            "ACR",
            "ACR-US-77-2025-300",
            (100, 600),
            "77",
        ),
        (("ABC1000-ABC1010", "1000", "1004"), "CAD Trust", "CAD Trust ABC", (1_000, 1_005), None),
        (("abc 1000-abc 1010", "", ""), "CAD Trust", "CAD Trust ABC", (1_000, 1_011), None),
        (("XY/2019/7-1-100", "1", "100"), "CAD Trust", "CAD Trust XY/2019/7", (1, 101), None),
        (("XY 2019: 1 to 100", "1", "100"), "CAD Trust", "CAD Trust XY 2019:", (1, 101), None),
        (("a block", "1", "100"), "CAD Trust", "CAD Trust A BLOCK", (1, 101), None),
        (("", "QX-1", "qx-100"), "CAD Trust", "CAD Trust QX-", (1, 101), None),
        (
            ("", "5001", "18000"),
            "CAD Trust",
            f"CAD Trust {UNIT['issuanceId'].upper()}",
            (5_001, 18_001),
            None,
        ),
        (("A345-B567", "A345", "B567"), "CAD Trust", None, None, None),
        (("a block", "", ""), "CAD Trust", None, None, None),
        (("a block", "first", "last"), "CAD Trust", None, None, None),
        (("", "", ""), "CAD Trust", None, None, None),
    ],
)
def test_read_unit_finds_the_block(
    given: tuple[str, str, str],
    registry: str,
    scope: str | None,
    units: tuple[int, int] | None,
    project: str | None,
) -> None:
    row = issued(block(*given))
    assert (row.registry, row.scope, row.project) == (registry, scope, project)
    found = None if row.start_g is None or row.end_g is None else (row.start_g, row.end_g)
    assert found == (units and (units[0] * T, units[1] * T))
    assert row.spelling == (given[0] or None)


def test_read_unit_without_serial_and_issuance_is_nowhere() -> None:
    row = issued(block("", "1", "100") | {"issuanceId": ""})
    assert (row.scope, row.serial) == (None, "1-100")


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"unitStatus": "Lost"}, "unitStatus", "a status such as Held or Retired, got 'Lost'"),
        ({"unitStatus": ""}, "unitStatus", "a status such as Held or Retired"),
        ({"unitCount": ""}, "unitCount", "tonnes as plain digits"),
        ({"unitCount": "1e3"}, "unitCount", "tonnes as plain digits"),
        ({"unitCount": "1,000"}, "unitCount", "tonnes as plain digits"),
        ({"unitCount": "-1"}, "unitCount", "tonnes as plain digits"),
        ({"unitCount": "0.0000001"}, "unitCount", "no more than 6 decimals"),
        ({"vintageYear": "20"}, "vintageYear", "a year"),
        (block("ABC1010-ABC1000", "ABC1010", "ABC1000"), "unitBlockEnd", "from 1010 on, got 1000"),
        (block("ABC1010-ABC1000", "", ""), "unitBlockEnd", "from 1010 on, got 1000"),
        (block("a block", "2", "1"), "unitBlockEnd", "from 2 on, got 1"),
        (block(ICR, "0", "5"), "unitBlockStart", "expected serials from 1 on"),
        (block(ICR, "1", "9" * 19), "unitBlockEnd", "expected serials up to"),
        (block(VERRA, "100", "200"), "unitBlockStart", "inside 101 to 200 as in the serial"),
        (block(VERRA, "101", "201"), "unitBlockStart", "inside 101 to 200 as in the serial"),
        (block(VERRA.replace("101-200", "200-101"), "", ""), "serialNumberBlock", "Verra serial"),
    ],
)
def test_read_unit_refuses(changes: dict[str, str], column: str, reason: str) -> None:
    at, expected = refusal(UNITS, UNIT | changes)
    assert at == column
    assert reason in expected


def test_read_project_makes_an_activity_and_a_link_to_its_origin() -> None:
    assert made(PROJECTS, PROJECT) == [
        Activity(
            registry="CAR",
            project="789",
            name="A project",
            developer="A developer",
            methodology="A methodology",
            sector="Transport",
            status="Registered",
        ),
        Link("CAR", "789", other_project="123", other_registry="Verra"),
    ]


def test_read_project_does_without_optional_columns() -> None:
    assert made(PROJECTS, only(PROJECTS, PROJECT)) == [Activity(registry="Verra", project="789")]


@pytest.mark.parametrize(
    "changes",
    [
        {"currentRegistry": "verra"},
        {"currentRegistry": ""},
        {"originProjectId": ""},
        {"registryOfOrigin": ""},
        {"registryOfOrigin": "CAR"},
    ],
)
def test_read_project_links_only_what_came_from_elsewhere(changes: dict[str, str]) -> None:
    assert len(made(PROJECTS, PROJECT | changes)) == 1


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"projectId": ""}, "projectId", "the cell is empty"),
        (
            {"registryOfOrigin": "", "currentRegistry": ""},
            "registryOfOrigin",
            "expected a registry",
        ),
    ],
)
def test_read_project_refuses(changes: dict[str, str], column: str, reason: str) -> None:
    at, expected = refusal(PROJECTS, PROJECT | changes)
    assert at == column
    assert reason in expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("American Carbon Registry (ACR)", "ACR"),
        ("American Carbon Registry", "ACR"),
        ("acr", "ACR"),
        ("Climate Action Reserve (CAR)", "CAR"),
        ("Gold Standard", "Gold Standard"),
        ("EcoRegistry", "EcoRegistry"),
        ("UNFCCC", "CDM"),
        ("Sweden National Registry", "Sweden National Registry"),
        ("", None),
    ],
)
def test_registry_named_knows_the_names_of_the_pick_list(text: str, name: str | None) -> None:
    assert cad_trust.registry_named(text) == name
