"""What a registry's book says, piece by piece, for exports to print.

A book that is wrong is taken as wrong as it is. A lock is no disposition here: locked credits are
still issued, and their holder's. Credits at other registries are not, as they live there; what came
from another registry is no issuance of this one. What a format has no words for, `sayable` refuses
or leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from registry.books.book import Book
from registry.books.documents import document_of
from registry.books.lines import Line, LineKind
from registry.errors import ExportError, IdentifierError
from registry.feeds.countries import alpha_2
from registry.feeds.rows import Row
from registry.operators.numbering import describe_or_measure, serial_text
from registry.records.claim import Claim
from registry.records.identity import project_of
from registry.records.interval import Interval
from registry.serials.grammar import parse
from registry.serials.intervals import subtract
from registry.serials.serial import Serial
from registry.units import DAY_S, GRAMS_PER_TONNE, tonnes

if TYPE_CHECKING:
    from registry.world import World

GONE = (LineKind.RETIREMENT, LineKind.CANCELLATION)

LAND_USE = "14"
"""Sectoral scope that plain scopes stand for, as `registry.operators.numbering` has it."""


class File(NamedTuple):
    """One file of an export: its text, and the rows that a reader must make of each record."""

    name: str
    format: str
    text: str
    rows: Sequence[Sequence[Row]]


class Piece(NamedTuple):
    """One interval of an issuance, a retirement or a cancellation.

    Attributes:
        line: Of the book.
        amount_g: As the line states it: in all of a line's pieces together, its amount.
        claim: Of a retirement, as its certificate has it; None where there is none.
    """

    line: Line
    interval: Interval
    amount_g: int
    claim: Claim | None = None


class BookProject(NamedTuple):
    """What the last version of a project's document says; "" where it says nothing."""

    number: int
    name: str = ""
    country: str = ""
    methodology: str = ""
    developer: str = ""


class LeftOut(NamedTuple):
    """Serials of a batch that stand in none of an export's files.

    Attributes:
        serials: As the registry prints them.
        why: Why the format cannot say them.
    """

    batch: int
    serials: tuple[str, ...]
    amount_g: int
    why: str

    @property
    def tonnes(self) -> Decimal:
        """How much that is, t CO2e."""
        return tonnes(self.amount_g)


class Stated(NamedTuple):
    """What a book says.

    Attributes:
        lines: Of the book, but for those of batches that are left out.
        issuances: Batch -> its first issuance, in the order in which they were written.
        issued, gone, abroad: Pieces in the order of the lines; `gone` is retired or cancelled,
            `abroad` is what was exported and has not come back.
        addresses: Account -> its address as the book has it.
        owners: Batch -> the one account that holds credits of it. Inside a batch no serial is
            anybody's own, so of several holders none owns a block, and the batch is not here.
        leaves_out: Whether what a format cannot say is left out; else the book is refused.
        left_out: What was, so far.
    """

    book: Book
    lines: tuple[Line, ...]
    projects: Mapping[int, BookProject]
    issuances: Mapping[int, Line]
    issued: tuple[Piece, ...]
    gone: tuple[Piece, ...]
    abroad: tuple[Piece, ...]
    addresses: Mapping[str, str]
    owners: Mapping[int, str]
    leaves_out: bool
    left_out: tuple[LeftOut, ...] = ()

    def project(self, number: int) -> BookProject:
        """Return a project; of one without a document its number is known."""
        return self.projects.get(number, BookProject(number))

    def address(self, account: str) -> str:
        """Return an account's address; "" of one that nobody knows."""
        return self.addresses.get(account, "")

    def vintage(self, line: Line) -> int:
        """Return the vintage of a line's batch.

        Raises:
            ExportError: the book does not say.
        """
        issuance = self.issuances.get(line.batch)
        vintage = line.vintage or (issuance and issuance.vintage)
        if not vintage:
            raise self.refused(line, "expected the vintage of a batch, the book has none")
        return vintage

    def country(self, line: Line) -> str:
        """Return the host country of a line's batch, ISO 3166-1 alpha-2.

        Raises:
            ExportError: neither the project's document nor the serial says.
        """
        named = self.project(project_of(line.batch)).country or (
            serial_field(line.scope, "country") or ""
        )
        if not named:
            # Plain scopes are of our own making: name, country, project, vintage.
            named = "".join(line.scope.split("-")[1:2])
        country = alpha_2(named)
        if country is None:
            raise self.refused(line, "expected a host country, the book names none")
        return country

    def own_serial(self, line: Line, registry: str) -> Serial:
        """Return a line's scope as a serial of a registry.

        Raises:
            ExportError: it is none, or says another project or vintage than the book.
        """
        serial = serial_of(line.scope)
        if serial is None or serial.registry != registry or serial.canonical != line.scope:
            expected = f"expected serials of {registry}, as its format has no others"
            raise self.refused(line, expected)
        project, vintage = project_of(line.batch), self.vintage(line)
        if serial.project != project:
            raise self.refused(line, f"expected serials of project {project}")
        if serial.vintage not in (None, vintage):
            raise self.refused(line, f"expected serials of vintage {vintage}")
        return serial

    def refused(self, line: Line, expected: str, *intervals: Interval) -> ExportError:
        """Make the error that refuses this book because of a line."""
        serials = describe_or_measure(line.scope, intervals or line.intervals)
        return ExportError(self.book.registry, expected, batch=line.batch, serials=serials)


