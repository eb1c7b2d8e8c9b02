"""What a trace can tell of credits that one registry issued in place of another's.

The ledger ties a conversion's two sides by project, target and amount, and where several would fit
by their order; never gram by gram. The words say so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from registry.operators.numbering import describe_or_measure
from registry.records.entry import Entry, Kind
from registry.records.interval import Interval
from registry.serials.intervals import merge
from registry.units import tonnes_text
from registry.views.conversions import conversion_rows, origins_of

if TYPE_CHECKING:
    from registry.world import World

Row = dict[str, Any]
Issue = tuple[str, str]
"""A target and the text of the batch that it issued."""

_LEFT = {Kind.CANCELLED, Kind.RETIRED, Kind.RETIREMENT_FINALISED}
_BY_AMOUNT = "the link is of amounts, not of grams"


class Anew:
    """The conversions of a world, read when the first is asked about."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._left: dict[tuple[str, str], Row] = {}
        self._replaced: dict[Issue, list[Row]] = defaultdict(list)
        self._waiting: dict[Issue, Row] = {}
        self._fitting: Counter[tuple[str, ...]] = Counter()
        # Most worlds have none: then the rows are not made.
        if origins_of(world):
            self._read(conversion_rows(world)["conversions"])

    def _read(self, rows: Iterable[Row]) -> None:
        issues: dict[Issue, Row] = {}
        for row in rows:
            if row["target_batch"] is None:
                continue
            issue = (row["target"], row["target_batch"])
            issues[issue] = row
            if row["batch"] is None:
                self._waiting[issue] = row
            else:
                self._left[row["registry"], row["record"]] = row
                self._replaced[issue].append(row)
        for issue, row in issues.items():
            way = (row["registry"], row["project"], row["target"])
            self._fitting[way] += 1
            self._fitting[*way, str(self._made(issue).amount_g)] += 1

    def told(self, entry: Entry, part: Interval) -> str | None:
        """Say what took the place of a part of what left, or whose place a part of an issue took.

        Returns:
            None where the ledger ties nothing to it.
        """
        if entry.kind in _LEFT:
            row = self._left.get((entry.registry, f"entry {entry.seq}"))
            return self._issued(row, part) if row else None
        issue = (entry.registry, str(entry.batch))
        if entry.kind is not Kind.ISSUED:
            return None
        if issue in self._replaced:
            return self._replacing(issue, part)
        row = self._waiting.get(issue)
        if row is None:
            return None
        of = f"{row['registry']} project {row['project']}"
        return f"in place of credits of {of}; none that left it is tied to these"

    def _issued(self, row: Row, part: Interval) -> str:
        issue = (row["target"], row["target_batch"])
        made = self._made(issue)
        text = ", ".join(describe_or_measure(self._scope(issue), made.intervals))
        said = f"issued anew at {row['target']}"
        if part.amount_g == made.amount_g:
            return f"{said} as {text}{self._paired(issue, row)}"
        return f"{said}, among {text}: {_BY_AMOUNT}{self._paired(issue, row)}"

    def _replacing(self, issue: Issue, part: Interval) -> str:
        rows = self._replaced[issue]
        amount_g = self._made(issue).amount_g or 0
        pieces: dict[str, list[Interval]] = defaultdict(list)
        for row in rows:
            pieces[row["scope"]].append(Interval(row["start_g"], row["end_g"]))
        text = ", ".join(
            printed
            for scope, left in pieces.items()
            for printed in describe_or_measure(scope, merge(left))
        )
        missing_g = amount_g - sum(row["amount_g"] for row in rows)
        also = f" and {tonnes_text(missing_g)} t that no record names" if missing_g > 0 else ""
        of, paired = f"{text} of {rows[0]['registry']}{also}", self._paired(issue, rows[0])
        if part.amount_g == amount_g:
            return f"in place of {of}{paired}"
        return f"in place of some of {of}: {_BY_AMOUNT}{paired}"

    def _paired(self, issue: Issue, row: Row) -> str:
        """Say that the order was needed to tell what belongs together, where it was."""
        way = [row["registry"], row["project"], row["target"]]
        # What left in pieces has not the amount that was issued for it.
        if len({other["record"] for other in self._replaced[issue]}) == 1:
            way.append(str(self._made(issue).amount_g))
        count = self._fitting[tuple(way)]
        return f" (tied by order: {count} conversions would fit)" if count > 1 else ""

    def _made(self, issue: Issue) -> Entry:
        return self._world.index.channels.issued[issue[0], int(issue[1])]

    def _scope(self, issue: Issue) -> str:
        return self._world.index.scope(issue[0], int(issue[1]))
