"""The ways in which credits get from one registry to another, as plans.

Three keep every tonne in one place at a time: `atomic`, `relayed` and `immobilise-and-mirror`. The
others are how it is done today, with what follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import NamedTuple

from registry.errors import LedgerError, MessageExpired, TooFragmented
from registry.records import action as act
from registry.records.claim import Claim
from registry.records.entry import Entry, Kind
from registry.records.interval import Interval
from registry.records.message import Message
from registry.transfer.delays import Delays
from registry.transfer.steps import (
    Answer,
    Deliver,
    Do,
    Office,
    Order,
    Plan,
    Reissue,
    Step,
    Wait,
    WaitUntil,
)

Leg = Callable[[Order, Office, Delays], Plan]
Done = Generator[Step, Sequence[Entry], list[Entry]]

CONVERTED = "conversion to "
"""What the reason of a cancellation begins with that another registry's new issue replaces."""
REISSUED = "retired to be issued anew at "
"""What the reason of a retirement begins with that another registry issued anew upon."""


class Protocol(NamedTuple):
    """One way of moving credits.

    Attributes:
        plan: Its steps.
        is_one_step: Whether all of it is one transaction.
        by_message: Whether signed messages travel, each with a deadline.
        by_home: Whether credits of a third registry travel through their home, and keep serials.
    """

    name: str
    plan: Leg
    summary: str
    is_one_step: bool = False
    by_message: bool = False
    by_home: bool = True


def plan(protocol: Protocol, order: Order, office: Office, delays: Delays) -> Plan:
    """Return the steps that move an order, through the home of the credits where need be.

    Raises, while it is carried out:
        LedgerError: a step was refused, and what came before it was undone or cannot be. What had
            come home on its way to a third registry stays there, the holder's.
    """
    if not protocol.by_home or order.home in (order.source, order.target):
        yield from protocol.plan(order, office, delays)
        return
    first = order._replace(target=order.home, to=order.holder)
    inward = delays._replace(answer=delays.home_relay)
    onward = delays._replace(relay=delays.home_relay)
    for came in (yield from _noted(protocol.plan(first, office, inward), _IS_BACK)):
        second = order._replace(
            source=order.home, batch=came.batch or 0, amount_g=came.amount_g or 0
        )
        yield from protocol.plan(second, office, onward)


_IS_BACK = {Kind.RETURNED, Kind.RELEASED}


def _noted(plan: Plan, kinds: set[Kind]) -> Done:
    """Carry a plan out, and return its entries of these kinds."""
    found: list[Entry] = []
    try:
        step = next(plan)
        while True:
            try:
                entries = yield step
            except LedgerError as refusal:
                step = plan.throw(refusal)
            else:
                found += [entry for entry in entries if entry.kind in kinds]
                step = plan.send(entries)
    except StopIteration:
        return found


def _in_pieces(
    amount_g: int, make: Callable[[int], act.Action], what: str, found: list[Entry]
) -> Plan:
    """Do an action that takes few intervals, or one, in several where one does not do.

    Args:
        found: Gets the entries, and has those before a refusal.
    """
    while True:
        part_g = amount_g
        try:
            found += yield Do(partial(make, part_g), what)
        except TooFragmented as refusal:
            part_g = refusal.available
            if not 0 < part_g < amount_g:
                raise
            found += yield Do(partial(make, part_g), what)
        amount_g -= part_g
        if not amount_g:
            return


def _atomic(order: Order, office: Office, _: Delays) -> Plan:
    def move(amount_g: int) -> act.Action:
        return act.Move(
            registry=order.source,
            by=order.holder,
            id=office.next_id(order.source),
            batch=order.batch,
            amount_g=amount_g,
            target=order.target,
            to=order.to,
        )

    yield from _in_pieces(order.amount_g, move, "moved in one transaction", [])


