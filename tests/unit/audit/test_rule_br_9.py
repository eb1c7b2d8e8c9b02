"""BR-9: act by role outside the book."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("kind", ["forced_transfer", "locked", "released"])
def test_catches_an_act_that_no_line_records(books, kind):
    books.wrote("issuance", 0, 100)
    act = books.entered(kind, 20, 60, batch="4", at_s=9, request="7")
    (finding,) = books.audit("BR-9")
    assert finding.code == "BR-9"
    assert finding.level == "strong"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (act,)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_each_interval_and_an_act_without_any(books):
    books.wrote("issuance", 0, 100)
    books.entered("locked", 0, 10, seq=1)
    books.entered("locked", 20, 30, seq=1)
    books.entered("forced_transfer", seq=2, scope=None, amount_g=5)
    found = books.audit("BR-9")
    assert [(finding.start_g, finding.amount_g) for finding in found] == [
        (None, 5),
        (0, 10),
        (20, 10),
    ]


def test_near_miss_book_that_is_late_by_less_than_its_lag(books):
    books.wrote("issuance", 0, 100)
    books.entered("locked", 0, 10, at_s=10)
    books.read("book", now_s=14, lag_s=5)
    assert books.audit("BR-9") == ()
    books.rows["sources"][0]["now_s"] = 15
    (finding,) = books.audit("BR-9")
    assert finding.detectable_at == 15


def test_look_alike_acts_that_lines_record(books):
    books.entered("forced_transfer", seq=1, amount_g=5)
    books.entered("locked", 0, 10, seq=2, request="7")
    books.entered("released", 0, 4, seq=3, request="7")
    books.entered("released", 4, 10, seq=4, request="7")
    books.wrote("transfer", entry=1, amount_g=5)
    books.wrote("lock", 0, 10, request="7")
    books.wrote("release", 0, 4, entry=3, request="7")
    books.wrote("release", 4, 10, request="7")
    assert books.audit("BR-9") == ()


def test_look_alike_acts_that_are_no_role_s_or_another_rule_s(books):
    books.wrote("issuance", 0, 100)
    for kind in ("transferred", "retired", "cancelled", "issued", "frozen", "pledged"):
        books.entered(kind, 0, 10)
    assert books.audit("BR-9") == ()


def test_misses_a_registry_without_lines_and_a_mirror(books):
    books.entered("locked", 0, 10)
    books.wrote("issuance", 0, 10, registry="Eco")
    books.entered("locked", 0, 10, registry="Eco", keeper="mirror")
    assert books.audit("BR-9") == ()
