"""Projects' documents as text, from which they are read back with the types that they had."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final


def document_text(document: Mapping[str, object]) -> str:
    """Write a project's document as JSON from which `document_of` reads the same document."""
    return json.dumps(_plain(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def document_of(text: str) -> dict[str, object]:
    """Read a document back. Raises ValueError if it is none."""
    found = json.loads(text, object_hook=_typed)
    if not isinstance(found, dict):
        raise ValueError("expected a document")
    return found


def _plain(value: object) -> object:
    # No key of a document holds a slash, so these marks cannot be meant otherwise.
    if isinstance(value, Decimal):
        return {"/decimal": str(value)}
    if isinstance(value, date):
        return {"/datetime" if isinstance(value, datetime) else "/date": value.isoformat()}
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    return value


_TYPES: Final[Mapping[str, Callable[[str], object]]] = {
    "/decimal": Decimal,
    "/date": date.fromisoformat,
    "/datetime": datetime.fromisoformat,
}


def _typed(found: dict[str, Any]) -> object:
    if len(found) == 1:
        ((key, value),) = found.items()
        if key in _TYPES:
            return _TYPES[key](value)
    return found
