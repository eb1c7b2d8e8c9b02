"""A world of registries: what a lifecycle script opens.

with World.open(seed=7) as world:
    icr = world.registry("ICR")
    forest = icr.register_project("Highland forest", "IS", "AR-ACM0003", "Skogur")
    batch = icr.issue(forest, vintage=2024, tonnes=1_000, to="Skogur")
"""

from __future__ import annotations

import copy
import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from registry.audit.run import audit
from registry.books import Book, lines_of, tables_of
from registry.errors import InputError, UnknownBatch, UnknownRegistry
from registry.ledger.interface import Ledger
from registry.ledger.keys import KeyRing
from registry.ledger.model import ModelLedger
from registry.operators.profiles import Mode, Profile, profile_of
from registry.records.action import Action, CloseAccount, OpenAccount, OpenRegistry
from registry.records.entry import Entry, Kind, digest
from registry.records.finding import Finding
from registry.records.identity import PLATFORM, check_name
from registry.records.result import Account, Project
from registry.registries import Registry

if TYPE_CHECKING:
    from web3 import Web3

    from registry.chain.ledger import ChainLedger

RUN_SCHEMA = 1
"""Version of what a run hash covers."""

ENGINES = ("auto", "tester", "model")
AUTO = "tester"
"""What `auto` stands for."""


class WorldError(InputError):
    """The world cannot be opened, or asked for this, in the way that was asked."""


class Names:
    """What a world remembers of its records: next numbers, documents, scopes."""

    def __init__(self) -> None:
        self.projects: dict[tuple[str, int], tuple[Project, tuple[dict[str, object], ...]]] = {}
        self.verifiers: set[tuple[str, str]] = set()
        self._batches: dict[tuple[str, int], int] = {}
        self._scopes: dict[tuple[str, int], str] = {}
        self._starts: dict[str, int] = {}
        self._ids: dict[str, int] = {}
        self._verifications: dict[tuple[str, int], int] = {}

    def next_project(self, registry: str) -> int:
        """Return the lowest number above all of the registry's projects."""
        return max((number for name, number in self.projects if name == registry), default=0) + 1

    def next_batch(self, registry: str, project: int) -> int:
        """Return the next batch number of a project."""
        return self._batches.get((registry, project), 0) + 1

    def next_start(self, scope: str) -> int:
        """Return the first gram of a scope that no batch has."""
        return self._starts.get(scope, 0)

    def next_id(self, registry: str) -> int:
        """Return an id that the registry has not used."""
        return self._ids.get(registry, 0) + 1

    def next_verification(self, registry: str, project: int) -> int:
        """Count one more verification of a project and return which it is."""
        place = (registry, project)
        self._verifications[place] = self._verifications.get(place, 0) + 1
        return self._verifications[place]

    def scope(self, registry: str, batch: int) -> str:
        """Return the serial prefix of a batch."""
        if (registry, batch) not in self._scopes:
            raise UnknownBatch(batch)
        return self._scopes[registry, batch]

    def issued(self, entry: Entry) -> None:
        """Remember an issuance."""
        assert entry.batch is not None and entry.project is not None and entry.scope is not None
        place = (entry.registry, entry.project)
        number = entry.batch & (2**128 - 1)
        self._batches[place] = max(self._batches.get(place, 0), number)
        self._scopes[entry.registry, entry.batch] = entry.scope
        end_g = entry.intervals[0].end_g
        self._starts[entry.scope] = max(self._starts.get(entry.scope, 0), end_g)

    def used(self, entry: Entry) -> None:
        """Remember an id."""
        if entry.id is not None:
            self._ids[entry.registry] = max(self._ids.get(entry.registry, 0), entry.id)


