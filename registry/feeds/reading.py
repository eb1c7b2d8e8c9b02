"""Files and folders of exports, read into the tables of an audit.

A file is read record by record in bounded chunks. What cannot be read is quarantined with its
file, row, column and reason; the rest goes on. Nothing disappears: for each file
`rows = parsed + quarantined`, and of the parsed ones `merged` say what another record said already.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pyarrow as pa

from registry.errors import FeedError
from registry.feeds.cells import Cells, Columns
from registry.feeds.format import Format
from registry.feeds.formats import AUTO, check, is_export, named, nearly, recognise
from registry.feeds.records import Poison, read_records
from registry.feeds.rows import LOCATED, Row
from registry.feeds.tables import Gathered
from registry.serials.columns import Parsed, parse_column

QUARANTINED_MAX = 100_000
"""Most quarantined rows that are kept with their reasons; all are counted."""

_CHUNK_ROWS = 5_000
_ARCHIVES = {b"PK\x03\x04": "a zip archive", b"\x1f\x8b": "a gzip archive", b"PAR1": "Parquet"}


class FileRead(NamedTuple):
    """What became of one file's records.

    Attributes:
        path: As it was given, or found below what was given.
        format: Name of its format.
        rows: Records under the header.
        parsed: Of these, those that were understood.
        quarantined: The others.
        merged: Of the parsed ones, those that only said again what an earlier record said.
    """

    path: str
    format: str
    rows: int
    parsed: int
    quarantined: int
    merged: int


class Skipped(NamedTuple):
    """A file in a folder that is not read, and why."""

    path: str
    reason: str


class Quarantined(NamedTuple):
    """A record that is not read: its file, its number, the column at fault if any, and why."""

    path: str
    row: int
    column: str | None
    reason: str


class Reading(NamedTuple):
    """All that was read.

    Attributes:
        tables: By name, as an audit takes them.
        files: Ascending by path.
        skipped: Ascending by path.
        quarantined: The first `QUARANTINED_MAX`, in the order of files and rows.
    """

    tables: dict[str, pa.Table]
    files: tuple[FileRead, ...]
    skipped: tuple[Skipped, ...]
    quarantined: tuple[Quarantined, ...]


class _Source(NamedTuple):
    """A file to read, or why not.

    Attributes:
        name: Its path as text that can be written as UTF-8, whatever bytes name the file.
        is_named: Whether it was given, not found in a folder.
        reason: Why it cannot be read at all; None if it can.
    """

    path: Path
    name: str
    is_named: bool
    size: int
    reason: str | None = None


def read_paths(
    paths: Sequence[str | os.PathLike[str]],
    *,
    format: str = AUTO,
    as_of_s: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read exports of any registries.

    Args:
        paths: Files, and folders that are searched with all folders inside; hidden files are not.
        format: Name of the one format that all files have; "auto" tells it from each header.
        as_of_s: The moment of which an audit will ask, noted in the table of sources.
        progress: Told the bytes read, and how many there are.

    Returns:
        What was read; the same whatever the order of `paths`.

    Raises:
        FeedError: a path that is not there or cannot be read; a named file that is no export; a
            header with a column doubled or missing; no export at all.
        IdentifierError: no such format.
    """
    wanted = named(format)
    reader = _Reader(as_of_s)
    sources = _sources(paths)
    total = sum(source.size for source in sources)
    skipped = {source.name: source.reason for source in sources if source.reason is not None}
    skipped.update(_repeated(sources))
    done = 0
    for source in sources:
        if source.name not in skipped:
            tell = _teller(progress, done, total)
            reason = reader.read(source, wanted, tell)
            if reason is not None:
                skipped[source.name] = reason
        done += source.size
        if progress is not None:
            progress(done, total)
    left = tuple(Skipped(name, skipped[name]) for name in sorted(skipped))
    if not reader.files:
        raise _nothing(paths, wanted, left)
    return Reading(
        tables=reader.gathered.tables(),
        files=tuple(reader.files),
        skipped=left,
        quarantined=tuple(reader.quarantined),
    )


