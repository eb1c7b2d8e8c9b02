"""What was declared in a world beside its ledger: by host Parties, operators, beneficiaries.

An append-only list. No entry says any of it, so it is saved with the ledger, in one piece, and a
checkpoint takes it back with everything else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pydantic import ValidationError

from registry.errors import AmountError, ProfileError, UnknownBatch
from registry.operators.profiles import Profile
from registry.records.article6 import (
    Adjustment,
    Authorisation,
    BeneficiaryClaim,
    Coverage,
    FirstTransfer,
    Joined,
    Revocation,
)
from registry.records.eligibility import Eligibility
from registry.records.entry import Kind
from registry.records.identity import is_ex_ante
from registry.records.interval import Interval
from registry.records.reversal import Compensation, Contribution, Reversal
from registry.serials.intervals import subtract
from registry.units import Tonnes, tonnes_text

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

    def of(self, kind: type[D]) -> list[D]:
        """Return those of a kind, in order."""
        return [record for record in self._records if isinstance(record, kind)]

    def back_to(self, count: int) -> None:
        """Take back all but the first `count`."""
        del self._records[count:]

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


def issued_units(world: World) -> dict[tuple[str, str], list[Units]]:
    """Return what every registry issued, by registry and scope; nothing that is only expected."""
    found: dict[tuple[str, str], list[Units]] = {}
    for (registry, batch), entry in world.index.channels.issued.items():
        if entry.kind is Kind.ISSUED and not is_ex_ante(batch):
            scope = world.index.scope(registry, batch)
            project, vintage = entry.project or 0, entry.vintage or 0
            found.setdefault((registry, scope), []).extend(
                Units(registry, project, batch, scope, interval, vintage, entry.at_s)
                for interval in entry.intervals
            )
    return found


def home_units(
    world: World, registry: str, batch: int, intervals: Iterable[Interval]
) -> list[Units]:
    """Return intervals of a batch, imported or not, as pieces of what its home issued.

    Raises:
        UnknownBatch: nobody issued them in this world.
    """
    lot = world.index.channels.lots.get((registry, batch))
    home, scope = registry if lot is None else lot.home, world.index.scope(registry, batch)
    issued = issued_units(world).get((home, scope), ())
    found = []
    for interval in intervals:
        pieces = [
            units._replace(interval=common)
            for units in issued
            if (common := shared(units.interval, interval)) is not None
        ]
        if sum(units.interval.amount_g for units in pieces) != interval.amount_g:
            raise UnknownBatch(batch)
        found += pieces
    return found


def shared(one: Interval, other: Interval) -> Interval | None:
    """Return the grams that two intervals share; None where there are none."""
    common = Interval(max(one.start_g, other.start_g), min(one.end_g, other.end_g))
    return common if common.start_g < common.end_g else None


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
    return shared(units.interval, before.interval)


def left_units(units: Units, done: Iterable[FirstTransfer]) -> list[Units]:
    """Return what of some units was not transferred yet, ascending."""
    holes = [common for before in done if (common := meeting(units, before)) is not None]
    return [units._replace(interval=part) for part in subtract([units.interval], holes)]


def first_units(pieces: Iterable[Units], amount_g: int, given: Tonnes) -> list[Units]:
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
        left = tonnes_text(amount_g - missing_g)
        raise AmountError(given, f"expected more than 0 and at most {left} t, as are left")
    return found
