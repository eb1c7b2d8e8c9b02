"""DI-2: two issued blocks intersect."""

from __future__ import annotations


def test_catches_the_exact_overlap_of_two_blocks(books):
    first = books.issued(0, 100, batch="1", at_s=10)
    second = books.issued(60, 160, batch="2", at_s=5)
    (finding,) = books.audit("DI-2")
    assert finding.code == "DI-2"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 60, 100)
    assert finding.amount_g == 40
    assert finding.batch == 2
    assert finding.records == (first, second)
    assert finding.detectable_at == 10
    assert finding.cleared_at is None


def test_catches_a_part_reused_after_a_split_at_another_registry(books):
    whole = books.issued(0, 100, registry="ICR")
    part = books.issued(20, 30, registry="Eco")
    (finding,) = books.audit("DI-2")
    assert finding.registries == ("Eco", "ICR")
    assert (finding.start_g, finding.end_g) == (20, 30)
    assert set(finding.records) == {whole, part}


def test_catches_an_overlap_with_a_block_that_started_long_before(books):
    # The running maximum is held by the first row, not by the one before.
    wide = books.issued(0, 100)
    books.issued(5, 10)
    late = books.issued(90, 95)
    found = books.audit("DI-2")
    assert [(finding.start_g, finding.end_g) for finding in found] == [(5, 10), (90, 95)]
    assert set(found[1].records) == {wide, late}


def test_catches_a_single_gram(books):
    books.issued(0, 11)
    books.issued(10, 20)
    (finding,) = books.audit("DI-2")
    assert (finding.start_g, finding.end_g, finding.amount_g) == (10, 11, 1)


def test_catches_an_unequal_block_behind_an_equal_one(books):
    books.issued(0, 50)
    books.issued(10, 100)
    books.issued(10, 100)
    found = books.audit("DI-2")
    assert [(finding.start_g, finding.end_g) for finding in found] == [(10, 50), (10, 50)]


def test_near_miss_touching_blocks(books):
    books.issued(0, 10)
    books.issued(10, 20)
    books.issued(20, 30)
    assert books.audit("DI-2") == ()


def test_near_miss_overlap_in_another_scope(books):
    books.issued(0, 10, scope="S")
    books.issued(5, 15, scope="T")
    assert books.audit("DI-2") == ()


def test_look_alike_disposition_inside_its_issuance(books):
    books.issued(0, 100)
    books.retired(20, 30)
    books.disposed("export", 40, 50)
    assert books.audit("DI-2") == ()


def test_look_alike_book_splits_what_the_ledger_issues_whole(books):
    books.issued(0, 100, keeper="ledger")
    books.issued(0, 60, keeper="book")
    books.issued(60, 100, keeper="book")
    assert books.audit("DI-2") == ()


def test_look_alike_record_that_restates_an_issuance(books):
    books.issued(0, 10, keeper="feed")
    books.issued(0, 12, keeper="feed", restates=True)
    assert books.audit("DI-2") == ()


def test_misses_the_other_pairs_where_three_blocks_meet(books):
    # Three pairs intersect in [20, 30); two findings name all three rows.
    rows = {books.issued(0, 100), books.issued(10, 90), books.issued(20, 30)}
    found = books.audit("DI-2")
    assert len(found) == 2
    assert {record for finding in found for record in finding.records} == rows


def test_misses_blocks_without_scope_or_in_no_order(books):
    books.issued(0, 10, scope=None)
    books.issued(5, 15, scope=None)
    books.issued(0, 10)
    books.issued(8, 3, amount_g=5)
    books.issued(5, 5)
    assert books.audit("DI-2") == ()


def test_look_alike_part_of_a_block_that_came_from_its_home(books):
    books.issued(0, 100)
    books.imported(20, 50)
    books.imported(40, 90, batch="8")
    assert books.audit("DI-2") == ()
