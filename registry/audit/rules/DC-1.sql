-- DC-1: claimed by a user and by the host country.
-- catches: a standing retirement or cancellation for a voluntary or a CORSIA claim, of credits that
--     a field puts inside the host country's nationally determined contribution (NDC) while a field
--     says that no corresponding adjustment is made. One finding per row.
-- misses: a row that leaves out any of the three; a claim for compliance, because domestic schemes
--     count inside the NDC lawfully; a claim undone since (ask as of a day before). A row whose
--     reason names the NDC says so itself, and is DC-3 or no claim of another.
-- source: double claiming in the ADC Working Group's FAQ: host country and user both count it;
--     corresponding adjustments under Article 6.2 of the Paris Agreement.
-- level: strong
-- partition: scope
-- clears when: the host country makes the corresponding adjustment, or the claim is withdrawn
SELECT
    [registry] AS registries,
    scope,
    start_g,
    end_g,
    amount_g,
    batch,
    [source || ':' || record] AS records,
    at_s AS detectable_at,
    NULL AS cleared_at
FROM dispositions
WHERE
    kind IN ('retirement', 'cancellation') AND until_s IS NULL
    AND purpose IN ('voluntary', 'corsia') AND inside_ndc AND NOT adjusted
    -- A reason that denies the NDC does not name it.
    AND NOT names_ndc(affirmed(reason))
