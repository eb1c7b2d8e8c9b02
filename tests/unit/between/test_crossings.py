"""Transfers between registries: six protocols, what they leave, what they refuse."""

from __future__ import annotations

import pytest

from registry import errors
from registry.kept.opening import WorldError
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.interval import Interval
from registry.records.result import Batch, CrossTransfer
from registry.transfer.delays import USUAL, Delay
from registry.transfer.protocols import PROTOCOLS
from registry.world import World
from tests.chain import CHAIN

T = 1_000_000
DAY_S = 86_400
SERIAL_KEEPING = ("atomic", "relayed", "immobilise-and-mirror")
REISSUING = ("cancel-and-reissue", "retire-and-reissue", "by-hand")


class Stage:
    """EcoRegistry has issued 1,000 t to Bosques; ICR and S&P are open, and who else is asked."""

    def __init__(self, engine: str = "model", chains: int = 1) -> None:
        self.world = World.open(seed=2, engine=engine, chains=chains)
        self.eco = self.world.registry("EcoRegistry")
        self.icr = self.world.registry("ICR")
        self.sp = self.world.registry("S&P", chain=chains)
        self.project = self.eco.register_project("Sierra", "CO", "AR-ACM0003", "Bosques")
        self.batch = self.eco.issue(self.project, 2024, 1_000, "Bosques")

    def move(self, protocol: str = "atomic", tonnes: int = 100) -> CrossTransfer:
        world = self.world
        return world.transfer_between(self.batch, tonnes, "Bosques", "Acme", self.icr, protocol)

    def state(self) -> tuple[object, ...]:
        """What a refusal must leave as it was: every credit, wherever it is."""
        ledger, places = self.world.ledger, self.world.index.channels.issued
        return (
            [ledger.totals(*place) for place in places],
            [ledger.available(*place) for place in places],
            [ledger.holding(*place, name) for place in places for name in ("Bosques", "Acme")],
        )


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture(params=["model", CHAIN])
def either(request: pytest.FixtureRequest):
    stage = Stage(request.param, chains=2)
    yield stage
    stage.world.close()


@pytest.mark.parametrize("protocol", SERIAL_KEEPING)
def test_transfer_keeps_serials_and_counts_nothing_twice(stage: Stage, protocol: str) -> None:
    done = stage.move(protocol)
    (there,) = done.batches
    assert (there.registry, there.home, there.holder) == ("ICR", "EcoRegistry", "Acme")
    assert (there.scope, there.interval) == (stage.batch.scope, Interval(0, 100 * T))
    assert stage.icr.holding(there, "Acme").balance_g == 100 * T
    assert stage.eco.totals(stage.batch).active_g == 900 * T
    assert (done.both_s, done.both_tonne_days, done.is_open) == (0, 0, False)
    assert stage.world.is_conserved()
    assert stage.world.audit() == ()


@pytest.mark.parametrize("protocol", SERIAL_KEEPING)
def test_round_trip_with_retirement_abroad_brings_the_rest_home(
    stage: Stage, protocol: str
) -> None:
    (there,) = stage.move(protocol).batches
    stage.icr.transfer(there, 40, "Acme", "Borealis")
    stage.icr.retire(there, 25, "Borealis", "Borealis Air", "voluntary")
    back = stage.world.transfer_between(there, 60, "Acme", "Delta", stage.eco, protocol)
    assert [batch.batch for batch in back.batches] == [stage.batch.batch]
    assert stage.eco.holding(stage.batch, "Delta").balance_g == 60 * T
    here = stage.icr.totals(there)
    assert (here.active_g, here.retired_g, here.exported_g) == (15 * T, 25 * T, 60 * T)
    away = stage.eco.totals(stage.batch)
    assert away.exported_g + away.locked_g == 40 * T
    held = stage.world.ledger.held("EcoRegistry", there.export or 0)
    assert sum(piece.amount_g for piece in held) == 40 * T
    assert stage.world.ledger.outstanding("ICR", "EcoRegistry") == 40 * T
    assert stage.world.audit() == ()


