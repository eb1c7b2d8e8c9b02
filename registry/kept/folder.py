"""A world's folder: what a world keeps on disk, so that it can be opened again.

    chain.sqlite        what the world is, and what its ledger needs to go on; the rest hangs on it
    mirror.sqlite       the mirror of the ledger's entries; can be made again from the chain
    books/NAME.sqlite   one registry's book each; cannot be made again

With a database server, mirror and books are schemas there and only the chain is in the folder. The
chain is written before the books: what a book lacks after a sudden end it is told again, and it
never says what the chain does not know.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self, cast

import sqlalchemy as sa
from filelock import FileLock, Timeout

from registry.books import sealed, tables
from registry.books.book import Book, State
from registry.books.failures import RESTORE
from registry.books.mirror import Mirror
from registry.books.store import (
    PARTS,
    Identity,
    Mode,
    Store,
    file_name,
    put_schema_aside,
    schemas_of,
)
from registry.errors import (
    ForeignStore,
    InputError,
    StoreDamaged,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
)
from registry.ledger.state import Guard

CHAIN_FILE = "chain.sqlite"
LOCK_FILE = "world.lock"
_OURS_BEFORE_THE_CHAIN = {LOCK_FILE, *(CHAIN_FILE + end for end in PARTS)}
_NONE = 0xFFFFFFFF

Pairs = Mapping[bytes, bytes | None]
"""What changed in a ledger: key -> its new value, None where it is gone."""


class Settings(NamedTuple):
    """What a world is a function of; fixed when it is made.

    Attributes:
        start_s: First moment of its clock.
        database: "sqlite" or "postgresql": what mirror and books are in.
        guard: What a serial guard refuses: "interval", "exact" or "none".
        chains: How many chains there are.
    """

    seed: int
    engine: str
    start_s: int
    database: str
    guard: Guard
    chains: int

    @property
    def digest(self) -> str:
        """A hash of all of them, by which a change of one shows."""
        return sealed.digest_of(["carbon-registry/settings", str(self.seed), *self[1:]])


class Folder:
    """The folder of one world, open.

    Attributes:
        path: Where.
        settings: What the world is a function of.
        world: What its stores know it by: a number drawn when the folder was made, so that worlds
            with equal settings are told apart. Nothing that happens depends on it.
        state: The last saved state; None before the first.
        database: Address of the server that has mirror and books; None for files.
        is_read_only: Whether it was opened to be looked at only.
    """

    def __init__(
        self,
        path: Path,
        settings: Settings,
        chain: Store,
        database: str | None,
        *,
        is_read_only: bool = False,
    ) -> None:
        self.path = path
        self.settings = settings
        self.world = chain.facts["world"]
        self.state: State | None = None
        self.database = database
        self.is_read_only = is_read_only
        self._chain = chain
        self._lock: FileLock | None = None
        self._pending: dict[bytes, bytes | None] = {}
        self._saved_s: int | None = None
        self._stores = [chain]

    @classmethod
    def make(cls, path: Path, settings: Settings, database: str | None = None) -> Self:
        """Make a new world's folder, and hold it.

        Raises:
            InputError: something else is there.
            StoreMissing: books are there, and the chain is not.
            StoreError: it cannot be made, or another process holds it.
        """
        found = _names(path)
        if "mirror.sqlite" in found or "books" in found:
            problem = f"{CHAIN_FILE} is missing, and books are there"
            raise StoreMissing(str(path), problem, RESTORE)
        if found - _OURS_BEFORE_THE_CHAIN:
            raise InputError(f"{path}: expected a world's folder, or one that is empty or new")
        lock = _hold(path)
        try:
            facts = {name: str(value) for name, value in settings._asdict().items()}
            facts["settings"] = settings.digest
            identity = Identity("chain", secrets.token_hex(16))
            if database is not None:
                _check_free(database)
            chain = Store.open(path / CHAIN_FILE, tables.CHAIN, identity, facts=facts)
        except BaseException:
            lock.release()
            raise
        folder = cls(path, settings, chain, database)
        folder._lock = lock
        return folder

    @classmethod
    def find(cls, path: Path, database: str | None = None, *, mode: Mode = "write") -> Self:
        """Open the folder of a world that was kept.

        Args:
            database: Address of the server that has mirror and books, if one has.
            mode: "write" holds the folder against other processes; "read" does not.

        Raises:
            StoreError: it is not there, damaged, of another version, or held elsewhere.
            InputError: the address of the server is missing or needless.
        """
        if not (path / CHAIN_FILE).is_file():
            raise StoreMissing(str(path), f"there is no world, as {CHAIN_FILE} is missing", _CHECK)
        lock = None if mode == "read" else _hold(path)
        try:
            chain = Store.open(path / CHAIN_FILE, tables.CHAIN, Identity("chain", None), mode=mode)
            settings = _settings(chain)
            if (settings.database == "postgresql") != (database is not None):
                raise InputError(
                    f"{path}: its books are in PostgreSQL: name the database (--database)"
                    if database is None
                    else f"{path}: its books are files in the folder: name no database "
                    "(--database, CARBON_REGISTRY_DATABASE)"
                )
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        folder = cls(path, settings, chain, database, is_read_only=mode == "read")
        folder._lock = lock
        return folder

    @staticmethod
    def exists(path: Path) -> bool:
        """Say whether a world was kept there."""
        return (path / CHAIN_FILE).exists()

    def note(self, changes: Pairs) -> None:
        """Take what changed since the last time; it is kept until it could be saved."""
        self._pending.update(changes)

    def save(self, now_s: int) -> None:
        """Write down the world's present state; afterwards it survives whatever happens.

        Args:
            now_s: The world's clock.

        Raises:
            StoreError: nothing was written; what was noted is kept for the next time.
        """
        if not self._pending and now_s == self._saved_s:
            return
        with self._chain.writing() as connection:
            number = sealed.head(connection, tables.journal).size + 1
            row = {"number": number, "now_s": now_s, "changes": _packed(self._pending)}
            end = sealed.append(connection, tables.journal, [row])
        self._pending.clear()
        self._saved_s = now_s
        self.state = State(number, end.seal)

    def load(self) -> tuple[dict[bytes, bytes], int | None]:
        """Return the last state saved: what is there by key, and the clock; None before the first.

        Raises:
            StoreDamaged: a row that cannot be read.
        """
        pairs: dict[bytes, bytes] = {}
        with self._chain.reading() as connection:
            for row in sealed.read(connection, tables.journal):
                self._saved_s = row.now_s
                self.state = State(row.number, row.seal)
                for key, value in _unpacked(row.changes, f"{self._chain.name}, row {row.number}"):
                    if value is None:
                        pairs.pop(key, None)
                    else:
                        pairs[key] = value
        if self.has_moved() and not self.is_read_only:
            raise StoreDamaged(self._chain.name, "its last rows are missing", RESTORE)
        return pairs, self._saved_s

    def check_state(self, book: Book) -> None:
        """Refuse a book that was written after a state that the chain does not have.

        Raises:
            ForeignStore: the chain is an older copy, or the book is of another.
        """
        found = self.problem_of(book.state)
        if found is not None and book.store is not None:
            remedy = "put back chain and books that belong together; nothing was changed"
            raise ForeignStore(book.store.name, found, remedy)

    def problem_of(self, state: State | None) -> str | None:
        """Say what is wrong with a book that was written after a state; None if nothing is."""
        if state is None or self.has_state(state):
            return None
        return f"it was written after state {state.number} of a chain that is not here"

    def has_moved(self) -> bool:
        """Say whether another process has saved a state since this one was read."""
        with self._chain.reading() as connection:
            end = sealed.head(connection, tables.journal)
        return (end.last, end.seal) != (self.state or (None, end.seal))

    def has_state(self, state: State) -> bool:
        """Say whether the chain was saved in that state."""
        journal = tables.journal
        wanted = sa.select(journal.c.seal).where(journal.c.number == state.number)
        with self._chain.reading() as connection:
            return connection.execute(wanted).scalar() == state.seal

    def mirror(self, *, mode: Mode = "create") -> Mirror:
        """Open the mirror.

        Raises:
            StoreError: it cannot be used; where it is missing or damaged, it can be made again.
        """
        identity = Identity("mirror", self.world)
        try:
            return Mirror(self._open(identity, tables.MIRROR, mode, durable=False))
        except (StoreMissing, StoreDamaged) as error:
            remedy = "make the mirror again from the chain (books rebuild)"
            raise type(error)(error.store, error.problem, remedy) from error

    def put_mirror_aside(self) -> None:
        """Give the mirror that is there another name, so that nothing of it is lost."""
        identity = Identity("mirror", self.world)
        for store in [store for store in self._stores if store.identity == identity]:
            store.close()
            self._stores.remove(store)
        if self.database is not None:
            put_schema_aside(self.database, identity)
            return
        path = self.path / "mirror.sqlite"
        number = 1
        while (aside := path.with_name(f"mirror-{number}.sqlite.aside")).exists():
            number += 1
        # The file itself goes last: what is left of it must never meet a new one of its name.
        for suffix in ("-wal", "-shm", ""):
            if (left := path.with_name(path.name + suffix)).exists():
                left.rename(aside.with_name(aside.name + suffix))

    def book(self, registry: str, *, mode: Mode, lag_s: int = 0) -> Store:
        """Open the store of a registry's book."""
        identity = Identity("book", self.world, registry)
        return self._open(identity, tables.BOOK, mode, facts={"lag_s": str(lag_s)})

    def books(self) -> list[Callable[[], Store]]:
        """Return what opens each of the books that are here, to be read; ascending by place."""
        if self.database is not None:
            names = sorted(schemas_of(self.database, self.world))
            return [partial(self.book, name, mode="read") for name in names]
        paths = sorted((self.path / "books").glob("*.sqlite"))
        return [partial(self._read_book, path) for path in paths]

    def _read_book(self, path: Path) -> Store:
        identity = Identity("book", self.world, None)
        store = Store.open(path, tables.BOOK, identity, mode="read")
        self._stores.append(store)
        if "registry" not in store.facts:
            raise _unsaid(store, KeyError("registry"))
        return store

    @property
    def chain(self) -> Store:
        """The store of the ledger's state."""
        return self._chain

    def _open(
        self,
        identity: Identity,
        metadata: sa.MetaData,
        mode: Mode,
        *,
        facts: Mapping[str, str] | None = None,
        durable: bool = True,
    ) -> Store:
        place: Path | str
        if self.database is not None:
            place = self.database
        elif identity.registry:
            place = self.path / "books" / f"{file_name(identity.registry)}.sqlite"
        else:
            place = self.path / f"{identity.kind}.sqlite"
        store = Store.open(place, metadata, identity, mode=mode, facts=facts, durable=durable)
        self._stores.append(store)
        return store

    def close(self) -> None:
        """Let go of the folder and all that is in it."""
        while self._stores:
            self._stores.pop().close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None


