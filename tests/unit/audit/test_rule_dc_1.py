"""DC-1: claimed by a user and by the host country."""

from __future__ import annotations

import pytest

COUNTED = {"inside_ndc": True, "adjusted": False}


@pytest.mark.parametrize("purpose", ["voluntary", "corsia"])
@pytest.mark.parametrize("kind", ["retirement", "cancellation"])
def test_catches_a_use_of_what_the_host_country_counts(books, kind, purpose):
    row = books.disposed(
        kind, 20, 60, keeper="feed", at_s=9, batch="4", purpose=purpose, reason="FY24", **COUNTED
    )
    (finding,) = books.audit("DC-1")
    assert finding.code == "DC-1"
    assert finding.level == "strong"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (row,)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


def test_catches_a_reason_that_denies_the_ndc(books):
    reason = "Not counted towards the NDC of Guyana"
    books.retired(0, 10, purpose="voluntary", reason=reason, **COUNTED)
    assert len(books.audit("DC-1", "DC-3")) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"inside_ndc": True, "adjusted": None},
        {"inside_ndc": None, "adjusted": False},
        {"inside_ndc": True, "adjusted": True},
        {"inside_ndc": False, "adjusted": False},
        {"purpose": None, **COUNTED},
    ],
)
def test_near_miss_what_no_field_says(books, fields):
    books.retired(0, 10, **{"purpose": "voluntary", **fields})
    assert books.audit("DC-1") == ()


@pytest.mark.parametrize("purpose", ["compliance", "conversion", "buffer", "reversal", "removal"])
def test_look_alike_use_inside_the_country_or_none(books, purpose):
    books.disposed("cancellation", 0, 10, purpose=purpose, **COUNTED)
    books.disposed("lock", 0, 10, purpose="voluntary", **COUNTED)
    assert books.audit("DC-1") == ()


@pytest.mark.parametrize(
    "reason",
    [
        "Contribution Towards Corporate Climate Pledge AND Host Country NDC",
        "not only for travel, but for the nationally  determined contribution",
    ],
)
def test_look_alike_reason_that_names_the_ndc(books, reason):
    books.retired(0, 10, purpose="voluntary", reason=reason, **COUNTED)
    assert books.audit("DC-1") == ()


def test_misses_a_claim_undone_since_unless_asked_as_of_then(books):
    books.retired(0, 10, at_s=1, until_s=5, purpose="voluntary", **COUNTED)
    assert books.audit("DC-1") == ()
    assert len(books.audit("DC-1", as_of_s=4)) == 1


def _inside(books, start_g=0, end_g=100, **fields):
    return books.declared("coverage", start_g, end_g, inside=True, **fields)


def _owed(books, start_g=0, end_g=100, **fields):
    row = {"declaration": "Committed", "status": "Not Started", "due_s": 50}
    return books.declared("adjustment", start_g, end_g, **{**row, **fields})


@pytest.mark.parametrize(("now_s", "level"), [(49, "timed"), (50, "strong"), (None, "strong")])
def test_catches_per_gram_what_a_party_owes_until_it_is_due(books, now_s, level):
    books.read("party", now_s=now_s, registry="CO")
    _inside(books)
    debt = _owed(books, 20, 60, at_s=9)
    used = books.retired(40, 90, purpose="CORSIA", home="ICR", registry="Eco", id="7", at_s=8)
    row = {"purpose": "corsia", "home": "ICR", "registry": "Eco", "id": "7", "at_s": 8}
    written = books.retired(40, 90, keeper="book", **row)
    (finding,) = books.audit("DC-1")
    assert finding.level == level
    assert finding.registries == ("Eco", "ICR")
    assert (finding.scope, finding.start_g, finding.end_g, finding.amount_g) == ("S", 40, 60, 20)
    assert set(finding.records) == {used, written, debt}
    assert finding.detectable_at == 9