@pytest.mark.parametrize("protocol", SERIAL_KEEPING)
def test_transfer_between_two_foreign_registries_goes_through_home(
    stage: Stage, protocol: str
) -> None:
    (there,) = stage.move(protocol).batches
    done = stage.world.transfer_between(there, 30, "Acme", "Delta", "S&P", protocol)
    (further,) = done.batches
    assert (further.registry, further.home, further.amount_g) == ("S&P", "EcoRegistry", 30 * T)
    assert stage.world.ledger.outstanding("ICR", "EcoRegistry") == 70 * T
    assert stage.world.ledger.outstanding("S&P", "EcoRegistry") == 30 * T
    assert (done.both_s, done.is_open) == (0, False)
    assert stage.world.audit() == ()


def test_transfer_in_one_step_takes_no_time_but_its_own(stage: Stage) -> None:
    done = stage.move()
    assert done.settlement_s == 1
    assert done.neither_s == 0
    out, came = stage.world.entries()[-2:]
    assert (out.kind, came.kind) == (Kind.EXPORTED, Kind.IMPORTED)
    assert out.at_s == came.at_s


def test_transfer_by_message_is_alive_nowhere_on_its_way(stage: Stage) -> None:
    done = stage.move("relayed")
    assert done.settlement_s == 62
    assert (done.both_s, done.neither_s) == (0, 61)
    waits = [step.basis for step in done.steps if step.waited_s]
    assert waits == ["assumption: a relayer that looks once a minute"] * 2
    assert stage.world.pending() == ()


@pytest.mark.parametrize("protocol", REISSUING)
def test_reissue_takes_serials_of_the_targets_own(stage: Stage, protocol: str) -> None:
    done = stage.move(protocol)
    (made,) = done.batches
    assert made.home is None
    assert made.scope.startswith("ICR-")
    assert (made.amount_g, made.holder) == (100 * T, "Acme")
    assert stage.eco.totals(stage.batch).active_g == 900 * T
    document = stage.world.index.documents("ICR", made.project)[1]
    is_linked = protocol != "by-hand"
    assert (document.get("origin_registry") == "EcoRegistry") is is_linked


def test_cancel_and_reissue_is_alive_on_both_sides_until_the_source_cancels(stage: Stage) -> None:
    done = stage.move("cancel-and-reissue")
    assert done.both_s == 8 * DAY_S + 1
    assert 800 < done.both_tonne_days < 801
    assert not done.is_open


def test_retire_and_reissue_leaves_what_is_used_alive(stage: Stage) -> None:
    done = stage.move("retire-and-reissue")
    assert (done.both_s, done.used_and_alive_g) == (0, 100 * T)


@pytest.mark.parametrize(("told", "filed", "both_s"), [(3, 7, 4 * DAY_S + 1), (7, 3, 0)])
def test_by_hand_is_exposed_as_offices_are_slow(
    stage: Stage, told: int, filed: int, both_s: int
) -> None:
    delays = USUAL._replace(told=Delay(told * DAY_S), filed=Delay(filed * DAY_S))
    world = stage.world
    done = world.transfer_between(stage.batch, 100, "Bosques", "Acme", stage.icr, "by-hand", delays)
    assert done.both_s == both_s


def test_by_hand_can_be_spent_twice_while_the_letters_lie(stage: Stage) -> None:
    """What happens today: issued there, and retired here before the office has read its letter."""
    passage = stage.world.start_transfer(
        stage.batch, 1_000, "Bosques", "Acme", stage.icr, "by-hand"
    )
    passage.step()
    stage.eco.retire(stage.batch, 1_000, "Bosques", "Bosques", "voluntary")
    with pytest.raises(errors.InsufficientCredits):
        passage.finish()
    done = passage.result()
    assert done.is_open
    assert stage.icr.holding(done.batches[0], "Acme").balance_g == 1_000 * T
    assert stage.eco.totals(stage.batch).retired_g == 1_000 * T


