"""What a world knows of credits between registries: what was sent, what came of it, what is here.

All of it is folded from the entries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from registry.records.entry import MIRROR, Entry, Kind
from registry.records.message import Message

Outcome = Literal["imported", "voided"]
Put = Callable[[dict[Any, Any], Any, Any], None]
"""Sets a key of a table so that it can be taken back."""


class Sent(NamedTuple):
    """An export by message, and what its source knows of it.

    Attributes:
        answer: The entry with which the source took its target's answer; None as long as it waits.
    """

    message: Message
    answer: Entry | None = None


class Lot(NamedTuple):
    """An imported batch.

    Attributes:
        home: Registry that first issued the credits.
        export: Id of the export at home, or of the lock that a mirror stands for.
        is_mirror: Whether it was issued on operators' word, without a message.
        entry: The entry that made it.
    """

    home: str
    export: int
    is_mirror: bool
    entry: Entry


class Channels:
    """The part of a `registry.kept.index.Index` that is about other registries.

    Args:
        put: Writes down what it replaces, so that the index can return to its marks.

    Attributes:
        sent: (source, id) -> an export by message.
        taken: (target, source, number of the message) -> the entry with which the target took it.
        lots: (registry, batch) -> the imported batch.
        peers: (registry, peer) -> grams that may be outstanding of it.
        issued: (registry, batch) -> the entry that issued or imported it.
        statements: (registry, id) -> the entry that recorded a verifier's statement.
    """

    def __init__(self, put: Put) -> None:
        self._put = put
        self.sent: dict[tuple[str, int], Sent] = {}
        self.taken: dict[tuple[str, str, int], Entry] = {}
        self.lots: dict[tuple[str, int], Lot] = {}
        self.peers: dict[tuple[str, str], int] = {}
        self.issued: dict[tuple[str, int], Entry] = {}
        self.statements: dict[tuple[str, str], Entry] = {}

    def fold(self, entry: Entry, scope: str) -> None:
        """Learn one more entry.

        Args:
            scope: Of its batch; "" where it has none.
        """
        registry, batch, id = entry.registry, entry.batch or 0, entry.id or 0
        if entry.kind in {Kind.ISSUED, Kind.IMPORTED}:
            self._put(self.issued, (registry, batch), entry)
        if entry.kind is Kind.IMPORTED:
            lot = Lot(
                home=entry.home or "",
                export=entry.export or 0,
                is_mirror=entry.text == MIRROR,
                entry=entry,
            )
            self._put(self.lots, (registry, batch), lot)
        elif entry.kind is Kind.STATEMENT_RECORDED and entry.statement:
            self._put(self.statements, (registry, entry.statement), entry)
        elif entry.kind is Kind.PEER_ADMITTED:
            self._put(self.peers, (registry, entry.peer or ""), entry.amount_g or 0)
        elif entry.kind is Kind.EXPORTED and entry.number is not None:
            self._put(self.sent, (registry, id), self._sent(entry, scope))
        elif entry.kind in _ANSWERS:
            self._put(self.sent, (registry, id), self.sent[registry, id]._replace(answer=entry))
        if entry.kind in _OUTCOMES and entry.number is not None:
            place = (registry, entry.peer or "", entry.number)
            self._put(self.taken, place, entry)

    def _sent(self, entry: Entry, scope: str) -> Sent:
        made = self.issued[entry.registry, entry.batch or 0]
        message = Message(
            source=entry.registry,
            target=entry.peer or "",
            id=entry.id or 0,
            number=entry.number or 0,
            home=entry.home or "",
            export=entry.export or 0,
            scope=scope,
            interval=entry.intervals[0],
            vintage=made.vintage or 0,
            to=entry.counterparty or "",
            deadline_s=entry.deadline_s or 0,
        )
        return Sent(message)

    def taking(self, message: Message) -> Entry | None:
        """Return the entry with which the target took a message, None as long as it did not."""
        return self.taken.get((message.target, message.source, message.number))

    def outcome(self, message: Message) -> Outcome | None:
        """Return what the target has done with a message, None as long as it did nothing."""
        taking = self.taking(message)
        return None if taking is None else _OUTCOMES[taking.kind]

    def pending(self) -> list[Message]:
        """Return what waits for its target's answer, in the order in which it was sent.

        What was answered waits again where a reorganisation has taken back what the target did
        with it: until it is carried once more, the target takes nothing that was sent after it.
        """
        return [
            sent.message
            for sent in self.sent.values()
            if sent.answer is None or self.taking(sent.message) is None
        ]

    def ahead(self, message: Message) -> list[Message]:
        """Return what the target has to take before a message, in order."""
        way = (message.source, message.target)
        return [
            other
            for other in self.pending()
            if (other.source, other.target) == way
            and other.number < message.number
            and self.taking(other) is None
        ]


_ANSWERS = {Kind.EXPORT_ACKNOWLEDGED, Kind.EXPORT_COMPENSATED}
_OUTCOMES: dict[Kind, Outcome] = {
    Kind.IMPORTED: "imported",
    Kind.RETURNED: "imported",
    Kind.IMPORT_VOIDED: "voided",
}
