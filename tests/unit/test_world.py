"""What a lifecycle script opens: the example, bad inputs, checkpoints, statements, certificates."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from registry import LedgerError, World, errors
from registry.desk.credits import REQUEST_DAYS
from registry.kept.opening import WorldError
from registry.ledger.model import ModelLedger
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.identity import batch_id
from registry.records.interval import Interval
from registry.records.project import period_days
from registry.records.result import Account, Proof
from registry.simulate.faults import plant
from tests.chain import CHAIN, ENGINES
from tests.contracts.stage import CLAIM_ARGS, DAY_S, ECO, FREE, ICR, STRANGER, Stage, T

HUGE = pytest.param(10**5_000, id="10^5000")
MINUS_HUGE = pytest.param(-(10**5_000), id="-10^5000")
MEGABYTE = pytest.param("x" * 1_000_000, id="a megabyte")


@pytest.fixture(scope="module", params=ENGINES)
def built_stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    stage = Stage(request.param)
    yield stage
    stage.world.close()


@pytest.fixture
def stage(built_stage: Stage) -> Iterator[Stage]:
    with built_stage.world.checkpoint():
        yield built_stage


# The example.


def example(engine: str, seed: int = 7) -> tuple[str, str, tuple[str, ...]]:
    """Run the README's lines, and return what they print, the run hash and the entries."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), World.open(seed=seed, engine=engine) as world:
        icr = world.registry("ICR")
        forest = icr.register_project("Highland forest", "IS", "AR-ACM0003", developer="Skogur")
        batch = icr.issue(forest, vintage=2024, tonnes=1_000, to="Skogur")
        icr.transfer(batch, 400, source="Skogur", to="Acme")
        print(icr.retire(batch, "150.5", "Acme", beneficiary="Acme Corp", purpose="voluntary"))
        try:
            icr.retire(batch, 250, "Acme", beneficiary="Acme Corp", purpose="voluntary")
        except LedgerError as error:
            print(error)
        print(icr.totals(batch))
        print(world.audit())
        lines = tuple(entry.line() for entry in world.entries())
        return printed.getvalue(), world.run_hash(), lines


@pytest.mark.parametrize("engine", ENGINES)
def test_example_prints_what_it_promises(engine: str) -> None:
    assert example(engine)[0].splitlines() == [
        "150.5 t retired for Acme Corp by Acme: ICR-ISL-354-1-14-A-0-2024 1-150 + 0.5 t of 151",
        "Acme holds 249.5 t of batch 1/1, needed 250 t",
        "issued 1000, active 849.5, locked 0, retired 150.5, cancelled 0, exported 0 (t)",
        "()",
    ]


def test_run_hash_is_the_same_on_every_engine_and_again() -> None:
    model, chain = example("model"), example(CHAIN)
    assert model == chain == example("model")


def test_run_hash_differs_with_seed_and_scenario() -> None:
    assert example("model", 7)[1] != example("model", 8)[1]
    with World.open(engine="model") as world:
        assert len({world.run_hash(), world.run_hash("a"), world.run_hash("b")}) == 3
        before = world.run_hash()
        world.account("Acme")
        assert world.run_hash() != before


def test_auto_is_a_chain() -> None:
    with World.open() as world:
        assert world.engine == CHAIN
        assert world.web3.eth.block_number > 0


def test_model_has_no_web3() -> None:
    with World.open(engine="model") as world, pytest.raises(WorldError, match="no chain"):
        _ = world.web3


@pytest.mark.parametrize("engine", ENGINES)
def test_world_is_a_context_that_closes(engine: str) -> None:
    with pytest.raises(ZeroDivisionError), World.open(engine=engine) as world:
        world.account("Acme")
        raise ZeroDivisionError


@pytest.mark.parametrize("engine", ENGINES)
def test_world_can_be_closed_twice(engine: str) -> None:
    with World.open(engine=engine) as world:
        world.close()
    world.close()


# Bad inputs: to open a world.


@pytest.mark.parametrize("seed", [-1, 1.0, "1", True, MINUS_HUGE, HUGE])
def test_open_refuses_a_seed(seed: Any) -> None:
    with pytest.raises(WorldError, match="seed"):
        World.open(seed=seed, engine="model")


@pytest.mark.parametrize("engine", ["", "Model", "rpc", None, 1, ["model"]])
def test_open_refuses_an_engine(engine: Any) -> None:
    with pytest.raises(WorldError, match="engine"):
        World.open(engine=engine)


