"""Retiring: in one step at native registries, requested and finalised at mirrored ones."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.ledger.interface import Available, Holding, Totals
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.identity import batch_id
from registry.records.interval import Interval
from registry.records.result import Retirement, RetirementRequest
from tests.contracts.stage import (
    CLAIM,
    CLAIM_ARGS,
    DAY_S,
    ECO,
    FREE,
    ICR,
    LOCK,
    LONG,
    LONG_REASON,
    NO_BATCH,
    PAUSED,
    PLEDGE,
    REQUEST,
    RETIREMENT,
    STRANGER,
    USED_IDS,
    ZERO,
    Check,
    Rule,
    Stage,
    T,
    broken,
    check,
    long_claim,
    not_allowed,
    not_open,
    serials,
    too_little,
)

SERIALS = "ICR-ISL-354-1-14-A-0-2024"


def retire(stage: Stage, **changes: Any) -> act.Retire:
    asked = {"by": "Acme", "id": FREE, "batch": stage.id, "amount_g": 7 * T, "claim": CLAIM}
    asked |= changes
    by, registry = asked.pop("by"), asked.pop("registry", ICR)
    return act.Retire(registry=registry, by=by, orders=(act.RetireOrder(**asked),))


def request(stage: Stage, **changes: Any) -> act.RequestRetirement:
    asked = {"by": "Acme", "id": FREE, "batch": stage.id, "amount_g": 7 * T, "claim": CLAIM}
    asked |= {"deadline_s": stage.world.now_s + DAY_S, **changes}
    by, deadline_s = asked.pop("by"), asked.pop("deadline_s")
    return act.RequestRetirement(
        registry=ICR, by=by, order=act.RetireOrder(**asked), deadline_s=deadline_s
    )


def finalise(_: Stage, **changes: Any) -> act.FinaliseRetirement:
    return act.FinaliseRetirement(registry=ICR, **{"id": REQUEST, **changes})


def revert(_: Stage, **changes: Any) -> act.RevertRetirement:
    return act.RevertRetirement(registry=ICR, **{"id": REQUEST, "reason": "withdrawn", **changes})


BATCH_AND_HOLDER: tuple[Check, ...] = (NO_BATCH, not_open("by"), USED_IDS)
TEXTS = tuple(
    Rule(
        f"long {field}",
        lambda _: errors.TextTooLong(513, 512),
        {"claim": long_claim(**{field: LONG})},
    )
    for field in ("beneficiary", "purpose", "reason", "period", "jurisdiction")
)
CREDITS = too_little("by")

# One step.


@pytest.mark.parametrize("rules", broken((PAUSED, ZERO, *BATCH_AND_HOLDER, TEXTS, *CREDITS)))
def test_retire_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, retire)


@pytest.mark.parametrize("amount_g", [0, T])
def test_retire_refuses_when_the_registry_is_mirrored(stage: Stage, amount_g: int) -> None:
    action = retire(stage, registry=ECO, amount_g=amount_g)
    stage.refuses(errors.RetirementNeedsRequest(), lambda: stage.apply(action))
    stage.eco.pause()
    stage.refuses(errors.RegistryPaused(), lambda: stage.apply(action))


def test_retire_refuses_longest_of_several_texts_by_the_first(stage: Stage) -> None:
    claim = long_claim(purpose=LONG, reason="x" * 600)
    action = retire(stage, claim=claim)
    stage.refuses(errors.TextTooLong(513, 512), lambda: stage.apply(action))


def test_retire_moves_credits_for_good(stage: Stage) -> None:
    interval = serials(51, 57)
    expected = stage.next_entry(
        Kind.RETIRED,
        id=FREE,
        batch=stage.id,
        account="Acme",
        amount_g=7 * T,
        intervals=(interval,),
        claim=CLAIM,
    )
    assert stage.icr.retire(stage.batch, 7, "Acme", *CLAIM_ARGS) == Retirement(
        registry=ICR,
        batch=stage.id,
        amount_g=7 * T,
        id=FREE,
        holder="Acme",
        intervals=(interval,),
        serials=(f"{SERIALS} 51-57",),
        claim=CLAIM,
    )
    assert stage.new_entries() == [expected]
    assert stage.totals() == Totals(
        issued_g=1_000 * T,
        active_g=943 * T,
        locked_g=40 * T,
        retired_g=12 * T,
        cancelled_g=5 * T,
        exported_g=0,
    )
    assert stage.holding("Acme") == Holding(
        balance_g=593 * T, pledged_g=0, frozen_g=0, retired_g=7 * T
    )
    assert stage.holding("Borealis") == Holding(
        balance_g=250 * T, pledged_g=20 * T, frozen_g=0, retired_g=5 * T
    )
    assert stage.available() == Available(released=(), cursor_g=57 * T, end_g=1_000 * T)
    stage.logged(
        (
            "TransferSingle",
            {
                "operator": "Acme",
                "from": "Acme",
                "to": "nobody",
                "id": stage.id,
                "value": 7 * T,
            },
        ),
        (
            "CreditsRetired",
            {
                "id": FREE,
                "batch": stage.id,
                "holder": "Acme",
                "amount": 7 * T,
                "intervals": [interval.packed],
                "claim": CLAIM.model_dump(),
            },
        ),
        ("Transfer", {"from": "nobody", "to": "Acme", "tokenId": FREE}),
        ("Locked", {"tokenId": FREE}),
    )


def test_retire_takes_the_whole_holding_and_then_none(stage: Stage) -> None:
    stage.icr.retire(stage.batch, 600, "Acme", *CLAIM_ARGS)
    assert stage.holding("Acme").balance_g == 0
    stage.refuses(
        errors.InsufficientCredits(stage.id, "Acme", 0, 1),
        lambda: stage.icr.retire(stage.batch, "0.000001", "Acme", *CLAIM_ARGS),
    )


def test_retire_takes_all_that_is_not_encumbered(stage: Stage) -> None:
    stage.icr.freeze(stage.batch, 30, "Borealis")
    stage.icr.retire(stage.batch, 200, "Borealis", *CLAIM_ARGS)
    stage.refuses(
        errors.CreditsEncumbered(stage.id, "Borealis", 50 * T, 20 * T, 30 * T, 1),
        lambda: stage.icr.retire(stage.batch, "0.000001", "Borealis", *CLAIM_ARGS),
    )


def test_retire_takes_one_gram(stage: Stage) -> None:
    retirement = stage.icr.retire(stage.batch, "0.000001", "Acme", *CLAIM_ARGS)
    assert retirement.intervals == (Interval(50 * T, 50 * T + 1),)
    assert retirement.serials == (f"{SERIALS} 0.000001 t of 51",)


def test_retire_takes_texts_of_512_bytes(stage: Stage) -> None:
    text = "é" * 256
    retirement = stage.icr.retire(stage.batch, 1, "Acme", text, text, text, text, text)
    assert stage.icr.certifies(retirement)


def test_retire_many_is_one_transaction_with_an_entry_each(stage: Stage) -> None:
    more = stage.icr.issue(stage.forest, 2024, 40, "Acme", stage.statement)
    first, second = stage.icr.retire_many(
        [(stage.batch, 3), (more, 4)], "Acme", beneficiary="A", purpose="B"
    )
    assert (first.id, second.id) == (FREE, FREE + 1)
    assert first.intervals == (serials(51, 53),)
    assert second.intervals == (serials(1_001, 1_004),)
    last = stage.world.entries()[-2:]
    assert [entry.at_s for entry in last] == [stage.world.now_s] * 2
    assert stage.icr.certifies(first) and stage.icr.certifies(second)
    if stage.on_chain:
        one, two = stage.world.ledger.coordinates[-2:]
        assert one.tx_hash == two.tx_hash and one.log_index < two.log_index


def test_retire_many_passes_over_ids_that_somebody_chose(stage: Stage) -> None:
    stage.apply(retire(stage, id=FREE + 1))
    made = stage.icr.retire_many([(stage.batch, 1)] * 3, "Acme", *CLAIM_ARGS)
    assert [each.id for each in made] == [FREE, FREE + 2, FREE + 3]


def test_retire_many_changes_nothing_when_the_second_is_refused(stage: Stage) -> None:
    stage.refuses(
        errors.InsufficientCredits(stage.id, "Acme", 597 * T, 598 * T),
        lambda: stage.icr.retire_many(
            [(stage.batch, 3), (stage.batch, 598)], "Acme", beneficiary="A", purpose="B"
        ),
    )


# Two steps: the request.


EARLY = tuple(
    Rule(
        f"deadline {off} s after now",
        lambda stage, off=off: errors.DeadlineTooEarly(
            stage.world.now_s + 1 + off, stage.world.now_s + 1
        ),
        {"early": off},
    )
    for off in (0, -1)
)


@pytest.mark.parametrize("rules", broken((PAUSED, ZERO, EARLY, *BATCH_AND_HOLDER, TEXTS, *CREDITS)))
def test_request_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    def action(stage: Stage, early: int | None = None, **changes: Any) -> act.RequestRetirement:
        if early is not None:
            changes["deadline_s"] = stage.world.now_s + 1 + early
        return request(stage, **changes)

    check(stage, rules, action)


def test_request_takes_a_deadline_one_second_away(stage: Stage) -> None:
    deadline_s = stage.world.now_s + 2
    stage.apply(request(stage, deadline_s=deadline_s))
    assert stage.apply(finalise(stage, id=FREE))[0].at_s == deadline_s


@pytest.mark.parametrize("registry", [ICR, ECO])
def test_request_locks_credits(stage: Stage, registry: str) -> None:
    where = stage.world.registry(registry)
    batch, id = (stage.batch, FREE) if registry == ICR else (stage.eco_batch, 1)
    first = 51 if registry == ICR else 1
    printed = f"{SERIALS} 51-57" if registry == ICR else f"{stage.eco_batch.scope} from 1 to 7"
    interval = serials(first, first + 6)
    before, held = stage.totals(registry), stage.holding("Acme", registry)
    deadline_s = stage.world.now_s + 3 * DAY_S
    expected = stage.next_entry(
        Kind.RETIREMENT_REQUESTED,
        registry=registry,
        id=id,
        batch=batch.batch,
        account="Acme",
        amount_g=7 * T,
        intervals=(interval,),
        deadline_s=deadline_s,
        claim=CLAIM,
    )
    asked = where.request_retirement(batch, 7, "Acme", *CLAIM_ARGS, days=3)
    assert asked == RetirementRequest(
        registry=registry,
        batch=batch.batch,
        amount_g=7 * T,
        id=id,
        holder="Acme",
        intervals=(interval,),
        serials=(printed,),
        claim=CLAIM,
        deadline_s=deadline_s,
    )
    assert stage.new_entries() == [expected]
    moved = {"active_g": before.active_g - 7 * T, "locked_g": before.locked_g + 7 * T}
    assert stage.totals(registry) == before.model_copy(update=moved)
    left = held.model_copy(update={"balance_g": held.balance_g - 7 * T})
    assert stage.holding("Acme", registry) == left
    assert where.intervals(asked) == (interval,)
    stage.logged(
        (
            "TransferSingle",
            {
                "operator": "Acme",
                "from": "Acme",
                "to": "nobody",
                "id": batch.batch,
                "value": 7 * T,
            },
        ),
        (
            "RetirementRequested",
            {
                "id": id,
                "batch": batch.batch,
                "holder": "Acme",
                "amount": 7 * T,
                "deadline": deadline_s,
                "intervals": [interval.packed],
                "claim": CLAIM.model_dump(),
            },
        ),
    )


# Two steps: the end.


def until(deadline_off_s: int) -> Any:
    """Let time pass so that the next action happens that long after the request's deadline."""

    def pass_time(stage: Stage) -> None:
        stage.world.now_s = stage.request.deadline_s + deadline_off_s - 1

    return pass_time