def _relayed(order: Order, office: Office, delays: Delays) -> Plan:
    def export(amount_g: int) -> act.Action:
        return act.Export(
            registry=order.source,
            by=order.holder,
            id=office.next_id(order.source),
            batch=order.batch,
            amount_g=amount_g,
            target=order.target,
            to=order.to,
            deadline_s=office.now_s + delays.deadline.seconds,
        )

    sent: list[Entry] = []
    short: LedgerError | None = None
    try:
        yield from _in_pieces(order.amount_g, export, "exported; the message is signed", sent)
    except LedgerError as refusal:
        if not sent:
            raise
        short = refusal
    messages = [office.message(order.source, entry.id or 0) for entry in sent]
    taken: list[Message] = []
    refused = short
    if short is None:
        yield Wait(delays.relay, "a relayer carries the message")
        try:
            # Messages are taken in order: behind one that is refused, none can be.
            for message in messages:
                yield Deliver(message)
                taken.append(message)
        except LedgerError as refusal:
            refused = refusal
        if taken:
            yield from _answered(taken, delays)
    if refused is not None:
        rest = messages[len(taken) :]
        for message in rest:
            yield WaitUntil(office.late_s(message), "the message runs out of time")
            yield Deliver(message)
        yield from _answered(rest, delays)
    if short is not None:
        raise short
    for message in messages:
        if office.outcome(message) == "voided":
            raise refused or MessageExpired(message.source, message.number, message.deadline_s)


def _answered(messages: Sequence[Message], delays: Delays) -> Plan:
    yield Wait(delays.answer, "the answer is carried back")
    for message in messages:
        yield Answer(message)


def _mirrored(order: Order, office: Office, delays: Delays) -> Plan:
    if order.target == order.home:
        yield from _unmirrored(order, office, delays)
        return
    yield Wait(delays.lock, "the source's operator gets to it")

    def lock(amount_g: int) -> act.Action:
        return act.Lock(
            registry=order.source,
            id=office.next_id(order.source),
            batch=order.batch,
            holder=order.holder,
            amount_g=amount_g,
            reason=f"immobilised for {order.target}",
        )

    locks: list[Entry] = []
    try:
        yield from _in_pieces(order.amount_g, lock, "immobilised", locks)
    except LedgerError:
        for locked, piece in _pieces(locks):
            yield Do(_release(order.source, locked.id, piece), "released again")
        raise
    yield Wait(delays.mirror, "the target's operator gets to it")
    pieces = _pieces(locks)
    for at, (locked, piece) in enumerate(pieces):
        mirror = act.Mirror(
            registry=order.target,
            source=order.source,
            lock=locked.id or 0,
            scope=office.scope(order.source, order.batch),
            start_g=piece.start_g,
            amount_g=piece.amount_g,
            vintage=office.vintage(order.source, order.batch),
            to=order.to,
        )
        try:
            yield Do(mirror, "mirrored")
        except LedgerError:
            # What stands already keeps its backing: only what is not mirrored is let go.
            for other, unused in pieces[at:]:
                yield Do(_release(order.source, other.id, unused), "released again")
            raise


def _pieces(entries: Sequence[Entry]) -> list[tuple[Entry, Interval]]:
    return [(entry, piece) for entry in entries for piece in entry.intervals]


def _release(home: str, lock: int | None, piece: Interval) -> act.Action:
    return act.Release(registry=home, id=lock or 0, amount_g=piece.amount_g, start_g=piece.start_g)


def _unmirrored(order: Order, office: Office, delays: Delays) -> Plan:
    def give_up(amount_g: int) -> act.Action:
        return act.Unmirror(
            registry=order.source,
            by=order.holder,
            id=office.next_id(order.source),
            batch=order.batch,
            amount_g=amount_g,
        )

    gone: list[Entry] = []
    refused: LedgerError | None = None
    try:
        yield from _in_pieces(order.amount_g, give_up, "given up abroad", gone)
    except LedgerError as refusal:
        if not gone:
            raise
        # What was given up is alive nowhere, so it is released all the same.
        refused = refusal
    yield Wait(delays.release, "the home's operator gets to it")
    for entry, piece in _pieces(gone):
        release = _release(order.home, entry.export, piece)
        yield Do(release, "released", partial(_handed_over, order))
    if refused is not None:
        raise refused


def _handed_over(order: Order, released: Entry) -> act.Action | None:
    """Return what gives released credits to whom the order names, if another holder has them."""
    holder, batch = released.account or "", released.batch or 0
    if holder == order.to:
        return None
    move = act.TransferOrder(batch=batch, to=order.to, amount_g=released.amount_g or 0)
    return act.Transfer(registry=order.home, by=holder, orders=(move,))


