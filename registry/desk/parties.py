"""Host Parties under Article 6 of the Paris Agreement, as a lifecycle script uses them.

A Party keeps its own list: which projects its national target covers, what it authorises, what was
transferred first, and how its corresponding adjustments stand. A registry asks no Party before it
retires, so what the two say can differ; the audit compares them, gram by gram, wherever in the
world the units were retired.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from registry import errors
from registry.exports import aef
from registry.feeds.countries import alpha_2
from registry.kept.declarations import Units, Used, declare, meeting, units_of, use_entry
from registry.kept.portions import first_units, serials_of, transferable_units
from registry.records import result as res
from registry.records.article6 import (
    Adjustment,
    AdjustmentDeclaration,
    AdjustmentStatus,
    Authorisation,
    BeneficiaryClaim,
    Coverage,
    FirstTransfer,
    Joined,
    Purpose,
    Revocation,
    Trigger,
    listed,
    purposes_of,
    vintages_of,
    word_of,
    year_of,
)
from registry.records.identity import check_text
from registry.records.project import Period, period_days
from registry.units import DAY_S, GRAMS_PER_TONNE, Tonnes, grams, tonnes_text

if TYPE_CHECKING:
    from registry.world import World

_APPROACH = re.compile("CA[0-9]{4}")
_ID = re.compile(r"[A-Za-z0-9 ./-]{1,60}")


class Parties:
    """The part of a `registry.world.World` that is about who counts what."""

    @property
    def _world(self) -> World:
        return cast("World", self)

    def party(self, code: str) -> Party:
        """Return a Party; on first use it joins, and keeps its list from then on.

        Args:
            code: ISO 3166-1 alpha-2, such as "CO".

        Raises:
            IdentifierError: no country has this code.
        """
        world = self._world
        _check_party(code)
        if all(joined.party != code for joined in world.knowledge.declarations.of(Joined)):
            declare(world, Joined(party=code, at_s=world.now_s))
        return Party(world, code)

    def claim(
        self,
        retirement: res.Retirement,
        beneficiary: str,
        purpose: str | None = None,
        *,
        tonnes: Tonnes | None = None,
    ) -> BeneficiaryClaim:
        """Let somebody say in public that a retirement is theirs, whoever it was made for.

        Args:
            purpose: What they say it is for; as retired if absent.
            tonnes: How much of it, from its first grams on; all if absent.
        """
        world = self._world
        if not isinstance(retirement, res.Retirement):
            raise errors.IdentifierError(retirement, "record", "expected what `retire` returned")
        units = units_of(world, retirement)
        if tonnes is not None:
            units = first_units(units, grams(tonnes), tonnes)
        claim = BeneficiaryClaim(
            registry=retirement.registry,
            retirement=retirement.id,
            batch=retirement.batch,
            beneficiary=_said("beneficiary", beneficiary),
            purpose=_said("purpose", retirement.claim.purpose if purpose is None else purpose),
            home=units[0].registry,
            scope=units[0].scope,
            intervals=tuple(piece.interval for piece in units),
            at_s=world.now_s,
        )
        declare(world, claim)
        return claim

    def export_aef(self, folder: str | Path) -> tuple[Path, ...]:
        """Write the Parties' lists in the agreed electronic format, as CSV files; see `aef`.

        Returns:
            The files, in the order of the format's tables.

        Raises:
            IdentifierError: what is no path. An OSError is the disk's.
        """
        try:
            (path := Path(folder)).mkdir(parents=True, exist_ok=True)
        except (TypeError, ValueError) as error:
            expected = "expected the path of a folder"
            raise errors.IdentifierError(folder, "folder", expected) from error
        written = []
        for name, text in aef.files(self._world).items():
            (path / name).write_text(text, encoding="utf-8", newline="")
            written.append(path / name)
        return tuple(written)


class Party:
    """One host Party of a world; made by `World.party`.

    Attributes:
        code: ISO 3166-1 alpha-2.
    """

    def __init__(self, world: World, code: str) -> None:
        self._world = world
        self.code = code

    def __repr__(self) -> str:
        """Name the Party."""
        return f"Party({self.code!r})"

    def cover(self, project: res.Project, inside: bool | None) -> Coverage:
        """Say whether a project lies inside the Party's NDC; None where that is not known."""
        if inside is not None and type(inside) is not bool:
            raise errors.IdentifierError(inside, "coverage", "expected True, False or None")
        number = self._hosted(project)
        coverage = Coverage(
            party=self.code,
            registry=project.registry,
            project=number,
            inside=inside,
            at_s=self._world.now_s,
        )
        declare(self._world, coverage)
        return coverage

    def authorise(
        self,
        project: res.Project,
        tonnes: Tonnes,
        purposes: Iterable[Purpose | str],
        *,
        vintages: int | tuple[int, int],
        valid: Period,
        trigger: Trigger | str = Trigger.USE,
        approach: str = "CA0001",
        batches: Sequence[res.Batch] = (),
        entities: Sequence[str] = (),
        id: str | None = None,
    ) -> Authorisation:
        """Authorise the use of a project's credits as mitigation outcomes.

        Args:
            tonnes: Most that may be transferred first under it.
            purposes: "NDC", "IMP" (CORSIA is one) and "OP".
            vintages: A year, or the first and the last.
            valid: When units may be transferred and used.
            trigger: When units count as transferred first.
            batches: To which it is limited; all of the project's, later ones too, if absent.
            entities: Who may use them; anybody if absent.
            id: The letter's; the Party's code and a number if absent.
        """
        given = {other.id for other in self._world.knowledge.declarations.of(Authorisation)}
        amount_g = grams(tonnes)
        if not amount_g:
            raise errors.AmountError(tonnes, "expected more than 0")
        if not isinstance(approach, str) or not _APPROACH.fullmatch(approach):
            raise errors.IdentifierError(approach, "approach", "expected it as CA0001")
        name = self._next_name(given) if id is None else id
        if not isinstance(name, str) or not _ID.fullmatch(name):
            expected = "expected letters, digits, spaces, points, slashes and hyphens, 60 at most"
            raise errors.IdentifierError(name, "authorisation", expected)
        number = self._hosted(project)
        limited = listed("batches", batches, res.Batch)
        for batch in limited:
            if (batch.registry, batch.project) != (project.registry, number):
                raise errors.UnitsNotAuthorised(name, batch.registry, batch.batch)
            units_of(self._world, batch)
        authorisation = Authorisation(
            id=name,
            party=self.code,
            approach=approach,
            registry=project.registry,
            project=number,
            batches=tuple(batch.batch for batch in limited),
            amount_g=amount_g,
            purposes=purposes_of(purposes),
            trigger=word_of(Trigger, trigger),
            vintages=vintages_of(vintages),
            period=period_days(valid),
            entities=tuple(_said("entity", entity) for entity in listed("entities", entities, str)),
            at_s=self._world.now_s,
        )
        if name in given:
            raise errors.AuthorisationExists(name)
        declare(self._world, authorisation)
        return authorisation

    def revoke(self, authorisation: Authorisation | str, reason: str) -> Revocation:
        """End an authorisation. What was transferred first stays so: then it is too late."""
        known = self._in_force(authorisation)
        transferred_g = sum(done.interval.amount_g for done in self._under(known))
        if transferred_g:
            raise errors.AuthorisationUsed(known.id, transferred_g)
        revocation = Revocation(
            party=self.code,
            authorisation=known.id,
            reason=check_text("reason", reason),
            at_s=self._world.now_s,
        )
        declare(self._world, revocation)
        return revocation

    def first_transfer(
        self,
        authorisation: Authorisation | str,
        units: res.Batch | Used,
        purpose: Purpose | str,
        *,
        tonnes: Tonnes | None = None,
        to: str = "",
    ) -> tuple[FirstTransfer, ...]:
        """Record that units became internationally transferred mitigation outcomes (ITMOs).

        Args:
            units: A batch, or a retirement or cancellation, wherever it was made. An authorisation
                that counts the use takes no batch. A batch stands for those of its serials that
                nobody used: what was used is named by its retirement or cancellation.
            tonnes: How many of the units, from the first whole serial on that is not transferred;
                all if absent.
            to: Acquiring Party, ISO 3166-1 alpha-2; none if absent.

        Returns:
            One record per interval; each outcome is one whole tonne.

        Raises:
            DeclarationError: see `registry.errors`; the authorisation does not allow it, or it is
                all of a batch whose serials somebody used.
            AmountError: not whole tonnes, or more than there are in whole serials.
        """
        known, use = self._in_force(authorisation), word_of(Purpose, purpose)
        if use not in known.purposes:
            raise errors.PurposeNotAuthorised(known.id, use, known.purposes)
        known_units = (res.Batch, res.Retirement, res.Cancellation)
        if not isinstance(units, known_units):
            raise errors.IdentifierError(units, "record", "expected what a step returned")
        pieces = units_of(self._world, units)
        for piece in pieces:
            self._check_covered(known, piece)
        user = units.claim.beneficiary if isinstance(units, res.Retirement) else ""
        if user and known.entities and user not in known.entities:
            raise errors.EntityNotAuthorised(known.id, user, known.entities)
        self._check_when(known, units)
        if to != "":
            _check_party(to)
        done = self._world.knowledge.declarations.of(FirstTransfer)
        chosen = transferable_units(self._world, units, pieces, tonnes)
        self._check_free(known, chosen, done)
        records = self._transfers(known, use, units, chosen, to, done)
        declare(self._world, *records)
        return tuple(records)

    def _transfers(
        self,
        known: Authorisation,
        use: Purpose,
        units: res.Batch | Used,
        pieces: Sequence[Units],
        to: str,
        done: Sequence[FirstTransfer],
    ) -> list[FirstTransfer]:
        """Make the record of each piece; outcomes are counted per approach and vintage."""
        records: list[FirstTransfer] = []
        for piece in pieces:
            count = (self.code, known.approach, piece.vintage)
            earlier = itertools.chain(reversed(records), reversed(done))
            last = (
                before.last
                for before in earlier
                if (before.party, before.approach, before.vintage) == count
            )
            records.append(
                FirstTransfer(
                    id=len(done) + len(records) + 1,
                    party=self.code,
                    authorisation=known.id,
                    approach=known.approach,
                    purpose=use,
                    trigger=known.trigger,
                    registry=piece.registry,
                    scope=piece.scope,
                    interval=piece.interval,
                    vintage=piece.vintage,
                    first=next(last, 0) + 1,
                    acquirer=to,
                    user=units.claim.beneficiary if isinstance(units, res.Retirement) else "",
                    retirement=None if isinstance(units, res.Batch) else (units.registry, units.id),
                    at_s=self._world.now_s,
                )
            )
        return records

    def adjust(
        self,
        units: res.Batch | Used | FirstTransfer,
        status: AdjustmentStatus | str,
        *,
        declaration: AdjustmentDeclaration | str = AdjustmentDeclaration.COMMITTED,
        year: int | None = None,
    ) -> tuple[Adjustment, ...]:
        """Say how the corresponding adjustment for some units stands; the last word counts.

        Args:
            status: "Not Started", "Pending" or "Completed"; what is completed stays so.
            declaration: "Committed", "Not Required" or "Unknown".
            year: For which the Party's balance is adjusted; the units' vintage if absent.
        """
        pieces = units_of(self._world, units)
        for piece in pieces:
            self._host(piece.registry, piece.project)
        said = self._world.knowledge.declarations.of(Adjustment)
        done = [before for before in said if before.status is AdjustmentStatus.COMPLETED]
        for piece in pieces:
            for before in done:
                if common := meeting(piece, before):
                    raise errors.AlreadyAdjusted(piece.scope, *common)
        records = tuple(
            Adjustment(
                party=self.code,
                year=piece.vintage if year is None else year_of(year),
                declaration=word_of(AdjustmentDeclaration, declaration),
                status=word_of(AdjustmentStatus, status),
                registry=piece.registry,
                scope=piece.scope,
                interval=piece.interval,
                at_s=self._world.now_s,
            )
            for piece in pieces
        )
        declare(self._world, *records)
        return records

    def _next_name(self, given: set[str]) -> str:
        """Return the first of the Party's numbers that no letter has."""
        names = (f"{self.code}-{number}" for number in itertools.count(1))
        return next(name for name in names if name not in given)

    def _hosted(self, project: res.Project) -> int:
        """Return a project's number if it is on the Party's territory."""
        if not isinstance(project, res.Project):
            expected = "expected what `register_project` returned"
            raise errors.IdentifierError(project, "project", expected)
        self._host(project.registry, project.number)
        return project.number

    def _host(self, registry: str, project: int) -> None:
        known = self._world.index.projects.get((registry, project))
        host = None if known is None else known[0].country
        if host != self.code:
            raise errors.NotHost(self.code, registry, project, host)

    def _in_force(self, authorisation: Authorisation | str) -> Authorisation:
        id = authorisation.id if isinstance(authorisation, Authorisation) else str(authorisation)
        declarations = self._world.knowledge.declarations
        revoked = {ended.authorisation for ended in declarations.of(Revocation)}
        for known in declarations.of(Authorisation):
            if (known.party, known.id) == (self.code, id) and id not in revoked:
                return known
        raise errors.UnknownAuthorisation(self.code, id)

    def _under(self, known: Authorisation) -> list[FirstTransfer]:
        done = self._world.knowledge.declarations.of(FirstTransfer)
        return [transfer for transfer in done if transfer.authorisation == known.id]

    @staticmethod
    def _check_covered(known: Authorisation, piece: Units) -> None:
        is_covered = (piece.registry, piece.project) == (known.registry, known.project)
        if not is_covered or (known.batches and piece.batch not in known.batches):
            raise errors.UnitsNotAuthorised(known.id, piece.registry, piece.batch)
        if not known.vintages[0] <= piece.vintage <= known.vintages[1]:
            raise errors.VintageNotAuthorised(known.id, piece.vintage, known.vintages)

    def _check_when(self, known: Authorisation, units: res.Batch | Used) -> None:
        at_s = self._world.now_s
        if not isinstance(units, res.Batch):
            at_s = use_entry(self._world, units).at_s
        elif known.trigger is Trigger.USE:
            raise errors.NotYetUsed(known.id, units.batch)
        if not known.period[0] <= at_s // DAY_S < known.period[1]:
            raise errors.AuthorisationNotValid(known.id, at_s // DAY_S, known.period)

    def _check_free(
        self, known: Authorisation, pieces: Sequence[Units], done: Sequence[FirstTransfer]
    ) -> None:
        for piece in pieces:
            if piece.interval.start_g % GRAMS_PER_TONNE or piece.interval.end_g % GRAMS_PER_TONNE:
                said, (serials,) = tonnes_text(piece.interval.amount_g), serials_of([piece])
                expected = f"expected whole serials, as an outcome is one tonne, not {serials}"
                raise errors.AmountError(said, expected)
            for before in done:
                if common := meeting(piece, before):
                    raise errors.AlreadyTransferred(piece.scope, *common)
        amount_g = sum(piece.interval.amount_g for piece in pieces)
        transferred_g = sum(before.interval.amount_g for before in self._under(known))
        if transferred_g + amount_g > known.amount_g:
            raise errors.AboveAuthorised(known.id, known.amount_g, transferred_g, amount_g)


def _check_party(code: object) -> None:
    if not isinstance(code, str) or alpha_2(code) != code:
        raise errors.IdentifierError(code, "Party", "expected a country's two capitals")


def _said(field: str, text: object) -> str:
    said = check_text(field, text)
    if not said.strip():
        raise errors.TextError(field, text, "expected a text that is not blank")
    return said
