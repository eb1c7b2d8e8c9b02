"""The columnar tables that every source becomes before an audit reads it.

A source is a set of records kept by one keeper: "ledger:ICR", "book:ICR", the path of a file.
Amounts and bounds are grams (int64); times are seconds since 1970-01-01 UTC (int64), and a day
stands for its first second; token ids are text, because they need more than 64 bits. `record` names
the row inside its source; rows that are pieces of one record share it.

A file's keeper is "feed" where its registry published it, "meta" where another collected it (CAD
Trust). Two publications of one fact are not two facts, so rules compare inside one keeper.
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

_PRINTED = [
    pa.field("serial", pa.string()),
    pa.field("spelling", pa.string()),
    pa.field("digest", pa.string()),
]
"""What a file printed: the serial in its one canonical spelling and as it stands there, and a hash
over all cells of its row. Null in books and ledgers."""

_PIECE = [
    pa.field("scope", pa.string()),
    pa.field("start_g", pa.int64()),
    pa.field("end_g", pa.int64()),
    pa.field("home", pa.string()),
    pa.field("amount_g", pa.int64(), nullable=False),
]
"""`home` is the registry that first issued the credits and counts their serials, null where that is
`registry` itself: an imported batch has the scope and the interval that it has at home."""

_CROSSING = [
    pa.field("peer", pa.string()),
    pa.field("export", pa.string()),
    pa.field("message", pa.int64()),
]
"""Between registries: the other one; the id of the export at home, or of the lock there, under
which the credits are outstanding; and the number of the message among those from its source to its
target, null without one. All null for what stays inside one registry."""

ISSUANCES = pa.schema(
    [
        *_COMMON,
        *_PIECE,
        pa.field("project", pa.string()),
        pa.field("vintage", pa.int32()),
        pa.field("account", pa.string()),
        pa.field("at_s", pa.int64()),
        *_PRINTED,
        pa.field("period_start_s", pa.int64()),
        pa.field("period_end_s", pa.int64()),
        pa.field("verified_g", pa.int64()),
        pa.field("origin", pa.string()),
        pa.field("restates", pa.bool_()),
    ]
)
"""One row per issued block, and per imported one, whose `home` is another registry; `amount_g` is
what the record says, whatever its interval spans. The monitoring period is half-open;
`verified_g` is the most that may be issued for the project in that period; `origin` is the
registry whose credits were converted into these, and the project there, such as "ACR 1007";
`restates` is true where the record only repeats, with another amount, what an issuance of the
same registry and scope says already. All of these are null where nothing says so."""

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
        *_PRINTED,
        pa.field("project", pa.string()),
        pa.field("vintage", pa.int32()),
        pa.field("purpose", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("beneficiary", pa.string()),
        pa.field("eligible", pa.bool_()),
        pa.field("inside_ndc", pa.bool_()),
        pa.field("adjusted", pa.bool_()),
        pa.field("peer", pa.string()),
    ]
)
"""One row per interval of a disposition. `kind` is "retirement", "cancellation", "lock" or
"export"; `until_s` is when it was given back (released, reverted, returned, compensated) or became
another kind (a request finalised), null while it stands; `deadline_s` is until when a retirement
that waits (a lock) may be finalised, null for everything else; `peer` is the registry that an
export went to, home where the credits are another registry's."""

TOKENS = pa.schema(
    [
        *_COMMON,
        pa.field("account", pa.string(), nullable=False),
        pa.field("balance_g", pa.int64()),
        pa.field("supply_g", pa.int64()),
        pa.field("at_s", pa.int64()),
        *_PRINTED,
        pa.field("scope", pa.string()),
        pa.field("start_g", pa.int64()),
        pa.field("end_g", pa.int64()),
        pa.field("contract", pa.string()),
        pa.field("form", pa.string()),
        pa.field("project", pa.string()),
        pa.field("vintage", pa.int32()),
        pa.field("decimals", pa.int32()),
        pa.field("balance_units", pa.string()),
        pa.field("supply_units", pa.string()),
    ]
)
"""One row per token and holder; `supply_g` is the token's active total as its keeper states it,
repeated on each row. A token that nobody holds has one row with the empty account and balance 0.

Foreign tokens have the address of their `contract`, a `form` ("ex-ante", "ex-post" or
"certificate"), and balance and supply in the token's own units as decimal text of any size,
negative ones included; the grams beside are null where they would not be exact or nothing states
them. Tokens of books and ledgers have a `form`, project and vintage, too, but no `form` where they
came from another registry, whose word that is."""

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
        *_CROSSING,
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
        *_CROSSING,
    ]
)
"""What an operator wrote down, row by row as in `ENTRIES`. `entry` is the `seq` of the ledger's
entry that the line records, null where the operator wrote it alone; `kind` is a
`registry.books.lines.LineKind`; `at_s` is when it happened and `written_s` when it was written
down. `keeper` is "book"."""

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

