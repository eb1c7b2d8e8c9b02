"""What a reconciliation says of one planted disagreement at a time, in a world in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from registry.books.book import Book
from registry.books.lines import Line, LineKind
from registry.errors import InputError
from registry.reconcile import Difference, Reconciliation, reconcile
from registry.records.finding import Level
from registry.records.interval import Interval
from registry.world import World
from tests import kept

T = 1_000_000
DAY_S = 86_400
RANGES = (1, 7, 1_000)


@pytest.fixture(scope="module")
def life() -> Iterator[tuple[World, kept.Known]]:
    with World.open(seed=kept.SEED, engine="model", start=kept.START) as world:
        yield world, kept.lead(world)


@pytest.fixture
def world(life: tuple[World, kept.Known]) -> Iterator[World]:
    with life[0].checkpoint():
        yield life[0]


@pytest.fixture
def known(life: tuple[World, kept.Known]) -> kept.Known:
    return life[1]


def reconciled(world: World) -> Reconciliation:
    """Reconcile in ranges of several lengths, which must make no difference."""
    found = [reconcile(world, range_blocks=RANGES[0])]
    with pytest.MonkeyPatch.context() as patched:
        # Findings have nothing to do with ranges, and take most of the time.
        patched.setattr(world, "audit", lambda: found[0].findings)
        found += [reconcile(world, range_blocks=blocks) for blocks in RANGES[1:]]
    for other in found[1:]:
        assert other.differences == found[0].differences
        assert other.is_level == found[0].is_level
    head = world.ledger.head()
    for blocks, one in zip(RANGES, found, strict=True):
        bounds = [(each.first, each.last) for each in one.ranges]
        starts = range(1, head + 1, blocks)
        assert bounds == [(start, min(start + blocks - 1, head)) for start in starts]
        assert sum(each.differences for each in one.ranges) == len(one.differences)
    return found[0]


def said(found: Reconciliation) -> list[tuple[str, int | None, int | None, int]]:
    return [(each.code, each.start_g, each.end_g, each.amount_g) for each in found.findings]


def sides(found: Reconciliation) -> list[tuple[Any, ...]]:
    """Say of each difference what it is about, and how far book and mirror are from the chain."""
    return [
        (
            each.total,
            each.block,
            each.entry,
            each.line,
            each.entries_g - each.contract_g,
            None if each.book_g is None else each.book_g - each.contract_g,
        )
        for each in found.differences
    ]


def edit(book: Book, number: int, **changes: Any) -> None:
    book.rewrite(
        line.model_copy(update=changes) if line.number == number else line for line in book.lines
    )


def entry_of(world: World, line: Line) -> Any:
    assert line.entry is not None
    return world.entries()[line.entry - 1]


def test_a_clean_world_has_no_difference(world: World) -> None:
    found = reconciled(world)
    assert (found.differences, found.findings, found.is_level) == ((), (), True)
    assert found.is_fine
    assert reconcile(world).ranges[0].batches == 2


def test_a_world_without_a_block_has_nothing_to_compare() -> None:
    with World.open(engine="model") as world:
        assert reconcile(world) == Reconciliation((), (), (), True, mirror_block=0, head=0)


@pytest.mark.parametrize("blocks", [0, -1, True, "7", 1.0])
def test_reconcile_refuses_no_number_of_blocks(world: World, blocks: Any) -> None:
    with pytest.raises(InputError, match="expected an int from 1 on"):
        reconcile(world, range_blocks=blocks)


def test_reconcile_tells_of_every_block(world: World) -> None:
    told: list[tuple[int, int]] = []
    reconcile(world, progress=lambda done, of: told.append((done, of)))
    head = world.ledger.head()
    assert told == [(number, head) for number in range(1, head + 1)]


# One line lost. Which total it is missing from, and by how much, follows from its kind.

TOTALS: dict[LineKind, dict[str, int]] = {
    LineKind.ISSUANCE: {"issued_g": -1, "active_g": -1},
    LineKind.TRANSFER: {},
    LineKind.RETIREMENT: {"active_g": 1, "retired_g": -1},
    LineKind.CANCELLATION: {"active_g": 1, "cancelled_g": -1},
    LineKind.LOCK: {"active_g": 1, "locked_g": -1},
    LineKind.RELEASE: {"active_g": -1, "locked_g": 1},
}


def shifts(line: Line, amount_g: int, *, requested: bool = False) -> list[tuple[str, int]]:
    """Say how far the book's totals are off when it lacks so much of a line."""
    off = dict(TOTALS[line.kind])
    if requested and line.kind is LineKind.RETIREMENT:
        off = {"locked_g": 1, "retired_g": -1}  # Requested before: it waits in the book still.
    order = ("issued_g", "active_g", "locked_g", "retired_g", "cancelled_g")
    return [(total, off[total] * amount_g) for total in order if total in off]