def _teller(
    progress: Callable[[int, int], None] | None, done: int, total: int
) -> Callable[[int], None]:
    return lambda at: None if progress is None else progress(done + at, total)


def _nothing(
    paths: Sequence[str | os.PathLike[str]], wanted: Format | None, skipped: Sequence[Skipped]
) -> FeedError:
    given = ", ".join(map(_name, paths)) or "nothing"
    expected = f"expected at least one export of {wanted.name if wanted else 'a known format'}"
    if skipped:
        path, reason = skipped[0]
        expected += f"; skipped {len(skipped)}, first {path}: {reason}"
    return FeedError(given, None, None, expected)


def _name(path: str | os.PathLike[str]) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _sources(paths: Iterable[str | os.PathLike[str]]) -> list[_Source]:
    """Return the files meant by `paths`, each once, ascending by path.

    A file with several paths has the first of those that were given, else of those found.
    """
    found: dict[str, _Source] = {}
    for given in paths:
        path = Path(given)
        try:
            is_folder = path.is_dir()
            for file in _walk(path) if is_folder else [path]:
                source = _source(file, is_named=not is_folder)
                # Links to one file are one file; a link that leads nowhere is none.
                real = os.path.realpath(file) if source.reason is None else source.name
                found[real] = min(source, found.get(real, source), key=_rank)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            expected = f"expected a path to read: {error}"
            raise FeedError(_name(path), None, None, expected) from error
    return sorted(found.values(), key=lambda source: source.name)


def _rank(source: _Source) -> tuple[bool, str]:
    return not source.is_named, source.name


def _source(file: Path, *, is_named: bool) -> _Source:
    if file.is_file():
        return _Source(file, _name(file), is_named, file.stat().st_size)
    if is_named:
        raise FeedError(_name(file), None, None, "expected a file or folder to read")
    reason = "it is a link to a folder" if file.is_dir() else "it is no file to read"
    return _Source(file, _name(file), is_named, 0, reason)


