"""Runs audit rules over the columnar tables and returns what they found.

A rule is one SQL file whose name is the code of its findings. It reads the tables of
`registry.records.tables` under their own names, may use what `shared.sql` defines beside them, and
returns one row per finding, with the columns in `COLUMNS`; the columns in `OVERRIDES` may replace
what the header says for single rows. A rule is pure: it sees no clock, no network and no files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from registry.audit.candidates import CANDIDATES, candidates
from registry.errors import FeedError, IdentifierError, RuleError
from registry.records.finding import Finding, Level
from registry.records.tables import SCHEMAS

RULES_DIR = Path(__file__).parent / "rules"
"""The rules that come with the package."""

_SHARED = Path(__file__).parent / "shared.sql"

COLUMNS = (
    "registries",
    "scope",
    "start_g",
    "end_g",
    "amount_g",
    "batch",
    "records",
    "detectable_at",
    "cleared_at",
)
"""What every rule returns: `registries` and `records` ("source:record") are lists of text."""

OVERRIDES = ("level", "clears_when")
"""Columns that a rule may return besides, where its findings differ among themselves."""

PARTITIONS = ("scope", "origin", "project", "none")
"""Keys by which tables may be split without changing what a rule finds in all parts together."""

COMPARING = "DI-5"
"""The rule that reads the pairs of projects that may be one activity."""

_DEFINED = re.compile(r"^CREATE (?:VIEW|MACRO) (?P<name>\w+)", re.MULTILINE)
_WORD = re.compile(r"\w+")

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
}
"""DuckDB in memory and nothing else: SQL of a stranger reads the given tables only."""

FEW_ROWS = 10_000
"""Below so many rows, one thread is enough."""

PARTED = ("issuances", "dispositions")
"""Tables that stand there in two parts, too: `own_` and the name for a registry's own credits, and
`crossed_` for those of another home. As a rule the second one is empty and the first one all; to
find that out in SQL, every rule would read all rows."""
PARTS = ("own", "crossed")

_HAPPENED = "SELECT * FROM given WHERE at_s IS NULL OR at_s <= $as_of_s"
_UNDONE = """
    SELECT * REPLACE (CASE WHEN until_s <= $as_of_s THEN until_s END AS until_s)
    FROM given WHERE at_s IS NULL OR at_s <= $as_of_s"""

# Kept: what was known by `as_of`, and what is undated. A token's balances say nothing about the
# past once one of them is later, so the token goes as a whole. What a source claimed of a later
# moment it claimed of this one.
_AS_OF = {
    "issuances": _HAPPENED,
    "dispositions": _UNDONE,
    "tokens": """
        SELECT * FROM given QUALIFY coalesce(
            max(at_s) OVER (PARTITION BY keeper, source, registry, batch) <= $as_of_s, true)""",
    "entries": _HAPPENED,
    "lines": "SELECT * FROM given WHERE coalesce(coalesce(written_s, at_s) <= $as_of_s, true)",
    "accounts": _HAPPENED,
    "certificates": _HAPPENED,
    "projects": "FROM given WHERE $as_of_s IS NOT NULL",
    "links": _HAPPENED,
    "conversions": """
        SELECT * REPLACE (CASE WHEN at_s <= $as_of_s THEN at_s END AS at_s)
        FROM given WHERE issued_s IS NULL OR issued_s <= $as_of_s""",
    "claims": _HAPPENED,
    "itmos": _HAPPENED,
    "authorisations": _UNDONE,
    "reversals": _HAPPENED,
    "compensations": _HAPPENED,
    "sources": """
        SELECT * REPLACE (
            CASE WHEN now_s > $as_of_s THEN $as_of_s ELSE now_s END AS now_s,
            CASE WHEN complete_s > $as_of_s THEN $as_of_s ELSE complete_s END AS complete_s)
        FROM given""",
}


class Rule(NamedTuple):
    """One rule, as its file says it.

    Attributes:
        code: Code of its findings: the file's name without `.sql`.
        path: The file.
        sql: One SELECT, with the header as comments.
        header: Text by key, as in `-- key: text`; longer texts go on in lines that begin with `--`
            and at least four spaces. `level`, `partition` and `clears when` are always there;
            `keepers` where the rule finds nothing unless records of one of these are given.
    """

    code: str
    path: Path
    sql: str
    header: Mapping[str, str]

    @property
    def level(self) -> Level:
        """How sure its findings are, unless a row says otherwise."""
        return Level(self.header["level"])

    @property
    def partition(self) -> str:
        """The key by which its input may be split."""
        return self.header["partition"]

    def concerns(self, keepers: Set[str]) -> bool:
        """Say whether it can find anything in records of these keepers."""
        named = self.header.get("keepers")
        return named is None or not keepers.isdisjoint(named.split(", "))


def audit(
    tables: Mapping[str, pa.Table],
    *,
    rules: Sequence[str] | None = None,
    as_of_s: int | None = None,
    rules_dir: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Finding, ...]:
    """Say where the records contradict each other.

    Args:
        tables: By name, with the schemas of `registry.records.tables`; a table that is not there
            counts as empty.
        rules: Codes of the rules to run; all of them by default.
        as_of_s: Judge what was known then, seconds since 1970-01-01 UTC: later records are left
            out, and what was undone later still stands. Undated records stay.
        rules_dir: A folder with further rules, run beside the package's own.
        progress: Told how many rules have run, and of how many.

    Returns:
        Findings, ascending by code, scope, interval, and then their other fields. The order of
        rows in the tables and the number of threads make no difference.

    Raises:
        FeedError: a table or column that is unknown, missing, of another type, or with nulls
            where there can be none.
        IdentifierError: a name in `rules` that is no rule.
        RuleError: a rule's file cannot be read, its SQL fails, or its result makes no findings.
    """
    for name, table in tables.items():
        _check_table(name, table)
    keepers = _keepers(tables.values())
    chosen = [rule for rule in _choose(load_rules(rules_dir), rules) if rule.concerns(keepers)]
    rows = sum(table.num_rows for table in tables.values())
    # To share so little among threads takes longer than to do it.
    config = {"threads": 1, **SETTINGS} if rows < FEW_ROWS else SETTINGS
    with duckdb.connect(":memory:", config=config) as connection:
        known = {
            name: _register(connection, name, tables.get(name, schema.empty_table()), as_of_s)
            for name, schema in SCHEMAS.items()
        }
        for name in PARTED:
            for part, rows in zip(PARTS, _parts(known[name]), strict=True):
                connection.register(f"{part}_{name}", rows)
        # Comparing projects takes seconds, and one rule reads the pairs.
        is_compared = any(rule.code == COMPARING for rule in chosen)
        pairs = candidates(known) if is_compared else CANDIDATES.empty_table()
        connection.register("candidates", pairs)
        _define(connection, [rule.sql for rule in chosen])
        found: list[Finding] = []
        for number, rule in enumerate(chosen, 1):
            found += _run(connection, rule)
            if progress is not None:
                progress(number, len(chosen))
    return tuple(sorted(found, key=_sort_key))


def load_rules(rules_dir: Path | None = None) -> tuple[Rule, ...]:
    """Read the package's rules, and those in `rules_dir`, ascending by code.

    Raises:
        RuleError: no such folder or no rule in it, a file that cannot be read, a header without a
            key it needs, or a code that the package's rules have already.
    """
    rules = {path.stem: _load(path) for path in sorted(RULES_DIR.glob("*.sql"))}
    if rules_dir is not None:
        paths = sorted(rules_dir.glob("*.sql"))
        if not paths:
            raise RuleError(str(rules_dir), "expected a folder with .sql files")
        for path in paths:
            if path.stem in rules:
                raise RuleError(str(path), f"{path.stem} is a rule already; rename the file")
            rules[path.stem] = _load(path)
    return tuple(rules[code] for code in sorted(rules))


def _load(path: Path) -> Rule:
    try:
        # Some editors begin a file with a byte order mark.
        sql = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(str(path), f"cannot be read: {error}") from error
    header = _header(sql)
    for key, allowed in (("level", tuple(Level)), ("partition", PARTITIONS), ("clears when", ())):
        value = header.get(key, "")
        if not value or (allowed and value not in allowed):
            expected = "|".join(allowed) or "text"
            raise RuleError(str(path), f"expected a header line '-- {key}: {expected}'")
    return Rule(path.stem, path, sql, header)


def _header(sql: str) -> dict[str, str]:
    header: dict[str, str] = {}
    key = None
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        text = line.removeprefix("--")
        if text.startswith("    ") and key is not None:
            header[key] += " " + text.strip()
        else:
            key, _, value = text.strip().partition(":")
            header[key] = value.strip()
    return header


def _choose(known: Sequence[Rule], codes: Sequence[str] | None) -> list[Rule]:
    if codes is None:
        return list(known)
    by_code = {rule.code: rule for rule in known}
    for code in codes:
        if code not in by_code:
            raise IdentifierError(code, "rule", f"expected one of {', '.join(by_code)}")
    return [rule for rule in known if rule.code in codes]


def _check_table(name: str, table: object) -> None:
    place = f"table {name}"
    if name not in SCHEMAS:
        raise FeedError(place, None, None, f"expected one of the tables {', '.join(SCHEMAS)}")
    if not isinstance(table, pa.Table):
        raise FeedError(place, None, None, f"expected a pyarrow Table, not {type(table).__name__}")
    schema = SCHEMAS[name]
    if table.schema.names != schema.names:
        found = ", ".join(table.schema.names) or "none"
        raise FeedError(
            place, None, None, f"expected the columns {', '.join(schema.names)}; found {found}"
        )
    for field in schema:
        column = table.column(field.name)
        if column.type != field.type:
            raise FeedError(place, None, field.name, f"expected {field.type}, found {column.type}")
        if not field.nullable and column.null_count:
            row = pc.index(pc.is_null(column), True).as_py() + 1
            raise FeedError(place, row, field.name, "expected a value, found null")


def _keepers(tables: Iterable[pa.Table]) -> frozenset[str]:
    found = (pc.unique(table.column("keeper")).to_pylist() for table in tables)
    return frozenset(keeper for keepers in found for keeper in keepers)


def _register(
    connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table, as_of_s: int | None
) -> pa.Table:
    """Register a table as of a moment, and return it as it is then."""
    if as_of_s is not None:
        connection.register("given", table)
        table = connection.sql(_AS_OF[name], params={"as_of_s": as_of_s}).to_arrow_table()
        connection.unregister("given")
    connection.register(name, table)
    return table


def _parts(table: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return the rows of a registry's own credits, and those of another home."""
    home = table.column("home")
    if home.null_count == len(home):
        return table, table.schema.empty_table()
    return table.filter(pc.is_null(home)), table.filter(pc.is_valid(home))


