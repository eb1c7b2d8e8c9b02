"""Checks that a store is as it was written: every row of every table, and what ties them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import sqlalchemy as sa

from registry.books import sealed, tables
from registry.books.book import standing_seal
from registry.books.sealed import Problem
from registry.books.store import Store
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
