"""BR-6: decimals drift."""

from __future__ import annotations

import pytest

TONNE = 1_000_000


def _token(books, supply_units, decimals=18, **fields):
    row = {"scope": "ICR-ISL-354-87-15-A-0-2023", "form": "ex-post", "decimals": decimals}
    return books.foreign(supply_units, supply_units, **{**row, **fields})


def _issued(books, tonnes, **fields):
    row = {"keeper": "feed", "scope": "ICR-ISL-354-87-15-A-0-2023", "amount_g": tonnes * TONNE}
    return books.issued(None, None, **{**row, **fields})


def test_catches_one_token_with_two_numbers_of_decimals(books):
    first = _token(books, "5", 0, at_s=8, batch="4", supply_g=5 * TONNE)
    second = _token(books, "5", 18, at_s=9, batch="4", contract=" 0xC")
    _token(books, "5", 18, at_s=7, batch="5")
    (finding,) = books.audit("BR-6")
    assert finding.code == "BR-6"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g) == ("ICR-ISL-354-87-15-A-0-2023", None)
    assert finding.amount_g == 5 * TONNE
    assert finding.batch == 4
    assert finding.records == (first, second)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


@pytest.mark.parametrize(
    ("units", "decimals"),
    [
        ("1500" + "0" * 36, 18),
        ("1500", 18),
        ("1500000", 0),
        ("+0001500", 3),
        ("15" + "0" * 76, 18),
        ("1500", 2**31 - 1),
        ("1500", -(2**31)),
    ],
)
def test_catches_a_supply_that_was_scaled_twice(books, units, decimals):
    issued = _issued(books, 2_000, at_s=8, batch="9")
    books.retired(None, None, keeper="feed", scope="ICR-ISL-354-87-15-A-0-2023", amount_g=5 * 10**8)
    token = _token(books, units, decimals, at_s=9, batch="4")
    _token(books, units, decimals, at_s=9, batch="4", account="B")
    (finding,) = books.audit("BR-6")
    assert finding.amount_g == 1_500 * TONNE
    assert finding.batch == 4
    assert finding.records == (issued, token)
    assert finding.detectable_at == 9
    assert finding.start_g is None


def test_near_miss_tokens_of_two_contracts_batches_or_keepers(books):
    _token(books, "5", 0, batch="4")
    _token(books, "5", 18, batch="5")
    _token(books, "5", 18, batch="4", contract="0xd")
    _token(books, "5", 18, batch="4", keeper="meta")
    assert books.audit("BR-6") == ()


@pytest.mark.parametrize("units", ["1500" + "0" * 18, "1000" + "0" * 18, "15" + "0" * 18, "1501"])
def test_near_miss_supply_in_its_decimals_or_unlike_by_no_power_of_ten(books, units):
    _issued(books, 1_500)
    _token(books, units)
    assert books.audit("BR-6") == ()


def test_look_alike_retirements_that_the_files_have_only_in_part(books):
    _issued(books, 100_000)
    books.retired(
        None, None, keeper="feed", scope="ICR-ISL-354-87-15-A-0-2023", amount_g=99_900 * TONNE
    )
    _token(books, "100000" + "0" * 18)
    assert books.audit("BR-6") == ()


def test_look_alike_ex_ante_and_certificate_tokens_of_the_serial(books):
    _issued(books, 1_500)
    _token(books, "1500", form="ex-ante", batch="1")
    _token(books, "1500" + "0" * 18, batch="2")
    _token(books, "1500", form="certificate", batch="3")
    assert books.audit("BR-6") == ()


@pytest.mark.parametrize(
    "units", ["-1500", "0", "", "1e3", "NaN", "-" + "9" * 78, "9" * 78, None, "\u0661\u0665"]
)
def test_misses_supplies_that_are_no_number_of_units(books, units):
    _issued(books, 1_500)
    _token(books, units)
    assert books.audit("BR-6") == ()


def test_misses_two_tokens_of_one_serial_and_serials_with_a_range(books):
    _issued(books, 1_500)
    for batch in ("1", "2"):
        _token(books, "1500", batch=batch)
    _issued(books, 1_500, scope="T")
    _token(books, "1500", scope="T", start_g=0, end_g=5, batch="3")
    _issued(books, 0, scope="U")
    _token(books, "1500", scope="U", batch="4")
    assert books.audit("BR-6") == ()