@cache
def _definitions() -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Return name, statement and words of what `shared.sql` defines, in its order."""
    found = []
    for statement in duckdb.extract_statements(_SHARED.read_text(encoding="utf-8")):
        match = _DEFINED.search(statement.query)
        assert match is not None
        words = frozenset(_WORD.findall(statement.query))
        found.append((match["name"], statement.query, words))
    return tuple(found)


def _define(connection: duckdb.DuckDBPyConnection, texts: Iterable[str]) -> None:
    """Define what of `shared.sql` these texts name, and what that names; the rest takes time."""
    wanted = {word for text in texts for word in _WORD.findall(text)}
    # What is defined names only what was defined before it.
    chosen: list[str] = []
    for name, text, words in reversed(_definitions()):
        if name in wanted:
            wanted |= words
            chosen.append(text)
    for text in reversed(chosen):
        connection.execute(text)


def _run(connection: duckdb.DuckDBPyConnection, rule: Rule) -> list[Finding]:
    path = str(rule.path)
    try:
        statements = connection.extract_statements(rule.sql)
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            raise RuleError(path, "expected exactly one SELECT")
        columns, rows = _select(connection, statements[0])
    except duckdb.Error as error:
        raise RuleError(path, str(error)) from error
    optional = [column for column in columns if column in OVERRIDES]
    if sorted(columns) != sorted((*COLUMNS, *optional)):
        raise RuleError(
            path, f"expected the columns {', '.join(COLUMNS)}; found {', '.join(columns)}"
        )
    try:
        return [_finding(rule, dict(zip(columns, row, strict=True))) for row in rows]
    except (ValidationError, TypeError, ValueError) as error:
        raise RuleError(path, f"a row that makes no finding: {error}") from error


def _select(
    connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the columns and rows of a SELECT, or leave it at once on an interrupt."""

    def read() -> tuple[list[str], list[tuple[Any, ...]]]:
        result = connection.execute(statement)
        return [column[0] for column in result.description or ()], result.fetchall()

    # A query in the main thread would hear of an interrupt late, and some would never.
    with ThreadPoolExecutor(max_workers=1) as pool:
        running = pool.submit(read)
        try:
            return running.result()
        except KeyboardInterrupt:
            connection.interrupt()
            raise


