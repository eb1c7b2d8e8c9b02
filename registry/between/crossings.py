"""Transfers between registries: a world carries out the plans of `registry.transfer`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from registry.between.passages import Passage
from registry.desk.registries import Registry
from registry.errors import (
    CreditsEncumbered,
    ExAnteNotRetirable,
    InsufficientCredits,
    LedgerError,
    UnknownAccount,
    UnknownBatch,
    ZeroAmount,
    shown,
)
from registry.kept.opening import WorldError
from registry.operators.profiles import Delay as Stated
from registry.records import result as res
from registry.records.entry import Entry
from registry.records.identity import check_name, is_ex_ante
from registry.records.message import Message
from registry.transfer.delays import (
    ASSUMED,
    DEADLINE_MAX_S,
    DELAY_MAX_S,
    USUAL,
    Delay,
    Delays,
    deadline_for,
)
from registry.transfer.protocols import PROTOCOLS
from registry.transfer.relay import due
from registry.transfer.steps import Order
from registry.units import Tonnes, grams

if TYPE_CHECKING:
    from registry.world import World


class Crossings:
    """What a `registry.world.World` does between registries."""

    @property
    def _here(self) -> World:
        return cast("World", self)

    def transfer_between(
        self,
        batch: res.Batch,
        tonnes: Tonnes,
        source: str,
        to: str,
        target: Registry | str,
        protocol: str = "atomic",
        delays: Delays | None = None,
    ) -> res.CrossTransfer:
        """Move credits to another registry, from the first step to the last; time passes.

        Args:
            batch: At the registry where the credits are: issued there, or imported.
            source: The account that holds them there.
            to: The account that gets them, opened if it has none.
            target: An open registry. Credits that are foreign to both registries travel through
                their home where the protocol keeps their serials.
            protocol: A key of `registry.transfer.protocols.PROTOCOLS`.
            delays: How long each step takes. If absent, `registry.transfer.delays.Delays` says
                which figure comes from which registry's profile, and which from
                `registry.transfer.delays.USUAL`.

        Raises:
            WorldError: no such protocol or delay, no registry to move to, or a message that takes
                longer than it has.
            ExAnteNotRetirable: the credits are expected only, and no registry takes such.
            UnknownUse, NotEligible, SubjectMissing: the source's operator does not retire them to
                be issued anew.
            LedgerError: a step was refused. If it was the first, nothing has happened: nobody has
                an account, no bridge another, and no time has passed. What the protocol had done
                before a later one it has undone, unless its nature is that it cannot: what was
                issued anew, or cancelled or retired to be, stays so. Other than in one step, pieces
                that have arrived stay where they are, and credits that got home on their way to a
                third registry stay there.
        """
        with self._here.all_or_nothing():
            passage = self.start_transfer(batch, tonnes, source, to, target, protocol, delays)
            passage.begin()
        return passage.finish()

    def start_transfer(
        self,
        batch: res.Batch,
        tonnes: Tonnes,
        source: str,
        to: str,
        target: Registry | str,
        protocol: str = "atomic",
        delays: Delays | None = None,
    ) -> Passage:
        """Begin a transfer that is carried out step by step, so that other things can happen.

        Nothing has been done yet when this returns, but that `to` has an account and, where serials
        are kept, the bridges on the way know each other, without a bound unless `admit` set one;
        both stay, whatever becomes of the steps. Whatever happens between two steps, `relay` among
        it, the transfer goes on from what the ledger says; only taking its own steps back ends it.

        Args: as for `transfer_between`.

        Raises:
            WorldError, ExAnteNotRetirable, UnknownUse, NotEligible, SubjectMissing: as for
                `transfer_between`; nothing has happened.
            LedgerError: what no step can mend: no amount, nothing that the holder could spend, or
                no verification at the target that it could be issued anew under. Nothing has
                happened.
        """
        world = self._here
        order = self._ordered(batch, tonnes, source, to, target, protocol)
        asked = _delays_of(world, order) if delays is None else _checked(delays)
        if PROTOCOLS[protocol].by_message:
            _require_time(order, asked)
        return Passage(world, PROTOCOLS[protocol], order, asked)

    def _ordered(
        self,
        batch: res.Batch,
        tonnes: Tonnes,
        source: str,
        to: str,
        target: Registry | str,
        protocol: str,
    ) -> Order:
        """Return what is asked for, or refuse what no protocol could do, and no later moment."""
        world = self._here
        if not isinstance(protocol, str) or protocol not in PROTOCOLS:
            raise WorldError(f"protocol {shown(protocol)}: expected {', '.join(PROTOCOLS)}")
        if not isinstance(batch, res.Batch):
            raise WorldError(f"batch {shown(batch)}: expected what `issue` returned")
        if isinstance(target, Registry) and target._world is not world:
            raise WorldError(f"target {shown(target.name)}: expected a registry of this world")
        name = target.name if isinstance(target, Registry) else check_name("registry", target)
        opened = {profile.name for profile in world.registries}
        if name not in opened or name == batch.registry:
            expected = f"expected one of {', '.join(sorted(opened - {batch.registry}))}"
            raise WorldError(f"target {shown(name)}: {expected}")
        if batch.registry not in opened:
            raise UnknownBatch(batch.batch)
        world.ledger.totals(batch.registry, batch.batch)
        lot = world.index.channels.lots.get((batch.registry, batch.batch))
        if lot is not None and not PROTOCOLS[protocol].by_home:
            expected = f"expected one that keeps serials, as these credits are from {lot.home}"
            raise WorldError(f"protocol {shown(protocol)}: {expected}")
        order = Order(
            source=batch.registry,
            batch=batch.batch,
            amount_g=grams(tonnes),
            holder=check_name("account", source),
            target=name,
            to=check_name("account", to),
            home=batch.registry if lot is None else lot.home,
        )
        if is_ex_ante(order.batch):
            raise ExAnteNotRetirable(order.batch)
        _require_spendable(world, order)
        return order

    def relay(self) -> tuple[Entry, ...]:
        """Carry every message and answer that waits, as far as it goes now; one round.

        What the target refuses stays where it is, and is voided once it is late. It goes by what
        the ledger says alone, so that a relayer that was stopped goes on where it was.

        Returns:
            What came of it, in order.
        """
        world = self._here
        done: list[Entry] = []
        for message in world.index.channels.pending():
            action = due(message, world.index.channels.outcome(message), world.now_s)
            try:
                done += world.apply(action)
            except LedgerError:
                continue
        return tuple(done)

    def pending(self) -> tuple[Message, ...]:
        """Return the messages whose senders have no answer yet, in the order of sending."""
        return tuple(self._here.index.channels.pending())


def _delays_of(world: World, order: Order) -> Delays:
    """Return how long an order's steps take, as the class `Delays` says from where."""
    profiles = world.knowledge.roster.profiles
    source, target, home = (
        profiles[name].delays for name in (order.source, order.target, order.home)
    )
    delays = USUAL._replace(
        relay=_delay(source.relay),
        answer=_delay(target.relay),
        home_relay=_delay(home.relay),
        lock=_delay(home.lock),
        mirror=_delay(target.issue),
        release=_delay(home.release),
        reissue=max(USUAL.reissue, _delay(target.issue), key=_seconds),
        cancel=_delay(source.cancel),
        finalise=_delay(source.finalise),
        retired=_delay(target.issue),
    )
    return delays._replace(deadline=deadline_for(*_carried(order, delays)))


