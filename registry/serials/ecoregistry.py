"""EcoRegistry's serials: 7 to 15 fields between underscores, three styles, two programmes.

    CDC_1_1_1_321_14_1                              oldest: no country, no year
    CDC_1_1_1_321_14_1_2008_BF                      oldest, a year; BF marks a buffer
    CDC_7_3_1_323_14_CO_1_2_2018                    older
    CDC_R_17_1_1_321_14_CO_1_1_2010                 older, an R before the project number
    CDC_8_1_1_321_14_R1_XA_CO_1_2_BFC_2018          new; a buffer's mark stands before the year
    CDB_1_46_253_99_12_3_30_GL_IN_CO_1_1_LTR_2019   biodiversity: two codes more

After any of them may stand the units that a retirement names: "from 4426 to 4971".

A serial stands for one project, verification, vintage and kind; an amount is attached, and
retirements name a range of units inside it. Serials of exactly 7 fields count from 0, all others
from 1: seen in the retirements of five serials of 7 fields and of seventeen longer ones. No public
retirement names a buffer, so that theirs count from 1 is the same rule, unobserved.

Project, sector, country and year were compared with the project data of 890 serials and never
differ; the verification number differs on 4 of them.
"""

from __future__ import annotations

import re

from registry.serials.parts import Parts, block_fields
from registry.serials.serial import UNKNOWN, Field, Serial, clean, number

REGISTRY = "EcoRegistry"
SHAPE = "CDC_18_5_11_321_14_XX_XA_CO_1_1_2021"
LOOKS = re.compile("(CDC|CDB)([-_ ].*)?|IC([_ ].*)?")

_RANGE_SHAPE = "CDC_1_1_1_321_14_1_2009 from 4426 to 4971"

_CODE = "[1-9][0-9]{0,5}"
_MARK = "BFC|BFI|BF|GB|LTR"
_PAIR = "(?P<x4>[A-Z0-9]{2})_(?P<x5>[A-Z0-9]{2})"
_PLACE = f"(?P<country>[A-Z]{{2}})_(?P<x6>{_CODE})"
_TAIL = (
    # Three digits, so that a missing verification number is not read out of the year.
    "_(?P<verification>[0-9]{1,3})"
    f"(?:_(?P<early>{_MARK}))?(?:_(?P<vintage>(?:19|20)[0-9]{{2}}))?(?:_(?P<late>{_MARK}))?"
)
_CARBON = re.compile(
    "(?P<prefix>CDC|IC)(?:_(?P<x0>R))?_(?P<project>[0-9]+)"
    f"_(?P<x1>{_CODE})_(?P<x2>{_CODE})_(?P<x3>{_CODE})_(?P<sector>[0-9]+)"
    f"(?:(?:_{_PAIR})?_{_PLACE})?{_TAIL}"
)
_BIODIVERSITY = re.compile(
    f"(?P<prefix>CDB)_(?P<project>[0-9]+)_(?P<x0>{_CODE})_(?P<methodology>{_CODE})"
    f"_(?P<x1>{_CODE})_(?P<x2>{_CODE})_(?P<x3>{_CODE})_(?P<sector>[0-9]+)"
    f"_{_PAIR}_{_PLACE}{_TAIL}"
)
_NUMBERS = {
    "project": "the project",
    "sector": "the sector",
    "verification": "the verification",
}
_MEANINGS = {
    "project": "project number",
    "methodology": "number of the methodology",
    "sector": "sector (of CDC and IC serials the CDM sectoral scope: 14 is land use)",
    "country": "host country, ISO 3166-1 alpha-2",
    "verification": "verification number",
    "vintage": "vintage year",
}
_PREFIX_MEANINGS = {"CDC": "carbon", "CDB": "biodiversity", "IC": UNKNOWN}
_MARK_MEANINGS = {
    "BF": "buffer",
    "BFC": "buffer (the C is not explained in public)",
    "BFI": "buffer (the I is not explained in public)",
    "GB": "global buffer",
    "LTR": "long-term reserve",
}


def parse(text: str) -> Serial:
    """Read one EcoRegistry serial of any style.

    Does not check that the country exists.

    Raises:
        IdentifierError: anything but the styles in the module's table; an internal code with
            leading zeros, because it is not public what such a code would equal.

    Source: the registry's public exports and API answers; the decoding is ours.
    """
    parts = Parts(REGISTRY, text)
    given = clean(text, spaced=True)
    bounds: list[str] = []
    if " " in given:
        given, *bounds = parts.range_to(given, _RANGE_SHAPE, joint=" FROM ")
    match = _CARBON.fullmatch(given) or _BIODIVERSITY.fullmatch(given)
    if not match or (match["early"] and match["late"]):
        count = given.count("_") + 1
        expected = f"expected fields such as {SHAPE}, got {count} that no known style has"
        raise parts.refused(expected)
    fields: list[Field] = []
    for name, value in match.groupdict().items():
        if value is not None:
            codes = sum(field.name.startswith("code_") for field in fields)
            fields.append(_field(text, name, value, codes))
    scope = canonical = "_".join(field.value for field in fields)
    base = 0 if len(fields) == 7 else 1
    first = last = None
    if bounds:
        first, last = parts.block(bounds[0], bounds[1], base)
        fields += block_fields(first, last)
        canonical = f"{scope} from {first} to {last}"
    return Serial(
        registry=REGISTRY,
        scope=scope,
        base=base,
        raw=text,
        canonical=canonical,
        fields=tuple(fields),
        first=first,
        last=last,
    )


def _field(text: str, name: str, value: str, codes: int) -> Field:
    if name in _NUMBERS:
        value = number(text, _NUMBERS[name], value)
    if name == "prefix":
        return Field(name, value, _PREFIX_MEANINGS[value])
    if name in ("early", "late"):
        return Field("buffer", value, _MARK_MEANINGS[value])
    if name in _MEANINGS:
        return Field(name, value, _MEANINGS[name])
    return Field(f"code_{codes + 1}", value, UNKNOWN)
