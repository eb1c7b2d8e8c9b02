"""The contracts as a ledger: actions become transactions, logs become entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from eth_abi import encode
from eth_hash.auto import keccak

from registry import errors
from registry.chain.artifacts import artifact
from registry.chain.calls import NO_HINT, Speaker, claim_struct
from registry.chain.deployment import (
    Contracts,
    note,
    platform_calls,
    registry_calls,
    require_ours,
)
from registry.chain.engine import CALL_GAS, Call, Engine, Receipt, Reverted
from registry.chain.logs import Fact, facts_of
from registry.chain.names import Naming
from registry.chain.reverts import error_of
from registry.ledger.interface import Available, Holding, Totals
from registry.ledger.keys import KeyRing
from registry.records import action as act
from registry.records.coordinates import Coordinates
from registry.records.entry import Entry, Kind
from registry.records.identity import PLATFORM, PLATFORM_OPERATOR
from registry.records.interval import Interval
from registry.records.project import statement_id

ORDER_GAS = 500_000
"""Gas limit for each order of an array: more than twice what the dearest of them costs."""

_HELD_KINDS = {1, 3, 4}
"""Lock, Request and Cancellation in ICarbonRegistry.Kind."""


class ChainLedger:
    """A ledger kept by the contracts; see `registry.ledger.interface.Ledger`.

    Args:
        engine: The chain; its last block lies before `start_s`.
        keys: Whose keys sign.
        start_s: World time at which the shared contracts are deployed.
    """

    def __init__(self, engine: Engine, keys: KeyRing, start_s: int) -> None:
        self.engine = engine
        self.naming = Naming(keys)
        self._entries: list[Entry] = []
        self._coordinates: list[Coordinates] = []
        self._speakers: dict[str, Speaker] = {}
        self._marks: list[tuple[int, int, tuple[str, ...]]] = []
        self.platform, calls = platform_calls(engine, self.naming)
        self._send(calls, start_s)
        note(self.naming, PLATFORM, self.platform)
        require_ours(engine, self.platform, self.platform.serials)
        self._shared = Speaker(self.naming, self.platform, PLATFORM)

    @property
    def entries(self) -> Sequence[Entry]:
        """Every accepted fact, ascending by seq from 1."""
        return self._entries

    @property
    def coordinates(self) -> Sequence[Coordinates]:
        """Where each entry stands on the chain, in the order of the entries."""
        return self._coordinates

    def contracts(self, registry: str) -> Contracts:
        """Return the addresses of a registry's contracts."""
        speaker = self._speakers.get(registry)
        if speaker is None or speaker.contracts is None:
            raise errors.UnknownRegistry(registry, tuple(self._speakers))
        return speaker.contracts

    def apply(self, action: act.Action, at_s: int) -> tuple[Entry, ...]:
        """Carry out one action, or refuse it and change nothing."""
        if isinstance(action, act.OpenRegistry):
            return self._open(action, at_s)
        if isinstance(action, act.SHARED) and action.registry == PLATFORM:
            speaker = self._shared
        elif isinstance(action, act.SHARED):
            raise errors.UnknownRegistry(action.registry, tuple(self._speakers))
        else:
            self.contracts(action.registry)
            speaker = self._speakers[action.registry]
        key = self.naming.key(action.by, action.registry)
        try:
            receipts = self._say(speaker, action, key, at_s)
        except errors.StaleHint:
            self._renew_hints(speaker, action, key, at_s)
            receipts = self._say(speaker, action, key, at_s)
        finally:
            # The next period or serial is most often the list's last: no hint is a good hint.
            speaker.issue_hints, speaker.period_hint = (), NO_HINT
        return self._record(receipts)

    def _say(self, speaker: Speaker, action: act.Action, key: bytes, at_s: int) -> list[Receipt]:
        if isinstance(action, act.Verify):
            said = speaker.verify(action, self._sign(speaker, action))
        else:
            said = speaker.say(action)
        gas = max(CALL_GAS, ORDER_GAS * len(getattr(action, "orders", ())))
        return self._send([Call(key, said.to, said.data, gas)], at_s)

    def _send(self, calls: Sequence[Call], at_s: int) -> list[Receipt]:
        """Send transactions in one block; the only place that does, and that meets reverts."""
        try:
            return list(self.engine.send(calls, at_s))
        except Reverted as refused:
            raise error_of(refused, self.naming) from None

    def _ask(self, to: bytes, contract: str, function: str, *args: Any) -> tuple[Any, ...]:
        answered = artifact(contract).interface.functions[function]
        try:
            return answered.decode(self.engine.call(to, answered.encode(*args)))
        except Reverted as refused:
            raise error_of(refused, self.naming) from None

    def _open(self, action: act.OpenRegistry, at_s: int) -> tuple[Entry, ...]:
        if action.by != PLATFORM_OPERATOR:
            raise errors.NotAuthorised(action.by, "OPERATOR")
        if action.registry == PLATFORM:
            raise errors.IdentifierError(action.registry, "registry", "is what registries share")
        if action.registry in self._speakers:
            raise errors.IdentifierError(action.registry, "registry", "is open already")
        places, calls = registry_calls(
            self.engine, self.naming, self.platform, action.registry, action.native, action.by
        )
        receipts = self._send(calls, at_s)
        require_ours(self.engine, places, self.platform.serials)
        note(self.naming, action.registry, places)
        speaker = Speaker(self.naming, self.platform, action.registry)
        speaker.contracts = places
        self._speakers[action.registry] = speaker
        return self._record(receipts)

    def _record(self, receipts: Sequence[Receipt]) -> tuple[Entry, ...]:
        made: list[Entry] = []
        for receipt in receipts:
            for fact in facts_of(receipt.logs, self.naming):
                made.append(self._enter(fact, receipt, len(self._entries) + len(made) + 1))
        self._entries.extend(made)
        return tuple(made)

    def _enter(self, fact: Fact, receipt: Receipt, seq: int) -> Entry:
        self._coordinates.append(
            Coordinates(
                seq=seq,
                chain_id=self.engine.chain_id,
                address="0x" + fact.log.address.hex(),
                block=receipt.block_number,
                tx_hash="0x" + receipt.tx_hash.hex(),
                log_index=fact.log.index,
                gas_used=receipt.gas_used,
            )
        )
        return Entry(
            seq=seq, at_s=receipt.at_s, registry=fact.registry, kind=fact.kind, **fact.fields
        )

    # A verifier's signature, and hints for the guards.

    def _sign(self, speaker: Speaker, action: act.Verify) -> bytes:
        """Sign a statement as its verifier (EIP-712)."""
        assert speaker.contracts is not None
        domain = keccak(
            encode(
                ["bytes32", "bytes32", "bytes32", "uint256", "address"],
                [
                    keccak(
                        b"EIP712Domain(string name,string version,uint256 chainId,"
                        b"address verifyingContract)"
                    ),
                    keccak(b"CarbonRegistry"),
                    keccak(b"1"),
                    self.engine.chain_id,
                    speaker.contracts.projects,
                ],
            )
        )
        statement = statement_id(
            action.project,
            action.start,
            action.end,
            action.amount_g,
            action.report,
            self.naming.address(action.verifier),
        )
        digest = keccak(b"\x19\x01" + domain + bytes.fromhex(statement[2:]))
        return self.naming.keys.sign(digest, action.verifier)

    def _renew_hints(self, speaker: Speaker, action: act.Action, key: bytes, at_s: int) -> None:
        if isinstance(action, act.Verify):
            found = self._ask(
                cast(Contracts, speaker.contracts).projects,
                "ProjectRegistry",
                "periodHintFor",
                action.project,
                action.start,
            )
            speaker.period_hint = found[0]
        elif isinstance(action, act.Issue):
            self._renew_issue_hints(speaker, action, key, at_s)

    def _renew_issue_hints(
        self, speaker: Speaker, action: act.Issue, key: bytes, at_s: int
    ) -> None:
        """Find each order's hint on the chain that the orders before it leave, then return."""
        hints: list[int] = []
        snapshot = self.engine.snapshot()
        try:
            for at, order in enumerate(action.orders):
                scope = self.naming.hash(order.scope)
                hints += self._ask(
                    self.platform.guard, "SerialIndex", "hintFor", scope, order.start_g
                )
                speaker.issue_hints = (hints[-1],)
                self._say(speaker, action.model_copy(update={"orders": (order,)}), key, at_s + at)
        except errors.LedgerError:
            pass  # The action is refused for the same reason, whatever the hints behind it.
        finally:
            self.engine.revert(snapshot)
            self.engine.forget(snapshot)
            speaker.issue_hints = tuple(hints)

    # Questions.

    def _credits(self, registry: str, function: str, *args: Any) -> Any:
        found = self._ask(self.contracts(registry).credits, "CarbonRegistry", function, *args)
        return found[0] if len(found) == 1 else found

    def totals(self, registry: str, batch: int) -> Totals:
        """Return the totals of a batch."""
        issued, active, locked, retired, cancelled, exported = self._credits(
            registry, "totalsOf", batch
        )
        if issued == 0:
            raise errors.UnknownBatch(batch)
        return Totals(
            issued_g=issued,
            active_g=active,
            locked_g=locked,
            retired_g=retired,
            cancelled_g=cancelled,
            exported_g=exported,
        )

    def holding(self, registry: str, batch: int, account: str) -> Holding:
        """Return a position."""
        self.totals(registry, batch)
        address = self.naming.address(account, registry)
        balance, pledged, frozen, retired = self._credits(registry, "holdingOf", batch, address)
        return Holding(balance_g=balance, pledged_g=pledged, frozen_g=frozen, retired_g=retired)

    def available(self, registry: str, batch: int) -> Available:
        """Return the intervals that are active."""
        self.totals(registry, batch)
        cursor, end, stack = self._credits(registry, "releasedOf", batch)
        released = tuple(Interval.unpack(packed) for packed in stack)
        return Available(released=released, cursor_g=cursor, end_g=end)

    def held(self, registry: str, id: int) -> tuple[Interval, ...]:
        """Return what a lock, pending request or cancellation holds."""
        disposition = self._credits(registry, "dispositionOf", id)
        if disposition[0] not in _HELD_KINDS or disposition[2] == 0:
            return ()
        return tuple(
            Interval.unpack(packed) for packed in self._credits(registry, "intervalsOf", id)
        )

    def certifies(self, retirement: Entry) -> bool:
        """Say whether a certificate proves exactly this retirement."""
        known = {Kind.RETIRED, Kind.RETIREMENT_FINALISED}
        if retirement.kind not in known or retirement.claim is None:
            return False
        places = self.contracts(retirement.registry)
        record = (
            places.credits,
            retirement.id,
            retirement.batch,
            self.naming.address(retirement.account or "", retirement.registry),
            retirement.amount_g,
            [interval.packed for interval in retirement.intervals],
            claim_struct(retirement.claim),
        )
        try:
            found = self._ask(
                places.certificate, "RetirementCertificate", "verify", retirement.id, record
            )
        except errors.UnknownCertificate:
            return False
        return bool(found[0])

    def proves(
        self, registry: str, project: int, version: int, leaf: bytes, proof: Sequence[bytes]
    ) -> bool:
        """Say whether `proof` leads to the project's root of that version."""
        found = self._ask(
            self.contracts(registry).projects,
            "ProjectRegistry",
            "proveDatum",
            project,
            version,
            leaf,
            list(proof),
        )
        return bool(found[0])

    def snapshot(self) -> int:
        """Mark the present state."""
        state = (self.engine.snapshot(), len(self._entries), tuple(self._speakers))
        self._marks.append(state)
        return len(self._marks)

    def revert(self, mark: int) -> None:
        """Restore the state at `mark`."""
        snapshot, entries, registries = self._marks[mark - 1]
        del self._marks[mark - 1 :]
        self.engine.revert(snapshot)
        self.engine.forget(snapshot)
        del self._entries[entries:]
        del self._coordinates[entries:]
        for registry in [name for name in self._speakers if name not in registries]:
            speaker = self._speakers.pop(registry)
            for address in speaker.contracts or ():
                self.naming.contracts.pop(address, None)

    def forget(self, mark: int) -> None:
        """Drop `mark` and later ones, keeping the state."""
        self.engine.forget(self._marks[mark - 1][0])
        del self._marks[mark - 1 :]
