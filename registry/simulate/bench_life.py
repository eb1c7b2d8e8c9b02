"""The life of credits that the bench of chains lives on each of them, in equal bytes.

A batch is issued, part of it is transferred to a buyer, and part of that is retired: three
transactions, then the next batch. Keys are functions of the seed and contracts stand where the
same keys put them, so that every chain is sent the same calldata by the same senders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple, cast

from registry.chain.artifacts import artifact
from registry.chain.calls import claim_struct
from registry.chain.engine import CHAIN_ID, Call, Engine, Receipt
from registry.chain.voice import NO_HINT
from registry.errors import ChainError
from registry.kept.opening import moment
from registry.ledger.keys import KeyRing
from registry.records import action as act
from registry.records.base import Record
from registry.records.claim import Claim
from registry.records.entry import Kind
from registry.records.identity import Role, batch_id
from registry.records.project import period_days, report_hash, statement_id

SEED = 4
REGISTRY = "ICR"
START = "2025-07-01"
"""First day of the worlds, and of the chain that the set-up is recorded on."""

ISSUED_G, TRANSFERRED_G, RETIRED_G = 1_000_000_000, 400_000_000, 150_000_000
STEPS = 3
"""Transactions in the life of one batch."""

_DEVELOPER, _VERIFIER, _PROJECT, _VINTAGE = "Skogur", "Verifier Ltd", 1, 2024
_BUYERS = tuple(f"Buyer {number}" for number in range(1, 9))
_SCOPE = "ICR-ISL-354-1-14-A-0-2024"
_VERIFIED_G = 10**18
_REPORT = report_hash("the report of the bench")
_CLAIM = Claim(beneficiary="Delta Steel Corp", purpose="voluntary", period="2024")

KINDS = (Kind.ISSUED, Kind.TRANSFERRED, Kind.RETIRED)
"""What each of the three steps becomes in the ledger."""

GAS_KEPT = 3_000
"""Steps whose gas is compared from chain to chain, one by one."""

LOOKED_AT = 1_000
"""Batches whose totals are checked, spread over all of them."""

EVENTS = ("BatchIssued", "TransferSingle", "CreditsRetired")
"""The event of each step that says what happened."""


class BenchFailed(ChainError):
    """A chain that is measured did something else than it was asked to."""


class Totals(NamedTuple):
    """Where a batch's grams are."""

    issued_g: int
    active_g: int
    retired_g: int


class Step(NamedTuple):
    """One transaction, as whoever calls the contract writes it.

    Attributes:
        sender: 20 bytes.
        function: Of CarbonRegistry.
        args: Its arguments; addresses as bytes.
    """

    sender: bytes
    function: str
    args: tuple[Any, ...]

    @property
    def data(self) -> bytes:
        """Calldata."""
        return artifact("CarbonRegistry").interface.functions[self.function].encode(*self.args)


class SetUp(Record):
    """What stands on a chain before the life begins.

    Attributes:
        calls: (private key, address or empty where a contract is created, data) as hex, in order.
        credits: Address of CarbonRegistry, hex.
        keys: Private keys of all who send, before and in the life, hex.
    """

    calls: tuple[tuple[str, str, str], ...]
    credits: str
    keys: tuple[str, ...]


def set_up_actions() -> list[act.Action]:
    """Return the actions before the life begins, but for the one that opens the registry."""
    start, end = period_days(_VINTAGE)
    root = "0x" + "5a" * 32
    return [
        *(act.OpenAccount(account=name) for name in (_DEVELOPER, *_BUYERS)),
        act.Accredit(registry=REGISTRY, verifier=_VERIFIER),
        act.RegisterProject(registry=REGISTRY, project=_PROJECT, developer=_DEVELOPER, root=root),
        act.Verify(
            registry=REGISTRY,
            project=_PROJECT,
            verifier=_VERIFIER,
            start=start,
            end=end,
            amount_g=_VERIFIED_G,
            report=_REPORT,
        ),
    ]


