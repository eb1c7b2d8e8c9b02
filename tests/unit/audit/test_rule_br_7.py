"""BR-7: residue."""

from __future__ import annotations

TONNE = 1_000_000


def test_catches_a_fraction_that_the_book_rounded_away(books):
    entry = books.entered("retired", 0, 3 * TONNE + 400, seq=12, batch="4", at_s=9)
    line = books.wrote("retirement", 0, 3 * TONNE, entry=12, batch="4", at_s=8)
    (finding,) = books.audit("BR-7")
    assert finding.code == "BR-7"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 3 * TONNE, 3 * TONNE + 400)
    assert finding.amount_g == 400
    assert finding.batch == 4
    assert finding.records == (line, entry)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_without_a_date_when_one_side_has_none(books):
    books.entered("cancelled", 0, 10, request="7", at_s=None)
    books.wrote("cancellation", 0, 9, request="7")
    (finding,) = books.audit("BR-7")
    assert finding.detectable_at is None


def test_near_miss_amounts_that_differ_by_a_tonne(books):
    books.entered("retired", 0, 3 * TONNE, request="7")
    books.wrote("retirement", 0, 2 * TONNE, request="7")
    assert books.audit("BR-7") == ()


def test_look_alike_fraction_on_both_sides(books):
    books.entered("retired", 0, 400, request="7")
    books.wrote("retirement", 0, 400, request="7")
    assert books.audit("BR-7") == ()


def test_look_alike_line_that_names_its_entry_and_carries_another_request(books):
    books.entered("retired", 0, 400, seq=1, request="7")
    books.entered("retired", 400, 900, seq=2, request="8")
    books.wrote("retirement", 0, 400, entry=1, request="8")
    assert books.audit("BR-7") == ()


def test_misses_dust_without_a_counterpart(books):
    books.entered("retired", 0, 400, request="7")
    books.wrote("retirement", 0, 300)
    assert books.audit("BR-7") == ()
