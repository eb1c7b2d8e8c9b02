"""Append-only tables whose rows are chained by hashes, so that a change shows.

A row's seal is the hash of its values and of the seal before it; the first one follows from what
the store is about. The last seal, the last key and the number of rows stand in `heads`, so that
rows missing at the end show, too. Whoever can write to the file can also compute all seals anew:
what the chain proves is that nobody changed a row in passing, and that the whole still ends in the
seal that somebody noted elsewhere (`books verify` prints it).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from registry.books.tables import about, guards_of, heads, sealed_tables

Row = Mapping[str, Any]

READ_AT_ONCE = 5_000
"""Rows that are read at a time, so that a long table does not have to fit into memory."""


class Head(NamedTuple):
    """Where a table ends: how many rows, and key (None: no row) and seal of the last one."""

    size: int
    last: int | None
    seal: str


class Problem(NamedTuple):
    """Something in a store that is not as it was written.

    Attributes:
        store: Where.
        table: In which table.
        row: Key of the first row that is wrong; None where it is about the whole table.
        what: What is wrong.
    """

    store: str
    table: str
    row: int | None
    what: str


def begin(connection: sa.Connection, metadata: sa.MetaData, facts: Mapping[str, str]) -> None:
    """Write the first heads of a new store."""
    rows = [
        {"name": table.name, "size": 0, "last": None, "seal": _first_seal(table, facts)}
        for table in sealed_tables(metadata)
    ]
    connection.execute(heads.insert(), rows)


def facts_of(connection: sa.Connection) -> dict[str, str]:
    """Return what a store says that it is."""
    return {row.name: row.value for row in connection.execute(sa.select(about))}


def head(connection: sa.Connection, table: sa.Table, *, is_held: bool = False) -> Head:
    """Return where a table ends.

    Args:
        is_held: Keep other writers from changing it until the transaction ends.
    """
    chosen = sa.select(heads.c.size, heads.c.last, heads.c.seal).where(heads.c.name == table.name)
    row = connection.execute(chosen.with_for_update() if is_held else chosen).one()
    return Head(row.size, row.last, row.seal)


def append(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> Head:
    """Append rows, each with all columns but the seal, ascending by key from the last one on."""
    end = head(connection, table, is_held=True)
    if not rows:
        return end
    seal, written = end.seal, []
    columns = _columns(table)
    for row in rows:
        values = [row[column] for column in columns]
        seal = digest_of([seal, *values])
        written.append((*values, seal))
    connection.exec_driver_sql(_insertion(connection, table), written)
    return _put_head(connection, table, Head(end.size + len(rows), rows[-1][_key(table)], seal))


def cut(connection: sa.Connection, table: sa.Table, above: int | None) -> Head:
    """Take back the rows whose key is above `above`; all of them if that is None."""
    key = table.c[_key(table)]
    limit = -(2**63) if above is None else above
    end = head(connection, table, is_held=True)
    of_table = heads.c.name == table.name
    connection.execute(heads.update().where(of_table).values(cut=limit))
    gone = connection.execute(table.delete().where(key > limit)).rowcount
    connection.execute(heads.update().where(of_table).values(cut=None))
    kept = sa.select(key, table.c.seal).order_by(key.desc()).limit(1)
    last = connection.execute(kept).one_or_none()
    if last is None:
        first = _first_seal(table, facts_of(connection))
        return _put_head(connection, table, Head(0, None, first))
    if not gone:
        return end
    return _put_head(connection, table, Head(end.size - gone, last[0], last[1]))


def read(
    connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]
) -> Iterator[sa.Row[Any]]:
    """Read rows, ascending by key."""
    return in_parts(connection, sa.select(table).where(*where), table.c[_key(table)])


def in_parts(
    connection: sa.Connection, chosen: sa.Select[Any], key: sa.Column[Any]
) -> Iterator[sa.Row[Any]]:
    """Read rows, ascending by a key that is among their columns, some at a time.

    Each part is a query of its own, which leaves nothing open on a server. The reading is one
    transaction, so all parts show one state.
    """
    part = chosen.order_by(key).limit(READ_AT_ONCE)
    rows = connection.execute(part).all()
    while rows:
        yield from rows
        if len(rows) < READ_AT_ONCE:
            return
        rows = connection.execute(part.where(key > getattr(rows[-1], key.name))).all()


def problems(
    connection: sa.Connection,
    table: sa.Table,
    facts: Mapping[str, str],
    store: str,
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[Problem]:
    """Check a table from its first row on, and yield what is not as it was written.

    Args:
        facts: What `about` says now.
        progress: Told how many rows have been read.
    """
    seal, size, last = _first_seal(table, facts), 0, None
    broken = None
    for size, row in enumerate(read(connection, table), start=1):
        values = row._asdict()
        last = values[_key(table)]
        seal = _seal(seal, table, values)
        if seal != values["seal"] and broken is None:
            broken = last
        seal = values["seal"]
        if size % READ_AT_ONCE == 0:
            progress(READ_AT_ONCE)
    progress(size % READ_AT_ONCE)
    if broken is not None:
        yield Problem(store, table.name, broken, "the row or the one before it was changed")
    end = head(connection, table)
    if (end.size, end.last) != (size, last):
        what = f"{size} rows up to {last} where {end.size} up to {end.last} were written"
        yield Problem(store, table.name, end.last, what)
    elif end.seal != seal:
        yield Problem(store, table.name, last, "it does not end in the seal that was written")
    cutting = sa.select(heads.c.cut).where(heads.c.name == table.name)
    if connection.execute(cutting).scalar() is not None:
        yield Problem(store, table.name, None, "rows can be deleted: heads.cut is set")
    missing = missing_triggers(connection, table)
    if missing:
        what = f"what keeps rows as they are is gone: {', '.join(missing)}"
        yield Problem(store, table.name, None, what)


def missing_triggers(connection: sa.Connection, table: sa.Table) -> list[str]:
    """Return the triggers that should keep a table's rows as they are, and do not (any more)."""
    expected = guards_of(table, connection.dialect.name, _namespace(connection))
    found = _triggers(connection, table)
    return sorted(name for name, said in expected.items() if found.get(name) != said)


