"""`books show`, `books verify`, `books rebuild` and `demo --keep`, on folders in every state."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rich.console import Console

from registry.books import tables
from registry.ledger.interface import Totals
from registry.world import World
from tests import kept
from tests.e2e.command import ROOT, Ran, run
from tests.kept import change, contents

STORES = {
    "chain.sqlite": tables.CHAIN,
    "mirror.sqlite": tables.MIRROR,
    "books/ICR.sqlite": tables.BOOK,
    "books/EcoRegistry.sqlite": tables.BOOK,
}
COMMANDS = {
    "show": ("books", "show"),
    "verify": ("books", "verify"),
    "rebuild": ("books", "rebuild"),
    "reconcile": ("reconcile",),
}


@pytest.fixture(scope="module")
def led(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kept.led(tmp_path_factory.mktemp("led") / "world", "model")


@pytest.fixture
def folder(led: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(led, tmp_path / "world"))


def problems(ran: Ran) -> list[tuple[str, str, int | None, str]]:
    """Say which stores (by file), tables and rows are not as written, and what is wrong."""
    return [
        (Path(each["store"]).name, each["table"], each["row"], each["what"])
        for store in ran.body["stores"]
        for each in store["problems"]
    ]


def is_one_line(ran: Ran) -> bool:
    return ran.err.startswith("error: ") and ran.err.count("\n") == 1 and ran.out == ""


# What they say of a world that is as it was written.


def test_show_says_what_the_books_hold(folder: Path) -> None:
    before = contents(folder)
    ran = run("books", "show", str(folder))
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines[0] == f"World of seed {kept.SEED}, engine model."
    assert ran.lines[1] == "Mirror: 35 entries, up to block 35."
    assert any(line.split()[:3] == ["EcoRegistry", "8", "7"] for line in ran.lines)
    head = next(at for at, line in enumerate(ran.lines) if line.startswith("Totals")) + 1
    names = [name.removesuffix("_g") for name in Totals.model_fields]
    assert ran.lines[head].split() == ["registry", "batch", *names]
    for line in ran.lines[head + 1 :]:
        issued, *parts = map(float, line.split()[2:])
        assert issued == sum(parts)
    body = run("books", "show", str(folder), "--json").body
    assert [*body] == ["schema", "world", "mirror", "books"]
    assert body["world"] == {
        "seed": kept.SEED,
        "engine": "model",
        "start_s": 1_751_328_000,
        "database": "sqlite",
    }
    assert [book["registry"] for book in body["books"]] == ["EcoRegistry", "ICR"]
    eco, icr = body["books"]
    assert (eco["lag_s"], eco["lines"], icr["certificates"]) == (kept.LAG_S, 8, 1)
    assert icr["documents"] == 2 and icr["heard"] == 35 and not icr["held"]
    assert icr["batches"][0]["issued_g"] == 199_000_000
    assert icr["batches"][0]["locked_g"] == 3_500_000
    assert contents(folder) == before


def test_show_says_all_lines_of_one_book(folder: Path) -> None:
    ran = run("books", "show", str(folder), "--registry", "ICR")
    assert ran.code == 0
    assert "Book of ICR" in ran.out and "EcoRegistry" not in ran.out
    assert "Acme to Borealis" in ran.out and "ICR-ISL-354-1-14-A-0-2024" in ran.out
    (book,) = run("books", "show", str(folder), "--registry", "ICR", "--json").body["books"]
    assert [line["number"] for line in book["written"]] == list(range(1, 9))
    assert book["written"][0]["amount_g"] == 199_000_000


def test_show_refuses_a_registry_without_a_book(folder: Path) -> None:
    ran = run("books", "show", str(folder), "--registry", "Nobody")
    assert ran.code == 2 and is_one_line(ran)
    assert "'Nobody'" in ran.err


def test_verify_says_that_all_is_as_written(folder: Path) -> None:
    before = contents(folder)
    ran = run("books", "verify", str(folder))
    assert (ran.code, ran.err) == (0, "")
    assert "4 stores" in ran.lines[-1] and ran.lines[-1].endswith("all as written.")
    body = run("books", "verify", str(folder), "--json").body
    assert [*body] == ["schema", "stores", "problems"]
    assert [(each["kind"], each["registry"]) for each in body["stores"]] == [
        ("chain", ""),
        ("mirror", ""),
        ("book", "EcoRegistry"),
        ("book", "ICR"),
    ]
    for each in body["stores"]:
        for table in each["tables"]:
            assert [*table] == ["table", "rows", "seal"]
            assert table["seal"][:16] in ran.out
    assert (body["problems"], contents(folder)) == (0, before)


def test_rebuild_makes_the_same_mirror(folder: Path) -> None:
    with World.open(folder, read_only=True) as world:
        digest = world.mirror.digest()
    ran = run("books", "rebuild", str(folder))
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines == ["Mirror made again: 35 entries, up to block 35.", f"Digest {digest}"]
    body = run("books", "rebuild", str(folder), "--json").body
    assert body == {"schema": 1, "blocks": 35, "entries": 35, "digest": digest}
    assert run("books", "verify", str(folder)).code == 0
    assert not list(folder.glob("*.aside"))


# Where there is no world.


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("place", ["nowhere", "file", "empty", "other"])
def test_commands_refuse_what_is_no_world(
    tmp_path: Path, place: str, command: str, as_json: bool
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes").write_text("mine")
    before = contents(tmp_path)
    path = tmp_path / place
    ran = run(*COMMANDS[command], str(path), *(["--json"] if as_json else []))
    assert ran.code == 2
    if as_json:
        assert [*ran.body] == ["error"] and str(path) in ran.body["error"]["message"]
        assert ran.err == ""
    else:
        assert is_one_line(ran) and str(path) in ran.err
    assert contents(tmp_path) == before
    assert {each.name for each in tmp_path.iterdir()} == {"file", "empty", "other"}
    assert not list((tmp_path / "empty").iterdir())


# Every cell of every table.

CELLS = [
    (store, table.name, column.name)
    for store, metadata in STORES.items()
    if store != "books/EcoRegistry.sqlite"
    for table in metadata.tables.values()
    for column in table.c
    if table.name != "about"
]


def another(column: sa.Column[Any]) -> str:
    """Say in SQL another value of a column's type than the one that is there."""
    if isinstance(column.type, sa.Text):
        return f"coalesce(\"{column.name}\", '') || 'x'"
    if isinstance(column.type, sa.LargeBinary):
        return "x'00'"
    return f'coalesce("{column.name}", 0) + 1'