LOST = [
    ("ICR", 1, ["BR-1", "BR-1"]),
    ("ICR", 2, ["MR-1"]),
    ("ICR", 3, ["BR-3"]),
    # What the lock took is given back by a release that is there: the book holds too much.
    ("ICR", 4, ["BR-9", "CN-1"]),
    ("ICR", 5, ["BR-9"]),
    ("ICR", 6, ["MR-1"]),
    ("ICR", 7, ["BR-3"]),
    ("ICR", 8, ["BR-9"]),
    ("EcoRegistry", 1, ["BR-1", "BR-1"]),
    ("EcoRegistry", 2, ["MR-1"]),
    ("EcoRegistry", 3, ["MR-1"]),
    ("EcoRegistry", 4, ["BR-3"]),
    ("EcoRegistry", 5, ["CN-1", "MR-1"]),
    ("EcoRegistry", 6, ["MR-1"]),
    ("EcoRegistry", 7, ["MR-1"]),
    ("EcoRegistry", 8, ["BR-3"]),
]


@pytest.mark.parametrize(("registry", "number", "codes"), LOST)
def test_a_line_that_was_lost_is_named(
    world: World, registry: str, number: int, codes: list[str]
) -> None:
    book = world.books[registry]
    line = next(line for line in book.lines if line.number == number)
    book.rewrite(other for other in book.lines if other is not line)
    found = reconciled(world)
    assert not found.is_fine and found.is_level
    assert [finding.code for finding in found.findings] == codes
    for finding in found.findings:
        assert (finding.registries, finding.batch) == ((registry,), line.batch)
        assert finding.cleared_at is None
    entry = entry_of(world, line)
    requested = registry == "EcoRegistry"
    assert sides(found) == [
        (total, entry.seq, entry.seq, None, 0, off)
        for total, off in shifts(line, line.amount_g, requested=requested)
    ]
    first = next(finding for finding in found.findings if finding.code != "CN-1")
    assert f"ledger:{registry}:entry {entry.seq}" in first.records
    assert first.detectable_at == entry.at_s
    if line.kind is not LineKind.ISSUANCE and line.intervals:
        piece = line.intervals[0]
        span = (first.start_g, first.end_g, first.amount_g)
        assert span == (piece.start_g, piece.end_g, line.amount_g)


def test_an_issuance_that_was_lost_backs_nothing_that_circulates(world: World) -> None:
    book = world.books["ICR"]
    lost, *others = book.lines
    book.rewrite(others)
    gone = {LineKind.RETIREMENT, LineKind.CANCELLATION}
    holes = [piece for line in others if line.kind in gone for piece in line.intervals]
    at_g, expected = lost.intervals[0].start_g, []
    for hole in [*sorted(holes), Interval(lost.intervals[0].end_g, lost.intervals[0].end_g + 1)]:
        if at_g < hole.start_g:
            expected.append(("BR-1", at_g, hole.start_g, hole.start_g - at_g))
        at_g = hole.end_g
    assert said(reconciled(world)) == expected


