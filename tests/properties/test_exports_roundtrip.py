"""A law of exports: whatever happened in a world, its books are read back as they were written."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.desk.registries import Registry
from registry.errors import ExportError, LedgerError
from registry.exporting import FORMATS, export_book
from registry.records.result import Batch, Lock
from registry.units import GRAMS_PER_TONNE, tonnes
from registry.world import World
from tests.exports import read_back

HOLDERS = ("Dev", "=Acme", "Borealis, Inc.")
STEPS = ("transfer", "retire", "retire", "cancel", "lock", "release")
KINDS = {"icr": "ICR", "ecoregistry": "EcoRegistry", "verra": "S&P", "cad-trust": "S&P"}
HALF_T = 500_000
HALVES = st.sampled_from((*range(2, 80, 2), 1, 7))
"""Of a tonne; mostly whole ones."""
PURPOSES = st.sampled_from(("voluntary", "CORSIA", "Colombian carbon tax", "+1", "impuesto"))
TEXTS = st.sampled_from(("", "-", "a; b", "for CORSIA", '"N/A"', "@home"))

steps = st.tuples(
    st.sampled_from(STEPS),
    st.sampled_from(HOLDERS),
    HALVES,
    st.sampled_from(HOLDERS),
    PURPOSES,
    TEXTS,
)
worlds = st.lists(st.tuples(st.integers(1, 60), st.lists(steps, max_size=8)), max_size=3)


Step = tuple[str, str, int, str, str, str]


def live(registry: Registry, batch: Batch, given: list[Step]) -> None:
    """Take the steps that are allowed."""
    locks: list[Lock] = []
    for step, holder, halves, other, purpose, text in given:
        amount = tonnes(halves * HALF_T)
        with suppress(LedgerError):
            if step == "transfer":
                registry.transfer(batch, amount, holder, other)
            elif step == "retire":
                subject = other if purpose == "Colombian carbon tax" else None
                claim = (f"{other} Corp", purpose, text)
                registry.retire(batch, amount, holder, *claim, subject=subject)
            elif step == "cancel":
                registry.cancel(batch, amount, holder, text)
            elif step == "lock":
                locks.append(registry.lock(batch, amount, holder, text))
            elif locks:
                registry.release(locks.pop())


@settings(max_examples=settings.default.max_examples // 2)
@given(st.sampled_from(sorted(FORMATS)), worlds)
def test_law_what_is_exported_is_read_back(
    format: str, given: list[tuple[int, list[Step]]]
) -> None:
    with World.open(engine="model") as world, TemporaryDirectory() as folder:
        registry = world.registry(KINDS[format])
        for holder in HOLDERS:
            world.account(holder)
        for number, (amount_t, todo) in enumerate(given):
            project = registry.register_project(f"={number}", "CO", "AR-ACM0003", "Dev")
            live(registry, registry.issue(project, 2023 + number, amount_t, "Dev"), todo)
            world.advance(days=1)
        try:
            exported = export_book(world, registry.name, format)
        except ExportError as refusal:
            # Halves of tonnes; what they are of is said.
            assert format != "icr"
            assert refusal.serials
            assert any("0.5 t of" in serial for serial in refusal.serials)
            exported = export_book(world, registry.name, format, leave_out=True)
            assert exported.left_out
        reading = read_back(exported, Path(folder, "out"))
        if format != "icr":
            issued_g = sum(reading.tables["issuances"]["amount_g"].to_pylist())
            left_g = sum(left.amount_g for left in exported.left_out)
            assert issued_g + left_g == sum(amount_t for amount_t, _ in given) * GRAMS_PER_TONNE
