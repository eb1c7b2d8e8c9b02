"""Gathers the rows that feeds make, column by column, into the tables of an audit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from registry.feeds.format import Format
from registry.feeds.rows import TABLES, Issued, Row
from registry.records.tables import SCHEMAS

_FIELDS = {name: tuple(kind.__annotations__) for kind, name in TABLES.items()}


class _Common(NamedTuple):
    source: str
    keeper: str
    record: str
    digest: str


class Gathered:
    """Rows of any number of files.

    Serials that are embedded in records of another kind (rows of `Issued` with a `part`) are held
    back until all files are read. Where an issuance of the same registry and scope says the same
    amount, or another file the same of the same project, they add nothing; where an issuance says
    another amount they are marked as restating it. A serial that one file embeds twice is there
    twice.
    """

    def __init__(self, as_of_s: int | None) -> None:
        self._as_of_s = as_of_s
        self._batches: dict[str, list[pa.RecordBatch]] = {name: [] for name in TABLES.values()}
        self._rows: dict[type, list[tuple[_Common, Row]]] = {kind: [] for kind in TABLES}
        self._embedded: list[tuple[_Common, Issued]] = []
        self._sources: list[dict[str, Any]] = []
        self._source = ("", "")

    def source(self, path: str, known: Format) -> None:
        """Begin a file: what is added from now on is in it."""
        self._source = (path, known.keeper)
        self._sources.append(
            {
                "source": path,
                "keeper": known.keeper,
                "registry": known.registry,
                "now_s": self._as_of_s,
                "complete_s": None,
                "lag_s": 0,
            }
        )

    def add(self, number: int, digest: str, rows: Iterable[Row]) -> None:
        """Add the rows of the file's record of that number."""
        source, keeper = self._source
        for row in rows:
            record = f"row {number}, {row.part}" if row.part else f"row {number}"
            common = _Common(source, keeper, record, digest)
            if row.part and isinstance(row, Issued) and row.scope is not None:
                self._embedded.append((common, row))
            else:
                self._rows[type(row)].append((common, row))

    def flush(self) -> None:
        """Turn the rows added so far into columns, which take less room."""
        for kind, rows in self._rows.items():
            if rows:
                self._batches[TABLES[kind]].append(_batch(TABLES[kind], rows))
                rows.clear()

    def tables(self) -> dict[str, pa.Table]:
        """Return all that was added, by table; rows in the order in which they were added."""
        self.flush()
        self._settle()
        self.flush()
        tables = {
            name: pa.Table.from_batches(batches, schema=SCHEMAS[name])
            for name, batches in self._batches.items()
        }
        tables["sources"] = pa.Table.from_pylist(self._sources, schema=SCHEMAS["sources"])
        return tables

    def _settle(self) -> None:
        scopes = pa.array(sorted({str(row.scope) for _, row in self._embedded}), pa.string())
        said: dict[tuple[str, str], int] = {}
        for batch in self._batches["issuances"] if self._embedded else ():
            known = batch.filter(pc.is_in(batch.column("scope"), value_set=scopes))
            for row in known.select(["registry", "scope", "amount_g"]).to_pylist():
                said.setdefault((row["registry"], row["scope"]), row["amount_g"])
        first: dict[tuple[object, ...], str] = {}
        for common, row in self._embedded:
            amount_g = said.get((row.registry, str(row.scope)))
            key: tuple[object, ...] = (row.registry, row.scope, row.project, row.amount_g)
            if amount_g is None:
                is_added = first.setdefault(key, common.source) == common.source
            else:
                key = (row.registry, row.scope, common.source)
                is_added = first.setdefault(key, common.record) != common.record
                if not is_added and amount_g != row.amount_g:
                    is_added, row = True, row._replace(restates=True)
            if is_added:
                self._rows[Issued].append((common, row))
        self._embedded.clear()


def _batch(name: str, rows: list[tuple[_Common, Row]]) -> pa.RecordBatch:
    schema = SCHEMAS[name]
    common = {field: [getattr(said, field) for said, _ in rows] for field in _Common._fields}
    given = dict(zip(_FIELDS[name], zip(*(row for _, row in rows), strict=True), strict=True))
    columns = []
    for field in schema:
        cells = common.get(field.name) or given.get(field.name) or [None] * len(rows)
        columns.append(pa.array(cells, field.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)
