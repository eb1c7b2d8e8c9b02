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
from registry.feeds.reading import read_paths
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
        expected = "the issuance of every batch" if format == "icr" else "credits of its own"
        found.add(f"expected {expected}")
    if format != "icr" and any(bound % T for bound in bounds):
        found.add("expected whole tonnes")
    if format in ("verra", "ecoregistry") and LineKind.EXPORT in kinds:
        found.add("expected no credits at other registries")
    return found


@pytest.mark.parametrize("seed", range(3))
def test_export_of_the_pilot_is_read_back_where_the_format_can_say_it(
    seed: int, tmp_path: Path
) -> None:
    with World.open(engine="model", seed=seed) as world:
        Pilot(world).run(with_faults=False)
        for name, format in (("ICR", "icr"), *WHOLE):
            if name in world.books:
                reasons = unsayable(world.books[name].lines, format)
                try:
                    exported = export_book(world, name, format)
                except ExportError as refusal:
                    assert any(refusal.expected.startswith(reason) for reason in reasons)
                else:
                    assert reasons <= {"expected no credits at other registries"}
                    read_back(exported, tmp_path / name / format)


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
