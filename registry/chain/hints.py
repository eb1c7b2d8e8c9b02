"""Hints: where a guard should begin to look, asked of the chain when those that were given fail."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from registry.chain.engine import Call
from registry.errors import LedgerError
from registry.records import action as act

if TYPE_CHECKING:
    from registry.chain.ledger import ChainLedger


def hinted(
    ledger: ChainLedger, actions: Sequence[act.Action], calls: Sequence[Call], first: int
) -> list[Call]:
    """Say the actions of a block again, with hints from the first one on whose hints are stale.

    Each hint is found on the chain that all orders before leave, which is then taken back.

    Args:
        calls: The actions as they were said.
        first: Index of the one that was refused.
    """
    hints: dict[int, list[int]] = {}
    waiting = list(calls[:first])
    # What is refused here will be refused for the same reason, whatever the hints behind it.
    with suppress(LedgerError), ledger.trial() as send:
        for at in range(first, len(actions)):
            parts = _parts(actions[at])
            if not parts:
                waiting.append(calls[at])
            for part in parts:
                send(waiting)
                hint = _hint(ledger, part)
                hints.setdefault(at, []).append(hint)
                waiting = [ledger.say(part, [hint])]
    return [
        ledger.say(action, hints[at]) if at in hints else calls[at]
        for at, action in enumerate(actions)
    ]


def _parts(action: act.Action) -> Sequence[act.Verify | act.Issue]:
    """Return what of an action takes a hint, each as an action of its own."""
    if isinstance(action, act.Verify):
        return [action]
    if isinstance(action, act.Issue):
        return [action.model_copy(update={"orders": (order,)}) for order in action.orders]
    return []


def _hint(ledger: ChainLedger, part: act.Verify | act.Issue) -> int:
    if isinstance(part, act.Verify):
        contracts = ledger.speaker(part).contracts
        assert contracts is not None
        found = ledger.ask(
            contracts.projects, "ProjectRegistry", "periodHintFor", part.project, part.start
        )
    else:
        order = part.orders[0]
        scope = ledger.naming.hash(order.scope)
        found = ledger.ask(ledger.platform.guard, "SerialIndex", "hintFor", scope, order.start_g)
    return int(found[0])
