from __future__ import annotations

import pytest

from registry.errors import IdentifierError
from registry.records.interval import Interval
from registry.serials.grammar import Block, block_interval, parse_interval, print_interval
from registry.units import AMOUNT_MAX_G

T = 1_000_000


@pytest.mark.parametrize(
    ("interval", "base", "text"),
    [
        (Interval(0, 1000 * T), 1, "1-1000"),
        (Interval(0, 1000 * T), 0, "0-999"),
        (Interval(6 * T, 7 * T), 1, "7"),
        (Interval(0, 250 * T + T // 2), 1, "1-250 + 0.5 t of 251"),
        (Interval(250 * T, 500 * T + T // 2), 1, "251-500 + 0.5 t of 501"),
        (Interval(249 * T + T // 2, 500 * T), 1, "0.5 t of 250 + 251-500"),
        (Interval(249 * T + T // 2, 251 * T + 1), 1, "0.5 t of 250 + 251 + 0.000001 t of 252"),
        (Interval(249 * T + T // 2, 250 * T + T // 4), 1, "0.5 t of 250 + 0.25 t of 251"),
        (Interval(0, 1), 0, "0.000001 t of 0"),
        (Interval(6 * T, 6 * T + T // 2), 1, "0.5 t of 7"),
        (Interval(6 * T + T // 2, 7 * T), 1, "0.5 t of 7 from 0.5 t"),
        (Interval(6 * T + T // 5, 6 * T + T // 2), 1, "0.3 t of 7 from 0.2 t"),
        (
            Interval(0, AMOUNT_MAX_G),
            1,
            "1-9223372036854 + 0.775807 t of 9223372036855",
        ),
    ],
)
def test_intervals_print_and_parse(interval: Interval, base: int, text: str) -> None:
    assert print_interval(interval, base) == text
    assert parse_interval(text, base) == interval


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "1-",
        "-5",
        "5-1",
        "0-5",
        "0",
        "01-5",
        "7-7",
        "1-1_000",
        "1e3",
        "\u0661-\u0665",
        "1 - 5",
        "1-5 ",
        "1-5 + 7",
        "1-5 + 6",
        "1-5 + 6-7",
        "1-250 + 0.5 t of 252",
        "0.5 t of 251 + 1-250",
        "0.5 t of 1 + 3-4",
        "1-250 + 0.5 t of 251 + 252",
        "0.50 t of 7",
        "0.0 t of 7",
        "0.5 t of 7 from 0.0 t",
        "0.6 t of 7 from 0.5 t",
        "0.5 t of 0",
        "1.5 t of 7",
        "1-9223372036855",
        "1-99999999999999",
        "0.775808 t of 9223372036855",
        "1-5 + " * 100,
    ],
)
def test_parse_interval_refuses_what_is_not_printed(text: str) -> None:
    with pytest.raises(IdentifierError):
        parse_interval(text, 1)


def test_parse_interval_refuses_what_is_no_text() -> None:
    with pytest.raises(IdentifierError):
        parse_interval(7, 1)  # type: ignore[arg-type]


def test_block_interval_counts_from_its_base() -> None:
    assert block_interval(1, 1000, 1) == Interval(0, 1000 * T)
    assert block_interval(0, 62739, 0) == Interval(0, 62740 * T)
    assert block_interval(4426, 4971, 1) == Interval(4425 * T, 4971 * T)
    assert block_interval(9223372036854, 9223372036854, 1).end_g == 9223372036854 * T


@pytest.mark.parametrize(
    ("first", "last", "base", "expected"),
    [
        (5, 4, 1, "the last serial not below the first"),
        (0, 4, 1, "serials from 1 on"),
        (-1, 4, 0, "serials from 0 on"),
        (1, 9223372036855, 1, "serials up to 9223372036854"),
        (0, 9223372036854, 0, "serials up to 9223372036853"),
        pytest.param(1, 10**5000, 1, "serials up to", id="huge"),
        (True, 4, 1, "as int, not bool"),
        (1.0, 4, 1, "as int, not float"),
        (1, "4", 1, "as int, not str"),
        (1, 4, 2, "0 or 1"),
    ],
)
def test_block_interval_refuses(first: int, last: int, base: int, expected: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        block_interval(first, last, base)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    "interval",
    [Interval(5, 5), Interval(6, 5), Interval(-1, 5), Interval(0, AMOUNT_MAX_G + 1)],
)
def test_print_interval_refuses_what_is_no_interval(interval: Interval) -> None:
    with pytest.raises(IdentifierError, match="expected 0 <= start < end"):
        print_interval(interval, 1)
    with pytest.raises(IdentifierError, match="expected 0 <= start < end"):
        Block.of("X", interval, 1)


@pytest.mark.parametrize("interval", [Interval(0, T + 1), Interval(1, T)])
def test_block_refuses_fractions(interval: Interval) -> None:
    with pytest.raises(IdentifierError, match="whole tonnes"):
        Block.of("X", interval, 1)
