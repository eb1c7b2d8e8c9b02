"""The columnar tables that every source becomes before an audit reads it.

A source is a set of records kept by one keeper: "ledger:ICR", "book:ICR", later a file. Amounts and
bounds are grams (int64); times are seconds since 1970-01-01 UTC (int64); token ids are text,
because they need more than 64 bits. `record` names the row inside its source; rows that are pieces
of one record share it.
"""

from __future__ import annotations

import pyarrow as pa

_COMMON = [
    pa.field("source", pa.string(), nullable=False),
    pa.field("keeper", pa.string(), nullable=False),
    pa.field("record", pa.string(), nullable=False),
    pa.field("registry", pa.string(), nullable=False),
    pa.field("batch", pa.string()),
]

_PIECE = [
    pa.field("scope", pa.string()),
    pa.field("start_g", pa.int64()),
    pa.field("end_g", pa.int64()),
    pa.field("amount_g", pa.int64(), nullable=False),
]

ISSUANCES = pa.schema(
    [
        *_COMMON,
        *_PIECE,
        pa.field("project", pa.string()),
        pa.field("vintage", pa.int32()),
        pa.field("account", pa.string()),
        pa.field("at_s", pa.int64()),
    ]
)
"""One row per issued block. `keeper` is "ledger", "book" or, later, "feed"."""

DISPOSITIONS = pa.schema(
    [
        *_COMMON,
        pa.field("id", pa.string()),
        pa.field("kind", pa.string(), nullable=False),
        *_PIECE,
        pa.field("account", pa.string()),
        pa.field("at_s", pa.int64()),
        pa.field("until_s", pa.int64()),
        pa.field("deadline_s", pa.int64()),
    ]
)
"""One row per interval of a disposition. `kind` is "retirement", "cancellation", "lock" or
"export"; `until_s` is when it was given back (released, reverted) or became another kind (a
request finalised), null while it stands; `deadline_s` is until when a retirement that waits (a
lock) may be finalised, null for everything else."""

TOKENS = pa.schema(
    [
        *_COMMON,
        pa.field("account", pa.string(), nullable=False),
        pa.field("balance_g", pa.int64(), nullable=False),
        pa.field("supply_g", pa.int64(), nullable=False),
        pa.field("at_s", pa.int64()),
    ]
)
"""One row per token and holder; `supply_g` is the token's active total as its keeper states it,
repeated on each row. A token that nobody holds has one row with the empty account and balance 0."""

ENTRIES = pa.schema(
    [
        *_COMMON,
        pa.field("seq", pa.int64(), nullable=False),
        pa.field("place", pa.string()),
        pa.field("body", pa.string()),
        pa.field("request", pa.string()),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("account", pa.string()),
        pa.field("counterparty", pa.string()),
        *_PIECE,
        pa.field("at_s", pa.int64()),
    ]
)
"""What happened on the chain. `keeper` is "ledger" for the chain's own log and "mirror" for our
copy of it. One row per interval of an entry, and one row with null bounds for an entry without
intervals; `amount_g` is the piece's, else the entry's, else 0. All rows of one entry have one
`record` and one `seq`. `place` says where on the chain the entry is, once per chain; `body` is a
hash of what it says, without its `seq`; `request` is the id that the caller chose, where there is
one; `kind` is a `registry.records.entry.Kind`."""

LINES = pa.schema(
    [
        *_COMMON,
        pa.field("number", pa.int64(), nullable=False),
        pa.field("entry", pa.int64()),
        pa.field("request", pa.string()),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("account", pa.string()),
        pa.field("counterparty", pa.string()),
        *_PIECE,
        pa.field("at_s", pa.int64()),
        pa.field("written_s", pa.int64()),
    ]
)
"""What an operator wrote down, row by row as in `ENTRIES`. `entry` is the `seq` of the ledger's
entry that the line records, null where the operator wrote it alone; `kind` is "issuance",
"transfer", "retirement", "cancellation", "lock" or "release"; `at_s` is when it happened and
`written_s` when it was written down. `keeper` is "book"."""

ACCOUNTS = pa.schema(
    [
        *_COMMON,
        pa.field("account", pa.string(), nullable=False),
        pa.field("address", pa.string()),
        pa.field("status", pa.string(), nullable=False),
        pa.field("at_s", pa.int64()),
    ]
)
"""One row per account and source that knows it. `keeper` is "ledger" for the directory that all
registries share (its `registry` is "platform") and "book" for what one registry believes; `status`
is "open" or "closed"."""

CERTIFICATES = pa.schema(
    [
        *_COMMON,
        pa.field("id", pa.string(), nullable=False),
        pa.field("retirement", pa.string(), nullable=False),
        pa.field("account", pa.string()),
        *_PIECE,
        pa.field("at_s", pa.int64()),
    ]
)
"""One row per interval of a certificate that a registry published. `retirement` is the id of the
retirement that it proves. `keeper` is "book"."""

SOURCES = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("keeper", pa.string(), nullable=False),
        pa.field("registry", pa.string(), nullable=False),
        pa.field("now_s", pa.int64()),
        pa.field("complete_s", pa.int64()),
        pa.field("lag_s", pa.int64(), nullable=False),
    ]
)
"""One row per source: `now_s` is the moment at which it was read; up to `complete_s` it claims to
have everything; `lag_s` is how long it may be without what another source of its registry has."""

SCHEMAS = {
    "issuances": ISSUANCES,
    "dispositions": DISPOSITIONS,
    "tokens": TOKENS,
    "entries": ENTRIES,
    "lines": LINES,
    "accounts": ACCOUNTS,
    "certificates": CERTIFICATES,
    "sources": SOURCES,
}
