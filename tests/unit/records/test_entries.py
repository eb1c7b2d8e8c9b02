"""Entries, actions, intervals and results as records: frozen, strict, and the same after JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from registry.errors import ActionError, TextError
from registry.records import action as act
from registry.records.claim import Claim
from registry.records.entry import Entry, Kind, digest
from registry.records.finding import Finding, Level
from registry.records.identity import batch_id
from registry.records.interval import Interval
from registry.records.result import Account, Batch, Lock, Pledge, Retirement, Statement, Transfer
from registry.units import AMOUNT_MAX_G

BATCH = batch_id(1, 1)
CLAIM = Claim(beneficiary="Acme Corp", purpose="voluntary", reason="é\u2014")
ENTRY = Entry(
    seq=3,
    at_s=1_000,
    registry="ICR",
    kind=Kind.RETIRED,
    batch=BATCH,
    id=2**255,
    account="Acme",
    amount_g=7,
    intervals=(Interval(0, 3), Interval(9, 13)),
    claim=CLAIM,
)


def test_entry_comes_back_from_its_line() -> None:
    assert Entry.model_validate_json(ENTRY.line()) == ENTRY
    minimal = Entry(seq=1, at_s=2, registry="ICR", kind=Kind.PAUSED)
    assert Entry.model_validate_json(minimal.line()) == minimal


def test_entry_line_says_only_what_applies() -> None:
    minimal = Entry(seq=1, at_s=2, registry="ICR", kind=Kind.PAUSED)
    assert minimal.line() == '{"seq":1,"at_s":2,"registry":"ICR","kind":"paused"}'
    body = json.loads(ENTRY.line())
    assert body["batch"] == str(BATCH)
    assert body["intervals"] == [[0, 3], [9, 13]]


@pytest.mark.parametrize(
    "change",
    [
        {"seq": "1"},
        {"seq": 1.0},
        {"kind": "melted"},
        {"amount_g": "7"},
        {"batch": 1.5},
        {"intervals": ((0, "3"),)},
        {"unknown": 1},
    ],
)
def test_entry_refuses_what_is_of_another_type(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Entry(**{**ENTRY.model_dump(), "claim": CLAIM, "kind": Kind.RETIRED, **change})


def test_entry_cannot_change() -> None:
    with pytest.raises(ValidationError):
        ENTRY.seq = 4  # type: ignore[misc]


FIELDS = st.fixed_dictionaries(
    {
        "seq": st.integers(1, 2**63),
        "at_s": st.integers(0, 2**40),
        "registry": st.text(max_size=5),
        "kind": st.sampled_from(list(Kind)),
    },
    optional={
        "batch": st.integers(0, 2**256 - 1),
        "id": st.integers(0, 2**256 - 1),
        "account": st.text(max_size=5),
        "amount_g": st.integers(0, AMOUNT_MAX_G),
        "text": st.text(max_size=5),
        "period": st.tuples(st.integers(0, 9), st.integers(0, 9)),
        "intervals": st.lists(
            st.builds(Interval, st.integers(0, 9), st.integers(10, 19)), max_size=3
        ).map(tuple),
    },
)


@given(FIELDS)
def test_law_entries_come_back_from_their_lines(fields: dict[str, Any]) -> None:
    entry = Entry(**fields)
    assert "\n" not in entry.line()
    assert Entry.model_validate_json(entry.line()) == entry


@given(FIELDS, FIELDS)
def test_law_digests_differ_where_entries_do(one: dict[str, Any], two: dict[str, Any]) -> None:
    first, second = Entry(**one), Entry(**two)
    assert (digest([first]) == digest([second])) == (first.line() == second.line())
    assert digest([first, second]) != digest([first])


def test_digest_depends_on_order_and_is_of_nothing_too() -> None:
    other = ENTRY.model_copy(update={"seq": 4})
    assert digest([ENTRY, other]) != digest([other, ENTRY])
    assert len(digest([])) == 64


# Intervals.


@given(st.integers(0, AMOUNT_MAX_G), st.integers(0, AMOUNT_MAX_G))
def test_law_intervals_unpack(start_g: int, end_g: int) -> None:
    interval = Interval(start_g, end_g)
    assert Interval.unpack(interval.packed) == interval
    assert interval.packed < 2**128
    assert interval.is_valid() == (start_g < end_g)
    assert interval.amount_g == end_g - start_g


@pytest.mark.parametrize(
    ("start_g", "end_g", "valid"),
    [
        (0, 1, True),
        (0, 0, False),
        (1, 0, False),
        (-1, 1, False),
        (AMOUNT_MAX_G - 1, AMOUNT_MAX_G, True),
        (AMOUNT_MAX_G, AMOUNT_MAX_G + 1, False),
    ],
)
def test_interval_knows_its_bounds(start_g: int, end_g: int, valid: bool) -> None:
    assert Interval(start_g, end_g).is_valid() is valid


@given(*[st.integers(0, 12)] * 4)
def test_law_intervals_meet_where_they_share_a_gram(a: int, b: int, c: int, d: int) -> None:
    one, two = Interval(a, a + b), Interval(c, c + d)
    shared = set(range(*one)) & set(range(*two))
    if b and d:
        assert one.meets(two) == two.meets(one) == bool(shared)


# Actions.


ORDER = act.RetireOrder(id=1, batch=BATCH, amount_g=1, claim=CLAIM)


@pytest.mark.parametrize("amount_g", [-1, 2**63, 1.0, "1", True, None])
def test_action_refuses_an_amount(amount_g: Any) -> None:
    with pytest.raises(ActionError) as caught:
        act.Lock(registry="ICR", id=1, batch=BATCH, holder="Acme", amount_g=amount_g)
    assert (caught.value.action, caught.value.field) == ("Lock", "amount_g")
    with pytest.raises(ActionError):
        act.RetireOrder(id=1, batch=BATCH, amount_g=amount_g, claim=CLAIM)


@pytest.mark.parametrize("id", [-1, 2**256, 1.0, "1", None])
def test_action_refuses_an_id(id: Any) -> None:
    with pytest.raises(ActionError):
        act.Release(registry="ICR", id=id, amount_g=1)


def test_action_refuses_no_orders_and_unknown_fields() -> None:
    for bad in (
        lambda: act.Retire(registry="ICR", by="Acme", orders=()),
        lambda: act.Transfer(registry="ICR", by="Acme", orders=()),
        lambda: act.Issue(registry="ICR", orders=()),
        lambda: act.Pause(registry="ICR", reason="x"),
        lambda: act.Retire(registry="ICR", orders=(ORDER,)),
        lambda: act.OpenAccount(account="Acme", jurisdiction="is"),
        lambda: act.UpdateProject(registry="ICR", project=1, root="0x12"),
    ):
        with pytest.raises(ActionError):
            bad()


def test_action_lets_the_claim_say_what_is_wrong_with_it() -> None:
    with pytest.raises(TextError, match="purpose"):
        act.RetireOrder(
            id=1, batch=BATCH, amount_g=1, claim=Claim(beneficiary="A", purpose="x" * 513)
        )


# Results.


STATEMENT = Statement(
    registry="ICR",
    id="0x" + "ab" * 32,
    project=1,
    period=(0, 365),
    amount_g=5,
    verifier="V",
    report="0x" + "cd" * 32,
    ordinal=1,
)
OF_BATCH = {"registry": "ICR", "batch": BATCH, "amount_g": 2_500_000}
DISPOSED = {
    **OF_BATCH,
    "id": 1,
    "holder": "Acme",
    "intervals": (Interval(0, 5),),
    "serials": ("S",),
}


@pytest.mark.parametrize(
    "record",
    [
        Account(name="Acme", jurisdiction="IS"),
        STATEMENT,
        Transfer(**OF_BATCH, source="Acme", to="Bank"),
        Pledge(**OF_BATCH, id=1, holder="Acme", lender="Bank"),
        Lock(**DISPOSED, reason="an order"),
        Retirement(**DISPOSED, claim=CLAIM),
        Batch(
            **OF_BATCH,
            project=1,
            vintage=2024,
            holder="Acme",
            scope="S",
            interval=Interval(0, 5),
            serials=("S 1",),
            statement=STATEMENT,
        ),
    ],
    ids=lambda record: type(record).__name__,
)
def test_result_comes_back_from_json(record: Any) -> None:
    assert type(record).model_validate_json(record.model_dump_json()) == record
    assert "\n" not in str(record)
    if "batch" in type(record).model_fields:
        assert json.loads(record.model_dump_json())["batch"] == str(BATCH)
        assert record.tonnes == "2.5"


def test_finding_says_itself_in_a_line() -> None:
    finding = Finding(
        code="DU-1",
        level=Level.CERTAIN,
        registries=("EcoRegistry", "ICR"),
        scope="S",
        start_g=0,
        end_g=5,
        amount_g=5,
        batch=BATCH,
        records=("a:1",),
        detectable_at=None,
        cleared_at=None,
        clears_when="never",
    )
    assert str(finding) == "DU-1 certain: 0.000005 t at EcoRegistry, ICR S [0, 5) g"
    assert Finding.model_validate_json(finding.model_dump_json()) == finding


def test_levels_are_ordered_from_weak_to_sure() -> None:
    assert sorted(Level, key=lambda level: level.rank) == list(Level)
    assert Level.CERTAIN.rank > Level.STRONG.rank > Level.DISCLOSURE.rank
