"""DI-5: one activity issued in two programmes."""

from __future__ import annotations

from datetime import UTC, datetime

from registry.audit.run import SETTINGS
from registry.units import GRAMS_PER_TONNE

T = GRAMS_PER_TONNE


def year(number):
    return int(datetime(number, 1, 1, tzinfo=UTC).timestamp())


def publish(books, registry, project, name="Guavio Hydropower Plant", **fields):
    row = {"registry": registry, "name": name, "country": "CO", "start_s": year(2010)}
    return books.project(project, **row | fields)


def issue(books, registry, project, tonnes=5, **fields):
    row = {"keeper": "feed", "registry": registry, "project": project, "scope": None}
    row |= {"amount_g": tonnes * T, "vintage": 2012, "at_s": year(2014)}
    return books.issued(None, None, **row | fields)


def found(books, **kwargs):
    return books.audit("DI-5", **kwargs)


def test_catches_one_name_at_two_registries(books):
    records = {
        publish(books, "CDM", "77"),
        publish(books, "EcoRegistry", "CDC-7", "Proyecto Hidroeléctrico Guavio"),
        issue(books, "CDM", "77", 5, at_s=year(2014)),
        issue(books, "EcoRegistry", "CDC-7", 3, at_s=year(2015)),
    }
    (finding,) = found(books)
    assert (finding.code, finding.level) == ("DI-5", "candidate")
    assert finding.registries == ("CDM", "EcoRegistry")
    assert (finding.scope, finding.start_g, finding.end_g, finding.batch) == (None,) * 4
    assert finding.amount_g == 3 * T
    assert set(finding.records) == records
    assert finding.detectable_at == year(2015)
    assert finding.cleared_at is None
    assert finding.clears_when == (
        "the registries show that these are two activities, or that one of them took back what "
        "both issued; evidence: same name, same country"
    )


def test_catches_a_declared_link_between_projects_that_are_not_there(books):
    records = {
        books.linked("586", "CAFR1", registry="ACR", other_registry="ARB"),
        issue(books, "ACR", "586", 9),
        issue(books, "ARB", "CAFR1", 9),
    }
    (finding,) = found(books)
    assert finding.registries == ("ACR", "ARB")
    assert set(finding.records) == records
    assert finding.clears_when.endswith("evidence: declared link")


def test_catches_what_was_issued_for_the_same_time_only(books):
    publish(books, "CDM", "77")
    publish(books, "Verra", "8")
    period = {"period_start_s": year(2012), "period_end_s": year(2013)}
    before = {"period_start_s": year(2010), "period_end_s": year(2012)}
    issue(books, "CDM", "77", 100, **before)
    issue(books, "CDM", "77", 7, **period)
    issue(books, "CDM", "77", 6, **period)
    issue(books, "Verra", "8", 50)
    (finding,) = found(books)
    assert finding.amount_g == 13 * T


def test_catches_totals_over_crediting_periods(books):
    publish(books, "CDM", "77", issued_g=8 * T, end_s=year(2020))
    publish(books, "Verra", "8", issued_g=6 * T, start_s=year(2019))
    (finding,) = found(books)
    assert finding.amount_g == 6 * T
    assert finding.detectable_at is None
    assert len(finding.records) == 2


def test_catches_an_issuance_without_time_over_its_crediting_period(books):
    publish(books, "CDM", "77")
    publish(books, "Verra", "8")
    issue(books, "CDM", "77", vintage=None)
    issue(books, "Verra", "8", at_s=None)
    (finding,) = found(books)
    assert finding.detectable_at is None


def test_near_miss_the_next_phase(books):
    publish(books, "CDM", "77", "Porce II")
    publish(books, "Verra", "8", "Porce III")
    issue(books, "CDM", "77")
    issue(books, "Verra", "8")
    assert found(books) == ()


def test_near_miss_only_one_side_issued(books):
    publish(books, "CDM", "77", issued_g=8 * T)
    publish(books, "Verra", "8", issued_g=0)
    issue(books, "CDM", "77")
    issue(books, "Verra", "8", 0)
    issue(books, "Verra", "8", 9, restates=True)
    assert found(books) == ()