def _walk(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise error

    for place, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        # Links to folders are not followed: they may lead back.
        links = [name for name in folders if Path(place, name).is_symlink()]
        yield from (Path(place, name) for name in [*files, *links] if not name.startswith("."))


def _repeated(sources: Sequence[_Source]) -> Iterator[tuple[str, str]]:
    """Yield the files with the bytes of an earlier one, and which one that is."""
    by_size: dict[int, list[_Source]] = {}
    for source in sources:
        by_size.setdefault(source.size, []).append(source)
    for size, group in by_size.items():
        first: dict[bytes, _Source] = {}
        for source in group if size and len(group) > 1 else ():
            earlier = first.setdefault(_hash(source), source)
            if earlier is not source:
                yield source.name, f"the same bytes as {earlier.name}"


def _hash(source: _Source) -> bytes:
    try:
        with source.path.open("rb") as file:
            return hashlib.file_digest(file, "blake2b").digest()
    except OSError as error:
        raise FeedError(source.name, None, None, f"expected a file to read: {error}") from error


class _Reader:
    """Reads one file after another into the same tables."""

    def __init__(self, as_of_s: int | None) -> None:
        self.gathered = Gathered(as_of_s)
        self.files: list[FileRead] = []
        self.quarantined: list[Quarantined] = []
        self._seen: dict[tuple[str, Hashable], tuple[str, list[Hashable]]] = {}

    def read(
        self, source: _Source, wanted: Format | None, tell: Callable[[int], None]
    ) -> str | None:
        """Read a file; return why not, for one found in a folder that is no export.

        Raises:
            FeedError: see `read_paths`.
        """
        path = source.name
        try:
            with source.path.open("rb") as file:
                columns, reason = _header(path, file)
                if columns is not None:
                    known, reason = _format(columns, wanted, is_named=source.is_named)
                    if known is not None:
                        check(columns, known)
                        file.seek(0)
                        self._read(path, known, columns, file, tell)
                        return None
        except OSError as error:
            raise FeedError(path, None, None, f"expected a file to read: {error}") from error
        if source.is_named:
            raise FeedError(path, None, None, f"expected an export of a registry, {reason}")
        return reason

    def _read(
        self,
        path: str,
        known: Format,
        columns: Columns,
        file: BinaryIO,
        tell: Callable[[int], None],
    ) -> None:
        self.gathered.source(path, known)
        records = read_records(file)
        next(records)
        rows = quarantined = merged = 0
        while chunk := list(islice(records, _CHUNK_ROWS)):
            found = _serials(known, columns, chunk)
            for record, serial in zip(chunk, found, strict=True):
                rows += 1
                if isinstance(record, Poison):
                    self._quarantine(path, rows, None, record.reason)
                    quarantined += 1
                    continue
                try:
                    cells = _whole(Cells(columns, rows, record, serial))
                    digest = columns.digest(record)
                    made = self._rows(known, cells, digest)
                except FeedError as error:
                    self._quarantine(path, rows, error.column, error.expected)
                    quarantined += 1
                    continue
                merged += made is None
                if made:
                    self.gathered.add(rows, digest, made)
            self.gathered.flush()
            tell(file.tell())
        self.files.append(FileRead(path, known.name, rows, rows - quarantined, quarantined, merged))

    def _rows(self, known: Format, cells: Cells, digest: str) -> list[Row] | None:
        """Return the rows of a record; None for one that merges into an earlier one."""
        made = list(known.read(cells))
        identity = known.identity(cells) if known.identity else None
        if identity is None:
            own = [row for row in made if isinstance(row, LOCATED) and not row.part]
            if any(row.start_g is not None for row in own):
                return made
            identity = (digest, None)
        name, said = identity
        path, sayings = self._seen.setdefault((known.name, name), (cells.columns.path, []))
        if sayings and (path != cells.columns.path or said in sayings):
            return None
        sayings.append(said)
        return made

    def _quarantine(self, path: str, row: int, column: str | None, reason: str) -> None:
        if len(self.quarantined) < QUARANTINED_MAX:
            self.quarantined.append(Quarantined(path, row, column, reason))


def _whole(cells: Cells) -> Cells:
    """Return a record that has a cell for each column. Raises FeedError for another."""
    count = len(cells.cells)
    if count != cells.columns.count:
        expected = f"expected {cells.columns.count} cells as in the header, got {count}"
        raise FeedError(cells.columns.path, cells.row, None, expected)
    return cells


def _header(path: str, file: BinaryIO) -> tuple[Columns | None, str]:
    """Return a file's columns; or why it has none."""
    start = file.read(8)
    file.seek(0)
    for sign, kind in _ARCHIVES.items():
        if start.startswith(sign):
            return None, f"it is {kind}"
    header = next(read_records(file), None)
    if header is None:
        return None, "it is empty"
    if isinstance(header, Poison):
        return None, f"its first record is none: {header.reason}"
    return Columns(path, header), ""


def _format(
    columns: Columns, wanted: Format | None, *, is_named: bool
) -> tuple[Format | None, str]:
    """Return a file's format; or why it has none, if it was found in a folder or is no export.

    Raises:
        FeedError: see `recognise`.
    """
    if wanted is not None:
        # Named, or an export of another format: the check of the header says what is wrong.
        is_meant = is_named or is_export(columns)
        return (wanted if is_meant else None), f"its header is not that of {wanted.name}"
    known = recognise(columns)
    reason = "its header is of no known format"
    near = [] if known else nearly(columns)
    if near:
        reason += f"; it lacks the column {_listed(near)}"
    elif columns.count == 1 and ";" in "".join(columns.at):
        reason += "; its cells are separated by semicolons"
    return known, reason


def _listed(near: Iterable[tuple[Format, str]]) -> str:
    return ", or ".join(f"{column} of {known.name}" for known, column in near)


def _serials(
    known: Format, columns: Columns, chunk: Sequence[list[str] | Poison]
) -> Sequence[Parsed | None]:
    at = columns.place[known.serial_column] if known.serial_column else None
    if at is None:
        return [None] * len(chunk)
    texts = [
        "" if isinstance(record, Poison) or len(record) <= at else record[at] for record in chunk
    ]
    return parse_column(texts, known.registry)
