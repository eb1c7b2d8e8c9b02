-- RV-2: buffer used twice.
-- catches: (a) grams that cover two reversals, at one registry or at two: of several compensations,
--     each that shares grams with one that starts earlier is one finding, against the one that
--     reaches furthest; (b) grams that cover a reversal and stand as retired, or as exported by the
--     registry where they cover it; (c) a standing retirement of what the registry's buffer holds,
--     by the account that holds it. In (b) and (c) it is one finding per exact stretch, whoever
--     keeps the records.
-- misses: credits that left the buffer by a transfer or an export and were not retired from it: a
--     registry may give a buffer back when its time is over; compensations without scope or bounds.
-- source: buffer rules of crediting programmes: a buffer credit covers one loss, and is never sold.
-- level: certain
-- partition: none
-- keepers: book
-- clears when: other credits cover one of the reversals, or replace what was sold
WITH cover AS (
    SELECT
        *,
        struct_pack(registry := coalesce(home, registry), scope := scope) AS axis,
        struct_pack(end_g, source, record, registry, batch, reversal, at_s) AS own
    FROM compensations
    WHERE keeper = 'book' AND reversal IS NOT NULL AND located(scope, start_g, end_g)
),
-- (a)
followed AS (
    SELECT
        *,
        -- A struct compares by its first field: the running maximum says which row holds it.
        max(own) OVER (
            PARTITION BY axis
            ORDER BY start_g, end_g DESC, at_s NULLS LAST, source, record
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS other
    FROM cover
),
-- (b), (c)
uses AS (
    SELECT
        struct_pack(registry := coalesce(home, registry), scope := scope) AS axis,
        'used' AS side,
        kind, account, registry, scope, start_g, end_g, source, record, batch, at_s
    FROM dispositions
    WHERE
        kind IN ('retirement', 'export') AND until_s IS NULL AND located(scope, start_g, end_g)
),
sides AS (
    SELECT
        axis, 'cover' AS side,
        kind, account, registry, scope, start_g, end_g, source, record, batch, at_s
    FROM cover
    UNION ALL
    FROM uses WHERE axis IN (SELECT axis FROM cover)
),
pairs_used AS (
    SELECT
        list_sort(list_distinct([one.registry, other.registry])) AS registries,
        one.scope AS scope,
        start_g,
        end_g,
        coalesce(one.batch, other.batch) AS batch,
        [one.source || ':' || one.record, other.source || ':' || other.record] AS named,
        later(one.at_s, other.at_s) AS at_s
    FROM crossings('sides')
    -- By the export of another registry the grams came to where they cover the loss.
    WHERE 'retirement' IN (one.kind, other.kind) OR one.registry = other.registry
),
sold AS (
    SELECT
        [registry] AS registries, scope, start_g, end_g, batch,
        [source || ':' || record] AS named, at_s
    FROM uses
    WHERE
        kind = 'retirement'
        AND (registry, account)
            IN (SELECT (registry, account) FROM compensations WHERE kind = 'contribution')
),
-- What ledger and book both say of one stretch is one thing.
gathered AS (
    SELECT
        registries, scope, start_g, end_g,
        min(batch) AS batch,
        list_sort(list_distinct(flatten(list(named)))) AS records,
        min(at_s) AS at_s
    FROM (FROM pairs_used UNION ALL FROM sold)
    GROUP BY registries, scope, start_g, end_g
)
SELECT
    list_sort(list_distinct([other.registry, registry])) AS registries,
    scope,
    start_g,
    least(end_g, other.end_g) AS end_g,
    least(end_g, other.end_g) - start_g AS amount_g,
    coalesce(batch, other.batch) AS batch,
    [other.source || ':' || other.record, source || ':' || record] AS records,
    later(at_s, other.at_s) AS detectable_at,
    NULL AS cleared_at
FROM followed
WHERE
    other.end_g > start_g
    AND (registry, reversal) <> (other.registry, other.reversal)
UNION ALL
SELECT
    registries, scope, start_g, end_g, end_g - start_g, batch, records, at_s, NULL
FROM gathered
