"""Gold Standard's own serials: `GS1-1-UG-GS11236-16-2024-30307-1-19149`.

Certified emission reductions that stand in its exports keep their Kyoto serials (see `kyoto`).
"""

from __future__ import annotations

import re

from registry.serials.parts import Parts, block_fields
from registry.serials.serial import UNKNOWN, Field, Serial, clean

REGISTRY = "Gold Standard"
SHAPE = "GS1-1-UG-GS11236-16-2024-30307-1-19149"
LOOKS = re.compile("GS1(-.*)?")


def parse(text: str) -> Serial:
    """Read one Gold Standard serial.

    Does not check that the country exists.

    Returns:
        A serial whose scope is everything before the block; a batch has one project and vintage.

    Raises:
        IdentifierError: anything but the nine parts.

    Source: the registry's public exports; the decoding is ours.
    """
    parts = Parts(REGISTRY, text)
    values = parts.split(clean(text), SHAPE, 9)
    prefix, code, country, project, kind, vintage, batch, start, end = values
    if prefix != "GS1":
        raise parts.refused(f"expected GS1 at the beginning, got {prefix!r}")
    code = parts.number("the second part", code)
    country = parts.country(country)
    project = parts.matching("the project", project, "GS[0-9]+", "GS and a number")
    project = parts.number("the project", project[2:])
    kind = parts.number("the project type", kind)
    vintage = parts.year(vintage)
    batch = parts.number("the issuance batch", batch)
    first, last = parts.block(start, end)
    scope = f"GS1-{code}-{country}-GS{project}-{kind}-{vintage}-{batch}"
    return Serial(
        registry=REGISTRY,
        scope=scope,
        base=1,
        raw=text,
        canonical=f"{scope}-{first}-{last}",
        fields=(
            Field("prefix", prefix, "Gold Standard"),
            Field("code_1", code, UNKNOWN),
            Field("country", country, "host country, ISO 3166-1 alpha-2"),
            Field("project", project, "project number (GSID)"),
            Field("type", kind, "code of the project type (12 is wind, 16 domestic efficiency)"),
            Field("vintage", vintage, "vintage year"),
            Field("batch", batch, "issuance batch number"),
            *block_fields(first, last),
        ),
        first=first,
        last=last,
    )
