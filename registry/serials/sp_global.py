"""Serials of S&P's Environmental Registry, as the UK Land Carbon Registry prints them.

    WCC-PIU-GB-103000000000198-01042020-31032030-1-250-MER-0-P    pending issuance units
    WCC-WCU-GB-103000000000198-01042020-31032030-1-250-MER-0-P    verified units

The form was noted by one implementation that reads that registry, with the unit types PIU, WCU and
PCU; no public export is known to us, and the examples are ours. Pending and verified units of one
project are counted apart.
"""

from __future__ import annotations

import re

from registry.serials.parts import Parts, block_fields
from registry.serials.serial import UNKNOWN, Field, Serial, clean

REGISTRY = "S&P"
SHAPE = "WCC-PIU-GB-103000000000198-01042020-31032030-1-250-MER-0-P"
LOOKS = re.compile("[A-Z][A-Z0-9]*-(PIU|WCU|PCU)(-.*)?|[A-Z].*-MER-[^-]*-[^-]*")

_UNITS = {
    "PIU": "Pending Issuance Unit: expected, not verified",
    "WCU": "Woodland Carbon Unit, verified",
    "PCU": "Peatland Carbon Unit, verified",
}


def parse(text: str) -> Serial:
    """Read one S&P serial.

    Does not check that the country exists.

    Returns:
        A serial whose scope is everything but the block.

    Raises:
        IdentifierError: anything but the eleven parts.

    Source: `Rethink-Carbon/cdop-reference-api`, registry seed; not confirmed by data.
    """
    parts = Parts(REGISTRY, text)
    values = parts.split(clean(text), SHAPE, 11)
    code, unit, country, project, begins, ends, start, end, platform, *rest = values
    code = parts.matching("the code", code, "[A-Z][A-Z0-9]{0,9}", "letters and digits")
    if unit not in _UNITS:
        raise parts.refused(f"expected the unit type PIU, WCU or PCU, got {unit!r}")
    country = parts.country(country)
    project = parts.number("the project", project)
    vintage = parts.period(begins, ends)
    first, last = parts.block(start, end)
    if platform != "MER":
        raise parts.refused(f"expected MER after the block, got {platform!r}")
    digit = parts.number("the part after MER", rest[0], least=0)
    letter = parts.matching("the last part", rest[1], "[A-Z]", "one letter")
    head = f"{code}-{unit}-{country}-{project}-{vintage[0]}-{vintage[1]}"
    tail = f"MER-{digit}-{letter}"
    return Serial(
        registry=REGISTRY,
        scope=f"{head}-{tail}",
        base=1,
        raw=text,
        canonical=f"{head}-{first}-{last}-{tail}",
        fields=(
            Field("code_1", code, UNKNOWN),
            Field("unit", unit, _UNITS[unit]),
            Field("country", country, "host country, ISO 3166-1 alpha-2"),
            Field("project", project, "project number"),
            Field("vintage_start", vintage[0], "first day of the vintage, ddMMyyyy"),
            Field("vintage_end", vintage[1], "last day of the vintage, ddMMyyyy"),
            *block_fields(first, last),
            Field("platform", platform, "Markit Environmental Registry"),
            Field("code_2", digit, UNKNOWN),
            Field("code_3", letter, UNKNOWN),
        ),
        first=first,
        last=last,
    )
