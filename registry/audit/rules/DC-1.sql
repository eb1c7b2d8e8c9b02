-- DC-1: claimed by a user and by the host country.
-- catches: (a) a standing retirement or cancellation for a voluntary or a CORSIA claim, of credits
--     that a field puts inside the host country's nationally determined contribution (NDC) while a
--     field says that no corresponding adjustment is made. One finding per row. (b) stretches of
--     such a use, at whatever registry, that the host Party's own list puts inside its NDC, and for
--     which it is committed to an adjustment, by its word or by a first transfer, that is not
--     completed. It is timed until the Party has to report, by the moment at which `sources` says
--     the list was read, and strong from then on.
-- misses: (a) a row that leaves out any of the three; (b) a Party that says nothing of the units,
--     or that no adjustment is required, and a row that has one of the two fields; a claim for
--     compliance, because domestic schemes count inside the NDC lawfully; a claim undone since (ask
--     as of a day before). A row whose reason names the NDC says so itself, and is DC-3 or no claim
--     of another.
-- source: double claiming in the ADC Working Group's FAQ: host country and user both count it;
--     corresponding adjustments under Article 6.2 of the Paris Agreement.
-- level: strong
-- partition: scope
-- clears when: the host country makes the corresponding adjustment, or the claim is withdrawn
WITH uses AS (
    SELECT *, struct_pack(registry := coalesce(home, registry), scope := scope) AS axis
    FROM dispositions
    WHERE
        kind IN ('retirement', 'cancellation') AND until_s IS NULL
        AND lower(trim(purpose)) IN ('voluntary', 'corsia')
        -- A reason that denies the NDC does not name it.
        AND NOT names_ndc(affirmed(reason))
),
-- (b)
asked AS (
    FROM uses
    WHERE inside_ndc IS NULL AND adjusted IS NULL AND located(scope, start_g, end_g)
),
counted AS (
    SELECT struct_pack(registry, scope) AS axis, start_g, end_g
    FROM authorisations
    WHERE
        kind = 'coverage' AND inside AND until_s IS NULL AND located(scope, start_g, end_g)
),
owed AS (
    SELECT struct_pack(registry, scope) AS axis, start_g, end_g, source, record, party, due_s, at_s
    FROM authorisations
    WHERE
        kind = 'adjustment' AND until_s IS NULL AND declaration = 'Committed'
        AND status <> 'Completed' AND located(scope, start_g, end_g)
),
claimed AS (
    SELECT piece AS used, piece.axis AS axis, start_g, end_g
    FROM inside('asked', 'counted')
),
sides AS (
    SELECT axis, 'claim' AS side, start_g, end_g, used, NULL AS debt
    FROM claimed
    UNION ALL
    SELECT axis, 'debt', start_g, end_g, NULL, owed
    FROM owed
    WHERE axis IN (SELECT axis FROM claimed)
),
both_sides AS (
    SELECT
        coalesce(one.used, other.used) AS used,
        coalesce(one.debt, other.debt) AS debt,
        start_g,
        end_g
    FROM crossings('sides')
),
-- What ledger and book both say of one use is one finding.
doubly AS (
    SELECT
        list_sort(list_distinct([used.registry, used.axis.registry])) AS registries,
        used.scope AS scope,
        start_g,
        end_g,
        min(used.batch) AS batch,
        list_concat(
            list(used.source || ':' || used.record ORDER BY used.source, used.record),
            [debt.source || ':' || debt.record]
        ) AS records,
        min(later(used.at_s, debt.at_s)) AS at_s,
        debt.party AS party,
        debt.due_s AS due_s
    FROM both_sides
    GROUP BY used.registry, used.axis, used.scope, used.id, debt, start_g, end_g
)
SELECT
    NULL AS level,
    [registry] AS registries,
    scope,
    start_g,
    end_g,
    amount_g,
    batch,
    [source || ':' || record] AS records,
    at_s AS detectable_at,
    NULL AS cleared_at
FROM uses
WHERE inside_ndc AND NOT adjusted
UNION ALL
SELECT
    CASE WHEN reading.now_s < due_s THEN 'timed' END,
    registries,
    scope,
    start_g,
    end_g,
    end_g - start_g,
    batch,
    records,
    at_s,
    NULL
FROM doubly
LEFT JOIN lags AS reading ON reading.keeper = 'party' AND reading.registry = doubly.party
