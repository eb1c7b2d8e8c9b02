"""DC-4: transferred outcome and voluntary claim."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("keeper", ["feed", "meta", "book", "ledger"])
@pytest.mark.parametrize("purpose", ["NDC", "OIMP", None])
def test_catches_a_voluntary_retirement_under_an_outcome(books, keeper, purpose):
    outcome = books.itmo(0, 60, at_s=8, batch=None, purpose=purpose, source="aef")
    retired = books.retired(
        20, 100, keeper=keeper, source="gone", at_s=9, batch="4", purpose="voluntary"
    )
    (finding,) = books.audit("DC-4")
    assert finding.code == "DC-4"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (outcome, retired)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_every_pair_once(books):
    books.itmo(10, 50)
    books.itmo(60, 90, at_s=None)
    for start_g, end_g in [(0, 20), (10, 50), (30, 70), (50, 60)]:
        books.retired(start_g, end_g, purpose="voluntary")
    found = books.audit("DC-4")
    assert [(finding.start_g, finding.end_g) for finding in found] == [
        (10, 20),
        (10, 50),
        (30, 50),
        (60, 70),
    ]
    assert [finding.detectable_at for finding in found] == [1, 1, 1, None]


def test_catches_what_ledger_and_book_say_of_one_retirement_once(books):
    outcome = books.itmo(0, 60)
    told = {
        books.retired(20, 100, keeper=keeper, id="7", at_s=at_s, purpose="voluntary")
        for keeper, at_s in [("ledger", 9), ("book", 12)]
    }
    (finding,) = books.audit("DC-4")
    assert set(finding.records) == {outcome, *told} and len(finding.records) == 3
    assert finding.detectable_at == 9


def test_near_miss_beside_the_outcome_or_elsewhere(books):
    books.itmo(10, 20)
    books.retired(0, 10, purpose="voluntary")
    books.retired(20, 30, purpose="voluntary")
    books.retired(10, 20, purpose="voluntary", scope="T")
    books.retired(10, 20, purpose="voluntary", registry="Eco")
    assert books.audit("DC-4") == ()


@pytest.mark.parametrize("purpose", ["compliance", "corsia", "conversion", None])
def test_look_alike_retirement_that_is_no_voluntary_claim(books, purpose):
    books.itmo(0, 10)
    books.retired(0, 10, purpose=purpose)
    books.disposed("cancellation", 0, 10, purpose="voluntary")
    assert books.audit("DC-4") == ()


def test_look_alike_outcome_for_the_voluntary_claim_itself(books):
    books.itmo(0, 10, purpose=" Voluntary")
    books.retired(0, 10, purpose="voluntary")
    assert books.audit("DC-4") == ()


def test_misses_text_about_an_outcome_and_units_that_are_not_named(books):
    books.itmo(None, None)
    books.itmo(0, 10, scope=None)
    books.itmo(20, 30)
    reason = "2% retirement as required under Project 4150 LoA for Article 6"
    books.retired(0, 10, purpose="voluntary", reason=reason)
    books.retired(20, 30, purpose="voluntary", at_s=1, until_s=5)
    assert books.audit("DC-4") == ()
    assert len(books.audit("DC-4", as_of_s=4)) == 1


def test_catches_units_that_were_retired_where_they_had_moved(books):
    outcome = books.itmo(0, 60, at_s=8, keeper="party", purpose="IMP")
    retired = books.retired(20, 100, registry="Eco", home="ICR", at_s=9, purpose="voluntary")
    (finding,) = books.audit("DC-4")
    assert finding.registries == ("Eco", "ICR")
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert set(finding.records) == {outcome, retired}


def test_near_miss_units_of_a_like_scope_of_another_home(books):
    books.itmo(0, 60)
    books.retired(0, 60, home="Eco", purpose="voluntary")
    assert books.audit("DC-4") == ()


def test_look_alike_outcome_for_other_purposes(books):
    books.itmo(0, 10, purpose="OP", keeper="party")
    books.retired(0, 10, purpose="voluntary")
    assert books.audit("DC-4") == ()


# Units that were converted, and those issued in their place.


@pytest.fixture
def converted(books):
    """A block of ICR, grams 0 to 100 of S, that Eco issued anew as its batch "9", 0 to 100 of T."""
    books.converted(
        "1", 0, 100, keeper="ledger", registry="ICR", target="Eco", target_batch="9", at_s=3
    )
    books.issued(0, 100, registry="Eco", scope="T", batch="9", at_s=4)
    books.issued(0, 100, registry="Eco", scope="T", batch="9", at_s=4, keeper="book")
    return books


def test_catches_two_outcomes_on_both_sides_of_a_conversion(converted):
    early = converted.itmo(0, 70, keeper="party", at_s=2, purpose="NDC")
    late = converted.itmo(10, 60, keeper="party", registry="Eco", scope="T", at_s=8, purpose="IMP")
    (finding,) = converted.audit("DC-4")
    assert finding.level == "certain"
    assert finding.registries == ("Eco", "ICR")
    assert (finding.scope, finding.start_g, finding.end_g) == (None, None, None)
    assert (finding.amount_g, finding.batch) == (20, 9)
    assert set(finding.records) == {early, late}
    assert finding.detectable_at == 8
    assert converted.audit("DC-4", as_of_s=7) == ()


def test_catches_outcomes_in_pieces_on_both_sides_of_a_conversion(converted):
    converted.itmo(0, 40)
    converted.itmo(40, 100)
    converted.itmo(30, 45, registry="Eco", scope="T")
    converted.itmo(40, 50, registry="Eco", scope="T")
    (finding,) = converted.audit("DC-4")
    assert (finding.amount_g, len(finding.records)) == (20, 4)


def test_near_miss_outcomes_beside_the_conversion(converted):
    converted.itmo(0, 100)
    converted.itmo(100, 200, registry="Eco", scope="T")
    converted.itmo(0, 100, registry="ICR", scope="T")
    converted.issued(0, 100, registry="Eco", scope="U", batch="8", at_s=4)
    converted.itmo(0, 100, registry="Eco", scope="U")
    assert converted.audit("DC-4") == ()


@pytest.mark.parametrize("side", [{}, {"registry": "Eco", "scope": "T"}])
def test_look_alike_outcomes_on_one_side_of_a_conversion(converted, side):
    converted.itmo(0, 100, **side)
    converted.itmo(0, 100, **side)
    assert converted.audit("DC-4") == ()


def test_misses_outcomes_of_parts_that_may_be_different_ones(converted):
    converted.itmo(0, 50)
    converted.itmo(0, 50, registry="Eco", scope="T")
    assert converted.audit("DC-4") == ()


def test_misses_a_conversion_that_does_not_say_what_was_issued(books):
    books.converted("1", 0, 100, keeper="ledger", registry="ICR", target="Eco", at_s=3)
    books.issued(0, 100, registry="Eco", scope="T", batch="9", at_s=4)
    books.itmo(0, 100)
    books.itmo(0, 100, registry="Eco", scope="T")
    assert books.audit("DC-4") == ()
