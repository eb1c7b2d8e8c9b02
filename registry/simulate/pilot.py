"""The demo's scenario: a year of credits at four registries, then faults, then an audit.

Amounts, vintages, holders and the places of the faults are functions of the seed. The participants
are invented; the registries' ways of working are described in the README with their sources.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

from registry.desk.registries import Registry
from registry.records.finding import Finding
from registry.records.result import Batch, CrossTransfer, Retirement
from registry.simulate.faults import FAULTS, Planted, plant
from registry.simulate.score import Score, score
from registry.world import World

SCENARIO = "pilot"
REGISTRIES = (
    ("ICR", (("Highland forest", "IS", "AR-ACM0003", "Skogur"),)),
    (
        "EcoRegistry",
        (
            ("Sierra reforestation", "CO", "CDM AR-ACM0003", "Bosques del Norte"),
            ("Andean cookstoves", "PE", "CDM AMS-II.G", "Fogones SAC"),
        ),
    ),
    ("S&P", (("Upland peat", "GB", "Peatland Code", "Moorland Trust"),)),
    ("Verra-like", (("Coastal mangroves", "KE", "VM0033", "Mikoko Pamoja Group"),)),
)
BUYERS = ("Acme", "Borealis Air", "Cedar Bank", "Delta Steel")
TAX = "Colombian carbon tax"
PURPOSES = ("voluntary", "CORSIA", TAX)
VINTAGES = (2023, 2024)
RETIREMENTS = 3
"""Of each batch, at its home."""
PROTOCOLS = ("atomic", "relayed", "immobilise-and-mirror")
"""Ways in which credits travel; none of them counts a tonne twice."""

_HALF_T = Decimal("0.5")

Report = Callable[[str], None]


def steps(*, with_faults: bool) -> int:
    """Return how many steps a run reports: each batch, its journey, its retirements, each fault."""
    batches = sum(len(projects) for _, projects in REGISTRIES) * len(VINTAGES)
    return batches * (3 + RETIREMENTS) + (len(FAULTS) if with_faults else 0)


class Pilot:
    """One run of the scenario in a world.

    Attributes:
        batches: All batches issued, in order.
        imports: All batches imported, in order.
        retirements: All final retirements, in order.
        journeys: All transfers between registries, in order: out, and home again.
        planted: Answer key of the faults.
        findings: What the audit found.
    """

    def __init__(self, world: World, report: Report = lambda _: None) -> None:
        self.world = world
        self.batches: list[Batch] = []
        self.imports: list[Batch] = []
        self.retirements: list[Retirement] = []
        self.journeys: list[CrossTransfer] = []
        self.planted: list[Planted] = []
        self.findings: tuple[Finding, ...] = ()
        self._report = report

    def run(self, *, with_faults: bool = True) -> Score:
        """Live the year, plant the faults, audit, and score the audit."""
        rng = self.world.rng
        for name, projects in REGISTRIES:
            registry = self.world.registry(name)
            for project in projects:
                self._issue(registry, project, rng)
        for batch in tuple(self.batches):
            self._trade(self.world.registry(batch.registry), batch, rng)
        for batch in tuple(self.batches):
            self._travel(batch, rng)
        if with_faults:
            # One at a registry, so that each one's book is wrong in its own way.
            places = rng.sample(sorted(self.world.books), len(FAULTS))
            for fault, registry_name in zip(FAULTS, places, strict=True):
                self.world.advance(days=rng.randrange(1, 15))
                self.planted += plant(self.world, fault, rng, registry_name)
                self._report(f"planted {fault}")
        self.findings = self.world.audit()
        return score(self.planted, self.findings)

    def _issue(
        self, registry: Registry, facts: tuple[str, str, str, str], rng: random.Random
    ) -> None:
        name, country, methodology, developer = facts
        project = registry.register_project(
            name, country, methodology, developer, hectares=rng.randrange(50, 5_000)
        )
        for vintage in VINTAGES:
            self.world.advance(days=rng.randrange(1, 20))
            amount_t = rng.randrange(2_000, 60_000)
            self.batches.append(registry.issue(project, vintage, amount_t, developer))
            self._report(f"{registry.name}: issued {amount_t} t of {name} {vintage}")

    def _trade(self, registry: Registry, batch: Batch, rng: random.Random) -> None:
        world, total_t = self.world, batch.amount_g // 1_000_000
        buyer, second = rng.sample(BUYERS, 2)
        world.advance(days=rng.randrange(1, 10))
        sold_t = rng.randrange(total_t // 4, total_t // 2)
        registry.transfer(batch, sold_t, batch.holder, buyer)
        registry.transfer(batch, sold_t // 5, buyer, second)
        lock = registry.lock(batch, sold_t // 4, buyer, "offered for sale")
        world.advance(days=rng.randrange(1, 10))
        self._retire(registry, batch, buyer, Decimal(rng.randrange(1, sold_t // 4)), rng)
        registry.release(lock, Decimal(sold_t // 8) + Decimal("0.25"))
        registry.release(lock)
        pledge = registry.pledge(batch, sold_t // 10 or 1, buyer, second)
        eighths_t = Decimal(rng.randrange(1, 4_000)) / 8
        self._retire(registry, batch, buyer, min(eighths_t, Decimal(sold_t // 4)), rng)
        registry.release_pledge(pledge)
        if rng.random() < 0.5:
            registry.cancel(batch, rng.randrange(1, sold_t // 16), second, "replaced after a loss")
        request = registry.request_retirement(
            batch, rng.randrange(1, sold_t // 8), second, second, "voluntary"
        )
        registry.revert_retirement(request, "the beneficiary withdrew")
        self._retire(registry, batch, second, Decimal(rng.randrange(1, sold_t // 8)), rng)

    def _travel(self, batch: Batch, rng: random.Random) -> None:
        """Send credits abroad, retire some of them there, and bring some of the rest home."""
        world, developer = self.world, batch.holder
        left_t = world.registry(batch.registry).holding(batch, developer).spendable_g // 1_000_000
        abroad = rng.choice([name for name, _ in REGISTRIES if name != batch.registry])
        buyer = rng.choice(BUYERS)
        protocol = rng.choice(PROTOCOLS)
        amount_t = rng.randrange(10, left_t // 2)
        out = world.transfer_between(batch, amount_t, developer, buyer, abroad, protocol)
        there = out.batches[0]
        held_t = there.amount_g // 1_000_000
        self._retire(world.registry(abroad), there, buyer, Decimal(held_t // 3) + _HALF_T, rng)
        back = world.transfer_between(
            there, held_t // 3, buyer, developer, batch.registry, protocol
        )
        self.imports += out.batches
        self.journeys += [out, back]
        self._report(f"{batch.registry}: {out.tonnes} t to {abroad}, {back.tonnes} t back")

    def _retire(
        self,
        registry: Registry,
        batch: Batch,
        holder: str,
        amount_t: Decimal,
        rng: random.Random,
    ) -> None:
        purpose = rng.choice(PURPOSES)
        beneficiary = f"{holder} Corp"
        retirement = registry.retire(
            batch,
            amount_t,
            holder,
            beneficiary,
            purpose,
            period=str(batch.vintage),
            subject=beneficiary if purpose == TAX else None,
        )
        self.retirements.append(retirement)
        self._report(f"{registry.name}: {retirement.tonnes} t retired for {holder} Corp")
