"""Taking in what another registry's message brings, and taking back what comes home."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from registry import errors
from registry.ledger.interface import Available, Holding, Totals
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.identity import imported_id
from registry.records.interval import Interval
from registry.world import World
from tests.chain import ENGINES
from tests.contracts.stage import (
    ARRIVED,
    BIO,
    CLOSED,
    DAYS,
    DELIVERED,
    ECO,
    ICR,
    IMMOBILE,
    LATER,
    RETURN,
    SECOND,
    SENT,
    STRANGER,
    UNANSWERED,
    WAITING,
    Bridged,
    Rule,
    T,
    broken,
    check,
    serials,
    unknown_peer,
)

NEW = imported_id(4)


def carry(stage: Bridged, **changes: Any) -> act.Import:
    """The waiting message, or another, with what is changed in it."""
    registry, id = changes.pop("registry", ECO), changes.pop("which", WAITING)
    message = stage.message(id).model_copy(update=changes)
    return act.Import(registry=registry, message=message)


def bring_back(stage: Bridged, **changes: Any) -> act.Import:
    message = stage.message(RETURN, ECO).model_copy(update=changes)
    return act.Import(registry=ICR, message=message)


def allow(stage: Bridged) -> None:
    stage.apply(act.AdmitPeer(registry=ECO, peer=ICR, allowance_g=80 * T))


def mirror_again(stage: Bridged) -> None:
    """Claim the last gram of the waiting message, and more."""
    stage.apply(
        act.Mirror(
            registry=ECO,
            source=ICR,
            lock=IMMOBILE,
            scope=stage.batch.scope,
            start_g=1_105 * T - 1,
            amount_g=3 * T,
            vintage=2024,
            to="Acme",
        )
    )


def forged(source: str, *fields: str) -> tuple[Rule, ...]:
    """Ways in which a message can differ from the one that was sent."""
    changes: dict[str, object] = {
        "number": 3_000,
        "home": BIO,
        "export": 3_000,
        "scope": "another scope",
        "interval": Interval(1_085 * T, 1_105 * T + 1),
        "vintage": 2025,
        "to": "Acme",
        "deadline_s": 2**62,
    }
    return (
        Rule("id of nothing", lambda _: errors.NotAttested(source, 3_000), {"id": 3_000}),
        Rule("id of a lock", lambda _: errors.NotAttested(source, IMMOBILE), {"id": IMMOBILE}),
        *(
            Rule(
                f"another {name}",
                lambda stage: errors.NotAttested(source, WAITING if source == ICR else RETURN),
                {name: changes[name]},
            )
            for name in fields
        ),
    )


LATE = Rule(
    "late",
    lambda stage: errors.MessageExpired(ICR, 3, stage.deadline_s),
    {},
    lambda stage: stage.world.advance(days=DAYS),
)
PAUSED_THERE = Rule(
    "paused", lambda _: errors.RegistryPaused(), {}, lambda stage: stage.eco.pause()
)
CLOSED_THERE = Rule(
    "closed account",
    lambda _: errors.ClosedAccount("Skogur"),
    {},
    lambda stage: stage.world.close_account("Skogur"),
)


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            unknown_peer("source", BIO, ECO, "platform"),
            tuple(
                Rule(
                    f"for {name}",
                    lambda _, n=name: errors.MessageForAnotherRegistry(n),
                    {"target": name},
                )
                for name in (BIO, ICR, "Nowhere")
            ),
            forged(
                ICR, "number", "home", "export", "scope", "interval", "vintage", "to", "deadline_s"
            ),
            tuple(
                Rule(
                    f"used {id}", lambda _, at=at: errors.MessageAlreadyUsed(ICR, at), {"which": id}
                )
                for at, id in ((1, SENT), (2, UNANSWERED))
            ),
            Rule("too soon", lambda _: errors.MessageOutOfOrder(ICR, 3, 4), {"which": LATER}),
            LATE,
            PAUSED_THERE,
            CLOSED_THERE,
            Rule(
                "above allowance",
                lambda stage: errors.AboveAllowance(ICR, 80 * T, stage.outstanding(), 20 * T),
                {},
                allow,
            ),
            Rule(
                "here already",
                lambda stage: errors.IntervalAlreadyHere(
                    stage.batch.scope, 1_105 * T - 1, 1_108 * T - 1
                ),
                {},
                mirror_again,
            ),
        )
    ),
)
def test_import_refuses_for_the_first_reason(bridged: Bridged, rules: tuple[Rule, ...]) -> None:
    check(bridged, rules, carry)


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            unknown_peer("source", ICR),
            Rule("for BIO", lambda _: errors.MessageForAnotherRegistry(BIO), {"target": BIO}),
            forged(
                ECO, "number", "home", "export", "scope", "interval", "vintage", "to", "deadline_s"
            ),
            Rule(
                "late",
                lambda stage: errors.MessageExpired(ECO, 1, stage.deadline_s),
                {},
                lambda stage: stage.world.advance(days=DAYS),
            ),
            Rule("paused", lambda _: errors.RegistryPaused(), {}, lambda stage: stage.icr.pause()),
            Rule(
                "closed account",
                lambda _: errors.ClosedAccount("Bank"),
                {},
                lambda stage: stage.world.close_account("Bank"),
            ),
        )
    ),
)
def test_import_of_a_return_refuses_for_the_first_reason(
    bridged: Bridged, rules: tuple[Rule, ...]
) -> None:
    check(bridged, rules, bring_back)


@pytest.mark.parametrize("registry", ["Nowhere", "platform"])
def test_import_refuses_a_registry_that_is_not_open(bridged: Bridged, registry: str) -> None:
    with pytest.raises(errors.UnknownRegistry):
        bridged.apply(carry(bridged, registry=registry))


@pytest.mark.parametrize(
    ("to", "refusal"),
    [(STRANGER, errors.UnknownAccount(STRANGER)), (CLOSED, errors.ClosedAccount(CLOSED))],
)
def test_import_refuses_for_whom_there_is_no_open_account(
    bridged: Bridged, to: str, refusal: errors.LedgerError
) -> None:
    for id in (WAITING, LATER):
        bridged.apply(carry(bridged, which=id))
    message = bridged.export(to=to)
    bridged.refuses(refusal, lambda: bridged.apply(act.Import(registry=ECO, message=message)))


def test_import_makes_a_batch(bridged: Bridged) -> None:
    interval = serials(1_086, 1_105)
    expected = bridged.next_entry(
        Kind.IMPORTED,
        registry=ECO,
        batch=NEW,
        account="Skogur",
        amount_g=20 * T,
        intervals=(interval,),
        scope=bridged.batch.scope,
        vintage=2024,
        peer=ICR,
        home=ICR,
        export=WAITING,
        number=3,
    )
    home = bridged.totals_of(ICR, SECOND), bridged.held(ICR, WAITING)
    outstanding_g = bridged.outstanding()
    assert list(bridged.apply(carry(bridged))) == bridged.new_entries() == [expected]
    assert bridged.totals_of(ECO, NEW) == Totals(
        issued_g=20 * T, active_g=20 * T, locked_g=0, retired_g=0, cancelled_g=0, exported_g=0
    )
    assert bridged.world.ledger.holding(ECO, NEW, "Skogur") == Holding(
        balance_g=20 * T, pledged_g=0, frozen_g=0, retired_g=0
    )
    assert bridged.world.ledger.available(ECO, NEW) == Available(
        released=(), cursor_g=interval.start_g, end_g=interval.end_g
    )
    assert bridged.outstanding() == outstanding_g + 20 * T
    assert home == (bridged.totals_of(ICR, SECOND), bridged.held(ICR, WAITING))
    assert home[1] == (interval,)
    assert bridged.is_sound()


def test_import_of_a_return_gives_credits_back_at_home(bridged: Bridged) -> None:
    interval = serials(1_016, 1_023)
    expected = bridged.next_entry(
        Kind.RETURNED,
        id=SENT,
        batch=SECOND,
        account="Bank",
        amount_g=8 * T,
        intervals=(interval,),
        peer=ECO,
        home=ICR,
        export=SENT,
        number=1,
    )
    abroad = bridged.totals_of(ECO, ARRIVED), bridged.outstanding()
    assert list(bridged.apply(bring_back(bridged))) == bridged.new_entries() == [expected]
    assert bridged.totals_of(ICR, SECOND) == Totals(
        issued_g=500 * T,
        active_g=393 * T,
        locked_g=15 * T,
        retired_g=0,
        cancelled_g=0,
        exported_g=92 * T,
    )
    assert bridged.balance(ICR, SECOND, "Bank") == 393 * T
    assert bridged.held(ICR, SENT) == (serials(1_024, 1_055),)
    assert bridged.world.ledger.available(ICR, SECOND).released == (interval,)
    assert abroad == (bridged.totals_of(ECO, ARRIVED), bridged.outstanding())
    assert bridged.is_sound()


def test_import_has_one_effect(bridged: Bridged) -> None:
    for action in (carry(bridged), bring_back(bridged)):
        bridged.apply(action)
        message = action.message
        bridged.refuses(
            errors.MessageAlreadyUsed(message.source, message.number),
            lambda action=action: bridged.apply(action),
        )
    bridged.apply(act.Acknowledge(registry=ICR, id=WAITING))
    bridged.refuses(
        errors.MessageAlreadyUsed(ICR, 3), lambda: bridged.apply(carry(bridged, number=3))
    )


def test_import_of_a_message_is_carried_by_anyone(bridged: Bridged) -> None:
    for by in (STRANGER, "@operator", "Acme"):
        with bridged.world.checkpoint():
            (entry,) = bridged.apply(carry(bridged).model_copy(update={"by": by}))
            assert entry.kind is Kind.IMPORTED


def test_import_is_in_time_up_to_its_deadline(bridged: Bridged) -> None:
    bridged.apply(carry(bridged))
    message = bridged.export(id=50, deadline_s=bridged.world.now_s + 4)
    bridged.apply(carry(bridged, which=LATER))
    bridged.icr.pause()
    with bridged.world.checkpoint():
        assert bridged.world.now_s + 1 == message.deadline_s
        bridged.apply(act.Import(registry=ECO, message=message))
    bridged.icr.unpause()
    bridged.refuses(
        errors.MessageExpired(ICR, 5, message.deadline_s),
        lambda: bridged.apply(act.Import(registry=ECO, message=message)),
    )


def test_import_brings_credits_that_work_as_any_others(bridged: Bridged) -> None:
    """Split, locked, pledged, retired in part; what is left goes home in two pieces."""
    order = act.TransferOrder(batch=DELIVERED, to="Acme", amount_g=12 * T)
    bridged.apply(act.Transfer(registry=ECO, by="Borealis", orders=(order,)))
    bridged.apply(act.Lock(registry=ECO, id=1, batch=DELIVERED, holder="Acme", amount_g=2 * T))
    bridged.apply(
        act.Pledge(registry=ECO, by="Acme", id=2, batch=DELIVERED, amount_g=T, lender="Bank")
    )
    claim = bridged.retirement.claim
    retired = act.RetireOrder(id=3, batch=DELIVERED, amount_g=5 * T, claim=claim)
    bridged.apply(
        act.RequestRetirement(registry=ECO, by="Acme", order=retired, deadline_s=bridged.deadline_s)
    )
    (final,) = bridged.apply(act.FinaliseRetirement(registry=ECO, id=3))
    assert final.intervals == (serials(1_058, 1_062),)
    for id, by, amount_g in ((4, "Borealis", 18 * T), (5, "Acme", 4 * T)):
        bridged.export(
            registry=ECO, by=by, id=id, batch=DELIVERED, amount_g=amount_g, target=ICR, to="Bank"
        )
    bridged.apply(bring_back(bridged))
    for id in (4, 5):
        message = bridged.message(id, ECO)
        assert (message.export, message.home) == (UNANSWERED, ICR)
        bridged.apply(act.Import(registry=ICR, message=message))
    assert bridged.held(ICR, UNANSWERED) == (serials(1_056, 1_062), serials(1_085, 1_085))
    assert bridged.totals_of(ECO, DELIVERED) == Totals(
        issued_g=30 * T,
        active_g=T,
        locked_g=2 * T,
        retired_g=5 * T,
        cancelled_g=0,
        exported_g=22 * T,
    )
    assert bridged.is_sound()


def test_import_returns_in_any_order_and_leave_pieces(bridged: Bridged) -> None:
    bridged.apply(bring_back(bridged))
    parts = ((10, 4), (11, 6), (12, 5))
    for id, tonnes in parts:
        bridged.export(
            registry=ECO, by="Borealis", id=id, batch=ARRIVED, amount_g=tonnes * T, target=ICR
        )
    assert bridged.held(ICR, SENT) == (serials(1_024, 1_055),)
    for id, _ in parts:
        bridged.apply(act.Import(registry=ICR, message=bridged.message(id, ECO)))
    assert bridged.held(ICR, SENT) == (serials(1_039, 1_055),)
    assert bridged.is_sound()


@pytest.fixture(scope="module", params=ENGINES)
def crumbs(request: pytest.FixtureRequest) -> Iterator[World]:
    """A world whose export of 600 g abroad is locked and released gram by gram."""
    world = World.open(seed=5, engine=request.param)
    icr = world.registry(ICR)
    world.registry(ECO)
    for one, other in ((ICR, ECO), (ECO, ICR)):
        world.apply(act.AdmitPeer(registry=one, peer=other, allowance_g=T))
    forest = icr.register_project("Forest", "IS", "M", "Skogur")
    batch = icr.issue(forest, 2024, 1, "Acme")
    move = act.Move(
        registry=ICR, by="Acme", id=1, batch=batch.batch, amount_g=600, target=ECO, to="Acme"
    )
    world.apply(move)
    yield world
    world.close()


def test_import_of_a_return_leaves_255_pieces_at_most(crumbs: World) -> None:
    """Every other gram comes home, from the end, each of which leaves one more piece."""
    for gram in range(512):
        lock = {"id": 1_000 + gram, "batch": 1, "holder": "Acme", "amount_g": 1}
        crumbs.apply(act.Lock(registry=ECO, **lock))
    for gram in range(1, 511, 2):
        crumbs.apply(act.Release(registry=ECO, id=1_000 + gram, amount_g=1))
        back = act.Move(
            registry=ECO, by="Acme", id=2_000 + gram, batch=1, amount_g=1, target=ICR, to="Acme"
        )
        if gram < 509:
            crumbs.apply(back)
    batch = (1 << 128) + 1
    assert len(crumbs.ledger.held(ICR, 1)) == 255
    with pytest.raises(errors.TooFragmented) as caught:
        crumbs.apply(back)
    assert (caught.value.batch, caught.value.available) == (batch, 0)
    # A piece that returns whole leaves room.
    crumbs.apply(act.Release(registry=ECO, id=1_000, amount_g=1))
    whole = back.model_copy(update={"id": 5_000})
    (_, entry) = crumbs.apply(whole)
    assert entry.intervals[0].start_g == 0
    assert len(crumbs.ledger.held(ICR, 1)) == 254
    crumbs.apply(back)
    assert len(crumbs.ledger.held(ICR, 1)) == 255
