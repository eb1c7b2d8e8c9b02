"""How the model carries out what comes before credits: accounts, projects, statements, issuance."""

from __future__ import annotations

from collections.abc import Callable

from registry import errors
from registry.ledger.guard import claim
from registry.ledger.rules import Desk
from registry.ledger.state import Lot, Node, Project, Statement
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.identity import NO_STATEMENT, PLATFORM, Role, is_ex_ante, project_of
from registry.records.interval import Interval
from registry.records.project import period_days, statement_id
from registry.units import AMOUNT_MAX_G

ADMIN = "@admin"


def open_registry(desk: Desk, action: act.OpenRegistry) -> None:
    """Open a registry."""
    desk.require_platform(action.by)
    if action.registry == PLATFORM:
        raise errors.IdentifierError(action.registry, "registry", "is what registries share")
    if desk.state.registries.get(action.registry) is not None:
        raise errors.IdentifierError(action.registry, "registry", "is open already")
    desk.state.registries.put(action.registry, action.native)
    desk.state.chains.put(action.registry, action.chain)
    desk.write(
        Kind.REGISTRY_OPENED,
        text="native" if action.native else "mirrored",
        chain=None if action.chain == 1 else action.chain,
    )


def open_account(desk: Desk, action: act.OpenAccount) -> None:
    """Open an account."""
    desk.require_platform(action.by)
    if desk.state.accounts.get(action.account) is not None:
        raise errors.AccountAlreadyOpened(action.account)
    desk.state.accounts.put(action.account, True)
    desk.write(Kind.ACCOUNT_OPENED, account=action.account, text=action.jurisdiction)


def close_account(desk: Desk, action: act.CloseAccount) -> None:
    """Close an account."""
    desk.require_platform(action.by)
    is_open = desk.state.accounts.get(action.account)
    if is_open is None:
        raise errors.UnknownAccountId(action.account)
    if not is_open:
        raise errors.AccountAlreadyClosed(action.account)
    desk.state.accounts.put(action.account, False)
    desk.write(Kind.ACCOUNT_CLOSED, account=action.account)


def accredit(desk: Desk, action: act.Accredit) -> None:
    """Let a verifier sign statements; a second time changes nothing."""
    if action.by != ADMIN:
        raise errors.NotAuthorised(action.by, "ADMIN")
    place = (desk.registry, action.verifier)
    if not desk.state.verifiers.get(place):
        desk.state.verifiers.put(place, True)
        desk.write(Kind.VERIFIER_ACCREDITED, account=action.verifier)


def register_project(desk: Desk, action: act.RegisterProject) -> None:
    """Register a project."""
    desk.require_role(action.by, Role.OPERATOR)
    if action.project == 0:
        raise errors.UnknownProject(0)
    place = (desk.registry, action.project)
    if desk.state.projects.get(place) is not None:
        raise errors.ProjectAlreadyRegistered(action.project)
    desk.require_open(action.developer)
    desk.state.projects.put(place, Project(action.developer, (action.root,)))
    desk.write(
        Kind.PROJECT_REGISTERED,
        project=action.project,
        account=action.developer,
        root=action.root,
        version=1,
    )


def project(desk: Desk, number: int) -> Project:
    """Return a registered project, or refuse."""
    row = desk.state.projects.get((desk.registry, number))
    if row is None:
        raise errors.UnknownProject(number)
    return row


def update_project(desk: Desk, action: act.UpdateProject) -> None:
    """Add a data version; earlier ones stay provable."""
    desk.require_role(action.by, Role.OPERATOR)
    row = project(desk, action.project)
    roots = (*row.roots, action.root)
    desk.state.projects.put((desk.registry, action.project), row._replace(roots=roots))
    desk.write(Kind.PROJECT_UPDATED, project=action.project, root=action.root, version=len(roots))


