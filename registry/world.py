"""A world of registries: what a lifecycle script opens.

    with World.open(seed=7) as world:
        icr = world.registry("ICR")
        forest = icr.register_project("Highland forest", "IS", "AR-ACM0003", "Skogur")
        batch = icr.issue(forest, vintage=2024, tonnes=1_000, to="Skogur")

The steps of a credit's life are methods of `registry.registries.Registry`.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import pyarrow as pa

from registry.audit.run import audit
from registry.books import Book, lines_of, tables_of
from registry.errors import InputError, UnknownRegistry, shown
from registry.index import Index
from registry.ledger.fold import is_conserved
from registry.ledger.interface import Ledger
from registry.ledger.keys import KeyRing
from registry.ledger.model import ModelLedger
from registry.operators.profiles import PROFILES, Mode, Profile, profile_of
from registry.records.action import Action, CloseAccount, OpenAccount, OpenRegistry
from registry.records.entry import Entry, Kind, digest
from registry.records.finding import Finding
from registry.records.identity import PLATFORM, check_name
from registry.records.result import Account
from registry.registries import Registry

if TYPE_CHECKING:
    from web3 import Web3

    from registry.chain.ledger import ChainLedger

RUN_SCHEMA = 1
"""Version of what a run hash covers."""

ENGINES = ("auto", "tester", "model")
AUTO = "tester"
"""What `auto` stands for."""

_SEEDS = 2**256
_LAST_MOMENT_S = 253_402_300_799
"""9999-12-31T23:59:59 UTC, the last second of Python's calendar."""


class WorldError(InputError):
    """The world cannot be opened, or asked for this, in the way that was asked."""


class _State(NamedTuple):
    """What a roll-back returns to. Accounts and lines are only ever added, so counts say it."""

    mark: int
    index_mark: int
    now_s: int
    rng: tuple[Any, ...]
    accounts: int
    books: dict[str, int]


