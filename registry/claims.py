"""What was declared in a world, and who claims what, as tables that an audit reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from registry.books.columns import Rows
from registry.declarations import Declarations, Units, issued_units, shared
from registry.errors import batch_text
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
from registry.serials.intervals import subtract

if TYPE_CHECKING:
    from registry.world import World

_DAY_S = 86_400


def article6_rows(world: World) -> Rows:
    """Return what was declared, and who claims which retirement, as rows of the audit's tables.

    Rows of Parties have the keeper "party", a registry's of its buffer "book", what beneficiaries
    say in public "claimant"; the claim that a retirement carries is its entry's ("ledger"), and
    its certificate's ("book").
    """
    declared = world.knowledge.declarations
    return {
        "sources": [
            {**_party(joined.party), "now_s": world.now_s, "complete_s": world.now_s, "lag_s": 0}
            for joined in declared.of(Joined)
        ],
        "authorisations": [
            *_host_rows(world),
            *_coverage_rows(world),
            *_authorisation_rows(world),
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


def _hosted(world: World, party: str) -> Iterator[Units]:
    """Yield what was issued for projects on a Party's territory."""
    for pieces in issued_units(world).values():
        for units in pieces:
            known = world.index.projects.get((units.registry, units.project))
            if known is not None and known[0].country == party:
                yield units


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


def _host_rows(world: World) -> Iterator[dict[str, Any]]:
    for joined in world.knowledge.declarations.of(Joined):
        for units in _hosted(world, joined.party):
            row = _units_row(joined.party, units, "host", joined.at_s)
            yield {**row, "record": f"list of {joined.party}"}


def _coverage_rows(world: World) -> Iterator[dict[str, Any]]:
    said = world.knowledge.declarations.of(Coverage)
    for number, coverage in enumerate(said, 1):
        place = (coverage.registry, coverage.project)
        later = [other.at_s for other in said[number:] if (other.registry, other.project) == place]
        for units in _hosted(world, coverage.party):
            if (units.registry, units.project) == place:
                yield {
                    **_units_row(coverage.party, units, "coverage", coverage.at_s),
                    "record": f"coverage {number}",
                    "inside": coverage.inside,
                    "until_s": min(later, default=None),
                }


def _authorisation_rows(world: World) -> Iterator[dict[str, Any]]:
    declared = world.knowledge.declarations
    ended = {revoked.authorisation: revoked.at_s for revoked in declared.of(Revocation)}
    for known in declared.of(Authorisation):
        for units in _hosted(world, known.party):
            if (units.registry, units.project) != (known.registry, known.project):
                continue
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
                    "start_s": known.period[0] * _DAY_S,
                    "end_s": known.period[1] * _DAY_S,
                    "until_s": ended.get(known.id),
                }


def _adjustment_rows(declared: Declarations) -> Iterator[dict[str, Any]]:
    """Yield how adjustments stood, piece by piece, each until it was said otherwise.

    A first transfer commits its Party, which has not started then, unless it spoke before.
    """
    standing: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for number, said in enumerate(declared, 1):
        if not isinstance(said, (Adjustment, FirstTransfer)):
            continue
        row = _adjustment_row(said, number)
        kept = standing.get((said.registry, said.scope), [])
        parts = [said.interval]
        if isinstance(said, FirstTransfer):
            spoken = [_interval(before) for before in kept if before["declaration"] != "Unknown"]
            parts = list(subtract(parts, spoken))
        for part in parts:
            before_it, kept = kept, []
            for before in before_it:
                own = _interval(before)
                common = shared(own, part)
                if common is None:
                    kept.append(before)
                    continue
                yield {**before, **_bounds(common), "until_s": said.at_s}
                kept += [{**before, **_bounds(rest)} for rest in subtract([own], [common])]
                row["due_s"] = min(row["due_s"], before["due_s"])
            kept.append({**row, **_bounds(part)})
        standing[said.registry, said.scope] = kept
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
        "due_s": due_s(said.at_s),
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
        asked = index.requests.get((registry, id))
        claim = entry.claim or (None if asked is None else asked.claim)
        if claim is None or entry.batch is None:
            continue
        source = {"source": f"ledger:{registry}", "keeper": "ledger"}
        common = {**source, "record": f"entry {entry.seq}", "at_s": entry.at_s}
        yield from _claimed(world, common, registry, entry.batch, id, claim, entry.intervals)
    for registry, book in world.books.items():
        for written in book.certificates:
            number = f"certificate {written.number}"
            common = {**_book(registry), "record": number, "at_s": written.at_s}
            id, said = written.retirement, written.claim
            yield from _claimed(world, common, registry, written.batch, id, said, written.intervals)


def _claimed(
    world: World,
    common: Mapping[str, Any],
    registry: str,
    batch: int,
    retirement: int,
    claim: Claim,
    intervals: Iterable[Interval],
) -> Iterator[dict[str, Any]]:
    lot = world.index.channels.lots.get((registry, batch))
    home = registry if lot is None else lot.home
    scope = world.index.scope(registry, batch)
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
