"""Random transfers among four registries on two chains, on contracts and model at once."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import pairwise

import pytest
from hypothesis import seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from registry.errors import LedgerError
from registry.records import action as act
from registry.records.claim import Claim
from registry.records.entry import MIRROR, Entry, Kind
from registry.records.interval import Interval
from registry.records.message import Message
from registry.transfer.relay import due
from registry.world import World
from tests.chain import CHAIN

T = 1_000_000
DAY_S = 86_400
HOMES = {"ICR": 1, "EcoRegistry": 1, "S&P": 2, "Harbour": 2}
"""Registry -> its chain."""
HOLDERS = ("Acme", "Borealis", "Cedar")
CLAIM = Claim(beneficiary="Acme Corp", purpose="voluntary")
OUTCOMES: Counter[str] = Counter()
choices = st.integers(0, 2**16)
shares = st.integers(1, 16)
registries = st.sampled_from(sorted(HOMES))


def four_registries(engine: str) -> World:
    """Open a world in which everybody knows everybody, and each registry has issued a batch."""
    world = World.open(seed=5, engine=engine, chains=2)
    for name, chain in HOMES.items():
        world.registry(name, chain=chain)
    for name in HOLDERS:
        world.account(name)
    for name in HOMES:
        registry = world.registry(name)
        for peer in sorted(HOMES.keys() - {name}):
            registry.admit(peer, 800)
        project = registry.register_project(f"Forest of {name}", "IS", "AR-ACM0003", "Skogur")
        registry.issue(project, 2024, 1_000, HOLDERS[len(name) % 3])
    return world


class TransferMachine(RuleBasedStateMachine):
    """Holds contracts and model to C1-C5 and to each other after every step."""

    worlds: tuple[World, World]
    is_audited = True

    @initialize()
    def begin(self) -> None:
        self.model, self.chain = self.worlds
        self.stack = ExitStack()
        for world in self.worlds:
            self.stack.enter_context(world.checkpoint())
        self.retired: dict[tuple[str, int], int] = {}

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            # An audit takes longer than all the steps: of every third sequence.
            is_due = self.is_audited and len(self.model.entries()) % 3 == 0
            found = self.model.audit() if is_due else ()
            state = [world.run_hash(findings=found) for world in self.worlds]
            self.stack.close()
            assert state[0] == state[1]
            # Messages that wait, and credits sent to nobody, are what the machine does.
            assert [each for each in found if each.code not in {"AC-1", "BR-5"}] == []

    # Steps.

    def do(self, action: act.Action) -> tuple[Entry, ...]:
        """Carry out an action on both; they must agree on what became of it."""
        said = []
        made: tuple[Entry, ...] = ()
        for world in self.worlds:
            try:
                made = world.apply(action)
                said.append(("ok", tuple(entry.line() for entry in made)))
            except LedgerError as refusal:
                said.append((type(refusal).__name__, str(refusal)))
        assert said[0] == said[1], action
        OUTCOMES[said[0][0]] += 1
        return made if said[0][0] == "ok" else ()

    def pick(
        self, choice: int, share: int, *, is_mirror: bool | None = None
    ) -> tuple[str, int, str, int] | None:
        """Choose a registry, a batch there, who holds it, and a share of what it can spend.

        Args:
            is_mirror: Whether the batch is to be a mirrored one; either will do if absent.
        """
        found = []
        channels = self.model.index.channels
        for place in channels.issued:
            if is_mirror not in (None, place in channels.lots and channels.lots[place].is_mirror):
                continue
            for holder in HOLDERS:
                if spendable_g := self.model.ledger.holding(*place, holder).spendable_g:
                    found.append((*place, holder, spendable_g))
        if not found:
            return None
        name, batch, holder, spendable_g = found[choice % len(found)]
        return name, batch, holder, max(1, spendable_g * share // 16)

    def next_id(self, registry: str) -> int:
        return self.model.index.next_id(registry)

    def target(self, registry: str, batch: int, choice: int, *, is_near: bool) -> str:
        """Choose where to; most often where it is lawful.

        Args:
            is_near: Whether it should be on the same chain.
        """
        lot = self.model.index.channels.lots.get((registry, batch))
        if choice % 16 == 0:
            return sorted(HOMES)[choice // 16 % len(HOMES)]
        if lot is not None:
            return lot.home
        others = [
            name
            for name, chain in HOMES.items()
            if name != registry and not (is_near and chain != HOMES[registry])
        ]
        return others[choice % len(others)]

    @rule(choice=choices, share=shares, to=st.sampled_from(HOLDERS))
    def move(self, choice: int, share: int, to: str) -> None:
        if (found := self.pick(choice, share, is_mirror=False)) is not None:
            registry, batch, holder, amount_g = found
            action = act.Move(
                registry=registry,
                by=holder,
                id=self.next_id(registry),
                batch=batch,
                amount_g=amount_g,
                target=self.target(registry, batch, choice, is_near=True),
                to=to,
            )
            self.do(action)

    @rule(choice=choices, share=shares, to=st.sampled_from((*HOLDERS, "Nobody")))
    def export(self, choice: int, share: int, to: str) -> None:
        is_mirror = None if choice % 16 == 0 else False
        if (found := self.pick(choice, share, is_mirror=is_mirror)) is not None:
            registry, batch, holder, amount_g = found
            action = act.Export(
                registry=registry,
                by=holder,
                id=self.next_id(registry),
                batch=batch,
                amount_g=amount_g,
                target=self.target(registry, batch, choice, is_near=False),
                to=to,
                deadline_s=self.model.now_s + 2 * DAY_S,
            )
            self.do(action)

    @precondition(lambda self: self.model.index.channels.pending())
    @rule(choice=choices)
    def relay(self, choice: int) -> None:
        """Carry one message or answer, not always the one whose turn it is."""
        channels = self.model.index.channels
        waiting = channels.pending()
        message = waiting[choice % len(waiting)]
        self.do(due(message, channels.outcome(message), self.model.now_s))

    @precondition(lambda self: self.model.index.channels.sent)
    @rule(choice=choices, what=st.integers(0, 6))
    def attack(self, choice: int, what: int) -> None:
        """Say again, too early, or with another content what was once said."""
        channels = self.model.index.channels
        sent = [each.message for each in channels.sent.values()]
        # What waits, said for the first time, is no attack.
        again = [message for message in sent if channels.taking(message) is not None]
        if what == 0 and not again:
            return
        said_before = again if what == 0 else sent
        message = said_before[choice % len(said_before)]
        forged: dict[str, object] = {
            0: {},
            1: {"number": message.number + 1},
            2: {"interval": Interval(message.interval.start_g, message.interval.end_g + T)},
            3: {"to": HOLDERS[choice % 3]},
            4: {"deadline_s": message.deadline_s + DAY_S},
        }.get(what, {})
        said = Message(**{**dict(message), **forged})
        answers = {
            5: act.Acknowledge(registry=message.source, id=message.id),
            6: act.Compensate(registry=message.source, id=message.id),
        }
        self.do(answers.get(what, act.Import(registry=message.target, message=said)))
        if what < 2:
            self.do(act.VoidImport(registry=message.target, message=said))

    @rule(choice=choices, share=shares, abroad=registries)
    def mirror(self, choice: int, share: int, abroad: str) -> None:
        """Lock and mirror, as two honest operators do."""
        found = self.pick(choice, share)
        if found is None or (found[0], found[1]) in self.model.index.channels.lots:
            return
        registry, batch, holder, amount_g = found
        if registry == abroad:
            return
        id = self.next_id(registry)
        locked = self.do(
            act.Lock(registry=registry, id=id, batch=batch, holder=holder, amount_g=amount_g)
        )
        for piece in locked[0].intervals if locked else ():
            self.do(
                act.Mirror(
                    registry=abroad,
                    source=registry,
                    lock=id,
                    scope=self.model.index.scope(registry, batch),
                    start_g=piece.start_g,
                    amount_g=piece.amount_g,
                    vintage=2024,
                    to=HOLDERS[choice % 3],
                )
            )

    @rule(choice=choices, share=shares)
    def unmirror(self, choice: int, share: int) -> None:
        """Give a mirror up and release what it stood for."""
        is_mirror = None if choice % 16 == 0 else True
        if (found := self.pick(choice, share, is_mirror=is_mirror)) is None:
            return
        registry, batch, holder, amount_g = found
        gone = self.do(
            act.Unmirror(
                registry=registry,
                by=holder,
                id=self.next_id(registry),
                batch=batch,
                amount_g=amount_g,
            )
        )
        for entry in gone:
            (piece,) = entry.intervals
            assert self.do(
                act.Release(
                    registry=entry.home or "",
                    id=entry.export or 0,
                    amount_g=piece.amount_g,
                    start_g=piece.start_g,
                )
            )

    @rule(choice=choices, share=shares)
    def retire(self, choice: int, share: int) -> None:
        if (found := self.pick(choice, share)) is None:
            return
        registry, batch, holder, amount_g = found
        id = self.next_id(registry)
        order = act.RetireOrder(id=id, batch=batch, amount_g=amount_g, claim=CLAIM)
        if registry in ("ICR", "Harbour"):
            self.do(act.Retire(registry=registry, by=holder, orders=(order,)))
            return
        deadline_s = self.model.now_s + DAY_S
        request = act.RequestRetirement(
            registry=registry, by=holder, order=order, deadline_s=deadline_s
        )
        if self.do(request):
            self.do(act.FinaliseRetirement(registry=registry, id=id))

    @rule(choice=choices, share=shares, is_lock=st.booleans())
    def dispose(self, choice: int, share: int, is_lock: bool) -> None:
        """Cancel, or lock and release: what makes a batch's serials lie in pieces."""
        if (found := self.pick(choice, share)) is None:
            return
        registry, batch, holder, amount_g = found
        id = self.next_id(registry)
        if not is_lock:
            self.do(act.Cancel(registry=registry, by=holder, id=id, batch=batch, amount_g=amount_g))
            return
        lock = act.Lock(registry=registry, id=id, batch=batch, holder=holder, amount_g=amount_g)
        if self.do(lock):
            self.do(act.Release(registry=registry, id=id, amount_g=max(1, amount_g // 2)))

    @rule(days=st.sampled_from((1, 3)))
    def advance(self, days: int) -> None:
        for world in self.worlds:
            world.advance(days=days)

    # What must hold, told by the entries alone: neither ledger is asked to judge itself.

    @invariant()
    def c1_totals_add_up(self) -> None:
        for place in self.places():
            totals = [world.ledger.totals(*place) for world in self.worlds]
            assert totals[0] == totals[1]
            assert totals[0].conserved
            held_g = sum(self.model.ledger.holding(*place, name).balance_g for name in HOLDERS)
            developers_g = self.model.ledger.holding(*place, "Skogur").balance_g
            assert held_g + developers_g == totals[0].active_g

    @invariant()
    def c2_retired_never_falls(self) -> None:
        for place in self.places():
            retired_g = self.model.ledger.totals(*place).retired_g
            assert retired_g >= self.retired.get(place, 0)
            self.retired[place] = retired_g

    @invariant()
    def c3_what_is_abroad_has_left_home(self) -> None:
        if not hasattr(self, "model"):
            return
        abroad, left = outstanding(self.model)
        for scope, pieces in abroad.items():
            ordered = sorted(pieces)
            assert all(one.end_g <= other.start_g for one, other in pairwise(ordered)), scope
            for piece in ordered:
                covered_g = sum(common(piece, out) for out in left[scope])
                assert covered_g == piece.amount_g, (scope, piece)
        for world in self.worlds:
            assert world.is_conserved()

    @invariant()
    def c4_intervals_are_disjoint(self) -> None:
        for place in self.places():
            available = [world.ledger.available(*place) for world in self.worlds]
            assert available[0] == available[1]
            made = self.model.index.channels.issued[place].intervals[0]
            here = available[0]
            rest = [Interval(here.cursor_g, here.end_g)] if here.cursor_g < here.end_g else []
            gone = standing(self.model.entries(), place)
            pieces = sorted([*here.released, *rest, *gone])
            assert sum(piece.amount_g for piece in pieces) == made.amount_g
            assert all(one.end_g <= other.start_g for one, other in pairwise(pieces))

    @invariant()
    def c5_one_message_has_one_effect(self) -> None:
        if not hasattr(self, "model"):
            return
        effects: Counter[tuple[object, ...]] = Counter()
        for entry in self.model.entries():
            if entry.number is None:
                continue
            if entry.kind in {Kind.IMPORTED, Kind.RETURNED, Kind.IMPORT_VOIDED}:
                effects["taken", entry.registry, entry.peer, entry.number] += 1
            elif entry.kind in {Kind.EXPORT_ACKNOWLEDGED, Kind.EXPORT_COMPENSATED}:
                effects["answered", entry.registry, entry.peer, entry.number] += 1
            else:
                effects["sent", entry.registry, entry.peer, entry.number] += 1
        assert set(effects.values()) <= {1}

    def places(self) -> list[tuple[str, int]]:
        return list(self.model.index.channels.issued) if hasattr(self, "model") else []


def common(one: Interval, other: Interval) -> int:
    return max(0, min(one.end_g, other.end_g) - max(one.start_g, other.start_g))


def without(pieces: Iterable[Interval], gone: Iterable[Interval]) -> list[Interval]:
    """Take intervals out of others."""
    left = list(pieces)
    for out in gone:
        cut = []
        for piece in left:
            if not common(piece, out):
                cut.append(piece)
                continue
            if piece.start_g < out.start_g:
                cut.append(Interval(piece.start_g, out.start_g))
            if out.end_g < piece.end_g:
                cut.append(Interval(out.end_g, piece.end_g))
        left = cut
    return left


_LEAVES = {
    Kind.EXPORTED,
    Kind.LOCKED,
    Kind.CANCELLED,
    Kind.RETIRED,
    Kind.RETIREMENT_REQUESTED,
}
_COMES_BACK = {
    Kind.RELEASED,
    Kind.RETURNED,
    Kind.EXPORT_COMPENSATED,
    Kind.RETIREMENT_REVERTED,
}


def standing(entries: Iterable[Entry], place: tuple[str, int]) -> list[Interval]:
    """Return the grams of a batch that have left its active ones, by the entries."""
    found: list[Interval] = []
    for entry in entries:
        if (entry.registry, entry.batch) != place:
            continue
        if entry.kind in _LEAVES:
            found += entry.intervals
        elif entry.kind in _COMES_BACK:
            found = without(found, entry.intervals)
    return found


def outstanding(world: World) -> tuple[dict[str, list[Interval]], dict[str, list[Interval]]]:
    """Return by home scope what is outstanding abroad, and what has left home for abroad."""
    abroad: dict[str, list[Interval]] = defaultdict(list)
    left: dict[str, list[Interval]] = defaultdict(list)
    mirrored = {
        (entry.home, entry.export)
        for entry in world.entries()
        if entry.kind is Kind.IMPORTED and entry.text == MIRROR
    }
    for entry in world.entries():
        scope = world.index.scope(entry.registry, entry.batch) if entry.batch is not None else ""
        if entry.kind is Kind.IMPORTED:
            abroad[scope] += entry.intervals
        elif entry.kind is Kind.EXPORTED and entry.home != entry.registry:
            abroad[scope] = without(abroad[scope], entry.intervals)
        elif entry.kind is Kind.EXPORT_COMPENSATED and entry.home != entry.registry:
            abroad[scope] += entry.intervals
        elif (entry.registry, entry.batch) not in world.index.channels.lots:
            is_lock = entry.kind in {Kind.LOCKED, Kind.RELEASED}
            # A lock that nobody mirrors is not for anything abroad.
            if is_lock and (entry.registry, entry.id) not in mirrored:
                continue
            if entry.kind in {Kind.EXPORTED, Kind.LOCKED}:
                left[scope] += entry.intervals
            elif entry.kind in _COMES_BACK - {Kind.RETIREMENT_REVERTED}:
                left[scope] = without(left[scope], entry.intervals)
    return abroad, left


@pytest.fixture(scope="module")
def worlds():
    pair = four_registries("model"), four_registries(CHAIN)
    yield pair
    pair[1].close()


def test_transfer_machine_keeps_c1_to_c5_on_contracts_and_model(worlds) -> None:
    class Machine(TransferMachine):
        pass

    Machine.worlds = worlds
    run_state_machine_as_test(
        Machine,
        settings=settings(stateful_step_count=40, max_examples=max(25, settings().max_examples)),
    )
    # Most steps must do something, and some be refused, or the sequences are worth little.
    assert OUTCOMES["ok"] / OUTCOMES.total() > 0.7, OUTCOMES
    assert len(OUTCOMES) > 4, OUTCOMES


def test_transfer_machine_shrinks_a_breach_to_its_shortest_form(worlds) -> None:
    """A law that does not hold is refuted in as few steps as it takes: sent, arrived."""

    class Machine(TransferMachine):
        is_audited = False

        @invariant()
        def nothing_arrives_by_message(self) -> None:
            if hasattr(self, "model"):
                kinds = [entry.kind for entry in self.model.entries() if entry.number is not None]
                assert Kind.IMPORTED not in kinds

    Machine.worlds = worlds
    with pytest.raises(AssertionError) as caught:
        run_state_machine_as_test(
            seed(8)(Machine),
            settings=settings(stateful_step_count=40, max_examples=200, database=None),
        )
    told = "\n".join(caught.value.__notes__)
    said = re.findall(r"^state\.(\w+)\(", told, re.MULTILINE)
    steps = [name for name in said if name in {"move", "export", "relay", "advance", "attack"}]
    assert steps == ["export", "relay"], told
