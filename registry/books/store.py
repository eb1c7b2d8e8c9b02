"""Databases that books and mirrors are kept in: a SQLite file, or a schema of a PostgreSQL server.

Both hold the same tables. A store says in its table `about` what it is, so that a file of another
world, of another kind or of another version is recognised before anything is read from it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from registry import errors
from registry.books import sealed
from registry.books.failures import RESTORE, read_only, translated
from registry.books.tables import about, triggers_of
from registry.errors import InputError, StoreError

SCHEMA = 2
"""Version of all tables together; stores of other versions are refused."""

BUSY_S = 5
"""How long to wait for another process that is writing."""

Mode = Literal["create", "write", "read"]

PARTS: Final = (".part", ".part-wal", ".part-shm", ".part-journal")
"""How names of files end that are there only while a SQLite file is being made."""


class Identity(NamedTuple):
    """What a store is: written into it when it is made, compared whenever it is opened.

    Attributes:
        kind: "mirror", "book" or "chain".
        world: What the world is known by; None, when a store is opened, for whatever it says.
        registry: Whose book; "" for the others, None as for `world`.
    """

    kind: str
    world: str | None
    registry: str | None = ""


class Store:
    """One database, open.

    Attributes:
        name: Where it is, for messages: a path, or an address without its password.
        identity: What it is.
        facts: Constants that were written when it was made, by name.
    """

    def __init__(self, engine: sa.Engine, name: str, identity: Identity) -> None:
        self.name = name
        self.identity = identity
        self.facts: Mapping[str, str] = {}
        self._engine = engine

    @classmethod
    def open(
        cls,
        place: Path | str,
        metadata: sa.MetaData,
        identity: Identity,
        *,
        mode: Mode = "create",
        facts: Mapping[str, str] | None = None,
        durable: bool = True,
    ) -> Store:
        """Open a store, or make it.

        Args:
            place: Path of a SQLite file, ":memory:", or the address of a PostgreSQL database,
                in which each store is a schema of its own.
            metadata: Its tables.
            mode: "create" makes what is not there; "write" and "read" expect it.
            facts: Constants to write down if it is made.
            durable: Whether what was written must survive a power cut (it survives the end of
                the process in any case). Not for what can be made again.

        Raises:
            StoreError: it cannot be used as it is; the classes say why.
            InputError: an address of another kind of database.
        """
        if isinstance(place, Path):
            return cls._open_file(place, metadata, identity, mode, facts or {}, durable)
        if place == ":memory:":
            engine = _sqlite(sa.URL.create("sqlite"), durable=False)
            store = cls(engine, place, identity)
            store._make(metadata, facts or {})
            store._check()
            return store
        return cls._open_server(place, metadata, identity, mode, facts or {}, durable)

    @classmethod
    def _open_file(
        cls,
        path: Path,
        metadata: sa.MetaData,
        identity: Identity,
        mode: Mode,
        facts: Mapping[str, str],
        durable: bool,
    ) -> Store:
        name = str(path)
        if not path.exists():
            if mode != "create":
                raise errors.StoreMissing(name, "there is no such database", "check the path")
            cls._make_file(path, metadata, identity, facts)
        _check_file(path, name)
        if mode == "read":
            engine = _sqlite(_reading_url(path), durable=False)
        else:
            if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
                raise read_only(name)
            engine = _sqlite(_url(path), durable=durable)
        store = cls(engine, name, identity)
        try:
            store._check()
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def _make_file(
        cls, path: Path, metadata: sa.MetaData, identity: Identity, facts: Mapping[str, str]
    ) -> None:
        """Make the file beside its place and then put it there: it is whole or not there."""
        part, *_ = parts = [path.with_name(path.name + end) for end in PARTS]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            for left in parts:
                left.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(str(path), error) from error
        store = cls(_sqlite(_url(part), durable=True, is_new=True), str(path), identity)
        try:
            store._make(metadata, facts)
        finally:
            store.close()
        for end in ("-wal", "-shm"):
            # What a lost file of this name has left behind is not about the new one.
            path.with_name(path.name + end).unlink(missing_ok=True)
        part.replace(path)

    @classmethod
    def _open_server(
        cls,
        address: str,
        metadata: sa.MetaData,
        identity: Identity,
        mode: Mode,
        facts: Mapping[str, str],
        durable: bool,
    ) -> Store:
        namespace = _namespace(identity)
        engine, name = _postgresql(address, durable=durable, is_read_only=mode == "read")
        bound = engine.execution_options(schema_translate_map={None: namespace})
        store = cls(bound, f"{name} schema {namespace}", identity)
        try:
            with store._translated(), engine.connect() as connection:
                known = sa.inspect(connection).has_schema(namespace)
            if not known:
                if mode != "create":
                    raise errors.StoreMissing(store.name, "there is no such schema", "check it")
                store._make(metadata, facts, namespace)
            store._check()
        except BaseException:
            store.close()
            raise
        return store

    def _make(
        self, metadata: sa.MetaData, facts: Mapping[str, str], namespace: str | None = None
    ) -> None:
        rows = {"schema": str(SCHEMA), **self.identity._asdict(), **facts}
        with self.writing() as connection:
            if namespace is not None:
                # What is made stays, even where what is written into it may be made again.
                connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
                connection.execute(sa.schema.CreateSchema(namespace))
            metadata.create_all(connection)
            for statement in triggers_of(metadata, connection.dialect.name, namespace):
                connection.exec_driver_sql(statement)
            connection.execute(
                about.insert(), [{"name": name, "value": value} for name, value in rows.items()]
            )
            sealed.begin(connection, metadata, rows)

    def _check(self) -> None:
        with self._translated(), self._engine.connect() as connection:
            if not sa.inspect(connection).has_table(about.name, self._namespace):
                found = "it holds no table of ours"
                raise errors.StoreDamaged(self.name, found, "check the path, or " + RESTORE)
            self.facts = sealed.facts_of(connection)
        schema = self.facts.get("schema", "none")
        if schema != str(SCHEMA):
            newer = schema.isdigit() and int(schema) > SCHEMA
            remedy = "use a newer version of this package" if newer else self._make_again
            found = f"it has schema {schema}, and this version reads schema {SCHEMA}"
            raise errors.SchemaMismatch(self.name, found, remedy)
        for field, expected in self.identity._asdict().items():
            if expected is not None and self.facts.get(field) != expected:
                found = f"its {field} is {self.facts.get(field)!r}, expected {expected!r}"
                raise errors.ForeignStore(
                    self.name, found, "check that the folder is the right one"
                )

    @property
    def _make_again(self) -> str:
        if self.identity.kind == "mirror":
            return "make the mirror again from the chain (books rebuild)"
        return "open it with the version of this package that wrote it"

    @property
    def _namespace(self) -> str | None:
        names: Mapping[Any, Any] = self._engine.get_execution_options().get(
            "schema_translate_map", {}
        )
        return names.get(None)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Read one consistent state."""
        options: dict[str, Any] = {}
        if self._engine.dialect.name == "postgresql":
            # Otherwise each statement would see what was written before it, not before the first.
            options["isolation_level"] = "REPEATABLE READ"
        with self._translated(), self._engine.connect().execution_options(**options) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Write everything inside the block, or nothing of it if it raises."""
        with (
            self._translated(),
            self._engine.connect().execution_options(immediate=True) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise translated(self.name, error) from error
        except SQLAlchemyError as error:
            said = str(error).splitlines()[0]
            raise errors.StoreDamaged(self.name, said, RESTORE) from error

    def drop(self) -> None:
        """Take the whole store away, where it is a schema of a server; nothing of it is left."""
        assert self._namespace is not None
        with self.writing() as connection:
            connection.execute(sa.schema.DropSchema(self._namespace, cascade=True))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def schemas_of(address: str, world: str) -> list[str]:
    """Return the registries whose books of that world are in a PostgreSQL database."""
    engine, name = _postgresql(address, durable=False)
    found = []
    try:
        with Store(engine, name, Identity("book", world)).reading() as connection:
            inspector = sa.inspect(connection)
            for namespace in inspector.get_schema_names():
                if namespace.startswith("book_") and _says_what_it_is(inspector, namespace):
                    mapped = connection.execution_options(schema_translate_map={None: namespace})
                    facts = sealed.facts_of(mapped)
                    if facts.get("world") == world:
                        found.append(facts.get("registry", ""))
    finally:
        engine.dispose()
    return found


def _says_what_it_is(inspector: sa.Inspector, namespace: str) -> bool:
    """Say whether a schema has our table `about`, and not another of that name."""
    if not inspector.has_table(about.name, namespace):
        return False
    columns = {column["name"] for column in inspector.get_columns(about.name, namespace)}
    return columns >= {column.name for column in about.c}


def put_schema_aside(address: str, identity: Identity) -> None:
    """Give the schema of a store another name, which no store has."""
    engine, name = _postgresql(address, durable=True)
    namespace = _namespace(identity)
    try:
        with Store(engine, name, identity).writing() as connection:
            taken = set(sa.inspect(connection).get_schema_names())
            number = 1
            while (aside := f"{namespace}_aside_{number}") in taken:
                number += 1
            # Both names are made of letters, digits and underscores only.
            connection.exec_driver_sql(f'ALTER SCHEMA "{namespace}" RENAME TO "{aside}"')
    finally:
        engine.dispose()


def file_name(registry: str) -> str:
    """Return a name that every file system takes; different for different registries."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", registry).strip("-")[:40]
    if plain == registry and not re.search(r"-[0-9a-f]{8}$", plain):
        return plain
    return f"{plain or 'registry'}-{_short_hash(registry)}"


