"""The model's own check must see each way in which its tables could stop agreeing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from registry.errors import InvariantBroken, UnknownBatch
from registry.ledger.model import ModelLedger
from registry.ledger.rules import Desk
from registry.ledger.state import Held, Position, State
from registry.records import action as act
from registry.records.claim import Claim
from registry.records.identity import batch_id
from registry.records.interval import Interval
from registry.world import World
from tests.strategies import NATIVE
from tests.worlds import prepared

BATCH = batch_id(1, 1)
KEY = (NATIVE, BATCH)


@pytest.fixture(scope="module")
def built() -> World:
    world = prepared("model")
    claim = Claim(beneficiary="A", purpose="B")
    where: dict[str, Any] = {"registry": NATIVE, "batch": BATCH, "amount_g": 100}
    world.apply(act.Lock(**where, id=1, holder="Acme"))
    world.apply(act.Cancel(**where, by="Acme", id=2))
    order = act.RetireOrder(id=3, batch=BATCH, amount_g=100, claim=claim)
    world.apply(act.Retire(registry=NATIVE, by="Acme", orders=(order,)))
    world.apply(act.Lock(**where, id=4, holder="Acme"))
    world.apply(act.Release(registry=NATIVE, id=1, amount_g=40))
    return world


@pytest.fixture
def ledger(built: World) -> Iterator[ModelLedger]:
    with built.checkpoint():
        assert isinstance(built.ledger, ModelLedger)
        yield built.ledger


def test_check_is_silent_on_a_sound_ledger(ledger: ModelLedger) -> None:
    ledger.check()


def balance(state: State) -> None:
    held = state.positions.rows[NATIVE, BATCH, "Acme"]
    state.positions.put((NATIVE, BATCH, "Acme"), held._replace(balance_g=held.balance_g - 1))


def active(state: State) -> None:
    row = state.batches.rows[KEY]
    state.batches.put(KEY, row._replace(active_g=row.active_g + 1, locked_g=row.locked_g - 1))


def swapped(state: State) -> None:
    row = state.batches.rows[KEY]
    totals = {"locked_g": row.locked_g - 1, "cancelled_g": row.cancelled_g + 1}
    state.batches.put(KEY, row._replace(**totals))


def cursor(state: State) -> None:
    row = state.batches.rows[KEY]
    shelf = row.shelf._replace(cursor_g=row.shelf.cursor_g - 1)
    state.batches.put(KEY, row._replace(shelf=shelf))


def stack(state: State) -> None:
    row = state.batches.rows[KEY]
    moved = (Interval(100, 140), None)
    state.batches.put(KEY, row._replace(shelf=row.shelf._replace(stack=moved)))


def overlap(state: State) -> None:
    row = state.dispositions.rows[NATIVE, 3]
    state.dispositions.put((NATIVE, 3), row._replace(intervals=(Interval(100, 200),)))


def outside(state: State) -> None:
    row = state.dispositions.rows[NATIVE, 4]
    end_g = state.batches.rows[KEY].shelf.end_g
    state.dispositions.put((NATIVE, 4), row._replace(intervals=(Interval(end_g, end_g + 100),)))


def lost(state: State) -> None:
    row = state.dispositions.rows[NATIVE, 2]
    state.dispositions.put((NATIVE, 2), row._replace(kind=Held.REVERTED))


@pytest.mark.parametrize(
    "corrupt", [balance, active, swapped, cursor, stack, overlap, outside, lost]
)
def test_check_sees_a_corruption(ledger: ModelLedger, corrupt: Callable[[State], None]) -> None:
    corrupt(ledger._state)
    with pytest.raises(InvariantBroken):
        ledger.check()


def test_put_refuses_a_batch_whose_totals_do_not_add_up(ledger: ModelLedger) -> None:
    desk = Desk(ledger._state, NATIVE, 0, 1)
    row = ledger._state.batches.rows[KEY]
    for broken in (
        row._replace(active_g=row.active_g + 1),
        row._replace(active_g=row.active_g + row.issued_g + 1, locked_g=-1 - row.issued_g),
    ):
        with pytest.raises(InvariantBroken, match="C1"):
            desk.put_batch(BATCH, broken)


@pytest.mark.parametrize("field", Position._fields)
@pytest.mark.parametrize("value", [-1, 2**63])
def test_put_refuses_a_position_out_of_bounds(ledger: ModelLedger, field: str, value: int) -> None:
    desk = Desk(ledger._state, NATIVE, 0, 1)
    with pytest.raises(InvariantBroken):
        desk.put_position(BATCH, "Acme", Position()._replace(**{field: value}))


def test_snapshot_nests_and_forget_keeps(ledger: ModelLedger) -> None:
    entries = list(ledger.entries)
    lock = act.Lock(registry=NATIVE, id=9, batch=BATCH, holder="Acme", amount_g=7)
    outer = ledger.snapshot()
    ledger.apply(lock, 2_000_000_000)
    inner = ledger.snapshot()
    ledger.apply(act.Release(registry=NATIVE, id=9, amount_g=7), 2_000_000_001)
    ledger.revert(inner)
    assert [piece.amount_g for piece in ledger.held(NATIVE, 9)] == [7]
    kept = ledger.snapshot()
    ledger.apply(act.Release(registry=NATIVE, id=9, amount_g=3), 2_000_000_001)
    ledger.forget(kept)
    assert [piece.amount_g for piece in ledger.held(NATIVE, 9)] == [4]
    ledger.revert(outer)
    assert list(ledger.entries) == entries
    assert ledger.held(NATIVE, 9) == ()
    ledger.check()


def test_journal_is_dropped_when_no_mark_needs_it() -> None:
    world = prepared("model")
    assert isinstance(world.ledger, ModelLedger)
    assert world.ledger._state.journal == []
    mark = world.ledger.snapshot()
    world.apply(act.Lock(registry=NATIVE, id=9, batch=BATCH, holder="Acme", amount_g=7))
    assert world.ledger._state.journal != []
    world.ledger.forget(mark)
    assert world.ledger._state.journal == []


def test_questions_about_an_unknown_batch_are_refused(ledger: ModelLedger) -> None:
    for ask in (
        lambda: ledger.totals(NATIVE, 5),
        lambda: ledger.available(NATIVE, 5),
        lambda: ledger.holding(NATIVE, 5, "Acme"),
        lambda: ledger.totals("Nowhere", BATCH),
    ):
        with pytest.raises(UnknownBatch):
            ask()
