"""Moving credits to another registry on the same chain in one step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from registry import errors
from registry.errors import LedgerError
from registry.ledger.interface import Available, Totals
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.identity import batch_id, imported_id
from registry.records.interval import Interval
from registry.world import World
from tests.chain import ENGINES
from tests.contracts.stage import (
    ARRIVED,
    BIO,
    CLOSED,
    ECO,
    EX_ANTE,
    FREE,
    ICR,
    IMMOBILE,
    MIRRORED,
    NO_BATCH,
    PAUSED,
    RETURN,
    SECOND,
    SENT,
    STRANGER,
    USED_IDS,
    WAITING,
    ZERO,
    Bridged,
    Check,
    Rule,
    T,
    broken,
    check,
    not_open,
    serials,
    too_little,
    unknown_peer,
)

NEW = imported_id(4)


def move(stage: Bridged, **changes: Any) -> act.Move:
    asked = {
        "registry": ICR,
        "by": "Acme",
        "id": FREE,
        "batch": stage.id,
        "amount_g": 7 * T,
        "target": ECO,
        "to": "Bank",
    }
    return act.Move(**{**asked, **changes})


def move_back(stage: Bridged, **changes: Any) -> act.Move:
    back = {"registry": ECO, "by": "Borealis", "batch": ARRIVED, "target": ICR, "to": "Acme"}
    return move(stage, **{**back, **changes})


def to_account(paused: str) -> tuple[Check, ...]:
    """What the target of a move asks first."""
    return (
        Rule(
            "target paused",
            lambda _: errors.RegistryPaused(),
            {},
            lambda stage: stage.apply(act.Pause(registry=paused)),
        ),
        not_open("to"),
    )


def mirror_next(stage: Bridged) -> None:
    """Claim at EcoRegistry the last of what Acme's next 7 t at ICR are."""
    stage.apply(
        act.Mirror(
            registry=ECO,
            source=ICR,
            lock=IMMOBILE,
            scope=stage.batch.scope,
            start_g=57 * T - 1,
            amount_g=3,
            vintage=2024,
            to="Acme",
        )
    )


def allow_less(stage: Bridged) -> None:
    stage.apply(act.AdmitPeer(registry=ECO, peer=ICR, allowance_g=84 * T - 1))


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            unknown_peer("target", ICR, "platform"),
            PAUSED,
            ZERO,
            (
                NO_BATCH,
                Rule("ex ante", lambda _: errors.ExAnteNotRetirable(EX_ANTE), {"batch": EX_ANTE}),
            ),
            not_open("by"),
            USED_IDS,
            *too_little("by"),
            Rule("not its peer", lambda _: errors.UnknownPeer(ICR), {"target": BIO}),
            *to_account(ECO),
            Rule(
                "above allowance",
                lambda stage: errors.AboveAllowance(ICR, 84 * T - 1, stage.outstanding(), 7 * T),
                {},
                allow_less,
            ),
            Rule(
                "here already",
                lambda stage: errors.IntervalAlreadyHere(stage.batch.scope, 57 * T - 1, 57 * T + 2),
                {},
                mirror_next,
            ),
        )
    ),
)
def test_move_refuses_for_the_first_reason(bridged: Bridged, rules: tuple[Rule, ...]) -> None:
    check(bridged, rules, move)


def admit_bio(stage: Bridged) -> None:
    stage.apply(act.AdmitPeer(registry=ECO, peer=BIO, allowance_g=0))


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            unknown_peer("target", ECO, BIO),
            Rule("mirror", lambda _: errors.MirrorOnly(MIRRORED), {"batch": MIRRORED}),
            Rule("not home", lambda _: errors.NotHome(ARRIVED, ICR), {"target": BIO}, admit_bio),
            Rule("paused", lambda _: errors.RegistryPaused(), {}, lambda stage: stage.eco.pause()),
            ZERO,
            not_open("by"),
            tuple(
                Rule(f"id {id}", lambda _, id=id: errors.IdAlreadyUsed(id), {"id": id})
                for id in (0, RETURN)
            ),
            Rule(
                "too little",
                lambda _: errors.InsufficientCredits(ARRIVED, "Borealis", 32 * T, 32 * T + 1),
                {"amount_g": 32 * T + 1},
            ),
            *to_account(ICR),
        )
    ),
)
def test_move_of_imported_credits_refuses_for_the_first_reason(
    bridged: Bridged, rules: tuple[Rule, ...]
) -> None:
    check(bridged, rules, move_back)


