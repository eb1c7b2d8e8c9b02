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
    SELECT registry, scope, start_g, end_g, source, record, batch, at_s, true AS transferred
    FROM itmos
    WHERE located(scope, start_g, end_g) AND lower(trim(purpose)) IS DISTINCT FROM 'voluntary'
),
retired AS (
    SELECT registry, scope, start_g, end_g, source, record, batch, at_s, false AS transferred
    FROM gone
    WHERE
        kind = 'retirement' AND purpose = 'voluntary'
        AND (registry, scope) IN (SELECT (registry, scope) FROM outcomes)
),
sides AS (
    FROM outcomes
    UNION ALL
    FROM retired
),
-- Numbered by start; equal starts share one number.
ranked AS (
    SELECT
        *,
        dense_rank() OVER (PARTITION BY registry, scope, transferred ORDER BY start_g) AS nth
    FROM sides
),
-- Of two intervals that meet, one starts inside the other.
started AS (
    SELECT one, unnest(range(opening.nth, closing.nth + 1)) AS nth
    FROM sides AS one
    ASOF JOIN ranked AS opening
        ON one.registry = opening.registry AND one.scope = opening.scope
        AND (NOT one.transferred) = opening.transferred
        AND one.start_g <= opening.start_g
    ASOF JOIN ranked AS closing
        ON one.registry = closing.registry AND one.scope = closing.scope
        AND (NOT one.transferred) = closing.transferred
        AND one.end_g > closing.start_g
    WHERE opening.nth <= closing.nth
)
SELECT
    [one.registry] AS registries,
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
    ON one.registry = other.registry AND one.scope = other.scope
    AND (NOT one.transferred) = other.transferred AND started.nth = other.nth
-- The pair with one start was reached from its outcome.
WHERE one.transferred OR one.start_g < other.start_g
