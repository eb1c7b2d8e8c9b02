"""The rules against plain Python that looks at every pair and every gram, on small intervals."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.audit import run
from registry.audit.run import audit

FINAL = ("retirement", "cancellation")
FEW = settings().max_examples * 2 // 5
"""For laws that run many rules at once, each of which has its own laws besides."""
GRAM_MAX = 14
_GRAMS = st.integers(0, GRAM_MAX)
_KEEPERS = st.sampled_from(["ledger", "book"])
_NAMES = {
    "registry": st.sampled_from(["Eco", "ICR"]),
    "scope": st.sampled_from(["S", "S", "S", "T", None]),
    "batch": st.sampled_from(["1", "2", None]),
    "at_s": st.sampled_from([1, 2, 3, 4, None]),
}


def _rows(**fields):
    return st.lists(
        st.fixed_dictionaries(
            {"keeper": _KEEPERS, "start_g": _GRAMS, "end_g": _GRAMS, **_NAMES, **fields}
        ),
        max_size=9,
    )


ISSUED = _rows()
DISPOSED = _rows(
    kind=st.sampled_from([*FINAL, "lock", "export"]),
    until_s=st.sampled_from([None, None, 2, 3, 4, 5]),
)
HELD = st.lists(
    st.fixed_dictionaries(
        {
            "keeper": _KEEPERS,
            "balance_g": st.integers(-2, 6),
            "supply_g": st.integers(0, 6),
            **{name: _NAMES[name] for name in ("registry", "batch", "at_s")},
        }
    ),
    max_size=5,
)


CREDIT_RULES = ("BR-1", "BR-2", "BR-3", "CN-1", "DI-1", "DI-2", "DU-1", "DU-2")
"""Those that find something in issuances, dispositions and tokens alone."""

LINE_KINDS = {
    "transferred": "transfer",
    "foreclosed": "transfer",
    "retired": "retirement",
    "retirement_finalised": "retirement",
    "locked": "lock",
    "released": "release",
    "frozen": None,
}
_REQUESTS = st.sampled_from(["7", "8", None])
_AMOUNTS = st.sampled_from([5, 6, 1_000_005])
_RECORD = {name: _NAMES[name] for name in ("registry", "at_s")} | {
    "request": _REQUESTS,
    "amount_g": _AMOUNTS,
    "account": st.sampled_from(["A", "B", None]),
    "batch": _NAMES["batch"],
    "scope": _NAMES["scope"],
    "bounds": st.sampled_from([(0, 5), (5, 10), (None, None)]),
}
ENTERED = st.lists(
    st.fixed_dictionaries(
        {
            **_RECORD,
            "keeper": st.sampled_from(["ledger", "ledger", "mirror"]),
            "kind": st.sampled_from(list(LINE_KINDS)),
            "place": st.sampled_from(["0xa", "0xb", "0xc", None]),
            "body": st.sampled_from(["x", "y"]),
        }
    ),
    max_size=6,
)
WRITTEN = st.lists(
    st.fixed_dictionaries(
        {
            **_RECORD,
            "kind": st.sampled_from(["transfer", "retirement", "lock", "release"]),
            "entry": st.sampled_from([1, 2, 3, 4, None]),
        }
    ),
    max_size=6,
)


@pytest.fixture(scope="session")
def fill(new_books):
    """Makes tables from rows of plain fields."""

    def fill_books(issued=(), disposed=(), held=()):
        books = new_books()
        for row in issued:
            books.issued(row["start_g"], row["end_g"], **_but(row, "start_g", "end_g"))
        for row in disposed:
            bounds = row["start_g"], row["end_g"]
            books.disposed(row["kind"], *bounds, **_but(row, "start_g", "end_g", "kind"))
        for row in held:
            amounts = row["balance_g"], row["supply_g"]
            books.held(*amounts, **_but(row, "balance_g", "supply_g"))
        return books

    return fill_books


def _but(row, *names):
    return {name: value for name, value in row.items() if name not in names}


def _usable(rows, *, final=None, standing=True):
    return [
        row
        for row in rows
        if row["scope"] is not None
        and row["start_g"] < row["end_g"]
        and (final is None or (row["kind"] in FINAL) == final)
        and not (final and standing and row["until_s"] is not None)
    ]


def _name(row):
    return f"{row['source']}:{row['record']}"


def _date(*rows):
    dates = [row["at_s"] for row in rows]
    return None if None in dates else max(dates)


def _place(finding):
    return (
        finding.scope,
        finding.start_g,
        finding.end_g,
        finding.amount_g,
        finding.registries,
        frozenset(finding.records),
        finding.detectable_at,
    )


def _pair(start_g, end_g, *rows):
    return (
        rows[0]["scope"],
        start_g,
        end_g,
        end_g - start_g,
        tuple(sorted({row["registry"] for row in rows})),
        frozenset(_name(row) for row in rows),
        _date(*rows),
    )


def _against_furthest(rows, order, is_other):
    """For each row that meets an earlier one: the pair with the earlier one that ends last."""
    ordered = sorted(rows, key=order)
    for here, row in enumerate(ordered):
        met = [
            other
            for other in ordered[:here]
            if (other["keeper"], other["scope"]) == (row["keeper"], row["scope"])
            and other["end_g"] > row["start_g"]
            and is_other(other, row)
        ]
        if met:
            holder = max(met, key=lambda other: (other["end_g"], other["source"], other["record"]))
            yield _pair(row["start_g"], min(row["end_g"], holder["end_g"]), holder, row)


def _in_time(row):
    return (row["at_s"] is None, row["at_s"] or 0, row["source"], row["record"])


def _in_space(row):
    return (row["start_g"], -row["end_g"], *_in_time(row))


@given(ISSUED)
def test_law_duplicates_are_all_but_the_earliest_of_equal_blocks(fill, issued):
    books = fill(issued)
    expected = []
    seen = {}
    for row in sorted(_usable(books.rows["issuances"]), key=_in_time):
        block = (row["keeper"], row["scope"], row["start_g"], row["end_g"])
        if block in seen:
            expected.append(_pair(row["start_g"], row["end_g"], seen[block], row))
        seen.setdefault(block, row)
    assert Counter(map(_place, books.audit("DI-1"))) == Counter(expected)


@given(ISSUED)
def test_law_overlaps_name_the_earlier_block_that_reaches_furthest(fill, issued):
    books = fill(issued)

    def unequal(one, other):
        return (one["start_g"], one["end_g"]) != (other["start_g"], other["end_g"])

    expected = _against_furthest(_usable(books.rows["issuances"]), _in_space, unequal)
    assert Counter(map(_place, books.audit("DI-2"))) == Counter(expected)


@given(DISPOSED)
def test_law_double_uses_name_the_earlier_use_that_reaches_furthest(fill, disposed):
    books = fill(disposed=disposed)
    standing = _usable(books.rows["dispositions"], final=True)

    # Unlike words at two registries are DU-4, if anything.
    def is_double(one, other):
        return one["registry"] == other["registry"] or one["kind"] == other["kind"]

    expected = _against_furthest(standing, _in_space, is_double)
    assert Counter(map(_place, books.audit("DU-1"))) == Counter(expected)


@given(DISPOSED)
def test_law_late_uses_are_all_pairs_of_a_retirement_and_a_later_use(fill, disposed):
    books = fill(disposed=disposed)
    dated = [row for row in books.rows["dispositions"] if row["at_s"] is not None]
    expected = [
        _pair(start_g, end_g, gone, use)
        for gone in _usable(dated, final=True, standing=False)
        for use in _usable(dated, final=False)
        if (gone["keeper"], gone["scope"]) == (use["keeper"], use["scope"])
        and gone["at_s"] < use["at_s"]
        and (gone["until_s"] is None or gone["until_s"] > use["at_s"])
        and (start_g := max(gone["start_g"], use["start_g"]))
        < (end_g := min(gone["end_g"], use["end_g"]))
    ]
    assert Counter(map(_place, books.audit("DU-2"))) == Counter(expected)


def _grams(rows, *key):
    return {
        (*(row[name] for name in key), gram)
        for row in rows
        for gram in range(row["start_g"], row["end_g"])
    }


def _runs(row, left, *key):
    """Contiguous runs of the row's grams that are in `left`."""
    runs = []
    for gram in range(row["start_g"], row["end_g"]):
        if (*(row[name] for name in key), gram) not in left:
            continue
        if runs and runs[-1][1] == gram:
            runs[-1] = (runs[-1][0], gram + 1)
        else:
            runs.append((gram, gram + 1))
    return [(row["scope"], start_g, end_g, _name(row), row["at_s"]) for start_g, end_g in runs]


