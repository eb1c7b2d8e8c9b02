"""Real exports with one thing made wrong at many places: exactly what that implies is found."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from registry.records.finding import Finding
from registry.serials.grammar import parse
from tests.published import KINDS, Kind, Row, judged, real_data, save

PLACES = 6
Found = Counter[tuple[str, str, str]]

EACH = pytest.mark.parametrize("name", KINDS)
SEEDS = pytest.mark.parametrize("seed", range(2))


def counted(findings: Iterable[Finding]) -> Found:
    # A repeated disclosure is disclosed again, which is not what is tested here.
    return Counter(
        (finding.code, finding.level.value, finding.tonnes)
        for finding in findings
        if finding.code != "DC-3"
    )


@cache
def baseline(name: str) -> Found:
    return counted(judged(real_data() / KINDS[name].path)[1])


def difference(name: str, rows: list[Row], path: Path) -> tuple[Found, int]:
    """Return what is found beyond the file as it is, and how many rows are quarantined."""
    reading, findings = judged(save(path, rows))
    after, before = counted(findings), baseline(name)
    assert not before - after
    (file,) = reading.files
    assert file.rows == len(rows) == file.parsed + file.quarantined
    return after - before, file.quarantined


def chosen(kind: Kind, seed: int, *, least: int = 1) -> tuple[list[Row], list[int]]:
    """Return the rows, and places among them whose blocks have at least so many serials."""
    rows = kind.rows()
    wide = [at for at, row in enumerate(rows) if span(kind, row) >= least]
    return rows, random.Random(seed).sample(wide, min(PLACES, len(wide)))


def span(kind: Kind, row: Row) -> int:
    first, last = kind.bounds(row)
    return last - first + 1


def twice(kind: Kind, row: Row, level: str, tonnes: int, issued: str = "DI-1") -> Found:
    codes = {"DI": issued, "DU": "DU-1"}
    return Counter((codes[code], level, str(tonnes)) for code in kind.codes(row))


@SEEDS
@EACH
def test_a_repeated_row_is_a_strong_duplicate(name: str, seed: int, tmp_path: Path) -> None:
    kind = KINDS[name]
    rows, places = chosen(kind, seed)
    expected: Found = Counter()
    for at in places:
        expected += twice(kind, rows[at], "strong", span(kind, rows[at]))
    found, quarantined = difference(name, rows + [rows[at] for at in places], tmp_path / "x.csv")
    assert (found, quarantined) == (expected, 0)


@SEEDS
@EACH
def test_a_row_repeated_with_one_column_changed_is_certain(
    name: str, seed: int, tmp_path: Path
) -> None:
    kind = KINDS[name]
    rows, places = chosen(kind, seed)
    expected: Found = Counter()
    for at in places:
        expected += twice(kind, rows[at], "certain", span(kind, rows[at]))
    more = [{**rows[at], kind.free: rows[at][kind.free] + " changed"} for at in places]
    assert difference(name, rows + more, tmp_path / "x.csv") == (expected, 0)


@SEEDS
@EACH
def test_an_end_shifted_by_one_is_a_span_unlike_its_quantity(
    name: str, seed: int, tmp_path: Path
) -> None:
    kind = KINDS[name]
    rows, places = chosen(kind, seed)
    taken = {(scope_of(kind, row), serial) for row in rows for serial in [kind.bounds(row)[0]]}
    expected: Found = Counter()
    for at in places:
        first, last = kind.bounds(rows[at])
        expected[("SP-1", "certain", "1")] += 1
        if (scope_of(kind, rows[at]), last + 1) in taken:
            neighbour = next(
                row for row in rows
                if scope_of(kind, row) == scope_of(kind, rows[at])
                and kind.bounds(row)[0] == last + 1
            )  # fmt: skip
            codes = kind.codes(rows[at]) & kind.codes(neighbour)
            is_equal = first == last + 1
            assert not is_equal
            expected += Counter(
                ({"DI": "DI-2", "DU": "DU-1"}[code], "certain", "1") for code in codes
            )
        rows[at] = kind.written(rows[at], first, last + 1)
    assert difference(name, rows, tmp_path / "x.csv") == (expected, 0)


def scope_of(kind: Kind, row: Row) -> str:
    return parse(row[kind.serial]).scope


@SEEDS
@EACH
def test_a_block_split_again_with_an_overlap_is_found(name: str, seed: int, tmp_path: Path) -> None:
    kind = KINDS[name]
    rows, places = chosen(kind, seed, least=3)
    expected: Found = Counter()
    for at in places:
        row = rows[at]
        first, last = kind.bounds(row)
        middle = (first + last) // 2
        front = kind.with_quantity(kind.written(row, first, middle), middle - first + 1)
        back = kind.with_quantity(kind.written(row, middle, last), last - middle + 1)
        expected += twice(kind, row, "certain", 1, issued="DI-2")
        rows[at] = front
        rows.append(back)
    found, quarantined = difference(name, rows, tmp_path / "x.csv")
    # Two issued parts of one vintage are more than was verified for it, by the shared tonne, where
    # nothing else of the vintage was left over.
    assert {key: n for key, n in found.items() if key[0] != "DI-3"} == expected
    assert quarantined == 0


@SEEDS
@EACH
def test_a_block_split_cleanly_is_lawful(name: str, seed: int, tmp_path: Path) -> None:
    kind = KINDS[name]
    rows, places = chosen(kind, seed, least=2)
    for at in places:
        row = rows[at]
        first, last = kind.bounds(row)
        middle = (first + last) // 2
        rows[at] = kind.with_quantity(kind.written(row, first, middle), middle - first + 1)
        rows.append(kind.with_quantity(kind.written(row, middle + 1, last), last - middle))
    assert difference(name, rows, tmp_path / "x.csv") == (Counter(), 0)


@EACH
def test_a_row_of_another_registry_is_quarantined(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    rows = kind.rows()
    for number, (other_name, other) in enumerate(KINDS.items()):
        if other_name.split()[0] != name.split()[0]:
            alien = other.rows()[number]
            rows.append({**rows[0], kind.serial: alien[other.serial]})
    moved = len(rows) - len(kind.rows())
    assert moved >= 5
    assert difference(name, rows, tmp_path / "x.csv") == (Counter(), moved)


@SEEDS
@EACH
def test_case_and_padding_in_place_change_nothing(name: str, seed: int, tmp_path: Path) -> None:
    kind = KINDS[name]
    rows, places = chosen(kind, seed)
    for at in places:
        rows[at] = respelled(kind, rows[at])
    assert difference(name, rows, tmp_path / "x.csv") == (Counter(), 0)


@SEEDS
@EACH
def test_a_row_repeated_in_another_spelling_is_the_same_block(
    name: str, seed: int, tmp_path: Path
) -> None:
    kind = KINDS[name]
    rows, places = chosen(kind, seed)
    expected: Found = Counter()
    for at in places:
        expected += twice(kind, rows[at], "certain", span(kind, rows[at]), issued="DI-7")
    more = [respelled(kind, rows[at]) for at in places]
    assert difference(name, rows + more, tmp_path / "x.csv") == (expected, 0)


def respelled(kind: Kind, row: Row) -> Row:
    if kind.serial == "serial":
        return {**row, "serial": f" {row['serial'].lower()} "}
    first, last = kind.bounds(row)
    padded = kind.written(row, first, last)[kind.serial]
    return {**row, kind.serial: f" {padded.lower()} "}


@SEEDS
@EACH
def test_an_end_before_its_beginning_is_quarantined(name: str, seed: int, tmp_path: Path) -> None:
    kind = KINDS[name]
    rows, places = chosen(kind, seed, least=2)
    for at in places:
        first, last = kind.bounds(rows[at])
        rows[at] = kind.written(rows[at], last, first)
    reading, findings = judged(save(tmp_path / "x.csv", rows))
    assert reading.files[0].quarantined == len(places)
    assert not counted(findings) - baseline(name)


@EACH
def test_bounds_padded_with_zeros_are_the_same_bounds(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    if kind.serial == "serial":
        pytest.skip("its bounds are columns of plain numbers")
    rows = kind.rows()
    first, last = map(str, kind.bounds(rows[0]))
    text = rows[0][kind.serial]
    padded = text.replace(f"-{first}-{last}", f"-00{first}-0{last}").replace(
        f"-{first} to {last}", f"-00{first} to 0{last}"
    )
    assert padded != text
    rows.append({**rows[0], kind.serial: padded})
    expected = twice(kind, rows[0], "certain", span(kind, rows[0]), issued="DI-7")
    assert difference(name, rows, tmp_path / "x.csv") == (expected, 0)
