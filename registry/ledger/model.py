"""The reference model: the contracts' rules in plain Python, sharing no code with them."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self

from registry import errors
from registry.ledger import bridge, credits, invariants, setup
from registry.ledger.interface import Available, Holding, Totals, require_one_block
from registry.ledger.keys import KeyRing
from registry.ledger.pieces import released
from registry.ledger.rules import Desk
from registry.ledger.state import Batch, Guard, Held, State
from registry.records import action as act
from registry.records.block import NO_PARENT, Block
from registry.records.entry import Entry, Kind
from registry.records.identity import PLATFORM
from registry.records.interval import Interval
from registry.records.project import follows

_HANDLERS: dict[type[act.Action], Callable[[Desk, Any], None]] = {
    act.OpenRegistry: setup.open_registry,
    act.OpenAccount: setup.open_account,
    act.CloseAccount: setup.close_account,
    act.Accredit: setup.accredit,
    act.RegisterProject: setup.register_project,
    act.UpdateProject: setup.update_project,
    act.Issue: setup.issue,
    act.Transfer: credits.transfer,
    act.Retire: credits.retire,
    act.RequestRetirement: credits.request_retirement,
    act.FinaliseRetirement: credits.finalise_retirement,
    act.RevertRetirement: credits.revert_retirement,
    act.Cancel: credits.cancel,
    act.Lock: credits.lock,
    act.Release: credits.release,
    act.Pledge: credits.pledge,
    act.ReleasePledge: credits.release_pledge,
    act.Foreclose: credits.foreclose,
    act.EndPledge: credits.end_pledge,
    act.Freeze: credits.freeze,
    act.ForceTransfer: credits.force_transfer,
    act.Pause: credits.pause,
    act.Unpause: credits.unpause,
    act.AdmitPeer: bridge.admit_peer,
    act.Export: bridge.export,
    act.Move: bridge.move,
    act.Import: bridge.import_,
    act.VoidImport: bridge.void_import,
    act.Acknowledge: bridge.acknowledge,
    act.Compensate: bridge.compensate,
    act.Mirror: bridge.mirror,
    act.Unmirror: bridge.unmirror,
}


_HELD = {Held.LOCK, Held.REQUEST, Held.CANCELLATION, Held.EXPORT}


def _key(number: int) -> bytes:
    return b"r" + number.to_bytes(8, "big")


def _written(at_s: int, actions: Sequence[act.Action]) -> bytes:
    record = {"at_s": at_s, "actions": [act.action_data(action) for action in actions]}
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()


def _read(said: bytes) -> tuple[list[act.Action], int]:
    record = json.loads(said)
    at_s, actions = record.pop("at_s"), record.pop("actions")
    if type(at_s) is not int:
        raise TypeError(f"{errors.shown(at_s)} is no time in seconds")
    if not isinstance(actions, list) or not actions or record:
        raise TypeError("a block has a time and actions, and nothing else")
    return [act.action_from(action) for action in actions], at_s


class ModelLedger:
    """A ledger without a chain; see `registry.ledger.interface.Ledger`.

    A block is what was accepted at once; its hash covers its time, its entries and the block
    before.

    Args:
        keys: Where addresses come from; a statement's id names its verifier's address.
        keep: Remember actions until `changes` hands them out. A ledger that is never written down
            needs them not, and they take 1 kB each.
        guard: What refuses serials at issue: any that were claimed before ("interval"), the same
            scope and bounds again ("exact"), or nothing ("none").
    """

    def __init__(self, keys: KeyRing, *, keep: bool = True, guard: Guard = "interval") -> None:
        self._keys = keys
        self._state = State(guard)
        self._entries: list[Entry] = []
        self._marks: list[tuple[int, int]] = []
        # Of each block: its time, and how many entries there are after it.
        self._times: list[int] = [0]
        self._ends: list[int] = [0]
        # Made when asked for, so that sweeps do not pay for them.
        self._hashes: list[str] = [NO_PARENT]
        # What `changes` handed out: the last block, and the last that still stands; and the
        # actions of the blocks after that one.
        self._handed = self._stands = 0
        self._keep = keep
        self._actions: list[tuple[act.Action, ...]] = []

    @classmethod
    def resume(
        cls,
        keys: KeyRing,
        pairs: Mapping[bytes, bytes],
        progress: Callable[[int, int], None] | None = None,
        *,
        guard: Guard = "interval",
    ) -> Self:
        """Open a ledger again from the union of all `changes` of another.

        Args:
            keys: As they were; other keys make other statements.
            pairs: All that was handed out and is not gone.
            progress: Called as (blocks done, blocks in all) after each.
            guard: As it was.

        Raises:
            ChainDamaged: the pairs are not what a ledger under these keys handed out.
        """
        ledger = cls(keys, guard=guard)
        for number in range(1, len(pairs) + 1):
            said = pairs.get(_key(number))
            if said is None:
                raise errors.ChainDamaged(f"block {number} is missing")
            try:
                ledger.apply_many(*_read(said))
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                raise errors.ChainDamaged(f"block {number} cannot be read: {error}") from error
            except errors.RegistryError as error:
                raise errors.ChainDamaged(f"block {number}: {error}") from error
            if progress is not None:
                progress(number, len(pairs))
        ledger.changes()
        return ledger

    @property
    def entries(self) -> Sequence[Entry]:
        """Every accepted fact, ascending by seq from 1."""
        return self._entries

    def apply(self, action: act.Action, at_s: int) -> tuple[Entry, ...]:
        """Carry out one action, or refuse it and change nothing."""
        return self.apply_many((action,), at_s)[0]

    def apply_many(self, actions: Sequence[act.Action], at_s: int) -> tuple[tuple[Entry, ...], ...]:
        """Carry out actions in one block, or refuse one of them and change nothing."""
        require_one_block(actions)
        if not actions:
            return ()
        state, seq = self._state, len(self._entries) + 1
        state.block = len(self._times)
        before = len(state.journal)
        made: list[tuple[Entry, ...]] = []
        try:
            for action in actions:
                made.append(self._carry_out(action, at_s + len(made), seq))
                seq += len(made[-1])
        except BaseException as error:
            state.undo(before)
            if isinstance(error, errors.RegistryError) and len(actions) > 1:
                error.index = len(made)
            raise
        if not self._marks:
            state.journal.clear()
        for entries in made:
            self._entries += entries
        self._times.append(at_s + len(actions) - 1)
        self._ends.append(len(self._entries))
        if self._keep:
            self._actions.append(tuple(actions))
        return tuple(made)

    def _carry_out(self, action: act.Action, at_s: int, seq: int) -> tuple[Entry, ...]:
        state = self._state
        known = {PLATFORM} if isinstance(action, act.SHARED) else state.registries.rows.keys()
        if action.registry not in known and not isinstance(action, act.OpenRegistry):
            raise errors.UnknownRegistry(action.registry, tuple(state.registries.rows))
        desk = Desk(state, action.registry, at_s, seq)
        if isinstance(action, act.Verify):
            setup.verify(desk, action, self._keys.address)
        else:
            _HANDLERS[type(action)](desk, action)
        return tuple(desk.entries)

    # Blocks, and what to keep of them.

    def head(self) -> int:
        """Return the number of the last block."""
        return len(self._times) - 1

    def block_hash(self, number: int) -> str:
        """Return a block's hash."""
        self._require_block(number)
        hashes = self._hashes
        for at in range(len(hashes), number + 1):
            running = hashlib.sha256(f"{hashes[-1]} {self._times[at]}\n".encode())
            for entry in self._entries[self._ends[at - 1] : self._ends[at]]:
                running.update(entry.line().encode() + b"\n")
            hashes.append("0x" + running.hexdigest())
        return hashes[number]

    def _require_block(self, number: int) -> None:
        if not 0 <= number <= self.head():
            raise errors.UnknownBlock(number, self.head())

    def blocks(self, first: int, last: int | None = None) -> Iterator[Block]:
        """Return blocks, both ends included."""
        last = self.head() if last is None else last
        self._require_block(last)
        if first < 0:
            raise errors.UnknownBlock(first, self.head())
        self.block_hash(last)
        return iter([self._block(number) for number in range(first, last + 1)])

    def _block(self, number: int) -> Block:
        before = max(0, number - 1)
        return Block(
            number=number,
            hash=self._hashes[number],
            parent=self._hashes[before],
            at_s=self._times[number],
            entries=tuple(self._entries[self._ends[before] : self._ends[number]]),
            coordinates=(),
        )

    def _cut(self, head: int) -> None:
        """Forget the blocks above `head`, and their entries."""
        del self._times[head + 1 :]
        del self._ends[head + 1 :]
        del self._hashes[head + 1 :]
        del self._entries[self._ends[head] :]
        del self._actions[max(0, head - self._stands) :]
        self._stands = min(self._stands, head)

    def changes(self) -> dict[bytes, bytes | None]:
        """Say what to write down: each block's actions, and the time of the first.

        Raises:
            InvariantBroken: the ledger was made to keep nothing.
        """
        if not self._keep:
            raise errors.InvariantBroken("changes of a ledger that keeps no actions")
        found: dict[bytes, bytes | None] = {}
        for number, actions in enumerate(self._actions, start=self._stands + 1):
            found[_key(number)] = _written(self._times[number] - len(actions) + 1, actions)
        for number in range(self.head() + 1, self._handed + 1):
            found[_key(number)] = None
        self._handed = self._stands = self.head()
        self._actions.clear()
        return found

    def _batch(self, registry: str, batch: int) -> Batch:
        row = self._state.batches.get((registry, batch))
        if row is None:
            raise errors.UnknownBatch(batch)
        return row

    def totals(self, registry: str, batch: int, block: int | None = None) -> Totals:
        """Return the totals of a batch, now or after a block."""
        parts: tuple[int, ...]
        if block is None:
            parts = self._batch(registry, batch)[:6]
        else:
            self._require_block(block)
            past = self._state.past.get((registry, batch), [])
            at = bisect_right(past, (block + 1,))
            if at == 0:
                raise errors.UnknownBatch(batch)
            parts = past[at - 1][1:]
        return Totals(**dict(zip(Batch._fields, parts, strict=False)))

    def holding(self, registry: str, batch: int, account: str) -> Holding:
        """Return a position."""
        self._batch(registry, batch)
        row = self._state.positions.get((registry, batch, account))
        if row is None:
            return Holding(balance_g=0, pledged_g=0, frozen_g=0, retired_g=0)
        return Holding(**row._asdict())

    def available(self, registry: str, batch: int) -> Available:
        """Return the intervals that are active."""
        shelf = self._batch(registry, batch).shelf
        return Available(released=released(shelf.stack), cursor_g=shelf.cursor_g, end_g=shelf.end_g)

    def held(self, registry: str, id: int) -> tuple[Interval, ...]:
        """Return what a lock, pending request, cancellation or export holds."""
        row = self._state.dispositions.get((registry, id))
        if row is None or row.kind not in _HELD:
            return ()
        return row.intervals

    def outstanding(self, registry: str, home: str) -> int:
        """Return how many grams of another registry's credits are outstanding at this one."""
        registries = self._state.registries.rows
        for name in (registry, home):
            if name not in registries:
                raise errors.UnknownRegistry(name, tuple(registries))
        return self._state.outstanding.get((registry, home)) or 0

    def certifies(self, retirement: Entry) -> bool:
        """Say whether a certificate proves exactly this retirement."""
        if retirement.kind not in {Kind.RETIRED, Kind.RETIREMENT_FINALISED}:
            return False
        row = self._state.dispositions.get((retirement.registry, retirement.id or 0))
        return row is not None and row[:6] == (
            Held.RETIREMENT,
            retirement.batch,
            retirement.account,
            retirement.amount_g,
            retirement.intervals,
            retirement.claim,
        )

    def proves(
        self, registry: str, project: int, version: int, leaf: bytes, proof: Sequence[bytes]
    ) -> bool:
        """Say whether `proof` leads to the project's root of that version."""
        row = self._state.projects.get((registry, project))
        if row is None:
            raise errors.UnknownProject(project)
        if not 1 <= version <= len(row.roots):
            raise errors.UnknownVersion(project, version)
        return follows(row.roots[version - 1], leaf, proof)

    def snapshot(self) -> int:
        """Mark the present state."""
        self._marks.append((len(self._state.journal), self.head()))
        return len(self._marks)

    def revert(self, mark: int) -> None:
        """Restore the state at `mark`."""
        journal, head = self._marks[mark - 1]
        del self._marks[mark - 1 :]
        self._state.undo(journal)
        self._cut(head)

    def forget(self, mark: int) -> None:
        """Drop `mark` and later ones, keeping the state."""
        del self._marks[mark - 1 :]
        if not self._marks:
            self._state.journal.clear()

    def check(self) -> None:
        """Check C1, C3, C4, and all tables against each other.

        Raises:
            InvariantBroken: one of them fails, which is a bug in this model.
        """
        invariants.check(self._state)
