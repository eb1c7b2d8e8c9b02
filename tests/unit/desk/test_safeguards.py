"""Buffer, reversal, compensation, replacement: what a registry does about losses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry import errors
from registry.desk.registries import Registry
from registry.records.result import Batch, Project
from registry.records.reversal import Compensation, Contribution, Reversal
from registry.world import World

T = 1_000_000
RULES = ["RV-1", "RV-2", "DU-1"]


class Scene:
    """ICR with a project of which 1,000 t were issued, 100 t of them in the buffer."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.icr: Registry = world.registry("ICR")
        self.project: Project = self.icr.register_project("Forest", "IS", "AR", "Skogur")
        self.batch: Batch = self.icr.issue(self.project, 2023, 1_000, "Skogur")
        self.contribution: Contribution = self.icr.contribute(self.batch, 100, "Skogur")

    def lose(self, tonnes: int = 150, days: int = 30) -> Reversal:
        """Report a fire."""
        return self.icr.report_reversal(self.project, tonnes, "fire", days)

    def found(self) -> list[tuple[str, int]]:
        """What an audit finds: code and tonnes."""
        return [(each.code, each.amount_g // T) for each in self.world.audit(rules=RULES)]


@pytest.fixture
def scene() -> Iterator[Scene]:
    """A world on the model."""
    with World.open(engine="model", seed=5) as world:
        yield Scene(world)


# Refusals.


def test_contribute_refuses_what_the_holder_does_not_have(scene: Scene) -> None:
    with pytest.raises(errors.InsufficientCredits):
        scene.icr.contribute(scene.batch, 901, "Skogur")
    with pytest.raises(errors.UnknownAccount):
        scene.icr.contribute(scene.batch, 1, "Nobody")
    assert scene.world.knowledge.declarations.of(Contribution) == [scene.contribution]


@pytest.mark.parametrize(
    ("tonnes", "days", "error"),
    [
        (0, 30, errors.AmountError),
        (1, -1, errors.ActionError),
        (1, 1.5, errors.ActionError),
        (1_001, 30, errors.AboveIssued),
    ],
)
def test_report_reversal_refuses(
    scene: Scene, tonnes: int, days: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        scene.lose(tonnes, days)
    assert scene.world.knowledge.declarations.of(Reversal) == []


def test_report_reversal_refuses_more_than_was_issued_in_all(scene: Scene) -> None:
    scene.lose(600)
    with pytest.raises(errors.AboveIssued) as refused:
        scene.lose(401)
    assert (refused.value.issued, refused.value.lost) == (1_000 * T, 600 * T)
    with pytest.raises(errors.UnknownProject):
        scene.world.registry("S&P").report_reversal(scene.project, 1, "fire")


def test_compensate_refuses_a_loss_that_is_not_known(scene: Scene) -> None:
    loss = scene.lose()
    other = scene.world.registry("S&P")
    with pytest.raises(errors.UnknownReversal):
        other.compensate(loss, scene.batch, 1)
    with pytest.raises(errors.UnknownReversal):
        scene.icr.compensate(loss.model_copy(update={"id": 2}), scene.batch, 1)
    with pytest.raises(errors.IdentifierError):
        scene.icr.deficit("fire")  # type: ignore[arg-type]


def test_compensate_refuses_more_than_was_lost(scene: Scene) -> None:
    loss = scene.lose(50)
    scene.icr.compensate(loss, scene.batch, 20)
    with pytest.raises(errors.AboveLoss) as refused:
        scene.icr.compensate(loss, scene.batch, 31)
    assert (refused.value.deficit, refused.value.amount) == (30 * T, 31 * T)
    with pytest.raises(errors.AboveLoss):
        scene.icr.replace(loss, scene.batch, 31, "Skogur")


def test_compensate_refuses_more_than_the_buffer_holds_and_leaves_a_deficit(scene: Scene) -> None:
    loss = scene.lose()
    with pytest.raises(errors.InsufficientCredits) as refused:
        scene.icr.compensate(loss, scene.batch, 101)
    assert refused.value.balance == 100 * T
    assert scene.world.knowledge.declarations.of(Compensation) == []
    scene.icr.compensate(loss, scene.batch, 100)
    assert scene.icr.deficit(loss) == 50 * T


# What happens.


@pytest.mark.parametrize("engine", ["model", "auto"])
def test_losses_are_covered_by_the_buffer_and_then_by_the_developer(engine: str) -> None:
    with World.open(engine=engine, seed=5) as world:
        scene = Scene(world)
        loss = scene.lose()
        assert str(loss) == "150 t lost at ICR project 1: fire"
        assert str(scene.contribution) == "100 t contributed to Buffer of ICR by Skogur"
        buffer = scene.icr.compensate(loss, scene.batch, 100)
        replaced = scene.icr.replace(loss, scene.batch, 50, "Skogur")
        assert (buffer.amount_g, buffer.holder) == (100 * T, scene.icr.buffer)
        assert (replaced.is_replacement, replaced.holder) == (True, "Skogur")
        assert str(replaced) == "50 t from replacement for reversal 1"
        assert scene.icr.deficit(loss) == 0
        totals = scene.icr.totals(scene.batch)
        assert (totals.cancelled_g, totals.active_g) == (150 * T, 850 * T)
        assert scene.icr.holding(scene.batch, scene.icr.buffer).balance_g == 0
        assert [entry.text for entry in world.entries()[-2:]] == ["reversal 1", "reversal 1"]
        world.advance(days=100)
        assert world.audit() == ()
        assert world.is_conserved()


def test_checkpoint_takes_losses_back(scene: Scene) -> None:
    with scene.world.checkpoint():
        scene.icr.compensate(scene.lose(), scene.batch, 10)
    assert len(scene.world.knowledge.declarations) == 1
    assert scene.icr.holding(scene.batch, scene.icr.buffer).balance_g == 100 * T


def test_audit_finds_a_loss_that_was_not_covered_in_time(scene: Scene) -> None:
    loss = scene.lose()
    scene.icr.compensate(loss, scene.batch, 60)
    assert scene.found() == []
    scene.world.advance(days=31)
    assert scene.found() == [("RV-1", 90)]
    scene.icr.compensate(loss, scene.batch, 40)
    assert scene.found() == [("RV-1", 50)]
    scene.icr.replace(loss, scene.batch, 50, "Skogur")
    assert scene.found() == []


def test_audit_finds_a_buffer_that_covers_two_losses(scene: Scene) -> None:
    one, two = scene.lose(50), scene.lose(50)
    said = scene.icr.compensate(one, scene.batch, 50)
    again = said.model_copy(update={"id": 2, "reversal": two.id})
    scene.world.knowledge.declarations.add(again)
    assert scene.found() == [("RV-2", 50)]


def test_audit_finds_a_buffer_that_is_sold(scene: Scene) -> None:
    scene.icr.retire(scene.batch, 10, scene.icr.buffer, "Acme Corp", "voluntary")
    assert scene.found() == [("RV-2", 10)]


def test_audit_finds_a_buffer_that_was_issued_and_is_sold(scene: Scene) -> None:
    eco = scene.world.registry("EcoRegistry")
    project = eco.register_project("Sierra", "CO", "AR", "Bosques")
    batch = eco.issue_buffer(project, 2023, 20)
    eco.retire(batch, 10, eco.buffer, "Acme Corp", "voluntary")
    assert scene.found() == [("RV-2", 10)]


@pytest.mark.parametrize("protocol", ["atomic", "relayed", "immobilise-and-mirror"])
def test_audit_is_silent_where_imported_credits_cover_a_loss(scene: Scene, protocol: str) -> None:
    eco = scene.world.registry("EcoRegistry")
    project = eco.register_project("Sierra", "CO", "AR", "Bosques")
    eco.issue(project, 2023, 100, "Bosques")
    moved = scene.world.transfer_between(scene.batch, 50, "Skogur", "Acme", eco, protocol)
    eco.contribute(moved.batches[0], 50, "Acme")
    loss = eco.report_reversal(project, 20, "fire")
    covered = eco.compensate(loss, moved.batches[0], 20)
    assert (covered.home, covered.amount_g) == ("ICR", 20 * T)
    scene.world.advance(days=900)
    assert scene.found() == []


def test_report_reversal_does_not_count_what_is_only_expected(scene: Scene) -> None:
    scene.icr.issue_ex_ante(scene.project, 2030, 500, "Skogur")
    with pytest.raises(errors.AboveIssued) as caught:
        scene.lose(1_001)
    assert caught.value.issued == 1_000 * T
