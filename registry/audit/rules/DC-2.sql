-- DC-2: used for CORSIA without being eligible.
-- catches: (a) a standing retirement or cancellation for CORSIA of credits that a letter or a field
--     calls not eligible, or of a vintage before 2016, which no period of CORSIA takes. One finding
--     per row. (b) where the units' host Party keeps a list: the stretches of such a use that no
--     authorisation for international mitigation purposes (IMP) covers at the time of the use, or
--     that are of a vintage before 2016, at whatever registry they were retired.
-- misses: a row without a purpose; (a) an eligibility field that is empty or not there; a vintage
--     from 2016 on that the one period takes and the other does not, because the row names no
--     period; (b) a Party that keeps no list; more uses under one authorisation than it is for; an
--     authorisation given only after the use, which is taken for one; a row that says itself
--     whether it is eligible. A use undone since (ask as of a day before).
-- source: the ICAO Council's decisions on CORSIA eligible emissions units: activities that started
--     their first crediting period from 1 January 2016 on, and a letter of the host country's.
-- level: certain
-- partition: scope
-- clears when: the use is reversed and eligible units replace it, or the label is corrected, or the
--     host Party authorises the use
WITH uses AS (
    SELECT *, struct_pack(registry := coalesce(home, registry), scope := scope) AS home_axis
    FROM dispositions
    WHERE
        kind IN ('retirement', 'cancellation') AND until_s IS NULL
        AND lower(trim(purpose)) = 'corsia'
),
asked AS (
    SELECT *, home_axis AS axis
    FROM uses
    WHERE eligible IS NULL AND (vintage < 2016) IS NOT true
        AND located(scope, start_g, end_g)
),
hosts AS (
    SELECT struct_pack(registry, scope) AS axis, start_g, end_g
    FROM authorisations
    WHERE kind = 'host' AND until_s IS NULL AND located(scope, start_g, end_g)
),
-- An authorisation holds for a time of use, so uses of one moment are compared at once.
hosted AS (
    SELECT
        piece AS used,
        struct_pack(home := piece.home_axis, at_s := piece.at_s) AS axis,
        start_g,
        end_g
    FROM inside('asked', 'hosts')
),
allowed AS (
    SELECT moments.axis AS axis, start_g, end_g
    FROM authorisations
    JOIN (SELECT DISTINCT axis FROM hosted) AS moments
        ON moments.axis.home = struct_pack(registry, scope)
    WHERE
        kind = 'authorisation' AND purpose = 'IMP' AND (vintage >= 2016) IS NOT false
        AND located(scope, start_g, end_g)
        AND (start_s <= moments.axis.at_s) IS NOT false
        AND (moments.axis.at_s < end_s) IS NOT false
        AND (moments.axis.at_s < until_s) IS NOT false
),
uncovered AS (
    SELECT piece.used AS used, start_g, end_g
    FROM outside('hosted', 'allowed')
)
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
FROM uses
WHERE NOT eligible OR vintage < 2016
UNION ALL
-- What ledger and book both say of one use is one finding.
SELECT
    list_sort(list_distinct([used.registry, used.home_axis.registry])),
    used.scope,
    start_g,
    end_g,
    end_g - start_g,
    min(used.batch),
    list(used.source || ':' || used.record ORDER BY used.source, used.record),
    min(used.at_s),
    NULL
FROM uncovered
GROUP BY used.registry, used.home_axis, used.scope, used.id, start_g, end_g
