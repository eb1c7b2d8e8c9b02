-- MR-2: one request, two effects.
-- catches: (a) two lines of one book that record one entry, or that carry one request id and are of
--     one kind, or that record the arrival of one message; (b) two entries of the ledger at one
--     registry that carry one request id and are of one kind, at two places on the chain; (c) two
--     entries of the ledger about one message between registries that cannot both be: it arrived
--     twice, was voided, acknowledged or compensated twice, or was compensated or voided although
--     it arrived. Every one after the first is a finding against the first, for each of its own
--     intervals, or one where it has none.
-- misses: a request without an id, such as a transfer; a lock released, or an export returned, in
--     parts, which carries its id each time, unless two lines record one entry; a request made
--     again under another id. A request and its finalisation are two kinds. Credits that move in
--     one transaction have no message. Where the two share serials, DU-1 or BR-4 says so besides;
--     where an amount is unlike the other side's, MR-3 or BR-7 does.
-- source: retries after a lost acknowledgement, workers that each carried out one job, and messages
--     that were taken again.
-- level: certain
-- partition: none
-- keepers: ledger, book
-- clears when: the second effect is reversed
WITH one_entry AS (
    SELECT source, entry, min(number) AS number
    FROM lines
    WHERE keeper = 'book' AND entry IS NOT NULL
    GROUP BY source, entry
    HAVING min(number) <> max(number)
),
one_request AS (
    SELECT source, request, kind, min(number) AS number
    FROM lines
    WHERE keeper = 'book' AND request IS NOT NULL AND kind <> 'release'
    GROUP BY source, request, kind
    HAVING min(number) <> max(number)
),
one_message AS (
    SELECT source, peer, message, min(number) AS number
    FROM lines
    WHERE keeper = 'book' AND message IS NOT NULL AND kind IN ('import', 'return')
    GROUP BY source, peer, message
    HAVING min(number) <> max(number)
),
again_in_book AS (
    SELECT source, later.number AS number, one_entry.number AS first_number
    FROM lines AS later
    JOIN one_entry USING (source, entry)
    UNION ALL
    SELECT source, later.number, one_request.number
    FROM lines AS later
    JOIN one_request USING (source, request, kind)
    UNION ALL
    SELECT source, later.number, one_message.number
    FROM lines AS later
    JOIN one_message USING (source, peer, message)
    WHERE kind IN ('import', 'return')
),
-- A line that repeats several of these is one finding.
second_lines AS (
    SELECT source, number, min(first_number) AS first_number
    FROM again_in_book
    WHERE first_number < number
    GROUP BY source, number
),
one_act AS (
    SELECT registry, source, request, kind, min(seq) AS first_seq
    FROM entries
    WHERE keeper = 'ledger' AND request IS NOT NULL AND kind <> 'released'
    GROUP BY registry, source, request, kind
    HAVING min(seq) <> max(seq)
),
first_lines AS (
    SELECT
        source, number AS first_number,
        min(record) AS record, coalesce(min(written_s), min(at_s)) AS at_s
    FROM lines
    WHERE (source, number) IN (SELECT (source, first_number) FROM second_lines)
    GROUP BY source, number
),
first_entries AS (
    SELECT
        source, seq AS first_seq,
        min(record) AS record, min(place) AS place, min(at_s) AS at_s
    FROM entries
    WHERE keeper = 'ledger' AND (source, seq) IN (SELECT (source, first_seq) FROM one_act)
    GROUP BY source, seq
),
-- (c) What was told of a message at both its ends: who sent it to whom under which number.
told AS (
    SELECT
        *,
        CASE WHEN answered THEN registry ELSE peer END AS sender,
        CASE WHEN answered THEN peer ELSE registry END AS receiver,
        CASE
            WHEN kind IN ('imported', 'returned') THEN 'arrived'
            ELSE kind
        END AS effect,
        kind IN ('imported', 'returned', 'export_acknowledged') AS came
    FROM (
        SELECT *, kind IN ('export_acknowledged', 'export_compensated') AS answered
        FROM entries
        WHERE
            keeper = 'ledger' AND message IS NOT NULL AND peer IS NOT NULL
            AND kind IN (
                'imported', 'returned', 'import_voided',
                'export_acknowledged', 'export_compensated'
            )
    )
),
disputed AS (
    SELECT sender, receiver, message
    FROM told
    GROUP BY sender, receiver, message
    HAVING
        min(came) <> max(came)
        -- An arrival and its acknowledgement, or a void and its compensation, are lawful pairs.
        OR count(DISTINCT (source, seq)) > count(DISTINCT effect)
),
-- A struct compares by its first field, so the minimum is the first entry.
named AS (
    SELECT *, struct_pack(seq, source, record, place, at_s) AS own
    FROM told
    SEMI JOIN disputed USING (sender, receiver, message)
),
ordered AS (
    SELECT
        *,
        min(own) OVER (PARTITION BY sender, receiver, message, effect) AS first_alike,
        CASE
            WHEN came THEN min(own) FILTER (NOT came) OVER of_message
            ELSE min(own) FILTER (came) OVER of_message
        END AS first_opposite
    FROM named
    WINDOW of_message AS (PARTITION BY sender, receiver, message)
),
contradicted AS (
    SELECT
        *,
        CASE WHEN first_opposite.seq < seq THEN first_opposite ELSE first_alike END AS earlier
    FROM ordered
),
repeated AS (
    SELECT
        later.source, later.record, later.registry, later.scope, later.start_g, later.end_g,
        later.amount_g, later.batch, coalesce(later.written_s, later.at_s) AS at_s,
        earlier.source || ':' || earlier.record AS first_name, earlier.at_s AS first_s
    FROM lines AS later
    JOIN second_lines USING (source, number)
    JOIN first_lines AS earlier USING (source, first_number)
    UNION ALL
    SELECT
        later.source, later.record, later.registry, later.scope, later.start_g, later.end_g,
        later.amount_g, later.batch, later.at_s,
        earlier.source || ':' || earlier.record, earlier.at_s
    FROM entries AS later
    JOIN one_act USING (registry, source, request, kind)
    JOIN first_entries AS earlier USING (source, first_seq)
    WHERE
        later.keeper = 'ledger' AND later.seq > first_seq
        AND (later.place = earlier.place) IS NOT true
    UNION ALL
    SELECT
        source, record, registry, scope, start_g, end_g, amount_g, batch, at_s,
        earlier.source || ':' || earlier.record, earlier.at_s
    FROM contradicted
    WHERE seq > earlier.seq AND (place = earlier.place) IS NOT true
)
SELECT
    [registry] AS registries,
    scope,
    start_g,
    end_g,
    amount_g,
    batch,
    [first_name, source || ':' || record] AS records,
    later(at_s, first_s) AS detectable_at,
    NULL AS cleared_at
FROM repeated
