"""All engines side by side: what is done to one is done to each, and they tell no difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.chain.engine import Call, Engine, Receipt, Reverted, address_of, creation_address
from registry.errors import LedgerError, TransactionRejected
from registry.ledger.interface import ALONE
from registry.ledger.keys import KeyRing
from registry.records import action as act
from registry.records.action import Action
from registry.world import World
from tests import strategies as cast
from tests.anvil import Anvils
from tests.invariants.test_differential import state
from tests.unit.chain import engines as bare
from tests.worlds import SEED, prepared

OUTCOMES: Counter[str] = Counter()
CALL_OUTCOMES: Counter[str] = Counter()
IN_MEMORY = ["tester", *(["revm"] if find_spec("pyrevm") else [])]
WORLD_START_S = 1_751_328_000
"""2025-07-01, when worlds begin unless told otherwise."""


# What registries do.

GOOD = st.builds(
    act.Transfer,
    registry=st.sampled_from(cast.REGISTRIES),
    by=st.just("Acme"),
    orders=st.tuples(
        st.builds(
            act.TransferOrder,
            batch=st.just(cast.BATCHES[0]),
            to=st.sampled_from(("Borealis", "Cedar")),
            amount_g=st.integers(1, 50),
        )
    ),
)
ANY = st.one_of(
    *(cast.actions(name, KeyRing(SEED).address(cast.VERIFIER)) for name in cast.REGISTRIES)
)
SEVERAL = st.lists(
    st.one_of(GOOD, GOOD, ANY.filter(lambda action: not isinstance(action, ALONE))), max_size=5
)
STEPS = st.lists(
    st.one_of(GOOD, ANY, ANY, SEVERAL, st.sampled_from((1, 40))), min_size=8, max_size=16
)
"""Of actions on their own about half are accepted; of five together, hardly any would be."""


class Watched:
    """A world on an engine, and what its engine says.

    Attributes:
        said: What contracts said when they reverted, which call it was, and whether it halted.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.engine: Engine = world._chain.engine
        self.said: list[tuple[bytes, int, bool]] = []
        send = self.engine.send

        def heard(calls: Sequence[Call], at_s: int) -> tuple[Receipt, ...]:
            try:
                return send(calls, at_s)
            except Reverted as refused:
                self.said.append((refused.data, refused.index, bool(refused.halt)))
                raise

        self.engine.send = heard  # type: ignore[method-assign]

    def told(self, since: int) -> tuple[object, ...]:
        """Return what was said since the last time, and all blocks after that one."""
        blocks = [told(self.engine, number) for number in range(since, self.engine.head()[0] + 1)]
        said, self.said = self.said, []
        return (said, blocks)


def told(engine: Engine, number: int) -> tuple[object, ...]:
    """Return a block, except for hashes of blocks: what is in them is left to the engine."""
    block = engine.block(number)
    return (block.at_s, tuple(parts_of(receipt) for receipt in block.receipts))


def parts_of(receipt: Receipt) -> tuple[object, ...]:
    return (
        receipt.tx_hash,
        receipt.tx_index,
        receipt.block_number,
        receipt.at_s,
        receipt.gas_used,
        receipt.contract_address,
        receipt.logs,
    )


@pytest.fixture(scope="module")
def worlds(anvils: Anvils) -> Iterator[tuple[World, list[Watched]]]:
    names = [*IN_MEMORY, f"rpc:{anvils.at(WORLD_START_S - 1)}"]
    with ExitStack() as stack:
        opened = [stack.enter_context(prepared(name)) for name in ("model", *names)]
        yield opened[0], [Watched(world) for world in opened[1:]]


def outcome(world: World, step: Action | list[Action]) -> tuple[object, ...]:
    """Carry out one action or several, and say what became of it."""
    try:
        made = (
            world.apply_many(step, per_block=3) if isinstance(step, list) else [world.apply(step)]
        )
    except LedgerError as refusal:
        return ("refused", type(refusal).__name__, str(refusal), refusal.index)
    return ("accepted", *(entry.line() for entries in made for entry in entries))


def test_prepared_worlds_are_the_same_to_the_last_receipt(
    worlds: tuple[World, list[Watched]],
) -> None:
    model, chains = worlds
    first, *others = [watched.told(1) for watched in chains]
    assert others == [first] * len(others)
    for watched in chains:
        assert watched.world.run_hash() == model.run_hash()
        eth = watched.world.web3.eth
        for address in watched.world.addresses().values():
            assert eth.get_balance(watched.world.web3.to_checksum_address(address)) == 0


