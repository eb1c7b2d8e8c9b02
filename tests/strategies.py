"""Hypothesis strategies for actions, good and bad; their bounds are named here once."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st

from registry.records import action as act
from registry.records.claim import Claim
from registry.records.identity import Role, batch_id, ex_ante_id, imported_id
from registry.records.interval import Interval
from registry.records.project import period_days, report_hash, statement_id

NATIVE, MIRRORED = "ICR", "EcoRegistry"
REGISTRIES = (NATIVE, MIRRORED)
FOUR = (*REGISTRIES, "Harbour", "Puro")
"""Registries between which credits pass; the last two issue none."""
HOLDERS = ("Acme", "Borealis", "Cedar")
CLOSED = "Dormant"
STRANGER = "Nobody"
BANK = "Bank"
DEVELOPER = "Skogur"
VERIFIER = "Verifier"
BATCHES = (batch_id(1, 1), batch_id(1, 2))
EXPECTED = ex_ante_id(1, 3)
BATCH_G = 100_000
ID_MAX = 12
SENT_ID_MAX = 60
"""Of what leaves for other registries."""

accounts = st.sampled_from((*HOLDERS, *HOLDERS, BANK, CLOSED, STRANGER, "@operator"))
holders = st.sampled_from((*HOLDERS, *HOLDERS, *HOLDERS, BANK, CLOSED, STRANGER))
others = (batch_id(1, 9), batch_id(2, 1), imported_id(1), imported_id(2), EXPECTED)
batches = st.sampled_from((*BATCHES * 6, *others))
amounts = st.one_of(
    st.integers(1, 3_000),
    st.integers(1, 3_000),
    st.sampled_from((0, 1, BATCH_G // 3, BATCH_G, 2**63 - 1)),
)
ids = st.integers(0, ID_MAX)
deadlines = st.sampled_from((0, 1_751_400_000, 1_800_000_000))
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
            deadline_s=deadlines,
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


class Carry(NamedTuple):
    """Bring a message to its target, or its answer back, whatever messages there are by then.

    Attributes:
        choice: Which of them.
        changes: What to forge in the message.
    """

    kind: type[act.Action]
    choice: int
    changes: dict[str, Any]


FORGED: tuple[dict[str, Any], ...] = (
    {"target": FOUR[2]},
    {"source": FOUR[3]},
    {"number": 1},
    {"number": 2},
    {"id": 1},
    {"vintage": 2023},
    {"to": STRANGER},
    {"deadline_s": 2**40},
    {"interval": Interval(0, 1)},
)
carries = st.builds(
    Carry,
    kind=st.sampled_from(
        (*(act.Import, act.Acknowledge) * 3, act.VoidImport, act.VoidImport, act.Compensate)
    ),
    choice=st.integers(0, 2**16),
    changes=st.sampled_from(({},) * 30 + FORGED),
)


def crossings(registry: str) -> st.SearchStrategy[act.Action]:
    """Any action at `registry` that is about other registries, but for messages."""
    where = {"registry": st.just(registry), "id": st.integers(0, SENT_ID_MAX)}
    own = BATCHES * 3 if registry in REGISTRIES else ()
    arrived = tuple(imported_id(number) for number in (1, 1, 2, 2, 3))
    what = {
        **where,
        "by": st.sampled_from((*HOLDERS * 4, BANK, CLOSED, STRANGER)),
        "batch": st.sampled_from((*own, *arrived, EXPECTED)),
        "amount_g": st.one_of(st.integers(1, 900), st.integers(1, 900), amounts),
    }
    peers = [name for name in (*REGISTRIES * 2, *FOUR) if name != registry]
    way = {"target": st.sampled_from((*peers * 2, registry)), "to": what["by"]}
    deadline = {"deadline_s": st.sampled_from((0, 1_751_400_000, 2**63 - 1, *[1_753_900_000] * 8))}
    begin = {"start_g": st.integers(0, 40).map(lambda at: at * 500)}
    role = {
        "registry": st.just(registry),
        "by": st.sampled_from((*[Role.OPERATOR.actor] * 15, "Acme")),
    }
    expected = st.builds(
        act.IssueOrder,
        batch=st.just(EXPECTED),
        to=holders,
        amount_g=amounts,
        start_g=st.sampled_from((50 * BATCH_G, 60 * BATCH_G)),
        vintage=st.sampled_from((2030, 0)),
        statement=st.sampled_from(("0x" + "00" * 32, report_hash("none"))),
        scope=st.just(f"{registry}-a"),
    )
    return st.one_of(
        *[st.builds(act.Move, **what, **way)] * 2,
        *[st.builds(act.Export, **what, **way, **deadline)] * 3,
        st.builds(act.Unmirror, **what),
        st.builds(
            act.Mirror,
            **role,
            **begin,
            source=st.sampled_from((*peers, registry)),
            lock=ids,
            scope=st.sampled_from([f"{name}-a" for name in REGISTRIES] * 4 + ["x" * 513]),
            amount_g=amounts,
            vintage=st.just(2024),
            to=holders,
        ),
        st.builds(act.Release, **role, **begin, id=ids, amount_g=st.integers(0, 600)),
        st.builds(
            act.AdmitPeer,
            **role,
            peer=st.sampled_from((*peers, registry)),
            allowance_g=st.sampled_from((0, 4_000, 20_000, 2**63 - 1)),
        ),
        st.builds(
            act.Issue, registry=st.just(registry), by=by(Role.ISSUER), orders=st.tuples(expected)
        ),
        st.builds(act.Compensate, **where),
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
