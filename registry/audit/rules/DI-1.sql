-- DI-1: one serial block issued twice.
-- catches: two issuances of one keeper with the same scope and the same bounds, at one registry or
--     at two. The earliest stands; every later one is a finding against it. One that is equal to
--     an earlier one in every column of its file is strong, against that one: rows are repeated by
--     whoever copied a file, too.
-- misses: a serial that only another spelling brought in again, which is DI-7; a block without
--     scope or bounds; blocks that meet without being equal, which are DI-2. A block that came from
--     another registry is no issuance: BR-1 and BR-4. A record that restates an issuance with
--     another amount is none either: CN-1.
-- source: double issuance in the ADC Working Group's FAQ: more than one unit for one reduction.
-- level: certain
-- partition: scope
-- clears when: one of the two issuances is corrected, or cancelled before it is used
WITH found AS (
    SELECT *, coalesce(twin, original) AS earlier
    FROM repeats
    WHERE nth > 1 AND NOT respelt
),
-- Nearly every block starts alone, and so few serials need be compared.
starts AS (
    SELECT keeper, scope, start_g
    FROM own_blocks
    WHERE keeper = 'feed'
    GROUP BY keeper, scope, start_g
    HAVING min(end_g) <> max(end_g)
),
amounts AS (
    SELECT keeper, scope, start_g, serial
    FROM own_blocks
    SEMI JOIN starts USING (keeper, scope, start_g)
    WHERE serial IS NOT NULL
    GROUP BY keeper, scope, start_g, serial
    HAVING min(end_g) <> max(end_g)
),
resized AS (
    SELECT
        *,
        first_value(struct_pack(end_g, source, record, registry, batch, at_s)) OVER (
            PARTITION BY keeper, scope, start_g, serial
            ORDER BY at_s NULLS LAST, source, record, registry, batch
        ) AS earlier,
        -- Other rows with one amount are compared above.
        row_number() OVER (
            PARTITION BY keeper, scope, start_g, serial, end_g
            ORDER BY at_s NULLS LAST, source, record, registry, batch
        ) AS nth
    FROM own_blocks
    SEMI JOIN amounts USING (keeper, scope, start_g, serial)
)
SELECT
    [earlier.registry, registry] AS registries,
    scope,
    start_g,
    end_g,
    end_g - start_g AS amount_g,
    coalesce(batch, earlier.batch) AS batch,
    [earlier.source || ':' || earlier.record, source || ':' || record] AS records,
    -- Null if either is undated; rows are in order of time, so the later date is this row's.
    CASE WHEN earlier.at_s IS NOT NULL THEN at_s END AS detectable_at,
    NULL AS cleared_at,
    CASE WHEN twin IS NULL THEN 'certain' ELSE 'strong' END AS level
FROM found
UNION ALL
SELECT
    [earlier.registry, registry],
    scope,
    start_g,
    least(end_g, earlier.end_g),
    least(end_g, earlier.end_g) - start_g,
    coalesce(batch, earlier.batch),
    [earlier.source || ':' || earlier.record, source || ':' || record],
    CASE WHEN earlier.at_s IS NOT NULL THEN at_s END,
    NULL,
    'certain'
FROM resized
WHERE nth = 1 AND end_g <> earlier.end_g
