"""Lists of bridged tokens: token contract, and the registry's project and vintage behind it.

Such a list names no serials, so it says which tokens stand for one project and vintage, not for
which of its credits. What its prefixes stand for was read from public lists; one that nothing
explains is kept as the registry's name ("VCU", the name of Verra's unit, is one of them: nothing
says that its numbers are those of "VCS").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.errors import shown
from registry.feeds.blocks import vintage_or_none
from registry.feeds.cells import Cells
from registry.feeds.format import Format
from registry.feeds.rows import Held, Row
from registry.feeds.tokens import EX_ANTE, EX_POST, address, token_id

REGISTRIES = {
    "VCS": "Verra",
    "GS": "Gold Standard",
    "ICR": "ICR",
    "PUR": "Puro",
    "PURO": "Puro",
    "ECO": "EcoRegistry",
    "ACR": "ACR",
    "CAR": "CAR",
    "ART": "ART",
}

_PROJECT = re.compile(r"([A-Za-z][A-Za-z0-9]{0,15})-0*([0-9A-Za-z][0-9A-Za-z._-]{0,63})")
_YEARS = re.compile(r"(?:19|20)[0-9]{2} ?[-/\u2013] ?(?:19|20)[0-9]{2}")
_YEAR_MAX = 9_999
"""Lists print 9999, as they print 1970, where a token has no one vintage."""


def read_token(cells: Cells) -> Iterator[Row]:
    """Make the row of one token.

    Raises:
        FeedError: a cell is malformed.
    """
    contract = address(cells, "tokenAddress")
    # Older lists name no token: each contract in them has one kind, which newer ones call 0.
    token = token_id(cells, "tokenId") if cells.columns.has("tokenId") else "0"
    match = _PROJECT.fullmatch(cells.text("registryProjectId"))
    if match is None:
        expected = "expected a registry's prefix and project such as VCS-875"
        got = shown(cells.text("registryProjectId"))
        raise cells.refused("registryProjectId", f"{expected}, got {got}")
    prefix = match[1].upper()
    is_ex_ante = cells.flag_or_none("isExAnte", "true", "false")
    yield Held(
        registry=REGISTRIES.get(prefix, prefix),
        batch=f"{contract}/{token}",
        contract=contract,
        form=None if is_ex_ante is None else EX_ANTE if is_ex_ante else EX_POST,
        project=match[2],
        vintage=_vintage(cells),
    )


def _vintage(cells: Cells) -> int | None:
    """Return the one year of a token; None where none stands there, or several do."""
    if not cells.text("vintage") or _YEARS.fullmatch(cells.text("vintage")):
        return vintage_or_none(cells, "vintage")
    return cells.whole("vintage", most=_YEAR_MAX)


FORMATS: tuple[Format, ...] = (
    Format(
        name="bridged-tokens",
        registry="bridged tokens",
        columns=("tokenAddress", "registryProjectId"),
        sign=("tokenAddress", "registryProjectId"),
        read=read_token,
    ),
)
"""What makers of token indexes publish."""
