"""Serials in pieces: crumbs of one holder do not stop another, and 16 pieces are enough."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry import errors
from registry.ledger.interface import Available
from registry.ledger.pieces import PIECES_MAX
from registry.records import action as act
from registry.records.interval import Interval
from registry.records.result import Batch
from tests.contracts.stage import CLAIM, CLAIM_ARGS, DAY_S, ICR, Stage, T

CRUMBS = 20


def gram_locks(stage: Stage, batch: Batch, count: int, first_id: int) -> list[int]:
    """Lock single grams of Acme's, one after the other, and return the locks' ids."""
    ids = list(range(first_id, first_id + count))
    for id in ids:
        stage.apply(act.Lock(registry=ICR, id=id, batch=batch.batch, holder="Acme", amount_g=1))
    return ids


def release(stage: Stage, id: int, amount_g: int = 1) -> None:
    stage.apply(act.Release(registry=ICR, id=id, amount_g=amount_g))


class Crumbled:
    """A stage with crumbs: forty in its large batch, twenty in a small one that has nothing else.

    Each second of the single grams that Acme had locked was released, so no two crumbs touch.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        for id in gram_locks(stage, stage.batch, 80, first_id=1_000)[::2]:
            release(stage, id)
        self.batch = stage.icr.issue(stage.forest, 2024, "0.00004", "Acme", stage.statement)
        self.start_g = self.batch.interval.start_g
        self.ids = gram_locks(stage, self.batch, 2 * CRUMBS, first_id=2_000)
        for id in self.ids[::2]:
            release(stage, id)

    def gram(self, at: int) -> Interval:
        return Interval(self.start_g + at, self.start_g + at + 1)

    def grams(self, count: int) -> str:
        return f"0.{count:06d}"

    def available(self) -> Available:
        return self.stage.world.ledger.available(ICR, self.batch.batch)


@pytest.fixture(scope="module")
def built_crumbs(built_stage: Stage) -> Iterator[Crumbled]:
    with built_stage.world.checkpoint():
        yield Crumbled(built_stage)


@pytest.fixture
def crumbs(built_crumbs: Crumbled) -> Iterator[Crumbled]:
    with built_crumbs.stage.world.checkpoint():
        yield built_crumbs


@pytest.fixture
def attack(crumbs: Crumbled) -> Stage:
    """The stage itself, whose large batch has forty crumbs."""
    return crumbs.stage


# The attack: forty crumbs left behind by one holder.


def test_crumbs_do_not_stop_a_large_retirement(attack: Stage) -> None:
    assert len(attack.available().released) == 40
    retirement = attack.icr.retire(attack.batch, 230, "Borealis", *CLAIM_ARGS)
    cursor_g = 50 * T + 80
    assert retirement.intervals == (Interval(cursor_g, cursor_g + 230 * T),)
    assert len(attack.available().released) == 40


def test_crumbs_do_not_stop_any_large_disposition(attack: Stage) -> None:
    for tonnes in (200, 100, 50, 20):
        attack.icr.retire(attack.batch, tonnes, "Acme", *CLAIM_ARGS)
    lock = attack.icr.lock(attack.batch, 100, "Borealis", "")
    cancelled = attack.icr.cancel(attack.batch, 100, "Borealis", "")
    request = attack.icr.request_retirement(attack.batch, 30, "Borealis", *CLAIM_ARGS)
    assert len(lock.intervals) == len(cancelled.intervals) == len(request.intervals) == 1


def test_crumbs_are_taken_by_what_fits_into_one(attack: Stage) -> None:
    top = attack.available().released[-1]
    retirement = attack.icr.retire(attack.batch, "0.000001", "Borealis", *CLAIM_ARGS)
    assert retirement.intervals == (top,)
    assert len(attack.available().released) == 39


def test_crumbs_come_last_when_the_rest_is_used_up(attack: Stage) -> None:
    attack.icr.forced_transfer(attack.batch, 100, "Dormant", "Acme", "")
    left = attack.available()
    whole = (left.end_g - left.cursor_g) // T
    assert whole == 949
    rest_g = left.end_g - left.cursor_g - 949 * T
    attack.icr.transfer(attack.batch, 230, "Borealis", "Acme")
    attack.icr.end_pledge(attack.pledge, "")
    attack.icr.transfer(attack.batch, 20, "Borealis", "Acme")
    attack.icr.retire(attack.batch, 949, "Acme", *CLAIM_ARGS)
    last = act.RetireOrder(id=6_000, batch=attack.id, amount_g=rest_g, claim=CLAIM)
    attack.apply(act.Retire(registry=ICR, by="Acme", orders=(last,)))
    assert attack.available().cursor_g == attack.available().end_g
    refused = errors.TooFragmented(attack.id, 16)
    over = act.RetireOrder(id=6_001, batch=attack.id, amount_g=17, claim=CLAIM)
    attack.refuses(
        refused, lambda: attack.apply(act.Retire(registry=ICR, by="Acme", orders=(over,)))
    )
    for id, amount_g in ((6_001, 16), (6_002, 16), (6_003, 8)):
        order = act.RetireOrder(id=id, batch=attack.id, amount_g=amount_g, claim=CLAIM)
        (entry,) = attack.apply(act.Retire(registry=ICR, by="Acme", orders=(order,)))
        assert len(entry.intervals) == amount_g
    assert attack.holding("Acme").balance_g == 0


