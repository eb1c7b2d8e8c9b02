from __future__ import annotations

import pytest

from registry.errors import IdentifierError
from registry.serials import icr
from registry.serials.grammar import UNKNOWN, Field, parse


def test_parse_reads_every_field() -> None:
    serial = parse("ICR-ISL-354-87-15-A-0-2023")
    assert (serial.registry, serial.base) == ("ICR", 1)
    assert serial.scope == serial.canonical == serial.raw == str(serial)
    assert serial.fields == (
        Field("prefix", "ICR", "programme ICR"),
        Field("country", "ISL", "host country, ISO 3166-1 alpha-3"),
        Field("calling_code", "354", "telephone code of the host country"),
        Field("project", "87", "project number"),
        Field("sector", "15", "sectoral scope (14 is land use)"),
        Field("kind", "A", "avoidance"),
        Field("flag", "0", UNKNOWN),
        Field("vintage", "2023", "vintage year"),
    )
    assert (serial.project, serial.vintage, serial.is_buffer) == (87, 2023, False)
    assert serial.get("buffer") is None


@pytest.mark.parametrize(
    "text",
    [
        "ICR-ISL-354-78040-14-R-0-2021",
        "FCC-ISL-354-57-14-R-0-2027",
        "ICR-ASM-1-684-3-14-A-1-2023",
        "ICR-USA-1-684-14-A-1-2023",
        "ICR-UKR-380-1-1-H-0-2020",
    ],
)
def test_parse_reads_known_spellings(text: str) -> None:
    assert str(icr.parse(text)) == text


def test_parse_tells_a_hyphenated_telephone_code_from_a_project() -> None:
    samoa, usa = parse("ICR-ASM-1-684-3-14-A-1-2023"), parse("ICR-USA-1-684-14-A-1-2023")
    assert (samoa.get("calling_code"), samoa.project) == ("1-684", 3)
    assert (usa.get("calling_code"), usa.project) == ("1", 684)


def test_parse_leaves_the_forest_code_prefix_and_h_unknown() -> None:
    assert parse("FCC-ISL-354-57-14-R-0-2027").fields[0].meaning == UNKNOWN
    assert parse("ICR-ISL-354-57-14-H-0-2027").fields[5].meaning == UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "icr-isl-354-87-15-a-0-2023",
        "  ICR-ISL-354-87-15-A-0-2023\r\n",
        "\u00a0ICR-ISL-354-87-15-A-0-2023",
        "ICR\u2010ISL\u2011354\u201287\u201315\u2014A\u22120\u20152023",
        "ICR-ISL-354-087-0015-A-0-2023",
    ],
)
def test_parse_normalises_spelling_and_keeps_the_raw_text(text: str) -> None:
    serial = parse(text)
    assert serial == parse("ICR-ISL-354-87-15-A-0-2023")
    assert serial.canonical == "ICR-ISL-354-87-15-A-0-2023"
    assert serial.raw == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ICR-ISL-354--14-A-0-2023", "the project number's of 8 is empty"),
        ("ICR-ISL-354--87-15-A-0-2023", "the project number's of 9 is empty"),
        ("ICR-ASM-1-684--14-A-0-2023", "the project number's of 9 is empty"),
        ("ICR--354-87-15-A-0-2023", "number 2 of 8 is empty"),
        ("ICR-ISL-354-87-15-A-0", "expected 8 parts such as ICR-ISL-354-87-15-A-0-2023, got 7"),
        ("ICR-ISL-354-87-15-A-0-2023-1-2", "got 10"),
        ("ICR_ISL_354_87_15_A_0_2023", "expected 8 parts"),
        ("ICR-IS-354-87-15-A-0-2023", "a country of three letters, got 'IS'"),
        ("ICR-I5L-354-87-15-A-0-2023", "a country of three letters"),
        ("ICR-ISL-0354-87-15-A-0-2023", "a telephone code such as 354 or 1-684, got '0354'"),
        ("ICR-ISL-35423-87-15-A-0-2023", "a telephone code"),
        ("ICR-ISL-X-87-15-A-0-2023", "a telephone code"),
        ("ICR-ISL-354-0-15-A-0-2023", "the project as a whole number from 1 on, got '0'"),
        ("ICR-ISL-354-8.7-15-A-0-2023", "the project as a whole number"),
        ("ICR-ISL-354-9223372036854775808-15-A-0-2023", "the project as a whole number"),
        ("ICR-ISL-354-8_7-15-A-0-2023", "the project as a whole number"),
        ("ICR-ISL-354-87-X-A-0-2023", "the sectoral scope as a whole number"),
        ("ICR-ISL-354-87-15-B-0-2023", "expected A, R or H, got 'B'"),
        ("ICR-ISL-354-87-15-A-2-2023", "expected 0 or 1 before the year, got '2'"),
        ("ICR-ISL-354-87-15-A-0-23", "a vintage year, got '23'"),
        ("ICR-ISL-354-87-15-A-0-02023", "a vintage year"),
        ("ICR-ISL-354-87-15-A-0-3023", "a vintage year"),
        ("ICR-ISL-354-\u0668\u0667-15-A-0-2023", "got U+0668"),
        ("ICR-ISL-354-\uff18-15-A-0-2023", "got U+FF18"),
        ("ICR\uff0dISL-354-8-15-A-0-2023", "got U+FF0D"),
        ("\u0131cr-ISL-354-87-15-A-0-2023", "got U+0131"),
        ("ICR-ISL-354-87-15-A-0-2023\0", "got U+0000"),
        ("ICR-ISL-354 -87-15-A-0-2023", "got U+0020"),
    ],
)
def test_parse_refuses_and_says_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(text)
    assert expected in str(caught.value)


def test_icr_parse_refuses_another_registrys_prefix() -> None:
    with pytest.raises(IdentifierError, match="the prefix ICR or FCC"):
        icr.parse("VCS-ISL-354-87-15-A-0-2023")
