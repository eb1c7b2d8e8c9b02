"""Records of a book as rows of its tables, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from registry.books import sealed, tables
from registry.books.lines import Line
from registry.books.store import Store
from registry.errors import StoreDamaged
from registry.records.base import Record

if TYPE_CHECKING:
    from registry.books.book import State

T = TypeVar("T", bound=Record)

_AS_JSON = ("intervals", "serials", "claim")
_AS_TEXT = ("id", "retirement", "export")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def row_of(record: Record) -> dict[str, Any]:
    """Return a record of a book as a row of its table, without the seal."""
    row = record.model_dump(mode="json")
    if isinstance(record, Line):
        row["written_s"] = record.known_s
    for name in _AS_JSON:
        if name in row:
            row[name] = _ENCODER.encode(row[name])
    for name in _AS_TEXT:
        if row.get(name) is not None:
            row[name] = str(row[name])
    return row


def record_of(model: type[T], row: sa.Row[Any], store: Store) -> T:
    """Read a row back.

    Raises:
        StoreDamaged: the row is no such record.
    """
    values = row._asdict()
    del values["seal"]
    try:
        for name in _AS_JSON:
            if name in values:
                values[name] = json.loads(values[name])
        for name in _AS_TEXT:
            if values.get(name) is not None:
                values[name] = int(values[name])
        if values.get("written_s") == values["at_s"]:
            values["written_s"] = None
        return model.model_validate_json(json.dumps(values))
    except ValueError as error:
        found = f"row {values['number']} of {model.__name__} cannot be read"
        remedy = "see what was changed (books verify), and restore it from a copy"
        raise StoreDamaged(store.name, found, remedy) from error


def put_standing(
    connection: sa.Connection, standing: tuple[int, bool, int], state: State | None
) -> None:
    """Write how far the operator has come, in the place of what stood there."""
    heard, is_held, back_s = standing
    values: dict[str, Any] = {"one": 1, "heard": heard, "is_held": int(is_held), "back_s": back_s}
    values |= {"state": state and state.number, "state_seal": state and state.seal}
    connection.execute(tables.standing.delete())
    connection.execute(tables.standing.insert(), {**values, "seal": standing_seal(values)})


def standing_seal(values: Mapping[str, Any]) -> str:
    """Hash what the standing says; a row whose seal is another was changed."""
    return sealed.digest_of([values[name] for name in _STANDING])


_STANDING = ("heard", "is_held", "back_s", "state", "state_seal")