def last_row(store: Path, table: sa.Table) -> Any:
    key = table.info.get("key", "rowid")
    connection = sqlite3.connect(store)
    found = connection.execute(f"SELECT rowid, {key} FROM {table.name} ORDER BY rowid").fetchall()
    connection.close()
    return found[-1]


@pytest.mark.parametrize(("store", "name", "column"), CELLS)
def test_verify_names_the_cell_that_was_changed(
    folder: Path, store: str, name: str, column: str
) -> None:
    table = STORES[store].tables[name]
    rowid, key = last_row(folder / store, table)
    new = another(table.c[column])
    where = f'UPDATE {name} SET "{column}" = {new} WHERE rowid = {rowid}'
    assert change(folder / store, where) == 1
    ran = run("books", "verify", str(folder), "--json")
    found = problems(ran)
    assert ran.code == 1
    assert {each[0] for each in found} == {Path(store).name}
    if name == "heads":
        assert found and found[0][1] in {"", *STORES[store].tables}
    elif column == table.info.get("key"):
        assert (found[0][1], found[0][2]) == (name, key + 1)
    else:
        assert (found[0][1], found[0][2]) == (name, key if "key" in table.info else 1)
    assert ran.body["problems"] == len(found)


AMOUNTS = [
    (store, table.name, column.name)
    for store, metadata in STORES.items()
    for table in metadata.tables.values()
    for column in table.c
    if column.name == "amount_g"
]


