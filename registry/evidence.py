"""A world's records as the tables that an audit reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from registry.books import columns
from registry.books.lines import lines_of
from registry.records.entry import digest
from registry.records.finding import Finding

if TYPE_CHECKING:
    from registry.world import World

RUN_SCHEMA = 1
"""Version of what a run hash covers."""

MIRROR_LAG_S = 3_600
"""How long the mirror may be without what the ledger has. An assumption of ours."""


def tables_of(world: World, as_of_s: int | None = None) -> dict[str, pa.Table]:
    """Return what ledger, mirror and books say.

    Args:
        as_of_s: Leave out what an operator had not written by then; what had not happened by
            then is for the audit to leave out. Nothing if absent.

    Raises:
        StoreError: the mirror cannot be read.
    """
    entries, now_s = world.ledger.entries, world.now_s
    parts = [
        columns.log_rows(
            world.ledger.blocks(1), world.books, columns.Reading(now_s, now_s), keeper="ledger"
        ),
        columns.directory_rows(entries, world.addresses()),
    ]
    if world.archive.has_mirror:
        reading = columns.Reading(now_s, world.archive.complete_s(), MIRROR_LAG_S)
        blocks = world.archive.copied()
        parts.append(columns.log_rows(blocks, world.books, reading, keeper="mirror"))
    for name, book in world.books.items():
        lines = lines_of(entries, name)
        batches = dict.fromkeys(line.batch for line in lines)
        supplies = {batch: world.ledger.totals(name, batch).active_g for batch in batches}
        parts.append(columns.credit_rows(name, lines, keeper="ledger", supplies=supplies))
        reading = columns.Reading(now_s, complete_s(world, name), book.lag_s)
        written = [line for line in book.lines if as_of_s is None or line.known_s <= as_of_s]
        parts.append(columns.book_rows(book, written, reading))
    return columns.joined(parts)


def complete_s(world: World, registry: str) -> int:
    """Return up to which moment a registry's book claims to have everything."""
    heard, entries = world.books[registry].heard, world.ledger.entries
    if heard >= len(entries):
        return world.now_s
    return entries[heard - 1].at_s if heard else 0


def due_s(world: World, registry: str) -> int:
    """Return up to which moment a registry's book must have everything."""
    return max(complete_s(world, registry), world.now_s - world.books[registry].lag_s)


def hash_of(world: World, scenario: str, findings: Sequence[Finding]) -> str:
    """Hash what happened in a world, and what was found in it."""
    covered = {
        "schema": RUN_SCHEMA,
        "scenario": scenario,
        "seed": world.seed,
        "entries": digest(world.ledger.entries),
        "findings": [finding.model_dump(mode="json") for finding in findings],
    }
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
