"""Host Parties: what they may declare, what they are refused, what an audit makes of it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from registry import errors
from registry.audit.run import audit
from registry.desk.parties import Party
from registry.desk.registries import Registry
from registry.exporting import export_book
from registry.exports import aef
from registry.feeds.reading import read_paths
from registry.kept.declarations import Declarations
from registry.kept.opening import WorldError, moment
from registry.records.action import Issue, IssueOrder
from registry.records.article6 import Adjustment, FirstTransfer, Joined
from registry.records.interval import Interval
from registry.records.result import Batch, Project, Retirement
from registry.views.claims import article6_rows, due_s
from registry.world import World

T = 1_000_000
VALID = "2025-01-01/2027-12-31"


class Scene:
    """EcoRegistry with a project in Colombia, of which 1,000 t of 2023 were issued."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.eco: Registry = world.registry("EcoRegistry")
        self.project: Project = self.eco.register_project("Sierra", "CO", "AR", "Bosques")
        self.batch: Batch = self.eco.issue(self.project, 2023, 1_000, "Bosques")
        self.party: Party = world.party("CO")

    def authorise(self, **changed: object) -> str:
        """Authorise 500 t for international mitigation."""
        given = {"tonnes": 500, "purposes": ["IMP"], "vintages": 2023, "valid": VALID, **changed}
        return self.party.authorise(self.project, **given).id  # type: ignore[arg-type]

    def retire(self, tonnes: int | str = 100, purpose: str = "CORSIA", **more: str) -> Retirement:
        """Retire for an airline."""
        given = {"beneficiary": "Condor Air", **more}
        return self.eco.retire(self.batch, tonnes, "Bosques", purpose=purpose, **given)

    def found(self, *rules: str) -> list[tuple[str, str, int]]:
        """What an audit finds: code, level, tonnes."""
        rules = rules or ("DC-1", "DC-2", "DC-4", "DC-5")
        found = self.world.audit(rules=rules)
        return [(each.code, str(each.level), each.amount_g // T) for each in found]


@pytest.fixture
def scene() -> Iterator[Scene]:
    """A world on the model."""
    with World.open(engine="model", seed=5) as world:
        yield Scene(world)


def rows(path: Path) -> list[dict[str, str]]:
    """The records of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# What is refused, in the order in which it is looked at.


@pytest.mark.parametrize("code", ["XX", "co", "COL", "", None, 7])
def test_party_refuses_a_code_of_no_country(scene: Scene, code: str) -> None:
    with pytest.raises(errors.IdentifierError, match="Party"):
        scene.world.party(code)
    assert len(scene.world.knowledge.declarations) == 1


def test_party_joins_once(scene: Scene) -> None:
    assert repr(scene.world.party("CO")) == "Party('CO')"
    assert list(scene.world.knowledge.declarations) == [Joined(party="CO", at_s=scene.world.now_s)]


def test_declarations_are_refused_for_another_host_s_project(scene: Scene) -> None:
    peru = scene.world.party("PE")
    with pytest.raises(errors.NotHost) as refused:
        peru.cover(scene.project, True)
    assert (refused.value.party, refused.value.host) == ("PE", "CO")
    with pytest.raises(errors.NotHost):
        peru.authorise(scene.project, 1, ["IMP"], vintages=2023, valid=VALID)
    with pytest.raises(errors.NotHost):
        peru.adjust(scene.batch, "Completed")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"tonnes": 0}, errors.AmountError),
        ({"tonnes": 1.5}, errors.AmountError),
        ({"approach": "CA1"}, errors.IdentifierError),
        ({"id": "CO_1"}, errors.IdentifierError),
        ({"purposes": []}, errors.IdentifierError),
        ({"purposes": ["CORSIA"]}, errors.IdentifierError),
        ({"vintages": (2024, 2023)}, errors.IdentifierError),
        ({"vintages": 1800}, errors.IdentifierError),
        ({"valid": "2025"}, errors.PeriodError),
        ({"trigger": "Sale"}, errors.IdentifierError),
        ({"entities": [" "]}, errors.TextError),
    ],
)
def test_authorise_refuses_what_is_malformed(
    scene: Scene, changed: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        scene.authorise(**changed)
    assert len(scene.world.knowledge.declarations) == 1


def test_authorise_refuses_an_id_twice_and_another_project_s_batch(scene: Scene) -> None:
    scene.authorise(id="LoA 7")
    with pytest.raises(errors.AuthorisationExists):
        scene.authorise(id="LoA 7")
    other = scene.eco.register_project("Llanos", "CO", "AR", "Bosques")
    batch = scene.eco.issue(other, 2023, 10, "Bosques")
    with pytest.raises(errors.UnitsNotAuthorised):
        scene.authorise(batches=[batch])


def test_first_transfer_refuses_what_was_not_authorised(scene: Scene) -> None:
    party, retirement = scene.party, scene.retire()
    with pytest.raises(errors.UnknownAuthorisation):
        party.first_transfer("CO-1", retirement, "IMP")
    id = scene.authorise()
    with pytest.raises(errors.UnknownAuthorisation):
        scene.world.party("PE").first_transfer(id, retirement, "IMP")
    with pytest.raises(errors.PurposeNotAuthorised) as refused:
        party.first_transfer(id, retirement, "NDC")
    assert refused.value.purposes == ("IMP",)
    old = scene.authorise(vintages=(2020, 2022))
    with pytest.raises(errors.VintageNotAuthorised):
        party.first_transfer(old, retirement, "IMP")
    later = scene.eco.issue(scene.project, 2024, 10, "Bosques")
    narrow = scene.authorise(batches=[later], vintages=(2023, 2024))
    with pytest.raises(errors.UnitsNotAuthorised):
        party.first_transfer(narrow, retirement, "IMP")
    closed = scene.authorise(entities=["Other Air"])
    with pytest.raises(errors.EntityNotAuthorised):
        party.first_transfer(closed, retirement, "IMP")
    past = scene.authorise(valid="2020-01-01/2020-12-31")
    with pytest.raises(errors.AuthorisationNotValid, match="2020-01-01 until before 2021-01-01"):
        party.first_transfer(past, retirement, "IMP")
    assert scene.world.knowledge.declarations.of(FirstTransfer) == []


def test_first_transfer_refuses_a_batch_where_the_use_counts(scene: Scene) -> None:
    with pytest.raises(errors.NotYetUsed):
        scene.party.first_transfer(scene.authorise(), scene.batch, "IMP")


def test_first_transfer_refuses_the_same_grams_twice(scene: Scene) -> None:
    id, retirement = scene.authorise(), scene.retire()
    scene.party.first_transfer(id, retirement, "IMP", tonnes=40)
    with pytest.raises(errors.AlreadyTransferred) as refused:
        scene.party.first_transfer(id, retirement, "IMP")
    assert (refused.value.start, refused.value.end) == (0, 40 * T)
    (rest,) = scene.party.first_transfer(id, retirement, "IMP", tonnes=60)
    assert rest.interval == Interval(40 * T, 100 * T)
    with pytest.raises(errors.AmountError, match="at most 0 t"):
        scene.party.first_transfer(id, retirement, "IMP", tonnes=1)


def test_first_transfer_refuses_more_than_was_authorised(scene: Scene) -> None:
    id = scene.authorise(trigger="Issuance")
    scene.party.first_transfer(id, scene.batch, "IMP", tonnes=450)
    with pytest.raises(errors.AboveAuthorised) as refused:
        scene.party.first_transfer(id, scene.batch, "IMP", tonnes=51)
    assert (refused.value.transferred, refused.value.amount) == (450 * T, 51 * T)
    scene.party.first_transfer(id, scene.batch, "IMP", tonnes=50)


def test_first_transfer_refuses_fractions_of_a_unit(scene: Scene) -> None:
    id, retirement = scene.authorise(), scene.retire("1.5")
    with pytest.raises(errors.AmountError, match="whole serials"):
        scene.party.first_transfer(id, retirement, "IMP")
    scene.party.first_transfer(id, retirement, "IMP", tonnes=1)


def _numbers(made: tuple[FirstTransfer, ...]) -> list[tuple[int, int]]:
    return [(each.interval.start_g // T, each.interval.end_g // T) for each in made]


def test_first_transfer_takes_the_whole_serials_of_what_was_used(scene: Scene) -> None:
    scene.eco.retire_kg(scene.batch, 250, "Bosques", "Somebody", "voluntary")
    id, retirement = scene.authorise(), scene.retire()
    with pytest.raises(errors.AmountError, match=r"whole serials.*0\.75 t of 1 \+ from 2 to 100"):
        scene.party.first_transfer(id, retirement, "IMP")
    with pytest.raises(errors.AmountError, match=r"at most 99 t, as are left: .* from 2 to 100$"):
        scene.party.first_transfer(id, retirement, "IMP", tonnes=100)
    assert _numbers(scene.party.first_transfer(id, retirement, "IMP", tonnes=60)) == [(1, 61)]
    assert _numbers(scene.party.first_transfer(id, retirement, "IMP", tonnes=39)) == [(61, 100)]
    with pytest.raises(errors.AmountError, match=r"at most 0 t, as are left$"):
        scene.party.first_transfer(id, retirement, "IMP", tonnes=1)


def test_first_transfer_takes_serials_of_a_batch_that_nobody_used(scene: Scene) -> None:
    world, party, icr = scene.world, scene.party, scene.world.registry("ICR")
    early = scene.authorise(trigger="Authorization")
    moved = world.transfer_between(scene.batch, 100, "Bosques", "Acme", icr)
    icr.retire(moved.batches[0], 10, "Acme", "Acme", "voluntary")
    scene.eco.cancel(scene.batch, 20, "Bosques", "for a regulator")
    scene.eco.retire_kg(scene.batch, 250, "Bosques", "Somebody", "voluntary")
    with pytest.raises(errors.UsedAlready) as refused:
        party.first_transfer(early, scene.batch, "IMP")
    scope = scene.batch.scope
    assert refused.value.serials == (
        f"{scope} from 1 to 10",
        f"{scope} from 101 to 120 + 0.25 t of 121",
    )
    assert _numbers(party.first_transfer(early, scene.batch, "IMP", tonnes=100)) == [
        (10, 100),
        (121, 131),
    ]
    # What was used counts under its own record.
    gone = scene.eco.retire(scene.batch, "0.75", "Bosques", "Somebody", "voluntary")
    with pytest.raises(errors.AmountError, match="whole serials"):
        party.first_transfer(early, gone, "IMP")
    used = scene.retire(12)
    assert _numbers(party.first_transfer(early, used, "IMP", tonnes=2)) == [(131, 133)]


def test_first_transfer_takes_no_serials_that_were_converted(scene: Scene) -> None:
    verra = scene.world.registry("Verra-like")
    early = scene.authorise(trigger="Authorization", tonnes=1_000)
    scene.world.transfer_between(scene.batch, 400, "Bosques", "Acme", verra, "cancel-and-reissue")
    (made,) = scene.party.first_transfer(early, scene.batch, "IMP", tonnes=600)
    assert made.interval == Interval(400 * T, 1_000 * T)
    with pytest.raises(errors.UsedAlready, match="from 1 to 400"):
        scene.party.first_transfer(early, scene.batch, "IMP")


def test_first_transfer_names_few_of_many_serials(scene: Scene) -> None:
    early = scene.authorise(trigger="Authorization")
    for _ in range(7):
        scene.retire(1, "voluntary")
        scene.eco.lock(scene.batch, 1, "Bosques", "to leave a gap")
    with pytest.raises(errors.UsedAlready) as refused:
        scene.party.first_transfer(early, scene.batch, "IMP")
    assert len(refused.value.serials) == 6
    assert refused.value.serials[-1] == "2 more"


def test_first_transfer_refuses_another_record_and_another_party(scene: Scene) -> None:
    id = scene.authorise()
    with pytest.raises(errors.IdentifierError, match="record"):
        scene.party.first_transfer(id, "CO-1", "IMP")  # type: ignore[arg-type]
    with pytest.raises(errors.IdentifierError, match="Party"):
        scene.party.first_transfer(id, scene.retire(), "IMP", to="CHE")


def test_declarations_are_refused_for_what_the_ledger_does_not_have(scene: Scene) -> None:
    id = scene.authorise()
    with scene.world.checkpoint():
        gone = scene.retire()
        gone_too = scene.eco.cancel(scene.batch, 5, "Bosques", "by mistake")
        transfer = scene.party.first_transfer(id, gone, "IMP")[0]
    kept = scene.retire()
    said = kept.claim.model_copy(update={"beneficiary": "Zenith"})
    units: list[Any] = [
        gone_too,
        kept.model_copy(update={"intervals": (scene.batch.interval,)}),
        kept.model_copy(update={"claim": said}),
        kept.model_copy(update={"registry": "ICR"}),
    ]
    declared = len(scene.world.knowledge.declarations)
    for record in units:
        with pytest.raises(errors.UnknownDisposition):
            scene.party.first_transfer(id, record, "IMP", tonnes=1)
        with pytest.raises(errors.UnknownDisposition):
            scene.party.adjust(record, "Pending")
    with pytest.raises(errors.UnknownDisposition):
        scene.world.claim(units[1], "Zenith")
    with pytest.raises(errors.IdentifierError):
        scene.party.adjust(transfer, "Pending")
    assert len(scene.world.knowledge.declarations) == declared


@pytest.mark.parametrize("wrong", [None, True, 5, b"x", "CO-1", [None], object()])
def test_declarations_refuse_what_is_no_record_or_list(scene: Scene, wrong: Any) -> None:
    id, declared = scene.authorise(), len(scene.world.knowledge.declarations)
    batch, party = scene.batch, scene.party
    early = scene.authorise(trigger="Issuance")
    for step in (
        lambda: party.cover(wrong, True),
        lambda: party.authorise(wrong, 1, ["IMP"], vintages=2023, valid=VALID),
        lambda: scene.authorise(purposes=wrong),
        lambda: scene.authorise(batches=wrong),
        lambda: scene.authorise(entities=wrong),
        lambda: party.first_transfer(id, wrong, "IMP"),
        lambda: party.first_transfer(early, batch, "IMP", tonnes=1, to=wrong),
        lambda: party.adjust(wrong, "Pending"),
        lambda: scene.world.claim(wrong, "Zenith"),
        lambda: scene.world.export_aef("a\0b" if wrong == "CO-1" else wrong),
    ):
        with pytest.raises(errors.InputError):
            step()
    assert len(scene.world.knowledge.declarations) == declared + 1


def test_authorise_gives_a_number_that_no_letter_has(scene: Scene) -> None:
    assert scene.authorise(id="CO-2") == "CO-2"
    assert [scene.authorise(), scene.authorise()] == ["CO-1", "CO-3"]


def test_a_cancellation_counts_at_its_own_time(scene: Scene) -> None:
    id = scene.authorise(valid="2025-01-01/2025-12-31")
    gone = scene.eco.cancel(scene.batch, 5, "Bosques", "for CORSIA")
    scene.world.advance(days=400)
    assert scene.party.first_transfer(id, gone, "IMP")


@pytest.mark.parametrize("protocol", ["atomic", "relayed", "immobilise-and-mirror"])
def test_an_outcome_claimed_abroad_is_one_finding(scene: Scene, protocol: str) -> None:
    world, icr = scene.world, scene.world.registry("ICR")
    moved = world.transfer_between(scene.batch, 100, "Bosques", "Acme", icr, protocol)
    retired = icr.retire(moved.batches[0], 10, "Acme", "Acme", "voluntary")
    scene.party.first_transfer(scene.authorise(), retired, "IMP")
    assert scene.found("DC-4") == [("DC-4", "certain", 10)]


def test_units_are_found_where_no_guard_keeps_serials_apart() -> None:
    with World.open(engine="model", seed=5, guard="none") as world:
        scene = Scene(world)
        other = scene.eco.verify(scene.project, 2022, 1_000, "Verifier", "second")
        order = IssueOrder(
            batch=scene.batch.batch + 1,
            to="Bosques",
            amount_g=1_000 * T,
            start_g=0,
            vintage=2022,
            statement=other.id,
            scope=scene.batch.scope,
        )
        world.apply(Issue(registry="EcoRegistry", orders=(order,)))
        icr = world.registry("ICR")
        moved = world.transfer_between(scene.batch, 100, "Bosques", "Acme", icr)
        abroad = icr.retire(moved.batches[0], 10, "Acme", "Acme", "voluntary")
        for retired in (scene.retire(), abroad):
            assert world.claim(retired, "Zenith").intervals == retired.intervals


def test_revoke_refuses_what_was_used_and_twice(scene: Scene) -> None:
    used, unused = scene.authorise(), scene.authorise()
    scene.party.first_transfer(used, scene.retire(), "IMP")
    with pytest.raises(errors.AuthorisationUsed) as refused:
        scene.party.revoke(used, "too late")
    assert refused.value.transferred == 100 * T
    scene.party.revoke(unused, "withdrawn")
    with pytest.raises(errors.UnknownAuthorisation):
        scene.party.revoke(unused, "again")


def test_adjust_refuses_what_is_completed_and_unknown_words(scene: Scene) -> None:
    retirement = scene.retire()
    for given in ({"status": "Done"}, {"status": "Pending", "declaration": "Maybe"}):
        with pytest.raises(errors.IdentifierError):
            scene.party.adjust(retirement, **given)
    with pytest.raises(errors.IdentifierError, match="year"):
        scene.party.adjust(retirement, "Pending", year=23)
    scene.party.adjust(retirement, "Pending")
    scene.party.adjust(retirement, "Completed")
    with pytest.raises(errors.AlreadyAdjusted):
        scene.party.adjust(scene.batch, "Completed")


def test_cover_refuses_what_is_no_answer(scene: Scene) -> None:
    with pytest.raises(errors.IdentifierError, match="coverage"):
        scene.party.cover(scene.project, 1)  # type: ignore[arg-type]


def test_claim_refuses_a_blank_and_more_than_was_retired(scene: Scene) -> None:
    with pytest.raises(errors.TextError):
        scene.world.claim(scene.retire(), " ")
    with pytest.raises(errors.AmountError, match="at most 100 t"):
        scene.world.claim(scene.retire(), "Zenith", tonnes=101)
    with pytest.raises(errors.IdentifierError):
        scene.world.claim(scene.batch, "Zenith")  # type: ignore[arg-type]


# What is recorded.


def test_first_transfer_numbers_the_outcomes_of_a_vintage(scene: Scene) -> None:
    id = scene.authorise(purposes=["IMP", "NDC"], vintages=(2023, 2024))
    (one,) = scene.party.first_transfer(id, scene.retire(), "IMP")
    (two,) = scene.party.first_transfer(id, scene.retire(20), "NDC", to="CH")
    later = scene.eco.issue(scene.project, 2024, 10, "Bosques")
    gone = scene.eco.retire(later, 10, "Bosques", "Condor Air", "CORSIA")
    (three,) = scene.party.first_transfer(id, gone, "IMP")
    assert [(each.first, each.last) for each in (one, two, three)] == [
        (1, 100),
        (101, 120),
        (1, 10),
    ]
    assert (one.user, one.retirement) == ("Condor Air", ("EcoRegistry", 1))
    assert (one.registry, one.scope, one.interval) == (
        "EcoRegistry",
        scene.batch.scope,
        Interval(0, 100 * T),
    )
    assert str(one) == f"100 t of {scene.batch.scope} transferred first under CO-1"


def test_checkpoint_takes_declarations_back(scene: Scene) -> None:
    before = list(scene.world.knowledge.declarations)
    with scene.world.checkpoint():
        scene.authorise()
        scene.world.party("PE")
        scene.party.cover(scene.project, True)
    assert list(scene.world.knowledge.declarations) == before


@pytest.mark.parametrize("engine", ["model", "auto"])
def test_folder_keeps_declarations_with_the_world(tmp_path: Path, engine: str) -> None:
    with World.open(tmp_path / "world", engine=engine, seed=5) as world:
        scene = Scene(world)
        id = scene.authorise(entities=["Condor Air"])
        retirement = scene.retire()
        scene.party.first_transfer(id, retirement, "IMP", to="CH")
        scene.party.cover(scene.project, None)
        scene.party.adjust(retirement, "Pending")
        scene.party.revoke(scene.authorise(), "withdrawn")
        world.claim(retirement, "Zenith", tonnes=1)
        scene.eco.contribute(scene.batch, 50, "Bosques")
        loss = scene.eco.report_reversal(scene.project, 60, "fire")
        scene.eco.compensate(loss, scene.batch, 30)
        said, hashed = list(world.knowledge.declarations), world.run_hash()
    with World.open(tmp_path / "world") as world:
        assert list(world.knowledge.declarations) == said
        assert world.run_hash() == hashed
        world.party("PE")
    with World.open(tmp_path / "world", read_only=True) as world:
        assert len(world.knowledge.declarations) == len(said) + 1
        assert repr(world.party("PE")) == "Party('PE')"
        with pytest.raises(WorldError, match="read only"):
            world.party("FR")


def test_folder_refuses_declarations_that_were_never_saved() -> None:
    text = b'{"Joined": {"party": "CO", "at_s": 1}}'
    for pairs in (
        {(1).to_bytes(8, "big"): text},
        {bytes(8): b"[]"},
        {bytes(8): b'{"Left": {}}'},
        {bytes(8): b'{"Joined": {}}'},
    ):
        with pytest.raises(ValueError, match=r"whole|no declaration|Field required"):
            Declarations().recall(pairs)


def test_what_could_not_be_saved_is_not_saved_later() -> None:
    declared = Declarations()
    declared.add(Joined(party="CO", at_s=1))
    assert len(declared.changes()) == 1
    declared.back_to(0)
    assert declared.changes() == {bytes(8): None}
    declared.saved()
    assert declared.changes() == {}


# What an audit makes of it.


def test_audit_is_silent_where_no_party_keeps_a_list() -> None:
    with World.open(engine="model") as world:
        icr = world.registry("ICR")
        forest = icr.register_project("Forest", "IS", "AR", "Skogur")
        icr.retire(icr.issue(forest, 2023, 10, "Skogur"), 10, "Skogur", "Air", "CORSIA")
        assert world.audit() == ()


def test_audit_finds_a_corsia_use_that_the_host_did_not_authorise(scene: Scene) -> None:
    id = scene.authorise()
    scene.party.first_transfer(id, scene.retire(), "IMP")
    assert scene.found() == []
    scene.party.revoke(scene.authorise(), "withdrawn")
    assert scene.found() == []
    narrow = scene.eco.issue(scene.project, 2022, 10, "Bosques")
    scene.eco.retire(narrow, 10, "Bosques", "Condor Air", "CORSIA")
    assert scene.found() == [("DC-2", "certain", 10)]


def test_audit_finds_a_use_that_the_host_counts_too(scene: Scene) -> None:
    id, retirement = scene.authorise(), scene.retire()
    (transfer,) = scene.party.first_transfer(id, retirement, "IMP")
    scene.party.cover(scene.project, True)
    assert scene.found() == [("DC-1", "timed", 100)]
    scene.party.adjust(transfer, "Pending")
    assert scene.found() == [("DC-1", "timed", 100)]
    scene.world.advance(until="2026-04-16")
    assert scene.found() == [("DC-1", "strong", 100)]
    scene.party.cover(scene.project, False)
    assert scene.found() == []
    scene.party.cover(scene.project, True)
    scene.party.adjust(retirement, "Completed")
    assert scene.found() == []


def test_audit_finds_an_authorised_use_that_nobody_adjusts_for(scene: Scene) -> None:
    scene.authorise()
    scene.party.cover(scene.project, True)
    used = scene.retire()
    scene.retire(50, "voluntary")
    assert scene.found() == [("DC-1", "timed", 100)]
    scene.world.advance(until="2026-04-16")
    assert scene.found() == [("DC-1", "strong", 100)]
    scene.party.adjust(used, "Completed")
    assert scene.found() == []


def test_audit_finds_an_outcome_that_is_claimed_voluntarily(scene: Scene) -> None:
    id = scene.authorise(trigger="Authorization", purposes=["IMP", "OP"])
    scene.party.first_transfer(id, scene.batch, "IMP", tonnes=60)
    scene.party.first_transfer(id, scene.batch, "OP", tonnes=20)
    scene.retire(100, "voluntary")
    found = scene.found("DC-4")
    assert set(found) == {("DC-4", "certain", 60)}


def test_audit_finds_an_outcome_on_both_sides_of_a_conversion(scene: Scene) -> None:
    world, party, verra = scene.world, scene.party, scene.world.registry("Verra-like")
    early = scene.authorise(trigger="Authorization")
    party.first_transfer(early, scene.batch, "IMP", tonnes=100)
    moved = world.transfer_between(scene.batch, 100, "Bosques", "Acme", verra, "cancel-and-reissue")
    assert scene.found("DC-4") == []
    there = world.index.projects["Verra-like", moved.batches[0].project][0]
    again = party.authorise(
        there, 500, ["NDC"], vintages=2023, valid=VALID, trigger="Authorization"
    )
    party.first_transfer(again, moved.batches[0], "NDC", tonnes=30, to="CH")
    assert scene.found("DC-4") == [("DC-4", "certain", 30)]


def test_audit_finds_a_second_beneficiary(scene: Scene) -> None:
    scene.authorise()
    retirement = scene.retire()
    scene.world.claim(retirement, "condor AIR")
    assert scene.found() == []
    scene.world.claim(retirement, "Zenith", tonnes=30)
    assert scene.found() == [("DC-5", "strong", 30)]


def test_adjustments_stand_until_it_is_said_otherwise(scene: Scene) -> None:
    id, at_s = scene.authorise(), scene.world.now_s
    retirement = scene.retire()
    scene.party.first_transfer(id, retirement, "IMP", tonnes=60)
    scene.world.advance(days=10)
    scene.party.adjust(retirement, "Pending", declaration="Unknown")
    scene.world.advance(days=300)
    scene.party.first_transfer(id, retirement, "IMP", tonnes=40)
    found = [
        (row["start_g"] // T, row["end_g"] // T, row["declaration"], row["due_s"], "until_s" in row)
        for row in article6_rows(scene.world)["authorisations"]
        if row["kind"] == "adjustment"
    ]
    due = due_s(at_s)
    assert due < due_s(scene.world.now_s)
    assert sorted(found) == [
        (0, 60, "Committed", due, True),
        (0, 60, "Unknown", due, False),
        (60, 100, "Committed", due_s(scene.world.now_s), False),
        (60, 100, "Unknown", None, True),
    ]
    assert len(scene.world.knowledge.declarations.of(Adjustment)) == 1


def test_parties_report_an_action_by_april_of_the_year_that_follows() -> None:
    assert due_s(moment("2025-12-31")) == due_s(moment("2025-01-01")) == moment("2026-04-16")


def test_a_promise_is_due_when_it_was_made_first_and_only_where_it_was(scene: Scene) -> None:
    id = scene.authorise()
    first_s = scene.world.now_s
    scene.party.first_transfer(id, scene.retire(), "IMP", tonnes=10)
    scene.world.advance(days=365)
    second_s = scene.world.now_s
    for declaration in ("Unknown", "Committed"):
        scene.party.adjust(scene.batch, "Pending", declaration=declaration)
    rows = article6_rows(scene.world)["authorisations"]
    stands = [row for row in rows if row["kind"] == "adjustment" and "until_s" not in row]
    assert [(row["start_g"] // T, row["end_g"] // T, row["due_s"]) for row in stands] == [
        (0, 10, due_s(first_s)),
        (10, 1_000, due_s(second_s)),
    ]


# The agreed electronic format.


@pytest.fixture
def exported(scene: Scene, tmp_path: Path) -> Callable[[str], list[dict[str, str]]]:
    """Tables of a world with two transfers."""
    id = scene.authorise(purposes=["IMP", "NDC"], entities=["Condor Air"], vintages=(2022, 2023))
    early = scene.authorise(trigger="Issuance", purposes=["OP"], approach="CA0007")
    scene.party.first_transfer(id, scene.retire(), "IMP")
    scene.party.first_transfer(early, scene.batch, "OP", tonnes=20, to="CH")
    scene.world.export_aef(tmp_path)
    return lambda name: rows(tmp_path / name)


def test_export_aef_writes_its_five_tables(
    exported: Callable[[str], list[dict[str, str]]], scene: Scene
) -> None:
    (submission,) = exported("submissions.csv")
    assert (submission["Party"], submission["Reported year"]) == ("COL", "2025")
    one, two = exported("authorizations.csv")
    assert one["Purposes for authorization"] == "NDC and IMP"
    assert one["OIMP authorized by the Party"] == "IMP"
    assert one["Authorized quantity"] == "500"
    assert one["Authorized timeframe"] == (
        "Occurred: from 2022 to 2023. Use: from 01/01/2025 to 31/12/2027"
    )
    assert two["First transfer definition for OIMP"] == "Issuance"
    used, issued = exported("actions.csv")
    assert used["First ID"] == "CA0001-COL01-COL-1-2023"
    assert used["Last ID"] == "CA0001-COL01-COL-100-2023"
    assert used["First unit ID"] == f"{scene.batch.scope} 1"
    assert used["Last unit ID"] == f"{scene.batch.scope} 100"
    assert used["Using/cancelling authorized entity ID"] == "Condor Air"
    assert issued["Acquiring participating Party ID"] == "CHE"
    assert issued["First unit ID"] == f"{scene.batch.scope} 101"
    (held,) = exported("holdings.csv")
    assert held["First ID"] == issued["First ID"] == "CA0007-COL01-COL-1-2023"
    (entity,) = exported("authorized-entities.csv")
    assert entity["Name"] == "Condor Air"


def test_export_aef_can_be_read_and_audited_with_a_registry_s_export(
    scene: Scene, tmp_path: Path
) -> None:
    id = scene.authorise(trigger="Authorization")
    scene.party.first_transfer(id, scene.batch, "IMP", tonnes=60)
    scene.retire(100, "Voluntary compensation")
    scene.world.export_aef(tmp_path)
    for name, text in export_book(scene.world, "EcoRegistry", "ecoregistry").files.items():
        (tmp_path / name).write_bytes(text)
    read = read_paths([tmp_path])
    assert [file.format for file in read.files] == [
        "aef-actions",
        "ecoregistry-issuances",
        "ecoregistry-retirements",
    ]
    (finding,) = audit(read.tables, rules=["DC-4"])
    assert (finding.scope, finding.amount_g) == (scene.batch.scope, 60 * T)


@pytest.mark.parametrize("name", ["ICR", "EcoRegistry", "S&P", "Nordic", "Verra"])
def test_law_an_action_names_the_units_of_any_registry(name: str, tmp_path: Path) -> None:
    with World.open(engine="model") as world:
        registry = world.registry(name)
        project = registry.register_project("Forest", "GB", "AR", "Skogur")
        batch = registry.issue(project, 2023, 50, "Skogur")
        party = world.party("GB")
        known = party.authorise(project, 50, ["OP"], vintages=2023, valid=VALID, trigger="Issuance")
        (made,) = party.first_transfer(known, batch, "OP", tonnes=7)
        (made,) = party.first_transfer(known, batch, "OP", tonnes=20)
        written = world.export_aef(tmp_path)
        assert [path.name for path in written] == list(aef.files(world))
    (_, row) = read_paths([tmp_path / "actions.csv"]).tables["itmos"].to_pylist()
    assert (row["registry"], row["scope"]) == (made.registry, made.scope)
    assert (row["start_g"], row["end_g"], row["purpose"]) == (7 * T, 27 * T, "OP")