@pytest.mark.parametrize(
    ("number", "codes"),
    [
        (1, ["DI-1", "MR-2"]),
        (2, ["MR-2"]),
        (3, ["DU-1", "MR-2"]),
        (4, ["DU-3", "MR-2"]),
        (5, ["MR-2"]),
        (6, ["MR-2"]),
        (7, ["DU-1", "MR-2"]),
        (8, ["MR-2"]),
    ],
)
def test_a_line_that_was_written_twice_is_named(
    world: World, number: int, codes: list[str]
) -> None:
    book = world.books["ICR"]
    line = book.lines[number - 1]
    book.append(line.model_copy(update={"number": 9}))
    found = reconciled(world)
    assert not found.is_fine
    assert [finding.code for finding in found.findings] == codes
    span = (line.intervals[0].start_g, line.intervals[0].end_g) if line.intervals else (None, None)
    released_g = sum(
        other.amount_g
        for other in book.lines
        if other.kind is LineKind.RELEASE and other.id == line.id
    )
    for finding in found.findings:
        bounds = (finding.start_g, finding.end_g, finding.amount_g)
        if finding.code == "DU-3":
            # What was given back since is locked no more.
            rest_g = line.amount_g - released_g
            assert bounds == (line.intervals[0].end_g - rest_g, line.intervals[0].end_g, rest_g)
        else:
            assert bounds == (*span, line.amount_g)
        assert finding.records == (f"book:ICR:line {number}", "book:ICR:line 9")
        assert finding.detectable_at == line.at_s
    # Lines of one moment are taken from the last one on.
    assert [(total, entry, off) for total, _, entry, _, _, off in sides(found)] == [
        (total, line.entry, -off) for total, off in shifts(line, line.amount_g)
    ]


@pytest.mark.parametrize(("off_g", "code"), [(T, "MR-3"), (3 * T, "MR-3"), (1, "BR-7")])
@pytest.mark.parametrize("number", [1, 2, 4, 5, 6, 7, 8])
def test_a_line_of_another_amount_is_named(
    world: World, number: int, off_g: int, code: str
) -> None:
    book = world.books["ICR"]
    line = book.lines[number - 1]
    if line.amount_g <= off_g:
        off_g, code = 1, "BR-7"
    intervals = line.intervals
    if intervals:
        last = intervals[-1]
        intervals = (*intervals[:-1], Interval(last.start_g, last.end_g - off_g))
    edit(book, number, amount_g=line.amount_g - off_g, intervals=intervals)
    found = reconciled(world)
    assert not found.is_fine
    end_g = line.intervals[-1].end_g if intervals else None
    start_g = None if end_g is None else end_g - off_g
    assert said(found) == [(code, start_g, end_g, off_g)]
    (finding,) = found.findings
    assert finding.records == (f"book:ICR:line {number}", f"ledger:ICR:entry {line.entry}")
    assert finding.level is Level.CERTAIN
    assert sides(found) == [
        (total, line.entry, line.entry, number, 0, off) for total, off in shifts(line, off_g)
    ]


@pytest.mark.parametrize("number", [2, 6, 8])
def test_a_line_to_an_account_that_nobody_knows_is_named_once(world: World, number: int) -> None:
    line = world.books["ICR"].lines[number - 1]
    edit(world.books["ICR"], number, to="Nobody")
    (finding,) = reconciled(world).findings
    assert (finding.code, finding.amount_g) == ("AC-1", line.amount_g)
    assert f"book:ICR:line {number}" in finding.records


def test_a_retirement_that_reaches_into_a_later_lock_is_named_once(world: World) -> None:
    book = world.books["ICR"]
    line = book.lines[2]
    (piece,) = line.intervals
    longer = Interval(piece.start_g, piece.end_g + 2 * T)
    edit(book, 3, amount_g=line.amount_g + 2 * T, intervals=(longer,))
    assert book.lines[3].intervals[0].meets(longer)
    assert said(reconciled(world)) == [("MR-3", piece.end_g, longer.end_g, 2 * T)]


