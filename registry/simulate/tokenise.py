"""A real registry's export on chain: issued, retired, and compared with what the registry printed.

EcoRegistry's issuances become batches, its retirements are carried out in order of time, and the
intervals that the ledger assigns are compared with the `from`-`to` that the registry printed. In
the operator's book of that world issuances and retirements are the export's rows, with their
serials, amounts and units, so the audit compares the ledger with them.

What the files do not say is filled in, on both sides, and named: who held the credits, who
verified them, the ids of retirements, and one opening cancellation where a serial's first
retirement in the file does not begin at its first unit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from registry.books.lines import Line, LineKind
from registry.desk.registries import Registry
from registry.errors import FeedError, InputError, LedgerError
from registry.feeds.ecoregistry_strict import (
    IssuanceRow,
    RetirementRow,
    find_exports,
    read_issuances,
    read_retirements,
)
from registry.records.base import Record
from registry.records.finding import Finding
from registry.records.interval import Interval
from registry.records.result import Batch, Project, Statement
from registry.serials.grammar import Serial, print_interval
from registry.units import GRAMS_PER_TONNE, tonnes
from registry.world import World

REGISTRY = "EcoRegistry"
SCENARIO = "tokenise"
OPENING = "opening: rows not in the file"
NOT_STATED = "not stated"
Progress = Callable[[int, int], None]
_FIRST_MOMENT_S = 366 * 86_400
"""One day after a world's clock can begin."""


class Refused(Record):
    """A row that the ledger did not accept.

    `error` is the name of the error that says why: a LedgerError, an InputError where the row says
    what no ledger can (a period before 1970), or "NothingIssued" where nothing was to be retired.
    """

    file: str
    row: int
    serial: str
    error: str
    message: str


class Unlike(Record):
    """A retirement whose interval on the ledger is not the one that the registry printed.

    `assigned` is "none" where the ledger refused the retirement.
    """

    row: int
    serial: str
    printed: str
    assigned: str


class Outcome(Record):
    """What became of an export; amounts in grams.

    Attributes:
        zero_rows: Issuances of nothing, which make no batch.
        opening_g: Cancelled first, because the rows are not in the file; not in `retired_g`.
        intervals_equal: Retirements whose interval is the printed one.
        conserved: Whether every batch's totals are the sum of its entries, and C1 and C4 hold.
    """

    projects: int
    statements: int
    batches: int
    zero_rows: int
    issued_g: int
    buffer_g: int
    retirements: int
    retired_g: int
    opening_g: int
    intervals_equal: int
    unlike: tuple[Unlike, ...]
    refused: tuple[Refused, ...]
    conserved: bool
    findings: tuple[Finding, ...]
    run_hash: str

    @property
    def is_faithful(self) -> bool:
        """Say whether everything came out as it is in the files."""
        return self.conserved and not (self.unlike or self.refused or self.findings)


def tokenise(
    path: str | Path, *, engine: str = "auto", progress: Progress = lambda _done, _all: None
) -> Outcome:
    """Put EcoRegistry's export on a ledger and compare.

    Args:
        path: Folder with one file of issuances and one of retirements.
        engine: See `World.open`.
        progress: Told how many of how many rows are done.

    Raises:
        FeedError: a file that is not as its format has it; nothing has been carried out then.
    """
    issuances_path, retirements_path = find_exports(path)
    issuances = read_issuances(issuances_path)
    retirements = read_retirements(retirements_path, issuances)
    if not issuances:
        raise FeedError(str(issuances_path), None, None, "expected at least one issuance")
    moments = [row.issued_at_s for row in issuances] + [row.retired_at_s for row in retirements]
    if min(moments) < _FIRST_MOMENT_S:
        raise FeedError(str(path), None, None, "expected rows dated from 1971-01-02 on")
    first = _moment(min(moments)) - timedelta(days=1)
    with World.open(engine=engine, start=first) as world:
        run = _Run(world, issuances, (issuances_path.name, retirements_path.name))
        steps = _in_order(issuances, retirements)
        for done, row in enumerate(steps):
            progress(done, len(steps))
            run.take(row)
        progress(len(steps), len(steps))
        return run.outcome()


