"""A world of registries: what a lifecycle script opens.

    with World.open(seed=7) as world:
        icr = world.registry("ICR")
        forest = icr.register_project("Highland forest", "IS", "AR-ACM0003", "Skogur")
        batch = icr.issue(forest, vintage=2024, tonnes=1_000, to="Skogur")

The steps of a credit's life are methods of `registry.desk.registries.Registry`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from registry.between.crossings import Crossings
from registry.books.book import Book
from registry.books.mirror import Mirror
from registry.desk.parties import Parties
from registry.desk.registries import Registry
from registry.errors import RegistryError, shown
from registry.kept import marks, opening
from registry.kept.archive import Archive
from registry.kept.folder import Folder, Settings
from registry.kept.index import Index
from registry.kept.knowledge import Knowledge
from registry.kept.marks import Mark
from registry.kept.opening import Progress, WorldError
from registry.ledger.interface import Ledger, blocks_of
from registry.ledger.keys import KeyRing
from registry.operators.profiles import Mode, Profile, profile_of
from registry.records.action import Action, CloseAccount, OpenAccount, OpenRegistry
from registry.records.entry import Entry
from registry.records.identity import check_name
from registry.records.result import Account
from registry.views.questions import Questions

if TYPE_CHECKING:
    from web3 import Web3

    from registry.chain.chains import ChainsLedger
    from registry.chain.ledger import ChainLedger

PER_BLOCK = 500
"""Actions in a block, unless told otherwise."""


class World(Questions, Crossings, Parties):
    """Registries on one ledger, their operators' books, and one clock.

    Attributes:
        seed: Keys, addresses and random choices are functions of it.
        engine: What carries the ledger: "revm", "tester", "rpc:" and an address, or "model".
        guard: What the serial guard refuses: "interval", "exact" or "none".
        chains: How many chains there are.
        ledger: The ledger; `ledger.apply` would bypass clock and books, so use `apply` here.
        archive: The books and the mirror, and the folder that keeps them.
        knowledge: What it learned from its entries.
        rng: For the random choices of scripts; restored by checkpoints.
        now_s: World clock, seconds since 1970-01-01 UTC; 1 s passes with each accepted action.
    """

    ledger: Ledger

    def __init__(self, settings: Settings, folder: Folder | None = None) -> None:
        self.seed = settings.seed
        self.engine = settings.engine
        self.guard = settings.guard
        self.chains = settings.chains
        self.now_s = settings.start_s
        self.rng = random.Random(self.seed)
        self._settings = settings
        self._keys = KeyRing(self.seed)
        self.knowledge = Knowledge(self.rng)
        self.archive = Archive(folder, self.index, self._keys)
        self._depth = 0

    @classmethod
    def open(
        cls,
        path: str | Path | None = None,
        *,
        seed: int | None = None,
        engine: str = "auto",
        start: str | date | datetime | None = None,
        guard: str | None = None,
        chains: int | None = None,
        database: str | None = None,
        read_only: bool = False,
        rebuild: bool = False,
        progress: Progress = lambda done, of: None,
    ) -> Self:
        """Open a world: a new one, or the one that a folder keeps.

        Args:
            path: Folder that keeps chain, books and mirror. Absent, the world lives in memory.
            seed: An int from 0 to 2^256 - 1; 0 for a new world.
            engine: "revm", "tester", "rpc:" and an address, "model"; "auto" is the fastest here.
                A node's password is not written down: name the node again with it.
            start: First moment of the world clock; a date means its midnight UTC. 2025-07-01 for
                a new world.
            guard: What may not be issued: "interval", serials that meet issued ones, which is a
                new world's; "exact", serials that were issued just so before; "none", nothing.
            chains: How many chains there are, each with a chain id of its own; 1 for a new world.
            database: Address of a PostgreSQL database for books and mirror; they are files in the
                folder if absent. It is not written down: name it again to open the world again.
            read_only: Open a world that is kept, to look at it as it is: nothing can be done in
                it, nothing is written, and another process may have it open.
            rebuild: Open a world that is kept, and make its mirror again from the chain, whatever
                state it is in.
            progress: Told how many blocks of a kept world have been read, and of how many.

        Raises:
            WorldError: an unknown engine or guard, a seed or number of chains that is no such
                int, a start that is no date, or not those of the world that is there; several
                chains at a node, which is one.
            StoreError, MirrorError: the folder or one of its databases cannot be used.
            ChainDamaged: what the folder keeps is no chain.
        """
        settings = opening.settings_of(seed, engine, start, database, guard, chains)
        if rebuild and read_only:
            raise WorldError("a mirror cannot be made again where nothing may be written")
        if path is None:
            if read_only or rebuild:
                raise WorldError("a world in memory is new: name the folder that keeps one")
            if database is not None:
                raise WorldError("a world in a database needs a folder, for its chain")
            return cls(settings)._begin()
        asked = {
            "seed": seed,
            "engine": None if engine == "auto" else engine,
            "start_s": start,
            "guard": guard,
            "chains": chains,
        }
        named = [name for name, given in asked.items() if given is not None]
        folder = opening.open_folder(
            Path(path),
            settings,
            named,
            database,
            read_only=read_only,
            is_there=read_only or rebuild,
        )
        return cls(folder.settings, folder)._begin(progress, rebuild=rebuild)

    def _begin(self, progress: Progress = lambda done, of: None, *, rebuild: bool = False) -> Self:
        """Begin the ledger, or go on with the one that the folder has."""
        folder = self.archive.folder
        try:
            pairs, now_s = ({}, None) if folder is None else folder.load()
            if folder is None or now_s is None:
                self.ledger = opening.new_ledger(
                    self._settings, self._keys, keep=folder is not None
                )
                self._save()
            else:
                kept = self.knowledge.memory.recall(pairs, folder.chain.name)
                self.ledger = opening.kept_ledger(self._settings, self._keys, kept, progress)
                self.now_s = now_s
                self.archive.look_back(self.ledger, is_needed=not rebuild)
                self._learn(is_kept=True)
            if rebuild:
                self.archive.rebuild(self.ledger)
            self.archive.settle(self.ledger)
        except BaseException:
            self._let_go()
            raise
        return self

    def __enter__(self) -> Self:
        """Enter the world."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Write down what is not yet, and let go of everything; the ledger is gone then."""
        try:
            if self.archive.folder is not None:
                self.settle()
                self.archive.settle(self.ledger, whole=True)
        finally:
            self._let_go()

    def _let_go(self) -> None:
        self.archive.close()
        if self.engine != "model" and hasattr(self, "ledger"):
            self._chain.close()

    @property
    def _chain(self) -> ChainLedger | ChainsLedger:
        from registry.chain.chains import ChainsLedger
        from registry.chain.ledger import ChainLedger

        if not isinstance(self.ledger, ChainLedger | ChainsLedger):
            raise WorldError("the engine model has no chain")
        return self.ledger

    @property
    def web3(self) -> Web3:
        """A web3 over the world's first chain. Raises WorldError on the model, which has none."""
        return self._chain.web3

    def registry(
        self,
        name: str | Path | Profile,
        mode: Mode | None = None,
        lag_s: int | None = None,
        chain: int | None = None,
    ) -> Registry:
        """Return a registry, opened on first use.

        Args:
            name: "ICR", "EcoRegistry", "S&P", "Verra-like" and "Gold Standard-like" have profiles;
                any other name is native and of a plain form. Or a profile of one's own, or the
                path of the file that has it: the world knows it from then on by its name.
            mode: "native" or "mirrored", where it should differ from the profile.
            lag_s: How long, in seconds, its book may be without what the ledger has, before
                reconciliation takes it for missing; the profile's when it is opened.
            chain: Which of the world's chains it is on, from 1; the first when it is opened.

        Raises:
            WorldError: the registry is open otherwise, or there is no such chain.
            IdentifierError: a name that no registry can have.
            ProfileError: a file that has no profile.
        """
        if chain is not None:
            opening.chain_number(chain, self.chains)
        profile = self.knowledge.roster.profile_for(name, mode, lag_s, chain)
        if profile.name not in self.knowledge.roster.profiles:
            self.knowledge.asked[profile.name] = profile
            is_native = profile.mode == "native"
            opening_of = OpenRegistry(registry=profile.name, native=is_native, chain=profile.chain)
            with self.all_or_nothing():
                if not profile.is_alike(profile_of(profile.name)):
                    self.knowledge.declarations.add(profile)
                self.apply(opening_of)
        return Registry(self, self.knowledge.roster.profiles[profile.name])

    @property
    def registries(self) -> tuple[Profile, ...]:
        """The open registries, in the order in which they were opened."""
        return tuple(self.knowledge.roster.profiles.values())

    def account(self, name: str, jurisdiction: str = "") -> Account:
        """Return an account, opened on first use.

        Args:
            jurisdiction: ISO 3166-1 alpha-2 code, when it is opened.

        Raises:
            WorldError: the account is open in another jurisdiction.
        """
        name = check_name("account", name)
        if name not in self.knowledge.roster.accounts:
            self.apply(OpenAccount(account=name, jurisdiction=jurisdiction))
        known = self.knowledge.roster.accounts[name]
        if jurisdiction not in ("", known.jurisdiction):
            opened = known.jurisdiction or "no jurisdiction"
            raise WorldError(f"account {name!r} was opened in {opened}, not {shown(jurisdiction)}")
        return known

    def close_account(self, name: str) -> None:
        """Close an account; it keeps its credits and only a regulator moves them."""
        self.apply(CloseAccount(account=check_name("account", name)))

    @property
    def index(self) -> Index:
        """What the world knows of its entries, such as the next free numbers."""
        return self.knowledge.index

    @property
    def books(self) -> dict[str, Book]:
        """Registry's name -> its operator's book."""
        return self.archive.books

    @property
    def mirror(self) -> Mirror:
        """The mirror, level with the ledger; in memory if the world is.

        Raises:
            StoreError: it cannot be used.
            ReorganisationTooDeep: it is of another chain.
        """
        return self.archive.mirror(self.ledger, is_trial=self._depth > 0)

    def apply(self, action: Action) -> tuple[Entry, ...]:
        """Carry out one action, one second later; the operators write their books.

        In a folder, what was accepted is safe on the disk when this returns.

        Raises:
            LedgerError, UnknownRegistry: refused; clock and books are as before.
            StoreError: it cannot be written down. If the chain could not, nothing has happened;
                if only books or mirror could not, they are written at the next step.
        """
        self.archive.check_writable()
        if self._depth or self.archive.folder is None:
            return self._accept([action])[0]
        with self.all_or_nothing():
            return self._accept([action])[0]

    def apply_many(
        self, actions: Iterable[Action], *, per_block: int = PER_BLOCK
    ) -> tuple[tuple[Entry, ...], ...]:
        """Carry out actions, each one second after the one before, or none; saved in one piece.

        They become the same entries as one by one: only blocks are larger. What must be alone in
        its block is (`registry.ledger.interface.ALONE`).

        Args:
            actions: Taken block by block; they may depend on what became of earlier blocks.
            per_block: Most actions in a block, from 1 on; how many fit depends on the chain.

        Returns:
            The entries of each action, in the order of the actions.

        Raises:
            LedgerError, UnknownRegistry: one was refused, and `index` says which; all is as before.
            WorldError, StoreError: `per_block` is no such number; as for `apply`.
        """
        self.archive.check_writable()
        if type(per_block) is not int or per_block < 1:
            raise WorldError(f"actions in a block {shown(per_block)}: expected an int from 1 on")
        made: list[tuple[Entry, ...]] = []
        with marks.quiet(), self.all_or_nothing():
            for block in blocks_of(actions, per_block):
                try:
                    made += self._accept(block)
                except RegistryError as refusal:
                    if len(block) == 1 or refusal.index is not None:
                        refusal.index = len(made) + (refusal.index or 0)
                    raise
        return tuple(made)

    def _accept(self, actions: Sequence[Action]) -> tuple[tuple[Entry, ...], ...]:
        if isinstance(actions[0], OpenRegistry):
            opening.chain_number(actions[0].chain, self.chains)
        if self.engine != "model":
            # Whoever sends to the chain without us moves its clock.
            self.now_s = max(self.now_s, self._chain.last_s())
        entries = self.ledger.apply_many(actions, self.now_s + 1)
        self.now_s += len(actions)
        self._learn()
        return entries

    def _learn(self, *, is_kept: bool = False) -> None:
        """Take in what was accepted since; `is_kept`: long ago, and the folder has its books."""
        self.knowledge.learn(self.ledger.entries, self.archive, is_kept=is_kept)

    def advance(
        self, *, days: int | None = None, until: str | date | datetime | None = None
    ) -> None:
        """Let time pass; a moment that has passed already changes nothing.

        Raises:
            WorldError: neither or both given, days that are no int from 0 on, or a moment after
                the year 9999.
        """
        self.now_s = opening.later(self.now_s, days, until)
        self.settle()

    def settle(self) -> None:
        """Write down what is not yet; every step does, outside of checkpoints.

        Raises:
            StoreError: it cannot be written, and waits for the next time.
        """
        if self._depth == 0 and not self.is_read_only:
            self._learn()
            self._save()
            self.archive.settle(self.ledger)

    @property
    def is_read_only(self) -> bool:
        """Whether the world was opened to be looked at only."""
        return self.archive.folder is not None and self.archive.folder.is_read_only

    def _save(self) -> None:
        self.archive.save(self.ledger, self.knowledge.memory, self.now_s)

    @contextmanager
    def checkpoint(self) -> Iterator[None]:
        """Try something and take it back: everything is restored on leaving, raised or not.

        Nothing of it is written into a folder; a mirror that is read meanwhile is one in memory.
        """
        mark = self._remember()
        try:
            yield
        finally:
            self._restore(mark)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Take back all of several actions if one of them is refused."""
        mark = self._remember()
        try:
            yield
            if self._depth == 1:
                self._save()
        except BaseException:
            self._restore(mark)
            raise
        self._depth -= 1
        self.ledger.forget(mark.ledger)
        self.knowledge.forget()
        if self._depth == 0:
            self.archive.settle(self.ledger)

    def _remember(self) -> Mark:
        if self._depth == 0 and not self.is_read_only:
            # What was taken back under our feet cannot be unlearned once there is a mark.
            self._learn()
        mark = marks.remember(self)
        self._depth += 1
        return mark

    def _restore(self, mark: Mark) -> None:
        self._depth -= 1
        marks.restore(self, mark)
