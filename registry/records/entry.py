"""Accepted facts: the one stream that ledgers write and everything else is folded from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum

from registry.records.base import Record
from registry.records.claim import Claim
from registry.records.identity import TokenId
from registry.records.interval import Interval

MIRROR = "mirror"
"""Text of what was imported or given up on operators' word, without a message."""


class Kind(StrEnum):
    """What an entry says."""

    REGISTRY_OPENED = "registry_opened"
    ACCOUNT_OPENED = "account_opened"
    ACCOUNT_CLOSED = "account_closed"
    VERIFIER_ACCREDITED = "verifier_accredited"
    PROJECT_REGISTERED = "project_registered"
    PROJECT_UPDATED = "project_updated"
    STATEMENT_RECORDED = "statement_recorded"
    ISSUED = "issued"
    TRANSFERRED = "transferred"
    RETIRED = "retired"
    RETIREMENT_REQUESTED = "retirement_requested"
    RETIREMENT_FINALISED = "retirement_finalised"
    RETIREMENT_REVERTED = "retirement_reverted"
    CANCELLED = "cancelled"
    LOCKED = "locked"
    RELEASED = "released"
    PLEDGED = "pledged"
    PLEDGE_RELEASED = "pledge_released"
    FORECLOSED = "foreclosed"
    PLEDGE_ENDED = "pledge_ended"
    FROZEN = "frozen"
    FORCED_TRANSFER = "forced_transfer"
    PAUSED = "paused"
    UNPAUSED = "unpaused"
    PEER_ADMITTED = "peer_admitted"
    EXPORTED = "exported"
    IMPORTED = "imported"
    IMPORT_VOIDED = "import_voided"
    RETURNED = "returned"
    EXPORT_ACKNOWLEDGED = "export_acknowledged"
    EXPORT_COMPENSATED = "export_compensated"


class Entry(Record):
    """One accepted fact. A field that does not apply to its kind is None or empty.

    Attributes:
        seq: Position, dense per world from 1, in order of acceptance.
        at_s: World clock, seconds since 1970-01-01 UTC.
        registry: Registry's name; "platform" for what registries share.
        batch: Token id.
        id: Id of the lock, pledge, request, retirement, cancellation or export.
        account: Whose credits: holder, developer, verifier, account; the receiver when issued.
        counterparty: The other side: receiver of a transfer, lender of a pledge.
        amount_g: g CO2e; the new frozen amount for `frozen`.
        intervals: In the order in which they were taken or given back; grams in `scope`.
        scope: Serial prefix of the batch, when issued.
        period: Days since 1970-01-01, half-open, of a statement.
        root: Merkle root of a project's document; `version` counts from 1.
        text: Reason; the mode of a registry; the jurisdiction of an account; MIRROR.
        chain: Of a registry that was opened, where it is not the first one.
        peer: The other registry: target of an export, source of an import, who was admitted.
        home: Registry that first issued what is exported, imported or returned.
        export: Id of the export at home, or of the lock for a mirror, under which it is
            outstanding.
        number: Of the message, among those from its source to its target; None without one.
    """

    seq: int
    at_s: int
    registry: str
    kind: Kind
    project: int | None = None
    batch: TokenId | None = None
    id: int | None = None
    account: str | None = None
    counterparty: str | None = None
    amount_g: int | None = None
    intervals: tuple[Interval, ...] = ()
    scope: str | None = None
    vintage: int | None = None
    statement: str | None = None
    report: str | None = None
    period: tuple[int, int] | None = None
    root: str | None = None
    version: int | None = None
    deadline_s: int | None = None
    claim: Claim | None = None
    text: str | None = None
    chain: int | None = None
    peer: str | None = None
    home: str | None = None
    export: int | None = None
    number: int | None = None

    def line(self) -> str:
        """Write the entry as one line of JSON, without the fields that do not apply."""
        return self.model_dump_json(exclude_defaults=True)


def digest(entries: Iterable[Entry]) -> str:
    """Hash entries, in order; equal for equal facts whatever engine wrote them."""
    running = hashlib.sha256()
    for entry in entries:
        running.update(entry.line().encode())
        running.update(b"\n")
    return running.hexdigest()
