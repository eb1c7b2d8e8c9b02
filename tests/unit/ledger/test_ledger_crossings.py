"""Credits between registries of the model: whatever happens in whatever order, its check holds."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import InvariantBroken, LedgerError, UnknownRegistry
from registry.ledger.fold import is_conserved
from registry.ledger.invariants import check
from registry.ledger.model import ModelLedger
from registry.ledger.state import Held, Lot, Node
from registry.records import action as act
from registry.records.claim import Claim
from registry.records.entry import Kind
from registry.records.identity import batch_id, imported_id
from registry.records.interval import Interval
from registry.records.message import Message
from registry.records.project import period_days, report_hash
from tests import strategies as cast
from tests.unit.ledger.ledgers import KEYS, START_S, crossings, new_model, play, preparation

NAMES = ("A", "B", "C", "D")
OUTCOMES: Counter[str] = Counter()
KINDS: Counter[Kind] = Counter()
PASSING = {
    Kind.EXPORTED,
    Kind.IMPORTED,
    Kind.RETURNED,
    Kind.IMPORT_VOIDED,
    Kind.EXPORT_ACKNOWLEDGED,
    Kind.EXPORT_COMPENSATED,
}
CLAIM = Claim(beneficiary="Acme Corp", purpose="voluntary")
HOLDERS = ("Acme", "Borealis")
choices = st.integers(0, 2**20)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                *("move", "export", "import", "answer") * 2,
                *("wait", "retire", "lock", "release", "mirror", "unmirror", "transfer", "import"),
            )
        ),
        choices,
        st.integers(1, 400),
    ),
    min_size=20,
    max_size=60,
)


class Walk:
    """Four registries that all know each other, and a random walk of what passes between them."""

    def __init__(self) -> None:
        self.ledger = ModelLedger(KEYS, keep=False)
        self.now_s = START_S
        self.next_id = 1
        self.sent: list[Message] = []
        start, end = period_days(2024)
        for name in NAMES:
            self.do(act.OpenRegistry(registry=name, native=True))
        for name in (*HOLDERS, "Developer"):
            self.do(act.OpenAccount(account=name))
        for name in NAMES:
            for peer in sorted(set(NAMES) - {name}):
                self.do(act.AdmitPeer(registry=name, peer=peer, allowance_g=1_500))
            self.do(
                act.RegisterProject(
                    registry=name, project=1, developer="Developer", root=report_hash("root")
                )
            )
            self.do(act.Accredit(registry=name, verifier="Verifier"))
            report = {"report": report_hash(name), "amount_g": 2_000}
            verify = act.Verify(
                registry=name, project=1, verifier="Verifier", start=start, end=end, **report
            )
            assert self.do(verify)
            order = act.IssueOrder(
                batch=batch_id(1, 1),
                to=HOLDERS[ord(name) % 2],
                amount_g=2_000,
                start_g=0,
                vintage=2024,
                statement=self.ledger.entries[-1].statement or "",
                scope=f"scope of {name}",
            )
            assert self.do(act.Issue(registry=name, orders=(order,)))

    def do(self, action: act.Action) -> bool:
        self.now_s += 1
        try:
            KINDS.update(entry.kind for entry in self.ledger.apply(action, self.now_s))
        except LedgerError as refusal:
            OUTCOMES[type(refusal).__name__] += 1
            return False
        OUTCOMES["ok"] += 1
        return True

    def fresh(self) -> int:
        self.next_id += 1
        return self.next_id

    def step(self, kind: str, choice: int, amount_g: int) -> None:
        state = self.ledger._state
        held = [
            (*place, row.balance_g)
            for place, row in state.positions.rows.items()
            if row.balance_g - row.frozen_g > 0
        ]
        registry, batch, holder, balance_g = held[choice % len(held)]
        amount_g = min(amount_g, balance_g)
        lot = state.lots.rows[registry, batch]
        others = [name for name in NAMES if name != registry]
        target = lot.home if lot.home != registry else others[choice % 3]
        to = HOLDERS[choice % 2]
        what = {"registry": registry, "batch": batch, "amount_g": amount_g}
        if kind == "move":
            self.do(act.Move(**what, by=holder, id=self.fresh(), target=target, to=to))
        elif kind == "export":
            late = {"deadline_s": self.now_s + 5 + choice % 40}
            action = act.Export(**what, by=holder, id=self.fresh(), target=target, to=to, **late)
            if self.do(action):
                self.sent.append(state.sent.rows[registry, action.id].message)
        elif kind in {"import", "answer"} and self.sent:
            self.carry(kind, self.sent[choice % len(self.sent)])
        elif kind == "wait":
            self.now_s += 20
        elif kind == "retire":
            order = act.RetireOrder(id=self.fresh(), batch=batch, amount_g=amount_g, claim=CLAIM)
            self.do(act.Retire(registry=registry, by=holder, orders=(order,)))
        elif kind == "lock":
            self.do(act.Lock(**what, id=self.fresh(), holder=holder))
        elif kind in {"release", "mirror"}:
            self.locks(kind, choice, amount_g)
        elif kind == "unmirror":
            self.do(act.Unmirror(**what, by=holder, id=self.fresh()))
        elif kind == "transfer":
            order = act.TransferOrder(batch=batch, to=to, amount_g=amount_g)
            self.do(act.Transfer(registry=registry, by=holder, orders=(order,)))

    def carry(self, kind: str, message: Message) -> None:
        """Bring a message, in time or not, or its answer, right or wrong."""
        if kind == "import":
            if not self.do(act.Import(registry=message.target, message=message)):
                self.do(act.VoidImport(registry=message.target, message=message))
        elif not self.do(act.Acknowledge(registry=message.source, id=message.id)):
            self.do(act.Compensate(registry=message.source, id=message.id))

    def locks(self, kind: str, choice: int, amount_g: int) -> None:
        """Release a part of a lock, or mirror it, now and then what nobody locked."""
        locked = [
            (place, row)
            for place, row in self.ledger._state.dispositions.rows.items()
            if row.kind is Held.LOCK and row.intervals
        ]
        if not locked:
            return
        (registry, id), row = locked[choice % len(locked)]
        piece = row.intervals[choice % len(row.intervals)]
        start_g = piece.start_g + choice % piece.amount_g
        if kind == "release":
            part = {"amount_g": min(amount_g, row.amount_g), "start_g": start_g}
            self.do(act.Release(registry=registry, id=id, **part))
            return
        lot = self.ledger._state.lots.rows[registry, row.batch]
        self.do(
            act.Mirror(
                registry=[name for name in NAMES if name != registry][choice % 3],
                source=registry,
                lock=id,
                scope=lot.scope,
                start_g=start_g,
                amount_g=amount_g,
                vintage=2024,
                to="Acme",
            )
        )


@settings(max_examples=max(100, settings().max_examples))
@given(STEPS)
def law(steps: list[tuple[str, int, int]]) -> None:
    walk = Walk()
    for step in steps:
        walk.step(*step)
        walk.ledger.check()
    assert is_conserved(walk.ledger, walk.ledger.entries)
    for registry in NAMES:
        for home in NAMES:
            lots = walk.ledger._state.lots.rows.items()
            batches = [place for place, lot in lots if place[0] == registry and lot.home == home]
            totals = [walk.ledger.totals(*place) for place in batches if registry != home]
            expected_g = sum(each.issued_g - each.exported_g for each in totals)
            assert walk.ledger.outstanding(registry, home) == expected_g


def test_law_whatever_passes_between_registries_keeps_the_check() -> None:
    law()
    # Worth something only if much is accepted, and refused for many reasons.
    assert OUTCOMES["ok"] > OUTCOMES.total() / 2, OUTCOMES
    assert len(OUTCOMES) > 7, OUTCOMES
    assert all(KINDS[kind] > 5 for kind in PASSING), KINDS


def test_law_four_registries_can_be_emptied_into_one_another_and_back() -> None:
    walk = Walk()
    for at, home in enumerate(NAMES):
        target, holder = NAMES[(at + 1) % 4], HOLDERS[ord(home) % 2]
        what = {"batch": batch_id(1, 1), "amount_g": 1_500, "target": target, "to": "Acme"}
        assert walk.do(act.Move(registry=home, by=holder, id=walk.fresh(), **what))
    walk.ledger.check()
    for at, home in enumerate(NAMES):
        target = NAMES[(at + 1) % 4]
        assert walk.ledger.outstanding(target, home) == 1_500
        back = {"batch": imported_id(1), "amount_g": 1_500, "target": home, "to": "Acme"}
        assert walk.do(act.Move(registry=target, by="Acme", id=walk.fresh(), **back))
        assert walk.ledger.totals(home, batch_id(1, 1)).active_g == 2_000
    walk.ledger.check()


# What the model's check sees.


@pytest.fixture
def crossed() -> ModelLedger:
    ledger = new_model()
    play(ledger, preparation())
    for action in crossings(ledger):
        assert not play(ledger, [action])[0].startswith(("Unknown", "Not"))
        ledger.check()
    return ledger


ABROAD = (cast.MIRRORED, imported_id(1))
SCOPE = f"{cast.NATIVE}-a"


def test_check_is_silent_on_what_passed(crossed: ModelLedger) -> None:
    assert {entry.kind for entry in crossed.entries} >= PASSING
    crossed.check()


def test_check_sees_more_abroad_than_left(crossed: ModelLedger) -> None:
    """C3: what the export at home holds no more is outstanding all the same."""
    state = crossed._state
    row = state.dispositions.rows[cast.NATIVE, 21]
    back = Interval(row.intervals[0].end_g - 1, row.intervals[0].end_g)
    rest = (Interval(row.intervals[0].start_g, back.start_g), *row.intervals[1:])
    state.dispositions.put((cast.NATIVE, 21), row._replace(intervals=rest))
    lock = state.dispositions.rows[cast.NATIVE, 25]
    state.dispositions.put(
        (cast.NATIVE, 99), lock._replace(batch=row.batch, intervals=(back,), amount_g=1)
    )
    with pytest.raises(InvariantBroken, match="C1"):
        crossed.check()
    batch = state.batches.rows[cast.NATIVE, row.batch]
    moved = batch._replace(exported_g=batch.exported_g - 1, locked_g=batch.locked_g + 1)
    state.batches.put((cast.NATIVE, row.batch), moved)
    with pytest.raises(InvariantBroken, match="C3"):
        crossed.check()


def test_check_sees_one_interval_at_two_registries(crossed: ModelLedger) -> None:
    state = crossed._state
    crossed.apply(act.OpenRegistry(registry="Third", native=True), START_S + 10_000)
    twice = state.batches.rows[ABROAD]
    state.batches.put(("Third", imported_id(1)), twice)
    state.lots.put(("Third", imported_id(1)), state.lots.rows[ABROAD])
    for (registry, batch, holder), row in list(state.positions.rows.items()):
        if (registry, batch) == ABROAD:
            state.positions.put(("Third", batch, holder), row)
    for (registry, id), held in list(state.dispositions.rows.items()):
        if (registry, held.batch) == ABROAD:
            state.dispositions.put(("Third", id), held)
    with pytest.raises(InvariantBroken, match=r"C3: \('ICR', 'ICR-a'\)"):
        crossed.check()
    # Where the guard lets a home issue serials twice, they may both leave.
    state.guard = "none"
    with pytest.raises(InvariantBroken, match="claimed here"):
        crossed.check()


def test_check_sees_what_comes_from_no_export(crossed: ModelLedger) -> None:
    state = crossed._state
    lot = state.lots.rows[ABROAD]
    for export in (0, 25, 26):
        state.lots.put(ABROAD, lot._replace(export=export))
        with pytest.raises(InvariantBroken, match="C3"):
            crossed.check()
    # Of a mirror nobody asks, as it may lie.
    state.lots.put(ABROAD, lot._replace(is_mirror=True))
    crossed.check()


def test_check_sees_claims_that_are_not_what_is_here(crossed: ModelLedger) -> None:
    state = crossed._state
    place = (cast.MIRRORED, SCOPE)
    nodes = state.here.rows[place]
    first = nodes[0]
    split = (first._replace(end=first.start + 1), first._replace(start=first.start + 1))
    for wrong in (
        nodes[1:],
        (*nodes, Node(2**50, 2**50 + 1, cast.NATIVE)),
        (first._replace(owner="Third"), *nodes[1:]),
        (*split, *nodes[1:]),
    ):
        state.here.put(place, wrong)
        with pytest.raises(InvariantBroken, match="claimed here"):
            crossed.check()
    state.here.put(place, nodes)
    state.here.put((cast.NATIVE, SCOPE), (first,))
    with pytest.raises(InvariantBroken, match="claimed here"):
        crossed.check()


@pytest.mark.parametrize("wrong_g", [-1, 1])
def test_check_sees_a_wrong_sum(crossed: ModelLedger, wrong_g: int) -> None:
    state = crossed._state
    pair = (cast.MIRRORED, cast.NATIVE)
    state.outstanding.put(pair, state.outstanding.rows[pair] + wrong_g)
    with pytest.raises(InvariantBroken, match="outstanding"):
        crossed.check()


def test_check_sees_a_batch_that_is_its_own_home_s(crossed: ModelLedger) -> None:
    state = crossed._state
    state.lots.put(ABROAD, Lot(SCOPE, 2024, cast.MIRRORED))
    with pytest.raises(InvariantBroken, match="claimed here"):
        check(state)


# Marks, and ledgers opened again.


def test_what_passed_is_taken_back_with_a_mark() -> None:
    ledger = new_model()
    play(ledger, preparation())

    def tables() -> list[object]:
        names = ("here", "outstanding", "sent", "counts", "arrivals", "voided", "imports", "lots")
        return [dict(getattr(ledger._state, name).rows) for name in (*names, "peers")]

    before, entries, mark = tables(), list(ledger.entries), ledger.snapshot()
    said = play(ledger, crossings(ledger))
    assert tables() != before
    ledger.revert(mark)
    assert tables() == before
    assert list(ledger.entries) == entries
    assert play(ledger, crossings(ledger)) == said


@pytest.mark.parametrize("names", [("Nowhere", cast.NATIVE), (cast.NATIVE, "Nowhere")])
def test_outstanding_refuses_a_registry_that_is_not_open(
    crossed: ModelLedger, names: tuple[str, str]
) -> None:
    with pytest.raises(UnknownRegistry) as caught:
        crossed.outstanding(*names)
    assert caught.value.registry == "Nowhere"
    assert crossed.outstanding(cast.NATIVE, cast.MIRRORED) == 0
    assert crossed.outstanding(cast.NATIVE, cast.NATIVE) == 0
