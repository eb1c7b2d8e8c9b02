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
from registry.transfer.delays import ASSUMED, DELAY_MAX_S, USUAL, Delay, Delays
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
            delays: How long each step takes; as the registries' profiles say if absent, and where
                they say nothing, as `registry.transfer.delays.USUAL` does.

        Raises:
            WorldError: no such protocol or delay, or no registry to move to.
            ExAnteNotRetirable: the credits are expected only, and no registry takes such.
            LedgerError: a step was refused. What the protocol had done before it has undone,
                unless its nature is that it cannot: what was issued anew, or retired to be, stays
                so. Other than in one step, pieces that have arrived stay where they are, and
                credits that got home on their way to a third registry stay there.
        """
        return self.start_transfer(batch, tonnes, source, to, target, protocol, delays).finish()

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

        Nothing has been done yet when this returns, but that `to` has an account and the two
        bridges know each other, without a bound unless `admit` set one. Whatever happens between
        two steps, `relay` among it, the transfer goes on from what the ledger says; only taking its
        own steps back ends it.

        Args, Raises: as for `transfer_between`.
        """
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
        if not PROTOCOLS[protocol].by_home:
            _require_spendable(world, order)
        asked = _delays_of(world, order) if delays is None else _checked(delays)
        return Passage(world, PROTOCOLS[protocol], order, asked)

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
    """Return how long the steps take that the operators of an order's registries take."""
    profiles = world.knowledge.roster.profiles
    source, target, home = (
        profiles[name].delays for name in (order.source, order.target, order.home)
    )
    return USUAL._replace(
        relay=_delay(source.relay),
        lock=_delay(source.lock),
        mirror=_delay(target.issue),
        release=_delay(home.release),
        cancel=_delay(source.cancel),
        finalise=_delay(source.finalise),
        retired=_delay(target.issue),
    )


def _require_spendable(world: World, order: Order) -> None:
    """Refuse to issue anew what the holder does not have; later, nothing ties the two sides."""
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