@pytest.mark.parametrize(
    "start",
    [
        "",
        "yesterday",
        "2025-13-01",
        "2025-02-30",
        "1970-12-31",
        date(1970, 12, 31),
        datetime.min,
        0,
        1_751_328_000,
        MEGABYTE,
    ],
)
def test_open_refuses_a_start(start: Any) -> None:
    with pytest.raises(WorldError) as caught:
        World.open(engine="model", start=start)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("start", "now"),
    [
        ("2025-07-01", "2025-07-01T00:00:00+00:00"),
        (date(2025, 7, 1), "2025-07-01T00:00:00+00:00"),
        ("2025-07-01T12:30:00", "2025-07-01T12:30:00+00:00"),
        ("2025-07-01T12:30:00+02:00", "2025-07-01T10:30:00+00:00"),
        (datetime(2025, 7, 1, 1, tzinfo=UTC), "2025-07-01T01:00:00+00:00"),
        ("1971-01-01", "1971-01-01T00:00:00+00:00"),
    ],
)
def test_open_starts_the_clock(start: Any, now: str) -> None:
    for engine in ENGINES:
        with World.open(engine=engine, start=start) as world:
            assert datetime.fromtimestamp(world.now_s, UTC).isoformat() == now
            world.account("Acme")
            assert world.entries()[0].at_s == world.now_s


# Bad inputs: names and registries.


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", errors.IdentifierError),
        (" ICR", errors.IdentifierError),
        ("@operator", errors.IdentifierError),
        (None, errors.IdentifierError),
        (7, errors.IdentifierError),
        ("a\nb", errors.TextError),
        ("é" * 101, errors.TextError),
        pytest.param("x" * 1_000_000, errors.TextError, id="a megabyte"),
    ],
)
def test_names_are_refused_everywhere_alike(stage: Stage, name: Any, kind: type) -> None:
    icr, batch = stage.icr, stage.batch
    stage.rejects(
        kind,
        lambda: stage.world.account(name),
        lambda: stage.world.close_account(name),
        lambda: stage.world.registry(name),
        lambda: icr.register_project("A", "IS", "M", name),
        lambda: icr.verify(stage.forest, 2023, 1, name, "r"),
        lambda: icr.issue(stage.forest, 2024, 1, name, stage.statement),
        lambda: icr.transfer(batch, 1, name, "Acme"),
        lambda: icr.transfer(batch, 1, "Acme", name),
        lambda: icr.retire(batch, 1, name, *CLAIM_ARGS),
        lambda: icr.request_retirement(batch, 1, name, *CLAIM_ARGS),
        lambda: icr.cancel(batch, 1, name, ""),
        lambda: icr.lock(batch, 1, name, ""),
        lambda: icr.pledge(batch, 1, name, "Acme"),
        lambda: icr.pledge(batch, 1, "Acme", name),
        lambda: icr.freeze(batch, 1, name),
        lambda: icr.forced_transfer(batch, 1, name, "Acme", ""),
        lambda: icr.forced_transfer(batch, 1, "Acme", name, ""),
        lambda: icr.holding(batch, name),
    )


def test_unknown_accounts_are_refused_and_never_opened(stage: Stage) -> None:
    icr, batch, refused = stage.icr, stage.batch, errors.UnknownAccount(STRANGER)
    stage.refuses(
        refused,
        lambda: icr.transfer(batch, 1, STRANGER, "Newcomer"),
        lambda: icr.retire(batch, 1, STRANGER, *CLAIM_ARGS),
        lambda: icr.request_retirement(batch, 1, STRANGER, *CLAIM_ARGS),
        lambda: icr.cancel(batch, 1, STRANGER, ""),
        lambda: icr.lock(batch, 1, STRANGER, ""),
        lambda: icr.pledge(batch, 1, STRANGER, "Acme"),
        lambda: icr.pledge(batch, 1, "Acme", STRANGER),
        lambda: icr.freeze(batch, 1, STRANGER),
        lambda: icr.forced_transfer(batch, 1, STRANGER, "Newcomer", ""),
    )
    assert icr.holding(batch, STRANGER).balance_g == 0


def test_platform_is_no_registry(stage: Stage) -> None:
    stage.rejects(WorldError, lambda: stage.world.registry("platform"))


@pytest.mark.parametrize(
    "action",
    [
        act.Pause(registry="platform"),
        act.Pause(registry="platform", by="@platform"),
        act.RegisterProject(
            registry="platform", project=1, developer="Acme", root="0x" + "00" * 32
        ),
        act.Cancel(registry="platform", by="Acme", id=1, batch=1, amount_g=1),
        act.OpenAccount(registry=ICR, account="Newcomer"),
        act.CloseAccount(registry=ICR, account="Acme"),
    ],
    ids=lambda action: type(action).__name__,
)
def test_shared_and_own_actions_are_refused_in_each_other_s_place(
    stage: Stage, action: act.Action
) -> None:
    stage.rejects(errors.UnknownRegistry, lambda: stage.apply(action))


def test_registry_opened_by_an_action_is_there(stage: Stage) -> None:
    stage.apply(act.OpenRegistry(registry="New", native=False))
    stage.apply(act.OpenRegistry(registry="S&P", native=True))
    assert stage.world.registry("New").profile.mode == "mirrored"
    assert stage.world.registry("S&P").profile.mode == "native"
    assert stage.world.registry("New").register_project("A", "GB", "M", "D").number == 1


