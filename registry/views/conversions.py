"""Projects, their declared links, and credits issued anew for others, as tables for an audit."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from registry.between.reissuing import ORIGIN_PROJECT, ORIGIN_REGISTRY
from registry.books.columns import Rows
from registry.records.entry import Entry, Kind
from registry.records.identity import project_of
from registry.records.interval import Interval
from registry.records.result import Project
from registry.transfer.protocols import CONVERTED, REISSUED

if TYPE_CHECKING:
    from registry.world import World

Place = tuple[str, str]
"""A registry and the text of a project's number there."""
_Part = tuple[Place, str, Entry]
"""A project at the source, a target, and the entry of what left or was issued anew."""


def conversion_rows(world: World) -> Rows:
    """Return projects, links and conversions as the ledger and the documents on it say.

    A conversion that its target has issued and whose source has not left yet, or in part only, is a
    row without a place: nothing says yet which grams will leave.
    """
    origins = _origins(world)
    left = list(_left(world))
    replaced, waiting = _paired(left, _made(world, origins))
    conversions: list[dict[str, Any]] = []
    for (registry, number), target, entry in left:
        scope = world.index.scope(registry, entry.batch or 0)
        issued = replaced.get(entry.seq)
        common = {
            **_ledger(registry, entry),
            "project": number,
            "target": target,
            "target_batch": str(issued.batch) if issued else None,
            "kind": "cancellation" if entry.kind is Kind.CANCELLED else "retirement",
            "issued_s": world.index.channels.issued[registry, entry.batch or 0].at_s,
            "at_s": entry.at_s,
        }
        conversions += [{**common, **_piece(scope, piece)} for piece in entry.intervals]
    conversions += [
        {
            **_ledger(registry, issued),
            "batch": None,
            "project": number,
            "target": target,
            "target_batch": str(issued.batch),
            "amount_g": amount_g,
        }
        for (registry, number), target, issued, amount_g in waiting
    ]
    return {
        "projects": [_project_row(world, project) for project, _ in world.index.projects.values()],
        "links": [
            {
                **_ledger(registry, None),
                "record": f"project {number}",
                "project": number,
                "other_registry": origin[0],
                "other_project": origin[1],
            }
            for (registry, number), origin in origins.items()
        ],
        "conversions": conversions,
    }


def origins_of(world: World) -> Mapping[tuple[str, int], str]:
    """Return (registry, batch) -> where it was converted from, such as "EcoRegistry 1"."""
    origins = _origins(world)
    return {
        (registry, batch): " ".join(origins[registry, str(made.project)])
        for (registry, batch), made in world.index.channels.issued.items()
        if (registry, str(made.project)) in origins
    }


def _origins(world: World) -> dict[Place, Place]:
    found: dict[Place, Place] = {}
    for project, documents in world.index.projects.values():
        document = documents.get(project.version, {})
        registry, number = document.get(ORIGIN_REGISTRY), document.get(ORIGIN_PROJECT)
        if isinstance(registry, str) and isinstance(number, str):
            found[project.registry, str(project.number)] = (registry, number)
    return found


def _made(world: World, origins: Mapping[Place, Place]) -> Iterator[_Part]:
    """Yield what targets issued anew: origin, target and entry, in the order of issue."""
    for (target, _), issued in world.index.channels.issued.items():
        origin = origins.get((target, str(issued.project)))
        if origin is not None:
            yield origin, target, issued


def _paired(
    left: Iterable[_Part], made: Iterable[_Part]
) -> tuple[dict[int, Entry], list[tuple[Place, str, Entry, int]]]:
    """Say which issue took the place of what left, and which wait for what is to leave.

    What has the same amount belongs together, the first with the first. A cancellation that is
    left over is a part: of the first issue before it that is so large still.

    Returns:
        Seq of what left -> issue, and what waits, with the grams that it waits for.
    """
    whole: dict[tuple[Place, str, int], deque[Entry]] = defaultdict(deque)
    for place, target, issued in made:
        whole[place, target, issued.amount_g or 0].append(issued)
    replaced: dict[int, Entry] = {}
    parts: list[_Part] = []
    for place, target, entry in left:
        alike = whole[place, target, entry.amount_g or 0]
        if alike:
            replaced[entry.seq] = alike.popleft()
        elif entry.kind is Kind.CANCELLED:
            parts.append((place, target, entry))
    open_g = {issued.seq: amount_g for (*_, amount_g), alike in whole.items() for issued in alike}
    rest: dict[tuple[Place, str], list[Entry]] = defaultdict(list)
    for (place, target, _), alike in whole.items():
        rest[place, target] += alike
    for several in rest.values():
        several.sort(key=lambda issued: issued.seq)
    for place, target, entry in parts:
        amount_g = entry.amount_g or 0
        for issued in rest[place, target]:
            if issued.seq < entry.seq and open_g[issued.seq] >= amount_g:
                replaced[entry.seq] = issued
                open_g[issued.seq] -= amount_g
                break
    waiting = [
        (place, target, issued, open_g[issued.seq])
        for (place, target), alike in rest.items()
        for issued in alike
        if open_g[issued.seq]
    ]
    return replaced, waiting


def _left(world: World) -> Iterator[_Part]:
    """Yield what left a registry to be issued anew: the source's project, the target, the entry."""
    for entry in world.ledger.entries:
        if entry.batch is None:
            continue
        reason, mark = entry.text or "", CONVERTED
        if entry.kind in {Kind.RETIRED, Kind.RETIREMENT_FINALISED}:
            asked = world.index.requests.get((entry.registry, entry.id or 0), entry)
            claim = entry.claim or asked.claim
            reason, mark = claim.reason if claim else "", REISSUED
        elif entry.kind is not Kind.CANCELLED:
            continue
        if reason.startswith(mark):
            place = (entry.registry, str(project_of(entry.batch)))
            yield place, reason.removeprefix(mark), entry


def _project_row(world: World, project: Project) -> dict[str, Any]:
    document = world.index.documents(project.registry, project.number).get(project.version, {})
    return {
        **_ledger(project.registry, None),
        "record": f"project {project.number}",
        "project": str(project.number),
        "name": project.name,
        "country": project.country,
        "developer": project.developer,
        "methodology": str(document.get("methodology", "")) or None,
    }


def _ledger(registry: str, entry: Entry | None) -> dict[str, Any]:
    return {
        "source": f"ledger:{registry}",
        "keeper": "ledger",
        "registry": registry,
        "record": None if entry is None else f"entry {entry.seq}",
        "batch": None if entry is None or entry.batch is None else str(entry.batch),
    }


def _piece(scope: str, piece: Interval) -> dict[str, Any]:
    return {
        "scope": scope,
        "start_g": piece.start_g,
        "end_g": piece.end_g,
        "amount_g": piece.amount_g,
    }
