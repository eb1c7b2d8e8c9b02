"""The tables of books, mirrors and a world's chain, and the triggers that keep rows as they are.

Amounts and times are integers (`_g` grams, `_s` seconds since 1970-01-01 UTC). Token ids and other
ids are text, because they need more than 64 bits; lists and claims are JSON. Each append-only table
has an ascending key and a `seal`, the hash of its row and of the seal before it
(`registry.books.sealed`).
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

NUMBER = sa.BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
BYTES = sa.LargeBinary().with_variant(sqlite.BLOB(), "sqlite")

MIRROR = sa.MetaData()
"""What a mirror holds: blocks, their entries, and how far it has come."""
BOOK = sa.MetaData()
"""What one registry's operator keeps."""
CHAIN = sa.MetaData()
"""What a world's ledger needs to be opened again."""


def _number(name: str, *, optional: bool = False) -> sa.Column[int]:
    return sa.Column(name, NUMBER, nullable=optional)


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=optional)


def _sealed(
    metadata: sa.MetaData,
    name: str,
    key: str,
    *columns: sa.Column[int] | sa.Column[str] | sa.Column[bytes],
) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column(key, NUMBER, primary_key=True, autoincrement=False),
        *columns,
        _text("seal"),
        sqlite_strict=True,
        info={"key": key},
    )


about = sa.Table(
    "about",
    MIRROR,
    sa.Column("name", sa.Text, primary_key=True),
    _text("value"),
    sqlite_strict=True,
)
"""What a store is: schema, kind, world, registry, and constants."""

heads = sa.Table(
    "heads",
    MIRROR,
    sa.Column("name", sa.Text, primary_key=True),
    _number("size"),
    _number("last", optional=True),
    _text("seal"),
    _number("cut", optional=True),
    sqlite_strict=True,
)
"""Per append-only table: how many rows, the last one's key and seal. `cut` is set only while rows
above it are being taken back; at any other time nothing can be deleted."""

for _metadata in (BOOK, CHAIN):
    about.to_metadata(_metadata)
    heads.to_metadata(_metadata)

blocks = _sealed(
    MIRROR, "blocks", "number", _text("hash"), _text("parent"), _number("at_s"), _number("entries")
)

entries = _sealed(
    MIRROR,
    "entries",
    "seq",
    _number("block"),
    _number("at_s"),
    _text("registry"),
    _text("kind"),
    _text("batch", optional=True),
    _text("id", optional=True),
    _text("account", optional=True),
    _text("counterparty", optional=True),
    _number("amount_g", optional=True),
    _text("rest"),
    _number("chain_id", optional=True),
    _text("address", optional=True),
    _text("tx_hash", optional=True),
    _number("log_index", optional=True),
    _number("gas_used", optional=True),
)
"""`rest` has, as JSON, those fields of the entry that are no columns; each stands in one place."""

cursor = sa.Table(
    "cursor",
    MIRROR,
    sa.Column("one", NUMBER, primary_key=True, autoincrement=False),
    _number("block"),
    _text("hash"),
    _number("seq"),
    _text("tx_hash", optional=True),
    _number("log_index", optional=True),
    sqlite_strict=True,
)
"""One row: the last block the mirror has, and the last entry."""

lines = _sealed(
    BOOK,
    "lines",
    "number",
    _number("at_s"),
    _number("written_s"),
    _text("kind"),
    _text("status"),
    _text("batch"),
    _number("amount_g"),
    _text("account"),
    _text("to"),
    _text("id", optional=True),
    _text("scope"),
    _text("intervals"),
    _text("serials"),
    _number("project", optional=True),
    _number("vintage", optional=True),
    _number("deadline_s", optional=True),
    _number("entry", optional=True),
    _text("peer", optional=True),
    _text("home", optional=True),
    _text("export", optional=True),
    _number("message", optional=True),
)

accounts = _sealed(
    BOOK,
    "accounts",
    "number",
    _number("at_s"),
    _text("account"),
    _text("address"),
    _text("status"),
    _number("entry"),
)

