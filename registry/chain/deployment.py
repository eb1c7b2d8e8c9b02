"""Putting the contracts on a chain, and making sure that they are what stands there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from eth_hash.auto import keccak

from registry.chain.artifacts import artifact
from registry.chain.engine import Call, Engine, creation_address
from registry.chain.names import Naming
from registry.errors import ChainDamaged, ForeignContract
from registry.records.identity import PLATFORM, PLATFORM_OPERATOR, Role

DEPLOYER = "@deployer"
ADMIN = "@admin"


class Platform(NamedTuple):
    """Addresses of what all registries share.

    Attributes:
        guarding: The contract that stands at `guard`, one of GUARDS.
    """

    guarding: str
    authority: bytes
    directory: bytes
    guard: bytes
    serials: bytes


class Contracts(NamedTuple):
    """Addresses of one registry's contracts."""

    authority: bytes
    projects: bytes
    credits: bytes
    certificate: bytes
    bridge: bytes


GUARDS = {"interval": "SerialIndex", "exact": "ExactSerial", "none": "OpenGuard"}
"""What a serial guard refuses -> the contract that does: intervals that overlap an earlier one, one
that was claimed just so before, nothing."""

_REGISTRY = (
    "Authority",
    "ProjectRegistry",
    "CarbonRegistry",
    "RetirementCertificate",
    "RegistryBridge",
)


def _standing(places: Platform | Contracts) -> Iterator[tuple[bytes, str]]:
    """Yield each address with the contract that stands there."""
    if isinstance(places, Contracts):
        return zip(places, _REGISTRY, strict=True)
    kinds = ("Authority", "AccountDirectory", places.guarding, "SerialLedger")
    return zip(places[1:], kinds, strict=True)


def role_hash(role: Role) -> bytes:
    """Return how the contracts name a role."""
    return keccak(role.value.encode())


def grant(naming: Naming, authority: bytes, registry: str, role: Role, holder: bytes) -> Call:
    """Return the call by which a registry's admin grants a role."""
    data = artifact("Authority").interface.functions["grantRole"].encode(role_hash(role), holder)
    return Call(naming.key(ADMIN, registry), authority, data)


def platform_calls(engine: Engine, naming: Naming, guard: str) -> tuple[Platform, list[Call]]:
    """Return where the shared contracts will stand, and the calls that put them there.

    Args:
        guard: One of GUARDS.
    """
    key = naming.key(DEPLOYER, PLATFORM)
    sender = naming.address(DEPLOYER, PLATFORM)
    nonce = engine.nonce(sender)
    places = Platform(GUARDS[guard], *(creation_address(sender, nonce + at) for at in range(4)))
    admin = naming.address(ADMIN, PLATFORM)
    calls = [
        Call(key, None, artifact("Authority").creation(admin)),
        Call(key, None, artifact("AccountDirectory").creation(places.authority)),
        Call(key, None, artifact(places.guarding).creation(places.authority)),
        Call(key, None, artifact("SerialLedger").creation()),
        grant(naming, places.authority, PLATFORM, Role.OPERATOR, naming.address(PLATFORM_OPERATOR)),
    ]
    return places, calls


def registry_calls(
    engine: Engine, naming: Naming, platform: Platform, registry: str, native: bool, by: str
) -> tuple[Contracts, list[Call]]:
    """Return where a registry's contracts will stand, and the calls that put them there."""
    key = naming.key(DEPLOYER, registry)
    sender = naming.address(DEPLOYER, registry)
    nonce = engine.nonce(sender)
    places = Contracts(*(creation_address(sender, nonce + at) for at in range(len(_REGISTRY))))
    config = (
        registry,
        native,
        places.authority,
        platform.directory,
        places.projects,
        platform.guard,
        places.certificate,
    )
    libraries = {"SerialLedger": platform.serials}
    admit = artifact(platform.guarding).interface.functions["admit"].encode(places.credits)
    roles = (Role.OPERATOR, Role.ISSUER, Role.REGULATOR)
    calls = [
        Call(key, None, artifact("Authority").creation(naming.address(ADMIN, registry))),
        Call(
            key,
            None,
            artifact("ProjectRegistry").creation(
                places.authority, platform.directory, places.credits
            ),
        ),
        Call(key, None, artifact("CarbonRegistry").creation(config, libraries=libraries)),
        Call(key, None, artifact("RetirementCertificate").creation(places.credits, registry)),
        Call(
            key,
            None,
            artifact("RegistryBridge").creation(places.authority, places.credits, registry),
        ),
        *(
            grant(naming, places.authority, registry, role, naming.address(role.actor, registry))
            for role in roles
        ),
        grant(naming, places.authority, registry, Role.BRIDGE, places.bridge),
        Call(naming.key(by, registry), platform.guard, admit),
    ]
    return places, calls


def note(naming: Naming, registry: str, places: Platform | Contracts) -> None:
    """Remember which contract stands where."""
    for address, contract in _standing(places):
        naming.settle(address, registry, contract)


def noted(naming: Naming, registry: str) -> Platform | Contracts:
    """Return where a registry's contracts stand, or the shared ones, as `note` remembered them.

    Raises:
        ChainDamaged: one of them is not known.
    """
    known = {what: address for address, what in naming.contracts.items()}
    try:
        if registry != PLATFORM:
            return Contracts(*(known[registry, contract] for contract in _REGISTRY))
        (guarding,) = (kind for kind in GUARDS.values() if (PLATFORM, kind) in known)
        kinds = ("Authority", "AccountDirectory", guarding, "SerialLedger")
        return Platform(guarding, *(known[PLATFORM, contract] for contract in kinds))
    except (KeyError, ValueError) as error:
        raise ChainDamaged(f"where the contracts of {registry} stand is not known") from error


def require_ours(engine: Engine, places: Platform | Contracts, serials: bytes) -> None:
    """Check that the code at each address is that of our contract.

    Raises:
        ForeignContract: no code there, or other code.
    """
    for address, contract in _standing(places):
        code = engine.code(address)
        if not artifact(contract).is_runtime(code, {"SerialLedger": serials}):
            found = f"another contract ({len(code)} bytes)" if code else "no contract"
            raise ForeignContract("0x" + address.hex(), contract, found)
