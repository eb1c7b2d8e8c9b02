"""How the model carries out what moves credits between registries.

The model has no signatures: a bridge attests what its own registry's tables say. So only what was
sent arrives, and a return always finds what it returns outstanding at home.
"""

from __future__ import annotations

from typing import NamedTuple

from registry import errors
from registry.ledger.guard import claim, free
from registry.ledger.pieces import largest_piece
from registry.ledger.rules import Desk
from registry.ledger.state import Disposition, Held, Lot, Node, Sent
from registry.records import action as act
from registry.records.entry import MIRROR, Kind
from registry.records.identity import Role, imported_id
from registry.records.interval import Interval
from registry.records.message import Message
from registry.units import AMOUNT_MAX_G, DAY_S

DEADLINE_MAX_S = 30 * DAY_S
"""Seconds that a message may take, at most: for so long, one that is refused holds up others."""


class _Arrival(NamedTuple):
    """Credits that come to a registry, by message, in one step or on operators' word."""

    source: str
    home: str
    export: int
    scope: str
    interval: Interval
    vintage: int
    to: str
    number: int | None = None
    text: str | None = None


def admit_peer(desk: Desk, action: act.AdmitPeer) -> None:
    """Admit a peer, or change its allowance."""
    if desk.state.registries.get(action.peer) is None:
        raise errors.UnknownRegistry(action.peer, tuple(desk.state.registries.rows))
    desk.require_role(action.by, Role.OPERATOR)
    if action.peer == desk.registry:
        raise errors.UnknownPeer(action.peer)
    desk.state.peers.put((desk.registry, action.peer), action.allowance_g)
    desk.write(Kind.PEER_ADMITTED, peer=action.peer, amount_g=action.allowance_g)


def _require_peer(desk: Desk, peer: str) -> int:
    """Return how many of the peer's grams may be outstanding here, or refuse."""
    allowance_g = desk.state.peers.get((desk.registry, peer))
    if allowance_g is None:
        raise errors.UnknownPeer(peer)
    return allowance_g


# Leaving.


def export(desk: Desk, action: act.Export) -> None:
    """Send credits by message."""
    _require_peer(desk, action.target)
    if action.deadline_s <= desk.now_s:
        raise errors.DeadlineTooEarly(action.deadline_s, desk.now_s)
    latest_s = desk.now_s + DEADLINE_MAX_S
    if action.deadline_s > latest_s:
        raise errors.DeadlineTooLate(action.deadline_s, latest_s)
    _require_way(desk, action.batch, action.target)
    lot, interval = _leave(desk, action)
    way = (desk.registry, action.target)
    number = (desk.state.counts.get(way) or 0) + 1
    desk.state.counts.put(way, number)
    message = Message(
        source=desk.registry,
        target=action.target,
        id=action.id,
        number=number,
        home=lot.home,
        export=_export_id(desk, lot, action.id),
        scope=lot.scope,
        interval=interval,
        vintage=lot.vintage,
        to=action.to,
        deadline_s=action.deadline_s,
    )
    desk.state.sent.put((desk.registry, action.id), Sent(message, is_pending=True))
    _write_exported(
        desk,
        action,
        lot,
        interval,
        counterparty=action.to,
        peer=action.target,
        deadline_s=action.deadline_s,
        number=number,
    )


def move(desk: Desk, action: act.Move) -> None:
    """Send credits and take them in at their target, in one step."""
    _require_peer(desk, action.target)
    if desk.state.chains.get(action.target) != desk.state.chains.get(desk.registry):
        raise errors.PeerOnAnotherChain(action.target)
    _require_way(desk, action.batch, action.target)
    lot, interval = _leave(desk, action)
    _write_exported(desk, action, lot, interval, counterparty=action.to, peer=action.target)
    there = desk.at(action.target)
    _require_peer(there, desk.registry)
    _arrive(
        there,
        _Arrival(
            desk.registry,
            lot.home,
            _export_id(desk, lot, action.id),
            lot.scope,
            interval,
            lot.vintage,
            action.to,
        ),
    )


def unmirror(desk: Desk, action: act.Unmirror) -> None:
    """Give up what stands for credits that are locked at home."""
    lot = desk.state.lots.get((desk.registry, action.batch))
    if lot is None or not lot.is_mirror:
        raise errors.NotMirrored(action.batch)
    lot, interval = _leave(desk, action)
    _write_exported(desk, action, lot, interval, peer=lot.home, text=MIRROR)


def _require_way(desk: Desk, batch: int, target: str) -> None:
    """Refuse to send imported credits anywhere but home, and mirrored ones at all."""
    lot = desk.state.lots.get((desk.registry, batch))
    if lot is None or lot.home == desk.registry:
        return
    if lot.is_mirror:
        raise errors.MirrorOnly(batch)
    if lot.home != target:
        raise errors.NotHome(batch, lot.home)


