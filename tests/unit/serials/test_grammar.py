from __future__ import annotations

import time

import pytest

from registry.errors import IdentifierError
from registry.serials.grammar import parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "got no letters"),
        (" \t", "got no letters"),
        ("1", "expected a serial of ICR such as ICR-ISL-354-87-15-A-0-2023, or one of "),
        ("\u4e2d", "got U+4E2D"),
        ("X" * 201, "at most 200 letters, got 201"),
    ],
)
def test_parse_refuses_what_no_grammar_knows(text: str, expected: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(text)
    assert expected in str(caught.value)


@pytest.mark.parametrize("given", [None, 1, 1.5, b"ICR-ISL-354-87-15-A-0-2023", ["ICR"]])
def test_parse_refuses_what_is_no_text(given: object) -> None:
    with pytest.raises(IdentifierError, match="expected text, not"):
        parse(given)  # type: ignore[arg-type]


def test_parse_refuses_a_megabyte_unread() -> None:
    start = time.perf_counter()
    with pytest.raises(IdentifierError) as caught:
        parse("ICR-" * 250_000)
    assert time.perf_counter() - start < 0.5
    assert len(str(caught.value)) < 300
