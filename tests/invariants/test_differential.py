"""Contracts and model side by side: same entries, same refusals, same totals, same run hash."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.errors import LedgerError
from registry.ledger.model import ModelLedger
from registry.records.action import Action
from registry.world import World
from tests import strategies as cast
from tests.chain import CHAIN
from tests.worlds import SEED, prepared

OUTCOMES: Counter[str] = Counter()
KEYS = World.open(seed=SEED, engine="model")._keys
STEPS = st.lists(
    st.one_of(
        *(cast.actions(name, KEYS.address(cast.VERIFIER)) for name in cast.REGISTRIES),
        st.sampled_from((1, 40)).map(lambda days: days),
    ),
    min_size=10,
    max_size=30,
)


@pytest.fixture(scope="module", params=list(dict.fromkeys((CHAIN, "tester"))))
def pair(request):
    model, chain = prepared("model"), prepared(request.param)
    yield model, chain
    chain.close()


def outcome(world: World, action: Action) -> tuple[object, ...]:
    """Carry out an action and say what became of it."""
    try:
        return ("accepted", *(entry.line() for entry in world.apply(action)))
    except LedgerError as refusal:
        return ("refused", type(refusal).__name__, str(refusal))


def state(world: World) -> dict[str, object]:
    """Say all that a ledger can be asked."""
    ledger, found = world.ledger, {}
    batches = {(entry.registry, entry.batch) for entry in ledger.entries if entry.kind == "issued"}
    for registry, batch in sorted(batches):
        found[f"{registry} {batch}"] = (
            ledger.totals(registry, batch),
            ledger.available(registry, batch),
            [
                ledger.holding(registry, batch, name)
                for name in (*cast.HOLDERS, cast.BANK, cast.CLOSED, cast.STRANGER)
            ],
        )
    for registry in cast.REGISTRIES:
        for id in range(cast.ID_MAX + 1):
            found[f"{registry} id {id}"] = ledger.held(registry, id)
    return found


def test_law_contracts_and_model_agree(pair) -> None:
    model, chain = pair

    # Fewer sequences might by chance miss the outcomes that are asked for below; they are counted
    # over both engines, of which py-evm is the slow one and comes last.
    enough = max(50, settings().max_examples) if chain.engine == CHAIN else 15

    @settings(max_examples=enough, suppress_health_check=[HealthCheck.too_slow])
    @given(steps=STEPS)
    def agree(steps) -> None:
        with model.checkpoint(), chain.checkpoint():
            for step in steps:
                if isinstance(step, int):
                    model.advance(days=step)
                    chain.advance(days=step)
                    continue
                expected = outcome(model, step)
                assert outcome(chain, step) == expected, step
                OUTCOMES[str(expected[1]) if expected[0] == "refused" else "ok"] += 1
            assert state(chain) == state(model)
            assert isinstance(model.ledger, ModelLedger)
            model.ledger.check()
            for registry, batch in {(e.registry, e.batch) for e in model.entries() if e.batch}:
                assert model.ledger.totals(registry, batch).conserved
            found = chain.audit()
            assert chain.run_hash(findings=found) == model.run_hash()
            # Days may pass over a request's deadline, and then it is stale.
            assert [finding for finding in found if finding.code != "BR-5"] == []

    agree()
    # The sequences are worth something only if they meet many outcomes of both kinds.
    assert OUTCOMES["ok"] > 20, OUTCOMES
    assert len(OUTCOMES) > 12, OUTCOMES
