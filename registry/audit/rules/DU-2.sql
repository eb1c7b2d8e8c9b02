-- DU-2: use after retirement.
-- catches: a lock, an export or any other disposition that is no retirement or cancellation, of
--     grams that the same keeper had recorded as retired or cancelled at an earlier second. One
--     finding per pair and exact intersection. It is cleared when either was undone.
-- misses: a transfer, which names no serials; an undated row; a use in the very second of the
--     retirement; a row without scope or bounds. A second retirement is DU-1.
-- source: double use in the Offset Credit handbook's sense: any further transfer, retirement or
--     cancellation after retirement or cancellation.
-- level: certain
-- partition: scope
-- clears when: the later disposition is released, or the retirement is shown to be an error
WITH dated AS (
    SELECT *, kind IN ('retirement', 'cancellation') AS final
    FROM dispositions
    WHERE scope IS NOT NULL AND 0 <= start_g AND start_g < end_g AND at_s IS NOT NULL
),
-- Of two intervals that meet, one starts inside the other. So it is enough to look at the rows that
-- start inside each row; in clean records none of them is suspect and nothing is joined.
inside AS (
    SELECT
        *,
        coalesce(NOT final AND min(at_s) FILTER (final) OVER started < at_s, false) AS late_use,
        coalesce(final AND max(at_s) FILTER (NOT final) OVER started > at_s, false) AS used_later
    FROM dated
    WINDOW started AS (
        PARTITION BY keeper, scope
        ORDER BY start_g
        RANGE BETWEEN CURRENT ROW AND (end_g - start_g - 1) FOLLOWING
    )
),
pairs AS (
    SELECT later, gone
    FROM (SELECT inside AS later FROM inside WHERE late_use)
    JOIN (SELECT inside AS gone FROM inside WHERE final)
        ON later.keeper = gone.keeper AND later.scope = gone.scope
        AND gone.start_g >= later.start_g AND gone.start_g < later.end_g
        AND gone.at_s < later.at_s
    UNION ALL
    SELECT later, gone
    FROM (SELECT inside AS gone FROM inside WHERE used_later)
    JOIN (SELECT inside AS later FROM inside WHERE NOT final)
        ON later.keeper = gone.keeper AND later.scope = gone.scope
        -- Strictly: a pair with one start is above already.
        AND later.start_g > gone.start_g AND later.start_g < gone.end_g
        AND gone.at_s < later.at_s
)
SELECT
    [gone.registry, later.registry] AS registries,
    later.scope AS scope,
    greatest(gone.start_g, later.start_g) AS start_g,
    least(gone.end_g, later.end_g) AS end_g,
    least(gone.end_g, later.end_g) - greatest(gone.start_g, later.start_g) AS amount_g,
    coalesce(later.batch, gone.batch) AS batch,
    [gone.source || ':' || gone.record, later.source || ':' || later.record] AS records,
    later.at_s AS detectable_at,
    -- least() passes over a null: whichever was undone first clears it.
    least(gone.until_s, later.until_s) AS cleared_at
FROM pairs
-- A retirement undone before the use leaves the interval free again.
WHERE gone.until_s IS NULL OR gone.until_s > later.at_s