PROJECTS = pa.schema(
    [
        *_COMMON,
        pa.field("project", pa.string(), nullable=False),
        pa.field("name", pa.string()),
        pa.field("country", pa.string()),
        pa.field("developer", pa.string()),
        pa.field("methodology", pa.string()),
        pa.field("sector", pa.string()),
        pa.field("status", pa.string()),
        pa.field("start_s", pa.int64()),
        pa.field("end_s", pa.int64()),
        pa.field("latitude", pa.float64()),
        pa.field("longitude", pa.float64()),
        pa.field("issued_g", pa.int64()),
    ]
)
"""One row per project and publication. `country` is ISO 3166-1 alpha-2, null where the text names
no country; `sector` is the registry's own word; the crediting period is half-open; `issued_g` is
what the registry says it issued for the project over its life."""

LINKS = pa.schema(
    [
        *_COMMON,
        pa.field("project", pa.string(), nullable=False),
        pa.field("other_registry", pa.string()),
        pa.field("other_project", pa.string(), nullable=False),
        pa.field("at_s", pa.int64()),
    ]
)
"""One row per statement of a registry that its project is another registry's project, too."""

CONVERSIONS = pa.schema(
    [
        *_COMMON,
        *_PIECE,
        pa.field("serial", pa.string()),
        pa.field("project", pa.string(), nullable=False),
        pa.field("target", pa.string(), nullable=False),
        pa.field("target_batch", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("issued_s", pa.int64()),
        pa.field("at_s", pa.int64()),
    ]
)
"""One row per block that its registry took out so that the registry `target` issues in its place,
as `target_batch` where somebody says as which.
The source was active from `issued_s` to `at_s`, null while it still is; so a row outlives a
question about a moment before its cancellation, as a record that the source was active then. `kind`
is how it was taken out, "cancellation" or "retirement", null where nothing says so."""

CLAIMS = pa.schema(
    [
        *_COMMON,
        *_PIECE,
        pa.field("retirement", pa.string()),
        pa.field("beneficiary", pa.string(), nullable=False),
        pa.field("purpose", pa.string()),
        pa.field("at_s", pa.int64()),
    ]
)
"""One row per interval of a retirement that somebody claims. `retirement` is its id, null where the
publication gives none. `keeper` is "ledger" for the claim that a retirement carries, "book" for its
certificate's, and "claimant" for what a beneficiary says in public."""

ITMOS = pa.schema(
    [
        *_COMMON,
        *_PIECE,
        pa.field("purpose", pa.string()),
        pa.field("at_s", pa.int64()),
    ]
)
"""One row per action of the agreed electronic format (Article 6.2) that names underlying units, or
per first transfer that a Party recorded (`keeper` "party"): `registry`, scope and interval are the
units'; `purpose` is the use for which the outcomes made from them were transferred."""

AUTHORISATIONS = pa.schema(
    [
        *_COMMON,
        *_PIECE,
        pa.field("kind", pa.string(), nullable=False),
        pa.field("party", pa.string(), nullable=False),
        pa.field("authorisation", pa.string()),
        pa.field("purpose", pa.string()),
        pa.field("inside", pa.bool_()),
        pa.field("declaration", pa.string()),
        pa.field("status", pa.string()),
        pa.field("vintage", pa.int32()),
        pa.field("start_s", pa.int64()),
        pa.field("end_s", pa.int64()),
        pa.field("due_s", pa.int64()),
        pa.field("at_s", pa.int64()),
        pa.field("until_s", pa.int64()),
    ]
)
"""What host Parties say of units on their territory, one row per statement and block. `registry` is
the units' home; `until_s` is when the Party said otherwise, null while it stands. `kind` is "host":
the Party keeps a list, so that what it does not name is not authorised; "coverage": whether the
units lie `inside` its NDC; "authorisation": for one `purpose` ("NDC", "IMP" or "OP") in a half-open
time of use; "adjustment": how the corresponding adjustment stands, in CAD Trust's words, and until
when it is `due_s`. `keeper` is "party"."""

REVERSALS = pa.schema(
    [
        *_COMMON,
        pa.field("id", pa.string(), nullable=False),
        pa.field("project", pa.string(), nullable=False),
        pa.field("amount_g", pa.int64(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("deadline_s", pa.int64()),
        pa.field("at_s", pa.int64()),
    ]
)
"""One row per loss of what a project was credited for, as its registry recorded it; it is to be
covered by `deadline_s`. `keeper` is "book"."""

COMPENSATIONS = pa.schema(
    [
        *_COMMON,
        *_PIECE,
        pa.field("kind", pa.string(), nullable=False),
        pa.field("reversal", pa.string()),
        pa.field("id", pa.string()),
        pa.field("account", pa.string()),
        pa.field("at_s", pa.int64()),
    ]
)
"""What went into a registry's buffer and what covered reversals. `kind` is "contribution", which
has no interval and whose `account` holds the buffer, or, one row per interval of a cancellation of
that `id`, "buffer" or "replacement" for a `reversal`. `keeper` is "book"."""

SCHEMAS = {
    "issuances": ISSUANCES,
    "dispositions": DISPOSITIONS,
    "tokens": TOKENS,
    "entries": ENTRIES,
    "lines": LINES,
    "accounts": ACCOUNTS,
    "certificates": CERTIFICATES,
    "sources": SOURCES,
    "projects": PROJECTS,
    "links": LINKS,
    "conversions": CONVERSIONS,
    "claims": CLAIMS,
    "itmos": ITMOS,
    "authorisations": AUTHORISATIONS,
    "reversals": REVERSALS,
    "compensations": COMPENSATIONS,
}