# One amount in many pieces.


def test_crumbs_stand_in_the_order_of_their_release(crumbs: Crumbled) -> None:
    assert crumbs.available() == Available(
        released=tuple(crumbs.gram(2 * at) for at in range(CRUMBS)),
        cursor_g=crumbs.start_g + 40,
        end_g=crumbs.start_g + 40,
    )


def test_retire_refuses_when_it_needs_17_pieces(crumbs: Crumbled) -> None:
    crumbs.stage.refuses(
        errors.TooFragmented(crumbs.batch.batch, PIECES_MAX),
        lambda: crumbs.stage.icr.retire(crumbs.batch, crumbs.grams(17), "Acme", *CLAIM_ARGS),
    )


@pytest.mark.parametrize("operation", ["request", "cancel", "lock"])
def test_every_disposition_refuses_when_it_needs_17_pieces(
    crumbs: Crumbled, operation: str
) -> None:
    where, id, batch = {"registry": ICR}, 6_000, crumbs.batch.batch
    order = act.RetireOrder(id=id, batch=batch, amount_g=20, claim=CLAIM)
    action = {
        "request": act.RequestRetirement(
            **where, by="Acme", order=order, deadline_s=crumbs.stage.world.now_s + DAY_S
        ),
        "cancel": act.Cancel(**where, by="Acme", id=id, batch=batch, amount_g=20),
        "lock": act.Lock(**where, id=id, batch=batch, holder="Acme", amount_g=20),
    }[operation]
    crumbs.stage.refuses(
        errors.TooFragmented(batch, PIECES_MAX), lambda: crumbs.stage.apply(action)
    )


def test_retire_takes_16_pieces_from_the_top(crumbs: Crumbled) -> None:
    retirement = crumbs.stage.icr.retire(crumbs.batch, crumbs.grams(16), "Acme", *CLAIM_ARGS)
    assert retirement.intervals == tuple(crumbs.gram(2 * at) for at in range(19, 3, -1))
    assert len(retirement.serials) == 16
    assert crumbs.available().released == tuple(crumbs.gram(2 * at) for at in range(4))
    assert crumbs.stage.icr.certifies(retirement)


def test_retire_works_when_split_by_what_is_available(crumbs: Crumbled) -> None:
    icr, left_g = crumbs.stage.icr, CRUMBS
    while left_g:
        try:
            icr.retire(crumbs.batch, crumbs.grams(left_g), "Acme", *CLAIM_ARGS)
            left_g = 0
        except errors.TooFragmented as refused:
            icr.retire(crumbs.batch, crumbs.grams(refused.available), "Acme", *CLAIM_ARGS)
            left_g -= refused.available
    assert icr.totals(crumbs.batch).retired_g == CRUMBS
    assert icr.holding(crumbs.batch, "Acme").balance_g == 0


def test_retire_refuses_for_encumbrance_before_fragments(crumbs: Crumbled) -> None:
    crumbs.stage.icr.freeze(crumbs.batch, "0.000004", "Acme")
    crumbs.stage.refuses(
        errors.CreditsEncumbered(crumbs.batch.batch, "Acme", 20, 0, 4, 17),
        lambda: crumbs.stage.icr.retire(crumbs.batch, crumbs.grams(17), "Acme", *CLAIM_ARGS),
    )


def test_transfer_and_pledge_heed_no_fragments(crumbs: Crumbled) -> None:
    icr = crumbs.stage.icr
    pledge = icr.pledge(crumbs.batch, crumbs.grams(20), "Acme", "Bank")
    icr.foreclose(pledge)
    icr.transfer(crumbs.batch, crumbs.grams(20), "Bank", "Acme")
    assert len(crumbs.available().released) == CRUMBS


def test_request_of_16_pieces_comes_back_in_its_order(crumbs: Crumbled) -> None:
    icr = crumbs.stage.icr
    request = icr.request_retirement(crumbs.batch, crumbs.grams(16), "Acme", *CLAIM_ARGS)
    icr.revert_retirement(request, "")
    taken = tuple(crumbs.gram(2 * at) for at in range(19, 3, -1))
    assert request.intervals == taken
    kept = tuple(crumbs.gram(2 * at) for at in range(4))
    # The last gram of the batch but one does not touch the cursor: 39 is locked still.
    assert crumbs.available().released == (*kept, *taken)


def test_lock_of_16_pieces_is_released_from_its_front(crumbs: Crumbled) -> None:
    icr = crumbs.stage.icr
    lock = icr.lock(crumbs.batch, crumbs.grams(16), "Acme", "")
    icr.release(lock, crumbs.grams(5))
    assert icr.intervals(lock) == lock.intervals[5:]
    assert crumbs.available().released[-5:] == lock.intervals[:5]
    icr.release(lock)
    assert crumbs.available().released[-16:] == lock.intervals


