"""BR-1: tokens without backing."""

from __future__ import annotations


def test_catches_what_the_ledger_issued_and_the_book_did_not(books):
    row = books.issued(0, 100, batch="4", at_s=9)
    books.issued(0, 20, keeper="book", batch="4")
    books.issued(60, 100, keeper="book", batch="4")
    (finding,) = books.audit("BR-1")
    assert finding.code == "BR-1"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (row,)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_each_circulating_piece_of_each_issuance(books):
    books.issued(0, 50)
    books.issued(50, 100)
    books.retired(10, 20)
    books.disposed("lock", 60, 70)
    books.issued(90, 100, keeper="book")
    found = books.audit("BR-1")
    assert [(finding.start_g, finding.end_g) for finding in found] == [(0, 10), (20, 50), (50, 90)]


def test_catches_all_of_a_ledger_whose_book_is_empty(books):
    books.issued(0, 100)
    assert books.audit("BR-1") == ()
    books.read("book", now_s=5)
    assert len(books.audit("BR-1")) == 1


def test_near_miss_blocks_that_touch_in_the_book(books):
    books.issued(0, 100)
    books.issued(0, 40, keeper="book")
    books.issued(40, 100, keeper="book")
    assert books.audit("BR-1") == ()


def test_near_miss_book_that_is_late_by_less_than_its_lag(books):
    books.issued(0, 100, at_s=10)
    books.read("book", now_s=14, lag_s=5)
    assert books.audit("BR-1") == ()
    books.rows["sources"][0]["now_s"] = 15
    (finding,) = books.audit("BR-1")
    assert finding.detectable_at == 15


def test_look_alike_tokens_gone_since(books):
    books.issued(0, 100)
    books.retired(0, 60)
    books.disposed("cancellation", 60, 100)
    books.issued(500, 600, keeper="book")
    assert books.audit("BR-1") == ()


def test_look_alike_book_holds_what_was_never_tokenised(books):
    books.issued(0, 100)
    books.issued(0, 500, keeper="book")
    assert books.audit("BR-1") == ()


def test_misses_a_registry_of_which_no_book_was_given(books):
    books.issued(0, 100)
    books.issued(0, 100, keeper="book", registry="Eco", scope="E")
    assert books.audit("BR-1") == ()


def test_misses_rows_without_serials_and_issuances_of_unlike_amounts(books):
    books.issued(None, None, amount_g=10)
    books.issued(0, 10, scope=None)
    books.issued(0, 100)
    books.issued(0, 90, keeper="book")
    books.entered("issued", 0, 100, seq=3)
    books.wrote("issuance", 0, 90, entry=3)
    assert books.audit("BR-1") == ()
    assert [finding.code for finding in books.audit()] == ["BR-7"]


# Between registries.


def test_catches_an_import_that_its_home_never_sent(books):
    books.issued(0, 1_000)
    row = books.imported(20, 60, at_s=9, batch="4")
    (finding,) = books.audit("BR-1")
    assert finding.level == "certain"
    assert finding.registries == ("Eco", "ICR")
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert (finding.amount_g, finding.batch) == (40, 4)
    assert finding.records == (row,)
    assert (finding.detectable_at, finding.cleared_at) == (9, None)


def test_catches_what_was_sent_to_another_registry(books):
    books.exported(0, 100, peer="S&P")
    books.imported(0, 100, at_s=2)
    (finding,) = books.audit("BR-1")
    assert (finding.start_g, finding.end_g) == (0, 100)


def test_catches_the_grams_that_are_more_than_was_sent(books):
    books.exported(0, 40)
    books.exported(60, 80)
    books.imported(10, 90, at_s=2)
    found = books.audit("BR-1")
    assert [(finding.start_g, finding.end_g) for finding in found] == [(40, 60), (80, 90)]


def test_catches_a_mint_before_the_lock_until_the_lock_comes(books):
    books.issued(0, 1_000)
    imported = books.imported(0, 100, at_s=10)
    exported = books.exported(0, 100, at_s=25)
    (finding,) = books.audit("BR-1")
    assert finding.level == "timed"
    assert (finding.detectable_at, finding.cleared_at) == (10, 25)
    assert set(finding.records) == {imported, exported}
    assert finding.clears_when.startswith("nothing is left")
    (open_,) = books.audit("BR-1", as_of_s=24)
    assert (open_.level, open_.detectable_at, open_.cleared_at) == ("certain", 10, None)


def test_catches_a_lock_released_before_the_credits_abroad_are_given_up(books):
    lock = books.disposed("lock", 0, 100, at_s=5, until_s=20)
    imported = books.imported(0, 100, at_s=10)
    books.left(0, 60, at_s=30)
    over, lasting = books.audit("BR-1")
    assert (over.start_g, over.end_g, over.level) == (0, 60, "timed")
    assert (over.detectable_at, over.cleared_at) == (20, 30)
    assert (lasting.start_g, lasting.end_g, lasting.level) == (60, 100, "certain")
    assert (lasting.detectable_at, lasting.cleared_at) == (20, None)
    assert set(lasting.records) == {lock, imported}


def test_catches_credits_retired_abroad_that_were_given_back_at_home(books):
    books.exported(0, 100, at_s=5, until_s=20)
    books.imported(0, 100, at_s=10)
    books.retired(0, 100, registry="Eco", home="ICR", batch="9", at_s=15)
    (finding,) = books.audit("BR-1")
    assert (finding.detectable_at, finding.cleared_at) == (20, None)


