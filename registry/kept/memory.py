"""What a world remembers beside its ledger: documents, declarations, and the state of chance.

None of it can be made again from the chain, so it is saved with it, in one piece.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from registry.books.documents import document_of, document_text
from registry.errors import StoreDamaged
from registry.kept.declarations import Declarations
from registry.kept.index import Documents, Index
from registry.records.entry import Entry
from registry.records.project import DocumentTree
from registry.records.result import Project

_LEDGER, _DOCUMENT, _CHANCE, _DECLARED = b"l", b"d", b"r", b"s"


class Memory:
    """The part of a world's saved state that is not its ledger's.

    Args:
        rng: The world's; its state is saved when it has changed, and set when it is recalled.

    Attributes:
        declarations: Of Parties, operators and beneficiaries.
    """

    def __init__(self, rng: random.Random) -> None:
        self.declarations = Declarations()
        self._rng = rng
        self._chance: tuple[Any, ...] = rng.getstate()
        self._handed_chance = self._chance
        self._unsaved: list[tuple[str, int, int]] = []
        self._handed: set[tuple[str, int, int]] = set()
        self._documents: dict[tuple[str, int, int], str] = {}

    def note(self, project: Project, document: Mapping[str, object]) -> None:
        """Remember a project's newest document, and to save it."""
        place = (project.registry, project.number, project.version)
        self._documents[place] = document_text(document)
        self._unsaved.append(place)

    @staticmethod
    def ledgers(changes: Mapping[bytes, bytes | None]) -> dict[bytes, bytes | None]:
        """Return a ledger's changes under the keys by which they are recalled."""
        return {_LEDGER + key: value for key, value in changes.items()}

    def changes(self, index: Index) -> dict[bytes, bytes | None]:
        """Return what must be saved now beside the ledger's changes.

        Until `saved` is called nothing is taken for saved.
        """
        found: dict[bytes, bytes | None] = {}
        for place in self._unsaved:
            registry, number, version = place
            documents = index.documents(registry, number)
            key = _DOCUMENT + json.dumps(place).encode()
            if version in documents:
                found[key] = document_text(documents[version]).encode()
                self._handed.add(place)
            elif place in self._handed:
                # It was taken back because it could not be saved, and must not be saved later.
                found[key] = None
        for at, value in self.declarations.changes().items():
            found[_DECLARED + at] = value
        self._handed_chance = self._rng.getstate()
        if self._handed_chance != self._chance:
            found[_CHANCE] = json.dumps(self._handed_chance).encode()
        return found

    def saved(self) -> None:
        """Learn that all that `changes` returned is safe."""
        self._unsaved.clear()
        self._handed.clear()
        self.declarations.saved()
        self._chance = self._handed_chance

    def recall(self, pairs: Mapping[bytes, bytes], name: str) -> dict[bytes, bytes]:
        """Take what is ours from a saved state, and return what is the ledger's.

        Args:
            name: The store, for messages.

        Raises:
            StoreDamaged: something there that was never saved.
        """
        found: dict[bytes, bytes] = {}
        declared: dict[bytes, bytes] = {}
        try:
            for key, value in pairs.items():
                if key[:1] == _LEDGER:
                    found[key[1:]] = value
                elif key[:1] == _DOCUMENT:
                    registry, number, version = json.loads(key[1:])
                    self._documents[registry, number, version] = value.decode()
                elif key[:1] == _DECLARED:
                    declared[key[1:]] = value
                else:
                    version, words, gauss = json.loads(value)
                    self._rng.setstate((version, tuple(words), gauss))
            self.declarations.recall(declared)
        except (ValueError, TypeError) as error:
            problem = f"it holds a state that was never saved ({error})"
            raise StoreDamaged(name, problem, "restore it from a copy") from error
        self._chance = self._rng.getstate()
        return found

    def project(self, entry: Entry, index: Index) -> tuple[Project, Documents] | None:
        """Return a project as it was when a version of its document was filed.

        Args:
            entry: It put that version's root on the ledger.
            index: Knows the documents of earlier versions.

        Returns:
            The project and its documents so far; None where the entry is of another kind, or the
            document was never filed here.
        """
        if entry.project is None or entry.version is None:
            return None
        text = self._documents.get((entry.registry, entry.project, entry.version))
        if text is None:
            return None
        document = document_of(text)
        if DocumentTree(document).root != entry.root:
            return None
        project = Project(
            registry=entry.registry,
            number=entry.project,
            name=str(document["name"]),
            country=None if document["country"] is None else str(document["country"]),
            developer=str(document["developer"]),
            version=entry.version,
            root=entry.root or "",
        )
        known = index.documents(entry.registry, entry.project)
        return project, {**known, entry.version: document}
