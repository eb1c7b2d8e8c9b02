-- What rules share: defined beside the tables as far as a rule names it, one of a user's own too.
--
-- Intervals
--   located(scope, start_g, end_g)  whether a row says where its grams are
--   outside(pieces, covers)         stretches of each piece that no cover holds
--   inside(pieces, covers)          stretches of each piece that some cover holds
--   meeting(rows)                   rows that share grams with another row of the same keeper
--   crossings(rows)                 each pair of rows of two sides that share grams, and these
--   blocks, own_blocks              issued and imported, and issued only
--   gone                            standing retirements and cancellations
--   home_of(home, registry)         the registry that counts a row's serials
--   repeats                         issuances of equal blocks, and how they repeat each other
--   verified                        what was verified for a project's monitoring period
--   counted(rows)                   grams that each of a project's issuances adds to the earlier
-- Reasons
--   affirmed(reason)                a reason without the clauses that deny the NDC
--   names_ndc(reason)               whether it names the host country's pledge
-- Dates
--   later(one_s, other_s)           the later one, unknown if either is
-- Token units
--   limbs(text), carried(limbs), digits(limbs)   exact sums of decimal text of up to 108 digits
--   units_g(text, decimals)         grams in so many units, as far as they fit
-- Lawful lag
--   lags                            how long each keeper may be without what another has
--   excused(at_s, late)             whether a keeper lacks a fact lawfully
--   overdue_s(at_s, late)           from when on it does not
--   booked, ledgered                registries of which a book, or a ledger, was given
-- Between registries
--   imports, abroad                 imported blocks, and dispositions of imported credits
--   arrivals                        imported grams that are where they came to, still
--   backing                         what homes hold for them, exported or locked for good
--   unbacked                        when the ledger had such grams and their home held none
-- Lines and entries of one request
--   line_kind(kind)                 the kind of line in which a book records a kind of entry
--   whole_entries, whole_lines      one row each, whatever the number of its intervals
--   pairs, unequal, unequal_grams   line and entry, those whose amounts differ, and where

-- ---- Intervals ----

CREATE MACRO located(scope, start_g, end_g) AS
    coalesce(scope IS NOT NULL AND 0 <= start_g AND start_g < end_g, false);

-- `pieces` and `covers` are names of tables, as text, of a rule's WITH as well. Their rows have
-- `axis`, along which grams are counted (a struct, such as registry and scope), `start_g` and
-- `end_g`, are located, and have no column `piece`. The result has a row per piece and contiguous
-- stretch; `piece` is the whole row. It sorts, and joins no table with itself.
CREATE MACRO stretches(pieces, covers, within) AS TABLE
WITH all_pieces AS (
    FROM query_table(pieces)
),
-- Every bound of every interval, with what begins (1) or ends (-1) there.
bounds AS (
    SELECT axis, unnest([start_g, end_g]) AS at_g, unnest([1, -1]) AS pieced, 0 AS covered
    FROM all_pieces
    UNION ALL
    SELECT axis, unnest([start_g, end_g]), 0, unnest([1, -1])
    FROM query_table(covers)
    WHERE axis IN (SELECT axis FROM all_pieces)
),
points AS (
    SELECT axis, at_g, sum(pieced) AS pieced, sum(covered) AS covered
    FROM bounds
    GROUP BY axis, at_g
),
-- Running sums say how many rows lie over the grams from each bound to the next.
depths AS (
    SELECT
        axis, at_g,
        sum(pieced) OVER along > 0 AND (sum(covered) OVER along > 0) = within AS wanted
    FROM points
    WINDOW along AS (PARTITION BY axis ORDER BY at_g)
),
turns AS (
    SELECT axis, at_g, wanted
    FROM depths
    QUALIFY wanted IS DISTINCT FROM lag(wanted) OVER (PARTITION BY axis ORDER BY at_g)
),
runs AS (
    SELECT axis, wanted, at_g AS start_g, lead(at_g) OVER along AS end_g
    FROM turns
    WINDOW along AS (PARTITION BY axis ORDER BY at_g)
),
numbered AS (
    SELECT *, row_number() OVER (PARTITION BY axis ORDER BY start_g) AS nth
    FROM runs
    WHERE wanted
),
-- Runs are disjoint and in order, so a piece meets those from the first that ends after its start
-- to the last that starts before its end.
met AS (
    SELECT piece, unnest(range(opening.nth, closing.nth + 1)) AS nth
    FROM all_pieces AS piece
    ASOF JOIN numbered AS opening ON piece.axis = opening.axis AND piece.start_g < opening.end_g
    ASOF JOIN numbered AS closing ON piece.axis = closing.axis AND piece.end_g > closing.start_g
    WHERE opening.nth <= closing.nth
)
SELECT
    met.piece AS piece,
    greatest(met.piece.start_g, numbered.start_g) AS start_g,
    least(met.piece.end_g, numbered.end_g) AS end_g
