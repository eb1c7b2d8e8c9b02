"""SP-1: span unlike quantity."""

from __future__ import annotations

import pytest

INT64_MAX = 2**63 - 1


def test_catches_a_quantity_unlike_its_serials(books):
    record = books.issued(0, 100, keeper="feed", amount_g=99, at_s=7)
    (finding,) = books.audit("SP-1")
    assert (finding.code, finding.level) == ("SP-1", "certain")
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 0, 100)
    assert finding.amount_g == 1
    assert finding.batch == 1
    assert finding.records == (record,)
    assert finding.detectable_at == 7
    assert finding.cleared_at is None


@pytest.mark.parametrize("kind", ["retirement", "cancellation", "lock", "export"])
def test_catches_a_disposition_of_any_kind(books, kind):
    books.disposed(kind, 0, 100, keeper="meta", amount_g=120)
    assert [finding.amount_g for finding in books.audit("SP-1")] == [20]


def test_catches_a_record_that_is_both_issuance_and_retirement_once(books):
    record = books.issued(0, 100, keeper="feed", amount_g=99, record="row 7", at_s=1)
    books.retired(0, 100, keeper="feed", amount_g=99, record="row 7", at_s=5)
    (finding,) = books.audit("SP-1")
    assert finding.records == (record,)
    assert finding.detectable_at == 1


@pytest.mark.parametrize("amount_g", [0, -5, INT64_MAX, -INT64_MAX])
def test_catches_any_amount_within_what_a_column_holds(books, amount_g):
    books.issued(0, INT64_MAX - 1, keeper="feed", amount_g=amount_g)
    (finding,) = books.audit("SP-1")
    assert finding.amount_g == min(abs(INT64_MAX - 1 - amount_g), INT64_MAX)


def test_near_miss_quantity_of_exactly_the_serials(books):
    books.issued(0, 100, keeper="feed")
    books.retired(0, 100, keeper="meta")
    assert books.audit("SP-1") == ()


def test_look_alike_parts_of_one_record(books):
    books.retired(0, 10, keeper="feed", record="row 7")
    books.retired(30, 50, keeper="feed", record="row 7")
    assert books.audit("SP-1") == ()


def test_look_alike_amount_without_serials(books):
    books.issued(None, None, keeper="feed", amount_g=5, scope=None)
    books.retired(0, 10, keeper="feed", amount_g=5, scope=None)
    assert books.audit("SP-1") == ()


def test_misses_books_and_ledgers(books):
    books.issued(0, 10, keeper="book", amount_g=9)
    books.retired(0, 10, keeper="ledger", amount_g=9)
    assert books.audit("SP-1") == ()
