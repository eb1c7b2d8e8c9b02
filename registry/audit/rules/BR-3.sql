-- BR-3: burned but live.
-- catches: an interval that stands as retired or cancelled on the ledger while the book of that
--     registry has it neither retired nor cancelled, so that it can be sold again there. One
--     finding per row of the ledger and contiguous missing interval, with the book's issuance
--     around it, if the book has one; an interval that the book never issued is missing too.
-- misses: a row without scope or bounds; a registry of which no book was given at all. A book may
--     lag behind its ledger as long as `sources` says; without such a statement a retirement on the
--     ledger alone is a finding at once. Where line and entry of one request differ in amount, that
--     is MR-3 or BR-7, and this rule is silent about its serials.
-- source: token supply against registry status; one ledger and its book must agree on what is gone.
-- level: certain
-- partition: none
-- keepers: ledger, book
-- clears when: the book retires or cancels the interval, or the ledger's row is shown to be wrong
WITH gone_on_ledger AS (
    SELECT *
    FROM gone
    WHERE keeper = 'ledger' AND registry IN (SELECT registry FROM booked)
),
gone_in_book AS (
    SELECT axis, start_g, end_g FROM gone WHERE keeper = 'book'
),
differing AS (
    SELECT axis, start_g, end_g FROM unequal_grams WHERE kind IN ('retirement', 'cancellation')
),
missing AS (
    SELECT piece AS ledger, piece.axis AS axis, start_g, end_g
    FROM outside('gone_on_ledger', 'gone_in_book')
),
burned AS (
    SELECT piece.ledger AS ledger, piece.axis AS axis, start_g, end_g
    FROM outside('missing', 'differing')
),
-- The issuance that reaches furthest of those that have started covers what is covered.
reaching AS (
    SELECT
        axis, start_g,
        max(struct_pack(end_g, source, record)) OVER (
            PARTITION BY axis ORDER BY start_g
        ) AS issuance
    FROM blocks
    WHERE keeper = 'book' AND axis IN (SELECT axis FROM burned)
)
SELECT
    [ledger.registry] AS registries,
    ledger.scope AS scope,
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
    overdue_s(ledger.at_s, late) AS detectable_at,
    NULL AS cleared_at
FROM burned
ASOF LEFT JOIN reaching AS first
    ON burned.axis = first.axis AND burned.start_g >= first.start_g
ASOF LEFT JOIN reaching AS last
    ON burned.axis = last.axis AND burned.end_g > last.start_g
LEFT JOIN lags AS late ON late.keeper = 'book' AND late.registry = ledger.registry
WHERE NOT excused(ledger.at_s, late)
