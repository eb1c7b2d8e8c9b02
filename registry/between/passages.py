"""One transfer on its way from registry to registry, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from registry.between import reissuing
from registry.errors import InvariantBroken, LedgerError
from registry.kept.channels import Outcome
from registry.kept.opening import LAST_MOMENT_S, WorldError
from registry.records import action as act
from registry.records import result as res
from registry.records.claim import Claim
from registry.records.entry import Entry, Kind
from registry.records.message import Message
from registry.transfer.delays import Delays
from registry.transfer.exposure import exposure_of
from registry.transfer.protocols import Protocol, plan
from registry.transfer.relay import due
from registry.transfer.steps import Answer, Deliver, Do, Order, Reissue, Step, Wait, WaitUntil
from registry.units import AMOUNT_MAX_G

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
        # A plan asks first what can be known before its first step.
        self._advance(None)
        with world.all_or_nothing():
            world.account(order.to)
            self._introduce()
        self._asked_s = world.now_s

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

    def require_use(self, registry: str, batch: int, claim: Claim) -> None:
        """Ask a registry's operator whether it retires a batch for a claim's use."""
        self._world.registry(registry).require_use(batch, claim)

    def require_reissuable(self, order: Order, *, is_linked: bool) -> None:
        """Ask whether an order can be issued anew at its target, as things stand."""
        reissuing.require_reissuable(self._world, order, is_linked=is_linked)

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
            UnknownUse, NotEligible, SubjectMissing: the source's operator refuses the retirement
                now; the transfer waits where it is.
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

    def begin(self) -> None:
        """Go on until something was accepted, or nothing is left. Raises as `step` does."""
        while not (self._entries or self.is_done):
            self.step()

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
        last_s = max((entry.at_s for entry in (*there, *usable)), default=None)
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
            settlement_s=None if last_s is None else last_s - self._asked_s,
            gas_used=sum(gas) if gas else None,
            both_s=exposure.both_s,
            both_tonne_days=exposure.both_tonne_days,
            is_open=exposure.is_open,
            neither_s=exposure.neither_s,
            used_and_alive_g=exposure.used_and_alive_g,
        )

    def _introduce(self) -> None:
        """Let bridges that are to exchange credits know each other; those that do stay as is.

        Nobody has set a bound between the others, so there is none: `admit` sets one before.
        """
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
        # What others did for it may have come in late.
        last = max(self._entries, key=lambda entry: entry.seq, default=None)
        if last is not None and list(entries[last.seq - 1 : last.seq]) != [last]:
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
            with world.all_or_nothing():
                done = world.apply(step.action() if callable(step.action) else step.action)
                following = step.then(done[-1]) if step.then else None
                return done if following is None else (*done, *world.apply(following))
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