certificates = _sealed(
    BOOK,
    "certificates",
    "number",
    _number("at_s"),
    _text("id"),
    _text("retirement"),
    _text("batch"),
    _text("account"),
    _number("amount_g"),
    _text("scope"),
    _text("intervals"),
    _text("claim"),
    _number("entry"),
)

documents = _sealed(
    BOOK,
    "documents",
    "number",
    _number("at_s"),
    _number("project"),
    _number("version"),
    _text("root"),
    _text("document"),
    _number("entry"),
)

standing = sa.Table(
    "standing",
    BOOK,
    sa.Column("one", NUMBER, primary_key=True, autoincrement=False),
    _number("heard"),
    _number("is_held"),
    _number("back_s"),
    _number("state", optional=True),
    _text("state_seal", optional=True),
    _text("seal"),
    sqlite_strict=True,
)
"""One row: the last of the ledger's entries that the operator has dealt with, whether it writes at
present, and after which saved state of the world the book was written last (a row of `journal`)."""

journal = _sealed(
    CHAIN, "journal", "number", _number("now_s"), sa.Column("changes", BYTES, nullable=False)
)
"""Each row is one state of the world: what changed in its ledger since the row before."""


def sealed_tables(metadata: sa.MetaData) -> list[sa.Table]:
    """Return the append-only tables, ascending by name."""
    tables = [table for table in metadata.tables.values() if "key" in table.info]
    return sorted(tables, key=lambda table: table.name)


def triggers_of(metadata: sa.MetaData, dialect: str, namespace: str | None) -> Iterator[str]:
    """Yield the statements that make append-only tables refuse changes, in the dialect's words.

    A row is never updated or replaced, and deleted only while `heads.cut` allows it.
    """
    for table in sealed_tables(metadata):
        guards = guards_of(table, dialect, namespace)
        if dialect == "sqlite":
            yield from guards.values()
        else:
            yield from _postgresql_triggers(table.name, guards, f'"{namespace}"')


def guards_of(table: sa.Table, dialect: str, namespace: str | None) -> dict[str, str]:
    """Return what an append-only table's triggers say, by name, as the database shows it.

    On SQLite that is the statement that made one, on PostgreSQL the body of its function.
    """
    name, key = table.name, table.info["key"]
    if dialect == "sqlite":
        return _sqlite_guards(name, key)
    refuse = f"RAISE EXCEPTION '{name} is append-only'"
    cut = f"(SELECT cut FROM \"{namespace}\".heads WHERE name = '{name}')"
    condition = f"IF {cut} IS NULL OR OLD.{key} <= {cut}"
    return {
        f"{name}_update": f" BEGIN {refuse}; END ",
        f"{name}_truncate": f" BEGIN {refuse}; END ",
        f"{name}_delete": f" BEGIN {condition} THEN {refuse}; END IF; RETURN OLD; END ",
    }


def _sqlite_guards(name: str, key: str) -> dict[str, str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
    cut = f"(SELECT cut FROM heads WHERE name = '{name}')"
    # INSERT OR REPLACE deletes without asking the trigger on deletion.
    conditions = {
        "update": "",
        "delete": f"WHEN {cut} IS NULL OR OLD.{key} <= {cut} ",
        "insert": f"WHEN EXISTS (SELECT 1 FROM {name} WHERE {key} = NEW.{key}) ",
    }
    return {
        f"{name}_{what}": (
            f"CREATE TRIGGER {name}_{what} BEFORE {what.upper()} ON {name} {condition}{refuse}"
        )
        for what, condition in conditions.items()
    }


def _postgresql_triggers(table: str, guards: dict[str, str], place: str) -> Iterator[str]:
    for name, body in guards.items():
        what = name.removeprefix(f"{table}_").upper()
        each = "STATEMENT" if what == "TRUNCATE" else "ROW"
        yield (f"CREATE FUNCTION {place}.{name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
        yield (
            f"CREATE TRIGGER {name} BEFORE {what} ON {place}.{table} "
            f"FOR EACH {each} EXECUTE FUNCTION {place}.{name}()"
        )
