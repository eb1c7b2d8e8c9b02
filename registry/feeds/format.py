"""What is known of one published export format."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Literal, NamedTuple

from registry.feeds.cells import Cells
from registry.feeds.rows import Row


class Format(NamedTuple):
    """One published export format.

    Attributes:
        name: As in `--format`, such as "verra-transactions".
        registry: Whose serials its serial column holds, as in findings.
        columns: Names that the header must have, as few as the format can do with; others are
            optional or not read. White space and letter case make no difference.
        sign: A few of them that tell a file of this format from all others.
        read: Makes rows of a record; raises FeedError to quarantine it, and nothing of it is kept.
        serial_column: Column whose serials are parsed over the column before `read` is called.
        identity: What names the thing that a record is about, and what is said of it. A record
            merges into an earlier one of the same name in another file, whatever it says, and in
            its own file where it says the same. None, or an identity of None: records without a
            located serial merge when all their cells are equal, others never.
        keeper: "feed" where the registry published it, "meta" where another collected it.
    """

    name: str
    registry: str
    columns: tuple[str, ...]
    sign: tuple[str, ...]
    read: Callable[[Cells], Iterable[Row]]
    serial_column: str | None = None
    identity: Callable[[Cells], tuple[Hashable, Hashable] | None] | None = None
    keeper: Literal["feed", "meta"] = "feed"
