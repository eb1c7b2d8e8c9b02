-- BR-8: serial freed and used again.
-- catches: grams that one keeper's records of a registry have as issued at a later second than as
--     cancelled: whoever cancelled them freed their serials, and a guard that was reset, or that
--     compares less than intervals, let them in again. One finding per cancellation, issuance and
--     exact intersection.
-- misses: a row without date, scope or bounds; what was cancelled after it was issued twice; a
--     cancellation that was undone since (ask as of a day before); credits that came from another
--     registry, whose serials are used there and not issued; the same in files, which do not tell
--     why a block is there twice. That one block was issued twice, DI-1 or DI-2 says besides.
-- source: verifiers who could free a serial number for a second tokenisation, as Toucan's
--     unsetSerialNumber let them.
-- level: strong
-- partition: scope
-- keepers: ledger, book
-- clears when: the later issuance is cancelled before it is used, or the cancellation is shown to
--     be an error
WITH freed AS (
    SELECT
        struct_pack(keeper, registry, scope) AS axis, 'freed' AS side,
        registry, scope, start_g, end_g, source, record, batch, at_s
    FROM gone
    WHERE
        kind = 'cancellation' AND keeper IN ('ledger', 'book')
        AND home IS NULL AND at_s IS NOT NULL
),
-- In clean records all that was cancelled of a scope was issued before.
first_freed AS (
    SELECT axis, min(at_s) AS at_s FROM freed GROUP BY axis
),
issued_later AS (
    SELECT
        struct_pack(keeper, registry, scope) AS axis, 'issued' AS side,
        registry, scope, start_g, end_g, source, record, batch, own_blocks.at_s AS at_s
    FROM own_blocks
    JOIN first_freed ON first_freed.axis = struct_pack(keeper, registry, scope)
    WHERE keeper IN ('ledger', 'book') AND own_blocks.at_s > first_freed.at_s
),
sides AS (
    FROM freed WHERE axis IN (SELECT axis FROM issued_later)
    UNION ALL
    FROM issued_later
)
SELECT
    [one.registry] AS registries,
    one.scope AS scope,
    start_g,
    end_g,
    end_g - start_g AS amount_g,
    CASE WHEN one.side = 'issued' THEN one.batch ELSE other.batch END AS batch,
    [one.source || ':' || one.record, other.source || ':' || other.record] AS records,
    greatest(one.at_s, other.at_s) AS detectable_at,
    NULL AS cleared_at
FROM crossings('sides')
WHERE (one.side = 'issued') = (one.at_s > other.at_s) AND one.at_s <> other.at_s
