"""How actions between registries are said to their bridges.

A bridge believes what another registry's key has signed. That key signs what its own bridge knows:
a message that was sent just so, a message that was imported or voided. Of anything else there is no
signature, and the contract refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from eth_hash.auto import keccak

from registry.chain.voice import NO_HINT, Said, Voice, digest_of
from registry.chain.words import encode
from registry.errors import UnknownRegistry
from registry.records import action as act
from registry.records.identity import Role, is_imported
from registry.records.message import Message

if TYPE_CHECKING:
    from registry.chain.ledger import ChainLedger

IMPORTED: Final = 1
VOIDED: Final = 2
"""Outcomes of a message in IRegistryBridge.Outcome."""

_PENDING: Final = 1
"""In IRegistryBridge.Status."""

_NOWHERE = bytes(20)
_NO_SCOPE = bytes(32)
_UNSIGNED = b""

_MESSAGE_FIELDS = (
    ("bytes32", "source"),
    ("uint256", "sourceChain"),
    ("address", "sourceBridge"),
    ("bytes32", "target"),
    ("uint256", "targetChain"),
    ("address", "targetBridge"),
    ("uint256", "id"),
    ("uint64", "number"),
    ("bytes32", "home"),
    ("uint256", "exportId"),
    ("string", "scope"),
    ("uint64", "start"),
    ("uint64", "end"),
    ("uint16", "vintage"),
    ("address", "to"),
    ("uint64", "deadline"),
)
_MESSAGE = f"Message({','.join(' '.join(field) for field in _MESSAGE_FIELDS)})".encode()
_MESSAGE_KINDS = (
    "bytes32",
    *("bytes32" if kind == "string" else kind for kind, _ in _MESSAGE_FIELDS),
)
_SCOPE = [name for _, name in _MESSAGE_FIELDS].index("scope")
_RECEIPT = b"Receipt(bytes32 message,uint8 outcome)"


class BridgeVoice(Voice):
    """Turns one registry's actions towards others into calldata."""

    def admit_peer(self, action: act.AdmitPeer) -> Said:
        """Say AdmitPeer: the peer by where it is and whose signature counts."""
        peer = self.ledger.find(action.peer)
        self.naming.hash(action.peer)
        terms = (
            action.peer,
            peer.engine.chain_id,
            peer.contracts(action.peer).bridge,
            signer(self, action.peer),
            action.allowance_g,
        )
        return self._bridge("admitPeer", terms)

    def export(self, action: act.Export, hints: Sequence[int] = ()) -> Said:
        """Say Export."""
        return self._bridge("send", self._order(action, "", hints), action.deadline_s)

    def move(self, action: act.Move, hints: Sequence[int] = ()) -> Said:
        """Say Move."""
        scope = "" if is_imported(action.batch) else self._scope(action.batch)
        return self._bridge("move", self._order(action, scope, hints))

    def _order(
        self, action: act.Export | act.Move, scope: str, hints: Sequence[int]
    ) -> tuple[Any, ...]:
        return (
            action.id,
            action.batch,
            action.amount_g,
            self.naming.hash(action.target),
            self.naming.address(action.to, action.target),
            scope,
            _hint(hints),
        )

    def _scope(self, batch: int) -> str:
        (scope,) = self.ledger.ask(self.own.credits, "CarbonRegistry", "scopeOf", batch)
        if scope != _NO_SCOPE:
            return self.naming.text(scope)
        return self.ledger.issuing.get((self.registry, batch), "")

    def import_(self, action: act.Import, hints: Sequence[int] = ()) -> Said:
        """Say Import, signed by the message's source if it sent just this."""
        message = self.message(action.message)
        signature = self._signed(action.message.source, message)
        return self._bridge("receiveMessage", message, signature, _hint(hints))

    def void_import(self, action: act.VoidImport) -> Said:
        """Say VoidImport, signed as an import is."""
        message = self.message(action.message)
        return self._bridge("voidMessage", message, self._signed(action.message.source, message))

    def message(self, message: Message) -> tuple[Any, ...]:
        """Return a message as the contract's struct."""
        self.naming.hash(message.scope)
        return (
            self.naming.hash(message.source),
            *self._place(message.source),
            self.naming.hash(message.target),
            *self._place(message.target),
            message.id,
            message.number,
            self.naming.hash(message.home),
            message.export,
            message.scope,
            message.interval.start_g,
            message.interval.end_g,
            message.vintage,
            self.naming.address(message.to, message.target),
            message.deadline_s,
        )

    def _place(self, registry: str) -> tuple[int, bytes]:
        """Return the chain id and address of a registry's bridge; zeros where there is none."""
        try:
            ledger = self.ledger.find(registry)
        except UnknownRegistry:
            return 0, _NOWHERE
        return ledger.engine.chain_id, ledger.contracts(registry).bridge

    def _signed(self, source: str, message: tuple[Any, ...]) -> bytes:
        try:
            ledger = self.ledger.find(source)
        except UnknownRegistry:
            return _UNSIGNED
        hashed = message_hash(message)
        if _export_of(ledger, ledger.contracts(source).bridge, message[6])[5] != hashed:
            return _UNSIGNED
        digest = digest_of("RegistryBridge", message[4], message[5], hashed)
        return sign(self, source, digest)

    def acknowledge(self, action: act.Acknowledge) -> Said:
        """Say Acknowledge, signed by the export's target if it imported the message."""
        return self._bridge("acknowledge", action.id, self._receipt(action.id, IMPORTED))

    def compensate(self, action: act.Compensate, hints: Sequence[int] = ()) -> Said:
        """Say Compensate, signed by the export's target if it voided the message."""
        receipt = self._receipt(action.id, VOIDED)
        return self._bridge("compensate", action.id, receipt, _hint(hints))

    def _receipt(self, id: int, outcome: int) -> bytes:
        status, hashed, _, _, _, message = _export_of(self.ledger, self.own.bridge, id)
        if status != _PENDING:
            return _UNSIGNED
        target = self.naming.text(hashed)
        try:
            ledger = self.ledger.find(target)
        except UnknownRegistry:
            return _UNSIGNED
        bridge = ledger.contracts(target).bridge
        if ledger.ask(bridge, "RegistryBridge", "outcomeOf", message) != (outcome,):
            return _UNSIGNED
        struct = receipt_hash(message, outcome)
        digest = digest_of("RegistryBridge", self.chain_id, self.own.bridge, struct)
        return sign(self, target, digest)

    def mirror(self, action: act.Mirror, hints: Sequence[int] = ()) -> Said:
        """Say Mirror."""
        self.naming.hash(action.scope)
        order = (
            self.naming.hash(action.source),
            action.lock,
            action.scope,
            action.start_g,
            action.amount_g,
            action.vintage,
            self.naming.address(action.to, self.registry),
            _hint(hints),
        )
        return self._bridge("mirror", order)

    def unmirror(self, action: act.Unmirror, hints: Sequence[int] = ()) -> Said:
        """Say Unmirror."""
        return self._bridge("unmirror", action.id, action.batch, action.amount_g, _hint(hints))


