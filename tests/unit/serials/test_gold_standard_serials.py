from __future__ import annotations

import pytest

from registry.errors import IdentifierError
from registry.serials.grammar import UNKNOWN, parse

GS = "GS1-1-UG-GS11236-16-2024-30307-1-19149"
PAIR = "RW-5-1463953-2-2-0-7014 - RW-5-1467609-2-2-0-7014"


def test_parse_reads_gold_standards_own_serial() -> None:
    serial = parse(GS)
    assert (serial.registry, serial.base) == ("Gold Standard", 1)
    assert serial.scope == "GS1-1-UG-GS11236-16-2024-30307"
    assert [(field.name, field.value) for field in serial.fields] == [
        ("prefix", "GS1"),
        ("code_1", "1"),
        ("country", "UG"),
        ("project", "11236"),
        ("type", "16"),
        ("vintage", "2024"),
        ("batch", "30307"),
        ("first", "1"),
        ("last", "19149"),
    ]
    assert serial.fields[1].meaning == UNKNOWN
    assert (serial.project, serial.vintage) == (11236, 2024)
    assert serial.interval is not None and serial.interval.amount_g == 19149 * 10**6


def test_parse_reads_a_pair_of_kyoto_serials() -> None:
    serial = parse(PAIR)
    assert (serial.registry, serial.scope, serial.base) == ("CDM", "RW-5-2-2-0-7014", 1)
    assert (serial.first, serial.last) == (1463953, 1467609)
    assert (serial.project, serial.vintage) == (7014, None)
    assert str(serial) == PAIR
    assert [field.meaning for field in serial.fields].count(UNKNOWN) == 3


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (GS.lower(), GS),
        ("GS1-01-UG-GS011236-016-2024-030307-0001-0019149", GS),
        (PAIR.replace(" - ", "  \N{EN DASH}\N{NO-BREAK SPACE}"), PAIR),
        (PAIR.lower().replace("-7014", "-07014"), PAIR),
        (PAIR.replace(" - ", "-"), PAIR),
        ("IC-5-1-2-2-0-7-IC-5-3-2-2-0-7", "IC-5-1-2-2-0-7 - IC-5-3-2-2-0-7"),
        (PAIR.replace(" - ", "\N{EN DASH}"), PAIR),
    ],
)
def test_parse_normalises_spelling(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical
    assert parse(text).raw == text


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("1-19149", "19150-19149", "the last serial not below the first"),
        ("-1-19149", "--19149", "number 8 of 9 is empty"),
        ("-1-19149", "-1", "expected 9 parts"),
        ("GS1-1", "GS1-X", "the second part as a whole number"),
        ("UG", "UGA", "the country as two letters"),
        ("GS11236", "11236", "the project as GS and a number, got '11236'"),
        ("GS11236", "GS", "the project as GS and a number"),
        ("GS11236", "GS0", "the project as a whole number from 1 on"),
        ("-16-", "-0-", "the project type as a whole number from 1 on"),
        ("2024", "24", "the vintage as a year such as 2023, got '24'"),
        ("2024", "2124", "the vintage as a year"),
        ("30307", "3_0", "the issuance batch as a whole number"),
    ],
)
def test_parse_refuses_and_says_what_was_expected(old: str, new: str, expected: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(GS.replace(old, new, 1))
    assert str(caught.value).startswith("Gold Standard serial ")
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RW-5-1463953-2-2-0-7014", "expected a pair such as"),
        (f"{PAIR} - RW-5-1467609-2-2-0-7014", "expected a pair such as"),
        (PAIR.replace("- RW", "- KE"), "two ends that agree in all but the serial"),
        (f"{PAIR}5", "two ends that agree in all but the serial"),
        (PAIR.replace("1463953", "1467610"), "the last serial not below the first"),
        (PAIR.replace("1463953", "0"), "the first serial as a whole number from 1 on"),
        (PAIR.replace("-2-2-0-", "-2-2-"), "expected 7 parts"),
        (PAIR.replace("-5-", "--"), "number 2 of 7 is empty"),
        (PAIR.replace("7014", "X"), "the project as a whole number"),
        (PAIR.replace("RW", "RWA"), "the country as two letters"),
    ],
)
def test_parse_refuses_what_is_no_pair(text: str, expected: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(text)
    assert str(caught.value).startswith("CDM serial ")
    assert expected in str(caught.value)
