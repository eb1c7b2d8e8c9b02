-- MR-2: one request, two effects.
-- catches: two lines of one book that record one entry, or that carry one request id and are of one
--     kind; two entries of the ledger at one registry that carry one request id and are of one
--     kind, at two places on the chain. Every one after the first is a finding against the first,
--     for each of its own intervals, or one where it has none.
-- misses: a request without an id, such as a transfer; a lock released in parts, which carries its
--     id each time, unless two lines record one entry; a request made again under another id. A
--     request and its finalisation are two kinds. Where the two share serials, DU-1 says so
--     besides; where an amount is unlike the other side's, MR-3 or BR-7 does.
-- source: retries after a lost acknowledgement, and workers that each carried out one job.
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
again_in_book AS (
    SELECT source, later.number AS number, one_entry.number AS first_number
    FROM lines AS later
    JOIN one_entry USING (source, entry)
    UNION ALL
    SELECT source, later.number, one_request.number
    FROM lines AS later
    JOIN one_request USING (source, request, kind)
),
-- A line that repeats both is one finding.
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
repeated AS (
    SELECT
        later.source, later.record, later.registry, later.scope, later.start_g, later.end_g,
        later.amount_g, later.batch, coalesce(later.written_s, later.at_s) AS at_s,
        earlier.record AS first_record, earlier.at_s AS first_s
    FROM lines AS later
    JOIN second_lines USING (source, number)
    JOIN first_lines AS earlier USING (source, first_number)
    UNION ALL
    SELECT
        later.source, later.record, later.registry, later.scope, later.start_g, later.end_g,
        later.amount_g, later.batch, later.at_s, earlier.record, earlier.at_s
    FROM entries AS later
    JOIN one_act USING (registry, source, request, kind)
    JOIN first_entries AS earlier USING (source, first_seq)
    WHERE
        later.keeper = 'ledger' AND later.seq > first_seq
        AND (later.place = earlier.place) IS NOT true
)
SELECT
    [registry] AS registries,
    scope,
    start_g,
    end_g,
    amount_g,
    batch,
    [source || ':' || first_record, source || ':' || record] AS records,
    later(at_s, first_s) AS detectable_at,
    NULL AS cleared_at
FROM repeated
