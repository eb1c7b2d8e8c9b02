"""What a protocol is made of: waiting, actions, and new issues, one after the other.

A plan is a generator: it yields steps, and is sent the entries that each became. Where a step is
refused, the refusal is thrown into it, so that it can undo what came before. Plans neither act nor
know the time; a world carries them out.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Literal, NamedTuple, Protocol

from registry.records.action import Action
from registry.records.claim import Claim
from registry.records.entry import Entry
from registry.records.message import Message
from registry.transfer.delays import Delay


class Order(NamedTuple):
    """What is to move where.

    Attributes:
        source, target: Registries; `home` is the one that first issued the credits.
        batch: Token id at the source; credits of `holder`, for the account `to`.
    """

    source: str
    batch: int
    amount_g: int
    holder: str
    target: str
    to: str
    home: str


class Wait(NamedTuple):
    """Time that passes, and for what."""

    delay: Delay
    what: str


class WaitUntil(NamedTuple):
    """Time that passes up to a moment, seconds of the world clock."""

    at_s: int
    what: str


class Do(NamedTuple):
    """An action, and what it is in the protocol.

    Attributes:
        action: Or what makes it when its turn comes, so that its id is free and its deadline is
            ahead then.
        then: Makes what follows from the action's last entry, if anything: both are done, or none.
    """

    action: Action | Callable[[], Action]
    what: str
    then: Callable[[Entry], Action | None] | None = None


class Deliver(NamedTuple):
    """Have the target take a message, as imported or as voided where it is late.

    What it has taken already, whoever brought it, it is not given again. Messages that it has to
    take before this one are carried along.
    """

    message: Message


class Answer(NamedTuple):
    """Have the source take the target's answer to a message, unless it has."""

    message: Message


class Reissue(NamedTuple):
    """Issue anew at the order's target, with serials of its own, what leaves the source.

    Attributes:
        is_linked: Whether the new project names the project that it was converted from.
    """

    order: Order
    is_linked: bool
    what: str


Step = Wait | WaitUntil | Do | Deliver | Answer | Reissue
Plan = Generator[Step, Sequence[Entry], None]


class Office(Protocol):
    """What a plan may ask about the world that carries it out."""

    @property
    def now_s(self) -> int:
        """World clock, seconds."""

    def next_id(self, registry: str) -> int:
        """Return an id that the registry has not used."""

    def is_native(self, registry: str) -> bool:
        """Say whether a registry retires in one step."""

    def require_use(self, registry: str, batch: int, claim: Claim) -> None:
        """Ask a registry's operator whether it retires a batch for a claim's use.

        Raises:
            UnknownUse, NotEligible, SubjectMissing: it does not.
        """

    def require_reissuable(self, order: Order, *, is_linked: bool) -> None:
        """Ask whether an order can be issued anew at its target, as things stand.

        Raises:
            UnknownStatement: the source has no verification that could be stated again.
            AboveVerifiedAmount: the target's statement that would serve has too little left.
        """

    def message(self, registry: str, id: int) -> Message:
        """Return the message of an export."""

    def outcome(self, message: Message) -> Literal["imported", "voided"] | None:
        """Return what the target did with a message; None as long as it did nothing."""

    def late_s(self, message: Message) -> int:
        """Return the moment after which a message, and all to be taken before it, are late."""

    def scope(self, registry: str, batch: int) -> str:
        """Return the serial prefix of a batch."""

    def vintage(self, registry: str, batch: int) -> int:
        """Return the vintage of a batch."""
