-- CN-1: totals do not add up.
-- catches: (a) a token whose balances in one source do not sum to its supply, or whose supply is
--     stated in two ways, compared in the token's own units where those are given; (b) a batch with
--     a token whose issued amount is not its supply plus its standing dispositions, within one
--     keeper and registry; (c) grams of a standing disposition outside all issuances of that keeper
--     and scope or, of credits that were imported, outside what came as that batch; (d) standing
--     dispositions in files that name a batch and no serials, and are more than was issued of it,
--     uses and removals each by themselves; (e) a record that restates an issuance of its registry
--     and serial with another amount. Where (a) fires for a token, (b)
--     stays silent: a wrong supply breaks both, and is one error.
-- misses: errors that cancel out within one token; a token without a batch id and without a
--     contract, and one of which a balance is unknown; an amount of more than 90 digits; (b) where
--     the keeper has no issuance at all at that registry, (c) where it has none in that scope, and
--     (d) where it has none of that batch, because then issuances were not part of the source; (c)
--     in a book, serials of a line whose entry has another amount, which is MR-3 or BR-7; (d) what
--     compensates reversals or left a buffer, which may lie beyond what was issued to accounts, as
--     in CAFR5253-C of California's programme, and what was removed after its use, as the credits
--     of CALS5040-C that were invalidated when all of them had been retired. Balances read earlier
--     than the dispositions beside them make (b) fire: take both at one moment.
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
    WHERE batch IS NOT NULL AND contract IS NULL
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
-- (a) in units: the sum of balances and every supply stated, each as one number.
counts AS (
    SELECT
        keeper, source, registry, contract, batch, decimals, supply_units, balance_units,
        limbs(balance_units) AS balance, carried(limbs(supply_units)) AS supply
    FROM tokens
    WHERE contract IS NOT NULL
),
totals AS (
    SELECT
        keeper, source, registry, contract, batch,
        max(decimals) AS decimals, max(supply) AS highest, min(supply) AS lowest,
        [
            sum(balance[1]), sum(balance[2]), sum(balance[3]),
            sum(balance[4]), sum(balance[5]), sum(balance[6])
        ] AS balances
    FROM counts
    GROUP BY keeper, source, registry, contract, batch
    HAVING count(balance) = count(*) AND count(supply) > 0
),
carried_totals AS (
    SELECT *, carried(balances) AS balance FROM totals
),
apart AS (
    SELECT
        *,
        greatest(balance, highest) AS high, least(balance, lowest) AS low
    FROM carried_totals
    WHERE balance <> lowest OR balance <> highest
),
differences AS (
    SELECT
        keeper, source, registry, contract, batch, decimals,
        list_transform(range(1, 7), lambda nth: high[nth] - low[nth]) AS difference
    FROM apart
),
foreign_unsummed AS (
    SELECT keeper, source, registry, contract, batch, decimals, digits(carried(difference)) AS units
    FROM differences
),
issued AS (
    SELECT keeper, registry, batch, sum(amount_g) AS issued_g
    FROM issuances
    WHERE restates IS NOT true
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
    SELECT keeper, registry, batch, source, record, at_s FROM issuances WHERE restates IS NOT true
    UNION ALL
    SELECT keeper, registry, batch, source, record, at_s FROM tokens WHERE contract IS NULL
    UNION ALL
    SELECT keeper, registry, batch, source, record, at_s FROM dispositions WHERE until_s IS NULL
),
-- (c)
issued_pieces AS (
    SELECT struct_pack(keeper, scope) AS axis, start_g, end_g
    FROM own_blocks
),
standing_pieces AS (
    SELECT *, struct_pack(keeper, scope) AS axis
    FROM own_dispositions
    WHERE
        until_s IS NULL AND located(scope, start_g, end_g)
        AND (keeper, scope) IN (SELECT (axis.keeper, axis.scope) FROM issued_pieces)
),
unissued AS (
    SELECT piece AS disposition, piece.axis AS axis, start_g, end_g
    FROM outside('standing_pieces', 'issued_pieces')
),
unlike AS MATERIALIZED (
    SELECT axis.registry AS registry, axis.scope AS scope, start_g, end_g
    FROM unequal_grams
    WHERE kind <> 'transfer'
),
differing AS (
    SELECT struct_pack(keeper := 'book', scope) AS axis, start_g, end_g FROM unlike
),
imported_pieces AS (
    SELECT
        struct_pack(keeper, registry, scope, batch := coalesce(batch, '')) AS axis, start_g, end_g
    FROM imports
),
used_abroad AS (
    SELECT
        struct_pack(keeper, registry, scope, batch := coalesce(batch, '')) AS axis,
        source, record, batch, at_s, start_g, end_g
    FROM abroad
    WHERE until_s IS NULL
),
not_imported AS (
    SELECT
        piece AS disposition,
        struct_pack(
            keeper := piece.axis.keeper, registry := piece.axis.registry, scope := piece.axis.scope
        ) AS axis,
        start_g, end_g
    FROM outside('used_abroad', 'imported_pieces')
),
differing_abroad AS (
    SELECT struct_pack(keeper := 'book', registry, scope) AS axis, start_g, end_g FROM unlike
),
strays AS (
    SELECT
        struct_pack(
            keeper := piece.axis.keeper, registry := piece.disposition.registry,
            scope := piece.axis.scope, batch := piece.disposition.batch,
            source := piece.disposition.source, record := piece.disposition.record,
            at_s := piece.disposition.at_s
        ) AS piece,
        start_g, end_g
    FROM outside('unissued', 'differing')
    UNION ALL
    SELECT
        struct_pack(
            keeper := piece.axis.keeper, registry := piece.axis.registry,
            scope := piece.axis.scope, batch := piece.disposition.batch,
            source := piece.disposition.source, record := piece.disposition.record,
            at_s := piece.disposition.at_s
        ),
        start_g, end_g
    FROM outside('not_imported', 'differing_abroad')
),
-- The other side of (c): the blocks of the batch that the disposition names.
batch_blocks AS (
    SELECT
        keeper, registry, batch, scope,
        list(source || ':' || record) AS records
    FROM issuances
    WHERE
        restates IS NOT true
        AND (keeper, registry, batch)
            IN (SELECT (piece.keeper, piece.registry, piece.batch) FROM strays)
    GROUP BY keeper, registry, batch, scope
),
-- (d)
drawn AS (
    SELECT
        keeper, registry, batch, sum(amount_g) AS drawn_g,
        list(source || ':' || record) AS records,
        CASE WHEN count(at_s) = count(*) THEN max(at_s) END AS at_s
    FROM dispositions
    WHERE
        keeper IN ('feed', 'meta') AND until_s IS NULL AND batch IS NOT NULL
        AND NOT located(scope, start_g, end_g)
        AND coalesce(purpose NOT IN ('reversal', 'buffer'), true)
    GROUP BY keeper, registry, batch, coalesce(purpose = 'removal', false)
),
overdrawn AS (
    SELECT drawn.*, issued_g
    FROM drawn
    JOIN issued USING (keeper, registry, batch)
    WHERE drawn_g > issued_g
),
-- (e)
restated AS (
    SELECT
        again.source, again.record, again.registry, again.scope, again.at_s,
        min(again.batch) AS batch,
        -- A struct compares by its first field: the statement that is least unlike.
        min(struct_pack(
            apart_g := abs(again.amount_g::HUGEINT - stated.amount_g),
            name := stated.source || ':' || stated.record,
            at_s := stated.at_s
        )) AS nearest
    FROM issuances AS again
    JOIN issuances AS stated USING (keeper, registry, scope)
    WHERE again.restates AND stated.restates IS NOT true
    GROUP BY again.source, again.record, again.registry, again.scope, again.at_s
)
SELECT
    [unsummed.registry] AS registries,
    NULL AS scope,
    NULL AS start_g,
    NULL AS end_g,
    least(unsummed.amount_g, 9223372036854775807) AS amount_g,
    unsummed.batch AS batch,
    list(tokens.source || ':' || tokens.record) AS records,
    CASE WHEN count(tokens.at_s) = count(*) THEN max(tokens.at_s) END AS detectable_at,
    NULL AS cleared_at,
    'the balances sum to the supply, and the supply is stated once' AS clears_when
