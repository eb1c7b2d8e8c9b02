"""Moving credits between open accounts."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.chain.artifacts import artifact
from registry.chain.engine import Call, Reverted
from registry.ledger.interface import Holding
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.result import Transfer
from tests.contracts.stage import (
    CLOSED,
    ECO,
    ICR,
    NO_BATCH,
    PAUSED,
    STRANGER,
    ZERO,
    Rule,
    Stage,
    T,
    broken,
    check,
    not_open,
    too_little,
)


def transfer(stage: Stage, **changes: Any) -> act.Transfer:
    asked = {"by": "Acme", "batch": stage.id, "to": "Bank", "amount_g": 7 * T, **changes}
    by = asked.pop("by")
    return act.Transfer(registry=ICR, by=by, orders=(act.TransferOrder(**asked),))


def transfer_many(stage: Stage, **changes: Any) -> act.Transfer:
    """The same as the first of two orders; the second would be refused for itself."""
    first = transfer(stage, **changes)
    second = act.TransferOrder(batch=stage.id, to="Skogur", amount_g=0)
    return first.model_copy(update={"orders": (*first.orders, second)})


RULES = (PAUSED, ZERO, NO_BATCH, not_open("by"), not_open("to"), *too_little("by"))


@pytest.mark.parametrize("action", [transfer, transfer_many])
@pytest.mark.parametrize("rules", broken(RULES))
def test_transfer_refuses_for_the_first_reason(
    stage: Stage, rules: tuple[Rule, ...], action: Any
) -> None:
    check(stage, rules, action)


@pytest.mark.parametrize("by", ["@operator", "@issuer", "@regulator"])
def test_transfer_refuses_a_role_as_holder(stage: Stage, by: str) -> None:
    stage.refuses(errors.UnknownAccount(by), lambda: stage.apply(transfer(stage, by=by)))
    stage.refuses(errors.UnknownAccount(by), lambda: stage.apply(transfer(stage, to=by)))


def test_transfer_moves_credits(stage: Stage) -> None:
    totals, before = stage.totals(), stage.available()
    expected = stage.next_entry(
        Kind.TRANSFERRED,
        batch=stage.id,
        account="Acme",
        counterparty="Borealis",
        amount_g=7 * T,
    )
    assert stage.icr.transfer(stage.batch, 7, "Acme", "Borealis") == Transfer(
        registry=ICR, batch=stage.id, amount_g=7 * T, source="Acme", to="Borealis"
    )
    assert stage.new_entries() == [expected]
    assert stage.totals() == totals
    assert stage.available() == before
    assert stage.holding("Acme") == Holding(balance_g=593 * T, pledged_g=0, frozen_g=0, retired_g=0)
    assert stage.holding("Borealis") == Holding(
        balance_g=257 * T, pledged_g=20 * T, frozen_g=0, retired_g=5 * T
    )
    stage.logged(
        (
            "TransferSingle",
            {
                "operator": "Acme",
                "from": "Acme",
                "to": "Borealis",
                "id": stage.id,
                "value": 7 * T,
            },
        )
    )


def test_transfer_opens_the_account_of_a_newcomer(stage: Stage) -> None:
    opened = stage.next_entry(Kind.ACCOUNT_OPENED, registry="platform", account="Newcomer", text="")
    moved = stage.next_entry(
        Kind.TRANSFERRED,
        later=1,
        batch=stage.id,
        account="Acme",
        counterparty="Newcomer",
        amount_g=T,
    )
    stage.icr.transfer(stage.batch, 1, "Acme", "Newcomer")
    assert stage.new_entries() == [opened, moved]


def test_transfer_takes_the_new_account_back_when_refused(stage: Stage) -> None:
    stage.refuses(
        errors.InsufficientCredits(stage.id, "Acme", 600 * T, 601 * T),
        lambda: stage.icr.transfer(stage.batch, 601, "Acme", "Newcomer"),
    )
    assert "Newcomer" not in stage.world.knowledge.roster.accounts


@pytest.mark.parametrize("source", [STRANGER, "Newcomer"])
def test_transfer_never_opens_the_account_of_the_source(stage: Stage, source: str) -> None:
    stage.refuses(
        errors.UnknownAccount(source),
        lambda: stage.icr.transfer(stage.batch, 1, source, "Acme"),
    )


def test_transfer_refuses_a_closed_target_without_opening_it_again(stage: Stage) -> None:
    stage.refuses(
        errors.ClosedAccount(CLOSED),
        lambda: stage.icr.transfer(stage.batch, 1, "Acme", CLOSED),
    )


def test_transfer_to_oneself_changes_no_balance(stage: Stage) -> None:
    held = stage.holding("Acme")
    stage.icr.transfer(stage.batch, 600, "Acme", "Acme")
    assert stage.holding("Acme") == held
    entry = stage.world.entries()[-1]
    assert (entry.kind, entry.account, entry.counterparty) == ("transferred", "Acme", "Acme")


def test_transfer_to_oneself_refuses_more_than_is_held(stage: Stage) -> None:
    stage.refuses(
        errors.InsufficientCredits(stage.id, "Acme", 600 * T, 600 * T + 1),
        lambda: stage.apply(transfer(stage, to="Acme", amount_g=600 * T + 1)),
    )


def test_transfer_many_moves_all_in_order(stage: Stage) -> None:
    orders = (
        act.TransferOrder(batch=stage.id, to="Bank", amount_g=2 * T),
        act.TransferOrder(batch=stage.id, to="Borealis", amount_g=3 * T),
        act.TransferOrder(batch=stage.id, to="Bank", amount_g=595 * T),
    )
    entries = stage.apply(act.Transfer(registry=ICR, by="Acme", orders=orders))
    assert [(entry.counterparty, entry.amount_g) for entry in entries] == [
        ("Bank", 2 * T),
        ("Borealis", 3 * T),
        ("Bank", 595 * T),
    ]
    assert stage.holding("Acme").balance_g == 0
    assert stage.holding("Bank").balance_g == 597 * T


def test_transfer_many_changes_nothing_when_the_last_is_refused(stage: Stage) -> None:
    orders = (
        act.TransferOrder(batch=stage.id, to="Bank", amount_g=2 * T),
        act.TransferOrder(batch=stage.id, to="Borealis", amount_g=599 * T),
    )
    stage.refuses(
        errors.InsufficientCredits(stage.id, "Acme", 598 * T, 599 * T),
        lambda: stage.apply(act.Transfer(registry=ICR, by="Acme", orders=orders)),
    )


def test_transfer_leaves_pledge_and_freeze_behind(stage: Stage) -> None:
    stage.icr.freeze(stage.batch, 30, "Borealis")
    stage.icr.transfer(stage.batch, 200, "Borealis", "Bank")
    assert stage.holding("Borealis") == Holding(
        balance_g=50 * T, pledged_g=20 * T, frozen_g=30 * T, retired_g=5 * T
    )
    assert stage.holding("Bank") == Holding(balance_g=200 * T, pledged_g=0, frozen_g=0, retired_g=0)
    stage.refuses(
        errors.CreditsEncumbered(stage.id, "Borealis", 50 * T, 20 * T, 30 * T, 1),
        lambda: stage.apply(transfer(stage, by="Borealis", amount_g=1)),
    )


def test_transfer_of_the_same_token_id_stays_at_its_registry(stage: Stage) -> None:
    assert stage.eco_batch.batch == stage.id
    stage.eco.transfer(stage.eco_batch, 1, "Acme", "Borealis")
    assert stage.holding("Borealis", ECO).balance_g == T
    assert stage.holding("Borealis").balance_g == 250 * T


# What a holder can say to the contract without our client.


def direct(chain: Stage, by: str, function: str, *args: Any) -> Any:
    """Send a call of the credits contract as `by`, and return the receipt."""
    ledger = chain.world._chain
    data = artifact("CarbonRegistry").interface.functions[function].encode(*args)
    to = ledger.contracts(ICR).credits
    call = Call(chain.world._keys.key(by, ICR), to, data)
    return ledger.engine.send([call], ledger.engine.head()[1] + 1)[0]


def addresses(chain: Stage, *names: str) -> tuple[bytes, ...]:
    return tuple(chain.world._keys.address(name) for name in names)


def test_transfer_by_an_operator_needs_approval(chain: Stage) -> None:
    acme, bank = addresses(chain, "Acme", "Bank")
    with pytest.raises(Reverted) as caught:
        direct(chain, "Bank", "safeTransferFrom", acme, bank, chain.id, T, b"")
    assert caught.value.data[:4] == bytes.fromhex("e237d922")  # ERC1155MissingApprovalForAll
    direct(chain, "Acme", "setApprovalForAll", bank, True)
    direct(chain, "Bank", "safeTransferFrom", acme, bank, chain.id, T, b"")
    assert chain.holding("Bank").balance_g == T
    direct(chain, "Acme", "setApprovalForAll", bank, False)
    with pytest.raises(Reverted):
        direct(chain, "Bank", "safeTransferFrom", acme, bank, chain.id, T, b"")


def test_transfer_batch_counts_each_row_on_its_own(chain: Stage) -> None:
    acme, bank = addresses(chain, "Acme", "Bank")
    twice = [chain.id, chain.id]
    with pytest.raises(Reverted):
        rows = (acme, bank, twice, [300 * T, 301 * T], b"")
        direct(chain, "Acme", "safeBatchTransferFrom", *rows)
    direct(chain, "Acme", "safeBatchTransferFrom", acme, bank, twice, [300 * T, 300 * T], b"")
    assert chain.holding("Bank").balance_g == 600 * T
    assert chain.holding("Acme").balance_g == 0


@pytest.mark.parametrize("amount", [2**64, 2**64 + 1, 2**256 - 1])
def test_transfer_refuses_amounts_beyond_64_bits(chain: Stage, amount: int) -> None:
    acme, bank = addresses(chain, "Acme", "Bank")
    with pytest.raises(Reverted):
        direct(chain, "Acme", "safeTransferFrom", acme, bank, chain.id, amount, b"")
    with pytest.raises(Reverted):
        rows = (acme, bank, [chain.id], [amount], b"")
        direct(chain, "Acme", "safeBatchTransferFrom", *rows)
    assert chain.holding("Acme").balance_g == 600 * T
