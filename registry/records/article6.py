"""What host Parties declare under Article 6 of the Paris Agreement, and what users claim.

None of it moves a credit: a Party's list stands beside the registries' records, and whether the two
agree is for an audit to say. Words and states are those of the agreed electronic format (AEF) and
of CAD Trust's data model.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from registry.errors import IdentifierError
from registry.records.base import Record
from registry.records.identity import TokenId
from registry.records.interval import Interval
from registry.units import GRAMS_PER_TONNE, tonnes_text

_YEARS = range(1900, 2100)
Word = TypeVar("Word", bound=StrEnum)
One = TypeVar("One")


class Purpose(StrEnum):
    """For what use a Party lets mitigation outcomes be used."""

    NDC = "NDC"
    """Another Party's nationally determined contribution."""
    IMP = "IMP"
    """International mitigation purposes, such as CORSIA."""
    OP = "OP"
    """Other purposes, such as a company's voluntary claim."""


class Trigger(StrEnum):
    """When outcomes for other uses than an NDC count as transferred first."""

    AUTHORISATION = "Authorization"
    ISSUANCE = "Issuance"
    USE = "Use or cancellation"


class AdjustmentDeclaration(StrEnum):
    """Whether a Party promises a corresponding adjustment."""

    COMMITTED = "Committed"
    NOT_REQUIRED = "Not Required"
    UNKNOWN = "Unknown"


class AdjustmentStatus(StrEnum):
    """How far a corresponding adjustment is."""

    NOT_STARTED = "Not Started"
    PENDING = "Pending"
    COMPLETED = "Completed"


class Joined(Record):
    """A Party begins to keep its list: what it does not name from then on is not authorised.

    Attributes:
        party: ISO 3166-1 alpha-2.
    """

    party: str
    at_s: int


class Coverage(Record):
    """A Party says whether a project lies inside its nationally determined contribution (NDC).

    Attributes:
        inside: None where the Party does not know.
    """

    party: str
    registry: str
    project: int
    inside: bool | None
    at_s: int

    def __str__(self) -> str:
        """Say it in CAD Trust's words."""
        word = "Unknown" if self.inside is None else "Inside NDC" if self.inside else "Outside NDC"
        return f"{self.registry} project {self.project}: {word}"


class Authorisation(Record):
    """A Party authorises the use of a project's credits as mitigation outcomes.

    Attributes:
        id: Unique among all Parties'.
        approach: Cooperative approach, such as "CA0001".
        registry: The home of the units.
        project: Of that registry.
        batches: Those it is about; all of the project's where empty, later ones included.
        amount_g: Most that may be transferred first under it.
        vintages: First and last calendar year of the mitigation.
        period: Days since 1970-01-01, half-open, in which units may be transferred and used.
        entities: Who may use them; anybody where empty.
    """

    id: str
    party: str
    approach: str
    registry: str
    project: int
    batches: tuple[TokenId, ...] = ()
    amount_g: int
    purposes: tuple[Purpose, ...]
    trigger: Trigger
    vintages: tuple[int, int]
    period: tuple[int, int]
    entities: tuple[str, ...] = ()
    at_s: int

    def __str__(self) -> str:
        """Say what is authorised."""
        return (
            f"{self.id}: {tonnes_text(self.amount_g)} t of {self.registry} project {self.project} "
            f"for {' and '.join(self.purposes)}"
        )


class Revocation(Record):
    """A Party ends an authorisation under which nothing was transferred."""

    party: str
    authorisation: str
    reason: str
    at_s: int


class FirstTransfer(Record):
    """Underlying units become internationally transferred mitigation outcomes (ITMOs).

    Attributes:
        registry, scope, interval: The units, as their home counts them; whole tonnes.
        vintage: Calendar year of the mitigation.
        first: Serial of the first outcome, among those of one approach, Party and vintage.
        acquirer: Party that gets them, ISO 3166-1 alpha-2; "" where none does.
        user: Who uses them, where the use is the first transfer; else "".
        retirement: Registry and id of that use.
    """

    id: int
    party: str
    authorisation: str
    approach: str
    purpose: Purpose
    trigger: Trigger
    registry: str
    scope: str
    interval: Interval
    vintage: int
    first: int
    acquirer: str = ""
    user: str = ""
    retirement: tuple[str, int] | None = None
    at_s: int

    @property
    def last(self) -> int:
        """Serial of the last outcome."""
        return self.first + self.interval.amount_g // GRAMS_PER_TONNE - 1

    def __str__(self) -> str:
        """Say what was transferred."""
        tonnes = tonnes_text(self.interval.amount_g)
        return f"{tonnes} t of {self.scope} transferred first under {self.authorisation}"


class Adjustment(Record):
    """How a Party stands to the corresponding adjustment for some units.

    Attributes:
        year: For which the Party's balance is adjusted.
    """

    party: str
    year: int
    declaration: AdjustmentDeclaration
    status: AdjustmentStatus
    registry: str
    scope: str
    interval: Interval
    at_s: int

    def __str__(self) -> str:
        """Say it."""
        tonnes = tonnes_text(self.interval.amount_g)
        return f"{tonnes} t of {self.scope}, {self.year}: {self.declaration}, {self.status}"


class BeneficiaryClaim(Record):
    """Somebody says in public, outside the registry, that a retirement is theirs.

    Attributes:
        registry, retirement: Which retirement.
        home, scope, intervals: The grams claimed, as the home of the credits counts them.
    """

    registry: str
    retirement: int
    batch: TokenId
    beneficiary: str
    purpose: str
    home: str
    scope: str
    intervals: tuple[Interval, ...]
    at_s: int

    def __str__(self) -> str:
        """Say who claims what."""
        return f"{self.beneficiary} claims retirement {self.retirement} of {self.registry}"


# What a script gives, as these records have it.


def word_of(kind: type[Word], given: str) -> Word:
    """Return a word of a list of words. Raises IdentifierError."""
    try:
        return kind(given)
    except ValueError as error:
        expected = f"expected one of {', '.join(kind)}"
        raise IdentifierError(given, kind.__name__, expected) from error


def listed(what: str, given: Iterable[One], kind: type[One]) -> tuple[One, ...]:
    """Return a list as it is given. Raises IdentifierError for another thing, and other members.

    A text is a list of letters to Python, and one name to whoever wrote it.
    """
    if not isinstance(given, str) and isinstance(given, Iterable):
        found = tuple(given)
        if all(isinstance(one, kind) for one in found):
            return found
    raise IdentifierError(given, what, f"expected a list of {what}")


def purposes_of(given: Iterable[Purpose | str]) -> tuple[Purpose, ...]:
    """Return purposes in the order of the format, each once. Raises IdentifierError."""
    words = [given] if isinstance(given, str) else listed("purposes", given, str)
    found = {word_of(Purpose, word) for word in words}
    if not found:
        raise IdentifierError((), "Purpose", f"expected one of {', '.join(Purpose)}")
    return tuple(purpose for purpose in Purpose if purpose in found)


def year_of(given: object) -> int:
    """Return a calendar year. Raises IdentifierError."""
    if type(given) is not int or given not in _YEARS:
        raise IdentifierError(given, "year", "expected one from 1900 to 2099")
    return given


def vintages_of(given: int | tuple[int, int]) -> tuple[int, int]:
    """Return the first and the last year. Raises IdentifierError."""
    first, last = given if isinstance(given, tuple) and len(given) == 2 else (given, given)
    if year_of(last) < year_of(first):
        raise IdentifierError(given, "vintages", "expected the first year before the last")
    return year_of(first), year_of(last)
