"""What was declared in a world, and who claims what, as tables that an audit reads."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from registry.books.columns import Rows
from registry.errors import batch_text
from registry.kept.declarations import Declarations, Units, claim_of, issued_units
from registry.operators.profiles import buffer_account
from registry.records.article6 import (
    Adjustment,
    AdjustmentDeclaration,
    AdjustmentStatus,
    Authorisation,
    BeneficiaryClaim,
    Coverage,
    FirstTransfer,
    Joined,
    Revocation,
)
from registry.records.claim import Claim
from registry.records.entry import Kind
from registry.records.interval import Interval
from registry.records.reversal import Compensation, Contribution, Reversal
from registry.serials.intervals import merge, subtract
from registry.units import DAY_S

if TYPE_CHECKING:
    from registry.world import World

Place = tuple[str, int]
"""Registry and number of a project."""
Issued = Mapping[Place, Sequence[Units]]


def article6_rows(world: World) -> Rows:
    """Return what was declared, and who claims which retirement, as rows of the audit's tables.

    Rows of Parties have the keeper "party", a registry's of its buffer "book", what beneficiaries
    say in public "claimant"; the claim that a retirement carries is its entry's ("ledger"), and
    its certificate's ("book").
    """
    declared, issued = world.knowledge.declarations, _by_project(world)
    return {
        "sources": [
            {**_party(joined.party), "now_s": world.now_s, "complete_s": world.now_s, "lag_s": 0}
            for joined in declared.of(Joined)
        ],
        "authorisations": [
            *_host_rows(world, issued),
            *_coverage_rows(world, issued),
            *_authorisation_rows(world, issued),
            *_adjustment_rows(declared),
        ],
        "itmos": [
            {
                **_party(transfer.party),
                **_piece(transfer.registry, transfer.scope, transfer.interval),
                "record": f"transfer {transfer.id}",
                "purpose": transfer.purpose.value,
                "at_s": transfer.at_s,
            }
            for transfer in declared.of(FirstTransfer)
        ],
        "claims": [*_claim_rows(world), *_beneficiary_rows(declared)],
        "reversals": [
            {
                **_book(reversal.registry),
                "record": f"reversal {reversal.id}",
                "id": str(reversal.id),
                "project": str(reversal.project),
                "amount_g": reversal.amount_g,
                "reason": reversal.reason or None,
                "deadline_s": reversal.deadline_s,
                "at_s": reversal.at_s,
            }
            for reversal in declared.of(Reversal)
        ],
        "compensations": [*_contribution_rows(world), *_compensation_rows(declared)],
    }


def _party(code: str) -> dict[str, Any]:
    return {"source": f"party:{code}", "keeper": "party", "registry": code}


def _book(registry: str) -> dict[str, Any]:
    return {"source": f"book:{registry}", "keeper": "book", "registry": registry}


def _piece(registry: str, scope: str, interval: Interval) -> dict[str, Any]:
    return {
        "registry": registry,
        "scope": scope,
        "start_g": interval.start_g,
        "end_g": interval.end_g,
        "amount_g": interval.amount_g,
    }


def _at_home(registry: str, home: str) -> dict[str, Any]:
    return {"registry": registry, "home": None if home == registry else home}


def _by_project(world: World) -> dict[Place, list[Units]]:
    """Return what was issued, by registry and project."""
    found: dict[Place, list[Units]] = {}
    for units in issued_units(world):
        found.setdefault((units.registry, units.project), []).append(units)
    return found


def _hosted(world: World, party: str, place: Place, issued: Issued) -> Sequence[Units]:
    """Return what was issued for a project, if that is on a Party's territory."""
    known = world.index.projects.get(place)
    return issued.get(place, ()) if known is not None and known[0].country == party else ()


def _units_row(party: str, units: Units, kind: str, at_s: int) -> dict[str, Any]:
    return {
        **_party(party),
        **_piece(units.registry, units.scope, units.interval),
        "batch": str(units.batch),
        "kind": kind,
        "party": party,
        "vintage": units.vintage,
        # Nobody can speak of units before they are there.
        "at_s": max(at_s, units.at_s),
    }


def _host_rows(world: World, issued: Issued) -> Iterator[dict[str, Any]]:
    for joined in world.knowledge.declarations.of(Joined):
        for place in issued:
            for units in _hosted(world, joined.party, place, issued):
                row = _units_row(joined.party, units, "host", joined.at_s)
                yield {**row, "record": f"list of {joined.party}"}


