"""What bridges sign and believe: a message that was sent, for one registry on one chain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from registry.chain.artifacts import artifact
from registry.chain.bridging import IMPORTED, VOIDED, message_hash, receipt_hash, sign
from registry.chain.chains import ChainsLedger
from registry.chain.engine import Call
from registry.chain.voice import NO_HINT, Said, digest_of, said
from registry.errors import (
    MessageForAnotherBridge,
    MessageForAnotherChain,
    MessageForAnotherRegistry,
    NoPendingExport,
    NotAttested,
    RegistryError,
    StaleHint,
    UnknownPeer,
    UnknownRegistry,
)
from registry.ledger.keys import KeyRing
from registry.records import action as act
from registry.records.entry import Entry, Kind
from registry.records.identity import RELAYER
from registry.records.message import Message
from tests.strategies import BATCH_G, MIRRORED, NATIVE
from tests.unit.chain.test_chains import begun, opened_on
from tests.unit.ledger.ledgers import BATCH, KEYS, START_S, play, preparation, time_of

HARBOUR = "Harbour"
"""A third registry, on the chain of the native one."""
DEADLINE_S = START_S + 100_000
STRANGER = KeyRing(99)


@pytest.fixture(scope="module")
def built() -> Iterator[ChainsLedger]:
    ledger = begun()
    admissions = [
        act.AdmitPeer(registry=registry, peer=peer, allowance_g=BATCH_G)
        for registry in (NATIVE, MIRRORED, HARBOUR)
        for peer in (NATIVE, MIRRORED, HARBOUR)
        if peer != registry
    ]
    opening = act.OpenRegistry(registry=HARBOUR, native=True)
    made = play(ledger, [*opened_on(preparation(), 2), opening, *admissions])
    assert all("peer_admitted" in one for one in made[-len(admissions) :])
    yield ledger
    ledger.close()


@pytest.fixture
def ledger(built: ChainsLedger) -> Iterator[ChainsLedger]:
    mark = built.snapshot()
    yield built
    built.revert(mark)


def export(ledger: ChainsLedger, id: int = 7, to: str = "Cedar", **more: Any) -> Message:
    """Send credits from the native registry to the mirrored one, and return the message."""
    fields: dict[str, Any] = {
        "registry": NATIVE,
        "target": MIRRORED,
        "by": "Acme",
        "batch": BATCH,
        "amount_g": 500,
        "deadline_s": DEADLINE_S,
        **more,
    }
    (entry,) = ledger.apply(act.Export(id=id, to=to, **fields), time_of(ledger))
    issued = next(
        e
        for e in ledger.entries
        if (e.registry, e.batch) == (entry.registry, entry.batch) and e.scope is not None
    )
    return message_of(entry, issued)


def message_of(entry: Entry, lot: Entry) -> Message:
    values = {
        "source": entry.registry,
        "target": entry.peer,
        "id": entry.id,
        "number": entry.number,
        "home": entry.home,
        "export": entry.export,
        "scope": lot.scope,
        "interval": entry.intervals[0],
        "vintage": lot.vintage,
        "to": entry.counterparty,
        "deadline_s": entry.deadline_s,
    }
    return Message(**values)


def voice(ledger: ChainsLedger, registry: str) -> Any:
    return ledger.find(registry)._speakers[registry]


def bridge(ledger: ChainsLedger, registry: str) -> tuple[int, bytes]:
    """Return the chain id and the address of a registry's bridge."""
    return ledger.find(registry).engine.chain_id, ledger.contracts(registry).bridge


def ask(ledger: ChainsLedger, registry: str, function: str, *args: Any) -> Any:
    place = ledger.contracts(registry).bridge
    (answer,) = ledger.find(registry).ask(place, "RegistryBridge", function, *args)
    return answer


