"""`reconcile`, on kept worlds that are level and on such that are not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from registry.books.lines import LineKind
from registry.world import World
from tests import kept
from tests.chain import CHAIN
from tests.e2e.command import run
from tests.kept import change, contents


@pytest.fixture(scope="module")
def led(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kept.led(tmp_path_factory.mktemp("led") / "world", CHAIN)


@pytest.fixture
def folder(led: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(led, tmp_path / "world"))


def without_retirement(folder: Path) -> tuple[int, int]:
    """Let ICR's operator forget a retirement; return the block and entry that say otherwise."""
    with World.open(folder) as world:
        book = world.books["ICR"]
        book.rewrite(line for line in book.lines if line.kind is not LineKind.RETIREMENT)
        world.settle()
        for block in world.ledger.blocks(1):
            for entry in block.entries:
                if (entry.registry, entry.kind) == ("ICR", "retired"):
                    return block.number, entry.seq
    raise AssertionError("there was no retirement")


def test_reconcile_says_that_nothing_differs(folder: Path) -> None:
    before = contents(folder)
    ran = run("reconcile", str(folder))
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines[0] == "Contracts, mirror and books"
    assert (
        ran.lines[-1] == "0 differences, 0 findings; the mirror's entries are equal to the chain's."
    )
    body = run("reconcile", str(folder), "--json").body
    compared = ["ranges", "differences", "findings", "mirror_equal", "mirror_block", "head"]
    assert [*body] == ["schema", *compared, "fine"]
    assert (body["differences"], body["findings"]) == ([], [])
    assert body["mirror_equal"] and body["fine"]
    (whole,) = body["ranges"]
    assert (whole["first"], whole["batches"], whole["differences"]) == (1, 2, 0)
    assert contents(folder) == before


@pytest.mark.parametrize("length", [1, 7, 1_000])
def test_reconcile_takes_the_length_of_ranges(folder: Path, length: int) -> None:
    ranges = run("reconcile", str(folder), "--range", str(length), "--json").body["ranges"]
    head = ranges[-1]["last"]
    assert [(each["first"], each["last"]) for each in ranges] == [
        (first, min(first + length - 1, head)) for first in range(1, head + 1, length)
    ]


@pytest.mark.parametrize("length", ["0", "-3", "many"])
def test_reconcile_refuses_what_is_no_length(folder: Path, length: str) -> None:
    ran = run("reconcile", str(folder), f"--range={length}")
    assert ran.code == 2
    assert ran.err.startswith("error: ") and ran.err.count("\n") == 1


def test_reconcile_names_where_they_part(folder: Path) -> None:
    block, seq = without_retirement(folder)
    ran = run("reconcile", str(folder))
    assert (ran.code, ran.err) == (1, "")
    rows = [line.split() for line in ran.lines if line.startswith("ICR")]
    assert [row[2] for row in rows if len(row) > 7][:2] == ["active", "retired"]
    assert any(line.endswith(f"{block}  entry {seq}") for line in ran.lines)
    assert "BR-3" in ran.out
    assert ran.lines[-1].startswith("2 differences, 1 findings; the mirror's entries are equal")
    body = run("reconcile", str(folder), "--json").body
    assert not body["fine"] and body["mirror_equal"]
    first, second = body["differences"]
    assert [*first] == [
        "registry",
        "batch",
        "total",
        "block",
        "at_s",
        "entry",
        "line",
        "contract_g",
        "entries_g",
        "book_g",
    ]
    assert (first["registry"], first["total"], first["block"]) == ("ICR", "active_g", block)
    assert (second["entry"], second["line"]) == (seq, None)
    assert second["contract_g"] == second["entries_g"] == 280_000
    assert second["book_g"] == 0
    assert isinstance(first["batch"], str)
    assert [finding["code"] for finding in body["findings"]] == ["BR-3"]


def test_reconcile_prints_what_adds_up_to_less_than_nothing(folder: Path) -> None:
    change(
        folder / "mirror.sqlite",
        "DELETE FROM entries WHERE kind = 'issued' AND registry = 'ICR'",
    )
    ran = run("reconcile", str(folder))
    assert ran.code == 1
    assert "the mirror's entries are unlike the chain's" in " ".join(ran.out.split())
    body = run("reconcile", str(folder), "--json").body
    issued = body["differences"][0]
    assert (issued["total"], issued["entries_g"]) == ("issued_g", 0)
    assert [finding["code"] for finding in body["findings"]] == ["MR-1"]


def test_reconcile_says_that_a_book_is_not_due(folder: Path) -> None:
    with World.open(folder) as world:
        eco = world.registry("EcoRegistry")
        world.books["EcoRegistry"].hold()
        project = world.index.projects["EcoRegistry", 4][0]
        eco.issue(project, 2021, 7, "Acme")
    assert run("reconcile", str(folder)).code == 0
    # The mirror lacks what the book may lack still: two sides are left to tell apart.
    change(
        folder / "mirror.sqlite",
        "DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries WHERE kind = 'issued')",
    )
    ran = run("reconcile", str(folder))
    assert ran.code == 1 and "not due" in ran.out
    differences = run("reconcile", str(folder), "--json").body["differences"]
    assert {each["book_g"] for each in differences} == {None}


def test_reconcile_says_when_the_mirror_is_not_there(folder: Path) -> None:
    (folder / "mirror.sqlite").unlink()
    ran = run("reconcile", str(folder))
    assert ran.code == 2 and ran.err.count("\n") == 1
    assert "mirror.sqlite" in ran.err and "books rebuild" in ran.err
    assert run("books", "rebuild", str(folder)).code == 0
    assert run("reconcile", str(folder)).code == 0
