from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import errors
from registry.desk.registries import Registry
from registry.kept.opening import WorldError
from registry.operators.profiles import Profile, Use, buffer_account, profile_of
from registry.operators.subjects import subject_of, with_subject
from registry.records.action import Mirror
from registry.records.claim import Claim
from registry.records.entry import Kind
from registry.records.identity import ex_ante_id
from registry.records.result import Batch, Project
from registry.units import in_proportion
from registry.world import World

T = 1_000_000
TAX = "Colombian carbon tax"


@pytest.fixture
def world() -> Iterator[World]:
    with World.open(engine="model", seed=3) as opened:
        yield opened


def issued(registry: Registry, tonnes: int = 1_000) -> tuple[Project, Batch]:
    project = registry.register_project("Forest", "CO", "AR-ACM0003", "Dev")
    return project, registry.issue(project, 2024, tonnes, "Dev")


def expected(registry: Registry, tonnes: int = 1_000) -> tuple[Project, Batch]:
    project = registry.register_project("Forest", "GB", "AR-ACM0003", "Dev")
    return project, registry.issue_ex_ante(project, 2024, tonnes, "Dev")


def refused(world: World, kind: type[Exception], step: Callable[[], object]) -> Any:
    """Take a step that must be refused, and leave everything as it was."""
    before = world.ledger.entries, world.now_s, len(world.knowledge.declarations)
    lines = {name: list(book.lines) for name, book in world.books.items()}
    with pytest.raises(kind) as caught:
        step()
    assert (world.ledger.entries, world.now_s, len(world.knowledge.declarations)) == before
    assert {name: list(book.lines) for name, book in world.books.items()} == lines
    return caught.value


def shape(world: World, batch: Batch, *names: str) -> dict[str, int]:
    registry = world.registry(batch.registry)
    return {name: registry.holding(batch, name).balance_g for name in names}


# Expected credits.


def test_issue_ex_ante_draws_on_no_statement_and_counts_apart(world: World) -> None:
    units = world.registry("S&P")
    project, batch = expected(units)
    assert batch.batch == ex_ante_id(project.number, 1)
    assert batch.statement is None
    assert batch.serials == ("WCC-PIU-GB-1-01012024-31122024-1-1000-MER-0-P",)
    more = units.issue_ex_ante(project, 2024, 10, "Acme")
    assert more.serials == ("WCC-PIU-GB-1-01012024-31122024-1001-1010-MER-0-P",)
    verified = units.issue(project, 2024, 5, "Dev")
    assert verified.serials == ("WCC-WCU-GB-1-01012024-31122024-1-5-MER-0-P",)
    assert str(batch).startswith("S&P batch 1/1 ex ante: WCC-PIU-")


@pytest.mark.parametrize("name", ["EcoRegistry", "Verra-like", "Gold Standard-like"])
def test_issue_ex_ante_is_refused_where_the_profile_has_no_such_credits(
    world: World, name: str
) -> None:
    registry = world.registry(name)
    project, batch = issued(registry)
    steps: list[Callable[[], object]] = [
        lambda: registry.issue_ex_ante(project, 2024, 1, "Dev"),
        lambda: registry.convert(batch, 1),
    ]
    for step in steps:
        error = refused(world, errors.NotOffered, step)
        assert (error.registry, error.what) == (name, "expected (ex-ante) credits")


def test_issue_ex_ante_refuses_scopes_of_verified_credits(world: World) -> None:
    icr = world.registry("ICR")
    project, batch = issued(icr)
    scoped = (batch.scope, "ICR-CO-1-2024", "S&P:WCC-PIU-GB-1-01012024-31122024-#-MER-0-P")
    for scope in scoped:
        step = lambda scope=scope: icr.issue_ex_ante(project, 2024, 1, "New", scope=scope)  # noqa: E731
        refused(world, errors.IdentifierError, step)
    own = icr.issue_ex_ante(project, 2024, 1, "New", scope="ICR:ICR-CO-1-2024-ex-ante")
    assert own.serials == ("ICR-CO-1-2024-ex-ante 1",)


