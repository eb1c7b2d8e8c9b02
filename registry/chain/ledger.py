"""The contracts as a ledger: actions become transactions, logs become entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Self, cast

from registry import errors
from registry.chain.calls import Speaker
from registry.chain.deployment import (
    Contracts,
    Platform,
    note,
    noted,
    platform_calls,
    registry_calls,
    require_ours,
)
from registry.chain.engine import CALL_GAS, Call, Engine, Receipt, Reverted
from registry.chain.hints import hinted
from registry.chain.history import History, Progress
from registry.chain.names import Naming
from registry.chain.questions import ChainQuestions
from registry.chain.reverts import error_of
from registry.ledger.interface import require_one_block
from registry.ledger.keys import KeyRing
from registry.records import action as act
from registry.records.block import Block
from registry.records.coordinates import Coordinates
from registry.records.entry import Entry, Kind
from registry.records.identity import PLATFORM, PLATFORM_OPERATOR

if TYPE_CHECKING:
    from web3 import Web3

ORDER_GAS = 500_000
"""Gas limit for each order of an array: more than twice what the dearest of them costs."""

_ENGINE, _NAMING = b"s", b"n"
"""Where the pairs of the engine and of the naming stand among those of a ledger."""

Send = Callable[[Sequence[Call]], Sequence[Receipt]]
"""Sends transactions in one block."""


class ChainLedger(ChainQuestions):
    """A ledger kept by the contracts of one chain; see `registry.ledger.interface.Ledger`.

    Args:
        engine: The chain; its last block lies before `start_s`.
        keys: Whose keys sign.
        start_s: World time at which the shared contracts are deployed.
        guard: What its serial guard refuses, one of `registry.chain.deployment.GUARDS`.
        number: Which of its world's chains it is, from 1.

    Attributes:
        find: Returns the ledger of another registry's chain, or raises UnknownRegistry.
        issuing: (registry, batch) -> scope of what the block that is being said issues.
    """

    def __init__(
        self,
        engine: Engine,
        keys: KeyRing,
        start_s: int,
        *,
        guard: str = "interval",
        number: int = 1,
    ) -> None:
        self._begin(engine, Naming(keys), number)
        self.sync()
        self.platform, calls = platform_calls(engine, self.naming, guard)
        receipts = self._send(calls, start_s)
        note(self.naming, PLATFORM, self.platform)
        require_ours(engine, self.platform, self.platform.serials)
        self._shared = Speaker(self, PLATFORM)
        self._history.record(receipts)

    def _begin(self, engine: Engine, naming: Naming, number: int) -> None:
        self.engine = engine
        self.naming = naming
        self.number = number
        self.find: Callable[[str], ChainLedger] = self._own
        self.issuing: dict[tuple[str, int], str] = {}
        self._history = History(engine, naming)
        self._speakers: dict[str, Speaker] = {}
        self._marks: list[int] = []
        self._is_trying = False

    @classmethod
    def resume(
        cls,
        pairs: Mapping[bytes, bytes],
        keys: KeyRing,
        reopen: Callable[[Mapping[bytes, bytes]], Engine],
        progress: Progress | None = None,
        *,
        number: int = 1,
    ) -> Self:
        """Open a ledger again from the union of all `changes` of another.

        The entries are not kept beside the chain; they are read from it again.

        Args:
            pairs: All that was handed out and is not gone.
            keys: As they were.
            reopen: Opens the engine from its own pairs, such as `TesterEngine.resume`.
            progress: Called as (blocks done, blocks in all) after each that was read.
            number: As it was.

        Raises:
            ChainDamaged: the pairs are not what a ledger under these keys handed out.
            ForeignContract: other code stands where our contracts stood.
        """
        parts: dict[bytes, dict[bytes, bytes]] = {_ENGINE: {}, _NAMING: {}}
        for key, value in pairs.items():
            if key[:1] not in parts:
                raise errors.ChainDamaged(f"a chain has no pair under 0x{key.hex()}")
            parts[key[:1]][key[1:]] = value
        naming = Naming.resume(keys, parts[_NAMING])
        engine = reopen(parts[_ENGINE])
        try:
            ledger = cls.__new__(cls)
            ledger._begin(engine, naming, number)
            ledger._return(progress)
        except BaseException:
            engine.close()
            raise
        return ledger

    def _return(self, progress: Progress | None) -> None:
        """Read the whole chain, and speak to the contracts that it opened."""
        self.platform = cast(Platform, noted(self.naming, PLATFORM))
        require_ours(self.engine, self.platform, self.platform.serials)
        self._shared = Speaker(self, PLATFORM)
        self._history.follow(progress)
        for entry in self._history.entries:
            if entry.kind is Kind.REGISTRY_OPENED:
                places = cast(Contracts, noted(self.naming, entry.registry))
                require_ours(self.engine, places, self.platform.serials)
                self._speak(entry.registry, places)

    def changes(self) -> dict[bytes, bytes | None]:
        """Say what to write down: the chain's own database, and what is known of names."""
        self.sync()
        parts = {_ENGINE: self.engine.changes(), _NAMING: self.naming.changes()}
        return {kind + key: value for kind, part in parts.items() for key, value in part.items()}

    # Blocks, whoever made them.

    def sync(self) -> None:
        """Know what the chain is now, where others sent to it or took it back.

        Raises:
            UndecodableLog: one of our contracts logged what none of them can.
        """
        if self._is_trying:
            return
        followed = self._history.follow()
        if followed is not None and followed.dropped:
            opened = {e.registry for e in followed.added if e.kind is Kind.REGISTRY_OPENED}
            for entry in followed.dropped:
                if entry.kind is Kind.REGISTRY_OPENED and entry.registry not in opened:
                    self._fall_silent(entry.registry)

    def _speak(self, registry: str, places: Contracts) -> None:
        speaker = Speaker(self, registry)
        speaker.contracts = places
        self._speakers[registry] = speaker

    def _fall_silent(self, registry: str) -> None:
        speaker = self._speakers.pop(registry)
        for address in speaker.contracts or ():
            self.naming.unsettle(address)

    @property
    def entries(self) -> Sequence[Entry]:
        """Every accepted fact, ascending by seq from 1."""
        self.sync()
        return self._history.entries

    @property
    def coordinates(self) -> Sequence[Coordinates]:
        """Where each entry stands on the chain, in the order of the entries."""
        self.sync()
        return self._history.coordinates

    def head(self) -> int:
        """Return the number of the last block."""
        self.sync()
        return self._history.head

    def last_s(self) -> int:
        """Return the timestamp of the last block, seconds since 1970."""
        return self.engine.head()[1]

    def block_hash(self, number: int) -> str:
        """Return a block's hash."""
        self.sync()
        return self._history.hash(number)

    def blocks(self, first: int, last: int | None = None) -> Iterator[Block]:
        """Return blocks, both ends included."""
        self.sync()
        return self._history.blocks(first, last)

    # Actions.

    def _own(self, registry: str) -> ChainLedger:
        self.contracts(registry)
        return self

    def contracts(self, registry: str) -> Contracts:
        """Return the addresses of a registry's contracts."""
        self.sync()
        speaker = self._speakers.get(registry)
        if speaker is None or speaker.contracts is None:
            raise errors.UnknownRegistry(registry, tuple(self._speakers))
        return speaker.contracts

    def apply(self, action: act.Action, at_s: int) -> tuple[Entry, ...]:
        """Carry out one action, or refuse it and change nothing."""
        return self.apply_many((action,), at_s)[0]

    def apply_many(self, actions: Sequence[act.Action], at_s: int) -> tuple[tuple[Entry, ...], ...]:
        """Carry out actions in one block, or refuse one of them and change nothing."""
        require_one_block(actions)
        if not actions:
            return ()
        self.sync()
        if isinstance(actions[0], act.OpenRegistry):
            return (self._open(actions[0], at_s),)
        self.issuing = {
            (action.registry, order.batch): order.scope
            for action in reversed(actions)  # A batch is issued once: the first order counts.
            if isinstance(action, act.Issue) and len(actions) > 1
            for order in reversed(action.orders)
        }
        calls: list[Call] = []
        for action in actions:
            try:
                calls.append(self.say(action))
            except errors.RegistryError as refusal:
                # What the chain refuses of those before was to be refused first.
                self._require_accepted(actions[: len(calls)], calls)
                if len(actions) > 1:
                    refusal.index = len(calls)
                raise
        last_s = at_s + len(actions) - 1
        receipts = self._sent(actions, calls, lambda said: self._send(said, last_s))
        return self._history.record(receipts)

    def _sent(
        self, actions: Sequence[act.Action], calls: Sequence[Call], send: Send
    ) -> Sequence[Receipt]:
        """Send actions in one block; once more with hints, where those they have are stale."""
        try:
            return send(calls)
        except errors.StaleHint as stale:
            return send(hinted(self, actions, calls, stale.index or 0))

    def _require_accepted(self, actions: Sequence[act.Action], calls: Sequence[Call]) -> None:
        try:
            with self.trial() as send:
                self._sent(actions, calls, send)
        except errors.RegistryError as refusal:
            refusal.index = refusal.index or 0
            raise

    def say(self, action: act.Action, hints: Sequence[int] = ()) -> Call:
        """Return the call that carries out an action; see `registry.chain.calls.Speaker`."""
        said = self.speaker(action).say(action, hints)
        key = self.naming.key(action.by, action.registry)
        gas = max(CALL_GAS, ORDER_GAS * len(getattr(action, "orders", ())))
        return Call(key, said.to, said.data, gas)

    def speaker(self, action: act.Action) -> Speaker:
        """Return who speaks for the registry of an action. Raises UnknownRegistry."""
        if isinstance(action, act.SHARED):
            speaker = self._shared if action.registry == PLATFORM else None
        else:
            speaker = self._speakers.get(action.registry)
        if speaker is None:
            raise errors.UnknownRegistry(action.registry, tuple(self._speakers))
        return speaker

    def _send(self, calls: Sequence[Call], at_s: int) -> tuple[Receipt, ...]:
        """Send transactions in one block; the only place that does, and that meets reverts."""
        try:
            return self.engine.send(calls, at_s)
        except Reverted as refused:
            refusal = error_of(refused, self.naming)
            if len(calls) > 1:
                refusal.index = refused.index
            raise refusal from None

    @contextmanager
    def trial(self) -> Iterator[Send]:
        """Give a way of sending transactions that are taken back in the end.

        They are no part of the ledger's history, which is as it was meanwhile.
        """
        snapshot: int | None = None

        def send(calls: Sequence[Call]) -> Sequence[Receipt]:
            nonlocal snapshot
            if not calls:
                return ()
            if snapshot is None:
                snapshot = self.engine.snapshot()
                self._is_trying = True
            return self._send(calls, self.engine.head()[1] + 1)

        try:
            yield send
        finally:
            if snapshot is not None:
                self._is_trying = False
                self.engine.revert(snapshot)
                self.engine.forget(snapshot)

    def _open(self, action: act.OpenRegistry, at_s: int) -> tuple[Entry, ...]:
        if action.by != PLATFORM_OPERATOR:
            raise errors.NotAuthorised(action.by, "OPERATOR")
        if action.registry == PLATFORM:
            raise errors.IdentifierError(action.registry, "registry", "is what registries share")
        if action.registry in self._speakers:
            raise errors.IdentifierError(action.registry, "registry", "is open already")
        if action.chain != self.number:
            raise errors.IdentifierError(action.chain, "chain", f"this one is {self.number}")
        places, calls = registry_calls(
            self.engine, self.naming, self.platform, action.registry, action.native, action.by
        )
        receipts = self._send(calls, at_s)
        require_ours(self.engine, places, self.platform.serials)
        note(self.naming, action.registry, places)
        self._speak(action.registry, places)
        return tuple(chain.from_iterable(self._history.record(receipts)))

    # Marks.

    def snapshot(self) -> int:
        """Mark the present state."""
        self._marks.append(self.engine.snapshot())
        return len(self._marks)

    def revert(self, mark: int) -> None:
        """Restore the state at `mark`."""
        snapshot = self._marks[mark - 1]
        del self._marks[mark - 1 :]
        self.engine.revert(snapshot)
        self.engine.forget(snapshot)
        self.sync()

    def forget(self, mark: int) -> None:
        """Drop `mark` and later ones, keeping the state."""
        self.engine.forget(self._marks[mark - 1])
        del self._marks[mark - 1 :]

    @property
    def web3(self) -> Web3:
        """A web3 over the chain."""
        return self.engine.web3

    def close(self) -> None:
        """Let go of the chain."""
        self.engine.close()
