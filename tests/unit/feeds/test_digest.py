"""The digest of tables: what makes a difference to it, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from registry.feeds.digest import digest
from registry.records.tables import SCHEMAS

ROW = {
    "source": "a.csv",
    "keeper": "feed",
    "record": "row 1",
    "registry": "Verra",
    "scope": "VCS",
    "start_g": 0,
    "end_g": 2_000_000,
    "amount_g": 2_000_000,
    "spelling": "9-1-2-vcs",
    "digest": "00",
}
Rows = list[dict[str, Any]]


def of(rows: Rows) -> str:
    schema = SCHEMAS["issuances"]
    return digest({"issuances": pa.Table.from_pylist(rows, schema=schema)})


def other(**cells: object) -> dict[str, Any]:
    return {**ROW, **cells}


SAME: dict[str, Callable[[], Rows]] = {
    "file": lambda: [other(source="b.csv"), other(start_g=5)],
    "keeper": lambda: [other(keeper="meta"), other(start_g=5)],
    "place": lambda: [other(record="row 7"), other(start_g=5)],
    "spelling": lambda: [other(spelling="9-01-2-VCS", digest="ff"), other(start_g=5)],
    "order": lambda: [other(start_g=5), ROW],
}
UNLIKE: dict[str, Callable[[], Rows]] = {
    "interval": lambda: [other(end_g=3_000_000), other(start_g=5)],
    "amount": lambda: [other(amount_g=1), other(start_g=5)],
    "registry": lambda: [other(registry="ACR"), other(start_g=5)],
    "time": lambda: [other(at_s=1), other(start_g=5)],
    "twice": lambda: [ROW, ROW, other(start_g=5)],
    "less": lambda: [ROW],
}


@pytest.mark.parametrize("what", SAME)
def test_digest_passes_over(what: str) -> None:
    assert of(SAME[what]()) == of([ROW, other(start_g=5)])


@pytest.mark.parametrize("what", UNLIKE)
def test_digest_differs_by(what: str) -> None:
    assert of(UNLIKE[what]()) != of([ROW, other(start_g=5)])


def test_digest_differs_by_table_and_passes_over_empty_ones_and_sources() -> None:
    links = [{**ROW, "project": "1", "other_project": "2"}]
    keys = set(SCHEMAS["links"].names)
    table = pa.Table.from_pylist(
        [{key: cell for key, cell in row.items() if key in keys} for row in links],
        schema=SCHEMAS["links"],
    )
    empty = {name: schema.empty_table() for name, schema in SCHEMAS.items() if name != "links"}
    sources = [{"source": "a", "keeper": "feed", "registry": "ACR", "lag_s": 0}]
    given = pa.Table.from_pylist(sources, schema=SCHEMAS["sources"])
    assert digest({"links": table}) == digest({"links": table, **empty, "sources": given})
    assert digest({"links": table}) != digest({})
