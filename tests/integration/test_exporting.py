"""Books exported, read again and audited: the same facts, and nothing is wrong with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import pytest

from registry.audit.run import audit
from registry.books.lines import Line, LineKind
from registry.desk.registries import Registry
from registry.errors import ExportError, IdentifierError
from registry.exporting import FORMATS, Exported, export_book
from registry.feeds.digest import digest
from registry.feeds.reading import Reading, read_paths
from registry.operators.numbering import describe
from registry.records.identity import batch_id
from registry.records.interval import Interval
from registry.records.result import Batch
from registry.simulate.pilot import Pilot
from registry.world import World
from tests.exports import read_back, written

EACH = [
    ("ICR", "icr"),
    ("EcoRegistry", "ecoregistry"),
    *((registry, "verra") for registry in ("ICR", "EcoRegistry", "S&P", "Verra")),
    *((registry, "cad-trust") for registry in ("ICR", "EcoRegistry", "S&P", "Nordic Peat 3.1")),
]
WHOLE = [pair for pair in EACH if pair[1] != "icr"]
WIDE = ("verra", "cad-trust")
"""Formats for the books of any registry."""

T = 1_000_000


def lived(registry: Registry, world: World) -> None:
    """Live some of a credit's life: two projects, four batches, all that whole tonnes can do."""
    forest = registry.register_project('=Forest, "old"', "CO", "AR-ACM0003", "Dev")
    stoves = registry.register_project("+Stoves", "PE", "AMS-II.G", "Dev")
    spring = registry.verify(forest, "2023-01-01/2023-06-30", 1_000, "Verifier", "spring")
    first = registry.issue(forest, 2023, 1_000, "Dev", spring)
    world.advance(days=3)
    other = registry.issue(stoves, 2024, 500, "Dev")
    later = registry.issue(forest, 2024, 300, "-Dev & Co")
    registry.transfer(first, "400.5", "Dev", "Acme")
    lock = registry.lock(first, 100, "Acme", "offered for sale")
    registry.retire(first, 50, "Acme", "-Acme, Inc.", "voluntary", "@year; travel")
    world.advance(days=1)
    registry.retire(first, 70, "Acme", "Acme", "CORSIA", period=2024)
    registry.release(lock, 40)
    registry.cancel(first, 30, "Dev", "a loss")
    registry.transfer(first, "220.5", "Acme", "Dev")
    # Neither what is left of what came back nor the rest holds it alone: it takes two pieces.
    registry.retire(first, 785, "Dev", '"Acme"', "Colombian carbon tax", subject="Acme")
    registry.retire(later, 300, "-Dev & Co", "N/A", "a use of its own")
    registry.lock(other, 7, "Dev", "stays")
    autumn = registry.verify(forest, "2023-07-01/2023-12-31", 90, "Verifier", "autumn")
    registry.issue(forest, 2023, 90, "Dev", autumn, scope=first.scope)


def issued(registry: Registry, tonnes: int | str = 1_000) -> Batch:
    forest = registry.register_project("Forest", "CO", "AR-ACM0003", "Dev")
    return registry.issue(forest, 2023, tonnes, "Dev")


def rows(exported: Exported, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported.files[name].decode())))


@pytest.mark.parametrize(("name", "format"), EACH)
def test_export_is_read_back_with_the_same_digest_and_no_finding(
    name: str, format: str, tmp_path: Path
) -> None:
    with World.open(engine="model") as world:
        lived(world.registry(name), world)
        assert any(len(line.intervals) > 1 for line in world.books[name].lines)
        exported = export_book(world, name, format)
        assert export_book(world, name, format) == exported
    read_back(exported, tmp_path / "out")


@pytest.mark.parametrize(("name", "format"), EACH)
def test_export_of_a_book_without_lines_is_read_back(
    name: str, format: str, tmp_path: Path
) -> None:
    with World.open(engine="model") as world:
        world.registry(name)
        read_back(export_book(world, name, format), tmp_path / "out")


def unsayable(lines: Sequence[Line], format: str) -> set[str]:
    """Say what of a book a format has no words for, as the refusals begin."""
    kinds = {line.kind for line in lines}
    passing = {LineKind.LOCK, LineKind.RELEASE, LineKind.TRANSFER}
    bounds = [
        bound
        for line in lines
        if line.kind not in passing
        for interval in line.intervals
        for bound in interval
    ]
    found = set()
    if LineKind.IMPORT in kinds:
        found.add("expected credits of its own")
    if format != "icr" and any(bound % T for bound in bounds):
        found.add("expected whole tonnes")
    if format in ("verra", "ecoregistry") and LineKind.EXPORT in kinds:
        found.add("expected no credits at other registries")
    return found


