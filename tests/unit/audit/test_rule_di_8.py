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
