"""BR-4: one block, two tokens."""

from __future__ import annotations

import pytest


def _token(books, contract, start_g=None, end_g=None, **fields):
    row = {"contract": contract, "start_g": start_g, "end_g": end_g, "scope": "S", "serial": "s"}
    return books.foreign("5", fields.pop("supply_units", None), **row | fields)


def _listed(books, contract, **fields):
    row = {"contract": contract, "project": "875", "vintage": 2015, "registry": "Verra"}
    return books.foreign(None, fields.pop("supply_units", None), **{**row, **fields})


def test_catches_one_block_at_two_contracts(books):
    first = _token(books, "0xa", 0, 60, at_s=9, batch="4")
    second = _token(books, "0xb", 20, 100, at_s=8, batch="4")
    (finding,) = books.audit("BR-4")
    assert finding.code == "BR-4"
    assert finding.level == "certain"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (first, second)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


@pytest.mark.parametrize(("supply_g", "amount_g"), [(None, 10), (7, 7)])
def test_catches_one_whole_serial_at_two_contracts(books, supply_g, amount_g):
    _token(books, "0xa", supply_g=supply_g)
    _token(books, "0xb", supply_g=10)
    (finding,) = books.audit("BR-4")
    assert finding.level == "certain"
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", None, None)
    assert finding.amount_g == amount_g


def test_catches_a_block_inside_a_whole_serial(books):
    _token(books, "0xa")
    _token(books, "0xb", 20, 30)
    (finding,) = books.audit("BR-4")
    assert (finding.start_g, finding.end_g, finding.amount_g) == (20, 30, 10)


def test_catches_contracts_and_not_holders(books):
    for contract in ("0xa", "0xb"):
        for account in "XYZ":
            _token(books, contract, 0, 10, account=account)
    _token(books, "0xa", 5, 20)
    (finding,) = books.audit("BR-4")
    assert (finding.start_g, finding.end_g) == (0, 10)


@pytest.mark.parametrize("supply_g", [None, 30])
def test_catches_a_candidate_where_no_token_names_serials(books, supply_g):
    names = [
        _listed(books, "0xa", at_s=5, supply_g=supply_g),
        _listed(books, "0xb", at_s=7, supply_g=supply_g),
        _listed(books, "0xB", at_s=6, supply_g=supply_g),
        _listed(books, "0xc", at_s=9, supply_g=supply_g),
    ]
    (finding,) = books.audit("BR-4")
    assert finding.level == "candidate"
    assert finding.registries == ("Verra",)
    assert (finding.scope, finding.start_g, finding.end_g) == (None, None, None)
    assert finding.amount_g == (60 if supply_g else 0)
    assert finding.records == tuple(names)
    assert finding.detectable_at == 6


def test_near_miss_blocks_that_touch_or_lie_in_another_scope(books):
    _token(books, "0xa", 0, 10)
    _token(books, "0xb", 10, 20)
    _token(books, "0xc", 0, 10, scope="T")
    _token(books, "0xd", 0, 10, keeper="meta")
    assert books.audit("BR-4") == ()


def test_near_miss_another_project_vintage_or_registry(books):
    _listed(books, "0xa")
    _listed(books, "0xb", vintage=2016)
    _listed(books, "0xc", project="876")
    _listed(books, "0xd", registry="Puro")
    assert books.audit("BR-4") == ()


def test_look_alike_pair_and_certificate_of_one_contract(books):
    for batch, form in [("1", "ex-ante"), ("2", "ex-post"), ("3", "certificate")]:
        _token(books, "0xAB", batch=batch, form=form)
        _token(books, "0xab", batch=batch, form=form)
        _listed(books, "0xa", batch=batch, form=form)
    _token(books, "0xb", form="certificate")
    _listed(books, "0xb", form="certificate")
    assert books.audit("BR-4") == ()


@pytest.mark.parametrize("gone", [{"supply_g": 0}, {"supply_units": "0"}, {"supply_units": "0.00"}])
def test_look_alike_token_that_was_burned_before_the_other_bridge(books, gone):
    _token(books, "0xa", 0, 10, **gone)
    _token(books, "0xb", 0, 10)
    _listed(books, "0xa", **gone)
    _listed(books, "0xb")
    assert books.audit("BR-4") == ()


@pytest.mark.parametrize("vintage", [1970, 9999, None])
def test_look_alike_tokens_of_no_one_vintage(books, vintage):
    _listed(books, "0xa", vintage=vintage)
    _listed(books, "0xb", vintage=vintage)
    assert books.audit("BR-4") == ()


def test_misses_serials_that_do_not_parse_and_tokens_without_a_contract(books):
    _listed(books, "0xa", serial="?")
    _listed(books, "0xb", serial="?")
    _listed(books, "0xc")
    _listed(books, None)
    _token(books, None, 0, 10)
    _token(books, "0xa", 0, 10)
    _token(books, "0xb", 0, None)
    assert books.audit("BR-4") == ()


# Between registries.


def test_catches_an_interval_that_is_outstanding_at_two_registries(books):
    books.disposed("lock", 0, 100)
    first = books.imported(0, 60, at_s=5, batch="1")
    second = books.imported(40, 100, at_s=7, batch="2", registry="S&P")
    (finding,) = books.audit("BR-4")
    assert finding.level == "certain"
    assert finding.registries == ("Eco", "ICR", "S&P")
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 40, 60)
    assert (finding.amount_g, finding.batch) == (20, 2)
    assert finding.records == (first, second)
    assert (finding.detectable_at, finding.cleared_at) == (7, None)


def test_catches_an_interval_in_two_batches_of_one_registry(books):
    books.exported(0, 100)
    books.imported(0, 100, batch="1")
    books.imported(0, 100, batch="2", at_s=8)
    (finding,) = books.audit("BR-4")
    assert (finding.start_g, finding.end_g, finding.detectable_at) == (0, 100, 8)


def test_near_miss_imports_that_touch_or_are_another_home_s(books):
    books.disposed("lock", 0, 100)
    books.imported(0, 50, batch="1")
    books.imported(50, 100, batch="2")
    books.imported(0, 50, batch="1", registry="S&P", home="Gold")
    books.imported(0, 50, batch="1", keeper="book")
    assert books.audit("BR-4") == ()


def test_look_alike_import_elsewhere_after_the_first_went_home(books):
    books.exported(0, 100, at_s=1, until_s=4)
    books.imported(0, 100, at_s=2)
    books.left(0, 100, at_s=3)
    books.exported(0, 100, at_s=5, peer="S&P")
    books.imported(0, 100, at_s=6, registry="S&P")
    assert books.audit("BR-4") == ()
    assert books.audit("BR-1") == ()


def test_misses_imports_without_backing(books):
    books.exported(0, 100)
    books.imported(0, 100, at_s=2)
    books.imported(0, 100, at_s=2, registry="S&P")
    assert books.audit("BR-4") == ()
    (finding,) = books.audit("BR-1")
    assert "S&P" in finding.registries
