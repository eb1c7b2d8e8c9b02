"""How long messages may take, by how long relayers take."""

from __future__ import annotations

import pytest

from registry.transfer.delays import USUAL, Delay, deadline_for
from registry.units import DAY_S


@pytest.mark.parametrize(
    ("relays_s", "expected_s"),
    [
        ((0,), DAY_S),
        ((DAY_S // 4,), DAY_S),
        ((DAY_S // 4 + 1,), DAY_S + 4),
        ((60, 2 * DAY_S), 8 * DAY_S),
        ((2 * DAY_S, 60), 8 * DAY_S),
        ((8 * DAY_S,), 30 * DAY_S),
        ((100 * DAY_S,), 30 * DAY_S),
    ],
)
def test_deadline_is_several_relays_a_day_at_least_and_30_at_most(
    relays_s: tuple[int, ...], expected_s: int
) -> None:
    found = deadline_for(*(Delay(seconds, "measured") for seconds in relays_s))
    assert found == (expected_s, USUAL.deadline.basis)
