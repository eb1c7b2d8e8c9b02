"""What a world knows of its own entries: numbers in use, scopes, documents of projects.

All but the documents is folded from the entries.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from typing import Any, TypeVar

from registry.errors import InvariantBroken, UnknownBatch
from registry.kept.channels import Channels
from registry.records.entry import Entry, Kind
from registry.records.identity import number_of
from registry.records.result import Project

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_ABSENT = object()

Documents = dict[int, dict[str, object]]
"""A project's document by version, ascending; without versions that a ledger was told directly."""


class Index:
    """Next free numbers, and what a registry's records are called.

    While a mark is open, what is replaced is written down, so that returning to the mark costs
    what came after it and not the whole history.

    Attributes:
        projects: (registry, number) -> the project as it is now, and its documents.
        verifiers: (registry, name) of the accredited ones.
        retirements: (registry, id) -> the entry that made a retirement final.
        cancellations: (registry, id) -> the entry of a cancellation.
        requests: (registry, id) -> the entry that asked for a retirement.
        channels: What was sent to other registries, and what came from them.
    """

    def __init__(self) -> None:
        self.projects: dict[tuple[str, int], tuple[Project, Documents]] = {}
        self.verifiers: dict[tuple[str, str], bool] = {}
        self.retirements: dict[tuple[str, int], Entry] = {}
        self.cancellations: dict[tuple[str, int], Entry] = {}
        self.requests: dict[tuple[str, int], Entry] = {}
        self._projects: dict[str, int] = {}
        self._versions: dict[tuple[str, int], int] = {}
        self._batches: dict[tuple[str, int], int] = {}
        self._scopes: dict[tuple[str, int], str] = {}
        self._starts: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        self._used: dict[tuple[str, int], bool] = {}
        self._ids: dict[str, int] = {}
        self._verifications: dict[tuple[str, int], int] = {}
        self._journal: list[tuple[dict[Any, Any], Any, Any]] = []
        self._marks = 0
        self.channels = Channels(self._put)

    def clear(self) -> None:
        """Know nothing any more; only where no mark is open."""
        if self._marks:
            raise InvariantBroken("an index with open marks cannot be cleared")
        for table in (*vars(self).values(), *vars(self.channels).values()):
            if isinstance(table, dict):
                table.clear()

    def _put(self, table: dict[K, V], key: K, value: V) -> None:
        if self._marks:
            self._journal.append((table, key, table.get(key, _ABSENT)))
        table[key] = value

    def mark(self) -> int:
        """Mark the present state; each mark is given up by `back_to` or `forget`, last first."""
        self._marks += 1
        return len(self._journal)

    def back_to(self, mark: int) -> None:
        """Return to the last mark, and give it up."""
        while len(self._journal) > mark:
            table, key, old = self._journal.pop()
            if old is _ABSENT:
                del table[key]
            else:
                table[key] = old
        self._marks -= 1

    def forget(self) -> None:
        """Give the last mark up, and keep the state."""
        self._marks -= 1
        if not self._marks:
            self._journal.clear()

    def keep(self, project: Project, documents: Documents) -> None:
        """Remember a project as it is now."""
        self._put(self.projects, (project.registry, project.number), (project, documents))

    def documents(self, registry: str, number: int) -> Documents:
        """Return a project's documents by version; none where it is unknown."""
        known = self.projects.get((registry, number))
        return {} if known is None else known[1]

    def fold(self, entry: Entry) -> None:
        """Learn one more entry."""
        if entry.id is not None:
            self._put(self._used, (entry.registry, entry.id), True)
            if entry.kind in {Kind.RETIRED, Kind.RETIREMENT_FINALISED}:
                self._put(self.retirements, (entry.registry, entry.id), entry)
            elif entry.kind is Kind.CANCELLED:
                self._put(self.cancellations, (entry.registry, entry.id), entry)
            elif entry.kind is Kind.RETIREMENT_REQUESTED:
                self._put(self.requests, (entry.registry, entry.id), entry)
        elif entry.kind is Kind.VERIFIER_ACCREDITED and entry.account:
            self._put(self.verifiers, (entry.registry, entry.account), True)
        if entry.kind is Kind.IMPORTED and entry.batch is not None:
            self._put(self._scopes, (entry.registry, entry.batch), entry.scope or "")
        scope = self._scopes.get((entry.registry, entry.batch or 0), entry.scope or "")
        self.channels.fold(entry, scope)
        if entry.project is None:
            return
        place = (entry.registry, entry.project)
        if entry.kind is Kind.STATEMENT_RECORDED:
            self._put(self._verifications, place, self._verifications.get(place, 0) + 1)
        elif entry.version is not None:
            highest = max(self._projects.get(entry.registry, 0), entry.project)
            self._put(self._projects, entry.registry, highest)
            self._put(self._versions, place, entry.version)
        elif entry.batch is not None and entry.scope is not None:
            number = max(self._batches.get(place, 0), number_of(entry.batch))
            self._put(self._batches, place, number)
            self._put(self._scopes, (entry.registry, entry.batch), entry.scope)
            end_g = max(self._starts.get(entry.scope, 0), entry.intervals[0].end_g)
            self._put(self._starts, entry.scope, end_g)
            end_g = max(self._ends.get(entry.registry, 0), entry.intervals[0].end_g)
            self._put(self._ends, entry.registry, end_g)

    def next_project(self, registry: str) -> int:
        """Return the lowest number above all of the registry's projects."""
        return self._projects.get(registry, 0) + 1

    def next_version(self, registry: str, project: int) -> int:
        """Return the version that the next document of a project gets."""
        return self._versions.get((registry, project), 0) + 1

    def next_batch(self, registry: str, project: int) -> int:
        """Return the next batch number of a project."""
        return self._batches.get((registry, project), 0) + 1

    def next_start(self, scope: str) -> int:
        """Return the first gram of a scope that no batch has."""
        return self._starts.get(scope, 0)

    def next_start_at(self, registry: str) -> int:
        """Return the first gram after all that a registry has issued, in whatever scope."""
        return self._ends.get(registry, 0)

    def next_id(self, registry: str) -> int:
        """Return the lowest id that the registry has not used.

        Holders choose ids, too, as high as they like; the lowest free one is always in reach.
        """
        id = self._ids.get(registry, 0) + 1
        while (registry, id) in self._used:
            id += 1
        self._put(self._ids, registry, id - 1)
        return id

    def next_ids(self, registry: str, count: int) -> tuple[int, ...]:
        """Return the `count` lowest ids that the registry has not used, ascending."""
        free = itertools.count(self.next_id(registry))
        unused = (id for id in free if (registry, id) not in self._used)
        return tuple(itertools.islice(unused, count))

    def verifications(self, registry: str, project: int) -> int:
        """Return how many verifiers' statements a project has."""
        return self._verifications.get((registry, project), 0)

    def scope(self, registry: str, batch: int) -> str:
        """Return the serial prefix of a batch. Raises UnknownBatch."""
        if (registry, batch) not in self._scopes:
            raise UnknownBatch(batch)
        return self._scopes[registry, batch]
