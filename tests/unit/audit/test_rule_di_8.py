"""DI-8: ex-ante and ex-post credits both live."""

from __future__ import annotations

import pytest

INT64_MAX = 2**63 - 1


@pytest.fixture
def token(books):
    """Lists a token of project 354 and vintage 2023."""

    def hold(form, supply_units, **fields):
        row = {"form": form, "batch": form, "project": "354", "vintage": 2023, "decimals": 6}
        return books.foreign("1", supply_units, **{**row, **fields})

    return hold


def test_catches_both_supplies_of_one_vintage(books, token):
    ante = token("ex-ante", "70", at_s=3)
    post = token("ex-post", "50", at_s=4)
    (finding,) = books.audit("DI-8")
    assert (finding.code, finding.level) == ("DI-8", "certain")
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == (None, None, None)
    assert finding.amount_g == 50
    assert finding.records == tuple(sorted((ante, post)))
    assert finding.detectable_at == 4
    assert finding.cleared_at is None


def test_catches_both_supplies_of_one_serial(books, token):
    token("ex-ante", "7", scope="ICR-1", project=None, batch="12")
    token("ex-post", "9", scope="ICR-1", project=None)
    (finding,) = books.audit("DI-8")
    assert (finding.scope, finding.batch, finding.amount_g) == ("ICR-1", 12, 7)


def test_catches_supplies_in_grams(books, token):
    token("ex-ante", None, supply_g=7)
    token("ex-post", None, supply_g=9)
    assert [finding.amount_g for finding in books.audit("DI-8")] == [7]


def test_catches_a_token_of_many_holders_once(books, token):
    for account in "ABC":
        token("ex-ante", "70", account=account)
        token("ex-post", "50", account=account)
    assert len(books.audit("DI-8")) == 1


@pytest.mark.parametrize(
    ("units", "decimals", "amount_g"),
    [
        ("9" * 78, 18, INT64_MAX),
        ("9" * 78, 0, INT64_MAX),
        ("5" + "0" * 17, 18, 500_000),
        ("9", None, 0),
    ],
)
def test_catches_supplies_of_any_size(books, token, units, decimals, amount_g):
    token("ex-ante", units, decimals=decimals)
    token("ex-post", units, decimals=decimals)
    assert [finding.amount_g for finding in books.audit("DI-8")] == [amount_g]


def test_near_miss_one_of_the_two_has_no_supply(books, token):
    token("ex-ante", "0")
    token("ex-post", "50")
    token("ex-ante", "70", vintage=2024)
    token("ex-post", "-50", vintage=2024)
    token("ex-ante", "000", vintage=2025, supply_g=5)
    token("ex-post", "50", vintage=2025)
    assert books.audit("DI-8") == ()


@pytest.mark.parametrize(
    "other",
    [{"vintage": 2024}, {"project": "355"}, {"registry": "Eco"}, {"keeper": "meta"}],
    ids=str,
)
def test_near_miss_tokens_of_something_else(books, token, other):
    token("ex-ante", "70")
    token("ex-post", "50", **other)
    assert books.audit("DI-8") == ()


def test_look_alike_certificate_beside_its_credits(books, token):
    token("certificate", "70")
    token("ex-post", "50")
    assert books.audit("DI-8") == ()


def test_misses_supplies_that_nothing_states(books, token):
    token("ex-ante", None)
    token("ex-post", None)
    token("ex-ante", "many", vintage=2024)
    token("ex-post", "5", vintage=2024)
    assert books.audit("DI-8") == ()


def test_misses_tokens_without_serial_or_vintage(books, token):
    token("ex-ante", "5", vintage=None)
    token("ex-post", "5", vintage=None)
    assert books.audit("DI-8") == ()


# What was expected in the first place is on record.


@pytest.fixture
def batch(books):
    """A batch of project 1 and vintage 2023, as issued and as it is held."""

    def issue(form, issued_g, live_g, **fields):
        name = {"batch": form, "project": "1", "vintage": 2023, **fields}
        row = books.issued(0, issued_g, **{"scope": form, **name})
        token = {name_: value for name_, value in name.items() if name_ != "at_s"}
        books.held(live_g, live_g, form=form, **{**token, "scope": None})
        return row

    return issue


def test_catches_expected_credits_alive_beyond_what_is_not_verified(books, batch):
    ante = batch("ex-ante", 100, 70, at_s=3)
    post = batch("ex-post", 60, 0, at_s=8)
    (finding,) = books.audit("DI-8")
    assert (finding.level, finding.amount_g) == ("certain", 30)
    assert finding.registries == ("ICR",)
    assert finding.records == tuple(sorted((ante, post)))
    assert (finding.detectable_at, finding.cleared_at) == (8, None)


def test_catches_no_more_than_is_alive(books, batch):
    batch("ex-ante", 100, 20)
    batch("ex-post", 150, 150)
    assert [finding.amount_g for finding in books.audit("DI-8")] == [20]


def test_catches_the_sum_of_several_batches_once(books, batch):
    batch("ex-ante", 100, 100, batch="1", scope="A")
    batch("ex-ante", 100, 100, batch="2", scope="B")
    batch("ex-post", 30, 30, batch="3", scope="C")
    batch("ex-post", 20, 10, batch="4", scope="D")
    assert [finding.amount_g for finding in books.audit("DI-8")] == [50]


def test_catches_tokens_without_record_beside_those_with_one(books, token, batch):
    batch("ex-ante", 100, 40)
    batch("ex-post", 60, 60)
    token("ex-ante", "7", scope="ICR-1", project=None, vintage=None)
    token("ex-post", "9", scope="ICR-1", project=None, vintage=None)
    assert [finding.scope for finding in books.audit("DI-8")] == ["ICR-1"]


def test_look_alike_expected_credits_whose_verification_is_to_come(books, batch):
    batch("ex-ante", 100, 40)
    batch("ex-post", 60, 55)
    batch("ex-ante", 100, 100, vintage=2024, batch="5", scope="E")
    batch("ex-ante", 100, 0, vintage=2025, batch="6", scope="F")
    batch("ex-post", 170, 170, vintage=2025, batch="7", scope="G")
    assert books.audit("DI-8") == ()