def _own(findings, rows):
    """Each finding's place with the record of the row that it is about."""
    names = {_name(row) for row in rows}
    return Counter(
        (finding.scope, finding.start_g, finding.end_g, name, finding.detectable_at)
        for finding in findings
        for name in finding.records
        if name in names
    )


def _kept(rows, keeper):
    return [row for row in rows if row["keeper"] == keeper]


@given(ISSUED, DISPOSED)
def test_law_phantoms_are_book_grams_issued_and_not_gone_on_the_ledger(fill, issued, disposed):
    books = fill(issued, disposed)
    gone = _usable(books.rows["dispositions"], final=True)
    blocks = _kept(_usable(books.rows["issuances"]), "ledger")
    key = ("registry", "scope")
    live = _grams(blocks, *key) - _grams(_kept(gone, "ledger"), *key)
    rows = _kept(gone, "book")
    expected = Counter(run for row in rows for run in _runs(row, live, *key))
    found = books.audit("BR-2")
    assert _own(found, rows) == expected
    by_name = {_name(row): row for row in blocks}
    for finding in found:
        held = [by_name[name] for name in finding.records if name in by_name]
        assert any(row["start_g"] <= finding.start_g < row["end_g"] for row in held)
        assert any(row["start_g"] < finding.end_g <= row["end_g"] for row in held)
        assert {(row["registry"], row["scope"]) for row in held} == {
            (finding.registries[0], finding.scope)
        }


