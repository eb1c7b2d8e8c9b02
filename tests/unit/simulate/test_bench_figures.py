"""What the bench of chains makes of its measurements."""

from __future__ import annotations

import pytest

from registry.simulate.bench_figures import (
    GasUnlike,
    Taken,
    compare_gas,
    growth_of,
    rate_of,
    ratios_of,
)


def taken(*turns: list[tuple[int, float]]) -> Taken:
    return Taken(turns=turns, gas=[100, 101, 300], blocks=7, peak_mb=50.0)


def test_rate_is_over_all_turns_and_for_each() -> None:
    rate = rate_of(taken([(10, 1.0), (20, 2.0)], [], [(50, 3.0)]), 2)
    assert (rate.ops, rate.seconds) == (50, 3.0)
    assert rate.ops_per_s == pytest.approx(50 / 3)
    assert rate.turns_per_s == (10.0, 30.0)
    assert rate.gas_per_op == 100
    assert (rate.blocks, rate.peak_mb, rate.node_peak_mb) == (7, 50.0, None)


def test_ratios_are_of_engines_that_were_measured() -> None:
    fast = rate_of(taken([(100, 1.0)], [(300, 2.0)]), 1)
    slow = rate_of(taken([(10, 1.0)], [(20, 2.0)]), 1)
    found = ratios_of({"revm-batch": fast, "tester": slow, "web3-anvil": None})
    assert list(found) == ["revm-batch over tester"]
    times = found["revm-batch over tester"]
    assert (times.times, times.least, times.most) == (15.0, 10.0, 20.0)


def test_growth_is_told_by_decades_and_tenths() -> None:
    marks = [(0, 0.0), *((at * 500, at * 0.5) for at in range(1, 200)), (100_000, 101.5)]
    growth = growth_of(marks)
    assert [(decade.first, decade.last) for decade in growth.decades] == [
        (0, 1_000),
        (1_000, 10_000),
        (10_000, 100_000),
    ]
    assert [decade.ops_per_s for decade in growth.decades[:2]] == [1_000, 1_000]
    assert growth.first_tenth_per_s == 1_000
    assert growth.last_tenth_per_s == pytest.approx(10_000 / 11.5)
    assert growth.last_over_first == pytest.approx(10 / 11.5)


def test_growth_of_one_mark_is_flat() -> None:
    growth = growth_of([(0, 0.0), (5, 1.0)])
    assert [(decade.first, decade.last) for decade in growth.decades] == [(0, 5)]
    assert growth.last_over_first == 1


def test_gas_is_compared_operation_by_operation() -> None:
    gas = {"one": [1, 2, 9, 4], "tester": [1, 2, 3, 5], "two": [1, 2], "raw": [7]}
    found = compare_gas(gas, ["raw"], "tester")
    assert (found.operations, found.compared_with) == (1, "tester")
    assert found.compared == {"one": 4, "two": 2}
    assert found.unlike == (GasUnlike(engine="one", operations=2, first=2, gas=9, gas_there=3),)


def test_gas_of_uncharged_engines_is_compared_with_nothing() -> None:
    found = compare_gas({"raw": [7, 8]}, ["raw"], "tester")
    assert (found.operations, found.compared_with, found.compared) == (2, "", {})
    assert compare_gas({"one": [1], "two": [1]}, [], "tester").compared_with == "one"
