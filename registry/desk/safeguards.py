"""The side of a registry that is about losses: its buffer, reversals, and what covers them.

A project puts part of its credits into the registry's buffer. When carbon that was credited is in
the air again, the operator cancels credits of the buffer for it; what the buffer lacks is the
deficit, which the developer has to replace.
"""

from __future__ import annotations

from registry import errors
from registry.desk.credits import CreditDesk
from registry.kept.declarations import declare, home_units, issued_units
from registry.operators.profiles import buffer_account
from registry.records import result as res
from registry.records.identity import check_text
from registry.records.reversal import Compensation, Contribution, Reversal
from registry.units import DAY_S, Tonnes, grams

REVERSAL_DAYS = 365
"""How long a reversal may wait to be covered, unless told otherwise. An assumption of ours."""


class SafeguardDesk(CreditDesk):
    """What a registry does about losses."""

    @property
    def buffer(self) -> str:
        """Account that holds the registry's buffer; opened by the first contribution."""
        return buffer_account(self.name)

    def contribute(self, batch: res.Batch, tonnes: Tonnes, holder: str) -> Contribution:
        """Put a holder's credits into the buffer."""
        with self._world.all_or_nothing():
            moved = self.transfer(batch, tonnes, holder, self.buffer)
            contribution = Contribution(
                registry=self.name,
                id=self._count(Contribution) + 1,
                batch=moved.batch,
                amount_g=moved.amount_g,
                holder=moved.source,
                buffer=self.buffer,
                at_s=self._world.now_s,
            )
            declare(self._world, contribution)
        return contribution

    def report_reversal(
        self,
        project: res.Project,
        tonnes: Tonnes,
        reason: str,
        deadline_days: int = REVERSAL_DAYS,
    ) -> Reversal:
        """Record that carbon which a project was credited for is in the air again.

        Args:
            deadline_days: How long it may take to cover it.

        Raises:
            AboveIssued: more than was issued for the project and not lost before; what is only
                expected was not issued.
        """
        number, amount_g = self._project(project)[0].number, grams(tonnes)
        if not amount_g:
            raise errors.AmountError(tonnes, "expected more than 0")
        if type(deadline_days) is not int or not 0 <= deadline_days <= 36_525:
            expected = "expected an int from 0 to 36525"
            raise errors.ActionError("Reversal", "deadline_days", deadline_days, expected)
        issued_g = sum(
            units.interval.amount_g
            for units in issued_units(self._world)
            if (units.registry, units.project) == (self.name, number)
        )
        before = self._reversals()
        lost_g = sum(loss.amount_g for loss in before if loss.project == number)
        if lost_g + amount_g > issued_g:
            raise errors.AboveIssued(number, issued_g, lost_g, amount_g)
        reversal = Reversal(
            registry=self.name,
            id=len(before) + 1,
            project=number,
            amount_g=amount_g,
            reason=check_text("reason", reason),
            at_s=self._world.now_s,
            deadline_s=self._world.now_s + deadline_days * DAY_S,
        )
        declare(self._world, reversal)
        return reversal

    def compensate(self, reversal: Reversal, batch: res.Batch, tonnes: Tonnes) -> Compensation:
        """Cover a reversal, or part of it, with credits of the buffer, which are cancelled.

        Raises:
            AboveLoss: more than is left to cover.
            InsufficientCredits: the buffer has less of this batch; what no batch of it covers is
                the deficit, see `replace`.
        """
        return self._cover(reversal, batch, tonnes, self.buffer, is_replacement=False)

    def replace(
        self, reversal: Reversal, batch: res.Batch, tonnes: Tonnes, holder: str
    ) -> Compensation:
        """Cover a reversal, or part of it, with a holder's credits, which are cancelled.

        Raises:
            AboveLoss: more than is left to cover.
        """
        return self._cover(reversal, batch, tonnes, holder, is_replacement=True)

    def deficit(self, reversal: Reversal) -> int:
        """Return how much of a reversal is not covered, in grams."""
        known = self._known(reversal)
        covered_g = sum(
            done.amount_g
            for done in self._world.knowledge.declarations.of(Compensation)
            if (done.registry, done.reversal) == (self.name, known.id)
        )
        return known.amount_g - covered_g

    def _cover(
        self,
        reversal: Reversal,
        batch: res.Batch,
        tonnes: Tonnes,
        holder: str,
        *,
        is_replacement: bool,
    ) -> Compensation:
        known, amount_g = self._known(reversal), grams(tonnes)
        if amount_g > self.deficit(known):
            raise errors.AboveLoss(known.id, self.deficit(known), amount_g)
        with self._world.all_or_nothing():
            gone = self.cancel(batch, tonnes, holder, f"reversal {known.id}")
            units = home_units(self._world, self.name, gone.batch, gone.intervals)
            compensation = Compensation(
                registry=self.name,
                id=self._count(Compensation) + 1,
                reversal=known.id,
                is_replacement=is_replacement,
                cancellation=gone.id,
                batch=gone.batch,
                holder=gone.holder,
                home=units[0].registry,
                scope=units[0].scope,
                intervals=gone.intervals,
                at_s=self._world.now_s,
            )
            declare(self._world, compensation)
        return compensation

    def _known(self, reversal: Reversal) -> Reversal:
        if not isinstance(reversal, Reversal):
            expected = "expected what `report_reversal` returned"
            raise errors.IdentifierError(reversal, "record", expected)
        for known in self._reversals():
            if known.id == reversal.id and reversal.registry == self.name:
                return known
        raise errors.UnknownReversal(self.name, reversal.id)

    def _reversals(self) -> list[Reversal]:
        declared = self._world.knowledge.declarations.of(Reversal)
        return [reversal for reversal in declared if reversal.registry == self.name]

    def _count(self, kind: type[Contribution | Compensation]) -> int:
        declared = self._world.knowledge.declarations.of(kind)
        return sum(record.registry == self.name for record in declared)
