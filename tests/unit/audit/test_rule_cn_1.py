"""CN-1: totals do not add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

INT64_MAX = 2**63 - 1
UINT256_MAX = 2**256 - 1
UNITS = st.integers(-UINT256_MAX, UINT256_MAX) | st.integers(-3, 3)


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


def test_catches_balances_unlike_the_supply_in_units(books):
    first = books.foreign(str(60 * 10**18), str(100 * 10**18), batch="7", decimals=18, at_s=3)
    second = books.foreign(str(30 * 10**18), str(100 * 10**18), batch="7", decimals=18, at_s=4)
    (finding,) = books.audit("CN-1")
    assert (finding.amount_g, finding.batch) == (10_000_000, 7)
    assert finding.records == (first, second)
    assert finding.detectable_at == 4
    assert finding.clears_when.endswith("they are 10000000000000000000 units apart")


def test_catches_units_beyond_what_an_amount_holds(books):
    books.foreign(str(UINT256_MAX), str(-UINT256_MAX), decimals=18, batch="1")
    books.foreign("1", "2", decimals=18, batch="2")
    books.foreign("1", "2", decimals=None, batch="3")
    found = books.audit("CN-1")
    assert [finding.amount_g for finding in found] == [INT64_MAX, 0, 0]
    assert f"{2 * UINT256_MAX} units" in found[0].clears_when


def test_catches_two_statements_of_one_supply_in_units_once(books):
    books.foreign("60", "100", decimals=6)
    books.foreign("40", "97", decimals=6)
    assert [finding.amount_g for finding in books.audit("CN-1")] == [3]


@given(balances=st.lists(UNITS, min_size=1, max_size=4), supplies=st.lists(UNITS, max_size=2))
def test_law_units_add_up_exactly(new_books, balances, supplies):
    books = new_books()
    for nth, balance in enumerate(balances):
        supply = supplies[nth % len(supplies)] if supplies else sum(balances)
        books.foreign(str(balance), str(supply), decimals=6)
    stated = [sum(balances), *supplies[: len(balances)]]
    apart = max(stated) - min(stated)
    found = books.audit("CN-1")
    assert [finding.amount_g for finding in found] == [min(apart, INT64_MAX)] * (apart > 0)
    assert all(f" {apart} units" in finding.clears_when for finding in found)


def test_catches_more_taken_from_a_batch_than_was_issued_of_it(books):
    issued = books.issued(None, None, scope=None, keeper="feed", amount_g=100, batch="CAFR-C")
    row = {"scope": None, "keeper": "feed", "batch": "CAFR-C"}
    first = books.retired(None, None, amount_g=60, at_s=4, **row)
    second = books.disposed("cancellation", None, None, amount_g=50, at_s=6, **row)
    (finding,) = books.audit("CN-1")
    assert finding.amount_g == 10
    assert finding.batch is None
    assert finding.records == tuple(sorted((issued, first, second)))
    assert finding.detectable_at == 6
    assert finding.clears_when.startswith("what was taken")


def test_catches_another_amount_restated_for_one_serial(books):
    issued = books.issued(0, 100, keeper="feed", amount_g=100, at_s=3)
    again = books.issued(0, 100, keeper="feed", amount_g=120, at_s=None, restates=True)
    (finding,) = books.audit("CN-1")
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", None, None)
    assert finding.amount_g == 20
    assert finding.records == (issued, again)
    assert finding.detectable_at is None
    assert finding.clears_when.startswith("both publications")


def test_catches_a_disposition_covered_by_a_restatement_only(books):
    books.issued(0, 100, keeper="feed")
    books.issued(0, 120, keeper="feed", amount_g=100, restates=True)
    books.retired(90, 110, keeper="feed")
    (finding,) = books.audit("CN-1")
    assert (finding.start_g, finding.end_g) == (100, 110)


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


@pytest.mark.parametrize("purpose", ["reversal", "buffer"])
def test_look_alike_compensation_beyond_what_was_issued(books, purpose):
    row = {"scope": None, "keeper": "feed", "batch": "CAFR5253-C"}
    books.issued(None, None, amount_g=178_528, **row)
    books.retired(None, None, amount_g=178_528, purpose=None, **row)
    books.retired(None, None, amount_g=248_989, purpose=purpose, **row)
    assert books.audit("CN-1") == ()


def test_look_alike_credits_invalidated_after_their_use(books):
    row = {"scope": None, "keeper": "feed", "batch": "CALS5040-C"}
    books.issued(None, None, amount_g=20_421, **row)
    books.retired(None, None, amount_g=20_421, purpose="compliance", **row)
    removed = {"amount_g": 18_867, "purpose": "removal", **row}
    books.disposed("cancellation", None, None, **removed)
    assert books.audit("CN-1") == ()
    books.disposed("cancellation", None, None, **removed)
    assert [finding.amount_g for finding in books.audit("CN-1")] == [2 * 18_867 - 20_421]


def test_look_alike_tokens_of_two_contracts_with_one_number(books):
    books.foreign("5", "5", batch="7", contract="0xa", balance_g=5, supply_g=5)
    books.foreign("6", "6", batch="7", contract="0xb", balance_g=6, supply_g=6)
    assert books.audit("CN-1") == ()


def test_look_alike_amount_restated_as_it_was(books):
    books.issued(0, 100, keeper="feed")
    books.issued(0, 100, keeper="meta", amount_g=90)
    books.issued(0, 100, keeper="feed", restates=True)
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


def test_misses_a_foreign_token_of_which_something_is_unknown(books):
    books.foreign("5", "6", contract="0xa")
    books.foreign("many", "6", contract="0xa")
    books.foreign("5", None, contract="0xb")
    books.foreign("5", "9" * 91, contract="0xc")
    books.foreign("5", "6", contract=None)
    assert books.audit("CN-1") == ()


def test_misses_a_batch_whose_issuance_is_in_no_file(books):
    books.retired(None, None, scope=None, keeper="feed", batch="CAFR-C")
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


# Between registries.


def test_catches_a_use_outside_what_was_imported_as_its_batch(books):
    books.issued(0, 1_000)
    imported = books.imported(0, 100, at_s=2)
    books.imported(100, 200, batch="8", at_s=2)
    row = books.retired(60, 140, registry="Eco", home="ICR", batch="9", at_s=5)
    (finding,) = books.audit("CN-1")
    assert finding.registries == ("Eco",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 100, 140)
    assert finding.batch == 9
    assert finding.records == tuple(sorted((imported, row)))


def test_catches_grams_of_an_imported_batch_that_are_nowhere(books):
    books.imported(0, 100)
    books.left(0, 30)
    books.held(60, 60, registry="Eco", batch="9")
    (finding,) = books.audit("CN-1")
    assert (finding.amount_g, finding.batch) == (10, 9)


def test_look_alike_batches_that_add_up_on_both_sides(books):
    books.issued(0, 1_000)
    books.exported(0, 60)
    books.exported(60, 100, until_s=9)
    books.held(940, 940)
    books.imported(0, 100)
    books.left(60, 100)
    books.retired(0, 10, registry="Eco", home="ICR", batch="9")
    books.held(50, 50, registry="Eco", batch="9")
    assert books.audit("CN-1") == ()


def test_misses_a_use_outside_an_import_whose_line_is_unlike_its_entry(books):
    books.imported(0, 90, keeper="book")
    books.retired(0, 100, registry="Eco", home="ICR", batch="9", keeper="book")
    books.entered("imported", 0, 100, seq=3, registry="Eco")
    books.wrote("import", 0, 90, entry=3, registry="Eco")
    assert [finding for finding in books.audit("CN-1") if finding.scope] == []
