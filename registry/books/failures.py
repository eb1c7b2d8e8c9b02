"""What the errors of a database mean for us: the one place where they become ours."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

from registry import errors
from registry.errors import StoreError

RESTORE = "restore it from a copy"

_APPEND_ONLY = "is append-only"
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_READ_ONLY = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}


def read_only(name: str) -> StoreError:
    """Return what to raise where nothing can be written."""
    found = "it can be read and not written"
    return errors.StoreReadOnly(name, found, "change its permissions, or work on a copy")


def translated(name: str, error: DBAPIError) -> StoreError:
    """Return what to raise in the place of a driver's error.

    Args:
        name: Of the store, for messages; without a password.
    """
    cause = error.orig
    said = str(cause).splitlines()[0] if str(cause) else type(cause).__name__
    if _APPEND_ONLY in said:
        return StoreError(name, said, "append a line that corrects it")
    if isinstance(cause, sqlite3.Error):
        return _translate_sqlite(name, cause, said)
    state = str(getattr(cause, "sqlstate", None) or "")
    if state == "55P03":
        return _locked(name)
    if state in {"25006", "42501"}:
        return errors.StoreReadOnly(name, said, "ask for the right to write")
    if state.startswith("53"):
        return errors.StoreFull(name, said, "make room on the server and try again")
    if not state or state[:2] in {"08", "57", "28", "3D"} or error.connection_invalidated:
        remedy = "check the address and that the server runs, then do the same again"
        return errors.StoreAway(name, said, remedy)
    return errors.StoreDamaged(name, said, RESTORE)


def _translate_sqlite(name: str, cause: sqlite3.Error, said: str) -> StoreError:
    # The low byte is the kind of error, the rest says more.
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _BUSY:
        return _locked(name)
    if code in _READ_ONLY:
        return read_only(name)
    if code == sqlite3.SQLITE_FULL:
        return errors.StoreFull(name, "the disk is full", "make room and do the same again")
    if code == sqlite3.SQLITE_CANTOPEN:
        return errors.StoreReadOnly(name, "it cannot be opened", "check its permissions")
    if code == sqlite3.SQLITE_IOERR:
        return errors.StoreFull(name, said, "check the disk, make room and do the same again")
    return errors.StoreDamaged(name, said, RESTORE)


def _locked(name: str) -> StoreError:
    remedy = "wait for it, or end it, and do the same again"
    return errors.StoreLocked(name, "another process is writing into it", remedy)