def test_move_takes_credits_there_in_one_step(bridged: Bridged) -> None:
    interval = serials(51, 57)
    exported = bridged.next_entry(
        Kind.EXPORTED,
        id=FREE,
        batch=bridged.id,
        account="Acme",
        counterparty="Bank",
        amount_g=7 * T,
        intervals=(interval,),
        peer=ECO,
        home=ICR,
        export=FREE,
    )
    imported = exported.model_copy(
        update={
            "seq": exported.seq + 1,
            "registry": ECO,
            "kind": Kind.IMPORTED,
            "id": None,
            "batch": NEW,
            "account": "Bank",
            "counterparty": None,
            "scope": bridged.batch.scope,
            "vintage": 2024,
            "peer": ICR,
        }
    )
    outstanding_g = bridged.outstanding()
    now_s = bridged.world.now_s
    made = list(bridged.apply(move(bridged)))
    assert made == bridged.new_entries() == [exported, imported]
    assert bridged.world.now_s == now_s + 1
    assert bridged.totals() == Totals(
        issued_g=1_000 * T,
        active_g=943 * T,
        locked_g=40 * T,
        retired_g=5 * T,
        cancelled_g=5 * T,
        exported_g=7 * T,
    )
    assert bridged.totals_of(ECO, NEW) == Totals(
        issued_g=7 * T, active_g=7 * T, locked_g=0, retired_g=0, cancelled_g=0, exported_g=0
    )
    assert bridged.balance(ICR, bridged.id, "Acme") == 593 * T
    assert bridged.balance(ECO, NEW, "Bank") == 7 * T
    assert bridged.held(ICR, FREE) == (interval,)
    assert bridged.world.ledger.available(ECO, NEW) == Available(
        released=(), cursor_g=50 * T, end_g=57 * T
    )
    assert bridged.outstanding() == outstanding_g + 7 * T
    assert bridged.is_sound()


def test_move_takes_credits_home_in_one_step(bridged: Bridged) -> None:
    interval = serials(1_024, 1_030)
    exported = bridged.next_entry(
        Kind.EXPORTED,
        registry=ECO,
        id=FREE,
        batch=ARRIVED,
        account="Borealis",
        counterparty="Acme",
        amount_g=7 * T,
        intervals=(interval,),
        peer=ICR,
        home=ICR,
        export=SENT,
    )
    returned = exported.model_copy(
        update={
            "seq": exported.seq + 1,
            "registry": ICR,
            "kind": Kind.RETURNED,
            "id": SENT,
            "batch": SECOND,
            "account": "Acme",
            "counterparty": None,
            "peer": ECO,
        }
    )
    outstanding_g = bridged.outstanding()
    made = list(bridged.apply(move_back(bridged)))
    assert made == bridged.new_entries() == [exported, returned]
    assert bridged.totals_of(ECO, ARRIVED) == Totals(
        issued_g=40 * T, active_g=25 * T, locked_g=0, retired_g=0, cancelled_g=0, exported_g=15 * T
    )
    assert bridged.totals_of(ICR, SECOND) == Totals(
        issued_g=500 * T,
        active_g=392 * T,
        locked_g=15 * T,
        retired_g=0,
        cancelled_g=0,
        exported_g=93 * T,
    )
    assert bridged.balance(ECO, ARRIVED, "Borealis") == 25 * T
    assert bridged.balance(ICR, SECOND, "Acme") == 7 * T
    assert bridged.held(ECO, FREE) == (interval,)
    # What is under way home is held still, before and behind the gap.
    assert bridged.held(ICR, SENT) == (serials(1_016, 1_023), serials(1_031, 1_055))
    assert bridged.outstanding() == outstanding_g - 7 * T
    assert bridged.is_sound()