def own_g(lines: Sequence[Line]) -> int:
    return sum(line.amount_g for line in lines if line.kind is LineKind.ISSUANCE)


def told_g(exported: Exported, reading: Reading, lines: Sequence[Line]) -> int:
    """Add up what an export says was issued, and what of that it names as left out."""
    own = {line.batch for line in lines if line.kind is LineKind.ISSUANCE}
    left_g = sum(left.amount_g for left in exported.left_out if left.batch in own)
    return left_g + int(sum(reading.tables["issuances"]["amount_g"].to_pylist()))


PILOT = [
    *(("ICR", "icr"), ("EcoRegistry", "ecoregistry"), ("S&P", "verra")),
    *((registry, "cad-trust") for registry in ("ICR", "EcoRegistry", "S&P", "Verra-like")),
    *((registry, "verra") for registry in ("ICR", "EcoRegistry", "Verra-like")),
]


@pytest.mark.parametrize(
    ("seed", "pairs"), list(enumerate((PILOT[:3], PILOT[3:7], PILOT[7:]))), ids=range(3)
)
def test_export_of_the_pilot_is_read_back_with_what_it_leaves_out_named(
    seed: int, pairs: list[tuple[str, str]], tmp_path: Path
) -> None:
    with World.open(engine="model", seed=seed) as world:
        Pilot(world).run(with_faults=False)
        for name, format in pairs:
            lines = world.books[name].lines
            reasons = unsayable(lines, format)
            try:
                exported = export_book(world, name, format)
            except ExportError as refusal:
                assert any(refusal.expected.startswith(reason) for reason in reasons)
                assert refusal.expected.endswith("; or leave out what it cannot say")
                exported = export_book(world, name, format, leave_out=True)
                assert exported.left_out
            else:
                assert reasons <= {"expected no credits at other registries"}
                assert exported.left_out == ()
            reading = read_back(exported, tmp_path / name / format)
            if format != "icr":
                assert told_g(exported, reading, lines) == own_g(lines)


def test_export_of_a_kept_world_is_the_same_on_any_engine_and_later(tmp_path: Path) -> None:
    names = ("ACR", "Gold Standard", '=Größe, "2"')
    found = []
    for engine in ("auto", "model"):
        folder = tmp_path / engine
        with World.open(folder, engine=engine) as world:
            for name in names:
                lived(world.registry(name), world)
        with World.open(folder, read_only=True) as world:
            found.append([export_book(world, *pair) for pair in product(names, WIDE)])
    assert found[0] == found[1]
    for number, exported in enumerate(found[0]):
        read_back(exported, tmp_path / str(number))


def test_two_exports_of_one_world_are_read_together(tmp_path: Path) -> None:
    with World.open(engine="model") as world:
        for name in ("ICR", "EcoRegistry", "S&P"):
            lived(world.registry(name), world)
        for name, format in EACH:
            if name in world.books and format != "verra":
                written(export_book(world, name, format), tmp_path / format / name)
    reading = read_paths([tmp_path])
    assert not reading.quarantined
    # EcoRegistry's retirements stand in two publications, and projects of one name in three.
    assert {finding.code for finding in audit(reading.tables)} <= {"DC-8", "DI-5"}


# What each format says.


def test_export_to_verra_splits_blocks_of_one_counter() -> None:
    with World.open(engine="model") as world:
        registry = world.registry("Verra")
        first = issued(registry)
        world.advance(days=2)
        registry.retire(first, 100, "Dev", "Acme", "voluntary", "travel")
        stoves = registry.register_project("Stoves", "PE", "AMS-II.G", "Dev")
        registry.issue(stoves, 2024, 50, "Dev")
        found = rows(export_book(world, "Verra", "verra"), "transactions.csv")
    assert [
        (row["Serial Number"], row["Quantity Issued"], row["Total Vintage Quantity"])
        for row in found
    ] == [
        ("1-1-100-VCS-VCU-0-VER-CO-14-1-01012023-31122023-0", "100", "1,000"),
        ("1-101-1000-VCS-VCU-0-VER-CO-14-1-01012023-31122023-0", "900", "1,000"),
        ("2-1001-1050-VCS-VCU-0-VER-PE-14-2-01012024-31122024-0", "50", "50"),
    ]
    retired = found[0]
    assert retired["Issuance Date"] == "2025-07-01"
    assert retired["Retirement/Cancellation Date"] == "2025-07-03"
    assert retired["Retirement Beneficiary"] == "Acme"
    assert (retired["Retirement Reason"], retired["Retirement Details"]) == ("voluntary", "travel")
    assert (retired["Name"], retired["Country/Area"]) == ("Forest", "Colombia")
    assert [row["Retirement/Cancellation Date"] for row in found[1:]] == ["", ""]


