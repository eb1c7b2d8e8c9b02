"""AC-1: account drift."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("believed", [{"address": "0xB"}, {"status": "closed"}])
def test_catches_an_account_that_book_and_directory_tell_apart(books, believed):
    known = books.account("A", at_s=3)
    wrong = books.account("A", keeper="book", at_s=5, **believed)
    books.held(30, 40, account="A", batch="1")
    books.held(12, 12, account="A", batch="2")
    books.held(10, 40, account="B", batch="1")
    books.account("B")
    (finding,) = books.audit("AC-1")
    assert finding.code == "AC-1"
    assert finding.level == "strong"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == (None, None, None)
    assert finding.amount_g == 42
    assert finding.batch is None
    assert finding.records == (wrong, known)
    assert finding.detectable_at == 5
    assert finding.cleared_at is None


def test_catches_drift_of_an_account_that_holds_nothing(books):
    books.account("A")
    books.account("A", keeper="book", address="0xB", at_s=None)
    (finding,) = books.audit("AC-1")
    assert (finding.amount_g, finding.detectable_at) == (0, None)


def test_catches_credits_of_an_account_that_the_directory_does_not_know(books):
    books.account("A")
    tokens = books.held(30, 30, account="stranger", batch="4", at_s=6)
    (finding,) = books.audit("AC-1")
    assert (finding.amount_g, finding.batch, finding.detectable_at) == (30, 4, 6)
    assert finding.records == (tokens,)
    booked = books.held(20, 20, account="stranger", batch="4", keeper="book", at_s=5)
    (finding,) = books.audit("AC-1")
    assert (finding.amount_g, finding.detectable_at) == (30, 5)
    assert finding.records == (booked, tokens)


@pytest.mark.parametrize("name", ["account", "counterparty"])
def test_catches_a_line_that_names_other_accounts_than_its_entry(books, name):
    entry = books.entered("transferred", seq=1, amount_g=5, batch="4", at_s=3, **{name: "A"})
    line = books.wrote("transfer", entry=1, amount_g=5, batch="4", at_s=6, **{name: "B"})
    (finding,) = books.audit("AC-1")
    assert finding.records == (line, entry)
    assert (finding.amount_g, finding.batch, finding.detectable_at) == (5, 4, 6)


def test_catches_the_serials_of_a_line_that_names_other_accounts(books):
    books.entered("retired", 10, 20, seq=1, account="A")
    books.wrote("retirement", 10, 20, entry=1, account="B")
    (finding,) = books.audit("AC-1")
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 10, 20)


def test_catches_an_unknown_account_that_a_line_names_once(books):
    books.account("A")
    entry = books.entered("transferred", seq=1, amount_g=5, account="A", counterparty="A")
    line = books.wrote("transfer", entry=1, amount_g=5, account="A", counterparty="stranger")
    books.held(5, 5, account="stranger", keeper="book")
    (finding,) = books.audit("AC-1")
    assert finding.records == (line, entry)
    # It is another contradiction in another batch, and on the ledger itself.
    other = books.held(7, 7, account="stranger", keeper="book", batch="2")
    live = books.held(5, 5, account="stranger")
    found = books.audit("AC-1")
    assert sorted(each.records for each in found) == [(other,), (line, entry), (live,)]


def test_near_miss_book_that_is_late_by_less_than_its_lag(books):
    books.account("A", status="closed", at_s=10)
    books.account("A", keeper="book", at_s=2)
    books.read("book", now_s=14, lag_s=5)
    assert books.audit("AC-1") == ()
    books.rows["sources"][0]["now_s"] = 15
    (finding,) = books.audit("AC-1")
    assert finding.detectable_at == 15


def test_look_alike_spellings_and_silence(books):
    books.account("A", address="0xAbC")
    books.account("A", keeper="book", address="0xabc")
    books.account("B")
    books.account("B", keeper="book", address=None)
    books.entered("transferred", seq=1, amount_g=5, account="A", counterparty="B")
    books.wrote("transfer", entry=1, amount_g=5, account="A", counterparty="")
    books.entered("locked", 0, 5, seq=2, account="A")
    books.wrote("lock", 0, 5, entry=2, account=None)
    assert books.audit("AC-1") == ()


def test_look_alike_unknown_account_that_holds_nothing(books):
    books.account("A")
    books.held(0, 0, account="")
    books.held(0, 0, account="stranger")
    assert books.audit("AC-1") == ()


def test_misses_accounts_unknown_to_the_book_and_holders_without_a_directory(books):
    books.held(30, 30, account="stranger")
    books.account("B", keeper="book")
    assert books.audit("AC-1") == ()
    books.rows["tokens"].clear()
    books.account("A")
    assert books.audit("AC-1") == ()


def test_misses_other_accounts_where_the_amounts_differ(books):
    books.entered("retired", 0, 10, seq=1, account="A")
    books.wrote("retirement", 0, 9, entry=1, account="B")
    assert [finding.code for finding in books.audit("AC-1", "BR-7")] == ["BR-7"]


# Between registries.


@pytest.fixture
def crossed(books):
    """An export from ICR to Eco and its arrival."""

    def cross(to, account, **fields):
        sent = {"peer": "Eco", "export": "7", "message": 4, "counterparty": to, "account": "A"}
        came = {"registry": "Eco", "peer": "ICR", "export": "7", "message": 4, "batch": "9"}
        names = [books.entered("exported", 0, 10, **{**sent, **fields})]
        if account:
            came |= {"account": account, "home": "ICR", "at_s": 8}
            names.append(books.entered("imported", 0, 10, **{**came, **fields}))
        return tuple(names)

    return cross


@pytest.mark.parametrize("message", [4, None])
def test_catches_an_arrival_for_another_account(books, crossed, message):
    sent, came = crossed("B", "C", message=message)
    (finding,) = books.audit("AC-1")
    assert finding.level == "strong"
    assert finding.registries == ("Eco", "ICR")
    assert (finding.start_g, finding.end_g, finding.amount_g, finding.batch) == (0, 10, 10, 9)
    assert finding.records == (came, sent)
    assert (finding.detectable_at, finding.cleared_at) == (8, None)


def test_catches_an_export_for_an_account_that_the_directory_does_not_know(books, crossed):
    (sent,) = crossed("stranger", None)
    assert books.audit("AC-1") == ()
    books.account("A")
    (finding,) = books.audit("AC-1")
    assert finding.records == (sent,)
    books.account("stranger")
    assert books.audit("AC-1") == ()


SENT = {"export": "7", "message": 4}


@pytest.mark.parametrize("message", [4, None])
def test_look_alike_export_for_nobody_that_was_compensated(books, crossed, message):
    books.account("A")
    (sent,) = crossed("stranger", None, message=message)
    back = {"peer": "Eco", "export": "7", "message": message, "account": "A", "at_s": 5}
    books.entered("export_compensated", 0, 10, **back)
    assert books.audit("AC-1") == ()
    # Until then nobody could have had them.
    (finding,) = books.audit("AC-1", as_of_s=4)
    assert finding.records == (sent,)


@pytest.mark.parametrize(
    "other",
    [
        {**SENT, "export": "8"},
        {**SENT, "message": 5},
        {**SENT, "peer": "S&P"},
        {**SENT, "registry": "S&P"},
        {**SENT, "batch": "2"},
        {**SENT, "start_g": 10, "end_g": 20},
        {**SENT, "kind": "export_acknowledged"},
    ],
)
def test_near_miss_another_export_than_the_one_for_nobody_was_compensated(books, crossed, other):
    books.account("A")
    (sent,) = crossed("stranger", None)
    back = {"kind": "export_compensated", "start_g": 0, "end_g": 10, "peer": "Eco", **other}
    books.entered(**back)
    (finding,) = books.audit("AC-1")
    assert finding.records == (sent,)


def test_near_miss_arrival_under_other_numbers_or_serials(books, crossed):
    crossed("B", None)
    books.entered("imported", 0, 9, registry="Eco", peer="ICR", export="7", message=4, account="C")
    books.entered("imported", 0, 10, registry="Eco", peer="ICR", export="8", message=4, account="C")
    books.entered("imported", 0, 10, registry="Eco", peer="ICR", export="7", message=5, account="C")
    assert books.audit("AC-1") == ()


def test_look_alike_arrival_for_the_account_that_was_named(books, crossed):
    for account in "AB":
        books.account(account)
    crossed("B", "B")
    books.entered("exported", 20, 30, peer="Eco", export="9", account="A")
    assert books.audit("AC-1") == ()
