from __future__ import annotations

import pytest

from registry.errors import IdentifierError
from registry.records.interval import Interval
from registry.serials.grammar import UNKNOWN, Field, parse

NEW = "9344-82392553-82392562-VCS-VCU-262-VER-BR-14-1686-01012017-31122017-1"
OLD = "9344-82392553-82392562-VCU-262-{}-BR-14-1686-01012017-31122017-1"


def test_parse_reads_every_field() -> None:
    serial = parse(NEW)
    assert (serial.registry, serial.scope, serial.base) == ("Verra", "VCS", 1)
    assert serial.canonical == serial.raw == NEW
    assert serial.fields == (
        Field("batch", "9344", "issuance batch number"),
        Field("first", "82392553", "first serial of the block"),
        Field("last", "82392562", "last serial of the block, included"),
        Field("programme", "VCS", "Verified Carbon Standard"),
        Field("unit", "VCU", "Verified Carbon Unit"),
        Field("verifier", "262", f"{UNKNOWN}; behaves as the code of the verifier"),
        Field("platform", "VER", "system that printed the serial"),
        Field("country", "BR", "host country, ISO 3166-1 alpha-2"),
        Field("sector", "14", "sectoral scope (14 is land use)"),
        Field("project", "1686", "project number"),
        Field("vintage_start", "01012017", "first day of the vintage, ddMMyyyy"),
        Field("vintage_end", "31122017", "last day of the vintage, ddMMyyyy"),
        Field("additional", "1", "1 with additional certifications, 0 without"),
    )
    assert (serial.project, serial.vintage, serial.is_buffer) == (1686, 2017, False)
    assert serial.interval == Interval(82392552 * 10**6, 82392562 * 10**6)


@pytest.mark.parametrize("platform", ["MER", "APX", "VER"])
def test_parse_finds_one_block_in_every_platforms_form(platform: str) -> None:
    serial = parse(OLD.format(platform))
    assert serial == parse(NEW)
    assert str(serial) == NEW
    assert serial.raw == OLD.format(platform)
    assert serial.get("platform") == platform
    assert serial.get("programme") is None
    assert len(serial.fields) == 12


@pytest.mark.parametrize(
    "text",
    [
        NEW.lower(),
        f"  {NEW}\r\n",
        NEW.replace("-", "\N{EN DASH}"),
        "09344-082392553-00082392562-VCS-VCU-0262-VER-BR-014-01686-01012017-31122017-1",
    ],
)
def test_parse_normalises_spelling(text: str) -> None:
    assert str(parse(text)) == NEW


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("9344-82392553", "9344-82392563", "the last serial not below the first"),
        ("9344-", "0-", "the issuance batch as a whole number from 1 on, got '0'"),
        ("9344-", "-", "number 1 of 13 is empty"),
        ("82392553", "0", "the first serial as a whole number from 1 on, got '0'"),
        ("82392553", "8239_2553", "the first serial as a whole number"),
        ("82392562", "1e9", "the last serial as a whole number"),
        ("82392562", "+82392562", "the last serial as a whole number"),
        ("82392562", "NAN", "the last serial as a whole number from 1 on, got 'NAN'"),
        ("82392562", "82392562.0", "the last serial as a whole number"),
        ("82392562", "82,392,562", "the last serial as a whole number"),
        ("82392562", "9223372036855", "expected serials up to 9223372036854"),
        ("82392562", "9" * 30, "the last serial as a whole number"),
        ("82392562", "\u0668", "got U+0668"),
        ("VCS-", "CCB-", "expected VCS after the block, got 'CCB'"),
        ("VCU", "VCUS", "expected VCU before the verifier's code"),
        ("-262-", "--", "number 6 of 13 is empty"),
        ("-262-", "-X-", "the verifier's code as a whole number from 0 on"),
        ("VER", "XYZ", "expected MER, APX or VER before the country, got 'XYZ'"),
        ("BR", "BRA", "the country as two letters, got 'BRA'"),
        ("BR", "B1", "the country as two letters"),
        ("-14-", "-0-", "the sectoral scope as a whole number from 1 on"),
        ("1686", "X", "the project as a whole number"),
        ("01012017", "30022017", "the vintage's start as a day ddMMyyyy, got '30022017'"),
        ("31122017", "31132017", "the vintage's end as a day ddMMyyyy"),
        ("31122017", "20171231", "the vintage's end as a day ddMMyyyy"),
        ("31122017", "1122017", "the vintage's end as a day ddMMyyyy"),
        ("31122017", "31122016", "expected a vintage that ends after 01012017 begins"),
        ("-1 ", "-2 ", "expected 0 or 1 at the end, got '2'"),
        ("-1 ", "", "expected 13 parts such as"),
        ("VCS-VCU-262-VER-BR-", "VCU-262-VER-", "expected 12 or 13 parts"),
        ("-1 ", "-1-1 ", "expected 12 or 13 parts"),
        ("-BR-", " -BR-", "got U+0020"),
    ],
)
def test_parse_refuses_and_says_what_was_expected(old: str, new: str, expected: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(f"{NEW} ".replace(old, new, 1))
    assert expected in str(caught.value)


@pytest.mark.parametrize("day", ["29022020", "29022000", "01011900", "31122099"])
def test_parse_reads_real_days(day: str) -> None:
    assert parse(f"1-1-1-VCU-1-VER-BR-1-1-{day}-{day}-0").get("vintage_end") == day


@pytest.mark.parametrize("day", ["29022019", "29021900", "31042020", "00012020", "31121899"])
def test_parse_refuses_days_that_are_none(day: str) -> None:
    with pytest.raises(IdentifierError, match="as a day ddMMyyyy"):
        parse(f"1-1-1-VCU-1-VER-BR-1-1-{day}-{day}-0")
