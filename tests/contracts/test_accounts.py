"""Opening and closing accounts, which all registries share."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.chain.artifacts import artifact
from registry.chain.engine import Call
from registry.ledger.interface import Holding
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.identity import PLATFORM
from registry.records.result import Account
from tests.contracts.stage import (
    CLAIM_ARGS,
    CLOSED,
    STRANGER,
    Rule,
    Stage,
    T,
    broken,
    check,
)


def open_account(_: Stage, **changes: Any) -> act.OpenAccount:
    return act.OpenAccount(**{"account": "Newcomer", "jurisdiction": "IS", **changes})


def close_account(_: Stage, **changes: Any) -> act.CloseAccount:
    return act.CloseAccount(**{"account": "Acme", **changes})


NOT_PLATFORM = tuple(
    Rule(f"by {name}", lambda _, name=name: errors.NotAuthorised(name, "OPERATOR"), {"by": name})
    for name in ("Acme", "@operator", "@admin", STRANGER)
)


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            NOT_PLATFORM,
            tuple(
                Rule(
                    f"{name} again",
                    lambda _, name=name: errors.AccountAlreadyOpened(name),
                    {"account": name},
                )
                for name in ("Acme", CLOSED)
            ),
        )
    ),
)
def test_open_account_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, open_account)


def test_open_account_lets_somebody_hold_credits(stage: Stage) -> None:
    expected = stage.next_entry(
        Kind.ACCOUNT_OPENED, registry=PLATFORM, account="Newcomer", text="IS"
    )
    assert stage.world.account("Newcomer", "IS") == Account(name="Newcomer", jurisdiction="IS")
    assert stage.new_entries() == [expected]
    stage.logged(
        (
            "AccountOpened",
            {
                "account": "0x" + stage.world._chain.naming.hash("Newcomer").hex(),
                "holder": "Newcomer",
                "name": "Newcomer",
                "jurisdiction": "0x4953",
            },
        )
        if stage.on_chain
        else ("", {})
    )
    stage.icr.transfer(stage.batch, 1, "Acme", "Newcomer")
    stage.eco.transfer(stage.eco_batch, 1, "Acme", "Newcomer")


def test_open_account_happens_once_per_name_however_it_is_composed(stage: Stage) -> None:
    first = stage.world.account("José")
    before = stage.state()
    assert stage.world.account("Jose\u0301") == first
    assert stage.state() == before
    stage.icr.transfer(stage.batch, 1, "Acme", "Jose\u0301")
    assert stage.holding("José").balance_g == T


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            NOT_PLATFORM,
            Rule(
                "never opened",
                lambda _: errors.UnknownAccountId(STRANGER),
                {"account": STRANGER},
            ),
            Rule(
                "closed already",
                lambda _: errors.AccountAlreadyClosed(CLOSED),
                {"account": CLOSED},
            ),
        )
    ),
)
def test_close_account_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, close_account)


def test_close_account_keeps_its_credits_where_they_are(stage: Stage) -> None:
    totals = stage.totals()
    expected = stage.next_entry(Kind.ACCOUNT_CLOSED, registry=PLATFORM, account="Acme")
    assert stage.world.close_account("Acme") is None
    assert stage.new_entries() == [expected]
    assert stage.totals() == totals
    assert stage.holding("Acme") == Holding(balance_g=600 * T, pledged_g=0, frozen_g=0, retired_g=0)
    if stage.on_chain:
        hashed = "0x" + stage.world._chain.naming.hash("Acme").hex()
        stage.logged(("AccountClosed", {"account": hashed}))
    icr, batch = stage.icr, stage.batch
    for do in (
        lambda: icr.transfer(batch, 1, "Acme", "Bank"),
        lambda: icr.transfer(batch, 1, "Borealis", "Acme"),
        lambda: icr.retire(batch, 1, "Acme", *CLAIM_ARGS),
        lambda: icr.request_retirement(batch, 1, "Acme", *CLAIM_ARGS),
        lambda: icr.cancel(batch, 1, "Acme", ""),
        lambda: icr.lock(batch, 1, "Acme", ""),
        lambda: icr.pledge(batch, 1, "Acme", "Bank"),
        lambda: icr.pledge(batch, 1, "Borealis", "Acme"),
        lambda: icr.issue(stage.forest, 2024, 1, "Acme", stage.statement),
        lambda: icr.register_project("Second", "IS", "M", "Acme"),
        lambda: stage.eco.transfer(stage.eco_batch, 1, "Acme", "Bank"),
    ):
        stage.refuses(errors.ClosedAccount("Acme"), do)
    icr.forced_transfer(batch, 600, "Acme", "Bank", "the estate")
    assert stage.holding("Bank").balance_g == 600 * T


def test_close_account_is_final(stage: Stage) -> None:
    stage.refuses(
        errors.AccountAlreadyOpened(CLOSED),
        lambda: stage.apply(act.OpenAccount(account=CLOSED)),
    )
    before = stage.state()
    assert stage.world.account(CLOSED).name == CLOSED
    assert stage.state() == before


def directory(chain: Stage, function: str, *args: Any, by: str = "@platform") -> None:
    ledger = chain.world._chain
    data = artifact("AccountDirectory").interface.functions[function].encode(*args)
    key = chain.world._keys.key(by, PLATFORM)
    ledger._send([Call(key, ledger.platform.directory, data)], chain.world.now_s + 1)


def test_open_account_refuses_an_address_that_is_taken(chain: Stage) -> None:
    book, keys = chain.world._chain.naming, chain.world._keys
    with pytest.raises(errors.AddressTaken) as caught:
        name = "Second name"
        directory(chain, "openAccount", book.hash(name), keys.address("Acme"), name, b"")
    assert caught.value.holder == "Acme"
    with pytest.raises(errors.AddressTaken):
        directory(chain, "openAccount", book.hash("Zero"), bytes(20), "Zero", b"")
    with pytest.raises(errors.UnknownAccountId) as unknown:
        directory(chain, "openAccount", book.hash("One"), bytes(19) + b"\1", "Two", b"")
    assert unknown.value.account == "One"


def test_link_address_gives_an_account_a_second_address(chain: Stage) -> None:
    book, keys = chain.world._chain.naming, chain.world._keys
    directory(chain, "linkAddress", book.hash("Acme"), keys.address("Acme at home"))
    entry = act.Transfer(
        registry="ICR",
        by="Acme",
        orders=(act.TransferOrder(batch=chain.id, to="Acme at home", amount_g=T),),
    )
    chain.world.now_s += 1
    assert chain.apply(entry)[0].counterparty == "Acme at home"
    for account, error in (
        (CLOSED, errors.AccountAlreadyClosed),
        (STRANGER, errors.UnknownAccountId),
    ):
        with pytest.raises(error):
            directory(chain, "linkAddress", book.hash(account), keys.address("Third"))
