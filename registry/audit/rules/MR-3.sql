-- MR-3: book amount unlike chain amount.
-- catches: a line and the ledger's entry of one request (the line names the entry, or both carry
--     one request id, and their kinds correspond) whose amounts differ by a tonne or more. One
--     finding per pair; the interval is what one side alone has where both start or both end at one
--     gram, else what both span. BR-1, BR-2 and BR-3 are silent about the serials of such a pair.
-- misses: a difference below a tonne, which is BR-7; a line or an entry without its counterpart,
--     which is BR-1, BR-2, BR-3, BR-9 or MR-1; a release that names a lock but no entry, because a
--     lock may be released in parts.
-- source: requests whose asked amount was written down in place of the one carried out; one request
--     has one amount.
-- level: certain
-- partition: none
-- keepers: ledger, book
-- clears when: the line is corrected to what the ledger did, or the ledger makes up the difference
SELECT
    [line.registry] AS registries,
    scope,
    start_g,
    end_g,
    amount_g,
    coalesce(entry.batch, line.batch) AS batch,
    [line.source || ':' || line.record, entry.source || ':' || entry.record] AS records,
    at_s AS detectable_at,
    NULL AS cleared_at
FROM unequal
WHERE amount_g >= 1000000
