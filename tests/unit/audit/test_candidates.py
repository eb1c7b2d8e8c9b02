"""Pairs of projects that may be one activity: what makes two alike, and what tells them apart."""

from __future__ import annotations

import random
import tracemalloc
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from registry.audit.candidates import CANDIDATES, CROWD_MAX, candidates
from registry.records.tables import LINKS, PROJECTS


def project(registry, project, name, **fields):
    row = dict.fromkeys(PROJECTS.names)
    row |= {"source": f"{registry}.csv", "keeper": "feed", "record": project}
    return row | {"registry": registry, "project": project, "name": name, "country": "CO"} | fields


def link(registry, project, other_project, other_registry=None, **fields):
    row = dict.fromkeys(LINKS.names)
    row |= {"source": f"{registry}.csv", "keeper": "feed", "record": f"link {project}"}
    row |= {"registry": registry, "project": project}
    return row | {"other_registry": other_registry, "other_project": other_project} | fields


def found(*projects, links=()):
    tables = {
        "projects": pa.Table.from_pylist(list(projects), schema=PROJECTS),
        "links": pa.Table.from_pylist(list(links), schema=LINKS),
    }
    table = candidates(tables)
    assert table.schema == CANDIDATES
    return table.to_pylist()


def pair(one, two, **fields):
    """Score two names at two registries; None where they are no candidate."""
    rows = found(project("Verra", "1", one, **fields), project("CDM", "2", two, **fields))
    assert len(rows) < 2
    return rows[0]["score"] if rows else None


def moment(year):
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Proyecto Hidroeléctrico Guavio", "PROYECTO HIDROELECTRICO GUAVIO"),
        ("Proyecto Hidroeléctrico Guavio", "Guavio Hydropower Plant"),
        ("Guavio Menor hydro", "Menor Guavio Hydroelectric Project"),
        ("Reforestation at Flor y Nuevo", "Flor y Nuevo: Reforestation"),
        ("Quimbo wind farm Phase II", "Quimbo Wind Farm, phase 2"),
        ("A-Gas 1-2025", "A-GAS 1-2025"),
        ("GS12856-VPA-3 Water filters in Inírida", "Inirida Water Filters VPA 03"),
        ("Cartagena Landfill Gas Project", "Captura de biogás en el relleno sanitario Cartagena"),
        ("Bei Yuntai CMM Project", "Beiyuntai CMM Power Generation"),
        ("Cartagena landfill", "Cartagnea landfill"),
    ],
)
def test_candidates_finds_one_name_in_two_spellings(one, two):
    score = pair(one, two)
    assert score is not None
    assert score == pair(two, one)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Quimbo wind farm Phase II", "Quimbo wind farm Phase III"),
        ("Porce III", "Porce II"),
        ("Porce", "Porce II"),
        ("A-Gas 1-2025", "A-Gas 2-2025"),
        ("A-Gas 1-2025", "A-Gas 1-2024"),
        ("A-Gas V1", "A-Gas V10"),
        ("Stoves in Nyando VPA-1", "Stoves in Nyando VPA-2"),
        ("Guavio Hydro", "Guavio Menor Hydro"),
        ("Family Forest Carbon North", "Family Forest Carbon South"),
        ("Guavio Hydropower", "Guavio Solar Park"),
        ("Electric Mobility Program", "Electric Mobility Project"),
        ("REDD+ Project", "REDD+ Project"),
        ("-", "-"),
        ("", ""),
        (None, None),
    ],
)
def test_candidates_tells_apart_what_is_numbered_or_named_otherwise(one, two):
    same = {"developer": "A-Gas US Inc.", "sector": "x"}
    assert pair(one, two, **same) is None


def test_candidates_tells_sisters_of_one_developer_apart():
    same = {"developer": "Forestry Consulting Group S.A.S.", "methodology": "AR-ACM0003"}
    assert pair("Carbono Agroporvanda", "Carbono Agrorios", **same) is None
    assert pair("Carbono Bagatela", "Carbono Reforesta", **same) is None


GENERAL = {"developer": "Bosques", "methodology": "AR-ACM0003", "start_s": moment(2012)}


@pytest.mark.parametrize("left_out", ["methodology", "start_s", None])
@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Sierra reforestation", "Sierra reforestation"),
        ("Sierra reforestation", "REFORESTATION PROJECT, SIERRA"),
        ("Sierra II", "Sierra, phase 2"),
    ],
)
def test_candidates_finds_one_developer_s_general_name_in_one_country(one, two, left_out):
    same = {key: value for key, value in GENERAL.items() if key != left_out}
    score = pair(one, two, **same)
    assert score is not None
    assert score == pair(two, one, **same)


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Costa reforestation"},
        {"name": "Sierra reforestation II"},
        {"name": "Sierra solar park"},
        {"developer": "Maderas del Norte"},
        {"developer": None},
        {"country": "PE"},
        {"country": None},
        {"methodology": "AR-AMS0007"},
        {"start_s": moment(2014)},
        {"latitude": 4.72, "longitude": -73.48},
    ],
)
def test_candidates_tells_general_names_apart_by_whatever_else_differs(other):
    fields = {"name": "Sierra reforestation", **GENERAL}
    one = project("Verra", "1", **fields, latitude=8.0, longitude=-73.0)
    two = project("CDM", "2", **{**fields, **other})
    assert found(one, two) == []


