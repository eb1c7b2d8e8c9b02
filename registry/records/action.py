"""Requests to a ledger. An action is accepted, and becomes entries, or is refused whole.

`by` says who acts: an account's name, or a role such as "@operator". Amounts are grams. Ids of
locks, pledges, requests, retirements and cancellations are chosen by the caller, are above 0, and
are used once per registry, so that a request repeated has one effect (C5).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)

from registry.errors import ActionError, InputError
from registry.records.base import Record
from registry.records.claim import Claim
from registry.records.identity import (
    PLATFORM,
    PLATFORM_OPERATOR,
    RELAYER,
    Role,
    check_characters,
    check_name,
)
from registry.records.message import Message

Text = Annotated[str, AfterValidator(lambda text: check_characters("text", text))]
"""Text that can be written down; how long it may be is for the ledger to say."""
Name = Annotated[str, AfterValidator(lambda name: check_name("account", name))]
"""A name that an account can have."""
Amount = Annotated[int, Field(ge=0, lt=2**63)]
ORDERS_MAX = 100
"""Orders in one action. They are one transaction, and a block's gas is bounded."""
CHAINS_MAX = 8
"""Chains of one world. Each is an engine of its own."""
Many = Field(min_length=1, max_length=ORDERS_MAX)
Id = Annotated[int, Field(ge=0, lt=2**256)]
Day = Annotated[int, Field(ge=0, le=2_932_532)]
"""Days since 1970-01-01, up to 9999-01-01: what a calendar date can say."""
Hash = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]