def test_open_registry_refuses_the_platform_s_name(stage: Stage) -> None:
    action = act.OpenRegistry(registry="platform", native=True)
    stage.rejects(errors.IdentifierError, lambda: stage.apply(action))
    again = act.OpenRegistry(registry=ICR, native=True)
    stage.rejects(errors.IdentifierError, lambda: stage.apply(again))
    by = act.OpenRegistry(registry="New", native=True, by="Acme")
    stage.refuses(errors.NotAuthorised("Acme", "OPERATOR"), lambda: stage.apply(by))


def test_unknown_registry_is_refused_at_ledger_level(stage: Stage) -> None:
    action = act.Cancel(registry="Nowhere", by="Acme", id=9, batch=stage.id, amount_g=1)
    world = stage.world
    for do in (
        lambda: stage.apply(action),
        lambda: world.ledger.apply(action, world.now_s + 1),
    ):
        error = stage.rejects(errors.UnknownRegistry, do)
        assert isinstance(error, errors.UnknownRegistry)
        assert error.registry == "Nowhere"
        assert error.known == (ICR, ECO)


@pytest.mark.parametrize("mode", ["", "Native", "both", 1, ["native"]])
def test_registry_refuses_a_mode(stage: Stage, mode: Any) -> None:
    stage.rejects(WorldError, lambda: stage.world.registry("Third", mode))


def test_registry_refuses_to_change_its_mode(stage: Stage) -> None:
    stage.rejects(WorldError, lambda: stage.world.registry(ICR, "mirrored"))
    before = stage.state()
    assert stage.world.registry(ICR, "native").profile == stage.icr.profile
    assert stage.state() == before


def test_registry_takes_its_mode_from_its_profile_or_the_caller(stage: Stage) -> None:
    world = stage.world
    modes = {profile.name: profile.mode for profile in world.registries}
    assert modes == {ICR: "native", ECO: "mirrored"}
    assert world.registry("S&P").profile.mode == "mirrored"
    assert world.registry("Third").profile.mode == "native"
    assert world.registry("Fourth", "mirrored").profile.mode == "mirrored"


# Bad inputs: batches, amounts, texts, countries, periods.


def test_foreign_batch_is_unknown(stage: Stage) -> None:
    icr, eco, foreign = stage.icr, stage.eco, stage.eco_batch
    stage.refuses(
        errors.UnknownBatch(stage.id),
        lambda: icr.transfer(foreign, 1, "Acme", "Newcomer"),
        lambda: icr.retire(foreign, 1, "Acme", *CLAIM_ARGS),
        lambda: icr.totals(foreign),
        lambda: icr.holding(foreign, "Acme"),
        lambda: icr.freeze(foreign, 1, "Acme"),
        lambda: icr.forced_transfer(foreign, 1, "Acme", "Newcomer", ""),
        lambda: eco.retire(stage.batch, 1, "Acme", *CLAIM_ARGS),
        lambda: eco.intervals(stage.lock),
        lambda: eco.certifies(stage.retirement),
    )


@pytest.mark.parametrize("batch", [None, 1, batch_id(1, 1), "1/1"])
def test_batch_that_is_no_record_is_refused(stage: Stage, batch: Any) -> None:
    stage.rejects(errors.IdentifierError, lambda: stage.icr.transfer(batch, 1, "Acme", "Bank"))
    stage.rejects(errors.IdentifierError, lambda: stage.icr.totals(batch))
    stage.rejects(errors.IdentifierError, lambda: stage.icr.issue(batch, 2024, 1, "Acme"))


BAD_AMOUNTS = [
    -1,
    "-0.000001",
    1.5,
    1.0,
    float("nan"),
    float("inf"),
    True,
    False,
    None,
    "",
    "one",
    "1e3",
    " 1",
    "0.0000001",
    "1,5",
    Decimal("0.0000001"),
    Decimal("NaN"),
    Decimal("Infinity"),
    "9223372036854.775808",
    9_223_372_036_855,
    HUGE,
    [1],
]


@pytest.mark.parametrize("tonnes", BAD_AMOUNTS)
def test_amounts_are_refused_everywhere_alike(stage: Stage, tonnes: Any) -> None:
    icr, batch = stage.icr, stage.batch
    stage.rejects(
        errors.AmountError,
        lambda: icr.verify(stage.forest, 2023, tonnes, "Verifier", "r"),
        lambda: icr.issue(stage.forest, 2024, tonnes, "Newcomer", stage.statement),
        lambda: icr.issue(stage.forest, 2023, tonnes, "Newcomer"),
        lambda: icr.transfer(batch, tonnes, "Acme", "Newcomer"),
        lambda: icr.retire(batch, tonnes, "Acme", *CLAIM_ARGS),
        lambda: icr.retire_many([(batch, tonnes)], "Acme", beneficiary="A", purpose="B"),
        lambda: icr.request_retirement(batch, tonnes, "Acme", *CLAIM_ARGS),
        lambda: icr.cancel(batch, tonnes, "Acme", ""),
        lambda: icr.lock(batch, tonnes, "Acme", ""),
        lambda: icr.pledge(batch, tonnes, "Acme", "Bank"),
        lambda: icr.freeze(batch, tonnes, "Acme"),
        lambda: icr.forced_transfer(batch, tonnes, "Acme", "Newcomer", ""),
        *([] if tonnes is None else [lambda: icr.release(stage.lock, tonnes)]),
    )