def refusal(
    ledger: ChainsLedger, registry: str, said: Said, at_s: int | None = None
) -> RegistryError:
    """Send calldata as a relayer, and return why it is refused; nothing of it stays."""
    chain = ledger.find(registry)
    call = Call(chain.naming.key(RELAYER, registry), said.to, said.data)
    mark = chain.snapshot()
    try:
        with pytest.raises(RegistryError) as caught:
            chain._send([call], at_s or ledger.last_s() + 1)
    finally:
        chain.revert(mark)
    return caught.value


def receiving(ledger: ChainsLedger, struct: Any, signature: bytes, at: str = MIRRORED) -> Said:
    place = ledger.contracts(at).bridge
    return said(place, "RegistryBridge", "receiveMessage", struct, signature, NO_HINT)


def struct_of(ledger: ChainsLedger, message: Message, **changes: Any) -> tuple[Any, ...]:
    """Return a message as the contract's struct, with fields changed by name."""
    struct = list(voice(ledger, message.target).message(message))
    names = [part["name"] for part in MESSAGE["components"]]
    for name, value in changes.items():
        struct[names.index(name)] = value
    return tuple(struct)


MESSAGE = next(
    item["inputs"][0]
    for item in artifact("RegistryBridge").interface._abi
    if item.get("name") == "messageHash"
)


def signature_of(
    ledger: ChainsLedger,
    struct: Any,
    registry: str = NATIVE,
    place: tuple[int, bytes] | None = None,
    keys: KeyRing = KEYS,
) -> bytes:
    """Sign a message as a registry's bridge, for the place that it names or for another."""
    digest = digest_of("RegistryBridge", *(place or struct[4:6]), message_hash(struct))
    return keys.sign(digest, "@bridge", registry)


# What is signed is what the contracts say is to be signed.


def test_hashes_are_those_of_the_contract(ledger: ChainsLedger) -> None:
    struct = struct_of(ledger, export(ledger))
    hashed = message_hash(struct)
    for registry in (NATIVE, MIRRORED):
        assert ask(ledger, registry, "messageHash", struct) == hashed
        wanted = digest_of("RegistryBridge", *bridge(ledger, MIRRORED), hashed)
        assert ask(ledger, registry, "digestOf", struct) == wanted
        for outcome in (IMPORTED, VOIDED):
            receipt = receipt_hash(hashed, outcome)
            wanted = digest_of("RegistryBridge", *bridge(ledger, registry), receipt)
            assert ask(ledger, registry, "receiptDigest", (hashed, outcome)) == wanted
    assert ask(ledger, NATIVE, "exportOf", 7)[5] == hashed


def test_a_message_that_was_sent_arrives_by_its_signature(ledger: ChainsLedger) -> None:
    message = export(ledger)
    struct = struct_of(ledger, message)
    call = receiving(ledger, struct, signature_of(ledger, struct))
    imported = act.Import(registry=MIRRORED, message=message)
    assert voice(ledger, MIRRORED).say(imported) == call
    (entry,) = ledger.apply(imported, time_of(ledger))
    assert (entry.kind, entry.account, entry.peer) == (Kind.IMPORTED, "Cedar", NATIVE)
    assert ledger.outstanding(MIRRORED, NATIVE) == 500
    assert ledger.held(NATIVE, 7) == (message.interval,)


# A message is for one registry, on one chain, in one contract.


def test_a_message_for_another_registry_is_refused(ledger: ChainsLedger) -> None:
    struct = struct_of(ledger, export(ledger))
    for at in (HARBOUR, NATIVE):
        found = refusal(ledger, at, receiving(ledger, struct, signature_of(ledger, struct), at))
        if at == NATIVE:
            assert isinstance(found, UnknownPeer)  # It sent this itself.
        else:
            assert isinstance(found, MessageForAnotherRegistry)
            assert found.target == MIRRORED


def test_a_message_for_another_chain_is_refused(ledger: ChainsLedger) -> None:
    chain = bridge(ledger, NATIVE)[0]
    struct = struct_of(ledger, export(ledger), targetChain=chain)
    found = refusal(ledger, MIRRORED, receiving(ledger, struct, signature_of(ledger, struct)))
    assert isinstance(found, MessageForAnotherChain)
    assert found.chain == chain


