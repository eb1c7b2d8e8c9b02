"""A hash of what tables state, by which two readings of the same facts are known to be equal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping

import pyarrow as pa

from registry.records.tables import SCHEMAS

_TOLD_ELSEWHERE = frozenset({"source", "keeper", "record", "digest", "spelling"})
"""Where a fact was read and how it was printed there: no part of the fact."""

_CHUNK_ROWS = 10_000


def digest(tables: Mapping[str, pa.Table]) -> str:
    """Hash the facts that tables state; 64 hex digits.

    Neither the order of rows nor the names of files make a difference, nor which files the rows
    came from, nor how a serial was spelled. A fact that is stated twice is not one stated once.
    What is null is not stated, so a column without any value makes no difference either. The table
    of sources is passed over: it says what was read, not what it says.

    Args:
        tables: By name, with the schemas of `registry.records.tables`.
    """
    whole = hashlib.sha256()
    for name in sorted(tables.keys() & SCHEMAS.keys() - {"sources"}):
        for fact in sorted(_facts(tables[name])):
            whole.update(f"{name} {fact}\n".encode())
    return whole.hexdigest()


def _facts(table: pa.Table) -> Iterator[str]:
    kept = sorted(set(table.column_names) - _TOLD_ELSEWHERE)
    for batch in table.select(kept).to_batches(max_chunksize=_CHUNK_ROWS):
        for row in batch.to_pylist():
            stated = {column: cell for column, cell in row.items() if cell is not None}
            yield json.dumps(stated, ensure_ascii=False, separators=(",", ":"))
