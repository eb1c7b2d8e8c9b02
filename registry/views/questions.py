"""What a world can be asked about all its registries at once; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pyarrow as pa

from registry.errors import IdentifierError, UnknownBatch, UnknownStatement, shown
from registry.kept import opening
from registry.ledger.fold import is_conserved
from registry.operators.numbering import describe_or_measure
from registry.records import result as res
from registry.records.coordinates import Coordinates
from registry.records.entry import Entry
from registry.records.finding import Finding
from registry.records.identity import check_name, check_text, project_of
from registry.views.asked import Asked
from registry.views.evidence import findings_of, hash_of, tables_of
from registry.views.tracing import Trace, trace

if TYPE_CHECKING:
    from registry.world import World


class Questions:
    """The questions of a `registry.world.World`."""

    @property
    def _world(self) -> World:
        return cast("World", self)

    def entries(self) -> Sequence[Entry]:
        """Return every accepted fact, ascending by seq from 1."""
        return tuple(self._world.ledger.entries)

    def batch(self, registry: str, batch: int) -> res.Batch:
        """Return a batch that was issued or imported, by its token id. Raises UnknownBatch."""
        world = self._world
        if type(batch) is not int:
            raise IdentifierError(batch, "batch", "expected a token id")
        made = world.index.channels.issued.get((check_name("registry", registry), batch))
        if made is None:
            raise UnknownBatch(batch)
        lot = world.index.channels.lots.get((registry, batch))
        scope = world.index.scope(registry, batch)
        is_stated = (registry, made.statement or "") in world.index.channels.statements
        return res.Batch(
            registry=registry,
            batch=batch,
            amount_g=made.amount_g or 0,
            project=project_of(batch),
            vintage=made.vintage or 0,
            holder=made.account or "",
            scope=scope,
            interval=made.intervals[0],
            serials=describe_or_measure(scope, made.intervals),
            statement=self.statement(registry, made.statement or "") if is_stated else None,
            home=None if lot is None else lot.home,
            export=None if lot is None else lot.export,
        )

    def statement(self, registry: str, id: str) -> res.Statement:
        """Return a verifier's statement by its id. Raises UnknownStatement."""
        statements = self._world.index.channels.statements
        if not isinstance(id, str):
            raise IdentifierError(id, "statement", "expected its id, as text")
        found = statements.get((check_name("registry", registry), id))
        if found is None or found.project is None or found.period is None:
            raise UnknownStatement(id)
        of_project = [
            entry.statement
            for (name, _), entry in statements.items()
            if (name, entry.project) == (registry, found.project)
        ]
        return res.Statement(
            registry=registry,
            id=id,
            project=found.project,
            period=found.period,
            amount_g=found.amount_g or 0,
            verifier=found.account or "",
            report=found.report or "",
            ordinal=of_project.index(id) + 1,
        )

    def trace(self, asked: Asked, scope: str | None = None) -> Trace:
        """Follow serials through all registries, from their project's document to certificates.

        Args:
            asked: A text that any step's `serials` print, with fractions of a tonne or without; a
                record that a step returned and that has serials, such as a batch, a retirement or
                a lock; or an interval of grams. A scope as text is all that is counted in it, and
                public registries' own spellings are read too.
            scope: The serial prefix that an interval is in. Of a text, only where registries of
                this world print alike.

        Raises:
            AmbiguousSerial: a text that two registries of the world print, without its scope.
            IdentifierError: no serial, or one that was never issued in this world.
        """
        return trace(self._world, asked, scope)

    def gas_of(self, entries: Sequence[Entry]) -> int | None:
        """Return the gas of the transactions that made these entries; None without a chain."""
        places: Sequence[Coordinates] = getattr(self._world.ledger, "coordinates", ())
        if not places:
            return None
        seen = {places[entry.seq - 1].tx_hash: places[entry.seq - 1] for entry in entries}
        return sum(place.gas_used for place in seen.values())

    def tables(self, as_of_s: int | None = None) -> dict[str, pa.Table]:
        """Return ledger, mirror and books as the Arrow tables that an audit reads.

        A world in memory has a mirror once it was asked for it.

        Args:
            as_of_s: Leave out what an operator wrote down later.
        """
        if as_of_s is not None and type(as_of_s) is not int:
            raise opening.WorldError(f"as of {shown(as_of_s)}: expected seconds as an int")
        if not self._world.is_read_only:
            self._world._learn()
        return tables_of(self._world, as_of_s)

    def addresses(self) -> dict[str, str]:
        """Return the address of every account."""
        return {
            name: "0x" + self._world._keys.address(name).hex()
            for name in self._world.knowledge.roster.accounts
        }

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
        return findings_of(
            self._world, None if as_of is None else opening.moment(as_of), rules, rules_dir
        )

    def is_conserved(self) -> bool:
        """Say whether every batch's totals are the sum of its entries, and C1 and C4 hold."""
        return is_conserved(self._world.ledger, self._world.ledger.entries)

    def run_hash(self, scenario: str = "", findings: Sequence[Finding] | None = None) -> str:
        """Hash what happened: equal on every engine for the same version, scenario and seed (C7).

        Args:
            scenario: Name of what was run.
            findings: Of an audit made already; audited now if absent.
        """
        found = self.audit() if findings is None else findings
        if not isinstance(found, Sequence) or not all(isinstance(f, Finding) for f in found):
            raise opening.WorldError(f"findings {shown(findings)}: expected what `audit` returned")
        return hash_of(self._world, check_text("scenario", scenario), found)
