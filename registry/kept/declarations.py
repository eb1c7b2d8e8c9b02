"""What was declared in a world beside its ledger: by host Parties, operators, beneficiaries.

An append-only list. No entry says any of it, so it is saved with the ledger, in one piece, and a
checkpoint takes it back with everything else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import ValidationError

from registry.errors import (
    IdentifierError,
    ProfileError,
    UnknownBatch,
    UnknownDisposition,
)
from registry.operators.profiles import Profile
from registry.records import result as res
from registry.records.article6 import (
    Adjustment,
    Authorisation,
    BeneficiaryClaim,
    Coverage,
    FirstTransfer,
    Joined,
    Revocation,
)
from registry.records.claim import Claim
from registry.records.eligibility import Eligibility
from registry.records.entry import Entry, Kind
from registry.records.identity import is_ex_ante
from registry.records.interval import Interval
from registry.records.reversal import Compensation, Contribution, Reversal
from registry.serials.intervals import subtract

if TYPE_CHECKING:
    from registry.world import World

Declared = (
    Joined
    | Coverage
    | Authorisation
    | Revocation
    | FirstTransfer
    | Adjustment
    | BeneficiaryClaim
    | Contribution
    | Reversal
    | Compensation
    | Eligibility
    | Profile
)
D = TypeVar("D", bound=Declared)
Used = res.Retirement | res.Cancellation

_KINDS: Mapping[str, type[Declared]] = {
    kind.__name__: kind
    for kind in (
        *(Joined, Coverage, Authorisation, Revocation, FirstTransfer, Adjustment),
        *(BeneficiaryClaim, Contribution, Reversal, Compensation, Eligibility, Profile),
    )
}


class Declarations:
    """The list, and how much of it is safe in the folder."""

    def __init__(self) -> None:
        self._records: list[Declared] = []
        self._of: dict[type[Any], list[Any]] = {kind: [] for kind in _KINDS.values()}
        self._saved = 0
        self._handed = 0

    def __iter__(self) -> Iterator[Declared]:
        """Return them in the order in which they were made."""
        return iter(self._records)

    def __len__(self) -> int:
        """Count them."""
        return len(self._records)

    def add(self, record: Declared) -> None:
        """Add one."""
        self._records.append(record)
        self._of[type(record)].append(record)

    def of(self, kind: type[D]) -> list[D]:
        """Return those of a kind, in order."""
        return list(self._of[kind])

    def back_to(self, count: int) -> None:
        """Take back all but the first `count`."""
        while len(self._records) > count:
            self._of[type(self._records.pop())].pop()

    def changes(self) -> dict[bytes, bytes | None]:
        """Return what must be saved now; until `saved` is called nothing is taken for saved."""
        found: dict[bytes, bytes | None] = {}
        for number, record in enumerate(self._records[self._saved :], self._saved):
            text = json.dumps({type(record).__name__: record.model_dump(mode="json")})
            found[_key(number)] = text.encode()
        for number in range(len(self._records), self._handed):
            # It was taken back because it could not be saved, and must not be saved later.
            found[_key(number)] = None
        self._handed = max(self._handed, len(self._records))
        return found

    def saved(self) -> None:
        """Learn that all that `changes` returned is safe."""
        self._saved = self._handed = len(self._records)

    def recall(self, pairs: Mapping[bytes, bytes]) -> None:
        """Take what was saved.

        Raises:
            ValueError: something there that was never saved.
        """
        for number, key in enumerate(sorted(pairs)):
            said = json.loads(pairs[key])
            if key != _key(number) or not isinstance(said, dict) or len(said) != 1:
                raise ValueError("declarations that are not whole")
            ((name, fields),) = said.items()
            if name not in _KINDS:
                raise ValueError(f"no declaration {name}")
            try:
                # From JSON, because strict records take lists for tuples from nowhere else.
                self.add(_KINDS[name].model_validate_json(json.dumps(fields)))
            except (ValidationError, ProfileError) as error:
                raise ValueError(str(error)) from error
        self.saved()


def _key(number: int) -> bytes:
    return number.to_bytes(8, "big")


# As units of their home.


class Units(NamedTuple):
    """Credits as their home knows them: one interval of one batch."""

    registry: str
    project: int
    batch: int
    scope: str
    interval: Interval
    vintage: int
    at_s: int


def issued_units(world: World) -> Iterator[Units]:
    """Yield what every registry issued, in order; nothing that is only expected."""
    for registry, batch in world.index.channels.issued:
        yield from _issued(world, registry, batch)


def _issued(world: World, registry: str, batch: int) -> Iterator[Units]:
    entry = world.index.channels.issued.get((registry, batch))
    if entry is None or entry.kind is not Kind.ISSUED or is_ex_ante(batch):
        return
    scope = world.index.scope(registry, batch)
    project, vintage = entry.project or 0, entry.vintage or 0
    for interval in entry.intervals:
        yield Units(registry, project, batch, scope, interval, vintage, entry.at_s)


def home_units(
    world: World, registry: str, batch: int, intervals: Iterable[Interval]
) -> list[Units]:
    """Return intervals of a batch, imported or not, as pieces of what its home issued.

    Where a world without a guard has grams of an imported batch twice at home, they are those of
    the batch that was issued first.

    Raises:
        UnknownBatch: nobody issued them in this world.
    """
    lot = world.index.channels.lots.get((registry, batch))
    if lot is None:
        issued = list(_issued(world, registry, batch))
    else:
        issued = _issued_in(world, lot.home, world.index.scope(registry, batch))
    return _pieces(issued, batch, intervals)


def _issued_in(world: World, registry: str, scope: str) -> list[Units]:
    place = (registry, scope)
    return [units for units in issued_units(world) if (units.registry, units.scope) == place]


def _pieces(issued: Sequence[Units], batch: int, intervals: Iterable[Interval]) -> list[Units]:
    found = []
    for interval in intervals:
        missing = [interval]
        for units in issued:
            common = [part for one in missing if (part := units.interval.shared(one)) is not None]
            found += [units._replace(interval=part) for part in common]
            missing = list(subtract(missing, common))
        if missing:
            raise UnknownBatch(batch)
    return found


def units_of(world: World, record: res.Batch | Used | FirstTransfer) -> list[Units]:
    """Return what a record is about, as units of their home.

    Raises:
        IdentifierError: no such record.
        UnknownBatch, UnknownDisposition: another world's, or one that was taken back.
    """
    if isinstance(record, FirstTransfer):
        done = world.knowledge.declarations.of(FirstTransfer)
        if record not in done[record.id - 1 : record.id]:
            raise IdentifierError(record, "record", "expected what `first_transfer` returned")
        issued = _issued_in(world, record.registry, record.scope)
        return _pieces(issued, 0, [record.interval])
    if isinstance(record, res.Batch):
        return home_units(world, record.registry, record.batch, [record.interval])
    use_entry(world, record)
    return home_units(world, record.registry, record.batch, record.intervals)


def use_entry(world: World, used: Used) -> Entry:
    """Return the entry of a retirement or cancellation.

    Raises:
        IdentifierError: no such record.
        UnknownDisposition: the ledger has none of this id, or says something else of it.
    """
    if not isinstance(used, Used):
        raise IdentifierError(used, "record", "expected what a step returned")
    index, place = world.index, (used.registry, used.id)
    is_retired = isinstance(used, res.Retirement)
    entry = (index.retirements if is_retired else index.cancellations).get(place)
    if entry is None or (entry.batch, entry.intervals) != (used.batch, used.intervals):
        raise UnknownDisposition(*place)
    if isinstance(used, res.Retirement) and claim_of(world, entry) != used.claim:
        raise UnknownDisposition(*place)
    return entry


def claim_of(world: World, retired: Entry) -> Claim | None:
    """Return the claim of a final retirement; its request has it where there was one."""
    asked = world.index.requests.get((retired.registry, retired.id or 0))
    return retired.claim or (None if asked is None else asked.claim)


def declare(world: World, *records: Declared) -> None:
    """Add records to a world's list, all or none; in a folder they are safe when this returns.

    Raises:
        EngineClosed, WorldError: nothing can be written.
        StoreError: they cannot be saved, and are taken back.
    """
    world.archive.check_writable()
    with world.all_or_nothing():
        for record in records:
            world.knowledge.declarations.add(record)


def meeting(units: Units, before: FirstTransfer | Adjustment) -> Interval | None:
    """Return the grams of some units that were transferred or adjusted before; None if none."""
    if (units.registry, units.scope) != (before.registry, before.scope):
        return None
    return units.interval.shared(before.interval)
