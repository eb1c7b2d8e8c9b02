"""The columnar tables that every source becomes before an audit reads it.

A source is a set of records kept by one keeper: "ledger:ICR", "book:ICR", later a file. Amounts and
bounds are grams (int64); times are seconds since 1970-01-01 UTC (int64); token ids are text,
because they need more than 64 bits. `record` names the row inside its source.
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

ISSUANCES = pa.schema(
    [
        *_COMMON,
        pa.field("scope", pa.string()),
        pa.field("start_g", pa.int64()),
        pa.field("end_g", pa.int64()),
        pa.field("amount_g", pa.int64(), nullable=False),
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
        pa.field("scope", pa.string()),
        pa.field("start_g", pa.int64()),
        pa.field("end_g", pa.int64()),
        pa.field("amount_g", pa.int64(), nullable=False),
        pa.field("account", pa.string()),
        pa.field("at_s", pa.int64()),
        pa.field("until_s", pa.int64()),
    ]
)
"""One row per interval of a disposition. `kind` is "retirement", "cancellation", "lock" or
"export"; `until_s` is when it was given back (released, reverted) or became another kind (a
request finalised), null while it stands."""

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

SCHEMAS = {"issuances": ISSUANCES, "dispositions": DISPOSITIONS, "tokens": TOKENS}