@pytest.mark.parametrize("number", [2, 3, 6, 7, 8])
def test_a_line_of_another_batch_is_named(world: World, number: int) -> None:
    line = world.books["ICR"].lines[number - 1]
    edit(world.books["ICR"], number, batch=77)
    found = reconciled(world)
    assert not found.is_fine
    (finding,) = [each for each in found.findings if each.code == "MR-1"]
    assert finding.records == (f"book:ICR:line {number}", f"ledger:ICR:entry {line.entry}")
    assert (finding.batch, finding.amount_g) == (line.batch, line.amount_g)


@pytest.mark.parametrize("number", [4, 5])
def test_a_lock_or_release_of_other_serials_is_named(world: World, number: int) -> None:
    line = world.books["ICR"].lines[number - 1]
    (piece,) = line.intervals
    edit(world.books["ICR"], number, intervals=(Interval(piece.start_g + 100, piece.end_g + 100),))
    found = reconciled(world)
    assert not found.is_fine
    finding = next(each for each in found.findings if each.code == "MR-1")
    assert (finding.start_g, finding.end_g) == (piece.start_g, piece.start_g + 100)
    assert finding.amount_g == line.amount_g


@pytest.mark.parametrize("field", ["account", "to"])
@pytest.mark.parametrize("number", range(1, 9))
def test_a_line_to_another_account_is_named(world: World, number: int, field: str) -> None:
    line = world.books["ICR"].lines[number - 1]
    edit(world.books["ICR"], number, **{field: "Cedar"})
    found = reconciled(world)
    assert found.differences == ()
    if field == "to" and line.kind is not LineKind.TRANSFER:
        # The ledger names no second account there, which says nothing.
        assert found.is_fine
        return
    assert not found.is_fine
    piece = line.intervals[0] if line.intervals else None
    span = (None, None) if piece is None else (piece.start_g, piece.end_g)
    assert said(found) == [("AC-1", *span, line.amount_g)]
    assert found.findings[0].records == (
        f"book:ICR:line {number}",
        f"ledger:ICR:entry {line.entry}",
    )


def test_a_retirement_that_only_the_book_has_is_named(world: World) -> None:
    book = world.books["ICR"]
    written = book.lines[2].model_copy(
        update={
            "number": 9,
            "id": None,
            "entry": None,
            "at_s": world.now_s,
            "amount_g": T,
            "intervals": (Interval(50 * T, 51 * T),),
        }
    )
    book.append(written)
    found = reconciled(world)
    head = world.ledger.head()
    assert said(found) == [("BR-2", 50 * T, 51 * T, T)]
    assert sides(found) == [
        ("active_g", head, None, 9, 0, -T),
        ("retired_g", head, None, 9, 0, T),
    ]


def test_a_line_dated_in_the_future_differs_at_the_last_block(world: World) -> None:
    book = world.books["ICR"]
    last = book.lines[2].model_copy(
        update={"number": 9, "id": None, "entry": None, "at_s": world.now_s + 40 * DAY_S}
    )
    book.append(last)
    found = reconciled(world)
    assert not found.is_fine
    assert [(each.block, each.line, each.total) for each in found.differences] == [
        (world.ledger.head(), 9, "active_g"),
        (world.ledger.head(), 9, "retired_g"),
    ]


# Certificates and accounts.


def changed_certificate(world: World, **changes: Any) -> None:
    certificates = world.books["ICR"].certificates
    certificates[0] = certificates[0].model_copy(update=changes)


@pytest.fixture
def papers(life: tuple[World, kept.Known]) -> Iterator[None]:
    """Put certificates and accounts back: a checkpoint restores only how many there are."""
    book = life[0].books["ICR"]
    before = list(book.certificates), list(book.accounts)
    yield
    book.certificates[:], book.accounts[:] = before


