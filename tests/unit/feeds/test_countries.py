"""Which country a text names."""

from __future__ import annotations

import pycountry
import pytest

from registry.feeds.countries import COUNTRY_MAX_CHARS, alpha_2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Brazil", "BR"),
        ("BRAZIL", "BR"),
        ("  viet  nam ", "VN"),
        ("Vietnam", "VN"),
        ("COTE D'IVOIRE", "CI"),
        ("Côte d\N{RIGHT SINGLE QUOTATION MARK}Ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("Taiwan", "TW"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Congo", "CG"),
        ("Congo, The Democratic Republic of The", "CD"),
        ("Congo the Democratic Republic of the", "CD"),
        ("Democratic Republic of the Congo", "CD"),
        ("Tanzania United Republic of", "TZ"),
        ("South Korea", "KR"),
        ("Korea, Republic of", "KR"),
        ("St. Lucia", "LC"),
        ("U.S.A.", "US"),
        ("United States of America", "US"),
        ("US", "US"),
        ("CHL", "CL"),
        ("UK", "GB"),
        ("Brasil", "BR"),
        ("Korea, Rep. of", "KR"),
        ("Congo, DRC", "CD"),
        ("Dem. Rep. of Congo", "CD"),
        ("COTE D IVOIRE", "CI"),
        ("P.R. China", "CN"),
        ("Macedonia, The former Yugoslav Republic of", "MK"),
        ("Palestinian Territory, Occupied", "PS"),
    ],
)
def test_alpha_2_reads_names_as_registries_write_them(text: str, code: str | None) -> None:
    assert alpha_2(text) == code


@pytest.mark.parametrize(
    "text",
    ["", " ", "International", "Kenya; Uganda", "No", "us", "Korea", "x" * (COUNTRY_MAX_CHARS + 1)],
)
def test_alpha_2_names_none_when_the_text_names_not_one_country(text: str) -> None:
    assert alpha_2(text) is None


def test_alpha_2_reads_every_name_and_code_of_iso() -> None:
    # No two names are equal once case, accents and order are gone: else one would be read wrongly.
    for country in pycountry.countries:
        names = [getattr(country, name, None) for name in ("name", "common_name", "official_name")]
        for text in (*filter(None, names), country.alpha_2, country.alpha_3):
            assert alpha_2(text) == country.alpha_2
