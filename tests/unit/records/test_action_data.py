"""Actions to what JSON can say, and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import ActionError
from registry.records import action as act
from registry.records.claim import Claim
from registry.records.interval import Interval
from registry.records.message import Message
from tests import strategies as cast

HASH = "0x" + "ab" * 32
EVERY = st.one_of(
    *(cast.actions(registry, b"\x01" * 20) for registry in cast.REGISTRIES),
    st.builds(act.OpenRegistry, registry=st.text("aé ☃", min_size=1), native=st.booleans()),
    st.builds(act.ReleasePledge, registry=st.just("A"), by=st.just("B"), id=st.integers(0, 2**255)),
)
CLAIM = Claim(beneficiary='Ö "quoted" \\', purpose="voluntary", reason="é" * 200, period="2024")
ORDER = act.RetireOrder(id=2**256 - 1, batch=1 << 128 | 1, amount_g=2**63 - 1, claim=CLAIM)
WHERE: dict[str, Any] = {"registry": "A", "by": "B"}
MESSAGE = Message(
    source="A",
    target="Ö",
    id=2**256 - 1,
    number=2**63,
    home="A",
    export=2**255,
    scope='A-1 "quoted"',
    interval=Interval(0, 2**63 - 1),
    vintage=2024,
    to="C",
    deadline_s=2**63 - 1,
)
EXAMPLES: list[act.Action] = [
    act.OpenRegistry(registry="A", native=True),
    act.OpenAccount(account="Ö", jurisdiction="IS"),
    act.CloseAccount(account="Ö"),
    act.Accredit(registry="A", verifier="V"),
    act.RegisterProject(registry="A", project=1, developer="D", root=HASH),
    act.UpdateProject(registry="A", project=1, root=HASH),
    act.Verify(
        registry="A", project=1, verifier="V", start=0, end=2_932_532, amount_g=1, report=HASH
    ),
    act.Issue(
        registry="A",
        orders=(
            act.IssueOrder(
                batch=1 << 128 | 1,
                to="D",
                amount_g=1,
                start_g=0,
                vintage=2024,
                statement=HASH,
                scope="A-1",
            ),
        ),
    ),
    act.Transfer(**WHERE, orders=(act.TransferOrder(batch=1, to="C", amount_g=1),) * 100),
    act.Retire(**WHERE, orders=(ORDER, ORDER)),
    act.RequestRetirement(**WHERE, order=ORDER, deadline_s=2**63 - 1),
    act.FinaliseRetirement(**WHERE, id=1),
    act.RevertRetirement(**WHERE, id=1, reason="late"),
    act.Cancel(**WHERE, id=1, batch=1, amount_g=1),
    act.Lock(**WHERE, id=1, batch=1, holder="H", amount_g=1, reason="order"),
    act.Release(**WHERE, id=1, amount_g=1),
    act.Release(**WHERE, id=1, amount_g=1, start_g=0),
    act.Pledge(**WHERE, id=1, batch=1, amount_g=1, lender="L"),
    act.ReleasePledge(**WHERE, id=1),
    act.Foreclose(**WHERE, id=1),
    act.EndPledge(**WHERE, id=1, reason="order"),
    act.Freeze(**WHERE, batch=1, account="H", amount_g=0),
    act.ForceTransfer(**WHERE, batch=1, source="H", to="C", amount_g=1, reason="order"),
    act.Pause(**WHERE),
    act.Unpause(**WHERE),
    act.AdmitPeer(registry="A", peer="Ö", allowance_g=2**63 - 1),
    act.Export(**WHERE, id=1, batch=1, amount_g=1, target="Ö", to="C", deadline_s=2**63 - 1),
    act.Move(**WHERE, id=1, batch=1, amount_g=1, target="Ö", to="C"),
    act.Import(registry="Ö", message=MESSAGE),
    act.VoidImport(registry="Ö", message=MESSAGE),
    act.Acknowledge(registry="A", id=2**256 - 1),
    act.Compensate(registry="A", id=1),
    act.Mirror(
        registry="A",
        source="Ö",
        lock=2**256 - 1,
        scope="Ö-1",
        start_g=0,
        amount_g=1,
        vintage=2024,
        to="C",
    ),
    act.Unmirror(**WHERE, id=1, batch=1, amount_g=1),
]


def there_and_back(action: act.Action) -> None:
    data = act.action_data(action)
    for said in (data, json.loads(json.dumps(data))):
        found = act.action_from(said)
        assert found == action
        assert type(found) is type(action)
        assert found.model_dump() == action.model_dump()
    assert data == act.action_data(found)


@given(action=EVERY)
def test_law_an_action_comes_back_from_its_data(action: act.Action) -> None:
    there_and_back(action)


@pytest.mark.parametrize("action", EXAMPLES, ids=lambda action: type(action).__name__)
def test_each_kind_of_action_comes_back_from_its_data(action: act.Action) -> None:
    there_and_back(action)


def test_no_kind_of_action_is_forgotten() -> None:
    assert {type(action) for action in EXAMPLES} == set(act.Action.__subclasses__())


def test_data_is_not_changed_by_reading_it() -> None:
    data = json.loads(json.dumps(act.action_data(EXAMPLES[9])))
    before = json.dumps(data)
    act.action_from(data)
    assert json.dumps(data) == before


GOOD = act.action_data(
    act.Transfer(**WHERE, orders=(act.TransferOrder(batch=1, to="C", amount_g=1),))
)
RETIRE = act.action_data(act.Retire(**WHERE, orders=(ORDER,)))
IMPORT = act.action_data(act.Import(registry="Ö", message=MESSAGE))
SAID = IMPORT["message"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        None,
        "Transfer",
        {**GOOD, "action": "Teleport"},
        {**GOOD, "action": "Action"},
        {**GOOD, "action": "Order"},
        {**GOOD, "action": "TransferOrder"},
        {**GOOD, "action": None},
        {**GOOD, "action": ["Transfer"]},
        {**GOOD, "at_s": 1},
        {**GOOD, 1: 2},
        {**GOOD, "by": 1},
        {**GOOD, "by": "line\nbreak"},
        {**GOOD, "by": "\ud800"},
        {**GOOD, "orders": []},
        {**GOOD, "orders": {}},
        {**GOOD, "orders": None},
        {**GOOD, "orders": GOOD["orders"] * 101},
        {**GOOD, "orders": [{**GOOD["orders"][0], "amount_g": 1.0}]},
        {**GOOD, "orders": [{**GOOD["orders"][0], "amount_g": "1"}]},
        {**GOOD, "orders": [{**GOOD["orders"][0], "amount_g": True}]},
        {**GOOD, "orders": [{**GOOD["orders"][0], "amount_g": -1}]},
        {**GOOD, "orders": [{**GOOD["orders"][0], "amount_g": 2**63}]},
        {**GOOD, "orders": [{**GOOD["orders"][0], "amount_g": float("nan")}]},
        {**GOOD, "orders": [{**GOOD["orders"][0], "more": 1}]},
        {**GOOD, "orders": [{"batch": 1}]},
        {**GOOD, "orders": [1]},
        {key: value for key, value in GOOD.items() if key != "registry"},
        {**RETIRE, "orders": [{**RETIRE["orders"][0], "claim": {"beneficiary": " "}}]},
        {**RETIRE, "orders": [{**RETIRE["orders"][0], "claim": None}]},
        {**IMPORT, "message": None},
        {**IMPORT, "message": []},
        {**IMPORT, "message": {}},
        {**IMPORT, "message": {**SAID, "more": 1}},
        {**IMPORT, "message": {**SAID, "number": "1"}},
        {**IMPORT, "message": {**SAID, "interval": [0]}},
        {**IMPORT, "message": {**SAID, "interval": [0, 1, 2]}},
        {**IMPORT, "message": {**SAID, "interval": [0, 1.0]}},
        {**IMPORT, "message": {**SAID, "interval": {"start_g": 0}}},
        {**act.action_data(EXAMPLES[1]), "account": "@operator"},
        {**act.action_data(EXAMPLES[1]), "jurisdiction": "Iceland"},
    ],
)
def test_malformed_data_is_refused(data: Any) -> None:
    with pytest.raises(ActionError):
        act.action_from(data)


def test_a_message_read_back_is_a_message() -> None:
    action = act.action_from(json.loads(json.dumps(IMPORT)))
    assert isinstance(action, act.Import)
    assert isinstance(action.message, Message)
    assert isinstance(action.message.interval, Interval)
    assert action.message.amount_g == 2**63 - 1
    assert not action.message.is_return
