"""MR-2: one request, two effects."""

from __future__ import annotations

import pytest


def test_catches_two_lines_that_record_one_entry(books):
    first = books.wrote("transfer", amount_g=40, entry=12, batch="4", at_s=8)
    second = books.wrote("transfer", 20, 60, entry=12, batch="4", at_s=8, written_s=9)
    (finding,) = books.audit("MR-2")
    assert finding.code == "MR-2"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (first, second)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_every_line_of_one_request_after_the_first(books):
    lines = [books.wrote("retirement", start, start + 5, request="7") for start in (0, 5, 10)]
    found = books.audit("MR-2")
    assert [finding.records for finding in found] == [(lines[0], lines[1]), (lines[0], lines[2])]
    assert [finding.start_g for finding in found] == [5, 10]


def test_catches_a_line_that_repeats_entry_and_request_once(books):
    books.wrote("retirement", 0, 5, entry=1, request="7")
    books.wrote("retirement", 0, 5, entry=1, request="7")
    assert len(books.audit("MR-2")) == 1


@pytest.mark.parametrize("kind", ["retired", "pledged", "locked"])
def test_catches_two_entries_of_one_request(books, kind):
    first = books.entered(kind, 0, 10, request="7", at_s=3)
    second = books.entered(kind, 20, 30, request="7", at_s=5)
    (finding,) = books.audit("MR-2")
    assert finding.records == (first, second)
    assert (finding.start_g, finding.end_g) == (20, 30)
    assert finding.detectable_at == 5


def test_near_miss_one_record_in_two_intervals(books):
    for start in (0, 20):
        books.entered("retired", start, start + 10, seq=1, request="7")
        books.wrote("retirement", start, start + 10, number=1, entry=1, request="7")
    assert books.audit("MR-2") == ()


def test_look_alike_request_that_was_finalised(books):
    books.entered("retirement_requested", 0, 10, request="7")
    books.entered("retirement_finalised", 0, 10, request="7")
    books.wrote("lock", 0, 10, entry=1, request="7")
    books.wrote("retirement", 0, 10, entry=2, request="7")
    assert books.audit("MR-2") == ()


def test_look_alike_lock_released_in_parts(books):
    for seq in (1, 2):
        books.entered("released", seq, seq + 1, seq=seq, request="7")
        books.wrote("release", seq, seq + 1, entry=seq, request="7")
    assert books.audit("MR-2") == ()


def test_look_alike_one_id_at_two_registries_and_in_the_mirror(books):
    for registry in ("Eco", "ICR"):
        books.entered("retired", 0, 10, request="7", registry=registry)
        books.wrote("retirement", 0, 10, request="7", registry=registry)
    books.entered("retired", 0, 10, request="7", keeper="mirror")
    books.entered("retired", 0, 10, request="7", keeper="mirror")
    assert books.audit("MR-2") == ()


def test_misses_requests_without_an_id(books):
    books.entered("transferred", amount_g=5)
    books.entered("transferred", amount_g=5)
    books.wrote("transfer", amount_g=5)
    books.wrote("transfer", amount_g=5)
    assert books.audit("MR-2") == ()


# Between registries.


@pytest.fixture
def told(books):
    """An entry at Eco about message 4 from ICR, or at ICR about that message to Eco."""

    def enter(kind, **fields):
        answer = kind in ("export_acknowledged", "export_compensated")
        ends = ("ICR", "Eco") if answer else ("Eco", "ICR")
        row = {"registry": ends[0], "peer": ends[1], "message": 4, "export": "7"}
        return books.entered(kind, 0, 10, **{**row, **fields})

    return enter


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("imported", "imported"),
        ("imported", "returned"),
        ("imported", "import_voided"),
        ("import_voided", "imported"),
        ("import_voided", "import_voided"),
        ("imported", "export_compensated"),
        ("export_compensated", "imported"),
        ("export_compensated", "export_compensated"),
        ("export_acknowledged", "export_compensated"),
        ("export_acknowledged", "export_acknowledged"),
        ("import_voided", "export_acknowledged"),
    ],
)
def test_catches_two_effects_of_one_message(books, told, first, second):
    one, other = told(first, at_s=3), told(second, at_s=5)
    (finding,) = books.audit("MR-2")
    assert finding.level == "certain"
    assert set(finding.records) == {one, other}
    assert (finding.start_g, finding.end_g, finding.detectable_at) == (0, 10, 5)


def test_catches_each_effect_after_the_first_once(books, told):
    first = told("imported")
    told("imported")
    told("export_compensated")
    found = books.audit("MR-2")
    assert len(found) == 2
    assert all(first in finding.records for finding in found)


def test_catches_two_lines_that_record_one_arrival(books):
    for number in (1, 2):
        books.wrote("import", 0, 10, number=number, peer="ICR", message=4)
    assert len(books.audit("MR-2")) == 1


def test_near_miss_messages_of_other_numbers_and_ways(books, told):
    told("imported")
    told("imported", message=5)
    told("imported", peer="S&P")
    told("returned", registry="ICR", peer="Eco")
    told("imported", message=None)
    told("imported", message=None)
    books.wrote("import", number=1, peer="ICR", message=4)
    books.wrote("import", number=2, peer="S&P", message=4)
    books.wrote("export", number=3, peer="ICR", message=4)
    assert books.audit("MR-2") == ()


def test_look_alike_message_and_its_answer(books, told):
    told("imported")
    told("export_acknowledged")
    told("import_voided", message=5)
    told("export_compensated", message=5)
    assert books.audit("MR-2") == ()


def test_look_alike_one_arrival_in_the_log_twice(books, told):
    told("imported", place="0xa")
    told("imported", place="0xa")
    assert books.audit("MR-2") == ()
