"""What a lifecycle script gets back from each step."""

from __future__ import annotations

from decimal import Decimal

from registry.errors import batch_text
from registry.records.base import Record
from registry.records.claim import Claim
from registry.records.identity import TokenId
from registry.records.interval import Interval
from registry.records.project import period_text
from registry.units import tonnes_text


class Account(Record):
    """Somebody who can hold credits, at every registry of the world."""

    name: str
    jurisdiction: str = ""

    def __str__(self) -> str:
        """Name the account."""
        return self.name


class Project(Record):
    """A registered project; `root` is the Merkle root of version `version` of its document."""

    registry: str
    number: int
    name: str
    country: str | None
    developer: str
    version: int
    root: str

    def __str__(self) -> str:
        """Say which project at which registry."""
        return f"{self.registry} project {self.number}, {self.name} ({self.country or '-'})"


class Statement(Record):
    """A verifier's statement: how much may be issued for a project's period, over life.

    Attributes:
        id: Hash of the statement, as the contracts know it.
        period: Days since 1970-01-01, half-open.
        ordinal: Which verification of the project it is, from 1.
    """

    registry: str
    id: str
    project: int
    period: tuple[int, int]
    amount_g: int
    verifier: str
    report: str
    ordinal: int

    def __str__(self) -> str:
        """Say who verified what."""
        tonnes = tonnes_text(self.amount_g)
        return f"{self.verifier} verified {tonnes} t for {period_text(self.period)}"


class _OfBatch(Record):
    registry: str
    batch: TokenId
    amount_g: int

    @property
    def tonnes(self) -> str:
        """The amount in tonnes, as exact decimal text."""
        return tonnes_text(self.amount_g)


class Batch(_OfBatch):
    """One issuance of one project vintage, or one import; `batch` is the token id.

    Attributes:
        project: 0 for what was imported: no project of this registry.
        scope, interval, serials: As the registry counts them that first issued the credits.
        statement: The verifier's; None for what was imported.
        home: The registry that first issued the credits, where it is another one.
        export: Id there under which they are outstanding: an export, or a lock for a mirror.
    """

    project: int
    vintage: int
    holder: str
    scope: str
    interval: Interval
    serials: tuple[str, ...]
    statement: Statement | None = None
    home: str | None = None
    export: int | None = None

    def __str__(self) -> str:
        """Say what was issued, with its serials."""
        return f"{self.registry} batch {batch_text(self.batch)}: {', '.join(self.serials)}"


class Transfer(_OfBatch):
    """Credits that moved, by their holder or by order."""

    source: str
    to: str

    def __str__(self) -> str:
        """Say what moved."""
        return f"{self.tonnes} t of batch {batch_text(self.batch)} from {self.source} to {self.to}"


class Proof(Record):
    """What proves one datum of a project's document.

    Attributes:
        path: Where the datum stands, such as "location/country".
        value: Its canonical text.
        version: Of the document, from 1.
        siblings: Hashes on the way from the datum to the root, 0x-prefixed hex.
    """

    path: str
    value: str
    version: int
    siblings: tuple[str, ...]

    def __str__(self) -> str:
        """Say what is proved."""
        return f"{self.path} = {self.value}, in version {self.version}"


class _Disposed(_OfBatch):
    id: int
    holder: str
    intervals: tuple[Interval, ...]
    serials: tuple[str, ...]

    def _said(self, what: str) -> str:
        return f"{self.tonnes} t {what} by {self.holder}: {', '.join(self.serials)}"


class Retirement(_Disposed):
    """A final retirement; its certificate has the same id."""

    claim: Claim

    def __str__(self) -> str:
        """Say what was retired for whom."""
        return self._said(f"retired for {self.claim.beneficiary}")


class RetirementRequest(_Disposed):
    """A retirement that waits to be finalised until its deadline (world clock, seconds)."""

    claim: Claim
    deadline_s: int

    def __str__(self) -> str:
        """Say what waits."""
        return self._said("awaiting retirement")


