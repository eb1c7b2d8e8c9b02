from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.feeds import records
from registry.feeds.records import RECORD_MAX_BYTES, Poison, read_records


def read(content: bytes) -> list[list[str] | Poison]:
    return list(read_records(io.BytesIO(content)))


def reasons(content: bytes) -> list[str]:
    return [record.reason for record in read(content) if isinstance(record, Poison)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_read_records_takes_either_line_end(end: bytes) -> None:
    assert read(b"a,b" + end + b'1,"x, y"' + end) == [["a", "b"], ["1", "x, y"]]


def test_read_records_needs_no_line_end_after_the_last() -> None:
    assert read(b"a,b\n1,2") == [["a", "b"], ["1", "2"]]


def test_read_records_takes_a_byte_order_mark_off() -> None:
    assert read(b"\xef\xbb\xbfa,b\n") == [["a", "b"]]


def test_read_records_passes_blank_lines_over() -> None:
    assert read(b"\na,b\n\r\n  \n1,2\n\n") == [["a", "b"], ["1", "2"]]


def test_read_records_keeps_line_ends_inside_quotes() -> None:
    assert read(b'a,b\n"one\n\ntwo",2\n') == [["a", "b"], ["one\n\ntwo", "2"]]


def test_read_records_undoes_doubled_quotes() -> None:
    assert read(b'"say ""a,b""\nand ""c""",2\n3,4\n') == [['say "a,b"\nand "c"', "2"], ["3", "4"]]


def test_read_records_keeps_a_quote_inside_an_unquoted_cell() -> None:
    assert read(b'5" pipe,2\n3,4\n') == [['5" pipe', "2"], ["3", "4"]]


def test_read_records_poisons_the_line_of_an_unclosed_quote_alone() -> None:
    found = read(b'a,b\n1,"open\n3,4\n5,6\n')
    assert isinstance(found[1], Poison)
    assert found[2:] == [["3", "4"], ["5", "6"]]


def test_read_records_poisons_one_line_of_many_below_an_unclosed_quote() -> None:
    lines = b"".join(b"%d,x\n" % number for number in range(1_000))
    found = read(b'"open,x\n' + lines)
    assert isinstance(found[0], Poison)
    assert found[1:] == [[str(number), "x"] for number in range(1_000)]


def test_read_records_loses_nothing_to_a_quote_that_another_record_closes() -> None:
    found = read(b'a,b\n1,"open\n3,4\n5,"x, y"\n"z, z",8\n')
    assert isinstance(found[1], Poison)
    assert found[2:] == [["3", "4"], ["5", "x, y"], ["z, z", "8"]]


def test_read_records_takes_lines_apart_that_are_no_record_of_the_file_together() -> None:
    found = read(b'a,b\n1,"open\n",4\n5,6\n')
    assert isinstance(found[1], Poison)
    assert found[-1] == ["5", "6"]


def test_read_records_poisons_a_record_of_several_lines_once() -> None:
    assert read(b'a,b\n1,"one\n\xe9"\n2,3\n') == [
        ["a", "b"],
        Poison("expected UTF-8 text"),
        ["2", "3"],
    ]


def test_read_records_counts_a_line_too_long_behind_an_unclosed_quote() -> None:
    found = read(b'a,b\n1,"open\n' + b"x" * (2 * RECORD_MAX_BYTES) + b"\n2,3\n")
    assert [type(record) for record in found] == [list, Poison, Poison, list]


def test_read_records_reads_a_quoted_cell_of_any_length_that_a_record_may_have() -> None:
    cell = "x," * (RECORD_MAX_BYTES // 2 - 8)
    assert read(f'a,b\n1,"{cell}"\n'.encode()) == [["a", "b"], ["1", cell]]


def test_read_records_refuses_letters_behind_a_closed_quote() -> None:
    assert reasons(b'"a"b,c\n1,2\n') == ["expected a CSV record: ',' expected after '\"'"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1,\0", "expected UTF-8 text without NUL bytes"),
        (b"1,\xe9t\xe9", "expected UTF-8 text"),
        (b'1,"\xe9t\xe9"', "expected UTF-8 text"),
        (b'1,"\0"', "expected UTF-8 text without NUL bytes"),
        (b"1\r2", "expected lines that end in a line feed, found a carriage return inside"),
        (b'"1"\r2', "expected lines that end in a line feed, found a carriage return inside"),
    ],
)
def test_read_records_poisons_what_is_no_text(line: bytes, reason: str) -> None:
    assert read(b"a,b\n" + line + b"\n1,2\n") == [["a", "b"], Poison(reason), ["1", "2"]]


def test_read_records_poisons_a_line_too_long_and_goes_on() -> None:
    found = read(b"a,b\n" + b"x" * (3 * RECORD_MAX_BYTES) + b"\n1,2\n")
    expected = Poison(f"expected a record of at most {RECORD_MAX_BYTES} bytes")
    assert found == [["a", "b"], expected, ["1", "2"]]


def test_read_records_reads_a_line_of_the_longest_length() -> None:
    cells = b",".join([b"x" * 1023] * 1024)
    assert len(cells) == RECORD_MAX_BYTES - 1
    (found,) = read(cells + b"\n")
    assert len(found) == 1024


def test_read_records_never_holds_more_than_a_record() -> None:
    class Endless(io.RawIOBase):
        """A line of 1 GB that is never all there."""

        left = 1 << 30
        most = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            assert size is not None and 0 < size <= RECORD_MAX_BYTES + 1
            taken = min(size, self.left)
            self.left -= taken
            return b"x" * taken

    found = list(read_records(Endless()))  # type: ignore[arg-type]
    assert found == [Poison(f"expected a record of at most {RECORD_MAX_BYTES} bytes")]


def test_read_records_says_that_a_file_is_utf_16() -> None:
    assert reasons("a,b\n".encode("utf-16"))[0] == "expected UTF-8 text, this is UTF-16"


def test_read_records_reads_nothing_of_an_empty_file() -> None:
    assert read(b"") == []


def test_read_records_gives_up_a_record_of_too_many_lines() -> None:
    lines = b"\n".join([b"x"] * (records.RECORD_MAX_LINES + 1))
    found = read(b'"' + lines + b'",1\n2,3\n')
    assert isinstance(found[0], Poison)
    assert found[-1] == ["2", "3"]


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8))
def test_law_what_the_csv_module_writes_is_read_back(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    assert read(text.getvalue().encode()) == rows


@given(st.lists(st.sampled_from([b"a", b",", b'"', b"\n", b"\r", b"\0", b"\xff", b" "])))
def test_law_any_bytes_are_records_or_poison(parts: list[bytes]) -> None:
    content = b"".join(parts)
    found = read(content)
    said = [line for line in content.split(b"\n") if line.strip()]
    assert bool(found) == bool(said)
    assert len(found) <= len(said)
