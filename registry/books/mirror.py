"""The mirror: our copy, in a database, of the entries that a ledger accepted.

Entries are append-only and holdings are derived from them. Blocks, their entries and the cursor are
written in one transaction, so the mirror is at every moment a whole prefix of the chain (C6).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from registry.books import sealed, tables
from registry.books.store import Store
from registry.errors import StoreDamaged
from registry.records.block import Block
from registry.records.coordinates import Coordinates
from registry.records.entry import Entry, digest

_COLUMNS = {
    "seq",
    "at_s",
    "registry",
    "kind",
    "batch",
    "id",
    "account",
    "counterparty",
    "amount_g",
}
"""Fields of an entry that are columns of their own."""
_PLACES = ("chain_id", "address", "tx_hash", "log_index", "gas_used")


class Cursor(NamedTuple):
    """How far the mirror has come.

    Attributes:
        block: Number of its last block; 0 before the first.
        hash: That block's hash; "" before the first.
        seq: Its last entry; 0 before the first.
        tx_hash, log_index: Where that entry stands on the chain; None on a ledger without one.
    """

    block: int = 0
    hash: str = ""
    seq: int = 0
    tx_hash: str | None = None
    log_index: int | None = None


class Mirror:
    """The mirror of one ledger, over its store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def cursor(self) -> Cursor:
        """Return how far the mirror has come."""
        with self.store.reading() as connection:
            return _cursor(connection)

    def block_hash(self, number: int) -> str | None:
        """Return the hash of a block as the mirror has it; None if it has none."""
        wanted = sa.select(tables.blocks.c.hash).where(tables.blocks.c.number == number)
        with self.store.reading() as connection:
            return connection.execute(wanted).scalar()

    def complete_s(self) -> int:
        """Return the time of the mirror's last block, seconds; 0 before the first."""
        blocks = tables.blocks
        wanted = sa.select(blocks.c.at_s).order_by(blocks.c.number.desc()).limit(1)
        with self.store.reading() as connection:
            return connection.execute(wanted).scalar() or 0

    def last_seq(self, block: int) -> int:
        """Return the last entry up to a block; 0 if there is none."""
        entries = tables.entries
        wanted = sa.select(sa.func.max(entries.c.seq)).where(entries.c.block <= block)
        with self.store.reading() as connection:
            return connection.execute(wanted).scalar() or 0

    def append(self, blocks: Sequence[Block]) -> None:
        """Add blocks that follow on the last one, with the cursor, or nothing of them.

        Args:
            blocks: Ascending, each the next one; `registry.books.follower` sees to that.
        """
        with self.store.writing() as connection:
            _append(connection, blocks)

    def replace(self, above: int, blocks: Iterator[Sequence[Block]]) -> None:
        """Take back the blocks above one and put others in their place, or change nothing.

        Args:
            above: Number of the last block that stays; 0 for none.
            blocks: What follows it, in parts.
        """
        with self.store.writing() as connection:
            _roll_back(connection, above)
            for part in blocks:
                _append(connection, part)

    def roll_back(self, block: int) -> None:
        """Take back all blocks above one, with their entries; nothing if there are none."""
        with self.store.writing() as connection:
            _roll_back(connection, block)

    def entries(self, first_seq: int = 1) -> Iterator[Entry]:
        """Return the entries from one on, ascending by seq."""
        for block in self.blocks(first_seq=first_seq):
            yield from block.entries

    def blocks(self, *, first_seq: int = 1) -> Iterator[Block]:
        """Return the blocks that have entries, with them.

        Args:
            first_seq: Entries before it are left out, and so are blocks with none from it on.

        Raises:
            StoreDamaged: a row that is no entry.
        """
        table = tables.entries
        joined = (
            sa.select(
                table,
                tables.blocks.c.hash,
                tables.blocks.c.parent,
                tables.blocks.c.at_s.label("block_at_s"),
            )
            .join_from(table, tables.blocks, table.c.block == tables.blocks.c.number)
            .where(table.c.seq >= first_seq)
        )
        rows: list[sa.Row[Any]] = []
        with self.store.reading() as connection:
            for row in sealed.in_parts(connection, joined, table.c.seq):
                if rows and rows[-1].block != row.block:
                    yield self._block(rows)
                    rows = []
                rows.append(row)
            if rows:
                yield self._block(rows)

    def _block(self, rows: Sequence[sa.Row[Any]]) -> Block:
        first = rows[0]
        try:
            return Block(
                first.block,
                first.hash,
                first.parent,
                first.block_at_s,
                tuple(_entry(row) for row in rows),
                tuple(_coordinates(row) for row in rows if row.tx_hash is not None),
            )
        except ValueError as error:
            found = f"an entry of block {first.block} cannot be read"
            remedy = "make the mirror again from the chain (books rebuild)"
            raise StoreDamaged(self.store.name, found, remedy) from error

    def digest(self) -> str:
        """Hash all entries; equal to `registry.records.entry.digest` of the ledger's (C6)."""
        return digest(self.entries())