def test_candidates_miss_a_general_name_under_two_spellings_of_a_developer():
    one = project("Verra", "1", "Sierra reforestation", **GENERAL)
    two = project("CDM", "2", "Sierra reforestation", **{**GENERAL, "developer": "Bosqes"})
    assert found(one, two) == []


def test_candidates_says_what_speaks_for_a_pair():
    rows = found(
        project(
            "EcoRegistry",
            "CDC-7",
            "Proyecto Hidroeléctrico Guavio",
            developer="Enel Colombia S.A. E.S.P.",
            methodology="CDM - ACM0002: Grid-connected electricity generation",
            latitude=4.72,
            longitude=-73.48,
        ),
        project(
            "CDM",
            "99",
            "Guavio Hydroelectric Project",
            developer="ENEL COLOMBIA SA ESP",
            methodology="ACM0002",
            latitude=4.725,
            longitude=-73.48,
        ),
    )
    (row,) = rows
    assert (row["registry"], row["project"]) == ("CDM", "99")
    assert (row["other_registry"], row["other_project"]) == ("EcoRegistry", "CDC-7")
    assert (row["name"], row["other_name"]) == ("CDM.csv:99", "EcoRegistry.csv:CDC-7")
    assert (row["keeper"], row["linked"], row["link"]) == ("feed", False, None)
    assert row["score"] > 0.95
    assert row["evidence"] == (
        "same name, same developer, 0.5 km apart, same methodology, same country"
    )


@pytest.mark.parametrize("suffix", ["", " S.A.S.", " SAS", " S A S", " Limited", " Pvt. Ltd."])
def test_candidates_passes_over_legal_forms_of_developers(suffix):
    (row,) = found(
        project("Verra", "1", "Quimbo hydro", developer="Verdea Energía"),
        project("CDM", "2", "Quimbo hydro", developer="VERDEA ENERGIA" + suffix),
    )
    assert "same developer" in row["evidence"]


def test_candidates_compares_one_country_only_but_any_with_an_unknown_one():
    one = project("Verra", "1", "Quimbo Guavio hydro")
    assert found(one, project("CDM", "2", "Quimbo Guavio hydro", country="PE")) == []
    (known,) = found(one, project("CDM", "2", "Quimbo Guavio hydro"))
    (unknown,) = found(one, project("CDM", "2", "Quimbo Guavio hydro", country=None))
    assert 0.5 <= unknown["score"] < known["score"]
    assert "country" not in unknown["evidence"]


def test_candidates_are_of_two_registries_and_of_one_keeper():
    name = "Quimbo hydro"
    assert found(project("Verra", "1", name), project("Verra", "2", name)) == []
    assert found(project("Verra", "1", name), project("CDM", "2", name, keeper="meta")) == []


def test_candidates_puts_publications_of_one_project_together():
    (row,) = found(
        project("Verra", "1", "Quimbo hydro", source="a.csv"),
        project("Verra", "1", None, source="b.csv", developer="Verdea"),
        project("CDM", "2", "Quimbo hydro", developer="Verdea SAS"),
    )
    assert row["other_name"] == "a.csv:1"
    assert "same developer" in row["evidence"]


# Two points of one site, 1.1 km apart at most; each site is met from either side.
@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((4.72, -73.48), (4.725, -73.48)),
        ((-16.8, 179.998), (-16.8, -179.998)),
        ((89.999, 0.0), (89.999, 180.0)),
        ((-90.0, 12.0), (-90.0, -77.0)),
        ((0.0, 6.6), (0.0, 6.601)),
    ],
)
def test_candidates_finds_one_site_under_two_names(one, two):
    same = {"developer": "Verdea", "methodology": "VM0007", "start_s": moment(2012)}
    (row,) = found(
        project("Verra", "1", "Pirá REDD+", latitude=one[0], longitude=one[1], **same),
        project("CDM", "2", "Baka REDD+", latitude=two[0], longitude=two[1], **same),
    )
    assert "km apart" in row["evidence"]
    assert row["score"] < 0.9


