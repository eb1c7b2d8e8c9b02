"""Seeing to it that a message which came too late is never imported."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.records import action as act
from registry.records.entry import Kind
from tests.contracts.stage import (
    BIO,
    DAYS,
    ECO,
    ICR,
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


def void(stage: Bridged, **changes: Any) -> act.VoidImport:
    """Void the waiting message, or another, with what is changed in it."""
    message = stage.message(changes.pop("which", WAITING)).model_copy(update=changes)
    return act.VoidImport(registry=ECO, message=message)


def void_return(stage: Bridged) -> act.VoidImport:
    return act.VoidImport(registry=ICR, message=stage.message(RETURN, ECO))


def late(stage: Bridged) -> None:
    stage.world.advance(days=DAYS)


EARLY = Rule("early", lambda stage: errors.MessageNotExpired(ICR, 3, stage.deadline_s))


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            unknown_peer("source", BIO, ECO),
            Rule("for BIO", lambda _: errors.MessageForAnotherRegistry(BIO), {"target": BIO}),
            (
                Rule("no such export", lambda _: errors.NotAttested(ICR, 3_000), {"id": 3_000}),
                Rule("other credits", lambda _: errors.NotAttested(ICR, WAITING), {"vintage": 1}),
                Rule("deadline", lambda _: errors.NotAttested(ICR, WAITING), {"deadline_s": 1}),
            ),
            tuple(
                Rule(
                    f"used {id}", lambda _, at=at: errors.MessageAlreadyUsed(ICR, at), {"which": id}
                )
                for at, id in ((1, SENT), (2, UNANSWERED))
            ),
            Rule("too soon", lambda _: errors.MessageOutOfOrder(ICR, 3, 4), {"which": LATER}),
            EARLY,
        )
    ),
)
def test_void_import_refuses_for_the_first_reason(
    bridged: Bridged, rules: tuple[Rule, ...]
) -> None:
    check(bridged, rules, void)


@pytest.mark.parametrize("registry", ["Nowhere", "platform"])
def test_void_import_refuses_a_registry_that_is_not_open(bridged: Bridged, registry: str) -> None:
    action = void(bridged).model_copy(update={"registry": registry})
    with pytest.raises(errors.UnknownRegistry):
        bridged.apply(action)


def test_void_import_uses_the_message_up(bridged: Bridged) -> None:
    late(bridged)
    expected = bridged.next_entry(
        Kind.IMPORT_VOIDED,
        registry=ECO,
        peer=ICR,
        number=3,
        export=WAITING,
        home=ICR,
        amount_g=20 * T,
        intervals=(serials(1_086, 1_105),),
    )
    before = bridged.totals_of(ICR, SECOND), bridged.held(ICR, WAITING), bridged.outstanding()
    assert list(bridged.apply(void(bridged))) == bridged.new_entries() == [expected]
    assert before == (
        bridged.totals_of(ICR, SECOND),
        bridged.held(ICR, WAITING),
        bridged.outstanding(),
    )
    for action in (void(bridged), act.Import(registry=ECO, message=bridged.message(WAITING))):
        bridged.refuses(
            errors.MessageAlreadyUsed(ICR, 3), lambda action=action: bridged.apply(action)
        )
    # The next one's turn has come.
    (entry,) = bridged.apply(void(bridged, which=LATER))
    assert entry.number == 4
    assert bridged.is_sound()


def test_void_import_of_a_return_leaves_it_outstanding_at_home(bridged: Bridged) -> None:
    late(bridged)
    held = bridged.held(ICR, SENT)
    expected = bridged.next_entry(
        Kind.IMPORT_VOIDED,
        peer=ECO,
        number=1,
        export=SENT,
        home=ICR,
        amount_g=8 * T,
        intervals=(serials(1_016, 1_023),),
    )
    assert list(bridged.apply(void_return(bridged))) == bridged.new_entries() == [expected]
    assert bridged.held(ICR, SENT) == held
    assert bridged.is_sound()


def test_void_import_works_when_paused_and_closed_and_for_anyone(bridged: Bridged) -> None:
    late(bridged)
    bridged.eco.pause()
    bridged.world.close_account("Skogur")
    bridged.apply(act.AdmitPeer(registry=ECO, peer=ICR, allowance_g=0))
    (entry,) = bridged.apply(void(bridged).model_copy(update={"by": STRANGER}))
    assert entry.kind is Kind.IMPORT_VOIDED


def test_void_import_waits_until_the_deadline_is_past(bridged: Bridged) -> None:
    bridged.apply(act.Import(registry=ECO, message=bridged.message(WAITING)))
    bridged.apply(act.Import(registry=ECO, message=bridged.message(LATER)))
    message = bridged.export(deadline_s=bridged.world.now_s + 2)
    assert bridged.world.now_s + 1 == message.deadline_s
    action = act.VoidImport(registry=ECO, message=message)
    bridged.refuses(
        errors.MessageNotExpired(ICR, 5, message.deadline_s), lambda: bridged.apply(action)
    )
    bridged.icr.pause()
    bridged.apply(action)
