"""DC-2: used for CORSIA without being eligible."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("kind", ["retirement", "cancellation"])
@pytest.mark.parametrize(
    "fields", [{"eligible": False, "vintage": 2021}, {"vintage": 2015}, {"eligible": False}]
)
def test_catches_units_that_no_period_takes(books, kind, fields):
    row = books.disposed(kind, 20, 60, keeper="feed", at_s=9, batch="4", purpose="corsia", **fields)
    (finding,) = books.audit("DC-2")
    assert finding.code == "DC-2"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (row,)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_units_without_serials(books):
    books.disposed("cancellation", None, None, scope=None, purpose="corsia", eligible=False)
    (finding,) = books.audit("DC-2")
    assert (finding.scope, finding.start_g) == (None, None)


@pytest.mark.parametrize("fields", [{}, {"eligible": True}, {"vintage": 2016}])
def test_near_miss_eligible_or_unknown(books, fields):
    books.disposed("cancellation", 0, 10, purpose="corsia", **fields)
    assert books.audit("DC-2") == ()


@pytest.mark.parametrize("purpose", ["voluntary", "compliance", None])
def test_look_alike_another_use_of_units_that_are_not_eligible(books, purpose):
    books.disposed("cancellation", 0, 10, purpose=purpose, eligible=False, vintage=2010)
    books.disposed("lock", 0, 10, purpose="corsia", eligible=False)
    assert books.audit("DC-2") == ()


def test_misses_a_vintage_of_the_other_period_and_a_use_undone_since(books):
    books.disposed("cancellation", 0, 10, purpose="corsia", vintage=2018)
    books.disposed("cancellation", 20, 30, purpose="corsia", eligible=False, at_s=1, until_s=5)
    assert books.audit("DC-2") == ()
    assert len(books.audit("DC-2", as_of_s=4)) == 1


def _authorised(books, start_g=0, end_g=100, **fields):
    row = {"purpose": "IMP", "start_s": 0, "end_s": 50, "vintage": 2021}
    return books.declared("authorisation", start_g, end_g, **{**row, **fields})


def test_catches_per_gram_what_the_host_party_did_not_authorise(books):
    books.declared("host", 0, 60)
    _authorised(books, 0, 20)
    row = {"home": "ICR", "registry": "Eco", "id": "7", "at_s": 9, "batch": "4"}
    used = books.retired(0, 100, purpose="CORSIA", **row)
    written = books.retired(0, 100, keeper="book", purpose="corsia", **row)
    (finding,) = books.audit("DC-2")
    assert finding.level == "certain"
    assert finding.registries == ("Eco", "ICR")
    assert (finding.scope, finding.start_g, finding.end_g, finding.amount_g) == ("S", 20, 60, 40)
    assert finding.batch == 4
    assert set(finding.records) == {used, written}
    assert finding.detectable_at == 9


@pytest.mark.parametrize(
    "said",
    [
        {"purpose": "OP"},
        {"start_s": 10},
        {"end_s": 9},
        {"until_s": 9},
        {"vintage": 2015},
        {"scope": "T"},
        {"kind": "coverage"},
    ],
)
def test_catches_a_use_for_which_the_authorisation_does_not_hold(books, said):
    books.declared("host", 0, 100)
    kind = said.pop("kind", "authorisation")
    row = {"purpose": "IMP", "start_s": 0, "end_s": 50, "vintage": 2021, **said}
    books.declared(kind, 0, 100, **row)
    books.retired(0, 10, purpose="corsia", at_s=9)
    assert len(books.audit("DC-2")) == 1


def test_near_miss_a_use_that_several_authorisations_cover(books):
    books.declared("host", 0, 100)
    _authorised(books, 0, 40)
    _authorised(books, 30, 100, until_s=10)
    books.retired(20, 90, purpose="corsia", at_s=9)
    assert books.audit("DC-2") == ()


def test_look_alike_other_uses_and_units_whose_host_keeps_no_list(books):
    books.declared("host", 0, 100)
    books.retired(0, 100, purpose="voluntary")
    books.retired(0, 100, purpose="corsia", registry="Eco")
    books.retired(0, 100, purpose="corsia", home="Eco")
    books.retired(100, 200, purpose="corsia")
    assert books.audit("DC-2") == ()


def test_misses_an_authorisation_after_the_use_and_a_row_that_calls_itself_eligible(books):
    books.declared("host", 0, 100)
    _authorised(books, 0, 10, at_s=20)
    books.retired(0, 10, purpose="corsia", at_s=9)
    books.retired(20, 30, purpose="corsia", eligible=True)
    assert books.audit("DC-2") == ()