class World:
    """Registries on one ledger, their operators' books, and one clock.

    Attributes:
        seed: Keys, addresses and random choices are functions of it.
        engine: What carries the ledger: "tester" (contracts on py-evm) or "model".
        index: What the world knows of its entries, such as the next free numbers.
        ledger: The ledger; `ledger.apply` would bypass clock and books, so use `apply` here.
        books: Registry name -> its operator's book.
        rng: For the random choices of scripts; restored by checkpoints.
        now_s: World clock, seconds since 1970-01-01 UTC; 1 s passes with each accepted action.
    """

    def __init__(self, seed: int, engine: str, start_s: int) -> None:
        self.seed = seed
        self.engine = engine
        self.now_s = start_s
        self.index = Index()
        self.books: dict[str, Book] = {}
        self.rng = random.Random(seed)
        self._keys = KeyRing(seed)
        self._registries: dict[str, Registry] = {}
        self._accounts: dict[str, Account] = {}
        self.ledger: Ledger = self._open_ledger(start_s)

    @classmethod
    def open(
        cls, *, seed: int = 0, engine: str = "auto", start: str | date | datetime = "2025-07-01"
    ) -> Self:
        """Open a new world.

        Args:
            seed: An int from 0 to 2^256 - 1.
            engine: "auto", "tester" or "model".
            start: First moment of the world clock; a date means its midnight UTC.

        Raises:
            WorldError: an unknown engine, a seed that is no such int, a start that is no date.
        """
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < _SEEDS:
            raise WorldError(f"seed {shown(seed)}: expected an int from 0 on, below 2^256")
        if engine not in ENGINES:
            raise WorldError(f"engine {shown(engine)}: expected one of {', '.join(ENGINES)}")
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
            raise WorldError(f"mode {shown(mode)}: expected native or mirrored")
        known = self._registries.get(name)
        if known is None:
            self._check_unlike(name)
            profile = profile_of(name, mode)
            self.apply(OpenRegistry(registry=name, native=profile.mode == "native"))
            known = self._registries[name]
        elif mode not in (None, known.profile.mode):
            raise WorldError(f"registry {name!r} is open as {known.profile.mode}")
        return known

    def _check_unlike(self, name: str) -> None:
        """Refuse a name that differs from a known one in its case only: a slip, not a registry."""
        for other in (*PROFILES, *self._registries):
            if other != name and other.casefold() == name.casefold():
                raise WorldError(f"registry {name!r}: did you mean {other!r}?")

    @property
    def registries(self) -> tuple[Profile, ...]:
        """The open registries, in the order in which they were opened."""
        return tuple(registry.profile for registry in self._registries.values())

    def account(self, name: str, jurisdiction: str = "") -> Account:
        """Return an account, opened on first use.

        Args:
            jurisdiction: ISO 3166-1 alpha-2 code, when it is opened.

        Raises:
            WorldError: the account is open in another jurisdiction.
        """
        name = check_name("account", name)
        if name not in self._accounts:
            self.apply(OpenAccount(account=name, jurisdiction=jurisdiction))
        known = self._accounts[name]
        if jurisdiction not in ("", known.jurisdiction):
            opened = known.jurisdiction or "no jurisdiction"
            raise WorldError(f"account {name!r} was opened in {opened}, not {shown(jurisdiction)}")
        return known

    def close_account(self, name: str) -> None:
        """Close an account; it keeps its credits and only a regulator moves them."""
        self.apply(CloseAccount(account=check_name("account", name)))

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
                profile = profile_of(
                    entry.registry, "native" if entry.text == "native" else "mirrored"
                )
                self._registries[entry.registry] = Registry(self, profile)
            elif entry.kind is Kind.ACCOUNT_OPENED and entry.account:
                account = Account(name=entry.account, jurisdiction=entry.text or "")
                self._accounts[entry.account] = account
            elif entry.registry != PLATFORM:
                self.index.fold(entry)
                if entry.batch is not None:
                    scope = self.index.scope(entry.registry, entry.batch)
                    self.books[entry.registry].write(entry, scope)
        return entries

    def advance(
        self, *, days: int | None = None, until: str | date | datetime | None = None
    ) -> None:
        """Let time pass; a moment that has passed already changes nothing.

        Raises:
            WorldError: neither or both given, days that are no int from 0 on, or a moment after
                the year 9999.
        """
        if (days is None) == (until is None):
            raise WorldError("advance takes either days or until")
        if until is not None:
            self.now_s = max(self.now_s, _moment(until))
        elif isinstance(days, bool) or not isinstance(days, int) or days < 0:
            raise WorldError(f"days {shown(days)}: expected an int from 0 on")
        elif days > (_LAST_MOMENT_S - self.now_s) // 86_400:
            raise WorldError(f"days {shown(days)}: expected a moment up to the year 9999")
        else:
            self.now_s += days * 86_400

    @contextmanager
    def checkpoint(self) -> Iterator[None]:
        """Try something and take it back: everything is restored on leaving, raised or not."""
        state = self._remember()
        lines = {name: list(book.lines) for name, book in self.books.items()}
        try:
            yield
        finally:
            self._restore(state)
            for name, book in self.books.items():
                book.lines = lines[name]

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Take back all of several actions if one of them is refused."""
        state = self._remember()
        try:
            yield
        except BaseException:
            self._restore(state)
            raise
        self.ledger.forget(state.mark)
        self.index.forget()

    def _remember(self) -> _State:
        return _State(
            mark=self.ledger.snapshot(),
            index_mark=self.index.mark(),
            now_s=self.now_s,
            rng=self.rng.getstate(),
            accounts=len(self._accounts),
            books={name: len(book.lines) for name, book in self.books.items()},
        )

    def _restore(self, state: _State) -> None:
        self.ledger.revert(state.mark)
        self.index.back_to(state.index_mark)
        self.now_s = state.now_s
        self.rng.setstate(state.rng)
        while len(self._accounts) > state.accounts:
            self._accounts.popitem()
        for name in [name for name in self.books if name not in state.books]:
            del self.books[name]
            self._registries.pop(name, None)
        for name, length in state.books.items():
            del self.books[name].lines[length:]

    # Questions.

    def entries(self) -> Sequence[Entry]:
        """Return every accepted fact, ascending by seq from 1."""
        return tuple(self.ledger.entries)

    def tables(self) -> dict[str, pa.Table]:
        """Return ledger and books as the Arrow tables that an audit reads."""
        parts: list[dict[str, pa.Table]] = []
        for name, book in self.books.items():
            lines = lines_of(self.ledger.entries, name)
            batches = dict.fromkeys(line.batch for line in lines)
            supplies = {batch: self.ledger.totals(name, batch).active_g for batch in batches}
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
        if isinstance(rules, str):
            raise WorldError(f"rules {rules!r}: expected a list of codes, such as [{rules!r}]")
        moment = None if as_of is None else _moment(as_of)
        return audit(self.tables(), rules=rules, as_of_s=moment, rules_dir=rules_dir)

    def is_conserved(self) -> bool:
        """Say whether every batch's totals are the sum of its entries, and C1 and C4 hold."""
        return is_conserved(self.ledger, self.ledger.entries)

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
            raise WorldError(f"{shown(when)}: expected a date such as 2025-07-01") from error
    if not isinstance(when, datetime):
        if not isinstance(when, date):
            raise WorldError(f"{shown(when)}: expected a date such as 2025-07-01")
        when = datetime(when.year, when.month, when.day)
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    if when.year < 1971:
        raise WorldError(f"{when.isoformat()}: expected a moment from 1971 on")
    return (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
