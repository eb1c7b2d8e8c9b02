"""Identifiers of mitigation outcomes, UNDP's older serials, and blocks of CAD Trust."""

from __future__ import annotations

import time

import pytest

from registry.errors import IdentifierError
from registry.serials.grammar import UNKNOWN, parse

ITMO = "CA0012-EU01-SP-1234500-2023"
UNDP = "VU-ITMO-11-356-2022-0-27-35"


def test_parse_reads_one_mitigation_outcome() -> None:
    serial = parse(ITMO)
    assert (serial.registry, serial.scope, serial.base) == ("ITMO", "CA0012-EU01-SP-2023", 1)
    assert (serial.first, serial.last, serial.vintage) == (1234500, 1234500, 2023)
    assert (serial.get("country"), serial.project) == ("SP", 0)
    assert serial.interval is not None and serial.interval.amount_g == 10**6


def test_parse_reads_parties_of_three_letters() -> None:
    serial = parse("CA0001-COL01-COL-17-2023")
    assert (serial.scope, serial.first) == ("CA0001-COL01-COL-2023", 17)
    assert str(serial) == "CA0001-COL01-COL-17-2023"


@pytest.mark.parametrize("text", ["CA12-EU01-SP-1234500-2023", "ca0012-eu01-sp-01234500-2023"])
def test_parse_writes_the_cooperative_approach_with_four_digits(text: str) -> None:
    assert parse(text) == parse(ITMO)
    assert str(parse(text)) == ITMO
    assert str(parse("CA123456-EU01-SP-1-2023")) == "CA123456-EU01-SP-1-2023"


def test_parse_reads_undps_older_form() -> None:
    serial = parse(UNDP)
    assert (serial.registry, serial.scope, serial.base) == ("UNDP", "VU-ITMO-11-356-2022-0", 1)
    assert (serial.first, serial.last) == (27, 35)
    assert (serial.project, serial.vintage, serial.get("country")) == (356, 2022, "VU")
    assert serial.get("code_1") == "0"
    assert str(parse("vu-itmo-011-0356-2022-0-0027-0035")) == UNDP


@pytest.mark.parametrize(
    ("text", "scope", "first", "last"),
    [
        ("ABC1000-ABC1010", "ABC", 1000, 1010),
        ("abc0100-ABC105", "ABC", 100, 105),
        ("A1B0-A1B9", "A1B", 0, 9),
        ("X/2020.7_1-X/2020.7_2", "X/2020.7_", 1, 2),
    ],
)
def test_parse_reads_blocks_of_cad_trust(text: str, scope: str, first: int, last: int) -> None:
    serial = parse(text)
    assert (serial.registry, serial.scope, serial.base) == ("CAD Trust", scope, 0)
    assert (serial.first, serial.last) == (first, last)
    assert serial.fields[0].meaning == UNKNOWN
    assert str(serial) == f"{scope}{first}-{scope}{last}"
    assert (serial.project, serial.vintage) == (0, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ITMO.replace("SP", "SPAI"), "the first transferring Party as two or three letters"),
        (ITMO.replace("EU01", "EU1"), "the originating registry as such as EU01"),
        (ITMO.replace("CA0012", "CA0"), "the cooperative approach as a whole number from 1 on"),
        (ITMO.replace("CA0012", "CA"), "expected a serial of ICR such as"),
        (ITMO.replace("1234500", "0"), "the first serial as a whole number from 1 on"),
        (ITMO.replace("2023", "23"), "the vintage as a year"),
        (f"{ITMO}-1", "expected 5 parts"),
        (UNDP.replace("VU", "VUT"), "the country as two letters"),
        (UNDP.replace("-11-", "-16-"), "a sectoral scope from 1 to 15, got 16"),
        (UNDP.replace("356", "X"), "the programme as a whole number"),
        (UNDP.replace("-0-", "-1-"), "expected 0 after the year, got '1'"),
        (UNDP.replace("27", "36"), "the last serial not below the first"),
        (UNDP.replace("-27-35", "-27"), "expected 8 parts"),
        ("ABC1-ABD2", "both ends to begin alike, got 'ABC' and 'ABD'"),
        ("ABC2-ABC1", "the last serial not below the first"),
        ("ABC1-ABC9223372036854", "expected serials up to 9223372036853"),
        ("ABC1-2", "expected a serial of ICR such as"),
        ("ABC1", "expected a serial of ICR such as"),
    ],
)
def test_parse_refuses_and_says_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(text)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    "piece", ["A", "A1", "A_", "1-", "A-", "A1-A", " - ", "-VCU-", "1 to ", "_"]
)
def test_parse_is_quick_on_the_longest_text(piece: str) -> None:
    text = ("A" + piece * 200)[:200]
    start = time.perf_counter()
    with pytest.raises(IdentifierError):
        parse(text)
    assert time.perf_counter() - start < 0.2
