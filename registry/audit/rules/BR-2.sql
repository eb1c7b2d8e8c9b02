-- BR-2: phantom credits.
-- catches: an interval that stands as retired or cancelled in a registry's book while the ledger
--     issued it and has it neither retired nor cancelled, so that it still circulates. One finding
--     per row of the book and contiguous live interval, with the ledger's issuance around it.
-- misses: a row without scope or bounds; credits that the ledger never issued, because a book may
--     hold credits that were never tokenised; a registry with one keeper only. A ledger that lags
--     behind its book lawfully says so by a lock on both sides; a retirement in the book alone is a
--     finding however short the lag.
-- source: registry retirement against token supply, as in the bridges of 2021 and 2022 whose tokens
--     stood for retired credits; one book and its ledger must agree on what is gone.
-- level: certain
-- partition: scope
-- clears when: the ledger retires or cancels the interval, or the book's row is reversed
WITH gone_in_book AS (
    SELECT *
    FROM dispositions
    WHERE
        keeper = 'book' AND kind IN ('retirement', 'cancellation') AND until_s IS NULL
        AND scope IS NOT NULL AND 0 <= start_g AND start_g < end_g
),
issued_on_ledger AS (
    SELECT *
    FROM issuances
    WHERE keeper = 'ledger' AND scope IS NOT NULL AND 0 <= start_g AND start_g < end_g
),
-- Every bound of every interval, with what begins (1) or ends (-1) there.
bounds AS (
    SELECT
        registry, scope,
        unnest([start_g, end_g]) AS at_g, unnest([1, -1]) AS book, 0 AS issued, 0 AS ledger
    FROM gone_in_book
    UNION ALL
    SELECT registry, scope, unnest([start_g, end_g]), 0, unnest([1, -1]), 0
    FROM issued_on_ledger
    UNION ALL
    SELECT registry, scope, unnest([start_g, end_g]), 0, 0, unnest([1, -1])
    FROM dispositions
    WHERE
        keeper = 'ledger' AND kind IN ('retirement', 'cancellation') AND until_s IS NULL
        AND scope IS NOT NULL AND 0 <= start_g AND start_g < end_g
),
points AS (
    SELECT
        registry, scope, at_g,
        sum(book) AS book, sum(issued) AS issued, sum(ledger) AS ledger
    FROM bounds
    GROUP BY registry, scope, at_g
),
-- Running sums say how many rows cover the grams from each bound to the next.
covered AS (
    SELECT
        registry, scope, at_g,
        sum(book) OVER along > 0 AND sum(issued) OVER along > 0 AND sum(ledger) OVER along = 0
            AS live
    FROM points
    WINDOW along AS (PARTITION BY registry, scope ORDER BY at_g)
),
turns AS (
    SELECT registry, scope, at_g, live
    FROM covered
    QUALIFY live IS DISTINCT FROM lag(live) OVER (PARTITION BY registry, scope ORDER BY at_g)
),
stretches AS (
    SELECT registry, scope, live, at_g AS start_g, lead(at_g) OVER along AS end_g
    FROM turns
    WINDOW along AS (PARTITION BY registry, scope ORDER BY at_g)
),
gaps AS (
    SELECT *, row_number() OVER (PARTITION BY registry, scope ORDER BY start_g) AS nth
    FROM stretches
    WHERE live
),
-- Gaps are disjoint and in order, so a row meets those from the first that ends after its start to
-- the last that starts before its end.
pieces AS (
    SELECT book, unnest(range(opening.nth, closing.nth + 1)) AS nth
    FROM gone_in_book AS book
    ASOF JOIN gaps AS opening
        ON book.registry = opening.registry AND book.scope = opening.scope
        AND book.start_g < opening.end_g
    ASOF JOIN gaps AS closing
        ON book.registry = closing.registry AND book.scope = closing.scope
        AND book.end_g > closing.start_g
    WHERE opening.nth <= closing.nth
),
phantoms AS (
    SELECT
        book, gaps.registry, gaps.scope,
        greatest(book.start_g, gaps.start_g) AS start_g, least(book.end_g, gaps.end_g) AS end_g
    FROM pieces
    JOIN gaps
        ON book.registry = gaps.registry AND book.scope = gaps.scope AND pieces.nth = gaps.nth
),
-- The issuance that reaches furthest of those that have started covers what is covered.
reaching AS (
    SELECT
        registry, scope, start_g,
        max(struct_pack(end_g, source, record, batch)) OVER (
            PARTITION BY registry, scope ORDER BY start_g
        ) AS issuance
    FROM issued_on_ledger
)
SELECT
    [phantoms.registry] AS registries,
    phantoms.scope AS scope,
    phantoms.start_g AS start_g,
    phantoms.end_g AS end_g,
    phantoms.end_g - phantoms.start_g AS amount_g,
    coalesce(book.batch, first.issuance.batch) AS batch,
    -- One issuance as a rule; the two at its ends when the interval runs from one into another.
    [
        book.source || ':' || book.record,
        first.issuance.source || ':' || first.issuance.record,
        last.issuance.source || ':' || last.issuance.record
    ] AS records,
    book.at_s AS detectable_at,
    NULL AS cleared_at
FROM phantoms
ASOF JOIN reaching AS first
    ON phantoms.registry = first.registry AND phantoms.scope = first.scope
    AND phantoms.start_g >= first.start_g
ASOF JOIN reaching AS last
    ON phantoms.registry = last.registry AND phantoms.scope = last.scope
    AND phantoms.end_g > last.start_g
