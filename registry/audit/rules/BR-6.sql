-- BR-6: decimals drift.
-- catches: (a) a token that one keeper's records state with two numbers of decimals; (b) the only
--     token of a whole serial, whose supply at its decimals is a thousand times too large or too
--     small, or another power of ten beyond that, against what its keeper's records issued in the
--     serial and neither retired nor cancelled: units redenominated twice, or one unit taken for
--     another. The finding's amount is what the records leave in the serial.
-- misses: (b) a supply that differs by any other factor, or is negative, which is CN-1 or nothing;
--     a factor of ten or a hundred, which a missing row explains as well; a serial with a range;
--     two tokens of one serial, ex-ante and certificate tokens aside; a supply that equals what
--     was issued, because exports of retirements are partial.
-- source: the redenomination from 1 t to 10^-18 t per token unit, repeated by mistake on a test
--     network; tonnes, kilograms and 18 decimals beside each other.
-- level: certain
-- partition: none
-- clears when: the token's units and its serial's tonnes agree under one number of decimals
WITH named AS (
    SELECT *, lower(trim(contract)) AS place, source || ':' || record AS name
    FROM tokens
    WHERE contract IS NOT NULL AND decimals IS NOT NULL
),
-- (a)
scales AS (
    SELECT
        keeper, place, batch, decimals,
        min(registry) AS registry,
        CASE WHEN min(scope) = max(scope) AND count(scope) = count(*) THEN min(scope) END AS scope,
        max(supply_g) AS supply_g,
        min(name) AS name,
        CASE WHEN count(at_s) = count(*) THEN min(at_s) END AS at_s
    FROM named
    GROUP BY keeper, place, batch, decimals
),
rescaled AS (
    SELECT
        list(registry) AS registries,
        CASE WHEN min(scope) = max(scope) AND count(scope) = count(*) THEN min(scope) END AS scope,
        coalesce(greatest(max(supply_g), 0), 0) AS amount_g,
        batch,
        list(name) AS records,
        -- From the second number on.
        CASE WHEN count(at_s) = count(*) THEN list_sort(list(at_s))[2] END AS at_s
    FROM scales
    GROUP BY keeper, place, batch
    HAVING count(*) > 1
),
-- (b) Only text holds such numbers: a number without its zeros at both ends, and the power of ten
-- that it is multiplied with. "1500" is ("15", 2).
supplies AS (
    SELECT
        keeper, registry, scope,
        min(batch) AS batch,
        min(name) AS name,
        CASE WHEN count(at_s) = count(*) THEN min(at_s) END AS at_s,
        min(decimals)::BIGINT AS decimals,
        min(regexp_extract(trim(supply_units), '^\+?0*(\d+)$', 1)) AS digits
    FROM named
    WHERE scope IS NOT NULL AND start_g IS NULL AND end_g IS NULL
        AND coalesce(form = 'ex-post', true)
    GROUP BY keeper, registry, scope
    HAVING
        min(place) = max(place)
        AND count(DISTINCT coalesce(batch, '')) = 1
        AND min(decimals) = max(decimals)
        AND count(supply_units) = count(*) AND min(supply_units) = max(supply_units)
),
issued AS (
    SELECT
        keeper, registry, scope,
        sum(amount_g) AS issued_g,
        list(source || ':' || record) AS names,
        CASE WHEN count(at_s) = count(*) THEN max(at_s) END AS at_s
    FROM issuances
    WHERE
        restates IS NOT true
        AND (keeper, registry, scope) IN (SELECT (keeper, registry, scope) FROM supplies)
    GROUP BY keeper, registry, scope
),
standing AS (
    SELECT keeper, registry, scope, sum(amount_g) AS gone_g
    FROM dispositions
    WHERE
        kind IN ('retirement', 'cancellation', 'export') AND until_s IS NULL
        AND (keeper, registry, scope) IN (SELECT (keeper, registry, scope) FROM supplies)
    GROUP BY keeper, registry, scope
),
compared AS (
    SELECT
        *,
        issued_g - coalesce(gone_g, 0) AS left_g,
        issued.at_s AS issued_s,
        supplies.at_s AS seen_s,
        rtrim(digits, '0') AS supply_figures,
        length(digits) - length(supply_figures) - decimals AS supply_power,
        rtrim(left_g::VARCHAR, '0') AS left_figures,
        length(left_g::VARCHAR) - length(left_figures) - 6 AS left_power,
        rtrim(issued_g::VARCHAR, '0') AS issued_figures,
        length(issued_g::VARCHAR) - length(issued_figures) - 6 AS issued_power
    FROM supplies
    JOIN issued USING (keeper, registry, scope)
    LEFT JOIN standing USING (keeper, registry, scope)
)
SELECT
    registries,
    scope,
    NULL AS start_g,
    NULL AS end_g,
    amount_g,
    batch,
    records,
    at_s AS detectable_at,
    NULL AS cleared_at
FROM rescaled
UNION ALL
SELECT
    [registry],
    scope,
    NULL,
    NULL,
    left_g,
    batch,
    list_concat([name], names),
    later(seen_s, issued_s),
    NULL
FROM compared
WHERE
    supply_figures <> '' AND left_g > 0
    AND supply_figures = left_figures AND abs(supply_power - left_power) >= 3
    AND (supply_figures <> issued_figures OR supply_power <> issued_power)
