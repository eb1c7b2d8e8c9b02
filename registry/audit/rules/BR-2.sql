-- BR-2: phantom credits.
-- catches: (a) an interval that stands as retired or cancelled in a registry's book while the
--     ledger issued it and has it neither retired nor cancelled, so that it still circulates. One
--     finding per row of the book and contiguous live interval, with the ledger's issuance around
--     it. (b) credits that one registry retired, for somebody's claim, so that another issued anew
--     in their place what was not cancelled there. One finding per batch issued anew and block.
-- misses: (b) what was issued anew without saying as what; in files, which do not name the batch.
--     (a) a row without scope or bounds; credits that the ledger never issued, because a book may
--     hold credits that were never tokenised; a registry with one keeper only. A ledger may lag
--     behind its book as long as `sources` says; without such a statement a retirement in the book
--     alone is a finding at once. Where line and entry of one request differ in amount, that is
--     MR-3 or BR-7, and this rule is silent about its serials.
-- source: registry retirement against token supply, as in the bridges of 2021 and 2022 whose tokens
--     stood for retired credits; one book and its ledger must agree on what is gone.
-- level: certain
-- partition: none
-- keepers: ledger, book
-- clears when: the ledger retires or cancels the interval, or the book's row is reversed
WITH gone_in_book AS (
    SELECT * FROM gone WHERE keeper = 'book'
),
gone_on_ledger AS (
    SELECT axis, start_g, end_g FROM gone WHERE keeper = 'ledger'
),
issued_on_ledger AS (
    SELECT * FROM blocks WHERE keeper = 'ledger'
),
differing AS (
    SELECT axis, start_g, end_g FROM unequal_grams WHERE kind IN ('retirement', 'cancellation')
),
standing AS (
    SELECT piece AS book, piece.axis AS axis, start_g, end_g
    FROM outside('gone_in_book', 'gone_on_ledger')
),
live AS (
    SELECT piece.book AS book, piece.axis AS axis, start_g, end_g
    FROM inside('standing', 'issued_on_ledger')
),
phantoms AS (
    SELECT piece.book AS book, piece.axis AS axis, start_g, end_g
    FROM outside('live', 'differing')
),
-- The issuance that reaches furthest of those that have started covers what is covered.
reaching AS (
    SELECT
        axis, start_g,
        max(struct_pack(end_g, source, record, batch)) OVER (
            PARTITION BY axis ORDER BY start_g
        ) AS issuance
    FROM issued_on_ledger
    WHERE axis IN (SELECT axis FROM phantoms)
),
-- (b)
given_up AS (
    SELECT keeper, registry, batch, sum(amount_g) AS amount_g
    FROM dispositions
    WHERE kind = 'cancellation' AND until_s IS NULL
    GROUP BY keeper, registry, batch
),
reissued AS (
    SELECT
        sold, made.registry AS registry, made.batch AS batch,
        made.source || ':' || made.record AS record,
        least(sold.amount_g, made.amount_g - coalesce(given_up.amount_g, 0)) AS live_g,
        later(sold.at_s, made.at_s) AS at_s
    FROM conversions AS sold
    JOIN issuances AS made
        ON sold.keeper = made.keeper AND sold.target = made.registry
        AND sold.target_batch = made.batch
    LEFT JOIN given_up
        ON made.keeper = given_up.keeper AND made.registry = given_up.registry
        AND made.batch = given_up.batch
    WHERE sold.kind = 'retirement' AND sold.at_s IS NOT NULL AND sold.keeper IN ('ledger', 'book')
)
SELECT
    [book.registry] AS registries,
    book.scope AS scope,
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
    overdue_s(book.at_s, late) AS detectable_at,
    NULL AS cleared_at
FROM phantoms
ASOF JOIN reaching AS first
    ON phantoms.axis = first.axis AND phantoms.start_g >= first.start_g
ASOF JOIN reaching AS last
    ON phantoms.axis = last.axis AND phantoms.end_g > last.start_g
LEFT JOIN lags AS late ON late.keeper = 'ledger' AND late.registry = book.registry
WHERE NOT excused(book.at_s, late)
UNION ALL
SELECT
    [sold.registry, registry],
    CASE WHEN located(sold.scope, sold.start_g, sold.end_g) THEN sold.scope END,
    CASE WHEN located(sold.scope, sold.start_g, sold.end_g) THEN sold.start_g END,
    CASE WHEN located(sold.scope, sold.start_g, sold.end_g) THEN sold.end_g END,
    live_g,
    batch,
    [sold.source || ':' || sold.record, record],
    at_s,
    NULL
FROM reissued
WHERE live_g > 0
