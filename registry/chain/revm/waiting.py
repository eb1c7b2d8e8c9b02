"""What waits for a block in eth-tester's memory, and comes before what its sender sends next.

When eth-tester does not mine each transaction at once, it puts one into the pending block, reads
it and takes it back by a revert; it hands them all over when it mines. What it took back is kept
here, so that the next one of the same sender gets the next nonce.
"""

from __future__ import annotations

from collections.abc import Iterable

from registry.chain.revm.state import State
from registry.chain.transactions import Transaction


class Waiting:
    """Transactions that were read in the pending block and taken back, by sender and nonce.

    One whose nonce was used is kept until a block is made, as the pending block may be taken back.
    """

    def __init__(self) -> None:
        # With each, the snapshot that the chain returned to when it was taken back.
        self._known: dict[tuple[bytes, int], tuple[Transaction, int]] = {}
        self._read: set[bytes] = set()
        self._latest = 0

    def note_snapshot(self, snapshot: int) -> None:
        """Know which snapshot was taken last."""
        self._latest = snapshot

    def note_read(self, tx_hash: bytes) -> None:
        """Know which transactions of the pending block somebody has seen."""
        self._read.add(tx_hash)

    def revert(self, snapshot: int, taken_back: Iterable[Transaction]) -> None:
        """Follow a chain that has returned to a snapshot.

        Returning to the latest one is what eth-tester does to what it has just sent. Returning to
        an earlier one undoes what was sent after it, for good.

        Args:
            snapshot: Returned to.
            taken_back: What was in the pending block, and is not any more.
        """
        if snapshot != self._latest:
            self._latest = snapshot
            self._known = {at: told for at, told in self._known.items() if told[1] <= snapshot}
            return
        for each in taken_back:
            place = each.sender, each.nonce
            known, _ = self._known.get(place, (None, 0))
            if each.hash in self._read and each != known:
                self._known[place] = each, snapshot

    def seal(self, state: State) -> None:
        """Forget what a block has in it, or something else with its nonce."""
        self._read.clear()
        if self._known:
            self._known = {
                (sender, nonce): told
                for (sender, nonce), told in self._known.items()
                if nonce >= state.account(sender).nonce
            }

    def following(self, sender: bytes, nonce: int) -> list[Transaction]:
        """Return what waits from a nonce on, without a gap."""
        found: list[Transaction] = []
        while told := self._known.get((sender, nonce + len(found))):
            found.append(told[0])
        return found
