"""Checks that a store is as it was written: every row of every table, and what ties them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any, NamedTuple

import sqlalchemy as sa

from registry.books import sealed, tables
from registry.books.rows import standing_seal
from registry.books.sealed import Problem
from registry.books.store import Identity, Store
from registry.errors import StoreDamaged

Told = Callable[[int], None]
"""Told how many more rows have been read."""


class Checked(NamedTuple):
    """One store, checked.

    Attributes:
        store: Where.
        kind: "chain", "mirror" or "book".
        registry: Whose book; "" for the others.
        rows: Append-only table -> how many rows.
        seals: Append-only table -> the seal it ends in, to be noted elsewhere.
        problems: What is not as it was written.
    """

    store: str
    kind: str
    registry: str
    rows: dict[str, int]
    seals: dict[str, str]
    problems: tuple[Problem, ...]


def verify(store: Store, metadata: sa.MetaData, told: Told = lambda _: None) -> Checked:
    """Check one store.

    Raises:
        StoreError: it cannot be read at all, for another reason than damage.
    """
    problems: list[Problem] = []
    rows: dict[str, int] = {}
    seals: dict[str, str] = {}
    try:
        with store.reading() as connection:
            problems += _integrity(connection, store)
            problems += _shape(connection, store, metadata)
            for table in tables.sealed_tables(metadata):
                problems += sealed.problems(connection, table, store.facts, store.name, told)
                end = sealed.head(connection, table)
                rows[table.name], seals[table.name] = end.size, end.seal
            if metadata is tables.MIRROR:
                problems += _cursor(connection, store)
            elif metadata is tables.BOOK:
                problems += _standing(connection, store)
    except StoreDamaged as error:
        problems.append(Problem(store.name, "", None, error.problem))
    kind, registry = store.identity.kind, store.facts.get("registry", "")
    return Checked(store.name, kind, registry, rows, seals, tuple(problems))


def size(store: Store, metadata: sa.MetaData) -> int:
    """Return how many rows there are to check; 0 where that cannot be read."""
    try:
        with store.reading() as connection:
            known = tables.sealed_tables(metadata)
            return sum(sealed.head(connection, table).size for table in known)
    except StoreDamaged:
        return 0


def _integrity(connection: sa.Connection, store: Store) -> Iterator[Problem]:
    if connection.dialect.name != "sqlite":
        return
    for (said,) in connection.exec_driver_sql("PRAGMA integrity_check(5)"):
        if said != "ok":
            yield Problem(store.name, "", None, f"the file is damaged: {said}")


def _shape(connection: sa.Connection, store: Store, metadata: sa.MetaData) -> Iterator[Problem]:
    """Compare what a database is made of with what this version makes.

    Whether the guards of its tables are as they were is checked with the tables.
    """
    if connection.dialect.name == "sqlite":
        expected, found = _made(metadata), _parts(connection)
    else:
        expected, found = _columns_of(metadata), _columns_there(connection, metadata)
    for name in sorted(expected.keys() | found.keys()):
        if name not in expected:
            yield Problem(store.name, name, None, "it is none of ours")
        elif name not in found:
            yield Problem(store.name, name, None, "it is gone")
        elif expected[name] != found[name]:
            yield Problem(store.name, name, None, "it is not made as it was")
    known = {table.name for table in tables.sealed_tables(metadata)}
    for (name,) in connection.execute(sa.select(tables.heads.c.name)):
        if name not in known:
            yield Problem(store.name, tables.heads.name, None, f"it has a row for {name!r}")


def _made(metadata: sa.MetaData) -> dict[str, str]:
    with (
        closing(Store.open(":memory:", metadata, Identity("", ""))) as fresh,
        fresh.reading() as connection,
    ):
        return _parts(connection)


def _parts(connection: sa.Connection) -> dict[str, str]:
    """Return the parts of a SQLite database, but those triggers that are ours."""
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    ours = {f"{what}_{event}" for what in _SEALED for event in ("update", "delete", "insert")}
    return {
        name: " ".join(sql.split())
        for kind, name, _, sql in connection.exec_driver_sql(query)
        if kind != "trigger" or name not in ours
    }


_SEALED = {
    table.name
    for metadata in (tables.MIRROR, tables.BOOK, tables.CHAIN)
    for table in tables.sealed_tables(metadata)
}


def _columns_of(metadata: sa.MetaData) -> dict[str, str]:
    return {
        table.name: ", ".join(sorted(column.name for column in table.c))
        for table in metadata.tables.values()
    }


def _columns_there(connection: sa.Connection, metadata: sa.MetaData) -> dict[str, str]:
    """Return the tables and views of a server's schema, with their columns."""
    inspector = sa.inspect(connection)
    names: Mapping[Any, Any] = connection.get_execution_options()["schema_translate_map"]
    namespace = names[None]
    there = [*inspector.get_table_names(namespace), *inspector.get_view_names(namespace)]
    return {
        name: ", ".join(sorted(column["name"] for column in inspector.get_columns(name, namespace)))
        for name in there
    }


def _cursor(connection: sa.Connection, store: Store) -> Iterator[Problem]:
    """Compare the mirror's cursor with the rows it speaks of."""
    names = [column.name for column in tables.cursor.c]
    found = [row._asdict() for row in connection.execute(sa.select(tables.cursor))]
    block = connection.execute(_last(tables.blocks, "number", "hash")).one_or_none()
    entry = connection.execute(_last(tables.entries, "seq", "tx_hash", "log_index")).one_or_none()
    expected = dict(zip(names, (1, *(block or (0, "")), *(entry or (0, None, None))), strict=True))
    if found != ([expected] if found or block is not None else []):
        yield Problem(store.name, tables.cursor.name, 1, "it is not where the last rows are")


def _last(table: sa.Table, *columns: str) -> sa.Select[tuple[int | str, ...]]:
    key = table.c[table.info["key"]]
    return sa.select(*(table.c[name] for name in columns)).order_by(key.desc()).limit(1)


def _standing(connection: sa.Connection, store: Store) -> Iterator[Problem]:
    table = tables.standing
    rows = [row._asdict() for row in connection.execute(sa.select(table))]
    known = tables.sealed_tables(tables.BOOK)
    written = any(sealed.head(connection, each).size for each in known)
    found = [(row["one"], row["seal"]) for row in rows]
    if found != [(1, standing_seal(row)) for row in rows[:1]] or (written and not rows):
        yield Problem(store.name, table.name, 1, "the row was changed or is gone")
