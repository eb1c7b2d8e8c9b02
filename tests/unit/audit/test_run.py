"""The runner: what it takes, what it refuses, and that rules stay inside their tables."""

from __future__ import annotations

import re
import signal
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from registry.audit.run import audit, load_rules
from registry.errors import FeedError, IdentifierError, InputError, RuleError
from registry.records.tables import DISPOSITIONS, ISSUANCES, SCHEMAS

HEADER = "-- level: candidate\n-- partition: none\n-- clears when: somebody\n--     looks\n"
COLUMNS = {
    "registries": "['b', 'a', 'a']",
    "scope": "'S'",
    "start_g": "1",
    "end_g": "3",
    "amount_g": "2",
    "batch": "'x'",
    "records": "['2', '1']",
    "detectable_at": "NULL",
    "cleared_at": "NULL",
}


def _select(**changes):
    columns = {**COLUMNS, **changes}
    return "SELECT " + ", ".join(f"{sql} AS {name}" for name, sql in columns.items())


ROW = _select()


@pytest.fixture
def rules_dir(tmp_path):
    """A folder for a user's own rules."""
    return tmp_path


def _write(rules_dir, sql, code="X-1"):
    (rules_dir / f"{code}.sql").write_text(sql, encoding="utf-8")


def test_audit_of_no_tables_finds_nothing():
    assert audit({}) == ()


def test_audit_of_empty_tables_finds_nothing():
    assert audit({name: schema.empty_table() for name, schema in SCHEMAS.items()}) == ()


def test_audit_of_nothing_as_of_a_day_finds_nothing():
    assert audit({}, as_of_s=0) == ()


def test_audit_runs_the_chosen_rules_only(books):
    books.issued(0, 10)
    books.issued(0, 10)
    books.retired(0, 10)
    books.retired(0, 10)
    assert [finding.code for finding in books.audit()] == ["DI-1", "DU-1"]
    assert [finding.code for finding in books.audit("DU-1")] == ["DU-1"]
    assert [finding.code for finding in books.audit("DU-1", "DI-1", "DU-1")] == ["DI-1", "DU-1"]
    assert audit(books.tables(), rules=[]) == ()


def test_audit_reads_tables_in_several_chunks(books):
    for _ in range(4):
        books.issued(0, 10)
    whole = books.tables()["issuances"]
    parts = pa.concat_tables([whole.slice(row, 1) for row in range(4)])
    assert audit({"issuances": parts}) == audit({"issuances": whole})
    assert len(audit({"issuances": parts})) == 3


def test_audit_keeps_undated_records_as_of_any_day(books):
    books.issued(0, 10, at_s=None)
    books.issued(0, 10, at_s=None)
    assert len(books.audit("DI-1", as_of_s=-1)) == 1


def test_audit_sees_a_line_from_when_it_was_written(books):
    books.entered("locked", 0, 10, seq=1, at_s=5)
    books.wrote("issuance", 50, 60, at_s=5)
    books.wrote("lock", 0, 10, entry=1, at_s=5, written_s=9)
    assert books.audit("BR-9") == books.audit("BR-9", as_of_s=9) == ()
    assert len(books.audit("BR-9", as_of_s=8)) == 1
    books.rows["lines"][1]["written_s"] = None
    assert books.audit("BR-9", as_of_s=5) == ()


def test_audit_reads_no_source_later_than_the_day_it_asks_about(books):
    books.issued(0, 10, at_s=5)
    books.issued(0, 10, keeper="book", at_s=5)
    books.retired(0, 10, at_s=10)
    books.read("book", now_s=99, lag_s=5, complete_s=99)
    (finding,) = books.audit("BR-3", as_of_s=12)
    assert finding.detectable_at == 10
    books.rows["sources"][0]["complete_s"] = None
    assert books.audit("BR-3", as_of_s=14) == ()
    (finding,) = books.audit("BR-3", as_of_s=15)
    assert finding.detectable_at == 15


def test_audit_takes_a_source_s_word_only_where_it_says_when_it_was_read(books):
    books.issued(0, 10, keeper="book")
    books.retired(0, 10, at_s=10)
    books.read("book", now_s=None, lag_s=2**63 - 1)
    (finding,) = books.audit("BR-3")
    assert finding.detectable_at == 10
    # Of two sources of one keeper the more patient one counts.
    books.read("book", now_s=11, lag_s=2**63 - 1)
    books.read("book", now_s=11, source="file:ICR", complete_s=11)
    assert books.audit("BR-3") == ()


