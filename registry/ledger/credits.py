"""How the model carries out what happens to credits once they are issued."""

from __future__ import annotations

from registry import errors
from registry.ledger.pieces import split_front
from registry.ledger.rules import Desk
from registry.ledger.state import Disposition, Held
from registry.records import action as act
from registry.records.claim import Claim
from registry.records.entry import Kind
from registry.records.identity import Role
from registry.records.interval import Interval


def transfer(desk: Desk, action: act.Transfer) -> None:
    """Move credits; to oneself is allowed and changes nothing."""
    for order in action.orders:
        desk.require_running()
        desk.require_amount(order.amount_g)
        desk.batch(order.batch)
        desk.require_open(action.by, order.to)
        desk.require_spendable(order.batch, action.by, order.amount_g)
        desk.move(order.batch, action.by, order.to, order.amount_g)
        desk.write(
            Kind.TRANSFERRED,
            batch=order.batch,
            account=action.by,
            counterparty=order.to,
            amount_g=order.amount_g,
        )


def _texts(claim: Claim) -> tuple[str, ...]:
    return (claim.beneficiary, claim.purpose, claim.reason, claim.period, claim.jurisdiction)


def _dispose(
    desk: Desk, by: str, order: act.RetireOrder, kind: Held, total: str, deadline_s: int = 0
) -> Disposition:
    desk.batch(order.batch)
    desk.require_verified(order.batch)
    desk.require_open(by)
    desk.require_new_id(order.id)
    desk.require_short(*_texts(order.claim))
    desk.require_spendable(order.batch, by, order.amount_g)
    pieces = desk.leave(order.batch, by, order.amount_g, total)
    row = Disposition(kind, order.batch, by, order.amount_g, pieces, order.claim, deadline_s)
    desk.state.dispositions.put((desk.registry, order.id), row)
    return row


def retire(desk: Desk, action: act.Retire) -> None:
    """Retire in one step."""
    for order in action.orders:
        desk.require_running()
        if not desk.state.registries.get(desk.registry):
            raise errors.RetirementNeedsRequest
        desk.require_amount(order.amount_g)
        row = _dispose(desk, action.by, order, Held.RETIREMENT, "retired_g")
        _write_disposed(desk, Kind.RETIRED, order.id, row, claim=order.claim)


def request_retirement(desk: Desk, action: act.RequestRetirement) -> None:
    """Lock credits until their retirement is finalised or reverted."""
    order, deadline_s = action.order, action.deadline_s
    desk.require_running()
    desk.require_amount(order.amount_g)
    if deadline_s <= desk.now_s:
        raise errors.DeadlineTooEarly(deadline_s, desk.now_s)
    row = _dispose(desk, action.by, order, Held.REQUEST, "locked_g", deadline_s)
    _write_disposed(
        desk,
        Kind.RETIREMENT_REQUESTED,
        order.id,
        row,
        deadline_s=deadline_s,
        claim=order.claim,
    )


def finalise_retirement(desk: Desk, action: act.FinaliseRetirement) -> None:
    """Make a request final; what is frozen or late stays locked."""
    desk.require_running()
    desk.require_role(action.by, Role.OPERATOR)
    row = desk.disposition(action.id, Held.REQUEST, errors.NoPendingRetirement)
    desk.require_open(row.holder)
    held = desk.position(row.batch, row.holder)
    if held.frozen_g:
        raise errors.HolderFrozen(row.batch, row.holder, held.frozen_g)
    if desk.now_s > row.deadline_s:
        raise errors.DeadlinePassed(action.id, row.deadline_s)
    batch = desk.batch(row.batch)
    desk.put_batch(
        row.batch,
        batch._replace(
            locked_g=batch.locked_g - row.amount_g, retired_g=batch.retired_g + row.amount_g
        ),
    )
    desk.put_position(row.batch, row.holder, held._replace(retired_g=held.retired_g + row.amount_g))
    desk.state.dispositions.put((desk.registry, action.id), row._replace(kind=Held.RETIREMENT))
    _write_disposed(desk, Kind.RETIREMENT_FINALISED, action.id, row)


