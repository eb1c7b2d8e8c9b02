-- BR-7: residue.
-- catches: a line and the ledger's entry of one request whose amounts differ by less than a tonne:
--     a fraction was rounded away on one side, and that dust is live on the other. Pairs, interval
--     and the silence of other rules are as in MR-3.
-- misses: dust that both sides agree on; a sum of several requests that falls short of a whole
--     where each pair agrees; a difference of a tonne or more, which is MR-3.
-- source: registries that count whole tonnes or kilograms beside tokens that divide further;
--     credits below a unit of one side that cannot be redeemed and are sold again.
-- level: certain
-- partition: none
-- keepers: ledger, book
-- clears when: both sides record the fraction, or the dust is cancelled where it is live
SELECT
    [line.registry] AS registries,
    scope,
    start_g,
    end_g,
    amount_g,
    coalesce(entry.batch, line.batch) AS batch,
    [line.source || ':' || line.record, entry.source || ':' || entry.record] AS records,
    at_s AS detectable_at,
    NULL AS cleared_at
FROM unequal
WHERE amount_g < 1000000