@pytest.mark.parametrize("tonnes", [0, "0", "0.0", Decimal(0), "-0"])
def test_zero_is_refused_by_the_ledger(stage: Stage, tonnes: Any) -> None:
    icr, batch = stage.icr, stage.batch
    stage.refuses(
        errors.ZeroAmount(),
        lambda: icr.verify(stage.forest, 2023, tonnes, "Verifier", "r"),
        lambda: icr.issue(stage.forest, 2024, tonnes, "Newcomer", stage.statement),
        lambda: icr.issue(stage.forest, 2023, tonnes, "Newcomer"),
        lambda: icr.transfer(batch, tonnes, "Acme", "Newcomer"),
        lambda: icr.retire(batch, tonnes, "Acme", *CLAIM_ARGS),
        lambda: icr.cancel(batch, tonnes, "Acme", ""),
        lambda: icr.lock(batch, tonnes, "Acme", ""),
        lambda: icr.release(stage.lock, tonnes),
        lambda: icr.pledge(batch, tonnes, "Acme", "Bank"),
        lambda: icr.forced_transfer(batch, tonnes, "Acme", "Newcomer", ""),
    )


def test_largest_amount_is_more_than_anybody_has(stage: Stage) -> None:
    most_g = 2**63 - 1
    stage.refuses(
        errors.InsufficientCredits(stage.id, "Acme", 600 * T, most_g),
        lambda: stage.icr.retire(stage.batch, "9223372036854.775807", "Acme", *CLAIM_ARGS),
    )


BAD_TEXTS = ["a\nb", "\x1b[31m", "a\u2028b", "x" * 513, "é" * 257, None, 1, b"text", MEGABYTE]


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_texts_are_refused_everywhere_alike(stage: Stage, text: Any) -> None:
    icr, batch, before = stage.icr, stage.batch, stage.state()
    for do in (
        lambda: icr.retire(batch, 1, "Acme", text, "B"),
        lambda: icr.retire(batch, 1, "Acme", "A", text),
        lambda: icr.retire(batch, 1, "Acme", "A", "B", text),
        lambda: icr.request_retirement(batch, 1, "Acme", text, "B"),
        lambda: icr.retire_many([(batch, 1)], "Acme", beneficiary=text, purpose="B"),
        lambda: icr.revert_retirement(stage.request, text),
        lambda: icr.cancel(batch, 1, "Acme", text),
        lambda: icr.lock(batch, 1, "Acme", text),
        lambda: icr.end_pledge(stage.pledge, text),
        lambda: icr.forced_transfer(batch, 1, "Acme", "Newcomer", text),
        lambda: icr.register_project(text, "IS", "M", "Newcomer"),
        lambda: icr.register_project("A", "IS", text, "Newcomer"),
    ):
        with pytest.raises(errors.TextError) as caught:
            do()
        assert len(str(caught.value)) < 500
    assert stage.state() == before


@pytest.mark.parametrize("text", ["", " ", "\u00a0"])
def test_claim_is_for_somebody_and_for_something(stage: Stage, text: str) -> None:
    retire = stage.icr.retire
    stage.rejects(errors.TextError, lambda: retire(stage.batch, 1, "Acme", text, "B"))
    stage.rejects(errors.TextError, lambda: retire(stage.batch, 1, "Acme", "A", text))


@pytest.mark.parametrize("country", ["", "is", "ISL", "ZZ", "I", 7, ["IS"], "AQ "])
def test_country_is_refused_before_anything_is_opened(stage: Stage, country: Any) -> None:
    for registry in (stage.icr, stage.eco):
        stage.rejects(
            errors.IdentifierError,
            lambda registry=registry: registry.register_project("A", country, "M", "Newcomer"),
        )


@pytest.mark.parametrize("number", [-1, 2**63, 1.0, "5", True, HUGE])
@pytest.mark.parametrize("country", ["IS", None])
def test_project_number_is_refused(stage: Stage, number: Any, country: str | None) -> None:
    stage.rejects(
        errors.IdentifierError,
        lambda: stage.icr.register_project("A", country, "M", "Newcomer", number=number),
    )


@pytest.mark.parametrize("value", [1.5, float("nan"), Decimal("NaN"), b"bytes", {1}, object()])
def test_project_data_without_one_spelling_are_refused(stage: Stage, value: Any) -> None:
    for data in ({"a": value}, {"a": {"b": [value]}}):
        stage.rejects(
            errors.TextError,
            lambda data=data: stage.icr.register_project("A", "IS", "M", "Newcomer", **data),
        )
        stage.rejects(
            errors.TextError,
            lambda data=data: stage.icr.update_project(stage.forest, **data),
        )


