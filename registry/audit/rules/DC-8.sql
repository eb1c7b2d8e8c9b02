-- DC-8: reported twice.
-- catches: one retirement in two publications: standing retirements in a registry's own export, in
--     a collection of others (CAD Trust) or in a book, that share grams of one scope at one
--     registry. One finding per pair of publications' rows and exact intersection. It is no error:
--     whoever adds the two reports up counts the grams twice.
-- misses: a row without scope or bounds; cancellations; two rows of one keeper, which are DU-1; a
--     retirement undone since (ask as of a day before). A ledger and its book are compared by BR-2
--     and BR-3.
-- source: double reporting, where a registry and a meta-registry publish the same retirement.
-- level: disclosure
-- partition: scope
-- clears when: the two publications are read as one report
WITH published AS (
    SELECT *
    FROM gone
    WHERE kind = 'retirement' AND keeper IN ('feed', 'meta', 'book')
),
keepers AS (
    SELECT registry, scope, keeper
    FROM published
    GROUP BY registry, scope, keeper
    QUALIFY count(*) OVER (PARTITION BY registry, scope) > 1
),
-- Numbered by start; equal starts share one number.
ranked AS (
    SELECT
        *,
        dense_rank() OVER (PARTITION BY registry, scope, keeper ORDER BY start_g) AS nth
    FROM published
    SEMI JOIN keepers USING (registry, scope)
),
asking AS (
    SELECT ranked.*, keepers.keeper AS asked
    FROM ranked
    JOIN keepers
        ON ranked.registry = keepers.registry AND ranked.scope = keepers.scope
        AND ranked.keeper <> keepers.keeper
),
-- Of two intervals that meet, one starts inside the other.
started AS (
    SELECT one, unnest(range(opening.nth, closing.nth + 1)) AS nth
    FROM asking AS one
    ASOF JOIN ranked AS opening
        ON one.registry = opening.registry AND one.scope = opening.scope
        AND one.asked = opening.keeper
        AND one.start_g <= opening.start_g
    ASOF JOIN ranked AS closing
        ON one.registry = closing.registry AND one.scope = closing.scope
        AND one.asked = closing.keeper
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
    AND one.asked = other.keeper AND started.nth = other.nth
-- The pair with one start is reached from both, and counted from one.
WHERE one.start_g < other.start_g OR one.keeper < other.keeper
