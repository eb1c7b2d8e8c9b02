"""The side of a registry in which registries differ: what its operator does as its profile says.

Expected credits and what becomes of them, retirement in kilograms, eligibility for uses, buffer
credits, a regulator's approval, certificates. What the profile does not allow the operator refuses
before the ledger is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from registry import errors
from registry.desk.credits import CreditDesk
from registry.kept.declarations import declare, home_units
from registry.operators.numbering import check_scope
from registry.operators.profiles import Form, buffer_account, conversion_account
from registry.operators.subjects import subject_of, with_subject
from registry.records import action as act
from registry.records import result as res
from registry.records.base import Record
from registry.records.claim import Claim
from registry.records.eligibility import Eligibility
from registry.records.entry import Entry
from registry.records.identity import NO_STATEMENT, check_text, ex_ante_id, is_ex_ante
from registry.units import (
    AMOUNT_MAX_G,
    Kilograms,
    Tonnes,
    grams,
    grams_of_kilograms,
    in_proportion,
    tonnes,
    tonnes_text,
)

REPLACED = "converted"
OVER_ESTIMATED = "over-estimated"
"""Why expected credits are cancelled: verified ones took their place, or there were fewer."""


class Conversion(Record):
    """Expected credits that became verified ones.

    Attributes:
        expected: Token id of the expected batch.
        verified: The batch that took its place.
        cancellations: Of the expected credits, holder by holder.
        shares: Account and grams of the verified batch, in the order in which accounts were
            opened; the last one may be who got what nobody expected.
    """

    registry: str
    expected: int
    verified: res.Batch
    cancellations: tuple[res.Cancellation, ...]
    shares: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        """Say what took the place of what."""
        given = ", ".join(f"{tonnes_text(amount_g)} t to {name}" for name, amount_g in self.shares)
        return f"{self.verified} in place of expected credits: {given}"


class OperatorDesk(CreditDesk):
    """What a registry does as its profile says."""

    def issue(
        self,
        project: res.Project,
        vintage: int,
        tonnes: Tonnes,
        to: str,
        statement: res.Statement | None = None,
        *,
        scope: str | None = None,
        buffer: bool = False,
    ) -> res.Batch:
        """Issue a batch; see `CreditDesk.issue`.

        Where the registry's regulator approves issues, the batch is frozen until `approve`.
        """
        with self._world.all_or_nothing():
            batch = super().issue(
                project, vintage, tonnes, to, statement, scope=scope, buffer=buffer
            )
            if self.profile.approves_issues:
                self._freeze_all(batch, batch.holder)
        return batch

    def issue_buffer(
        self,
        project: res.Project,
        vintage: int,
        tonnes: Tonnes,
        statement: res.Statement | None = None,
    ) -> res.Batch:
        """Issue a batch into the registry's buffer, with its mark in the serials.

        Raises:
            NotOffered: the registry has no buffer.
        """
        if self.profile.buffer_mark is None:
            raise errors.NotOffered(self.name, "buffer credits")
        to = buffer_account(self.name)
        return self.issue(project, vintage, tonnes, to, statement, buffer=True)

    # Expected credits.

    def issue_ex_ante(
        self,
        project: res.Project,
        vintage: int,
        tonnes: Tonnes,
        to: str,
        *,
        scope: str | None = None,
    ) -> res.Batch:
        """Issue credits that are expected, not verified; nobody can retire them.

        Args:
            to: Account that gets them, opened if it has none.
            scope: Serial prefix; by default in the registry's own style for expected credits.

        Raises:
            NotOffered: the registry issues no such credits.
        """
        self._expected_form()
        known = self._project(project)[0]
        amount_g = grams(tonnes)
        with self._world.all_or_nothing():
            self._world.account(to)
            if scope is None:
                scope = self._scope(known, vintage, 1, ex_ante=True)
            check_scope(scope, self.profile, ex_ante=True)
            order = act.IssueOrder(
                batch=ex_ante_id(known.number, self._next_batch(known)),
                to=self._account(to),
                amount_g=amount_g,
                start_g=self._next_start(scope),
                vintage=vintage,
                statement=NO_STATEMENT,
                scope=scope,
            )
            return self._issued(order, None)

    def convert(
        self,
        batch: res.Batch,
        tonnes: Tonnes,
        statement: res.Statement | None = None,
        *,
        keep_rest: bool = False,
        surplus_to: str | None = None,
    ) -> Conversion:
        """Put verified credits in the place of expected ones, all or nothing.

        What holders have of the expected batch is cancelled first, so that no tonne is there
        twice; then verified credits go to the same holders, in proportion, to the gram. Locked
        ones are not held by anybody and stay.

        Args:
            batch: What `issue_ex_ante` returned.
            tonnes: Verified.
            statement: The verifier's, to draw on; as for `issue`.
            keep_rest: Leave expected credits standing for which none were verified; they are
                cancelled as over-estimated otherwise.
            surplus_to: Who gets what was verified beyond what was expected; the developer if
                absent.

        Raises:
            AmountError: nothing was verified, or nobody holds expected credits.
            LedgerError: a holder's credits are pledged or frozen, its account is closed, or the
                issue is refused; nothing has happened.
        """
        self._expected_form()
        if not is_ex_ante(self._batch(batch)):
            expected = "expected what `issue_ex_ante` returned"
            raise errors.IdentifierError(batch.batch, "batch", expected)
        amount_g = grams(tonnes)
        held = self._holders(batch)
        expected_g = sum(balance_g for _, balance_g in held)
        if not amount_g or not expected_g:
            raise errors.AmountError(tonnes, "expected more than 0, for credits that are held")
        shared_g = min(amount_g, expected_g)
        parts = in_proportion(shared_g, [balance_g for _, balance_g in held])
        shares = [(name, part) for (name, _), part in zip(held, parts, strict=True) if part]
        project = self._world.index.projects[self.name, batch.project][0]
        surplus = self._account(project.developer if surplus_to is None else surplus_to)
        if amount_g > shared_g:
            shares.append((surplus, amount_g - shared_g))
        middle = conversion_account(self.name)
        with self._world.all_or_nothing():
            gone = [
                self._cancel(batch, grams_, name, reason)
                for (name, balance_g), part in zip(held, parts, strict=True)
                for grams_, reason in ((part, REPLACED), (balance_g - part, OVER_ESTIMATED))
                if grams_ and not (keep_rest and reason == OVER_ESTIMATED)
            ]
            verified = super().issue(project, batch.vintage, tonnes, middle, statement)
            self._hand_out(verified, middle, shares)
        return Conversion(
            registry=self.name,
            expected=batch.batch,
            verified=verified,
            cancellations=tuple(gone),
            shares=tuple(shares),
        )

    def _hand_out(self, batch: res.Batch, source: str, shares: Sequence[tuple[str, int]]) -> None:
        for name, _ in shares:
            self._world.account(name)
        orders = [
            act.TransferOrder(batch=batch.batch, to=name, amount_g=amount_g)
            for name, amount_g in shares
        ]
        for at in range(0, len(orders), act.ORDERS_MAX):
            some = tuple(orders[at : at + act.ORDERS_MAX])
            self._do(act.Transfer(registry=self.name, by=source, orders=some))
        if self.profile.approves_issues:
            for name in dict(shares):
                self._freeze_all(batch, name)

    def _cancel(
        self, batch: res.Batch, amount_g: int, holder: str, reason: str
    ) -> res.Cancellation:
        return self.cancel(batch, tonnes(amount_g), holder, reason)

    def _holders(self, batch: res.Batch) -> list[tuple[str, int]]:
        """Return who holds credits of a batch, and how many grams, as accounts were opened."""
        ledger, id = self._world.ledger, self._batch(batch)
        names = self._world.knowledge.roster.accounts
        held = ((name, ledger.holding(self.name, id, name).balance_g) for name in names)
        return [(name, balance_g) for name, balance_g in held if balance_g]

    def _expected_form(self) -> Form:
        if self.profile.forms.ex_ante is None:
            raise errors.NotOffered(self.name, "expected (ex-ante) credits")
        return self.profile.forms.ex_ante

    # Retirement.

    def retire(
        self,
        batch: res.Batch,
        tonnes: Tonnes,
        holder: str,
        beneficiary: str,
        purpose: str,
        reason: str = "",
        period: str | int | None = None,
        jurisdiction: str | None = None,
        *,
        subject: str | None = None,
    ) -> res.Retirement:
        """Retire credits for good, with a claim; see `CreditDesk.retire`.

        Args:
            subject: Passive subject who owes a tax that this meets; it stands in the claim's
                reason, as `with_subject` writes it.

        Raises:
            UnknownUse, NotEligible, SubjectMissing: the operator refuses the use.
        """
        reason = reason if subject is None else with_subject(subject, reason)
        return super().retire(
            batch, tonnes, holder, beneficiary, purpose, reason, period, jurisdiction
        )

    def retire_kg(
        self,
        batch: res.Batch,
        kilograms: Kilograms,
        holder: str,
        beneficiary: str,
        purpose: str,
        reason: str = "",
        period: str | int | None = None,
        jurisdiction: str | None = None,
        *,
        subject: str | None = None,
    ) -> res.Retirement:
        """Retire kilograms; all else as `retire`.

        Args:
            kilograms: kg CO2e as int, Decimal or decimal text, to the gram.

        Raises:
            NotOffered: the registry retires whole or decimal tonnes only.
            AmountError: kilograms that are no plain number or not whole grams.
        """
        if not self.profile.retires_kilograms:
            raise errors.NotOffered(self.name, "retirement in kilograms")
        amount = tonnes(grams_of_kilograms(kilograms))
        return self.retire(
            *(batch, amount, holder, beneficiary, purpose, reason, period, jurisdiction),
            subject=subject,
        )

    def certificate(self, retirement: res.Retirement) -> str:
        """Write the certificate of a retirement in the registry's words.

        Raises:
            NotOffered: the registry gives none.
            UnknownCertificate: the ledger has no such retirement, or another one of its id.
        """
        if not self.profile.certificates:
            raise errors.NotOffered(self.name, "certificates")
        if not self.certifies(retirement):
            raise errors.UnknownCertificate(retirement.id)
        claim = retirement.claim
        use = self.profile.use(claim.purpose)
        code = f" ({use.code})" if use else ""
        word = self.profile.word("retirement").lower()
        return (
            f"{self.name}, certificate {retirement.id}: {retirement.tonnes} t {word} by "
            f"{retirement.holder} for {claim.beneficiary}, {claim.purpose}{code}: "
            f"{', '.join(retirement.serials)}"
        )

    # Eligibility.

    def set_eligibility(self, of: res.Project | res.Batch, uses: Iterable[str]) -> Eligibility:
        """Say for which uses a project's batches, or one of them, may be retired.

        Args:
            of: What is said of a batch counts more than what is said of its project.
            uses: Purposes, or codes of the registry's profile; none: for no use.

        Raises:
            UnknownUse: not on the registry's list, where that is the whole list.
            UnknownBatch: the registry did not issue or import it.
        """
        if isinstance(uses, str) or not isinstance(uses, Iterable):
            raise errors.IdentifierError(uses, "uses", "expected a list of uses")
        named = tuple(dict.fromkeys(self._use_named(use) for use in uses))
        if isinstance(of, res.Batch):
            number, batch = of.project, self._batch(of)
            self._world.index.scope(self.name, batch)
        else:
            number, batch = self._project(of)[0].number, None
        said = Eligibility(
            registry=self.name,
            project=number,
            batch=batch,
            uses=named,
            at_s=self._world.now_s,
        )
        declare(self._world, said)
        return said

    def eligible_uses(self, batch: res.Batch) -> tuple[str, ...] | None:
        """Return for which uses a batch may be retired; None where nothing was said of it.

        Of an imported batch it is what its home says, unless this registry says otherwise.
        """
        return self._eligible(self._batch(batch))

    def _use_named(self, given: str) -> str:
        use = check_text("use", given)
        if not use.strip():
            raise errors.TextError("use", given, "expected a text that is not blank")
        for purpose, known in self.profile.uses.items():
            if use.casefold() in (purpose.casefold(), known.code.casefold()):
                return purpose
        if self.profile.only_these_uses:
            raise errors.UnknownUse(self.name, use, tuple(self.profile.uses))
        return use

    def _eligible(self, batch: int) -> tuple[str, ...] | None:
        said = {
            (one.registry, one.project, one.batch): one.uses
            for one in self._world.knowledge.declarations.of(Eligibility)
        }
        if not said:
            return None
        issued = self._world.index.channels.issued.get((self.name, batch))
        places = [(self.name, issued.project or 0 if issued else 0, batch)]
        lot = self._world.index.channels.lots.get((self.name, batch))
        if lot is not None and (self.name, 0, batch) not in said:
            try:
                pieces = home_units(self._world, self.name, batch, lot.entry.intervals)
                places = [(piece.registry, piece.project, piece.batch) for piece in pieces]
            except errors.UnknownBatch:
                # A mirror of credits that nobody issued: no home has a word on them.
                places = []
        stated = [said.get(place, said.get((*place[:2], None))) for place in places]
        known = [uses for uses in stated if uses is not None]
        if not known:
            return None
        # Of several batches at home, an import is good for what all of them are good for.
        return tuple(use for use in known[0] if all(use in uses for uses in known))

    def _retire_order(
        self, batch: res.Batch, tonnes: Tonnes, claim: Claim, id: int | None = None
    ) -> act.RetireOrder:
        order = super()._retire_order(batch, tonnes, claim, id)
        self.require_use(order.batch, claim)
        return order

    def require_use(self, batch: int, claim: Claim) -> None:
        """Refuse to retire a batch for a use: see `registry.transfer.steps.Office`."""
        use = self.profile.use(claim.purpose)
        if use is None and self.profile.only_these_uses:
            raise errors.UnknownUse(self.name, claim.purpose, tuple(self.profile.uses))
        if use is not None and use.needs_subject and subject_of(claim) is None:
            raise errors.SubjectMissing(claim.purpose)
        stated = self._eligible(batch)
        if stated is None:
            is_eligible = use is None or not use.must_be_stated
        else:
            is_eligible = claim.purpose.casefold() in {known.casefold() for known in stated}
        if not is_eligible:
            raise errors.NotEligible(batch, claim.purpose, stated or ())

    # The regulator.

    def approve(self, batch: res.Batch) -> None:
        """Let a batch move that waits for the regulator's approval, or was suspended."""
        self._regulated("approval")
        ledger, id = self._world.ledger, self._batch(batch)
        with self._world.all_or_nothing():
            for name in list(self._world.knowledge.roster.accounts):
                if ledger.holding(self.name, id, name).frozen_g:
                    self.freeze(batch, 0, name)

    def suspend(self, batch: res.Batch, holder: str) -> None:
        """Forbid a holder to move or retire what it has, or will have, of a batch."""
        self._freeze_all(batch, holder)

    def _do(self, action: act.Action) -> Entry:
        if isinstance(action, (act.Freeze, act.ForceTransfer, act.EndPledge)):
            self._regulated("orders")
        return super()._do(action)

    def _regulated(self, what: str) -> None:
        if not self.profile.regulator:
            raise errors.NotOffered(self.name, f"{what} by a regulator")

    def _freeze_all(self, batch: res.Batch, holder: str) -> None:
        self.freeze(batch, tonnes(AMOUNT_MAX_G), holder)
