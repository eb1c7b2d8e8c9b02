-- DI-6: conversion issued before its source was cancelled.
-- catches: credits that one registry issued in place of another's while those were active still.
--     The record of the conversion names the batch that was issued. Where it does not, the issuance
--     names the project at the source registry as its origin and has the amount that was cancelled
--     there; the nth such issuance belongs to the nth such conversion, in order of time. The window
--     opens with the issuance and closes with the cancellation. A window that closed stays timed,
--     however long it was open. One that is open is timed for 30 days after the issuance, by the
--     moment at which `sources` says the source was read, and certain from then on: the record says
--     positively that the source is active.
-- misses: a conversion of which one side is in no file, because an absent record says nothing; a
--     side without a date, or without the other's project or amount; a source cancelled on the
--     day of the issuance or before it. Of several conversions with one project and amount, the
--     dates decide which is which: where there are more issuances than conversions, the earliest
--     are taken for those whose source is in no file; a conversion too many shifts the others.
-- source: conversions of early-action and registry credits into those of California's programme:
--     in 13 of 13 that both registries published, the target issued 1 to 21 days before the source
--     was cancelled, so 30 days are tolerated.
-- level: timed
-- partition: none
-- clears when: the source is cancelled
WITH sold_once AS (
    -- A row repeated is DU-1, and not one conversion more.
    SELECT *
    FROM conversions
    WHERE amount_g > 0
    QUALIFY NOT located(scope, start_g, end_g) OR row_number() OVER (
        PARTITION BY keeper, registry, project, target, amount_g, scope, start_g, end_g
        ORDER BY at_s NULLS LAST, issued_s NULLS LAST, source, record
    ) = 1
),
-- What is said to be issued as a batch is paired by that.
made_of AS (
    SELECT
        keeper, registry AS target, batch AS target_batch,
        min(source || ':' || record) AS made, min(at_s) AS made_s
    FROM issuances
    WHERE
        restates IS NOT true AND at_s IS NOT NULL
        AND (keeper, registry, batch) IN (SELECT (keeper, target, target_batch) FROM sold_once)
    GROUP BY keeper, registry, batch
),
sources_cancelled AS (
    SELECT
        *,
        row_number() OVER (
            alike ORDER BY at_s NULLS LAST, issued_s NULLS LAST, source, record, start_g
        ) AS nth,
        count(*) OVER alike AS known
    FROM sold_once
    WHERE target_batch IS NULL
    WINDOW alike AS (PARTITION BY keeper, registry, project, target, amount_g)
),
targets_issued AS (
    SELECT
        *,
        row_number() OVER (alike ORDER BY at_s, source, record, batch) AS nth,
        count(*) OVER alike AS known
    FROM issuances
    ANTI JOIN made_of
        ON issuances.keeper = made_of.keeper AND issuances.registry = made_of.target
        AND issuances.batch = made_of.target_batch
    WHERE restates IS NOT true AND origin IS NOT NULL AND at_s IS NOT NULL
    WINDOW alike AS (PARTITION BY keeper, registry, origin, amount_g)
),
read AS (
    SELECT source, keeper, max(now_s) AS now_s
    FROM sources
    GROUP BY source, keeper
),
links AS (
    SELECT
        sold.source, sold.record, sold.keeper, sold.registry, sold.scope, sold.start_g, sold.end_g,
        sold.amount_g, sold.at_s, coalesce(made.batch, sold.batch) AS batch,
        made.registry AS target, made.source || ':' || made.record AS made, made.at_s AS made_s
    FROM sources_cancelled AS sold
    JOIN targets_issued AS made
        ON sold.keeper = made.keeper AND sold.target = made.registry
        AND sold.registry || ' ' || sold.project = made.origin
        AND sold.amount_g = made.amount_g
        AND sold.nth = made.nth - greatest(made.known - sold.known, 0)
    UNION ALL
    SELECT
        sold.source, sold.record, sold.keeper, sold.registry, sold.scope, sold.start_g, sold.end_g,
        sold.amount_g, sold.at_s, target_batch, target, made_of.made, made_of.made_s
    FROM sold_once AS sold
    JOIN made_of USING (keeper, target, target_batch)
),
windows AS (
    SELECT
        [links.registry, target] AS registries,
        CASE WHEN located(scope, start_g, end_g) THEN scope END AS scope,
        CASE WHEN located(scope, start_g, end_g) THEN start_g END AS start_g,
        CASE WHEN located(scope, start_g, end_g) THEN end_g END AS end_g,
        amount_g,
        batch,
        [links.source || ':' || record, made] AS records,
        made_s AS opened_s,
        at_s AS closed_s,
        -- 30 days.
        coalesce(at_s IS NULL AND read.now_s > made_s::HUGEINT + 2592000, false) AS overdue
    FROM links
    LEFT JOIN read ON read.source = links.source AND read.keeper = links.keeper
    WHERE
        at_s IS NULL
        -- A file's midnight stands for a whole day.
        OR made_s < at_s::HUGEINT - CASE
            WHEN links.keeper IN ('feed', 'meta') AND made_s % 86400 = 0 THEN 86399 ELSE 0
        END
)
SELECT
    registries,
    scope,
    start_g,
    end_g,
    amount_g,
    batch,
    records,
    opened_s AS detectable_at,
    closed_s AS cleared_at,
    CASE WHEN overdue THEN 'certain' ELSE 'timed' END AS level,
    CASE WHEN closed_s IS NULL THEN 'the source is cancelled'
        ELSE 'nothing is left to do: the source was cancelled' END AS clears_when
FROM windows
