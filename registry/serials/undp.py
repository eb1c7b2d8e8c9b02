"""Serials of UNDP's national carbon registry in its older form: `VU-ITMO-11-356-2022-0-27-35`.

Its description lets the numbers run on from programme to programme of one registry. The scope is
nevertheless all that stands before the block, so that two registries that count otherwise are not
accused; a block printed under two programmes is not found.
"""

from __future__ import annotations

import re

from registry.serials.parts import Parts, block_fields
from registry.serials.serial import UNKNOWN, Field, Serial, clean

REGISTRY = "UNDP"
SHAPE = "VU-ITMO-11-356-2022-0-27-35"
LOOKS = re.compile("[A-Z]*-ITMO(-.*)?")


def parse(text: str) -> Serial:
    """Read one serial of UNDP's older form.

    Does not check that the country exists.

    Raises:
        IdentifierError: anything but the eight parts, or a sectoral scope outside 1 to 15.

    Source: the package `@undp/serial-number-gen`, its description.
    """
    parts = Parts(REGISTRY, text)
    values = parts.split(clean(text), SHAPE, 8)
    country, unit, sector, programme, vintage, code, start, end = values
    country = parts.country(country)
    if unit != "ITMO":
        raise parts.refused(f"expected ITMO after the country, got {unit!r}")
    sector = parts.number("the sectoral scope", sector)
    if int(sector) > 15:
        raise parts.refused(f"expected a sectoral scope from 1 to 15, got {sector}")
    programme = parts.number("the programme", programme)
    vintage = parts.year(vintage)
    if code != "0":
        raise parts.refused(f"expected 0 after the year, got {code!r}")
    first, last = parts.block(start, end)
    scope = f"{country}-ITMO-{sector}-{programme}-{vintage}-0"
    return Serial(
        registry=REGISTRY,
        scope=scope,
        base=1,
        raw=text,
        canonical=f"{scope}-{first}-{last}",
        fields=(
            Field("country", country, "country, ISO 3166-1 alpha-2"),
            Field("unit", unit, "internationally transferred mitigation outcome"),
            Field("sector", sector, "sectoral scope as of the CDM (14 is forests)"),
            Field("project", programme, "programme number"),
            Field("vintage", vintage, "year"),
            Field("code_1", code, UNKNOWN),
            *block_fields(first, last),
        ),
        first=first,
        last=last,
    )
