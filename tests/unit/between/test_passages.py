"""Transfers between registries while other things happen, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from registry import errors
from registry.between.passages import Passage
from registry.desk.registries import Registry
from registry.kept.opening import WorldError
from registry.records import action as act
from registry.records.finding import Level
from registry.records.interval import Interval
from registry.records.result import CrossTransfer
from registry.transfer.delays import DELAY_MAX_S, USUAL, Delay, Delays
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


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
@pytest.mark.parametrize(
    ("holder", "tonnes", "expected"),
    [
        ("Nobody", 1, errors.UnknownAccount),
        ("Bosques", 0, errors.ZeroAmount),
        ("Bosques", 500, errors.CreditsEncumbered),
        ("Delta", 101, errors.InsufficientCredits),
    ],
)
def test_nothing_is_opened_or_issued_for_what_the_holder_does_not_have(
    stage: Stage, protocol: str, holder: str, tonnes: int, expected: type[errors.LedgerError]
) -> None:
    stage.eco.transfer(stage.batch, 100, "Bosques", "Delta")
    freeze(stage, 401)
    before = stage.world.entries()
    for begin in (stage.world.start_transfer, stage.world.transfer_between):
        with pytest.raises(expected):
            begin(stage.batch, tonnes, holder, "Acme", stage.icr, protocol)
        assert stage.world.entries() == before


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_transfer_refused_at_its_first_step_leaves_nothing(stage: Stage, protocol: str) -> None:
    for desk in (stage.eco, stage.icr):
        desk.pause()
    before, now_s = stage.world.entries(), stage.world.now_s
    with pytest.raises(errors.RegistryPaused):
        stage.world.transfer_between(stage.batch, 1, "Bosques", "Acme", stage.icr, protocol)
    assert (stage.world.entries(), stage.world.now_s) == (before, now_s)


def test_transfer_started_and_refused_leaves_an_account_and_two_peers(stage: Stage) -> None:
    passage = stage.start("atomic")
    kinds = [entry.kind.value for entry in stage.world.entries()[-3:]]
    assert kinds == ["account_opened", "peer_admitted", "peer_admitted"]
    stage.eco.pause()
    before = stage.world.entries()
    with pytest.raises(errors.RegistryPaused):
        passage.step()
    assert stage.world.entries() == before


# What the source's operator refuses.


def strict(tmp_path, uses: str) -> Stage:
    """Let the source be a registry with uses of its own."""
    path = tmp_path / "strict.yaml"
    path.write_text(f"name: Strict\nmode: native\n{uses}\n")
    stage = Stage()
    stage.eco = stage.world.registry(path)
    project = stage.eco.register_project("Slope", "CO", "AR-ACM0003", "Bosques")
    stage.batch = stage.eco.issue(project, 2024, 1_000, "Bosques")
    return stage


@pytest.mark.parametrize(
    ("uses", "expected"),
    [
        ("only_these_uses: true\nuses: {tax: {code: TAX}}", errors.UnknownUse),
        ("uses: {other: {code: O, must_be_stated: true}}", errors.NotEligible),
        ("uses: {other: {code: O, needs_subject: true}}", errors.SubjectMissing),
    ],
)
def test_retirement_to_be_issued_anew_is_refused_as_the_source_refuses_it(
    tmp_path, uses: str, expected: type[errors.InputError]
) -> None:
    stage = strict(tmp_path, uses)
    before, now_s = stage.world.entries(), stage.world.now_s
    with pytest.raises(expected):
        stage.start("retire-and-reissue")
    assert (stage.world.entries(), stage.world.now_s) == (before, now_s)
    stage.start("cancel-and-reissue").finish()


def test_retirement_to_be_issued_anew_needs_serials_eligible_for_it(stage: Stage) -> None:
    passage = stage.start("retire-and-reissue")
    stage.eco.set_eligibility(stage.batch, ["Colombian carbon tax"])
    before = stage.world.entries()
    with pytest.raises(errors.NotEligible):
        stage.start("retire-and-reissue")
    # Whatever it said when the transfer was started, it has a word when it retires.
    with pytest.raises(errors.NotEligible):
        passage.step()
    assert stage.world.entries() == before
    stage.eco.set_eligibility(stage.batch, ["other"])
    assert passage.finish().used_and_alive_g == 100 * T


# What lies in many pieces.


def scatter(stage: Stage) -> int:
    """Leave credits of Bosques in 18 pieces; return their tonnes."""
    locks = [stage.eco.lock(stage.batch, 1, "Bosques", "order") for _ in range(34)]
    for lock in locks[::2]:
        stage.eco.release(lock)
    return 1_000 - 17


SOURCE_FIRST = USUAL._replace(told=Delay(7 * DAY_S), filed=Delay(3 * DAY_S))


@pytest.mark.parametrize(
    ("protocol", "delays"),
    [("cancel-and-reissue", None), ("by-hand", None), ("by-hand", SOURCE_FIRST)],
)
def test_source_in_many_pieces_is_cancelled_in_several(
    stage: Stage, protocol: str, delays: Delays | None
) -> None:
    """In one it cannot be, and what was issued anew would be alive on both sides for good."""
    tonnes = scatter(stage)
    done = stage.world.transfer_between(
        stage.batch, tonnes, "Bosques", "Acme", stage.icr, protocol, delays
    )
    totals = stage.eco.totals(stage.batch)
    assert (totals.active_g, totals.cancelled_g) == (0, tonnes * T)
    assert [step.registry for step in done.steps].count("EcoRegistry") == 3
    assert not done.is_open
    stage.world.advance(days=40)
    found = stage.world.audit(rules=["DI-6"])
    assert {one.level for one in found} <= {Level.TIMED}
    assert bool(found) is (protocol == "cancel-and-reissue")


def test_retirement_of_many_pieces_is_refused_before_anything_is_done(stage: Stage) -> None:
    tonnes, before = scatter(stage), stage.world.entries()
    with pytest.raises(errors.TooFragmented):
        stage.world.transfer_between(
            stage.batch, tonnes, "Bosques", "Acme", stage.icr, "retire-and-reissue"
        )
    assert stage.world.entries() == before


def test_mirror_of_many_pieces_stands_for_several_locks(stage: Stage) -> None:
    tonnes = scatter(stage)
    done = stage.start("immobilise-and-mirror", tonnes).finish()
    assert len(done.batches) == 18
    assert len({batch.export for batch in done.batches}) == 3
    assert stage.eco.totals(stage.batch).locked_g == 1_000 * T
    assert sum(batch.amount_g for batch in done.batches) == tonnes * T
    assert stage.world.is_conserved()


def test_lock_for_a_mirror_that_is_refused_in_part_is_released_as_a_whole(stage: Stage) -> None:
    passage = stage.start("immobilise-and-mirror", scatter(stage))
    passage.step()
    passage.step()
    assert stage.eco.totals(stage.batch).locked_g > 900 * T
    freeze(stage, 1)
    with pytest.raises(errors.CreditsEncumbered):
        passage.finish()
    assert stage.eco.totals(stage.batch).locked_g == 17 * T
    assert stage.world.index.channels.lots == {}


def test_mirror_refused_with_several_locks_releases_them_all(stage: Stage) -> None:
    tonnes = scatter(stage)
    stage.icr.admit("EcoRegistry", 10)
    with pytest.raises(errors.AboveAllowance):
        stage.start("immobilise-and-mirror", tonnes).finish()
    locked_g = stage.eco.totals(stage.batch).locked_g
    assert stage.world.ledger.outstanding("ICR", "EcoRegistry") == locked_g - 17 * T


# How long things take.


def opened(tmp_path, stage: Stage, name: str, **seconds: int) -> Registry:
    """Open a registry whose profile states these delays."""
    said = "\n".join(
        f"  {step}: {{seconds: {of}, source: {name} {step}, is_assumption: false}}"
        for step, of in seconds.items()
    )
    path = tmp_path / f"{name}.yaml"
    path.write_text(f"name: {name}\nmode: native\ndelays:\n{said}\n")
    return stage.world.registry(path)


def waits(done: CrossTransfer) -> list[tuple[int, str]]:
    return [(step.waited_s, step.basis) for step in done.steps if step.waited_s]


def test_message_has_the_time_that_its_relay_takes(tmp_path, stage: Stage) -> None:
    slow = opened(tmp_path, stage, "Slow", relay=2 * DAY_S)
    quick = opened(tmp_path, stage, "Quick", relay=9)
    out = stage.world.transfer_between(stage.batch, 10, "Bosques", "Acme", slow, "relayed")
    assumed = (60, "assumption: a relayer that looks once a minute")
    assert waits(out) == [assumed, (2 * DAY_S, "Slow relay")]
    (there,) = out.batches
    # To a third registry it goes home, by its own relay, and on from there by the home's.
    on = stage.world.transfer_between(there, 4, "Acme", "Acme", quick, "relayed")
    assert waits(on) == [(2 * DAY_S, "Slow relay"), assumed, assumed, (9, "Quick relay")]
    assert stage.world.pending() == ()


@pytest.mark.parametrize("relay_s", [30 * DAY_S - 1, 40 * DAY_S])
def test_message_that_would_always_be_late_is_refused(tmp_path, stage: Stage, relay_s: int) -> None:
    slow = opened(tmp_path, stage, "Slow", relay=relay_s)
    project = slow.register_project("Slope", "KE", "AR-ACM0003", "Bosques")
    batch = slow.issue(project, 2024, 10, "Bosques")
    before, now_s = stage.world.entries(), stage.world.now_s
    with pytest.raises(WorldError, match="a message takes"):
        stage.world.transfer_between(batch, 1, "Bosques", "Acme", stage.icr, "relayed")
    assert (stage.world.entries(), stage.world.now_s) == (before, now_s)
    stage.world.transfer_between(batch, 1, "Bosques", "Acme", stage.icr, "atomic")


def test_message_just_in_time_is_taken(tmp_path, stage: Stage) -> None:
    for relay_s, is_late in ((DAY_S - 1, True), (DAY_S - 2, False)):
        delays = USUAL._replace(relay=Delay(relay_s))
        passage = None
        try:
            passage = stage.world.start_transfer(
                stage.batch, 1, "Bosques", "Acme", stage.icr, "relayed", delays
            )
        except WorldError:
            assert is_late
        else:
            assert not is_late
            assert passage.finish().settlement_s == DAY_S


@pytest.mark.parametrize(
    ("issue_s", "expected"),
    [(3_600, (10 * DAY_S, "assumption")), (20 * DAY_S, (20 * DAY_S, "Other issue"))],
)
def test_review_of_a_conversion_takes_no_less_than_an_issue(
    tmp_path, stage: Stage, issue_s: int, expected: tuple[int, str]
) -> None:
    other = opened(tmp_path, stage, "Other", issue=issue_s)
    world = stage.world
    review = world.transfer_between(stage.batch, 1, "Bosques", "Acme", other, "cancel-and-reissue")
    assert waits(review)[0] == expected
    for protocol in ("retire-and-reissue", "immobilise-and-mirror"):
        done = world.transfer_between(stage.batch, 1, "Bosques", "Acme", other, protocol)
        assert (issue_s, "Other issue") in waits(done)


# Conversions back.


def test_credits_that_come_home_by_letter_are_refused_where_all_is_issued(stage: Stage) -> None:
    """The letter names the project that is there, and its verification is used up."""
    (there,) = stage.start("by-hand").finish().batches
    before, now_s = stage.world.entries(), stage.world.now_s
    with pytest.raises(errors.AboveVerifiedAmount) as caught:
        stage.world.start_transfer(there, 50, "Acme", "Zoe", stage.eco, "by-hand")
    assert (caught.value.verified, caught.value.drawn) == (1_000 * T, 1_000 * T)
    assert (stage.world.entries(), stage.world.now_s) == (before, now_s)


def test_credits_that_come_home_by_letter_draw_on_what_is_left_there(stage: Stage) -> None:
    statement = stage.eco.verify(stage.project, 2023, 100, "Verifier", "Report")
    batch = stage.eco.issue(stage.project, 2023, 90, "Bosques", statement)
    (there,) = stage.world.transfer_between(
        batch, 20, "Bosques", "Acme", stage.icr, "by-hand"
    ).batches
    (back,) = stage.world.transfer_between(there, 10, "Acme", "Zoe", stage.eco, "by-hand").batches
    assert back.statement is not None
    assert back.statement.id == statement.id
    with pytest.raises(errors.AboveVerifiedAmount):
        stage.world.start_transfer(there, 1, "Acme", "Zoe", stage.eco, "by-hand")


def test_conversion_back_is_a_project_of_its_own(stage: Stage) -> None:
    (there,) = stage.start("cancel-and-reissue").finish().batches
    (back,) = stage.world.transfer_between(
        there, 50, "Acme", "Bosques", stage.eco, "cancel-and-reissue"
    ).batches
    assert back.project != stage.project.number


@pytest.mark.parametrize("protocol", ["by-hand", "cancel-and-reissue", "retire-and-reissue"])
def test_conversion_beyond_what_is_verified_is_refused_before_it_begins(
    stage: Stage, protocol: str
) -> None:
    world, project = stage.world, stage.eco.register_project("Slope", "CO", "M", "Bosques")
    statement = stage.eco.verify(project, 2024, 300, "Verifier", "Report")
    batch = stage.eco.issue(project, 2024, 300, "Bosques", statement)
    (there,) = world.transfer_between(batch, 200, "Bosques", "Acme", stage.icr, protocol).batches
    # Issued there besides, on the verification that was stated again.
    converted, _ = world.index.projects["ICR", there.project]
    stage.icr.issue(converted, 2024, 50, "Acme", there.statement)
    before, now_s = world.entries(), world.now_s
    with pytest.raises(errors.AboveVerifiedAmount):
        world.start_transfer(batch, 51, "Bosques", "Zoe", stage.icr, protocol)
    assert (world.entries(), world.now_s) == (before, now_s)
    world.transfer_between(batch, 50, "Bosques", "Zoe", stage.icr, protocol)


# What it says of itself.


def test_transfer_says_what_is_open_and_what_is_used(stage: Stage) -> None:
    passage = stage.start("cancel-and-reissue")
    passage.step()
    assert str(passage.result()).endswith("tonne-days), still open")
    assert str(passage.finish()).endswith("tonne-days)")
    used = stage.start("retire-and-reissue", 30).finish()
    assert str(used).endswith("(0 tonne-days), 30 t retired and alive")


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
