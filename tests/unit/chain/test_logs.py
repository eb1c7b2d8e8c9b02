"""Logs become facts: what our contracts log, whoever called them, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from eth_abi import encode
from eth_hash.auto import keccak

from registry.chain.artifacts import artifact
from registry.chain.engine import Call, Log
from registry.chain.logs import facts_of
from registry.chain.names import Naming
from registry.errors import UndecodableLog
from registry.ledger.keys import KeyRing
from registry.records.entry import Kind
from registry.records.identity import batch_id
from registry.records.interval import Interval
from registry.world import World
from tests.chain import CHAIN
from tests.strategies import NATIVE
from tests.worlds import prepared

CREDITS, CERTIFICATE, AUTHORITY = b"\xc1" * 20, b"\xc2" * 20, b"\xc3" * 20
BRIDGE = b"\xc4" * 20
BATCH = batch_id(1, 1)
NOBODY = bytes(20)


@pytest.fixture
def naming() -> Naming:
    naming = Naming(KeyRing(1))
    naming.contracts[CREDITS] = ("ICR", "CarbonRegistry")
    naming.contracts[CERTIFICATE] = ("ICR", "RetirementCertificate")
    naming.contracts[AUTHORITY] = ("ICR", "Authority")
    naming.contracts[BRIDGE] = ("ICR", "RegistryBridge")
    return naming


def log(name: str, values: dict[str, Any], address: bytes = CREDITS) -> Log:
    """Encode an event as the contract at that address would log it."""
    contract = {
        CREDITS: "CarbonRegistry",
        CERTIFICATE: "RetirementCertificate",
        AUTHORITY: "Authority",
        BRIDGE: "RegistryBridge",
    }[address]
    found = [e for e in artifact(contract).interface.events.values() if e.name == name]
    (event,) = found
    topics, plain = [event.topic], []
    for parameter, kind, indexed in event.parameters:
        value = values[parameter]
        if indexed:
            topics.append(encode([kind], [value]))
        else:
            plain.append((kind, value))
    data = encode([kind for kind, _ in plain], [value for _, value in plain])
    return Log(address=address, topics=tuple(topics), data=data, index=0)


def single(naming: Naming, source: str | None, to: str | None, amount_g: int = 5) -> Log:
    return log(
        "TransferSingle",
        {
            "operator": naming.address("Acme"),
            "from": naming.address(source) if source else NOBODY,
            "to": naming.address(to) if to else NOBODY,
            "id": BATCH,
            "value": amount_g,
        },
    )


def kinds(logs: list[Log], naming: Naming) -> list[Kind]:
    return [fact.kind for fact in facts_of(logs, naming)]


def test_a_transfer_between_accounts_is_a_fact(naming: Naming) -> None:
    (fact,) = facts_of([single(naming, "Acme", "Bank")], naming)
    assert (fact.registry, fact.kind) == ("ICR", Kind.TRANSFERRED)
    assert fact.fields == {
        "batch": BATCH,
        "account": "Acme",
        "counterparty": "Bank",
        "amount_g": 5,
    }


def test_a_transfer_from_or_to_zero_is_explained_by_what_follows(naming: Naming) -> None:
    assert facts_of([single(naming, None, "Acme"), single(naming, "Acme", None)], naming) == []


def test_a_batch_of_transfers_is_a_fact_each(naming: Naming) -> None:
    batch = log(
        "TransferBatch",
        {
            "operator": naming.address("Bank"),
            "from": naming.address("Acme"),
            "to": naming.address("Bank"),
            "ids": [BATCH, BATCH + 1, BATCH],
            "values": [3, 4, 5],
        },
    )
    found = facts_of([batch], naming)
    assert [(fact.fields["batch"], fact.fields["amount_g"]) for fact in found] == [
        (BATCH, 3),
        (BATCH + 1, 4),
        (BATCH, 5),
    ]
    assert {fact.kind for fact in found} == {Kind.TRANSFERRED}


def test_an_empty_batch_of_transfers_is_no_fact(naming: Naming) -> None:
    values = {"operator": NOBODY, "from": naming.address("Acme"), "to": naming.address("Bank")}
    assert facts_of([log("TransferBatch", {**values, "ids": [], "values": []})], naming) == []


def forced(naming: Naming) -> list[Log]:
    moved = {"from": naming.address("Acme"), "to": naming.address("Bank"), "amount": 5}
    frozen = {"account": naming.address("Acme"), "tokenId": BATCH, "amount": 2}
    return [
        log("Frozen", frozen),
        single(naming, "Acme", "Bank"),
        log("ForcedTransfer", {**moved, "tokenId": BATCH}),
        log("ForcedTransferExplained", {"reason": "a court order"}),
    ]


def test_a_forced_transfer_takes_up_the_transfer_and_the_freeze_before_it(naming: Naming) -> None:
    (fact,) = facts_of(forced(naming), naming)
    assert fact.kind is Kind.FORCED_TRANSFER
    assert fact.fields == {
        "batch": BATCH,
        "account": "Acme",
        "counterparty": "Bank",
        "amount_g": 5,
        "text": "a court order",
    }


def test_a_freeze_on_its_own_stays_a_fact(naming: Naming) -> None:
    frozen, moved, *rest = forced(naming)
    between = single(naming, "Acme", "Cedar")
    found = kinds([frozen, between, moved, *rest], naming)
    assert found == [Kind.FROZEN, Kind.TRANSFERRED, Kind.FORCED_TRANSFER]


@pytest.mark.parametrize("first", [2, 3])
def test_a_forced_transfer_without_its_transfer_is_refused(naming: Naming, first: int) -> None:
    frozen = forced(naming)[0]
    logs = forced(naming)[first:]
    with pytest.raises(UndecodableLog):
        facts_of(logs, naming)
    if first == 2:
        with pytest.raises(UndecodableLog):
            facts_of([frozen, *logs], naming)


def test_a_foreclosure_takes_up_the_transfer_before_it(naming: Naming) -> None:
    values = {"id": 7, "batch": BATCH, "holder": naming.address("Acme"), "amount": 5}
    closed = log("PledgeForeclosed", {**values, "lender": naming.address("Bank")})
    (fact,) = facts_of([single(naming, "Acme", "Bank"), closed], naming)
    assert fact.kind is Kind.FORECLOSED
    with pytest.raises(UndecodableLog):
        facts_of([closed], naming)


def retired(naming: Naming, **changes: Any) -> Log:
    values = {
        "id": 9,
        "batch": BATCH,
        "holder": naming.address("Acme"),
        "amount": 5,
        "intervals": [Interval(0, 2).packed, Interval(7, 10).packed],
        "claim": ("A", "B", "", "", ""),
    }
    return log("CreditsRetired", {**values, **changes})


def test_a_retirement_keeps_intervals_in_order_and_the_claim(naming: Naming) -> None:
    (fact,) = facts_of([single(naming, "Acme", None), retired(naming)], naming)
    assert fact.kind is Kind.RETIRED
    assert fact.fields["intervals"] == (Interval(0, 2), Interval(7, 10))
    assert fact.fields["claim"].purpose == "B"


def test_a_claim_that_we_would_refuse_is_kept_as_it_was_logged(naming: Naming) -> None:
    (fact,) = facts_of([retired(naming, claim=("", "a\nb", "x" * 512, "", ""))], naming)
    claim = fact.fields["claim"]
    assert (claim.beneficiary, claim.purpose, claim.reason) == ("", "a\nb", "x" * 512)


def test_a_text_that_is_no_utf_8_is_kept_readably(naming: Naming) -> None:
    good = retired(naming, claim=("AAAA", "B", "", "", ""))
    bad = Log(good.address, good.topics, good.data.replace(b"AAAA", b"\xff\xfe\x00A"), 0)
    (fact,) = facts_of([bad], naming)
    assert fact.fields["claim"].beneficiary.endswith("A")
    assert "\ufffd" in fact.fields["claim"].beneficiary


def compensated(naming: Naming, start: int, end: int, id: int = 7) -> Log:
    values = {
        "id": id,
        "batch": BATCH,
        "holder": naming.address("Acme"),
        "amount": end - start,
        "start": start,
        "end": end,
        "target": naming.hash("EcoRegistry"),
        "home": naming.hash("ICR"),
        "exportId": 7,
        "number": 3,
    }
    return log("ExportCompensated", values, BRIDGE)


def test_the_pieces_of_a_compensation_are_one_fact(naming: Naming) -> None:
    logs = [compensated(naming, 5, 9), single(naming, None, "Acme"), compensated(naming, 0, 2)]
    (fact,) = facts_of(logs, naming)
    assert (fact.registry, fact.kind) == ("ICR", Kind.EXPORT_COMPENSATED)
    assert fact.fields == {
        "id": 7,
        "batch": BATCH,
        "account": "Acme",
        "amount_g": 6,
        "intervals": (Interval(5, 9), Interval(0, 2)),
        "peer": "EcoRegistry",
        "home": "ICR",
        "export": 7,
        "number": 3,
    }


def test_compensations_that_somebody_carries_at_once_are_a_fact_each(naming: Naming) -> None:
    logs = [compensated(naming, 0, 2), compensated(naming, 5, 9, id=8), compensated(naming, 9, 10)]
    found = [
        (f.fields["id"], f.fields["amount_g"], f.fields["intervals"])
        for f in facts_of(logs, naming)
    ]
    assert found == [
        (7, 2, (Interval(0, 2),)),
        (8, 4, (Interval(5, 9),)),
        (7, 1, (Interval(9, 10),)),
    ]


def test_peers_and_registries_are_known_by_their_hashes_once_they_were_named(
    naming: Naming,
) -> None:
    hashed = keccak(b"Harbour")
    assert naming.text(hashed) == "0x" + hashed.hex()
    values = {"peer": hashed, "name": "Harbour", "chain": 1337, "allowance": 5}
    terms = {**values, "bridge": NOBODY, "signer": NOBODY}
    (fact,) = facts_of([log("PeerAdmitted", terms, BRIDGE)], naming)
    assert (fact.kind, fact.fields) == (Kind.PEER_ADMITTED, {"peer": "Harbour", "amount_g": 5})
    assert naming.text(hashed) == "Harbour"
    (fact,) = facts_of([log("RegistryOpened", {"name": "ICR", "native": False})], naming)
    assert (fact.kind, fact.fields) == (Kind.REGISTRY_OPENED, {"text": "mirrored"})
    assert naming.text(keccak(b"ICR")) == "ICR"


def test_certificates_and_approvals_are_no_facts(naming: Naming) -> None:
    minted = {"from": NOBODY, "to": naming.address("Acme"), "tokenId": 9}
    approval = {"account": naming.address("Acme"), "operator": naming.address("Bank")}
    logs = [
        log("Transfer", minted, CERTIFICATE),
        log("Locked", {"tokenId": 9}, CERTIFICATE),
        log("ApprovalForAll", {**approval, "approved": True}),
    ]
    assert facts_of(logs, naming) == []


def test_only_the_grant_of_the_verifiers_role_is_a_fact(naming: Naming) -> None:
    from registry.chain.deployment import role_hash
    from registry.records.identity import Role

    who = {"account": naming.address("Acme"), "sender": naming.address("Bank")}
    for role in Role:
        found = facts_of([log("RoleGranted", {"role": role_hash(role), **who}, AUTHORITY)], naming)
        expected = [Kind.VERIFIER_ACCREDITED] if role is Role.VERIFIER else []
        assert [fact.kind for fact in found] == expected
    revoked = {"role": role_hash(Role.VERIFIER), **who}
    assert facts_of([log("RoleRevoked", revoked, AUTHORITY)], naming) == []


def test_a_log_of_an_unknown_address_is_refused(naming: Naming) -> None:
    good = single(naming, "Acme", "Bank")
    with pytest.raises(UndecodableLog) as caught:
        facts_of([Log(b"\xee" * 20, good.topics, good.data, 0)], naming)
    assert caught.value.address == "0x" + "ee" * 20
    assert caught.value.topic == "0x" + good.topics[0].hex()


@pytest.mark.parametrize("topics", [(), (b"\x11" * 32,)])
def test_a_log_with_an_unknown_topic_is_refused(naming: Naming, topics: tuple[bytes, ...]) -> None:
    with pytest.raises(UndecodableLog):
        facts_of([Log(CREDITS, topics, b"", 0)], naming)


@pytest.mark.parametrize("keep", [0, 1, 31, 63])
def test_a_log_whose_data_is_cut_off_is_refused(naming: Naming, keep: int) -> None:
    good = single(naming, "Acme", "Bank")
    with pytest.raises(UndecodableLog):
        facts_of([Log(CREDITS, good.topics, good.data[:keep], 0)], naming)


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_a_log_that_lacks_topics_is_refused(naming: Naming, keep: int) -> None:
    good = single(naming, "Acme", "Bank")
    with pytest.raises(UndecodableLog):
        facts_of([Log(CREDITS, good.topics[:keep], good.data, 0)], naming)


# On a real chain, past our own client.


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    world = prepared(CHAIN)
    yield world
    world.close()


def test_a_holder_s_own_batch_transfer_decodes_to_transfers(world: World) -> None:
    ledger = world._chain
    keys, naming = world._keys, ledger.naming
    function = artifact("CarbonRegistry").interface.functions["safeBatchTransferFrom"]
    acme, bank = keys.address("Acme"), keys.address("Bank")
    data = function.encode(acme, bank, [BATCH, BATCH], [2, 3], b"any data")
    call = Call(keys.key("Acme"), ledger.contracts(NATIVE).credits, data)
    (receipt,) = ledger.engine.send([call], world.now_s + 1)
    found = facts_of(receipt.logs, naming)
    assert [(fact.kind, fact.registry, fact.fields) for fact in found] == [
        (
            Kind.TRANSFERRED,
            NATIVE,
            {"batch": BATCH, "account": "Acme", "counterparty": "Bank", "amount_g": amount_g},
        )
        for amount_g in (2, 3)
    ]


def test_coordinates_stand_beside_each_entry(world: World) -> None:
    ledger = world._chain
    assert [where.seq for where in ledger.coordinates] == [e.seq for e in ledger.entries]
    places = [(where.block, where.log_index) for where in ledger.coordinates]
    assert places == sorted(places)
    assert all(where.chain_id == ledger.engine.chain_id for where in ledger.coordinates)
    assert all(where.gas_used > 21_000 for where in ledger.coordinates)