@pytest.mark.parametrize(("store", "name", "column"), AMOUNTS)
def test_verify_says_where_an_amount_was_changed(
    folder: Path, store: str, name: str, column: str
) -> None:
    connection = sqlite3.connect(folder / store)
    key = STORES[store].tables[name].info["key"]
    query = f"SELECT {key} FROM {name} WHERE {column} IS NOT NULL ORDER BY {key}"
    row = connection.execute(query).fetchall()[0][0]
    connection.close()
    change(folder / store, f"UPDATE {name} SET {column} = {column} - 1 WHERE {key} = {row}")
    ran = run("books", "verify", str(folder))
    assert (ran.code, ran.err) == (1, "")
    said = " ".join(ran.out.replace("\n", " ").split())
    assert f"table {name}, row {row}: the row or the one before it was changed" in said
    assert Path(store).name in said and said.endswith("problems: 1.")


@pytest.mark.parametrize("store", STORES)
def test_verify_notices_whatever_is_said_about_a_store(
    led: Path, tmp_path: Path, store: str
) -> None:
    connection = sqlite3.connect(led / store)
    names = [name for (name,) in connection.execute("SELECT name FROM about")]
    connection.close()
    assert {"schema", "kind", "world", "registry"} <= {*names}
    for name in names:
        for at, what in enumerate(("value = value || '1'", "name = name || '1'")):
            folder = Path(shutil.copytree(led, tmp_path / f"{name}-{at}"))
            change(folder / store, f"UPDATE about SET {what} WHERE name = '{name}'")
            ran = run("books", "verify", str(folder), "--json")
            assert ran.code == 1, (name, what, ran)
            assert Path(store).name in {each[0] for each in problems(ran)}
            for command in ("show", "reconcile"):
                ran = run(*COMMANDS[command], str(folder))
                assert ran.code == 0 or (ran.code == 2 and is_one_line(ran)), (name, what, ran)


def test_verify_notices_that_the_chain_speaks_of_a_server(folder: Path) -> None:
    change(folder / "chain.sqlite", "UPDATE about SET value = 'postgresql' WHERE name = 'database'")
    ran = run("books", "verify", str(folder))
    assert ran.code == 1 and "what it is about was changed" in " ".join(ran.out.split())


ROWS: dict[str, tuple[Callable[[str, str], str], Callable[[int], int]]] = {
    "deleted at the end": (
        lambda table, key: f"DELETE FROM {table} WHERE {key} = (SELECT max({key}) FROM {table})",
        lambda last: last,
    ),
    "deleted at the start": (
        lambda table, key: f"DELETE FROM {table} WHERE {key} = 1",
        lambda last: 2,
    ),
    "all deleted": (lambda table, key: f"DELETE FROM {table}", lambda last: last),
}


@pytest.mark.parametrize("what", ROWS)
@pytest.mark.parametrize(
    ("store", "name"),
    [
        (store, table.name)
        for store, metadata in STORES.items()
        for table in tables.sealed_tables(metadata)
        if store != "books/EcoRegistry.sqlite"
    ],
)
def test_verify_names_the_table_whose_rows_are_not_all_there(
    folder: Path, store: str, name: str, what: str
) -> None:
    table = STORES[store].tables[name]
    _, last = last_row(folder / store, table)
    statement, expected = ROWS[what]
    assert change(folder / store, statement(name, table.info["key"])) > 0
    ran = run("books", "verify", str(folder), "--json")
    assert ran.code == 1
    found = [each for each in problems(ran) if each[1] == name]
    row = last if last == 1 else expected(last)
    assert (found[0][0], found[0][2]) == (Path(store).name, row)


