from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest

from registry.errors import IdentifierError, InputError
from registry.operators.numbering import base_of, check_scope, describe, scope_for
from registry.operators.profiles import profile_of
from registry.records.interval import Interval
from registry.serials.grammar import parse

T = 1_000_000


def scope(registry: str, **changed: Any) -> str:
    given: dict[str, Any] = {"country": "IS", "project": 7, "verification": 2, "vintage": 2024}
    return scope_for(profile_of(registry), **{**given, **changed})


@pytest.mark.parametrize(
    ("registry", "changed", "text"),
    [
        ("ICR", {}, "ICR-ISL-354-7-14-A-0-2024"),
        ("ICR", {"removal": True, "sector": 15}, "ICR-ISL-354-7-15-R-0-2024"),
        ("ICR", {"buffer": True}, "ICR-ISL-354-7-14-A-0-2024"),
        ("ICR", {"country": "ES"}, "ICR-ESP-34-7-14-A-0-2024"),
        ("ICR", {"country": "UA"}, "ICR-UKR-380-7-14-A-0-2024"),
        ("ICR", {"country": "GB"}, "ICR-GBR-44-7-14-A-0-2024"),
        ("ICR", {"country": "US"}, "ICR-USA-1-7-14-A-0-2024"),
        ("ICR", {"country": "AS"}, "ICR-ASM-1-684-7-14-A-0-2024"),
        ("ICR", {"country": "VA"}, "ICR-VAT-39-7-14-A-0-2024"),
        ("EcoRegistry", {}, "CDC_7_1_1_321_14_XX_XA_IS_1_2_2024"),
        ("EcoRegistry", {"buffer": True}, "CDC_7_1_1_321_14_XX_XA_IS_1_2_BFC_2024"),
        ("EcoRegistry", {"country": "GB", "sector": 1}, "CDC_7_1_1_321_1_XX_XA_GB_1_2_2024"),
        ("Verra", {}, "Verra-IS-7-2024"),
        ("S&P Global", {"removal": True, "buffer": True}, "S&P.Global-IS-7-2024"),
    ],
)
def test_scope_for_writes_each_registrys_style(
    registry: str, changed: dict[str, Any], text: str
) -> None:
    assert scope(registry, **changed) == text
    assert base_of(text) == 1


def test_scope_for_gives_an_icr_vintage_one_scope_for_all_verifications() -> None:
    assert scope("ICR", verification=1) == scope("ICR", verification=2)
    assert scope("EcoRegistry", verification=1) != scope("EcoRegistry", verification=2)


def test_scope_for_keeps_registries_apart_whose_names_differ_in_punctuation() -> None:
    names = [
        "A B",
        "A-B",
        "A.B",
        "A  B",
        "A_B",
        "A/B",
        "\u78b3",
        "\u6797",
        "-",
        "icr",
        "ecoregistry",
    ]
    scopes = [scope(name) for name in names]
    assert len(set(scopes)) == len(names)
    assert [base_of(text) for text in scopes] == [1] * len(names)


@pytest.mark.parametrize("registry", ["ICR", "EcoRegistry", "Verra"])
@pytest.mark.parametrize(
    "country", ["XX", "ZZ", "is", "ISL", "", "I", "\u0130S", "I\n", None, 354, "UK", "EU"]
)
def test_scope_for_refuses_an_unknown_country(registry: str, country: str) -> None:
    with pytest.raises(IdentifierError, match="country"):
        scope(registry, country=country)


def test_scope_for_refuses_a_country_without_telephone_code_for_icr_only() -> None:
    with pytest.raises(IdentifierError, match="a telephone code"):
        scope("ICR", country="AQ")
    assert scope("EcoRegistry", country="AQ") == "CDC_7_1_1_321_14_XX_XA_AQ_1_2_2024"


@pytest.mark.parametrize(
    "changed",
    [
        {"project": 0},
        {"project": 2**63},
        pytest.param({"project": 10**5000}, id="huge"),
        {"project": True},
        {"project": "7"},
        {"verification": 0},
        {"verification": 1000},
        {"vintage": 1899},
        {"vintage": 2100},
        {"vintage": 2024.0},
        {"sector": 0},
        {"sector": 100},
    ],
)
def test_scope_for_refuses_numbers_out_of_range(changed: dict[str, Any]) -> None:
    with pytest.raises(IdentifierError, match=next(iter(changed))):
        scope("ICR", **changed)


@pytest.mark.parametrize("registry", ["", " ICR", "@operator", "a\0b", None])
def test_scope_for_refuses_what_names_no_registry(registry: str) -> None:
    with pytest.raises(InputError):
        scope(registry)


def test_base_of_knows_the_oldest_ecoregistry_serials() -> None:
    assert base_of("CDC_1_1_1_321_14_1") == 0
    assert base_of("CDC_1_1_1_321_14_1_2008") == 1


@pytest.mark.parametrize("text", ["", "X", "Verra-IS-0-2024", "Verra-IS-7-24", "-IS-7-2024", None])
def test_base_of_refuses_other_text(text: str) -> None:
    with pytest.raises(IdentifierError):
        base_of(text)


def test_describe_prints_a_line_per_interval_in_order() -> None:
    batch = scope("ICR", project=1)
    intervals = [Interval(250 * T, 251 * T), Interval(0, 250 * T)]
    assert describe(batch, intervals) == (f"{batch} 251", f"{batch} 1-250")
    assert describe(batch, [Interval(0, 250 * T + T // 2)]) == (
        "ICR-ISL-354-1-14-A-0-2024 1-250 + 0.5 t of 251",
    )
    assert describe("CDC_1_1_1_321_14_1", [Interval(0, T)]) == ("CDC_1_1_1_321_14_1 from 0 to 0",)
    assert describe(batch, []) == ()


def test_scopes_parse_back() -> None:
    assert parse(scope("ICR", country="AS")).get("calling_code") == "1-684"
    assert parse(scope("EcoRegistry", buffer=True)).is_buffer


@pytest.mark.parametrize(
    ("registry", "text", "expected"),
    [
        ("ICR", "icr-isl-354-7-14-a-0-2024", "expected it as ICR-ISL-354-7-14-A-0-2024"),
        ("EcoRegistry", "CDC_1_1_1_321_14_1 from 0 to 5", "expected it as CDC_1_1_1_321_14_1"),
        ("ACR", "ACR-US-1185-2025-3078-1 to 5", "expected a scope such as ACR-IS-1-2023"),
        ("Gold Standard", "GS1-1-UG-GS1-16-2024-3-1-9", "such as Gold.Standard-IS-1-2023, not a"),
    ],
)
def test_check_scope_says_what_it_would_take(registry: str, text: str, expected: str) -> None:
    with pytest.raises(IdentifierError, match=expected):
        check_scope(text, profile_of(registry))
    (named,) = re.findall("(?:as|such as) ([^ ,]+)", expected)
    assert check_scope(named, profile_of(registry)) == named


def test_numbering_imports_country_tables_late() -> None:
    code = (
        "import sys, registry.operators.numbering\n"
        "sys.exit(bool({'pycountry', 'phonenumbers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
