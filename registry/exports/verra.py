"""Verra's format: blocks of one counter for the whole registry, each active or gone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from registry.books.lines import LineKind
from registry.exports.sayable import covering, credits_at_home, own_credits, whole_tonnes
from registry.exports.stated import (
    GONE,
    LAND_USE,
    File,
    Piece,
    Said,
    Stated,
    active,
    day_of,
    period_of,
    said_of,
    serial_field,
)
from registry.feeds import uses, verra, writing
from registry.feeds.blocks import Block
from registry.feeds.rows import Row
from registry.records.identity import project_of
from registry.records.interval import Interval
from registry.serials.intervals import merge, subtract
from registry.units import DAY_S, GRAMS_PER_TONNE


class _Counter:
    """Gives serials of all scopes of a book their places in one counter, first come, first served.

    What was placed once keeps its place, so a later export numbers the same credits alike, and a
    serial that the book issued twice stands there twice.
    """

    def __init__(self) -> None:
        self._placed: dict[str, list[tuple[Interval, int]]] = {}
        self._next_g = 0

    def place(self, scope: str, interval: Interval) -> tuple[Interval, ...]:
        """Return where the grams of an interval are, ascending and in as few pieces as can be."""
        placed = self._placed.setdefault(scope, [])
        for new in subtract([interval], [known for known, _ in placed]):
            placed.append((new, self._next_g - new.start_g))
            self._next_g += new.amount_g
        return merge(
            Interval(
                max(known.start_g, interval.start_g) + shift_g,
                min(known.end_g, interval.end_g) + shift_g,
            )
            for known, shift_g in placed
            if known.meets(interval)
        )


def sayable(stated: Stated) -> Stated:
    """Keep whole tonnes of its own that are here. Raises ExportError."""
    own = own_credits(stated, "Verra's list has its own only")
    whole = whole_tonnes(own, "Verra's serials count them")
    return credits_at_home(whole, "Verra's list knows no export")


def files(stated: Stated) -> tuple[File, ...]:
    """Write a row for each active block, and one for each that was retired or cancelled."""
    counter = _Counter()
    batches: dict[int, int] = {}
    verified_g: dict[tuple[int, int], int] = {}
    # What is left out has its place, too, so that it does not change the others'.
    for line in stated.lines:
        if line.kind in (LineKind.ISSUANCE, *GONE):
            for interval in covering(line):
                counter.place(line.scope, interval)
            batches.setdefault(line.batch, len(batches) + 1)
        if line.kind is LineKind.ISSUANCE:
            period = project_of(line.batch), stated.vintage(line)
            verified_g[period] = verified_g.get(period, 0) + line.amount_g
    found: list[tuple[Piece, int, Interval]] = []
    for piece, left in active(stated):
        for part in left:
            blocks = counter.place(piece.line.scope, part)
            found += ((piece, block.amount_g, block) for block in blocks)
    for piece in stated.gone:
        blocks = counter.place(piece.line.scope, piece.interval)
        # A quantity unlike its block can be said of one block only.
        alike = len(blocks) > 1
        found += ((piece, block.amount_g if alike else piece.amount_g, block) for block in blocks)
    found.sort(key=lambda row: (batches[row[0].line.batch], row[2], row[0].line.number))
    written = [_transaction(stated, *row, batches[row[0].line.batch], verified_g) for row in found]
    text = writing.verra_transactions(row for row, _ in written)
    rows = [rows for _, rows in written]
    return (File("transactions.csv", "verra-transactions", text, rows),)


def _transaction(
    stated: Stated,
    piece: Piece,
    amount_g: int,
    block: Interval,
    batch: int,
    verified_g: Mapping[tuple[int, int], int],
) -> tuple[writing.VerraTransaction, list[Row]]:
    line, year = piece.line, stated.vintage(piece.line)
    project = stated.project(project_of(line.batch))
    first, last = block.start_g // GRAMS_PER_TONNE + 1, block.end_g // GRAMS_PER_TONNE
    country = stated.country(line)
    sector = serial_field(line.scope, "sector") or LAND_USE
    # The book does not say who verified: verifiers' codes are from 1 on.
    serial = (
        f"{batch}-{first}-{last}-VCS-VCU-0-VER-{country}-{sector}-{project.number}"
        f"-0101{year}-3112{year}-0"
    )
    period = period_of(year)
    is_gone = line.kind is not LineKind.ISSUANCE
    issuance = stated.issuances.get(line.batch, line)
    said = said_of(piece) if is_gone else Said()
    verified_t = verified_g.get((project.number, year), 0) // GRAMS_PER_TONNE
    row = writing.VerraTransaction(
        issued_s=day_of(issuance.at_s),
        period_start_s=period[0],
        period_end_s=period[1] - DAY_S,
        project=project.number,
        name=project.name,
        country=country_name(country),
        methodology=project.methodology,
        verified_t=verified_t,
        amount_t=amount_g // GRAMS_PER_TONNE,
        serial=serial,
        retired_s=day_of(line.at_s) if is_gone else None,
        **said._asdict(),
    )
    fact = Block(
        registry=verra.REGISTRY,
        amount_g=amount_g,
        scope="VCS",
        start_g=block.start_g,
        end_g=block.end_g,
        batch=str(batch),
        serial=serial,
        spelling=serial,
        project=str(project.number),
        vintage=year,
    )
    verified = verified_t * GRAMS_PER_TONNE
    rows: list[Row] = [fact.issued(at_s=row.issued_s, period=period, verified_g=verified)]
    if is_gone:
        rows += fact.disposed(
            "retirement",
            at_s=row.retired_s,
            purpose=uses.purpose(said.reason, said.details),
            reason=uses.joined(said.reason, said.details),
            beneficiary=uses.somebody(said.beneficiary),
        )
    return row, rows


@cache
def country_name(alpha_2: str) -> str:
    """Return a country's name in ISO 3166-1."""
    # Imported late, as everywhere: it reads its tables from disk.
    import pycountry

    found = pycountry.countries.get(alpha_2=alpha_2)
    return alpha_2 if found is None else str(found.name)
