"""What token data have in common: addresses, token ids, and amounts in a token's own units."""

from __future__ import annotations

import re

from registry.errors import shown
from registry.feeds.cells import Cells
from registry.units import AMOUNT_MAX_G, GRAMS_PER_TONNE

EX_ANTE = "ex-ante"
EX_POST = "ex-post"
CERTIFICATE = "certificate"

DECIMALS_MAX = 77
"""Most decimals that a token can have: no contract counts beyond 2^256, which has 78 digits."""

_ADDRESS = re.compile(r"0[xX][0-9a-fA-F]{40}")
_TOKEN_ID = re.compile(r"(0|[1-9][0-9]{0,77})(?:\.0{1,6})?")
_UNITS = re.compile(r"(-?)(0|[1-9][0-9]{0,77})(?:\.0{1,6})?")


def address(cells: Cells, column: str) -> str:
    """Return an address in lower case; capitals in one are a checksum and name no other."""
    text = cells.text(column)
    if not _ADDRESS.fullmatch(text):
        expected = "expected an address, 0x and 40 hexadecimal digits"
        raise cells.refused(column, f"{expected}, got {shown(text)}")
    return text.lower()


def token_id(cells: Cells, column: str) -> str:
    """Return a token id in plain digits."""
    match = _TOKEN_ID.fullmatch(cells.text(column))
    if match is None:
        expected = "expected a token id in plain digits"
        raise cells.refused(column, f"{expected}, got {shown(cells.text(column))}")
    return match[1]


def units_or_none(cells: Cells, column: str) -> str | None:
    """Return an amount in token units as plain digits, with a minus below 0; None where empty."""
    text = cells.text(column)
    if not text:
        return None
    match = _UNITS.fullmatch(text)
    if match is None:
        expected = "expected token units in plain digits, at most 78"
        raise cells.refused(column, f"{expected}, got {shown(text)}")
    return match[2] if match[2] == "0" else match[1] + match[2]


def units_g(units: str | None, decimals: int | None) -> int | None:
    """Return token units in grams; None where that is not exact, beyond the bound, or not stated.

    Args:
        decimals: 10 to this power are one tonne.
    """
    if units is None or decimals is None:
        return None
    amount_g, rest = divmod(int(units) * GRAMS_PER_TONNE, 10**decimals)
    return None if rest or abs(amount_g) > AMOUNT_MAX_G else amount_g
