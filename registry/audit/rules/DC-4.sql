-- DC-4: transferred outcome and voluntary claim.
-- catches: (a) units under an internationally transferred mitigation outcome (ITMO) that stand as
--     retired for a voluntary claim, at their own registry or at one to which they had moved. One
--     finding per action that names the units, retirement and exact intersection; what ledger and
--     book both say of one retirement is one. (b) outcomes made of units that were converted and of
--     those issued in their place, as far as they are more together than was converted: as much was
--     transferred twice. One finding per conversion.
-- misses: an action that names no underlying units; (a) a retirement without a purpose, or without
--     scope or bounds; a retirement undone since (ask as of a day before); an outcome used for one
--     obligation whose units are retired for another. Text about an ITMO is no record of one. An
--     outcome whose own purpose is the voluntary claim, or other purposes (OP), is lawful. (b) a
--     conversion of which no record says as which batch it was issued; outcomes of parts of both
--     that are not more than the whole, as nobody says which gram became which; a voluntary claim
--     on what was issued in the place of an outcome's units.
-- source: the agreed electronic format under Article 6.2 of the Paris Agreement, whose columns for
--     underlying units join an outcome to a registry's serials.
-- level: certain
-- partition: none
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
),
-- (b)
every_outcome AS (
    SELECT
        struct_pack(registry := coalesce(home, registry), scope := scope) AS axis,
        start_g, end_g, source || ':' || record AS name, at_s
    FROM itmos
    WHERE located(scope, start_g, end_g)
),
converted AS (
    SELECT DISTINCT
        struct_pack(keeper, registry := target, batch := target_batch) AS link,
        'source' AS half, struct_pack(registry, scope) AS axis, start_g, end_g
    FROM conversions
    WHERE target_batch IS NOT NULL AND located(scope, start_g, end_g)
),
halves AS (
    FROM converted
    UNION ALL
    SELECT DISTINCT
        struct_pack(keeper, registry, batch) AS link, 'target',
        struct_pack(registry, scope), start_g, end_g
    FROM own_blocks
    WHERE link IN (SELECT link FROM converted)
),
sizes AS (
    SELECT link, half, sum(end_g - start_g) AS amount_g
    FROM halves
    GROUP BY link, half
),
transferred AS (
    SELECT piece.link AS link, piece.half AS half, sum(end_g - start_g) AS amount_g
    FROM inside('halves', 'every_outcome')
    GROUP BY piece.link, piece.half
),
named AS (
    SELECT
        link, half,
        min(halves.axis.registry) AS registry, list(name) AS names, min(at_s) AS at_s
    FROM halves
    JOIN every_outcome
        ON halves.axis = every_outcome.axis
        AND halves.start_g < every_outcome.end_g AND every_outcome.start_g < halves.end_g
    GROUP BY link, half
),
twice AS (
    SELECT link, sum(transferred.amount_g) - max(sizes.amount_g) AS amount_g
    FROM transferred
    JOIN sizes USING (link, half)
    GROUP BY link
    HAVING count(*) = 2
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
UNION ALL
SELECT
    list_sort(list_distinct([sold.registry, made.registry])),
    NULL,
    NULL,
    NULL,
    twice.amount_g::BIGINT,
    twice.link.batch,
    list_sort(list_distinct(list_concat(sold.names, made.names))),
    later(sold.at_s, made.at_s),
    NULL
FROM twice
JOIN named AS sold ON sold.link = twice.link AND sold.half = 'source'
JOIN named AS made ON made.link = twice.link AND made.half = 'target'
WHERE twice.amount_g > 0
