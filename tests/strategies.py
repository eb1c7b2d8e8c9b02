"""Hypothesis strategies for actions, good and bad; their bounds are named here once."""

from __future__ import annotations

from hypothesis import strategies as st

from registry.records import action as act
from registry.records.claim import Claim
from registry.records.identity import Role, batch_id
from registry.records.project import period_days, report_hash, statement_id

NATIVE, MIRRORED = "ICR", "EcoRegistry"
REGISTRIES = (NATIVE, MIRRORED)
HOLDERS = ("Acme", "Borealis", "Cedar")
CLOSED = "Dormant"
STRANGER = "Nobody"
BANK = "Bank"
DEVELOPER = "Skogur"
VERIFIER = "Verifier"
BATCHES = (batch_id(1, 1), batch_id(1, 2))
BATCH_G = 100_000
ID_MAX = 12

accounts = st.sampled_from((*HOLDERS, *HOLDERS, BANK, CLOSED, STRANGER, "@operator"))
holders = st.sampled_from((*HOLDERS, *HOLDERS, *HOLDERS, BANK, CLOSED, STRANGER))
batches = st.sampled_from((*BATCHES, *BATCHES, *BATCHES, batch_id(1, 9), batch_id(2, 1)))
amounts = st.one_of(
    st.integers(1, 3_000),
    st.integers(1, 3_000),
    st.sampled_from((0, 1, BATCH_G // 3, BATCH_G, 2**63 - 1)),
)
ids = st.integers(0, ID_MAX)
texts = st.sampled_from(("", "an order", "é" * 200))
claims = st.builds(
    Claim,
    beneficiary=st.sampled_from(("Acme Corp", "Ö")),
    purpose=st.sampled_from(("voluntary", "CORSIA")),
    reason=texts,
)


def by(role: Role) -> st.SearchStrategy[str]:
    """Mostly the role itself, now and then somebody else."""
    return st.sampled_from((*[role.actor] * 6, "Acme", STRANGER, "@issuer"))


def statement_of(verifier: bytes, report: str, start: int, end: int, amount_g: int) -> str:
    """Return the id of the statement that `verifies` below records."""
    return statement_id(1, start, end, amount_g, report_hash(report), verifier)


def actions(registry: str, verifier: bytes) -> st.SearchStrategy[act.Action]:
    """Any action at `registry`; about half of them are accepted in the prepared world.

    Args:
        verifier: Address of the accredited verifier, which statement ids depend on.
    """
    start, end = period_days(2024)
    known = [
        statement_of(verifier, "base", start, end, 10 * BATCH_G),
        statement_of(verifier, "base", start, end, BATCH_G),
        report_hash("none"),
    ]
    where = {"registry": st.just(registry)}
    issue_orders = st.builds(
        act.IssueOrder,
        batch=st.builds(batch_id, st.integers(1, 2), st.integers(1, 6)),
        to=accounts,
        amount_g=amounts,
        start_g=st.sampled_from((0, BATCH_G, 2 * BATCH_G, 3 * BATCH_G, 5 * BATCH_G, 2**63 - 2)),
        vintage=st.sampled_from((2024, 2024, 2024, 2023, 1969)),
        statement=st.sampled_from(known[:1] * 4 + known),
        scope=st.sampled_from((f"{registry}-a", f"{registry}-b", "x" * 513)),
    )
    transfer_orders = st.builds(act.TransferOrder, batch=batches, to=holders, amount_g=amounts)
    retire_orders = st.builds(
        act.RetireOrder, id=ids, batch=batches, amount_g=amounts, claim=claims
    )
    return st.one_of(
        st.builds(
            act.Issue,
            **where,
            by=by(Role.ISSUER),
            orders=st.lists(issue_orders, min_size=1, max_size=2).map(tuple),
        ),
        st.builds(
            act.Transfer,
            **where,
            by=holders,
            orders=st.lists(transfer_orders, min_size=1, max_size=3).map(tuple),
        ),
        st.builds(
            act.Retire,
            **where,
            by=holders,
            orders=st.lists(retire_orders, min_size=1, max_size=3).map(tuple),
        ),
        st.builds(
            act.RequestRetirement,
            **where,
            by=holders,
            order=retire_orders,
            deadline_s=st.sampled_from((0, 1_751_400_000, 1_800_000_000)),
        ),
        st.builds(act.FinaliseRetirement, **where, by=by(Role.OPERATOR), id=ids),
        st.builds(act.RevertRetirement, **where, by=by(Role.OPERATOR), id=ids, reason=texts),
        st.builds(act.Cancel, **where, by=holders, id=ids, batch=batches, amount_g=amounts),
        _operator_actions(registry),
        _regulator_actions(registry),
        st.builds(
            act.Pledge,
            **where,
            by=holders,
            id=ids,
            batch=batches,
            amount_g=amounts,
            lender=holders,
        ),
        st.builds(act.ReleasePledge, **where, by=holders, id=ids),
        st.builds(act.Foreclose, **where, by=holders, id=ids),
        st.builds(
            act.Verify,
            **where,
            project=st.sampled_from((1, 1, 2, 9)),
            verifier=st.sampled_from((VERIFIER, VERIFIER, DEVELOPER, "Acme")),
            start=st.sampled_from((start, end, end + 10)),
            end=st.sampled_from((end, end + 5, end + 400)),
            amount_g=amounts,
            report=st.sampled_from([report_hash(text) for text in ("base", "r1", "r2")]),
        ),
        _setup_actions(registry),
    )


def _operator_actions(registry: str) -> st.SearchStrategy[act.Action]:
    where = {"registry": st.just(registry), "by": by(Role.OPERATOR)}
    return st.one_of(
        st.builds(
            act.Lock, **where, id=ids, batch=batches, holder=holders, amount_g=amounts, reason=texts
        ),
        st.builds(act.Release, **where, id=ids, amount_g=amounts),
        st.builds(act.Release, **where, id=ids, amount_g=st.integers(1, 50)),
        st.sampled_from((act.Pause(registry=registry), *[act.Unpause(registry=registry)] * 3)),
    )


def _regulator_actions(registry: str) -> st.SearchStrategy[act.Action]:
    where = {"registry": st.just(registry), "by": by(Role.REGULATOR)}
    return st.one_of(
        st.builds(act.EndPledge, **where, id=ids, reason=texts),
        st.builds(act.Freeze, **where, batch=batches, account=accounts, amount_g=amounts),
        st.builds(
            act.ForceTransfer,
            **where,
            batch=batches,
            source=accounts,
            to=holders,
            amount_g=amounts,
            reason=texts,
        ),
    )


def _setup_actions(registry: str) -> st.SearchStrategy[act.Action]:
    root = report_hash("a root")
    names = st.sampled_from(("Acme", CLOSED, STRANGER, "Newcomer"))
    platform = st.sampled_from((*["@platform"] * 4, "Acme"))
    return st.one_of(
        st.builds(act.OpenAccount, by=platform, account=names, jurisdiction=st.just("IS")),
        st.builds(act.CloseAccount, by=platform, account=names),
        st.builds(
            act.RegisterProject,
            registry=st.just(registry),
            by=by(Role.OPERATOR),
            project=st.integers(0, 4),
            developer=names,
            root=st.just(root),
        ),
        st.builds(
            act.UpdateProject,
            registry=st.just(registry),
            by=by(Role.OPERATOR),
            project=st.integers(0, 4),
            root=st.just(root),
        ),
        st.builds(
            act.Accredit,
            registry=st.just(registry),
            by=st.sampled_from(("@admin", "@admin", "@operator")),
            verifier=names,
        ),
    )
