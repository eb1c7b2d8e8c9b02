from __future__ import annotations

import time

import pytest

from registry.errors import FeedError
from registry.feeds.cells import Cells, Columns
from registry.feeds.literals import DEPTH_MAX, read_list, read_mappings


def cell(text: str) -> Cells:
    return Cells(Columns("x.csv", ("list",)), 3, (text,))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" [] ", []),
        ("[1, -2.5, 'a', \"b\", None, True]", [1, -2.5, "a", "b", None, True]),
        ('[1, -2.5, "a", "b", null, true]', [1, -2.5, "a", "b", None, True]),
        ("['it''s', 'd\\'or', \"d'or\"]", ["its", "d'or", "d'or"]),
        ("[{'a': {'b': [1]}}]", [{"a": {"b": [1]}}]),
        ("['=1+1', '[', '{']", ["=1+1", "[", "{"]),
        ("[5e-05]", [5e-05]),
        ("['\\d']", ["\\d"]),
        ("[1,]", [1]),
    ],
)
def test_read_list_reads_literals_of_either_kind(text: str, found: list[object]) -> None:
    assert read_list(cell(text), "list") == found


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "'a'",
        "{}",
        "a",
        "[a]",
        "[",
        "]",
        "[1",
        "[}",
        "[NaN]",
        "[Infinity]",
        "[1e999]",
        "[1_000]",
        "[0x10]",
        "[\u0661]",
        "[1 2]",
        "['a",
        "['a\nb']",
        "[f'{1}']",
        "[b'a']",
        "[print(1)]",
        "[1 + 1]",
        "[-" + "9" * 50 + "]",
        "[{[1]: 2}]",
        "[" * (DEPTH_MAX + 1) + "]" * (DEPTH_MAX + 1),
        "[" * 100_000,
        "-" * 100_000 + "1",
    ],
)
def test_read_list_refuses_all_else(text: str) -> None:
    with pytest.raises(FeedError, match=r"^x\.csv, row 3, column list: expected a list such as"):
        read_list(cell(text), "list")


def test_read_list_takes_no_long_time() -> None:
    start = time.perf_counter()
    for text in ("['" + "\\" * 1_000_000, "[" + "'a' " * 250_000, "[" + "1," * 500_000):
        with pytest.raises(FeedError):
            read_list(cell(text), "list")
    assert time.perf_counter() - start < 5


def test_read_mappings_gives_values_as_text() -> None:
    text = "[{'a': 1, 'b': None, 'c': False, 'd': [1], 'e': {'f': 2.5, 'g': {'h': 'x'}}}]"
    assert read_mappings(cell(text), "list") == [
        {"a": "1", "b": "", "c": "False", "f": "2.5", "h": "x"}
    ]


@pytest.mark.parametrize("text", ["[1]", "['a']", "[[]]", "[None]", "[{}, 2]"])
def test_read_mappings_refuses_a_list_of_something_else(text: str) -> None:
    with pytest.raises(FeedError, match="column list: expected a list of mappings"):
        read_mappings(cell(text), "list")


def test_read_mappings_refuses_two_values_of_one_name() -> None:
    text = "[{'a': 1, 'b': {'a': 2}}]"
    with pytest.raises(FeedError, match="expected 'a' once in each mapping"):
        read_mappings(cell(text), "list")
