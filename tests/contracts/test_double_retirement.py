"""No gram is retired twice, whatever is tried; after each attempt the books must still agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from registry import errors
from registry.chain.artifacts import artifact
from registry.chain.engine import Call, Reverted
from registry.ledger.model import ModelLedger
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.interval import Interval
from tests.contracts.stage import (
    CLAIM,
    CLAIM_ARGS,
    CLOSED,
    DAY_S,
    ECO,
    FREE,
    ICR,
    LOCK,
    PLEDGE,
    REQUEST,
    RETIREMENT,
    STRANGER,
    Stage,
    T,
)


def agree(stage: Stage) -> None:
    """Check that every gram is in one place, that totals add up, and that no rule is alarmed."""
    ledger = stage.world.ledger
    retired: dict[tuple[str, int], list[Interval]] = defaultdict(list)
    issued: dict[tuple[str, int], Interval] = {}
    for entry in stage.world.entries():
        place = (entry.registry, entry.batch or 0)
        if entry.kind is Kind.ISSUED:
            issued[place] = entry.intervals[0]
        elif entry.kind in {Kind.RETIRED, Kind.RETIREMENT_FINALISED}:
            retired[place] += entry.intervals
    for place, block in issued.items():
        totals, available = ledger.totals(*place), ledger.available(*place)
        pieces = sorted(retired[place])
        assert all(a.end_g <= b.start_g for a, b in pairwise(pieces)), pieces
        assert sum(piece.amount_g for piece in pieces) == totals.retired_g
        assert totals.conserved and totals.issued_g == block.amount_g
        held = [
            ledger.held(place[0], id)
            for id in {
                e.id for e in stage.world.entries() if (e.registry, e.batch) == place and e.id
            }
        ]
        rest = Interval(available.cursor_g, available.end_g)
        everything = [*pieces, *available.released, *(piece for some in held for piece in some)]
        everything += [rest] if rest.amount_g else []
        everything.sort()
        assert (everything[0].start_g, everything[-1].end_g) == block
        assert all(a.end_g == b.start_g for a, b in pairwise(everything)), everything
    if isinstance(ledger, ModelLedger):
        ledger.check()
    # A request that was reverted after its deadline stays in the records, as late (BR-5).
    assert {found.code for found in stage.world.audit() if found.cleared_at is None} == set()


@pytest.fixture
def attacked(stage: Stage) -> Iterator[Stage]:
    yield stage
    agree(stage)


@pytest.fixture
def attacked_chain(chain: Stage) -> Iterator[Stage]:
    yield chain
    agree(chain)


def retire(stage: Stage, id: int, tonnes: int, by: str = "Acme", registry: str = ICR) -> act.Retire:
    order = act.RetireOrder(id=id, batch=stage.id, amount_g=tonnes * T, claim=CLAIM)
    return act.Retire(registry=registry, by=by, orders=(order,))


def retire_many(stage: Stage, *parts: tuple[int, int]) -> act.Retire:
    orders = tuple(
        act.RetireOrder(id=id, batch=stage.id, amount_g=tonnes * T, claim=CLAIM)
        for id, tonnes in parts
    )
    return act.Retire(registry=ICR, by="Acme", orders=orders)


def test_retire_again_has_no_effect_when_the_same_call_is_repeated(attacked: Stage) -> None:
    action = retire(attacked, FREE, 7)
    attacked.apply(action)
    attacked.refuses(errors.IdAlreadyUsed(FREE), lambda: attacked.apply(action))
    smaller = retire(attacked, FREE, 1, by="Borealis")
    attacked.refuses(errors.IdAlreadyUsed(FREE), lambda: attacked.apply(smaller))


def test_retire_by_two_holders_takes_different_grams(attacked: Stage) -> None:
    first = attacked.icr.retire(attacked.batch, 600, "Acme", *CLAIM_ARGS)
    second = attacked.icr.retire(attacked.batch, 230, "Borealis", *CLAIM_ARGS)
    assert not first.intervals[0].meets(second.intervals[0])
    attacked.icr.forced_transfer(attacked.batch, 100, CLOSED, "Acme", "")
    third = attacked.icr.retire(attacked.batch, 100, "Acme", *CLAIM_ARGS)
    assert third.intervals[0].start_g == second.intervals[0].end_g


def test_retire_many_refuses_an_id_that_is_in_it_twice(attacked: Stage) -> None:
    action = retire_many(attacked, (FREE, 3), (FREE + 1, 3), (FREE, 3))
    attacked.refuses(errors.IdAlreadyUsed(FREE), lambda: attacked.apply(action))


def test_retire_many_from_one_batch_takes_different_grams(attacked: Stage) -> None:
    entries = attacked.apply(retire_many(attacked, (FREE, 300), (FREE + 1, 300)))
    assert not entries[0].intervals[0].meets(entries[1].intervals[0])


def test_retire_many_refuses_what_is_too_much_together(attacked: Stage) -> None:
    attacked.refuses(
        errors.InsufficientCredits(attacked.id, "Acme", 300 * T, 301 * T),
        lambda: attacked.apply(retire_many(attacked, (FREE, 300), (FREE + 1, 301))),
    )


def test_retire_after_forced_transfer_takes_what_was_left(attacked: Stage) -> None:
    attacked.icr.retire(attacked.batch, 500, "Acme", *CLAIM_ARGS)
    attacked.icr.forced_transfer(attacked.batch, 100, "Acme", "Borealis", "")
    attacked.refuses(
        errors.InsufficientCredits(attacked.id, "Acme", 0, 1),
        lambda: attacked.icr.retire(attacked.batch, "0.000001", "Acme", *CLAIM_ARGS),
    )
    attacked.icr.retire(attacked.batch, 330, "Borealis", *CLAIM_ARGS)
    assert attacked.totals().retired_g == 835 * T


def test_forced_transfer_cannot_reach_retired_credits(attacked: Stage) -> None:
    attacked.icr.retire(attacked.batch, 600, "Acme", *CLAIM_ARGS)
    attacked.refuses(
        errors.InsufficientCredits(attacked.id, "Acme", 0, 1),
        lambda: attacked.icr.forced_transfer(attacked.batch, "0.000001", "Acme", "Bank", ""),
    )
    assert attacked.holding("Acme").retired_g == 600 * T


def test_retire_cannot_take_what_is_locked(attacked: Stage) -> None:
    attacked.icr.lock(attacked.batch, 600, "Acme", "")
    attacked.refuses(
        errors.InsufficientCredits(attacked.id, "Acme", 0, T),
        lambda: attacked.icr.retire(attacked.batch, 1, "Acme", *CLAIM_ARGS),
    )


def test_retired_grams_cannot_be_released(attacked: Stage) -> None:
    for id in (RETIREMENT, FREE):
        action = act.Release(registry=ICR, id=id, amount_g=T)
        attacked.refuses(errors.NotLocked(id), lambda action=action, id=id: attacked.apply(action))
        if id == RETIREMENT:
            attacked.icr.retire(attacked.batch, 7, "Acme", *CLAIM_ARGS)


def test_release_does_not_give_back_more_than_once(attacked: Stage) -> None:
    attacked.icr.release(attacked.lock, 6)
    attacked.icr.retire(attacked.batch, 6, "Borealis", *CLAIM_ARGS)
    attacked.refuses(
        errors.AboveLockedAmount(LOCK, 4 * T, 10 * T),
        lambda: attacked.icr.release(attacked.lock, 10),
    )
    attacked.icr.release(attacked.lock)
    attacked.refuses(errors.NotLocked(LOCK), lambda: attacked.icr.release(attacked.lock))


def test_retire_cannot_take_what_is_pledged(attacked: Stage) -> None:
    attacked.icr.retire(attacked.batch, 230, "Borealis", *CLAIM_ARGS)
    attacked.refuses(
        errors.CreditsEncumbered(attacked.id, "Borealis", 20 * T, 20 * T, 0, 1),
        lambda: attacked.icr.retire(attacked.batch, "0.000001", "Borealis", *CLAIM_ARGS),
    )
    attacked.icr.foreclose(attacked.pledge)
    attacked.refuses(
        errors.InsufficientCredits(attacked.id, "Borealis", 0, 20 * T),
        lambda: attacked.icr.retire(attacked.batch, 20, "Borealis", *CLAIM_ARGS),
    )
    attacked.icr.retire(attacked.batch, 20, "Bank", *CLAIM_ARGS)
    attacked.refuses(errors.NotPledged(PLEDGE), lambda: attacked.icr.foreclose(attacked.pledge))


def test_retire_during_a_pending_request_takes_other_grams(attacked: Stage) -> None:
    now = attacked.icr.retire(attacked.batch, 250 - 20, "Borealis", *CLAIM_ARGS)
    assert not now.intervals[0].meets(attacked.request.intervals[0])
    action = retire(attacked, REQUEST, 1)
    attacked.refuses(errors.IdAlreadyUsed(REQUEST), lambda: attacked.apply(action))
    attacked.icr.finalise_retirement(attacked.request)
    assert attacked.holding("Borealis").retired_g == 265 * T


def test_request_cannot_be_released_as_a_lock(attacked: Stage) -> None:
    action = act.Release(registry=ICR, id=REQUEST, amount_g=30 * T)
    attacked.refuses(errors.NotLocked(REQUEST), lambda: attacked.apply(action))


def test_finalise_has_no_effect_after_revert(attacked: Stage) -> None:
    attacked.icr.revert_retirement(attacked.request, "")
    for do in (
        lambda: attacked.icr.finalise_retirement(attacked.request),
        lambda: attacked.icr.revert_retirement(attacked.request, ""),
    ):
        attacked.refuses(errors.NoPendingRetirement(REQUEST), do)
    again = retire(attacked, REQUEST, 30, by="Borealis")
    attacked.refuses(errors.IdAlreadyUsed(REQUEST), lambda: attacked.apply(again))
    attacked.icr.retire(attacked.batch, 30, "Borealis", *CLAIM_ARGS)


def test_finalise_has_no_effect_after_finalise(attacked: Stage) -> None:
    attacked.icr.finalise_retirement(attacked.request)
    for do in (
        lambda: attacked.icr.finalise_retirement(attacked.request),
        lambda: attacked.icr.revert_retirement(attacked.request, ""),
    ):
        attacked.refuses(errors.NoPendingRetirement(REQUEST), do)
    again = retire(attacked, REQUEST, 30, by="Borealis")
    attacked.refuses(errors.IdAlreadyUsed(REQUEST), lambda: attacked.apply(again))


@pytest.mark.parametrize("by", ["Borealis", STRANGER, "@operator"])
def test_late_request_comes_back_once_and_is_never_final(attacked: Stage, by: str) -> None:
    attacked.world.advance(days=31)
    late = errors.DeadlinePassed(REQUEST, attacked.request.deadline_s)
    attacked.refuses(late, lambda: attacked.icr.finalise_retirement(attacked.request))
    revert = act.RevertRetirement(registry=ICR, id=REQUEST, by=by)
    attacked.apply(revert)
    attacked.refuses(errors.NoPendingRetirement(REQUEST), lambda: attacked.apply(revert))
    attacked.icr.retire(attacked.batch, 260, "Borealis", *CLAIM_ARGS)
    attacked.refuses(
        errors.NoPendingRetirement(REQUEST),
        lambda: attacked.icr.finalise_retirement(attacked.request),
    )


def test_retire_refuses_the_batch_of_another_registry(attacked: Stage) -> None:
    attacked.refuses(
        errors.UnknownBatch(attacked.id),
        lambda: attacked.icr.retire(attacked.eco_batch, 1, "Acme", *CLAIM_ARGS),
    )
    second = attacked.icr.issue(attacked.forest, 2024, 5, "Acme", attacked.statement)
    action = act.Transfer(
        registry=ECO,
        by="Acme",
        orders=(act.TransferOrder(batch=second.batch, to="Bank", amount_g=T),),
    )
    attacked.refuses(errors.UnknownBatch(second.batch), lambda: attacked.apply(action))


def test_retire_of_one_token_id_at_two_registries_is_two_batches(attacked: Stage) -> None:
    assert attacked.eco_batch.batch == attacked.id
    here = attacked.icr.retire(attacked.batch, 600, "Acme", *CLAIM_ARGS)
    there = attacked.eco.retire(attacked.eco_batch, 500, "Acme", *CLAIM_ARGS)
    assert attacked.batch.scope != attacked.eco_batch.scope
    assert not attacked.eco.certifies(here.model_copy(update={"registry": ECO}))
    assert not attacked.icr.certifies(there.model_copy(update={"registry": ICR}))
    attacked.refuses(errors.UnknownBatch(attacked.id), lambda: attacked.icr.certifies(there))


def test_one_registry_s_records_are_none_of_another_s(attacked: Stage) -> None:
    for do in (
        lambda: attacked.eco.release(attacked.lock),
        lambda: attacked.eco.finalise_retirement(attacked.request),
        lambda: attacked.eco.revert_retirement(attacked.request, ""),
        lambda: attacked.eco.foreclose(attacked.pledge),
        lambda: attacked.eco.release_pledge(attacked.pledge),
        lambda: attacked.eco.end_pledge(attacked.pledge, ""),
    ):
        attacked.refuses(errors.UnknownBatch(attacked.id), do)
    action = act.FinaliseRetirement(registry=ECO, id=REQUEST)
    attacked.refuses(errors.NoPendingRetirement(REQUEST), lambda: attacked.apply(action))


def test_closing_the_account_does_not_free_what_it_retired(attacked: Stage) -> None:
    attacked.icr.retire(attacked.batch, 599, "Acme", *CLAIM_ARGS)
    attacked.world.close_account("Acme")
    attacked.refuses(
        errors.ClosedAccount("Acme"),
        lambda: attacked.icr.retire(attacked.batch, 1, "Acme", *CLAIM_ARGS),
    )
    attacked.icr.forced_transfer(attacked.batch, 1, "Acme", "Bank", "")
    attacked.refuses(
        errors.InsufficientCredits(attacked.id, "Acme", 0, T),
        lambda: attacked.icr.forced_transfer(attacked.batch, 1, "Acme", "Bank", ""),
    )
    assert attacked.holding("Acme").retired_g == 599 * T


def test_closing_the_account_leaves_a_request_to_be_reverted_only(attacked: Stage) -> None:
    attacked.world.close_account("Borealis")
    attacked.refuses(
        errors.ClosedAccount("Borealis"),
        lambda: attacked.icr.finalise_retirement(attacked.request),
    )
    attacked.icr.revert_retirement(attacked.request, "")


def test_retire_and_cancel_share_no_gram(attacked: Stage) -> None:
    cancelled = attacked.icr.cancel(attacked.batch, 300, "Acme", "")
    retired = attacked.icr.retire(attacked.batch, 300, "Acme", *CLAIM_ARGS)
    assert not cancelled.intervals[0].meets(retired.intervals[0])
    attacked.refuses(
        errors.InsufficientCredits(attacked.id, "Acme", 0, 1),
        lambda: attacked.icr.cancel(attacked.batch, "0.000001", "Acme", ""),
    )


def test_retire_takes_each_released_gram_once(attacked: Stage) -> None:
    locks = [attacked.icr.lock(attacked.batch, 3, "Acme", "") for _ in range(6)]
    for lock in locks[::2]:
        attacked.icr.release(lock, 2)
    taken = [attacked.icr.retire(attacked.batch, 2, "Acme", *CLAIM_ARGS) for _ in range(4)]
    for lock in locks:
        attacked.icr.release(lock)
    taken += [attacked.icr.retire(attacked.batch, 5, "Acme", *CLAIM_ARGS) for _ in range(4)]
    pieces = sorted(piece for each in taken for piece in each.intervals)
    assert all(a.end_g <= b.start_g for a, b in pairwise(pieces))
    assert sum(piece.amount_g for piece in pieces) == 28 * T


# Through the contracts' own doors.


def send(chain: Stage, by: str, to: bytes, data: bytes) -> None:
    """Send as `by`, and let the ledger take up what was logged, as its own client does."""
    ledger, world = chain.world._chain, chain.world
    call = Call(world._keys.key(by, ICR), to, data)
    ledger._send([call], world.now_s + 1)
    world.now_s += 1
    world.settle()


def calldata(function: str, *args: Any, contract: str = "CarbonRegistry") -> bytes:
    return artifact(contract).interface.functions[function].encode(*args)


def test_approved_operator_cannot_move_what_was_retired(attacked_chain: Stage) -> None:
    chain, keys = attacked_chain, attacked_chain.world._keys
    acme, bank = keys.address("Acme"), keys.address("Bank")
    credits = chain.world._chain.contracts(ICR).credits
    chain.icr.retire(chain.batch, 590, "Acme", *CLAIM_ARGS)
    send(chain, "Acme", credits, calldata("setApprovalForAll", bank, True))
    for data in (
        calldata("safeTransferFrom", acme, bank, chain.id, 11 * T, b""),
        calldata("safeBatchTransferFrom", acme, bank, [chain.id] * 2, [6 * T, 5 * T], b""),
    ):
        with pytest.raises(errors.InsufficientCredits):
            send(chain, "Bank", credits, data)
    data = calldata("safeBatchTransferFrom", acme, bank, [chain.id] * 2, [6 * T, 4 * T], b"")
    send(chain, "Bank", credits, data)
    assert [entry.amount_g for entry in chain.world.entries()[-2:]] == [6 * T, 4 * T]
    assert chain.holding("Acme").balance_g == 0
    chain.icr.retire(chain.batch, 10, "Bank", *CLAIM_ARGS)


def test_approved_operator_cannot_retire_for_the_holder(attacked_chain: Stage) -> None:
    chain = attacked_chain
    credits = chain.world._chain.contracts(ICR).credits
    bank = chain.world._keys.address("Bank")
    send(chain, "Acme", credits, calldata("setApprovalForAll", bank, True))
    chain.refuses(
        errors.InsufficientCredits(chain.id, "Bank", 0, T),
        lambda: chain.apply(retire(chain, FREE, 1, by="Bank")),
    )


def test_transfer_to_the_zero_address_is_no_way_out(attacked_chain: Stage) -> None:
    chain, keys = attacked_chain, attacked_chain.world._keys
    credits = chain.world._chain.contracts(ICR).credits
    data = calldata("safeTransferFrom", keys.address("Acme"), bytes(20), chain.id, T, b"")
    with pytest.raises(errors.UnknownAccount):
        send(chain, "Acme", credits, data)
    data = calldata(
        "forcedTransfer(address,address,uint256,uint256)", bytes(20), bank(chain), chain.id, T
    )
    with pytest.raises(errors.UnknownAccount):
        send(chain, "@regulator", credits, data)


def bank(chain: Stage) -> bytes:
    return chain.world._keys.address("Bank")


def deployed(chain: Stage, mock: str, *args: Any) -> bytes:
    """Put a mock on the chain, open an account for it, and return its address."""
    ledger, world = chain.world._chain, chain.world
    creation = artifact(f"mocks/{mock}").creation(*args)
    call = Call(world._keys.key(STRANGER), None, creation)
    (receipt,) = ledger.engine.send([call], world.now_s + 1)
    world.now_s += 1
    address = receipt.contract_address
    assert address is not None
    name = "A contract"
    ledger.naming.learn(address, name)
    data = calldata(
        "openAccount", ledger.naming.hash(name), address, name, b"", contract="AccountDirectory"
    )
    call = Call(world._keys.key("@platform", "platform"), ledger.platform.directory, data)
    ledger._send([call], world.now_s + 1)
    assert ledger.entries[-1].account == name
    world.now_s += 1
    return address


def retire_order(chain: Stage, id: int, amount_g: int) -> tuple[Any, ...]:
    return (id, chain.id, amount_g, tuple(CLAIM.model_dump().values()))


ATTACKS: dict[str, Any] = {
    "retire": lambda chain, me: calldata("retire", retire_order(chain, 50, T)),
    "retireMany": lambda chain, me: calldata("retireMany", [retire_order(chain, 50, T)]),
    "requestRetirement": lambda chain, me: calldata(
        "requestRetirement", retire_order(chain, 50, T), chain.world.now_s + DAY_S
    ),
    "revertRetirement": lambda chain, me: calldata("revertRetirement", REQUEST, ""),
    "cancel": lambda chain, me: calldata("cancel", 50, chain.id, T, ""),
    "safeTransferFrom": lambda chain, me: calldata(
        "safeTransferFrom", me, bank(chain), chain.id, T, b""
    ),
    "safeBatchTransferFrom": lambda chain, me: calldata(
        "safeBatchTransferFrom", me, bank(chain), [chain.id], [T], b""
    ),
    "transferMany": lambda chain, me: calldata("transferMany", [(chain.id, bank(chain), T)]),
    "pledge": lambda chain, me: calldata("pledge", 50, chain.id, T, bank(chain)),
    "foreclose": lambda chain, me: calldata("foreclose", 60),
}


def mock_call(function: str, *args: Any) -> bytes:
    return calldata(function, *args, contract="mocks/ReentrantReceiver")


def asked(chain: Stage, receiver: bytes, view: str) -> Any:
    function = artifact("mocks/ReentrantReceiver").interface.functions[view]
    return function.decode(chain.world._chain.engine.call(receiver, function.encode()))[0]


@pytest.mark.parametrize("attack", ATTACKS)
def test_reentrant_receiver_gets_nothing_more(attacked_chain: Stage, attack: str) -> None:
    chain = attacked_chain
    ledger = chain.world._chain
    credits = ledger.contracts(ICR).credits
    receiver = deployed(chain, "ReentrantReceiver")
    acme = chain.world._keys.address("Acme")
    give = calldata("safeTransferFrom", acme, receiver, chain.id, 2 * T, b"")
    send(chain, "Acme", credits, give)
    plan = mock_call("plan", credits, ATTACKS[attack](chain, receiver))
    send(chain, STRANGER, receiver, plan)
    send(chain, "Acme", credits, give)
    assert asked(chain, receiver, "attempted") is True
    assert asked(chain, receiver, "succeeded") is False
    name = artifact("CarbonRegistry").interface.errors[asked(chain, receiver, "refusal")[:4]].name
    assert name == "ReentrancyGuardReentrantCall"
    assert chain.world.ledger.holding(ICR, chain.id, "Acme").balance_g == 596 * T
    (held,) = ledger.ask(credits, "CarbonRegistry", "holdingOf", chain.id, receiver)
    assert held == (4 * T, 0, 0, 0)


@pytest.mark.parametrize("how", ["release", "revert", "foreclose", "forced", "issue", "batch"])
def test_reentrant_receiver_is_called_back_on_every_mint_and_gets_nothing(
    attacked_chain: Stage, how: str
) -> None:
    chain = attacked_chain
    ledger, world = chain.world._chain, chain.world
    credits = ledger.contracts(ICR).credits
    receiver = deployed(chain, "ReentrantReceiver")
    acme = world._keys.address("Acme")
    give = calldata("safeTransferFrom", acme, receiver, chain.id, 10 * T, b"")
    send(chain, "Acme", credits, give)
    request = (retire_order(chain, 40, 2 * T), world.now_s + 30 * DAY_S)
    as_holder = calldata("requestRetirement", *request)
    send(chain, STRANGER, receiver, mock_call("act", credits, as_holder))
    send(chain, "@operator", credits, calldata("lock", 41, chain.id, receiver, 2 * T, ""))
    send(chain, "Acme", credits, calldata("pledge", 42, chain.id, T, receiver))
    plan = mock_call("plan", credits, calldata("retire", retire_order(chain, 50, T)))
    send(chain, STRANGER, receiver, plan)
    order = (
        chain.id + 1,
        receiver,
        T,
        1_000 * T,
        2024,
        bytes.fromhex(chain.statement.id[2:]),
        chain.batch.scope,
        2**64 - 1,
    )
    by, to, data = {
        "release": ("@operator", credits, calldata("release", 41, 2 * T)),
        "revert": ("@operator", credits, calldata("revertRetirement", 40, "")),
        "foreclose": (STRANGER, receiver, mock_call("act", credits, calldata("foreclose", 42))),
        "forced": (
            "@regulator",
            credits,
            calldata(
                "forcedTransfer(address,address,uint256,uint256)", acme, receiver, chain.id, T
            ),
        ),
        "issue": ("@issuer", credits, calldata("issue", order)),
        "batch": (
            "Acme",
            credits,
            calldata("safeBatchTransferFrom", acme, receiver, [chain.id], [T], b""),
        ),
    }[how]
    retired = chain.totals().retired_g
    send(chain, by, to, data)
    assert asked(chain, receiver, "attempted") is True
    assert asked(chain, receiver, "succeeded") is False
    assert chain.totals().retired_g == retired


@pytest.mark.parametrize("greedy", [False, True])
def test_refusing_receiver_blocks_no_release_and_no_revert(
    attacked_chain: Stage, greedy: bool
) -> None:
    chain = attacked_chain
    world, credits = chain.world, chain.world._chain.contracts(ICR).credits
    # It accepts only while it is no contract yet: its account is opened where it will stand.
    from registry.chain.engine import creation_address

    sender = world._keys.address(STRANGER)
    place = creation_address(sender, world._chain.engine.nonce(sender))
    ledger = world._chain
    ledger.naming.learn(place, "A contract")
    opening = calldata(
        "openAccount",
        ledger.naming.hash("A contract"),
        place,
        "A contract",
        b"",
        contract="AccountDirectory",
    )
    call = Call(world._keys.key("@platform", "platform"), ledger.platform.directory, opening)
    ledger._send([call], world.now_s + 1)
    world.now_s += 1
    acme = world._keys.address("Acme")
    send(chain, "Acme", credits, calldata("safeTransferFrom", acme, place, chain.id, 9 * T, b""))
    creation = artifact("mocks/RefusingReceiver").creation(greedy)
    call = Call(world._keys.key(STRANGER), None, creation)
    assert ledger.engine.send([call], world.now_s + 1)[0].contract_address == place
    world.now_s += 1
    as_holder = calldata(
        "requestRetirement", retire_order(chain, 40, 2 * T), world.now_s + 30 * DAY_S
    )
    act_as = calldata("act", credits, as_holder, contract="mocks/RefusingReceiver")
    send(chain, STRANGER, place, act_as)
    send(chain, "@operator", credits, calldata("lock", 41, chain.id, place, 2 * T, ""))
    with pytest.raises((errors.ReceiverRefused, errors.UnrecognisedRevert)):
        send(chain, "Acme", credits, calldata("safeTransferFrom", acme, place, chain.id, T, b""))
    send(chain, "@operator", credits, calldata("release", 41, 2 * T))
    send(chain, "@operator", credits, calldata("revertRetirement", 40, ""))
    (held,) = ledger.ask(credits, "CarbonRegistry", "holdingOf", chain.id, place)
    assert held == (9 * T, 0, 0, 0)
    assert chain.totals().locked_g == 40 * T


def test_retire_refuses_a_direct_caller_the_same_id(attacked_chain: Stage) -> None:
    chain = attacked_chain
    credits = chain.world._chain.contracts(ICR).credits
    for id in (RETIREMENT, REQUEST, LOCK, PLEDGE, 0):
        with pytest.raises(errors.IdAlreadyUsed):
            send(chain, "Acme", credits, calldata("retire", retire_order(chain, id, T)))
    with pytest.raises(Reverted):
        # Above 64 bits there is no amount at all.
        raw = calldata("retire", retire_order(chain, 50, T))
        cut = raw.replace(T.to_bytes(32, "big"), (2**64 + T).to_bytes(32, "big"))
        call = Call(chain.world._keys.key("Acme"), credits, cut)
        chain.world._chain.engine.send([call], chain.world.now_s + 1)
