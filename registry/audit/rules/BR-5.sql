-- BR-5: stale or unfinalised retirement.
-- catches: (a) a retirement that waited on the ledger beyond its deadline, until it was finalised
--     or reverted, or still; (b) a final retirement on the ledger that the book wrote down as one
--     later than it may lag behind, cleared when it did; (c) a final retirement that ledger and
--     book have, while the registry published no certificate for it in the time by which it may
--     lag. One finding per interval.
-- misses: what the book lacks entirely, which is BR-3; (a) where `sources` does not say when the
--     ledger was read; (b) where it does not say how long the book may lag, and a line without
--     dates; (c) a registry of which no certificate was given at all, a certificate that came late,
--     and a retirement without an id. A certificate for other serials is DC-7.
-- source: two-step retirement, where a burn is seen at once and the registry's own certificate
--     follows within an agreed time.
-- level: timed
-- partition: none
-- keepers: ledger, book
-- clears when: the retirement is finalised, reverted, written down or certified
WITH final AS (
    SELECT *
    FROM dispositions
    WHERE keeper = 'ledger' AND kind = 'retirement' AND until_s IS NULL
),
-- (b)
written_late AS (
    SELECT
        pairs.ledger AS source,
        pairs.seq AS seq,
        line.source || ':' || line.record AS line,
        line.at_s AS written_s,
        late
    FROM pairs
    JOIN whole_lines AS line ON line.source = pairs.book AND line.number = pairs.number
    JOIN whole_entries AS entry ON entry.source = pairs.ledger AND entry.seq = pairs.seq
    JOIN lags AS late ON late.keeper = 'book' AND late.registry = entry.registry
    WHERE line.kind = 'retirement' AND line.at_s > entry.at_s::HUGEINT + late.lag_s
),
-- (c)
booked_ids AS (
    SELECT registry, id, min(source || ':' || record) AS line
    FROM dispositions
    WHERE keeper = 'book' AND kind = 'retirement' AND until_s IS NULL AND id IS NOT NULL
    GROUP BY registry, id
),
uncertified AS (
    SELECT *
    FROM final
    ANTI JOIN certificates
        ON final.registry = certificates.registry AND final.id = certificates.retirement
    WHERE id IS NOT NULL AND registry IN (SELECT registry FROM certificates)
)
SELECT
    [waiting.registry] AS registries,
    waiting.scope AS scope,
    waiting.start_g AS start_g,
    waiting.end_g AS end_g,
    waiting.amount_g AS amount_g,
    waiting.batch AS batch,
    [waiting.source || ':' || waiting.record] AS records,
    waiting.deadline_s AS detectable_at,
    waiting.until_s AS cleared_at,
    'the request is finalised or reverted' AS clears_when
FROM dispositions AS waiting
LEFT JOIN lags AS ledger ON ledger.keeper = 'ledger' AND ledger.registry = waiting.registry
WHERE
    waiting.keeper = 'ledger' AND waiting.kind = 'lock' AND waiting.deadline_s IS NOT NULL
    AND coalesce(waiting.until_s, ledger.now_s) > waiting.deadline_s
UNION ALL
SELECT
    [entries.registry],
    entries.scope,
    entries.start_g,
    entries.end_g,
    entries.amount_g,
    entries.batch,
    [entries.source || ':' || entries.record, written_late.line],
    overdue_s(entries.at_s, written_late.late),
    written_late.written_s,
    'the book writes the retirement down'
FROM written_late
JOIN entries USING (source, seq)
WHERE entries.keeper = 'ledger'
UNION ALL
SELECT
    [uncertified.registry],
    uncertified.scope,
    uncertified.start_g,
    uncertified.end_g,
    uncertified.amount_g,
    uncertified.batch,
    [uncertified.source || ':' || uncertified.record, booked_ids.line],
    overdue_s(uncertified.at_s, late),
    NULL,
    'the registry publishes a certificate for the retirement'
FROM uncertified
JOIN booked_ids USING (registry, id)
LEFT JOIN lags AS late ON late.keeper = 'book' AND late.registry = uncertified.registry
WHERE NOT excused(uncertified.at_s, late)
