"""CN-1: totals do not add up."""

from __future__ import annotations


def test_catches_balances_unlike_the_supply(books):
    first = books.held(60, 100, account="A", at_s=3)
    second = books.held(30, 100, account="B", at_s=4)
    (finding,) = books.audit("CN-1")
    assert finding.code == "CN-1"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == (None, None, None)
    assert finding.amount_g == 10
    assert finding.batch == 1
    assert finding.records == (first, second)
    assert finding.detectable_at == 4
    assert finding.clears_when.startswith("the balances sum")


def test_catches_two_statements_of_one_supply_once(books):
    books.held(60, 100, account="A")
    books.held(40, 97, account="B")
    (finding,) = books.audit("CN-1")
    assert finding.amount_g == 3


def test_catches_negative_and_huge_totals(books):
    books.held(2**63 - 1, 2**63 - 1, account="A")
    books.held(2**63 - 1, 2**63 - 1, account="B")
    books.held(-5, 5, batch="2")
    assert [finding.amount_g for finding in books.audit("CN-1")] == [2**63 - 1, 10]


def test_catches_an_issuance_that_went_nowhere(books):
    issued = books.issued(0, 100, at_s=2)
    retired = books.retired(0, 10, at_s=6)
    held = books.held(85, 85, at_s=5)
    (finding,) = books.audit("CN-1")
    assert (finding.scope, finding.start_g, finding.end_g) == (None, None, None)
    assert finding.amount_g == 5
    assert finding.records == tuple(sorted((issued, retired, held)))
    assert finding.detectable_at == 6
    assert finding.clears_when.startswith("the batch's issued amount")


def test_catches_a_token_never_issued(books):
    books.issued(0, 100)
    books.held(100, 100)
    books.held(7, 7, batch="2")
    (finding,) = books.audit("CN-1")
    assert (finding.batch, finding.amount_g) == (2, 7)


def test_catches_a_wrong_supply_once(books):
    # It breaks both equations.
    books.issued(0, 100)
    books.held(100, 90)
    (finding,) = books.audit("CN-1")
    assert finding.clears_when.startswith("the balances sum")


def test_catches_the_exact_grams_outside_the_issuances(books):
    issued = books.issued(10, 20, batch="1")
    books.issued(30, 40, batch="2")
    row = books.disposed("lock", 5, 45, batch="1", at_s=8)
    found = books.audit("CN-1")
    assert [(finding.start_g, finding.end_g) for finding in found] == [(5, 10), (20, 30), (40, 45)]
    assert [finding.amount_g for finding in found] == [5, 10, 5]
    assert {finding.scope for finding in found} == {"S"}
    assert {finding.records for finding in found} == {(issued, row)}
    assert {finding.detectable_at for finding in found} == {8}


def test_near_miss_disposition_that_ends_where_its_issuance_ends(books):
    books.issued(0, 10)
    books.issued(10, 20)
    books.retired(5, 20)
    assert books.audit("CN-1") == ()


def test_near_miss_totals_that_add_up_in_each_keeper(books):
    for keeper, retired in (("ledger", 10), ("book", 20)):
        books.issued(0, 100, keeper=keeper)
        books.retired(0, retired, keeper=keeper)
        books.held(100 - retired, 100 - retired, keeper=keeper)
    assert books.audit("CN-1") == ()


def test_look_alike_issuance_that_the_book_has_too_small(books):
    for keeper, end_g in (("ledger", 100), ("book", 90)):
        books.issued(0, end_g, keeper=keeper)
        books.retired(85, 100, keeper=keeper)
    (finding,) = books.audit("CN-1")
    assert (finding.start_g, finding.end_g) == (90, 100)
    books.entered("issued", 0, 100, seq=1)
    books.wrote("issuance", 0, 90, entry=1)
    assert [finding.code for finding in books.audit("CN-1", "BR-7")] == ["BR-7"]


def test_look_alike_every_kind_of_disposition_and_a_released_lock(books):
    books.issued(0, 100)
    books.retired(0, 10)
    books.disposed("cancellation", 10, 20)
    books.disposed("export", 20, 30)
    books.disposed("lock", 30, 40)
    books.disposed("lock", 40, 50, until_s=9)
    books.held(60, 60, account="A")
    assert books.audit("CN-1") == ()


def test_look_alike_token_that_nobody_holds(books):
    books.issued(0, 100)
    books.retired(0, 100)
    books.held(0, 0, account="")
    assert books.audit("CN-1") == ()


def test_misses_tokens_and_dispositions_whose_issuances_are_not_in_the_source(books):
    books.held(10, 10, batch="1")
    books.retired(0, 10, scope="T")
    books.issued(0, 10, scope="T", keeper="book")
    assert books.audit("CN-1") == ()


def test_misses_errors_that_cancel_out_and_tokens_without_a_batch(books):
    books.issued(0, 100)
    books.held(70, 100, account="A")
    books.held(30, 100, account="B")
    books.held(5, 6, batch=None)
    assert books.audit("CN-1") == ()


def test_misses_the_past_of_a_token_read_later(books):
    books.issued(0, 100, at_s=1)
    books.retired(0, 10, at_s=5)
    books.held(50, 95, account="A", at_s=4)
    books.held(40, 95, account="B", at_s=5)
    assert len(books.audit("CN-1")) == 1
    assert books.audit("CN-1", as_of_s=4) == ()