BAD_PERIODS = [
    1969,
    9999,
    True,
    2024.0,
    None,
    "",
    "2024",
    "2024-01-01",
    "2024-02-30/2024-03-01",
    "2024-12-31/2024-01-01",
    "1969-01-01/1970-01-01",
    ("2024-01-01",),
    (1, 2),
    HUGE,
    MEGABYTE,
]


@pytest.mark.parametrize("period", BAD_PERIODS)
def test_period_is_refused(stage: Stage, period: Any) -> None:
    stage.rejects(
        errors.PeriodError, lambda: stage.icr.verify(stage.forest, period, 1, "Second", "r")
    )


@pytest.mark.parametrize("vintage", [1969, -1, 70_000, 2024.0, "2024", None, True, HUGE])
@pytest.mark.parametrize("how", ["plain", "stated", "scoped"])
def test_vintage_is_refused(stage: Stage, vintage: Any, how: str) -> None:
    before = stage.state()
    extra = {
        "plain": {},
        "stated": {"statement": stage.statement},
        "scoped": {"statement": stage.statement, "scope": stage.batch.scope},
    }[how]
    with pytest.raises(errors.RegistryError):
        stage.icr.issue(stage.forest, vintage, 1, "Newcomer", **extra)
    assert stage.state() == before


@pytest.mark.parametrize(
    "scope",
    [
        "",
        "garbage",
        "ICR-ISL-354-1-14-A-0",
        7,
        "a\nb",
        "icr-isl-354-1-14-a-0-2024",
        " ICR-ISL-354-1-14-A-0-2024",
        "ICR-ISL-354-01-14-A-0-2024",
        MEGABYTE,
    ],
)
def test_scope_that_is_not_spelled_as_serials_are_is_refused(stage: Stage, scope: Any) -> None:
    stage.rejects(
        errors.IdentifierError,
        lambda: stage.icr.issue(stage.forest, 2024, 1, "Newcomer", stage.statement, scope=scope),
    )


@pytest.mark.parametrize("jurisdiction", ["is", "ISL", 7, "é"])
def test_jurisdiction_is_refused(stage: Stage, jurisdiction: Any) -> None:
    before = stage.state()
    with pytest.raises(errors.InputError):
        stage.world.account("Newcomer", jurisdiction)
    assert stage.state() == before


@pytest.mark.parametrize("days", [1.0, "1", None, True])
def test_request_refuses_days_that_are_no_int(stage: Stage, days: Any) -> None:
    request = stage.icr.request_retirement
    before = stage.state()
    with pytest.raises(errors.InputError):
        request(stage.batch, 1, "Acme", *CLAIM_ARGS, days=days)
    assert stage.state() == before


@pytest.mark.parametrize("days", [0, -1, -100_000])
def test_request_refuses_a_deadline_that_has_passed(stage: Stage, days: int) -> None:
    before = stage.state()
    with pytest.raises(errors.RegistryError):
        stage.icr.request_retirement(stage.batch, 1, "Acme", *CLAIM_ARGS, days=days)
    assert stage.state() == before


def test_request_waits_30_days_unless_told_otherwise(stage: Stage) -> None:
    asked = stage.icr.request_retirement(stage.batch, 1, "Acme", *CLAIM_ARGS)
    assert asked.deadline_s == stage.world.now_s - 1 + REQUEST_DAYS * DAY_S


# Time.


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"days": 1, "until": "2030-01-01"},
        {"days": -1},
        {"days": 1.0},
        {"days": True},
        {"days": "1"},
        {"until": "soon"},
        {"until": 5},
        pytest.param({"days": -(10**5_000)}, id="-10^5000 days"),
        pytest.param({"days": 10**5_000}, id="10^5000 days"),
        pytest.param({"days": 10**9}, id="10^9 days"),
    ],
)
def test_advance_refuses(stage: Stage, how: dict[str, Any]) -> None:
    stage.rejects(WorldError, lambda: stage.world.advance(**how))


def test_advance_moves_the_clock_and_never_back(stage: Stage) -> None:
    world, start_s = stage.world, stage.world.now_s
    world.advance(days=0)
    assert world.now_s == start_s
    world.advance(days=2)
    assert world.now_s == start_s + 2 * DAY_S
    world.advance(until="2025-07-01")
    assert world.now_s == start_s + 2 * DAY_S
    world.advance(until=datetime(2026, 1, 1, 12, tzinfo=UTC))
    assert world.now_s == int(datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp())
    assert world.account("Newcomer") and world.entries()[-1].at_s == world.now_s


def test_accepted_actions_take_a_second_and_refused_ones_none(stage: Stage) -> None:
    start_s = stage.world.now_s
    stage.icr.transfer(stage.batch, 1, "Acme", "Bank")
    assert stage.world.now_s == start_s + 1
    with pytest.raises(LedgerError):
        stage.icr.transfer(stage.batch, 601, "Acme", "Bank")
    assert stage.world.now_s == start_s + 1
    if stage.on_chain:
        assert stage.head() == (stage.head()[0], start_s + 1)  # type: ignore[index]


# Checkpoints.