@pytest.mark.parametrize("name", ["ICR", "S&P", "Plain"])
def test_expected_credits_move_but_nobody_retires_them(world: World, name: str) -> None:
    registry = world.registry(name)
    _, batch = expected(registry)
    registry.transfer(batch, 100, "Dev", "Acme")
    registry.cancel(batch, 1, "Acme", "a loss")
    registry.release(registry.lock(batch, 2, "Acme", "offered"))
    error = refused(
        world,
        errors.ExAnteNotRetirable,
        lambda: registry.retire(batch, 1, "Acme", "Acme Corp", "voluntary"),
    )
    assert error.batch == batch.batch


def test_convert_gives_each_holder_its_part_to_the_gram(world: World) -> None:
    units = world.registry("S&P")
    _, batch = expected(units)
    units.transfer(batch, 333, "Dev", "Acme")
    units.transfer(batch, "333.333333", "Dev", "Borealis")
    made = units.convert(batch, "899.999999")
    shares = {"Dev": 300_300_000, "Acme": 299_700_000, "Borealis": 299_999_999}
    assert dict(made.shares) == shares
    assert shape(world, made.verified, *shares, "Conversions of S&P") == {
        **shares,
        "Conversions of S&P": 0,
    }
    totals = units.totals(batch)
    assert (totals.active_g, totals.cancelled_g) == (0, 1_000 * T)
    reasons = {one.reason: 0 for one in made.cancellations}
    for one in made.cancellations:
        reasons[one.reason] += one.amount_g
    assert reasons == {"converted": 899_999_999, "over-estimated": 100_000_001}
    assert units.totals(made.verified).issued_g == 899_999_999
    assert made.verified.statement is not None
    assert "in place of expected credits: 300.3 t to Dev, 299.7 t to Acme" in str(made)
    assert units.retire(made.verified, 1, "Acme", "Acme Corp", "voluntary").tonnes == "1"
    assert world.audit() == ()


def test_convert_cancels_before_it_issues(world: World) -> None:
    units = world.registry("S&P")
    _, batch = expected(units)
    since = len(world.ledger.entries)
    units.convert(batch, 1_000)
    kinds = [entry.kind for entry in world.ledger.entries[since:]]
    assert kinds.index(Kind.CANCELLED) < kinds.index(Kind.ISSUED) < kinds.index(Kind.TRANSFERRED)


def test_convert_can_leave_what_was_not_verified(world: World) -> None:
    icr = world.registry("ICR")
    _, batch = expected(icr)
    icr.transfer(batch, 400, "Dev", "Acme")
    made = icr.convert(batch, 500, keep_rest=True)
    assert dict(made.shares) == {"Dev": 300 * T, "Acme": 200 * T}
    assert shape(world, batch, "Dev", "Acme") == {"Dev": 300 * T, "Acme": 200 * T}
    assert {one.reason for one in made.cancellations} == {"converted"}


def test_convert_gives_what_nobody_expected_to_whom_it_is_told(world: World) -> None:
    icr = world.registry("ICR")
    project, batch = expected(icr)
    icr.transfer(batch, 1_000, "Dev", "Acme")
    made = icr.convert(batch, 1_200)
    assert made.shares == (("Acme", 1_000 * T), ("Dev", 200 * T))
    more = icr.issue_ex_ante(project, 2025, 1, "Acme")
    made = icr.convert(more, 3, surplus_to="New")
    assert made.shares == (("Acme", T), ("New", 2 * T))
    assert shape(world, made.verified, "Acme", "New", "Dev") == {"Acme": T, "New": 2 * T, "Dev": 0}


