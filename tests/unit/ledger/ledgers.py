"""The prepared world of `tests.worlds`, on bare ledgers: what happened to them is told by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from registry.chain.ledger import ChainLedger
from registry.errors import LedgerError
from registry.ledger.interface import Ledger
from registry.ledger.keys import KeyRing
from registry.ledger.model import ModelLedger
from registry.records import action as act
from registry.records.claim import Claim
from registry.records.entry import Entry
from registry.records.identity import batch_id, imported_id
from registry.records.message import Message
from registry.records.project import period_days, report_hash
from tests import chain
from tests import strategies as cast

SEED = 11
START_S = 1_751_328_000
KEYS = KeyRing(SEED)
BATCH, OTHER = cast.BATCHES
CLAIM = Claim(beneficiary="Acme Corp", purpose="voluntary")
SETUP_BLOCKS = 1
"""Blocks before the first action: a chain's shared contracts are put there first."""


def preparation() -> list[act.Action]:
    """Two registries, accounts, a verified project and two batches each."""
    start, end = period_days(2024)
    statement = cast.statement_of(
        KEYS.address(cast.VERIFIER), "base", start, end, 10 * cast.BATCH_G
    )
    names = (*cast.HOLDERS, cast.BANK, cast.DEVELOPER)
    actions: list[act.Action] = [
        *(act.OpenRegistry(registry=name, native=name == cast.NATIVE) for name in cast.REGISTRIES),
        *(act.OpenAccount(account=name) for name in names),
    ]
    for registry in cast.REGISTRIES:
        orders = [
            act.IssueOrder(
                batch=batch_id(1, number),
                to=holder,
                amount_g=cast.BATCH_G,
                start_g=(number - 1) * cast.BATCH_G,
                vintage=2024,
                statement=statement,
                scope=f"{registry}-a",
            )
            for number, holder in ((1, "Acme"), (2, "Borealis"))
        ]
        actions += [
            act.RegisterProject(
                registry=registry, project=1, developer=cast.DEVELOPER, root=report_hash("root")
            ),
            act.Accredit(registry=registry, verifier=cast.VERIFIER),
            act.Verify(
                registry=registry,
                project=1,
                verifier=cast.VERIFIER,
                start=start,
                end=end,
                amount_g=10 * cast.BATCH_G,
                report=report_hash("base"),
            ),
            *(act.Issue(registry=registry, orders=(order,)) for order in orders),
        ]
    return actions


def life() -> list[act.Action]:
    """Some of everything that moves a batch's totals, and a few things that do not."""
    where = {"registry": cast.NATIVE}
    about = {**where, "batch": BATCH}
    retirement = act.RetireOrder(id=3, batch=BATCH, amount_g=300, claim=CLAIM)
    request = act.RetireOrder(id=4, batch=OTHER, amount_g=400, claim=CLAIM)
    return [
        transfer(5_000),
        act.Lock(**about, id=1, holder="Acme", amount_g=100, reason="an order"),
        act.Accredit(**where, verifier=cast.VERIFIER),
        act.Cancel(**about, id=2, by="Acme", amount_g=200),
        act.Retire(**where, by="Acme", orders=(retirement,)),
        act.RequestRetirement(**where, by="Borealis", order=request, deadline_s=START_S + 10_000),
        act.Release(**where, id=1, amount_g=40),
        act.Freeze(**about, account="Acme", amount_g=50),
        act.ForceTransfer(**about, source="Acme", to="Cedar", amount_g=60, reason="by order"),
        act.FinaliseRetirement(**where, id=4),
        transfer(7, registry=cast.MIRRORED),
    ]


