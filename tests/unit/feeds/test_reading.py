"""Files and folders, whatever is in them; what a format makes of a record has tests of its own."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from registry.errors import FeedError, IdentifierError
from registry.feeds.reading import FileRead, Reading, Skipped, read_paths

HEADER = (
    "Issuance Date,Vintage Start,Vintage End,ID,Total Vintage Quantity,Quantity Issued,"
    "Serial Number,Retirement/Cancellation Date"
)


def verra(first: int, last: int, *, quantity: str | None = None, retired: str = "") -> str:
    serial = f"88-{first}-{last}-VCS-VCU-262-VER-BR-14-9001-01012023-31122023-0"
    quantity = quantity or str(last - first + 1)
    return f'2025-01-15,2023-01-01,2023-12-31,9001,"2,000",{quantity},{serial},{retired}'


def write(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def read(*paths: Path, **options: str) -> Reading:
    return read_paths(paths, **options)  # type: ignore[arg-type]


def test_read_counts_each_record_once(tmp_path: Path) -> None:
    path = write(tmp_path / "v.csv", verra(1, 10), verra(11, 20, quantity="ten"), verra(21, 30))
    found = read(path)
    assert found.files == (FileRead(str(path), "verra-transactions", 3, 2, 1, 0),)
    ((where, row, column, reason),) = found.quarantined
    assert (where, row, column) == (str(path), 2, "Quantity Issued")
    assert reason == "expected a whole number in plain digits, got 'ten'"
    assert found.tables["issuances"].column("record").to_pylist() == ["row 1", "row 3"]
    assert found.tables["sources"].num_rows == 1


def test_read_quarantines_a_record_with_other_cells_than_the_header(tmp_path: Path) -> None:
    found = read(write(tmp_path / "v.csv", verra(1, 10) + ",more", verra(11, 20)))
    assert found.quarantined[0].reason == "expected 8 cells as in the header, got 9"
    assert found.files[0].parsed == 1


def test_read_says_the_same_whatever_the_order_of_paths(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{name}.csv", verra(n, n)) for n, name in enumerate("cab", 1)]
    one, other = read(*paths), read(*random.Random(1).sample(paths, 3))
    assert one == other
    assert [Path(file.path).name for file in one.files] == ["a.csv", "b.csv", "c.csv"]


def test_read_searches_folders_inside_and_skips_what_is_no_export(tmp_path: Path) -> None:
    export = write(tmp_path / "deep" / "er" / "v.csv", verra(1, 10))
    (tmp_path / "readme.txt").write_text("hello, you")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "all.zip").write_bytes(b"PK\x03\x04" + bytes(20))
    (tmp_path / ".hidden.csv").write_text(HEADER)
    found = read(tmp_path)
    assert [file.path for file in found.files] == [str(export)]
    assert found.skipped == (
        Skipped(str(tmp_path / "all.zip"), "it is a zip archive"),
        Skipped(str(tmp_path / "empty.csv"), "it is empty"),
        Skipped(str(tmp_path / "readme.txt"), "its header is of no known format"),
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"PK\x03\x04" + bytes(30), "it is a zip archive"),
        (b"\x1f\x8b" + bytes(30), "it is a gzip archive"),
        (b"hello, you\n1,2\n", "its header is of no known format"),
        ("a,b\n".encode("utf-16"), "expected UTF-8 text, this is UTF-16"),
        (b"a\xff,b\n", "expected UTF-8 text"),
        (b"a,b\rc,d\r", "found a carriage return inside"),
    ],
)
def test_read_refuses_a_named_file_that_is_no_export(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(FeedError) as refused:
        read(path)
    assert refused.value.path == str(path)
    assert reason in str(refused.value)


def test_read_refuses_a_folder_without_any_export(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("hello")
    with pytest.raises(FeedError, match="expected at least one export"):
        read(tmp_path)


def test_read_refuses_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="expected a file or folder"):
        read(tmp_path / "nowhere")
    with pytest.raises(FeedError, match=r"expected a (file|path)"):
        read(Path("nul\0l"))


def test_read_refuses_a_header_that_lacks_a_column_even_in_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_text(HEADER.replace(",Retirement/Cancellation Date", "") + "\n")
    for given in (path, tmp_path):
        with pytest.raises(FeedError) as refused:
            read(given)
        assert refused.value.column == "Retirement/Cancellation Date"


def test_read_refuses_a_header_with_a_column_twice(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_text(HEADER + ",Serial number\n")
    with pytest.raises(FeedError) as refused:
        read(path)
    assert (refused.value.column, refused.value.expected) == (
        "Serial number", "expected this column once"
    )  # fmt: skip


def test_read_refuses_another_registrys_file_under_a_named_format(tmp_path: Path) -> None:
    path = write(tmp_path / "v.csv", verra(1, 10))
    with pytest.raises(FeedError) as refused:
        read(path, format="acr-cancellations")
    assert refused.value.path == str(path)
    assert "the header lacks it" in refused.value.expected


def test_read_refuses_a_format_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(IdentifierError, match="expected one of auto, verra-transactions"):
        read(write(tmp_path / "v.csv"), format="verra")


@pytest.mark.parametrize("column", ["Serial Number", "Quantity Issued"])
def test_read_says_which_column_a_header_lacks_of_the_format_it_is_near(
    tmp_path: Path, column: str
) -> None:
    path = tmp_path / "v.csv"
    path.write_text(HEADER.replace(column, "Something") + "\n")
    with pytest.raises(FeedError, match=f"lacks the column {column} of verra-transactions"):
        read(path)
    write(tmp_path / "w.csv", verra(1, 10))
    assert f"lacks the column {column}" in read(tmp_path).skipped[0].reason


def test_read_with_a_named_format_skips_what_is_no_export_in_a_folder(tmp_path: Path) -> None:
    write(tmp_path / "v.csv", verra(1, 10))
    (tmp_path / "all.zip").write_bytes(b"PK\x03\x04" + bytes(20))
    (tmp_path / "readme.txt").write_text("hello, you")
    found = read(tmp_path, format="verra-transactions")
    assert len(found.files) == 1
    assert [skipped.reason for skipped in found.skipped] == [
        "it is a zip archive",
        "its header is not that of verra-transactions",
    ]


def test_read_with_a_named_format_refuses_another_registrys_file_in_a_folder(
    tmp_path: Path,
) -> None:
    write(tmp_path / "v.csv", verra(1, 10))
    with pytest.raises(FeedError, match="Credit Serial Numbers: expected this column"):
        read(tmp_path, format="acr-cancellations")


def test_read_calls_a_file_the_same_whichever_of_its_paths_comes_first(tmp_path: Path) -> None:
    write(tmp_path / "a" / "v.csv", verra(1, 10))
    there, again = tmp_path / "a", tmp_path / "a" / ".." / "a"
    assert read(there, again) == read(again, there)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_read_says_which_links_and_pipes_in_a_folder_it_does_not_read(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", verra(1, 10))
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "gone.csv").symlink_to("nowhere")
    (tmp_path / "linked").symlink_to(tmp_path)
    found = read(tmp_path)
    assert len(found.files) == 1
    assert found.skipped == (
        Skipped(str(tmp_path / "gone.csv"), "it is no file to read"),
        Skipped(str(tmp_path / "linked"), "it is a link to a folder"),
        Skipped(str(tmp_path / "pipe.csv"), "it is no file to read"),
    )
    with pytest.raises(FeedError, match="expected a file or folder"):
        read(tmp_path / "pipe.csv")


@pytest.mark.skipif(os.name != "posix", reason="names are text here")
def test_read_takes_a_file_whose_name_is_no_text(tmp_path: Path) -> None:
    path = write(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv")), verra(1, 10))
    found = read(path)
    assert found.files[0].path == str(tmp_path / "\\xff.csv")
    assert found.tables["issuances"].column("source").to_pylist() == [found.files[0].path]


def test_read_skips_a_file_with_the_bytes_of_another(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", verra(1, 10))
    again = write(tmp_path / "b.csv", verra(1, 10))
    found = read(tmp_path)
    assert [file.path for file in found.files] == [str(first)]
    assert found.skipped == (Skipped(str(again), f"the same bytes as {first}"),)


def test_read_reads_a_file_once_however_often_it_is_meant(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", verra(1, 10))
    found = read(tmp_path, path, path)
    assert len(found.files) == 1
    assert found.skipped == ()


def test_read_never_merges_records_that_bear_serials(tmp_path: Path) -> None:
    found = read(write(tmp_path / "a.csv", verra(1, 10), verra(1, 10)))
    assert found.files[0].merged == 0
    assert found.tables["issuances"].num_rows == 2
    one, other = found.tables["issuances"].column("digest").to_pylist()
    assert one == other


def test_read_makes_an_issuance_and_a_retirement_of_a_retired_block(tmp_path: Path) -> None:
    found = read(write(tmp_path / "a.csv", verra(1, 10, retired="2025-03-01")))
    (issued,) = found.tables["issuances"].to_pylist()
    (retired,) = found.tables["dispositions"].to_pylist()
    assert (issued["scope"], issued["start_g"], issued["end_g"]) == ("VCS", 0, 10_000_000)
    assert (retired["kind"], retired["amount_g"]) == ("retirement", 10_000_000)
    assert issued["record"] == retired["record"] == "row 1"


def test_read_tells_its_progress_up_to_the_last_byte(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", *(verra(n, n) for n in range(1, 12_000)))
    told: list[tuple[int, int]] = []
    read_paths([path], progress=lambda done, of: told.append((done, of)))
    size = path.stat().st_size
    assert len(told) == 4
    assert told == sorted(told)
    assert told[-1] == (size, size)