def _cursor(connection: sa.Connection) -> Cursor:
    table = tables.cursor
    row = connection.execute(sa.select(*(table.c[name] for name in Cursor._fields))).one_or_none()
    return Cursor() if row is None else Cursor(*row)


def _append(connection: sa.Connection, blocks: Sequence[Block]) -> None:
    if not blocks:
        return
    rows = [row for block in blocks for row in _entry_rows(block)]
    sealed.append(
        connection,
        tables.blocks,
        [
            {
                "number": block.number,
                "hash": block.hash,
                "parent": block.parent,
                "at_s": block.at_s,
                "entries": len(block.entries),
            }
            for block in blocks
        ],
    )
    sealed.append(connection, tables.entries, rows)
    before = _cursor(connection)
    last = before if not rows else Cursor(0, "", *(rows[-1][name] for name in Cursor._fields[2:]))
    _put_cursor(connection, last._replace(block=blocks[-1].number, hash=blocks[-1].hash))


def _roll_back(connection: sa.Connection, block: int) -> None:
    blocks, entries = tables.blocks, tables.entries
    if block == 0:
        # Whatever is there goes, rows of no block among it.
        sealed.cut(connection, entries, None)
        sealed.cut(connection, blocks, None)
        _put_cursor(connection, Cursor())
        return
    kept = connection.execute(
        sa.select(blocks.c.number, blocks.c.hash)
        .where(blocks.c.number <= block)
        .order_by(blocks.c.number.desc())
        .limit(1)
    ).one_or_none()
    last = connection.execute(
        sa.select(entries.c.seq, entries.c.tx_hash, entries.c.log_index)
        .where(entries.c.block <= block)
        .order_by(entries.c.seq.desc())
        .limit(1)
    ).one_or_none()
    sealed.cut(connection, entries, 0 if last is None else last.seq)
    sealed.cut(connection, blocks, 0 if kept is None else kept.number)
    _put_cursor(
        connection,
        Cursor(*(kept or (0, "")), *(last or (0, None, None))),
    )


def _put_cursor(connection: sa.Connection, cursor: Cursor) -> None:
    connection.execute(tables.cursor.delete())
    connection.execute(tables.cursor.insert(), {"one": 1, **cursor._asdict()})


def _entry_rows(block: Block) -> Iterator[dict[str, Any]]:
    for at, entry in enumerate(block.entries):
        row = {
            "seq": entry.seq,
            "block": block.number,
            "at_s": entry.at_s,
            "registry": entry.registry,
            "kind": entry.kind.value,
            "batch": None if entry.batch is None else str(entry.batch),
            "id": None if entry.id is None else str(entry.id),
            "account": entry.account,
            "counterparty": entry.counterparty,
            "amount_g": entry.amount_g,
            "rest": entry.model_dump_json(exclude_defaults=True, exclude=_COLUMNS),
        }
        place = block.coordinates[at] if block.coordinates else None
        row.update({name: getattr(place, name, None) for name in _PLACES})
        yield row


def _entry(row: sa.Row[Any]) -> Entry:
    """Read an entry back. Raises ValueError if the row is none."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    values["id"] = None if row.id is None else int(row.id)
    rest = json.loads(row.rest)
    if not isinstance(rest, dict) or rest.keys() & _COLUMNS:
        raise ValueError(f"entry {row.seq}: a field stands in two places")
    return Entry.model_validate_json(json.dumps(values | rest))


def _coordinates(row: sa.Row[Any]) -> Coordinates:
    return Coordinates(
        seq=row.seq, block=row.block, **{name: getattr(row, name) for name in _PLACES}
    )