@pytest.mark.parametrize(
    "said", [{"status": "Completed"}, {"declaration": "Not Required"}, {"declaration": "Unknown"}]
)
def test_near_miss_adjustment_that_is_made_or_not_promised(books, said):
    _inside(books)
    _owed(books, **said)
    books.retired(0, 10, purpose="voluntary")
    assert books.audit("DC-1") == ()


def test_near_miss_units_beside_those_of_the_party(books):
    _inside(books, 0, 10)
    _owed(books, 10, 20)
    _owed(books, 0, 10, scope="T")
    books.retired(0, 20, purpose="voluntary")
    books.retired(0, 20, purpose="voluntary", home="Eco")
    assert books.audit("DC-1") == ()


def test_look_alike_units_outside_the_target_or_used_at_home(books):
    books.declared("coverage", 0, 10, inside=False)
    books.declared("coverage", 20, 30, inside=None)
    _inside(books, 40, 50)
    _owed(books)
    for start_g, purpose in [(0, "voluntary"), (20, "corsia"), (40, "compliance")]:
        books.retired(start_g, start_g + 10, purpose=purpose)
    assert books.audit("DC-1") == ()


def test_misses_an_adjustment_completed_since_unless_asked_as_of_then(books):
    _inside(books)
    _owed(books, at_s=1, until_s=5)
    _owed(books, at_s=5, status="Completed")
    books.retired(0, 10, purpose="voluntary")
    assert books.audit("DC-1") == ()
    assert len(books.audit("DC-1", as_of_s=4)) == 1


# What the Party's own list authorises, counts, and says nothing more of.

USE_S, DUE_S = 1_751_328_000, 1_776_297_600
"""1 July 2025, and 16 April of the year that follows."""


def _list_read(books, now_s=DUE_S, **fields):
    books.read("party", now_s=now_s, **{"registry": "CO", "complete_s": now_s, **fields})


def _authorised(books, start_g=0, end_g=100, **fields):
    row = {"purpose": "IMP", "authorisation": "CO-1", "at_s": USE_S - 9}
    span = {"start_s": USE_S - 5, "end_s": USE_S + 5}
    return books.declared("authorisation", start_g, end_g, **{**row, **span, **fields})


@pytest.mark.parametrize(("now_s", "level"), [(DUE_S - 1, "timed"), (DUE_S, "strong")])
def test_catches_an_authorised_use_of_which_the_list_says_no_more(books, now_s, level):
    _list_read(books, now_s)
    _inside(books)
    letter = _authorised(books, 20, 60)
    row = {"purpose": "corsia", "home": "ICR", "registry": "Eco", "id": "7", "at_s": USE_S}
    told = {books.retired(40, 90, keeper=keeper, **row) for keeper in ("ledger", "book")}
    (finding,) = books.audit("DC-1")
    assert finding.level == level
    assert finding.registries == ("Eco", "ICR")
    assert (finding.scope, finding.start_g, finding.end_g, finding.amount_g) == ("S", 40, 60, 20)
    assert set(finding.records) == {letter, *told}
    assert finding.detectable_at == USE_S
    assert "corresponding adjustment" in finding.clears_when


@pytest.mark.parametrize(
    ("use", "span"),
    [
        ({"reason": "NDC; of Switzerland"}, (0, 10)),
        ({"purpose": "CORSIA"}, (10, 20)),
        ({"reason": "IMP"}, (10, 20)),
        ({"reason": "oimp; for an airline"}, (10, 30)),
        ({"purpose": "voluntary"}, (20, 30)),
        ({"reason": "OP"}, (20, 30)),
    ],
)
def test_catches_every_international_use_under_its_purpose(books, use, span):
    _list_read(books)
    _inside(books)
    for at, purpose in enumerate(["NDC", "IMP", "OP"]):
        _authorised(books, 10 * at, 10 * at + 10, purpose=purpose)
    books.retired(0, 30, at_s=USE_S, **use)
    (finding,) = books.audit("DC-1")
    assert (finding.start_g, finding.end_g) == span