class Cancellation(_Disposed):
    """Credits removed without a claim."""

    reason: str

    def __str__(self) -> str:
        """Say what was cancelled."""
        return self._said("cancelled")


class Lock(_Disposed):
    """Credits that cannot move until released."""

    reason: str

    def __str__(self) -> str:
        """Say what is locked."""
        return self._said("locked")


class Export(_Disposed):
    """Credits on their way to another registry, until `deadline_s` (world clock, seconds)."""

    target: str
    to: str
    deadline_s: int

    def __str__(self) -> str:
        """Say what left for where."""
        return self._said(f"sent to {self.to} at {self.target}")


class GivenUp(_Disposed):
    """Mirrored credits that stand for nothing any more: `lock` at `home` may release as many."""

    home: str
    lock: int

    def __str__(self) -> str:
        """Say what was given up for what."""
        return self._said(f"given up for lock {self.lock} at {self.home}")


class TransferStep(Record):
    """One step of a transfer between registries.

    Attributes:
        what: In words.
        registry: Where; "" for time that passes.
        at_s: When it was done, world clock, seconds.
        waited_s, basis: How long it was waited for, and what says that it takes so long.
        gas_used: By its transactions, where there is a chain.
    """

    what: str
    registry: str
    at_s: int
    waited_s: int = 0
    basis: str = ""
    gas_used: int | None = None

    def __str__(self) -> str:
        """Say what was done, or waited for."""
        if not self.registry:
            return f"{self.waited_s} s: {self.what} ({self.basis})"
        return f"{self.registry}: {self.what}"


class CrossTransfer(Record):
    """Credits that moved from one registry to another, and what that exposed them to.

    Attributes:
        source, target: Registries; `to` is the account at the target.
        batches: What the target has now: imported or issued batches, or the batch at home.
        settlement_s: Seconds from the request until the target's account could use the credits;
            None where nothing arrived.
        both_s, both_tonne_days: How long credits were alive on both sides; the longest, and the
            sum over all tonnes.
        is_open: Whether some still are.
        neither_s: How long credits were alive on neither side, at the longest.
        used_and_alive_g: Grams retired at the source and alive at the target.
        gas_used: By all transactions, where there is a chain.

    All of it is by what the protocol did. What holders did besides, such as retiring at the source
    what is issued anew already, changes none of it: an audit of the world finds that.
    """

    protocol: str
    source: str
    target: str
    holder: str
    to: str
    amount_g: int
    batches: tuple[Batch, ...]
    steps: tuple[TransferStep, ...]
    asked_s: int
    settlement_s: int | None
    both_s: int
    both_tonne_days: Decimal
    is_open: bool
    neither_s: int
    used_and_alive_g: int
    gas_used: int | None = None

    @property
    def tonnes(self) -> str:
        """The amount in tonnes, as exact decimal text."""
        return tonnes_text(self.amount_g)

    def __str__(self) -> str:
        """Say what moved, how fast, and what it was exposed to."""
        settled = "nothing arrived"
        if self.settlement_s is not None:
            settled = f"settled in {self.settlement_s} s"
        used = f", {tonnes_text(self.used_and_alive_g)} t retired and alive"
        return (
            f"{self.tonnes} t from {self.source} to {self.target}, {self.protocol}: {settled}, "
            f"alive on both sides for {self.both_s} s ({self.both_tonne_days} tonne-days)"
            f"{', still open' if self.is_open else ''}{used if self.used_and_alive_g else ''}"
        )


class Pledge(_OfBatch):
    """Credits encumbered in favour of a lender; they stay with their holder."""

    id: int
    holder: str
    lender: str

    def __str__(self) -> str:
        """Say what is pledged to whom."""
        return f"{self.tonnes} t pledged by {self.holder} to {self.lender}"
