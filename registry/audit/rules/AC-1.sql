-- AC-1: account drift.
-- catches: (a) an account whose address or status in a registry's book is not the one in the shared
--     directory; the amount is what the ledger says it holds at that registry; (b) credits in the
--     ledger's or a book's tokens, held by an account that the directory does not know, one finding
--     per registry, batch and account; (c) a line and its entry of equal amount that name another
--     account or counterparty; (d) an export on the ledger for an account that the directory does
--     not know, unless it was compensated, and (e) one whose credits another account got than the
--     one it named.
-- misses: an account that a book does not know at all; an address or a name that one side leaves
--     out; (b) where no directory was given, and a book's credits in an account that (c) names at
--     that registry and batch, whatever else brought them there; (c) where the amounts differ,
--     which is MR-3 or BR-7; (d) where no directory was given, and what was compensated since (ask
--     as of a day before); (e) an export of which nothing arrived with its numbers and serials. A
--     book may lag behind the directory as long as `sources` says.
-- source: address books kept apart from the chain's own, whose credits end at addresses that no
--     account stands behind; one directory and every book must agree on who is who.
-- level: strong
-- partition: none
-- keepers: ledger, book
-- clears when: book and directory agree on the account, or its credits are moved to a known one
WITH directory AS (
    SELECT * FROM accounts WHERE keeper = 'ledger'
),
-- (a)
drifted AS (
    SELECT
        book.registry AS registry,
        book.account AS account,
        [
            book.source || ':' || book.record,
            directory.source || ':' || directory.record
        ] AS records,
        later(book.at_s, overdue_s(directory.at_s, late)) AS at_s
    FROM accounts AS book
    JOIN directory ON book.account = directory.account
    LEFT JOIN lags AS late ON late.keeper = 'book' AND late.registry = book.registry
    WHERE
        book.keeper = 'book'
        AND (lower(book.address) <> lower(directory.address) OR book.status <> directory.status)
        AND NOT excused(directory.at_s, late)
),
holdings AS (
    SELECT registry, account, sum(balance_g) AS balance_g
    FROM tokens
    WHERE keeper = 'ledger' AND (registry, account) IN (SELECT (registry, account) FROM drifted)
    GROUP BY registry, account
),
-- (c)
renamed AS (
    SELECT line, entry
    FROM pairs
    JOIN whole_lines AS line ON line.source = pairs.book AND line.number = pairs.number
    JOIN whole_entries AS entry ON entry.source = pairs.ledger AND entry.seq = pairs.seq
    WHERE
        line_g = entry_g
        AND (
            nullif(line.account, '') <> nullif(entry.account, '')
            OR nullif(line.counterparty, '') <> nullif(entry.counterparty, '')
        )
),
-- (d), (e): every export beside its arrival.
crossed AS (
    SELECT
        sent,
        came
    FROM entries AS sent
    LEFT JOIN entries AS came
        ON came.keeper = 'ledger' AND came.kind IN ('imported', 'returned')
        AND sent.registry = came.peer AND sent.peer = came.registry
        AND sent.export = came.export
        AND sent.start_g = came.start_g AND sent.end_g = came.end_g
        AND sent.message IS NOT DISTINCT FROM came.message
    WHERE sent.keeper = 'ledger' AND sent.kind = 'exported' AND sent.counterparty <> ''
),
-- Whoever such a line names instead holds what it moved.
misled AS (
    SELECT 'book' AS keeper, line.registry AS registry, line.batch AS batch, line.account AS account
    FROM renamed
    WHERE line.account <> entry.account
    UNION
    SELECT 'book', line.registry, line.batch, line.counterparty
    FROM renamed
    WHERE line.counterparty <> entry.counterparty
)
SELECT
    [drifted.registry] AS registries,
    NULL AS scope,
    NULL AS start_g,
    NULL AS end_g,
    coalesce(holdings.balance_g, 0) AS amount_g,
    NULL AS batch,
    drifted.records AS records,
    drifted.at_s AS detectable_at,
    NULL AS cleared_at,
    'book and directory agree on the account''s address and status' AS clears_when
FROM drifted
LEFT JOIN holdings USING (registry, account)
UNION ALL
SELECT
    [registry],
    NULL,
    NULL,
    NULL,
    max(balance_g),
    batch,
    list(source || ':' || record),
    CASE WHEN count(at_s) = count(*) THEN min(at_s) END,
    NULL,
    'the directory knows the account, or its credits are moved to one that it knows'
FROM tokens
ANTI JOIN directory USING (account)
ANTI JOIN misled USING (keeper, registry, batch, account)
WHERE
    keeper IN ('ledger', 'book') AND balance_g > 0 AND account <> ''
    AND EXISTS (FROM directory)
GROUP BY registry, batch, account
UNION ALL
SELECT
    [line.registry],
    CASE WHEN (line.scope = entry.scope) IS NOT false THEN coalesce(line.scope, entry.scope) END,
    CASE WHEN (line.scope = entry.scope) IS NOT false THEN least(line.start_g, entry.start_g) END,
    CASE WHEN (line.scope = entry.scope) IS NOT false THEN greatest(line.end_g, entry.end_g) END,
    line.amount_g,
    coalesce(entry.batch, line.batch),
    [line.source || ':' || line.record, entry.source || ':' || entry.record],
    later(line.at_s, entry.at_s),
    NULL,
    'the line names the accounts that the entry names'
FROM renamed
UNION ALL
SELECT
    [sent.registry, sent.peer],
    sent.scope,
    sent.start_g,
    sent.end_g,
    sent.amount_g,
    sent.batch,
    [sent.source || ':' || sent.record],
    sent.at_s,
    NULL,
    'the directory knows the account, or the credits come back'
FROM crossed
WHERE
    sent.counterparty NOT IN (SELECT account FROM directory) AND came.account IS NULL
    AND EXISTS (FROM directory)
    -- A message that was voided gives the credits back to whoever sent them.
    AND NOT EXISTS (
        FROM entries AS back
        WHERE
            back.keeper = 'ledger' AND back.kind = 'export_compensated'
            AND back.registry = sent.registry AND back.peer = sent.peer
            AND back.export = sent.export AND back.batch = sent.batch
            AND back.start_g = sent.start_g AND back.end_g = sent.end_g
            AND back.message IS NOT DISTINCT FROM sent.message
    )
UNION ALL
SELECT
    [sent.registry, came.registry],
    sent.scope,
    sent.start_g,
    sent.end_g,
    sent.amount_g,
    came.batch,
    [sent.source || ':' || sent.record, came.source || ':' || came.record],
    later(sent.at_s, came.at_s),
    NULL,
    'the credits are moved to the account that the export named'
FROM crossed
WHERE sent.counterparty <> nullif(came.account, '')