def late(stage: Stage) -> None:
    until(30 * DAY_S)(stage)


NOT_OPERATOR = not_allowed("OPERATOR")
NOTHING_PENDING = tuple(
    Rule(name, lambda _, id=id: errors.NoPendingRetirement(id), {"id": id})
    for name, id in (
        ("unused id", FREE),
        ("id 0", 0),
        ("a lock", LOCK),
        ("a pledge", PLEDGE),
        ("a retirement", RETIREMENT),
    )
)


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            PAUSED,
            NOT_OPERATOR,
            NOTHING_PENDING,
            Rule(
                "closed account",
                lambda _: errors.ClosedAccount("Borealis"),
                {},
                lambda stage: stage.world.close_account("Borealis"),
            ),
            Rule(
                "one gram frozen",
                lambda stage: errors.HolderFrozen(stage.id, "Borealis", 1),
                {},
                lambda stage: stage.icr.freeze(stage.batch, "0.000001", "Borealis"),
            ),
            Rule(
                "late",
                lambda stage: errors.DeadlinePassed(REQUEST, stage.request.deadline_s),
                {},
                late,
            ),
        )
    ),
)
def test_finalise_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, finalise)


def test_finalise_retires_what_was_locked(stage: Stage) -> None:
    interval = serials(11, 40)
    expected = stage.next_entry(
        Kind.RETIREMENT_FINALISED,
        id=REQUEST,
        batch=stage.id,
        account="Borealis",
        amount_g=30 * T,
        intervals=(interval,),
    )
    retirement = stage.icr.finalise_retirement(stage.request)
    assert retirement == Retirement(
        registry=ICR,
        batch=stage.id,
        amount_g=30 * T,
        id=REQUEST,
        holder="Borealis",
        intervals=(interval,),
        serials=(f"{SERIALS} 11-40",),
        claim=CLAIM,
    )
    assert stage.new_entries() == [expected]
    assert stage.totals() == Totals(
        issued_g=1_000 * T,
        active_g=950 * T,
        locked_g=10 * T,
        retired_g=35 * T,
        cancelled_g=5 * T,
        exported_g=0,
    )
    assert stage.holding("Borealis") == Holding(
        balance_g=250 * T, pledged_g=20 * T, frozen_g=0, retired_g=35 * T
    )
    assert stage.icr.certifies(retirement)
    assert stage.world.ledger.held(ICR, REQUEST) == ()
    stage.logged(
        (
            "RetirementFinalised",
            {
                "id": REQUEST,
                "batch": stage.id,
                "holder": "Borealis",
                "amount": 30 * T,
                "intervals": [interval.packed],
            },
        ),
        ("Transfer", {"from": "nobody", "to": "Borealis", "tokenId": REQUEST}),
        ("Locked", {"tokenId": REQUEST}),
    )


