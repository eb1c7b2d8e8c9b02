"""Transfers between registries while other things happen, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from registry import errors
from registry.between.passages import Passage
from registry.kept.opening import WorldError
from registry.records import action as act
from registry.records.interval import Interval
from registry.transfer.delays import DELAY_MAX_S, USUAL, Delay
from registry.transfer.protocols import PROTOCOLS
from registry.world import World

T = 1_000_000
DAY_S = 86_400


class Stage:
    """EcoRegistry has issued 1,000 t to Bosques; ICR is open."""

    def __init__(self) -> None:
        self.world = World.open(seed=4, engine="model")
        self.eco = self.world.registry("EcoRegistry")
        self.icr = self.world.registry("ICR")
        self.project = self.eco.register_project("Sierra", "CO", "AR-ACM0003", "Bosques")
        self.batch = self.eco.issue(self.project, 2024, 1_000, "Bosques")

    def start(self, protocol: str = "relayed", tonnes: int = 100, to: str = "Acme") -> Passage:
        return self.world.start_transfer(
            self.batch, tonnes, "Bosques", to, self.icr, protocol=protocol
        )

    def fragment(self) -> None:
        """Leave no 350 t in one piece."""
        locks = [self.eco.lock(self.batch, 300, "Bosques", "order") for _ in range(3)]
        self.eco.release(locks[0])


def freeze(stage: Stage, tonnes: int) -> None:
    """Freeze credits of Bosques by an order that the contracts take from whoever has the role."""
    order = act.Freeze(
        registry="EcoRegistry", batch=stage.batch.batch, account="Bosques", amount_g=tonnes * T
    )
    stage.world.apply(order)


@pytest.fixture
def stage() -> Stage:
    return Stage()


# Other things happen in between.


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_transfer_started_before_other_actions_takes_free_ids(stage: Stage, protocol: str) -> None:
    passage = stage.start(protocol)
    stage.eco.lock(stage.batch, 1, "Bosques", "order")
    stage.world.advance(days=3)
    done = passage.finish()
    assert sum(batch.amount_g for batch in done.batches) == 100 * T


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_relay_between_steps_does_not_stop_a_transfer(stage: Stage, steps: int) -> None:
    passage = stage.start()
    for _ in range(steps):
        passage.step()
    stage.world.relay()
    stage.world.relay()
    done = passage.finish()
    assert [batch.amount_g for batch in done.batches] == [100 * T]
    assert (done.both_s, done.neither_s) == (0, done.settlement_s - 1)
    assert stage.world.pending() == ()
    assert stage.eco.totals(stage.batch).exported_g == 100 * T


def test_transfer_is_not_settled_before_something_arrives(stage: Stage) -> None:
    passage = stage.start()
    passage.step()
    stage.world.advance(days=1)
    so_far = passage.result()
    assert (so_far.settlement_s, so_far.batches) == (None, ())
    assert "nothing arrived, alive on both sides for 0 s" in str(so_far)


def test_relay_says_what_others_did_when_they_did_it(stage: Stage) -> None:
    passage = stage.start()
    passage.step()
    (imported,) = stage.world.relay()
    stage.world.advance(days=1)
    done = passage.finish()
    assert done.settlement_s == 2
    assert imported.at_s in [step.at_s for step in done.steps if step.what == "imported"]


def test_messages_are_delivered_in_order_whoever_is_first(stage: Stage) -> None:
    one, other = stage.start(tonnes=100), stage.start(tonnes=50, to="Delta")
    one.step()
    other.step()
    second = other.finish()
    first = one.finish()
    assert [batch.amount_g for batch in first.batches] == [100 * T]
    assert [batch.amount_g for batch in second.batches] == [50 * T]
    assert stage.icr.holding(second.batches[0], "Delta").balance_g == 50 * T
    assert (first.settlement_s, second.settlement_s) == (64, 64)
    assert first.asked_s + 1 == second.asked_s
    assert stage.world.pending() == ()


def test_refused_message_has_what_is_ahead_of_it_voided_as_well(stage: Stage) -> None:
    slow = USUAL._replace(deadline=Delay(3 * DAY_S))
    world = stage.world
    one = world.start_transfer(stage.batch, 1, "Bosques", "Acme", "ICR", "relayed", slow)
    other = stage.start(tonnes=2)
    one.step()
    other.step()
    stage.icr.pause()
    with pytest.raises(errors.RegistryPaused):
        other.finish()
    with pytest.raises(errors.MessageExpired):
        one.finish()
    assert stage.eco.totals(stage.batch).active_g == 1_000 * T
    assert world.pending() == ()


def test_refused_message_that_gets_through_in_time_is_no_refusal(stage: Stage) -> None:
    passage = stage.start()
    passage.step()
    stage.icr.pause()
    passage.step()
    stage.icr.unpause()
    stage.world.relay()
    done = passage.finish()
    assert [batch.amount_g for batch in done.batches] == [100 * T]
    assert stage.world.pending() == ()


def test_transfer_that_is_left_until_late_is_given_back_and_says_so(stage: Stage) -> None:
    passage = stage.start()
    passage.step()
    stage.world.advance(days=9)
    with pytest.raises(errors.MessageExpired):
        passage.finish()
    assert stage.eco.totals(stage.batch).active_g == 1_000 * T


def test_pieces_sent_before_a_refusal_are_given_back(stage: Stage) -> None:
    stage.fragment()
    passage = stage.start(tonnes=350)
    passage.step()
    assert stage.eco.totals(stage.batch).exported_g == 0
    passage.step()
    assert stage.eco.totals(stage.batch).exported_g == 300 * T
    freeze(stage, 100)
    with pytest.raises(errors.CreditsEncumbered):
        passage.finish()
    assert stage.eco.totals(stage.batch).exported_g == 0
    assert stage.world.pending() == ()


def test_pieces_given_up_before_a_refusal_are_released(stage: Stage) -> None:
    (there,) = stage.start("immobilise-and-mirror", 900).finish().batches
    locks = [stage.icr.lock(there, 300, "Acme", "order") for _ in range(3)]
    stage.icr.release(locks[0])
    stage.icr.release(locks[2])
    passage = stage.world.start_transfer(
        there, 350, "Acme", "Delta", stage.eco, "immobilise-and-mirror"
    )
    passage.step()
    passage.step()
    stage.icr.freeze(there, 300, "Acme")
    with pytest.raises(errors.CreditsEncumbered):
        passage.finish()
    gone_g = stage.icr.totals(there).exported_g
    assert gone_g
    assert stage.eco.holding(stage.batch, "Delta").balance_g == gone_g


# What is refused leaves nothing half done.


def test_retirement_that_cannot_be_made_final_is_reverted(stage: Stage) -> None:
    freeze(stage, 10)
    passage = stage.start("retire-and-reissue")
    with pytest.raises(errors.HolderFrozen):
        passage.finish()
    totals = stage.eco.totals(stage.batch)
    assert (totals.active_g, totals.locked_g) == (1_000 * T, 0)
    stage.world.advance(days=10)
    found = passage.result()
    assert (found.settlement_s, found.used_and_alive_g) == (None, 0)
    # From the request until it was reverted, not until now.
    assert found.neither_s == passage.steps[-1].at_s - passage.steps[0].at_s


def test_one_step_transfer_that_is_refused_has_no_result(stage: Stage) -> None:
    stage.fragment()
    stage.eco.admit("ICR")
    stage.icr.admit("EcoRegistry", 320)
    passage = stage.start("atomic", 350)
    with pytest.raises(errors.AboveAllowance):
        passage.step()
    assert passage.is_done
    assert (passage.steps, passage.result().batches) == ([], ())


@pytest.mark.parametrize("protocol", sorted(set(PROTOCOLS) - {"atomic"}))
def test_transfer_taken_back_by_a_checkpoint_does_not_go_on(stage: Stage, protocol: str) -> None:
    """A mirror must not be issued for a lock that was taken back."""
    passage = stage.start(protocol)
    with stage.world.checkpoint():
        passage.step()
    before = stage.world.entries()
    for doing in (passage.step, passage.finish, passage.result):
        with pytest.raises(WorldError, match="taken back"):
            doing()
    assert stage.world.entries() == before


def test_handing_over_counts_until_it_is_settled(stage: Stage) -> None:
    (there,) = stage.start("immobilise-and-mirror").finish().batches
    release_s = stage.eco.profile.delays.release.seconds

    def back(to: str) -> int:
        done = stage.world.transfer_between(
            there, 10, "Acme", to, stage.eco, "immobilise-and-mirror"
        )
        return done.settlement_s

    # Given up, released; and handed over, where it was another's who had it locked.
    assert back("Bosques") == 1 + release_s + 1
    assert back("Delta") == 1 + release_s + 2


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_expected_credits_do_not_become_others_abroad(protocol: str) -> None:
    """Abroad an imported batch no longer says that it is expected, so it could be retired."""
    world = World.open(engine="model")
    icr, sp = world.registry("ICR"), world.registry("S&P")
    project = icr.register_project("Forest", "IS", "AR-ACM0003", "Skogur")
    batch = icr.issue_ex_ante(project, 2030, 100, "Skogur")
    before = world.entries()
    with pytest.raises(errors.ExAnteNotRetirable):
        world.transfer_between(batch, 10, "Skogur", "Acme", sp, protocol)
    assert world.entries() == before
    lock = icr.lock(batch, 10, "Skogur", "order")
    with pytest.raises(errors.ExAnteNotRetirable):
        sp.mirror(lock, "Acme")


def test_mirror_refuses_a_lock_on_credits_of_another_home(stage: Stage) -> None:
    (there,) = stage.start("atomic").finish().batches
    lock = stage.icr.lock(there, 10, "Acme", "order")
    with pytest.raises(errors.NotHome):
        stage.world.registry("S&P").mirror(lock, "Acme")


@pytest.mark.parametrize("protocol", ["by-hand", "cancel-and-reissue", "retire-and-reissue"])
@pytest.mark.parametrize(
    ("holder", "tonnes", "expected"),
    [
        ("Nobody", 1, errors.UnknownAccount),
        ("Bosques", 0, errors.ZeroAmount),
        ("Bosques", 500, errors.CreditsEncumbered),
        ("Delta", 101, errors.InsufficientCredits),
    ],
)
def test_nothing_is_issued_for_what_the_holder_does_not_have(
    stage: Stage, protocol: str, holder: str, tonnes: int, expected: type[errors.LedgerError]
) -> None:
    stage.eco.transfer(stage.batch, 100, "Bosques", "Delta")
    freeze(stage, 401)
    before = stage.world.entries()
    with pytest.raises(expected):
        stage.world.start_transfer(stage.batch, tonnes, holder, "Acme", stage.icr, protocol)
    assert stage.world.entries() == before


# Bad input.


@pytest.mark.parametrize(
    "delays",
    [
        0,
        (),
        "slow",
        True,
        USUAL._replace(relay=Delay(-1)),
        USUAL._replace(relay=Delay(True)),
        USUAL._replace(relay=Delay(1.5)),  # type: ignore[arg-type]
        USUAL._replace(deadline=Delay(DELAY_MAX_S + 1)),
        USUAL._replace(lock=None),  # type: ignore[arg-type]
        USUAL._replace(lock=Delay(1, None)),  # type: ignore[arg-type]
    ],
)
def test_transfer_refuses_delays_that_are_none(stage: Stage, delays: object) -> None:
    before = stage.world.entries()
    with pytest.raises(WorldError, match="delay"):
        stage.world.start_transfer(
            stage.batch,
            1,
            "Bosques",
            "Acme",
            "ICR",
            "relayed",
            delays,  # type: ignore[arg-type]
        )
    assert stage.world.entries() == before


def test_transfer_refuses_to_wait_beyond_the_calendar(stage: Stage) -> None:
    long = USUAL._replace(told=Delay(DELAY_MAX_S), filed=Delay(DELAY_MAX_S))
    stage.world.now_s = 253_402_300_799 - DAY_S
    with pytest.raises(WorldError, match="year 9999"):
        stage.world.transfer_between(stage.batch, 1, "Bosques", "Acme", "ICR", "by-hand", long)


def test_transfer_refuses_a_registry_of_another_world(stage: Stage) -> None:
    with pytest.raises(WorldError, match="this world"):
        stage.world.start_transfer(stage.batch, 1, "Bosques", "Acme", Stage().icr)


def test_transfer_starts_in_no_world_that_is_read_only(tmp_path) -> None:
    with World.open(tmp_path / "w", engine="model") as world:
        eco, icr = world.registry("EcoRegistry"), world.registry("ICR")
        project = eco.register_project("Sierra", "CO", "AR-ACM0003", "Bosques")
        batch = eco.issue(project, 2024, 10, "Bosques")
        world.transfer_between(batch, 1, "Bosques", "Acme", icr)
    with World.open(tmp_path / "w", read_only=True) as world:
        now_s = world.now_s
        with pytest.raises(WorldError, match="read only"):
            world.start_transfer(batch, 1, "Bosques", "Acme", "ICR", "immobilise-and-mirror")
        assert world.relay() == ()
        assert world.now_s == now_s


def test_release_gives_back_what_was_given_up_and_not_what_was_used(stage: Stage) -> None:
    """Abroad the first ones are retired; the lock's first ones must not come back for others."""
    stage.icr.admit("EcoRegistry")
    lock = stage.eco.lock(stage.batch, 50, "Bosques", "to be mirrored")
    (there,) = stage.icr.mirror(lock, "Acme")
    stage.icr.retire(there, 20, "Acme", "Acme Corp", "voluntary")
    given_up = stage.icr.unmirror(there, 30, "Acme")
    assert str(given_up).startswith(f"30 t given up for lock {lock.id} at EcoRegistry by Acme: ")
    for desk, record, refusal in (
        (stage.icr, given_up, errors.NotHome),
        (stage.eco, lock, errors.IdentifierError),
    ):
        with pytest.raises(refusal):
            desk.release_given_up(record)
    serials = stage.eco.release_given_up(given_up)
    assert serials == given_up.serials
    assert stage.eco.totals(stage.batch).locked_g == 20 * T
    with pytest.raises(errors.AboveLockedAmount):
        stage.eco.release_given_up(given_up)
    assert stage.world.audit() == ()


