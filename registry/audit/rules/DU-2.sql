-- DU-2: use after retirement.
-- catches: (a) a lock, an export or any other disposition that is no retirement or cancellation, of
--     grams that the same keeper had recorded as retired or cancelled at an earlier second, at
--     whatever registry the credits were by then. One finding per pair and exact intersection. It
--     is cleared when either was undone. (b) credits that another registry issued in the place of
--     grams which were retired at an earlier second, not cancelled. One finding per interval.
-- misses: (a) a transfer, which names no serials; an undated row; a use in the very second of the
--     retirement, or on its day where a file may state no more than the day; a row without scope or
--     bounds. What another registry does with serials that were cancelled for their conversion is
--     lawful. A second retirement is DU-1. In a book, serials of a line whose entry has another
--     amount: that is MR-3 or BR-7, and this rule is silent there. (b) an issuance that nothing
--     ties to what was retired for it.
-- source: double use in the Offset Credit handbook's sense: any further transfer, retirement or
--     cancellation after retirement or cancellation; bridges that issued tokens for 21.6 million
--     credits which were retired to that end, until May 2022.
-- level: certain
-- partition: none
-- clears when: the later disposition is released, or the retirement is shown to be an error
WITH used AS (
    SELECT DISTINCT keeper, scope
    FROM dispositions
    WHERE kind NOT IN ('retirement', 'cancellation')
),
dated AS (
    SELECT
        keeper, scope, start_g, end_g, registry, home_of(home, registry) AS home,
        source, record, batch, at_s, until_s, purpose,
        kind IN ('retirement', 'cancellation') AS final,
        kind NOT IN ('retirement', 'cancellation') AS use,
        -- A file's midnight may stand for a whole day, and then nothing is later before the next.
        -- The sum has room for any date.
        at_s::HUGEINT + CASE
            WHEN keeper IN ('feed', 'meta') AND at_s % 86400 = 0 THEN 86399 ELSE 0
        END AS surely_s
    FROM dispositions
    SEMI JOIN used USING (keeper, scope)
    WHERE 0 <= start_g AND start_g < end_g AND at_s IS NOT NULL
),
-- Of two intervals that meet, one starts inside the other. So it is enough to look at the rows that
-- start inside each row; in clean records none of them is suspect and nothing is joined.
inside AS (
    SELECT
        *,
        coalesce(use AND min(surely_s) FILTER (final) OVER started < at_s, false) AS late_use,
        coalesce(final AND max(at_s) FILTER (use) OVER started > surely_s, false) AS used_later
    FROM dated
    WINDOW started AS (
        PARTITION BY keeper, scope
        ORDER BY start_g
        RANGE BETWEEN CURRENT ROW AND (end_g - start_g - 1) FOLLOWING
    )
),
suspect AS (
    SELECT * FROM inside WHERE late_use OR used_later
),
-- The rows in which the other half of a pair can be, numbered by start; equal starts share one.
ranked AS (
    SELECT
        *,
        dense_rank() OVER (PARTITION BY keeper, scope, final ORDER BY start_g) AS nth
    FROM dated
    WHERE (keeper, scope) IN (SELECT (keeper, scope) FROM suspect)
),
started AS (
    SELECT suspect, unnest(range(opening.nth, closing.nth + 1)) AS nth
    FROM suspect
    ASOF JOIN ranked AS opening
        ON suspect.keeper = opening.keeper AND suspect.scope = opening.scope
        AND suspect.use = opening.final
        AND suspect.start_g <= opening.start_g
    ASOF JOIN ranked AS closing
        ON suspect.keeper = closing.keeper AND suspect.scope = closing.scope
        AND suspect.use = closing.final
        AND suspect.end_g > closing.start_g
    WHERE opening.nth <= closing.nth
),
late AS (
    SELECT
        suspect,
        other,
        struct_pack(other.keeper, other.scope) AS axis,
        greatest(suspect.start_g, other.start_g) AS start_g,
        least(suspect.end_g, other.end_g) AS end_g
    FROM started
    JOIN ranked AS other
        ON suspect.keeper = other.keeper AND suspect.scope = other.scope
        AND suspect.use = other.final AND started.nth = other.nth
    WHERE
        -- A retirement undone before the use left the interval free again.
        (
            suspect.use AND other.surely_s < suspect.at_s
            AND (other.home = suspect.home OR other.purpose IS DISTINCT FROM 'conversion')
            AND (other.until_s IS NULL OR other.until_s > suspect.at_s)
        )
        OR (
            -- Strictly inside: the pair with one start was reached from its use.
            suspect.final AND suspect.start_g < other.start_g AND suspect.surely_s < other.at_s
            AND (other.home = suspect.home OR suspect.purpose IS DISTINCT FROM 'conversion')
            AND (suspect.until_s IS NULL OR suspect.until_s > other.at_s)
        )
),
differing AS (
    SELECT struct_pack(keeper := 'book', scope := axis.scope) AS axis, start_g, end_g
    FROM unequal_grams
    WHERE kind IN ('retirement', 'cancellation', 'lock', 'release', 'export', 'return')
),
-- (b)
made AS (
    SELECT
        keeper, registry AS target, batch AS target_batch,
        min(at_s) AS made_s, min(source || ':' || record) AS name
    FROM issuances
    WHERE
        restates IS NOT true
        AND (keeper, registry, batch) IN (
            SELECT (keeper, target, target_batch) FROM conversions WHERE kind = 'retirement'
        )
    GROUP BY keeper, registry, batch
),
reissued AS (
    SELECT *
    FROM conversions
    JOIN made USING (keeper, target, target_batch)
    WHERE kind = 'retirement' AND located(scope, start_g, end_g) AND made_s > at_s
)
SELECT
    [piece.suspect.registry, piece.other.registry] AS registries,
    piece.axis.scope AS scope,
    start_g,
    end_g,
    end_g - start_g AS amount_g,
    coalesce(piece.suspect.batch, piece.other.batch) AS batch,
    [
        piece.suspect.source || ':' || piece.suspect.record,
        piece.other.source || ':' || piece.other.record
    ] AS records,
    greatest(piece.suspect.at_s, piece.other.at_s) AS detectable_at,
    -- least() passes over a null: whichever was undone first clears it.
    least(piece.suspect.until_s, piece.other.until_s) AS cleared_at
FROM outside('late', 'differing')
UNION ALL
SELECT
    [registry, target],
    scope,
    start_g,
    end_g,
    end_g - start_g,
    batch,
    [source || ':' || record, name],
    made_s,
    NULL
FROM reissued
