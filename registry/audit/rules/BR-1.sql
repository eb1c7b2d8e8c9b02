-- BR-1: tokens without backing.
-- catches: (a) an interval that the ledger issued or imported, and has neither retired nor
--     cancelled nor, if imported, sent home, so that it circulates, while the book of that registry
--     never had it. One finding per issuance of the ledger and contiguous interval. (b) an interval
--     that the ledger has at a registry as imported while their home, by the ledger, had neither
--     exported it to that registry nor locked it: minted before the lock, or released too early.
--     One finding per import, interval and time; timed where it is over, and else certain. (c) such
--     an interval that the home's book has released or taken back while the ledger has not.
-- misses: a row without scope or bounds; a registry of which no book was given at all; what the
--     ledger has retired or cancelled since, which is BR-3 in (a), and stays in (b) and (c); (b) a
--     lock that has another purpose. A book may lag behind its ledger as long as `sources` says,
--     and so may a ledger in (b). Where line and entry of an issuance or import differ in amount,
--     that is MR-3 or BR-7, and this rule is silent about its serials in (a).
-- source: token supply against immobilised units, as at bridges that minted before the registry had
--     locked anything; one ledger and its book must agree on what was issued, and what is alive at
--     one registry must be held at its home.
-- level: certain
-- partition: none
-- keepers: ledger, book
-- clears when: the book issues the interval, or the ledger's tokens are cancelled
WITH
-- (a)
imported AS (
    SELECT arrived.keeper AS keeper, arrived.axis AS key, arrived, start_g, end_g FROM arrivals
),
issued_on_ledger AS (
    SELECT axis, source, record, registry, scope, batch, at_s, start_g, end_g
    FROM own_blocks
    WHERE
        keeper = 'ledger' AND registry IN (SELECT registry FROM booked)
    UNION ALL
    SELECT
        struct_pack(registry := key.registry, scope := key.scope), arrived.source, arrived.record,
        arrived.registry, arrived.scope, arrived.batch, arrived.at_s, start_g, end_g
    FROM imported
    WHERE keeper = 'ledger' AND key.registry IN (SELECT registry FROM booked)
),
issued_in_book AS (
    SELECT axis, start_g, end_g FROM own_blocks WHERE keeper = 'book'
    UNION ALL
    SELECT struct_pack(registry := key.registry, scope := key.scope), start_g, end_g
    FROM imported
    WHERE keeper = 'book'
),
unbooked AS (
    SELECT piece AS issued, piece.axis AS axis, start_g, end_g
    FROM outside('issued_on_ledger', 'issued_in_book')
),
settled AS (
    SELECT axis, start_g, end_g FROM gone WHERE keeper = 'ledger'
    UNION ALL
    SELECT axis, start_g, end_g FROM unequal_grams WHERE kind IN ('issuance', 'import')
),
unbooked_still AS (
    SELECT piece.issued AS issued, start_g, end_g
    FROM outside('unbooked', 'settled')
),
-- (c)
outstanding AS (
    SELECT
        struct_pack(home := key.home, scope := key.scope, registry := key.registry) AS axis,
        arrived.source || ':' || arrived.record AS name, arrived.at_s AS at_s, start_g, end_g
    FROM imported
    WHERE keeper = 'ledger'
),
held_at_home AS MATERIALIZED (
    SELECT * EXCLUDE (place), place AS axis FROM backing
),
released_in_book AS (
    FROM held_at_home WHERE keeper = 'book' AND until_s IS NOT NULL
),
held_in_book AS (
    FROM held_at_home WHERE keeper = 'book' AND until_s IS NULL
),
held_on_ledger AS (
    FROM held_at_home WHERE keeper = 'ledger' AND until_s IS NULL
),
released_abroad AS (
    SELECT piece AS held, piece.axis AS axis, start_g, end_g
    FROM inside('released_in_book', 'outstanding')
),
not_held_again AS (
    SELECT piece.held AS held, piece.axis AS axis, start_g, end_g
    FROM outside('released_abroad', 'held_in_book')
),
let_go AS (
    SELECT
        piece.held AS held, piece.axis AS axis, start_g, end_g,
        row_number() OVER (
            PARTITION BY piece.axis, start_g, end_g
            ORDER BY piece.held.until_s DESC, piece.held.source, piece.held.record
        ) AS nth
    FROM inside('not_held_again', 'held_on_ledger')
)
SELECT
    [issued.registry] AS registries,
    issued.scope AS scope,
    start_g,
    end_g,
    end_g - start_g AS amount_g,
    issued.batch AS batch,
    [issued.source || ':' || issued.record] AS records,
    overdue_s(issued.at_s, late) AS detectable_at,
    NULL AS cleared_at,
    'certain' AS level,
    'the book issues the interval, or the ledger''s tokens are cancelled' AS clears_when
FROM unbooked_still
LEFT JOIN lags AS late ON late.keeper = 'book' AND late.registry = issued.registry
WHERE NOT excused(issued.at_s, late)
UNION ALL
SELECT
    [home, unbacked.registry],
    scope,
    start_g,
    end_g,
    end_g - start_g,
    batch,
    list_filter([record, ended, began], lambda name: name IS NOT NULL),
    since_s,
    until_s,
    CASE WHEN until_s IS NULL THEN 'certain' ELSE 'timed' END,
    CASE WHEN until_s IS NULL THEN 'the home holds the credits, or they are given up abroad'
        ELSE 'nothing is left to do: the home holds the credits, or they are gone abroad' END
FROM unbacked
LEFT JOIN lags AS home_late ON home_late.keeper = 'ledger' AND home_late.registry = home
LEFT JOIN lags AS here_late
    ON here_late.keeper = 'ledger' AND here_late.registry = unbacked.registry
WHERE NOT excused(since_s, home_late) AND NOT excused(since_s, here_late)
UNION ALL
SELECT
    [let_go.axis.home, let_go.axis.registry],
    let_go.axis.scope,
    let_go.start_g,
    let_go.end_g,
    let_go.end_g - let_go.start_g,
    held.batch,
    [held.source || ':' || held.record, outstanding.name],
    greatest(held.until_s, outstanding.at_s),
    NULL,
    'certain',
    'the home''s book holds the credits again, or they are given up abroad'
FROM let_go
ASOF JOIN outstanding
    ON let_go.axis = outstanding.axis AND let_go.start_g >= outstanding.start_g
LEFT JOIN lags AS late ON late.keeper = 'book' AND late.registry = let_go.axis.home
WHERE nth = 1 AND NOT excused(greatest(held.until_s, outstanding.at_s), late)