def test_second_conversion_draws_on_the_first_ones_statement(stage: Stage) -> None:
    one, other = stage.move("cancel-and-reissue"), stage.move("cancel-and-reissue")
    assert one.batches[0].statement == other.batches[0].statement
    third, fourth = [
        stage.world.start_transfer(
            stage.batch, 800, "Bosques", "Acme", stage.icr, "cancel-and-reissue"
        )
        for _ in range(2)
    ]
    third.finish()
    before = stage.state()
    with pytest.raises(errors.AboveVerifiedAmount):
        fourth.finish()
    assert stage.state() == before


def test_transfer_of_more_pieces_than_one_makes_several_imports(stage: Stage) -> None:
    locks = [stage.eco.lock(stage.batch, 300, "Bosques", "order") for _ in range(3)]
    stage.eco.release(locks[0])
    done = stage.move(tonnes=350)
    assert [batch.amount_g for batch in done.batches] == [300 * T, 50 * T]
    assert stage.world.audit() == ()


def test_conversion_of_many_pieces_leaves_none_alive_at_the_source(either: Stage) -> None:
    locks = [either.eco.lock(either.batch, 1, "Bosques", "order") for _ in range(34)]
    for lock in locks[::2]:
        either.eco.release(lock)
    done = either.move("cancel-and-reissue", 983)
    cancelled = [entry for entry in either.world.entries() if entry.kind is Kind.CANCELLED]
    # The 966 t that were never in pieces, then 16 pieces, then the last one.
    assert [entry.amount_g for entry in cancelled] == [966 * T, 16 * T, T]
    assert not done.is_open
    assert either.eco.totals(either.batch).active_g == 0


# Messages, step by step.


def test_relay_goes_on_where_it_stopped(either: Stage) -> None:
    """A relayer that stops between import and answer, and starts again, does each thing once."""
    world, batch = either.world, either.batch
    for name, peer in (("EcoRegistry", "S&P"), ("S&P", "EcoRegistry")):
        world.registry(name).admit(peer)
    world.account("Acme")
    sent = either.eco.export(batch, 100, "Bosques", "S&P", "Acme")
    assert [message.id for message in world.pending()] == [sent.id]
    assert [entry.kind for entry in world.relay()] == [Kind.IMPORTED]
    assert [entry.kind for entry in world.relay()] == [Kind.EXPORT_ACKNOWLEDGED]
    assert world.relay() == ()
    assert world.pending() == ()
    assert world.ledger.outstanding("S&P", "EcoRegistry") == 100 * T
    assert world.audit() == ()


def test_relay_has_late_messages_voided_and_gives_their_credits_back(either: Stage) -> None:
    world, batch = either.world, either.batch
    for name, peer in (("EcoRegistry", "S&P"), ("S&P", "EcoRegistry")):
        world.registry(name).admit(peer)
    world.account("Acme")
    before = either.eco.totals(batch)
    either.eco.export(batch, 100, "Bosques", "S&P", "Acme")
    world.advance(days=2)
    assert [entry.kind for entry in world.relay()] == [Kind.IMPORT_VOIDED]
    assert [entry.kind for entry in world.relay()] == [Kind.EXPORT_COMPENSATED]
    assert either.eco.totals(batch) == before
    assert either.eco.holding(batch, "Bosques").balance_g == 1_000 * T
    assert world.audit() == ()


def test_relayed_transfer_to_a_paused_registry_comes_back_and_says_so(stage: Stage) -> None:
    stage.icr.pause()
    before = stage.state()
    with pytest.raises(errors.RegistryPaused):
        stage.move("relayed")
    assert stage.state() == before
    assert stage.world.audit() == ()
    stage.icr.unpause()
    stage.move("relayed")


