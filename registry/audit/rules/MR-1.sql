-- MR-1: mirror differs from its source.
-- catches: (a) an entry of the ledger that the mirror has not; (b) one that the mirror has twice;
--     (c) one that the mirror has and the ledger has not, such as one that a reorganisation
--     orphaned; (d) one that says something else in the mirror; (e) a holder's transfer, export,
--     request for a retirement or its reversal, a lender's foreclosure, or what comes back of an
--     export, on the ledger that no line of the book records; (f) a transfer, export or return in
--     the book that no entry confirms, of a batch that the ledger issued or imported; (g) a line
--     unlike the entry that it records, of equal amount: it names another batch or, for what leaves
--     and comes back (a lock, a release, an export, a return), other serials. One finding per
--     interval of the entry or line, or one where it has none; in (g) one per pair, of the line's
--     amount, over what the entry has and the line has not. Entries meet by their place on the
--     chain, and by their number where a ledger has no chain.
-- misses: a mirror, a ledger's log or a book of which nothing was given; (f) a lock or a release in
--     the book alone, and an import, as a book may hold credits that were never tokenised; (g) what
--     one side leaves out, and other serials of an issuance, a retirement or a cancellation, which
--     are BR-1, BR-2 or BR-3 whatever batch the line names. Several mirrors count as one in (a).
--     What a book lacks otherwise is BR-1, BR-3 or BR-9, other amounts are MR-3 or BR-7, other
--     accounts AC-1. Mirror, book and ledger may lag behind each other as long as `sources` says,
--     except in (g), where both have spoken.
-- source: indexers that skip an event at a high-water mark, apply one twice, or keep one after a
--     reorganisation; a copy and its original must say the same.
-- level: certain
-- partition: none
-- keepers: ledger, book, mirror
-- clears when: the copy is rebuilt from its source, or the missing record is written
WITH logs AS (
    SELECT
        keeper, source, seq, body, at_s, registry, scope, start_g, end_g, amount_g, batch,
        source || ':' || record AS name, coalesce(place, 'seq ' || seq) AS spot
    FROM entries
),
ledger AS (
    FROM logs WHERE keeper = 'ledger'
),
mirror AS (
    FROM logs WHERE keeper = 'mirror'
),
-- A mirror copies one chain, whatever registry its lag is stated for.
mirrored AS (
    SELECT
        min(now_s) AS now_s,
        CASE WHEN count(complete_s) = count(*) THEN min(complete_s) END AS complete_s,
        max(lag_s) AS lag_s
    FROM lags
    WHERE keeper = 'mirror'
),
-- (a)
missing AS (
    SELECT ledger.*, overdue_s(ledger.at_s, late) AS since_s, NULL AS other
    FROM ledger
    ANTI JOIN mirror USING (spot)
    CROSS JOIN mirrored AS late
    WHERE
        (EXISTS (FROM mirror) OR EXISTS (FROM sources WHERE keeper = 'mirror'))
        AND NOT excused(ledger.at_s, late)
),
-- (b)
repeated AS (
    SELECT source, spot, min(seq) AS first_seq, arg_min(name, seq) AS first_name
    FROM mirror
    GROUP BY source, spot
    HAVING min(seq) <> max(seq)
),
doubled AS (
    SELECT mirror.*, mirror.at_s AS since_s, repeated.first_name AS other
    FROM mirror
    JOIN repeated USING (source, spot)
    WHERE mirror.seq <> repeated.first_seq
),
-- In clean records nothing is left here; a repetition is one finding, whatever it says.
unlike AS (
    SELECT mirror.*
    FROM mirror
    ANTI JOIN ledger USING (spot, body)
    ANTI JOIN doubled USING (source, seq)
    WHERE EXISTS (FROM ledger)
),
met AS (
    SELECT spot, min(body) AS body, min(name) AS name
    FROM ledger
    WHERE spot IN (SELECT spot FROM unlike)
    GROUP BY spot
),
-- (c)
extra AS (
    SELECT unlike.*, overdue_s(unlike.at_s, late) AS since_s, NULL AS other
    FROM unlike
    ANTI JOIN met USING (spot)
    LEFT JOIN lags AS late ON late.keeper = 'ledger' AND late.registry = unlike.registry
    WHERE NOT excused(unlike.at_s, late)
),
-- (d)
altered AS (
    SELECT unlike.*, unlike.at_s AS since_s, met.name AS other
    FROM unlike
    JOIN met ON unlike.spot = met.spot AND unlike.body <> met.body
),
recorded AS MATERIALIZED (
    FROM pairs
),
-- (e)
unwritten AS (
    SELECT acts.*, overdue_s(acts.at_s, late) AS since_s
    FROM entries AS acts
    LEFT JOIN lags AS late ON late.keeper = 'book' AND late.registry = acts.registry
    WHERE
        acts.keeper = 'ledger'
        AND acts.kind IN (
            'transferred', 'foreclosed', 'retirement_requested', 'retirement_reverted',
            'exported', 'returned', 'export_compensated'
        )
        AND acts.registry IN (SELECT registry FROM lines WHERE keeper = 'book')
        AND (acts.source, acts.seq) NOT IN (SELECT (ledger, seq) FROM recorded)
        AND NOT excused(acts.at_s, late)
),
-- (f)
unconfirmed AS (
    SELECT moves.*, overdue_s(moves.at_s, late) AS since_s
    FROM lines AS moves
    LEFT JOIN lags AS late ON late.keeper = 'ledger' AND late.registry = moves.registry
    WHERE
        moves.keeper = 'book' AND moves.kind IN ('transfer', 'export', 'return')
        AND moves.registry IN (SELECT registry FROM ledger)
        AND (moves.registry, moves.batch)
            IN (SELECT (registry, batch) FROM issuances WHERE keeper = 'ledger')
        AND (moves.source, moves.number) NOT IN (SELECT (book, number) FROM recorded)
        AND NOT excused(moves.at_s, late)
),
-- (g)
suspect AS (
    SELECT *, coalesce(line_batch <> entry_batch, false) AS other_batch
    FROM recorded
    WHERE
        line_g = entry_g
        AND (kind IN ('lock', 'release', 'export', 'return') OR line_batch <> entry_batch)
),
acted AS (
    SELECT struct_pack(book, number, ledger, suspect.seq, scope) AS axis, start_g, end_g
    FROM entries
    JOIN suspect ON entries.source = suspect.ledger AND entries.seq = suspect.seq
    WHERE keeper = 'ledger' AND located(scope, start_g, end_g)
),
stated AS (
    SELECT struct_pack(book, suspect.number, ledger, seq, scope) AS axis, start_g, end_g
    FROM lines
    JOIN suspect ON lines.source = suspect.book AND lines.number = suspect.number
    WHERE keeper = 'book' AND located(scope, start_g, end_g)
),
unstated AS (
    SELECT
        piece.axis.book AS book, piece.axis.number AS number,
        piece.axis.ledger AS ledger, piece.axis.seq AS seq,
        CASE WHEN min(piece.axis.scope) = max(piece.axis.scope) THEN min(piece.axis.scope) END
            AS scope,
        min(start_g) AS start_g, max(end_g) AS end_g
    FROM outside('acted', 'stated')
    WHERE (piece.axis.book, piece.axis.number) IN (SELECT (axis.book, axis.number) FROM stated)
    GROUP BY ALL
),
misstated AS (
    SELECT suspect.*, scope, start_g, end_g
    FROM suspect
    LEFT JOIN unstated USING (book, number, ledger, seq)
    WHERE
        CASE
            WHEN kind IN ('lock', 'release', 'export', 'return')
                THEN other_batch OR start_g IS NOT NULL
            WHEN kind = 'transfer' THEN true
            ELSE start_g IS NULL
        END
),
differences AS (
    SELECT
        registry, scope, start_g, end_g, amount_g, batch, [name] AS records, since_s,
        'the mirror copies the entry' AS clears_when
    FROM missing
    UNION ALL
    SELECT
        registry, scope, start_g, end_g, amount_g, batch, [name, other], since_s,
        'the mirror drops the repetition'
    FROM doubled
    UNION ALL
    SELECT
        registry, scope, start_g, end_g, amount_g, batch, [name], since_s,
        'the mirror drops what its source has not'
    FROM extra
    UNION ALL
    SELECT
        registry, scope, start_g, end_g, amount_g, batch, [name, other], since_s,
        'the mirror copies the entry again'
    FROM altered
    UNION ALL
    SELECT
        registry, scope, start_g, end_g, amount_g, batch, [source || ':' || record], since_s,
        'the book writes the entry down'
    FROM unwritten
    UNION ALL
    SELECT
        registry, scope, start_g, end_g, amount_g, batch, [source || ':' || record], since_s,
        'the book takes it back, or the ledger carries it out'
    FROM unconfirmed
    UNION ALL
    SELECT
        line.registry,
        misstated.scope,
        CASE WHEN misstated.scope IS NOT NULL THEN misstated.start_g END,
        CASE WHEN misstated.scope IS NOT NULL THEN misstated.end_g END,
        line_g,
        coalesce(entry_batch, line_batch),
        [line.source || ':' || line.record, entry.source || ':' || entry.record],
        later(line.at_s, entry.at_s),
        'the line says what the entry says'
    FROM misstated
    JOIN whole_lines AS line ON line.source = book AND line.number = misstated.number
    JOIN whole_entries AS entry ON entry.source = ledger AND entry.seq = misstated.seq
)
SELECT
    [registry] AS registries,
    scope,
    start_g,
    end_g,
    amount_g,
    batch,
    records,
    since_s AS detectable_at,
    NULL AS cleared_at,
    clears_when
FROM differences
