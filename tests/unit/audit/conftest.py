"""Tiny worlds for audit tests: tables written row by row, bounds in grams."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest

from registry.audit.run import audit
from registry.records.finding import Finding
from registry.records.tables import SCHEMAS


class Books:
    """Rows of the tables; `record` numbers each row inside its source, from 1."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
        self._records: dict[str, int] = {}

    def issued(self, start_g: int | None, end_g: int | None, **fields: Any) -> str:
        """One issued block; by default on the ledger of ICR, in scope "S", batch "1"."""
        return self._add("issuances", self._span(start_g, end_g), fields)

    def disposed(self, kind: str, start_g: int | None, end_g: int | None, **fields: Any) -> str:
        """One interval of a disposition, standing unless `until_s` says otherwise."""
        return self._add("dispositions", {"kind": kind, **self._span(start_g, end_g)}, fields)

    def retired(self, start_g: int | None, end_g: int | None, **fields: Any) -> str:
        """One interval of a retirement."""
        return self.disposed("retirement", start_g, end_g, **fields)

    def imported(self, start_g: int | None, end_g: int | None, **fields: Any) -> str:
        """One block of ICR's that came to Eco, as its batch "9"."""
        row = {"registry": "Eco", "home": "ICR", "batch": "9"}
        return self.issued(start_g, end_g, **{**row, **fields})

    def exported(self, start_g: int | None, end_g: int | None, **fields: Any) -> str:
        """One interval of an export, by default from ICR to Eco."""
        return self.disposed("export", start_g, end_g, **{"peer": "Eco", **fields})

    def left(self, start_g: int | None, end_g: int | None, **fields: Any) -> str:
        """One interval of a block of ICR's that Eco sent home again, or gave up."""
        row = {"registry": "Eco", "home": "ICR", "batch": "9", "peer": "ICR"}
        return self.disposed("export", start_g, end_g, **{**row, **fields})

    def held(self, balance_g: int, supply_g: int, **fields: Any) -> str:
        """One holder's balance of a token."""
        row = {"account": "A", "balance_g": balance_g, "supply_g": supply_g}
        return self._add("tokens", row, fields)

    def foreign(self, balance_units: str, supply_units: str | None, **fields: Any) -> str:
        """One holder's balance of a token at a contract of its own, in the token's units."""
        row = {"keeper": "feed", "account": "A", "batch": None, "scope": None, "contract": "0xc"}
        units = {"balance_units": balance_units, "supply_units": supply_units}
        return self._add("tokens", {**row, **units}, fields)

    def entered(
        self, kind: str, start_g: int | None = None, end_g: int | None = None, **fields: Any
    ) -> str:
        """One interval of an entry, by default of the ledger's log at a place of its own."""
        row = {"kind": kind, **self._span(start_g, end_g)}
        row["seq"] = fields.get("seq", len(self.rows["entries"]) + 1)
        row |= {"place": f"0x{row['seq']}", "body": "said", "record": f"entry {row['seq']}"}
        return self._add("entries", row, fields)

    def wrote(
        self, kind: str, start_g: int | None = None, end_g: int | None = None, **fields: Any
    ) -> str:
        """One interval of a line of the book."""
        row = {"kind": kind, "keeper": "book", **self._span(start_g, end_g)}
        row["number"] = fields.get("number", len(self.rows["lines"]) + 1)
        row["record"] = f"line {row['number']}"
        return self._add("lines", row, fields)

    def account(self, account: str, **fields: Any) -> str:
        """One account, by default in the directory that all registries share."""
        if fields.get("keeper", "ledger") == "ledger":
            fields.setdefault("registry", "platform")
        row = {"account": account, "address": f"0x{account}", "status": "open", "batch": None}
        return self._add("accounts", row, fields)

    def certified(self, id: str, start_g: int | None, end_g: int | None, **fields: Any) -> str:
        """One interval of a certificate, by default for retirement "7"."""
        row = {"id": id, "retirement": "7", "keeper": "book", "record": f"certificate {id}"}
        return self._add("certificates", {**row, **self._span(start_g, end_g)}, fields)

    def project(self, project: str, **fields: Any) -> str:
        """One project as its registry publishes it."""
        return self._add("projects", {"keeper": "feed", "project": project}, fields)

    def linked(self, project: str, other_project: str, **fields: Any) -> str:
        """A registry's statement that its project is another registry's, too."""
        row = {"keeper": "feed", "project": project, "other_project": other_project}
        return self._add("links", row, fields)

    def converted(self, project: str, start_g: int | None, end_g: int | None, **fields: Any) -> str:
        """A block of ACR that is taken out for ARB, active from second 0 to `at_s`, or still."""
        row = {"keeper": "feed", "registry": "ACR", "target": "ARB", "issued_s": 0}
        row |= {"project": project, **self._span(start_g, end_g)}
        return self._add("conversions", row, fields)

    def claimed(
        self, beneficiary: str, start_g: int | None, end_g: int | None, **fields: Any
    ) -> str:
        """One interval of a retirement that somebody claims."""
        row = {"keeper": "feed", "beneficiary": beneficiary, **self._span(start_g, end_g)}
        return self._add("claims", row, fields)

    def itmo(self, start_g: int | None, end_g: int | None, **fields: Any) -> str:
        """One action of the agreed electronic format, with the units underneath it."""
        return self._add("itmos", {"keeper": "feed", **self._span(start_g, end_g)}, fields)

    def declared(self, kind: str, start_g: int | None, end_g: int | None, **fields: Any) -> str:
        """One statement of the Party CO about units, by default of ICR."""
        row = {"kind": kind, "keeper": "party", "party": "CO", **self._span(start_g, end_g)}
        return self._add("authorisations", row, {"source": "party:CO", **fields})

    def lost(self, id: str, amount_g: int, **fields: Any) -> str:
        """One reversal of project "P", as the book has it."""
        row = {"id": id, "amount_g": amount_g, "keeper": "book", "project": "P", "batch": None}
        return self._add("reversals", {**row, "record": f"reversal {id}"}, fields)

    def covered(self, reversal: str, start_g: int | None, end_g: int | None, **fields: Any) -> str:
        """One interval that was cancelled for a reversal, by default from the buffer."""
        row = {"kind": "buffer", "keeper": "book", "reversal": reversal, "batch": None}
        return self._add("compensations", {**row, **self._span(start_g, end_g)}, fields)

    def contributed(self, buffer: str, **fields: Any) -> str:
        """One contribution to the buffer that an account holds."""
        row = {"kind": "contribution", "keeper": "book", "account": buffer, "amount_g": 1}
        return self._add("compensations", {**row, "scope": None}, fields)

    def read(self, keeper: str, now_s: int | None, lag_s: int = 0, **fields: Any) -> None:
        """When one source was read, and how far it may lag."""
        row = {"keeper": keeper, "now_s": now_s, "lag_s": lag_s}
        self._add("sources", row, {"record": "", **fields})

    def tables(self, shuffle: int | None = None) -> dict[str, pa.Table]:
        """The tables as an audit takes them, rows in another order if `shuffle` is a seed."""
        rows = {name: list(table) for name, table in self.rows.items()}
        if shuffle is not None:
            for table in rows.values():
                random.Random(shuffle).shuffle(table)
        return {
            name: pa.Table.from_pylist(rows[name], schema=schema)
            for name, schema in SCHEMAS.items()
        }

    def audit(self, *rules: str, as_of_s: int | None = None) -> tuple[Finding, ...]:
        """Run some rules, all of them by default."""
        return audit(self.tables(), rules=rules or None, as_of_s=as_of_s)

    @staticmethod
    def _span(start_g: int | None, end_g: int | None) -> dict[str, Any]:
        bounded = start_g is not None and end_g is not None
        return {"start_g": start_g, "end_g": end_g, "amount_g": end_g - start_g if bounded else 1}

    def _add(self, table: str, row: dict[str, Any], fields: dict[str, Any]) -> str:
        row = {"keeper": "ledger", "registry": "ICR", "batch": "1", "at_s": 1, **row, **fields}
        if "scope" in SCHEMAS[table].names:
            row.setdefault("scope", "S")
        row.setdefault("source", f"{row['keeper']}:{row['registry']}")
        number = self._records.get(row["source"], 0) + 1
        self._records[row["source"]] = number
        row.setdefault("record", str(number))
        self.rows[table].append(row)
        return f"{row['source']}:{row['record']}"


@pytest.fixture
def books() -> Books:
    """Empty tables."""
    return Books()


@pytest.fixture(scope="session")
def new_books() -> type[Books]:
    """Makes empty tables, for tests that need more than one set."""
    return Books
