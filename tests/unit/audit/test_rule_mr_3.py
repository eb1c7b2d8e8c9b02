"""MR-3: book amount unlike chain amount."""

from __future__ import annotations

import pytest

TONNE = 1_000_000


def test_catches_a_line_with_another_amount_than_its_entry(books):
    entry = books.entered("retired", 0, 3 * TONNE, seq=12, batch="4", at_s=8)
    line = books.wrote("retirement", 0, 5 * TONNE, entry=12, batch="4", at_s=8, written_s=9)
    (finding,) = books.audit("MR-3")
    assert finding.code == "MR-3"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 3 * TONNE, 5 * TONNE)
    assert finding.amount_g == 2 * TONNE
    assert finding.batch == 4
    assert finding.records == (line, entry)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [((2, 9), (0, 2)), ((0, 5), (5, 9)), ((4, 5), (0, 9)), ((7, 12), (0, 12))],
    ids=["ends alike", "starts alike", "inside", "meets"],
)
def test_catches_what_one_side_alone_has_or_what_both_span(books, bounds, expected):
    books.entered("retired", 0, 9 * TONNE, request="7")
    books.wrote("retirement", bounds[0] * TONNE, bounds[1] * TONNE, request="7")
    (finding,) = books.audit("MR-3")
    assert (finding.start_g, finding.end_g) == (expected[0] * TONNE, expected[1] * TONNE)


def test_catches_amounts_without_serials_and_amounts_in_pieces(books):
    books.entered("transferred", seq=1, amount_g=5 * TONNE)
    books.wrote("transfer", entry=1, amount_g=4 * TONNE)
    for start in (0, 20):
        books.entered("locked", start * TONNE, (start + 5) * TONNE, seq=2)
        books.wrote("lock", start * TONNE, (start + 2) * TONNE, entry=2, number=2)
    plain, pieces = books.audit("MR-3")
    assert (plain.amount_g, plain.scope, plain.start_g, plain.end_g) == (TONNE, "S", None, None)
    assert (pieces.amount_g, pieces.start_g, pieces.end_g) == (6 * TONNE, 22 * TONNE, 25 * TONNE)


def test_catches_serials_of_two_scopes_without_an_interval(books):
    books.entered("retired", 0, 3 * TONNE, request="7")
    books.wrote("retirement", 0, TONNE, request="7", scope="T")
    (finding,) = books.audit("MR-3")
    assert (finding.scope, finding.start_g, finding.end_g) == (None, None, None)


def test_near_miss_amounts_that_differ_by_less_than_a_tonne(books):
    books.entered("retired", 0, 3 * TONNE, request="7")
    books.wrote("retirement", 0, 2 * TONNE + 1, request="7")
    assert books.audit("MR-3") == ()
    books.rows["lines"][0]["amount_g"] = 2 * TONNE
    assert len(books.audit("MR-3")) == 1


def test_look_alike_one_amount_in_unlike_pieces(books):
    books.entered("retired", 0, 3 * TONNE, seq=1)
    books.wrote("retirement", 0, TONNE, entry=1, number=1)
    books.wrote("retirement", TONNE, 3 * TONNE, entry=1, number=1)
    assert books.audit("MR-3") == ()


def test_look_alike_request_and_its_finalisation(books):
    books.entered("retirement_requested", 0, 9 * TONNE, request="7")
    books.entered("retirement_finalised", 0, 3 * TONNE, request="7")
    books.wrote("lock", 0, 9 * TONNE, request="7")
    books.wrote("retirement", 0, 3 * TONNE, request="7")
    assert books.audit("MR-3") == ()


def test_look_alike_lock_released_in_parts(books):
    books.entered("released", 0, 3 * TONNE, seq=1, request="7")
    books.entered("released", 3 * TONNE, 9 * TONNE, seq=2, request="7")
    books.wrote("release", 0, 3 * TONNE, entry=1, request="7")
    books.wrote("release", 3 * TONNE, 9 * TONNE, entry=2, request="7")
    assert books.audit("MR-3") == ()


def test_misses_what_has_no_counterpart(books):
    books.entered("retired", 0, 3 * TONNE, seq=1, request="7")
    books.entered("retired", 0, 3 * TONNE, seq=2, request="8", registry="Eco")
    books.entered("retired", 0, 3 * TONNE, seq=3, request="9", keeper="mirror")
    books.wrote("cancellation", 0, TONNE, entry=1, request="7")
    books.wrote("retirement", 0, TONNE, entry=2, request="8")
    books.wrote("retirement", 0, TONNE, entry=3, request="9")
    books.wrote("retirement", 0, TONNE)
    assert books.audit("MR-3") == ()
