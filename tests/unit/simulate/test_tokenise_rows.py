"""Putting an export on a ledger: a faithful one, and ones with each kind of dirt."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from registry.errors import FeedError
from registry.feeds.ecoregistry_strict import (
    ISSUANCE_COLUMNS,
    RETIREMENT_COLUMNS,
    IssuanceRow,
    find_exports,
    read_issuances,
)
from registry.serials.grammar import parse
from registry.simulate.tokenise import Outcome, Unlike, runs_of, tokenise
from tests.chain import ENGINES
from tests.published import real_data

T = 1_000_000
SERIAL = "CDC_9_1_1_321_14_R1_XX_CO_1_2_2019"
OTHER = "CDC_9_1_1_321_14_R1_XX_CO_1_2_2020"
OLDEST = "CDC_9_1_1_321_14_1"
BUFFER = "CDC_9_1_1_321_14_R1_XX_CO_1_2_BFC_2019"


class Issued(NamedTuple):
    serial: str = SERIAL
    tonnes: int = 1_000
    at: str = "2023-05-03T13:58:33.000Z"
    year: int = 2019
    buffer: bool = False
    period: str = "2019-01-01 / 2019-12-31"


class Retired(NamedTuple):
    first: int
    last: int
    at: str = "2024-01-31 08:16:34"
    serial: str = SERIAL
    year: int = 2019
    user: str = "A S.A.S"


def written(folder: Path, issued: Sequence[Issued], retired: Sequence[Retired]) -> Path:
    """Write both files of an export as the registry does."""
    with (folder / "issued.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(ISSUANCE_COLUMNS)
        for row in issued:
            rows.writerow((2, row.serial, row.tonnes, row.at, row.year, row.buffer, row.period))
    with (folder / "retired.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(RETIREMENT_COLUMNS)
        for row in retired:
            project = parse(row.serial).project
            amount = row.last - row.first + 1
            rows.writerow(
                (
                    *("Bosque", project, row.serial, row.year, "Voluntary compensation", row.user),
                    *("", row.at, amount, row.first, row.last),
                )
            )
    return folder


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def codes(outcome: Outcome) -> list[tuple[str, int | None, int | None]]:
    return [(finding.code, _t(finding.start_g), _t(finding.end_g)) for finding in outcome.findings]


def _t(grams: int | None) -> int | None:
    return None if grams is None else grams // T


def test_tokenise_is_faithful_to_a_clean_export(tmp_path: Path, engine: str) -> None:
    issued = [Issued(), Issued(OTHER, 500, year=2020, period="2020-01-01 / 2020-12-31")]
    issued.append(Issued(BUFFER, 100, buffer=True))
    retired = [
        Retired(1, 250, "2024-01-31 08:16:34"),
        Retired(251, 1_000, "2024-02-01 00:00:00"),
        Retired(1, 500, "2024-01-31 08:16:34", OTHER, 2020),
    ]
    outcome = tokenise(written(tmp_path, issued, retired), engine=engine)
    assert outcome.is_faithful
    assert outcome.model_dump(exclude={"run_hash"}) == {
        "projects": 1,
        "statements": 2,
        "batches": 3,
        "zero_rows": 0,
        "issued_g": 1_600 * T,
        "buffer_g": 100 * T,
        "retirements": 3,
        "retired_g": 1_500 * T,
        "opening_g": 0,
        "intervals_equal": 3,
        "unlike": (),
        "refused": (),
        "conserved": True,
        "findings": (),
    }


def test_tokenise_gives_one_run_hash_on_both_engines(tmp_path: Path) -> None:
    retired = [Retired(11, 20), Retired(31, 40, "2024-02-01 00:00:00")]
    folder = written(tmp_path, [Issued()], retired)
    on_model, on_chain = (tokenise(folder, engine=engine) for engine in ENGINES)
    assert on_model == on_chain
    assert not on_model.is_faithful


def test_tokenise_counts_a_serial_of_seven_fields_from_zero(tmp_path: Path) -> None:
    issued = [Issued(OLDEST, 10, year=2015, period="2010-01-01 / 2018-09-30")]
    retired = [Retired(0, 3, serial=OLDEST, year=2015)]
    retired.append(Retired(4, 9, "2024-02-01 00:00:00", serial=OLDEST, year=2015))
    outcome = tokenise(written(tmp_path, issued, retired), engine="model")
    assert outcome.is_faithful
    assert (outcome.intervals_equal, outcome.opening_g, outcome.retired_g) == (2, 0, 10 * T)


def test_tokenise_opens_a_serial_whose_first_row_is_in_the_middle(
    tmp_path: Path, engine: str
) -> None:
    retired = [Retired(401, 500), Retired(501, 600, "2024-02-01 00:00:00")]
    outcome = tokenise(written(tmp_path, [Issued()], retired), engine=engine)
    assert outcome.is_faithful
    assert (outcome.opening_g, outcome.retired_g) == (400 * T, 200 * T)


def test_tokenise_finds_a_gap_between_two_rows(tmp_path: Path, engine: str) -> None:
    retired = [Retired(1, 100), Retired(201, 300, "2024-02-01 00:00:00")]
    outcome = tokenise(written(tmp_path, [Issued()], retired), engine=engine)
    assert outcome.unlike == (Unlike(row=2, serial=SERIAL, printed="201-300", assigned="101-200"),)
    assert (outcome.intervals_equal, outcome.retired_g) == (1, 200 * T)
    assert outcome.refused == () and outcome.conserved
    assert codes(outcome) == [("BR-2", 200, 300), ("BR-3", 100, 200)]


def test_tokenise_finds_a_row_that_is_repeated(tmp_path: Path, engine: str) -> None:
    again = Retired(1, 100, "2024-02-01 00:00:00", user="B S.A.S")
    outcome = tokenise(written(tmp_path, [Issued()], [Retired(1, 100), again]), engine=engine)
    assert outcome.unlike == (Unlike(row=2, serial=SERIAL, printed="1-100", assigned="101-200"),)
    assert outcome.intervals_equal == 1
    assert codes(outcome) == [("BR-3", 100, 200), ("DU-1", 0, 100)]


def test_tokenise_finds_a_row_that_overlaps_another(tmp_path: Path) -> None:
    over = Retired(51, 150, "2024-02-01 00:00:00")
    outcome = tokenise(written(tmp_path, [Issued()], [Retired(1, 100), over]), engine="model")
    assert ("DU-1", 50, 100) in codes(outcome)
    assert ("BR-3", 150, 200) in codes(outcome)


def test_tokenise_refuses_a_retirement_beyond_the_issuance(tmp_path: Path, engine: str) -> None:
    beyond = Retired(901, 1_100, "2024-02-01 00:00:00")
    outcome = tokenise(written(tmp_path, [Issued()], [Retired(1, 900), beyond]), engine=engine)
    (refused,) = outcome.refused
    assert (refused.file, refused.row, refused.serial) == ("retired.csv", 2, SERIAL)
    assert refused.error == "InsufficientCredits"
    assert outcome.unlike == (Unlike(row=2, serial=SERIAL, printed="901-1100", assigned="none"),)
    assert (outcome.retired_g, outcome.intervals_equal) == (900 * T, 1)
    assert outcome.conserved and not outcome.is_faithful
    found = codes(outcome)
    assert ("BR-2", 900, 1_000) in found
    assert ("CN-1", 1_000, 1_100) in found


@pytest.mark.parametrize("first", [1_001, 5_000])
def test_tokenise_finds_a_first_retirement_that_begins_beyond_the_issuance(
    tmp_path: Path, engine: str, first: int
) -> None:
    # The opening before it would be more than was issued, and must not hide the row.
    retired = [Retired(first, first + 9)]
    outcome = tokenise(written(tmp_path, [Issued()], retired), engine=engine)
    assert [refused.row for refused in outcome.refused] == [1]
    assert [unlike.assigned for unlike in outcome.unlike] == ["none"]
    assert ("CN-1", first - 1, first + 9) in codes(outcome)
    assert outcome.retired_g == 0 and outcome.conserved


def test_tokenise_issues_nothing_for_a_quantity_of_zero(tmp_path: Path, engine: str) -> None:
    issued = [Issued(), Issued(OTHER, 0, year=2020, period="2020-01-01 / 2020-12-31")]
    outcome = tokenise(written(tmp_path, issued, [Retired(1, 10)]), engine=engine)
    assert outcome.is_faithful
    assert (outcome.zero_rows, outcome.batches, outcome.issued_g) == (1, 1, 1_000 * T)


def test_tokenise_refuses_to_retire_what_was_issued_as_zero(tmp_path: Path) -> None:
    folder = written(tmp_path, [Issued(tonnes=0)], [Retired(1, 10)])
    outcome = tokenise(folder, engine="model")
    assert [(refused.row, refused.error) for refused in outcome.refused] == [(1, "NothingIssued")]
    assert (outcome.retirements, outcome.intervals_equal) == (1, 0)
    assert not outcome.is_faithful


def test_tokenise_refuses_a_vintage_outside_its_monitoring_period(tmp_path: Path) -> None:
    issued = [Issued(period="2015-01-01 / 2016-12-31"), Issued(OTHER, 5, year=2020)]
    issued[1] = issued[1]._replace(period="2020-01-01 / 2020-12-31")
    outcome = tokenise(written(tmp_path, issued, [Retired(1, 10)]), engine="model")
    errors = [(refused.file, refused.row, refused.error) for refused in outcome.refused]
    assert errors == [
        ("issued.csv", 1, "VintageOutsidePeriod"),
        ("retired.csv", 1, "NothingIssued"),
    ]
    assert outcome.batches == 1 and outcome.conserved


def test_tokenise_takes_rows_in_order_of_time_whatever_their_place(tmp_path: Path) -> None:
    retired = [
        Retired(251, 1_000, "2024-02-01 00:00:00"),
        Retired(1, 250, "2024-01-31 08:16:34"),
    ]
    assert tokenise(written(tmp_path, [Issued()], retired), engine="model").is_faithful


def test_tokenise_takes_rows_of_one_second_by_their_serials(tmp_path: Path) -> None:
    retired = [Retired(251, 1_000), Retired(1, 250)]
    assert tokenise(written(tmp_path, [Issued()], retired), engine="model").is_faithful


def test_tokenise_issues_before_a_retirement_that_is_dated_earlier(tmp_path: Path) -> None:
    retired = [Retired(1, 10, "2020-01-01 00:00:00")]
    assert tokenise(written(tmp_path, [Issued()], retired), engine="model").is_faithful


def test_tokenise_reports_progress_from_none_to_all(tmp_path: Path) -> None:
    said: list[tuple[int, int]] = []
    folder = written(tmp_path, [Issued()], [Retired(1, 10)])
    tokenise(folder, engine="model", progress=lambda done, of: said.append((done, of)))
    assert said == [(0, 2), (1, 2), (2, 2)]


def test_tokenise_refuses_a_retirement_of_a_serial_that_is_not_issued(tmp_path: Path) -> None:
    folder = written(tmp_path, [Issued()], [Retired(1, 10, serial=OTHER, year=2020)])
    with pytest.raises(FeedError) as caught:
        tokenise(folder, engine="model")
    assert (caught.value.row, caught.value.column) == (1, "serial")


def test_tokenise_refuses_an_export_without_rows(tmp_path: Path) -> None:
    with pytest.raises(FeedError):
        tokenise(written(tmp_path, [], []), engine="model")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00.000Z", "1970-06-01T00:00:00.000Z"])
def test_tokenise_refuses_rows_from_before_the_clock(tmp_path: Path, at: str) -> None:
    with pytest.raises(FeedError, match="1971"):
        tokenise(written(tmp_path, [Issued(at=at)], []), engine="model")


def test_tokenise_starts_as_early_as_the_clock_can(tmp_path: Path) -> None:
    outcome = tokenise(
        written(tmp_path, [Issued(at="1971-01-02T00:00:00.000Z")], []), engine="model"
    )
    assert outcome.is_faithful and outcome.batches == 1


def test_tokenise_refuses_a_monitoring_period_before_1970_and_goes_on(tmp_path: Path) -> None:
    issued = [Issued(period="1965-01-01 / 1969-12-31"), Issued(OTHER, 5, year=2020)]
    issued[1] = issued[1]._replace(period="2020-01-01 / 2020-12-31")
    outcome = tokenise(written(tmp_path, issued, []), engine="model")
    assert [(refused.row, refused.error) for refused in outcome.refused] == [(1, "PeriodError")]
    assert outcome.batches == 1


def row(number: int, start: str, end: str) -> IssuanceRow:
    return IssuanceRow(
        row=number,
        serial=parse(SERIAL),
        verification=1,
        amount_t=1,
        issued_at_s=0,
        year=2019,
        period_start=date.fromisoformat(start),
        period_end=date.fromisoformat(end),
        is_buffer=False,
    )


def runs(*rows: Any) -> list[list[int]]:
    return [[each.row for each in run] for run in runs_of(rows)]


def test_runs_join_periods_that_share_a_day() -> None:
    first = row(1, "2019-01-01", "2019-12-31")
    assert runs(first, row(2, "2019-12-31", "2020-12-31")) == [[1, 2]]
    assert runs(first, row(2, "2020-01-01", "2020-12-31")) == [[1], [2]]


def test_runs_go_through_a_period_that_holds_others() -> None:
    inner, outer = row(1, "2019-03-01", "2019-04-01"), row(2, "2019-01-01", "2021-01-01")
    last = row(3, "2020-06-01", "2022-01-01")
    assert runs(inner, outer, last) == [[2, 1, 3]]


def test_runs_do_not_depend_on_the_order_of_rows() -> None:
    rows = [
        row(1, "2019-01-01", "2019-06-30"),
        row(2, "2019-07-01", "2019-12-31"),
        row(3, "2019-06-01", "2019-06-30"),
        row(4, "2019-01-01", "2019-06-30"),
    ]
    assert runs(*rows) == runs(*reversed(rows)) == [[1, 4, 3], [2]]


def test_runs_of_nothing_are_none() -> None:
    assert runs_of([]) == []


# The real export.


@pytest.fixture(scope="module")
def cercarbono() -> Path:
    return real_data() / "registry_exports" / "cercarbono"


def test_tokenise_gives_real_serials_as_they_were_printed(cercarbono: Path) -> None:
    on_model, on_chain = (tokenise(cercarbono, engine=engine) for engine in ENGINES)
    assert on_chain == on_model
    assert on_model.is_faithful
    assert on_model.batches == 100
    assert on_model.issued_g == 2_166_860 * T
    assert on_model.buffer_g == 323_935 * T
    assert on_model.retirements == on_model.intervals_equal == 100
    assert on_model.retired_g == 639_718 * T
    assert on_model.opening_g == 1_525 * T
    assert on_model.findings == on_model.unlike == on_model.refused == ()


def test_real_export_has_46_buffers(cercarbono: Path) -> None:
    rows = read_issuances(find_exports(cercarbono)[0])
    assert sum(row.is_buffer for row in rows) == 46
    assert sum(row.amount_t for row in rows if row.is_buffer) == 323_935
