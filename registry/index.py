"""What a world knows of its own entries: numbers in use, scopes, documents of projects.

All but the documents is folded from the entries, so after a roll-back it is folded again.
"""

from __future__ import annotations

from collections.abc import Iterable

from registry.errors import UnknownBatch
from registry.records.entry import Entry, Kind
from registry.records.identity import number_of
from registry.records.project import DocumentTree
from registry.records.result import Project

Documents = dict[int, dict[str, object]]
"""A project's document by version, ascending; without versions that a ledger was told directly."""


class Index:
    """Next free numbers, and what a registry's records are called.

    Attributes:
        projects: (registry, number) -> the project as it is now, and its documents.
        verifiers: (registry, name) of the accredited ones.
    """

    def __init__(self) -> None:
        self.projects: dict[tuple[str, int], tuple[Project, Documents]] = {}
        self.verifiers: set[tuple[str, str]] = set()
        self._versions: dict[tuple[str, int], int] = {}
        self._projects: dict[str, int] = {}
        self._batches: dict[tuple[str, int], int] = {}
        self._scopes: dict[tuple[str, int], str] = {}
        self._starts: dict[str, int] = {}
        self._ids: dict[str, int] = {}
        self._verifications: dict[tuple[str, int], int] = {}

    def fold(self, entry: Entry) -> None:
        """Learn one more entry."""
        if entry.id is not None:
            self._ids[entry.registry] = max(self._ids.get(entry.registry, 0), entry.id)
        elif entry.kind is Kind.VERIFIER_ACCREDITED and entry.account:
            self.verifiers.add((entry.registry, entry.account))
        if entry.project is None:
            return
        place = (entry.registry, entry.project)
        if entry.kind is Kind.STATEMENT_RECORDED:
            self._verifications[place] = self._verifications.get(place, 0) + 1
        elif entry.version is not None:
            self._versions[place] = entry.version
            highest = max(self._projects.get(entry.registry, 0), entry.project)
            self._projects[entry.registry] = highest
        elif entry.batch is not None and entry.scope is not None:
            self._batches[place] = max(self._batches.get(place, 0), number_of(entry.batch))
            self._scopes[entry.registry, entry.batch] = entry.scope
            end_g = entry.intervals[0].end_g
            self._starts[entry.scope] = max(self._starts.get(entry.scope, 0), end_g)

    def refolded(self, entries: Iterable[Entry]) -> Index:
        """Return an index of `entries` alone, with the documents that they still speak of."""
        index = Index()
        for entry in entries:
            index.fold(entry)
        for place, (project, documents) in self.projects.items():
            last = index._versions.get(place, 0)
            kept = {version: each for version, each in documents.items() if version <= last}
            if len(kept) == len(documents):
                index.projects[place] = (project, documents)
            elif kept:
                version = max(kept)
                root = DocumentTree(kept[version]).root
                changed = project.model_copy(update={"version": version, "root": root})
                index.projects[place] = (changed, kept)
        return index

    def next_project(self, registry: str) -> int:
        """Return the lowest number above all of the registry's projects."""
        return self._projects.get(registry, 0) + 1

    def next_batch(self, registry: str, project: int) -> int:
        """Return the next batch number of a project."""
        return self._batches.get((registry, project), 0) + 1

    def next_start(self, scope: str) -> int:
        """Return the first gram of a scope that no batch has."""
        return self._starts.get(scope, 0)

    def next_id(self, registry: str) -> int:
        """Return an id that the registry has not used."""
        return self._ids.get(registry, 0) + 1

    def verifications(self, registry: str, project: int) -> int:
        """Return how many verifiers' statements a project has."""
        return self._verifications.get((registry, project), 0)

    def scope(self, registry: str, batch: int) -> str:
        """Return the serial prefix of a batch. Raises UnknownBatch."""
        if (registry, batch) not in self._scopes:
            raise UnknownBatch(batch)
        return self._scopes[registry, batch]