def _in_order(
    issuances: Sequence[IssuanceRow], retirements: Sequence[RetirementRow]
) -> list[IssuanceRow | RetirementRow]:
    """Order rows by time; a serial is issued at the latest before its first retirement."""
    due: dict[Serial, int] = {row.serial: row.issued_at_s for row in issuances}
    for retired in retirements:
        due[retired.serial] = min(due[retired.serial], retired.retired_at_s)
    keyed: list[tuple[tuple[int, int, int, int], IssuanceRow | RetirementRow]] = [
        ((due[row.serial], 0, row.row, 0), row) for row in issuances
    ]
    keyed += [((row.retired_at_s, 1, row.first, row.row), row) for row in retirements]
    return [row for _, row in sorted(keyed, key=lambda pair: pair[0])]


def runs_of(rows: Sequence[IssuanceRow]) -> list[list[IssuanceRow]]:
    """Group a project's issuances into runs of intersecting monitoring periods.

    One verifier's statement covers one run: periods that share days cannot be verified apart.
    """
    found: list[list[IssuanceRow]] = []
    end = date.min
    for row in sorted(rows, key=lambda row: (row.period_start, row.period_end, row.row)):
        if not found or row.period_start > end:
            found.append([])
        found[-1].append(row)
        end = max(end, row.period_end)
    return found