def busy(stage: Stage) -> None:
    """Change everything that a world has."""
    world, icr = stage.world, stage.icr
    third = world.registry("Third", "mirrored")
    world.account("Newcomer", "IS")
    world.close_account("Bank")
    project = third.register_project("Third's", "GB", "M", "Developer")
    third.issue(project, 2024, 10, "Newcomer")
    changed = icr.update_project(stage.forest, location={"region": "North"})
    assert changed.version == 2
    icr.register_project("Second", "IS", "M", "Skogur", note="new")
    icr.verify(stage.forest, 2023, 5, "New verifier", "r")
    icr.retire(stage.batch, 1, "Acme", *CLAIM_ARGS)
    icr.release(stage.lock, 3)
    world.advance(days=40)
    world.rng.random()
    plant(world, "D10", world.rng)


def remembered(stage: Stage) -> dict[str, object]:
    world = stage.world
    findings = world.audit()
    return {
        **stage.state(),
        "rng": world.rng.getstate(),
        "registries": world.registries,
        "hash": world.run_hash(findings=findings),
        "findings": findings,
        "ids": world.index.next_id(ICR),
        "batches": world.index.next_batch(ICR, 1),
        "starts": world.index.next_start(stage.batch.scope),
        "project": world.index.next_project(ICR),
    }


def test_checkpoint_restores_everything(stage: Stage) -> None:
    before = remembered(stage)
    with stage.world.checkpoint():
        busy(stage)
        assert remembered(stage) != before
    assert remembered(stage) == before
    assert stage.icr.prove(stage.forest, "location/region").value == '"South"'
    assert stage.icr.retire(stage.batch, 1, "Acme", *CLAIM_ARGS).id == FREE
    third = stage.world.registry("Third")
    assert third.profile.mode == "native"
    assert third.register_project("A", "GB", "M", "Developer").number == 1


def test_checkpoint_restores_when_something_is_raised(stage: Stage) -> None:
    before = remembered(stage)
    for error in (ZeroDivisionError, KeyboardInterrupt):
        with pytest.raises(error), stage.world.checkpoint():
            busy(stage)
            raise error
        assert remembered(stage) == before
    with pytest.raises(errors.AmountError), stage.world.checkpoint():
        busy(stage)
        stage.icr.retire(stage.batch, -1, "Acme", *CLAIM_ARGS)
    assert remembered(stage) == before


def test_checkpoint_nests(stage: Stage) -> None:
    before = remembered(stage)
    with stage.world.checkpoint():
        stage.icr.retire(stage.batch, 1, "Acme", *CLAIM_ARGS)
        middle = remembered(stage)
        for _ in range(2):
            with stage.world.checkpoint():
                busy(stage)
                with stage.world.checkpoint():
                    stage.icr.release(stage.lock, 3)
            assert remembered(stage) == middle
        stage.icr.retire(stage.batch, 2, "Acme", *CLAIM_ARGS)
    assert remembered(stage) == before


def test_checkpoint_can_be_repeated_with_the_same_outcome(stage: Stage) -> None:
    seen = set()
    for _ in range(3):
        with stage.world.checkpoint():
            busy(stage)
            seen.add(stage.world.run_hash())
    assert len(seen) == 1


def test_checkpoint_goes_with_documents_that_the_ledger_alone_changed(stage: Stage) -> None:
    root = "0x" + "77" * 32
    stage.apply(act.UpdateProject(registry=ICR, project=1, root=root))
    before = stage.state()
    with stage.world.checkpoint():
        stage.icr.retire(stage.batch, 1, "Acme", *CLAIM_ARGS)
    assert stage.state() == before
    assert stage.icr.prove(stage.forest, "name").version == 1


def test_planted_faults_are_taken_back(stage: Stage) -> None:
    lines = {name: tuple(book.lines) for name, book in stage.world.books.items()}
    with stage.world.checkpoint():
        plant(stage.world, "D10", stage.world.rng)
        plant(stage.world, "D12", stage.world.rng)
        assert stage.world.audit() != ()
    assert {name: tuple(book.lines) for name, book in stage.world.books.items()} == lines


# All or nothing.


def test_all_or_nothing_takes_back_what_went_before(stage: Stage) -> None:
    before = remembered(stage)
    with pytest.raises(LedgerError), stage.world.all_or_nothing():
        stage.icr.retire(stage.batch, 1, "Acme", *CLAIM_ARGS)
        stage.world.account("Newcomer")
        with stage.world.all_or_nothing():
            stage.icr.transfer(stage.batch, 2, "Acme", "Second newcomer")
        stage.icr.transfer(stage.batch, 601, "Acme", "Bank")
    assert remembered(stage) == before


def test_all_or_nothing_keeps_what_was_accepted(stage: Stage) -> None:
    with stage.world.all_or_nothing():
        stage.icr.retire(stage.batch, 1, "Acme", *CLAIM_ARGS)
        stage.icr.transfer(stage.batch, 2, "Acme", "Newcomer")
    assert stage.holding("Newcomer").balance_g == 2 * T
    if isinstance(stage.world.ledger, ModelLedger):
        stage.world.ledger.check()