def test_audit_leaves_a_batch_out_that_is_no_token_id(books):
    books.retired(0, 10, batch="VCU-0x1")
    books.retired(0, 10, batch=None)
    (finding,) = books.audit("DU-1")
    assert finding.batch is None


def test_audit_refuses_an_unknown_rule():
    with pytest.raises(IdentifierError, match=r"rule 'DI-9'.*DI-1"):
        audit({}, rules=["DI-9"])


def test_audit_refuses_an_unknown_table():
    with pytest.raises(FeedError, match="table issuance: expected one of the tables issuances"):
        audit({"issuance": ISSUANCES.empty_table()})


def test_audit_refuses_what_is_no_table():
    with pytest.raises(FeedError, match="expected a pyarrow Table, not list"):
        audit({"issuances": []})


def test_audit_refuses_a_missing_column():
    table = ISSUANCES.empty_table().drop_columns(["scope"])
    with pytest.raises(FeedError, match="table issuances: expected the columns source"):
        audit({"issuances": table})


def test_audit_refuses_a_column_of_another_type():
    fields = [
        pa.field("start_g", pa.float64()) if field.name == "start_g" else field
        for field in ISSUANCES
    ]
    with pytest.raises(FeedError, match="column start_g: expected int64, found double") as caught:
        audit({"issuances": pa.schema(fields).empty_table()})
    assert caught.value.column == "start_g"


def test_audit_refuses_a_null_where_there_can_be_none():
    row = {"source": "s", "keeper": "book", "record": "1", "registry": "r", "amount_g": 1}
    rows = [{**row, "kind": "lock"}, {**row, "kind": None}]
    table = pa.Table.from_pylist(rows, schema=DISPOSITIONS)
    with pytest.raises(FeedError, match="table dispositions, row 2, column kind: expected a value"):
        audit({"dispositions": table})


def test_user_rule_runs_beside_the_package_s_own(books, rules_dir):
    books.issued(0, 10)
    books.issued(0, 10)
    _write(rules_dir, f"{HEADER}{ROW}")
    first, second = audit(books.tables(), rules_dir=rules_dir)
    assert first.code == "DI-1"
    assert second.code == "X-1"
    assert second.level == "candidate"
    assert second.registries == ("a", "b")
    assert second.records == ("1", "2")
    assert second.batch is None
    assert second.clears_when == "somebody looks"


def test_user_rule_in_the_readme_finds_what_it_says(rules_dir):
    readme = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
    (rule,) = re.findall(r"^```sql\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    _write(rules_dir, rule, code="MY-1")
    row = {"source": "s", "keeper": "feed", "registry": "r", "kind": "retirement"}
    rows = [
        {**row, "record": "row 1", "amount_g": 1_000_000_001},
        {**row, "record": "row 2", "amount_g": 1_000_000_001, "beneficiary": "Acme"},
        {**row, "record": "row 3", "amount_g": 1_000_000_000},
    ]
    tables = {"dispositions": pa.Table.from_pylist(rows, schema=DISPOSITIONS)}
    (finding,) = audit(tables, rules_dir=rules_dir)
    assert (finding.code, finding.records) == ("MY-1", ("s:row 1",))


def test_user_rule_may_grade_its_rows(rules_dir):
    _write(rules_dir, HEADER + _select(level="'timed'", clears_when="NULL"))
    (finding,) = audit({}, rules_dir=rules_dir)
    assert finding.level == "timed"
    assert finding.clears_when == "somebody looks"


def test_user_rule_may_use_what_rules_share(books, rules_dir):
    books.issued(0, 10)
    books.retired(4, 6)
    # The names are among those that the shared macros use themselves.
    pieces = "SELECT * FROM blocks WHERE keeper = 'ledger'"
    source = f"WITH runs AS ({pieces}), bounds AS (FROM gone) "
    row = _select(start_g="start_g", end_g="end_g", scope="piece.scope")
    _write(rules_dir, f"{HEADER}{source}{row} FROM outside('runs', 'bounds')")
    found = audit(books.tables(), rules=["X-1"], rules_dir=rules_dir)
    assert [(finding.start_g, finding.end_g) for finding in found] == [(0, 4), (6, 10)]


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("SELEC 1", "Parser Error"),
        ("SELECT nothing FROM issuances", "nothing"),
        ("SELECT * FROM elsewhere", "elsewhere"),
        ("SELECT 1 AS scope", "expected the columns registries"),
        (_select(more="1"), "more"),
        (f"{ROW}, 1 AS scope", "expected the columns registries"),
        (_select(amount_g="NULL"), "amount_g"),
        (_select(amount_g="2.5"), "amount_g"),
        (_select(start_g="'one'"), "start_g"),
        (_select(batch="1"), "batch"),
        (_select(records="[NULL, '1']"), "records"),
        (_select(registries="'a'"), "registries"),
        (_select(level="'sure'"), "sure"),
        (f"{ROW} WHERE error('on purpose')", "on purpose"),
        (f"{ROW}; {ROW}", "expected exactly one SELECT"),
        ("CREATE TABLE t AS SELECT 1", "expected exactly one SELECT"),
        ("SET threads = 1", "expected exactly one SELECT"),
        ("", "expected exactly one SELECT"),
    ],
)
def test_user_rule_that_is_not_usable_is_named(rules_dir, sql, problem):
    _write(rules_dir, HEADER + sql)
    with pytest.raises(RuleError) as caught:
        audit({}, rules_dir=rules_dir)
    assert isinstance(caught.value, InputError)
    assert caught.value.path == str(rules_dir / "X-1.sql")
    assert str(rules_dir / "X-1.sql") in str(caught.value)
    assert problem in caught.value.problem


