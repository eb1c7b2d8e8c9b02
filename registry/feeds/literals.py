"""Lists inside one cell, as JSON prints them or as Python does.

Exports made from an API's answers have such cells. Only literals are read: the text is taken apart
first, so that nothing in it can be long to evaluate, deep, or other than text, a number, true,
false, nothing, a list or a mapping.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from typing import Any

from registry.errors import shown
from registry.feeds.cells import Cells

DEPTH_MAX = 8
"""Most brackets inside one another; real cells have 3."""

# Possessive, so that text without a closing quote fails at once. Numbers are short, and have no
# exponent that makes them infinite.
_RUN = re.compile(
    r"""(?:\s*+(?:
        [,:]
        | "(?:[^"\\\n]++|\\.)*+" | '(?:[^'\\\n]++|\\.)*+'
        | -?[0-9]{1,40}+(?:\.[0-9]{1,40}+)?(?:[eE][+-]?[0-9]{1,2}+)?(?![0-9.])
        | (?:True|False|None|true|false|null)\b
    ))*+\s*+(?:(?P<open>[\[{])|(?P<close>[\]}]))?+""",
    re.VERBOSE,
)
"""Literals and what stands between them, up to the next bracket."""


def read_list(cells: Cells, column: str) -> list[Any]:
    """Return the list in a cell; no items where the cell is empty.

    Raises:
        FeedError: anything else than a list of literals.
    """
    text = cells.text(column)
    if not text:
        return []
    found = _evaluated(text) if _is_literal(text) else None
    if not isinstance(found, list):
        raise cells.refused(column, f"expected a list such as [...], got {shown(text)}")
    return found


def read_mappings(cells: Cells, column: str) -> list[dict[str, str]]:
    """Return the mappings listed in a cell, their values as the text of cells.

    A mapping inside a mapping is spread out in it. A list inside one is left out.

    Raises:
        FeedError: anything else than a list of mappings.
    """
    return [_spread(cells, column, item) for item in read_list(cells, column)]


def _spread(cells: Cells, column: str, item: Any) -> dict[str, str]:
    if not isinstance(item, dict):
        raise cells.refused(column, f"expected a list of mappings, got {shown(item)} in it")
    texts: dict[str, str] = {}
    for name, value in item.items():
        if isinstance(value, dict):
            inner = _spread(cells, column, value)
        else:
            inner = {} if isinstance(value, list) else {str(name): _text(value)}
        for key, text in inner.items():
            if texts.setdefault(key, text) != text:
                raise cells.refused(column, f"expected {shown(key)} once in each mapping")
    return texts


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _is_literal(text: str) -> bool:
    at = depth = 0
    while at < len(text):
        run = _RUN.match(text, at)
        if run is None or run.end() == at:
            return False
        depth += (run["open"] is not None) - (run["close"] is not None)
        if depth > DEPTH_MAX:
            return False
        at = run.end()
    return True


def _evaluated(text: str) -> object:
    """Evaluate text made of literals; None where they make no value."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        with warnings.catch_warnings():
            # An unknown escape in a string is kept as it is, with a warning.
            warnings.simplefilter("ignore")
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError):  # TypeError: a mapping with a list for a key
        return None