_CHECK = "check the path"


def _names(path: Path) -> set[str]:
    """Return what is in a folder; nothing if there is none."""
    try:
        return set(os.listdir(path))  # noqa: PTH208 - only the names
    except FileNotFoundError:
        return set()
    except OSError as error:
        raise InputError(f"{path}: expected a folder: {error.strerror}") from error


def _check_free(database: str) -> None:
    """Refuse a server's database that has another world's mirror, before a folder is made."""
    try:
        store = Store.open(database, tables.MIRROR, Identity("mirror", None), mode="read")
    except StoreMissing:
        return
    store.close()
    remedy = "name another database, or open the world to which it belongs"
    raise ForeignStore(store.name, "it is the mirror of another world", remedy)


def _hold(path: Path) -> FileLock:
    """Keep other processes from opening the folder for writing until this one ends."""
    lock = FileLock(path / LOCK_FILE)
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        remedy = "close it there, or work on a copy"
        raise StoreLocked(str(path), "another process has this world open", remedy) from None
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise StoreReadOnly(str(path), problem, "choose another folder, or a copy") from error
    return lock


def _settings(chain: Store) -> Settings:
    facts = chain.facts
    try:
        settings = Settings(
            int(facts["seed"]),
            facts["engine"],
            int(facts["start_s"]),
            facts["database"],
            cast(Guard, facts["guard"]),
            int(facts["chains"]),
        )
        known = facts["settings"], facts["world"]
    except (KeyError, ValueError) as error:
        raise _unsaid(chain, error) from error
    if settings.digest != known[0]:
        raise StoreDamaged(chain.name, "what it is about was changed", RESTORE)
    return settings


