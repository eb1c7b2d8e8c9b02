-- BR-9: act by role outside the book.
-- catches: an entry of the ledger by which a role moved, locked or released a holder's credits (a
--     forced transfer, a lock, a release) and that no line of the registry's book records. One
--     finding per interval of the entry, or per entry where it has none.
-- misses: a registry of which no line was given; an act that a line records with another amount or
--     another account, which is MR-3, BR-7 or AC-1; the second of two releases of one lock where
--     the book names the lock only. An issuance outside the book is BR-1, a retirement or
--     cancellation BR-3, a holder's own act MR-1. A book may lag behind its ledger as long as
--     `sources` says.
-- source: burns and clawbacks by administrators of token contracts that no registry entry explains.
-- level: strong
-- partition: none
-- keepers: ledger, book
-- clears when: the book records the act, or the ledger undoes it
SELECT
    [acts.registry] AS registries,
    acts.scope AS scope,
    acts.start_g AS start_g,
    acts.end_g AS end_g,
    acts.amount_g AS amount_g,
    acts.batch AS batch,
    [acts.source || ':' || acts.record] AS records,
    overdue_s(acts.at_s, late) AS detectable_at,
    NULL AS cleared_at
FROM entries AS acts
LEFT JOIN lags AS late ON late.keeper = 'book' AND late.registry = acts.registry
WHERE
    acts.keeper = 'ledger' AND acts.kind IN ('forced_transfer', 'locked', 'released')
    AND acts.registry IN (SELECT registry FROM lines WHERE keeper = 'book')
    AND (acts.source, acts.seq) NOT IN (SELECT (ledger, seq) FROM pairs)
    AND NOT (
        acts.kind = 'released' AND acts.request IS NOT NULL
        AND (acts.registry, acts.request) IN (
            SELECT (registry, request) FROM lines WHERE keeper = 'book' AND kind = 'release'
        )
    )
    AND NOT excused(acts.at_s, late)
