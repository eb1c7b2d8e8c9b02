"""Names to addresses and hashes, and back."""

from __future__ import annotations

import pytest
from eth_hash.auto import keccak

from registry.chain.names import Naming
from registry.ledger.keys import KeyRing
from registry.records.identity import Role


@pytest.fixture
def naming() -> Naming:
    return Naming(KeyRing(1))


def test_a_name_comes_back_once_it_was_looked_up(naming: Naming) -> None:
    raw = KeyRing(1).address("Acme")
    assert naming.name(raw) == "0x" + raw.hex()
    assert naming.address("Acme") == raw
    assert naming.name(raw) == "Acme"


def test_looking_up_a_key_remembers_the_name(naming: Naming) -> None:
    key = naming.key("@operator", "ICR")
    assert key == KeyRing(1).key("@operator", "ICR")
    assert naming.name(KeyRing(1).address("@operator", "ICR")) == "@operator"


def test_an_account_has_one_address_and_a_role_one_per_registry(naming: Naming) -> None:
    assert naming.address("Acme", "ICR") == naming.address("Acme", "EcoRegistry")
    assert naming.address("@issuer", "ICR") != naming.address("@issuer", "EcoRegistry")
    assert naming.address("@platform", "ICR") == naming.address("@platform")


def test_keys_depend_on_seed_name_and_kind() -> None:
    rings = [KeyRing(1), KeyRing(2), KeyRing(11)]
    names = [("Acme", ""), ("acme", ""), ("1/Acme", ""), ("@issuer", "ICR"), ("@issuer", "")]
    keys = [ring.key(*name) for ring in rings for name in names]
    assert len(set(keys)) == len(keys)
    assert KeyRing(1).key("Acme") == keccak(b"carbon-registry/account/1/Acme")


def test_texts_come_back_from_their_hash(naming: Naming) -> None:
    unknown = keccak(b"ICR-ISL-354-1-14-A-0-2024")
    assert naming.text(unknown) == "0x" + unknown.hex()
    assert naming.hash("ICR-ISL-354-1-14-A-0-2024") == unknown
    assert naming.text(unknown) == "ICR-ISL-354-1-14-A-0-2024"


def test_roles_come_back_from_their_hash_or_word(naming: Naming) -> None:
    for role in Role:
        assert naming.role(keccak(role.value.encode())) == role.value
    assert naming.role(bytes(32)) == "ADMIN"
    assert naming.role(b"CREDITS".ljust(32, b"\0")) == "CREDITS"
    assert naming.role(b"\xff" * 32) == "0x" + "ff" * 32


def test_a_signature_is_the_signer_s(naming: Naming) -> None:
    from eth_keys import KeyAPI

    digest = keccak(b"a statement")
    signature = naming.keys.sign(digest, "Acme")
    assert len(signature) == 65 and signature[64] in (27, 28)
    found = KeyAPI.Signature(signature[:64] + bytes([signature[64] - 27]))
    assert found.recover_public_key_from_msg_hash(digest).to_canonical_address() == naming.address(
        "Acme"
    )
