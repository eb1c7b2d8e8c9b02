-- DI-7: one serial in two spellings.
-- catches: an issuance of a block that the same keeper has already under the same serial, printed
--     in another way than in any earlier row: other letter case, padding or dashes, or the form of
--     another platform. The earliest row of that serial stands; each further spelling is a finding
--     against it.
-- misses: a spelling that stands in an earlier row already, and another serial for the same block,
--     which are DI-1; a spelling that no grammar reads; records that do not say how they spell.
-- source: guards in contracts that compare whole texts, as ICR's and Toucan's do, and let the same
--     serial in again in other letters.
-- level: certain
-- partition: scope
-- clears when: one of the two issuances is corrected, or cancelled before it is used
SELECT
    [namesake.registry, registry] AS registries,
    scope,
    start_g,
    end_g,
    end_g - start_g AS amount_g,
    coalesce(batch, namesake.batch) AS batch,
    [namesake.source || ':' || namesake.record, source || ':' || record] AS records,
    -- Null if either is undated; rows are in order of time, so the later date is this row's.
    CASE WHEN namesake.at_s IS NOT NULL THEN at_s END AS detectable_at,
    NULL AS cleared_at
FROM repeats
WHERE respelt
