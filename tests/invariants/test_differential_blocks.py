"""Blocks of several actions on two chains and on the model: the same entries, the same refusals.

What an action of a block does may depend on those before it, which its chain has not seen when the
block is put together.
"""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import LedgerError
from registry.ledger.interface import ALONE
from registry.ledger.model import ModelLedger
from registry.records import action as act
from registry.records.identity import batch_id
from registry.records.project import period_days, statement_id
from registry.world import World
from tests import strategies as cast
from tests.chain import CHAIN
from tests.invariants.test_differential import KEYS, state
from tests.worlds import SEED

FAR = cast.FOUR[3]
OUTCOMES: Counter[str] = Counter()
HOLDER_OF = {1: ("Acme",) * 5, 2: ("Borealis",) * 5, 3: (), 4: ()}
START, END = period_days(2024)


def four(engine: str) -> World:
    """Open four registries, one of them on a chain of its own, all of which know each other."""
    world = World.open(seed=SEED, engine=engine, chains=2)
    for name in cast.FOUR:
        world.registry(name, chain=2 if name == FAR else 1)
    for name in (*cast.HOLDERS, cast.CLOSED, cast.BANK, cast.DEVELOPER):
        world.account(name)
    for name in cast.FOUR:
        root = "0x" + "11" * 32
        world.apply(
            act.RegisterProject(registry=name, project=1, developer=cast.DEVELOPER, root=root)
        )
        world.apply(act.Accredit(registry=name, verifier=cast.VERIFIER))
        world.apply(
            act.Verify(
                registry=name,
                project=1,
                verifier=cast.VERIFIER,
                start=START,
                end=END,
                amount_g=10 * cast.BATCH_G,
                report="0x" + "22" * 32,
            )
        )
        issue_first(world, name)
    for name, peer in permutations(cast.FOUR, 2):
        world.apply(act.AdmitPeer(registry=name, peer=peer, allowance_g=20_000))
    world.close_account(cast.CLOSED)
    return world


def statement() -> str:
    """What `four` recorded, the same at each registry."""
    verifier = KEYS.address(cast.VERIFIER)
    amount_g = 10 * cast.BATCH_G
    return statement_id(1, START, END, amount_g, "0x" + "22" * 32, verifier)


def order_of(registry: str, number: int, to: str, scope: str = "a") -> act.IssueOrder:
    return act.IssueOrder(
        batch=batch_id(1, number),
        to=to,
        amount_g=1_000,
        start_g=number * cast.BATCH_G,
        vintage=2024,
        statement=statement(),
        scope=f"{registry}-{scope}",
    )


def issue_first(world: World, registry: str) -> None:
    for number, holder in ((1, "Acme"), (2, "Borealis")):
        order = order_of(registry, number, holder)
        world.apply(act.Issue(registry=registry, orders=(order,)))


@st.composite
def issues(draw: st.DrawFn) -> act.Action:
    """Issue batches that what follows in the block may move on."""
    registry = draw(st.sampled_from(cast.FOUR))
    orders = st.builds(
        order_of,
        st.just(registry),
        st.integers(1, 6),
        st.sampled_from(cast.HOLDERS),
        st.sampled_from(("a", "a", "b")),
    )
    return act.Issue(
        registry=registry, orders=tuple(draw(st.lists(orders, min_size=1, max_size=2)))
    )


@st.composite
def moves(draw: st.DrawFn) -> act.Action:
    """Move credits, most often some that may be there."""
    registry = draw(st.sampled_from(cast.FOUR))
    number = draw(st.sampled_from((1, 1, 1, 2, 2, 3, 4)))
    is_back = draw(st.booleans())
    near = [name for name in cast.FOUR if name not in (registry, FAR)]
    return act.Move(
        registry=registry,
        by=draw(st.sampled_from((*HOLDER_OF[number], *cast.HOLDERS))),
        id=draw(st.integers(1, cast.SENT_ID_MAX)),
        batch=number if is_back else batch_id(1, number),
        amount_g=draw(st.integers(1, 150)),
        target=draw(st.sampled_from((*near * 3, FAR))) if registry != FAR else near[0],
        to=draw(st.sampled_from(cast.HOLDERS)),
    )


CROSSINGS = st.one_of([cast.crossings(name) for name in cast.FOUR])
ACTIONS = st.one_of([cast.actions(name, KEYS.address(cast.VERIFIER)) for name in cast.REGISTRIES])
STEPS = st.sampled_from((issues(), *[moves()] * 6, CROSSINGS, ACTIONS)).flatmap(lambda one: one)
BLOCKS = st.lists(
    st.lists(STEPS.filter(lambda action: not isinstance(action, ALONE)), min_size=1, max_size=3),
    min_size=8,
    max_size=20,
)


@pytest.fixture(scope="module")
def pair():
    model, chain = four("model"), four(CHAIN)
    yield model, chain
    chain.close()


def outcome(world: World, block: list[act.Action]) -> tuple[object, ...]:
    """Carry out a block and say what became of it."""
    try:
        made = world.apply_many(block, per_block=len(block))
    except LedgerError as refusal:
        return (type(refusal).__name__, str(refusal), refusal.index)
    return ("ok", *(entry.line() for entries in made for entry in entries))


def test_law_contracts_and_model_agree_on_blocks_across_chains(pair) -> None:
    @settings(max_examples=max(40, settings().max_examples))
    @given(blocks=BLOCKS)
    def law(blocks) -> None:
        model, chain = pair
        with model.checkpoint(), chain.checkpoint():
            for block in blocks:
                expected = outcome(model, block)
                assert outcome(chain, block) == expected, block
                OUTCOMES[str(expected[0])] += 1
            assert state(chain) == state(model)
            assert isinstance(model.ledger, ModelLedger)
            model.ledger.check()

    law()
    assert OUTCOMES["ok"] > 20, OUTCOMES
    assert len(OUTCOMES) > 10, OUTCOMES