@pytest.mark.usefixtures("papers")
def test_a_certificate_with_other_serials_is_named(world: World) -> None:
    (piece,) = world.books["ICR"].certificates[0].intervals
    shifted = Interval(piece.start_g + 100, piece.end_g + 100)
    changed_certificate(world, intervals=(shifted,))
    found = reconciled(world)
    assert not found.is_fine
    assert found.differences == ()
    assert said(found) == [
        ("DC-7", piece.start_g, shifted.start_g, 100),
        ("DC-7", piece.end_g, shifted.end_g, 100),
    ]
    for finding in found.findings:
        assert finding.records == ("book:ICR:certificate 1", "ledger:ICR:entry 19")


@pytest.mark.usefixtures("papers")
@pytest.mark.parametrize("changes", [{"account": "Cedar"}, {"batch": 77}])
def test_a_certificate_that_names_another_account_or_batch_is_named(
    world: World, changes: dict[str, Any]
) -> None:
    (piece,) = world.books["ICR"].certificates[0].intervals
    changed_certificate(world, **changes)
    found = reconciled(world)
    assert not found.is_fine
    assert found.differences == ()
    assert said(found) == [("DC-7", piece.start_g, piece.end_g, piece.amount_g)]
    assert found.findings[0].records == ("book:ICR:certificate 1", "ledger:ICR:entry 19")


@pytest.mark.usefixtures("papers")
def test_a_certificate_for_another_retirement_is_named(world: World) -> None:
    (piece,) = world.books["ICR"].certificates[0].intervals
    changed_certificate(world, retirement=77)
    found = reconciled(world)
    assert ("DC-7", piece.start_g, piece.end_g, piece.amount_g) in said(found)
    assert {finding.code for finding in found.findings} == {"DC-7", "BR-5"}


@pytest.mark.usefixtures("papers")
@pytest.mark.parametrize(
    ("at", "changes", "amount_g", "entry"),
    [
        (2, {"address": "0x" + "00" * 20}, 169_666_000, 7),
        (1, {"address": "0x" + "00" * 20}, 0, 5),
        (-1, {"status": "open"}, 3 * T, 34),
    ],
)
def test_an_account_that_the_book_has_otherwise_is_named(
    world: World, at: int, changes: dict[str, str], amount_g: int, entry: int
) -> None:
    accounts = world.books["ICR"].accounts
    account = accounts[at]
    accounts[at] = account.model_copy(update=changes)
    found = reconciled(world)
    assert not found.is_fine
    assert said(found) == [("AC-1", None, None, amount_g)]
    assert found.findings[0].records == (
        f"book:ICR:account {account.number}",
        f"ledger:platform:entry {entry}",
    )


# What may be late.


def test_a_book_that_is_held_may_be_late(world: World, known: kept.Known) -> None:
    eco, book = world.registry("EcoRegistry"), world.books["EcoRegistry"]
    book.hold()
    first = len(world.entries()) + 1
    retired = eco.retire(known["s"], 4, "Acme", "A", "voluntary")
    eco.transfer(known["s"], 1, "Acme", "Cedar")
    eco.issue(known["stoves"], 2022, 9, "Acme")
    issued = len(world.entries())
    (piece,) = retired.intervals
    found = reconciled(world)
    assert found.is_fine and found.findings == ()
    world.advance(days=1)
    found = reconciled(world)
    assert not found.is_fine
    assert said(found) == [
        ("BR-1", 0, 9 * T, 9 * T),
        ("BR-3", piece.start_g, piece.end_g, 4 * T),
        ("MR-1", None, None, T),
        ("MR-1", piece.start_g, piece.end_g, 4 * T),
    ]
    due_s = {finding.detectable_at for finding in found.findings}
    assert due_s == {
        world.entries()[seq - 1].at_s + kept.LAG_S for seq in (first, first + 1, first + 2, issued)
    }
    assert [(total, block, off) for total, block, _, _, _, off in sides(found)] == [
        ("active_g", first, 4 * T),
        ("locked_g", first, -4 * T),
        ("retired_g", first + 1, -4 * T),
        ("issued_g", issued, -9 * T),
        ("active_g", issued, -9 * T),
    ]
    book.resume(world.now_s)
    world.audit()
    found = reconciled(world)
    assert found.is_fine
    (late,) = found.findings
    assert (late.code, late.level, late.cleared_at) == ("BR-5", Level.TIMED, world.now_s)