def test_a_message_for_another_contract_is_refused(ledger: ChainsLedger) -> None:
    other = ledger.contracts(MIRRORED).credits
    struct = struct_of(ledger, export(ledger), targetBridge=other)
    found = refusal(ledger, MIRRORED, receiving(ledger, struct, signature_of(ledger, struct)))
    assert isinstance(found, MessageForAnotherBridge)
    assert found.bridge == f"CarbonRegistry of {MIRRORED}"


@pytest.mark.parametrize("function", ["receiveMessage", "voidMessage"])
def test_a_signature_for_another_place_attests_nothing(ledger: ChainsLedger, function: str) -> None:
    struct = struct_of(ledger, export(ledger))
    chain, place = bridge(ledger, MIRRORED)
    for elsewhere in (
        (chain + 1, place),
        (bridge(ledger, NATIVE)[0], place),
        (chain, ledger.contracts(MIRRORED).credits),
        bridge(ledger, HARBOUR),
    ):
        signature = signature_of(ledger, struct, place=elsewhere)
        assert not_attested(ledger, function, struct, signature) == (NATIVE, 7)


def not_attested(
    ledger: ChainsLedger, function: str, struct: Any, signature: bytes
) -> tuple[str, int]:
    hint = (NO_HINT,) if function == "receiveMessage" else ()
    place = ledger.contracts(MIRRORED).bridge
    call = said(place, "RegistryBridge", function, struct, signature, *hint)
    found = refusal(ledger, MIRRORED, call, None if hint else DEADLINE_S + 1)
    assert isinstance(found, NotAttested)
    return found.peer, found.id


@pytest.mark.parametrize("function", ["receiveMessage", "voidMessage"])
def test_a_forged_signature_attests_nothing(ledger: ChainsLedger, function: str) -> None:
    struct = struct_of(ledger, export(ledger))
    good = signature_of(ledger, struct)
    r, s, v = good[:32], int.from_bytes(good[32:64], "big"), good[64]
    order = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
    for forged in (
        b"",
        good[:-1],
        good + b"\0",
        bytes(65),
        r + (order - s).to_bytes(32, "big") + bytes([55 - v]),
        good[:64] + bytes([55 - v]),
        signature_of(ledger, struct, MIRRORED),
        signature_of(ledger, struct, HARBOUR),
        signature_of(ledger, struct, keys=STRANGER),
        sign(voice(ledger, NATIVE), NATIVE, message_hash(struct)),
    ):
        assert not_attested(ledger, function, struct, forged) == (NATIVE, 7)


@pytest.mark.parametrize("part", MESSAGE["components"], ids=lambda part: str(part["name"]))
def test_a_message_changed_after_signing_is_refused(
    ledger: ChainsLedger, part: dict[str, Any]
) -> None:
    message = export(ledger)
    struct = struct_of(ledger, message)
    value = struct[MESSAGE["components"].index(part)]
    changed: Any
    if isinstance(value, int):
        changed = value + 1
    elif isinstance(value, str):
        changed = value + "x"
    else:
        changed = bytes([value[0] ^ 1]) + value[1:]
    forged = struct_of(ledger, message, **{part["name"]: changed})
    call = receiving(ledger, forged, signature_of(ledger, struct))
    expected = {
        "source": UnknownPeer,
        "target": MessageForAnotherRegistry,
        "targetChain": MessageForAnotherChain,
        "targetBridge": MessageForAnotherBridge,
    }
    assert type(refusal(ledger, MIRRORED, call)) is expected.get(part["name"], NotAttested)


@pytest.mark.parametrize("change", ["id", "number", "export", "interval", "vintage", "to"])
def test_a_message_that_was_not_sent_gets_no_signature(ledger: ChainsLedger, change: str) -> None:
    message = export(ledger)
    value = getattr(message, change)
    other: Any = value + 1 if isinstance(value, int) else "Acme"
    if change == "interval":
        other = value._replace(end_g=value.end_g + 1)
    forged = message.model_copy(update={change: other})
    for action in (act.Import, act.VoidImport):
        with pytest.raises(NotAttested) as caught:
            ledger.apply(action(registry=MIRRORED, message=forged), time_of(ledger))
        assert (caught.value.peer, caught.value.id) == (NATIVE, forged.id)