def test_refused_steps_take_back_the_accounts_they_opened(stage: Stage) -> None:
    for do in (
        lambda: stage.icr.transfer(stage.batch, 601, "Acme", "Newcomer"),
        lambda: stage.icr.forced_transfer(stage.batch, 601, "Acme", "Newcomer", ""),
        lambda: stage.icr.issue(stage.forest, 2024, 9_001, "Newcomer", stage.statement),
        lambda: stage.icr.register_project("A", "IS", "M", "Newcomer", number=1),
    ):
        before = remembered(stage)
        with pytest.raises(LedgerError):
            do()
        assert remembered(stage) == before
    assert stage.world.account("Newcomer") == Account(name="Newcomer")


# Statements.


def test_issue_makes_a_statement_of_its_own(stage: Stage) -> None:
    batch = stage.icr.issue(stage.forest, 2023, 50, "Acme")
    made = batch.statement
    assert made.period == period_days(2023)
    assert made.amount_g == 50 * T
    assert made.ordinal == 2
    assert made.verifier == "Independent verifier of ICR"
    assert str(made) == ("Independent verifier of ICR verified 50 t for 2023-01-01/2023-12-31")
    kinds = [entry.kind for entry in stage.world.entries()[-3:]]
    assert kinds == [Kind.VERIFIER_ACCREDITED, Kind.STATEMENT_RECORDED, Kind.ISSUED]


def test_issue_again_for_a_year_needs_a_statement(stage: Stage) -> None:
    batch = stage.icr.issue(stage.forest, 2023, 50, "Acme")
    refused = errors.PeriodAlreadyVerified(1, *period_days(2023))
    stage.refuses(refused, lambda: stage.icr.issue(stage.forest, 2023, 1, "Acme"))
    stage.refuses(
        errors.AboveVerifiedAmount(batch.statement.id, 50 * T, 50 * T, T),
        lambda: stage.icr.issue(stage.forest, 2023, 1, "Acme", batch.statement),
    )
    stage.icr.issue(stage.forest, 2022, 1, "Acme")


def test_statement_serves_several_vintages(stage: Stage) -> None:
    period = ("2020-07-01", date(2023, 6, 30))
    statement = stage.icr.verify(stage.forest, period, 100, "Verifier", "four years")
    batches = [
        stage.icr.issue(stage.forest, year, 25, "Acme", statement)
        for year in (2023, 2020, 2021, 2022)
    ]
    assert [batch.vintage for batch in batches] == [2023, 2020, 2021, 2022]
    assert len({batch.scope for batch in batches}) == 4
    for year in (2019, 2024):
        stage.refuses(
            errors.VintageOutsidePeriod(year, *statement.period),
            lambda year=year: stage.icr.issue(stage.forest, year, 1, "Acme", statement),
        )
    stage.refuses(
        errors.AboveVerifiedAmount(statement.id, 100 * T, 100 * T, 1),
        lambda: stage.icr.issue(stage.forest, 2021, "0.000001", "Acme", statement),
    )


def test_statement_of_another_registry_is_unknown(stage: Stage) -> None:
    stage.refuses(
        errors.UnknownStatement(stage.statement.id),
        lambda: stage.eco.issue(stage.sierra, 2024, 1, "Newcomer", stage.statement),
    )


def test_cap_is_not_freed_by_retirement_or_cancellation(stage: Stage) -> None:
    batch = stage.eco_batch
    stage.eco.retire(batch, 400, "Acme", *CLAIM_ARGS)
    stage.eco.cancel(batch, 100, "Acme", "")
    assert stage.eco.totals(batch).active_g == 0
    stage.refuses(
        errors.AboveVerifiedAmount(batch.statement.id, 500 * T, 500 * T, T),
        lambda: stage.eco.issue(stage.sierra, 2024, 1, "Acme", batch.statement),
    )


def test_batches_of_one_scope_count_on(stage: Stage) -> None:
    second = stage.icr.issue(stage.forest, 2024, "2.5", "Acme", stage.statement)
    third = stage.icr.issue(stage.forest, 2024, 1, "Acme", stage.statement)
    assert second.interval == Interval(1_000 * T, 1_002_500_000)
    assert third.interval == Interval(1_002_500_000, 1_003_500_000)
    assert third.serials == (f"{stage.batch.scope} 0.5 t of 1003 + 0.5 t of 1004",)


# Certificates.


def test_certificates_certify_what_was_retired(stage: Stage) -> None:
    assert stage.icr.certifies(stage.retirement)
    final = stage.icr.finalise_retirement(stage.request)
    assert stage.icr.certifies(final)
    there = stage.eco.retire(stage.eco_batch, 3, "Acme", *CLAIM_ARGS)
    assert stage.eco.certifies(there)


