"""Amounts of carbon credits: integer grams CO2e inside, tonnes where people read and write.

The base unit is one gram because registries retire in kilograms (EcoRegistry), publish
kilograms (Isometric) and count 10^18 per tonne (ICR): all of these convert exactly or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from registry.errors import AmountError

GRAMS_PER_TONNE = 1_000_000
"""One credit is one tonne CO2e."""

GRAMS_PER_KILOGRAM = 1_000

DAY_S = 86_400

AMOUNT_MAX_G = 2**63 - 1
"""Largest amount, in grams; what a signed 64-bit column holds (9.2e12 t)."""

_DIGITS_MAX = 64

Tonnes = int | str | Decimal
"""What callers may write for an amount in tonnes; never a float, never a bool."""

Kilograms = int | str | Decimal
"""What callers may write for an amount in kilograms; never a float, never a bool."""


def grams(tonnes: Tonnes) -> int:
    """Convert an amount in tonnes to grams, exactly.

    Args:
        tonnes: t CO2e as int, Decimal, or decimal text such as "250.5".

    Returns:
        g CO2e, 0 to AMOUNT_MAX_G. Zero is an amount; whether an action accepts it is the ledger's
        business.

    Raises:
        AmountError: another type, not a plain decimal number, negative, finer than a gram,
            or above AMOUNT_MAX_G.
    """
    if isinstance(tonnes, bool) or not isinstance(tonnes, (int, str, Decimal)):
        kind = type(tonnes).__name__
        raise AmountError(tonnes, f"expected tonnes as int, str or Decimal, not {kind}")
    return _grams(
        tonnes, GRAMS_PER_TONNE, "expected no more than 6 decimals (1 g is the base unit)"
    )


def grams_of_kilograms(kilograms: Kilograms) -> int:
    """Convert an amount in kilograms to grams, exactly.

    Args:
        kilograms: kg CO2e as int, Decimal, or decimal text such as "1500.5".

    Raises:
        AmountError: another type, not a plain decimal number, negative, kilograms that are not
            whole grams, or above AMOUNT_MAX_G.
    """
    if isinstance(kilograms, bool) or not isinstance(kilograms, (int, str, Decimal)):
        kind = type(kilograms).__name__
        raise AmountError(kilograms, f"expected kilograms as int, str or Decimal, not {kind}")
    return _grams(kilograms, GRAMS_PER_KILOGRAM, "expected kilograms that are whole grams")


def _grams(given: Tonnes, each_g: int, fine: str) -> int:
    """Convert an amount in units of `each_g` to grams; `fine`: what it is not where that fails."""
    number = _decimal(given)
    if number < 0:
        raise AmountError(given, "expected an amount of zero or more")
    if number > AMOUNT_MAX_G // each_g + 1:
        raise AmountError(given, f"expected at most {tonnes_text(AMOUNT_MAX_G)} t")
    # The bounds on size and digits in _decimal keep this exact and short.
    numerator, denominator = number.as_integer_ratio()
    amount_g, rest = divmod(numerator * each_g, denominator)
    if rest:
        raise AmountError(given, fine)
    if amount_g > AMOUNT_MAX_G:
        raise AmountError(given, f"expected at most {tonnes_text(AMOUNT_MAX_G)} t")
    return amount_g


def _decimal(tonnes: Tonnes) -> Decimal:
    if isinstance(tonnes, int):
        if not -AMOUNT_MAX_G <= tonnes <= AMOUNT_MAX_G:
            _refuse_size(tonnes, f"expected at most {tonnes_text(AMOUNT_MAX_G)} t")
        return Decimal(tonnes)
    if isinstance(tonnes, str):
        # Decimal() also takes underscores, spaces, exponents and other scripts' digits.
        plain = tonnes.removeprefix("-")
        whole, dot, rest = plain.partition(".")
        parts = (whole, rest) if dot else (whole,)
        if len(plain) > _DIGITS_MAX or not all(part.isascii() and part.isdigit() for part in parts):
            raise AmountError(tonnes, "expected a plain decimal number")
    try:
        number = Decimal(tonnes)
    except InvalidOperation as error:  # pragma: no cover - the text was checked above
        raise AmountError(tonnes, "expected a plain decimal number") from error
    if not number.is_finite():
        raise AmountError(tonnes, "expected a finite number")
    if number == 0:
        return Decimal(0)  # whatever its exponent: 0E+999999999 would take forever to expand
    if abs(number.adjusted()) > _DIGITS_MAX or len(number.as_tuple().digits) > _DIGITS_MAX:
        raise AmountError(tonnes, "expected a plain decimal number")
    return number


def _refuse_size(given: int, expected: str) -> NoReturn:
    """Refuse a whole number; one too long to print is named by its size."""
    bits = given.bit_length()
    raise AmountError(given if bits <= 256 else f"of {bits} bits", expected)


def check_amount_g(amount_g: object) -> int:
    """Return `amount_g` if it is an integer number of grams from 0 to AMOUNT_MAX_G.

    Raises:
        AmountError: not an int, negative, or above the bound.
    """
    if isinstance(amount_g, bool) or not isinstance(amount_g, int):
        kind = type(amount_g).__name__
        raise AmountError(amount_g, f"expected grams as int, not {kind}")
    if not 0 <= amount_g <= AMOUNT_MAX_G:
        _refuse_size(amount_g, f"expected 0 to {AMOUNT_MAX_G} g")
    return amount_g


def tonnes(amount_g: int) -> Decimal:
    """Convert grams to tonnes, exactly; the sign is kept, for differences."""
    return Decimal(tonnes_text(amount_g))


def tonnes_text(amount_g: int) -> str:
    """Write grams as tonnes, the shortest exact decimal: 250500000 -> "250.5"."""
    whole, rest = divmod(abs(amount_g), GRAMS_PER_TONNE)
    sign = "-" if amount_g < 0 else ""
    decimals = f".{rest:06d}".rstrip("0") if rest else ""
    return f"{sign}{whole}{decimals}"


def in_proportion(amount: int, weights: Sequence[int]) -> list[int]:
    """Share an amount out in proportion, in whole units, so that nothing is lost.

    What whole shares leave over goes, one each, to those who miss most (largest remainder), the
    earlier of equals first.

    Invariants:
        sum(result) == amount; no share is one or more away from the exact one.
    """
    whole = sum(weights)
    shares = [amount * weight // whole for weight in weights]
    missed = sorted(range(len(weights)), key=lambda at: (-(amount * weights[at] % whole), at))
    for at in missed[: amount - sum(shares)]:
        shares[at] += 1
    return shares
