"""Worlds whose credits cross between registries, audited: nothing in clean ones, each fault in its
code."""

from __future__ import annotations

import pytest

from registry.books.book import Book
from registry.books.lines import Line, LineKind
from registry.reconcile import reconcile
from registry.world import World


def travelled() -> World:
    """A world with a round trip, a use abroad, and credits locked at home and mirrored."""
    world = World.open(seed=3, engine="model")
    eco, icr = world.registry("EcoRegistry"), world.registry("ICR")
    project = eco.register_project("Andes", "CO", "AMS-II.G", developer="Dev")
    batch = eco.issue(project, vintage=2024, tonnes=1_000, to="Acme")
    (there,) = world.transfer_between(batch, 400, "Acme", "Bob", "ICR", "relayed").batches
    icr.transfer(there, 100, "Bob", "Cedar")
    icr.retire(there, 50, "Bob", "X Corp", "voluntary")
    world.transfer_between(there, 100, "Bob", "Acme", "EcoRegistry", "relayed")
    world.transfer_between(batch, 30, "Acme", "Bob", "ICR", "atomic")
    world.transfer_between(batch, 200, "Acme", "Bob", "ICR", "immobilise-and-mirror")
    return world


def line_of(book: Book, kind: LineKind, nth: int = 0) -> Line:
    return [line for line in book.lines if line.kind is kind][nth]


def codes(world: World) -> list[str]:
    return [finding.code for finding in world.audit()]


def test_crossings_without_faults_are_clean_and_reconciled() -> None:
    with travelled() as world:
        assert world.audit() == ()
        assert reconcile(world).is_fine


@pytest.mark.parametrize(
    ("registry", "kind", "expected"),
    [
        ("EcoRegistry", LineKind.ISSUANCE, ["BR-1"]),
        ("EcoRegistry", LineKind.RETURN, ["MR-1"]),
        ("EcoRegistry", LineKind.LOCK, ["BR-9"]),
        ("ICR", LineKind.IMPORT, ["BR-1"]),
        ("ICR", LineKind.RETIREMENT, ["BR-3"]),
        ("ICR", LineKind.EXPORT, ["MR-1"]),
        # The book gives credits back that it never gave away.
        ("EcoRegistry", LineKind.EXPORT, ["CN-1", "MR-1"]),
    ],
)
def test_a_line_that_is_missing_is_found(
    registry: str, kind: LineKind, expected: list[str]
) -> None:
    with travelled() as world:
        book = world.books[registry]
        gone = line_of(book, kind)
        book.rewrite([line for line in book.lines if line is not gone])
        assert codes(world) == expected


@pytest.mark.parametrize(
    ("registry", "kind"), [("EcoRegistry", LineKind.EXPORT), ("ICR", LineKind.EXPORT)]
)
def test_a_line_written_twice_is_found(registry: str, kind: LineKind) -> None:
    with travelled() as world:
        book = world.books[registry]
        again = line_of(book, kind)
        book.append(again.model_copy(update={"number": book.next_number}))
        assert codes(world) == ["MR-2"]


def test_a_lock_that_the_home_s_book_releases_under_its_mirror_is_found() -> None:
    with travelled() as world:
        book = world.books["EcoRegistry"]
        lock = line_of(book, LineKind.LOCK, -1)
        said = {"number": book.next_number, "kind": LineKind.RELEASE, "entry": None}
        book.append(lock.model_copy(update={**said, "at_s": world.now_s}))
        (finding,) = world.audit()
        assert (finding.code, finding.level.value) == ("BR-1", "certain")
        assert finding.registries == ("EcoRegistry", "ICR")
        assert finding.amount_g == 200_000_000


def test_a_book_that_is_held_is_late_and_not_wrong() -> None:
    with World.open(seed=3, engine="model") as world:
        eco = world.registry("EcoRegistry", lag_s=86_400)
        world.registry("ICR", lag_s=86_400)
        project = eco.register_project("Andes", "CO", "AMS-II.G", developer="Dev")
        batch = eco.issue(project, vintage=2024, tonnes=1_000, to="Acme")
        eco.hold_book()
        (there,) = world.transfer_between(batch, 400, "Acme", "Bob", "ICR", "relayed").batches
        world.registry("ICR").hold_book()
        world.transfer_between(there, 400, "Bob", "Acme", "EcoRegistry", "relayed")
        assert world.audit() == ()
        world.advance(days=2)
        assert set(codes(world)) == {"MR-1"}


@pytest.mark.parametrize(
    ("protocol", "code", "level"),
    [("cancel-and-reissue", "DI-6", "timed"), ("retire-and-reissue", "DU-2", "certain")],
)
def test_what_is_issued_anew_is_found_where_the_old_was_not_gone_or_was_used(
    protocol: str, code: str, level: str
) -> None:
    with World.open(seed=3, engine="model") as world:
        eco = world.registry("EcoRegistry")
        world.registry("ICR")
        project = eco.register_project("Andes", "CO", "AMS-II.G", developer="Dev")
        batch = eco.issue(project, vintage=2024, tonnes=1_000, to="Acme")
        for _ in range(2):
            world.transfer_between(batch, 400, "Acme", "Bob", "ICR", protocol)
        found = [finding for finding in world.audit() if finding.code != "DI-5"]
        assert [(finding.code, finding.level.value) for finding in found] == [(code, level)] * 2


@pytest.mark.parametrize(("is_converted", "amounts_g"), [(True, []), (False, [350_000_000] * 2)])
def test_expected_credits_are_found_beside_the_verified_ones_that_replace_them(
    is_converted: bool, amounts_g: list[int]
) -> None:
    with World.open(seed=3, engine="model") as world:
        icr = world.registry("ICR")
        project = icr.register_project("Highland", "IS", "AR-ACM0003", developer="Dev")
        expected = icr.issue_ex_ante(project, vintage=2024, tonnes=500, to="Acme")
        if is_converted:
            icr.convert(expected, 350, keep_rest=True)
        else:
            icr.issue(project, vintage=2024, tonnes=350, to="Acme")
        found = world.audit()
        assert {finding.code for finding in found} <= {"DI-8"}
        assert [finding.amount_g for finding in found] == amounts_g
