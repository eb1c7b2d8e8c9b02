"""What a world can be asked about all its registries at once; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pyarrow as pa

from registry import opening
from registry.evidence import findings_of, hash_of, tables_of
from registry.ledger.fold import is_conserved
from registry.records.entry import Entry
from registry.records.finding import Finding

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

    def tables(self, as_of_s: int | None = None) -> dict[str, pa.Table]:
        """Return ledger, mirror and books as the Arrow tables that an audit reads.

        A world in memory has a mirror once it was asked for it.

        Args:
            as_of_s: Leave out what an operator wrote down later.
        """
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
        return hash_of(self._world, scenario, self.audit() if findings is None else findings)
