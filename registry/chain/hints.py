"""Hints: where a guard should begin to look, asked of the chain when those that were given fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from eth_hash.auto import keccak

from registry.chain.deployment import GUARDS
from registry.chain.engine import Call
from registry.errors import LedgerError
from registry.records import action as act
from registry.records.identity import is_imported
from registry.records.interval import Interval

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
            parts = _parts(ledger, actions[at])
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


def _parts(ledger: ChainLedger, action: act.Action) -> Sequence[act.Action]:
    """Return what of an action takes a hint, each as an action of its own."""
    if isinstance(action, act.Issue):
        if ledger.platform.guarding != GUARDS["interval"]:
            return []  # Other guards look nowhere.
        return [action.model_copy(update={"orders": (order,)}) for order in action.orders]
    return [action] if type(action) in _HINTS else []


def _hint(ledger: ChainLedger, part: act.Action) -> int:
    to, contract, function, *args = _HINTS[type(part)](ledger, part)
    return int(ledger.ask(to, contract, function, *args)[0])


Question = tuple[Any, ...]
"""A contract's address and name, the function that answers, and what it is asked."""


def _of_statement(ledger: ChainLedger, part: act.Verify) -> Question:
    projects = ledger.contracts(part.registry).projects
    return projects, "ProjectRegistry", "periodHintFor", part.project, part.start


def _of_issue(ledger: ChainLedger, part: act.Issue) -> Question:
    order = part.orders[0]
    scope = keccak(order.scope.encode())
    return ledger.platform.guard, "SerialIndex", "hintFor", scope, order.start_g


def _of_arrival(ledger: ChainLedger, registry: str, scope: bytes, start_g: int) -> Question:
    return ledger.contracts(registry).bridge, "RegistryBridge", "hintFor", scope, start_g


def _of_import(ledger: ChainLedger, part: act.Import) -> Question:
    message = part.message
    scope = keccak(message.scope.encode())
    return _of_arrival(ledger, part.registry, scope, message.interval.start_g)


def _of_mirror(ledger: ChainLedger, part: act.Mirror) -> Question:
    return _of_arrival(ledger, part.registry, keccak(part.scope.encode()), part.start_g)


def _of_compensation(ledger: ChainLedger, part: act.Compensate) -> Question:
    credits = ledger.contracts(part.registry).credits
    ((_, _, _, batch, *_),) = ledger.ask(credits, "CarbonRegistry", "dispositionOf", part.id)
    (scope,) = ledger.ask(credits, "CarbonRegistry", "scopeOf", batch)
    (held,) = ledger.ask(credits, "CarbonRegistry", "intervalsOf", part.id)
    return _of_arrival(ledger, part.registry, scope, Interval.unpack(held[0]).start_g)


def _of_departure(ledger: ChainLedger, part: act.Export | act.Unmirror | act.Move) -> Question:
    bridge = ledger.contracts(part.registry).bridge
    return bridge, "RegistryBridge", "hintToSend", part.batch, part.amount_g


def _of_move(ledger: ChainLedger, part: act.Move) -> Question:
    """Ask the bridge that takes the hint: this one for what leaves here, else the target's."""
    if is_imported(part.batch):
        return _of_departure(ledger, part)
    credits = ledger.contracts(part.registry).credits
    cursor, _, stack = ledger.ask(credits, "CarbonRegistry", "releasedOf", part.batch)
    top = Interval.unpack(stack[-1]) if stack else None
    start_g = cursor if top is None or top.amount_g < part.amount_g else top.start_g
    (scope,) = ledger.ask(credits, "CarbonRegistry", "scopeOf", part.batch)
    return _of_arrival(ledger, part.target, scope, start_g)


_HINTS: dict[type[act.Action], Callable[[ChainLedger, Any], Question]] = {
    act.Verify: _of_statement,
    act.Issue: _of_issue,
    act.Export: _of_departure,
    act.Move: _of_move,
    act.Import: _of_import,
    act.Compensate: _of_compensation,
    act.Mirror: _of_mirror,
    act.Unmirror: _of_departure,
}
"""What to ask for a hint, of each action that takes one."""
