"""How good the search for one activity in two programmes is, on projects that it was not set on."""

from __future__ import annotations

import pytest

from registry.simulate.bench_linkage import HELD_OUT_SEED, measure_linkage


@pytest.fixture(scope="module")
def measured():
    return measure_linkage(many_activities=2_000)


def test_linkage_finds_nearly_all_and_little_else(measured):
    assert measured.seed == HELD_OUT_SEED
    assert measured.pairs > 100
    assert measured.ours.recall >= 0.95
    assert measured.ours.precision >= 0.9
    assert measured.alike.recall >= 0.95
    assert measured.alike.precision >= 0.93


def test_linkage_is_better_than_the_query_that_cad_trust_has(measured):
    assert measured.baseline.recall > 0.5
    assert measured.ours.recall > measured.baseline.recall
    assert measured.ours.precision > 10 * measured.baseline.precision


def test_linkage_counts_are_those_of_the_key(measured):
    for quality, key in ((measured.ours, measured.pairs), (measured.baseline, measured.pairs)):
        assert quality.precision == quality.true / quality.found
        assert quality.recall == quality.true / key
    assert measured.times_projects == measured.many_projects / measured.projects
    assert measured.times_seconds > 0


@pytest.mark.parametrize("seed", [2027, 2028])
def test_linkage_does_as_well_on_other_seeds(seed):
    measured = measure_linkage(seed, many_activities=10)
    assert measured.ours.recall >= 0.93
    assert measured.ours.precision >= 0.88
