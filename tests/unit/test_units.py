from __future__ import annotations

import time
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import AmountError
from registry.units import AMOUNT_MAX_G, check_amount_g, grams, tonnes, tonnes_text

AMOUNT_MAX_T = "9223372036854.775807"


@pytest.mark.parametrize(
    ("given_t", "amount_g"),
    [
        (0, 0),
        (1, 1_000_000),
        ("250.5", 250_500_000),
        ("0.000001", 1),
        ("0.0000010", 1),
        ("-0", 0),
        ("007", 7_000_000),
        (Decimal("0.4"), 400_000),
        (Decimal("1E+3"), 1_000_000_000),
        (Decimal("1E-6"), 1),
        (Decimal("-0"), 0),
        (AMOUNT_MAX_T, AMOUNT_MAX_G),
        (Decimal(AMOUNT_MAX_T), AMOUNT_MAX_G),
        (9223372036854, 9223372036854_000_000),
    ],
)
def test_grams_converts_exactly(given_t: int | str | Decimal, amount_g: int) -> None:
    assert grams(given_t) == amount_g
    assert type(grams(given_t)) is int


@pytest.mark.parametrize("given_t", [1.0, 0.1, True, False, None, b"1", 1j, Fraction(1, 2), [1]])
def test_grams_refuses_other_types(given_t: object) -> None:
    with pytest.raises(AmountError, match="as int, str or Decimal, not"):
        grams(given_t)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        ".5",
        "5.",
        "1.2.3",
        "--1",
        "+1",
        " 1",
        "1 ",
        "1\n",
        "1_000",
        "1,000",
        "1,5",
        "1e3",
        "1E3",
        "0x10",
        "\uff11",
        "\u0661",
        "\u00b2",
        "1.\u0665",
        "nan",
        "NaN",
        "Infinity",
        "1t",
        "9" * 65,
    ],
)
def test_grams_refuses_text_that_is_no_plain_decimal(text: str) -> None:
    with pytest.raises(AmountError, match="a plain decimal number"):
        grams(text)


@pytest.mark.parametrize("text", ["NaN", "sNaN", "-NaN", "Infinity", "-Infinity"])
def test_grams_refuses_decimals_that_are_no_number(text: str) -> None:
    with pytest.raises(AmountError, match="a finite number"):
        grams(Decimal(text))


@pytest.mark.parametrize("given_t", [-1, "-0.000001", Decimal("-1E-6"), -AMOUNT_MAX_G])
def test_grams_refuses_negative_amounts(given_t: int | str | Decimal) -> None:
    with pytest.raises(AmountError, match="zero or more"):
        grams(given_t)


@pytest.mark.parametrize("given_t", ["0.0000001", "1.0000005", Decimal("1E-7")])
def test_grams_refuses_what_is_finer_than_a_gram(given_t: str | Decimal) -> None:
    with pytest.raises(AmountError, match="no more than 6 decimals"):
        grams(given_t)


@pytest.mark.parametrize(
    "given_t",
    [
        "9223372036854.775808",
        Decimal("9223372036854.775808"),
        9223372036855,
        "9223372036855",
        2**63,
        Decimal(2**63),
        2**64,
        "9" * 64,
        Decimal("1E+60"),
    ],
)
def test_grams_refuses_what_is_above_the_bound(given_t: int | str | Decimal) -> None:
    with pytest.raises(AmountError, match=f"at most {AMOUNT_MAX_T} t"):
        grams(given_t)


@pytest.mark.parametrize(
    "given_t",
    [
        pytest.param(10**100_000, id="int"),
        pytest.param(-(10**100_000), id="negative int"),
        pytest.param("9" * 1_000_000, id="text"),
        pytest.param("1e999999999", id="text with exponent"),
        pytest.param(Decimal("9" * 100_000), id="digits"),
        pytest.param(Decimal("1." + "0" * 100_000), id="decimals"),
        pytest.param(Decimal("1E+999999999"), id="exponent"),
        pytest.param(Decimal("1E-999999999"), id="negative exponent"),
    ],
)
def test_grams_refuses_huge_numbers_quickly(given_t: int | str | Decimal) -> None:
    start = time.perf_counter()
    with pytest.raises(AmountError) as caught:
        grams(given_t)
    assert time.perf_counter() - start < 0.5
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("exponent", ["0E+999999999", "0E-999999999", "-0E+999999999"])
def test_grams_takes_zero_for_zero_whatever_its_exponent(exponent: str) -> None:
    start = time.perf_counter()
    assert grams(Decimal(exponent)) == 0
    assert time.perf_counter() - start < 0.5


@given(st.integers(0, AMOUNT_MAX_G))
def test_law_grams_and_tonnes_convert_back(amount_g: int) -> None:
    assert grams(tonnes_text(amount_g)) == amount_g
    assert grams(tonnes(amount_g)) == amount_g
    assert not tonnes_text(amount_g).endswith(".")


@given(st.text(alphabet="0123456789.-+eE_ ", max_size=20))
def test_law_grams_refuses_or_agrees_with_decimal(text: str) -> None:
    try:
        amount_g = grams(text)
    except AmountError:
        return
    assert amount_g == Decimal(text) * 1_000_000


@pytest.mark.parametrize(
    ("amount_g", "text"),
    [(0, "0"), (1, "0.000001"), (-1, "-0.000001"), (250_500_000, "250.5"), (10**6, "1")],
)
def test_tonnes_text_is_the_shortest_decimal(amount_g: int, text: str) -> None:
    assert tonnes_text(amount_g) == text
    assert tonnes(amount_g) == Decimal(text)


def test_check_amount_g_returns_what_is_an_amount() -> None:
    assert check_amount_g(0) == 0
    assert check_amount_g(AMOUNT_MAX_G) == AMOUNT_MAX_G


@pytest.mark.parametrize("amount_g", [1.0, True, "1", None, Decimal(1)])
def test_check_amount_g_refuses_other_types(amount_g: object) -> None:
    with pytest.raises(AmountError, match="grams as int, not"):
        check_amount_g(amount_g)


@pytest.mark.parametrize("amount_g", [-1, 2**63, pytest.param(10**100_000, id="huge")])
def test_check_amount_g_refuses_what_is_out_of_bounds(amount_g: int) -> None:
    with pytest.raises(AmountError, match="expected 0 to 9223372036854775807 g"):
        check_amount_g(amount_g)
