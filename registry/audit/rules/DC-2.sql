-- DC-2: used for CORSIA without being eligible.
-- catches: a standing retirement or cancellation for CORSIA of credits that a letter or a field
--     calls not eligible, or of a vintage before 2016, which no period of CORSIA takes. One finding
--     per row.
-- misses: a row without a purpose; an eligibility field that is empty or not there; a vintage from
--     2016 on that the one period takes and the other does not, because the row names no period; a
--     use undone since (ask as of a day before).
-- source: the ICAO Council's decisions on CORSIA eligible emissions units: activities that started
--     their first crediting period from 1 January 2016 on.
-- level: certain
-- partition: scope
-- clears when: the use is reversed and eligible units replace it, or the label is corrected
SELECT
    [registry] AS registries,
    scope,
    start_g,
    end_g,
    amount_g,
    batch,
    [source || ':' || record] AS records,
    at_s AS detectable_at,
    NULL AS cleared_at
FROM dispositions
WHERE
    kind IN ('retirement', 'cancellation') AND until_s IS NULL
    AND purpose = 'corsia' AND (NOT eligible OR vintage < 2016)
