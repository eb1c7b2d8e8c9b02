"""Where contracts and model once parted, or a refusal left something behind."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from registry import errors
from registry.chain.ledger import ChainLedger
from registry.desk.registries import Registry
from registry.records import action as act
from registry.records.claim import Claim
from registry.records.identity import batch_id
from registry.records.result import Batch, Project, Statement
from registry.simulate.faults import FAULTS, NothingToPlant, Planted, plant
from registry.simulate.pilot import Pilot
from registry.simulate.score import score
from registry.world import World
from tests.chain import CHAIN, ENGINES, snapshots_of

CLAIM = Claim(beneficiary="Acme Corp", purpose="voluntary")
Stage = tuple[World, Registry, Project, Statement, Batch]


@pytest.fixture(scope="module", params=[*ENGINES, "tester"])
def opened(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with World.open(seed=3, engine=request.param) as world:
        icr = world.registry("ICR")
        forest = icr.register_project("Highland forest", "IS", "AR-ACM0003", "Skogur")
        statement = icr.verify(forest, 2024, 1_000_000, "Verifier", "report")
        batch = icr.issue(forest, 2024, 1_000, "Skogur", statement)
        yield world, icr, forest, statement, batch


@pytest.fixture
def stage(opened: Stage) -> Iterator[Stage]:
    with opened[0].checkpoint():
        yield opened


def issue_order(statement: Statement, number: int, start_g: int, scope: str) -> act.IssueOrder:
    return act.IssueOrder(
        batch=batch_id(1, number),
        to="Skogur",
        amount_g=5,
        start_g=start_g,
        vintage=2024,
        statement=statement.id,
        scope=scope,
    )


def test_issue_refuses_text_that_cannot_be_written(stage: Stage) -> None:
    with pytest.raises(errors.TextError, match=r"U\+D800"):
        issue_order(stage[3], 2, 0, "\ud800")


@pytest.mark.parametrize("name", ["", "@platform", " x"])
def test_account_refuses_names_that_no_account_has(stage: Stage, name: str) -> None:
    with pytest.raises(errors.IdentifierError):
        act.OpenAccount(account=name)


def test_questions_about_an_unknown_batch_are_refused(stage: Stage) -> None:
    ledger = stage[0].ledger
    unknown = batch_id(1, 9)
    for ask in (
        lambda: ledger.totals("ICR", unknown),
        lambda: ledger.holding("ICR", unknown, "Skogur"),
        lambda: ledger.available("ICR", unknown),
    ):
        with pytest.raises(errors.UnknownBatch):
            ask()


def test_issue_finds_the_overlap_behind_stale_hints(stage: Stage) -> None:
    world, _, _, statement, _ = stage
    for number in range(40):
        order = issue_order(statement, 10 + number, 20 * number, "a scope")
        world.apply(act.Issue(registry="ICR", orders=(order,)))
    twice = tuple(issue_order(statement, at, 1_000, "a scope") for at in (100, 101))
    with pytest.raises(errors.SerialAlreadyClaimed) as refused:
        world.apply(act.Issue(registry="ICR", orders=twice))
    assert (refused.value.scope, refused.value.start) == ("a scope", 1_000)
    apart = tuple(
        issue_order(statement, 100 + at, 1_000 + 7 * at, "a scope") for at in reversed(range(40))
    )
    assert len(world.apply(act.Issue(registry="ICR", orders=apart))) == 40


def test_renewed_hints_leave_no_snapshot_behind() -> None:
    with World.open(seed=3, engine=CHAIN) as world:
        icr = world.registry("ICR")
        forest = icr.register_project("Highland forest", "IS", "AR-ACM0003", "Skogur")
        statement = icr.verify(forest, 2024, 1_000_000, "Verifier", "report")
        for number in range(45):
            order = issue_order(statement, 10 + number, 20 * number, "a scope")
            world.apply(act.Issue(registry="ICR", orders=(order,)))
        assert isinstance(world.ledger, ChainLedger)
        assert snapshots_of(world.ledger.engine) == []


def test_as_many_orders_as_an_action_may_have_are_carried_out(stage: Stage) -> None:
    world, _, _, statement, batch = stage
    many = range(act.ORDERS_MAX)
    for at in many:
        world.account(f"Holder {at}")
    issues = tuple(issue_order(statement, 10 + at, 10 * at, "a scope") for at in many)
    assert len(world.apply(act.Issue(registry="ICR", orders=issues))) == len(many)
    moves = tuple(
        act.TransferOrder(batch=batch.batch, to=f"Holder {at}", amount_g=1) for at in many
    )
    assert len(world.apply(act.Transfer(registry="ICR", by="Skogur", orders=moves))) == len(many)
    gone = tuple(
        act.RetireOrder(id=1 + at, batch=order.batch, amount_g=1, claim=CLAIM)
        for at, order in enumerate(issues)
    )
    assert len(world.apply(act.Retire(registry="ICR", by="Skogur", orders=gone))) == len(many)
    with pytest.raises(errors.ActionError, match="orders"):
        act.Transfer(registry="ICR", by="Skogur", orders=(*moves, moves[0]))


def test_holder_cannot_use_up_the_ids_of_others(stage: Stage) -> None:
    world, icr, _, _, batch = stage
    icr.transfer(batch, 1, "Skogur", "Mallory")
    for id in (2**256 - 1, 1, 2, 4):
        world.apply(
            act.Pledge(
                registry="ICR", by="Mallory", id=id, batch=batch.batch, amount_g=1, lender="Mallory"
            )
        )
    ids = [icr.retire(batch, 1, "Skogur", "Acme Corp", "voluntary").id for _ in range(3)]
    assert ids == [3, 5, 6]


def test_refused_step_inside_another_leaves_nothing(stage: Stage) -> None:
    world, icr, forest, _, _ = stage
    before = len(world.entries()), world.now_s
    with world.all_or_nothing():
        with pytest.raises(errors.IdentifierError):
            icr.issue(forest, 2023, 1, "Newcomer", scope="no serial")
        assert (len(world.entries()), world.now_s) == before
        icr.issue(forest, 2023, 1, "Newcomer")
    assert world.index.scope("ICR", batch_id(1, 2)) == "ICR-ISL-354-1-14-A-0-2023"


def test_index_returns_to_where_it_was(stage: Stage) -> None:
    world, icr, forest, _, batch = stage
    before = world.index.next_id("ICR"), world.index.next_batch("ICR", 1)
    with world.checkpoint():
        retirement = icr.retire(batch, 1, "Skogur", "Acme Corp", "voluntary")
        icr.issue(forest, 2023, 1, "Skogur")
        with world.checkpoint():
            icr.update_project(forest, name="Other forest")
        assert icr.certifies(retirement)
        assert icr.update_project(forest, hectares=1).name == "Highland forest"
    assert (world.index.next_id("ICR"), world.index.next_batch("ICR", 1)) == before
    assert not icr.certifies(retirement)


def test_update_project_keeps_country_and_developer(stage: Stage) -> None:
    _, icr, forest, _, _ = stage
    for field in ("country", "developer"):
        with pytest.raises(errors.ActionError, match=field):
            icr.update_project(forest, **{field: "NO"})
    assert icr.update_project(forest, name="Lowland forest").name == "Lowland forest"


@pytest.mark.parametrize("seed", range(6))
def test_several_faults_in_one_world_keep_their_keys(seed: int) -> None:
    with World.open(seed=seed, engine="model") as world:
        Pilot(world).run(with_faults=False)
        rng = random.Random(seed)
        planted: list[Planted] = []
        for fault in rng.choices(sorted(FAULTS), k=6):
            world.advance(days=1)
            try:
                planted += plant(world, fault, rng)
            except NothingToPlant:
                continue
        assert score(planted, world.audit()).is_perfect


def test_account_keeps_its_jurisdiction(stage: Stage) -> None:
    world = stage[0]
    assert world.account("Acme", "IS") == world.account("Acme")
    with pytest.raises(errors.InputError, match="opened in IS"):
        world.account("Acme", "NO")


def test_issue_refuses_the_serials_of_another_registry(stage: Stage) -> None:
    world = stage[0]
    eco = world.registry("EcoRegistry")
    rio = eco.register_project("Rio", "CO", "M", "Rio SA")
    for scope in ("ICR-ISL-354-1-14-A-0-2024", "Other-CO-1-2024"):
        with pytest.raises(errors.IdentifierError, match="expected a scope of EcoRegistry"):
            eco.issue(rio, 2024, 1, "Rio SA", scope=scope)


def test_finalise_retirement_returns_the_claim_that_was_asked_for(stage: Stage) -> None:
    _, icr, _, _, batch = stage
    request = icr.request_retirement(batch, 1, "Skogur", "Acme Corp", "voluntary")
    forged = request.model_copy(update={"claim": Claim(beneficiary="Forger", purpose="any")})
    retirement = icr.finalise_retirement(forged)
    assert retirement.claim == request.claim
    assert icr.certifies(retirement)


def test_steps_refuse_records_of_another_kind(stage: Stage) -> None:
    _, icr, forest, _, batch = stage
    lock = icr.lock(batch, 1, "Skogur", "for sale")
    wrong = (
        lambda: icr.foreclose(lock),  # type: ignore[arg-type]
        lambda: icr.release_pledge(lock),  # type: ignore[arg-type]
        lambda: icr.release(None),  # type: ignore[arg-type]
        lambda: icr.finalise_retirement(lock),  # type: ignore[arg-type]
        lambda: icr.intervals(None),  # type: ignore[arg-type]
        lambda: icr.certifies(lock),  # type: ignore[arg-type]
        lambda: icr.accepts(forest, None),  # type: ignore[arg-type]
        lambda: icr.issue(forest, 2024, 1, "Skogur", "a statement"),  # type: ignore[arg-type]
    )
    for step in wrong:
        with pytest.raises(errors.IdentifierError, match="expected what"):
            step()


def test_slips_are_refused_not_guessed(stage: Stage) -> None:
    world, icr, _, _, batch = stage
    with pytest.raises(errors.InputError, match="did you mean 'ICR'"):
        world.registry("icr")
    with pytest.raises(errors.InputError, match="a list of codes"):
        world.audit(rules="DI-2")
    with pytest.raises(errors.TextError, match="period True"):
        icr.retire(batch, 1, "Skogur", "Acme Corp", "voluntary", period=True)
    with pytest.raises(errors.TextError, match="not blank"):
        icr.register_project(" ", "IS", "M", "Skogur")