def _coverage_rows(world: World, issued: Issued) -> Iterator[dict[str, Any]]:
    said = world.knowledge.declarations.of(Coverage)
    until: list[int | None] = []
    next_s: dict[Place, int] = {}
    for coverage in reversed(said):
        place = (coverage.registry, coverage.project)
        until.append(next_s.get(place))
        next_s[place] = coverage.at_s
    for number, (coverage, until_s) in enumerate(zip(said, reversed(until), strict=True), 1):
        place = (coverage.registry, coverage.project)
        for units in _hosted(world, coverage.party, place, issued):
            yield {
                **_units_row(coverage.party, units, "coverage", coverage.at_s),
                "record": f"coverage {number}",
                "inside": coverage.inside,
                "until_s": until_s,
            }


def _authorisation_rows(world: World, issued: Issued) -> Iterator[dict[str, Any]]:
    declared = world.knowledge.declarations
    ended = {revoked.authorisation: revoked.at_s for revoked in declared.of(Revocation)}
    for known in declared.of(Authorisation):
        for units in _hosted(world, known.party, (known.registry, known.project), issued):
            if known.batches and units.batch not in known.batches:
                continue
            if not known.vintages[0] <= units.vintage <= known.vintages[1]:
                continue
            row = _units_row(known.party, units, "authorisation", known.at_s)
            for purpose in known.purposes:
                yield {
                    **row,
                    "record": f"authorisation {known.id}",
                    "authorisation": known.id,
                    "purpose": purpose.value,
                    "start_s": known.period[0] * DAY_S,
                    "end_s": known.period[1] * DAY_S,
                    "until_s": ended.get(known.id),
                }


def _adjustment_rows(declared: Declarations) -> Iterator[dict[str, Any]]:
    """Yield how adjustments stood, piece by piece, each until it was said otherwise.

    A first transfer commits its Party, which has not started then, unless it spoke before. What
    stands is kept ascending and apart, so that what a statement meets stands side by side.
    """
    standing: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for number, said in enumerate(declared, 1):
        if not isinstance(said, (Adjustment, FirstTransfer)):
            continue
        kept = standing.setdefault((said.registry, said.scope), [])
        first = bisect_right(kept, said.interval.start_g, key=lambda row: int(row["end_g"]))
        end = bisect_left(kept, said.interval.end_g, key=lambda row: int(row["start_g"]))
        row = _adjustment_row(said, number)
        now: list[dict[str, Any]] = []
        due: dict[int | None, list[Interval]] = {row["due_s"]: [said.interval]}
        for before in kept[first:end]:
            own = _interval(before)
            common = own.shared(said.interval)
            assert common is not None  # Only those between the two bounds were chosen.
            due = {moment_s: list(subtract(parts, [common])) for moment_s, parts in due.items()}
            if isinstance(said, FirstTransfer) and before["declaration"] != "Unknown":
                now.append(before)
                continue
            yield {**before, **_bounds(common), "until_s": said.at_s}
            now += [{**before, **_bounds(rest)} for rest in subtract([own], [common])]
            # To say again what was promised does not put it off.
            moment_s = before["due_s"] or row["due_s"]
            due.setdefault(moment_s, []).append(common)
        for moment_s, parts in due.items():
            now += [{**row, **_bounds(part), "due_s": moment_s} for part in merge(parts)]
        kept[first:end] = sorted(now, key=lambda row: int(row["start_g"]))
    for rows in standing.values():
        yield from rows


def _adjustment_row(said: Adjustment | FirstTransfer, number: int) -> dict[str, Any]:
    declaration, status = AdjustmentDeclaration.COMMITTED, AdjustmentStatus.NOT_STARTED
    record = f"transfer {said.id}" if isinstance(said, FirstTransfer) else f"adjustment {number}"
    if isinstance(said, Adjustment):
        declaration, status = said.declaration, said.status
    return {
        **_party(said.party),
        **_piece(said.registry, said.scope, said.interval),
        "record": record,
        "kind": "adjustment",
        "party": said.party,
        "declaration": declaration.value,
        "status": status.value,
        # Who promises nothing has nothing to report.
        "due_s": due_s(said.at_s) if declaration is AdjustmentDeclaration.COMMITTED else None,
        "at_s": said.at_s,
    }