def test_verify_names_a_row_that_was_put_in(folder: Path) -> None:
    columns = [column.name for column in tables.lines.c]
    copied = ", ".join(f'"{name}"' for name in columns if name != "number")
    names = f"number, {copied}"
    change(
        folder / "books" / "ICR.sqlite",
        f"INSERT INTO lines ({names}) SELECT 9, {copied} FROM lines WHERE number = 3",
    )
    ran = run("books", "verify", str(folder), "--json")
    assert ran.code == 1
    assert [each[:3] for each in problems(ran)] == [
        ("ICR.sqlite", "lines", 9),
        ("ICR.sqlite", "lines", 8),
    ]


def test_verify_notices_what_a_book_without_a_standing_has_forgotten(folder: Path) -> None:
    change(folder / "books" / "ICR.sqlite", "DELETE FROM standing")
    ran = run("books", "verify", str(folder), "--json")
    assert [each[:3] for each in problems(ran)] == [("ICR.sqlite", "standing", 1)]


def test_verify_notices_a_standing_of_a_book_without_lines(tmp_path: Path) -> None:
    with World.open(tmp_path, engine="model") as world:
        world.registry("ICR")
        world.account("Acme")
    change(tmp_path / "books" / "ICR.sqlite", "DELETE FROM standing")
    assert run("books", "verify", str(tmp_path)).code == 1


def test_verify_notices_that_nothing_protects_rows_any_more(folder: Path) -> None:
    connection = sqlite3.connect(folder / "books" / "ICR.sqlite")
    connection.execute("DROP TRIGGER lines_update")
    connection.commit()
    connection.close()
    ran = run("books", "verify", str(folder), "--json")
    assert ran.code == 1
    assert [each[:3] for each in problems(ran)] == [("ICR.sqlite", "lines", None)]


# Files.


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5_000])


def as_text(path: Path) -> None:
    path.write_text("Dear auditor,\n" * 50)


def gone(path: Path) -> None:
    path.unlink()


def newer(path: Path) -> None:
    change(path, "UPDATE about SET value = '3' WHERE name = 'schema'")


def scribbled(path: Path) -> None:
    pages = path.read_bytes()
    middle = len(pages) // 8_192 * 4_096
    path.write_bytes(pages[:middle] + b"\xa5" * 4_096 + pages[middle + 4_096 :])


FILES = {"cut off": cut_off, "text": as_text, "gone": gone, "newer": newer, "scribbled": scribbled}


@pytest.mark.parametrize("damage", FILES)
@pytest.mark.parametrize("store", STORES)
def test_commands_name_the_file_that_is_damaged(folder: Path, store: str, damage: str) -> None:
    FILES[damage](folder / store)
    before = contents(folder)
    verified = run("books", "verify", str(folder), "--json")
    if (store, damage) == ("chain.sqlite", "gone"):
        assert verified.code == 2
    else:
        assert verified.code == 1
        if (store, damage) == ("books/ICR.sqlite", "gone"):
            assert problems(verified)[0][3] == "there is no book of ICR"
        elif (store, damage) == ("books/EcoRegistry.sqlite", "gone"):
            assert problems(verified)[0][3] == "there is no book of EcoRegistry"
        else:
            assert {each[0] for each in problems(verified)} == {Path(store).name}
    for command in ("show", "reconcile"):
        ran = run(*COMMANDS[command], str(folder))
        if (store, command) == ("chain.sqlite", "show") or ran.code != 2:
            continue  # The rest of it can be shown still.
        assert is_one_line(ran), ran
        assert Path(store).name in ran.err
    assert contents(folder) == before


@pytest.mark.parametrize("store", STORES)
def test_commands_refuse_a_file_of_another_world(folder: Path, tmp_path: Path, store: str) -> None:
    with World.open(tmp_path / "other", seed=1, engine="model", start=kept.START) as world:
        kept.lead(world)
    shutil.copy(tmp_path / "other" / store, folder / store)
    ran = run("reconcile", str(folder))
    assert ran.code == 2 and is_one_line(ran)
    assert "its world is" in ran.err and "check that the folder is the right one" in ran.err
    assert run("books", "verify", str(folder)).code == 1