class _Recorder:
    """An engine that remembers what it is sent."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.calls: list[Call] = []

    def send(self, calls: Sequence[Call], at_s: int) -> tuple[Receipt, ...]:
        receipts = self._engine.send(calls, at_s)
        self.calls += calls
        return receipts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def record_set_up(chain_id: int = CHAIN_ID) -> SetUp:
    """Carry out the set-up once, on py-evm, and return its transactions for another chain.

    Args:
        chain_id: Of the chain that they are for; a verifier's signature names it.
    """
    from registry.chain.ledger import ChainLedger
    from registry.chain.tester import TesterEngine

    start_s = moment(START)
    recorder = _Recorder(TesterEngine(chain_id=chain_id, start_s=start_s - 1))
    ledger = ChainLedger(cast(Engine, recorder), KeyRing(SEED), start_s)
    actions = [act.OpenRegistry(registry=REGISTRY, native=True), *set_up_actions()]
    for at, action in enumerate(actions, start=1):
        ledger.apply(action, start_s + at)
    ring = ledger.naming.keys
    senders = [call.key for call in recorder.calls]
    senders += [ring.key(Role.ISSUER.actor, REGISTRY), *map(ring.key, (_DEVELOPER, *_BUYERS))]
    return SetUp(
        calls=tuple((c.key.hex(), (c.to or b"").hex(), c.data.hex()) for c in recorder.calls),
        credits=ledger.contracts(REGISTRY).credits.hex(),
        keys=tuple(dict.fromkeys(key.hex() for key in senders)),
    )


class Life:
    """The steps of the life, the `at`-th of each batch being issue, transfer or retirement."""

    def __init__(self) -> None:
        self._keys = KeyRing(SEED)

    @cached_property
    def _statement(self) -> str:
        start, end = period_days(_VINTAGE)
        verifier = self._keys.address(_VERIFIER)
        return statement_id(_PROJECT, start, end, _VERIFIED_G, _REPORT, verifier)

    def action(self, at: int) -> act.Action:
        """Return the `at`-th step, from 0, as a world's action."""
        before, stage = divmod(at, STEPS)
        batch, buyer = batch_id(_PROJECT, before + 1), _BUYERS[before % len(_BUYERS)]
        if stage == 0:
            order = act.IssueOrder(
                batch=batch,
                to=_DEVELOPER,
                amount_g=ISSUED_G,
                start_g=before * ISSUED_G,
                vintage=_VINTAGE,
                statement=self._statement,
                scope=_SCOPE,
            )
            return act.Issue(registry=REGISTRY, orders=(order,))
        if stage == 1:
            moved = act.TransferOrder(batch=batch, to=buyer, amount_g=TRANSFERRED_G)
            return act.Transfer(registry=REGISTRY, by=_DEVELOPER, orders=(moved,))
        retired = act.RetireOrder(id=before + 1, batch=batch, amount_g=RETIRED_G, claim=_CLAIM)
        return act.Retire(registry=REGISTRY, by=buyer, orders=(retired,))

    def step(self, at: int) -> Step:
        """Return the `at`-th step, from 0, as a call of CarbonRegistry."""
        before, stage = divmod(at, STEPS)
        batch, buyer = batch_id(_PROJECT, before + 1), _BUYERS[before % len(_BUYERS)]
        developer, holder = self._keys.address(_DEVELOPER), self._keys.address(buyer)
        if stage == 0:
            statement = bytes.fromhex(self._statement[2:])
            issuer = self._keys.address(Role.ISSUER.actor, REGISTRY)
            start_g = before * ISSUED_G
            order = (
                *(batch, developer, ISSUED_G, start_g),
                *(_VINTAGE, statement, _SCOPE, NO_HINT),
            )
            return Step(issuer, "issue", (order,))
        if stage == 1:
            args = (developer, holder, batch, TRANSFERRED_G, b"")
            return Step(developer, "safeTransferFrom", args)
        claimed = (before + 1, batch, RETIRED_G, claim_struct(_CLAIM))
        return Step(holder, "retire", (claimed,))

    def check(self, done: int, ask: Callable[[int], Totals]) -> None:
        """Check the totals of batches, all or `LOOKED_AT` of them, after `done` steps in all.

        Args:
            ask: Returns the totals of a batch by its token id.

        Raises:
            BenchFailed: they are not what the steps make them.
        """
        batches = -(-done // STEPS)
        apart = max(1, batches // LOOKED_AT)
        for number in {*range(1, batches + 1, apart), batches} - {0}:
            retired_g = RETIRED_G if done >= STEPS * number else 0
            wanted = Totals(ISSUED_G, ISSUED_G - retired_g, retired_g)
            found = ask(batch_id(_PROJECT, number))
            if found != wanted:
                raise BenchFailed(f"batch {number} has {found}, not {wanted}")