def test_mirror_that_is_refused_has_its_lock_released(stage: Stage) -> None:
    stage.icr.admit("EcoRegistry", 99)
    before = stage.state()
    with pytest.raises(errors.AboveAllowance):
        stage.move("immobilise-and-mirror")
    assert stage.state() == before


def test_atomic_transfer_that_is_refused_leaves_nothing(either: Stage) -> None:
    world = either.world
    either.icr.admit("EcoRegistry", 99)
    world.account("Acme")
    either.eco.admit("ICR")
    before, entries = either.state(), len(world.entries())
    with pytest.raises(errors.AboveAllowance) as caught:
        either.move()
    assert (caught.value.allowance, caught.value.amount) == (99 * T, 100 * T)
    assert (either.state(), len(world.entries())) == (before, entries)


def test_atomic_transfer_needs_one_chain(either: Stage) -> None:
    before = either.state()
    with pytest.raises(errors.PeerOnAnotherChain):
        either.world.transfer_between(either.batch, 1, "Bosques", "Acme", "S&P")
    assert either.state() == before


# Bad input: a typed refusal, and both sides unchanged.


@pytest.fixture
def sent(either: Stage):
    """One export imported and acknowledged, one on its way."""
    world = either.world
    for name, peer in (("EcoRegistry", "S&P"), ("S&P", "EcoRegistry"), ("ICR", "EcoRegistry")):
        world.registry(name).admit(peer)
    world.account("Acme")
    either.eco.export(either.batch, 100, "Bosques", "S&P", "Acme")
    world.relay()
    world.relay()
    either.eco.export(either.batch, 50, "Bosques", "S&P", "Acme")
    return either


def refused(stage: Stage, kind: type[errors.LedgerError], action: act.Action) -> None:
    before = stage.state()
    with pytest.raises(errors.LedgerError) as caught:
        stage.world.apply(action)
    assert type(caught.value) is kind
    assert stage.state() == before


def test_import_without_export_is_refused(sent: Stage) -> None:
    (message,) = sent.world.pending()
    made_up = message.model_copy(update={"id": 77})
    refused(sent, errors.NotAttested, act.Import(registry="S&P", message=made_up))


def test_message_used_twice_is_refused(sent: Stage) -> None:
    first = sent.world.index.channels.sent["EcoRegistry", 1].message
    refused(sent, errors.MessageAlreadyUsed, act.Import(registry="S&P", message=first))


def test_late_message_is_refused(sent: Stage) -> None:
    (message,) = sent.world.pending()
    sent.world.advance(days=2)
    refused(sent, errors.MessageExpired, act.Import(registry="S&P", message=message))


def test_message_out_of_order_is_refused(sent: Stage) -> None:
    sent.eco.export(sent.batch, 25, "Bosques", "S&P", "Acme")
    last = sent.world.pending()[1]
    refused(sent, errors.MessageOutOfOrder, act.Import(registry="S&P", message=last))


def test_message_for_another_target_is_refused(sent: Stage) -> None:
    (message,) = sent.world.pending()
    wrong = act.Import(registry="ICR", message=message)
    refused(sent, errors.MessageForAnotherRegistry, wrong)


def test_release_at_the_source_after_import_is_refused(sent: Stage) -> None:
    (message,) = sent.world.pending()
    sent.world.relay()
    refused(sent, errors.NotAttested, act.Compensate(registry="EcoRegistry", id=message.id))
    refused(sent, errors.NoPendingExport, act.Compensate(registry="EcoRegistry", id=1))
    refused(sent, errors.NotLocked, act.Release(registry="EcoRegistry", id=message.id, amount_g=1))


def test_answer_before_the_import_is_refused(sent: Stage) -> None:
    (message,) = sent.world.pending()
    refused(sent, errors.NotAttested, act.Acknowledge(registry="EcoRegistry", id=message.id))


def test_answer_given_twice_is_refused(sent: Stage) -> None:
    refused(sent, errors.NoPendingExport, act.Acknowledge(registry="EcoRegistry", id=1))


