"""A small world where every operation succeeds, or is refused for the reasons a test plants.

Grams of ICR's batch at the start, Acme and Borealis open, Dormant closed:

    Acme 600 t; Dormant 100 t; Borealis 250 t, of which 20 t pledged to Bank
    ids of Borealis: 1 a lock of 10 t, 2 that pledge, 3 a request of 30 t, 4 a cancellation of 5 t,
    5 a retirement of 5 t; so serials 1 to 50 have left, and the cursor is at 50 t
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from registry import errors
from registry.errors import LedgerError
from registry.ledger.interface import Available, Holding, Totals
from registry.ledger.model import ModelLedger
from registry.records import action as act
from registry.records.action import Action
from registry.records.claim import Claim
from registry.records.entry import Entry, Kind
from registry.records.identity import PLATFORM, batch_id, ex_ante_id, imported_id
from registry.records.interval import Interval
from registry.records.message import Message
from registry.world import World

T = 1_000_000
DAY_S = 86_400
ICR, ECO = "ICR", "EcoRegistry"
CLOSED, STRANGER = "Dormant", "Nobody"
ACCOUNTS = ("Acme", "Borealis", "Bank", CLOSED, "Skogur")
ROLES = ("@operator", "@issuer", "@regulator", "@admin", "@deployer")
LOCK, PLEDGE, REQUEST, CANCELLATION, RETIREMENT = 1, 2, 3, 4, 5
FREE = 6
"""The lowest id that ICR has not used."""

BIO = "BioCarbon"
SECOND = batch_id(1, 2)
EX_ANTE = ex_ante_id(1, 3)
NO_STATEMENT = "0x" + "00" * 32
MIRRORED, ARRIVED, DELIVERED = imported_id(1), imported_id(2), imported_id(3)
IMMOBILE, SENT, UNANSWERED, WAITING, LATER, RETURN = 100, 101, 102, 103, 104, 101
DAYS = 10
"""How long the prepared messages may take."""

LONG = "é" * 256 + "x"
"""A text of 513 bytes, one above the bound."""

UNKNOWN_BATCH = batch_id(1, 99)
CLAIM = Claim(
    beneficiary="Acme Corp",
    purpose="voluntary",
    reason="annual report",
    period="2024",
    jurisdiction="IS",
)
CLAIM_ARGS = (CLAIM.beneficiary, CLAIM.purpose, CLAIM.reason, CLAIM.period, CLAIM.jurisdiction)


def long_claim(**texts: str) -> Claim:
    """A claim that `Claim` itself would refuse; the ledgers must, too."""
    return Claim.model_construct(**{**CLAIM.model_dump(), **texts})


def serials(first: int, last: int) -> Interval:
    """The grams of whole serials, both ends included."""
    return Interval((first - 1) * T, last * T)


class Stage:
    """That world on one engine."""

    def __init__(self, engine: str) -> None:
        self.world = World.open(seed=3, engine=engine)
        self.icr, self.eco = self.world.registry(ICR), self.world.registry(ECO)
        for name in ACCOUNTS:
            self.world.account(name)
        self.forest = self.icr.register_project(
            "Highland forest", "IS", "AR-ACM0003", "Skogur", location={"region": "South"}
        )
        self.statement = self.icr.verify(self.forest, 2024, 10_000, "Verifier", "report 1")
        self.batch = self.icr.issue(self.forest, 2024, 1_000, "Acme", self.statement)
        self.sierra = self.eco.register_project("Sierra", "CO", "AR-ACM0003", "Skogur")
        self.eco_batch = self.eco.issue(self.sierra, 2024, 500, "Acme")
        self.icr.transfer(self.batch, 100, "Acme", CLOSED)
        self.icr.transfer(self.batch, 300, "Acme", "Borealis")
        self.lock = self.icr.lock(self.batch, 10, "Borealis", "an order")
        self.pledge = self.icr.pledge(self.batch, 20, "Borealis", "Bank")
        self.request = self.icr.request_retirement(self.batch, 30, "Borealis", *CLAIM_ARGS)
        self.icr.cancel(self.batch, 5, "Borealis", "lost in a fire")
        self.retirement = self.icr.retire(self.batch, 5, "Borealis", *CLAIM_ARGS)
        self.world.close_account(CLOSED)
        self._expected = 0
        self._decoders: dict[bytes, Any] = {}

    @property
    def id(self) -> int:
        """Token id of ICR's batch."""
        return self.batch.batch

    @property
    def on_chain(self) -> bool:
        return self.world.engine != "model"

    def apply(self, action: Action) -> tuple[Entry, ...]:
        return self.world.apply(action)

    # What there is.

    def totals(self, registry: str = ICR) -> Totals:
        batch = self.batch if registry == ICR else self.eco_batch
        return self.world.ledger.totals(registry, batch.batch)

    def holding(self, account: str, registry: str = ICR) -> Holding:
        batch = self.batch if registry == ICR else self.eco_batch
        return self.world.ledger.holding(registry, batch.batch, account)

    def available(self, registry: str = ICR) -> Available:
        batch = self.batch if registry == ICR else self.eco_batch
        return self.world.ledger.available(registry, batch.batch)

    def head(self) -> tuple[int, int] | None:
        """Number and time of the chain's last block."""
        return self.world._chain.engine.head() if self.on_chain else None

    def state(self) -> dict[str, object]:
        """All that a refused action must leave as it was."""
        batches = [(entry.registry, entry.batch) for entry in self.world.entries() if entry.scope]
        ledger = self.world.ledger
        return {
            "entries": self.world.entries(),
            "clock": self.world.now_s,
            "books": {name: tuple(book.lines) for name, book in self.world.books.items()},
            "accounts": dict(self.world.knowledge.roster.accounts),
            "documents": dict(self.world.index.projects),
            "verifiers": set(self.world.index.verifiers),
            "head": self.head(),
            "totals": [ledger.totals(*batch) for batch in batches],
            "available": [ledger.available(*batch) for batch in batches],
            "holdings": [self.holding(name) for name in (*ACCOUNTS, STRANGER)],
            "held": [ledger.held(ICR, id) for id in range(1, FREE + 2)],
        }

    def refuses(self, expected: LedgerError, *attempts: Callable[[], object]) -> None:
        """Check that each is refused with this class and these values, and changes nothing."""
        before = self.state()
        for do in attempts:
            with pytest.raises(LedgerError) as caught:
                do()
            assert type(caught.value) is type(expected), caught.value
            assert vars(caught.value) == vars(expected)
            assert self.world.now_s == before["clock"]
        assert self.state() == before

    def rejects(self, kind: type[Exception], *attempts: Callable[[], object]) -> Exception:
        """Check that malformed input raises exactly `kind` each time, and changes nothing."""
        before = self.state()
        for do in attempts:
            with pytest.raises(kind) as caught:
                do()
            assert type(caught.value) is kind
            assert self.world.now_s == before["clock"]
        assert self.state() == before
        return caught.value

    # What is new.

    def next_entry(self, kind: Kind, *, later: int = 0, **fields: Any) -> Entry:
        """The entry that the next action should become, or the `later`-th action after it."""
        entries = self.world.entries()
        self._expected = len(entries)
        fields.setdefault("registry", ICR)
        return Entry(
            seq=len(entries) + 1 + later, at_s=self.world.now_s + 1 + later, kind=kind, **fields
        )

    def new_entries(self) -> list[Entry]:
        """The entries since `next_entry` was asked."""
        return list(self.world.entries()[self._expected :])

    def logged(self, *expected: tuple[str, Mapping[str, object]]) -> None:
        """On a chain, check the raw events of the last block, as web3 decodes them."""
        if self.on_chain:
            assert self._raw() == list(expected)

    def _raw(self) -> list[tuple[str, object]]:
        web3 = self.world.web3
        if not self._decoders:
            self._decoders = dict(self._events())
        found = []
        for hash in web3.eth.get_block("latest")["transactions"]:
            for log in web3.eth.get_transaction_receipt(hash)["logs"]:
                event = self._decoders[bytes(log["topics"][0])].process_log(log)
                found.append((event["event"], _plain(event["args"], self._names())))
        return found

    def _events(self) -> Iterator[tuple[bytes, Any]]:
        from registry.chain.artifacts import ARTIFACTS, _read

        for name in (
            "AccountDirectory",
            "Authority",
            "CarbonRegistry",
            "ProjectRegistry",
            "RetirementCertificate",
            "SerialIndex",
        ):
            contract = self.world.web3.eth.contract(abi=_read(name, ARTIFACTS)["abi"])
            for event in contract.events:
                yield bytes.fromhex(event().topic[2:]), event()

    def _names(self) -> dict[str, str]:
        keys, checksum = self.world._keys, self.world.web3.to_checksum_address
        names = {"0x" + "00" * 20: "nobody"}
        for name in (*ACCOUNTS, STRANGER, "Verifier", "Newcomer"):
            names[checksum(keys.address(name))] = name
        for registry, name in itertools.product((ICR, ECO), ROLES):
            names[checksum(keys.address(name, registry))] = name
        names[checksum(keys.address("@platform", PLATFORM))] = "@platform"
        return names