FROM met
JOIN numbered ON met.piece.axis = numbered.axis AND met.nth = numbered.nth;

CREATE MACRO inside(pieces, covers) AS TABLE
FROM stretches(pieces, covers, true);

-- In clean records nearly every piece has its equal among the covers. Nothing of such a piece is
-- outside, and no stretch of another goes through it, so it need not be sorted.
CREATE MACRO outside(pieces, covers) AS TABLE
WITH unequalled AS (
    SELECT piece.*
    FROM query_table(pieces) AS piece
    ANTI JOIN query_table(covers) AS cover USING (axis, start_g, end_g)
)
FROM stretches('unequalled', covers, false);

-- `rows` is the name of a table, as text, of rows with keeper, scope and bounds. In clean records
-- none is left. A row that meets another has an equal start, or starts before an earlier one ends,
-- or ends after the next one starts.
CREATE MACRO meeting(rows) AS TABLE
SELECT *
FROM query_table(rows)
WINDOW along AS (PARTITION BY keeper, scope ORDER BY start_g)
QUALIFY
    max(end_g) OVER (along GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > start_g
    OR count(*) OVER (along GROUPS CURRENT ROW) > 1
    OR min(start_g) OVER (along GROUPS BETWEEN 1 FOLLOWING AND 1 FOLLOWING) < end_g;

-- `rows` is the name of a table, as text, of located rows with `axis` as above and `side`, of which
-- an axis has few. The result has a row per pair of unlike sides on one axis: `one` starts first,
-- or with `other` on the lesser side, and `start_g` and `end_g` are what the two share.
CREATE MACRO crossings(rows) AS TABLE
WITH side_rows AS (
    FROM query_table(rows)
),
-- Numbered by start; equal starts share one number.
ranked AS (
    SELECT
        other, other.axis AS axis, other.side AS side, other.start_g AS start_g,
        dense_rank() OVER (PARTITION BY other.axis, other.side ORDER BY other.start_g) AS nth
    FROM side_rows AS other
),
asking AS (
    SELECT one, one.axis AS axis, sides.side AS asked
    FROM side_rows AS one
    JOIN (SELECT DISTINCT axis, side FROM side_rows) AS sides
        ON one.axis = sides.axis AND one.side <> sides.side
),
-- Of two intervals that meet, one starts inside the other.
started AS (
    SELECT
        one, asking.axis AS axis, asked,
        unnest(range(opening.nth, closing.nth + 1)) AS nth
    FROM asking
    ASOF JOIN ranked AS opening
        ON asking.axis = opening.axis AND asked = opening.side
        AND one.start_g <= opening.start_g
    ASOF JOIN ranked AS closing
        ON asking.axis = closing.axis AND asked = closing.side
        AND one.end_g > closing.start_g
    WHERE opening.nth <= closing.nth
)
SELECT one, other, other.start_g AS start_g, least(one.end_g, other.end_g) AS end_g
FROM started
JOIN ranked ON started.axis = ranked.axis AND asked = ranked.side AND started.nth = ranked.nth
-- A pair with one start is reached from both.
WHERE one.start_g < other.start_g OR one.side < other.side;

-- Serials of an imported batch are those of the registry that first issued it.
CREATE MACRO home_of(home, registry) AS coalesce(home, registry);

-- A record that only restates an issuance with another amount issues nothing. An imported block is
-- one of these, too, with its home: what is issued here has none.
CREATE VIEW blocks AS
SELECT *, struct_pack(registry, scope) AS axis
FROM issuances
WHERE located(scope, start_g, end_g) AND restates IS NOT true;

CREATE VIEW own_blocks AS
SELECT *, struct_pack(registry, scope) AS axis
FROM own_issuances
WHERE located(scope, start_g, end_g) AND restates IS NOT true;

CREATE VIEW gone AS
SELECT *, struct_pack(registry, scope) AS axis
FROM dispositions
WHERE
    kind IN ('retirement', 'cancellation') AND until_s IS NULL
    AND located(scope, start_g, end_g);

-- Every row of an issued block that one keeper has more than once, in order of time; `nth` counts
-- from 1.
-- `original` is the first, `twin` the first that is equal in every column, `namesake` the first of
-- the same serial. A row is `respelt` where its serial is there already, but not in its spelling.
-- In clean records it is empty: what is grouped is cheaper than what is sorted.
CREATE VIEW repeats AS
WITH repeated AS (
    SELECT keeper, scope, start_g, end_g
    FROM own_blocks
    GROUP BY keeper, scope, start_g, end_g
    HAVING count(*) > 1
),
ordered AS (
    SELECT
        *,
        coalesce(spelling, serial) AS spelt,
        struct_pack(source, record, registry, batch, at_s) AS self,
        row_number() OVER (
            PARTITION BY keeper, scope, start_g, end_g
            ORDER BY at_s NULLS LAST, source, record, registry, batch
        ) AS nth
    FROM own_blocks
    SEMI JOIN repeated USING (keeper, scope, start_g, end_g)
)
SELECT
    * EXCLUDE (self, spelt),
    first_value(self) OVER (block ORDER BY nth) AS original,
    CASE WHEN digest IS NOT NULL AND row_number() OVER (equal_row ORDER BY nth) > 1
        THEN first_value(self) OVER (equal_row ORDER BY nth) END AS twin,
    CASE WHEN serial IS NOT NULL AND row_number() OVER (same_serial ORDER BY nth) > 1
        THEN first_value(self) OVER (same_serial ORDER BY nth) END AS namesake,
    coalesce(
        namesake IS NOT NULL AND row_number() OVER (same_spelling ORDER BY nth) = 1,
        false
    ) AS respelt
FROM ordered
WINDOW
    block AS (PARTITION BY keeper, scope, start_g, end_g),
    equal_row AS (PARTITION BY keeper, scope, start_g, end_g, digest),
    same_serial AS (PARTITION BY keeper, scope, start_g, end_g, serial),
    same_spelling AS (PARTITION BY keeper, scope, start_g, end_g, spelt);

-- `rows` is the name of a table of issuances, as text, with whole projects. `new_g` is what a row
-- issues beyond the rows before it: no gram of one scope counts twice, and no row that is equal in
-- every column, so that what is repeated is DI-1, DI-2 or DI-7 and no more. Where a row's amount is
-- unlike its span, which is SP-1, the smaller one counts.
CREATE MACRO counted(rows) AS TABLE
SELECT
    *,
    CASE
        WHEN located(scope, start_g, end_g) THEN greatest(0, least(
            amount_g,
            end_g - greatest(start_g, coalesce(
                max(end_g) OVER (along ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), start_g
            ))
        ))
        WHEN digest IS NOT NULL AND row_number() OVER equal_rows > 1 THEN 0
        ELSE greatest(0, amount_g)
    END AS new_g
FROM query_table(rows)
WINDOW
    along AS (
        PARTITION BY keeper, registry, project, scope, located(scope, start_g, end_g)
        ORDER BY start_g, end_g DESC, at_s NULLS LAST, source, record
    ),
    equal_rows AS (
        PARTITION BY keeper, registry, project, digest, located(scope, start_g, end_g)
        ORDER BY at_s NULLS LAST, source, record
    );

-- What was verified for a project and monitoring period, by one keeper and registry, with a record
-- for each amount. A period may be verified in parts, of which each row names its own, so unlike
-- amounts add up; equal ones are one.
CREATE VIEW verified AS
WITH parts AS (
    SELECT
        keeper, registry, project, period_start_s, period_end_s, verified_g,
        min(source || ':' || record) AS record
    FROM issuances
    WHERE
        restates IS NOT true AND project IS NOT NULL AND verified_g IS NOT NULL
        AND period_start_s IS NOT NULL AND period_end_s IS NOT NULL
    GROUP BY ALL
)
SELECT
    keeper, registry, project, period_start_s, period_end_s,
    sum(verified_g) AS cap_g,
    list(record) AS verifications
FROM parts
GROUP BY ALL;

-- ---- Reasons ----

-- As far as one clause shows it: "not counted towards the NDC" denies, "not only towards" does not.
CREATE MACRO affirmed(reason) AS
    regexp_replace(
        regexp_replace(reason, '\bnot (only|just)\b', ' ', 'gi'),
        '(\b(not|no|never|without|outside|cannot|exclud\w+)|n''t)\b[^.;,()]{0,60}'
        || '\b(i?ndcs?|nationally[\s-]+determined[\s-]+contributions?)\b',
        ' ', 'gi'
    );

-- The nationally determined contribution, in its short form or in words.
CREATE MACRO names_ndc(reason) AS
    coalesce(
        regexp_matches(
            reason, '\b(i?ndcs?|nationally[\s-]+determined[\s-]+contributions?)\b', 'i'
        ),
        false
    );

-- ---- Dates ----

-- Not greatest(), which passes over a null.
CREATE MACRO later(one_s, other_s) AS
    CASE WHEN one_s >= other_s THEN one_s WHEN one_s < other_s THEN other_s END;

-- ---- Token units ----

-- A number as six limbs of 18 digits, highest first, each with the number's sign, so that they add
-- up one by one in a HUGEINT. No contract counts beyond 2^256, which has 78 digits; the rest is
-- room for sums. Null for what is no plain number.
CREATE MACRO limbs(text) AS
    CASE WHEN regexp_full_match(text, '-?[0-9]{1,90}') THEN
        list_transform(
            range(6),
            lambda nth: substr(lpad(ltrim(text, '-'), 108, '0'), 1 + 18 * nth, 18)::HUGEINT
                * CASE WHEN text[1] = '-' THEN -1 ELSE 1 END
        )
    END;

-- The same number with every limb but the highest from 0 to 10^18 - 1: lists in this form compare
-- as their numbers do. Takes a column, because DuckDB 2.0 fails on an aggregate inside a lambda.
CREATE MACRO carried(limbs) AS
    list_reduce(
        list_transform(list_reverse(limbs), lambda limb: [limb]),
        lambda done, higher: list_concat(
            [
                (done[1] - (done[1] % 1000000000000000000 + 1000000000000000000)
                    % 1000000000000000000) // 1000000000000000000 + higher[1],
                (done[1] % 1000000000000000000 + 1000000000000000000) % 1000000000000000000
            ],
            done[2:]
        )
    );

-- Decimal text of a carried number that is not negative.
CREATE MACRO digits(limbs) AS
    coalesce(
        nullif(
            ltrim(
                array_to_string(
                    list_transform(limbs, lambda limb: lpad(limb::VARCHAR, 18, '0')), ''
                ),
                '0'
            ),
            ''
        ),
        '0'
    );

-- Whole grams in `text` units of which 10^decimals are a tonne, 2^63 - 1 where they are more than
-- that, and 0 where nothing says how many are a tonne. `text` comes from digits().
CREATE MACRO units_g(text, decimals) AS
    CASE
        WHEN decimals IS NULL OR decimals < 0 OR text = '0' THEN 0
        WHEN length(text) + 6 - decimals > 19 THEN 9223372036854775807
        ELSE least(
            coalesce(
                try_cast(
                    left(text || '000000', greatest(length(text) + 6 - decimals, 0)) AS HUGEINT
                ),
                0
            ),
            9223372036854775807
        )::BIGINT
    END;

-- ---- Lawful lag ----

-- One row per keeper and registry, the most patient of several sources. A source that does not say
-- when it was read is no excuse and has no row.
CREATE VIEW lags AS
SELECT
    keeper,
    registry,
    min(now_s) AS now_s,
    CASE WHEN count(complete_s) = count(*) THEN min(complete_s) END AS complete_s,
    max(lag_s) AS lag_s
FROM sources
WHERE now_s IS NOT NULL
GROUP BY keeper, registry;

-- `late` is the row of `lags` of the keeper that lacks a fact of `at_s`, or its nulls after a LEFT
-- JOIN. It is excused while its time is not up, unless it claims to have everything up to then. An
-- undated fact has no excuse. The sum has room for a lag without end.
CREATE MACRO excused(at_s, late) AS
    coalesce(
        (struct_extract(late, 'complete_s') IS NULL OR at_s > struct_extract(late, 'complete_s'))
        AND struct_extract(late, 'now_s') < at_s::HUGEINT + struct_extract(late, 'lag_s'),
        false
    );

CREATE MACRO overdue_s(at_s, late) AS
    CASE
        WHEN at_s <= struct_extract(late, 'complete_s') THEN at_s::HUGEINT
        ELSE at_s::HUGEINT + coalesce(struct_extract(late, 'lag_s'), 0)
    END;

CREATE VIEW booked AS
SELECT registry FROM issuances WHERE keeper = 'book'
UNION
SELECT registry FROM dispositions WHERE keeper = 'book'
UNION
SELECT registry FROM tokens WHERE keeper = 'book'
UNION
SELECT registry FROM sources WHERE keeper = 'book';

CREATE VIEW ledgered AS
SELECT registry FROM issuances WHERE keeper = 'ledger'
UNION
SELECT registry FROM dispositions WHERE keeper = 'ledger'
UNION
SELECT registry FROM sources WHERE keeper = 'ledger';

-- ---- Between registries ----

CREATE VIEW imports AS
FROM crossed_issuances
WHERE restates IS NOT true AND located(scope, start_g, end_g);

CREATE VIEW abroad AS
FROM crossed_dispositions
WHERE located(scope, start_g, end_g);

-- Grams that one keeper has as imported, and not as sent home again or given up: `arrived` is the
-- row of `issuances`. What the ledger sent home no book has, as MR-1 says which lacks the line.
CREATE VIEW arrivals AS
WITH imported AS (
    SELECT *, struct_pack(keeper, registry, home, scope, batch := coalesce(batch, '')) AS axis
    FROM imports
),
left_again AS (
    SELECT
        struct_pack(keeper, registry, home, scope, batch := coalesce(batch, '')) AS axis,
        start_g, end_g
    FROM abroad
    WHERE kind = 'export' AND until_s IS NULL
    UNION ALL
    SELECT
        struct_pack(keeper := 'book', registry, home, scope, batch := coalesce(batch, '')),
        start_g, end_g
    FROM abroad
    WHERE keeper = 'ledger' AND kind = 'export' AND until_s IS NULL
)
SELECT piece AS arrived, start_g, end_g FROM outside('imported', 'left_again');

-- Exports and locks at the home of what the ledger has at a registry as imported: `place` is home,
-- scope and that registry. A lock does not say for whom it is, and a retirement that waits is none.
CREATE VIEW backing AS
WITH places AS (
    SELECT DISTINCT home, scope, registry, struct_pack(home, scope, registry) AS place
    FROM imports
    WHERE keeper = 'ledger'
)
SELECT place, keeper, source, record, batch, start_g, end_g, at_s, until_s
FROM own_dispositions AS held
JOIN places ON held.registry = places.home AND held.scope = places.scope
WHERE
    located(places.scope, start_g, end_g)
    AND (kind = 'export' AND peer = places.registry OR kind = 'lock' AND deadline_s IS NULL)
    AND keeper IN ('ledger', 'book');

-- When and which grams the ledger had at a registry as imported while their home, by the ledger,
-- had no backing for them: one row per import, stretch and time. `until_s` is null while it lasts;
-- `ended` and `began` name what the home had until then and from then on. Undated rows were there
-- from the start, and then `since_s` is null. A home of which no ledger was given says nothing.
CREATE VIEW unbacked AS
WITH imported AS (
    SELECT *, struct_pack(home, scope, registry) AS place
    FROM imports
    WHERE home IN (SELECT registry FROM ledgered) AND keeper = 'ledger'
),
left_again AS (
    SELECT struct_pack(home, scope, registry) AS place, start_g, end_g, at_s, until_s
    FROM abroad
    WHERE keeper = 'ledger' AND kind = 'export'
),
-- What changes whether grams are here (1 or -1) and held at home (1), from when until when.
changes AS (
    SELECT
        place, start_g, end_g, coalesce(at_s, -9223372036854775807) AS from_s, NULL AS until_s,
        1 AS here, 0 AS held, source || ':' || record AS name, batch
    FROM imported
    UNION ALL
    SELECT place, start_g, end_g, coalesce(at_s, -9223372036854775807), until_s, -1, 0, NULL, NULL
    FROM left_again
    WHERE place IN (SELECT place FROM imported)
    UNION ALL
    SELECT
        place, start_g, end_g, coalesce(at_s, -9223372036854775807), until_s, 0, 1,
        source || ':' || record, NULL
    FROM backing
    WHERE keeper = 'ledger'
),
points AS (
    SELECT place, start_g AS at_g FROM changes
    UNION
    SELECT place, end_g FROM changes
),
-- Between two bounds next to each other, grams share one history.
parts AS (
    SELECT
        place, at_g AS start_g, lead(at_g) OVER along AS end_g, row_number() OVER along AS nth
    FROM points
    WINDOW along AS (PARTITION BY place ORDER BY at_g)
),
histories AS (
    SELECT changes.*, unnest(range(opening.nth, closing.nth + 1)) AS nth
    FROM changes
    JOIN parts AS opening
        ON changes.place = opening.place AND changes.start_g = opening.start_g
    JOIN parts AS closing
        ON changes.place = closing.place AND changes.end_g = closing.end_g
),
steps AS (
    SELECT place, nth, from_s AS at_s, here, held FROM histories
    UNION ALL
    SELECT place, nth, until_s, -here, -held FROM histories WHERE until_s IS NOT NULL
),
moments AS (
    SELECT place, nth, at_s, sum(here) AS here, sum(held) AS held
    FROM steps
    GROUP BY place, nth, at_s
),
states AS (
    SELECT
        place, nth, at_s,
        sum(here) OVER along > 0 AND sum(held) OVER along <= 0 AS bare
    FROM moments
    WINDOW along AS (PARTITION BY place, nth ORDER BY at_s)
),
turns AS (
    SELECT place, nth, at_s, bare
    FROM states
    QUALIFY bare IS DISTINCT FROM lag(bare) OVER (PARTITION BY place, nth ORDER BY at_s)
),
spells AS (
    SELECT place, nth, bare, at_s AS since_s, lead(at_s) OVER along AS until_s
    FROM turns
    WINDOW along AS (PARTITION BY place, nth ORDER BY at_s)
),
-- What arrived is the last import before; what was held at home until then, and is from then on, is
-- next to the spell in time.
named AS (
    SELECT
        spells.place, spells.nth, spells.since_s, spells.until_s,
        max(struct_pack(from_s, name, batch)) FILTER (here = 1 AND from_s <= since_s) AS arrived,
        max(name) FILTER (held = 1 AND histories.until_s = since_s) AS ended,
        min(name) FILTER (held = 1 AND from_s = spells.until_s) AS began
    FROM spells
    JOIN histories ON spells.place = histories.place AND spells.nth = histories.nth
    WHERE bare
    GROUP BY ALL
),
-- Parts next to each other with one history are one stretch.
runs AS (
    SELECT
        *,
        nth - row_number() OVER (
            PARTITION BY place, since_s, until_s, arrived, ended, began ORDER BY nth
        ) AS run
    FROM named
)
SELECT
    runs.place.home AS home,
    runs.place.scope AS scope,
    runs.place.registry AS registry,
    min(start_g) AS start_g,
    max(end_g) AS end_g,
    arrived.name AS record,
    arrived.batch AS batch,
    ended,
    began,
    nullif(since_s, -9223372036854775807) AS since_s,
    until_s
FROM runs
JOIN parts ON runs.place = parts.place AND runs.nth = parts.nth
GROUP BY runs.place, run, arrived, ended, began, since_s, until_s;

-- ---- Lines and entries of one request ----

-- Null for a kind of entry that is not about credits.
CREATE MACRO line_kind(kind) AS
    CASE
        WHEN kind = 'issued' THEN 'issuance'
        WHEN kind IN ('transferred', 'forced_transfer', 'foreclosed') THEN 'transfer'
        WHEN kind IN ('retired', 'retirement_finalised') THEN 'retirement'
        WHEN kind = 'cancelled' THEN 'cancellation'
        WHEN kind IN ('retirement_requested', 'locked') THEN 'lock'
        WHEN kind IN ('retirement_reverted', 'released', 'export_compensated') THEN 'release'
        WHEN kind = 'exported' THEN 'export'
        WHEN kind = 'imported' THEN 'import'
        WHEN kind = 'returned' THEN 'return'
    END;

-- The rows of one entry differ in their intervals only, so min() is the value of them all. Scope
-- and bounds are those of the whole, null where its intervals lie in two scopes.
CREATE VIEW whole_entries AS
SELECT
    source,
    seq,
    min(record) AS record,
    min(registry) AS registry,
    min(kind) AS kind,
    min(request) AS request,
    min(batch) AS batch,
    min(account) AS account,
    min(counterparty) AS counterparty,
    CASE WHEN min(scope) = max(scope) THEN min(scope) END AS scope,
    CASE WHEN min(scope) = max(scope)
        THEN min(start_g) FILTER (located(scope, start_g, end_g)) END AS start_g,
    CASE WHEN min(scope) = max(scope)
        THEN max(end_g) FILTER (located(scope, start_g, end_g)) END AS end_g,
    sum(amount_g) AS amount_g,
    min(at_s) AS at_s
FROM entries
WHERE keeper = 'ledger' AND line_kind(kind) IS NOT NULL
GROUP BY source, seq;

-- Likewise; `at_s` is when the operator wrote it down.
CREATE VIEW whole_lines AS
SELECT
    source,
    number,
    min(record) AS record,
    min(registry) AS registry,
    min(kind) AS kind,
    min(entry) AS entry_seq,
    min(request) AS request,
    min(batch) AS batch,
    min(account) AS account,
    min(counterparty) AS counterparty,
    CASE WHEN min(scope) = max(scope) THEN min(scope) END AS scope,
    CASE WHEN min(scope) = max(scope)
        THEN min(start_g) FILTER (located(scope, start_g, end_g)) END AS start_g,
    CASE WHEN min(scope) = max(scope)
        THEN max(end_g) FILTER (located(scope, start_g, end_g)) END AS end_g,
    sum(amount_g) AS amount_g,
    coalesce(min(written_s), min(at_s)) AS at_s
FROM lines
WHERE keeper = 'book'
GROUP BY source, number;

-- A line records the entry whose seq it names, and else the entry with its request, if the kinds
-- correspond. A lock may be released, and an export returned, in parts that share its request, so
-- these need the seq.
-- `book` and `number` are the line, `ledger` and `seq` the entry, with the batches and amounts of
-- both; `kind` is the line's.
CREATE VIEW pairs AS
WITH named AS (
    SELECT
        line.source AS book,
        line.number AS number,
        line.registry AS registry,
        line.kind AS kind,
        line.request AS request,
        line.batch AS line_batch,
        line.amount_g AS line_g,
        entry.source AS ledger,
        entry.seq AS seq,
        entry.batch AS entry_batch,
        entry.amount_g AS entry_g
    FROM whole_lines AS line
    LEFT JOIN whole_entries AS entry
        ON line.registry = entry.registry AND line.entry_seq = entry.seq
        AND line.kind = line_kind(entry.kind)
),
unnamed AS (
    SELECT book, number, registry, kind, request, line_batch, line_g
    FROM named
    WHERE seq IS NULL AND request IS NOT NULL
),
requested AS (
    SELECT
        source, seq, registry, request, line_kind(kind) AS kind,
        min(batch) AS entry_batch, sum(amount_g) AS entry_g
    FROM entries
    WHERE
        keeper = 'ledger' AND kind <> 'released'
        AND (registry, request) IN (SELECT (registry, request) FROM unnamed)
    GROUP BY ALL
)
SELECT book, number, ledger, seq, kind, line_batch, entry_batch, line_g, entry_g
FROM named
WHERE seq IS NOT NULL
UNION ALL
SELECT
    book, number, requested.source, requested.seq, kind,
    line_batch, requested.entry_batch, line_g, requested.entry_g
FROM unnamed
JOIN requested USING (registry, request, kind);

-- Bounds: what one side alone has where both start or both end at one gram, else both sides' hull.
-- least() and greatest() pass over a null, so that a side without intervals leaves it to the other.
CREATE VIEW unequal AS
WITH differing AS (
    SELECT * FROM pairs WHERE line_g <> entry_g
)
SELECT
    line,
    entry,
    CASE WHEN (line.scope = entry.scope) IS NOT false
        THEN coalesce(line.scope, entry.scope) END AS scope,
    CASE
        WHEN line.scope <> entry.scope THEN NULL
        WHEN line.start_g = entry.start_g AND line.end_g <> entry.end_g
            THEN least(line.end_g, entry.end_g)
        ELSE least(line.start_g, entry.start_g)
    END AS start_g,
    CASE
        WHEN line.scope <> entry.scope THEN NULL
        WHEN line.end_g = entry.end_g AND line.start_g <> entry.start_g
            THEN greatest(line.start_g, entry.start_g)
        ELSE greatest(line.end_g, entry.end_g)
    END AS end_g,
    abs(line_g - entry_g) AS amount_g,
    later(line.at_s, entry.at_s) AS at_s
FROM differing
JOIN whole_lines AS line ON line.source = differing.book AND line.number = differing.number
JOIN whole_entries AS entry ON entry.source = differing.ledger AND entry.seq = differing.seq;

-- Every interval of such a pair, on both sides; `kind` is the line's.
CREATE VIEW unequal_grams AS
WITH differing AS (
    SELECT * FROM pairs WHERE line_g <> entry_g
)
SELECT struct_pack(registry, scope) AS axis, start_g, end_g, kind
FROM lines
WHERE located(scope, start_g, end_g) AND (source, number) IN (SELECT (book, number) FROM differing)
UNION ALL
SELECT struct_pack(registry, scope), start_g, end_g, line_kind(kind)
FROM entries
WHERE
    keeper = 'ledger' AND located(scope, start_g, end_g)
    AND (source, seq) IN (SELECT (ledger, seq) FROM differing);
