"""DI-1: one serial block issued twice."""

from __future__ import annotations


def test_catches_one_block_issued_twice(books):
    first = books.issued(0, 5_000_000, batch="1", at_s=10)
    second = books.issued(0, 5_000_000, batch="2", at_s=20)
    (finding,) = books.audit("DI-1")
    assert finding.code == "DI-1"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 0, 5_000_000)
    assert finding.amount_g == 5_000_000
    assert finding.batch == 2
    assert finding.records == (first, second)
    assert finding.detectable_at == 20
    assert finding.cleared_at is None
    assert finding.clears_when.startswith("one of the two issuances")


def test_catches_one_block_issued_at_two_registries(books):
    books.issued(7, 9, registry="ICR", at_s=30)
    books.issued(7, 9, registry="Eco", at_s=20)
    (finding,) = books.audit("DI-1")
    assert finding.registries == ("Eco", "ICR")
    assert finding.detectable_at == 30


def test_catches_every_repetition_against_the_earliest(books):
    third = books.issued(0, 10, at_s=3)
    first = books.issued(0, 10, at_s=1)
    second = books.issued(0, 10, at_s=2)
    found = books.audit("DI-1")
    assert [set(finding.records) for finding in found] == [{first, second}, {first, third}]
    assert [finding.detectable_at for finding in found] == [2, 3]


def test_catches_without_a_date_when_one_record_has_none(books):
    books.issued(0, 10, at_s=None)
    books.issued(0, 10, at_s=4)
    (finding,) = books.audit("DI-1")
    assert finding.detectable_at is None


def test_catches_a_row_equal_in_every_column_as_strong_against_its_twin(books):
    books.issued(0, 10, keeper="feed", digest="a", at_s=1)
    twin = books.issued(0, 10, keeper="feed", digest="b", at_s=2)
    again = books.issued(0, 10, keeper="feed", digest="b", at_s=2)
    found = books.audit("DI-1")
    assert [finding.level for finding in found] == ["certain", "strong"]
    assert found[1].records == (twin, again)


def test_catches_one_serial_with_another_amount_over_what_both_have(books):
    row = {"keeper": "feed", "serial": "s", "spelling": "s"}
    later = books.issued(0, 10, digest="b", at_s=5, **row)
    first = books.issued(0, 12, digest="a", at_s=4, **row)
    twin = books.issued(0, 12, digest="a", at_s=6, **row)
    found = books.audit("DI-1", "DI-2")
    assert [(finding.code, finding.level, finding.end_g) for finding in found] == [
        ("DI-1", "certain", 10),
        ("DI-1", "strong", 12),
    ]
    assert [set(finding.records) for finding in found] == [{first, later}, {first, twin}]
    assert [finding.amount_g for finding in found] == [10, 12]
    assert [finding.detectable_at for finding in found] == [5, 6]


def test_near_miss_other_serials_of_one_scope_are_overlaps(books):
    books.issued(0, 10, keeper="feed", serial="s 1 to 10")
    books.issued(0, 12, keeper="feed", serial="s 1 to 12")
    books.issued(5, 6, keeper="feed", serial="s 1 to 10")
    assert [finding.code for finding in books.audit("DI-1", "DI-2")] == ["DI-2", "DI-2"]


def test_near_miss_units_of_one_serial_that_were_split(books):
    books.issued(0, 10, keeper="meta", serial="s")
    books.issued(0, 4, keeper="meta", serial="s")
    assert [finding.code for finding in books.audit("DI-1", "DI-2")] == ["DI-2"]


def test_catches_one_serial_with_a_column_changed(books):
    row = {"keeper": "feed", "serial": "s", "spelling": "s"}
    books.issued(0, 10, digest="a", **row)
    books.issued(0, 10, digest="b", **row)
    assert [finding.level for finding in books.audit("DI-1", "DI-7")] == ["certain"]


def test_near_miss_touching_blocks(books):
    books.issued(0, 10)
    books.issued(10, 20)
    assert books.audit("DI-1") == ()


def test_near_miss_same_bounds_in_another_scope(books):
    books.issued(0, 10, scope="S")
    books.issued(0, 10, scope="T")
    assert books.audit("DI-1") == ()


def test_look_alike_ledger_and_book_record_one_issuance(books):
    books.issued(0, 10, keeper="ledger")
    books.issued(0, 10, keeper="book")
    assert books.audit("DI-1") == ()


def test_look_alike_retirement_of_a_whole_block(books):
    books.issued(0, 10)
    books.retired(0, 10)
    assert books.audit("DI-1") == ()


def test_look_alike_record_that_restates_an_issuance(books):
    books.issued(0, 10, keeper="feed")
    books.issued(0, 10, keeper="feed", restates=True)
    assert books.audit("DI-1") == ()


def test_misses_blocks_without_scope_or_bounds(books):
    books.issued(0, 10, scope=None)
    books.issued(0, 10, scope=None)
    books.issued(None, None)
    books.issued(None, None)
    assert books.audit("DI-1") == ()


def test_misses_that_an_import_carries_its_home_serials(books):
    # Lawful, but no table says yet that the second is an import of the first: a false alarm.
    books.issued(0, 10, registry="ICR", at_s=1)
    books.disposed("export", 0, 10, registry="ICR", at_s=2)
    books.issued(0, 10, registry="Eco", at_s=3)
    assert len(books.audit("DI-1")) == 1


def test_look_alike_block_that_came_from_its_home(books):
    books.issued(0, 100)
    books.exported(0, 100)
    books.imported(0, 100)
    books.imported(0, 100, registry="S&P", batch="8")
    assert books.audit("DI-1", "DI-2", "DI-7") == ()
