"""Audit rules as the design wants them: headers, four worlds each, parts that add up."""

from __future__ import annotations

import ast
import functools
import random
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from registry.audit.run import PARTITIONS, RULES_DIR, audit, load_rules
from registry.books.lines import LineKind
from registry.records.entry import Kind
from registry.records.tables import SCHEMAS

ROOT = Path(__file__).parents[2]
RULES = load_rules()
SHARED = RULES_DIR.parent / "shared.sql"
KEEPERS = {
    "entries": ("ledger", "mirror"),
    "lines": ("book",),
    "certificates": ("book",),
    "sources": ("ledger", "book", "mirror", "feed", "meta", "party"),
    "projects": ("feed", "meta"),
    "links": ("feed", "meta"),
    "conversions": ("feed",),
    "claims": ("feed", "meta", "ledger", "book", "claimant"),
    "itmos": ("feed", "party"),
    "authorisations": ("party",),
    "reversals": ("book",),
    "compensations": ("book",),
}
"""Who keeps a table, where it is not everybody."""
KINDS = {
    "entries": [kind.value for kind in Kind],
    "lines": [kind.value for kind in LineKind],
    "dispositions": ["retirement", "cancellation", "lock", "export"],
    "authorisations": ["host", "coverage", "authorisation", "adjustment"],
    "compensations": ["contribution", "buffer", "replacement"],
}
WORLDS = ("catches", "near_miss", "look_alike", "misses")
EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])


def test_the_rules_are_those_that_the_readme_names():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| ([A-Z]{2}-[1-9]) \|", readme, flags=re.MULTILINE)
    assert sorted(named) == [rule.code for rule in RULES]
    assert {path.suffix for path in RULES_DIR.iterdir()} == {".sql"}


@EACH_RULE
def test_rule_has_the_header(rule):
    assert re.fullmatch(r"[A-Z]{2}-[1-9]", rule.code)
    keys = [key for key in rule.header if key != "keepers"]
    assert keys == [rule.code, "catches", "misses", "source", "level", "partition", "clears when"]
    assert all(rule.header.values())
    assert rule.partition in PARTITIONS


@pytest.mark.parametrize(
    "path", [*(rule.path for rule in RULES), SHARED], ids=lambda path: path.stem
)
def test_sql_has_short_lines_and_no_clock_chance_or_limit(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= 100
    code = "\n".join(line.partition("--")[0] for line in lines).lower()
    banned = r"\b(now|current_\w+|today|random|uuid|limit|sample|any_value|read_\w+|double|float)\b"
    assert re.findall(banned, code.replace("current row", "")) == []


@EACH_RULE
def test_rule_has_its_four_worlds(rule):
    name = rule.code.lower().replace("-", "_")
    path = ROOT / "tests" / "unit" / "audit" / f"test_rule_{name}.py"
    module = ast.parse(path.read_text(encoding="utf-8"))
    tests = [node.name for node in module.body if isinstance(node, ast.FunctionDef)]
    for world in WORLDS:
        assert any(test.startswith(f"test_{world}_") for test in tests), world


@EACH_RULE
@pytest.mark.parametrize("seed", range(2))
def test_rule_finds_the_same_in_parts(rule, seed):
    tables = _records(seed)
    whole = audit(tables, rules=[rule.code])
    assert whole, "the generated records show nothing"
    if rule.partition == "none":
        return
    parts = [
        finding
        for part in _parts(tables, rule.partition)
        for finding in audit(part, rules=[rule.code])
    ]
    assert sorted(map(repr, parts)) == sorted(map(repr, whole))


@EACH_RULE
def test_rule_finds_the_same_in_any_order(rule):
    tables = _records(0)
    chance = random.Random(0)
    shuffled = {
        name: table.take(chance.sample(range(table.num_rows), table.num_rows))
        for name, table in tables.items()
    }
    assert audit(shuffled, rules=[rule.code]) == audit(tables, rules=[rule.code])


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if "keepers" in rule.header], ids=lambda rule: rule.code
)
def test_rule_finds_nothing_without_the_keepers_it_names(rule, tmp_path):
    # Under another code and without that line, so that it runs.
    sql = re.sub(r"^-- keepers: .*\n", "", rule.sql, flags=re.MULTILINE)
    (tmp_path / "ZZ-1.sql").write_text(sql, encoding="utf-8")
    given = {
        name: table.filter(pc.is_in(table.column("keeper"), value_set=pa.array(["feed", "meta"])))
        for name, table in _records(0).items()
    }
    assert given["issuances"].num_rows
    assert audit(given, rules=["ZZ-1"], rules_dir=tmp_path) == ()


def _parts(tables, partition):
    """Split the tables that have the key; the others go to every part whole."""
    keyed = [name for name, table in tables.items() if partition in table.schema.names]
    assert keyed, f"no table has the column {partition}; teach this test how to split by it"
    keys = {key for name in keyed for key in tables[name].column(partition).to_pylist()}
    assert len(keys) > 2
    return [
        {**tables, **{name: _only(tables[name], partition, key) for name in keyed}} for key in keys
    ]


def _only(table, column, key):
    values = table.column(column)
    return table.filter(pc.is_null(values) if key is None else pc.equal(values, key))


@functools.cache
def _records(seed):
    """Three hundred rows a table, with everything wrong in it that a rule looks for."""
    chance = random.Random(seed)
    rows = {name: [_row(chance, name, number) for number in range(300)] for name in SCHEMAS}
    return {
        name: pa.Table.from_pylist(rows[name], schema=schema) for name, schema in SCHEMAS.items()
    }


