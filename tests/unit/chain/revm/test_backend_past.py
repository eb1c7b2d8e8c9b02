"""Balance, nonce, code, storage and answers as they were, whatever was done and undone since."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from eth_tester import EthereumTester
from eth_tester.exceptions import BlockNotFound
from hypothesis import given
from hypothesis import strategies as st

from registry.chain.engine import creation_address
from registry.chain.revm.backend import RevmBackend
from tests.unit.chain.revm.backends import (
    COUNTER,
    GWEI,
    NOBODY,
    ask,
    creation_code,
    deploy,
    send,
    sender,
    words,
)


class Known(NamedTuple):
    """What we know of the state, without asking the chain."""

    counted: int
    paid: int
    sent: int
    created: int


def check(backend: RevmBackend, counter: bytes, block: int | str, known: Known) -> None:
    assert words(ask(backend, counter, b"\x01", block)) == [known.counted]
    assert backend.get_storage(counter, 0, block) == known.counted
    assert backend.get_balance(NOBODY, block) == known.paid
    assert backend.get_nonce(sender(backend), block) == known.sent
    # The last of the contracts created is there, and the next one is not yet.
    for nth, code in ((known.created, COUNTER), (known.created + 1, b"")):
        if nth:
            address = creation_address(sender(backend, 1), nth - 1)
            assert backend.get_code(address, block) == code


def grow(backend: RevmBackend, counter: bytes, known: Known, kind: int) -> Known:
    """Put one transaction into the pending block."""
    if kind == 0:
        send(backend, counter)
        return known._replace(counted=known.counted + 1, sent=known.sent + 1)
    if kind == 1:
        send(backend, NOBODY, value=known.sent)
        return known._replace(paid=known.paid + known.sent, sent=known.sent + 1)
    send(backend, b"", account=1, gas=1_000_000, data=creation_code(COUNTER))
    return known._replace(created=known.created + 1)


def test_past_is_told_after_a_thousand_snapshots_and_a_revert() -> None:
    backend = RevmBackend()
    counter = deploy(backend, COUNTER)
    known = Known(0, 0, 1, 0)
    history, snapshots = [Known(0, 0, 0, 0), known], []
    for number in range(1_000):
        snapshots.append(backend.take_snapshot())
        known = grow(backend, counter, known, number % 3)
        backend.mine_blocks()
        history.append(known)

    def check_past(depths: tuple[int, ...]) -> None:
        head = backend.chain.head.number
        assert head == len(history) - 1
        for depth in depths:
            check(backend, counter, head - depth, history[head - depth])
        check(backend, counter, "latest", history[-1])

    check_past((0, 1, 2, 3, 10, 100, 500, 998, 999))
    # Snapshot 600 was taken when 600 of the thousand blocks were there, after two others.
    backend.revert_to_snapshot(snapshots[600])
    del history[602:]
    check_past((0, 1, 2, 50, 600))
    known = history[-1]
    for number in range(60):
        known = grow(backend, counter, known, (number + 1) % 3)
        backend.mine_blocks()
        history.append(known)
    check_past((0, 1, 30, 59, 60, 61, 300, 660))
    backend.revert_to_snapshot(snapshots[0])
    del history[2:]
    check_past((0,))


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("grow"), st.integers(0, 2)),
        st.tuples(st.sampled_from(["mine", "snapshot"]), st.just(0)),
        st.tuples(st.just("revert"), st.integers(0, 5)),
    ),
    max_size=40,
)


@given(STEPS)
def test_law_past_is_what_it_was(steps: list[tuple[str, int]]) -> None:
    backend = RevmBackend()
    counter = deploy(backend, COUNTER)
    known = Known(0, 0, 1, 0)
    history = [known]
    snapshots: list[tuple[int, Known, int]] = []
    for step, argument in steps:
        if step == "grow":
            known = grow(backend, counter, known, argument)
        elif step == "mine":
            backend.mine_blocks()
            history.append(known)
        elif step == "snapshot":
            snapshots.append((backend.take_snapshot(), known, len(history)))
        elif snapshots:
            at = argument % len(snapshots)
            snapshot, known, length = snapshots[at]
            backend.revert_to_snapshot(snapshot)
            del snapshots[at + 1 :]
            del history[length:]
        for number, then in enumerate(history, start=1):
            check(backend, counter, number, then)
        check(backend, counter, "pending", known)


def test_past_is_told_through_eth_tester() -> None:
    tester = EthereumTester(RevmBackend())
    first, second = tester.get_accounts()[:2]
    before = tester.get_balance(second)
    for value in (1, 2, 3):
        tester.send_transaction({"from": first, "to": second, "gas": 21_000, "value": value})
    assert [tester.get_balance(second, n) - before for n in range(4)] == [0, 1, 3, 6]
    assert [tester.get_nonce(first, n) for n in range(4)] == [0, 1, 2, 3]
    assert tester.get_balance(second, "earliest") == before
    spent = 10**24 - tester.get_balance(first, 1)
    assert spent == 1 + 21_000 * GWEI


@pytest.mark.parametrize("block", [2, 2**70, -1, "soon", None])
@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("get_balance", (NOBODY,)),
        ("get_nonce", (NOBODY,)),
        ("get_code", (NOBODY,)),
        ("get_storage", (NOBODY, 0)),
        ("call", ({"from": NOBODY, "to": NOBODY},)),
        ("estimate_gas", ({"from": NOBODY, "to": NOBODY},)),
        ("get_base_fee", ()),
        ("get_block_by_number", ()),
    ],
)
def test_past_refuses_blocks_that_are_none(
    method: str, arguments: tuple[Any, ...], block: int | str | None
) -> None:
    backend = RevmBackend()
    backend.mine_blocks()
    with pytest.raises(BlockNotFound, match=f"No block found for block number: {block}"):
        getattr(backend, method)(*arguments, block)
