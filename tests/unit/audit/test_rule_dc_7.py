"""DC-7: certificate mismatch."""

from __future__ import annotations

import pytest


def test_catches_grams_that_only_the_certificate_has(books):
    gone = books.retired(0, 100, id="7", batch="4", at_s=5)
    paper = books.certified("C", 0, 140, batch="4", at_s=9)
    (finding,) = books.audit("DC-7")
    assert finding.code == "DC-7"
    assert finding.level == "strong"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 100, 140)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (paper, gone)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_grams_that_only_the_retirement_has(books):
    first = books.retired(0, 50, id="7", at_s=5)
    second = books.retired(60, 100, id="7", at_s=5)
    paper = books.certified("C", 20, 80, at_s=None)
    found = books.audit("DC-7")
    assert [(finding.start_g, finding.end_g) for finding in found] == [(0, 20), (50, 60), (80, 100)]
    assert [finding.records for finding in found] == [
        (paper, first),
        (paper, first, second),
        (paper, second),
    ]
    assert {finding.detectable_at for finding in found} == {None}


def test_catches_every_certificate_after_the_first(books):
    books.retired(0, 100, id="7")
    first = books.certified("B", 0, 100, at_s=3)
    third = books.certified("C", 0, 90, at_s=9)
    second = books.certified("A", 0, 100, at_s=5)
    found = books.audit("DC-7")
    assert [finding.records for finding in found] == [(first, third), (second, first)]
    assert [finding.detectable_at for finding in found] == [9, 5]
    assert {finding.clears_when for finding in found} == {
        "one of the two certificates is withdrawn"
    }


def test_catches_a_certificate_of_a_reversed_or_unknown_retirement(books):
    reversed_ = books.retired(0, 100, id="7", until_s=6, at_s=3)
    seventh = books.certified("C", 0, 100, at_s=5)
    eighth = books.certified("D", 200, 300, retirement="8", at_s=5)
    found = books.audit("DC-7")
    assert [finding.records for finding in found] == [(seventh, reversed_), (eighth,)]
    assert [finding.detectable_at for finding in found] == [5, 5]


def test_catches_by_the_ledger_where_book_and_ledger_differ(books):
    books.retired(0, 100, id="7")
    books.retired(0, 90, id="7", keeper="book")
    books.certified("C", 0, 90)
    (finding,) = books.audit("DC-7")
    assert (finding.start_g, finding.end_g) == (90, 100)


@pytest.mark.parametrize(
    ("changes", "keeper"),
    [
        ({"account": "B"}, "ledger"),
        ({"batch": "5"}, "book"),
        ({"account": "B", "batch": "5"}, "ledger"),
    ],
)
def test_catches_a_certificate_that_names_another_account_or_batch(books, changes, keeper):
    named = {"account": "A", "batch": "4"}
    gone = [
        books.retired(*bounds, id="7", at_s=5, keeper=keeper, **named)
        for bounds in ((0, 50), (60, 100))
    ]
    paper = books.certified("C", 0, 50, at_s=9, **(named | changes))
    books.certified("C", 60, 100, at_s=9, **(named | changes))
    (finding,) = books.audit("DC-7")
    assert finding.records == tuple(sorted([paper, *gone]))
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 0, 100)
    assert (finding.amount_g, finding.batch, finding.detectable_at) == (90, 4, 9)
    assert finding.clears_when.endswith("its retirement's account and batch")


def test_near_miss_certificate_in_other_pieces(books):
    books.retired(0, 40, id="7")
    books.retired(40, 100, id="7")
    books.certified("C", 0, 70)
    books.certified("C", 70, 100)
    assert books.audit("DC-7") == ()


def test_look_alike_certificates_of_a_book_that_was_never_tokenised(books):
    books.retired(0, 100, id="7", keeper="book")
    books.certified("C", 0, 100)
    books.retired(0, 100, id="7", registry="Eco", scope="E")
    books.certified("C", 0, 100, registry="Eco", scope="E")
    assert books.audit("DC-7") == ()


def test_look_alike_certificates_that_leave_a_name_out(books):
    books.retired(0, 100, id="7", account="A", batch="4")
    books.retired(0, 100, id="7", account="B", batch="5", keeper="book")
    books.certified("C", 0, 100, account="", batch=None)
    books.retired(0, 100, id="8", account=None, batch=None)
    books.certified("D", 0, 100, account="A", retirement="8")
    assert books.audit("DC-7") == ()


def test_look_alike_one_certificate_in_two_sources(books):
    books.retired(0, 100, id="7")
    books.certified("C", 0, 100)
    books.certified("D", 0, 100, source="file:ICR")
    assert books.audit("DC-7") == ()


def test_misses_certificates_without_serials_or_without_anything_beside_them(books):
    books.certified("C", 0, 100)
    assert books.audit("DC-7") == ()
    books.retired(0, 100, id="7")
    books.rows["certificates"][0]["start_g"] = None
    assert books.audit("DC-7") == ()


def test_misses_another_account_where_the_serials_differ(books):
    books.retired(0, 100, id="7", account="A")
    books.certified("C", 0, 90, account="B")
    (finding,) = books.audit("DC-7")
    assert (finding.start_g, finding.end_g) == (90, 100)