def test_near_miss_periods_that_touch(books):
    publish(books, "CDM", "77")
    publish(books, "Verra", "8")
    issue(books, "CDM", "77", vintage=2012)
    issue(books, "Verra", "8", vintage=2013)
    assert found(books) == ()


def test_look_alike_project_that_moved_and_went_on_at_another_registry(books):
    publish(books, "CDM", "77", end_s=year(2015), issued_g=9 * T)
    publish(books, "Verra", "8", start_s=year(2015), issued_g=9 * T)
    books.linked("8", "77", registry="Verra", other_registry="CDM")
    assert found(books) == ()


def test_look_alike_conversion_of_credits_stays_a_candidate_with_its_link(books):
    link = books.linked("586", "CAFR1", registry="ACR", other_registry="ARB")
    issue(books, "ACR", "586")
    issue(books, "ARB", "CAFR1", origin="586")
    books.converted("586", 0, 5 * T)
    (finding,) = found(books)
    assert finding.level == "candidate"
    assert link in finding.records


def test_look_alike_sisters_of_one_developer(books):
    same = {"developer": "Forestry Group S.A.S.", "methodology": "AR-ACM0003"}
    publish(books, "CDM", "77", "Carbono Agroporvanda", **same)
    publish(books, "Verra", "8", "Carbono Agrorios", **same)
    issue(books, "CDM", "77")
    issue(books, "Verra", "8")
    assert found(books) == ()


def test_misses_an_activity_under_two_names(books):
    publish(books, "CDM", "77", "Pirá Paraná REDD+")
    publish(books, "Verra", "8", "Baka Rokarire REDD+")
    issue(books, "CDM", "77")
    issue(books, "Verra", "8")
    assert found(books) == ()


def test_misses_publications_of_different_keepers_and_what_has_no_time(books):
    publish(books, "CDM", "77", start_s=None)
    publish(books, "Verra", "8")
    publish(books, "ICR", "9", keeper="meta")
    issue(books, "CDM", "77", vintage=None)
    issue(books, "Verra", "8")
    issue(books, "ICR", "9", keeper="meta")
    assert found(books) == ()


def test_catches_a_link_only_from_when_it_was_declared(books):
    books.linked("586", "CAFR1", registry="ACR", other_registry="ARB", at_s=year(2020))
    issue(books, "ACR", "586")
    issue(books, "ARB", "CAFR1")
    assert found(books, as_of_s=year(2019)) == ()
    assert len(found(books, as_of_s=year(2020))) == 1


def test_catches_the_same_whatever_the_order_of_rows(books, new_books):
    for number in range(4):
        publish(books, "CDM", f"7{number}", f"Guavio {number} hydro")
        publish(books, "Verra", str(number), f"Hydro Guavio {number}")
        for _ in range(3):
            issue(books, "CDM", f"7{number}", number + 1)
            issue(books, "Verra", str(number), 9)
    whole = found(books)
    assert len(whole) == 4
    for seed in range(3):
        shuffled = new_books()
        shuffled.rows = {
            name: table.to_pylist() for name, table in books.tables(shuffle=seed).items()
        }
        assert found(shuffled) == whole


def test_catches_nothing_odd_in_odd_years(books):
    publish(books, "CDM", "77")
    publish(books, "Verra", "8")
    for vintage in (0, -5, 10_000, 2_147_483_647, 9_999):
        issue(books, "CDM", "77", vintage=vintage)
    issue(books, "Verra", "8", period_start_s=year(2013), period_end_s=year(2012))
    (finding,) = found(books)
    assert finding.amount_g == 5 * T


def test_takes_little_room_for_many_links_to_one_project(books, monkeypatch):
    # All issuances of all pairs beside each other take gigabytes.
    monkeypatch.setitem(SETTINGS, "memory_limit", "300MB")
    for number in range(1_000):
        books.linked(f"{number}", "7", registry="ACR", other_registry="ARB")
        issue(books, "ACR", f"{number}", 2)
        issue(books, "ARB", "7", 3, period_start_s=number, period_end_s=number + 10**9 * 3)
    assert [finding.amount_g for finding in found(books)] == [2 * T] * 1_000
