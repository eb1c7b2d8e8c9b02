"""Where a serial interval came from, where it went, and what it is now: project to certificate."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from registry.operators.numbering import describe_or_measure
from registry.records.base import Record
from registry.records.entry import Entry, Kind
from registry.records.interval import Interval
from registry.records.project import period_text
from registry.units import tonnes_text
from registry.views.anew import Anew
from registry.views.asked import Asked, grams_asked, never_issued

if TYPE_CHECKING:
    from registry.world import World

_WORDS: dict[Kind, tuple[str, str]] = {
    Kind.ISSUED: ("issued to {account}", "active"),
    Kind.LOCKED: ("locked for {account}: {text}", "locked"),
    Kind.RELEASED: ("released to {account}", "active"),
    Kind.RETIREMENT_REQUESTED: ("retirement asked for by {account}", "locked"),
    Kind.RETIREMENT_REVERTED: ("retirement reverted to {account}", "active"),
    Kind.RETIREMENT_FINALISED: ("retirement finalised for {account}", "retired"),
    Kind.RETIRED: ("retired by {account}", "retired"),
    Kind.CANCELLED: ("cancelled by {account}: {text}", "cancelled"),
    Kind.EXPORTED: ("left {account} for {peer}", "exported"),
    Kind.EXPORT_COMPENSATED: ("export given back to {account}", "active"),
    Kind.IMPORTED: ("arrived from {peer} for {account}", "active"),
    Kind.RETURNED: ("came back from {peer} to {account}", "active"),
}
"""Kind of entry -> what it says, and where the grams are after it."""
_ORIGINS = {Kind.PROJECT_REGISTERED, Kind.PROJECT_UPDATED, Kind.STATEMENT_RECORDED}


class TraceStep(Record):
    """One fact about an interval, or about where it comes from.

    Attributes:
        seq: The ledger's entry.
        interval: The part of the interval asked about; None where the fact is about all of it.
    """

    seq: int
    at_s: int
    registry: str
    what: str
    interval: Interval | None = None

    def __str__(self) -> str:
        """Say who did what to how much."""
        amount = "" if self.interval is None else f" {tonnes_text(self.interval.amount_g)} t"
        return f"{self.registry}:{amount} {self.what}"


class Place(Record):
    """Where part of an interval is: at a registry, active, locked, exported, retired, cancelled."""

    registry: str
    state: str
    interval: Interval
    serials: tuple[str, ...]

    def __str__(self) -> str:
        """Say what is where."""
        return f"{self.registry}: {', '.join(self.serials)} {self.state}"


class Trace(Record):
    """The life of a serial interval.

    Attributes:
        scope, intervals: What was asked about, in its home's count: ascending, disjoint.
        steps: From the project's document on, in the order of the ledger. What was converted is
            followed to the other registry's serials in words only: ask about those by themselves.
        places: Where it is now, by registry in the order of arrival, ascending. An interval that
            is exported at home is somewhere else besides.
    """

    scope: str
    intervals: tuple[Interval, ...]
    steps: tuple[TraceStep, ...]
    places: tuple[Place, ...]

    @property
    def interval(self) -> Interval:
        """From the first gram asked about to the last, with any gaps between."""
        return Interval(self.intervals[0].start_g, self.intervals[-1].end_g)

    @property
    def active_at(self) -> tuple[str, ...]:
        """The registries at which some of it can move; more than one says nothing by itself."""
        return tuple(dict.fromkeys(p.registry for p in self.places if p.state == "active"))

    def __str__(self) -> str:
        """Tell it line by line."""
        return "\n".join(str(part) for part in (*self.steps, "now:", *self.places))


def trace(world: World, asked: Asked, scope: str | None = None) -> Trace:
    """Follow serials through all registries.

    Inside a batch credits are fungible, so nobody knows who held which serials while they were
    active: transfers between accounts are no steps.

    Raises:
        AmbiguousSerial: a text that two registries of the world print, without its scope.
        IdentifierError: no serial, or one that was never issued in this world.
    """
    scope, intervals = grams_asked(world, asked, scope)
    anew = Anew(world)
    steps: list[TraceStep] = []
    segments: dict[str, list[tuple[Interval, str]]] = {}
    known: dict[tuple[str, int | None], list[Entry]] = defaultdict(list)
    for entry in world.ledger.entries:
        if entry.kind in _ORIGINS:
            known[entry.registry, entry.project].append(entry)
        if entry.batch is None or not entry.intervals:
            continue
        if world.index.scope(entry.registry, entry.batch) != scope:
            continue
        for part in _parts(entry.intervals, intervals):
            if entry.kind is Kind.ISSUED:
                steps += _origin(world, entry, known[entry.registry, entry.project])
            steps += _told(world, entry, part, anew)
            _place(segments.setdefault(entry.registry, []), part, _WORDS[entry.kind][1])
    if not steps:
        raise never_issued(world, asked, scope)
    places = tuple(
        Place(
            registry=registry,
            state=state,
            interval=part,
            serials=describe_or_measure(scope, (part,)),
        )
        for registry, here in segments.items()
        for part, state in _merged(here)
    )
    ordered = dict.fromkeys(sorted(steps, key=lambda step: step.seq))
    return Trace(scope=scope, intervals=intervals, steps=tuple(ordered), places=places)


def _parts(pieces: Iterable[Interval], asked: Sequence[Interval]) -> Iterator[Interval]:
    """Yield what an entry's pieces have of what is asked about, which is disjoint, ascending."""
    for piece in pieces:
        first = bisect_right(asked, piece.start_g, key=lambda each: each.end_g)
        for each in asked[first:]:
            part = piece.shared(each)
            if part is None:
                break
            yield part


