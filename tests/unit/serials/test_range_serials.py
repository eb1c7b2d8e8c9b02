"""The serials that end in "x to y": ACR's, CAR's and those of ART's platform."""

from __future__ import annotations

import re

import pytest

from registry.errors import IdentifierError
from registry.records.interval import Interval
from registry.serials import acr, art, car
from registry.serials.grammar import Field, parse

ACR = "ACR-US-1185-2025-3078-1 to 85847"
CAR = "CAR-1-US-1335-31-983-KS-2025-9205-1 to 5000"
ROC = "CAR-ROC-US-1317-105-276-CA-2025-9389-1 to 32624"
ART = "ART-GY-102-2021-11-2759599 to 2760598"
FCPF = "FCPF-CI-130-2023-20-1 to 46404"
GS = "GS1-1-UG-GS11236-16-2024-30307-1-19149"
PAIR = "RW-5-1463953-2-2-0-7014 - RW-5-1467609-2-2-0-7014"


@pytest.mark.parametrize(
    ("text", "registry", "scope", "project", "vintage", "batch"),
    [
        (ACR, "ACR", "ACR-US-1185-2025-3078", 1185, 2025, "3078"),
        (CAR, "CAR", "CAR-1-US-1335-31-983-KS-2025-9205", 1335, 2025, "9205"),
        (ROC, "CAR", "CAR-ROC-US-1317-105-276-CA-2025-9389", 1317, 2025, "9389"),
        (ART, "ART", "ART-GY-102-2021-11", 102, 2021, "11"),
        (FCPF, "ART", "FCPF-CI-130-2023-20", 130, 2023, "20"),
    ],
)
def test_parse_reads_scope_and_range(
    text: str, registry: str, scope: str, project: int, vintage: int, batch: str
) -> None:
    serial = parse(text)
    assert (serial.registry, serial.scope, serial.base) == (registry, scope, 1)
    assert (serial.project, serial.vintage, serial.get("batch")) == (project, vintage, batch)
    assert str(serial) == f"{scope}-{serial.first} to {serial.last}" == text
    values = [field.value for field in serial.fields]
    assert f"{'-'.join(values[:-1])} to {values[-1]}" == text


def test_parse_explains_what_the_registries_explain() -> None:
    assert parse(CAR).fields[1] == Field("unit", "1", "Climate Reserve Tonne")
    assert parse(ROC).fields[1].meaning == "Registry Offset Credit, for compliance"
    assert parse(FCPF).fields[0].meaning.startswith("Forest Carbon Partnership Facility")
    assert parse(ART).interval == Interval(2759598 * 10**6, 2760598 * 10**6)


@pytest.mark.parametrize(
    "text",
    [
        ACR.lower(),
        "ACR-US-1185-2025-3078-1 TO 85847",
        "ACR-US-1185-2025-3078-1  to \N{NO-BREAK SPACE}85847",
        "\tACR-US-1185-2025-3078-1 to 85847 ",
        "ACR-US-01185-2025-0003078-001 to 085847",
        ACR.replace("-", "\N{MINUS SIGN}"),
        ACR.replace(" to ", "-"),
        ACR.replace("1 to ", "0001-"),
    ],
)
def test_parse_normalises_spelling(text: str) -> None:
    serial = parse(text)
    assert serial == parse(ACR)
    assert (str(serial), serial.raw) == (ACR, text)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("1 to 85847", "85848 to 85847", "the last serial not below the first"),
        ("1 to 85847", "0 to 85847", "the first serial as a whole number from 1 on, got '0'"),
        ("1 to 85847", "1-2-85847", "a range at the end, as in ACR-US-1185-2025-3078-1 to 85847"),
        ("1 to 85847", "85848-85847", "the last serial not below the first"),
        ("1 to 85847", "1-85,847", "a range at the end"),
        ("1 to 85847", "1 until 85847", "a range at the end"),
        ("1 to 85847", "1to 85847", "a range at the end"),
        ("1 to 85847", " to 85847", "the first serial as a whole number from 1 on, got ''"),
        ("1 to 85847", "1 to ", "a range at the end"),
        ("1 to 85847", "1 to 85847 to 9", "a range at the end"),
        ("1 to 85847", "1 to 85,847", "the last serial as a whole number"),
        ("1 to 85847", "1 to 1e5", "the last serial as a whole number"),
        ("1 to 85847", "1 to +5", "the last serial as a whole number"),
        ("1 to 85847", "1 to -5", "the last serial as a whole number"),
        ("1 to 85847", "1 to 9223372036855", "expected serials up to 9223372036854"),
        ("-1 to", " from 1 to", "a range at the end"),
        ("-3078", "", "expected 5 parts such as ACR-US-1185-2025-3078, got 4"),
        ("-3078", "-", "number 5 of 5 is empty"),
        ("US", "USA", "the country as two letters"),
        ("US", "U S", "the country as two letters"),
        ("1185", "NAN", "the project as a whole number"),
        ("2025", "1885", "the vintage as a year"),
        ("3078", "0", "the batch as a whole number from 1 on"),
    ],
)
def test_parse_refuses_and_says_what_was_expected(old: str, new: str, expected: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(ACR.replace(old, new, 1))
    assert str(caught.value).startswith("ACR serial ")
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("CAR-1-", "CAR-2-", "expected the unit type 1 or ROC, got '2'"),
        ("CAR-1-", "CAR-01-", "expected the unit type 1 or ROC"),
        ("CAR-1-", "CAR-", "expected 9 parts"),
        ("-31-", "-X-", "the project type as a whole number"),
        ("-983-", "-0-", "the developer as a whole number from 1 on"),
        ("KS", "K", "the state as two letters"),
        ("2025", "202", "the vintage as a year"),
    ],
)
def test_parse_refuses_other_reserve_serials(old: str, new: str, expected: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(CAR.replace(old, new, 1))
    assert str(caught.value).startswith("CAR serial ")
    assert expected in str(caught.value)


def test_grammars_refuse_each_others_prefix() -> None:
    with pytest.raises(IdentifierError, match="expected ACR at the beginning, got 'ART'"):
        acr.parse(ART)
    with pytest.raises(IdentifierError, match="expected ART or FCPF at the beginning, got 'ACR'"):
        art.parse(ACR)
    with pytest.raises(IdentifierError, match="expected CAR at the beginning, got 'XAR'"):
        car.parse(f"X{CAR[1:]}")


@pytest.mark.parametrize("text", [ACR, CAR, ART, GS, PAIR])
@pytest.mark.parametrize("digit", ["\u0665", "\uff15", "\u00b2"])
def test_parse_refuses_digits_of_other_scripts(text: str, digit: str) -> None:
    with pytest.raises(IdentifierError, match=re.escape(f"got U+{ord(digit):04X}")):
        parse(text[:-1] + digit)
