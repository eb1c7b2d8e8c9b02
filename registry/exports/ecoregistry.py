"""EcoRegistry's format: issued serials, and units of them that were retired."""

from __future__ import annotations

from registry.exports.sayable import credits_at_home, own_credits, whole_tonnes
from registry.exports.stated import (
    File,
    Piece,
    Stated,
    period_of,
    said_of,
    units,
)
from registry.feeds import ecoregistry, writing
from registry.feeds.blocks import Block
from registry.feeds.rows import Row
from registry.serials.serial import Serial
from registry.units import DAY_S, GRAMS_PER_TONNE


def sayable(stated: Stated) -> Stated:
    """Keep whole tonnes of its own that are here. Raises ExportError."""
    own = own_credits(stated, "EcoRegistry's export has its own only")
    whole = whole_tonnes(own, "EcoRegistry's export counts them")
    return credits_at_home(whole, "EcoRegistry's export knows no export")


def files(stated: Stated) -> tuple[File, ...]:
    """Write issuances and retirements. The public list does not tell cancellations apart."""
    issued = [_issuance(stated, piece) for piece in stated.issued]
    gone = [_retirement(stated, piece) for piece in stated.gone]
    return (
        File(
            "issuances.csv",
            "ecoregistry-issuances",
            writing.eco_issuances(row for row, _ in issued),
            [rows for _, rows in issued],
        ),
        File(
            "retirements.csv",
            "ecoregistry-retirements",
            writing.eco_retirements(row for row, _ in gone),
            [rows for _, rows in gone],
        ),
    )


def _block(stated: Stated, piece: Piece) -> tuple[Block, Serial]:
    """Return a piece as the registry's own serial has it."""
    serial = stated.own_serial(piece.line, ecoregistry.REGISTRY)
    start_g, end_g = piece.interval
    block = Block(
        registry=ecoregistry.REGISTRY,
        amount_g=piece.amount_g,
        scope=serial.scope,
        start_g=start_g,
        end_g=end_g,
        batch=serial.scope,
        serial=serial.canonical,
        spelling=serial.canonical,
        project=str(serial.project),
        vintage=stated.vintage(piece.line),
    )
    return block, serial


def _issuance(stated: Stated, piece: Piece) -> tuple[writing.EcoIssuance, list[Row]]:
    block, serial = _block(stated, piece)
    if piece.interval != (0, piece.amount_g):
        # Not the first units of this serial, or not as many as are stated: so they are named.
        first, last = units(piece.interval, serial.base)
        named = f"{serial.scope} from {first} to {last}"
        block = block._replace(serial=named, spelling=named)
    year = stated.vintage(piece.line)
    period = period_of(year)
    row = writing.EcoIssuance(
        serial=block.serial,
        verification=int(serial.get("verification") or 0),
        amount_t=piece.amount_g // GRAMS_PER_TONNE,
        issued_s=piece.line.at_s,
        year=year,
        is_buffer=serial.is_buffer,
        period_start_s=period[0],
        period_end_s=period[1] - DAY_S,
    )
    return row, [block.issued(at_s=row.issued_s, period=period)]


def _retirement(stated: Stated, piece: Piece) -> tuple[writing.EcoRetirement, list[Row]]:
    block, serial = _block(stated, piece)
    first, last = units(piece.interval, serial.base)
    said = said_of(piece)
    row = writing.EcoRetirement(
        serial=block.serial,
        first=first,
        last=last,
        amount_t=piece.amount_g // GRAMS_PER_TONNE,
        retired_s=piece.line.at_s,
        year=stated.vintage(piece.line),
        project=serial.project,
        name=stated.project(serial.project).name,
        destination=said.reason,
        end_user=said.beneficiary,
    )
    rows: list[Row] = list(
        block.disposed(
            "retirement",
            at_s=row.retired_s,
            purpose=ecoregistry.purpose(said.reason),
            reason=said.reason or None,
            beneficiary=ecoregistry.beneficiary(said.beneficiary),
        )
    )
    return row, rows
