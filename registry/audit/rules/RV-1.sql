-- RV-1: reversal not compensated.
-- catches: a loss that its registry recorded and that is past its deadline, for which fewer grams
--     stand as cancelled than were lost. A gram counts where a compensation of this reversal, from
--     the buffer or as a replacement, names it, and a standing cancellation at the registry has it;
--     it counts once. One finding per reversal, over the deficit.
-- misses: a reversal without a deadline, or whose registry's book does not say when it was read;
--     one that was covered late (ask as of a day before); a loss that nobody recorded. Grams that
--     cover another reversal, too, count for both here, and are RV-2.
-- source: buffer and replacement rules of crediting programmes: a reversal is covered by credits of
--     the buffer, and what the buffer lacks by the developer, within a time.
-- level: strong
-- partition: none
-- keepers: book
-- clears when: credits are cancelled for what is missing
WITH cancelled AS (
    SELECT
        struct_pack(registry := registry, home := coalesce(home, registry), scope := scope) AS axis,
        start_g,
        end_g
    FROM dispositions
    WHERE kind = 'cancellation' AND until_s IS NULL AND located(scope, start_g, end_g)
),
named AS (
    SELECT
        struct_pack(registry := registry, home := coalesce(home, registry), scope := scope) AS axis,
        start_g,
        end_g,
        keeper,
        registry,
        reversal,
        source || ':' || record AS record
    FROM compensations
    WHERE reversal IS NOT NULL AND located(scope, start_g, end_g)
),
standing AS (
    SELECT
        piece.keeper AS keeper,
        piece.registry AS registry,
        piece.reversal AS reversal,
        piece.record AS record,
        piece.axis AS axis,
        start_g,
        end_g
    FROM inside('named', 'cancelled')
),
-- A gram that two compensations of one reversal name is one gram.
once AS (
    SELECT
        *,
        greatest(start_g, coalesce(max(end_g) OVER (
            PARTITION BY keeper, registry, reversal, axis
            ORDER BY start_g, end_g DESC, record
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), start_g)) AS from_g
    FROM standing
),
covered AS (
    SELECT
        keeper, registry, reversal,
        sum(greatest(0, end_g - from_g)) AS covered_g,
        list(DISTINCT record ORDER BY record) AS records
    FROM once
    GROUP BY keeper, registry, reversal
)
SELECT
    [loss.registry] AS registries,
    NULL AS scope,
    NULL AS start_g,
    NULL AS end_g,
    loss.amount_g - coalesce(covered_g, 0) AS amount_g,
    loss.batch AS batch,
    list_concat(
        [loss.source || ':' || loss.record], coalesce(covered.records, [])
    ) AS records,
    loss.deadline_s AS detectable_at,
    NULL AS cleared_at
FROM reversals AS loss
JOIN lags AS reading ON reading.keeper = loss.keeper AND reading.registry = loss.registry
LEFT JOIN covered
    ON covered.keeper = loss.keeper AND covered.registry = loss.registry
    AND covered.reversal = loss.id
WHERE
    loss.keeper = 'book' AND reading.now_s > loss.deadline_s
    AND loss.amount_g > coalesce(covered_g, 0)
