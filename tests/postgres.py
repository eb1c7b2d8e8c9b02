"""PostgreSQL servers for tests: real ones, each in a folder of its own, gone when the tests are.

A server answers on a Unix socket in its folder and nowhere else, so that any number of them, one
for each worker, get along with each other and with a server that the machine may have. It syncs
to disk as a production server does, so that what is measured on it is honest.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

SUPERUSER = "postgres"
PORT = 5432  # names the socket's file, no port of the machine
PATIENCE_S = 60.0
PROGRAMS = ("initdb", "pg_ctl", "postgres")
DEBIAN = Path("/usr/lib/postgresql")

# Reads until whoever holds the other end of the pipe closes it or is killed, then clears away.
WATCHDOG = 'read -r _; "$1" stop --silent --mode immediate --pgdata "$2/data"; rm -rf "$2"'


class PostgresMissing(RuntimeError):
    """This machine has no PostgreSQL server to start."""


def programs() -> Path:
    """Find the folder that holds the server's programs.

    Returns:
        The folder of those on the PATH, else Debian's of the highest version, else the one which
        `pg_config` names.

    Raises:
        PostgresMissing: none of these has them all.
    """
    for folder in _candidates():
        if all(os.access(folder / name, os.X_OK) for name in PROGRAMS):
            return folder
    raise PostgresMissing(
        f"no PostgreSQL server was found ({', '.join(PROGRAMS)} on the PATH, in {DEBIAN}/*/bin or"
        " where pg_config says); on Debian and Ubuntu: apt install postgresql"
    )


def _candidates() -> Iterator[Path]:
    if on_path := shutil.which("initdb"):
        yield Path(on_path).parent
        yield Path(on_path).resolve().parent
    versions = [path for path in DEBIAN.glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    if pg_config := shutil.which("pg_config"):
        told = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(told.stdout.strip())


class Server:
    """A PostgreSQL server of its own, running from the start until `close`.

    Whatever becomes of the process that made it, killed included, the server ends with it and
    its folder goes. Databases sort text by American rules (from PostgreSQL 15 on), not by bytes
    as SQLite does: a query that relies on the order of bytes without saying so is found out.

    Args:
        settings: Parameters of the server, such as `{"fsync": "off"}`.

    Raises:
        PostgresMissing: this machine has no PostgreSQL server.
    """

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        self._bin = programs()
        self._as_user = _unprivileged()
        self._settings = {
            "fsync": "on",
            **(settings or {}),
            "listen_addresses": "",
            "port": str(PORT),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=_open_folder(self._as_user)))
        if self._as_user:
            os.chown(self.folder, self._as_user["user"], self._as_user["group"])
        self._watchdog = subprocess.Popen(
            ["/bin/sh", "-c", WATCHDOG, "sh", self._bin / "pg_ctl", self.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._surroundings(),
        )
        try:
            self._initialise()
            self.start()
        except BaseException:
            self.close()
            raise

    def url(self, database: str) -> str:
        """Say how SQLAlchemy reaches a database, whether it is there or not."""
        where = f"host={self.folder}&port={PORT}"
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?{where}"

    def create(self, name: str) -> str:
        """Create an empty database and return its URL."""
        self._tell(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop a database, if it is there, with whatever is still connected to it."""
        self._tell(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def drop_connections(self, database: str) -> int:
        """End all connections to a database, as a server does that an administrator tidies.

        Returns:
            How many there were.
        """
        found = self._tell(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s",
            (database,),
        )
        return len(found)

    def start(self) -> None:
        """Start the server, if it is not running, and wait until it answers.

        Raises:
            RuntimeError: it does not start; with the end of its log.
        """
        until = time.monotonic() + PATIENCE_S
        while self._process is None:
            process = self._spawn()
            while not self._answers():
                if process.poll() is not None:
                    break
                if time.monotonic() > until:
                    process.kill()
                    process.wait()
                    raise RuntimeError(f"PostgreSQL does not answer:\n{self._log_end()}")
                time.sleep(0.02)
            else:
                self._process = process
                return
            # The memory of a server that was killed is let go when its last process has ended.
            if "is still in use" not in self._log_end() or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL does not start:\n{self._log_end()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop the server in good order, if it is running; connections to it end."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE_S)
            self._process = None

    def kill(self) -> None:
        """Kill every process of the server at once; what was not committed is lost.

        Raises:
            RuntimeError: it is not running.
        """
        if self._process is None:
            raise RuntimeError("PostgreSQL is not running")
        others = self._tell("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        self._process.kill()
        for (pid,) in others:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def close(self) -> None:
        """End the server without ceremony and remove its folder."""
        assert self._watchdog.stdin is not None
        self._watchdog.stdin.close()
        self._watchdog.wait(PATIENCE_S)
        if self._process is not None:
            self._process.wait(PATIENCE_S)
            self._process = None

    def _initialise(self) -> None:
        """Make the data folder; nothing in it is worth waiting for the disk yet."""
        told = subprocess.run([self._bin / "postgres", "--version"], capture_output=True, text=True)
        major = re.search(r"\d+", told.stdout)
        rules = ["--locale-provider=icu", "--icu-locale=en-US"]
        made = subprocess.run(
            [
                *(self._bin / "initdb", "--pgdata", self.folder / "data", "--no-sync"),
                *("--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8"),
                *("--locale", "C", *(rules if major and int(major[0]) >= 15 else ())),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **self._surroundings(),
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stdout}")

    def _spawn(self) -> subprocess.Popen[bytes]:
        settings = {**self._settings, "unix_socket_directories": str(self.folder)}
        options = [word for pair in settings.items() for word in ("-c", "=".join(pair))]
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(
                [self._bin / "postgres", "-D", self.folder / "data", *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._surroundings(),
            )

    def _surroundings(self) -> dict[str, Any]:
        """Let nothing of the caller's environment, folder or terminal reach the server."""
        return {
            "env": {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            "cwd": "/",
            "start_new_session": True,
            **self._as_user,
        }

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=str(self.folder), port=PORT, user=SUPERUSER, dbname="postgres", autocommit=True
        )

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _tell(self, query: Any, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with self._connect() as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def _log_end(self) -> str:
        text = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-20:])


def _unprivileged() -> dict[str, Any]:
    """Name the user whom a server runs as where root must not run it: subprocess's arguments."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise PostgresMissing("root may not run PostgreSQL, and there is no user postgres or nobody")


def _open_folder(as_user: Mapping[str, Any]) -> str:
    """Find a folder for temporary ones which another user, too, can get to."""
    usual = tempfile.gettempdir()
    for folder in (usual, "/tmp", "/var/tmp") if as_user else (usual,):
        path = Path(folder).resolve()
        if not as_user or all(part.stat().st_mode & 0o001 for part in (path, *path.parents)):
            return folder
    raise PostgresMissing(f"no folder for temporary files is open to others: {usual}")
