from __future__ import annotations

import pytest

from registry.errors import IdentifierError
from registry.serials.grammar import UNKNOWN, parse

UUID = "40980B1A-CFF7-4C78-9CC5-A3A2F18C7E0D"
FULL = f"PURO_PR_CORC100+_FI_577166_2020_{UUID}_1-100"
ON_CHAIN = f"{UUID}_1000-1001"
OLDER = "643002406555908610000000140219-643002406555908610000000140220"


def test_parse_reads_a_certificate_of_the_registry() -> None:
    serial = parse(FULL)
    assert (serial.registry, serial.scope, serial.base) == ("Puro", UUID, 1)
    assert (serial.project, serial.vintage, serial.get("batch")) == (577166, 2020, UUID)
    assert (serial.first, serial.last, str(serial)) == (1, 100, FULL)
    assert [field.name for field in serial.fields if field.meaning == UNKNOWN] == ["code_1"]


def test_parse_finds_one_issuance_with_and_without_the_text_before_it() -> None:
    short, full = parse(ON_CHAIN), parse(FULL.replace("_1-100", "_1001-1002"))
    assert short.scope == full.scope == UUID
    assert short.interval is not None and full.interval is not None
    assert short.interval.meets(full.interval)
    assert short != full
    assert (short.project, short.vintage) == (0, None)


def test_parse_reads_the_older_range_of_30_digits() -> None:
    serial = parse(OLDER)
    assert (serial.registry, serial.scope) == ("Puro", "643002406555908610")
    assert (serial.first, serial.last) == (140219, 140220)
    assert str(serial) == OLDER


def test_parse_prints_capitals() -> None:
    assert str(parse(FULL.lower())) == FULL
    assert str(parse(ON_CHAIN.lower().replace("_1000", "_01000"))) == ON_CHAIN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FULL.replace("1-100", "101-100"), "the last serial not below the first"),
        (FULL.replace("1-100", "1"), "expected 2 parts such as 1-100, got 1"),
        (FULL.replace("1-100", "1-100-2"), "expected 2 parts such as 1-100, got 3"),
        (FULL.replace("1-100", "-100"), "number 1 of 2 is empty"),
        (FULL.replace("1-100", "0-100"), "the first serial as a whole number from 1 on"),
        (FULL.replace("_1-100", ""), "expected 2 or 8 parts"),
        (FULL.replace("_PR_", "_"), "expected 2 or 8 parts"),
        (FULL.replace("_PR_", "__"), "number 2 of 8 is empty"),
        (FULL.replace("_PR_", "_9_"), "the second part as letters such as PR"),
        (FULL.replace("CORC100+", "CORC-100"), "the product as text such as CORC100+"),
        (FULL.replace("_FI_", "_FIN_"), "the country as two letters"),
        (FULL.replace("577166", "57x"), "the facility as a whole number"),
        (FULL.replace("2020", "20"), "the vintage as a year"),
        (FULL.replace("9CC5", "9CG5"), "the issuance as a UUID"),
        (FULL.replace("PURO_", "PURO-"), "expected 2 or 8 parts"),
        (f"{UUID}", "two ends of 30 digits"),
        (OLDER.replace("0220", "0218"), "the last serial not below the first"),
        (OLDER.replace("-643", "-644"), "two ends that begin with the same 18 digits"),
        (OLDER[:-1], "two ends of 30 digits"),
        (f"{'6' * 18}{'0' * 12}-{'6' * 18}{'0' * 12}", "from 1 on, got '000000000000'"),
    ],
)
def test_parse_refuses_and_says_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(text)
    assert expected in str(caught.value)
