"""What whoever speaks to contracts has at hand: names, addresses, keys to sign with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from eth_hash.auto import keccak

from registry.chain.artifacts import artifact
from registry.chain.words import encode

if TYPE_CHECKING:
    from registry.chain.deployment import Contracts
    from registry.chain.ledger import ChainLedger

NO_HINT: Final = 2**64 - 1
"""Tells what keeps intervals to begin at the head of its list."""

_DOMAIN = keccak(
    b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
_DOMAIN_KINDS = ("bytes32", "bytes32", "bytes32", "uint256", "address")


class Said(NamedTuple):
    """A contract's address and the calldata for it."""

    to: bytes
    data: bytes


class Voice:
    """Speaks for one registry.

    Args:
        ledger: Of the chain that the registry is on.

    Attributes:
        chain_id: What signatures are for.
        contracts: The registry's own, once they are there.
    """

    def __init__(self, ledger: ChainLedger, registry: str) -> None:
        self.ledger = ledger
        self.registry = registry
        self.naming = ledger.naming
        self.platform = ledger.platform
        self.chain_id = ledger.engine.chain_id
        self.contracts: Contracts | None = None

    @property
    def own(self) -> Contracts:
        """The registry's contracts."""
        assert self.contracts is not None
        return self.contracts

    def _credits(self, function: str, *args: Any) -> Said:
        return said(self.own.credits, "CarbonRegistry", function, *args)

    def _projects(self, function: str, *args: Any) -> Said:
        return said(self.own.projects, "ProjectRegistry", function, *args)

    def _bridge(self, function: str, *args: Any) -> Said:
        return said(self.own.bridge, "RegistryBridge", function, *args)


def said(to: bytes, contract: str, function: str, *args: Any) -> Said:
    """Return a call of a contract's function."""
    return Said(to, artifact(contract).interface.functions[function].encode(*args))


def digest_of(contract: str, chain_id: int, address: bytes, struct: bytes) -> bytes:
    """Return what is signed of a struct for one contract, of that name, on one chain (EIP-712)."""
    domain = (_DOMAIN, keccak(contract.encode()), keccak(b"1"), chain_id, address)
    return keccak(b"\x19\x01" + keccak(encode(_DOMAIN_KINDS, domain)) + struct)


def word(text: str) -> bytes:
    """Return the bytes of a text in hex, 0x first."""
    return bytes.fromhex(text[2:])
