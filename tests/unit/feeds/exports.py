"""Exports that a test makes, and the real ones: read record by record by one format."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import TypeVar

import pytest

from registry.errors import FeedError
from registry.feeds.cells import Cells, Columns
from registry.feeds.format import Format
from registry.feeds.records import Poison, read_records
from registry.feeds.rows import Row
from registry.serials.columns import parse_column
from tests.published import real_data

RowT = TypeVar("RowT", bound=Row)


def seconds(*parts: int) -> int:
    """Return a moment, UTC, as seconds since 1970-01-01."""
    return int(datetime(*parts, tzinfo=UTC).timestamp())


def made(known: Format, cells: Mapping[str, str]) -> list[Row]:
    """Return the rows of a file with one record."""
    text = io.StringIO()
    csv.writer(text).writerows([list(cells), list(cells.values())])
    (rows,) = _read(known, "file.csv", io.BytesIO(text.getvalue().encode()))
    return rows


def refusal(known: Format, cells: Mapping[str, str]) -> tuple[str | None, str]:
    """Return column and reason of the error that quarantines a file's one record."""
    with pytest.raises(FeedError) as refused:
        made(known, cells)
    assert (refused.value.path, refused.value.row) == ("file.csv", 1)
    return refused.value.column, refused.value.expected


def only(known: Format, cells: Mapping[str, str]) -> dict[str, str]:
    """Return a record without its optional columns."""
    return {name: cells[name] for name in known.columns}


def real(known: Format, folder: str, name: str) -> list[list[Row]]:
    """Return the rows of each record of a real export, none of them refused."""
    path = real_data() / "registry_exports" / folder / name
    with path.open("rb") as file:
        return list(_read(known, str(path), file))


def of(kind: type[RowT], records: list[list[Row]]) -> list[RowT]:
    """Return all rows of one type."""
    return [row for rows in records for row in rows if isinstance(row, kind)]


def total_t(rows: list[RowT]) -> int:
    """Return the sum of their amounts, whole tonnes."""
    whole, rest = divmod(sum(row.amount_g for row in rows), 1_000_000)
    assert not rest
    return whole


def check_blocks(rows: list[RowT]) -> None:
    """Check that each row's span is its quantity, and that no two of them share a serial."""
    assert all(row.end_g - row.start_g == row.amount_g for row in rows)
    blocks = sorted((row.registry, row.scope, row.start_g, row.end_g) for row in rows)
    for lower, upper in pairwise(blocks):
        assert lower[:2] != upper[:2] or lower[3] <= upper[2]


def _read(known: Format, path: str, file: io.BufferedIOBase) -> Iterator[list[Row]]:
    records = [record for record in read_records(file) if not isinstance(record, Poison)]
    columns = Columns(path, records[0])
    assert all(map(columns.has, known.columns))
    for row, record in enumerate(records[1:], start=1):
        found = None
        if known.serial_column:
            text = Cells(columns, row, record).raw(known.serial_column)
            (found,) = parse_column([text], known.registry)
        yield list(known.read(Cells(columns, row, record, found)))
