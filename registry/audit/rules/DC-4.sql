-- DC-4: transferred outcome and voluntary claim.
-- catches: units under an internationally transferred mitigation outcome (ITMO) that stand as
--     retired for a voluntary claim at their registry. One finding per action that names the units,
--     retirement and exact intersection.
-- misses: an action that names no underlying units; a retirement without a purpose, or without
--     scope or bounds; a retirement undone since (ask as of a day before). Text about an ITMO is no
--     record of one. An outcome whose own purpose is the voluntary claim is lawful.
-- source: the agreed electronic format under Article 6.2 of the Paris Agreement, whose columns for
--     underlying units join an outcome to a registry's serials.
-- level: certain
-- partition: scope
-- clears when: the outcome is revoked, or the voluntary claim is withdrawn
WITH outcomes AS (
    SELECT
        struct_pack(registry, scope) AS axis, 'outcome' AS side,
        registry, scope, start_g, end_g, source, record, batch, at_s
    FROM itmos
    WHERE located(scope, start_g, end_g) AND lower(trim(purpose)) IS DISTINCT FROM 'voluntary'
),
sides AS (
    FROM outcomes
    UNION ALL
    SELECT
        axis, 'retired',
        registry, scope, start_g, end_g, source, record, batch, at_s
    FROM gone
    WHERE
        kind = 'retirement' AND purpose = 'voluntary'
        AND axis IN (SELECT axis FROM outcomes)
)
SELECT
    [one.registry] AS registries,
    one.scope AS scope,
    start_g,
    end_g,
    end_g - start_g AS amount_g,
    coalesce(one.batch, other.batch) AS batch,
    [one.source || ':' || one.record, other.source || ':' || other.record] AS records,
    later(one.at_s, other.at_s) AS detectable_at,
    NULL AS cleared_at
FROM crossings('sides')
