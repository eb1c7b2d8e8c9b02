"""What a relayer does next about an export: by what the two ledgers say, and nothing else."""

from __future__ import annotations

from typing import Literal

from registry.records.action import Acknowledge, Action, Compensate, Import, VoidImport
from registry.records.message import Message


def due(message: Message, outcome: Literal["imported", "voided"] | None, now_s: int) -> Action:
    """Return the next action about an export that waits for its target's answer.

    Args:
        outcome: What the target did with the message; None as long as it did nothing.
        now_s: World clock; the action takes place a second later at the earliest.
    """
    if outcome == "imported":
        return Acknowledge(registry=message.source, id=message.id)
    if outcome == "voided":
        return Compensate(registry=message.source, id=message.id)
    if now_s < message.deadline_s:
        return Import(registry=message.target, message=message)
    return VoidImport(registry=message.target, message=message)