def test_pieces_come_from_the_stack_before_the_cursor(crumbs: Crumbled) -> None:
    stage = crumbs.stage
    batch = stage.icr.issue(stage.forest, 2024, "0.000010", "Acme", stage.statement)
    start_g = batch.interval.start_g
    first, second = gram_locks(stage, batch, 2, first_id=5_000)
    release(stage, first)
    # One gram on the stack, eight at the cursor: nine are in neither alone.
    order = act.RetireOrder(id=6_000, batch=batch.batch, amount_g=9, claim=CLAIM)
    (entry,) = stage.apply(act.Retire(registry=ICR, by="Acme", orders=(order,)))
    assert entry.intervals == (
        Interval(start_g, start_g + 1),
        Interval(start_g + 2, start_g + 10),
    )
    assert second == 5_001


def test_pieces_come_16_in_all_with_the_cursor_as_the_last(crumbs: Crumbled) -> None:
    stage = crumbs.stage
    batch = stage.icr.issue(stage.forest, 2024, "0.000040", "Acme", stage.statement)
    for id in gram_locks(stage, batch, 32, first_id=5_000)[::2]:
        release(stage, id)
    # 16 crumbs and 8 grams at the cursor: 15 crumbs and the cursor would do, but the stack goes
    # first, so 17 pieces would be needed for anything above 16 grams.
    cancel = act.Cancel(registry=ICR, by="Acme", id=6_000, batch=batch.batch, amount_g=17)
    stage.refuses(errors.TooFragmented(batch.batch, 16), lambda: stage.apply(cancel))
    stage.apply(act.Cancel(registry=ICR, by="Acme", id=6_001, batch=batch.batch, amount_g=1))
    (entry,) = stage.apply(cancel)
    assert len(entry.intervals) == 16
    assert entry.intervals[-1].amount_g == 2


# Giving back.


def test_release_merges_with_the_top_on_either_side(crumbs: Crumbled) -> None:
    ids, gram = crumbs.ids, crumbs.gram
    release(crumbs.stage, ids[37])
    assert crumbs.available().released[-2:] == (
        gram(36),
        Interval(gram(37).start_g, gram(38).end_g),
    )
    release(crumbs.stage, ids[39])
    # It touches the cursor, and the cursor then swallows the top of the stack.
    assert crumbs.available().cursor_g == gram(37).start_g - 1
    assert crumbs.available().released[-1] == gram(34)


def test_release_does_not_merge_with_what_lies_below_the_top(crumbs: Crumbled) -> None:
    release(crumbs.stage, crumbs.ids[1])
    assert crumbs.available().released[-2:] == (crumbs.gram(38), crumbs.gram(1))
    release(crumbs.stage, crumbs.ids[3])
    assert crumbs.available().released[-2:] == (crumbs.gram(1), crumbs.gram(3))


def test_release_rolls_the_cursor_over_at_most_16_pieces(crumbs: Crumbled) -> None:
    stage = crumbs.stage
    batch = stage.icr.issue(stage.forest, 2024, "0.000042", "Acme", stage.statement)
    start_g = batch.interval.start_g
    ids = gram_locks(stage, batch, 42, first_id=3_000)
    release(stage, ids[0])
    # A piece that joins the top from below then touches what lies under it, unmerged.
    for at in range(1, 41, 2):
        release(stage, ids[at + 1])
        release(stage, ids[at])
    pairs = [Interval(start_g + at, start_g + at + 2) for at in range(1, 41, 2)]
    stack = (Interval(start_g, start_g + 1), *pairs)
    ledger = stage.world.ledger
    assert ledger.available(ICR, batch.batch) == Available(
        released=stack, cursor_g=start_g + 42, end_g=start_g + 42
    )
    release(stage, ids[41])
    assert ledger.available(ICR, batch.batch) == Available(
        released=stack[:5], cursor_g=start_g + 9, end_g=start_g + 42
    )
    # What the cursor did not reach is not lost: 6 pieces hold it all.
    cancel = act.Cancel(registry=ICR, by="Acme", id=4_000, batch=batch.batch, amount_g=42)
    (entry,) = stage.apply(cancel)
    assert entry.intervals == (*reversed(stack[:5]), Interval(start_g + 9, start_g + 42))


def test_release_of_neighbours_makes_one_interval(crumbs: Crumbled) -> None:
    stage = crumbs.stage
    batch = stage.icr.issue(stage.forest, 2024, 50, "Acme", stage.statement)
    start_g = batch.interval.start_g
    locks = [stage.icr.lock(batch, 5, "Acme", "") for _ in range(4)]
    for lock in (locks[1], locks[0], locks[2]):
        stage.icr.release(lock)
    ledger = stage.world.ledger
    assert ledger.available(ICR, batch.batch) == Available(
        released=(Interval(start_g, start_g + 15 * T),),
        cursor_g=start_g + 20 * T,
        end_g=start_g + 50 * T,
    )
    stage.icr.release(locks[3])
    assert ledger.available(ICR, batch.batch) == Available(
        released=(), cursor_g=start_g, end_g=start_g + 50 * T
    )