def lag_of(book: Store) -> int:
    """Return how long a book that is kept may lag behind. Raises StoreDamaged: it does not say."""
    try:
        return int(book.facts["lag_s"])
    except (KeyError, ValueError) as error:
        raise _unsaid(book, error) from error


def _unsaid(store: Store, error: Exception) -> StoreDamaged:
    return StoreDamaged(store.name, f"it does not say {error}", RESTORE)


def _packed(pairs: Pairs) -> bytes:
    """Write pairs one after the other, each with its lengths; ascending, so that equal is equal."""
    parts = []
    for key, value in sorted(pairs.items()):
        length = _NONE if value is None else len(value)
        parts += [len(key).to_bytes(4, "big"), key, length.to_bytes(4, "big"), value or b""]
    return b"".join(parts)


def _unpacked(packed: bytes, name: str) -> Iterator[tuple[bytes, bytes | None]]:
    at = 0

    def taken(length: int) -> bytes:
        nonlocal at
        at += length
        if at > len(packed):
            raise StoreDamaged(name, "it was cut off", RESTORE)
        return packed[at - length : at]

    while at < len(packed):
        key = taken(int.from_bytes(taken(4), "big"))
        length = int.from_bytes(taken(4), "big")
        yield key, None if length == _NONE else taken(length)