def _export_id(desk: Desk, lot: Lot, id: int) -> int:
    """Return the id at home under which credits that leave under `id` are outstanding."""
    return id if lot.home == desk.registry else lot.export


def _leave(desk: Desk, action: act.Export | act.Move | act.Unmirror) -> tuple[Lot, Interval]:
    """Take credits of the acting holder out of active, as one interval; say which."""
    desk.require_running()
    desk.require_amount(action.amount_g)
    row = desk.batch(action.batch)
    desk.require_verified(action.batch)
    desk.require_open(action.by)
    desk.require_new_id(action.id)
    desk.require_spendable(action.batch, action.by, action.amount_g)
    available_g = largest_piece(row.shelf)
    if available_g < action.amount_g:
        raise errors.TooFragmented(action.batch, available_g)
    (interval,) = desk.leave(action.batch, action.by, action.amount_g, "exported_g")
    held = Disposition(Held.EXPORT, action.batch, action.by, action.amount_g, (interval,))
    desk.state.dispositions.put((desk.registry, action.id), held)
    lot = desk.state.lots.rows[desk.registry, action.batch]
    if lot.home != desk.registry:
        _let_go(desk, lot, interval)
    return lot, interval


def _write_exported(
    desk: Desk,
    action: act.Export | act.Move | act.Unmirror,
    lot: Lot,
    interval: Interval,
    **more: object,
) -> None:
    desk.write(
        Kind.EXPORTED,
        id=action.id,
        batch=action.batch,
        account=action.by,
        amount_g=action.amount_g,
        intervals=(interval,),
        home=lot.home,
        export=_export_id(desk, lot, action.id),
        **more,
    )


# Arriving.


def import_(desk: Desk, action: act.Import) -> None:
    """Take credits in, or back."""
    message = action.message
    _require_next(desk, message)
    if desk.now_s > message.deadline_s:
        raise errors.MessageExpired(message.source, message.number, message.deadline_s)
    _take(desk, message, is_voided=False)
    _arrive(
        desk,
        _Arrival(
            message.source,
            message.home,
            message.export,
            message.scope,
            message.interval,
            message.vintage,
            message.to,
            message.number,
        ),
    )


def void_import(desk: Desk, action: act.VoidImport) -> None:
    """Use a message up that came too late."""
    message = action.message
    _require_next(desk, message)
    if desk.now_s <= message.deadline_s:
        raise errors.MessageNotExpired(message.source, message.number, message.deadline_s)
    _take(desk, message, is_voided=True)
    desk.write(
        Kind.IMPORT_VOIDED,
        peer=message.source,
        number=message.number,
        export=message.export,
        home=message.home,
        amount_g=message.amount_g,
        intervals=(message.interval,),
    )


def _require_next(desk: Desk, message: Message) -> None:
    """Refuse what is not the next message of a peer to this registry, as it was sent."""
    source = message.source
    _require_peer(desk, source)
    if message.target != desk.registry:
        raise errors.MessageForAnotherRegistry(message.target)
    sent = desk.state.sent.get((source, message.id))
    if sent is None or sent.message != message:
        raise errors.NotAttested(source, message.id)
    expected = (desk.state.arrivals.get((source, desk.registry)) or 0) + 1
    if message.number < expected:
        raise errors.MessageAlreadyUsed(source, message.number)
    if message.number > expected:
        raise errors.MessageOutOfOrder(source, expected, message.number)


def _take(desk: Desk, message: Message, *, is_voided: bool) -> None:
    way = (message.source, desk.registry)
    desk.state.arrivals.put(way, message.number)
    desk.state.voided.put((*way, message.number), is_voided)


def _arrive(desk: Desk, arrival: _Arrival) -> None:
    desk.require_running()
    desk.require_open(arrival.to)
    if arrival.home == desk.registry:
        _come_home(desk, arrival)
    else:
        _settle(desk, arrival)


def _come_home(desk: Desk, arrival: _Arrival) -> None:
    """Give credits back to active at home; the export that they left by shrinks."""
    row = desk.state.dispositions.rows[desk.registry, arrival.export]
    desk.shrink(arrival.export, row, arrival.interval)
    desk.come_back(row.batch, arrival.to, (arrival.interval,), "exported_g")
    desk.write(
        Kind.RETURNED,
        id=arrival.export,
        batch=row.batch,
        account=arrival.to,
        amount_g=arrival.interval.amount_g,
        intervals=(arrival.interval,),
        peer=arrival.source,
        home=arrival.home,
        export=arrival.export,
        number=arrival.number,
    )


