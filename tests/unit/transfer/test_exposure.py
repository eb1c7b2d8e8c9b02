"""For how long credits are alive on both sides, or on neither, by the entries of a transfer."""

from __future__ import annotations

from decimal import Decimal

from registry.records.entry import Entry, Kind
from registry.transfer.exposure import Flow, exposure_of, flows_of

T = 1_000_000
DAY_S = 86_400


def entry(kind: Kind, at_s: int, amount_t: int) -> Entry:
    return Entry(seq=1, at_s=at_s, registry="ICR", kind=kind, amount_g=amount_t * T)


def test_flows_pair_what_left_with_what_arrived() -> None:
    left, came = entry(Kind.EXPORTED, 10, 5), entry(Kind.IMPORTED, 70, 5)
    (flow,) = flows_of([left, came])
    assert flow == Flow(5 * T, 10, 70, False)
    assert (flow.both_s(1_000), flow.neither_s(1_000)) == (0, 60)


def test_flows_cut_unlike_pieces_where_they_part() -> None:
    entries = [
        entry(Kind.ISSUED, 10, 3),
        entry(Kind.CANCELLED, 20, 2),
        entry(Kind.CANCELLED, 40, 1),
    ]
    assert flows_of(entries) == [Flow(2 * T, 20, 10, False), Flow(T, 40, 10, False)]


def test_flows_keep_what_has_no_other_side_yet() -> None:
    assert flows_of([entry(Kind.EXPORTED, 10, 1)]) == [Flow(T, 10, None, False)]
    assert flows_of([entry(Kind.ISSUED, 10, 1)]) == [Flow(T, None, 10, False)]


def test_exposure_counts_the_time_on_both_sides() -> None:
    entries = [entry(Kind.ISSUED, 0, 100), entry(Kind.CANCELLED, 8 * DAY_S, 100)]
    found = exposure_of(entries, 100 * DAY_S)
    assert (found.both_s, found.both_tonne_days) == (8 * DAY_S, Decimal(800))
    assert (found.neither_s, found.is_open, found.used_and_alive_g) == (0, False, 0)


def test_exposure_ends_where_credits_come_back_to_where_they_left() -> None:
    for out, back in (
        (Kind.EXPORTED, Kind.EXPORT_COMPENSATED),
        (Kind.RETIREMENT_REQUESTED, Kind.RETIREMENT_REVERTED),
    ):
        found = exposure_of([entry(out, 10, 5), entry(back, 70, 5)], 100 * DAY_S)
        assert (found.neither_s, found.both_s, found.used_and_alive_g) == (60, 0, 0)


def test_exposure_counts_as_used_what_was_made_final() -> None:
    asked, final = (
        entry(kind, at_s, 4).model_copy(update={"id": 9})
        for at_s, kind in enumerate((Kind.RETIREMENT_REQUESTED, Kind.RETIREMENT_FINALISED))
    )
    again = entry(Kind.ISSUED, 50, 4)
    assert exposure_of([asked, final, again], 60).used_and_alive_g == 4 * T
    assert exposure_of([asked, again], 60).used_and_alive_g == 0
    assert exposure_of([asked, final.model_copy(update={"id": 8}), again], 60).neither_s == 50


def test_exposure_that_is_open_grows_until_now() -> None:
    entries = [entry(Kind.ISSUED, 0, 1)]
    assert exposure_of(entries, DAY_S).both_tonne_days == 1
    assert exposure_of(entries, DAY_S).is_open
    assert exposure_of(entries, 3 * DAY_S).both_tonne_days == 3


def test_exposure_of_tonne_days_is_exact_to_a_millionth() -> None:
    entries = [entry(Kind.ISSUED, 0, 1), entry(Kind.CANCELLED, 1, 1)]
    # 1 / 86,400 of a day, rounded down.
    assert exposure_of(entries, 5).both_tonne_days == Decimal("0.000011")


def test_exposure_sees_what_is_used_and_alive() -> None:
    entries = [entry(Kind.RETIRED, 0, 4), entry(Kind.ISSUED, 50, 4)]
    found = exposure_of(entries, 100)
    assert (found.both_s, found.used_and_alive_g) == (0, 4 * T)


def test_exposure_of_an_atomic_move_is_none() -> None:
    entries = [entry(Kind.EXPORTED, 7, 4), entry(Kind.IMPORTED, 7, 4)]
    found = exposure_of(entries, 100)
    assert (found.both_s, found.neither_s, found.both_gram_s) == (0, 0, 0)


def test_exposure_of_a_compensated_export_ends_where_it_began() -> None:
    entries = [entry(Kind.EXPORTED, 10, 4), entry(Kind.EXPORT_COMPENSATED, 40, 4)]
    found = exposure_of(entries, 100)
    assert (found.both_s, found.neither_s, found.is_open) == (0, 30, False)


def test_exposure_of_nothing_is_nothing() -> None:
    assert exposure_of([], 5).both_tonne_days == 0
