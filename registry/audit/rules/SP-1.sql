-- SP-1: span unlike quantity.
-- catches: a record in a file whose serials, from the first to the last, are not as many as the
--     quantity beside them. One finding per record and interval, also where one row says that a
--     block was issued and that it was retired.
-- misses: a record without scope or bounds; books and ledgers, whose intervals are made from their
--     amounts.
-- source: quantity = end - start + 1 in every block of the registries whose serials have a range.
-- level: certain
-- partition: scope
-- clears when: the quantity or the serial is corrected
WITH printed AS (
    SELECT source, record, registry, batch, keeper, scope, start_g, end_g, amount_g, at_s
    FROM issuances
    UNION ALL
    SELECT source, record, registry, batch, keeper, scope, start_g, end_g, amount_g, at_s
    FROM dispositions
)
SELECT
    [registry] AS registries,
    scope,
    start_g,
    end_g,
    least(max(abs((end_g - start_g)::HUGEINT - amount_g)), 9223372036854775807) AS amount_g,
    min(batch) AS batch,
    [source || ':' || record] AS records,
    min(at_s) AS detectable_at,
    NULL AS cleared_at
FROM printed
WHERE
    keeper IN ('feed', 'meta') AND located(scope, start_g, end_g)
    AND end_g - start_g <> amount_g
GROUP BY source, record, registry, scope, start_g, end_g
