-- BR-4: one block, two tokens.
-- catches: tokens of two contracts, by one keeper's records, that stand for (a) grams of one scope:
--     certain, one finding per contract's stretch that meets the stretch of another contract, the
--     one that starts earlier and reaches furthest; a serial without a range stands for all of its
--     scope; or (b) one project and vintage of one registry while no token of it says which
--     serials: candidate, one finding for all of them. (c) An interval that one keeper has as
--     imported at two registries, or in two batches, at one time: certain, one finding per stretch
--     against the one that starts earlier and reaches furthest.
-- misses: tokens of one contract, such as an ex-ante token and the ex-post token beside it;
--     certificates; tokens without any supply left; a token without a contract. (b) Two bridges may
--     hold disjoint blocks lawfully. A serial that does not parse is neither. Nothing says on which
--     chain a contract is, so one address is one contract. (c) Grams that have no backing at their
--     home are BR-1 and nothing here.
-- source: bridges that each tokenised credits of one project and vintage; (a) needs the map from
--     token to serial, (b) does without. One origin accepted under two classes, as guards kept by
--     class let it be (c).
-- level: certain
-- partition: none
-- clears when: one of the tokens is burned, or their serials are shown to be different
WITH live AS (
    SELECT *, lower(trim(contract)) AS place, source || ':' || record AS name
    FROM tokens
    WHERE
        contract IS NOT NULL AND form IS DISTINCT FROM 'certificate'
        AND supply_g IS DISTINCT FROM 0
        AND NOT coalesce(regexp_full_match(trim(supply_units), '[-+]?0+(\.0*)?'), false)
),
-- (a) Holders of one token repeat its serial. The end of a whole scope is out of reach.
spans AS (
    SELECT
        keeper, scope, place,
        coalesce(start_g, 0) AS start_g,
        coalesce(end_g, 9223372036854775807) AS end_g,
        min(registry) AS registry,
        min(name) AS name,
        min(batch) AS batch,
        max(supply_g) AS supply_g,
        CASE WHEN count(at_s) = count(*) THEN min(at_s) END AS at_s
    FROM live
    WHERE
        located(scope, start_g, end_g)
        OR (scope IS NOT NULL AND start_g IS NULL AND end_g IS NULL)
    GROUP BY ALL
),
begun AS (
    SELECT
        *,
        coalesce(max(end_g) OVER (
            PARTITION BY keeper, scope, place
            ORDER BY start_g, end_g DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) <= start_g, true) AS is_new
    FROM meeting('spans')
),
numbered AS (
    SELECT
        *,
        sum(is_new::BIGINT) OVER (
            PARTITION BY keeper, scope, place ORDER BY start_g, end_g DESC
        ) AS nth
    FROM begun
),
-- Stretches of one contract are disjoint, so whatever meets one is of another contract.
stretches_of AS (
    SELECT
        keeper, scope, place,
        min(start_g) AS start_g,
        max(end_g) AS end_g,
        min(registry) AS registry,
        list(name) AS names,
        min(batch) AS batch,
        CASE WHEN count(supply_g) = count(*) THEN sum(supply_g) END AS supply_g,
        CASE WHEN count(at_s) = count(*) THEN min(at_s) END AS at_s
    FROM numbered
    GROUP BY keeper, scope, place, nth
),
held AS (
    SELECT
        *,
        -- A struct compares by its first field: the running maximum says which row holds it.
        max(struct_pack(end_g, place, names, registry, batch, supply_g, at_s)) OVER (
            PARTITION BY keeper, scope
            ORDER BY start_g, end_g DESC, place
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS holder
    FROM stretches_of
),
met AS (
    SELECT *, least(end_g, holder.end_g) AS until_g
    FROM held
    WHERE holder.end_g > start_g
),
-- (b) Holders of one token repeat its supply.
unnamed_tokens AS (
    SELECT
        keeper, registry, project, vintage, place, batch,
        list(name) AS names,
        max(supply_g) AS supply_g,
        CASE WHEN count(at_s) = count(*) THEN min(at_s) END AS at_s
    FROM live
    WHERE
        scope IS NULL AND serial IS NULL AND project IS NOT NULL
        -- Lists print 1970 or 9999 where a token has no one vintage.
        AND vintage BETWEEN 1971 AND 9998
    GROUP BY keeper, registry, project, vintage, place, batch
),
unnamed AS (
    SELECT
        keeper, registry, project, vintage, place,
        flatten(list(names)) AS names,
        min(batch) AS batch,
        CASE WHEN count(supply_g) = count(*) THEN sum(supply_g) END AS supply_g,
        CASE WHEN count(at_s) = count(*) THEN min(at_s) END AS at_s
    FROM unnamed_tokens
    GROUP BY keeper, registry, project, vintage, place
),
-- (c)
outstanding AS (
    SELECT
        struct_pack(
            keeper := arrived.keeper, home := arrived.home, scope := arrived.scope,
            registry := arrived.registry, name := arrived.source || ':' || arrived.record
        ) AS axis,
        arrived.batch AS batch, arrived.at_s AS at_s, start_g, end_g
    FROM arrivals
),
bare AS (
    SELECT
        struct_pack(keeper := 'ledger', home, scope, registry, name := record) AS axis,
        start_g, end_g
    FROM unbacked
    WHERE until_s IS NULL
),
backed AS (
    SELECT
        piece.axis.keeper AS keeper, piece.axis.scope AS scope, piece.axis.home AS home,
        piece.axis.registry AS registry, piece.axis.name AS name, piece.batch AS batch,
        piece.at_s AS at_s, start_g, end_g
    FROM outside('outstanding', 'bare')
),
taken_twice AS (
    SELECT
        *,
        max(struct_pack(end_g, name, registry, batch, at_s)) OVER (
            PARTITION BY keeper, scope, home
            ORDER BY start_g, end_g DESC, at_s NULLS LAST, name
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS holder
    FROM meeting('backed')
)
SELECT
    'certain' AS level,
    [holder.registry, registry] AS registries,
    scope,
    CASE WHEN until_g < 9223372036854775807 THEN start_g END AS start_g,
    CASE WHEN until_g < 9223372036854775807 THEN until_g END AS end_g,
    CASE
        WHEN until_g < 9223372036854775807 THEN until_g - start_g
        ELSE coalesce(least(supply_g, holder.supply_g), 0)
    END AS amount_g,
    coalesce(batch, holder.batch) AS batch,
    list_concat(names, holder.names) AS records,
    later(at_s, holder.at_s) AS detectable_at,
    NULL AS cleared_at
FROM met
UNION ALL
SELECT
    'candidate',
    [registry],
    NULL,
    NULL,
    NULL,
    CASE WHEN count(supply_g) = count(*) THEN sum(supply_g) - max(supply_g) ELSE 0 END,
    min(batch),
    flatten(list(names)),
    -- From the second contract on.
    CASE WHEN count(at_s) = count(*) THEN list_sort(list(at_s))[2] END,
    NULL
FROM unnamed
GROUP BY keeper, registry, project, vintage
HAVING count(*) > 1
UNION ALL
SELECT
    'certain',
    [holder.registry, registry, home],
    scope,
    start_g,
    least(end_g, holder.end_g),
    least(end_g, holder.end_g) - start_g,
    coalesce(batch, holder.batch),
    [holder.name, name],
    later(at_s, holder.at_s),
    NULL
FROM taken_twice
WHERE holder.end_g > start_g
