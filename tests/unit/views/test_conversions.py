"""Conversions, links and projects of a world as tables, and what an audit makes of them."""

from __future__ import annotations

import pytest

from registry.records.finding import Level
from registry.views.conversions import conversion_rows, origins_of
from registry.world import World

T = 1_000_000
DAY_S = 86_400


class Stage:
    """EcoRegistry issued 1,000 t to Bosques; ICR is open, too."""

    def __init__(self) -> None:
        self.world = World.open(seed=1, engine="model")
        self.eco, self.icr = self.world.registry("EcoRegistry"), self.world.registry("ICR")
        project = self.eco.register_project(
            "Sierra Nevada reforestation", "CO", "AR-ACM0003", "Bosques"
        )
        self.batch = self.eco.issue(project, 2024, 1_000, "Bosques")

    def convert(self, protocol: str, tonnes: int = 100) -> None:
        world = self.world
        world.transfer_between(self.batch, tonnes, "Bosques", "Acme", self.icr, protocol)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_conversion_says_what_took_the_place_of_what(stage: Stage) -> None:
    stage.convert("cancel-and-reissue")
    (row,) = conversion_rows(stage.world)["conversions"]
    cancelled = stage.world.entries()[-1]
    assert (row["registry"], row["project"], row["target"]) == ("EcoRegistry", "1", "ICR")
    assert (row["kind"], row["amount_g"]) == ("cancellation", 100 * T)
    assert (row["scope"], row["start_g"]) == (stage.batch.scope, 0)
    assert (row["record"], row["at_s"]) == (f"entry {cancelled.seq}", cancelled.at_s)
    ((place, origin),) = origins_of(stage.world).items()
    assert row["target_batch"] == str(place[1])
    assert origin == "EcoRegistry 1"


def test_conversion_by_retirement_says_so(stage: Stage) -> None:
    stage.convert("retire-and-reissue")
    (row,) = conversion_rows(stage.world)["conversions"]
    assert row["kind"] == "retirement"


def test_conversion_whose_source_is_active_still_is_a_row_without_a_place(stage: Stage) -> None:
    passage = stage.world.start_transfer(
        stage.batch, 100, "Bosques", "Acme", stage.icr, "cancel-and-reissue"
    )
    passage.step()
    (row,) = conversion_rows(stage.world)["conversions"]
    assert (row["registry"], row["amount_g"]) == ("EcoRegistry", 100 * T)
    assert "scope" not in row and "at_s" not in row
    passage.step()
    (row,) = conversion_rows(stage.world)["conversions"]
    assert row["kind"] == "cancellation"


def parts(stage: Stage) -> list[tuple[str | None, str | None, int, bool]]:
    return [
        (row.get("record"), row["target_batch"], row["amount_g"], "at_s" in row)
        for row in conversion_rows(stage.world)["conversions"]
    ]


def open_conversion(stage: Stage, tonnes: int = 100) -> None:
    """Have the target issue anew what the source is yet to cancel."""
    stage.world.start_transfer(
        stage.batch, tonnes, "Bosques", "Acme", stage.icr, "cancel-and-reissue"
    ).step()


def cancel(stage: Stage, tonnes: int) -> str:
    stage.eco.cancel(stage.batch, tonnes, "Bosques", "conversion to ICR")
    return f"entry {stage.world.entries()[-1].seq}"


def test_cancellations_of_its_parts_belong_to_one_conversion(stage: Stage) -> None:
    open_conversion(stage)
    made = str(next(iter(origins_of(stage.world)))[1])
    one, other = cancel(stage, 60), cancel(stage, 40)
    assert parts(stage) == [(one, made, 60 * T, True), (other, made, 40 * T, True)]
    stage.world.advance(days=40)
    assert codes(stage) == [("DI-6", Level.TIMED)] * 2


def test_conversion_cancelled_in_part_waits_for_the_rest(stage: Stage) -> None:
    open_conversion(stage)
    cancel(stage, 60)
    assert [(amount_g, is_closed) for *_, amount_g, is_closed in parts(stage)] == [
        (60 * T, True),
        (40 * T, False),
    ]
    assert codes(stage) == [("DI-6", Level.TIMED)] * 2
    stage.world.advance(days=31)
    (rest,) = [found for found in stage.world.audit(rules=["DI-6"]) if found.level is Level.CERTAIN]
    assert rest.amount_g == 40 * T


