-- DI-5: one activity issued in two programmes.
-- catches: two projects of different registries that one of them declares to be the same, or that
--     look the same, where both issued for times that intersect. One finding per pair, of the
--     lesser of what the two issued for those times. The time of an issuance is its monitoring
--     period, else its vintage, else the project's crediting period, open if its end is unknown;
--     a project without issuances stands with its total over its crediting period. `clears when`
--     names the evidence, and the records are those of the projects, of a link, and of the first
--     issuance on each side that meets one of the other. A lawful migration or conversion is found
--     too, as a candidate: what clears it is the other registry's to show.
-- misses: an activity that is neither declared nor alike by name, place and developer; names that
--     say nothing besides what a project does and its country, or have only words that many places
--     have, unless one developer has the name twice there and nothing else differs; publications
--     of different keepers; a pair of which one side's time is unknown. Phases, units, parts and
--     numbers in names tell projects apart, also where they do not. Over 200 projects that share a
--     word are not compared by it. Projects at one place and of one kind by one developer may be
--     neighbours.
-- source: double issuance in the ADC Working Group's FAQ; the pairs are those of
--     registry.audit.candidates.
-- level: candidate
-- partition: none
-- clears when: the registries show that these are two activities, or that one of them took back
--     what both issued
WITH pairs AS (
    SELECT
        *,
        struct_pack(keeper, registry, project) AS one,
        struct_pack(keeper, registry := other_registry, project := other_project) AS two
    FROM candidates
),
-- Every pair from both its sides.
sides AS (
    SELECT one, two, one AS near, two AS far FROM pairs
    UNION ALL
    SELECT one, two, two, one FROM pairs
),
-- All publications of one keeper are one project.
credited AS (
    SELECT
        struct_pack(keeper, registry, project) AS key,
        min(start_s) AS start_s,
        -- The end of time, as far as seconds go.
        coalesce(max(end_s), 9223372036854775807) AS end_s,
        max(issued_g) AS issued_g
    FROM projects
    WHERE struct_pack(keeper, registry, project) IN (SELECT near FROM sides)
    GROUP BY ALL
),
rows_issued AS (
    SELECT
        struct_pack(keeper, registry, project) AS key,
        source || ':' || record AS name,
        amount_g,
        at_s,
        CASE
            WHEN period_start_s < period_end_s
                THEN struct_pack(start_s := period_start_s, end_s := period_end_s)
            WHEN vintage BETWEEN 1 AND 9999
                THEN struct_pack(
                    start_s := epoch(make_date(vintage, 1, 1))::BIGINT,
                    end_s := epoch(make_date(vintage + 1, 1, 1))::BIGINT
                )
        END AS span
    FROM issuances
    WHERE
        amount_g > 0 AND restates IS NOT true
        AND struct_pack(keeper, registry, project) IN (SELECT near FROM sides)
),
issued AS (
    SELECT
        rows_issued.key AS key, name, amount_g, at_s,
        coalesce(span.start_s, start_s) AS start_s,
        CASE WHEN span IS NULL THEN end_s ELSE span.end_s END AS end_s
    FROM rows_issued
    LEFT JOIN credited ON rows_issued.key = credited.key
    UNION ALL
    SELECT key, NULL, issued_g, NULL, start_s, end_s
    FROM credited
    WHERE issued_g > 0 AND key NOT IN (SELECT key FROM rows_issued)
),
-- Issuances for one time count as one: a project may have many, and be in many pairs.
spans AS (
    SELECT
        key, start_s, end_s,
        sum(amount_g) AS amount_g,
        min(name) AS name,
        CASE WHEN count(at_s) = count(*) THEN min(at_s) END AS at_s
    FROM issued
    GROUP BY key, start_s, end_s
),
-- What each side issued for times for which the other did, too.
meeting AS (
    SELECT
        one, two, near,
        sum(spans.amount_g) AS amount_g,
        min(struct_pack(start_s := spans.start_s, name := spans.name)) AS first,
        CASE WHEN count(spans.at_s) = count(*) THEN min(spans.at_s) END AS at_s
    FROM sides
    JOIN spans ON spans.key = near
    SEMI JOIN spans AS others
        ON
            others.key = far
            AND others.start_s < spans.end_s AND spans.start_s < others.end_s
    GROUP BY one, two, near
)
SELECT
    [registry, other_registry] AS registries,
    NULL AS scope,
    NULL AS start_g,
    NULL AS end_g,
    least(here.amount_g, there.amount_g) AS amount_g,
    NULL AS batch,
    [
        record FOR record IN [pairs.name, other_name, link, here.first.name, there.first.name]
        IF record IS NOT NULL
    ] AS records,
    later(here.at_s, there.at_s) AS detectable_at,
    NULL AS cleared_at,
    'the registries show that these are two activities, or that one of them took back what both'
        || ' issued; evidence: ' || evidence AS clears_when
FROM pairs
JOIN meeting AS here ON here.one = pairs.one AND here.two = pairs.two AND here.near = pairs.one
JOIN meeting AS there ON there.one = pairs.one AND there.two = pairs.two AND there.near = pairs.two
