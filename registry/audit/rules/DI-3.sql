-- DI-3: more issued than verified.
-- catches: a project whose issuances for one monitoring period add up to more than was verified for
--     it, as one keeper and registry say it. One finding per project and period: the amount is the
--     excess, the records are the issuances that went beyond, in order of time, and those that say
--     how much was verified.
-- misses: a project, a period or a verified amount that no record names; an excess made of grams
--     that were issued twice, which is DI-1, DI-2 or DI-7, or of a quantity unlike its serials,
--     which is SP-1. Where records name unlike verified amounts for a period, it was verified in
--     parts, as may be lawful, and their sum counts; so does a wrong one among them.
-- source: over-issuance, as Verra acknowledged for Kariba; Verra's Total Vintage Quantity and
--     verification statements are caps, while ART's Credits Verified, net of the buffer, is none.
-- level: certain
-- partition: project
-- clears when: the excess is cancelled, or a verification of the larger amount is shown
WITH monitored AS (
    FROM issuances
    WHERE
        restates IS NOT true AND project IS NOT NULL
        AND period_start_s IS NOT NULL AND period_end_s IS NOT NULL
),
-- In clean records no project is left here: the sum with repetitions is not below the one without.
suspect AS (
    SELECT DISTINCT keeper, registry, project
    FROM (
        SELECT keeper, registry, project
        FROM monitored
        GROUP BY keeper, registry, project, period_start_s, period_end_s
        HAVING sum(greatest(amount_g, 0)) > sum(DISTINCT verified_g)
    )
),
issued AS (
    FROM monitored SEMI JOIN suspect USING (keeper, registry, project)
),
summed AS (
    SELECT
        *,
        sum(new_g) OVER (
            period ORDER BY at_s NULLS LAST, source, record, scope, start_g
            ROWS UNBOUNDED PRECEDING
        ) AS total_g,
        sum(new_g) OVER period AS whole_g,
        count(*) FILTER (at_s IS NULL) OVER period AS undated
    FROM counted('issued')
    JOIN verified USING (keeper, registry, project, period_start_s, period_end_s)
    WINDOW period AS (PARTITION BY keeper, registry, project, period_start_s, period_end_s)
)
SELECT
    [registry] AS registries,
    CASE WHEN count(DISTINCT scope) = 1 AND count(scope) = count(*) THEN min(scope) END AS scope,
    NULL AS start_g,
    NULL AS end_g,
    least(max(whole_g) - cap_g, 9223372036854775807) AS amount_g,
    CASE WHEN count(DISTINCT batch) = 1 THEN min(batch) END AS batch,
    list_concat(list(source || ':' || record), verifications) AS records,
    CASE WHEN max(undated) = 0 THEN min(at_s) END AS detectable_at,
    NULL AS cleared_at
FROM summed
WHERE total_g > cap_g AND new_g > 0
GROUP BY keeper, registry, project, period_start_s, period_end_s, cap_g, verifications
