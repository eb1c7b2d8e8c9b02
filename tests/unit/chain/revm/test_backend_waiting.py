"""What waits when eth-tester does not mine each transaction at once, also across snapshots."""

from __future__ import annotations

import pytest
from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.exceptions import TransactionNotFound

from registry.chain.revm.backend import RevmBackend
from registry.chain.revm.facade import RevmTester
from tests.unit.chain.revm.backends import NOBODY_TEXT, pay


def waiting_tester(kind: type[EthereumTester] = EthereumTester) -> EthereumTester:
    tester = kind(RevmBackend())
    tester.disable_auto_mine_transactions()
    return tester


def outcome(tester: EthereumTester) -> tuple[int, int, int]:
    """What nobody has been paid, and what the first account has sent: mined, and at all."""
    first = tester.get_accounts()[0]
    sent = tester.get_nonce(first), tester.get_nonce(first, "pending")
    return tester.get_balance(NOBODY_TEXT), *sent


def revert_and_replace(tester: EthereumTester) -> tuple[int, int, int]:
    snapshot = tester.take_snapshot()
    for value in (5, 6):
        pay(tester, value)
        tester.revert_to_snapshot(snapshot)
    pay(tester, 7)
    tester.mine_block()
    return outcome(tester)


def test_revert_takes_back_what_was_sent_after_the_snapshot() -> None:
    stock = EthereumTester(PyEVMBackend())
    stock.disable_auto_mine_transactions()
    told = [revert_and_replace(each) for each in (stock, waiting_tester())]
    assert told == [(7, 1, 1), (7, 1, 1)]
    assert revert_and_replace(waiting_tester(RevmTester)) == told[0]


def test_revert_keeps_what_was_sent_before_the_snapshot() -> None:
    tester = waiting_tester()
    kept = pay(tester, 1)
    snapshot = tester.take_snapshot()
    pay(tester, 20)
    pay(tester, 30)
    tester.revert_to_snapshot(snapshot)
    assert outcome(tester) == (0, 0, 1)
    sent = pay(tester, 4)
    # eth-tester has not forgotten 20 and 30; it replaces what has the same nonce.
    pay(tester, 8)
    tester.mine_block()
    assert tester.get_block_by_number(1)["transactions"][:2] == [kept, sent]
    assert outcome(tester) == (13, 3, 3)


def test_revert_goes_back_several_snapshots() -> None:
    tester = waiting_tester()
    snapshots = []
    for value in (1, 2, 4):
        snapshots.append(tester.take_snapshot())
        pay(tester, value)
    for snapshot, sent in zip(reversed(snapshots), (2, 1, 0), strict=True):
        tester.revert_to_snapshot(snapshot)
        assert outcome(tester) == (0, 0, sent)
    pay(tester, 8, nonce=0)
    pay(tester, 16, nonce=1)
    assert outcome(tester) == (0, 0, 2)


def test_revert_to_before_a_block_brings_nothing_back_that_was_in_it() -> None:
    tester = waiting_tester()
    mined = pay(tester, 1)
    snapshot = tester.take_snapshot()
    pay(tester, 2)
    tester.mine_block()
    assert outcome(tester) == (3, 2, 2)
    tester.revert_to_snapshot(snapshot)
    # eth-tester has handed both over and forgotten them.
    assert outcome(tester) == (0, 0, 0)
    pay(tester, 7)
    tester.mine_block()
    assert outcome(tester) == (7, 1, 1)
    with pytest.raises(TransactionNotFound):
        tester.get_transaction_by_hash(mined)


def test_refused_transaction_leaves_what_waits_as_it_was() -> None:
    tester = waiting_tester()
    for value in (1, 2):
        pay(tester, value)
    with pytest.raises(Exception, match="sender has"):
        pay(tester, 10**25)
    pay(tester, 4)
    tester.mine_block()
    assert outcome(tester) == (7, 3, 3)
