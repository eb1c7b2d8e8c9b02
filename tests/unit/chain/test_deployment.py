"""What stands at an address must be our contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry.chain.artifacts import artifact
from registry.chain.deployment import (
    GUARDS,
    Contracts,
    Platform,
    note,
    noted,
    platform_calls,
    registry_calls,
    require_ours,
    role_hash,
)
from registry.chain.names import Naming
from registry.chain.tester import TesterEngine
from registry.errors import ChainDamaged, ForeignContract
from registry.ledger.keys import KeyRing
from registry.records.identity import PLATFORM, PLATFORM_OPERATOR, Role

START_S = 1_751_328_000


class Deployed:
    """The platform and one registry, and where they stand."""

    def __init__(self) -> None:
        self.engine = TesterEngine(start_s=START_S)
        self.naming = Naming(KeyRing(1))
        self.platform, calls = platform_calls(self.engine, self.naming, "interval")
        self.platform_receipts = self.engine.send(calls, START_S + 1)
        self.places, calls = registry_calls(
            self.engine, self.naming, self.platform, "ICR", True, PLATFORM_OPERATOR
        )
        self.receipts = self.engine.send(calls, START_S + 2)


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    found = Deployed()
    yield found
    found.engine.close()


def test_contracts_stand_where_it_was_said(deployed: Deployed) -> None:
    created = [r.contract_address for r in deployed.platform_receipts if r.contract_address]
    assert created == list(deployed.platform[1:])
    assert [r.contract_address for r in deployed.receipts[:5]] == list(deployed.places)
    require_ours(deployed.engine, deployed.platform, deployed.platform.serials)
    require_ours(deployed.engine, deployed.places, deployed.platform.serials)


def test_contracts_know_each_other(deployed: Deployed) -> None:
    config = artifact("CarbonRegistry").interface.functions["config"]
    found = config.decode(deployed.engine.call(deployed.places.credits, config.encode()))
    assert list(found) == [
        deployed.places.authority,
        deployed.platform.directory,
        deployed.places.projects,
        deployed.platform.guard,
        deployed.places.certificate,
    ]


def test_roles_are_held_by_those_who_act_in_them(deployed: Deployed) -> None:
    has = artifact("Authority").interface.functions["hasRole"]

    def holds(authority: bytes, role: Role, name: str, registry: str) -> bool:
        address = deployed.naming.address(name, registry)
        answer = deployed.engine.call(authority, has.encode(role_hash(role), address))
        return bool(has.decode(answer)[0])

    for role in (Role.OPERATOR, Role.ISSUER, Role.REGULATOR):
        assert holds(deployed.places.authority, role, role.actor, "ICR")
        assert not holds(deployed.places.authority, role, "@admin", "ICR")
        assert not holds(deployed.places.authority, role, role.actor, "EcoRegistry")
    bridge = has.encode(role_hash(Role.BRIDGE), deployed.places.bridge)
    assert has.decode(deployed.engine.call(deployed.places.authority, bridge)) == (True,)
    assert not holds(deployed.places.authority, Role.BRIDGE, Role.BRIDGE.actor, "ICR")
    assert holds(deployed.platform.authority, Role.OPERATOR, "@platform", PLATFORM)
    assert not holds(deployed.platform.authority, Role.OPERATOR, "@operator", "ICR")


@pytest.mark.parametrize("field", Contracts._fields)
def test_foreign_contract_is_refused(deployed: Deployed, field: str) -> None:
    wrong = deployed.places._replace(**{field: deployed.platform.guard})
    with pytest.raises(ForeignContract) as caught:
        require_ours(deployed.engine, wrong, deployed.platform.serials)
    assert caught.value.address == "0x" + deployed.platform.guard.hex()
    assert caught.value.found.startswith("another contract")


@pytest.mark.parametrize("field", Platform._fields[1:])
def test_address_without_code_is_refused(deployed: Deployed, field: str) -> None:
    empty = b"\x99" * 20
    with pytest.raises(ForeignContract) as caught:
        require_ours(
            deployed.engine,
            deployed.platform._replace(**{field: empty}),
            deployed.platform.serials,
        )
    assert caught.value.found == "no contract"
    assert caught.value.address == "0x" + empty.hex()


def test_contract_linked_to_another_library_is_refused(deployed: Deployed) -> None:
    with pytest.raises(ForeignContract) as caught:
        require_ours(deployed.engine, deployed.places, b"\x99" * 20)
    assert caught.value.expected == "CarbonRegistry"


def test_two_registries_of_one_kind_are_told_apart_by_address(deployed: Deployed) -> None:
    note(deployed.naming, "ICR", deployed.places)
    note(deployed.naming, PLATFORM, deployed.platform)
    assert deployed.naming.name(deployed.places.credits) == "CarbonRegistry of ICR"
    assert deployed.naming.name(deployed.platform.guard) == "SerialIndex of platform"
    assert len(deployed.naming.contracts) == 9


@pytest.mark.parametrize("guard", GUARDS)
def test_the_guard_that_was_asked_for_stands_and_is_known_again(guard: str) -> None:
    engine, naming = TesterEngine(start_s=START_S), Naming(KeyRing(1))
    platform, calls = platform_calls(engine, naming, guard)
    engine.send(calls, START_S + 1)
    note(naming, PLATFORM, platform)
    require_ours(engine, platform, platform.serials)
    assert noted(naming, PLATFORM) == platform
    assert naming.name(platform.guard) == f"{GUARDS[guard]} of platform"
    places, calls = registry_calls(engine, naming, platform, "ICR", True, PLATFORM_OPERATOR)
    engine.send(calls, START_S + 2)
    admitted = artifact(GUARDS[guard]).interface.functions["isAdmitted"]
    answer = engine.call(platform.guard, admitted.encode(places.credits))
    assert admitted.decode(answer) == (True,)
    engine.close()


@pytest.mark.parametrize("registry", [PLATFORM, "ICR"])
def test_where_contracts_stand_is_missed(registry: str) -> None:
    with pytest.raises(ChainDamaged, match=f"contracts of {registry} stand"):
        noted(Naming(KeyRing(1)), registry)