class Bridged(Stage):
    """That world, with what is on its way between its registries.

    ICR and EcoRegistry exchange credits, 500 t of each other's at most; ICR knows BioCarbon, which
    admits nobody. Bank has a second batch of ICR, serials 1001 to 1500, and Acme 50 t ex ante:

        lock 100, 15 t, mirrored at EcoRegistry as its imported batch 1, which Acme holds
        export 101, 40 t, message 1, imported there as batch 2 for Borealis, and acknowledged
        export 102, 30 t, message 2, imported there as batch 3 for Borealis
        export 103, 20 t, message 3, for Skogur, and export 104, 10 t, message 4: on their way
        export 101 of EcoRegistry, 8 t of batch 2, its message 1, on its way back for Bank
    """

    def __init__(self, engine: str) -> None:
        super().__init__(engine)
        self.bio = self.world.registry(BIO)
        for registry, peer in ((ICR, ECO), (ECO, ICR), (ICR, BIO)):
            self.apply(act.AdmitPeer(registry=registry, peer=peer, allowance_g=500 * T))
        self.deadline_s = self.world.now_s + DAYS * DAY_S
        self.second = self.icr.issue(self.forest, 2024, 500, "Bank", self.statement)
        expected = act.IssueOrder(
            batch=EX_ANTE,
            to="Acme",
            amount_g=50 * T,
            start_g=5_000 * T,
            vintage=2031,
            statement=NO_STATEMENT,
            scope=self.batch.scope,
        )
        self.apply(act.Issue(registry=ICR, orders=(expected,)))
        self.apply(
            act.Lock(registry=ICR, id=IMMOBILE, batch=SECOND, holder="Bank", amount_g=15 * T)
        )
        self.apply(
            act.Mirror(
                registry=ECO,
                source=ICR,
                lock=IMMOBILE,
                scope=self.batch.scope,
                start_g=1_000 * T,
                amount_g=15 * T,
                vintage=2024,
                to="Acme",
            )
        )
        self._send()

    def _send(self) -> None:
        for id, tonnes in ((SENT, 40), (UNANSWERED, 30), (WAITING, 20), (LATER, 10)):
            to = "Borealis" if id in (SENT, UNANSWERED) else "Skogur"
            self.export(id=id, by="Bank", batch=SECOND, amount_g=tonnes * T, to=to)
        for id in (SENT, UNANSWERED):
            self.apply(act.Import(registry=ECO, message=self.message(id)))
        self.apply(act.Acknowledge(registry=ICR, id=SENT))
        back = {"registry": ECO, "batch": ARRIVED, "target": ICR}
        self.export(**back, id=RETURN, by="Borealis", amount_g=8 * T, to="Bank")

    def export(self, **changes: Any) -> Message:
        """Send credits, 7 t of Acme's unless told otherwise; return the message."""
        asked = {
            "registry": ICR,
            "by": "Acme",
            "id": FREE,
            "batch": self.id,
            "amount_g": 7 * T,
            "target": ECO,
            "to": "Bank",
            "deadline_s": self.deadline_s,
        }
        (entry,) = self.apply(act.Export(**{**asked, **changes}))
        return self.message(entry.id or 0, entry.registry)

    def message(self, id: int, registry: str = ICR) -> Message:
        """What an export's source told its target."""
        return self.world.index.channels.sent[registry, id].message

    def totals_of(self, registry: str, batch: int) -> Totals:
        return self.world.ledger.totals(registry, batch)

    def balance(self, registry: str, batch: int, account: str) -> int:
        return self.world.ledger.holding(registry, batch, account).balance_g

    def held(self, registry: str, id: int) -> tuple[Interval, ...]:
        return self.world.ledger.held(registry, id)

    def outstanding(self) -> int:
        """Grams of ICR's credits that are outstanding at EcoRegistry."""
        return self.world.ledger.outstanding(ECO, ICR)

    def state(self) -> dict[str, object]:
        places = itertools.product((ICR, ECO), range(IMMOBILE, LATER + 2))
        pairs = itertools.permutations((ICR, ECO, BIO), 2)
        return {
            **super().state(),
            "exported": [self.held(*place) for place in places],
            "outstanding": [self.world.ledger.outstanding(*pair) for pair in pairs],
        }

    def is_sound(self) -> bool:
        """Say whether C1, C3 and C4 hold, as the entries and the model tell it."""
        if isinstance(self.world.ledger, ModelLedger):
            self.world.ledger.check()
        return self.world.is_conserved()


