"""The servers that tests use: they start, keep what they should, and never outlive their tests."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from tests import postgres as module
from tests.postgres import PostgresMissing, Server, programs

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30

# Says where its server is, and waits to be killed, as a worker is that takes too much memory.
KEEPER = """
from tests.postgres import Server
server = Server({"fsync": "off"})
print(server.url("postgres"), flush=True)
input()
"""


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def keep(connection: Connection, number: int) -> None:
    connection.execute(text("CREATE TABLE IF NOT EXISTS kept (number BIGINT)"))
    connection.execute(text("INSERT INTO kept VALUES (:number)"), {"number": number})


def kept(url: str) -> list[int]:
    with connected(url) as connection:
        return list(connection.execute(text("SELECT number FROM kept ORDER BY number")).scalars())


def test_database_is_empty_and_new_for_each_test(postgres: Server, database_url: str) -> None:
    other_url = postgres.create("other")
    with connected(database_url) as connection:
        keep(connection, 1)
        connection.commit()
    with connected(other_url) as connection:
        assert inspect(connection).get_table_names() == []
    assert kept(database_url) == [1]
    postgres.drop("other")
    with pytest.raises(OperationalError, match="does not exist"), connected(other_url):
        pass


@pytest.mark.parametrize("turn", [1, 2])
def test_store_is_empty_whichever_it_is(store_url: str, turn: int) -> None:
    with connected(store_url) as connection:
        assert connection.dialect.name == store_url.partition(":")[0].partition("+")[0]
        assert inspect(connection).get_table_names() == []
        keep(connection, turn)
        connection.commit()
    assert kept(store_url) == [turn]


def test_server_syncs_and_is_reached_by_its_socket_only(database_url: str) -> None:
    with connected(database_url) as connection:
        setting = text("SELECT current_setting(:name)")
        values = {
            name: connection.execute(setting, {"name": name}).scalar_one()
            for name in ("fsync", "synchronous_commit", "full_page_writes", "listen_addresses")
        }
    assert values == {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "listen_addresses": "",
    }


def test_text_is_not_sorted_by_bytes(database_url: str) -> None:
    with connected(database_url) as connection:
        if connection.dialect.server_version_info < (15,):  # type: ignore[operator]
            pytest.skip("databases can be given ICU's rules from PostgreSQL 15 on")
        assert connection.execute(text("SELECT 'a' < 'B'")).scalar_one()
        assert not connection.execute(text("SELECT 'a' < 'B' COLLATE \"C\"")).scalar_one()


def test_stop_keeps_data_and_refuses_until_the_start(postgres: Server, database_url: str) -> None:
    with connected(database_url) as connection:
        keep(connection, 7)
        connection.commit()
        postgres.stop()
        postgres.stop()
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT 1"))
    with pytest.raises(OperationalError), connected(database_url):
        pass
    postgres.start()
    postgres.start()
    assert kept(database_url) == [7]


def test_kill_loses_only_what_was_not_committed(postgres: Server, database_url: str) -> None:
    for number in range(1, 4):
        with connected(database_url) as connection:
            keep(connection, number)
            connection.commit()
            keep(connection, -number)
            postgres.kill()
            with pytest.raises(OperationalError):
                connection.commit()
        postgres.start()
    assert kept(database_url) == [1, 2, 3]


def test_kill_refuses_when_not_running(postgres: Server, database_url: str) -> None:
    postgres.stop()
    with pytest.raises(RuntimeError, match="not running"):
        postgres.kill()


def test_drop_connections_ends_those_of_one_database(postgres: Server, database_url: str) -> None:
    with connected(database_url) as mine, connected(postgres.url("postgres")) as other:
        for connection in (mine, other):
            connection.execute(text("SELECT 1"))
        assert postgres.drop_connections("nowhere") == 0
        assert postgres.drop_connections(str(mine.engine.url.database)) == 1
        with pytest.raises(OperationalError):
            mine.execute(text("SELECT 1"))
        assert other.execute(text("SELECT 1")).scalar_one() == 1


def test_drop_takes_a_database_that_is_in_use(postgres: Server) -> None:
    postgres.start()
    with connected(postgres.create("in_use")) as connection:
        connection.execute(text("SELECT 1"))
        postgres.drop("in_use")
        postgres.drop("in_use")
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT 1"))


def test_servers_do_not_meet_and_take_settings(postgres: Server) -> None:
    postgres.start()
    second = Server({"fsync": "off"})
    try:
        url = second.create("only_here")
        with connected(url) as connection:
            assert connection.execute(text("SHOW fsync")).scalar_one() == "off"
        with pytest.raises(OperationalError), connected(postgres.url("only_here")):
            pass
    finally:
        second.close()
    assert not second.folder.exists()
    with pytest.raises(OperationalError), connected(url):
        pass


def test_server_that_cannot_start_says_why_and_leaves_nothing(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []
    make = tempfile.mkdtemp

    def mkdtemp(**options: str) -> str:
        made.append(Path(make(**options)))
        return str(made[0])

    monkeypatch.setattr(tempfile, "mkdtemp", mkdtemp)
    with pytest.raises(RuntimeError, match=r"does not start:\n.*max_connections"):
        Server({"max_connections": "none"})
    assert [path.exists() for path in made] == [False]


def test_server_ends_with_a_process_that_is_killed(postgres: Server) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", KEEPER], cwd=ROOT, stdin=pipe, stdout=pipe
    ) as made:
        assert made.stdout is not None
        url = made.stdout.readline().decode().strip()
        with connected(url) as connection:
            folder = Path(connection.execute(text("SHOW data_directory")).scalar_one()).parent
            made.kill()
            until = time.monotonic() + PATIENCE_S
            while folder.exists() and time.monotonic() < until:
                time.sleep(0.05)
            assert not folder.exists()
            with pytest.raises(OperationalError):
                connection.execute(text("SELECT 1"))


def test_programs_are_taken_from_the_path_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in module.PROGRAMS:
        (tmp_path / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert programs() == tmp_path


def test_programs_are_debians_highest_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("9", "15", "17", "18-rc"):
        (tmp_path / version / "bin").mkdir(parents=True)
        for name in module.PROGRAMS[: 2 if version == "17" else 3]:
            (tmp_path / version / "bin" / name).write_text("#!/bin/sh\n", encoding="utf-8")
            (tmp_path / version / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(module, "DEBIAN", tmp_path)
    assert programs() == tmp_path / "15" / "bin"


def test_programs_that_are_nowhere_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(module, "DEBIAN", tmp_path)
    with pytest.raises(PostgresMissing, match=r"initdb, pg_ctl, postgres.*apt install postgresql"):
        programs()
