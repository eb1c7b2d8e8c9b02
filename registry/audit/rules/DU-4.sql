-- DU-4: status-word trap.
-- catches: grams that one registry cancelled for a use (compliance, CORSIA, a voluntary claim) and
--     that another registry retired, by one keeper's records and in one scope: "cancelled" is then
--     a use as much as "retired" is. One finding per pair and exact intersection.
-- misses: a cancellation without a purpose, because most are no use: conversion, buffer, reversal,
--     removal; a row without scope or bounds; a use undone since (ask as of a day before). The same
--     word at both, or both words at one registry, are DU-1. Home serials retired at the registry
--     that converted them are lawful.
-- source: cancellation as the registries use the word, for conversion and for compliance alike; so
--     a test of double use must look at the purpose, not at the status.
-- level: strong
-- partition: scope
-- clears when: one of the two is reversed, or the cancellation is shown to be for no use
WITH uses AS (
    SELECT
        struct_pack(keeper, scope) AS axis,
        CASE WHEN kind = 'cancellation' THEN 'cancelled' ELSE 'retired' END AS side,
        registry, home, scope, start_g, end_g, source, record, batch, at_s
    FROM gone
    WHERE kind = 'retirement' OR purpose IN ('compliance', 'corsia', 'voluntary')
),
-- What lies along one scope is of one registry as a rule.
mixed AS (
    SELECT axis
    FROM uses
    GROUP BY axis
    HAVING min(registry) <> max(registry) AND min(side) <> max(side)
),
sides AS (
    FROM uses SEMI JOIN mixed USING (axis)
)
SELECT
    [one.registry, other.registry] AS registries,
    one.scope AS scope,
    start_g,
    end_g,
    end_g - start_g AS amount_g,
    coalesce(one.batch, other.batch) AS batch,
    [one.source || ':' || one.record, other.source || ':' || other.record] AS records,
    later(one.at_s, other.at_s) AS detectable_at,
    NULL AS cleared_at
FROM crossings('sides')
WHERE
    one.registry <> other.registry
    AND home_of(one.home, one.registry) <> home_of(other.home, other.registry)
