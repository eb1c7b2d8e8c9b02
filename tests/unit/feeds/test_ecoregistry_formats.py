from __future__ import annotations

from collections import Counter

import pytest

from registry.feeds import ecoregistry
from registry.feeds.rows import Claimed, Disposed, Issued
from tests.unit.feeds.exports import check_blocks, made, of, only, real, refusal, seconds, total_t

ISSUANCES, RETIREMENTS = ecoregistry.FORMATS

T = 10**6
SERIAL = "CDC_9_1_1_321_14_R1_XX_CO_1_2_2019"
BUFFER = "CDC_9_1_1_321_14_R1_XX_CO_1_2_BFC_2019"
OLDEST = "CDC_9_1_1_321_14_1"
ISSUANCE = {
    "verification": "2",
    "serial": SERIAL,
    "issued_quantity": "1000",
    "issuance_date": "2023-05-03T13:58:33.999Z",
    "year": "2019",
    "is_buffer": "False",
    "vintage_of_credits": "2019-01-01 / 2019-12-31",
    "global_goals": "[]",
}
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
)
RETIREMENT = {
    "project_name": "Bosque",
    "project_id": "9",
    "serial": SERIAL,
    "vintage": "2019",
    "certificate_destination": "Voluntary compensation",
    "end_user": "A S.A.S",
    "passive_subject": "",
    "date": "2024-01-31 08:16:34",
    "quantity": "250",
    "from": "101",
    "to": "350",
}
RETIRED = Disposed(
    registry="EcoRegistry",
    kind="retirement",
    amount_g=250 * T,
    scope=SERIAL,
    start_g=100 * T,
    end_g=350 * T,
    batch=SERIAL,
    at_s=seconds(2024, 1, 31, 8, 16, 34),
    serial=SERIAL,
    spelling=SERIAL,
    project="9",
    vintage=2019,
    purpose="voluntary",
    reason="Voluntary compensation",
    beneficiary="A S.A.S",
)


def test_read_issuance_makes_an_issuance_of_the_whole_serial() -> None:
    assert made(ISSUANCES, ISSUANCE) == [ISSUED]


def test_read_issuance_does_without_optional_columns() -> None:
    unsaid = ("at_s", "period_start_s", "period_end_s")
    assert made(ISSUANCES, only(ISSUANCES, ISSUANCE)) == [ISSUED._replace(**dict.fromkeys(unsaid))]


@pytest.mark.parametrize("nothing", ["None", "null"])
def test_read_takes_a_printed_nothing_for_an_empty_cell(nothing: str) -> None:
    empty = dict.fromkeys(("issuance_date", "year", "is_buffer", "vintage_of_credits"))
    (row,) = made(ISSUANCES, ISSUANCE | dict.fromkeys(empty, nothing))
    assert made(ISSUANCES, ISSUANCE | dict.fromkeys(empty, "")) == [row]
    unsaid = dict.fromkeys(("end_user", "certificate_destination", "vintage"), nothing)
    assert made(RETIREMENTS, RETIREMENT | unsaid) == [
        RETIRED._replace(purpose=None, reason=None, beneficiary=None)
    ]
    assert refusal(ISSUANCES, ISSUANCE | {"issued_quantity": nothing})[0] == "issued_quantity"
    assert refusal(ISSUANCES, ISSUANCE | {"serial": nothing})[0] == "serial"


@pytest.mark.parametrize("text", ["CDC-9", "cdc-009", "9.0"])
def test_read_retirement_reads_a_projects_code(text: str) -> None:
    assert made(RETIREMENTS, RETIREMENT | {"project_id": text})[0] == RETIRED


def test_read_issuance_of_nothing_has_no_interval() -> None:
    row = ISSUED._replace(amount_g=0, start_g=None, end_g=None)
    assert made(ISSUANCES, ISSUANCE | {"issued_quantity": "0"}) == [row]


def test_read_issuance_takes_the_year_where_the_serial_has_none() -> None:
    (row,) = made(ISSUANCES, ISSUANCE | {"serial": OLDEST, "year": "2012"})
    assert isinstance(row, Issued)
    assert (row.scope, row.vintage, row.start_g, row.end_g) == (OLDEST, 2012, 0, 1_000 * T)


@pytest.mark.parametrize("flag", ["True", "true", ""])
def test_read_issuance_takes_a_flag_that_agrees_with_the_serials_mark(flag: str) -> None:
    (row,) = made(ISSUANCES, ISSUANCE | {"serial": BUFFER, "is_buffer": flag})
    assert isinstance(row, Issued)
    assert row.scope == BUFFER


def test_read_issuance_takes_the_block_that_a_serial_names() -> None:
    (row,) = made(ISSUANCES, ISSUANCE | {"serial": f"{SERIAL} from 11 to 20"})
    assert isinstance(row, Issued)
    assert (row.scope, row.start_g, row.end_g) == (SERIAL, 10 * T, 20 * T)
    assert row.amount_g == 1_000 * T