def _settle(desk: Desk, arrival: _Arrival) -> None:
    """Make an imported batch of credits of another home."""
    home, interval = arrival.home, arrival.interval
    lot = Lot(arrival.scope, arrival.vintage, home, arrival.export, arrival.text == MIRROR)
    allowance_g = _require_peer(desk, home)
    outstanding_g = desk.state.outstanding.get((desk.registry, home)) or 0
    if outstanding_g + interval.amount_g > allowance_g:
        raise errors.AboveAllowance(home, allowance_g, outstanding_g, interval.amount_g)
    _claim_here(desk, lot, interval)
    number = (desk.state.imports.get(desk.registry) or 0) + 1
    desk.state.imports.put(desk.registry, number)
    batch = imported_id(number)
    desk.create(batch, arrival.to, interval, lot)
    desk.write(
        Kind.IMPORTED,
        batch=batch,
        account=arrival.to,
        amount_g=interval.amount_g,
        intervals=(interval,),
        scope=lot.scope,
        vintage=lot.vintage,
        peer=arrival.source,
        home=home,
        export=lot.export,
        number=arrival.number,
        text=arrival.text,
    )


def mirror(desk: Desk, action: act.Mirror) -> None:
    """Make an imported batch on operators' word. Nothing checks the lock that it stands for."""
    desk.require_role(action.by, Role.OPERATOR)
    _require_peer(desk, action.source)
    desk.require_running()
    desk.require_amount(action.amount_g)
    end_g = action.start_g + action.amount_g
    if end_g > AMOUNT_MAX_G:
        raise errors.AmountTooLarge(end_g)
    desk.require_open(action.to)
    desk.require_short(action.scope)
    _settle(
        desk,
        _Arrival(
            action.source,
            action.source,
            action.lock,
            action.scope,
            Interval(action.start_g, end_g),
            action.vintage,
            action.to,
            text=MIRROR,
        ),
    )


# What is here of others.


def _claim_here(desk: Desk, lot: Lot, interval: Interval) -> None:
    """Claim an interval of another home as outstanding here, or refuse."""
    place = (desk.registry, lot.scope)
    wanted = Node(*interval, lot.home)
    nodes = claim(desk.state.here.get(place) or (), wanted, merge=True)
    if isinstance(nodes, Node):
        raise errors.IntervalAlreadyHere(lot.scope, nodes.start, nodes.end)
    desk.state.here.put(place, nodes)
    _count(desk, lot.home, interval.amount_g)


def _let_go(desk: Desk, lot: Lot, interval: Interval) -> None:
    """Free an interval of another home, which is no more outstanding here."""
    place = (desk.registry, lot.scope)
    nodes = free(desk.state.here.rows[place], Node(*interval, lot.home))
    desk.state.here.put(place, nodes)
    _count(desk, lot.home, -interval.amount_g)


def _count(desk: Desk, home: str, amount_g: int) -> None:
    place = (desk.registry, home)
    outstanding_g = desk.state.outstanding.get(place) or 0
    desk.state.outstanding.put(place, outstanding_g + amount_g)


# Answers.


def acknowledge(desk: Desk, action: act.Acknowledge) -> None:
    """Note that an export arrived."""
    message, row = _answered(desk, action.id, is_voided=False)
    desk.write(
        Kind.EXPORT_ACKNOWLEDGED,
        id=action.id,
        batch=row.batch,
        account=row.holder,
        amount_g=message.amount_g,
        peer=message.target,
        number=message.number,
    )


def compensate(desk: Desk, action: act.Compensate) -> None:
    """Give back an export that never arrives; neither pause nor a closed account stops it."""
    message, row = _answered(desk, action.id, is_voided=True)
    lot = desk.state.lots.rows[desk.registry, row.batch]
    if lot.home != desk.registry:
        _claim_here(desk, lot, message.interval)
    desk.come_back(row.batch, row.holder, row.intervals, "exported_g")
    desk.state.dispositions.put((desk.registry, action.id), row._replace(kind=Held.REVERTED))
    desk.write(
        Kind.EXPORT_COMPENSATED,
        id=action.id,
        batch=row.batch,
        account=row.holder,
        amount_g=row.amount_g,
        intervals=row.intervals,
        peer=message.target,
        home=message.home,
        export=message.export,
        number=message.number,
    )


def _answered(desk: Desk, id: int, *, is_voided: bool) -> tuple[Message, Disposition]:
    """Take the target's answer to an export; refuse if it is another one, or none."""
    place = (desk.registry, id)
    sent = desk.state.sent.get(place)
    if sent is None or not sent.is_pending:
        raise errors.NoPendingExport(id)
    message = sent.message
    answer = desk.state.voided.get((message.source, message.target, message.number))
    if answer is not is_voided:
        raise errors.NotAttested(message.target, id)
    desk.state.sent.put(place, sent._replace(is_pending=False))
    return message, desk.state.dispositions.rows[place]
