from __future__ import annotations

import pytest

from registry.feeds import icr
from registry.feeds.rows import Held
from tests.unit.feeds.exports import made, only, refusal

(HOLDERS,) = icr.FORMATS

TONNE = 10**18
CONTRACT = "0x" + "0b" * 20
ACCOUNT = "0x" + "AC" * 20
SERIAL = "ICR-ISL-354-87-15-A-0-2023"
HOLDER = {
    "projectAddress": CONTRACT,
    "accountAddress": ACCOUNT,
    "balance": str(18_111 * TONNE),
    "tokenId": "1",
    "decimals": "18",
    "serialization": SERIAL,
    "assetType": "exPost",
    "supply": str(21_938 * TONNE),
}
HELD = Held(
    registry="ICR",
    account=ACCOUNT.lower(),
    batch=f"{CONTRACT}/1",
    balance_g=18_111 * 10**6,
    supply_g=21_938 * 10**6,
    serial=SERIAL,
    spelling=SERIAL,
    scope=SERIAL,
    contract=CONTRACT,
    form="ex-post",
    project="87",
    vintage=2023,
    decimals=18,
    balance_units=str(18_111 * TONNE),
    supply_units=str(21_938 * TONNE),
)


def test_read_holder_makes_a_row_of_who_holds_what() -> None:
    assert made(HOLDERS, HOLDER) == [HELD]


def test_read_holder_does_without_optional_columns() -> None:
    assert made(HOLDERS, only(HOLDERS, HOLDER)) == [
        HELD._replace(
            **dict.fromkeys(("balance_g", "supply_g", "serial", "spelling", "scope", "form")),
            **dict.fromkeys(("project", "vintage", "decimals", "supply_units")),
        )
    ]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("ExPost", "ex-post"),
        ("EX_POST", "ex-post"),
        ("exAnte", "ex-ante"),
        ("ex-ante", "ex-ante"),
        ("RetirementCertificate", "certificate"),
        ("retirement certificate", "certificate"),
        ("", None),
    ],
)
def test_read_holder_tells_forms_in_any_spelling(text: str, form: str | None) -> None:
    (row,) = made(HOLDERS, HOLDER | {"assetType": text})
    assert isinstance(row, Held)
    assert row.form == form
    renamed = {name.replace("assetType", "type"): cell for name, cell in HOLDER.items()}
    assert made(HOLDERS, renamed | {"type": text}) == [row]


@pytest.mark.parametrize(
    ("units", "decimals", "amount_g"),
    [
        ("0", "18", 0),
        ("0", "", None),
        ("18111", "18", None),
        ("18111", "0", 18_111 * 10**6),
        (str(10**12), "18", 1),
        (str(10**12 - 1), "18", None),
        (str(-17 * TONNE), "18", -17 * 10**6),
        ("-17", "18", None),
        (str(TONNE) + ".0", "18", 10**6),
        (str(TONNE * TONNE), "18", None),
        ("9" * 78, "77", None),
    ],
)
def test_read_holder_gives_grams_where_they_are_exact(
    units: str, decimals: str, amount_g: int | None
) -> None:
    (row,) = made(HOLDERS, HOLDER | {"balance": units, "supply": units, "decimals": decimals})
    assert isinstance(row, Held)
    assert row.balance_units == row.supply_units == units.removesuffix(".0")
    assert row.balance_g == row.supply_g == amount_g


def test_read_holder_weighs_no_certificate_that_counts_itself() -> None:
    certificate = {"assetType": "RetirementCertificate", "balance": "1", "decimals": "0"}
    (row,) = made(HOLDERS, HOLDER | certificate)
    assert isinstance(row, Held)
    assert (row.balance_units, row.balance_g, row.supply_g) == ("1", None, None)


def test_read_holder_drops_the_sign_of_nothing() -> None:
    (row,) = made(HOLDERS, HOLDER | {"balance": "-0"})
    assert isinstance(row, Held)
    assert (row.balance_units, row.balance_g) == ("0", 0)


def test_read_holder_normalises_the_serial_and_keeps_its_spelling() -> None:
    (row,) = made(HOLDERS, HOLDER | {"serialization": " icr-ISL-354-0087-15-A-0-2023"})
    assert isinstance(row, Held)
    assert (row.scope, row.serial, row.project) == (SERIAL, SERIAL, "87")
    assert row.spelling == " icr-ISL-354-0087-15-A-0-2023"


@pytest.mark.parametrize(
    "text",
    [
        "icr-ALB-355--2-A-0-2024",
        "GS1-1-UG-GS11236-16-2024-30307-1-19149",
        "a serial",
        "ICR-" + "9" * 200,
    ],
)
def test_read_holder_keeps_a_serial_that_does_not_parse_as_text(text: str) -> None:
    assert made(HOLDERS, HOLDER | {"serialization": text}) == [
        HELD._replace(serial=text, spelling=text, scope=None, project=None, vintage=None)
    ]


def test_read_holder_reads_a_token_that_nobody_holds() -> None:
    (row,) = made(HOLDERS, HOLDER | {"accountAddress": "", "balance": "0"})
    assert isinstance(row, Held)
    assert (row.account, row.balance_g) == ("", 0)


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("projectAddress", "", "expected an address"),
        ("projectAddress", "0x12", "expected an address"),
        ("accountAddress", "somebody", "expected an address"),
        ("tokenId", "-1", "expected a token id"),
        ("tokenId", "", "expected a token id"),
        ("balance", "1e18", "expected token units in plain digits"),
        ("balance", "1,000", "expected token units in plain digits"),
        ("balance", "1_000", "expected token units in plain digits"),
        ("balance", "0.5", "expected token units in plain digits"),
        ("balance", "NaN", "expected token units in plain digits"),
        ("balance", "--1", "expected token units in plain digits"),
        ("balance", "01", "expected token units in plain digits"),
        ("balance", "\u0661", "expected token units in plain digits"),
        ("supply", "9" * 79, "expected token units in plain digits"),
        ("decimals", "18x", "expected a whole number"),
        ("decimals", "-1", "expected a whole number"),
        ("decimals", "78", "expected at most 77"),
        ("assetType", "ExSoon", "expected ExPost, ExAnte or RetirementCertificate"),
    ],
)
def test_read_holder_refuses_a_bad_cell(column: str, cell: str, expected: str) -> None:
    at, reason = refusal(HOLDERS, HOLDER | {column: cell})
    assert at == column
    assert expected in reason