def test_a_message_of_nobody_gets_no_signature(ledger: ChainsLedger) -> None:
    forged = export(ledger).model_copy(update={"source": "Nowhere"})
    with pytest.raises(UnknownPeer) as caught:
        ledger.apply(act.Import(registry=MIRRORED, message=forged), time_of(ledger))
    assert caught.value.peer == "Nowhere"
    with pytest.raises(UnknownRegistry):
        ledger.apply(
            act.AdmitPeer(registry=MIRRORED, peer="Nowhere", allowance_g=1), time_of(ledger)
        )


# A receipt is about one message of one bridge, and says what became of it.


def answer(ledger: ChainsLedger, function: str, receipt: bytes) -> RegistryError:
    place = ledger.contracts(NATIVE).bridge
    hint = (NO_HINT,) if function == "compensate" else ()
    return refusal(ledger, NATIVE, said(place, "RegistryBridge", function, 7, receipt, *hint))


def test_receipts_say_what_became_of_the_message(ledger: ChainsLedger) -> None:
    message = export(ledger)
    for action in (act.Acknowledge, act.Compensate):
        with pytest.raises(NotAttested) as caught:
            ledger.apply(action(registry=NATIVE, id=7), time_of(ledger))
        assert (caught.value.peer, caught.value.id) == (MIRRORED, 7)
    mark = ledger.snapshot()
    ledger.apply(act.Import(registry=MIRRORED, message=message), time_of(ledger))
    with pytest.raises(NotAttested):
        ledger.apply(act.Compensate(registry=NATIVE, id=7), time_of(ledger))
    (entry,) = ledger.apply(act.Acknowledge(registry=NATIVE, id=7), time_of(ledger))
    assert (entry.kind, entry.peer, entry.number) == (Kind.EXPORT_ACKNOWLEDGED, MIRRORED, 1)
    with pytest.raises(NoPendingExport):
        ledger.apply(act.Acknowledge(registry=NATIVE, id=7), time_of(ledger))
    ledger.revert(mark)
    ledger.apply(act.VoidImport(registry=MIRRORED, message=message), DEADLINE_S + 1)
    with pytest.raises(NotAttested):
        ledger.apply(act.Acknowledge(registry=NATIVE, id=7), time_of(ledger))
    (entry,) = ledger.apply(act.Compensate(registry=NATIVE, id=7), time_of(ledger))
    assert (entry.kind, entry.intervals) == (Kind.EXPORT_COMPENSATED, (message.interval,))
    assert ledger.held(NATIVE, 7) == ()


@pytest.mark.parametrize(
    ("function", "outcome", "other"),
    [("acknowledge", IMPORTED, VOIDED), ("compensate", VOIDED, IMPORTED)],
)
def test_a_forged_receipt_attests_nothing(
    ledger: ChainsLedger, function: str, outcome: int, other: int
) -> None:
    hashed = message_hash(struct_of(ledger, export(ledger)))
    here, there = bridge(ledger, NATIVE), bridge(ledger, MIRRORED)
    harbours = bridge(ledger, HARBOUR)

    def signed(
        message: bytes = hashed,
        said: int = outcome,
        place: tuple[int, bytes] = here,
        by: str = MIRRORED,
        keys: KeyRing = KEYS,
    ) -> bytes:
        digest = digest_of("RegistryBridge", *place, receipt_hash(message, said))
        return keys.sign(digest, "@bridge", by)

    for forged in (
        b"",
        signed(message=bytes(32)),
        signed(said=other),
        signed(place=there),
        signed(place=harbours),
        signed(place=(here[0] + 1, here[1])),
        signed(by=NATIVE),
        signed(by=HARBOUR),
        signed(keys=STRANGER),
    ):
        found = answer(ledger, function, forged)
        assert isinstance(found, NotAttested)
        assert (found.peer, found.id) == (MIRRORED, 7)
    # The genuine one is believed, whatever is true there: the key is all that a bridge can see.
    call = said(here[1], "RegistryBridge", function, 7, signed(), *((NO_HINT,) * (outcome == 2)))
    chain = ledger.find(NATIVE)
    chain._send([Call(KEYS.key(RELAYER, NATIVE), call.to, call.data)], time_of(ledger))