def test_finalise_is_in_time_at_the_deadline_itself(stage: Stage) -> None:
    until(0)(stage)
    entry = stage.apply(finalise(stage))[0]
    assert entry.at_s == stage.request.deadline_s


def test_finalise_refuses_one_second_after_the_deadline(stage: Stage) -> None:
    until(1)(stage)
    stage.refuses(
        errors.DeadlinePassed(REQUEST, stage.request.deadline_s),
        lambda: stage.icr.finalise_retirement(stage.request),
    )


def test_finalise_goes_on_once_the_freeze_is_lifted(stage: Stage) -> None:
    stage.icr.freeze(stage.batch, 1_000, "Borealis")
    stage.refuses(
        errors.HolderFrozen(stage.id, "Borealis", 1_000 * T),
        lambda: stage.icr.finalise_retirement(stage.request),
    )
    stage.icr.freeze(stage.batch, 0, "Borealis")
    stage.icr.finalise_retirement(stage.request)


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            NOTHING_PENDING,
            NOT_OPERATOR,
            LONG_REASON,
        )
    ),
)
def test_revert_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, revert)


@pytest.mark.parametrize("paused", [False, True])
def test_revert_gives_back_what_was_locked(stage: Stage, paused: bool) -> None:
    if paused:
        stage.icr.pause()
    interval = serials(11, 40)
    expected = stage.next_entry(
        Kind.RETIREMENT_REVERTED,
        id=REQUEST,
        batch=stage.id,
        account="Borealis",
        amount_g=30 * T,
        intervals=(interval,),
        text="withdrawn",
    )
    assert stage.icr.revert_retirement(stage.request, "withdrawn") is None
    assert stage.new_entries() == [expected]
    assert stage.totals() == Totals(
        issued_g=1_000 * T,
        active_g=980 * T,
        locked_g=10 * T,
        retired_g=5 * T,
        cancelled_g=5 * T,
        exported_g=0,
    )
    assert stage.holding("Borealis") == Holding(
        balance_g=280 * T, pledged_g=20 * T, frozen_g=0, retired_g=5 * T
    )
    assert stage.available() == Available(released=(interval,), cursor_g=50 * T, end_g=1_000 * T)
    assert stage.icr.intervals(stage.request) == ()
    stage.logged(
        (
            "TransferSingle",
            {
                "operator": "@operator",
                "from": "nobody",
                "to": "Borealis",
                "id": stage.id,
                "value": 30 * T,
            },
        ),
        (
            "RetirementReverted",
            {
                "id": REQUEST,
                "batch": stage.id,
                "holder": "Borealis",
                "amount": 30 * T,
                "intervals": [interval.packed],
                "reason": "withdrawn",
            },
        ),
    )


