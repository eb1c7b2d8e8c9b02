"""Databases that books and mirrors are kept in: real files and a real server, in every state."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from registry.books import sealed, store, tables
from registry.books.store import Identity, Store
from registry.errors import (
    ForeignStore,
    InputError,
    RegistryError,
    SchemaMismatch,
    StoreAway,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
)
from tests.postgres import Server

ROOT = Path(__file__).parents[2]
BOOK = Identity("book", "a world", "ICR")
SECRET = "s3cr3t-w0rd"
TABLE = tables.accounts


def place_of(url: str) -> Path | str:
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else url


def opened(place: Path | str, identity: Identity = BOOK, **options: Any) -> Store:
    return Store.open(place, tables.BOOK, identity, **options)


def row(number: int, account: str = "Acme") -> dict[str, Any]:
    return {
        "number": number,
        "at_s": 1_751_328_000 + number,
        "account": account,
        "address": "0x" + "ab" * 20,
        "status": "open",
        "entry": number,
    }


def write(kept: Store, *numbers: int, account: str = "Acme") -> None:
    with kept.writing() as connection:
        sealed.append(connection, TABLE, [row(number, account) for number in numbers])


def numbers(kept: Store) -> list[int]:
    with kept.reading() as connection:
        return [found.number for found in sealed.read(connection, TABLE)]


def is_sound(kept: Store) -> bool:
    with kept.reading() as connection:
        return not any(
            list(sealed.problems(connection, table, kept.facts, kept.name))
            for table in tables.sealed_tables(tables.BOOK)
        )


@contextlib.contextmanager
def held(kept: Store) -> Iterator[Store]:
    try:
        yield kept
    finally:
        kept.close()


@pytest.fixture
def place(store_url: str) -> Path | str:
    return place_of(store_url)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


# Making, opening, reopening.


def test_open_makes_a_store_that_is_found_again(place: Path | str) -> None:
    with held(opened(place, facts={"lag_s": "60"})) as kept:
        assert kept.facts["lag_s"] == "60"
        assert numbers(kept) == []
        write(kept, 1, 2)
    for mode in ("create", "write", "read"):
        with held(opened(place, mode=mode, facts={"lag_s": "1"})) as kept:
            assert numbers(kept) == [1, 2]
            assert kept.facts["lag_s"] == "60"
            assert is_sound(kept)


@pytest.mark.parametrize("mode", ["write", "read"])
def test_open_refuses_when_nothing_is_there(place: Path | str, mode: Any) -> None:
    with pytest.raises(StoreMissing):
        opened(place, mode=mode)
    with held(opened(place, mode="create")) as kept:
        assert numbers(kept) == []


def test_stores_in_memory_are_apart() -> None:
    with held(opened(":memory:")) as one, held(opened(":memory:")) as other:
        write(one, 1)
        assert (numbers(one), numbers(other)) == ([1], [])


@pytest.mark.parametrize("name", ["100%25 sure", "what?", "#1", "a b", "ö", "mode=rwc&x", "%2e%2e"])
def test_folders_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "store.sqlite"
    with held(opened(path)) as kept:
        write(kept, 1)
    with held(opened(path, mode="read")) as kept:
        assert numbers(kept) == [1]
    assert [found.name for found in tmp_path.iterdir()] == [name]


def test_writing_writes_all_or_nothing(place: Path | str) -> None:
    with held(opened(place)) as kept:
        with pytest.raises(ZeroDivisionError), kept.writing() as connection:
            sealed.append(connection, TABLE, [row(1)])
            raise ZeroDivisionError
        assert numbers(kept) == []
        with pytest.raises(StoreError), kept.writing() as connection:
            sealed.append(connection, TABLE, [row(1), row(1)])
        assert numbers(kept) == []
        assert is_sound(kept)


def test_reading_sees_one_state_whatever_is_written_meanwhile(place: Path | str) -> None:
    with held(opened(place)) as one, held(opened(place)) as other:
        write(one, 1)
        with other.reading() as connection:
            before = sealed.head(connection, TABLE)
            write(one, 2)
            assert [found.number for found in sealed.read(connection, TABLE)] == [1]
            assert sealed.head(connection, TABLE) == before
            assert not list(sealed.problems(connection, TABLE, other.facts, other.name))
        assert numbers(other) == [1, 2]


def test_writers_take_turns(place: Path | str) -> None:
    with held(opened(place)) as one, held(opened(place)) as other:
        for number in range(1, 11):
            write(one if number % 2 else other, number)
        assert numbers(one) == list(range(1, 11))
        assert is_sound(other)


# What a store is.


@pytest.mark.parametrize(
    "identity",
    [BOOK._replace(world="another"), BOOK._replace(kind="mirror"), BOOK._replace(registry="S&P")],
    ids=["world", "kind", "registry"],
)
def test_open_refuses_what_is_something_else(tmp_path: Path, identity: Identity) -> None:
    path = tmp_path / "store.sqlite"
    opened(path).close()
    before = path.read_bytes()
    for mode in ("create", "write", "read"):
        with pytest.raises(ForeignStore, match="expected"):
            opened(path, identity, mode=mode)
    assert path.read_bytes() == before


def test_open_refuses_another_world_on_a_server(database_url: str) -> None:
    opened(database_url).close()
    with pytest.raises(ForeignStore, match="world"):
        opened(database_url, BOOK._replace(world="another"))
    # Another registry's book is another schema.
    with held(opened(database_url, BOOK._replace(registry="S&P"))) as kept:
        assert numbers(kept) == []


def test_open_takes_what_it_is_not_asked_about(path: Path) -> None:
    opened(path).close()
    with held(opened(path, Identity("book", None, None), mode="read")) as kept:
        assert (kept.facts["world"], kept.facts["registry"]) == ("a world", "ICR")


@pytest.mark.parametrize(
    ("schema", "kind", "remedy"),
    [
        ("0", "book", "the version of this package that wrote it"),
        ("0", "mirror", "make the mirror again"),
        ("1", "book", "the version of this package that wrote it"),
        ("3", "book", "a newer version"),
        ("10", "mirror", "a newer version"),
        ("one", "book", "the version of this package that wrote it"),
    ],
)
def test_open_refuses_another_schema(
    place: Path | str, schema: str, kind: str, remedy: str
) -> None:
    identity = Identity(kind, "a world")
    with held(opened(place, identity)) as kept, kept.writing() as connection:
        about = tables.about
        connection.execute(about.update().where(about.c.name == "schema").values(value=schema))
    for mode in ("create", "write", "read"):
        with pytest.raises(SchemaMismatch, match=remedy) as caught:
            opened(place, identity, mode=mode)
        assert f"schema {schema}," in str(caught.value)


# Damaged files.


def test_open_refuses_text(path: Path) -> None:
    for text in ("a", "carbon, credits\n" * 100):
        path.write_text(text, "utf-8")
        with pytest.raises(StoreDamaged):
            opened(path)
        assert path.read_text("utf-8") == text


def test_open_refuses_a_database_of_others(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
        connection.commit()
    for mode in ("create", "write", "read"):
        with pytest.raises(StoreDamaged, match="no table of ours"):
            opened(path, mode=mode)


def test_open_refuses_a_folder(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError):
        opened(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "store.sqlite"
    with held(opened(path)) as kept:
        for first in range(1, 500, 100):
            write(kept, *range(first, first + 100))
    return path


LENGTHS = [0, 1, 16, 99, 100, 101, 4_095, 4_096, 4_097, 8_192, 0.25, 0.5, 0.9, -4_096, -1]


@pytest.mark.parametrize("mode", ["create", "write", "read"])
@pytest.mark.parametrize("length", LENGTHS)
def test_open_refuses_a_file_that_was_cut_off(
    whole: Path, path: Path, length: float, mode: Any
) -> None:
    content = whole.read_bytes()
    size = int(len(content) * length) if 0 < length < 1 else int(length)
    cut = content[: size if length >= 0 else len(content) + size]
    path.write_bytes(cut)
    with pytest.raises(StoreDamaged, match="cut off"):
        opened(path, mode=mode)
    assert path.read_bytes() == cut


def what_is_found(path: Path) -> str:
    try:
        with held(opened(path, mode="read")) as kept:
            found = numbers(kept)
            return f"{len(found)} rows" if is_sound(kept) else "problems"
    except StoreDamaged:
        return "damage"


def test_a_page_of_zeros_or_noise_is_never_taken_for_less(whole: Path, path: Path) -> None:
    content = whole.read_bytes()
    said = []
    for at in range(0, len(content), 4_096):
        for page in (bytes(4_096), bytes(range(256)) * 16, content[4_096:8_192]):
            path.write_bytes(content[:at] + page + content[at + 4_096 :])
            said.append(what_is_found(path))
    # Some pages hold nothing that was read, or are replaced by themselves.
    assert set(said) <= {"damage", "problems", "500 rows"}
    assert said.count("damage") > len(said) / 2


# A file that cannot be written.


def test_reading_refuses_to_write(place: Path | str) -> None:
    opened(place).close()
    with held(opened(place, mode="read")) as kept:
        with pytest.raises(StoreReadOnly):
            write(kept, 1)
        assert numbers(kept) == []
        assert is_sound(kept)


@contextlib.contextmanager
def nobody() -> Iterator[None]:
    """Be somebody whom permissions bind."""
    if os.getuid() != 0:
        yield
        return
    try:
        user = pwd.getpwnam("nobody").pw_uid
    except KeyError:
        pytest.skip("root is bound by no permissions, and there is no user nobody")
    os.setresuid(user, user, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def visit(path: Path) -> list[object]:
    """Say what becomes of a visitor in each mode."""
    found: list[object] = []
    for mode in ("create", "write", "read"):
        try:
            with nobody(), held(opened(path, mode=mode)) as kept:
                found.append(len(numbers(kept)))
        except StoreError as error:
            found.append(type(error))
    return found


@pytest.fixture
def open_path(tmp_path: Path) -> Iterator[Path]:
    """A store in a folder that others can get to."""
    for folder in (tmp_path, *tmp_path.parents):
        if os.getuid() == folder.stat().st_uid and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    folder = tmp_path / "folder"
    with held(opened(folder / "store.sqlite")) as kept:
        write(kept, 1, 2)
    yield folder / "store.sqlite"
    folder.chmod(0o755)


@pytest.mark.parametrize("is_read_before", [False, True])
@pytest.mark.parametrize(("folder", "file"), [(0o555, 0o444), (0o777, 0o444), (0o555, 0o666)])
def test_what_may_only_be_read_is_read_and_left_alone(
    open_path: Path, folder: int, file: int, is_read_before: bool
) -> None:
    if is_read_before:
        opened(open_path, mode="read").close()
    open_path.chmod(file)
    open_path.parent.chmod(folder)
    before = open_path.read_bytes()
    assert visit(open_path) == [StoreReadOnly, StoreReadOnly, 2]
    assert open_path.read_bytes() == before


def test_what_may_not_be_read_is_refused(open_path: Path) -> None:
    open_path.chmod(0o600 if os.getuid() == 0 else 0)
    assert visit(open_path) == [StoreMissing] * 3


def test_a_folder_that_may_not_be_written_takes_no_new_store(open_path: Path) -> None:
    open_path.parent.chmod(0o555)
    for new in (open_path.with_name("new.sqlite"), open_path.parent / "new" / "new.sqlite"):
        assert visit(new) == [StoreReadOnly, StoreMissing, StoreMissing]
    assert sorted(found.name for found in open_path.parent.iterdir()) == ["store.sqlite"]


# Locked by another process.

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
connection.close()
"""


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    pipe = subprocess.PIPE
    run = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(run, stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.stdin.write("\n")


def test_writing_refuses_while_another_process_writes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY_S", 0.1)
    with held(opened(path)) as kept:
        write(kept, 1)
        with locked(path):
            with pytest.raises(StoreLocked, match="another process"):
                write(kept, 2)
            assert numbers(kept) == [1]
            with held(opened(path, mode="read")) as other:
                assert numbers(other) == [1]
        assert numbers(kept) == [1]
        write(kept, 2)
        assert numbers(kept) == [1, 2]
        assert is_sound(kept)


def test_writing_refuses_while_another_session_writes(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY_S", 1)
    with held(opened(database_url)) as kept, held(opened(database_url)) as other:
        with other.writing() as connection:
            sealed.append(connection, TABLE, [row(1)])
            with pytest.raises(StoreLocked, match="another process"):
                write(kept, 1)
            assert numbers(kept) == []
        assert numbers(kept) == [1]
        write(kept, 2)
        assert is_sound(kept)


# A full disk.


@contextlib.contextmanager
def bounded(kept: Store, pages: int) -> Iterator[None]:
    """Let a file grow by no more than so many pages."""

    def bound(connection: Any, *_: object) -> None:
        (now,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={now + pages}")

    def loosen(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA max_page_count=1073741823")

    engine = kept._engine
    sa.event.listen(engine, "checkout", bound)
    yield
    sa.event.remove(engine, "checkout", bound)
    sa.event.listen(engine, "checkout", loosen)


def test_writing_refuses_when_the_file_may_not_grow(path: Path) -> None:
    with held(opened(path)) as kept:
        write(kept, 1)
        with bounded(kept, 3):
            with pytest.raises(StoreFull, match="full"):
                write(kept, *range(2, 2_000))
            assert numbers(kept) == [1]
            assert is_sound(kept)
        write(kept, *range(2, 2_000))
        assert numbers(kept) == list(range(1, 2_000))
        assert is_sound(kept)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None:
        pytest.skip("there is no mount")
    run = [mount, "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)]
    if subprocess.run(run, capture_output=True, check=False).returncode:
        pytest.skip("only an administrator mounts disks")
    yield disk
    subprocess.run([umount, str(disk)], check=True)


def test_writing_refuses_when_the_disk_is_full_and_goes_on_when_it_is_not(
    small_disk: Path,
) -> None:
    path, ballast = small_disk / "store.sqlite", small_disk / "ballast"
    with held(opened(path)) as kept:
        write(kept, 1)
        written, is_full = 1, False
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(4_096)):
                pass
        while not is_full:
            try:
                write(kept, *range(written + 1, written + 101))
            except StoreFull:
                is_full = True
            else:
                written += 100
            assert numbers(kept) == list(range(1, written + 1))
        assert is_sound(kept)
        ballast.unlink()
        write(kept, written + 1)
        assert numbers(kept) == list(range(1, written + 2))
        assert is_sound(kept)


def test_a_store_cannot_be_made_on_a_full_disk_and_leaves_none(small_disk: Path) -> None:
    path, ballast = small_disk / "store.sqlite", small_disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4_096)):
            pass
    with pytest.raises(StoreFull):
        opened(path)
    assert not path.exists()
    ballast.unlink()
    with held(opened(path)) as kept:
        write(kept, 1)
        assert is_sound(kept)


# What a sudden end leaves behind.


def test_a_store_that_was_being_made_is_made_anew(path: Path) -> None:
    part = path.with_name(path.name + ".part")
    for left in (b"", b"SQLite format 3\0" + bytes(84), bytes(8_192)):
        part.write_bytes(left)
        part.with_name(part.name + "-wal").write_bytes(bytes(40))
        part.with_name(part.name + "-shm").write_bytes(bytes(32_768))
        with held(opened(path)) as kept:
            assert numbers(kept) == []
            assert is_sound(kept)
        assert [found.name for found in path.parent.iterdir()] == ["store.sqlite"]
        path.unlink()


def test_a_store_that_was_not_closed_is_whole(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy" / "store.sqlite"
    copy.parent.mkdir()
    with held(opened(path)) as kept:
        write(kept, *range(1, 501))
        write(kept, *range(501, 601))
        for suffix in ("", "-wal", "-shm"):
            shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
    with held(opened(copy, mode="read")) as kept:
        assert numbers(kept) == list(range(1, 601))
    with held(opened(copy)) as kept:
        assert numbers(kept) == list(range(1, 601))
        assert is_sound(kept)


# A server that is away.


def said(error: BaseException) -> str:
    """Return all that a trace of the error would show."""
    return "".join(traceback.format_exception(error))


def test_open_refuses_when_the_server_is_stopped(postgres: Server, database_url: str) -> None:
    opened(database_url).close()
    postgres.stop()
    for mode in ("create", "write", "read"):
        with pytest.raises(StoreAway, match="check the address and that the server runs"):
            opened(database_url, mode=mode)
    postgres.start()
    with held(opened(database_url, mode="write")) as kept:
        assert numbers(kept) == []


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_store_goes_on_when_its_server_is_back(
    postgres: Server, database_url: str, end: str
) -> None:
    with held(opened(database_url)) as kept:
        write(kept, 1)
        getattr(postgres, end)()
        with pytest.raises(StoreAway):
            write(kept, 2)
        with pytest.raises(StoreAway):
            numbers(kept)
        postgres.start()
        assert numbers(kept) == [1]
        write(kept, 2)
        assert is_sound(kept)


@pytest.mark.parametrize("end", ["drop", "stop", "kill"])
def test_nothing_is_half_written_when_the_connection_ends(
    postgres: Server, database_url: str, end: str
) -> None:
    with held(opened(database_url)) as kept:
        write(kept, 1)
        with pytest.raises(StoreAway), kept.writing() as connection:
            sealed.append(connection, TABLE, [row(2)])
            if end == "drop":
                assert postgres.drop_connections(sa.make_url(database_url).database or "")
            else:
                getattr(postgres, end)()
            sealed.append(connection, TABLE, [row(3)])
        postgres.start()
        assert numbers(kept) == [1]
        write(kept, 2)
        assert numbers(kept) == [1, 2]
        assert is_sound(kept)


def test_a_connection_that_ends_before_the_commit_leaves_nothing(
    postgres: Server, database_url: str
) -> None:
    with held(opened(database_url)) as kept:
        with pytest.raises(StoreAway), kept.writing() as connection:
            sealed.append(connection, TABLE, [row(1)])
            postgres.drop_connections(sa.make_url(database_url).database or "")
        assert numbers(kept) == []


def test_reading_refuses_when_the_connection_ends(postgres: Server, database_url: str) -> None:
    with held(opened(database_url)) as kept:
        write(kept, 1)
        with pytest.raises(StoreAway), kept.reading() as connection:
            sealed.head(connection, TABLE)
            postgres.drop_connections(sa.make_url(database_url).database or "")
            sealed.head(connection, TABLE)
        assert numbers(kept) == [1]


def with_password(url: str, database: str | None = None) -> Sequence[str]:
    """Return addresses that carry a password in each of the places where one can stand."""
    plain = sa.make_url(url)
    if database is not None:
        plain = plain.set(database=database)
    inside = plain.set(password=SECRET).render_as_string(hide_password=False)
    beside = plain.update_query_dict({"password": SECRET}).render_as_string(hide_password=False)
    return inside, beside


def test_passwords_are_never_said(postgres: Server, database_url: str) -> None:
    for address in with_password(database_url):
        with held(opened(address)) as kept:
            assert SECRET not in kept.name
            with pytest.raises(StoreError) as caught, kept.writing() as connection:
                connection.exec_driver_sql("SELECT nothing")
            assert SECRET not in said(caught.value)
    for address in with_password(database_url, "no_such_database"):
        with pytest.raises(StoreAway, match="no_such_database") as caught:
            opened(address)
        assert SECRET not in said(caught.value)
    for address in with_password(database_url):
        stranger = sa.make_url(address).set(username="stranger")
        with pytest.raises(StoreAway) as caught:
            opened(stranger.render_as_string(hide_password=False))
        assert SECRET not in said(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        f"mysql://me:{SECRET}@host/name",
        f"sqlite:///{SECRET}.sqlite",
        f"postgresql://me:{SECRET}@host:port/name",
        f"postgresql://me:{SECRET}@host:99999999/name",
        f"postgres-at-home me {SECRET}",
        f"postgresql+nodriver://me:{SECRET}@host:1/name",
        f"postgresql+asyncpg://me:{SECRET}@127.0.0.1:1/name",
        f"{SECRET}",
        "",
        "postgresql",
        "://",
    ],
)
def test_an_address_of_something_else_is_refused(address: str) -> None:
    with pytest.raises(RegistryError) as caught:
        opened(address)
    assert isinstance(caught.value, InputError | StoreAway)
    assert SECRET not in said(caught.value)


def test_an_address_may_name_no_driver(database_url: str) -> None:
    plain = database_url.replace("postgresql+psycopg://", "postgresql://")
    opened(plain).close()
    with held(opened(database_url, mode="write")) as kept:
        assert numbers(kept) == []


def test_a_schema_put_aside_is_kept_under_another_name(database_url: str) -> None:
    for number in (1, 2):
        with held(opened(database_url)) as kept:
            write(kept, *range(1, number + 1))
        store.put_schema_aside(database_url, BOOK)
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        counted = [
            connection.exec_driver_sql(f"SELECT count(*) FROM {name}.accounts").scalar()
            for name in ("book_icr_aside_1", "book_icr_aside_2")
        ]
    engine.dispose()
    assert counted == [1, 2]
    with held(opened(database_url)) as kept:
        assert numbers(kept) == []


def test_books_of_a_world_are_found_on_a_server(database_url: str) -> None:
    for registry in ("ICR", "S&P", "ICR-1", "ICR_1"):
        opened(database_url, BOOK._replace(registry=registry)).close()
    opened(database_url, Identity("mirror", "a world")).close()
    assert sorted(store.schemas_of(database_url, "a world")) == ["ICR", "ICR-1", "ICR_1", "S&P"]
    assert store.schemas_of(database_url, "another") == []


def test_file_names_are_plain_and_apart() -> None:
    registries = ["ICR", "S&P", "ICR-1", "ICR_1", "../up", "ö", "ü", "a" * 50, "a" * 51, "."]
    names = [store.file_name(registry) for registry in registries]
    assert len({name.lower() for name in names}) == len(names)
    assert all(name.replace("-", "").isalnum() and name.isascii() for name in names)
