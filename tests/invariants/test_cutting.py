"""However actions are cut into blocks, they become the same entries, or the same one is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.errors import InputError, LedgerError
from registry.ledger.interface import Ledger, blocks_of
from registry.ledger.model import ModelLedger
from registry.records import action as act
from registry.records.entry import digest
from tests import strategies as cast
from tests.unit.ledger.ledgers import (
    KEYS,
    kept,
    lines,
    new_chain,
    new_model,
    play,
    preparation,
    time_of,
)

STEPS = st.lists(
    st.one_of(*(cast.actions(name, KEYS.address(cast.VERIFIER)) for name in cast.REGISTRIES)),
    min_size=10,
    max_size=30,
)
SIZES = st.sampled_from((1, 2, 3, 7, 500))


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Ledger, Ledger]]:
    model, chain = new_model(), new_chain()
    for ledger in (model, chain):
        play(ledger, preparation())
        ledger.changes()
    yield model, chain
    chain.engine.close()


def accepted(model: Ledger, steps: Sequence[act.Action], at_s: int) -> list[act.Action]:
    """Apply actions one by one, and return those that were not refused."""
    good: list[act.Action] = []
    for step in steps:
        try:
            model.apply(step, at_s + len(good))
        except (LedgerError, InputError):
            continue
        good.append(step)
    return good


def first_refusal(
    ledger: Ledger, steps: Sequence[act.Action], size: int, at_s: int
) -> tuple[object, ...]:
    """Apply actions in blocks until one is refused; say which, why, and what is there then."""
    done = 0
    for block in blocks_of(steps, size):
        before = ledger.head(), len(ledger.entries)
        try:
            ledger.apply_many(block, at_s + done)
        except (LedgerError, InputError) as refusal:
            assert (ledger.head(), len(ledger.entries)) == before
            assert refusal.index is None or len(block) > 1
            return done + (refusal.index or 0), type(refusal), str(refusal)
        done += len(block)
    return done, None, ""


def test_law_blocks_of_any_size_are_the_same_entries(pair: tuple[Ledger, Ledger]) -> None:
    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(steps=STEPS, size=SIZES)
    def agree(steps: list[act.Action], size: int) -> None:
        at_s, model = time_of(pair[0]), pair[0]
        mark = model.snapshot()
        good = accepted(model, steps, at_s)
        expected, after = lines(model.entries), digest(model.entries)
        model.revert(mark)
        for ledger in pair:
            mark = ledger.snapshot()
            done = 0
            for block in blocks_of(good, size):
                made = ledger.apply_many(block, at_s + done)
                done += len(block)
                assert [entries[0].at_s for entries in made if entries] == [
                    at_s + done - len(block) + nth for nth, entries in enumerate(made) if entries
                ]
            assert (lines(ledger.entries), digest(ledger.entries)) == (expected, after)
            if isinstance(ledger, ModelLedger):
                ledger.check()
            ledger.revert(mark)

    agree()


def test_law_blocks_of_any_size_are_refused_for_the_same_action(
    pair: tuple[Ledger, Ledger],
) -> None:
    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(steps=STEPS, size=SIZES)
    def agree(steps: list[act.Action], size: int) -> None:
        told = []
        for ledger in pair:
            for each in (1, size):
                mark = ledger.snapshot()
                told.append(first_refusal(ledger, steps, each, time_of(ledger)))
                ledger.revert(mark)
        assert len(set(told)) == 1, told

    agree()


@settings(max_examples=min(8, settings().max_examples))
@given(steps=STEPS, size=SIZES)
def test_law_blocks_of_any_size_are_opened_again(steps: list[act.Action], size: int) -> None:
    ledger = new_model()
    at_s = time_of(ledger)
    play(ledger, preparation())
    at_s = time_of(ledger)
    mark = ledger.snapshot()
    good = accepted(ledger, steps, at_s)
    ledger.revert(mark)
    pairs = kept({}, ledger.changes())
    for block in blocks_of(good, size):
        ledger.apply_many(block, at_s)
        at_s += len(block)
    pairs = kept(pairs, ledger.changes())
    other = ModelLedger.resume(KEYS, pairs)
    assert list(other.blocks(0)) == list(ledger.blocks(0))
    assert other.changes() == {}