def signer(voice: Voice, registry: str) -> bytes:
    """Return the address for which a registry's bridge signs."""
    return voice.naming.address(Role.BRIDGE.actor, registry)


def sign(voice: Voice, registry: str, digest: bytes) -> bytes:
    """Sign a digest as a registry's bridge."""
    return voice.naming.keys.sign(digest, Role.BRIDGE.actor, registry)


def message_hash(message: Sequence[Any]) -> bytes:
    """Return EIP-712's hash of a message's struct, without a domain.

    Source: IRegistryBridge.messageHash
    """
    fields = list(message)
    fields[_SCOPE] = keccak(fields[_SCOPE].encode())
    return keccak(encode(_MESSAGE_KINDS, (keccak(_MESSAGE), *fields)))


def receipt_hash(message: bytes, outcome: int) -> bytes:
    """Return EIP-712's hash of a receipt, without a domain."""
    return keccak(encode(("bytes32", "bytes32", "uint8"), (keccak(_RECEIPT), message, outcome)))


def _export_of(ledger: ChainLedger, bridge: bytes, id: int) -> tuple[Any, ...]:
    """Return IRegistryBridge.ExportRecord of an export."""
    (record,) = ledger.ask(bridge, "RegistryBridge", "exportOf", id)
    return tuple(record)


def _hint(hints: Sequence[int]) -> int:
    return hints[0] if hints else NO_HINT
