-- DU-1: one interval used twice.
-- catches: two standing retirements or cancellations of one keeper that share grams of one scope,
--     of one registry's credits, wherever they are, or with one status word at two. Credits that
--     were imported count where they come from, so that a use at home and one abroad are two of the
--     same. Each row that shares grams with such a row that starts earlier is one finding, against
--     the one that reaches furthest. It is strong where the two are equal in every column, because
--     a row may have been exported twice.
-- misses: the other pairs where three meet in one place; a disposition without scope or bounds, so
--     two uses of one amount that names no serial; a use undone since (ask as of a day before).
--     A cancellation at one registry and a retirement at another are DU-4, or lawful; so is what a
--     second registry does with serials that the first cancelled for their conversion. What ledger
--     and book both say is one retirement; where they disagree is BR-2 or BR-3.
-- source: double use in the ADC Working Group's FAQ: one issued unit counted twice.
-- level: certain
-- partition: scope
-- clears when: one of the two is reversed, or its claim is withdrawn and other credits replace it
WITH uses AS (
    SELECT
        keeper, source, record, registry, home, batch, kind, scope, start_g, end_g, at_s,
        purpose, digest
    FROM dispositions
    WHERE
        kind IN ('retirement', 'cancellation')
        AND until_s IS NULL
        AND scope IS NOT NULL AND 0 <= start_g AND start_g < end_g
),
named AS (
    -- A struct compares by its first field: a running maximum says which row holds it.
    SELECT *, struct_pack(end_g, source, record, registry, batch, at_s) AS own
    FROM meeting('uses')
),
held AS (
    SELECT
        *,
        max(own) OVER (
            PARTITION BY keeper, scope, home_of(home, registry)
            ORDER BY start_g, end_g DESC, at_s NULLS LAST, source, record, batch
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS at_home,
        max(own) FILTER (purpose IS DISTINCT FROM 'conversion') OVER (
            PARTITION BY keeper, scope, kind
            ORDER BY start_g, end_g DESC, at_s NULLS LAST, source, record, registry, batch
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS of_kind,
        CASE WHEN digest IS NOT NULL THEN lag(own) OVER (
            PARTITION BY keeper, scope, registry, kind, start_g, end_g, digest
            ORDER BY at_s NULLS LAST, source, record, batch
        ) END AS twin
    FROM named
),
furthest AS (
    SELECT
        *,
        CASE
            WHEN purpose = 'conversion' OR of_kind IS NULL THEN at_home
            WHEN at_home IS NULL OR of_kind > at_home THEN of_kind
            ELSE at_home
        END AS reaching
    FROM held
),
found AS (
    SELECT
        *,
        coalesce(twin.end_g = reaching.end_g, false) AS repeated,
        CASE WHEN repeated THEN twin ELSE reaching END AS holder
    FROM furthest
)
SELECT
    CASE WHEN repeated THEN 'strong' END AS level,
    [holder.registry, registry] AS registries,
    scope,
    start_g,
    least(end_g, holder.end_g) AS end_g,
    least(end_g, holder.end_g) - start_g AS amount_g,
    coalesce(batch, holder.batch) AS batch,
    [holder.source || ':' || holder.record, source || ':' || record] AS records,
    later(at_s, holder.at_s) AS detectable_at,
    NULL AS cleared_at
FROM found
WHERE holder.end_g > start_g
