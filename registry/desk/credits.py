"""The side of a registry that is about credits, as a lifecycle script uses it.

Every method is one step of a credit's life. It returns a record of what happened, or raises the
error that the registry's rules give and leaves chain, books and clock as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from registry import errors
from registry.desk.projects import ProjectDesk
from registry.ledger.interface import Holding, Totals
from registry.operators.numbering import check_scope, describe
from registry.records import action as act
from registry.records import result as res
from registry.records.claim import Claim
from registry.records.entry import Entry
from registry.records.identity import batch_id, check_text, project_of
from registry.records.interval import Interval
from registry.records.project import period_days
from registry.units import DAY_S, Tonnes, grams

REQUEST_DAYS = 30
"""How long a retirement request may wait, unless told otherwise. An assumption of ours."""

Disposed = res.Retirement | res.RetirementRequest | res.Cancellation | res.Lock


class CreditDesk(ProjectDesk):
    """What a registry does about credits: issue, transfer, retire, cancel, lock, pledge, freeze."""

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
        """Issue a batch to an account, which is opened if it has none.

        Args:
            statement: The verifier's statement to draw on. If absent, one is made: an
                independent verifier, the vintage's calendar year, and the amount as its cap; it
                is part of the result. A second issue for that year then needs an explicit one.
            scope: Serial prefix; by default in the registry's own style.
            buffer: Whether the serials get the registry's mark for buffer credits.
        """
        known = self._project(project)[0]
        amount_g = grams(tonnes)
        if statement is not None and not isinstance(statement, res.Statement):
            expected = "expected what `verify` returned"
            raise errors.IdentifierError(statement, "statement", expected)
        with self._world.all_or_nothing():
            self._world.account(to)
            if statement is None:
                period_days(vintage)  # So that what is no year is not written into a report.
                statement = self.verify(
                    known,
                    vintage,
                    tonnes,
                    f"Independent verifier of {self.name}",
                    f"{self.name}/{known.number}/{vintage}/{self._next_batch(known)}",
                )
            if scope is None:
                scope = self._scope(known, vintage, statement.ordinal, buffer=buffer)
            check_scope(scope, self.profile)
            order = act.IssueOrder(
                batch=batch_id(known.number, self._next_batch(known)),
                to=self._account(to),
                amount_g=amount_g,
                start_g=self._next_start(scope),
                vintage=vintage,
                statement=statement.id,
                scope=scope,
            )
            return self._issued(order, statement)

    def transfer(self, batch: res.Batch, tonnes: Tonnes, source: str, to: str) -> res.Transfer:
        """Move credits from one account to another, which is opened if it has none."""
        order = act.TransferOrder(
            batch=self._batch(batch), to=self._account(to), amount_g=grams(tonnes)
        )
        by = self._account(source)
        with self._world.all_or_nothing():
            self._world.account(to)
            self._do(act.Transfer(registry=self.name, by=by, orders=(order,)))
        return res.Transfer(
            registry=self.name,
            batch=order.batch,
            amount_g=order.amount_g,
            source=by,
            to=order.to,
        )

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
    ) -> res.Retirement:
        """Retire credits for good, with a claim.

        A native registry does it in one step. At a mirrored one this is a request that the
        operator finalises at once; the two steps stand alone as `request_retirement` and
        `finalise_retirement`.
        """
        if self.profile.mode == "mirrored":
            with self._world.all_or_nothing():
                request = self.request_retirement(
                    batch, tonnes, holder, beneficiary, purpose, reason, period, jurisdiction
                )
                return self.finalise_retirement(request)
        claim = _claim(beneficiary, purpose, reason, period, jurisdiction)
        order = self._retire_order(batch, tonnes, claim)
        by = self._account(holder)
        entry = self._do(act.Retire(registry=self.name, by=by, orders=(order,)))
        return res.Retirement(**self._disposed(entry), claim=claim)

    def retire_many(
        self,
        batches: Sequence[tuple[res.Batch, Tonnes]],
        holder: str,
        beneficiary: str,
        purpose: str,
        reason: str = "",
        period: str | int | None = None,
        jurisdiction: str | None = None,
    ) -> tuple[res.Retirement, ...]:
        """Retire from several batches in one transaction, all or none; native registries only."""
        claimed = _claim(beneficiary, purpose, reason, period, jurisdiction)
        ids = self._world.index.next_ids(self.name, len(batches))
        orders = tuple(
            self._retire_order(batch, tonnes, claimed, id)
            for id, (batch, tonnes) in zip(ids, batches, strict=True)
        )
        action = act.Retire(registry=self.name, by=self._account(holder), orders=orders)
        entries = self._world.apply(action)
        return tuple(res.Retirement(**self._disposed(entry), claim=claimed) for entry in entries)

    def request_retirement(
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
        days: int = REQUEST_DAYS,
    ) -> res.RetirementRequest:
        """Ask for a retirement: credits are locked until it is finalised or reverted.

        Args:
            days: How long it may wait; afterwards anyone may revert it.
        """
        if type(days) is not int:
            raise errors.ActionError("RequestRetirement", "days", days, "expected an int")
        claim = _claim(beneficiary, purpose, reason, period, jurisdiction)
        action = act.RequestRetirement(
            registry=self.name,
            by=self._account(holder),
            order=self._retire_order(batch, tonnes, claim),
            deadline_s=self._world.now_s + days * DAY_S,
        )
        entry = self._do(action)
        return res.RetirementRequest(
            **self._disposed(entry), claim=claim, deadline_s=action.deadline_s
        )

    def finalise_retirement(self, request: res.RetirementRequest) -> res.Retirement:
        """Make a requested retirement final, as the operator."""
        self._own(request, res.RetirementRequest, "request_retirement")
        entry = self._do(act.FinaliseRetirement(registry=self.name, id=request.id))
        asked = self._world.index.requests[self.name, request.id]
        assert asked.claim is not None
        return res.Retirement(**self._disposed(entry), claim=asked.claim)

    def revert_retirement(
        self, request: res.RetirementRequest, reason: str, *, by: str | None = None
    ) -> None:
        """Give a requested retirement back, as the operator, or after its deadline as anyone."""
        self._own(request, res.RetirementRequest, "request_retirement")
        actor = {} if by is None else {"by": self._account(by)}
        self._do(
            act.RevertRetirement(
                registry=self.name,
                id=request.id,
                reason=check_text("reason", reason),
                **actor,
            )
        )

    def cancel(
        self, batch: res.Batch, tonnes: Tonnes, holder: str, reason: str
    ) -> res.Cancellation:
        """Remove credits without a claim."""
        action = act.Cancel(
            registry=self.name,
            by=self._account(holder),
            id=self._world.index.next_id(self.name),
            batch=self._batch(batch),
            amount_g=grams(tonnes),
            reason=check_text("reason", reason),
        )
        return res.Cancellation(**self._disposed(self._do(action)), reason=action.reason)

    def lock(self, batch: res.Batch, tonnes: Tonnes, holder: str, reason: str) -> res.Lock:
        """Immobilise a holder's credits, as the operator."""
        action = act.Lock(
            registry=self.name,
            id=self._world.index.next_id(self.name),
            batch=self._batch(batch),
            holder=self._account(holder),
            amount_g=grams(tonnes),
            reason=check_text("reason", reason),
        )
        return res.Lock(**self._disposed(self._do(action)), reason=action.reason)

    def release(self, lock: res.Lock, tonnes: Tonnes | None = None) -> tuple[str, ...]:
        """Give back what a lock holds, or its first tonnes; say which serials came back."""
        self._own(lock, res.Lock, "lock")
        if tonnes is None:
            held = self._world.ledger.held(self.name, lock.id)
            amount_g = sum(interval.amount_g for interval in held) or lock.amount_g
        else:
            amount_g = grams(tonnes)
        entry = self._do(act.Release(registry=self.name, id=lock.id, amount_g=amount_g))
        return describe(self._world.index.scope(self.name, lock.batch), entry.intervals)

    def pledge(self, batch: res.Batch, tonnes: Tonnes, holder: str, lender: str) -> res.Pledge:
        """Encumber credits in favour of a lender; they can neither move nor retire."""
        action = act.Pledge(
            registry=self.name,
            by=self._account(holder),
            id=self._world.index.next_id(self.name),
            batch=self._batch(batch),
            amount_g=grams(tonnes),
            lender=self._account(lender),
        )
        self._do(action)
        return res.Pledge(
            registry=self.name,
            batch=action.batch,
            amount_g=action.amount_g,
            id=action.id,
            holder=action.by,
            lender=action.lender,
        )

    def release_pledge(self, pledge: res.Pledge) -> None:
        """End a pledge, as its lender."""
        self._own(pledge, res.Pledge, "pledge")
        self._do(act.ReleasePledge(registry=self.name, by=pledge.lender, id=pledge.id))

    def foreclose(self, pledge: res.Pledge) -> res.Transfer:
        """Take pledged credits, as the lender."""
        self._own(pledge, res.Pledge, "pledge")
        self._do(act.Foreclose(registry=self.name, by=pledge.lender, id=pledge.id))
        return res.Transfer(
            registry=self.name,
            batch=pledge.batch,
            amount_g=pledge.amount_g,
            source=pledge.holder,
            to=pledge.lender,
        )

    def end_pledge(self, pledge: res.Pledge, reason: str) -> None:
        """End a pledge by order of the regulator."""
        self._own(pledge, res.Pledge, "pledge")
        self._do(
            act.EndPledge(registry=self.name, id=pledge.id, reason=check_text("reason", reason))
        )

    def freeze(self, batch: res.Batch, tonnes: Tonnes, holder: str) -> None:
        """Set how much of a holding is frozen, as the regulator; 0 lifts it (ERC-7943)."""
        self._do(
            act.Freeze(
                registry=self.name,
                batch=self._batch(batch),
                account=self._account(holder),
                amount_g=grams(tonnes),
            )
        )

    def forced_transfer(
        self, batch: res.Batch, tonnes: Tonnes, source: str, to: str, reason: str
    ) -> res.Transfer:
        """Move credits by order of the regulator; `to` is opened if it has no account."""
        action = act.ForceTransfer(
            registry=self.name,
            batch=self._batch(batch),
            source=self._account(source),
            to=self._account(to),
            amount_g=grams(tonnes),
            reason=check_text("reason", reason),
        )
        with self._world.all_or_nothing():
            self._world.account(to)
            self._do(action)
        return res.Transfer(
            registry=self.name,
            batch=action.batch,
            amount_g=action.amount_g,
            source=action.source,
            to=action.to,
        )

    def pause(self) -> None:
        """Stop every movement but the regulator's, as the operator."""
        self._do(act.Pause(registry=self.name))

    def unpause(self) -> None:
        """Let credits move again, as the operator."""
        self._do(act.Unpause(registry=self.name))

    # Questions.

    def totals(self, batch: res.Batch) -> Totals:
        """Return where a batch's grams are."""
        return self._world.ledger.totals(self.name, self._batch(batch))

    def holding(self, batch: res.Batch, account: str) -> Holding:
        """Return an account's position in a batch."""
        holder = self._account(account)
        return self._world.ledger.holding(self.name, self._batch(batch), holder)

    def intervals(self, disposition: Disposed) -> tuple[Interval, ...]:
        """Return the grams a disposition has: all of them for good, or what a lock still holds."""
        self._own(disposition, Disposed, "retire`, `cancel` or `lock")
        if isinstance(disposition, (res.Retirement, res.Cancellation)):
            return disposition.intervals
        return self._world.ledger.held(self.name, disposition.id)

    def certifies(self, retirement: res.Retirement) -> bool:
        """Ask the ledger whether a certificate proves this retirement to the letter."""
        self._own(retirement, res.Retirement, "retire")
        final = self._world.index.retirements.get((self.name, retirement.id))
        if final is None:
            return False
        claimed = final.model_copy(
            update={
                "claim": retirement.claim,
                "intervals": retirement.intervals,
                "amount_g": retirement.amount_g,
                "account": retirement.holder,
                "batch": retirement.batch,
            }
        )
        return self._world.ledger.certifies(claimed)

    # Helpers.

    def _issued(self, order: act.IssueOrder, statement: res.Statement | None) -> res.Batch:
        """Issue a batch, and return it."""
        entry = self._do(act.Issue(registry=self.name, orders=(order,)))
        return res.Batch(
            registry=self.name,
            batch=order.batch,
            amount_g=order.amount_g,
            project=project_of(order.batch),
            vintage=order.vintage,
            holder=order.to,
            scope=order.scope,
            interval=entry.intervals[0],
            serials=describe(order.scope, entry.intervals),
            statement=statement,
        )

    def _own(self, record: object, kind: Any, step: str) -> None:
        """Refuse what is no such record, or another registry's."""
        if not isinstance(record, kind):
            raise errors.IdentifierError(record, "record", f"expected what `{step}` returned")
        if record.registry != self.name:
            raise errors.UnknownBatch(record.batch)

    def _batch(self, batch: res.Batch) -> int:
        """Return the token id, unless the batch is another registry's."""
        if not isinstance(batch, res.Batch):
            raise errors.IdentifierError(batch, "batch", "expected what `issue` returned")
        if batch.registry != self.name:
            raise errors.UnknownBatch(batch.batch)
        return batch.batch

    def _retire_order(
        self, batch: res.Batch, tonnes: Tonnes, claim: Claim, id: int | None = None
    ) -> act.RetireOrder:
        return act.RetireOrder(
            id=self._world.index.next_id(self.name) if id is None else id,
            batch=self._batch(batch),
            amount_g=grams(tonnes),
            claim=claim,
        )

    def _disposed(self, entry: Entry) -> dict[str, Any]:
        assert entry.batch is not None
        return {
            "registry": self.name,
            "batch": entry.batch,
            "amount_g": entry.amount_g,
            "id": entry.id,
            "holder": entry.account,
            "intervals": entry.intervals,
            "serials": describe(self._world.index.scope(self.name, entry.batch), entry.intervals),
        }


def _claim(
    beneficiary: str, purpose: str, reason: str, period: str | int | None, jurisdiction: str | None
) -> Claim:
    return Claim(
        beneficiary=beneficiary,
        purpose=purpose,
        reason=reason,
        # A bool is an int to Python and no year to anybody.
        period=f"{period}" if type(period) is int else period or "",  # type: ignore[arg-type]
        jurisdiction=jurisdiction or "",
    )
