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


def _inside(books, start_g=0, end_g=100, **fields):
    return books.declared("coverage", start_g, end_g, inside=True, **fields)


def _owed(books, start_g=0, end_g=100, **fields):
    row = {"declaration": "Committed", "status": "Not Started", "due_s": 50}
    return books.declared("adjustment", start_g, end_g, **{**row, **fields})


@pytest.mark.parametrize(("now_s", "level"), [(49, "timed"), (50, "strong"), (None, "strong")])
def test_catches_per_gram_what_a_party_owes_until_it_is_due(books, now_s, level):
    books.read("party", now_s=now_s, registry="CO")
    _inside(books)
    debt = _owed(books, 20, 60, at_s=9)
    used = books.retired(40, 90, purpose="CORSIA", home="ICR", registry="Eco", id="7", at_s=8)
    row = {"purpose": "corsia", "home": "ICR", "registry": "Eco", "id": "7", "at_s": 8}
    written = books.retired(40, 90, keeper="book", **row)
    (finding,) = books.audit("DC-1")
    assert finding.level == level
    assert finding.registries == ("Eco", "ICR")
    assert (finding.scope, finding.start_g, finding.end_g, finding.amount_g) == ("S", 40, 60, 20)
    assert set(finding.records) == {used, written, debt}
    assert finding.detectable_at == 9


@pytest.mark.parametrize(
    "said", [{"status": "Completed"}, {"declaration": "Not Required"}, {"declaration": "Unknown"}]
)
def test_near_miss_adjustment_that_is_made_or_not_promised(books, said):
    _inside(books)
    _owed(books, **said)
    books.retired(0, 10, purpose="voluntary")
    assert books.audit("DC-1") == ()


def test_near_miss_units_beside_those_of_the_party(books):
    _inside(books, 0, 10)
    _owed(books, 10, 20)
    _owed(books, 0, 10, scope="T")
    books.retired(0, 20, purpose="voluntary")
    books.retired(0, 20, purpose="voluntary", home="Eco")
    assert books.audit("DC-1") == ()


def test_look_alike_units_outside_the_target_or_used_at_home(books):
    books.declared("coverage", 0, 10, inside=False)
    books.declared("coverage", 20, 30, inside=None)
    _inside(books, 40, 50)
    _owed(books)
    for start_g, purpose in [(0, "voluntary"), (20, "corsia"), (40, "compliance")]:
        books.retired(start_g, start_g + 10, purpose=purpose)
    assert books.audit("DC-1") == ()


def test_misses_an_adjustment_completed_since_unless_asked_as_of_then(books):
    _inside(books)
    _owed(books, at_s=1, until_s=5)
    _owed(books, at_s=5, status="Completed")
    books.retired(0, 10, purpose="voluntary")
    assert books.audit("DC-1") == ()
    assert len(books.audit("DC-1", as_of_s=4)) == 1