def _origin(world: World, issued: Entry, known: Iterable[Entry]) -> Iterator[TraceStep]:
    """Yield what an issue rests on: the project's documents at that time, and its statement."""
    for entry in known:
        what = ""
        if entry.kind is not Kind.STATEMENT_RECORDED:
            documents = world.index.documents(entry.registry, entry.project or 0)
            name = documents.get(entry.version or 0, {}).get("name", "")
            what = f"document {entry.version} of project {entry.project} {name}, root {entry.root}"
        elif entry.statement == issued.statement:
            verified = f"{tonnes_text(entry.amount_g or 0)} t"
            assert entry.period is not None
            what = f"{entry.account} verified {verified} for {period_text(entry.period)}"
        if what:
            yield TraceStep(seq=entry.seq, at_s=entry.at_s, registry=entry.registry, what=what)


def _told(world: World, entry: Entry, part: Interval, anew: Anew) -> Iterator[TraceStep]:
    fields = {"account": entry.account, "text": entry.text or "-", "peer": entry.peer}
    what = _WORDS[entry.kind][0].format(**fields)
    step = TraceStep(
        seq=entry.seq, at_s=entry.at_s, registry=entry.registry, what=what, interval=part
    )
    yield step
    if entry.kind in {Kind.RETIRED, Kind.RETIREMENT_FINALISED}:
        claimed = entry
        if entry.claim is None:
            asked = world.index.requests[entry.registry, entry.id or 0]
            claimed = entry.model_copy(update={"claim": asked.claim})
        says = "proves it" if world.ledger.certifies(claimed) else "does not prove it"
        claim = claimed.claim
        whom = f"{claim.beneficiary}, {claim.purpose}" if claim else "-"
        yield step.model_copy(update={"what": f"certificate {entry.id} for {whom} {says}"})
    converted = anew.told(entry, part)
    if converted is not None:
        yield step.model_copy(update={"what": converted})


def _place(here: list[tuple[Interval, str]], part: Interval, state: str) -> None:
    """Put an interval into a state, whatever it was in before; `here` is disjoint, ascending."""
    first = bisect_right(here, part.start_g, key=lambda each: each[0].end_g)
    last = bisect_left(here, part.end_g, key=lambda each: each[0].start_g)
    met, found = here[first:last], [(part, state)]
    if met and met[0][0].start_g < part.start_g:
        found.insert(0, (Interval(met[0][0].start_g, part.start_g), met[0][1]))
    if met and met[-1][0].end_g > part.end_g:
        found.append((Interval(part.end_g, met[-1][0].end_g), met[-1][1]))
    here[first:last] = found


def _merged(here: Iterable[tuple[Interval, str]]) -> list[tuple[Interval, str]]:
    """Join neighbours in one state."""
    found: list[tuple[Interval, str]] = []
    for part, state in here:
        if found and found[-1][1] == state and found[-1][0].end_g == part.start_g:
            found[-1] = (Interval(found[-1][0].start_g, part.end_g), state)
        else:
            found.append((part, state))
    return found
