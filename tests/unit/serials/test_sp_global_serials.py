from __future__ import annotations

import pytest

from registry.errors import IdentifierError
from registry.serials.grammar import UNKNOWN, parse

PIU = "WCC-PIU-GB-103000000000198-01042020-31032030-1-250-MER-0-P"


@pytest.mark.parametrize("unit", ["PIU", "WCU", "PCU"])
def test_parse_reads_pending_and_verified_units(unit: str) -> None:
    text = PIU.replace("PIU", unit)
    serial = parse(text)
    assert (serial.registry, serial.base, str(serial)) == ("S&P", 1, text)
    assert serial.scope == f"WCC-{unit}-GB-103000000000198-01042020-31032030-MER-0-P"
    assert (serial.first, serial.last) == (1, 250)
    assert (serial.project, serial.vintage) == (103000000000198, 2020)
    unknown = [field.value for field in serial.fields if field.meaning == UNKNOWN]
    assert unknown == ["WCC", "0", "P"]


def test_parse_counts_pending_and_verified_units_apart() -> None:
    assert parse(PIU).scope != parse(PIU.replace("PIU", "WCU")).scope


def test_parse_normalises_spelling() -> None:
    assert str(parse(PIU.lower().replace("-1-250-", "-001-0250-"))) == PIU


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("-1-250-", "-251-250-", "the last serial not below the first"),
        ("-1-250-", "-0-250-", "the first serial as a whole number from 1 on"),
        ("-1-250-", "-250-", "expected 11 parts"),
        ("PIU", "VCU", "expected the unit type PIU, WCU or PCU, got 'VCU'"),
        ("GB", "GBR", "the country as two letters"),
        ("103000000000198", "X", "the project as a whole number"),
        ("01042020", "31042020", "the vintage's start as a day ddMMyyyy"),
        ("31032030", "31032019", "a vintage that ends after 01042020 begins"),
        ("MER", "VER", "expected MER after the block, got 'VER'"),
        ("-0-P", "-X-P", "the part after MER as a whole number"),
        ("-0-P", "-0-PP", "the last part as one letter"),
        ("WCC-", "W.C-", "the code as letters and digits"),
    ],
)
def test_parse_refuses_and_says_what_was_expected(old: str, new: str, expected: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(PIU.replace(old, new, 1))
    assert str(caught.value).startswith("S&P serial ")
    assert expected in str(caught.value)
