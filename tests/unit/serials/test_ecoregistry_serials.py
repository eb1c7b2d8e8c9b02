from __future__ import annotations

import ast
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.errors import IdentifierError
from registry.records.interval import Interval
from registry.serials.grammar import UNKNOWN, parse


@pytest.mark.parametrize(
    ("text", "project", "verification", "vintage", "country", "sector", "buffer", "base"),
    [
        ("CDC_1_1_1_321_14_1", 1, "1", None, None, "14", None, 0),
        ("CDC_1_1_1_321_14_1_BF", 1, "1", None, None, "14", "BF", 1),
        ("CDC_1_1_1_321_14_1_2008", 1, "1", 2008, None, "14", None, 1),
        ("CDC_1_1_1_321_14_1_2008_BF", 1, "1", 2008, None, "14", "BF", 1),
        ("CDC_7_1_1_321_14_CO_1_1", 7, "1", None, "CO", "14", None, 1),
        ("CDC_7_1_1_321_14_CO_1_1_BF", 7, "1", None, "CO", "14", "BF", 1),
        ("CDC_7_3_1_323_14_CO_1_2_2018", 7, "2", 2018, "CO", "14", None, 1),
        ("IC_24_1_1_321_14_CO_1_1_2009_BF", 24, "1", 2009, "CO", "14", "BF", 1),
        ("CDC_R_16_3_5_323_1_CO_1_1_2011", 16, "1", 2011, "CO", "1", None, 1),
        ("CDC_R_17_1_1_321_14_CO_1_1_2010_BF", 17, "1", 2010, "CO", "14", "BF", 1),
        ("CDC_18_5_11_321_14_XX_XA_CO_1_1_2021", 18, "1", 2021, "CO", "14", None, 1),
        ("CDC_8_1_1_321_14_R1_XA_CO_1_2_BFC_2018", 8, "2", 2018, "CO", "14", "BFC", 1),
        ("CDC_22_2_11_322_14_R4_2X_CO_1_2_BFI_2015", 22, "2", 2015, "CO", "14", "BFI", 1),
        ("CDC_1_1_1_321_14_XX_XA_GB_1_1_2021", 1, "1", 2021, "GB", "14", None, 1),
        ("CDB_1_46_253_99_12_3_30_PT_IN_CO_1_1_2019", 1, "1", 2019, "CO", "30", None, 1),
        ("CDB_1_46_253_99_12_3_30_GL_IN_CO_1_1_GB_2019", 1, "1", 2019, "CO", "30", "GB", 1),
        ("CDB_1_46_253_99_12_3_30_GL_IN_CO_1_1_LTR_2019", 1, "1", 2019, "CO", "30", "LTR", 1),
    ],
)
def test_parse_decodes_every_style(
    text: str,
    project: int,
    verification: str,
    vintage: int | None,
    country: str | None,
    sector: str,
    buffer: str | None,
    base: int,
) -> None:
    serial = parse(text)
    assert (serial.registry, serial.project, serial.vintage) == ("EcoRegistry", project, vintage)
    assert serial.get("verification") == verification
    assert serial.get("country") == country
    assert serial.get("sector") == sector
    assert serial.get("buffer") == buffer
    assert serial.is_buffer == (buffer is not None)
    assert serial.base == base
    assert serial.scope == str(serial) == "_".join(field.value for field in serial.fields) == text


def test_parse_calls_internal_codes_unknown() -> None:
    serial = parse("CDC_18_5_11_321_14_R1_XA_CO_1_2_2021")
    unknown = [(field.name, field.value) for field in serial.fields if field.meaning == UNKNOWN]
    codes = ["5", "11", "321", "R1", "XA", "1"]
    assert unknown == [(f"code_{n}", code) for n, code in enumerate(codes, start=1)]


def test_parse_normalises_case_space_and_padding() -> None:
    serial = parse(" cdc_018_5_11_321_14_xx_xa_co_1_01_2021\n")
    assert serial == parse("CDC_18_5_11_321_14_XX_XA_CO_1_1_2021")


def test_serials_that_differ_in_raw_text_only_are_one() -> None:
    assert len({parse("CDC_1_1_1_321_14_1"), parse("cdc_1_1_1_321_14_1 ")}) == 1
    assert parse("CDC_1_1_1_321_14_1") != "CDC_1_1_1_321_14_1"