def test_return_above_what_is_outstanding_is_refused(sent: Stage) -> None:
    there = sent.world.batch("S&P", 1)
    before = sent.state()
    with pytest.raises(errors.InsufficientCredits):
        sent.world.transfer_between(there, 101, "Acme", "Bosques", sent.eco, "relayed")
    assert sent.state() == before


@pytest.mark.parametrize(
    ("batch", "target", "protocol", "expected"),
    [
        ("made", "ICR", "teleport", "protocol 'teleport'"),
        ("made", "ICR", 3, "protocol 3"),
        ("made", "Nowhere", "atomic", "target 'Nowhere'"),
        ("made", "EcoRegistry", "atomic", "target 'EcoRegistry'"),
        ("none", "ICR", "atomic", "batch None"),
    ],
)
def test_transfer_refuses_what_is_no_transfer(
    stage: Stage, batch: str, target: str, protocol: str, expected: str
) -> None:
    entries = len(stage.world.entries())
    given = stage.batch if batch == "made" else None
    with pytest.raises(WorldError, match=expected):
        stage.world.transfer_between(given, 1, "Bosques", "Acme", target, protocol)  # type: ignore[arg-type]
    assert len(stage.world.entries()) == entries


@pytest.mark.parametrize("protocol", REISSUING)
def test_reissue_refuses_credits_of_another_home(stage: Stage, protocol: str) -> None:
    (there,) = stage.move().batches
    with pytest.raises(WorldError, match="keeps serials"):
        stage.world.transfer_between(there, 1, "Acme", "Delta", "S&P", protocol)


def test_transfer_refuses_a_batch_that_is_unknown(stage: Stage) -> None:
    unknown = stage.batch.model_copy(update={"batch": stage.batch.batch + 1})
    with pytest.raises(errors.UnknownBatch):
        stage.world.transfer_between(unknown, 1, "Bosques", "Acme", "ICR")
    elsewhere = stage.batch.model_copy(update={"registry": "Nowhere"})
    with pytest.raises(errors.UnknownBatch):
        stage.world.transfer_between(elsewhere, 1, "Bosques", "Acme", "ICR")


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_transfer_of_too_much_is_refused_and_changes_no_credit(stage: Stage, protocol: str) -> None:
    before = stage.state()
    with pytest.raises(errors.RegistryError):
        stage.move(protocol, tonnes=1_001)
    assert stage.state() == before


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_transfer_is_the_same_on_model_and_contracts(protocol: str) -> None:
    said = []
    for engine in ("model", CHAIN):
        stage = Stage(engine)
        done = stage.move(protocol)
        said.append((done.model_dump(exclude={"gas_used", "steps"}), stage.world.run_hash()))
        assert (done.gas_used is None) is (engine == "model")
        stage.world.close()
    assert said[0] == said[1]


def test_transfer_in_a_kept_world_goes_on_after_reopening(tmp_path) -> None:
    path = tmp_path / "world"
    with World.open(path, seed=2, engine="model") as world:
        eco, icr = world.registry("EcoRegistry"), world.registry("ICR")
        eco.admit("ICR")
        icr.admit("EcoRegistry")
        world.account("Acme")
        project = eco.register_project("Sierra", "CO", "AR-ACM0003", "Bosques")
        batch = eco.issue(project, 2024, 1_000, "Bosques")
        eco.export(batch, 100, "Bosques", "ICR", "Acme")
        world.relay()
    with World.open(path) as world:
        (waiting,) = world.pending()
        assert waiting.amount_g == 100 * T
        assert [entry.kind for entry in world.relay()] == [Kind.EXPORT_ACKNOWLEDGED]
        there = world.batch("ICR", 1)
        assert isinstance(there, Batch)
        back = world.transfer_between(there, 100, "Acme", "Bosques", "EcoRegistry", "relayed")
        assert back.batches == (world.batch("EcoRegistry", batch.batch),)
        assert world.audit() == ()