class Order(Record):
    """Part of a request; what is malformed is refused with one clear error."""

    @model_validator(mode="wrap")
    @classmethod
    def _translate(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"]) or cls.__name__
            raise ActionError(cls.__name__, field, first["input"], first["msg"]) from error


class Action(Order):
    """A request to one registry."""

    registry: Text
    by: Text


class OpenRegistry(Action):
    """Open a registry of this name; native means that the chain is its record.

    Attributes:
        chain: On which of the world's chains it is, from 1.
    """

    by: Text = PLATFORM_OPERATOR
    native: bool
    chain: Annotated[int, Field(ge=1, le=CHAINS_MAX)] = 1


class OpenAccount(Action):
    """Open an account under its holder's own address."""

    registry: Text = PLATFORM
    by: Text = PLATFORM_OPERATOR
    account: Name
    jurisdiction: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""


class CloseAccount(Action):
    """Close an account; it keeps its credits and only the regulator moves them."""

    registry: Text = PLATFORM
    by: Text = PLATFORM_OPERATOR
    account: Text


SHARED = (OpenAccount, CloseAccount)
"""Actions on what registries share; all others are one registry's own."""


class Accredit(Action):
    """Let a verifier sign statements for this registry."""

    by: Text = "@admin"
    verifier: Text


class RegisterProject(Action):
    """Register a project; `root` is the Merkle root of its document."""

    by: Text = Role.OPERATOR.actor
    project: Annotated[int, Field(ge=0, lt=2**63)]
    developer: Text
    root: Hash


class UpdateProject(Action):
    """Add a version of a project's document."""

    by: Text = Role.OPERATOR.actor
    project: Annotated[int, Field(ge=0, lt=2**63)]
    root: Hash


class Verify(Action):
    """Record a verifier's signed statement; the signature is the authority, whoever sends it.

    Attributes:
        start, end: Days since 1970-01-01, half-open.
        report: Hash of the verification report; serves one statement, once.
    """

    by: Text = Role.ISSUER.actor
    project: Annotated[int, Field(ge=0, lt=2**63)]
    verifier: Text
    start: Day
    end: Day
    amount_g: Amount
    report: Hash


class IssueOrder(Order):
    """One batch to be issued.

    Attributes:
        batch: Token id, project number << 128 | batch number.
        start_g: First gram in the scope.
        statement: Id of the verifier's statement it draws on.
        scope: Serial prefix that the registry counts in.
    """

    batch: Id
    to: Text
    amount_g: Amount
    start_g: Amount
    vintage: Annotated[int, Field(ge=0, lt=2**16)]
    statement: Hash
    scope: Annotated[Text, Field(min_length=1)]


class Issue(Action):
    """Issue batches, all or none."""

    by: Text = Role.ISSUER.actor
    orders: Annotated[tuple[IssueOrder, ...], Many]


class TransferOrder(Order):
    """One movement from the acting holder to another."""

    batch: Id
    to: Text
    amount_g: Amount


class Transfer(Action):
    """Move credits of the acting holder, all or none."""

    orders: Annotated[tuple[TransferOrder, ...], Many]


class RetireOrder(Order):
    """One retirement from the acting holder's holding."""

    id: Id
    batch: Id
    amount_g: Amount
    claim: Claim


class Retire(Action):
    """Retire in one step at a native registry, all or none."""

    orders: Annotated[tuple[RetireOrder, ...], Many]


class RequestRetirement(Action):
    """Ask for a retirement: the credits are locked until it is finalised or reverted."""

    order: RetireOrder
    deadline_s: Annotated[int, Field(ge=0, lt=2**63)]


class FinaliseRetirement(Action):
    """Make a requested retirement final."""

    by: Text = Role.OPERATOR.actor
    id: Id


class RevertRetirement(Action):
    """Give a requested retirement back; after its deadline anyone may."""

    by: Text = Role.OPERATOR.actor
    id: Id
    reason: Text = ""


class Cancel(Action):
    """Remove credits of the acting holder without a claim."""

    id: Id
    batch: Id
    amount_g: Amount
    reason: Text = ""


class Lock(Action):
    """Immobilise a holder's credits."""

    by: Text = Role.OPERATOR.actor
    id: Id
    batch: Id
    holder: Text
    amount_g: Amount
    reason: Text = ""


class Release(Action):
    """Give back what a lock holds, or part of it.

    Attributes:
        start_g: First gram of the part, in the batch's scope; the lock's first grams if absent.
    """

    by: Text = Role.OPERATOR.actor
    id: Id
    amount_g: Amount
    start_g: Amount | None = None


class Pledge(Action):
    """Encumber credits of the acting holder in favour of a lender."""

    id: Id
    batch: Id
    amount_g: Amount
    lender: Text


class ReleasePledge(Action):
    """The lender ends its pledge."""

    id: Id


class Foreclose(Action):
    """The lender takes the pledged credits."""

    id: Id


class EndPledge(Action):
    """The regulator ends a pledge, with a reason."""

    by: Text = Role.REGULATOR.actor
    id: Id
    reason: Text = ""


class Freeze(Action):
    """Set how much of a holding is frozen (absolute; 0 lifts it; may exceed the holding)."""

    by: Text = Role.REGULATOR.actor
    batch: Id
    account: Text
    amount_g: Amount


class ForceTransfer(Action):
    """The regulator moves credits, frozen ones too, with a reason."""

    by: Text = Role.REGULATOR.actor
    batch: Id
    source: Text
    to: Text
    amount_g: Amount
    reason: Text = ""


class Pause(Action):
    """Stop every movement but the regulator's."""

    by: Text = Role.OPERATOR.actor


class Unpause(Action):
    """Let credits move again."""

    by: Text = Role.OPERATOR.actor


class AdmitPeer(Action):
    """Let the registry's bridge exchange credits with another registry's; again: other terms.

    Attributes:
        allowance_g: Most grams of which the peer is the home that may be outstanding here.
    """

    by: Text = Role.OPERATOR.actor
    peer: Text
    allowance_g: Amount


class Export(Action):
    """Send credits of the acting holder to another registry by message, or back to their home.

    Attributes:
        to: Account that gets them there.
        deadline_s: Last second at which they can be imported there.
    """

    id: Id
    batch: Id
    amount_g: Amount
    target: Text
    to: Text
    deadline_s: Annotated[int, Field(ge=0, lt=2**63)]


class Move(Action):
    """Move credits of the acting holder to another registry on the same chain in one step."""

    id: Id
    batch: Id
    amount_g: Amount
    target: Text
    to: Text


class Import(Action):
    """Carry a message to its target. Anyone may; the source's signature is the authority."""

    by: Text = RELAYER
    message: Message


class VoidImport(Action):
    """See to it that a message past its deadline is never imported. Anyone may."""

    by: Text = RELAYER
    message: Message


class Acknowledge(Action):
    """Tell the source that its export arrived. Anyone may; the target's signature counts."""

    by: Text = RELAYER
    id: Id


class Compensate(Action):
    """Give an export back to its holder, as its target has made sure never to import it."""

    by: Text = RELAYER
    id: Id


class Mirror(Action):
    """Issue what stands for credits that are locked elsewhere, on the operators' word alone.

    Attributes:
        source: The registry that holds them locked, their home.
        lock: Id of the lock there.
        scope, start_g: Their serials, in the home's count.
    """

    by: Text = Role.OPERATOR.actor
    source: Text
    lock: Id
    scope: Annotated[Text, Field(min_length=1)]
    start_g: Amount
    amount_g: Amount
    vintage: Annotated[int, Field(ge=0, lt=2**16)]
    to: Text


class Unmirror(Action):
    """Give up what stands for credits locked elsewhere, so that their home may release them."""

    id: Id
    batch: Id
    amount_g: Amount


_KINDS = {kind.__name__: kind for kind in Action.__subclasses__()}


def action_data(action: Action) -> dict[str, Any]:
    """Return an action as what JSON can say: its class's name under "action", then its fields.

    Integers stay numbers, of up to 256 bits; a reader that has none so large will misread ids.
    """
    return {"action": type(action).__name__, **action.model_dump(mode="json")}


def action_from(data: Mapping[str, Any]) -> Action:
    """Read an action back from what `action_data` returned, or from the same read from JSON.

    Raises:
        ActionError: no action of that name, or fields that are not what it has. Nothing is
            guessed, so a mapping that says more than an action does is none.
    """
    if not isinstance(data, Mapping):
        raise ActionError("Action", "action", data, "expected a mapping")
    fields = dict(data)
    name = fields.pop("action", None)
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ActionError("Action", "action", name, "expected the name of an action")
    for field, value in fields.items():
        if isinstance(value, list):
            fields[field] = tuple(value)  # JSON has no tuples, and no action has a list.
    try:
        return kind.model_validate(fields)
    except ActionError:
        raise
    except InputError as error:
        raise ActionError(kind.__name__, "fields", fields, str(error)) from error
