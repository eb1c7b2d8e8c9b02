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
        keeper, scope, registry, start_g, end_g, source, record, batch, at_s,
        kind = 'cancellation' AS cancelled
    FROM gone
    WHERE kind = 'retirement' OR purpose IN ('compliance', 'corsia', 'voluntary')
),
-- What lies along one scope is of one registry as a rule.
sides AS (
    SELECT *
    FROM uses
    SEMI JOIN (
        SELECT keeper, scope
        FROM uses
        GROUP BY keeper, scope
        HAVING min(registry) <> max(registry) AND bool_or(cancelled) AND NOT bool_and(cancelled)
    ) AS mixed USING (keeper, scope)
),
-- Numbered by start; equal starts share one number.
ranked AS (
    SELECT
        *,
        dense_rank() OVER (PARTITION BY keeper, scope, cancelled ORDER BY start_g) AS nth
    FROM sides
),
-- Of two intervals that meet, one starts inside the other.
started AS (
    SELECT one, unnest(range(opening.nth, closing.nth + 1)) AS nth
    FROM sides AS one
    ASOF JOIN ranked AS opening
        ON one.keeper = opening.keeper AND one.scope = opening.scope
        AND (NOT one.cancelled) = opening.cancelled
        AND one.start_g <= opening.start_g
    ASOF JOIN ranked AS closing
        ON one.keeper = closing.keeper AND one.scope = closing.scope
        AND (NOT one.cancelled) = closing.cancelled
        AND one.end_g > closing.start_g
    WHERE opening.nth <= closing.nth
)
SELECT
    [one.registry, other.registry] AS registries,
    one.scope AS scope,
    other.start_g AS start_g,
    least(one.end_g, other.end_g) AS end_g,
    least(one.end_g, other.end_g) - other.start_g AS amount_g,
    coalesce(one.batch, other.batch) AS batch,
    [one.source || ':' || one.record, other.source || ':' || other.record] AS records,
    -- Not greatest(), which passes over a null: the date is unknown if either is.
    CASE WHEN one.at_s >= other.at_s THEN one.at_s WHEN one.at_s < other.at_s THEN other.at_s END
        AS detectable_at,
    NULL AS cleared_at
FROM started
JOIN ranked AS other
    ON one.keeper = other.keeper AND one.scope = other.scope
    AND (NOT one.cancelled) = other.cancelled AND started.nth = other.nth
WHERE
    one.registry <> other.registry
    -- The pair with one start was reached from its cancellation.
    AND (one.cancelled OR one.start_g < other.start_g)
