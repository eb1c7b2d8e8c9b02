"""BR-5: stale or unfinalised retirement."""

from __future__ import annotations


def test_catches_a_retirement_that_waits_beyond_its_deadline(books):
    books.read("ledger", now_s=21)
    row = books.disposed("lock", 20, 60, batch="4", at_s=9, deadline_s=20)
    (finding,) = books.audit("BR-5")
    assert finding.code == "BR-5"
    assert finding.level == "timed"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (row,)
    assert finding.detectable_at == 20
    assert finding.cleared_at is None
    assert finding.clears_when == "the request is finalised or reverted"


def test_catches_a_retirement_that_waited_beyond_its_deadline(books):
    books.disposed("lock", 20, 60, deadline_s=20, until_s=25)
    (finding,) = books.audit("BR-5")
    assert (finding.detectable_at, finding.cleared_at) == (20, 25)
    # As of a day between the two it still waits.
    books.read("ledger", now_s=30)
    (finding,) = books.audit("BR-5", as_of_s=22)
    assert (finding.detectable_at, finding.cleared_at) == (20, None)
    assert books.audit("BR-5", as_of_s=20) == ()


def test_catches_a_retirement_that_the_book_wrote_down_too_late(books):
    books.read("book", now_s=99, lag_s=5)
    for start in (0, 20):
        entry = books.entered("retired", start, start + 10, seq=1, at_s=10)
    line = books.wrote("retirement", 0, 10, number=1, entry=1, at_s=10, written_s=16)
    books.wrote("retirement", 20, 30, number=1, entry=1, at_s=10, written_s=16)
    found = books.audit("BR-5")
    assert [(finding.start_g, finding.end_g) for finding in found] == [(0, 10), (20, 30)]
    for finding in found:
        assert finding.records == (line, entry)
        assert (finding.detectable_at, finding.cleared_at) == (15, 16)
        assert finding.clears_when == "the book writes the retirement down"


def test_catches_a_retirement_without_a_certificate(books):
    books.certified("1", 0, 5, retirement="6")
    gone = books.retired(10, 20, id="7", at_s=10)
    line = books.retired(10, 20, id="7", keeper="book")
    (finding,) = books.audit("BR-5")
    assert finding.records == (line, gone)
    assert (finding.start_g, finding.end_g, finding.detectable_at) == (10, 20, 10)
    assert finding.clears_when == "the registry publishes a certificate for the retirement"


def test_near_miss_deadlines_that_are_kept_to_the_second(books):
    books.read("ledger", now_s=20)
    books.disposed("lock", 0, 10, deadline_s=20)
    books.disposed("lock", 10, 20, deadline_s=20, until_s=20)
    assert books.audit("BR-5") == ()


def test_near_miss_line_and_certificate_within_their_lag(books):
    books.read("book", now_s=14, lag_s=5)
    books.entered("retired", 10, 20, seq=1, at_s=10)
    books.wrote("retirement", 10, 20, entry=1, at_s=10, written_s=15)
    books.retired(10, 20, id="7", at_s=10)
    books.retired(10, 20, id="7", keeper="book")
    books.certified("1", 0, 5, retirement="6")
    assert books.audit("BR-5") == ()
    books.rows["sources"][0]["now_s"] = 15
    (finding,) = books.audit("BR-5")
    assert finding.detectable_at == 15


def test_look_alike_lock_without_a_deadline(books):
    books.read("ledger", now_s=99)
    books.disposed("lock", 0, 10)
    books.disposed("lock", 0, 10, keeper="book", deadline_s=20)
    assert books.audit("BR-5") == ()


def test_look_alike_certificate_for_other_serials(books):
    books.retired(0, 10, id="7")
    books.retired(0, 10, id="7", keeper="book")
    books.certified("1", 0, 5)
    assert books.audit("BR-5") == ()


def test_misses_a_ledger_without_a_clock_and_a_book_without_a_lag(books):
    books.disposed("lock", 0, 10, deadline_s=20)
    books.entered("retired", 20, 30, seq=1, at_s=10)
    books.wrote("retirement", 20, 30, entry=1, at_s=10, written_s=99)
    assert books.audit("BR-5") == ()


def test_misses_registries_without_certificates_and_what_the_book_lacks(books):
    books.retired(0, 10, id="7")
    books.retired(0, 10, id="7", keeper="book")
    books.retired(20, 30, id="8")
    assert books.audit("BR-5") == ()
    books.certified("1", 0, 10)
    assert books.audit("BR-5") == ()
