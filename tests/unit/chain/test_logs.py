"""Logs become facts: what our contracts log, whoever called them, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from eth_abi import encode

from registry.chain.artifacts import artifact
from registry.chain.engine import Call, Log
from registry.chain.logs import facts_of
from registry.chain.names import NameBook
from registry.errors import UndecodableLog
from registry.ledger.keys import KeyRing
from registry.records.entry import Kind
from registry.records.identity import batch_id
from registry.records.interval import Interval
from registry.world import World
from tests.strategies import NATIVE
from tests.worlds import prepared

CREDITS, CERTIFICATE, AUTHORITY = b"\xc1" * 20, b"\xc2" * 20, b"\xc3" * 20
BATCH = batch_id(1, 1)
NOBODY = bytes(20)


@pytest.fixture
def book() -> NameBook:
    book = NameBook(KeyRing(1))
    book.contracts[CREDITS] = ("ICR", "CarbonRegistry")
    book.contracts[CERTIFICATE] = ("ICR", "RetirementCertificate")
    book.contracts[AUTHORITY] = ("ICR", "Authority")
    return book


def log(name: str, values: dict[str, Any], address: bytes = CREDITS) -> Log:
    """Encode an event as the contract at that address would log it."""
    contract = {CREDITS: "CarbonRegistry", CERTIFICATE: "RetirementCertificate"}.get(
        address, "Authority"
    )
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


def single(book: NameBook, source: str | None, to: str | None, amount_g: int = 5) -> Log:
    return log(
        "TransferSingle",
        {
            "operator": book.address("Acme"),
            "from": book.address(source) if source else NOBODY,
            "to": book.address(to) if to else NOBODY,
            "id": BATCH,
            "value": amount_g,
        },
    )


def kinds(logs: list[Log], book: NameBook) -> list[Kind]:
    return [fact.kind for fact in facts_of(logs, book)]


def test_a_transfer_between_accounts_is_a_fact(book: NameBook) -> None:
    (fact,) = facts_of([single(book, "Acme", "Bank")], book)
    assert (fact.registry, fact.kind) == ("ICR", Kind.TRANSFERRED)
    assert fact.fields == {
        "batch": BATCH,
        "account": "Acme",
        "counterparty": "Bank",
        "amount_g": 5,
    }


def test_a_transfer_from_or_to_zero_is_explained_by_what_follows(book: NameBook) -> None:
    assert facts_of([single(book, None, "Acme"), single(book, "Acme", None)], book) == []


def test_a_batch_of_transfers_is_a_fact_each(book: NameBook) -> None:
    batch = log(
        "TransferBatch",
        {
            "operator": book.address("Bank"),
            "from": book.address("Acme"),
            "to": book.address("Bank"),
            "ids": [BATCH, BATCH + 1, BATCH],
            "values": [3, 4, 5],
        },
    )
    found = facts_of([batch], book)
    assert [(fact.fields["batch"], fact.fields["amount_g"]) for fact in found] == [
        (BATCH, 3),
        (BATCH + 1, 4),
        (BATCH, 5),
    ]
    assert {fact.kind for fact in found} == {Kind.TRANSFERRED}


def test_an_empty_batch_of_transfers_is_no_fact(book: NameBook) -> None:
    values = {"operator": NOBODY, "from": book.address("Acme"), "to": book.address("Bank")}
    assert facts_of([log("TransferBatch", {**values, "ids": [], "values": []})], book) == []


def forced(book: NameBook) -> list[Log]:
    moved = {"from": book.address("Acme"), "to": book.address("Bank"), "amount": 5}
    frozen = {"account": book.address("Acme"), "tokenId": BATCH, "amount": 2}
    return [
        log("Frozen", frozen),
        single(book, "Acme", "Bank"),
        log("ForcedTransfer", {**moved, "tokenId": BATCH}),
        log("ForcedTransferExplained", {"reason": "a court order"}),
    ]


def test_a_forced_transfer_takes_up_the_transfer_and_the_freeze_before_it(book: NameBook) -> None:
    (fact,) = facts_of(forced(book), book)
    assert fact.kind is Kind.FORCED_TRANSFER
    assert fact.fields == {
        "batch": BATCH,
        "account": "Acme",
        "counterparty": "Bank",
        "amount_g": 5,
        "text": "a court order",
    }


def test_a_freeze_on_its_own_stays_a_fact(book: NameBook) -> None:
    frozen, moved, *rest = forced(book)
    between = single(book, "Acme", "Cedar")
    found = kinds([frozen, between, moved, *rest], book)
    assert found == [Kind.FROZEN, Kind.TRANSFERRED, Kind.FORCED_TRANSFER]


@pytest.mark.parametrize("first", [2, 3])
def test_a_forced_transfer_without_its_transfer_is_refused(book: NameBook, first: int) -> None:
    frozen = forced(book)[0]
    logs = forced(book)[first:]
    with pytest.raises(UndecodableLog):
        facts_of(logs, book)
    if first == 2:
        with pytest.raises(UndecodableLog):
            facts_of([frozen, *logs], book)


def test_a_foreclosure_takes_up_the_transfer_before_it(book: NameBook) -> None:
    values = {"id": 7, "batch": BATCH, "holder": book.address("Acme"), "amount": 5}
    closed = log("PledgeForeclosed", {**values, "lender": book.address("Bank")})
    (fact,) = facts_of([single(book, "Acme", "Bank"), closed], book)
    assert fact.kind is Kind.FORECLOSED
    with pytest.raises(UndecodableLog):
        facts_of([closed], book)


def retired(book: NameBook, **changes: Any) -> Log:
    values = {
        "id": 9,
        "batch": BATCH,
        "holder": book.address("Acme"),
        "amount": 5,
        "intervals": [Interval(0, 2).packed, Interval(7, 10).packed],
        "claim": ("A", "B", "", "", ""),
    }
    return log("CreditsRetired", {**values, **changes})


def test_a_retirement_keeps_intervals_in_order_and_the_claim(book: NameBook) -> None:
    (fact,) = facts_of([single(book, "Acme", None), retired(book)], book)
    assert fact.kind is Kind.RETIRED
    assert fact.fields["intervals"] == (Interval(0, 2), Interval(7, 10))
    assert fact.fields["claim"].purpose == "B"


def test_a_claim_that_we_would_refuse_is_kept_as_it_was_logged(book: NameBook) -> None:
    (fact,) = facts_of([retired(book, claim=("", "a\nb", "x" * 512, "", ""))], book)
    claim = fact.fields["claim"]
    assert (claim.beneficiary, claim.purpose, claim.reason) == ("", "a\nb", "x" * 512)


def test_a_text_that_is_no_utf_8_is_kept_readably(book: NameBook) -> None:
    good = retired(book, claim=("AAAA", "B", "", "", ""))
    bad = Log(good.address, good.topics, good.data.replace(b"AAAA", b"\xff\xfe\x00A"), 0)
    (fact,) = facts_of([bad], book)
    assert fact.fields["claim"].beneficiary.endswith("A")
    assert "\ufffd" in fact.fields["claim"].beneficiary


def test_certificates_and_approvals_are_no_facts(book: NameBook) -> None:
    minted = {"from": NOBODY, "to": book.address("Acme"), "tokenId": 9}
    approval = {"account": book.address("Acme"), "operator": book.address("Bank")}
    logs = [
        log("Transfer", minted, CERTIFICATE),
        log("Locked", {"tokenId": 9}, CERTIFICATE),
        log("ApprovalForAll", {**approval, "approved": True}),
    ]
    assert facts_of(logs, book) == []


def test_only_the_grant_of_the_verifiers_role_is_a_fact(book: NameBook) -> None:
    from registry.chain.deployment import role_hash
    from registry.records.identity import Role

    who = {"account": book.address("Acme"), "sender": book.address("Bank")}
    for role in Role:
        found = facts_of([log("RoleGranted", {"role": role_hash(role), **who}, AUTHORITY)], book)
        expected = [Kind.VERIFIER_ACCREDITED] if role is Role.VERIFIER else []
        assert [fact.kind for fact in found] == expected
    revoked = {"role": role_hash(Role.VERIFIER), **who}
    assert facts_of([log("RoleRevoked", revoked, AUTHORITY)], book) == []


def test_a_log_of_an_unknown_address_is_refused(book: NameBook) -> None:
    good = single(book, "Acme", "Bank")
    with pytest.raises(UndecodableLog) as caught:
        facts_of([Log(b"\xee" * 20, good.topics, good.data, 0)], book)
    assert caught.value.address == "0x" + "ee" * 20
    assert caught.value.topic == "0x" + good.topics[0].hex()


@pytest.mark.parametrize("topics", [(), (b"\x11" * 32,)])
def test_a_log_with_an_unknown_topic_is_refused(book: NameBook, topics: tuple[bytes, ...]) -> None:
    with pytest.raises(UndecodableLog):
        facts_of([Log(CREDITS, topics, b"", 0)], book)


@pytest.mark.parametrize("keep", [0, 1, 31, 63])
def test_a_log_whose_data_is_cut_off_is_refused(book: NameBook, keep: int) -> None:
    good = single(book, "Acme", "Bank")
    with pytest.raises(UndecodableLog):
        facts_of([Log(CREDITS, good.topics, good.data[:keep], 0)], book)


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_a_log_that_lacks_topics_is_refused(book: NameBook, keep: int) -> None:
    good = single(book, "Acme", "Bank")
    with pytest.raises(UndecodableLog):
        facts_of([Log(CREDITS, good.topics[:keep], good.data, 0)], book)


# On a real chain, past our own client.


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    world = prepared("tester")
    yield world
    world.close()


def test_a_holder_s_own_batch_transfer_decodes_to_transfers(world: World) -> None:
    ledger = world._chain
    keys, book = world._keys, ledger.book
    function = artifact("CarbonRegistry").interface.functions["safeBatchTransferFrom"]
    acme, bank = keys.address("Acme"), keys.address("Bank")
    data = function.encode(acme, bank, [BATCH, BATCH], [2, 3], b"any data")
    call = Call(keys.key("Acme"), ledger.contracts(NATIVE).credits, data)
    (receipt,) = ledger.engine.send([call], world.now_s + 1)
    found = facts_of(receipt.logs, book)
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