def test_move_is_never_pending(bridged: Bridged) -> None:
    bridged.apply(move(bridged))
    for kind in (act.Acknowledge, act.Compensate):
        bridged.refuses(
            errors.NoPendingExport(FREE),
            lambda kind=kind: bridged.apply(kind(registry=ICR, id=FREE)),
        )


def test_move_uses_no_message_number(bridged: Bridged) -> None:
    bridged.apply(move(bridged))
    bridged.apply(act.Import(registry=ECO, message=bridged.message(WAITING)))
    assert bridged.export(id=50).number == 5


def test_move_there_and_back_leaves_things_as_they_were(bridged: Bridged) -> None:
    before = bridged.available(), bridged.totals(), bridged.outstanding()
    bridged.apply(move(bridged))
    back = {"batch": NEW, "by": "Bank", "id": FREE}
    bridged.apply(move_back(bridged, **back))
    assert before == (bridged.available(), bridged.totals(), bridged.outstanding())
    assert bridged.held(ICR, FREE) == ()
    assert bridged.is_sound()


def test_move_home_in_parts_of_parts(bridged: Bridged) -> None:
    """A part that returns from the middle leaves two; what is retired abroad stays out."""
    bridged.apply(move(bridged, amount_g=100 * T, to="Acme"))
    claim = bridged.retirement.claim
    order = act.RetireOrder(id=60, batch=NEW, amount_g=30 * T, claim=claim)
    bridged.apply(act.RequestRetirement(registry=ECO, by="Acme", order=order, deadline_s=2**40))
    bridged.apply(act.FinaliseRetirement(registry=ECO, id=60))
    bridged.apply(move_back(bridged, id=61, batch=NEW, by="Acme", amount_g=20 * T))
    bridged.apply(act.Lock(registry=ECO, id=62, batch=NEW, holder="Acme", amount_g=10 * T))
    bridged.apply(move_back(bridged, id=63, batch=NEW, by="Acme", amount_g=40 * T))
    assert bridged.held(ICR, FREE) == (serials(51, 80), serials(101, 110))
    bridged.apply(act.Release(registry=ECO, id=62, amount_g=10 * T))
    bridged.apply(move_back(bridged, id=64, batch=NEW, by="Acme", amount_g=10 * T))
    assert bridged.held(ICR, FREE) == (serials(51, 80),)
    assert bridged.totals_of(ECO, NEW).retired_g == 30 * T
    assert bridged.totals().exported_g == 30 * T
    assert bridged.is_sound()


@pytest.mark.parametrize("to", [STRANGER, CLOSED])
def test_move_that_the_target_refuses_leaves_the_source_as_it_was(
    bridged: Bridged, to: str
) -> None:
    refusal = errors.ClosedAccount(to) if to == CLOSED else errors.UnknownAccount(to)
    bridged.refuses(
        refusal,
        lambda: bridged.apply(move(bridged, to=to)),
        lambda: bridged.apply(move_back(bridged, to=to)),
    )


def test_move_takes_what_the_same_block_issues(bridged: Bridged) -> None:
    order = act.IssueOrder(
        batch=batch_id(1, 9),
        to="Acme",
        amount_g=10 * T,
        start_g=7_000 * T,
        vintage=2024,
        statement=bridged.statement.id,
        scope="another serial",
    )
    issue = act.Issue(registry=ICR, orders=(order,))
    away = move(bridged, batch=order.batch)
    _, (_, entry) = bridged.world.apply_many([issue, away], per_block=2)
    assert (entry.batch, entry.scope) == (NEW, "another serial")
    again = move(bridged, id=FREE + 1, batch=order.batch, amount_g=T)
    (_, entry) = bridged.apply(again)
    assert entry.scope == "another serial"
    # What a block says of a batch that is there already does not count.
    again = again.model_copy(update={"id": FREE + 2})
    other = issue.model_copy(update={"orders": (order.model_copy(update={"scope": "a third"}),)})
    for block in ([other, again], [again, other], [again, other, again]):
        with pytest.raises(errors.BatchAlreadyIssued) as caught:
            bridged.world.apply_many(block, per_block=3)
        assert caught.value.index == block.index(other)
    later = order.model_copy(update={"batch": batch_id(1, 10), "start_g": 8_000 * T})
    orders = (later, later.model_copy(update={"scope": "a third"}))
    first, second = (issue.model_copy(update={"orders": (one,)}) for one in orders)
    with pytest.raises(errors.BatchAlreadyIssued) as caught:
        third = again.model_copy(update={"batch": later.batch})
        bridged.world.apply_many([first, third, second], per_block=3)
    assert caught.value.index == 2
    (_, entry) = bridged.apply(again)
    assert entry.scope == "another serial"