def _row(chance, table, number):
    keeper = chance.choice(KEEPERS.get(table, ("ledger", "book", "feed", "meta")))
    registry = chance.choice(["Eco", "ICR"])
    start_g = chance.randrange(0, 2_000, 10)
    amount_g = chance.choice([5, 10, 20, 60])
    row = {
        "source": f"{keeper}:{registry}",
        "keeper": keeper,
        "record": f"{table}-{number}",
        "registry": registry,
        "batch": chance.choice([*"123456789", None]),
        "at_s": chance.choice([*range(50), None]),
        "scope": chance.choice(["S", "T", "U", "V", None]),
        "start_g": start_g,
        "end_g": start_g + amount_g,
        "amount_g": amount_g,
        "project": chance.choice(["P", "Q", "R"]),
        "vintage": chance.choice([2020, 2021, None]),
        "kind": chance.choice(KINDS.get(table, [""])),
        "until_s": chance.choice([None, None, chance.randrange(80)]),
        "account": chance.choice(["A", "B"]),
        "balance_g": amount_g,
        "supply_g": amount_g,
        "form": chance.choice(["ex-ante", "ex-post"]),
        "home": chance.choice([None, None, "Eco" if registry == "ICR" else "ICR"]),
        "peer": "Eco" if registry == "ICR" else "ICR",
        "export": chance.choice(["1", "2", "3"]),
        "message": chance.choice([None, *range(4)]),
    }
    if keeper in ("feed", "meta"):
        row |= _printed(chance, row)
    return {name: row.get(name) for name in SCHEMAS[table].names} | _more(chance, table, number)


def _printed(chance, row):
    """What only files say: one in five of their amounts is not what its serials span."""
    start_g = chance.randrange(0, 100, 10)
    period_start_s = chance.choice([None, 5, 10, 20])
    if period_start_s:
        period_start_s *= 86_400
    return {
        "start_g": start_g,
        "end_g": start_g + row["amount_g"],
        "amount_g": row["amount_g"] + chance.choice([0, 0, 0, 0, 5]),
        "scope": chance.choice(["S", "S", row["scope"]]),
        "until_s": None,
        "home": None,
        "serial": str(start_g),
        "spelling": chance.choice(["s", "S"]),
        "digest": chance.choice(["a", "b"]),
        "period_start_s": period_start_s,
        "period_end_s": period_start_s and period_start_s + chance.choice([10, 15]) * 86_400,
        "verified_g": chance.choice([None, None, 30]),
        "origin": chance.choice([None, "Eco P", "Eco Q", "ICR P"]),
        "restates": chance.choice([None, None, None, True]),
        "purpose": chance.choice(["voluntary", "compliance", "corsia", "conversion"]),
        "reason": chance.choice(["Corporate pledge of Acme and NDC of Guyana", "Emissions", None]),
        "beneficiary": chance.choice(["X", "Y", None]),
        "eligible": chance.choice([True, False, None]),
        "inside_ndc": chance.choice([True, True, None]),
        "adjusted": chance.choice([True, False, False]),
        "contract": chance.choice(["0xa", "0xb", None]),
        "form": chance.choice(["ex-ante", "ex-post", "certificate"]),
        "decimals": chance.choice([0, 18, None]),
        "balance_units": chance.choice(["-5", "9" * 60, None]),
        "supply_units": chance.choice(["10", "9" * 78, None]),
    }


def _more(chance, table, number):
    """What only tables have that were made for reconciliation, and what is unlike the others."""
    request = str(chance.randrange(40))
    match table:
        case "dispositions":
            return {"id": request, "deadline_s": chance.choice([None, chance.randrange(50)])}
        case "entries":
            place = {"place": f"0x{chance.randrange(200)}", "body": chance.choice("xy")}
            names = {"counterparty": chance.choice([None, "A", "Z"])}
            return {"seq": number, "request": request, **place, **names}
        case "lines":
            amount_g = chance.choice([5, 10, 2_000_000])
            entry = chance.choice([None, chance.randrange(300)])
            line = {"number": number, "entry": entry, "request": request, "amount_g": amount_g}
            return {**line, "written_s": chance.choice([None, chance.randrange(80)])}
        case "accounts":
            return {"address": chance.choice(["0x1", "0x2", None]), "status": "open"}
        case "tokens":
            return {"account": chance.choice("ABC")}
        case "certificates":
            return {"id": str(number), "retirement": request}
        case "sources":
            return {"now_s": chance.randrange(60, 80), "complete_s": 20, "lag_s": 5}
        case "links":
            return {"other_registry": "ICR", "other_project": chance.choice("PQR")}
        case "conversions":
            made = {"target_batch": chance.choice([None, *"123456789"])}
            taken = {"kind": chance.choice(["cancellation", "retirement", None])}
            return {"target": chance.choice(["Eco", "ICR"]), "issued_s": 0, **made, **taken}
        case "claims":
            return {"beneficiary": chance.choice("XY"), "retirement": request}
        case "itmos":
            return {"purpose": chance.choice(["NDC", "OIMP", None])}
        case "authorisations":
            statement = {"declaration": "Committed", "status": chance.choice(["Pending", "Done"])}
            return {"party": "CO", "inside": True, "purpose": "IMP", "due_s": 70, **statement}
        case "reversals":
            return {"id": request, "deadline_s": chance.choice([None, chance.randrange(90)])}
        case "compensations":
            return {"reversal": chance.choice("123"), "id": request}
    return {}
