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
    SELECT *, keeper AS side
    FROM gone
    WHERE kind = 'retirement' AND keeper IN ('feed', 'meta', 'book')
),
shared AS (
    SELECT axis
    FROM published
    GROUP BY axis
    HAVING min(keeper) <> max(keeper)
),
sides AS (
    FROM published SEMI JOIN shared USING (axis)
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
