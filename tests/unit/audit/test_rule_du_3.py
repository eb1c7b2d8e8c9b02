"""DU-3: one interval locked twice."""

from __future__ import annotations


def test_catches_two_locks_of_the_same_grams(books):
    first = books.disposed("lock", 0, 400_000, at_s=10, batch="4")
    second = books.disposed("lock", 100_000, 500_000, at_s=20, batch="4")
    (finding,) = books.audit("DU-3")
    assert finding.code == "DU-3"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 100_000, 400_000)
    assert finding.amount_g == 300_000
    assert finding.batch == 4
    assert finding.records == (first, second)
    assert finding.detectable_at == 20
    assert finding.cleared_at is None


def test_catches_locks_at_two_registries(books):
    here = books.disposed("lock", 5, 9, at_s=10)
    there = books.disposed("lock", 5, 9, at_s=8, registry="Eco", deadline_s=99)
    (finding,) = books.audit("DU-3")
    assert finding.registries == ("Eco", "ICR")
    assert set(finding.records) == {here, there}
    assert finding.detectable_at == 10


def test_catches_each_lock_against_the_one_that_reaches_furthest(books):
    books.disposed("lock", 0, 10)
    far = books.disposed("lock", 2, 50, at_s=None)
    books.disposed("lock", 5, 60)
    found = books.audit("DU-3")
    assert [(finding.start_g, finding.end_g) for finding in found] == [(2, 10), (5, 50)]
    assert far in found[1].records
    assert [finding.detectable_at for finding in found] == [None, None]


def test_near_miss_locks_that_touch(books):
    books.disposed("lock", 0, 10)
    books.disposed("lock", 10, 20)
    assert books.audit("DU-3") == ()


def test_near_miss_same_numbers_in_another_scope_or_at_another_keeper(books):
    books.disposed("lock", 0, 10)
    books.disposed("lock", 0, 10, scope="T")
    books.disposed("lock", 0, 10, keeper="book")
    assert books.audit("DU-3") == ()


def test_look_alike_lock_after_a_released_one(books):
    books.disposed("lock", 0, 10, at_s=1, until_s=2)
    books.disposed("lock", 0, 10, at_s=2)
    assert books.audit("DU-3") == ()


def test_look_alike_export_of_what_was_locked(books):
    books.disposed("lock", 0, 10, at_s=1)
    books.disposed("export", 0, 10, at_s=2)
    books.retired(0, 10, at_s=3)
    assert books.audit("DU-3") == ()


def test_look_alike_line_that_is_too_large(books):
    books.disposed("lock", 0, 50, keeper="book")
    books.disposed("lock", 30, 60, keeper="book")
    assert len(books.audit("DU-3")) == 1
    books.entered("locked", 0, 30, seq=1)
    books.wrote("lock", 0, 50, entry=1)
    assert [finding.code for finding in books.audit("DU-3", "BR-7")] == ["BR-7"]
    # The ledger has no line to blame.
    books.disposed("lock", 0, 40)
    books.disposed("lock", 30, 60)
    assert [finding.start_g for finding in books.audit("DU-3")] == [30]


def test_misses_a_lock_released_since_unless_asked_as_of_then(books):
    books.disposed("lock", 0, 10, at_s=1)
    books.disposed("lock", 0, 10, at_s=3, until_s=5)
    assert books.audit("DU-3") == ()
    (finding,) = books.audit("DU-3", as_of_s=4)
    assert finding.detectable_at == 3


def test_misses_locks_that_name_no_serials(books):
    for _ in range(2):
        books.disposed("lock", None, None, amount_g=10)
        books.disposed("lock", 0, 10, scope=None)
    assert books.audit("DU-3") == ()


# Between registries.


def test_catches_two_locks_of_imported_credits(books):
    books.disposed("lock", 0, 10, registry="Eco", home="ICR")
    books.disposed("lock", 5, 20, registry="S&P", home="ICR")
    (finding,) = books.audit("DU-3")
    assert finding.registries == ("Eco", "S&P")
    assert (finding.start_g, finding.end_g) == (5, 10)


def test_look_alike_lock_of_credits_abroad_beside_the_one_that_they_stand_for(books):
    books.disposed("lock", 0, 100)
    books.disposed("lock", 0, 40, registry="Eco", home="ICR", deadline_s=99)
    assert books.audit("DU-3") == ()
