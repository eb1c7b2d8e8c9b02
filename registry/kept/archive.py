"""What a world writes down: the operators' books and the mirror, in a folder or in memory.

An operator's book is written as the operator hears of what was accepted, in order; the mirror
follows the ledger. In a folder both are written once the ledger's own state is safe there, so that
neither ever says what the ledger does not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from registry.books import tables
from registry.books.book import Book, Mark
from registry.books.follower import Follower
from registry.books.lines import Desk
from registry.books.mirror import Mirror
from registry.books.store import Identity, Mode, Store
from registry.books.verify import verify
from registry.errors import (
    EngineClosed,
    ForeignStore,
    MirrorError,
    SchemaMismatch,
    StoreDamaged,
    StoreError,
)
from registry.kept.folder import Folder, lag_of
from registry.kept.index import Index
from registry.kept.memory import Memory
from registry.kept.opening import WorldError
from registry.kept.undisturbed import undisturbed
from registry.ledger.interface import Ledger
from registry.ledger.keys import KeyRing
from registry.operators.numbering import describe_or_measure
from registry.operators.profiles import Profile
from registry.records.entry import Entry, Kind


class Archive:
    """Books and mirror of one world.

    Attributes:
        books: Registry's name -> its operator's book.
        folder: Where they are kept; None for a world in memory.
    """

    def __init__(self, folder: Folder | None, index: Index, keys: KeyRing) -> None:
        self.books: dict[str, Book] = {}
        self.folder = folder
        self._index = index
        self._keys = keys
        self._mirror: Mirror | None = None
        self._trial: Mirror | None = None
        self._common_seq: int | None = None
        self._is_closed = False

    def open_book(self, profile: Profile, *, is_kept: bool) -> Book:
        """Open a registry's book.

        Args:
            profile: The registry's; it says how long after an entry a new book may be without it.
            is_kept: Whether the folder must have it already; `make_books` makes the others.

        Raises:
            StoreError: it is missing there, or cannot be used.
        """
        store, registry, lag_s = None, profile.name, profile.lag_s
        if self.folder is not None and is_kept:
            mode: Mode = "read" if self.folder.is_read_only else "write"
            store = self.folder.book(registry, mode=mode)
            lag_s = lag_of(store)
        book = Book(registry, self._desk(profile), store=store, lag_s=lag_s)
        if is_kept and self.folder is not None:
            # Where another process goes on, it may have written the book after the chain was read.
            if not (self.folder.is_read_only and self.folder.has_moved()):
                self.folder.check_state(book)
            if self._common_seq is not None:
                book.take_back(self._common_seq)
        self.books[registry] = book
        return book

    def check_writable(self) -> None:
        """Refuse what would change the world.

        Raises:
            EngineClosed: it is closed.
            WorldError: it can be read only.
        """
        if self._is_closed:
            raise EngineClosed
        if self.folder is not None and self.folder.is_read_only:
            raise WorldError(f"{self.folder.path}: the world was opened to be read only")

    def make_books(self) -> None:
        """Make room in the folder for books that are new, before the chain speaks of them.

        Raises:
            StoreError: one of them cannot be made.
        """
        folder = self.folder
        assert folder is not None
        for name, book in self.books.items():
            if book.store is None:
                store = folder.book(name, mode="create", lag_s=book.lag_s)
                if Book(name, store=store).heard:
                    found = "it is a book of a registry that the chain has not opened yet"
                    remedy = "restore the chain that it belongs to, or put the book elsewhere"
                    raise ForeignStore(store.name, found, remedy)
                book.store, book.lag_s = store, lag_of(store)

    def _desk(self, profile: Profile) -> Desk:
        registry, index = profile.name, self._index
        return Desk(
            scope=lambda batch: index.scope(registry, batch),
            describe=describe_or_measure,
            address=lambda account: "0x" + self._keys.address(account).hex(),
            document=lambda number, version: index.documents(registry, number).get(version),
            claim=lambda id: index.requests[registry, id].claim,
            statuses=profile.statuses,
        )

    def tell(self, entries: Sequence[Entry]) -> None:
        """Tell every operator who writes at present what it has not heard yet.

        Args:
            entries: All of the ledger's.
        """
        is_read_only = self.folder is not None and self.folder.is_read_only
        for book in self.books.values():
            if is_read_only:
                # Another process may have gone on since the chain was read.
                book.take_back(len(entries))
            elif not book.is_held:
                for entry in entries[book.heard :]:
                    book.hear(entry)

    def mirror(self, ledger: Ledger, *, is_trial: bool = False) -> Mirror:
        """Return the mirror, level with the ledger unless it can only be read.

        Args:
            is_trial: Whether what the ledger accepts now may be taken back: then the mirror is one
                in memory, and the folder's learns nothing of it.
        """
        if is_trial and self.folder is not None and not self.folder.is_read_only:
            self._trial = self._trial or _in_memory()
            Follower(ledger, self._trial).follow()
            return self._trial
        if self.folder is None or not self.folder.is_read_only:
            self.follow(ledger)
        assert self._mirror is not None
        return self._mirror

    @property
    def has_mirror(self) -> bool:
        """Say whether there is a mirror yet; a world in memory makes one when it is asked for."""
        return self._mirror is not None

    def follow(self, ledger: Ledger) -> None:
        """Bring the mirror up to date."""
        if self._mirror is None:
            self._mirror = self._open_mirror()
        Follower(ledger, self._mirror).follow()

    def _open_mirror(self) -> Mirror:
        return _in_memory() if self.folder is None else self.folder.mirror()

    def save(self, ledger: Ledger, memory: Memory, now_s: int) -> None:
        """Write the ledger's state into the folder; books and mirror come after it.

        Raises:
            StoreError: it cannot be written, and waits for the next time.
        """
        folder = self.folder
        if folder is None:
            return
        self.make_books()
        with undisturbed():
            # The ledger hands out once; the folder keeps it until it could be saved.
            folder.note(memory.ledgers(ledger.changes()))
            folder.note(memory.changes(self._index))
            folder.save(now_s)
            memory.saved()

    def settle(self, ledger: Ledger, *, whole: bool = False) -> None:
        """Write mirror and books into the folder, after the ledger's state is safe there.

        Args:
            whole: Write also what can be found out again.

        Raises:
            StoreError, MirrorError: what could not be written waits for the next time. One that
                cannot be written keeps the others from nothing.
        """
        if self.folder is None:
            return
        if self.folder.is_read_only:
            self._mirror = self._mirror or self.folder.mirror(mode="read")
            return
        failed: StoreError | None = None
        for book in self.books.values():
            try:
                book.flush(self.folder.state, whole=whole)
            except StoreError as error:
                failed = failed or error
        self.follow(ledger)
        if failed is not None:
            raise failed

    def rebuild(self, ledger: Ledger) -> None:
        """Make the folder's mirror again from the ledger.

        One that has more wrong with it than some of its rows is put aside.
        """
        assert self.folder is not None
        try:
            self._mirror = self.folder.mirror()
            problems = verify(self._mirror.store, tables.MIRROR).problems
            if all(problem.row is not None for problem in problems):
                Follower(ledger, self._mirror).rebuild()
                return
        except (StoreDamaged, SchemaMismatch, ForeignStore):
            pass  # What could not be read is put aside unread.
        self.folder.put_mirror_aside()
        self._mirror = self.folder.mirror()
        Follower(ledger, self._mirror).rebuild()

    def mark(self) -> dict[str, Mark]:
        """Remember all books."""
        return {name: book.mark() for name, book in self.books.items()}

    def back_to(self, mark: Mapping[str, Mark]) -> None:
        """Return to what was remembered."""
        for name in [name for name in self.books if name not in mark]:
            del self.books[name]
        for name, remembered in mark.items():
            self.books[name].back_to(remembered)

    def roll_back(self, ledger: Ledger) -> None:
        """Let a mirror that was read meanwhile follow a ledger back, however far that was."""
        if self._trial is not None:
            self._trial.store.close()
            self._trial = None
        # What was there before stands in both alike, so that the height alone says what goes.
        mirror = self._mirror if self.folder is None else None
        if mirror is not None and mirror.cursor().block > ledger.head():
            mirror.roll_back(ledger.head())

    def take_back(self, entries: Sequence[Entry]) -> None:
        """Let every operator give up what it recorded of entries that the ledger has given up.

        Args:
            entries: Those that it still has.
        """
        opened = {entry.registry for entry in entries if entry.kind is Kind.REGISTRY_OPENED}
        for name, book in self.books.items():
            book.take_back(len(entries) if name in opened else 0)
            if name not in opened:
                book.rewrite([])
                book.flush()
        for name in [name for name in self.books if name not in opened]:
            del self.books[name]

    def look_back(self, ledger: Ledger, *, is_needed: bool) -> None:
        """Find out whether the chain has given up blocks since the mirror last followed it.

        A sudden end can come between the chain's saving and the books'; what the books then have
        of blocks that are gone is taken back when they are opened.

        Args:
            is_needed: Whether a mirror that cannot tell is an error; it is not where the mirror
                is about to be made again.
        """
        if self.folder is None or self.folder.is_read_only:
            return
        try:
            self._mirror = self._mirror or self._open_mirror()
            common = Follower(ledger, self._mirror).common()
            if common < self._mirror.cursor().block:
                self._common_seq = self._mirror.last_seq(common)
        except (StoreError, MirrorError):
            if is_needed:
                raise

    def close(self) -> None:
        """Let go of mirror and folder."""
        self._is_closed = True
        for mirror in (self._mirror, self._trial):
            if mirror is not None:
                mirror.store.close()
        if self.folder is not None:
            self.folder.close()
            self.folder = None


def _in_memory() -> Mirror:
    return Mirror(Store.open(":memory:", tables.MIRROR, Identity("mirror", "")))