def _seconds(delay: Delay) -> int:
    return delay.seconds


def _carried(order: Order, delays: Delays) -> tuple[Delay, ...]:
    """Return how long each message of an order travels that goes by message."""
    is_direct = order.home in (order.source, order.target)
    return (delays.relay,) if is_direct else (delays.relay, delays.home_relay)


def _require_time(order: Order, delays: Delays) -> None:
    """Refuse messages that would always come late."""
    slowest_s = max(map(_seconds, _carried(order, delays)))
    # A second is the export's own; what is to be in time is taken before the deadline.
    if slowest_s + 1 >= delays.deadline.seconds:
        expected = f"expected a deadline beyond that, of {DEADLINE_MAX_S} s at most"
        has = f"a message takes {slowest_s} s and has {delays.deadline.seconds} s"
        raise WorldError(f"delay relay: {has}: {expected}")


def _require_spendable(world: World, order: Order) -> None:
    """Refuse what the holder does not have, before anything is opened, or issued anew."""
    if order.holder not in world.knowledge.roster.accounts:
        raise UnknownAccount(order.holder)
    held = world.ledger.holding(order.source, order.batch, order.holder)
    if not order.amount_g:
        raise ZeroAmount
    if held.balance_g < order.amount_g:
        raise InsufficientCredits(order.batch, order.holder, held.balance_g, order.amount_g)
    if held.spendable_g < order.amount_g:
        raise CreditsEncumbered(
            order.batch,
            order.holder,
            held.balance_g,
            held.pledged_g,
            held.frozen_g,
            order.amount_g,
        )


def _checked(delays: Delays) -> Delays:
    if not isinstance(delays, Delays):
        raise WorldError(f"delays {shown(delays)}: expected registry.transfer.delays.Delays")
    for what, delay in delays._asdict().items():
        is_delay = isinstance(delay, Delay) and type(delay.seconds) is int
        if not is_delay or not 0 <= delay.seconds <= DELAY_MAX_S or type(delay.basis) is not str:
            expected = f"expected a Delay of 0 to {DELAY_MAX_S} s and its basis in words"
            raise WorldError(f"delay {what} {shown(delay)}: {expected}")
    return delays


def _delay(stated: Stated) -> Delay:
    basis = f"{ASSUMED}: {stated.source}" if stated.is_assumption else stated.source
    return Delay(stated.seconds, basis)