def crossings(ledger: Ledger) -> Iterator[act.Action]:
    """Some of everything that passes between registries; accepted after `preparation`, or more."""
    here, there = cast.NATIVE, cast.MIRRORED
    yield act.AdmitPeer(registry=here, peer=there, allowance_g=0)
    yield act.AdmitPeer(registry=there, peer=here, allowance_g=5_000)
    out = act.Export(
        registry=here,
        by="Borealis",
        id=21,
        batch=OTHER,
        amount_g=1_000,
        target=there,
        to="Cedar",
        deadline_s=time_of(ledger) + 100,
    )
    yield out
    yield act.Import(registry=there, message=last_message(ledger))
    yield act.Acknowledge(registry=here, id=21)
    back = {"registry": there, "by": "Cedar", "batch": imported_id(1), "target": here, "to": "Acme"}
    yield act.Move(**back, id=22, amount_g=300)
    yield act.Export(**back, id=23, amount_g=200, deadline_s=time_of(ledger) + 100)
    yield act.Import(registry=here, message=last_message(ledger))
    yield act.Acknowledge(registry=there, id=23)
    yield out.model_copy(update={"id": 24, "deadline_s": time_of(ledger) + 1})
    late = last_message(ledger)
    held = act.Lock(registry=here, id=25, batch=BATCH, holder="Acme", amount_g=500)
    yield held
    (piece,) = ledger.entries[-1].intervals
    yield act.Mirror(
        registry=there,
        source=here,
        lock=25,
        scope=f"{here}-a",
        start_g=piece.start_g,
        amount_g=500,
        vintage=2024,
        to="Cedar",
    )
    yield act.VoidImport(registry=there, message=late)
    yield act.Compensate(registry=here, id=24)
    yield act.Unmirror(registry=there, by="Cedar", id=26, batch=imported_id(2), amount_g=100)
    yield act.Release(registry=here, id=25, amount_g=100, start_g=piece.start_g)


def last_message(ledger: Ledger) -> Message:
    """Return the message that the last entry sent."""
    entry = ledger.entries[-1]
    assert entry.peer is not None and entry.home is not None
    return Message(
        source=entry.registry,
        target=entry.peer,
        id=entry.id or 0,
        number=entry.number or 0,
        home=entry.home,
        export=entry.export or 0,
        scope=f"{entry.home}-a",
        interval=entry.intervals[0],
        vintage=2024,
        to=entry.counterparty or "",
        deadline_s=entry.deadline_s or 0,
    )


def transfer(
    amount_g: int, *, by: str = "Acme", to: str = "Cedar", registry: str = cast.NATIVE
) -> act.Transfer:
    order = act.TransferOrder(batch=BATCH, to=to, amount_g=amount_g)
    return act.Transfer(registry=registry, by=by, orders=(order,))


def lock(id: int, amount_g: int = 1) -> act.Lock:
    return act.Lock(registry=cast.NATIVE, id=id, batch=BATCH, holder="Acme", amount_g=amount_g)


def new_model() -> ModelLedger:
    return ModelLedger(KEYS)


def new_chain() -> ChainLedger:
    return ChainLedger(chain.new_chain(START_S - 1), KEYS, START_S)


MAKERS: dict[str, Callable[[], Ledger]] = {"model": new_model, chain.CHAIN: new_chain}


def reopened(
    ledger: Ledger, pairs: dict[bytes, bytes], progress: Callable[[int, int], None] | None = None
) -> Ledger:
    """Open such a ledger again from all that it handed out."""
    if isinstance(ledger, ModelLedger):
        return ModelLedger.resume(KEYS, pairs, progress)
    return ChainLedger.resume(pairs, KEYS, chain.reopen(), progress)


def time_of(ledger: Ledger) -> int:
    """World time of the next action: one second after the last block."""
    head = ledger.head()
    (block,) = ledger.blocks(head)
    return max(START_S, block.at_s) + 1


def play(ledger: Ledger, actions: Iterable[act.Action]) -> list[str]:
    """Apply actions, one a second, and say what became of each."""
    said = []
    for action in actions:
        try:
            said.append("\n".join(entry.line() for entry in ledger.apply(action, time_of(ledger))))
        except LedgerError as refusal:
            said.append(f"{type(refusal).__name__}: {refusal}")
    return said


def lines(entries: Sequence[Entry]) -> list[str]:
    return [entry.line() for entry in entries]


def kept(pairs: dict[bytes, bytes], changes: dict[bytes, bytes | None]) -> dict[bytes, bytes]:
    """Return what is written down once `changes` have been, too."""
    return {key: value for key, value in {**pairs, **changes}.items() if value is not None}