def _finding(rule: Rule, row: dict[str, Any]) -> Finding:
    return Finding(
        code=rule.code,
        level=Level(row.get("level") or rule.level),
        registries=_names("registries", row["registries"]),
        scope=row["scope"],
        start_g=row["start_g"],
        end_g=row["end_g"],
        amount_g=row["amount_g"],
        batch=_batch(row["batch"]),
        records=_names("records", row["records"]),
        detectable_at=row["detectable_at"],
        cleared_at=row["cleared_at"],
        clears_when=row.get("clears_when") or rule.header["clears when"],
    )


def _names(column: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise TypeError(f"{column} {value!r}: expected a list of texts")
    return tuple(sorted(set(value)))


def _batch(value: object) -> int | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"batch {value!r}: expected text")
    # A feed may name a token by something else than a token id; the records name it then.
    return int(value) if value and value.isascii() and value.isdigit() else None


def _sort_key(finding: Finding) -> tuple[Any, ...]:
    # Where a field is None it comes first; the second of each pair is compared among values only.
    fields = (
        finding.scope,
        finding.start_g,
        finding.end_g,
        finding.batch,
        finding.detectable_at,
        finding.cleared_at,
    )
    return (
        finding.code,
        *((field is not None, 0 if field is None else field) for field in fields),
        finding.registries,
        finding.records,
        finding.amount_g,
        finding.level.rank,
        finding.clears_when,
    )
