"""The side of a registry that comes before credits: projects, their data, their verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from registry import errors
from registry.kept.index import Documents
from registry.operators.numbering import scope_for
from registry.operators.profiles import Profile
from registry.records import action as act
from registry.records import result as res
from registry.records.entry import Entry
from registry.records.identity import batch_id, check_name, check_text
from registry.records.project import (
    DocumentTree,
    Period,
    leaf_hash,
    period_days,
    report_hash,
)
from registry.units import Tonnes, grams

if TYPE_CHECKING:
    from registry.world import World


class ProjectDesk:
    """What a registry does about projects; `CreditDesk` adds what it does about credits.

    Attributes:
        name: The registry's name.
        profile: How it keeps its record.
    """

    def __init__(self, world: World, profile: Profile) -> None:
        self._world = world
        self.profile = profile
        self.name = profile.name

    def register_project(
        self,
        name: str,
        country: str | None,
        methodology: str,
        developer: str,
        *,
        number: int | None = None,
        **data: object,
    ) -> res.Project:
        """Register a project; its document goes into a Merkle tree whose root goes on the ledger.

        Args:
            country: Host country, ISO 3166-1 alpha-2; None where it is not known, and then
                batches need an explicit scope.
            developer: Its account is opened if it has none.
            number: The registry's project number; the next free one if absent.
            data: Whatever else belongs to the document: text, int, bool, Decimal, date, and
                mappings and lists of them.
        """
        name = _checked_name(name)
        developer = self._account(developer)
        document: dict[str, object] = {
            **data,
            "name": name,
            "country": country,
            "methodology": check_text("methodology", methodology),
            "developer": developer,
        }
        tree = DocumentTree(document)
        if number is None:
            number = self._world.index.next_project(self.name)
        batch_id(number, 1)
        if country is not None:
            scope_for(self.profile, country=country, project=number, verification=1, vintage=2000)
        project = res.Project(
            registry=self.name,
            number=number,
            name=name,
            country=country,
            developer=developer,
            version=1,
            root=tree.root,
        )
        action = act.RegisterProject(
            registry=self.name, project=number, developer=developer, root=tree.root
        )
        with self._world.all_or_nothing():
            self._world.account(developer)
            self._world.knowledge.keep(project, _own(document))
            self._do(action)
        return project

    def update_project(self, project: res.Project, **data: object) -> res.Project:
        """Add a version of a project's document with these data changed; earlier ones stay.

        Country and developer stay as registered: serials and the ledger carry them.
        """
        known, documents = self._project(project)
        for field in ("country", "developer"):
            if field in data:
                expected = "expected no change: it is fixed when the project is registered"
                raise errors.ActionError("UpdateProject", field, data[field], expected)
        name = _checked_name(data.get("name", known.name))
        document = {**documents[known.version], **data}
        tree = DocumentTree(document)
        version = self._world.index.next_version(self.name, known.number)
        changed = known.model_copy(update={"name": name, "version": version, "root": tree.root})
        action = act.UpdateProject(registry=self.name, project=known.number, root=tree.root)
        with self._world.all_or_nothing():
            self._world.knowledge.keep(changed, _own(document))
            self._do(action)
        return changed

    def prove(self, project: res.Project, datum: str) -> res.Proof:
        """Prove one datum of a project's document, such as "location/country".

        Returns:
            The proof, which the ledger has accepted; `accepts` checks one again.
        """
        known, documents = self._project(project)
        version = project.version if project.version in documents else known.version
        tree = DocumentTree(documents[version])
        siblings = tuple("0x" + sibling.hex() for sibling in tree.proof(datum))
        proof = res.Proof(path=datum, value=tree.leaves[datum], version=version, siblings=siblings)
        if not self.accepts(project, proof):
            raise errors.InvariantBroken(f"the ledger does not accept {datum} of {known}")
        return proof

    def accepts(self, project: res.Project, proof: res.Proof) -> bool:
        """Ask the ledger whether a proof holds; a tampered value or path does not."""
        known = self._project(project)[0]
        if not isinstance(proof, res.Proof):
            raise errors.IdentifierError(proof, "proof", "expected what `prove` returned")
        leaf = leaf_hash(proof.path, proof.value)
        siblings = [bytes.fromhex(sibling[2:]) for sibling in proof.siblings]
        return self._world.ledger.proves(self.name, known.number, proof.version, leaf, siblings)

    def verify(
        self,
        project: res.Project,
        period: Period,
        tonnes: Tonnes,
        verifier: str,
        report: str | bytes,
    ) -> res.Statement:
        """Record a verifier's signed statement of how much a project achieved in a period.

        Args:
            period: A year, "2024-01-01/2024-12-31", or two dates; both days inside.
            verifier: Accredited on first use; never the project's own developer.
            report: The report or its reference; serves one statement.
        """
        start, end = period_days(period)
        action = act.Verify(
            registry=self.name,
            project=self._project(project)[0].number,
            verifier=check_name("account", verifier),
            start=start,
            end=end,
            amount_g=grams(tonnes),
            report=report_hash(report),
        )
        with self._world.all_or_nothing():
            if (self.name, action.verifier) not in self._world.index.verifiers:
                self._do(act.Accredit(registry=self.name, verifier=action.verifier))
            entry = self._do(action)
        return res.Statement(
            registry=self.name,
            id=entry.statement or "",
            project=action.project,
            period=(start, end),
            amount_g=action.amount_g,
            verifier=action.verifier,
            report=action.report,
            ordinal=self._world.index.verifications(self.name, action.project),
        )

    def hold_book(self) -> None:
        """Let the operator write nothing; what happens meanwhile waits until `resume_book`."""
        self._world.books[self.name].hold()
        self._world.settle()

    def resume_book(self) -> None:
        """Let the operator write again, beginning with what has been waiting."""
        self._world.books[self.name].resume(self._world.now_s)
        self._world.settle()

    def _do(self, action: act.Action) -> Entry:
        entries = self._world.apply(action)
        # Only a verifier who is accredited already makes no entry, and that is not asked twice.
        return entries[0]

    def _next_batch(self, project: res.Project) -> int:
        return self._world.index.next_batch(self.name, project.number)

    def _next_start(self, scope: str) -> int:
        """Return the first free gram of a scope, or of the registry where it has one count."""
        if self.profile.serials.counter == "registry":
            return self._world.index.next_start_at(self.name)
        return self._world.index.next_start(scope)

    def _scope(
        self,
        project: res.Project,
        vintage: int,
        verification: int,
        *,
        buffer: bool = False,
        ex_ante: bool = False,
    ) -> str:
        """Write the scope of a project's next batch in the registry's own style."""
        if project.country is None:
            raise errors.IdentifierError(None, "country", f"{project} names none")
        return scope_for(
            self.profile,
            country=project.country,
            project=project.number,
            verification=verification,
            vintage=vintage,
            batch=self._next_batch(project),
            buffer=buffer,
            ex_ante=ex_ante,
        )

    @staticmethod
    def _account(name: str) -> str:
        return check_name("account", name)

    def _project(self, project: res.Project) -> tuple[res.Project, Documents]:
        if not isinstance(project, res.Project):
            expected = "expected what `register_project` returned"
            raise errors.IdentifierError(project, "project", expected)
        known = self._world.index.projects.get((self.name, project.number))
        if known is None or project.registry != self.name:
            raise errors.UnknownProject(project.number)
        return known


def _checked_name(name: object) -> str:
    checked = check_text("name", name)
    if not checked.strip():
        raise errors.TextError("name", name, "expected a text that is not blank")
    return checked


def _own(document: Mapping[str, object]) -> dict[str, object]:
    """Copy a document, so that whoever gave it cannot change it under its root."""
    return {name: _own_value(value) for name, value in document.items()}


def _own_value(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _own_value(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_own_value(inner) for inner in value]
    return value