def due_s(at_s: int) -> int:
    """Return by when a Party has to report an action: 15 April of the year that follows.

    Source: the annual information under Article 6.2 (decision 2/CMA.3, annex, chapter IV.B).
    """
    year = datetime.fromtimestamp(at_s, UTC).year
    return int(datetime(year + 1, 4, 16, tzinfo=UTC).timestamp())


def _claim_rows(world: World) -> Iterator[dict[str, Any]]:
    index = world.index
    for (registry, id), entry in index.retirements.items():
        claim = claim_of(world, entry)
        if claim is None or entry.batch is None:
            continue
        source = {"source": f"ledger:{registry}", "keeper": "ledger"}
        common = {**source, "record": f"entry {entry.seq}", "at_s": entry.at_s}
        place = (registry, entry.batch, world.index.scope(registry, entry.batch))
        yield from _claimed(world, common, place, id, claim, entry.intervals)
    for registry, book in world.books.items():
        for written in book.certificates:
            number = f"certificate {written.number}"
            common = {**_book(registry), "record": number, "at_s": written.at_s}
            # A book can be wrong about the batch, and names the serials itself.
            place = (registry, written.batch, written.scope)
            id, said = written.retirement, written.claim
            yield from _claimed(world, common, place, id, said, written.intervals)


def _claimed(
    world: World,
    common: Mapping[str, Any],
    place: tuple[str, int, str],
    retirement: int,
    claim: Claim,
    intervals: Iterable[Interval],
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a claim on serials: `place` is a registry, its batch, and their scope."""
    registry, batch, scope = place
    lot = world.index.channels.lots.get((registry, batch))
    home = registry if lot is None else lot.home
    for interval in intervals:
        yield {
            **common,
            **_piece(registry, scope, interval),
            **_at_home(registry, home),
            "batch": str(batch),
            "retirement": str(retirement),
            "beneficiary": claim.beneficiary,
            "purpose": claim.purpose,
        }


def _beneficiary_rows(declared: Declarations) -> Iterator[dict[str, Any]]:
    for number, claim in enumerate(declared.of(BeneficiaryClaim), 1):
        for interval in claim.intervals:
            yield {
                **_piece(claim.registry, claim.scope, interval),
                **_at_home(claim.registry, claim.home),
                "source": "claims",
                "keeper": "claimant",
                "record": f"claim {number}",
                "batch": str(claim.batch),
                "retirement": str(claim.retirement),
                "beneficiary": claim.beneficiary,
                "purpose": claim.purpose,
                "at_s": claim.at_s,
            }


def _contribution_rows(world: World) -> Iterator[dict[str, Any]]:
    for given in world.knowledge.declarations.of(Contribution):
        yield {
            **_book(given.registry),
            "record": f"contribution {given.id}",
            "kind": "contribution",
            "batch": str(given.batch),
            "account": given.buffer,
            "amount_g": given.amount_g,
            "at_s": given.at_s,
        }
    for (registry, batch), entry in world.index.channels.issued.items():
        if entry.kind is Kind.ISSUED and entry.account == buffer_account(registry):
            yield {
                **_book(registry),
                "record": f"issue into the buffer, batch {batch_text(batch)}",
                "kind": "contribution",
                "batch": str(batch),
                "account": entry.account,
                "amount_g": entry.amount_g,
                "at_s": entry.at_s,
            }


def _compensation_rows(declared: Declarations) -> Iterator[dict[str, Any]]:
    for covered in declared.of(Compensation):
        for interval in covered.intervals:
            yield {
                **_book(covered.registry),
                **_piece(covered.registry, covered.scope, interval),
                **_at_home(covered.registry, covered.home),
                "record": f"compensation {covered.id}",
                "kind": "replacement" if covered.is_replacement else "buffer",
                "batch": str(covered.batch),
                "reversal": str(covered.reversal),
                "id": str(covered.cancellation),
                "account": covered.holder,
                "at_s": covered.at_s,
            }


def _bounds(interval: Interval) -> dict[str, int]:
    start_g, end_g = interval
    return {"start_g": start_g, "end_g": end_g, "amount_g": interval.amount_g}


def _interval(row: Mapping[str, Any]) -> Interval:
    return Interval(row["start_g"], row["end_g"])
