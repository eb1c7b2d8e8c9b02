"""Rules that compare ledger and book take no account of what files say."""

from __future__ import annotations

import random

import pytest

CODES = ("BR-1", "BR-2", "BR-3", "BR-5", "BR-7", "BR-9", "DC-7")


def _add_files(books, seed):
    chance = random.Random(seed)
    for keeper in ("feed", "meta"):
        for registry in ("ICR", "Eco", "ACR"):
            books.read(keeper, now_s=50, lag_s=1, registry=registry)
            for kind in ("retirement", "cancellation", "lock", "export"):
                start_g = chance.randrange(100)
                row = {"keeper": keeper, "registry": registry, "id": chance.choice("78")}
                books.issued(start_g, start_g + 30, keeper=keeper, registry=registry)
                books.disposed(kind, start_g, start_g + 20, deadline_s=3, **row)
            books.foreign("5", "5", keeper=keeper, registry=registry)


def _faulty(books):
    books.issued(0, 100)
    books.issued(0, 90, keeper="book")
    books.retired(0, 30, id="7")
    books.retired(0, 20, id="7", keeper="book")
    books.retired(32, 34, id="9")
    books.retired(40, 50, id="8", keeper="book")
    books.disposed("lock", 60, 70, deadline_s=4)
    books.read("ledger", now_s=50)
    books.entered("locked", 60, 70)
    books.entered("retired", 0, 30, request="7")
    books.wrote("retirement", 0, 20, request="7")
    books.certified("C", 0, 25)


@pytest.mark.parametrize("seed", range(3))
def test_law_rows_of_files_make_no_finding_of_a_book(books, seed):
    books.certified("C", 0, 10, registry="ACR")
    _add_files(books, seed)
    assert books.audit(*CODES) == ()


@pytest.mark.parametrize("seed", range(3))
def test_law_rows_of_files_change_no_finding_of_a_book(books, seed):
    _faulty(books)
    found = books.audit(*CODES)
    assert {finding.code for finding in found} == {*CODES}
    _add_files(books, seed)
    assert books.audit(*CODES) == found