def test_cancellation_of_the_same_amount_goes_before_a_part(stage: Stage) -> None:
    """Part of the first it might be, but it is all of the second."""
    open_conversion(stage, 100)
    open_conversion(stage, 40)
    first, second = [str(batch) for _, batch in origins_of(stage.world)]
    cancel(stage, 60)
    cancel(stage, 40)
    assert [row[1:] for row in parts(stage)] == [
        (first, 60 * T, True),
        (second, 40 * T, True),
        (first, 40 * T, False),
    ]
    cancel(stage, 40)
    stage.world.advance(days=40)
    assert codes(stage) == [("DI-6", Level.TIMED)] * 3


def test_cancellation_that_fits_no_conversion_is_part_of_none(stage: Stage) -> None:
    """One too large, one before its time: neither closes a window, nor do they count twice."""
    cancel(stage, 10)
    open_conversion(stage, 50)
    cancel(stage, 51)
    assert [(made is None, amount_g) for _, made, amount_g, _ in parts(stage)] == [
        (True, 10 * T),
        (True, 51 * T),
        (False, 50 * T),
    ]
    cancel(stage, 50)
    assert parts(stage)[-1][1] is not None
    stage.world.advance(days=40)
    assert codes(stage) == [("DI-6", Level.TIMED)]


def test_retirement_is_part_of_no_conversion(stage: Stage) -> None:
    """A retirement is issued anew as a whole, or not at all."""
    open_conversion(stage, 100)
    stage.eco.retire(stage.batch, 60, "Bosques", "B", "other", "retired to be issued anew at ICR")
    (retired, waiting) = parts(stage)
    assert (retired[1], waiting[2]) == (None, 100 * T)


def test_cancellation_for_another_reason_is_no_conversion(stage: Stage) -> None:
    stage.eco.cancel(stage.batch, 100, "Bosques", "lost in a fire")
    assert conversion_rows(stage.world)["conversions"] == []


def test_link_is_what_the_new_project_declares(stage: Stage) -> None:
    stage.convert("by-hand")
    assert conversion_rows(stage.world)["links"] == []
    stage.convert("cancel-and-reissue")
    (link,) = conversion_rows(stage.world)["links"]
    assert (link["registry"], link["project"]) == ("ICR", "2")
    assert (link["other_registry"], link["other_project"]) == ("EcoRegistry", "1")
    assert len(conversion_rows(stage.world)["projects"]) == 3


def codes(stage: Stage) -> list[tuple[str, Level]]:
    return [(finding.code, finding.level) for finding in stage.world.audit(rules=["DI-6"])]


def test_audit_sees_a_conversion_window_open_and_close(stage: Stage) -> None:
    passage = stage.world.start_transfer(
        stage.batch, 100, "Bosques", "Acme", stage.icr, "cancel-and-reissue"
    )
    passage.step()
    assert codes(stage) == [("DI-6", Level.TIMED)]
    with stage.world.checkpoint():
        stage.world.advance(days=31)
        assert codes(stage) == [("DI-6", Level.CERTAIN)]
    passage.finish()
    (finding,) = stage.world.audit(rules=["DI-6"])
    assert finding.level is Level.TIMED
    assert finding.detectable_at is not None and finding.cleared_at is not None
    assert finding.cleared_at - finding.detectable_at == 8 * DAY_S + 1


def test_audit_finds_what_was_retired_and_is_alive_again(stage: Stage) -> None:
    stage.convert("retire-and-reissue")
    (finding,) = stage.world.audit(rules=["DU-2"])
    assert finding.level is Level.CERTAIN
    assert finding.registries == ("EcoRegistry", "ICR")
    assert finding.amount_g == 100 * T


def test_audit_takes_a_project_registered_twice_for_a_question(stage: Stage) -> None:
    stage.convert("by-hand")
    (finding,) = stage.world.audit(rules=["DI-5"])
    assert finding.level is Level.CANDIDATE
    assert set(finding.registries) == {"EcoRegistry", "ICR"}
