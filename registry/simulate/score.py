"""Findings against the answer key: what was found, missed, and alarmed without cause."""

from __future__ import annotations

from collections.abc import Sequence

from registry.records.base import Record
from registry.records.finding import Finding
from registry.simulate.faults import Planted


class Score(Record):
    """How an audit did.

    Attributes:
        found: Each finding with the fault it answers, None where it answers none.
        missed: Planted, but not found.
        false_alarms: Found, but not planted.
    """

    found: tuple[tuple[Finding, str | None], ...]
    missed: tuple[Planted, ...]
    false_alarms: tuple[Finding, ...]

    @property
    def is_perfect(self) -> bool:
        """Say whether everything planted was found and nothing else."""
        return not self.missed and not self.false_alarms


def score(planted: Sequence[Planted], findings: Sequence[Finding]) -> Score:
    """Match findings with what was planted.

    A finding answers a planted contradiction if code, registry, batch, both bounds of the interval
    and the moment agree. One finding answers one contradiction.
    """
    waiting = list(planted)
    found: list[tuple[Finding, str | None]] = []
    for finding in findings:
        match = next((key for key in waiting if _answers(finding, key)), None)
        if match is not None:
            waiting.remove(match)
        found.append((finding, match.fault if match else None))
    alarms = tuple(finding for finding, fault in found if fault is None)
    return Score(found=tuple(found), missed=tuple(waiting), false_alarms=alarms)


def _answers(finding: Finding, key: Planted) -> bool:
    return (
        finding.code == key.code
        and key.registry in finding.registries
        and (finding.batch, finding.start_g, finding.end_g) == (key.batch, key.start_g, key.end_g)
        and finding.detectable_at == key.at_s
    )
