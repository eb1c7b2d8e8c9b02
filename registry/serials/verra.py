"""Verra's serials: 13 fields since 2020, 12 before, and one block whichever way it is printed.

    9344-82392553-82392562-VCS-VCU-262-VER-BR-14-1686-01012017-31122017-1    13 fields
    9344-82392553-82392562-VCU-262-MER-BR-14-1686-01012017-31122017-1        12 fields

Serials are counted over all of the registry, so the scope is the programme and a block is found
again under any spelling. The platform (MER until 2020, APX 2019 to 2020, VER since 2020) says which
system printed the serial; it is no part of what is compared.
"""

from __future__ import annotations

import re

from registry.serials.parts import Parts, block_fields
from registry.serials.serial import UNKNOWN, Field, Serial, clean

REGISTRY = "Verra"
SHAPE = "9344-82392553-82392562-VCS-VCU-262-VER-BR-14-1686-01012017-31122017-1"
LOOKS = re.compile("[0-9]+-[0-9]+-[0-9]+-.*|.*-VCU-.*")
SCOPE = "VCS"

_PLATFORMS = ("MER", "APX", "VER")


def parse(text: str) -> Serial:
    """Read one Verra serial of 12 or 13 fields.

    Does not check that the country exists.

    Returns:
        A serial whose canonical text is the 13 fields with `VER`, whatever was printed; the field
        `platform` keeps that.

    Raises:
        IdentifierError: anything else, such as a day that is none or a block that is reversed.

    Source: the registry's public exports; the decoding is ours.
    """
    parts = Parts(REGISTRY, text)
    values = parts.split(clean(text), SHAPE, 12, 13)
    programme = values.pop(3) if len(values) == 13 else None
    if programme not in (None, SCOPE):
        raise parts.refused(f"expected VCS after the block, got {programme!r}")
    if programme is None and values[3] == SCOPE:
        raise parts.refused(f"expected 13 parts such as {SHAPE}, got 12")
    batch, start, end, unit, verifier, platform, country, sector, project, *rest = values
    if unit != "VCU":
        raise parts.refused(f"expected VCU before the verifier's code, got {unit!r}")
    if platform not in _PLATFORMS:
        raise parts.refused(f"expected MER, APX or VER before the country, got {platform!r}")
    batch = parts.number("the issuance batch", batch)
    first, last = parts.block(start, end)
    verifier = parts.number("the verifier's code", verifier, least=0)
    country = parts.country(country)
    sector = parts.number("the sectoral scope", sector)
    project = parts.number("the project", project)
    vintage = parts.period(rest[0], rest[1])
    if rest[2] not in ("0", "1"):
        raise parts.refused(f"expected 0 or 1 at the end, got {rest[2]!r}")
    fields = [
        Field("batch", batch, "issuance batch number"),
        *block_fields(first, last),
        *([Field("programme", SCOPE, "Verified Carbon Standard")] if programme else []),
        Field("unit", unit, "Verified Carbon Unit"),
        Field("verifier", verifier, f"{UNKNOWN}; behaves as the code of the verifier"),
        Field("platform", platform, "system that printed the serial"),
        Field("country", country, "host country, ISO 3166-1 alpha-2"),
        Field("sector", sector, "sectoral scope (14 is land use)"),
        Field("project", project, "project number"),
        Field("vintage_start", vintage[0], "first day of the vintage, ddMMyyyy"),
        Field("vintage_end", vintage[1], "last day of the vintage, ddMMyyyy"),
        Field("additional", rest[2], "1 with additional certifications, 0 without"),
    ]
    return Serial(
        registry=REGISTRY,
        scope=SCOPE,
        base=1,
        raw=text,
        canonical=f"{batch}-{first}-{last}-VCS-VCU-{verifier}-VER-{country}-{sector}-{project}-"
        f"{vintage[0]}-{vintage[1]}-{rest[2]}",
        fields=tuple(fields),
        first=first,
        last=last,
    )