def _namespace(identity: Identity) -> str:
    if not identity.registry:
        return identity.kind
    return f"{identity.kind}_{file_name(identity.registry).lower().replace('-', '_')}"


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _sqlite(url: sa.URL, *, durable: bool, is_new: bool = False) -> sa.Engine:
    engine = sa.create_engine(
        url,
        poolclass=sa.pool.QueuePool if url.database else sa.pool.StaticPool,
        connect_args={"timeout": BUSY_S, "check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _: object) -> None:
        # The driver would begin transactions when it sees fit; `_begin` does it instead.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")
        if is_new:
            connection.execute("PRAGMA journal_mode=WAL")  # The file remembers it.
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _postgresql(
    address: str, *, durable: bool, is_read_only: bool = False
) -> tuple[sa.Engine, str]:
    try:
        url = sa.make_url(address)
    except (SQLAlchemyError, ValueError):
        raise InputError("database: expected an address such as postgresql://host/name") from None
    if url.get_backend_name() != "postgresql":
        raise InputError(f"database {url.drivername!r}: expected postgresql://host/name")
    # A password can stand among the parameters, too.
    told = {key: value for key, value in url.query.items() if "password" not in key}
    name = url.set(query=told).render_as_string(hide_password=True)
    settings = f"-c lock_timeout={BUSY_S}s -c synchronous_commit={'on' if durable else 'off'}"
    settings += f" -c default_transaction_read_only={'on' if is_read_only else 'off'}"
    arguments = {"connect_timeout": BUSY_S, "options": settings}
    try:
        engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"), connect_args=arguments, pool_pre_ping=True
        )
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        remedy = "install the extra postgres of this package"
        raise errors.StoreAway(name, f"the driver is missing: {error}", remedy) from error
    return engine, name


def _url(path: Path) -> sa.URL:
    return sa.URL.create("sqlite", database=str(path))


def _reading_url(path: Path) -> sa.URL:
    query = {"mode": "ro", "uri": "true"}
    # Where nothing can be written beside the file, SQLite reads it only if told that nobody writes.
    if not os.access(path.parent, os.W_OK) and not path.with_name(path.name + "-wal").exists():
        query["immutable"] = "1"
    return sa.URL.create("sqlite", database=f"file:{quote(path.as_posix())}", query=query)


def _check_file(path: Path, name: str) -> None:
    """Refuse what is no SQLite file, or shorter than its header says, before SQLite opens it."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
            size = file.seek(0, os.SEEK_END)
    except OSError as error:
        raise errors.StoreMissing(name, f"cannot be read: {error.strerror}", "check it") from error
    if len(header) < 100:
        raise errors.StoreDamaged(name, f"it has {size} bytes: it was cut off", RESTORE)
    if not header.startswith(b"SQLite format 3\0"):
        raise errors.StoreDamaged(name, "it is no SQLite database", "check the path")
    page = int.from_bytes(header[16:18], "big")
    expected = int.from_bytes(header[28:32], "big") * (65_536 if page == 1 else page)
    if size < expected:
        found = f"it has {size} bytes of {expected}: it was cut off"
        raise errors.StoreDamaged(name, found, RESTORE)


def _unwritable(name: str, error: OSError) -> StoreError:
    return errors.StoreReadOnly(name, f"cannot be made: {error.strerror}", "choose another folder")
