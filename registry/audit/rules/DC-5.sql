-- DC-5: one retirement, two beneficiaries.
-- catches: claims that name unlike beneficiaries (apart from letter case and white space) for (a)
--     one retirement id at one registry, where the claims share grams or one of them names none; or
--     (b) one interval in the publications of two keepers, at its home or wherever it was retired.
--     Every later beneficiary is one finding:
--     (a) against the claim that starts earlier and reaches furthest, or against the earliest that
--     names no grams; (b) against the earliest claim of the keeper who published first.
-- misses: (a) shares of one retirement, whose intervals are apart, or whose amounts add up to no
--     more than what one record retires under that id; claims that one keeper makes with two
--     retirements of the same grams, because those are DU-1; (b) intervals that meet without being
--     equal, a name that the first keeper has too, and two claims of one keeper under two ids. It
--     does not know that two spellings of a name are one company.
-- source: double claiming between users: the claims table of a retirement must have one beneficiary
--     for each unit.
-- level: strong
-- partition: none
-- clears when: all but one of the beneficiaries withdraw the claim, or the units are shared out
WITH deeds AS (
    SELECT DISTINCT source, record, true AS is_deed
    FROM gone
    WHERE kind = 'retirement' AND (source, record) IN (SELECT (source, record) FROM claims)
),
named AS (
    SELECT
        * REPLACE (
            CASE WHEN located(scope, start_g, end_g) THEN scope END AS scope,
            CASE WHEN located(scope, start_g, end_g) THEN start_g END AS start_g,
            CASE WHEN located(scope, start_g, end_g) THEN end_g END AS end_g,
            nullif(trim(retirement), '') AS retirement
        ),
        coalesce(home, registry) AS origin,
        trim(regexp_replace(lower(beneficiary), '[\s\x{a0}]+', ' ', 'g')) AS name
    FROM claims
    LEFT JOIN deeds USING (source, record)
),
unlike_ids AS (
    SELECT registry, retirement
    FROM named
    WHERE name <> '' AND retirement IS NOT NULL
    GROUP BY registry, retirement
    HAVING min(name) <> max(name)
),
unlike_intervals AS (
    SELECT origin, scope, start_g, end_g
    FROM named
    WHERE name <> '' AND scope IS NOT NULL
    GROUP BY origin, scope, start_g, end_g
    HAVING min(name) <> max(name) AND min(keeper) <> max(keeper)
),
-- A repetition of one claim says nothing new.
told AS (
    SELECT *
    FROM named
    WHERE
        name <> ''
        AND (
            (registry, retirement) IN (SELECT (registry, retirement) FROM unlike_ids)
            OR (origin, scope, start_g, end_g)
                IN (SELECT (origin, scope, start_g, end_g) FROM unlike_intervals)
        )
    QUALIFY row_number() OVER (
        PARTITION BY keeper, registry, retirement, scope, start_g, end_g, name
        ORDER BY at_s NULLS LAST, source, record, amount_g, batch
    ) = 1
),
-- (a)
of_one_id AS (
    SELECT *
    FROM told
    SEMI JOIN unlike_ids USING (registry, retirement)
    QUALIFY
        row_number() OVER (
            PARTITION BY registry, retirement, scope, start_g, end_g, name
            ORDER BY at_s NULLS LAST, keeper, source, record, amount_g, batch
        ) = 1
),
kept AS (
    SELECT registry, id, sum(amount_g) AS amount_g
    FROM dispositions
    WHERE
        kind = 'retirement' AND until_s IS NULL
        AND (registry, id) IN (SELECT (registry, retirement) FROM of_one_id)
    GROUP BY source, record, registry, id
),
retired AS (
    SELECT registry, id AS retirement, max(amount_g) AS retired_g
    FROM kept
    GROUP BY registry, id
),
grouped AS (
    SELECT
        *,
        bool_or(scope IS NULL) OVER (PARTITION BY registry, retirement) AS whole,
        sum(amount_g) OVER (PARTITION BY registry, retirement) AS claimed_g
    FROM of_one_id
),
-- Where a claim names no grams, it is about all of the retirement.
of_the_whole AS (
    SELECT *
    FROM grouped
    LEFT JOIN retired USING (registry, retirement)
    WHERE whole AND (claimed_g <= retired_g) IS NOT true
    QUALIFY row_number() OVER (
        PARTITION BY registry, retirement, name
        ORDER BY
            scope IS NOT NULL, at_s NULLS LAST, keeper, source, record,
            start_g, end_g, amount_g, batch
    ) = 1
),
of_parts AS (
    SELECT
        *,
        struct_pack(
                end_g, source, record, name, keeper, is_deed, batch, at_s, amount_g, registry
            ) AS own
    FROM grouped
    WHERE NOT whole
),
conflicts AS (
    SELECT
        of_the_whole.* EXCLUDE (whole, claimed_g, retired_g),
        first_value(
            struct_pack(
                end_g, source, record, name, keeper, is_deed, batch, at_s, amount_g, registry
            )
        ) OVER (
            PARTITION BY registry, retirement
            ORDER BY scope IS NOT NULL, at_s NULLS LAST, keeper, source, record, amount_g, batch
        ) AS other
    FROM of_the_whole
    UNION ALL
    SELECT
        of_parts.* EXCLUDE (whole, claimed_g, own),
        -- A struct compares by its first field: the running maximum says which row holds it.
        max(own) OVER (
            PARTITION BY registry, retirement, scope
            ORDER BY start_g, end_g DESC, at_s NULLS LAST, source, record, name
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
    FROM of_parts
),
-- (b)
of_one_interval AS (
    SELECT
        *,
        first_value(keeper) OVER same_interval AS first_keeper,
        first_value(
            struct_pack(
                end_g, source, record, name, keeper, is_deed, batch, at_s, amount_g, registry
            )
        ) OVER same_interval AS other,
        first_value(retirement) OVER same_interval AS other_retirement
    FROM told
    SEMI JOIN unlike_intervals USING (origin, scope, start_g, end_g)
    WINDOW same_interval AS (
        PARTITION BY origin, scope, start_g, end_g
        ORDER BY at_s NULLS LAST, keeper, source, record, name
    )
),
of_two_keepers AS (
    SELECT *
    FROM of_one_interval
    QUALIFY
        -- The first keeper does not have the name.
        NOT bool_or(keeper = first_keeper) OVER (
            PARTITION BY origin, scope, start_g, end_g, name
        )
        AND row_number() OVER (
            PARTITION BY origin, scope, start_g, end_g, name
            ORDER BY at_s NULLS LAST, keeper, source, record
        ) = 1
),
found AS (
    SELECT
        registry, scope, start_g, end_g, source, record, batch, at_s, amount_g, other
    FROM conflicts
    WHERE
        name <> other.name AND (start_g IS NULL OR other.end_g IS NULL OR other.end_g > start_g)
        -- Two rows that both retire the grams.
        AND NOT (
            coalesce(is_deed AND other.is_deed, false) AND keeper = other.keeper
            AND (source, record) <> (other.source, other.record)
        )
    UNION ALL
    SELECT
        registry, scope, start_g, end_g, source, record, batch, at_s, amount_g, other
    FROM of_two_keepers
    -- One id is (a).
    WHERE (registry = other.registry AND retirement = other_retirement) IS NOT true
)
SELECT
    list_sort(list_distinct([other.registry, registry])) AS registries,
    scope,
    start_g,
    least(end_g, CASE WHEN start_g < other.end_g THEN other.end_g END) AS end_g,
    CASE
        WHEN start_g < other.end_g THEN least(end_g, other.end_g) - start_g
        ELSE least(amount_g, other.amount_g)
    END AS amount_g,
    coalesce(batch, other.batch) AS batch,
    [other.source || ':' || other.record, source || ':' || record] AS records,
    later(at_s, other.at_s) AS detectable_at,
    NULL AS cleared_at
FROM found