def test_certificates_do_not_certify_what_was_tampered_with(stage: Stage) -> None:
    real = stage.retirement
    for change in (
        {"id": FREE},
        {"id": stage.request.id},
        {"id": stage.lock.id},
        {"batch": stage.id + 1},
        {"holder": "Acme"},
        {"amount_g": real.amount_g + 1},
        {"intervals": (Interval(0, real.amount_g),)},
        {"intervals": ()},
        {"intervals": (*real.intervals, *real.intervals)},
        *(
            {"claim": real.claim.model_copy(update={field: "Somebody else"})}
            for field in ("beneficiary", "purpose", "reason", "period", "jurisdiction")
        ),
    ):
        assert not stage.icr.certifies(real.model_copy(update=change)), change


def test_certificates_cannot_shift_text_between_fields(stage: Stage) -> None:
    retirement = stage.icr.retire(stage.batch, 1, "Acme", "AB", "C", "", "D", "")
    moved = {"beneficiary": "A", "purpose": "BC"}
    claim = retirement.claim.model_copy(update=moved)
    assert not stage.icr.certifies(retirement.model_copy(update={"claim": claim}))
    swapped = retirement.claim.model_copy(update={"reason": "D", "period": ""})
    assert not stage.icr.certifies(retirement.model_copy(update={"claim": swapped}))


def test_pending_and_reverted_requests_are_not_certified(stage: Stage) -> None:
    final = stage.retirement.model_copy(
        update={
            "id": stage.request.id,
            "amount_g": stage.request.amount_g,
            "intervals": stage.request.intervals,
            "claim": stage.request.claim,
        }
    )
    assert not stage.icr.certifies(final)
    stage.icr.revert_retirement(stage.request, "")
    assert not stage.icr.certifies(final)


def test_retire_at_a_mirrored_registry_leaves_two_entries_and_one_record(stage: Stage) -> None:
    retirement = stage.eco.retire(stage.eco_batch, "2.25", "Acme", *CLAIM_ARGS)
    entries = stage.world.entries()[-2:]
    assert [entry.kind for entry in entries] == [
        Kind.RETIREMENT_REQUESTED,
        Kind.RETIREMENT_FINALISED,
    ]
    assert {entry.id for entry in entries} == {retirement.id}
    assert retirement.tonnes == "2.25"
    assert stage.eco.intervals(retirement) == retirement.intervals


def test_claim_takes_a_period_as_a_year(stage: Stage) -> None:
    retirement = stage.icr.retire(stage.batch, 1, "Acme", "A", "B", period=2024)
    assert retirement.claim.period == "2024"
    assert retirement.claim.jurisdiction == ""


# Documents.


def test_documents_are_kept_as_they_were_given(stage: Stage) -> None:
    data: dict[str, Any] = {"location": {"region": "South", "points": [[1, 2]]}}
    project = stage.icr.register_project("A", "IS", "M", "Skogur", **data)
    data["location"]["region"] = "North"
    data["location"]["points"][0][0] = 9
    proof = stage.icr.prove(project, "location/region")
    assert isinstance(proof, Proof) and proof.value == '"South"'
    with stage.world.checkpoint():
        stage.world.account("Newcomer")
    assert stage.icr.prove(project, "location/points/0/0").value == "1"


# What a script may ask.


def test_records_print_well(stage: Stage) -> None:
    scope = stage.batch.scope
    assert str(stage.forest) == "ICR project 1, Highland forest (IS)"
    assert str(stage.batch) == f"ICR batch 1/1: {scope} 1-1000"
    assert str(stage.lock) == f"10 t locked by Borealis: {scope} 1-10"
    assert str(stage.request) == f"30 t awaiting retirement by Borealis: {scope} 11-40"
    assert str(stage.retirement) == f"5 t retired for Acme Corp by Borealis: {scope} 46-50"
    assert str(stage.pledge) == "20 t pledged by Borealis to Bank"
    assert repr(stage.icr) == "Registry('ICR', native)"
    cancelled = stage.icr.cancel(stage.batch, "0.5", "Acme", "")
    assert str(cancelled) == f"0.5 t cancelled by Acme: {scope} 0.5 t of 51"


def test_tables_hold_ledger_and_books(stage: Stage) -> None:
    tables = stage.world.tables()
    sources = set(tables["issuances"].column("source").to_pylist())
    assert sources == {f"{keeper}:{name}" for keeper in ("ledger", "book") for name in (ICR, ECO)}
    with World.open(engine="model") as empty:
        assert all(table.num_rows == 0 for table in empty.tables().values())
        assert empty.audit() == ()


def test_audit_as_of_a_day_knows_no_later_lines(stage: Stage) -> None:
    stage.world.advance(days=10)
    plant(stage.world, "D12", stage.world.rng)
    assert [finding.code for finding in stage.world.audit()] == ["BR-2"]
    assert stage.world.audit(as_of="2025-07-02") == ()
    assert [f.code for f in stage.world.audit(rules=["BR-2"])] == ["BR-2"]
    assert stage.world.audit(rules=["DI-1"]) == ()
    stage.rejects(errors.IdentifierError, lambda: stage.world.audit(rules=["XX-9"]))
    stage.rejects(WorldError, lambda: stage.world.audit(as_of="never"))