def test_catches_a_use_under_two_letters_once(books):
    _list_read(books)
    _inside(books)
    letters = {_authorised(books, 0, 60), _authorised(books, 40, 100, authorisation="CO-2")}
    used = books.retired(20, 90, purpose="corsia", at_s=USE_S)
    (finding,) = books.audit("DC-1")
    assert (finding.start_g, finding.end_g) == (20, 90)
    assert set(finding.records) == {used, *letters}


@pytest.mark.parametrize(
    "letter",
    [
        {"purpose": "OP"},
        {"start_s": USE_S + 1},
        {"end_s": USE_S},
        {"until_s": USE_S},
        {"scope": "T"},
        {"registry": "Eco"},
    ],
)
def test_near_miss_use_that_the_party_did_not_authorise(books, letter):
    _list_read(books)
    _inside(books)
    _authorised(books, **letter)
    books.retired(0, 10, purpose="corsia", at_s=USE_S)
    assert books.audit("DC-1") == ()


@pytest.mark.parametrize(
    "said",
    [
        {"declaration": "Not Required", "status": "Not Started"},
        {"declaration": "Unknown", "status": "Not Started"},
        {"declaration": "Committed", "status": "Completed"},
    ],
)
def test_near_miss_authorised_use_of_which_the_list_says_more(books, said):
    _list_read(books)
    _inside(books)
    _authorised(books)
    books.declared("adjustment", 0, 30, **said)
    books.retired(0, 30, purpose="corsia", at_s=USE_S)
    assert books.audit("DC-1") == ()
    books.retired(20, 50, purpose="corsia", at_s=USE_S)
    (finding,) = books.audit("DC-1")
    assert (finding.start_g, finding.end_g) == (30, 50)


def test_near_miss_authorised_use_that_is_promised_is_one_finding(books):
    _list_read(books)
    _inside(books)
    _authorised(books)
    debt = _owed(books, due_s=DUE_S)
    used = books.retired(0, 30, purpose="corsia", at_s=USE_S)
    (finding,) = books.audit("DC-1")
    assert finding.records == (used, debt)


def test_look_alike_authorised_use_outside_the_target_or_at_home(books):
    _list_read(books)
    _authorised(books)
    books.declared("coverage", 0, 10, inside=False)
    books.declared("coverage", 20, 30, inside=None)
    _inside(books, 40, 50)
    for start_g, row in [
        (0, {"purpose": "corsia"}),
        (20, {"purpose": "corsia"}),
        (40, {"purpose": "compliance"}),
        (60, {"purpose": "corsia"}),
    ]:
        books.retired(start_g, start_g + 10, at_s=USE_S, **row)
    books.retired(40, 50, at_s=USE_S, purpose="corsia", reason="for the NDC of Colombia")
    books.disposed("lock", 40, 50, at_s=USE_S, purpose="corsia")
    assert books.audit("DC-1") == ()


@pytest.mark.parametrize("list_read", [{"complete_s": None}, {"complete_s": USE_S - 1}, None])
def test_misses_what_a_list_that_is_not_complete_may_still_say(books, list_read):
    if list_read is not None:
        _list_read(books, **list_read)
    _inside(books)
    _authorised(books)
    books.retired(0, 10, purpose="corsia", at_s=USE_S)
    assert books.audit("DC-1") == ()


def test_misses_a_use_adjusted_since_unless_asked_as_of_then(books):
    _list_read(books)
    _inside(books)
    _authorised(books)
    books.retired(0, 10, purpose="corsia", at_s=USE_S)
    books.retired(10, 20, purpose="corsia", at_s=None)
    books.retired(20, 30, purpose="corsia", at_s=2**62)
    books.declared("adjustment", 0, 10, declaration="Committed", status="Completed", at_s=DUE_S - 1)
    assert books.audit("DC-1") == ()
    (finding,) = books.audit("DC-1", as_of_s=DUE_S - 2)
    assert (finding.level, finding.start_g, finding.end_g) == ("timed", 0, 10)
