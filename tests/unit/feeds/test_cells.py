from __future__ import annotations

from datetime import UTC, datetime

import pytest

from registry.errors import FeedError
from registry.feeds.cells import Cells, Columns
from registry.units import AMOUNT_MAX_G


def cell(text: str, column: str = "n") -> Cells:
    return Cells(Columns("file.csv", [column]), 7, [text])


def seconds(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("79565", 79565),
        ("79565.0", 79565),
        (" 12 ", 12),
        ("9223372036854775807", 2**63 - 1),
    ],
)
def test_whole_reads_plain_digits(text: str, number: int) -> None:
    assert cell(text).whole("n") == number


@pytest.mark.parametrize(
    "text",
    ["", "1_000", "1e3", "1,000", "1.5", "1,5", "-1", "+1", "٣", "\uff11", "NaN", "#REF!", "0x10",
     "007", "1 000", "9223372036854775808", "1.0000001", "1.", ".0", "inf"],
)  # fmt: skip
def test_whole_refuses_everything_else(text: str) -> None:
    with pytest.raises(FeedError) as refused:
        cell(text).whole("n")
    assert (refused.value.path, refused.value.row, refused.value.column) == ("file.csv", 7, "n")


@pytest.mark.parametrize(("text", "number"), [("1,454,054", 1_454_054), ("999", 999)])
def test_whole_reads_groups_of_thousands_where_they_are_lawful(text: str, number: int) -> None:
    assert cell(text).whole("n", commas=True) == number


@pytest.mark.parametrize("text", ["1,45", "1454,054", "1.454.054", ",454", "0,454", "1,454,05"])
def test_whole_refuses_other_groups(text: str) -> None:
    with pytest.raises(FeedError):
        cell(text).whole("n", commas=True)


def test_tonnes_are_grams_up_to_the_bound() -> None:
    most_t = AMOUNT_MAX_G // 1_000_000
    assert cell(str(most_t)).tonnes("n") == most_t * 1_000_000
    with pytest.raises(FeedError, match="at most"):
        cell(str(most_t + 1)).tonnes("n")


def test_kilograms_are_grams() -> None:
    assert cell("2710062").kilograms("n") == 2_710_062_000


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-04-03", (2026, 4, 3)),
        ("2026-04-03 07:05:09", (2026, 4, 3, 7, 5, 9)),
        ("2026-04-03T07:05:09.842275", (2026, 4, 3, 7, 5, 9)),
        ("2019-03-07T18:33:46.000Z", (2019, 3, 7, 18, 33, 46)),
        ("2026-04-03T07:05:09+02:00", (2026, 4, 3, 5, 5, 9)),
        ("2026-04-03T07:05-0530", (2026, 4, 3, 12, 35)),
        ("1969-12-31", (1969, 12, 31)),
    ],
)
def test_when_reads_iso_days_and_moments(text: str, moment: tuple[int, ...]) -> None:
    assert cell(text).when("n") == seconds(*moment)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("3/24/2026 9:08:01 PM", (2026, 3, 24, 21, 8, 1)),
        ("12/1/2022 12:05:15 AM", (2022, 12, 1, 0, 5, 15)),
        ("12/1/2022 12:05:15 PM", (2022, 12, 1, 12, 5, 15)),
        ("04/08/2026", (2026, 4, 8)),
    ],
)
def test_when_reads_month_first_where_that_is_the_custom(
    text: str, moment: tuple[int, ...]
) -> None:
    assert cell(text).when("n", us=True) == seconds(*moment)
    with pytest.raises(FeedError, match=r"a date such as 2026-04-03, got"):
        cell(text).when("n")


@pytest.mark.parametrize(
    "text",
    ["2023-02-30", "2023-13-01", "0000-01-01", "2023-1-1", "2026-04-03T24:00:00", "2026-04-03T1:60",
     "2026-04-03T01:00+15:00", "13/1/2026", "1/1/26", "1/1/2026 13:00:00 PM", "1/1/2026 0:00 AM",
     "٢٠٢٦-٠٤-٠٣", "45000", "", "2026-04-03Z", "NaT"],
)  # fmt: skip
def test_when_refuses_what_is_no_day(text: str) -> None:
    with pytest.raises(FeedError):
        cell(text).when("n", us=True)


def test_period_is_half_open_to_the_end_of_its_last_day() -> None:
    columns = Columns("file.csv", ["a", "b"])
    found = Cells(columns, 1, ["2024-01-01", "2024-12-31"]).period("a", "b")
    assert found == (seconds(2024, 1, 1), seconds(2025, 1, 1))
    assert Cells(columns, 1, ["", ""]).period("a", "b") == (None, None)
    for cells in (["2024-01-02", "2024-01-01"], ["2024-01-01", ""], ["", "2024-01-01"]):
        with pytest.raises(FeedError):
            Cells(columns, 1, cells).period("a", "b")


@pytest.mark.parametrize(("text", "year"), [("2024", 2024), ("2024.0", 2024)])
def test_year_reads_a_year(text: str, year: int) -> None:
    assert cell(text).year("n") == year


@pytest.mark.parametrize("text", ["24", "2024.5", "3024", "", "٢٠٢٤"])
def test_year_refuses_what_is_none(text: str) -> None:
    with pytest.raises(FeedError):
        cell(text).year("n")


def test_flag_reads_yes_and_no_in_any_case() -> None:
    assert [cell(text).flag_or_none("n") for text in ("Yes", "no", " ", "NO")] == [
        True, False, None, False
    ]  # fmt: skip
    with pytest.raises(FeedError, match="yes or no"):
        cell("maybe").flag_or_none("n")


def test_columns_are_found_whatever_their_spacing_and_case() -> None:
    columns = Columns("file.csv", ["Status  Effective\n(GMT) ", "", ""])
    assert columns.has("status effective (gmt)")
    assert columns.doubled is None
    assert Cells(columns, 1, ["x", "", ""]).text("Status Effective (GMT)") == "x"


def test_columns_say_which_stands_there_twice() -> None:
    assert Columns("file.csv", ["a", "Serial  Number", "serial number"]).doubled == "serial number"


def test_cells_beginning_like_formulas_come_back_unharmed() -> None:
    for text in ("=1+1", "+a", "-b", "@c"):
        assert cell(text).text("n") == text


def test_digest_is_of_what_is_said_whatever_the_order_of_columns() -> None:
    one = Columns("a.csv", ["a", "b", "Unnamed: 2"])
    other = Columns("b.csv", ["b", "a", "c"])
    assert one.digest(["1", "2", "x"]) == other.digest(["2", "1", ""])
    assert one.digest(["1", "2", ""]) != one.digest(["2", "1", ""])
    assert one.digest(["1", "2", ""]) != one.digest(["1", "2 ", ""])