@pytest.mark.parametrize("anyone", ["Borealis", "Acme", "@issuer", STRANGER])
def test_revert_is_open_to_anyone_only_after_the_deadline(stage: Stage, anyone: str) -> None:
    until(0)(stage)
    action = revert(stage, by=anyone)
    stage.refuses(errors.NotAuthorised(anyone, "OPERATOR"), lambda: stage.apply(action))
    until(1)(stage)
    stage.apply(action)
    assert stage.totals().locked_g == 10 * T


def test_revert_works_for_a_closed_and_frozen_holder(stage: Stage) -> None:
    stage.icr.freeze(stage.batch, 1_000, "Borealis")
    stage.world.close_account("Borealis")
    stage.icr.revert_retirement(stage.request, "")
    assert stage.holding("Borealis").balance_g == 280 * T


def test_revert_gives_back_what_the_holder_can_retire_again(stage: Stage) -> None:
    stage.icr.revert_retirement(stage.request, "")
    again = stage.icr.retire(stage.batch, 30, "Borealis", *CLAIM_ARGS)
    assert again.intervals == stage.request.intervals
    assert again.id == FREE


def test_retire_at_a_mirrored_registry_is_request_and_end(stage: Stage) -> None:
    retirement = stage.eco.retire(stage.eco_batch, 7, "Acme", *CLAIM_ARGS)
    assert retirement == Retirement(
        registry=ECO,
        batch=batch_id(1, 1),
        amount_g=7 * T,
        id=1,
        holder="Acme",
        intervals=(serials(1, 7),),
        serials=(f"{stage.eco_batch.scope} from 1 to 7",),
        claim=CLAIM,
    )
    kinds = [entry.kind for entry in stage.world.entries()[-2:]]
    assert kinds == [Kind.RETIREMENT_REQUESTED, Kind.RETIREMENT_FINALISED]
    assert stage.totals(ECO).retired_g == 7 * T
    assert stage.eco.certifies(retirement)


def test_retire_at_a_mirrored_registry_takes_the_request_back_when_not_final(
    stage: Stage,
) -> None:
    # EcoRegistry's desk gives no such orders; whoever has the role at the contract can.
    batch = stage.eco_batch.batch
    stage.apply(act.Freeze(registry="EcoRegistry", batch=batch, account="Acme", amount_g=T))
    stage.refuses(
        errors.HolderFrozen(stage.eco_batch.batch, "Acme", T),
        lambda: stage.eco.retire(stage.eco_batch, 7, "Acme", *CLAIM_ARGS),
    )
