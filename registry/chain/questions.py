"""What a ledger of contracts can be asked; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from eth_hash.auto import keccak

from registry import errors
from registry.chain.artifacts import artifact
from registry.chain.calls import claim_struct
from registry.chain.engine import Reverted
from registry.chain.reverts import error_of
from registry.chain.words import NotDecodable
from registry.ledger.interface import Available, Holding, Totals
from registry.records.entry import Entry, Kind
from registry.records.interval import Interval

if TYPE_CHECKING:
    from registry.chain.ledger import ChainLedger

_HELD_KINDS = {1, 3, 4, 6}
"""Lock, Request, Cancellation and Export in ICarbonRegistry.Kind."""


class ChainQuestions:
    """The questions of a `registry.chain.ledger.ChainLedger`."""

    @property
    def _ledger(self) -> ChainLedger:
        return cast("ChainLedger", self)

    def ask(
        self, to: bytes, contract: str, function: str, *args: Any, block: int | None = None
    ) -> tuple[Any, ...]:
        """Ask a contract, now or as it was after a block."""
        ledger = self._ledger
        answered = artifact(contract).interface.functions[function]
        try:
            said = ledger.engine.call(to, answered.encode(*args), block=block)
        except Reverted as refused:
            raise error_of(refused, ledger.naming) from None
        return answered.decode(said)

    def _credits(self, registry: str, function: str, *args: Any) -> Any:
        found = self.ask(
            self._ledger.contracts(registry).credits, "CarbonRegistry", function, *args
        )
        return found[0] if len(found) == 1 else found

    def totals(self, registry: str, batch: int, block: int | None = None) -> Totals:
        """Return the totals of a batch, now or after a block."""
        credits = self._ledger.contracts(registry).credits
        try:
            (parts,) = self.ask(credits, "CarbonRegistry", "totalsOf", batch, block=block)
        except NotDecodable as error:
            # Nothing stood there yet and answered: no registry, so no batch.
            raise errors.UnknownBatch(batch) from error
        issued, active, locked, retired, cancelled, exported = parts
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
        address = self._ledger.naming.address(account, registry)
        balance, pledged, frozen, retired = self._credits(registry, "holdingOf", batch, address)
        return Holding(balance_g=balance, pledged_g=pledged, frozen_g=frozen, retired_g=retired)

    def available(self, registry: str, batch: int) -> Available:
        """Return the intervals that are active."""
        self.totals(registry, batch)
        cursor, end, stack = self._credits(registry, "releasedOf", batch)
        released = tuple(Interval.unpack(packed) for packed in stack)
        return Available(released=released, cursor_g=cursor, end_g=end)

    def held(self, registry: str, id: int) -> tuple[Interval, ...]:
        """Return what a lock, pending request, cancellation or export holds."""
        disposition = self._credits(registry, "dispositionOf", id)
        if disposition[0] not in _HELD_KINDS or disposition[2] == 0:
            return ()
        return tuple(
            Interval.unpack(packed) for packed in self._credits(registry, "intervalsOf", id)
        )

    def outstanding(self, registry: str, home: str) -> int:
        """Return how many grams of another registry's credits are outstanding at this one."""
        bridge = self._ledger.contracts(registry).bridge
        self._ledger.find(home)
        hashed = keccak(home.encode())
        return int(self.ask(bridge, "RegistryBridge", "outstandingOf", hashed)[0])

    def certifies(self, retirement: Entry) -> bool:
        """Say whether a certificate proves exactly this retirement."""
        known = {Kind.RETIRED, Kind.RETIREMENT_FINALISED}
        if retirement.kind not in known or retirement.claim is None:
            return False
        places = self._ledger.contracts(retirement.registry)
        record = (
            places.credits,
            retirement.id,
            retirement.batch,
            self._ledger.naming.address(retirement.account or "", retirement.registry),
            retirement.amount_g,
            [interval.packed for interval in retirement.intervals],
            claim_struct(retirement.claim),
        )
        try:
            found = self.ask(
                places.certificate, "RetirementCertificate", "verify", retirement.id, record
            )
        except errors.UnknownCertificate:
            return False
        return bool(found[0])

    def proves(
        self, registry: str, project: int, version: int, leaf: bytes, proof: Sequence[bytes]
    ) -> bool:
        """Say whether `proof` leads to the project's root of that version."""
        found = self.ask(
            self._ledger.contracts(registry).projects,
            "ProjectRegistry",
            "proveDatum",
            project,
            version,
            leaf,
            list(proof),
        )
        return bool(found[0])
