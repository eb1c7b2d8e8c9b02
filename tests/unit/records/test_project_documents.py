"""Documents as Merkle trees, periods as days, statements as hashes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import IdentifierError, PeriodError, TextError
from registry.records.project import (
    DocumentTree,
    follows,
    leaf_hash,
    leaves_of,
    period_days,
    period_text,
    report_hash,
    statement_id,
)

KEYS = st.text("abc", min_size=1, max_size=3)
VALUES = st.one_of(st.text("xyz", max_size=4), st.integers(), st.booleans(), st.none())
DOCUMENTS = st.dictionaries(
    KEYS,
    st.one_of(VALUES, st.dictionaries(KEYS, VALUES, max_size=3), st.lists(VALUES, max_size=3)),
    min_size=1,
    max_size=9,
)


def test_leaves_are_paths_and_canonical_texts() -> None:
    found = leaves_of(
        {
            "name": "Skógur",
            "area": Decimal("12.50"),
            "large": Decimal("1E+3"),
            "began": date(2015, 6, 1),
            "n": 7,
            "yes": True,
            "none": None,
            "where": {"points": [[1, 2], "x"]},
        }
    )
    assert found == {
        "area": '"12.5"',
        "began": '"2015-06-01"',
        "large": '"1000"',
        "n": "7",
        "name": '"Skógur"',
        "none": "null",
        "where/points/0/0": "1",
        "where/points/0/1": "2",
        "where/points/1": '"x"',
        "yes": "true",
    }
    assert list(found) == sorted(found)


def test_leaves_tell_text_from_number_and_true_from_one() -> None:
    values = [leaves_of({"a": value})["a"] for value in ("1", 1, True, "true", None, "null")]
    assert len(set(values)) == len(values)


@pytest.mark.parametrize(
    "document",
    [
        {"a": 1.0},
        {"a": float("nan")},
        {"a": Decimal("Infinity")},
        {"a": b"x"},
        {"a": {1, 2}},
        {"": 1},
        {"a/b": 1},
        {1: 1},
        {"a": {"b\n": 1}},
        {"a": "x\x00"},
        {"a": "x" * 70_000},
        {"caf\u00e9": 1, "cafe\u0301": 2},
    ],
    ids=str,
)
def test_leaves_refuse_what_has_no_one_spelling(document: Any) -> None:
    with pytest.raises(TextError):
        leaves_of(document)


def test_leaves_take_paragraphs() -> None:
    assert leaves_of({"a": "one\ntwo\r\n\tthree"})["a"] == '"one\\ntwo\\r\\n\\tthree"'


def test_leaves_refuse_a_document_without_end() -> None:
    endless: dict[str, Any] = {}
    endless["a"] = endless
    with pytest.raises(TextError, match="levels"):
        leaves_of(endless)


def test_tree_needs_a_datum() -> None:
    for empty in ({}, {"a": {}}, {"a": []}):
        with pytest.raises(TextError, match="at least one"):
            DocumentTree(empty)


def test_tree_of_one_datum_is_its_leaf() -> None:
    tree = DocumentTree({"a": 1})
    assert tree.root == "0x" + leaf_hash("a", "1").hex()
    assert tree.proof("a") == ()


def test_tree_refuses_to_prove_what_it_does_not_have() -> None:
    with pytest.raises(IdentifierError):
        DocumentTree({"a": 1}).proof("b")


@given(DOCUMENTS)
def test_law_every_datum_is_proved_and_no_other(document: dict[str, Any]) -> None:
    try:
        tree = DocumentTree(document)
    except TextError:
        return
    for path, value in tree.leaves.items():
        proof = tree.proof(path)
        assert follows(tree.root, leaf_hash(path, value), proof)
        assert not follows(tree.root, leaf_hash(path, value + " "), proof)
        assert not follows(tree.root, leaf_hash(path + "/", value), proof)
        if proof:
            assert not follows(tree.root, leaf_hash(path, value), proof[:-1])
            assert not follows(tree.root, leaf_hash(path, value), (*proof, proof[0]))


@given(DOCUMENTS)
def test_law_roots_do_not_depend_on_the_order_of_keys(document: dict[str, Any]) -> None:
    try:
        root = DocumentTree(document).root
    except TextError:
        return
    assert DocumentTree(dict(reversed(list(document.items())))).root == root


@given(DOCUMENTS, DOCUMENTS)
def test_law_roots_differ_where_data_do(one: dict[str, Any], two: dict[str, Any]) -> None:
    try:
        first, second = DocumentTree(one), DocumentTree(two)
    except TextError:
        return
    assert (first.root == second.root) == (first.leaves == second.leaves)


def test_leaf_is_hashed_twice_over_both_hashes() -> None:
    once = keccak(keccak(b"a") + keccak(b"1"))
    assert leaf_hash("a", "1") == keccak(once)
    assert leaf_hash("a", "1") != leaf_hash("", "a1")


# Periods.


@pytest.mark.parametrize(
    ("period", "days"),
    [
        (1970, (0, 365)),
        (1972, (730, 1_096)),
        (2024, (19_723, 20_089)),
        ("1970-01-01/1970-01-01", (0, 1)),
        (("1970-01-02", date(1970, 1, 3)), (1, 3)),
        (["1970-01-02", "1970-01-03"], (1, 3)),
        (9998, (2_932_167, 2_932_532)),
    ],
)
def test_period_is_half_open_days(period: Any, days: tuple[int, int]) -> None:
    assert period_days(period) == days


@pytest.mark.parametrize(
    "period",
    [
        1969,
        9999,
        True,
        None,
        2024.0,
        "2024",
        "2024-01-01/2023-12-31",
        "2024-1-1/2024-12-31",
        "2024-01-01/2024-02-30",
        "1969-12-31/1970-01-01",
        "2024-01-01 / 2024-12-31",
        ("2024-01-01", datetime(2024, 1, 2)),
        ("2024-01-01", "9999-12-31"),
        ("\u0662\u0660\u0662\u0664-01-01", "2024-12-31"),
        (),
        ("2024-01-01", "2024-01-02", "2024-01-03"),
    ],
    ids=str,
)
def test_period_is_refused(period: Any) -> None:
    with pytest.raises(PeriodError):
        period_days(period)


@given(st.dates(date(1970, 1, 1), date(9999, 12, 30)), st.integers(0, 5_000))
def test_law_periods_come_back_from_their_text(first: date, length: int) -> None:
    last = date.fromordinal(min(first.toordinal() + length, date(9999, 12, 30).toordinal()))
    days = period_days((first, last))
    assert days[1] - days[0] == (last - first).days + 1
    assert period_days(period_text(days)) == days


# Hashes.


def test_statement_id_is_the_hash_of_the_eip_712_struct() -> None:
    from eth_account.messages import encode_typed_data

    address, report = "0x" + "11" * 20, report_hash("a report")
    message = {
        "project": 7,
        "start": 1,
        "end": 2,
        "amount": 3,
        "report": report,
        "verifier": address,
    }
    fields = [
        ("project", "uint64"),
        ("start", "uint32"),
        ("end", "uint32"),
        ("amount", "uint64"),
        ("report", "bytes32"),
        ("verifier", "address"),
    ]
    types = {"VerifiedStatement": [{"name": name, "type": kind} for name, kind in fields]}
    signable = encode_typed_data({"name": "any"}, types, message)
    assert statement_id(7, 1, 2, 3, report, b"\x11" * 20) == "0x" + signable.body.hex()


def test_report_is_hashed_as_text_or_bytes() -> None:
    assert report_hash("é") == report_hash("é".encode()) == "0x" + keccak("é".encode()).hex()
    assert report_hash("a") != report_hash("b")
