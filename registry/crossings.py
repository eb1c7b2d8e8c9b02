"""Transfers between registries: a world carries out the plans of `registry.transfer`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from registry import reissuing
from registry.channels import Outcome
from registry.errors import (
    CreditsEncumbered,
    ExAnteNotRetirable,
    InsufficientCredits,
    InvariantBroken,
    LedgerError,
    UnknownAccount,
    UnknownBatch,
    ZeroAmount,
    shown,
)
from registry.opening import LAST_MOMENT_S, WorldError
from registry.operators.profiles import Delay as Stated
from registry.records import action as act
from registry.records import result as res
from registry.records.entry import Entry, Kind
from registry.records.identity import check_name, is_ex_ante
from registry.records.message import Message
from registry.registries import Registry
from registry.transfer.delays import ASSUMED, DELAY_MAX_S, USUAL, Delay, Delays
from registry.transfer.exposure import exposure_of
from registry.transfer.protocols import PROTOCOLS, Protocol, plan
from registry.transfer.relay import due
from registry.transfer.steps import Answer, Deliver, Do, Order, Reissue, Step, Wait, WaitUntil
from registry.units import AMOUNT_MAX_G, Tonnes, grams

if TYPE_CHECKING:
    from registry.world import World

_ARRIVALS = {Kind.IMPORTED, Kind.RETURNED, Kind.ISSUED, Kind.RELEASED}
_TOLD = {
    Kind.IMPORTED: "imported",
    Kind.RETURNED: "imported",
    Kind.IMPORT_VOIDED: "voided",
    Kind.EXPORT_ACKNOWLEDGED: "acknowledged",
    Kind.EXPORT_COMPENSATED: "given back",
}


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
        bridges know each other. Whatever happens between two steps, `relay` among it, the transfer
        goes on from what the ledger says; only taking its own steps back ends it.

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


class Passage:
    """One transfer on its way; made by `World.start_transfer`.

    Attributes:
        steps: What was done so far.
        is_done: Whether nothing is left to do.
    """

    def __init__(self, world: World, protocol: Protocol, order: Order, delays: Delays) -> None:
        self._world = world
        self._protocol = protocol
        self._order = order
        self._plan = plan(protocol, order, self, delays)
        self._entries: list[Entry] = []
        self._next: Step | None = None
        self.steps: list[res.TransferStep] = []
        self.is_done = False
        world.archive.check_writable()
        with world.all_or_nothing():
            world.account(order.to)
            self._introduce()
        self._asked_s = world.now_s
        self._advance(None)

    # What a plan may ask: see `registry.transfer.steps.Office`.

    @property
    def now_s(self) -> int:
        """World clock, seconds."""
        return self._world.now_s

    def next_id(self, registry: str) -> int:
        """Return an id that the registry has not used."""
        return self._world.index.next_id(registry)

    def is_native(self, registry: str) -> bool:
        """Say whether a registry retires in one step."""
        return self._world.knowledge.roster.profiles[registry].mode == "native"

    def message(self, registry: str, id: int) -> Message:
        """Return the message of an export."""
        return self._world.index.channels.sent[registry, id].message

    def scope(self, registry: str, batch: int) -> str:
        """Return the serial prefix of a batch."""
        return self._world.index.scope(registry, batch)

    def vintage(self, registry: str, batch: int) -> int:
        """Return the vintage of a batch."""
        return self._world.index.channels.issued[registry, batch].vintage or 0

    def outcome(self, message: Message) -> Outcome | None:
        """Return what the target did with a message; None as long as it did nothing."""
        return self._world.index.channels.outcome(message)

    def late_s(self, message: Message) -> int:
        """Return the moment after which a message, and all to be taken before it, are late."""
        ahead = self._world.index.channels.ahead(message)
        return max(other.deadline_s for other in (*ahead, message))

    # Steps.

    def step(self) -> bool:
        """Wait for what comes next, and do it; say whether anything is left.

        Raises:
            LedgerError: it was refused, and the protocol has no answer to that.
            WorldError: what it did before was taken back, by a checkpoint that it was done in.
        """
        self._world.archive.check_writable()
        self._require_kept()
        if self._protocol.is_one_step:
            self._all_at_once()
        else:
            while isinstance(self._next, Wait | WaitUntil):
                self._carry_out()
            if not self.is_done:
                self._carry_out()
        return not self.is_done

    def finish(self) -> res.CrossTransfer:
        """Do all that is left, and say what came of the transfer."""
        while not self.is_done:
            self.step()
        return self.result()

    def result(self) -> res.CrossTransfer:
        """Say what has come of the transfer so far. Raises WorldError as `step` does."""
        self._require_kept()
        entries = sorted(self._entries, key=lambda entry: entry.seq)
        order, exposure = self._order, exposure_of(entries, self._world.now_s)
        at_target = [entry for entry in entries if entry.registry == order.target]
        there = [entry for entry in at_target if entry.kind in _ARRIVALS]
        # What is released to whoever had it locked is handed over by a transfer.
        usable = [entry for entry in at_target if entry.kind is Kind.TRANSFERRED]
        last_s = max((entry.at_s for entry in (*there, *usable)), default=self._world.now_s)
        gas = [step.gas_used for step in self.steps if step.gas_used is not None]
        batches = dict.fromkeys(entry.batch or 0 for entry in there)
        return res.CrossTransfer(
            protocol=self._protocol.name,
            source=order.source,
            target=order.target,
            holder=order.holder,
            to=order.to,
            amount_g=order.amount_g,
            batches=tuple(self._world.batch(order.target, batch) for batch in batches),
            steps=tuple(self.steps),
            asked_s=self._asked_s,
            settlement_s=last_s - self._asked_s,
            gas_used=sum(gas) if gas else None,
            both_s=exposure.both_s,
            both_tonne_days=exposure.both_tonne_days,
            is_open=exposure.is_open,
            neither_s=exposure.neither_s,
            used_and_alive_g=exposure.used_and_alive_g,
        )

    def _introduce(self) -> None:
        """Let bridges that are to exchange credits know each other; those that do stay as is."""
        if not self._protocol.by_home:
            return
        order, peers = self._order, self._world.index.channels.peers
        pairs = {(order.source, order.home), (order.home, order.target)}
        for one, other in sorted(pairs):
            for registry, peer in ((one, other), (other, one)):
                if registry != peer and (registry, peer) not in peers:
                    self._world.apply(
                        act.AdmitPeer(registry=registry, peer=peer, allowance_g=AMOUNT_MAX_G)
                    )

    def _advance(self, became: Sequence[Entry] | LedgerError | None) -> None:
        """Tell the plan what became of its step, and hear the next one."""
        try:
            if isinstance(became, LedgerError):
                self._next = self._plan.throw(became)
            elif became is None:
                self._next = next(self._plan)
            else:
                self._next = self._plan.send(became)
        except StopIteration:
            self._next = None
            self.is_done = True
        except LedgerError:
            self._next = None
            self.is_done = True
            raise

    def _require_kept(self) -> None:
        """Refuse to go on from what is not there any more."""
        entries = self._world.ledger.entries
        for last in self._entries[-1:]:
            if len(entries) < last.seq or entries[last.seq - 1] != last:
                raise WorldError("what this transfer has done was taken back: start it again")

    def _all_at_once(self) -> None:
        done, made = len(self.steps), len(self._entries)
        try:
            with self._world.all_or_nothing():
                while not self.is_done:
                    self._carry_out()
        except BaseException:
            # The plan cannot go back to its beginning.
            del self.steps[done:], self._entries[made:]
            self._next, self.is_done = None, True
            raise

    def _carry_out(self) -> None:
        step, world = self._next, self._world
        if isinstance(step, Wait | WaitUntil):
            self._pass(step)
            self._advance(())
            return
        if step is None:
            raise InvariantBroken("a transfer that is done has no step left")
        try:
            made = self._made(step)
        except LedgerError as refusal:
            self._advance(refusal)
            return
        self._entries += made
        last = made[-1]
        self.steps.append(
            res.TransferStep(
                what=_TOLD[last.kind] if isinstance(step, Deliver | Answer) else step.what,
                registry=(made[0] if isinstance(step, Do) else last).registry,
                at_s=last.at_s,
                gas_used=world.gas_of(made),
            )
        )
        self._advance(made)

    def _made(self, step: Do | Deliver | Answer | Reissue) -> Sequence[Entry]:
        """Carry out a step, and return its entries; those that are there, where others did it."""
        world, channels = self._world, self._world.index.channels
        if isinstance(step, Do):
            return world.apply(step.action() if callable(step.action) else step.action)
        if isinstance(step, Reissue):
            before = len(world.ledger.entries)
            reissuing.reissue(world, step.order, is_linked=step.is_linked)
            return world.ledger.entries[before:]
        message = step.message
        if isinstance(step, Answer):
            answer = channels.sent[message.source, message.id].answer
            if answer is not None:
                return (answer,)
            return world.apply(due(message, channels.outcome(message), world.now_s))
        for other in (*channels.ahead(message), message):
            if channels.taking(other) is None:
                world.apply(due(other, None, world.now_s))
        taking = channels.taking(message)
        assert taking is not None
        return (taking,)

    def _pass(self, step: Wait | WaitUntil) -> None:
        world = self._world
        if isinstance(step, Wait):
            waited_s, basis = step.delay
        else:
            waited_s, basis = max(0, step.at_s - world.now_s), "the deadline"
        if world.now_s + waited_s > LAST_MOMENT_S:
            raise WorldError(f"{step.what}: expected a moment up to the year 9999")
        world.now_s += waited_s
        world.settle()
        self.steps.append(
            res.TransferStep(
                what=step.what, registry="", at_s=world.now_s, waited_s=waited_s, basis=basis
            )
        )
