"""Every way of moving credits between registries, carried out once and measured beside the others.

Each moves the same amount in a world of its own. What it takes and exposes is measured on the
ledger's entries; how long people and machines take is not: those delays are named beside it, each
with its source.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from registry.records.base import Record
from registry.records.result import CrossTransfer
from registry.transfer.delays import Delays
from registry.transfer.protocols import PROTOCOLS
from registry.units import GRAMS_PER_TONNE
from registry.world import World

TONNES = 100
SOURCE, NEAR, FAR = "EcoRegistry", "ICR", "S&P"
"""From where; to where on the same chain; to where on another one, for what goes by message."""


class Waited(Record):
    """A delay that a protocol waited for: how long, for what, and what says that it takes that."""

    what: str
    seconds: int
    basis: str


class Measured(Record):
    """One protocol, moving 100 t.

    Attributes:
        target: Where to.
        settlement_s: Seconds until the receiver could use the credits; None: nothing arrived.
        both_s, both_tonne_days: How long credits were alive on both sides.
        neither_s: Seconds in which they were alive on neither.
        used_and_alive_t: Tonnes that count as retired at the source and are alive at the target.
        actions: How many it took; `gas_used` is that of their transactions.
        findings: Codes that an audit of the world then raises.
        delays: What it waited for, in order.
    """

    protocol: str
    summary: str
    target: str
    settlement_s: int | None
    both_s: int
    both_tonne_days: Decimal
    neither_s: int
    used_and_alive_t: int
    actions: int
    gas_used: int
    findings: tuple[str, ...]
    delays: tuple[Waited, ...]


def measure(
    delays: Delays | None = None, progress: Callable[[int, int], None] = lambda done, of: None
) -> tuple[Measured, ...]:
    """Carry out every protocol on the contracts.

    Args:
        delays: How long each step takes; as the registries' profiles say if absent.
        progress: Told how many protocols are done, and of how many.
    """
    found = []
    for name in PROTOCOLS:
        found.append(_measured(name, delays))
        progress(len(found), len(PROTOCOLS))
    return tuple(found)


def _measured(name: str, delays: Delays | None) -> Measured:
    with World.open(chains=2) as world:
        source = world.registry(SOURCE)
        target = world.registry(FAR, chain=2) if name == "relayed" else world.registry(NEAR)
        project = source.register_project(
            "Sierra Nevada reforestation", "CO", "AR-ACM0003", "Bosques"
        )
        batch = source.issue(project, 2024, 10 * TONNES, "Bosques")
        done = world.transfer_between(batch, TONNES, "Bosques", "Acme", target, name, delays)
        codes = sorted({finding.code for finding in world.audit()})
    return _row(done, PROTOCOLS[name].summary, codes)


def _row(done: CrossTransfer, summary: str, codes: list[str]) -> Measured:
    return Measured(
        protocol=done.protocol,
        summary=summary,
        target=done.target,
        settlement_s=done.settlement_s,
        both_s=done.both_s,
        both_tonne_days=done.both_tonne_days,
        neither_s=done.neither_s,
        used_and_alive_t=done.used_and_alive_g // GRAMS_PER_TONNE,
        actions=sum(1 for step in done.steps if step.registry),
        gas_used=done.gas_used or 0,
        findings=tuple(codes),
        delays=tuple(
            Waited(what=step.what, seconds=step.waited_s, basis=step.basis)
            for step in done.steps
            if not step.registry
        ),
    )
