-- DI-4: overlapping monitoring periods.
-- catches: two unequal monitoring periods of one project, at one registry and of one keeper, that
--     share more than a day and were both issued for. Each period is compared with the
--     earlier-starting one that ends last. Where the records say how much was verified for both,
--     it is no finding if both together were not issued more than the larger of the two amounts,
--     and strong if they were, but not in exports: a registry publishes such periods lawfully, each
--     with an amount of its own. Else it is a candidate. The amount is that excess, or the smaller
--     of the two sums issued.
-- misses: the other pairs where three periods meet; periods that share a day or less, because some
--     registries end one on the day on which the next begins; equal periods, which are parts of one
--     issuance and at most DI-3. A project that verifies its parts one by one has such periods
--     lawfully. Grams that were issued twice count once, so that they are DI-1, DI-2 or DI-7.
-- source: one reduction verified in two reports; contracts from which the period check was removed
--     let the same period be verified twice.
-- level: candidate
-- partition: project
-- clears when: the reports show that no reduction is in both, or what was issued twice is cancelled
WITH monitored AS (
    FROM issuances
    WHERE
        restates IS NOT true AND project IS NOT NULL AND amount_g > 0
        AND period_start_s < period_end_s
),
periods AS (
    SELECT keeper, registry, project, period_start_s, period_end_s
    FROM monitored
    GROUP BY ALL
),
neighbours AS (
    SELECT
        keeper, registry, project, period_start_s, period_end_s,
        -- A struct compares by its first field: the running maximum says which period holds it.
        max(struct_pack(end_s := period_end_s, start_s := period_start_s)) OVER (
            PARTITION BY keeper, registry, project
            ORDER BY period_start_s, period_end_s DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS earlier
    FROM periods
),
-- Periods are joined whole: by column, all of a project's would be paired with each other first.
meeting AS MATERIALIZED (
    SELECT
        keeper, registry, project,
        struct_pack(keeper, registry, project, period_start_s, period_end_s) AS period,
        struct_pack(
            keeper, registry, project, period_start_s := earlier.start_s,
            period_end_s := earlier.end_s
        ) AS earlier_period
    FROM neighbours
    WHERE
        -- A day, in seconds; the first period has no earlier one.
        earlier.end_s::HUGEINT - period_start_s > 86400
        AND period_end_s::HUGEINT - period_start_s > 86400
),
issued AS (
    FROM monitored SEMI JOIN meeting USING (keeper, registry, project)
),
summed AS MATERIALIZED (
    SELECT
        keeper, registry,
        struct_pack(keeper, registry, project, period_start_s, period_end_s) AS period,
        sum(new_g) AS issued_g,
        max(cap_g) AS verified_g,
        min(source || ':' || record) AS record,
        CASE WHEN count(at_s) = count(*) THEN min(at_s) END AS at_s
    FROM counted('issued')
    LEFT JOIN verified USING (keeper, registry, project, period_start_s, period_end_s)
    WHERE new_g > 0
    GROUP BY keeper, registry, project, period_start_s, period_end_s
),
pairs AS (
    SELECT
        summed.keeper AS keeper,
        summed.registry AS registry,
        summed.issued_g + other.issued_g - greatest(summed.verified_g, other.verified_g)
            AS excess_g,
        summed.verified_g IS NOT NULL AND other.verified_g IS NOT NULL AS capped,
        least(summed.issued_g, other.issued_g) AS smaller_g,
        [summed.record, other.record] AS records,
        later(summed.at_s, other.at_s) AS at_s
    FROM meeting
    JOIN summed ON summed.period = meeting.period
    JOIN summed AS other ON other.period = meeting.earlier_period
)
SELECT
    [registry] AS registries,
    NULL AS scope,
    NULL AS start_g,
    NULL AS end_g,
    least(CASE WHEN capped THEN excess_g ELSE smaller_g END, 9223372036854775807) AS amount_g,
    NULL AS batch,
    records,
    at_s AS detectable_at,
    NULL AS cleared_at,
    CASE WHEN capped AND keeper NOT IN ('feed', 'meta') THEN 'strong' ELSE 'candidate' END
        AS level
FROM pairs
WHERE NOT capped OR excess_g > 0