def test_user_rule_without_end_is_left_on_an_interrupt(rules_dir):
    numbers = "range(100_000_000_000) a, range(1_000) b"
    _write(rules_dir, f"{HEADER}{ROW}")
    _write(rules_dir, f"{HEADER}{ROW} FROM {numbers} WHERE hash(a.range, b.range) = 0", code="X-2")

    def told(done, of):
        # The second rule is next.
        threading.Timer(0.3, signal.pthread_kill, (main, signal.SIGINT)).start()

    main = threading.main_thread().ident
    with pytest.raises(KeyboardInterrupt):
        audit({}, rules=["X-1", "X-2"], rules_dir=rules_dir, progress=told)


@pytest.mark.parametrize("name", ["secret.csv", "https://example.org/secret.csv"])
def test_user_rule_reads_no_files_and_no_network(rules_dir, name):
    (rules_dir / "secret.csv").write_text("a\n1\n")
    place = name if ":" in name else str(rules_dir / name)
    _write(rules_dir, f"{HEADER}{ROW} FROM read_csv('{place}')")
    with pytest.raises(RuleError):
        audit({}, rules_dir=rules_dir)


def test_user_rule_reads_no_python_variables(rules_dir):
    table = pa.table({"a": [1]})
    _write(rules_dir, f"{HEADER}{ROW} FROM table")
    with pytest.raises(RuleError):
        audit({}, rules_dir=rules_dir)
    assert table.num_rows == 1


@pytest.mark.parametrize(
    "header",
    [
        "",
        HEADER.replace("candidate", "sure"),
        HEADER.replace("partition: none", "partition: country"),
        HEADER.replace("somebody\n--     looks", ""),
        HEADER.replace("-- level", "level"),
    ],
)
def test_user_rule_needs_its_header(rules_dir, header):
    _write(rules_dir, f"{header}{ROW}")
    with pytest.raises(RuleError, match="expected a header line"):
        load_rules(rules_dir)


def test_user_rule_may_not_take_a_code_of_the_package(rules_dir):
    _write(rules_dir, f"{HEADER}{ROW}", code="DI-1")
    with pytest.raises(RuleError, match="DI-1 is a rule already"):
        audit({}, rules_dir=rules_dir)


def test_user_rule_must_be_text(rules_dir):
    (rules_dir / "X-1.sql").write_bytes(b"-- level: \xff")
    with pytest.raises(RuleError, match="cannot be read"):
        load_rules(rules_dir)


def test_user_rule_may_begin_with_a_byte_order_mark(rules_dir):
    _write(rules_dir, f"\ufeff{HEADER}{ROW}")
    assert [finding.code for finding in audit({}, rules_dir=rules_dir)] == ["X-1"]


def test_rules_dir_must_be_a_folder_with_rules(rules_dir):
    (rules_dir / "rule.txt").write_text(f"{HEADER}{ROW}")
    for folder in (rules_dir, rules_dir / "rule.txt", rules_dir / "nowhere"):
        with pytest.raises(RuleError, match=r"expected a folder with \.sql files") as caught:
            audit({}, rules_dir=folder)
        assert caught.value.path == str(folder)