@pytest.mark.parametrize(
    "text",
    [
        "CDC_1_1_1_321_14",
        "CDC-1",
        "CDC_1_1_1_321_14_2008",
        "CDC_1_1_1_321_14_1_08",
        "CDC_1_1_1_321_14_1_BX",
        "CDC_1_1_1_321_14_1_BF_BF",
        "CDC_1_1_1_321_14_1_BFC_2008_BF",
        "CDC_1_1_1_321_14_1_2008_2009",
        "CDC_1__1_321_14_1",
        "CDC_1_01_1_321_14_1",
        "CDC_R_1_46_253_99_12_3_30_PT_IN_CO_1_1_2019",
        "CDB_1_1_1_321_14_1",
        "CDC_8_1_1_321_14_R1_XA_CO_1_2_2018_",
        "CDC_8_1_1_321_14_R1_CO_1_2_2018",
        "CDC_8_1_1_321_14_R1_XA_1_2_2018",
        "CDC_8_1_1_321_14_R1_XA_COL_1_2_2018",
    ],
)
def test_parse_refuses_other_styles(text: str) -> None:
    with pytest.raises(IdentifierError, match="EcoRegistry serial"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CDC_0_1_1_321_14_1", "the project as a whole number from 1 on"),
        ("CDC_9223372036854775808_1_1_321_14_1", "the project as a whole number"),
        ("CDC_1_1_1_321_14_0", "the verification as a whole number from 1 on"),
        ("CDC_\u0661_1_1_321_14_1", "got U+0661"),
    ],
)
def test_parse_refuses_numbers_that_are_none(text: str, expected: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(text)
    assert expected in str(caught.value)


RANGE = "CDC_1_1_1_321_14_1_2009 from 4426 to 4971"


def test_parse_reads_the_units_that_a_retirement_names() -> None:
    serial = parse(RANGE)
    assert (serial.scope, serial.base) == ("CDC_1_1_1_321_14_1_2009", 1)
    assert (serial.first, serial.last, serial.vintage) == (4426, 4971, 2009)
    assert serial.interval == Interval(4425 * 10**6, 4971 * 10**6)
    assert str(serial) == RANGE
    assert str(parse("cdc_01_1_1_321_14_1_2009  FROM 04426 to\u00a04971 ")) == RANGE


def test_parse_counts_a_range_from_the_base_of_its_serial() -> None:
    oldest = parse("CDC_1_1_1_321_14_1 from 0 to 9")
    assert (oldest.base, oldest.interval) == (0, Interval(0, 10**7))
    with pytest.raises(IdentifierError, match="the first serial as a whole number from 1 on"):
        parse("CDC_1_1_1_321_14_1_2009 from 0 to 9")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RANGE.replace("4426", "4972"), "the last serial not below the first"),
        (RANGE.replace("from ", ""), "a range at the end, as in"),
        (RANGE.replace(" from ", "-"), "a range at the end, as in"),
        (RANGE.replace("4971", ""), "a range at the end, as in"),
        (RANGE.replace("4971", "4,971"), "the last serial as a whole number"),
        (RANGE.replace("_1_2009", "_1 _2009"), "that no known style has"),
        (f"{RANGE} from 1 to 2", "that no known style has"),
    ],
)
def test_parse_refuses_ranges_that_are_none(text: str, expected: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(text)
    assert str(caught.value).startswith("EcoRegistry serial ")
    assert expected in str(caught.value)


def _embedded(folder: Path) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    with (folder / "projects.csv").open(encoding="utf-8-sig", newline="") as file:
        for project in csv.DictReader(file):
            for issued in ast.literal_eval(project["serials"]):
                yield project, issued


def test_parse_reads_and_prints_the_890_serials_in_project_data(cercarbono: Path) -> None:
    serials = [parse(issued["serial"]) for _, issued in _embedded(cercarbono)]
    assert len(serials) == len(set(serials)) == 890
    assert [str(s) for s in serials] == [s.raw for s in serials]
    assert sum(s.is_buffer for s in serials) == 412
    assert sum(s.base == 0 for s in serials) == 5


def test_what_is_decoded_agrees_with_the_project_data(cercarbono: Path) -> None:
    other_verifications = []
    for project, issued in _embedded(cercarbono):
        serial = parse(issued["serial"])
        sectors = {str(sector["id"]) for sector in ast.literal_eval(project["sector"])}
        assert str(serial.project) == project["id"]
        assert serial.get("sector") in sectors
        assert serial.get("country") in (None, "CO")
        assert serial.vintage in (None, issued["year"])
        assert serial.is_buffer == issued["is_buffer"]
        if serial.get("verification") != str(issued["verification"]):
            other_verifications.append(issued["serial"])
    assert len(other_verifications) == 4
    assert {text.split("_")[1] for text in other_verifications} == {"10"}