class _Run:
    """Carries out the rows of one export in a world."""

    def __init__(
        self, world: World, issuances: Sequence[IssuanceRow], files: tuple[str, str]
    ) -> None:
        self._world = world
        self._files = files
        self._registry: Registry = world.registry(REGISTRY)
        self._projects: dict[int, Project] = {}
        self._statements: dict[int, Statement] = {}
        self._batches: dict[Serial, Batch] = {}
        self._opened: set[Serial] = set()
        self._runs: dict[Serial, list[IssuanceRow]] = {}
        self._unlike: list[Unlike] = []
        self._refused: list[Refused] = []
        self._equal = self._retired_g = self._opening_g = self._buffer_g = self._zero_rows = 0
        by_project: dict[int, list[IssuanceRow]] = defaultdict(list)
        for row in issuances:
            by_project[row.serial.project].append(row)
        for rows in by_project.values():
            for run in runs_of(rows):
                self._runs.update({row.serial: run for row in run})

    def take(self, row: IssuanceRow | RetirementRow) -> None:
        """Carry out one row at its time."""
        try:
            if isinstance(row, IssuanceRow):
                self._issue(row)
            else:
                self._retire(row)
        except (LedgerError, InputError) as error:
            self._refuse(row, type(error).__name__, str(error))

    def _refuse(self, row: IssuanceRow | RetirementRow, error: str, message: str) -> None:
        issued = isinstance(row, IssuanceRow)
        self._refused.append(
            Refused(
                file=self._files[0 if issued else 1],
                row=row.row,
                serial=row.serial.scope,
                error=error,
                message=message,
            )
        )
        if isinstance(row, RetirementRow):
            self._unlike.append(_unlike(row, ()))
            self._book_only(row)

    def _issue(self, row: IssuanceRow) -> None:
        if row.amount_t == 0:
            self._zero_rows += 1
            return
        self._world.advance(until=_moment(row.issued_at_s))
        project = self._project(row)
        self._batches[row.serial] = self._registry.issue(
            project,
            row.year,
            row.amount_t,
            _holder(row),
            self._statement(project, row),
            scope=row.serial.scope,
        )
        assert row.interval is not None
        self._book_row(row.serial, row.interval)
        if row.is_buffer:
            self._buffer_g += row.amount_t * GRAMS_PER_TONNE

    def _project(self, row: IssuanceRow) -> Project:
        number = row.serial.project
        if number not in self._projects:
            self._projects[number] = self._registry.register_project(
                name=f"{REGISTRY} project {number}",
                country=None,
                methodology=NOT_STATED,
                developer=f"Developer of {REGISTRY} project {number}",
                number=number,
            )
        return self._projects[number]

    def _statement(self, project: Project, row: IssuanceRow) -> Statement:
        run = self._runs[row.serial]
        place = run[0].row
        if place not in self._statements:
            start = min(each.period_start for each in run)
            end = max(each.period_end for each in run)
            self._statements[place] = self._registry.verify(
                project,
                (start, end),
                sum(each.amount_t for each in run),
                f"Verifier of {REGISTRY}",
                f"{REGISTRY}/{project.number}/{start}/{end}",
            )
        return self._statements[place]

    def _retire(self, row: RetirementRow) -> None:
        self._world.advance(until=_moment(row.retired_at_s))
        batch = self._batches.get(row.serial)
        if batch is None:
            # Issued with amount 0, or its issuance was refused: there is no token to retire.
            self._refuse(row, "NothingIssued", f"nothing of {row.serial.scope} was issued")
            return
        if row.serial not in self._opened:
            self._opened.add(row.serial)
            self._open_at(batch, row)
        retirement = self._registry.retire(
            batch,
            row.amount_t,
            batch.holder,
            row.end_user.strip() or NOT_STATED,
            row.certificate_destination.strip() or NOT_STATED,
            period=str(row.year),
            subject=row.passive_subject.strip() or None,
        )
        self._retired_g += retirement.amount_g
        self._book_row(row.serial, row.interval)
        if retirement.intervals == (row.interval,):
            self._equal += 1
        else:
            self._unlike.append(_unlike(row, retirement.intervals))

    def _open_at(self, batch: Batch, row: RetirementRow) -> None:
        """Cancel what went before the first retirement that the file has."""
        missing_g = row.interval.start_g - batch.interval.start_g
        if missing_g > 0:
            cancelled = self._registry.cancel(batch, tonnes(missing_g), batch.holder, OPENING)
            self._opening_g += cancelled.amount_g

    def _book_row(self, serial: Serial, interval: Interval) -> None:
        """Let the line just written say what the file's row says, not what the ledger did."""
        book = self._world.books[REGISTRY]
        printed = {"scope": serial.scope, "intervals": (interval,), "amount_g": interval.amount_g}
        book.rewrite([*book.lines[:-1], book.lines[-1].model_copy(update=printed)])

    def _book_only(self, row: RetirementRow) -> None:
        """Write down a retirement that the ledger did not accept: the registry printed it."""
        book = self._world.books[REGISTRY]
        batch = self._batches.get(row.serial)
        if batch is None:
            return
        book.append(
            Line(
                number=book.next_number,
                at_s=self._world.now_s,
                kind=LineKind.RETIREMENT,
                batch=batch.batch,
                amount_g=row.interval.amount_g,
                account=batch.holder,
                scope=batch.scope,
                intervals=(row.interval,),
            )
        )

    def outcome(self) -> Outcome:
        """Audit and sum up."""
        findings = self._world.audit()
        batches = self._batches.values()
        return Outcome(
            projects=len(self._projects),
            statements=len(self._statements),
            batches=len(self._batches),
            zero_rows=self._zero_rows,
            issued_g=sum(batch.amount_g for batch in batches),
            buffer_g=self._buffer_g,
            retirements=self._equal + len(self._unlike),
            retired_g=self._retired_g,
            opening_g=self._opening_g,
            intervals_equal=self._equal,
            unlike=tuple(self._unlike),
            refused=tuple(self._refused),
            conserved=self._world.is_conserved(),
            findings=findings,
            run_hash=self._world.run_hash(SCENARIO, findings),
        )


def _moment(at_s: int) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)


def _holder(row: IssuanceRow) -> str:
    if row.is_buffer:
        return f"{REGISTRY} buffer"
    return f"Holder of {REGISTRY} project {row.serial.project}"


def _unlike(row: RetirementRow, assigned: Sequence[Interval]) -> Unlike:
    base = row.serial.base
    return Unlike(
        row=row.row,
        serial=row.serial.scope,
        printed=f"{row.first}-{row.last}",
        assigned=" and ".join(print_interval(interval, base) for interval in assigned) or "none",
    )