def stated_by(world: World, registry: str, *, leaves_out: bool = False) -> Stated:
    """Read what the book of a registry says.

    Args:
        leaves_out: See `Stated`.

    Raises:
        ExportError: there is no such book.
    """
    book = world.books.get(registry)
    if book is None:
        known = ", ".join(sorted(world.books)) or "none"
        raise ExportError(registry, f"expected the book of a registry of this world: {known}")
    issuances: dict[int, Line] = {}
    for line in book.lines:
        if line.kind is LineKind.ISSUANCE:
            issuances.setdefault(line.batch, line)
    claims = {certificate.retirement: certificate.claim for certificate in book.certificates}
    written = {account.account: account.address for account in book.accounts}
    return Stated(
        book=book,
        lines=tuple(book.lines),
        projects={
            document.project: _project(document.project, document_of(document.document))
            for document in book.documents
        },
        issuances=issuances,
        issued=tuple(_pieces(book.lines, (LineKind.ISSUANCE,), {})),
        gone=tuple(_pieces(book.lines, GONE, claims)),
        abroad=tuple(_abroad(book.lines)),
        addresses={**world.addresses(), **written},
        owners=_owners(book.lines),
        leaves_out=leaves_out,
    )


def _owners(lines: Iterable[Line]) -> dict[int, str]:
    balances: dict[int, dict[str, int]] = {}
    for line in lines:
        held = balances.setdefault(line.batch, {})
        for account, moved_g in moves(line):
            held[account] = held.get(account, 0) + moved_g
    holders = {
        batch: [account for account, balance_g in held.items() if balance_g]
        for batch, held in balances.items()
    }
    return {batch: accounts[0] for batch, accounts in holders.items() if len(accounts) == 1}


def _project(number: int, document: Mapping[str, object]) -> BookProject:
    said = {field: document.get(field) for field in BookProject._fields[1:]}
    texts = {field: text.strip() for field, text in said.items() if isinstance(text, str)}
    return BookProject(number, **texts)


def _pieces(
    lines: Iterable[Line], kinds: tuple[LineKind, ...], claims: Mapping[int, Claim]
) -> Iterator[Piece]:
    for line in lines:
        if line.kind not in kinds:
            continue
        claim = None
        if line.kind is LineKind.RETIREMENT and line.id is not None:
            claim = claims.get(line.id)
        # Where a line's amount is not its intervals', the last one has the difference.
        excess_g = line.amount_g - sum(interval.amount_g for interval in line.intervals)
        for interval in line.intervals:
            is_last = interval is line.intervals[-1]
            yield Piece(line, interval, interval.amount_g + excess_g * is_last, claim)


def _abroad(lines: Iterable[Line]) -> Iterator[Piece]:
    """Yield what was exported and not given back, as often as it was."""
    back: dict[int, list[Interval]] = {}
    for line in lines:
        if line.ends_export and line.id is not None:
            back.setdefault(line.id, []).extend(line.intervals)
    for line in lines:
        if line.kind is LineKind.EXPORT:
            for interval in subtract(line.intervals, back.get(line.id or 0, ())):
                yield Piece(line, interval, interval.amount_g)


def moves(line: Line) -> tuple[tuple[str, int], ...]:
    """Return by how many grams a line changes what accounts hold, what is locked included."""
    if line.kind is LineKind.ISSUANCE:
        return ((line.account, line.amount_g),)
    if line.kind is LineKind.TRANSFER:
        return ((line.account, -line.amount_g), (line.to, line.amount_g))
    if line.kind in (*GONE, LineKind.EXPORT):
        return ((line.account, -line.amount_g),)
    if line.kind is LineKind.IMPORT or line.ends_export:
        return ((line.account, line.amount_g),)
    return ()


def serial_of(scope: str) -> Serial | None:
    """Read a scope by the grammar of its registry; None for one of our plain ones.

    Where serials have blocks, that of the first one stands in what is read.
    """
    try:
        return parse(serial_text(scope))
    except IdentifierError:
        return None


def serial_field(scope: str, name: str) -> str | None:
    """Return a field of a scope, as its registry's grammar names it; None if there is none."""
    serial = serial_of(scope)
    return None if serial is None else serial.get(name)


def active(stated: Stated) -> Iterator[tuple[Piece, tuple[Interval, ...]]]:
    """Yield every issued piece, and what of it is here and not used up, ascending."""
    removed: dict[tuple[int, str], list[Interval]] = {}
    for piece in (*stated.gone, *stated.abroad):
        removed.setdefault((piece.line.batch, piece.line.scope), []).append(piece.interval)
    for piece in stated.issued:
        holes = removed.get((piece.line.batch, piece.line.scope), ())
        yield piece, subtract([piece.interval], holes)


class Said(NamedTuple):
    """Whom and what a retirement is for; of a cancellation what the registry calls it."""

    beneficiary: str = ""
    reason: str = ""
    details: str = ""


def said_of(piece: Piece) -> Said:
    """Return what a book says besides of a retirement, a cancellation or an export."""
    claim = piece.claim
    if claim is not None:
        return Said(claim.beneficiary.strip(), claim.purpose.strip(), claim.reason.strip())
    if piece.line.kind is LineKind.CANCELLATION:
        return Said(reason=piece.line.status or "Cancelled")
    if piece.line.kind is LineKind.EXPORT:
        return Said(reason=f"Exported to {piece.line.peer or 'another registry'}")
    return Said()


def units(interval: Interval, base: int) -> tuple[int, int]:
    """Return the first and the last whole serial of an interval."""
    return (
        interval.start_g // GRAMS_PER_TONNE + base,
        interval.end_g // GRAMS_PER_TONNE + base - 1,
    )


def period_of(year: int) -> tuple[int, int]:
    """Return a calendar year, half-open: the vintage is all that a book says of the period."""
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    return int(start.timestamp()), int(end.timestamp())


def day_of(at_s: int) -> int:
    """Return the first second of a moment's day."""
    return at_s - at_s % DAY_S
