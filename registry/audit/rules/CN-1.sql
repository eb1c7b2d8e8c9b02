-- CN-1: totals do not add up.
-- catches: (a) a token whose balances in one source do not sum to its supply, or whose supply is
--     stated in two ways; (b) a batch with a token whose issued amount is not its supply plus its
--     standing dispositions, within one keeper and registry; (c) grams of a standing disposition
--     outside all issuances of that keeper and scope. Where (a) fires for a token, (b) stays
--     silent: a wrong supply breaks both, and is one error.
-- misses: errors that cancel out within one token; a token without a batch id; (b) where the keeper
--     has no issuance at all at that registry, (c) where it has none in that scope, because then
--     issuances were not part of the source; (c) in a book, serials of a line whose entry has
--     another amount, which is MR-3 or BR-7. Balances read earlier than the dispositions beside
--     them make (b) fire: take both at one moment.
-- source: issued = active + locked + retired + cancelled + exported and sum of balances = active,
--     the conservation law of every registry; ERC-1155 supply as its own contract states it.
-- level: certain
-- partition: none
-- clears when: the wrong total is corrected
WITH sums AS (
    SELECT
        keeper, source, registry, batch,
        sum(balance_g) AS balance_g, min(supply_g) AS lowest_g, max(supply_g) AS highest_g
    FROM tokens
    WHERE batch IS NOT NULL
    GROUP BY keeper, source, registry, batch
),
-- (a) The amount is the widest distance between the numbers that should be one.
unsummed AS (
    SELECT
        *,
        greatest(balance_g, highest_g) - least(balance_g, lowest_g) AS amount_g
    FROM sums
    WHERE balance_g <> lowest_g OR balance_g <> highest_g
),
issued AS (
    SELECT keeper, registry, batch, sum(amount_g) AS issued_g
    FROM issuances
    GROUP BY keeper, registry, batch
),
standing AS (
    SELECT keeper, registry, batch, sum(amount_g) AS gone_g
    FROM dispositions
    WHERE until_s IS NULL
    GROUP BY keeper, registry, batch
),
-- (b)
unconserved AS (
    SELECT
        sums.keeper, sums.registry, sums.batch,
        max(abs(coalesce(issued_g, 0) - highest_g - coalesce(gone_g, 0))) AS amount_g
    FROM sums
    LEFT JOIN issued USING (keeper, registry, batch)
    LEFT JOIN standing USING (keeper, registry, batch)
    WHERE
        (sums.keeper, sums.registry) IN (SELECT (keeper, registry) FROM issuances)
        AND (sums.keeper, sums.registry, sums.batch)
            NOT IN (SELECT (keeper, registry, batch) FROM unsummed)
    GROUP BY sums.keeper, sums.registry, sums.batch
    HAVING amount_g > 0
),
unconserved_rows AS (
    SELECT keeper, registry, batch, source, record, at_s FROM issuances
    UNION ALL
    SELECT keeper, registry, batch, source, record, at_s FROM tokens
    UNION ALL
    SELECT keeper, registry, batch, source, record, at_s FROM dispositions WHERE until_s IS NULL
),
-- (c)
issued_pieces AS (
    SELECT struct_pack(keeper, scope) AS axis, start_g, end_g
    FROM issuances
    WHERE located(scope, start_g, end_g)
),
standing_pieces AS (
    SELECT *, struct_pack(keeper, scope) AS axis
    FROM dispositions
    WHERE
        until_s IS NULL AND located(scope, start_g, end_g)
        AND (keeper, scope) IN (SELECT (axis.keeper, axis.scope) FROM issued_pieces)
),
unissued AS (
    SELECT piece AS disposition, piece.axis AS axis, start_g, end_g
    FROM outside('standing_pieces', 'issued_pieces')
),
differing AS (
    SELECT struct_pack(keeper := 'book', scope := axis.scope) AS axis, start_g, end_g
    FROM unequal_grams
    WHERE kind <> 'transfer'
),
strays AS (
    SELECT piece.disposition AS piece, start_g, end_g FROM outside('unissued', 'differing')
),
-- The other side of (c): the blocks of the batch that the disposition names.
blocks AS (
    SELECT
        keeper, registry, batch, scope,
        list(source || ':' || record) AS records
    FROM issuances
    WHERE batch IS NOT NULL
    GROUP BY keeper, registry, batch, scope
)
SELECT
    [unsummed.registry] AS registries,
    NULL AS scope,
    NULL AS start_g,
    NULL AS end_g,
    unsummed.amount_g AS amount_g,
    unsummed.batch AS batch,
    list(tokens.source || ':' || tokens.record) AS records,
    CASE WHEN count(tokens.at_s) = count(*) THEN max(tokens.at_s) END AS detectable_at,
    NULL AS cleared_at,
    'the balances sum to the supply, and the supply is stated once' AS clears_when
FROM unsummed
JOIN tokens USING (keeper, source, registry, batch)
GROUP BY unsummed.keeper, unsummed.source, unsummed.registry, unsummed.batch, unsummed.amount_g
UNION ALL
SELECT
    [unconserved.registry],
    NULL,
    NULL,
    NULL,
    unconserved.amount_g,
    unconserved.batch,
    list(rows.source || ':' || rows.record),
    CASE WHEN count(rows.at_s) = count(*) THEN max(rows.at_s) END,
    NULL,
    'the batch''s issued amount equals its supply and its standing dispositions'
FROM unconserved
JOIN unconserved_rows AS rows USING (keeper, registry, batch)
GROUP BY unconserved.keeper, unconserved.registry, unconserved.batch, unconserved.amount_g
UNION ALL
SELECT
    [piece.registry],
    piece.scope,
    strays.start_g,
    strays.end_g,
    strays.end_g - strays.start_g,
    piece.batch,
    list_concat([piece.source || ':' || piece.record], coalesce(blocks.records, [])),
    piece.at_s,
    NULL,
    'the disposition''s interval is corrected, or the issuance that holds it is shown'
FROM strays
LEFT JOIN blocks
    ON piece.keeper = blocks.keeper AND piece.registry = blocks.registry
    AND piece.batch = blocks.batch AND piece.scope = blocks.scope
