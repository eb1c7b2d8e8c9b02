-- DC-3: declared joint claim.
-- catches: a standing retirement or cancellation whose reason names a company's pledge and the host
--     country's nationally determined contribution (NDC) together: the claimant says that both
--     count it. One finding per row.
-- misses: wordings in other languages than English; a pledge that names neither company nor
--     corporation ("Acme's target"); a claim undone since (ask as of a day before). A reason that
--     denies the NDC ("not counted towards the NDC") is none, as far as one clause shows it.
-- source: retirement reasons of the TREES registry, such as "Contribution Towards Corporate Climate
--     Pledge AND Host Country NDC".
-- level: disclosure
-- partition: scope
-- clears when: one of the two claims is withdrawn, or a corresponding adjustment is made
WITH affirmed AS (
    SELECT *, affirmed(reason) AS said
    FROM dispositions
    WHERE
        kind IN ('retirement', 'cancellation') AND until_s IS NULL
        AND (reason ILIKE '%ndc%' OR reason ILIKE '%nationally%determined%')
)
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
FROM affirmed
WHERE
    names_ndc(said)
    AND (
        regexp_matches(
            said,
            '\b(corporat\w+|compan(y|ies)|business(es)?|enterprises?|firms?|organi[sz]ation\w*)\b'
            || '([^\w.;]+\w+){0,4}?[^\w.;]+'
            || '(pledge|commitment|target|goal|claim|ambition|net[\s-]*zero|(carbon|climate)'
            || '[\s-]*neutral)',
            'i'
        )
        OR regexp_matches(
            said,
            '\b(pledge|commitment|target|goal|claim|ambition)s?\s+(made\s+)?(of|by|from)\s+'
            || '((the|a|an|our|this)\s+)?'
            || '(corporat\w+|compan(y|ies)|business(es)?|enterprises?|firms?|organi[sz]ation\w*)\b',
            'i'
        )
    )
