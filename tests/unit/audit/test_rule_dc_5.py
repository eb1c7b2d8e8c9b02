"""DC-5: one retirement, two beneficiaries."""

from __future__ import annotations

import pytest


def test_catches_two_beneficiaries_of_one_retirement(books):
    first = books.claimed("Acme", 20, 60, retirement="7", at_s=8, batch="4")
    second = books.claimed("Zenith", 20, 60, retirement="7", at_s=9, batch="4")
    (finding,) = books.audit("DC-5")
    assert finding.code == "DC-5"
    assert finding.level == "strong"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (first, second)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_one_interval_in_the_publications_of_two_keepers(books):
    first = books.claimed("Acme", 20, 60, retirement="7", at_s=8)
    second = books.claimed("Zenith", 20, 60, retirement="c-1", at_s=None, keeper="meta")
    (finding,) = books.audit("DC-5")
    assert set(finding.records) == {first, second}
    assert (finding.start_g, finding.end_g, finding.amount_g) == (20, 60, 40)
    assert finding.detectable_at is None


def test_catches_once_what_is_one_retirement_in_both_ways(books):
    books.claimed("Acme", 20, 60, retirement="7")
    books.claimed("Zenith", 20, 60, retirement="7", keeper="meta")
    assert len(books.audit("DC-5")) == 1


def test_catches_each_later_beneficiary_once(books):
    for beneficiary in ("Acme", "Zenith", "ACME", "Zenith", "Mega"):
        books.claimed(beneficiary, 0, 10, retirement="7")
    assert len(books.audit("DC-5")) == 2


def test_catches_what_the_claims_of_one_retirement_share(books):
    books.claimed("Acme", 0, 30, retirement="7")
    books.claimed("Zenith", 20, 60, retirement="7")
    (finding,) = books.audit("DC-5")
    assert (finding.start_g, finding.end_g, finding.amount_g) == (20, 30, 10)


def test_catches_claims_that_name_no_grams(books):
    books.retired(0, 10, keeper="feed", id="7")
    books.claimed("Acme", None, None, scope=None, retirement="7", amount_g=10)
    books.claimed("Zenith", None, None, scope=None, retirement="7", amount_g=6)
    books.claimed("Acme", 4, 10, retirement="7", at_s=0)
    books.claimed("Mega", 0, 4, retirement="7")
    found = books.audit("DC-5")
    assert [(finding.scope, finding.start_g, finding.amount_g) for finding in found] == [
        (None, None, 6),
        ("S", 0, 4),
    ]


@pytest.mark.parametrize("other", ["ACME  Ltd", " acme\u00a0ltd ", "Acme Ltd"])
def test_near_miss_one_beneficiary_in_two_spellings(books, other):
    books.claimed("Acme Ltd", 0, 10, retirement="7")
    books.claimed(other, 0, 10, retirement="7")
    books.claimed(other, 0, 10, keeper="meta")
    assert books.audit("DC-5") == ()


def test_near_miss_retirements_of_one_id_at_two_registries(books):
    books.claimed("Acme", 0, 10, retirement="7")
    books.claimed("Zenith", 0, 10, retirement="7", registry="Eco")
    books.claimed("Zenith", 0, 10, retirement="7", registry="Eco", scope="T")
    assert books.audit("DC-5") == ()


def test_look_alike_shares_of_one_retirement(books):
    books.claimed("Acme", 0, 10, retirement="7")
    books.claimed("Zenith", 10, 20, retirement="7")
    books.claimed("Zenith", 0, 10, retirement="7", scope="T")
    books.retired(0, 10, keeper="feed", id="8")
    books.claimed("Acme", None, None, scope=None, retirement="8", amount_g=4)
    books.claimed("Zenith", None, None, scope=None, retirement="8", amount_g=6)
    assert books.audit("DC-5") == ()


def test_look_alike_two_retirements_of_one_interval(books):
    for id, beneficiary in [("7", "Acme"), ("8", "Zenith")]:
        books.retired(0, 10, keeper="feed", id=id, beneficiary=beneficiary)
        books.claimed(beneficiary, 0, 10, retirement=id)
    assert [finding.code for finding in books.audit("DU-1", "DC-5")] == ["DU-1"]
    # Another publication that agrees with one of the two adds nothing.
    books.claimed("Zenith", 0, 10, keeper="meta")
    assert books.audit("DC-5") == ()


def test_look_alike_row_that_was_repeated_with_another_beneficiary(books):
    for record, beneficiary in [("row 1", "Acme"), ("row 2", "Zenith")]:
        row = {"keeper": "feed", "source": "f.csv", "record": record}
        books.retired(0, 10, id="7", **row)
        books.claimed(beneficiary, 0, 10, retirement="7", **row)
    assert [finding.code for finding in books.audit("DU-1", "DC-5")] == ["DU-1"]
    # One row that names two is another matter, and so are two rows that name no serials.
    books.claimed("Mega", 0, 10, retirement="7", source="f.csv", record="row 1")
    assert len(books.audit("DC-5")) == 1


def test_catches_a_retirement_without_serials_that_was_repeated_for_another(books):
    for record, beneficiary in [("row 1", "Acme"), ("row 2", "Zenith")]:
        row = {"keeper": "feed", "source": "f.csv", "record": record, "scope": None}
        books.retired(None, None, id="7", amount_g=10, **row)
        books.claimed(beneficiary, None, None, retirement="7", amount_g=10, **row)
    (finding,) = books.audit("DU-1", "DC-5")
    assert (finding.code, finding.amount_g) == ("DC-5", 10)


def test_misses_intervals_of_two_keepers_that_are_not_equal_and_claims_of_nothing(books):
    books.claimed("Acme", 0, 10)
    books.claimed("Zenith", 0, 9, keeper="meta")
    for beneficiary in ("Acme", "Zenith", ""):
        books.claimed(beneficiary, None, None, scope=None, retirement=" ")
    assert books.audit("DC-5") == ()


def test_catches_a_claim_abroad_and_another_at_home(books):
    first = books.claimed("Acme", 20, 60, keeper="ledger", registry="Eco", home="ICR", at_s=8)
    second = books.claimed("Zenith", 20, 60, keeper="claimant", retirement="7", at_s=9)
    (finding,) = books.audit("DC-5")
    assert finding.registries == ("Eco", "ICR")
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert set(finding.records) == {first, second}


def test_catches_claims_of_one_id_at_two_registries_that_are_one_interval(books):
    books.claimed("Acme", 20, 60, keeper="ledger", registry="Eco", home="ICR", retirement="7")
    books.claimed("Zenith", 20, 60, keeper="claimant", retirement="7")
    assert len(books.audit("DC-5")) == 1


def test_near_miss_one_scope_of_two_homes(books):
    books.claimed("Acme", 20, 60, keeper="ledger", registry="Eco", home="ICR")
    books.claimed("Zenith", 20, 60, keeper="claimant", registry="Eco")
    assert books.audit("DC-5") == ()


def test_look_alike_certificate_and_claim_of_one_beneficiary(books):
    row = {"registry": "Eco", "home": "ICR", "retirement": "7"}
    books.claimed("Acme", 20, 60, keeper="ledger", **row)
    books.claimed("acme ", 20, 60, keeper="book", **row)
    books.claimed("Acme", 20, 40, keeper="claimant", **row)
    assert books.audit("DC-5") == ()
