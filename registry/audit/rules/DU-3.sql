-- DU-3: one interval locked twice.
-- catches: two standing locks of one keeper that share grams of one scope, at one registry or at
--     two: one unit sold, pledged or bridged to two at once. A request to retire is a lock, too.
--     Locks of imported credits are compared among each other: beside them there may be the lock at
--     home that they stand for. Each row that shares grams with a lock that starts earlier is one
--     finding, against the one that reaches furthest.
-- misses: the other pairs where three meet in one place; a lock without scope or bounds; a lock
--     that was released since (ask as of a day before); two sales without a lock, because a
--     transfer names no serials; a lock at home for something else than the credits abroad that it
--     looks as if it stood for. A lock after a retirement is DU-2. In a book, serials of a line
--     whose entry has another amount: that is MR-3 or BR-7, and this rule is silent there.
-- source: double selling as the FCPF's rules name it beside issuance, use and claim; immobilisation
--     at bridges and exchanges, which is worth what its exclusiveness is.
-- level: certain
-- partition: none
-- clears when: one of the two locks is released
WITH locks AS (
    SELECT *
    FROM dispositions
    WHERE
        kind = 'lock' AND until_s IS NULL
        AND scope IS NOT NULL AND 0 <= start_g AND start_g < end_g
),
held AS (
    SELECT
        *,
        struct_pack(keeper, scope) AS axis,
        -- A struct compares by its first field: the running maximum says which row holds it.
        max(struct_pack(end_g, source, record, registry, batch, at_s)) OVER (
            PARTITION BY keeper, scope, home IS NULL
            ORDER BY start_g, end_g DESC, at_s NULLS LAST, source, record, registry, batch
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS holder
    FROM meeting('locks')
),
locked_twice AS (
    SELECT * REPLACE (least(end_g, holder.end_g) AS end_g)
    FROM held
    WHERE holder.end_g > start_g
),
differing AS (
    SELECT struct_pack(keeper := 'book', scope := axis.scope) AS axis, start_g, end_g
    FROM unequal_grams
    WHERE kind IN ('lock', 'release')
)
SELECT
    [piece.holder.registry, piece.registry] AS registries,
    piece.scope AS scope,
    start_g,
    end_g,
    end_g - start_g AS amount_g,
    coalesce(piece.batch, piece.holder.batch) AS batch,
    [
        piece.holder.source || ':' || piece.holder.record,
        piece.source || ':' || piece.record
    ] AS records,
    later(piece.at_s, piece.holder.at_s) AS detectable_at,
    NULL AS cleared_at
FROM outside('locked_twice', 'differing')