def test_convert_draws_on_a_statement(world: World) -> None:
    units = world.registry("S&P")
    project, batch = expected(units)
    statement = units.verify(project, 2024, 900, "Verifier", "report")
    error = refused(world, errors.AboveVerifiedAmount, lambda: units.convert(batch, 901, statement))
    assert error.verified == 900 * T
    assert units.convert(batch, 900, statement).verified.statement == statement


@pytest.mark.parametrize("hindrance", ["pledge", "freeze", "pause", "close"])
def test_convert_is_all_or_nothing(world: World, hindrance: str) -> None:
    icr = world.registry("ICR")
    _, batch = expected(icr)
    icr.transfer(batch, 400, "Dev", "Acme")
    world.account("Bank")
    hinder: dict[str, Callable[[], object]] = {
        "pledge": lambda: icr.pledge(batch, 1, "Acme", "Bank"),
        "freeze": lambda: icr.freeze(batch, 1, "Acme"),
        "pause": icr.pause,
        "close": lambda: world.close_account("Acme"),
    }
    hinder[hindrance]()
    kinds = {"pause": errors.RegistryPaused, "close": errors.ClosedAccount}
    refused(
        world, kinds.get(hindrance, errors.CreditsEncumbered), lambda: icr.convert(batch, 1_000)
    )


def test_convert_refuses_what_there_is_nothing_of(world: World) -> None:
    icr = world.registry("ICR")
    project, batch = expected(icr)
    verified = icr.issue(project, 2024, 5, "Dev")
    refused(world, errors.IdentifierError, lambda: icr.convert(verified, 5))
    refused(world, errors.AmountError, lambda: icr.convert(batch, 0))
    icr.cancel(batch, 1_000, "Dev", "given up")
    refused(world, errors.AmountError, lambda: icr.convert(batch, 5))