# Hints: what is outstanding is found however many intervals there are.


def mirroring(lock: int, start_g: int, registry: str = HARBOUR) -> act.Mirror:
    return act.Mirror(
        registry=registry,
        source=NATIVE,
        lock=lock,
        scope=f"{NATIVE}-a",
        start_g=start_g,
        amount_g=1,
        vintage=2024,
        to="Cedar",
    )


def test_intervals_are_found_among_many(ledger: ChainsLedger) -> None:
    """Every other gram of eighty is here, so that no walk from the list's ends is short enough."""
    made = play(ledger, [mirroring(at + 1, 2 * at) for at in range(80)])
    assert all("imported" in one for one in made)
    (entry,) = ledger.apply(mirroring(99, 81), time_of(ledger))
    assert entry.text == "mirror"
    for batch in (40, 41, 1, 80):
        give_up = act.Unmirror(registry=HARBOUR, by="Cedar", id=batch, batch=batch, amount_g=1)
        (entry,) = ledger.apply(give_up, time_of(ledger))
        assert (entry.kind, entry.peer, entry.text) == (Kind.EXPORTED, NATIVE, "mirror")
    assert ledger.outstanding(HARBOUR, NATIVE) == 77


def test_moves_are_found_among_many(ledger: ChainsLedger) -> None:
    peers = {"registry": NATIVE, "by": "Acme", "batch": BATCH}
    ledger.apply_many([mirroring(at + 1, 2 * at + 1_000) for at in range(80)], time_of(ledger))
    for at, amount_g in enumerate((10, 500)):
        order = act.Move(**peers, id=20 + at, amount_g=amount_g, target=HARBOUR, to="Cedar")
        made = ledger.apply(order, time_of(ledger))
        assert [entry.kind for entry in made] == [Kind.EXPORTED, Kind.IMPORTED]
    back = act.Move(
        registry=HARBOUR, by="Cedar", batch=82, id=1, amount_g=500, target=NATIVE, to="Acme"
    )
    made = ledger.apply(back, time_of(ledger))
    assert [entry.kind for entry in made] == [Kind.EXPORTED, Kind.RETURNED]
    assert ledger.held(NATIVE, 21) == ()


def test_messages_are_found_among_many(ledger: ChainsLedger) -> None:
    """A message arrives in the middle, and what returned and was refused is claimed again there."""
    here = {"registry": MIRRORED}
    play(ledger, [mirroring(at + 1, 2 * at + 1_000, MIRRORED) for at in range(80)])
    message = export(ledger)
    (entry,) = ledger.apply(act.Import(**here, message=message), time_of(ledger))
    assert entry.batch == 81
    back = export(ledger, 5, "Acme", **here, by="Cedar", batch=81, target=NATIVE)
    assert back.is_return
    late_s = DEADLINE_S + 1
    ledger.apply(act.VoidImport(registry=NATIVE, message=back), late_s)
    (entry,) = ledger.apply(act.Compensate(**here, id=5), time_of(ledger))
    assert (entry.home, entry.export, entry.account) == (NATIVE, 7, "Cedar")
    assert ledger.outstanding(MIRRORED, NATIVE) == 580


def test_a_hint_that_is_stale_is_refused_by_the_contract(ledger: ChainsLedger) -> None:
    play(ledger, [mirroring(at + 1, 2 * at) for at in range(80)])
    chain = ledger.find(HARBOUR)
    call = chain.say(mirroring(99, 81))
    with pytest.raises(StaleHint), chain.trial() as send:
        send([call])