def test_a_book_that_is_held_is_not_compared_while_it_may_be_late(
    world: World, known: kept.Known
) -> None:
    eco, book = world.registry("EcoRegistry"), world.books["EcoRegistry"]
    book.hold()
    eco.retire(known["s"], 4, "Acme", "A", "voluntary")
    block = world.ledger.head()
    # The ledger states another total than its entries say: the book is not asked about it.
    with pytest.MonkeyPatch.context() as patched:
        real = world.ledger.totals

        def lying(registry: str, batch: int, block: int | None = None) -> Any:
            totals = real(registry, batch, block)
            if block is None or block < world.ledger.head() or registry != "EcoRegistry":
                return totals
            return totals.model_copy(update={"retired_g": totals.retired_g + 5})

        patched.setattr(world.ledger, "totals", lying)
        (difference,) = reconciled(world).differences
    assert (difference.block, difference.total, difference.book_g) == (block, "retired_g", None)
    assert difference.contract_g == difference.entries_g + 5


def test_a_contract_that_lies_is_found_where_it_begins(world: World) -> None:
    real, begins = world.ledger.totals, 19

    def lying(registry: str, batch: int, block: int | None = None) -> Any:
        totals = real(registry, batch, block)
        if registry != "ICR" or (block is not None and block < begins):
            return totals
        return totals.model_copy(update={"cancelled_g": totals.cancelled_g + 1})

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(world.ledger, "totals", lying)
        found = reconciled(world)
    assert [
        (each.registry, each.total, each.block, each.entry, each.line, each.contract_g)
        for each in found.differences
    ] == [("ICR", "cancelled_g", begins, 19, 3, 1)]
    assert found.differences[0].entries_g == found.differences[0].book_g == 0


def test_a_request_may_wait_until_its_deadline(world: World, known: kept.Known) -> None:
    eco = world.registry("EcoRegistry")
    request = eco.request_retirement(known["s"], 4, "Acme", "A", "voluntary", days=5)
    (piece,) = request.intervals
    asked = len(world.entries())
    world.advance(days=4)
    assert reconciled(world).findings == ()
    world.advance(days=2)
    found = reconciled(world)
    assert said(found) == [("BR-5", piece.start_g, piece.end_g, 4 * T)]
    (finding,) = found.findings
    assert finding.records == (f"ledger:EcoRegistry:entry {asked}",)
    assert (finding.level, finding.detectable_at) == (Level.TIMED, request.deadline_s)
    assert found.is_fine and found.differences == ()


ACTS: dict[str, Callable[[World, kept.Known], object]] = {
    "forced transfer": lambda world, known: world.registry("ICR").forced_transfer(
        known["f"], 2, "Acme", "Borealis", "by order"
    ),
    "lock": lambda world, known: world.registry("ICR").lock(known["f"], 2, "Acme", "by order"),
    "release": lambda world, known: world.registry("ICR").release(known["lock"], 2),
}


@pytest.mark.parametrize("act", ACTS)
def test_an_act_by_role_that_no_line_records_is_named(
    world: World, known: kept.Known, act: str
) -> None:
    book = world.books["ICR"]
    ACTS[act](world, known)
    line = book.lines[-1]
    book.rewrite(book.lines[:-1])
    found = reconciled(world)
    assert not found.is_fine
    piece = line.intervals[0] if line.intervals else None
    span = (None, None) if piece is None else (piece.start_g, piece.end_g)
    assert said(found) == [("BR-9", *span, 2 * T)]
    assert found.findings[0].records == (f"ledger:ICR:entry {line.entry}",)
    assert found.findings[0].level is Level.STRONG


def test_a_difference_says_all_in_json(world: World) -> None:
    book = world.books["ICR"]
    book.rewrite(book.lines[1:])
    first = reconcile(world).differences[0]
    assert Difference.model_validate_json(first.model_dump_json()) == first
    assert isinstance(first.model_dump(mode="json")["batch"], str)