def test_convert_serves_more_holders_than_one_action_takes(world: World) -> None:
    icr = world.registry("ICR")
    _, batch = expected(icr, 130)
    for number in range(120):
        icr.transfer(batch, 1, "Dev", f"Holder {number}")
    made = icr.convert(batch, 65)
    assert len(made.shares) == 121
    assert sum(amount_g for _, amount_g in made.shares) == 65 * T
    assert {amount_g for name, amount_g in made.shares if name != "Dev"} == {T // 2}


@given(st.lists(st.integers(1, 2**63), min_size=1, max_size=9), st.integers(0, 2**63))
def test_law_shares_in_proportion_lose_nothing(weights: list[int], amount: int) -> None:
    shares = in_proportion(amount, weights)
    whole = sum(weights)
    assert sum(shares) == amount
    assert all(
        abs(share * whole - amount * weight) < whole
        for share, weight in zip(shares, weights, strict=True)
    )
    if amount <= whole:
        assert all(share <= weight for share, weight in zip(shares, weights, strict=True))


# Kilograms.


def test_retire_kg_retires_to_the_gram_and_prints_from_and_to(world: World) -> None:
    eco = world.registry("EcoRegistry")
    _, batch = issued(eco)
    whole = eco.retire_kg(batch, 546_000, "Dev", "Acme", "voluntary")
    head = "CDC_1_1_1_321_14_XX_XA_CO_1_1_2024"
    assert (whole.amount_g, whole.serials) == (546 * T, (f"{head} from 1 to 546",))
    part = eco.retire_kg(batch, Decimal("1500.001"), "Dev", "Acme", "voluntary")
    assert (part.amount_g, part.tonnes) == (1_500_001, "1.500001")
    assert part.serials == (f"{head} from 547 to 547 + 0.500001 t of 548",)
    assert eco.retire_kg(batch, "1.5", "Dev", "Acme", "voluntary").amount_g == 1_500
    assert world.audit() == ()


@pytest.mark.parametrize(
    ("kilograms", "problem"),
    [
        (Decimal("0.0005"), "expected kilograms that are whole grams"),
        (Decimal(1) / 3, "expected kilograms that are whole grams"),
        (Decimal("NaN"), "expected a finite number"),
        (Decimal("1E+999999"), "expected a plain decimal number"),
        (-1, "expected an amount of zero or more"),
        (2**63, "expected at most"),
        (1.5, "expected kilograms as int, str or Decimal, not float"),
        (True, "expected kilograms as int, str or Decimal, not bool"),
        (None, "expected kilograms as int, str or Decimal, not NoneType"),
        ("0.0005", "expected kilograms that are whole grams"),
        ("1,500", "expected a plain decimal number"),
        ("1 kg", "expected a plain decimal number"),
        ("", "expected a plain decimal number"),
    ],
)
def test_retire_kg_refuses_what_is_no_whole_gram(
    world: World, kilograms: Any, problem: str
) -> None:
    eco = world.registry("EcoRegistry")
    _, batch = issued(eco)
    error = refused(
        world,
        errors.AmountError,
        lambda: eco.retire_kg(batch, kilograms, "Dev", "Acme", "voluntary"),
    )
    assert problem in error.expected


def test_retire_kg_is_refused_where_tonnes_are_retired(world: World) -> None:
    icr = world.registry("ICR")
    _, batch = issued(icr)
    refused(world, errors.NotOffered, lambda: icr.retire_kg(batch, 1, "Dev", "Acme", "voluntary"))


# Eligibility.


def test_retire_is_refused_for_a_use_that_the_serials_are_not_eligible_for(world: World) -> None:
    eco = world.registry("EcoRegistry")
    project, batch = issued(eco)
    assert eco.eligible_uses(batch) is None
    eco.retire(batch, 1, "Dev", "Acme", "CORSIA")
    said = eco.set_eligibility(project, ["CV", "icq", "voluntary"])
    assert said.uses == eco.eligible_uses(batch) == ("voluntary", "Queretaro tax")
    assert str(said) == "EcoRegistry project 1: eligible for voluntary, Queretaro tax"
    assert eco.retire(batch, 1, "Dev", "Acme", "Voluntary").tonnes == "1"
    steps: list[Callable[[], object]] = [
        lambda: eco.retire(batch, 1, "Dev", "Acme", "CORSIA"),
        lambda: eco.retire_kg(batch, 1, "Dev", "Acme", "CORSIA"),
        lambda: eco.request_retirement(batch, 1, "Dev", "Acme", "CORSIA"),
        lambda: eco.retire_many([(batch, 1)], "Dev", "Acme", "CORSIA"),
    ]
    for step in steps:
        error = refused(world, errors.NotEligible, step)
        assert (error.batch, error.purpose) == (batch.batch, "CORSIA")
        assert error.uses == ("voluntary", "Queretaro tax")


def test_eligibility_of_a_batch_counts_more_than_its_projects(world: World) -> None:
    eco = world.registry("EcoRegistry")
    project, batch = issued(eco)
    statement = eco.verify(project, 2023, 10, "Verifier", "report")
    other = eco.issue(project, 2023, 10, "Dev", statement)
    said = eco.set_eligibility(batch, ["CORSIA"])
    assert str(said) == "EcoRegistry batch 1/1: eligible for CORSIA"
    assert (eco.eligible_uses(batch), eco.eligible_uses(other)) == (("CORSIA",), None)
    eco.set_eligibility(project, ())
    assert (eco.eligible_uses(batch), eco.eligible_uses(other)) == (("CORSIA",), ())
    error = refused(
        world, errors.NotEligible, lambda: eco.retire(other, 1, "Dev", "Acme", "voluntary")
    )
    assert "eligible for no use, not for 'voluntary'" in str(error)
    eco.set_eligibility(batch, ["voluntary"])
    assert eco.eligible_uses(batch) == ("voluntary",)


def test_eligibility_travels_with_credits(world: World) -> None:
    eco, icr = world.registry("EcoRegistry"), world.registry("ICR")
    project, batch = issued(eco)
    eco.set_eligibility(project, ["CORSIA"])
    moved = world.transfer_between(batch, 10, "Dev", "Dev", icr, "atomic")
    (here,) = moved.batches
    assert icr.eligible_uses(here) == ("CORSIA",)
    refused(world, errors.NotEligible, lambda: icr.retire(here, 1, "Dev", "Acme", "voluntary"))
    icr.set_eligibility(here, ["voluntary"])
    assert icr.eligible_uses(here) == ("voluntary",)
    icr.retire(here, 1, "Dev", "Acme", "voluntary")


@pytest.mark.parametrize("uses", ["CV", None, 7, [""], [7], [None], ["a\0"]])
def test_set_eligibility_refuses_what_is_no_list_of_uses(world: World, uses: Any) -> None:
    eco = world.registry("EcoRegistry")
    project, _ = issued(eco)
    refused(world, errors.InputError, lambda: eco.set_eligibility(project, uses))


def test_set_eligibility_refuses_another_registrys_credits(world: World) -> None:
    eco, icr = world.registry("EcoRegistry"), world.registry("ICR")
    project, batch = issued(eco)
    refused(world, errors.UnknownProject, lambda: icr.set_eligibility(project, ["CV"]))
    refused(world, errors.UnknownBatch, lambda: icr.set_eligibility(batch, ["CV"]))


def test_retire_for_a_tax_names_its_passive_subject(world: World) -> None:
    eco = world.registry("EcoRegistry")
    _, batch = issued(eco)
    for reason in ("", "for Acme", "passive subject: ", "Passive subject: ;x"):
        error = refused(
            world,
            errors.SubjectMissing,
            lambda reason=reason: eco.retire(batch, 1, "Dev", "Acme", TAX, reason),
        )
        assert error.purpose == TAX
    retired = eco.retire(batch, 1, "Dev", "Acme", TAX, "2024", subject="Sujeto SA")
    assert retired.claim.reason == "Passive subject: Sujeto SA; 2024"
    assert subject_of(retired.claim) == "Sujeto SA"
    asked = eco.request_retirement(batch, 1, "Dev", "Acme", TAX, with_subject("Sujeto SA"))
    assert subject_of(asked.claim) == "Sujeto SA"
    assert subject_of(Claim(beneficiary="A", purpose="B")) is None


@pytest.mark.parametrize("subject", ["", " A", "A; B", "@A", "a\0", 7])
def test_retire_refuses_what_names_no_passive_subject(world: World, subject: Any) -> None:
    eco = world.registry("EcoRegistry")
    _, batch = issued(eco)
    refused(
        world,
        errors.InputError,
        lambda: eco.retire(batch, 1, "Dev", "Acme", TAX, subject=subject),
    )


def test_closed_lists_of_uses_are_closed(world: World) -> None:
    uses = {"heat": Use(code="H", must_be_stated=True), "light": Use(code="L")}
    closed = world.registry(Profile(name="Closed", mode="native", uses=uses, only_these_uses=True))
    _, batch = issued(closed)
    error = refused(
        world, errors.UnknownUse, lambda: closed.retire(batch, 1, "Dev", "Acme", "voluntary")
    )
    assert (error.registry, error.use, error.known) == ("Closed", "voluntary", ("heat", "light"))
    refused(world, errors.UnknownUse, lambda: closed.set_eligibility(batch, ["warmth"]))
    error = refused(
        world, errors.NotEligible, lambda: closed.retire(batch, 1, "Dev", "Acme", "heat")
    )
    assert error.uses == ()
    closed.retire(batch, 1, "Dev", "Acme", "light")
    closed.set_eligibility(batch, ["H"])
    closed.retire(batch, 1, "Dev", "Acme", "HEAT")


# Buffer, regulator, certificates.


def test_issue_buffer_marks_serials_and_fills_the_buffer(world: World) -> None:
    eco = world.registry("EcoRegistry")
    project = eco.register_project("Forest", "CO", "AR-ACM0003", "Dev")
    statement = eco.verify(project, 2024, 1_000, "Verifier", "report")
    eco.issue(project, 2024, 800, "Dev", statement)
    batch = eco.issue_buffer(project, 2024, 200, statement)
    assert batch.holder == buffer_account("EcoRegistry") == eco.buffer
    assert batch.serials == ("CDC_1_1_1_321_14_XX_XA_CO_1_1_BFC_2024 from 1 to 200",)
    over = lambda: eco.issue_buffer(project, 2024, 1, statement)  # noqa: E731
    refused(world, errors.AboveVerifiedAmount, over)


def test_issue_buffer_is_refused_where_there_is_none(world: World) -> None:
    bare = world.registry(Profile(name="Bare", mode="native", buffer_mark=None))
    project, _ = issued(bare)
    refused(world, errors.NotOffered, lambda: bare.issue_buffer(project, 2023, 1))


def test_issues_wait_for_the_regulators_approval(world: World) -> None:
    profile = profile_of("S&P").model_copy(update={"name": "Strict", "approves_issues": True})
    strict = world.registry(profile)
    project, batch = issued(strict)
    refused(world, errors.CreditsEncumbered, lambda: strict.transfer(batch, 1, "Dev", "Acme"))
    strict.approve(batch)
    strict.transfer(batch, 1, "Dev", "Acme")
    strict.suspend(batch, "Acme")
    refused(
        world, errors.CreditsEncumbered, lambda: strict.retire(batch, 1, "Acme", "A", "voluntary")
    )
    strict.forced_transfer(batch, 1, "Acme", "Dev", "by order")
    hoped = strict.issue_ex_ante(project, 2025, 10, "Dev")
    made = strict.convert(hoped, 10).verified
    refused(world, errors.CreditsEncumbered, lambda: strict.transfer(made, 1, "Dev", "Acme"))
    strict.approve(made)
    strict.transfer(made, 1, "Dev", "Acme")
    assert world.audit() == ()


def test_approval_is_refused_where_there_is_no_regulator(world: World) -> None:
    eco = world.registry("EcoRegistry")
    _, batch = issued(eco)
    refused(world, errors.NotOffered, lambda: eco.approve(batch))
    refused(world, errors.NotOffered, lambda: eco.suspend(batch, "Dev"))


@pytest.mark.parametrize("order", ["freeze", "move", "end a pledge", "suspend"])
def test_orders_of_a_regulator_are_refused_where_there_is_none(world: World, order: str) -> None:
    eco = world.registry("EcoRegistry")
    _, batch = issued(eco)
    world.account("Bank")
    pledge = eco.pledge(batch, 5, "Dev", "Bank")
    steps: dict[str, Callable[[], object]] = {
        "freeze": lambda: eco.freeze(batch, 1, "Dev"),
        "move": lambda: eco.forced_transfer(batch, 1, "Dev", "Bank", "by order"),
        "end a pledge": lambda: eco.end_pledge(pledge, "by order"),
        "suspend": lambda: eco.suspend(batch, "Dev"),
    }
    refused(world, errors.NotOffered, steps[order])


@pytest.mark.parametrize("reason", [None, True, 5, b"x", object()])
def test_retire_refuses_what_is_no_reason_beside_a_subject(world: World, reason: Any) -> None:
    eco = world.registry("EcoRegistry")
    _, batch = issued(eco)
    refused(
        world,
        errors.TextError,
        lambda: eco.retire(batch, 1, "Dev", "B", TAX, reason, subject="Refinería"),
    )


def test_convert_looks_at_who_gets_a_surplus_before_there_is_one(world: World) -> None:
    icr = world.registry("ICR")
    _, batch = expected(icr)
    for name in (True, "", b"x"):
        refused(
            world,
            errors.InputError,
            lambda name=name: icr.convert(batch, 5, surplus_to=name),
        )


def test_eligibility_is_said_of_batches_that_are_there(world: World) -> None:
    icr = world.registry("ICR")
    project, _ = issued(icr)
    with world.checkpoint():
        gone = icr.issue(project, 2022, 5, "Dev")
    refused(world, errors.UnknownBatch, lambda: icr.set_eligibility(gone, ["voluntary"]))


def test_mirrors_of_what_nobody_issued_have_no_home_to_ask(world: World) -> None:
    icr, eco = world.registry("ICR"), world.registry("EcoRegistry")
    project, batch = issued(icr)
    world.transfer_between(batch, 1, "Dev", "Acme", eco)
    mirror = Mirror(
        registry="EcoRegistry",
        source="ICR",
        lock=99,
        scope=batch.scope.replace("2024", "2023"),
        start_g=0,
        amount_g=10 * T,
        vintage=2023,
        to="Acme",
    )
    made = world.batch("EcoRegistry", world.apply(mirror)[0].batch or 0)
    icr.set_eligibility(project, ["CORSIA"])
    assert eco.eligible_uses(made) is None
    assert eco.retire(made, 1, "Acme", "Acme", "voluntary").amount_g == T


def test_certificate_is_written_in_the_registrys_words(world: World) -> None:
    eco = world.registry("EcoRegistry")
    _, batch = issued(eco)
    retired = eco.retire_kg(batch, 2_000, "Dev", "Acme", TAX, subject="Sujeto SA")
    assert eco.certificate(retired) == (
        "EcoRegistry, certificate 1: 2 t withdrawn by Dev for Acme, Colombian carbon tax (ICC): "
        "CDC_1_1_1_321_14_XX_XA_CO_1_1_2024 from 1 to 2"
    )
    forged = retired.model_copy(update={"holder": "Acme"})
    refused(world, errors.UnknownCertificate, lambda: eco.certificate(forged))
    bare = world.registry(Profile(name="Bare", mode="native", certificates=False))
    _, batch = issued(bare)
    retired = bare.retire(batch, 1, "Dev", "Acme", "voluntary")
    refused(world, errors.NotOffered, lambda: bare.certificate(retired))


def test_verra_like_serials_are_counted_over_the_whole_registry(world: World) -> None:
    verra = world.registry("Verra-like")
    project = verra.register_project("Forest", "BR", "VM0015", "Dev")
    other = verra.register_project("Stoves", "KE", "VMR0006", "Dev")
    batches = [
        *(verra.issue(project, 2023, 100, "Dev"), verra.issue(other, 2023, 50, "Dev")),
        verra.issue(project, 2024, 7, "Dev"),
    ]
    assert [batch.serials[0] for batch in batches] == [
        "1-1-100-VCS-VCU-1-VER-BR-14-1-01012023-31122023-0",
        "1-101-150-VCS-VCU-1-VER-KE-14-2-01012023-31122023-0",
        "2-151-157-VCS-VCU-1-VER-BR-14-1-01012024-31122024-0",
    ]
    assert world.audit() == ()


# Registries of one's own.

FJORD = """\
name: Fjord
about: A registry that a test made up.
mode: mirrored
lag_s: 60
statuses: {retirement: Brukt, lock: Sperret}
serials: {scope: "{country}/{project}/{vintage} {block}", ex_ante: "{country}/{project} {block}"}
retires_kilograms: true
uses: {shipping: {code: S}}
delays: {lock: {seconds: 5, source: a test, is_assumption: true}}
"""


def test_a_profile_of_ones_own_lives_and_is_audited(world: World, tmp_path: Path) -> None:
    path = tmp_path / "fjord.yaml"
    path.write_text(FJORD, encoding="utf-8")
    fjord = world.registry(path)
    assert fjord.profile.delays.lock.seconds == 5
    assert world.registry("Fjord").profile == world.registry(path).profile == fjord.profile
    _, batch = issued(fjord)
    assert batch.serials == ("CO/1/2024 1-1000",)
    fjord.transfer(batch, "250.5", "Dev", "Acme")
    lock = fjord.lock(batch, 10, "Acme", "offered")
    fjord.release(lock, 4)
    fjord.retire_kg(batch, 500, "Acme", "Acme Corp", "shipping")
    statuses = [line.status for line in world.books["Fjord"].lines]
    assert statuses == ["Issued", "Transferred", "Sperret", "Active", "Sperret", "Brukt"]
    assert world.books["Fjord"].lag_s == 60
    assert world.audit() == ()


def test_a_profile_of_ones_own_is_known_when_its_world_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "fjord.yaml"
    path.write_text(FJORD, encoding="utf-8")
    with World.open(tmp_path / "world", engine="model") as world:
        fjord = world.registry(path, lag_s=7)
        project, batch = issued(fjord)
        fjord.set_eligibility(project, ["S"])
        known = fjord.profile
        with world.checkpoint():
            world.registry(profile_of("Fjell"))
            world.registry(Profile(name="Fjell 2", mode="native", certificates=False))
        world.registry("Fjell 2")
    path.unlink()
    with World.open(tmp_path / "world") as world:
        fjord = world.registry("Fjord")
        assert fjord.profile == known
        assert world.registry("Fjell 2").profile == profile_of("Fjell 2")
        refused(
            world, errors.NotEligible, lambda: fjord.retire(batch, 1, "Dev", "Acme", "voluntary")
        )
        fjord.retire(batch, 1, "Dev", "Acme", "shipping")
        assert world.books["Fjord"].lines[-1].status == "Brukt"
        assert world.audit() == ()


def test_what_was_kept_of_a_profile_cannot_be_another_thing(tmp_path: Path) -> None:
    from registry.kept.declarations import Declarations

    kept = Declarations()
    kept.add(Profile(name="A", mode="native"))
    ((key, value),) = kept.changes().items()
    assert value is not None
    again = Declarations()
    again.recall({key: value})
    assert list(again) == list(kept)
    said = json.loads(value)
    said["Profile"]["colour"] = "blue"
    with pytest.raises(ValueError, match="no such key"):
        Declarations().recall({key: json.dumps(said).encode()})


def test_registry_refuses_another_profile_of_an_open_name(world: World) -> None:
    world.registry("Fjord")
    other = Profile(name="Fjord", mode="native", certificates=False)
    for asked in (other, other.model_copy(update={"name": "FJORD"})):
        refused(world, WorldError, lambda asked=asked: world.registry(asked))
    assert world.registry(profile_of("Fjord")).profile == world.registry("Fjord").profile


def test_registry_refuses_a_bad_profile_and_opens_nothing(world: World, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(FJORD + "colour: blue\n", encoding="utf-8")
    error = refused(world, errors.ProfileError, lambda: world.registry(path))
    assert (error.path, error.line, error.column, error.key) == (str(path), 10, 1, "colour")
    assert world.registries == ()


def test_operators_do_the_same_on_a_chain() -> None:
    hashes = []
    for engine in ("model", "revm"):
        with World.open(engine=engine, seed=3) as world:
            units, eco = world.registry("S&P"), world.registry("EcoRegistry")
            _, batch = expected(units)
            units.transfer(batch, 333, "Dev", "Acme")
            refused(
                world,
                errors.ExAnteNotRetirable,
                lambda units=units, batch=batch: units.retire(batch, 1, "Acme", "A", "B"),
            )
            units.suspend(units.convert(batch, "899.5").verified, "Acme")
            project, batch = issued(eco)
            eco.set_eligibility(project, ["CV"])
            eco.retire_kg(batch, 1_500, "Dev", "Acme", "voluntary")
            hashes.append(world.run_hash("operators"))
    assert hashes[0] == hashes[1]
