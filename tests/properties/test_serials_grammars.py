"""Laws of every serial grammar, and of the reading of columns against the grammars."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import IdentifierError
from registry.serials.columns import Parsed, parse_column, parsed
from registry.serials.grammar import Serial, parse
from tests.serial_texts import ANY, EACH, HOSTILE, Sample, mutated, verra

REGISTRIES = ("Verra", "Gold Standard", "ACR", "CAR", "ART")
"""Those whose serials are read by the column."""

DASHES = st.sampled_from("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63")
SPACES = st.sampled_from(["", " ", "\t", "\u00a0", "\r\n"])


def read(text: str) -> Serial | None:
    try:
        return parse(text)
    except IdentifierError:
        return None


@pytest.mark.parametrize("grammar", EACH)
def test_law_serials_parse_and_print(grammar: str) -> None:
    @given(EACH[grammar])
    def law(sample: Sample) -> None:
        serial = parse(sample.text)
        assert serial.registry == sample.registry
        assert str(serial) == serial.raw == sample.text
        again = parse(str(serial))
        assert again == serial
        assert again.fields == serial.fields
        assert (again.scope, again.base, again.interval) == (
            *(serial.scope, serial.base, serial.interval),
        )
        assert Serial.model_validate(serial.model_dump()) == serial

    law()


@pytest.mark.parametrize("grammar", EACH)
def test_law_respelled_serials_are_equal(grammar: str) -> None:
    @given(EACH[grammar], st.booleans(), st.integers(0, 4), DASHES, SPACES, st.integers(1, 3))
    def law(sample: Sample, is_lower: bool, zeros: int, dash: str, space: str, inner: int) -> None:
        text = sample.padded(zeros).replace("-", dash).replace(" ", " " * inner)
        text = space + (text.lower() if is_lower else text) + space
        serial, usual = parse(text), parse(sample.text)
        assert serial == usual
        assert hash(serial) == hash(usual)
        assert (str(serial), serial.raw) == (sample.text, text)
        assert (serial.scope, serial.interval) == (usual.scope, usual.interval)

    law()


@given(verra(), st.sampled_from(["VCU-{}-MER", "VCU-{}-APX", "VCU-{}-VER", "VCS-VCU-{}-APX"]))
def test_law_verra_serials_are_one_on_every_platform(sample: Sample, style: str) -> None:
    _, code, _ = sample.text.split("-VC")[2].split("-", 2)
    other = sample.text.replace(f"VCS-VCU-{code}-VER", style.format(code))
    serial = parse(other)
    assert serial == parse(sample.text)
    assert str(serial) == sample.text
    assert serial.get("platform") == style[-3:]
    assert parse_column([other]) == [parsed(serial) if sample.is_usual else None]


@given(ANY)
def test_law_blocks_lie_inside_the_bound(sample: Sample) -> None:
    serial = parse(sample.text)
    interval = serial.interval
    if interval is None:
        assert sample.registry in ("ICR", "EcoRegistry")
        return
    assert serial.first is not None and serial.last is not None
    assert interval.is_valid()
    assert interval.amount_g == (serial.last - serial.first + 1) * 1_000_000
    assert interval == parsed(serial).interval
    assert serial.base <= serial.first <= serial.last


@given(HOSTILE)
def test_law_parse_refuses_or_prints_a_fixed_point(text: str) -> None:
    serial = read(text)
    if serial is not None:
        again = parse(str(serial))
        assert again == serial
        assert str(again) == str(serial)
        assert (again.scope, again.base) == (serial.scope, serial.base)
        assert again.interval == serial.interval


@given(st.lists(st.one_of(ANY.map(lambda sample: sample.text), HOSTILE), max_size=8))
def test_law_columns_are_read_as_the_grammars_read(texts: list[str]) -> None:
    found = parse_column(texts)
    assert len(found) == len(texts)
    for text, one in zip(texts, found, strict=True):
        if one is not None:
            assert type(one) is Parsed
            assert one == parsed(parse(text))
    for registry in REGISTRIES:
        assert parse_column(texts, registry) == [
            one if one is not None and one.registry == registry else None for one in found
        ]


@given(mutated())
def test_law_a_changed_serial_is_read_alike_both_ways(text: str) -> None:
    (found,) = parse_column([text])
    assert found is None or found == parsed(parse(text))


@pytest.mark.parametrize("grammar", ["Verra", "Gold Standard", "ACR and ART", "CAR"])
def test_law_the_usual_spelling_is_read_by_the_column(grammar: str) -> None:
    @given(EACH[grammar])
    def law(sample: Sample) -> None:
        (found,) = parse_column([sample.text])
        assert (found is not None) == sample.is_usual

    law()


@given(st.lists(st.text(max_size=20), max_size=5), st.sampled_from(["ICR", "S&P", "none such"]))
def test_law_columns_of_other_registries_are_left(texts: list[str], registry: str) -> None:
    assert parse_column(texts, registry) == [None] * len(texts)
