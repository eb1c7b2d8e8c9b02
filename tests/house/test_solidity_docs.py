"""The interfaces are the specification: what can be called or refused says what it means."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

INTERFACES = Path(__file__).parents[2] / "contracts" / "interfaces"
_ITEM = re.compile(r"((?:^[ \t]*///[^\n]*\n)*)^[ \t]+(function|error|event)\s+(\w+)", re.MULTILINE)
OWN = [path for path in sorted(INTERFACES.glob("*.sol")) if not path.name.startswith("IERC")]


@pytest.mark.parametrize("path", OWN, ids=[path.stem for path in OWN])
def test_functions_errors_and_events_have_a_notice(path: Path) -> None:
    text = path.read_text("utf-8")
    bare = [
        f"{kind} {name}"
        for doc, kind, name in _ITEM.findall(text)
        if "@notice" not in doc and "@inheritdoc" not in doc
    ]
    assert bare == []
    assert re.search(r"^/// @title [^\n]+\n(/// @[^\n]+\n)*", text, re.MULTILINE)


@pytest.mark.parametrize("path", OWN, ids=[path.stem for path in OWN])
def test_functions_say_how_they_refuse_by_names_that_exist(path: Path) -> None:
    """A `Reverts:` line names errors and contracts only: prose around them is lower-case."""
    every = "\n".join(other.read_text("utf-8") for other in INTERFACES.glob("*.sol"))
    known = set(re.findall(r"\b(?:error|interface|function|event|struct)\s+(\w+)", every))
    known |= {"EnforcedPause", "ExpectedPause", "ERC1155InvalidReceiver", "SerialIndex"}
    for said in re.findall(
        r"@dev Reverts: ((?:[^\n]*\n\s*/// (?!@))*[^\n]*)", path.read_text("utf-8")
    ):
        words = set(re.findall(r"\b[A-Z][a-z]+(?:[A-Z]\w*)+\b", said))
        assert words <= known, words - known