def verify(desk: Desk, action: act.Verify, address_of: Callable[[str], bytes]) -> None:
    """Record a verifier's statement. The model has no signatures: the statement is as named."""
    desk.require_amount(action.amount_g)
    row = project(desk, action.project)
    if action.end <= action.start:
        raise errors.EmptyPeriod(action.start, action.end)
    if not desk.state.verifiers.get((desk.registry, action.verifier)):
        raise errors.NotAuthorised(action.verifier, Role.VERIFIER.value)
    if action.verifier == row.developer:
        raise errors.VerifierNotIndependent(action.verifier, action.project)
    if desk.state.reports.get((desk.registry, action.report)):
        raise errors.ReportAlreadyUsed(action.report)
    place = (desk.registry, action.project)
    wanted = Node(action.start, action.end, action.report)
    periods = claim(desk.state.periods.get(place) or (), wanted, merge=False)
    if isinstance(periods, Node):
        raise errors.PeriodAlreadyVerified(action.project, periods.start, periods.end)
    identifier = statement_id(
        action.project,
        action.start,
        action.end,
        action.amount_g,
        action.report,
        address_of(action.verifier),
    )
    desk.state.reports.put((desk.registry, action.report), True)
    desk.state.periods.put(place, periods)
    desk.state.statements.put(
        (desk.registry, identifier),
        Statement(action.project, action.start, action.end, action.amount_g, 0),
    )
    desk.write(
        Kind.STATEMENT_RECORDED,
        project=action.project,
        account=action.verifier,
        amount_g=action.amount_g,
        statement=identifier,
        report=action.report,
        period=(action.start, action.end),
    )


def issue(desk: Desk, action: act.Issue) -> None:
    """Issue batches, each claiming its serials and, unless ex ante, drawing on a statement."""
    for order in action.orders:
        desk.require_running()
        desk.require_role(action.by, Role.ISSUER)
        desk.require_amount(order.amount_g)
        if order.start_g + order.amount_g > AMOUNT_MAX_G:
            raise errors.AmountTooLarge(order.start_g + order.amount_g)
        if desk.state.batches.get((desk.registry, order.batch)) is not None:
            raise errors.BatchAlreadyIssued(order.batch)
        desk.require_open(order.to)
        desk.require_short(order.scope)
        _draw(desk, order)
        _claim_serials(desk, order)
        _create(desk, order)


def _draw(desk: Desk, order: act.IssueOrder) -> None:
    place = (desk.registry, order.statement)
    if is_ex_ante(order.batch) and order.statement == NO_STATEMENT:
        return
    row = desk.state.statements.get(place)
    if row is None or is_ex_ante(order.batch):
        raise errors.UnknownStatement(order.statement)
    if row.project != project_of(order.batch):
        raise errors.StatementOfAnotherProject(order.statement, project_of(order.batch))
    if not 1970 <= order.vintage <= 9998:
        raise errors.VintageOutsidePeriod(order.vintage, row.start, row.end)
    year_start, year_end = period_days(order.vintage)
    if year_start >= row.end or row.start >= year_end:
        raise errors.VintageOutsidePeriod(order.vintage, row.start, row.end)
    if row.drawn_g + order.amount_g > row.amount_g:
        raise errors.AboveVerifiedAmount(order.statement, row.amount_g, row.drawn_g, order.amount_g)
    desk.state.statements.put(place, row._replace(drawn_g=row.drawn_g + order.amount_g))


def _claim_serials(desk: Desk, order: act.IssueOrder) -> None:
    if desk.state.guard == "none":
        return
    wanted = Node(order.start_g, order.start_g + order.amount_g, desk.registry)
    # Each chain has a guard of its own, which sees what is issued there.
    place = (desk.state.chains.rows[desk.registry], order.scope)
    if desk.state.guard == "exact":
        claimed = (*place, wanted.start, wanted.end)
        if desk.state.bounds.get(claimed):
            raise errors.SerialAlreadyClaimed(order.scope, wanted.start, wanted.end)
        desk.state.bounds.put(claimed, True)
        return
    claims = claim(desk.state.claims.get(place) or (), wanted, merge=True)
    if isinstance(claims, Node):
        raise errors.SerialAlreadyClaimed(order.scope, claims.start, claims.end)
    desk.state.claims.put(place, claims)


def _create(desk: Desk, order: act.IssueOrder) -> None:
    interval = Interval(order.start_g, order.start_g + order.amount_g)
    desk.create(order.batch, order.to, interval, Lot(order.scope, order.vintage, desk.registry))
    desk.write(
        Kind.ISSUED,
        project=project_of(order.batch),
        batch=order.batch,
        account=order.to,
        amount_g=order.amount_g,
        intervals=(interval,),
        scope=order.scope,
        vintage=order.vintage,
        statement=order.statement,
    )
