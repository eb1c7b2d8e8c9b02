"""Actions in the agreed electronic format."""

from __future__ import annotations

import pytest

from registry.feeds import aef
from registry.feeds.rows import Outcome
from tests.unit.feeds.exports import made, refusal, seconds

(ACTIONS,) = aef.FORMATS

SCOPE = "CDC_1_1_1_321_14_XX_XA_CO_1_1_2023"
ACTION = {
    "Action date": "31/12/2025",
    "Action type": "First transfer",
    "Underlying unit registry ID": "EcoRegistry",
    "First unit ID": f"{SCOPE} 11",
    "Last unit ID": f"{SCOPE} 60",
    "Quantity (t CO2 eq)": "50",
    "Purpose for which the ITMO has been used towards or cancelled for OIMP": "IMP",
}
OUTCOME = Outcome(
    registry="EcoRegistry",
    amount_g=50 * 10**6,
    scope=SCOPE,
    start_g=10 * 10**6,
    end_g=60 * 10**6,
    purpose="IMP",
    at_s=seconds(2025, 12, 31),
)


def test_read_makes_a_row_of_a_first_transfer() -> None:
    assert made(ACTIONS, ACTION) == [OUTCOME]


@pytest.mark.parametrize(
    ("first", "last", "scope", "start_t", "end_t"),
    [
        ("ACR-US-1185-2025-3078-11 to 11", "ACR-US-1185-2025-3078-60 to 60", None, 10, 60),
        (f"{SCOPE.lower()} 11", f"{SCOPE} 60", SCOPE, 10, 60),
        ("CDC_1_1_1_321_14_1 10", "CDC_1_1_1_321_14_1 59", "CDC_1_1_1_321_14_1", 10, 60),
        ("Nordic-IS-1-2023 11", "Nordic-IS-1-2023 60", "Nordic-IS-1-2023", 10, 60),
    ],
)
def test_read_takes_units_as_registries_print_them(
    first: str, last: str, scope: str | None, start_t: int, end_t: int
) -> None:
    changed = {"First unit ID": first, "Last unit ID": last, "Underlying unit registry ID": ""}
    if first.startswith("Nordic"):
        changed["Underlying unit registry ID"] = "Nordic"
    (row,) = made(ACTIONS, {**ACTION, **changed})
    assert isinstance(row, Outcome)
    assert scope in (None, row.scope)
    assert (row.start_g, row.end_g) == (start_t * 10**6, end_t * 10**6)


@pytest.mark.parametrize("kind", ["Transfer", "Acquisition", "Use", "Cancellation"])
def test_read_makes_nothing_of_what_follows_a_first_transfer(kind: str) -> None:
    assert made(ACTIONS, {**ACTION, "Action type": kind}) == []


@pytest.mark.parametrize("unit", ["", "NA"])
def test_read_makes_nothing_of_an_action_without_underlying_units(unit: str) -> None:
    assert made(ACTIONS, {**ACTION, "First unit ID": unit, "Last unit ID": unit}) == []


def test_read_takes_no_purpose_for_none() -> None:
    column = "Purpose for which the ITMO has been used towards or cancelled for OIMP"
    assert made(ACTIONS, {**ACTION, column: "NA"}) == [OUTCOME._replace(purpose=None)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Action date", "2025-12-31"),
        ("Action date", "12/31/2025"),
        ("Action type", "Gift"),
        ("Quantity (t CO2 eq)", "50.5"),
        ("First unit ID", "somewhere"),
        ("First unit ID", f"{SCOPE} 0"),
        ("Last unit ID", f"{SCOPE} 10"),
        ("Last unit ID", "CDC_2_1_1_321_14_XX_XA_CO_1_1_2023 60"),
        ("Last unit ID", ""),
        ("Underlying unit registry ID", "Verra"),
    ],
)
def test_read_refuses(column: str, value: str) -> None:
    assert refusal(ACTIONS, {**ACTION, column: value})[0] == column


def test_read_refuses_units_of_nobody() -> None:
    changed = {"First unit ID": "N-1 1", "Last unit ID": "N-1 2", "Underlying unit registry ID": ""}
    assert refusal(ACTIONS, {**ACTION, **changed})[0] == "Underlying unit registry ID"
