"""JSON bodies: exact amounts as text and integers, and nothing left out."""

from __future__ import annotations

import json

import pytest

from registry.records.finding import Finding, Level
from registry.records.identity import batch_id
from registry.report.json import finding_body, outcome_body, pilot_body
from registry.simulate.faults import Planted
from registry.simulate.pilot import Pilot
from registry.simulate.score import Score, score
from registry.simulate.tokenise import Outcome, Refused, Unlike
from registry.world import World

FINDING = Finding(
    code="DU-1",
    level=Level.CERTAIN,
    registries=("EcoRegistry", "ICR"),
    scope="CDC_1",
    start_g=10,
    end_g=1_500_010,
    amount_g=1_500_000,
    batch=batch_id(2**62, 3),
    records=("book:ICR:line 1", "book:ICR:line 2"),
    detectable_at=1_751_328_000,
    cleared_at=None,
    clears_when="one of the two is reversed",
)
KEY = Planted(
    fault="D99",
    code="DU-1",
    registry="ICR",
    batch=FINDING.batch or 0,
    start_g=10,
    end_g=1_500_010,
    at_s=1_751_328_000,
)
OUTCOME = Outcome(
    projects=1,
    statements=2,
    batches=3,
    zero_rows=4,
    issued_g=5_000_001,
    buffer_g=500_000,
    retirements=2,
    retired_g=2_000_000,
    opening_g=0,
    intervals_equal=1,
    unlike=(Unlike(row=7, serial="CDC_1", printed="1-2", assigned="2-3"),),
    refused=(Refused(file="r.csv", row=8, serial="CDC_1", error="ZeroAmount", message="nothing"),),
    conserved=True,
    findings=(FINDING,),
    run_hash="ab" * 32,
)


def test_finding_body_has_every_field_and_its_tonnes() -> None:
    body = finding_body(FINDING)
    assert set(body) == {*Finding.model_fields, "tonnes"}
    assert body["tonnes"] == "1.5"
    assert body["level"] == "certain"
    assert body["batch"] == str(FINDING.batch)
    assert (
        Finding.model_validate_json(
            json.dumps({key: value for key, value in body.items() if key != "tonnes"})
        )
        == FINDING
    )


def test_finding_body_of_totals_only_says_null() -> None:
    bare = FINDING.model_copy(update={"scope": None, "start_g": None, "end_g": None, "batch": None})
    body = finding_body(bare)
    assert [body[name] for name in ("scope", "start_g", "end_g", "batch")] == [None] * 4


@pytest.fixture(scope="module")
def pilot() -> Pilot:
    pilot = Pilot(World.open(seed=3, engine="model"))
    pilot.run()
    return pilot


def test_pilot_body_has_the_promised_keys(pilot: Pilot) -> None:
    body = pilot_body(pilot, score(pilot.planted, pilot.findings), "hash")
    assert list(body) == [
        *("scenario", "engine", "seed", "registries", "issued_t", "retired_t", "conserved"),
        *("batches", "imports", "journeys", "retirements", "planted", "found", "missed"),
        *("false_alarms", "entries", "run_hash"),
    ]
    assert json.loads(json.dumps(body)) == body
    assert body["run_hash"] == "hash"


def test_pilot_body_tells_answer_key_and_findings_apart(pilot: Pilot) -> None:
    stray = FINDING.model_copy(update={"registries": ()})
    made = Score(found=((FINDING, "D99"), (stray, None)), missed=(KEY,), false_alarms=(stray,))
    body = pilot_body(pilot, made, "")
    assert [item["fault"] for item in body["found"]] == ["D99", None]
    (alarm,) = body["false_alarms"]
    assert (alarm["fault"], alarm["registry"]) == (None, None)
    (missed,) = body["missed"]
    assert missed == {**KEY.model_dump(), "batch": str(KEY.batch)}
    same = ("code", "batch", "start_g", "end_g", "at_s")
    assert [body["found"][0][name] for name in same] == [missed[name] for name in same]
    assert body["found"][0]["tonnes"] == "1.5"


def test_pilot_body_notices_a_batch_that_does_not_add_up(
    pilot: Pilot, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pilot.world.ledger.totals

    def leaking(registry: str, batch: int) -> object:
        totals = whole(registry, batch)
        if batch == pilot.batches[-1].batch and registry == pilot.batches[-1].registry:
            return totals.model_copy(update={"active_g": totals.active_g - 1})
        return totals

    monkeypatch.setattr(pilot.world.ledger, "totals", leaking)
    body = pilot_body(pilot, Score(found=(), missed=(), false_alarms=()), "")
    assert body["conserved"] is False


def test_outcome_body_has_every_figure() -> None:
    body = outcome_body(OUTCOME, "model")
    assert json.loads(json.dumps(body)) == body
    assert body["engine"] == "model"
    assert (body["issued_t"], body["buffer_t"], body["retired_t"]) == ("5.000001", "0.5", "2")
    assert body["intervals_unlike"] == len(body["unlike"]) == 1
    assert body["refused"][0]["error"] == "ZeroAmount"
    assert body["findings"] == [finding_body(FINDING)]
    words = {name.removesuffix("_g").removesuffix("_t") for name in body}
    assert {name.removesuffix("_g") for name in Outcome.model_fields} <= words