def test_law_engines_make_the_same_of_actions(worlds: tuple[World, list[Watched]]) -> None:
    model, chains = worlds
    everyone = [model, *(watched.world for watched in chains)]

    @settings(
        max_examples=max(8, settings().max_examples // 3),
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(steps=STEPS)
    def agree(steps: list[Any]) -> None:
        with ExitStack() as stack:
            for world in everyone:
                stack.enter_context(world.checkpoint())
            for step in steps:
                if isinstance(step, int):
                    for world in everyone:
                        world.advance(days=step)
                    continue
                since = chains[0].engine.head()[0] + 1
                expected = outcome(model, step)
                OUTCOMES[str(expected[1]) if expected[0] == "refused" else "ok"] += 1
                for watched in chains:
                    assert outcome(watched.world, step) == expected, watched.engine.name
                first, *others = [watched.told(since) for watched in chains]
                for watched, other in zip(chains[1:], others, strict=True):
                    assert other == first, watched.engine.name
            expected_state, found = state(model), model.audit()
            for watched in chains:
                assert state(watched.world) == expected_state
                assert watched.world.run_hash(findings=found) == model.run_hash(findings=found)

    agree()
    # The sequences are worth something only if they meet many outcomes of both kinds.
    assert OUTCOMES["ok"] > 5, OUTCOMES
    assert len(OUTCOMES) > 4, OUTCOMES


# What anybody can do to a contract.

KEYS = [bytes([number]) * 32 for number in (1, 2, 3)]
RUNTIMES = (
    *(bare.COUNTER, bare.MIRROR, bare.REFUSER, bare.LOOP, bare.BROKEN, bare.SCRIBBLER),
    bare.READABLE,
)
PLACES = [creation_address(address_of(KEYS[0]), number) for number in range(len(RUNTIMES))]
NOBODY = b"\x99" * 20
READ = [PLACES[at] for at in (0, 2, 4, 5, 6)]
"""Whose answers are the same everywhere, and end: a block's randomness is the engine's own."""

senders = st.sampled_from(KEYS)
texts = st.sampled_from((b"", b"\x01", b"why", bytes(64), bytes(range(256)) * 2))
limits = st.sampled_from((100_000, 100_000, 100_000, 60_000, 30_000, 21_000, 20_999, -1, 10**12))
creations = st.sampled_from(
    (
        bare.creation_code(bare.COUNTER),
        bytes.fromhex("6160005ff3"),
        bytes.fromhex("6160015ff3"),
        bytes.fromhex("60ef5f5360015ff3"),
        b"\xfe",
        b"",
    )
)
good = st.builds(Call, senders, st.sampled_from((PLACES[0], PLACES[5], PLACES[6])), texts)
any_call = st.one_of(
    good,
    good,
    st.builds(Call, senders, st.sampled_from((*PLACES, NOBODY)), texts, limits),
    st.builds(Call, senders, st.none(), creations),
    st.builds(Call, st.sampled_from((b"", bytes(32), b"\xff" * 32)), st.just(NOBODY), texts),
    st.builds(Call, senders, st.sampled_from((b"", bytes(19))), texts),
)
BLOCKS = st.lists(
    st.tuples(st.lists(any_call, max_size=4), st.sampled_from((1, 1, 1, 12, 86_400, 0, -5))),
    min_size=3,
    max_size=8,
)


@pytest.fixture(scope="module")
def chains(anvils: Anvils) -> Iterator[list[Engine]]:
    with ExitStack() as stack:
        made = [bare.new_engine(name, anvils) for name in (*IN_MEMORY, "rpc")]
        for engine in made:
            stack.callback(engine.close)
            calls = [Call(KEYS[0], None, bare.creation_code(runtime)) for runtime in RUNTIMES]
            engine.send(calls, bare.START_S + 1)
        yield made


def sent(engine: Engine, calls: Sequence[Call], later_s: int) -> object:
    """Send calls, and say what became of them."""
    at_s = engine.head()[1] + later_s
    return became(lambda: [parts_of(receipt) for receipt in engine.send(calls, at_s)])


def became(ask: Callable[[], object]) -> object:
    """Say what became of it, in the words that engines share."""
    try:
        return ask()
    except Reverted as refused:
        return ("reverted", refused.data, refused.index, bool(refused.halt))
    except TransactionRejected:
        return ("rejected",)


def picture(engine: Engine) -> list[object]:
    """Return what can be asked of a chain, now and in the past."""
    found: list[object] = [engine.head(), [engine.nonce(address_of(key)) for key in KEYS]]
    for number in range(engine.head()[0] + 1):
        found.append(told(engine, number))
        found += [became(partial(engine.call, place, b"\x01", block=number)) for place in READ]
    found += [engine.code(creation_address(address_of(key), 0)) for key in KEYS]
    return found


def test_law_engines_make_the_same_of_calls(chains: list[Engine]) -> None:
    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(blocks=BLOCKS)
    def agree(blocks: list[tuple[list[Call], int]]) -> None:
        marks = [engine.snapshot() for engine in chains]
        try:
            for calls, later_s in blocks:
                first, *others = [sent(engine, calls, later_s) for engine in chains]
                assert others == [first] * len(others)
                CALL_OUTCOMES[str(first[0]) if isinstance(first, tuple) else "ok"] += 1
            first, *others = [picture(engine) for engine in chains]
            assert others == [first] * len(others)
        finally:
            for engine, mark in zip(chains, marks, strict=True):
                engine.revert(mark)
                engine.forget(mark)

    agree()
    assert min(CALL_OUTCOMES[kind] for kind in ("ok", "reverted", "rejected")) > 0, CALL_OUTCOMES