@given(ISSUED, DISPOSED, HELD)
def test_law_burned_but_live_are_ledger_grams_not_gone_in_the_book(fill, issued, disposed, held):
    books = fill(issued, disposed, held)
    gone = _usable(books.rows["dispositions"], final=True)
    booked = {
        row["registry"] for table in books.rows.values() for row in table if row["keeper"] == "book"
    }
    rows = [row for row in _kept(gone, "ledger") if row["registry"] in booked]
    key = ("registry", "scope")
    left = _grams(rows, *key) - _grams(_kept(gone, "book"), *key)
    expected = Counter(run for row in rows for run in _runs(row, left, *key))
    found = books.audit("BR-3")
    assert _own(found, rows) == expected
    blocks = {_name(row): row for row in _kept(_usable(books.rows["issuances"]), "book")}
    for finding in found:
        for row in (blocks[name] for name in finding.records if name in blocks):
            assert row["start_g"] < finding.end_g and finding.start_g < row["end_g"]


@given(ISSUED, DISPOSED)
def test_law_strays_are_standing_grams_that_their_keeper_never_issued(fill, issued, disposed):
    books = fill(issued, disposed)
    blocks = _usable(books.rows["issuances"])
    key = ("keeper", "scope")
    scopes = {tuple(row[name] for name in key) for row in blocks}
    rows = [
        row
        for row in _usable(books.rows["dispositions"])
        if row["until_s"] is None and tuple(row[name] for name in key) in scopes
    ]
    left = _grams(rows, *key) - _grams(blocks, *key)
    expected = Counter(run for row in rows for run in _runs(row, left, *key))
    assert _own(books.audit("CN-1"), rows) == expected


@given(ISSUED, DISPOSED, HELD)
def test_law_a_token_has_at_most_one_finding_and_only_for_a_difference(
    fill, issued, disposed, held
):
    books = fill(issued, disposed, held)
    expected = {}
    named = [row for row in books.rows["tokens"] if row["batch"] is not None]
    for token in {(row["keeper"], row["registry"], row["batch"]) for row in named}:

        def of(table, token=token):
            return [
                row
                for row in books.rows[table]
                if (row["keeper"], row["registry"], row["batch"]) == token
            ]

        numbers = {row["supply_g"] for row in of("tokens")}
        numbers.add(sum(row["balance_g"] for row in of("tokens")))
        amount_g = max(numbers) - min(numbers)
        keeps = any(
            token[:2] == (row["keeper"], row["registry"]) for row in books.rows["issuances"]
        )
        if not amount_g and keeps:
            gone = [row["amount_g"] for row in of("dispositions") if row["until_s"] is None]
            issued_g = sum(row["amount_g"] for row in of("issuances"))
            amount_g = abs(issued_g - sum(gone) - numbers.pop())
        if amount_g:
            expected[token] = amount_g
    found = [finding for finding in books.audit("CN-1") if finding.scope is None]
    assert {
        (
            finding.records[0].split(":")[0],
            finding.registries[0],
            str(finding.batch),
        ): finding.amount_g
        for finding in found
    } == expected
    assert len(found) == len(expected)