def test_export_to_verra_numbers_credits_alike_after_later_issuances() -> None:
    with World.open(engine="model") as world:
        registry = world.registry("Nordic")
        forest = registry.register_project("Forest", "IS", "AR-ACM0003", "Dev")
        for vintage, period in ((2023, "2023-01-01/2023-06-30"), (2024, "2024-01-01/2024-12-31")):
            statement = registry.verify(forest, period, 10, "Verifier", period)
            registry.issue(forest, vintage, 10, "Dev", statement)
        before = rows(export_book(world, "Nordic", "verra"), "transactions.csv")
        statement = registry.verify(forest, "2023-07-01/2023-12-31", 5, "Verifier", "late")
        registry.issue(forest, 2023, 5, "Dev", statement)
        after = rows(export_book(world, "Nordic", "verra"), "transactions.csv")
    serials = [row["Serial Number"] for row in after]
    assert serials[:2] == [row["Serial Number"] for row in before]
    assert serials[2].startswith("3-21-25-VCS-")


def test_export_to_ecoregistry_names_units_from_the_scopes_base() -> None:
    with World.open(engine="model") as world:
        registry = world.registry("EcoRegistry")
        forest = registry.register_project("Forest", "CO", "AR-ACM0003", "Dev")
        oldest = registry.issue(forest, 2023, 10, "Dev", scope="CDC_1_1_1_321_14_1")
        registry.retire(oldest, 4, "Dev", "Acme", "Colombian carbon tax", subject="Acme")
        registry.cancel(oldest, 1, "Dev", "a loss")
        exported = export_book(world, "EcoRegistry", "ecoregistry")
    (one,) = rows(exported, "issuances.csv")
    assert (one["serial"], one["issued_quantity"], one["is_buffer"]) == (
        *("CDC_1_1_1_321_14_1", "10"),
        "False",
    )
    assert [
        (row["from"], row["to"], row["quantity"], row["certificate_destination"], row["end_user"])
        for row in rows(exported, "retirements.csv")
    ] == [("0", "3", "4", "Colombian carbon tax", "Acme"), ("4", "4", "1", "Cancelled", "")]


def test_export_to_icr_counts_fractions_and_leaves_locks_to_their_holders() -> None:
    with World.open(engine="model") as world:
        registry = world.registry("ICR")
        batch = issued(registry, "10.000001")
        registry.transfer(batch, "0.5", "Dev", "Acme")
        registry.lock(batch, 2, "Dev", "offered")
        registry.retire(batch, "0.25", "Acme", "Acme", "voluntary")
        registry.cancel(batch, 1, "Dev", "a loss")
        found = rows(export_book(world, "ICR", "icr"), "holders.csv")
        addresses = world.addresses()
    assert [
        (row["accountAddress"], row["balance"], row["tokenId"], row["assetType"], row["supply"])
        for row in found
    ] == [
        (addresses["Dev"], f"{8_500_001:d}{'0' * 12}", "1", "exPost", f"{8_750_001}{'0' * 12}"),
        (addresses["Acme"], f"25{'0' * 16}", "1", "exPost", f"{8_750_001}{'0' * 12}"),
        (addresses["Acme"], *(f"25{'0' * 16}", "2", "retirementCertificate", f"25{'0' * 16}")),
    ]
    assert {row["serialization"] for row in found} == {batch.scope}


