-- DC-4: transferred outcome and voluntary claim.
-- catches: units under an internationally transferred mitigation outcome (ITMO) that stand as
--     retired for a voluntary claim, at their own registry or at one to which they had moved. One
--     finding per action that names the units, retirement and exact intersection; what ledger and
--     book both say of one retirement is one.
-- misses: an action that names no underlying units; a retirement without a purpose, or without
--     scope or bounds; a retirement undone since (ask as of a day before); an outcome used for one
--     obligation whose units are retired for another. Text about an ITMO is no record of one. An
--     outcome whose own purpose is the voluntary claim, or other purposes (OP), is lawful.
-- source: the agreed electronic format under Article 6.2 of the Paris Agreement, whose columns for
--     underlying units join an outcome to a registry's serials.
-- level: certain
-- partition: scope
-- clears when: the outcome is revoked, or the voluntary claim is withdrawn
WITH outcomes AS (
    SELECT
        struct_pack(registry := coalesce(home, registry), scope := scope) AS axis,
        'outcome' AS side,
        registry, scope, start_g, end_g, source, record, batch, at_s,
        source || ':' || record AS id
    FROM itmos
    WHERE
        located(scope, start_g, end_g)
        AND lower(trim(purpose)) IN ('voluntary', 'op') IS NOT true
),
sides AS (
    FROM outcomes
    UNION ALL
    SELECT
        struct_pack(registry := coalesce(home, registry), scope := scope) AS axis,
        'retired',
        registry, scope, start_g, end_g, source, record, batch, at_s,
        coalesce(id, source || ':' || record)
    FROM dispositions
    WHERE
        kind = 'retirement' AND until_s IS NULL AND located(scope, start_g, end_g)
        AND lower(trim(purpose)) = 'voluntary'
        AND axis IN (SELECT axis FROM outcomes)
),
met AS (
    SELECT
        CASE WHEN one.side = 'outcome' THEN one ELSE other END AS outcome,
        CASE WHEN one.side = 'outcome' THEN other ELSE one END AS retired,
        start_g,
        end_g
    FROM crossings('sides')
)
SELECT
    list_sort(list_distinct([outcome.registry, retired.registry])) AS registries,
    outcome.scope AS scope,
    start_g,
    end_g,
    end_g - start_g AS amount_g,
    coalesce(outcome.batch, min(retired.batch)) AS batch,
    list_concat(
        [outcome.source || ':' || outcome.record],
        list(retired.source || ':' || retired.record ORDER BY retired.source, retired.record)
    ) AS records,
    min(later(retired.at_s, outcome.at_s)) AS detectable_at,
    NULL AS cleared_at
FROM met
GROUP BY outcome, retired.registry, retired.id, start_g, end_g