@given(ISSUED, DISPOSED, HELD)
def test_law_unbacked_are_ledger_grams_still_live_that_the_book_never_issued(
    fill, issued, disposed, held
):
    books = fill(issued, disposed, held)
    blocks = _usable(books.rows["issuances"])
    gone = _kept(_usable(books.rows["dispositions"], final=True), "ledger")
    booked = {
        row["registry"] for table in books.rows.values() for row in table if row["keeper"] == "book"
    }
    rows = [row for row in _kept(blocks, "ledger") if row["registry"] in booked]
    key = ("registry", "scope")
    left = _grams(rows, *key) - _grams(_kept(blocks, "book"), *key) - _grams(gone, *key)
    expected = Counter(run for row in rows for run in _runs(row, left, *key))
    assert _own(books.audit("BR-1"), rows) == expected


@pytest.mark.parametrize(
    ("code", "keeper"), [("BR-1", "book"), ("BR-2", "ledger"), ("BR-3", "book")]
)
@given(
    ISSUED, DISPOSED, st.integers(0, 8), st.integers(0, 4), st.sampled_from([None, 0, 1, 2, 3, 9])
)
def test_law_lag_excuses_what_may_still_come_and_nothing_else(
    fill, code, keeper, issued, disposed, now_s, lag_s, complete_s
):
    books = fill([{**row, "registry": "ICR"} for row in issued], disposed)
    # The source itself is no news; a book is given either way.
    books.read("book", now_s=None, registry="ICR")
    found = [finding for finding in books.audit(code) if finding.registries == ("ICR",)]
    expected = []
    for finding in found:
        at_s = finding.detectable_at
        due_s = None
        if at_s is not None:
            is_claimed = complete_s is not None and at_s <= complete_s
            due_s = at_s if is_claimed else at_s + lag_s
            if now_s < due_s and not is_claimed:
                continue
        expected.append(finding.model_copy(update={"detectable_at": due_s}))
    books.read(keeper, now_s=now_s, lag_s=lag_s, complete_s=complete_s)
    late = [finding for finding in books.audit(code) if finding.registries == ("ICR",)]
    assert sorted(map(repr, late)) == sorted(map(repr, expected))


@pytest.fixture(scope="session")
def log(new_books):
    """Makes tables from entries and lines of one row each."""

    def log_books(entered, written):
        books = new_books()
        for row in entered:
            books.entered(row["kind"], *row["bounds"], **_but(row, "kind", "bounds"))
        for row in written:
            books.wrote(row["kind"], *row["bounds"], **_but(row, "kind", "bounds"))
        return books

    return log_books


def _pairs(books):
    """Every line with each entry that it records."""
    entries = _kept(books.rows["entries"], "ledger")
    for line in books.rows["lines"]:
        alike = [
            entry
            for entry in entries
            if entry["registry"] == line["registry"] and LINE_KINDS[entry["kind"]] == line["kind"]
        ]
        named = [entry for entry in alike if entry["seq"] == line["entry"]]
        requested = [
            entry
            for entry in alike
            if entry["request"] == line["request"] is not None and entry["kind"] != "released"
        ]
        for entry in named or requested:
            yield line, entry


@given(ENTERED, WRITTEN)
def test_law_unequal_pairs_are_one_finding_each(log, entered, written):
    books = log(entered, written)
    expected = {"MR-3": Counter(), "BR-7": Counter()}
    for line, entry in _pairs(books):
        amount_g = abs(line["amount_g"] - entry["amount_g"])
        if amount_g:
            names = frozenset((_name(line), _name(entry)))
            expected["MR-3" if amount_g >= 10**6 else "BR-7"][
                names, amount_g, _date(line, entry)
            ] += 1
    for code, pairs in expected.items():
        found = Counter(
            (frozenset(finding.records), finding.amount_g, finding.detectable_at)
            for finding in books.audit(code)
        )
        assert found == pairs


