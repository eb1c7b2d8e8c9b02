-- DC-7: certificate mismatch.
-- catches: (a) grams that only one of a certificate and its retirement has: one finding per row and
--     contiguous interval. The retirement is the one with that id at that registry, as the ledger
--     has it, else as the book has it; a reversed one has no grams, nor has one that is not there.
--     (b) Two certificates of one source for one retirement: every one after the first is a finding
--     against the first, over its own intervals, and is not compared with the retirement besides.
--     (c) A certificate that names another account or batch than its retirement, whose serials it
--     has: one finding per certificate, over the whole of it.
-- misses: a row without scope or bounds; a certificate of a registry of which neither issuances nor
--     dispositions were given by ledger or book; a retirement without a certificate, which is BR-5;
--     text on the certificate, and the total that it states, because the table has amounts of
--     pieces only; (c) an account or batch that one side leaves out, and a certificate that (a) is
--     about already.
-- source: certificates edited after they were published, and one retirement sold twice with two
--     papers; a certificate proves the serials of one retirement.
-- level: strong
-- partition: none
-- keepers: ledger, book
-- clears when: the certificate is withdrawn, or published again with its retirement's serials
WITH proofs AS (
    SELECT *
    FROM certificates
    WHERE
        registry IN (
            SELECT registry FROM issuances WHERE keeper IN ('ledger', 'book')
            UNION
            SELECT registry FROM dispositions WHERE keeper IN ('ledger', 'book')
        )
),
twice AS (
    SELECT source, registry, retirement
    FROM certificates
    GROUP BY source, registry, retirement
    HAVING min(id) <> max(id)
),
ranked AS (
    SELECT
        *,
        first_value(struct_pack(id, record, at_s)) OVER (
            PARTITION BY source, registry, retirement
            ORDER BY at_s NULLS LAST, id, record
        ) AS original
    FROM certificates
    JOIN twice USING (source, registry, retirement)
),
-- (b)
second AS (
    SELECT * FROM ranked WHERE id <> original.id
),
final AS (
    SELECT *
    FROM dispositions
    WHERE kind = 'retirement' AND id IS NOT NULL AND keeper IN ('ledger', 'book')
),
-- A retirement is the ledger's, if the ledger knows it at all.
retired AS (
    SELECT * FROM final WHERE keeper = 'ledger'
    UNION ALL
    SELECT book.*
    FROM final AS book
    ANTI JOIN (FROM final WHERE keeper = 'ledger') AS ledger USING (registry, id)
    WHERE book.keeper = 'book'
),
standing AS (
    SELECT * FROM retired WHERE until_s IS NULL AND located(scope, start_g, end_g)
),
firsts AS (
    SELECT *
    FROM proofs
    ANTI JOIN second USING (source, registry, retirement, id)
    WHERE located(scope, start_g, end_g)
),
-- (a) A certificate needs a closer look if a row of it, or of its retirement, has no equal.
unlike AS (
    SELECT firsts.registry AS registry, firsts.retirement AS retirement
    FROM firsts
    ANTI JOIN standing
        ON firsts.registry = standing.registry AND firsts.retirement = standing.id
        AND firsts.scope = standing.scope
        AND firsts.start_g = standing.start_g AND firsts.end_g = standing.end_g
    UNION
    SELECT standing.registry, standing.id
    FROM standing
    ANTI JOIN firsts
        ON firsts.registry = standing.registry AND firsts.retirement = standing.id
        AND firsts.scope = standing.scope
        AND firsts.start_g = standing.start_g AND firsts.end_g = standing.end_g
),
-- (c) The rows of one certificate, or of one retirement, name one account and one batch.
named AS (
    SELECT
        registry, id AS retirement,
        min(nullif(account, '')) AS account,
        min(batch) AS batch,
        list(DISTINCT source || ':' || record) AS names,
        CASE WHEN count(at_s) = count(*) THEN max(at_s) END AS at_s
    FROM standing
    WHERE registry IN (SELECT registry FROM proofs)
    GROUP BY registry, id
),
misnamed AS (
    SELECT
        firsts.source, firsts.registry, firsts.id,
        CASE WHEN min(scope) = max(scope) THEN min(scope) END AS scope,
        min(start_g) AS start_g,
        max(end_g) AS end_g,
        sum(amount_g) AS amount_g,
        min(coalesce(named.batch, firsts.batch)) AS batch,
        list_concat(
            list(DISTINCT firsts.source || ':' || firsts.record), min(named.names)
        ) AS records,
        CASE WHEN count(firsts.at_s) = count(*) THEN min(firsts.at_s) END AS at_s,
        min(named.at_s) AS gone_s
    FROM firsts
    ANTI JOIN unlike USING (registry, retirement)
    JOIN named USING (registry, retirement)
    WHERE nullif(firsts.account, '') <> named.account OR firsts.batch <> named.batch
    GROUP BY firsts.source, firsts.registry, firsts.id, retirement
),
shown AS (
    SELECT *, struct_pack(source, id, scope) AS axis
    FROM firsts
    SEMI JOIN unlike USING (registry, retirement)
),
-- The pieces of the retirement that each certificate should show.
papers AS (
    SELECT
        source, registry, id, retirement,
        list(DISTINCT source || ':' || record) AS names,
        CASE WHEN count(at_s) = count(*) THEN min(at_s) END AS at_s
    FROM shown
    GROUP BY source, registry, id, retirement
),
expected AS (
    SELECT
        standing.* EXCLUDE (id), standing.id AS retirement, papers,
        struct_pack(papers.source, papers.id, standing.scope) AS axis
    FROM standing
    JOIN papers ON standing.registry = papers.registry AND standing.id = papers.retirement
),
deeds AS (
    SELECT
        registry, id AS retirement,
        list(DISTINCT source || ':' || record) AS names,
        CASE WHEN count(at_s) = count(*) THEN max(at_s) END AS at_s
    FROM retired
    SEMI JOIN unlike ON retired.registry = unlike.registry AND retired.id = unlike.retirement
    GROUP BY registry, id
)
SELECT
    [second.registry] AS registries,
    second.scope AS scope,
    second.start_g AS start_g,
    second.end_g AS end_g,
    second.amount_g AS amount_g,
    second.batch AS batch,
    [
        second.source || ':' || second.record,
        second.source || ':' || second.original.record
    ] AS records,
    CASE WHEN second.original.at_s IS NOT NULL THEN second.at_s END AS detectable_at,
    NULL AS cleared_at,
    'one of the two certificates is withdrawn' AS clears_when
