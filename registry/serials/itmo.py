"""Identifiers of mitigation outcomes under Article 6.2: `CA0012-EU01-SP-1234500-2023`.

Decisions under the Paris Agreement say what an identifier must hold at least: the cooperative
approach, the originating registry, the first transferring Party, a serial, the vintage. The form is
that of implementers. One identifier is one unit; the agreed electronic format names the first and
the last of a block in two columns.
"""

from __future__ import annotations

import re

from registry.serials.parts import Parts
from registry.serials.serial import Field, Serial, clean

REGISTRY = "ITMO"
SHAPE = "CA0012-EU01-SP-1234500-2023"
LOOKS = re.compile("CA[0-9]+(-.*)?")


def parse(text: str) -> Serial:
    """Read one identifier of a mitigation outcome.

    Samples name Parties by two letters, the agreed electronic format by three; both are kept as
    they stand. Does not check that Parties and cooperative approach exist.

    Returns:
        A serial with first = last, whose scope is everything but the serial, such as
        CA0012-EU01-SP-2023; the cooperative approach is printed with four digits.

    Raises:
        IdentifierError: anything but the five parts.

    Source: `undp/undp-national-carbon-registry` and the IWA's sample of a credit; the meaning of
        further parts, which some samples hint at, is not public, so they are refused.
    """
    parts = Parts(REGISTRY, text)
    approach, origin, party, serial, year = parts.split(clean(text), SHAPE, 5)
    digits = parts.matching("the cooperative approach", approach, "CA[0-9]+", "CA and a number")[2:]
    approach = f"CA{int(parts.number('the cooperative approach', digits)):04}"
    origin = parts.matching(
        "the originating registry", origin, "[A-Z]{2,3}[0-9]{2}", "such as EU01"
    )
    name = "the first transferring Party"
    party = parts.matching(name, party, "[A-Z]{2,3}", "two or three letters")
    at, _ = parts.block(serial, serial)
    year = parts.year(year)
    return Serial(
        registry=REGISTRY,
        scope=f"{approach}-{origin}-{party}-{year}",
        base=1,
        raw=text,
        canonical=f"{approach}-{origin}-{party}-{at}-{year}",
        fields=(
            Field("approach", approach, "cooperative approach"),
            Field("origin", origin, "originating Party's registry"),
            Field("country", party, "first transferring Party"),
            Field("first", str(at), "serial of one unit"),
            Field("vintage", year, "calendar year of the mitigation"),
        ),
        first=at,
        last=at,
    )
