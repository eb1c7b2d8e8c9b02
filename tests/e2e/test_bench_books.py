"""`carbon-registry bench books`: what it measures and what it refuses. No figure is judged."""

from __future__ import annotations

import sqlalchemy as sa

from tests.e2e.command import run


def test_bench_books_measures_the_chain_and_each_size() -> None:
    found = run("bench", "books", "--entries", "30", "--entries", "7", "--json")
    assert (found.code, found.err) == (0, "")
    rates = found.body["rates"]
    assert [(rate["what"], rate["entries"]) for rate in rates] == [
        ("chain", 200),
        ("SQLite", 30),
        ("SQLite", 7),
    ]
    assert all(min(rate["per_s"], rate["first_per_s"], rate["last_per_s"]) > 0 for rate in rates)


def test_bench_books_leaves_nothing_in_the_database(database_url: str) -> None:
    found = run("bench", "books", "--entries", "50", "--database", database_url)
    assert (found.code, found.err) == (0, "")
    assert [line.split()[0] for line in found.lines[2:]] == ["chain", "SQLite", "PostgreSQL"]
    engine = sa.create_engine(database_url)
    assert not [name for name in sa.inspect(engine).get_schema_names() if "bench" in name]
    engine.dispose()


def test_bench_books_refuses_sizes_below_one() -> None:
    found = run("bench", "books", "--entries", "0")
    assert (found.code, found.out) == (2, "")
    assert found.err == "error: entries: expected numbers from 1 on, not [0]\n"