def test_mirror_refuses_a_lock_of_another_world(stage: Stage) -> None:
    lock = stage.eco.lock(stage.batch, 5, "Bosques", "order")
    with pytest.raises(errors.UnknownBatch):
        World.open(engine="model").registry("ICR").mirror(lock, "Acme")


ODD = (None, True, 1.5, "", [], {}, object())


@pytest.mark.parametrize("given", ODD, ids=lambda given: type(given).__name__)
@pytest.mark.parametrize(
    "ask",
    [
        lambda world, given: world.batch("ICR", given),
        lambda world, given: world.batch(given, 1),
        lambda world, given: world.statement("ICR", given),
        lambda world, given: world.trace(given),
        lambda world, given: world.trace((given, 5), "scope"),
        lambda world, given: world.trace((0, given), "scope"),
        lambda world, given: world.tables(given or "none"),
        lambda world, given: world.audit(rules=given or 7),
        lambda world, given: world.run_hash("", given or 7),
        lambda world, given: world.run_hash(given or 7, ()),
    ],
    ids=["batch", "of", "statement", "trace", "start", "end", "tables", "rules", "found", "named"],
)
def test_question_about_nothing_is_refused(
    stage: Stage, ask: Callable[[World, object], object], given: object
) -> None:
    with pytest.raises(errors.RegistryError):
        ask(stage.world, given)


