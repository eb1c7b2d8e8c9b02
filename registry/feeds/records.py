"""Bytes to CSV records, in bounded memory, so that one bad record costs itself alone.

The csv module reads what is well formed. What it cannot recover from is decided here first: where a
record ends. A quote that is opened and not closed within the bounds, or closed by the quote of
another record, poisons the line in which it stands; reading goes on with the next line, so nothing
behind it is lost.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

RECORD_MAX_BYTES = 1 << 20
"""Longest record, its line ends included; the longest real one has 77,000."""

RECORD_MAX_LINES = 256
"""Most lines of one record; real ones have quoted descriptions of some paragraphs."""

# The module's own limit for a cell is an eighth of it, less than lists of serials can need.
csv.field_size_limit(RECORD_MAX_BYTES)

_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_OPEN = "expected every quote that opens a cell to close again"
_RETURN = "expected lines that end in a line feed, found a carriage return inside"
# Possessive, so that an unclosed quote fails at once and a doubled one is never taken for an end.
_QUOTED = re.compile(rb'(?:[^"]++|"")*+"')


class Poison(NamedTuple):
    """What stands where a record should: the reason why it is none."""

    reason: str


def read_records(file: BinaryIO) -> Iterator[list[str] | Poison]:
    """Yield the records of a CSV file in UTF-8, the header first; blank lines are passed over.

    Args:
        file: Open for reading bytes, at its beginning.

    Returns:
        The cells of each record as they stand there, quotes undone; or why it is none: not UTF-8,
        a NUL, quotes that do not close, longer than `RECORD_MAX_BYTES`. A record of several lines
        has as many cells as the first record, else its first line is taken for one with a quote
        too many.

    Invariants:
        Memory is bounded by the record, whatever the file holds. Each line that is not blank
        belongs to exactly one record.
    """
    lines = _Lines(file)
    count = None
    while (line := lines.next()) is not None:
        if isinstance(line, Poison):
            yield line
            continue
        if not line.strip():
            continue
        record = _quoted(line, lines, count) if b'"' in line else _plain(line)
        if count is None and not isinstance(record, Poison):
            count = len(record)
        yield record


class _Lines:
    """Lines of a file, of which some can be put back."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._again: deque[bytes | Poison] = deque()
        self._is_first = True

    def next(self) -> bytes | Poison | None:
        """Return the next line with its end; None after the last."""
        if self._again:
            return self._again.popleft()
        line = self._file.readline(RECORD_MAX_BYTES + 1)
        if self._is_first:
            self._is_first = False
            if line.startswith(_UTF_16):
                return Poison("expected UTF-8 text, this is UTF-16")
            line = line.removeprefix(_BOM)
        if len(line) > RECORD_MAX_BYTES:
            while line and not line.endswith(b"\n"):
                line = self._file.readline(RECORD_MAX_BYTES)
            return Poison(f"expected a record of at most {RECORD_MAX_BYTES} bytes")
        return line or None

    def put_back(self, lines: list[bytes | Poison]) -> None:
        self._again.extendleft(reversed(lines))


def _plain(line: bytes) -> list[str] | Poison:
    text = _text(line)
    if isinstance(text, Poison):
        return text
    text = text.rstrip("\r\n")
    if "\r" in text:
        return Poison(_RETURN)
    return text.split(",")


def _quoted(line: bytes, lines: _Lines, count: int | None) -> list[str] | Poison:
    taken = [line]
    behind: list[bytes | Poison] = []
    size = len(line)
    is_open = _is_open(line, is_open=False)
    while is_open and size <= RECORD_MAX_BYTES and len(taken) < RECORD_MAX_LINES:
        more = lines.next()
        if more is None:
            break
        behind.append(more)
        if isinstance(more, Poison):
            break
        taken.append(more)
        size += len(more)
        is_open = _is_open(more, is_open=True)
    whole = b"".join(taken)
    if is_open or size > RECORD_MAX_BYTES or (behind and not _is_one(whole, count)):
        lines.put_back(behind)
        return Poison(_OPEN)
    text = _text(whole)
    return text if isinstance(text, Poison) else _cells(text)


def _is_one(whole: bytes, count: int | None) -> bool:
    """Say whether several lines are one record; what their letters are makes no difference."""
    cells = _cells(whole.decode("latin-1"))
    return not isinstance(cells, Poison) and count in (None, len(cells))


def _cells(text: str) -> list[str] | Poison:
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error as error:
        is_return = "\r" in text.rstrip("\r\n") and "new-line" in str(error)
        return Poison(_RETURN if is_return else f"expected a CSV record: {error}")


def _is_open(line: bytes, *, is_open: bool) -> bool:
    """Say whether a quoted cell goes on behind this line, given whether one came into it."""
    at = 0
    while True:
        if not is_open:
            if line[at : at + 1] == b'"':
                at += 1
                is_open = True
            else:
                at = line.find(b",", at) + 1
                if not at:
                    return False
        if is_open:
            closed = _QUOTED.match(line, at)
            if closed is None:
                return True
            at = line.find(b",", closed.end()) + 1
            if not at:
                return False
            is_open = False


def _text(line: bytes) -> str | Poison:
    if b"\0" in line:
        return Poison("expected UTF-8 text without NUL bytes")
    try:
        return line.decode()
    except UnicodeDecodeError:
        return Poison("expected UTF-8 text")
