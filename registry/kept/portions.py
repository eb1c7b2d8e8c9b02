"""Which of some units a declaration is about: what of them is alive, free and whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from registry.errors import AmountError, UsedAlready
from registry.kept.declarations import Units, Used, meeting
from registry.operators.numbering import describe_or_measure
from registry.records import result as res
from registry.records.article6 import FirstTransfer
from registry.records.interval import Interval
from registry.serials.intervals import subtract
from registry.units import GRAMS_PER_TONNE, Tonnes, grams, tonnes_text

if TYPE_CHECKING:
    from registry.world import World

NAMED_MAX: Final = 5
"""Ranges of serials that a message names; a batch in crumbs would have thousands."""


def transferable_units(
    world: World, record: res.Batch | Used, pieces: Sequence[Units], tonnes: Tonnes | None
) -> Sequence[Units]:
    """Return what of a record's units may become outcomes.

    A batch stands for those of its serials that nobody used: what was converted or retired, at
    whatever registry, is no batch's any more, and can be named by its own record alone.

    Args:
        pieces: The units of the record, as their home knows them.
        tonnes: How much, from the first whole serial on that is not transferred; all of `pieces` if
            absent, whole or not.

    Raises:
        UsedAlready: all of a batch, of which serials were used.
        AmountError: nothing, or more than there is in whole serials.
    """
    if isinstance(record, res.Batch):
        alive = _alive(world, pieces)
        if tonnes is None and alive != pieces:
            gone = [part for piece in pieces for part in _without(piece, alive)]
            raise UsedAlready(record.batch, serials_of(gone))
        pieces = alive
    if tonnes is None:
        return pieces
    done = world.knowledge.declarations.of(FirstTransfer)
    left = [part for piece in pieces for part in _left(piece, done)]
    return first_units(_whole(left), grams(tonnes), tonnes)


def first_units(pieces: Sequence[Units], amount_g: int, given: Tonnes) -> list[Units]:
    """Return the first grams of some pieces.

    Args:
        given: The amount as it was asked for, for the message.

    Raises:
        AmountError: nothing, or more than there is.
    """
    found, missing_g = [], amount_g
    for piece in pieces:
        start_g, end_g = piece.interval
        end_g = min(end_g, start_g + missing_g)
        if start_g < end_g:
            found.append(piece._replace(interval=Interval(start_g, end_g)))
            missing_g -= end_g - start_g
    if missing_g or not amount_g:
        left = tonnes_text(sum(piece.interval.amount_g for piece in pieces))
        named = f": {'; '.join(serials_of(pieces))}" if pieces else ""
        raise AmountError(given, f"expected more than 0 and at most {left} t, as are left{named}")
    return found


def serials_of(pieces: Sequence[Units]) -> tuple[str, ...]:
    """Print the serials of some units: of many ranges the first few, and how many more."""
    texts = [describe_or_measure(piece.scope, [piece.interval])[0] for piece in pieces[:NAMED_MAX]]
    more = len(pieces) - len(texts)
    return (*texts, f"{more} more") if more else tuple(texts)


def _alive(world: World, pieces: Sequence[Units]) -> list[Units]:
    """Return what nobody retired or cancelled, at whatever registry."""
    index = world.index
    gone: dict[tuple[str, str], list[Interval]] = {
        (piece.registry, piece.scope): [] for piece in pieces
    }
    for table in (index.retirements, index.cancellations):
        for (registry, _), entry in table.items():
            batch = entry.batch or 0
            lot = index.channels.lots.get((registry, batch))
            place = (registry if lot is None else lot.home, index.scope(registry, batch))
            if place in gone:
                gone[place] += entry.intervals
    return [
        piece._replace(interval=part)
        for piece in pieces
        for part in subtract([piece.interval], gone[piece.registry, piece.scope])
    ]


def _left(units: Units, done: Iterable[FirstTransfer]) -> list[Units]:
    """Return what was not transferred yet, ascending."""
    holes = [common for before in done if (common := meeting(units, before)) is not None]
    return [units._replace(interval=part) for part in subtract([units.interval], holes)]


def _without(units: Units, alive: Iterable[Units]) -> list[Units]:
    holes = [other.interval for other in alive]
    return [units._replace(interval=part) for part in subtract([units.interval], holes)]


def _whole(pieces: Iterable[Units]) -> list[Units]:
    """Return the whole serials, of which each is a tonne and an outcome."""
    found = []
    for piece in pieces:
        start_g, end_g = piece.interval
        start_g += -start_g % GRAMS_PER_TONNE
        end_g -= end_g % GRAMS_PER_TONNE
        if start_g < end_g:
            found.append(piece._replace(interval=Interval(start_g, end_g)))
    return found
