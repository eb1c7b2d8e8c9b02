"""MR-1: mirror differs from its source."""

from __future__ import annotations

import pytest

LINES = {
    "issued": "issuance",
    "transferred": "transfer",
    "retired": "retirement",
    "cancelled": "cancellation",
    "locked": "lock",
    "retirement_requested": "lock",
    "released": "release",
}


@pytest.fixture
def copied(books):
    """Three entries in the ledger's log and the mirror, all recorded by lines."""
    for seq in (1, 2, 3):
        for keeper in ("ledger", "mirror"):
            books.entered("retired", 10 * seq, 10 * seq + 10, seq=seq, keeper=keeper, at_s=seq)
    return books


def test_catches_an_entry_that_the_mirror_has_not(copied):
    entry = copied.entered("retired", 50, 60, seq=4, batch="4", at_s=9)
    (finding,) = copied.audit("MR-1")
    assert finding.code == "MR-1"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 50, 60)
    assert finding.amount_g == 10
    assert finding.batch == 4
    assert finding.records == (entry,)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None
    assert finding.clears_when == "the mirror copies the entry"


def test_catches_an_entry_that_the_mirror_has_twice(copied):
    twice = copied.entered("retired", 30, 40, seq=4, place="0x3", keeper="mirror", at_s=5)
    (finding,) = copied.audit("MR-1")
    assert finding.records == ("mirror:ICR:entry 3", twice)
    assert finding.detectable_at == 5
    assert finding.clears_when == "the mirror drops the repetition"


def test_catches_an_orphaned_entry_in_each_interval(copied):
    copied.entered("retired", 50, 60, seq=4, place="0xdead", keeper="mirror")
    orphan = copied.entered("retired", 70, 75, seq=4, place="0xdead", keeper="mirror")
    found = copied.audit("MR-1")
    assert [(finding.start_g, finding.end_g) for finding in found] == [(50, 60), (70, 75)]
    assert {finding.records for finding in found} == {(orphan,)}
    assert {finding.clears_when for finding in found} == {
        "the mirror drops what its source has not"
    }


def test_catches_an_entry_that_the_mirror_tells_differently(copied):
    original = copied.entered("retired", 50, 60, seq=4)
    altered = copied.entered("retired", 50, 59, seq=4, keeper="mirror", body="said otherwise")
    (finding,) = copied.audit("MR-1")
    assert finding.records == (original, altered)
    assert (finding.start_g, finding.end_g) == (50, 59)
    assert finding.clears_when == "the mirror copies the entry again"


def test_catches_a_reorganised_entry_on_both_sides(copied):
    copied.entered("retired", 50, 60, seq=4, place="0xnew")
    copied.entered("retired", 50, 60, seq=4, place="0xold", keeper="mirror")
    assert [finding.records[0][:6] for finding in copied.audit("MR-1")] == ["ledger", "mirror"]


def test_catches_entries_without_a_place_by_their_number(books):
    for seq in (1, 2):
        books.entered("retired", 0, 10, seq=seq, place=None)
    books.entered("retired", 0, 10, seq=1, place=None, keeper="mirror")
    (finding,) = books.audit("MR-1")
    assert finding.records == ("ledger:ICR:entry 2",)


def test_catches_all_when_the_mirror_is_empty(books):
    books.entered("retired", 0, 10)
    assert books.audit("MR-1") == ()
    books.read("mirror", now_s=5)
    assert len(books.audit("MR-1")) == 1


@pytest.mark.parametrize(
    "kind", ["transferred", "foreclosed", "retirement_requested", "retirement_reverted"]
)
def test_catches_a_holder_s_act_that_no_line_records(books, kind):
    books.wrote("issuance", 0, 100)
    act = books.entered(kind, 0, 10, at_s=10)
    books.read("book", now_s=14, lag_s=5)
    assert books.audit("MR-1") == ()
    books.rows["sources"].clear()
    (finding,) = books.audit("MR-1")
    assert finding.records == (act,)
    assert finding.detectable_at == 10
    assert finding.clears_when == "the book writes the entry down"