def test_export_to_cad_trust_tells_statuses_and_an_only_holder() -> None:
    with World.open(engine="model") as world:
        registry = world.registry("S&P")
        batch = issued(registry, 10)
        registry.lock(batch, 2, "Dev", "offered")
        registry.retire(batch, 3, "Dev", "Acme", "voluntary", "travel")
        registry.cancel(batch, 1, "Dev", "a loss")
        exported = export_book(world, "S&P", "cad-trust")
    said = ("serialNumberBlock", "unitCount", "unitStatus", "unitStatusReason", "unitOwner")
    head, tail = "WCC-WCU-CO-1-01012023-31122023", "MER-0-P"
    assert [tuple(row[name] for name in said) for row in rows(exported, "units.csv")] == [
        (f"{head}-1-2-{tail}", "2", "Held", "", "Dev"),
        (f"{head}-7-10-{tail}", "4", "Held", "", "Dev"),
        (f"{head}-3-5-{tail}", "3", "Retired", "voluntary for Acme; travel", "Dev"),
        (f"{head}-6-6-{tail}", "1", "Cancelled", "Cancelled", "Dev"),
    ]
    (project,) = rows(exported, "projects.csv")
    assert (project["originProjectId"], project["registryOfOrigin"]) == ("1", "S&P")


# What a format cannot say.


@pytest.mark.parametrize(("name", "format"), WHOLE)
def test_export_refuses_fractions_of_a_tonne(name: str, format: str) -> None:
    with World.open(engine="model") as world:
        registry = world.registry(name)
        batch = issued(registry)
        registry.retire(batch, "0.5", "Dev", "Acme", "voluntary")
        with pytest.raises(ExportError, match="expected whole tonnes") as caught:
            export_book(world, name, format)
    assert caught.value.registry == name
    assert caught.value.batch == batch.batch
    assert caught.value.serials == describe(batch.scope, [Interval(0, 500_000)])


@pytest.mark.parametrize(("name", "format"), [("S&P", "icr"), ("ICR", "ecoregistry")])
def test_export_refuses_serials_of_another_registry(name: str, format: str) -> None:
    with World.open(engine="model") as world:
        issued(world.registry(name))
        with pytest.raises(ExportError, match=r"expected serials of .*, as its format has no"):
            export_book(world, name, format)


def test_export_refuses_a_book_and_a_format_that_are_not_there() -> None:
    with World.open(engine="model") as world:
        world.registry("ICR")
        with pytest.raises(ExportError, match=r"expected the book of a registry .*: ICR"):
            export_book(world, "ICR ", "icr")
        with pytest.raises(IdentifierError, match=", ".join(FORMATS)):
            export_book(world, "ICR", "ICR")


# What is left out where the format cannot say it.


@pytest.mark.parametrize(("name", "format"), EACH)
def test_export_leaves_out_nothing_that_the_format_can_say(name: str, format: str) -> None:
    with World.open(engine="model") as world:
        lived(world.registry(name), world)
        exported = export_book(world, name, format)
        assert export_book(world, name, format, leave_out=True) == exported
    assert exported.left_out == ()


def visited(world: World) -> tuple[Batch, Batch]:
    """Let EcoRegistry have 100 t of ICR's, retired in part, and ICR 200 t of EcoRegistry's."""
    eco, icr = world.registry("EcoRegistry"), world.registry("ICR")
    ours, theirs = issued(eco), issued(icr)
    moved = world.transfer_between(theirs, 100, "Dev", "Acme", eco, "atomic")
    world.transfer_between(ours, 200, "Dev", "Acme", icr, "atomic")
    eco.retire(moved.batches[0], 30, "Acme", "Acme", "voluntary")
    return ours, moved.batches[0]


@pytest.mark.parametrize(
    ("name", "format", "what"),
    [
        ("EcoRegistry", "ecoregistry", "EcoRegistry's export has its own only"),
        ("EcoRegistry", "verra", "Verra's list has its own only"),
        ("EcoRegistry", "cad-trust", "its registry tells CAD Trust of those it issued"),
        ("ICR", "icr", "ICR's list has its own only"),
    ],
)
def test_export_refuses_credits_of_others_in_one_way_or_leaves_them_out(
    name: str, format: str, what: str, tmp_path: Path
) -> None:
    with World.open(engine="model") as world:
        visited(world)
        with pytest.raises(ExportError) as caught:
            export_book(world, name, format)
        exported = export_book(world, name, format, leave_out=True)
    expected = f"expected credits of its own, as {what}; or leave out what it cannot say"
    assert caught.value.expected == expected
    home, serials, amount = {
        "EcoRegistry": ("ICR", "ICR-COL-57-1-14-A-0-2023 1-100", 100),
        "ICR": ("EcoRegistry", "CDC_1_1_1_321_14_XX_XA_CO_1_1_2023 from 1 to 200", 200),
    }[name]
    left = exported.left_out[0]
    assert (left.batch, left.serials, left.tonnes) == (1, (serials,), amount)
    assert left.why == f"imported from {home}; {what}"
    reading = read_back(exported, tmp_path / "out")
    # What was retired here of the other's is not said, either.
    kinds = reading.tables["dispositions"]["kind"].to_pylist()
    assert kinds == (["export"] if format == "cad-trust" else [])


