"""The life that all chains live in a bench: equal bytes, equal totals, and failures that show."""

from __future__ import annotations

import pytest

from registry.chain.ledger import ChainLedger
from registry.simulate.bench_life import (
    GAS_KEPT,
    REGISTRY,
    SEED,
    START,
    STEPS,
    BenchFailed,
    Life,
    SetUp,
    Totals,
    record_set_up,
    set_up_actions,
)
from registry.simulate.bench_worker import Worker
from registry.world import World

LIVES = 10


@pytest.fixture(scope="module")
def ledger() -> ChainLedger:
    """A world that has lived some of the life; what was sent stands on its chain."""
    life = Life()
    world = World.open(seed=SEED, engine="tester", start=START)
    world.registry(REGISTRY)
    world.apply_many([*set_up_actions(), *map(life.action, range(LIVES * STEPS))])
    assert isinstance(world.ledger, ChainLedger)
    return world.ledger


def sent(ledger: ChainLedger) -> list[tuple[bytes, bytes]]:
    """Return sender and calldata of each transaction on a chain."""
    web3 = ledger.engine.web3
    blocks = [
        web3.eth.get_block(number, full_transactions=True) for number in range(ledger.head() + 1)
    ]
    return [
        (bytes.fromhex(found["from"][2:]), bytes(found["data"]))
        for block in blocks
        for found in block["transactions"]
    ]


def test_steps_are_what_a_world_sends(ledger: ChainLedger) -> None:
    life = Life()
    steps = [life.step(at) for at in range(LIVES * STEPS)]
    assert sent(ledger)[-len(steps) :] == [(step.sender, step.data) for step in steps]


def test_set_up_is_what_a_world_sends(ledger: ChainLedger) -> None:
    found = record_set_up()
    assert found.credits == ledger.contracts(REGISTRY).credits.hex()
    there = [data.hex() for _, data in sent(ledger)[: -LIVES * STEPS]]
    assert [data for _, _, data in found.calls] == there
    assert len(set(found.keys)) == len(found.keys)


def test_set_up_for_another_chain_differs_by_one_signature() -> None:
    pairs = zip(record_set_up().calls, record_set_up(chain_id=5).calls, strict=True)
    assert sum(one != other for one, other in pairs) == 1


def test_totals_are_checked_against_what_was_done(ledger: ChainLedger) -> None:
    def ask(batch: int) -> Totals:
        found = ledger.totals(REGISTRY, batch)
        return Totals(found.issued_g, found.active_g, found.retired_g)

    life = Life()
    life.check(LIVES * STEPS, ask)
    life.check(0, ask)
    with pytest.raises(BenchFailed, match=r"^batch 10 has .*, not "):
        life.check(LIVES * STEPS - 1, ask)
    with pytest.raises(BenchFailed, match=r"^batch 1 has"):
        life.check(LIVES * STEPS, lambda batch: Totals(0, 0, 0))


def test_worker_takes_turns_and_checks() -> None:
    with Worker("tester", record_set_up()) as worker:
        worker.wait()
        one = worker.turn(4, None)
        other = worker.turn(None, 0.001)
        last = worker.turn(0, None)
        answer = worker.finish()
    assert one["marks"][-1][0] == 4
    assert other["marks"][0][0] > 4
    assert last["marks"] == []
    assert len(answer["gas"]) == other["marks"][-1][0] < GAS_KEPT
    assert 0 < one["peak_mb"] <= other["peak_mb"]


def test_worker_whose_calls_do_nothing_is_found_out() -> None:
    pytest.importorskip("pyrevm")
    nothing = SetUp(calls=(), credits="00" * 20, keys=())
    with Worker("pyrevm-raw", nothing) as worker:
        worker.wait()
        worker.turn(1, None)
        with pytest.raises(BenchFailed, match=r"^pyrevm-raw: \w+: "):
            worker.finish()


def test_worker_that_cannot_begin_says_so() -> None:
    nothing = SetUp(calls=(), credits="00" * 20, keys=())
    with (
        pytest.raises(BenchFailed, match=r"^no-such-engine: KeyError"),
        Worker("no-such-engine", nothing) as worker,
    ):
        worker.wait()