def _plain(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner, names) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner, names) for inner in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return names.get(value, value) if isinstance(value, str) else value


# Refusals, in the order in which the contract checks.


class Rule(NamedTuple):
    """One way to break one rule.

    Attributes:
        name: The condition, in words.
        error: What must be raised, said once everything is prepared.
        change: What to do differently from the action that would be accepted.
        prepare: What must have happened before.
    """

    name: str
    error: Callable[[Stage], LedgerError]
    change: Mapping[str, object] = {}
    prepare: Callable[[Stage], object] | None = None


Check = Rule | tuple[Rule, ...]
"""One check of the contract; a tuple holds several ways to fail it."""


def broken(checks: Sequence[Check]) -> list[Any]:
    """Each rule alone, and each check with each later one, where one action can fail both."""
    groups = [each if type(each) is tuple else (each,) for each in checks]
    cases = [pytest.param((rule,), id=rule.name) for group in groups for rule in group]
    for earlier, later in itertools.combinations(groups, 2):
        for first, second in itertools.product(earlier, later):
            if first.change.keys().isdisjoint(second.change):
                cases.append(pytest.param((first, second), id=f"{first.name} before {second.name}"))
                break
    return cases


def check(
    stage: Stage, rules: Sequence[Rule], action: Callable[..., Action], **defaults: object
) -> None:
    """Check that an action that breaks `rules` is refused for the first of them."""
    for rule in reversed(rules):
        if rule.prepare is not None:
            rule.prepare(stage)
    changes = {key: value for rule in rules for key, value in rule.change.items()}
    expected = rules[0].error(stage)
    stage.refuses(expected, lambda: stage.apply(action(stage, **{**defaults, **changes})))


