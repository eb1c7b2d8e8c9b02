-- BR-2: phantom credits.
-- catches: an interval that stands as retired or cancelled in a registry's book while the ledger
--     issued it and has it neither retired nor cancelled, so that it still circulates. One finding
--     per row of the book and contiguous live interval, with the ledger's issuance around it.
-- misses: a row without scope or bounds; credits that the ledger never issued, because a book may
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
