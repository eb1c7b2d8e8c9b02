-- DI-8: ex-ante and ex-post credits both live.
-- catches: (a) credits expected for a project and vintage that are alive beyond what was expected
--     of it in the first place and has not been issued as verified, by one keeper's records of one
--     registry: so many are alive beside the verified credits that took their place. One finding
--     per project and vintage. (b) Where no record says how much was expected: a token of credits
--     expected, with a supply above 0, beside a token of credits verified, with a supply above 0,
--     for one project and vintage or one serial, at one registry. One finding per token of expected
--     credits; the amount is its supply, or that of the verified ones where it is less.
-- misses: a token whose supply, form or project and vintage nothing states, such as those of a list
--     of addresses; a supply of more digits than a contract can hold; (a) verified credits that
--     took the place of expected ones of another vintage; (b) a rest for reductions that are not
--     verified yet, which is lawful and looks the same.
-- source: ICR's contracts mint expected and verified credits of one vintage as a pair of ids, and
--     no longer exchange one for the other by themselves.
-- level: certain
-- partition: none
-- clears when: the expected credits are burned as far as verified ones replace them
WITH stated AS (
    SELECT
        *,
        -- Units are exact and tell more than grams, which are null where they would not be.
        CASE
            WHEN supply_units IS NULL THEN supply_g
            WHEN regexp_full_match(supply_units, '0*[1-9][0-9]{0,89}')
                THEN units_g(ltrim(supply_units, '0'), decimals)
        END AS live_g
    FROM tokens
    WHERE form IN ('ex-ante', 'ex-post')
),
live AS (
    SELECT
        keeper, registry, contract, batch, form, scope, project, vintage,
        max(live_g) AS live_g,
        min(source || ':' || record) AS record,
        CASE WHEN count(at_s) = count(*) THEN min(at_s) END AS at_s
    FROM stated
    WHERE supply_units IS NOT NULL AND live_g IS NOT NULL OR live_g > 0
    GROUP BY keeper, registry, contract, batch, form, scope, project, vintage
),
-- (a) What was issued in each form.
formed AS (
    SELECT DISTINCT keeper, registry, batch, form
    FROM stated
    WHERE contract IS NULL AND batch IS NOT NULL
),
issued AS (
    SELECT
        keeper, registry, project, vintage, form,
        sum(amount_g) AS issued_g,
        list(source || ':' || record) AS records,
        CASE WHEN count(at_s) = count(*) THEN max(at_s) END AS at_s
    FROM issuances
    JOIN formed USING (keeper, registry, batch)
    WHERE restates IS NOT true AND project IS NOT NULL AND vintage IS NOT NULL
    GROUP BY keeper, registry, project, vintage, form
),
expected AS (
    SELECT * FROM issued WHERE form = 'ex-ante'
),
alive AS (
    SELECT
        keeper, registry, project, vintage, sum(live_g) AS live_g,
        CASE WHEN count(*) = 1 THEN min(batch) END AS batch
    FROM live
    WHERE form = 'ex-ante'
    GROUP BY keeper, registry, project, vintage
),
unreplaced AS (
    SELECT
        expected.registry AS registry, alive.batch AS batch,
        least(live_g, live_g + verified.issued_g - expected.issued_g) AS amount_g,
        list_concat(expected.records, verified.records) AS records,
        later(expected.at_s, verified.at_s) AS at_s
    FROM expected
    JOIN alive USING (keeper, registry, project, vintage)
    JOIN issued AS verified USING (keeper, registry, project, vintage)
    WHERE verified.form = 'ex-post' AND live_g + verified.issued_g > expected.issued_g
),
-- (b)
same_serial AS (
    SELECT
        keeper, registry, scope, sum(live_g) AS live_g, min(record) AS record,
        CASE WHEN count(at_s) = count(*) THEN min(at_s) END AS at_s
    FROM live
    WHERE form = 'ex-post' AND scope IS NOT NULL
    GROUP BY keeper, registry, scope
),
same_vintage AS (
    SELECT
        keeper, registry, project, vintage, sum(live_g) AS live_g, min(record) AS record,
        CASE WHEN count(at_s) = count(*) THEN min(at_s) END AS at_s
    FROM live
    WHERE form = 'ex-post' AND project IS NOT NULL AND vintage IS NOT NULL
    GROUP BY keeper, registry, project, vintage
),
pairs AS (
    SELECT
        ante,
        CASE WHEN serial.record IS NULL THEN vintage.live_g ELSE serial.live_g END AS verified_g,
        coalesce(serial.record, vintage.record) AS record,
        CASE WHEN serial.record IS NULL THEN vintage.at_s ELSE serial.at_s END AS at_s
    FROM live AS ante
    LEFT JOIN same_serial AS serial USING (keeper, registry, scope)
    LEFT JOIN same_vintage AS vintage
        ON ante.keeper = vintage.keeper AND ante.registry = vintage.registry
        AND ante.project = vintage.project AND ante.vintage = vintage.vintage
    WHERE
        ante.form = 'ex-ante' AND coalesce(serial.record, vintage.record) IS NOT NULL
        AND (ante.keeper, ante.registry, ante.project, ante.vintage)
            NOT IN (SELECT (keeper, registry, project, vintage) FROM expected)
)
SELECT
    [ante.registry] AS registries,
    ante.scope AS scope,
    NULL AS start_g,
    NULL AS end_g,
    least(ante.live_g, verified_g) AS amount_g,
    ante.batch AS batch,
    [ante.record, record] AS records,
    later(pairs.at_s, ante.at_s) AS detectable_at,
    NULL AS cleared_at
FROM pairs
UNION ALL
SELECT
    [registry],
    NULL,
    NULL,
    NULL,
    least(amount_g, 9223372036854775807),
    batch,
    records,
    at_s,
    NULL
FROM unreplaced