def _cancelled(order: Order, office: Office, delays: Delays) -> Plan:
    office.require_reissuable(order, is_linked=True)
    yield Wait(delays.reissue, "the target reviews")
    yield Reissue(order, is_linked=True, what="issued anew")
    yield Wait(delays.cancel, "the source is told")
    yield from _cancel(order, office, CONVERTED + order.target, "cancelled at the source")


def _cancel(order: Order, office: Office, reason: str, what: str) -> Plan:
    # Where it is issued anew already, all that is not cancelled would stay alive on both sides.
    def cancel(amount_g: int) -> act.Action:
        return act.Cancel(
            registry=order.source,
            by=order.holder,
            id=office.next_id(order.source),
            batch=order.batch,
            amount_g=amount_g,
            reason=reason,
        )

    yield from _in_pieces(order.amount_g, cancel, what, [])


def _retired(order: Order, office: Office, delays: Delays) -> Plan:
    claim = Claim(
        beneficiary=f"token holder {order.to}",
        purpose="other",
        reason=REISSUED + order.target,
    )

    office.require_use(order.source, order.batch, claim)
    office.require_reissuable(order, is_linked=True)

    def retirement() -> act.RetireOrder:
        # What the operator says of it may have changed since.
        office.require_use(order.source, order.batch, claim)
        id = office.next_id(order.source)
        return act.RetireOrder(id=id, batch=order.batch, amount_g=order.amount_g, claim=claim)

    def retire() -> act.Action:
        return act.Retire(registry=order.source, by=order.holder, orders=(retirement(),))

    def request() -> act.Action:
        return act.RequestRetirement(
            registry=order.source,
            by=order.holder,
            order=retirement(),
            deadline_s=office.now_s + delays.finalise.seconds + delays.deadline.seconds,
        )

    if office.is_native(order.source):
        yield Do(retire, "retired at the source")
    else:
        (asked,) = yield Do(request, "retirement asked for")
        yield Wait(delays.finalise, "the source's operator gets to it")
        final = act.FinaliseRetirement(registry=order.source, id=asked.id or 0)
        try:
            yield Do(final, "retired")
        except LedgerError:
            back = act.RevertRetirement(
                registry=order.source, id=asked.id or 0, reason="it could not be made final"
            )
            yield Do(back, "reverted")
            raise
    yield Wait(delays.retired, "the target confirms the retirement")
    yield Reissue(order, is_linked=True, what="issued anew on the retirement")


def _by_hand(order: Order, office: Office, delays: Delays) -> Plan:
    office.require_reissuable(order, is_linked=False)
    told, filed = delays.told, delays.filed
    is_target_first = told.seconds <= filed.seconds
    yield Wait(told if is_target_first else filed, "one office reads its letter")
    if is_target_first:
        yield Reissue(order, is_linked=False, what="issued by hand")
    else:
        yield from _cancel(order, office, "left the registry", "cancelled by hand")
    later = filed if is_target_first else told
    rest_s = abs(filed.seconds - told.seconds)
    yield Wait(later._replace(seconds=rest_s), "the other office reads its own")
    if is_target_first:
        yield from _cancel(order, office, "left the registry", "cancelled by hand")
    else:
        yield Reissue(order, is_linked=False, what="issued by hand")


PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol("atomic", _atomic, "one transaction on a chain that both share", is_one_step=True),
        Protocol("relayed", _relayed, "signed messages between two chains", by_message=True),
        Protocol("immobilise-and-mirror", _mirrored, "locked at home, mirrored on operators' word"),
        Protocol(
            "cancel-and-reissue",
            _cancelled,
            "issued anew, then cancelled at the source, as from ACR to ARB",
            by_home=False,
        ),
        Protocol(
            "retire-and-reissue",
            _retired,
            "retired at the source, then issued anew, as bridges did before May 2022",
            by_home=False,
        ),
        Protocol("by-hand", _by_hand, "two letters to two offices", by_home=False),
    )
}
"""By name, as `World.transfer_between` takes it."""
