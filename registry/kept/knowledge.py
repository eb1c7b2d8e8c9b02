"""What a world has learned from its ledger: the one place where entries are taken in, in order.

Entries come from whoever acted: a script through the world, a holder through the chain. When a
reorganisation takes entries back, what was learned from them is unlearned, and the books give up
the lines that recorded them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from registry.kept.archive import Archive
from registry.kept.declarations import Declarations
from registry.kept.index import Index
from registry.kept.memory import Memory
from registry.kept.roster import Mark as RosterMark
from registry.kept.roster import Roster
from registry.operators.profiles import Mode, Profile, profile_of
from registry.records.entry import Entry, Kind
from registry.records.identity import PLATFORM
from registry.records.result import Project


class Mark(NamedTuple):
    """How much was known."""

    learned: int
    numbers: int
    names: RosterMark
    declared: int


class Knowledge:
    """Numbers, names and documents, as the entries so far say.

    Attributes:
        index: Numbers in use, scopes, projects and their documents.
        roster: Registries and accounts.
        memory: What no entry says.
        asked: Registry's name -> how it is to work, where it is being opened.
    """

    def __init__(self, rng: random.Random) -> None:
        self.index = Index()
        self.roster = Roster()
        self.memory = Memory(rng)
        self.asked: dict[str, Profile] = {}
        self._learned: list[Entry] = []

    def learn(self, entries: Sequence[Entry], archive: Archive, *, is_kept: bool = False) -> None:
        """Take in the entries that are new, and tell the operators.

        Args:
            entries: All of the ledger's.
            archive: Has a book for every registry, or opens one.
            is_kept: All was accepted before, and the archive's folder has the books.
        """
        learned = self._learned
        # An entry that the ledger gave up and accepted again is equal, and another one.
        count = len(learned)
        if len(entries) < count or (learned and entries[count - 1] is not learned[-1]):
            self._take_back(entries, archive)
        for entry in entries[len(self._learned) :]:
            self._learn_one(entry, archive, is_kept=is_kept)
        archive.tell(entries)

    def _take_back(self, entries: Sequence[Entry], archive: Archive) -> None:
        """Unlearn what the ledger does not have any more."""
        learned = self._learned
        common = min(len(entries), len(learned))
        while common and entries[common - 1] is not learned[common - 1]:
            common -= 1
        self.index.clear()
        self.roster.clear()
        archive.take_back(learned[:common])
        self._learned = []
        for entry in learned[:common]:
            self._learn_one(entry, archive, is_kept=True)

    def _learn_one(self, entry: Entry, archive: Archive, *, is_kept: bool) -> None:
        self._learned.append(entry)
        self.roster.learn(entry)
        if entry.kind is Kind.REGISTRY_OPENED:
            # A kept book knows its lag; one that is opened behind our back has the usual.
            mode: Mode = "native" if entry.text == "native" else "mirrored"
            profile = self.asked.pop(entry.registry, None) or self._profile(entry.registry)
            book = archive.books.get(entry.registry)
            if book is None:
                book = archive.open_book(profile, is_kept=is_kept)
            opened = {"mode": mode, "lag_s": book.lag_s, "chain": entry.chain or 1}
            self.roster.profiles[entry.registry] = profile.model_copy(update=opened)
        elif entry.registry != PLATFORM:
            self.index.fold(entry)
            known = self.memory.project(entry, self.index) if is_kept else None
            if known is not None:
                self.index.keep(*known)

    def _profile(self, registry: str) -> Profile:
        """Return the profile of a registry that was opened earlier, or behind our back."""
        given = [known for known in self.declarations.of(Profile) if known.name == registry]
        return given[-1] if given else profile_of(registry)

    @property
    def declarations(self) -> Declarations:
        """What was declared by Parties, operators and beneficiaries."""
        return self.memory.declarations

    def keep(self, project: Project, document: dict[str, object]) -> None:
        """Remember a project as it is now, with this version of its document."""
        known = self.index.documents(project.registry, project.number)
        self.index.keep(project, {**known, project.version: document})
        self.memory.note(project, document)

    def mark(self) -> Mark:
        """Remember how much is known, to return to; given up by `back_to` or `forget`."""
        declared = len(self.declarations)
        return Mark(len(self._learned), self.index.mark(), self.roster.mark(), declared)

    def back_to(self, mark: Mark) -> None:
        """Forget what was learned since."""
        del self._learned[mark.learned :]
        self.index.back_to(mark.numbers)
        self.roster.back_to(mark.names)
        self.declarations.back_to(mark.declared)

    def forget(self) -> None:
        """Give the last mark up."""
        self.index.forget()
