-- BR-1: tokens without backing.
-- catches: an interval that the ledger issued, and has neither retired nor cancelled, so that it
--     circulates, while the book of that registry never issued it. One finding per issuance of the
--     ledger and contiguous interval.
-- misses: a row without scope or bounds; a registry of which no book was given at all; what the
--     ledger has retired or cancelled since, which is BR-3. A book may lag behind its ledger as
--     long as `sources` says. Where line and entry of an issuance differ in amount, that is MR-3 or
--     BR-7, and this rule is silent about its serials.
-- source: token supply against immobilised units, as at bridges that minted before the registry had
--     locked anything; one ledger and its book must agree on what was issued.
-- level: certain
-- partition: none
-- keepers: ledger, book
-- clears when: the book issues the interval, or the ledger's tokens are cancelled
WITH issued_on_ledger AS (
    SELECT *
    FROM blocks
    WHERE keeper = 'ledger' AND registry IN (SELECT registry FROM booked)
),
issued_in_book AS (
    SELECT axis, start_g, end_g FROM blocks WHERE keeper = 'book'
),
unbooked AS (
    SELECT piece AS issued, piece.axis AS axis, start_g, end_g
    FROM outside('issued_on_ledger', 'issued_in_book')
),
settled AS (
    SELECT axis, start_g, end_g FROM gone WHERE keeper = 'ledger'
    UNION ALL
    SELECT axis, start_g, end_g FROM unequal_grams WHERE kind = 'issuance'
),
unbacked AS (
    SELECT piece.issued AS issued, start_g, end_g
    FROM outside('unbooked', 'settled')
)
SELECT
    [issued.registry] AS registries,
    issued.scope AS scope,
    start_g,
    end_g,
    end_g - start_g AS amount_g,
    issued.batch AS batch,
    [issued.source || ':' || issued.record] AS records,
    overdue_s(issued.at_s, late) AS detectable_at,
    NULL AS cleared_at
FROM unbacked
LEFT JOIN lags AS late ON late.keeper = 'book' AND late.registry = issued.registry
WHERE NOT excused(issued.at_s, late)
