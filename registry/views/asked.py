"""What somebody means who asks about serials: a printed text, a step's record, or plain grams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.errors import AmbiguousSerial, IdentifierError
from registry.operators.numbering import describe_or_measure, read_described
from registry.records import result as res
from registry.records.interval import Interval
from registry.serials.grammar import parse
from registry.serials.intervals import merge
from registry.units import AMOUNT_MAX_G

if TYPE_CHECKING:
    from registry.world import World

Counted = (
    res.Batch
    | res.Retirement
    | res.RetirementRequest
    | res.Cancellation
    | res.Lock
    | res.Export
    | res.GivenUp
)
"""What a step returns that says which serials it was about."""
Asked = Interval | str | Counted

_ACCEPTED = "expected a serial's text, a step's record with serials, or an interval and its scope"
_SHOWN = 3


def grams_asked(world: World, asked: Asked, scope: str | None) -> tuple[str, tuple[Interval, ...]]:
    """Say which grams of which scope are meant; whether they were ever issued is not checked.

    Returns:
        The scope, and its intervals in normal form: ascending, apart from each other.

    Raises:
        AmbiguousSerial: a text that two scopes of the world print, without its scope.
        IdentifierError: none of what can be asked, or a record of another world.
    """
    if scope is not None and not isinstance(scope, str):
        raise IdentifierError(scope, "scope", f"expected text, not {type(scope).__name__}")
    if isinstance(asked, str):
        scope, interval = _of_text(world, asked, scope)
        return scope, (interval,)
    if isinstance(asked, Counted):
        return _of_record(world, asked, scope)
    if not isinstance(asked, tuple) or len(asked) != 2:
        raise IdentifierError(str(asked), "interval", _ACCEPTED)
    interval = Interval(*asked)
    if not all(type(bound) is int for bound in interval) or not interval.is_valid():
        raise IdentifierError(str(asked), "interval", "expected 0 <= start < end, in grams")
    if scope is None:
        expected = "expected its scope besides, as each scope counts from its own first gram"
        raise IdentifierError(str(asked), "interval", expected)
    return scope, (interval,)


def never_issued(world: World, asked: Asked, scope: str) -> IdentifierError:
    """Make the error that refuses serials which no registry of the world has issued."""
    issued = [piece for own, pieces in _issued(world) if own == scope for piece in pieces]
    only = "none of its scope was"
    if issued:
        texts = describe_or_measure(scope, merge(issued))
        more = f" and {len(texts) - _SHOWN} ranges more" if len(texts) > _SHOWN else ""
        only = f"of its scope, only these were: {', '.join(texts[:_SHOWN])}{more}"
    expected = f"expected serials that were issued in this world; {only}"
    kind = "serial" if isinstance(asked, str) else "interval"
    return IdentifierError(str(asked), kind, expected)


def _of_text(world: World, text: str, scope: str | None) -> tuple[str, Interval]:
    found = _printed(world, " ".join(text.split()), scope)
    if not found:
        try:
            serial = parse(text)
        except IdentifierError as error:
            what = "a text that steps print as serials here"
            if scope is not None:
                what += f", of {scope}"
            expected = f"expected {what}, or a public registry's serial: {error.expected}"
            raise IdentifierError(text, "serial", expected) from error
        # A serial without a block names all that its registry counts under it.
        plain = {serial.scope: serial.interval or Interval(0, AMOUNT_MAX_G)}
        found = _printed(world, serial.canonical, scope) or plain
    if scope is not None:
        if scope not in found:
            raise IdentifierError(text, "serial", f"expected a serial of {scope}")
        return scope, found[scope]
    if len(found) > 1:
        raise AmbiguousSerial(text, tuple(found))
    return next(iter(found.items()))


def _printed(world: World, text: str, scope: str | None) -> dict[str, Interval]:
    """Return scope -> grams for the scopes that print this text; only issued ones, if any are."""
    read: dict[str, Interval | None] = {}
    found: dict[str, Interval] = {}
    issued: dict[str, Interval] = {}
    for own, pieces in _issued(world):
        if own not in read:
            read[own] = read_described(own, text) if scope in (None, own) else None
        grams = read[own]
        if grams is None:
            continue
        found[own] = grams
        if any(grams.meets(piece) for piece in pieces):
            issued[own] = grams
    return issued or found


def _issued(world: World) -> list[tuple[str, tuple[Interval, ...]]]:
    """Return scope and grams of every batch, in the order in which they were made."""
    return [
        (world.index.scope(registry, batch), made.intervals)
        for (registry, batch), made in world.index.channels.issued.items()
    ]


def _of_record(
    world: World, record: Counted, scope: str | None
) -> tuple[str, tuple[Interval, ...]]:
    place = (record.registry, record.batch)
    made = world.index.channels.issued.get(place)
    if made is None:
        raise _foreign(record)
    own = world.index.scope(*place)
    intervals = made.intervals if isinstance(record, res.Batch) else record.intervals
    if describe_or_measure(own, intervals) != record.serials:
        raise _foreign(record)
    if scope not in (None, own):
        raise IdentifierError(scope, "scope", f"expected {own}, that of the record, or none")
    return own, merge(intervals)


def _foreign(record: Counted) -> IdentifierError:
    return IdentifierError(str(record), "record", "expected one that a step of this world returned")
