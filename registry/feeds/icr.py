"""ICR's token holders: who holds how much of which token, as its contracts' index prints it.

One row per holder and token. Amounts are in the token's own units, of which 10 to the power of
`decimals` are meant to be one tonne. That has not always held: before the registry redenominated
its tokens it printed 18 decimals where one unit was one tonne. So units are kept as they stand and
grams stand beside them only where they are exact. A negative balance or supply is data, too.

A retirement certificate without decimals counts itself, not tonnes.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.errors import FeedError, shown
from registry.feeds.cells import Cells
from registry.feeds.format import Format
from registry.feeds.rows import Held, Row
from registry.feeds.tokens import (
    CERTIFICATE,
    DECIMALS_MAX,
    EX_ANTE,
    EX_POST,
    address,
    token_id,
    units_g,
    units_or_none,
)
from registry.serials.columns import Parsed

REGISTRY = "ICR"

_SERIAL = "serialization"
_FORMS = {
    "exante": EX_ANTE,
    "expost": EX_POST,
    "certificate": CERTIFICATE,
    "retirement": CERTIFICATE,
    "retirementcertificate": CERTIFICATE,
}


def read_holder(cells: Cells) -> Iterator[Row]:
    """Make the row of one holder of one token.

    A serial that does not parse stays as text: the row says who holds what all the same.

    Raises:
        FeedError: a cell is malformed.
    """
    contract, token = address(cells, "projectAddress"), token_id(cells, "tokenId")
    account = address(cells, "accountAddress") if cells.text("accountAddress") else ""
    form = _form(cells)
    decimals = None
    if cells.text("decimals"):
        decimals = cells.whole("decimals", most=DECIMALS_MAX)
    balance = units_or_none(cells, "balance")
    supply = units_or_none(cells, "supply")
    scale = None if form == CERTIFICATE and not decimals else decimals
    serial = _serial(cells)
    yield Held(
        registry=REGISTRY,
        account=account,
        batch=f"{contract}/{token}",
        balance_g=units_g(balance, scale),
        supply_g=units_g(supply, scale),
        serial=serial.canonical if serial else cells.text_or_none(_SERIAL),
        spelling=cells.raw(_SERIAL) or None,
        scope=serial.scope if serial else None,
        contract=contract,
        form=form,
        project=serial.project if serial else None,
        vintage=serial.vintage if serial else None,
        decimals=decimals,
        balance_units=balance,
        supply_units=supply,
    )


def _serial(cells: Cells) -> Parsed | None:
    try:
        return cells.serial(_SERIAL, REGISTRY)
    except FeedError:
        return None


def _form(cells: Cells) -> str | None:
    # The contracts' index itself calls the column "type".
    text = cells.text("assetType") or cells.text("type")
    if not text:
        return None
    form = _FORMS.get("".join(filter(str.isalpha, text)).casefold())
    if form is None:
        expected = "expected ExPost, ExAnte or RetirementCertificate"
        raise cells.refused("assetType", f"{expected}, got {shown(text)}")
    return form


FORMATS: tuple[Format, ...] = (
    Format(
        name="icr-holders",
        registry=REGISTRY,
        columns=("projectAddress", "accountAddress", "tokenId", "balance"),
        sign=("projectAddress", "accountAddress"),
        read=read_holder,
        serial_column=_SERIAL,
    ),
)
"""What the index of ICR's contracts publishes."""