@pytest.mark.parametrize("entry", [None, 99])
def test_catches_a_transfer_in_the_book_that_no_entry_confirms(books, entry):
    books.issued(0, 100)
    books.entered("issued", 0, 100, seq=1)
    books.wrote("issuance", 0, 100, entry=1)
    line = books.wrote("transfer", scope=None, amount_g=7, entry=entry, at_s=6)
    (finding,) = books.audit("MR-1")
    assert finding.records == (line,)
    assert (finding.scope, finding.amount_g, finding.detectable_at) == (None, 7, 6)


@pytest.mark.parametrize("kind", ["issued", "transferred", "retired", "cancelled", "locked"])
@pytest.mark.parametrize("by", ["entry", "request"])
def test_catches_a_line_that_names_another_batch(books, kind, by):
    number = {"seq": 1} if by == "entry" else {"request": "7"}
    entry = books.entered(kind, 0, 10, batch="4", at_s=3, **number)
    named = {"entry": 1} if by == "entry" else {"request": "7"}
    line = books.wrote(LINES[kind], 0, 10, batch="5", at_s=6, **named)
    (finding,) = books.audit("MR-1")
    assert finding.records == (line, entry)
    assert (finding.scope, finding.start_g, finding.end_g) == (None, None, None)
    assert (finding.amount_g, finding.batch, finding.detectable_at) == (10, 4, 6)
    assert finding.clears_when == "the line says what the entry says"


@pytest.mark.parametrize("kind", ["locked", "retirement_requested", "released"])
@pytest.mark.parametrize(
    ("bounds", "expected"),
    [((4, 14), (0, 4)), ((-3, 7), (7, 10)), ((20, 30), (0, 10))],
    ids=["later", "earlier", "apart"],
)
def test_catches_a_lock_or_release_of_other_serials(books, kind, bounds, expected):
    shift = 100
    entry = books.entered(kind, shift, shift + 10, seq=1)
    line = books.wrote(LINES[kind], *(shift + bound for bound in bounds), entry=1)
    (finding,) = books.audit("MR-1")
    assert finding.records == (line, entry)
    start_g, end_g = (shift + bound for bound in expected)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", start_g, end_g)
    assert finding.amount_g == 10


def test_catches_other_serials_in_several_pieces_and_another_scope_once(books):
    for start in (0, 20, 40):
        books.entered("locked", start, start + 10, seq=1)
    for start in (5, 20, 45):
        books.wrote("lock", start, start + 10, entry=1, number=1, batch="2")
    books.entered("locked", 60, 70, seq=2)
    books.wrote("lock", 60, 70, entry=2, scope="T")
    found = books.audit("MR-1")
    assert [(each.start_g, each.end_g, each.amount_g) for each in found] == [
        (0, 45, 30),
        (60, 70, 10),
    ]


def test_near_miss_mirror_that_is_late_by_less_than_its_lag(copied):
    copied.entered("retired", 50, 60, seq=4, at_s=10)
    copied.read("mirror", now_s=14, lag_s=5)
    assert copied.audit("MR-1") == ()
    copied.rows["sources"][0]["complete_s"] = 10
    (finding,) = copied.audit("MR-1")
    assert finding.detectable_at == 10


def test_look_alike_mirror_that_numbers_entries_otherwise(books):
    books.entered("retired", 0, 10, seq=1, place="0xa")
    books.entered("retired", 0, 10, seq=5, place="0xa", keeper="mirror")
    assert books.audit("MR-1") == ()


def test_look_alike_acts_and_lines_that_record_each_other(books):
    books.issued(0, 100)
    books.entered("transferred", seq=1, amount_g=5)
    books.entered("foreclosed", seq=2, amount_g=5)
    books.entered("retirement_requested", 0, 10, seq=3, request="7")
    books.entered("retirement_reverted", 0, 10, seq=4, request="7")
    books.wrote("transfer", entry=1, amount_g=5)
    books.wrote("transfer", entry=2, amount_g=5)
    books.wrote("lock", 0, 10, entry=3)
    books.wrote("release", 0, 10, request="7")
    assert books.audit("MR-1") == ()