PAUSED = Rule("paused", lambda _: errors.RegistryPaused(), {}, lambda stage: stage.icr.pause())
ZERO = Rule("zero amount", lambda _: errors.ZeroAmount(), {"amount_g": 0})
NO_BATCH = Rule(
    "unknown batch", lambda _: errors.UnknownBatch(UNKNOWN_BATCH), {"batch": UNKNOWN_BATCH}
)
LONG_REASON = Rule("long reason", lambda _: errors.TextTooLong(513, 512), {"reason": LONG})
USED_IDS = tuple(
    Rule(f"id {id}", lambda _, id=id: errors.IdAlreadyUsed(id), {"id": id}) for id in range(FREE)
)


def not_allowed(role: str) -> tuple[Rule, ...]:
    """Whoever has another role, an account, or neither, instead of this role."""
    others = {"@operator", "@issuer", "@regulator", "@admin", "Borealis", STRANGER}
    return tuple(
        Rule(name, lambda _, name=name: errors.NotAuthorised(name, role), {"by": name})
        for name in sorted(others - {f"@{role.lower()}"}, reverse=True)
    )


def unknown_peer(key: str, *names: str) -> tuple[Rule, ...]:
    """Registries that are no peers, as `key`."""
    return tuple(
        Rule(f"no peer {name}", lambda _, name=name: errors.UnknownPeer(name), {key: name})
        for name in ("Nowhere", *names)
    )


def not_open(key: str) -> tuple[Rule, ...]:
    """Whoever has no account, or a closed one, as `key`."""
    return (
        Rule(f"no account of {key}", lambda _: errors.UnknownAccount(STRANGER), {key: STRANGER}),
        Rule(f"closed account of {key}", lambda _: errors.ClosedAccount(CLOSED), {key: CLOSED}),
    )


def too_little(key: str) -> tuple[Check, ...]:
    """Whoever moves more than Acme has, or than Acme or Borealis has free, as `key`."""
    return (
        Rule(
            "too little",
            lambda stage: errors.InsufficientCredits(stage.id, "Acme", 600 * T, 600 * T + 1),
            {"amount_g": 600 * T + 1},
        ),
        (
            Rule(
                "frozen",
                lambda stage: errors.CreditsEncumbered(
                    stage.id, "Acme", 600 * T, 0, 594 * T, 7 * T
                ),
                {},
                lambda stage: stage.icr.freeze(stage.batch, 594, "Acme"),
            ),
            Rule(
                "pledged",
                lambda stage: errors.CreditsEncumbered(
                    stage.id, "Borealis", 250 * T, 20 * T, 0, 231 * T
                ),
                {key: "Borealis", "amount_g": 231 * T},
            ),
        ),
    )
