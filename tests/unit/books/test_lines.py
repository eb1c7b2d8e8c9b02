"""Which facts are lines of an operator's book, and what the lines say."""

from __future__ import annotations

from typing import Any

import pytest

from registry.books.lines import Line, LineKind, line_of, lines_of
from registry.records.entry import Entry, Kind
from registry.records.identity import batch_id
from registry.records.interval import Interval

BATCH = batch_id(1, 1)
SCOPE = "ICR-ISL-354-1-14-A-0-2024"


def entry(kind: Kind, seq: int = 1, **fields: Any) -> Entry:
    fields = {"registry": "ICR", "batch": BATCH, "account": "Acme", "amount_g": 5, **fields}
    return Entry(seq=seq, at_s=1_000 + seq, kind=kind, **fields)


ISSUED = entry(
    Kind.ISSUED,
    amount_g=100,
    intervals=(Interval(0, 100),),
    scope=SCOPE,
    project=1,
    vintage=2024,
)


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (Kind.TRANSFERRED, LineKind.TRANSFER),
        (Kind.FORCED_TRANSFER, LineKind.TRANSFER),
        (Kind.FORECLOSED, LineKind.TRANSFER),
        (Kind.RETIRED, LineKind.RETIREMENT),
        (Kind.RETIREMENT_REQUESTED, LineKind.LOCK),
        (Kind.RETIREMENT_FINALISED, LineKind.RETIREMENT),
        (Kind.RETIREMENT_REVERTED, LineKind.RELEASE),
        (Kind.CANCELLED, LineKind.CANCELLATION),
        (Kind.LOCKED, LineKind.LOCK),
        (Kind.RELEASED, LineKind.RELEASE),
        (Kind.EXPORTED, LineKind.EXPORT),
        (Kind.IMPORTED, LineKind.IMPORT),
        (Kind.RETURNED, LineKind.RETURN),
        (Kind.EXPORT_COMPENSATED, LineKind.RELEASE),
        (Kind.EXPORT_ACKNOWLEDGED, None),
        (Kind.PLEDGED, None),
        (Kind.PLEDGE_RELEASED, None),
        (Kind.PLEDGE_ENDED, None),
        (Kind.FROZEN, None),
    ],
)
def test_line_says_what_happened_to_credits(kind: Kind, line: LineKind | None) -> None:
    found = line_of(entry(kind, id=7, intervals=(Interval(0, 5),)), 3, SCOPE)
    if line is None:
        assert found is None
        return
    assert found == Line(
        number=3,
        at_s=1_001,
        kind=line,
        batch=BATCH,
        amount_g=5,
        account="Acme",
        id=7,
        scope=SCOPE,
        intervals=(Interval(0, 5),),
        entry=1,
    )


@pytest.mark.parametrize(
    "kind",
    [
        Kind.PAUSED,
        Kind.PROJECT_REGISTERED,
        Kind.ACCOUNT_OPENED,
        Kind.PEER_ADMITTED,
        Kind.IMPORT_VOIDED,
    ],
)
def test_line_is_none_for_what_names_no_batch(kind: Kind) -> None:
    assert line_of(entry(kind, batch=None), 1, SCOPE) is None


def test_issuance_line_keeps_the_scope_of_its_entry() -> None:
    found = line_of(ISSUED, 1, "another scope")
    assert found is not None
    assert (found.kind, found.scope, found.project, found.vintage) == (
        LineKind.ISSUANCE,
        SCOPE,
        1,
        2024,
    )


def test_lines_of_a_ledger_are_numbered_by_seq_and_know_the_scope() -> None:
    entries = [
        ISSUED,
        entry(Kind.PLEDGED, 2, counterparty="Bank"),
        entry(Kind.RETIRED, 3, id=1, intervals=(Interval(0, 5),)),
        entry(Kind.RETIRED, 4, id=1, registry="EcoRegistry", intervals=(Interval(0, 5),)),
    ]
    lines = lines_of(entries, "ICR")
    assert [(line.number, line.scope) for line in lines] == [(1, SCOPE), (3, SCOPE)]


def test_line_of_what_crossed_says_between_whom_and_as_what() -> None:
    crossed: dict[str, Any] = {"peer": "EcoRegistry", "home": "ICR", "export": 2**200, "number": 4}
    found = line_of(entry(Kind.EXPORTED, counterparty="Bank", deadline_s=9, **crossed), 1, SCOPE)
    assert found is not None
    assert (found.peer, found.home, found.export, found.message) == tuple(crossed.values())
    assert (found.to, found.deadline_s) == ("Bank", 9)


@pytest.mark.parametrize(
    ("kind", "peer", "ends"),
    [
        (LineKind.RETURN, "EcoRegistry", True),
        (LineKind.RELEASE, "EcoRegistry", True),
        (LineKind.RELEASE, None, False),
        (LineKind.EXPORT, "EcoRegistry", False),
        (LineKind.IMPORT, "EcoRegistry", False),
    ],
)
def test_line_ends_an_export_when_credits_come_back(
    kind: LineKind, peer: str | None, ends: bool
) -> None:
    line = Line(number=1, at_s=1, kind=kind, batch=BATCH, amount_g=5, account="Acme", peer=peer)
    assert line.ends_export is ends