@pytest.mark.parametrize(
    "point",
    [(0.0, 0.0), (91.0, 5.0), (5.0, 181.0), (float("nan"), 5.0), (float("inf"), 5.0), (None, 5.0)],
)
def test_candidates_passes_over_points_that_are_nowhere(point):
    same = {"latitude": point[0], "longitude": point[1], "start_s": moment(2012)}
    same |= {"developer": "Verdea", "methodology": "VM0007"}
    assert pair("Pirá REDD+", "Baka REDD+", **same) is None
    (row,) = found(
        project("Verra", "1", "Pirá REDD+", **same), project("CDM", "2", "Pirá REDD+", **same)
    )
    assert "apart" not in row["evidence"]


def test_candidates_counts_against_a_pair_what_is_far_apart_or_of_another_size():
    name = "Quimbo Guavio solar park"
    alone = pair(name, name)
    near, far = (
        found(
            project("Verra", "1", name, latitude=4.0, longitude=-73.0),
            project("CDM", "2", name, latitude=latitude, longitude=-73.0),
        )
        for latitude in (4.001, 9.0)
    )
    assert near[0]["score"] > alone
    assert not far or far[0]["score"] < alone
    assert pair(f"{name} 20 MW", f"20MW {name}") > alone
    other = pair(f"{name} 20 MW", f"{name} 35 MW")
    assert other is None or other < alone


def test_candidates_keep_a_declared_link_whatever_it_looks_like():
    rows = found(
        project("ACR", "586", "18 Reserves"),
        project("Verra", "7", "Something else", country="PE"),
        links=[link("ACR", "586", "7", "Verra")],
    )
    (row,) = rows
    assert (row["linked"], row["link"]) == (True, "ACR.csv:link 586")
    assert row["score"] < 0.5
    assert row["evidence"] == "declared link"


def test_candidates_keep_a_link_to_a_project_that_is_not_there():
    (row,) = found(links=[link("ACR", "586", "CAFR1", "ARB")])
    assert (row["registry"], row["other_registry"]) == ("ACR", "ARB")
    assert (row["name"], row["score"], row["linked"]) == (None, None, True)


def test_candidates_resolve_a_link_that_names_no_registry():
    projects = [
        project("CDM", "77", "Quimbo hydro"),
        project("GS", "8", "Quimbo hydro"),
        project("GS", "77", "Nothing of the kind"),
    ]
    rows = found(*projects, links=[link("GS", "8", "77")])
    assert [(row["project"], row["other_project"], row["linked"]) for row in rows] == [
        ("77", "8", True)
    ]
    assert rows[0]["evidence"] == "declared link, same name, same country"
    assert found(*projects[1:], links=[link("GS", "8", "77")]) == []


def test_candidates_have_one_row_where_both_sides_declare_it():
    rows = found(
        links=[link("CDM", "1", "2", "Verra"), link("Verra", "2", "1", "CDM")],
    )
    assert [row["link"] for row in rows] == ["CDM.csv:link 1"]


def test_candidates_of_nothing_are_none():
    assert candidates({}).num_rows == 0
    assert found() == []
    assert found(project("Verra", "1", None, country=None)) == []


def test_candidates_do_not_depend_on_the_order_of_rows():
    names = [f"{place} hydro" for place in ("Quimbo", "Guavio", "Porce", "Guavía", "Quimba")]
    projects = [
        project(registry, str(number), name)
        for number, name in enumerate(names * 3)
        for registry in ("Verra", "CDM", "ICR")
    ]
    rows = found(*projects)
    assert rows
    for seed in range(3):
        random.Random(seed).shuffle(projects)
        assert found(*projects) == rows


def test_candidates_do_not_keep_all_pairs_in_memory_at_once():
    rng = random.Random(3)
    words = ["".join(rng.choices("bcdfghjklmnprstv", k=6)) for _ in range(12)]
    projects = [
        project(("Verra", "CDM")[number % 2], str(number), " ".join(rng.sample(words, 3)))
        for number in range(700)
    ]
    tables = {"projects": pa.Table.from_pylist(projects, schema=PROJECTS)}
    found(*projects[:2])
    tracemalloc.start()
    candidates(tables)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Of 115,000 pairs, each a tuple of two ints in a set.
    assert peak < 8_000_000, peak


def test_candidates_take_no_notice_of_what_too_many_share():
    few = [project("Verra", str(at), "Yunnan hydro") for at in range(CROWD_MAX - 1)]
    other, last = project("CDM", "1", "Yunnan hydro"), project("Verra", "last", "Yunnan hydro")
    assert len(found(*few, other)) == CROWD_MAX - 1
    assert found(*few, other, last) == []


@pytest.mark.parametrize(
    "name",
    [
        "云南水电站",
        "Ñandú " * 5_000,
        "\x00",
        "II",
        "1 2 3",
        "²",
        "፩",
        "٣",
        "ﬁ",
        "a" * 100_000,
        "i\u0307",
    ],
)
def test_candidates_read_any_name(name):
    found(project("Verra", "1", name), project("CDM", "2", name, developer=name))