def revert_retirement(desk: Desk, action: act.RevertRetirement) -> None:
    """Give a request back: the operator at any time, anyone after the deadline."""
    row = desk.disposition(action.id, Held.REQUEST, errors.NoPendingRetirement)
    if desk.now_s <= row.deadline_s:
        desk.require_role(action.by, Role.OPERATOR)
    desk.require_short(action.reason)
    desk.come_back(row.batch, row.holder, row.intervals, "locked_g")
    desk.state.dispositions.put((desk.registry, action.id), row._replace(kind=Held.REVERTED))
    _write_disposed(desk, Kind.RETIREMENT_REVERTED, action.id, row, text=action.reason)


def _write_disposed(desk: Desk, kind: Kind, id: int, row: Disposition, **more: object) -> None:
    desk.write(
        kind,
        id=id,
        batch=row.batch,
        account=row.holder,
        amount_g=row.amount_g,
        intervals=row.intervals,
        **more,
    )


def cancel(desk: Desk, action: act.Cancel) -> None:
    """Remove credits without a claim."""
    desk.require_running()
    desk.require_amount(action.amount_g)
    _take_away(desk, action, action.by, Held.CANCELLATION, Kind.CANCELLED)


def lock(desk: Desk, action: act.Lock) -> None:
    """Immobilise a holder's credits."""
    desk.require_running()
    desk.require_role(action.by, Role.OPERATOR)
    desk.require_amount(action.amount_g)
    _take_away(desk, action, action.holder, Held.LOCK, Kind.LOCKED)


def _take_away(
    desk: Desk, action: act.Cancel | act.Lock, holder: str, held: Held, kind: Kind
) -> None:
    desk.batch(action.batch)
    desk.require_open(holder)
    desk.require_new_id(action.id)
    desk.require_short(action.reason)
    desk.require_spendable(action.batch, holder, action.amount_g)
    total = "locked_g" if held is Held.LOCK else "cancelled_g"
    pieces = desk.leave(action.batch, holder, action.amount_g, total)
    row = Disposition(held, action.batch, holder, action.amount_g, pieces)
    desk.state.dispositions.put((desk.registry, action.id), row)
    _write_disposed(desk, kind, action.id, row, text=action.reason)


def release(desk: Desk, action: act.Release) -> None:
    """Give back a lock's first grams, or those asked for; closed and frozen holders get them."""
    desk.require_role(action.by, Role.OPERATOR)
    desk.require_amount(action.amount_g)
    row = desk.disposition(action.id, Held.LOCK, errors.NotLocked)
    if row.amount_g == 0:
        raise errors.NotLocked(action.id)
    if row.amount_g < action.amount_g:
        raise errors.AboveLockedAmount(action.id, row.amount_g, action.amount_g)
    if action.start_g is None:
        front, rest = split_front(row.intervals, action.amount_g)
        desk.state.dispositions.put(
            (desk.registry, action.id),
            row._replace(amount_g=row.amount_g - action.amount_g, intervals=rest),
        )
    else:
        front = (Interval(action.start_g, action.start_g + action.amount_g),)
        desk.shrink(action.id, row, *front)
    desk.come_back(row.batch, row.holder, front, "locked_g")
    given = row._replace(amount_g=action.amount_g, intervals=front)
    _write_disposed(desk, Kind.RELEASED, action.id, given)


def pledge(desk: Desk, action: act.Pledge) -> None:
    """Encumber credits in favour of a lender."""
    desk.require_running()
    desk.require_amount(action.amount_g)
    desk.batch(action.batch)
    desk.require_open(action.by, action.lender)
    desk.require_new_id(action.id)
    desk.require_spendable(action.batch, action.by, action.amount_g)
    _pledge_more(desk, action.batch, action.by, action.amount_g)
    row = Disposition(Held.PLEDGE, action.batch, action.by, action.amount_g, lender=action.lender)
    desk.state.dispositions.put((desk.registry, action.id), row)
    _write_pledge(desk, Kind.PLEDGED, action.id, row)


def _pledge_more(desk: Desk, batch: int, holder: str, amount_g: int) -> None:
    held = desk.position(batch, holder)
    desk.put_position(batch, holder, held._replace(pledged_g=held.pledged_g + amount_g))


def _write_pledge(
    desk: Desk, kind: Kind, id: int, row: Disposition, text: str | None = None
) -> None:
    desk.write(
        kind,
        id=id,
        batch=row.batch,
        account=row.holder,
        counterparty=row.lender,
        amount_g=row.amount_g,
        text=text,
    )