FROM second
UNION ALL
SELECT
    [piece.registry],
    piece.scope,
    start_g,
    end_g,
    end_g - start_g,
    piece.batch,
    list_concat([piece.source || ':' || piece.record], coalesce(deeds.names, [])),
    CASE
        WHEN deeds.registry IS NULL OR piece.at_s >= deeds.at_s THEN piece.at_s
        WHEN piece.at_s < deeds.at_s THEN deeds.at_s
    END,
    NULL,
    'the certificate is published again with its retirement''s serials, or withdrawn'
FROM outside('shown', 'expected')
LEFT JOIN deeds ON piece.registry = deeds.registry AND piece.retirement = deeds.retirement
UNION ALL
SELECT
    [piece.registry],
    piece.scope,
    start_g,
    end_g,
    end_g - start_g,
    piece.batch,
    list_concat([piece.source || ':' || piece.record], piece.papers.names),
    later(piece.at_s, piece.papers.at_s),
    NULL,
    'the certificate is published again with all its retirement''s serials'
FROM outside('expected', 'shown')
UNION ALL
SELECT
    [registry],
    scope,
    CASE WHEN scope IS NOT NULL THEN start_g END,
    CASE WHEN scope IS NOT NULL THEN end_g END,
    amount_g,
    batch,
    records,
    later(at_s, gone_s),
    NULL,
    'the certificate is published again with its retirement''s account and batch'
FROM misnamed
