-- DC-1: claimed by a user and by the host country.
-- catches: (a) a standing retirement or cancellation for a voluntary or a CORSIA claim, of credits
--     that a field puts inside the host country's nationally determined contribution (NDC) while a
--     field says that no corresponding adjustment is made. One finding per row. (b) stretches of
--     such a use, at whatever registry, that the host Party's own list puts inside its NDC, and for
--     which it is committed to an adjustment, by its word or by a first transfer, that is not
--     completed. (c) stretches of an international use that the list puts inside its NDC and
--     authorises at that time, and of whose adjustment it says nothing, although `sources` says
--     that it is complete: for CORSIA or other international mitigation (OIMP) under IMP, for a
--     voluntary claim or other purposes (OP) under OP, for another's NDC under NDC. (b) and (c) are
--     timed until the Party has to report, (c) by 15 April of the year after the use, by the moment
--     at which `sources` says the list was read, and strong from then on.
-- misses: (a) a row that leaves out any of the three; (b) a Party that says that no adjustment is
--     required, or not whether it is, and a row that has one of the two fields; (c) a use that the
--     Party did not authorise, which is DC-2 if it is for CORSIA; whom an authorisation names, and
--     for how much it is; a list that may be without what it has to say. A claim for compliance,
--     because domestic schemes count inside the NDC lawfully; a claim undone since (ask as of a day
--     before). A row whose reason names the NDC says so itself, and is DC-3 or no claim of another.
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
),
-- (c)
abroad_words AS (
    FROM (VALUES
        ('corsia', 'IMP'), ('imp', 'IMP'), ('oimp', 'IMP'), ('oimp', 'OP'), ('op', 'OP'),
        ('voluntary', 'OP'), ('ndc', 'NDC')
    ) AS words (word, purpose)
),
-- What the rules have no word for stands first in the reason.
used_abroad AS (
    SELECT
        *,
        struct_pack(registry := coalesce(home, registry), scope := scope) AS axis,
        lower(trim(coalesce(purpose, split_part(reason, ';', 1)))) AS word
    FROM dispositions
    WHERE
        kind IN ('retirement', 'cancellation') AND until_s IS NULL
        AND inside_ndc IS NULL AND adjusted IS NULL AND located(scope, start_g, end_g)
        AND axis IN (SELECT axis FROM counted) AND word IN (SELECT word FROM abroad_words)
        AND (word = 'ndc' OR NOT names_ndc(affirmed(reason)))
        -- A date has four digits of a year.
        AND at_s BETWEEN 0 AND 253370764799
),
counted_abroad AS (
    SELECT piece AS used, piece.axis AS axis, start_g, end_g
    FROM inside('used_abroad', 'counted')
),
spoken_of AS (
    SELECT struct_pack(registry, scope) AS axis, start_g, end_g
    FROM authorisations
    WHERE kind = 'adjustment' AND until_s IS NULL AND located(scope, start_g, end_g)
),
-- An authorisation holds for a time and a purpose of use.
unspoken AS (
    SELECT
        piece.used AS used,
        struct_pack(home := piece.axis, at_s := piece.used.at_s, word := piece.used.word) AS axis,
        start_g,
        end_g
    FROM outside('counted_abroad', 'spoken_of')
),
licences AS (
    SELECT
        moments.axis AS axis, start_g, end_g, source || ':' || record AS name, party,
        authorisations.at_s AS at_s
    FROM authorisations
    JOIN (SELECT DISTINCT axis FROM unspoken) AS moments
        ON moments.axis.home = struct_pack(authorisations.registry, scope)
    JOIN abroad_words
        ON abroad_words.word = moments.axis.word AND abroad_words.purpose = authorisations.purpose
    JOIN lags AS reading ON reading.keeper = 'party' AND reading.registry = party
    WHERE
        kind = 'authorisation' AND located(scope, start_g, end_g)
        AND (start_s <= moments.axis.at_s) IS NOT false
        AND (moments.axis.at_s < end_s) IS NOT false
        AND (moments.axis.at_s < until_s) IS NOT false
        AND moments.axis.at_s <= reading.complete_s
),
allowed AS (
    SELECT piece.used AS used, piece.axis AS axis, start_g, end_g
    FROM inside('unspoken', 'licences')
),
unadjusted AS (
    SELECT
        list_sort(list_distinct([used.registry, used.axis.registry])) AS registries,
        used.scope AS scope,
        allowed.start_g AS start_g,
        allowed.end_g AS end_g,
        min(used.batch) AS batch,
        list_sort(list_distinct(list_concat(
            list(used.source || ':' || used.record), list(licences.name)
        ))) AS records,
        later(min(used.at_s), min(licences.at_s)) AS at_s,
        min(licences.party) AS party,
        -- Until the end of 15 April of the year that follows.
        min(epoch(make_date(year(make_timestamp(used.at_s * 1000000))::INTEGER + 1, 4, 16)))
            ::BIGINT AS due_s
    FROM allowed
    JOIN licences
        ON allowed.axis = licences.axis
        AND licences.start_g < allowed.end_g AND allowed.start_g < licences.end_g
    GROUP BY used.registry, used.axis, used.scope, used.id, allowed.start_g, allowed.end_g
),
found AS (
    SELECT registries, scope, start_g, end_g, batch, records, at_s, party, due_s FROM doubly
    UNION ALL
    FROM unadjusted
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
FROM found
LEFT JOIN lags AS reading ON reading.keeper = 'party' AND reading.registry = found.party
