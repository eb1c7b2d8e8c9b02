"""Any past block, on contracts, model and entries: the same totals; and again after reopening."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.chain.ledger import ChainLedger
from registry.errors import LedgerError, UnknownBatch
from registry.ledger.fold import Folded
from registry.ledger.interface import Ledger, Totals
from registry.ledger.model import ModelLedger
from registry.records.entry import digest
from tests import strategies as cast
from tests.unit.ledger.ledgers import (
    KEYS,
    SETUP_BLOCKS,
    kept,
    new_chain,
    new_model,
    play,
    preparation,
    reopened,
    time_of,
)

STEPS = st.lists(
    st.one_of(*(cast.actions(name, KEYS.address(cast.VERIFIER)) for name in cast.REGISTRIES)),
    min_size=10,
    max_size=40,
)
Place = tuple[str, int]


@pytest.fixture(scope="module")
def pair():
    model, chain = new_model(), new_chain()
    for ledger in (model, chain):
        play(ledger, preparation())
        ledger.changes()
    yield model, chain
    chain.engine.close()


def totals_at(ledger: Ledger, place: Place, block: int) -> Totals | None:
    try:
        return ledger.totals(*place, block)
    except UnknownBatch:
        return None


def test_law_every_past_block_is_what_its_entries_fold_to(pair) -> None:
    model, chain = pair

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(steps=STEPS)
    def agree(steps) -> None:
        marks = model.snapshot(), chain.snapshot()
        try:
            at_s = time_of(model)
            for at, step in enumerate(steps):
                for ledger in pair:
                    with suppress(LedgerError):
                        ledger.apply(step, at_s + at)
            check(model, chain)
        finally:
            model.revert(marks[0])
            chain.revert(marks[1])

    agree()


def check(model: ModelLedger, chain: ChainLedger) -> None:
    assert chain.head() == model.head() + SETUP_BLOCKS
    batches = {(e.registry, e.batch) for e in model.entries if e.batch is not None}
    folded: dict[Place, Folded] = defaultdict(Folded)
    for told in model.blocks(0):
        other = told.number + SETUP_BLOCKS
        if told.number:
            assert next(chain.blocks(other, other)).entries == told.entries
        for entry in told.entries:
            if entry.batch is not None:
                folded[entry.registry, entry.batch].add(entry)
        for place in batches:
            totals = totals_at(model, place, told.number)
            assert totals == totals_at(chain, place, other)
            assert (totals is None) == (place not in folded)
            assert totals is None or folded[place].agrees(totals)


@settings(max_examples=min(8, settings().max_examples))
@given(steps=STEPS, cut=st.integers(0, 10))
def test_law_a_ledger_opened_again_is_the_same_ledger(steps, cut: int) -> None:
    for ledger in (new_model(), new_chain()):
        play(ledger, preparation())
        pairs = kept({}, ledger.changes())
        play(ledger, steps[:cut])
        mark = ledger.snapshot()
        play(ledger, steps[cut:])
        pairs = kept(pairs, ledger.changes())
        if cut % 2:
            ledger.revert(mark)
            pairs = kept(pairs, ledger.changes())
        other = reopened(ledger, pairs)
        assert digest(other.entries) == digest(ledger.entries)
        assert list(other.blocks(0)) == list(ledger.blocks(0))
        assert play(other, steps[:10]) == play(ledger, steps[:10])
        assert kept(pairs, other.changes()) == kept(pairs, ledger.changes())
