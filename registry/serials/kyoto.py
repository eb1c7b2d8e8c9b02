"""Kyoto serials of certified emission reductions, printed as the pair of a block's two ends.

    RW-5-1463953-2-2-0-7014 - RW-5-1467609-2-2-0-7014    the blanks may be missing

Both ends agree in every field but the serial. They stand in Gold Standard's exports beside its own
serials; the registry that counts them is the CDM's.
"""

from __future__ import annotations

import re

from registry.serials.parts import Parts
from registry.serials.serial import UNKNOWN, Field, Serial, clean

REGISTRY = "CDM"
SHAPE = "RW-5-1463953-2-2-0-7014 - RW-5-1467609-2-2-0-7014"
LOOKS = re.compile("[A-Z]{2}-[0-9]+(-.*)?|.* - .*")


def parse(text: str) -> Serial:
    """Read one pair of Kyoto serials.

    Does not check that the country exists.

    Returns:
        A serial whose scope is everything but the counted number, such as RW-5-2-2-0-7014.

    Raises:
        IdentifierError: no pair, ends that differ in more than the serial, or a reversed pair.

    Source: the pairs in Gold Standard's public exports; what they do not show is called unknown.
    """
    parts = Parts(REGISTRY, text)
    ends = clean(text, spaced=True).split(" - ")
    # Without the blanks, an end of seven parts is the first half.
    values = ends[0].split("-")
    if len(ends) == 1 and len(values) == 14:
        ends = ["-".join(values[:7]), "-".join(values[7:])]
    if len(ends) != 2:
        raise parts.refused(f"expected a pair such as {SHAPE}, got {len(ends)} of two ends")
    (first, lower), (last, upper) = (_end(parts, end) for end in ends)
    if lower != upper:
        raise parts.refused("expected two ends that agree in all but the serial")
    bounds = parts.block(first, last)
    country, unit, *codes, project = lower
    tail = "-".join([*codes, project])
    printed = [f"{country}-{unit}-{bound}-{tail}" for bound in bounds]
    return Serial(
        registry=REGISTRY,
        scope=f"{country}-{unit}-{tail}",
        base=1,
        raw=text,
        canonical=" - ".join(printed),
        fields=(
            Field("country", country, "country, ISO 3166-1 alpha-2"),
            Field("unit", unit, "unit type (5 is a certified emission reduction)"),
            Field("first", str(bounds[0]), "first serial of the block"),
            *(Field(f"code_{at}", code, UNKNOWN) for at, code in enumerate(codes, start=1)),
            Field("project", project, "CDM project number"),
            Field("last", str(bounds[1]), "last serial of the block, included, in the second end"),
        ),
        first=bounds[0],
        last=bounds[1],
    )


def _end(parts: Parts, end: str) -> tuple[str, tuple[str, ...]]:
    """Read one end: the serial, and the fields that both ends must share."""
    values = parts.split(end, SHAPE.split(" - ")[0], 7)
    country, unit, serial, *codes, project = values
    shared = (
        parts.country(country),
        parts.number("the unit type", unit),
        *(parts.number("a code after the serial", code, least=0) for code in codes),
        parts.number("the project", project),
    )
    return serial, shared