def test_look_alike_lines_in_other_pieces_or_without_serials(books):
    books.entered("locked", 0, 10, seq=1)
    books.entered("locked", 10, 20, seq=1)
    books.wrote("lock", 0, 5, entry=1, number=1)
    books.wrote("lock", 5, 20, entry=1, number=1)
    books.entered("released", 0, 10, seq=2)
    books.wrote("release", scope=None, amount_g=10, entry=2)
    books.entered("transferred", seq=3, amount_g=5)
    books.wrote("transfer", entry=3, amount_g=5, batch=None)
    assert books.audit("MR-1") == ()


def test_look_alike_parts_of_one_lock_that_are_released_apart(books):
    for seq, start in ((1, 0), (2, 10)):
        books.entered("released", start, start + 10, seq=seq, request="7")
        books.wrote("release", start, start + 10, entry=seq, request="7")
    assert books.audit("MR-1") == ()


def test_look_alike_transfer_of_a_batch_that_was_never_tokenised(books):
    books.issued(0, 100, batch="2")
    books.entered("issued", 0, 100, batch="2")
    books.wrote("transfer", amount_g=7)
    assert books.audit("MR-1") == ()


@pytest.mark.parametrize("kind", ["issued", "retired", "cancelled"])
def test_misses_other_serials_that_other_rules_find(books, kind):
    books.entered(kind, 0, 10, seq=1, batch="4")
    books.wrote(LINES[kind], 5, 15, entry=1, batch="5")
    books.entered("locked", 20, 30, seq=2, batch="4")
    books.wrote("lock", 22, 30, entry=2, batch="5")
    assert [finding.code for finding in books.audit("MR-1", "BR-7")] == ["BR-7"]


def test_misses_what_was_not_given_and_what_other_rules_find(books):
    books.issued(0, 100)
    for kind in ("transferred", "locked", "retired", "issued", "cancelled"):
        books.entered(kind, 0, 10)
    assert books.audit("MR-1") == ()
    books.rows["entries"].clear()
    books.entered("transferred", 0, 10, keeper="mirror")
    books.wrote("transfer", amount_g=7)
    books.wrote("lock", 0, 10)
    assert books.audit("MR-1") == ()


# Between registries.


@pytest.mark.parametrize("kind", ["exported", "returned", "export_compensated"])
def test_catches_what_crossed_on_the_ledger_and_in_no_line(books, kind):
    entry = books.entered(kind, 0, 10, at_s=3)
    books.wrote("issuance")
    (finding,) = books.audit("MR-1")
    assert (finding.records, finding.detectable_at) == ((entry,), 3)


@pytest.mark.parametrize("kind", ["export", "return"])
def test_catches_what_crossed_in_the_book_alone(books, kind):
    books.issued(0, 100)
    books.entered("issued", 0, 100)
    line = books.wrote(kind, 0, 10)
    found = books.audit("MR-1")
    assert [finding.records for finding in found] == [(line,)]


@pytest.mark.parametrize(
    ("kind", "line"),
    [("exported", "export"), ("returned", "return"), ("export_compensated", "release")],
)
def test_catches_other_serials_in_the_line_of_what_crossed(books, kind, line):
    books.entered(kind, 0, 10, seq=1)
    books.wrote(line, 10, 20, entry=1)
    (finding,) = books.audit("MR-1")
    assert (finding.start_g, finding.end_g) == (0, 10)


def test_near_miss_crossings_with_their_lines(books):
    for seq, kind, line in (
        (1, "exported", "export"),
        (2, "returned", "return"),
        (3, "export_compensated", "release"),
        (4, "imported", "import"),
    ):
        books.entered(kind, 0, 10, seq=seq)
        books.wrote(line, 0, 10, entry=seq)
    assert books.audit("MR-1") == ()
