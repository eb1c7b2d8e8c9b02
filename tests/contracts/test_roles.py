"""Who may do what: each role at its own registry, and nobody beyond it."""

from __future__ import annotations

from typing import Any

import pytest

from registry import errors
from registry.chain.artifacts import artifact
from registry.chain.deployment import role_hash
from registry.chain.engine import Call, Reverted
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.identity import Role
from registry.records.project import report_hash
from tests.contracts.stage import (
    CLAIM_ARGS,
    ECO,
    FREE,
    ICR,
    STRANGER,
    Stage,
    T,
)

ROOT = report_hash("a root")


def role_actions(stage: Stage) -> list[tuple[str, act.Action]]:
    """One action per operation that needs a role, and the role that it needs."""
    where, some = {"registry": ICR}, {"batch": stage.id, "amount_g": T}
    issue = act.IssueOrder(
        batch=stage.id + 1,
        to="Acme",
        amount_g=T,
        start_g=1_000 * T,
        vintage=2024,
        statement=stage.statement.id,
        scope=stage.batch.scope,
    )
    return [
        ("ISSUER", act.Issue(**where, orders=(issue,))),
        ("OPERATOR", act.RegisterProject(**where, project=7, developer="Skogur", root=ROOT)),
        ("OPERATOR", act.UpdateProject(**where, project=1, root=ROOT)),
        ("OPERATOR", act.FinaliseRetirement(**where, id=stage.request.id)),
        ("OPERATOR", act.RevertRetirement(**where, id=stage.request.id)),
        ("OPERATOR", act.Lock(**where, **some, id=FREE, holder="Acme")),
        ("OPERATOR", act.Release(**where, id=stage.lock.id, amount_g=T)),
        ("OPERATOR", act.Pause(**where)),
        ("REGULATOR", act.Freeze(**where, **some, account="Acme")),
        ("REGULATOR", act.ForceTransfer(**where, **some, source="Acme", to="Bank")),
        ("REGULATOR", act.EndPledge(**where, id=stage.pledge.id)),
        ("ADMIN", act.Accredit(**where, verifier="Acme")),
    ]


OTHERS = (
    "@operator",
    "@issuer",
    "@regulator",
    "@admin",
    "@platform",
    "@deployer",
    "Acme",
    STRANGER,
)


@pytest.mark.parametrize("at", range(12))
def test_roles_are_asked_for_by_every_operation(stage: Stage, at: int) -> None:
    role, action = role_actions(stage)[at]
    assert action.by == f"@{role.lower()}"
    for other in OTHERS:
        if other != action.by:
            stage.refuses(
                errors.NotAuthorised(other, role),
                lambda other=other: stage.apply(action.model_copy(update={"by": other})),
            )
    stage.apply(action)


def test_roles_of_one_registry_mean_nothing_at_another(chain: Stage) -> None:
    ledger = chain.world._chain
    for function, role, args in (
        ("pause", Role.OPERATOR, ()),
        ("setFrozenTokens", Role.REGULATOR, (b"\1" * 20, chain.id, 1)),
    ):
        data = artifact("CarbonRegistry").interface.functions[function].encode(*args)
        key = chain.world._keys.key(role.actor, ECO)
        with pytest.raises(Reverted) as caught:
            call = Call(key, ledger.contracts(ICR).credits, data)
            ledger.engine.send([call], chain.world.now_s + 1)
        refusal = artifact("IAuthority").interface.errors[caught.value.data[:4]]
        assert refusal.name == "NotAuthorised"


def direct(chain: Stage, by: str, contract: str, function: str, *args: Any) -> None:
    ledger = chain.world._chain
    places = ledger.contracts(ICR)
    to = {
        "Authority": places.authority,
        "ProjectRegistry": places.projects,
        "RetirementCertificate": places.certificate,
        "SerialIndex": ledger.platform.guard,
        "AccountDirectory": ledger.platform.directory,
    }[contract]
    data = artifact(contract).interface.functions[function].encode(*args)
    ledger._send([Call(chain.world._keys.key(by, ICR), to, data)], chain.world.now_s + 1)


def test_roles_are_granted_by_the_admin_alone(chain: Stage) -> None:
    acme = chain.world._keys.address("Acme")
    for by in ("@operator", "@issuer", "@regulator", "Acme"):
        for role in Role:
            with pytest.raises(errors.NotAuthorised) as caught:
                direct(chain, by, "Authority", "grantRole", role_hash(role), acme)
            assert caught.value.role == "ADMIN"


def test_roles_stay_with_the_contracts_that_call_each_other(chain: Stage) -> None:
    acme = chain.world._keys.address("Acme")
    for by in ("@operator", "@admin", "@issuer", "Acme"):
        for contract, function, args in (
            ("ProjectRegistry", "draw", (b"\1" * 32, 1, 2024, 1)),
            ("RetirementCertificate", "mint", (acme, 99, b"\1" * 32)),
        ):
            with pytest.raises(errors.NotAuthorised) as caught:
                direct(chain, by, contract, function, *args)
            assert caught.value.role == "CREDITS"
        with pytest.raises(errors.NotAdmitted):
            direct(chain, by, "SerialIndex", "claim", b"\1" * 32, 0, 1, 2**64 - 1)
        with pytest.raises(errors.NotAuthorised):
            direct(chain, by, "SerialIndex", "admit", acme)


@pytest.mark.parametrize(
    ("function", "args"),
    [
        ("approve", (b"\1" * 20, 5)),
        ("transferFrom", (b"\1" * 20, b"\2" * 20, 5)),
        ("safeTransferFrom(address,address,uint256)", (b"\1" * 20, b"\2" * 20, 5)),
        ("safeTransferFrom(address,address,uint256,bytes)", (b"\1" * 20, b"\2" * 20, 5, b"")),
    ],
)
def test_certificates_never_move(chain: Stage, function: str, args: tuple[Any, ...]) -> None:
    for by in ("Borealis", "@admin", "@regulator"):
        with pytest.raises(errors.CertificateBound) as caught:
            direct(chain, by, "RetirementCertificate", function, *args)
        assert caught.value.id == 5


def test_accredit_is_an_entry_once(stage: Stage) -> None:
    expected = stage.next_entry(Kind.VERIFIER_ACCREDITED, account="Acme")
    action = act.Accredit(registry=ICR, verifier="Acme")
    assert list(stage.apply(action)) == stage.new_entries() == [expected]
    stage.logged(
        (
            "RoleGranted",
            {
                "role": "0x" + role_hash(Role.VERIFIER).hex(),
                "account": "Acme",
                "sender": "@admin",
            },
        )
    )
    now_s = stage.world.now_s
    assert stage.apply(action) == ()
    assert stage.world.now_s == now_s + 1


def test_roles_act_alone_on_credits_they_do_not_hold(stage: Stage) -> None:
    for role in ("@operator", "@admin", "@regulator"):
        action = act.Retire(
            registry=ICR,
            by=role,
            orders=(
                act.RetireOrder(id=FREE, batch=stage.id, amount_g=1, claim=stage.retirement.claim),
            ),
        )
        stage.refuses(errors.UnknownAccount(role), lambda action=action: stage.apply(action))
    assert stage.icr.retire(stage.batch, 1, "Acme", *CLAIM_ARGS).id == FREE
