"""DI-7: one serial in two spellings."""

from __future__ import annotations

import pytest


@pytest.fixture
def printed(books):
    """Issues the block [0, 10) in a file, under one serial."""

    def print_row(spelling, **fields):
        row = {"keeper": "feed", "serial": "ICR-1", "digest": spelling, **fields}
        return books.issued(0, 10, spelling=spelling, **row)

    return print_row


def test_catches_a_serial_spelt_in_another_way(books, printed):
    first = printed("ICR-1", at_s=3)
    second = printed("icr-1", at_s=5, batch="2")
    (finding,) = books.audit("DI-1", "DI-7")
    assert (finding.code, finding.level) == ("DI-7", "certain")
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 0, 10)
    assert finding.amount_g == 10
    assert finding.batch == 2
    assert finding.records == (first, second)
    assert finding.detectable_at == 5
    assert finding.cleared_at is None


def test_catches_every_further_spelling_against_the_earliest_row_of_the_serial(books, printed):
    first = printed("ICR-1", at_s=1)
    second = printed("icr-1", at_s=2)
    third = printed("ICR-01", at_s=3)
    found = books.audit("DI-1", "DI-7")
    assert [finding.code for finding in found] == ["DI-7", "DI-7"]
    assert [set(finding.records) for finding in found] == [{first, second}, {first, third}]


def test_catches_a_row_that_differs_in_more_than_its_spelling(books, printed):
    printed("ICR-1", account="A")
    printed("icr-1", account="B")
    assert [finding.code for finding in books.audit("DI-1", "DI-7")] == ["DI-7"]


def test_near_miss_the_same_spelling_again(books, printed):
    printed("ICR-1", at_s=1)
    printed("icr-1", at_s=2)
    printed("icr-1", at_s=3, digest="another")
    found = books.audit("DI-1", "DI-7")
    assert [(finding.code, finding.detectable_at) for finding in found] == [
        ("DI-1", 3),
        ("DI-7", 2),
    ]


def test_near_miss_another_serial_with_the_same_numbers(books, printed):
    printed("ICR-1")
    printed("ICR-2", serial="ICR-2")
    assert [finding.code for finding in books.audit("DI-1", "DI-7")] == ["DI-1"]


def test_look_alike_two_publications_of_one_serial(books, printed):
    printed("ICR-1", keeper="feed")
    printed("icr-1", keeper="meta")
    assert books.audit("DI-1", "DI-7") == ()


def test_look_alike_record_that_restates_an_issuance(books, printed):
    printed("ICR-1")
    printed("icr-1", restates=True)
    assert books.audit("DI-1", "DI-7") == ()


def test_misses_records_that_do_not_say_how_they_spell(books):
    books.issued(0, 10)
    books.issued(0, 10)
    assert [finding.code for finding in books.audit("DI-1", "DI-7")] == ["DI-1"]


def test_misses_parts_of_a_block_in_another_spelling(books, printed):
    printed("ICR-1")
    books.issued(5, 10, keeper="feed", serial="ICR-1b", spelling="icr-1b")
    assert [finding.code for finding in books.audit("DI-1", "DI-2", "DI-7")] == ["DI-2"]