def test_catches_what_came_back_where_its_failed_return_began(books):
    books.exported(0, 100, at_s=5, until_s=40)
    books.imported(0, 100, at_s=10)
    books.left(0, 100, at_s=20, until_s=50)
    (finding,) = books.audit("BR-1")
    assert (finding.detectable_at, finding.cleared_at) == (50, None)


def test_catches_an_undated_import_from_the_start(books):
    books.issued(0, 1_000)
    books.imported(0, 10, at_s=None)
    (finding,) = books.audit("BR-1")
    assert (finding.level, finding.detectable_at) == ("certain", None)


def test_catches_a_lock_that_the_home_s_book_alone_released(books):
    books.disposed("lock", 0, 100, at_s=5)
    lock = books.disposed("lock", 0, 70, at_s=5, until_s=30, keeper="book")
    books.disposed("lock", 70, 100, at_s=5, keeper="book")
    imported = books.imported(50, 100, at_s=10)
    books.imported(50, 100, at_s=10, keeper="book")
    (finding,) = books.audit("BR-1")
    assert (finding.start_g, finding.end_g, finding.level) == (50, 70, "certain")
    assert finding.registries == ("Eco", "ICR")
    assert set(finding.records) == {lock, imported}
    assert (finding.detectable_at, finding.cleared_at) == (30, None)


def test_catches_an_import_that_the_book_does_not_have(books):
    books.exported(0, 100)
    row = books.imported(0, 100, at_s=5)
    books.read("book", now_s=9, registry="Eco")
    (finding,) = books.audit("BR-1")
    assert finding.records == (row,)
    assert (finding.registries, finding.detectable_at) == (("Eco",), 5)


def test_near_miss_import_in_the_very_second_of_the_export(books):
    books.exported(0, 100, at_s=9, until_s=20)
    books.imported(0, 100, at_s=9)
    books.left(0, 100, at_s=20)
    assert books.audit("BR-1") == ()


def test_near_miss_home_whose_ledger_may_be_late(books):
    books.imported(0, 100, at_s=10)
    books.read("ledger", now_s=14, lag_s=5)
    assert books.audit("BR-1") == ()
    books.rows["sources"][0]["now_s"] = 15
    assert len(books.audit("BR-1")) == 1


def test_near_miss_home_s_book_that_may_be_late_with_the_second_lock(books):
    books.disposed("lock", 0, 100, at_s=2, until_s=4, keeper="book")
    books.disposed("lock", 0, 100, at_s=5)
    books.imported(0, 100, at_s=10)
    books.imported(0, 100, at_s=10, keeper="book")
    books.read("book", now_s=14, lag_s=5)
    assert books.audit("BR-1") == ()
    books.rows["sources"][0]["now_s"] = 15
    assert len(books.audit("BR-1")) == 1


def test_look_alike_credits_on_their_way_and_given_back(books):
    books.issued(0, 1_000)
    books.exported(0, 100, at_s=5)
    books.exported(100, 200, at_s=5, until_s=9)
    books.imported(300, 400, at_s=6)
    books.exported(300, 400, at_s=5)
    assert books.audit("BR-1") == ()


def test_look_alike_round_trips_one_after_the_other(books):
    books.exported(0, 100, at_s=5, until_s=20)
    books.imported(0, 100, at_s=6, batch="1")
    books.left(0, 100, at_s=15, batch="1")
    books.exported(0, 100, at_s=30)
    books.imported(0, 100, at_s=31, batch="2")
    assert books.audit("BR-1") == ()


def test_look_alike_part_retired_abroad_and_the_rest_returned(books):
    books.exported(0, 40, at_s=5)
    books.exported(40, 100, at_s=5, until_s=30)
    books.imported(0, 100, at_s=6)
    books.retired(0, 40, registry="Eco", home="ICR", batch="9", at_s=7)
    books.left(40, 100, at_s=29)
    assert books.audit("BR-1") == ()


def test_look_alike_import_that_went_home_before_the_book_had_it(books):
    books.exported(0, 100, at_s=5, until_s=30)
    books.imported(0, 100, at_s=6)
    books.left(0, 100, at_s=29)
    books.read("book", now_s=99, registry="Eco")
    assert books.audit("BR-1") == ()


def test_look_alike_lock_of_which_the_home_s_book_holds_the_rest_again(books):
    for keeper in ("ledger", "book"):
        books.disposed("lock", 0, 100, at_s=2, until_s=4, keeper=keeper)
        books.disposed("lock", 0, 100, at_s=5, keeper=keeper)
        books.imported(0, 100, at_s=10, keeper=keeper)
    assert books.audit("BR-1") == ()


def test_misses_a_home_of_which_no_ledger_was_given(books):
    books.imported(0, 100)
    assert books.audit("BR-1") == ()


def test_misses_a_lock_for_something_else_but_no_waiting_retirement(books):
    books.disposed("lock", 0, 50)
    books.disposed("lock", 50, 100, deadline_s=99)
    books.imported(0, 100, at_s=2)
    (finding,) = books.audit("BR-1")
    assert (finding.start_g, finding.end_g) == (50, 100)
