"""Faults planted in operators' books, each with its answer key.

The codes D01 to D26 are those of the defect catalogue; a fault changes what one registry wrote down
and hands over exactly what an audit must find. The chain's own rules cannot be broken from here. A
fault is planted only in lines that the ledger confirms and no earlier fault touched, so that
several faults in one world keep their keys.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence, Set

from registry.books.book import Book
from registry.books.lines import Line, LineKind
from registry.errors import InputError
from registry.records.base import Record
from registry.records.entry import Kind
from registry.records.identity import TokenId, batch_id, number_of, project_of
from registry.records.interval import Interval
from registry.units import GRAMS_PER_TONNE
from registry.world import World

_GONE = {LineKind.RETIREMENT, LineKind.CANCELLATION}


class Planted(Record):
    """One contradiction that a fault put into the records: what an audit must find.

    Attributes:
        fault: Catalogue number, such as "D02".
        code: Code of the finding it must raise.
        at_s: When the contradiction was there to be found, seconds of the world clock.
    """

    fault: str
    code: str
    registry: str
    batch: TokenId
    start_g: int
    end_g: int
    at_s: int


class NothingToPlant(InputError):
    """The world has no record in which this fault could be."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(f"fault {fault}: no registry has a record that it could be in")


def plant_d02(world: World, rng: random.Random, books: Sequence[Book]) -> tuple[Planted, ...]:
    """Issue a block in the book that overlaps an issued one without being equal to it (DI-2).

    The block reaches beyond the last one issued in its scope, so it overlaps that one alone.
    """

    def is_last(book: Book, line: Line) -> bool:
        if line.kind is not LineKind.ISSUANCE or line.amount_g < 2 * GRAMS_PER_TONNE:
            return False
        block = line.intervals[0]
        if block.end_g != world.index.next_start(line.scope):
            return False
        return _meeting(book, line.scope, block, {LineKind.ISSUANCE}) == [line]

    book, victim = _pick("D02", rng, books, is_last)
    block = victim.intervals[0]
    shift_g = _some_of(rng, block.amount_g)
    wrong = Interval(block.start_g + shift_g, block.end_g + shift_g)
    numbers = [number_of(other.batch) for other in book.lines]
    project = project_of(victim.batch)
    second = victim.model_copy(
        update={
            "number": book.next_number,
            "at_s": world.now_s,
            "batch": batch_id(project, max(numbers) + 1),
            "intervals": (wrong,),
            "entry": None,
        }
    )
    book.append(second)
    return (
        Planted(
            fault="D02",
            code="DI-2",
            registry=book.registry,
            batch=second.batch,
            start_g=wrong.start_g,
            end_g=block.end_g,
            at_s=world.now_s,
        ),
    )


def plant_d10(world: World, rng: random.Random, books: Sequence[Book]) -> tuple[Planted, ...]:
    """Take a retirement out of the book: burned on chain, still live in the registry (BR-3)."""

    def is_confirmed(book: Book, line: Line) -> bool:
        known = (book.registry, line.id) in world.index.retirements
        return line.kind is LineKind.RETIREMENT and known

    book, line = _pick("D10", rng, books, is_confirmed)
    # The request that led to it stays: the book still believes the credits to be locked.
    book.rewrite([other for other in book.lines if other is not line])
    return _key("D10", "BR-3", book, line, line.at_s)


def plant_d12(world: World, rng: random.Random, books: Sequence[Book]) -> tuple[Planted, ...]:
    """Retire in the book what still circulates on chain (BR-2)."""

    def has_active(book: Book, line: Line) -> bool:
        if line.kind is not LineKind.ISSUANCE or not _is_on_ledger(world, book, line):
            return False
        available = world.ledger.available(book.registry, line.batch)
        room = Interval(available.cursor_g, available.end_g)
        return room.amount_g >= GRAMS_PER_TONNE and not _meeting(book, line.scope, room, _GONE)

    book, line = _pick("D12", rng, books, has_active)
    available = world.ledger.available(book.registry, line.batch)
    room_g = available.end_g - available.cursor_g
    amount_g = _some_of(rng, room_g) if room_g > GRAMS_PER_TONNE else room_g
    # The far end of the batch: what the chain would retire last.
    phantom = Interval(available.end_g - amount_g, available.end_g)
    retired = Line(
        number=book.next_number,
        at_s=world.now_s,
        kind=LineKind.RETIREMENT,
        batch=line.batch,
        amount_g=amount_g,
        account=line.account,
        scope=line.scope,
        intervals=(phantom,),
    )
    book.append(retired)
    return _key("D12", "BR-2", book, retired, world.now_s)


def _meeting(book: Book, scope: str, interval: Interval, kinds: Set[LineKind]) -> list[Line]:
    """Return the book's lines of these kinds that meet an interval; what is met is not clean."""
    return [
        line
        for line in book.lines
        if line.kind in kinds
        and line.scope == scope
        and any(piece.meets(interval) for piece in line.intervals)
    ]


def _is_on_ledger(world: World, book: Book, line: Line) -> bool:
    """Say whether the ledger knows the batch that a book names."""
    return any(
        (entry.registry, entry.batch, entry.kind) == (book.registry, line.batch, Kind.ISSUED)
        for entry in world.ledger.entries
    )


FAULTS: dict[str, Callable[[World, random.Random, Sequence[Book]], tuple[Planted, ...]]] = {
    "D02": plant_d02,
    "D10": plant_d10,
    "D12": plant_d12,
}
"""Catalogue number -> how to plant it."""


def plant(
    world: World, fault: str, rng: random.Random, registry: str | None = None
) -> tuple[Planted, ...]:
    """Plant a fault somewhere in the world's books and return its answer key.

    Args:
        fault: One of FAULTS.
        rng: Chooses where; the same generator state gives the same fault.
        registry: In whose book; in any if absent.

    Raises:
        NothingToPlant: no such book has a record that the fault could be in.
    """
    books = [book for name, book in sorted(world.books.items()) if registry in (None, name)]
    planted = FAULTS[fault](world, rng, books)
    world.settle()
    return planted


def _pick(
    fault: str,
    rng: random.Random,
    books: Sequence[Book],
    fits: Callable[[Book, Line], bool],
) -> tuple[Book, Line]:
    places = [(book, line) for book in books for line in book.lines if fits(book, line)]
    if not places:
        raise NothingToPlant(fault)
    return rng.choice(places)


def _some_of(rng: random.Random, amount_g: int) -> int:
    """Choose whole tonnes, at least one and less than all of them."""
    return rng.randrange(1, max(2, amount_g // GRAMS_PER_TONNE)) * GRAMS_PER_TONNE


def _key(fault: str, code: str, book: Book, line: Line, at_s: int) -> tuple[Planted, ...]:
    return tuple(
        Planted(
            fault=fault,
            code=code,
            registry=book.registry,
            batch=line.batch,
            start_g=piece.start_g,
            end_g=piece.end_g,
            at_s=at_s,
        )
        for piece in line.intervals
    )
