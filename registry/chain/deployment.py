"""Putting the contracts on a chain, and making sure that they are what stands there."""

from __future__ import annotations

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
    """Addresses of what all registries share."""

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


_PLATFORM = ("Authority", "AccountDirectory", "SerialIndex", "SerialLedger")
_REGISTRY = ("Authority", "ProjectRegistry", "CarbonRegistry", "RetirementCertificate")


def role_hash(role: Role) -> bytes:
    """Return how the contracts name a role."""
    return keccak(role.value.encode())


def grant(naming: Naming, authority: bytes, registry: str, role: Role, holder: bytes) -> Call:
    """Return the call by which a registry's admin grants a role."""
    data = artifact("Authority").interface.functions["grantRole"].encode(role_hash(role), holder)
    return Call(naming.key(ADMIN, registry), authority, data)


def platform_calls(engine: Engine, naming: Naming) -> tuple[Platform, list[Call]]:
    """Return where the shared contracts will stand, and the calls that put them there."""
    key = naming.key(DEPLOYER, PLATFORM)
    sender = naming.address(DEPLOYER, PLATFORM)
    nonce = engine.nonce(sender)
    places = Platform(*(creation_address(sender, nonce + at) for at in range(len(_PLATFORM))))
    admin = naming.address(ADMIN, PLATFORM)
    calls = [
        Call(key, None, artifact("Authority").creation(admin)),
        Call(key, None, artifact("AccountDirectory").creation(places.authority)),
        Call(key, None, artifact("SerialIndex").creation(places.authority)),
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
    admit = artifact("SerialIndex").interface.functions["admit"].encode(places.credits)
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
        *(
            grant(naming, places.authority, registry, role, naming.address(role.actor, registry))
            for role in roles
        ),
        Call(naming.key(by, registry), platform.guard, admit),
    ]
    return places, calls


def note(naming: Naming, registry: str, places: Platform | Contracts) -> None:
    """Remember which contract stands where."""
    kinds = _PLATFORM if isinstance(places, Platform) else _REGISTRY
    for address, contract in zip(places, kinds, strict=True):
        naming.settle(address, registry, contract)


def noted(naming: Naming, registry: str) -> Platform | Contracts:
    """Return where a registry's contracts stand, or the shared ones, as `note` remembered them.

    Raises:
        ChainDamaged: one of them is not known.
    """
    known = {what: address for address, what in naming.contracts.items()}
    kinds = _PLATFORM if registry == PLATFORM else _REGISTRY
    try:
        places = [known[registry, contract] for contract in kinds]
    except KeyError as error:
        raise ChainDamaged(f"where the contracts of {registry} stand is not known") from error
    return Platform(*places) if registry == PLATFORM else Contracts(*places)


def require_ours(engine: Engine, places: Platform | Contracts, serials: bytes) -> None:
    """Check that the code at each address is that of our contract.

    Raises:
        ForeignContract: no code there, or other code.
    """
    kinds = _PLATFORM if isinstance(places, Platform) else _REGISTRY
    for address, contract in zip(places, kinds, strict=True):
        code = engine.code(address)
        if not artifact(contract).is_runtime(code, {"SerialLedger": serials}):
            found = f"another contract ({len(code)} bytes)" if code else "no contract"
            raise ForeignContract("0x" + address.hex(), contract, found)