@given(ENTERED, WRITTEN)
def test_law_what_no_line_records_is_one_finding(log, entered, written):
    books = log(entered, written)
    paired = {_name(entry) for _, entry in _pairs(books)}
    lined = {line["registry"] for line in books.rows["lines"]}
    released = {
        (line["registry"], line["request"])
        for line in books.rows["lines"]
        if line["kind"] == "release" and line["request"]
    }
    alone = [
        entry
        for entry in _kept(books.rows["entries"], "ledger")
        if entry["registry"] in lined and _name(entry) not in paired
    ]
    acts = [
        _name(entry)
        for entry in alone
        if entry["kind"] == "locked"
        or (entry["kind"] == "released" and (entry["registry"], entry["request"]) not in released)
    ]
    assert Counter(finding.records for finding in books.audit("BR-9")) == Counter(
        (name,) for name in acts
    )
    moves = [_name(entry) for entry in alone if entry["kind"] in ("transferred", "foreclosed")]
    assert Counter(
        finding.records
        for finding in books.audit("MR-1")
        if finding.clears_when == "the book writes the entry down"
    ) == Counter((name,) for name in moves)


@given(ENTERED, WRITTEN)
def test_law_lines_unlike_their_entries_are_those_of_another_batch_or_other_locks(
    log, entered, written
):
    books = log(entered, written)
    expected = Counter()
    for line, entry in _pairs(books):
        if line["amount_g"] != entry["amount_g"]:
            continue
        own, other = ({(row["scope"], row["start_g"])} for row in (entry, line))
        lacks = own - other if None not in {*next(iter(own)), *next(iter(other))} else set()
        is_other = None not in (line["batch"], entry["batch"]) and line["batch"] != entry["batch"]
        if line["kind"] in ("lock", "release"):
            is_other = is_other or bool(lacks)
        elif line["kind"] != "transfer":
            is_other = is_other and not lacks
        if is_other:
            names = frozenset((_name(line), _name(entry)))
            expected[names, line["amount_g"], bool(lacks), _date(line, entry)] += 1
    assert expected == Counter(
        (
            frozenset(each.records),
            each.amount_g,
            each.start_g is not None,
            each.detectable_at,
        )
        for each in books.audit("MR-1")
        if each.clears_when == "the line says what the entry says"
    )


@given(ENTERED)
def test_law_a_mirror_is_right_when_each_place_says_once_what_the_ledger_says(log, entered):
    books = log(entered, [])
    said, mirrored, expected = {}, {}, Counter()
    for row in books.rows["entries"]:
        place = row["place"] or f"seq {row['seq']}"
        if row["keeper"] == "ledger":
            said.setdefault(place, []).append(row["body"])
        else:
            mirrored.setdefault(place, {}).setdefault(row["registry"], []).append(row["body"])
    for place, bodies in mirrored.items():
        for first, *others in bodies.values():
            expected["the mirror drops the repetition"] += len(others)
            if said and place not in said:
                expected["the mirror drops what its source has not"] += 1
            elif said and first not in said[place]:
                expected["the mirror copies the entry again"] += 1
    if mirrored:
        missing = [place for place in said if place not in mirrored]
        expected["the mirror copies the entry"] = sum(len(said[place]) for place in missing)
    assert Counter(finding.clears_when for finding in books.audit("MR-1")) == expected


@given(ENTERED, WRITTEN, HELD, st.integers(0, 2**32))
@settings(max_examples=FEW)
def test_law_the_order_of_records_makes_no_difference(log, entered, written, held, seed):
    books = log(entered, written)
    for row in held:
        books.held(row["balance_g"], row["supply_g"], registry=row["registry"], at_s=row["at_s"])
    books.account("A")
    for name in ("1", "2", "1"):
        books.certified(name, 0, 10, retirement="7")
    assert audit(books.tables(shuffle=seed)) == audit(books.tables())


@settings(max_examples=FEW)
@given(ISSUED, DISPOSED, HELD, st.integers(0, 2**32))
def test_law_the_order_of_rows_makes_no_difference(fill, issued, disposed, held, seed):
    books = fill(issued, disposed, held)
    found = books.audit(*CREDIT_RULES)
    assert audit(books.tables(shuffle=seed), rules=CREDIT_RULES) == found


@settings(max_examples=FEW)
@given(ISSUED, DISPOSED, HELD)
def test_law_the_number_of_threads_makes_no_difference(fill, issued, disposed, held):
    books, found = fill(issued, disposed, held), []
    for threads in (1, 3):
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(run.SETTINGS, "threads", threads)
            found.append(books.audit(*CREDIT_RULES))
    assert found[0] == found[1]


