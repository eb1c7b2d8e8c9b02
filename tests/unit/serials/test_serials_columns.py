from __future__ import annotations

import time

import pytest

from registry.records.interval import Interval
from registry.serials.columns import Parsed, parse_column, parsed
from registry.serials.grammar import parse

VERRA = "9344-82392553-82392562-VCS-VCU-262-VER-BR-14-1686-01012017-31122017-1"
GS = "GS1-1-UG-GS11236-16-2024-30307-1-19149"
ACR = "ACR-US-1185-2025-3078-1 to 85847"
CAR = "CAR-1-US-1335-31-983-KS-2025-9205-1 to 5000"
FCPF = "FCPF-CI-130-2023-20-1 to 46404"
USUAL = [VERRA, GS, ACR, CAR, FCPF]


def test_parsed_takes_what_feeds_need() -> None:
    assert parsed(parse(GS)) == Parsed(
        registry="Gold Standard",
        canonical=GS,
        scope="GS1-1-UG-GS11236-16-2024-30307",
        base=1,
        first=1,
        last=19149,
        project="11236",
        vintage=2024,
        batch="30307",
        is_buffer=False,
    )
    assert parsed(parse(GS)).interval == Interval(0, 19149 * 10**6)


def test_parsed_leaves_out_what_the_serial_does_not_name() -> None:
    buffer = parsed(parse("CDC_1_1_1_321_14_1_BF"))
    assert (buffer.project, buffer.vintage, buffer.is_buffer) == ("1", None, True)
    assert (buffer.first, buffer.last, buffer.interval) == (None, None, None)
    block = parsed(parse("ABC0-ABC9"))
    assert (block.project, block.vintage, block.batch) == (None, None, None)
    assert (block.base, block.interval) == (0, Interval(0, 10**7))


def test_parse_column_reads_the_usual_spelling_of_five_registries() -> None:
    assert parse_column(USUAL) == [parsed(parse(text)) for text in USUAL]
    assert parse_column([]) == []


def test_parse_column_reads_one_registrys_serials_only() -> None:
    for text in USUAL:
        registry = parse(text).registry
        wanted = [one if one == text else None for one in USUAL]
        found = parse_column(USUAL, registry)
        assert [one and one.canonical for one in found] == wanted
    assert parse_column(USUAL, "Puro") == [None] * 5


def test_parse_column_writes_the_older_verra_form_as_the_new() -> None:
    older = VERRA.replace("VCS-VCU-262-VER", "VCU-262-MER")
    assert parse_column([older]) == parse_column([VERRA]) == [parsed(parse(older))]


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "ACR", VERRA[:-1], f"{VERRA}\n", f" {ACR}", ACR.lower(), f"{GS}-"),
        ACR.replace("1 to", "1  to"),
        ACR.replace("3078", "03078"),
        ACR.replace("1 to 85847", "2 to 1"),
        ACR.replace("85847", "9223372036855"),
        ACR.replace("85847", "\u0661"),
        VERRA.replace("31122017", "31022017"),
        VERRA.replace("31122017", "31122016"),
        VERRA.replace("82392562", "82392552"),
        GS.replace("19149", "1_9"),
        "ICR-ISL-354-87-15-A-0-2023",
    ],
)
def test_parse_column_leaves_all_else_to_the_grammars(text: str) -> None:
    assert parse_column([text]) == [None]


def test_parse_column_leaves_a_megabyte_quickly() -> None:
    texts = ["1-" * 500_000, "9" * 1_000_000, "ACR-US-" + "1" * 1_000_000, "CAR-1-" * 170_000]
    start = time.perf_counter()
    assert parse_column(texts) == [None] * 4
    assert time.perf_counter() - start < 0.5