MIRRORS: dict[str, str] = {
    "an entry changed": "UPDATE entries SET amount_g = 1 WHERE seq = 10",
    "an entry lost": "DELETE FROM entries WHERE seq = 20",
    "all entries lost": "DELETE FROM entries",
    "all blocks lost": "DELETE FROM blocks",
    "a block before the first": "INSERT INTO blocks SELECT 0, hash, parent, at_s, entries, seal"
    " FROM blocks WHERE number = 1",
    "cursor lost": "DELETE FROM cursor",
    "cursor elsewhere": "UPDATE cursor SET block = 3",
    "two cursors": "INSERT INTO cursor SELECT 2, block, hash, seq, tx_hash, log_index FROM cursor",
    "ends unknown": "DELETE FROM heads",
    "rows can go": "UPDATE heads SET cut = 0",
    "nothing about it": "DELETE FROM about",
    "no such table": "DROP TABLE cursor",
    "column gone": "ALTER TABLE entries DROP COLUMN gas_used",
}


def repaired(folder: Path) -> None:
    """Let the damage be found, the mirror be made again, and all be well."""
    assert run("books", "verify", str(folder)).code == 1
    ran = run("books", "rebuild", str(folder))
    assert (ran.code, ran.err) == (0, "")
    verified = run("books", "verify", str(folder), "--json")
    assert (verified.code, problems(verified)) == (0, [])
    assert run("reconcile", str(folder)).code == 0


@pytest.mark.parametrize("damage", MIRRORS)
def test_rebuild_repairs_a_mirror(folder: Path, damage: str) -> None:
    change(folder / "mirror.sqlite", MIRRORS[damage])
    repaired(folder)


@pytest.mark.parametrize("damage", FILES)
def test_rebuild_puts_aside_what_is_no_mirror_of_ours(folder: Path, damage: str) -> None:
    mirror = folder / "mirror.sqlite"
    for number in (1, 2):
        FILES[damage](mirror)
        damaged = mirror.read_bytes() if mirror.exists() else None
        repaired(folder)
        aside = folder / f"mirror-{number}.sqlite.aside"
        assert (aside.read_bytes() if aside.exists() else None) == damaged


@pytest.mark.parametrize("page", range(2, 12))
def test_rebuild_repairs_a_mirror_with_a_page_of_rubbish(folder: Path, page: int) -> None:
    mirror = folder / "mirror.sqlite"
    pages = mirror.read_bytes()
    at = page * 4_096
    mirror.write_bytes(pages[:at] + b"\xa5" * 4_096 + pages[at + 4_096 :])
    repaired(folder)


def test_rebuild_cannot_make_a_book_again(folder: Path) -> None:
    (folder / "books" / "ICR.sqlite").unlink()
    ran = run("books", "rebuild", str(folder))
    assert ran.code == 2 and is_one_line(ran) and "ICR.sqlite" in ran.err
    assert not (folder / "books" / "ICR.sqlite").exists()


# Others at work, bars, servers.