def test_export_leaves_out_what_is_abroad_unless_the_format_has_a_word_for_it(
    tmp_path: Path,
) -> None:
    with World.open(engine="model") as world:
        ours, _ = visited(world)
        found = {
            format: export_book(world, "EcoRegistry", format, leave_out=True)
            for format in ("ecoregistry", "verra", "cad-trust")
        }
    for format, exported in found.items():
        read_back(exported, tmp_path / format)
    (issuance,) = rows(found["ecoregistry"], "issuances.csv")
    assert issuance["serial"] == f"{ours.scope} from 201 to 1000"
    (row,) = rows(found["verra"], "transactions.csv")
    assert (row["Serial Number"][:11], row["Total Vintage Quantity"]) == ("1-201-1000-", "1,000")
    statuses = [
        (row["unitCount"], row["unitStatus"]) for row in rows(found["cad-trust"], "units.csv")
    ]
    assert statuses == [("800", "Held"), ("200", "Exported")]
    for format, what in (("ecoregistry", "EcoRegistry's export"), ("verra", "Verra's list")):
        _, left = found[format].left_out
        assert (left.batch, left.tonnes, left.serials) == (
            *(ours.batch, 200),
            (f"{ours.scope} from 1 to 200",),
        )
        assert left.why == f"exported to ICR; {what} knows no export"
    assert len(found["cad-trust"].left_out) == 1


