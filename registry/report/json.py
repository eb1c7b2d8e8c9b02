"""Runs as JSON bodies: tonnes are decimal text, grams and seconds integers, token ids text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from registry.units import tonnes_text

if TYPE_CHECKING:
    from registry.records.finding import Finding
    from registry.records.result import Batch, CrossTransfer
    from registry.simulate.faults import Planted
    from registry.simulate.pilot import Pilot
    from registry.simulate.score import Score
    from registry.simulate.tokenise import Outcome
    from registry.world import World


def finding_body(finding: Finding) -> dict[str, Any]:
    """Return a finding with its tonnes."""
    return {**finding.model_dump(mode="json"), "tonnes": finding.tonnes}


def _found(finding: Finding, fault: str | None) -> dict[str, Any]:
    """Return a finding in the shape of an answer key, with the rest of it beside."""
    body = finding_body(finding)
    return {
        "fault": fault,
        "code": finding.code,
        "registry": finding.registries[0] if finding.registries else None,
        "batch": body["batch"],
        "start_g": finding.start_g,
        "end_g": finding.end_g,
        "at_s": finding.detectable_at,
        "level": finding.level.value,
        "tonnes": finding.tonnes,
        "scope": finding.scope,
        "records": list(finding.records),
    }


def _keys(planted: Sequence[Planted]) -> list[dict[str, Any]]:
    return [key.model_dump(mode="json") for key in planted]


def _batch(world: World, batch: Batch) -> dict[str, Any]:
    return {
        "registry": batch.registry,
        "batch": str(batch.batch),
        "scope": batch.scope,
        "serials": list(batch.serials),
        **world.registry(batch.registry).totals(batch).model_dump(),
    }


def _journey(journey: CrossTransfer) -> dict[str, Any]:
    """Return a transfer between registries without what differs between engines: its gas."""
    kept = {"protocol", "source", "target", "settlement_s", "both_s", "neither_s", "amount_g"}
    return {
        **journey.model_dump(mode="json", include=kept),
        "tonnes": journey.tonnes,
        "both_tonne_days": f"{journey.both_tonne_days:f}",
    }


def pilot_body(pilot: Pilot, score: Score, run_hash: str) -> dict[str, Any]:
    """Return a run of the demo's scenario."""
    world = pilot.world
    batches = [_batch(world, batch) for batch in pilot.batches]
    imports = [{**_batch(world, batch), "home": batch.home} for batch in pilot.imports]
    retired_g = sum(batch["retired_g"] for batch in (*batches, *imports))
    return {
        "scenario": "pilot",
        "engine": world.engine,
        "seed": world.seed,
        "registries": [profile.name for profile in world.registries],
        "issued_t": tonnes_text(sum(batch["issued_g"] for batch in batches)),
        "retired_t": tonnes_text(retired_g),
        "conserved": world.is_conserved(),
        "batches": batches,
        "imports": imports,
        "journeys": [_journey(journey) for journey in pilot.journeys],
        "retirements": [retirement.model_dump(mode="json") for retirement in pilot.retirements],
        "planted": _keys(pilot.planted),
        "found": [_found(finding, fault) for finding, fault in score.found],
        "missed": _keys(score.missed),
        "false_alarms": [_found(finding, None) for finding in score.false_alarms],
        "entries": len(world.entries()),
        "run_hash": run_hash,
    }


def outcome_body(outcome: Outcome, engine: str) -> dict[str, Any]:
    """Return what became of a registry's export."""
    return {
        "engine": engine,
        "projects": outcome.projects,
        "statements": outcome.statements,
        "batches": outcome.batches,
        "zero_rows": outcome.zero_rows,
        "issued_t": tonnes_text(outcome.issued_g),
        "buffer_t": tonnes_text(outcome.buffer_g),
        "retirements": outcome.retirements,
        "retired_t": tonnes_text(outcome.retired_g),
        "opening_t": tonnes_text(outcome.opening_g),
        "intervals_equal": outcome.intervals_equal,
        "intervals_unlike": len(outcome.unlike),
        "unlike": [item.model_dump() for item in outcome.unlike],
        "refused": [item.model_dump() for item in outcome.refused],
        "conserved": outcome.conserved,
        "findings": [finding_body(finding) for finding in outcome.findings],
        "run_hash": outcome.run_hash,
    }