def _insertion(connection: sa.Connection, table: sa.Table) -> str:
    # Written by hand: a mirror writes most of its time, and SQLAlchemy's own insertion takes half
    # as long again to prepare each row.
    namespace = _namespace(connection)
    place = f'"{table.name}"' if namespace is None else f'"{namespace}"."{table.name}"'
    columns = [*_columns(table), "seal"]
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    names = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO {place} ({names}) VALUES ({', '.join([mark] * len(columns))})"


def _triggers(connection: sa.Connection, table: sa.Table) -> dict[str, str]:
    """Return the table's triggers that are in force, and what they say."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
    else:
        query = (
            "SELECT tgname, prosrc FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "JOIN pg_namespace ON pg_namespace.oid = relnamespace "
            "JOIN pg_proc ON pg_proc.oid = tgfoid "
            "WHERE relname = :table AND nspname = :namespace AND tgenabled = 'O'"
        )
    values = {"table": table.name, "namespace": _namespace(connection)}
    return {row[0]: row[1] for row in connection.execute(sa.text(query), values)}


def _namespace(connection: sa.Connection) -> str | None:
    """Return the schema in which a server has the store."""
    names: Mapping[Any, Any] = connection.get_execution_options().get("schema_translate_map", {})
    return names.get(None)


def _put_head(connection: sa.Connection, table: sa.Table, end: Head) -> Head:
    connection.execute(heads.update().where(heads.c.name == table.name).values(**end._asdict()))
    return end


def _key(table: sa.Table) -> str:
    return str(table.info["key"])


def _first_seal(table: sa.Table, facts: Mapping[str, str]) -> str:
    return digest_of([table.name, *sorted(facts.items())])


def _seal(before: str, table: sa.Table, row: Row) -> str:
    return digest_of([before, *(row[column] for column in _columns(table))])


def _columns(table: sa.Table) -> tuple[str, ...]:
    # Asked for each row: the tables are few and never change.
    known = table.info.get("sealed columns")
    if known is None:
        known = tuple(name for name in table.c.keys() if name != "seal")  # noqa: SIM118
        table.info["sealed columns"] = known
    return known


def digest_of(values: Sequence[object]) -> str:
    """Hash integers, texts, bytes and nulls; equal for equal values on every database."""
    return hashlib.sha256(_ENCODER.encode(values).encode()).hexdigest()


def _bytes_text(value: object) -> str:
    if isinstance(value, (bytes, memoryview)):
        return hashlib.sha256(value).hexdigest()
    raise TypeError(f"{type(value).__name__} has no seal")


_ENCODER = json.JSONEncoder(separators=(",", ":"), default=_bytes_text)
