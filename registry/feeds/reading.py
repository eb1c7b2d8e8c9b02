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
from registry.feeds.formats import AUTO, check, named, recognise
from registry.feeds.records import Poison, read_records
from registry.feeds.rows import Row
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
    path: Path
    is_named: bool
    size: int


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
    skipped = dict(_repeated(sources))
    done = 0
    for source in sources:
        if str(source.path) not in skipped:
            tell = _teller(progress, done, total)
            reason = reader.read(source, wanted, tell)
            if reason is not None:
                skipped[str(source.path)] = reason
        done += source.size
        if progress is not None:
            progress(done, total)
    if not reader.files:
        given = ", ".join(map(str, paths)) or "nothing"
        raise FeedError(given, None, None, "expected at least one export of a known format")
    return Reading(
        tables=reader.gathered.tables(),
        files=tuple(reader.files),
        skipped=tuple(Skipped(path, skipped[path]) for path in sorted(skipped)),
        quarantined=tuple(reader.quarantined),
    )


def _teller(
    progress: Callable[[int, int], None] | None, done: int, total: int
) -> Callable[[int], None]:
    return lambda at: None if progress is None else progress(done + at, total)


def _sources(paths: Iterable[str | os.PathLike[str]]) -> list[_Source]:
    """Return the files meant by `paths`, each once, ascending by path."""
    found: dict[str, _Source] = {}
    for given in paths:
        path = Path(given)
        try:
            is_folder = path.is_dir()
            files = _walk(path) if is_folder else [path]
            for file in files:
                if not is_folder and not file.exists():
                    raise FeedError(str(path), None, None, "expected a file or folder to read")
                if not file.is_file():
                    continue
                real = os.path.realpath(file)
                size = file.stat().st_size
                if real not in found or not is_folder:
                    found[real] = _Source(file, not is_folder, size)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            raise FeedError(str(path), None, None, f"expected a path to read: {error}") from error
    return sorted(found.values(), key=lambda source: str(source.path))


def _walk(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise error

    for place, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place, name) for name in files if not name.startswith("."))


def _repeated(sources: Sequence[_Source]) -> Iterator[tuple[str, str]]:
    """Yield the files with the bytes of an earlier one, and which one that is."""
    by_size: dict[int, list[_Source]] = {}
    for source in sources:
        by_size.setdefault(source.size, []).append(source)
    for size, group in by_size.items():
        first: dict[bytes, _Source] = {}
        for source in group if size and len(group) > 1 else ():
            earlier = first.setdefault(_hash(source.path), source)
            if earlier is not source:
                yield str(source.path), f"the same bytes as {earlier.path}"


def _hash(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "blake2b").digest()
    except OSError as error:
        raise FeedError(str(path), None, None, f"expected a file to read: {error}") from error


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
        path = str(source.path)
        try:
            with source.path.open("rb") as file:
                columns, reason = _header(path, file)
                if columns is not None:
                    known = wanted or recognise(columns)
                    if known is not None:
                        check(columns, known)
                        file.seek(0)
                        self._read(path, known, columns, file, tell)
                        return None
                    reason = "its header is of no known format"
        except OSError as error:
            raise FeedError(path, None, None, f"expected a file to read: {error}") from error
        if source.is_named or wanted is not None:
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
                    made = self._rows(known, Cells(columns, rows, record, serial))
                except FeedError as error:
                    self._quarantine(path, rows, error.column, error.expected)
                    quarantined += 1
                    continue
                merged += made is None
                if made:
                    self.gathered.add(rows, columns.digest(record), made)
            self.gathered.flush()
            tell(file.tell())
        self.files.append(FileRead(path, known.name, rows, rows - quarantined, quarantined, merged))

    def _rows(self, known: Format, cells: Cells) -> list[Row] | None:
        """Return the rows of a record; None for one that merges into an earlier one."""
        count = len(cells.cells)
        if count != cells.columns.count:
            expected = f"expected {cells.columns.count} cells as in the header, got {count}"
            raise FeedError(cells.columns.path, cells.row, None, expected)
        made = list(known.read(cells))
        identity = known.identity(cells) if known.identity else None
        if identity is None:
            if any(not row.part and getattr(row, "start_g", None) is not None for row in made):
                return made
            identity = (cells.columns.digest(cells.cells), None)
        name, said = identity
        path, sayings = self._seen.setdefault((known.name, name), (cells.columns.path, []))
        if sayings and (path != cells.columns.path or said in sayings):
            return None
        sayings.append(said)
        return made

    def _quarantine(self, path: str, row: int, column: str | None, reason: str) -> None:
        if len(self.quarantined) < QUARANTINED_MAX:
            self.quarantined.append(Quarantined(path, row, column, reason))


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