# On two chains.


@pytest.fixture(scope="module", params=ENGINES)
def two_chains(request: pytest.FixtureRequest) -> Iterator[World]:
    world = World.open(seed=4, engine=request.param, chains=2)
    icr = world.registry(ICR)
    for name, chain in ((ECO, 2), (BIO, 1)):
        world.registry(name, chain=chain)
        for one, other in ((ICR, name), (name, ICR)):
            world.apply(act.AdmitPeer(registry=one, peer=other, allowance_g=10 * T))
    forest = icr.register_project("Forest", "IS", "M", "Skogur")
    icr.issue(forest, 2024, 10, "Acme")
    yield world
    world.close()


def refused(world: World, action: act.Action) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        world.apply(action)
    return caught.value


def test_move_refuses_a_peer_on_another_chain(two_chains: World) -> None:
    batch = (1 << 128) + 1
    away = act.Move(registry=ICR, by="Acme", id=9, batch=batch, amount_g=T, target=ECO, to="Acme")
    with two_chains.checkpoint():
        refusal = refused(two_chains, away)
        assert isinstance(refusal, errors.PeerOnAnotherChain)
        assert refusal.peer == ECO
        # Before anything that is asked of the credits, paused registries and roles.
        two_chains.apply(act.Pause(registry=ICR))
        worse = away.model_copy(update={"amount_g": 0, "batch": 5, "by": STRANGER})
        assert isinstance(refused(two_chains, worse), errors.PeerOnAnotherChain)


def test_messages_take_credits_to_another_chain_and_back(two_chains: World) -> None:
    batch = (1 << 128) + 1
    sent = two_chains.index.channels.sent
    ledger = two_chains.ledger
    with two_chains.checkpoint():
        deadline_s = two_chains.now_s + 1_000
        way = {"amount_g": 3 * T, "to": "Acme", "by": "Acme", "deadline_s": deadline_s}
        two_chains.apply(act.Export(registry=ICR, id=9, batch=batch, target=ECO, **way))
        two_chains.apply(act.Import(registry=ECO, message=sent[ICR, 9].message))
        two_chains.apply(act.Acknowledge(registry=ICR, id=9))
        assert ledger.outstanding(ECO, ICR) == 3 * T
        back = act.Move(registry=ECO, by="Acme", id=1, batch=1, amount_g=T, target=ICR, to="Acme")
        assert isinstance(refused(two_chains, back), errors.PeerOnAnotherChain)
        two_chains.apply(act.Export(registry=ECO, id=1, batch=1, target=ICR, **way))
        two_chains.apply(act.Import(registry=ICR, message=sent[ECO, 1].message))
        two_chains.apply(act.Acknowledge(registry=ECO, id=1))
        assert ledger.held(ICR, 9) == ()
        assert ledger.available(ICR, batch) == Available(released=(), cursor_g=0, end_g=10 * T)
        assert ledger.totals(ECO, 1).exported_g == 3 * T
        assert two_chains.is_conserved()


def test_registries_on_one_of_two_chains_move_in_one_step(two_chains: World) -> None:
    batch = (1 << 128) + 1
    with two_chains.checkpoint():
        there, here = two_chains.apply(
            act.Move(registry=ICR, by="Acme", id=9, batch=batch, amount_g=T, target=BIO, to="Acme")
        )
        assert (there.registry, here.registry) == (ICR, BIO)
        assert here.intervals == (Interval(0, T),)
