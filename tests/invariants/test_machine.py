"""A state machine that mostly does what a registry would accept, on contracts and model at once."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from registry.errors import LedgerError
from registry.ledger.model import ModelLedger
from registry.records import action as act
from registry.records.claim import Claim
from registry.records.entry import Kind
from registry.records.identity import batch_id
from registry.world import World
from tests import strategies as cast
from tests.chain import CHAIN
from tests.worlds import prepared

CLAIM = Claim(beneficiary="Acme Corp", purpose="voluntary")
OUTCOMES: Counter[str] = Counter()
choices = st.integers(0, 2**16)
registries = st.sampled_from(cast.REGISTRIES)
shares = st.integers(1, 16)


class LedgerMachine(RuleBasedStateMachine):
    """Holds contracts and model to C1, C2, C4 and to each other after every step."""

    worlds: tuple[World, World]

    @initialize()
    def begin(self) -> None:
        self.model, self.chain = self.worlds
        self.stack = ExitStack()
        for world in self.worlds:
            self.stack.enter_context(world.checkpoint())
        self.next_id = 1
        self.retired: dict[tuple[str, int], int] = {}
        self.touched: set[tuple[str, int]] = set()
        self.open: dict[Kind, list[tuple[str, int, str, int]]] = {}

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            # An audit takes longer than all the steps: of every third sequence.
            found = self.chain.audit() if len(self.chain.entries()) % 3 == 0 else ()
            state = [world.run_hash(findings=found) for world in self.worlds]
            self.stack.close()
            assert state[0] == state[1]

    def do(self, action: act.Action) -> bool:
        """Carry out an action on both; they must agree on what became of it."""
        said = []
        for world in self.worlds:
            try:
                entries = world.apply(action)
                said.append(("ok", tuple(entry.line() for entry in entries)))
                self.touched |= {(e.registry, e.batch) for e in entries if e.batch is not None}
            except LedgerError as refusal:
                said.append((type(refusal).__name__, str(refusal)))
        assert said[0] == said[1], action
        OUTCOMES[said[0][0]] += 1
        return said[0][0] == "ok"

    def pick(self, registry: str, choice: int, share: int) -> tuple[int, str, int] | None:
        """Choose a batch, a holder who can spend, and a share of what it can spend."""
        found = []
        for (name, batch, account), position in sorted(
            self.model.ledger._state.positions.rows.items()  # type: ignore[attr-defined]
        ):
            spendable_g = position.balance_g - position.frozen_g - position.pledged_g
            if name == registry and spendable_g > 0 and account != cast.CLOSED:
                found.append((batch, account, spendable_g))
        if not found:
            return None
        batch, account, spendable_g = found[choice % len(found)]
        return batch, account, max(1, spendable_g * share // 16)

    def fresh_id(self) -> int:
        self.next_id += 1
        return self.next_id

    def remember(self, kind: Kind, registry: str, id: int, who: str, amount_g: int) -> None:
        self.open.setdefault(kind, []).append((registry, id, who, amount_g))

    def recall(self, kind: Kind, choice: int) -> tuple[str, int, str, int] | None:
        waiting = self.open.get(kind, [])
        return waiting.pop(choice % len(waiting)) if waiting else None

    @rule(registry=registries, choice=choices, amount=st.integers(1, cast.BATCH_G))
    def issue(self, registry: str, choice: int, amount: int) -> None:
        scope = f"{registry}-a"
        statement = next(
            entry.statement
            for entry in self.model.entries()
            if entry.kind is Kind.STATEMENT_RECORDED and entry.registry == registry
        )
        assert statement is not None
        order = act.IssueOrder(
            batch=batch_id(1, self.model.index.next_batch(registry, 1)),
            to=cast.HOLDERS[choice % 3],
            amount_g=amount,
            start_g=self.model.index.next_start(scope),
            vintage=2024,
            statement=statement,
            scope=scope,
        )
        self.do(act.Issue(registry=registry, orders=(order,)))

    @rule(registry=registries, choice=choices, share=shares, to=st.integers(0, 3))
    def transfer(self, registry: str, choice: int, share: int, to: int) -> None:
        if (found := self.pick(registry, choice, share)) is not None:
            batch, holder, amount_g = found
            receiver = (*cast.HOLDERS, cast.BANK)[to]
            order = act.TransferOrder(batch=batch, to=receiver, amount_g=amount_g)
            self.do(act.Transfer(registry=registry, by=holder, orders=(order,)))

    @rule(choice=choices, share=shares)
    def retire(self, choice: int, share: int) -> None:
        if (found := self.pick(cast.NATIVE, choice, share)) is not None:
            batch, holder, amount_g = found
            order = act.RetireOrder(id=self.fresh_id(), batch=batch, amount_g=amount_g, claim=CLAIM)
            self.do(act.Retire(registry=cast.NATIVE, by=holder, orders=(order,)))

    @rule(registry=registries, choice=choices, share=shares)
    def request(self, registry: str, choice: int, share: int) -> None:
        if (found := self.pick(registry, choice, share)) is not None:
            batch, holder, amount_g = found
            id = self.fresh_id()
            order = act.RetireOrder(id=id, batch=batch, amount_g=amount_g, claim=CLAIM)
            deadline_s = self.model.now_s + 10 * 86_400
            action = act.RequestRetirement(
                registry=registry, by=holder, order=order, deadline_s=deadline_s
            )
            if self.do(action):
                self.remember(Kind.RETIREMENT_REQUESTED, registry, id, holder, amount_g)

    @rule(choice=choices, final=st.booleans())
    def settle(self, choice: int, final: bool) -> None:
        if (found := self.recall(Kind.RETIREMENT_REQUESTED, choice)) is not None:
            registry, id, holder, amount_g = found
            action: act.Action = act.RevertRetirement(registry=registry, id=id, reason="late")
            if final:
                action = act.FinaliseRetirement(registry=registry, id=id)
            if not self.do(action):
                self.remember(Kind.RETIREMENT_REQUESTED, registry, id, holder, amount_g)

    @rule(registry=registries, choice=choices, share=shares)
    def cancel(self, registry: str, choice: int, share: int) -> None:
        if (found := self.pick(registry, choice, share)) is not None:
            batch, holder, amount_g = found
            self.do(
                act.Cancel(
                    registry=registry,
                    by=holder,
                    id=self.fresh_id(),
                    batch=batch,
                    amount_g=amount_g,
                )
            )

    @rule(registry=registries, choice=choices, share=shares, small=st.booleans())
    def lock(self, registry: str, choice: int, share: int, small: bool) -> None:
        if (found := self.pick(registry, choice, share)) is not None:
            batch, holder, amount_g = found
            amount_g = 1 + choice % 7 if small else amount_g
            id = self.fresh_id()
            action = act.Lock(
                registry=registry, id=id, batch=batch, holder=holder, amount_g=amount_g
            )
            if self.do(action):
                self.remember(Kind.LOCKED, registry, id, holder, amount_g)

    @rule(choice=choices, share=shares)
    def release(self, choice: int, share: int) -> None:
        if (found := self.recall(Kind.LOCKED, choice)) is not None:
            registry, id, holder, locked_g = found
            amount_g = max(1, locked_g * share // 16)
            if self.do(act.Release(registry=registry, id=id, amount_g=amount_g)) and (
                rest_g := locked_g - amount_g
            ):
                self.remember(Kind.LOCKED, registry, id, holder, rest_g)

    @rule(registry=registries, choice=choices, share=shares)
    def pledge(self, registry: str, choice: int, share: int) -> None:
        if (found := self.pick(registry, choice, share)) is not None:
            batch, holder, amount_g = found
            id = self.fresh_id()
            action = act.Pledge(
                registry=registry,
                by=holder,
                id=id,
                batch=batch,
                amount_g=amount_g,
                lender=cast.BANK,
            )
            if self.do(action):
                self.remember(Kind.PLEDGED, registry, id, holder, amount_g)

    @rule(choice=choices, how=st.sampled_from((act.ReleasePledge, act.Foreclose, act.EndPledge)))
    def end_pledge(self, choice: int, how: type[act.Action]) -> None:
        if (found := self.recall(Kind.PLEDGED, choice)) is not None:
            registry, id, holder, amount_g = found
            by = {} if how is act.EndPledge else {"by": cast.BANK}
            if not self.do(how.model_validate({"registry": registry, "id": id, **by})):
                self.remember(Kind.PLEDGED, registry, id, holder, amount_g)

    @rule(registry=registries, choice=choices, share=shares)
    def freeze(self, registry: str, choice: int, share: int) -> None:
        if (found := self.pick(registry, choice, share)) is not None:
            batch, holder, amount_g = found
            amount_g = 0 if share < 6 else amount_g // 3
            self.do(act.Freeze(registry=registry, batch=batch, account=holder, amount_g=amount_g))

    @rule(registry=registries, choice=choices, share=shares)
    def force_transfer(self, registry: str, choice: int, share: int) -> None:
        if (found := self.pick(registry, choice, share)) is not None:
            batch, holder, amount_g = found
            self.do(
                act.ForceTransfer(
                    registry=registry,
                    batch=batch,
                    source=holder,
                    to=cast.HOLDERS[choice % 3],
                    amount_g=amount_g,
                    reason="order",
                )
            )

    @rule(days=st.sampled_from((1, 11)))
    def advance(self, days: int) -> None:
        for world in self.worlds:
            world.advance(days=days)

    touched: set[tuple[str, int]] = frozenset()  # type: ignore[assignment]

    @invariant()
    def c1_totals_add_up(self) -> None:
        for registry, batch in self.touched:
            totals = [world.ledger.totals(registry, batch) for world in self.worlds]
            assert totals[0] == totals[1]
            assert totals[0].conserved

    @invariant()
    def c2_retired_never_falls(self) -> None:
        for registry, batch in sorted(self.touched):
            retired_g = self.model.ledger.totals(registry, batch).retired_g
            assert retired_g >= self.retired.get((registry, batch), 0)
            self.retired[registry, batch] = retired_g

    @invariant()
    def c4_intervals_are_disjoint(self) -> None:
        if not hasattr(self, "model"):
            return
        assert isinstance(self.model.ledger, ModelLedger)
        self.model.ledger.check()
        for registry, batch in self.touched:
            available = [world.ledger.available(registry, batch) for world in self.worlds]
            assert available[0] == available[1]
        self.touched.clear()


@pytest.fixture(scope="module")
def worlds():
    pair = prepared("model"), prepared(CHAIN)
    yield pair
    pair[1].close()


def test_machine_contracts_and_model_agree(worlds) -> None:
    class Machine(LedgerMachine):
        pass

    Machine.worlds = worlds
    run_state_machine_as_test(
        Machine,
        settings=settings(stateful_step_count=40, max_examples=max(25, settings().max_examples)),
    )
    useful = OUTCOMES["ok"] / OUTCOMES.total()
    assert useful > 0.8, OUTCOMES