class World:
    """Registries on one ledger, their operators' books, and one clock.

    Attributes:
        seed: Keys, addresses and random choices are functions of it.
        engine: What carries the ledger: "tester" (contracts on py-evm) or "model".
        ledger: The ledger; `ledger.apply` would bypass clock and books, so use `apply` here.
        books: Registry name -> its operator's book.
        rng: For the random choices of scripts; restored by checkpoints.
        now_s: World clock, seconds since 1970-01-01 UTC; 1 s passes with each accepted action.
    """

    def __init__(self, seed: int, engine: str, start_s: int) -> None:
        self.seed = seed
        self.engine = engine
        self.now_s = start_s
        self.names = Names()
        self.books: dict[str, Book] = {}
        self.rng = random.Random(seed)
        self._keys = KeyRing(seed)
        self._registries: dict[str, Registry] = {}
        self._accounts: dict[str, Account] = {}
        self._depth = 0
        self.ledger: Ledger = self._open_ledger(start_s)

    @classmethod
    def open(
        cls, *, seed: int = 0, engine: str = "auto", start: str | date | datetime = "2025-07-01"
    ) -> Self:
        """Open a new world.

        Args:
            seed: An int from 0 on.
            engine: "auto", "tester" or "model".
            start: First moment of the world clock; a date means its midnight UTC.

        Raises:
            WorldError: an unknown engine, a seed that is no int, a start that is no date.
        """
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise WorldError(f"seed {seed!r}: expected an int from 0 on")
        if engine not in ENGINES:
            raise WorldError(f"engine {engine!r}: expected one of {', '.join(ENGINES)}")
        return cls(seed, AUTO if engine == "auto" else engine, _moment(start))

    def _open_ledger(self, start_s: int) -> Ledger:
        if self.engine == "model":
            return ModelLedger(self._keys)
        # py-evm takes a second to import; whoever works on the model alone need not wait for it.
        from registry.chain.ledger import ChainLedger
        from registry.chain.tester import TesterEngine

        return ChainLedger(TesterEngine(start_s=start_s - 1), self._keys, start_s)

    def __enter__(self) -> Self:
        """Enter the world."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the chain. Nothing may be asked of the ledger afterwards."""
        if self.engine != "model":
            self._chain.engine.close()

    @property
    def _chain(self) -> ChainLedger:
        from registry.chain.ledger import ChainLedger

        if not isinstance(self.ledger, ChainLedger):
            raise WorldError("the engine model has no chain")
        return self.ledger

    @property
    def web3(self) -> Web3:
        """A web3 over the world's chain. Raises WorldError on the model, which has none."""
        return self._chain.engine.web3

    # Registries and accounts.

    def registry(self, name: str, mode: Mode | None = None) -> Registry:
        """Return a registry, opened on first use.

        Args:
            name: "ICR", "EcoRegistry" and "S&P" have profiles; any other name is native.
            mode: "native" or "mirrored", where it should differ from the profile.

        Raises:
            WorldError: the registry is open in the other mode.
            IdentifierError: a name that no registry can have.
        """
        name = check_name("registry", name)
        if name == PLATFORM:
            raise WorldError(f"registry {name!r}: the name is taken by what registries share")
        if mode not in (None, "native", "mirrored"):
            raise WorldError(f"mode {mode!r}: expected native or mirrored")
        known = self._registries.get(name)
        if known is None:
            profile = profile_of(name, mode)
            self.apply(OpenRegistry(registry=name, native=profile.mode == "native"))
            known = self._registries[name] = Registry(self, profile)
        elif mode not in (None, known.profile.mode):
            raise WorldError(f"registry {name!r} is open as {known.profile.mode}")
        return known

    @property
    def registries(self) -> tuple[Profile, ...]:
        """The open registries, in the order in which they were opened."""
        return tuple(registry.profile for registry in self._registries.values())

    def account(self, name: str, jurisdiction: str = "") -> Account:
        """Return an account, opened on first use.

        Args:
            jurisdiction: ISO 3166-1 alpha-2 code, when it is opened.
        """
        name = check_name("account", name)
        if name not in self._accounts:
            self.apply(OpenAccount(account=name, jurisdiction=jurisdiction))
        return self._accounts[name]

    def close_account(self, name: str) -> None:
        """Close an account; it keeps its credits and only a regulator moves them."""
        self.apply(CloseAccount(account=check_name("account", name)))

    def receive(self, name: str) -> None:
        """Open the account of somebody who is about to receive something."""
        self.account(name)

    # Actions and time.

    def apply(self, action: Action) -> tuple[Entry, ...]:
        """Carry out one action, one second later; the operator writes its book.

        Raises:
            LedgerError, UnknownRegistry: refused; clock and books are as before.
        """
        if action.registry not in (PLATFORM, *self.books) and not isinstance(action, OpenRegistry):
            raise UnknownRegistry(action.registry, tuple(self.books))
        entries = self.ledger.apply(action, self.now_s + 1)
        self.now_s += 1
        for entry in entries:
            if entry.kind is Kind.REGISTRY_OPENED:
                self.books[entry.registry] = Book(entry.registry)
            elif entry.kind is Kind.ACCOUNT_OPENED and entry.account:
                account = Account(name=entry.account, jurisdiction=entry.text or "")
                self._accounts[entry.account] = account
            elif entry.registry != PLATFORM:
                self.names.used(entry)
                self.books[entry.registry].write(entry)
        return entries

    def advance(
        self, *, days: int | None = None, until: str | date | datetime | None = None
    ) -> None:
        """Let time pass; a moment that has passed already changes nothing.

        Raises:
            WorldError: neither or both given, or days that are no int from 0 on.
        """
        if (days is None) == (until is None):
            raise WorldError("advance takes either days or until")
        if until is not None:
            self.now_s = max(self.now_s, _moment(until))
        elif isinstance(days, bool) or not isinstance(days, int) or days < 0:
            raise WorldError(f"days {days!r}: expected an int from 0 on")
        else:
            self.now_s += days * 86_400

    @contextmanager
    def checkpoint(self) -> Iterator[None]:
        """Try something and take it back: everything is restored on leaving, raised or not."""
        state = self._remember()
        try:
            yield
        finally:
            self._restore(*state)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Take back all of several actions if one of them is refused."""
        if self._depth:
            yield
            return
        state = self._remember()
        self._depth += 1
        try:
            yield
        except BaseException:
            self._restore(*state)
            raise
        else:
            self.ledger.forget(state[0])
        finally:
            self._depth -= 1

    def _remember(self) -> tuple[int, dict[str, Any]]:
        kept = {
            "now_s": self.now_s,
            "names": copy.deepcopy(self.names),
            "_accounts": dict(self._accounts),
            "_registries": dict(self._registries),
        }
        lengths = {name: list(book.lines) for name, book in self.books.items()}
        return self.ledger.snapshot(), {**kept, "rng": self.rng.getstate(), "books": lengths}

    def _restore(self, mark: int, kept: dict[str, Any]) -> None:
        self.ledger.revert(mark)
        self.rng.setstate(kept.pop("rng"))
        lines = kept.pop("books")
        self.books = {name: book for name, book in self.books.items() if name in lines}
        for name, book in self.books.items():
            book.lines = lines[name]
        for name, value in kept.items():
            setattr(self, name, value)

    # Questions.

    def entries(self) -> Sequence[Entry]:
        """Return every accepted fact, ascending by seq from 1."""
        return tuple(self.ledger.entries)

    def tables(self) -> dict[str, pa.Table]:
        """Return ledger and books as the Arrow tables that an audit reads."""
        parts: list[dict[str, pa.Table]] = []
        for name, book in self.books.items():
            lines = lines_of(self.ledger.entries, name)
            supplies = {line.batch: self.ledger.totals(name, line.batch).active_g for line in lines}
            parts.append(tables_of(name, lines, keeper="ledger", supplies=supplies))
            parts.append(tables_of(name, book.lines, keeper="book"))
        if not parts:
            parts.append(tables_of("", (), keeper="book"))
        return {table: pa.concat_tables([part[table] for part in parts]) for table in parts[0]}

    def audit(
        self,
        as_of: str | date | datetime | None = None,
        rules: Sequence[str] | None = None,
        rules_dir: Path | None = None,
    ) -> tuple[Finding, ...]:
        """Compare ledger and books and return what was counted twice.

        Args:
            as_of: Only what was written by then; a date means its midnight UTC.
            rules: Codes such as "DI-2"; all of them if absent.
            rules_dir: More rules, as SQL files.
        """
        moment = None if as_of is None else _moment(as_of)
        return audit(self.tables(), rules=rules, as_of_s=moment, rules_dir=rules_dir)

    def run_hash(self, scenario: str = "", findings: Sequence[Finding] | None = None) -> str:
        """Hash what happened: equal on every engine for the same version, scenario and seed (C7).

        Args:
            scenario: Name of what was run.
            findings: Of an audit made already; audited now if absent.
        """
        found = self.audit() if findings is None else findings
        covered = {
            "schema": RUN_SCHEMA,
            "scenario": scenario,
            "seed": self.seed,
            "entries": digest(self.ledger.entries),
            "findings": [finding.model_dump(mode="json") for finding in found],
        }
        text = json.dumps(covered, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _moment(when: str | date | datetime) -> int:
    """Return seconds since 1970-01-01 UTC; text is a date or a date with time, UTC if unmarked."""
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when)
        except ValueError as error:
            raise WorldError(f"{when!r}: expected a date such as 2025-07-01") from error
    if not isinstance(when, datetime):
        if not isinstance(when, date):
            raise WorldError(f"{when!r}: expected a date such as 2025-07-01")
        when = datetime(when.year, when.month, when.day)
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    if when.year < 1971:
        raise WorldError(f"{when.isoformat()}: expected a moment from 1971 on")
    return (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
