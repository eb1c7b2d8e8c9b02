"""Append-only tables: what the database itself refuses, and what the chain of seals gives away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from registry.books import sealed, tables
from registry.books.sealed import Head, Problem
from registry.books.store import Identity, Store
from registry.books.verify import verify
from registry.errors import StoreDamaged, StoreError
from tests.postgres import Server

METADATA = {"mirror": tables.MIRROR, "book": tables.BOOK, "chain": tables.CHAIN}
TABLES = {
    f"{kind}.{table.name}": (kind, table)
    for kind, metadata in METADATA.items()
    for table in tables.sealed_tables(metadata)
}
EACH_TABLE = pytest.mark.parametrize("name", TABLES)
EACH_COLUMN = pytest.mark.parametrize(
    ("name", "column"),
    [(name, column.name) for name, (_, table) in TABLES.items() for column in table.c],
)
EACH_OPTIONAL = pytest.mark.parametrize(
    ("name", "column"),
    [
        (name, column.name)
        for name, (_, table) in TABLES.items()
        for column in table.c
        if column.nullable
    ],
)
KEYS = (10, 20, 30, 40, 50)
EMPTY = 30
"""The row whose optional columns are null."""


class Undone(Exception):
    """Ends a transaction that was only tried."""


class Kept:
    """A store of each kind with five rows in each sealed table, in one database."""

    def __init__(self, dialect: str, stores: dict[str, Store]) -> None:
        self.dialect = dialect
        self.stores = stores

    @contextlib.contextmanager
    def trying(self, name: str) -> Iterator[tuple[sa.Connection, sa.Table]]:
        """Change what one likes, and leave no trace."""
        kind, table = TABLES[name]
        with contextlib.suppress(Undone), self.stores[kind].writing() as connection:
            yield connection, table
            raise Undone


def sample(table: sa.Table, key: int) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for at, column in enumerate(table.c):
        if column.name == table.info["key"]:
            row[column.name] = key
        elif column.nullable and key == EMPTY:
            row[column.name] = None
        elif column.name != "seal":
            row[column.name] = other(column, at + 100 * key)
    return row


def other(column: sa.Column[Any], number: int) -> Any:
    if isinstance(column.type, sa.BigInteger):
        return number
    text = f"{column.name} {number}, naïve"
    return text.encode() if isinstance(column.type, sa.LargeBinary) else text


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept]:
    stores = {}
    folder = tmp_path_factory.mktemp("sealed")
    server: Server | None = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        server.start()
        url = server.create("sealed")
    for kind, metadata in METADATA.items():
        place = folder / f"{kind}.sqlite" if server is None else url
        store = Store.open(place, metadata, Identity(kind, "a world"), facts={"a": "fact"})
        with store.writing() as connection:
            for table in tables.sealed_tables(metadata):
                sealed.append(connection, table, [sample(table, key) for key in KEYS])
        stores[kind] = store
    yield Kept(request.param, stores)
    for store in stores.values():
        store.close()
    if server is not None:
        server.start()
        server.drop("sealed")


def place(connection: sa.Connection, table: sa.Table) -> str:
    namespaces = connection.get_execution_options().get("schema_translate_map", {})
    return f'"{namespaces[None]}".{table.name}' if namespaces else table.name


def disarm(connection: sa.Connection, table: sa.Table, *only: str) -> None:
    names = only or sorted(tables.guards_of(table, connection.dialect.name, None))
    on = "" if connection.dialect.name == "sqlite" else f" ON {place(connection, table)}"
    for name in names:
        connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")


def change(connection: sa.Connection, table: sa.Table, key: int, **values: Any) -> None:
    disarm(connection, table)
    connection.execute(table.update().where(key_of(table) == key).values(**values))


def key_of(table: sa.Table) -> sa.Column[int]:
    return table.c[table.info["key"]]


def rows(connection: sa.Connection, table: sa.Table) -> list[dict[str, Any]]:
    return [row._asdict() for row in sealed.read(connection, table)]


def problems(connection: sa.Connection, table: sa.Table) -> list[Problem]:
    return list(sealed.problems(connection, table, sealed.facts_of(connection), "here"))


def wrong_rows(connection: sa.Connection, table: sa.Table) -> list[int | None]:
    """Return the rows named, without the missing triggers."""
    return [found.row for found in problems(connection, table) if "is gone" not in found.what]


# What the database refuses.


@EACH_TABLE
def test_untouched_tables_have_no_problems(kept: Kept, name: str) -> None:
    with kept.trying(name) as (connection, table):
        assert problems(connection, table) == []
        assert [row[table.info["key"]] for row in rows(connection, table)] == list(KEYS)


SQLITE_ONLY = [
    "INSERT OR REPLACE INTO {t} SELECT * FROM {t} WHERE {k} = 20",
    "REPLACE INTO {t} SELECT * FROM {t}",
    "UPDATE OR REPLACE {t} SET {k} = 20 WHERE {k} = 30",
    "UPDATE OR IGNORE {t} SET seal = '' WHERE {k} = 50",
    "UPDATE {t} SET rowid = rowid + 1000",
    "DELETE FROM {t} WHERE rowid = 50",
]
POSTGRESQL_ONLY = [
    "TRUNCATE {t}",
    "TRUNCATE {t} CASCADE",
    "UPDATE ONLY {t} SET seal = '' WHERE {k} = 50",
    "DELETE FROM {t} USING {h} WHERE {k} = 50",
    "MERGE INTO {t} AS old USING {t} AS new ON old.{k} = new.{k} WHEN MATCHED THEN DELETE",
]
EVERYWHERE = [
    "UPDATE {t} SET seal = seal",
    "UPDATE {t} SET seal = '' WHERE {k} = 50",
    "UPDATE {t} SET {k} = {k} + 1000",
    "DELETE FROM {t} WHERE {k} = 50",
    "DELETE FROM {t}",
    "INSERT INTO {t} SELECT * FROM {t} WHERE {k} = 20 ON CONFLICT ({k}) DO UPDATE SET seal = ''",
    "WITH chosen AS (SELECT {k} FROM {t}) DELETE FROM {t} WHERE {k} IN (SELECT {k} FROM chosen)",
]


@EACH_TABLE
def test_rows_are_neither_changed_nor_replaced_nor_deleted(kept: Kept, name: str) -> None:
    kind, table = TABLES[name]
    store = kept.stores[kind]
    for statement in EVERYWHERE + (SQLITE_ONLY if kept.dialect == "sqlite" else POSTGRESQL_ONLY):
        with pytest.raises(StoreError, match=f"{table.name} is append-only"):  # noqa: SIM117
            with store.writing() as connection:
                names = {"t": place(connection, table), "h": place(connection, tables.heads)}
                connection.exec_driver_sql(statement.format(k=table.info["key"], **names))
        with store.reading() as connection:
            assert problems(connection, table) == []


@EACH_TABLE
def test_a_key_is_given_once(kept: Kept, name: str) -> None:
    kind, table = TABLES[name]
    with pytest.raises(StoreError), kept.stores[kind].writing() as connection:
        connection.execute(table.insert(), {**sample(table, 20), "seal": ""})
    with kept.stores[kind].reading() as connection:
        assert problems(connection, table) == []


# Taking back.


@EACH_TABLE
@pytest.mark.parametrize("above", [None, 0, 25, 40, 99])
def test_cut_takes_back_what_is_above_and_nothing_else(
    kept: Kept, name: str, above: int | None
) -> None:
    with kept.trying(name) as (connection, table):
        before = rows(connection, table)
        stay = [row for row in before if above is not None and row[table.info["key"]] <= above]
        end = sealed.cut(connection, table, above)
        assert rows(connection, table) == stay
        assert end == sealed.head(connection, table)
        assert (end.size, end.last) == (len(stay), stay[-1][table.info["key"]] if stay else None)
        assert problems(connection, table) == []
        sealed.append(connection, table, [sample(table, key) for key in KEYS[len(stay) :]])
        assert rows(connection, table) == before
        assert problems(connection, table) == []
    with kept.trying(name) as (connection, table), pytest.raises(sa.exc.DBAPIError):
        sealed.cut(connection, table, 40)
        # What may be taken back is over when the cut is.
        connection.execute(table.delete().where(key_of(table) == 40))


@EACH_TABLE
def test_cut_of_all_begins_anew_whatever_was_there(kept: Kept, name: str) -> None:
    with kept.trying(name) as (connection, table):
        empty = sealed.cut(connection, table, None)
        assert (empty.size, empty.last) == (0, None)
    with kept.trying(name) as (connection, table):
        disarm(connection, table)
        connection.execute(table.delete())
        assert sealed.cut(connection, table, None) == empty


# What gives a change away.


@EACH_COLUMN
def test_a_changed_cell_is_found_in_its_row(kept: Kept, name: str, column: str) -> None:
    for key in (10, EMPTY, 50):
        with kept.trying(name) as (connection, table):
            if column == table.info["key"]:
                change(connection, table, key, **{column: 99})
                # The row that follows the gap shows it first; where none does, the row itself.
                named = {10: 20, EMPTY: 40, 50: 99}[key]
            else:
                change(connection, table, key, **{column: other(table.c[column], -7)})
                named = key
            assert wrong_rows(connection, table)[0] == named


@EACH_OPTIONAL
def test_a_null_is_told_from_a_value(kept: Kept, name: str, column: str) -> None:
    with kept.trying(name) as (connection, table):
        change(connection, table, 20, **{column: None})
        assert wrong_rows(connection, table)[0] == 20
    for value in ("null", "", "None", 0):
        with kept.trying(name) as (connection, table):
            if isinstance(value, int) is isinstance(table.c[column].type, sa.BigInteger):
                change(connection, table, EMPTY, **{column: value})
                assert wrong_rows(connection, table)[0] == EMPTY


CELLS = st.tuples(st.sampled_from(sorted(TABLES)), st.sampled_from(KEYS), st.integers(0, 99))
INTEGERS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(0, 6_000))
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(cell=CELLS, integer=INTEGERS, text=TEXTS, is_null=st.booleans())
def test_law_no_cell_changes_unseen(
    kept: Kept, cell: tuple[str, int, int], integer: int, text: str, is_null: bool
) -> None:
    name, key, at = cell
    with kept.trying(name) as (connection, table):
        column = list(table.c)[at % len(table.c)]
        value: Any = integer if isinstance(column.type, sa.BigInteger) else text
        if isinstance(column.type, sa.LargeBinary):
            value = text.encode()
        if is_null and column.nullable:
            value = None
        (before,) = [row for row in rows(connection, table) if row[table.info["key"]] == key]
        assume(value != before[column.name])
        if column.name == table.info["key"]:
            assume(value not in KEYS)
        change(connection, table, key, **{column.name: value})
        found = wrong_rows(connection, table)
        assert found
        assert column.name == table.info["key"] or found[0] == key


@EACH_TABLE
@pytest.mark.parametrize(
    ("gone", "named"), [((10,), 20), ((30,), 40), ((20, 30), 40), ((50,), 50), (KEYS, 50)]
)
def test_rows_that_are_gone_are_missed(
    kept: Kept, name: str, gone: tuple[int, ...], named: int
) -> None:
    with kept.trying(name) as (connection, table):
        disarm(connection, table)
        connection.execute(table.delete().where(key_of(table).in_(gone)))
        assert wrong_rows(connection, table)[0] == named


@EACH_TABLE
def test_rows_that_were_put_in_are_found(kept: Kept, name: str) -> None:
    for key in (5, 25, 60):
        with kept.trying(name) as (connection, table):
            connection.execute(table.insert(), {**sample(table, key), "seal": "0" * 64})
            assert wrong_rows(connection, table)[0] == key
    with kept.trying(name) as (connection, table):
        # Sealed as it should be, and yet never written.
        end = sealed.head(connection, table)
        sealed.append(connection, table, [sample(table, 60)])
        forged = end._asdict()
        connection.execute(
            tables.heads.update().where(tables.heads.c.name == table.name).values(**forged)
        )
        assert wrong_rows(connection, table) == [50]


@EACH_TABLE
@pytest.mark.parametrize("with_seals", [False, True])
def test_rows_that_changed_places_are_found(kept: Kept, name: str, with_seals: bool) -> None:
    with kept.trying(name) as (connection, table):
        disarm(connection, table)
        key = table.info["key"]
        second, fourth = (rows(connection, table)[at] for at in (1, 3))
        for row, into in ((second, fourth), (fourth, second)):
            values = {**row, key: into[key], "seal": (row if with_seals else into)["seal"]}
            connection.execute(table.update().where(table.c[key] == into[key]).values(**values))
        assert wrong_rows(connection, table)[0] == 20


HEADS: list[dict[str, Any]] = [
    {"size": 4},
    {"size": 6},
    {"last": 40},
    {"last": None},
    {"seal": ""},
    {"cut": 0},
]


@EACH_TABLE
def test_changed_heads_are_found(kept: Kept, name: str) -> None:
    for values in HEADS:
        with kept.trying(name) as (connection, table):
            connection.execute(
                tables.heads.update().where(tables.heads.c.name == table.name).values(**values)
            )
            assert len(problems(connection, table)) == 1


@EACH_TABLE
def test_a_head_that_is_gone_is_damage(kept: Kept, name: str) -> None:
    kind, table = TABLES[name]
    with pytest.raises(StoreDamaged), kept.stores[kind].writing() as connection:
        connection.execute(tables.heads.delete().where(tables.heads.c.name == table.name))
        problems(connection, table)


@EACH_TABLE
@pytest.mark.parametrize("fact", ["schema", "world", "a"])
def test_changed_facts_are_found(kept: Kept, name: str, fact: str) -> None:
    about = tables.about
    with kept.trying(name) as (connection, table):
        connection.execute(about.update().where(about.c.name == fact).values(value="another"))
        assert wrong_rows(connection, table)[0] == 10
        # An empty table knows what it is about, too.
        disarm(connection, table)
        connection.execute(table.delete())
        empty = Head(0, None, sealed.head(connection, table).seal)
        connection.execute(
            tables.heads.update().where(tables.heads.c.name == table.name).values(**empty._asdict())
        )
        assert problems(connection, table)
    with kept.trying(name) as (connection, table):
        connection.execute(about.delete().where(about.c.name == fact))
        assert wrong_rows(connection, table)[0] == 10
    with kept.trying(name) as (connection, table):
        connection.execute(about.insert(), {"name": "another", "value": fact})
        assert wrong_rows(connection, table)[0] == 10


@EACH_TABLE
def test_missing_triggers_are_named(kept: Kept, name: str) -> None:
    for trigger in sorted(tables.guards_of(TABLES[name][1], kept.dialect, None)):
        with kept.trying(name) as (connection, table):
            disarm(connection, table, trigger)
            (found,) = problems(connection, table)
            assert (found.store, found.table, found.row) == ("here", table.name, None)
            assert trigger in found.what
        if kept.dialect == "postgresql":
            with kept.trying(name) as (connection, table):
                where = place(connection, table)
                connection.exec_driver_sql(f"ALTER TABLE {where} DISABLE TRIGGER {trigger}")
                (found,) = problems(connection, table)
                assert trigger in found.what


@EACH_TABLE
def test_triggers_that_say_something_else_are_named(kept: Kept, name: str) -> None:
    with kept.trying(name) as (connection, table):
        trigger = f"{table.name}_update"
        if kept.dialect == "sqlite":
            disarm(connection, table, trigger)
            hollow = f"CREATE TRIGGER {trigger} BEFORE UPDATE ON {table.name} BEGIN SELECT 1; END"
        else:
            function = place(connection, table).replace(f".{table.name}", f".{trigger}")
            hollow = (
                f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql "
                "AS $$ BEGIN RETURN NEW; END $$"
            )
        connection.exec_driver_sql(hollow)
        (found,) = problems(connection, table)
        assert trigger in found.what


# Equal everywhere.


def test_seals_are_the_same_on_every_database(kept: Kept) -> None:
    for kind, metadata in METADATA.items():
        with contextlib.closing(
            Store.open(":memory:", metadata, Identity(kind, "a world"), facts={"a": "fact"})
        ) as other_store:
            for table in tables.sealed_tables(metadata):
                with other_store.writing() as connection:
                    for key in KEYS:  # One at a time is all at once.
                        sealed.append(connection, table, [sample(table, key)])
                    expected = sealed.head(connection, table)
                with kept.stores[kind].reading() as connection:
                    assert sealed.head(connection, table) == expected


def test_digest_tells_values_apart() -> None:
    values: list[list[object]] = [
        [], [None], [""], ["null"], [0], ["0"], [1, 2], [12], ["1", "2"], ["1,2"], ['1","2'],
        ["a", None], [None, "a"], [b"a"], ["a"], ["ä"], ["a\u0308"], ["\0"], [2**63 - 1],
    ]  # fmt: skip
    assert len({sealed.digest_of(each) for each in values}) == len(values)
    assert sealed.digest_of([b"abc"]) == sealed.digest_of([memoryview(b"abc")])
    with pytest.raises(TypeError):
        sealed.digest_of([1.5j])


def test_append_of_nothing_changes_nothing(kept: Kept) -> None:
    with kept.trying("mirror.entries") as (connection, table):
        before = sealed.head(connection, table)
        assert sealed.append(connection, table, []) == before
        assert sealed.head(connection, table) == before


def test_verify_checks_what_ties_the_tables(kept: Kept) -> None:
    for kind, store in kept.stores.items():
        checked = verify(store, METADATA[kind])
        sizes = {table.name: len(KEYS) for table in tables.sealed_tables(METADATA[kind])}
        assert (checked.kind, checked.rows) == (kind, sizes)
        assert set(checked.seals) == set(sizes)
        # These stores were filled table by table: nobody wrote where they have come to.
        tie = {"mirror": "cursor", "book": "standing", "chain": None}[kind]
        assert [found.table for found in checked.problems] == ([tie] if tie else [])