FROM unsummed
JOIN tokens USING (keeper, source, registry, batch)
WHERE tokens.contract IS NULL
GROUP BY unsummed.keeper, unsummed.source, unsummed.registry, unsummed.batch, unsummed.amount_g
UNION ALL
SELECT
    [alien.registry],
    NULL,
    NULL,
    NULL,
    units_g(alien.units, alien.decimals),
    alien.batch,
    list(tokens.source || ':' || tokens.record),
    CASE WHEN count(tokens.at_s) = count(*) THEN max(tokens.at_s) END,
    NULL,
    'the balances sum to the supply, stated once; they are ' || alien.units || ' units apart'
FROM foreign_unsummed AS alien
JOIN tokens
    ON alien.keeper = tokens.keeper AND alien.source = tokens.source
    AND alien.registry = tokens.registry AND alien.contract = tokens.contract
    AND alien.batch IS NOT DISTINCT FROM tokens.batch
GROUP BY
    alien.keeper, alien.source, alien.registry, alien.contract, alien.batch,
    alien.units, alien.decimals
UNION ALL
SELECT
    [unconserved.registry],
    NULL,
    NULL,
    NULL,
    least(unconserved.amount_g, 9223372036854775807),
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
    list_concat([piece.source || ':' || piece.record], coalesce(batch_blocks.records, [])),
    piece.at_s,
    NULL,
    'the disposition''s interval is corrected, or the issuance that holds it is shown'
FROM strays
LEFT JOIN batch_blocks
    ON piece.keeper = batch_blocks.keeper AND piece.registry = batch_blocks.registry
    AND piece.batch = batch_blocks.batch AND piece.scope = batch_blocks.scope
UNION ALL
SELECT
    [overdrawn.registry],
    NULL,
    NULL,
    NULL,
    least(drawn_g - issued_g, 9223372036854775807),
    overdrawn.batch,
    list_concat(
        overdrawn.records,
        list(issuances.source || ':' || issuances.record)
    ),
    overdrawn.at_s,
    NULL,
    'what was taken out of the batch is no more than was issued of it'
FROM overdrawn
JOIN issuances USING (keeper, registry, batch)
WHERE issuances.restates IS NOT true
GROUP BY
    keeper, overdrawn.registry, overdrawn.batch, drawn_g, issued_g, overdrawn.records,
    overdrawn.at_s
UNION ALL
SELECT
    [registry],
    scope,
    NULL,
    NULL,
    least(nearest.apart_g, 9223372036854775807),
    batch,
    [source || ':' || record, nearest.name],
    later(at_s, nearest.at_s),
    NULL,
    'both publications state one amount'
FROM restated
WHERE nearest.apart_g > 0