# Tracing.


def test_trace_of_many_pieces_says_where_each_is(stage: Stage) -> None:
    (there,) = stage.start("atomic", 10).finish().batches
    for _ in range(3):
        stage.icr.retire(there, 1, "Acme", "Acme", "voluntary")
    stage.icr.cancel(there, 1, "Acme", "lost")
    told = stage.world.trace(Interval(0, 20 * T), stage.batch.scope)
    places = [(place.registry, place.state, place.interval) for place in told.places]
    assert places == [
        ("EcoRegistry", "exported", Interval(0, 10 * T)),
        ("EcoRegistry", "active", Interval(10 * T, 20 * T)),
        ("ICR", "retired", Interval(0, 3 * T)),
        ("ICR", "cancelled", Interval(3 * T, 4 * T)),
        ("ICR", "active", Interval(4 * T, 10 * T)),
    ]
    assert told.steps[0].what.startswith("document 1 of project 1 Sierra")


def test_mirror_given_up_is_not_released_to_somebody_else() -> None:
    """Where the hand-over is refused, so is the release: the credits stay locked, nobody's."""
    world = World.open(seed=2, engine="model")
    eco, icr = world.registry("EcoRegistry"), world.registry("ICR")
    project = eco.register_project("Sierra", "CO", "AR-ACM0003", "Bosques")
    batch = eco.issue(project, 2024, 1_000, "Bosques")
    protocol = "immobilise-and-mirror"
    (there,) = world.transfer_between(batch, 100, "Bosques", "Acme", icr, protocol).batches
    world.close_account("Bosques")
    with pytest.raises(errors.ClosedAccount):
        world.transfer_between(there, 50, "Acme", "Delta", eco, protocol)
    totals = eco.totals(batch)
    assert (totals.locked_g, totals.active_g) == (100 * T, 900 * T)
    assert eco.holding(batch, "Bosques").balance_g == 900 * T
