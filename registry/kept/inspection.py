"""Looks at a world's folder without opening its ledger: what its books say, and whether all that
is there is as it was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from registry.books import tables
from registry.books.book import Book, State
from registry.books.mirror import Cursor
from registry.books.sealed import Problem
from registry.books.store import Store, file_name
from registry.books.verify import Checked, size, verify
from registry.errors import (
    ForeignStore,
    InputError,
    SchemaMismatch,
    StoreDamaged,
    StoreError,
    StoreMissing,
)
from registry.kept.folder import CHAIN_FILE, Folder, Settings, lag_of
from registry.kept.opening import Progress
from registry.records.entry import Kind

_UNUSABLE = (StoreDamaged, StoreMissing, ForeignStore, SchemaMismatch)


class Shown(NamedTuple):
    """What is in a world's folder.

    Attributes:
        settings: What the world is a function of.
        cursor: How far its mirror has come.
        books: Ascending by registry.
    """

    settings: Settings
    cursor: Cursor
    books: tuple[Book, ...]


def show(path: Path, *, database: str | None = None, registry: str | None = None) -> Shown:
    """Read the books in a world's folder.

    Args:
        registry: Only this one's.

    Raises:
        StoreError: one of them cannot be read.
        InputError: no book of that name.
    """
    folder = Folder.find(path, database, mode="read")
    try:
        books = []
        for open_store in folder.books():
            store = open_store()
            if registry in (None, store.facts["registry"]):
                books.append(Book(store.facts["registry"], store=store, lag_s=lag_of(store)))
        if registry is not None and not books:
            raise InputError(f"registry {registry!r}: {path} has no book of that name")
        books.sort(key=lambda book: book.registry)
        return Shown(folder.settings, folder.mirror(mode="read").cursor(), tuple(books))
    finally:
        folder.close()


def verify_folder(
    path: Path, *, database: str | None = None, progress: Progress = lambda done, of: None
) -> tuple[Checked, ...]:
    """Check everything in a world's folder: chain, mirror, and every book.

    A registry that the mirror knows and that has no book counts as a problem.

    Returns:
        One result for each store: chain, mirror, then books ascending by registry.

    Raises:
        StoreError: no world is there, or a store can be neither read nor judged.
    """
    try:
        folder = Folder.find(path, database, mode="read")
    except (StoreDamaged, SchemaMismatch, ForeignStore) as error:
        return (_unusable(str(path / CHAIN_FILE), "chain", "", error),)
    try:
        found: list[Checked] = []
        opened: list[Store] = []
        for kind, open_store in _stores(folder):
            try:
                opened.append(open_store())
            except _UNUSABLE as error:
                found.append(_unusable(error.store, kind, "", error))
        found += _missing(opened, {Path(each.store).stem for each in found})
        of = sum(size(store, _METADATA[store.identity.kind]) for store in opened)
        done = 0

        def told(rows: int) -> None:
            nonlocal done
            done += rows
            progress(done, of)

        whole: dict[str, bool] = {}
        for store in opened:
            checked = verify(store, _METADATA[store.identity.kind], told)
            whole[store.name] = not checked.problems
            # What belongs together is asked only of what is sound in itself; the chain is first.
            if whole[store.name] and whole[folder.chain.name]:
                checked = checked._replace(problems=tuple(_unknown_state(store, folder)))
            found.append(checked)
        order = {kind: at for at, kind in enumerate(_METADATA)}
        return tuple(sorted(found, key=lambda each: (order[each.kind], each.registry)))
    finally:
        folder.close()


_METADATA = {"chain": tables.CHAIN, "mirror": tables.MIRROR, "book": tables.BOOK}


def _stores(folder: Folder) -> Iterator[tuple[str, Callable[[], Store]]]:
    yield "chain", lambda: folder.chain
    yield "mirror", lambda: folder.mirror(mode="read").store
    for open_book in folder.books():
        yield "book", open_book


def _missing(opened: Sequence[Store], unusable: Set[str]) -> Iterator[Checked]:
    """Yield the books that are not there, of registries that were opened as the mirror has it.

    Args:
        unusable: Names, without endings, of files that are there and cannot be used.
    """
    there = {store.facts["registry"] for store in opened if store.identity.kind == "book"}
    entries = tables.entries
    wanted = sa.select(entries.c.registry).where(entries.c.kind == Kind.REGISTRY_OPENED.value)
    for store in opened:
        if store.identity.kind == "mirror":
            known: Sequence[str] = ()
            # That it cannot be read is said when its own rows are checked.
            with suppress(StoreDamaged), store.reading() as connection:
                known = connection.execute(wanted).scalars().all()
            absent = (name for name in {*known} - there if file_name(name) not in unusable)
            for registry in sorted(absent):
                problem = Problem(store.name, "", None, f"there is no book of {registry}")
                yield Checked(store.name, "book", registry, {}, {}, (problem,))


def _unknown_state(store: Store, folder: Folder) -> Iterator[Problem]:
    """Yield that a book was written after a state of the world that the chain does not have."""
    if store.identity.kind == "book":
        standing = tables.standing
        with store.reading() as connection:
            wanted = sa.select(standing.c.state, standing.c.state_seal)
            row = connection.execute(wanted).one_or_none()
        if row is not None and row.state is not None:
            what = folder.problem_of(State(row.state, row.state_seal))
            if what is not None:
                yield Problem(store.name, standing.name, 1, what)


def _unusable(store: str, kind: str, registry: str, error: StoreError) -> Checked:
    problem = Problem(store, "", None, error.problem)
    return Checked(store, kind, registry, {}, {}, (problem,))
