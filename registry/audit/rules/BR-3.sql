-- BR-3: burned but live.
-- catches: an interval that stands as retired or cancelled on the ledger while the book of that
--     registry has it neither retired nor cancelled, so that it can be sold again there. One
--     finding per row of the ledger and contiguous missing interval, with the book's issuance
--     around it, if the book has one; an interval that the book never issued is missing too.
-- misses: a row without scope or bounds; a registry of which no book was given at all. A book that
--     lags behind its ledger lawfully says so by a lock on both sides; a retirement on the ledger
--     alone is a finding however short the lag.
-- source: token supply against registry status; one ledger and its book must agree on what is gone.
-- level: certain
-- partition: none
-- clears when: the book retires or cancels the interval, or the ledger's row is shown to be wrong
WITH booked AS (
    SELECT registry FROM issuances WHERE keeper = 'book'
    UNION
    SELECT registry FROM dispositions WHERE keeper = 'book'
    UNION
    SELECT registry FROM tokens WHERE keeper = 'book'
),
gone_on_ledger AS (
    SELECT *
    FROM dispositions
    WHERE
        keeper = 'ledger' AND kind IN ('retirement', 'cancellation') AND until_s IS NULL
        AND scope IS NOT NULL AND 0 <= start_g AND start_g < end_g
        AND registry IN (SELECT registry FROM booked)
),
-- Every bound of every interval, with what begins (1) or ends (-1) there.
bounds AS (
    SELECT
        registry, scope,
        unnest([start_g, end_g]) AS at_g, unnest([1, -1]) AS ledger, 0 AS book
    FROM gone_on_ledger
    UNION ALL
    SELECT registry, scope, unnest([start_g, end_g]), 0, unnest([1, -1])
    FROM dispositions
    WHERE
        keeper = 'book' AND kind IN ('retirement', 'cancellation') AND until_s IS NULL
        AND scope IS NOT NULL AND 0 <= start_g AND start_g < end_g
),
points AS (
    SELECT registry, scope, at_g, sum(ledger) AS ledger, sum(book) AS book
    FROM bounds
    GROUP BY registry, scope, at_g
),
-- Running sums say how many rows cover the grams from each bound to the next.
covered AS (
    SELECT
        registry, scope, at_g,
        sum(ledger) OVER along > 0 AND sum(book) OVER along = 0 AS missing
    FROM points
    WINDOW along AS (PARTITION BY registry, scope ORDER BY at_g)
),
turns AS (
    SELECT registry, scope, at_g, missing
    FROM covered
    QUALIFY missing IS DISTINCT FROM lag(missing) OVER (PARTITION BY registry, scope ORDER BY at_g)
),
stretches AS (
    SELECT registry, scope, missing, at_g AS start_g, lead(at_g) OVER along AS end_g
    FROM turns
    WINDOW along AS (PARTITION BY registry, scope ORDER BY at_g)
),
gaps AS (
    SELECT *, row_number() OVER (PARTITION BY registry, scope ORDER BY start_g) AS nth
    FROM stretches
    WHERE missing
),
-- Gaps are disjoint and in order, so a row meets those from the first that ends after its start to
-- the last that starts before its end.
pieces AS (
    SELECT ledger, unnest(range(opening.nth, closing.nth + 1)) AS nth
    FROM gone_on_ledger AS ledger
    ASOF JOIN gaps AS opening
        ON ledger.registry = opening.registry AND ledger.scope = opening.scope
        AND ledger.start_g < opening.end_g
    ASOF JOIN gaps AS closing
        ON ledger.registry = closing.registry AND ledger.scope = closing.scope
        AND ledger.end_g > closing.start_g
    WHERE opening.nth <= closing.nth
),
burned AS (
    SELECT
        ledger, gaps.registry, gaps.scope,
        greatest(ledger.start_g, gaps.start_g) AS start_g, least(ledger.end_g, gaps.end_g) AS end_g
    FROM pieces
    JOIN gaps
        ON ledger.registry = gaps.registry AND ledger.scope = gaps.scope
        AND pieces.nth = gaps.nth
),
-- The issuance that reaches furthest of those that have started covers what is covered.
reaching AS (
    SELECT
        registry, scope, start_g,
        max(struct_pack(end_g, source, record)) OVER (
            PARTITION BY registry, scope ORDER BY start_g
        ) AS issuance
    FROM issuances
    WHERE keeper = 'book' AND scope IS NOT NULL AND 0 <= start_g AND start_g < end_g
)
SELECT
    [burned.registry] AS registries,
    burned.scope AS scope,
    burned.start_g AS start_g,
    burned.end_g AS end_g,
    burned.end_g - burned.start_g AS amount_g,
    ledger.batch AS batch,
    -- The issuances at both ends: one as a rule, none where the book issued nothing.
    list_filter(
        [
            ledger.source || ':' || ledger.record,
            CASE WHEN first.issuance.end_g > burned.start_g
                THEN first.issuance.source || ':' || first.issuance.record END,
            CASE WHEN last.issuance.end_g >= burned.end_g
                THEN last.issuance.source || ':' || last.issuance.record END
        ],
        lambda name: name IS NOT NULL
    ) AS records,
    ledger.at_s AS detectable_at,
    NULL AS cleared_at
FROM burned
ASOF LEFT JOIN reaching AS first
    ON burned.registry = first.registry AND burned.scope = first.scope
    AND burned.start_g >= first.start_g
ASOF LEFT JOIN reaching AS last
    ON burned.registry = last.registry AND burned.scope = last.scope
    AND burned.end_g > last.start_g