@pytest.mark.parametrize("format", ["ecoregistry", "verra", "cad-trust"])
def test_export_leaves_out_divided_tonnes_on_both_sides_of_the_division(
    format: str, tmp_path: Path
) -> None:
    with World.open(engine="model") as world:
        registry = world.registry("EcoRegistry")
        batch = issued(registry, "9.5")
        registry.retire(batch, "2.25", "Dev", "Acme", "voluntary")
        registry.retire(batch, "0.75", "Dev", "Acme", "voluntary")
        registry.cancel(batch, 1, "Dev", "a loss")
        exported = export_book(world, "EcoRegistry", format, leave_out=True)
        lines = world.books["EcoRegistry"].lines
    (left,) = exported.left_out
    assert left.serials == (f"{batch.scope} from 3 to 3", f"{batch.scope} 0.5 t of 10")
    assert str(left.tonnes) == "1.5"
    assert left.why.startswith("divided, not in whole tonnes as ")
    reading = read_back(exported, tmp_path / "out")
    assert told_g(exported, reading, lines) == own_g(lines) == 9_500_000
    # Units 1 and 2 are retired, unit 4 is cancelled; of the third unit nothing is said.
    gone = reading.tables["dispositions"].select(["start_g", "end_g"]).to_pylist()
    assert [(row["start_g"] // T, row["end_g"] // T) for row in gone] == [(0, 2), (3, 4)]


def test_export_leaves_out_expected_credits(tmp_path: Path) -> None:
    with World.open(engine="model") as world:
        registry = world.registry("S&P")
        forest = registry.register_project("Forest", "GB", "AR-ACM0003", "Dev")
        expected = registry.issue_ex_ante(forest, 2024, 10, "Dev")
        registry.convert(expected, 4)
        for format in WIDE:
            with pytest.raises(ExportError, match="expected verified credits, as"):
                export_book(world, "S&P", format)
            exported = export_book(world, "S&P", format, leave_out=True)
            (left,) = exported.left_out
            assert (left.batch, left.tonnes) == (expected.batch, 10)
            assert left.why.startswith("expected credits; ")
            reading = read_back(exported, tmp_path / format)
            assert reading.tables["issuances"]["amount_g"].to_pylist() == [4 * T]


def test_export_to_verra_numbers_credits_alike_whatever_is_left_out() -> None:
    with World.open(engine="model") as world:
        registry, icr = world.registry("S&P"), world.registry("ICR")
        first, second = issued(registry, 100), issued(registry, 50)
        before = rows(export_book(world, "S&P", "verra"), "transactions.csv")
        world.transfer_between(first, "99.5", "Dev", "Acme", icr, "atomic")
        exported = export_book(world, "S&P", "verra", leave_out=True)
    assert [left.tonnes for left in exported.left_out] == [1, 99]
    assert rows(exported, "transactions.csv") == before[1:]
    assert before[1]["Serial Number"].startswith("2-101-150-") and second.amount_g == 50 * T


# Books that are wrong: the export says what the book says.


def phantom(batch: Batch, kind: LineKind, number: int, interval: Interval) -> Line:
    return Line(
        number=number,
        at_s=1_760_000_000,
        kind=kind,
        batch=batch.batch if kind is not LineKind.ISSUANCE else batch_id(1, 2),
        amount_g=interval.amount_g,
        account="Dev",
        scope=batch.scope,
        intervals=(interval,),
        project=1,
        vintage=2023,
    )


@pytest.mark.parametrize(("name", "format"), WHOLE)
@pytest.mark.parametrize(
    ("kind", "code"), [(LineKind.RETIREMENT, "DU-1"), (LineKind.ISSUANCE, "DI-2")]
)
def test_export_says_what_a_wrong_book_says(
    name: str, format: str, kind: LineKind, code: str, tmp_path: Path
) -> None:
    with World.open(engine="model") as world:
        registry = world.registry(name)
        batch = issued(registry)
        registry.retire(batch, 100, "Dev", "Acme", "voluntary")
        book = world.books[name]
        book.append(phantom(batch, kind, book.next_number, Interval(40 * T, 60 * T)))
        exported = export_book(world, name, format)
    reading = read_paths([written(exported, tmp_path / "out")])
    assert digest(reading.tables) == exported.digest
    found = {finding.code: finding.amount_g for finding in audit(reading.tables)}
    assert found[code] == 20 * T


def test_export_of_late_books_says_what_was_written(tmp_path: Path) -> None:
    with World.open(engine="model") as world:
        registry = world.registry("EcoRegistry")
        batch = issued(registry)
        world.books["EcoRegistry"].hold()
        registry.retire(batch, 100, "Dev", "Acme", "voluntary")
        exported = export_book(world, "EcoRegistry", "ecoregistry")
        assert rows(exported, "retirements.csv") == []
        read_back(exported, tmp_path / "out")


@pytest.mark.parametrize("format", ["verra", "ecoregistry", "cad-trust"])
def test_export_refuses_a_line_without_serials(format: str) -> None:
    with World.open(engine="model") as world:
        registry = world.registry("EcoRegistry")
        batch = issued(registry)
        book = world.books["EcoRegistry"]
        line = phantom(batch, LineKind.RETIREMENT, book.next_number, Interval(0, T))
        book.append(line.model_copy(update={"intervals": ()}))
        with pytest.raises(ExportError, match="expected the serials of every retirement"):
            export_book(world, "EcoRegistry", format)


@pytest.mark.parametrize("format", ["verra", "ecoregistry"])
def test_export_of_what_a_wrong_book_has_as_exported_and_retired_says_retired(
    format: str, tmp_path: Path
) -> None:
    with World.open(engine="model") as world:
        ours, _ = visited(world)
        book = world.books["EcoRegistry"]
        book.append(phantom(ours, LineKind.RETIREMENT, book.next_number, Interval(0, 60 * T)))
        exported = export_book(world, "EcoRegistry", format, leave_out=True)
    reading = read_paths([written(exported, tmp_path / "out")])
    assert digest(reading.tables) == exported.digest
    assert reading.tables["dispositions"]["amount_g"].to_pylist() == [60 * T]


def test_export_refuses_an_amount_that_is_not_its_divided_serials() -> None:
    with World.open(engine="model") as world:
        registry = world.registry("EcoRegistry")
        batch = issued(registry)
        book = world.books["EcoRegistry"]
        line = phantom(batch, LineKind.RETIREMENT, book.next_number, Interval(0, T + 1))
        book.append(line.model_copy(update={"amount_g": T}))
        with pytest.raises(ExportError, match="expected an amount for each of a line's blocks"):
            export_book(world, "EcoRegistry", "ecoregistry", leave_out=True)
