"""A world's records as the tables that an audit reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from registry.audit.run import audit
from registry.books import columns
from registry.books.lines import lines_of
from registry.books.mirror import Mirror
from registry.errors import shown
from registry.feeds import uses
from registry.kept.opening import WorldError
from registry.records.block import Block
from registry.records.claim import Claim
from registry.records.entry import digest
from registry.records.finding import Finding
from registry.views.claims import article6_rows
from registry.views.conversions import conversion_rows, origins_of

if TYPE_CHECKING:
    from registry.world import World

RUN_SCHEMA = 1
"""Version of what a run hash covers."""

SETTLE_LAG_S = 3_600
"""How long mirror and books may wait to be written after the chain was. An assumption of ours."""


def tables_of(world: World, as_of_s: int | None = None) -> dict[str, pa.Table]:
    """Return what ledger, mirror and books say, and what was declared beside them.

    Args:
        as_of_s: Leave out what an operator had not written by then; what had not happened by
            then is for the audit to leave out. Nothing if absent.

    Raises:
        StoreError: the mirror cannot be read.
    """
    entries, now_s = world.ledger.entries, world.now_s
    origins = origins_of(world)
    parts = [
        columns.log_rows(
            world.ledger.blocks(1), world.books, columns.Reading(now_s, now_s), keeper="ledger"
        ),
        columns.directory_rows(entries, world.addresses()),
    ]
    if world.archive.has_mirror:
        mirror = world.mirror
        reading = columns.Reading(now_s, mirror.complete_s(), SETTLE_LAG_S)
        blocks = mirrored_blocks(world, mirror)
        parts.append(columns.log_rows(blocks, world.books, reading, keeper="mirror"))
    for name, book in world.books.items():
        lines = lines_of(entries, name)
        batches = dict.fromkeys(line.batch for line in lines)
        supplies = {batch: world.ledger.totals(name, batch).active_g for batch in batches}
        claims = {
            entry.id: entry.claim
            for entry in entries
            if entry.registry == name and entry.id is not None and entry.claim is not None
        }
        rows = columns.credit_rows(
            name, lines, keeper="ledger", supplies=supplies, uses=uses_of(claims)
        )
        for row in rows["issuances"]:
            row["origin"] = origins.get((name, int(row["batch"])))
        parts.append(rows)
        written, whole_s = book.lines, complete_s(world, name)
        if as_of_s is not None:
            written = [line for line in book.lines if line.known_s <= as_of_s]
            # What was written later was not there yet, and so was nothing that came after it.
            late_s = [line.at_s for line in book.lines if line.at_s <= as_of_s < line.known_s]
            whole_s = min([whole_s, *(at_s - 1 for at_s in late_s)])
        reading = columns.Reading(now_s, whole_s, lag_s(world, name))
        certified = {each.retirement: each.claim for each in book.certificates}
        parts.append(columns.book_rows(book, written, reading, uses_of(certified)))
    parts += [article6_rows(world), conversion_rows(world)]
    return columns.joined(parts)


def uses_of(claims: Mapping[int, Claim]) -> columns.Uses:
    """Say what retirements are for, in the words that rules know."""
    return {
        id: columns.Use(
            uses.purpose(claim.purpose, claim.reason),
            uses.joined(claim.purpose, claim.reason),
            uses.somebody(claim.beneficiary),
        )
        for id, claim in claims.items()
    }


def mirrored_blocks(world: World, mirror: Mirror) -> Iterator[Block]:
    """Yield the mirror's blocks, but those that another process may have added meanwhile."""
    head, folder = world.ledger.head(), world.archive.folder
    for block in mirror.blocks():
        # The chain is written first: as long as it stands where it was read, nothing is too new.
        if block.number > head and folder is not None and folder.has_moved():
            return
        yield block


def complete_s(world: World, registry: str) -> int:
    """Return up to which moment a registry's book claims to have everything."""
    heard, entries = world.books[registry].heard, world.ledger.entries
    if heard >= len(entries):
        return world.now_s
    return entries[heard - 1].at_s if heard else 0


def lag_s(world: World, registry: str) -> int:
    """Return how long a registry's book may be without what the ledger has.

    A world that is only read may have been left, or be in use, between the chain and the books.
    """
    book = world.books[registry]
    is_behind = book.heard < len(world.ledger.entries) and not book.is_held
    if world.is_read_only and is_behind:
        return max(book.lag_s, SETTLE_LAG_S)
    return book.lag_s


def due_s(world: World, registry: str) -> int:
    """Return up to which moment a registry's book must have everything."""
    return max(complete_s(world, registry), world.now_s - lag_s(world, registry))


def findings_of(
    world: World, as_of_s: int | None, rules: Sequence[str] | None, rules_dir: Path | None
) -> tuple[Finding, ...]:
    """Audit a world's records; see `registry.audit.run.audit`.

    Raises:
        WorldError: one rule's code stands where a list of them is expected.
    """
    if isinstance(rules, str):
        raise WorldError(f"rules {rules!r}: expected a list of codes, such as [{rules!r}]")
    if rules is not None and not isinstance(rules, Sequence):
        raise WorldError(f"rules {shown(rules)}: expected a list of codes")
    return audit(world.tables(as_of_s), rules=rules, as_of_s=as_of_s, rules_dir=rules_dir)


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