HOLDER = """
import sys
from registry.world import World
with World.open(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held(folder: Path) -> Iterator[Path]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "open\n"
        yield folder
        other.communicate("")


def test_a_world_that_another_process_has_open_can_be_looked_at_only(held: Path) -> None:
    for command in ("show", "verify", "reconcile"):
        assert run(*COMMANDS[command], str(held)).code == 0
    ran = run("books", "rebuild", str(held))
    assert ran.code == 2 and is_one_line(ran)
    assert "another process has this world open; close it there" in ran.err


@pytest.mark.parametrize("command", ["verify", "rebuild", "reconcile"])
def test_bars_are_for_people_only(
    folder: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Console, "is_terminal", property(lambda self: True))
    ran = run(*COMMANDS[command], str(folder), "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.body["schema"] == 1
    shown = run(*COMMANDS[command], str(folder))
    assert shown.code == 0
    assert ("rows" if command == "verify" else "blocks") in shown.err


@pytest.mark.parametrize("named", ["option", "environment"])
def test_commands_work_on_books_in_a_server(
    tmp_path: Path, database_url: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with World.open(
        tmp_path, seed=kept.SEED, engine="model", start=kept.START, database=database_url
    ) as world:
        kept.lead(world)
        digest = world.mirror.digest()
    for command in COMMANDS.values():
        ran = run(*command, str(tmp_path))
        assert ran.code == 2 and is_one_line(ran) and "--database" in ran.err
    if named == "option":
        options = ["--database", database_url]
    else:
        options = []
        from tests.e2e import command as runner

        monkeypatch.setitem(runner.PLAIN, "CARBON_REGISTRY_DATABASE", database_url)
    shown = run("books", "show", str(tmp_path), *options, "--json")
    assert shown.code == 0, shown
    assert [book["lines"] for book in shown.body["books"]] == [8, 8]
    assert run("books", "verify", str(tmp_path), *options, "--json").body["problems"] == 0
    assert run("books", "rebuild", str(tmp_path), *options, "--json").body["digest"] == digest
    assert run("reconcile", str(tmp_path), *options, "--json").body["fine"]
    engine = sa.create_engine(database_url.replace("postgresql:", "postgresql+psycopg:", 1))
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE book_icr.lines DISABLE TRIGGER lines_update")
        connection.exec_driver_sql("UPDATE book_icr.lines SET amount_g = 5 WHERE number = 3")
        connection.exec_driver_sql("ALTER TABLE book_icr.lines ENABLE TRIGGER lines_update")
        connection.exec_driver_sql("DROP TABLE mirror.cursor")
    verified = run("books", "verify", str(tmp_path), *options, "--json")
    assert verified.code == 1
    assert ("lines", 3) in [each[1:3] for each in problems(verified)]
    assert run("books", "rebuild", str(tmp_path), *options).code == 0
    after = run("books", "verify", str(tmp_path), *options, "--json")
    assert [each[1:3] for each in problems(after)] == [("lines", 3)]
    with engine.connect() as connection:
        assert "mirror_aside_1" in sa.inspect(connection).get_schema_names()
    engine.dispose()
    assert run("reconcile", str(tmp_path), *options).code == 1


# demo --keep.


def test_demo_keeps_its_world(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    ran = run("demo", "--keep", str(path), "--engine", "model", "--seed", "5", "--json")
    plain = run("demo", "--engine", "model", "--seed", "5", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.body["run_hash"] == plain.body["run_hash"]
    shown = run("books", "show", str(path), "--json").body
    names = [book["registry"] for book in shown["books"]]
    assert names == ["EcoRegistry", "ICR", "S&P", "Verra-like"]
    assert run("books", "verify", str(path)).code == 0
    # Faults were planted in its books.
    assert run("reconcile", str(path)).code == 1
    with World.open(path, seed=5, engine="model") as world:
        assert world.run_hash("pilot") == ran.body["run_hash"]


@pytest.mark.parametrize("place", ["world", "file", "full"])
def test_demo_keeps_no_world_where_something_is(folder: Path, place: str) -> None:
    path = {"world": folder, "file": folder.parent / "file", "full": folder.parent / "full"}[place]
    (folder.parent / "file").write_text("mine")
    (folder.parent / "full").mkdir()
    (folder.parent / "full" / "notes").write_text("mine")
    before = contents(folder.parent)
    ran = run("demo", "--keep", str(path), "--engine", "model")
    assert ran.code == 2 and is_one_line(ran) and str(path) in ran.err
    assert contents(folder.parent) == before
