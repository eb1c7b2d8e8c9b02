"""Countries as registries write them, as ISO 3166-1 alpha-2 codes."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

COUNTRY_MAX_CHARS = 100
"""Longest text that is looked at; the longest name in ISO 3166 has 52 characters."""

_OTHER_NAMES = {
    "Bosnia": "BA",
    "Brasil": "BR",
    "Brunei": "BN",
    "Burma": "MM",
    "Cape Verde": "CV",
    "Congo Brazzaville": "CG",
    "Congo DRC": "CD",
    "Congo Kinshasa": "CD",
    "Cote d Ivoire": "CI",
    "Dem. Rep. Congo": "CD",
    "Democratic Republic of the Congo (DRC)": "CD",
    "DR Congo": "CD",
    "DRC": "CD",
    "East Timor": "TL",
    "España": "ES",
    "Great Britain": "GB",
    "Holland": "NL",
    "Ivory Coast": "CI",
    "Korea Rep.": "KR",
    "Lao PDR": "LA",
    "Laos PDR": "LA",
    "Libyan Arab Jamahiriya": "LY",
    "Macau": "MO",
    "Macedonia": "MK",
    "Macedonia, the former Yugoslav Republic of": "MK",
    "Micronesia": "FM",
    "PR China": "CN",
    "Palestine": "PS",
    "Palestinian Territory, Occupied": "PS",
    "Russia": "RU",
    "Swaziland": "SZ",
    "Turkey": "TR",
    "UAE": "AE",
    "UK": "GB",
    "USA": "US",
    "Vatican City": "VA",
}
"""Names in use that ISO 3166 does not list."""

_PASSED_OVER = frozenset({"the", "of", "and"})


@lru_cache(maxsize=10_000)
def alpha_2(text: str) -> str | None:
    """Say which one country a text names.

    Letter case, accents, punctuation and the order of words make no difference, so that
    "COTE D'IVOIRE" and "Congo, The Democratic Republic of the" are read. ISO's codes are read in
    capitals only: "NO" is Norway and "No" is none.

    Returns:
        The alpha-2 code in capitals; None where the text names no country, or several.
    """
    if len(text) > COUNTRY_MAX_CHARS:
        return None
    codes, names = _known()
    return codes.get(text.strip()) or names.get(_key(text))


@cache
def _known() -> tuple[dict[str, str], dict[str, str]]:
    # Imported on first use: it reads its tables from disk, and most commands name no country.
    import pycountry

    codes: dict[str, str] = {}
    names = {_key(name): code for name, code in _OTHER_NAMES.items()}
    for country in pycountry.countries:
        code = country.alpha_2
        codes[code] = codes[country.alpha_3] = code
        for attribute in ("name", "common_name", "official_name"):
            name = getattr(country, attribute, None)
            if name:
                names[_key(name)] = code
    return codes, names


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(
        character if character.isalnum() else " "
        for character in plain
        if not unicodedata.combining(character)
        and character not in "'.\N{RIGHT SINGLE QUOTATION MARK}"
    )
    words = ("saint" if word == "st" else word for word in kept.split())
    return " ".join(sorted(word for word in words if word not in _PASSED_OVER))
