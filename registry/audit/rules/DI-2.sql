-- DI-2: two issued blocks intersect.
-- catches: an issuance that shares grams with an unequal issuance of the same keeper and scope, at
--     one registry or at two: parents reused after a split, ranges off by one. Each such row is one
--     finding, against the earlier-starting row that reaches furthest, over the whole of what it
--     shares with any earlier-starting row.
-- misses: the other pairs where three blocks or more meet in one place; equal blocks, and one
--     serial with two amounts in an export, which are DI-1; a block without scope or bounds. A
--     block that came from another registry is no issuance: BR-1 and BR-4. A record that restates
--     an issuance with another amount is none either: CN-1.
-- source: double issuance in the ADC Working Group's FAQ, on intervals instead of serial texts.
-- level: certain
-- partition: scope
-- clears when: one of the two issuances is corrected so that they share no serial
WITH bounds AS (
    -- Sorting these columns alone is several times faster than sorting whole rows.
    SELECT keeper, scope, start_g, end_g FROM own_blocks
),
shared AS (
    FROM own_blocks SEMI JOIN meeting('bounds') USING (keeper, scope, start_g, end_g)
)
SELECT
    [holder.registry, registry] AS registries,
    scope,
    start_g,
    least(end_g, holder.end_g) AS end_g,
    least(end_g, holder.end_g) - start_g AS amount_g,
    coalesce(batch, holder.batch) AS batch,
    [holder.source || ':' || holder.record, source || ':' || record] AS records,
    later(at_s, holder.at_s) AS detectable_at,
    NULL AS cleared_at
FROM (
    SELECT
        *,
        -- A struct compares by its first field: the running maximum says which row holds it.
        -- Equal blocks are one group, and the frame ends before the row's own.
        max(struct_pack(end_g, source, record, registry, batch, at_s, start_g, serial)) OVER (
            PARTITION BY keeper, scope
            ORDER BY start_g, end_g DESC
            GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS holder
    FROM shared
)
WHERE
    holder.end_g > start_g
    AND NOT coalesce(keeper = 'feed' AND start_g = holder.start_g AND serial = holder.serial, false)