def _end(desk: Desk, id: int, row: Disposition) -> None:
    _pledge_more(desk, row.batch, row.holder, -row.amount_g)
    desk.state.dispositions.put((desk.registry, id), row._replace(kind=Held.PLEDGE_OVER))


def _lenders(desk: Desk, action: act.ReleasePledge | act.Foreclose) -> Disposition:
    row = desk.disposition(action.id, Held.PLEDGE, errors.NotPledged)
    if action.by != row.lender:
        raise errors.NotLender(action.id, action.by)
    return row


def release_pledge(desk: Desk, action: act.ReleasePledge) -> None:
    """The lender ends its pledge."""
    row = _lenders(desk, action)
    _end(desk, action.id, row)
    _write_pledge(desk, Kind.PLEDGE_RELEASED, action.id, row)


def foreclose(desk: Desk, action: act.Foreclose) -> None:
    """The lender takes the pledged credits, unless an order froze them."""
    desk.require_running()
    row = _lenders(desk, action)
    desk.require_open(row.holder, row.lender)
    held = desk.position(row.batch, row.holder)
    if held.balance_g - held.frozen_g < row.amount_g:
        raise errors.CreditsEncumbered(
            row.batch, row.holder, held.balance_g, held.pledged_g, held.frozen_g, row.amount_g
        )
    _end(desk, action.id, row)
    desk.move(row.batch, row.holder, row.lender, row.amount_g)
    _write_pledge(desk, Kind.FORECLOSED, action.id, row)


def end_pledge(desk: Desk, action: act.EndPledge) -> None:
    """The regulator ends a pledge."""
    desk.require_role(action.by, Role.REGULATOR)
    row = desk.disposition(action.id, Held.PLEDGE, errors.NotPledged)
    desk.require_short(action.reason)
    _end(desk, action.id, row)
    _write_pledge(desk, Kind.PLEDGE_ENDED, action.id, row, action.reason)


def freeze(desk: Desk, action: act.Freeze) -> None:
    """Set the frozen amount of a position."""
    desk.require_role(action.by, Role.REGULATOR)
    desk.batch(action.batch)
    desk.require_account(action.account)
    held = desk.position(action.batch, action.account)
    desk.put_position(action.batch, action.account, held._replace(frozen_g=action.amount_g))
    desk.write(Kind.FROZEN, batch=action.batch, account=action.account, amount_g=action.amount_g)


def force_transfer(desk: Desk, action: act.ForceTransfer) -> None:
    """Move credits by order; frozen ones too (lowering frozen), pledged ones never."""
    desk.require_role(action.by, Role.REGULATOR)
    desk.require_amount(action.amount_g)
    desk.batch(action.batch)
    desk.require_account(action.source)
    desk.require_open(action.to)
    desk.require_short(action.reason)
    held = desk.position(action.batch, action.source)
    if held.balance_g < action.amount_g:
        raise errors.InsufficientCredits(
            action.batch, action.source, held.balance_g, action.amount_g
        )
    if held.balance_g - held.pledged_g < action.amount_g:
        raise errors.CreditsEncumbered(
            action.batch,
            action.source,
            held.balance_g,
            held.pledged_g,
            held.frozen_g,
            action.amount_g,
        )
    unfrozen_g = max(0, held.balance_g - held.frozen_g)
    taken_g = max(0, action.amount_g - unfrozen_g)
    frozen_g = max(0, held.frozen_g - taken_g)
    desk.put_position(action.batch, action.source, held._replace(frozen_g=frozen_g))
    desk.move(action.batch, action.source, action.to, action.amount_g)
    desk.write(
        Kind.FORCED_TRANSFER,
        batch=action.batch,
        account=action.source,
        counterparty=action.to,
        amount_g=action.amount_g,
        text=action.reason,
    )


def pause(desk: Desk, action: act.Pause) -> None:
    """Stop every movement but the regulator's."""
    desk.require_role(action.by, Role.OPERATOR)
    desk.require_running()
    desk.state.paused.put(desk.registry, True)
    desk.write(Kind.PAUSED)


def unpause(desk: Desk, action: act.Unpause) -> None:
    """Let credits move again."""
    desk.require_role(action.by, Role.OPERATOR)
    if not desk.state.paused.get(desk.registry):
        raise errors.RegistryNotPaused
    desk.state.paused.put(desk.registry, False)
    desk.write(Kind.UNPAUSED)