@settings(max_examples=FEW)
@given(ISSUED, DISPOSED, st.integers(0, 6))
def test_law_an_audit_as_of_a_moment_sees_what_was_known_then(fill, issued, disposed, as_of_s):
    def known(rows):
        return [
            {
                **row,
                "until_s": until if (until := row.get("until_s")) and until <= as_of_s else None,
            }
            for row in rows
        ]

    def row_is_later(row):
        return row["at_s"] is not None and row["at_s"] > as_of_s

    books, then = fill(issued, disposed), fill()
    then.rows["issuances"] = [row for row in books.rows["issuances"] if not row_is_later(row)]
    then.rows["dispositions"] = [
        row for row in known(books.rows["dispositions"]) if not row_is_later(row)
    ]
    assert books.audit(*CREDIT_RULES, as_of_s=as_of_s) == then.audit(*CREDIT_RULES)


# Between registries.

_TIMES = st.integers(1, 6)
_SPAN = {"start_g": st.integers(0, 6), "end_g": st.integers(1, 7)}
_UNTIL = st.sampled_from([None, 2, 3, 4, 5, 6])
CROSSED = st.lists(
    st.fixed_dictionaries(
        {
            **_SPAN,
            "what": st.sampled_from(["import", "import", "back", "export", "lock"]),
            "at_s": _TIMES,
            "until_s": _UNTIL,
            "batch": st.sampled_from(["1", "2"]),
            "abroad": st.sampled_from(["Eco", "Eco", "S&P"]),
        }
    ),
    max_size=7,
)


@given(CROSSED)
def test_law_unbacked_are_grams_here_at_a_time_at_which_their_home_holds_none(new_books, crossed):
    books = new_books()
    books.issued(0, 7, at_s=0)
    here, held = Counter(), Counter()
    for row in crossed:
        if row["start_g"] >= row["end_g"]:
            continue
        span, at_s, abroad = (row["start_g"], row["end_g"]), row["at_s"], row["abroad"]
        until_s = None if (row["until_s"] or 9) <= at_s else row["until_s"]
        ends = {"registry": abroad, "batch": row["batch"], "at_s": at_s}
        times = range(at_s, until_s or 8)
        if row["what"] == "import":
            books.imported(*span, **ends)
            here.update(_moments(span, range(at_s, 8), abroad))
        elif row["what"] == "back":
            books.left(*span, until_s=until_s, **ends)
            here.subtract(_moments(span, times, abroad))
        elif row["what"] == "export":
            books.exported(*span, at_s=at_s, until_s=until_s, peer=abroad)
            held.update(_moments(span, times, abroad))
        else:
            books.disposed("lock", *span, at_s=at_s, until_s=until_s)
            for other in ("Eco", "S&P"):
                held.update(_moments(span, times, other))
    expected = {moment for moment, times in here.items() if times > 0 and not held[moment]}
    found = Counter(
        moment
        for finding in books.audit("BR-1")
        for moment in _moments(
            (finding.start_g, finding.end_g),
            range(finding.detectable_at, finding.cleared_at or 8),
            *({"Eco", "S&P"} & set(finding.registries)),
        )
    )
    assert set(found) == expected
    assert set(found.values()) <= {1}


def _moments(span, times, registry):
    return [(registry, gram, at_s) for gram in range(*span) for at_s in times]


@given(CROSSED)
def test_law_arrivals_are_imports_without_what_left_again(new_books, crossed):
    books = new_books()
    rows = [row for row in crossed if row["start_g"] < row["end_g"]]
    outstanding = Counter()
    for number, row in enumerate(rows):
        ends = {"registry": row["abroad"], "batch": str(number), "at_s": row["at_s"]}
        books.disposed("lock", row["start_g"], row["end_g"])
        books.imported(row["start_g"], row["end_g"], **ends)
        left_g = row["start_g"] + (row["what"] == "back")
        books.left(row["start_g"], left_g, **ends)
        outstanding.update(range(left_g, row["end_g"]))
    found = {
        gram for finding in books.audit("BR-4") for gram in range(finding.start_g, finding.end_g)
    }
    assert found == {gram for gram, times in outstanding.items() if times > 1}