def test_read_issuance_normalises_the_serial_and_keeps_its_spelling() -> None:
    spelling = f" {SERIAL.lower().replace('_9_', '_009_')}"
    assert made(ISSUANCES, ISSUANCE | {"serial": spelling}) == [ISSUED._replace(spelling=spelling)]


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("serial", "", "expected a serial"),
        ("serial", "CDC_9", "EcoRegistry serial"),
        ("serial", "ICR-ISL-354-87-15-A-0-2023", "a serial of EcoRegistry, not of ICR"),
        ("serial", "CDC_\u0669_1_1_321_14_1", "got U+0669"),
        ("issued_quantity", "", "a whole number in plain digits"),
        ("issued_quantity", "1,000", "a whole number in plain digits"),
        ("issued_quantity", "1_000", "a whole number in plain digits"),
        ("issued_quantity", "1e3", "a whole number in plain digits"),
        ("issued_quantity", "-1", "a whole number in plain digits"),
        ("issued_quantity", "NaN", "a whole number in plain digits"),
        ("issued_quantity", "\u0661\u0660", "a whole number in plain digits"),
        ("issued_quantity", "9223372036855", "at most 9223372036854"),
        ("issuance_date", "2023-02-30T00:00:00.000Z", "a date such as"),
        ("year", "2018", "expected 2019 as in the serial"),
        ("year", "19", "a year"),
        ("is_buffer", "True", "expected False as the serial's mark says"),
        ("is_buffer", "perhaps", "true or false"),
        ("vintage_of_credits", "2019", "a period such as"),
        ("vintage_of_credits", "2019-01-01 / 2019-02-29", "a period such as"),
        ("vintage_of_credits", "2019-12-31 / 2019-01-01", "ends on or after its first day"),
    ],
)
def test_read_issuance_refuses(column: str, cell: str, reason: str) -> None:
    at, expected = refusal(ISSUANCES, ISSUANCE | {column: cell})
    assert at == column
    assert reason in expected


def test_read_retirement_makes_a_retirement_and_a_claim() -> None:
    claimed = Claimed(
        registry="EcoRegistry",
        beneficiary="A S.A.S",
        amount_g=250 * T,
        scope=SERIAL,
        start_g=100 * T,
        end_g=350 * T,
        purpose="voluntary",
        at_s=RETIRED.at_s,
    )
    assert made(RETIREMENTS, RETIREMENT) == [RETIRED, claimed]


def test_read_retirement_does_without_optional_columns() -> None:
    unsaid = ("at_s", "purpose", "reason", "beneficiary")
    assert made(RETIREMENTS, only(RETIREMENTS, RETIREMENT)) == [
        RETIRED._replace(**dict.fromkeys(unsaid))
    ]


def test_read_retirement_counts_from_the_serials_base() -> None:
    changes = {"serial": OLDEST, "from": "0", "to": "249"}
    row, *_ = made(RETIREMENTS, RETIREMENT | changes)
    assert isinstance(row, Disposed)
    assert (row.start_g, row.end_g) == (0, 250 * T)


def test_read_retirement_takes_a_quantity_unlike_the_span_as_stated() -> None:
    row, *_ = made(RETIREMENTS, RETIREMENT | {"quantity": "249"})
    assert row == RETIRED._replace(amount_g=249 * T)


@pytest.mark.parametrize(
    ("destination", "purpose"),
    [
        ("Voluntary compensation", "voluntary"),
        ("Colombian Carbon Tax", "compliance"),
        ("Queretaro tax", "compliance"),
        ("Impuesto al carbono", "compliance"),
        ("CORSIA", "corsia"),
        ("Something else", None),
        ("", None),
    ],
)
def test_read_retirement_has_the_purpose_of_its_certificate(
    destination: str, purpose: str | None
) -> None:
    row, *_ = made(RETIREMENTS, RETIREMENT | {"certificate_destination": destination})
    assert isinstance(row, Disposed)
    assert (row.purpose, row.reason) == (purpose, destination or None)


@pytest.mark.parametrize("end_user", ["", "Not public", " not PUBLIC "])
def test_read_retirement_has_no_beneficiary_that_is_not_public(end_user: str) -> None:
    assert made(RETIREMENTS, RETIREMENT | {"end_user": end_user}) == [
        RETIRED._replace(beneficiary=None)
    ]


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"serial": "CDC_9"}, "serial", "EcoRegistry serial"),
        ({"from": "351"}, "to", "expected a unit from 351 on, got 350"),
        ({"from": "0"}, "from", "expected serials from 1 on"),
        ({"from": "-1"}, "from", "a whole number in plain digits"),
        ({"to": "1e3"}, "to", "a whole number in plain digits"),
        ({"to": "9223372036855"}, "to", "at most 9223372036854"),
        ({"quantity": "0"}, "quantity", "more than 0"),
        ({"quantity": "250,5"}, "quantity", "a whole number in plain digits"),
        ({"serial": f"{SERIAL} from 1 to 250"}, "from", "the units 1 to 250 as in the serial"),
        ({"project_id": "8"}, "project_id", "expected 9 as in the serial, got '8'"),
        ({"vintage": "2020"}, "vintage", "expected 2019 as in the serial"),
        ({"date": "31.1.2024"}, "date", "a date such as"),
    ],
)
def test_read_retirement_refuses(changes: dict[str, str], column: str, reason: str) -> None:
    at, expected = refusal(RETIREMENTS, RETIREMENT | changes)
    assert at == column
    assert reason in expected


def test_read_retirement_takes_the_units_that_its_serial_names_besides() -> None:
    row, *_ = made(RETIREMENTS, RETIREMENT | {"serial": f"{SERIAL} from 101 to 350"})
    assert isinstance(row, Disposed)
    assert (row.scope, row.start_g, row.end_g) == (SERIAL, 100 * T, 350 * T)


def test_the_real_issuances_read_whole() -> None:
    rows = of(Issued, real(ISSUANCES, "cercarbono", "issuances.csv"))
    assert (len(rows), total_t(rows)) == (100, 2_166_860)
    check_blocks(rows)


def test_the_real_retirements_read_whole() -> None:
    records = real(RETIREMENTS, "cercarbono", "retirements.csv")
    rows = of(Disposed, records)
    assert (len(rows), total_t(rows)) == (100, 639_718)
    check_blocks(rows)
    assert Counter(row.purpose for row in rows) == {"compliance": 84, "voluntary": 16}
    assert len(of(Claimed, records)) == 20
