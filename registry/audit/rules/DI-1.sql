-- DI-1: one serial block issued twice.
-- catches: two issuances of one keeper with the same scope and the same bounds, at one registry or
--     at two. The earliest stands; every later one is a finding against it.
-- misses: a serial spelt in two ways, which makes two scopes; a block without scope or bounds;
--     blocks that meet without being equal, which are DI-2. It does not know imports: a block that
--     arrives at a second registry under its home serials looks like a duplicate.
-- source: double issuance in the ADC Working Group's FAQ: more than one unit for one reduction.
-- level: certain
-- partition: scope
-- clears when: one of the two issuances is corrected, or cancelled before it is used
SELECT
    [original.registry, registry] AS registries,
    scope,
    start_g,
    end_g,
    end_g - start_g AS amount_g,
    coalesce(batch, original.batch) AS batch,
    [original.source || ':' || original.record, source || ':' || record] AS records,
    -- Null if either is undated; rows are in order of time, so the later date is this row's.
    CASE WHEN original.at_s IS NOT NULL THEN at_s END AS detectable_at,
    NULL AS cleared_at
FROM (
    SELECT
        *,
        row_number() OVER same_block AS nth,
        first_value(struct_pack(registry, source, record, batch, at_s)) OVER same_block AS original
    FROM issuances
    WHERE scope IS NOT NULL AND 0 <= start_g AND start_g < end_g
    WINDOW same_block AS (
        PARTITION BY keeper, scope, start_g, end_g
        ORDER BY at_s NULLS LAST, source, record, registry, batch
    )
)
WHERE nth > 1
