"""What can be said of a world's folder without opening its ledger."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from registry.errors import InputError, SchemaMismatch, StoreDamaged, StoreError, StoreMissing
from registry.kept.inspection import show, verify_folder
from registry.world import World
from tests import kept
from tests.kept import change, contents


@pytest.fixture(scope="module")
def led(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kept.led(tmp_path_factory.mktemp("led") / "world", "model")


@pytest.fixture
def folder(led: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(led, tmp_path / "world"))


def test_show_reads_what_the_world_wrote(folder: Path) -> None:
    before = contents(folder)
    shown = show(folder)
    assert contents(folder) == before
    with World.open(folder, read_only=True) as world:
        assert shown.settings[:2] == (world.seed, world.engine)
        assert shown.cursor == world.mirror.cursor()
        assert [book.registry for book in shown.books] == sorted(world.books)
        for book in shown.books:
            other = world.books[book.registry]
            assert (book.lines, book.accounts) == (other.lines, other.accounts)
            assert (book.certificates, book.documents) == (other.certificates, other.documents)
            assert (book.heard, book.is_held, book.lag_s) == (other.heard, False, other.lag_s)


def test_show_reads_one_book_only(folder: Path) -> None:
    assert [book.registry for book in show(folder, registry="ICR").books] == ["ICR"]
    with pytest.raises(InputError, match="'Nobody'"):
        show(folder, registry="Nobody")


def test_show_lets_go_of_the_folder(folder: Path) -> None:
    show(folder)
    with pytest.raises(InputError):
        show(folder, registry="Nobody")
    World.open(folder).close()
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("store", "statement", "refused", "said"),
    [
        (
            "books/ICR.sqlite",
            "UPDATE lines SET intervals = '[[1' WHERE number = 1",
            StoreDamaged,
            "row 1 of Line cannot be read",
        ),
        (
            "books/ICR.sqlite",
            "DELETE FROM about WHERE name = 'lag_s'",
            StoreDamaged,
            "it does not say 'lag_s'",
        ),
        (
            "mirror.sqlite",
            "UPDATE about SET value = '99' WHERE name = 'schema'",
            SchemaMismatch,
            "use a newer version",
        ),
    ],
)
def test_show_needs_mirror_and_books_that_can_be_read(
    folder: Path, store: str, statement: str, refused: type[StoreError], said: str
) -> None:
    change(folder / store, statement)
    with pytest.raises(refused, match=said):
        show(folder)


def test_show_says_how_to_make_a_missing_mirror(folder: Path) -> None:
    (folder / "mirror.sqlite").unlink()
    with pytest.raises(StoreMissing, match=r"\(books rebuild\)"):
        show(folder)


def test_verify_folder_counts_rows_as_it_goes(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    checked = verify_folder(folder, progress=lambda done, of: told.append((done, of)))
    rows = sum(sum(each.rows.values()) for each in checked)
    assert told[-1] == (rows, rows)
    assert told == sorted(told)
    assert not any(each.problems for each in checked)


def test_verify_folder_gives_seals_that_say_whether_anything_changed(folder: Path) -> None:
    before = {each.store: each.seals for each in verify_folder(folder)}
    assert {each.store: each.seals for each in verify_folder(folder)} == before
    with World.open(folder) as world:
        world.account("Newcomer")
    after = {each.store: each.seals for each in verify_folder(folder)}
    changed = {
        (Path(store).name, table)
        for store, seals in before.items()
        for table, seal in seals.items()
        if after[store][table] != seal
    }
    assert changed == {
        ("chain.sqlite", "journal"),
        ("mirror.sqlite", "blocks"),
        ("mirror.sqlite", "entries"),
        ("ICR.sqlite", "accounts"),
        ("EcoRegistry.sqlite", "accounts"),
    }


def test_verify_folder_says_what_it_cannot_use_and_goes_on(folder: Path) -> None:
    (folder / "books" / "ICR.sqlite").write_text("mine")
    (folder / "mirror.sqlite").unlink()
    found = {Path(each.store).name: each for each in verify_folder(folder)}
    assert not found["chain.sqlite"].problems and not found["EcoRegistry.sqlite"].problems
    for name in ("ICR.sqlite", "mirror.sqlite"):
        (problem,) = found[name].problems
        assert (Path(problem.store).name, problem.table, problem.row) == (name, "", None)
        assert found[name].rows == {}


def test_verify_folder_names_a_registry_without_a_book(folder: Path) -> None:
    books = folder / "books"
    shutil.copy(books / "EcoRegistry.sqlite", books / "ICR.sqlite")
    problems = [problem for each in verify_folder(folder) for problem in each.problems]
    assert [problem.what for problem in problems] == ["there is no book of ICR"]
