"""The lines of an operator's book: what one registry believes, in its own serials and words.

A line is written when the operator acts or is told. It is not derived from the chain, and so the
two can differ; that is what reconciliation compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from registry.records.base import Record
from registry.records.claim import Claim
from registry.records.entry import Entry, Kind
from registry.records.identity import TokenId
from registry.records.interval import Interval


class LineKind(StrEnum):
    """What a line of the book says."""

    ISSUANCE = "issuance"
    TRANSFER = "transfer"
    RETIREMENT = "retirement"
    CANCELLATION = "cancellation"
    LOCK = "lock"
    RELEASE = "release"
    EXPORT = "export"
    IMPORT = "import"
    RETURN = "return"


class Line(Record):
    """One line of an operator's book.

    Attributes:
        number: Position in this book; ascending from 1.
        at_s: When it happened, as the operator has it.
        written_s: When it was written down; None for at once.
        status: The registry's own word for what became of the credits; "" where it has none.
        id: The operator's id of the disposition; None for issuances and transfers.
        scope: Serial prefix; `intervals` are grams in it, as the operator printed them.
        serials: The same as the registry prints it.
        account: Holder; `to` receives a transfer, or an export at the other registry.
        deadline_s: Until when a requested retirement may be finalised, or an export imported.
        entry: The ledger's entry (its seq) that the line records; None where the operator wrote
            of its own accord.
        peer: The other registry of an export, an import, a return or a release that ends an
            export; None for everything else, as are the next three.
        home: Registry that first issued what was exported, imported or returned.
        export: Id of the export there, or of the lock there, under which it is outstanding.
        message: Number of the message, among those from its source to its target; None without.
    """

    number: int
    at_s: int
    kind: LineKind
    batch: TokenId
    amount_g: int
    account: str
    to: str = ""
    id: int | None = None
    scope: str = ""
    intervals: tuple[Interval, ...] = ()
    serials: tuple[str, ...] = ()
    status: str = ""
    project: int | None = None
    vintage: int | None = None
    deadline_s: int | None = None
    written_s: int | None = None
    entry: int | None = None
    peer: str | None = None
    home: str | None = None
    export: int | None = None
    message: int | None = None

    @property
    def known_s(self) -> int:
        """When it was written down."""
        return self.at_s if self.written_s is None else self.written_s

    @property
    def ends_export(self) -> bool:
        """Whether it gives back what was exported: a return, or a release of what never arrived."""
        is_release = self.kind is LineKind.RELEASE
        return self.kind is LineKind.RETURN or (is_release and self.peer is not None)


class Desk(NamedTuple):
    """What an operator knows and a book does not.

    Attributes:
        scope: Token id -> serial prefix under which the operator knows the batch.
        describe: Serial prefix and intervals -> serials as this registry prints them.
        address: Account -> its address on the chain.
        document: Project and version -> that version of its document, if the operator has it.
        claim: Id of a requested retirement -> what it is for.
        statuses: Kind of line -> the registry's own word.
    """

    scope: Callable[[int], str]
    describe: Callable[[str, Sequence[Interval]], tuple[str, ...]]
    address: Callable[[str], str]
    document: Callable[[int, int], Mapping[str, object] | None]
    claim: Callable[[int], Claim | None]
    statuses: Mapping[str, str]


LINE_KINDS = {
    Kind.ISSUED: LineKind.ISSUANCE,
    Kind.TRANSFERRED: LineKind.TRANSFER,
    Kind.FORCED_TRANSFER: LineKind.TRANSFER,
    Kind.FORECLOSED: LineKind.TRANSFER,
    Kind.RETIRED: LineKind.RETIREMENT,
    Kind.RETIREMENT_REQUESTED: LineKind.LOCK,
    Kind.RETIREMENT_FINALISED: LineKind.RETIREMENT,
    Kind.RETIREMENT_REVERTED: LineKind.RELEASE,
    Kind.CANCELLED: LineKind.CANCELLATION,
    Kind.LOCKED: LineKind.LOCK,
    Kind.RELEASED: LineKind.RELEASE,
    Kind.EXPORTED: LineKind.EXPORT,
    Kind.IMPORTED: LineKind.IMPORT,
    Kind.RETURNED: LineKind.RETURN,
    Kind.EXPORT_COMPENSATED: LineKind.RELEASE,
}
"""What kind of line an entry becomes; the others are not about credits."""


def line_of(
    entry: Entry,
    number: int,
    scope: str,
    *,
    status: str = "",
    serials: tuple[str, ...] = (),
    written_s: int | None = None,
) -> Line | None:
    """Say an entry as a line of a book; None where it is not about credits.

    Args:
        scope: Serial prefix of its batch.
        status, serials, written_s: What the operator adds, see `Line`.
    """
    kind = LINE_KINDS.get(entry.kind)
    if kind is None or entry.batch is None:
        return None
    return Line(
        number=number,
        at_s=entry.at_s,
        kind=kind,
        batch=entry.batch,
        amount_g=entry.amount_g or 0,
        account=entry.account or "",
        to=entry.counterparty or "",
        id=entry.id,
        scope=entry.scope or scope,
        intervals=entry.intervals,
        serials=serials,
        status=status,
        project=entry.project,
        vintage=entry.vintage,
        deadline_s=entry.deadline_s,
        written_s=written_s,
        entry=entry.seq,
        peer=entry.peer,
        home=entry.home,
        export=entry.export,
        message=entry.number,
    )


def lines_of(entries: Iterable[Entry], registry: str) -> list[Line]:
    """Say a registry's entries as lines, numbered by their seq."""
    scopes: dict[int, str] = {}
    lines = []
    for entry in entries:
        if entry.registry != registry or entry.batch is None:
            continue
        scope = scopes.setdefault(entry.batch, entry.scope or "")
        line = line_of(entry, entry.seq, scope)
        if line is not None:
            lines.append(line)
    return lines
