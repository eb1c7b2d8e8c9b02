"""DC-1: claimed by a user and by the host country."""

from __future__ import annotations

import pytest

COUNTED = {"inside_ndc": True, "adjusted": False}


@pytest.mark.parametrize("purpose", ["voluntary", "corsia"])
@pytest.mark.parametrize("kind", ["retirement", "cancellation"])
def test_catches_a_use_of_what_the_host_country_counts(books, kind, purpose):
    row = books.disposed(
        kind, 20, 60, keeper="feed", at_s=9, batch="4", purpose=purpose, reason="FY24", **COUNTED
    )
    (finding,) = books.audit("DC-1")
    assert finding.code == "DC-1"
    assert finding.level == "strong"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (row,)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_a_reason_that_denies_the_ndc(books):
    reason = "Not counted towards the NDC of Guyana"
    books.retired(0, 10, purpose="voluntary", reason=reason, **COUNTED)
    assert len(books.audit("DC-1", "DC-3")) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"inside_ndc": True, "adjusted": None},
        {"inside_ndc": None, "adjusted": False},
        {"inside_ndc": True, "adjusted": True},
        {"inside_ndc": False, "adjusted": False},
        {"purpose": None, **COUNTED},
    ],
)
def test_near_miss_what_no_field_says(books, fields):
    books.retired(0, 10, **{"purpose": "voluntary", **fields})
    assert books.audit("DC-1") == ()


@pytest.mark.parametrize("purpose", ["compliance", "conversion", "buffer", "reversal", "removal"])
def test_look_alike_use_inside_the_country_or_none(books, purpose):
    books.disposed("cancellation", 0, 10, purpose=purpose, **COUNTED)
    books.disposed("lock", 0, 10, purpose="voluntary", **COUNTED)
    assert books.audit("DC-1") == ()


@pytest.mark.parametrize(
    "reason",
    [
        "Contribution Towards Corporate Climate Pledge AND Host Country NDC",
        "not only for travel, but for the nationally  determined contribution",
    ],
)
def test_look_alike_reason_that_names_the_ndc(books, reason):
    books.retired(0, 10, purpose="voluntary", reason=reason, **COUNTED)
    assert books.audit("DC-1") == ()


def test_misses_a_claim_undone_since_unless_asked_as_of_then(books):
    books.retired(0, 10, at_s=1, until_s=5, purpose="voluntary", **COUNTED)
    assert books.audit("DC-1") == ()
    assert len(books.audit("DC-1", as_of_s=4)) == 1
